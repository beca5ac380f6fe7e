/*
 * der_test - elements that are read, and what is no DER
 */
#include "dkim/der.h"

#include <string.h>

#include "base/pool.h"
#include "tap.h"

#define LEN_MAX 70000 /* octets of an element, beyond what has two length octets */

/* test_lengths - the shortest head of a length is taken, and no other (X.690 10.1) */
static void test_lengths(struct pool *pool)
{
	static const struct {
		size_t len;
		struct slice head;
		bool good;
	} cases[] = {
	    {0, {"\x04\x00", 2}, true},
	    {1, {"\x04\x01", 2}, true},
	    {127, {"\x04\x7f", 2}, true},
	    {127, {"\x04\x81\x7f", 3}, false},
	    {128, {"\x04\x81\x80", 3}, true},
	    {255, {"\x04\x81\xff", 3}, true},
	    {255, {"\x04\x82\x00\xff", 4}, false},
	    {256, {"\x04\x82\x01\x00", 4}, true},
	    {65535, {"\x04\x82\xff\xff", 4}, true},
	    {65535, {"\x04\x83\x00\xff\xff", 5}, false},
	    {65536, {"\x04\x83\x01\x00\x00", 5}, false}, /* more than a key has */
	};
	char *octets = pool_alloc(pool, LEN_MAX);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice rest = slice_from(octets, cases[i].head.len + cases[i].len);
		struct slice content;
		bool taken;

		memcpy(octets, cases[i].head.data, cases[i].head.len);
		taken = der_take(&rest, DER_OCTET_STRING, &content) &&
			content.len == cases[i].len && rest.len == 0;
		ok(taken == cases[i].good, "%zu octets, %zu before them: %s", cases[i].len,
		   cases[i].head.len, cases[i].good ? "taken" : "refused");
	}
}

/* test_numbers - leading zeros are as X.690 8.3 wants them */
static void test_numbers(void)
{
	static const struct {
		struct slice number;
		struct slice element;
	} cases[] = {
	    {{"\x01", 1}, {"\x02\x01\x01", 3}},
	    {{"\x7f", 1}, {"\x02\x01\x7f", 3}},
	    {{"\x80", 1}, {"\x02\x02\x00\x80", 4}},
	    {{"\x01\x00\x01", 3}, {"\x02\x03\x01\x00\x01", 5}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice rest = cases[i].element;
		struct slice number;

		ok(der_take_number(&rest, &number) && slice_equal(number, cases[i].number) &&
		       rest.len == 0,
		   "number %zu", i);
	}
	ok(der_number_bits(slice_of("\x01\x02")) == 9 && der_number_bits(slice_of("\xff")) == 8 &&
	       der_number_bits(slice_of("")) == 0,
	   "bits of numbers");
}

/* test_refused - what can be written in more than one way, or is not there */
static void test_refused(void)
{
	static const struct {
		struct slice text;
		const char *name;
	} cases[] = {
	    {{"", 0}, "nothing"},
	    {{"\x02", 1}, "no length"},
	    {{"\x02\x02\x01", 3}, "less than the length says"},
	    {{"\x04\x01\x01", 3}, "another tag"},
	    {{"\x02\x80\x01\x00\x00", 5}, "an indefinite length"},
	    {{"\x02\x81\x01\x01", 4}, "a long form for a short length"},
	    {{"\x02\x82\x00\x01\x01", 5}, "a longer form"},
	    {{"\x02\x83\x00\x00\x01\x01", 6}, "three length octets"},
	    {{"\x02\x00", 2}, "a number without octets"},
	    {{"\x02\x01\x00", 3}, "zero"},
	    {{"\x02\x01\x80", 3}, "a negative number"},
	    {{"\x02\x02\x00\x01", 4}, "a zero octet too many"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice rest = cases[i].text;
		struct slice number;

		ok(!der_take_number(&rest, &number), "%s is no number", cases[i].name);
	}
}

int main(void)
{
	struct pool *pool = pool_new();

	test_lengths(pool);
	test_numbers();
	test_refused();
	pool_free(pool);
	return done();
}
