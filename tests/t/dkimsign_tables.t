#!/bin/sh
# dkimsign: opendkim's KeyTable and SigningTable.
. "$(dirname "$0")/lib.sh"

# In a namespace of its own this test has an /etc of its own.
if [ -z "${ASSAY_NAMESPACE-}" ] && unshare -m true 2>/dev/null; then
	ASSAY_NAMESPACE=1 unshare -m sh "$0"
	exit
fi
. "$top/tests/helpers/signing.sh"

# opendkim's tables, as tutorials have them.
signing_tables
# shellcheck disable=SC2086 # a list of options
for domain in org com; do
	message=plain
	[ $domain = com ] && message=com
	dkimsign $tables <$message >out 2>err
	like "tables: example.$domain" "$(verdict <out)" "^dkim=pass header.d=example.$domain "
	is "tables: example.$domain without a warning" "$(cat err)" ''
done
# shellcheck disable=SC2086
{
	dkimsign $tables <sub >out
	like 'tables: a subdomain' "$(verdict <out)" '^dkim=pass header.d=example.org '
	sed 's/alice@example.org/alice@example.net/' plain >net
	message=net
	try $tables <net
	unsigned 'tables: no key for this author'
	try --require $tables <net
	refused 'tables: with --require' 'no key for example.net'
}
printf '*@example.org mail._domainkey.example.org\n*@example.org ed:@example.org\n' >two_table
{ cat key_table; echo 'ed example.org:ed:./ed.pem'; } >three_keys
dkimsign --key-table three_keys --signing-table two_table <plain >out
like 'tables: two signatures for an address' "$(verdict <out)" \
	'^dkim=pass .*s=rsa .*dkim=pass .*i=@example.org header.s=ed '
printf '* any\n' >any_table
dkimsign --key-table key_table --signing-table any_table <plain >out
like 'tables: % in the key table' "$(verdict <out)" '^dkim=pass header.d=example.org .*s=rsa'
message=plain
printf '* mail._domainkey.example.com\n' >foreign_table
try --key-table key_table --signing-table foreign_table <plain
unsigned 'tables: a foreign domain is not signed'
printf '*@example.org mail._domainkey.example.org\n\n*@example.com absent\n' >bad_table
try --key-table key_table --signing-table bad_table <plain
refused 'tables: an error names file and line' 'bad_table:3: .*absent'
printf 'mail example.org:rsa\n' >bad_keys
try --key-table bad_keys --signing-table signing_table <plain
refused 'tables: so in the key table' 'bad_keys:1: '

# The files of two tutorials as they are, for the two domains of one host, in their place.
# in_etc COMMAND...: with $work/etc as /etc, if this test has a namespace of its own
in_etc() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -m sh -c 'mount --bind etc /etc && exec "$@"' - "$@"
}
if [ -n "${ASSAY_NAMESPACE-}" ]; then
	mkdir -p etc/opendkim/keys/example.com etc/opendkim/keys/example.org
	chmod 755 etc etc/opendkim etc/opendkim/keys etc/opendkim/keys/*
	cp -p rsa.pem etc/opendkim/keys/example.com/default.private
	cp -p ed.pem etc/opendkim/keys/example.org/mail.private
	cat >etc/opendkim/key.table <<'T'
default._domainkey.example.com     example.com:default:/etc/opendkim/keys/example.com/default.private
mail._domainkey.example.org example.org:mail:/etc/opendkim/keys/example.org/mail.private
T
	cat >etc/opendkim/signing.table <<'T'
*@example.com       default._domainkey.example.com
*@*.example.com     default._domainkey.example.com
*@example.org mail._domainkey.example.org
T
	cat >etc/opendkim/trusted.hosts <<'T'
127.0.0.1
localhost
192.168.0.1/24

.example.com
*.example.org

#*.example.net
T
	sed 's/alice@example.org/alice@mail.example.com/' plain >subcom
	sed 's/^rsa\(._domainkey.example.com\)/default\1/; s/^ed\(._domainkey.example.org\)/mail\1/' \
		zone >tutorial_zone
	tutorial='--key-table /etc/opendkim/key.table --signing-table refile:/etc/opendkim/signing.table
		--internal-hosts /etc/opendkim/trusted.hosts'
	for case in com:example.com subcom:example.com plain:example.org; do
		# shellcheck disable=SC2086
		in_etc dkimsign $tutorial --require -i 127.0.0.1 <"${case%:*}" >out 2>err
		like "tutorial: ${case%:*}" "$(dkimverify -n -z tutorial_zone <out)" \
			"^dkim=pass header.d=${case#*:} "
		is "tutorial: ${case%:*} without a warning" "$(cat err)" ''
	done
	# shellcheck disable=SC2086
	{
		is 'tutorial: a client in .example.com' "$(in_etc dkimsign $tutorial -i 203.0.113.5 \
			--client-name mx.example.com <plain | grep -c ^DKIM-Signature)" 1
		is 'tutorial: a stranger' "$(in_etc dkimsign $tutorial -i 203.0.113.5 <plain |
			grep -c ^DKIM-Signature)" 0
	}
fi

# Errors in tables.
cat >errors <<'T'
key_table:two words:a b c
key_table:a name alone:a
key_table:no selector:a example.org:./rsa.pem
key_table:no domain:a example:rsa:./rsa.pem
key_table:an empty selector:a example.org::./rsa.pem
key_table:no file:a example.org:rsa:
key_table:the key itself:a example.org:rsa:MIIEpAIBAAKCAQEA
key_table:a name twice:mail._domainkey.example.org example.org:rsa:./rsa.pem
signing_table:three words:*@a.example any any
signing_table:one word:*@a.example
signing_table:an unknown key:*@a.example none
signing_table:an identity without @:*@a.example any:b
signing_table:a pattern that matches no address:a.example any
trusted_hosts:a bad address:192.168.0.256
trusted_hosts:a bad network:192.168.0.0/33
trusted_hosts:a path:/etc/hosts
T
mkdir broken
while IFS=: read -r table name line; do
	cp key_table signing_table trusted_hosts broken
	echo "$line" >>broken/$table
	try --key-table broken/key_table --signing-table refile:broken/signing_table \
		--internal-hosts broken/trusted_hosts -i 127.0.0.1 <plain
	refused "$table: $name" "broken/$table:$(wc -l <broken/$table): "
	is "$table: $name, nothing of a key is shown" "$(grep -c MII err)" 0
done <errors
done_testing
