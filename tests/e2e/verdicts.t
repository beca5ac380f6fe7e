#!/bin/sh
# Verdicts on mail as it comes, through the whole of a site: the policy service at RCPT, the filter,
# SMTP back into Postfix. Each message goes to a mailbox of its own; all are sent first.
. "$(dirname "$0")/../t/lib.sh"
. "$top/tests/e2e/site.sh"
site_enter "$0"

cat >"$work/zone" <<'Z'
soft.example. TXT "v=spf1 ~all"
_dmarc.soft.example. TXT "v=DMARC1; p=quarantine"
perm.example. TXT "v=spf1 include:loop.perm.example -all"
loop.perm.example. TXT "v=spf1 include:perm.example -all"
_dmarc.perm.example. TXT "v=DMARC1; p=none"
org.example. TXT "v=spf1 -all"
sub.org.example. TXT "v=spf1 ip4:192.0.2.99 -all"
sub.org.example. A 192.0.2.1
_dmarc.org.example. TXT "v=DMARC1; p=none; sp=quarantine; np=reject; aspf=s"
xn--bcher-kva.example. TXT "v=spf1 ip4:192.0.2.10 -all"
_dmarc.xn--bcher-kva.example. TXT "v=DMARC1; p=reject"
Z
trap 'site_stop; [ -z "${KEEP-}" ] || cp -r $work/log $work/replies $work/etc $KEEP; rm -rf "$work"' EXIT
site_setup smtp || { echo 'Bail out! no name servers'; exit 1; }
site_start || { echo 'Bail out! no Postfix'; exit 1; }

alice=alice@good.example
good='192.0.2.10 mail.good.example'
other='192.0.2.99 mx.other.example'
# shellcheck disable=SC2086 # address and name in HELO are two words
{
	site_message $alice | site_signed good.example >"$work/signed"
	site_send aligned $good $alice <"$work/signed"
	site_message $alice | site_send spoofed $other evil@other.example
	site_message $alice | site_send refused $other $alice
	site_message ceo@soft.example | site_send softfail $other ceo@soft.example
	site_message $alice | site_send unsigned $good $alice
	sed 's/a test/a TEST/' "$work/signed" | site_send tampered $other evil@other.example
	site_send forwarded $other list@other.example <"$work/signed"
	site_message a@perm.example | site_send permerror $other a@perm.example
	site_message a@lame.example | site_send lame $other a@lame.example
	site_message a@lame.example | site_send lame-author $other a@other.example
	site_message a@org.example | site_send p-none $other a@other.example
	site_message a@sub.org.example | site_send subdomain $other a@other.example
	site_message a@nonexistent.org.example | site_send nonexistent $other a@other.example
	site_message a@org.example | site_send strict $other a@sub.org.example
	site_send null $good '' <"$work/signed"
	site_message $alice | site_send null-refused 192.0.2.11 mail.good.example ''
	site_message $alice | site_send ipv6 IPV6:2001:db8::10 mail.good.example $alice
	site_message 'é@bücher.example' | site_send eai --utf8 --8bit $good 'é@bücher.example'
	site_send two $good $alice two@rcpt.example second@rcpt.example <"$work/signed"
	for result in spf=pass dkim=pass dmarc=pass dkim-adsp=pass; do
		echo "Authentication-Results: mx.example.com; $result smtp.mailfrom=$alice header.d=good.example header.from=good.example"
	done >"$work/forged"
	{ cat "$work/forged"
		sed 's/: mx/: (a comment) "MX/; s/;/" 1;/' "$work/forged"
		echo "Received-SPF: pass (mx.example.com: permitted) client-ip=192.0.2.99; envelope-from=$alice; identity=mailfrom"
		site_message $alice; } | site_send forged $other evil@other.example
	{ site_message $alice Content-Type:text/plain; yes 'A line of a message of twenty million octets.' |
		head -c 20000000; echo; } >"$work/large"
	site_signed good.example <"$work/large" | site_send large $good $alice
	# The first waits for DNS at RCPT; the second takes a stage each for the key and the policy.
	site_message a@silent.example | site_send silent $other a@silent.example
	site_message a@silent.example | site_signed silent.example | site_send silent-author $other a@other.example
}

ok 'all mail is delivered' site_settle 120
id='^Authentication-Results: mx.example.com;'

