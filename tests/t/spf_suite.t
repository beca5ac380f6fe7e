#!/bin/sh
# The test suites of RFC 7208 and RFC 4408, as Debian's python3-spf has them, one process a test.
. "$(dirname "$0")/lib.sh"
needs_peer python3-spf

# Machines without documentation lack the suites; the package itself has them.
suites=/usr/share/doc/python3-spf
if [ ! -e $suites/rfc7208-tests.yml.gz ]; then
	(cd "$work" && apt-get download python3-spf >/dev/null 2>&1 && dpkg-deb -x ./*.deb .)
	suites=$work$suites
fi
[ -e "$suites/rfc7208-tests.yml.gz" ] || skip_all 'the package python3-spf cannot be had'
/usr/bin/python3 "$top/tests/helpers/spf_suite.py" "$suites/rfc7208-tests.yml.gz" \
	"$suites/rfc4408-tests.yml.gz"
