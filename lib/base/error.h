/*
 * error - errors as values: why something could not be done
 */
#ifndef ASSAY_BASE_ERROR_H
#define ASSAY_BASE_ERROR_H

#include <stdbool.h>

#define ERROR_TEXT_MAX 512 /* longer texts are cut: they are ours, not the stranger's */

/*
 * Why something could not be done. Only main() prints it:
 * "4.3.1 TOOL: cannot write /tmp/assay: No space left on device".
 */
struct error {
	const char *status; /* enhanced status code (RFC 3463), a literal; 4.x.x */
	char text[ERROR_TEXT_MAX];
};

/* Status codes in use (RFC 3463). All are transient: mail must not bounce over our trouble. */
#define STATUS_OTHER    "4.3.0" /* other or undefined mail system status */
#define STATUS_FULL     "4.3.1" /* mail system full: no room to spool */
#define STATUS_TOO_BIG  "4.3.4" /* message too big for the system */
#define STATUS_CONFIG   "4.3.5" /* system incorrectly configured: options, files */
#define STATUS_DNS      "4.4.3" /* directory server failure */
#define STATUS_SECURITY "4.7.0" /* other or undefined security status: keys */

/* Fills in error and returns false, so that callers can return error_set(...). */
bool error_set(struct error *error, const char *status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
