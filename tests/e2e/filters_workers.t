#!/bin/sh
# The filters before the queue, in a real Postfix: gates that stay, on a socket as systemd gives it.
. "$(dirname "$0")/../t/lib.sh"
. "$top/tests/e2e/site.sh"
form=workers
. "$top/tests/e2e/filters.sh"
done_testing
