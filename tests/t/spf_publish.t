#!/bin/sh
# spfcheck --flatten and --make-record: records to publish, which --lint has nothing to say of.
. "$(dirname "$0")/lib.sh"

{
	cat <<'Z'
example.net TXT "v=spf1 mx a:www.example.net/28 include:_spf.example.org ?include:soft.example.org exists:%{i}.list.example.net -all exp=why.example.net"
example.net MX 10 mx1.example.net
example.net MX 20 mx2.example.net
mx1.example.net A 192.0.2.1
mx1.example.net AAAA 2001:db8::1
mx2.example.net A 192.0.2.2
mx2.example.net AAAA 2001:db8::2
www.example.net A 198.51.100.16
www.example.net AAAA 2001:db8::16
why.example.net TXT "ask us"
_spf.example.org TXT "v=spf1 ip4:203.0.113.0/25 include:deep.example.org ip4:192.0.2.1 ~all"
deep.example.org TXT "v=spf1 ip6:2001:db8:1::/48 redirect=last.example.org"
last.example.org TXT "v=spf1 a:mx2.example.net ?all"
soft.example.org TXT "v=spf1 ip4:203.0.113.200 -all"
moved.example.net TXT "v=spf1 redirect=example.net"
fails.example.net TXT "v=spf1 -ip4:203.0.113.200 ~ip6:2001:db8:1::/48 ?ip4:203.0.113.201 +ip4:203.0.113.0/24 -all"
both.example.net TXT "v=spf1 -ip4:203.0.113.9 exp=other.example.net redirect=example.net"
keeps.example.net TXT "v=spf1 include:order.example.org include:ptr.example.org ~all"
order.example.org TXT "v=spf1 -ip4:203.0.113.5 ip4:203.0.113.0/24 -all"
ptr.example.org TXT "v=spf1 ptr -all"
loop.example.net TXT "v=spf1 include:loop.example.net -all"
dead.example.net TXT "v=spf1 include:dead.example.org -all"
dead.example.org SERVFAIL
world.example.net TXT "v=spf1 include:world.example.org -all"
world.example.org TXT "v=spf1 +all"
Z
	printf 'large.example.net TXT "v=spf1 a:www.example.net include:large.example.org ~all"\nlarge.example.org TXT "v=spf1"'
	i=0
	while [ $((i += 1)) -le 120 ]; do printf ' " ip4:198.51.100.%d"' "$i"; done
	printf ' " -all"\n'
} >"$work/zone"

# run OPTION...: sets out, status
run() {
	out=$(spfcheck -z "$work/zone" -t 1795478400 "$@" 2>"$work/err")
	status=$?
}
records() {
	printf '%s\n' "$out" | grep -v '^;'
}
# verdicts ZONE SENDER: of clients all over
verdicts() {
	for client in 192.0.2.1 192.0.2.2 192.0.2.3 198.51.100.17 198.51.100.33 198.51.100.120 203.0.113.9 203.0.113.200 \
		203.0.113.201 2001:db8::1 2001:db8:1::5 2001:db8:2::5; do
		spfcheck -n -z "$1" -i $client -H h.example -f "a@$2" | sed 's/ .*//'
	done
}

run --flatten example.net
is '--flatten: status' $status 0
is 'addresses in place of names' "$(records)" 'example.net. IN TXT "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ip4:192.0.2.2 ip6:2001:db8::2 ip4:198.51.100.16/28 ip6:2001:db8::16 ip4:203.0.113.0/25 ip6:2001:db8:1::/48 ?ip4:203.0.113.200 exists:%{i}.list.example.net -all exp=why.example.net"'
like 'with the day' "$out" '^; Addresses of 2026-11-24T'
like 'and where they are from' "$out" '^; from last\.example\.org$'
like 'and what stays' "$out" '^; as it was: exists:%\{i\}'
like 'a warning about its age' "$(cat "$work/err")" '^spfcheck: warning: these addresses are of today'
run -q --flatten example.net
is 'none with -q' "$status,$(cat "$work/err")" 0,
for domain in example.net moved.example.net fails.example.net both.example.net large.example.net keeps.example.net; do
	run -q --flatten $domain
	{ grep -v "^$domain " "$work/zone"; records; } >"$work/flat"
	is "$domain: the same verdicts as before" "$(verdicts "$work/flat" $domain)" "$(verdicts "$work/zone" $domain)"
	is "$domain: no record above 450 octets" "$(records | sed 's/^[^"]*//; s/" "//g; s/"//g' | awk 'length > 450')" ''
