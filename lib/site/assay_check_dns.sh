# assay_check_dns.sh - what DNS says of this host and of the domains
# shellcheck shell=sh disable=SC2154

# own_addresses: those from which this host sends
own_addresses() {
	[ -z "$addresses" ] || { echo "$addresses"; return; }
	{
		dns A "$helo"
		dns AAAA "$helo"
		postconf -h smtp_bind_address smtp_bind_address6 | sed '/^$/d'
	} | sort -u | tr '\n' ' '
}

check_own_names() {
	subject=$helo
	addresses=$(own_addresses)
	if [ -z "$(echo "$addresses" | tr -d ' ')" ]; then
		error 'the name that Postfix says in HELO has no address in DNS' publish "$helo. A $(own_address)"
		addresses=$(own_address)
	elif ! { dns A "$helo"; dns AAAA "$helo"; } | grep -q .; then
		error 'the name that Postfix says in HELO has no address in DNS' publish "$helo. A ${addresses# }"
	else
		good "has the address ${addresses% }"
	fi
	for address in $addresses; do
		check_reverse "$address"
	done
	subject=$helo
	if ! dns TXT "$helo" | grep -qi '^v=spf1'; then
		warning 'bounces are checked by the SPF record of this name, and there is none' publish "$helo. TXT \"v=spf1 a -all\""
	else
		check_permits "$helo" ''
	fi
}

# check_reverse ADDRESS: PTR, and back again
check_reverse() {
	subject=$1
	name=$(dig +short +time=3 +tries=2 -x "$1" 2>/dev/null | grep '\.$' | tail -n 1)
	reverse=$(dig +noall +question -x "$1" 2>/dev/null | sed -n 's/^;*\([^ 	]*\.arpa\.\).*/\1/p' | head -n 1)
	if [ -z "$name" ]; then
		error 'has no name in DNS (PTR), and many servers refuse mail from such hosts; ask the provider' publish \
			"$reverse PTR $helo."
	elif ! { dns A "$name"; dns AAAA "$name"; } | grep -qixF "$1"; then
		error "its name is ${name%.}, which does not have this address" publish "$reverse PTR $helo."
	elif [ "${name%.}" != "$helo" ]; then
		warning "its name is ${name%.}, but Postfix says HELO $helo" publish "$reverse PTR $helo."
	else
		good "its name is ${name%.}"
	fi
}

# check_permits DOMAIN RECORD: does SPF pass for each of our addresses? Without a record, of the HELO name
check_permits() {
	for address in $addresses; do
		sender=postmaster@$1
		[ "$1" != "$helo" ] || sender=
		found=$(spfcheck -q -n -j -i "$address" -H "$helo" -f "$sender" </dev/null)
		case $(printf '%s\n' "$found" | json_of result) in
		pass) good "SPF of $1 permits $address" ;;
		temperror) error "SPF of $1 cannot be found: $(printf '%s\n' "$found" | json_of reason)" run "dig $1 TXT" ;;
		*) error "SPF of $1 does not permit $address, from which this host sends" publish \
			"$1. TXT \"v=spf1 a:$helo ${2#v=spf1 }\"" ;;
		esac
	done
}

# record_to_begin DOMAIN: an SPF record when there is none
record_to_begin() {
	if dns MX "$1" | grep -q ' [^.]'; then
		echo "v=spf1 mx a:$helo -all"
	else
		echo "v=spf1 a:$helo -all"
	fi
}

check_spf() {
	subject="$1 SPF"
	spfcheck -j -L "$1" >"$work/lint" 2>/dev/null
	corrected=$(json_of corrected <"$work/lint" | tail -n 1)
	records=$(dns TXT "$1" | grep -ci '^v=spf1\( \|$\)')
	if ! dns TXT "$1" | grep -qi '^.\{0,4\}v=spf'; then
		error 'there is no SPF record: everybody may send in this name' publish "$1. TXT \"$(record_to_begin "$1")\""
		return
	fi
	found=
	grep '"severity":"\(error\|warning\)"' "$work/lint" >"$work/findings"
	while IFS= read -r object; do
		severity=$(printf '%s\n' "$object" | json_of severity)
		term=$(printf '%s\n' "$object" | json_of term)
		text="${term:+$term: }$(printf '%s\n' "$object" | json_of text)"
		[ "$severity" != error ] || found=error
		if [ -n "$corrected" ]; then
			report "$severity" "$text" publish "$1. TXT \"$corrected\""
		else
			report "$severity" "$text" run "spfcheck -L $1"
		fi
	done <"$work/findings"
	[ -z "$found" ] || return 0
	[ -s "$work/findings" ] || good 'the record is right'
	[ "$records" -ne 1 ] || check_permits "$1" "$(dns TXT "$1" | grep -i '^v=spf1')"
}

