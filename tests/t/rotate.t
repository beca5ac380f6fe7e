#!/bin/sh
# Keys go round, with a simulated clock and a real name server; a run may be killed anywhere.
. "$(dirname "$0")/lib.sh"

if [ -z "${ASSAY_NAMESPACE-}" ] && command -v nsd >/dev/null && unshare -m -n true 2>/dev/null; then
	ASSAY_NAMESPACE=1 unshare -m -n sh "$0"
	exit
fi
cd "$work" || exit 1
umask 022
now=$(($(date +%s) + 60)) # no key is younger than that
dns='-z zone'
if [ -n "${ASSAY_NAMESPACE-}" ]; then
	. "$top/tests/helpers/nameserver.sh"
	nameserver_setup
	nameserver_use 127.0.0.2
	trap 'nameserver_stop; rm -rf "$work"' EXIT
	dns=
fi

# publish FILE...: the records that DNS has from now on
publish() {
	cat "$@" >zone
	[ -n "$dns" ] || nameserver_nsd zone
}

# rotate DAY [OPTION...]: one run on that day
rotate() {
	day=$1
	shift
	# shellcheck disable=SC2086 # perhaps two words
	dkimsign rotate --key-table key_table --every 30 --keep 10 -t $((now + day * 86400)) \
		$dns "$@" >out 2>&1
}

# selector DAY: of a key that is made then
selector() {
	date -u -d "@$((now + $1 * 86400))" +%Y%m%d
}

# all_pass [DOMAIN]: is what the tables sign now found in DNS?
all_pass() {
	for domain in ${1-example.org example.com}; do
		printf 'From: a@%s\nDate: x\nMessage-ID: <1@a>\n\nbody\n' "$domain" >message
		# shellcheck disable=SC2086
		dkimsign --key-table key_table --signing-table signing_table <message 2>/dev/null |
			dkimverify -n $dns >verdict 2>&1
		grep -q "^dkim=pass header.d=$domain" verdict || return 1
	done
}

mkdir keys
dkimsign genkey -d example.org -s mail -D keys >/dev/null
dkimsign genkey -d example.com -s com --type ed25519 -D keys >/dev/null
dkimsign genkey -d example.com -s fixed -D keys >/dev/null
cat >key_table <<'T'
# keys of this host
org   example.org:mail:./keys/mail.private	# the first
com   example.com:com:./keys/com.private

all   %:fixed:./keys/fixed.private
T
printf '*@example.org org\n*@example.com com\n' >signing_table
cp key_table first_table
publish keys/mail.txt keys/com.txt keys/fixed.txt
ok 'what is signed at the start is found in DNS' all_pass

# Nothing to do, and a dry run.
rotate 0
is 'a new key: nothing to do' "$?,$(grep -c 'nothing to do before 30' out)" 0,2
like 'a key for any domain is left alone' "$(cat out)" '^all: .*not rotated'
is 'nothing has been written' "$(ls keys)" "$(printf '%s\n' com.nsupdate com.private com.txt \
	com.value fixed.nsupdate fixed.private fixed.txt fixed.value mail.nsupdate mail.private \
	mail.txt mail.value)"
rotate 30 --dry-run
like 'a dry run says what would be done' "$(cat out)" \
	"^org: would make key ./keys/$(selector 30).private"
is 'and writes nothing' "$(ls keys | wc -l)" 12

# One round.
rotate 30 -d example.org
is 'the next key is made' "$?,$(stat -c %a "keys/$(selector 30).private")" 0,600
new=$(selector 30)
is 'and its record said' "$(grep -c "^$new._domainkey.example.org.	IN	TXT	\"v=DKIM1; k=rsa" out)" 1
is 'the other domain waits for its turn' "$(ls keys/com.rotation 2>&1 | grep -c '^keys')" 0
rotate 31 -d example.org
like 'it waits for DNS' "$(cat out)" "^org: waiting for $new._domainkey.example.org: "
ok 'the table is as it was' cmp key_table first_table
sed 's/p=.../p=AAA/' "keys/$new.txt" >wrong.txt
publish keys/mail.txt keys/com.txt keys/fixed.txt wrong.txt
rotate 31 -d example.org
like 'it waits as long as the record is wrong' "$(cat out)" '^org: waiting .*differs'
ok 'the table is as it was' cmp key_table first_table
publish keys/mail.txt keys/com.txt keys/fixed.txt "keys/$new.txt"
rotate 32 -d example.org --settle 86400
is 'waiting is no failure' $? 0
is '--settle waits when DNS has it, and says no more' "$(cat out)" \
	"org: DNS has $new._domainkey.example.org; waiting 86400 seconds before signing with it"
