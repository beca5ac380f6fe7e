#!/bin/sh
# The page in a browser: no accessibility rule is broken, nothing is said on the console, nothing is asked
# for, no element comes from a report. Needs chromium, and in $NODE_PATH playwright-core and axe-core (npm).
. "$(dirname "$0")/lib.sh"

command -v chromium >/dev/null || skip_all 'there is no chromium'
node -e 'require("playwright-core"); require("axe-core")' 2>/dev/null ||
	skip_all 'there are no playwright-core and axe-core in $NODE_PATH'
cd "$work" || exit 1
row() {
	echo "<record><row><source_ip>$1</source_ip><count>7</count><policy_evaluated><dkim>$2</dkim><spf>$2</spf></policy_evaluated></row><auth_results><dkim><domain>$3</domain><selector>s</selector><result>pass</result></dkim></auth_results></record>"
}
n=0
for domain in example.com '&lt;script&gt;alert(1)&lt;/script&gt;' '&lt;img src=http://127.0.0.1/x onerror=alert(1)&gt;' '&quot; style=&quot;x' ''; do
	for day in 1764288000 1764374400 1764460800; do
		n=$((n + 1))
		{
			echo "<feedback><report_metadata><org_name>$domain</org_name><report_id>$n</report_id><date_range><begin>$day</begin><end>$day</end></date_range></report_metadata><policy_published><domain>$domain</domain><p>none</p></policy_published>"
			row 192.0.2.1 pass "$domain"
			row 192.0.2.2 fail "$domain"
			row 2001:db8::1 fail 'javascript:alert(1)'
			echo '</feedback>'
		} >$n.xml
	done
done
dmarcreport read -q --store store -t 1764547200 ./*.xml
dmarcreport page --store store -t 1764547200 -z /dev/null -o "$work/page.html"
dmarcreport page --store store -t 1764547200 -z /dev/null -d nobody.example -o "$work/empty.html"
ok 'a hostile store and an empty page' node "$top/tests/helpers/page_check.js" "$work/page.html" "$work/empty.html"
done_testing
