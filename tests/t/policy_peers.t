#!/bin/sh
# The policy service beside policyd-spf-python: the same requests, the same actions, but for what
# spfcheck(1) says. usage: policy_peers.t [REQUESTS]; 500 take some minutes.
. "$(dirname "$0")/lib.sh"

needs_peer postfix-policyd-spf-python
if [ -z "${ASSAY_NAMESPACE-}" ]; then
	unshare -m -n -p true 2>/dev/null || skip_all 'needs mount, network and process namespaces'
	rm -rf "$work"
	ASSAY_NAMESPACE=1 exec unshare -m -n -p --fork --mount-proc --kill-child sh "$0" "$@"
fi
ip link set lo up
{
	printf '. 60 SOA ns. root. 1 3600 600 86400 60\n. 60 NS ns.\nns. 60 A 127.0.0.2\n'
	sed 's/^\([^ ]*\) /\1. 60 /' <<-'Z'
		pass.test TXT "v=spf1 ip4:192.0.2.0/26 ip6:2001:db8::10 -all"
		fail.test TXT "v=spf1 ip4:203.0.113.0/24 -all"
		soft.test TXT "v=spf1 ip4:198.51.100.7 ~all"
		neutral.test TXT "v=spf1 ip4:198.51.100.7 ?all"
		none.test A 192.0.2.10
		perm.test TXT "v=spf1 ipv4:192.0.2.10 -all"
		two.test TXT "v=spf1 -all"
		two.test TXT "v=spf1 ~all"
		nomail.test TXT "v=spf1 -all"
		nomailexp.test TXT "v=spf1 -all moo=x"
		include.test TXT "v=spf1 include:pass.test include:soft.test -all"
		redirect.test TXT "v=spf1 redirect=fail.test"
		many.test TXT "v=spf1 a:h.test a:h.test a:h.test a:h.test a:h.test a:h.test a:h.test a:h.test a:h.test a:h.test a:h.test -all"
		h.test A 203.0.113.77
		h.test AAAA 2001:db8::77
		void.test TXT "v=spf1 a:v1.test a:v2.test a:v3.test ip4:192.0.2.10 -all"
		macro.test TXT "v=spf1 exists:%{i}.list.test -all"
		192.0.2.10.list.test A 127.0.0.2
		ptr.test TXT "v=spf1 ptr:pool.test -all"
		mx.test TXT "v=spf1 mx -all"
		mx.test MX 10 h.test.
		forwarder.test TXT "v=spf1 ip4:192.0.2.11 -all"
		relay.test A 192.0.2.10
		relay.test AAAA 2001:db8::11
		pool.test A 198.51.100.7
		10.2.0.192.in-addr.arpa PTR relay.test.
		7.100.51.198.in-addr.arpa PTR pool.test.
	Z
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
	rrl-ratelimit: 0
	rrl-whitelist-ratelimit: 0
remote-control:
	control-enable: no
zone:
	name: "."
	zonefile: root.zone
zone:
	name: "temp.test"
	zonefile: absent.zone
C
nsd -d -c "$work/nsd.conf" >"$work/nsd.out" 2>&1 &
nsd=$!
trap 'kill $nsd 2>/dev/null; rm -rf "$work"' EXIT
echo 'nameserver 127.0.0.2' >"$work/resolv.conf"
mount --bind "$work/resolv.conf" /etc/resolv.conf
tries=0
until dig +short +time=1 +tries=1 ns. A 2>/dev/null | grep -q .; do
	[ $((tries += 1)) -lt 50 ] || skip_all 'nsd does not answer'
	sleep 0.1
done
is 'a domain that is SERVFAIL' "$(dig temp.test TXT | sed -n 's/.*status: \([A-Z]*\).*/\1/p')" SERVFAIL
/usr/bin/python3 "$top/tests/helpers/policy_differential.py" "${1:-40}" "$work" "$top/spfcheck/spfcheck" >"$work/out" 2>"$work/err"
status=$?
sed 's/^/# /' "$work/out"
is 'policyd-spf and spfcheck say the same' "$status,$(grep -c '^  ' "$work/out")" 0,0
like 'in a dozen configurations and more' "$(tail -n 1 "$work/out")" '^[0-9]+ requests in 1[2-9] configurations'
done_testing
