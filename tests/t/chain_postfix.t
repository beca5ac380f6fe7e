#!/bin/sh
# A real Postfix with our filter scripts: outgoing mail is signed, incoming mail gets its verdicts.
. "$(dirname "$0")/lib.sh"
. "$top/tests/postfix.sh"

if [ -z "${ASSAY_NAMESPACE-}" ]; then
	postfix_usable || skip_all "$reason"
	ASSAY_NAMESPACE=1 unshare -m -n -p --fork --mount-proc --kill-child sh "$0"
	exit
fi

# The user of the examples is nobody here; programs and keys where he can read them.
mkdir "$work/bin" "$work/keys"
cp "$top/spfcheck/spfcheck" "$top/dkimsign/dkimsign" "$top/dkimverify/dkimverify" \
	"$top/dmarceval/dmarceval" "$work/bin"
chmod 755 "$work" "$work/bin" "$work/bin"/*
dkimsign genkey -q -d shop.example -s mail -D "$work/keys" >/dev/null
dkimsign genkey -q -t ed25519 -d shop.example -s ed -D "$work/keys" >/dev/null
{
	cat "$work/keys/mail.txt" "$work/keys/ed.txt"
	echo 'shop.example. TXT "v=spf1 ip4:192.0.2.10 -all"'
	echo '_dmarc.shop.example. TXT "v=DMARC1; p=reject"'
} >"$work/zone"
cat >"$work/keys/key_table" <<T
mail._domainkey.shop.example shop.example:mail:$work/keys/mail.private
ed._domainkey.shop.example shop.example:ed:$work/keys/ed.private
T
cat >"$work/keys/signing_table" <<'T'
*@shop.example mail._domainkey.shop.example
*@shop.example ed._domainkey.shop.example
T
chown -R nobody:nogroup "$work/keys"

# filter NAME: an example script, made to find programs, tables and DNS of this test
filter() {
	sed -e "s,^set -u,set -u; PATH=$work/bin:/usr/sbin:/usr/bin:/bin; ASSAY_TABLES=$work/keys ASSAY_DB=$work/keys/history.db," \
		-e "s,^\(.*\)id=\${ASSAY_ID:-.*,\1id=mx.test," \
		-e "s,\(spfcheck\|dkimverify\|dmarceval\) -a,\1 -z $work/zone -a," \
		"$1" >"$work/bin/${1##*/}"
	chmod 755 "$work/bin/${1##*/}"
}
filter "$top/dmarceval/examples/incoming"
filter "$top/dkimsign/examples/outgoing"

# service NAME PORT EXAMPLE: its lines with another port and user
service() {
	sed -e "s/^$1  *inet  *n /127.0.0.1:$2 inet n /" -e 's/user=assay/user=nobody/' \
		-e "s,/usr/local/libexec/assay,$work/bin," -e '/sasl\|tls/d' "$3"
}
: >"$work/main"
{
	service smtp 2526 "$top/dmarceval/examples/master.cf"
	service submission 2527 "$top/dkimsign/examples/master.cf"
} >"$work/master"
postfix_setup
trap 'postfix_stop; rm -rf "$work"' EXIT
ok 'Postfix runs with the lines of the examples' postfix_start

cat >"$work/plain" <<'M'
From: Orders <orders@shop.example>
To: bob@rcpt.example
Subject: a  long subject that Postfix may not touch, with some spaces   in it
Date: Mon, 23 Nov 2026 10:00:00 +0000
Message-ID: <1@shop.example>
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Grüße
.
..dots

 	and white space 	 
M
sed 's/$/\r/' "$work/plain" >"$work/crlf"

# by_mail PORT ADDRESS SENDER: the message on stdin, as it arrives in the mailbox
by_mail() {
	replies=$(postfix_send "$1" "$2" mail.shop.example "$3" bob@rcpt.example)
	postfix_delivered "$work/arrived" || echo "$replies" >"$work/arrived"
}

by_mail 2527 192.0.2.200 orders@shop.example <"$work/crlf"
is 'outgoing: both signatures verify after Postfix' \
	"$(dkimverify -n -z "$work/zone" <"$work/arrived" | grep -c '^dkim=pass')" 2
like 'outgoing: and before dkimpy' \
	"$(/usr/bin/python3 "$top/tests/verify.py" "$work/zone" "$work/arrived" 2>&1)" 'pass'
