/* SPDX-License-Identifier: Apache-2.0 */

/* A regime file, strictly: what it does not know is a mistake, with the name that was meant. */

#include "monitor/cases/regime_read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "monitor/base/utf8.h"
#include "monitor/cases/field.h"

enum { NEAR_DISTANCE_MAX = 3 };

/* ---- What is wrong ---- */

int regime_fail(struct regime_reader *r, const struct yaml *at, const char *fmt, ...)
{
        char text[ERR_TEXT_BYTES];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        return err_at(r->err, -EBADMSG, r->path, at->line, at->col, "%s", text);
}

int regime_no_room(struct regime_reader *r)
{
        return err_set(r->err, -ENOMEM, "out of memory");
}

void regime_did_you_mean(struct str wrong, const char *const *names, struct strbuf *out)
{
        size_t best = NEAR_DISTANCE_MAX;
        const char *near = NULL;

        for (; *names; names++)
                if (str_distance(wrong, str_of(*names)) < best) {
                        best = str_distance(wrong, str_of(*names));
                        near = *names;
                }
        if (near)
                strbuf_addf(out, "; did you mean %s?", near);
}

static int unknown_key(struct regime_reader *r, const struct yaml *key, const struct regime_key *keys, size_t n)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        const char *names[32] = { NULL };

        for (size_t i = 0; i < n && i + 1 < ARRAY_LEN(names); i++)
                names[i] = keys[i].name;
        strbuf_addf(&text, "unknown key " STR_FMT, STR_ARG(str_from(key->text.p, size_min(key->text.n, REGIME_ID_MAX))));
        n = text.n;
        regime_did_you_mean(key->text, names, &text);
        strbuf_addz(&text, text.n > n ? " Keys here are " : "; keys here are ");
        for (size_t i = 0; names[i]; i++)
                strbuf_addf(&text, "%s%s", i == 0 ? "" : names[i + 1] ? ", " : " and ", names[i]);
        return regime_fail(r, key, "%s", strbuf_failed(&text) ? "unknown key" : text.p);
}

int regime_read_keys(struct regime_reader *r, const struct yaml *map, const struct regime_key *keys, size_t n, void *to)
{
        if (map->kind != YAML_MAP)
                return regime_fail(r, map, "keys and values belong here, not %s", yaml_kind_name(map));
        for (size_t i = 0; i < map->n; i++) {
                const struct yaml_pair *pair = &map->pairs[i];
                size_t k = 0;
                int e;

                while (k < n && !str_eqz(pair->key->text, keys[k].name))
                        k++;
                e = k == n ? unknown_key(r, pair->key, keys, n) : keys[k].read(r, pair->value, to);
                if (e < 0)
                        return e;
        }
        return 0;
}

/* ---- Kinds ---- */

/* It goes to terminals, mail and pages, and a line of it is a line there. */
static bool may_stand(struct str text, bool may_break)
{
        struct str rest = text;
        uint32_t c;

        while (utf8_next(&rest, &c)) {
                bool joins = c >= 0x200c && c <= 0x200f; /* joiners and marks of direction: scripts need them */

                if (!joins && !(may_break && c == '\n') && utf8_is_harmful(c))
                        return false;
        }
        return utf8_is_valid(text);
}

static int read_words(struct regime_reader *r, const struct yaml *v, bool may_break, struct str *ret)
{
        if (!yaml_is_scalar(v) || v->kind == YAML_NULL || v->kind == YAML_BOOL || v->text.n == 0)
                return regime_fail(r, v, "a text belongs here");
        if (v->text.n > REGIME_TEXT_MAX)
                return regime_fail(r, v, "longer than %d bytes", REGIME_TEXT_MAX);
        *ret = str_trim(v->text);
        if (!may_stand(*ret, may_break))
                return regime_fail(r, v, "a character that cannot be shown, or a line break (> folds lines)");
        return ret->n > 0 ? 0 : regime_fail(r, v, "a text belongs here");
}

int regime_read_text(struct regime_reader *r, const struct yaml *v, struct str *ret)
{
        return read_words(r, v, false, ret);
}

int regime_read_note(struct regime_reader *r, const struct yaml *v, struct str *ret)
{
        return read_words(r, v, true, ret);
}

