/*
 * make_record - dmarceval --make-record: from tags to what goes into the zone files
 */
#ifndef ASSAY_DMARCEVAL_MAKE_RECORD_H
#define ASSAY_DMARCEVAL_MAKE_RECORD_H

#include "tool/tool_context.h"

/* What --help says of the words after --make-record. */
#define MAKE_RECORD_TAGS                                                                           \
	"Tags of --make-record:\n"                                                                 \
	"  p=none|quarantine|reject   for mail of the domain that does not pass\n"                 \
	"  sp=, np=                   for names below it, and for those that do not exist\n"       \
	"  rua=mailto:ADDRESS,...     where aggregate reports go; ruf= failure reports\n"          \
	"  adkim=r|s, aspf=r|s        s: only the same domain is aligned, none below it\n"         \
	"  t=y                        a test: receivers do one level less\n"                       \
	"  fo=0|1|d|s, psd=y|n|u      see RFC 9989\n"

/* words are tags, "p=reject", and perhaps the domain. The exit status. */
int make_record_run(struct tool_context *context, const struct option_list *words);

#endif
