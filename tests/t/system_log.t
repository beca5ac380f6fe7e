#!/bin/sh
# What is said in the system log: Postfix shows nobody the standard error of a filter that succeeds.
. "$(dirname "$0")/lib.sh"

if [ -z "${ASSAY_NAMESPACE-}" ]; then
	unshare -m true 2>/dev/null || skip_all 'needs root for a mount namespace'
	rm -rf "$work"
	ASSAY_NAMESPACE=1 exec unshare -m sh "$0"
fi
# A /dev of our own, with a log of our own.
mkdir "$work/dev"
mount -t tmpfs none "$work/dev" || skip_all 'cannot mount'
cp -a /dev/null /dev/zero /dev/urandom "$work/dev" || skip_all 'cannot make devices'
mount --bind "$work/dev" /dev
sink=
trap 'kill -9 $sink 2>/dev/null; umount -l /dev; umount -l "$work/dev"; rm -rf "$work"' EXIT

start_sink() {
	rm -f /dev/log "$work/log"
	/usr/bin/python3 "$top/tests/helpers/log_sink.py" /dev/log "$work/log" &
	sink=$!
	while [ ! -e "$work/log" ]; do sleep 0.02; done
}

# logged PATTERN: waits until the log has a line like this
logged() {
	tries=0
	until grep -Eq -- "$1" "$work/log" 2>/dev/null; do
		[ $((tries += 1)) -lt 100 ] || return 1
		sleep 0.02
	done
}

id=mx.log.test
db=$work/history.db
echo '_dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:d@example.org"' >"$work/zone"
printf 'Received: x\nFrom: a@example.org\n\nbody\n' >"$work/message"
evaluate() {
	timeout 20 dmarceval -a $id -z "$work/zone" -i 192.0.2.1 "$@" <"$work/message" \
		>"$work/out" 2>"$work/err"
	status=$?
}

start_sink
evaluate --db "$db"
is 'all is well' "$status,$(cat "$work/log")" 0,
sqlite3 "$db" 'PRAGMA user_version = 99'
evaluate --db "$db"
is 'a row has to wait: the message passes' $status 0
ok 'the log says so' logged \
	"^<20>dmarceval\[[0-9]+\]: history: $db: .*version 99.*; the row waits beside it\$"
evaluate --db "$work/absent/history.db"
is 'a row is lost: the message passes' $status 0
ok 'the log says so, more loudly' logged '^<19>dmarceval\[[0-9]+\]: history: .*; the row of this message is lost$'
is 'each once' "$(wc -l <"$work/log")" 2
evaluate -q --db "$db"
evaluate -q --db "$work/absent/history.db"
ok 'with -q' logged 'absent'
is 'only the loss is told' "$(grep -c 'lost$' "$work/log"),$(wc -l <"$work/log")" 2,3

# A log that hangs holds up nobody, and one that is not there is no trouble.
kill -STOP $sink
/usr/bin/python3 "$top/tests/helpers/log_sink.py" fill /dev/log
begin=$(date +%s%N)
evaluate --db "$work/absent/history.db"
is 'a log daemon that hangs' $status 0
ok 'delays no mail' test $((($(date +%s%N) - begin) / 1000000)) -lt 3000
kill -9 $sink
wait $sink 2>/dev/null
evaluate --db "$db"
is 'a log daemon that is gone' "$status,$(grep -c 'waits beside' "$work/err")" 0,1
rm /dev/log
evaluate --db "$db"
is 'no log at all' "$status,$(grep -c 'waits beside' "$work/err")" 0,1

# Under spawn(8) standard error is the connection
cat >"$work/spawn.py" <<'P'
"""The policy service as spawn(8) starts it: one socket for everything; prints the answer."""
import socket, subprocess, sys
ours, theirs = socket.socketpair()
process = subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=theirs, stderr=theirs)
theirs.close()
request = ("request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address=192.0.2.1\n"
           "helo_name=mail.example.org\nsender=a@example.org\nrecipient=b@example.net\n\n")
for _ in range(2):
    ours.sendall(request.encode())
    print(ours.recv(65536).decode().strip())
    if len(sys.argv) > 2 and sys.argv[-1] == "-v":
        input()
ours.close()
process.wait()
P
start_sink
(
	logged '.' || exit 1
	kill -9 $sink
	start_sink
	echo
	logged '.'
	echo
	cp "$work/log" "$work/second"
	kill -9 $sink
) 2>/dev/null | /usr/bin/python3 "$work/spawn.py" spfcheck --policy -a $id -z "$work/zone" -v >"$work/answers"
is 'the policy service says nothing but its answers' "$(grep -cv '^action=' "$work/answers")" 0
ok 'and the rest to the log' grep -Eq '^<22>assay/spf\[[0-9]+\]: ' "$work/second"
sink=

# The gate: spawn(8) makes the connection to Postfix its standard error
start_sink
"$top/tests/helpers/milter_client.py" "$work/message" -- gate milter --nonsense -- cat >"$work/out" 2>&1
is 'the gate says nothing to Postfix that is no milter packet' "$(cat "$work/out")" 'the connection was lost'
ok 'but to the log' logged '^<19>assay/gate\[[0-9]+\]: .*--nonsense'
done_testing
