/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_DEADLINE_H
#define SHOPBELL_CASES_DEADLINE_H

/* The clocks of a case: from when which law counts, and until when. Pure.
 *
 * A day is a day where the authority is (its zone of the tz database), an hour is an hour anywhere: 72 hours are not three days. A clock whose
 * event is not marked runs from the one that stands in for it (cases/event.h), and says so. A threshold that is not known counts as met; but a
 * contract does not apply while nobody has said which partners the shop has. */

#include "monitor/cases/regime.h"

/* When something was marked, of one regime or, with an absent `regime`, of all. `duty` absent: of each duty that the event ends
 * (told-authority those to the authority, told-people those to the people, neither of them follow-ups; assessed the assessment). Of
 * several of the same, the last counts. */
struct deadline_mark {
        enum case_event event; /* _EVENT_MAX: a duty that is done */
        struct str regime, duty;
        usec at;
};

struct deadline_case {
        usec at[_EVENT_MAX]; /* USEC_NONE: not marked */
        const struct deadline_mark *marks; /* of single regimes: they go before `at` */
        size_t n_marks;
        struct facts facts; /* `here` is set for each regime */
};

enum deadline_state {
        DEADLINE_RUNNING, /* `due` is to come, or it has none */
        DEADLINE_OVER, /* `due` has gone by, and it is not done */
        DEADLINE_DONE,
        DEADLINE_DONE_LATE,
        DEADLINE_WAITING, /* for an event that nothing stands in for: a notice that was not given yet */
};
const char *deadline_state_name(enum deadline_state state); /* "running", "over", "done", "done late", "waiting" */

struct deadline {
        const struct regime *regime;
        const struct duty *duty;
        enum truth applies; /* the regime, and the duty's threshold: no (then it does not run), yes, or not known */
        enum truth law_applies; /* the regime alone */
        enum deadline_state state;
        enum case_event from; /* the event that it counts from; another than duty->start: it stands in for that */
        usec start; /* USEC_NONE: waiting */
        usec due; /* USEC_NONE: at once, or waiting */
        usec done_at; /* USEC_NONE: it is not */
        int zone_minutes; /* of the authority at `due` (else at `start`), east of UTC */
        bool is_uncertain; /* of working days behind the end of the list of holidays */
        struct str why; /* "72 hours from when the shop was aware (Tue 17 Nov 2026 16:00, Asia/Seoul); people.kr is 1200, which is 1000 or more" */
};

/* All duties of the regimes that are in force at the event (of an act: when the shop knew; without one, at `now`), those that are due first in front, then those at
 * once, then those that wait, then those that are done; those that do not apply are left out unless `with_others`, and come last. The order
 * of regimes, facts and marks (of different things) does not matter. Lives in the arena. 0 or -ENOMEM (*reterr). */
int deadlines_of(const struct regimes *regimes, const struct deadline_case *c, usec now, bool with_others, struct arena *arena,
                 struct deadline **ret, size_t *ret_n, struct err *reterr);

/* The last second of a span that starts then, for that regime: the start and so many hours, to the microsecond; or 23:59:59 of the last day
 * there. *ret is USEC_NONE: at once. *ret_uncertain: working days behind the end of the list of holidays, or without one. 0, or -ERANGE:
 * behind all calendars. */
int deadline_due(const struct regime *r, const struct duty *d, usec start, usec *ret, bool *ret_uncertain, struct err *reterr);
/* The facts that nobody has said and that would decide whether it applies, added to "people, sensitive" where they are not there yet. `f` as
 * given to deadlines_of(). */
void deadline_unsaid(const struct deadline *d, const struct facts *f, struct strbuf *out);
enum { DEADLINE_LEFT_BYTES = 40 };
/* How long there is: "53 h 10 min", from 100 hours on "12 d 3 h"; "over by 2 h 5 min"; "at once", "waits", "done", "done, 3 h late". Minutes
 * are cut off, of what is over as well: what has less than one left is "0 min". */
void deadline_left(const struct deadline *d, usec now, char ret[DEADLINE_LEFT_BYTES]);

#endif
