#!/bin/sh
# What dkimpy and Mail::DKIM sign passes here; one changed byte fails.
. "$(dirname "$0")/lib.sh"
needs_peer python3-dkim python3-nacl libmail-dkim-perl libopendkim-dev

# record SELECTOR TAGS: the line of the zone file for the key on stdin
record() {
	printf '%s._domainkey.example.org. TXT "v=DKIM1; %s; p=' "$1" "$2"
	base64 -w 0 | sed 's/.\{200\}/&" "/g'
	printf '"\n'
}

for bits in 1024 2048 3072 4096; do
	openssl genrsa -out "$work/rsa$bits" $bits 2>/dev/null
	openssl pkey -in "$work/rsa$bits" -pubout -outform DER | record rsa$bits k=rsa
done >"$work/zone"
openssl genpkey -algorithm ed25519 -out "$work/ed.pem"
openssl pkey -in "$work/ed.pem" -outform DER | tail -c 32 | base64 >"$work/ed"
openssl pkey -in "$work/ed.pem" -pubout -outform DER | tail -c 32 | record ed k=ed25519 >>"$work/zone"
${CC:-cc} -O1 -o "$work/sign_opendkim" "$top/tests/helpers/sign_opendkim.c" -lopendkim
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

# signed PEER CANONICALIZATION [BITS]: the message on stdin, signed
signed() {
	key=rsa${3-2048}
	case $1 in
	dkimpy-rsa) /usr/bin/python3 "$top/tests/helpers/sign.py" "$2" "$key" example.org "$work/$key" ;;
	dkimpy-ed25519)
		/usr/bin/python3 "$top/tests/helpers/sign.py" "$2" ed example.org "$work/ed" ed25519-sha256 ;;
	Mail::DKIM) perl "$top/tests/helpers/sign.pl" "$2" "$key" example.org "$work/$key" ;;
	libopendkim) "$work/sign_opendkim" "$2" "$key" example.org "$work/$key" ;;
	esac
}

canonicalizations='relaxed/relaxed relaxed/simple simple/relaxed simple/simple'
for peer in dkimpy-rsa dkimpy-ed25519 Mail::DKIM libopendkim; do
	for ends in lf crlf; do
		[ $peer-$ends != libopendkim-lf ] || continue # it only takes messages with CRLF
		for canonicalization in $canonicalizations; do
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

for peer in dkimpy-rsa Mail::DKIM libopendkim; do
	for bits in 1024 3072 4096; do
		like "$peer, key of $bits bits" \
			"$(signed $peer relaxed/relaxed $bits <"$work/crlf" | verdict)" '^dkim=pass '
	done
done
# It also writes the end of b= twice, so that b= is no base64 at all.
opendkim-testmsg -d example.org -s rsa2048 -k "$work/rsa2048" <"$work/crlf" >"$work/signed"
like 'opendkim-testmsg signs with rsa-sha1, which does not pass (RFC 8301)' \
	"$(verdict <"$work/signed")" '^dkim=(policy|permerror) .*header.a=rsa-sha1'

# Every letter and digit that is signed, changed into another one; under sanitizers some of them.
step=1
[ -z "${ASSAY_SANITIZED-}" ] || step=10
for canonicalization in relaxed/relaxed simple/simple; do
	signed dkimpy-rsa $canonicalization <"$work/crlf" >"$work/signed"
	is "$canonicalization: one changed byte anywhere signed fails" \
		"$(/usr/bin/python3 "$top/tests/helpers/change_bytes.py" $step "$work/signed" \
			dkimverify -n -z "$work/zone" 2>&1)" ''
done
done_testing
