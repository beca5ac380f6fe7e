#!/bin/sh
# Forged mail: whatever a stranger writes, it does not pass as bank.example, and nothing breaks.
. "$(dirname "$0")/lib.sh"

id=mx.attack.test
cat >"$work/zone" <<'Z'
_dmarc.bank.example. TXT "v=DMARC1; p=reject; rua=mailto:d@bank.example"
_dmarc.strict.example. TXT "v=DMARC1; p=reject; adkim=s; aspf=s"
_dmarc.evil.example. TXT "v=DMARC1; p=none"
bank.example. A 192.0.2.7
mail.bank.example. A 192.0.2.8
Z
pass_evil="Authentication-Results: $id; dkim=pass header.d=evil.example header.s=s"
received='Received: from evil.example by mx.attack.test'

# judge: what dmarceval says of the message in the file; sets verdict and status
judge() {
	dmarceval -n -a $id -z "$work/zone" <"$work/message" >"$work/out" 2>"$work/err"
	status=$?
	verdict=$(sed 's/^dmarc=\([a-z]*\).*/\1/' "$work/out")
}

# not_passed NAME: no pass, and a verdict
not_passed() {
	judge
	like "$1" "$verdict" '^(fail|none|permerror)$'
	is "$1: a verdict, no accident" $status 1
}

# from NAME FIELDS: a message with these From fields, signed by evil.example
from() {
	printf '%s\n%s\n%b\nSubject: x\n\nbody\n' "$pass_evil" "$received" "$2" >"$work/message"
	not_passed "From: $1"
}

# trusted NAME FIELDS: result fields that our verifier wrote, with a stranger's text in them
trusted() {
	printf '%b\n%s\nFrom: ceo@bank.example\n\nbody\n' "$2" "$received" >"$work/message"
	not_passed "results: $1"
}

# An ambiguous author (composition kills): readers disagree on who it is from
from 'two fields, the good one first' 'From: a@evil.example\nFrom: ceo@bank.example'
from 'two fields, the good one last' 'From: ceo@bank.example\nFrom: a@evil.example'
from 'two fields with the same domain' 'From: a@evil.example\nFrom: b@evil.example'
from 'a field with white space before the colon' 'From : ceo@bank.example\nFrom: a@evil.example'
from 'in upper case beside lower case' 'FROM: ceo@bank.example\nfrom: a@evil.example'
from 'several addresses' 'From: a@evil.example, ceo@bank.example'
from 'several addresses, the other way round' 'From: ceo@bank.example, a@evil.example'
from 'an address without a domain among them (CVE-2021-34555)' 'From: a@evil.example, ceo'
from 'a NUL in the domain' 'From: ceo@bank.example\\0.evil.example'
from 'a NUL before the address' 'From: \\0<ceo@bank.example>'
from 'a NUL in the field name' 'Fr\\0om: ceo@bank.example'
from 'two angle addresses' 'From: <ceo@bank.example><a@evil.example>'
from 'an address as display name' 'From: ceo@bank.example <a@evil.example> <b@bank.example>'
from 'a quoted address in front' 'From: "ceo@bank.example" <ceo@bank.example>'
from 'an address in a comment' 'From: ceo@bank.example (<a@evil.example>)'
from 'a comment inside the domain' 'From: ceo@bank(evil.example).example'
from 'a comment that hides the rest' 'From: ceo@bank.example(\n a@evil.example'
from 'nested comments' 'From: (a(b(c))) ceo@(x)bank.example(y(z))'
from 'a route address' 'From: <@evil.example:ceo@bank.example>'
from 'a route of several' 'From: <@evil.example,@a.test:ceo@bank.example>'
from 'a group' 'From: friends: a@evil.example, ceo@bank.example;'
from 'a group around the forged one' 'From: evil.example: ceo@bank.example;'
from 'an empty group' 'From: undisclosed:;'
from 'no address at all' 'From: '
from 'no From field' 'Sender: ceo@bank.example'
from 'an encoded word as address' 'From: =?utf-8?q?ceo=40bank.example?='
from 'an encoded word in the domain' 'From: ceo@=?utf-8?q?bank?=.example'
from 'an encoded word with an address before the real one' 'From: =?utf-8?b?PGFAZXZpbC5leGFtcGxlPg==?= <ceo@bank.example>'
from 'a quoted local part with an at sign' 'From: "a@evil.example"@bank.example'
from 'a quoted local part with an angle bracket' 'From: "x<a@evil.example>"@bank.example'
from 'an unclosed quote' 'From: "ceo@bank.example'
from 'a folded domain' 'From: ceo@bank\n .example'
from 'a trailing dot' 'From: ceo@bank.example.'
from 'a double dot' 'From: ceo@bank..example'
from 'a domain literal' 'From: ceo@[192.0.2.7]'
from 'a port' 'From: ceo@bank.example:25'
from 'a percent hack' 'From: ceo%bank.example@bank.example'
from 'two at signs' 'From: a@evil.example@bank.example'
from 'a full-width dot' 'From: ceo@bank\xef\xbc\x8eexample'
from 'ideographic full stop' 'From: ceo@bank\xe3\x80\x82example'
from 'a soft hyphen' 'From: ceo@ba\xc2\xadnk.example'
from 'upper case' 'From: CEO@BANK.EXAMPLE'
from 'broken UTF-8' 'From: ceo@bank\xff.example'
from 'a bare CR' 'From: a@evil.example\rFrom: ceo@bank.example'
from 'a line that is no field before it' 'x\nFrom: ceo@bank.example'
from 'resent by evil' 'Resent-From: a@evil.example\nFrom: ceo@bank.example'

