#!/bin/sh
# What is made of the verdicts: SpamAssassin, Sieve in Dovecot, and reports to the domains.
. "$(dirname "$0")/../t/lib.sh"
. "$top/tests/e2e/site.sh"
site_enter "$0"
needs_peer spamassassin dovecot-core dovecot-sieve
for program in spamassassin /usr/lib/dovecot/dovecot-lda sieve-test; do
	command -v $program >/dev/null || skip_all "needs $program"
done
trap 'site_stop; [ -z "${KEEP-}" ] || cp -r $work/log $work/replies $work/etc $work/dovecot.log $KEEP; rm -rf "$work"' EXIT
site_setup smtp && site_start || { echo 'Bail out! no site'; exit 1; }

alice=alice@good.example
# shellcheck disable=SC2086 # address and name in HELO are two words
{
	good='192.0.2.10 mail.good.example'
	other='192.0.2.99 mx.other.example'
	site_message $alice | site_signed good.example | site_send good $good $alice
	site_message $alice | site_send spoofed $other evil@other.example
	{ echo 'Authentication-Results: mx.example.com; dmarc=pass header.from=good.example'
		site_message $alice; } | site_send forged $other evil@other.example
	site_message $alice | site_signed good.example | site_send forwarded $other list@other.example
}
ok 'all mail is delivered' site_settle 120

# SpamAssassin: our example, and the tutorial's own rules
mkdir "$work/rules" "$work/pre"
cp "$top/dmarceval/examples/spamassassin.cf" "$work/rules/10_assay.cf"
cat >"$work/rules/20_tutorial.cf" <<'C'
header TUTORIAL_FAIL Authentication-Results =~ /mx\.example\.com; dmarc=fail/
score TUTORIAL_FAIL 5.0
header TUTORIAL_PASS Authentication-Results =~ /mx\.example\.com; dmarc=pass/
score TUTORIAL_PASS -1.0
header AUTHRES_FAIL eval:check_authres_result('dmarc', 'fail')
score AUTHRES_FAIL 0.01
header AUTHRES_PASS eval:check_authres_result('dmarc', 'pass')
score AUTHRES_PASS -0.01
authres_networks all
add_header spam Flag _YESNOCAPS_
add_header all Status _YESNO_, score=_SCORE_ tests=_TESTS_
C
echo 'loadplugin Mail::SpamAssassin::Plugin::Check' >"$work/pre/init.pre"

# judged NAME: the message as SpamAssassin gives it on
judged() {
	site_plain "$1" | HOME=$work spamassassin -L -x -C "$work/rules" --siteconfigpath="$work/pre" \
		>"$work/judged.$1" 2>"$work/spamassassin.err"
	sed -n '/^$/q; p' "$work/judged.$1" | sed -e ':a' -e 'N; $!ba' -e 's/\n[ \t]//g' | sed -n '/^X-Spam/p'
}

for name in spoofed forged; do
	spam=$(judged $name)
	like "$name: spam" "$spam" '^X-Spam-Flag: YES'
	for rule in ASSAY_DMARC_FAIL ASSAY_DMARC_REFUSED TUTORIAL_FAIL AUTHRES_FAIL; do
		like "$name: $rule" "$spam" "tests=.*$rule"
	done
	is "$name: nothing that speaks for it" "$(echo "$spam" | grep -c '_PASS')" 0
done
ham=$(judged good)
for rule in ASSAY_DMARC_PASS ASSAY_DKIM_PASS TUTORIAL_PASS AUTHRES_PASS; do
	like "good: $rule" "$ham" "tests=.*$rule"
done
is 'good: no spam' "$(echo "$ham" | grep -c -e '^X-Spam-Flag: YES' -e _FAIL -e REFUSED)" 0
judged forwarded >"$work/out"
like 'forwarded: no spam' "$(cat "$work/out")" '^X-Spam-Status: No'

