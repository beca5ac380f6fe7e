#!/bin/sh
# A site whose header_checks remove our own Received field, with a short host name and SPF asked for by
# the policy service: results forged in our name, of every kind, are not believed; honest ones are.
. "$(dirname "$0")/../t/lib.sh"
. "$top/tests/e2e/site.sh"
if [ -z "${ASSAY_NAMESPACE-}" ]; then
	postfix_usable || skip_all "$reason"
	for program in nsd unbound; do
		command -v $program >/dev/null || skip_all "needs $program"
	done
	ASSAY_NAMESPACE=1 exec unshare -m -n -p -u --fork --mount-proc --kill-child sh "$0"
fi

cat >"$work/zone" <<'Z'
bank.example. TXT "v=spf1 ip4:192.0.2.7 -all"
mail.bank.example. TXT "v=spf1 ip4:192.0.2.7 -all"
_dmarc.bank.example. TXT "v=DMARC1; p=reject"
Z
trap 'site_stop; [ -z "${KEEP-}" ] || cp -r $work/log $work/replies $work/etc $KEEP; rm -rf "$work"' EXIT
hostname mx
site_setup smtp || { echo 'Bail out! no name servers'; exit 1; }
# SPF is asked for at RCPT, by the policy service, and not again.
sed -i '/bin\/spfcheck --ip=/d' /etc/postfix/master.cf
sed -n '/gate pipe/,/dmarceval/p' /etc/postfix/master.cf >"$work/chain"
is 'the chain begins with dkimverify' "$(sed -n '2s/^ *//p' "$work/chain")" '/usr/local/bin/dkimverify |'
echo '/^Received: from/ IGNORE' >"$work/header_checks"
chmod 644 "$work/header_checks"
postconf -c /etc/postfix -e "header_checks=regexp:$work/header_checks"
printf '127.0.0.1 localhost\n127.0.1.1 mx.example.com mx\n' >/etc/hosts
site_start || { echo 'Bail out! no Postfix'; exit 1; }

mkdir "$work/kinds" "$work/letters"
count=$(/usr/bin/python3 "$top/tests/helpers/forged_kinds.py" mx.example.com bank.example 192.0.2.99 \
	evil@other.example "$work/kinds")
ok "there are at least 138 kinds ($count)" test "$count" -ge 138
for kind in "$work/kinds"/*; do
	{ cat "$kind"; site_message ceo@bank.example "X-Kind: ${kind##*/}"; } >"$work/letters/${kind##*/}"
done
other='192.0.2.99 mx.other.example'
good='192.0.2.10 mail.good.example'
# shellcheck disable=SC2086 # address and name in HELO are two words
{
	site_message alice@good.example | site_send honest $good alice@good.example
	site_message alice@good.example | site_signed good.example | site_send signed $other evil@other.example
	site_message alice@good.example | site_send bounce $good ''
	site_send forged --each "$work/letters" --8bit --utf8 $other evil@other.example
	site_send null --each "$work/letters" --8bit --utf8 $other ''
}
ok 'all mail is delivered' site_settle 300
id='^Authentication-Results: mx.example.com;'
site_verdict honest 'SPF of the policy service is believed' "$id dmarc=pass"
site_verdict signed 'DKIM is believed' "$id dmarc=pass"
site_verdict bounce 'HELO of a bounce is believed' "$id dmarc=pass"
is 'of two Received fields of our own only that of the second pass is there' \
	"$(site_header honest | grep -c '^Received: from')" 1

for name in forged null; do
	believed=
	seen=0
	for mail in $(grep -l -m 1 "^Delivered-To: $name@" "$work/mail/inbox/new/"*); do
		kind=$(sed -n 's/^X-Kind: //p' "$mail" | head -n 1)
		seen=$((seen + 1))
		sed '/^$/q' "$mail" | grep -q '^Authentication-Results: mx.example.com; dmarc=fail .*dis=\(quarantine\|reject\)' ||
			believed="$believed $kind"
	done
	is "$name: all kinds have arrived" "$seen" "$count"
	is "$name: no kind is believed" "$believed" ''
done
is 'nobody complained in the log' "$(grep -E ' (warning|error|fatal|panic): ' "$work/log/mail")" ''
done_testing
