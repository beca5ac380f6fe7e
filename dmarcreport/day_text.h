/*
 * day_text - days and moments for people; all in UTC
 */
#ifndef DMARCREPORT_DAY_TEXT_H
#define DMARCREPORT_DAY_TEXT_H

#include "tool/options.h"

option_setter day_set; /* long long: a date like 2026-11-22, as days since 1970 */

const char *day_text(struct pool *pool, long long day);   /* 2026-11-22 */
const char *time_text(struct pool *pool, long long time); /* 2026-11-22 17:05 UTC */

#endif
