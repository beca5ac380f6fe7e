#!/bin/sh
# The filter contract: output without own fields is the input, byte for byte.
. "$(dirname "$0")/lib.sh"

count=2000
[ -z "${ASSAY_SANITIZED-}" ] || count=200 # each is ten times as slow
[ -z "${ASSAY_VALGRIND-}" ] || count=25
: >"$work/zone"
id=mx.roundtrip.test

openssl genrsa -out "$work/key" 2048 2>/dev/null
for tool in 'spfcheck -i 192.0.2.1 -H client.example -f alice@example.org' \
	"dkimsign -q -d example.org -s s -k $work/key" dkimverify dmarceval; do
	# shellcheck disable=SC2086 # tool and its arguments
	ok "${tool%% *}: $count messages come out as they went in" \
		/usr/bin/python3 "$top/tests/helpers/roundtrip.py" $count 1 $tool -z "$work/zone" -a $id
done
done_testing
