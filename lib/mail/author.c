/*
 * author - the author domain of a message; see mail/author.h
 */
#include "mail/author.h"

#include "mail/address.h"
#include "mail/domain.h"

#define FROM "From"

/* common_domain - the one domain of all addresses, or NULL */
static const char *common_domain(const struct address_list *list, struct error *error)
{
	const char *domain = list->count != 0 ? list->items[0].domain : NULL;

	if (list->count == 0)
		error_set(error, STATUS_OTHER, "the From field has no address");
	for (size_t i = 0; i < list->count; i++) {
		const char *other = list->items[i].domain;

		if (other == NULL) {
			error_set(error, STATUS_OTHER,
				  "the From field has an address without a domain name");
			return NULL;
		}
		if (!domain_equal(domain, other)) {
			error_set(error, STATUS_OTHER, "the From field has several domains: %s, %s",
				  domain, other);
			return NULL;
		}
	}
	return domain;
}

const char *author_domain(struct pool *pool, const struct message *message, struct error *error)
{
	size_t count = message_field_count(message);
	size_t index = message_find(message, FROM, 0);
	struct address_list list;
	struct error cause;

	if (message_excess(message) != NULL) {
		error_set(error, STATUS_OTHER, "%s", message_excess(message));
		return NULL;
	}
	if (index == count) {
		error_set(error, STATUS_OTHER, "there is no From field");
		return NULL;
	}
	if (message_find(message, FROM, index + 1) != count) {
		error_set(error, STATUS_OTHER, "there are several From fields");
		return NULL;
	}
	if (!address_parse_list(pool, message_field(message, index)->value, &list, &cause)) {
		error_set(error, STATUS_OTHER, "the From field cannot be read: %s", cause.text);
		return NULL;
	}
	return common_domain(&list, error);
}
