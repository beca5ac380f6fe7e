# assay_message.sh - assay message: why did this message pass, or fail?
# shellcheck shell=sh disable=SC2154

# without_own_results: what our filters have put above the topmost Received is found anew
without_own_results() {
	awk -v id="$(host_name)" '
		BEGIN { id = tolower(id) }
		border || body { print; next }
		/^\r?$/ { body = 1; print; next }
		/^[ \t]/ { if (!skip) print; next }
		/^From / { next }
		/^[Rr]eceived:/ { border = 1 }
		{
			skip = tolower($0) ~ /^received-spf:/ ||
				index(tolower($0), "authentication-results: " id) == 1
			if (!skip) print
		}' "$1"
}

tell_spf() {
	spfcheck -q -r -n -j <"$work/message" >"$work/spf" 2>"$work/trouble"
	result=$(json_of result <"$work/spf")
	domain=$(json_of domain <"$work/spf")
	ip=$(json_of ip <"$work/spf")
	case $result in
	'') echo "SPF: cannot be checked: $(sed -n '1s/^[0-9.]* spfcheck: //p' "$work/trouble")." ;;
	pass) echo "SPF: pass. $domain permits $ip to send its mail." ;;
	none) echo "SPF: none. $domain does not say which hosts send its mail." ;;
	*) echo "SPF: $result. $(json_of reason <"$work/spf")." ;;
	esac
}

tell_dkim() {
	dkimverify -q -n -j <"$work/message" >"$work/dkim" 2>"$work/trouble"
	while IFS= read -r object; do
		result=$(printf '%s\n' "$object" | json_of result)
		domain=$(printf '%s\n' "$object" | json_of d)
		reason=$(printf '%s\n' "$object" | json_of reason)
		case $result in
		none) echo 'DKIM: none. Nobody has signed this message.' ;;
		pass) echo "DKIM: pass. $domain has signed it, and it has not been changed since." ;;
		*) echo "DKIM: $result. The signature of ${domain:-an unknown domain} does not count: $reason." ;;
		esac
	done <"$work/dkim"
	[ -s "$work/dkim" ] || echo "DKIM: cannot be checked: $(sed -n '1s/^[0-9.]* dkimverify: //p' "$work/trouble")."
}

# agreement METHOD VALUE: of dmarceval
agreement() {
	case $2 in
	pass) echo "  $1 speaks for that domain." ;;
	*) echo "  $1 does not speak for that domain." ;;
	esac
}

tell_dmarc() {
	ip=$(json_of ip <"$work/spf")
	if [ -s "$work/spf" ]; then
		spfcheck -q -r <"$work/message" | dkimverify -q
	else
		dkimverify -q <"$work/message"
	fi | dmarceval -q ${ip:+-i "$ip"} -n -j >"$work/dmarc" 2>"$work/trouble"
	author=$(json_of from <"$work/dmarc")
	result=$(json_of result <"$work/dmarc")
	policy=$(json_of policy <"$work/dmarc")
	disposition=$(json_of disposition <"$work/dmarc")
	case $result in
	'')
		echo "DMARC: cannot be checked: $(sed -n '1s/^[0-9.]* dmarceval: //p' "$work/trouble")."
		return
		;;
	none) echo "DMARC: none. ${author:-Nobody who could be asked} asks for nothing." ;;
	*)
		echo "DMARC: $result. The author is of $author, which asks for p=$policy."
		agreement SPF "$(json_of spf_aligned <"$work/dmarc")"
		agreement DKIM "$(json_of dkim_aligned <"$work/dmarc")"
		;;
	esac
	reason=$(json_of reason <"$work/dmarc")
	[ -z "$reason" ] || [ "$result" = pass ] || echo "  The reason: $reason."
	case $disposition in
	reject) echo 'So it is to be rejected (quarantined where nothing can be refused any more).' ;;
	quarantine) echo 'So it belongs in Junk.' ;;
	defer) echo 'So it is to be tried again later.' ;;
	*) echo 'So nothing is done to it.' ;;
	esac
}

# tell_then: what was found when it came
tell_then() {
	sed '/^[Rr]eceived:/,$d; /^\r*$/,$d' "$1" | sed -e ':a' -e 'N; $!ba' -e 's/\r*\n[ \t]/ /g' |
		grep -iF "authentication-results: $(host_name);" |
		sed 's/^[^;]*; */  /' >"$work/then"
	[ -s "$work/then" ] || return 0
	echo 'When it came, this host found:'
	cat "$work/then"
}

assay_message() {
	[ $# -eq 1 ] || usage_error 'which file has the message? One, with all of its fields'
	case $1 in
	-h | --help) help; return ;;
	-?*) usage_error "option $1 is unknown" ;;
	esac
	temporary
	if [ "$1" = - ]; then cat >"$work/original"; else
		[ -f "$1" ] && [ -r "$1" ] || trouble "cannot read $1" 66
		cp "$1" "$work/original"
	fi
	[ -s "$work/original" ] || trouble 'the message is empty' 65
	without_own_results "$work/original" >"$work/message"
	tell_spf
	tell_dkim
	tell_dmarc
	tell_then "$work/original"
	echo
	echo 'This is what DNS says now. More: dkimverify -n -v <FILE, spfcheck -n -v -r <FILE'
}
