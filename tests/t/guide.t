#!/bin/sh
# The guide and the examples are one: what it shows stands in a file, what it names is there, and
# what it says of failures is what the tools say. tests/e2e/guide types its commands.
. "$(dirname "$0")/lib.sh"
. "$top/tests/helpers/guide.sh"

cd "$top" || exit 1
guide=lib/man/assay-guide.7
examples=$(echo */examples/*)
guide_blocks $guide "$work"

# stands BLOCK: in one of the examples, as it is
stands() {
	perl -0777 -e 'my ($block, @files) = map { open my $f, "<", $_; scalar <$f> } @ARGV;
		exit !grep { index("\n$_", "\n$block") >= 0 } @files' "$1" $examples && return
	sed 's/^/# /' "$1"
	return 1
}

for block in "$work"/*.lines; do
	ok "in a file: $(grep -v '^[#;]' "$block" | grep -m 1 .)" stands "$block"
done
is 'commands are there to be typed' "$(cat "$work"/*.command | grep -c '^\(make\|postfix\|dkimsign\|runuser\)')" 23
for example in $examples; do
	ok "named in the guide or in a manual: $example" \
		grep -q -e "${example##*/}" -e "${example%/*}" $guide lib/man/assay.7 ./*/*.1 $examples
done
for path in $(cat "$work"/*.command | grep -o '[a-z]*/examples/[a-zA-Z_.-]*'); do
	ok "there: $path" test -e "$path"
done

# The records that it has published
quietly() { "$@" >/dev/null; }
cat ./*/examples/zone >"$work/zone"
printf '%s\n' 'example.com. MX 10 mx.example.com.' 'example.org. MX 10 mx.example.com.' \
	'mx.example.com. A 192.0.2.25' >>"$work/zone"
for domain in example.com example.org mx.example.com; do
	ok "the SPF record of $domain is good" quietly spfcheck --lint $domain -z "$work/zone"
done
cat ./*/examples/zone.strict >"$work/strict"
grep -v '^_dmarc' "$work/zone" >>"$work/strict"
for domain in example.com example.org; do
	ok "the last DMARC record of $domain is good" \
		quietly dmarceval --lint $domain -z "$work/strict"
done

# What the guide says that the tools say: a line of its table, what is said
says() {
	grep "^\.It Li " $guide | sed 's/^\.It Li //; s/\\&//g' | grep -Fx -- "$1" >"$work/row"
	ok "a line of the table: $1" test -s "$work/row"
	printf '...%s...\n' "$1" >"$work/wanted"
	printf '%s\n' "$2" | grep . | head -1 >"$work/said"
	ok "and it is said" guide_matches "$work/wanted" "$work/said" || sed 's/^/# /' "$work/said"
}

# plain COMMAND...: not as root, who may read everything
plain() {
	if [ "$(id -u)" -eq 0 ]; then setpriv --reuid nobody --clear-groups "$@"; else "$@"; fi
}

chmod 711 "$work"
printf 'From: Alice <alice@example.com>\n\nHello\n' >"$work/message"
chmod 644 "$work/message"
dkimsign genkey -q -d example.com -s mail -D "$work" >/dev/null
chmod 640 "$work/mail.private"
sign="dkimsign -d example.com -s mail -k $work/mail.private"
says '... has mode 0640, so that others can read it' "$($sign <"$work/message" 2>&1)"
chmod 0 "$work/mail.private"
cp dkimsign/dkimsign "$work/sign"
says 'cannot open key file ... Permission denied' \
	"$(plain "$work/sign" -d example.com -s mail -k "$work/mail.private" <"$work/message" 2>&1)"
sed 's/example.com/example.net/' "$work/message" >"$work/foreign"
says 'not signed: the signing table has no key for ...' "$(dkimsign --key-table \
	dkimsign/examples/key_table --signing-table dkimsign/examples/signing_table <"$work/foreign" 2>&1 >/dev/null)"

# pipe STAGE: the gate after the queue
pipe() {
	gate pipe "$@" -- alice@example.com 127.0.0.1:10026 -- bob@example.com <"$work/message" 2>&1
}
says 'gate: 127.0.0.1:10026: Connection refused' "$(pipe cat)"
# by_sendmail STAGE...: so that no server is asked first
by_sendmail() {
	ASSAY_SENDMAIL=/bin/false gate pipe "$@" -- alice@example.com -- bob@example.com <"$work/message" 2>&1
}
beyond_valgrind 'cannot run' || says 'cannot run ...: No such file or directory' "$(TMPDIR=$work by_sendmail /usr/local/bin/nothing)"
beyond_valgrind 'cannot make a file' || says 'cannot make a file in ...: No such file or directory' "$(TMPDIR=/nowhere by_sendmail cat)"
says 'the row waits beside it' "$(printf 'no database at all\n' >"$work/history.db"
	dmarceval -a x -z "$work/zone" -i 192.0.2.10 --db "$work/history.db" <"$work/message" 2>&1 >/dev/null)"
says 'the row of this message is lost' \
	"$(dmarceval -a x -z "$work/zone" -i 192.0.2.10 --db /nowhere/history.db <"$work/message" 2>&1 >/dev/null)"
echo 'example.com. SERVFAIL' >"$work/silent"
says 'SPF temperror of ...' \
	"$(spfcheck --policy --defer-temperror -z "$work/silent" <spfcheck/examples/request)"
done_testing
