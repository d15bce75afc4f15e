/* SPDX-License-Identifier: Apache-2.0 */

/* The time line: what was done (records), what shopbell told, what people said and when they say that something was, and what was due. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/csv.h"
#include "monitor/cases/pack_impl.h"

enum { EVENTS_MAX = 500000 };

static struct str text_of(struct packing *p, struct strbuf *b)
{
        struct str s = strbuf_failed(b) ? STR_NONE : arena_dup(p->arena, strbuf_str(b));

        strbuf_clear(b);
        return s;
}

static int add(struct packing *p, const struct pack_event *e)
{
        struct pack_event *to;

        if (e->at == USEC_NONE || p->n_events == EVENTS_MAX)
                return 0;
        if (!e->what.p)
                return -ENOMEM;
        to = pack_grow((void **)&p->events, &p->n_events, &p->events_cap, sizeof *p->events);
        if (!to)
                return -ENOMEM;
        *to = *e;
        to->n = p->n_events;
        return 0;
}

/* ---- Records ---- */

static void add_field(struct strbuf *out, const char *before, struct str text)
{
        if (text.n > 0)
                strbuf_addf(out, "%s" STR_FMT, before, STR_ARG(text));
}

void pack_record_text(const struct pack_record *r, struct strbuf *out)
{
        size_t start = out->n;
        struct str target = r->f[PACK_TARGET_MAIL].n ? r->f[PACK_TARGET_MAIL] : r->f[PACK_TARGET_NAME].n ? r->f[PACK_TARGET_NAME] : r->f[PACK_TARGET_ID];

        add_field(out, "", r->f[PACK_ACTION]);
        add_field(out, out->n > start ? " " : "", r->f[PACK_OBJECT_TYPE]);
        add_field(out, out->n > start ? " " : "", r->f[PACK_OBJECT]);
        if (r->f[PACK_NEW].n > 0 && r->f[PACK_OLD].n > 0)
                strbuf_addf(out, ": " STR_FMT " to " STR_FMT, STR_ARG(r->f[PACK_OLD]), STR_ARG(r->f[PACK_NEW]));
        else
                add_field(out, ": ", r->f[PACK_NEW]);
        add_field(out, " ", r->f[PACK_NEW].n > 0 ? r->f[PACK_CURRENCY] : STR_NONE);
        add_field(out, "; for ", target);
        add_field(out, " as ", target.n > 0 ? r->f[PACK_TARGET_ROLES] : STR_NONE);
        if (str_eqz(r->f[PACK_OUTCOME], "failure") && !str_starts(r->f[PACK_ACTION], STR("fail")))
                strbuf_addz(out, " (it failed)");
        if (out->n == start)
                strbuf_addz(out, "a record");
}

static int add_records(struct packing *p, struct strbuf *b)
{
        int r = 0;

        for (size_t i = 0; i < p->n_records && r >= 0; i++) {
                const struct pack_record *rec = &p->records[i];
                struct pack_event e = { .at = rec->time, .kind = "act", .who = rec->f[PACK_PERSON], .ref = str_of(rec->key) };

                pack_record_text(rec, b);
                e.what = text_of(p, b);
                add_field(b, "", rec->source);
                add_field(b, ", from ", rec->f[PACK_IP]);
                add_field(b, ", ", rec->f[PACK_COUNTRY]);
                add_field(b, ", ", rec->f[PACK_NETWORK]);
                add_field(b, ", ", rec->f[PACK_DEVICE]);
                e.more = text_of(p, b);
                r = add(p, &e);
        }
        return r;
}

/* ---- Alerts ---- */

struct telling {
        struct packing *p;
        struct strbuf *b;
        struct str ref;
};

