#!/bin/sh
# The tree itself: options as documented, programs linked as they should be.
. "$(dirname "$0")/lib.sh"

cd "$top" || exit 1
for tool in spfcheck dkimsign dkimverify dmarceval dmarcreport; do
	$tool --help >"$work/help"
	is "$tool --help ends with 0" $? 0
	for option in $(grep -o -e '--[a-z-]*' "$work/help" | sort -u); do
		ok "$tool.1 explains $option" grep -q -- "Fl -${option#--}" $tool/$tool.1
	done
	like "$tool --version" "$($tool --version)" "^$tool \(assay\) [0-9.]+$"
	if [ -n "${STATIC-}" ]; then
		is "$tool needs no shared library" "$(readelf -l $tool/$tool | grep -c INTERP)" 0
	fi
done
done_testing
