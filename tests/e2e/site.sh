# site.sh - a whole mail site for tests: name servers, Postfix with our examples as they stand, and
# mailboxes; sourced behind tests/t/lib.sh, within namespaces of its own.
#
# site_enter "$0" [ARGUMENT...]    runs the script again within namespaces; returns there
# site_setup FORM          all of the site; FORM is how filters run: "milter" by spawn(8), "workers", and by
#                          pipe(8) "smtp" or "sendmail", as they inject
# site_start               and wait until it answers
# site_send NAME [OPTION...] ADDRESS HELO SENDER [RECIPIENT...] <MESSAGE
#                          by SMTP to port 25, from ADDRESS, to NAME@rcpt.example unless there are
#                          recipients; the replies go to $work/replies/NAME
# site_message FROM [FIELD...] and site_signed DOMAIN <MESSAGE write messages
# site_settle SECONDS      until nothing is in the queue any more; false if it takes longer
# site_mail NAME           the file of the message for NAME at rcpt.example or reports.example, empty if there is none
# site_plain NAME          the message as it was before it was put into the mailbox
# site_header NAME         its fields, one a line
# site_verdict NAME TEXT PATTERN   a test: one of them is like this
# site_stop                for the EXIT trap
#
# The host is mx.example.com; /etc, /var/lib, /var/spool and /usr/local are copies or empty, so the
# examples find what they name. resolv.conf names unbound, which asks nsd for everything.

# shellcheck disable=SC2034 # $top and $reason are read elsewhere
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck disable=SC1091
. "$top/tests/helpers/nameserver.sh"
# shellcheck disable=SC1091
. "$top/tests/helpers/postfix.sh"

site_enter() {
	[ -z "${ASSAY_NAMESPACE-}" ] || return 0
	postfix_usable || skip_all "$reason"
	for program in nsd unbound; do
		command -v $program >/dev/null || skip_all "needs $program"
	done
	ASSAY_NAMESPACE=1 unshare -m -n -p -u --fork --mount-proc --kill-child sh "$@"
	exit
}

# site_private: directories that the examples name become the test's own
site_private() {
	mkdir "$work/private"
	chmod 755 "$work" "$work/private"
	cp -a /etc "$work/private/etc"
	mkdir "$work/private/local" "$work/private/lib" "$work/private/spool" "$work/private/log"
	mount --bind "$work/private/etc" /etc
	mount --bind "$work/private/local" /usr/local
	mount --bind "$work/private/lib" /var/lib
	mount --bind "$work/private/spool" /var/spool
	site_log
	useradd --system --shell /usr/sbin/nologin assay
}

# site_log: a /dev with a log daemon; what comes is in $work/log/system
sink=
site_log() {
	mkdir "$work/dev" "$work/log"
	mount -t tmpfs -o mode=755 dev "$work/dev"
	cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom "$work/dev"
	ln -s /proc/self/fd "$work/dev/fd"
	mount --bind "$work/dev" /dev
	/usr/bin/python3 "$top/tests/helpers/log_sink.py" /dev/log "$work/log/system" &
	sink=$!
	until [ -e "$work/log/system" ]; do sleep 0.02; done
	chmod 666 /dev/log
}

# site_install: what the guide has a postmaster do
site_install() {
	install -d /usr/local/bin /usr/local/libexec/assay
	for tool in spfcheck dkimsign dkimverify dmarceval dmarcreport; do
		install -m 755 "$top/$tool/$tool" /usr/local/bin
	done
	install -m 755 "$top/dmarcreport/examples/sign-and-send" "$top/lib/postfix/gate" \
		/usr/local/libexec/assay
	install -d -o assay -g assay -m 700 /var/lib/assay /var/spool/assay /etc/dkim
	for domain in example.org example.com example.net; do
		install -d -o assay -m 700 /etc/dkim/$domain
		runuser -u assay -- /usr/local/bin/dkimsign genkey -q -d $domain -s mail -D /etc/dkim/$domain
	done
	runuser -u assay -- /usr/local/bin/dkimsign genkey -q --type ed25519 -d example.org -s ed \
		-D /etc/dkim/example.org
	install -o assay -m 644 "$top/dkimsign/examples/key_table" \
		"$top/dkimsign/examples/signing_table" /etc/dkim
}

