/*
 * packet - names and messages as they are on the wire (RFC 1035 section 4, RFC 6891)
 *
 * Writes a query and reads what came back. Everything a name server sends is
 * a stranger's data: what does not fit together is no answer. The structure of
 * a message is checked by libresolv (ns_initparse and its kin).
 */
#ifndef ASSAY_DNS_PACKET_H
#define ASSAY_DNS_PACKET_H

#include <arpa/nameser.h>

#include "dns/answer.h"

/*
 * What we can take over UDP (RFC 6891 6.2.3). It travels unfragmented wherever
 * IPv6 does: 1280 octets (RFC 8200 section 5) less the headers of IPv6 and UDP.
 */
#define DNS_UDP_PAYLOAD 1232

#define DNS_OPT_SIZE 11 /* an OPT record without options (RFC 6891 6.1.2) */
/* Header, question and OPT record. */
#define DNS_QUERY_SIZE (NS_HFIXEDSZ + NS_MAXCDNAME + NS_QFIXEDSZ + DNS_OPT_SIZE)

#define DNS_NAME_SIZE (NS_MAXCDNAME - 1) /* RFC 1035 2.3.4: 255 octets with the root's */

/*
 * A name as its labels in ASCII lower case, each with its length in the octet
 * before it; the root's zero octet is left out, so that the root is empty.
 */
struct dns_name {
	size_t len;
	unsigned char labels[DNS_NAME_SIZE];
};

/* False if the label is empty or does not fit; both limits are those of RFC 1035 2.3.4. */
bool dns_name_add_label(struct dns_name *name, const char *label, size_t len);
/* Text as dns_query() takes it; false if it is no name, which the root is neither. */
bool dns_name_of_text(struct dns_name *name, const char *text);
/*
 * The inverse, without a trailing dot; "" for the root. A dot or NUL octet in
 * a label, which text cannot carry, is shown as "\046" or "\000".
 */
const char *dns_name_text(struct pool *pool, const struct dns_name *name);
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);

struct dns_question {
	struct dns_name name;
	enum dns_type type;
};

/* Writes a query with recursion desired; returns its length. */
size_t dns_packet_write_query(unsigned char packet[DNS_QUERY_SIZE],
			      const struct dns_question *question, uint16_t id, bool edns);

/* What a packet that came back is worth. */
enum dns_verdict {
	DNS_VERDICT_FOREIGN,   /* no response to our query: to be ignored */
	DNS_VERDICT_REJECTED,  /* FORMERR or NOTIMP, maybe because of EDNS (RFC 6891 section 7) */
	DNS_VERDICT_FAILURE,   /* this server has no usable answer */
	DNS_VERDICT_TRUNCATED, /* the answer is to be had over TCP */
	DNS_VERDICT_ANSWER,    /* the reply is filled in */
};

/* An answer, or how far it leads. Start with all zero. */
struct dns_reply {
	struct dns_answer answer;
	unsigned links;         /* CNAME records followed so far, over all packets of a chain */
	bool continues;         /* the chain leads out of the packet: ... */
	struct dns_name target; /* ... ask for this name next */
};

/*
 * Reads what came back for a question. The records of the answer are copied
 * into pool; the reply is untouched unless the verdict is DNS_VERDICT_ANSWER.
 */
enum dns_verdict dns_packet_read(struct pool *pool, struct slice packet,
				 const struct dns_question *question, uint16_t id,
				 struct dns_reply *reply);

#endif
