#!/bin/sh
# Result fields as other verifiers write them are understood; each with its own peculiarities.
. "$(dirname "$0")/lib.sh"

id=mx.example.net
cat >"$work/zone" <<'Z'
_dmarc.example.org. TXT "v=DMARC1; p=reject"
Z

# judged NAME RESULT SPF DKIM: the field on stdin, from a trusted verifier, above our Received
judged() {
	{
		cat
		printf 'Received: from mail.example.org by mx.example.net\n'
		printf 'From: Alice <alice@example.org>\nSubject: x\n\nbody\n'
	} >"$work/message"
	dmarceval -n -j -a $id -z "$work/zone" <"$work/message" >"$work/out" 2>&1
	like "$1: $2" "$(cat "$work/out")" \
		"\"result\":\"$2\".*\"spf_aligned\":\"$3\",\"dkim_aligned\":\"$4\""
	grep -q '^Received-SPF' "$work/message" && return # has no name of who wrote it
	sed 's/mx\.example\.net/other.example/' "$work/message" >"$work/foreign"
	like "$1, but not ours: not believed" \
		"$(dmarceval -n -j -a $id -z "$work/zone" <"$work/foreign")" '"result":"fail"'
}

# opendkim 2.11: a comment with the key in front of the properties; several signatures in one field
judged 'opendkim, pass' pass fail pass <<'F'
Authentication-Results: mx.example.net;
	dkim=pass (2048-bit key; unprotected) header.d=example.org header.i=@example.org header.a=rsa-sha256 header.s=mail header.b=YK3uKQwe;
	dkim-atps=neutral
F
judged 'opendkim, reason and two signatures' pass fail pass <<'F'
Authentication-Results: mx.example.net;
	dkim=fail reason="signature verification failed" (2048-bit key) header.d=list.example header.i=@list.example header.b=abc;
	dkim=pass (1024-bit key, secure) header.d=mail.example.org header.i=@mail.example.org header.b="q+/1"
F
judged 'opendkim, old release without header.d' pass fail pass <<'F'
Authentication-Results: mx.example.net; dkim=pass
	reason="2048-bit key; insecure key"
	header.i=@example.org header.b=YK3uKQwe; dkim-adsp=pass
F
judged 'opendkim, fail' fail fail fail <<'F'
Authentication-Results: mx.example.net;
	dkim=fail reason="signature verification failed" (2048-bit key; unprotected) header.d=example.org header.i=@example.org header.b=abc
F
judged 'opendkim, temporary trouble' temperror fail fail <<'F'
Authentication-Results: mx.example.net;
	dkim=temperror (0-bit key) header.d=example.org header.i=@example.org header.b=abc
F

# policyd-spf (Python): a bare domain as MAIL FROM, and a comment with an address in it
judged 'policyd-spf, header_type AR' pass pass fail <<'F'
Authentication-Results: mx.example.net; spf=pass (mailfrom) smtp.mailfrom=example.org (client-ip=192.0.2.1; helo=mail.example.org; envelope-from=alice@example.org; receiver=bob@example.net)
F
judged 'policyd-spf, header_type SPF' pass pass fail <<'F'
Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=192.0.2.1; helo=mail.example.org; envelope-from=alice@example.org; receiver=mx.example.net
Authentication-Results: mx.example.net; none
F
judged 'policyd-spf, softfail' fail fail fail <<'F'
Received-SPF: Softfail (mailfrom) identity=mailfrom; client-ip=192.0.2.1; helo=mail.example.org; envelope-from=alice@example.org; receiver=mx.example.net
F
judged 'policyd-spf, HELO of a bounce' pass pass fail <<'F'
Authentication-Results: mx.example.net; spf=pass (helo) smtp.helo=example.org (client-ip=192.0.2.1; helo=example.org; envelope-from=<>; receiver=bob@example.net)
Received-SPF: Pass (helo) identity=helo; client-ip=192.0.2.1; helo=example.org; envelope-from=<>; receiver=bob@example.net
F
judged 'policyd-spf, HELO of a bounce in Authentication-Results alone' fail fail fail <<'F'
Authentication-Results: mx.example.net; spf=pass (helo) smtp.helo=example.org (client-ip=192.0.2.1; helo=example.org; envelope-from=<>; receiver=bob@example.net)
F
judged 'policyd-spf, HELO of a sender' fail fail fail <<'F'
Authentication-Results: mx.example.net; spf=pass (helo) smtp.helo=example.org (client-ip=192.0.2.1; helo=example.org; envelope-from=a@evil.example; receiver=bob@example.net)
Received-SPF: Pass (helo) identity=helo; client-ip=192.0.2.1; helo=example.org; envelope-from=a@evil.example; receiver=bob@example.net
F
judged 'policyd-spf, none of HELO before pass of MAIL FROM' pass pass fail <<'F'
Authentication-Results: mx.example.net; spf=none (helo) smtp.helo=mail.example.org (client-ip=192.0.2.1)
Authentication-Results: mx.example.net; spf=pass (mailfrom) smtp.mailfrom=example.org (client-ip=192.0.2.1)
F

