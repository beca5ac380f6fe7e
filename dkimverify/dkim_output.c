/*
 * dkim_output - what dkimverify says: fields of a message, lines of check mode
 */
#include "dkim_output.h"

#include <stdlib.h>
#include <string.h>

#include "arc_output.h"
#include "base/json.h"
#include "base/pool.h"
#include "mail/authres_trust.h"
#include "mail/authres_write.h"

#define HEADER_B_MIN 8  /* RFC 6008: at least the first eight characters of b= */
#define HEADER_B_MAX 64 /* signatures of chance differ long before */
#define OTHERS_MAX                                                                                 \
	10 /* fields for signatures that were not verified; a message may have thousands */

/* compare_starts - for qsort() */
static int compare_starts(const void *left, const void *right)
{
	return strncmp(*(const char *const *)left, *(const char *const *)right, HEADER_B_MAX);
}

static size_t common_len(const char *a, const char *b)
{
	size_t len = 0;

	while (len < HEADER_B_MAX && a[len] == b[len] && a[len] != '\0')
		len++;
	return len;
}

/* start_len - how much of b= tells the signatures of a message apart (RFC 6008) */
static size_t start_len(struct pool *pool, const struct verdicts *verdicts)
{
	const char **starts = pool_alloc(pool, verdicts->count * sizeof(*starts));
	size_t count = 0;
	size_t len = HEADER_B_MIN;

	for (size_t i = 0; i < verdicts->count; i++) {
		if (verdicts->results[i].signature != NULL)
			starts[count++] = verdicts->results[i].signature;
	}
	if (count > 0)
		qsort(starts, count, sizeof(*starts), compare_starts);
	for (size_t i = 1; i < count; i++) {
		size_t common = common_len(starts[i - 1], starts[i]);

		if (common < HEADER_B_MAX && starts[i - 1][common] != starts[i][common] &&
		    common >= len)
			len = common + 1;
	}
	return len;
}

/* signature_start - the first characters of b= */
static const char *signature_start(struct pool *pool, const struct dkim_result *result, size_t len)
{
	struct slice b = slice_of(result->signature);

	if (b.len > len)
		b.len = len;
	return b.len > 0 ? slice_copy(pool, b) : NULL;
}

/* add_properties - what RFC 8601 2.7.1 and RFC 6008 want to know of a signature */
static void add_properties(struct authres_writer *writer, struct pool *pool,
			   const struct dkim_result *result, size_t b_len)
{
	if (result->reason != NULL)
		authres_reason(writer, result->reason);
	authres_add(writer, "header", "d", result->domain);
	authres_add(writer, "header", "i", result->identity);
	authres_add(writer, "header", "s", result->selector);
	authres_add(writer, "header", "a", result->algorithm);
	authres_add(writer, "header", "b", signature_start(pool, result, b_len));
}

/* dkim_resinfo - the result of one signature on one line */
static const char *dkim_resinfo(struct pool *pool, const struct dkim_result *result, size_t b_len)
{
	struct authres_writer writer;

	authres_begin_bare(&writer, "dkim", result->result);
	add_properties(&writer, pool, result, b_len);
	return authres_end(&writer, pool);
}

/* add_result_field - the result field of one signature */
static void add_result_field(struct filter *filter, const struct dkim_result *result, size_t b_len)
{
	struct authres_writer writer;

	authres_begin(&writer, filter->context->options.authserv_id, "dkim", result->result);
	add_properties(&writer, filter->pool, result, b_len);
	message_add_field(filter->message, authres_end(&writer, filter->pool));
}

/* add_note - a result field without a signature; comment may be NULL */
static void add_note(struct filter *filter, enum result result, const char *comment)
{
	struct authres_writer writer;

	authres_begin(&writer, filter->context->options.authserv_id, "dkim", result);
	authres_comment(&writer, comment);
	message_add_field(filter->message, authres_end(&writer, filter->pool));
}

/* count_others - the signatures that were not verified */
static size_t count_others(const struct verdicts *verdicts)
{
	size_t count = 0;

	for (size_t i = 0; i < verdicts->count; i++)
		count += !verdicts->results[i].verified;
	return count;
}

/* add_adsp_properties - RFC 5617 section 5.4 */
static void add_adsp_properties(struct authres_writer *writer, const struct verdicts *verdicts)
{
	authres_reason(writer, verdicts->adsp->reason);
	authres_add(writer, "header", "from", verdicts->author_domain);
}

/* add_adsp - a field of its own */
static void add_adsp(struct filter *filter, const struct verdicts *verdicts)
{
	struct authres_writer writer;

	authres_begin(&writer, filter->context->options.authserv_id, "dkim-adsp",
		      verdicts->adsp->result);
	add_adsp_properties(&writer, verdicts);
	message_add_field(filter->message, authres_end(&writer, filter->pool));
}

/* adsp_resinfo - on one line */
static const char *adsp_resinfo(struct pool *pool, const struct verdicts *verdicts)
{
	struct authres_writer writer;

	authres_begin_bare(&writer, "dkim-adsp", verdicts->adsp->result);
	add_adsp_properties(&writer, verdicts);
	return authres_end(&writer, pool);
}

