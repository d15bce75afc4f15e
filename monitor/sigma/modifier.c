/* SPDX-License-Identifier: Apache-2.0 */

/* The modifiers (Sigma specification 2.1, appendix modifiers).
 *
 * To add one: a row with its name, its kind, the kinds it may stand beside, the value that its kind needs, for those
 * that change the value a function from forms to forms, and a few words of help. Two modifiers go together when each
 * names the other's kind. The order of rows is the order in which messages list them. */

#include "monitor/sigma/modifier.h"

#include <errno.h>

#include "monitor/base/utf8.h"

/* ---- Functions on forms ---- */

static int around(struct forms *f, bool before, bool after)
{
        for (size_t i = 0; i < f->n; i++) {
                f->items[i] = tokens_around(f->arena, f->items[i], before, after);
                if (!f->items[i].t)
                        return -ENOMEM;
        }
        return 0;
}

static int apply_contains(struct forms *f) { return around(f, true, true); }
static int apply_startswith(struct forms *f) { return around(f, false, true); }
static int apply_endswith(struct forms *f) { return around(f, true, false); }

static int apply_windash(struct forms *f)
{
        for (size_t i = 0; i < f->n; i++)
                for (size_t k = 0; k < f->items[i].n; k++)
                        if (token_is_dash(f->items[i].t[k]))
                                f->items[i].t[k] = TOKEN_DASH;
        return 0;
}

/* Room for `n` forms. */
static int reserve(struct forms *f, size_t n)
{
        struct tokens *items;

        if (n > FORMS_MAX)
                return -E2BIG;
        items = arena_array(f->arena, n, sizeof *items);
        if (!items)
                return -ENOMEM;
        memcpy(items, f->items, f->n * sizeof *items);
        f->items = items;
        return 0;
}

static size_t count_dashes(struct tokens t)
{
        size_t n = 0;

        for (size_t i = 0; i < t.n; i++)
                n += t.t[i] == TOKEN_DASH;
        return n;
}

/* Each form once for every choice among the five dashes, which encodings cannot leave open. */
static int expand_dashes(struct forms *f)
{
        static const uint32_t dashes[] = { '-', '/', 0x2013, 0x2014, 0x2015 };
        size_t n_dashes = 0, before = f->n, times = 1;
        int r;

        for (size_t i = 0; i < before; i++)
                n_dashes = size_max(n_dashes, count_dashes(f->items[i]));
        for (size_t i = 0; i < n_dashes && times <= FORMS_MAX; i++)
                times *= ARRAY_LEN(dashes);
        if (n_dashes == 0)
                return 0;
        r = reserve(f, before * times);
        if (r < 0)
                return r;
        for (size_t i = before * times; i-- > 0;) { /* from the end: the forms they are made of stand in front */
                struct tokens copy = tokens_around(f->arena, f->items[i / times], false, false);
                size_t choice = i % times;

                if (!copy.t)
                        return -ENOMEM;
                for (size_t k = 0; k < copy.n; k++)
                        if (copy.t[k] == TOKEN_DASH) {
                                copy.t[k] = dashes[choice % ARRAY_LEN(dashes)];
                                choice /= ARRAY_LEN(dashes);
                        }
                f->items[i] = copy;
        }
        f->n = before * times;
        return 0;
}

static size_t add_unit(uint32_t *to, size_t n, uint32_t unit, bool is_big)
{
        to[n] = is_big ? unit >> 8 & 0xFF : unit & 0xFF;
        to[n + 1] = is_big ? unit & 0xFF : unit >> 8 & 0xFF;
        return n + 2;
}

static int to_utf16(struct forms *f, bool is_big, bool has_mark)
{
        int r = expand_dashes(f);

        if (r < 0)
                return r;
        for (size_t i = 0; i < f->n; i++) {
                struct tokens in = f->items[i];
                struct tokens out = { arena_array(f->arena, 4 * in.n + 2, sizeof *out.t), 0 };

                if (!out.t)
                        return -ENOMEM;
                if (has_mark)
                        out.n = add_unit(out.t, out.n, 0xFEFF, is_big);
                for (size_t k = 0; k < in.n; k++) {
                        uint32_t cp = in.t[k];

                        if (cp >= TOKEN_ANY) {
                                out.t[out.n++] = cp;
                        } else if (cp >= 0x10000) {
                                out.n = add_unit(out.t, out.n, 0xD800 + ((cp - 0x10000) >> 10), is_big);
                                out.n = add_unit(out.t, out.n, 0xDC00 + ((cp - 0x10000) & 0x3FF), is_big);
                        } else {
                                out.n = add_unit(out.t, out.n, cp, is_big);
                        }
                }
                f->items[i] = out;
        }
        f->is_bytes = true;
        return 0;
}

