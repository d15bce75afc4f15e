/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SEND_SEND_H
#define SHOPBELL_SEND_SEND_H

/* shopbell-send: delivers the notices of one channel. It asks the daemon (monitor/notices.h), which has no network, and is the only
 * program of shopbell that speaks to the world.
 *
 * Exactly when a delivery begins to count depends on the kind: with the dot at the end of a mail, with the last byte of a request, with the
 * start of a command. Just before, the daemon is asked for its mark; without it nothing leaves. Then the gate (gate.h) notes that it does. So
 * a notice is told at most once; where a sender, a server or the line breaks between the gate and the answer, the outcome is "unknown". */

#include "monitor/base/arena.h"
#include "monitor/base/clock.h"
#include "monitor/base/str.h"
#include "monitor/send/gate.h"

enum { SEND_ERROR_MAX = 400, SEND_REPLY_MAX = 200 /* bytes of a server's words that an error quotes */ };
#define SEND_CONNECT_MAX (15 * USEC_PER_SEC)
#define SEND_MAX (60 * USEC_PER_SEC) /* a whole delivery, or the life of a command */

/* The daemon, and the one notice at work. Texts are of the answer. */
struct job {
        const char *state; /* the daemon's folder */
        const struct clock *clock;
        struct gate *gate;
        struct str head, body; /* lines of a key and its value; what is delivered */
        struct arena *arena;
        bool is_marked;
        bool is_refused; /* there was no mark */
};

enum outcome { SENT, AGAIN, UNKNOWN };

struct result {
        enum outcome outcome;
        long retry_after; /* seconds; 0: the server did not say */
        struct strbuf error;
};

/* A value of the notice as a text; NULL: it has none. */
const char *job_value(const struct job *j, const char *key);
/* All values of that key. -ENOMEM. */
int job_values(const struct job *j, const char *key, char ***ret, size_t *ret_n);
/* The credential that the value names, without line breaks at its end. 0; negative, and says in `error` what to do; -ENOENT also when the
 * notice names none (nothing is said then). */
int job_credential(const struct job *j, const char *key, struct strbuf *ret, struct strbuf *error);
/* Asks for the mark, and passes the gate. 0: the last byte may leave. */
int job_mark(struct job *j);

/* Kinds of channels; each fills in *ret. */
void send_mail(struct job *j, struct result *ret);
void send_webhook(struct job *j, struct result *ret);
void send_command(struct job *j, struct result *ret);

#endif
