/* SPDX-License-Identifier: Apache-2.0 */

/* Patterns. Nearly all values of published rules are plain literals with a star at one or both ends, so these have a
 * form of their own. The rest is cut at its stars: a segment behind a star is taken at its first fit, which leaves most
 * text for those that follow, so nothing is ever tried twice and no text makes a pattern slow. */

#include "monitor/sigma/pattern.h"

#include <errno.h>

#include "monitor/base/utf8.h"

bool token_is_dash(uint32_t token)
{
        return token == '-' || token == '/' || token == 0x2013 || token == 0x2014 || token == 0x2015;
}

static uint32_t read_token(struct str *rest)
{
        uint32_t cp = (unsigned char)rest->p[0];

        if (cp < 0x80 && cp != '\\' && cp != '*' && cp != '?') {
                *rest = str_from(rest->p + 1, rest->n - 1);
                return cp;
        }
        utf8_next(rest, &cp);
        if (cp == '\\' && rest->n > 0 && (rest->p[0] == '\\' || rest->p[0] == '*' || rest->p[0] == '?')) {
                utf8_next(rest, &cp);
                return cp;
        }
        return cp == '*' ? (uint32_t)TOKEN_ANY : cp == '?' ? (uint32_t)TOKEN_ONE : cp;
}

struct tokens tokens_parse(struct arena *arena, struct str text)
{
        struct tokens out = { arena_array(arena, text.n + 1, sizeof *out.t), 0 };

        while (out.t && text.n > 0)
                out.t[out.n++] = read_token(&text);
        return out;
}

struct tokens tokens_around(struct arena *arena, struct tokens in, bool any_before, bool any_after)
{
        struct tokens out = { arena_array(arena, in.n + 2, sizeof *out.t), 0 };

        if (!out.t)
                return out;
        if (any_before)
                out.t[out.n++] = TOKEN_ANY;
        memcpy(out.t + out.n, in.t, in.n * sizeof *in.t);
        out.n += in.n;
        if (any_after)
                out.t[out.n++] = TOKEN_ANY;
        return out;
}

bool tokens_has_special(struct tokens t)
{
        for (size_t i = 0; i < t.n; i++)
                if (t.t[i] >= TOKEN_ANY)
                        return true;
        return false;
}

/* ---- Making ---- */

/* False: not all of them are ASCII, or out of memory. */
static bool make_ascii(struct arena *arena, struct tokens t, struct str *ret)
{
        uint32_t all = 0;
        char *p;

        for (size_t i = 0; i < t.n; i++)
                all |= t.t[i];
        p = all < 0x80 ? arena_bytes(arena, t.n + 1) : NULL;
        for (size_t i = 0; p && i < t.n; i++)
                p[i] = (char)t.t[i];
        if (p)
                p[t.n] = '\0';
        *ret = str_from(p, t.n);
        return p != NULL;
}

static int make_literal(struct arena *arena, struct tokens t, struct str *ret)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        if (make_ascii(arena, t, ret))
                return 0;
        for (size_t i = 0; i < t.n; i++)
                utf8_append(&b, t.t[i]);
        if (strbuf_failed(&b))
                return -ENOMEM;
        *ret = arena_dup(arena, strbuf_str(&b));
        return ret->p ? 0 : -ENOMEM;
}

static int make_glob(struct arena *arena, struct tokens t, struct pattern *ret)
{
        struct segment *segments = arena_array(arena, t.n, sizeof *segments);
        size_t n = 0, from = 0;

        if (!segments)
                return -ENOMEM;
        for (size_t i = 0; i <= t.n; i++) {
                struct tokens part = { t.t + from, i - from };

                if (i < t.n && t.t[i] != TOKEN_ANY)
                        continue;
                from = i + 1;
                if (part.n == 0)
                        continue;
                segments[n] = (struct segment){ .t = part.t, .n = part.n };
                if (!tokens_has_special(part) && make_literal(arena, part, &segments[n].literal) < 0)
                        return -ENOMEM;
                n++;
        }
        *ret = (struct pattern){
                .kind = PATTERN_GLOB,
                .segments = segments,
                .n_segments = n,
                .any_before = t.t[0] == TOKEN_ANY,
                .any_after = t.t[t.n - 1] == TOKEN_ANY,
        };
        return 0;
}