# Dovecot: its lines and the Sieve script of our examples
mkdir -p /etc/dovecot/sieve "$work/dovecot" "$work/home"
cp "$top/dmarceval/examples/junk.sieve" /etc/dovecot/sieve
chown nobody "$work/dovecot" "$work/home"
{
	cat <<-C
		base_dir = $work/dovecot
		state_dir = $work/dovecot
		mail_location = maildir:$work/home/Maildir
		mail_home = $work/home
		mail_uid = nobody
		mail_gid = nogroup
		first_valid_uid = 1
		log_path = $work/dovecot.log
		postmaster_address = postmaster@example.com
		hostname = mx.example.com
		ssl = no
	C
	cat "$top/dmarceval/examples/dovecot.conf"
} >"$work/dovecot.conf"
: >"$work/dovecot.log"
chmod 666 "$work/dovecot.log"
sievec -c "$work/dovecot.conf" /etc/dovecot/sieve/junk.sieve

# filed NAME <MESSAGE: the folder it is put into
filed() {
	rm -rf "$work/home/Maildir"
	setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$work/home" USER=nobody \
		/usr/lib/dovecot/dovecot-lda -c "$work/dovecot.conf" -f "$alice" || echo "failed: $?"
	(cd "$work/home/Maildir" 2>/dev/null && find . -type f -path '*new*' | sed 's,/new/.*,,; s,^\./*,,')
}

for name in spoofed forged; do
	is "$name: into Junk, by SpamAssassin's flag" "$(filed <"$work/judged.$name")" .Junk
	is "$name: into Junk, without SpamAssassin" "$(site_plain $name | filed)" .Junk
done
for name in good forwarded; do
	is "$name: into the inbox" "$(filed <"$work/judged.$name")" ''
	is "$name: into the inbox, without SpamAssassin" "$(site_plain $name | filed)" ''
done
site_plain spoofed >"$work/spoofed"
like 'sieve-test says so, too' \
	"$(sieve-test -c "$work/dovecot.conf" /etc/dovecot/sieve/junk.sieve "$work/spoofed" 2>&1)" 'Junk'

# Reports on this mail, by the line of the crontab, two days later; to a mailbox that gets them by
# SMTP like a stranger's
command=$(sed -n 's/^17 .* assay \([^ ]*dmarcreport send .*\)/\1/p' "$top/dmarcreport/examples/cron")
sender=$(echo "$command" | sed -n 's/.*--email \([^ ]*\).*/\1/p')
later=$(($(date +%s) + 2 * 86400))
runuser -u assay -- sh -c "PATH=/usr/local/bin:\$PATH
	$command -t $later --sendmail '/usr/local/libexec/assay/sign-and-send \"\$@\"'" >"$work/report.out" 2>&1
is 'the report is sent' "$?" 0
site_settle 120
ok 'it arrives' test -n "$(site_mail dmarc)"
site_plain dmarc >"$work/report"
site_send checked 192.0.2.25 mx.example.com "$sender" <"$work/report"
site_settle 120
domain=${sender#*@}
site_verdict checked 'the report is signed' \
	"^Authentication-Results: mx.example.com; dkim=pass header.d=$domain"
site_verdict checked 'and passes DMARC' "^Authentication-Results: mx.example.com; dmarc=pass .*header.from=$domain"
/usr/bin/python3 - "$work/report" >"$work/report.xml" <<'P'
import email, gzip, sys
mail = email.message_from_binary_file(open(sys.argv[1], 'rb'))
part = [p for p in mail.walk() if p.get_content_type() == 'application/gzip'][0]
sys.stdout.buffer.write(gzip.decompress(part.get_payload(decode=True)))
P
ok 'the report is valid' xmllint --noout --schema "${ASSAY_XSD-$data/dmarc_report.xsd}" "$work/report.xml" 2>/dev/null
count() {
	xmllint --xpath "sum(//*[local-name()='row'][*/*[local-name()='dkim']='$1' and */*[local-name()='spf']='$2']/*[local-name()='count'])" \
		"$work/report.xml"
}
is 'it has the good message' "$(count pass pass)" 1
is 'the forwarded one' "$(count pass fail)" 1
is 'and the spoofed ones' "$(count fail fail)" 2
is 'a second run sends nothing' "$(runuser -u assay -- sh -c "PATH=/usr/local/bin:\$PATH
	$command -t $later --sendmail 'echo again >&2; false'" 2>&1 | grep -c again)" 0
done_testing
