#!/bin/sh
# What this site does on its own: --reject, --at-least, --on-temperror, and the files of --config-dir.
. "$(dirname "$0")/lib.sh"
command -v sqlite3 >/dev/null || skip_all 'needs sqlite3'

id=mx.test
now=1790000000
today=$((now / 86400))
cat >"$work/zone" <<'Z'
_dmarc.bank.example. TXT "v=DMARC1; p=reject"
_dmarc.shop.example. TXT "v=DMARC1; p=quarantine"
_dmarc.own.example. TXT "v=DMARC1; p=none"
_dmarc.test.example. TXT "v=DMARC1; p=reject; t=y"
_dmarc.slow.example. TIMEOUT
_dmarc.lazy.example. TXT "v=DMARC1; p=none"
Z

# message DOMAIN [FIELD...]: of DOMAIN; the fields come below our Received
message() {
	printf 'Received: x\n'
	from=$1
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@"
	printf 'From: a@%s\nSubject: x\n\nbody\n' "$from"
}

# judge [OPTION...] <MESSAGE: into $work/out
judge() {
	dmarceval -a $id -z "$work/zone" -i 192.0.2.9 -t "${when-$now}" "$@" >"$work/out" 2>"$work/err" || echo "status $?"
	sed '/^Received: x/,$d' "$work/out" | tr -d '\n\t'
}

# passed DOMAIN MESSAGES DAYS [LAST]: so many messages on each of so many days, the last one LAST days ago
passed() {
	for day in $(seq 1 "$3"); do
		message "$1" >"$work/message"
		{ echo "Authentication-Results: $id; dkim=pass header.d=$1"; cat "$work/message"; } >"$work/signed"
		dmarceval -a $id -z "$work/zone" -i 192.0.2.1 --db "$work/h" -t $((now - (day - 1 + ${4-0}) * 86400)) \
			<"$work/signed" >"$work/out" || return
		sqlite3 "$work/h" "UPDATE messages SET count = $2 WHERE day = $((today - day + 1 - ${4-0}))
			AND header_from = '$1' AND dkim_aligned = 'pass'"
	done
}

like 'without --reject, after the queue: quarantine' "$(message bank.example | judge)" 'p=reject dis=quarantine'
like '--reject never' "$(message bank.example | judge --reject never)" 'p=reject dis=quarantine'
like '--reject always' "$(message bank.example | judge --reject always)" 'p=reject dis=reject.*policy.dmarc=reject$'
like '--reject always, a domain that tests' "$(message test.example | judge --reject always)" 'dis=quarantine'
like '--reject always, less is asked for' "$(message shop.example | judge --reject always)" 'dis=quarantine'
like 'a check without --reject tells what is asked for' "$(message bank.example |
	dmarceval -n -z "$work/zone")" 'p=reject dis=reject'
like 'a check with it tells what would be done' "$(message bank.example |
	dmarceval -n -z "$work/zone" --reject never)" 'p=reject dis=quarantine'
is 'known needs a history' "$(message bank.example | judge --reject known)" 'status 75'
like 'and that is said' "$(cat "$work/err")" 'needs --db'

