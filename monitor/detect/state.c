/* SPDX-License-Identifier: Apache-2.0 */

/* Window state as bytes: numbers as LEB128, times as differences to the one before, texts with their length in front. What
 * can be computed from the hits (the slide, the set of identities) is left out.
 *
 * The store's file may be damaged: whatever is read is checked against the invariants that window.c relies on. */

#include "monitor/detect/state.h"

#include <errno.h>
#include <stdlib.h>

/* Times of records lie within the years 1 to 9999; this leaves room for sums with any timespan. */
#define TIME_MAX INT64_C(1000000000000000000)
enum { HIT_FLAGS = 9 }; /* bits before the member */
enum { HIT_BYTES_MIN = 20, EPISODE_BYTES_MIN = 26, ROW_BYTES_MIN = 3, DAY_BYTES_MIN = 2, PAGE_BYTES_MIN = 8 };
enum { ZEROES = 128 }; /* register bytes from here on: so many zeroes less ZEROES - 1 */

/* ---- Writing ---- */

static void put_number(struct strbuf *out, uint64_t v)
{
        while (v > 0x7F) {
                strbuf_addc(out, (char)((v & 0x7F) | 0x80));
                v >>= 7;
        }
        strbuf_addc(out, (char)v);
}

static void put_signed(struct strbuf *out, int64_t v)
{
        put_number(out, (uint64_t)v << 1 ^ (uint64_t)(v < 0 ? -1 : 0)); /* zigzag */
}

static void put_time(struct strbuf *out, usec t)
{
        put_signed(out, t);
}

static void put_hash(struct strbuf *out, const struct hash128 *h)
{
        strbuf_add(out, str_from((const char *)h->b, sizeof h->b));
}

/* 0: absent, else the length plus one. */
static void put_text(struct strbuf *out, struct str text)
{
        put_number(out, text.p ? text.n + 1 : 0);
        strbuf_add(out, text);
}

static void put_words(struct strbuf *out, const struct words *w)
{
        put_number(out, w && w->at != USEC_NONE);
        if (!w || w->at == USEC_NONE)
                return;
        put_time(out, w->at);
        put_text(out, w->sentence);
        put_text(out, w->person);
        put_text(out, w->source);
        put_text(out, w->why);
}

static void put_hit(struct strbuf *out, const struct hit *h, usec before)
{
        put_number(out, (uint64_t)h->is_hot | (uint64_t)h->is_judged << 1 | (uint64_t)h->has_evidence << 2 |
                                (uint64_t)h->is_late << 3 | (uint64_t)h->is_final << 4 | (uint64_t)h->was_hot << 5 |
                                (uint64_t)h->lowered << 6 | (uint64_t)(h->story != NULL) << 8 |
                                (uint64_t)h->member << HIT_FLAGS);
        put_time(out, h->time - before);
        put_hash(out, &h->key);
        put_number(out, h->base);
        put_number(out, h->n_values);
        for (uint32_t i = 0; i < h->n_values; i++)
                put_hash(out, &hit_values(h)[i]);
        if (!h->story)
                return;
        put_signed(out, h->story->measure);
        put_words(out, &h->story->words);
}

static void put_episode(struct strbuf *out, const struct episode *e)
{
        put_time(out, e->first);
        put_time(out, e->last);
        put_number(out, e->count);
        put_signed(out, e->peak);
        put_hash(out, &e->id);
        put_number(out, e->n_evidence);
        put_number(out, e->n_gone);
        put_time(out, e->gone_last);
        put_number(out, e->lowered);
        put_number(out, (uint64_t)e->is_late | (uint64_t)e->is_told << 1);
        put_words(out, &e->words);
}

static void put_ledger(struct strbuf *out, const struct ledger *l)
{
        put_number(out, l->evicted);
        put_number(out, l->n);
        for (size_t i = 0; i < l->n; i++) {
                const struct ledger_row *row = &l->rows[i];
                int32_t before = 0;

                put_number(out, row->feature);
                put_text(out, str_from(row->text, row->text_n));
                put_number(out, row->n);
                for (uint32_t k = 0; k < row->n; k++) {
                        put_signed(out, row->days[k].day - before);
                        put_signed(out, row->days[k].amount);
                        before = row->days[k].day;
                }
        }
}

static void put_history(struct strbuf *out, const struct history *h)
{
        put_number(out, h != NULL);
        if (!h)
                return;
        put_number(out, h->n);
        put_time(out, h->n > 0 ? h->first : 0);
        put_time(out, h->n > 0 ? h->last : 0);
        put_ledger(out, &h->ledger);
}

