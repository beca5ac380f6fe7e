#!/bin/sh
# Aggregate reports: what is in them, where they go, and what is kept of that.
. "$(dirname "$0")/lib.sh"
PATH=$top/dmarcreport:$PATH
cd "$work" || exit 1
histories="/usr/bin/python3 $top/tests/helpers/report_histories.py"
DMARCREPORT=$top/dmarcreport/dmarcreport
export DMARCREPORT
who='--org Example --email dmarc@mx.example.net'
day=1795305600 # 2026-11-22
now=$((day + 86400 * 2))

# message FROM ADDRESS TIME [DATABASE]: one message through dmarceval
message() {
	printf '%s\n' "Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=$1" \
		"Received: from there" "From: a@$1" '' body |
		dmarceval -a mx.example.net -z zone -i "$2" -t "$3" --db "${4-h.db}" >/dev/null
}

# run SUBCOMMAND [OPTION...]: its output is in out
run() {
	subcommand=$1
	shift
	# shellcheck disable=SC2086 # a list of words
	dmarcreport "$subcommand" --db h.db $who -z zone "$@" >out 2>&1
}

# send TIME [OPTION...]: mails become files in box
send() {
	time=$1
	shift
	run send -t "$time" --sendmail 'cat >"box/$1.$(ls box | wc -l)"' "$@"
}

# status: all of it
status() {
	dmarcreport status --db h.db --all -t $now
}

# start_over: an empty history
start_over() {
	rm -rf h.db* box
	mkdir box
}

cat >zone <<'Z'
_dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:d@example.org"
_dmarc.example.com. TXT "v=DMARC1; p=none; rua=mailto:d%2Be@example.com!10m"
_dmarc.none.test. TXT "v=DMARC1; p=none"
Z

