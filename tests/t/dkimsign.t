#!/bin/sh
# What dkimsign signs passes everywhere; whom it signs for, with which keys, and whom it does not.
. "$(dirname "$0")/lib.sh"

# In namespaces of its own this test has a name server, which some verifiers cannot do without.
if [ -z "${ASSAY_NAMESPACE-}" ] && command -v nsd >/dev/null && unshare -m -n true 2>/dev/null; then
	ASSAY_NAMESPACE=1 unshare -m -n sh "$0"
	exit
fi

umask 022
openssl genrsa -out "$work/rsa.pem" 2048 2>/dev/null
openssl genrsa -out "$work/short.pem" 1024 2>/dev/null
openssl genpkey -algorithm ed25519 -out "$work/ed.pem"
openssl pkey -in "$work/ed.pem" -outform DER | tail -c 32 | base64 >"$work/ed.b64"
chmod 600 "$work"/*.pem "$work/ed.b64"
cd "$work" || exit 1

# record NAME KEYFILE: one line of the zone
record() {
	type=rsa
	strip='cat'
	case $2 in ed*) type=ed25519 strip='tail -c 32' ;; esac
	printf '%s TXT "v=DKIM1; k=%s; p=%s"\n' "$1" $type "$(openssl pkey -in "$2" -pubout -outform DER |
		$strip | base64 -w 0 | sed 's/.\{200\}/&" "/g')"
}
for domain in example.org example.com; do
	record rsa._domainkey.$domain. rsa.pem
	record ed._domainkey.$domain. ed.pem
	record short._domainkey.$domain. short.pem
done >zone
keys='-d example.org -s rsa -k rsa.pem -s ed -k ed.pem'

cat >plain <<'M'
Received: from a.example by b.example; Mon, 23 Nov 2026 10:00:00 +0000
Return-Path: <alice@example.org>
From: Alice <alice@example.org>
To: bob@example.net
Subject: one subject
Date: Mon, 23 Nov 2026 10:00:00 +0000
Message-ID: <1@example.org>
Comments: nobody signs this

Hello Bob,
M

# verdict [OPTION...]: of our own verifier, all signatures in one line
verdict() {
	dkimverify -n -z zone "$@" 2>&1 | tr '\n' ' '
}

# tag NAME: the value of a tag of the topmost signature, unfolded
tag() {
	sed -n '/^DKIM-Signature:/,/^[^ 	]/p' | sed -n '1p;1!{/^[	 ]/!q;p;}' | tr -d '\r\n\t ' |
		sed 's/^DKIM-Signature://' | tr ';' '\n' | sed -n "s/^$1=//p"
}

# Many messages, all canonicalizations, both line ends.
count=500
[ -z "${ASSAY_SANITIZED-}" ] || count=100
mkdir generated signed
/usr/bin/python3 "$top/tests/helpers/messages.py" $count 1 generated
/usr/bin/python3 "$top/tests/helpers/sign_messages.py" "$keys" zone generated signed >faults 2>&1
is "$count messages: both signatures pass, nothing else has changed" "$(grep -v ': wide$' faults)" ''
is 'no line of a signature has more than 78 columns' "$(grep ': wide$' faults)" ''
is 'signatures end their lines as the message does' \
	"$(grep -c "$(printf '\r')\$" signed/*.lf | grep -cv ':0$')" 0

# The same before other verifiers.
if peer python3-dkim python3-nacl; then
	/usr/bin/python3 "$top/tests/helpers/verify.py" zone signed/* >dkimpy.out 2>&1
	is 'dkimpy: all pass' "$(grep -cv ' pass pass$' dkimpy.out)" 0
	is 'dkimpy: has seen them all' "$(wc -l <dkimpy.out)" $count
else
	skip 'dkimpy: all pass' "$without"
fi
if [ -n "${ASSAY_NAMESPACE-}" ] && peer libmail-dkim-perl; then
	. "$top/tests/helpers/nameserver.sh"
	nameserver_setup
	nameserver_use 127.0.0.2
	trap 'nameserver_stop; rm -rf "$work"' EXIT
	nameserver_nsd zone
	perl "$top/tests/helpers/verify.pl" signed/* >perl.out 2>&1
	# Mail::DKIM knows Ed25519 only with another library.
	is 'Mail::DKIM: all pass' "$(grep -cv ' rsa-sha256=pass ' perl.out)" 0
	is 'Mail::DKIM: has seen them all' "$(wc -l <perl.out)" $count
	if command -v opendkim-testmsg >/dev/null; then
		bad=
		for message in signed/*; do
			case $message in *.crlf) flag=-C ;; *) flag= ;; esac
			opendkim-testmsg $flag <"$message" >opendkim.out 2>&1 || bad="$bad $message"
		done
		is 'opendkim: all pass' "$bad" ''
	fi
fi

# What is signed.
dkimsign -d example.org -s rsa -k rsa.pem <plain >out 2>err
is 'the default: relaxed/relaxed' "$(tag c <out)" relaxed/relaxed
is 'fields of RFC 6376 5.4.1, From once more than it is there' "$(tag h <out)" \
	From:From:Subject:Date:To:Message-ID
is 'no l=, t=, x=, z=, i=' "$(tag '[ltxzi]' <out)" ''
is 'and nothing on stderr' "$(cat err)" ''
dkimsign -d example.org -s rsa -k rsa.pem --headers From:To:Cc --oversign From:Subject <plain >out
is '--headers and --oversign' "$(tag h <out)" From:From:To:Subject:Subject
is 'verifies' "$(verdict <out | cut -d' ' -f1)" dkim=pass
dkimsign -d example.org -s rsa -k rsa.pem --oversign '' <plain >out
is 'no oversigning' "$(tag h <out)" From:Subject:Date:To:Message-ID
sed 's/^Subject:.*/&\nsubject: two/' plain >two
dkimsign -c simple -d example.org -s rsa -k rsa.pem <two >out
is 'every instance of a field' "$(tag h <out)" From:From:Subject:Subject:Date:To:Message-ID
is '-c simple is simple/simple' "$(tag c <out)" simple/simple
like 'verifies, taken from the bottom up' "$(verdict <out)" '^dkim=pass'
dkimsign -t 1795000000 -x 3600 --copy-headers --identity 'alice;x@mail.example.org' \
	-d example.org -s rsa -k rsa.pem <plain >out
