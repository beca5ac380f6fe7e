# assay_setup.sh - assay setup: keys, master.cf, main.cf, aliases, timers, and the records to publish
# shellcheck shell=sh disable=SC2154
#
# $state/journal has a line for each thing that was not there before, for assay undo; beside it are
# main.cf and master.cf as they were, and the sums of what setup has made of them.

# run COMMAND...: prints it, and runs it unless this is a trial
run() {
	printf '# %s\n' "$(quote "$@")"
	[ -z "$dry" ] || return 0
	"$@" || trouble "that failed; nothing after it was done. \"assay undo\" takes away what was done" 75
}

# write FILE MODE OWNER: from stdin, unless it is like this already
write() {
	cat >"$work/content"
	! cmp -s "$work/content" "$1" || return 0
	note file "$1"
	printf '# cat >%s <<.\n' "$1"
	sed 's/^/#   /' "$work/content"
	[ -n "$dry" ] || install -m "$2" -o "$3" -g "$3" "$work/content" "$1" || trouble "cannot write $1" 75
}

# note KIND NAME: for undo, once
note() {
	[ -z "$dry" ] || return 0
	grep -qxF "$1 $2" "$state/journal" || printf '%s %s\n' "$1" "$2" >>"$state/journal"
}

# directory PATH MODE OWNER
directory() {
	[ -d "$1" ] || note directory "$1"
	[ -d "$1" ] && [ "$(stat -c %U "$1")" = "$3" ] || run install -d -o "$3" -g "$3" -m "$2" "$1"
}

refuse() {
	echo "assay: nothing was done: $1" >&2
	refused=yes
}

# understood: is there anything that this set-up would break?
understood() {
	refused=
	filter=$(postconf -xh content_filter)
	[ -z "$filter" ] ||
		refuse "mail goes through content_filter=$filter: see \"amavis\" in assay-guide(7), OTHER WAYS"
	for name in smtpd_milters non_smtpd_milters; do
		others=$(milters_of "$(postconf -xh $name)" | grep -v '^unix:private/assay-\(in\|out\)$' | tr '\n' ' ')
		[ -z "$others" ] ||
			refuse "$name has others, $others: see OTHER WAYS and MOVING OVER in assay-guide(7)"
	done
	for listener in $(smtpd_services); do
		milters=$(service_option "$listener" smtpd_milters)
		case $milters in
		'' | .unix:private/assay-in | .unix:private/assay-out) ;;
		*) refuse "$listener in master.cf has smtpd_milters=${milters#.} of its own" ;;
		esac
		filter=$(service_option "$listener" content_filter)
		[ -z "$filter" ] || refuse "$listener in master.cf has content_filter=${filter#.} of its own: see OTHER WAYS in assay-guide(7)"
	done
	for name in assay-in assay-out; do
		case $(service $name) in
		'' | ' ' | *"$gate milter "*) ;;
		*) refuse "there is a service $name that does not start $gate" ;;
		esac
	done
	case $(host_name) in
	*.*) ;;
	*) refuse "this host has no full name: echo '127.0.1.1 $(hostname).$first $(hostname)' >>/etc/hosts" ;;
	esac
	[ -z "$refused" ]
}

# begin: keep what was there
begin() {
	if [ -n "$dry" ]; then
		[ -d "$state" ] || echo "# mkdir -p $state, with main.cf and master.cf as they are now"
		return
	fi
	if [ ! -d "$state" ]; then
		# The directory itself is the package's, or new
		[ -d /etc/assay ] || made_directory=yes
		install -d -m 755 /etc/assay
		install -d -m 700 "$state"
		: >"$state/journal"
		[ -z "${made_directory-}" ] || note directory /etc/assay
		cp -p "$configuration/main.cf" "$configuration/master.cf" "$state"
	elif ! (cd "$configuration" && sha256sum --status -c "$state/sums"); then
		: >"$state/edited" # by somebody else: undo takes out single lines
	fi
}

make_user() {
	getent passwd $user >/dev/null && return
	note user $user
	run useradd --system --home-dir /var/lib/assay --no-create-home --shell /usr/sbin/nologin $user
}

make_keys() {
	directory /var/lib/assay 700 $user
	directory /var/spool/assay 700 $user
	directory /etc/dkim 700 $user
	for domain in $domains; do
		[ ! -f /etc/dkim/key_table ] || ! grep -q "[ 	]$domain:" /etc/dkim/key_table || continue
		for table in key_table signing_table; do
			[ -e /etc/dkim/$table ] || note file /etc/dkim/$table
		done
		note key "$domain $selector"
		directory "/etc/dkim/$domain" 700 $user
		run runuser -u $user -- "$prefix/bin/dkimsign" genkey -q --add -d "$domain" -s "$selector" \
			-D "/etc/dkim/$domain"
	done
}

# make_service NAME LINE
make_service() {
	[ "$(service "$1" | sed 's/ *$//')" != "$2" ] || return 0
	[ -n "$(postconf -M "$1/unix" 2>/dev/null)" ] || note service "$1/unix"
	run postconf -M "$1/unix=$2"
}

# add_to NAME WORD: into a list of main.cf
add_to() {
	list=$(postconf -h "$1")
	! list_has "$list" "$2" || return 0
	note word "$1 $2"
	run postconf -e "$1=${list:+$list, }$2"
}

wire() {
	make_service assay-in "$(inbound_line "$reject" "$sender")"
	make_service assay-out "$(outbound_line)"
	for listener in $(smtpd_services); do
		is_submission "$listener" || continue
		[ "$(service_option "$listener" smtpd_milters)" != .unix:private/assay-out ] || continue
		note option "$listener/smtpd_milters"
		run postconf -P "$listener/smtpd_milters=unix:private/assay-out"
	done
	add_to smtpd_milters unix:private/assay-in
	add_to non_smtpd_milters unix:private/assay-out
}

