/* SPDX-License-Identifier: Apache-2.0 */

/* What the values of each field look like, and the words that its name is made of. */

#include <errno.h>

#include "monitor/base/number.h"
#include "monitor/base/utf8.h"
#include "parsers/address.h"
#include "parsers/draft_impl.h"

enum { WORD_CHARS_MAX = 80, WORD_BLANKS_MAX = 7, ID_HEX_MIN = 12, ODD_PART = 4 /* up to one value in so many may be of another shape */ };

#define EPOCH_MIN INT64_C(946684800) /* 2000 */
#define EPOCH_MAX INT64_C(4102444800) /* 2100 */

/* ---- Words ---- */

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_word(char c) { return is_lower(c) || is_upper(c) || is_digit(c) || (c & 0x80); }

/* A new word begins at a capital: behind a small letter or digit, or before one ("userIDs", "IPAddress"). */
static bool begins_word(struct str s, size_t i)
{
        if (i == 0 || !is_upper(s.p[i]))
                return false;
        return is_lower(s.p[i - 1]) || (is_upper(s.p[i - 1]) && i + 1 < s.n && is_lower(s.p[i + 1]));
}

struct str draft_words(struct arena *arena, struct str text)
{
        char *p = arena_bytes(arena, 2 * text.n + 2);
        size_t n = 0;

        if (!p)
                return STR_NONE;
        p[n++] = ' ';
        for (size_t i = 0; i < text.n; i++) {
                char c = text.p[i];

                if ((!is_word(c) || begins_word(text, i)) && p[n - 1] != ' ')
                        p[n++] = ' ';
                if (is_word(c))
                        p[n++] = is_upper(c) ? (char)(c - 'A' + 'a') : c;
        }
        if (p[n - 1] != ' ')
                p[n++] = ' ';
        return str_from(p, n);
}

int draft_weigh(struct str words, const char *list)
{
        struct str rest = str_of(list), entry;
        int sum = 0;

        while (str_cut(&rest, ' ', &entry)) {
                struct str word;
                char needle[64];
                int64_t weight = 0;
                size_t n = 0;

                (void)str_cut(&entry, ':', &word);
                if (word.n + 2 > sizeof needle || str_to_i64(entry, &weight) < 0)
                        continue;
                needle[n++] = ' ';
                for (size_t i = 0; i < word.n; i++)
                        needle[n++] = word.p[i] == '_' ? ' ' : word.p[i];
                needle[n++] = ' ';
                if (str_find(words, str_from(needle, n)) != SIZE_MAX)
                        sum += (int)weight;
        }
        return sum;
}

/* ---- Shapes ---- */

int draft_outcome(struct str text)
{
        static const char *const good[] = { "success", "succeeded", "successful", "ok", "true", "yes", "allow", "allowed", "granted",
                                            "passed", "accepted", "completed", "complete", "200", "201", "204", NULL };
        static const char *const bad[] = { "failure", "failed", "fail", "error", "denied", "deny", "false", "no", "blocked", "rejected",
                                           "refused", "unauthorized", "forbidden", "invalid", "challenge_failed", "400", "401", "403",
                                           "404", "500", NULL };

        for (size_t i = 0; good[i]; i++)
                if (str_eq_nocase(text, str_of(good[i])))
                        return 1;
        for (size_t i = 0; bad[i]; i++)
                if (str_eq_nocase(text, str_of(bad[i])))
                        return -1;
        return 0;
}

const char *draft_unit(struct str number)
{
        static const struct {
                enum time_unit unit;
                const char *name;
        } units[] = { { TIME_UNIT_S, "s" }, { TIME_UNIT_MS, "ms" }, { TIME_UNIT_US, "us" }, { TIME_UNIT_NS, "ns" } };

        for (size_t i = 0; i < ARRAY_LEN(units); i++) {
                usec t;

                if (time_parse(number, units[i].unit, NULL, &t) == 0 && t >= EPOCH_MIN * USEC_PER_SEC && t < EPOCH_MAX * USEC_PER_SEC)
                        return units[i].name;
        }
        return NULL;
}

static bool is_number(struct str s)
{
        size_t digits = 0, points = 0;

        for (size_t i = 0; i < s.n; i++) {
                digits += is_digit(s.p[i]);
                points += s.p[i] == '.';
                if (!is_digit(s.p[i]) && s.p[i] != '.' && !(i == 0 && s.p[i] == '-'))
                        return false;
        }
        return digits > 0 && points <= 1;
}

static bool is_hex_id(struct str s)
{
        size_t hex = 0, digits = 0;

        for (size_t i = 0; i < s.n; i++) {
                char c = s.p[i];

                if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F') && c != '-')
                        return false;
                hex += c != '-';
                digits += is_digit(c);
        }
        return hex >= ID_HEX_MIN && digits > 0;
}

/* A stamp in text: what time_parse() reads, and more than a number. */
static bool is_stamp(struct str s)
{
        struct time_hint hint = { .reference = EPOCH_MAX * USEC_PER_SEC };
        bool has_sign = false;
        usec t;

        for (size_t i = 1; i < s.n; i++)
                has_sign = has_sign || strchr(":/-T ", s.p[i]);
        return s.n >= 8 && (has_sign || s.n == 14 || s.n == 18) && time_parse(s, TIME_UNIT_AUTO, &hint, &t) == 0 && t >= EPOCH_MIN * USEC_PER_SEC;
}

