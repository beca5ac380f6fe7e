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
like 'and says so' "$(cat err)" 'mail.private: File exists'
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
like 'testkey: testing' "$(test_one changed)" '^1,.*t=y'
sed 's/v=DKIM1/v=DKIM2/' mail.txt >changed
like 'testkey: no key record' "$(test_one changed)" '^1,'
cat mail.txt mail.txt | sed '2s/v=/V=/' >changed
like 'testkey: two records' "$(test_one changed)" '^1,.*2 TXT records'
: >changed
like 'testkey: no record' "$(test_one changed)" '^1,'
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
dkimsign testkey -d example.org -s mail >out 2>&1
is 'testkey: usage' $? 64

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
