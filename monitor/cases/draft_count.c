/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers in drafts, and how many people a law is about. A number never sounds final before somebody has closed the review. */

#include "monitor/cases/draft_make.h"

static bool is_counted(const struct case_field *f)
{
        static const char *const names[] = { "people", "records", "third-parties", "children" };

        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (strcmp(f->name, names[i]) == 0)
                        return true;
        return false;
}

static void put_count(const struct maker *m, const struct case_field *f, uint64_t n, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf digits = STRBUF_INIT;
        bool is_plain = strcmp(f->name, "loss") == 0, is_records = strcmp(f->name, "records") == 0;
        const char *path = is_records ? "phrases.records" : "phrases.people", *of_one = is_records ? "phrases.records-one" : "phrases.people-one";

        format_number(m, n, &digits);
        if (is_plain)
                strbuf_add(out, strbuf_str(&digits));
        else
                format_phrase(m->t, n == 1 && template_text(m->t, of_one).p ? of_one : path, (struct pair[]){ { "count", strbuf_str(&digits) } }, 1, out);
        out->failed |= strbuf_failed(&digits);
}

static void put_at_least(struct maker *m, struct str count, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf from = STRBUF_INIT, to = STRBUF_INIT;
        const struct casefile *c = m->q->file;
        bool is_looked = c->reach_from != USEC_NONE; /* else that of which nothing may go away */
        usec begin = is_looked ? c->reach_from : c->hold_from, end = is_looked ? c->reach_to : c->hold_to;

        if (end == USEC_NONE || end > m->q->now)
                end = m->q->now;
        if (begin == USEC_NONE || begin >= end) {
                format_phrase(m->t, "phrases.at-least", (struct pair[]){ { "count", count } }, 1, out);
                return;
        }
        format_date(m, begin, &from);
        format_date(m, end, &to);
        format_phrase(m->t, "phrases.at-least-span", (struct pair[]){ { "count", count }, { "from", strbuf_str(&from) }, { "to", strbuf_str(&to) } }, 3, out);
        out->failed |= strbuf_failed(&from) || strbuf_failed(&to);
}

static void put_between(const struct maker *m, const struct case_field *f, uint64_t least, uint64_t most, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf low = STRBUF_INIT, high = STRBUF_INIT;

        format_number(m, least, &low);
        put_count(m, f, most, &high);
        format_phrase(m->t, "phrases.between", (struct pair[]){ { "least", strbuf_str(&low) }, { "most", strbuf_str(&high) } }, 2, out);
        out->failed |= strbuf_failed(&low) || strbuf_failed(&high);
}

/* A number never sounds final before somebody has closed the review. That it is an estimate stands beside the number. */
void count_put(struct maker *m, const struct case_field *f, const struct count *c, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf plain = STRBUF_INIT, text = STRBUF_INIT;
        bool is_at_least = c->is_open || (is_counted(f) && !m->q->file->is_reviewed);

        if (is_at_least || c->most == c->least)
                put_count(m, f, c->least, &plain);
        else
                put_between(m, f, c->least, c->most, &plain);
        format_estimate(m, c->is_estimate, strbuf_str(&plain), &text);
        if (is_at_least)
                put_at_least(m, strbuf_str(&text), out);
        else
                strbuf_add(out, strbuf_str(&text));
        out->failed |= strbuf_failed(&plain) || strbuf_failed(&text);
}

/* "us-ca" counts for "us" as well. */
static bool is_here(const struct maker *m, struct str part)
{
        for (size_t i = 0; i < m->regime->n_countries; i++) {
                struct str c = m->regime->countries[i];

                if (str_eq(part, c) || (c.n == 2 && part.n > 3 && part.p[2] == '-' && str_starts(part, c) &&
                                      !casefile_value(m->q->file, STR("people"), c)))
                        return true;
        }
        return m->regime->n_countries == 0;
}

static void add(struct count *s, const struct case_value *v)
{
        uint64_t least, most;
        bool is_open;

        if (!value_is_said(v) || case_number(v->value, &least, &most, &is_open) < 0)
                return;
        if (__builtin_add_overflow(s->least, least, &s->least))
                s->least = UINT64_MAX;
        if (__builtin_add_overflow(s->most, most, &s->most))
                s->most = UINT64_MAX;
        s->is_open |= is_open;
        s->is_estimate |= v->status == FIELD_ESTIMATED;
        s->is_any = true;
}

static enum found put_sum(struct maker *m, const struct case_field *f, const struct count *s, struct strbuf *out)
{
        if (!s->is_any)
                return value_not_there(f);
        count_put(m, f, s, out);
        return FOUND;
}

static bool is_by_country(const struct maker *m, const struct case_field *f)
{
        for (size_t i = 0; i < m->q->file->n_values; i++)
                if (m->q->file->values[i].field == f && case_is_country(m->q->file->values[i].part))
                        return true;
        return false;
}

enum found count_people(struct maker *m, const struct case_field *f, struct strbuf *out)
{
        const struct casefile *c = m->q->file;
        const struct case_value *mine = casefile_value(c, str_of(f->name), m->regime->id);
        struct count s = { 0 };

        if (m->regime->n_countries == 0)
                add(&s, casefile_value(c, str_of(f->name), STR_NONE));
        if (s.is_any)
                return put_sum(m, f, &s, out);
        add(&s, mine);
        for (size_t i = 0; i < c->n_values && !mine; i++)
                if (c->values[i].field == f && c->values[i].part.n > 0 && is_here(m, c->values[i].part))
                        add(&s, &c->values[i]);
        if (!s.is_any && !is_by_country(m, f)) /* the sum of all countries is not that of these */
                add(&s, casefile_value(c, str_of(f->name), STR_NONE));
        return put_sum(m, f, &s, out);
}

static void tell_all(struct maker *m, const struct case_field *f, void (*fn)(struct maker *m, struct str label, struct str value, const struct content *c),
                     const struct content *c)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct count s = { 0 };

        if (m->regime->n_countries == 0 || !is_by_country(m, f))
                return;
        add(&s, casefile_value(m->q->file, str_of(f->name), STR_NONE));
        if (put_sum(m, f, &s, &text) == FOUND)
                fn(m, template_text(m->t, "phrases.in-all"), strbuf_str(&text), c);
        m->failed |= strbuf_failed(&text);
}

void value_people_parts(struct maker *m, void (*fn)(struct maker *m, struct str label, struct str value, const struct content *c), const struct content *c)
{
        const struct case_field *f = case_field_find(STR("people"));
        const struct casefile *file = m->q->file;
        size_t n = 0;

        for (size_t i = 0; i < file->n_values; i++)
                n += file->values[i].field == f && case_is_country(file->values[i].part) && is_here(m, file->values[i].part);
        for (size_t i = 0; i < file->n_values && n > 1; i++) {
                CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
                struct str part = file->values[i].part, name;
                struct count s = { 0 };

                if (file->values[i].field != f || !case_is_country(part) || !is_here(m, part))
                        continue;
                name = template_textf(m->t, "countries." STR_FMT, STR_ARG(part));
                add(&s, &file->values[i]);
                if (put_sum(m, f, &s, &text) == FOUND)
                        fn(m, name.p ? name : part, strbuf_str(&text), c);
                m->failed |= strbuf_failed(&text);
        }
        tell_all(m, f, fn, c);
}
