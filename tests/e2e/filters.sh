# filters.sh - what all forms of the filters have to do; sourced with form= a form of site.sh

site_enter "$0"
# shellcheck disable=SC2154 # form
trap 'site_stop; [ -z "${KEEP-}" ] || cp -r $work/log $work/replies $work/etc $KEEP; rm -rf "$work"' EXIT
site_setup "$form" && site_start || { echo 'Bail out! no site'; exit 1; }

alice=alice@good.example
good='192.0.2.10 mail.good.example'
ours='192.0.2.200 laptop.example.org'
id='^Authentication-Results: mx.example.com;'
history() {
	sqlite3 /var/lib/assay/history.db 'select sum(count) from messages'
}

# Incoming
# shellcheck disable=SC2086 # address and name in HELO are two words
{
	site_message $alice 'X-Octets: Grüße' | site_signed good.example >"$work/signed"
	site_send several $good $alice one@rcpt.example two@rcpt.example three@rcpt.example <"$work/signed"
	site_send null $good '' <"$work/signed"
	site_send odd --name mail.good.example -- $good '"a  b$(touch broken)"@good.example' \
		'"x $(touch broken)"@rcpt.example' -f@rcpt.example 'a`id`|b@rcpt.example' <"$work/signed"
	site_message $alice 'Subject: Grüße' | site_send header-only --8bit $good $alice
	site_message $alice 'Subject: Grüße' | site_send utf8-header --8bit --utf8 $good $alice
	site_message $alice | site_send utf8 --8bit --utf8 $good 'jürgen@good.example' 'bücher@rcpt.example' utf8@rcpt.example
}
site_settle 120
is 'nothing is left in the queue' "$(postqueue -p)" 'Mail queue is empty'
is 'nothing bounced or was deferred' \
	"$(grep 'status=\(bounced\|deferred\)' "$work/log/mail")" ''
for name in one two three; do
	site_verdict $name 'one of several recipients' "$id dmarc=pass"
	site_verdict $name '8-bit octets hold the signature' "$id dkim=pass"
done
site_verdict null 'the null sender stays' '^Return-Path: <>$'
site_verdict null 'DMARC' "$id dmarc=pass"
site_verdict '"x $(touch broken)"' 'an odd sender' '^Return-Path: <"a  b\$\(touch broken\)"@good.example>$'
site_verdict -f 'a recipient like an option' "$id dmarc=pass"
site_verdict 'a`id`|b' 'a recipient like a command' "$id dmarc=pass"
is 'no command was run' "$(find "$work" -name broken)" ''
site_verdict utf8 'a sender in UTF-8' '^Return-Path: <jürgen@good.example>$'
site_verdict bücher 'a recipient in UTF-8' '^X-Original-To: bücher@rcpt.example$'
is 'the history has each message once' "$(history)" 6

# Outgoing
site_message 'orders@example.org' 'X-Long: a    field  with   spaces' >"$work/plain"
site_send out --port 587 192.0.2.200 laptop.example.org orders@example.org <"$work/plain"
site_message 'x@unknown.example' | site_send unknown --port 587 192.0.2.200 laptop.example.org x@unknown.example
site_settle 120
site_plain out >"$work/out"
is 'outgoing: both signatures verify behind Postfix' "$(dkimverify -n <"$work/out" | grep -c '^dkim=pass')" 2
is 'what came in is not signed' "$(grep -l '^DKIM-Signature:.*d=example' "$work/mail/inbox/new/"* | wc -l)" 1

