#!/bin/sh
# The sandbox: what a tool does not need it cannot do, what it needs works.
. "$(dirname "$0")/lib.sh"
if [ ! -e /proc/self/status ] || ! grep -q '^Seccomp:' /proc/self/status; then
	skip_all 'this kernel has no seccomp, or /proc is not there'
fi
[ -z "${ASSAY_SANITIZED-}" ] || skip_all 'AddressSanitizer does what the sandbox is there to forbid'

cd "$work" || exit 1
mkdir tmp keys bases box "a b"
others=$(mktemp -d)
trap 'rm -rf "$work" "$others"' EXIT
export TMPDIR=$work/tmp
id=mx.sandbox.test
now=1795478400 # 2026-11-24
openssl genrsa -out keys/one.private 2048 2>/dev/null
cp keys/one.private keys/two.private
chmod 600 keys/*
{
	echo 'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"'
	echo '_dmarc.example.org. TXT "v=DMARC1; p=none; rua=mailto:reports@example.org"'
} >zone
printf 'From: a@example.org\nSubject: x\n\nbody\n' >small
{ cat small && yes "$(printf '%070d' 0)" | head -n 100000; } >large
printf 'one example.org:one:%s/keys/one.private\nany %%:two:%s/keys/%%.private\n' \
	"$work" "$work" >key.table
printf '*@example.org one\n' >signing.table
spf='spfcheck -i 192.0.2.1 -H h.example -f a@example.org'
sign="dkimsign -d example.org -s one -k $work/keys/one.private"
table="dkimsign --key-table $work/key.table --signing-table $work/signing.table"
record="dmarceval -i 192.0.2.1 --db bases/h.db -t $now"
report="--db bases/h.db --org Example --email dmarc@mx.example.net -t $((now + 86400))"
landlock=$(spfcheck -v -z zone -L example.org 2>&1 | sed -n 's/.*confined by Landlock \([0-9]*\).*/\1/p')
landlock=${landlock:-0}
echo "# Landlock: version $landlock"
shared=
ldd "$(command -v spfcheck)" >/dev/null 2>&1 && shared=1

# Before the first octet of a message, a request or a bounce comes.
new_history bases/h.db
mkfifo input
confined() {
	name=$1
	shift
	"$@" <input >/dev/null 2>&1 &
	process=$!
	exec 3>input
	tries=0
	until grep -q '^Seccomp:.*2' "/proc/$process/status" || [ $((tries += 1)) -eq 50 ]; do
		sleep 0.05
	done
	is "$name waits for its input without privileges" \
		"$(sed -n 's/^NoNewPrivs:[^0-9]*//p; s/^Seccomp:[^0-9]*//p' "/proc/$process/status" | tr '\n' ,)" 1,2,
	exec 3>&-
	wait $process
}
confined spfcheck $spf -z zone
confined 'spfcheck -P' spfcheck -P -z zone
confined dkimverify dkimverify -z zone
confined dmarceval $record -z zone
confined dkimsign $sign
confined 'dkimsign with tables' $table
confined 'dmarcreport bounce' dmarcreport bounce --db bases/h.db

# What an intruder gets at.
if [ -z "$shared" ]; then
	echo "ok $((tests += 1)) - intruders # SKIP need programs with shared libraries"
elif ! cc -shared -fPIC -D_GNU_SOURCE -o intruder.so "$top/tests/helpers/intruder.c" -ldl 2>err; then
	echo "ok $((tests += 1)) - intruders # SKIP need cc: $(head -n 1 err)"
