#!/bin/sh
# Many messages, one process: what the filters promise of --stream (assay(7)).
. "$(dirname "$0")/lib.sh"
. "$top/tests/helpers/frames.sh"

cd "$work" || exit 1
id=mx.example.net
demo=$data/demo
common="-a $id -z $demo/zone"
openssl genrsa -out key 2048 2>/dev/null
sign="-q -d shop.example -s s -k $work/key"

# stage TOOL [ARGUMENT...]: the tool with --stream, on the zone of the demonstration
stage() {
	"$@" --stream $common 2>>errors
}

# attribute NAME FILE: its values, one a line
attribute() {
	sed -n "s/^$1=//p" "$2"
}

# shop MESSAGE [NAME=VALUE...]: a frame of mail from the shop's own server
shop() {
	file=$1
	shift
	frame "$file" client_address=192.0.2.10 helo_name=mail.shop.example \
		sender=orders@shop.example "$@"
}

spoof() {
	frame "$1" client_address=203.0.113.66 helo_name=phish.example sender=bounce@phish.example
}

# rows DATABASE: the messages in a history
rows() {
	/usr/bin/python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT sum(count) FROM messages").fetchone()[0])' "$1"
}

# The chain, by the shell: a good message, a spoofed one, and the good one again.
sed 's|www.shop.example/track|www.shop.example.phish.example/track|' "$demo/message" >spoofed
{ shop "$demo/message" queue_id=4X; spoof spoofed; shop "$demo/message" queue_id=4Z; } >frames
stage spfcheck <frames | stage dkimverify | stage dmarceval --db history.db >out
ok 'the chain: three frames come out' eval \
	'unframe a1 m1 && unframe a2 m2 && unframe a3 m3 && ! unframe a4 m4' <out
is 'the good message: disposition' "$(attribute disposition a1)" none
is 'the good message: results of all stages' \
	"$(attribute result a1 | sed 's/ .*//' | tr '\n' ' ')" 'spf=pass dkim=pass dkim=pass dmarc=pass '
is 'its envelope is passed on' "$(attribute queue_id a1) $(attribute sender a1)" '4X orders@shop.example'
is 'the spoofed message: disposition' "$(attribute disposition a2)" quarantine
like 'the spoofed message: why' "$(attribute reason a2)" 'shop.example: p=reject'
is 'the good one again: nothing is left of the spoofed one' \
	"$(grep -v -e ^queue_id -e ^deadline a3)" "$(grep -v -e ^queue_id -e ^deadline a1)"
{
	spfcheck $common -i 192.0.2.10 -H mail.shop.example -f orders@shop.example <"$demo/message" |
		dkimverify $common | dmarceval $common >alone
	spfcheck $common -i 203.0.113.66 -H phish.example -f bounce@phish.example <spoofed |
		dkimverify $common | dmarceval $common >alone2
}
ok 'the good message leaves as from a chain of its own' cmp alone m1
ok 'so does the spoofed one' cmp alone2 m2
ok 'and the good one again' cmp alone m3
is 'the history has all of them' \
	"$(rows history.db)" 3

spoof spoofed | stage spfcheck | stage dkimverify | stage dmarceval --reject always >out
unframe a m <out
is 'with --reject always it is rejected' "$(attribute disposition a)" reject

# Page and helper say the same.
code() {
	sed -n '/^frame()/,/^}/p; /^unframe()/,/^}/p' "$1" | sed 's/\\e/\\/g; s/	# .*//' | tr -d '\n\t\\ '
}
is 'frame and unframe are those of assay(7)' "$(code "$top/lib/man/assay.7")" \
	"$(code "$top/tests/helpers/frames.sh")"

# Options that have no meaning here.
refused() {
	like "$1" "$(shift; "$@" --stream 2>&1 </dev/null)" '^4\.3\.5 .*has no meaning with --stream$'
}
refused 'spfcheck -i' spfcheck -i 192.0.2.1
refused 'spfcheck -H' spfcheck -H h.example
refused 'spfcheck -f' spfcheck -f a@example.org
refused 'spfcheck -r' spfcheck -r
refused 'dmarceval -i' dmarceval -i 192.0.2.1
refused 'dmarceval -f' dmarceval -f a@example.org
refused 'dmarceval --client-name' dmarceval --client-name h.example
refused 'dkimsign -i' dkimsign $sign --internal-hosts /dev/null -i 192.0.2.1
for tool in spfcheck dkimverify dmarceval "dkimsign $sign"; do
	like "${tool%% *} -n" "$($tool -n --stream 2>&1 </dev/null)" 'has no meaning with --stream'
