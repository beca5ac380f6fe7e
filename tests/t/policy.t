#!/bin/sh
# spfcheck --policy: what Postfix asks, and what it gets.
. "$(dirname "$0")/lib.sh"

cat >"$work/zone" <<'Z'
good.example TXT "v=spf1 ip4:192.0.2.10 ip6:2001:db8::/32 -all"
mail.good.example TXT "v=spf1 ip4:192.0.2.10 -all"
fail.example TXT "v=spf1 -all exp=why.fail.example"
why.fail.example TXT "%{i} may not send for %{d}; ask postmaster@%{d}"
plain.example TXT "v=spf1 -all"
wordy.example TXT "v=spf1 -all exp=why.wordy.example"
soft.example TXT "v=spf1 ~all"
neutral.example TXT "v=spf1 ?all"
perm.example TXT "v=spf1 nonsense -all"
temp.example SERVFAIL
Z
awk 'BEGIN {
	printf "why.wordy.example TXT"
	for (i = 0; i < 20; i++) printf " \"This explanation is longer than any reply line of SMTP may be. \""
	print ""
}' >>"$work/zone"

# request NAME=VALUE...: one request; what is not named is as in a request for a good message
request() {
	instance=$((${instance:-0} + 1))
	{
		[ $# -eq 0 ] || printf '%s\n' "$@"
		printf '%s\n' request=smtpd_access_policy protocol_state=RCPT instance=$instance \
			client_address=192.0.2.10 helo_name=h.none.example sender=a@good.example \
			recipient=bob@example.net sasl_username=
		echo
	}
}

# service [OPTION...] <requests: the actions, one a line
service() {
	spfcheck -P -a mx.test -z "$work/zone" "$@" 2>"$work/err" | sed -n 's/^action=//p'
}

# answers NAME PATTERN OPTIONS [ATTRIBUTE...]: to one request
answers() {
	name=$1 pattern=$2 options=$3
	shift 3
	# shellcheck disable=SC2086 # a list of options
	like "$name" "$(request "$@" | service $options)" "$pattern"
}

pass='^PREPEND Received-SPF: pass '
answers 'pass is prepended' "$pass"'\(mx.test: .* client-ip=192.0.2.10; .*identity=mailfrom; ' ''
answers 'IPv6' "$pass.*2001:db8::9" '' client_address=2001:db8::9
answers 'an IPv4-mapped client' "$pass.*client-ip=192.0.2.10; " '' client_address=::ffff:192.0.2.10
answers 'neutral' '^PREPEND Received-SPF: neutral ' '' sender=a@neutral.example
answers 'none' '^PREPEND Received-SPF: none ' '' sender=a@none.example
answers 'softfail is tagged' '^PREPEND Received-SPF: softfail ' '' sender=a@soft.example
answers 'permerror is tagged' '^PREPEND Received-SPF: permerror ' '' sender=a@perm.example
answers 'temperror is tagged' '^PREPEND Received-SPF: temperror ' '' sender=a@temp.example
answers 'fail is rejected with the explanation' \
	'^550 5\.7\.23 SPF fail of MAIL FROM, fail\.example explains: 192\.0\.2\.10 may not send for fail\.example; ask postmaster@fail\.example$' \
	'' sender=a@fail.example
answers 'fail without explanation' '^550 5\.7\.23 SPF fail of MAIL FROM: plain\.example: "-all" does' \
	'' sender=a@plain.example
answers 'HELO fail is rejected' '^550 5\.7\.23 SPF fail of HELO, fail\.example explains: ' \
	'' helo_name=fail.example
cat >>"$work/zone" <<'Z'
dot.example TXT "v=spf1 exists:%{h}.x.example -all"
dot.example.x.example A 127.0.0.2
noname.example TXT "v=spf1 exists:%{h}.x.example include:%{h}.y.example -all"
unknown.y.example TXT "v=spf1 ip4:192.0.2.0/24 -all"
Z
for helo in dot.example. dot.example.. dot.example; do
	answers "HELO $helo: %{h} is the name without the dot" "$pass" '' helo_name=$helo sender=a@dot.example
done
answers 'a bounce of a host that says its name with a dot' "$pass" '' helo_name=dot.example. sender=
for helo in '' . '  '; do
	answers "HELO '$helo': %{h} has a value" "$pass" '' "helo_name=$helo" sender=a@noname.example
done
answers 'a sender without a domain' '^PREPEND Received-SPF: none .*envelope-from=root; ' '' sender=root
answers 'the null sender in brackets' "$pass.*envelope-from=\"?<>\"?; helo=mail.good.example; identity=mailfrom" \
	'' 'sender=<>' helo_name=mail.good.example
answers 'a link-local client' '^550 5\.7\.23 .*fe80::1' '' client_address=fe80::1%eth0
answers 'null sender, HELO pass' "$pass.*envelope-from=\"?<>\"?; helo=mail.good.example; identity=mailfrom" \
	'' sender= helo_name=mail.good.example
answers 'null sender, HELO fail' '^550 5\.7\.23 ' '' sender= helo_name=fail.example

answers '--reject-mailfrom never' '^PREPEND Received-SPF: fail ' '--reject-mailfrom never' \
	sender=a@fail.example
answers '--reject-mailfrom softfail' '^550 5\.7\.23 SPF softfail of MAIL FROM' \
	'--reject-mailfrom softfail' sender=a@soft.example
answers '--reject-mailfrom softfail: fail too' '^550 5\.7\.23 ' '--reject-mailfrom softfail' \
	sender=a@fail.example
answers '--reject-helo never' "$pass" '--reject-helo never' helo_name=fail.example
answers '--reject-helo fail: softfail passes' "$pass" '--reject-helo fail' helo_name=soft.example
answers '--reject-helo softfail' '^550 5\.7\.23 SPF softfail of HELO' '--reject-helo softfail' \
	helo_name=soft.example
answers '--reject-permerror' '^550 5\.7\.24 SPF permerror of MAIL FROM: perm.example: "nonsense"' \
	--reject-permerror sender=a@perm.example
answers '--reject-permerror, HELO' '^550 5\.7\.24 SPF permerror of HELO' --reject-permerror \
	helo_name=perm.example
answers '--defer-temperror' '^451 4\.4\.3 SPF temperror of MAIL FROM: temp.example: DNS SERVFAIL' \
	--defer-temperror sender=a@temp.example
answers '--defer-temperror, HELO' '^451 4\.4\.3 ' --defer-temperror helo_name=temp.example

answers 'loopback is skipped' '^DUNNO$' '' client_address=127.0.0.9 sender=a@fail.example
answers 'IPv6 loopback too' '^DUNNO$' '' client_address=::1 sender=a@fail.example
answers 'unless other networks are' '^550 ' '--skip-addresses 192.0.2.0/28,2001:db8::/64' \
	client_address=127.0.0.9 sender=a@fail.example
answers '--skip-addresses' '^DUNNO$' '--skip-addresses 192.0.2.0/28,2001:db8::/64' \
	sender=a@fail.example
answers '--skip-addresses, IPv6' '^DUNNO$' '--skip-addresses 192.0.2.0/28,2001:db8::/64' \
	client_address=2001:db8::9 sender=a@fail.example
answers '--skip-addresses, beside it' '^550 ' '--skip-addresses 192.0.2.0/28,2001:db8::/64' \
	client_address=192.0.2.16 sender=a@fail.example
answers 'who has logged in is skipped' '^DUNNO$' '' sasl_username=alice sender=a@fail.example

for state in CONNECT EHLO HELO VRFY ETRN UNHEARD-OF; do
	answers "$state: too early" '^DUNNO$' '' protocol_state=$state sender=a@fail.example
done
for state in MAIL RCPT DATA BDAT END-OF-MESSAGE; do
	answers "$state: rejected" '^550 5' '' protocol_state=$state sender=a@fail.example
done
for state in MAIL RCPT DATA BDAT; do
	answers "$state: prepended" "$pass" '' protocol_state=$state
done
answers 'END-OF-MESSAGE: too late for a field' '^DUNNO$' '' protocol_state=END-OF-MESSAGE

# Several recipients, and several messages.
is 'one field a message, whatever comes between' "$({
	request instance=m1
	request instance=m1 recipient=carol@example.net
	request instance=m2
	request instance=m1 recipient=dave@example.net
	request instance=m2 recipient=carol@example.net
} | service | cut -c1-21)" "$(printf '%s\n' 'PREPEND Received-SPF:' DUNNO 'PREPEND Received-SPF:' DUNNO DUNNO)"
is 'a refusal for each recipient' "$({
	request instance=m1 sender=a@fail.example
	request instance=m1 sender=a@fail.example recipient=carol@example.net
} | service | cut -c1-10)" "$(printf '550 5.7.23\n550 5.7.23')"
is 'a decision is about one sender, client and HELO name' "$({
	request instance=m1
	request instance=m1 sender=a@fail.example
	request instance=m1 client_address=192.0.2.11
	request instance=m1 helo_name=fail.example
	request instance=m1
} | service | cut -c1-8)" "$(printf '%s\n' 'PREPEND ' '550 5.7.' '550 5.7.' '550 5.7.' DUNNO)"
is 'without an instance nothing is remembered' \
	"$({ request instance=; request instance=; } | service | cut -c1-8)" "$(printf 'PREPEND \nPREPEND ')"
