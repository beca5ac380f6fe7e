#!/bin/sh
# The gate before the queue: what becomes of a message when its stages agree, refuse, fail or lie. The
# stages are scripts; those with the tools are in tests/e2e.
. "$(dirname "$0")/lib.sh"

helpers=$top/tests/helpers
stage=$helpers/stage.py
export TMPDIR="$work"
cat >"$work/message" <<'M'
Received: from elsewhere by relay
Authentication-Results: mx.test; dkim=pass
From: alice@good.example
Subject: test
	folded
authentication-results:mx.test; spf=pass
X-Space:  two

Hello
..
world
M

# milter [OPTION...] -- STAGE...: one session with the message; what comes out is in $work/out
milter() {
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # options are words
	"$helpers/milter_client.py" $client "$work/message" -- gate milter $options -- "$@" >"$work/out" 2>&1
}
client=

# queued: what Postfix would have in its queue, without its own Received field
queued() {
	sed '1d; /^Received: by mx.test (Postfix)/d' "$work/out"
}

milter -- "$stage" attribute=disposition=none
is 'a message goes through' "$(head -n 1 "$work/out")" accepted
is 'as it was' "$(queued)" "$(cat "$work/message")"

milter -- "$stage" 'add=X-One: 1\n\tand' '|' "$stage" 'add=X-Two:2' '|' "$stage" 'add=X-Three:  3'
is 'fields on top, those of the last stage first' "$(queued)" "$(printf 'X-Three:  3\nX-Two:2\nX-One: 1\n\tand\n'; cat "$work/message")"
is 'above the field of Postfix' "$(sed -n 6p "$work/out")" 'Received: by mx.test (Postfix) id 4F001'

milter -- "$stage" drop=Authentication-Results 'add=Authentication-Results: mx.test; spf=none'
is 'forged fields are gone, whatever their case' "$(queued)" \
	"$(echo 'Authentication-Results: mx.test; spf=none'; grep -vi '^authentication-results' "$work/message")"
milter -- "$stage" drop=X-Space drop=Received drop=From drop=Subject drop=Authentication-Results
is 'all fields are gone, and the border with them is no error of the message' "$(head -n 1 "$work/out")" \
	'451 4.3.0 the message cannot be checked now; please try again later'

# All that the milter protocol allows
for protocol in 1fffff 0 100000 80 fff80; do
	client="--protocol $protocol --chunk 7"
	milter -- "$stage" drop=Authentication-Results 'add=X-One: 1'
	is "protocol $protocol" "$(queued | sed 's/^\(X-One\|X-Space\): */\1: /')" \
		"$(echo 'X-One: 1'; grep -vi '^authentication-results' "$work/message" | sed 's/^X-Space: */X-Space: /')"
done
client='--actions 31'
milter -- "$stage" 'add=X-One: 1'
is 'without a choice of macros' "$(sed -n 2p "$work/out")" 'X-One: 1'
client='--actions 1'
milter -- "$stage"
is 'one that cannot take fields away gets no answer' "$(cat "$work/out")" 'the connection was lost'
client=

# What the stages are told
milter -- "$stage" "log=$work/told"
is 'the envelope' "$(sed '/^$/,$d; /^deadline=/d' "$work/told")" 'queue_id=4F001
sender=alice@good.example
client_address=192.0.2.10
client_name=mail.good.example
helo_name=mail.good.example
recipient=bob@rcpt.test'
like 'the deadline' "$(grep '^deadline' "$work/told")" '^deadline=20\.000$'
like 'a Received field in the place of that of Postfix' "$(sed '1,/^$/d' "$work/told" | head -n 1)" \
	'^Received: from mail.good.example \(mail.good.example \[192.0.2.10\]\) by .* id 4F001; '
is 'and the message' "$(sed '1,/^$/d' "$work/told" | sed 1d)" "$(cat "$work/message")"
rm "$work/told"
client='--client unknown,2001:db8::1,25 --helo [IPv6:2001:db8::1] --recipient a@x.test --recipient b@x.test'
milter -T 5 -- "$stage" "log=$work/told"
is 'IPv6, two recipients' "$(sed '/^$/,$d' "$work/told")" 'queue_id=4F001
deadline=5.000
sender=alice@good.example
client_address=2001:db8::1
client_name=unknown
helo_name=[IPv6:2001:db8::1]
recipient=a@x.test
recipient=b@x.test'
rm "$work/told"
client='--local'
milter -- "$stage" "log=$work/told"
is 'what comes by sendmail has no client' "$(grep '^client\|^helo' "$work/told")" 'client_address='
rm "$work/told"
"$helpers/milter_client.py" --sender '' "$work/message" -- gate milter -- "$stage" "log=$work/told" >"$work/out"
is 'the null sender' "$(grep -c '^sender=$' "$work/told")" 1
rm "$work/told"
client=

