#!/bin/sh
# Failure reports (RFC 9991): kept only when asked, to those who ask and are verified, and nothing
# personal in them.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
who='--db h.db --org Example --email dmarc@mx.example.net -z zone'
day=1795305600 # 2026-11-22
now=$((day + 86400))
show="/usr/bin/python3 $top/tests/helpers/failure_mail.py"

cat >zone <<'Z'
_dmarc.zero.test. TXT "v=DMARC1; p=reject; rua=mailto:a@zero.test; ruf=mailto:f@zero.test"
zero.test. TXT "v=spf1 ip4:192.0.2.77 -all"
_dmarc.any.test. TXT "v=DMARC1; p=none; ruf=mailto:f@any.test; fo=1"
_dmarc.dkim.test. TXT "v=DMARC1; p=none; ruf=mailto:f@dkim.test; fo=d"
_dmarc.spf.test. TXT "v=DMARC1; p=none; ruf=mailto:f@spf.test; fo=s"
_dmarc.silent.test. TXT "v=DMARC1; p=none; fo=1"
_dmarc.psd.test. TXT "v=DMARC1; p=none; psd=y; ruf=mailto:f@psd.test"
_dmarc.far.test. TXT "v=DMARC1; p=none; ruf=mailto:f@refuses.test,mailto:f@wants.test"
far.test._report._dmarc.wants.test. TXT "v=DMARC1"
Z

