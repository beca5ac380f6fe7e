#!/bin/sh
# The filters before the queue, in a real Postfix: a gate by spawn(8) for each session.
. "$(dirname "$0")/../t/lib.sh"
. "$top/tests/e2e/site.sh"
form=milter
. "$top/tests/e2e/filters.sh"

# Local mail, with an address that Postfix rewrites: before it is signed
postconf -e 'canonical_maps = inline:{web@mx.example.com=orders@example.org}'
postfix reload 2>/dev/null
site_message web | sendmail -i -f web -- local@rcpt.example
site_message web | sendmail -i -f web -- local@rcpt.example
site_settle 120
site_plain local >"$work/out"
is 'local mail: both signatures verify' "$(dkimverify -n <"$work/out" | grep -c '^dkim=pass')" 2
site_verdict local 'local mail: the address was rewritten' '^From: orders@example.org$'
is 'local mail: each message arrives' "$(grep -l '^Delivered-To: local@' "$work/mail/inbox/new/"* | wc -l)" 2
like 'local mail: the log' "$(cat "$work/log/system")" 'client=localhost\[127.0.0.1\], .*signed=example.org:mail,example.org:ed'

# What is sent on from a mailbox: a stranger may have written it in our name.
{ echo 'Received: from elsewhere by mx.example.com; Mon, 23 Nov 2026 10:00:00 +0000'; site_message web; } |
	sendmail -i -f web -- redirected@rcpt.example
site_settle 120
site_verdict redirected 'mail that is sent on: it leaves' '^From: orders@example.org$'
is 'mail that is sent on: it is not signed' "$(site_header redirected | grep -c '^DKIM-Signature:')" 0

# Trouble with local mail: it waits where sendmail(1) has put it
stage dkimsign 'exit 75'
site_message web | sendmail -i -f web -- waits@rcpt.example
tries=0
until grep -q 'pickup.*warning\|milter-reject.*<waits@\|cleanup.*milter-reject' "$work/log/mail" || [ $((tries += 1)) -gt 50 ]; do
	sleep 0.1
done
is 'local mail that cannot be signed: nothing is delivered' "$(site_mail waits)" ''
mv "$work/dkimsign" /usr/local/bin
postfix reload 2>/dev/null
tries=0
until [ -n "$(site_mail waits)" ] || [ $((tries += 1)) -gt 400 ]; do
	sleep 0.2
done
site_verdict waits 'local mail that cannot be signed: it arrives later' '^DKIM-Signature: .*d=example.org'
is 'nothing bounced' "$(grep 'status=bounced' "$work/log/mail")" ''
done_testing
