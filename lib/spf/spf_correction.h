/*
 * spf_correction - a record with its remedies in it
 *
 * What is found wrong with a term is noted here with what to write in its place; the record is put
 * together at the end, with each term once, and with all last.
 */
#ifndef ASSAY_SPF_SPF_CORRECTION_H
#define ASSAY_SPF_SPF_CORRECTION_H

#include "base/bytes.h"

struct spf_correction;

/* terms is what follows the version; it has to outlive the correction. */
struct spf_correction *spf_correction_new(struct pool *pool, struct slice terms);

/* word begins a word of terms; the first remedy for it counts. write is "" for nothing. */
void spf_correction_set(struct spf_correction *correction, struct slice word, const char *write);

/* Terms that more than one word stands for are known only now, so that this is asked at the end. */
const char *spf_correction_record(const struct spf_correction *correction);

/* A record of the terms of two; all is that of the first. */
const char *spf_correction_merge(struct pool *pool, struct slice first, struct slice second);

#endif
