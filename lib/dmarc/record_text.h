/*
 * record_text - the one form in which a DMARC record is kept and compared
 */
#ifndef ASSAY_DMARC_RECORD_TEXT_H
#define ASSAY_DMARC_RECORD_TEXT_H

#include "dmarc/dmarc_record.h"

#define DMARC_RECORD_TEXT_MAX 4096 /* octets; one answer of DNS can have 65,535 */

/*
 * A record with everything that a report needs, written in one form whatever the owner's was:
 * tags in fixed order, defaults left out. dmarc_record_parse() reads it. Of a longer one than
 * DMARC_RECORD_TEXT_MAX those destinations are kept that can be used and fit in.
 */
const char *dmarc_record_text(struct pool *pool, const struct dmarc_record *record);

#endif
