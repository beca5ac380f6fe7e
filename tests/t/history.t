#!/bin/sh
# The history: each message counted once, whatever happens to the database; mail always passes.
. "$(dirname "$0")/lib.sh"

id=mx.history.test
db=$work/history.db
cat >"$work/zone" <<'Z'
_dmarc.example.org. TXT "v=DMARC1; p=reject; sp=none; adkim=s; rua=mailto:d@example.org"
_dmarc.example.com. TXT "v=DMARC1; p=quarantine; t=y; rua=mailto:d@example.com"
Z

# message DOMAIN [FIELD]: the next message, which DOMAIN has signed
message() {
	{
		printf 'Authentication-Results: %s; spf=pass smtp.mailfrom=b@%s\n' $id "$1"
		printf 'Authentication-Results: %s; dkim=pass header.d=%s header.s=s1\n' $id "$1"
		printf 'Received: x\nFrom: a@%s\n' "$1"
		[ -z "${2-}" ] || printf '%s\n' "$2"
		printf '\nbody\n'
	} >"$work/message"
}

# evaluate [OPTION...]: the message, into the history; sets status
client=192.0.2.1
evaluate() {
	dmarceval -a $id -z "$work/zone" -i $client --db "$db" "$@" <"$work/message" \
		>"$work/out" 2>"$work/err"
	status=$?
}

# total: messages in the database, with what still waits taken in by one more
total() {
	message example.com
	client=192.0.2.99 evaluate
	client=192.0.2.1
	sqlite3 "$db" "SELECT coalesce(sum(count), 0) FROM messages WHERE source = '192.0.2.1'"
}

query() {
	sqlite3 "$db" "$1"
}

# passes NAME: the last message went through unharmed
passes() {
	is "$1: the message passes" "$status" 0
	like "$1: it is complete" "$(tail -n 1 "$work/out")" '^body$'
}

# What is kept
message example.org
evaluate -t 1700000000
passes 'a message'
is 'nothing is said' "$(cat "$work/err")" ''
is 'the file is private' "$(stat -c %a "$db")" 600
is 'so are those beside it' "$(stat -c %a "$db"-* | sort -u)" 600
is 'a row has all that a report needs' "$(query 'SELECT * FROM messages')" \
	'19675|1|192.0.2.1|example.org|example.org|example.org|pass|pass example.org s1|pass|pass|pass||1|1'
is 'the policy is kept in one form' "$(query 'SELECT domain, record FROM policy')" \
	'example.org|v=DMARC1; p=reject; sp=none; adkim=s; rua=mailto:d@example.org'
message example.org
evaluate -t 1700000001
is 'a message that is alike is counted' "$(query 'SELECT count(*), sum(count) FROM messages')" '1|2'
message example.org
evaluate -t 1700006400
is 'the next UTC day is another row' "$(query 'SELECT count(*), sum(count) FROM messages')" '2|3'
message example.org
evaluate -n -t 1700000002
is 'with -n it is counted too' "$(query 'SELECT sum(count) FROM messages')" 4
printf 'From: a@example.com\n\nbody\n' >"$work/message"
evaluate
is 'test mode is the reason for less' \
	"$(query "SELECT disposition, reasons FROM messages WHERE header_from = 'example.com'")" \
	'none|policy_test_mode '
# The domain of MAIL FROM is that of SPF, but a null sender has none
null_sender() {
	printf '%s\n' "Authentication-Results: $id; spf=pass smtp.mailfrom=postmaster@example.org" "$@" \
		'Received: x' 'From: postmaster@example.org' '' body >"$work/message"
}
envelope_from() {
	query "SELECT '<' || envelope_from || '> ' || spf_domain FROM messages WHERE source = '$client'"
}
client=192.0.2.51
null_sender
evaluate
is 'who is postmaster may have been the sender' "$(envelope_from)" '<example.org> example.org'
client=192.0.2.52
null_sender 'Received-SPF: pass identity=mailfrom; envelope-from="<>"; helo=example.org'
evaluate
is 'Received-SPF knows of a null sender' "$(envelope_from)" '<> example.org'
client=192.0.2.53
null_sender
evaluate -f ''
is '--sender, empty' "$(envelope_from)" '<> example.org'
client=192.0.2.54
null_sender
evaluate --sender bounce@example.org
is '--sender' "$(envelope_from)" '<example.org> example.org'
client=192.0.2.56
null_sender
evaluate --sender bounce@lists.example
is 'a result about another sender is not kept' "$(envelope_from)" '<lists.example> '
client=192.0.2.55
printf '%s\n' 'Received: x' 'From: postmaster@example.org' '' body |
	spfcheck -a $id -z "$work/zone" -i $client -H example.org -f '' >"$work/message"