int regime_read_id(struct regime_reader *r, const struct yaml *v, struct str *ret)
{
        int k = regime_read_text(r, v, ret);
        bool is_good = k >= 0 && ret->n <= REGIME_ID_MAX && ret->p[0] >= 'a' && ret->p[0] <= 'z';

        for (size_t i = 0; i < ret->n && is_good; i++)
                is_good = (ret->p[i] >= 'a' && ret->p[i] <= 'z') || (ret->p[i] >= '0' && ret->p[i] <= '9') || ret->p[i] == '-';
        if (k >= 0 && !is_good)
                return regime_fail(r, v, "an id is of small letters, digits and dashes, %d at most", REGIME_ID_MAX);
        return k;
}

int regime_read_date(struct regime_reader *r, const struct yaml *v, usec *ret)
{
        if (!yaml_is_scalar(v) || v->text.n != 10 || v->text.p[4] != '-' || time_parse(v->text, TIME_UNIT_S, NULL, ret) < 0)
                return regime_fail(r, v, "a day belongs here, such as 2026-11-23");
        return 0;
}

bool regime_is_fact(struct str name)
{
        const struct case_field *field;
        struct str rest = name, base, part;

        if (str_eqz(name, "alerts"))
                return true;
        str_cut(&rest, '.', &base);
        if (rest.p && str_eqz(rest, "here"))
                return case_field_find(base) && case_field_find(base)->has_parts;
        if (rest.p && !case_is_country(rest) && str_distance(rest, STR("here")) == 1)
                return false; /* it would be a regime of that name */
        return case_field_split(name, &field, &part, NULL) == 0;
}

int regime_read_expr(struct regime_reader *r, const struct yaml *v, const struct expr **ret, struct str *ret_text)
{
        struct err inner = { 0 };
        struct expr *e = NULL;
        int k;

        if (v->kind == YAML_BOOL)
                return regime_fail(r, v, "an expression belongs here, such as  people.here >= 1000; without one it always holds");
        k = regime_read_text(r, v, ret_text);
        if (k < 0)
                return k;
        k = expr_parse(*ret_text, regime_is_fact, r->arena, &e, &inner);
        if (k < 0)
                return regime_fail(r, v, "%s", inner.text);
        *ret = e;
        return 0;
}

/* ---- Keys ---- */

static int key_id(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_id(r, v, &((struct regime *)to)->id);
}

static int key_title(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_text(r, v, &((struct regime *)to)->title);
}

static int key_law(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_text(r, v, &((struct regime *)to)->law);
}

static int key_note(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_note(r, v, &((struct regime *)to)->note);
}

static int key_representative(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_text(r, v, &((struct regime *)to)->representative);
}

static int key_applies(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct regime *g = to;

        return regime_read_expr(r, v, &g->applies, &g->applies_text);
}

static const char union_members[][3] = { "at", "be", "bg", "hr", "cy", "cz", "dk", "ee", "fi", "fr", "de", "gr", "hu", "ie", "it",
                                         "lv", "lt", "lu", "mt", "nl", "pl", "pt", "ro", "sk", "si", "es", "se" };
static const char area_members[][3] = { "is", "li", "no" }; /* of the EEA, beside those of the EU */

static int add_country(struct regime_reader *r, const struct yaml *at, struct regime *g, struct str code)
{
        struct err err = { 0 };

        if (case_country_check(code, &err) < 0)
                return regime_fail(r, at, "countries: %s", err.text);
        for (size_t i = 0; i < g->n_countries; i++)
                if (str_eq(g->countries[i], code))
                        return regime_fail(r, at, STR_FMT " stands here twice", STR_ARG(code));
        if (g->n_countries == REGIME_COUNTRIES_MAX)
                return regime_fail(r, at, "more than %d countries", REGIME_COUNTRIES_MAX);
        g->countries[g->n_countries++] = code;
        return 0;
}

