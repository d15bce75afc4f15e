/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/cases/remind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/zone.h"

/* A step of a duty, at its time. */
struct instant {
        usec at;
        const struct deadline *of;
        enum remind_step step;
        int rank; /* how urgent it is then */
};

struct instants {
        struct instant *items;
        size_t n, cap;
};

enum { RANK_FAR, RANK_HIGH, RANK_CRITICAL, RANK_OVER };

/* Daily steps of so many days to either side are enough: who looks sees one. */
#define DAILY_BEHIND (3 * USEC_PER_DAY)
#define DAILY_AHEAD (2 * USEC_PER_DAY)
enum { STEPS_OF_ONE = _REMIND_STEP_MAX + 8 };

static const struct {
        const char *name;
        int quarters;
        usec before;
        const char *text;
} steps[_REMIND_STEP_MAX] = {
#define X(id, name, quarters, before, text) [REMIND_##id] = { name, quarters, before, text },
        REMIND_STEPS(X)
#undef X
};

const char *remind_step_name(enum remind_step step)
{
        return steps[step].name;
}

/* ---- When ---- */

static bool is_live(const struct deadline *d)
{
        return d->applies != TRUTH_NO && (d->state == DEADLINE_RUNNING || d->state == DEADLINE_OVER);
}

static bool has_clock(const struct deadline *d)
{
        return d->applies != TRUTH_NO && d->state != DEADLINE_WAITING && d->start != USEC_NONE;
}

/* From when on it is to be heard each day. */
static usec base_of(const struct deadline *d)
{
        return d->due != USEC_NONE ? d->due : d->start;
}

static bool is_over_at(const struct deadline *d, usec t)
{
        return d->due != USEC_NONE && t >= d->due;
}

/* Of a law that nobody knows to have to do with the case: he who has said nothing yet is not to be called by each country's. */
static bool is_guess(const struct deadline *d)
{
        return d->law_applies == TRUTH_UNKNOWN;
}

static int rank_at(const struct deadline *d, usec t)
{
        if (d->due == USEC_NONE || (is_guess(d) && d->due - t <= REMIND_HIGH))
                return RANK_HIGH;
        return t >= d->due ? RANK_OVER : d->due - t <= REMIND_CRITICAL ? RANK_CRITICAL : d->due - t <= REMIND_HIGH ? RANK_HIGH : RANK_FAR;
}

/* What comes behind its end is never heard. */
static void put(struct instants *all, const struct deadline *d, enum remind_step step, usec at)
{
        if ((d->done_at == USEC_NONE || at < d->done_at) && all->n < all->cap)
                all->items[all->n++] = (struct instant){ at, d, step, rank_at(d, at) };
}

/* Of one with an end; USEC_NONE: it has no such step, or it would lie before its start. */
static usec step_at(const struct deadline *d, enum remind_step step)
{
        usec at = USEC_NONE;

        if (d->due != USEC_NONE && steps[step].quarters > 0)
                at = d->start + (d->due - d->start) / 4 * steps[step].quarters;
        else if (d->due != USEC_NONE && steps[step].before != USEC_NONE)
                at = d->due - steps[step].before;
        return at > d->start || step == REMIND_OVER ? at : USEC_NONE; /* USEC_NONE is less */
}

static void put_steps(struct instants *all, const struct deadline *d)
{
        if (d->due == USEC_NONE)
                put(all, d, REMIND_BEGINS, d->start);
        for (int i = 0; i < _REMIND_STEP_MAX; i++)
                if (step_at(d, (enum remind_step)i) != USEC_NONE)
                        put(all, d, (enum remind_step)i, step_at(d, (enum remind_step)i));
}

static void put_daily(struct instants *all, const struct deadline *d, usec anchor, usec now)
{
        usec from = now - DAILY_BEHIND, at = anchor + USEC_PER_DAY;

        if (from > at)
                at += (from - at) / USEC_PER_DAY * USEC_PER_DAY;
        for (; at <= now + DAILY_AHEAD; at += USEC_PER_DAY)
                if (at > base_of(d) + REMIND_TOGETHER)
                        put(all, d, REMIND_DAILY, at);
}