# A stranger's text inside results that our own verifier wrote
trusted 'a comment in the domain (CVE-2020-12272)' \
	"Authentication-Results: $id; spf=pass smtp.mailfrom=evil.example(.bank.example"
trusted 'a comment that holds a result' \
	"Authentication-Results: $id; spf=fail (x; dkim=pass header.d=bank.example) smtp.mailfrom=evil.example"
trusted 'a reason that holds a result' \
	"Authentication-Results: $id; dkim=fail reason=\"x; dkim=pass header.d=bank.example\" header.d=evil.example"
trusted 'a quoted local part that holds a result' \
	"Authentication-Results: $id; spf=pass smtp.mailfrom=\"a; dkim=pass header.d=bank.example\"@evil.example"
trusted 'a local part with another domain' \
	"Authentication-Results: $id; spf=pass smtp.mailfrom=\"x@bank.example\"@evil.example"
trusted 'an unquoted local part with another domain' \
	"Authentication-Results: $id; spf=pass smtp.mailfrom=x@bank.example@evil.example"
trusted 'header.i is no header.d' \
	"Authentication-Results: $id; dkim=pass header.d=evil.example header.i=@bank.example"
trusted 'header.d given twice' \
	"Authentication-Results: $id; dkim=pass header.d=evil.example header.d=bank.example"
trusted 'header.from is no identifier' \
	"Authentication-Results: $id; dkim=pass header.from=bank.example"
trusted 'policy.d is no header.d' "Authentication-Results: $id; dkim=pass policy.d=bank.example"
trusted 'a HELO that passes (CVE-2019-20790)' "Authentication-Results: $id; spf=pass smtp.helo=bank.example"
trusted 'a Received-SPF about HELO' \
	'Received-SPF: pass identity=helo; helo=bank.example; envelope-from="a@bank.example"'
trusted 'a Received-SPF with two senders' \
	'Received-SPF: pass identity=mailfrom; envelope-from=a@evil.example; envelope-from=a@bank.example'
trusted 'a Received-SPF with a sender in HELO' \
	'Received-SPF: pass identity=mailfrom; helo="x; envelope-from=a@bank.example"; envelope-from=a@evil.example'
trusted 'a Received-SPF with a bare domain that the sender is not (MAIL FROM:<"bank.example; x=b"@evil.example>)' \
	'Received-SPF: Pass (mailfrom) identity=mailfrom; helo=h; envelope-from=bank.example; x=b@evil.example; receiver=mx.attack.test'
trusted 'a Received-SPF with an address that the sender is not' \
	'Received-SPF: pass identity=mailfrom; helo=h; envelope-from=a@bank.example; x=b@evil.example; receiver=mx.attack.test'