# Days
start_over
message example.org 192.0.2.1 $((day - 1))
message example.org 192.0.2.1 $day
message example.org 192.0.2.1 $((day + 86399))
message example.org 192.0.2.2 $((day + 86400))
message example.com 2001:db8::1 $((day + 43200))
message none.test 192.0.2.1 $day
TZ=Pacific/Kiritimati
export TZ
send $((day + 86399))
unset TZ
is 'a day is over when it is over in UTC' "$?,$(ls box)" '0,d@example.org.0'
send $((day + 86400)) -q
is 'one second later the next day is reported, -q says nothing' "$?,$(ls box | wc -l),$(cat out)" 0,3,
$histories mails box/d@example.org.0 >sum
is 'one message on the first day' "$(cat sum)" 'mails=1 records=1 messages=1'
$histories mails box/* >sum
is 'all messages of the days that are over' "$(cat sum)" 'mails=3 records=3 messages=4'
ok 'percent-encoding is undone, the size is ignored' test -e box/d+e@example.com.1 -o -e box/d+e@example.com.2
send $((day + 86400))
is 'another run has nothing to do' "$?,$(ls box | wc -l),$(cat out)" 0,3,
send $now
like 'one line for cron' "$(cat out)" '^dmarcreport: 1 sent, 0 to be tried again, 0 given up$'
is 'each message is in one report' "$($histories mails box/* | cut -d' ' -f3)" messages=5
sed '/^$/q' box/d@example.org.0 >header
like 'Date is that of its creation' "$(cat header)" '^Date: Sun, 22 Nov 2026 23:59:59 \+0000$'
like 'it says that it is automatic' "$(cat header)" '^Auto-Submitted: auto-generated$'
run print -t $now --all -o . && ls ./*.1.eml >list
is 'print --all makes what has been sent again' "$(wc -l <list)" 4
cmp -s box/d@example.org.0 "$(head -n 1 list)"
is 'octet by octet' $? 0
rm -f ./*.eml
run print -t $now
is 'print alone has nothing left' "$?,$(cat out)" 0,
like 'status --all lists them' "$(status)" '^2026-11-21 example.org to d@example.org: sent '
is 'status adds up' "$(status | tail -n 1)" '4 sent, 0 waiting, 0 given up'

# Options of the reports
start_over
message example.org 192.0.2.1 $day
message example.org 192.0.2.9 $day
message example.com 192.0.2.9 $day
echo '192.0.2.9' >hosts
dmarcreport print --db h.db --org 'Ünïcode "Inc."' --email dmarc@mx.example.net -z zone -t $now \
	-d example.org --ignore-hosts hosts --contact 'Call & ask <us>' -o .
$histories mails ./*.eml >sum
is '--domain and --ignore-hosts' "$(cat sum)" 'mails=1 records=1 messages=1'
rm -f ./*.eml
run print -t $now --since 2026-11-23
is '--since' "$?,$(cat out)" 0,
run print -t $now --until 2026-11-21
is '--until' "$?,$(cat out)" 0,
run print -t $now --since 2026-02-29
is 'a day that is none' "$?,$(grep -c 'no day of the calendar' out)" 64,1
send $now --ignore-hosts hosts
like 'a report without a record is none' "$(status)" \
	'^2026-11-22 example.com to d\+e@example.com: given up .*there is no mail to report'
send $now
is 'and is not begun again' "$(ls box | wc -l)" 1

# Destinations
cat >>zone <<'Z'
_dmarc.far.test. TXT "v=DMARC1; p=none; rua=mailto:a@agg.test,mailto:b@refuses.test,https://far.test/r,mailto:c@far.test,mailto:moved@other.test,mailto:liar@liar.test,mailto:slow@slow.test,d@far.test,mailto:c@far.test"
far.test._report._dmarc.agg.test. TXT "v=DMARC1"
far.test._report._dmarc.other.test. TXT "v=DMARC1; rua=mailto:new@other.test"
far.test._report._dmarc.liar.test. TXT "v=DMARC1; rua=mailto:victim@victim.test"
far.test._report._dmarc.slow.test. SERVFAIL
_dmarc.many.test. TXT "v=DMARC1; p=none; rua=mailto:1@many.test,mailto:2@many.test,mailto:3@many.test,mailto:4@many.test"
_dmarc.evil.test. TXT "v=DMARC1; p=none; rua=mailto:`touch$%7BIFS%7Dpwned`@evil.test,mailto:a%3E%2Cb%3Cc@evil.test,mailto:-oQ/tmp@evil.test"
Z
start_over
message far.test 192.0.2.1 $day
send $now
is 'who wants it, gets it' "$(ls box | sed 's/\.[0-9]*$//')" "$(printf '%s\n' a@agg.test c@far.test new@other.test)"
status >out
for pattern in 'b@refuses.test: given up .*far.test._report._dmarc.refuses.test has no record' \
	'https://far.test/r: given up .*scheme' 'moved@other.test: given up .*others on its host' \
	'liar@liar.test: given up .*no record that allows' 'd@far.test: given up .*mailto:" is missing' \
	'slow@slow.test: failed 1 time, not before .*DNS has not said'; do
	like "status: $pattern" "$(cat out)" "$pattern"
done
sed 's/^\(far.test._report._dmarc.slow.test.\) SERVFAIL/\1 TXT "v=DMARC1; rua=mailto:c@slow.test"/' zone >answers
mv answers zone
send $((now + 1000))
is 'a late answer is heeded' "$(ls box | grep -c '^c@slow.test')" 1
is 'and nobody else gets it twice' "$(ls box | wc -l)" 4
start_over
message many.test 192.0.2.1 $day
send $now --max-destinations 2
is '--max-destinations' "$(ls box | wc -l),$(status | grep -c '2 of 4 destinations are beyond')" 2,1
start_over
message evil.test 192.0.2.1 $day
run send -t $now --sendmail 'printf "%s\n" "$@" "$RCPT" >>said; cat >/dev/null'
is 'addresses are never a part of the command' "$(cat said)" \
	"$(printf '%s\n' '`touch${IFS}pwned`@evil.test' '`touch${IFS}pwned`@evil.test' '-oQ/tmp@evil.test' '-oQ/tmp@evil.test')"
start_over
message example.org 192.0.2.1 $day
printf 'example.org # all of it\n' >list
send $now --suppress list
is '--suppress' "$(ls box | wc -l),$(status | grep -c 'is in the list of --suppress')" 0,1
start_over
message example.org 192.0.2.1 $day
send $now --bcc archive@mx.example.net --rate 600 --sendmail-timeout 5
like '--bcc, --rate' "$(cat out)" '^dmarcreport: 1 sent'

# Signed on the way out
dkimsign genkey -d mx.example.net -s mail -D . >/dev/null
cat mail.txt >>zone
start_over
message example.org 192.0.2.1 $day
run send -t $now --bcc archive@mx.example.net \
	--sendmail 'dkimsign -d mx.example.net -s mail -k mail.private | tee "$2" >"$1"'
like '--sendmail with dkimsign in it' "$(dkimverify -n -z zone <d@example.org)" \
	'^dkim=pass header.d=mx.example.net'
ok 'the copy of --bcc is the same' cmp d@example.org archive@mx.example.net

# Bounces
start_over
message example.org 192.0.2.1 $day
message example.org 192.0.2.1 $((day + 86400))
run send -t $((day + 86400)) --verp --sendmail 'echo "$SENDER" >sender; cat >mail'
id=$(sed -n 's/^Message-ID: <\(.*\)@.*/\1/p' mail)
is '--verp' "$(cat sender)" "dmarc+$id@mx.example.net"
dsn() {
	printf 'From: MAILER-DAEMON\nContent-Type: multipart/report; report-type=delivery-status\n\n'
	printf 'Final-Recipient: rfc822; d@example.org\nAction: %s\nStatus: %s\n' "$1" "$2"
	printf 'Diagnostic-Code: smtp; 550 5.1.1 no such <user>\033[1m\n\nMessage-ID: <%s@mx.example.net>\n' "$3"
}
bounce() {
	dmarcreport bounce --db h.db -t $now "$@" >out 2>&1
}
dsn failed 5.1.1 20261122aaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaa | bounce
is 'a forged bounce' "$?,$(cat out)" '0,dmarcreport: no mail of ours has come back'
dsn delayed 4.4.1 "$id" | bounce
is 'a notice of delay' "$?,$(cat out)" '0,dmarcreport: not a final failure, nothing is done'
is 'nothing is suppressed' "$(status | grep -c '^suppressed')" 0
dsn failed 5.1.1 "$id" | bounce
like 'a bounce' "$(cat out)" '^dmarcreport: no more reports to d@example.org: smtp; 550 5.1.1 no such <user>\?\[1m$'
like 'status tells it' "$(status)" 'to d@example.org: given up .*: came back: smtp; 550'
send $now
is 'no more mail to this address' "$(ls box | wc -l),$(status | grep -c 'mail to this address came back')" 0,1
bounce --forget d@example.org
is '--forget' "$?,$(status | grep -c '^suppressed')" 0,0
bounce --forget d@example.org
is 'twice is once too often' "$?" 75
printf 'From: carol@example.org\nAuto-Submitted: auto-replied\nIn-Reply-To: <%s@x>\n\nI am away.\n' "$id" | bounce
is 'an answer is no bounce' "$?,$(cat out)" '0,dmarcreport: not a final failure, nothing is done'
echo 'no DSN at all' | bounce "$(cat sender)"
is 'also if it comes to the address of --verp' "$?,$(cat out)" '0,dmarcreport: not a final failure, nothing is done'
is 'nothing is suppressed by it' "$(status | grep -c '^suppressed')" 0
printf 'From: Mail System <Mailer-Daemon@mx>\n\nno DSN at all\n' | bounce "$(cat sender)"
is 'nor by one of a mail system that does not say what has happened' "$(status | grep -c '^suppressed')" 0
printf 'From: Mail System <Mailer-Daemon@mx>\n\nd@example.org: 550 no such user\n' | bounce "$(cat sender)"
is 'a bounce of another form, known by --verp' "$(status | grep -c '^suppressed since .* d@example.org: .*no such user')" 1

