/*
 * report_tls - SMTP TLS reports
 */
#include "report/tls_read.h"

#include "fuzz.h"
#include "report_sink.h"

void fuzz_one(struct slice input)
{
	const struct blob blob = {.data = input.data, .fd = -1, .size = input.len};
	const bool damaged = false;
	struct counted counted = {.begun = 0};
	const struct incoming_sink sink = sink_for(&counted);
	struct blob_octets octets;
	const char *reason;
	size_t reports;

	if (input.len == 0)
		return;
	blob_octets_init(&octets, &blob);
	if (tls_read(&octets.octets, &damaged, &sink, &reports, &reason)) {
		fuzz_expect(counted.begun == reports);
		fuzz_expect(counted.ended == reports);
	}
}
