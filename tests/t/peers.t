#!/bin/sh
# What dkimpy and Mail::DKIM sign passes here; one changed byte fails.
. "$(dirname "$0")/lib.sh"

openssl genrsa -out "$work/rsa" 2048 2>/dev/null
openssl genpkey -algorithm ed25519 -out "$work/ed.pem"
openssl pkey -in "$work/ed.pem" -outform DER | tail -c 32 | base64 >"$work/ed"
{
	printf 'rsa._domainkey.example.org. TXT "v=DKIM1; k=rsa; p='
	openssl pkey -in "$work/rsa" -pubout -outform DER | base64 -w 0 | sed 's/.\{200\}/&" "/'
	printf '"\ned._domainkey.example.org. TXT "v=DKIM1; k=ed25519; p='
	openssl pkey -in "$work/ed.pem" -pubout -outform DER | tail -c 32 | base64 -w 0
	printf '"\n'
} >"$work/zone"
cat >"$work/lf" <<'M'
From: Alice <alice@example.org>
To: bob@example.net
Subject:  a   folded
	subject
Date: Mon, 23 Nov 2026 10:00:00 +0000
Message-ID: <1@example.org>
Content-Type: text/plain; charset=utf-8

Hello  Bob, 
 	with white space	 	and Umläute

at the end


M
sed 's/$/\r/' "$work/lf" >"$work/crlf"

verdict() {
	dkimverify -n -z "$work/zone" 2>&1
}

# signed PEER CANONICALIZATION: the message on stdin, signed
signed() {
	case $1 in
	dkimpy-rsa) /usr/bin/python3 "$top/tests/sign.py" "$2" rsa example.org "$work/rsa" ;;
	dkimpy-ed25519)
		/usr/bin/python3 "$top/tests/sign.py" "$2" ed example.org "$work/ed" ed25519-sha256 ;;
	Mail::DKIM) perl "$top/tests/sign.pl" "$2" rsa example.org "$work/rsa" ;;
	esac
}

for peer in dkimpy-rsa dkimpy-ed25519 Mail::DKIM; do
	for ends in lf crlf; do
		for canonicalization in relaxed/relaxed relaxed/simple simple/relaxed simple/simple; do
			name="$peer $ends $canonicalization"
			signed $peer $canonicalization <"$work/$ends" >"$work/signed"
			like "$name: passes" "$(verdict <"$work/signed")" '^dkim=pass '
			like "$name: a changed body fails" \
				"$(sed 's/Hello/Hallo/' "$work/signed" | verdict)" '^dkim=fail .*body hash'
			like "$name: a changed subject fails" \
				"$(sed 's/^\(Subject:.*\)folded/\1Folded/' "$work/signed" | verdict)" '^dkim=fail '
			like "$name: a changed From fails" \
				"$(sed 's/^From: Alice/From: Malice/' "$work/signed" | verdict)" '^dkim=fail '
		done
	done
done
done_testing
