# lib.sh - the Test Anything Protocol for test scripts; sourced by each of them.
#
# ok NAME COMMAND...      the command succeeds
# is NAME GOT WANTED      two texts are equal
# like NAME TEXT PATTERN  the text matches an extended regular expression
# skip NAME REASON        a test that cannot be made on this machine
# skip_all REASON         nothing here can be tested on this machine
# peer PACKAGE...         true if the packages of other programs are installed that we compare
#                         ourselves with; make check-all installs them
# needs_peer PACKAGE...   without them nothing here can be tested
# beyond_valgrind NAME    true under valgrind, which needs closed descriptors, $TMPDIR and such for
#                         itself: a test that is skipped there
# new_history FILE        a history without messages; only dmarceval makes one
# done_testing            the plan

top=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$top/lib/postfix:$top/spfcheck:$top/dkimsign:$top/dkimverify:$top/dmarceval:$top/dmarcreport:/usr/sbin:/sbin:$PATH
export PATH
data=$top/tests/data
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
tests=0
failures=0

report() {
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $2"
	fi
}

ok() {
	name=$1
	shift
	if "$@"; then report 0 "$name"; else report 1 "$name"; fi
}

is() {
	[ "$2" = "$3" ] && report 0 "$1" && return
	report 1 "$1"
	printf '   got: %s\nwanted: %s\n' "$2" "$3" | sed 's/^/# /'
}

like() {
	printf '%s\n' "$2" | grep -Eq -- "$3" && report 0 "$1" && return
	report 1 "$1"
	printf '   got: %s\nwanted: %s\n' "$2" "$3" | sed 's/^/# /'
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

skip() {
	report 0 "$1 # SKIP $2"
}

# shellcheck disable=SC2016 # ${Status} is dpkg-query's
peer() {
	for package; do
		case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
		*' installed') ;;
		*) without="needs $package, which make check-all installs"; return 1 ;;
		esac
	done
}

needs_peer() {
	peer "$@" || skip_all "$without"
}

beyond_valgrind() {
	[ -n "${ASSAY_VALGRIND-}" ] && report 0 "$1 # SKIP valgrind is in the way"
}

new_history() {
	printf '_dmarc.new.test. TXT "v=DMARC1; p=none"\n' >"$1-zone"
	printf 'From: a@new.test\n\n' | dmarceval -a new.test -z "$1-zone" -i 192.0.2.1 --db "$1" >/dev/null
	sqlite3 "$1" 'DELETE FROM messages; DELETE FROM policy; DELETE FROM quota'
	rm -f "$1-zone"
}

done_testing() {
	echo "1..$tests"
	[ "$failures" -eq 0 ]
}
