#!/bin/sh
# A small run of faults: no accepted message is lost, cut or bounced. "make e2e" has the large one.
. "$(dirname "$0")/../t/lib.sh"

for run in 'milter kill frames' 'workers kill frames' 'smtp kill disk' 'sendmail kill'; do
	# shellcheck disable=SC2086 # some words
	output=$(ASSAY_PAUSE=0.25 "$top/tests/e2e/faults" 60 5 $run 2>&1)
	status=$?
	case $output in
	*'# SKIP '*) skip_all "${output##*# SKIP }" ;;
	esac
	is "$run: every message is delivered, or still queued" $status 0
	printf '%s\n' "$output" | sed 's/^/# /'
done
done_testing