site_verdict aligned 'SPF' '^Received-SPF: pass '
site_verdict aligned 'DKIM' "$id dkim=pass header.d=good.example .*header.s=sel"
site_verdict aligned 'DMARC' "$id dmarc=pass \(p=reject dis=none\) header.from=good.example policy.dmarc=none$"
site_verdict spoofed 'SPF passes, for somebody else' '^Received-SPF: pass .*evil@other.example'
site_verdict spoofed 'no signature' "$id dkim=none"
site_verdict spoofed 'DMARC' "$id dmarc=fail \(p=reject dis=quarantine\) header.from=good.example"
like 'spoofed sender: refused at RCPT' "$(cat "$work/replies/refused")" '^550 5.7.23 '
site_verdict softfail 'SPF' '^Received-SPF: softfail '
site_verdict softfail 'DMARC' "$id dmarc=fail \(p=quarantine dis=quarantine\)"
site_verdict unsigned 'SPF is enough' "$id dmarc=pass"
site_verdict tampered 'DKIM' "$id dkim=fail .*header.d=good.example"
site_verdict tampered 'DMARC' "$id dmarc=fail \(p=reject dis=quarantine\)"
site_verdict forwarded 'DKIM is enough' "$id dmarc=pass"
site_verdict permerror 'SPF' '^Received-SPF: permerror '
site_verdict permerror 'DMARC' "$id dmarc=fail \(p=none dis=none\)"
like 'lame: deferred at RCPT' "$(cat "$work/replies/lame")" '^450 4.4.3 '
site_verdict lame-author 'DMARC' "$id dmarc=temperror"
site_verdict p-none 'p=' "$id dmarc=fail \(p=none dis=none\)"
site_verdict subdomain 'sp=' "$id dmarc=fail \(p=quarantine dis=quarantine\)"
site_verdict nonexistent 'np=' "$id dmarc=fail \(p=reject dis=quarantine\)"
site_verdict strict 'aspf=s' "$id dmarc=fail \(p=none dis=none\)"
site_verdict null 'stays null' '^Return-Path: <>$'
site_verdict null 'SPF by HELO' '^Received-SPF: pass .*mail.good.example'
site_verdict null 'DMARC' "$id dmarc=pass"
like 'null sender, SPF fails: refused at RCPT' "$(cat "$work/replies/null-refused")" '^550 5.7.23 '
site_verdict ipv6 'SPF' '^Received-SPF: pass .*client-ip="?2001:db8::10'
site_verdict ipv6 'DMARC' "$id dmarc=pass"
site_verdict eai 'SPF' '^Received-SPF: pass '
site_verdict eai 'DMARC' "$id dmarc=pass .*header.from=xn--bcher-kva.example"
site_verdict eai 'the sender is as it was' '^Return-Path: <é@bücher.example>$'
site_verdict two 'the first' "$id dmarc=pass"
site_verdict second 'the second' "$id dmarc=pass"
site_verdict forged 'DMARC' "$id dmarc=fail \(p=reject dis=quarantine\)"
is 'forged: only our own results are left' \
	"$(site_header forged | grep -ic '^Authentication-Results:.*mx.example.com')" 3
site_verdict large 'DKIM' "$id dkim=pass"
site_verdict large 'DMARC' "$id dmarc=pass"
like 'silent: deferred at RCPT' "$(cat "$work/replies/silent")" '^450 4.4.3 '
site_verdict silent-author 'DKIM' "$id dkim=temperror"
site_verdict silent-author 'DMARC' "$id dmarc=temperror"

sed -e '1,/^$/d' "$(site_mail large)" >"$work/arrived"
sed -e '1,/^$/d' "$work/large" >"$work/sent"
ok '20 MB arrive as they are' cmp -s "$work/sent" "$work/arrived"
is 'nothing is left in the queue' "$(postqueue -p)" 'Mail queue is empty'
is 'nothing bounced or was deferred' "$(grep -c 'status=\(bounced\|deferred\)' "$work/log/mail")" 0
is 'nobody complained in the log' "$(grep -E ' (warning|error|fatal|panic): ' "$work/log/mail")" ''
is 'the history has what can be reported' \
	"$(sqlite3 /var/lib/assay/history.db 'select sum(count) from messages')" 17
is 'no spool file is left' "$(ls -A /var/spool/assay)" ''
done_testing
