/* SPDX-License-Identifier: Apache-2.0 */

/* Clocks in words. */

#include "monitor/cases/deadline_why.h"

#include <stdio.h>

#include "monitor/cases/expr.h"

/* Of a regime that has countries and no expression of its own. */
static const struct expr people_here = { .kind = EXPR_COMPARE, .op = OP_MORE, .is_number = true, .number = 0, .name = { "people.here", 11 } };

static const struct expr *applies_of(const struct regime *r)
{
        return r->applies ? r->applies : r->n_countries > 0 ? &people_here : NULL;
}

enum truth deadline_applies(const struct regime *r, const struct facts *f)
{
        const struct expr *e = applies_of(r);
        enum truth t = e ? expr_eval(e, f) : TRUTH_YES;

        if (r->decided.p)
                return r->decided_applies ? TRUTH_YES : TRUTH_NO;
        /* A contract is the shop's own: none has it that did not say so. */
        return r->is_contract && t == TRUTH_UNKNOWN && !facts_get(f, STR("partners")).p ? TRUTH_NO : t;
}

/* "when the shop was aware": behind "from". */
static const char *event_phrase(enum case_event event)
{
        static const char *const phrases[_EVENT_MAX] = {
                [EVENT_SIGNAL] = "the first signal",
                [EVENT_POSSIBLE] = "when a leak was possible",
                [EVENT_GROUNDS] = "when there were grounds to suspect one",
                [EVENT_AWARE] = "when the shop was aware",
                [EVENT_ASSESSED] = "when it was judged to be notifiable",
                [EVENT_TOLD_AUTHORITY] = "when the authority was told",
                [EVENT_TOLD_PEOPLE] = "when the people were told",
                [EVENT_HANDLED] = "when the incident was dealt with",
        };

        return phrases[event];
}

/* "72 hours", and what is counted of days. */
static void say_span(const struct deadline *d, struct strbuf *out)
{
        const struct duty *duty = d->duty;

        strbuf_addf(out, STR_FMT "%s from %s", STR_ARG(duty->within), duty->unit == WITHIN_AT_ONCE ? "," : "",
                    event_phrase(d->start == USEC_NONE ? duty->start : d->from));
}

static void say_days(const struct deadline *d, struct strbuf *out)
{
        if (d->duty->unit == WITHIN_CALENDAR_DAYS)
                strbuf_addz(out, ", that day not counted");
        else if (d->duty->unit == WITHIN_WORKING_DAYS)
                strbuf_addz(out, d->regime->n_holidays > 0 ? ", that day, weekends and holidays not counted" : ", that day and weekends not counted");
        if (d->is_uncertain)
                strbuf_addz(out, d->regime->n_holidays > 0 ? " (the list of holidays ends before)" : " (without a list of holidays)");
}

static void say_start(const struct deadline *d, struct strbuf *out)
{
        char text[ZONE_TEXT_BYTES];

        say_span(d, out);
        if (d->start == USEC_NONE) {
                strbuf_addz(out, ", which is not marked");
                return;
        }
        zone_format(d->regime->tz, d->start, text);
        strbuf_addf(out, " (%s)", text);
        say_days(d, out);
        if (d->from != d->duty->start)
                strbuf_addf(out, "; it stands in for %s, which is not marked", event_phrase(d->duty->start));
}

static void say_force(const struct regime *r, struct strbuf *out)
{
        char text[ZONE_TEXT_BYTES];

        strbuf_addz(out, "; the law is in force");
        zone_format_iso(r->tz, r->valid_from, text);
        if (r->valid_from != USEC_NONE)
                strbuf_addf(out, " from %.10s", text);
        zone_format_iso(r->tz, r->valid_to, text);
        if (r->valid_to != USEC_NONE)
                strbuf_addf(out, "%s before %.10s", r->valid_from != USEC_NONE ? " and" : "", text);
}

static void say_reason(const struct expr *e, const struct facts *f, struct strbuf *out)
{
        size_t at = out->n;

        strbuf_addz(out, "; ");
        expr_why(e, f, out);
        if (out->n == at + 2) /* nothing to say */
                out->n = at;
}

void deadline_why(const struct deadline *d, bool is_in_force, const struct facts *f, struct strbuf *out)
{
        const struct expr *applies = d->regime->decided.p ? NULL : applies_of(d->regime), *when = d->duty->when; /* what tells */
        const struct expr both = { .kind = EXPR_AND, .left = applies, .right = when };

        say_start(d, out);
        if (!is_in_force)
                say_force(d->regime, out);
        if (d->regime->decided.p)
                strbuf_addf(out, "; " STR_FMT, STR_ARG(d->regime->decided));
        if (applies || when)
                say_reason(!when ? applies : !applies ? when : &both, f, out);
}

void deadline_unsaid(const struct deadline *d, const struct facts *f, struct strbuf *out)
{
        const struct expr *applies = applies_of(d->regime);
        struct facts own = *f;

        own.regime = d->regime->id;
        own.here = d->regime->countries;
        own.n_here = d->regime->n_countries;
        if (d->applies != TRUTH_UNKNOWN)
                return;
        if (applies)
                expr_unsaid(applies, &own, out);
        if (d->duty->when)
                expr_unsaid(d->duty->when, &own, out);
}

/* ---- How long ---- */

enum { HOURS_SHOWN_MAX = 100 };

static void say_length(usec length, char *ret, size_t n)
{
        long long minutes = (long long)(length / USEC_PER_MINUTE), hours = minutes / 60;

        if (hours >= HOURS_SHOWN_MAX)
                snprintf(ret, n, "%lld d %lld h", hours / 24, hours % 24);
        else if (hours > 0)
                snprintf(ret, n, "%lld h %lld min", hours, minutes % 60);
        else
                snprintf(ret, n, "%lld min", minutes);
}

void deadline_left(const struct deadline *d, usec now, char ret[DEADLINE_LEFT_BYTES])
{
        char length[DEADLINE_LEFT_BYTES - 16] = "";

        switch (d->state) {
        case DEADLINE_RUNNING:
                if (d->due != USEC_NONE)
                        say_length(d->due - now, length, sizeof length);
                snprintf(ret, DEADLINE_LEFT_BYTES, "%s", d->due == USEC_NONE ? "at once" : length);
                break;
        case DEADLINE_OVER:
                say_length(now - d->due, length, sizeof length);
                snprintf(ret, DEADLINE_LEFT_BYTES, "over by %s", length);
                break;
        case DEADLINE_DONE:
                snprintf(ret, DEADLINE_LEFT_BYTES, "done");
                break;
        case DEADLINE_DONE_LATE:
                say_length(d->done_at - d->due, length, sizeof length);
                snprintf(ret, DEADLINE_LEFT_BYTES, "done, %s late", length);
                break;
        case DEADLINE_WAITING:
                snprintf(ret, DEADLINE_LEFT_BYTES, "waits");
                break;
        }
}
