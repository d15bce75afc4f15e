/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/sigma/rx_lint.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

enum {
        DEPTH_MAX = 50, /* of groups */
        PUMPS_MAX = 32, /* repeated groups that are tried */
        REPEATS = 40, /* of a group: doubling with each, it is over every limit; cubic, it is not */
};

/* What a part of the pattern is: how much it takes at least, a text that fits, and whether it can fit at all. */
struct part {
        size_t min; /* characters */
        struct strbuf sample;
        bool is_dead; /* can never match where it stands */
        bool is_ended; /* whatever follows stands behind $ */
};

struct pump {
        struct strbuf before, body;
};

struct linter {
        const char *p, *end;
        bool is_multiline;
        bool is_unknown; /* something that is not understood here: nothing is said */
        unsigned depth;
        struct strbuf before; /* a text that fits what stands before the part at work */
        struct pump pumps[PUMPS_MAX];
        size_t n_pumps;
};

static void part_done(struct part *p)
{
        strbuf_done(&p->sample);
}

static void cut(struct strbuf *b, size_t n)
{
        if (n < b->n)
                b->p[b->n = n] = '\0';
}

/* ---- Reading ---- */

static bool at(const struct linter *l, char c)
{
        return l->p < l->end && *l->p == c;
}

static bool take(struct linter *l, char c)
{
        bool is_there = at(l, c);

        l->p += is_there;
        return is_there;
}

/* [min, max] of a quantifier; max 0: none. False: there is none. */
static bool read_quantifier(struct linter *l, size_t *min, size_t *max)
{
        const char *p = l->p;
        unsigned from = 0, to = 0;
        int used = 0;

        *min = 1;
        *max = 0;
        if (take(l, '*')) {
                *min = 0;
        } else if (take(l, '?')) {
                *min = 0;
                *max = 1;
        } else if (!take(l, '+')) {
                char text[32];
                size_t n = size_min((size_t)(l->end - p), sizeof text - 1);

                memcpy(text, p, n);
                text[n] = '\0';
                if (sscanf(text, "{%3u,%3u}%n", &from, &to, &used) == 2 && used > 0)
                        *max = to;
                else if ((used = 0, sscanf(text, "{%3u,}%n", &from, &used) == 1) && used > 0)
                        *max = 0;
                else if ((used = 0, sscanf(text, "{%3u}%n", &from, &used) == 1) && used > 0)
                        *max = from ? from : 1;
                else
                        return false;
                *min = from;
                l->p += used;
        }
        if (!take(l, '?'))
                take(l, '+');
        return true;
}

static void add_char(struct part *ret, char c)
{
        ret->min = 1;
        strbuf_add(&ret->sample, str_from(&c, 1));
}

/* Behind the backslash. */
static void read_escape(struct linter *l, struct part *ret)
{
        static const char kinds[] = "dwshvNR", samples[] = "1a  \naa", ends[] = "xozZAbBGKQEpPkguUCX";
        char c = l->p < l->end ? *l->p++ : '\\';
        const char *kind = strchr(kinds, c);

        if (c && kind) {
                add_char(ret, samples[kind - kinds]);
        } else if (c == 'D' || c == 'S' || c == 'H' || c == 'V') {
                add_char(ret, '_');
        } else if (c == 'W') {
                add_char(ret, '-');
        } else if (c == 't' || c == 'n' || c == 'r' || c == 'f' || c == 'e' || c == 'a') {
                add_char(ret, c == 'n' ? '\n' : '\t');
        } else if (c == 'b' || c == 'B') {
                return;
        } else if ((c && strchr(ends, c)) || isdigit((unsigned char)c)) {
                l->is_unknown = true;
        } else {
                add_char(ret, c);
        }
}