evaluate
is 'a null sender of spfcheck' "$(envelope_from)" '<> example.org'
query "DELETE FROM messages WHERE source >= '192.0.2.51'"
client=192.0.2.1
is 'the file has a name of its own' "$(query 'SELECT length(name) FROM origin')" 32
is 'it is in WAL mode' "$(query 'PRAGMA journal_mode')" wal

# What is not kept
before=$(query 'SELECT sum(count) FROM messages')
message example.org 'Subject: Report Domain: example.net Submitter: example.org Report-ID: <1>'
evaluate
message none.example
evaluate
message example.org
evaluate --report-address a@EXAMPLE.org
message example.org 'Return-Path: <>
To: reports@mx.test'
evaluate --report-address reports@mx.test
null_sender 'To: reports@mx.test'
evaluate --report-address reports@mx.test -f ''
message example.org 'Content-Type: multipart/report; report-type=delivery-status
To: Reports <reports@mx.test>'
evaluate --report-address reports@mx.test
is 'reports, bounces to us and mail without policy are not counted' \
	"$(query 'SELECT sum(count) FROM messages')" "$before"
message example.org 'Auto-Submitted: auto-generated'
evaluate
message example.org 'Return-Path: <>'
evaluate
message example.org 'To: reports@mx.test'
evaluate --report-address reports@mx.test
message example.org 'Return-Path: <>
To: other@mx.test'
evaluate --report-address reports@mx.test
is 'but mail that looks a little like them is' "$(query 'SELECT sum(count) FROM messages')" \
	$((before + 4))
before=$((before + 1))
message example.org
evaluate --ignore-hosts /dev/null
echo 192.0.2.0/24 >"$work/ignored"
message example.org
evaluate --ignore-hosts "$work/ignored"
passes 'an ignored client'
is 'it is not judged' "$(grep -c dmarc= "$work/out")" 0
is 'nor counted' "$(query 'SELECT sum(count) FROM messages')" $((before + 4))
echo .relay.example >"$work/ignored"
for name in mx.relay.example: mx.other.example:1 'no name:1' :1; do
	evaluate --ignore-hosts "$work/ignored" --client-name "${name%:*}"
	is "a list with a name, and a client of the name \"${name%:*}\": judged" \
		"$(grep -c 'dmarc=' "$work/out" | sed 's/^0$//; s/.*[1-9].*/1/')" "${name#*:}"
done
dmarceval -n --db "$db" </dev/null >/dev/null 2>"$work/err"
is '--db needs the client' $? 64

# Locked: the row waits in the spill file
rm -f "$db"*
message example.org
evaluate
sqlite3 "$db" '.timeout 1000' 'BEGIN IMMEDIATE' '.shell touch '"$work"'/locked; sleep 4' 'COMMIT' &
locker=$!
while [ ! -e "$work/locked" ]; do sleep 0.1; done
begin=$(date +%s%N)
message example.org
evaluate
passes 'a locked database'
beyond_valgrind 'it waits at most two seconds' || ok 'it waits at most two seconds' test $((($(date +%s%N) - begin) / 1000000)) -le 2300
like 'the log says so' "$(cat "$work/err")" '^dmarceval: history: .*locked; the row waits beside it$'
ok 'a row waits' test -s "$db-side"
begin=$(date +%s%N)
message example.org
evaluate
passes 'a database that is still locked'
beyond_valgrind 'it waits less' || ok 'as rows wait already, it waits less' test $((($(date +%s%N) - begin) / 1000000)) -le 1300
wait $locker
is 'they arrive later' "$(total)" 3
ok 'nothing waits any more' test ! -s "$db-side"

