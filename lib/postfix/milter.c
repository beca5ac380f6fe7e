/*
 * milter - the filter's side of the milter protocol; see postfix/milter.h
 */
#include "postfix/milter.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"

#define VERSION 6U

/* Commands of the other side */
#define COMMAND_NEGOTIATE 'O'
#define COMMAND_MACROS    'D'
#define COMMAND_CONNECT   'C'
#define COMMAND_HELO      'H'
#define COMMAND_MAIL      'M'
#define COMMAND_RCPT      'R'
#define COMMAND_DATA      'T'
#define COMMAND_FIELD     'L'
#define COMMAND_BODY_IS   'N' /* end of the header section */
#define COMMAND_BODY      'B'
#define COMMAND_END       'E'
#define COMMAND_ABORT     'A'
#define COMMAND_UNKNOWN   'U'
#define COMMAND_QUIT      'Q'
#define COMMAND_NEXT      'K' /* the session is over, the connection is not */

/* Ours */
#define REPLY_CONTINUE   'c'
#define REPLY_TEXT       'y'
#define REPLY_INSERT     'i'
#define REPLY_CHANGE     'm'
#define REPLY_QUARANTINE 'q'

/* Actions that we may take */
#define ACTION_ADD_FIELD    0x1U
#define ACTION_CHANGE_FIELD 0x10U
#define ACTION_QUARANTINE   0x20U
#define ACTION_SET_MACROS   0x100U
#define ACTIONS             (ACTION_ADD_FIELD | ACTION_CHANGE_FIELD | ACTION_QUARANTINE | ACTION_SET_MACROS)

/* What the other side need not send, or need not wait for */
#define WITHOUT_UNKNOWN      0x100U
#define WITHOUT_DATA         0x200U
#define NO_ANSWER_TO_FIELD   0x80U
#define NO_ANSWER_TO_CONNECT 0x1000U
#define NO_ANSWER_TO_HELO    0x2000U
#define NO_ANSWER_TO_MAIL    0x4000U
#define NO_ANSWER_TO_RCPT    0x8000U
#define NO_ANSWER_TO_BODY_IS 0x40000U
#define NO_ANSWER_TO_BODY    0x80000U
#define FIELDS_HAVE_SPACE    0x100000U
#define PROTOCOL                                                                                   \
	(WITHOUT_UNKNOWN | WITHOUT_DATA | NO_ANSWER_TO_FIELD | NO_ANSWER_TO_CONNECT |              \
	 NO_ANSWER_TO_HELO | NO_ANSWER_TO_MAIL | NO_ANSWER_TO_RCPT | NO_ANSWER_TO_BODY_IS |        \
	 NO_ANSWER_TO_BODY | FIELDS_HAVE_SPACE)

/* Stages of a session, for the macros that we want */
#define STAGE_END  5U
#define MACROS_END "i"

struct milter {
	struct reader reader;
	struct writer writer;
	struct milter_packet packet;
	struct buffer reply; /* data of a packet that is written */
	struct milter_client client;
	struct milter_message message;
	uint32_t protocol; /* what has been agreed on */
	bool has_content;  /* of the message, some has come */
};

static void client_reset(struct milter_client *client)
{
	pool_free(client->pool);
	*client = (struct milter_client){
	    .pool = pool_new(), .name = "unknown", .address = "", .helo = ""};
}

struct milter *milter_new(int input, int output)
{
	struct milter *milter = memory_alloc(sizeof(*milter));

	reader_init(&milter->reader, input);
	writer_init(&milter->writer, output);
	milter_packet_init(&milter->packet);
	buffer_init(&milter->reply, MILTER_PACKET_MAX);
	client_reset(&milter->client);
	milter_message_init(&milter->message);
	return milter;
}

void milter_free(struct milter *milter)
{
	if (milter == NULL)
		return;
	reader_free(&milter->reader);
	writer_free(&milter->writer);
	milter_packet_free(&milter->packet);
	buffer_free(&milter->reply);
	pool_free(milter->client.pool);
	milter_message_free(&milter->message);
	free(milter);
}

const struct milter_client *milter_client(const struct milter *milter)
{
	return &milter->client;
}

