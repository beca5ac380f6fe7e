#!/bin/sh
# dmarceval --lint and --make-record: what they print, and how they end.
. "$(dirname "$0")/lib.sh"

cat >"$work/zone" <<'Z'
_dmarc.good.example. TXT "v=DMARC1; p=reject; rua=mailto:d@good.example"
_dmarc.away.example. TXT "v=DMARC1; p=reject; rua=mailto:d@report.test"
_dmarc.down.example. SERVFAIL
_dmarc.slow.example. TXT "v=DMARC1; p=reject; rua=mailto:d@slow.test"
slow.example._report._dmarc.slow.test. TIMEOUT
Z

# lint SUBJECT [OPTION...]: sets status
lint() {
	dmarceval -z "$work/zone" --lint "$@" >"$work/out" 2>"$work/err"
	status=$?
}

# make WORD...: the same for --make-record
make() {
	dmarceval --make-record "$@" >"$work/out" 2>"$work/err"
	status=$?
}

lint good.example
is 'a good record: status 0' $status 0
is 'and only the record is printed' "$(cat "$work/out")" \
	'good.example: v=DMARC1; p=reject; rua=mailto:d@good.example'
lint 'v=DMARC1; p=reject'
is 'a warning: status 1' $status 1
like 'with its section' "$(cat "$work/out")" '^warning: there is no rua: .*\(RFC 9989 4\.7\)$'
lint 'v=DMARC1; p=rejekt'
is 'an error: status 2' $status 2
like 'with its position' "$(cat "$work/out")" '^error: "p=rejekt" at position 10 '
lint away.example
is 'a destination without permission: status 2' $status 2
like 'the record that is missing is told' "$(cat "$work/out")" \
	'away\.example\._report\._dmarc\.report\.test\. TXT "v=DMARC1"'
lint slow.example
is 'a destination that nobody can ask: status 1' $status 1
like 'it may allow it' "$(cat "$work/out")" '^warning: mailto:d@slow\.test: DNS does not say whether slow\.test'
lint missing.example -j
is 'no record: status 2' $status 2
like 'as JSON' "$(cat "$work/out")" '^\{"severity":"error","domain":"missing\.example",'
lint p=reject
is 'neither a record nor a domain: status 2' $status 2
like 'and that is said' "$(cat "$work/out")" 'is neither a domain nor a record'
lint x.down.example
like 'DNS does not answer for a domain above' "$(cat "$work/out" "$work/err")" 'SERVFAIL'
lint down.example
is 'no answer: status 75' $status 75
lint 'no domain'
is 'neither domain nor record: status 2' $status 2
like 'and it is said' "$(cat "$work/out")" '^error: "no domain" is neither a domain nor a record'
lint good.example --db "$work/db"
is 'an option for messages: status 64' $status 64

make example.org p=quarantine rua=mailto:d@example.org,mailto:x@report.test
is 'a record is made' $status 0
is 'with what the destination must publish' "$(cat "$work/out")" \
	'_dmarc.example.org. IN TXT "v=DMARC1; p=quarantine; rua=mailto:d@example.org,mailto:x@report.test"
example.org._report._dmarc.report.test. IN TXT "v=DMARC1"'
make p=none
is 'without a domain the owner is relative' "$(cat "$work/out")" '_dmarc IN TXT "v=DMARC1; p=none"'
make v=DMARC1 p=none
is 'a version is not written twice' "$(cat "$work/out")" '_dmarc IN TXT "v=DMARC1; p=none"'
make p=rejekt
is 'no record is made with an error in it' "$status,$(cat "$work/out")" 64,
like 'which is told' "$(cat "$work/err")" 'p=rejekt is none of none, quarantine, reject'
make a.example b.example p=none
is 'two domains are one too many' $status 64
make 'no domain' p=none
is 'what is neither tag nor domain is refused' $status 64
make
is 'no tags are no record' $status 64
make 'p=none;rua=mailto:d@example.org'
is 'two tags in one word are refused' $status 64
make p=none 'x=a"b\c'
is 'quotes and backslashes are those of a zone file' "$(cat "$work/out")" \
	'_dmarc IN TXT "v=DMARC1; p=none; x=a\"b\\c"'
