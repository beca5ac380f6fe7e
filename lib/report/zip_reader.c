/*
 * zip_reader - directory, headers and data of members; see report/zip_reader.h
 *
 * Numbers in brackets are sections of APPNOTE.TXT 6.3.10.
 */
#include "report/zip_reader.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

/* Sizes of what has a fixed one, and what each begins with. */
#define LOCAL_LEN           30 /* header in front of a member (4.3.7) */
#define DIRECTORY_ENTRY_LEN 46 /* the same in the directory (4.3.12) */
#define END_LEN             22 /* end of the directory (4.3.16) */
#define WIDE_END_LEN        56 /* the same of zip64 (4.3.14) */
#define WIDE_LOCATOR_LEN    20 /* where that is (4.3.15) */
#define DESCRIPTOR_LEN      24 /* after the data, at most (4.3.9) */
#define SIGNATURE_LEN       4
#define LOCAL               "PK\3\4"
#define DIRECTORY_ENTRY     "PK\1\2"
#define END                 "PK\5\6"
#define WIDE_END            "PK\6\6"
#define WIDE_LOCATOR        "PK\6\7"
#define DESCRIPTOR          "PK\7\10"

#define FLAG_ENCRYPTED   1U /* (4.4.4) */
#define FLAG_SIZES_AFTER 8U /* in a descriptor */
#define METHOD_STORED    0U /* (4.4.5) */
#define METHOD_DEFLATED  8U
#define METHOD_AES       99U
#define EXTRA_ZIP64      1U                            /* (4.5.3) */
#define ELSEWHERE        UINT32_MAX                    /* a size that is in that extra field */
#define END_SEARCH       (END_LEN + UINT16_MAX + 1024) /* a comment, and octets after it */
#define END_CANDIDATES   16                            /* texts that look like the end */

/* What is known of a member. */
struct zip_entry {
	unsigned flags;
	unsigned method;
	uint32_t crc;
	unsigned long long packed;
	unsigned long long unpacked;
	unsigned long long header; /* where its own is, and then its data */
	unsigned long long data;
	unsigned long long next; /* after its entry in the directory */
	size_t name_len;
	size_t extra_len;
	bool is_sized;             /* crc and sizes are known */
	char text[2 * UINT16_MAX]; /* name and extra fields */
};

/* The data of a member. */
struct zip_data {
	struct octets octets; /* first member: it is what readers get */
	const struct blob *blob;
	struct unpack_budget *budget;
	const struct zip_entry *entry;
	unsigned long long at;     /* in the blob: what is read next */
	unsigned long long stored; /* octets of a stored member that are left */
	unsigned long long count;  /* unpacked so far */
	uLong crc;
	z_stream stream;
	bool ended;
	char input[UNPACK_INPUT];
};

struct zip_archive {
	const struct blob *blob;
	struct unpack_budget *budget;
	zip_member *member;
	void *context;
	unsigned long long start; /* of the directory */
	unsigned long long end;
	unsigned long long
	    before;       /* octets before the archive, by which all its offsets are wrong */
	unsigned count;   /* members so far */
	bool was_damaged; /* what it is in */
	struct zip_entry entry;
	struct zip_data data;
};

/* number_at - little-endian, of 2, 4 or 8 octets */
static unsigned long long number_at(const char *at, size_t len)
{
	unsigned long long number = 0;

	while (len > 0)
		number = number << 8 | (unsigned char)at[--len];
	return number;
}

/* read_zip_record - all of it, and it begins as it has to */
static bool read_zip_record(const struct blob *blob, unsigned long long offset,
			    const char *signature, char *record, size_t len)
{
	return blob_read(blob, offset, record, len) == len &&
	       memcmp(record, signature, SIGNATURE_LEN) == 0;
}

/* widen - takes what did not fit into 32 bits from the extra field, in that order (4.5.3) */
static void widen(const struct zip_entry *entry, unsigned long long *const numbers[], size_t count)
{
	struct slice rest = slice_from(entry->text + entry->name_len, entry->extra_len);
	size_t at = 4, len = 0;

	while (rest.len >= 4 && number_at(rest.data, 2) != EXTRA_ZIP64) {
		len = 4 + (size_t)number_at(rest.data + 2, 2);
		rest = slice_skip(rest, len < rest.len ? len : rest.len);
	}
	for (size_t i = 0; i < count; i++) {
		if (*numbers[i] != ELSEWHERE || rest.len < at + 8)
			continue;
		*numbers[i] = number_at(rest.data + at, 8);
		at += 8;
	}
}

