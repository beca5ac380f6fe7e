#!/bin/sh
# dkimsign: which clients are signed for.
. "$(dirname "$0")/lib.sh"
. "$top/tests/helpers/signing.sh"

# Whose mail is signed.
signing_tables
signed_for() {
	# shellcheck disable=SC2086
	dkimsign $tables --internal-hosts trusted_hosts "$@" <plain 2>err | grep -c '^DKIM-Signature'
}
is 'a trusted host' "$(signed_for -i 127.0.0.1)" 1
is 'a trusted network' "$(signed_for -i 192.168.0.7)" 1
is 'an excepted host' "$(signed_for -i 192.168.0.66)" 0
is 'a stranger' "$(signed_for -i 203.0.113.5)" 0
is 'of whom nothing is said' "$(cat err)" ''
is 'a stranger with a trusted name' "$(signed_for -i 203.0.113.5 --client-name mx.example.com)" 1
is 'a client without a name' "$(signed_for -i 203.0.113.5 --client-name '')" 0
is 'of whom nothing is said' "$(cat err)" ''
is 'a name that is none is none of the list' "$(signed_for -i 203.0.113.5 --client-name 'mx example')" 0
like 'and a warning' "$(cat err)" '^dkimsign: option --client-name: "mx example" is no host name; '
is 'IPv6 as Postfix writes it' "$(signed_for -i IPv6:2001:db8::1)" 0
is 'an empty address is this host' "$(signed_for -i '')" 1
first_hop_of() {
	printf '%b' "Received: by x; now\nReceived: from y by z; now\n$(grep '^From:' plain)\n\nbody\n" |
		dkimsign $tables --first-hop "$1" 2>err | grep -c '^DKIM-Signature'
}
first_hop() {
	printf '%b' "$1$(grep '^From:' plain)\n\nbody\n" | dkimsign $tables --first-hop 2>err | grep -c '^DKIM-Signature'
}
is 'the first hop: no Received' "$(first_hop '')" 1
is 'the first hop: one Received' "$(first_hop 'Received: by x; now\n')" 1
is 'the second hop, of local mail' "$(first_hop_of '--ip=')" 0
is 'the second hop, of a client' "$(first_hop_of --ip=192.0.2.7)" 1
is 'the second hop' "$(first_hop 'Received: by x; now\nReceived: from y by z; now\n')" 0
is 'of which nothing is said' "$(cat err)" ''
try -d example.org -s rsa -k rsa.pem --internal-hosts trusted_hosts <plain
refused 'a list of hosts without a client' 'needs --ip'
done_testing