static void put_half(struct strbuf *out, uint64_t v)
{
        for (unsigned i = 0; i < sizeof v; i++)
                strbuf_addc(out, (char)(v >> (8 * i)));
}

/* Registers of zero, which are many at first, as their number. */
static void put_registers(struct strbuf *out, const uint8_t *registers)
{
        for (size_t i = 0, zeroes = 0; i < SKETCH_REGISTERS; i++) {
                zeroes += registers[i] == 0;
                if (zeroes > 0 && (registers[i] > 0 || zeroes == ZEROES || i + 1 == SKETCH_REGISTERS)) {
                        strbuf_addc(out, (char)(ZEROES - 1 + zeroes));
                        zeroes = 0;
                }
                if (registers[i] > 0)
                        strbuf_addc(out, (char)registers[i]);
        }
}

static void put_day(struct strbuf *out, struct day *d, int32_t before)
{
        put_signed(out, d->day - before);
        put_number(out, d->n);
        put_number(out, (uint64_t)(d->first - day_start(d->day)));
        put_number(out, (uint64_t)(d->last - d->first));
        put_number(out, (uint64_t)d->is_hot | (uint64_t)d->is_late << 1 | (uint64_t)d->has_numbers << 2);
        put_number(out, (uint64_t)d->sum);
        put_number(out, d->values.n);
        for (size_t i = 0; sketch_is_exact(&d->values) && i < d->values.n; i++)
                put_half(out, d->values.hashes[i]);
        if (!sketch_is_exact(&d->values))
                put_registers(out, d->values.registers);
        prints_sort(&d->prints);
        put_number(out, d->prints.n);
        for (size_t i = 0; i < d->prints.n; i++)
                put_half(out, d->prints.items[i]);
        put_number(out, d->n_evidence);
        for (size_t i = 0; d->evidence && i < d->n_evidence; i++)
                put_hash(out, &d->evidence[i]);
}

static void put_days(struct strbuf *out, const struct days *all)
{
        put_number(out, all != NULL);
        if (!all)
                return;
        put_number(out, all->n);
        for (size_t i = 0; i < all->n; i++)
                put_day(out, &all->items[i], i > 0 ? all->items[i - 1].day : 0);
}

void state_write(const struct window *w, struct strbuf *out)
{
        usec before = 0;

        put_number(out, STATE_VERSION);
        put_number(out, w->hits.n);
        for (size_t i = 0; i < w->hits.n; i++) {
                const struct hit *h = hits_at(&w->hits, i);

                put_hit(out, h, before);
                before = h->time;
        }
        put_number(out, w->episodes.n);
        for (size_t i = 0; i < w->episodes.n; i++)
                put_episode(out, &w->episodes.items[i]);
        put_words(out, w->waiting);
        put_number(out, w->budget_from != USEC_NONE);
        put_time(out, w->budget_from != USEC_NONE ? w->budget_from : 0);
        put_number(out, w->budget_n);
        put_history(out, w->history);
        put_days(out, w->days);
}

/* ---- Reading: the first failure stays, zeroes follow it ---- */

struct reader {
        struct str rest;
        int error;
};

static void fail(struct reader *r, int code)
{
        if (r->error == 0)
                r->error = code;
        r->rest.n = 0;
}

static uint64_t get_number(struct reader *r)
{
        uint64_t v = 0;

        for (unsigned shift = 0; shift < 64 && r->rest.n > 0; shift += 7) {
                unsigned char c = (unsigned char)r->rest.p[0];

                r->rest = str_from(r->rest.p + 1, r->rest.n - 1);
                v |= (uint64_t)(c & 0x7F) << shift;
                if (c < 0x80)
                        return v;
        }
        fail(r, -EBADMSG);
        return 0;
}

static uint64_t get_at_most(struct reader *r, uint64_t max)
{
        uint64_t v = get_number(r);

        if (v <= max)
                return v;
        fail(r, -EBADMSG);
        return 0;
}

static int64_t get_signed(struct reader *r)
{
        uint64_t v = get_number(r);

        return (int64_t)(v >> 1 ^ -(v & 1));
}

static usec get_time(struct reader *r, usec before)
{
        usec t;

        if (!__builtin_add_overflow(get_signed(r), before, &t) && t >= -TIME_MAX && t <= TIME_MAX)
                return t;
        fail(r, -EBADMSG);
        return 0;
}

