/*
 * pool - memory that is released all at once
 *
 * Everything that is learnt about one message, one policy request or one
 * report lives in one pool and goes with it. Nothing in a pool is freed alone,
 * so no parser has cleanup paths and no result has an owner but the pool.
 *
 * Running out of memory is not reported to callers: each of them could only
 * do the same. The process says "4.3.0 TOOL: out of memory" on standard error
 * and leaves with status 75 (EX_TEMPFAIL), which every mail system takes as
 * "try again later". All tools write their output only after the last
 * allocation that depends on input, see mail/message.h.
 */
#ifndef ASSAY_BASE_POOL_H
#define ASSAY_BASE_POOL_H

#include <stdarg.h>
#include <stddef.h>

struct pool;

struct pool *pool_new(void);
void pool_free(struct pool *pool); /* accepts NULL */

/* Zeroed memory, aligned for any type. A size of 0 gives a valid pointer. */
void *pool_alloc(struct pool *pool, size_t size);

/* A copy of len bytes with a NUL byte after them. */
char *pool_copy(struct pool *pool, const void *data, size_t len);

char *pool_printf(struct pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *pool_vprintf(struct pool *pool, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/*
 * Makes room for one more item in an array of count items and returns the
 * array, which may have moved. Capacity is the next power of two, so it needs
 * no field of its own: items = pool_grow(pool, items, count, sizeof(*items)).
 */
void *pool_grow(struct pool *pool, void *items, size_t count, size_t item_size);

/*
 * calloc, malloc and realloc that end the process like the pool does. A buffer is not
 * zeroed: pages that stay unused cost nothing.
 */
void *memory_alloc(size_t size);
void *memory_buffer(size_t size);
void *memory_resize(void *memory, size_t size);

/* Ends the process as above, for libraries that report a lack of memory. */
_Noreturn void memory_fail(void);

#endif
