/*
 * base64_test - RFC 4648 section 4, read and written
 */
#include "base/base64.h"

#include "base/pool.h"
#include "tap.h"

#define LEN_MAX 200

/* test_vectors - RFC 4648 section 10 */
static void test_vectors(struct pool *pool)
{
	static const struct {
		const char *octets;
		const char *text;
		const char *unpadded;
	} cases[] = {
	    {"", "", ""},
	    {"f", "Zg==", "Zg"},
	    {"fo", "Zm8=", "Zm8"},
	    {"foo", "Zm9v", "Zm9v"},
	    {"foob", "Zm9vYg==", "Zm9vYg"},
	    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
	    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice decoded;

		is_text(base64_encode(pool, cases[i].octets, strlen(cases[i].octets)),
			cases[i].text, "written with padding");
		is_number((long long)BASE64_LEN(strlen(cases[i].octets)),
			  (long long)strlen(cases[i].text), "as long as foretold");
		ok(base64_decode(pool, slice_of(cases[i].text), &decoded) &&
		       slice_is(decoded, cases[i].octets),
		   "read with padding");
		ok(base64_decode(pool, slice_of(cases[i].unpadded), &decoded) &&
		       slice_is(decoded, cases[i].octets),
		   "read without padding");
	}
}

/* test_lengths - octets of every value and number come back */
static void test_lengths(struct pool *pool)
{
	char octets[LEN_MAX];
	unsigned same = 0;

	for (size_t len = 0; len < LEN_MAX; len++) {
		struct slice decoded;

		octets[len] = (char)(unsigned char)(len * 167 + 13);
		same += base64_decode(pool, slice_of(base64_encode(pool, octets, len)), &decoded) &&
			slice_equal(decoded, slice_from(octets, len));
	}
	is_number(same, LEN_MAX, "lengths that come back");
}

static void test_refused(struct pool *pool)
{
	static const char *const cases[] = {
	    "=",     "==",    "====",     "Z",    "Z===",  "Zg=",    "Zg===", "Zm9v=", "Zm9v==",
	    "Zm8==", "Zm9vY", "Zg==Zg==", "Z=g=", "Zm 9v", "Zm9v\n", "Zm-v",  "Zm_v",  "Zm9\xc3",
	};
	struct slice decoded;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(!base64_decode(pool, slice_of(cases[i]), &decoded), "case %zu is no base64", i);
	ok(!base64_decode(pool, slice_from("Zm9\0", 4), &decoded), "nor is a NUL octet");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_vectors(pool);
	test_lengths(pool);
	test_refused(pool);
	pool_free(pool);
	return done();
}