static void get_hash(struct reader *r, struct hash128 *ret)
{
        if (r->rest.n < sizeof ret->b) {
                fail(r, -EBADMSG);
                return;
        }
        memcpy(ret->b, r->rest.p, sizeof ret->b);
        r->rest = str_from(r->rest.p + sizeof ret->b, r->rest.n - sizeof ret->b);
}

static struct str get_text(struct reader *r)
{
        uint64_t n = get_at_most(r, r->rest.n);
        char *p;

        if (n == 0 || n - 1 > r->rest.n) {
                if (n > 0)
                        fail(r, -EBADMSG);
                return STR_NONE;
        }
        p = str_dupz(str_from(r->rest.p, n - 1));
        if (!p) {
                fail(r, -ENOMEM);
                return STR_NONE;
        }
        r->rest = str_from(r->rest.p + n - 1, r->rest.n - (n - 1));
        return str_from(p, n - 1);
}

static void get_words(struct reader *r, struct words *w)
{
        words_init(w);
        if (get_at_most(r, 1) == 0)
                return;
        w->at = get_time(r, 0);
        w->sentence = get_text(r);
        w->person = get_text(r);
        w->source = get_text(r);
        w->why = get_text(r);
}

static void get_values(struct reader *r, struct hit *h)
{
        struct hash128 *values = &h->value;

        h->n_values = (uint32_t)get_at_most(r, size_min(r->rest.n / HASH128_BYTES, UINT32_MAX));
        if (h->n_values > 1) {
                values = h->values = calloc(h->n_values, sizeof *h->values);
                if (!values) {
                        h->n_values = 0;
                        fail(r, -ENOMEM);
                }
        }
        for (uint32_t i = 0; i < h->n_values; i++)
                get_hash(r, &values[i]);
}

static void get_story(struct reader *r, struct hit *h)
{
        h->story = calloc(1, sizeof *h->story);
        if (!h->story) {
                fail(r, -ENOMEM);
                return;
        }
        h->story->measure = get_signed(r);
        get_words(r, &h->story->words);
}

static void get_hit(struct reader *r, struct hit *h, usec before)
{
        uint64_t flags = get_at_most(r, (uint64_t)UINT16_MAX << HIT_FLAGS | ((1U << HIT_FLAGS) - 1));

        *h = (struct hit){ .member = (uint16_t)(flags >> HIT_FLAGS) };
        h->is_hot = flags & 1;
        h->is_judged = flags & 2;
        h->has_evidence = flags & 4;
        h->is_late = flags & 8;
        h->is_final = flags & 16;
        h->was_hot = flags & 32;
        h->lowered = flags >> 6 & 3;
        h->time = get_time(r, before);
        get_hash(r, &h->key);
        h->base = (uint32_t)get_at_most(r, UINT32_MAX);
        get_values(r, h);
        if (flags & 256)
                get_story(r, h);
}

static void get_hits(struct reader *r, struct window *w, const struct window_rule *rule)
{
        uint64_t n = get_at_most(r, r->rest.n / HIT_BYTES_MIN);
        usec before = 0;

        if (hits_reserve(&w->hits, n) < 0)
                fail(r, -ENOMEM);
        for (uint64_t i = 0; i < n && r->error == 0; i++) {
                struct hit h;
                size_t place;

                get_hit(r, &h, before);
                if ((i > 0 && h.time < before) || (rule && h.member >= rule->parameters.n_members))
                        fail(r, -EBADMSG);
                if (r->error == 0 && hits_insert(&w->hits, &h, &place) < 0)
                        fail(r, -ENOMEM);
                if (r->error != 0) {
                        hit_done(&h);
                        return;
                }
                w->n_unjudged += rule && rule->waits && !h.is_judged;
                before = h.time;
        }
}

static void get_episode(struct reader *r, struct episode *e)
{
        uint64_t flags;

        *e = (struct episode){ .first = get_time(r, 0) };
        e->last = get_time(r, 0);
        e->count = get_number(r);
        e->peak = get_signed(r);
        get_hash(r, &e->id);
        e->n_evidence = (uint32_t)get_at_most(r, UINT32_MAX);
        e->n_gone = get_number(r);
        e->gone_last = get_time(r, 0);
        e->lowered = (uint8_t)get_at_most(r, UINT8_MAX);
        flags = get_at_most(r, 3);
        e->is_late = flags & 1;
        e->is_told = flags & 2;
        get_words(r, &e->words);
}

