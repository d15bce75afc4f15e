/* SPDX-License-Identifier: Apache-2.0 */

/* Format keyvalue: lines of key=value pairs, as firewalls, auditd and many plugins write them.
 *
 *     header: syslog                      # this and more of parsers/lines.h
 *     separator: ','                      # what stands between pairs: blanks, unless said; or one of , ; | tab
 *     nested: [msg]                       # keys whose quoted values hold pairs: msg.op is a field
 *
 * A value may stand in "…" or '…', with \" \' \\ \n \r \t as escapes; another backslash is one. An unquoted value ends at
 * the separator or a control character; between blanks a comma or semicolon at its end is none of it. What is no pair is passed over. An
 * empty value says nothing (null); a key that comes again has several values. */

#include <errno.h>

#include "parsers/decoder.h"
#include "parsers/lines.h"

enum {
        KEYVALUE_PAIRS_MAX = 1000, /* of one line; more are left out and counted */
        KEYVALUE_KEY_BYTES_MAX = 128, /* with what it is nested in; longer ones are nobody's */
};

/* ---- Loading ---- */

static const char *const keys[] = { LINES_KEYS, "separator", "nested", NULL };

static int load_separator(struct loader *l, const struct yaml *y)
{
        struct str t = yaml_is_scalar(y) ? y->text : STR("");

        if (str_eqz(t, "tab"))
                t = STR("\t");
        if (t.n != 1 || !strchr(",;| \t", t.p[0]))
                return load_error(l, y, "`separator` is one of ',' ';' '|' ' ' and tab, in quotes");
        l->source->separator = t.p[0];
        return 0;
}

static int keyvalue_load(struct loader *l, const struct yaml *doc)
{
        const struct yaml *separator = yaml_get(doc, "separator"), *nested = yaml_get(doc, "nested");
        struct source *s = l->source;
        int r;

        if (!yaml_get(doc, "recognise") && !yaml_get(doc, "programs"))
                return load_error(l, doc, "a keyvalue source needs `recognise: {has: [key, key]}`, or `programs`");
        s->separator = ' ';
        r = lines_load_header(l, doc, false);
        if (r >= 0 && separator)
                r = load_separator(l, separator);
        if (r >= 0 && nested)
                r = load_texts(l, nested, "`nested`", &s->nested, &s->n_nested);
        return r < 0 ? r : lines_load_rest(l, doc);
}

static unsigned keyvalue_tests(const struct source *s)
{
        return lines_tests(s, 0);
}

/* ---- Reading ---- */

struct walk {
        struct parse *x;
        struct record *record;
        struct str below; /* the key that this text is the value of; absent: none */
        size_t n;
};

static bool is_key(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("_-.:@/[]", c)) || (c & 0x80);
}

static bool is_end(char c, char separator)
{
        return c == separator || (c >= 0 && c < ' ' && (separator == ' ' || c != '\t'));
}

/* Behind the closing quote, or `end` when there is none. */
static const char *skip_quoted(const char *p, const char *end, char quote)
{
        for (; p < end && *p != quote; p++)
                if (*p == '\\' && p + 1 < end)
                        p++;
        return p;
}

static const struct line_escapes escapes = { "\"'\\nrt", "\"'\\\n\r\t" };

static bool is_nested(const struct source *s, struct str key)
{
        for (size_t i = 0; i < s->n_nested; i++)
                if (str_eq(s->nested[i], key))
                        return true;
        return false;
}

static int read_pairs(struct walk *w, struct str text);

static int take_pair(struct walk *w, struct str key, struct str value, bool is_quoted)
{
        char name[KEYVALUE_KEY_BYTES_MAX];
        struct str full = key;
        int r;

        if (w->below.p) {
                if (w->below.n + 1 + key.n > sizeof name)
                        return 0;
                memcpy(name, w->below.p, w->below.n);
                name[w->below.n] = '.';
                memcpy(name + w->below.n + 1, key.p, key.n);
                full = str_from(name, w->below.n + 1 + key.n);
        }
        r = lines_set_named(w->x, w->record, full, value);
        if (r >= 0 && is_quoted && !w->below.p && is_nested(w->x->source, key)) {
                struct walk inner = { .x = w->x, .record = w->record, .below = key, .n = w->n };

                r = read_pairs(&inner, value);
                w->n = inner.n;
        }
        return r;
}

/* The value at p; returns what is behind it, NULL: no memory. */
static const char *read_value(struct walk *w, const char *p, const char *end, struct str *ret, bool *ret_is_quoted)
{
        char separator = w->x->source->separator;
        const char *begin = p;

        *ret_is_quoted = p < end && (*p == '"' || *p == '\'');
        if (*ret_is_quoted) {
                p = skip_quoted(p + 1, end, *p);
                *ret = lines_unescape(w->x->arena, str_from(begin + 1, (size_t)(p - begin) - 1), &escapes);
                return !ret->p ? NULL : p < end ? p + 1 : p;
        }
        while (p < end && !is_end(*p, separator))
                p++;
        *ret = str_trim(str_from(begin, (size_t)(p - begin)));
        if (separator == ' ' && ret->n > 0 && strchr(",;", ret->p[ret->n - 1]))
                ret->n--;
        return p;
}

static int read_pairs(struct walk *w, struct str text)
{
        const char *p = text.p, *end = text.p + text.n;
        int r = 0;

        while (p < end && r >= 0) {
                const char *key = p;
                struct str value;
                bool is_quoted;

                while (p < end && is_key(*p))
                        p++;
                if (p == key || p == end || *p != '=') {
                        p += p == key;
                        continue;
                }
                if (w->n++ == KEYVALUE_PAIRS_MAX) {
                        w->x->counters->n[COUNTER_VALUES_CUT]++;
                        break;
                }
                text = str_from(key, (size_t)(p - key));
                p = read_value(w, p + 1, end, &value, &is_quoted);
                r = p ? take_pair(w, text, value, is_quoted) : -ENOMEM;
                if (!p)
                        break;
        }
        return r;
}

static int read_line(struct parse *x, struct record *record, struct str text)
{
        struct walk w = { .x = x, .record = record, .below = STR_NONE };
        int r = read_pairs(&w, text);

        return r < 0 ? r : w.n > 0;
}

static const struct line_format format = {
        .fits = "holds key=value pairs",
        .misfit = "holds no key=value pair",
        .needs_fit = true,
        .read = read_line,
};

const struct decoder decoder_keyvalue = {
        .name = "keyvalue",
        .keys = keys,
        .lines = &format,
        .load = keyvalue_load,
        .freeze = lines_freeze,
        .done = lines_done,
        .tests = keyvalue_tests,
        .decode = lines_decode,
};