done
like 'spfcheck --policy' "$(spfcheck --policy --stream 2>&1 </dev/null)" '--stream has no meaning'
like 'dmarceval --lint' "$(dmarceval --lint example.org --stream 2>&1 </dev/null)" '--stream has no meaning'
for tool in spfcheck dkimverify dmarceval "dkimsign $sign"; do
	is "${tool%% *}: no frames at all" "$(stage $tool </dev/null | wc -c) $?" '0 0'
done

# What goes wrong with one message, with the stream, or with a stage.
for tool in spfcheck dkimverify "dmarceval --db $work/other.db" "dkimsign $sign"; do
	which=${tool%% *}
	for kind in recover broken cut killed kept; do
		case $kind$ASSAY_SANITIZED in
		recover) title='a message that cannot be handled is a status, and leaves no trace' ;;
		broken) title='a bad frame is 75, and what came before it is complete' ;;
		cut) title='an input that ends within a frame is 75' ;;
		killed) title='killed, it leaves nothing that looks complete' ;;
		kept) title='10,000 messages need the memory of 100' ;;
		esac
		[ $kind != kept ] || [ -z "${ASSAY_SANITIZED-}" ] || continue
		ok "$which: $title" /usr/bin/python3 "$top/tests/helpers/stream_faults.py" $kind \
			$tool --stream $common
	done
done

# Nobody is believed but the frame.
{
	printf 'Authentication-Results: %s; spf=pass smtp.mailfrom=orders@shop.example\n' $id
	printf 'Authentication-Results: %s; dkim=pass header.d=shop.example header.s=s\n' $id
	printf 'Received-SPF: pass receiver=mx; identity=mailfrom; envelope-from="orders@shop.example"\n'
	printf 'Received: by mx.example.net\nAuthentication-Results: %s; dmarc=pass\n' $id
	printf 'From: orders@shop.example\n\nbody\n'
} >forged
spoof forged | stage dmarceval >out
unframe a m <out
is 'fields above the border are not believed in a stream' "$(attribute disposition a)" quarantine
is 'what is forged below it is removed' "$(grep -c 'dmarc=pass' m)" 0
sed '/^Received:/d' forged >forged2
spoof forged2 | stage dkimverify >out
unframe a m <out
is 'without a border all with our name is removed by the first stage' \
	"$(grep -c "$id; .*=pass" m)" 0
spoof forged2 | stage spfcheck --header ar | stage dkimverify | stage dmarceval >out
unframe a m <out
is 'but not what the stages before have written' "$(grep -c "^Authentication-Results: $id; " m)" 3
shop "$demo/message" 'result=spf=fail smtp.mailfrom=orders@shop.example' \
	'result=dkim=pass header.d=shop.example' | stage dmarceval >out
unframe a m <out
like 'results of the frame are believed' "$(attribute result a | tail -1)" '^dmarc=pass .*DKIM'
shop "$demo/message" 'result=spf=pass smtp.mailfrom=orders@shop.example (' \
	'result=nonsense' 'result=' | stage dmarceval >out
unframe a m <out
like 'a result that cannot be read is none' "$(attribute result a | tail -1)" '^dmarc=fail'

# What an option needs and the frame does not tell.
frame "$demo/message" helo_name=h sender=a@example.org | stage spfcheck >out
unframe a m <out
like 'spfcheck needs the client_address' "$(attribute status a)" '^4\.3\.0 .*client_address'
frame "$demo/message" client_address=192.0.2.10 helo_name=h | stage spfcheck >out
unframe a m <out
like 'spfcheck needs the sender' "$(attribute status a)" '^4\.3\.0 .*sender'
frame "$demo/message" client_address=192.0.2.10 sender= | stage spfcheck >out
unframe a m <out
like 'the null sender and no HELO are known' "$(attribute result a)" '^spf='
frame "$demo/message" sender=a@example.org | stage dmarceval --db history.db >out
unframe a m <out
like 'a history needs the client_address' "$(attribute status a)" '^4\.3\.0 .*client_address.*--db'

