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
answers '--defer-temperror' '^DEFER_IF_PERMIT 4\.4\.3 SPF temperror of MAIL FROM: temp.example: DNS SERVFAIL' \
	--defer-temperror sender=a@temp.example
answers '--defer-temperror, HELO' '^DEFER_IF_PERMIT 4\.4\.3 ' --defer-temperror helo_name=temp.example

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

# Whom the options never refuse, and whom they treat in a way of their own.
cat >>"$work/zone" <<'Z'
forwarder.example TXT "v=spf1 ip4:192.0.2.0/24 -all"
other.example TXT "v=spf1 ip4:203.0.113.1 -all"
relay.example A 192.0.2.10
relay.example AAAA 2001:db8::9
10.2.0.192.in-addr.arpa PTR out.pool.example
out.pool.example A 192.0.2.10
11.2.0.192.in-addr.arpa PTR out.pool.example
nomail.example TXT "v=spf1 -all"
nomail-why.example TXT "v=spf1 -all exp=why.fail.example"
mail-only.example TXT "v=spf1 mx -all"
passes.example TXT "v=spf1 +all"
Z
bad_sender=sender=a@mail-only.example
refused='^550 5\.7\.23 '
answers '--allow-addresses' '^DUNNO$' '--allow-addresses 198.51.100.1,192.0.2.0/24' $bad_sender
answers '--allow-addresses, IPv6' '^DUNNO$' '--allow-addresses 2001:db8::/64' $bad_sender client_address=2001:db8::9
answers '--allow-addresses, another' "$refused" '--allow-addresses 198.51.100.1' $bad_sender
answers '--allow-addresses, a name that Postfix has verified' '^DUNNO$' '--allow-addresses .relay.example' \
	$bad_sender client_name=x.relay.example
answers '--allow-helo' '^DUNNO$' '--allow-helo relay.example' $bad_sender helo_name=Relay.Example.
answers '--allow-helo, IPv6' '^DUNNO$' '--allow-helo relay.example' $bad_sender helo_name=relay.example \
	client_address=2001:db8::9
answers '--allow-helo, a name that anybody can say' "$refused" '--allow-helo relay.example' $bad_sender \
	helo_name=relay.example client_address=192.0.2.11
answers '--allow-domains: the SPF of a forwarder' '^DUNNO$' '--allow-domains other.example,forwarder.example' $bad_sender
answers '--allow-domains: not that of others' "$refused" '--allow-domains other.example,soft.example,none.example' $bad_sender
answers '--allow-domains: permerror is no pass' "$refused" '--allow-domains perm.example,temp.example' $bad_sender
answers '--allow-ptr' '^DUNNO$' '--allow-ptr pool.example' $bad_sender
answers '--allow-ptr: a PTR that is not confirmed' "$refused" '--allow-ptr pool.example' $bad_sender client_address=192.0.2.11
answers '--allow-ptr: no PTR' "$refused" '--allow-ptr pool.example' $bad_sender client_address=192.0.2.12
answers 'what is not refused gets its field, allowed or not' "$pass" '--allow-domains forwarder.example'
answers 'a deferral, too, is what allowed clients are spared' '^DUNNO$' \
	'--defer-temperror --allow-domains forwarder.example' sender=a@temp.example
answers '--only-no-mail' "$refused" --only-no-mail sender=a@nomail.example
answers '--only-no-mail, with exp=' "$refused" --only-no-mail sender=a@nomail-why.example
answers '--only-no-mail: others are tagged' '^PREPEND Received-SPF: fail' --only-no-mail $bad_sender
answers '--only-no-mail, HELO' '^550 .* of HELO' --only-no-mail helo_name=nomail.example
answers '--only-no-mail: no permerror' '^PREPEND' '--only-no-mail --reject-permerror' sender=a@perm.example
answers '--reject-mailfrom not-pass: neutral' '^550 5\.7\.23 SPF neutral' '--reject-mailfrom not-pass' sender=a@neutral.example
answers '--reject-mailfrom not-pass: none passes' '^PREPEND Received-SPF: none' '--reject-mailfrom not-pass' sender=a@none.example
answers '--reject-helo not-pass' '^550 5\.7\.23 SPF neutral of HELO' '--reject-helo not-pass' helo_name=neutral.example
answers '--reject-mailfrom no-check: the field is about HELO' \
	'^PREPEND Received-SPF: pass .*identity=helo' '--reject-mailfrom no-check' $bad_sender helo_name=mail.good.example
