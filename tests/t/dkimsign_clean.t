#!/bin/sh
# dkimsign: messages that later hops would change, so that their signature breaks.
. "$(dirname "$0")/lib.sh"
. "$top/tests/helpers/signing.sh"

# What later hops break.
try -d example.org -s rsa -k rsa.pem --require-clean <plain
is 'a clean message' "$status,$(cat err)" 0,
# lint NAME PATTERN: the message "dirty" is signed with a warning, deferred with --require-clean
lint() {
	try -d example.org -s rsa -k rsa.pem <dirty
	is "$1: signed" "$status,$(verdict <out | cut -d' ' -f1)" 0,dkim=pass
	like "$1: a warning" "$(cat err)" "the message has .*$2"
	try -d example.org -s rsa -k rsa.pem --require-clean <dirty
	refused "$1, --require-clean" "$2"
}
sed 's/Hello/&\r/' plain >dirty
lint 'a bare CR' 'CR without LF'
sed '$s/$/\r/' plain >dirty
lint 'mixed line ends' 'LF beside lines with CRLF'
{ cat plain; head -c 999 /dev/zero | tr '\0' x; echo; } >dirty
lint 'a long line' 'longer than 998'
sed 's/Bob,/Böb,/' plain >dirty
lint '8-bit without MIME' '8-bit'
grep -v ^Date: plain >dirty
lint 'no Date' 'no Date'
grep -v ^Message-ID: plain >dirty
lint 'no Message-ID' 'no Message-ID'
sed 's/^From:.*/&\n&/' plain >dirty
lint 'two From fields' 'more than one From'
{ sed '/^$/,$d' plain; printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nB\303\266b\n'; } >mime
try -d example.org -s rsa -k rsa.pem --require-clean <mime
is '8-bit with MIME is clean' "$status,$(cat err)" 0,
{ cat plain; head -c 998 /dev/zero | tr '\0' x; echo; } | sed 's/$/\r/' >full
try -d example.org -s rsa -k rsa.pem --require-clean <full
is 'a CRLF line of 998 octets is clean' "$status,$(cat err)" 0,
done_testing
