#!/bin/sh
# dkimsign import-opendkim: tables from opendkim.conf, in the ways in which sites have it; and the real
# opendkim beside, which has to sign the same messages for the same domains.
. "$(dirname "$0")/lib.sh"

cd "$work" || exit 1
mkdir keys other
for name in com org; do
	dkimsign genkey -d example.$name -s mail -D keys >/dev/null && mv keys/mail.private keys/$name.private
	rm keys/mail.*
done
chmod 700 keys

# One key for a list of domains, as Debian's default opendkim.conf has it
cat >single.conf <<C
# a comment
Syslog                  yes
Canonicalization        relaxed/simple
Mode                    sv
Domain                  example.com, example.org
SubDomains              yes
Selector                mail            # of the key
KeyFile                 $work/keys/com.private
OversignHeaders         From
UserID                  opendkim
Socket                  inet:8891@localhost
C
# Tables, as guides on Postfix and opendkim have them
cat >tables.conf <<C
Mode                    s
Canonicalization        relaxed/relaxed
KeyTable                $work/KeyTable
SigningTable            refile:$work/SigningTable
ExternalIgnoreList      $work/TrustedHosts
InternalHosts           $work/TrustedHosts
C
cat >KeyTable <<C
# name domain:selector:file
mail._domainkey.example.com example.com:mail:$work/keys/com.private
mail._domainkey.example.org example.org:mail:$work/keys/org.private
C
cat >SigningTable <<C
*@example.com mail._domainkey.example.com
*@*.example.com mail._domainkey.example.com
boss@example.org mail._domainkey.example.org
C
printf '127.0.0.1\n::1\n192.0.2.0/24\n' >TrustedHosts
# A plain table, options in an included file, several signatures
cat >plain.conf <<C
Include                 $work/more.conf
keytable                file:$work/KeyTable
signingtable            $work/PlainTable
MultipleSignatures      yes
C
cat >more.conf <<C
InternalHosts           csl:127.0.0.1, 192.0.2.7, .example.com
SignHeaders             *,+X-Important,-Reply-To
OmitHeaders             *,+Subject
OversignHeaders         From,Subject
SignatureTTL            86400
MinimumKeyBits          2048
On-BadSignature         reject
LDAPBindPassword        hunter2
NoSuchSetting           hunter2
C
cat >PlainTable <<C
example.com   mail._domainkey.example.com
example.com   mail._domainkey.example.org
.example.org  mail._domainkey.example.org
C

for site in single tables plain; do
	mkdir new-$site
	cp $site.conf before
	dkimsign import-opendkim -D new-$site $site.conf >out-$site 2>err-$site
	echo $? >status-$site
	ok "$site: opendkim.conf is as it was" cmp -s before $site.conf
	is "$site: no error" "$(cat err-$site)" ''
	is "$site: three files" "$(echo $(ls new-$site))" 'key_table signing_table trusted_hosts'
	like "$site: the command line" "$(cat out-$site)" "^sign with: +dkimsign --key-table new-$site/key_table "
done
is 'a Mode has to be looked at: status 1' "$(cat status-single)" 1
like 'and is named with its line' "$(cat out-single)" '^single.conf:4: Mode is not carried over: '
is 'what has no meaning here is not mentioned' "$(grep -c 'Socket\|UserID\|Syslog' out-single)" 0
is 'a list of domains' "$(cat new-single/signing_table)" "*@example.com example.com
*@*.example.com example.com
*@example.org example.org
*@*.example.org example.org"
is 'without InternalHosts, this host' "$(cat new-single/trusted_hosts)" "127.0.0.1
::1"
like 'canonicalization' "$(cat out-single)" '^sign with: .* -c relaxed/simple --oversign From$'
like 'a table of patterns stays one' "$(cat out-tables)" ' --signing-table refile:new-tables/signing_table '
is 'the internal hosts' "$(cat new-tables/trusted_hosts)" "$(cat TrustedHosts)"
like 'a bare name is a plain table for opendkim' "$(cat out-plain)" ' --signing-table file:new-plain/signing_table '
like 'an included file, and settings in any case' "$(cat out-plain)" ' -x 86400 '
like 'names of fields: the difference from the default' "$(cat out-plain)" \
	' --headers From:Subject:.*:X-Important --omit Return-Path:Received:.*:Subject --oversign From:Subject'
is 'and one that is taken away' "$(grep -c ':Reply-To' out-plain)" 0
like 'for dkimverify' "$(cat out-plain)" '^verify with: dkimverify --min-key-bits 2048$'
like 'what reject was' "$(cat out-plain)" '^.*/more.conf:7: On-BadSignature is not carried over: '
like 'what opendkim does not know either' "$(cat out-plain)" 'NoSuchSetting is not carried over: opendkim.conf\(5\) has no such'
is 'no value of a setting is shown' "$(cat out-* err-* | grep -c hunter2)" 0

