#!/bin/sh
# The filter contract: whatever goes wrong ends in 75 with less than a message on stdout.
. "$(dirname "$0")/lib.sh"

id=mx.exit.test
: >"$work/zone"
printf 'From: a@example.org\nSubject: x\n\nbody\n' >"$work/small"
{ printf 'From: a@example.org\n\n'; head -c 6000000 /dev/zero | tr '\0' x; } >"$work/large"
printf 'a. TXT "unclosed\n' >"$work/badzone"

filters='spfcheck dkimsign dkimverify dmarceval'
openssl genrsa -out "$work/key" 2048 2>/dev/null

# need TOOL: the arguments it cannot do without
need() {
	case $1 in
	spfcheck) echo '-i 192.0.2.1 -H h.example -f a@example.org' ;;
	dkimsign) echo "-d example.org -s s -k $work/key" ;;
	esac
}

# run TOOL [OPTION...] <message: sets status, out, err
run() {
	tool=$1
	shift
	"$tool" -a $id $(need $tool) "$@" >"$work/out" 2>"$work/err"
	status=$?
}

# deferred NAME: the last run ended as the contract says
deferred() {
	is "$1: status 75" "$status" 75
	is "$1: nothing on stdout" "$(wc -c <"$work/out")" 0
	like "$1: enhanced status code first" "$(head -1 "$work/err")" "^4\.[0-9]\.[0-9] $tool: ."
}

# Header sections beyond the limits: many fields, many octets, an endless line
{ yes 'X: y' | head -n 100000; echo 'From: a@example.org'; echo; echo body; } >"$work/fields"
{ echo 'From: a@example.org'; yes 'X: a line of a header section that has far too many octets' | head -n 150000; echo; echo body; } >"$work/octets"
{ printf ' '; head -c 9000000 /dev/zero | tr '\0' x; printf '\nFrom: a@example.org\n\nbody\n'; } >"$work/line"

for tool in $filters; do
	run $tool -z "$work/zone" <"$work/small"
	is "$tool: status 0 for a message" "$status" 0
	run $tool --no-such-option -z "$work/zone" <"$work/small"
	deferred "$tool, unknown option"
	like "$tool names the option" "$(cat "$work/err")" 'no-such-option'
	run $tool --no-such-option=3 -z "$work/zone" <"$work/small"
	like "$tool, unknown option with an argument" "$(cat "$work/err")" ' --no-such-option=3 is unknown'
	run $tool -z "$work/zone" --quiet -Yv <"$work/small"
	like "$tool, unknown letter among others" "$(cat "$work/err")" ' option -Y is unknown'
	run $tool -z "$work/zone" --quiet=3 <"$work/small"
	like "$tool, an argument too many" "$(cat "$work/err")" ' --quiet=3 takes no argument'
	run $tool -z "$work/zone" surplus <"$work/small"
	deferred "$tool, surplus argument"
	run $tool -z "$work/zone" -T never <"$work/small"
	deferred "$tool, malformed argument"
	run $tool -z "$work/zone" -z "$work/zone" <"$work/small"
	deferred "$tool, an option twice"
	run $tool -z <"$work/small"
	deferred "$tool, missing argument"
	run $tool -j -z "$work/zone" <"$work/small"
	deferred "$tool, --json without --check"
	run $tool -z "$work/absent" <"$work/small"
	deferred "$tool, no zone file"
	like "$tool names the zone file" "$(cat "$work/err")" "$work/absent"
	run $tool -z "$work/badzone" <"$work/small"
	deferred "$tool, broken zone file"
	like "$tool names file and line" "$(cat "$work/err")" "$work/badzone:1"
	for letter in fields octets line; do
		run $tool -z "$work/zone" <"$work/$letter"
		is "$tool, a header section beyond the limits ($letter): status 0" $status 0
		tail -c "$(wc -c <"$work/$letter")" "$work/out" >"$work/tail"
		ok "$tool, $letter: the message passes as it was" cmp -s "$work/tail" "$work/$letter"
		run $tool -n -z "$work/zone" <"$work/$letter"
		case $tool in
		dkimverify | dmarceval)
			is "$tool, $letter: the verdict" "$(sed 's/ .*//' "$work/out")" \
				"$(case $tool in dkim*) echo dkim ;; *) echo dmarc ;; esac)=permerror"
			like "$tool, $letter: why" "$(cat "$work/out")" 'more than 100000 header fields|larger than 8388608 octets'
			is "$tool, $letter: status of the check" $status 1
			;;
		esac
	done
	run $tool -z "$work/zone" </dev/null
	deferred "$tool, empty stdin"
	beyond_valgrind "$tool, closed stdin" || {
		run $tool -z "$work/zone" <&-
		deferred "$tool, closed stdin"
	}
	run $tool -z "$work/zone" <"$work"
	deferred "$tool, unreadable stdin"
	beyond_valgrind "$tool, no spool directory" || {
		TMPDIR=$work/absent
		export TMPDIR
		run $tool -z "$work/zone" <"$work/large"
		unset TMPDIR
		deferred "$tool, no spool directory"
	}
	run $tool -n --no-such-option
	is "$tool: usage error in check mode is 64" "$status" 64
	# shellcheck disable=SC2046 # options and their arguments
	$tool $(need $tool) -n -z "$work/zone" <"$work/small" >/dev/full 2>"$work/err"
	is "$tool: a result that cannot be written is 75" $? 75
	is "$tool: and why" "$(head -1 "$work/err")" \
		"4.3.0 $tool: cannot write the result: No space left on device"

	set -- $(need $tool)
	$tool "$@" -z "$work/zone" <"$work/small" >/dev/full 2>"$work/err"
	is "$tool, full disk behind stdout: status 75" $? 75
	beyond_valgrind "$tool, closed stdout" || {
		$tool "$@" -z "$work/zone" <"$work/small" >&- 2>"$work/err"
		is "$tool, closed stdout: status 75" $? 75
	}
	{
		$tool "$@" -z "$work/zone" <"$work/large" 2>"$work/err"
		echo $? >"$work/status"
	} | head -c 100 >/dev/null
	is "$tool, reader goes away: status 75" "$(cat "$work/status")" 75
	(
		ulimit -f 100
		$tool "$@" -z "$work/zone" <"$work/large" >"$work/out" 2>/dev/null
	)
	is "$tool, file size limit: status 75" $? 75
