#!/bin/sh
# The chain against real name servers on loopback, found through /etc/resolv.conf.
. "$(dirname "$0")/lib.sh"

# In namespaces of its own this test may mount and may use port 53.
if [ -z "${ASSAY_NAMESPACE-}" ]; then
	unshare -m -n true 2>/dev/null || skip_all 'needs root for mount and network namespaces'
	command -v nsd >/dev/null && command -v unbound >/dev/null || skip_all 'needs nsd and unbound'
	ASSAY_NAMESPACE=1 unshare -m -n sh "$0"
	exit
fi
ip link set lo up
demo=$data/demo
id=mx.example.net

: >"$work/resolv.conf"
mount --bind "$work/resolv.conf" /etc/resolv.conf

# use ADDRESS: the name server of this namespace
use() {
	echo "nameserver $1" >/etc/resolv.conf
}

# wait_for NAME SERVER: until the server answers
wait_for() {
	i=0
	until dig +short +time=1 +tries=1 "@$2" "$1" TXT 2>/dev/null | grep -q .; do
		[ $((i += 1)) -lt 50 ] || return 1
		sleep 0.1
	done
}

# Long answers make both servers and us change to TCP.
{
	printf '. 60 SOA ns. root. 1 3600 600 86400 60\n. 60 NS ns.\nns. 60 A 127.0.0.2\n'
	grep -v '^;' "$demo/zone"
	printf 'long.example. TXT "v=spf1 '
	i=0
	while [ $((i += 1)) -le 250 ]; do printf 'ip4:198.51.100.%d" "' $i; printf ' '; done
	printf 'ip4:192.0.2.10 -all"\n'
	printf 'alias.example. CNAME shop.example.\n'
} >"$work/root.zone"
cat >"$work/nsd.conf" <<C
server:
	ip-address: 127.0.0.2
	zonesdir: "$work"
	username: ""
	pidfile: ""
	zonelistfile: "$work/zone.list"
	xfrdfile: ""
	database: ""
	logfile: "$work/nsd.log"
remote-control:
	control-enable: no
zone:
	name: "."
	zonefile: root.zone
C
cat >"$work/unbound.conf" <<C
server:
	interface: 127.0.0.3
	access-control: 127.0.0.0/8 allow
	do-not-query-localhost: no
	username: ""
	chroot: ""
	directory: "$work"
	pidfile: ""
	use-syslog: no
	logfile: "$work/unbound.log"
	module-config: iterator
	do-daemonize: no
	local-zone: "example." nodefault
	root-hints: ""
forward-zone:
	name: "."
	forward-addr: 127.0.0.2
remote-control:
	control-enable: no
C
nsd -d -c "$work/nsd.conf" >"$work/nsd.out" 2>&1 &
servers=$!
unbound -c "$work/unbound.conf" >"$work/unbound.out" 2>&1 &
servers="$servers $!"
/usr/bin/python3 "$top/tests/silent_dns.py" 127.0.0.4 >"$work/silent.out" 2>&1 &
servers="$servers $!"
# shellcheck disable=SC2064,SC2086 # now, and a list of words
trap "kill $servers 2>/dev/null; wait; umount /etc/resolv.conf; rm -rf '$work'" EXIT

for server in nsd unbound; do
	case $server in nsd) address=127.0.0.2 ;; unbound) address=127.0.0.3 ;; esac
	ok "$server answers" wait_for shop.example $address
	use $address
	spfcheck -a $id -i 192.0.2.10 -H mail.shop.example -f orders@shop.example <"$demo/message" |
		dkimverify -a $id | dmarceval -a $id >"$work/out"
	spfcheck -a $id -z "$demo/zone" -i 192.0.2.10 -H mail.shop.example -f orders@shop.example \
		<"$demo/message" | dkimverify -a $id -z "$demo/zone" |
		dmarceval -a $id -z "$demo/zone" >"$work/wanted"
	ok "$server: the chain says the same as with the zone file" cmp "$work/out" "$work/wanted"
	like "$server: and that is a pass" "$(cat "$work/out")" \
		'^Authentication-Results: mx.example.net; dmarc=pass '
	like "$server: an answer that needs TCP" \
		"$(spfcheck -n -i 192.0.2.10 -H h.example -f a@long.example)" '^spf=pass '
	like "$server: a record behind a CNAME" \
		"$(spfcheck -n -i 192.0.2.10 -H h.example -f a@alias.example)" '^spf=pass '
	like "$server: no such domain" \
		"$(spfcheck -n -i 192.0.2.10 -H h.example -f a@absent.example)" '^spf=none '
done

use 127.0.0.4
for tool in 'spfcheck -i 192.0.2.10 -H h.example -f a@shop.example' dkimverify dmarceval; do
	before=$(date +%s%N)
	# shellcheck disable=SC2086 # tool and its arguments
	$tool -T 3 -a $id <"$demo/message" >"$work/out"
	is "${tool%% *}, silent DNS: the message passes" $? 0
	took=$((($(date +%s%N) - before) / 1000000))
	ok "${tool%% *}, silent DNS: -T 3 ends within 4 s (${took} ms)" test $took -lt 4000
	like "${tool%% *}, silent DNS: temperror" "$(cat "$work/out")" \
		'^Authentication-Results: mx.example.net; [a-z]*=temperror'
done
use 127.0.0.5
like 'no DNS server at all: temperror' \
	"$(spfcheck -n -T 2 -i 192.0.2.10 -H h.example -f a@shop.example)" '^spf=temperror '
done_testing