# What stands in the way
dkimsign import-opendkim -D new-single single.conf >out 2>err
is 'nothing is overwritten: status 75' $? 75
like 'nothing is overwritten: why' "$(cat err)" 'new-single/key_table'
# fails NAME PATTERN CONF
fails() {
	printf "$3\n" >bad.conf
	dkimsign import-opendkim -D other bad.conf >out 2>err
	is "$1: status" $? 75
	like "$1: why" "$(cat err)" "$2"
	is "$1: nothing is written" "$(ls other)" ''
	is "$1: no password" "$(cat out err | grep -c hunter2)" 0
}
fails 'Debian as installed' 'it signs nothing: it has neither Domain, Selector and KeyFile nor KeyTable' 'Syslog yes'
fails 'a table in MySQL' 'tables of type "dsn:" are not supported: export' \
	'KeyTable dsn:mysql://opendkim:hunter2@localhost/mail\nSigningTable file:/x'
fails 'one in PostgreSQL' 'type "pgsql:"' "KeyTable $work/KeyTable\nSigningTable pgsql:hunter2"
fails 'no signing table' 'a KeyTable, but no SigningTable' "KeyTable $work/KeyTable"
fails 'a selector with _domainkey' 'Selector: "mail._domainkey" is no selector: leave' \
	'Domain example.com\nSelector mail._domainkey\nKeyFile /k'
fails 'a file that includes itself' 'included more than 5 levels deep' "Include $work/bad.conf"
fails 'domains in LDAP' 'type "ldap:"' 'Domain ldap://hunter2\nSelector s\nKeyFile /k'
is 'no such file' "$(dkimsign import-opendkim -D other none.conf 2>&1)" \
	'4.3.5 dkimsign: cannot read none.conf: No such file or directory'

# Every setting that we know is in the page, so that its list is complete.
missing=
# shellcheck disable=SC2013
for name in $(sed -n '/^} fates/,/^};/s/^ *{*"\([A-Z][^",.:]*\)[",].*/\1/p' "$top/dkimsign/opendkim_conf.c" | tr ' ' '\n' | grep '^[A-Z]'); do
	grep -q -w -- "$name" "$top/dkimsign/dkimsign.1" || missing="$missing $name"
done
is 'the page names every setting' "$missing" ''

# The real opendkim signs for the same domains.
peers='opendkim miltertest'
if ! peer $peers; then
	skip 'opendkim signs for the same domains' "$without"
	done_testing
	exit
fi
# signers SITE FROM: d= and s= of each signature, by each of the two
signers() {
	printf 'From: %s\nTo: b@example.net\nSubject: x\nDate: Mon, 23 Nov 2026 09:14:03 +0100\nMessage-ID: <1@x>\n\nbody\n' "$2" >message
	miltertest -s "$top/tests/helpers/milter.lua" -D socket="unix:$work/$1.sock" -D client=127.0.0.1 -D helo=localhost \
		-D sender=a@example.com -D message=message -D wanted=DKIM-Signature >theirs.raw 2>error || cat error >&2
	sed -n 's/^sign with: *\(.*\) -i .*/\1/p' "out-$1" >line
	$(cat line) -i 127.0.0.1 <message 2>/dev/null | sed '/^From:/,$d' >ours.raw
	for side in theirs ours; do
		tr -d '\n\t ' <$side.raw | sed 's/DKIM-Signature:/\n/g' |
			sed -n 's/.*;d=\([^;]*\);.*s=\([^;]*\);.*/\1 \2/p; s/.*;s=\([^;]*\);.*d=\([^;]*\);.*/\2 \1/p' | sort -u >$side
	done
}
daemons=
trap 'kill $daemons 2>/dev/null; rm -rf "$work"' EXIT
for site in single tables plain; do
	{
		grep -v '^Socket\|^UserID\|^Syslog\|LDAP\|^Include' $site.conf
		[ $site != plain ] || grep -v 'LDAP\|NoSuch\|MinimumKeyBits' more.conf
		echo "Socket local:$work/$site.sock"
		echo 'Syslog no'
		echo 'RequireSafeKeys no' # a directory above is that of temporary files
	} >run-$site.conf
	opendkim -f -x run-$site.conf >opendkim-$site.out 2>&1 &
	daemons="$daemons $!"
	tries=0
	until [ -S $site.sock ] || [ $tries -gt 50 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	for from in a@example.com a@sub.example.com a@example.org a@sub.example.org boss@example.org a@other.example 'Doe <a@EXAMPLE.com>'; do
		signers $site "$from"
		is "$site: opendkim and dkimsign sign alike for $from" "$(cat ours)" "$(cat theirs)"
	done
done
done_testing
