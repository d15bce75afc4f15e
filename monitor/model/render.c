/* SPDX-License-Identifier: Apache-2.0 */

/* A record as flat JSON, and sentences with fields in braces. The sentence is text for a person: making it safe for a
 * terminal is left to whoever shows it (text_display()). */

#include "monitor/model/render.h"

#include "monitor/base/json_write.h"

/* ---- JSON ---- */

static void write_value(struct json_writer *w, const struct value *v)
{
        switch (v->kind) {
        case VALUE_NULL:
                json_null(w);
                return;
        case VALUE_NUMBER:
        case VALUE_BOOL:
        case VALUE_OBJECT:
                json_raw(w, v->text);
                return;
        case VALUE_STRING:
                json_str(w, v->text);
                return;
        }
}

static void write_slot(struct json_writer *w, struct str name, const struct slot *slot)
{
        if (!slot->is_present)
                return;
        json_key_str(w, name);
        if (slot->n == 1) {
                write_value(w, slot->first);
                return;
        }
        json_begin(w, '[');
        for (const struct value *v = slot->first; v; v = v->next)
                write_value(w, v);
        json_end(w, ']');
}

void render_record_json(const struct record *r, const struct str *native, struct strbuf *out)
{
        struct json_writer w = JSON_WRITER(out);
        char stamp[TIME_ISO_BYTES];

        json_begin(&w, '{');
        if (r->time != USEC_NONE) {
                time_format_iso(r->time, stamp);
                json_key(&w, "@timestamp");
                json_strz(&w, stamp);
        }
        for (size_t i = 0; i < _ECS_MAX; i++)
                if (i != ECS_TIMESTAMP || r->time == USEC_NONE)
                        write_slot(&w, str_of(ecs_field((enum ecs)i)->name), &r->slots[i]);
        json_key(&w, "shopbell.file");
        json_strz(&w, r->file);
        json_key(&w, "shopbell.index");
        json_int(&w, (int64_t)r->index);
        for (size_t i = _ECS_MAX; native && i < r->n_slots; i++)
                write_slot(&w, native[i - _ECS_MAX], &r->slots[i]);
        json_end(&w, '}');
}

/* ---- Sentences ---- */

enum { SHOWN_VALUES_MAX = 3 };

static const struct {
        const char *prefix, *words;
} missing[] = {
        { "user.target", "someone" },
        { "user", "someone" },
        { "shopbell.person", "someone" },
        { "source", "an unknown address" },
        { "shopbell.object", "something" },
        { "cloud.account", "the account" },
};

static void add_missing(struct strbuf *out, struct str name)
{
        for (size_t i = 0; i < ARRAY_LEN(missing); i++)
                if (str_starts(name, str_of(missing[i].prefix))) {
                        strbuf_addz(out, missing[i].words);
                        return;
                }
        strbuf_addz(out, "unknown");
}

static bool add_slot(struct strbuf *out, const struct slot *slot)
{
        size_t shown = 0;

        if (!slot->is_present)
                return false;
        for (const struct value *v = slot->first; v; v = v->next) {
                struct str text = value_scalar(v);

                if (!text.p || text.n == 0)
                        continue;
                if (shown == SHOWN_VALUES_MAX) {
                        strbuf_addf(out, " and %u more", slot->n - SHOWN_VALUES_MAX);
                        break;
                }
                strbuf_addz(out, shown ? ", " : "");
                strbuf_add(out, text);
                shown++;
        }
        return shown > 0;
}

static bool add_name(struct str name, const struct record *r, const struct render_extra *extra, size_t n_extra,
                     struct strbuf *out)
{
        enum ecs field;

        for (size_t i = 0; i < n_extra; i++)
                if (str_eqz(name, extra[i].name)) {
                        strbuf_add(out, extra[i].value);
                        return extra[i].value.n > 0;
                }
        field = ecs_find(name);
        return field != _ECS_MAX && r && add_slot(out, &r->slots[field]);
}

/* The inside of one pair of braces: names parted by '|'. */
static void add_choice(struct str choice, const struct record *r, const struct render_extra *extra, size_t n_extra,
                       struct strbuf *out)
{
        struct str rest = choice, name, first = STR_NONE;

        while (str_cut(&rest, '|', &name)) {
                name = str_trim(name);
                if (!first.p)
                        first = name;
                if (add_name(name, r, extra, n_extra, out))
                        return;
        }
        add_missing(out, first);
}

/* Splits at the next pair of braces: text before it, the inside, the rest. "{{" is left to the text. */
static bool next_braces(struct str *rest, struct str *ret_before, struct str *ret_inside)
{
        size_t open = 0, close;

        while (open < rest->n && !(rest->p[open] == '{' && !(open + 1 < rest->n && rest->p[open + 1] == '{')))
                open += rest->p[open] == '{' ? 2 : 1;
        if (open >= rest->n)
                return false;
        close = open + 1;
        while (close < rest->n && rest->p[close] != '}')
                close++;
        if (close >= rest->n)
                return false;
        *ret_before = str_from(rest->p, open);
        *ret_inside = str_from(rest->p + open + 1, close - open - 1);
        *rest = str_from(rest->p + close + 1, rest->n - close - 1);
        return true;
}

static void add_plain(struct strbuf *out, struct str text)
{
        for (size_t i = 0; i < text.n; i++) {
                strbuf_addc(out, text.p[i]);
                if (text.p[i] == '{' && i + 1 < text.n && text.p[i + 1] == '{')
                        i++;
        }
}

void render_sentence(struct str pattern, const struct record *r, const struct render_extra *extra, size_t n_extra,
                     struct strbuf *out)
{
        struct str rest = pattern, before, inside;

        while (next_braces(&rest, &before, &inside)) {
                add_plain(out, before);
                add_choice(inside, r, extra, n_extra, out);
        }
        add_plain(out, rest);
}

static bool is_known(struct str name, const char *const *extra_names)
{
        for (size_t i = 0; extra_names && extra_names[i]; i++)
                if (str_eqz(name, extra_names[i]))
                        return true;
        return ecs_find(name) != _ECS_MAX;
}

bool render_check(struct str pattern, const char *const *extra_names, struct str *ret_bad)
{
        struct str rest = pattern, before, inside, name;

        while (next_braces(&rest, &before, &inside))
                while (str_cut(&inside, '|', &name))
                        if (!is_known(str_trim(name), extra_names)) {
                                *ret_bad = str_trim(name);
                                return false;
                        }
        return true;
}