/* What the history says of an alert, but how it grew. */
static int on_history(void *userdata, usec at, struct str what, struct str text)
{
        static const struct {
                const char *what, *text;
        } told[] = { { "rang", "the alert rang" }, { "told", "the alert was told" }, { "answered", "the alert was answered" }, { "merged", "the alert was merged" },
                     { "withdrawn", "the alert was withdrawn" }, { "silenced", "the alert was silenced" }, { "muted", "the alert was muted" },
                     { "revealed", "its records were revealed" } };
        struct telling *t = userdata;
        struct pack_event e = { .at = at, .kind = "bell", .ref = t->ref };

        for (size_t i = 0; i < ARRAY_LEN(told); i++)
                if (str_eqz(what, told[i].what)) {
                        strbuf_addf(t->b, "%s%s" STR_FMT, told[i].text, text.n > 0 ? ": " : "", STR_ARG(text));
                        e.what = text_of(t->p, t->b);
                        return add(t->p, &e);
                }
        return 0;
}

static int add_alerts(struct packing *p, struct strbuf *b)
{
        static const char *const marks[_LEVEL_MAX] = { "l0", "l1", "l2", "l3", "l4" };
        int r = 0;

        for (size_t i = 0; i < p->n_alerts && r >= 0; i++) {
                const struct pack_alert *a = &p->alerts[i];
                char id[HASH128_HEX_BYTES];
                struct telling t = { p, b, STR_NONE };
                struct pack_event e = { .at = a->first_seen, .kind = "alert", .mark = marks[a->level], .who = a->person, .what = a->sentence };

                hash128_hex(&a->id, id);
                t.ref = e.ref = arena_dup(p->arena, str_of(id));
                strbuf_addf(b, "%s: " STR_FMT, level_name(a->level), STR_ARG(a->title));
                e.more = text_of(p, b);
                r = add(p, &e);
                if (r < 0)
                        return r;
                strbuf_addf(b, "shopbell raised the alert: " STR_FMT, STR_ARG(a->title));
                e = (struct pack_event){ .at = a->raised_at, .kind = "bell", .ref = t.ref, .what = text_of(p, b) };
                r = add(p, &e);
                if (r >= 0)
                        r = query_history(p->copy, &a->id, on_history, &t);
        }
        return r;
}

/* ---- What was said ---- */

static void add_moment(usec at, struct str zone, struct strbuf *out)
{
        struct moment m = { .at = at };

        snprintf(m.zone, sizeof m.zone, STR_FMT, STR_ARG(zone));
        moment_format(&m, NULL, out);
}

void pack_value_text(const struct case_field *f, struct str value, struct strbuf *out)
{
        struct str zone;
        usec at;

        if (f->kind == FIELD_TIME && case_moment(value, &at, &zone) >= 0)
                add_moment(at, zone, out);
        else
                strbuf_add(out, value);
}

/* What an entry of the case says, in a line. Appends. */
static void entry_text(const struct store_case_entry *e, struct strbuf *out)
{
        enum case_kind kind = case_kind_find(e->kind);
        const struct case_field *field;
        struct str zone;
        usec at;

        strbuf_addf(out, STR_FMT "%s" STR_FMT, STR_ARG(e->kind), e->key.n > 0 ? " " : "", STR_ARG(e->key));
        if (e->is_value_sealed) {
                strbuf_addz(out, ": (kept under pseudonyms)");
                return;
        }
        if ((kind == CASE_MARK || kind == CASE_DONE) && case_moment(e->value, &at, &zone) >= 0) {
                strbuf_addz(out, ": ");
                add_moment(at, zone, out);
        } else if (kind == CASE_SET && e->value.n > 0 && case_field_split(e->key, &field, &zone, NULL) >= 0) {
                strbuf_addz(out, ": ");
                pack_value_text(field, e->value, out);
        } else if (kind == CASE_MARK || kind == CASE_DONE || kind == CASE_SET || kind == CASE_REGIME || e->value.n > 0) {
                strbuf_addf(out, ": " STR_FMT, STR_ARG(e->value.n > 0 ? e->value : STR("(taken back)")));
        }
        if (kind == CASE_SET && e->status.n > 0)
                strbuf_addf(out, " (" STR_FMT ")", STR_ARG(e->status));
}

