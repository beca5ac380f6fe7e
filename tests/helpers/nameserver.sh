# nameserver.sh - real name servers on loopback for tests; sourced within namespaces of one's own,
# made by: unshare -m -n sh SCRIPT. Needs $work, a directory that is removed later.
#
# nameserver_setup         loopback up, an /etc/resolv.conf of our own
# nameserver_use ADDRESS   what /etc/resolv.conf names
# nameserver_nsd FILE      nsd at 127.0.0.2 with the records of FILE, in the format of -z; a second
#                          call has it serve another FILE
# nameserver_unbound FILE  unbound at 127.0.0.3, likewise
# nameserver_recursive     unbound there, which asks nsd for the root, and whom that names for the rest
# nameserver_stop          stops them all; for the EXIT trap
#
# They return when the server answers, false if it does not.

nsd=
nameservers=

nameserver_setup() {
	ip link set lo up
	: >"$work/resolv.conf"
	mount --bind "$work/resolv.conf" /etc/resolv.conf
}

nameserver_use() {
	echo "nameserver $1" >/etc/resolv.conf
}

# nameserver_zone FILE: the whole DNS, from the root
nameserver_zone() {
	printf '. 60 SOA ns. root. 1 3600 600 86400 60\n. 60 NS ns.\nns. 60 A 127.0.0.2\n'
	printf 'nameserver. 60 TXT "ready"\n'
	grep -v '^;' "$1"
}

# nameserver_wait ADDRESS: until it answers
nameserver_wait() {
	tries=0
	until dig +short +time=1 +tries=1 "@$1" nameserver TXT 2>/dev/null | grep -q ready; do
		[ $((tries += 1)) -lt 50 ] || return 1
		sleep 0.1
	done
}

nameserver_nsd() {
	[ -z "$nsd" ] || { kill "$nsd"; wait "$nsd"; }
	nameserver_zone "$1" >"$work/nsd.zone"
	cat >"$work/nsd.conf" <<-C
		server:
			ip-address: 127.0.0.2
			zonesdir: "$work"
			username: ""
			pidfile: ""
			zonelistfile: "$work/zone.list"
			xfrdfile: ""
			database: ""
			logfile: "$work/nsd.log"
			server-count: 1
		remote-control:
			control-enable: no
		zone:
			name: "."
			zonefile: nsd.zone
	C
	nsd -d -c "$work/nsd.conf" >"$work/nsd.out" 2>&1 &
	nsd=$!
	nameserver_wait 127.0.0.2
}

# unbound_start: the rest of its configuration is on stdin
unbound_start() {
	{
		cat <<-C
			server:
				interface: 127.0.0.3
				access-control: 127.0.0.0/8 allow
				username: ""
				chroot: ""
				directory: "$work"
				pidfile: ""
				use-syslog: no
				logfile: "$work/unbound.log"
				module-config: iterator
				do-daemonize: no
			remote-control:
				control-enable: no
		C
		cat
	} >"$work/unbound.conf"
	unbound -c "$work/unbound.conf" >"$work/unbound.out" 2>&1 &
	nameservers="$nameservers $!"
	nameserver_wait 127.0.0.3
}

nameserver_unbound() {
	nameserver_zone "$1" >"$work/unbound.zone"
	unbound_start <<-C
		server:
			root-hints: ""
		auth-zone:
			name: "."
			zonefile: "$work/unbound.zone"
			for-downstream: yes
			for-upstream: yes
	C
}

nameserver_recursive() {
	unbound_start <<-'C'
		server:
			outgoing-interface: 127.0.0.4
			do-not-query-localhost: no
			local-zone: "127.in-addr.arpa." nodefault
			local-zone: "2.0.192.in-addr.arpa." nodefault
		stub-zone:
			name: "."
			stub-addr: 127.0.0.2
	C
}

nameserver_stop() {
	# shellcheck disable=SC2086 # a list of words
	kill $nsd $nameservers 2>/dev/null
	# Not for whatever else a test has begun: that may have no end.
	# shellcheck disable=SC2086
	wait $nsd $nameservers
	umount /etc/resolv.conf
}
