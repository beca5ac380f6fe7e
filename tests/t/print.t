#!/bin/sh
# dmarcreport print without -o: the mails on standard output, as a mailbox file.
. "$(dirname "$0")/lib.sh"

now=1795478400 # 2026-11-24
/usr/bin/python3 "$top/tests/helpers/report_histories.py" fill "$work/h.db" 2026-11-22 100 3 >/dev/null
: >"$work/zone"
for number in 0 1 2; do
	domain=$(sqlite3 "$work/h.db" "SELECT domain FROM policy ORDER BY domain LIMIT 1 OFFSET $number")
	echo "_dmarc.$domain. TXT \"v=DMARC1; p=none; rua=mailto:d@$domain\"" >>"$work/zone"
done

# print [OPTION...]: sets status
print() {
	dmarcreport print --db "$work/h.db" --org Us --email d@mx.test -z "$work/zone" -t $now "$@" \
		>"$work/out" 2>"$work/err"
	status=$?
}

print
is 'status 0' $status 0
is 'a mail a domain, each behind a line of its own' \
	"$(grep -c '^From d@mx\.test Thu Jan  1 00:00:00 1970$' "$work/out")" 3
is 'mailbox readers find as many' "$(/usr/bin/python3 -c '
import mailbox, sys
print(sum("Report Domain:" in m["Subject"] for m in mailbox.mbox(sys.argv[1])))' "$work/out")" 3
cp "$work/out" "$work/first"
print
ok 'printed again they are the same: nothing was booked' cmp "$work/first" "$work/out"
mkdir "$work/box"
print -o "$work/box"
is 'the same mails in files' \
	"$(cat "$work"/box/*.eml | wc -l)" "$(($(wc -l <"$work/first") - 6))"
dmarcreport print --db "$work/h.db" --org Us --email d@mx.test -z "$work/zone" -t $now >/dev/full \
	2>"$work/err"
is 'a full disk is status 75' $? 75
like 'and said' "$(cat "$work/err")" 'cannot write .*: No space left on device'
done_testing
