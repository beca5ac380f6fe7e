/*
 * exceptions - when less is done to a message than was asked for, and what reports say of that
 * (RFC 9989 section 7, RFC 9990 section 3.1.2.6)
 *
 * A stranger can write any List-Id. It counts only if the list is known here and its own host
 * vouches for the message, by SPF or a DKIM signature that passed.
 */
#ifndef ASSAY_DMARC_EXCEPTIONS_H
#define ASSAY_DMARC_EXCEPTIONS_H

#include "dmarc/evaluation.h"
#include "mail/host_list.h"
#include "mail/ip_address.h"

#define DMARC_REASONS_MAX                                                                          \
	4 /* temperror, test mode, one of the host, the list and our own                           \
	      will, and why nothing is rejected */

/* The override types of RFC 9990. */
enum dmarc_override_type {
	DMARC_LOCAL_POLICY,
	DMARC_MAILING_LIST,
	DMARC_OTHER,
	DMARC_POLICY_TEST_MODE,
	DMARC_TRUSTED_FORWARDER,
};

struct dmarc_reason {
	enum dmarc_override_type type;
	const char *comment; /* printable ASCII, "" for none */
};

struct dmarc_overrides {
	size_t count;
	struct dmarc_reason reasons[DMARC_REASONS_MAX];
};

/* Who has handed the message over. */
struct dmarc_client {
	const struct ip_address *address; /* family 0: not known */
	const char *name;                 /* canonical, and verified by the MTA; NULL: not known */
};

/* What this site has decided. */
struct dmarc_local_rules {
	const struct host_list *forwarders; /* whose mail is not held to its policy; NULL: none */
	const struct host_list *lists;      /* names are List-Ids; NULL: none */
	const struct host_list *sealers;    /* domains whose ARC seals are believed; NULL: none */
	enum dmarc_policy at_most;          /* done to any message here; UNSET: no limit */
};

/* The word of RFC 9990. */
const char *dmarc_override_word(enum dmarc_override_type type);

/* Adds a reason if there is room. */
void dmarc_override_add(struct dmarc_overrides *overrides, enum dmarc_override_type type,
			const char *comment);

/* The List-Id, canonical; NULL without one, or if there could be two opinions on what it is. */
const char *dmarc_list_id(struct pool *pool, const struct message *message);

/*
 * Lowers result->disposition where a rule says so, and tells why it is not what the published
 * policy asks for.
 */
void dmarc_except(struct pool *pool, const struct dmarc_local_rules *rules,
		  const struct message *message, struct dmarc_client client,
		  const struct dmarc_input *input, struct dmarc_result *result,
		  struct dmarc_overrides *overrides);

#endif