# What becomes of a verdict
# verdict DISPOSITION [OPTION...]: the first line
verdict() {
	disposition=$1
	shift
	milter "$@" -- "$stage" 'add=X-Mark: x' "attribute=disposition=$disposition" \
		'attribute=result=dmarc=fail (p=quarantine dis=x) header.from=good.example'
	head -n 1 "$work/out"
}
like 'reject' "$(verdict reject)" '^550 5\.7\.1 good\.example asks to refuse mail in its name .*p=quarantine'
like 'reject: whom to ask' "$(verdict reject --contact +49-30-901820)" 'or \+49-30-901820 can help'
like 'defer' "$(verdict defer)" '^451 4\.7\.1 the DMARC policy of good\.example cannot be looked up now'
is 'none' "$(verdict none)" accepted
is 'quarantine: by default only the fields tell' "$(verdict quarantine)" accepted
is 'the fields' "$(sed -n 2p "$work/out")" 'X-Mark: x'
is 'quarantine: hold' "$(verdict quarantine --quarantine hold)" 'hold: DMARC'
is 'and the fields' "$(sed -n 3p "$work/out")" 'X-Mark: x'
is 'quarantine: a field' "$(verdict quarantine --quarantine X-Spam-Flag:YES)" accepted
is 'is on top' "$(sed -n 2,3p "$work/out")" 'X-Spam-Flag:YES
X-Mark: x'
is 'not for other mail' "$(verdict none --quarantine X-Spam-Flag:YES; sed -n 2p "$work/out")" 'accepted
X-Mark: x'
for disposition in reject defer quarantine; do
	is "dry run, $disposition: accepted" "$(verdict $disposition --dry-run --quarantine hold)" accepted
	is "dry run, $disposition: as it was" "$(queued)" "$(cat "$work/message")"
done
client=--local
is 'what is queued already is not refused' "$(verdict reject --quarantine hold)" 'hold: DMARC'
client=

# What goes wrong
later='451 4.3.0 the message cannot be checked now; please try again later'
for lie in body field cut longer other garbage huge half exit=0 exit=75 kill=9 drop=Received 'add= x' 'add=no field'; do
	milter -- "$stage" '|' "$stage" "$lie" '|' "$stage"
	like "a stage does \"$lie\": deferred" "$(cat "$work/out")" "^451 4\.3\.[04] the message cannot"
done
is 'a stage that could not handle it' "$(milter -- "$stage" 'status=4.4.3 x: silence' '|' "$stage"; cat "$work/out")" \
	"451 4.4.3 ${later#* * }"
is 'a stage with an odd status' "$(milter -- "$stage" 'status=5.7.1 x: no'; cat "$work/out")" "$later"
is 'too large for ever' "$(milter -- "$stage" 'status=4.3.4 x: too large'; cat "$work/out")" \
	'552 5.3.4 the header section of the message is too large'
is 'no such command' "$(milter -- "$stage" '|' /nowhere/stage; cat "$work/out")" "$later"
is 'a dry run lets it pass' "$(milter --dry-run -- "$stage" exit=1; head -n 1 "$work/out")" accepted
is 'what a stage says holds nothing up' "$(milter -- "$stage" "say=$(head -c 100000 /dev/zero | tr '\0' x)"; head -n 1 "$work/out")" accepted

# A session of several messages: trouble of one is not that of the next
"$helpers/milter_client.py" "$work/message" "$work/message" "$work/message" -- gate milter -- \
	"$stage" once=exit=1 'once=half' "add=X-One: 1" >"$work/out"
is 'each message has its answer' "$(grep -c '^451\|^accepted' "$work/out")" 3
rm -f "$work/told"
"$helpers/milter_client.py" "$work/message" "$work/message" "$work/message" -- gate milter -- \
	"$stage" "log=$work/told" "once=attribute=first=yes" "later=exit=1" >"$work/out"
is 'a stage that dies at the second message: one silent retry with a new one' "$(grep -c '^accepted' "$work/out")" 3
is 'with the same message' "$(grep '^queue_id' "$work/told" | tr '\n' ' ')" \
	'queue_id=4F001 queue_id=4F002 queue_id=4F002 queue_id=4F003 queue_id=4F003 '
