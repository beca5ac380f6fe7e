/*
 * slow_hosts - whose name servers have kept us waiting in this run
 *
 * Who owns a domain has any number of names below it, so what is remembered is the last two labels
 * of a name. A stranger who shares them with others delays these, and nobody misses a report by it.
 */
#ifndef DMARCREPORT_SLOW_HOSTS_H
#define DMARCREPORT_SLOW_HOSTS_H

struct pool;
struct slow_hosts;

struct slow_hosts *slow_hosts_new(struct pool *pool);

/* How often this name has kept us waiting, or one beside it. */
unsigned slow_hosts_count(const struct slow_hosts *slow, const char *name);

/* It has, once more. */
void slow_hosts_add(struct slow_hosts *slow, const char *name);

#endif
