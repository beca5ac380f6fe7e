/*
 * dkimsign, names of the files of a key, and the forms of its record
 */
#include "dkimsign.h"

#include "base/pool.h"
#include "dns/txt_strings.h"

#define RECORD_TTL 3600 /* seconds, of the nsupdate script */

const char *key_file_name(struct pool *pool, const struct new_key *key, const char *suffix)
{
	return pool_printf(pool, "%s/%s.%s", key->directory, key->selector, suffix);
}

const char *key_zone_line(struct pool *pool, const char *selector, const char *domain,
			  const char *value)
{
	return pool_printf(pool, "%s._domainkey.%s.\tIN\tTXT\t%s", selector, domain,
			   txt_strings(pool, slice_of(value)));
}

const char *key_add_script(struct pool *pool, const char *selector, const char *domain,
			   const char *value)
{
	return pool_printf(pool, "update add %s._domainkey.%s. %d IN TXT %s\nsend\n", selector,
			   domain, RECORD_TTL, txt_strings(pool, slice_of(value)));
}

const char *key_replace_script(struct pool *pool, const char *selector, const char *domain,
			       const char *value)
{
	return pool_printf(pool, "update delete %s._domainkey.%s. TXT\n%s", selector, domain,
			   key_add_script(pool, selector, domain, value));
}

const char *key_delete_script(struct pool *pool, const char *selector, const char *domain)
{
	return pool_printf(pool, "update delete %s._domainkey.%s. TXT\nsend\n", selector, domain);
}