static int by_time(const void *x, const void *y)
{
        const struct instant *a = x, *b = y;
        int order = (a->at > b->at) - (a->at < b->at);

        if (order == 0)
                order = (a->rank < b->rank) - (a->rank > b->rank);
        if (order == 0)
                order = str_cmp(a->of->regime->id, b->of->regime->id);
        if (order == 0)
                order = str_cmp(a->of->duty->id, b->of->duty->id);
        return order ? order : (a->step < b->step) - (a->step > b->step);
}

static int list_instants(const struct deadline *d, size_t n, usec now, struct arena *arena, struct instants *ret)
{
        usec anchor = USEC_NONE;

        *ret = (struct instants){ .items = arena_array(arena, n + 1, STEPS_OF_ONE * sizeof *ret->items), .cap = n * STEPS_OF_ONE };
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                if (has_clock(&d[i]) && (anchor == USEC_NONE || base_of(&d[i]) < anchor))
                        anchor = base_of(&d[i]);
        for (size_t i = 0; i < n; i++) {
                if (!has_clock(&d[i]))
                        continue;
                put_steps(ret, &d[i]);
                put_daily(ret, &d[i], anchor, now);
        }
        if (ret->n > 1)
                qsort(ret->items, ret->n, sizeof *ret->items, by_time);
        return 0;
}

/* ---- Which ---- */

/* One behind the last that is told with the bell of items[i]. */
static size_t end_of_bell(const struct instants *all, size_t i)
{
        size_t k = i + 1;

        while (k < all->n && all->items[k].at < all->items[i].at + REMIND_TOGETHER && all->items[k].rank <= all->items[i].rank)
                k++;
        return k;
}

/* The last bell by `now` with something that still runs, when it is the last of all, or when something cannot wait. */
static void find_bell(const struct instants *all, usec now, bool is_critical, struct reminder *ret)
{
        size_t end;

        for (size_t i = 0; i < all->n && all->items[i].at <= now; i = end) {
                bool lives = false;

                end = end_of_bell(all, i);
                for (size_t k = i; k < end; k++)
                        lives |= all->items[k].at <= now && is_live(all->items[k].of);
                if (!lives && !is_critical)
                        ret->rings = false;
                if (!lives)
                        continue;
                ret->rings = true;
                ret->at = all->items[i].at;
                ret->by = all->items[i].of;
                ret->step = all->items[i].step;
        }
}

/* The most urgent first, of equal ones what is known to apply; what has an end by that, without a number those begun first. */
static int by_urgency(const void *x, const void *y, void *as_of)
{
        const struct deadline *a = *(const struct deadline *const *)x, *b = *(const struct deadline *const *)y;
        int ra = rank_at(a, *(usec *)as_of), rb = rank_at(b, *(usec *)as_of), order = (ra < rb) - (ra > rb);

        if (order == 0)
                order = (a->applies == TRUTH_UNKNOWN) - (b->applies == TRUTH_UNKNOWN);
        if (order == 0)
                order = (a->due == USEC_NONE) - (b->due == USEC_NONE);
        if (order == 0)
                order = (base_of(a) > base_of(b)) - (base_of(a) < base_of(b));
        if (order == 0)
                order = str_cmp(a->regime->id, b->regime->id);
        return order ? order : str_cmp(a->duty->id, b->duty->id);
}

static int list_live(const struct deadline *d, size_t n, usec now, struct arena *arena, struct reminder *ret)
{
        usec as_of = ret->as_of != USEC_NONE ? ret->as_of : now; /* nothing was to be heard yet */

        ret->live = arena_array(arena, n + 1, sizeof *ret->live);
        if (!ret->live)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                if (is_live(&d[i]))
                        ret->live[ret->n_live++] = &d[i];
        if (ret->n_live > 1)
                qsort_r(ret->live, ret->n_live, sizeof *ret->live, by_urgency, &as_of);
        return 0;
}

