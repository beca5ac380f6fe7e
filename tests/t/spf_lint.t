#!/bin/sh
# spfcheck --lint and --received: the two other ways to call it.
. "$(dirname "$0")/lib.sh"

cat >"$work/zone" <<'Z'
good.example TXT "v=spf1 mx include:_spf.good.example -all"
good.example MX 10 mail.good.example
mail.good.example A 192.0.2.10
mail.good.example AAAA 2001:db8::10
_spf.good.example TXT "v=spf1 ip4:198.51.100.0/24 a:mail.good.example ~all"
open.example TXT "v=spf1 +all"
broken.example TXT "v=spf1 ip4:192.0.2.256 mx -al"
greedy.example TXT "v=spf1 include:g1.example include:g1.example include:g1.example -all"
g1.example TXT "v=spf1 a:mail.good.example a:mail.good.example a:mail.good.example ?all"
dead.example SERVFAIL
escape.example TXT "v=spf1 \027[31m -all"
nul.example TXT "v=spf1 a\000b -all"
Z

# lint SUBJECT [OPTION...]: sets out, status
lint() {
	out=$(spfcheck -z "$work/zone" "$@" 2>"$work/err")
	status=$?
}

lint -L good.example
is 'a clean record: status 0' $status 0
is 'each term with its cost, those of the include too' "$out" \
	'good.example: v=spf1 mx include:_spf.good.example -all
  position 7, lookups 1, void 0: mx
  position 10, lookups 2, void 0: include:_spf.good.example
  _spf.good.example: v=spf1 ip4:198.51.100.0/24 a:mail.good.example ~all
    position 7, lookups 0, void 0: ip4:198.51.100.0/24
    position 27, lookups 1, void 0: a:mail.good.example
    position 47, lookups 0, void 0: ~all
  position 36, lookups 0, void 0: -all
in all 3 of 10 lookups, 0 of 2 void lookups, 40 of 450 octets'
lint --lint open.example
is 'warnings: status 1' $status 1
like 'in words' "$out" '^warning: open\.example: "\+all" at position 7: .* \(RFC 7208 5\.1\)$'
lint -L broken.example
is 'errors: status 2' $status 2
like 'the first, with its place' "$out" \
	'^error: broken\.example: "ip4:192\.0\.2\.256" at position 11: bad address \(RFC 7208 5\.6\)$'
like 'the second' "$out" '^error: broken\.example: "-al" at position 27: unknown mechanism'
lint -L greedy.example
is 'too many lookups: status 1' $status 1
like 'and how many' "$out" '^warning: greedy\.example: 12 terms that ask DNS, 10 are allowed: permerror'
lint -L 'v=spf1 redirect=good.example'
is 'a record that is not published yet' $status 0
like 'is followed where it leads' "$out" '^  good\.example: v=spf1 mx '
lint -L 'v=spf1 ipv4:192.0.2.1 -all'
is 'and an error in it is one' $status 2
lint -L absent.example
is 'no record: status 2' $status 2
lint -L escape.example
is 'no control characters come out' "$(printf '%s' "$out" | tr -d '\n' | tr -dc '\000-\037' | wc -c)" 0
lint -L nul.example
is 'a NUL octet ends no line' "$(printf '%s\n' "$out" | sed -n '1p;/^error/p')" 'nul.example: v=spf1 a?b -all
error: nul.example: "a?b" at position 8: an unexpected character after the name: a control character is no space (RFC 7208 5.3)'
lint -L dead.example
is 'no answer: status 75' "$status $out" '75 '
like 'and why' "$(cat "$work/err")" '^4\.4\.3 spfcheck: DNS SERVFAIL for dead\.example$'
spfcheck -z "$work/zone" -L good.example >/dev/full 2>&1
is 'nowhere to write: status 75' $? 75

lint -j -L broken.example
is 'JSON: status 2 too' $status 2
is 'JSON: one object a finding, then the cost' "$out" \
	'{"severity":"error","domain":"broken.example","term":"ip4:192.0.2.256","position":11,"section":"5.6","text":"bad address","remedy":"write four numbers from 0 to 255 with dots, and perhaps the length of the network: ip4:192.0.2.1 or ip4:192.0.2.0/24"}
{"severity":"error","domain":"broken.example","term":"-al","position":27,"section":"4.6.1","text":"unknown mechanism: the name is misspelt","remedy":"write \"-all\""}
{"severity":"warning","domain":"broken.example","term":"mx","position":23,"section":"4.6.4","text":"a void lookup: there is nothing in DNS","remedy":"take it out, or publish an address for the name"}
{"severity":"info","lookups":1,"void_lookups":1,"octets":29}'
lint -j -L good.example
is 'JSON: only the cost if there is nothing to say' "$status $out" \
	'0 {"severity":"info","lookups":3,"void_lookups":0,"octets":40}'

