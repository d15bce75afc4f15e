/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_QUIET_H
#define SHOPBELL_STORE_QUIET_H

/* What keeps alerts from ringing, in the store: silences, alerts that another one tells of, what people answered. Who is quiet
 * and why is decided in monitor/quiet/; here it is looked up and kept. */

#include "monitor/base/arena.h"
#include "monitor/store/query.h"
#include "monitor/store/store.h"

/* rule_id of the alerts about people (monitor/quiet/risk.h): they add no risk, tell of no other alert, and none tells of them. */
#define RISK_RULE "shopbell-risk"
#define RISK_TITLE "Several signs meet on one person"

enum {
        SILENCES_MAX = 1000, /* that count at one time */
        SILENCE_REASON_MAX = 500, /* bytes; also of a note to an answer */
};

/* Who orders something: as the kernel says, and what the system calls him. */
struct who {
        int64_t uid;
        struct str user;
};

/* ---- Silences ---- */

struct silence {
        int64_t id;
        struct str rule; /* id or title, case ignored; empty: any */
        struct str who; /* person or a value that the alert groups by, case ignored; empty: any */
        struct str source; /* empty: any */
        enum level level; /* up to this one */
        usec since, until; /* counts from … to before */
        struct str reason;
        struct who by;
        usec ended_at; /* USEC_NONE: nobody did */
        struct who ended_by;
        uint64_t n; /* alerts that it keeps from ringing now */
};

/* Inside begin … commit; the history covers it. *ret: its id, from 1. -EDQUOT: SILENCES_MAX count already. */
int store_put_silence(struct store *s, const struct silence *silence, int64_t *ret);
/* -ENOENT: there is none; -EALREADY: it is over. */
int store_end_silence(struct store *s, int64_t id, usec now, const struct who *by);
/* The first of those that count at `now` which the alert fits. -ENOENT: none. */
int store_find_silence(struct store *s, const struct hash128 *alert, usec now, int64_t *ret);
/* Whether any counts: 1, 0, negative. */
int store_has_silences(struct store *s, usec now);
/* All that ever were, the oldest first. A store of an older version has none. */
int query_silences(struct query *q, int (*fn)(void *userdata, const struct silence *silence), void *userdata);

/* ---- Alerts ---- */

enum mute { MUTE_NOT, MUTE_INHIBITED, MUTE_SAME, MUTE_KNOWN, _MUTE_MAX };
const char *mute_name(enum mute how); /* "", "inhibited", "same", "known" */

/* Answers that end an alert, and those of them that take its risk back: lists for SQL. */
#define ANSWERS_CLOSING "('me', 'closed', 'closed-true', 'closed-false', 'closed-benign')"
#define ANSWERS_RISKLESS "('me', 'closed-false', 'closed-benign')"
/* Whether an answer is of the first list. */
bool answer_closes(struct str answer);

/* What is kept of an alert beside what detect/ tells. */
struct quiet_state {
        struct str person; /* whose risk it was last counted for */
        int64_t silence; /* 0: none */
        struct hash128 muted_by;
        enum mute how;
        usec rang_at; /* USEC_NONE: it has not */
        struct str answer; /* "", acknowledged, not-me, or one of ANSWERS_CLOSING */
        enum level level; /* at least */
        usec seen; /* the alert's last when this was worked out; alerts are found by it */
};

struct quiet_alert {
        struct hash128 id;
        struct str rule_id, rule_title, person;
        enum level level; /* as it counts: told by the rule, or raised by an answer */
        usec first, last;
        uint64_t count, n_records; /* hits; records that are linked */
        bool is_open; /* neither merged nor withdrawn */
        bool is_known; /* `was` was kept; else it is that of an alert that was just raised */
        struct quiet_state was;
};

/* A list of alerts that grows. */
struct ids {
        struct hash128 *items;
        size_t n, cap;
};
int ids_add(struct ids *list, const struct hash128 *id);
void ids_sort(struct ids *list); /* and each once */
void ids_done(struct ids *list);

