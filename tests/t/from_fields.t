#!/bin/sh
# Who the author is, when From is not written by the book: each form by itself, then thousands of them.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip_all 'needs python3'

id=mx.example.com
cat >"$work/zone" <<'Z'
_dmarc.bank.example. TXT "v=DMARC1; p=reject; rua=mailto:d@bank.example"
_dmarc.quarantine.test. TXT "v=DMARC1; p=quarantine"
Z

# message FROM [RESULT]: FROM in the notation of printf %b, and a result of dkimverify on top
message() {
	[ -z "${2-}" ] || printf 'Authentication-Results: %s; dkim=pass header.d=%s\n' $id "$2"
	printf 'Received: x\nFrom: %b\nSubject: x\n\nb\n' "$1"
}

# judged FROM [RESULT]: what is added on top
judged() {
	message "$@" | dmarceval -a $id -i 203.0.113.66 -z "$work/zone" --mark 'X-Spam-Flag: YES' --db "$work/h" |
		sed '/^Received: x/,$d; /; dkim=pass header.d=/d'
}

# fails FROM: the bank's policy is applied, the message is marked, and the history has a row
fails() {
	rm -f "$work/h"*
	judged "$1" >"$work/got"
	like "fails: $1" "$(tr -d '\n' <"$work/got")" \
		'^X-Spam-Flag: YES.*dmarc=fail \(p=reject dis=quarantine\).*header.from=bank.example policy.dmarc=quarantine$'
	is 'and is counted for the bank' "$(sqlite3 "$work/h" 'SELECT header_from, disposition, domain
		FROM messages JOIN policy ON id = policy')" 'bank.example|quarantine|bank.example'
}

# passes FROM: with a signature of the bank
passes() {
	like "passes: $1" "$(judged "$1" bank.example)" 'dmarc=pass'
}

# signed FROM: by a key of the bank
signed() {
	ok "signed: $1" [ "$(message "$1" | dkimsign -q -d bank.example -s s -k "$work/key" |
		grep -c '^DKIM-Signature')" -eq 1 ]
}

openssl genrsa -out "$work/key" 2048 2>"$work/err"
chmod 600 "$work/key"

# One author. The last ones have several addresses or fields, but one domain.
while IFS= read -r from; do
	fails "$from"
	passes "$from"
	signed "$from"
