/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/reminders.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/cases/case.h"
#include "monitor/quiet/judge.h"
#include "monitor/store/query.h"

/* What is to be of a case. */
struct wanted {
        int64_t id;
        struct reminder reminder;
        const struct deadline *deadlines;
        size_t n_deadlines;
        struct hash128 alert;
        struct str sentence, why, playbook;
};

/* An open alert that is there. */
struct present {
        struct hash128 alert;
        struct str number, duty, due; /* of the case; REGIME/DUTY; as it groups by them */
        struct str sentence, why;
        enum level level;
        usec first;
        bool is_closed; /* by a person: it is left alone */
};

struct change {
        const struct wanted *wanted; /* NULL: withdraw */
        const struct present *present; /* NULL: raise */
        const char *reason;
};

struct reminders {
        struct reminders_host host;
        struct query *query; /* of the store */
        struct arena *arena; /* of one look */
        struct wanted *wanted;
        size_t n_wanted;
        struct present *present;
        size_t n_present, cap_present;
        struct change *changes;
        size_t n_changes;
        /* As of the last look: */
        bool has_looked;
        const struct regimes *regimes;
        int64_t seq; /* of the newest entry */
        usec looked, next;
        size_t n_running, n_over;
        usec due; /* of the next end; USEC_NONE: none is to come */
        struct strbuf due_text;
};

int reminders_new(const struct reminders_host *host, struct reminders **ret, struct err *reterr)
{
        CLEANUP(reminders_freep) struct reminders *r = calloc(1, sizeof *r);

        if (!r || !(r->arena = arena_new()) || query_of(host->store, &r->query) < 0)
                return err_set(reterr, -ENOMEM, "out of memory");
        r->host = *host;
        r->next = r->due = r->looked = USEC_NONE;
        *ret = TAKE(r);
        return 0;
}

struct reminders *reminders_free(struct reminders *r)
{
        if (!r)
                return NULL;
        query_close(r->query);
        arena_free(r->arena);
        strbuf_done(&r->due_text);
        free(r);
        return NULL;
}

/* ---- What is to be ---- */

static int write_texts(struct reminders *r, struct wanted *w, struct str title)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        remind_sentence(w->id, title, &w->reminder, &text);
        w->sentence = strbuf_failed(&text) ? STR_NONE : arena_dup(r->arena, strbuf_str(&text));
        strbuf_clear(&text);
        remind_why(&w->reminder, &text);
        w->why = strbuf_failed(&text) ? STR_NONE : arena_dup(r->arena, strbuf_str(&text));
        strbuf_clear(&text);
        remind_playbook(w->id, &w->reminder, &text);
        w->playbook = strbuf_failed(&text) ? STR_NONE : arena_dup(r->arena, strbuf_str(&text));
        return w->sentence.p && w->why.p && w->playbook.p ? 0 : -ENOMEM;
}

static void note_next(struct reminders *r, const struct wanted *w)
{
        const struct reminder *of = &w->reminder;

        if (of->next != USEC_NONE && (r->next == USEC_NONE || of->next < r->next))
                r->next = of->next;
        for (size_t i = 0; i < of->n_live; i++) {
                const struct deadline *d = of->live[i];

                r->n_running++;
                r->n_over += d->state == DEADLINE_OVER;
                if (d->state == DEADLINE_OVER || d->due == USEC_NONE || (r->due != USEC_NONE && d->due >= r->due))
                        continue;
                r->due = d->due;
                strbuf_clear(&r->due_text);
                strbuf_addf(&r->due_text, "case %lld: ", (long long)w->id);
                remind_duty(d, &r->due_text);
        }
}

static int list_id(void *userdata, int64_t id)
{
        struct reminders *r = userdata;

        if (r->n_wanted < CASES_OPEN_MAX)
                r->wanted[r->n_wanted++] = (struct wanted){ .id = id };
        return 0;
}

static int look_at_case(struct reminders *r, struct wanted *w, usec now, struct err *reterr)
{
        struct deadline *deadlines = NULL;
        struct casefile c;
        int k = casefile_read(r->query, w->id, NULL, r->arena, &c);

        if (k == -E2BIG) { /* no order can make it so; the others are heard all the same */
                log_warning("case %lld has more entries than a case may have, and no clock of it is heard: shopbell verify", (long long)w->id);
                return 0;
        }
        if (k >= 0)
                k = casefile_deadlines(&c, r->regimes, now, false, r->arena, &deadlines, &w->n_deadlines, reterr);
        w->deadlines = deadlines;
        if (k >= 0)
                k = remind_of(deadlines, w->n_deadlines, now, r->arena, &w->reminder);
        if (k < 0)
                return k;
        note_next(r, w);
        if (!w->reminder.rings)
                return 0;
        w->alert = remind_id(w->id, &w->reminder);
        return write_texts(r, w, c.title);
}

