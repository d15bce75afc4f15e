/* SPDX-License-Identifier: Apache-2.0 */

/* Reading window state, which is bytes: numbers as LEB128, times as differences to the one before, texts with their length in front. What
 * can be computed from the hits (the slide, the set of identities) is left out. state_write.c writes it.
 *
 * The store's file may be damaged: whatever is read is checked against the invariants that window.c relies on. */

#include "monitor/detect/state.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/state_io.h"

enum { HIT_BYTES_MIN = 20, EPISODE_BYTES_MIN = 26, ROW_BYTES_MIN = 3, DAY_BYTES_MIN = 2, PAGE_BYTES_MIN = 8 };

/* ---- Reading: the first failure stays, zeroes follow it ---- */

static void get_words(struct reader *r, struct words *w)
{
        words_init(w);
        if (io_get_at_most(r, 1) == 0)
                return;
        w->at = io_get_time(r, 0);
        w->sentence = io_get_text(r);
        w->person = io_get_text(r);
        w->source = io_get_text(r);
        w->why = io_get_text(r);
}

static void get_values(struct reader *r, struct hit *h)
{
        struct hash128 *values = &h->value;

        h->n_values = (uint32_t)io_get_at_most(r, size_min(r->rest.n / HASH128_BYTES, UINT32_MAX));
        if (h->n_values > 1) {
                values = h->values = calloc(h->n_values, sizeof *h->values);
                if (!values) {
                        h->n_values = 0;
                        io_fail(r, -ENOMEM);
                }
        }
        for (uint32_t i = 0; i < h->n_values; i++)
                io_get_hash(r, &values[i]);
}

static void get_story(struct reader *r, struct hit *h)
{
        h->story = calloc(1, sizeof *h->story);
        if (!h->story) {
                io_fail(r, -ENOMEM);
                return;
        }
        h->story->measure = io_get_signed(r);
        get_words(r, &h->story->words);
}

static void get_hit(struct reader *r, struct hit *h, usec before)
{
        uint64_t flags = io_get_at_most(r, (uint64_t)UINT16_MAX << HIT_FLAGS | ((1U << HIT_FLAGS) - 1));

        *h = (struct hit){ .member = (uint16_t)(flags >> HIT_FLAGS) };
        h->is_hot = flags & 1;
        h->is_judged = flags & 2;
        h->has_evidence = flags & 4;
        h->is_late = flags & 8;
        h->is_final = flags & 16;
        h->was_hot = flags & 32;
        h->lowered = flags >> 6 & 3;
        h->time = io_get_time(r, before);
        io_get_hash(r, &h->key);
        h->base = (uint32_t)io_get_at_most(r, UINT32_MAX);
        get_values(r, h);
        if (flags & 256)
                get_story(r, h);
}

