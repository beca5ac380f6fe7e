#!/bin/sh
# dmarcreport read: zip archives that are odd, cut, or say of themselves what is not true.
. "$(dirname "$0")/lib.sh"

cd "$work" || exit 1
cat >report.xml <<'X'
<?xml version="1.0" encoding="UTF-8"?>
<feedback><report_metadata><org_name>Reporter</org_name><email>dmarc@reporter.example</email>
<report_id>one</report_id><date_range><begin>1764288000</begin><end>1764374399</end></date_range></report_metadata>
<policy_published><domain>example.com</domain><p>none</p></policy_published>
<record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>none</disposition>
<dkim>pass</dkim><spf>pass</spf></policy_evaluated></row><identifiers><header_from>example.com</header_from>
</identifiers><auth_results><spf><domain>example.com</domain><result>pass</result></spf></auth_results></record>
</feedback>
X
/usr/bin/python3 "$top/tests/helpers/zips.py" report.xml . || exit 1

# take ZIP: what is said of it
take() {
	rm -f store*
	timeout 60 dmarcreport read -j --store store "$1" >lines 2>said
	grep -o '"repaired":\[[^]]*' lines >repaired
	sed -n "s/^dmarcreport: $1: //p" said
	echo "$(grep -c '"kind":"aggregate"' lines) read"
}

for zip in good-*.zip; do
	is "$zip: its report is read" "$(take "$zip")" '1 read'
	is '... and nothing is wrong with it' "$(grep -o damaged-container repaired)" ''
done
for zip in lie-*.zip; do
	is "$zip: its report is read" "$(take "$zip")" '1 read'
	is '... and counts as damaged' "$(grep -o damaged-container repaired)" damaged-container
done
for zip in none-*.zip; do
	case $zip in
	none-encrypted* | none-aes*) reason='not read: it is encrypted' ;;
	none-bzip2* | none-lzma*) reason='not read: it is packed in another way than deflate' ;;
	none-17* | none-60000* | none-headers-only*) reason='not read: it has more than 16 members' ;;
	none-overlapping*) reason='not read: it unpacks to more than 200 times its size' ;;
	*) reason='there is no report in it' ;;
	esac
	is "$zip: none" "$(take "$zip")" "$reason
0 read"
done

# A cut anywhere: the report is read or is not, but the program ends as it should.
for cut in 100 200 300 400 500 600 650; do
	head -c "$cut" good-plain.zip >cut.zip
	said=$(take cut.zip | tail -1)
	like "cut after $cut octets" "$said" '^[01] read$'
done
done_testing
