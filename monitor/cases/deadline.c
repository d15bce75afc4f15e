/* SPDX-License-Identifier: Apache-2.0 */

/* Deadlines: of each duty the event that it counts from, the last second, what ended it, and why. Hours are counted on the line of instants,
 * days on the calendar of the authority. */

#include "monitor/cases/deadline.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/cases/deadline_why.h"

const char *deadline_state_name(enum deadline_state state)
{
        static const char *const names[] = {
                [DEADLINE_RUNNING] = "running",     [DEADLINE_OVER] = "over",       [DEADLINE_DONE] = "done",
                [DEADLINE_DONE_LATE] = "done late", [DEADLINE_WAITING] = "waiting",
        };

        return names[state];
}

/* ---- Spans ---- */

static bool is_holiday(const struct regime *r, int64_t day)
{
        size_t low = 0, high = r->n_holidays;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (r->holidays[middle] < day)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < r->n_holidays && r->holidays[low] == day;
}

static bool is_working_day(const struct regime *r, int64_t day)
{
        int64_t weekday = (day + 3) % 7; /* 1970-01-01 was a Thursday; 0: Monday */

        weekday += weekday < 0 ? 7 : 0;
        return (r->weekdays >> weekday & 1U) && !is_holiday(r, day);
}

/* Years at most: of holidays without end there are none (HOLIDAYS_MAX), but weekdays may be few. */
static int64_t working_days_behind(const struct regime *r, int64_t day, unsigned amount)
{
        while (amount > 0)
                if (is_working_day(r, ++day))
                        amount--;
        return day;
}

/* Moments of people lie in the years 1 to 9999. */
#define START_MAX (INT64_C(253402300800) * USEC_PER_SEC)
#define START_MIN (INT64_C(-62135596800) * USEC_PER_SEC)

int deadline_due(const struct regime *r, const struct duty *d, usec start, usec *ret, bool *ret_uncertain, struct err *reterr)
{
        int64_t day;

        if (start < START_MIN || start > START_MAX)
                return err_set(reterr, -ERANGE, "a moment outside the years 1 to 9999");
        *ret_uncertain = false;
        *ret = USEC_NONE;
        switch (d->unit) {
        case WITHIN_AT_ONCE:
                break;
        case WITHIN_HOURS:
                *ret = start + (usec)d->amount * USEC_PER_HOUR;
                break;
        case WITHIN_CALENDAR_DAYS:
                *ret = zone_day_end(r->tz, zone_day(r->tz, start) + d->amount);
                break;
        case WITHIN_WORKING_DAYS:
                day = working_days_behind(r, zone_day(r->tz, start), d->amount);
                *ret_uncertain = r->holidays_until == USEC_NONE || day >= r->holidays_until / USEC_PER_DAY;
                *ret = zone_day_end(r->tz, day);
                break;
        }
        return 0;
}

/* ---- One duty ---- */

/* Of all, and then of this regime. */
static void events_of(const struct deadline_case *c, const struct regime *r, usec at[_EVENT_MAX])
{
        for (int i = 0; i < _EVENT_MAX; i++)
                at[i] = c->at[i];
        for (int own = 0; own < 2; own++)
                for (size_t i = 0; i < c->n_marks; i++) {
                        const struct deadline_mark *m = &c->marks[i];

                        if (m->event < _EVENT_MAX && m->duty.n == 0 && (own ? str_eq(m->regime, r->id) : m->regime.n == 0))
                                at[m->event] = m->at;
                }
}

static usec done_at(const struct deadline_case *c, const struct regime *r, const struct duty *d, const usec at[_EVENT_MAX])
{
        for (size_t i = c->n_marks; i > 0; i--) {
                const struct deadline_mark *m = &c->marks[i - 1];

                if (m->event == _EVENT_MAX && str_eq(m->regime, r->id) && (m->duty.n == 0 || str_eq(m->duty, d->id)))
                        return m->at;
        }
        if (d->is_follow_up)
                return USEC_NONE;
        return d->to == TO_AUTHORITY    ? at[EVENT_TOLD_AUTHORITY]
               : d->to == TO_PEOPLE     ? at[EVENT_TOLD_PEOPLE]
               : d->to == TO_ASSESSMENT ? at[EVENT_ASSESSED]
                                        : USEC_NONE;
}

static enum deadline_state state_of(const struct deadline *d, usec now)
{
        if (d->done_at != USEC_NONE)
                return d->due != USEC_NONE && d->done_at > d->due ? DEADLINE_DONE_LATE : DEADLINE_DONE;
        if (d->start == USEC_NONE)
                return DEADLINE_WAITING;
        return d->due != USEC_NONE && now > d->due ? DEADLINE_OVER : DEADLINE_RUNNING;
}