/* Texts live in `arena`. -ENOENT: no such alert. */
int store_quiet_get(struct store *s, const struct hash128 *id, struct arena *arena, struct quiet_alert *ret);
/* Inside begin … commit, like all that follow. */
int store_quiet_put(struct store *s, const struct hash128 *id, const struct quiet_state *state);
int store_history(struct store *s, const struct hash128 *id, usec now, const char *what, struct str text);

/* Appends to the list. Alerts of `person` by that rule that come within `timespan` of first … last. */
int store_quiet_near(struct store *s, struct str person, struct str rule, usec first, usec last, usec timespan, struct ids *ret);
int store_quiet_muted_by(struct store *s, const struct hash128 *id, struct ids *ret);
int store_quiet_sharing(struct store *s, const struct hash128 *id, struct ids *ret); /* those that share a record with it */
int store_quiet_all(struct store *s, struct ids *ret);

/* The open alert by that rule, of the same person and within `timespan`, that may tell of this one: of no lower level, neither
 * silenced, known nor closed. Of several the highest, then the first. -ENOENT: none. */
int store_quiet_parent(struct store *s, const struct quiet_alert *of, struct str rule, usec timespan, struct hash128 *ret,
                       enum level *ret_level, usec *ret_first);
/* The open alert of the same person that has all records of this one and goes before it (of a higher level; else with more
 * records; else the first), neither silenced, inhibited, known nor closed. Of several the one that goes before all. -ENOENT: none. */
int store_quiet_leader(struct store *s, const struct quiet_alert *of, struct hash128 *ret);

/* An alert of the same person, by one of `rules`, that somebody answered with "me", when all records of this one have the values of
 * `fields` that records of such alerts have; both are JSON arrays of names. Of several the first. -ENOENT: none. */
int store_quiet_known(struct store *s, const struct quiet_alert *of, struct str fields, struct str rules, struct hash128 *ret);

/* ---- Risk ---- */

struct risk_alert {
        struct hash128 id;
        struct str rule_id, rule_title;
        enum level level;
        usec time; /* of its last record */
};
/* The alerts that count for a person and whose last record is not before `since`, ordered by time, then id. */
int store_each_risk(struct store *s, struct str person, usec since, int (*fn)(void *userdata, const struct risk_alert *a),
                    void *userdata);
/* The open alerts about the person's risk that are not over before `since`, ordered by first_seen, then id. */
int store_each_risk_alert(struct store *s, struct str person, usec since,
                          int (*fn)(void *userdata, const struct hash128 *id, usec first, usec last, uint64_t count, struct str why),
                          void *userdata);
/* The same for reading, of all people: ordered by person, then time. */
int query_risk(struct query *q, usec since, int (*fn)(void *userdata, struct str person, const struct risk_alert *a), void *userdata);

/* ---- Answers ---- */

struct answer {
        struct hash128 alert;
        usec at;
        struct str what; /* as above, or reopened, undo; note: nothing but its text */
        struct str note;
        struct who by;
        struct hash128 with; /* the alert that was answered, which told of this one; zero: this one itself */
};
int store_put_answer(struct store *s, const struct answer *a); /* and the row of the history that covers it */
/* Oldest first. */
int store_each_answer(struct store *s, const struct hash128 *alert, int (*fn)(void *userdata, const struct answer *a), void *userdata);
/* Appends to the list the alerts that were given what `with` was answered at `at`. */
int store_answered_with(struct store *s, const struct hash128 *with, usec at, struct ids *ret);
/* As query_find(). */
int store_find_alert(struct store *s, struct str id_prefix, struct hash128 *ret);

/* Alerts that this one tells of because they are of the same records; then those that it inhibits. */
int query_told_in(struct query *q, const struct hash128 *alert,
                  int (*fn)(void *userdata, const struct hash128 *id, struct str rule_id, struct str rule_title, enum mute how),
                  void *userdata);

#endif
