# assay_common.sh - what the commands of assay(8) share; sourced by them
# shellcheck shell=sh disable=SC2034 # these are read elsewhere

user=assay
database=/var/lib/assay/history.db
store=/var/lib/assay/reports.db
gate=$prefix/libexec/assay/gate
state=/etc/assay/setup
own_aliases=/etc/assay/aliases
cron_file=/etc/cron.d/assay

usage_error() {
	echo "assay: $1" >&2
	echo "Try 'assay --help'." >&2
	exit 64
}

trouble() {
	echo "assay: $1" >&2
	exit "${2:-2}"
}

# temporary: a directory $work that is removed at the end
temporary() {
	work=$(mktemp -d) || exit 75
	trap 'rm -rf "$work"' EXIT
	trap 'exit 75' HUP INT TERM
}

# domain_is_valid NAME: as it is written in DNS, in ASCII
domain_is_valid() {
	case $1 in
	*[!A-Za-z0-9._-]* | .* | *..* | -* | *. | '') return 1 ;;
	*.*) return 0 ;;
	*) return 1 ;;
	esac
}

# dns TYPE NAME: the data, one record a line; TXT without quotes, in one piece. False if DNS does
# not answer.
dns() {
	dig +short +time=3 +tries=2 "$2" "$1" >"$work/dig" 2>/dev/null || return 1
	! grep -q '^;;' "$work/dig" || return 1
	case $1 in
	TXT) sed -n -e '/^"/!d' -e 's/" "//g' -e 's/^"\(.*\)"$/\1/p' "$work/dig" ;;
	A) grep -E '^[0-9.]+$' "$work/dig" || : ;;
	AAAA) grep -E '^[0-9a-f:.]+$' "$work/dig" | grep : || : ;;
	*) cat "$work/dig" ;;
	esac
}

# dns_answers NAME: or is it broken?
dns_answers() {
	dig +time=3 +tries=2 "$1" SOA 2>/dev/null | grep -q 'status: \(NOERROR\|NXDOMAIN\)'
}

# json_of KEY: its value in the JSON object on stdin, as text
json_of() {
	sed -n 's/.*"'"$1"'":"\(\(\\.\|[^"\\]\)*\)".*/\1/p' | sed 's/\\\(["\\]\)/\1/g'
}

# quote WORD...: as one would type them
quote() {
	line=
	for word; do
		case $word in
		'' | *[!A-Za-z0-9_@%+=:,./-]*) word="'$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'" ;;
		esac
		line="$line${line:+ }$word"
	done
	printf '%s\n' "$line"
}

# as_user COMMAND...: as the one who signs and keeps the history
as_user() {
	runuser -u "$user" -- "$@"
}

# host_name: the full name of this host as the tools write it into results
host_name() {
	printf 'From: a@a.invalid\n\n' | dkimverify -q 2>/dev/null |
		sed -n 's/^Authentication-Results: \([^;]*\);.*/\1/p' | head -n 1
}

# own_address: one of this machine's that is not only its own
own_address() {
	{
		postconf -xh inet_interfaces | tr -s ', ' '[\n*]'
		hostname -I 2>/dev/null | tr ' ' '\n'
	} | grep -E '^[0-9.]+$' | grep -v '^127\.' | head -n 1
}

# service NAME: its line in master.cf, or else the command of its systemd unit; empty if there is none
service() {
	line=$(postconf -M "$1/unix" 2>/dev/null | tr '\n' ' ')
	[ -n "$line" ] || line=$(unit_command "$1")
	printf '%s\n' "$line" | sed 's/[ 	][ 	]*/ /g'
}

# unit_command NAME: what a worker's unit starts, if its socket is enabled
unit_command() {
	[ -e "/etc/systemd/system/sockets.target.wants/$1.socket" ] || return 0
	for directory in /etc/systemd/system "$prefix/lib/systemd/system" /usr/lib/systemd/system; do
		[ -f "$directory/$1.service" ] || continue
		sed -n '/^ExecStart=/,/[^\\]$/p' "$directory/$1.service" |
			sed -e 's/^ExecStart=/unit /' -e 's/\\$//' | tr '\n' ' '
		return
	done
}

# option_in WORDS NAME: its value there
option_in() {
	printf '%s\n' "$1" | sed -n "s/.* --$2[= ]\([^ ]*\).*/\1/p"
}

# smtpd_services: the smtpd of master.cf, as NAME/TYPE
smtpd_services() {
	postconf -M 2>/dev/null | awk '$8 == "smtpd" { print $1 "/" $2 }'
}

# service_option SERVICE NAME: is it set there? Its value, with a dot in front, or nothing
service_option() {
	postconf -P "$1/$2" 2>/dev/null | sed -n 's/^[^=]*= */./p'
}

# is_submission SERVICE: do users send there?
is_submission() {
	case ${1%/*} in
	submission | submissions | smtps | *:submission | *:submissions | *:smtps | 587 | 465 | *:587 | *:465) ;;
	*) return 1 ;;
	esac
}

# inbound_line REJECT ADDRESS: the service that checks, as dmarceval/examples/master.cf has it
inbound_line() {
	reject=
	[ "$1" = never ] || reject=" --reject $1"
	echo "assay-in unix - n n - 0 spawn -o assay-in_time_limit=1d user=$user argv=$gate milter --" \
		"$prefix/bin/spfcheck | $prefix/bin/dkimverify |" \
		"$prefix/bin/dmarceval --db $database --report-address $2$reject"
}

# outbound_line: the service that signs, as dkimsign/examples/master.cf has it
outbound_line() {
	echo "assay-out unix - n n - 0 spawn -o assay-out_time_limit=1d user=$user argv=$gate milter" \
		"--log-tag assay/out -- $prefix/bin/dkimsign --key-table /etc/dkim/key_table" \
		"--signing-table /etc/dkim/signing_table --first-hop"
}

# service_remedy NAME SED: a command that changes the line of the service like this
service_remedy() {
	line=$(service "$1" | sed -e 's/ *$//' -e "$2")
	case $line in
	unit*) echo "systemctl edit --full $1.service" ;;
	*) quote postconf -M "$1/unix=$line" ;;
	esac
}

# milters_of LIST: one a line, without what {} has beside the name
milters_of() {
	printf '%s\n' "$1" | sed -e 's/{ *\([^ ,}]*\)[^}]*}/\1/g' | tr -s ', ' '[\n*]' | sed '/^$/d'
}

# list_has LIST WORD
list_has() {
	milters_of "$1" | grep -qxF -- "$2"
}