/* take_fields - those that both kinds of header have, from the flags on, and the name */
static bool take_fields(const struct blob *blob, struct zip_entry *entry, const char *fields,
			unsigned long long name)
{
	size_t len;

	entry->flags = (unsigned)number_at(fields, 2);
	entry->method = (unsigned)number_at(fields + 2, 2);
	entry->crc = (uint32_t)number_at(fields + 8, 4);
	entry->packed = number_at(fields + 12, 4);
	entry->unpacked = number_at(fields + 16, 4);
	entry->name_len = (size_t)number_at(fields + 20, 2);
	entry->extra_len = (size_t)number_at(fields + 22, 2);
	len = entry->name_len + entry->extra_len;
	return blob_read(blob, name, entry->text, len) == len;
}

/* read_local - the header in front of a member */
static bool read_local(const struct blob *blob, unsigned long long offset, struct zip_entry *entry)
{
	char record[LOCAL_LEN];

	if (!read_zip_record(blob, offset, LOCAL, record, sizeof(record)) ||
	    !take_fields(blob, entry, record + 6, offset + LOCAL_LEN))
		return false;
	widen(entry, (unsigned long long *[]){&entry->unpacked, &entry->packed}, 2);
	entry->header = offset;
	entry->data = offset + LOCAL_LEN + entry->name_len + entry->extra_len;
	entry->is_sized = (entry->flags & FLAG_SIZES_AFTER) == 0;
	return true;
}

/* read_listed - an entry of the directory, and whether there is a member where it says */
static bool read_listed(const struct zip_archive *zip, unsigned long long offset,
			struct zip_entry *entry)
{
	char record[DIRECTORY_ENTRY_LEN], local[LOCAL_LEN];

	if (!read_zip_record(zip->blob, offset, DIRECTORY_ENTRY, record, sizeof(record)) ||
	    !take_fields(zip->blob, entry, record + 8, offset + DIRECTORY_ENTRY_LEN))
		return false;
	entry->header = number_at(record + 42, 4);
	widen(entry, (unsigned long long *[]){&entry->unpacked, &entry->packed, &entry->header}, 3);
	entry->header += zip->before;
	entry->next = offset + DIRECTORY_ENTRY_LEN + entry->name_len + entry->extra_len +
		      (size_t)number_at(record + 32, 2);
	if (entry->header >= zip->blob->size ||
	    !read_zip_record(zip->blob, entry->header, LOCAL, local, sizeof(local)))
		return false;
	entry->data = entry->header + LOCAL_LEN + (size_t)number_at(local + 26, 2) +
		      (size_t)number_at(local + 28, 2);
	entry->is_sized = true;
	return true;
}

/* is_directory - does all of it make sense? Of too many entries, as many as are looked at. */
static bool is_directory(struct zip_archive *zip)
{
	unsigned long long at = zip->start;

	for (unsigned i = 0; i <= ZIP_MEMBERS_MAX && at < zip->end; i++) {
		if (!read_listed(zip, at, &zip->entry) || zip->entry.next > zip->end)
			return false;
		at = zip->entry.next;
	}
	return at > zip->start;
}

/* take_end - the directory that ends there, if it does */
static bool take_end(struct zip_archive *zip, const char *record, unsigned long long offset)
{
	unsigned long long len = number_at(record + 12, 4);
	unsigned long long stated = number_at(record + 16, 4);
	char locator[WIDE_LOCATOR_LEN], wide[WIDE_END_LEN];

	zip->end = offset;
	if (offset >= WIDE_LOCATOR_LEN &&
	    read_zip_record(zip->blob, offset - WIDE_LOCATOR_LEN, WIDE_LOCATOR, locator,
			    sizeof(locator)) &&
	    read_zip_record(zip->blob, number_at(locator + 8, 8), WIDE_END, wide, sizeof(wide))) {
		zip->end = number_at(locator + 8, 8);
		len = number_at(wide + 40, 8);
		stated = number_at(wide + 48, 8);
	}
	if (len > zip->end || stated > zip->end - len)
		return false;
	zip->start = zip->end - len;
	zip->before = zip->start - stated;
	return is_directory(zip);
}

