/*
 * pool - in place of that of the library: each object is memory of its own
 *
 * In the library's own pool an object lies close to the next one, and ASan does not see when
 * something reaches over its end. A lack of memory, which ends a process, is a failure here: no
 * input is large enough to be a reason for it.
 */
#include "base/pool.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define SHORT_ARRAY 32 /* items; a power of two */

struct object {
	struct object *next;
	alignas(max_align_t) char data[];
};

struct pool {
	struct object *objects;
};

_Noreturn void memory_fail(void)
{
	fputs("out of memory\n", stderr);
	abort();
}

void *memory_alloc(size_t size)
{
	void *memory = calloc(1, size != 0 ? size : 1);

	if (memory == NULL)
		memory_fail();
	return memory;
}

void *memory_buffer(size_t size)
{
	return memory_resize(NULL, size);
}

void *memory_resize(void *memory, size_t size)
{
	void *resized = realloc(memory, size != 0 ? size : 1);

	if (resized == NULL)
		memory_fail();
	return resized;
}

struct pool *pool_new(void)
{
	return memory_alloc(sizeof(struct pool));
}

void pool_free(struct pool *pool)
{
	struct object *next;

	if (pool == NULL)
		return;
	for (struct object *object = pool->objects; object != NULL; object = next) {
		next = object->next;
		free(object);
	}
	free(pool);
}

void *pool_alloc(struct pool *pool, size_t size)
{
	struct object *object;

	fuzz_expect(size <= SIZE_MAX - sizeof(*object));
	object = memory_alloc(sizeof(*object) + size);
	object->next = pool->objects;
	pool->objects = object;
	return object->data;
}

char *pool_copy(struct pool *pool, const void *data, size_t len)
{
	char *copy = pool_alloc(pool, len + 1);

	if (len != 0)
		memcpy(copy, data, len);
	return copy;
}

char *pool_vprintf(struct pool *pool, const char *format, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	fuzz_expect(len >= 0);
	text = pool_alloc(pool, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

char *pool_printf(struct pool *pool, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = pool_vprintf(pool, format, args);
	va_end(args);
	return text;
}

/* An array that is short ends where its last item does; see base/pool.h for longer ones. */
void *pool_grow(struct pool *pool, void *items, size_t count, size_t item_size)
{
	size_t capacity = count < SHORT_ARRAY ? count + 1 : count * 2;
	void *moved;

	if (count >= SHORT_ARRAY && (count & (count - 1)) != 0)
		return items;
	fuzz_expect(capacity < SIZE_MAX / item_size);
	moved = pool_alloc(pool, capacity * item_size);
	if (count != 0)
		memcpy(moved, items, count * item_size);
	return moved;
}
