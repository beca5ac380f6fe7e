#!/bin/sh
# assay check finds what is broken in a set-up, and what it prints as the remedy mends it.
. "$(dirname "$0")/lib.sh"
. "$top/tests/e2e/site.sh"
[ -x "$top/lib/postfix/gate" ] || skip_all 'needs what make builds'
command -v dig >/dev/null || skip_all 'needs dig'
site_enter "$0"
. "$top/tests/helpers/assay_site.sh"
trap 'postfix stop >/dev/null 2>&1; site_stop 2>/dev/null; rm -rf "$work"' EXIT

quietly() { "$@" >"$work/last" 2>&1 || { sed 's/^/# /' "$work/last"; return 1; }; }
# What follows breaks things: never outside of a site of its own.
quietly assay_site_setup || { echo 'Bail out! There is no site to break'; exit 1; }
PATH=/usr/local/sbin:/usr/local/bin:$PATH

# found: what it has to say besides good
found() {
	assay check -j "$@" >"$work/found" 2>"$work/trouble"
	sed 's/^/trouble: /' "$work/trouble" >>"$work/found"
	grep -v '"level":"good"' "$work/found"
}

# --- setup, and all is good
assay setup --domain example.com --domain example.org --dry-run >"$work/plan"
is 'setup --dry-run ends well' $? 0
is 'and changes nothing' "$(ls /etc/dkim /etc/assay 2>/dev/null; postconf -h smtpd_milters)" ''
assay setup --domain example.com --domain example.org >"$work/first"
is 'setup ends well' $? 0
is 'it does what the dry run says' "$(grep '^# [a-z]' "$work/plan" | grep -v '^# mkdir')" "$(grep '^# [a-z]' "$work/first")"
# As examples: one line each, whatever blanks stand between the words
for service in assay-in:dmarceval assay-out:dkimsign; do
	is "${service%:*} is that of the examples" "$(postconf -M "${service%:*}/unix" | tr -s ' ')" \
		"$(sed -n "/^${service%:*}/,/^\$/p" "$top/${service#*:}/examples/master.cf" | tr -s ' \n' ' ' | sed 's/ $//')"
done
grep -v '^;' /etc/assay/setup/records | while IFS= read -r record; do assay_publish "$record"; done
ok 'DNS has the records' assay_serve
is 'all is good' "$(found)" ''
assay check >/dev/null
is 'so check ends with 0' $? 0
assay setup --domain example.com --domain example.org | grep '^#' >"$work/second"
is 'setup can be run again: nothing is left to do' "$(cat "$work/second")" '# postfix check
# postfix reload'
assay_save

# broken NAME PATTERN COMMAND...: is it found, and does the remedy mend it?
broken() {
	name=$1 pattern=$2
	shift 2
	"$@" >"$work/break" 2>&1 || sed 's/^/# /' "$work/break"
	assay_serve
	postfix reload >/dev/null 2>&1
	found >"$work/wrong"
	like "$name: found" "$(cat "$work/wrong")" "$pattern"
	grep -E -- "$pattern" "$work/wrong" | head -n 1 >"$work/line"
	remedy=$(sed -n 's/.*"remedy":"\(.*\)"}$/\1/p' "$work/line" | sed 's/\\\(["\\]\)/\1/g')
	case $(cat "$work/line") in
	*'"kind":"publish"'*) assay_publish "$remedy" && assay_serve ;;
	*'"kind":"run"'*) quietly sh -c "$remedy" ;;
	*) false ;;
	esac
	is "$name: the remedy can be used" $? 0
	postfix reload >/dev/null 2>&1
	is "$name: it mends it: $(printf '%.80s' "$remedy")" "$(found)" ''
	assay_restore
}

withdraw() { assay_withdraw "$@"; }
add() { printf '%s\n' "$1" >>"$work/zone"; }
edit() { sed -i "$@"; }

