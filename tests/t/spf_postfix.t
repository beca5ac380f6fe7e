#!/bin/sh
# A real Postfix that asks spfcheck --policy under spawn(8), configured by our own examples.
. "$(dirname "$0")/lib.sh"

# In namespaces of its own this test may mount over /etc/postfix, and what it starts ends with it.
if [ -z "${ASSAY_NAMESPACE-}" ]; then
	[ "$(id -u)" -eq 0 ] || skip_all 'needs root: Postfix does'
	command -v postfix >/dev/null || skip_all 'needs Postfix'
	[ -x /usr/bin/python3 ] || skip_all 'needs python3 to speak SMTP'
	unshare -m -n -p true 2>/dev/null || skip_all 'needs mount, network and process namespaces'
	ASSAY_NAMESPACE=1 unshare -m -n -p --fork --mount-proc --kill-child sh "$0"
	exit
fi
ip link set lo up
mkdir "$work/etc" "$work/data" "$work/mail" "$work/log" "$work/queue"
chmod 755 "$work" "$work"/*
chown postfix "$work/data"
chown nobody:nogroup "$work/mail"
cp "$(command -v spfcheck)" "$work/spfcheck"
chmod 755 "$work/spfcheck"

cat >"$work/zone" <<'Z'
good.example TXT "v=spf1 ip4:192.0.2.10 ip6:2001:db8::/32 -all"
mail.good.example TXT "v=spf1 ip4:192.0.2.10 -all"
fail.example TXT "v=spf1 -all exp=why.fail.example"
why.fail.example TXT "%{i} may not send for %{d}"
soft.example TXT "v=spf1 ~all"
perm.example TXT "v=spf1 nonsense -all"
temp.example SERVFAIL
Z
cat - "$top/spfcheck/examples/main.cf" >"$work/etc/main.cf" <<C
compatibility_level = 3.6
queue_directory = $work/queue
data_directory = $work/data
myhostname = mx.test
mydestination =
mynetworks = 192.0.2.200
inet_interfaces = 127.0.0.1
disable_dns_lookups = yes
smtputf8_enable = yes
alias_maps =
alias_database =
maillog_file_prefixes = $work/log
maillog_file = $work/log/mail
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_relay_restrictions = reject_unauth_destination
virtual_mailbox_domains = rcpt.example
virtual_mailbox_maps = static:inbox/
virtual_mailbox_base = $work/mail
virtual_minimum_uid = 1
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
C
{
	sed -e 's/user=assay/user=nobody/' \
		-e "s,/usr/local/bin/spfcheck,$work/spfcheck -z $work/zone -a mx.test," \
		"$top/spfcheck/examples/master.cf"
	cat <<-'C'
		127.0.0.1:2525 inet n - n - - smtpd
		127.0.0.1:2526 inet n - n - - smtpd
		  -o smtpd_recipient_restrictions=reject_unauth_destination,$both
		  -o { both = check_policy_service unix:private/both, check_policy_service unix:private/both }
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		proxymap unix - - n - - proxymap
		error unix - - n - - error
		retry unix - - n - - error
		virtual unix - n n - - virtual
		anvil unix - - n - 1 anvil
		tlsmgr unix - - n 1000? 1 tlsmgr
		postlog unix-dgram n - n - 1 postlogd
	C
	# With -v everything would go to standard error, which is the connection here.
	printf 'both unix - n n - 0 spawn\n  user=nobody argv=%s\n' \
		"$work/spfcheck -z $work/zone -a mx.test --policy --header both -v"
} >"$work/etc/master.cf"
cp -r /etc/postfix/postfix-files* /etc/postfix/dynamicmaps.cf* "$work/etc" 2>/dev/null
mount --bind "$work/etc" /etc/postfix
echo '127.0.0.1 localhost mx.test' >"$work/hosts"
mount --bind "$work/hosts" /etc/hosts
trap 'postfix stop >/dev/null 2>&1; rm -rf "$work"' EXIT

cat >"$work/send" <<'P'
"""send PORT ADDRESS HELO SENDER RECIPIENT...: a message; prints the replies, the last to DATA."""
import smtplib
import sys

port, address, helo, sender = sys.argv[1:5]
smtp = smtplib.SMTP("127.0.0.1", int(port), timeout=30)
smtp.ehlo("client.localhost")
smtp.docmd("XCLIENT", "ADDR=%s NAME=[UNAVAILABLE]" % address)
smtp.ehlo(helo)
smtp.mail(sender)
replies = [smtp.rcpt(recipient) for recipient in sys.argv[5:]]
if any(code == 250 for code, _ in replies):
    replies.append(smtp.data("Subject: test\r\n\r\nbody\r\n"))
for code, text in replies:
    print(code, text.decode())
smtp.quit()
P

# send ADDRESS HELO SENDER [RECIPIENT...]: sets replies
port=2525
send() {
	[ $# -gt 3 ] || set -- "$@" bob@rcpt.example
	replies=$(/usr/bin/python3 "$work/send" $port "$@" 2>&1)
}

# delivered: sets message to the next one in the mailbox, as it is there
delivered() {
	i=0
	until set -- "$work"/mail/inbox/new/* && [ -f "$1" ]; do
		[ $((i += 1)) -lt 100 ] || { message=none; return; }
		sleep 0.1
	done
	message=$(cat "$1")
	rm -f "$1"
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

postfix start >"$work/log/start" 2>&1
i=0
until /usr/bin/python3 "$work/send" 2525 192.0.2.1 x "" x@elsewhere.example >/dev/null 2>&1; do
	[ $((i += 1)) -lt 100 ] || break
	sleep 0.1
done
ok 'Postfix runs with the lines of the examples' test $i -lt 100

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
refused 'temperror is deferred' '^451 4\.4\.3 .* SPF temperror of MAIL FROM: temp\.example: DNS SERVFAIL$'
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
postfix stop >/dev/null 2>&1
done_testing