/* Behind the bracket: any member will do as a sample; of a class that excludes, a character not named in it. */
static void read_class(struct linter *l, struct part *ret)
{
        bool is_negated = take(l, '^'), is_first = true;
        const char *from = l->p;
        char sample = 0;

        for (; l->p < l->end && (is_first || *l->p != ']'); is_first = false) {
                char c = *l->p++;

                if (c == '[' && (at(l, ':') || at(l, '.') || at(l, '='))) {
                        l->is_unknown = true;
                        return;
                }
                if (c == '\\' && l->p < l->end) {
                        struct part escaped = { .sample = STRBUF_INIT };

                        if (*l->p == 'b')
                                l->p++;
                        else
                                read_escape(l, &escaped);
                        c = escaped.sample.n ? escaped.sample.p[0] : '\b';
                        part_done(&escaped);
                }
                sample = sample ? sample : c;
        }
        if (!take(l, ']'))
                l->is_unknown = true;
        for (const char *try = "a1 _-!~"; is_negated && *try; try++)
                if (!memchr(from, *try, (size_t)(l->p - from))) {
                        sample = *try;
                        break;
                }
        add_char(ret, sample);
}

static void read_alternatives(struct linter *l, size_t min_before, struct part *ret);

/* Behind "(?". True: a group follows whose text counts; *is_aside: one that only looks. */
static bool read_group_kind(struct linter *l, bool *is_aside)
{
        *is_aside = false;
        if (take(l, ':') || take(l, '>') || take(l, '|'))
                return true;
        if (take(l, '=') || take(l, '!'))
                return *is_aside = true;
        if (take(l, 'P'))
                l->is_unknown |= !at(l, '<');
        if (take(l, '<')) {
                if (take(l, '=') || take(l, '!'))
                        return *is_aside = true;
                while (l->p < l->end && *l->p++ != '>')
                        ;
                return true;
        }
        while (l->p < l->end && strchr("imsxnJ-^", *l->p)) { /* settings */
                l->is_multiline |= *l->p == 'm';
                l->is_unknown |= *l->p == 'x';
                l->p++;
        }
        if (at(l, ')'))
                return false;
        l->is_unknown |= !take(l, ':');
        return true;
}

static void read_group(struct linter *l, size_t min_before, struct part *ret)
{
        bool is_aside = false, counts = true;

        if (at(l, '*') || ++l->depth > DEPTH_MAX) {
                l->is_unknown = true;
                return;
        }
        if (take(l, '?'))
                counts = read_group_kind(l, &is_aside);
        if (counts && !l->is_unknown)
                read_alternatives(l, min_before, ret);
        l->depth--;
        if (!take(l, ')'))
                l->is_unknown = true;
        if (is_aside) {
                part_done(ret);
                *ret = (struct part){ .sample = STRBUF_INIT };
        }
}

static void read_one(struct linter *l, size_t min_before, struct part *ret)
{
        char c = *l->p++;

        switch (c) {
        case '(': read_group(l, min_before, ret); break;
        case '[': read_class(l, ret); break;
        case '\\': read_escape(l, ret); break;
        case '.': add_char(ret, 'a'); break;
        case '^': ret->is_dead = !l->is_multiline && min_before > 0; break;
        case '$': ret->is_ended = !l->is_multiline; break;
        default: add_char(ret, c);
        }
}

/* ---- Groups that repeat ---- */

static void add_pump(struct linter *l, const struct part *body)
{
        struct pump *pump = &l->pumps[l->n_pumps];

        if (l->n_pumps == PUMPS_MAX || body->sample.n == 0)
                return;
        l->n_pumps++;
        *pump = (struct pump){ STRBUF_INIT, STRBUF_INIT };
        strbuf_add(&pump->before, strbuf_str(&l->before));
        strbuf_add(&pump->body, strbuf_str(&body->sample));
}

/* The part and what stands behind it: its quantifier. */
static void read_quantified(struct linter *l, size_t min_before, struct part *ret)
{
        bool is_group = at(l, '(');
        size_t length = l->before.n, min, max;

        read_one(l, min_before, ret);
        cut(&l->before, length);
        if (!read_quantifier(l, &min, &max))
                return;
        if (is_group && max == 0)
                add_pump(l, ret);
        ret->min *= min;
        if (min == 0) {
                ret->is_dead = ret->is_ended = false;
                if (max == 1) /* a sample does without */
                        strbuf_clear(&ret->sample);
        }
}

static void read_sequence(struct linter *l, size_t min_before, struct part *ret)
{
        size_t length = l->before.n;

        while (l->p < l->end && *l->p != '|' && *l->p != ')' && !l->is_unknown) {
                struct part one = { .sample = STRBUF_INIT };

                read_quantified(l, min_before + ret->min, &one);
                if (ret->is_ended && one.min > 0 && !(one.min == 1 && one.sample.n == 1 && one.sample.p[0] == '\n'))
                        ret->is_dead = true;
                ret->min += one.min;
                ret->is_dead |= one.is_dead;
                ret->is_ended |= one.is_ended;
                strbuf_add(&ret->sample, strbuf_str(&one.sample));
                strbuf_add(&l->before, strbuf_str(&one.sample));
                part_done(&one);
        }
        cut(&l->before, length);
}

