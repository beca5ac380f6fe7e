# assay_check_postfix.sh - main.cf and master.cf: does mail come by the gates, and in the right order?
# shellcheck shell=sh disable=SC2154

incoming=unix:private/assay-in
outgoing=unix:private/assay-out

setup_again() {
	printf 'assay setup'
	for domain in ${domains:-example.com}; do printf ' --domain %s' "$domain"; done
	echo
}

check_running() {
	subject=Postfix
	if complaint=$(postconf -n 2>&1 >/dev/null) && [ -n "$complaint" ]; then
		error "main.cf: $(printf '%s\n' "$complaint" | sed -n '1s/^postconf: warning: //p')" run 'postconf -n'
	fi
	if postfix status >/dev/null 2>&1; then
		good 'it is running'
	else
		error 'it is not running' run 'postfix start'
	fi
	action=$(postconf -h milter_default_action)
	case $action in
	accept) error 'milter_default_action=accept lets mail in unchecked, and out unsigned, when a gate fails' run \
		'postconf -e milter_default_action=tempfail' ;;
	*) good "when a gate fails, mail waits (milter_default_action=$action)" ;;
	esac
}

# check_service NAME: how Postfix starts it
check_service() {
	subject=$1
	words=$(service "$1")
	if [ -z "$words" ] || [ "$words" = ' ' ]; then
		error 'master.cf has no such service' run "$(setup_again)"
		return 1
	fi
	case $words in
	unit*) good 'systemd keeps workers for it' ;;
	*) check_spawn "$1" ;;
	esac
	for program in $(printf '%s\n' "$words" | tr ' ' '\n' | grep '^/.*/\(bin\|libexec\|libexec/assay\)/[a-z]*$' | sort -u); do
		[ -x "$program" ] && continue
		error "there is no $program" run \
			"$(service_remedy "$1" "s,$program\\( \\|\$\\),$(command -v "${program##*/}" || echo "$gate") ,g")"
	done
}

# check_spawn NAME: it needs root for user=, and the programs are outside of Postfix' chroot
check_spawn() {
	for field in chroot:y unprivileged:y; do
		value=$(postconf -Fh "$1/unix/${field%:*}")
		case $value in
		n) ;;
		*) error "in master.cf it has ${field%:*}=$value, so that it cannot start" run \
			"postconf -F $1/unix/${field%:*}=n" ;;
		esac
	done
	case $words in
	*" user=$user "*) good "$user runs it" ;;
	*) error "it does not run as $user, whose are the files" run \
		"$(service_remedy "$1" "s/ user=[^ ]*//;s/ argv=/ user=$user argv=/")" ;;
	esac
	case $words in
	*_time_limit=*) ;;
	*)
		[ -n "$(postconf -h "$1_time_limit" 2>/dev/null)" ] ||
			warning 'spawn(8) ends it after 1000 seconds, in the middle of a long session' run \
				"postconf -P $1/unix/$1_time_limit=1d"
		;;
	esac
}

# check_stages: SPF and DKIM before what judges by them
check_stages() {
	check_service assay-in || return 0
	names=$(printf '%s\n' "$words" | sed 's/.* -- //' | sed 's/ | /\n/g' |
		sed -e 's/^ *//' -e 's/ .*//' -e 's,.*/,,' | tr '\n' ' ')
	address=$(option_in "$words" report-address)
	reject=$(option_in "$words" reject)
	expected=$(quote postconf -M "assay-in/unix=$(inbound_line "${reject:-never}" \
		"${address:-dmarc-reports@$(set -- $domains; echo "${1:-example.com}")}")")
	case $names in
	*'dmarceval '*[a-z]*) error 'dmarceval is not the last stage, and does not see what comes after it' run "$expected" ;;
	*dkimverify*dmarceval*) ;;
	*) error "the stages are $names: dmarceval needs dkimverify before it" run "$expected" ;;
	esac
	case $names in
	*spfcheck*dmarceval*) good "the stages are $names" ;;
	*)
		case $(postconf -h smtpd_recipient_restrictions) in
		*spf*) good 'SPF is done by a policy service' ;;
		*) error 'spfcheck is not among the stages, and no policy service does SPF' run "$expected" ;;
		esac
		;;
	esac
	case $words in
	*' --db '* | *' --db='*) ;;
	*) warning 'dmarceval keeps no history (--db), so nobody gets reports' run \
		"$(service_remedy assay-in "s,/dmarceval,& --db $database,")" ;;
	esac
	case $words in
	*' --dry-run '*) warning 'the gate only looks on (--dry-run)' run \
		"$(service_remedy assay-in 's/ --dry-run / /')" ;;
	esac
}

