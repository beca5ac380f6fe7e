#!/bin/sh
# dmarcreport read: what others report, in all the forms in which it comes. A collection of real forms may be
# in $ASSAY_REPORTS, in the format that reports_corpus.py explains; the rest is made here.
. "$(dirname "$0")/lib.sh"

cd "$work" || exit 1
store=$work/store

# feedback ID [RECORDS...]: an aggregate report; a record is IP,COUNT,DKIM,SPF
feedback() {
	id=$1
	shift
	cat <<-X
	<?xml version="1.0" encoding="UTF-8"?>
	<feedback><report_metadata><org_name>Reporter</org_name><email>dmarc@reporter.example</email>
	<report_id>$id</report_id><date_range><begin>1764288000</begin><end>1764374399</end></date_range></report_metadata>
	<policy_published><domain>example.com</domain><p>none</p></policy_published>
	X
	for record; do
		echo "$record" | sed 's|^\([^,]*\),\([^,]*\),\([^,]*\),\([^,]*\)$|<record><row><source_ip>\1</source_ip>\
<count>\2</count><policy_evaluated><disposition>none</disposition><dkim>\3</dkim><spf>\4</spf>\
</policy_evaluated></row><identifiers><header_from>example.com</header_from></identifiers><auth_results>\
<spf><domain>example.com</domain><result>\4</result></spf></auth_results></record>|'
	done
	echo '</feedback>'
}
# mail FILE [HEADER]: a mail with that attachment
mail() {
	cat <<-M
	${2-Received: from reporter.example}
	From: dmarc@reporter.example
	Subject: Report Domain: example.com
	MIME-Version: 1.0
	Content-Type: multipart/mixed; boundary=b

	--b
	Content-Type: text/plain

	A report.
	--b
	Content-Type: application/octet-stream
	Content-Transfer-Encoding: base64

	$(base64 "$1")
	--b--
	M
}
# take [ARGUMENTS]: reads into the store; its words and its status
take() {
	dmarcreport read --store "$store" "$@" 2>&1
	echo "status $?"
}
# key NAME: that member of a JSON line
key() {
	sed -n "s/.*\"$1\":\(\"[^\"]*\"\|[^,}]*\).*/\1/p"
}

# From standard input and from files

feedback one 192.0.2.1,3,pass,pass 192.0.2.2,4,fail,fail >one.xml
is 'a report on standard input is stored' "$(take <one.xml)" \
	'dmarcreport: 1 report stored (2 rows, 7 messages)
status 0'
is '... and readable by nobody else' "$(stat -c %a "$store")" 600
is 'the same once more is a duplicate' "$(take one.xml)" \
	'dmarcreport: 0 reports stored (0 rows, 0 messages), 1 known before
status 0'
gzip -kc one.xml >other-name.zip
mail other-name.zip >one.eml
is '... packed and in a mail, too' "$(take <one.eml)" \
	'dmarcreport: 0 reports stored (0 rows, 0 messages), 1 known before
status 0'
feedback one 192.0.2.1,3,pass,pass 192.0.2.2,5,fail,fail >newer.xml
is 'another content takes the place of the older one, and that is said' "$(take newer.xml)" \
	'dmarcreport: 1 report stored (2 rows, 8 messages), 1 in the place of an older one
status 0'
is '... so that nothing counts twice' "$(sqlite3 "$store" 'SELECT sum(messages), count(*) FROM record')" '8|2'
is 'what has no report is told by status 65' "$(echo Hello | take)" \
	'dmarcreport: -: there is no report in it
dmarcreport: 0 reports stored (0 rows, 0 messages), 1 without a report
status 65'
is 'nothing at all, too' "$(take -q </dev/null)" 'status 65'
feedback two 192.0.2.1,1,pass,pass >two.xml
is 'one bad file stops nothing, but is told by status 75' "$(take -q missing.xml two.xml)" 'status 75'
is '... the other one is stored' "$(sqlite3 "$store" "SELECT count(*) FROM report WHERE name = 'two'")" 1
is 'a store that cannot be made: 75' "$(dmarcreport read -q --store "$work/no/store" one.xml 2>/dev/null; echo $?)" 75
is 'silence with -q' "$(take -q one.xml)" 'status 0'

