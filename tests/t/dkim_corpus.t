#!/bin/sh
# A collection of signed messages in $ASSAY_CORPUS, in the format that dkim_corpus.py explains.
. "$(dirname "$0")/lib.sh"

[ -n "${ASSAY_CORPUS-}" ] || skip_all 'no collection of messages in $ASSAY_CORPUS'
/usr/bin/python3 "$top/tests/helpers/dkim_corpus.py" "$ASSAY_CORPUS"
