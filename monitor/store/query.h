/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_QUERY_H
#define SHOPBELL_STORE_QUERY_H

/* Reading alerts, for the command line. Opens the database read-only; works while the daemon writes. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/base/hash.h"
#include "monitor/base/str.h"
#include "monitor/model/alert.h"
#include "monitor/model/class.h"
#include "monitor/model/counter.h"

struct query;

int query_open(const char *path, struct query **ret, struct err *reterr);
struct query *query_close(struct query *q); /* NULL is fine; returns NULL */
static inline void query_closep(struct query **q)
{
        *q = query_close(*q);
}
/* Reads an open store (scan keeps its alerts in memory). The store outlives the query. */
struct store;
int query_of(struct store *s, struct query **ret);

enum query_sort { SORT_TIME, SORT_LEVEL, SORT_COUNT, SORT_PERSON, _SORT_MAX }; /* highest level and count first */

/* What an alert has come to, for struct query_filter; it may be asked for by its answer as well. */
#define STANDINGS(X) \
        X(OPEN, "open", "it rang, and nobody has said anything") \
        X(ANSWERED, "answered", "seen, or not-me") \
        X(CLOSED, "closed", "closed by a person, also by me") \
        X(MUTED, "muted", "another alert tells of it") \
        X(SILENCED, "silenced", "it fits a silence") \
        X(MERGED, "merged", "into an earlier one") \
        X(WITHDRAWN, "withdrawn", "what it was made of no longer adds up")

/* What is asked in between is of one moment, whatever the daemon does meanwhile. 0 or negative. */
int query_begin(struct query *q);
void query_end(struct query *q);

/* Absent strings and USEC_NONE do not filter. */
struct query_filter {
        usec since, until; /* last_seen >= since, first_seen < until */
        enum level level_min;
        struct str rule; /* id or a part of the title, case ignored */
        struct str who; /* part of person or group value, case ignored */
        struct str source;
        bool with_merged; /* also alerts that are merged, withdrawn or closed, and those that do not ring */
        bool worst_first; /* the highest level first, then by time; else by time */
        size_t limit; /* newest ones; 0: all */
        const struct hash128 *only; /* this one; NULL: any */
        struct str classes, countries, standings; /* JSON arrays: has one of these; countries of its evidence */
        struct str network; /* name, class or operator of a network of its evidence; or an address or prefix that holds one of its own */
        struct str person; /* all of the name, case ignored */
        struct str text; /* part of the sentence, the why, the title, a person, address or object of it; case ignored */
        enum query_sort sort; /* equal ones by time */
        bool is_reversed; /* told from the other end: which ones are told stays */
};

struct query_alert {
        struct hash128 id;
        struct str rule_id, rule_title;
        enum level level;
        struct str classes; /* JSON array of strings */
        struct str group; /* JSON object */
        struct str sentence, why, playbook, person, source, state; /* state: open, merged, withdrawn */
        struct hash128 merged_into;
        usec first_seen, last_seen, raised_at;
        uint64_t count, n_records;
        bool is_late;
        int64_t silence; /* that keeps it from ringing; 0: none */
        struct hash128 muted_by; /* the alert that tells of it */
        struct str muted_how; /* inhibited, same, known, or empty */
        usec rang_at; /* USEC_NONE: it has not */
        struct str answer; /* as in struct quiet_state */
};

/* Ordered by first_seen, then id. Strings live until fn returns. */
int query_alerts(struct query *q, const struct query_filter *f, int (*fn)(void *userdata, const struct query_alert *a),
                 void *userdata);
/* By id prefix of at least 4 hex digits. 0; -ENOENT none; -ENOTUNIQ several. */
int query_find(struct query *q, struct str id_prefix, struct hash128 *ret);
int query_records(struct query *q, const struct hash128 *alert, int (*fn)(void *userdata, const struct evidence *e),
                  void *userdata);
/* All records that are kept, of whatever alert or of none, of [since, until) (USEC_NONE: open) or without a time; by time. */
int query_records_between(struct query *q, usec since, usec until, int (*fn)(void *userdata, const struct evidence *e), void *userdata);
/* Who and what the alert's records are of, each kind's most frequent first; value.n == 0: `count` records of others. */
int query_involved(struct query *query, const struct hash128 *alert,
                   int (*fn)(void *userdata, enum involved kind, struct str value, uint64_t count), void *userdata);
/* History of one alert, oldest first: when, what (schema.sql has the words), text. */
int query_history(struct query *q, const struct hash128 *alert,
                  int (*fn)(void *userdata, usec at, struct str what, struct str text), void *userdata);
/* Values of an ECS field of the alert's evidence, the most frequent first. */
int query_values(struct query *q, const struct hash128 *alert, struct str field,
                 int (*fn)(void *userdata, struct str value, uint64_t records), void *userdata);
int query_counters(struct query *q, struct counters *ret);
/* Window state, ordered by rule, then key. */
int query_windows(struct query *q, int (*fn)(void *userdata, struct str rule, struct str key, struct str blob),
                  void *userdata);
/* From now on records that are kept under pseudonyms are read in the clear. `secret` outlives the query. Whoever asks for this says so in
 * the history first (quiet/order.h: reveal). */
struct secret;
void query_reveal(struct query *q, const struct secret *secret);
/* How many records of alerts stayed under pseudonyms since, as `secret` did not open their boxes. */
uint64_t query_closed(const struct query *q);
const char *query_error(struct query *q);

#endif
