#!/bin/sh
# The gate before the queue beside filters after it, in one Postfix: what is delivered is the same, octet
# for octet. What is refused is refused in the session, for all recipients, and a dry run changes nothing.
. "$(dirname "$0")/../t/lib.sh"
. "$top/tests/e2e/site.sh"
site_enter "$0"
trap 'site_stop; [ -z "${KEEP-}" ] || cp -r $work/log $work/replies $work/etc $work/left $work/right $KEEP; rm -rf "$work"' EXIT
form=milter
site_setup milter || { echo 'Bail out! no site'; exit 1; }

# Other ports: filters after the queue; a gate that refuses; one that only would; one that holds; one
# that refuses what it knows
pipes=2526 reject=2527 dry=2528 hold=2529 known=2530 amavis=2531
service() {
	cat <<-C
		127.0.0.1:$1 inet n - n - - smtpd
		  -o smtpd_milters=unix:private/gate$1
		gate$1 unix - n n - 0 spawn
		  user=assay argv=/usr/local/libexec/assay/gate milter --log-tag assay/gate$1 $2 --
		    /usr/local/bin/spfcheck | /usr/local/bin/dkimverify |
		    /usr/local/bin/dmarceval --db /var/lib/assay/gate$1.db $3
	C
}
{
	sed -e "s,^smtp ,127.0.0.1:$pipes ," -e 's,history.db,pipes.db,' "$top/dmarceval/examples/master-pipe.cf" |
		sed -e '0,/smtpd$/s//&\n  -o smtpd_milters=/'
	service $reject '--contact +49-30-901820' '--reject always'
	service $dry --dry-run '--reject always'
	service $known '' '--reject known'
	service $hold '--quarantine hold' ''
	# As amavis: what the gate has judged goes through a content filter, and comes back by SMTP
	cat <<-C
		127.0.0.1:$amavis inet n - n - - smtpd
		  -o content_filter=amavis:[127.0.0.1]:10030
		amavis unix - - n - - smtp
		127.0.0.1:10030 inet n - n - - smtpd
		  -o content_filter=
		  -o smtpd_milters=
		  -o mynetworks=127.0.0.0/8
		  -o smtpd_recipient_restrictions=permit_mynetworks,reject
		  -o smtpd_relay_restrictions=permit_mynetworks,reject
	C
} >>"$work/etc/master.cf"
cat "$top/dmarceval/examples/main-pipe.cf" >>"$work/etc/main.cf"
site_start || { echo 'Bail out! no Postfix'; exit 1; }

alice=alice@good.example
good='192.0.2.10 mail.good.example'
other='192.0.2.99 mx.other.example'

# strip FILE: without what each Postfix adds: its Received fields, what was missing, and those of delivery
strip() {
	perl -0777 -pe 's/^(Return-Path|X-Original-To|Delivered-To): .*\n//mg;
		s/^(?:Resent-)?Message-Id: <[0-9A-Za-z.]*\@mx\.example\.com>\n//mg; s/^(?:Resent-)?Date: .* \(UTC\)\n//mg;
		s/^Received: from .*\n(?:[ \t].*\n)*?[ \t]*by mx\.example\.com \(Postfix\).*\n(?:[ \t].*\n)*//mg' "$1"
}
plain() {
	[ -n "$(site_mail "$1")" ] && strip "$(site_mail "$1")"
}

# same NAME TEXT [OPTION...] SENDER <MESSAGE: by both ways
same() {
	which=$1 text=$2
	shift 2
	cat >"$work/message"
	site_send "$which-a" "$@" <"$work/message"
	site_send "$which-b" --port $pipes "$@" <"$work/message"
	site_settle 60
	plain "$which-a" >"$work/a"
	plain "$which-b" >"$work/b"
	[ -s "$work/a" ] && cmp -s "$work/a" "$work/b" && report 0 "$text: the same" && return
	report 1 "$text: the same"
	diff -a "$work/a" "$work/b" | head -n 30 | sed 's/^/# /'
	sed 's/^/# /' "$work/replies/$which-a"
}