trusted 'a Received-SPF with a second receiver in the sender' \
	'Received-SPF: pass identity=mailfrom; receiver=mx.attack.test; helo=h; envelope-from=a@bank.example; receiver=b@evil.example'
trusted 'a Received-SPF with a receiver in the sender, and a pair behind it' \
	'Received-SPF: pass identity=mailfrom; envelope-from=a@bank.example; receiver=b@evil.example; helo=h'
trusted 'a Received-SPF with a receiver in the sender, and the true one' \
	'Received-SPF: pass identity=mailfrom; helo=h; envelope-from=a@bank.example; receiver=x y=b@evil.example; receiver=c@mx.attack.test'
trusted 'a Received-SPF whose HELO hides the sender in a quoted string' \
	'Received-SPF: pass identity=mailfrom; helo=x;envelope-from=a@bank.example;y="; envelope-from=" z=x@evil.example; receiver=mx.attack.test'
trusted 'a Received-SPF whose HELO hides the sender in a comment' \
	'Received-SPF: pass identity=mailfrom; helo=x;envelope-from=a@bank.example (; envelope-from=) z=x@evil.example; receiver=mx.attack.test'
trusted 'a Received-SPF whose HELO makes the true key another one' \
	'Received-SPF: pass identity=mailfrom; helo=x;envelope-from(y)=a@bank.example;z=; envelope-from=x@evil.example'
trusted 'a Received-SPF with a sender that ends its comment' \
	'Received-SPF: pass (mx: domain of x) envelope-from=a@bank.example; z=(@evil.example designates h) client-ip=192.0.2.1; envelope-from=x@evil.example; helo=h'
trusted 'a Received-SPF with a quoted sender that is not quoted' \
	'Received-SPF: pass identity=mailfrom; envelope-from="a@bank.example" z=b@evil.example; receiver=mx.attack.test'
trusted 'a dmarc=pass' "Authentication-Results: $id; dmarc=pass header.from=bank.example"
trusted 'an arc=pass' "Authentication-Results: $id; arc=pass header.d=bank.example"
trusted 'dkim=pass in another version' "Authentication-Results: $id 2; dkim=pass header.d=bank.example"
trusted 'dkim=pass of a method version' "Authentication-Results: $id; dkim/9=pass header.d=bank.example"
trusted 'no authserv-id' 'Authentication-Results: dkim=pass header.d=bank.example'
trusted 'our id with more behind it' "Authentication-Results: $id.evil.example; dkim=pass header.d=bank.example"
trusted 'our id in a comment' "Authentication-Results: evil.example ($id); dkim=pass header.d=bank.example"
trusted 'a subdomain trick: bank.example.evil.example' \
	"Authentication-Results: $id; dkim=pass header.d=bank.example.evil.example"
trusted 'a suffix trick: notbank.example' "Authentication-Results: $id; dkim=pass header.d=notbank.example"
trusted 'the top-level domain' "Authentication-Results: $id; dkim=pass header.d=example"
trusted 'a dot in front' "Authentication-Results: $id; dkim=pass header.d=.bank.example"
trusted 'a NUL in header.d' "Authentication-Results: $id; dkim=pass header.d=bank.example\\0.evil.example"
trusted 'a signature that failed beside a foreign one that passed' \
	"Authentication-Results: $id; dkim=pass header.d=evil.example; dkim=fail header.d=bank.example"
trusted 'ARC-Authentication-Results' "ARC-Authentication-Results: i=1; $id; dkim=pass header.d=bank.example"
trusted 'a field with white space in its name' "Authentication- Results: $id; dkim=pass header.d=bank.example"

# A verifier that writes the sender as it has come, into a field that it fits: who knows MAIL FROM
# knows that it is not about this mail
raw() {
	printf '%b\n%s\nFrom: ceo@bank.example\n\nbody\n' "$2" "$received" >"$work/message"
	like "results: $1, without --sender" "$(dmarceval -n -a $id -z "$work/zone" <"$work/message")" '^dmarc=pass'
	dmarceval -n -a $id -z "$work/zone" -f "$3" <"$work/message" >"$work/out" 2>"$work/err"
	like "results: $1" "$?,$(cat "$work/out")" '^1,dmarc=fail'
}
raw 'a sender that ends its result' \
	"Authentication-Results: $id; spf=pass smtp.mailfrom=a@bank.example; x=y z.z=b@evil.example" \
	'a@bank.example; x=y z.z=b@evil.example'
