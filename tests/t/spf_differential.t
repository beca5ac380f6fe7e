#!/bin/sh
# spfcheck against pyspf on generated zones. The full run is tests/helpers/spf_differential.py alone.
. "$(dirname "$0")/lib.sh"

needs_peer python3-spf
zones=1500
[ -z "${ASSAY_SANITIZED-}" ] || zones=300
/usr/bin/python3 "$top/tests/helpers/spf_differential.py" "${SPF_ZONES:-$zones}"