rotate 33 -d example.org --settle 86400 --dry-run
like 'a dry run of the exchange' "$(cat out)" "^org: would sign with selector $new"
ok 'the table is as it was' cmp key_table first_table
chmod 640 key_table
rotate 33 -d example.org --settle 86400
like 'it signs with the new key' "$(cat out)" "^org: sign with selector $new instead of mail"
sed "s|example.org:mail:./keys/mail.private|example.org:$new:./keys/$new.private|" first_table >wanted
ok 'one line of the table has changed, and nothing else' cmp key_table wanted
is 'its mode has not' "$(stat -c %a key_table)" 640
ok 'what is signed is found in DNS' all_pass
rotate 42 -d example.org
like 'the old record is kept' "$(cat out)" '^org: selector mail stays in DNS, 9 of 10 days'
rotate 43 -d example.org
like 'and then to be removed' "$(cat out)" '^org: remove selector mail'
like 'or revoked' "$(cat out)" '^mail._domainkey.example.org.	IN	TXT	"v=DKIM1; p="$'
rotate 44 -d example.org
like 'it asks until that is done' "$(cat out)" '^org: remove selector mail'
cp key_table new_table
cp first_table key_table
rotate 44 -d example.org
is 'but not when somebody signs with it again' "$?,$(grep -c 'key_table:2: .*must stay' out)" 75,1
cp new_table key_table
grep '^mail._domainkey' out >/dev/null || printf 'mail._domainkey.example.org. IN TXT "v=DKIM1; p="\n' >revoked
publish revoked keys/com.txt keys/fixed.txt "keys/$new.txt"
ok 'what is signed is found in DNS' all_pass
rotate 45 -d example.org
like 'the round is over' "$(cat out)" '^org: selector mail is gone'
rotate 46 -d example.org
like 'the next one begins when the new key is old' "$(cat out)" "^org: selector $new is 13 days old"
rotate 63
is 'both keys of one day have names of their own' \
	"$(ls keys | grep -c "^$(selector 63)a\\?.private")" 2
echo 'step fly' >keys/org.rotation
rotate 64
is 'a broken state names file and line, the other key goes on' \
	"$?,$(grep -c 'keys/org.rotation:1: ' out),$(grep -c '^com: waiting' out)" 75,1,1
if command -v flock >/dev/null; then
	flock . dkimsign rotate --key-table key_table >out 2>&1
	is 'one run at a time' "$?,$(grep -c 'another run is at work' out)" 75,1
fi
for wrong in '' '--key-table absent' '--key-table key_table --every 0' '--key-table key_table x'; do
	# shellcheck disable=SC2086
	dkimsign rotate $wrong >out 2>&1
	is "rotate $wrong: usage" $? 64
done

# Killed before every single change of a file.
if [ -n "${ASSAY_SANITIZED-}" ] || ! cc -shared -fPIC -D_GNU_SOURCE -o killer.so "$top/tests/helpers/killer.c" \
	-ldl 2>/dev/null || ! ldd "$top/dkimsign/dkimsign" >/dev/null 2>&1; then
	echo "ok $((tests += 1)) - killed runs # SKIP needs cc and a program with shared libraries"
	done_testing
	exit
fi

