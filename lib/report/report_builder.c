/*
 * report_builder - attachments from the rows of the history; see report/report_builder.h
 */
#include "report/report_builder.h"

#include "base/pool.h"
#include "history/query.h"
#include "report/aggregate_xml.h"
#include "report/attachment.h"

#define CONTENT_MEMORY_MAX (1U << 20)  /* of an attachment; then it is in a file */
#define XML_MEMORY_MAX     (64U << 20) /* of one record; a stored row is far smaller */
#define XML_CHUNK          32768       /* octets that are compressed at once */
#define ROWS_OF_A_POOL     256

struct report_builder {
	const struct host_list *ignored;
	struct history_rows *rows;
	struct report_archive *archive;
	struct buffer xml;

	/* Of the report that is being made. */
	const struct aggregate_report *report;
	struct report_content *content;
};

/* compress - what has been written so far, if that is enough */
static bool compress(struct report_builder *builder, size_t enough, struct error *error)
{
	bool good;

	if (builder->xml.overflow)
		return error_set(error, STATUS_TOO_BIG, "a record of the report is too large");
	if (builder->xml.len < enough)
		return true;
	good = report_archive_add(builder->archive, buffer_slice(&builder->xml), error);
	buffer_reset(&builder->xml);
	return good;
}

/* is_ignored - is the client one whose mail is not reported? */
static bool is_ignored(const struct report_builder *builder, const struct history_row *row)
{
	struct ip_address client;

	return builder->ignored != NULL && ip_address_parse(slice_of(row->source), &client) &&
	       host_list_contains(builder->ignored, &client, NULL);
}

/* add_built_row - one record */
static bool add_built_row(struct report_builder *builder, const struct history_row *row,
			  struct error *error)
{
	if (is_ignored(builder, row))
		return true;
	report_xml_record(&builder->xml, builder->report, row);
	builder->content->records++;
	builder->content->messages += row->count;
	if (row->dkim_aligned || row->spf_aligned)
		builder->content->passed += row->count;
	return compress(builder, XML_CHUNK, error);
}

/* add_rows - all of them; memory is given back every now and then */
static bool add_rows(struct report_builder *builder, struct error *error)
{
	enum history_step step = HISTORY_ROW;
	struct history_row row;
	bool good = true;

	while (good && step == HISTORY_ROW) {
		struct pool *pool = pool_new();

		for (int i = 0; good && i < ROWS_OF_A_POOL; i++) {
			step = history_rows_next(builder->rows, pool, &row, error);
			if (step != HISTORY_ROW)
				break;
			good = add_built_row(builder, &row, error);
		}
		pool_free(pool);
	}
	return good && step == HISTORY_END;
}

/* build - with everything begun */
static bool build(struct report_builder *builder, struct error *error)
{
	report_xml_head(&builder->xml, builder->report);
	if (!add_rows(builder, error))
		return false;
	report_xml_tail(&builder->xml);
	return compress(builder, 0, error) && report_archive_finish(builder->archive, error);
}

struct report_builder *report_builder_new(struct pool *pool, struct history *history,
					  const struct host_list *ignored, struct error *error)
{
	struct report_builder *builder = pool_alloc(pool, sizeof(*builder));

	builder->ignored = ignored;
	builder->rows = history_rows_open(history, pool, error);
	if (builder->rows == NULL)
		return NULL;
	builder->archive = report_archive_new(pool);
	buffer_init(&builder->xml, XML_MEMORY_MAX);
	return builder;
}

void report_builder_free(struct report_builder *builder)
{
	if (builder == NULL)
		return;
	report_archive_free(builder->archive);
	buffer_free(&builder->xml);
	history_rows_close(builder->rows);
}

bool report_build(struct report_builder *builder, const struct aggregate_report *report,
		  long long policy, struct report_content *content, struct error *error)
{
	bool good;

	*content = (struct report_content){.records = 0};
	spool_init(&content->base64, CONTENT_MEMORY_MAX);
	builder->report = report;
	builder->content = content;
	buffer_reset(&builder->xml);
	report_archive_begin(builder->archive, &content->base64);
	history_rows_begin(builder->rows, report->begin / HISTORY_SECONDS_A_DAY, policy);
	good = build(builder, error);
	history_rows_end(builder->rows);
	return good;
}

void report_content_free(struct report_content *content)
{
	spool_free(&content->base64);
}
