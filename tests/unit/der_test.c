/*
 * der: elements written and read, and what is no DER
 */
#include "dkim/der.h"

#include <string.h>

#include "tap.h"

#define LEN_MAX 70000 /* beyond what has two length octets */

/* test_lengths - an element is read as it was written, and its head is as short as can be */
static void test_lengths(struct pool *pool)
{
	static const struct {
		size_t len;
		size_t head;
	} cases[] = {{0, 2}, {1, 2}, {127, 2}, {128, 3}, {255, 3}, {256, 4}, {65535, 4}};
	const char *octets = pool_alloc(pool, LEN_MAX);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice rest =
		    der_element(pool, DER_OCTET_STRING, slice_from(octets, cases[i].len));
		struct slice content;
		bool right = rest.len == cases[i].head + cases[i].len &&
			     der_take(&rest, DER_OCTET_STRING, &content) &&
			     content.len == cases[i].len && rest.len == 0;

		ok(right, "%zu octets", cases[i].len);
	}
}

/* test_numbers - leading zeros are as X.690 8.3 wants them */
static void test_numbers(struct pool *pool)
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
		struct slice rest = der_number(pool, cases[i].number);
		struct slice number;

		ok(slice_equal(rest, cases[i].element) && der_take_number(&rest, &number) &&
		       slice_equal(number, cases[i].number),
		   "number %zu", i);
	}
	ok(slice_equal(der_number(pool, slice_of("")), slice_from("\x02\x01\x00", 3)), "zero");
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
	test_numbers(pool);
	test_refused();
	pool_free(pool);
	return done();
}