int remind_of(const struct deadline *deadlines, size_t n, usec now, struct arena *arena, struct reminder *ret)
{
        static const enum level levels[] = { [RANK_FAR] = LEVEL_MEDIUM, [RANK_HIGH] = LEVEL_HIGH, [RANK_CRITICAL] = LEVEL_CRITICAL, [RANK_OVER] = LEVEL_CRITICAL };
        struct instants all;
        int rank = RANK_FAR, r;

        *ret = (struct reminder){ .at = USEC_NONE, .as_of = USEC_NONE, .next = USEC_NONE };
        r = list_instants(deadlines, n, now, arena, &all);
        for (size_t i = 0; r >= 0 && i < all.n; i++) {
                if (!is_live(all.items[i].of))
                        continue;
                if (all.items[i].at <= now)
                        ret->as_of = all.items[i].at;
                else if (ret->next == USEC_NONE)
                        ret->next = all.items[i].at;
        }
        if (r >= 0)
                r = list_live(deadlines, n, now, arena, ret);
        if (r < 0 || ret->as_of == USEC_NONE)
                return r;
        rank = rank_at(ret->live[0], ret->as_of);
        ret->level = levels[rank];
        find_bell(&all, now, rank >= RANK_CRITICAL, ret);
        return 0;
}

/* ---- What is said ---- */

struct hash128 remind_id(int64_t case_id, const struct reminder *r)
{
        char number[24], due[TIME_ISO_BYTES], at[TIME_ISO_BYTES];
        struct str parts[] = { STR(REMIND_RULE), STR_NONE, r->by->regime->id, r->by->duty->id, STR_NONE, str_of(steps[r->step].name), STR_NONE };

        snprintf(number, sizeof number, "%lld", (long long)case_id);
        time_format_iso(r->by->due, due);
        time_format_iso(r->at, at);
        parts[1] = str_of(number);
        parts[4] = str_of(due);
        parts[6] = str_of(at);
        return hash128_of(parts, ARRAY_LEN(parts));
}

static void say_duty(const struct deadline *d, bool is_over, struct strbuf *out)
{
        char due[ZONE_TEXT_BYTES];

        strbuf_addf(out, STR_FMT " (" STR_FMT ")", STR_ARG(d->duty->title), STR_ARG(d->regime->id));
        if (d->due == USEC_NONE) {
                strbuf_addf(out, " is to be done " STR_FMT, STR_ARG(d->duty->within));
                return;
        }
        zone_format(d->regime->tz, d->due, due);
        strbuf_addf(out, "%s due %s", is_over ? " was" : " is", due);
}

void remind_duty(const struct deadline *d, struct strbuf *out)
{
        say_duty(d, d->state == DEADLINE_OVER, out);
}

/* The last step that it has had. */
static const char *text_of_step(const struct deadline *d, usec as_of)
{
        const char *text = "";
        usec last = USEC_NONE;

        for (int i = 0; i < _REMIND_STEP_MAX; i++) {
                usec at = step_at(d, (enum remind_step)i);

                if (at <= as_of && at >= last && at != USEC_NONE) { /* of two at one time the nearer one, which stands behind */
                        last = at;
                        text = steps[i].text;
                }
        }
        return text;
}

static void say_days(usec since, usec as_of, struct strbuf *out)
{
        long long days = (long long)((as_of - since) / USEC_PER_DAY);

        if (days > 0)
                strbuf_addf(out, ", %lld day%s ago", days, days == 1 ? "" : "s");
}

static void say_first(const struct deadline *d, usec as_of, struct strbuf *out)
{
        bool is_over = is_over_at(d, as_of);
        const char *text = text_of_step(d, as_of);
        long long days = (long long)((as_of - d->start) / USEC_PER_DAY);

        say_duty(d, is_over, out);
        if (is_over)
                say_days(d->due, as_of, out);
        else if (*text)
                strbuf_addf(out, ", %s", text);
        else if (d->due == USEC_NONE && days > 0)
                strbuf_addf(out, ", and has been for %lld day%s", days, days == 1 ? "" : "s");
        if (is_over)
                strbuf_addz(out, ", and is not done");
        if (d->applies == TRUTH_UNKNOWN)
                strbuf_addz(out, " (if that law applies: it is not known)");
}

/* Nobody has said enough for any law. */
static bool is_all_guess(const struct reminder *r)
{
        for (size_t i = 0; i < r->n_live; i++)
                if (!is_guess(r->live[i]))
                        return false;
        return true;
}

/* What is missing, rather than the clocks of all countries. */
static void say_guess(const struct reminder *r, struct strbuf *out)
{
        char due[ZONE_TEXT_BYTES];

        strbuf_addf(out, "nobody has said enough of where the shop is and whose data was reached: %zu clock%s of laws may run", r->n_live, r->n_live == 1 ? "" : "s");
        if (r->live[0]->due == USEC_NONE)
                return;
        zone_format(r->live[0]->regime->tz, r->live[0]->due, due);
        strbuf_addf(out, ", the first %s %s (" STR_FMT ")", is_over_at(r->live[0], r->as_of) ? "was until" : "until", due, STR_ARG(r->live[0]->regime->id));
}