/* ---- What is there ---- */

/* The text of that key in a JSON object of ours; empty: it has none. What it holds needs no escapes. */
static struct str value_of(struct str object, const char *key)
{
        CLEANUP(strbuf_done) struct strbuf front = STRBUF_INIT;
        struct str rest;
        size_t at;

        strbuf_addf(&front, "\"%s\":\"", key);
        at = strbuf_failed(&front) ? SIZE_MAX : str_find(object, strbuf_str(&front));
        if (at == SIZE_MAX)
                return STR("");
        rest = str_from(object.p + at + front.n, object.n - at - front.n);
        at = str_find(rest, STR("\""));
        return str_from(rest.p, at == SIZE_MAX ? 0 : at);
}

static int list_present(void *userdata, const struct query_alert *a)
{
        struct reminders *r = userdata;
        struct present *p;

        if (!str_eq(a->rule_id, STR(REMIND_RULE)) || !str_eqz(a->state, "open"))
                return 0;
        if (r->n_present == r->cap_present) {
                size_t cap = r->cap_present ? 2 * r->cap_present : 64;
                struct present *more = arena_array(r->arena, cap, sizeof *more);

                if (!more)
                        return -ENOMEM;
                if (r->n_present > 0)
                        memcpy(more, r->present, r->n_present * sizeof *more);
                r->present = more;
                r->cap_present = cap;
        }
        p = &r->present[r->n_present++];
        *p = (struct present){
                .alert = a->id,
                .number = arena_dup(r->arena, value_of(a->group, "case")),
                .duty = arena_dup(r->arena, value_of(a->group, "duty")),
                .due = arena_dup(r->arena, value_of(a->group, "due")),
                .sentence = arena_dup(r->arena, a->sentence),
                .why = arena_dup(r->arena, a->why),
                .level = a->level,
                .first = a->first_seen,
                .is_closed = answer_closes(a->answer),
        };
        return p->number.p && p->duty.p && p->due.p && p->sentence.p && p->why.p ? 0 : -ENOMEM;
}

/* ---- What is different ---- */

static bool is_of_duty(const struct deadline *d, struct str duty)
{
        struct str rest = duty, regime;

        str_cut(&rest, '/', &regime);
        return rest.p && str_eq(regime, d->regime->id) && str_eq(rest, d->duty->id);
}

static const char *reason_of(const struct reminders *r, const struct present *p)
{
        const struct wanted *w = NULL;
        int64_t id = 0;

        (void)str_to_i64(p->number, &id);
        for (size_t i = 0; i < r->n_wanted; i++)
                if (r->wanted[i].id == id)
                        w = &r->wanted[i];
        if (!w)
                return "the case is closed";
        for (size_t i = 0; i < w->n_deadlines; i++) {
                const struct deadline *d = &w->deadlines[i];
                char due[TIME_ISO_BYTES];

                if (!is_of_duty(d, p->duty))
                        continue;
                if (d->state == DEADLINE_DONE || d->state == DEADLINE_DONE_LATE)
                        return "it is done";
                time_format_iso(d->due, due);
                if (!str_eqz(p->due, due) || d->state == DEADLINE_WAITING)
                        return "a mark was moved, and its clock with it";
                return w->reminder.rings && w->reminder.at > p->first ? "the next reminder takes its place" : "its clock runs otherwise now";
        }
        return "that law does not apply, as the case is now";
}

static void add_change(struct reminders *r, struct change c)
{
        r->changes[r->n_changes++] = c;
}

static bool is_same(const struct wanted *w, const struct present *p)
{
        return str_eq(w->sentence, p->sentence) && str_eq(w->why, p->why) && w->reminder.level == p->level;
}

static int compare(struct reminders *r)
{
        r->changes = arena_array(r->arena, r->n_wanted + r->n_present + 1, sizeof *r->changes);
        if (!r->changes)
                return -ENOMEM;
        for (size_t k = 0; k < r->n_present; k++) {
                bool is_wanted = r->present[k].is_closed;

                for (size_t i = 0; i < r->n_wanted && !is_wanted; i++)
                        is_wanted = r->wanted[i].reminder.rings && hash128_eq(&r->wanted[i].alert, &r->present[k].alert);
                if (!is_wanted)
                        add_change(r, (struct change){ .present = &r->present[k], .reason = reason_of(r, &r->present[k]) });
        }
        for (size_t i = 0; i < r->n_wanted; i++) {
                const struct present *p = NULL;

                for (size_t k = 0; k < r->n_present; k++)
                        if (hash128_eq(&r->wanted[i].alert, &r->present[k].alert))
                                p = &r->present[k];
                if (r->wanted[i].reminder.rings && (!p || (!p->is_closed && !is_same(&r->wanted[i], p))))
                        add_change(r, (struct change){ &r->wanted[i], p, NULL });
        }
        return 0;
}

