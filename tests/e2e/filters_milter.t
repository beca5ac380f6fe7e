#!/bin/sh
# The filters before the queue, in a real Postfix: a gate by spawn(8) for each session.
. "$(dirname "$0")/../t/lib.sh"
. "$top/tests/e2e/site.sh"
form=milter
. "$top/tests/e2e/filters.sh"
done_testing
