#!/bin/sh
# Evaluation cases of RFC 9989, with the names that are asked for.
. "$(dirname "$0")/lib.sh"

/usr/bin/python3 "$top/tests/helpers/dmarc_cases.py" "$data"/dmarc/*.yml