/* ---- Making it so ---- */

static int put(struct reminders *r, struct store *s, const struct change *x, usec now)
{
        const struct wanted *w = x->wanted;
        char number[24], due[TIME_ISO_BYTES];
        struct str duty = w ? arena_printf(r->arena, STR_FMT "/" STR_FMT, STR_ARG(w->reminder.by->regime->id), STR_ARG(w->reminder.by->duty->id)) : STR("");
        struct alert_group group[] = { { STR("case"), STR_NONE }, { STR("duty"), duty }, { STR("due"), STR_NONE } };
        struct alert_change c = {
                .kind = !w ? CHANGE_WITHDRAW : x->present ? CHANGE_GROW : CHANGE_RAISE,
                .id = w ? w->alert : x->present->alert,
                .reason = str_of(x->reason),
                .rule_id = STR(REMIND_RULE),
                .rule_title = STR(REMIND_TITLE),
                .group = group,
                .n_group = ARRAY_LEN(group),
                .person = STR(""),
                .source = STR(""),
                .count = 1,
        };

        if (!duty.p)
                return -ENOMEM;
        if (w) {
                snprintf(number, sizeof number, "%lld", (long long)w->id);
                time_format_iso(w->reminder.by->due, due);
                group[0].value = str_of(number);
                group[2].value = str_of(due);
                c.level = w->reminder.level;
                c.sentence = w->sentence;
                c.why = w->why;
                c.playbook = w->playbook;
                c.first_seen = w->reminder.at;
                c.last_seen = w->reminder.as_of > w->reminder.at ? w->reminder.as_of : w->reminder.at;
        }
        return store_put_change(s, &c, now);
}

static int apply(void *userdata, struct store *s, struct quiet *q, usec now)
{
        struct reminders *r = userdata;
        int k = 0;

        for (size_t i = 0; i < r->n_changes && k >= 0; i++) {
                const struct change *x = &r->changes[i];

                k = put(r, s, x, now);
                if (k >= 0)
                        k = quiet_note(q, x->wanted ? &x->wanted->alert : &x->present->alert);
        }
        return k;
}

/* ---- Looking ---- */

static bool is_to_look(const struct reminders *r, int64_t seq, const struct regimes *regimes, usec now)
{
        return !r->has_looked || seq != r->seq || regimes != r->regimes || (r->next != USEC_NONE && now >= r->next) ||
               now < r->looked; /* the clock was set back */
}

static int look(struct reminders *r, usec now, struct err *reterr)
{
        const struct query_filter mine = { .since = USEC_NONE, .until = USEC_NONE, .rule = STR(REMIND_RULE), .with_merged = true };
        int k;

        arena_reset(r->arena);
        r->n_wanted = r->n_present = r->cap_present = r->n_changes = r->n_running = r->n_over = 0;
        r->present = NULL;
        r->next = r->due = USEC_NONE;
        r->wanted = arena_array(r->arena, CASES_OPEN_MAX, sizeof *r->wanted);
        k = r->wanted ? query_each_case(r->query, false, list_id, r) : -ENOMEM;
        for (size_t i = 0; i < r->n_wanted && k >= 0; i++)
                k = look_at_case(r, &r->wanted[i], now, reterr);
        if (k >= 0)
                k = query_alerts(r->query, &mine, list_present, r);
        if (k >= 0)
                k = compare(r);
        if (k < 0)
                return err_set(reterr, k, "the clocks of cases cannot be read: %s", k == -ENOMEM ? "out of memory" : query_error(r->query));
        return r->n_changes > 0 ? pipeline_run(r->host.pipeline, apply, r, reterr) : 0;
}

int reminders_tend(struct reminders *r, usec now, struct err *reterr)
{
        const struct regimes *regimes = r->host.regimes(r->host.userdata);
        int64_t seq = 0;
        int k = store_case_last(r->host.store, &seq);

        if (k < 0)
                return err_set(reterr, k, "%s", store_error(r->host.store));
        if (!is_to_look(r, seq, regimes, now))
                return 0;
        r->regimes = regimes;
        k = look(r, now, reterr);
        r->seq = seq;
        r->looked = now;
        r->has_looked = k >= 0;
        return k < 0 ? k : 0;
}

usec reminders_due(const struct reminders *r)
{
        return r->next;
}

void reminders_status(const struct reminders *r, struct strbuf *out)
{
        strbuf_addf(out, "cases_open %zu\nclocks_running %zu\nclocks_over %zu\n", r->n_wanted, r->n_running, r->n_over);
        if (r->due != USEC_NONE)
                strbuf_addf(out, "next_deadline %lld\nnext_duty " STR_FMT "\n", (long long)r->due, STR_ARG(strbuf_str(&r->due_text)));
}
