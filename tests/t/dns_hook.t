#!/bin/sh
# dkimsign genkey --add and rotate with --dns-hook: nsupdate(1) changes a real BIND with a TSIG key, and no
# mail is signed with a key that DNS does not have, wherever a run is killed.
. "$(dirname "$0")/lib.sh"
needs_peer bind9 bind9-dnsutils
[ -z "${ASSAY_SANITIZED-}" ] || skip_all 'runs other programs most of the time'
if [ -z "${ASSAY_NAMESPACE-}" ]; then
	unshare -m -n true 2>/dev/null || skip_all 'needs root for namespaces'
	ASSAY_NAMESPACE=1 unshare -m -n sh "$0"
	exit
fi
. "$top/tests/helpers/nameserver.sh"
nameserver_setup
nameserver_use 127.0.0.1
cd "$work" || exit 1
chmod 755 .

mkdir bind
tsig-keygen -a hmac-sha256 assay >tsig.key
cat >bind/named.conf <<C
include "$work/tsig.key";
options {
	directory "$work/bind";
	listen-on { 127.0.0.1; };
	listen-on-v6 { none; };
	pid-file none;
	session-keyfile none;
	recursion no;
	dnssec-validation no;
};
controls { };
zone "example.org" { type primary; file "zone"; update-policy { grant assay zonesub TXT; }; };
C
printf '$TTL 60\n@ SOA ns root 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\nready TXT "yes"\n' >bind/zone
named -g -c bind/named.conf >named.log 2>&1 &
named=$!
trap 'kill $named; umount /etc/resolv.conf; rm -rf "$work"' EXIT
tries=0
until dig +short +time=1 +tries=1 @127.0.0.1 ready.example.org TXT | grep -q yes || [ $((tries += 1)) -gt 50 ]; do
	sleep 0.1
done

# The command of a postmaster; what kills dkimsign below must not kill it.
cat >hook <<C
#!/bin/sh
unset LD_PRELOAD KILL_AT
exec nsupdate -k $work/tsig.key
C
chmod 755 hook
mkdir dkim
tables="--key-table $work/dkim/key_table --signing-table $work/dkim/signing_table"

# in_dns SELECTOR: does DNS have a record?
in_dns() {
	dig +short @127.0.0.1 "$1._domainkey.example.org" TXT | grep -q DKIM1
}

# unverified: the signatures on mail of example.org that do not pass by what DNS has
unverified() {
	printf 'From: a@example.org\nDate: x\nMessage-ID: <1@a>\n\nbody\n' |
		dkimsign $tables 2>/dev/null | dkimverify -n | grep -v -e '^dkim=pass' -e '^dkim=none'
}

# genkey: one command to sign for a domain
dkimsign genkey --add -d example.org -s one $tables --dns-hook ./hook -T 5 >out 2>err
is 'genkey --add with a hook' "$?,$(cat err)" 0,
ok 'DNS has the record' in_dns one
like 'and is said to' "$(cat out)" 'DNS has one._domainkey.example.org now'
is 'both tables' "$(cat dkim/key_table dkim/signing_table)" "one._domainkey.example.org example.org:one:$work/dkim/example.org/one.private
*@example.org one._domainkey.example.org
*@*.example.org one._domainkey.example.org"
is 'its directory is for nobody else' "$(stat -c %a dkim/example.org)" 700
is 'mail is signed, and passes' "$(printf 'From: a@mx.example.org\n\nb\n' | dkimsign $tables 2>/dev/null | dkimverify -n | cut -c-26)" \
	'dkim=pass header.d=example'