struct milter_message *milter_message(struct milter *milter)
{
	return &milter->message;
}

/* write_reply - with the data that has been put together */
static bool write_reply(struct milter *milter, char command)
{
	return milter_packet_write(&milter->writer, command, buffer_slice(&milter->reply));
}

/* malformed - a packet without what belongs to its command */
static bool malformed(const struct milter *milter, struct error *error)
{
	return error_set(error, STATUS_OTHER, "the milter connection: a bad packet of type \"%c\"",
			 is_vchar(milter->packet.command) ? milter->packet.command : '?');
}

/* negotiate - what both sides can do */
static bool negotiate(struct milter *milter, struct slice data, struct error *error)
{
	uint32_t version, actions, protocol;

	if (!milter_cut_number(&data, &version) || !milter_cut_number(&data, &actions) ||
	    !milter_cut_number(&data, &protocol))
		return malformed(milter, error);
	if (version < 2 || (actions & (ACTION_ADD_FIELD | ACTION_CHANGE_FIELD)) !=
			       (ACTION_ADD_FIELD | ACTION_CHANGE_FIELD))
		return error_set(error, STATUS_OTHER,
				 "the milter connection: the other side cannot do what is needed");
	actions &= ACTIONS;
	milter->protocol = protocol & PROTOCOL;
	buffer_reset(&milter->reply);
	milter_add_number(&milter->reply, version < VERSION ? version : VERSION);
	milter_add_number(&milter->reply, actions);
	milter_add_number(&milter->reply, milter->protocol);
	if ((actions & ACTION_SET_MACROS) != 0) {
		milter_add_number(&milter->reply, STAGE_END);
		milter_add_text(&milter->reply, slice_of(MACROS_END));
	}
	if (write_reply(milter, COMMAND_NEGOTIATE) && writer_flush(&milter->writer))
		return true;
	return error_set(error, STATUS_OTHER, "the milter connection cannot be written to");
}

/* take_macros - of them, the queue ID */
static void take_macros(struct milter *milter, struct slice data)
{
	struct milter_message *message = &milter->message;
	struct slice name, value;

	if (data.len == 0)
		return;
	data = slice_skip(data, 1); /* the command that they belong to */
	while (milter_cut_text(&data, &name) && milter_cut_text(&data, &value)) {
		if (value.len > 0 && (slice_is(name, "i") || slice_is(name, "{i}")))
			message->queue_id = slice_copy(message->pool, value);
	}
}

/* without_prefix - an address of IPv6 as Postfix has it here */
static struct slice without_prefix(struct slice address)
{
	static const char prefix[] = "IPv6:";

	return slice_starts_nocase(address, prefix) ? slice_skip(address, strlen(prefix)) : address;
}

/* take_client - name, family, port and address */
static bool take_client(struct milter *milter, struct slice data)
{
	struct milter_client *client = &milter->client;
	struct slice name, address;
	bool has_port;
	char family;

	client_reset(client);
	if (!milter_cut_text(&data, &name) || data.len == 0)
		return false;
	/* Postfix, like Sendmail, has the address in brackets where there is no name. */
	if (name.len > 0 && name.data[0] != '[')
		client->name = slice_copy(client->pool, name);
	family = data.data[0];
	data = slice_skip(data, 1);
	if (family != '4' && family != '6')
		return true;
	if (data.len < 2)
		return false;
	has_port = data.data[0] != '\0' || data.data[1] != '\0';
	data = slice_skip(data, 2);
	if (!milter_cut_text(&data, &address))
		return false;
	client->address = slice_copy(client->pool, without_prefix(address));
	client->is_local = !has_port && (strcmp(client->address, "127.0.0.1") == 0 ||
					 strcmp(client->address, "::1") == 0);
	return true;
}

/* path_of - without angle brackets */
static struct slice path_of(struct slice path)
{
	if (path.len >= 2 && path.data[0] == '<' && path.data[path.len - 1] == '>')
		return slice_from(path.data + 1, path.len - 2);
	return path;
}

/* take_sender - a message begins */
static bool take_sender(struct milter *milter, struct slice data)
{
	struct milter_message *message = &milter->message;
	struct slice path;

	milter_message_reset(message);
	milter->has_content = false;
	if (!milter_cut_text(&data, &path))
		return false;
	message->sender = slice_copy(message->pool, path_of(path));
	return true;
}

