/* SPDX-License-Identifier: Apache-2.0 */

/* Duplicate keys. The last of equal keys in an object counts, so the others are dead, with all that is below them.
 * One pass over the tokens keeps the keys of all open objects on one stack; an object that closes sorts its own. That
 * takes n log n whatever the keys are, and happens only when a walk has met a key twice. Since each value is looked
 * at anyway, the same pass is the full check of a JSON that was found in a string. */

#include "parsers/json_text.h"

#include <errno.h>
#include <stdlib.h>

#include "parsers/json.h"

enum { KEYS_KEPT = 4096 }; /* room for keys that is not given back */

struct marker {
        struct json_mark *mark;
        struct json_text *x;
        const uint32_t *t; /* the next token */
        struct arena *arena;
        uint8_t *dead;
        bool is_strict;
};

static int mark_value(struct marker *m, unsigned depth);

static int push_key(struct marker *m)
{
        struct json_mark *mark = m->mark;
        struct str text;
        int r = json_text_string(m->x, m->t, m->arena, &text);

        if (r == -EBADMSG && !m->is_strict) { /* the walk will say so, if it comes here */
                text = json_text_raw(m->x, m->t);
                r = 0;
        }
        if (r < 0)
                return r;
        if (mark->n == mark->cap) {
                size_t cap = mark->cap ? 2 * mark->cap : 64;
                struct json_mark_key *keys = reallocarray(mark->keys, cap, sizeof *keys);

                if (!keys)
                        return -ENOMEM;
                mark->keys = keys;
                mark->cap = cap;
        }
        mark->keys[mark->n++] = (struct json_mark_key){ text, *m->t };
        return 0;
}

/* By text, then by place. */
static int key_cmp(const void *a, const void *b)
{
        const struct json_mark_key *x = a, *y = b;
        int r = str_cmp(x->text, y->text);

        return r ? r : x->at < y->at ? -1 : x->at > y->at;
}

/* The keys from `base` on are those of an object that ends here. */
static void close_object(struct marker *m, size_t base)
{
        size_t n = m->mark->n - base;
        struct json_mark_key *keys = m->mark->keys + base;

        if (n > 1)
                qsort(keys, n, sizeof *keys, key_cmp);
        for (size_t i = 1; i < n; i++) {
                uint32_t at = keys[i - 1].at - m->x->dead_from;

                if (str_eq(keys[i - 1].text, keys[i].text))
                        m->dead[at / 8] |= (uint8_t)(1 << at % 8);
        }
        m->mark->n = base;
}

/* Behind an element: 1 when another follows, 0 when `bracket` closes. */
static int next(struct marker *m, char bracket)
{
        char c;

        if (json_text_is_last(m->x, m->t - 1))
                return -EBADMSG;
        c = json_text_at(m->x, m->t++);
        return c == ',' ? 1 : c == bracket ? 0 : -EBADMSG;
}

static int mark_object(struct marker *m, unsigned depth)
{
        size_t base = m->mark->n;
        int r;

        if (json_text_at(m->x, ++m->t) == '}') {
                m->t++;
                return 0;
        }
        do {
                if (json_text_at(m->x, m->t) != '"' || json_text_at(m->x, m->t + 1) != ':')
                        return -EBADMSG;
                r = push_key(m);
                m->t += 2;
                if (r >= 0)
                        r = mark_value(m, depth + 1);
                if (r >= 0)
                        r = next(m, '}');
        } while (r > 0);
        if (r == 0)
                close_object(m, base);
        return r;
}

static int mark_array(struct marker *m, unsigned depth)
{
        int r;

        if (json_text_at(m->x, ++m->t) == ']') {
                m->t++;
                return 0;
        }
        do {
                r = mark_value(m, depth + 1);
                if (r >= 0)
                        r = next(m, ']');
        } while (r > 0);
        return r;
}

static int check_scalar(struct marker *m)
{
        struct str text;

        if (json_text_at(m->x, m->t) == '"')
                return json_text_string(m->x, m->t, m->arena, &text);
        text = json_text_bare(m->x, m->t);
        return json_text_is_number(text) || json_text_is_word(text) ? 0 : -EBADMSG;
}

/* The value is known to be whole: json_mark_dead() has skipped it before. */
static int mark_value(struct marker *m, unsigned depth)
{
        char c = json_text_at(m->x, m->t);
        int r;

        if (c == '{' || c == '[') {
                if (depth <= JSON_DEPTH_MAX)
                        return c == '{' ? mark_object(m, depth) : mark_array(m, depth);
                r = m->is_strict ? -E2BIG : 0;
        } else {
                r = m->is_strict ? check_scalar(m) : 0;
        }
        m->t = json_text_skip(m->x, m->t, depth);
        return m->t ? r : -EBADMSG;
}

int json_mark_dead(struct json_mark *mark, struct json_text *x, const uint32_t *t, unsigned depth, bool is_strict,
                   struct arena *arena)
{
        struct marker m = { .mark = mark, .x = x, .t = t, .arena = arena, .is_strict = is_strict };
        const uint32_t *end = json_text_skip(x, t, depth);
        int r;

        if (!end || (is_strict && !json_text_is_last(x, end - 1)))
                return -EBADMSG;
        m.dead = arena_alloc(arena, (end[-1] - *t) / 8 + 1);
        if (!m.dead)
                return -ENOMEM;
        x->dead_from = *t;
        mark->n = 0;
        r = mark_value(&m, depth);
        x->dead = m.dead;
        if (mark->cap > KEYS_KEPT)
                json_mark_done(mark);
        return r;
}

void json_mark_done(struct json_mark *mark)
{
        free(mark->keys);
        *mark = (struct json_mark){ 0 };
}
