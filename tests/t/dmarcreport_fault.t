#!/bin/sh
# Reports over a network that fails in every way, and runs that are killed before every change of a
# file: each destination gets each report once, or "status" says why not.
. "$(dirname "$0")/lib.sh"
PATH=$top/dmarcreport:$PATH
cd "$work" || exit 1
now=1795478400 # 2026-11-24

# fill DATABASE RECIPIENT...: a history of two days, with these destinations
fill() {
	database=$1
	shift
	rm -f "$database" "$database"-*
	new_history "$database"
	rua=$(printf ',mailto:%s@example.org' "$@")
	sqlite3 "$database" "INSERT INTO policy VALUES(1, 'example.org',
		'v=DMARC1; p=none; rua=${rua#,}');
		INSERT INTO messages SELECT 20779 + value, 1, '192.0.2.1', 'example.org', 'example.org',
		'example.org', 'pass', '', 'none', 'pass', 'fail', '', 1, 5 + value
		FROM generate_series(0, 1)" 2>/dev/null ||
		sqlite3 "$database" "WITH series(value) AS (VALUES(0), (1))
		INSERT INTO messages SELECT 20779 + value, 1, '192.0.2.1', 'example.org', 'example.org',
		'example.org', 'pass', '', 'none', 'pass', 'fail', '', 1, 5 + value FROM series"
}

# send TIME [OPTION...]: one run
send() {
	time=$1
	shift
	dmarcreport send --db h.db --org Example --email dmarc@mx.example.net -z /dev/null \
		-t "$time" "$@" >out 2>&1
}

# A real SMTP server.
mkdir box
/usr/bin/python3 "$top/tests/helpers/smtp_sink.py" serve box >port &
sink=$!
trap 'kill $sink; rm -rf "$work"' EXIT
while [ ! -s port ]; do sleep 0.05; done
printf '#!/bin/sh\nexec /usr/bin/python3 %s/tests/helpers/smtp_sink.py send %s "$SENDER" "$@"\n' \
	"$top" "$(cat port)" >submit
chmod +x submit
fill h.db accept refuse busy drop delay second
send $now --sendmail './submit "$@"' --sendmail-timeout 1
is 'a run over bad destinations ends well' $? 0
is 'the good one has both reports' "$(ls box)" "$(printf 'accept@example.org.1\naccept@example.org.2')"
like 'and the others wait' "$(cat out)" '^dmarcreport: 2 sent, 10 to be tried again, 0 given up'
dmarcreport status --db h.db >status
for pattern in 'refuse@example.org: failed 1 time.*: exit status 67 550 .*no such user' \
	'busy@example.org: failed 1 time.*: exit status 75 451 ' \
	'drop@example.org: failed 1 time.*: exit status 75 ' \
	'delay@example.org: failed 1 time.*: the command did not end in time' \
	'second@example.org: failed 1 time.*: other mail to this address has just failed'; do
	like "status: $pattern" "$(cat status)" "$pattern"
done
send $now --sendmail './submit "$@"' --sendmail-timeout 1
is 'nothing is tried again too early' "$?,$(cat out)" 0,
send $((now + 1000)) --sendmail './submit "$@"' --sendmail-timeout 1
is 'what worked at the second try is there' \
	"$(echo box/second*)" 'box/second@example.org.1 box/second@example.org.2'
sed 's/^To: .*//; s/\.[0-9a-f]*@mx/@mx/' box/accept@example.org.1 >a
sed 's/^To: .*//; s/\.[0-9a-f]*@mx/@mx/' box/second@example.org.1 >b
ok 'and the same as the first' cmp a b
send $((now + 10000)) --sendmail './submit "$@"' --sendmail-timeout 1
for day in 1 2 3 4 5 6 7 8; do
	send $((now + day * 90000)) --sendmail './submit "$@"' --sendmail-timeout 1 --tries 6
done
dmarcreport status --db h.db >status
is 'at the end all others are given up, each with a reason' \
	"$(grep -c 'given up 20.*: .* ([0-9]* tries)$' status),$(tail -n 1 status)" \
	'8,4 sent, 0 waiting, 8 given up'
is 'an unknown user after three tries' "$(grep -c 'refuse.*no such user (3 tries)' status)" 2
is 'nobody has got anything twice' "$(ls box | wc -l)" 4

