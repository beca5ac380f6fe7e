# postfix.sh - a private Postfix for tests; sourced within namespaces of one's own, made by:
# unshare -m -n -p --fork --mount-proc --kill-child sh SCRIPT
#
# postfix_usable          false, with the reason in $reason, where this cannot work
# postfix_setup           loopback up; $work/main and $work/master become the ends of main.cf and
#                         master.cf (services there replace ours); mail for rcpt.example and
#                         $postfix_domains is delivered to $work/mail/inbox; the host is
#                         $postfix_name, by default mx.test
# postfix_start           and wait until it answers at 127.0.0.1:2525
# postfix_send PORT ADDRESS HELO SENDER RECIPIENT... [<MESSAGE]
#                         by SMTP, as this client (XCLIENT): prints the replies, the last to DATA
# postfix_delivered FILE  the next message that was delivered; false if none comes
# postfix_stop            for the EXIT trap

postfix_usable() {
	reason=
	[ "$(id -u)" -eq 0 ] || reason='needs root: Postfix does'
	command -v postfix >/dev/null || reason='needs Postfix'
	[ -x /usr/bin/python3 ] || reason='needs python3 to speak SMTP'
	unshare -m -n -p true 2>/dev/null || reason='needs mount, network and process namespaces'
	[ -z "$reason" ]
}

postfix_main() {
	cat <<-C
		compatibility_level = 3.6
		queue_directory = $work/queue
		data_directory = $work/data
		myhostname = ${postfix_name:-mx.test}
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
		virtual_mailbox_domains = rcpt.example${postfix_domains-}
		virtual_mailbox_maps = static:inbox/
		virtual_mailbox_base = $work/mail
		virtual_minimum_uid = 1
		virtual_uid_maps = static:$(id -u nobody)
		virtual_gid_maps = static:$(id -g nobody)
	C
}

postfix_master() {
	cat <<-'C'
		127.0.0.1:2525 inet n - n - - smtpd
		pickup unix n - n 60 1 pickup
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
		showq unix n - n - - showq
		postlog unix-dgram n - n - 1 postlogd
	C
}

# postfix_files: main.cf and master.cf, anew
postfix_files() {
	{ postfix_main; cat "$work/main"; } >"$work/etc/main.cf"
	# shellcheck disable=SC2046 # options
	postfix_master | grep -v $(sed -n 's/^\([a-z][a-z]*\) .*/-e ^\1 /p' "$work/master") -e '^$' |
		cat - "$work/master" >"$work/etc/master.cf"
}

postfix_setup() {
	ip link set lo up
	mkdir -p "$work/etc" "$work/data" "$work/mail" "$work/log" "$work/queue"
	chmod 755 "$work" "$work"/*
	chown postfix "$work/data"
	chown nobody:nogroup "$work/mail"
	postfix_files
	cp -r /etc/postfix/postfix-files* /etc/postfix/dynamicmaps.cf* "$work/etc" 2>/dev/null
	mount --bind "$work/etc" /etc/postfix
	echo "127.0.0.1 localhost ${postfix_name:-mx.test}" >"$work/hosts"
	mount --bind "$work/hosts" /etc/hosts
	cat >"$work/send.py" <<-'P'
		import smtplib
		import sys

		port, address, helo, sender = sys.argv[1:5]
		message = b'Subject: test\r\n\r\nbody\r\n' if sys.stdin.isatty() else sys.stdin.buffer.read()
		smtp = smtplib.SMTP('127.0.0.1', int(port), timeout=30)
		smtp.ehlo('client.localhost')
		smtp.docmd('XCLIENT', 'ADDR=%s NAME=[UNAVAILABLE]' % address)
		smtp.ehlo(helo)
		smtp.mail(sender)
		replies = [smtp.rcpt(recipient) for recipient in sys.argv[5:]]
		if any(code == 250 for code, _ in replies):
		    replies.append(smtp.data(message or b'Subject: test\r\n\r\nbody\r\n'))
		for code, text in replies:
		    print(code, text.decode())
		smtp.quit()
	P
}

postfix_send() {
	/usr/bin/python3 "$work/send.py" "$@" 2>&1
}

postfix_start() {
	postfix start >"$work/log/start" 2>&1
	tries=0
	until postfix_send 2525 192.0.2.1 x '' x@elsewhere.example >/dev/null </dev/null 2>&1; do
		[ $((tries += 1)) -lt 100 ] || return 1
		sleep 0.1
	done
}

postfix_delivered() {
	tries=0
	until set -- "$1" "$work"/mail/inbox/new/* && [ -f "$2" ]; do
		[ $((tries += 1)) -lt 100 ] || return 1
		sleep 0.1
	done
	mv "$2" "$1"
}

postfix_stop() {
	postfix stop >/dev/null 2>&1
}
