/*
 * reports_floor - what making reports costs at least: the query, and zlib on the same octets
 *
 * usage: reports_floor DB DAY FILE...
 *
 * Reads all rows of a day in order, those of merged files added up, every column as text, and
 * compresses each file, which are the XML texts of the reports on it. Nothing is written.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK   65536
#define COLUMNS 12

/* query - reads everything; the number of octets, so that nothing is left out */
static long query(const char *path, const char *day)
{
	sqlite3 *database;
	sqlite3_stmt *statement;
	long octets = 0;

	if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(database,
			       "SELECT domain, source, header_from, envelope_from, spf_domain,"
			       " spf_result, dkim, disposition, spf_aligned, dkim_aligned, reasons,"
			       " sum(count) FROM messages JOIN policy ON id = policy WHERE day = ?1"
			       " GROUP BY policy, source, header_from, envelope_from, spf_domain,"
			       " spf_result, dkim, disposition, spf_aligned, dkim_aligned, reasons",
			       -1, &statement, NULL) != SQLITE_OK)
		return -1;
	sqlite3_bind_int64(statement, 1, strtol(day, NULL, 10));
	while (sqlite3_step(statement) == SQLITE_ROW) {
		for (int i = 0; i < COLUMNS; i++) {
			if (sqlite3_column_text(statement, i) != NULL)
				octets += sqlite3_column_bytes(statement, i);
		}
	}
	sqlite3_finalize(statement);
	sqlite3_close(database);
	return octets;
}

/* compress_file - as gzip does it; the compressed octets */
static long compress_file(z_stream *stream, const char *path)
{
	static unsigned char in[CHUNK], out[CHUNK];
	int fd = open(path, O_RDONLY);
	ssize_t got;

	if (fd < 0)
		return -1;
	deflateReset(stream);
	do {
		got = read(fd, in, CHUNK);
		stream->next_in = in;
		stream->avail_in = got > 0 ? (uInt)got : 0;
		do {
			stream->next_out = out;
			stream->avail_out = CHUNK;
			deflate(stream, got > 0 ? Z_NO_FLUSH : Z_FINISH);
		} while (stream->avail_out == 0);
	} while (got > 0);
	close(fd);
	return (long)stream->total_out;
}

int main(int argc, char **argv)
{
	z_stream stream = {.next_in = NULL};
	long compressed = 0;
	long octets;

	if (argc < 3 || deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
				     Z_DEFAULT_STRATEGY) != Z_OK)
		return 64;
	octets = query(argv[1], argv[2]);
	for (int i = 3; i < argc; i++)
		compressed += compress_file(&stream, argv[i]);
	deflateEnd(&stream);
	printf("%ld octets read, %ld octets compressed\n", octets, compressed);
	return octets < 0;
}
