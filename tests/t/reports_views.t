#!/bin/sh
# The views on the reports of others, the page, the mail of digest, and the upkeep of their store.
. "$(dirname "$0")/lib.sh"

cd "$work" || exit 1
now=1795824000 # 2026-11-28
day=$((now / 86400 - 20))

# feedback FILE ID DAY DOMAIN POLICY [RECORDS...]: a report; a record is IP,COUNT,DKIM,SPF,SIGNER,ENVELOPE,REASON
feedback() {
	file=$1
	cat >"$file" <<-X
	<feedback><report_metadata><org_name>Reporter</org_name><email>dmarc@reporter.example</email>
	<report_id>$2</report_id><date_range><begin>$(($3 * 86400))</begin><end>$(($3 * 86400 + 86399))</end></date_range></report_metadata>
	<policy_published><domain>$4</domain><p>$5</p></policy_published>
	X
	domain=$4
	shift 5
	for record; do
		IFS=, read -r ip count dkim spf signer envelope reason <<-R
		$record
		R
		cat >>"$file" <<-X
		<record><row><source_ip>$ip</source_ip><count>$count</count><policy_evaluated><disposition>none</disposition>
		<dkim>$dkim</dkim><spf>$spf</spf><reason><type>$reason</type></reason></policy_evaluated></row>
		<identifiers><header_from>$domain</header_from></identifiers><auth_results>
		<dkim><domain>$signer</domain><selector>s1</selector><result>pass</result></dkim>
		<spf><domain>$envelope</domain><result>pass</result></spf></auth_results></record>
		X
	done
	echo '</feedback>' >>"$file"
}
cat >zone <<'Z'
example.com. TXT "v=spf1 ip4:192.0.2.0/24 include:spf.service.example -all"
spf.service.example. TXT "v=spf1 ip4:198.51.100.0/24 -all"
25.2.0.192.in-addr.arpa. PTR mx.example.com.
mx.example.com. A 192.0.2.25
66.113.0.203.in-addr.arpa. PTR mx.example.com.
Z
for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	feedback "r$i.xml" "id-$i" $((day + i)) example.com none \
		192.0.2.25,10,pass,pass,example.com,example.com, \
		198.51.100.7,5,pass,fail,example.com,bounce.service.example, \
		2001:db8::9,2,pass,fail,example.com,lists.example.net,mailing_list \
		203.0.113.66,1,fail,fail,evil.example,evil.example,
done
dmarcreport read -q --store store -t $now r*.xml
view() {
	name=$1
	shift
	dmarcreport "$name" --store store -t $now -z zone "$@"
}
plain() {
	name=$1
	shift
	dmarcreport "$name" --store store -t $now "$@"
}
key() {
	sed -n "s/.*\"$1\":\(\"[^\"]*\"\|[^,}]*\).*/\1/p"
}

# Tables, JSON, CSV

plain summary -j >line
for pair in 'domain="example.com"' messages=288 passed=272 'pass_percent="94.4"' reports=16 reporters=1 unauthenticated=288 \
	'first="2026-11-08"' 'last="2026-11-23"'; do
	is "summary: $pair" "$(key "${pair%%=*}" <line)" "${pair#*=}"
done
is 'summary of some days' "$(plain summary -j --since 2026-11-10 --until 2026-11-11 | key messages)" 36
is 'summary of a domain that nobody reports on' "$(plain summary -d example.net)" 'There is nothing to show for these days.'
like 'summary as a table' "$(plain summary | head -1)" '^domain +messages +passed'
view sources -j >lines
guess() {
	grep "\"source\":\"$1\"" lines | key guess
}
is 'the host that the SPF record names is ours' "$(guess 192.0.2.25)" '"ours"'
is 'one that it includes is a service' "$(guess 198.51.100.7)" '"service"'
is 'one that changes nothing but the envelope is a forwarder' "$(guess 2001:db8::9)" '"forwarder"'
is 'one that nothing speaks for is a stranger' "$(guess 203.0.113.66)" '"stranger"'
is 'failing ones come first' "$(head -1 lines | key source)" '"203.0.113.66"'
is 'only failing ones' "$(view sources -j --failing | wc -l)" 1
is 'who signed' "$(grep 198.51.100.7 lines | key dkim)" '"example.com/s1"'
view sources -j --names >lines
is 'the name of a host' "$(grep '"192.0.2.25"' lines | key name)" '"mx.example.com"'
is 'a name that does not have the address of the host is none' "$(grep '"203.0.113.66"' lines | key name)" '""'
is 'names are remembered' "$(dmarcreport sources -j --names --store store -t $now -z /dev/null | grep '"192.0.2.25"' | key name)" \
	'"mx.example.com"'
