#!/bin/sh
# ADSP (RFC 5617): what the author domain says of unsigned mail.
. "$(dirname "$0")/lib.sh"
needs_peer python3-dkim

openssl genrsa -out "$work/key" 2048 2>/dev/null
{
	for domain in all discardable unknown other none two broken late; do
		echo "$domain.example. MX 10 mail.$domain.example."
	done
	echo '_adsp._domainkey.all.example. TXT "dkim=all"'
	echo '_adsp._domainkey.discardable.example. TXT "dkim = discardable; x=y"'
	echo '_adsp._domainkey.unknown.example. TXT "dkim=unknown"'
	echo '_adsp._domainkey.other.example. TXT "dkim=sometimes"'
	echo '_adsp._domainkey.two.example. TXT "dkim=all"'
	echo '_adsp._domainkey.two.example. TXT "dkim=unknown"'
	echo '_adsp._domainkey.broken.example. TXT "all"'
	echo '_adsp._domainkey.late.example. TIMEOUT'
	echo 'gone._domainkey.all.example. SERVFAIL'
	echo 'servfail.example. SERVFAIL'
	for domain in all sub.all; do
		printf 's._domainkey.%s.example. TXT "v=DKIM1; p=' $domain
		openssl pkey -in "$work/key" -pubout -outform DER | base64 -w 0 | sed 's/.\{200\}/&" "/'
		printf '"\n'
	done
} >"$work/zone"

message() {
	printf 'From: a@%s.example\nSubject: x\n\nbody\n' "$1"
}

adsp() {
	dkimverify -n --adsp -z "$work/zone" 2>&1 | grep -o 'dkim-adsp=[a-z]*'
}

signed_by() {
	/usr/bin/python3 "$top/tests/helpers/sign.py" relaxed/relaxed "$1" "$2" "$work/key"
}

for pair in all:fail discardable:discard unknown:unknown other:unknown none:none two:permerror \
	broken:permerror late:temperror absent:nxdomain servfail:temperror; do
	is "unsigned, ${pair%:*}" "$(message "${pair%:*}" | adsp)" "dkim-adsp=${pair#*:}"
done
is 'signed by the author domain' "$(message all | signed_by s all.example | adsp)" dkim-adsp=pass
is 'signed and changed' \
	"$(message all | signed_by s all.example | sed s/body/Body/ | adsp)" dkim-adsp=fail
is 'signed by a subdomain only' \
	"$(message all | signed_by s sub.all.example | adsp)" dkim-adsp=fail
is 'the key of the author domain cannot be had now' \
	"$(message all | signed_by gone all.example | adsp)" dkim-adsp=temperror
is 'two authors' "$(printf 'From: a@all.example, b@none.example\n\n' | adsp)" dkim-adsp=permerror
is 'without --adsp nothing is said' "$(message all | dkimverify -n -z "$work/zone")" \
	'dkim=none reason="not signed"'
like 'as a field of its own' "$(message all | dkimverify --adsp -a mx.test -z "$work/zone")" \
	'^Authentication-Results: mx.test; dkim-adsp=fail'
done_testing