static int apply_wide(struct forms *f) { return to_utf16(f, false, false); }
static int apply_utf16be(struct forms *f) { return to_utf16(f, true, false); }
static int apply_utf16(struct forms *f) { return to_utf16(f, false, true); }

static char base64_digit(unsigned six)
{
        return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[six & 63];
}

/* Base64 (RFC 4648) of `padding` zero bytes and then `bytes`, without `first` characters in front and `cut` behind. */
static struct tokens base64(struct arena *arena, struct str bytes, size_t padding, size_t first, size_t cut)
{
        size_t all = bytes.n + padding, chars = (all + 2) / 3 * 4;
        struct tokens out = { arena_array(arena, chars + 1, sizeof *out.t), 0 };

        for (size_t i = 0; out.t && i < chars; i++) {
                size_t at = i / 4 * 3;
                unsigned v = 0;

                for (size_t k = at; k < at + 3; k++)
                        v = v << 8 | (k >= padding && k < all ? (unsigned char)bytes.p[k - padding] : 0);
                if (i < first || i + cut >= chars)
                        continue;
                out.t[out.n++] =
                        (unsigned char)(at + (i % 4) - 1 >= all && i % 4 > 1 ? '='
                                                                             : base64_digit(v >> (18 - 6 * (i % 4))));
        }
        return out;
}

/* The bytes a form stands for. p == NULL: wildcards in it, or no memory. */
static struct str form_bytes(struct forms *f, struct tokens t, struct strbuf *b)
{
        strbuf_clear(b);
        if (tokens_has_special(t))
                return STR_NONE;
        for (size_t i = 0; i < t.n; i++) {
                if (f->is_bytes)
                        strbuf_addc(b, (char)t.t[i]);
                else
                        utf8_append(b, t.t[i]);
        }
        return strbuf_failed(b) ? STR_NONE : strbuf_str(b);
}

static int encode(struct forms *f, size_t variants)
{
        static const size_t first[] = { 0, 2, 3 }, cut[] = { 0, 3, 2 };
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        int r = expand_dashes(f);

        if (r >= 0)
                r = reserve(f, f->n * variants);
        if (r < 0)
                return r;
        for (size_t i = f->n; i-- > 0;) { /* from the end: form i goes to places i * variants … */
                struct str bytes = form_bytes(f, f->items[i], &b);

                if (!bytes.p)
                        return strbuf_failed(&b) ? -ENOMEM : -EINVAL;
                for (size_t v = 0; v < variants; v++) {
                        struct tokens t =
                                base64(f->arena, bytes, v, first[v], variants == 1 ? 0 : cut[(v + bytes.n) % 3]);

                        if (!t.t)
                                return -ENOMEM;
                        f->items[i * variants + v] = t;
                }
        }
        f->n *= variants;
        f->is_bytes = false;
        f->is_exact_case = true;
        return 0;
}

static int apply_base64(struct forms *f) { return encode(f, 1); }
static int apply_base64offset(struct forms *f) { return encode(f, 3); }

/* ---- The table ---- */

#define WITH_ANY (~0U)
#define WITH_TEXT (MODIFIER_AFFIX | MODIFIER_ENCODING | MODIFIER_CASED | MODIFIER_EXPAND | MODIFIER_LIST)
#define WITH_AFFIX (WITH_TEXT | MODIFIER_FIELDREF)
#define WITH_FIELDREF (MODIFIER_AFFIX | MODIFIER_CASED | MODIFIER_EXPAND | MODIFIER_LIST)
#define WITH_REGEX (MODIFIER_REGEX_FLAG | MODIFIER_CASED | MODIFIER_EXPAND | MODIFIER_LIST)
#define WITH_FLAG (WITH_REGEX | MODIFIER_REGEX)
#define WITH_CASED (WITH_AFFIX | WITH_FLAG)
#define WITH_ORDER (MODIFIER_PART | MODIFIER_EXPAND | MODIFIER_LIST)
#define WITH_PART (MODIFIER_ORDER | MODIFIER_EXPAND | MODIFIER_LIST)
#define WITH_EXPAND (~(unsigned)MODIFIER_EXISTS)

