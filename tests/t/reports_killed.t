#!/bin/sh
# dmarcreport read is killed at any moment: nothing is stored twice, nothing that was moved is lost.
. "$(dirname "$0")/lib.sh"

cd "$work" || exit 1
mkdir -p box/cur box/new box/tmp
i=0
while [ $i -lt 400 ]; do
	cat >box/new/$i <<-M
	Received: from reporter.example
	Content-Type: text/xml

	<feedback><report_metadata><org_name>R</org_name><report_id>$i</report_id><date_range><begin>1764288000</begin>
	<end>1764374399</end></date_range></report_metadata><policy_published><domain>example.com</domain></policy_published>
	<record><row><source_ip>192.0.2.$((i % 250))</source_ip><count>1</count><policy_evaluated><dkim>pass</dkim>
	</policy_evaluated></row></record></feedback>
	M
	i=$((i + 1))
done

# What has been moved must be in the store, whenever the process ends.
rounds=0
lost=0
while [ $rounds -lt 25 ]; do
	dmarcreport read -q --store store -m box --move 2>/dev/null &
	process=$!
	sleep "0.0$((rounds % 10))$((rounds * 7 % 10))"
	kill -9 $process 2>/dev/null
	wait $process 2>/dev/null
	moved=$(ls box/cur | wc -l)
	stored=$(sqlite3 store 'SELECT count(*) FROM report' 2>/dev/null || echo 0)
	[ "$stored" -ge "$moved" ] || lost=$((lost + 1))
	# back again for some rounds, so that there is something to do
	[ $((rounds % 3)) -ne 0 ] || for file in box/cur/*; do
		[ ! -e "$file" ] || mv "$file" "box/new/$(basename "$file" :2,S)"
	done
	rounds=$((rounds + 1))
done
is 'killed 25 times: what was moved was stored' $lost 0
dmarcreport read -q --store store -m box --move
is 'the last run ends well' $? 0
is 'nothing is lost, nothing is there twice' "$(sqlite3 store 'SELECT count(*), count(DISTINCT name), sum(messages) FROM report')" '400|400|400'
is '... nor are its rows' "$(sqlite3 store 'SELECT count(*) FROM record')" 400
is 'the store is whole' "$(sqlite3 store 'PRAGMA integrity_check')" ok
is 'all mails are in cur/' "$(ls box/cur | wc -l) $(ls box/new | wc -l)" '400 0'
done_testing
