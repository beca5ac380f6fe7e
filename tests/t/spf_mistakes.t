#!/bin/sh
# The mistakes that people publish: each is found, has a remedy, and the record that follows the
# remedies has nothing to be said of it.
. "$(dirname "$0")/lib.sh"

cat >"$work/zone" <<'Z'
mail.example.net A 192.0.2.10
mail.example.net MX 10 mail.example.net
_mail-all.example.net A 192.0.2.11
mail.example.net AAAA 2001:db8::10
mail.example.net TXT "v=spf1 ip4:192.0.2.10 ~all"
world.example.net TXT "v=spf1 ip4:0.0.0.0/0 ~all"
open.example.net TXT "v=spf1 +all"
broken.example.net TXT "50% of all"
many.example.net TXT "v=spf1 a:mail.example.net a:mail.example.net/31 a:mail.example.net/30 "
	"a:mail.example.net/29 a:mail.example.net/28 a:mail.example.net/27 a:mail.example.net/26 "
	"a:mail.example.net/25 a:mail.example.net/24 a:mail.example.net/23 -all"
Z
sed -i ':join; /"$/{ N; s/"\n\t"/" "/; t join; P; D; }' "$work/zone"

# linted RECORD: sets out, status
linted() {
	out=$(spfcheck -z "$work/zone" -L "$1" 2>"$work/err")
	status=$?
}

tab=$(printf '\t')
while IFS=$tab read -r line; do
	case $line in '#'* | '') continue ;; esac
	record=${line%%"$tab"*}
	rest=${line#*"$tab"}
	finding=${rest%%"$tab"*}
	remedy=${rest#*"$tab"}
	linted "$record"
	ok "$record: status $status" test $status -ge 1 -a $status -le 2
	like "$record: the finding" "$out" "^(error|warning): .*$finding"
	is "$record: no finding without a remedy" "$(printf '%s\n' "$out" | grep -Ec '^(error|warning): ')" \
		"$(printf '%s\n' "$out" | grep -c '^  remedy: .')"
	better=$(printf '%s\n' "$out" | sed -n 's/^with these remedies: //p')
	[ "$remedy" = - ] && continue
	like "$record: the remedy" "$out" "^  remedy: .*$remedy"
	case $remedy in *flatten*) continue ;; esac
	linted "$better"
	is "$record: $better" "$status $(printf '%s\n' "$out" | grep -E '^(error|warning): ')" '0 '
done <"$data/spf/mistakes"
ok "a table of $((tests / 4)) mistakes" test $((tests / 4)) -ge 100

# What is right stays without a word.
while read -r record; do
	linted "$record"
	is "right: $record" "$status" 0
done <<'R'
v=spf1 -all
v=spf1 mx ~all
v=spf1 mx ra=postmaster rp=100 rr=all -all
v=spf1 a:mail.example.net/24//64 mx:mail.example.net -all
v=spf1 exists:%{ir}.%{v}.mail.example.net -all
v=spf1 include:mail.example.net. -all
v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all
V=SPF1 IP4:192.0.2.1 -ALL
v=spf1 redirect=mail.example.net
v=spf1 a:_mail-all.example.net. -ip4:192.0.2.1 ?exists:%{l}.x.example.net moo=cow -all
"v=spf1 mx" " -all"
R
done_testing