# deadline LEFT [OPTION...]: what a frame with so much time left has when it comes out
deadline() {
	left=$1
	shift
	shop "$demo/message" ${left:+deadline=$left} | stage spfcheck "$@" >out
	unframe a m <out
	attribute deadline a
}
between() {
	awk -v value="$2" -v from="$3" -v to="$4" 'BEGIN { exit !(value >= from && value <= to) }' &&
		report 0 "$1" && return
	report 1 "$1: $2"
}
between 'the deadline is that of the frame' "$(deadline 5)" 1 5
between 'but no more than -T' "$(deadline 50 -T 3)" 1 3
between 'without one it is -T' "$(deadline '' -T 3)" 1 3
is 'a deadline that has passed' "$(deadline -1)" 0.000
shop "$demo/message" deadline=0 | spfcheck --stream -a $id 2>>errors | dkimverify --stream -a $id >out
unframe a m <out
is 'no time left: temperror, and no question is asked' \
	"$(attribute result a | sed 's/ .*//' | tr '\n' ' ')" 'spf=temperror dkim=temperror dkim=temperror '
dmarceval --stream -a $id --on-temperror defer <out >out2
unframe a m <out2
is 'and DMARC says defer, if it is asked to' "$(attribute disposition a)" defer

# The sandbox is there before the first frame.
beyond_valgrind 'confined before anything has come' || {
	mkfifo to
	dkimverify --stream $common <to >out &
	pid=$!
	exec 3>to
	tries=0
	until grep -q '^Seccomp:.2' "/proc/$pid/status" || [ $tries -eq 50 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	like 'confined before anything has come' "$(cat "/proc/$pid/status")" '^Seccomp:.2'
	exec 3>&-
	wait
}

# A history that is moved away, replaced or locked while the stream goes on.
rm -f to
mkfifo to
stage dmarceval --db moved.db <to >from &
exec 3>to
# sent: one more message is in the history, or waits beside it
sent() {
	shop "$demo/message" >&3
	count=$((count + 1))
	tries=0
	while [ "$(grep -c -a ^disposition from)" -lt $count ] && [ $tries -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	sleep 0.2
}
count=0
sent
sent
mv moved.db first.db
sent
is 'a history that was moved away has all rows up to then' "$(rows first.db)" 2
is 'the next message goes into a new one' "$(rows moved.db)" 1
rm moved.db
cp first.db moved.db
sent
is 'a history that was replaced gets the next row' "$(rows moved.db)" 3
exec 3>&-
wait
is 'and no message was kept waiting' "$(grep -c -a ^disposition= from)" 4

# Keys are read for each message.
mkdir keys
openssl genrsa -out keys/k 2048 2>/dev/null
chmod 600 keys/k
rm -f to
mkfifo to
stage dkimsign -q -d shop.example -s s -k keys/k <to >from &
exec 3>to
count=0
shop "$demo/message" >&3
while [ "$(grep -c -a ^result from)" -lt 1 ]; do sleep 0.05; done
openssl genrsa -out keys/new 2048 2>/dev/null
chmod 600 keys/new
mv keys/new keys/k
shop "$demo/message" >&3
exec 3>&-
wait
unframe a1 m1 <from
{ unframe a1 m1 && unframe a2 m2; } <from
is 'a key that was exchanged signs the next message' "$(attribute result a2)" \
	'dkim=pass header.d=shop.example header.s=s header.a=rsa-sha256'
ok 'with the new key' test "$(cksum <m1)" != "$(cksum <m2)"

# Spooling: no room is the failure of one message.
{ printf 'From: a@shop.example\n\n'; head -c 3000000 /dev/zero | tr '\0' x; } >large
beyond_valgrind 'no spool directory' || {
	{ shop large; shop "$demo/message"; } | TMPDIR=$work/absent stage dkimverify >out
	ok 'no spool directory: two frames' eval 'unframe a1 m1 && unframe a2 m2' <out
	like 'the large message is a failure' "$(attribute status a1)" '^4\.3\.1 .*absent'
	like 'the next one is handled' "$(attribute result a2)" '^dkim=pass'
}
if [ -z "${ASSAY_SANITIZED-}" ]; then
	{ printf 'From: a@shop.example\n'; yes 'X: y' | head -n 90000; echo; } >fields
	limit=4000
	until (ulimit -v $limit && exec dkimverify --version) >/dev/null 2>&1; do
		limit=$((limit + 500))
	done
	shop fields | (ulimit -v $((limit + 4000)); stage dkimverify) >out
	is 'out of memory: 75' $? 75
	is 'and nothing comes out' "$(wc -c <out)" 0
	like 'and it says so' "$(tail -1 errors)" '^4\.3\.0 dkimverify: out of memory'
fi
done_testing
