#!/bin/sh
# What comes to the address of our reports: what it may suppress, for whom, and for how long.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
mails="/usr/bin/python3 $top/tests/helpers/bounce_mails.py"
day=1795305600 # 2026-11-22
now=$((day + 86400))

cat >zone <<'Z'
_dmarc.example.org. TXT "v=DMARC1; p=none; rua=mailto:d@example.org"
_dmarc.two.test. TXT "v=DMARC1; p=none; rua=mailto:a@two.test,mailto:b@two.test"
_dmarc.other.test. TXT "v=DMARC1; p=none; rua=mailto:d@example.org"
other.test._report._dmarc.example.org. TXT "v=DMARC1"
Z

# message FROM TIME
message() {
	printf '%s\n' 'Received: x' "From: a@$1" '' |
		dmarceval -a mx -z zone -i 192.0.2.1 -t "$2" --db h.db >/dev/null
}

# send TIME [OPTION...]: mails become files in box, by recipient
send() {
	time=$1
	shift
	dmarcreport send --db h.db --org Example --email dmarc@mx.example.net -z zone -t "$time" \
		--sendmail 'cat >"box/$1.$(ls box | wc -l)"' "$@" >out 2>&1
}

# token FILE: the name of a mail
token() {
	sed -n 's/^Message-ID: <\(.*\)@.*/\1/p' "$1"
}

# bounce
bounce() {
	dmarcreport bounce --db h.db -t "${time-$now}" >out 2>&1
}

# suppressed: how many addresses
suppressed() {
	dmarcreport status --db h.db -t "${time-$now}" | grep -c '^suppressed'
}

mkdir box notices forged
message example.org $day
send $now --bcc archive@mx.example.net
sqlite3 h.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
cp h.db fresh
$mails notices "$(token box/d@example.org.0)" d@example.org example.org
$mails forged forged "$(token box/d@example.org.0)" d@example.org
is 'more than 40 notices' "$(test "$(ls notices | wc -l)" -ge 40 && echo yes)" yes
for file in notices/*; do
	cp fresh h.db
	rm -f h.db-wal h.db-shm
	bounce <"$file"
	case $(cat out) in
	*'no more reports to d@example.org: '*) got=final ;;
	*': 1 of 3 within 7 days'*) got=now ;;
	*'nothing is done'*) got=nothing ;;
	*) got=$(cat out) ;;
	esac
	name=${file#*-}
	is "${name#*-}" "$got,$(suppressed)" "${name%%-*},$(test "${name%%-*}" = final && echo 1 || echo 0)"
done
cp fresh h.db
is 'at least 30 forms of forged notices' "$(test "$(ls forged | wc -l)" -ge 30 && echo yes)" yes
for file in forged/*; do
	bounce <"$file"
	cat out
done | sort | uniq -c >outs
is 'none of them is believed' "$(wc -l <outs),$(grep -c 'no mail of ours has come back' outs),$(suppressed)" 1,1,0

# One recipient cannot speak for another one, nor one domain for another
rm -rf h.db* box
mkdir box
message two.test $day
message example.org $day
message other.test $day
send $now
a=$(token box/a@two.test.*)
b=$(token box/b@two.test.*)
is 'both have got the same report' "${a%.*}" "${b%.*}"
ok 'under names of their own' test "$a" != "$b"
sed "s/d@example.org/b@two.test/g; s/^Message-ID: <[^@]*/Message-ID: <$a/" notices/01-* | bounce
is 'a recipient cannot suppress another one' "$(suppressed)" 0
sed "s/d@example.org/a@two.test/g; s/^Message-ID: <[^@]*/Message-ID: <$a/" notices/01-* | bounce
is 'but itself' "$(suppressed)" 1
mail=$(grep -l 'Report Domain: other.test' box/d@example.org.*)
sed "s/^Message-ID: <[^@]*/Message-ID: <$(token "$mail")/" notices/01-* | bounce
message example.org $now
message other.test $now
rm -rf box
mkdir box
send $((now + 86400))
is 'an address is suppressed for one policy domain' "$(grep -l 'Report Domain: example.org' box/* | wc -l),$(grep -l 'Report Domain: other.test' box/* | wc -l)" 1,0

# 4.x.x: three within a week, for a week
rm -rf h.db* box
mkdir box
for i in 0 1 2 3 4 5 20; do message example.org $((day + i * 86400)); done
for i in 1 2 3; do
	send $((day + i * 86400))
	file=$(ls -t box/* | head -n 1)
	sed "s/^Message-ID: <[^@]*/Message-ID: <$(token "$file")/" notices/*-expired | time=$((day + i * 86400 + 60)) bounce
	is "4.4.7, notice $i" "$(time=$((day + i * 86400 + 60)) suppressed)" $((i / 3))
	rm -f box/*
done
like 'status says until when' "$(dmarcreport status --db h.db -t $((day + 3 * 86400 + 60)))" '^suppressed since 2026-11-25 00:01 UTC until 2026-12-02 00:01 UTC for reports on example.org: d@example.org: '
send $((day + 5 * 86400))
is 'it gets nothing' "$(ls box | wc -l)" 0
send $((day + 21 * 86400))
is 'and after a week it does, about two more days' "$(ls box | wc -l)" 2
done_testing