/* find_directory - from the end backwards */
static bool find_directory(struct zip_archive *zip)
{
	unsigned long long size = zip->blob->size;
	unsigned long long from = size > END_SEARCH ? size - END_SEARCH : 0;
	char *tail = memory_buffer(END_SEARCH);
	size_t len = blob_read(zip->blob, from, tail, END_SEARCH);
	unsigned candidates = 0;
	bool found = false;

	for (size_t at = len; at-- > 0 && !found && candidates < END_CANDIDATES;) {
		if (len - at < END_LEN || memcmp(tail + at, END, SIGNATURE_LEN) != 0)
			continue;
		candidates++;
		found = take_end(zip, tail + at, from + at);
	}
	free(tail);
	return found;
}

/* find_signature - where one is from there on, or the size of the blob */
static unsigned long long find_signature(const struct blob *blob, unsigned long long from,
					 const char *signature)
{
	char chunk[UNPACK_INPUT];
	size_t got, overlap = SIGNATURE_LEN - 1;
	const char *found;

	while ((got = blob_read(blob, from, chunk, sizeof(chunk))) > overlap) {
		found = memmem(chunk, got, signature, SIGNATURE_LEN);
		if (found != NULL)
			return from + (size_t)(found - chunk);
		from += got - overlap;
	}
	return blob->size;
}

/* size_stored - of a stored member whose size is only told after it: where that agrees */
static void size_stored(const struct blob *blob, struct zip_entry *entry)
{
	char descriptor[DESCRIPTOR_LEN] = "";
	unsigned long long at = entry->data;

	while ((at = find_signature(blob, at, DESCRIPTOR)) < blob->size) {
		blob_read(blob, at, descriptor, sizeof(descriptor));
		if (number_at(descriptor + 8, 4) == at - entry->data ||
		    number_at(descriptor + 8, 8) == at - entry->data)
			break;
		at += SIGNATURE_LEN;
	}
	entry->packed = at > entry->data ? at - entry->data : 0;
}

/* check_end - is it what its header says, or the descriptor after it? */
static void check_end(struct zip_data *data)
{
	const struct zip_entry *entry = data->entry;
	unsigned long long at = data->at - data->stream.avail_in;
	char after[2 * SIGNATURE_LEN];
	bool is_marked = read_zip_record(data->blob, at, DESCRIPTOR, after, sizeof(after));
	bool is_good;

	if (entry->is_sized)
		is_good = data->crc == entry->crc && data->count == entry->unpacked &&
			  at - entry->data == entry->packed;
	else
		is_good = blob_read(data->blob, at, after, sizeof(after)) == sizeof(after) &&
			  number_at(after + (is_marked ? SIGNATURE_LEN : 0), 4) == data->crc;
	if (!is_good)
		data->budget->damaged = true;
	data->ended = true;
}

/* next_stored - octets as they are */
static size_t next_stored(struct zip_data *data, char *octets, size_t size)
{
	size_t wanted = data->stored < size ? (size_t)data->stored : size;
	size_t got = blob_read(data->blob, data->at, octets, wanted);

	data->at += got;
	data->stored -= got;
	return got;
}

/* next_inflated - octets, or none at the end, of which data->ended tells if it is a good one */
static size_t next_inflated(struct zip_data *data, char *octets, size_t size)
{
	z_stream *stream = &data->stream;
	int status = Z_OK;

	stream->next_out = (unsigned char *)octets;
	stream->avail_out = (unsigned)size;
	while (status == Z_OK && stream->avail_out == size) {
		if (stream->avail_in == 0) {
			stream->next_in = (unsigned char *)data->input;
			stream->avail_in =
			    (unsigned)blob_read(data->blob, data->at, data->input, UNPACK_INPUT);
			data->at += stream->avail_in;
		}
		status = inflate(stream, Z_NO_FLUSH);
	}
	if (status == Z_MEM_ERROR)
		memory_fail();
	if (status != Z_OK && status != Z_STREAM_END)
		data->budget->damaged = true;
	return size - stream->avail_out;
}