void remind_sentence(int64_t case_id, struct str title, const struct reminder *r, struct strbuf *out)
{
        size_t n_over = 0;

        strbuf_addf(out, "Case %lld", (long long)case_id);
        if (title.n > 0)
                strbuf_addf(out, " (" STR_FMT ")", STR_ARG(title));
        strbuf_addz(out, ": ");
        if (is_all_guess(r)) {
                say_guess(r, out);
                return;
        }
        say_first(r->live[0], r->as_of, out);
        for (size_t i = 1; i < r->n_live; i++)
                n_over += is_over_at(r->live[i], r->as_of);
        if (r->n_live > 1)
                strbuf_addf(out, "; %zu more to do", r->n_live - 1);
        if (n_over > 0)
                strbuf_addf(out, ", %zu of them over", n_over);
}

void remind_why(const struct reminder *r, struct strbuf *out)
{
        for (size_t i = 0; i < r->n_live && i < REMIND_LINES_MAX; i++) {
                const struct deadline *d = r->live[i];

                strbuf_addz(out, i > 0 ? "\n" : "");
                say_duty(d, is_over_at(d, r->as_of), out);
                strbuf_addf(out, ": " STR_FMT, STR_ARG(d->why));
        }
        if (r->n_live > REMIND_LINES_MAX)
                strbuf_addf(out, "\nand %zu more", r->n_live - REMIND_LINES_MAX);
}

/* The section of the law that asks for the reason of a delay; absent: none is known to. */
static bool asks_for_reason(const struct deadline *d, struct str *ret_law)
{
        const struct regime *g = d->regime;

        for (size_t i = 0; i < g->n_contents[d->duty->to]; i++) {
                const struct regime_content *c = &g->contents[d->duty->to][i];

                if (strcmp(c->content->id, "delay-reason") != 0)
                        continue;
                *ret_law = c->law.n > 0 ? c->law : d->duty->law;
                return true;
        }
        return false;
}

/* What to write, and what the regime says of it. */
static void say_delay(int64_t case_id, const struct deadline *d, struct strbuf *out)
{
        struct str law = STR_NONE;
        bool asks = asks_for_reason(d, &law);

        strbuf_addf(out, "Do it now all the same, and write why it is late, with what shows it: shopbell case set %lld delay-reason=\"...\"", (long long)case_id);
        if (asks)
                strbuf_addf(out, " (the notice must say so%s" STR_FMT ")", law.n > 0 ? ": " : "", STR_ARG(law));
        else
                strbuf_addf(out, " (" STR_FMT " does not ask for it by name; whoever reads the notice will)", STR_ARG(d->regime->id));
        strbuf_addz(out, "\n");
        if (d->duty->note.n > 0)
                strbuf_addf(out, "Of " STR_FMT ": " STR_FMT "\n", STR_ARG(d->regime->id), STR_ARG(d->duty->note));
}

void remind_playbook(int64_t case_id, const struct reminder *r, struct strbuf *out)
{
        const struct deadline *d = r->live[0];

        if (is_all_guess(r))
                strbuf_addf(out, "Say it, and the clocks of other laws go: shopbell case set %lld seller=COUNTRY people.COUNTRY=NUMBER\n", (long long)case_id);
        strbuf_addf(out, "See where the case stands, and all its clocks: shopbell case show %lld\n", (long long)case_id);
        if (is_over_at(d, r->as_of))
                say_delay(case_id, d, out);
        if (d->duty->to == TO_AUTHORITY || d->duty->to == TO_PEOPLE)
                strbuf_addf(out, "Draft it: shopbell case draft %lld --regime " STR_FMT " --to %s\n", (long long)case_id, STR_ARG(d->regime->id),
                            d->duty->to == TO_AUTHORITY ? "authority" : "people");
        strbuf_addf(out, "When it is done, say so: shopbell case done %lld " STR_FMT "/" STR_FMT " --at TIME --by NAME\n", (long long)case_id,
                    STR_ARG(d->regime->id), STR_ARG(d->duty->id));
        strbuf_addz(out, "This is no legal advice: ask somebody who knows that law");
}