static bool take_recipient(struct milter *milter, struct slice data)
{
	struct slice path;

	if (!milter_cut_text(&data, &path))
		return false;
	milter_message_add_recipient(&milter->message, path_of(path));
	return true;
}

static bool take_helo(struct milter *milter, struct slice data)
{
	struct slice helo;

	if (!milter_cut_text(&data, &helo))
		return false;
	milter->client.helo = slice_copy(milter->client.pool, helo);
	return true;
}

/* take_field - without SMFIP_HDR_LEADSPC the other side has taken a space away */
static bool take_field(struct milter *milter, struct slice data)
{
	struct pool *pool;
	struct slice name, value;
	const char *spaced;

	if (!milter_cut_text(&data, &name) || !milter_cut_text(&data, &value))
		return false;
	if ((milter->protocol & FIELDS_HAVE_SPACE) != 0) {
		milter_message_add_field(&milter->message, name, value);
		return true;
	}
	pool = pool_new();
	spaced = pool_printf(pool, " %s", slice_copy(pool, value));
	milter_message_add_field(&milter->message, name, slice_of(spaced));
	pool_free(pool);
	return true;
}

/* take_milter_body - also what may come with the end */
static bool take_milter_body(struct milter *milter, struct slice data)
{
	if (data.len > 0)
		milter_message_add_body(&milter->message, data);
	return true;
}

static bool take_nothing(struct milter *milter, struct slice data)
{
	(void)milter;
	(void)data;
	return true;
}

/* What is done with a command, and the flag by which no answer to it has been agreed on. */
static const struct {
	char command;
	bool (*take)(struct milter *milter, struct slice data);
	uint32_t unanswered;
	bool is_content;
} commands[] = {
    {COMMAND_CONNECT, take_client, NO_ANSWER_TO_CONNECT, false},
    {COMMAND_HELO, take_helo, NO_ANSWER_TO_HELO, false},
    {COMMAND_MAIL, take_sender, NO_ANSWER_TO_MAIL, false},
    {COMMAND_RCPT, take_recipient, NO_ANSWER_TO_RCPT, false},
    {COMMAND_DATA, take_nothing, 0, false},
    {COMMAND_UNKNOWN, take_nothing, 0, false},
    {COMMAND_FIELD, take_field, NO_ANSWER_TO_FIELD, true},
    {COMMAND_BODY_IS, take_nothing, NO_ANSWER_TO_BODY_IS, true},
    {COMMAND_BODY, take_milter_body, NO_ANSWER_TO_BODY, true},
};

/* answer - "go on", unless it has been agreed on that there is no answer */
static bool answer(struct milter *milter, uint32_t unanswered)
{
	if ((milter->protocol & unanswered) != 0)
		return true;
	buffer_reset(&milter->reply);
	return write_reply(milter, REPLY_CONTINUE) && writer_flush(&milter->writer);
}

/* take_command - one that says something about a client or a message */
static bool take_command(struct milter *milter, struct error *error)
{
	struct slice data = buffer_slice(&milter->packet.data);

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].command != milter->packet.command)
			continue;
		if (!commands[i].take(milter, data))
			return malformed(milter, error);
		milter->has_content = milter->has_content || commands[i].is_content;
		if (answer(milter, commands[i].unanswered))
			return true;
		return error_set(error, STATUS_OTHER, "the milter connection cannot be written to");
	}
	return malformed(milter, error);
}

/* take_end - the message is complete */
static enum milter_event take_end(struct milter *milter)
{
	take_milter_body(milter, buffer_slice(&milter->packet.data));
	milter_message_end(&milter->message);
	return MILTER_MESSAGE;
}

/* give_up_milter - the message, and the client if the session is over */
static enum milter_event give_up_milter(struct milter *milter, bool session)
{
	milter_message_reset(&milter->message);
	milter->has_content = false;
	if (session)
		client_reset(&milter->client);
	return MILTER_IDLE;
}

