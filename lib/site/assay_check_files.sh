# assay_check_files.sh - the user, and what belongs to him: history, spool, tables, keys
# shellcheck shell=sh disable=SC2154

check_user() {
	subject=user
	if getent passwd "$user" >/dev/null; then
		good "there is the user $user"
		return 0
	fi
	error "there is no user $user, whom the filters run as" run \
		"useradd --system --home-dir /var/lib/assay --no-create-home --shell /usr/sbin/nologin $user"
	return 1
}

# check_directory PATH: his, and nobody else's
check_directory() {
	subject=$1
	if [ ! -d "$1" ]; then
		error 'the directory is missing' run "install -d -o $user -g $user -m 700 $1"
	elif [ "$(stat -c %U "$1")" != "$user" ]; then
		error "the directory belongs to $(stat -c %U "$1"), and the filters run as $user" run "chown $user:$user $1"
	elif [ -n "$(find "$1" -maxdepth 0 -perm /022)" ]; then
		error 'others may write there' run "chmod 700 $1"
	else
		good "belongs to $user"
	fi
}

# check_database PATH WHAT: sqlite's files beside it must belong to the same user
check_database() {
	subject=$1
	[ -e "$1" ] || return 0
	wrong=
	for file in "$1"*; do
		[ "$(stat -c %U "$file")" = "$user" ] || wrong="$wrong $file"
	done
	if [ -n "$wrong" ]; then
		error "$2 belongs to somebody else, and the filters run as $user" run "chown $user:$user$wrong"
	elif [ -n "$(find "$1" -maxdepth 0 ! -perm -600)" ]; then
		error "$user may not write $2" run "chmod 600 $1"
	else
		good "$2 belongs to $user"
	fi
}

# check_key FILE DOMAIN SELECTOR
check_key() {
	subject=$1
	if [ ! -e "$1" ]; then
		error "the key is missing that $key_table names" run \
			"runuser -u $user -- dkimsign genkey -d $2 -s $3 -D ${1%/*}"
	elif [ "$(stat -c %U "$1")" != "$user" ]; then
		error "the key belongs to $(stat -c %U "$1"), and $user signs" run "chown $user:$user $1"
	elif [ -n "$(find "$1" -maxdepth 0 -perm /077)" ]; then
		error 'others may read the key' run "chmod 600 $1"
	elif ! as_user test -r "$1"; then
		error "$user cannot get at the key" run "chown $user:$user ${1%/*} && chmod 700 ${1%/*}"
	else
		good "belongs to $user"
	fi
}

check_keys() {
	for table in "$key_table" "$signing_table"; do
		subject=$table
		if [ ! -e "$table" ]; then
			error 'the table is missing' run "assay setup$(for domain in $domains; do printf ' --domain %s' "$domain"; done)"
			return
		elif ! as_user test -r "$table"; then
			error "$user cannot read the table" run "chown $user:$user ${table%/*} $table && chmod u+rwX ${table%/*} $table"
			return
		fi
	done
	sed -n 's/^[^# 	][^ 	]*[ 	][ 	]*\([^: 	]*\):\([^: 	]*\):\([^ 	]*\).*/\1 \2 \3/p' "$key_table" >"$work/keys"
	while read -r domain selector file; do
		case $file in /*) check_key "$file" "$domain" "$selector" ;; esac
	done <"$work/keys"
}

check_files() {
	check_user || return 0
	for directory in /var/lib/assay /var/spool/assay; do
		check_directory "$directory"
	done
	check_database "$database" 'the history'
	check_database "$store" 'the store of reports'
	check_keys
}
