#!/bin/sh
# assay-limits(7) has the values that the source has, and leaves out no limit of the headers.
. "$(dirname "$0")/lib.sh"

cd "$top" || exit 1
page=lib/man/assay-limits.7
sources=$(find lib spfcheck dkimsign dkimverify dmarceval dmarcreport -name '*.[ch]')

# value_of NAME: as the compiler takes it
value_of() {
	# shellcheck disable=SC2086 # a list of words
	file=$(grep -l "^#define $1[[:space:]]" $sources)
	case $file in
	*.[ch]) ;;
	*) echo "not in one file: $file" && return ;;
	esac
	{ cat "$file"; echo "limit $1"; } |
		${CC:-cc} -E -P -D_GNU_SOURCE -Ilib -I"$(dirname "$file")" -x c - |
		perl -ne 'if (s/^limit //) { s/\(size_t\)|(?<=\d)U//g; print eval }'
}

# rows: the names and values of the table, in octets
rows() {
	awk -F '\t' -v OFMT=%.15g '/^[A-Z0-9_]+\t/ {
		split($2, value, " ")
		unit["KiB"] = 1024
		unit["MiB"] = 1048576
		print $1, value[1] * (2 in value ? unit[value[2]] : 1)
	}' $page
}

rows >"$work/rows"
while read -r name value; do
	is "$name" "$(value_of "$name")" "$value"
done <"$work/rows"

# Not limits of what a stranger sends, but sizes of our own texts and machinery.
cat >"$work/others" <<'L'
CHART_BARS_MAX
PAGE_SIZE_MAX
READY_NAMES_MAX
TABLE_CELL_MAX
TABLE_COLUMNS_MAX
DKIM_CANON_STEP_MAX
DKIM_CANON_TEXT_MAX
DKIM_LINT_LINE_MAX
DMARC_REASONS_MAX
ERROR_TEXT_MAX
HISTORY_DAY_MAX
LINT_STRING_MAX
PIPELINE_STAGES_MAX
SMTP_REPLY_MAX
SPF_FLATTEN_OCTETS_MAX
SPF_RECORD_OCTETS_MAX
ZONE_STRING_MAX
STAGES_SAID_MAX
L
sed -n 's/^#define \([A-Z0-9_]*_MAX\)[[:space:]].*/\1/p' lib/*/*.h | sort >"$work/all"
cut -d ' ' -f 1 "$work/rows" | sort - "$work/others" >"$work/known"
is "every limit of the library stands in $page, or above among those that are none" \
	"$(comm -23 "$work/all" "$work/known")" ''
done_testing
