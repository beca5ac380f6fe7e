# assay_undo.sh - assay undo: takes away what assay setup has made, and nothing else
# shellcheck shell=sh disable=SC2154

# undo_run COMMAND...: prints it, and runs it unless this is a trial; what fails is told at the end
undo_run() {
	printf '# %s\n' "$(quote "$@")"
	[ -z "$dry" ] || return 0
	"$@" || failed=yes
}

# undo_word NAME WORD: out of a list of main.cf; a list that becomes empty was not there before
undo_word() {
	list=$(postconf -h "$1")
	list_has "$list" "$2" || return 0
	rest=$(printf '%s\n' "$list" | sed 's/, */\n/g' | grep -vxF -- "$2" | sed '/^$/d' | paste -s -d , - | sed 's/,/, /g')
	if [ -n "$rest" ] && [ "$rest" != "$(postconf -dh "$1")" ]; then
		undo_run postconf -e "$1=$rest"
	else
		undo_run postconf -X "$1"
	fi
}

# undo_lines: single ones, where somebody else has edited main.cf or master.cf since
undo_lines() {
	while read -r kind name word; do
		case $kind in
		service) [ -z "$(postconf -M "$name" 2>/dev/null)" ] || undo_run postconf -MX "$name" ;;
		word) undo_word "$name" "$word" ;;
		option)
			[ "$(service_option "${name%/*}" smtpd_milters)" != .unix:private/assay-out ] ||
				undo_run postconf -PX "$name"
			;;
		esac
	done <"$state/journal"
}

undo_postfix() {
	if [ ! -e "$state/edited" ] && (cd "$configuration" && sha256sum --status -c "$state/sums" 2>/dev/null); then
		for file in main.cf master.cf; do
			cmp -s "$state/$file" "$configuration/$file" || undo_run cp -p "$state/$file" "$configuration/$file"
		done
	else
		undo_lines
	fi
	if [ -n "$dry" ] || postfix status >/dev/null 2>&1; then undo_run postfix reload; fi
}

# undo_key DOMAIN SELECTOR: its files, and its lines in the tables
undo_key() {
	pattern=$(printf '%s' "$1" | sed 's/\./\\./g')
	if grep -qxF "directory /etc/dkim/$1" "$state/journal"; then
		undo_run rm -rf "/etc/dkim/$1"
	else
		for suffix in private txt value nsupdate; do undo_run rm -f "/etc/dkim/$1/$2.$suffix"; done
	fi
	for table in /etc/dkim/key_table /etc/dkim/signing_table; do
		[ -f $table ] || continue
		undo_run sed -i "/\\._domainkey\\.$pattern\\([ 	]\\|\$\\)/d" $table
	done
}

# undo_directory PATH: with what the tools have put there
undo_directory() {
	case $1 in
	/var/lib/assay | /var/spool/assay) undo_run rm -rf "$1" ;;
	*) [ ! -d "$1" ] || last="$1 $last" ;;
	esac
}

# undo_rest: all but Postfix, the last first
undo_rest() {
	last=
	sed '1!G;h;$!d' "$state/journal" >"$work/backwards"
	while read -r kind name word; do
		case $kind in
		timer) undo_run systemctl -q disable --now "$name" ;;
		file) undo_run rm -f "$name" ;;
		key) undo_key "$name" "$word" ;;
		directory) undo_directory "$name" ;;
		esac
	done <"$work/backwards"
	# As package or administrator had them, if they were there before
	for directory in /var/lib/assay /var/spool/assay; do
		[ ! -d $directory ] || grep -qxF "directory $directory" "$state/journal" ||
			undo_run find $directory -mindepth 1 -delete
	done
	undo_run rm -rf "$state"
	for directory in $last; do
		[ -n "$dry" ] || [ ! -d "$directory" ] || rmdir "$directory" 2>/dev/null ||
			echo "$directory stays: there are other things in it"
	done
}

assay_undo() {
	dry=
	failed=
	case $#:${1-} in
	0:) ;;
	1:--dry-run) dry=yes ;;
	*) usage_error 'undo knows --dry-run, and nothing else' ;;
	esac
	[ "$(id -u)" -eq 0 ] || trouble 'be root' 77
	[ -f "$state/journal" ] || trouble 'nothing to undo: assay setup was not run here, or it was undone' 0
	configuration=$(postconf -h config_directory)
	temporary
	had_user=
	! grep -qx "user $user" "$state/journal" || had_user=yes
	undo_postfix
	undo_rest
	[ -z "$had_user" ] || undo_run userdel "$user"
	[ -z "$failed" ] || trouble 'not all of it could be taken away; see above' 75
}