# -j

line=$(dmarcreport read -j --store json one.xml)
for pair in 'file="one.xml"' 'kind="aggregate"' 'org="Reporter"' 'report_id="one"' 'domain="example.com"' \
	begin=1764288000 end=1764374399 rows=2 messages=7 rejected_rows=0 repairs=0 duplicate=false incomplete=false; do
	is "-j: $pair" "$(echo "$line" | key "${pair%%=*}")" "${pair#*=}"
done

# Broken reports: what is complete is read, and what was mended is counted

broken() {
	rm -f "$store"*
	dmarcreport read -j --store "$store" "$1" >line
	is "$2" "$(key rows <line) $(key messages <line) $(key incomplete <line) $(sed 's/.*"repaired":\[\([^]]*\)\].*/\1/' line)" "$3"
}
feedback cut 192.0.2.1,1,pass,pass 192.0.2.2,2,pass,pass 192.0.2.3,4,pass,pass | head -c 1150 >cut.xml
broken cut.xml 'cut in a record: the records before it are kept' '2 3 true "cut-record=1"'
feedback amp 192.0.2.1,1,pass,pass | sed 's/Reporter/A \& B < C/' >amp.xml
broken amp.xml 'stray ampersands and less-than signs' '1 1 false "stray-ampersand=1","stray-less-than=1"'
is '... are read as they are meant' "$(key org <line)" '"A & B < C"'
feedback ctl 192.0.2.1,1,pass,pass | sed 's/Reporter/Rep\x1b[31mort\xe9r/' >ctl.xml
broken ctl.xml 'control characters and Latin-1' '1 1 false "control-character=1","not-utf8=1"'
feedback crossed 192.0.2.1,1,pass,pass 192.0.2.2,2,pass,pass | sed '0,/<.count>/s//<\/cuont>/' >crossed.xml
broken crossed.xml 'a misspelt end tag' '2 3 false "crossed-tag=1"'
feedback noend 192.0.2.1,1,pass,pass 192.0.2.2,2,pass,pass | sed '0,/<.record>/s///' >noend.xml
broken noend.xml 'a record without its end does not count, the next one does' \
	'1 2 true "unclosed-element=1","cut-record=1"'
feedback words 192.0.2.1,1,HardFail,pass | sed 's/<result>pass/<result> Unknown /' >words.xml
broken words.xml 'known mistakes are mapped' '1 1 false "word=2"'
{ printf '\n \n'; feedback blanks 192.0.2.1,1,pass,pass; } >blanks.xml
broken blanks.xml 'blanks before the document' '1 1 false "blanks-before=1"'
feedback utf16 192.0.2.1,1,pass,pass | iconv -t UTF-16 >utf16.xml
broken utf16.xml 'UTF-16, though the declaration says UTF-8' '1 1 false '
{ feedback a 192.0.2.1,1,pass,pass; feedback b 192.0.2.2,2,pass,pass; } >both.xml
rm -f "$store"*
is 'two documents in a row' "$(dmarcreport read -j --store "$store" both.xml | wc -l)" 2

# Rows that cannot be right

rm -f "$store"*
feedback bad 192.0.2.256,1,pass,pass 192.0.2.1,0,pass,pass 192.0.2.1,1e3,pass,pass 2001:DB8::1,1,pass,pass >bad.xml
take bad.xml >said
is 'rows without an address or a count are rejected' "$(head -1 said)" \
	'dmarcreport: 1 report stored (1 rows, 1 messages), 3 rows rejected'
is '... with the reason' "$(sqlite3 "$store" 'SELECT reason, excerpt FROM reject')" \
	'no IP address|192.0.2.256
not a number of messages from 1 to 10^9|0
not a number of messages from 1 to 10^9|1e3'

# Only what is ours

rm -f "$store"*
is 'a report on a domain of others goes to the rejects' "$(take --domains example.org one.xml | head -1)" \
	'dmarcreport: 0 reports stored (0 rows, 0 messages), 1 refused'
is '... ours is taken' "$(take --domains example.org,Example.COM one.xml | head -1)" \
	'dmarcreport: 1 report stored (2 rows, 7 messages)'

