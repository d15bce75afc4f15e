/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_CONTROL_H
#define SHOPBELL_MONITOR_CONTROL_H

/* The state folder while a daemon works on it: a lock, so that there is only one, and a socket, so that the command line can
 * speak to it. One question is one packet, a word or an order of some lines; its answer is one packet of text. Everybody who may open the socket (group
 * of the folder) may ask; what changes something is left to root and the daemon's own user, as the kernel names the peer. */

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/base/str.h"

#define CONTROL_LOCK_FILE "shopbelld.lock"
#define CONTROL_SOCKET "shopbelld.socket"

enum {
        CONTROL_WORD_BYTES_MAX = 32 * 1024,
        CONTROL_ANSWER_BYTES_MAX = 64 * 1024, /* longer answers are cut at a line, and say so */
        CONTROL_PEERS_MAX = 16, /* connections at a time; one more ends the oldest */
        CONTROL_WAITING_MAX = 40, /* those among them that are answered later, beside the others; one more ends the oldest */
};

/* ---- The daemon's side ---- */
struct control;

/* Takes the folder's lock. -EBUSY: another daemon has it. */
int control_open(const char *state, struct control **ret, struct err *reterr);
struct control *control_close(struct control *c); /* NULL is fine; returns NULL */
static inline void control_closep(struct control **c)
{
        *c = control_close(*c);
}

/* Who asks, as the kernel says. */
struct control_peer {
        uid_t uid;
        bool is_owner; /* may change things */
        bool is_again; /* asked before, and answered with CONTROL_LATER */
};
/* Answers one word. CONTROL_LATER: there is no answer yet, control_again() asks again. Negative ends the event loop with that. */
enum { CONTROL_LATER = 1 };
typedef int control_fn(void *userdata, struct str word, const struct control_peer *peer, struct strbuf *answer);
/* Opens the socket and answers from now on. On failure the daemon can do without. */
int control_listen(struct control *c, sd_event *event, control_fn *fn, void *userdata, struct err *reterr);
/* Asks again for all that wait. */
void control_again(struct control *c);
/* Takes the socket away; the lock stays. */
void control_deaf(struct control *c);

/* The name of a user; the number where the system knows none. 0 or -ENOMEM. */
int control_user(uid_t uid, struct strbuf *ret);

/* ---- The command line's side ---- */
/* Asks the daemon of that state folder and waits for its answer. -ENOENT: none runs there; -EACCES; -ETIMEDOUT; -EPIPE: it
 * ended without an answer. */
int control_ask(const char *state, const char *word, usec timeout, struct strbuf *answer, struct err *reterr);

#endif