for wrong in '-i 192.0.2.1' '-H h.example' '-f a@example.org' -r1 '--header ar' -P --reject-permerror; do
	# shellcheck disable=SC2086 # an option and its argument
	lint -L good.example $wrong
	is "--lint with $wrong: status 64" $status 64
	like "--lint with $wrong: why" "$(cat "$work/err")" '^4\.3\.5 spfcheck: option --[a-z-]+ has no meaning'
done

# --received
printf 'Return-Path: <a@good.example>\nReceived: from h.example (unknown [198.51.100.7])\n\tby mx.example.net (Postfix) with ESMTP id 1\nReceived: from evil.example (mail.good.example [192.0.2.10])\n\tby h.example (Postfix)\nFrom: a@good.example\n\nbody\n' >"$work/message"

# received [OPTION...] <message: sets out, status
received() {
	out=$(spfcheck -z "$work/zone" -a mx.test "$@" 2>"$work/err" <"$work/message")
	status=$?
}

received -n -j --received=1
is 'the topmost Received field' "$status $(printf '%s' "$out" | grep -o '"result":"[a-z]*"\|"ip":"[^"]*"\|"helo":"[^"]*"\|"sender":"[^"]*"' | tr '\n' ' ')" \
	'0 "result":"pass" "sender":"a@good.example" "ip":"198.51.100.7" "helo":"h.example" '
received -n -r
like 'without a number it is the same' "$out" '^spf=pass .*permits 198\.51\.100\.7'
received -n -r 2
like 'a number behind a space' "$out" '^spf=pass .*permits 192\.0\.2\.10'
received -n --received
like 'and in long' "$out" '^spf=pass .*permits 198\.51\.100\.7'
received -n -r2
like 'the second' "$out" '^spf=pass .*permits 192\.0\.2\.10'
received -n -r1 -f a@open.example
like 'the sender of the option has precedence' "$out" 'smtp\.mailfrom=a@open\.example$'
received -r1
is 'the message comes out' "$(printf '%s\n' "$out" | tail -n 8)" "$(cat "$work/message")"
like 'with the result on top' "$out" '^Received-SPF: pass \(mx\.test: good\.example permits 198\.51\.100\.7\)'

# deferred NAME PATTERN OPTION...: status 75, and why
deferred() {
	name=$1 pattern=$2
	shift 2
	received "$@"
	is "$name: status 75 and no message" "$status $out" '75 '
	like "$name: why" "$(cat "$work/err")" "$pattern"
}

deferred 'too few fields' '^4\.3\.0 spfcheck: the message has less than 3 Received fields$' -r3
deferred 'contradiction' 'option --received contradicts --ip' -r1 -i 192.0.2.1
deferred 'contradiction, too' 'option --received contradicts --helo' -r1 -H h.example
deferred 'no number' 'option --received: "0" is not a number above 0' -r0
sed -i '/^Return-Path/d' "$work/message"
deferred 'no sender anywhere' '^4\.3\.0 spfcheck: Received field 1 does not tell the sender' -r1
printf 'Received: by mx.example.net (Postfix, from userid 0)\n\tid 1\n\nbody\n' >"$work/message"
deferred 'a field without a client' '^4\.3\.0 spfcheck: Received field 1 names no client$' -r1
printf 'Received: (qmail 1 invoked from network); 1 Nov 2026 00:00:00 -0000\nReceived: from mail.good.example (192.0.2.10)\n  by h.example with SMTP; 1 Nov 2026 00:00:00 -0000\n\nbody\n' >"$work/message"
deferred 'one that qmail wrote about itself' 'use -r2$' -r1 -f a@good.example
received -n -r2 -f a@good.example
like 'and -r2 is the remedy' "$out" '^spf=pass .*permits 192\.0\.2\.10'
printf 'long.example TXT "%0256d"\n' 0 >"$work/zone"
lint -L long.example
is 'a character-string of 256 octets in the zone file: an error' "$status $out" '75 '
like 'and what to do' "$(cat "$work/err")" '^4\.3\.5 spfcheck: .*zone:1: a character-string of 256 octets.*divide it into several'
printf 'long.example TXT "%0255d" "%0255d"\n' 0 0 >"$work/zone"
lint -L long.example
is '255 are none' $status 2
printf 'two.test. TXT "v=spf1 mx a -all"\ntwo.test. TXT "v=spf1 mx -all"\n' >"$work/two"
like 'of several records one may be right already: it is told in place of all' \
	"$(spfcheck -j -L two.test -z "$work/two")" '"corrected":"v=spf1 mx a -all"'
done_testing
