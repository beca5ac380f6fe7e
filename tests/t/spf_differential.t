#!/bin/sh
# spfcheck against pyspf on generated zones. The full run is tests/spf_differential.py alone.
. "$(dirname "$0")/lib.sh"

/usr/bin/python3 -c 'import spf' 2>/dev/null || skip_all 'needs python3-spf'
/usr/bin/python3 "$top/tests/spf_differential.py" "${SPF_ZONES:-1500}"
