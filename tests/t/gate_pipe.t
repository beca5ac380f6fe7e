#!/bin/sh
# What the Postfix filters run: each stage whole or none, then the message back by SMTP, taken for all
# recipients or for none.
. "$(dirname "$0")/lib.sh"

export TMPDIR="$work"
inject="gate pipe cat --"
printf 'Received: from x by y with ESMTP id 1\nFrom: alice\n\n.\n..dots\nplain\n' >"$work/message"

# serve [COMMAND=REPLY...]: sets port
serve() {
	rm -f "$work/port" "$work/said"
	/usr/bin/python3 "$top/tests/helpers/smtp_script.py" "$work/said" "$@" >"$work/port" &
	server=$!
	until [ -s "$work/port" ]; do
		sleep 0.02
	done
	port=$(cat "$work/port")
}

host=127.0.0.1
# run SENDER [ATTRIBUTE=VALUE...] -- RECIPIENT... [<MESSAGE]: sets status; said is what was said
run() {
	sender=$1
	shift
	$inject "$sender" "$host:$port" "$@" >"$work/out" 2>&1
	status=$?
	wait $server
	tr -d '\r' <"$work/said" >"$work/lines"
}

serve
run alice@example.org NAME=mail.example.org ADDR=IPv6:2001:db8::1 PORT=25 PROTO=ESMTP 'HELO=a b+c=ü' \
	IDENT=4F2 SOURCE=REMOTE -- bob@example.net -f@example.net <"$work/message"
is 'a message goes through' $status 0
is 'what it says' "$(cat "$work/lines")" 'EHLO localhost
XFORWARD NAME=mail.example.org ADDR=IPv6:2001:db8::1 PROTO=ESMTP HELO=a+20b+2Bc+3D+C3+BC IDENT=4F2
MAIL FROM:<alice@example.org>
RCPT TO:<bob@example.net>
RCPT TO:<-f@example.net>
DATA
Received: from x by y with ESMTP id 1
From: alice

..
...dots
plain
.
QUIT'
is 'lines end in CR LF' "$(grep -c "$(printf '\r')\$" "$work/said")" "$(wc -l <"$work/said")"
like 'the queue ID goes to the log' "$(cat "$work/out")" 'queued as 1234'

serve
run '' NAME=unknown ADDR= -- bob@example.net <"$work/message"
like 'the null sender' "$(cat "$work/lines")" '^MAIL FROM:<>$'
like 'what is not known' "$(cat "$work/lines")" '^XFORWARD NAME=\[UNAVAILABLE\] ADDR=\[UNAVAILABLE\]$'

printf 'From: alice\n\nGr\303\274\303\237e' >"$work/eight"
serve
run alice@example.org -- bob@example.net <"$work/eight"
like '8-bit octets: BODY=8BITMIME' "$(cat "$work/lines")" '^MAIL FROM:<alice@example.org> BODY=8BITMIME$'
is 'a last line without end gets one' "$(tail -n 3 "$work/lines" | head -n 1)" 'Grüße'

serve
run 'jürgen@example.org' -- bob@example.net <"$work/message"
like 'an address in UTF-8: SMTPUTF8' "$(cat "$work/lines")" '^MAIL FROM:<jürgen@example.org> SMTPUTF8$'
serve
sed 's/ESMTP/UTF8SMTPSA/' "$work/message" >"$work/utf8"
run alice@example.org -- bob@example.net <"$work/utf8"
like 'a message that came so: SMTPUTF8' "$(cat "$work/lines")" '^MAIL FROM:<alice@example.org> SMTPUTF8$'
serve 'EHLO=250 host'
run 'jürgen@example.org' -- bob@example.net <"$work/message"
is 'no SMTPUTF8 where it is needed: deferred' $status 75
serve 'EHLO=250 host'
run alice@example.org NAME=x -- bob@example.net <"$work/eight"
is 'neither XFORWARD nor 8BITMIME: it goes through' $status 0
is 'without them' "$(grep -c 'XFORWARD\|BODY' "$work/lines")" 0

