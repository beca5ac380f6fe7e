/*
 * schema - the tables of the history, and how an older file becomes a newer one
 *
 *   origin    whose messages these are: 1 is this file itself, under a random name that no
 *             other file has; further ones were merged from other hosts
 *   policy    published policy records, each in its one form (dmarc_record_text()), and whether
 *             they ask for aggregate reports, which that form tells
 *   messages  one row for all messages that are alike, with their count. Its primary key is the
 *             row itself, so that a day, and in it a policy, lies together and in order
 *   taken     up to where a spill file has been taken in (history/spill.h)
 *   site      what belongs to this file alone: the key that tokens are made with
 *   member    the organizational domains of policy domains that are not one themselves
 *   quota     what an organization has used of its share of a day (history/quota.h)
 *   failure   failing messages that a domain wants to hear of, one by one (history/incident.h)
 *   report, destination: see report/ledger.h; suppressed, bounced: see report/suppression.h
 */
#ifndef ASSAY_HISTORY_SCHEMA_H
#define ASSAY_HISTORY_SCHEMA_H

#include <sqlite3.h>

#include "base/error.h"

#define HISTORY_VERSION 4 /* user_version of the file */

/* Its version, 0 if it is empty; -1 with an error if it is no database. */
int history_schema_version(sqlite3 *database, struct error *error);

/*
 * Brings the file to this version; nobody else may be writing. False with an error, for a file
 * of a newer version too: it is not touched.
 */
bool history_schema_update(sqlite3 *database, struct error *error);

#endif
