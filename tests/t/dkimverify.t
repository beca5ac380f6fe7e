#!/bin/sh
# What dkimverify says of signatures: words, reasons, names, and with -v what was changed.
. "$(dirname "$0")/lib.sh"

umask 022
cd "$work" || exit 1
for bits in 768 1024 2048; do
	openssl genrsa -out k$bits 2>/dev/null $bits
	openssl pkey -in k$bits -pubout -outform DER | base64 -w 0 | sed 's/.\{200\}/&" "/g' >p$bits
done
chmod 600 k*
record() {
	printf '%s._domainkey.example.org. TXT "v=DKIM1; k=rsa; p=%s"\n' "$1" "$(cat "$2")"
}
{
	record k768 p768
	record k1024 p1024
	record k2048 p2048
	echo 'alias._domainkey.example.org. CNAME key.hosting.example.'
	printf 'key.hosting.example. TXT "p=%s"\n' "$(cat p2048)"
	echo 'loop._domainkey.example.org. CNAME loop._domainkey.example.org.'
	record two p1024
	record two p2048
	echo 'two._domainkey.example.org. TXT "no key at all"'
	echo 'revoked._domainkey.example.org. TXT "v=DKIM1; p="'
	echo 'late._domainkey.example.org. TIMEOUT'
} >zone
cat >plain <<'M'
From: Alice <alice@example.org>
To: bob@example.net
Subject: one
 subject
Date: Mon, 23 Nov 2026 10:00:00 +0000
Message-ID: <1@example.org>

Hello Bob,
M

# signed SELECTOR KEYFILE [OPTION...]: the message, signed
signed() {
	selector=$1 key=$2
	shift 2
	dkimsign -q "$@" -d example.org -s "$selector" -k "$key" <plain
}

# verdict [OPTION...]: one line for each signature; what -v says goes to the file err
verdict() {
	dkimverify -n -z zone "$@" 2>err
}

# Where keys are found.
like 'a key behind a CNAME' "$(signed alias k2048 | verdict)" '^dkim=pass '
like 'a CNAME that leads nowhere' "$(signed loop k2048 | verdict)" '^dkim=(perm|temp)error '
like 'several TXT records: any of them may be the key' "$(signed two k2048 | verdict)" '^dkim=pass '
like 'several TXT records: none is' "$(signed two k2048 | sed s/Hello/Hallo/ | verdict)" \
	'^dkim=fail reason="body hash does not match"'
like 'no key' "$(signed absent k2048 | verdict)" '^dkim=permerror reason="no key"'
like 'a revoked key' "$(signed revoked k2048 | verdict)" '^dkim=permerror reason="key is revoked"'
like 'DNS does not answer' "$(signed late k2048 | verdict)" '^dkim=temperror reason="key unavailable: '

# What is good enough.
signed k1024 k1024 >out
like 'a key of 1024 bits' "$(verdict <out)" '^dkim=pass '
like 'shorter than the site wants' "$(verdict --min-key-bits 2048 <out)" \
	'^dkim=policy reason="key has 1024 bits, fewer than 2048"'
if peer python3-dkim; then
	/usr/bin/python3 "$top/tests/helpers/sign.py" relaxed/relaxed k768 example.org k768 <plain >out 2>/dev/null
	like 'shorter than anybody may accept' "$(verdict <out)" \
		'^dkim=policy reason="key has 768 bits, fewer than 1024 \(RFC 8301\)"'
else
	skip 'shorter than anybody may accept' "$without"
fi
signed k2048 k2048 | sed 's/a=rsa-sha256/a=rsa-sha1/' >out
like 'SHA-1' "$(verdict <out)" '^dkim=policy reason="rsa-sha1 must not be used any more'
/usr/bin/python3 -c '
import sys, dkim
message = sys.stdin.buffer.read()
sys.stdout.buffer.write(dkim.sign(message, b"k2048", b"example.org", open("k2048", "rb").read(),
                                  length=True).replace(b"\r\n", b"\n") + message + b"More.\n")' \
	<plain >out
like 'a body that is not signed to its end' "$(verdict <out)" \
	'^dkim=policy reason="7 octets of the body are not signed \(l=\)"'
like 'unless that is wanted' "$(verdict --allow-length <out)" '^dkim=pass '
like 'the number of these octets' "$(verdict -j <out)" '"unsigned_bytes":7'

# What -v says of a signature that does not match.
signed k2048 k2048 --copy-headers >copies
is 'nothing without -v' "$(sed 's/^To: bob/To: eve/' copies | verdict >/dev/null; cat err)" ''
sed 's/Hello/Hallo/' copies | verdict -v >out
like 'the body' "$(cat err)" 'signature 0: the body, 12 octets in relaxed form, .* was changed after'
sed 's/^To: bob/To: eve/' copies | verdict -v >out
like 'the field, if there are copies' "$(cat err)" 'as it was signed; To was changed .*\(z=\)'
sed '/^Date:/d' copies | verdict -v >out
like 'a field that is gone' "$(cat err)" 'as it was signed; Date was changed .*\(z=\)'
signed k2048 k2048 | sed 's/^To: bob/To: eve/' | verdict -v >out
like 'no field without copies' "$(cat err)" 'a field in h= or the signature itself was changed'
sed 's/^ subject/	subject/' copies | verdict -v >out
like 'folding is no change' "$(cat out)" '^dkim=pass'

# header.b tells signatures apart (RFC 6008).
# unfolded: the signature in "copies" as one line
unfolded() {
	sed '/^From:/,$d' copies | tr -d '\n'
}
# with_b LENGTH: the same with another b=, which has so many characters in common with it
with_b() {
	digit=$(unfolded | sed "s/.*	b=.\{$1\}\(.\).*/\1/")
	[ "$digit" = A ] && other=B || other=A
	unfolded | sed "s/\(.*	b=.\{$1\}\)./\1$other/"
	echo
}
# b_lengths: of header.b in the message on stdin, each once
b_lengths() {
	verdict | grep -o 'header.b=.*' | tr -d '"' | cut -d= -f2 | awk '{ print length }' | sort -u
}
signed k2048 k2048 >copies
is 'eight characters are enough for one' "$(b_lengths <copies)" 8
{ with_b 3; cat copies; } >out
is 'and for two that differ in them' "$(b_lengths <out)" 8
{ with_b 11; cat copies; } >out
is 'more for two that do not' "$(b_lengths <out)" 12
is 'so they differ' "$(verdict <out | grep -o 'header.b=.*' | sort -u | wc -l)" 2
is 'in the fields of the message, too' "$(dkimverify -z zone <out | sed -n '/^From:/q;p' |
	grep -o 'header.b=.*' | sort -u | wc -l)" 2
sed '/^From:/,$d' copies | cat - copies >out
is 'the same signature twice is the same' "$(b_lengths <out)" 8
done_testing
