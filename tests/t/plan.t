#!/bin/sh
# lib/README names every module of lib/ on its floor, and nothing that is not there.
. "$(dirname "$0")/lib.sh"

cd "$top" || exit 1

# modules FLOOR: the names of its files
modules() {
	for file in "$1"/*.[ch]; do
		file=${file##*/}
		echo "${file%.[ch]}"
	done | sort -u
}

# named FLOOR: the first words of the indented lines below "FLOOR:"
named() {
	awk -v floor="$1:" '
		/^[^ ]/ { inside = ($1 == floor) }
		inside && /^    [a-z]/ { print $1 }' lib/README | sort
}

for folder in lib/*/; do
	floor=${folder%/}
	ls "$floor"/*.[ch] >/dev/null 2>&1 || continue
	modules "$floor" >"$work/modules"
	named "$floor" >"$work/named"
	is "each module of $floor is in lib/README" "$(comm -23 "$work/modules" "$work/named")" ''
	is "each module that it names is in $floor" "$(comm -13 "$work/modules" "$work/named")" ''
done
for file in $(grep -o -E '\b(tests|dmarcreport|lib|spf|dkim|dmarc|mail|dns|base|history|tool|postfix|man)/[a-zA-Z0-9_./-]*[a-zA-Z0-9]' lib/README |
	grep -v -e NAME -e '^spf/,' | sort -u); do
	found=
	for there in "$file" "lib/$file" "lib/$file.h" "lib/$file.c"; do
		[ -e "$there" ] && found=$there
	done
	ok "lib/README names $file, which is there" test -n "$found"
done
for function in $(grep -o '\b[a-z_]*()' lib/README | sort -u); do
	case $function in
	check_host* | judge* | add_fields* | conclude*) continue ;;
	esac
	ok "lib/README names $function, which is there" grep -q "\\b${function%??}(" -r lib --include='*.[ch]'
done
done_testing
