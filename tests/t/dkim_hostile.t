#!/bin/sh
# Messages made to break a verifier: each ends soon, in a verdict or in 75, without a crash.
. "$(dirname "$0")/lib.sh"

# generate KIND: a hostile message; keys and zone are in $work
cat >"$work/generate.py" <<'P'
import base64, sys
kind = sys.argv[1]
signature = (b'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=%s;\n'
             b'\th=%s; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\n\tb=%s\n')
def b(bits):
    return base64.b64encode(b'\0' + b'U' * (bits // 8 - 1))  # of the right length, and small enough
good = (b's2048', b'from', b(2048))
head = b'From: a@example.org\nSubject: x\n'
messages = {
    'ten thousand signatures': lambda: signature % good * 10000 + head + b'\n',
    'ten thousand broken signatures': lambda: b'DKIM-Signature: v=2\n' * 10000 + head + b'\n',
    'h= of 1 MB': lambda: signature % (b's2048', b'from' + b':x' * 500000, good[2]) + head + b'\n',
    'h= of 1 MB, all the same': lambda: signature % (b's2048', b'from' + b':subject' * 125000, good[2])
    + head + b'\n',
    'a hundred thousand copies of a field': lambda: signature % (
        b's2048', b'from:subject' * 1, good[2]) + b'Subject: x\n' * 99990 + b'From: a@example.org\n\n',
    'all copies signed': lambda: signature % (b's2048', b'from' + b':subject' * 90000, good[2])
    + b'Subject: x\n' * 90000 + b'From: a@example.org\n\n',
    'ten signatures of 5 MB of header': lambda: signature % (
        b's2048', b'from:subject:x', good[2]) * 10 + b'X: ' + b'y' * (5 << 20) + b'\n' + head + b'\n',
    'b= of 1 MB': lambda: signature % (b's2048', b'from', b'A' * (1 << 20)) + head + b'\n',
    'ten thousand tags': lambda: b'DKIM-Signature: ' + b''.join(
        b'x%d=1;' % n for n in range(10000)) + b'\n' + head + b'\n',
    'a line of 20 MB of spaces': lambda: signature % good + head + b'\n' + b' ' * (20 << 20),
    '20 MB of empty lines': lambda: signature % good + head + b'\n' + b'\n' * (20 << 20),
    '20 MB of CR': lambda: signature % good + head + b'\n' + b'\r' * (20 << 20),
    'key record of 16 KB': lambda: signature % (b'long', b'from', good[2]) + head + b'\n',
    'ten signatures with eight keys of 8192 bits': lambda: signature % (
        b'many', b'from', b(8192)) * 10 + head + b'\n',
    'a deep comment in From': lambda: b'From: ' + b'(' * 500000 + b'\n\n',
}
for bits in sys.argv[2:]:
    messages['key ' + bits] = lambda bits=bits: signature % (
        b'k' + bits.encode(), b'from', b(int(bits))) + head + b'\n'
if kind == 'list':
    print('\n'.join(messages))
else:
    sys.stdout.buffer.write(messages[kind]())
P
sizes='512 1024 8192 16384'
{
	for key in s2048 k512 k1024 k8192 k16384 many:1 many:2 many:3 many:4 many:5 many:6 many:7 many:8; do
		printf '%s._domainkey.example.org. TXT "v=DKIM1; p=' "${key%:*}"
		/usr/bin/python3 - "$key" <<'P'
import base64, sys
name, _, number = sys.argv[1].partition(':')
bits = 8192 if number else int(name[1:])
def der(tag, content):
    length = len(content)
    size = length.to_bytes((length.bit_length() + 7) // 8 or 1, 'big')
    return bytes([tag]) + (size if length < 128 else bytes([128 + len(size)]) + size) + content
modulus = b'\0' + ((1 << (bits - 1)) + 12345 + 2 * int(number or 0)).to_bytes(bits // 8, 'big')
exponent = b'\0' + b'\xff' * 8 if number else b'\1\0\1'  # the largest that is allowed
key = der(0x30, der(2, modulus) + der(2, exponent))
text = base64.b64encode(key).decode()
print('" "'.join(text[i:i + 200] for i in range(0, len(text), 200)), end='')
P
		printf '"\n'
	done
	printf 'long._domainkey.example.org. TXT "v=DKIM1; p="'
	i=0
	while [ $((i += 1)) -le 80 ]; do printf ' "%0200d"' 0; done
	printf '\n'
} >"$work/zone"

# limited COMMAND...: with a limit of CPU time, and one for what hangs without using any
limit=5
[ -z "${ASSAY_SANITIZED-}" ] || limit=60
limited() {
	(ulimit -t $limit && exec timeout 120 "$@")
}
/usr/bin/python3 "$work/generate.py" list $sizes >"$work/list"
while IFS= read -r kind; do
	/usr/bin/python3 "$work/generate.py" "$kind" $sizes >"$work/message"
	limited /usr/bin/time -q -o "$work/cpu" -f '%U + %S s of CPU, %M KiB' \
		dkimverify -n -z "$work/zone" <"$work/message" >"$work/out" 2>"$work/err"
	status=$?
	ok "$kind: verdict 1 or 75 within $limit s of CPU (status $status)" test $status -eq 1 -o $status -eq 75
	sed 's/^/# /' "$work/cpu"
	ok "$kind: nothing passes" test -z "$(grep '^dkim=pass' "$work/out")"
	limited dkimverify -z "$work/zone" <"$work/message" >"$work/whole" 2>"$work/err"
	status=$?
	ok "$kind: the message passes through (status $status)" test $status -eq 0
	ok "$kind: whole" sh -c 'tail -c "$(stat -c %s "$1")" "$2" | cmp -s - "$1"' - \
		"$work/message" "$work/whole"
done <"$work/list"

openssl genrsa -out "$work/key" 2048 2>/dev/null
{
	printf 'r._domainkey.example.org. TXT "v=DKIM1; p='
	openssl pkey -in "$work/key" -pubout -outform DER | base64 -w 0 | sed 's/.\{200\}/&" "/'
	printf '"\n'
} >"$work/zone"
printf 'From: a@example.org\r\nSubject:  x \r\n\t y\r\n\r\nline \t one\r\n \r\ntwo\r\n\r\n\r\n' |
	dkimsign -d example.org -s r -k "$work/key" >"$work/signed"
ok 'the verdict does not depend on how stdin arrives' /usr/bin/python3 "$top/tests/helpers/dkim_stdin.py" \
	100 dkimverify -n -z "$work/zone" <"$work/signed"
done_testing