static void get_hits(struct reader *r, struct window *w, const struct window_rule *rule)
{
        uint64_t n = io_get_at_most(r, r->rest.n / HIT_BYTES_MIN);
        usec before = 0;

        if (hits_reserve(&w->hits, n) < 0)
                io_fail(r, -ENOMEM);
        for (uint64_t i = 0; i < n && r->error == 0; i++) {
                struct hit h;
                size_t place;

                get_hit(r, &h, before);
                if ((i > 0 && h.time < before) || (rule && h.member >= rule->parameters.n_members))
                        io_fail(r, -EBADMSG);
                if (r->error == 0 && hits_insert(&w->hits, &h, &place) < 0)
                        io_fail(r, -ENOMEM);
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

        *e = (struct episode){ .first = io_get_time(r, 0) };
        e->last = io_get_time(r, 0);
        e->count = io_get_number(r);
        e->peak = io_get_signed(r);
        io_get_hash(r, &e->id);
        e->n_evidence = (uint32_t)io_get_at_most(r, UINT32_MAX);
        e->n_gone = io_get_number(r);
        e->gone_last = io_get_time(r, 0);
        e->lowered = (uint8_t)io_get_at_most(r, UINT8_MAX);
        flags = io_get_at_most(r, 3);
        e->is_late = flags & 1;
        e->is_told = flags & 2;
        get_words(r, &e->words);
}

static void get_episodes(struct reader *r, struct window *w, const struct window_rule *rule)
{
        uint64_t n = io_get_at_most(r, r->rest.n / EPISODE_BYTES_MIN);
        usec apart = rule ? rule->timespan : 0;

        w->episodes.items = n > 0 ? calloc(n, sizeof *w->episodes.items) : NULL;
        if (n > 0 && !w->episodes.items)
                io_fail(r, -ENOMEM);
        for (w->episodes.cap = w->episodes.items ? n : 0; w->episodes.n < w->episodes.cap && r->error == 0; w->episodes.n++) {
                struct episode *e = &w->episodes.items[w->episodes.n];

                get_episode(r, e);
                if (e->last < e->first || (w->episodes.n > 0 && e->first - e[-1].last <= apart))
                        io_fail(r, -EBADMSG);
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
        io_fail(r, -ENOMEM);
}

static void get_row(struct reader *r, struct ledger *l)
{
        uint8_t feature = (uint8_t)io_get_at_most(r, UINT8_MAX);
        struct str text = io_get_text(r);
        uint64_t n = io_get_at_most(r, r->rest.n / DAY_BYTES_MIN);
        int64_t day = 0;

        if (!text.p || text.n > LEDGER_TEXT_MAX)
                io_fail(r, -EBADMSG);
        for (uint64_t i = 0; i < n && r->error == 0; i++) {
                int64_t amount;

                if (__builtin_add_overflow(day, io_get_signed(r), &day) || day < INT32_MIN / 2 || day > INT32_MAX / 2)
                        io_fail(r, -EBADMSG);
                amount = io_get_signed(r);
                if (r->error == 0 && ledger_add(l, feature, text, (int32_t)day, amount) < 0)
                        io_fail(r, -ENOMEM);
        }
        free((char *)text.p);
}

static void get_history(struct reader *r, struct window *w, const struct window_rule *rule)
{
        struct history *h;
        uint64_t n;

        if (io_get_at_most(r, 1) == 0) {
                if (rule && rule->kind->judge && w->hits.n > 0)
                        io_fail(r, -EBADMSG);
                return;
        }
        if ((rule && !rule->kind->judge) || window_history(w) < 0) {
                io_fail(r, !rule || rule->kind->judge ? -ENOMEM : -EBADMSG);
                return;
        }
        h = w->history;
        h->n = io_get_number(r);
        h->first = io_get_time(r, 0);
        h->last = io_get_time(r, 0);
        if (h->n == 0)
                h->first = h->last = USEC_NONE;
        h->ledger.evicted = h->counted = io_get_number(r);
        n = io_get_at_most(r, r->rest.n / ROW_BYTES_MIN);
        for (uint64_t i = 0; i < n && r->error == 0; i++)
                get_row(r, &h->ledger);
}

/* ---- Days ---- */

static uint64_t get_half(struct reader *r)
{
        uint64_t v = 0;

        if (r->rest.n < sizeof v) {
                io_fail(r, -EBADMSG);
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
                io_fail(r, -ENOMEM);
                return;
        }
        for (size_t i = 0; i < SKETCH_REGISTERS;) {
                unsigned char c = r->rest.n > 0 ? (unsigned char)r->rest.p[0] : 0;
                size_t zeroes = c >= ZEROES ? c - ZEROES + 1 : 0;

                if (c == 0 || (c > SKETCH_RANK_MAX && c < ZEROES) || zeroes > SKETCH_REGISTERS - i) {
                        io_fail(r, -EBADMSG);
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
        uint64_t n = io_get_at_most(r, SKETCH_EXACT_MAX + 1), before = 0;

        if (n > SKETCH_EXACT_MAX) {
                get_registers(r, s);
                return;
        }
        for (uint64_t i = 0; i < n && r->error == 0; i++) {
                uint64_t hash = get_half(r);

                if (i > 0 && hash <= before)
                        io_fail(r, -EBADMSG);
                if (r->error == 0 && sketch_add(s, hash) < 0)
                        io_fail(r, -ENOMEM);
                before = hash;
        }
}

static void get_prints(struct reader *r, struct prints *p)
{
        uint64_t n = io_get_at_most(r, r->rest.n / sizeof(uint64_t)), before = 0;

        for (uint64_t i = 0; i < n && r->error == 0; i++) {
                uint64_t print = get_half(r);

                if (i > 0 && print <= before)
                        io_fail(r, -EBADMSG);
                if (r->error == 0 && prints_add(p, print) < 0)
                        io_fail(r, -ENOMEM);
                before = print;
        }
}

static void get_evidence(struct reader *r, struct day *d)
{
        size_t n = io_get_at_most(r, DAYS_EVIDENCE_MAX);

        d->n_evidence = (uint8_t)n;
        if (n == 0 || d->is_hot)
                return;
        d->evidence = calloc(n, sizeof *d->evidence);
        if (!d->evidence) {
                io_fail(r, -ENOMEM);
                return;
        }
        for (size_t i = 0; i < n; i++)
                io_get_hash(r, &d->evidence[i]);
}

static void get_day(struct reader *r, struct day *d, int64_t before)
{
        int64_t day = 0;
        uint64_t flags;

        *d = (struct day){ 0 };
        if (__builtin_add_overflow(io_get_signed(r), before, &day) || day < -IO_TIME_MAX / USEC_PER_DAY ||
            day > IO_TIME_MAX / USEC_PER_DAY) {
                io_fail(r, -EBADMSG);
                return;
        }
        d->day = (int32_t)day;
        d->n = io_get_number(r);
        d->first = day_start(d->day) + (usec)io_get_at_most(r, USEC_PER_DAY - 1);
        d->last = d->first + (usec)io_get_at_most(r, (uint64_t)(day_start(d->day) + USEC_PER_DAY - 1 - d->first));
        flags = io_get_at_most(r, 7);
        d->is_hot = flags & 1;
        d->is_late = flags & 2;
        d->has_numbers = flags & 4;
        d->sum = (measure_t)io_get_at_most(r, INT64_MAX);
        get_sketch(r, &d->values);
        get_prints(r, &d->prints);
        get_evidence(r, d);
        if (d->n == 0)
                io_fail(r, -EBADMSG);
}

/* Each rule has either days or hits. */
static void get_days(struct reader *r, struct window *w, const struct window_rule *rule)
{
        struct days *all;
        uint64_t n;

        if (io_get_at_most(r, 1) == 0) {
                if (rule && rule->by_days && w->hits.n > 0)
                        io_fail(r, -EBADMSG);
                return;
        }
        n = io_get_at_most(r, size_min(r->rest.n / PAGE_BYTES_MIN, DAYS_MAX));
        if ((rule && !rule->by_days) || w->hits.n > 0)
                io_fail(r, -EBADMSG);
        if (r->error < 0)
                return;
        w->days = all = calloc(1, sizeof *all);
        if (all && n > 0)
                all->items = calloc(n, sizeof *all->items);
        if (!all || (n > 0 && !all->items)) {
                io_fail(r, -ENOMEM);
                return;
        }
        for (all->cap = n; all->n < n && r->error == 0; all->n++) {
                const struct day *before = all->n > 0 ? &all->items[all->n - 1] : NULL;

                get_day(r, &all->items[all->n], before ? before->day : 0);
                if (before && all->items[all->n].day <= before->day)
                        io_fail(r, -EBADMSG);
        }
        days_filled(all);
}

static void get_part(struct reader *r, struct window *w, const struct window_rule *rule)
{
        bool has_budget;
        usec from;

        if (io_get_number(r) != STATE_VERSION)
                io_fail(r, -EBADMSG);
        get_hits(r, w, rule);
        get_episodes(r, w, rule);
        get_waiting(r, w);
        has_budget = io_get_at_most(r, 1);
        from = io_get_time(r, 0);
        w->budget_from = has_budget ? from : USEC_NONE;
        w->budget_n = (uint32_t)io_get_at_most(r, UINT32_MAX);
        get_history(r, w, rule);
        get_days(r, w, rule);
        (void)get_half(r);
}

/* An addition: what it says goes before what was there. */
static void get_more(struct reader *r, struct window *w, const struct window_rule *rule)
{
        struct window more;
        int k;

        window_init(&more);
        get_part(r, &more, rule);
        if (r->error == 0 && more.history)
                io_fail(r, -EBADMSG);
        k = r->error < 0 ? 0 : state_merge(w, &more);
        if (k < 0)
                io_fail(r, k);
        window_done(&more);
}

bool state_newest(struct str blob, usec *ret)
{
        struct reader r = { .rest = blob };

        if (blob.n < sizeof(uint64_t) || io_get_number(&r) != STATE_VERSION)
                return false;
        r.rest = str_from(blob.p + blob.n - sizeof(uint64_t), sizeof(uint64_t));
        *ret = (usec)get_half(&r);
        return r.error == 0;
}

int state_read(struct window *w, const struct window_rule *rule, struct str blob)
{
        struct reader r = { .rest = blob };
        size_t whole;

        get_part(&r, w, rule);
        whole = blob.n - r.rest.n;
        for (unsigned n = 1; r.rest.n > 0 && r.error == 0; n++) {
                if (n > STATE_PARTS_MAX)
                        io_fail(&r, -EBADMSG);
                else
                        get_more(&r, w, rule);
                w->stored.n_parts++;
        }
        if (r.error < 0) {
                window_done(w);
                return r.error;
        }
        for (size_t i = 0; i < w->hits.n; i++)
                hits_at(&w->hits, i)->is_stored = true;
        for (size_t i = 0; w->days && i < w->days->n; i++)
                w->days->items[i].is_stored = true;
        w->stored.whole = whole;
        w->stored.more = blob.n - whole;
        w->stored.n_parts++;
        return 0;
}