done <<'F'
Bank <service@bank.example>
Bank, Inc. <service@bank.example>
Doe, John <u@bank.example>
Doe, Jr., John (office) <u@bank.example>
service@bank.example <service@bank.example>
info@bank.example via Form <info@bank.example>
<service@bank.example
service@bank.example.
Bank <service@bank.example.>
<<service@bank.example>>
Bank <service@bank.example> and more
Support @ Bank <service@bank.example>
service.@bank.example
.service@bank.example
Joe <a..b@bank.example>
[SPAM] Joe <a@bank.example>
Joe; x <a@bank.example>
Joe: x <a@bank.example>
Joe\\, X <a@bank.example>
Joe x) <a@bank.example>
Joe (x <a@bank.example>
"Joe <a@bank.example>
B\0344nk <a@bank.example>
B\0200nk <a@bank.example>
B\033nk <a@bank.example>
B\0000nk <a@bank.example>
B\rnk <a@bank.example>
BANK <Service@BANK.Example>
Bank\n <service@bank.example>
a@bank.example, b@bank.example
a@bank.example; b@bank.example
"x@evil.test" a; b <a@bank.example>
F

# Several: the bank's policy decides, though evil.test has signed.
while IFS= read -r from; do
	like "judged for each: $from" "$(judged "$from" evil.test | tr -d '\n')" \
		'dmarc=fail \(p=reject dis=quarantine\).*header.from=bank.example'
	ok 'and not signed for one of them' [ "$(message "$from" |
		dkimsign -d evil.test -s s -k "$work/key" 2>"$work/err" | grep -c '^DKIM-Signature')" -eq 0 ]
	like 'the one that is foreign is named' "$(cat "$work/err")" 'does not sign for bank\.example'
done <<'F'
service@bank.example <x@evil.test>
x@evil.test <service@bank.example>
Bank <service@bank.example>, B <x@evil.test>
x@evil.test, service@bank.example
x@evil.test; service@bank.example
service@bank.example@evil.test
x@evil.test (service@bank.example
x@evil.test\nFrom: service@bank.example
service@bank.example\nFrom: x@evil.test
service@bank.example\nFROM : x@evil.test
a: x@evil.test, service@bank.example;
\\" <service@bank.example> \\" <x@evil.test>
F

printf '%s\n' '*@bank.example bank' '*@evil.test evil' >"$work/signing"
printf '%s\n' "bank bank.example:s:$work/key" "evil evil.test:s:$work/key" >"$work/keys"
for from in 'service@bank.example <x@evil.test>' 'x@evil.test, service@bank.example'; do
	message "$from" | dkimsign --key-table "$work/keys" --signing-table "refile:$work/signing" \
		>"$work/out" 2>"$work/err"
	is "tables: $from is not signed" "$(grep -c '^DKIM-Signature' "$work/out")" 0
	like 'and the other one is named' "$(cat "$work/err")" \
		'(bank.example does not sign for evil.test|evil.test does not sign for bank.example)'
done
message 'Bank, Inc. <service@bank.example>' |
	dkimsign -q --key-table "$work/keys" --signing-table "refile:$work/signing" >"$work/out"
is 'tables: a name with a comma is signed' "$(grep -c '^DKIM-Signature' "$work/out")" 1

is 'quotes make it a name' "$(judged '"service@bank.example" <x@evil.test>' evil.test)" \
	"Authentication-Results: $id; dmarc=none header.from=evil.test"
like 'all of several have to pass' "$(judged 'a@bank.example, b@quarantine.test' bank.example | tr -d '\n')" \
	'dmarc=fail \(p=quarantine dis=quarantine\).*header.from=quarantine.test'

# Nobody: the reason is in the field, and there is a disposition of its own.
while IFS= read -r from; do
	like "nobody: $from" "$(judged "$from" bank.example | tr -d '\n')" \
		'^X-Spam-Flag: YES.*dmarc=permerror \((p=reject )?dis=quarantine\)	reason=".*".*policy.dmarc=quarantine$'
done <<'F'


<>
root
undisclosed-recipients:;
service@
service@[192.0.2.1]
service@bank..example
=?utf-8?q?service=40bank.example?=
root, service@bank.example
service@bank.example, root
service@bank.example\nFrom: service@bank.example
a@a.test, b@b.test, c@c.test, d@d.test, e@e.test, f@f.test, g@g.test, h@h.test, service@bank.example
F
printf 'Received: x\n\nb\n' | dmarceval -a $id -z "$work/zone" >"$work/out"
like 'nobody: no field' "$(cat "$work/out" | tr -d '\n')" 'dmarc=permerror \(dis=quarantine\)	reason="there is no From field'
for policy in none quarantine reject; do
	is "--no-author $policy" "$(message root | dmarceval -n -j -z "$work/zone" --no-author $policy |
		grep -o '"disposition": *"[a-z]*"' | tr -d ' ')" "\"disposition\":\"$policy\""
done
is '--no-author reject after the queue' "$(message root | dmarceval -a $id -z "$work/zone" --no-author reject |
	grep -o 'policy.dmarc=.*')" 'policy.dmarc=quarantine'

# many NAME COMMAND...: a test of its own, whose last words are told
many() {
	name=$1
	shift
	"$@" >"$work/said" 2>&1
	report $? "$name"
	grep -v '^1\.\.' "$work/said" | tail -n 20 | sed 's/^/# /'
}

many '2,000 changed fields: Python shows nobody whom dmarceval does not judge' \
	python3 "$top/tests/helpers/from_fields.py" -n 2000
if cc -o "$work/opendkim_author" "$top/tests/helpers/opendkim_author.c" -lopendkim 2>"$work/err"; then
	many '2,000 changed fields: what opendkim signs, dkimsign signs' \
		python3 "$top/tests/helpers/from_signed.py" "$work/opendkim_author" "$work/key" 2000
else
	report 0 'dkimsign and opendkim # SKIP needs libopendkim'
fi
done_testing
