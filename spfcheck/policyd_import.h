/*
 * policyd_import - spfcheck --policy --import: the options that a policyd-spf.conf stands for
 */
#ifndef ASSAY_SPFCHECK_POLICYD_IMPORT_H
#define ASSAY_SPFCHECK_POLICYD_IMPORT_H

#include "tool/tool_context.h"

/*
 * Prints the command line for master.cf, and on standard error what has no counterpart, and why.
 * The exit status: 0, 1 if something was left out or not understood, 75 if the file cannot be read.
 */
int import_run(struct tool_context *context, const char *path);

#endif
