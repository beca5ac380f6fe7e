#!/bin/sh
# dkimsign: keys on the command line, and those that are refused.
. "$(dirname "$0")/lib.sh"
. "$top/tests/helpers/signing.sh"

# Keys on the command line.
dkimsign rsa example.org rsa.pem <plain >out
like 'dkimpy: SELECTOR DOMAIN KEYFILE' "$(verdict <out)" '^dkim=pass .*header.s=rsa'
dkimsign -d example.org -s ed -k ed.b64 <plain >out
like 'an Ed25519 key as base64' "$(verdict <out)" '^dkim=pass .*ed25519'
dkimsign -d example.org -s short -k short.pem <plain >out 2>err
is 'RSA 1024 signs' $? 0
like 'with a warning' "$(cat err)" '^dkimsign: .*short.pem has an RSA key of 1024 bits'
dkimsign -q -d example.org -s short -k short.pem <plain >out 2>err
is 'but not with --quiet' "$(cat err)" ''
dkimsign -d example.org -s rsa -k rsa.pem <sub >out
like 'a parent domain signs' "$(verdict <out)" '^dkim=pass header.d=example.org'
dkimsign -d example.com -s rsa -k rsa.pem -d example.org -s rsa -k rsa.pem <plain >out
is 'of several domains that of the author' "$(grep -c '^DKIM-Signature' out),$(tag d <out)" \
	1,example.org

try -d example.org -s rsa <plain
refused 'no key' 'option --key is missing'
try -d example.org -s rsa -k absent.pem <plain
refused 'no key file' 'cannot open key file absent.pem'
cp rsa.pem open.pem
chmod 644 open.pem
try -d example.org -s rsa -k open.pem <plain
refused 'a key file that others can read' 'open.pem has mode 0644.*chmod 600 open.pem'
mkdir -m 777 loose
cp -p rsa.pem loose
try -d example.org -s rsa -k loose/rsa.pem <plain
refused 'a directory that others can write' 'mode 0777.*chmod go-w'
echo 'no key at all, MIISECRET' >text.pem
chmod 600 text.pem
try -d example.org -s rsa -k text.pem <plain
refused 'a file without a key' 'text.pem is none'
is 'no key material is shown' "$(grep -c SECRET err)" 0
openssl genrsa -out tiny.pem 512 2>/dev/null
chmod 600 tiny.pem
try -d example.org -s rsa -k tiny.pem <plain
refused 'RSA 512' 'RSA key of 512 bits'
try -d example.org -s rsa -k rsa.pem -s rsa -k ed.pem <plain
refused 'one selector for two keys' 'same selector rsa'
try -d example.org -d example.com -s a -s b -s c -k rsa.pem <plain
refused 'lists that do not go together' 'domain is given 2 times for 3'
try rsa example.org <plain
refused 'two operands' 'SELECTOR DOMAIN KEYFILE'
try -d 'example org' -s rsa -k rsa.pem <plain
refused 'no domain' 'no domain name'
try -d example.org -s 'r;s' -k rsa.pem <plain
refused 'no selector' 'no selector'
try -d example.org -s rsa -k rsa.pem --key-table t <plain
refused 'keys and tables' 'key-table excludes --key'
try -c relaxed/strict -d example.org -s rsa -k rsa.pem <plain
refused 'an unknown canonicalization' 'canonicalization'
: >empty
try -d example.org -s rsa -k rsa.pem <empty
refused 'an empty message' 'empty'
done_testing