static bool is_mail(struct str s)
{
        size_t at = str_find(s, STR("@"));

        if (at == SIZE_MAX || at == 0 || memchr(s.p, ' ', s.n) || memchr(s.p, '/', s.n))
                return false;
        s = str_from(s.p + at + 1, s.n - at - 1);
        return str_find(s, STR("@")) == SIZE_MAX && str_find(s, STR(".")) != SIZE_MAX && s.n >= 3;
}

/* "name/1.2", once or more. */
static bool is_agent(struct str s)
{
        for (size_t i = 1; i + 1 < s.n; i++)
                if (s.p[i] == '/' && (is_lower(s.p[i - 1]) || is_upper(s.p[i - 1])) && is_digit(s.p[i + 1]))
                        return true;
        return false;
}

static bool is_action(struct str s)
{
        size_t blanks = 0, letters = 0;

        for (size_t i = 0; i < s.n; i++) {
                blanks += s.p[i] == ' ';
                letters += is_lower(s.p[i]) || is_upper(s.p[i]);
                if ((unsigned char)s.p[i] < 0x20)
                        return false;
        }
        return letters >= 2 && s.n <= WORD_CHARS_MAX && blanks <= WORD_BLANKS_MAX && str_find(s, STR("://")) == SIZE_MAX;
}

unsigned draft_shapes(struct str s)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        unsigned shapes = draft_outcome(s) ? SHAPE_OUTCOME : 0;
        struct str address;

        if (is_number(s))
                return shapes | SHAPE_NUMBER | SHAPE_ID | (draft_unit(s) ? SHAPE_EPOCH : 0) | (is_stamp(s) ? SHAPE_TIME : 0);
        if (str_eqz(s, "true") || str_eqz(s, "false"))
                return shapes | SHAPE_BOOL;
        if (is_stamp(s))
                return shapes | SHAPE_TIME;
        if (arena && address_clean(arena, s, &address) > 0)
                return shapes | SHAPE_ADDRESS;
        if (is_mail(s))
                return shapes | SHAPE_MAIL | SHAPE_TEXT;
        if (is_hex_id(s))
                return shapes | SHAPE_ID | SHAPE_TEXT;
        if (is_agent(s))
                return shapes | SHAPE_AGENT | SHAPE_TEXT;
        return shapes | SHAPE_TEXT | (is_action(s) ? SHAPE_WORD : 0);
}

/* ---- Fields of all records ---- */

/* What a source file can name: no empty part. */
static bool is_path(struct str s)
{
        return s.n > 0 && s.n < 1000 && s.p[0] != '.' && s.p[s.n - 1] != '.' && str_find(s, STR("..")) == SIZE_MAX && str_find(s, STR("[]")) == SIZE_MAX;
}

static struct draft_field *field_of(struct draft *d, struct map *names, struct str path)
{
        struct draft_field *f = map_get(names, path);
        struct str last = path;

        if (f || d->n_fields == DRAFT_FIELDS_MAX || !is_path(path))
                return f;
        f = &d->fields[d->n_fields];
        f->path = path;
        f->words = draft_words(d->arena, path);
        for (size_t i = 0; i < path.n; i++)
                if (path.p[i] == '.')
                        last = str_from(path.p + i + 1, path.n - i - 1);
        f->last = draft_words(d->arena, last);
        if (!f->words.p || !f->last.p || map_put(names, path, f) < 0)
                return NULL;
        d->n_fields++;
        return f;
}

/* Records of one fan-out have what lies around the list in common: that is no repetition. */
static void add_value(const struct draft *d, struct draft_field *f, size_t record, const struct flat_field *value)
{
        bool is_container = value->kind == JSON_ARRAY || value->kind == JSON_OBJECT;

        f->has_many = f->has_many || (f->last_record == record + 1 && f->n_filled > 0);
        f->n_records += f->last_record != record + 1;
        f->last_record = record + 1;
        if (value->kind == JSON_NULL || is_container || value_is_placeholder(value->text))
                return;
        f->n_filled++;
        for (unsigned shapes = draft_shapes(value->text); shapes; shapes &= shapes - 1)
                f->n_shaped[__builtin_ctz(shapes)]++;
        for (size_t i = 0; i < f->n_values; i++)
                if (str_eq(f->values[i], value->text)) {
                        f->has_repeats = f->has_repeats || record == 0 || d->records[record].text.p != d->records[record - 1].text.p;
                        return;
                }
        if (f->n_values == DRAFT_VALUES_MAX)
                f->has_more = true;
        else
                f->values[f->n_values++] = value->text;
}

/* A shape is that of a field when few values lack it: an address is a name here and there. */
static void settle_shapes(struct draft_field *f)
{
        for (size_t i = 0; i < DRAFT_SHAPES; i++)
                if (f->n_filled > 0 && ODD_PART * (f->n_filled - f->n_shaped[i]) <= f->n_filled)
                        f->shapes |= 1U << i;
}

int draft_stats(struct draft *d)
{
        struct map names = MAP_INIT;

        d->fields = arena_array(d->arena, DRAFT_FIELDS_MAX, sizeof *d->fields);
        if (!d->fields)
                return -ENOMEM;
        for (size_t i = 0; i < d->n_records; i++)
                for (size_t k = 0; k < d->records[i].flat.n; k++) {
                        const struct flat_field *value = &d->records[i].flat.items[k];
                        struct draft_field *f = field_of(d, &names, value->name);

                        if (f)
                                add_value(d, f, i, value);
                }
        map_done(&names);
        for (size_t i = 0; i < d->n_fields; i++)
                d->n_common = size_max(d->n_common, d->fields[i].n_records);
        for (size_t i = 0; i < d->n_fields; i++)
                settle_shapes(&d->fields[i]);
        return 0;
}
