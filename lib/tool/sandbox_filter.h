/*
 * sandbox_filter - what a seccomp filter of the sandbox permits besides computing, reading and
 * writing what is open, and ending
 *
 * The filters are made when the library is built, by sandbox_rules.c, one for each combination.
 */
#ifndef ASSAY_TOOL_SANDBOX_FILTER_H
#define ASSAY_TOOL_SANDBOX_FILTER_H

#include <stdbool.h>
#include <stddef.h>

/* How files may be opened; each includes the one before it. */
enum sandbox_files {
	SANDBOX_NO_FILES,
	SANDBOX_NEW_FILES,   /* that were not there before */
	SANDBOX_READ_FILES,  /* for reading, too */
	SANDBOX_WRITE_FILES, /* in any way, and renamed and removed */
};

/* The number of a filter: one of the above, and these. */
#define SANDBOX_DNS     4U  /* sockets of IPv4 and IPv6 that are connected to one host */
#define SANDBOX_SYSLOG  8U  /* local datagram sockets */
#define SANDBOX_STARTER 16U /* one by itself, for a program that starts others */
#define SANDBOX_FILTERS 17U /* how many there are */

/*
 * AddressSanitizer looks for leaks at the end of a program by means that a sandbox is there to
 * forbid: another process that traces it, and files of /proc. What is built with it is allowed to.
 */
void __lsan_do_leak_check(void) __attribute__((weak)); /* of the sanitizer's library */

static inline bool sandbox_is_sanitized(void)
{
	return __lsan_do_leak_check != NULL;
}

#endif
