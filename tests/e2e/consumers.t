#!/bin/sh
# What SpamAssassin and Dovecot's Sieve make of the results, by the rules and the script of the examples.
. "$(dirname "$0")/../t/lib.sh"
needs_peer spamassassin dovecot-core dovecot-sieve

for program in spamassassin sieve-test; do
	command -v $program >/dev/null || skip_all "needs $program"
done
examples=$top/dmarceval/examples
mkdir "$work/site" "$work/home" "$work/mail"
cp /etc/spamassassin/*.pre "$work/site"
cp "$examples/spamassassin.cf" "$work/site/assay.cf"
cp "$examples/junk.sieve" "$work"
printf '%s\n' "mail_location = maildir:$work/mail" "mail_home = $work/home" 'mail_uid = nobody' \
	'mail_gid = nogroup' 'first_valid_uid = 1' "base_dir = $work" "state_dir = $work" \
	'protocol lda {' 'mail_plugins = sieve' '}' >"$work/dovecot.conf"
chown -R nobody "$work" 2>/dev/null

# spam MESSAGE: it with what SpamAssassin says
spam() {
	HOME=$work/home spamassassin --local --siteconfigpath="$work/site" <"$1" 2>"$work/err"
}

# folder MESSAGE: where the script files it
folder() {
	sieve-test -c "$work/dovecot.conf" "$work/junk.sieve" "$1" 2>&1 | sed -n 's/.*in folder: //p'
}

ok 'spamassassin --lint' env HOME="$work/home" spamassassin --lint --siteconfigpath="$work/site"
ok 'sievec' sievec -c "$work/dovecot.conf" "$work/junk.sieve"

sed 's/mx\.example\.com; dmarc/evil&/' "$examples/spoofed" >"$work/foreign"
sed 's/p=reject dis=quarantine/p=none dis=none/; s/policy.dmarc=quarantine/policy.dmarc=none/' "$examples/spoofed" >"$work/harmless"
for message in good foreign harmless spoofed; do
	file=$work/$message
	[ -e "$file" ] || cp "$examples/$message" "$file"
	case $message in
	good) rules='ASSAY_DKIM_PASS ASSAY_DMARC_PASS ' wanted=INBOX ;;
	foreign) rules='' wanted=INBOX ;;
	harmless) rules='ASSAY_DMARC_FAIL ' wanted=INBOX ;;
	spoofed) rules='ASSAY_DMARC_FAIL ASSAY_DMARC_REFUSED ' wanted=Junk ;;
	esac
	spam "$file" >"$work/marked"
	is "SpamAssassin: $message" \
		"$(sed -n '/^X-Spam-Status/,/^[^ 	X]/p' "$work/marked" | grep -o 'ASSAY_[A-Z_]*' | sort -u | tr '\n' ' ')" "$rules"
	is "Sieve, alone: $message" "$(folder "$file")" $wanted
done
# Whoever is spoofed by a From field that is not by the book, or nobody, it goes into Junk.
printf '_dmarc.bank.example. TXT "v=DMARC1; p=reject"\n' >"$work/zone"
: >"$work/forms"
while IFS= read -r from; do
	printf 'Received: x\nFrom: %b\nSubject: x\n\nb\n' "$from" |
		dmarceval -a mx.example.com -z "$work/zone" >"$work/form"
	{ echo 'From x@y.test  Sat Nov 28 12:00:00 2026'; cat "$work/form"; echo; } >>"$work/mbox"
	printf '%s: %s\n' "$(folder "$work/form")" "$from" >>"$work/forms"
done <<'F'
Bank <service@bank.example>
Bank, Inc. <service@bank.example>
Doe, John <u@bank.example>
service@bank.example <service@bank.example>
info@bank.example via Form <info@bank.example>
<service@bank.example
service@bank.example.
Bank <service@bank.example.>
<<service@bank.example>>
Bank <service@bank.example> and more
Support @ Bank <service@bank.example>
service.@bank.example
Joe <a..b@bank.example>
[SPAM] Joe <a@bank.example>
Joe; x <a@bank.example>
Joe: x <a@bank.example>
Joe\\, X <a@bank.example>
Joe x) <a@bank.example>
B\0344nk <a@bank.example>
B\033nk <a@bank.example>
B\0000nk <a@bank.example>
B\rnk <a@bank.example>
service@bank.example <x@evil.test>
Bank <service@bank.example>, B <x@evil.test>
x@evil.test\nFrom: service@bank.example
service@bank.example\nFrom: x@evil.test
root
root, service@bank.example
service@bank..example
undisclosed-recipients:;
F
is 'all forms of From: Junk for Sieve' "$(grep -v '^Junk: ' "$work/forms")" ''
is 'all thirty' "$(grep -c '^Junk: ' "$work/forms")" 30
HOME=$work/home spamassassin --local --siteconfigpath="$work/site" --mbox <"$work/mbox" >"$work/mbox.marked" 2>"$work/err"
is 'and spam for SpamAssassin' "$(grep -a -c '^X-Spam-Flag: YES' "$work/mbox.marked")" 30

is 'SpamAssassin calls it spam' "$(grep '^X-Spam-Flag' "$work/marked")" 'X-Spam-Flag: YES'
sed '/^Authentication-Results/,/^Received-SPF/d' "$work/marked" >"$work/flagged"
is 'Sieve, by the flag of SpamAssassin' "$(folder "$work/flagged")" Junk
done_testing
