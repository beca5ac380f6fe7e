/*
 * sign_origin - who has handed the message over; see sign_origin.h
 */
#include "sign_origin.h"

#include "base/printable.h"
#include "mail/domain.h"

/* client_name - NULL if it has none; a name that is none must not keep mail waiting */
static const char *client_name(struct signing *signing)
{
	const char *name = signing->filter->envelope.client_name;
	const char *canonical = NULL;

	if (name == NULL || *name == '\0')
		return NULL;
	canonical = domain_canonical(signing->filter->pool, slice_of(name));
	if (canonical == NULL)
		signing_warn(signing,
			     "option --client-name: \"%s\" is no host name; the client has none",
			     text_excerpt(signing->filter->pool, slice_of(name)));
	return canonical;
}

/* is_local - has sendmail(1) taken the message, and no SMTP client brought it? */
static bool is_local(const struct signing *signing)
{
	struct slice address;

	if (signing->filter->frame == NULL)
		return signing->arguments->is_local;
	return frame_get(signing->filter->frame, "client_address", &address) && address.len == 0;
}

bool sign_check_client(struct signing *signing, const struct host_list *hosts, struct error *error)
{
	struct ip_address *client = &signing->filter->envelope.client;

	if (hosts == NULL)
		return true;
	if (is_local(signing))
		ip_address_parse(slice_of(DKIMSIGN_LOOPBACK), client);
	if (client->family == 0)
		return error_set(error, STATUS_OTHER,
				 "the frame does not tell the client_address, which "
				 "--internal-hosts needs");
	signing->foreign = !host_list_contains(hosts, client, client_name(signing));
	signing->unsigned_reason = "the client is not in the list of internal hosts";
	return true;
}

void sign_find_origin(struct signing *signing)
{
	const struct message *message = signing->filter->message;
	size_t count = message_field_count(message);
	size_t first = message_find(message, "Received", 0);
	bool has_client = signing->filter->envelope.client.family != 0 && !is_local(signing);

	if (!signing->arguments->first_hop || has_client || first == count ||
	    message_find(message, "Received", first + 1) == count)
		return;
	signing->foreign = true;
	signing->unsigned_reason = "the message has come from another host";
}