# Two runs at once.
fill h.db one two
send $now --sendmail 'sleep 1' &
first=$!
sleep 0.4
dmarcreport send --db h.db --org E --email d@mx.example.net -z /dev/null -t $now >second 2>&1
is 'a second run ends' "$?,$(grep -c 'another run is at work' second)" 75,1
wait $first
is 'the first does all' "$(dmarcreport status --db h.db)" '4 sent, 0 waiting, 0 given up'

# A run is killed while the command is at work, which goes on.
beyond_valgrind 'a run is killed while its command is at work' || {
	fill h.db one
	echo 'echo >>handed_over; sleep 1' >slow
	dmarcreport send --db h.db --org E --email d@mx.example.net -z /dev/null -t $now \
		--sendmail '. ./slow' &
	first=$!
	while [ ! -s handed_over ]; do sleep 0.05; done
	kill -9 $first
	wait $first 2>/dev/null
	send $now --sendmail true
	is 'nobody interferes with a command that is still at work' \
		"$?,$(grep -c 'another run is at work' out)" 75,1
	sleep 1.2
	send $now --sendmail '. ./slow'
	is 'what it has done is booked' "$?,$(cat out)" '0,dmarcreport: 2 sent, 0 to be tried again, 0 given up'
	is 'and not done again' "$(wc -l <handed_over)" 2
}

# Killed before every single change of a file.
if [ -n "${ASSAY_SANITIZED-}" ] || ! cc -shared -fPIC -D_GNU_SOURCE -o killer.so "$top/tests/helpers/killer.c" \
	-ldl 2>/dev/null || ! ldd "$top/dmarcreport/dmarcreport" >/dev/null 2>&1; then
	echo "ok $((tests += 1)) - killed runs # SKIP needs cc and a program with shared libraries"
	done_testing
	exit
fi
cat >keep <<'S'
#!/bin/sh
# keeps a mail, in full or not at all
unset LD_PRELOAD KILL_AT
cat >"box/temporary.$$"
mv "box/temporary.$$" "box/$1.$$"
S
chmod +x keep
fill h.db one two
mkdir fresh runs
cp h.db* fresh
rm -rf box
at=0
while
	at=$((at + 1))
	rm -f h.db*
	mkdir -p box "runs/$at"
	cp fresh/* .
	KILL_AT=$at LD_PRELOAD=$work/killer.so dmarcreport send --db h.db --org Example \
		--email dmarc@mx.example.net -z /dev/null -t $now --sendmail 'exec ./keep "$@"' >out 2>&1
	status=$?
	[ $status -gt 128 ]
do
	# What the killed run has started may still be at work.
	while ! send $now --sendmail './keep "$@"' && grep -q 'another run' out; do sleep 0.02; done
	send $((now + 5000)) --sendmail './keep "$@"'
	dmarcreport status --db h.db >"runs/$at/status"
	mv box "runs/$at"
done
rmdir "runs/$at"
# What has become of the two reports to two destinations: all that is wrong, how many mails were in
# doubt, how many have come twice.
/usr/bin/python3 - >judged <<'P'
import glob, os, re
bad, doubts, resent = [], 0, 0
for run in sorted(glob.glob('runs/*'), key=lambda path: int(os.path.basename(path))):
    at = os.path.basename(run)
    status = open(run + '/status').read()
    doubts += len(re.findall('in doubt: ', status))
    mails = {os.path.basename(path): open(path).read() for path in glob.glob(run + '/box/*')}
    if not status.endswith('\n4 sent, 0 waiting, 0 given up\n') and \
            status != '4 sent, 0 waiting, 0 given up\n':
        bad.append(at + ':state')
    for who in 'one', 'two':
        for day in '20261122', '20261123':
            got = sum(name.startswith(who + '@') and
                      re.search('^Message-ID: <' + day, text, re.M) is not None
                      for name, text in mails.items())
            resent += got != 1
            if got != 1 and not (got == 2 and re.search('to %s@.*in doubt: ' % who, status)):
                bad.append('%s:%s:%d' % (at, who, got))
    for text in mails.values():
        if not re.search(r'^--=_.*--\n\Z', text, re.M):
            bad.append(at + ':incomplete')
print('bad=%s' % ' '.join(bad))
print('doubts=%d resent=%d' % (doubts, resent))
P
is "killed $((at - 1)) times: each report once, or status says why not" "$(head -n 1 judged)" bad=
is 'and the last run was not killed' $status 0
ok "it has been killed often enough ($at; $(sed -n '2p' judged))" test $at -gt 60
done_testing