# sends_nothing DOMAIN: it says so itself
sends_nothing() {
	[ "$(dns TXT "$1" | grep -i '^v=spf1' | tr -d ' ')" = v=spf1-all ]
}

# record_of_key DOMAIN SELECTOR: what DNS is to have
record_of_key() {
	file=$(awk -v d="$1" -v s="$2" '$1 == d && $2 == s { print $3; exit }' "$work/keys" 2>/dev/null)
	text=${file%.private}.txt
	if [ -f "$text" ]; then
		grep -v '^;' "$text" | head -n 1 | tr '\t' ' '
	elif [ -f "$file" ]; then
		echo "$2._domainkey.$1. TXT \"v=DKIM1; p=$(openssl pkey -in "$file" -pubout -outform DER 2>/dev/null |
			base64 -w 0 | sed 's/.\{200\}/&" "/g')\""
	fi
}

check_published() {
	[ -s "$work/keys" ] || return 0
	as_user dkimsign testkey -q --key-table "$key_table" --signing-table "$signing_table" >"$work/tested" 2>&1
	while IFS= read -r line; do
		subject="$1 DKIM"
		key=${line%%: *}
		case $key in
		*"._domainkey.$1") ;;
		*) continue ;;
		esac
		case $line in
		*': good, '*) good "$key is published" ;;
		*) error "$line" publish "$(record_of_key "$1" "${key%%._domainkey*}")" ;;
		esac
	done <"$work/tested"
}

# check_signed DOMAIN: what a user would send
check_signed() {
	subject="$1 DKIM"
	[ -r "$key_table" ] && [ -r "$signing_table" ] || return 0
	printf 'From: postmaster@%s\nTo: postmaster@%s\nSubject: test\nDate: %s\nMessage-ID: <test@%s>\n\ntest\n' \
		"$1" "$1" "$(LC_ALL=C date '+%a, %d %b %Y %H:%M:%S +0000' -u)" "$1" >"$work/message"
	as_user dkimsign -q --key-table "$key_table" --signing-table "$signing_table" \
		<"$work/message" >"$work/signed" 2>"$work/trouble"
	if grep -qi '^DKIM-Signature:' "$work/signed"; then
		if dkimverify -q -n -j <"$work/signed" | grep '"result":"pass"' | grep -qF "\"d\":\"$1\""; then
			good 'mail is signed, and the signature holds'
		else
			error "the signature of a message does not hold: $(dkimverify -q -n -j <"$work/signed" |
				grep -v '"result":"pass"' | json_of reason | head -n 1)" publish \
				"$(record_of_key "$1" "$(dkimverify -q -n -j <"$work/signed" | json_of s | head -n 1)")"
		fi
	elif [ -s "$work/trouble" ]; then
		error "mail cannot be signed: $(head -n 1 "$work/trouble")" run \
			"runuser -u $user -- dkimsign testkey --key-table $key_table --signing-table $signing_table"
	else
		key=$(awk -v d="$1" 'index($2, d ":") == 1 { print $1; exit }' "$key_table")
		if [ -n "$key" ]; then
			error "no line of $signing_table is for the domain, so its mail is not signed" run \
				"echo '*@$1 $key' >>$signing_table"
		else
			error 'there is no key for the domain, so its mail is not signed' run "assay setup --domain $1"
		fi
	fi
}

check_dmarc() {
	subject="$1 DMARC"
	proposal=$(dmarceval --make-record "$1" p=none "rua=mailto:dmarc@$1" | head -n 1)
	dmarceval -j -L "$1" >"$work/lint" 2>/dev/null
	grep '"severity":"\(error\|warning\)"' "$work/lint" >"$work/findings"
	found=
	while IFS= read -r object; do
		text=$(printf '%s\n' "$object" | json_of text)
		term=$(printf '%s\n' "$object" | json_of term)
		[ -z "$term" ] || text="$term: $text"
		permission=$(printf '%s\n' "$text" | sed -n 's/.*takes the record \(.* TXT "v=DMARC1"\) there.*/\1/p')
		case $text in
		'p=none protects nobody'*)
			good 'p=none only asks for reports; p=reject is the aim, see step 11 of assay-guide(7)'
			continue
			;;
		esac
		found=yes
		report "$(printf '%s\n' "$object" | json_of severity)" "$text" publish "${permission:-$proposal}"
	done <"$work/findings"
	[ -n "$found" ] || good "the record is right: $(dns TXT "_dmarc.$1" | grep -i '^v=dmarc1' | head -n 1)"
	[ -n "$found" ] || check_readers "$1"
}

