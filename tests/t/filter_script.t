#!/bin/sh
# The Postfix filter script: injects only complete messages, defers on everything else.
. "$(dirname "$0")/lib.sh"

export ASSAY_DB="$work/history.db" ASSAY_ID=mx.example.net ASSAY_SENDMAIL="$work/sendmail" ASSAY_SPOOL="$work/spool" ASSAY_BIN="$work/bin"
mkdir "$ASSAY_SPOOL" "$work/bin"
cat >"$work/sendmail" <<S
#!/bin/sh
printf '%s\n' "\$@" >"$work/arguments"
cat >"$work/injected"
S
chmod +x "$work/sendmail"
printf 'Received: x\nFrom: alice\n\nbody\n' >"$work/message"

filter() {
	rm -f "$work/injected" "$work/arguments"
	"$top/dmarceval/examples/incoming" 192.0.2.10 mail.example.org "$1" -- bob@example.net \
		-f@example.net <"$work/message" >"$work/out" 2>&1
	status=$?
}

filter alice@invalid
is 'a message goes through' $status 0
is 'sendmail gets sender and recipients as they are' "$(tr '\n' '|' <"$work/arguments")" \
	'-G|-i|-f|alice@invalid|--|bob@example.net|-f@example.net|'
is 'three methods have left their results' \
	"$(grep -c '^Authentication-Results: mx.example.net; ' "$work/injected")" 3
tail -n 4 "$work/injected" >"$work/tail"
ok 'the message is whole' cmp -s "$work/tail" "$work/message"
is 'no file is left behind' "$(find "$ASSAY_SPOOL" -type f | wc -l)" 0

for stage in spfcheck dkimverify dmarceval; do
	for how in 'exit 1' 'echo part; exit 75' 'echo part; kill -9 $$'; do
		printf '#!/bin/sh\n%s\n' "$how" >"$work/bin/$stage"
		chmod +x "$work/bin/$stage"
		filter alice@invalid
		is "$stage does '$how': deferred" $status 75
		ok "$stage does '$how': nothing injected" test ! -e "$work/injected"
		rm -f "$work/bin/$stage"
	done
done
ASSAY_SENDMAIL="$work/none"
filter alice@invalid
is 'no sendmail: deferred' $status 75
done_testing
