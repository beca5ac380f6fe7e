#!/bin/sh
# dmarceval --mark and --at-most: what is done to a message that fails, and what is not.
. "$(dirname "$0")/lib.sh"

id=mx.test
cat >"$work/zone" <<'Z'
_dmarc.reject.example. TXT "v=DMARC1; p=reject"
_dmarc.quarantine.example. TXT "v=DMARC1; p=quarantine"
_dmarc.none.example. TXT "v=DMARC1; p=none"
_dmarc.test.example. TXT "v=DMARC1; p=reject; t=y"
Z

# judged DOMAIN [OPTION...]: what is added to a message of DOMAIN that fails
judged() {
	domain=$1
	shift
	printf 'From: a@%s\r\nSubject: x\r\n\r\nbody\r\n' "$domain" >"$work/message"
	dmarceval -a $id -z "$work/zone" "$@" <"$work/message" >"$work/out" || echo "status $?"
	sed '/^From: /,$d' "$work/out"
}

# marked DOMAIN [OPTION...]: is it?
marked() {
	judged "$@" --mark 'X-Spam-Flag: YES' | grep -c "^X-Spam-Flag: YES$(printf '\r')$"
}

is 'a message to be rejected is marked' "$(marked reject.example)" 1
tail -c "$(wc -c <"$work/message")" "$work/out" >"$work/rest"
ok 'and goes on as it came' cmp "$work/rest" "$work/message"
is 'one for quarantine, too' "$(marked quarantine.example)" 1
is 'one of a domain without consequences is not' "$(marked none.example)" 0
is 'one of a domain without a policy is not' "$(marked absent.example)" 0
printf 'Authentication-Results: %s; dkim=pass header.d=reject.example\nReceived: x\nFrom: a@reject.example\n\nx\n' \
	$id | dmarceval -a $id -z "$work/zone" --mark 'X-Spam-Flag: YES' >"$work/out"
is 'one that passes is not' "$(grep -c X-Spam-Flag "$work/out")" 0

like 'after the queue nothing is rejected' "$(judged reject.example)" 'p=reject dis=quarantine'
like 'what the domain asks for' "$(judged reject.example --reject always)" 'policy.dmarc=reject'
like 'at most quarantine' "$(judged reject.example --at-most quarantine)" 'policy.dmarc=quarantine'
like 'at most none' "$(judged reject.example --at-most none)" 'policy.dmarc=none'
is 'then nothing is marked' "$(marked reject.example --at-most none)" 0
like 'no more than the domain asks for' "$(judged none.example --at-most quarantine)" \
	'policy.dmarc=none'
like 'a domain that tests' "$(judged test.example)" 'policy.dmarc=quarantine'
like 'the limit counts there, too' "$(judged test.example --at-most none)" 'policy.dmarc=none'

for wrong in X-Spam ': YES' 'X Spam: YES' "X-Spam: a
b" 'X-Spam: ü'; do
	judged reject.example --mark "$wrong" >"$work/said" 2>"$work/err"
	is "no header field: $(printf %s "$wrong" | tr '\n' '?')" "$(cat "$work/said"; wc -c <"$work/out")" "status 75
0"
	like 'the option is named' "$(cat "$work/err")" '^4\.3\.5 dmarceval: .*--mark'
done
judged reject.example --at-most reject >"$work/said" 2>"$work/err"
is 'more than quarantine is no limit' "$(cat "$work/said")" 'status 75'
like 'the option is named' "$(cat "$work/err")" '^4\.3\.5 dmarceval: .*--at-most'
done_testing
