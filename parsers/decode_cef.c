/* SPDX-License-Identifier: Apache-2.0 */

/* Format cef: the Common Event Format (ArcSight, "Implementing ArcSight Common Event Format", version 25), alone on its line or behind a syslog
 * header:
 *
 *     CEF:0|vendor|product|version|event class id|name|severity|src=192.0.2.7 suser=mei msg=two words
 *
 * Native fields: CEFVersion, DeviceVendor, DeviceProduct, DeviceVersion, DeviceEventClassID, Name, Severity; the keys of the
 * extension as they are; those of the syslog header. In the header \| and \\ are escapes, in the extension \= \\ \n and \r;
 * another backslash is one. A value goes on to the next blank with a key and an equals sign behind it. */

#include <errno.h>

#include "parsers/decoder.h"
#include "parsers/lines.h"

enum { CEF_KEYS_MAX = 1000 }; /* of one extension; more are left out and counted */

static const char *const keys[] = { "programs", "journal", NULL };

static const char *const parts[] = { "CEFVersion",         "DeviceVendor", "DeviceProduct", "DeviceVersion",
                                     "DeviceEventClassID", "Name",         "Severity" };

static int cef_load(struct loader *l, const struct yaml *doc)
{
        int r = lines_load_header(l, doc, true);

        return r < 0 ? r : lines_load_rest(l, doc);
}

static unsigned cef_tests(const struct source *s)
{
        return lines_tests(s, 1);
}

/* ---- Reading ---- */

/* A byte order mark, with which RFC 5424 lets a message begin. */
#define MARK STR("\xef\xbb\xbf")

static size_t find_cef(struct str line)
{
        size_t at = str_find(line, STR("CEF:"));
        bool is_first = at == 0 || (at != SIZE_MAX && (line.p[at - 1] == ' ' || line.p[at - 1] == '\t' || str_ends(str_from(line.p, at), MARK)));

        return is_first ? at : SIZE_MAX;
}

static const struct line_escapes escapes = { "\\|=nr", "\\|=\n\r" };

static int set(struct parse *x, struct record *record, struct str name, struct str text)
{
        text = lines_unescape(x->arena, text, &escapes);
        return text.p ? lines_set_named(x, record, name, text) : -ENOMEM;
}

/* The part up to the next bar, which is passed; false: there is none. */
static bool cut_part(struct str *rest, struct str *ret)
{
        for (size_t i = 0; i < rest->n; i++) {
                if (rest->p[i] == '\\')
                        i++;
                else if (rest->p[i] == '|') {
                        *ret = str_from(rest->p, i);
                        *rest = str_from(rest->p + i + 1, rest->n - i - 1);
                        return true;
                }
        }
        return false;
}

static bool is_key(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("_-.[]", c));
}

/* The next equals sign from p on that has a key before it, which begins the text or stands behind a blank; NULL: none. */
static const char *find_key(struct str text, const char *p, const char **ret_key)
{
        const char *from = p, *end = text.p + text.n;

        for (; p < end && (p = memchr(p, '=', (size_t)(end - p))); from = ++p) {
                const char *key = p;

                while (key > from && is_key(key[-1]))
                        key--;
                *ret_key = key;
                if (key < p && (key == text.p || key[-1] == ' '))
                        return p;
        }
        return NULL;
}

static int read_extension(struct parse *x, struct record *record, struct str text)
{
        const char *key = text.p, *p = find_key(text, text.p, &key);
        size_t n = 0;
        int r = 0;

        while (p && r >= 0) {
                const char *next_key = NULL, *next = find_key(text, p + 1, &next_key);
                const char *stop = next ? next_key : text.p + text.n;

                if (n++ == CEF_KEYS_MAX) {
                        x->counters->n[COUNTER_VALUES_CUT]++;
                        break;
                }
                r = set(x, record, str_from(key, (size_t)(p - key)), str_trim(str_from(p + 1, (size_t)(stop - p) - 1)));
                p = next;
                key = next_key;
        }
        return r;
}

static int read_cef(struct parse *x, struct record *record, struct str text)
{
        struct str rest = text, part;
        int r = 0;

        if (!str_starts(text, STR("CEF:")))
                return 0;
        rest = str_from(text.p + 4, text.n - 4);
        for (size_t i = 0; i < ARRAY_LEN(parts) && r >= 0; i++) {
                /* The last bar is missing where nothing follows. */
                if (!cut_part(&rest, &part)) {
                        if (i + 1 < ARRAY_LEN(parts))
                                return 0;
                        part = rest;
                        rest = STR("");
                }
                r = set(x, record, str_of(parts[i]), str_trim(part));
        }
        if (r >= 0)
                r = read_extension(x, record, rest);
        return r < 0 ? r : 1;
}

static const struct line_format format = {
        .fits = "is CEF",
        .misfit = "is no CEF (CEF:0|vendor|product|version|id|name|severity|…), or something stands in front of it",
        .needs_fit = true,
        .find = find_cef,
        .read = read_cef,
};

const struct decoder decoder_cef = {
        .name = "cef",
        .keys = keys,
        .lines = &format,
        .load = cef_load,
        .freeze = lines_freeze,
        .done = lines_done,
        .tests = cef_tests,
        .decode = lines_decode,
};