/* next_of_member - charges what comes out */
static size_t next_of_member(struct octets *octets, char *text, size_t size)
{
	struct zip_data *data = (struct zip_data *)octets;
	size_t got;

	if (data->ended || size == 0)
		return 0;
	if (data->entry->method == METHOD_STORED)
		got = next_stored(data, text, size);
	else
		got = next_inflated(data, text, size);
	data->crc = crc32(data->crc, (const unsigned char *)text, (unsigned)got);
	data->count += got;
	if (got == 0)
		check_end(data);
	return unpack_charge(data->budget, got) ? got : 0;
}

/* is_readable - or why not */
static bool is_readable(struct zip_archive *zip)
{
	const struct zip_entry *entry = &zip->entry;
	const char *reason = NULL;

	if ((entry->flags & FLAG_ENCRYPTED) != 0 || entry->method == METHOD_AES)
		reason = "it is encrypted";
	else if (entry->method != METHOD_STORED && entry->method != METHOD_DEFLATED)
		reason = "it is packed in another way than deflate";
	if (reason != NULL)
		zip->budget->unreadable = reason;
	return reason == NULL;
}

/* read_through_member - what nobody wanted, to find its end */
static void read_through_member(struct zip_data *data)
{
	char *text = memory_buffer(UNPACK_INPUT);
	size_t got;

	do {
		got = data->octets.read(&data->octets, text, UNPACK_INPUT);
	} while (got > 0);
	free(text);
}

/* start_data - of the member that zip->entry tells of */
static void start_data(struct zip_archive *zip)
{
	struct zip_entry *entry = &zip->entry;
	struct zip_data *data = &zip->data;

	if (entry->method == METHOD_STORED && !entry->is_sized && entry->packed == 0)
		size_stored(zip->blob, entry);
	zip->budget->damaged = zip->was_damaged;
	data->octets.read = next_of_member;
	data->blob = zip->blob;
	data->budget = zip->budget;
	data->entry = entry;
	data->at = entry->data;
	data->stored = entry->packed;
	data->count = 0;
	data->crc = crc32(0, NULL, 0);
	data->ended = false;
	data->stream = (z_stream){.zalloc = NULL};
	if (inflateInit2(&data->stream, -MAX_WBITS) != Z_OK)
		memory_fail();
}

/* hand_over_member - one member; *end is where its data is over, as far as that is known */
static bool hand_over_member(struct zip_archive *zip, bool is_listed, unsigned long long *end)
{
	struct zip_entry *entry = &zip->entry;
	struct zip_data *data = &zip->data;
	struct slice name = slice_from(entry->text, entry->name_len);
	bool goes_on = true;

	*end = entry->data + (entry->is_sized ? entry->packed : 0);
	if (++zip->count > ZIP_MEMBERS_MAX) {
		zip->budget->refused = "it has more than 16 members";
		return false;
	}
	if (!is_readable(zip))
		return true;
	start_data(zip);
	if (name.len == 0 || name.data[name.len - 1] != '/')
		goes_on = zip->member(zip->context, name, &data->octets);
	if (goes_on && !is_listed && (!entry->is_sized || *end > zip->blob->size))
		read_through_member(data);
	if (data->ended)
		*end = data->at - data->stream.avail_in;
	inflateEnd(&data->stream);
	return goes_on && zip->budget->refused == NULL;
}

/* read_by_directory - the members that it lists */
static void read_by_directory(struct zip_archive *zip)
{
	unsigned long long at = zip->start;
	unsigned long long end;

	while (at < zip->end && read_listed(zip, at, &zip->entry)) {
		at = zip->entry.next;
		if (!hand_over_member(zip, true, &end))
			return;
	}
}

/* read_by_headers - one member after the other, without a directory or in spite of it */
static void read_by_headers(struct zip_archive *zip)
{
	unsigned long long at = 0;

	while ((at = find_signature(zip->blob, at, LOCAL)) < zip->blob->size &&
	       read_local(zip->blob, at, &zip->entry)) {
		if (!hand_over_member(zip, false, &at))
			return;
	}
}

void zip_read(const struct blob *blob, struct unpack_budget *budget, zip_member *member,
	      void *context)
{
	struct zip_archive *zip = memory_buffer(sizeof(*zip));

	zip->blob = blob;
	zip->budget = budget;
	zip->member = member;
	zip->context = context;
	zip->count = 0;
	zip->was_damaged = budget->damaged;
	if (find_directory(zip))
		read_by_directory(zip);
	else
		read_by_headers(zip);
	free(zip);
}
