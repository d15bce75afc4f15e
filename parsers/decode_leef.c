/* SPDX-License-Identifier: Apache-2.0 */

/* Format leef: the Log Event Extended Format (IBM, "QRadar Log Event Extended Format (LEEF)"), versions 1.0 and 2.0, alone on its line
 * or behind a syslog header:
 *
 *     LEEF:1.0|vendor|product|version|event id|src=192.0.2.7<tab>usrName=mei
 *     LEEF:2.0|vendor|product|version|event id|^|src=192.0.2.7^usrName=mei
 *
 * Native fields: LEEFVersion, DeviceVendor, DeviceProduct, DeviceVersion, EventID; the attributes as they are; those of the syslog
 * header. There are no escapes. Version 2.0 names what stands between attributes, as itself or in hexadecimal (x5E, 0x5e); a tab
 * else, also as rsyslog writes it (#011). */

#include <errno.h>

#include "monitor/base/escape.h"
#include "parsers/decoder.h"
#include "parsers/lines.h"

enum { LEEF_KEYS_MAX = 1000 }; /* of one record; more are left out and counted */

static const char *const keys[] = { "programs", "journal", NULL };

static const char *const parts[] = { "LEEFVersion", "DeviceVendor", "DeviceProduct", "DeviceVersion", "EventID" };

static int leef_load(struct loader *l, const struct yaml *doc)
{
        int r = lines_load_header(l, doc, true);

        return r < 0 ? r : lines_load_rest(l, doc);
}

static unsigned leef_tests(const struct source *s)
{
        return lines_tests(s, 1);
}

/* ---- Reading ---- */

static size_t find_leef(struct str line)
{
        size_t at = str_find(line, STR("LEEF:"));
        bool is_first = at == 0 || (at != SIZE_MAX && (line.p[at - 1] == ' ' || line.p[at - 1] == '\t' ||
                                                       str_ends(str_from(line.p, at), STR("\xef\xbb\xbf"))));

        return is_first ? at : SIZE_MAX;
}

/* The text up to the separator, which is passed; to the end when there is none. */
static struct str cut(struct str *rest, struct str separator)
{
        size_t at = str_find(*rest, separator);
        struct str part = str_from(rest->p, at == SIZE_MAX ? rest->n : at);
        size_t n = at == SIZE_MAX ? rest->n : at + separator.n;

        *rest = str_from(rest->p + n, rest->n - n);
        return part;
}

/* "x5E" and "0x5e": that byte; 0 else. */
static char hex_byte(struct str text)
{
        int high, low;

        if (str_starts(text, STR("0x")))
                text = str_from(text.p + 1, text.n - 1);
        if (text.n != 3 || (text.p[0] != 'x' && text.p[0] != 'X'))
                return '\0';
        high = escape_hex_digit(text.p[1]);
        low = escape_hex_digit(text.p[2]);
        return high < 0 || low < 0 ? '\0' : (char)(high * 16 + low);
}

/* What stands between the attributes. In version 2.0 a part of the header says it; some writers leave that out. `byte` is room
 * for it. */
static struct str find_separator(bool is_second, struct str *rest, char *byte)
{
        struct str after = *rest, part = cut(&after, STR("|"));
        bool is_part = is_second && str_find(*rest, STR("|")) != SIZE_MAX;

        *byte = '\t';
        if (is_part && (part.n <= 1 || hex_byte(part))) {
                *rest = after;
                if (part.n > 0)
                        *byte = part.n == 1 ? *part.p : hex_byte(part);
        }
        if (*byte == '\t' && str_find(*rest, STR("\t")) == SIZE_MAX && str_find(*rest, STR("#011")) != SIZE_MAX)
                return STR("#011");
        return str_from(byte, 1);
}

static int read_attributes(struct parse *x, struct record *record, struct str rest, struct str separator)
{
        int r = 0;

        for (size_t n = 0; rest.n > 0 && r >= 0; n++) {
                struct str value = cut(&rest, separator), key;
                size_t whole = value.n;

                if (n == LEEF_KEYS_MAX) {
                        x->counters->n[COUNTER_VALUES_CUT]++;
                        break;
                }
                key = str_trim(cut(&value, STR("=")));
                if (key.n > 0 && key.n < whole)
                        r = lines_set_named(x, record, key, str_trim(value));
        }
        return r;
}

static int read_leef(struct parse *x, struct record *record, struct str text)
{
        struct str rest = text, separator;
        char byte;
        int r = 0;

        if (!str_starts(text, STR("LEEF:")))
                return 0;
        rest = str_from(text.p + 5, text.n - 5);
        for (size_t i = 0; i < ARRAY_LEN(parts) && r >= 0; i++) {
                /* The last bar is missing where nothing follows. */
                if (i + 1 < ARRAY_LEN(parts) && str_find(rest, STR("|")) == SIZE_MAX)
                        return 0;
                r = lines_set_named(x, record, str_of(parts[i]), str_trim(cut(&rest, STR("|"))));
        }
        separator = find_separator(str_starts(text, STR("LEEF:2")), &rest, &byte);
        if (r >= 0)
                r = read_attributes(x, record, rest, separator);
        return r < 0 ? r : 1;
}

static const struct line_format format = {
        .misfit = "is no LEEF (LEEF:1.0|vendor|product|version|event id|…), or something stands in front of it",
        .needs_fit = true,
        .find = find_leef,
        .read = read_leef,
};

const struct decoder decoder_leef = {
        .name = "leef",
        .keys = keys,
        .lines = &format,
        .load = leef_load,
        .freeze = lines_freeze,
        .done = lines_done,
        .tests = leef_tests,
        .decode = lines_decode,
};