known="--reject known --db $work/h"
# shellcheck disable=SC2086 # several words
{
	like 'an empty history: quarantine' "$(message bank.example | judge $known)" \
		'dis=quarantine\)reason="not rejected: 0 messages of bank.example passed on 0 of the last 30 days"'
	passed bank.example 4 5
	like '20 messages on 5 days: reject' "$(message bank.example | judge $known)" \
		'dis=reject\)reason="20 messages of bank.example passed on 5 of the last 30 days; no list, no forwarder"'
	is 'and the history has it so' "$(sqlite3 "$work/h" "SELECT disposition, reasons FROM messages
		WHERE disposition = 'reject'")" 'reject|'
	sqlite3 "$work/h" "UPDATE messages SET count = 3 WHERE day = $today AND dkim_aligned = 'pass'"
	like '19 messages: quarantine' "$(message bank.example | judge $known)" 'dis=quarantine\)reason="not rejected: 19 '
	sqlite3 "$work/h" "UPDATE messages SET count = 1000 WHERE day = $today AND dkim_aligned = 'pass'"
	sqlite3 "$work/h" "DELETE FROM messages WHERE day = $((today - 4))"
	like '1012 messages on 4 days: quarantine' "$(message bank.example | judge $known)" \
		'dis=quarantine\)reason="not rejected: 1012 messages of bank.example passed on 4 of'
	passed bank.example 4 1 29
	like 'the thirtieth day counts' "$(message bank.example | judge $known)" 'dis=reject.* 5 of the last 30 days'
	like 'the first day after it does not' "$(message bank.example | when=$((now + 86400)) judge $known)" 'dis=quarantine'
	like 'another domain is not known by that' "$(message test.bank.example | judge $known)" \
		'not rejected: 0 messages of test.bank.example'
	passed evil.test 10 10
	like 'nor by the mail of a stranger' "$(message bank.example | judge $known)" \
		'dis=reject\)reason="1[0-9]* messages of bank.example passed on 5 of'
	(work=$work/other && mkdir "$work" && cp "$work/../zone" "$work" && passed other.bank.example 7 5)
	dmarcreport merge --db "$work/h" "$work/other/h" >"$work/x"
	dmarcreport merge --db "$work/h" "$work/other/h" >"$work/x"
	like 'what another host has seen is known, once' "$(message other.bank.example | judge $known)" \
		'dis=reject\)reason="35 messages of other.bank.example passed on 5 of'
	plan=$(sqlite3 "$work/h" "EXPLAIN QUERY PLAN $(sed -n '/^static const char passes_query/,/;$/s/.*"\(.*\)".*/\1/p' \
		"$top/lib/history/reputation.c")")
	like 'by the primary key, a day and a policy at a time' "$plan" 'SEARCH m USING PRIMARY KEY \(day=\? AND policy=\?\)'

	for field in 'List-Id: <l.example>' 'List-Post: <mailto:l@l.example>' 'Resent-From: a@b.example'; do
		like "$field: quarantine" "$(message bank.example "$field" | judge $known)" \
			"dis=quarantine\)reason=\"not rejected: it has a ${field%%:*} field"
	done
	like 'a sender rewritten by a forwarder' "$(message bank.example |
		judge $known -f 'SRS0=x=y=bank.example=a@forwarder.test')" 'dis=quarantine\)reason="not rejected: its sender'
	echo .lists.example >"$work/lists"
	like 'a signature of a list' "$({ echo "Authentication-Results: $id; dkim=pass header.d=l.lists.example"
		message bank.example; } | judge $known --mailing-lists "$work/lists")" \
		'dis=quarantine\)reason="not rejected: the mailing list l.lists.example has signed it"'
	like 'a valid ARC chain' "$({ echo "Authentication-Results: $id; arc=pass header.oldest-pass=0"
		message bank.example; } | judge $known)" 'dis=quarantine\)reason="not rejected: it has a valid ARC chain"'
	like 'the same from a stranger is nothing' "$(message bank.example \
		"Authentication-Results: $id; arc=pass" | judge $known)" 'dis=reject'
	like 'a history that cannot be read: quarantine' "$(message bank.example |
		judge --reject known --db "$work/none/h")" 'dis=quarantine\)reason="not rejected: the history cannot be read"'
	is 'pass is never touched' "$({ echo "Authentication-Results: $id; dkim=pass header.d=bank.example"
		message bank.example; } | judge $known | grep -c 'dmarc=pass (p=reject dis=none)')" 1
	message bank.example | dmarceval -n -j -a $id -z "$work/zone" -i 192.0.2.9 -t $now $known >"$work/json"
	like 'the disposition in JSON' "$(cat "$work/json")" '"disposition": ?"reject"'
}

printf '%s\n' '# ours' 'own.example reject' '.shop.example reject' 'bare.example quarantine' 'ok.own.example none' \
	'slow.example quarantine' 'lazy.example quarantine' >"$work/least"