else
	echo secret >"$others/other"
	# Without Landlock there are things that the filter alone cannot forbid to everybody.
	needs_landlock='^(read|write|make|remove|rename)_(passwd|other|file|unnamed_file) '
	# intruded NAME COMMAND...: no attempt succeeds, and the tool does its work
	intruded() {
		name=$1
		shift
		INTRUDE=all INTRUDE_DIR=$others LD_PRELOAD=$work/intruder.so "$@" <small >out 2>err
		status=$?
		sed -nE 's/^([a-z_]+): (done|E[A-Z]+)$/\1 \2/p' err >attempts
		is "$name: all attempts are made, and it goes on" "$(wc -l <attempts),$status" 15,0
		[ "$landlock" -gt 0 ] || sed -i -E "/$needs_landlock/d" attempts
		[ "$landlock" -ge 4 ] || sed -i '/^connect_smtp /d' attempts
		is "$name: none succeeds" "$(grep -E ' (done|ECONNREFUSED)$' attempts)" ''
		for attempt in execute trace; do
			INTRUDE=$attempt INTRUDE_DIR=$others LD_PRELOAD=$work/intruder.so \
				"$@" <small >out 2>err
			is "$name: $attempt is its end" "$?,$(grep -c -e executed -e ': ' err)" 159,0
		done 2>/dev/null
	}
	intruded spfcheck $spf -z zone
	intruded 'spfcheck with DNS' $spf -T 0.1
	intruded 'spfcheck -P' spfcheck -P -T 0.1
	mkdir -p lists && echo example.org >lists/trusted
	intruded 'spfcheck -P with a list' spfcheck -P -T 0.1 --allow-domains $work/lists/trusted
	intruded 'spfcheck --flatten' spfcheck -q --flatten example.org -z zone
	intruded 'dkimverify with DNS' dkimverify -T 0.1
	intruded 'dmarceval with DNS' dmarceval -T 0.1
	intruded 'dmarceval with a history' $record -z zone
	intruded 'dmarceval --make-record' dmarceval --make-record p=none
	intruded 'dkimsign' $sign
	intruded 'dkimsign with tables' $table
	intruded 'dkimsign rotate' dkimsign rotate --key-table key.table -z zone --dry-run
	intruded 'dmarcreport print' dmarcreport print $report -z zone -o box
	intruded 'dmarcreport send' dmarcreport send $report -z zone --sendmail true
	for command in status 'expire --keep 9' bounce; do
		intruded "dmarcreport $command" dmarcreport $command --db bases/h.db
	done
	is 'nobody has made or changed anything' "$(ls "$others"),$(cat "$others/other")" other,secret
fi

# What a tool needs.
tmpdir() {
	TMPDIR=$2 $spf -z zone <large >out
	is "a large message is kept in $1" "$?,$(tail -c "$(wc -c <large)" out | cmp - large)" 0,
}
ln -s ../tmp "a b/link"
tmpdir 'a directory with a space in its name' "$work/a b"
tmpdir 'a symbolic link' "$work/a b/link"
tmpdir 'a relative directory' tmp
TMPDIR='' dkimverify -z zone <large >out
is 'a large message is kept in /tmp without TMPDIR' $? 0
TMPDIR=$work/absent dkimverify -z zone <large >out 2>err
is 'a directory that is not there is named' "$?,$(cat err)" \
	"75,4.3.1 dkimverify: cannot spool the message in $work/absent: No such file or directory"

printf 'Authentication-Results: %s; spf=pass smtp.mailfrom=a@example.org\n' $id | cat - small >passed
# stored PATH: a row goes into a history that is not there yet
stored() {
	dmarceval -a $id -i 192.0.2.1 --db "$1" -t $now -z zone <passed >out 2>err
	is "a history in $1" "$?,$(cat err),$(sqlite3 "$1" 'SELECT sum(count) FROM messages')" 0,,1
}
mkdir fresh links linked
stored fresh/h.db
stored h.db
stored "$work/a b/h.db"
ln -s ../linked/real.db links/h.db
stored links/h.db
is 'a symbolic link gets its file, and the spill file beside it' \
	"$(ls linked | tr '\n' ,),$(ls links | tr '\n' ,)" \
	'real.db,,h.db,h.db-side,'
