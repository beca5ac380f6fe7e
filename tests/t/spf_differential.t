#!/bin/sh
# spfcheck against pyspf on generated zones. The full run is tests/helpers/spf_differential.py alone.
. "$(dirname "$0")/lib.sh"

/usr/bin/python3 -c 'import spf' 2>/dev/null || skip_all 'needs python3-spf'
zones=1500
[ -z "${ASSAY_SANITIZED-}" ] || zones=300
/usr/bin/python3 "$top/tests/helpers/spf_differential.py" "${SPF_ZONES:-$zones}"