# Generated messages
count=${ASSAY_MESSAGES-25}
mkdir "$work/generated" "$work/arrived"
/usr/bin/python3 "$top/tests/helpers/messages.py" "$count" 2 "$work/generated"
site_send generated --each "$work/generated" --port 587 192.0.2.200 laptop.example.org alice@example.org
site_settle 120
bad=
for message in $(grep -l -m 1 '^Delivered-To: generated@' "$work/mail/inbox/new/"*); do
	sed -e '1,3{/^Return-Path:/d; /^X-Original-To:/d; /^Delivered-To:/d}' "$message" >"$work/arrived/${message##*/}"
	[ "$(dkimverify -n <"$work/arrived/${message##*/}" | grep -c '^dkim=pass')" -eq 2 ] || bad="$bad $message"
done
is "outgoing: $count generated messages arrive" "$(find "$work/arrived" -type f | wc -l)" "$count"
is 'outgoing: all their signatures verify' "$bad" ''
if peer python3-dkim python3-nacl libmail-dkim-perl; then
	is 'outgoing: and before dkimpy' "$(/usr/bin/python3 "$top/tests/helpers/verify.py" "$work/site.zone" \
		"$work/arrived"/* 2>&1 | grep -cv ' pass pass$')" 0
	is 'outgoing: and before Mail::DKIM, which takes no Ed25519' \
		"$(perl "$top/tests/helpers/verify.pl" "$work/arrived"/* 2>&1 | grep -cv ' rsa-sha256=pass')" 0
else
	skip 'outgoing: and before dkimpy and Mail::DKIM' "$without"
fi
if peer opendkim-tools; then
	bad=
	for message in "$work/arrived"/*; do
		opendkim-testmsg <"$message" >/dev/null 2>&1 || bad="$bad $message"
	done
	is 'outgoing: and before opendkim-testmsg' "$bad" ''
else
	skip 'outgoing: and before opendkim-testmsg' "$without"
fi
site_verdict unknown 'who has no key leaves unsigned' '^From: x@unknown.example'
is 'not signed' "$(site_header unknown | grep -c '^DKIM-Signature:')" 0

# What fails
# failing NAME TEXT PATTERN [LOGGED]: the message is deferred with this in the log, and arrives in the
# end; before the queue the client is told to come again, and LOGGED is in our own log
failing() {
	case $form in
	milter | workers)
		like "$2: the client is to come again" "$(cat "$work/replies/$1")" '^451 4\.'
		[ $# -lt 4 ] || like "$2: the reason is in the log" "$(cat "$work/log/system")" "$4"
		is "$2: nothing is delivered" "$(site_mail "$1")" ''
		return
		;;
	esac
	tries=0
	until postqueue -p | grep -q '^ ' || [ $((tries += 1)) -gt 100 ]; do
		sleep 0.1
	done
	until grep "to=<$1@.*status=deferred" "$work/log/mail" >"$work/deferred" || [ $((tries += 1)) -gt 100 ]; do
		sleep 0.1
	done
	like "$2: deferred, with the reason" "$(cat "$work/deferred")" "$3"
	is "$2: nothing is delivered" "$(site_mail "$1")" ''
}

# again NAME TEXT: the message arrives with the next try
again() {
	case $form in
	milter | workers) site_send "$1" $good $alice <"$work/${3-signed}" ;;
	*) postqueue -f ;;
	esac
	site_settle 120
	site_verdict "$1" "$2: it arrives later" "$id dmarc=pass"
	is "$2: once" "$(grep -l "^Delivered-To: $1@" "$work/mail/inbox/new/"* | wc -l)" 1
}

# stage NAME SCRIPT: does this instead
stage() {
	mv "/usr/local/bin/$1" "$work/$1"
	printf '#!/bin/sh\n%s\n' "$2" >"/usr/local/bin/$1"
	chmod 755 "/usr/local/bin/$1"
	# The next message gets new ones.
	for process in $(pgrep -x "$1"); do kill -9 "$process"; done
}

# shellcheck disable=SC2086 # address and name in HELO are two words
{
	stage dkimverify 'head -c 200; echo "4.4.3 dkimverify: the reason" >&2; echo more >&2; exit 75'
	site_send stage $good $alice <"$work/signed"
	failing stage 'a stage that fails' 'dsn=4.4.3, status=deferred .*dkimverify: the reason' \
		'warning: 4\.4\.3 dkimverify: the reason'
	mv "$work/dkimverify" /usr/local/bin
	again stage 'a stage that fails'
	stage dmarceval 'head -c 200; kill -9 $$'
	site_send killed $good $alice <"$work/signed"
	failing killed 'a stage that is killed' 'dsn=4.3.0, .*dmarceval was ended by signal 9'
	mv "$work/dmarceval" /usr/local/bin
	again killed 'a stage that is killed'
	stage dmarceval 'echo "5.7.1 no" >&2; exit 69'
	site_send bounce $good $alice <"$work/signed"
	failing bounce 'a stage that wants to bounce' 'dsn=4.3.0, .*dmarceval ended with status 69: 5.7.1 no'
	mv "$work/dmarceval" /usr/local/bin
	again bounce 'a stage that wants to bounce'
	chmod 0 /var/spool/assay
	{ cat "$work/signed"; head -c 2000000 /dev/zero | tr '\0' x | fold; } >"$work/large"
	site_send spool $good $alice <"$work/large"
	failing spool 'no spool directory' 'dsn=4.3.1, .*Permission denied' \
		'cannot spool the message in /var/spool/assay: Permission denied'
	chmod 700 /var/spool/assay
	again spool 'no spool directory' large
	mv /usr/local/libexec/assay/gate "$work/gate"
	site_send filter $good $alice <"$work/signed"
	[ $form = workers ] || failing filter 'no gate' 'dsn=4.3.0'
	mv "$work/gate" /usr/local/libexec/assay
	[ $form = workers ] || again filter 'no gate'
}
case $form in
milter | workers)
	like 'the log has a line for each message' "$(cat "$work/log/system")" \
		'assay/in\[[0-9]*\]: [0-9A-F]*: client=unknown\[192.0.2.10\], helo=<mail.good.example>, from=<alice@good.example>, author=good.example, spf=pass, dkim=good.example:pass, dmarc=pass, policy=reject, disposition=none, action=accept, reason=".*", delay=[0-9.]*$'
	like 'and for each signed one' "$(cat "$work/log/system")" \
		'assay/out\[[0-9]*\]: [0-9A-F]*: client=unknown\[192.0.2.200\], helo=<laptop.example.org>, from=<orders@example.org>, .*signed=example.org:mail,example.org:ed, action=accept'
	;;
esac
is 'nothing bounced' "$(grep 'status=bounced' "$work/log/mail")" ''
is 'no spool file is left' "$(ls -A /var/spool/assay)" ''
