#!/bin/sh
# What strangers can do to our reports: slow name servers, long records, invented domains.
# With FULL=1 in the sizes of real attacks; make check has smaller ones.
if [ -z "${ASSAY_ATTACKS-}" ]; then
	ASSAY_ATTACKS=1
	export ASSAY_ATTACKS
	if [ "$(id -u)" -eq 0 ] && unshare -m -n true 2>/dev/null; then
		exec unshare -m -n sh "$0" "$@"
	fi
	echo '1..0 # SKIP this needs a network of its own, so root'
	exit 0
fi
. "$(dirname "$0")/lib.sh"
. "$top/tests/helpers/nameserver.sh"
cd "$work" || exit 1
trap 'nameserver_stop; kill $silent 2>/dev/null; rm -rf "$work"' EXIT
silent=
day=1795305600 # 2026-11-22
now=$((day + 86400))
slow=50 mails=100 spoofs=2000
[ -z "${FULL-}" ] || { slow=1000 mails=10000 spoofs=1000000; }
# Sanitizers have memory of their own.
memory=32
[ -z "${ASSAY_SANITIZED-}" ] || memory=256
attack="/usr/bin/python3 $top/tests/helpers/attack.py"

# Slow name servers beside honest ones
nameserver_setup
$attack dns 127.0.0.5 >dns.out 2>&1 &
silent=$!
until grep -q ready dns.out; do sleep 0.1; done
nameserver_use 127.0.0.5
new_history h.db
$attack slow h.db $slow
mkdir box
begin=$(date +%s%N)
dmarcreport send --db h.db --org Example --email dmarc@mx.example.net -t $now -T 60 \
	--sendmail 'cat >"box/$1"; date +%s%N >>times' >out 2>&1
is 'a run beside slow name servers ends well' $? 0
# On a busy machine one or the other may answer too late for its first 20 ms.
left=$(ls box | grep -c honest)
ok "honest reports have left ($left of 10)" test "$left" -ge 7
last=$((($(tail -n 1 times) - begin) / 1000000))
ok "within a minute, with $slow policies of slow hosts ($last ms)" test $last -lt 60000
whole=$((($(date +%s%N) - begin) / 1000000))
ok "the run has kept its time for DNS ($whole ms)" test $whole -lt 75000
like 'the slow ones wait' "$(cat out)" "^dmarcreport: $left sent, $((slow + 10 - left)) to be tried again, 0 given up"
begin=$(date +%s%N)
dmarcreport send --db h.db --org Example --email dmarc@mx.example.net -t $((now + 100000)) -T 5 \
	--sendmail 'cat >"box/$1"' >out 2>&1
whole=$((($(date +%s%N) - begin) / 1000000))
ok "another try has a budget for all of them ($whole ms)" test $whole -lt 20000
is 'all honest reports have left' "$(ls box | grep -c honest)" 10
kill $silent
silent=

# Long records: each mail from another domain, whose record has 64 KB of destinations
rm -rf h.db* box
$attack records $mails h.db "$top/dmarceval/dmarceval" >out 2>&1
is 'mail with records of 64 KB' "$(cat out)" "$mails messages"
sqlite3 h.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
size=$(stat -c %s h.db)
ok "the history stays below 20 MB ($size)" test "$size" -lt 20000000
is 'no record has more than 4 KB' "$(sqlite3 h.db 'SELECT max(length(record)) <= 4096 FROM policy')" 1
nameserver_use 127.0.0.9
echo >zone
mkdir box
command time -f %M -o memory dmarcreport print --db h.db --org Example --email dmarc@mx.example.net -z zone -t $now \
	>/dev/null 2>&1
ok "their reports need less than $memory MB ($(tail -n 1 memory) KB)" \
	test "$(tail -n 1 memory)" -lt $((memory * 1024))
rm -f h.db*
$attack records 40 h.db "$top/dmarceval/dmarceval" organization >out 2>&1
dmarcreport send --db h.db --org Example --email dmarc@mx.example.net -z zone -t $now \
	--sendmail 'cat >"box/$1"' >out 2>&1
is '40 mails about one organization: 100 mails leave, not 400' "$(ls box | wc -l)" 100
like 'status says why' "$(dmarcreport status --db h.db)" 'given up .*: 100 mails about domains of longrecord.test on that day have left'

# Invented domains: a million on one day, and honest ones beside them
rm -rf h.db* box
$attack spoofs h.db "$top/dmarceval/dmarceval" $day $spoofs >out 2>&1
is 'spoofed mail is judged' "$(tail -n 1 out)" "$spoofs messages"
sqlite3 h.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
size=$(stat -c %s h.db)
ok "the history stays below 30 MB ($size)" test "$size" -lt 30000000
is 'a domain that is known is counted' "$(sqlite3 h.db "SELECT sum(count) FROM messages WHERE header_from = 'known.honest' AND day = $day / 86400")" 10
is 'so is a new one whose mail passes' "$(sqlite3 h.db "SELECT sum(count) FROM messages WHERE header_from = 'new.honest' AND day = $day / 86400")" 10
sum=$(sqlite3 h.db "SELECT (SELECT sum(count) FROM messages WHERE day = $day / 86400) + (SELECT sum(refused) FROM quota)")
is 'no message is uncounted: it is in a row, or refused' "$sum" $((spoofs + 20))
[ -z "${FULL-}" ] || like 'status tells it' "$(dmarcreport status --db h.db)" 'messages are in no report: domains never seen on an earlier day, whose mail failed, have used their 8 MiB'
$attack one h.db "$top/dmarceval/dmarceval" $day 1 >/dev/null 2>&1
sqlite3 h.db "UPDATE quota SET rows = 19990 WHERE organization = 'big.test' AND day = $day / 86400"
$attack one h.db "$top/dmarceval/dmarceval" $day 110 >out 2>&1
is 'an organization has 20000 rows a day' "$(sqlite3 h.db "SELECT rows FROM quota WHERE organization = 'big.test' AND day = $day / 86400")" 20000
like 'status tells that' "$(dmarcreport status --db h.db)" '^2026-11-22: 9[0-9] messages of big.test are in no report: it has 20000 rows or 200 policies'

# Only those who are known
rm -rf h.db* box
new_history h.db
$attack slow h.db 0
mkdir box
$attack zone >zone
dmarcreport send --db h.db --org Example --email dmarc@mx.example.net -z zone -t $now --only-if-known 2 \
	--sendmail 'cat >"box/$1"' >out 2>&1
is '--only-if-known: nobody yet' "$(ls box | wc -l),$(dmarcreport status --db h.db | grep -c 'seen on 1 days; --only-if-known wants 2')" 0,10
done_testing