# Corrupt
cp "$db" "$work/good"
sqlite3 "$db" 'PRAGMA wal_checkpoint(TRUNCATE)' >"$work/out"
cp "$db" "$work/good"
rm -f "$db-wal" "$db-shm"
yes 'no database' | head -c 40000 >"$db"
message example.org
evaluate
passes 'a file that is no database'
like 'the log says so' "$(cat "$work/err")" 'not a database; the row waits'
head -c 20000 "$work/good" >"$db"
dd if=/dev/urandom of="$db" bs=4096 seek=1 count=4 conv=notrunc 2>"$work/err"
message example.org
evaluate
passes 'a corrupt database'
cp "$work/good" "$db"
rm -f "$db-wal" "$db-shm"
is 'rows arrive when it is repaired' "$(total)" 5
version=$(sqlite3 "$db" 'PRAGMA user_version')
sqlite3 "$db" 'PRAGMA user_version = 99'
message example.org
evaluate
passes 'a database of a newer version'
like 'the log says so' "$(cat "$work/err")" 'version 99'
sqlite3 "$db" "PRAGMA user_version = $version"
is 'its row arrives' "$(total)" 6

# The spill file itself
query "BEGIN EXCLUSIVE; SELECT 1; COMMIT" >/dev/null
sqlite3 "$db" 'PRAGMA user_version = 99'
message example.org
evaluate
message example.org
evaluate
sqlite3 "$db" "PRAGMA user_version = $version"
cp "$db-side" "$work/side"
is 'two rows waited' "$(total)" 8
cat "$work/side" >"$db-side"
is 'a spill file that was taken in before is not taken in again' "$(total)" 8
sed 's/example.org/example.net/3' "$work/side" | sed '1s/side 1 ./side 1 0/' >"$db-side"
printf 'half a li' >>"$db-side"
is 'damaged lines are left out' "$(total)" 8
sed '1s/side 1 ./side 1 f/' "$work/side" >"$db-side"
printf 'half a li' >>"$db-side"
is 'whole lines before a broken one are taken in' "$(total)" 10
echo rubbish >"$db-side"
is 'a spill file that is none does no harm' "$(total)" 10
ok 'and is kept for the curious' test -s "$db-damaged"

# No directory: the row is lost, the message is not
db=$work/absent/history.db
message example.org
evaluate
passes 'no directory'
like 'the loss is said' "$(cat "$work/err")" 'the row of this message is lost$'
db=$work/history.db

# Killed, and many at once
export DMARCEVAL="$top/dmarceval/dmarceval"
like 'killed 60 times, no acknowledged row is lost and none is there twice' \
	"$("$top/tests/helpers/history_load.py" kill "$work/kill.db" 60)" ' lost=0 twice=0 .*integrity=ok$'
like '16 processes at once with a reader and an expire' \
	"$("$top/tests/helpers/history_load.py" write "$work/many.db" 16 20 beside)" \
	'^sum=320 failed=0 .*integrity=ok$'

# Read-only, and disk full
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>"$work/err"; then
	mkdir "$work/small"
	cat >"$work/full" <<'S'
mount -t tmpfs -o size=2m none "$1/small" || exit 1
db=$1/small/history.db
one() { dmarceval -a mx.history.test -z "$1/zone" -i "$2" --db "$db" <"$1/one" >"$1/out" 2>>"$1/err" || echo "status $?"; }
one "$1" 192.0.2.1
head -c 3000000 /dev/zero >"$1/small/filler" 2>/dev/null
i=0
while [ $((i += 1)) -le 300 ]; do one "$1" "198.51.100.$((i % 250))"; done
tail -n 1 "$1/out"
rm "$1/small/filler"
one "$1" 192.0.2.1
mount -o remount,ro "$1/small"
one "$1" 192.0.2.1
mount -o remount,rw "$1/small"
sqlite3 "$db" 'SELECT sum(count) FROM messages; PRAGMA integrity_check'
S
	message example.org
	cp "$work/message" "$work/one"
	: >"$work/err"
	is 'disk full: 300 messages pass, and their rows arrive later' \
		"$(unshare -m sh "$work/full" "$work" | tr '\n' ' ')" 'body 302 ok '
	like 'disk full: the log says so' "$(cat "$work/err")" 'disk is full; the row waits'
	is 'read-only file system: the loss of one row is said' \
		"$(grep -c 'row of this message is lost' "$work/err")" 1
else
	ok 'disk full # SKIP needs root' true
fi
done_testing
