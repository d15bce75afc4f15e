/* SPDX-License-Identifier: Apache-2.0 */

/* From records to group keys and counted values. A record may hold a hundred thousand values: whatever multiplies is cut
 * at a named limit before it does. */

#include "monitor/detect/extract.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/history_kinds.h"

/* The platform's own field goes before the ECS field of that name. */
static const struct slot *find_slot(const struct record *r, const struct field_ref *ref)
{
        const struct slot *slot = record_slot(r, ref->native);

        return slot ? slot : record_slot(r, ref->ecs);
}

/* ---- Groups ---- */

static bool has_value(const struct column *c, struct str value)
{
        for (size_t i = 0; i < c->n; i++)
                if (str_eq(c->values[i], value))
                        return true;
        return false;
}

/* False: there are more. */
static bool find_column(const struct record *record, const struct field_ref *ref, struct column *ret)
{
        const struct slot *slot = find_slot(record, ref);

        ret->n = 0;
        for (const struct value *v = slot ? slot->first : NULL; v; v = v->next) {
                struct str text = value_scalar(v);

                if (!text.p || value_is_placeholder(text) || has_value(ret, text))
                        continue;
                if (ret->n == ENGINE_GROUP_VALUES_MAX)
                        return false;
                ret->values[ret->n++] = text;
        }
        return true;
}

size_t extract_groups(struct extract *x, const struct entry *entry, size_t member, const struct record *record)
{
        const struct field_ref *refs = entry_groups(entry, record->source_index, member);
        size_t n = 1;

        x->n_columns = entry->rule->correlation->n_group_by;
        x->is_cut = false;
        for (size_t i = 0; i < x->n_columns; i++) {
                x->is_cut |= !find_column(record, &refs[i], &x->columns[i]);
                if (x->columns[i].n == 0)
                        return 0;
                n *= x->columns[i].n;
                if (n > ENGINE_GROUP_VALUES_MAX) {
                        x->is_cut = true;
                        n = ENGINE_GROUP_VALUES_MAX;
                }
        }
        return n;
}

static void add_value(struct strbuf *key, struct str value)
{
        CLEANUP(strbuf_done) struct strbuf buf = STRBUF_INIT;

        group_key_add(key, group_key_value(value, &buf));
}

void extract_key(const struct extract *x, uint32_t rule, size_t number, struct strbuf *key)
{
        group_key_begin(key, rule);
        for (size_t i = 0; i < x->n_columns; i++) { /* the first column turns fastest */
                add_value(key, x->columns[i].values[number % x->columns[i].n]);
                number /= x->columns[i].n;
        }
}

void extract_key_single(const struct record *record, uint32_t rule, struct strbuf *key)
{
        static const enum ecs fields[] = { ECS_PERSON, ECS_SOURCE_IP };

        group_key_begin(key, rule);
        for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
                struct str value = record_ecs(record, fields[i]);

                if (!value.p || value_is_placeholder(value))
                        continue;
                group_key_add(key, str_of(ecs_field(fields[i])->name));
                add_value(key, value);
                return;
        }
}

/* ---- Values ---- */

/* False: there are more. */
static bool find_texts(const struct record *record, const struct field_ref *ref, struct texts *ret)
{
        const struct slot *slot = find_slot(record, ref);

        ret->n = 0;
        for (const struct value *v = slot ? slot->first : NULL; v; v = v->next) {
                if (!value_scalar(v).p)
                        continue;
                if (ret->n == ENGINE_HIT_VALUES_MAX)
                        return false;
                ret->items[ret->n++] = value_scalar(v);
        }
        return true;
}

/* The numbers among the texts of the only field; what is none is counted. */
static void add_numbers(struct extract *x, bool is_rising)
{
        for (size_t i = 0; i < x->texts[0].n; i++) {
                measure_t m;

                if (!measure_parse(x->texts[0].items[i], &m)) {
                        x->n_refused++;
                        continue;
                }
                if (is_rising && m < 0) { /* a sum must not fall when a hit is added */
                        x->n_refused++;
                        m = 0;
                }
                x->values[x->n_values++] = measure_pack(m);
        }
}