/* Dead when all are; the first living one gives the sample. */
static void read_alternatives(struct linter *l, size_t min_before, struct part *ret)
{
        bool is_any = false;

        *ret = (struct part){ .is_dead = true, .is_ended = true, .sample = STRBUF_INIT };
        do {
                struct part one = { .sample = STRBUF_INIT };

                read_sequence(l, min_before, &one);
                ret->min = is_any ? size_min(ret->min, one.min) : one.min;
                ret->is_dead &= one.is_dead;
                ret->is_ended &= one.is_ended;
                if (!is_any)
                        strbuf_add(&ret->sample, strbuf_str(&one.sample));
                is_any = true;
                part_done(&one);
        } while (take(l, '|') && !l->is_unknown);
}

/* ---- Trying ---- */

/* With `sample`, a text that fits the whole pattern, behind it: PCRE2 gives up at once where a letter is not there that
 * every fit must have. */
static bool runs_away(const struct rx *rx, struct rx_scratch *scratch, const struct pump *pump, struct str sample)
{
        static const char *const misfits[] = { "", "\n\x01", "!", "\x01", "~\n" };
        struct counters counters = { 0 };

        for (size_t i = 0; i < 2 * ARRAY_LEN(misfits); i++) {
                CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

                strbuf_add(&text, strbuf_str(&pump->before));
                for (int k = 0; k < REPEATS; k++)
                        strbuf_add(&text, strbuf_str(&pump->body));
                strbuf_add(&text, str_of(misfits[i / 2]));
                if (i % 2) {
                        strbuf_add(&text, sample);
                        strbuf_addc(&text, '\x01');
                }
                if (!strbuf_failed(&text))
                        rx_match(rx, strbuf_str(&text), false, scratch, &counters);
        }
        return counters.n[COUNTER_REGEX_LIMIT] > 0;
}

static void copy_printable(const struct strbuf *from, char *to, size_t size)
{
        size_t n = 0;

        for (size_t i = 0; i < from->n && n + 1 < size; i++)
                to[n++] = from->p[i] >= ' ' && from->p[i] < 0x7F ? from->p[i] : '.';
        to[n] = '\0';
}

static int try_pumps(struct linter *l, struct str pattern, unsigned flags, struct str sample, struct rx_finding *ret)
{
        CLEANUP(rx_freep) struct rx *rx = NULL;
        struct rx_scratch *scratch;

        if (l->n_pumps == 0 || rx_compile(pattern, flags, &rx, NULL) < 0)
                return 0;
        scratch = rx_scratch_new();
        if (!scratch)
                return -ENOMEM;
        for (size_t i = 0; i < l->n_pumps; i++)
                if (runs_away(rx, scratch, &l->pumps[i], sample)) {
                        ret->verdict = RX_EXPLODES;
                        copy_printable(&l->pumps[i].body, ret->text, sizeof ret->text);
                        break;
                }
        rx_scratch_free(scratch);
        return 0;
}

int rx_lint(struct str pattern, unsigned flags, struct rx_finding *ret)
{
        struct linter l = { .p = pattern.p, .end = pattern.p + pattern.n, .is_multiline = flags & RX_MULTILINE };
        struct part all = { .sample = STRBUF_INIT };
        int r = 0;

        *ret = (struct rx_finding){ .verdict = RX_FINE };
        l.before = (struct strbuf)STRBUF_INIT;
        read_alternatives(&l, 0, &all);
        if (!l.is_unknown && l.p == l.end && all.is_dead)
                ret->verdict = RX_NEVER_MATCHES;
        else if (!l.is_unknown)
                r = try_pumps(&l, pattern, flags, strbuf_str(&all.sample), ret);
        part_done(&all);
        strbuf_done(&l.before);
        for (size_t i = 0; i < l.n_pumps; i++) {
                strbuf_done(&l.pumps[i].before);
                strbuf_done(&l.pumps[i].body);
        }
        return r;
}