raw 'a sender with a result in it' \
	"Authentication-Results: $id; spf=pass smtp.mailfrom=a; dkim=pass header.d=bank.example x.x=b@evil.example" \
	'a; dkim=pass header.d=bank.example x.x=b@evil.example'
raw 'a sender with a recipient in it' \
	'Received-SPF: pass identity=mailfrom; helo=h; envelope-from=a@bank.example; receiver=b@evil.example' \
	'a@bank.example; receiver=b@evil.example'

# Below the border
for field in "Authentication-Results: $id; dkim=pass header.d=bank.example" \
	'Received-SPF: pass identity=mailfrom; envelope-from=a@bank.example' \
	"Authentication-Results: $id\n ;\n dkim=pass\n header.d=bank.example"; do
	printf '%s\n%b\nFrom: ceo@bank.example\n\nbody\n' "$received" "$field" >"$work/message"
	not_passed "below our Received: ${field%%:*}"
done

# Strict means equal
printf '%s\n%s\nFrom: a@strict.example\n\n' "Authentication-Results: $id; dkim=pass header.d=m.strict.example; spf=pass smtp.mailfrom=m.strict.example" \
	"$received" >"$work/message"
not_passed 'adkim=s, aspf=s: a subdomain does not align'

# A lot of everything: bounded time, and the one that counts is found
{
	i=0
	while [ $((i += 1)) -le 3000 ]; do
		echo "Authentication-Results: $id; dkim=pass header.d=d$i.evil.example header.s=s"
	done
	printf '%s\nFrom: ceo@bank.example\n\n' "$received"
} >"$work/message"
not_passed '3,000 foreign signatures'
{
	printf 'Authentication-Results: %s' $id
	i=0
	while [ $((i += 1)) -le 400 ]; do
		printf ';\n dkim=fail header.d=d%s.evil.example' $i
	done
	printf ';\n dkim=pass header.d=bank.example\n%s\nFrom: ceo@bank.example\n\n' "$received"
} >"$work/message"
judge
is 'the last of 401 results in one field counts (opendmarc 441)' "$verdict" pass
{
	printf '%s\n%s\nFrom: ' "$pass_evil" "$received"
	head -c 2000000 /dev/zero | tr '\0' '('
	printf '\n\n'
} >"$work/message"
not_passed 'two million open parentheses'
{
	printf '%s\n%s\nFrom: ceo@bank.example' "$pass_evil" "$received"
	i=0
	while [ $((i += 1)) -le 12000 ]; do printf ',\n a%s@bank.example' $i; done
	printf '\n\n'
} >"$work/message"
not_passed '12,000 addresses'
{
	printf '%s\n%s\nFrom: a@' "$pass_evil" "$received"
	i=0
	while [ $((i += 1)) -le 120 ]; do printf 'a.'; done
	printf 'bank.example\n\n'
} >"$work/message"
not_passed '122 labels'
is 'no more than 8 questions for them' \
	"$(dmarceval -n -j -a $id -z "$work/zone" <"$work/message" | grep -o '_dmarc\.' | wc -l)" 8

# What is kept of it
printf '%s\n%s\nFrom: ceo@bank.example\n\n' \
	"Authentication-Results: $id; dkim=pass header.d=evil.example header.s=\"x y'; DROP TABLE messages;--\"" \
	"$received" >"$work/message"
dmarceval -a $id -z "$work/zone" -i 192.0.2.66 --db "$work/db" <"$work/message" >"$work/out"
is 'a selector that is none is not kept' "$(sqlite3 "$work/db" 'SELECT dkim FROM messages')" \
	'pass evil.example '
printf '%s\n%s\nFrom: ceo@bank.example\nList-Id: <dev.lists.example>\n\n' "$pass_evil" "$received" >"$work/message"
echo dev.lists.example >"$work/lists"
like 'a List-Id that its host does not vouch for has no effect' \
	"$(dmarceval -n -a $id -z "$work/zone" --mailing-lists "$work/lists" <"$work/message")" 'dis=reject'
done_testing