static const struct modifier rows[] = {
        { "contains", MODIFIER_AFFIX, WITH_AFFIX, AFFIX_CONTAINS, apply_contains, "the value anywhere inside" },
        { "startswith", MODIFIER_AFFIX, WITH_AFFIX, AFFIX_STARTSWITH, apply_startswith, "the value at the front" },
        { "endswith", MODIFIER_AFFIX, WITH_AFFIX, AFFIX_ENDSWITH, apply_endswith, "the value at the end" },
        { "all", MODIFIER_LIST, WITH_ANY, FLAG_ALL, NULL, "all values of the list, not any" },
        { "cased", MODIFIER_CASED, WITH_CASED, FLAG_CASED, NULL, "upper and lower case differ" },
        { "neq", MODIFIER_LIST, WITH_ANY, FLAG_NEQ, NULL, "the opposite of the whole item" },
        { "exists", MODIFIER_EXISTS, MODIFIER_LIST, TEST_EXISTS, NULL, "true: the field is there; false: it is not" },
        { "re", MODIFIER_REGEX, WITH_REGEX, TEST_REGEX, NULL, "a regular expression (PCRE2), not anchored" },
        { "i", MODIFIER_REGEX_FLAG, WITH_FLAG, FLAG_I, NULL, "re: without case" },
        { "m", MODIFIER_REGEX_FLAG, WITH_FLAG, FLAG_M, NULL, "re: ^ and $ at every line" },
        { "s", MODIFIER_REGEX_FLAG, WITH_FLAG, FLAG_S, NULL, "re: . fits newlines" },
        { "cidr", MODIFIER_CIDR, MODIFIER_EXPAND | MODIFIER_LIST, TEST_CIDR, NULL, "an address inside the network" },
        { "lt", MODIFIER_ORDER, WITH_ORDER, COMPARE_LT, NULL, "a number below" },
        { "lte", MODIFIER_ORDER, WITH_ORDER, COMPARE_LTE, NULL, "a number not above" },
        { "gt", MODIFIER_ORDER, WITH_ORDER, COMPARE_GT, NULL, "a number above" },
        { "gte", MODIFIER_ORDER, WITH_ORDER, COMPARE_GTE, NULL, "a number not below" },
        { "fieldref", MODIFIER_FIELDREF, WITH_FIELDREF, TEST_FIELDREF, NULL, "equal to another field of the record" },
        { "windash", MODIFIER_ENCODING, WITH_TEXT, 0, apply_windash, "every dash may be any of - / – — ―" },
        { "base64", MODIFIER_ENCODING, WITH_TEXT, 0, apply_base64, "the value in Base64" },
        { "base64offset", MODIFIER_ENCODING, WITH_TEXT, 0, apply_base64offset, "the value anywhere inside Base64" },
        { "wide", MODIFIER_ENCODING, WITH_TEXT, 0, apply_wide, "the value in UTF-16, low byte first" },
        { "utf16le", MODIFIER_ENCODING, WITH_TEXT, 0, apply_wide, "the same as wide" },
        { "utf16be", MODIFIER_ENCODING, WITH_TEXT, 0, apply_utf16be, "the value in UTF-16, high byte first" },
        { "utf16", MODIFIER_ENCODING, WITH_TEXT, 0, apply_utf16, "the value in UTF-16 with a byte order mark" },
        { "expand", MODIFIER_EXPAND, WITH_EXPAND, FLAG_EXPAND, NULL, "fills in %placeholders%" },
        { "minute", MODIFIER_PART, WITH_PART, PART_MINUTE, NULL, "the minute of a date" },
        { "hour", MODIFIER_PART, WITH_PART, PART_HOUR, NULL, "the hour of a date, as written" },
        { "day", MODIFIER_PART, WITH_PART, PART_DAY, NULL, "the day of a date" },
        { "week", MODIFIER_PART, WITH_PART, PART_WEEK, NULL, "the ISO week of a date" },
        { "month", MODIFIER_PART, WITH_PART, PART_MONTH, NULL, "the month of a date" },
        { "year", MODIFIER_PART, WITH_PART, PART_YEAR, NULL, "the year of a date" },
};

