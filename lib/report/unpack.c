/*
 * unpack - what unpacking may cost, and gzip; see report/unpack.h
 */
#include "report/unpack.h"

#include <string.h>

#include "base/pool.h"

#define GZIP_WINDOW (16 + MAX_WBITS) /* of inflateInit2(): gzip only */

void unpack_budget_init(struct unpack_budget *budget)
{
	*budget = (struct unpack_budget){.deadline = deadline_after(UNPACK_SECONDS)};
}

void unpack_begin(struct unpack_budget *budget, unsigned long long packed)
{
	budget->packed = packed;
	budget->before = budget->unpacked;
}

bool unpack_charge(struct unpack_budget *budget, size_t count)
{
	unsigned long long here;

	budget->unpacked += count;
	here = budget->unpacked - budget->before;
	if (budget->unpacked > UNPACK_TOTAL_MAX)
		budget->refused = "it unpacks to more than 100 MiB";
	else if (here > UNPACK_RATIO_FROM && here / UNPACK_RATIO_MAX >= budget->packed)
		budget->refused = "it unpacks to more than 200 times its size";
	else if (deadline_left(&budget->deadline) <= 0)
		budget->refused = "it takes more than a minute to read";
	return budget->refused == NULL;
}

bool unpack_is_gzip(struct slice beginning)
{
	return beginning.len > 2 && memcmp(beginning.data, "\x1f\x8b\x08", 3) == 0;
}

bool unpack_is_zip(struct slice beginning)
{
	return beginning.len > 3 && (memcmp(beginning.data, "PK\3\4", 4) == 0 ||
				     memcmp(beginning.data, "PK\5\6", 4) == 0);
}

/* fill_gunzip - at least wanted octets to look at, unless it ends before */
static bool fill_gunzip(struct gunzip *gunzip, size_t wanted)
{
	z_stream *stream = &gunzip->stream;
	size_t got;

	while (stream->avail_in < wanted) {
		if (stream->avail_in != 0)
			memmove(gunzip->input, stream->next_in, stream->avail_in);
		stream->next_in = (unsigned char *)gunzip->input;
		got = gunzip->from->read(gunzip->from, gunzip->input + stream->avail_in,
					 UNPACK_INPUT - stream->avail_in);
		if (got == 0)
			return false;
		stream->avail_in += (unsigned)got;
	}
	return true;
}

/* next_gzip_member - is there one more? Anything else after a member is ignored. */
static bool next_gzip_member(struct gunzip *gunzip)
{
	z_stream *stream = &gunzip->stream;

	return fill_gunzip(gunzip, 3) &&
	       unpack_is_gzip(slice_from((const char *)stream->next_in, stream->avail_in)) &&
	       inflateReset(stream) == Z_OK;
}

/* inflate_some - octets into data, or the end */
static size_t inflate_some(struct gunzip *gunzip, char *data, size_t size)
{
	z_stream *stream = &gunzip->stream;
	size_t count;
	int status;

	if (!fill_gunzip(gunzip, 1)) {
		gunzip->budget->damaged = true;
		gunzip->ended = true;
		return 0;
	}
	stream->next_out = (unsigned char *)data;
	stream->avail_out = (unsigned)size;
	status = inflate(stream, Z_NO_FLUSH);
	count = size - stream->avail_out;
	if (status == Z_MEM_ERROR)
		memory_fail();
	if (status == Z_STREAM_END) {
		gunzip->ended = !next_gzip_member(gunzip);
	} else if (status != Z_OK) {
		gunzip->budget->damaged = true;
		gunzip->ended = true;
	}
	return count;
}

/* next_unpacked - charges what comes out */
static size_t next_unpacked(struct octets *octets, char *data, size_t size)
{
	struct gunzip *gunzip = (struct gunzip *)octets;
	size_t count = 0;

	while (count == 0 && !gunzip->ended)
		count = inflate_some(gunzip, data, size);
	return unpack_charge(gunzip->budget, count) ? count : 0;
}

void gunzip_init(struct gunzip *gunzip, struct octets *from, struct unpack_budget *budget)
{
	gunzip->octets.read = next_unpacked;
	gunzip->from = from;
	gunzip->budget = budget;
	gunzip->stream = (z_stream){.zalloc = NULL};
	gunzip->ended = false;
	if (inflateInit2(&gunzip->stream, GZIP_WINDOW) != Z_OK)
		memory_fail();
}

void gunzip_end(struct gunzip *gunzip)
{
	inflateEnd(&gunzip->stream);
}
