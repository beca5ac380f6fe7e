#!/bin/sh
# dkimsign: which fields are signed, what the signature has in it, and check mode.
. "$(dirname "$0")/lib.sh"
. "$top/tests/helpers/signing.sh"

# What is signed.
dkimsign -d example.org -s rsa -k rsa.pem <plain >out 2>err
is 'the default: relaxed/relaxed' "$(tag c <out)" relaxed/relaxed
is 'fields of RFC 6376 5.4.1, From once more than it is there' "$(tag h <out)" \
	From:From:Subject:Date:To:Message-ID
is 'no l=, t=, x=, z=, i=' "$(tag '[ltxzi]' <out)" ''
is 'and nothing on stderr' "$(cat err)" ''
dkimsign -d example.org -s rsa -k rsa.pem --headers From:To:Cc --oversign From:Subject <plain >out
is '--headers and --oversign' "$(tag h <out)" From:From:To:Subject:Subject
is 'verifies' "$(verdict <out | cut -d' ' -f1)" dkim=pass
dkimsign -d example.org -s rsa -k rsa.pem --oversign '' <plain >out
is 'no oversigning' "$(tag h <out)" From:Subject:Date:To:Message-ID
sed 's/^Subject:.*/&\nsubject: two/' plain >two
dkimsign -c simple -d example.org -s rsa -k rsa.pem <two >out
is 'every instance of a field' "$(tag h <out)" From:From:Subject:Subject:Date:To:Message-ID
is '-c simple is simple/simple' "$(tag c <out)" simple/simple
like 'verifies, taken from the bottom up' "$(verdict <out)" '^dkim=pass'
dkimsign -t 1795000000 -x 3600 --copy-headers --identity 'alice;x@mail.example.org' \
	-d example.org -s rsa -k rsa.pem <plain >out
is 't=' "$(tag t <out)" 1795000000
is 'x=' "$(tag x <out)" 1795003600
is 'i= quoted' "$(tag i <out)" 'alice=3Bx@mail.example.org'
is 'z= has copies' "$(tag z <out)" "From:=20Alice=20<alice@example.org>|Subject:=20one=20subject|\
Date:=20Mon,=2023=20Nov=202026=2010:00:00=20+0000|To:=20bob@example.net|Message-ID:=20<1@example.org>"
{ /usr/bin/python3 -c 'for i in range(70): print("A-Long-Name:", "x" * i)'; cat plain; } |
	dkimsign --copy-headers --headers From:A-Long-Name -d example.org -s rsa -k rsa.pem |
	sed '/^A-Long/,$d' >names
is 'no name in h= and z= is folded (RFC 6376 3.5)' "$(grep -o A-Long-Name names | wc -l)" 140
like 'verifies while it is valid' "$(verdict -t 1795003600 <out)" '^dkim=pass'
like 'and not later' "$(verdict -t 1795003601 <out)" '^dkim=fail'
dkimsign --timestamp -t 1795000000 -d example.org -s rsa -k rsa.pem <plain >out
is '--timestamp alone' "$(tag t <out),$(tag x <out)" 1795000000,
for names in Received:From From:return-path From:DKIM-Signature 'From:a b' From::To; do
	dkimsign --headers "$names" -d example.org -s rsa -k rsa.pem <plain >out 2>err
	is "--headers $names is refused" "$?,$(cat out)" 75,
done
dkimsign --headers To --oversign Subject -d example.org -s rsa -k rsa.pem <plain >out 2>err
is 'From must be signed' $? 75

# Check mode.
is 'check mode' "$(dkimsign -n -d example.org -s rsa -k rsa.pem <plain)" \
	'dkim=pass header.d=example.org header.s=rsa header.a=rsa-sha256'
dkimsign -n -d example.com -s rsa -k rsa.pem <plain >out 2>/dev/null
is 'check mode, unsigned' "$?,$(cut -d' ' -f1 out)" 1,dkim=none
dkimsign -n --no-such <plain >out 2>/dev/null
is 'check mode, usage' $? 64
done_testing
