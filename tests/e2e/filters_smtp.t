#!/bin/sh
# The filters that inject by SMTP, in a real Postfix.
. "$(dirname "$0")/../t/lib.sh"
. "$top/tests/e2e/site.sh"
form=smtp
. "$top/tests/e2e/filters.sh"

site_verdict header-only 'no SMTPUTF8 where there was none' '^Received: from localhost .* with ESMTP '
site_verdict utf8-header 'SMTPUTF8 stays' '^Received: from localhost .* with UTF8SMTP '

like 'the log of the second pass names the client' "$(cat "$work/log/mail")" \
	'assay/smtpd.* client=.*orig_client=mail.good.example\[192.0.2.10\]'
like 'the log of the first pass names the second queue file' \
	"$(cat "$work/log/mail")" 'relay=assay.* status=sent .*queued as'

# Local mail, with an address that Postfix rewrites: before it is signed
postconf -e 'canonical_maps = inline:{web@mx.example.com=orders@example.org}'
postfix reload 2>/dev/null
site_message web | sendmail -i -f web -- local@rcpt.example
site_settle 120
site_plain local >"$work/out"
is 'local mail: both signatures verify' "$(dkimverify -n <"$work/out" | grep -c '^dkim=pass')" 2
site_verdict local 'local mail: the address was rewritten' '^From: orders@example.org$'

# What is sent on from a mailbox: a stranger may have written it in our name.
{ echo 'Received: from elsewhere by mx.example.com; Mon, 23 Nov 2026 10:00:00 +0000'; site_message web; } |
	sendmail -i -f web -- redirected@rcpt.example
site_settle 120
site_verdict redirected 'mail that is sent on: it leaves' '^From: orders@example.org$'
is 'mail that is sent on: it is not signed' "$(site_header redirected | grep -c '^DKIM-Signature:')" 0

# As large as smtpd takes: with our fields it is larger.
limit=200000
postconf -e message_size_limit=$limit
postfix reload 2>/dev/null
size=$((limit - 900)) # the fields of the first Postfix
until grep -q '^250 2.0.0' "$work/replies/limit" 2>/dev/null || [ $((size -= 300)) -lt 190000 ]; do
	# shellcheck disable=SC2086 # address and name in HELO are two words
	{ site_message $alice; head -c "$size" /dev/zero | tr '\0' x | fold -w 900; } |
		head -c "$size" | site_send limit $good $alice
done
site_settle 120
site_verdict limit 'a message of message_size_limit passes' "$id dmarc=pass"
done_testing
