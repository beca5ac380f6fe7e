/*
 * milter_packet - packets of the milter protocol; see postfix/milter_packet.h
 */
#include "postfix/milter_packet.h"

#include <errno.h>
#include <string.h>

#include "base/io.h"

#define NUMBER_OCTETS 4
#define OCTET_BITS    8
#define OCTET         0xffU
#define CHUNK         4096

void milter_packet_init(struct milter_packet *packet)
{
	*packet = (struct milter_packet){.command = '\0'};
	buffer_init(&packet->data, MILTER_PACKET_MAX);
}

void milter_packet_free(struct milter_packet *packet)
{
	buffer_free(&packet->data);
}

bool milter_cut_number(struct slice *data, uint32_t *number)
{
	if (data->len < NUMBER_OCTETS)
		return false;
	*number = 0;
	for (size_t i = 0; i < NUMBER_OCTETS; i++)
		*number = *number << OCTET_BITS | (unsigned char)data->data[i];
	*data = slice_skip(*data, NUMBER_OCTETS);
	return true;
}

bool milter_cut_text(struct slice *data, struct slice *text)
{
	size_t len = slice_find(*data, '\0');

	if (len == data->len)
		return false;
	*text = slice_from(data->data, len);
	*data = slice_skip(*data, len + 1);
	return true;
}

bool milter_add_number(struct buffer *data, uint32_t number)
{
	for (unsigned shift = OCTET_BITS * NUMBER_OCTETS; shift > 0; shift -= OCTET_BITS) {
		if (!buffer_add_byte(data, (char)(number >> (shift - OCTET_BITS) & OCTET)))
			return false;
	}
	return true;
}

bool milter_add_text(struct buffer *data, struct slice text)
{
	return buffer_add_slice(data, text) && buffer_add_byte(data, '\0');
}

/* read_all - so many octets; false with error */
static bool read_all(struct reader *reader, char *data, size_t len, struct error *error)
{
	while (len > 0) {
		ssize_t got = reader_read(reader, data, len);

		if (got <= 0)
			return error_set(error, STATUS_OTHER, "the milter connection: %s",
					 got < 0 ? strerror(errno) : "it ends within a packet");
		data += got;
		len -= (size_t)got;
	}
	return true;
}

/* drop - so many octets, read for nobody */
static bool drop(struct reader *reader, size_t len, struct error *error)
{
	char chunk[CHUNK];

	while (len > 0) {
		size_t part = len < sizeof(chunk) ? len : sizeof(chunk);

		if (!read_all(reader, chunk, part, error))
			return false;
		len -= part;
	}
	return true;
}

/* read_data - of a packet of that length */
static enum milter_packet_outcome read_data(struct reader *reader, struct milter_packet *packet,
					    size_t len, struct error *error)
{
	char *room;

	if (len > MILTER_PACKET_MAX)
		return drop(reader, len, error) ? MILTER_PACKET_TOO_LONG : MILTER_PACKET_BROKEN;
	room = buffer_reserve(&packet->data, len);
	if (!read_all(reader, room, len, error))
		return MILTER_PACKET_BROKEN;
	packet->data.len = len;
	return MILTER_PACKET_READ;
}

enum milter_packet_outcome milter_packet_read(struct reader *reader, struct milter_packet *packet,
					      struct error *error)
{
	char head[NUMBER_OCTETS + 1] = "";
	struct slice rest = slice_from(head, sizeof(head));
	int first = reader_byte(reader);
	uint32_t len = 0;

	buffer_reset(&packet->data);
	if (first == READER_END)
		return MILTER_PACKET_ABSENT;
	if (first == READER_FAILED) {
		error_set(error, STATUS_OTHER, "the milter connection: %s", strerror(errno));
		return MILTER_PACKET_BROKEN;
	}
	head[0] = (char)first;
	if (!read_all(reader, head + 1, sizeof(head) - 1, error))
		return MILTER_PACKET_BROKEN;
	milter_cut_number(&rest, &len);
	if (len == 0) {
		error_set(error, STATUS_OTHER, "the milter connection: a packet of no octets");
		return MILTER_PACKET_BROKEN;
	}
	packet->command = rest.data[0];
	return read_data(reader, packet, len - 1, error);
}

bool milter_packet_write(struct writer *writer, char command, struct slice data)
{
	char room[NUMBER_OCTETS];
	uint32_t len = (uint32_t)data.len + 1;

	for (unsigned i = 0; i < NUMBER_OCTETS; i++)
		room[i] = (char)(len >> OCTET_BITS * (NUMBER_OCTETS - 1 - i) & OCTET);
	return writer_add(writer, room, sizeof(room)) && writer_add(writer, &command, 1) &&
	       writer_add(writer, data.data, data.len);
}