is 't=' "$(tag t <out)" 1795000000
is 'x=' "$(tag x <out)" 1795003600
is 'i= quoted' "$(tag i <out)" 'alice=3Bx@mail.example.org'
is 'z= has copies' "$(tag z <out)" "From:=20Alice=20<alice@example.org>|Subject:=20one=20subject|\
Date:=20Mon,=2023=20Nov=202026=2010:00:00=20+0000|To:=20bob@example.net|Message-ID:=20<1@example.org>"
{ /usr/bin/python3 -c 'for i in range(70): print("A-Long-Name:", "x" * i)'; cat plain; } |
	dkimsign --copy-headers --headers From:A-Long-Name -d example.org -s rsa -k rsa.pem |
	sed '/^A-Long/,$d' >names
is 'no name in h= and z= is folded (RFC 6376 3.5)' "$(grep -o A-Long-Name names | wc -l)" 140
like 'verifies while it is valid' "$(verdict -t 1795003600 <out)" '^dkim=pass'
like 'and not later' "$(verdict -t 1795003601 <out)" '^dkim=fail'
dkimsign --timestamp -t 1795000000 -d example.org -s rsa -k rsa.pem <plain >out
is '--timestamp alone' "$(tag t <out),$(tag x <out)" 1795000000,
for names in Received:From From:return-path From:DKIM-Signature 'From:a b' From::To; do
	dkimsign --headers "$names" -d example.org -s rsa -k rsa.pem <plain >out 2>err
	is "--headers $names is refused" "$?,$(cat out)" 75,
done
dkimsign --headers To --oversign Subject -d example.org -s rsa -k rsa.pem <plain >out 2>err
is 'From must be signed' $? 75