static void get_episodes(struct reader *r, struct window *w, const struct window_rule *rule)
{
        uint64_t n = get_at_most(r, r->rest.n / EPISODE_BYTES_MIN);
        usec apart = rule ? rule->timespan : 0;

        w->episodes.items = n > 0 ? calloc(n, sizeof *w->episodes.items) : NULL;
        if (n > 0 && !w->episodes.items)
                fail(r, -ENOMEM);
        for (w->episodes.cap = w->episodes.items ? n : 0; w->episodes.n < w->episodes.cap && r->error == 0; w->episodes.n++) {
                struct episode *e = &w->episodes.items[w->episodes.n];

                get_episode(r, e);
                if (e->last < e->first || (w->episodes.n > 0 && e->first - e[-1].last <= apart))
                        fail(r, -EBADMSG);
        }
}

static void get_waiting(struct reader *r, struct window *w)
{
        struct words words;

        get_words(r, &words);
        if (words.at == USEC_NONE)
                return;
        w->waiting = malloc(sizeof *w->waiting);
        if (w->waiting) {
                *w->waiting = words;
                return;
        }
        words_done(&words);
        fail(r, -ENOMEM);
}

static void get_row(struct reader *r, struct ledger *l)
{
        uint8_t feature = (uint8_t)get_at_most(r, UINT8_MAX);
        struct str text = get_text(r);
        uint64_t n = get_at_most(r, r->rest.n / DAY_BYTES_MIN);
        int64_t day = 0;

        if (!text.p || text.n > LEDGER_TEXT_MAX)
                fail(r, -EBADMSG);
        for (uint64_t i = 0; i < n && r->error == 0; i++) {
                int64_t amount;

                if (__builtin_add_overflow(day, get_signed(r), &day) || day < INT32_MIN / 2 || day > INT32_MAX / 2)
                        fail(r, -EBADMSG);
                amount = get_signed(r);
                if (r->error == 0 && ledger_add(l, feature, text, (int32_t)day, amount) < 0)
                        fail(r, -ENOMEM);
        }
        free((char *)text.p);
}

static void get_history(struct reader *r, struct window *w, const struct window_rule *rule)
{
        struct history *h;
        uint64_t n;

        if (get_at_most(r, 1) == 0) {
                if (rule && rule->kind->judge && w->hits.n > 0)
                        fail(r, -EBADMSG);
                return;
        }
        if ((rule && !rule->kind->judge) || window_history(w) < 0) {
                fail(r, !rule || rule->kind->judge ? -ENOMEM : -EBADMSG);
                return;
        }
        h = w->history;
        h->n = get_number(r);
        h->first = get_time(r, 0);
        h->last = get_time(r, 0);
        if (h->n == 0)
                h->first = h->last = USEC_NONE;
        h->ledger.evicted = h->counted = get_number(r);
        n = get_at_most(r, r->rest.n / ROW_BYTES_MIN);
        for (uint64_t i = 0; i < n && r->error == 0; i++)
                get_row(r, &h->ledger);
}

/* ---- Days ---- */

static uint64_t get_half(struct reader *r)
{
        uint64_t v = 0;

        if (r->rest.n < sizeof v) {
                fail(r, -EBADMSG);
                return 0;
        }
        for (unsigned i = 0; i < sizeof v; i++)
                v |= (uint64_t)(unsigned char)r->rest.p[i] << (8 * i);
        r->rest = str_from(r->rest.p + sizeof v, r->rest.n - sizeof v);
        return v;
}

static void get_registers(struct reader *r, struct sketch *s)
{
        if (sketch_open(s) < 0) {
                fail(r, -ENOMEM);
                return;
        }
        for (size_t i = 0; i < SKETCH_REGISTERS;) {
                unsigned char c = r->rest.n > 0 ? (unsigned char)r->rest.p[0] : 0;
                size_t zeroes = c >= ZEROES ? c - ZEROES + 1 : 0;

                if (c == 0 || (c > SKETCH_RANK_MAX && c < ZEROES) || zeroes > SKETCH_REGISTERS - i) {
                        fail(r, -EBADMSG);
                        return;
                }
                r->rest = str_from(r->rest.p + 1, r->rest.n - 1);
                if (zeroes == 0)
                        s->registers[i] = c;
                i += zeroes > 0 ? zeroes : 1;
        }
}

