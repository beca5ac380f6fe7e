#!/bin/sh
# dkimsign: many messages, all canonicalizations and line ends, before our own verifier and those of others.
. "$(dirname "$0")/lib.sh"

# In namespaces of its own this test has a name server, which some verifiers cannot do without.
if [ -z "${ASSAY_NAMESPACE-}" ] && command -v nsd >/dev/null && unshare -m -n true 2>/dev/null; then
	ASSAY_NAMESPACE=1 unshare -m -n sh "$0"
	exit
fi
. "$top/tests/helpers/signing.sh"

# Many messages, all canonicalizations, both line ends.
count=500
[ -z "${ASSAY_SANITIZED-}" ] || count=100
mkdir generated signed
/usr/bin/python3 "$top/tests/helpers/messages.py" $count 1 generated
/usr/bin/python3 "$top/tests/helpers/sign_messages.py" "$keys" zone generated signed >faults 2>&1
is "$count messages: both signatures pass, nothing else has changed" "$(grep -v ': wide$' faults)" ''
is 'no line of a signature has more than 78 columns' "$(grep ': wide$' faults)" ''
is 'signatures end their lines as the message does' \
	"$(grep -c "$(printf '\r')\$" signed/*.lf | grep -cv ':0$')" 0

# The same before other verifiers.
if peer python3-dkim python3-nacl; then
	/usr/bin/python3 "$top/tests/helpers/verify.py" zone signed/* >dkimpy.out 2>&1
	is 'dkimpy: all pass' "$(grep -cv ' pass pass$' dkimpy.out)" 0
	is 'dkimpy: has seen them all' "$(wc -l <dkimpy.out)" $count
else
	skip 'dkimpy: all pass' "$without"
fi
if [ -n "${ASSAY_NAMESPACE-}" ] && peer libmail-dkim-perl; then
	. "$top/tests/helpers/nameserver.sh"
	nameserver_setup
	nameserver_use 127.0.0.2
	trap 'nameserver_stop; rm -rf "$work"' EXIT
	nameserver_nsd zone
	perl "$top/tests/helpers/verify.pl" signed/* >perl.out 2>&1
	# Mail::DKIM knows Ed25519 only with another library.
	is 'Mail::DKIM: all pass' "$(grep -cv ' rsa-sha256=pass ' perl.out)" 0
	is 'Mail::DKIM: has seen them all' "$(wc -l <perl.out)" $count
	if command -v opendkim-testmsg >/dev/null; then
		bad=
		for message in signed/*; do
			case $message in *.crlf) flag=-C ;; *) flag= ;; esac
			opendkim-testmsg $flag <"$message" >opendkim.out 2>&1 || bad="$bad $message"
		done
		is 'opendkim: all pass' "$bad" ''
	fi
fi
done_testing