sed '/^Return-Path:\|^Delivered-To:\|^X-Original-To:/d' "$work/arrived" |
	sed '1,/^DKIM-Signature:/{/^DKIM-Signature:/!d}' | sed 's/$/\r/' >"$work/signed"
by_mail 2526 192.0.2.10 orders@shop.example <"$work/signed"
like 'incoming: SPF passes' "$(cat "$work/arrived")" \
	'^Authentication-Results: mx.test; spf=pass smtp.mailfrom=orders@shop.example|spf=pass$'
is 'incoming: both signatures pass' \
	"$(grep -c '^Authentication-Results: mx.test; dkim=pass' "$work/arrived")" 2
like 'incoming: DMARC passes' "$(cat "$work/arrived")" \
	'^Authentication-Results: mx.test; dmarc=pass'

# Generated messages go out, all of them in one go, and come back.
count=${ASSAY_MESSAGES-25}
mkdir "$work/generated"
/usr/bin/python3 "$top/tests/messages.py" "$count" 2 "$work/generated"
for message in "$work/generated"/*; do
	sed 's/\r$//; s/example\.org/shop.example/; s/$/\r/' "$message" |
		postfix_send 2527 192.0.2.200 mail.shop.example orders@shop.example bob@rcpt.example >/dev/null
done
bad=
number=0
while [ "$number" -lt "$count" ] && postfix_delivered "$work/generated/arrived"; do
	number=$((number + 1))
	[ "$(dkimverify -n -z "$work/zone" <"$work/generated/arrived" | grep -c '^dkim=pass')" -eq 2 ] ||
		bad="$bad $number"
	mv "$work/generated/arrived" "$work/generated/arrived.$number"
done
is "outgoing: $count generated messages arrive" "$number" "$count"
is 'outgoing: all their signatures verify' "$bad" ''
is 'outgoing: and before dkimpy' "$(/usr/bin/python3 "$top/tests/verify.py" "$work/zone" \
	"$work/generated"/arrived.* 2>&1 | grep -cv ' pass pass$')" 0

sed 's/dots/dot/' "$work/signed" | by_mail 2526 203.0.113.66 bounce@phish.example
like 'spoofed: DMARC fails' "$(cat "$work/arrived")" \
	'^Authentication-Results: mx.test; dmarc=fail \(p=reject dis=reject\)'
{ printf 'Authentication-Results: mx.test; dmarc=pass header.from=shop.example\r\n'
	cat "$work/crlf"; } >"$work/forged"
by_mail 2526 203.0.113.66 bounce@phish.example <"$work/forged"
is 'forged results are gone' "$(grep -c 'dmarc=pass' "$work/arrived")" 0
by_mail 2526 192.0.2.10 '' <"$work/signed"
like 'a bounce: the null sender stays' "$(sed -n '/^Return-Path/p' "$work/arrived")" '^Return-Path: <>'

# A stage that fails: the message stays in the queue, whole, and arrives later.
mv "$work/bin/dkimverify" "$work/bin/away"
printf '#!/bin/sh\nhead -c 20; exit 75\n' >"$work/bin/dkimverify"
chmod 755 "$work/bin/dkimverify"
postfix_send 2526 192.0.2.10 mail.shop.example orders@shop.example bob@rcpt.example \
	<"$work/signed" >/dev/null
i=0
until postqueue -p 2>/dev/null | grep -q 'orders@shop.example' &&
	grep -q 'status=deferred' "$work/log/mail"; do
	[ $((i += 1)) -lt 50 ] || break
	sleep 0.1
done
ok 'a stage that fails defers the message' test $i -lt 50
is 'and nothing is delivered' "$(find "$work/mail/inbox/new" -type f | wc -l)" 0
mv "$work/bin/away" "$work/bin/dkimverify"
postqueue -f
ok 'it arrives when the stage works again' postfix_delivered "$work/arrived"
like 'with its verdict' "$(cat "$work/arrived")" '^Authentication-Results: mx.test; dmarc=pass'
is 'the history has counted the messages' \
	"$(sqlite3 "$work/keys/history.db" 'select sum(count) from messages' 2>&1)" 5
is 'nothing bounced' "$(grep -c 'status=bounced' "$work/log/mail")" 0
done_testing