static int read_country(struct regime_reader *r, const struct yaml *v, struct regime *g)
{
        bool is_area = yaml_is_scalar(v) && str_eqz(v->text, "eea");
        int k = 0;

        if (v->kind == YAML_BOOL)
                return regime_fail(r, v, "put 'no' (Norway) in quotes: without them it is the word for false");
        if (!yaml_is_scalar(v) || !case_is_country(v->text)) {
                if (!is_area)
                        return regime_fail(r, v, "countries: codes in small letters, such as [kr, us-ca]; eu and eea for all of theirs");
        } else if (str_eqz(v->text, "uk")) {
                return regime_fail(r, v, "countries: the code of the United Kingdom is gb");
        } else if (!str_eqz(v->text, "eu")) {
                return add_country(r, v, g, v->text);
        }
        for (size_t i = 0; i < ARRAY_LEN(union_members) && k >= 0; i++)
                k = add_country(r, v, g, str_of(union_members[i]));
        for (size_t i = 0; i < ARRAY_LEN(area_members) && is_area && k >= 0; i++)
                k = add_country(r, v, g, str_of(area_members[i]));
        return k;
}

static int key_countries(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct regime *g = to;
        int k = 0;

        if (v->kind != YAML_LIST || v->n == 0)
                return regime_fail(r, v, "countries: a list, such as [kr]; without this key it is about everybody's");
        g->countries = arena_array(r->arena, REGIME_COUNTRIES_MAX, sizeof *g->countries);
        if (!g->countries)
                return regime_no_room(r);
        for (size_t i = 0; i < v->n && k >= 0; i++)
                k = read_country(r, v->items[i], g);
        return k;
}

static int read_texts(struct regime_reader *r, const struct yaml *v, size_t max, struct str **ret, size_t *ret_n)
{
        int k = 0;

        if (v->kind != YAML_LIST || v->n == 0 || v->n > max)
                return regime_fail(r, v, "a list of 1 to %zu texts belongs here", max);
        *ret = arena_array(r->arena, v->n, sizeof **ret);
        if (!*ret)
                return regime_no_room(r);
        for (size_t i = 0; i < v->n && k >= 0; i++)
                k = v->items[i]->kind == YAML_BOOL ? regime_fail(r, v->items[i], "put 'no' in quotes: without them it is the word for false") :
                                                     regime_read_text(r, v->items[i], &(*ret)[(*ret_n)++]);
        return k;
}

static int key_languages(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct regime *g = to;

        return read_texts(r, v, REGIME_LANGUAGES_MAX, &g->languages, &g->n_languages);
}

static int key_sources(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct regime *g = to;

        return read_texts(r, v, REGIME_SOURCES_MAX, &g->sources, &g->n_sources);
}

static int key_zone(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct regime *g = to;
        struct regimes *all = r->to;
        struct err inner = { 0 };
        struct zone **more;
        int k = regime_read_text(r, v, &g->zone);

        if (k < 0)
                return k;
        for (size_t i = 0; i < all->n_zones; i++)
                if (str_eqz(g->zone, zone_name(all->zones[i]))) {
                        g->tz = all->zones[i];
                        return 0;
                }
        more = reallocarray(all->zones, all->n_zones + 1, sizeof *more);
        if (!more)
                return regime_no_room(r);
        all->zones = more;
        k = zone_open(NULL, g->zone, &all->zones[all->n_zones], &inner);
        if (k < 0)
                return regime_fail(r, v, "zone: %s", inner.text);
        g->tz = all->zones[all->n_zones++];
        return 0;
}

static int key_authority_name(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_text(r, v, &((struct regime *)to)->authority);
}

static int key_authority_portal(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_text(r, v, &((struct regime *)to)->portal);
}

static int key_authority(struct regime_reader *r, const struct yaml *v, void *to)
{
        static const struct regime_key keys[] = { { "name", key_authority_name }, { "portal", key_authority_portal } };

        return regime_read_keys(r, v, keys, ARRAY_LEN(keys), to);
}

static int key_checked_on(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_date(r, v, &((struct regime *)to)->checked_on);
}

static int key_confidence(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct regime *g = to;

        if (!yaml_is_scalar(v) || (!str_eqz(v->text, "high") && !str_eqz(v->text, "medium") && !str_eqz(v->text, "low")))
                return regime_fail(r, v, "confidence: high, medium or low");
        g->confidence = v->text;
        return 0;
}