cat >"$work/kill" <<'K'
for process in $(pgrep -f "$1"); do kill -9 "$process"; done
sleep 0.1
K
"$helpers/milter_client.py" --hook "sh $work/kill '[s]tage.py --stream this=$$'" "$work/message" "$work/message" -- \
	gate milter -- "$stage" "this=$$" '|' "$stage" >"$work/out"
is 'a stage that dies in between is not noticed' "$(grep -c '^accepted' "$work/out")" 2
"$helpers/milter_client.py" --next "$work/message" "$work/message" -- gate milter -- "$stage" "log=$work/told" >"$work/out"
is 'two sessions on one connection' "$(grep -c '^accepted' "$work/out")" 2

# Large and odd messages
# same NAME: the message goes through as it is
same() {
	milter -- "$stage" 'add=X-One: 1'
	{ echo accepted; echo 'X-One: 1'; echo 'Received: by mx.test (Postfix) id 4F001'; cat "$work/message"; } | cmp -s - "$work/out"
	report $? "$1"
	rm -f "$work/told"
}
{ printf 'A: b\n\n'; head -c 5000000 /dev/urandom | base64; } >"$work/message"
same '7 MB'
printf 'A: b\n\nx\ry\r\rz\0\377\n\n\n' >"$work/message"
same 'CR, NUL and octets above 127'
client='--chunk 1'
same 'the same, octet by octet'
client=
printf 'A: b\n\n' >"$work/message"
same 'no body'
printf '\nbody\n' >"$work/message"
same 'no header'
printf 'A: b\n\nno line end' >"$work/message"
same 'no line end'
/usr/bin/python3 -c 'print("".join("X: %d\n" % i for i in range(20000)))' >"$work/message"
same '20000 fields'
milter -- "$stage" drop=X
is 'more forged fields than Postfix should take away: refused' "$(cat "$work/out")" \
	'554 5.6.0 too many forged results in the header section'
/usr/bin/python3 -c 'print("".join("X: %s\n" % ("x" * 99999) for i in range(120)) + "\nbody")' >"$work/message"
same 'a header section of 12 MB'
/usr/bin/python3 -c 'print("".join("X: %d\n" % i for i in range(150000)) + "\nbody")' >"$work/message"
same '150000 fields'
/usr/bin/python3 -c 'print("".join("X: %d\n" % i + "Authentication-Results: mx.test; dkim=pass\n" * (i % 200 == 0)
	for i in range(150000)) + "\nbody")' >"$work/message"
milter -- "$stage" drop=Authentication-Results 'add=X-One: 1'
is 'forged fields after the 100000th are removed' "$(queued | sed 1d | cksum)" "$(grep -v '^Auth' "$work/message" | cksum)"
is 'and there are none' "$(grep -c '^Auth' "$work/out")" 0
for fields in 'X: %d\n" % i for i in range(150000)' 'X: %s\n" % ("x" * 99999) for i in range(120)'; do
	/usr/bin/python3 -c 'print("Authentication-Results: mx.test; dkim=pass\nFrom: alice@good.example\n" + "".join("'"$fields"') + "\nbody")' \
		>"$work/message"
	: >"$work/zone"
	milter -- "$top/dkimverify/dkimverify" -a mx.test -z "$work/zone" '|' "$top/dmarceval/dmarceval" -a mx.test -z "$work/zone"
	is "${fields%%\\*}: accepted by the tools" "$(head -n 1 "$work/out")" accepted
	like 'with their verdict' "$(sed -n 2,3p "$work/out")" '^Authentication-Results: mx.test; dmarc=permerror'
	is 'and nothing forged' "$(grep -c 'dkim=pass' "$work/out")" 0
	is 'all of it' "$(tail -c 100000 "$work/out" | cksum)" "$(tail -c 100000 "$work/message" | cksum)"
done

# The command line
for words in '' 'milter' 'milter --' 'milter -- |' 'milter -- a | | b' 'milter --quarantine x -- cat' \
	'milter --nonsense -- cat' 'workers -- cat' 'pipe' 'nonsense'; do
	# shellcheck disable=SC2086 # words
	gate $words </dev/null >"$work/out" 2>&1
	is "gate $words: 75" $? 75
	like "gate $words: says so" "$(cat "$work/out")" '^4\.3\.5 '
done
is 'help' "$(gate milter --help | head -n 1)" 'usage: gate milter [options] -- STAGE [| STAGE]...'
is 'no file is left' "$(find "$work" -name 'assay*')" ''
done_testing