# The host
short_name() { hostname mx && edit 's/mx.example.com mx/mx/' /etc/hosts; }
broken 'a short host name' 'host name.*only called' short_name
hostname mx.example.com
broken 'a short name in HELO' 'HELO.*mx\\"' postconf -e myhostname=mx
broken 'HELO without an address' 'mx.example.com.*has no address' withdraw mx.example.com. A
broken 'no PTR' '192.0.2.25.*no name in DNS' withdraw 25.2.0.192.in-addr.arpa. PTR
wrong_ptr() { assay_publish '25.2.0.192.in-addr.arpa. PTR host25.provider.example.'; }
broken 'a PTR that does not lead back' 'does not have this address' wrong_ptr
broken 'no SPF for HELO' 'bounces are checked' withdraw mx.example.com. TXT
# Files
broken 'a key of another owner' 'key belongs to root' chown root /etc/dkim/example.com/mail.private
broken 'a key that others may read' 'others may read' chmod 644 /etc/dkim/example.org/mail.private
broken 'the directory of keys of another owner' 'cannot get at the key' chown root:root /etc/dkim/example.org
history_of_root() { echo >/var/lib/assay/history.db; chown root /var/lib/assay/history.db; }
broken 'the history owned by root' 'history belongs to somebody else' history_of_root
store_of_root() { echo >/var/lib/assay/reports.db; chown root /var/lib/assay/reports.db; }
broken 'the store owned by root' 'store of reports belongs to' store_of_root
broken 'a state directory of root' '/var/lib/assay.*belongs to root' chown root:root /var/lib/assay
broken 'no spool directory' '/var/spool/assay.*is missing' rm -rf /var/spool/assay
broken 'a key table that the signer cannot read' 'cannot read the table' chown root:root /etc/dkim /etc/dkim/key_table
# DKIM
broken 'a key that is not published' 'DKIM.*mail._domainkey.example.com' withdraw mail._domainkey.example.com. TXT
other_key() { assay_publish "$(sed -n 's/^mail._domainkey.example.com\(.*\)/mail._domainkey.example.org\1/p' "$work/zone" | tr '\t' ' ')"; }
broken 'the key of another domain in DNS' 'DKIM.*mail._domainkey.example.org' other_key
broken 'a domain without a line in the signing table' 'no line of /etc/dkim/signing_table' \
	edit '/example.org/d' /etc/dkim/signing_table
# SPF
two_spf() { add 'example.com. TXT "v=spf1 mx -all"'; }
broken 'two SPF records' 'example.com SPF.*several' two_spf
broken 'no SPF record' 'example.org SPF.*no SPF record' withdraw example.org. TXT
dash() { assay_publish 'example.org. TXT "v=spf1 a:mx.example.com –all"'; }
broken 'a dash for a hyphen' 'example.org SPF.*en dash' dash
foreign() { assay_publish 'example.org. TXT "v=spf1 ip4:198.51.100.1 -all"'; }
broken 'SPF without this host' 'does not permit 192.0.2.25' foreign
# DMARC and ADSP
broken 'no DMARC record' 'example.com DMARC.*no DMARC record' withdraw _dmarc.example.com. TXT
broken 'rua without permission' 'does not allow it' withdraw example.org._report._dmarc.example.com. TXT
misspelt() { assay_publish '_dmarc.example.org. TXT "v=DMARC1; p=rejct; rua=mailto:dmarc@example.com"'; }
broken 'a misspelt policy' 'p=rejct' misspelt
nobody() { assay_publish '_dmarc.example.com. TXT "v=DMARC1; p=none; rua=mailto:nobody-here@example.com"'; }
broken 'reports to a mailbox that is not there' 'there is nobody' nobody
adsp() { add '_adsp._domainkey.example.com. TXT "dkim=discard"'; }
broken 'an ADSP record that says nothing' 'ADSP' adsp
# MX, MTA-STS, TLS-RPT, and a domain that sends nothing
broken 'no MX' 'no MX record' withdraw example.org. MX
alias_mx() { assay_publish 'example.org. MX 10 mail.example.org.' && add 'mail.example.org. CNAME mx.example.com.'; }
broken 'an MX that is an alias' 'is an alias' alias_mx
sts() { add '_mta-sts.example.com. TXT "v=STSv1"' && add 'mta-sts.example.com. A 192.0.2.25' && add '_smtp._tls.example.com. TXT "v=TLSRPTv1; rua=mailto:dmarc@example.com"'; }
broken 'a broken MTA-STS record' 'MTA-STS' sts
tls() { add '_smtp._tls.example.com. TXT "v=TLSRPTv1"'; }
broken 'a broken TLS-RPT record' 'TLS-RPT' tls
# Postfix
broken 'incoming mail not wired' 'incoming mail is not checked' postconf -X smtpd_milters
broken 'local mail not wired' 'is not signed' postconf -X non_smtpd_milters
broken 'no assay-in in master.cf' 'assay-in.*no such service' postconf -MX assay-in/unix
broken 'submission not wired' 'submission.*not signed' postconf -PX 127.0.0.1:submission/inet/smtpd_milters
broken 'a gate in the chroot' 'chroot=y' postconf -F assay-in/unix/chroot=y
broken 'an smtpd with milters of its own' 'milters of its own' postconf -P 192.0.2.25:25/inet/smtpd_milters=
broken 'gates that let all pass when they fail' 'milter_default_action=accept' postconf -e milter_default_action=accept
wrong_order() {
	postconf -M "assay-in/unix=$(postconf -M assay-in/unix | sed 's/\(.*\) | \(.*\) | \(.*\)/\1 | \3 | \2/')"
}
broken 'stages in the wrong order' 'not the last stage' wrong_order
no_spf() { postconf -M "assay-in/unix=$(postconf -M assay-in/unix | sed 's,/usr/local/bin/spfcheck | ,,')"; }
broken 'no SPF among the stages' 'spfcheck is not among' no_spf
wrong_user() { postconf -M "assay-out/unix=$(postconf -M assay-out/unix | sed 's/user=assay/user=nobody/')"; }
broken 'a gate of another user' 'does not run as assay' wrong_user
amavis() {
	postconf -e content_filter=smtp-amavis:127.0.0.1:10024
	postconf -M 'smtp-amavis/unix=smtp-amavis unix - - n - 2 smtp'
	postconf -P 192.0.2.25:25/inet/content_filter=
}
broken 'amavis bypassed' 'does not go through smtp-amavis' amavis
back() {
	postconf -e content_filter=smtp-amavis:127.0.0.1:10024
	postconf -M '127.0.0.1:10025/inet=127.0.0.1:10025 inet n - n - - smtpd -o content_filter='
}
broken 'mail from amavis checked twice' 'a second time' back
# Jobs
broken 'no job for reports' 'nothing sends the reports' edit '/dmarcreport send/d' /etc/cron.d/assay
broken 'no job for old days' 'the history grows' edit '/dmarcreport expire/d' /etc/cron.d/assay
broken 'another report address' 'is told --report-address' edit 's/--email [^ ]*/--email reports@example.com/' /etc/cron.d/assay

