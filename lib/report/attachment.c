/*
 * attachment - gzip and base64; see attachment.h
 */
#include "report/attachment.h"

#include <string.h>
#include <zlib.h>

#include "base/base64.h"
#include "base/pool.h"

#define GZIP_WINDOW      (15 + 16) /* zlib's own largest window; 16 asks for a gzip header */
#define GZIP_MEMORY      8         /* zlib's default */
#define COMPRESSED_CHUNK 16384
#define LINE_OCTETS      57 /* RFC 2045 6.8: 76 characters a line */

struct report_archive {
	struct spool *text;
	z_stream stream;
	unsigned char line[LINE_OCTETS]; /* what is not a whole line yet */
	size_t len;
	char lines[COMPRESSED_CHUNK * 2]; /* in base64, with line ends */
	unsigned char compressed[COMPRESSED_CHUNK];
};

struct report_archive *report_archive_new(struct pool *pool)
{
	struct report_archive *archive = pool_alloc(pool, sizeof(*archive));

	if (deflateInit2(&archive->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
			 GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
		memory_fail();
	return archive;
}

void report_archive_begin(struct report_archive *archive, struct spool *text)
{
	archive->text = text;
	archive->len = 0;
	deflateReset(&archive->stream);
}

/* encode_line - returns the end of what it has written */
static char *encode_line(const unsigned char *octets, size_t len, char *out)
{
	base64_write(out, octets, len);
	out += BASE64_LEN(len);
	*out++ = '\n';
	return out;
}

/* add_compressed - whole lines of it */
static bool add_compressed(struct report_archive *archive, size_t count, struct error *error)
{
	const unsigned char *octets = archive->compressed;
	char *out = archive->lines;

	while (archive->len + count >= LINE_OCTETS) {
		size_t taken = LINE_OCTETS - archive->len;

		memcpy(archive->line + archive->len, octets, taken);
		out = encode_line(archive->line, LINE_OCTETS, out);
		octets += taken;
		count -= taken;
		archive->len = 0;
	}
	memcpy(archive->line + archive->len, octets, count);
	archive->len += count;
	return spool_add(archive->text, archive->lines, (size_t)(out - archive->lines), error);
}

/* deflate_all - everything that has been given to the stream */
static bool deflate_all(struct report_archive *archive, int flush, struct error *error)
{
	z_stream *stream = &archive->stream;

	do {
		stream->next_out = archive->compressed;
		stream->avail_out = COMPRESSED_CHUNK;
		if (deflate(stream, flush) == Z_STREAM_ERROR)
			return error_set(error, STATUS_OTHER, "cannot compress the report");
		if (!add_compressed(archive, COMPRESSED_CHUNK - stream->avail_out, error))
			return false;
	} while (stream->avail_out == 0);
	return true;
}

bool report_archive_add(struct report_archive *archive, struct slice octets, struct error *error)
{
	archive->stream.next_in = (unsigned char *)(size_t)octets.data;
	archive->stream.avail_in = (uInt)octets.len;
	return deflate_all(archive, Z_NO_FLUSH, error);
}

bool report_archive_finish(struct report_archive *archive, struct error *error)
{
	char *end = archive->lines;

	archive->stream.avail_in = 0;
	if (!deflate_all(archive, Z_FINISH, error))
		return false;
	if (archive->len > 0)
		end = encode_line(archive->line, archive->len, end);
	return spool_add(archive->text, archive->lines, (size_t)(end - archive->lines), error);
}

void report_archive_free(struct report_archive *archive)
{
	deflateEnd(&archive->stream);
}
