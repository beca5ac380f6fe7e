#!/bin/sh
# The demonstration of the README shows what it says.
. "$(dirname "$0")/lib.sh"

"$top/tests/demo" >"$work/out" 2>"$work/err"
is 'the demonstration ends with 0' $? 0
is 'it has nothing to complain of' "$(cat "$work/err")" ''
for result in 'spf=pass' 'dkim=pass' 'dmarc=pass' 'spf=none' 'dkim=fail' 'dmarc=fail'; do
	like "it shows $result" "$(cat "$work/out")" "Authentication-Results: mx.example.net; $result"
done
is 'and a report with a row for each' "$(grep -c '<source_ip>' "$work/out")" 2
done_testing