# pyspf-milter: the same, without a known recipient
judged 'pyspf-milter' pass pass fail <<'F'
Authentication-Results: mx.example.net; spf=pass (mailfrom) smtp.mailfrom=alice@example.org (client-ip=192.0.2.1; helo=mail.example.org; envelope-from=alice@example.org; receiver=<UNKNOWN>)
F

# rspamd: everything in one field, our host name and an address in a comment
judged 'rspamd' pass pass pass <<'F'
Authentication-Results: mx.example.net;
	dkim=pass header.d=example.org header.s=mail header.b=YK3uKQwe;
	spf=pass (mx.example.net: domain of alice@example.org designates 192.0.2.1 as permitted sender) smtp.mailfrom=alice@example.org;
	dmarc=pass (policy=reject) header.from=example.org
F
judged 'rspamd, its own dmarc=pass counts for nothing' fail fail fail <<'F'
Authentication-Results: mx.example.net;
	dkim=none;
	spf=fail (mx.example.net: domain of alice@example.org does not designate 192.0.2.1 as permitted sender) smtp.mailfrom=alice@example.org;
	dmarc=pass (policy=reject) header.from=example.org
F

# mailauth: CRLF, header.i without header.d, arc and bimi results
printf '%b' 'Authentication-Results: mx.example.net;\r\n dkim=pass header.i=@example.org header.s=mail header.a=rsa-sha256\r\n header.b=YK3uKQwe;\r\n spf=pass (mx.example.net: domain of alice@example.org designates\r\n 192.0.2.1 as permitted sender) smtp.mailfrom=alice@example.org\r\n smtp.helo=mail.example.org;\r\n arc=none;\r\n dmarc=pass (p=REJECT) header.from=example.org;\r\n bimi=skipped (DMARC not enabled)\r\n' \
	>"$work/mailauth"
judged 'mailauth' pass pass pass <"$work/mailauth"
judged 'mailauth, an arc=pass is no dkim=pass' fail fail fail <<'F'
Authentication-Results: mx.example.net;
 dkim=neutral (body hash did not verify) header.i=@example.org header.s=mail;
 arc=pass (i=1 spf=pass spfdomain=example.org dkim=pass header.d=example.org);
 spf=none smtp.mailfrom=bounce@list.example smtp.helo=list.example
F

# authentication_milter: many methods, properties of its own
judged 'authentication_milter' pass pass pass <<'F'
Authentication-Results: mx.example.net;
    dkim=pass (2048-bit rsa key sha256) header.d=example.org
      header.i=@example.org header.b=YK3uKQwe header.a=rsa-sha256
      header.s=mail x-bits=2048;
    dmarc=pass policy.published-domain-policy=reject
      policy.applied-disposition=none policy.evaluated-disposition=none
      (p=reject,d=none,d.eval=none) policy.policy-from=p
      header.from=example.org;
    iprev=pass smtp.remote-ip=192.0.2.1 (mail.example.org);
    spf=pass smtp.mailfrom=alice@example.org
      smtp.helo=mail.example.org;
    x-ptr=pass smtp.helo=mail.example.org policy.ptr=mail.example.org
F

# amavis: a comment behind the authserv-id
judged 'amavis' pass fail pass <<'F'
Authentication-Results: mx.example.net (amavisd-new);
	dkim=pass (2048-bit key) header.d=example.org
F
judged 'amavis, several signatures' pass fail pass <<'F'
Authentication-Results: mx.example.net (amavis); dkim=softfail
	(invalid, public key: not available) header.d=list.example;
	dkim=pass (1024-bit key) header.d=example.org
F

# One site, one verifier a method, each with a field of its own, one with a name of its own
printf '%s\n' 'Authentication-Results: mx.example.net; dkim=none' \
	'Authentication-Results: spf.example.net; spf=pass smtp.mailfrom=example.org' \
	'Received: x' 'From: alice@example.org' '' >"$work/message"
like 'a verifier under another name is believed if it is named' \
	"$(dmarceval -n -a $id --trusted-ids spf.example.net -z "$work/zone" <"$work/message")" '^dmarc=pass'
like 'and not otherwise' "$(dmarceval -n -a $id -z "$work/zone" <"$work/message")" '^dmarc=fail'
done_testing
