/*
 * received_field: what mail systems write, and clients that want to be taken for another
 */
#include "mail/received_field.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/printable.h"
#include "tap.h"

static struct pool *pool;

/* first_line - of a field, as the name of a test */
static const char *first_line(const char *field)
{
	struct slice text = slice_trim(slice_of(field));

	text.len = slice_find(text, '\n');
	return text_make_printable(slice_copy(pool, text));
}

/* The fields of four mail systems, as they come out of them. */
static void test_forms(void)
{
	static const struct {
		const char *field;
		const char *address; /* NULL: not understood */
		const char *helo;
		const char *sender;
	} cases[] = {
	    /* Postfix */
	    {" from mail.example.org (mx.example.org [192.0.2.1])\n\tby mx.example.net (Postfix) "
	     "with ESMTP id 4Ab\n\tfor <bob@example.net>; Mon, 23 Nov 2026 09:00:00 +0000 (UTC)",
	     "192.0.2.1", "mail.example.org", NULL},
	    {" from mail.example.org (unknown [IPv6:2001:db8::1])\n\t(using TLSv1.3 with cipher X "
	     "(256/256 bits))\n\t(No client certificate requested)\n\tby mx (Postfix) with ESMTPS",
	     "2001:db8::1", "mail.example.org", NULL},
	    {" from [192.0.2.7] (unknown [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1",
	     "192.0.2.1", "[192.0.2.7]", NULL},
	    {" from a b (unknown [192.0.2.1])\n\tby mx (Postfix) with SMTP id 1", "192.0.2.1",
	     "a b", NULL},
	    /* Sendmail */
	    {" from mail.example.org (mail.example.org [192.0.2.1] (may be forged))\n\tby mx "
	     "(8.17.1/8.17.1) with ESMTP id 1\n\tfor <bob@example.net>; Mon, 23 Nov 2026 09:00:00 "
	     "GMT\n\t(envelope-from alice@example.org)",
	     "192.0.2.1", "mail.example.org", "alice@example.org"},
	    {" from mail.example.org ([192.0.2.1])\n\tby mx (8.17.1) with ESMTP id 1", "192.0.2.1",
	     "mail.example.org", NULL},
	    {" from mail.example.org (IDENT:root@x.example [192.0.2.1])\n\tby mx", "192.0.2.1",
	     "mail.example.org", NULL},
	    /* Exim */
	    {" from mx.example.org ([192.0.2.1] helo=mail.example.org)\n\tby mx with esmtps "
	     "(TLS1.3)\n\t(Exim 4.96)\n\t(envelope-from <alice@example.org>)\n\tid 1",
	     "192.0.2.1", "mail.example.org", "alice@example.org"},
	    {" from mail.example.org ([2001:db8::1]:4242)\n\tby mx with esmtp (Exim 4.96)\n\t"
	     "(envelope-from <>)\n\tid 1",
	     "2001:db8::1", "mail.example.org", ""},
	    {" from [192.0.2.1] (helo=mail.example.org)\n\tby mx with esmtp (Exim 4.96)",
	     "192.0.2.1", "mail.example.org", NULL},
	    {" from [192.0.2.1] (port=4242 helo=mail.example.org)\n\tby mx", "192.0.2.1",
	     "mail.example.org", NULL},
	    {" from [192.0.2.1]:4242 (helo=[192.0.2.7])\n\tby mx", "192.0.2.1", "[192.0.2.7]",
	     NULL},
	    {" from [192.0.2.1]\n\tby mx with smtp (Exim 4.96)", "192.0.2.1", "[192.0.2.1]", NULL},
	    {" from mx.example.org ([192.0.2.1] helo=[192.0.2.7] ident=nobody)\n\tby mx",
	     "192.0.2.1", "[192.0.2.7]", NULL},
	    /* qmail */
	    {" from unknown (HELO mail.example.org) (192.0.2.1)\n  by mx with SMTP; 23 Nov 2026",
	     "192.0.2.1", "mail.example.org", NULL},
	    {" from mx.example.org (HELO mail.example.org) (root@192.0.2.1)\n  by mx with SMTP",
	     "192.0.2.1", "mail.example.org", NULL},
	    {" from mail.example.org (192.0.2.1)\n  by mx with SMTP; 23 Nov 2026", "192.0.2.1",
	     "mail.example.org", NULL},
	    /* none of them, or without a client */
	    {" by mx.example.net (Postfix, from userid 1000)\n\tid 4Ab; Mon, 23 Nov 2026", NULL,
	     NULL, NULL},
	    {" (qmail 123 invoked by uid 0);\n 23 Nov 2026", NULL, NULL, NULL},
	    {" from mail.example.org (mx.example.org [192.0.2.1]) by mx; Mon, 23 Nov 2026", NULL,
	     NULL, NULL},
	    {" from mail.example.org\n\tby mx", NULL, NULL, NULL},
	    {" from mail.example.org (mx.example.org [unknown])\n\tby mx", NULL, NULL, NULL},
	    {" from (unknown [192.0.2.1])\n\tby mx", NULL, NULL, NULL},
	    {" from  ()\n\tby mx", NULL, NULL, NULL},
	    {" from [\n\tby mx", NULL, NULL, NULL},
	    {"\n\t\n", NULL, NULL, NULL},
	    {"", NULL, NULL, NULL},
	};
	struct received_client client;
	struct error error;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool good = received_field_parse(pool, slice_of(cases[i].field), &client, &error);

		is_text(good ? client.address.text : NULL, cases[i].address,
			first_line(cases[i].field));
		if (!good)
			continue;
		is_text(client.helo, cases[i].helo, "its HELO name");
		is_text(client.sender, cases[i].sender, "its sender");
	}
	ok(!received_field_parse(pool, slice_from(" from a (b [192.0.2.1])\n\tby\0", 28), &client,
				 &error),
	   "a NUL octet is in none of them");
}

