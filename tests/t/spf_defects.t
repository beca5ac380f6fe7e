#!/bin/sh
# What libspf2 gets wrong when it reads records itself, through the whole of spfcheck.
. "$(dirname "$0")/lib.sh"

# repeat COUNT TEXT: with %d in it the number
repeat() {
	i=0
	# shellcheck disable=SC2059 # the text is the format
	while [ $((i += 1)) -le "$1" ]; do printf "$2" $i; done
}

# record: the words on stdin as one TXT record, in strings of a word each
record() {
	printf 'example.org. TXT'
	for word in $(cat); do printf ' "%s "' "$word"; done
	printf '\n'
}

# check [IP]: result of example.org's record in the zone
check() {
	spfcheck -n -j -z "$work/zone" -i "${1-192.0.2.1}" -H h.example -f strong-bad@example.org |
		sed 's/.*"result":"\([a-z]*\)".*/\1/'
}

for count in 63 64 100 300; do
	{ printf 'v=spf1 '; repeat $count 'ip4:203.0.113.0/24 '; printf '%s' '-all'; } | record >"$work/zone"
	is "$count ip4 terms do not hide -all" "$(check)" fail
	{ printf 'v=spf1 '; repeat $count 'ip4:203.0.113.0/24 '; printf 'ip4:192.0.2.1 -all'; } |
		record >"$work/zone"
	is "nor what stands before it" "$(check)" pass
done
name=$(repeat 3 'a-long-label-of-a-name-that-is-included-%d-xxxxxxxxxxxxxxxxxx.')
{
	{ printf 'v=spf1 '; repeat 9 "include:i%d.${name}example.org "; printf '%s' '-all'; } | record
	repeat 9 "i%d.${name}example.org. TXT \"v=spf1 ip4:203.0.113.1 -all\"\n"
} >"$work/zone"
is 'nine long includes' "$(check)" fail

# expands TERM NAME: the macro gives this name
expands() {
	printf 'example.org. TXT "v=spf1 exists:%s.x.test -all"\n%s.x.test. A 127.0.0.2\n' "$1" "$2" \
		>"$work/zone"
	is "$1 is $2" "$(check)" pass
}
expands '%{d2}' example.org
expands '%{d1}' org
expands '%{i4}' 192.0.2.1
expands '%{i2}' 2.1
expands '%{l1r-}' strong
expands '%{lr-}' bad.strong
expands '%{dR}' org.example
expands '%{DR}' org.example

# CVE-2023-42118: many macros and much text in exists and in an explanation.
letters=$(repeat 3000 'a')
for count in 124 125 126 127 128 129 130; do
	macros=$(repeat $count '%%{d}')
	{
		printf 'example.org. TXT "v=spf1 exists:"'
		printf '%s%s.com' "$macros" "$letters" | sed 's/.\{250\}/&\n/g' | sed 's/.*/ "&"/' | tr -d '\n'
		echo ' " -all"'
	} >"$work/zone"
	is "exists with $count macros and 3000 letters" "$(check)" fail
	{
		printf 'v=spf1 exp=e.example -all' | record
		printf 'e.example. TXT'
		for many in 60 60 $((count - 120)); do printf ' "%s"' "$(repeat $many '%%{d}')"; done
		repeat 30 ' "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"'
		printf '\n'
	} >"$work/zone"
	is "an explanation with $count macros and much text" "$(check)" fail
done

{ echo 'v=spf1 mx -all' | record; repeat 11 'example.org. MX %d m%d.example.org.\n'; } |
	sed 's/ m\.example/ m1.example/' >"$work/zone"
repeat 11 'm%d.example.org. A 192.0.2.1\n' >>"$work/zone"
is 'mx with eleven hosts is permerror, even if the first matches' "$(check)" permerror
{
	echo 'v=spf1 a:a.example a:b.example ptr -all' | record
} >"$work/zone"
is 'the void lookup of ptr counts' "$(check)" permerror
{
	echo 'v=spf1 a:a.example ptr -all' | record
} >"$work/zone"
is 'two void lookups are allowed' "$(check)" fail
is 'a client on loopback does not pass by itself' "$(check 127.0.0.1)" fail
printf 'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"\n' >"$work/zone"
like 'angle brackets around the sender do not count' "$(spfcheck -n -z "$work/zone" -i 192.0.2.1 \
	-H h.example -f '<a@example.org>')" '^spf=pass .* smtp.mailfrom=a@example.org$'
printf 'example.org. TXT "v=spf1 ~all exp=e.example"\ne.example. TIMEOUT\n' >"$work/zone"
is 'exp is not looked up for a softfail' "$(check)" softfail
out=$(printf 'Subject: x\n\n' | spfcheck -z "$work/zone" -a mx.test -i 192.0.2.1 -H 'h
X-Forged: 1' -f 'a"b
X-Forged: 2@example.org' | grep -c '^X-Forged')
is 'CR and LF in sender and HELO do not make fields' "$out" 0
done_testing
