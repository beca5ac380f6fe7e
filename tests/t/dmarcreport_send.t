#!/bin/sh
# How reports leave: signed in a pipe or by the script, not too fast, watched on a terminal; and the
# examples for cron and systemd.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
who='--db h.db --org Example --email dmarc@mx.example.net -z zone'
day=1795305600 # 2026-11-22
now=$((day + 86400))
examples=$top/dmarcreport/examples

# fill RECIPIENT...: a history of one message, whose domain has these destinations
fill() {
	rm -rf h.db* box
	mkdir box
	new_history h.db
	sqlite3 h.db "INSERT INTO policy VALUES(1, 'example.org',
		'v=DMARC1; p=none; rua=$(printf ',mailto:%s@example.org' "$@" | cut -c2-)');
		INSERT INTO messages VALUES($day / 86400, 1, '192.0.2.1', 'example.org', 'example.org',
		'example.org', 'pass', '', 'none', 'pass', 'fail', '', 1, 1)"
}

# send [OPTION...]: one run
send() {
	# shellcheck disable=SC2086 # a list of words
	dmarcreport send $who -t "${time-$now}" "$@" >out 2>&1
}

cat >sink <<'S'
#!/bin/sh
# stands for sendmail(1): a mail becomes a file
while [ "$1" != -- ]; do shift; done
cat >"box/$2"
S
chmod +x sink
dkimsign genkey -d mx.example.net -s mail -D . >/dev/null
cp mail.txt zone
sign='dkimsign -d mx.example.net -s mail -k'

# A pipe
fill one
send --sendmail "$sign mail.private | ./sink -i -f \"\$SENDER\" -- \"\$@\""
like 'a pipe: sent' "$(cat out)" '^dmarcreport: 1 sent, 0 to be tried again'
like 'a pipe: signed' "$(dkimverify -n -z zone <box/one@example.org)" '^dkim=pass header.d=mx.example.net'
fill one
send --sendmail "$sign absent | ./sink -i -f \"\$SENDER\" -- \"\$@\""
is 'of a pipe, sh sees only the end: an empty mail has left, as the manual says' \
	"$(grep -c '1 sent' out),$(wc -c <box/one@example.org)" 1,0
if command -v bash >/dev/null; then
	fill one
	send --sendmail "exec bash -o pipefail -c '$sign absent | ./sink -i -f \"\$SENDER\" -- \"\$@\"' - \"\$@\""
	is 'with pipefail, what could not be signed is not booked as sent' \
		"$(grep -c '0 sent, 1 to be tried again' out)" 1
fi

# The script
sed "s#/etc/dkim/example.com/#$work/#; s#-d example.com#-d mx.example.net#; s#/usr/sbin/sendmail#$work/sink#" \
	"$examples/sign-and-send" >sign-and-send
chmod +x sign-and-send
fill one two
send --sendmail './sign-and-send "$@"' --bcc archive@mx.example.net
like 'sign-and-send: sent' "$(cat out)" '^dmarcreport: 2 sent, 0 to be tried again'
like 'sign-and-send: signed' "$(dkimverify -n -z zone <box/two@example.org)" '^dkim=pass header.d=mx.example.net'
mv mail.private elsewhere
fill one
send --sendmail './sign-and-send "$@"'
like 'sign-and-send: no key, no mail' "$(cat out),$(ls box)" '^dmarcreport: 0 sent, 1 to be tried again.*,$'
like 'sign-and-send: status says why' "$(dmarcreport status --db h.db)" 'failed 1 time.* dkimsign: '
mv elsewhere mail.private
time=$((now + 1000)) send --sendmail './sign-and-send "$@"'
like 'sign-and-send: the key is back' "$(cat out),$(ls box)" '^dmarcreport: 1 sent.*,one@example.org$'

# Not too fast
fill one two three
begin=$(date +%s%N)
send --rate 120 --sendmail './sink -- "$@"'
elapsed=$((($(date +%s%N) - begin) / 1000000))
is '--rate: sent' "$(ls box | wc -l)" 3
ok "--rate 120: half a second for each ($elapsed ms)" test $elapsed -ge 1500

# Watched
if script -qec true /dev/null >/dev/null 2>&1; then
	watch() {
		# shellcheck disable=SC2046 # 30 names
		fill $(seq 1 "$1")
		shift
		script -qec "dmarcreport send $who -t $now --sendmail 'cat >/dev/null' $*" /dev/null </dev/null >seen 2>&1
		tr '\r' '\n' <seen >lines
	}
	watch 30 --max-destinations 30
	is 'on a terminal each step is shown' \
		"$(grep -c '^dmarcreport: [0-9]* of 30$' lines),$(grep -c '^dmarcreport: 30 sent' lines)" 30,1
	watch 30 --max-destinations 30 -q
	is 'not with -q' "$(wc -c <seen)" 0
	watch 3
	is 'nor when there is little to do' "$(grep -c ' of ' lines),$(grep -c '^dmarcreport: 3 sent' lines)" 0,1
fi
# shellcheck disable=SC2046
fill $(seq 1 30)
send --max-destinations 30 --sendmail 'cat >/dev/null'
is 'nor in a mail of cron' "$(cat out)" 'dmarcreport: 30 sent, 0 to be tried again, 0 given up'

# In doubt: nobody is left who could tell
fill one
send --sendmail 'exit 75'
sqlite3 h.db "UPDATE destination SET state = 'sending'"
: >h.db-sending
cp h.db doubtful
send --in-doubt keep --sendmail './sink -- "$@"'
like '--in-doubt keep' "$(ls box),$(dmarcreport status --db h.db)" '^,2026-11-22 .*: given up .*: in doubt: .*not sent again'
cp doubtful h.db
rm -f h.db-wal h.db-shm
time=$((now + 1000)) send --in-doubt resend --sendmail './sink -- "$@"'
like '--in-doubt resend' "$(ls box),$(dmarcreport status --db h.db)" '^one@example.org,2026-11-22 .*: sent .*: in doubt: .*once more'

# cron: each line runs as it is
fill one
grep -v '^#\|^MAILTO=\|^$' "$examples/cron" >lines
sed -n 's/^#\([0-9].*\)/\1/p' "$examples/cron" >>lines
for name in mx2 mx3; do new_history $name.db; done
is 'cron: three lines' "$(wc -l <lines)" 3
is 'cron: minute, hour, days, user, absolute command' \
	"$(grep -cE '^[0-9]+ [0-9*]+ \* \* \* assay /usr/local/bin/dmarcreport (send|expire|merge) ' lines)" 3
while read -r line; do
	command=$(echo "$line" | cut -d' ' -f7- | sed "s#/usr/local/bin/##; s#/var/lib/assay/history.db#h.db#; s#/var/lib/assay/##g")
	case $command in
	*' send '*) command="$command -t $now -z zone --sendmail 'cat >/dev/null'" ;;
	esac
	sh -c "$command" >out 2>&1
	is "cron: $(echo "$command" | cut -d' ' -f1-2)" "$?,$(grep -cv '1 sent' out)" 0,0
done <lines

# systemd
if command -v systemd-analyze >/dev/null; then
	mkdir units
	for unit in "$examples"/assay-dmarcreport.*; do
		sed "s#/usr/local/bin/dmarcreport#$top/dmarcreport/dmarcreport#; s/^User=.*/User=root/" "$unit" \
			>"units/${unit##*/}"
	done
	systemd-analyze verify ./units/assay-dmarcreport.timer ./units/assay-dmarcreport.service >out 2>&1
	is 'systemd: the units' "$?,$(grep -c assay-dmarcreport out)" 0,0
fi
done_testing