/* A client from 192.0.2.66 says HELO so that it looks like one from 192.0.2.1. */
static void test_impostors(void)
{
	static const char *const fields[] = {
	    " from a (a [192.0.2.1]) by mx (unknown [192.0.2.66])\n\tby mx (Postfix)",
	    " from a (a [192.0.2.1]) (unknown [192.0.2.66])\n\tby mx (Postfix)",
	    " from a ([192.0.2.1] helo=a) (unknown [192.0.2.66])\n\tby mx (Postfix)",
	    " from [192.0.2.1] (unknown [192.0.2.66])\n\tby mx (Postfix)",
	    " from [192.0.2.1] (helo=a (unknown [192.0.2.66])\n\tby mx (Postfix)",
	    " from a (HELO a) (192.0.2.1) (unknown [192.0.2.66])\n\tby mx (Postfix)",
	    " from a (a [192.0.2.1] (may be forged)) (a [192.0.2.66] (may be forged))\n\tby mx",
	    " from x ([192.0.2.66] helo=[192.0.2.1])\n\tby mx (Exim 4.96)",
	    " from [192.0.2.66] (helo=[192.0.2.1])\n\tby mx (Exim 4.96)",
	    " from x (HELO [192.0.2.1]) (192.0.2.66)\n  by mx",
	    " from x ([192.0.2.66] ident=x [192.0.2.1])\n\tby mx (Exim 4.96)",
	};
	struct received_client client;
	struct error error;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		is_text(received_field_parse(pool, slice_of(fields[i]), &client, &error)
			    ? client.address.text
			    : NULL,
			"192.0.2.66", first_line(fields[i]));
}

/* is_found - the sender or the error of a message, the number-th field taken */
static void is_found(const char *text, unsigned number, const char *address, const char *sender,
		     const char *name)
{
	struct message *message = message_new();
	struct received_client client = {.sender = NULL};
	struct error error;
	int fd = memfd_create("message", 0);
	bool good;

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) != 0 ||
	    !message_read_header(message, source_of_fd(fd), &error))
		abort();
	good = received_field_find(pool, message, number, &client, &error);
	is_text(good ? client.address.text : NULL, address, name);
	is_text(good ? client.sender : NULL, sender, "the sender");
	close(fd);
	message_free(message);
}

static void test_message(void)
{
	static const char message[] = "Return-Path: <alice@example.org>\n"
				      "Received: from a (a [192.0.2.1])\n\tby b (Postfix)\n"
				      "Subject: x\n"
				      "Received: from c (c [192.0.2.2])\n\tby d (Postfix)\n"
				      "RECEIVED: by e (Postfix, from userid 0)\n\tid 1\n\n"
				      "Received: from f (f [192.0.2.3])\n\tby g (Postfix)\n";

	is_found(message, 1, "192.0.2.1", "alice@example.org", "the topmost field");
	is_found(message, 2, "192.0.2.2", "alice@example.org", "the second");
	is_found(message, 3, NULL, NULL, "the third names no client");
	is_found(message, 4, NULL, NULL, "the body has no fields");
	is_found("Received: from a (a [192.0.2.1])\n\tby b\nReturn-Path: <x@example.org>\n\n", 1,
		 "192.0.2.1", NULL, "a Return-Path below the field is a stranger's");
	is_found("Return-Path: <>\nReceived: from a (a [192.0.2.1])\n\tby b\n\n", 1, "192.0.2.1",
		 "", "a bounce");
	is_found("Return-Path: x\nReceived: from a (a [192.0.2.1])\n\tby b\n\n", 1, "192.0.2.1",
		 NULL, "a Return-Path without brackets");
	is_found("Return-Path: <x@example.org>\nReceived: from a ([192.0.2.1])\n\tby b\n\t"
		 "(envelope-from <y@example.org>)\n\n",
		 1, "192.0.2.1", "y@example.org", "the field itself comes first");
}

int main(void)
{
	pool = pool_new();
	test_forms();
	test_impostors();
	test_message();
	pool_free(pool);
	return done();
}