answers 'and so is Authentication-Results' 'spf=pass smtp\.helo=mail\.good\.example$' \
	'--reject-mailfrom no-check --header ar' $bad_sender helo_name=mail.good.example
answers '--reject-helo no-check' "$pass" '--reject-helo no-check' helo_name=fail.example
answers '--reject-helo no-check: nothing is left of a bounce' '^DUNNO$' '--reject-helo no-check' sender= helo_name=fail.example
answers 'neither' '^DUNNO$' '--reject-helo no-check --reject-mailfrom no-check' $bad_sender
answers '--reject-helo null: a bounce' "$refused" '--reject-helo null' sender= helo_name=fail.example
answers '--reject-helo null: no bounce' "$pass" '--reject-helo null' helo_name=fail.example
answers '--reject-helo null: nor a permerror' "$pass" '--reject-helo null --reject-permerror' helo_name=perm.example
for level in never null; do
	answers "--reject-helo $level, --defer-temperror" "$pass" "--reject-helo $level --defer-temperror" helo_name=temp.example
done
answers 'never is never: HELO permerror' "$pass" '--reject-helo never --reject-permerror' helo_name=perm.example
answers 'never is never: HELO of a bounce' '^PREPEND Received-SPF: fail' '--reject-helo never' sender= helo_name=fail.example
answers 'never is never: permerror of a bounce' '^PREPEND Received-SPF: permerror' \
	'--reject-helo never --reject-permerror' sender= helo_name=perm.example
answers 'never is never: MAIL FROM permerror' '^PREPEND Received-SPF: permerror' \
	'--reject-mailfrom never --reject-permerror' sender=a@perm.example
answers 'never is never: MAIL FROM temperror' '^PREPEND Received-SPF: temperror' \
	'--reject-mailfrom never --defer-temperror' sender=a@temp.example
answers '--not-pass-domains' '^550 5\.7\.23 SPF softfail' '--not-pass-domains soft.example' sender=a@soft.example
answers '--not-pass-domains: even where nothing else is rejected' '^550 5\.7\.23 SPF neutral' \
	'--not-pass-domains neutral.example --reject-mailfrom never' sender=a@neutral.example
answers '--not-pass-domains, another' '^PREPEND Received-SPF: softfail' '--not-pass-domains neutral.example' sender=a@soft.example
answers '--mailfrom-pass' '^permit_auth_destination$' '--mailfrom-pass permit_auth_destination' sender=a@passes.example
answers '--mailfrom-pass, no pass' '^PREPEND' '--mailfrom-pass x' sender=a@soft.example
answers '--helo-pass goes before a fail of MAIL FROM' '^x$' '--helo-pass x' helo_name=mail.good.example $bad_sender
answers '--reject-text' '^550 5\.7\.23 Not:SPF fail of MAIL FROM: .*:rejected$' \
	'--reject-text Not:{spf}:{rejectdefer}' $bad_sender
answers '--prospective' '^DUNNO$' '--prospective 192.0.2.10' client_address=198.51.100.1
answers '--prospective: a sender that would fail' "$refused" '--prospective 192.0.2.10' client_address=198.51.100.1 $bad_sender
answers '--header none' '^DUNNO$' '--header none'
answers '--header none: fail' "$refused" '--header none' $bad_sender
answers '--dry-run' '^PREPEND Received-SPF: fail' --dry-run sender=a@fail.example
printf 'void.example TXT "v=spf1 a:v1.example a:v2.example a:v3.example ip4:192.0.2.10 -all"\n' >>"$work/zone"
answers 'three void lookups' '^PREPEND Received-SPF: permerror' '' sender=a@void.example
printf 'dash.example TXT "v=spf1 mx \\226\\128\\147all"\n' >>"$work/zone"
answers 'a pasted character is recognized in the reply' '^550 5\.7\.24 .*"<U\+2013>all" at position 10' \
	--reject-permerror sender=a@dash.example