# Keys on the command line.
dkimsign rsa example.org rsa.pem <plain >out
like 'dkimpy: SELECTOR DOMAIN KEYFILE' "$(verdict <out)" '^dkim=pass .*header.s=rsa'
dkimsign -d example.org -s ed -k ed.b64 <plain >out
like 'an Ed25519 key as base64' "$(verdict <out)" '^dkim=pass .*ed25519'
dkimsign -d example.org -s short -k short.pem <plain >out 2>err
is 'RSA 1024 signs' $? 0
like 'with a warning' "$(cat err)" '^dkimsign: .*short.pem has an RSA key of 1024 bits'
dkimsign -q -d example.org -s short -k short.pem <plain >out 2>err
is 'but not with --quiet' "$(cat err)" ''
sed 's/alice@example.org/alice@sub.example.org/' plain >sub
dkimsign -d example.org -s rsa -k rsa.pem <sub >out
like 'a parent domain signs' "$(verdict <out)" '^dkim=pass header.d=example.org'
dkimsign -d example.com -s rsa -k rsa.pem -d example.org -s rsa -k rsa.pem <plain >out
is 'of several domains that of the author' "$(grep -c '^DKIM-Signature' out),$(tag d <out)" \
	1,example.org

# refused NAME TEXT: the last run ended in 75, with nothing on stdout
refused() {
	is "$1: status and stdout" "$status,$(wc -c <out)" 75,0
	like "$1: says why" "$(head -1 err)" "^4\.[0-9]\.[0-9] dkimsign: .*$2"
}

# try [OPTION...] <MESSAGE: sets status, out, err
try() {
	dkimsign "$@" >out 2>err
	status=$?
}

try -d example.org -s rsa <plain
refused 'no key' 'option --key is missing'
try -d example.org -s rsa -k absent.pem <plain
refused 'no key file' 'cannot open key file absent.pem'
cp rsa.pem open.pem
chmod 644 open.pem
try -d example.org -s rsa -k open.pem <plain
refused 'a key file that others can read' 'open.pem has mode 0644.*chmod 600 open.pem'
mkdir -m 777 loose
cp -p rsa.pem loose
try -d example.org -s rsa -k loose/rsa.pem <plain
refused 'a directory that others can write' 'mode 0777.*chmod go-w'
echo 'no key at all, MIISECRET' >text.pem
chmod 600 text.pem
try -d example.org -s rsa -k text.pem <plain
refused 'a file without a key' 'text.pem is none'
is 'no key material is shown' "$(grep -c SECRET err)" 0
openssl genrsa -out tiny.pem 512 2>/dev/null
chmod 600 tiny.pem
try -d example.org -s rsa -k tiny.pem <plain
refused 'RSA 512' 'RSA key of 512 bits'
try -d example.org -s rsa -k rsa.pem -s rsa -k ed.pem <plain
refused 'one selector for two keys' 'same selector rsa'
try -d example.org -d example.com -s a -s b -s c -k rsa.pem <plain
refused 'lists that do not go together' 'domain is given 2 times for 3'
try rsa example.org <plain
refused 'two operands' 'SELECTOR DOMAIN KEYFILE'
try -d 'example org' -s rsa -k rsa.pem <plain
refused 'no domain' 'no domain name'
try -d example.org -s 'r;s' -k rsa.pem <plain
refused 'no selector' 'no selector'
try -d example.org -s rsa -k rsa.pem --key-table t <plain
refused 'keys and tables' 'key-table goes without'
try -c relaxed/strict -d example.org -s rsa -k rsa.pem <plain
refused 'an unknown canonicalization' 'canonicalization'
: >empty
try -d example.org -s rsa -k rsa.pem <empty
refused 'an empty message' 'empty'

# unsigned NAME: the last run passed the message as it was, with a warning
unsigned() {
	is "$1: status" "$status" 0
	ok "$1: the message as it was" cmp -s out "$message"
	like "$1: a warning" "$(cat err)" '^dkimsign: not signed: '
}

