#!/bin/sh
# Results of every kind that a stranger can write in our name, in a message without our Received field.
. "$(dirname "$0")/lib.sh"

id=mx.example.com
cd "$work" || exit 1
cat >zone <<'Z'
_dmarc.bank.example. TXT "v=DMARC1; p=reject"
bank.example. TXT "v=spf1 ip4:192.0.2.7 -all"
mail.bank.example. TXT "v=spf1 ip4:192.0.2.7 -all"
evil.example. TXT "v=spf1 ip4:192.0.2.66 -all"
Z
mkdir kinds
count=$(/usr/bin/python3 "$top/tests/helpers/forged_kinds.py" $id bank.example 192.0.2.66 x@evil.example kinds)
ok "there are at least 138 kinds ($count)" test "$count" -ge 138
printf 'From: Bank <ceo@bank.example>\nSubject: wire\n\npay\n' >letter
policy=$(printf '%s\n' request=smtpd_access_policy protocol_state=RCPT client_address=192.0.2.66 \
	recipient=b@mx.example.com sasl_username= helo_name=evil.example sender=x@evil.example instance=1 '' |
	spfcheck -P -a $id -z zone 2>/dev/null | sed -n 's/^action=PREPEND //p')
like 'the policy service has sealed its field' "$policy" '^Received-SPF: pass .*; x-seal=[0-9]*\.[0-9a-f]{16}$'

spf() {
	spfcheck -a $id -z zone -i 192.0.2.66 -H evil.example -f x@evil.example
}
dkim() {
	dkimverify -a $id -z zone
}
dmarc() {
	dmarceval -a $id -z zone "$@"
}
envelope='-i 192.0.2.66 -f x@evil.example'

# Each chain reads "message" and writes a message.
whole() { spf <message | dkim | dmarc $envelope; }
in_files() { spf <message >a && dkim <a >b && dmarc <b; }
without_spf() { dkim <message | dmarc $envelope; }
after_policy() { { echo "$policy"; cat message; } | dkim | dmarc $envelope; }
null_sender() { dkim <message | dmarc -i 192.0.2.66 -f ''; }
relayed() { spf <message | sed 's/$/\r/' | dkim | tr -d '\r' | dmarc; }

# Under sanitizers by those chains alone that have the tools do something else.
chains='whole in_files without_spf after_policy relayed'
[ -z "${ASSAY_SANITIZED-}" ] || chains='after_policy relayed'
for chain in $chains; do
	believed=
	kept=
	for kind in kinds/*; do
		# What smtpd writes would be our border; a site removes it, or has one above it.
		grep -q '^Received: from ' "$kind" && continue
		cat "$kind" letter >message
		$chain >out
		grep -q '^Authentication-Results: mx.example.com; dmarc=fail .*dis=quarantine' out ||
			believed="$believed $kind"
		# No other field of our name is left than those of this run: one of each tool at most.
		test "$(grep -ci '^Authentication-Results *: *"*mx.example.com' out)" -le 3 || kept="$kept $kind"
		grep -q 'x-assay-run' out && kept="$kept $kind"
	done
	is "$chain: no kind is believed" "$believed" ''
	is "$chain: nor left in the message" "$kept" ''
done

# Alone, dmarceval believes nothing either, unless a border is there.
believed=
for kind in kinds/*; do
	cat "$kind" letter >message
	grep -qi '^Received[ 	]*:' message && continue
	for options in "$envelope" '-f  -i192.0.2.66' ''; do
		# shellcheck disable=SC2086 # options
		dmarc -n $options <message 2>/dev/null | grep -q '^dmarc=fail ' || believed="$believed $kind"
	done
done
is 'dmarceval alone: no kind is believed' "$believed" ''

# The honest results of the same chains are believed.
printf 'From: Evil <x@evil.example>\nSubject: honest\n\nhello\n' >message
echo '_dmarc.evil.example. TXT "v=DMARC1; p=reject"' >>zone
for chain in whole in_files after_policy relayed; do
	like "$chain: an honest result is believed" "$($chain)" '^Authentication-Results: mx.example.com; dmarc=pass '
done
like 'a chain without SPF: no result' "$(without_spf)" '^Authentication-Results: mx.example.com; dmarc=fail '

# A seal is worth nothing elsewhere.
spf <message >sealed
like 'a seal holds' "$(dmarc -n <sealed)" '^dmarc=pass '
for change in 's/^Subject: honest/Subject: wire/' 's/evil.example$/evil.example /' 's/above=2/above=1/' \
	's/below=0/below=1/' 's/policy.time=1/policy.time=2/' '/^Subject/d' 's/honest/&\nX-New: field/' \
	's/smtp.mailfrom=x@evil/smtp.mailfrom=x@bank/' '1s/^/X-Above: field\n/' 's/^From: Evil/From: evil/'; do
	sed "$change" sealed >changed
	cmp -s sealed changed && report 1 "the change $change changes nothing"
	like "a seal does not hold after $change" "$(dmarc -n <changed)" '^dmarc=fail '
done
like 'a seal is of one authserv-id' "$(dmarceval -n -a other.example -z zone <sealed)" '^dmarc=fail '
like 'the seal of the policy service is of one client' \
	"$({ echo "$policy"; cat message; } | dmarc -n -i 192.0.2.67 -f x@evil.example)" '^dmarc=fail '
like '... and of one sender' "$({ echo "$policy"; cat message; } | dmarc -n -i 192.0.2.66 -f x@bank.example)" \
	'^dmarc=fail '
like '... and not believed if the sender is not known' \
	"$({ echo "$policy"; cat message; } | dmarc -n -i 192.0.2.66)" '^dmarc=fail '
done_testing
