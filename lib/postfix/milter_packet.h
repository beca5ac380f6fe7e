/*
 * milter_packet - packets of the milter protocol, which Postfix speaks with mail filters
 * (MILTER_README)
 *
 * A packet is a length of four octets, most significant first, a command, and data; the length
 * counts both. Numbers in the data are written like the length, text ends with NUL.
 */
#ifndef ASSAY_POSTFIX_MILTER_PACKET_H
#define ASSAY_POSTFIX_MILTER_PACKET_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/reader.h"
#include "base/writer.h"

/* Octets of one packet. The longest is one header field: Postfix' header_size_limit is 100 KiB. */
#define MILTER_PACKET_MAX (8U << 20)

enum milter_packet_outcome {
	MILTER_PACKET_READ,
	MILTER_PACKET_TOO_LONG, /* read to its end, command is set and data is empty */
	MILTER_PACKET_ABSENT,   /* the connection has ended */
	MILTER_PACKET_BROKEN,   /* see error */
};

struct milter_packet {
	char command;
	struct buffer data;
};

void milter_packet_init(struct milter_packet *packet);
void milter_packet_free(struct milter_packet *packet);

/* The next one, in place of what packet had. */
enum milter_packet_outcome milter_packet_read(struct reader *reader, struct milter_packet *packet,
					      struct error *error);

/* Cuts a number, or a text without its NUL, off the data; false if there is none. */
bool milter_cut_number(struct slice *data, uint32_t *number);
bool milter_cut_text(struct slice *data, struct slice *text);

/* Appends a number, or a text and its NUL, to what will be data. */
bool milter_add_number(struct buffer *data, uint32_t number);
bool milter_add_text(struct buffer *data, struct slice text);

/* Writes a packet, without a flush; false with errno. */
bool milter_packet_write(struct writer *writer, char command, struct slice data);

#endif