# message FROM SPF-RESULT SPF-DOMAIN DKIM-RESULT DKIM-DOMAIN [IP] [OPTION...]
message() {
	from=$1 spf="$2 smtp.mailfrom=x@$3" dkim="$4 header.d=$5 header.s=sel"
	ip=${6-192.0.2.1}
	shift 5
	[ $# -eq 0 ] || shift
	printf '%s\n' "Authentication-Results: mx.example.com; spf=$spf; dkim=$dkim" \
		'Received: from MARK1 (MARK2 [192.0.2.9]) by mx.example.com for <MARK3@here.test>; Sun, 22 Nov 2026 00:00:00 +0000' \
		"From: \"MARK4 (MARK5)\" <MARK6@$from> (MARK7)" 'To: MARK8 <MARK9@here.test>' 'Cc: MARK10@here.test' \
		"Sender: MARK11 <MARK12@$from>" "Reply-To: MARK13 <MARK14@$from>" 'Subject: MARK15' \
		'Message-ID: <MARK16@MARK17>' 'Date: Sun, 22 Nov 2026 00:00:00 +0000 (MARK18)' \
		"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=$5$from; s=sel; i=MARK19@$from; t=1;" \
		'	h=From:MARK20; bh=MARK21; b=MARK22; z=MARK23' 'X-MARK24: MARK25' \
		'List-Id: MARK26 <list.example>' 'In-Reply-To: <MARK27@x>' 'References: <MARK28@x>' \
		'Content-Type: multipart/mixed; boundary="MARK29"; name="MARK30"' 'Return-Path: <MARK31@x>' \
		'Comments: MARK32' '' '--MARK29' 'Content-Type: text/plain; name=MARK33' '' 'MARK34' '--MARK29--' |
		dmarceval -a mx.example.com -z zone -i "$ip" -f "MARK35@$from" -t $((day + 3600)) --db h.db "$@" >/dev/null
}

# send [OPTION...]
send() {
	# shellcheck disable=SC2086 # a list of words
	dmarcreport send $who -t "${time-$now}" --sendmail 'cat >"box/$1.$(ls box | wc -l)"' "$@" >out 2>&1
}
rm -rf box
mkdir box

# Off by default
message zero.test fail zero.test fail zero.test
send --failure
is 'without --failure-reports nothing is kept, and nothing sent' "$(cat out),$(ls box)" ,
is '--failure-reports needs --db' "$(echo | dmarceval --failure-reports 2>&1 | grep -c 'needs --db')" 1

# Who asks for what (fo=)
message zero.test fail zero.test fail zero.test 192.0.2.1 --failure-reports
message zero.test fail zero.test fail zero.test 192.0.2.1 --failure-reports
message zero.test fail zero.test fail zero.test 2001:db8::1 --failure-reports
message zero.test pass zero.test fail zero.test 192.0.2.2 --failure-reports
message any.test pass any.test fail any.test 192.0.2.1 --failure-reports
message dkim.test pass dkim.test fail other.test 192.0.2.1 --failure-reports
message dkim.test fail dkim.test pass dkim.test 192.0.2.2 --failure-reports
message spf.test softfail spf.test pass spf.test 192.0.2.1 --failure-reports
message silent.test fail x.test fail x.test 192.0.2.1 --failure-reports
message psd.test fail x.test fail x.test 192.0.2.1 --failure-reports
message far.test fail x.test fail x.test 192.0.2.1 --failure-reports
is 'one incident a source and day, of those who ask' \
	"$(sqlite3 h.db 'SELECT domain, source, count FROM failure ORDER BY 1, 2' | tr '\n' ' ')" \
	'any.test|192.0.2.1|1 dkim.test|192.0.2.1|1 far.test|192.0.2.1|1 spf.test|192.0.2.1|1 zero.test|192.0.2.1|2 zero.test|2001:db8::1|1 '
is 'nothing personal is kept' "$(sqlite3 h.db 'SELECT details, fields FROM failure' | grep -c MARK)" 0
send --failure
like 'sent to verified destinations only' "$(cat out)" '^dmarcreport: 6 sent, 0 to be tried again, 1 given up'
is 'who' "$(ls box | sed 's/\.[0-9]*$//' | sort | tr '\n' ' ')" \
	'f@any.test f@dkim.test f@spf.test f@wants.test f@zero.test f@zero.test '
is 'nothing personal leaves the house' "$(grep -li mark box/* | wc -l)" 0
send --failure
is 'none is sent twice' "$(ls box | wc -l)" 6
$show box/* >reports
is 'another program reads all of them' "$?,$(grep -c '^Feedback-Type: auth-failure$' reports)" 0,6
$show box/f@zero.test.* >zero
for field in 'Version: 1' 'Auth-Failure: dmarc' 'Identity-Alignment: dkim, spf' 'Source-IP: 192.0.2.1' \
	'Source-IP: 2001:db8::1' 'Incidents: 2' 'Reported-Domain: zero.test' 'DKIM-Domain: zero.test' \
	'DKIM-Identity: @zero.test' 'DKIM-Selector: sel' 'SPF-DNS: txt : zero.test : "v=spf1 ip4:192.0.2.77 -all"' \
	'Arrival-Date: Sun, 22 Nov 2026 01:00:00 \+0000' 'Original-Mail-From: <[0-9a-f]{16}@zero.test>' \
	'From: <[0-9a-f]{16}@zero.test>' 'List-Id: <list.example>' \
	'Authentication-Results: mx.example.com; dmarc=fail header.from=zero.test; spf=fail smtp.mailfrom=zero.test; dkim=fail header.d=zero.test'; do
	like "$field" "$(cat zero)" "^$field\$"
done
like 'what of it failed: only SPF' "$($show box/f@spf.test.*)" '^Identity-Alignment: spf$'
is 'the same local part is the same hash' "$(sed -n 's/^From: <\(.*\)@.*/\1/p' zero | sort -u | wc -l)" 1
like 'status tells them' "$(dmarcreport status --db h.db --all)" '2026-11-22 zero.test \(failure report\) to f@zero.test: sent'
like 'they are no late messages' "$(dmarcreport status --db h.db -t $now | grep -c 'came after')" '^0$'
send
is 'and the aggregate reports leave by themselves' "$(ls box | grep -c '^a@zero.test')" 1

# Limits
rm -f h.db*
for i in $(seq 1 30); do message zero.test fail x.test fail x.test "198.51.100.$i" --failure-reports; done
is 'at most 20 sources of a policy domain and day' "$(sqlite3 h.db 'SELECT count(*) FROM failure')" 20

# To oneself only
rm -rf h.db* box
mkdir box
message zero.test fail zero.test fail zero.test 192.0.2.1 --failure-reports
message far.test fail x.test fail x.test 192.0.2.1 --failure-reports
send --failure-copy forensics@mx.example.net
is '--failure-copy: to nobody else' "$(ls box | sed 's/\.[0-9]*$//' | sort -u),$(ls box | wc -l)" 'forensics@mx.example.net,2'
send --failure
is 'also later' "$(ls box | wc -l)" 2
dmarcreport expire --db h.db --keep 1 -t $((now + 86400 * 3)) >/dev/null
is 'expire forgets them' "$(sqlite3 h.db 'SELECT count(*) FROM failure')" 0
done_testing
