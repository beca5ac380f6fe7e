/*
 * day_text - days and moments for people; see day_text.h
 */
#include "day_text.h"

#include <time.h>

#include "base/pool.h"
#include "history/row.h"

#define DATE_LEN 10 /* 2026-11-22 */
#define YEAR_MAX 9999

bool day_set(const char *argument, void *target, struct error *error)
{
	struct slice text = slice_of(argument);
	unsigned long long year, month, day;
	struct tm parts = {.tm_isdst = 0};
	time_t time;

	if (text.len != DATE_LEN || text.data[4] != '-' || text.data[7] != '-' ||
	    !slice_to_number(slice_from(text.data, 4), YEAR_MAX, &year) ||
	    !slice_to_number(slice_from(text.data + 5, 2), 12, &month) ||
	    !slice_to_number(slice_from(text.data + 8, 2), 31, &day))
		return error_set(error, STATUS_CONFIG, "is no date like 2026-11-22");
	parts.tm_year = (int)year - 1900;
	parts.tm_mon = (int)month - 1;
	parts.tm_mday = (int)day;
	time = timegm(&parts);
	if (time < 0 || parts.tm_mon != (int)month - 1 || parts.tm_mday != (int)day)
		return error_set(error, STATUS_CONFIG, "is no day of the calendar");
	*(long long *)target = time / HISTORY_SECONDS_A_DAY;
	return true;
}

const char *time_text(struct pool *pool, long long time)
{
	time_t moment = (time_t)time;
	struct tm parts = {.tm_mday = 1};

	gmtime_r(&moment, &parts);
	return pool_printf(pool, "%04d-%02d-%02d %02d:%02d UTC", parts.tm_year + 1900,
			   parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min);
}

const char *day_text(struct pool *pool, long long day)
{
	const char *text = time_text(pool, day * HISTORY_SECONDS_A_DAY);

	return slice_copy(pool, slice_from(text, slice_find(slice_of(text), ' ')));
}