ln -s linked through
stored through/h.db
rm fresh/h.db
mkdir fresh/h.db
dmarceval -a $id -i 192.0.2.1 --db fresh/h.db -t $now -z zone <passed >out 2>err
is 'the row waits in the spill file when the history cannot be opened' \
	"$?,$(grep -c 'the row waits beside it' err),$(grep -c example.org fresh/h.db-side)" 0,1,1

ln -s ../keys/one.private links/one.private
$spf -n -z zone >/dev/null
dkimsign -q -d example.org -s one -k links/one.private <small >out
is 'a key behind a symbolic link' "$?,$(grep -c '^DKIM-Signature' out)" 0,1
mkdir keys/sub
cp keys/one.private keys/example.org.private
printf '*@example.org any\n' >signing.any
dkimsign -q --key-table key.table --signing-table signing.any <small >out
is 'a key of a table, with the domain in its name' "$?,$(grep -c '^DKIM-Signature' out)" 0,1
{
	echo 'any %:two:./keys/%.private'
	for number in $(seq 70); do echo "k$number example.org:s:./keys/one.private"; done
} >large.table
dkimsign -q --key-table large.table --signing-table signing.any <small >out
is 'a key of a large table' "$?,$(grep -c '^DKIM-Signature' out)" 0,1
dkimsign genkey -d example.org -s made -D keys/sub >out
is 'genkey writes its four files' "$?,$(ls keys/sub | tr '\n' ,)" \
	'0,made.nsupdate,made.private,made.txt,made.value,'
printf 'one example.org:one:links/one.private\n' | sed 's,links/,./links/,' >rotated
dkimsign rotate --key-table rotated -z zone -t $((now + 400 * 86400)) >out
is 'rotate makes a key beside the old one' "$?,$(ls links | grep -c '^20.*private$')" 0,1

# The command of send is outside: it is often a program that changes its group.
dmarcreport send --db h.db --org Example --email dmarc@mx.example.net -t $((now + 86400)) -z zone \
	--sendmail "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status >given; cat >mail" >out
is 'the command of send is not confined' \
	"$?,$(tr -d '\t\n' <given),$(grep -c '^Subject: ' mail)" 0,NoNewPrivs:0Seccomp:0,1

# Kernels that have less.
if cc -o old_kernel "$top/tests/helpers/old_kernel.c" 2>/dev/null && ./old_kernel 9999 true; then
	number() {
		printf '#include <sys/syscall.h>\nSYS_%s\n' "$1" | cc -E - | tail -n 1
	}
	for part in landlock_create_ruleset:Landlock seccomp:seccomp; do
		without="./old_kernel $(number ${part%:*})"
		$without $spf -z zone <small >out 2>err
		is "without ${part#*:} it goes on" "$?,$(tail -c "$(wc -c <small)" out | cmp - small)" 0,
		is 'and does not fill the log' "$(cat err)" ''
		is 'but -v tells' "$($without $spf -v -z zone <small 2>&1 >out | head -n 1)" \
			"spfcheck: warning: not fully confined: ${part#*:}: Function not implemented"
		if script -qec true log >/dev/null 2>&1; then
			is 'and a terminal is told' "$(script -qec "$without $spf -n -z zone" log | tr -d '\r' |
				grep 'confined')" \
				"spfcheck: warning: not fully confined: ${part#*:}: Function not implemented"
			is 'unless with -q' "$(script -qec "$without $spf -n -q -z zone" log | grep -vc '^spf=')" 0
		else
			skip 'and a terminal is told' 'there are no terminals'
		fi
	done
	[ -z "$shared" ] || INTRUDE=all INTRUDE_DIR=$others LD_PRELOAD=$work/intruder.so \
		./old_kernel "$(number landlock_create_ruleset)" $spf -z zone <small 2>err >out
	[ -z "$shared" ] || is 'without Landlock the filter still protects what is there' \
		"$(grep -cE '^(read_passwd|read_other|write_other): E' err)" 3
fi
done_testing