/* When the law must be in force: at the event; but of what follows an act (and of what waits for one) when the shop knew, as far as that is
 * marked. A notice under the old law is not followed by the new one's. */
static usec governed_at(const usec at[_EVENT_MAX], const struct deadline *d, usec now)
{
        usec known;

        case_event_stand_in(at, EVENT_AWARE, &known);
        if (d->start != USEC_NONE && (d->duty->start <= EVENT_ASSESSED || known == USEC_NONE))
                return d->start;
        return known != USEC_NONE ? known : now;
}

static int fill(const struct deadline_case *c, const struct regime *r, const struct duty *duty, const struct facts *f, usec now,
                struct arena *arena, struct deadline *d)
{
        CLEANUP(strbuf_done) struct strbuf why = STRBUF_INIT;
        usec at[_EVENT_MAX];
        struct zone_shift shift;
        bool is_in_force;

        events_of(c, r, at);
        *d = (struct deadline){ .regime = r, .duty = duty, .due = USEC_NONE };
        d->from = case_event_stand_in(at, duty->start, &d->start);
        if (d->start != USEC_NONE && deadline_due(r, duty, d->start, &d->due, &d->is_uncertain, NULL) < 0)
                d->start = USEC_NONE;
        d->done_at = done_at(c, r, duty, at);
        d->state = state_of(d, now);
        is_in_force = regime_is_in_force(r, governed_at(at, d, now));
        d->law_applies = is_in_force ? deadline_applies(r, f) : TRUTH_NO;
        d->applies = truth_and(d->law_applies, duty->when ? expr_eval(duty->when, f) : TRUTH_YES);
        zone_at(r->tz, d->due != USEC_NONE ? d->due : d->start != USEC_NONE ? d->start : now, &shift);
        d->zone_minutes = shift.seconds / 60;
        deadline_why(d, is_in_force, f, &why);
        d->why = strbuf_failed(&why) ? STR_NONE : arena_dup(arena, strbuf_str(&why));
        return d->why.p ? 0 : -ENOMEM;
}

/* ---- All ---- */

enum rank { RANK_DUE, RANK_AT_ONCE, RANK_WAITING, RANK_DONE, RANK_NOT };

static enum rank rank_of(const struct deadline *d)
{
        if (d->applies == TRUTH_NO)
                return RANK_NOT;
        if (d->state == DEADLINE_DONE || d->state == DEADLINE_DONE_LATE)
                return RANK_DONE;
        if (d->state == DEADLINE_WAITING)
                return RANK_WAITING;
        return d->due == USEC_NONE ? RANK_AT_ONCE : RANK_DUE;
}

static int compare_times(usec a, usec b)
{
        return a < b ? -1 : a > b;
}

static int by_due(const void *pa, const void *pb)
{
        const struct deadline *a = pa, *b = pb;
        int r = (int)rank_of(a) - (int)rank_of(b);

        if (r == 0)
                r = compare_times(a->due, b->due);
        if (r == 0)
                r = compare_times(a->start, b->start);
        if (r == 0)
                r = str_cmp(a->regime->id, b->regime->id);
        return r != 0 ? r : a->duty < b->duty ? -1 : a->duty > b->duty;
}

int deadlines_of(const struct regimes *regimes, const struct deadline_case *c, usec now, bool with_others, struct arena *arena,
                 struct deadline **ret, size_t *ret_n, struct err *reterr)
{
        struct facts known = c->facts;
        struct deadline *items;
        size_t n = 0, all = 0;

        for (size_t i = 0; i < regimes->n; i++)
                all += regimes->items[i].n_duties;
        items = arena_array(arena, all + 1, sizeof *items);
        if (!items || facts_sort(&known, arena) < 0)
                return err_set(reterr, -ENOMEM, "out of memory");
        for (size_t i = 0; i < regimes->n; i++) {
                const struct regime *r = &regimes->items[i];
                struct facts f = known;

                f.regime = r->id;
                f.here = r->countries;
                f.n_here = r->n_countries;
                for (size_t k = 0; k < r->n_duties; k++) {
                        if (fill(c, r, &r->duties[k], &f, now, arena, &items[n]) < 0)
                                return err_set(reterr, -ENOMEM, "out of memory");
                        n += with_others || items[n].applies != TRUTH_NO;
                }
        }
        qsort(items, n, sizeof *items, by_due);
        *ret = items;
        *ret_n = n;
        return 0;
}