message=plain
try -d example.com -s rsa -k rsa.pem <plain
unsigned 'a foreign domain is not signed'
try -q -d example.com -s rsa -k rsa.pem <plain
is 'without a word with --quiet' "$status,$(cat err)" 0,
try --require -d example.com -s rsa -k rsa.pem <plain
refused 'with --require' 'not signed: example.com does not sign for example.org'
message=sub
try -d other.example.org -s rsa -k rsa.pem <sub
unsigned 'a domain beside that of the author'
for from in 'From: alice' 'From: a@[192.0.2.1]' 'From: <' 'X-From: a@example.org' 'From: a:;' \
	'From: a@example.org, b@example.com' 'From: a@example.org|From: b@example.com'; do
	{ echo "$from" | tr '|' '\n'; printf 'Subject: x\n\nbody\n'; } >odd
	message=odd
	try -d example.org -s rsa -k rsa.pem <odd
	unsigned "$from"
done

# What later hops break.
try -d example.org -s rsa -k rsa.pem --require-clean <plain
is 'a clean message' "$status,$(cat err)" 0,
# lint NAME PATTERN: the message "dirty" is signed with a warning, deferred with --require-clean
lint() {
	try -d example.org -s rsa -k rsa.pem <dirty
	is "$1: signed" "$status,$(verdict <out | cut -d' ' -f1)" 0,dkim=pass
	like "$1: a warning" "$(cat err)" "the message has .*$2"
	try -d example.org -s rsa -k rsa.pem --require-clean <dirty
	refused "$1, --require-clean" "$2"
}
sed 's/Hello/&\r/' plain >dirty
lint 'a bare CR' 'CR without LF'
sed '$s/$/\r/' plain >dirty
lint 'mixed line ends' 'LF beside lines with CRLF'
{ cat plain; head -c 999 /dev/zero | tr '\0' x; echo; } >dirty
lint 'a long line' 'longer than 998'
sed 's/Bob,/Böb,/' plain >dirty
lint '8-bit without MIME' '8-bit'
grep -v ^Date: plain >dirty
lint 'no Date' 'no Date'
grep -v ^Message-ID: plain >dirty
lint 'no Message-ID' 'no Message-ID'
sed 's/^From:.*/&\n&/' plain >dirty
lint 'two From fields' 'more than one From'
{ sed '/^$/,$d' plain; printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nB\303\266b\n'; } >mime
try -d example.org -s rsa -k rsa.pem --require-clean <mime
is '8-bit with MIME is clean' "$status,$(cat err)" 0,
{ cat plain; head -c 998 /dev/zero | tr '\0' x; echo; } | sed 's/$/\r/' >full
try -d example.org -s rsa -k rsa.pem --require-clean <full
is 'a CRLF line of 998 octets is clean' "$status,$(cat err)" 0,

# opendkim's tables, as tutorials have them.
mkdir -p keys/example.org keys/example.com
cp -p rsa.pem keys/example.org/mail.private
cp -p ed.pem keys/example.com/mail.private
cp -p rsa.pem keys/example.org/rsa.private
cat >key_table <<'T'
# name                       domain:selector:key file
mail._domainkey.example.org  example.org:rsa:./keys/example.org/mail.private
mail._domainkey.example.com  example.com:ed:./keys/example.com/mail.private   # Ed25519
any                          %:rsa:./keys/%/rsa.private
T
cat >signing_table <<'T'
*@example.org     mail._domainkey.example.org
*@example.com     mail._domainkey.example.com
*@*.example.org   mail._domainkey.example.org
T
printf '127.0.0.1\nlocalhost\n192.168.0.1/24\n!192.168.0.66\n*.example.com\n' >trusted_hosts
sed 's/example.org/example.com/' plain >com
tables='--key-table refile:key_table --signing-table refile:signing_table'
# shellcheck disable=SC2086 # a list of options
for domain in org com; do
	message=plain
	[ $domain = com ] && sed 's/alice@example.org/alice@example.com/' plain >com && message=com
	dkimsign $tables <$message >out 2>err
	like "tables: example.$domain" "$(verdict <out)" "^dkim=pass header.d=example.$domain "
	is "tables: example.$domain without a warning" "$(cat err)" ''
done
# shellcheck disable=SC2086
{
	dkimsign $tables <sub >out
	like 'tables: a subdomain' "$(verdict <out)" '^dkim=pass header.d=example.org '
	sed 's/alice@example.org/alice@example.net/' plain >net
	message=net
	try $tables <net
	unsigned 'tables: no key for this author'
	try --require $tables <net
	refused 'tables: with --require' 'no key for example.net'
}
printf '*@example.org mail._domainkey.example.org\n*@example.org ed:@example.org\n' >two_table
{ cat key_table; echo 'ed example.org:ed:./ed.pem'; } >three_keys
dkimsign --key-table three_keys --signing-table two_table <plain >out
like 'tables: two signatures for an address' "$(verdict <out)" \
	'^dkim=pass .*s=rsa .*dkim=pass .*i=@example.org header.s=ed '
printf '* any\n' >any_table
dkimsign --key-table key_table --signing-table any_table <plain >out
like 'tables: % in the key table' "$(verdict <out)" '^dkim=pass header.d=example.org .*s=rsa'
message=plain
printf '* mail._domainkey.example.com\n' >foreign_table
try --key-table key_table --signing-table foreign_table <plain
unsigned 'tables: a foreign domain is not signed'
printf '*@example.org mail._domainkey.example.org\n\n*@example.com absent\n' >bad_table
try --key-table key_table --signing-table bad_table <plain
refused 'tables: an error names file and line' 'bad_table:3: .*absent'
printf 'mail example.org:rsa\n' >bad_keys
try --key-table bad_keys --signing-table signing_table <plain
refused 'tables: so in the key table' 'bad_keys:1: '

# The files of two tutorials as they are, for the two domains of one host, in their place.
# in_etc COMMAND...: with $work/etc as /etc, if this test has a namespace of its own
in_etc() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -m sh -c 'mount --bind etc /etc && exec "$@"' - "$@"
}
if [ -n "${ASSAY_NAMESPACE-}" ]; then
	mkdir -p etc/opendkim/keys/example.com etc/opendkim/keys/example.org
	chmod 755 etc etc/opendkim etc/opendkim/keys etc/opendkim/keys/*
	cp -p rsa.pem etc/opendkim/keys/example.com/default.private
	cp -p ed.pem etc/opendkim/keys/example.org/mail.private
	cat >etc/opendkim/key.table <<'T'
default._domainkey.example.com     example.com:default:/etc/opendkim/keys/example.com/default.private
mail._domainkey.example.org example.org:mail:/etc/opendkim/keys/example.org/mail.private
T
	cat >etc/opendkim/signing.table <<'T'
*@example.com       default._domainkey.example.com
*@*.example.com     default._domainkey.example.com
*@example.org mail._domainkey.example.org
T
	cat >etc/opendkim/trusted.hosts <<'T'
127.0.0.1
localhost
192.168.0.1/24

.example.com
*.example.org

#*.example.net
T
	sed 's/alice@example.org/alice@mail.example.com/' plain >subcom
	sed 's/^rsa\(._domainkey.example.com\)/default\1/; s/^ed\(._domainkey.example.org\)/mail\1/' \
		zone >tutorial_zone
	tutorial='--key-table /etc/opendkim/key.table --signing-table refile:/etc/opendkim/signing.table
		--internal-hosts /etc/opendkim/trusted.hosts'
	for case in com:example.com subcom:example.com plain:example.org; do
		# shellcheck disable=SC2086
		in_etc dkimsign $tutorial --require -i 127.0.0.1 <"${case%:*}" >out 2>err
		like "tutorial: ${case%:*}" "$(dkimverify -n -z tutorial_zone <out)" \
			"^dkim=pass header.d=${case#*:} "
		is "tutorial: ${case%:*} without a warning" "$(cat err)" ''
	done
	# shellcheck disable=SC2086
	{
		is 'tutorial: a client in .example.com' "$(in_etc dkimsign $tutorial -i 203.0.113.5 \
			--client-name mx.example.com <plain | grep -c ^DKIM-Signature)" 1
		is 'tutorial: a stranger' "$(in_etc dkimsign $tutorial -i 203.0.113.5 <plain |
			grep -c ^DKIM-Signature)" 0
	}
fi
# Errors in tables.
cat >errors <<'T'
key_table:two words:a b c
key_table:a name alone:a
key_table:no selector:a example.org:./rsa.pem
key_table:no domain:a example:rsa:./rsa.pem
key_table:an empty selector:a example.org::./rsa.pem
key_table:no file:a example.org:rsa:
key_table:the key itself:a example.org:rsa:MIIEpAIBAAKCAQEA
key_table:a name twice:mail._domainkey.example.org example.org:rsa:./rsa.pem
signing_table:three words:*@a.example any any
signing_table:one word:*@a.example
signing_table:an unknown key:*@a.example none
signing_table:an identity without @:*@a.example any:b
signing_table:a pattern that matches no address:a.example any
trusted_hosts:a bad address:192.168.0.256
trusted_hosts:a bad network:192.168.0.0/33
trusted_hosts:a path:/etc/hosts
T
mkdir broken
while IFS=: read -r table name line; do
	cp key_table signing_table trusted_hosts broken
	echo "$line" >>broken/$table
	try --key-table broken/key_table --signing-table refile:broken/signing_table \
		--internal-hosts broken/trusted_hosts -i 127.0.0.1 <plain
	refused "$table: $name" "broken/$table:$(wc -l <broken/$table): "
	is "$table: $name, nothing of a key is shown" "$(grep -c MII err)" 0
done <errors

# Whose mail is signed.
signed_for() {
	# shellcheck disable=SC2086
	dkimsign $tables --internal-hosts trusted_hosts "$@" <plain 2>err | grep -c '^DKIM-Signature'
}
is 'a trusted host' "$(signed_for -i 127.0.0.1)" 1
is 'a trusted network' "$(signed_for -i 192.168.0.7)" 1
is 'an excepted host' "$(signed_for -i 192.168.0.66)" 0
is 'a stranger' "$(signed_for -i 203.0.113.5)" 0
is 'of whom nothing is said' "$(cat err)" ''
is 'a stranger with a trusted name' "$(signed_for -i 203.0.113.5 --client-name mx.example.com)" 1
is 'a client without a name' "$(signed_for -i 203.0.113.5 --client-name '')" 0
is 'of whom nothing is said' "$(cat err)" ''
is 'a name that is none is none of the list' "$(signed_for -i 203.0.113.5 --client-name 'mx example')" 0
like 'and a warning' "$(cat err)" '^dkimsign: option --client-name: "mx example" is no host name; '
is 'IPv6 as Postfix writes it' "$(signed_for -i IPv6:2001:db8::1)" 0
is 'an empty address is this host' "$(signed_for -i '')" 1
first_hop_of() {
	printf '%b' "Received: by x; now\nReceived: from y by z; now\n$(grep '^From:' plain)\n\nbody\n" |
		dkimsign $tables --first-hop "$1" 2>err | grep -c '^DKIM-Signature'
}
first_hop() {
	printf '%b' "$1$(grep '^From:' plain)\n\nbody\n" | dkimsign $tables --first-hop 2>err | grep -c '^DKIM-Signature'
}
is 'the first hop: no Received' "$(first_hop '')" 1
is 'the first hop: one Received' "$(first_hop 'Received: by x; now\n')" 1
is 'the second hop, of local mail' "$(first_hop_of '--ip=')" 0
is 'the second hop, of a client' "$(first_hop_of --ip=192.0.2.7)" 1
is 'the second hop' "$(first_hop 'Received: by x; now\nReceived: from y by z; now\n')" 0
is 'of which nothing is said' "$(cat err)" ''
try -d example.org -s rsa -k rsa.pem --internal-hosts trusted_hosts <plain
refused 'a list of hosts without a client' 'needs --ip'

# Check mode.
is 'check mode' "$(dkimsign -n -d example.org -s rsa -k rsa.pem <plain)" \
	'dkim=pass header.d=example.org header.s=rsa header.a=rsa-sha256'
dkimsign -n -d example.com -s rsa -k rsa.pem <plain >out 2>/dev/null
is 'check mode, unsigned' "$?,$(cut -d' ' -f1 out)" 1,dkim=none
dkimsign -n --no-such <plain >out 2>/dev/null
is 'check mode, usage' $? 64
done_testing
