#!/bin/sh
# The tree itself: manual pages and scripts without complaint, options as documented.
. "$(dirname "$0")/lib.sh"

cd "$top" || exit 1
for tool in spfcheck dkimsign dkimverify dmarceval dmarcreport; do
	is "$tool.1 has no lint" \
		"$(mandoc -Tlint $tool/$tool.1 2>&1 | grep -v -e 'referenced manual' -e mandoc.db)" ''
	$tool --help >"$work/help"
	is "$tool --help ends with 0" $? 0
	for option in $(grep -o -e '--[a-z-]*' "$work/help" | sort -u); do
		ok "$tool.1 explains $option" grep -q -- "Fl -${option#--}" $tool/$tool.1
	done
	like "$tool --version" "$($tool --version)" "^$tool \(assay\) [0-9.]+$"
done
quiet=SC1091,SC2010,SC2012,SC2013,SC2015,SC2016,SC2034,SC2038,SC2046,SC2086,SC2094,SC2154,SC3043,SC3045
is 'shellcheck has nothing to say' "$(shellcheck -x -e $quiet -s sh .ci/packages tests/demo \
	tests/sanitized tests/*.sh tests/t/*.t tests/t/lib.sh tests/bench/start tests/bench/memory \
	tests/bench/history tests/bench/policy \
	dmarceval/examples/incoming dkimsign/examples/outgoing 2>&1)" ''
done_testing
