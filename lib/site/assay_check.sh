# assay_check.sh - assay check: is the whole set-up right? Changes nothing
# shellcheck shell=sh

# report LEVEL TEXT [KIND REMEDY]: KIND is "run" for a command, "publish" for a record in DNS
report() {
	echo "$1" >>"$work/levels"
	if [ -n "$json" ]; then
		printf '%s\n' "$1" "$subject" "$2" "${3-}" "${4-}" | tr -d '\001-\011\013-\037' |
			sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' | {
			IFS= read -r level
			IFS= read -r about
			IFS= read -r text
			IFS= read -r kind
			IFS= read -r remedy
			printf '{"level":"%s","subject":"%s","text":"%s","kind":"%s","remedy":"%s"}\n' \
				"$level" "$about" "$text" "$kind" "$remedy"
		}
		return
	fi
	printf '%-8s %s: %s' "$1:" "$subject" "$2"
	[ -z "${4-}" ] || printf '; %s: %s' "$3" "$4"
	echo
}

good() { report good "$@"; }
warning() { report warning "$@"; }
error() { report error "$@"; }

# tools_are_there: without them nothing else can be said
tools_are_there() {
	subject=programs
	complete=yes
	for tool in spfcheck dkimsign dkimverify dmarceval dmarcreport; do
		command -v "$tool" >/dev/null && continue
		error "$tool is missing" run 'make install'
		complete=
	done
	for tool in dig:bind9-dnsutils postconf:postfix runuser:util-linux; do
		command -v "${tool%:*}" >/dev/null && continue
		error "${tool%:*} is missing" run "apt-get install -y ${tool#*:}"
		complete=
	done
	[ -n "$complete" ] && good 'the five tools, dig and postconf are there'
}

choose_domains() {
	signer=$(service assay-out)
	key_table=$(option_in "$signer" key-table)
	signing_table=$(option_in "$signer" signing-table)
	: "${key_table:=/etc/dkim/key_table}" "${signing_table:=/etc/dkim/signing_table}"
	if [ -z "$domains" ] && [ -r "$key_table" ]; then
		domains=$(sed -n 's/^[^#: 	][^ 	]*[ 	][ 	]*\([^:%]*\):.*/\1/p' "$key_table" | sort -u)
	fi
	[ -n "$domains" ] && return
	subject=domains
	error "$key_table names no domain, and neither does the command line" run \
		'assay setup --domain example.com'
}

assay_check() {
	json=
	domains=
	addresses=
	while [ $# -gt 0 ]; do
		case $1 in
		-j | --json) json=yes ;;
		--address)
			[ $# -gt 1 ] || usage_error 'option --address needs an argument'
			addresses="$addresses $2"
			shift
			;;
		-*) usage_error "option $1 is unknown" ;;
		*)
			domain_is_valid "$1" || usage_error "\"$1\" is no domain"
			domains="$domains $1"
			;;
		esac
		shift
	done
	temporary
	: >"$work/levels"
	[ "$(id -u)" -eq 0 ] || trouble 'be root: only root can see the files of all who are concerned'
	if tools_are_there; then
		choose_domains
		for part in host files postfix jobs dns; do
			# shellcheck source=/dev/null
			. "$share/assay_check_$part.sh"
			"check_$part"
		done
	fi
	! grep -q error "$work/levels" || exit 2
	! grep -q warning "$work/levels" || exit 1
}
