#!/bin/sh
# --check --json: one object a line, with the keys that are documented, each of its type.
. "$(dirname "$0")/lib.sh"

zone=$data/demo/zone
message=$data/demo/message
openssl genrsa -out "$work/key" 2048 2>/dev/null
chmod 600 "$work/key"

# shape FILE: the keys of each object in their order, numbers as n, lists as l, texts as t
shape() {
	perl -MJSON::PP -ne '
		$object = decode_json($_);
		push @keys, [$-[1], $1] while /"([a-z_]+)":/g;
		for (@keys) {
			$value = $object->{$_->[1]};
			push @shape, $_->[1] . ":" . (ref $value eq "ARRAY" ? "l" :
				JSON::PP->new->allow_nonref->encode($value) =~ /^"/ ? "t" : "n");
		}
		print "@shape\n";
		@keys = @shape = ();' "$1"
}

spf='method:t result:t reason:t identity:t domain:t sender:t ip:t helo:t mechanism:t'
spf="$spf explanation:t lookups:n void_lookups:n"
spfcheck -n -j -z "$zone" -i 192.0.2.70 -H mail.shop.example -f orders@shop.example >"$work/out"
is 'spfcheck: status 0 for a pass' $? 0
is 'spfcheck: keys' "$(shape "$work/out")" "$spf"
like 'spfcheck: values' "$(cat "$work/out")" '"result":"pass".*"ip":"192.0.2.70"'

dkim='method:t result:t reason:t d:t s:t i:t a:t b:t key_bits:n unsigned_bytes:n index:n'
dkimverify -n -j -z "$zone" <"$message" >"$work/out"
is 'dkimverify: status 0 for a pass' $? 0
is 'dkimverify: a line a signature' "$(wc -l <"$work/out")" 2
is 'dkimverify: keys' "$(shape "$work/out" | sort -u)" "$dkim"
like 'dkimverify: a key' "$(cat "$work/out")" '"result":"pass".*"d":"shop.example".*"key_bits":2048'
is 'dkimverify: which signature' "$(grep -o '"index":[0-9]*' "$work/out" | tr '\n' ' ')" \
	'"index":0 "index":1 '
sed 's/^From: .*/From: other@shop.example/' "$message" | dkimverify -n -j -z "$zone" >"$work/out"
is 'dkimverify: status 1 for a failure' $? 1
like 'dkimverify: the reason' "$(head -1 "$work/out")" '"result":"fail","reason":"[^"]'
printf 'From: a@shop.example\n\nx\n' | dkimverify -n -j -z "$zone" >"$work/out"
is 'dkimverify: a message without a signature is no pass' $? 1
like 'dkimverify: none' "$(cat "$work/out")" '^{"method":"dkim","result":"none"'
is 'dkimverify: in one line' "$(wc -l <"$work/out")" 1

dkimsign -n -j -d shop.example -s mail -k "$work/key" <"$message" >"$work/out"
is 'dkimsign: status 0 when it would sign' $? 0
is 'dkimsign: keys' "$(shape "$work/out")" 'method:t result:t reason:t d:t s:t i:t a:t'
like 'dkimsign: values' "$(cat "$work/out")" '"d":"shop.example","s":"mail".*"a":"rsa-sha256"'
printf 'from: nobody\n\nx\n' | dkimsign -n -j -q --key-table /dev/null --signing-table /dev/null >"$work/out"
like 'dkimsign: why it would not' "$(cat "$work/out")" '"result":"none","reason":"[^"]'

dmarc='method:t result:t reason:t from:t org_domain:t policy_domain:t policy_tag:t policy:t'
dmarc="$dmarc disposition:t spf_aligned:t dkim_aligned:t override:l queries:l"
dkimverify -a mx.test -z "$zone" <"$message" | dmarceval -n -j -a mx.test -z "$zone" >"$work/out"
is 'dmarceval: status 0 for a pass' $? 0
is 'dmarceval: keys' "$(shape "$work/out")" "$dmarc"
like 'dmarceval: values' "$(cat "$work/out")" \
	'"result":"pass".*"policy":"reject".*"dkim_aligned":"pass".*"queries":\["_dmarc.shop.example"'
done_testing