done
run --flatten fails.example.net
is 'each qualifier once' "$(records)" 'fails.example.net. IN TXT "v=spf1 -ip4:203.0.113.200 ~ip6:2001:db8:1::/48 ?ip4:203.0.113.201 ip4:203.0.113.0/24 -all"'
run --flatten both.example.net
is 'one exp=, of the record that it leads to' "$(records | grep -o 'exp=[a-z.]*')" exp=why.example.net
run -q --flatten large.example.net
is 'a large record in parts' "$(records | sed 's/ .*//' | tr '\n' ' ')" \
	'large.example.net. _spf1.large.example.net. _spf2.large.example.net. _spf3.large.example.net. _spf4.large.example.net. _spf5.large.example.net. _spf6.large.example.net. '
records >"$work/part"
spfcheck -z "$work/part" -L large.example.net >"$work/out"
is 'which pass --lint' "$?" 0
run --flatten keeps.example.net
is 'what order matters in, and ptr, stay includes' "$(records)" \
	'keeps.example.net. IN TXT "v=spf1 include:order.example.org include:ptr.example.org ~all"'
run --flatten world.example.net
is 'what lets the world pass is not made addresses of' "$(records)" 'world.example.net. IN TXT "v=spf1 include:world.example.org -all"'
for domain in dead.example.net absent.example.net loop.example.net; do
	run --flatten $domain
	is "$domain: no record that is wrong" "$status,$out" 75,
done
run --flatten 'v=spf1 -all'
is 'no domain: status 64' $status 64

run --make-record example.net mx a:www.example.net ip4:192.0.2.0/24 include:_spf.example.org all=fail
is '--make-record' "$status,$out" '0,example.net. IN TXT "v=spf1 mx a:www.example.net ip4:192.0.2.0/24 include:_spf.example.org -all"
; 6 of 10 lookups, 0 of 2 void lookups, 74 of 450 octets'
run --make-record example.net all=softfail mx
like 'all comes last' "$out" '"v=spf1 mx ~all"'
run --make-record example.net redirect=_spf.example.org
like 'redirect= needs no all' "$out" '"v=spf1 redirect=_spf\.example\.org"'
run --make-record example.net a:gone.example.net all=neutral
is 'warnings: status 1' $status 1
like 'and what they are' "$out" '^; warning: a:gone\.example\.net: a void lookup.*; remedy: take it out'
# bad PATTERN WORD...
bad() {
	pattern=$1
	shift
	run --make-record "$@"
	is "refused: $*" "$status,$out" 64,
	like "refused: $*: why" "$(cat "$work/err")" "$pattern"
}
bad 'unknown mechanism.*write "ip4:192\.0\.2\.1"' example.net ipv4:192.0.2.1 all=fail
bad 'all= is missing' example.net mx
bad 'all=fail, all=softfail' example.net mx all=reject
bad 'needs a domain first' mx all=fail
bad 'needs a domain first'
bad 'has no meaning' example.net all=fail -i 192.0.2.1

# What people type.
run example.net
like 'spfcheck DOMAIN names --lint' "$(cat "$work/err")" 'spfcheck --lint example\.net$'
for words in 'mx -all' '-all' 'mx ~all'; do
	# shellcheck disable=SC2086 # the words of somebody who forgot the quotes
	run -L v=spf1 $words
	is "-L v=spf1 $words without quotes: status 64" $status 64
	like "-L v=spf1 $words: the quotes are named" "$(cat "$work/err")" "put the record in quotes, spfcheck --lint 'v=spf1 "
done
run -L -j 'v=spf1 -all'
like 'an option where the record should be' "$(cat "$work/err")" "write spfcheck -j --lint 'v=spf1 -all'"
run -L 'https://www.example.net/x'
like 'an address of the web' "$out" '^  remedy: give the domain: --lint www\.example\.net$'
run -L 'alice@example.net'
like 'an address of mail' "$out" '^  remedy: give the domain: --lint example\.net$'
run -L "\"v=spf1 mx $(printf '%0250d' 0 | sed 's/0/x/g')=1\" \" -all\""
like 'a character-string that is too long' "$out" '^error: a character-string of 262 octets, name servers take at most 255'
like 'and how to divide it' "$out" '^  remedy: divide it: "v=spf1 mx x*" "x*=1 -all"$'
for tool in spfcheck dmarceval; do
	record='v=spf1 -all'
	[ $tool = dmarceval ] && record='v=DMARC1; p=reject'
	$tool -z "$work/zone" -L " $record" >"$work/out"
	is "$tool: a blank before a record is an error of the record" $? 2
	is "$tool: not of the command line" "$(grep -c 'neither a domain' "$work/out")" 0
done
done_testing
