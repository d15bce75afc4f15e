/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_BUS_H
#define SHOPBELL_MONITOR_BUS_H

/* The daemon on the system bus, for those who tell people and for people who are not root: what rang, one alert, orders
 * (orders.h). systemd/org.shopbell.Monitor1.xml is the interface. Who may read: root, the daemon's own user, and the group of
 * the state folder. Who may order: root and the daemon's own user; others by polkit's leave (BUS_ACTIONS), and where there is no polkit,
 * or one that was never told of these actions, members of that group, but for what is to "manage". The signal holds no more than a number, since whoever is on the bus may hear it. */

#include <sys/types.h>
#include <systemd/sd-event.h>

#include "monitor/base/err.h"
#include "monitor/store/quiet.h"

#define BUS_NAME "org.shopbell.Monitor"
#define BUS_PATH "/org/shopbell/Monitor"
#define BUS_INTERFACE "org.shopbell.Monitor1"
#define BUS_ACTIONS "org.shopbell." /* and orders_right() */

enum {
        BUS_EVENTS_MAX = 500, /* given back at a time; the caller asks again from the last one on */
        BUS_CHECKS_MAX = 32, /* questions to polkit under way; more orders are refused meanwhile */
};
#define BUS_CHECK_TIMEOUT (2 * USEC_PER_MINUTE) /* it may ask for a password */

/* Carries an order out. 1: done; 0: refused, the answer says why; negative ends the event loop with that. */
typedef int bus_order_fn(void *userdata, struct str order, const struct who *by, struct strbuf *answer);

/* ---- The daemon's side ---- */
struct bus;

struct bus_host {
        struct store *store; /* outlives the bus */
        const char *state; /* the folder, for those who ask which one it is */
        gid_t group; /* of it */
        bus_order_fn *order;
        void *userdata;
};
/* Takes the name and answers from now on. On failure the daemon can do without. */
int bus_open(sd_event *event, const struct bus_host *host, struct bus **ret, struct err *reterr);
struct bus *bus_close(struct bus *b); /* NULL is fine; returns NULL */
/* After a commit: tells those who listen when the history has grown. NULL is fine. */
void bus_tell(struct bus *b);

/* ---- The command line's side ---- */
/* Has the daemon of that state folder carry it out, polkit asking for a password where it wants one. 1 or 0 as bus_order_fn; -ENOENT: no daemon,
 * no bus, or one of another folder; -EACCES: not allowed, *reterr says why. */
int bus_ask(const char *state, struct str order, struct strbuf *answer, struct err *reterr);

#endif
