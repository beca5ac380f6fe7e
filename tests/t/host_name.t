#!/bin/sh
# The name in which results are written is the full name of the host, however short it is called.
. "$(dirname "$0")/lib.sh"

if [ -z "${ASSAY_NAMESPACE-}" ]; then
	unshare -m -u -n true 2>/dev/null || skip_all 'needs root for namespaces'
	command -v nsd >/dev/null || skip_all 'needs nsd'
	ASSAY_NAMESPACE=1 unshare -m -u -n sh "$0"
	exit
fi
. "$top/tests/helpers/nameserver.sh"
cd "$work" || exit 1
printf 'From: a@example.org\n\nbody\n' >letter
: >hosts
mount --bind hosts /etc/hosts
trap 'nameserver_stop; umount /etc/hosts; rm -rf "$work"' EXIT
nameserver_setup

# named HOSTS: the name in results, with that in /etc/hosts
named() {
	printf '%b' "$1" >/etc/hosts
	dkimverify <letter 2>err | sed -n '1s/^Authentication-Results: \(.*\); dkim=none$/\1/p'
}

hostname mx.example.com
is 'a full host name' "$(named '')" mx.example.com
hostname mx
is "Debian's /etc/hosts" "$(named '127.0.0.1 localhost\n127.0.1.1\tmx.example.com\tmx\n')" mx.example.com
is 'the short name first' "$(named '192.0.2.25 mx mx.example.com mail.example.com\n')" mx.example.com
is 'names in another case, a comment, CRLF' "$(named '192.0.2.25 mail.example.com MX # x.example.com\r\n')" mail.example.com
is 'of another host' "$(named '192.0.2.25 other.example.com other\n192.0.2.26 mx.example.com mx')" mx.example.com
is 'a name like ours' "$(named '192.0.2.25 mx2.example.com mx2\n')" mx
is 'in a comment' "$(named '# 192.0.2.25 mx.example.com mx\n')" mx
is 'only an address' "$(named '192.0.2.25\n')" mx
is 'no file of text' "$(named '\0\0\n')" mx
is 'nothing in the log' "$(cat err)" ''
printf '' >/etc/hosts
like 'nowhere: -v says what to put where' "$(dkimverify -v <letter 2>&1 >out)" \
	'^dkimverify: this host is only called "mx", .*put "127\.0\.1\.1 mx\.example\.com mx", .*into /etc/hosts, or use --authserv-id$'
is '-a is taken as it is' "$(dkimverify -v -a mx <letter 2>&1 >out | grep -c 'only called')" 0
begun=$(date +%s%N)
named '' >out
took=$((($(date +%s%N) - begun) / 1000000))
beyond_valgrind 'time' || ok "a host that is nowhere costs a message little (${took} ms)" test $took -lt 2500

printf 'mx.example.net. A 192.0.2.25\nmx6.example.net. AAAA 2001:db8::25\n' >zone
ok 'nsd answers' nameserver_nsd "$work/zone"
printf 'nameserver 127.0.0.2\nsearch example.com example.net\n' >/etc/resolv.conf
is 'the search domain that knows the host' "$(named '127.0.0.1 localhost\n')" mx.example.net
is '/etc/hosts comes first' "$(named '192.0.2.25 mx.example.org mx\n')" mx.example.org
hostname mx6
is 'one with an address of IPv6 only' "$(named '')" mx6.example.net
hostname absent
is 'no such host' "$(named '')" absent
is 'with -z nobody is asked' "$(hostname mx; : >/etc/hosts; dkimverify -z zone <letter | head -n 1)" \
	'Authentication-Results: mx; dkim=none'

# All tools of a chain find the same name, so that they believe each other.
printf '127.0.1.1 mx.example.com mx\n' >/etc/hosts
printf '_dmarc.example.org. TXT "v=DMARC1; p=reject"\nexample.org. TXT "v=spf1 ip4:192.0.2.1 -all"\n' >zone
like 'a chain on a host with a short name' \
	"$(spfcheck -z zone -i 192.0.2.1 -H h -f a@example.org <letter | dkimverify -z zone | dmarceval -z zone)" \
	'^Authentication-Results: mx.example.com; dmarc=pass '
done_testing
