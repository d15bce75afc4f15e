/* SPDX-License-Identifier: Apache-2.0 */

/* Telling sources apart. JSON sources that open documents in the same way (envelope, fan-out, pairs, texts) share one
 * plan, so that a document is walked once for all of them; text sources are tried one by one, which their header or the
 * anchors of their patterns make cheap.
 *
 * Sources are meant to exclude each other (source_test() fails when a sample is recognised by two); should two fit, the
 * one with more tests is taken, then the first by name of its file. A door is taken when no other one fits. */

#include "parsers/recognise.h"

#include <errno.h>
#include <stdlib.h>

#include "parsers/decoder.h"

unsigned recognise_tests(const struct source *s)
{
        return s->decoder->tests(s) + (unsigned)s->recognition.n_has + (unsigned)s->recognition.n_when;
}

unsigned recognise_count(const struct source *s, const struct record *r, const struct derive_env *env)
{
        unsigned n = 0;

        for (size_t i = 0; i < s->recognition.n_has; i++)
                n += record_slot(r, s->has[i]) != NULL;
        for (size_t i = 0; i < s->recognition.n_when; i++)
                n += bound_holds(&s->when[i], r, env);
        return n;
}

bool recognise_holds(const struct source *s, const struct record *r, const struct derive_env *env)
{
        for (size_t i = 0; i < s->recognition.n_has; i++)
                if (!record_slot(r, s->has[i]))
                        return false;
        for (size_t i = 0; i < s->recognition.n_when; i++)
                if (!bound_holds(&s->when[i], r, env))
                        return false;
        return true;
}

/* ---- Building ---- */

static bool same_texts(const struct str *a, size_t n_a, const struct str *b, size_t n_b)
{
        bool same = n_a == n_b;

        for (size_t i = 0; i < n_a && same; i++)
                same = str_eq(a[i], b[i]);
        return same;
}

/* Whether two sources read a document in the same way. */
static bool same_shape(const struct source *a, const struct source *b)
{
        bool same = same_texts(a->records, a->n_records, b->records, b->n_records) && str_eq(a->each, b->each) &&
                    a->n_pairs == b->n_pairs && same_texts(a->texts, a->n_texts, b->texts, b->n_texts);

        for (size_t i = 0; i < a->n_pairs && same; i++)
                same = str_eq(a->pairs[i].at, b->pairs[i].at) && str_eq(a->pairs[i].name, b->pairs[i].name) &&
                       same_texts(a->pairs[i].values, a->pairs[i].n_values, b->pairs[i].values, b->pairs[i].n_values);
        return same;
}

/* The slot of a field in the group's records; new fields are asked of the plan. */
static int group_slot(struct json_group *g, struct map *names, struct str field, uint32_t *ret)
{
        uintptr_t at = (uintptr_t)map_get(names, field);
        int r = 0;

        if (at == 0) {
                at = ++g->n_slots; /* slot number + 1 */
                r = map_put(names, field, (void *)at);
                if (r >= 0)
                        r = json_plan_want(g->plan, field, (uint32_t)at - 1);
        }
        *ret = (uint32_t)at - 1;
        return r;
}

static int add_member(struct sourceset *set, struct json_group *g, struct map *names, const struct source *s)
{
        const struct recognition *rec = &s->recognition;
        struct group_member *m = &g->members[g->n_members++];
        int r = 0;

        m->source = s;
        m->has = arena_array(set->arena, rec->n_has, sizeof *m->has);
        m->when = arena_array(set->arena, rec->n_when, sizeof *m->when);
        if (!m->has || !m->when)
                return -ENOMEM;
        for (size_t i = 0; i < rec->n_has && r >= 0; i++)
                r = group_slot(g, names, rec->has[i], &m->has[i]);
        for (size_t i = 0; i < rec->n_when && r >= 0; i++) {
                const struct sigma_detection *d = s->when[i].detection;

                m->when[i] = arena_array(set->arena, d->n_fields, sizeof *m->when[i]);
                if (!m->when[i])
                        return -ENOMEM;
                if (d->wants_leaves)
                        json_plan_want_leaves(g->plan);
                for (size_t k = 0; k < d->n_fields && r >= 0; k++)
                        r = group_slot(g, names, d->fields[k], &m->when[i][k]);
        }
        return r;
}

static bool is_json(const struct source *s)
{
        return s->decoder == &decoder_json;
}

/* The group of source `first` and all later ones of its shape. */
static int build_group(struct sourceset *set, size_t first, bool *is_grouped, struct json_group *g)
{
        struct map names = MAP_INIT;
        int r = 0;

        g->n_slots = _ECS_MAX;
        g->members = arena_array(set->arena, set->n - first, sizeof *g->members);
        g->plan = json_plan_new();
        if (!g->members || !g->plan)
                return -ENOMEM;
        r = decode_json_shape(set->items[first], g->plan);
        for (size_t i = first; i < set->n && r >= 0; i++) {
                const struct source *s = set->items[i];

                if (is_grouped[i] || !is_json(s) || !same_shape(s, set->items[first]))
                        continue;
                is_grouped[i] = true;
                r = add_member(set, g, &names, s);
        }
        map_done(&names);
        return r;
}