like 'ready: nothing of ours fails' "$(view ready)" 'example.com: yes'
like '... and the record' "$(view ready)" '_dmarc.example.com. TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"'
feedback bad.xml own-fails $((day + 15)) example.com none 192.0.2.80,30,fail,fail,x.example,x.example,
dmarcreport read -q --store store -t $now bad.xml
like 'ready: an own host fails' "$(view ready)" 'example.com: not yet'
is '... and is named' "$(view ready -j | key failing)" '"192.0.2.80 (30)"'
like 'show' "$(plain show id-3 | grep 203.0.113.66)" '203.0.113.66 +1 +fail +fail'
is 'show: what is not there' "$(plain show id-99 2>&1 | sed 's/.*: //'; plain show id-99 >/dev/null 2>&1; echo $?)" \
	'there is no report "id-99"
75'
is 'show needs an id' "$(plain show 2>/dev/null; echo $?)" 64
is '--csv and -j together' "$(plain summary --csv -j 2>/dev/null; echo $?)" 64
is 'a view makes no store' "$(dmarcreport summary --store other 2>/dev/null; echo $?; ls other 2>/dev/null)" 75

# What strangers write

feedback evil.xml '=1+1' $day '=cmd|x' none 192.0.2.1,1,fail,fail,'<script>alert(1)</script>',e,
printf '{"organization-name":"\\u001b[31m<img src=x>\\u202e","report-id":"@x","date-range":{"start-datetime":"2026-11-20T00:00:00Z"},"policies":[{"policy":{"policy-domain":"\\"onload=x","policy-type":"sts"},"summary":{"total-failure-session-count":3}}]}' >evil.json
dmarcreport read -q --store store -t $now evil.xml evil.json
like 'CSV: no cell is a formula' "$(plain summary --csv | grep cmd)" "^\"'=cmd"
is 'a terminal gets no control character' "$(for name in summary sources rejects tls; do
	plain $name
done 2>&1 | tr -d '\n' | LC_ALL=C tr -d '\40-\176' | od -An -c)" ''
view page -o page.html
is 'the page: status' $? 0
is '... has no element of a report' "$(grep -c '<script\|<img' page.html)" 0
like '... escapes what reports say' "$(cat page.html)" '&lt;img src=x&gt;'
like '... forbids all but its own style' "$(cat page.html)" \
	"content=\"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]*='; base-uri 'none'; form-action 'none'\""
is '... whose hash is right' "$(sed -n "s/.*style-src '\(sha256-[^']*\)'.*/\1/p" page.html)" \
	"sha256-$(tr -d '\n' <page.html | sed 's/.*<style>//; s,</style>.*,,' | openssl dgst -sha256 -binary | base64)"
is '... loads nothing' "$(grep -c 'src=\"\|href=\"[^#]\|url(' page.html)" 0
like '... says what to do next' "$(cat page.html)" 'What to do next'

# digest: only when something is new or worse

digest() {
	rm -f mail
	view digest --to dmarc@example.com --sendmail "cat >$work/mail" "$@"
	echo "status $? $(ls mail 2>/dev/null)"
}
is 'digest: the first one' "$(digest)" 'status 0 mail'
like '... has a subject' "$(cat mail)" '^Subject: DMARC: [0-9]+ things are new or worse$'
is '... and the page' "$(grep -c 'filename="dmarc.html"' mail)" 1
is 'nothing is new' "$(digest)" 'status 0 '
is '... but it may be wanted' "$(digest --always)" 'status 0 mail'
feedback worse.xml worse $((day + 19)) example.com none 192.0.2.81,500,fail,fail,x.example,x.example,
dmarcreport read -q --store store -t $now worse.xml
is 'a mail that cannot be sent' "$(view digest --to dmarc@example.com --sendmail 'exit 75' 2>/dev/null; echo $?)" 75
is '... is sent the next time' "$(digest)" 'status 0 mail'
like '... and says what is worse' "$(/usr/bin/python3 -c 'import email, sys
print(email.message_from_file(sys.stdin).get_payload(0).get_payload(decode=True).decode())' <mail)" \
	'example.com: [0-9.]+ % of the messages pass; it was'

# Upkeep

dmarcreport merge -q --store copy store
is 'merge: a store into an empty one' "$(dmarcreport summary -j --store copy -t $now -d example.com | key messages)" 818
dmarcreport merge -q --store copy store
is '... twice changes nothing' "$(dmarcreport summary -j --store copy -t $now -d example.com | key messages)" 818
is 'merge: a store that is not there' "$(dmarcreport merge -q --store copy missing store 2>/dev/null; echo $?)" 75
is 'export: a line for each row' "$(plain export -d example.com | wc -l)" 66
like 'export as CSV' "$(plain export --csv | sed -n 1p)" '^org,report_id,'
like 'expire' "$(plain expire --keep 10)" 'reports on days before 2026-11-18 removed'
is '... leaves the other days' "$(plain summary -j -d example.com | key first)" '"2026-11-18"'
is '... and no text that nobody uses' "$(sqlite3 store "SELECT count(*) FROM text WHERE value LIKE '%script%'")" 0
done_testing
