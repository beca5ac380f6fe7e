/*
 * bytes and pool: slices, bounded buffers, arrays that grow
 */
#include "base/bytes.h"

#include <limits.h>
#include <stdint.h>

#include "base/pool.h"
#include "tap.h"

static void test_slices(void)
{
	struct slice rest = slice_of("a,,b");
	struct slice part;
	unsigned parts = 0;

	ok(slice_is(slice_trim(slice_of(" \t\r\n a b\r\n ")), "a b"), "trim takes both ends only");
	ok(slice_is(slice_trim(slice_of(" \t")), ""), "trim of white space is empty");
	ok(slice_is_nocase(slice_of("FroM"), "from"), "ASCII case is folded");
	ok(!slice_is_nocase(slice_of("\xc4"), "\xe4"), "other bytes are not");
	ok(slice_starts_nocase(slice_of("IPv6:::1"), "ipv6:"), "prefix without case");
	ok(!slice_starts_nocase(slice_of("IP"), "ipv6:"), "a shorter text has no such prefix");
	ok(slice_equal(slice_from("a\0b", 3), slice_from("a\0b", 3)), "NUL bytes are compared");
	ok(!slice_equal(slice_from("a\0b", 3), slice_from("a\0c", 3)), "also after the NUL");
	is_number((long long)slice_find(slice_of("abcb"), 'b'), 1, "first byte found");
	is_number((long long)slice_find_last(slice_of("abcb"), 'b'), 3, "last byte found");
	is_number((long long)slice_find(slice_of("abc"), 'x'), 3, "byte not found is the length");
	while (slice_cut(&rest, ',', &part))
		parts++;
	is_number(parts, 3, "two separators make three parts");
	rest = slice_of("");
	ok(slice_cut(&rest, ',', &part) && !slice_cut(&rest, ',', &part), "no separator, one part");
}

static void test_numbers(void)
{
	unsigned long long number = 7;

	ok(slice_to_number(slice_of("18446744073709551615"), ULLONG_MAX, &number) &&
	       number == ULLONG_MAX,
	   "the largest number");
	ok(!slice_to_number(slice_of("18446744073709551616"), ULLONG_MAX, &number), "one more");
	ok(slice_to_number(slice_of("0032"), 32, &number) && number == 32, "leading zeros count");
	ok(!slice_to_number(slice_of("33"), 32, &number), "above the maximum");
	ok(slice_to_number(slice_of("5"), 5, &number) && number == 5, "the maximum itself");
	ok(!slice_to_number(slice_of("6"), 5, &number), "above a maximum of one digit");
	ok(!slice_to_number(slice_of(""), 9, &number), "the empty text is no number");
	ok(!slice_to_number(slice_of("-1"), 9, &number), "signs are no digits");
	ok(!slice_to_number(slice_of("1 "), 9, &number), "nor is a space");
}

static void test_room(void)
{
	struct buffer buffer;
	const char *first;
	size_t room;

	buffer_init(&buffer, 70000);
	first = buffer_room(&buffer, &room);
	ok(first != NULL && room >= 4096 && room <= 70000, "there is room to read to");
	buffer.len += 100;
	ok(buffer_room(&buffer, &room) == first + 100 && room == buffer.size - 100,
	   "after a short read it is what was left, and nothing has been copied");
	buffer.len = buffer.size;
	while (buffer_room(&buffer, &room) != NULL && room > 0)
		buffer.len += room;
	is_number((long long)buffer.len, 70000, "it grows up to the maximum");
	ok(buffer_room(&buffer, &room) == NULL && room == 0 && buffer.overflow,
	   "and no further: that is an overflow");
	buffer_free(&buffer);
}

static void test_buffers(void)
{
	struct buffer buffer;

	buffer_init(&buffer, 10);
	ok(buffer_add_text(&buffer, "12345"), "a text that fits");
	ok(buffer_add_text(&buffer, "67890"), "up to the maximum");
	ok(!buffer_add_byte(&buffer, 'x') && buffer.overflow, "nothing beyond it");
	ok(slice_is(buffer_slice(&buffer), "1234567890"), "what was in it stays");
	buffer_reset(&buffer);
	ok(!buffer.overflow && buffer.len == 0, "empty again");
	ok(buffer_printf(&buffer, "%d-%s", 42, "abc") && slice_is(buffer_slice(&buffer), "42-abc"),
	   "printed text");
	ok(!buffer_printf(&buffer, "%s", "0123456789") && buffer.overflow,
	   "printed text that does not fit");
	buffer_free(&buffer);
}

static void test_pool(void)
{
	struct pool *pool = pool_new();
	size_t *numbers = NULL;
	size_t sum = 0;

	for (size_t i = 0; i < 100000; i++) {
		numbers = pool_grow(pool, numbers, i, sizeof(*numbers));
		numbers[i] = i;
	}
	for (size_t i = 0; i < 100000; i++)
		sum += numbers[i];
	is_number((long long)sum, 100000LL * 99999 / 2, "an array keeps its items while it grows");
	is_text(pool_printf(pool, "%s=%d", "a", 1), "a=1", "printed into a pool");
	is_number((long long)((uintptr_t)pool_alloc(pool, 3) % _Alignof(max_align_t)), 0,
		  "memory is aligned");
	ok(((char *)pool_alloc(pool, 1 << 20))[(1 << 20) - 1] == 0, "large memory is zeroed");
	pool_free(pool);
}

int main(void)
{
	test_slices();
	test_numbers();
	test_buffers();
	test_room();
	test_pool();
	return done();
}
