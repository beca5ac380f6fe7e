# debian.sh - a mail server in a Debian of its own, that a guide is followed on; sourced behind
# tests/t/lib.sh, tests/helpers/guide.sh and tests/helpers/nameserver.sh.
#
# debian_usable               or all is skipped
# debian_store DIRECTORY      sets $store, where Debians are kept for the next time
# debian_install DIRECTORY PACKAGE...   a Debian with Postfix, Dovecot and these, and the sources in
#                             /root/assay; false with the last words of $work/log
# debian_namespaces ARGUMENT...         runs the script again within namespaces
# debian_enter DIRECTORY      from here on it is in $root, and what is written there is lost at the end
# configure_site, elsewhere   it has two domains and two users; and there is another site
# blocks SECTION [STEP]       the blocks of a part of the guide, in $work/blocks
# follow BLOCK...             each command is typed as it stands there, DNS records are published
# publish FILE                records, in the place of those that their names had
# client, submit, message, arrived, verdicts, nightly    mail
#
# Needs root, debootstrap, a mirror of Debian for the installation, and namespaces of its own for the
# rest, in which no packet leaves the machine.

root=$work/root
mkdir "$work/blocks"
guide_blocks "$top/lib/man/assay-guide.7" "$work/blocks"

debian_usable() {
	[ "$(id -u)" -eq 0 ] || skip_all 'needs root: a Debian is installed'
	for program in debootstrap nsd smtp-sink dig git; do
		command -v $program >/dev/null || skip_all "needs $program"
	done
	unshare -m -u -n -p true 2>/dev/null || skip_all 'needs namespaces'
}

# mirror: where this machine has its packages from
mirror() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | awk '
		$1 == "URIs:" { print $2; exit }
		$1 == "deb" { print $2 ~ /^\[/ ? $4 : $2; exit }'
}

# within COMMAND: by a shell in the chroot
within() {
	chroot "$1" /usr/bin/env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -c "$2"
}

# is_for_the_network COMMAND: has to be done before the network is gone
is_for_the_network() {
	case $1 in apt-get\ install*|.ci/packages*) return 0 ;; esac
	return 1
}

debian_store() {
	mkdir -p "$1"
	store=$(cd "$1" && pwd)
}

debian_install() {
	site=$1
	shift
	[ -d "$site/var/lib/dpkg" ] || debootstrap --variant=minbase bookworm "$site" "$(mirror)" || return
	printf '#!/bin/sh\nexit 101\n' >"$site/usr/sbin/policy-rc.d"
	chmod 755 "$site/usr/sbin/policy-rc.d"
	cp /etc/resolv.conf /etc/hosts "$site/etc"
	printf '%s\n' 'postfix postfix/main_mailer_type select Internet Site' \
		'postfix postfix/mailname string mx.example.com' \
		'opendmarc opendmarc/dbconfig-install boolean false' | chroot "$site" debconf-set-selections
	within "$site" "apt-get update && apt-get install -y --no-install-recommends postfix dovecot-core \
		cron rsyslog make systemd-standalone-sysusers systemd-standalone-tmpfiles $*" || return
	rm -rf "$site/root/assay"
	mkdir "$site/root/assay"
	git -C "$top" archive HEAD | tar -x -C "$site/root/assay"
}

# install_from_network DIRECTORY BLOCK...: what these ask for
install_from_network() {
	site=$1
	shift
	for block; do
		[ -e "$block.command" ] && is_for_the_network "$(cat "$block.command")" || continue
		within "$site" "cd /root/assay; $(cat "$block.command")" || return
	done
}

debian_namespaces() {
	ASSAY_NAMESPACE=1 unshare -m -u -n -p --fork --mount-proc --kill-child sh "$0" "$@"
}