if grep -q ' lo$' /proc/net/if_inet6 2>/dev/null; then
	serve
	host='[::1]'
	run alice@example.org -- bob@example.net <"$work/message"
	is 'a server with an address of IPv6' $status 0
	host=127.0.0.1
fi

long=$(printf '%0256d' 0)
serve
run alice@example.org "NAME=${long#0}" "HELO=$long" "PROTO=${long#????????????}" IDENT=4F2 -- bob@example.net <"$work/message"
is 'what is too long for XFORWARD: it goes through' $status 0
is 'and is not forwarded; a command has 512 octets at most' "$(grep XFORWARD "$work/lines")" \
	"XFORWARD NAME=${long#0} HELO=[UNAVAILABLE]
XFORWARD PROTO=${long#????????????} IDENT=4F2"
serve 'XFORWARD=501 5.5.4 no'
run alice@example.org NAME=x -- bob@example.net <"$work/message"
is 'XFORWARD refused: it goes through, as that is for the log only' $status 0

# deferred NAME COMMAND=REPLY...: and no message was given away
deferred() {
	name=$1
	shift
	serve "$@"
	run alice@example.org NAME=x -- bob@example.net carol@example.net dave@example.net <"$work/message"
	is "$name: deferred" $status 75
	is "$name: the message was not sent to an end" "$(grep -c '^\.$' "$work/lines")" "${ended:-0}"
}
deferred 'no greeting' 'CONNECT=554 5.3.2 no'
deferred 'connection lost at once' CONNECT=drop
deferred 'EHLO refused' 'EHLO=502 5.5.1 no'
deferred 'MAIL refused' 'MAIL=452 4.3.1 no space'
deferred 'the first recipient refused' 'RCPT=550 5.1.1 no' 'RCPT=250 ok'
deferred 'one recipient of three refused' 'RCPT=250 ok' 'RCPT=450 4.2.0 later' 'RCPT=250 ok'
like 'which says whom' "$(cat "$work/out")" '^4.3.0 gate: RCPT TO:<carol@example.net>: 450 4.2.0 later$'
deferred 'the last recipient refused' 'RCPT=250 ok' 'RCPT=250 ok' 'RCPT=550 5.1.1 no'
deferred 'DATA refused' 'DATA=451 4.3.0 no'
deferred 'connection lost in DATA' DATA=drop
ended=1
deferred 'the message refused' 'DOT=552 5.3.4 too big'
deferred 'the message deferred' 'DOT=451 4.3.0 queue file write error'
deferred 'no answer to the message' DOT=drop
ended=


# The process that waits is killed while the server is silent before the message.
cat >"$work/pipe" <<P
#!/bin/sh
$inject alice@example.org 127.0.0.1:\$1 -- bob@example.net <"$work/message" >"$work/out" 2>&1
P
serve DATA=wait
sh "$work/pipe" "$port" &
waiting=$!
until grep -q DATA "$work/said" 2>/dev/null; do
	sleep 0.02
done
kill -9 $waiting
echo >"$work/said.go"
wait $server
is 'the process that waits is gone: the message was not sent to an end' "$(grep -c '^\.' "$work/said")" 2
like 'and it says so' "$(cat "$work/out")" '^4.3.0 gate: pipe\(8\) is gone$'

$inject alice@example.org 127.0.0.1:1 -- bob@example.net <"$work/message" >"$work/out" 2>&1
is 'nobody listens: deferred' $? 75
$inject alice@example.org localhost -- bob@example.net <"$work/message" >"$work/out" 2>&1
is 'no address: deferred' $? 75
serve
run "$(printf 'alice@example.org>\nRCPT TO:<eve@example.net')" -- bob@example.net <"$work/message"
is 'a line end in an address: deferred' $status 75
like 'and it says so' "$(cat "$work/out")" '^4.3.0 gate: there is a line end in the address'
$inject alice@example.org 127.0.0.1:1 <"$work/message" >"$work/out" 2>&1
is 'no recipient: deferred' $? 75

# 3 MB over many blocks, with dots everywhere
/usr/bin/python3 -c 'print("\n." * 1000000, "\n..\n", "x" * 1000000)' >"$work/large"
serve
run alice@example.org -- bob@example.net <"$work/large"
sed '1,/^DATA$/d; /^\.$/,$d; s/^\.//' "$work/lines" >"$work/arrived"
ok 'dots at all ends of blocks' cmp -s "$work/large" "$work/arrived"

# Stages
# stages WORD...: sets status; the message is injected into $work/injected
cat >"$work/sendmail" <<S
#!/bin/sh
cat >"$work/injected"
S
chmod +x "$work/sendmail"
stages() {
	rm -f "$work/injected"
	ASSAY_SENDMAIL="$work/sendmail" gate pipe "$@" -- alice@example.org -- bob@example.net \
		<"$work/message" >"$work/out" 2>&1
	status=$?
}
stages sed 's/alice/carol/' '|' cat '|' sed 's/carol/dave/'
is 'three stages, one behind the other' "$(sed 's/alice/dave/' "$work/message" | cmp - "$work/injected"; echo $status)" 0
stages sh -c 'head -c 100000 /dev/zero | tr "\0" x >&2; cat'
is 'a stage that says more than a pipe holds' "$(cmp "$work/message" "$work/injected"; echo $status)" 0
stages sh -c 'cat; cat "$1"' sh "$work/large" '|' cat '|' cat '|' head -c 20
is 'a file that gets shorter holds no more than its new content' "$(wc -c <"$work/injected")" 20

# fails NAME PATTERN WORD...
fails() {
	name=$1 pattern=$2
	shift 2
	stages "$@"
	is "$name: deferred" $status 75
	is "$name: nothing is injected" "$(ls "$work/injected" 2>/dev/null)" ''
	like "$name: the reason" "$(head -n 1 "$work/out")" "$pattern"
}
beyond_valgrind 'no such command' || fails 'no such command' '^4.3.0 cannot run /nowhere/x: No such file or directory$' cat '|' /nowhere/x
fails 'a status' '^4.3.0 sh ended with status 3$' sh -c 'cat; exit 3' '|' cat
fails 'a status and words' '^4.3.0 sh ended with status 69: 5.7.1 no$' sh -c 'echo 5.7.1 no >&2; echo more >&2; exit 69'
fails 'a status code' '^4.4.3 x: the reason$' sh -c 'echo 4.4.3 x: the reason >&2; exit 75'
fails 'nearly a status code' '^4.3.0 sh ended with status 75: 4.4.3x: the reason$' sh -c 'echo 4.4.3x: the reason >&2; exit 75'
fails 'a status code on the second line' '^4.3.1 x: full$' sh -c 'echo x: a trace >&2; echo 4.3.1 x: full >&2; exit 75'
fails 'a signal' '^4.3.0 sh was ended by signal 9$' cat '|' sh -c 'head -n 1; kill -9 $$'
fails 'words and a signal' '^4.3.0 sh was ended by signal 11: 4.1.1 x$' sh -c 'echo 4.1.1 x >&2; kill -11 $$'
fails 'nothing comes out' '^4.3.0 gate: there is no message$' true
fails 'no stage' '^4.3.5 gate: usage: '
fails 'an empty stage' '^4.3.5 gate: usage: ' cat '|' '|' cat
fails 'an empty last stage' '^4.3.5 gate: usage: ' cat '|'
beyond_valgrind 'no directory' || TMPDIR=/nowhere fails 'no directory' '^4.3.1 cannot make a file in /nowhere: No such file or directory$' cat
is 'no file is left behind' "$(find "$work" -name 'assay*')" ''
gate pipe cat -- alice@example.org <"$work/message" >"$work/out" 2>&1
is 'no recipients: deferred' $? 75

# What stages do is in vain if the server is not there.
gate pipe sh -c 'cat; touch "$1"' sh "$work/touched" -- alice@example.org 127.0.0.1:1 -- bob@example.net \
	<"$work/message" >"$work/out" 2>&1
is 'no server: no stage has begun' "$?,$(ls "$work/touched" 2>/dev/null)" 75,
done_testing