# check_milters: does what comes in pass by the gate, first of all?
check_milters() {
	subject=smtpd_milters
	list=$(postconf -xh smtpd_milters)
	others=$(milters_of "$list" | grep -vxF "$incoming" | tr '\n' ' ')
	if ! list_has "$list" "$incoming"; then
		error 'incoming mail is not checked' run "postconf -e 'smtpd_milters=$incoming${list:+, $list}'"
	elif [ "$(milters_of "$list" | head -n 1)" != "$incoming" ]; then
		warning 'the gate is not the first, so that those before it do not see its results' run \
			"postconf -e 'smtpd_milters=$incoming, $(echo "$others" | sed 's/ *$//; s/ /, /g')'"
	else
		good 'incoming mail is checked'
	fi
	subject=non_smtpd_milters
	list=$(postconf -xh non_smtpd_milters)
	if list_has "$list" "$outgoing"; then
		good 'mail of this host is signed'
	else
		error 'mail of this host itself (cron, a web server) is not signed' run \
			"postconf -e 'non_smtpd_milters=${list:+$list, }$outgoing'"
	fi
}

# check_listener SERVICE: one smtpd of master.cf
check_listener() {
	subject=$1
	milters=$(service_option "$1" smtpd_milters)
	own_filter=$(service_option "$1" content_filter)
	if is_submission "$1"; then
		case $milters in
		*"$outgoing"*) good 'mail of users is signed' ;;
		*) error 'mail that users send here is not signed' run "postconf -P $1/smtpd_milters=$outgoing" ;;
		esac
	elif takes_back "$1"; then
		case $milters:$(service_option "$1" receive_override_options) in
		.: | *no_milters*) good 'takes mail back from the content filter, unchecked' ;;
		*) error 'mail that comes back from the content filter is checked a second time, as if it came from this host' run \
			"postconf -P '$1/smtpd_milters='" ;;
		esac
	else
		case $milters in
		'' | *"$incoming"*) ;;
		*) error 'has an smtpd_milters of its own, so that its mail is not checked' run "postconf -PX $1/smtpd_milters" ;;
		esac
		if [ "$own_filter" = . ] && [ -n "$content_filter" ]; then
			error "has an empty content_filter of its own, so that its mail does not go through $content_filter" run \
				"postconf -PX $1/content_filter"
		fi
	fi
}

# takes_back SERVICE: from a content filter? It listens on loopback, and filters nothing again
takes_back() {
	[ -n "$content_filter" ] || return 1
	case $1 in
	127.* | localhost:* | '[::1]:'*) [ "$(service_option "$1" content_filter)" = . ] ;;
	*) return 1 ;;
	esac
}

# check_others: programs of which only one may be at work
check_others() {
	subject='other programs'
	all=$(postconf -xh smtpd_milters; postconf -xh non_smtpd_milters; postconf -xh smtpd_recipient_restrictions)
	case $all in
	*opendkim* | *:8891*) warning 'opendkim is a milter too: see MOVING OVER' run 'man 7 assay-guide' ;;
	*opendmarc* | *:8893*) warning 'opendmarc is a milter too: see MOVING OVER' run 'man 7 assay-guide' ;;
	*policyd-spf*) warning 'policyd-spf is a policy service too: see MOVING OVER' run 'man 7 assay-guide' ;;
	esac
}

check_postfix() {
	content_filter=$(postconf -xh content_filter)
	check_running
	check_stages
	check_service assay-out || :
	check_milters
	for listener in $(smtpd_services); do
		check_listener "$listener"
	done
	check_others
}