static int add_entries(struct packing *p, struct strbuf *b)
{
        int r = 0;

        for (size_t i = 0; i < p->file.n_entries && r >= 0; i++) {
                const struct store_case_entry *entry = &p->file.entries[i];
                struct pack_event e = { .at = entry->at, .kind = "case", .who = entry->by.n > 0 ? entry->by : entry->who.user, .ref = entry->evidence };

                entry_text(entry, b);
                e.what = text_of(p, b);
                add_field(b, "because ", entry->because);
                e.more = text_of(p, b);
                r = add(p, &e);
        }
        return r;
}

/* When things were, as people say: an entry may come days behind it. */
static int add_marks(struct packing *p, struct strbuf *b)
{
        int r = 0;

        for (size_t i = 0; i < p->file.n_marks && r >= 0; i++) {
                const struct case_mark *m = &p->file.marks[i];
                struct pack_event e = { .at = m->at, .kind = "moment", .mark = "moment" };

                if (m->entry)
                        e.who = m->entry->by.n > 0 ? m->entry->by : m->entry->who.user;
                if (m->event == _EVENT_MAX)
                        strbuf_addf(b, "done: " STR_FMT " " STR_FMT, STR_ARG(m->regime), STR_ARG(m->duty));
                else
                        strbuf_addf(b, "%s: %s", case_event_name(m->event), case_event_help(m->event));
                if (m->event != _EVENT_MAX && m->regime.n > 0)
                        strbuf_addf(b, " (for " STR_FMT ")", STR_ARG(m->regime));
                e.what = text_of(p, b);
                if (m->entry)
                        add_field(b, "because ", m->entry->because);
                e.more = text_of(p, b);
                r = add(p, &e);
        }
        return r;
}

static int add_deadlines(struct packing *p, struct strbuf *b)
{
        int r = 0;

        for (size_t i = 0; i < p->n_deadlines && r >= 0; i++) {
                const struct deadline *d = &p->deadlines[i];
                bool is_late = d->state == DEADLINE_OVER || d->state == DEADLINE_DONE_LATE;
                struct pack_event e = { .at = d->due, .kind = "deadline", .mark = is_late ? "late" : "due", .ref = d->regime->id };

                if (d->applies != TRUTH_YES)
                        continue;

                strbuf_addf(b, "due: " STR_FMT " (" STR_FMT "); %s", STR_ARG(d->duty->title), STR_ARG(d->regime->title), deadline_state_name(d->state));
                e.what = text_of(p, b);
                e.more = d->why;
                r = add(p, &e);
        }
        return r;
}

/* ---- In order ---- */

static int by_time(const void *a, const void *b)
{
        const struct pack_event *x = a, *y = b;

        return x->at != y->at ? (x->at < y->at ? -1 : 1) : x->n < y->n ? -1 : x->n > y->n;
}

static int put_csv(struct packing *p)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;

        strbuf_addz(&out, "\xef\xbb\xbf" /* spreadsheets take it for UTF-8 then */
                          "time_utc,time_there,zone,kind,who,what,more,reference\r\n");
        for (size_t i = 0; i < p->n_events; i++) {
                const struct pack_event *e = &p->events[i];
                char utc[TIME_ISO_BYTES], there[ZONE_TEXT_BYTES];

                pack_utc(e->at, utc);
                zone_format_iso(p->zone, e->at, there);
                csv_put(&out, str_of(utc), true);
                csv_put(&out, str_of(there), false);
                csv_put(&out, str_of(zone_name(p->zone)), false);
                csv_put(&out, str_of(e->kind), false);
                csv_put(&out, e->who, false);
                csv_put(&out, e->what, false);
                csv_put(&out, e->more, false);
                csv_put(&out, e->ref, false);
                strbuf_addz(&out, "\r\n");
        }
        return strbuf_failed(&out) ? -ENOMEM : p->emit(p, STR("timeline.csv"), strbuf_str(&out));
}

int pack_times(struct packing *p)
{
        static int (*const kinds[])(struct packing *p, struct strbuf *b) = { add_records, add_alerts, add_marks, add_entries, add_deadlines };
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(kinds) && r >= 0; i++)
                r = kinds[i](p, &b);
        if (r < 0)
                return r;
        if (p->n_events > 0)
                qsort(p->events, p->n_events, sizeof *p->events, by_time);
        return put_csv(p);
}