# make_aliases: in a file of the user who may write the store, because Postfix runs the command as its owner
make_aliases() {
	write $own_aliases 644 $user <<-A
		# Who takes the reports that others send us, and what comes back of ours: made by "assay setup"
		dmarc "|$prefix/bin/dmarcreport read -q --store $store || [ \$? -eq 65 ]"
		dmarc-reports "|$prefix/bin/dmarcreport bounce -q --db $database"
	A
	add_to alias_maps texthash:$own_aliases
}

make_jobs() {
	if [ -d /run/systemd/system ] && [ -f "$prefix/lib/systemd/system/assay-send.timer" ]; then
		write /etc/assay/reports.conf 644 root <<-C
			# Who sends reports: for assay-send.service and assay-digest.service
			ORG="$organization"
			EMAIL=$sender
			POSTMASTER=postmaster@$first
		C
		for timer in send expire digest; do
			systemctl -q is-enabled assay-$timer.timer && continue
			note timer assay-$timer.timer
			run systemctl -q enable --now assay-$timer.timer
		done
		return
	fi
	directory /etc/cron.d 755 root
	write $cron_file 644 root <<-C
		# Reports on what came in, and a mail on what others report: made by "assay setup"
		MAILTO=postmaster
		17 * * * * $user [ ! -e $database ] || $prefix/bin/dmarcreport send --db $database --org "$organization" --email $sender
		47 3 * * * $user [ ! -e $database ] || $prefix/bin/dmarcreport expire -q --db $database --keep 30
		50 6 * * 1 $user [ ! -e $store ] || $prefix/bin/dmarcreport digest -q --store $store --from $sender --to postmaster@$first
	C
}

# records: those that DNS does not have
records() {
	helo=$(postconf -xh smtp_helo_name)
	addresses=$(dns A "$helo")
	[ -n "$addresses" ] || echo "$helo. A $(own_address)"
	dns TXT "$helo" | grep -qi '^v=spf1' || echo "$helo. TXT \"v=spf1 a -all\""
	for domain in $domains; do
		dns MX "$domain" | grep -q . || echo "$domain. MX 10 $helo."
		dns TXT "$domain" | grep -qi '^v=spf1' || echo "$domain. TXT \"v=spf1 mx a:$helo -all\""
		dns TXT "$selector._domainkey.$domain" | grep -q . ||
			tr '\t' ' ' 2>/dev/null <"/etc/dkim/$domain/$selector.txt" ||
			echo "; and the DKIM record of $domain, which is made with the key"
		dns TXT "_dmarc.$domain" | grep -qi '^v=dmarc1' ||
			dmarceval --make-record "$domain" "p=$policy" "rua=mailto:dmarc@$first"
	done
}

# advise: what setup does not do
advise() {
	for listener in $(smtpd_services); do
		! is_submission "$listener" || submission=yes
	done
	[ -n "${submission-}" ] ||
		echo 'There is no submission service in master.cf: mail of users who send at port 25 is not signed.'
	case " $(postconf -xh mydestination | tr ',\n' '  ') " in
	*" $first "*) ;;
	*) echo "$first is not in mydestination: see to it that dmarc@$first gets to $own_aliases." ;;
	esac
	echo 'When DNS has the records: assay check'
}

# option_value ARGUMENTS: the second
option_value() {
	[ $# -gt 1 ] || usage_error "option $1 needs an argument"
	printf '%s\n' "$2"
}

read_setup_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--dry-run)
			dry=yes
			shift
			continue
			;;
		--domain | --reject | --org | --selector | --policy) value=$(option_value "$@") || exit 64 ;;
		*) usage_error "option $1 is unknown" ;;
		esac
		case $1=$value in
		--domain=*)
			domain_is_valid "$value" || usage_error "option --domain: \"$value\" is no domain"
			domains="$domains $value"
			;;
		--reject=never | --reject=known | --reject=always) reject=$value ;;
		--policy=none | --policy=quarantine | --policy=reject) policy=$value ;;
		--org=*[\"\$\`\\%]* | --org=) usage_error 'option --org: a name without quotes, $, % and backslashes' ;;
		--org=*) organization=$value ;;
		--selector=*[!A-Za-z0-9-]* | --selector=) usage_error "option --selector: \"$value\" is no selector" ;;
		--selector=*) selector=$value ;;
		*) usage_error "option $1: \"$value\" is none of its values" ;;
		esac
		shift 2
	done
	[ -n "$domains" ] || usage_error 'option --domain is missing'
}

assay_setup() {
	dry=
	domains=
	reject=never
	policy=none
	selector=mail
	organization=
	read_setup_options "$@"
	# shellcheck disable=SC2086 # words
	set -- $domains
	first=$1
	sender=dmarc-reports@$first
	: "${organization:=$first}"
	[ "$(id -u)" -eq 0 ] || trouble 'be root' 77
	for tool in dkimsign dmarceval dmarcreport postconf dig runuser; do
		command -v $tool >/dev/null || trouble "$tool is missing" 69
	done
	configuration=$(postconf -h config_directory)
	temporary
	understood || exit 78
	begin
	make_user
	make_keys
	wire
	make_aliases
	make_jobs
	if [ -z "$dry" ]; then
		(cd "$configuration" && sha256sum main.cf master.cf) >"$state/sums"
	fi
	run postfix check
	if [ -n "$dry" ] || postfix status >/dev/null 2>&1; then run postfix reload; fi
	echo
	records >"$work/records"
	if [ -s "$work/records" ]; then
		echo 'Publish these records in DNS:'
		echo
		cat "$work/records"
		echo
	fi
	[ -n "$dry" ] || cp "$work/records" "$state/records"
	advise
}