# A domain that sends nothing
printf 'example.net. TXT "v=spf1 -all"\nexample.net. MX 0 .\n_dmarc.example.net. TXT "v=DMARC1; p=reject"\n' >>"$work/zone"
assay_serve
is 'a domain that sends nothing: all is good' "$(found example.net)" ''
assay_withdraw example.net. MX
assay_withdraw _dmarc.example.net. TXT
assay_serve
like 'without a null MX' "$(found example.net)" '"level":"warning".*"remedy":"example.net. MX 0 ."'
like 'without p=reject' "$(found example.net)" '"level":"error".*p=reject'
assay check example.net >/dev/null
is 'errors end with 2' $? 2

# What setup does not understand
refuses() {
	cp -a /etc/postfix/main.cf /etc/postfix/master.cf "$work"
	"$@"
	before=$(cat /etc/postfix/main.cf /etc/postfix/master.cf)
	assay setup --domain example.com >"$work/out" 2>"$work/err"
	is "setup refuses: $*" $? 78
	is 'and does nothing' "$(cat /etc/postfix/main.cf /etc/postfix/master.cf)" "$before"
	cp -a "$work/main.cf" "$work/master.cf" /etc/postfix
}
refuses postconf -e content_filter=smtp-amavis:127.0.0.1:10024
refuses postconf -e 'smtpd_milters=inet:127.0.0.1:8891'
refuses postconf -e 'non_smtpd_milters=unix:private/rspamd'
refuses postconf -P 192.0.2.25:25/inet/smtpd_milters=inet:127.0.0.1:8891

for line in '' 'bogus' 'setup' 'setup --domain' 'setup --domain x' 'setup --domain example.com --reject maybe' \
	'check -x' 'check nonsense' 'undo all' 'message'; do
	assay $line >/dev/null 2>"$work/err"
	is "assay $line: an error of the command line" $? 64
	like 'it says so' "$(cat "$work/err")" '^assay: '
done
done_testing
