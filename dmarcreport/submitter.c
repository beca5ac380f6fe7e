/*
 * submitter - who reports; see submitter.h
 */
#include "submitter.h"

#include "mail/abnf.h"
#include "mail/address.h"
#include "mail/domain.h"

bool submitter_check(struct pool *pool, struct report_submitter *submitter, struct error *error)
{
	struct address address;

	if (submitter->organization == NULL || submitter->email == NULL)
		return error_set(error, STATUS_CONFIG, "options --org and --email are needed");
	if (slice_trim(slice_of(submitter->organization)).len == 0)
		return error_set(error, STATUS_CONFIG, "option --org is empty");
	if (!is_clean_text(slice_of(submitter->organization)) ||
	    !is_clean_text(slice_of(submitter->contact)))
		return error_set(error, STATUS_CONFIG,
				 "options --org and --contact must be one line of text in UTF-8");
	if (!address_parse_path(pool, slice_of(submitter->email), &address) ||
	    *address.local == '\0' || !is_clean_text(slice_of(submitter->email)))
		return error_set(error, STATUS_CONFIG, "option --email is no address");
	if (submitter->domain == NULL)
		submitter->domain = address.domain;
	submitter->domain = domain_canonical(pool, slice_of(submitter->domain));
	if (submitter->domain == NULL || !domain_is_qualified(submitter->domain))
		return error_set(error, STATUS_CONFIG, "option --authserv-id is no domain name");
	return true;
}
