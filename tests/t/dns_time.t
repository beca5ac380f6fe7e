#!/bin/sh
# DNS time as a weapon: what a stranger names and nobody answers spends none of the author's time.
. "$(dirname "$0")/lib.sh"

if [ -z "${ASSAY_NAMESPACE-}" ]; then
	unshare -m -n true 2>/dev/null || skip_all 'needs root for mount and network namespaces'
	command -v nsd >/dev/null || skip_all 'needs nsd'
	ASSAY_NAMESPACE=1 unshare -m -n sh "$0"
	exit
fi
. "$top/tests/helpers/nameserver.sh"
id=mx.example.com
cd "$work" || exit 1

dkimsign genkey -q -d bank.example -s good -D .
dkimsign genkey -q -d evil.silent.example -s s -D .
{
	cat good.txt
	cat <<-'Z'
		_dmarc.bank.example. TXT "v=DMARC1; p=reject; rua=mailto:d@bank.example"
		bank.example. TXT "v=spf1 ip4:192.0.2.1 -all"
		a.bank.example. A 192.0.2.1
		_dmarc.list.example. TXT "v=DMARC1; p=none"
	Z
} >zone
nameserver_setup
trap 'nameserver_stop; rm -rf "$work"' EXIT
ok 'nsd answers' nameserver_nsd "$work/zone"
: >asked
/usr/bin/python3 "$top/tests/helpers/partly_silent_dns.py" 127.0.0.5 127.0.0.2 silent.example "$work/asked" >ready &
nameservers="$nameservers $!"
until [ -s ready ]; do sleep 0.1; done
nameserver_use 127.0.0.5

printf 'From: Bank <ceo@bank.example>\nSubject: wire\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\npay\n' >plain
dkimsign -q -d bank.example -s good -k good.private <plain >signed
dkimsign -q -d evil.silent.example -s s -k s.private --third-party <plain >/dev/null 2>&1 || :
# signature DOMAIN SELECTOR: one whose body hash is right, of somebody else
signature() {
	sed -n '/^DKIM-Signature/,/^[^ \t]/{/^From/!p}' signed | sed "s/d=bank.example/d=$1/; s/s=good/s=$2/; s/i=[^;]*;//"
}
border='Received: from evil.example by mx.example.com; Mon, 23 Nov 2026 10:00:00 +0000'

# judged [OPTION...]: the message through both tools; sets verdict and took, in milliseconds
judged() {
	: >asked
	begun=$(date +%s%N)
	dkimverify -a $id "$@" <message >verified
	verdict=$(dmarceval -n -j -a $id "$@" <verified)
	took=$((($(date +%s%N) - begun) / 1000000))
}

# Nine signatures of silent domains above one of the author's with a selector that does not exist
many() {
	echo "$border"
	for i in 1 2 3 4 5 6 7 8 9; do signature "d$i.silent.example" s; done
	signature bank.example absent
	cat plain
}
many >message
judged
like 'nine silent signatures: fail, reject' "$verdict" '"result":"fail".*"disposition":"reject"'
beyond_valgrind 'nine silent signatures: time' || ok "in less than 12 s (${took} ms)" test $took -lt 12000
is 'the key of the author is asked for first' "$(head -n 1 asked)" absent._domainkey.bank.example
is 'and the others, each once' "$(sort -u asked | grep -c '^s._domainkey.d[1-9].silent.example$')" 9

# The author's own signature below them passes all the same.
{ echo "$border"; for i in 1 2 3 4 5 6 7 8 9; do signature "d$i.silent.example" s; done; cat signed; } >message
judged -T 4
like "the author's signature below nine silent ones passes" "$verdict" '"result":"pass"'
is 'and its key is asked for first' "$(head -n 1 asked)" good._domainkey.bank.example
ok "-T 4: in less than 4 s (${took} ms)" test $took -lt 4000

# Nine below the author's own domain: his organization has a quarter, others have another.
{ echo "$border"; for i in 1 2 3 4; do signature "d$i.bank.example" s; signature "e$i.silent.example" s; done; cat signed; } >message
judged -T 4
like 'subdomains of the author, and silent ones' "$verdict" '"result":"pass"'
is 'the organization comes before the others' \
	"$(grep -n -m 1 '^s._domainkey.d1.bank' asked | cut -d: -f1)" 2

# A body that was changed costs no question.
{ echo "$border"; for i in 1 2 3; do signature "d$i.silent.example" s; done; signature bank.example absent; cat plain; echo more; } >message
judged
like 'a changed body: fail, reject' "$verdict" '"result":"fail".*"disposition":"reject"'
is 'no key is asked for' "$(grep -c _domainkey asked)" 0
is 'all of them fail' "$(grep -c '^Authentication-Results: mx.example.com; dkim=fail' verified)" 4
ok "at once (${took} ms)" test $took -lt 2000

# HELO and MAIL FROM have a budget each.
request() {
	printf '%s\n' request=smtpd_access_policy protocol_state=RCPT client_address=192.0.2.1 \
		recipient=b@mx.test sasl_username= "$@" ''
}
begun=$(date +%s%N)
like 'a silent HELO leaves MAIL FROM its time' \
	"$(request helo_name=h.silent.example sender=a@bank.example | spfcheck -P -a $id -T 1 2>/dev/null)" \
	'^action=PREPEND Received-SPF: pass '
took=$((($(date +%s%N) - begun) / 1000000))
ok "and is given up after its own (${took} ms)" test $took -lt 2000

for tool in dkimverify dmarceval 'spfcheck -i 192.0.2.1 -H h -f a@bank.example'; do
	$tool -T 61 -a $id <plain >out 2>err
	is "${tool%% *}: -T is at most 60 seconds" $? 75
	like "${tool%% *}: it says so" "$(cat err)" 'option --timeout: "61" is not a number of seconds up to 60'
done
done_testing
