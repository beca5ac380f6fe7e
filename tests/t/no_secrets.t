#!/bin/sh
# No secret in any output: keys and passwords that are marked never come out of any tool, whatever fails.
. "$(dirname "$0")/lib.sh"

cd "$work" || exit 1
umask 077
mark=HUNTER2SECRET
dkimsign genkey -q -d example.org -s k || exit 1
dkimsign genkey -q -d example.org -s ed --type ed25519 || exit 1
zone='k._domainkey.example.org. TXT "v=DKIM1; p=x"'
echo "$zone" >zone
printf 'From: a@example.org\nSubject: x\n\nbody %s\n' $mark >message

# Forms of key files that are broken in all places; each has the mark in its text.
mkdir forms
key=$(grep -v -e ---- k.private | tr -d '\n')
pem() {
	printf -- '-----BEGIN %s-----\n%s\n-----END %s-----\n' "$1" "$2" "$1"
}
pem 'PRIVATE KEY' "$mark$key" >forms/front
pem 'PRIVATE KEY' "$key$mark" >forms/back
pem 'PRIVATE KEY' "$mark" >forms/short
pem 'RSA PRIVATE KEY' "$mark$key" >forms/rsa
pem 'EC PRIVATE KEY' "$mark" >forms/ec
pem 'OPENSSH PRIVATE KEY' "$mark" >forms/ssh
pem 'ENCRYPTED PRIVATE KEY' "$mark" >forms/encrypted
pem 'PUBLIC KEY' "$mark" >forms/public
printf -- '-----BEGIN PRIVATE KEY-----\n%s' "$mark$key" >forms/cut
printf '%s\n' "$mark$key" >forms/bare
printf '%s' "$mark" >forms/word
printf '0\202%s\002\001' "$mark" >forms/der
{ cat k.private; echo $mark; } >forms/good
for form in forms/*; do
	for options in '' -v -n '-n -j -v'; do
		# shellcheck disable=SC2086
		dkimsign $options -d example.org -s k -k "$form" <message
		[ -z "$options" ] || continue
		dkimsign testkey -d example.org -s k -k "$form" -z zone
		printf 'k example.org:k:%s/%s\n' "$work" "$form" >key_table
		echo '*@example.org k' >signing_table
		dkimsign --key-table key_table --signing-table signing_table <message
		dkimsign testkey --key-table key_table --signing-table signing_table -z zone
		dkimsign rotate --key-table key_table -z zone --every 1 -t 2000000000 --dry-run
	done
done >all 2>&1
# What a message says may be on standard output, which is the message; so it is taken out.
is 'key files that are wrong in any way' "$(grep -v "^body $mark$" all | grep -c $mark)" 0
is 'and nothing of a key that is good' "$(grep -c -e "$(echo "$key" | cut -c 60-100)" all)" 0
chmod 640 k.private
dkimsign -d example.org -s k -k k.private <message >out 2>err
is 'nor of one that others can read' "$(grep -c "$(echo "$key" | cut -c 60-100)" err)" 0

# Names of tables with passwords, and values in tables that are keys
for type in dsn:mysql:// mysql:// pgsql:// postgres:// ldap:// ldaps:// ldapbind: csl: db: bdb: mdb: lua: erlang: regex: repute: \
	sasl: redis:// mongodb://; do
	table="${type}user:$mark@localhost/mail?password=$mark"
	dkimsign --key-table "$table" --signing-table signing_table <message
	dkimsign --key-table key_table --signing-table "$table" <message
	dkimsign testkey --key-table "$table"
	dkimsign testkey --key-table key_table --signing-table "$table" -z zone
	dkimsign rotate --key-table "$table"
	dkimsign genkey --add -d example.org -s n --key-table "$table"
	dkimsign -d example.org -s k -k k.private --internal-hosts "$table" -i 192.0.2.1 <message
	dmarceval -n -i 192.0.2.1 --ignore-hosts "$table" -z zone <message
	dmarceval -n -i 192.0.2.1 --trusted-forwarders "$table" -z zone <message
	dmarceval -n --trusted-sealers "$table" --mailing-lists "$table" -z zone <message
	printf 'KeyTable %s\nSigningTable %s\nInternalHosts %s\nLDAPBindPassword %s\n' "$table" "$table" "$table" $mark >conf
	dkimsign import-opendkim -D . conf
	printf 'Domain example.org\nSelector s\nKeyFile /k\nInternalHosts %s\n' "$table" >conf
	dkimsign import-opendkim -D . conf
done >tables 2>&1
is 'names of tables with passwords' "$(grep -v "^body $mark$" tables | grep $mark | head -n 3)" ''
for line in "k example.org:k:$mark$key" "k example.org:k:" "k $mark" "k example.org:$mark$key:/k" "$mark" \
	"k example.org:k:-----BEGIN$mark"; do
	echo "$line" >keys
	dkimsign --key-table keys --signing-table signing_table <message
	dkimsign testkey --key-table keys -z zone
done >lines 2>&1
is 'keys in a key table' "$(grep -v "^body $mark$" lines | grep -c "$key")" 0

# The command of --dns-hook may have a password in it; what it says itself is its own affair.
mkdir d
dkimsign genkey --add -d example.org -s h -D d --key-table "$work/t1" --signing-table "$work/t2" -z zone -T 1 \
	--dns-hook "exit 3 # $mark" >out 2>&1
is 'the command of --dns-hook' "$(grep -c $mark out),$(grep -c 'has ended with status 3' out)" 0,1
done_testing
