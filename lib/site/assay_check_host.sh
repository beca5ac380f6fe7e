# assay_check_host.sh - the host: its name, its clock, and whom it asks
# shellcheck shell=sh disable=SC2154

# domain_for_host: where a host without a full name belongs, as far as one can guess
domain_for_host() {
	set -- $domains
	echo "${1:-example.com}"
}

check_name() {
	subject='host name'
	full=$(host_name)
	case $full in
	'') error 'dkimverify does not run' run 'dkimverify --version' ;;
	*.*) good "results are written in the name of $full" ;;
	*)
		error "this host is only called \"$full\", and others expect a full name in its results" run \
			"echo '127.0.1.1 $full.$(domain_for_host) $full' >>/etc/hosts"
		full=$full.$(domain_for_host)
		;;
	esac
	helo=$(postconf -xh smtp_helo_name 2>/dev/null)
	case $helo in
	*.*) good "Postfix says HELO $helo" ;;
	*)
		error "Postfix says HELO \"$helo\", which many servers refuse" run "postconf -e myhostname=$full"
		helo=$full
		;;
	esac
}

check_clock() {
	subject=clock
	built=$(stat -c %Y "$(command -v dkimsign)")
	if [ "$(date +%s)" -lt "$built" ]; then
		error 'the clock is behind the day when dkimsign was installed: signatures will not hold' run \
			'apt-get install -y systemd-timesyncd && timedatectl set-ntp true'
	elif [ -d /run/systemd/system ] &&
		[ "$(timedatectl show -p NTPSynchronized --value 2>/dev/null)" = no ]; then
		warning 'nothing keeps the clock right; signatures and reports need it' run 'timedatectl set-ntp true'
	else
		good 'the clock is plausible'
	fi
}

check_resolver() {
	subject=resolver
	if ! dig +time=3 +tries=2 . SOA >"$work/answer" 2>&1; then
		error 'no name server answers' run 'apt-get install -y unbound && echo nameserver 127.0.0.1 >/etc/resolv.conf'
		return 1
	fi
	case $(sed -n 's/.*flags:\([^;]*\);.*/\1/p' "$work/answer") in
	*' ad'*) good 'the name server answers, and validates DNSSEC' ;;
	*) good 'the name server answers; it does not validate DNSSEC, which unbound would do' ;;
	esac
}

check_host() {
	check_name
	check_clock
	check_resolver
}
