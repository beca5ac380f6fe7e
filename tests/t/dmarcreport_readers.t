#!/bin/sh
# Which readers understand which form of our reports: dmarcreport(1) has the same table.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
day=1795305600 # 2026-11-22

cat >zone <<'Z'
_dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:d@example.org,mailto:old@example.org"
Z
for result in pass fail none; do
	printf '%s\n' "Authentication-Results: mx; spf=$result smtp.mailfrom=example.org; dkim=$result header.d=example.org header.s=s" \
		'Received: x' 'From: a@example.org' '' |
		dmarceval -a mx -z zone -i 192.0.2.1 -t $day --db h.db >/dev/null
done
printf '%s\n' 'Received: x' 'From: a@example.org' '' |
	dmarceval -a mx -z zone -i 2001:db8::1 -f '<>' -t $day --db h.db >/dev/null

echo old@example.org >old
mkdir box
dmarcreport print --db h.db --org Example --email dmarc@mx.test -z zone -t $((day + 86400)) --legacy-for old -o box
mv box/*.1.eml new.eml
mv box/*.2.eml old.eml
like '--legacy-for: the one named gets the old form' "$(cat old.eml)" 'aggregate report \(RFC 7489\)'
like 'the others the new one' "$(cat new.eml)" 'aggregate report \(RFC 9990\)'
DMARCREPORT=$top/dmarcreport/dmarcreport /usr/bin/python3 "$top/tests/helpers/report_histories.py" extract ./new.eml ./old.eml
is 'every record has one result of SPF' "$(grep -c '<scope>' new.xml),$(grep -c '<record>' new.xml)" 4,4
is 'none is about a domain that was not checked' "$(grep -A3 '<spf>' new.xml | grep -A2 'unknown.invalid' | grep -c '<result>none')" 1
is 'the new form is valid' "$(xmllint --noout --schema "$data/dmarc_report.xsd" new.xml 2>&1 | grep -c validates)" 1

# reader NAME COMMAND: what finds each record in a form
if command -v dmarc-cat >/dev/null; then
	for form in new old; do
		is "dmarc-cat reads the $form form" "$(dmarc-cat -N -t .xml - <$form.xml | sed -n 's/^Reports(\([0-9]*\)):$/\1/p')" 4
	done
fi
if perl -MMail::DMARC::Report::Receive -e 1 2>/dev/null; then
	is 'Mail::DMARC reads the old form' "$(perl "$top/tests/helpers/read_report.pl" old.eml 2>&1)" 'mails=1 messages=4'
fi
# npm install dmarc-report-parser
modules=${NODE_PATH-/usr/local/lib/node_modules}
if [ -d "$modules/dmarc-report-parser" ]; then
	cat >read.cjs <<'J'
const { parseDmarcReportFromEmail } = require('dmarc-report-parser');
parseDmarcReportFromEmail(require('fs').readFileSync(process.argv[2], 'utf8'))
	.then((report) => console.log(report.reports[0].record.length))
	.catch(() => console.log('not understood'));
J
	is 'dmarc-report-parser (npm) reads the old form' "$(NODE_PATH=$modules node read.cjs old.eml)" 4
	is 'and takes "pass" for no disposition' "$(NODE_PATH=$modules node read.cjs new.eml)" 'not understood'
else
	echo "ok $((tests += 1)) - dmarc-report-parser # SKIP it is not in NODE_PATH"
fi
done_testing