# site_zone: our own domains, with those of strangers; $work/zone may have more
site_zone() {
	cat /etc/dkim/*/*.txt
	# good.example and load.example sign with a key of openssl.
	mkdir "$work/keys"
	openssl genrsa -out "$work/keys/good.key" 2048 2>/dev/null
	for domain in good.example load.example; do
		printf 'sel._domainkey.%s. TXT "v=DKIM1; p=' $domain
		openssl pkey -in "$work/keys/good.key" -pubout -outform DER | base64 -w 0 |
			sed 's/.\{200\}/&" "/'
		printf '"\n'
	done
	cat <<-'Z'
		mx.example.com. A 192.0.2.25
		mx.example.com. TXT "v=spf1 a -all"
		example.com. TXT "v=spf1 a:mx.example.com -all"
		example.org. TXT "v=spf1 a:mx.example.com -all"
		example.net. TXT "v=spf1 a:mx.example.com -all"
		_dmarc.example.com. TXT "v=DMARC1; p=reject"
		_dmarc.example.org. TXT "v=DMARC1; p=reject"
		_dmarc.example.net. TXT "v=DMARC1; p=reject"
		good.example. TXT "v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 -all"
		mail.good.example. TXT "v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 -all"
		_dmarc.good.example. TXT "v=DMARC1; p=reject; rua=mailto:dmarc@reports.example"
		good.example._report._dmarc.reports.example. TXT "v=DMARC1"
		other.example. TXT "v=spf1 ip4:192.0.2.99 ip4:127.0.0.1 -all"
		load.example. TXT "v=spf1 ip4:127.0.0.0/8 ip4:192.0.2.25 -all"
		mail.load.example. TXT "v=spf1 ip4:127.0.0.0/8 ip4:192.0.2.25 -all"
		_dmarc.load.example. TXT "v=DMARC1; p=reject"
		lame.example. NS ns.lame.example.
		ns.lame.example. A 127.0.0.98
		silent.example. NS ns.silent.example.
		ns.silent.example. A 127.0.0.99
	Z
	[ ! -f "$work/zone" ] || cat "$work/zone"
}

site_dns() {
	ip link set lo up
	site_zone >"$work/site.zone"
	nameserver_nsd "$work/site.zone" || return 1
	for server in refuse:127.0.0.98 silent:127.0.0.99; do
		/usr/bin/python3 "$top/tests/helpers/${server%%:*}_dns.py" "${server#*:}" >/dev/null &
		nameservers="$nameservers $!"
	done
	nameserver_recursive || return 1
	rm -f /etc/resolv.conf
	printf 'nameserver 127.0.0.3\noptions timeout:1 attempts:2\n' >/etc/resolv.conf
}

# site_master FORM: the examples' lines. Nobody logs in here: submission is for mynetworks. What
# dmarceval and the gate are told besides is in $evaluate and $gate.
site_master() {
	case $1 in
	smtp) suffix=-pipe ;;
	sendmail) suffix=-sendmail ;;
	*) suffix= ;;
	esac
	[ -n "$suffix" ] || echo 'smtp inet n - y - - smtpd'
	{
		cat "$top/dmarceval/examples/master$suffix.cf" "$top/spfcheck/examples/master.cf"
		sed -e '/smtpd_tls\|sasl/d' "$top/dkimsign/examples/master$suffix.cf"
	} | sed -e "s,bin/dmarceval,& ${evaluate-}," -e "s,gate milter,& ${gate-}," |
		if [ "$1" = workers ]; then awk '/^[^ ]/ { skip = /^assay-(in|out) / } !skip'; else cat; fi
}

# site_main FORM
site_main() {
	cat <<-C
		smtpd_client_connection_count_limit = 0
		smtpd_client_connection_rate_limit = 0
		allow_min_user = yes
		message_size_limit = 25000000
		mailbox_size_limit = 0
		virtual_mailbox_limit = 0
	C
	cat "$top/spfcheck/examples/main.cf"
	case $1 in
	smtp | sendmail) cat "$top/dkimsign/examples/main-pipe.cf" "$top/dmarceval/examples/main-pipe.cf" ;;
	*) cat "$top/dkimsign/examples/main.cf" "$top/dmarceval/examples/main.cf" ;;
	esac
}

# words_of UNIT: what its ExecStart starts, with $evaluate and $gate
words_of() {
	sed -n '/^ExecStart=/,/[^\\]$/p' "$1" | sed -e 's/^ExecStart=//' -e 's/\\$//' \
		-e "s,bin/dmarceval,& ${evaluate-}," -e "s,gate workers,& ${gate-}," | tr '\n' ' '
}

# site_workers: as systemd starts them, with the words of the examples' units
workers=
site_workers() {
	for name in dmarceval/examples/assay-in dkimsign/examples/assay-out; do
		service=${name##*/}
		# shellcheck disable=SC2046 # words
		/usr/bin/python3 "$top/tests/helpers/listen.py" assay "$work/queue/private/$service" \
			$(words_of "$top/$name.service") >>"$work/log/workers" 2>&1 &
		workers="$workers $!"
	done
}

