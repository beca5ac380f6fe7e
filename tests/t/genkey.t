#!/bin/sh
# genkey's files work everywhere, and testkey finds what is wrong with a record.
. "$(dirname "$0")/lib.sh"

if [ -z "${ASSAY_NAMESPACE-}" ] && unshare -m -n true 2>/dev/null; then
	ASSAY_NAMESPACE=1 unshare -m -n sh "$0"
	exit
fi
cd "$work" || exit 1
umask 022

dkimsign genkey -d Example.ORG -s mail >out 2>err
is 'genkey' "$?,$(cat err)" 0,
is 'the private key is for its owner only' "$(stat -c %a mail.private)" 600
is 'the record is for all' "$(stat -c %a mail.txt)" 644
is 'RSA of 2048 bits' "$(openssl pkey -in mail.private -noout -text 2>&1 | grep -c '(2048 bit')" 1
is 'no string of the record is longer than 255' \
	"$(grep -o '"[^"]*"' mail.txt | grep -c '.\{258\}')" 0
is 'the value is that of the zone line' "$(cut -f4- mail.txt | sed 's/" "//g; s/"//g')" \
	"$(cat mail.value)"
is 'in p= is what openssl says' "$(sed 's/.*p=//' mail.value)" \
	"$(openssl pkey -in mail.private -pubout -outform DER | base64 -w 0)"
like 'a script for nsupdate' "$(cat mail.nsupdate)" \
	'^update add mail._domainkey.example.org. 3600 IN TXT "v=DKIM1; k=rsa; p='
before=$(cat mail.*)
dkimsign genkey -d example.org -s mail >out 2>err
is 'genkey never overwrites' "$?,$(cat mail.*)" "75,$before"
like 'and says so' "$(cat err)" 'mail.private exists and is kept, because mail may be signed with it: take another selector'
is 'and leaves nothing else behind' "$(echo *)" 'err mail.nsupdate mail.private mail.txt mail.value out'
mkdir keys
dkimsign genkey -d example.org -s ed --type ed25519 -D keys >/dev/null
like 'Ed25519' "$(cat keys/ed.txt)" \
	'^ed\._domainkey\.example\.org\.	IN	TXT	"v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}="$'
dkimsign genkey -d example.org -s large -b 4096 -D keys >/dev/null
is 'RSA of 4096 bits' "$(openssl pkey -in keys/large.private -noout -text 2>&1 | grep -c '(4096 bit')" 1
for wrong in '-d example.org' '-s mail' '-d example -s x' '-d example.org -s a..b' \
	'-d example.org -s x -b 512' '-d example.org -s x -b many' '-d example.org -s x -t dsa' \
	'-d example.org -s x --type ed25519 -b 2048' '-d example.org -s ../x' '-d example.org -s x -z f' \
	'-d example.org -s x surplus'; do
	# shellcheck disable=SC2086 # a list of options
	dkimsign genkey $wrong >out 2>err
	is "genkey $wrong: usage" "$?,$(cat out)" 64,
done
dkimsign genkey -d example.org -s x -D absent >out 2>err
is 'no such directory' "$?,$(cat out)" 75,

# A message signed with them, by table and by hand.
cat mail.txt keys/*.txt >zone
printf 'From: a@example.org\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <1@a>\n\nbody\n' >message
dkimsign -d example.org -s mail -k mail.private -s ed -k keys/ed.private -s large \
	-k keys/large.private <message >signed
is 'what they sign passes' "$(dkimverify -n -z zone <signed | grep -c '^dkim=pass')" 3
if peer python3-dkim; then
	/usr/bin/python3 "$top/tests/helpers/sign.py" relaxed/simple mail example.org mail.private <message >signed
	like 'dkimpy signs with the private key' "$(dkimverify -n -z zone <signed)" '^dkim=pass'
else
	skip 'dkimpy signs with the private key' "$without"
fi

# testkey
test_one() {
	dkimsign testkey -d example.org -s mail -k mail.private -z "$1" >out 2>&1
	echo "$?,$(cat out)"
}
is 'testkey: good' "$(test_one zone)" '0,mail._domainkey.example.org: good, RSA of 2048 bits'
for at in 5 50 100 200 300 380; do
	character=$(sed 's/.*p=//' mail.value | cut -c$at)
	other=A
	[ "$character" = A ] && other=B
	value=$(sed "s/\(p=.\{$((at - 1))\}\)./\1$other/" mail.value)
	printf 'mail._domainkey.example.org. TXT "%s" "%s"\n' "$(echo "$value" | cut -c-250)" \
		"$(echo "$value" | cut -c251-)" >changed
	like "testkey: character $at changed" "$(test_one changed)" "^1,.* at character $at$"
done
sed 's/k=rsa; /k=ed25519; " "/' mail.txt >changed
like 'testkey: another type' "$(test_one changed)" '^1,'
sed 's/p=.*"/p="/' mail.txt >changed
like 'testkey: revoked' "$(test_one changed)" '^1,.*revoked'
sed 's/k=rsa; /t=y; k=rsa; " "/' mail.txt >changed
like 'testkey: testing' "$(test_one changed)" '^0,.*good.*note: t=y'
sed 's/v=DKIM1/v=DKIM2/' mail.txt >changed
like 'testkey: no key record' "$(test_one changed)" '^1,'
cat mail.txt mail.txt | sed '2s/v=/V=/' >changed
like 'testkey: two records' "$(test_one changed)" '^1,.*2 TXT records'
: >changed
like 'testkey: no record' "$(test_one changed)" '^1,'
like 'testkey: no record: what to publish' "$(test_one changed)" \
	'DNS has no TXT record at mail._domainkey.example.org: publish what is in ./mail.txt$'
# published NAME PATTERN <ZONE: what testkey says of it, as a mistake
published() {
	cat >changed
	like "testkey: $1" "$(test_one changed)" "^1,.*$2"
}
value=$(cat mail.value)
halves="\"$(echo "$value" | cut -c-200)\" \"$(echo "$value" | cut -c201-)\""
published 'the zone appended twice' 'record at mail._domainkey.example.org.example.org: the zone appended its name' <<Z
mail._domainkey.example.org.example.org. TXT $halves
Z
published 'no _domainkey' 'at mail.example.org: "._domainkey" is missing' <<Z
mail.example.org. TXT $halves
Z
published 'no selector' 'at _domainkey.example.org: the selector is missing' <<Z
_domainkey.example.org. TXT $halves
Z
published 'the name of a CNAME as text' 'is a name: publish it as a CNAME record to mail._domainkey.provider.example' <<'Z'
mail._domainkey.example.org. TXT "mail._domainkey.provider.example."
Z
published 'a backslash before each semicolon' 'has a backslash before a semicolon' <<Z
mail._domainkey.example.org. TXT $(echo "$halves" | sed 's/;/\\\\;/g')
Z
published 'doubled quotes' 'has quotes in it' <<Z
mail._domainkey.example.org. TXT $(echo "$halves" | sed 's/"v=/"\\"v=/')
Z
published 'a line break' 'has a line break in it' <<Z
mail._domainkey.example.org. TXT $(echo "$halves" | sed 's/p=M/p=M\\010/')
Z
published 'the line of a zone file' 'whole line of a zone file' <<Z
mail._domainkey.example.org. TXT $(echo "$halves" | sed 's/"v=/"mail._domainkey IN TXT v=/')
Z
published 'a PEM file' 'lines BEGIN and END of a PEM file' <<'Z'
mail._domainkey.example.org. TXT "v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----MIIB"
Z
published 'the private key' 'has the PRIVATE key in it: whoever reads it' <<Z
mail._domainkey.example.org. TXT "v=DKIM1; k=rsa; p=" $(grep -v -e ----- mail.private | tr -d '\n' | sed 's/.\{200\}/&" "/g; s/^/"/; s/$/"/')
Z
published 'the private key as PEM' 'has the PRIVATE key in it' <<'Z'
mail._domainkey.example.org. TXT "v=DKIM1; p=-----BEGIN PRIVATE KEY-----MIIE"
Z
sed 's/k=ed25519; //' keys/ed.txt >changed
like 'testkey: Ed25519 without k=' "$(dkimsign testkey -d example.org -s ed -k keys/ed.private -z changed)" \
	'has no k=ed25519, so that it is taken for an RSA key'
sed "s|p=.*|p=$(openssl pkey -in keys/ed.private -outform DER | tail -c 32 | base64)\"|" keys/ed.txt >changed
like 'testkey: the private octets of Ed25519' "$(dkimsign testkey -d example.org -s ed -k keys/ed.private -z changed)" \
	'has the PRIVATE key in it'
sed 's/^mail._domainkey.example.org./mail._domainkey/' mail.txt >changed
like 'a line of opendkim-genkey has no domain' "$(test_one changed)" '^75,.*changed:1: .*[$]ORIGIN example.org'
{ echo '$ORIGIN example.org.'; cat changed; } >relative
is 'it has one with $ORIGIN' "$(test_one relative)" '0,mail._domainkey.example.org: good, RSA of 2048 bits'
echo 'mail._domainkey.example.org. SERVFAIL' >changed
like 'testkey: DNS does not answer' "$(test_one changed)" '^75,'
cat >key_table <<'T'
one example.org:mail:./mail.private
two example.org:ed:./keys/ed.private   # comment
any %:large:./keys/large.private
T
dkimsign testkey --key-table key_table -z zone >out
is 'testkey: a table' "$?,$(grep -c ': good' out)" 0,2
dkimsign testkey --key-table key_table -d example.org -z zone >out
is 'testkey: a table with % for one domain' "$?,$(grep -c ': good' out)" 0,3
chmod 644 keys/ed.private
dkimsign testkey --key-table key_table -z zone >out
is 'testkey: an open key file, the others nevertheless' \
	"$?,$(grep -c 'chmod 600' out),$(grep -c ': good' out)" 1,1,1
chmod 600 keys/ed.private
printf '*@example.org one\n*@example.com three\n' >signing_table
dkimsign testkey --key-table key_table --signing-table signing_table -z zone >out
is 'testkey: a signing table with a key that is not there' "$?,$(grep -c ': good' out),$(head -n 1 out)" \
	'1,2,signing_table:2: the key table has no key three'
dkimsign testkey -d example.org -s mail >out 2>&1
is 'testkey: usage' $? 64

# What stands in the way of genkey
like 'genkey: a directory that is not there' "$(dkimsign genkey -d example.org -s x -D nowhere 2>&1)" \
	'there is no directory nowhere: make it: install -d -o USER -m 700 nowhere'
like 'genkey: a selector with _domainkey' "$(dkimsign genkey -d example.org -s x._domainkey 2>&1)" 'leave "_domainkey"'
is 'genkey -q: nothing' "$(dkimsign genkey -q -d example.org -s quiet -D keys 2>&1)" ''
like 'no such subcommand' "$(dkimsign keygen -d example.org 2>&1)" 'no subcommand \(genkey, testkey, rotate, import-opendkim\)'

# The records in real name servers.
if [ -z "${ASSAY_NAMESPACE-}" ] || ! command -v nsd >/dev/null || ! command -v unbound >/dev/null; then
	echo "ok $((tests += 1)) - real name servers # SKIP needs root, nsd and unbound"
	done_testing
	exit
fi
. "$top/tests/helpers/nameserver.sh"
nameserver_setup
trap 'nameserver_stop; rm -rf "$work"' EXIT
ok 'nsd loads the records' nameserver_nsd zone
ok 'unbound loads the records' nameserver_unbound zone
for address in 127.0.0.2 127.0.0.3; do
	nameserver_use $address
	dkimsign testkey --key-table key_table -d example.org >out 2>&1
	is "testkey finds them at $address" "$?,$(grep -c ': good' out)" 0,3
done
done_testing
