/*
 * zone_file - reads a zone file; see dns/zone_file.h
 */
#include "dns/zone_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/pool.h"
#include "dns/zone_record.h"

/* read_directive - RFC 1035 5.1 and RFC 2308 section 4 */
static bool read_directive(struct zone_reader *reader, const struct zone_word *directive)
{
	struct dns_name origin;
	struct zone_word word;

	if (slice_is_nocase(directive->text, "$ORIGIN")) {
		if (!zone_need_word(reader, &word, "domain name") ||
		    !zone_read_name(reader, &word, &origin))
			return false;
		reader->origin = origin;
		reader->has_origin = true;
	} else if (slice_is_nocase(directive->text, "$TTL")) {
		if (!zone_need_word(reader, &word, "TTL") || !zone_check_ttl(reader, &word))
			return false;
	} else {
		return zone_fail_word(reader, "unsupported directive", directive);
	}
	return zone_end_line(reader);
}

/* read_line - a record, a directive or nothing; ends at the line end after it */
static bool read_line(struct zone_reader *reader)
{
	bool same_owner = is_wsp(reader->rest.data[0]);
	struct zone_word word;

	zone_skip_gap(reader);
	if (reader->failed || reader->rest.len == 0 || reader->rest.data[0] == '\n')
		return !reader->failed;
	if (same_owner)
		return reader->has_owner ? zone_read_record(reader)
					 : zone_fail(reader, "no owner before this record");
	if (!zone_take_word(reader, &word))
		return false;
	if (slice_starts_nocase(word.text, "$"))
		return read_directive(reader, &word);
	reader->has_owner = zone_read_name(reader, &word, &reader->owner);
	return reader->has_owner && zone_read_record(reader);
}

/* read_lines - the whole file */
static bool read_lines(struct zone_reader *reader)
{
	while (reader->rest.len != 0) {
		if (!read_line(reader))
			return false;
		if (reader->rest.len != 0) {
			zone_skip(reader, 1);
			reader->line++;
		}
	}
	return true;
}

/* read_octets - everything that is in the file */
static bool read_octets(const char *path, struct buffer *content, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good = fd != -1 && io_read_all(fd, content);

	if (content->overflow)
		error_set(error, STATUS_CONFIG, "%s: larger than %u octets", path,
			  DNS_ZONE_FILE_MAX);
	else if (!good)
		error_set(error, STATUS_CONFIG, "%s: %s", path, strerror(errno));
	if (fd != -1)
		close(fd);
	return good;
}

struct dns_zone *dns_zone_read(struct pool *pool, const char *path, struct error *error)
{
	struct zone_reader reader = {
	    .pool = pool, .path = path, .error = error, .line = 1, .zone = dns_zone_new(pool)};
	struct buffer content;
	bool good;

	buffer_init(&content, DNS_ZONE_FILE_MAX);
	good = read_octets(path, &content, error);
	if (good) {
		reader.rest = buffer_slice(&content);
		good = read_lines(&reader);
	}
	buffer_free(&content);
	if (!good)
		return NULL;
	dns_zone_complete(reader.zone);
	return reader.zone;
}