answers '--void-limit' "$pass" '--void-limit 3' sender=a@void.example
bad -P --reject-mailfrom null
bad -P --mailfrom-pass ''
bad -P --reject-text 'see {url}'
bad -P --void-limit 0
bad -P --allow-domains a..b
bad --header none -i 192.0.2.1 -H h.example -f a@example.org

# Files, which change while the service runs.
mkdir "$work/lists"
printf '# forwarders\n192.0.2.77\nforwarder.example\n' >"$work/lists/trusted"
ln -s lists/trusted "$work/link"
for option in --allow-addresses --allow-domains; do
	answers "$option FILE" '^DUNNO$' "$option $work/lists/trusted --skip-addresses ::1" $bad_sender client_address=192.0.2.77
done
mkfifo "$work/requests"
spfcheck -P -z "$work/zone" --allow-addresses "$work/link" <"$work/requests" >"$work/answers" 2>"$work/err" &
service=$!
exec 4>"$work/requests"
# asked COUNT: one more request, until there are so many answers
asked() {
	request client_address=192.0.2.88 instance=file$1 $bad_sender >&4
	tries=0
	until [ "$(grep -c '^action=' "$work/answers")" -ge "$1" ] || [ $((tries += 1)) -gt 200 ]; do sleep 0.02; done
	sed -n 's/^action=\(.....\).*/\1/p' "$work/answers" | tail -n 1
}
is 'a client that is in no file' "$(asked 1)" '550 5'
echo 192.0.2.88 >"$work/lists/new"
mv "$work/lists/new" "$work/lists/trusted"
sleep 1.1
is 'the file was replaced: the client is in it' "$(asked 2)" DUNNO
printf 'no such entry!\n' >"$work/lists/trusted"
sleep 1.1
is 'an error in the file: what it said stays in force' "$(asked 3)" DUNNO
like 'and that is told' "$(cat "$work/err")" '^spfcheck: error: .*/link:1: .*; what it said before stays in force$'
is 'once' "$(asked 4; grep -c 'stays in force' "$work/err")" "$(printf 'DUNNO\n1')"
: >"$work/lists/trusted"
sleep 1.1
is 'the file is empty' "$(asked 5)" '550 5'
rm "$work/lists/trusted"
sleep 1.1
is 'the file is gone for a moment' "$(asked 6)" '550 5'
exec 4>&-
wait $service
spfcheck -P -z "$work/zone" --allow-domains "$work/absent" </dev/null 2>"$work/err" >"$work/out"
is 'a file that is not there at the start: status 75' "$?,$(cat "$work/out")" 75,
like 'and why' "$(cat "$work/err")" '^4\.3\.5 spfcheck: cannot read .*/absent: No such file'

# One line for each decision.
logged() {
	request "$@" queue_id=4F1 instance=i.1 client_name=mail.example | spfcheck -P -a mx.test -z "$work/zone" $options >/dev/null 2>"$work/err"
	cat "$work/err"
}
options=
is 'a decision in the log' "$(logged)" \
	"spfcheck: 4F1: client=mail.example[192.0.2.10], helo=<h.none.example>, from=<a@good.example>, spf=pass, identity=mailfrom, domain=good.example, mechanism=\"ip4:192.0.2.10\", action=prepend, reason=\"good.example: 'ip4:192.0.2.10' permits 192.0.2.10\""
like 'a refusal' "$(logged sender=a@fail.example)" ', spf=fail, identity=mailfrom, domain=fail\.example, mechanism="-all", action=reject, reason="'
like 'without a queue id the instance' "$(logged queue_id=)" '^spfcheck: i\.1: '
like 'without both' "$(logged queue_id= instance=)" '^spfcheck: NOQUEUE: '
like 'nobody can forge a part of the line' "$(logged 'helo_name=x>, from=<a>, spf=pass, action="')" \
	'helo=<x\?\?\?from=\?a\?\?\?spf=pass\?\?action=\?>, from='
