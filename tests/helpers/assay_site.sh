# assay_site.sh - a host for tests of assay(8): Postfix as a fresh installation has it, with a
# submission service, and a name server; sourced after tests/e2e/site.sh, within its namespaces.
#
# assay_site_setup         the tools installed below /usr/local, Postfix running, nobody's records in DNS
# assay_publish RECORD     in the zone, in the place of those of that name and type
# assay_withdraw NAME TYPE the other way
# assay_serve              the zone is served
# assay_save, assay_restore  all that a test may break

assay_site_setup() {
	hostname mx.example.com
	site_private
	userdel assay
	ip link set lo up
	ip addr add 192.0.2.25/32 dev lo
	make -s -C "$top" install >"$work/install" 2>&1 || return 1
	printf '127.0.0.1 localhost\n192.0.2.25 mx.example.com mx\n' >/etc/hosts
	mkdir "$work/queue" "$work/data"
	chown postfix "$work/data"
	chmod 755 "$work" "$work/queue" "$work/data"
	printf 'postmaster: root\n' >/etc/aliases
	rm -rf /etc/cron.d /etc/assay /etc/dkim
	mkdir /etc/cron.d
	assay_postfix
	postalias /etc/aliases
	rm -f /etc/resolv.conf
	echo 'nameserver 127.0.0.2' >/etc/resolv.conf
	printf 'example.com. TXT "other=1"\n25.2.0.192.in-addr.arpa. PTR mx.example.com.\n' >"$work/zone"
	assay_serve && postfix start >"$work/log/start" 2>&1
}

assay_postfix() {
	cat >/etc/postfix/main.cf <<-C
		# As a fresh installation has it
		compatibility_level = 3.6
		queue_directory = $work/queue
		data_directory = $work/data
		myhostname = mx.example.com
		mydestination = \$myhostname, example.com, example.org, localhost
		mynetworks = 127.0.0.0/8
		inet_interfaces = 127.0.0.1, 192.0.2.25
		alias_maps = hash:/etc/aliases
		alias_database = hash:/etc/aliases
		home_mailbox = Maildir/
		maillog_file_prefixes = $work/log
		maillog_file = $work/log/mail
		smtpd_authorized_xclient_hosts = 127.0.0.0/8
	C
	{
		echo '192.0.2.25:25 inet n - n - - smtpd'
		postfix_master
		echo 'local unix - n n - - local'
		echo 'smtp unix - - n - - smtp'
		echo '127.0.0.1:submission inet n - n - - smtpd'
		echo '  -o syslog_name=postfix/submission'
	} >/etc/postfix/master.cf
}

# assay_withdraw NAME TYPE: the class may stand between them
assay_withdraw() {
	awk -v name="$1" -v type="$2" '
		tolower($1) == tolower(name) && ($2 == type || $3 == type) { next }
		{ print }' "$work/zone" >"$work/zone.new"
	mv "$work/zone.new" "$work/zone"
}

assay_publish() {
	kind=$(printf '%s\n' "$1" | awk '{ print $2 == "IN" ? $3 : $2 }')
	assay_withdraw "$(printf '%s\n' "$1" | awk '{ print $1 }')" "$kind"
	printf '%s\n' "$1" >>"$work/zone"
}

assay_serve() {
	nameserver_nsd "$work/zone"
}

# What tests break, as names below /
assay_files='etc/postfix etc/dkim etc/assay etc/cron.d etc/hosts etc/aliases etc/aliases.db var/lib/assay var/spool/assay'

assay_save() {
	cp "$work/zone" "$work/zone.saved"
	# shellcheck disable=SC2086 # words
	tar -c -f "$work/saved.tar" -C / $assay_files
}

assay_restore() {
	mountpoint -q /etc || exit 1
	cp "$work/zone.saved" "$work/zone"
	rm -rf /etc/dkim /etc/assay /etc/cron.d /var/lib/assay /var/spool/assay
	tar -x -p -f "$work/saved.tar" -C /
}