least="--at-least $work/least"
# shellcheck disable=SC2086 # several words
{
	like '--at-least: a domain that asks for nothing' "$(message own.example | judge $least)" \
		'p=none dis=quarantine\)reason="--at-least for own.example: reject here"'
	like 'its wish is ours, so it takes no history' "$(message own.example |
		judge $least --reject known --db "$work/h2")" 'p=none dis=reject'
	like 'names below it, too' "$(message a.own.example | judge $least --reject always)" 'dis=reject'
	like 'a name below it that is excepted' "$(message ok.own.example | judge $least --reject always)" 'dis=none'
	like 'a line for those below only' "$(message shop.example | judge $least --reject always)" 'dis=quarantine'
	like 'and for those' "$(message a.shop.example | judge $least --reject always)" 'dis=reject'
	like 'a domain without a record' "$(message bare.example | judge $least)" \
		'dmarc=none \(dis=quarantine\)reason=".*--at-least for bare.example'
	is 'that passes' "$({ echo "Authentication-Results: $id; dkim=pass header.d=bare.example"
		message bare.example; } | judge $least | sed 's/Authentication-Results: mx.test; dkim.*//')" \
		"Authentication-Results: $id; dmarc=none header.from=bare.example"
	like 'others are not touched' "$(message absent.example | judge $least)" 'dmarc=none header.from=absent.example'
	like 'no more than --at-most' "$(message own.example | judge $least --at-most none)" 'dis=none'
	is 'reports say that it was our will' "$(message own.example | judge $least --db "$work/h3" >"$work/x"
		sqlite3 "$work/h3" 'SELECT disposition, reasons FROM messages')" \
		'quarantine|local_policy --at-least for own.example: reject here
local_policy nothing is rejected here'
}
for line in 'own.example' 'own.example rejekt' 'own.example reject x' 'a@b.example reject'; do
	echo "$line" >"$work/wrong"
	is "a line that is none: $line" "$(message own.example | judge --at-least "$work/wrong")" 'status 75'
	like 'file and line are named' "$(cat "$work/err")" "$work/wrong:1: "
done

like '--on-temperror: none is the default' "$(message slow.example | judge)" 'dmarc=temperror'
is 'and nothing is done' "$(message slow.example | judge --mark 'X-Spam-Flag: YES' | grep -c X-Spam)" 0
like 'quarantine' "$(message slow.example | judge --on-temperror quarantine)" \
	'dmarc=temperror \(dis=quarantine\)reason=".*temperror: quarantine here"'
like 'defer' "$(message slow.example | judge --on-temperror defer --mark 'X-Spam-Flag: YES')" \
	'^X-Spam-Flag: YES.*dmarc=temperror \(dis=defer\)'
like 'in JSON' "$(message slow.example | dmarceval -n -j -z "$work/zone" --on-temperror defer)" '"disposition": ?"defer"'
{ echo "Authentication-Results: $id; dkim=temperror header.d=lazy.example"; message lazy.example; } >"$work/lazy"
like 'a domain that asks for nothing in any case' "$(judge --on-temperror quarantine <"$work/lazy")" \
	'dmarc=temperror \(p=none dis=none\)'
like 'but it is held to --at-least' "$(judge --on-temperror quarantine --at-least "$work/least" <"$work/lazy")" \
	'dmarc=temperror \(p=none dis=quarantine\)'

mkdir "$work/etc"
site="--config-dir $work/etc"
# shellcheck disable=SC2086 # several words
{
	like '--config-dir: nothing is there' "$(message own.example | judge $site)" 'p=none dis=none'
	cp "$work/least" "$work/etc/at-least"
	like 'at-least' "$(message own.example | judge $site)" 'p=none dis=quarantine'
	: >"$work/empty"
	like 'an option takes the place of the file' "$(message own.example | judge $site --at-least "$work/empty")" \
		'p=none dis=none'
	echo 192.0.2.9 >"$work/etc/trusted-forwarders"
	like 'trusted-forwarders' "$(message bank.example | judge $site)" 'p=reject dis=none'
	rm "$work/etc/trusted-forwarders"
	echo l.example >"$work/etc/mailing-lists"
	like 'mailing-lists' "$({ echo "Authentication-Results: $id; dkim=pass header.d=l.example"
		message bank.example 'List-Id: <l.example>'; } | judge $site)" 'p=reject dis=none'
	echo 192.0.2.9 >"$work/etc/ignore-hosts"
	is 'ignore-hosts' "$(message bank.example | judge $site)" ''
	echo 'no host!' >"$work/etc/ignore-hosts"
	is 'a file that cannot be read holds mail up' "$(message bank.example | judge $site)" 'status 75'
	like 'and says where' "$(cat "$work/err")" "$work/etc/ignore-hosts:1: "
}
is 'a directory that is not there' "$(message bank.example | judge --config-dir "$work/absent")" 'status 75'
like 'is named' "$(cat "$work/err")" "$work/absent"
like 'the standard one' "$(dmarceval --help)" '/etc/assay'

for wrong in '--reject sometimes' '--on-temperror reject' '--no-author defer'; do
	# shellcheck disable=SC2086 # two words
	is "$wrong" "$(message bank.example | judge $wrong)" 'status 75'
done
done_testing