/* The first value of each field; the hour of the week stands for itself. */
static void add_texts(struct extract *x, const struct entry *entry, size_t n, const struct record *record)
{
        for (size_t i = 0; i < n; i++) {
                struct str text = x->texts[i].n > 0 ? x->texts[i].items[0] : STR("");
                char hour[HISTORY_HOUR_BYTES];

                if (str_eqz(entry->window.parameters.fields[i], HOUR_FIELD))
                        text = history_hour(record->time, hour);
                ledger_pack(value_is_placeholder(text) ? STR("") : text, &x->values[x->n_values]);
                x->n_values += LEDGER_CELLS;
        }
}

/* "37.57,126.98" */
static bool read_location(struct str text, struct place *ret)
{
        struct str rest = text, lat;
        measure_t a, b;

        if (!str_cut(&rest, ',', &lat) || !rest.p || !measure_parse(lat, &a) || !measure_parse(rest, &b))
                return false;
        ret->lat = (double)a / MEASURE_MICRO;
        ret->lon = (double)b / MEASURE_MICRO;
        return ret->lat >= -90 && ret->lat <= 90 && ret->lon >= -180 && ret->lon <= 180;
}

static struct str first_text(const struct texts *t)
{
        return t->n > 0 ? t->items[0] : STR("");
}

/* The fields are those of travel_fields (kind.c), in that order. */
static void add_place(struct extract *x)
{
        struct place p = { .country = "" };
        measure_t radius = 0;
        struct str country = first_text(&x->texts[2]);

        if (!read_location(first_text(&x->texts[0]), &p))
                return;
        if (measure_parse(first_text(&x->texts[1]), &radius))
                p.radius_km = (double)radius / MEASURE_MICRO;
        if (country.n == 2)
                memcpy(p.country, country.p, 2);
        p.is_known_network = x->texts[3].n > 0;
        p.is_country = str_eqz(first_text(&x->texts[4]), "country");
        x->values[x->n_values++] = place_pack(&p);
}

/* Every combination of the fields' texts from field `at` on. False: there are more. */
static bool add_tuples(struct extract *x, size_t at, size_t n, struct str *parts)
{
        if (at == n) {
                if (x->n_values == ENGINE_HIT_VALUES_MAX)
                        return false;
                x->values[x->n_values++] = hash128_of(parts, n);
                return true;
        }
        for (size_t i = 0; i < x->texts[at].n; i++) {
                parts[at] = x->texts[at].items[i];
                if (!add_tuples(x, at + 1, n, parts))
                        return false;
        }
        return true;
}

void extract_values(struct extract *x, const struct entry *entry, const struct record *record)
{
        const struct field_ref *refs;
        struct str parts[RULES_FIELDS_MAX];
        bool is_any = true;
        size_t n;

        x->n_values = x->n_refused = 0;
        x->is_cut = false;
        if (entry->window.kind->brings == BRINGS_NOTHING)
                return;
        refs = entry_values(entry, record->source_index);
        n = entry->window.parameters.n_fields;
        for (size_t i = 0; i < n; i++) {
                x->is_cut |= !find_texts(record, &refs[i], &x->texts[i]);
                is_any &= x->texts[i].n > 0;
        }
        switch (entry->window.kind->brings) {
        case BRINGS_NUMBERS: add_numbers(x, !entry->window.waits || entry->window.kind->judge); break;
        case BRINGS_TEXTS: add_texts(x, entry, n, record); break;
        case BRINGS_PLACE: add_place(x); break;
        case BRINGS_VALUES:
        case BRINGS_NOTHING: break;
        }
        if (entry->window.kind->brings == BRINGS_VALUES && is_any)
                x->is_cut |= !add_tuples(x, 0, n, parts);
}

int extract_set_values(const struct extract *x, struct hit *hit)
{
        hit->n_values = x->n_values;
        if (x->n_values == 1)
                hit->value = x->values[0];
        if (x->n_values < 2)
                return 0;
        hit->values = reallocarray(NULL, x->n_values, sizeof *hit->values);
        if (!hit->values)
                return -ENOMEM;
        memcpy(hit->values, x->values, x->n_values * sizeof *hit->values);
        return 0;
}