debian_enter() {
	mkdir "$root" "$work/upper" "$work/lower"
	mount -t tmpfs tmpfs "$work/upper"
	mkdir "$work/upper/files" "$work/upper/work"
	mount -t overlay overlay -o "lowerdir=$1,upperdir=$work/upper/files,workdir=$work/upper/work" "$root" ||
		return
	mount -t proc proc "$root/proc"
	mount -t tmpfs dev "$root/dev"
	for device in null zero full random urandom; do
		: >"$root/dev/$device"
		mount --bind /dev/$device "$root/dev/$device"
	done
	ln -s /proc/self/fd "$root/dev/fd"
	nameserver_setup
	trap 'nameserver_stop; umount -R -l "$root" "$work/upper"; rm -rf "$work"' EXIT
	for address in 192.0.2.25 192.0.2.10 203.0.113.66; do ip address add $address/32 dev lo; done
	echo /root/assay >"$root/run/directory"
}

# configure_site: Postfix and Dovecot for two domains and two users, as they are before
configure_site() {
	echo mx.example.com >"$root/etc/hostname"
	hostname mx.example.com
	printf '127.0.0.1 localhost\n192.0.2.25 mx.example.com mx\n' >"$root/etc/hosts"
	within "$root" '
		for user in alice bob; do useradd -m $user && echo $user:secret | chpasswd; done
		postconf -e myhostname=mx.example.com inet_protocols=ipv4 smtpd_sasl_type=dovecot \
			smtpd_sasl_path=private/auth "inet_interfaces=127.0.0.1, 192.0.2.25" \
			"mydestination=example.com, example.org, mx.example.com, localhost"
		echo postmaster: alice >/etc/aliases && newaliases
		cat >/etc/dovecot/conf.d/98-site.conf <<-C
			mail_location = maildir:~/Maildir
			service auth {
			  unix_listener /var/spool/postfix/private/auth {
			    mode = 0660
			    user = postfix
			    group = postfix
			  }
			}
		C
		rsyslogd && service postfix start && service dovecot start'
}

# elsewhere: another site, mail.example.net at 192.0.2.10, that signs and wants reports
elsewhere() {
	chmod 711 "$work"
	mkdir "$work/net" "$work/sink"
	chmod 777 "$work/sink"
	dkimsign genkey -q -d example.net -s mail -D "$work/net" >/dev/null
	cat - "$work/net/mail.txt" >"$work/zone" <<-'Z'
		mx.example.com. A 192.0.2.25
		example.com. MX 10 mx.example.com.
		example.org. MX 10 mx.example.com.
		25.2.0.192.in-addr.arpa. PTR mx.example.com.
		mail.example.net. A 192.0.2.10
		example.net. MX 10 mail.example.net.
		example.net. TXT "v=spf1 mx -all"
		_dmarc.example.net. TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.net"
		10.2.0.192.in-addr.arpa. PTR mail.example.net.
		phish.example. A 203.0.113.66
	Z
	smtp-sink -u nobody -d "$work/sink/%M." 192.0.2.10:25 100 &
	nameservers="$nameservers $!" # or we would wait for it in the end
	nameserver_nsd "$work/zone"
	echo 'nameserver 127.0.0.2' | tee "$root/etc/resolv.conf" >/etc/resolv.conf
}

# publish FILE: its records, each in the place of those that its name had
publish() {
	grep ' TXT "\|	TXT	"' "$1" >"$work/new"
	awk 'NR == FNR { new[$1] = 1; next } !(/[ \t]TXT[ \t]/ && $1 in new)' "$work/new" "$work/zone" >"$work/kept"
	cat "$work/kept" "$work/new" >"$work/zone"
	nameserver_nsd "$work/zone"
}

# typed BLOCK: the command, in the directory where the one before has ended
typed() {
	within "$root" "cd \"\$(cat /run/directory)\"
$(cat "$1.command")
pwd >/run/directory" >"$work/got" 2>&1 </dev/null
	guide_matches "$1.wanted" "$work/got" && return
	sed 's/^/# wanted: /' "$1.wanted"
	sed 's/^/#    got: /' "$work/got" | tail -20
	return 1
}