const struct modifier *modifier_at(size_t i)
{
        return i < ARRAY_LEN(rows) ? &rows[i] : NULL;
}

const struct modifier *modifier_find(struct str name)
{
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (str_eqz(name, rows[i].name))
                        return &rows[i];
        return NULL;
}

const char *modifier_nearest(struct str name)
{
        const char *found = NULL;
        size_t best = 4; /* more edits than 3 are another word */

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                size_t d = str_distance(name, str_of(rows[i].name));

                if (d < best && d < strlen(rows[i].name)) {
                        best = d;
                        found = rows[i].name;
                }
        }
        return found;
}

void modifier_names(struct strbuf *out)
{
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                strbuf_addf(out, "%s%s", i ? ", " : "", rows[i].name);
}

/* ---- Those of one key ---- */

static int fail_unknown(struct compiler *c, const struct yaml *key, struct str name)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        const char *near = modifier_nearest(name);

        if (near)
                return compiler_fail(c, key, "unknown modifier " STR_FMT ": write %s", STR_ARG(name), near);
        modifier_names(&names);
        return compiler_fail(c, key, "unknown modifier " STR_FMT ": known are %s", STR_ARG(name),
                             names.p ? names.p : "");
}

static bool may_stand_together(const struct modifier *a, const struct modifier *b)
{
        return (a->with & b->kind) && (b->with & a->kind);
}

static int fail_pair(struct compiler *c, const struct yaml *key, const struct modifier *a, const struct modifier *b)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (may_stand_together(a, &rows[i]))
                        strbuf_addf(&names, "%s%s", names.n ? ", " : "", rows[i].name);
        return compiler_fail(c, key, "%s and %s exclude each other; beside %s may stand %s", a->name, b->name, a->name,
                             names.p ? names.p : "");
}

static int add(struct compiler *c, const struct yaml *key, struct modifiers *m, const struct modifier *row)
{
        if (m->n == MODIFIERS_MAX)
                return compiler_fail(c, key, "more than %d modifiers", MODIFIERS_MAX);
        for (size_t i = 0; i < m->n; i++)
                if (!may_stand_together(m->row[i], row))
                        return fail_pair(c, key, m->row[i], row);
        m->row[m->n++] = row;
        switch (row->kind) {
        case MODIFIER_REGEX:
        case MODIFIER_CIDR:
        case MODIFIER_EXISTS:
        case MODIFIER_FIELDREF: m->test = row; break;
        case MODIFIER_PART: m->part = row; break;
        case MODIFIER_ORDER: m->order = row; break;
        case MODIFIER_AFFIX: m->affix = row; break;
        case MODIFIER_REGEX_FLAG:
        case MODIFIER_CASED:
        case MODIFIER_EXPAND:
        case MODIFIER_LIST: m->flags |= (unsigned)row->value; break;
        case MODIFIER_ENCODING: break;
        }
        return 0;
}

static int check(struct compiler *c, const struct yaml *key, const struct modifiers *m)
{
        const struct modifier *order = NULL;

        if ((m->flags & (FLAG_I | FLAG_M | FLAG_S)) && (!m->test || m->test->kind != MODIFIER_REGEX))
                return compiler_fail(c, key, "i, m and s belong to re: write |re|i");
        for (size_t i = 0; i < m->n; i++) {
                if (m->row[i]->kind == MODIFIER_ORDER)
                        order = m->row[i];
                else if (m->row[i]->kind == MODIFIER_PART && order)
                        return compiler_fail(c, key, "%s stands before %s: write |%s|%s", m->row[i]->name, order->name,
                                             m->row[i]->name, order->name);
        }
        return 0;
}

int modifiers_parse(struct compiler *c, const struct yaml *key, struct str text, struct modifiers *ret)
{
        struct modifiers m = { .n = 0 };
        struct str rest = text, name;
        int r = 0;

        while (r >= 0 && str_cut(&rest, '|', &name)) {
                const struct modifier *row = modifier_find(name);

                r = row ? add(c, key, &m, row) : fail_unknown(c, key, name);
        }
        if (r >= 0)
                r = check(c, key, &m);
        if (r >= 0)
                *ret = m;
        return r;
}
