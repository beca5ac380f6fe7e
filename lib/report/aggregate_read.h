/*
 * aggregate_read - reading an aggregate report (RFC 9990, RFC 7489 appendix C, and the drafts)
 *
 * Not a document is read but its rows: elements are known by their local names, in any order
 * and any namespace, whatever stands beside them. A record counts if its end tag is there, an
 * address and a number of messages in it; all else that is missing is named or counted.
 */
#ifndef ASSAY_REPORT_AGGREGATE_READ_H
#define ASSAY_REPORT_AGGREGATE_READ_H

#include "report/incoming.h"

/*
 * Reads a document, which may be of any kind and broken. The blob or what is packed in it is
 * opened by open() for each of two attempts: as it should be, and if that fails, leniently.
 * In between the sink is told to forget what it has heard.
 */
struct aggregate_source {
	void *context;
	struct octets *(*open)(void *context);
	void (*forget)(void *context);
	const bool *damaged; /* is what it is packed in damaged? Known when all has been read. */
};

/*
 * *reports: how many there were. False with *reason if nothing of it counts: it is refused, or
 * the sink has ended it (*reason NULL).
 */
bool aggregate_read(const struct aggregate_source *source, const struct incoming_sink *sink,
		    size_t *reports, const char **reason);

#endif