like 'skipped' "$(logged client_address=127.0.0.1)" 'spf=skipped, action=dunno, reason="the client is in --skip-addresses"$'
options='--allow-domains forwarder.example'
like 'allowed' "$(logged $bad_sender)" \
	'spf=fail, .*, action=dunno, reason="SPF of forwarder\.example, in --allow-domains, permits the client"$'
options=--dry-run
like 'what would have been' "$(logged $bad_sender)" 'action=dry-run, reason="550 5\.7\.23 SPF fail of MAIL FROM'
is 'in one line' "$(wc -l <"$work/err")" 1
options=-q
is 'nothing with -q' "$(logged)" ''
options=
is 'one line a message, not a recipient' "$({ request instance=m1; request instance=m1; request instance=m2; } |
	spfcheck -P -z "$work/zone" 2>&1 >/dev/null | wc -l)" 2

# --import
cat >"$work/policyd.conf" <<'C'
# as Debian has it, and changed
debugLevel = 1
TestOnly = 1
HELO_reject = SPF_Not_Pass
Mail_From_reject = False
PermError_reject = True
TempError_Defer = False
skip_addresses = 127.0.0.0/8,::ffff:127.0.0.0/104,::1
Whitelist = 192.0.2.0/24, 198.51.100.1
HELO_Whitelist = relay.example
Domain_Whitelist = forwarder.example
Domain_Whitelist_PTR = pool.example
No_Mail = True
Reject_Not_Pass_Domains = aol.com,hotmail.com
Mail_From_pass_restriction = good_spf
HELO_pass_restriction = good_helo
Header_Type = AR
Authserv_Id = mx.example.com
Lookup_Time = 20
Whitelist_Lookup_Time = 5
Void_Limit = 4
Reason_Message = Not taken: {spf}
Prospective = 192.0.2.9
C
is '--import' "$(spfcheck --policy --import "$work/policyd.conf" 2>&1; echo $?)" "spfcheck --policy --reject-helo not-pass --helo-pass good_helo --reject-mailfrom never --mailfrom-pass good_spf --only-no-mail --not-pass-domains aol.com,hotmail.com --reject-permerror --prospective 192.0.2.9 --skip-addresses 127.0.0.0/8,::ffff:127.0.0.0/104,::1 --allow-addresses 192.0.2.0/24,198.51.100.1 --allow-helo relay.example --allow-domains forwarder.example --allow-ptr pool.example --header ar --authserv-id mx.example.com --timeout 20 --allow-timeout 5 --void-limit 4 --reject-text {Not taken: {spf}}
0"
answers 'spfcheck understands what it has printed' "$refused" \
	"$(spfcheck --import "$work/policyd.conf" | sed 's/^spfcheck --policy//; s/ --reject-text.*//; s/ --authserv-id [^ ]*//; s/ --prospective [^ ]*//')" \
	sender= helo_name=nomail.example client_address=203.0.113.5
printf 'Per_User = x\nHELO_reject = fail\nWhitelst = 1\nMock = True\nPermError_reject = yes\nno\n' >"$work/policyd.conf"
spfcheck --import "$work/policyd.conf" >"$work/out" 2>"$work/err"
is '--import: what is not carried over is status 1' "$?,$(cat "$work/out")" '1,spfcheck --policy'
is 'with a line about each' "$(grep -c '^.*/policyd\.conf:[1-6]: ' "$work/err")" 6
spfcheck --policy --import "$work/absent" >"$work/out" 2>"$work/err"
is '--import, no file: status 75' $? 75

if [ -n "${ASSAY_SANITIZED-}" ]; then
	echo "ok $((tests += 1)) - constant memory # SKIP sanitizers keep memory that was freed"
else
	# shellcheck disable=SC2046 # figures, then actions
	set -- $("$top/tests/bench/policy_client.py" 5000 spfcheck -P -a mx.test -z "$work/zone")
	ok "memory is the same after 1000 requests ($2 KiB) and after 5000 ($3 KiB)" \
		test $(($3 - $2)) -le 64
fi
done_testing
