#!/bin/sh
# ARC (RFC 8617): chains of dkimpy, whole and broken; the public suite; sealers that a site trusts.
. "$(dirname "$0")/lib.sh"

if [ -e "${ASSAY_CORPUS-}/arc/arc-draft-validation-tests.yml" ]; then
	suite=$(/usr/bin/python3 "$top/tests/helpers/arc_suite.py" "$ASSAY_CORPUS/arc/arc-draft-validation-tests.yml")
	is 'the public suite: all, or a difference that is explained' "$(echo "$suite" | grep -c '^not ok')" 0
else
	skip 'the public suite' 'no collection of messages in $ASSAY_CORPUS'
fi
peer python3-dkim || { skip 'chains of dkimpy' "$without"; done_testing; exit; }
cd "$work" || exit 1

openssl genrsa -out key 2048 2>/dev/null
record() {
	printf '%s TXT "v=DKIM1; p=' "$1"
	openssl pkey -in key -pubout -outform DER | base64 -w 0 | sed 's/.\{200\}/&" "/'
	printf '"\n'
}
for domain in list.example forwarder.example evil.example; do
	record "arc._domainkey.$domain."
done >zone
cat >>zone <<'Z'
_dmarc.example.org. TXT "v=DMARC1; p=reject"
_dmarc.other.example. TXT "v=DMARC1; p=reject"
late.example. TIMEOUT
arc._domainkey.late.example. TIMEOUT
Z
id=mx.example.net
printf 'From: Alice <alice@example.org>\nTo: bob@example.net\nSubject: x\nDate: Mon, 23 Nov 2026 09:14:03 +0100\nMessage-ID: <1@example.org>\n\nHello.\n' >plain

seal() {
	/usr/bin/python3 "$top/tests/helpers/arc_seal.py" key "$@"
}
# chain [OPTION...] <MESSAGE: the verdict of dkimverify
chain() {
	dkimverify -n --arc -z zone "$@" | grep '^arc='
}

is 'no chain' "$(chain <plain)" arc=none
for sets in 1 3 50; do
	# shellcheck disable=SC2046
	seal $(yes list.example | head -n $sets) <plain >sealed.$sets
	is "a chain of $sets" "$(chain <sealed.$sets)" \
		'arc=pass policy.arc-sealers=1 policy.arc-seal-1=list.example policy.arc-from=example.org'
done
is 'JSON' "$(dkimverify -n -j --arc -z zone <sealed.3 | grep '"arc"')" \
	'{"method":"arc","result":"pass","reason":"","sets":3,"sealers":["list.example"],"passed_author":"example.org"}'
like 'one set more than 50' "$(sed 's/i=50;/i=51;/; s/i=49;/i=50;/' sealed.50 | chain)" '^arc=fail'
dkimverify -a $id --arc -z zone <sealed.3 >out
like 'a field of its own' "$(sed -e ':a' -e 'N; $!ba' -e 's/\n[ \t]/ /g' out)" "Authentication-Results: $id; arc=pass policy.arc-sealers=1 policy.arc-seal-1=list.example "
is 'without the option there is none' "$(dkimverify -n -z zone <sealed.3 | grep -c '^arc')" 0

# A chain breaks wherever something of it is changed, taken away or doubled.
for instance in 1 2 3; do
	for name in ARC-Seal ARC-Message-Signature ARC-Authentication-Results; do
		/usr/bin/python3 - "$name" "$instance" <<'P'
import re
import sys

name, instance = sys.argv[1:]
head, _, body = open('sealed.3').read().partition('\n\n')
fields = re.findall(r'(?m)^\S.*(?:\n[ \t].*)*', head)
mine = [f for f in fields if f.startswith(name + ':') and re.search(r'\bi=%s;' % instance, f)][0]
other = [f for f in fields if f.startswith(name + ':') and f != mine][0]


def write(kind, changed):
    open('broken.' + kind, 'w').write('\n'.join(changed) + '\n\n' + body)


write('gone', [f for f in fields if f != mine])
write('twice', fields + [mine])
write('renumbered', [re.sub(r'\bi=%s;' % instance, 'i=7;', f) if f == mine else f for f in fields])
write('changed', [re.sub('list.example', 'evil.example', f, 1) if f == mine else f for f in fields])
write('exchanged', [other if f == mine else f for f in fields])
P
		for kind in gone twice renumbered changed exchanged; do
			like "$name $instance $kind" "$(chain <broken.$kind)" '^arc=fail reason="'
		done
	done