/*
 * add_results - what the next stages of a stream get to know. What was verified comes first, as
 * the rest may have no room.
 */
static void add_results(struct filter *filter, const struct verdicts *verdicts, size_t b_len)
{
	for (size_t i = 0; i < verdicts->count; i++) {
		if (verdicts->results[i].verified)
			filter_add_result(filter,
					  dkim_resinfo(filter->pool, &verdicts->results[i], b_len));
	}
	if (verdicts->adsp != NULL)
		filter_add_result(filter, adsp_resinfo(filter->pool, verdicts));
	if (verdicts->arc != NULL)
		filter_add_result(filter, arc_output_resinfo(filter->pool, verdicts->arc));
	for (size_t i = 0, left = OTHERS_MAX; i < verdicts->count && left > 0; i++) {
		if (verdicts->results[i].verified)
			continue;
		filter_add_result(filter, dkim_resinfo(filter->pool, &verdicts->results[i], b_len));
		left--;
	}
	if (verdicts->count == 0)
		filter_add_result(filter,
				  verdicts->unjudged != NULL ? "dkim=permerror" : "dkim=none");
}

void output_fields(struct filter *filter, unsigned hops, const struct verdicts *verdicts)
{
	size_t others = count_others(verdicts);
	size_t unlisted = others > OTHERS_MAX ? others - OTHERS_MAX : 0;
	size_t b_len = start_len(filter->pool, verdicts);
	const struct authres_zone zone = filter_find_zone(filter, hops, true);

	authres_strip(filter->message, filter->context->options.authserv_id, zone.end);
	if (verdicts->adsp != NULL)
		add_adsp(filter, verdicts);
	if (verdicts->arc != NULL)
		arc_output_field(filter, verdicts->arc);
	if (unlisted > 0)
		add_note(filter, RESULT_POLICY,
			 pool_printf(filter->pool, "%zu more signatures, not verified", unlisted));
	for (size_t i = verdicts->count; i-- > 0;) {
		if (verdicts->results[i].verified || others-- <= OTHERS_MAX)
			add_result_field(filter, &verdicts->results[i], b_len);
	}
	if (verdicts->count == 0)
		add_note(filter, output_summary(verdicts), verdicts->unjudged);
	filter_seal(filter, &zone);
	if (filter->frame != NULL)
		add_results(filter, verdicts, b_len);
}

/* write_dkim_json - one line of check mode with -j; signatures are told apart by their number there
 */
static bool write_dkim_json(struct pool *pool, const struct dkim_result *result)
{
	struct json json;

	json_begin(&json);
	json_string(&json, "method", "dkim");
	json_string(&json, "result", result_word(result->result));
	json_string(&json, "reason", result->reason);
	json_string(&json, "d", result->domain);
	json_string(&json, "s", result->selector);
	json_string(&json, "i", result->identity);
	json_string(&json, "a", result->algorithm);
	json_string(&json, "b", signature_start(pool, result, HEADER_B_MIN));
	json_number(&json, "key_bits", result->key_bits);
	json_number(&json, "unsigned_bytes", (long long)result->unsigned_bytes);
	json_number(&json, "index", (long long)result->index);
	return json_end(&json);
}

/* write_adsp - the line of check mode for ADSP */
static bool write_adsp(struct filter *filter, const struct verdicts *verdicts)
{
	struct json json;

	if (!filter->context->options.json)
		return tool_print(adsp_resinfo(filter->pool, verdicts));
	json_begin(&json);
	json_string(&json, "method", "dkim-adsp");
	json_string(&json, "result", result_word(verdicts->adsp->result));
	json_string(&json, "reason", verdicts->adsp->reason);
	json_string(&json, "from", verdicts->author_domain);
	return json_end(&json);
}

bool output_lines(struct filter *filter, const struct verdicts *verdicts)
{
	const struct dkim_result none = {
	    .result = output_summary(verdicts),
	    .reason = verdicts->unjudged != NULL ? verdicts->unjudged : "not signed",
	};
	const struct dkim_result *result = verdicts->count > 0 ? verdicts->results : &none;
	size_t left = verdicts->count > 0 ? verdicts->count : 1;
	size_t b_len = start_len(filter->pool, verdicts);

	for (; left > 0; left--, result++) {
		bool written = filter->context->options.json
				   ? write_dkim_json(filter->pool, result)
				   : tool_print(dkim_resinfo(filter->pool, result, b_len));
		if (!written)
			return false;
	}
	return (verdicts->adsp == NULL || write_adsp(filter, verdicts)) &&
	       (verdicts->arc == NULL || arc_output_line(filter, verdicts->arc));
}

enum result output_summary(const struct verdicts *verdicts)
{
	enum result best = verdicts->unjudged != NULL ? RESULT_PERMERROR : RESULT_NONE;

	for (size_t i = 0; i < verdicts->count; i++) {
		enum result result = verdicts->results[i].result;

		if (result == RESULT_PASS)
			return RESULT_PASS;
		if (result == RESULT_TEMPERROR || best == RESULT_NONE)
			best = result;
	}
	return best;
}