static void get_sketch(struct reader *r, struct sketch *s)
{
        uint64_t n = get_at_most(r, SKETCH_EXACT_MAX + 1), before = 0;

        if (n > SKETCH_EXACT_MAX) {
                get_registers(r, s);
                return;
        }
        for (uint64_t i = 0; i < n && r->error == 0; i++) {
                uint64_t hash = get_half(r);

                if (i > 0 && hash <= before)
                        fail(r, -EBADMSG);
                if (r->error == 0 && sketch_add(s, hash) < 0)
                        fail(r, -ENOMEM);
                before = hash;
        }
}

static void get_prints(struct reader *r, struct prints *p)
{
        uint64_t n = get_at_most(r, r->rest.n / sizeof(uint64_t)), before = 0;

        for (uint64_t i = 0; i < n && r->error == 0; i++) {
                uint64_t print = get_half(r);

                if (i > 0 && print <= before)
                        fail(r, -EBADMSG);
                if (r->error == 0 && prints_add(p, print) < 0)
                        fail(r, -ENOMEM);
                before = print;
        }
}

static void get_evidence(struct reader *r, struct day *d)
{
        size_t n = get_at_most(r, DAYS_EVIDENCE_MAX);

        d->n_evidence = (uint8_t)n;
        if (n == 0 || d->is_hot)
                return;
        d->evidence = calloc(n, sizeof *d->evidence);
        if (!d->evidence) {
                fail(r, -ENOMEM);
                return;
        }
        for (size_t i = 0; i < n; i++)
                get_hash(r, &d->evidence[i]);
}

static void get_day(struct reader *r, struct day *d, int64_t before)
{
        int64_t day = 0;
        uint64_t flags;

        *d = (struct day){ 0 };
        if (__builtin_add_overflow(get_signed(r), before, &day) || day < -TIME_MAX / USEC_PER_DAY ||
            day > TIME_MAX / USEC_PER_DAY) {
                fail(r, -EBADMSG);
                return;
        }
        d->day = (int32_t)day;
        d->n = get_number(r);
        d->first = day_start(d->day) + (usec)get_at_most(r, USEC_PER_DAY - 1);
        d->last = d->first + (usec)get_at_most(r, (uint64_t)(day_start(d->day) + USEC_PER_DAY - 1 - d->first));
        flags = get_at_most(r, 7);
        d->is_hot = flags & 1;
        d->is_late = flags & 2;
        d->has_numbers = flags & 4;
        d->sum = (measure_t)get_at_most(r, INT64_MAX);
        get_sketch(r, &d->values);
        get_prints(r, &d->prints);
        get_evidence(r, d);
        if (d->n == 0)
                fail(r, -EBADMSG);
}

/* Each rule has either days or hits. */
static void get_days(struct reader *r, struct window *w, const struct window_rule *rule)
{
        struct days *all;
        uint64_t n;

        if (get_at_most(r, 1) == 0) {
                if (rule && rule->by_days && w->hits.n > 0)
                        fail(r, -EBADMSG);
                return;
        }
        n = get_at_most(r, size_min(r->rest.n / PAGE_BYTES_MIN, DAYS_MAX));
        if ((rule && !rule->by_days) || w->hits.n > 0)
                fail(r, -EBADMSG);
        if (r->error < 0)
                return;
        w->days = all = calloc(1, sizeof *all);
        if (all && n > 0)
                all->items = calloc(n, sizeof *all->items);
        if (!all || (n > 0 && !all->items)) {
                fail(r, -ENOMEM);
                return;
        }
        for (all->cap = n; all->n < n && r->error == 0; all->n++) {
                const struct day *before = all->n > 0 ? &all->items[all->n - 1] : NULL;

                get_day(r, &all->items[all->n], before ? before->day : 0);
                if (before && all->items[all->n].day <= before->day)
                        fail(r, -EBADMSG);
        }
        days_filled(all);
}

int state_read(struct window *w, const struct window_rule *rule, struct str blob)
{
        struct reader r = { .rest = blob };
        bool has_budget;
        usec from;

        if (get_number(&r) != STATE_VERSION)
                fail(&r, -EBADMSG);
        get_hits(&r, w, rule);
        get_episodes(&r, w, rule);
        get_waiting(&r, w);
        has_budget = get_at_most(&r, 1);
        from = get_time(&r, 0);
        w->budget_from = has_budget ? from : USEC_NONE;
        w->budget_n = (uint32_t)get_at_most(&r, UINT32_MAX);
        get_history(&r, w, rule);
        get_days(&r, w, rule);
        if (r.rest.n > 0)
                fail(&r, -EBADMSG);
        if (r.error < 0)
                window_done(w);
        return r.error;
}
