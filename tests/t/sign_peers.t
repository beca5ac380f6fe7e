#!/bin/sh
# Bodies that are hard to canonicalize: what dkimsign signs passes here and before the peers.
. "$(dirname "$0")/lib.sh"
needs_peer python3-dkim python3-nacl libmail-dkim-perl opendkim-tools

command -v nsd >/dev/null && unshare -m -n true 2>/dev/null ||
	skip_all 'needs root for namespaces, and nsd'
if [ -z "${ASSAY_NAMESPACE-}" ]; then
	ASSAY_NAMESPACE=1 unshare -m -n sh "$0"
	exit
fi
. "$top/tests/helpers/nameserver.sh"
nameserver_setup
nameserver_use 127.0.0.2
trap 'nameserver_stop; rm -rf "$work"' EXIT

cd "$work" || exit 1
dkimsign genkey -d example.org -s rsa >/dev/null
dkimsign genkey -d example.org -s ed --type ed25519 >/dev/null
sed 's/	IN	/ /; s/	/ /g' rsa.txt ed.txt >zone
nameserver_nsd zone
mkdir signed
# shellcheck disable=SC2086 # perhaps no word
/usr/bin/python3 "$top/tests/helpers/sign_peers.py" \
	'-d example.org -s rsa -k rsa.private -s ed -k ed.private' zone signed ${ASSAY_CORPUS-}