/* take_packet - true with *event if the caller has to hear of it */
static bool take_packet(struct milter *milter, enum milter_event *event, struct error *error)
{
	bool had_content = milter->has_content;
	bool good = true;

	switch (milter->packet.command) {
	case COMMAND_NEGOTIATE:
		good = negotiate(milter, buffer_slice(&milter->packet.data), error);
		break;
	case COMMAND_MACROS: take_macros(milter, buffer_slice(&milter->packet.data)); break;
	case COMMAND_END: *event = take_end(milter); return true;
	case COMMAND_ABORT: *event = give_up_milter(milter, false); return true;
	case COMMAND_NEXT: *event = give_up_milter(milter, true); return true;
	case COMMAND_QUIT: *event = MILTER_ENDED; return true;
	default: good = take_command(milter, error); break;
	}
	*event = good ? MILTER_CONTENT : MILTER_BROKEN;
	return !good || (milter->has_content && !had_content);
}

/* skip_long - a packet that does not fit: what it is about cannot be judged */
static bool skip_long(struct milter *milter, struct error *error)
{
	error_set(error, STATUS_TOO_BIG, "a header field is larger than %u octets",
		  MILTER_PACKET_MAX);
	milter_message_fail(&milter->message, error);
	return milter->packet.command == COMMAND_FIELD;
}

enum milter_event milter_next(struct milter *milter, struct error *error)
{
	enum milter_event event = MILTER_BROKEN;
	bool is_over = false;

	while (!is_over) {
		switch (milter_packet_read(&milter->reader, &milter->packet, error)) {
		case MILTER_PACKET_READ: is_over = take_packet(milter, &event, error); break;
		case MILTER_PACKET_TOO_LONG:
			is_over = !skip_long(milter, error) || !answer(milter, NO_ANSWER_TO_FIELD);
			break;
		case MILTER_PACKET_ABSENT: return MILTER_ENDED;
		case MILTER_PACKET_BROKEN: return MILTER_BROKEN;
		}
	}
	return event;
}

/* occurrence - which of the fields of its name it is, counted from 1 */
static uint32_t occurrence(const struct milter_message *message, size_t index)
{
	struct slice name = milter_field_name(message, index);
	uint32_t count = 0;

	for (size_t i = 0; i <= index; i++)
		count += slice_equal_nocase(milter_field_name(message, i), name);
	return count;
}

bool milter_remove_field(struct milter *milter, const struct milter_message *message, size_t index)
{
	buffer_reset(&milter->reply);
	milter_add_number(&milter->reply, occurrence(message, index));
	milter_add_text(&milter->reply, milter_field_name(message, index));
	milter_add_text(&milter->reply, slice_of(NULL));
	return write_reply(milter, REPLY_CHANGE);
}

bool milter_add_field(struct milter *milter, struct slice name, struct slice value)
{
	if ((milter->protocol & FIELDS_HAVE_SPACE) == 0 && value.len > 0 && value.data[0] == ' ')
		value = slice_skip(value, 1);
	buffer_reset(&milter->reply);
	return milter_add_number(&milter->reply, 0) && milter_add_text(&milter->reply, name) &&
	       milter_add_text(&milter->reply, value) && write_reply(milter, REPLY_INSERT);
}

bool milter_hold(struct milter *milter, const char *reason)
{
	buffer_reset(&milter->reply);
	milter_add_text(&milter->reply, slice_of(reason));
	return write_reply(milter, REPLY_QUARANTINE);
}

/* add_reply - a text, in which "%" is doubled: Sendmail takes it for a format (smfi_setreply) */
static void add_reply(struct buffer *data, struct slice text)
{
	for (size_t i = 0; i < text.len && data->len < MILTER_REPLY_MAX; i++) {
		if (text.data[i] == '%')
			buffer_add_byte(data, '%');
		buffer_add_byte(data, text.data[i]);
	}
	buffer_add_byte(data, '\0');
}

bool milter_finish(struct milter *milter, const char *reply)
{
	bool written;

	buffer_reset(&milter->reply);
	if (reply != NULL)
		add_reply(&milter->reply, slice_of(reply));
	written = write_reply(milter, reply != NULL ? REPLY_TEXT : REPLY_CONTINUE) &&
		  writer_flush(&milter->writer);
	milter_message_reset(&milter->message);
	milter->has_content = false;
	return written;
}
