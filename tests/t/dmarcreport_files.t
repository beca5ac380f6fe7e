#!/bin/sh
# Files and the command line: who makes a history, what merge does with bad ones, status on the first
# day, rows for other engines.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
day=1795305600 # 2026-11-22
now=$((day + 86400))
who='--org Example --email dmarc@mx.example.net -z zone'

cat >zone <<'Z'
_dmarc.example.org. TXT "v=DMARC1; p=none; rua=mailto:d@example.org"
_dmarc.silent.test. TXT "v=DMARC1; p=none"
Z

# message FROM IP TIME [DATABASE]
message() {
	printf '%s\n' "Authentication-Results: mx; spf=pass smtp.mailfrom=$1; dkim=fail header.d=\"$1\" header.s=s" \
		'Received: x' "From: \"a, b\" <a@$1>" '' |
		dmarceval -a mx -z zone -i "$2" -t "$3" --db "${4-h.db}" >/dev/null
}

# A history that is not there
for command in "send $who" "print $who" status 'expire --keep 1' 'merge other.db' bounce export; do
	dmarcreport ${command%% *} --db typo.db ${command#"${command%% *}"} >out 2>&1 </dev/null
	is "${command%% *}: no history" "$?,$(grep -c "there is no history at typo.db, seen from the directory $work" out),$(ls typo.db* 2>/dev/null)" 75,1,
done

# The command line
dmarcreport stat --db h.db >out 2>&1
is 'an unknown subcommand: the list' "$?,$(grep -c 'no subcommand "stat"[;:].* send, print, status, expire, merge, bounce, export' out)" 64,1
dmarcreport help >out 2>&1
is 'help' "$?,$(grep -c '^usage: dmarcreport' out)" 0,1
dmarcreport help send >out 2>&1
is 'help send' "$?,$(grep -c -e '--failure-copy' out)" 0,1
message example.org 192.0.2.1 $day
dmarcreport print --db h.db --org '' --email d@mx.test -z zone >out 2>&1
is "--org ''" "$?,$(grep -c 'option --org is empty' out)" 64,1

# The first day
for i in 2 3 4 5; do message example.org 192.0.2.$i $day; done
like 'status on the first day' "$(dmarcreport status --db h.db -t $((day + 3600)))" \
	'^5 messages of 1 domain today; its report after 00:00 UTC$'
message silent.test 192.0.2.1 $day
like 'of two domains' "$(dmarcreport status --db h.db -t $((day + 3600)))" \
	'^6 messages of 2 domains today; the report for 1 of them after 00:00 UTC$'
dmarcreport send --db h.db $who -t $now --sendmail 'cat >/dev/null' >/dev/null
dmarcreport status --db h.db -t $now --all -j >out
ok 'status -j: JSON on each line' /usr/bin/python3 -c 'import json,sys; [json.loads(line) for line in open("out")]'
like 'a destination' "$(cat out)" '"type":"destination","day":"2026-11-22","domain":"example.org".*"state":"sent"'
like 'the sum' "$(cat out)" '"type":"total".*"sent":1'
dmarcreport status --db h.db -t $now --textfile figures.prom
is 'for Prometheus' "$?,$(grep -c '^assay_report_destinations{state="sent"} 1$' figures.prom),$(stat -c %a figures.prom)" 0,1,644
is 'each figure has its type' "$(grep -c '^# TYPE' figures.prom)" "$(grep -v '^#' figures.prom | sed 's/[ {].*//' | sort -u | wc -l)"

# Merge
message example.org 192.0.2.9 $day mx2.db
message example.org 192.0.2.9 $day mx3.db
sqlite3 mx3.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
echo 'this is no database' >text.db
: >empty.db
sqlite3 foreign.db 'CREATE TABLE x(y)'
cp mx3.db newer.db
sqlite3 newer.db 'PRAGMA user_version = 99'
cp mx3.db cut.db
truncate -s 3000 cut.db
mkdir directory.db
dmarcreport merge --db h.db typo.db text.db foreign.db newer.db cut.db directory.db mx2.db mx3.db >out 2>&1
is 'bad files are errors' "$?" 75
is 'and the others are merged' "$(grep -c ': 1 rows$' out),$(sqlite3 h.db 'SELECT count(*) FROM messages WHERE origin > 1')" 2,2
for name in typo text foreign newer cut directory; do
	is "$name.db is named" "$(grep -c "$name.db" out | sed 's/[1-9]/some/')" some
done
is 'none was made' "$(ls typo.db 2>/dev/null)" ''

# Expire gives the room back
rm -f big.db*
message example.org 192.0.2.1 $day big.db
sqlite3 big.db "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	INSERT INTO messages SELECT $day / 86400, 1, '198.51.100.' || i, 'h', 'e', 's', 'none', '', 'none', 'fail', 'fail', '', 1, 1 FROM n;
	PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
before=$(stat -c %s big.db)
dmarcreport expire --db big.db --keep 1 -t $((day + 86400 * 9)) >out 2>&1
like 'expire' "$(cat out)" '^dmarcreport: 20001 rows'
sqlite3 big.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
after=$(stat -c %s big.db)
ok "the file is smaller ($before, $after)" test "$after" -lt $((before / 4))

# Export
message example.org 192.0.2.7 $now
dmarcreport export --db h.db -t $((now + 100)) >out
is 'export: rows of days that are over' "$(wc -l <out)" 8
ok 'JSON lines' /usr/bin/python3 -c 'import json; rows = [json.loads(line) for line in open("out")]
assert sum(row["messages"] for row in rows) == 8 and rows[0]["dkim"] == ["fail example.org s"], rows'
dmarcreport export --db h.db -t $((now + 100)) --csv >out.csv
is 'the same in CSV' "$(/usr/bin/python3 -c 'import csv; rows = list(csv.DictReader(open("out.csv")))
print(len(rows), sum(int(row["messages"]) for row in rows), sorted(set(row["day"] for row in rows)))')" "8 8 ['2026-11-22']"
dmarcreport export --db h.db -t $((now + 100)) --cursor cursor >out
is 'with a cursor: a day of another host when a later one is here' "$(wc -l <out)" 6
dmarcreport export --db h.db -t $((now + 100)) --cursor cursor >out
is 'each row comes once' "$(wc -l <out)" 0
message example.org 192.0.2.9 $day mx2.db
message example.org 192.0.2.8 $now mx2.db
dmarcreport merge --db h.db mx2.db >/dev/null
dmarcreport export --db h.db -t $((now + 86400)) --cursor cursor >out
is 'the next day, and what was merged' "$(sed 's/.*"day":"\([^"]*\)".*"messages":\([0-9]*\)}/\1 \2/' out | sort | tr '\n' ' ')" '2026-11-22 2 2026-11-23 1 '
printf 'x y\n' >bad
dmarcreport export --db h.db --cursor bad >out 2>&1
is 'a damaged cursor' "$?,$(grep -c '^4.3.5 dmarcreport: bad:1: ' out)" 75,1
dmarcreport export --db h.db --csv --json >out 2>&1
is 'two forms' $? 64

# PostgreSQL: its statements are those of the page
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
if [ -x "$bin/initdb" ] && id postgres >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ]; then
	as() {
		setpriv --reuid postgres --regid postgres --clear-groups env HOME="$work/pg" "$@"
	}
	mkdir pg
	chmod 755 .
	chown postgres pg
	as "$bin/initdb" -D pg/data -A trust -N >/dev/null 2>&1
	as "$bin/pg_ctl" -D pg/data -w -o "-k $work/pg -c listen_addresses= -c fsync=off" -l pg/log start >/dev/null 2>&1
	trap 'as "$bin/pg_ctl" -D pg/data -m immediate stop >/dev/null 2>&1; rm -rf "$work"' EXIT
	sql() {
		as "$bin/psql" -h "$work/pg" -d postgres -At -v ON_ERROR_STOP=1 "$@"
	}
	mandoc -Tascii "$top/dmarcreport/dmarcreport.1" 2>/dev/null | col -bx >page ||
		sed -n '/^\.Bd/,/^\.Ed/p' "$top/dmarcreport/dmarcreport.1" >page
	sed -n '/CREATE TABLE dmarc(day/,/2026-12-01/p' page >create.sql
	sed -n '/-- sources of a domain/,/GROUP BY day ORDER BY day;/p' page >ask.sql
	copy=$(sed -n "/psql -c 'COPY/,/))'/p" page | tr '\n' ' ' | sed "s/.*-c '//; s/'.*//")
	sql -f - <create.sql >/dev/null
	is 'PostgreSQL: the table of the page' $? 0
	rm -f cursor
	dmarcreport export --db h.db -t $((now + 86400)) --csv --cursor cursor | sql -c "$copy" >/dev/null
	dmarcreport export --db h.db -t $((now + 86400)) --csv --cursor cursor | sql -c "$copy" >/dev/null
	is 'all rows are there, once' "$(sql -c 'SELECT count(*), sum(messages) FROM dmarc')" '8|9'
	is 'the queries of the page' "$(sql -f - <ask.sql | tail -n 1 | cut -d'|' -f1)" 2026-11-23
else
	echo "ok $((tests += 1)) - PostgreSQL # SKIP it is not here, or we are not root"
fi
done_testing
