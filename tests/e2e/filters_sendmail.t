#!/bin/sh
# The filters that inject by sendmail, in a real Postfix.
. "$(dirname "$0")/../t/lib.sh"
. "$top/tests/e2e/site.sh"
form=sendmail
. "$top/tests/e2e/filters.sh"
done_testing
