#!/bin/sh
# A real Postfix that asks spfcheck --policy under spawn(8), configured by our own examples.
. "$(dirname "$0")/lib.sh"

. "$top/tests/helpers/postfix.sh"

# In namespaces of its own this test may mount over /etc/postfix, and what it starts ends with it.
if [ -z "${ASSAY_NAMESPACE-}" ]; then
	postfix_usable || skip_all "$reason"
	ASSAY_NAMESPACE=1 unshare -m -n -p --fork --mount-proc --kill-child sh "$0"
	exit
fi
cp "$(command -v spfcheck)" "$work/spfcheck"
chmod 755 "$work/spfcheck"

# A /dev of our own, with a log of our own.
mkdir "$work/dev"
mount -t tmpfs none "$work/dev" || skip_all 'cannot mount'
cp -a /dev/null /dev/zero /dev/urandom /dev/random "$work/dev" || skip_all 'cannot make devices'
chmod 755 "$work/dev"
mount --bind "$work/dev" /dev
/usr/bin/python3 "$top/tests/helpers/log_sink.py" /dev/log "$work/syslog" &
sink=$!
while [ ! -e "$work/syslog" ]; do sleep 0.02; done
chmod 666 /dev/log

cat >"$work/zone" <<'Z'
forwarder.example TXT "v=spf1 ip4:192.0.2.12 -all"
good.example TXT "v=spf1 ip4:192.0.2.10 ip6:2001:db8::/32 -all"
mail.good.example TXT "v=spf1 ip4:192.0.2.10 -all"
fail.example TXT "v=spf1 -all exp=why.fail.example"
why.fail.example TXT "%{i} may not send for %{d}"
soft.example TXT "v=spf1 ~all"
perm.example TXT "v=spf1 nonsense -all"
temp.example SERVFAIL
Z
cp "$top/spfcheck/examples/main.cf" "$work/main"
{
	sed -e 's/user=assay/user=nobody/' \
		-e "s,/usr/local/bin/spfcheck,$work/spfcheck -z $work/zone -a mx.test," \
		"$top/spfcheck/examples/master.cf"
	cat <<-'C'
		127.0.0.1:2526 inet n - n - - smtpd
		  -o smtpd_recipient_restrictions=reject_unauth_destination,$both
		  -o { both = check_policy_service unix:private/both, check_policy_service unix:private/both }
	C
	# With -v everything would go to standard error, which is the connection here.
	cat <<-'C'
		127.0.0.1:2527 inet n - n - - smtpd
		  -o smtpd_recipient_restrictions=reject_unauth_destination,$typing_error
		  -o { typing_error = check_policy_service unix:private/typo }
		127.0.0.1:2528 inet n - n - - smtpd
		  -o smtpd_recipient_restrictions=reject_unauth_destination,$lists
		  -o { lists = check_policy_service unix:private/lists }
		127.0.0.1:2529 inet n - n - - smtpd
		  -o smtpd_recipient_restrictions=reject_unauth_destination,$spf_first
		  -o { spf_first = check_policy_service unix:private/assay-spf, check_helo_access static:reject }
	C
	printf 'typo unix - n n - 0 spawn\n  user=nobody argv=%s\n' "$work/spfcheck --policy --reject-helo sometimes"
	printf 'lists unix - n n - 0 spawn\n  user=nobody argv=%s\n' \
		"$work/spfcheck --policy -z $work/zone -a mx.test --allow-domains $work/lists/forwarders"
	printf 'both unix - n n - 0 spawn\n  user=nobody argv=%s\n' \
		"$work/spfcheck -z $work/zone -a mx.test --policy --header both -v"
} >"$work/master"
mkdir "$work/lists"
echo forwarder.example >"$work/lists/forwarders"
postfix_setup
trap 'postfix_stop; kill $sink; umount -l /dev; umount -l "$work/dev"; rm -rf "$work"' EXIT