done
like 'the body changed' "$(sed '$s/Hello/Hallo/' sealed.3 | chain)" 'arc=fail reason="ARC-Message-Signature 3: body hash does not match"'
like 'the subject changed' "$(sed 's/^Subject: x/Subject: y/' sealed.3 | chain)" 'ARC-Message-Signature 3, d=list.example: signature does not match'
like 'a field of another name does not matter' "$({ echo 'X-New: 1'; cat sealed.3; } | chain)" '^arc=pass'
like 'CRLF' "$(sed 's/$/\r/' sealed.3 | chain)" '^arc=pass'
seal late.example <plain >late
like 'a silent name server' "$(chain -T 2 <late)" '^arc=temperror'
for odd in 'ARC-Seal: i=0; a=rsa-sha256' 'ARC-Seal:' 'ARC-Seal: i=99999999999' 'ARC-Authentication-Results: i=1' \
	'ARC-Authentication-Results: x' 'ARC-Message-Signature: i=1; i=2' 'ARC-Seal: i=1; cv=maybe; d=a.example; s=s; a=rsa-sha256; b=AA=='; do
	like "$odd" "$({ echo "$odd"; cat plain; } | chain)" '^arc=fail reason="'
done

# Whom to believe is the site's choice.
printf 'list.example\n.forwarder.example\nforwarder.example\n' >sealers
# judged [SEALER...]: what dmarceval makes of a message that these have passed on
judged() {
	{ echo 'Received: from mx by mx.example.net'; seal "$@" <plain; } >passed_on
	dkimverify -a $id --arc -z zone <passed_on |
		dmarceval -n -j -a $id -z zone --config-dir "$work/none" --trusted-sealers sealers >judgement 2>&1
	sed -n 's/.*"result":"\([a-z]*\)".*"disposition":"\([a-z]*\)".*"override":\(\[[^]]*\]\).*/\1 \2 \3/p' judgement
}
mkdir none
is 'a sealer that is trusted saves the mail' "$(judged list.example | cut -d' ' -f 1,2)" 'fail none'
like 'by an override' "$(cat judgement)" '"override":\["trusted_forwarder"\]'
dkimverify -a $id --arc -z zone <passed_on | dmarceval -a $id -i 192.0.2.1 -z zone --config-dir none --trusted-sealers sealers --db h.db >out
like 'which names him in reports' "$(sqlite3 h.db .dump)" 'trusted_forwarder.*arc=pass, sealed by list.example'
is 'one that is not trusted does not' "$(judged evil.example)" 'fail reject []'
is 'every sealer has to be' "$(judged evil.example list.example)" 'fail reject []'
is 'wherever he is in the chain' "$(judged list.example evil.example)" 'fail reject []'
is 'two that are' "$(judged list.example forwarder.example | cut -d' ' -f 1,2)" 'fail none'
is 'who found no pass' "$(judged 'list.example=dmarc=fail header.from=example.org')" 'fail reject []'
is 'or one for somebody else' "$(judged 'list.example=dmarc=pass header.from=other.example')" 'fail reject []'
is 'only the first one counts' \
	"$(judged 'list.example=dmarc=fail header.from=example.org' forwarder.example)" 'fail reject []'
is 'a chain that does not hold' "$(judged list.example >/dev/null; sed '$s/Hello/Hallo/' passed_on | dkimverify -a $id --arc -z zone |
	dmarceval -n -a $id -z zone --config-dir none --trusted-sealers sealers | grep -c 'dis=reject')" 1
is 'without the file nobody is trusted' "$(judged list.example >/dev/null; dkimverify -a $id --arc -z zone <passed_on |
	dmarceval -n -a $id -z zone --config-dir none | grep -c 'dis=reject')" 1
cp sealers none/trusted-sealers
is 'the standard file' "$(dkimverify -a $id --arc -z zone <passed_on | dmarceval -n -a $id -z zone --config-dir none |
	grep -c 'dis=none')" 1
# sealed TEXT: judged with this result of ours about a chain
sealed() {
	{ echo "Authentication-Results: $id; arc=pass $1"; printf 'Received: x\n'; cat plain; } |
		dmarceval -n -a $id -z zone --config-dir none | grep -o 'dis=[a-z]*'
}
is 'a result that names all sealers' "$(sealed 'policy.arc-sealers=1 policy.arc-seal-1=list.example policy.arc-from=example.org')" dis=none
for odd in 'policy.arc-sealers=2 policy.arc-seal-1=list.example policy.arc-from=example.org' \
	'policy.arc-sealers=1 policy.arc-seal-2=list.example policy.arc-from=example.org' \
	'policy.arc-seal-1=list.example policy.arc-from=example.org' 'policy.arc-sealers=0 policy.arc-from=example.org' \
	'policy.arc-sealers=1 policy.arc-seal-1=list.example' \
	'policy.arc-sealers=99999999999999999999 policy.arc-seal-1=list.example policy.arc-from=example.org'; do
	is "one that does not: $odd" "$(sealed "$odd")" dis=reject
done
is 'a forged result of a chain' "$({ printf 'Received: x\n'
	echo "Authentication-Results: $id; arc=pass policy.arc-sealers=1 policy.arc-seal-1=list.example policy.arc-from=example.org"; cat plain; } |
	dkimverify -a $id --arc -z zone | dmarceval -n -a $id -z zone --config-dir none | grep -c 'dis=reject')" 1
done_testing
