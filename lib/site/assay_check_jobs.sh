# assay_check_jobs.sh - what has to run from time to time
# shellcheck shell=sh disable=SC2154

# lines_of_jobs: all that cron and the timers would start as far as it is ours
lines_of_jobs() {
	{
		cat /etc/cron.d/* /etc/crontab /var/spool/cron/crontabs/* 2>/dev/null
		for timer in /etc/systemd/system/timers.target.wants/*.timer; do
			unit=${timer##*/}
			unit=${unit%.timer}.service
			cat "/etc/systemd/system/$unit" "$prefix/lib/systemd/system/$unit" \
				"/usr/lib/systemd/system/$unit" 2>/dev/null
		done
	} | grep -v '^[ 	]*#' | grep 'dmarcreport '
}

# job_remedy NAME CRONLINE: the timer where systemd runs, else a line for cron
job_remedy() {
	if [ -d /run/systemd/system ] && [ -f "/etc/assay/reports.conf" ]; then
		echo "systemctl enable --now assay-$1.timer"
	else
		echo "echo '$2' >>$cron_file"
	fi
}

check_jobs() {
	lines_of_jobs >"$work/jobs"
	set -- $domains
	subject=reports
	if grep -q 'dmarcreport send' "$work/jobs"; then
		good 'a job sends them'
	else
		warning 'nothing sends the reports on what comes in' run "$(job_remedy send \
			"17 * * * * $user [ ! -e $database ] || $prefix/bin/dmarcreport send --db $database --org \"${1:-example.com}\" --email dmarc-reports@${1:-example.com}")"
	fi
	subject=history
	if grep -q 'dmarcreport expire' "$work/jobs"; then
		good 'a job removes old days'
	else
		warning 'nothing removes old days, so the history grows' run "$(job_remedy expire \
			"47 3 * * * $user [ ! -e $database ] || $prefix/bin/dmarcreport expire -q --db $database --keep 30")"
	fi
	check_report_address
}

# check_report_address: mail about reports must not be reported on
check_report_address() {
	subject='report address'
	sender=$(sed -n 's/.*dmarcreport send.* --email \([^ ]*\).*/\1/p' "$work/jobs" | head -n 1)
	# shellcheck disable=SC2016 # as it is in the unit
	if [ "$sender" = '${EMAIL}' ] && [ -r /etc/assay/reports.conf ]; then
		sender=$(sed -n 's/^EMAIL="*\([^"]*\)"*$/\1/p' /etc/assay/reports.conf)
	fi
	filter=$(service assay-in)
	known=$(option_in "$filter" report-address)
	[ -n "$sender" ] && [ -n "$filter" ] || return 0
	if [ "$sender" = "$known" ]; then
		good "dmarceval does not count what $sender sends"
	elif [ -n "$known" ]; then
		warning "reports come from $sender, but dmarceval is told --report-address $known" run \
			"$(service_remedy assay-in "s, --report-address [^ ]*, --report-address $sender,")"
	else
		warning "dmarceval is not told that $sender sends reports, so that there are reports on reports" run \
			"$(service_remedy assay-in "s,\$, --report-address $sender,")"
	fi
}