# follow BLOCK...: types what is to be typed
follow() {
	for block; do
		if [ -e "$block.lines" ]; then
			grep -q '^[^ #]* *TXT "' "$block.lines" && ok 'records are published' publish "$block.lines"
		elif ! is_for_the_network "$(cat "$block.command")"; then
			ok "\$ $(tr -s ' \\\n' ' ' <"$block.command")" typed "$block"
			case $(cat "$block.command") in
			cat\ /etc/dkim/*) ok 'records are published' publish "$work/got" ;;
			esac
		fi
	done
}

# blocks SECTION [STEP]: their names, without suffix
blocks() {
	for section in "$work/blocks"/*.section; do
		block=${section%.section}
		[ "$(cat "$section")" = "$1" ] || continue
		case $(cat "$block.step") in
		"${2-}"*) echo "$block" ;;
		esac
	done
}

# client ADDRESS HELO SENDER RECIPIENT <MESSAGE: by SMTP; prints the last reply
client() {
	/usr/bin/python3 -c '
import smtplib, sys
address, helo, sender, recipient = sys.argv[1:]
smtp = smtplib.SMTP("192.0.2.25", 25, helo, 60, (address, 0))
smtp.ehlo()
reply = smtp.mail(sender)
reply = smtp.rcpt(recipient)
if reply[0] == 250:
    reply = smtp.data(sys.stdin.buffer.read())
print(reply[0], reply[1].decode())' "$@"
}

# submit SENDER RECIPIENT <MESSAGE: as a user who has logged in
submit() {
	/usr/bin/python3 -c '
import smtplib, ssl, sys
smtp = smtplib.SMTP("192.0.2.25", 587, "laptop", 60)
context = ssl._create_unverified_context()
smtp.starttls(context=context)
smtp.login("alice", "secret")
smtp.sendmail(sys.argv[1], sys.argv[2], sys.stdin.buffer.read())' "$@"
}

# message FROM TO
message() {
	printf 'From: %s\nTo: %s\nSubject: test %s\nDate: %s\nMessage-ID: <%s.%s@%s>\n\nHello\n' \
		"$1" "$2" "$1" "$(date -R)" "$(date +%s)" $$ "${1#*@}"
}

# arrived PATTERN: sets file to the one that comes
arrived() {
	tries=0
	# shellcheck disable=SC2086 # a pattern
	until file=$(ls $1 2>/dev/null | head -1) && [ -n "$file" ]; do
		[ $((tries += 1)) -lt 150 ] || return 1
		sleep 0.2
	done
	sleep 0.2
}

# verdicts FILE: what another site says of a message from this one
verdicts() {
	sed '1,/^X-Rcpt-Args/d' "$1" | sed 's/\r$//' | spfcheck -a other -z "$work/zone" -i 192.0.2.25 \
		-H mx.example.com -f "$(sed -n 's/^X-Mail-Args: <\(.*\)>.*/\1/p' "$1")" |
		dkimverify -a other -z "$work/zone" | dmarceval -a other -z "$work/zone" |
		grep '^Authentication-Results: other; ' | sed 's/.*; //' | cut -d' ' -f1 | sort | tr '\n' ' '
}

# nightly: what cron does on the next day, with two messages in the history
nightly() {
	rm -f "$work/sink"/*
	line=$(sed -n 's/^[0-9].* assay \(.*dmarcreport send .*\)/\1/p' "$root/etc/cron.d/assay-dmarcreport")
	like 'the line of cron sends a report' "$(within "$root" \
		"runuser -u assay -- env PATH=/usr/bin:/bin $line -t $(($(date +%s) + 86400))" 2>&1)" sent
	ok 'it arrives' arrived "$work/sink/*"
	is 'signed, and from us' "$(verdicts "$file")" 'dkim=pass dmarc=pass spf=pass '
	is 'with both messages' "$(sed 's/\r$//' "$file" | sed -n '/^Content-Type: application.gzip/,/^--/p' |
		sed '1,/^$/d; /^--/d' | base64 -d | gunzip | grep -c '<source_ip>')" 2
}
