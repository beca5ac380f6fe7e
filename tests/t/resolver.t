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
. "$top/tests/helpers/nameserver.sh"
demo=$data/demo
id=mx.example.net

# Long answers make both servers and us change to TCP.
{
	cat "$demo/zone"
	printf 'long.example. TXT "v=spf1 '
	i=0
	while [ $((i += 1)) -le 250 ]; do printf 'ip4:198.51.100.%d" "' $i; printf ' '; done
	printf 'ip4:192.0.2.10 -all"\n'
	printf 'alias.example. CNAME shop.example.\n'
} >"$work/zone"
nameserver_setup
trap 'nameserver_stop; rm -rf "$work"' EXIT
ok 'nsd answers' nameserver_nsd "$work/zone"
ok 'unbound answers' nameserver_unbound "$work/zone"
/usr/bin/python3 "$top/tests/helpers/silent_dns.py" 127.0.0.4 >"$work/silent.out" 2>&1 &
nameservers="$nameservers $!"

for server in nsd unbound; do
	case $server in nsd) address=127.0.0.2 ;; unbound) address=127.0.0.3 ;; esac
	nameserver_use $address
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

nameserver_use 127.0.0.4
for tool in 'spfcheck -i 192.0.2.10 -H h.example -f a@shop.example' dkimverify dmarceval; do
	before=$(date +%s%N)
	# shellcheck disable=SC2086 # tool and its arguments
	$tool -T 3 -a $id <"$demo/message" >"$work/out"
	is "${tool%% *}, silent DNS: the message passes" $? 0
	took=$((($(date +%s%N) - before) / 1000000))
	beyond_valgrind "${tool%% *}, silent DNS: -T 3" || ok "${tool%% *}, silent DNS: -T 3 ends within 4 s (${took} ms)" test $took -lt 4000
	like "${tool%% *}, silent DNS: temperror" "$(cat "$work/out")" \
		'^Authentication-Results: mx.example.net; [a-z]*=temperror'
done
nameserver_use 127.0.0.5
like 'no DNS server at all: temperror' \
	"$(spfcheck -n -T 2 -i 192.0.2.10 -H h.example -f a@shop.example)" '^spf=temperror '
done_testing
