#!/bin/sh
# Reports on generated histories: they say what is in these, and others can read them.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
histories="/usr/bin/python3 $top/tests/helpers/report_histories.py"
DMARCREPORT=$top/dmarcreport/dmarcreport
export DMARCREPORT
xsd=${ASSAY_XSD-$data/dmarc_report.xsd}

# Under sanitizers the histories are fewer, and the other readers, who would see what they see
# without, are spared.
count=${HISTORIES-100}
legacy_count=${LEGACY-10}
peers=yes
[ -z "${ASSAY_SANITIZED-}" ] || { count=${HISTORIES-20} legacy_count=5 peers=; }
mkdir many legacy
$histories check "$count" many >out 2>&1
like 'generated histories: what is read back is what was in them' "$(cat out)" \
	"^histories=$count reports=$((8 * count)) .* wrong=0$"
find many -name '*.xml' >list
is 'each is valid by the schema' \
	"$(xargs xmllint --noout --schema "$xsd" <list 2>&1 | grep -vc ' validates$')" 0
if [ -n "$peers" ] && peer dmarc-cat; then
	head -n 40 list >some
	xargs cat <some | grep -c '<record>' >wanted
	while read -r file; do
		dmarc-cat -N -t .xml - <"$file" || echo "Failed: $file"
	done <some >understood 2>&1
	is 'an independent reader of the namespaced form finds every record' \
		"$(sed -n 's/^Reports(\([0-9]*\)):$/\1/p' understood | awk '{ n += $1 } END { print n }'),$(grep -c ^Failed understood)" \
		"$(cat wanted),0"
else
	echo "ok $((tests += 1)) - dmarc-cat # SKIP is not there, or not asked"
fi
$histories check $legacy_count legacy legacy >sum 2>&1
like 'the same in the form of RFC 7489' "$(cat sum)" 'wrong=0$'
if [ -n "$peers" ] && peer libmail-dmarc-perl; then
	is 'Mail::DMARC reads that' "$(find legacy -name '*.eml' | xargs perl "$top/tests/helpers/read_report.pl" 2>&1)" \
		"mails=$((8 * legacy_count)) $(grep -o 'messages=[0-9]*' sum)"
else
	echo "ok $((tests += 1)) - Mail::DMARC # SKIP is not there, or not asked"
fi
done_testing
