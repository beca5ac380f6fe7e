# signing.sh - keys, a zone and a message for the tests of dkimsign, who are in $work then; source it after lib.sh.
#
# rsa.pem, short.pem (1024 bits), ed.pem, ed.b64   keys; the zone has them for example.org and example.com
# $keys                                            options: both keys of example.org
# plain, sub, com                                  messages of example.org, sub.example.org, example.com
# verdict, tag                                     what is said of a signed message on standard input
# try, refused, unsigned                           a run, and how it ended
# signing_tables                                   makes key_table, signing_table and trusted_hosts; $tables

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
sed 's/alice@example.org/alice@sub.example.org/' plain >sub
sed 's/alice@example.org/alice@example.com/' plain >com

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

# unsigned NAME: the last run passed the message as it was, with a warning
unsigned() {
	is "$1: status" "$status" 0
	ok "$1: the message as it was" cmp -s out "$message"
	like "$1: a warning" "$(cat err)" '^dkimsign: not signed: '
}

signing_tables() {
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
	tables='--key-table refile:key_table --signing-table refile:signing_table'
}