# Merge and expire
start_over
rm -f other.db*
message example.org 192.0.2.1 $day
message example.org 192.0.2.1 $day other.db
message example.com 192.0.2.1 $day other.db
for time in first second third; do
	dmarcreport merge --db h.db other.db >out 2>&1
	is "merge, $time time" "$?,$(cat out)" '0,dmarcreport: other.db: 2 rows'
done
dmarcreport merge --db h.db h.db >out 2>&1
is 'a history is not merged with itself' $? 75
send $now
is 'each message is reported once' "$($histories mails box/*)" 'mails=2 records=2 messages=3'
message example.org 192.0.2.7 $day other.db
dmarcreport merge --db h.db other.db >out 2>&1
like 'what comes after the report is told' "$(cat out)" '^dmarcreport: 1 messages came after the reports'
like 'by status, too' "$(status)" '^1 messages came after the reports on their day \(1\)'
message example.com 192.0.2.1 $((day + 86400))
send $now --sendmail 'exit 75' >/dev/null 2>&1
run send -t $now --sendmail 'exit 75'
dmarcreport expire --db h.db --keep 1 -t $((now + 86400)) >out 2>&1
like 'expire keeps what a report waits for' "$(cat out)" 'days from 2026-11-23 on are kept'
is 'and no more' "$(sqlite3 h.db 'SELECT count(DISTINCT day) FROM messages')" 1
is 'reports of days that are gone are forgotten' "$(sqlite3 h.db 'SELECT count(*) FROM report')" 1

# Usage
for wrong in '' 'fly' 'send' "send --db h.db $who --email nobody" 'expire --db h.db' 'merge --db h.db' \
	'print --db h.db --org E --email' 'bounce --db h.db a b' "send --db h.db $who --in-doubt perhaps"; do
	# shellcheck disable=SC2086
	dmarcreport $wrong >out 2>&1 </dev/null
	is "dmarcreport $wrong: usage" $? 64
done
for subcommand in send print status expire merge bounce; do
	dmarcreport $subcommand --help >out
	is "$subcommand --help" $? 0
done
dmarcreport print --db h.db --org "$(printf 'E\nBcc: x@y.test')" --email d@mx.example.net -z zone >out 2>&1
is 'no header field can be smuggled in' $? 64
dmarcreport print --db h.db --org "$(printf 'E\374')" --email d@mx.example.net -z zone >out 2>&1
is 'nor a name that is no UTF-8' $? 64
done_testing
