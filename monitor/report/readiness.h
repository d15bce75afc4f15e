/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_READINESS_H
#define SHOPBELL_REPORT_READINESS_H

/* Whether the shop is ready for the worst day, as checks. What can be seen is looked at; what cannot is asked, once, and what was
 * answered counts for as many days as the check says. Pure.
 *
 * To add a check: a row in `checks` (readiness.c), with a function where there is something to look at. Its name is what answers are
 * kept under: it stays. */

#include "monitor/base/arena.h"
#include "monitor/report/accounts.h"
#include "monitor/report/posture.h"

/* When a check is to be gone through. To add one: a row.
 *    enum        name         */
#define READINESS_VIEWS(X) \
        X(WEEKLY, "weekly") \
        X(MONTHLY, "monthly") \
        X(EXPANSION, "expansion") /* before the shop sells to another country */

enum readiness_view {
#define X(id, name) VIEW_##id,
        READINESS_VIEWS(X)
#undef X
                _VIEW_MAX,
};
const char *readiness_view_name(enum readiness_view view);
enum readiness_view readiness_view_find(struct str name); /* _VIEW_MAX: none */

enum readiness_state {
        READY_OK,
        READY_MISSING,
        READY_STALE, /* it was so once: too long ago to count on */
        READY_UNKNOWN, /* it cannot be seen, and nobody has said */
        _READY_MAX,
};
const char *readiness_state_name(enum readiness_state state); /* "ok", "missing", "stale", "unknown" */

enum {
        READINESS_NAMES_MAX = 3, /* named in one sentence; the rest is counted */
};
#define READINESS_FRESH (30 * USEC_PER_DAY) /* what was seen, or tried, within that time */

struct readiness_answer {
        struct str check, text, by; /* by: who says so; text: "yes", "no", or what there is to say, which is a yes */
        usec at;
};

struct readiness_channel {
        struct str name, kind;
        struct str escalate_to; /* empty: to nobody */
        usec escalate_after; /* 0: never */
        usec sent; /* when a notice last went over it; USEC_NONE: none has */
};

/* What was seen. Lists of nothing are 0 long; texts live as long as the result. */
struct readiness_seen {
        usec now;
        const struct accounts *accounts; /* settled */
        const struct posture *posture;
        struct str *owners; /* of the people file, as all that follow */
        size_t n_owners;
        struct str *exporters; /* who may export */
        size_t n_exporters;
        size_t n_people, n_left;
        size_t n_rules;
        bool is_running; /* the daemon */
        bool has_read; /* anything, ever */
        struct str *silent, *unheard; /* log sources that stopped; that inputs name and nothing was ever read of */
        size_t n_silent, n_unheard, n_heard;
        struct readiness_channel *channels;
        size_t n_channels;
        size_t n_canaries; /* made-up customers that rules watch */
        usec records_kept; /* 0: for ever */
        size_t n_regimes, n_contracts;
        struct str *stale_regimes;
        size_t n_stale_regimes;
        usec templates_at; /* when a template of the owner's own was last changed; USEC_NONE: there is none */
        const struct readiness_answer *answers; /* the last of each check */
        size_t n_answers;
};

struct readiness_item {
        const char *check;
        unsigned views; /* bit 1 << enum readiness_view */
        enum readiness_state state;
        struct str sentence, advice; /* advice: empty when there is nothing to do */
        const char *question; /* to be asked now; NULL: nothing is */
        usec answered_at; /* USEC_NONE: what was seen decides */
        usec asks_again_at; /* when the answer stops to count; USEC_NONE as well */
        struct str answered_by;
};

/* All checks of the view (_VIEW_MAX: of all), in the order of the table. Lives in the arena. 0 or -ENOMEM. */
int readiness_look(const struct readiness_seen *seen, enum readiness_view view, struct arena *arena, struct readiness_item **ret, size_t *ret_n);

/* Whether there is such a check; *ret_question (may be NULL) is what is asked where it cannot be seen, NULL: it is never asked. */
bool readiness_check_find(struct str name, const char **ret_question);
/* The name of a check, NULL behind the last. */
const char *readiness_check_name(size_t i);

#endif