is 'end of data after a recipient' \
	"$({ request instance=m1; request instance=m1 protocol_state=END-OF-MESSAGE; } | service | cut -c1-7)" \
	"$(printf 'PREPEND\nDUNNO')"

answers '--header spf' "$pass" '--header spf'
answers '--header ar' \
	'^PREPEND Authentication-Results: mx\.test; spf=pass smtp\.mailfrom=a@good\.example$' '--header ar'
is '--header both: one field an answer' \
	"$({ request instance=m1; request instance=m1; request instance=m1; } |
		service --header both | cut -d: -f1)" \
	"$(printf '%s\n' 'PREPEND Received-SPF' 'PREPEND Authentication-Results' DUNNO)"

# What strangers choose.
long=$(printf '%0200d' 0 | tr 0 x)
line=$(request sender=a@wordy.example recipient=$long@example.net | service)
ok 'an endless explanation leaves room for what Postfix adds' \
	test $((${#line} + 32 + 212)) -le 510
line=$(request sender=a@wordy.example recipient=$long$long$long@example.net | service)
ok 'and is never cut away' test ${#line} -gt 60
line=$(request "sender=\"$long$long$long\"@good.example" "helo_name=$long$long.example" | service)
ok 'a field never exceeds a line' test ${#line} -le 1006
line=$(request "sender=$(printf '%0940d' 0)@good.example" | service --header ar)
ok 'nor does the other' test ${#line} -le 1006
answers 'quotes and backslashes in the sender' 'envelope-from="\\"a\\\\\\"; x=\\"y\\"@good.example";' '' \
	'sender="a\"; x="y"@good.example'
answers 'a HELO name of anything' "$pass.*helo=\"x; \\(\\\\\"\"; " '' 'helo_name=x; ("'
answers 'a carriage return cannot be smuggled in' "$pass" '' "helo_name=x$(printf '\r')y"
is 'nor come out' "$(request "sender=a$(printf '\r')b@good.example" | service | tr -dc '\r' | wc -c)" 0

# Nothing ends the service but the end of its input.
hostile() {
	echo 'no equals sign'
	echo
	echo
	echo 'request=junkmail'
	echo
	request client_address=unknown
	request client_address=
	printf 'sender=a\000b\n\n'
	printf 'sender='; head -c 3000000 /dev/zero | tr '\000' x; printf '\n\n'
	head -c 3000000 /dev/zero | tr '\000' =; printf '\n\n'
	yes size=1 | head -n 300000; echo
	head -c 100000 /dev/urandom | tr -d '\n'; printf '\n\n'
	request
	printf 'request=smtpd_access_policy\nsender=a@fail.example\n'
}
hostile | service >"$work/answers"
is 'bad requests: DUNNO, and a good one behind them is answered' \
	"$(cut -c1-20 "$work/answers" | uniq -c | sed 's/^ *//')" \
	"$(printf '10 DUNNO\n1 PREPEND Received-SPF')"
is 'each has its warning' "$(grep -c '^spfcheck: warning: ' "$work/err")" 10
hostile | service -q >"$work/answers"
is 'none with -q' "$(cat "$work/err")" ''
request | spfcheck -P -z "$work/zone" >"$work/out"
is 'status 0 at the end of the input' $? 0
spfcheck -P -z "$work/zone" </dev/null >"$work/out"
is 'also if it is empty' "$? $(cat "$work/out")" '0 '
request | spfcheck -P -z "$work/zone" >/dev/full 2>&1
is 'status 75 if nobody takes the answer' $? 75
spfcheck -P -z "$work/absent" </dev/null 2>"$work/err"
is 'no zone file: status 75' $? 75
like 'and the reason' "$(cat "$work/err")" '^4\.3\.5 spfcheck: .*absent'

# bad OPTION...: a command line that contradicts itself
bad() {
	spfcheck "$@" -z "$work/zone" </dev/null >"$work/out" 2>"$work/err"
	status=$?
	case " $* " in *' -n '*) wanted=64 ;; *) wanted=75 ;; esac
	ok "refused: $*" test $status -eq $wanted
	like "refused, $1: and why" "$(cat "$work/err")" '^4\.3\.5 spfcheck: option --'
}
bad -P -i 192.0.2.1
bad -P -H h.example
bad -P -f a@example.org
bad -P -r1
bad -P -n
bad -P --reject-helo sometimes
bad -P --reject-mailfrom pass
bad -P --skip-addresses 127.0.0.0/33
bad -P --skip-addresses 127.0.0.1,
bad --reject-permerror -i 192.0.2.1 -H h.example -f a@example.org
bad --skip-addresses 192.0.2.1 -i 192.0.2.1 -H h.example -f a@example.org

if [ -n "${ASSAY_SANITIZED-}" ]; then
	echo "ok $((tests += 1)) - constant memory # SKIP sanitizers keep memory that was freed"
else
	# shellcheck disable=SC2046 # figures, then actions
	set -- $("$top/tests/bench/policy_client.py" 5000 spfcheck -P -a mx.test -z "$work/zone")
	ok "memory is the same after 1000 requests ($2 KiB) and after 5000 ($3 KiB)" \
		test $(($3 - $2)) -le 64
fi
done_testing