static int key_valid_from(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_date(r, v, &((struct regime *)to)->valid_from);
}

static int key_valid_to(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_date(r, v, &((struct regime *)to)->valid_to);
}

static int key_weekdays(struct regime_reader *r, const struct yaml *v, void *to)
{
        static const char days[7][4] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
        struct regime *g = to;

        g->weekdays = 0;
        for (size_t i = 0; v->kind == YAML_LIST && i < v->n; i++) {
                unsigned day = 0;

                while (day < 7 && !(yaml_is_scalar(v->items[i]) && str_eqz(v->items[i]->text, days[day])))
                        day++;
                if (day == 7)
                        return regime_fail(r, v->items[i], "weekdays: of mon, tue, wed, thu, fri, sat, sun");
                g->weekdays |= 1U << day;
        }
        return g->weekdays ? 0 : regime_fail(r, v, "weekdays: a list, such as [mon, tue, wed, thu, fri]");
}

static int key_holidays(struct regime_reader *r, const struct yaml *v, void *to)
{
        const struct calendar *c = yaml_is_scalar(v) ? calendar_find(r->calendars, v->text) : NULL;
        struct regime *g = to;

        if (!c)
                return regime_fail(r, v, "holidays: there is no good list of this code: holidays/%.*s.yml beside the regimes",
                                   yaml_is_scalar(v) ? (int)size_min(v->text.n, REGIME_ID_MAX) : 4, yaml_is_scalar(v) ? v->text.p : "CODE");
        g->holidays = c->days;
        g->n_holidays = c->n_days;
        g->holidays_until = c->until;
        return 0;
}

static const struct regime_key keys[] = {
        { "id", key_id },
        { "title", key_title },
        { "countries", key_countries },
        { "zone", key_zone },
        { "languages", key_languages },
        { "authority", key_authority },
        { "representative", key_representative },
        { "law", key_law },
        { "applies", key_applies },
        { "sources", key_sources },
        { "checked_on", key_checked_on },
        { "confidence", key_confidence },
        { "valid_from", key_valid_from },
        { "valid_to", key_valid_to },
        { "note", key_note },
        { "weekdays", key_weekdays },
        { "holidays", key_holidays },
        { "duties", regime_read_duties },
        { "contents", regime_read_contents },
};

static const char *missing(const struct regime *g)
{
        const struct {
                const char *key;
                bool is_there;
        } wanted[] = {
                { "id", g->id.p },
                { "title", g->title.p },
                { "zone", g->tz },
                { "authority: {name: …}", g->authority.p },
                { "checked_on", g->checked_on != USEC_NONE },
                { "confidence", g->confidence.p },
                { "duties", g->n_duties > 0 },
                { "languages", g->is_contract || g->n_languages > 0 },
                { "law", g->is_contract || g->law.p },
                { "sources", g->is_contract || g->n_sources > 0 },
        };

        for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
                if (!wanted[i].is_there)
                        return wanted[i].key;
        return NULL;
}

/* Days of the law are days where the authority is. */
static usec local_midnight(const struct zone *z, usec utc)
{
        struct time_parts p;

        if (utc == USEC_NONE)
                return utc;
        time_split(utc, &p);
        return zone_join(z, &p);
}

int regime_read(struct regime_reader *r, const struct yaml *doc)
{
        struct regime *g = r->regime;
        int k;

        g->checked_on = g->valid_from = g->valid_to = g->holidays_until = USEC_NONE;
        g->weekdays = 0x1f;
        g->file = r->path;
        k = regime_read_keys(r, doc, keys, ARRAY_LEN(keys), g);
        if (k < 0)
                return k;
        if (missing(g))
                return regime_fail(r, doc, "%s is missing: a %s says so", missing(g), g->is_contract ? "contract" : "regime");
        g->valid_from = local_midnight(g->tz, g->valid_from);
        g->valid_to = local_midnight(g->tz, g->valid_to);
        if (g->valid_from != USEC_NONE && g->valid_to != USEC_NONE && g->valid_to <= g->valid_from)
                return regime_fail(r, doc, "valid_to is the first day on which it does not hold: behind valid_from");
        return 0;
}