# shellcheck disable=SC2086 # address and name in HELO are two words
{
	site_message $alice 'X-Octets: Grüße' | site_signed good.example >"$work/signed"
	same signed 'signed mail' --8bit $good $alice <"$work/signed"
	site_message $alice >"$work/sent"
	same spoofed 'spoofed mail' $other evil@other.example <"$work/sent"
	{ printf 'Authentication-Results: mx.example.com; dmarc=pass\nX-A: 1\nauthentication-results:\n mx.example.com;spf=pass\n'
		printf 'Received: from x by mx.example.com; now\nReceived-SPF: pass\nAuthentication-Results: mx.example.com; dkim=pass\n'
		printf 'Authentication-Results: elsewhere.example; dkim=pass\n'
		site_message $alice; } >"$work/sent"
	same forged 'forged results' $other evil@other.example <"$work/sent"
	same null 'the null sender' $good '' <"$work/signed"
	same utf8 'SMTPUTF8' --8bit --utf8 $good 'jürgen@good.example' <"$work/signed"
	same ipv6 'IPv6' IPv6:2001:db8::10 mail.good.example $alice <"$work/signed"
	{ site_message $alice; head -c 20000000 /dev/urandom | base64 -w 900 | head -c 20000000; echo; } >"$work/big"
	same big '20 MB' $good $alice <"$work/big"
	printf 'From: %s\nSubject: no body\n' $alice >"$work/sent"
	same nobody 'no body' $good $alice <"$work/sent"
	printf '\nno header\n' >"$work/sent"
	same noheader 'no header' $good $alice <"$work/sent"
	printf 'From: %s\nX-Fold:\n\tone\n  two\nX-Empty:\nX-Spaces:   x  \nX-Tab:\tx\n\n..\n.\n\n\n' $alice >"$work/sent"
	same folds 'folds, empty fields, spaces' $good $alice <"$work/sent"
	{ printf 'From: %s\nX-Long: ' $alice; head -c 9000 /dev/zero | tr '\0' x; printf '\n\n'; head -c 100000 /dev/zero | tr '\0' y; echo; } >"$work/sent"
	same long 'long lines' $good $alice <"$work/sent"
	{ printf 'From: %s\n' $alice; seq 3000 | sed 's/.*/X-Field: &/'; printf '\n'; } >"$work/sent"
	same fields '3000 fields' $good $alice <"$work/sent"
	{ seq 200 | sed 's/.*/Authentication-Results: mx.example.com; dkim=pass header.d=d&.example/'; printf 'From: %s\n\nx\n' $alice; } >"$work/sent"
	same many '200 forged results' $good $alice <"$work/sent"
	printf 'From: %s\n\nCR\rLF, \000 and \377\n' $alice >"$work/sent"
	same octets 'CR, NUL and 255 in the body' --8bit $good $alice <"$work/sent"

	mkdir "$work/pair"
	site_message $alice >"$work/pair/1"
	cp "$work/signed" "$work/pair/2"
	sed -i 's/alice@good.example/mallory@example.org/' "$work/pair/1"

	# Generated ones, one session each
	count=${ASSAY_MESSAGES-50}
	mkdir "$work/generated" "$work/left" "$work/right"
	/usr/bin/python3 "$top/tests/helpers/messages.py" "$count" 7 "$work/generated"
	for way in left right; do
		port=25
		[ $way = left ] || port=$pipes
		site_send $way --each "$work/generated" --port $port $good $alice
	done
	site_settle 120
	for way in left right; do
		for message in $(grep -l -m 1 "^Delivered-To: $way@" "$work/mail/inbox/new/"*); do
			strip "$message" >"$work/one"
			cp "$work/one" "$work/$way/$(sha256sum <"$work/one" | cut -c1-32)"
		done
	done
	is "$count generated messages: as many arrive" "$(grep -l -m 1 '^Delivered-To: left@' "$work/mail/inbox/new/"* | wc -l)" "$count"
	is "$count generated messages: octet for octet" "$(ls "$work/left" | tr '\n' ' ')" "$(ls "$work/right" | tr '\n' ' ')"

	site_send amavis --port $amavis $good $alice <"$work/signed"
	site_settle 60
	site_verdict amavis 'before a content filter' '^Authentication-Results: mx.example.com; dmarc=pass'
	is 'before a content filter: once' "$(site_header amavis | grep -c '; dmarc=')" 1
	like 'before a content filter: it went through' "$(cat "$work/log/mail")" 'relay=127.0.0.1\[127.0.0.1\]:10030, .*status=sent'

	# BDAT, and what DSN adds to commands
	/usr/bin/python3 - "$work/signed" >"$work/replies/bdat" <<-'P'
		import socket, sys
		message = open(sys.argv[1], 'rb').read().replace(b'\n', b'\r\n')
		half = len(message) // 2
		smtp = socket.create_connection(('127.0.0.1', 25), 60)
		file = smtp.makefile('rb')
		def say(text, data=b''):
		    if text:
		        smtp.sendall(text.encode() + b'\r\n' + data)
		    line = file.readline()
		    while line[3:4] == b'-':
		        line = file.readline()
		    print(line.decode().strip())
		say('')
		say('EHLO client.load.example')
		say('MAIL FROM:<x@load.example> BODY=8BITMIME RET=HDRS ENVID=QQ314159')
		say('RCPT TO:<bdat@rcpt.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;bdat@rcpt.example')
		say('BDAT %d' % half, message[:half])
		say('BDAT %d LAST' % (len(message) - half), message[half:])
		say('QUIT')
	P
	site_settle 60
	like 'BDAT and DSN: taken' "$(tail -n 2 "$work/replies/bdat")" '^250 2.0.0'
	site_verdict bdat 'BDAT: the signature holds' '^Authentication-Results: mx.example.com; dkim=pass'

	# Refused in the session, for all recipients
	site_message $alice | site_send refused --port $reject $other evil@other.example one@rcpt.example two@rcpt.example
	like 'a spoof is refused' "$(tail -n 1 "$work/replies/refused")" \
		'^550 5\.7\.1 good\.example asks to refuse mail in its name .*or \+49-30-901820 can help'
	site_send accepted --port $reject $good $alice <"$work/signed"
	like 'good mail is not' "$(tail -n 1 "$work/replies/accepted")" '^250 '
	site_message $alice | site_send dry --port $dry $other evil@other.example
	like 'a dry run takes all' "$(tail -n 1 "$work/replies/dry")" '^250 '
	site_settle 60
	is 'and changes nothing' "$(site_header dry | grep -c '^Authentication-Results')" 0
	like 'but says what it would do' "$(cat "$work/log/system")" "assay/gate$dry.* from=<evil@other.example>, .*action=dry-run:reject"
	site_message $alice | site_send held --port $hold $other evil@other.example
	like 'what is to be quarantined is taken' "$(tail -n 1 "$work/replies/held")" '^250 '
	site_send beside --port $hold --each "$work/pair" $good $alice
	is 'a message after one that is held, in one session' "$(grep -c '^250 2.0.0' "$work/replies/beside")" 2
	is 'and is held' "$(postqueue -p | grep -c '!')" 2
	postsuper -d ALL hold 2>/dev/null

	# Refused where the history knows the domain: 21 good messages on 7 days
	site_message $alice | site_send unknown --port $known $other evil@other.example
	like 'a spoof of a domain that we do not know' "$(tail -n 1 "$work/replies/unknown")" '^250 '
	for day in 1 2 3 4 5 6 7; do
		for message in 1 2 3; do
			runuser -u assay -- spfcheck -a mx.example.com --ip=192.0.2.10 --helo=x --sender=$alice <"$work/signed" |
				runuser -u assay -- dmarceval -a mx.example.com --ip=192.0.2.10 --sender=$alice \
					-t $(($(date +%s) - day * 86400)) --db /var/lib/assay/gate$known.db >/dev/null
		done
	done
	site_message $alice | site_send spoof --port $known $other evil@other.example
	like 'a spoof of one that we know' "$(tail -n 1 "$work/replies/spoof")" '^550 5\.7\.1 good\.example asks'
	{ echo 'List-Id: <list.other.example>'; sed 's/^Subject: /&[list] /' "$work/signed"; } |
		site_send list --port $known $other list@other.example
	like 'mail of a list' "$(tail -n 1 "$work/replies/list")" '^250 '
	site_send forwarded --port $known $other forwarder@other.example <"$work/signed"
	like 'forwarded mail' "$(tail -n 1 "$work/replies/forwarded")" '^250 '
	site_settle 60
	is 'nobody has the refused one' "$(site_mail one)$(site_mail two)$(site_mail spoof)" ''
	like 'Postfix logs it as a milter does' "$(cat "$work/log/mail")" 'milter-reject: END-OF-MESSAGE .*5\.7\.1 good\.example'
}

# fail2ban knows the lines of the log
if command -v fail2ban-regex >/dev/null; then
	sed "s/^<[0-9]*>/Nov 28 13:53:29 mx /; s,assay/gate[0-9]*,assay/in," "$work/log/system" >"$work/log/lines"
	cp "$top/dmarceval/examples/fail2ban.conf" /etc/fail2ban/filter.d/assay.conf
	fail2ban-regex "$work/log/lines" /etc/fail2ban/filter.d/assay.conf >"$work/log/banned" 2>&1
	is 'fail2ban finds what was refused, and nothing else' \
		"$(sed -n 's/^Lines: .* \([0-9]*\) matched.*/\1/p' "$work/log/banned")" \
		"$(grep -c 'assay/in.* action=reject, ' "$work/log/lines")"
else
	skip 'fail2ban finds what was refused' 'needs fail2ban'
fi
is 'nothing is left in the queue' "$(postqueue -p)" 'Mail queue is empty'
is 'nothing bounced or was deferred' "$(grep 'status=\(bounced\|deferred\)' "$work/log/mail")" ''
is 'Postfix has no complaint' "$(grep -E 'warning|error|fatal|panic' "$work/log/mail" | grep -v 'too many errors after END-OF-MESSAGE')" ''
done_testing