# check_readers DOMAIN: is there somebody at the addresses that are to get reports here?
check_readers() {
	for address in $(dns TXT "_dmarc.$1" | tr '[:upper:]' '[:lower:]' | tr -s ';,' '[\n*]' | sed -n 's/.*mailto:\([^! ]*\).*/\1/p'); do
		mailbox=${address%@*}
		case " $(postconf -xh mydestination | tr ',\n' '  ') " in
		*" ${address#*@} "*) ;;
		*) continue ;;
		esac
		known=
		for map in $(postconf -xh alias_maps | tr ',' ' '); do
			[ -z "$(postmap -q "$mailbox" "$map" 2>/dev/null)" ] || known=yes
		done
		if [ -n "$known" ] || getent passwd "$mailbox" >/dev/null; then
			good "reports have a reader, $address"
		else
			error "reports are to come to $address, and there is nobody" run \
				"echo '$mailbox: postmaster' >>/etc/aliases && newaliases"
		fi
	done
}

check_adsp() {
	subject="$1 ADSP"
	practice=$(dns TXT "_adsp._domainkey.$1" | head -n 1)
	case $practice in
	'') ;;
	dkim=unknown* | dkim=all* | dkim=discardable*) good "$practice" ;;
	*) warning "\"$practice\" says nothing (RFC 5617 4.2.1)" publish "_adsp._domainkey.$1. TXT \"dkim=all\"" ;;
	esac
}

check_mx() {
	subject="$1 MX"
	exchangers=$(dns MX "$1")
	if [ -z "$exchangers" ]; then
		error 'there is no MX record, so that answers, and reports, find no way' publish "$1. MX 10 $helo."
		return
	fi
	for exchanger in $(printf '%s\n' "$exchangers" | awk 'NF == 2 { print $2 }'); do
		if [ "$exchanger" = . ]; then
			error 'the null MX says that the domain gets no mail, but it sends some' publish "$1. MX 10 $helo."
		elif dns CNAME "$exchanger" | grep -q .; then
			error "${exchanger%.} is an alias (CNAME), which RFC 5321 5.1 forbids" publish "$1. MX 10 $helo."
		elif ! { dns A "$exchanger"; dns AAAA "$exchanger"; } | grep -q .; then
			error "${exchanger%.} has no address" publish "$1. MX 10 $helo."
		else
			good "mail goes to ${exchanger%.}"
		fi
	done
}

# check_transport DOMAIN: MTA-STS (RFC 8461) and TLS-RPT (RFC 8460), as far as they are published
check_transport() {
	subject="$1 MTA-STS"
	strict=$(dns TXT "_mta-sts.$1")
	case $strict in
	'') ;;
	'v=STSv1;'*id=*)
		if { dns A "mta-sts.$1"; dns AAAA "mta-sts.$1"; } | grep -q .; then
			good 'the record is right'
		else
			error "there is a record, but no host mta-sts.$1 with the policy (RFC 8461 3.3)" publish \
				"mta-sts.$1. A ${addresses%% *}"
		fi
		;;
	*) error "\"$strict\" is no record (RFC 8461 3.1)" publish "_mta-sts.$1. TXT \"v=STSv1; id=$(date +%Y%m%d%H%M%S)\"" ;;
	esac
	subject="$1 TLS-RPT"
	reports=$(dns TXT "_smtp._tls.$1")
	case $reports in
	'') [ -z "$strict" ] || warning 'with MTA-STS one should hear of failures' publish \
		"_smtp._tls.$1. TXT \"v=TLSRPTv1; rua=mailto:dmarc@$1\"" ;;
	'v=TLSRPTv1;'*rua=*) good 'the record is right' ;;
	*) error "\"$reports\" is no record (RFC 8460 3)" publish \
		"_smtp._tls.$1. TXT \"v=TLSRPTv1; rua=mailto:dmarc@$1\"" ;;
	esac
}

# check_silent DOMAIN: one that sends nothing should say so everywhere
check_silent() {
	subject="$1 MX"
	if dns MX "$1" | grep -q ' [^.]'; then
		good 'it sends nothing, and gets mail'
	elif [ "$(dns MX "$1")" = '0 .' ]; then
		good 'null MX: it gets no mail'
	else
		warning 'the domain sends nothing, and gets nothing either: say so (RFC 7505)' publish "$1. MX 0 ."
	fi
	subject="$1 DMARC"
	case $(dns TXT "_dmarc.$1") in
	*p=reject*) good 'p=reject' ;;
	*) error 'the domain sends nothing, so all mail in its name is forged: ask for p=reject' publish \
		"_dmarc.$1. TXT \"v=DMARC1; p=reject\"" ;;
	esac
}

check_dns() {
	check_own_names
	for domain in $domains; do
		subject=$domain
		if ! dns_answers "$domain"; then
			error 'its name servers do not answer, or the zone is broken' run "dig +trace $domain SOA"
			continue
		fi
		if sends_nothing "$domain"; then
			check_silent "$domain"
			continue
		fi
		check_spf "$domain"
		check_published "$domain"
		check_signed "$domain"
		check_dmarc "$domain"
		check_adsp "$domain"
		check_mx "$domain"
		check_transport "$domain"
	done
}