long=mailto:$(head -c 240 /dev/zero | tr '\0' a)@example.org
make example.org p=none "rua=$long"
is 'a long record is divided into strings of 255' \
	"$(grep -o '"[^"]*"' "$work/out" | awk '{ print length($0) - 2 }' | tr '\n' ' ')" '255 26 '
make example.org p=reject rua=mailto:d@example.org
record=$(sed 's/.*"\(.*\)"/\1/' "$work/out")
lint "$record"
is 'what was made has no findings' "$status" 0

# Records as they are found in the wild: each is told its own cause.
while IFS='|' read -r record said; do
	lint "$record"
	like "$record: $said" "$(cat "$work/out")" "$said"
	ok 'and it is not a clean record' [ $status -ne 0 ]
done <<'L'
v=DMARC1 p=reject|^error: there is no semicolon after v=DMARC1
v=DMARC1, p=none|^error: there is a comma or a colon after v=DMARC1
v=DMARC1: p=none|^error: there is a comma or a colon after v=DMARC1
v=DMARC1\; p=none|^error: there is a backslash before a semicolon
 v=DMARC1; p=none|^error: .* there is a blank before it
v="DMARC1"; p=none|^error: there are quotation marks in it
“v=DMARC1; p=none”|^error: there are quotation marks in it
v=DMARC1; p="reject"|^error: .* has quotation marks in it
v=DMARC1; p=“reject”|^error: .* has quotation marks in it
v=DMARC1; p=none, rua=mailto:d@x.example|^error: .* has a comma in it
v=dmarc1; p=none|^error: .* the version is not in capital letters
v=DMARC11; p=none|^error: the version is not DMARC1 but something longer
v=spf1; v=DMARC1; p=none|^error: v=DMARC1 is not the first tag
V=DMARC1; P=reject; RUA=mailto:d@x.example|^warning: "P=reject" at position 10 has capital letters
v=DMARC1; p=reject; rua=mailto://d@x.example|^warning: .* has // after mailto:
v=DMARC1; p=reject; rua=mailto:<d@x.example>|^warning: .* has brackets
v=DMARC1; p=reject; rua=mailto:d@exam_ple.com|^warning: .* has an underscore in its domain
v=DMARC1; p=reject; rua=mailto:d@e.com_dmarc.e.com|^warning: .* has an underscore in its domain
v=DMARC1; p=reject; rua=mailto:a@x.test,mailto:b@x.test,mailto:c@x.test,mailto:d@x.test,mailto:e@x.test,mailto:f@x.test,mailto:g@x.test,mailto:h@x.test,mailto:i@x.test,mailto:j@x.test,mailto:k@x.test|^warning: .* has more than 10 addresses
L
cat >>"$work/zone" <<'Z'
_dmarc.other.example. TXT "v=DMARC1; p=reject; rua=mailto:d@hoster.test"
other.example._report._dmarc.hoster.test. TXT "v=DMARC1; rua=mailto:d@elsewhere.test"
apex.example. TXT "v=DMARC1; p=none"
_dmarc.twice.example.twice.example. TXT "v=DMARC1; p=none"
_dmarc.slip.example. TXT "v=DMARC1 p=reject"
_dmarc.capitals.example. TXT "V=DMARC1; P=reject; RUA=mailto:d@capitals.example"
Z
lint other.example
like 'a permission that names another host' "$(cat "$work/out")" '^error: .*has a rua of another host than hoster.test'
lint apex.example
like 'a record at the domain itself' "$(cat "$work/out")" '^error: there is a DMARC record at apex.example, where nobody looks'
lint twice.example
like 'a record whose name has the domain twice' "$(cat "$work/out")" \
	'^error: there is a DMARC record at _dmarc.twice.example.twice.example'
lint slip.example
like 'a slip in DNS' "$(cat "$work/out")" '^error: there is no semicolon after v=DMARC1'
lint _dmarc.good.example
like 'the name of the record' "$(cat "$work/out")" '^warning: _dmarc.good.example is where the record of good.example is'
printf 'From: a@capitals.example\n\n' >"$work/message"
like 'tags in capital letters count' "$(dmarceval -n -z "$work/zone" <"$work/message")" 'dmarc=fail .*p=reject'

make policy=reject
is 'an unknown tag: status 64' $status 64
like 'and what was meant' "$(cat "$work/err")" 'tag policy is unknown, the policy is p='
make p=reject rua=mailto:d@x.test pct=50 ri=3600 rf=afrf
is 'obsolete tags: a record' $status 0
is 'and the warnings of --lint' "$(grep -c 'is ignored since RFC 9989' "$work/err")" 3
make example.org p=reject rua=mailto:d@report.test ruf=mailto:e@report.test
is 'the same host for rua and ruf: its record once' "$(grep -c '_report._dmarc.report.test' "$work/out")" 1
make --help
like '--help has the tags' "$(cat "$work/out")" 'rua=mailto:ADDRESS'
done_testing
