/* SPDX-License-Identifier: Apache-2.0 */

/* Writing windows, see state.c. */

#include "monitor/detect/state.h"

#include "monitor/detect/state_io.h"

static void put_words(struct strbuf *out, const struct words *w)
{
        io_put_number(out, w && w->at != USEC_NONE);
        if (!w || w->at == USEC_NONE)
                return;
        io_put_time(out, w->at);
        io_put_text(out, w->sentence);
        io_put_text(out, w->person);
        io_put_text(out, w->source);
        io_put_text(out, w->why);
}

static void put_hit(struct strbuf *out, const struct hit *h, usec before)
{
        io_put_number(out, (uint64_t)h->is_hot | (uint64_t)h->is_judged << 1 | (uint64_t)h->has_evidence << 2 |
                                (uint64_t)h->is_late << 3 | (uint64_t)h->is_final << 4 | (uint64_t)h->was_hot << 5 |
                                (uint64_t)h->lowered << 6 | (uint64_t)(h->story != NULL) << 8 |
                                (uint64_t)h->member << HIT_FLAGS);
        io_put_time(out, h->time - before);
        io_put_hash(out, &h->key);
        io_put_number(out, h->base);
        io_put_number(out, h->n_values);
        for (uint32_t i = 0; i < h->n_values; i++)
                io_put_hash(out, &hit_values(h)[i]);
        if (!h->story)
                return;
        io_put_signed(out, h->story->measure);
        put_words(out, &h->story->words);
}

static void put_episode(struct strbuf *out, const struct episode *e)
{
        io_put_time(out, e->first);
        io_put_time(out, e->last);
        io_put_number(out, e->count);
        io_put_signed(out, e->peak);
        io_put_hash(out, &e->id);
        io_put_number(out, e->n_evidence);
        io_put_number(out, e->n_gone);
        io_put_time(out, e->gone_last);
        io_put_number(out, e->lowered);
        io_put_number(out, (uint64_t)e->is_late | (uint64_t)e->is_told << 1);
        put_words(out, &e->words);
}

static void put_ledger(struct strbuf *out, const struct ledger *l)
{
        io_put_number(out, l->evicted);
        io_put_number(out, l->n);
        for (size_t i = 0; i < l->n; i++) {
                const struct ledger_row *row = &l->rows[i];
                int32_t before = 0;

                io_put_number(out, row->feature);
                io_put_text(out, str_from(row->text, row->text_n));
                io_put_number(out, row->n);
                for (uint32_t k = 0; k < row->n; k++) {
                        io_put_signed(out, row->days[k].day - before);
                        io_put_signed(out, row->days[k].amount);
                        before = row->days[k].day;
                }
        }
}

static void put_history(struct strbuf *out, const struct history *h)
{
        io_put_number(out, h != NULL);
        if (!h)
                return;
        io_put_number(out, h->n);
        io_put_time(out, h->n > 0 ? h->first : 0);
        io_put_time(out, h->n > 0 ? h->last : 0);
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

static void put_day(struct strbuf *out, struct day *d, int32_t before, bool only_new)
{
        struct prints *prints = only_new ? &d->fresh : &d->prints;

        io_put_signed(out, d->day - before);
        io_put_number(out, d->n);
        io_put_number(out, (uint64_t)(d->first - day_start(d->day)));
        io_put_number(out, (uint64_t)(d->last - d->first));
        io_put_number(out, (uint64_t)d->is_hot | (uint64_t)d->is_late << 1 | (uint64_t)d->has_numbers << 2);
        io_put_number(out, (uint64_t)d->sum);
        io_put_number(out, d->values.n);
        for (size_t i = 0; sketch_is_exact(&d->values) && i < d->values.n; i++)
                put_half(out, d->values.hashes[i]);
        if (!sketch_is_exact(&d->values))
                put_registers(out, d->values.registers);
        prints_sort(prints);
        io_put_number(out, prints->n);
        for (size_t i = 0; i < prints->n; i++)
                put_half(out, prints->items[i]);
        io_put_number(out, d->n_evidence);
        for (size_t i = 0; d->evidence && i < d->n_evidence; i++)
                io_put_hash(out, &d->evidence[i]);
}

static void put_days(struct strbuf *out, const struct days *all, bool only_new)
{
        int32_t before = 0;
        size_t n = 0;

        io_put_number(out, all != NULL);
        if (!all)
                return;
        for (size_t i = 0; i < all->n; i++)
                n += !only_new || !all->items[i].is_stored;
        io_put_number(out, n);
        for (size_t i = 0; i < all->n; i++) {
                struct day *day = &all->items[i];

                if (only_new && day->is_stored)
                        continue;
                put_day(out, day, before, only_new);
                before = day->day;
        }
}

static void put_hits(struct strbuf *out, const struct hits *hits, bool only_new)
{
        usec before = 0;
        size_t n = 0;

        for (size_t i = 0; only_new && i < hits->n; i++)
                n += !hits_at(hits, i)->is_stored;
        io_put_number(out, only_new ? n : hits->n);
        for (size_t i = 0; i < hits->n; i++) {
                const struct hit *h = hits_at(hits, i);

                if (only_new && h->is_stored)
                        continue;
                put_hit(out, h, before);
                before = h->time;
        }
}

static usec newest(const struct window *w)
{
        usec t = w->hits.n > 0 ? hits_at(&w->hits, w->hits.n - 1)->time : USEC_NONE;

        if (w->episodes.n > 0 && (t == USEC_NONE || w->episodes.items[w->episodes.n - 1].last > t))
                t = w->episodes.items[w->episodes.n - 1].last;
        return t;
}

/* One part. At its end the time of newest(), in eight bytes, so that it is found without reading. */
static void put_part(struct strbuf *out, const struct window *w, bool only_new)
{
        io_put_number(out, STATE_VERSION);
        put_hits(out, &w->hits, only_new);
        io_put_number(out, w->episodes.n);
        for (size_t i = 0; i < w->episodes.n; i++)
                put_episode(out, &w->episodes.items[i]);
        put_words(out, w->waiting);
        io_put_number(out, w->budget_from != USEC_NONE);
        io_put_time(out, w->budget_from != USEC_NONE ? w->budget_from : 0);
        io_put_number(out, w->budget_n);
        put_history(out, only_new ? NULL : w->history);
        put_days(out, w->days, only_new);
        put_half(out, (uint64_t)newest(w));
}

void state_write(const struct window *w, struct strbuf *out)
{
        put_part(out, w, false);
}

bool state_write_more(const struct window *w, const struct window_rule *rule, struct strbuf *out)
{
        size_t before = out->n;

        if (rule->waits || w->stored.whole == 0 || w->stored.is_stale || w->stored.n_parts >= STATE_PARTS_MAX ||
            w->stored.more > w->stored.whole)
                return false;
        put_part(out, w, true);
        return out->n - before <= w->stored.whole; /* else the whole costs as little */
}

void state_stored(struct window *w, size_t bytes, bool is_whole)
{
        for (size_t i = w->hits.n; i > 0; i--) {
                struct hit *h = hits_at(&w->hits, i - 1);

                h->is_stored = true;
        }
        for (size_t i = 0; w->days && i < w->days->n; i++) {
                struct day *day = &w->days->items[i];

                if (is_whole || !day->is_stored) {
                        w->days->bytes -= prints_bytes(&day->fresh);
                        prints_done(&day->fresh);
                }
                day->is_stored = true;
        }
        if (is_whole)
                w->stored = (struct stored){ .whole = bytes, .n_parts = 1 };
        else
                w->stored.more += bytes, w->stored.n_parts++;
}

