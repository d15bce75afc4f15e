/* SPDX-License-Identifier: Apache-2.0 */

/* Window state as bytes: numbers as LEB128, times as differences to the one before, texts with their length in front. */

#include "monitor/detect/state.h"

#include <errno.h>
#include <stdlib.h>

static void put_number(struct strbuf *out, uint64_t v)
{
        do {
                strbuf_addc(out, (char)((v & 0x7F) | (v > 0x7F ? 0x80 : 0)));
                v >>= 7;
        } while (v > 0);
}

static void put_time(struct strbuf *out, usec t)
{
        put_number(out, (uint64_t)t << 1 ^ (uint64_t)(t >> 63)); /* zigzag */
}

static void put_text(struct strbuf *out, const char *text)
{
        put_number(out, text ? strlen(text) + 1 : 0);
        if (text)
                strbuf_add(out, str_of(text));
}

static void put_hit(struct strbuf *out, const struct hit *h, usec before)
{
        put_number(out, (uint64_t)h->is_hot | (uint64_t)h->is_judged << 1 | (uint64_t)h->has_evidence << 2 | (uint64_t)h->member << 3);
        put_time(out, h->time - before);
        strbuf_add(out, str_from((const char *)h->key.b, sizeof h->key.b));
        put_number(out, h->n_values);
        for (uint32_t i = 0; i < h->n_values; i++)
                put_number(out, h->values ? h->values[i] : h->value);
}

static void put_episode(struct strbuf *out, const struct episode *e)
{
        put_time(out, e->first);
        put_time(out, e->last);
        put_number(out, e->count);
        put_number(out, e->peak);
        strbuf_add(out, str_from((const char *)e->id.b, sizeof e->id.b));
        put_number(out, e->n_evidence);
        put_number(out, e->is_late);
        put_time(out, e->told_at);
        put_text(out, e->sentence);
        put_text(out, e->person);
        put_text(out, e->source);
}

void state_write(const struct window *w, struct strbuf *out)
{
        usec before = 0;

        put_number(out, STATE_VERSION);
        put_number(out, w->n);
        for (size_t i = 0; i < w->n; i++) {
                put_hit(out, &w->hits[w->head + i], before);
                before = w->hits[w->head + i].time;
        }
        put_number(out, w->n_episodes);
        for (size_t i = 0; i < w->n_episodes; i++)
                put_episode(out, &w->episodes[i]);
}

/* ---- Reading: a sticky failure, zeroes after it ---- */

struct source {
        struct str rest;
        int error;
};

static uint64_t get_number(struct source *s)
{
        uint64_t v = 0;

        for (unsigned shift = 0; shift < 64 && s->rest.n > 0; shift += 7) {
                unsigned char c = (unsigned char)s->rest.p[0];

                s->rest = str_from(s->rest.p + 1, s->rest.n - 1);
                v |= (uint64_t)(c & 0x7F) << shift;
                if (c < 0x80)
                        return v;
        }
        s->error = -EBADMSG;
        return 0;
}

static usec get_time(struct source *s)
{
        uint64_t v = get_number(s);

        return (usec)(v >> 1 ^ -(v & 1));
}

static void get_bytes(struct source *s, void *to, size_t n)
{
        if (s->rest.n < n) {
                s->error = -EBADMSG;
                return;
        }
        memcpy(to, s->rest.p, n);
        s->rest = str_from(s->rest.p + n, s->rest.n - n);
}

static char *get_text(struct source *s)
{
        uint64_t n = get_number(s);
        char *text;

        if (n == 0)
                return NULL;
        if (n - 1 > s->rest.n) {
                s->error = -EBADMSG;
                return NULL;
        }
        text = str_dupz(str_from(s->rest.p, n - 1));
        if (!text)
                s->error = -ENOMEM;
        s->rest = str_from(s->rest.p + n - 1, s->rest.n - (n - 1));
        return text;
}

static void get_hit(struct source *s, struct hit *h, usec before)
{
        uint64_t flags = get_number(s), n;

        *h = (struct hit){ .is_hot = flags & 1, .is_judged = flags & 2, .has_evidence = flags & 4, .member = (uint16_t)(flags >> 3) };
        h->time = (usec)((uint64_t)before + (uint64_t)get_time(s));
        get_bytes(s, h->key.b, sizeof h->key.b);
        n = get_number(s);
        if (n > s->rest.n) {
                s->error = -EBADMSG;
                return;
        }
        h->n_values = (uint32_t)n;
        if (n == 1)
                h->value = get_number(s);
        if (n < 2)
                return;
        h->values = calloc(n, sizeof *h->values);
        if (!h->values)
                s->error = -ENOMEM;
        for (uint64_t i = 0; h->values && i < n; i++)
                h->values[i] = get_number(s);
}

static void get_episode(struct source *s, struct episode *e)
{
        *e = (struct episode){ .first = get_time(s) };
        e->last = get_time(s);
        e->count = get_number(s);
        e->peak = get_number(s);
        get_bytes(s, e->id.b, sizeof e->id.b);
        e->n_evidence = (uint32_t)get_number(s);
        e->is_late = get_number(s);
        e->told_at = get_time(s);
        e->sentence = get_text(s);
        e->person = get_text(s);
        e->source = get_text(s);
}

static int read_hits(struct window *w, struct source *s)
{
        uint64_t n = get_number(s);
        usec before = 0;

        if (n > s->rest.n || s->error)
                return -EBADMSG;
        w->hits = calloc(n + 1, sizeof *w->hits);
        if (!w->hits)
                return -ENOMEM;
        w->cap = n + 1;
        for (; w->n < n && !s->error; w->n++) {
                struct hit *h = &w->hits[w->n];

                get_hit(s, h, before);
                if (w->n > 0 && h->time < before)
                        s->error = -EBADMSG;
                before = h->time;
                w->n_waiting += h->has_evidence && !h->is_hot;
        }
        return s->error;
}

int state_read(struct window *w, struct str blob)
{
        struct source s = { .rest = blob };
        uint64_t n;
        int r;

        if (get_number(&s) != STATE_VERSION)
                return -EBADMSG;
        r = read_hits(w, &s);
        if (r < 0)
                return r;
        n = get_number(&s);
        if (n > s.rest.n)
                return -EBADMSG;
        w->episodes = calloc(n + 1, sizeof *w->episodes);
        if (!w->episodes)
                return -ENOMEM;
        w->cap_episodes = n + 1;
        for (; w->n_episodes < n && !s.error; w->n_episodes++)
                get_episode(&s, &w->episodes[w->n_episodes]);
        return s.error ? s.error : s.rest.n ? -EBADMSG : 0;
}
