/*
 * dmarc_uri - the ends of a URI in a dmarc-urilist (RFC 9989 section 4.7)
 */
#ifndef ASSAY_DMARC_URI_H
#define ASSAY_DMARC_URI_H

#include "bytes.h"

/* Octets of the scheme (RFC 3986 section 3.1); 0 if there is no colon behind it. */
size_t dmarc_uri_scheme_len(struct slice uri);

/* Octets of an obs-dmarc-report-size such as "!10m" at the end; 0 if there is none. */
size_t dmarc_uri_size_len(struct slice uri);

#endif