# send ADDRESS HELO SENDER [RECIPIENT...]: sets replies
port=2525
send() {
	[ $# -gt 3 ] || set -- "$@" bob@rcpt.example
	replies=$(postfix_send $port "$@" </dev/null)
}

# delivered: sets message to the next one in the mailbox, as it is there
delivered() {
	message=none
	postfix_delivered "$work/message" && message=$(cat "$work/message")
}

# tagged NAME RESULT: the message that was just sent has arrived with one field, above our Received
tagged() {
	delivered
	like "$1: accepted" "$replies" '^250 2\.0\.0 '
	is "$1: one Received-SPF field" "$(printf '%s\n' "$message" | grep -c '^Received-SPF: ')" 1
	is "$1: the result stands above our Received" \
		"$(printf '%s\n' "$message" | sed -n 's/^\(Received-SPF: [a-z]*\) .*/\1/p; s/^\(Received:\).*/\1/p')" \
		"$(printf 'Received-SPF: %s\nReceived:' "$2")"
}

# refused NAME PATTERN
refused() {
	like "$1" "$replies" "$2"
	is "$1: nothing else was said" "$(printf '%s\n' "$replies" | wc -l)" 1
}

ok 'Postfix runs with the lines of the examples' postfix_start

send 192.0.2.10 h.example alice@good.example
tagged 'pass' pass
like 'pass: the whole field' "$message" \
	'^Received-SPF: pass \(mx\.test: good\.example permits 192\.0\.2\.10\) receiver=mx\.test; client-ip=192\.0\.2\.10; envelope-from="alice@good\.example"; helo=h\.example; identity=mailfrom; '
send IPV6:2001:db8::1 h.example alice@good.example
tagged 'IPv6' pass
like 'IPv6: the client' "$message" 'client-ip="?2001:db8::1'
send 192.0.2.10 h.example alice@soft.example
tagged 'softfail' softfail
send 192.0.2.10 h.example alice@perm.example
tagged 'permerror' permerror
send 192.0.2.10 mail.good.example ''
tagged 'null sender' pass
like 'null sender: it stays one' "$message" 'envelope-from="?<>"?; helo=mail\.good\.example'
send 192.0.2.10 h.example alice@good.example bob@rcpt.example carol@rcpt.example dave@rcpt.example
is 'several recipients: all accepted' "$(printf '%s\n' "$replies" | grep -c '^250 2\.1\.5 ')" 3
tagged 'several recipients' pass
delivered
is 'several recipients: the copies are alike' \
	"$(printf '%s\n' "$message" | grep -c '^Received-SPF: ')" 1
delivered

send 192.0.2.10 h.example alice@fail.example
refused 'fail is rejected with the explanation' \
	'^550 5\.7\.23 <bob@rcpt\.example>: Recipient address rejected: SPF fail of MAIL FROM, fail\.example explains: 192\.0\.2\.10 may not send for fail\.example$'
send 192.0.2.11 mail.good.example ''
refused 'null sender, HELO fail' '^550 5\.7\.23 .* SPF fail of HELO: mail\.good\.example: '
send 192.0.2.10 h.example alice@temp.example
refused 'temperror is deferred' '^450 4\.4\.3 .* SPF temperror of MAIL FROM: temp\.example: DNS SERVFAIL$'
send 192.0.2.10 h.example alice@fail.example bob@rcpt.example carol@rcpt.example
is 'a refusal for each recipient' "$(printf '%s\n' "$replies" | grep -c '^550 5\.7\.23 ')" 2
send 192.0.2.200 h.example alice@fail.example
delivered
is 'mynetworks is not asked about' "$(printf '%s\n' "$message" | grep -c '^Received-SPF')" 0
send 127.0.0.1 h.example alice@fail.example
delivered
is 'loopback is skipped' "$(printf '%s\n' "$message" | grep -c '^Received-SPF')" 0

port=2526
send 192.0.2.10 h.example alice@good.example
delivered
is '--header both, the service named twice: both fields' \
	"$(printf '%s\n' "$message" | grep -c -e '^Received-SPF: pass ' -e '^Authentication-Results: mx\.test; spf=pass smtp\.mailfrom=alice@good\.example$')" 2
is 'nobody complained in the log' \
	"$(grep -E ' (warning|error|fatal|panic): ' "$work/log/mail")" ''
like 'each decision is in the system log' "$(cat "$work/syslog")" \
	'^<22>assay/spf\[[0-9]+\]: [^ ]+: client=unknown\[192\.0\.2\.10\], helo=<h\.example>, from=<alice@fail\.example>, spf=fail, identity=mailfrom, domain=fail\.example, mechanism="-all", action=reject, '

port=2528
send 192.0.2.12 h.example alice@fail.example
delivered
is 'a forwarder whose SPF passes is not refused' "$(printf '%s\n' "$message" | grep -c '^Subject: test')" 1
send 192.0.2.10 h.example alice@fail.example
refused 'another client is' '^550 5\.7\.23 '
like 'and the log says why the one was not' "$(cat "$work/syslog")" \
	'client=unknown\[192\.0\.2\.12\].* spf=fail, .*action=dunno, reason="SPF of forwarder\.example, in --allow-domains, permits the client"$'
: >"$work/lists/new"
mv "$work/lists/new" "$work/lists/forwarders"
sleep 1.1
send 192.0.2.12 h.example alice@fail.example
refused 'until it is taken out of the file' '^550 5\.7\.23 '

port=2529
send 192.0.2.10 h.example alice@temp.example
refused 'a reject after a temperror wins' '^554 5\.7\.1 .*Access denied'

port=2527
send 192.0.2.10 h.example alice@good.example
refused 'a typing error in an option: nothing is lost, and the client is told nothing about it' \
	'^451 4\.3\.5 <bob@rcpt\.example>: Recipient address rejected: Server configuration (problem|error)$'
like 'the reason is in the system log' "$(cat "$work/syslog")" \
	'^<19>assay/spf\[[0-9]+\]: 4\.3\.5 error: option --reject-helo: "sometimes" is none of never, fail'
done_testing
