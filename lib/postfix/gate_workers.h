/*
 * gate_workers - processes that serve connections from a socket, one after the other
 *
 * The socket is given by systemd (sd_listen_fds(3)), or by whoever speaks its protocol. One process
 * watches over the others: it starts more when all are busy, since a connection lasts as long as
 * the SMTP session of a stranger. Without a socket of that kind spawn(8) starts a gate for each
 * session.
 */
#ifndef ASSAY_POSTFIX_GATE_WORKERS_H
#define ASSAY_POSTFIX_GATE_WORKERS_H

#include "postfix/gate_session.h"

#define WORKERS_MAX          100U  /* processes; as default_process_limit of Postfix */
#define WORKERS_SESSIONS_MAX 1000U /* that one serves before a new one takes its place */
#define WORKERS_IDLE_SECONDS 300.0 /* that one waits for a session before it ends */

/*
 * The listening socket, from the environment, which is cleared of it; -1 with error if there is
 * none or more than one.
 */
int gate_workers_socket(struct error *error);

/* Serves until SIGTERM; at least so many processes are there. The exit status. */
int gate_workers(int listener, unsigned count, const struct gate_settings *settings);

#endif
