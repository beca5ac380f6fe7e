/*
 * spf_received - writing the Received-SPF field (RFC 7208 section 9.1)
 */
#ifndef ASSAY_SPF_SPF_RECEIVED_H
#define ASSAY_SPF_SPF_RECEIVED_H

#include "spf/evaluate.h"

/*
 * The Received-SPF field (RFC 7208 9.1) without the last line end, lines separated by
 * LF; whatever a stranger chose is quoted or left out.
 */
const char *spf_received_field(struct pool *pool, const struct spf_query *query,
			       const struct spf_result *result);

#endif
