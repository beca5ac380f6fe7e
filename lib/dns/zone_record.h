/*
 * zone_record - one record of a zone file: TTL, class, type and data
 */
#ifndef ASSAY_DNS_ZONE_RECORD_H
#define ASSAY_DNS_ZONE_RECORD_H

#include "dns/zone_words.h"

/* Seconds, or numbers with units as in 1h30m. */
bool zone_check_ttl(struct zone_reader *reader, const struct zone_word *word);

/* Nothing may follow. */
bool zone_end_line(struct zone_reader *reader);

/* What follows an owner; adds it to the zone. */
bool zone_read_record(struct zone_reader *reader);

#endif