cp dkim/key_table dkim/signing_table .
dkimsign genkey --add -d example.org -s one $tables --dns-hook ./hook -T 5 >out 2>err
is 'a second time: nothing is doubled' "$?,$(cmp key_table dkim/key_table),$(cmp signing_table dkim/signing_table)" 0,,
printf '# mine\nother.example other' >dkim/plain
printf 'other other.example:o:/k\n' >dkim/keys
dkimsign genkey --add -d example.org -s one --key-table "$work/dkim/keys" --signing-table dkim/plain -D dkim/example.org >out 2>&1
is 'a plain table without a last line end stays one' "$(cat dkim/plain)" '# mine
other.example other
example.org one._domainkey.example.org
.example.org one._domainkey.example.org'

# A hook that fails, and one that does nothing: the tables stay as they were
for command in 'echo refused >&2; exit 3' 'cat >/dev/null' 'kill -9 $$'; do
	dkimsign genkey --add -d example.org -s two $tables --dns-hook "$command" -T 1 >out 2>err
	is "$command: status" $? 75
	is "$command: the tables" "$(cmp key_table dkim/key_table),$(cmp signing_table dkim/signing_table)" ,
	cat err >>errors
done
like 'what the command said' "$(cat errors)" 'the command of --dns-hook has ended with status 3: refused'
like 'what DNS lacks' "$(cat errors)" 'is done, but after 1 seconds DNS has no TXT record at two._domainkey.example.org; when it is there, run the same again'
like 'how it ended' "$(cat errors)" 'was ended by signal 9'
dkimsign genkey --add -d example.org -s two $tables --dns-hook ./hook -T 5 >out 2>err
is 'the same again, with one that works' "$?,$(grep -c two dkim/signing_table)" 0,2
is 'both signatures pass' "$(unverified)" ''

# rotate: all of it without anybody at the keyboard
now=$(($(date +%s) + 60))
rotate() {
	day=$1
	dkimsign rotate --key-table "$work/dkim/key_table" --every 30 --keep 10 -t $((now + day * 86400)) -T 3 --dns-hook ./hook >out 2>&1
}
rotate 31
is 'the 31st day: status' "$?" 0
is 'new keys are in DNS and in use' "$(grep -c ':20[0-9]*[a-z]*:' dkim/key_table),$(unverified)" 2,
ok 'the old record stays' in_dns one
rotate 42
is 'the 42nd day: status' $? 0
ok "the old record is removed" test -z "$(dig +short @127.0.0.1 one._domainkey.example.org TXT)"
is 'what is signed passes' "$(unverified)" ''
rotate 43
is 'and the round is over' "$?,$(grep -c ' is gone; its files' out)" 0,2

# Killed before each change of a file, also in the process that runs the hook
if ! cc -shared -fPIC -D_GNU_SOURCE -o killer.so "$top/tests/helpers/killer.c" -ldl 2>/dev/null || [ -n "${STATIC-}" ]; then
	skip 'killed runs' 'needs cc and a program with shared libraries'
	done_testing
	exit
fi
# killed NAME DAY
killed() {
	rm -rf before
	cp -a dkim before
	bad='' at=0 status=1
	while [ $status -ne 0 ] && [ $at -lt 80 ]; do
		rm -rf dkim
		cp -a before dkim
		at=$((at + 1))
		KILL_AT=$at LD_PRELOAD=$work/killer.so
		export KILL_AT LD_PRELOAD
		rotate "$2"
		status=$?
		unset KILL_AT LD_PRELOAD
		[ -z "$(unverified)" ] || bad="$bad $at"
		[ $status -eq 0 ] || { rotate "$2" && [ -z "$(unverified)" ] || bad="$bad $at:again"; }
	done
	is "$1, killed $((at - 1)) times: what is signed is in DNS" "$bad" ''
	ok "$1: it was killed" test $at -gt 2
}
printf '%s\n' "one._domainkey.example.org example.org:ed:$work/dkim/example.org/ed.private" >dkim/key_table
printf '*@example.org one._domainkey.example.org\n' >dkim/signing_table
dkimsign genkey -q -d example.org -s ed --type ed25519 -D dkim/example.org
./hook <dkim/example.org/ed.nsupdate
killed 'making, publishing and taking a key' 80
killed 'removing the old record' 95
done_testing
