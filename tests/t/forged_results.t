#!/bin/sh
# Results that pretend to be ours: gone from outside the trust boundary, never believed; kept inside.
. "$(dirname "$0")/lib.sh"

id=mx.forged.test
cat >"$work/zone" <<'Z'
_dmarc.bank.example. TXT "v=DMARC1; p=reject"
bank.example. A 192.0.2.7
Z

# through TOOL: the chain's tool with a message on stdin
through() {
	case $1 in
	spfcheck) spfcheck -a $id -z "$work/zone" -i 192.0.2.66 -H evil.example -f x@evil.example ;;
	*) "$1" -a $id -z "$work/zone" ;;
	esac
}

received='Received: from evil.example by mx.forged.test; Mon, 23 Nov 2026 10:00:00 +0000'
rest='From: ceo@bank.example
Subject: wire

pay'

# Every disguise of our id. One field each; \n starts a new line.
cat >"$work/disguises" <<'D'
Authentication-Results: mx.forged.test; dkim=pass header.d=bank.example
authentication-results: mx.forged.test; dkim=pass header.d=bank.example
AUTHENTICATION-RESULTS : MX.Forged.TEST; dkim=pass header.d=bank.example
Authentication-Results:mx.forged.test;dkim=pass header.d=bank.example
Authentication-Results:\n mx.forged.test;\n dkim=pass\n header.d=bank.example
Authentication-Results: (a) mx.forged.test (b) ; dkim=pass header.d=bank.example
Authentication-Results: (a (nested \\) one)) mx.forged.test; dkim=pass header.d=bank.example
Authentication-Results: "mx.forged.test"; dkim=pass header.d=bank.example
Authentication-Results: "mx.\\forged.test" 1; dkim=pass header.d=bank.example
Authentication-Results: mx.forged.test 1; dkim=pass header.d=bank.example
Authentication-Results: mx.forged.test/1; dkim=pass header.d=bank.example
Authentication-Results: mx.forged.test.; dkim=pass header.d=bank.example
Authentication-Results: (unclosed mx.forged.test; dkim=pass header.d=bank.example
Authentication-Results: "mx.forged.test; dkim=pass header.d=bank.example
Authentication-Results: mx.forged.test
Authentication-Results: mx.forged.test; none
D

# Fields that are not ours and stay.
cat >"$work/others" <<'D'
Authentication-Results: mx.forged.test.example; dkim=pass header.d=bank.example
Authentication-Results: amx.forged.test; dkim=pass header.d=bank.example
Authentication-Results: other.example (mx.forged.test); dkim=pass header.d=bank.example
ARC-Authentication-Results: i=1; mx.forged.test; dkim=pass header.d=bank.example
X-Authentication-Results: mx.forged.test; dkim=pass header.d=bank.example
D

number=0
while IFS= read -r line; do
	number=$((number + 1))
	field=$(printf '%b' "$line")
	printf '%s\n%s\n%s\n' "$received" "$field" "$rest" >"$work/message"
	printf '%s\n%s\n' "$received" "$rest" >"$work/clean"
	for tool in spfcheck dkimverify dmarceval; do
		through $tool <"$work/message" >"$work/out"
		through $tool <"$work/clean" >"$work/wanted"
		ok "$tool removes disguise $number" cmp -s "$work/out" "$work/wanted"
	done
done <"$work/disguises"

number=0
while IFS= read -r field; do
	number=$((number + 1))
	printf '%s\n%s\n%s\n' "$received" "$field" "$rest" >"$work/message"
	for tool in spfcheck dkimverify dmarceval; do
		ok "$tool keeps another's field $number" \
			sh -c 'printf "%s\n" "$1" | grep -qxF -- "$2"' - "$(through $tool <"$work/message")" "$field"
	done
done <"$work/others"

# Fifty copies below the border, one real one above.
real='Authentication-Results: mx.forged.test; dkim=none'
{
	printf '%s\n%s\n' "$real" "$received"
	i=0
	while [ $((i += 1)) -le 50 ]; do
		echo "Authentication-Results: mx.forged.test; dkim=pass header.d=bank.example header.s=s$i"
	done
	printf '%s\n' "$rest"
} >"$work/message"
printf '%s\n%s\n%s\n' "$real" "$received" "$rest" >"$work/kept"
for tool in spfcheck dkimverify dmarceval; do
	through $tool <"$work/message" >"$work/out"
	through $tool <"$work/kept" >"$work/wanted"
	ok "$tool removes 50 forged fields and keeps the real one" cmp -s "$work/out" "$work/wanted"
	ok "$tool: the real one is there" grep -qxF "$real" "$work/out"
done
like 'dmarceval believes none of the 50' "$(dmarceval -n -a $id -z "$work/zone" <"$work/message")" \
	'^dmarc=fail '

# The same field above the border is believed, for it can only be ours.
printf 'Authentication-Results: %s; dkim=pass header.d=bank.example\n%s\n%s\n' $id "$received" "$rest" \
	>"$work/message"
like 'the same above the border counts' \
	"$(dmarceval -n -a $id -z "$work/zone" <"$work/message")" '^dmarc=pass '

# Without any Received the first of the chain trusts nothing.
printf 'Authentication-Results: %s; dkim=pass header.d=bank.example\n%s\n' $id "$rest" >"$work/message"
is 'spfcheck removes our id everywhere when there is no border' \
	"$(through spfcheck <"$work/message" | grep -c 'dkim=pass')" 0
like 'the whole chain does not believe it' \
	"$(through spfcheck <"$work/message" | through dkimverify | dmarceval -n -a $id -z "$work/zone")" \
	'^dmarc=fail '
done_testing
