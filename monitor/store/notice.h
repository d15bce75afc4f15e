/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_NOTICE_H
#define SHOPBELL_STORE_NOTICE_H

/* The outbox. A notice is written in the transaction in which its alert rings, or is raised above a channel's level. It is told once:
 *
 *   waiting ──take──▶ sending ──mark──▶ committing ──end──▶ sent
 *      ▲                 │                  │
 *      └──── failed, or the sender is gone ─┴── broke off: unknown, never told again
 *
 * The mark is written just before the last byte that makes a delivery count leaves. Until then nothing was delivered, and the notice
 * may be tried again; behind it nobody can know, so it is not. `attempts` is what an attempt is known by: who comes late with a mark or an
 * end of an earlier one is refused.
 *
 * An alert is told once over each channel. More than NOTICE_BURST alerts within a minute are one grouped notice. A critical alert without
 * an answer is told again (`repeat`), one without an answer goes to the next channel (`escalated`), unless that one
 * tells it by itself. */

#include "monitor/base/arena.h"
#include "monitor/store/quiet.h"

enum {
        NOTICE_BURST = 5, /* alerts within NOTICE_BURST_SPAN that are told one by one, over each channel */
        NOTICE_GROUP_MAX = 1000, /* alerts of one grouped notice */
        NOTICE_REPEATS_MAX = 48,
        NOTICE_ERROR_MAX = 1200, /* bytes */
};
#define NOTICE_BURST_SPAN USEC_PER_MINUTE
#define NOTICE_GATHER (5 * USEC_PER_SEC) /* what comes within this time joins a grouped notice */

struct store_channel {
        struct str name, kind;
        enum level level;
        usec repeat, escalate_after; /* 0: never */
        struct str escalate_to;
        usec since; /* alerts that rang before are not told over it; set by the store */
};

struct store_notice {
        int64_t id, root;
        struct str key, first_key, channel, reason, state, error; /* first_key: of the notice that it repeats, or empty */
        uint64_t number, attempts;
        bool is_group;
        usec made_at, due_at, first_at, ended_at; /* USEC_NONE: not yet */
        uint64_t n_alerts; /* of a query: all that it was made for */
};

struct store_told {
        struct hash128 id;
        enum level level;
        struct str sentence, why, playbook, person, source, rule;
        usec first, last;
        uint64_t count;
};

/* Inside begin … commit, all but those of the query. */

/* The channels that there are from now on. What waits for others is dropped. */
int store_put_channels(struct store *s, const struct store_channel *items, size_t n, usec now);
/* Writes what is to be told of these alerts, for each channel that has not been told yet. */
int store_notice_ring(struct store *s, const struct ids *alerts, usec now);
/* -ENOENT: no such channel. */
int store_notice_test(struct store *s, struct str channel, usec now);

/* The next notice of the channel that is due and has something to tell; begins an attempt. Texts live in `arena`. -ENOENT: none. */
int store_notice_take(struct store *s, struct str channel, usec now, struct arena *arena, struct store_notice *ret);
bool store_notice_is_due(struct store *s, struct str channel, usec now); /* also when that cannot be said */
/* Calls fn for at most `max` of its alerts, the worst first; *ret_n: how many there are. */
int store_notice_told(struct store *s, int64_t id, size_t max, uint64_t *ret_n, int (*fn)(void *userdata, const struct store_told *t),
                      void *userdata);
/* What a sender remembers of the one before it: `id` of its memory (empty: it has none), and the attempt that it let go last. */
struct notice_gate {
        struct str id, key;
        uint64_t attempt;
};
/* Nobody works on the channel's notices any more: ends what was under way. What was marked for that very gate but is not what was let go
 * last has not left. *ret_unknown: how many nobody knows of. */
int store_notice_recover(struct store *s, struct str channel, const struct notice_gate *gate, usec now, uint64_t *ret_unknown);
/* For the gate of that id, if there is one. 1: marked; 0: the attempt is over. */
int store_notice_mark(struct store *s, struct str key, uint64_t attempt, struct str gate);

enum notice_outcome { OUTCOME_SENT, OUTCOME_AGAIN, OUTCOME_FAILED, OUTCOME_UNKNOWN, _OUTCOME_MAX };
/* `due`: of OUTCOME_AGAIN. 1: noted, now or before; 0: the attempt is over with another outcome. */
int store_notice_end(struct store *s, struct str key, uint64_t attempt, enum notice_outcome outcome, struct str error, usec due, usec now);
int store_notice_get(struct store *s, struct str key, struct arena *arena, struct store_notice *ret); /* -ENOENT */
/* When the next one behind `now` is due; USEC_NONE: none waits. */
int store_notice_due(struct store *s, usec now, usec *ret);

/* ---- For people ---- */

/* The newest `limit` (0: all), of which those under way come first; without `all` only those and what ended within the last day. */
int query_notices(struct query *q, bool all, usec now, size_t limit, int (*fn)(void *userdata, const struct store_notice *n), void *userdata);
int query_channels(struct query *q, int (*fn)(void *userdata, const struct store_channel *c), void *userdata);
/* How many are in each state. */
/* What a channel has done, and has to do. */
struct store_load {
        uint64_t sent;
        uint64_t due; /* under way, or could be */
        usec sent_at; /* when one was sent last; USEC_NONE: none was */
        usec oldest; /* since when the first of what nobody has taken is due; USEC_NONE: there is none */
};
int query_channel_load(struct query *q, struct str channel, usec now, struct store_load *ret);
int query_notice_counts(struct query *q, int (*fn)(void *userdata, struct str state, uint64_t n), void *userdata);

#endif
