#!/bin/sh
# A site that moves one piece at a time: dmarceval behind the real opendkim, policyd-spf and
# pyspf-milter, with their DNS on loopback.
. "$(dirname "$0")/lib.sh"
needs_peer opendkim miltertest postfix-policyd-spf-python pyspf-milter

if [ -z "${ASSAY_NAMESPACE-}" ]; then
	unshare -m -n true 2>/dev/null || skip_all 'needs root for namespaces'
	for program in opendkim miltertest policyd-spf pyspf-milter nsd; do
		command -v $program >/dev/null || skip_all "no $program"
	done
	rm -rf "$work"
	ASSAY_NAMESPACE=1 exec unshare -m -n sh "$0"
fi
. "$top/tests/helpers/nameserver.sh"
nameserver_setup
daemons=
# shellcheck disable=SC2086 # a list of words
trap 'kill $daemons 2>/dev/null; nameserver_stop; rm -rf "$work"' EXIT
cd "$work" || exit 1
id=mx.example.net

dkimsign genkey -d example.org -s mail -D . >/dev/null
{
	cat mail.txt
	echo 'example.org. TXT "v=spf1 ip4:192.0.2.1 ip4:192.0.2.5 -all"'
	echo '_dmarc.example.org. TXT "v=DMARC1; p=reject"'
	echo 'example.org. A 192.0.2.1'
	echo 'mail.example.org. TXT "v=spf1 ip4:192.0.2.5 -all"'
	echo '_dmarc.evil.example. TXT "v=DMARC1; p=none"'
	echo 'evil.example. TXT "v=spf1 +all"'
} >zone
nameserver_nsd zone || skip_all 'no name server'
nameserver_use 127.0.0.2

printf 'From: alice@example.org\nTo: bob@example.net\nSubject: x\nDate: Mon, 23 Nov 2026 09:14:03 +0100\nMessage-ID: <1@example.org>\n\nbody\n' >plain
dkimsign -d example.org -s mail -k mail.private <plain >signed
sed '$s/body/another body/' signed >changed

# judged NAME RESULT SPF DKIM LETTER [OPTION...]: with the fields in the file "field" on top
judged() {
	name=$1 wanted="\"result\":\"$2\".*\"spf_aligned\":\"$3\",\"dkim_aligned\":\"$4\"" letter=$5
	shift 5
	{
		cat field
		printf 'Received: from mail.example.org by mx.example.net\n'
		cat "$letter"
	} >judged
	like "$name" "$(dmarceval -n -j -a $id "$@" <judged 2>&1)" "$wanted" || sed 's/^/# /' field
}

# opendkim
cat >opendkim.conf <<C
Mode v
Socket local:$work/opendkim
AuthservID $id
AlwaysAddARHeader yes
Nameservers 127.0.0.2
Syslog no
C
opendkim -f -x opendkim.conf >opendkim.out 2>&1 &
daemons="$daemons $!"
# milter SOCKET CLIENT HELO SENDER MESSAGE
milter() {
	miltertest -s "$top/tests/helpers/milter.lua" -D socket="$1" -D client="$2" -D helo="$3" -D sender="$4" \
		-D message="$5" >field 2>error || cat error >&2
}
milter "unix:$work/opendkim" 192.0.2.1 mail.example.org alice@example.org signed
judged 'opendkim, pass' pass fail pass signed
milter "unix:$work/opendkim" 192.0.2.1 mail.example.org alice@example.org changed
judged 'opendkim, fail' fail fail fail changed
milter "unix:$work/opendkim" 192.0.2.1 mail.example.org alice@example.org plain
judged 'opendkim, none' fail fail fail plain

# pyspf-milter
cat >pyspf.conf <<C
debugLevel = 1
HELO_reject = False
Mail_From_reject = False
Socket = local:$work/pyspf
PidFile = $work/pyspf.pid
UserID = root
Authserv_Id = $id
C
pyspf-milter pyspf.conf >pyspf.out 2>&1 &
daemons="$daemons $!"
milter "unix:$work/pyspf" 192.0.2.1 mail.example.org alice@example.org plain
judged 'pyspf-milter, pass' pass pass fail plain -f alice@example.org
milter "unix:$work/pyspf" 192.0.2.9 mail.example.org alice@example.org plain
judged 'pyspf-milter, fail' fail fail fail plain
milter "unix:$work/pyspf" 192.0.2.5 mail.example.org '' plain
judged 'pyspf-milter, HELO of a bounce' pass pass fail plain -f ''
judged 'pyspf-milter, HELO, the sender is not known' fail fail fail plain
judged 'pyspf-milter, HELO, the sender is another' fail fail fail plain -f a@evil.example

# policyd HEADER_TYPE CLIENT HELO SENDER: sets the file "field"
policyd() {
	printf '%s\n' 'debugLevel = 0' 'HELO_reject = False' 'Mail_From_reject = False' \
		"Header_Type = $1" "Authserv_Id = $id" 'Hide_Receiver = No' >policyd.conf
	printf '%s\n' request=smtpd_access_policy protocol_state=RCPT protocol_name=ESMTP \
		"client_address=$2" "helo_name=$3" "sender=$4" recipient=bob@example.net instance=1 '' |
		policyd-spf policyd.conf 2>error | sed -n 's/^action=prepend //p' >field
}
for type in SPF AR; do
	policyd $type 192.0.2.1 mail.example.org alice@example.org
	judged "policyd-spf, $type, pass" pass pass fail plain -f alice@example.org
	judged "policyd-spf, $type, pass without --sender" pass pass fail plain
	policyd $type 192.0.2.9 mail.example.org alice@example.org
	judged "policyd-spf, $type, fail" fail fail fail plain
	policyd $type 192.0.2.5 mail.example.org ''
	judged "policyd-spf, $type, HELO of a bounce" pass pass fail plain -f ''
	judged "policyd-spf, $type, HELO, the sender is another" fail fail fail plain -f a@evil.example
	# What the sender writes into its field does not make him another one.
	for sender in 'example.org; x=b@evil.example' 'a@example.org; x=b@evil.example' \
		'"a@example.org" x=b@evil.example' 'a) smtp.mailfrom=example.org (b@evil.example' \
		'a; spf=pass smtp.mailfrom=example.org x.x=b@evil.example'; do
		policyd $type 192.0.2.9 mail.example.org "$sender"
		judged "policyd-spf, $type, sender $sender" fail fail fail plain
	done
	for helo in 'x; envelope-from=a@example.org; y="' 'x;envelope-from=a@example.org (' \
		'x) smtp.mailfrom=example.org ('; do
		policyd $type 192.0.2.9 "$helo" '" z=x@evil.example'
		judged "policyd-spf, $type, HELO $helo" fail fail fail plain
	done
done
done_testing