# start_over: keys, tables and DNS as at the beginning
start_over() {
	rm -f keys/*.rotation keys/2*
	cp first_table key_table
	published
}

# published [SELECTOR]: DNS has the keys of the beginning, and that one
published() {
	publish keys/mail.txt keys/com.txt keys/fixed.txt ${1+"keys/$1.txt"}
}

# killed NAME DAY [OPTION...]: a run on that day, killed everywhere; then its result is that of a run
# in peace. An Ed25519 key goes round here: it is made in no time
killed() {
	name=$1
	day=$2
	shift 2
	rm -rf before
	mkdir before
	cp -a keys key_table before
	rotate "$day" -d example.com "$@"
	cp key_table after_table
	sed 's/^since.*//' keys/com.rotation >after_state
	bad=
	at=0
	while
		rm -rf keys
		cp -a before/keys before/key_table .
		at=$((at + 1))
		KILL_AT=$at LD_PRELOAD=$work/killer.so
		export KILL_AT LD_PRELOAD
		rotate "$day" -d example.com "$@"
		status=$?
		unset KILL_AT LD_PRELOAD
		[ $status -gt 128 ]
	do
		cmp -s key_table before/key_table || cmp -s key_table after_table || bad="$bad $at:table"
		all_pass example.com || bad="$bad $at:unverified"
		rotate "$day" -d example.com "$@" || bad="$bad $at:status"
		cmp -s key_table after_table || bad="$bad $at:result"
		sed 's/^since.*//' keys/com.rotation | cmp -s - after_state || bad="$bad $at:state"
		for key in keys/com.private keys/2*.private; do
			cmp -s "$key" "before/$key" ||
				openssl pkey -in "$key" -noout 2>/dev/null || bad="$bad $at:$key"
		done
	done
	all_pass example.com || bad="$bad unverified"
	is "$name, killed $((at - 1)) times: status" $status 0
	is "$name, killed $((at - 1)) times" "$bad" ''
	ok "$name has been killed" test "$at" -gt 3
}

start_over
new=$(selector 30)
killed 'making a key' 30
published "$new"
cp -a keys made
killed 'exchanging the key' 32
ok 'that was the exchange' grep -q "example.com:$new:" key_table

# The same key again, with a time for DNS to settle.
rm -rf keys
mv made keys
cp first_table key_table
killed 'seeing the record, which is to settle' 32 --settle 86400
ok 'that was written down' grep -qx "seen $((now + 32 * 86400))" keys/com.rotation
published
killed 'losing the record again' 33 --settle 86400
ok 'that was written down, too' grep -qx 'seen 0' keys/com.rotation
published "$new"
rotate 34 -d example.com --settle 86400
ok 'the time begins anew' cmp key_table first_table
killed 'exchanging the key when it has settled' 35 --settle 86400
ok 'that was the exchange, too' grep -q "example.com:$new:" key_table

killed 'asking to remove the old record' 60
publish keys/mail.txt keys/fixed.txt "keys/$new.txt"
killed 'ending the round' 61
ok 'that was the end' grep -q '^step idle' keys/com.rotation

# Run as another user than the one who owns the key, it changes nothing.
if [ "$(id -u)" -eq 0 ]; then
	mkdir "$work/owner" && cd "$work/owner" || exit 1
	mkdir keys
	dkimsign genkey -q -d example.org -s old -D keys
	echo "one example.org:old:$work/owner/keys/old.private" >key_table
	chown -R nobody keys
	ls -lR --full-time . >before
	dkimsign rotate --key-table key_table --every 1 -t 2000000000 -z /dev/null >out 2>err
	is 'root does not rotate the keys of another user' $? 75
	like 'and says who does' "$(cat err)" 'old.private belongs to user [0-9]+, .*runuser -u "\$\(id -un [0-9]+\)" -- dkimsign rotate'
	rm out err
	ls -lR --full-time . | grep -v ' before$' | grep -v ^total >after
	is 'nothing has changed' "$(grep -v -e ' before$' -e ^total before)" "$(grep -v ' after$' after)"
	cd "$work" || exit 1
else
	skip 'root does not rotate the keys of another user' 'needs root'
fi
done_testing
