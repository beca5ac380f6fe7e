#!/bin/sh
# Each fuzz target, with its seeds and whatever has made it fail before (tests/fuzz).
. "$(dirname "$0")/lib.sh"

# What a target says is shown if it fails; it ends with the first file that does not hold.
replay() {
	"$top/tests/fuzz/$1" "$top/tests/fuzz/seeds/$1"/* >"$work/said" 2>&1 && return
	tail -3 "$work/said" | sed 's/^/# /'
	return 1
}

for source in "$top"/tests/fuzz/*.c; do
	target=$(basename "$source" .c)
	case $target in
	fuzz | pool | replay) ;;
	*) ok "$target" replay "$target" ;;
	esac
done
done_testing
