/*
 * zip_reader - the members of a zip archive (PKWARE APPNOTE.TXT 6.3), stored or deflated
 *
 * Where they are is read from the directory at the end if all of it makes sense, and otherwise from
 * the header in front of each member, so that a cut archive gives what is left of it. No size in a
 * header is believed: a deflated member ends where its data says so. What comes out is charged to
 * the budget. A name is text of a stranger and never a path of ours.
 */
#ifndef ASSAY_REPORT_ZIP_READER_H
#define ASSAY_REPORT_ZIP_READER_H

#include "report/unpack.h"

#define ZIP_MEMBERS_MAX 16U /* RFC 9990 3.5.1: one; directories and other files count as well */

/* A member; what is not read of it is skipped. False ends the archive. name is as written. */
typedef bool zip_member(void *context, struct slice name, struct octets *octets);

/*
 * Hands over all members that can be unpacked. Damage is told for each of them while it is read
 * (budget->damaged), what cannot be read at all at the end (budget->unreadable).
 */
void zip_read(const struct blob *blob, struct unpack_budget *budget, zip_member *member,
	      void *context);

#endif
