/* SPDX-License-Identifier: Apache-2.0 */

/* The table of correlation kinds (Sigma specification 2.1, correlation rules).
 *
 * To add one: a row. A kind whose measure can be kept while a window slides gives add, remove and measure; the measure must
 * not fall when hits are added (window.c relies on it). Parameters beyond Sigma's own are read from correlation->section. */

#include "monitor/detect/kind.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/number.h"

/* ---- How often each value occurs: open addressing, zero counts stay as empty places until the next growth ---- */

struct tally {
        struct {
                uint64_t value;
                uint32_t n;
                bool is_used;
        } *slots;
        size_t cap, used, distinct;
};

static size_t place(const struct tally *t, uint64_t value)
{
        size_t i = (size_t)((value * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & (t->cap - 1);

        while (t->slots[i].is_used && t->slots[i].value != value)
                i = (i + 1) & (t->cap - 1);
        return i;
}

static int grow(struct tally *t)
{
        struct tally fresh = { .cap = 16 };

        while (fresh.cap < 4 * t->distinct)
                fresh.cap *= 2;
        fresh.slots = calloc(fresh.cap, sizeof *fresh.slots);
        if (!fresh.slots)
                return -ENOMEM;
        for (size_t i = 0; i < t->cap; i++)
                if (t->slots[i].is_used && t->slots[i].n > 0) {
                        fresh.slots[place(&fresh, t->slots[i].value)] = t->slots[i];
                        fresh.used++;
                        fresh.distinct++;
                }
        free(t->slots);
        *t = fresh;
        return 0;
}

static int tally_add(struct tally *t, uint64_t value)
{
        size_t i;

        if (4 * (t->used + 1) > 3 * t->cap && grow(t) < 0)
                return -ENOMEM;
        i = place(t, value);
        if (!t->slots[i].is_used) {
                t->slots[i].value = value;
                t->slots[i].is_used = true;
                t->used++;
        }
        t->distinct += t->slots[i].n++ == 0;
        return 0;
}

static void tally_remove(struct tally *t, uint64_t value)
{
        size_t i = place(t, value);

        if (t->slots[i].is_used && t->slots[i].n > 0)
                t->distinct -= --t->slots[i].n == 0;
}

static struct tally *tally_of(struct slide *s)
{
        if (!s->tally)
                s->tally = calloc(1, sizeof *s->tally);
        return s->tally;
}

/* ---- value_count: distinct values ---- */

static int value_add(struct slide *s, const struct hit *h)
{
        struct tally *t = tally_of(s);
        int r = t ? 0 : -ENOMEM;

        if (!h->values)
                return r == 0 && h->n_values ? tally_add(t, h->value) : r;
        for (uint32_t i = 0; i < h->n_values && r == 0; i++)
                r = tally_add(t, h->values[i]);
        return r;
}

static void value_remove(struct slide *s, const struct hit *h)
{
        if (!h->values && h->n_values)
                tally_remove(s->tally, h->value);
        for (uint32_t i = 0; h->values && i < h->n_values; i++)
                tally_remove(s->tally, h->values[i]);
}

static uint64_t tally_measure(const struct slide *s, const struct hit *hits, size_t n, size_t n_members)
{
        (void)hits;
        (void)n;
        (void)n_members;
        return s->tally ? s->tally->distinct : 0;
}

/* ---- temporal: distinct rules ---- */

static int member_add(struct slide *s, const struct hit *h)
{
        struct tally *t = tally_of(s);

        return t ? tally_add(t, h->member) : -ENOMEM;
}

static void member_remove(struct slide *s, const struct hit *h)
{
        tally_remove(s->tally, h->member);
}

/* ---- temporal_ordered: the longest row of rules, in the order listed, by event time; equal stamps count as either
 * order. All listed rules in order is what the default condition asks; a smaller number asks for any part of the list. ---- */

static uint64_t ordered_measure(const struct slide *s, const struct hit *hits, size_t n, size_t n_members)
{
        uint64_t best = 0;

        (void)s;
        /* Earliest end of a row of length k whose last rule is at most m: walk the rules, keep for each length the earliest
           time. Lists are short (Sigma rules name a handful). */
        usec *end = malloc((n_members + 1) * sizeof *end);

        if (!end)
                return 0;
        for (size_t k = 0; k <= n_members; k++)
                end[k] = k == 0 ? INT64_MIN : INT64_MAX;
        for (size_t m = 0; m < n_members; m++)
                for (size_t k = m + 1; k > 0; k--) {
                        if (end[k - 1] == INT64_MAX)
                                continue;
                        for (size_t i = 0; i < n; i++)
                                if (hits[i].member == m && hits[i].time >= end[k - 1]) {
                                        if (hits[i].time < end[k])
                                                end[k] = hits[i].time;
                                        break;
                                }
                }
        for (size_t k = 1; k <= n_members; k++)
                if (end[k] != INT64_MAX)
                        best = k;
        free(end);
        return best;
}

/* ---- The table ---- */

const struct kind kind_single = {
        .name = "single",
        .unit = "",
        .help = "hits of one alerting rule by one person",
};

static const struct kind kinds[] = {
        { .name = "event_count", .unit = "", .help = "number of hits" },
        {
                .name = "value_count",
                .needs_field = true,
                .takes_field = true,
                .add = value_add,
                .remove = value_remove,
                .measure = tally_measure,
                .unit = "distinct ",
                .help = "number of distinct values of a field",
        },
        {
                .name = "temporal",
                .is_default_all = true,
                .add = member_add,
                .remove = member_remove,
                .measure = tally_measure,
                .unit = "rules ",
                .help = "number of distinct rules that hit",
        },
        {
                .name = "temporal_ordered",
                .is_default_all = true,
                .measure = ordered_measure,
                .unit = "steps in order ",
                .help = "rules that hit in the order listed",
        },
};

const struct kind *kind_find(struct str name)
{
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (str_eqz(name, kinds[i].name))
                        return &kinds[i];
        return NULL;
}

void kind_names(struct strbuf *out)
{
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                strbuf_addf(out, "%s%s", i ? ", " : "", kinds[i].name);
}

/* ---- Slides ---- */

void slide_init(struct slide *s, const struct kind *kind)
{
        *s = (struct slide){ .kind = kind };
}

void slide_reset(struct slide *s)
{
        if (s->tally) {
                free(s->tally->slots);
                *s->tally = (struct tally){ 0 };
        }
        s->from = s->to = 0;
        s->is_valid = true;
}

void slide_done(struct slide *s)
{
        if (s->tally)
                free(s->tally->slots);
        free(s->tally);
        *s = (struct slide){ 0 };
}

/* ---- Limits ---- */

static struct str as_text(uint64_t n, char buf[24])
{
        size_t at = 24;

        do
                buf[--at] = (char)('0' + n % 10);
        while ((n /= 10) > 0);
        return str_from(buf + at, 24 - at);
}

void limits_init(struct limits *l, const struct sigma_limit *items, size_t n)
{
        *l = (struct limits){ .items = items, .n = n, .is_rising = true };
        for (size_t i = 0; i < n; i++)
                if (items[i].op != SIGMA_GT && items[i].op != SIGMA_GTE)
                        l->is_rising = false;
        if (l->is_rising && n > 0) {
                uint64_t v;

                for (size_t i = 0; i < n; i++)
                        if (str_to_u64(items[i].number, &v) == 0 && v + (items[i].op == SIGMA_GT) > l->least)
                                l->least = v + (items[i].op == SIGMA_GT);
        }
}

bool limits_met(const struct limits *l, uint64_t measure)
{
        char buf[24];
        struct str text = as_text(measure, buf);

        for (size_t i = 0; i < l->n; i++) {
                int order = number_cmp(text, l->items[i].number);
                bool holds = false;

                switch (l->items[i].op) {
                case SIGMA_GT: holds = order > 0; break;
                case SIGMA_GTE: holds = order >= 0; break;
                case SIGMA_LT: holds = order < 0; break;
                case SIGMA_LTE: holds = order <= 0; break;
                case SIGMA_EQ: holds = order == 0; break;
                case SIGMA_NEQ: holds = order != 0; break;
                }
                if (!holds)
                        return false;
        }
        return true;
}