int recognise_freeze(struct sourceset *set, struct err *reterr)
{
        bool *is_grouped = arena_array(set->arena, set->n, sizeof *is_grouped);
        int r = 0;

        set->groups = arena_array(set->arena, set->n, sizeof *set->groups);
        if (!is_grouped || !set->groups)
                return err_set(reterr, -ENOMEM, "out of memory");
        for (size_t i = 0; i < set->n; i++)
                for (size_t k = 0; k < set->n && set->items[i]->is_door; k++)
                        set->items[i]->has_rivals |= k != i && set->items[k]->decoder == set->items[i]->decoder;
        for (size_t i = 0; i < set->n && r >= 0; i++)
                if (!is_grouped[i] && is_json(set->items[i]))
                        r = build_group(set, i, is_grouped, &set->groups[set->n_groups++]);
        return r < 0 ? err_set(reterr, r, "out of memory") : 0;
}

/* ---- Asking ---- */

struct walk {
        struct parser *parser;
        const struct json_group *group;
        struct derive_env env;
        uint32_t records;
};

static int look_at(void *userdata, struct record *record, uint32_t sub)
{
        struct walk *w = userdata;

        (void)sub;
        for (size_t i = 0; i < w->group->n_members; i++) {
                const struct group_member *m = &w->group->members[i];
                const struct recognition *rec = &m->source->recognition;
                struct source_guess *g = &w->parser->guesses[m->source->index];
                unsigned held = 0;

                for (size_t k = 0; k < rec->n_has; k++)
                        held += record_slot(record, m->has[k]) != NULL;
                for (size_t k = 0; k < rec->n_when; k++)
                        held += sigma_match(m->source->when[k].detection, record, m->when[k], w->env.sigma);
                if (held > g->held)
                        g->held = held;
        }
        return ++w->records < RECOGNISE_RECORDS_MAX ? 0 : -ECANCELED;
}

static void note_error(struct recognised *to, int r, const char *reason)
{
        if (r < 0 && r != -ECANCELED && (to->error == 0 || r == -ENOMEM)) {
                to->error = r;
                to->reason = reason;
        }
}

static void ask_json(struct parser *p, const struct raw *raw, struct counters *counters, struct recognised *ret)
{
        bool is_empty = false;

        for (size_t i = 0; i < p->set->n_groups; i++) {
                struct walk w = { .parser = p,
                                  .group = &p->set->groups[i],
                                  .env = { p->sigma, p->regex, counters, p->trial } };
                int r = json_read(p->reader, w.group->plan, raw->bytes, p->trial, w.group->n_slots, counters, look_at,
                                  &w);

                is_empty = is_empty || (r >= 0 && w.records == 0);
                note_error(ret, r, decode_json_reason(r));
                arena_reset(p->trial);
        }
        ret->is_empty = is_empty;
}

/* Whether it is worth walking a JSON document again as a journal entry. */
static bool may_be_journal(struct str bytes)
{
        return str_find(bytes, STR("\"__REALTIME_TIMESTAMP\"")) != SIZE_MAX ||
               str_find(bytes, STR("\"MESSAGE\"")) != SIZE_MAX;
}

static void ask_text(struct parser *p, const struct raw *raw, struct counters *counters, struct recognised *ret)
{
        bool is_document = parse_is_json(raw->bytes) && ret->error == 0,
             is_journal = is_document && may_be_journal(raw->bytes);

        p->is_recognising = true;
        for (size_t i = 0; i < p->set->n; i++) {
                const struct source *s = p->set->items[i];
                struct parse x = { .parser = p, .source = s, .raw = raw, .arena = p->trial, .counters = counters };
                int r;

                if (is_json(s) || (is_document && !(is_journal && s->has_header) && s->n_within == 0))
                        continue;
                x.probe = &p->guesses[i];
                r = s->decoder->decode(&x);
                if (r == -ENOMEM)
                        note_error(ret, r, "out of memory");
                ret->has_header = ret->has_header || x.has_header;
                arena_reset(p->trial);
        }
        p->is_recognising = false;
        p->letter = NULL;
        arena_reset(p->letters);
}

/* Whole guesses first, those with more tests before those with fewer; then the larger part; then the order of the set.
 */
static int by_rank(const void *a, const void *b)
{
        const struct source_guess *x = a, *y = b;
        bool x_whole = guess_is_whole(x), y_whole = guess_is_whole(y);
        uint64_t x_part = (uint64_t)x->held * y->of, y_part = (uint64_t)y->held * x->of;

        if (x_whole != y_whole)
                return x_whole ? -1 : 1;
        if (x_whole && x->source->is_door != y->source->is_door)
                return x->source->is_door ? 1 : -1;
        if (x_whole && x->of != y->of)
                return x->of > y->of ? -1 : 1;
        if (x_part != y_part)
                return x_part > y_part ? -1 : 1;
        return x->source->index < y->source->index ? -1 : x->source->index > y->source->index;
}

size_t recognise_raw(struct parser *p, const struct raw *raw, struct recognised *ret)
{
        struct counters unused = { 0 };
        size_t n = 0;

        *ret = (struct recognised){ 0 };
        for (size_t i = 0; i < p->set->n; i++)
                p->guesses[i] = (struct source_guess){ p->set->items[i], 0, recognise_tests(p->set->items[i]) };
        if (parse_is_json(raw->bytes))
                ask_json(p, raw, &unused, ret);
        ask_text(p, raw, &unused, ret);
        qsort(p->guesses, p->set->n, sizeof *p->guesses, by_rank);
        while (n < p->set->n && p->guesses[n].held > 0)
                n++;
        return n;
}
