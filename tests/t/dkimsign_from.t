#!/bin/sh
# dkimsign: whose domain is not that of a key, or cannot be read, is not signed.
. "$(dirname "$0")/lib.sh"
. "$top/tests/helpers/signing.sh"

message=plain
try -d example.com -s rsa -k rsa.pem <plain
unsigned 'a foreign domain is not signed'
try -q -d example.com -s rsa -k rsa.pem <plain
is 'without a word with --quiet' "$status,$(cat err)" 0,
try --require -d example.com -s rsa -k rsa.pem <plain
refused 'with --require' 'not signed: example.com does not sign for example.org'
message=sub
try -d other.example.org -s rsa -k rsa.pem <sub
unsigned 'a domain beside that of the author'
for from in 'From: alice' 'From: a@[192.0.2.1]' 'From: <' 'X-From: a@example.org' 'From: a:;' \
	'From: a@example.org, b@example.com' 'From: a@example.org|From: b@example.com'; do
	{ echo "$from" | tr '|' '\n'; printf 'Subject: x\n\nbody\n'; } >odd
	message=odd
	try -d example.org -s rsa -k rsa.pem <odd
	unsigned "$from"
done
done_testing
