#!/bin/sh
# Which domain signs for whom: parents and subdomains of the author's, third parties, lists.
. "$(dirname "$0")/lib.sh"

cd "$work" || exit 1
dkimsign genkey -q -d example.com -s k
cat >key_table <<T
author example.com:k:$work/k.private
list   lists.example.net:k:$work/k.private
T
cat >signing_table <<'T'
*@example.com       author
*@lists.example.net list
*@members.example   author
T

# signed_by [OPTION...] <MESSAGE: the domains of the signatures, or why there is none
signed_by() {
	dkimsign -n "$@" 2>err | sed -n 's/^dkim=pass header.d=\([^ ]*\) .*/\1/p; s/^dkim=none reason="\(.*\)"/none: \1/p' | tr '\n' ' ' | sed 's/ $//'
}
from() {
	printf 'From: %s\n' "$1"
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@"
	printf 'Date: x\nMessage-ID: <1@x>\n\nbody\n'
}
single='-s k -k k.private'

is 'the domain of the author' "$(from a@example.com | signed_by -d example.com $single)" example.com
is 'a parent of it' "$(from a@sub.example.com | signed_by -d example.com $single)" example.com
is 'a subdomain of it, which is aligned when relaxed' "$(from a@example.com | signed_by -d mail.example.com $single)" mail.example.com
is 'without a warning' "$(cat err)" ''
is 'a sibling' "$(from a@news.example.com | signed_by -d mail.example.com $single)" \
	'none: mail.example.com does not sign for news.example.com'
is 'another domain' "$(from a@example.org | signed_by -d example.com $single)" 'none: example.com does not sign for example.org'
is 'one that only looks like a parent' "$(from a@notexample.com | signed_by -d example.com $single)" \
	'none: example.com does not sign for notexample.com'
is 'of two authors the foreign one is named' "$(from 'a@example.com, b@example.org' | signed_by -d example.com $single)" \
	'none: example.com does not sign for example.org'
is 'with tables, too' "$(from 'a@example.com, b@example.org' | signed_by --key-table key_table --signing-table signing_table)" \
	'none: example.com does not sign for example.org'

is '--third-party' "$(from a@example.org | signed_by --third-party -d example.com $single)" example.com
is '--third-party warns' "$(from a@example.org | dkimsign --third-party -d example.com $single 2>&1 >/dev/null)" \
	'dkimsign: example.com signs for example.org, whose DMARC policy does not count it'
is '--third-party: no word for the author himself' "$(from a@example.com | dkimsign --third-party -d example.com $single 2>&1 >/dev/null)" ''
is '--third-party with tables' "$(from a@members.example | signed_by --third-party --key-table key_table --signing-table signing_table)" \
	example.com

# Lists
lists='--resign-lists --key-table key_table --signing-table signing_table'
is 'List-Post' "$(from a@example.org 'List-Post: <mailto:talk@lists.example.net>' | signed_by $lists)" lists.example.net
is 'List-Post with a subject' "$(from a@example.org 'List-Post: <mailto:talk@lists.example.net?subject=x>' | signed_by $lists)" lists.example.net
is 'List-Id' "$(from a@example.org 'List-Id: Talk "<x>" <talk.lists.example.net>' | signed_by $lists)" lists.example.net
is 'mail of an own author through an own list is signed by the list' \
	"$(from a@example.com 'List-Id: <talk.lists.example.net>' | signed_by $lists)" lists.example.net
is 'without the option by the author' \
	"$(from a@example.com 'List-Id: <talk.lists.example.net>' | signed_by --key-table key_table --signing-table signing_table)" example.com
is 'no list' "$(from a@example.com | signed_by $lists)" example.com
is 'a list of others' "$(from a@example.org 'List-Id: <talk.lists.example.org>' | signed_by $lists)" \
	'none: the signing table has no key for lists.example.org'
is 'by -d, too' "$(from a@example.org 'List-Id: <talk.lists.example.net>' | signed_by --resign-lists -d lists.example.net $single)" lists.example.net
is 'and not by a foreign one' "$(from a@example.org 'List-Id: <talk.lists.example.org>' | signed_by --resign-lists -d example.com $single)" \
	'none: example.com does not sign for lists.example.org'
for odd in 'List-Id: <>' 'List-Id: <talk>' 'List-Id: talk' 'List-Id: <.>' 'List-Id: <a..b>' 'List-Post: NO' 'List-Post: <mailto:>' \
	'List-Post: >mailto:talk@lists.example.net<' 'List-Post: <mailto:?>' 'List-Id:'; do
	is "$odd: the author's" "$(from a@example.com "$odd" | signed_by $lists)" example.com
done
is 'two List-Ids: none of them counts' \
	"$(from a@example.com 'List-Id: <talk.lists.example.net>' 'List-Id: <b.lists.example.net>' | signed_by $lists)" example.com

# Fields
tag() {
	dkimsign "$@" 2>/dev/null | tr -d '\n\t ' | sed 's/.*;h=\([^;]*\);.*/\1/'
}
is '--omit' "$(from a@example.com | tag -d example.com $single --omit Date:received)" From:From:Message-ID
is '--omit From is refused' "$(from a@example.com | signed_by --omit From --oversign '' -d example.com $single; cut -c-40 err | head -n 1)" \
	'4.3.5 dkimsign: option --headers must ha'
is 'names of fields in --omit' "$(from a@example.com | signed_by --omit 'a b' -d example.com $single; grep -c 'no list of field names' err)" 1
done_testing