site_setup() {
	hostname mx.example.com
	site_private
	site_install >/dev/null
	site_dns || return 1
	postfix_name=mx.example.com postfix_domains=', reports.example'
	site_main "$1" >"$work/main"
	site_master "$1" >"$work/master"
	postfix_setup
	mkdir "$work/replies"
}

site_start() {
	[ "${form-}" != workers ] || [ -n "$workers" ] || site_workers
	postfix_start
}

site_send() {
	name=$1
	shift
	/usr/bin/python3 "$top/tests/e2e/client.py" "$name@rcpt.example" "$@" \
		>"$work/replies/$name" 2>&1
}

site_settle() {
	tries=0
	until [ "$(postqueue -p)" = 'Mail queue is empty' ]; do
		[ $((tries += 1)) -lt $(($1 * 5)) ] || return 1
		sleep 0.2
	done
}

# site_message FROM [FIELD...]: an unsigned one
site_message() {
	printf 'From: %s\nTo: bob@rcpt.example\nSubject: test\n' "$1"
	printf 'Date: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <%s@test>\n' "$(date +%s%N)"
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@"
	printf '\nHello,\n.\nthis is a test.\n'
}

# site_signed DOMAIN: what is on stdin, signed with its key
site_signed() {
	dkimsign -c relaxed/simple -d "$1" -s sel -k "$work/keys/good.key"
}

# site_plain NAME: its message as Postfix had it before delivery
site_plain() {
	sed -e '1,3{/^Return-Path:/d; /^X-Original-To:/d; /^Delivered-To:/d}' "$(site_mail "$1")"
}

site_mail() {
	grep -l -m 1 -- "^Delivered-To: $1@[a-z]*.example$" "$work/mail/inbox/new/"* 2>/dev/null | head -n 1
}

# site_header NAME: the fields of its message, one a line
site_header() {
	file=$(site_mail "$1")
	[ -n "$file" ] && sed -n '/^$/q; p' "$file" | sed -e ':a' -e 'N; $!ba' -e 's/\n[ \t]/ /g'
}

site_verdict() {
	site_header "$1" >"$work/header"
	if grep -Eq -- "$3" "$work/header"; then
		report 0 "$1: $2"
	else
		report 1 "$1: $2"
		{ echo "wanted: $3"; cat "$work/replies/$1" "$work/header"; } | sed 's/^/# /'
	fi
}

site_stop() {
	# shellcheck disable=SC2086 # a list of words
	[ -z "$workers" ] || kill $workers
	postfix_stop
	nameserver_stop 2>/dev/null
	[ -z "$sink" ] || kill "$sink"
	umount -l /dev "$work/dev" /etc/postfix /etc/hosts /etc /usr/local /var/lib /var/spool 2>/dev/null
}
