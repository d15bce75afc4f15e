/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_AGENT_DESK_H
#define SHOPBELL_AGENT_DESK_H

/* Which bubble is on the desk when, and what follows when a button is pressed: no bus, no clock, no desktop in here.
 *
 * An alert that rings waits for DESK_GATHER, in case more come; a few are a bubble each, many are one for all of them. A bubble that
 * is closed is done with, but a critical one comes again until somebody answers. "Later" puts off an alert of any level. */

#include "monitor/base/clock.h"
#include "monitor/base/str.h"
#include "monitor/model/class.h"

#define DESK_GATHER (USEC_PER_SEC / 2)
#define DESK_AGAIN (10 * USEC_PER_MINUTE) /* a critical one that was closed without an answer */
#define DESK_LATER USEC_PER_HOUR

enum {
        DESK_ID_BYTES = 33, /* 32 hexadecimal digits and a NUL */
        DESK_SINGLE_MAX = 3, /* bubbles at a time; more alerts are one for all */
        DESK_LINES_MAX = 4, /* sentences in that one, the worst */
        DESK_OPEN_MAX = 50, /* alerts on the page that "Show" opens */
        DESK_ALERTS_MAX = 1000, /* held at a time; those beyond are only counted */
        DESK_SENTENCE_MAX = 300, /* characters of a sentence */
};

enum desk_urgency { DESK_LOW, DESK_NORMAL, DESK_CRITICAL };
enum desk_button { DESK_ME, DESK_NOT_ME, DESK_PUT_OFF, DESK_SHOW, _DESK_BUTTON_MAX };
/* "me" and "This was me". */
const char *desk_button_key(enum desk_button b);
const char *desk_button_label(enum desk_button b);
enum desk_button desk_button_find(const char *key); /* _DESK_BUTTON_MAX: none */

/* What a bubble says: text, no markup; whoever shows it escapes it. */
struct desk_bubble {
        unsigned handle; /* from 1; the same again replaces the bubble */
        const char *summary, *body;
        enum desk_urgency urgency;
        unsigned buttons; /* a bit for each enum desk_button */
        bool stays; /* until somebody does something */
};

struct desk_host {
        bool (*show)(void *userdata, const struct desk_bubble *b); /* false: it cannot be, now */
        void (*take_away)(void *userdata, unsigned handle);
        void (*answer)(void *userdata, const char *id, const char *what); /* desk_answered() or desk_refused() follows */
        void (*open)(void *userdata, const char *const *ids, size_t n); /* the worst first */
        void *userdata;
};

struct desk;
struct desk *desk_new(const struct desk_host *host); /* NULL: out of memory */
struct desk *desk_free(struct desk *d);

struct desk_alert {
        const char *id;
        enum level level;
        struct str sentence; /* any bytes */
};
/* An alert rang. -ENOMEM or 0. */
int desk_rang(struct desk *d, const struct desk_alert *a, usec now);
/* One that was put off before the last logout, or was on the desk then: shown at that time. */
int desk_restore(struct desk *d, const struct desk_alert *a, usec at);
/* Somebody answered it, here or elsewhere, or it is none any more. */
void desk_answered(struct desk *d, const char *id);
/* The answer was not taken: it comes again. */
void desk_refused(struct desk *d, const char *id, usec now);

/* The server tells. */
void desk_pressed(struct desk *d, unsigned handle, enum desk_button b, usec now);
void desk_closed(struct desk *d, unsigned handle, usec now);
/* The server went away with all its bubbles. */
void desk_cleared(struct desk *d, usec now);

/* Shows what is due. 0 or -ENOMEM. */
int desk_turn(struct desk *d, usec now);
usec desk_due(const struct desk *d); /* when to call it next; USEC_NONE: there is no need */

/* Whether alerts wait that were never shown. */
bool desk_has_news(const struct desk *d);
/* Those that must come again after a logout, and when. */
void desk_each_again(const struct desk *d, void (*fn)(void *userdata, const char *id, usec at), void *userdata);

#endif
