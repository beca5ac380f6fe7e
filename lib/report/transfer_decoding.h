/*
 * transfer_decoding - Content-Transfer-Encoding undone (RFC 2045 section 6), piece by piece
 *
 * Mailers break these encodings in many ways, and a report is worth reading all the same:
 * in base64 what is not of its alphabet is skipped (2045 6.8) and a "=" in the middle begins anew;
 * in quoted-printable a "=" that is no escape stays as it is.
 */
#ifndef ASSAY_REPORT_TRANSFER_DECODING_H
#define ASSAY_REPORT_TRANSFER_DECODING_H

#include "base/bytes.h"

enum transfer_encoding {
	TRANSFER_IDENTITY, /* 7bit, 8bit, binary, and what nobody knows */
	TRANSFER_BASE64,
	TRANSFER_QUOTED,
};

struct transfer_decoding {
	enum transfer_encoding encoding;
	unsigned bits;   /* base64: that have not made an octet yet */
	unsigned count;  /* how many */
	char pending[3]; /* quoted-printable: "=", "=4", "=CR" */
	size_t pending_len;
};

enum transfer_encoding transfer_encoding_of(struct slice name);

void transfer_begin(struct transfer_decoding *decoding, enum transfer_encoding encoding);

/* The decoded octets go into out, which has room for text.len + 3. */
size_t transfer_decode(struct transfer_decoding *decoding, struct slice text, char *out);

#endif
