/*
 * dmarcreport - its subcommands; each is a file of its own, NAME_command.c
 */
#ifndef DMARCREPORT_H
#define DMARCREPORT_H

/* A subcommand with its own options; the exit status. */
typedef int subcommand(int argc, char **argv);

subcommand send_main;
subcommand print_main;
subcommand status_main;
subcommand expire_main;
subcommand merge_main;
subcommand bounce_main;
subcommand export_main;

/* On the reports of others. */
subcommand read_main;
subcommand summary_main;
subcommand sources_main;
subcommand ready_main;
subcommand show_main;
subcommand rejects_main;
subcommand tls_main;
subcommand page_main;
subcommand digest_main;
subcommand expire_store_main;
subcommand merge_store_main;
subcommand export_store_main;

#endif