static int make_plain(struct arena *arena, struct tokens middle, bool any_before, bool any_after, struct pattern *ret)
{
        *ret = (struct pattern){ .kind = any_before && any_after ? PATTERN_CONTAINS
                                         : any_before            ? PATTERN_SUFFIX
                                         : any_after             ? PATTERN_PREFIX
                                                                 : PATTERN_EXACT };
        return make_literal(arena, middle, &ret->literal);
}

int pattern_make(struct arena *arena, struct arena *scratch, struct tokens t, bool is_cased, struct pattern *ret)
{
        size_t from = 0, to = t.n;
        struct tokens own;
        bool is_glob;

        while (from < to && t.t[from] == TOKEN_ANY)
                from++;
        while (to > from && t.t[to - 1] == TOKEN_ANY)
                to--;
        is_glob = tokens_has_special((struct tokens){ t.t + from, to - from });
        own = tokens_around(is_glob ? arena : scratch, t, false, false); /* a glob keeps them */
        if (!own.t)
                return -ENOMEM;
        for (size_t i = 0; i < own.n && !is_cased; i++)
                if (own.t[i] < TOKEN_ANY)
                        own.t[i] = utf8_fold_char(own.t[i]);
        return is_glob ? make_glob(arena, own, ret)
                       : make_plain(arena, (struct tokens){ own.t + from, to - from }, from > 0, to < t.n, ret);
}

/* ---- Matching ---- */

/* Does the segment lie at `at`? Returns where it ends, or SIZE_MAX. */
static size_t fits_at(const struct segment *s, struct str text, size_t at)
{
        struct str rest = str_from(text.p + at, text.n - at);

        if (s->literal.p)
                return str_starts(rest, s->literal) ? at + s->literal.n : SIZE_MAX;
        for (size_t i = 0; i < s->n; i++) {
                uint32_t cp;

                if (!utf8_next(&rest, &cp))
                        return SIZE_MAX;
                if (s->t[i] != TOKEN_ONE && (s->t[i] == TOKEN_DASH ? !token_is_dash(cp) : s->t[i] != cp))
                        return SIZE_MAX;
        }
        return text.n - rest.n;
}

static size_t char_after(struct str text, size_t at)
{
        struct str rest = str_from(text.p + at, text.n - at);
        uint32_t cp;

        return utf8_next(&rest, &cp) ? text.n - rest.n : SIZE_MAX;
}

/* The first place at or behind `at` where the segment fits. Returns where it ends, or SIZE_MAX. */
static size_t find_from(const struct segment *s, struct str text, size_t at)
{
        if (s->literal.p) {
                size_t found = str_find(str_from(text.p + at, text.n - at), s->literal);

                return found == SIZE_MAX ? SIZE_MAX : at + found + s->literal.n;
        }
        while (at != SIZE_MAX) {
                size_t end = fits_at(s, text, at);

                if (end != SIZE_MAX)
                        return end;
                at = char_after(text, at);
        }
        return SIZE_MAX;
}

/* Does the segment lie at the very end, not before `at`? */
static bool fits_at_end(const struct segment *s, struct str text, size_t at)
{
        size_t from = text.n;

        for (size_t i = 0; i < s->n; i++) {
                if (from == at)
                        return false;
                do
                        from--;
                while (from > at && ((unsigned char)text.p[from] & 0xC0) == 0x80);
        }
        return fits_at(s, text, from) == text.n;
}

static bool glob_match(const struct pattern *p, struct str text)
{
        size_t at = 0, i = 0, n = p->n_segments;

        if (!p->any_before) {
                at = fits_at(&p->segments[0], text, 0);
                i = 1;
                if (at == SIZE_MAX)
                        return false;
        }
        if (i == n)
                return p->any_after || at == text.n;
        for (; i + !p->any_after < n; i++) {
                at = find_from(&p->segments[i], text, at);
                if (at == SIZE_MAX)
                        return false;
        }
        return p->any_after || fits_at_end(&p->segments[n - 1], text, at);
}

bool pattern_match(const struct pattern *p, struct str text)
{
        switch (p->kind) {
        case PATTERN_EXACT: return str_eq(text, p->literal);
        case PATTERN_PREFIX: return str_starts(text, p->literal);
        case PATTERN_SUFFIX: return str_ends(text, p->literal);
        case PATTERN_CONTAINS: return str_find(text, p->literal) != SIZE_MAX;
        case PATTERN_GLOB: return glob_match(p, text);
        }
        return false;
}