done

# A full disk under $TMPDIR, on a small file system of its own.
if unshare -m true 2>/dev/null; then
	mkdir "$work/tiny"
	for tool in $filters; do
		export work tool id
		arguments=$(need $tool)
		export arguments
		status=$(unshare -m sh -c '
			mount -t tmpfs -o size=2m none "$work/tiny" || exit 1
			export TMPDIR="$work/tiny"
			"$tool" $arguments -a $id -z "$work/zone" <"$work/large" >"$work/out" 2>"$work/err"
			echo $?')
		deferred "$tool, full disk under TMPDIR"
	done
else
	echo "ok $((tests += 1)) - full disk under TMPDIR # SKIP needs root to mount a tmpfs"
fi

# Too little memory, at every size from where the program starts at all.
if [ -n "${ASSAY_SANITIZED-}" ]; then
	echo "ok $((tests += 1)) - too little memory # SKIP sanitizers need all address space"
else
	{ printf 'From: a@example.org\n'; head -c 3000000 /dev/zero | tr '\0' x; } >"$work/header"
	for tool in $filters; do
		set -- $(need $tool)
		none=0
		start=65536
		while [ $((start - none)) -gt 100 ]; do
			limit=$(((none + start) / 2))
			if { (ulimit -v $limit && exec $tool --version); } >/dev/null 2>&1; then
				start=$limit
			else
				none=$limit
			fi
		done
		wrong=
		short=0
		limit=$start
		while [ "$limit" -lt $((start + 16000)) ]; do
			(ulimit -v $limit && exec $tool "$@" -z "$work/zone" <"$work/header") \
				>"$work/out" 2>"$work/err"
			case $?,$(wc -c <"$work/out") in
			0,30*) ;;
			75,0) short=$((short + 1)) ;;
			*) wrong="$wrong $limit" ;;
			esac
			limit=$((limit + 331))
		done
		is "$tool, too little memory is 75, from $start KiB on" "$wrong" ''
		ok "$tool: memory was too little at times ($short)" test $short -gt 0
	done
fi
done_testing