# Who has sent it: our own field says so, and only above the topmost Received

sender() {
	rm -f "$store"*
	dmarcreport read -q -a mx.example.com --store "$store" || echo "status $?"
	sqlite3 "$store" 'SELECT value FROM report JOIN text ON text.id = sender'
}
pass='Authentication-Results: mx.example.com; dmarc=pass header.from=reporter.example'
received='Received: from reporter.example'
is 'an authenticated reporter' "$(mail one.xml "$pass
$received" | sender)" reporter.example
is 'a field below our Received is anybody'\''s' "$(mail one.xml "$received
$pass" | sender)" ''
is 'without a Received there is none of ours' "$(mail one.xml "$pass" | sender)" ''
is 'the field of somebody else' "$(mail one.xml "$(echo "$pass" | sed s/mx/mx2/)
$received" | sender)" ''
is 'dmarc=fail' "$(mail one.xml "$(echo "$pass" | sed s/=pass/=fail/)
$received" | sender)" ''
mail one.xml "$pass
$received" | sender >/dev/null
mail newer.xml | take -a mx.example.com >said
is 'who is not authenticated replaces nothing of one who is' "$(head -1 said)" \
	'dmarcreport: 0 reports stored (0 rows, 0 messages), 1 refused'

# Maildirs, mailbox files

rm -f "$store"*
mkdir -p box/cur box/new box/tmp
mail one.xml >box/new/1
mail two.xml >box/cur/2:2,S
mail bad.xml >box/tmp/3
is 'a Maildir' "$(take -m box --move)" 'dmarcreport: 2 reports stored (3 rows, 8 messages)
status 0'
is '... what was read is in cur/' "$(ls box/cur | tr '\n' ' ')" '1:2,S 2:2,S '
for name in one two; do
	echo 'From reporter@example.net Sat Nov 28 00:00:00 2026'
	mail $name.xml
	echo
done >mbox
rm -f "$store"*
is 'a mailbox file' "$(take mbox)" 'dmarcreport: 2 reports stored (3 rows, 8 messages)
status 0'
is '--move without a Maildir is an error' "$(dmarcreport read --move --store "$store" mbox 2>/dev/null; echo $?)" 64
is 'another database is not taken for a store' "$(sqlite3 other.db 'CREATE TABLE x(y)'
dmarcreport read -q --store other.db one.xml 2>/dev/null; echo $?)" 75

# Hostile

rm -f "$store"*
{ feedback bomb; head -c 40000000 /dev/zero | tr '\0' ' '; } | gzip >bomb.gz
take bomb.gz >said
like 'a bomb counts for nothing' "$(cat said)" 'bomb.gz: not read: it unpacks to more than 200 times its size'
like '... status 65' "$(cat said)" 'status 65'
is '... and is in the rejects' "$(sqlite3 "$store" 'SELECT reason FROM reject')" 'it unpacks to more than 200 times its size'
feedback doctype 192.0.2.1,1,pass,pass | sed '1a <!DOCTYPE feedback [<!ENTITY x SYSTEM "/etc/passwd">]>' >doctype.xml
like 'a document type is refused' "$(take doctype.xml)" 'not read: it has a document type'
awk 'BEGIN { printf "<feedback>"; for (i = 0; i < 300; i++) printf "<a>" }' >deep.xml
like 'so are elements nested too deeply' "$(take deep.xml)" 'not read: its elements are nested deeper than 256'
awk 'BEGIN { printf "<feedback a=\""; for (i = 0; i < 3000000; i++) printf "0123456789"; print "\"></feedback>" }' >long.xml
like 'a tag of 30 MB needs no memory' "$(/usr/bin/time -f '%M' dmarcreport read -q --store "$store" long.xml 2>&1)" \
	'^([0-9]{1,4}|[12][0-9]{4})$'

if [ -n "${ASSAY_REPORTS-}" ]; then
	/usr/bin/python3 "$top/tests/helpers/reports_corpus.py" "$ASSAY_REPORTS" >corpus
	is "the collection in $ASSAY_REPORTS" "$(grep -v '^ok\|^1\.\.' corpus)" ''
fi
done_testing
