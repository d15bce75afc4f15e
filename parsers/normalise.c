/* SPDX-License-Identifier: Apache-2.0 */

/* Every record goes through here, so nothing is allocated but from the arena, and values are shared with the native
 * slots wherever nothing changes them. Slots that share values are replaced, never appended to. */

#include "parsers/normalise.h"

#include <errno.h>

#include "monitor/base/utf8.h"
#include "parsers/address.h"

static uint64_t bit(enum ecs field)
{
        return UINT64_C(1) << field;
}

static int set_text(struct parse *x, struct record *r, enum ecs field, struct str text)
{
        struct slot *slot = &r->slots[field];

        *slot = (struct slot){ 0 };
        return slot_add(slot, x->arena, VALUE_STRING, text);
}

/* ---- Fields and classes ---- */

static int drop_placeholders(struct parse *x, struct slot *slot)
{
        struct slot kept = { 0 };
        bool has = false;

        for (const struct value *v = slot->first; v && !has; v = v->next)
                has = value_is_placeholder(v->text);
        if (!has)
                return 0;
        for (const struct value *v = slot->first; v; v = v->next)
                if (!value_is_placeholder(v->text) && slot_add(&kept, x->arena, v->kind, v->text) == -ENOMEM)
                        return -ENOMEM;
        *slot = kept;
        return 0;
}

/* 1: the field is decided; 0: the rule has nothing to say. */
static int apply_field(struct parse *x, const struct derive_env *env, const struct field_rule *f, struct record *record)
{
        struct slot slot = { 0 };
        int r = derive_eval(f->from, env, record, &slot);

        if (r > 0 && f->drops_placeholders && drop_placeholders(x, &slot) < 0)
                return -ENOMEM;
        if (r > 0)
                record->slots[f->field] = slot;
        return r;
}

static int add_classes(struct parse *x, struct record *record, uint32_t classes, uint32_t *had)
{
        int r = 0;

        for (uint32_t more = classes & ~*had; more && r >= 0; more &= more - 1)
                r = slot_add(&record->slots[ECS_CLASS], x->arena, VALUE_STRING,
                             str_of(class_name((enum class)__builtin_ctz(more))));
        *had |= classes;
        return r;
}

/* A row whose `when` holds: its classes, and what it sets unless a row before it has. */
static int apply_row(struct parse *x, const struct derive_env *env, const struct class_row *row, struct record *record,
                     uint64_t wanted, uint64_t *decided, uint32_t *classes)
{
        if (row->unless && bound_holds(row->unless, record, env))
                return 0;
        if (add_classes(x, record, row->classes, classes) < 0)
                return -ENOMEM;
        for (size_t k = 0; k < row->n_set; k++) {
                const struct field_rule *f = &row->set[k];
                int r = *decided & bit(f->field) || !(wanted & bit(f->field)) ? 0 : apply_field(x, env, f, record);

                if (r < 0)
                        return r;
                if (r > 0)
                        *decided |= bit(f->field);
        }
        return 0;
}

/* Widens *wanted to `wanted_of_class` when the record may have a class. */
static int apply_classes(struct parse *x, const struct derive_env *env, struct record *record, uint64_t *wanted,
                         uint64_t wanted_of_class, uint64_t *decided, uint32_t *classes)
{
        const struct source *s = x->source;
        uint32_t rows[CLASS_ROWS_MAX];
        size_t n;
        int r = 0;

        if (!s->class_program || !(*wanted & (s->class_fields | bit(ECS_CLASS))))
                return 0;
        n = sigma_program_match(s->class_program, record, env->sigma, rows, CLASS_ROWS_MAX);
        if (n > 0)
                *wanted |= wanted_of_class;
        for (size_t i = 0; i < n && r >= 0; i++)
                r = apply_row(x, env, &s->classes[rows[i]], record, *wanted, decided, classes);
        return r;
}

static int apply_fields(struct parse *x, const struct derive_env *env, struct record *record, uint64_t wanted)
{
        const struct source *s = x->source;

        for (size_t i = 0; i < s->n_fields; i++)
                if (wanted & bit(s->fields[i].field) && apply_field(x, env, &s->fields[i], record) < 0)
                        return -ENOMEM;
        return 0;
}

/* What a syslog header says is taken when the source file does not say otherwise. */
static void apply_header(const struct source *s, struct record *record)
{
        const struct header_slots *h = &s->header;
        const struct {
                enum ecs field;
                uint32_t slot;
        } defaults[] = {
                { ECS_TIMESTAMP, h->timestamp }, { ECS_HOST_NAME, h->hostname }, { ECS_PROCESS_NAME, h->program },
                { ECS_PROCESS_PID, h->pid },     { ECS_MESSAGE, h->message },    { ECS_EVENT_ID, h->j_cursor },
        };

        for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
                if (!(s->fields_set & bit(defaults[i].field)))
                        record->slots[defaults[i].field] = record->slots[defaults[i].slot];
}

/* ---- Automatic fields ---- */

/* "2026-11-17T07:00:00Z" and nothing else: what time_format_iso() would write. */
static bool is_iso_already(struct str s)
{
        return s.n == 20 && s.p[4] == '-' && s.p[7] == '-' && s.p[10] == 'T' && s.p[13] == ':' && s.p[16] == ':' &&
               s.p[19] == 'Z' && s.p[17] <= '5' && (s.p[11] < '2' || s.p[12] <= '3');
}

/* There is no time that can be read. When it came is the next best, unless the source wants its own. */
static int apply_arrival(struct parse *x, struct record *record, bool is_shown)
{
        usec arrival = x->raw->reference != USEC_NONE ? x->raw->reference : x->parser->arrival;
        char iso[TIME_ISO_BYTES];
        struct str text;

        record->time = x->source->needs_time ? USEC_NONE : arrival;
        record->slots[ECS_TIMESTAMP] = (struct slot){ 0 };
        x->counters->n[record->time == USEC_NONE ? COUNTER_REJECT_NO_TIME : COUNTER_TIME_ARRIVAL]++;
        if (record->time == USEC_NONE)
                return 0;
        if (set_text(x, record, ECS_TIME_KIND, STR("arrival")) < 0)
                return -ENOMEM;
        if (!is_shown)
                return 0;
        time_format_iso(arrival, iso);
        text = arena_dup(x->arena, str_of(iso));
        return text.p ? set_text(x, record, ECS_TIMESTAMP, text) : -ENOMEM;
}

static int apply_time(struct parse *x, struct record *record, bool is_shown)
{
        const struct source *s = x->source;
        struct time_hint hint = x->parser->hint;
        struct str text = record_ecs(record, ECS_TIMESTAMP);
        char iso[TIME_ISO_BYTES];

        if (s->zone == SOURCE_ZONE_FIXED) {
                hint.local = false;
                hint.zone_minutes = s->zone_minutes;
        }
        if (hint.reference == USEC_NONE)
                hint.reference = x->raw->reference;
        if (!text.p || time_parse(text, s->time_unit, &hint, &record->time) < 0)
                return apply_arrival(x, record, is_shown);
        if (!is_shown || is_iso_already(text))
                return 0;
        time_format_iso(record->time, iso);
        text = arena_dup(x->arena, str_of(iso));
        return text.p ? set_text(x, record, ECS_TIMESTAMP, text) : -ENOMEM;
}

/* source.ip keeps real addresses only; source.address keeps the text. */
static int apply_address(struct parse *x, struct record *record)
{
        struct slot *ip = &record->slots[ECS_SOURCE_IP], *address = &record->slots[ECS_SOURCE_ADDRESS];
        struct slot clean = { 0 };
        bool same = true;

        if (!ip->is_present)
                return 0;
        if (!address->is_present)
                *address = *ip;
        for (const struct value *v = ip->first; v; v = v->next) {
                struct str text;

                if (address_clean(x->arena, v->text, &text) < 0)
                        return -ENOMEM;
                same = same && text.p == v->text.p && text.n == v->text.n;
                if (!same)
                        break;
        }
        if (same)
                return 0;
        for (const struct value *v = ip->first; v; v = v->next) {
                struct str text;
                int r = address_clean(x->arena, v->text, &text);

                if (r > 0)
                        r = slot_add(&clean, x->arena, VALUE_STRING, text);
                if (r == -ENOMEM)
                        return r;
        }
        *ip = clean;
        return 0;
}

static int apply_person(struct parse *x, struct record *record)
{
        struct str mail = record_ecs(record, ECS_USER_EMAIL);

        if (record->slots[ECS_PERSON].is_present)
                return 0;
        if (mail.p) {
                mail = utf8_fold(x->arena, mail);
                return mail.p ? set_text(x, record, ECS_PERSON, mail) : -ENOMEM;
        }
        record->slots[ECS_PERSON] = record->slots[ECS_USER_NAME];
        return 0;
}

/* One text for each class, each once. */
static int set_of_classes(struct parse *x, struct record *record, uint32_t classes, enum ecs field,
                          const char *(*text_of)(enum class c))
{
        struct slot *slot = &record->slots[field];
        int r = 0;

        for (; classes && r >= 0; classes &= classes - 1) {
                struct str text = str_of(text_of((enum class)__builtin_ctz(classes)));
                bool has = false;

                for (const struct value *v = slot->first; v && !has; v = v->next)
                        has = str_eq(v->text, text);
                if (!has)
                        r = slot_add(slot, x->arena, VALUE_STRING, text);
        }
        return r;
}

static int apply_kind(struct parse *x, struct record *record, uint64_t wanted, uint32_t classes)
{
        int r = 0;

        if (wanted & bit(ECS_EVENT_CATEGORY) && !record->slots[ECS_EVENT_CATEGORY].first)
                r = set_of_classes(x, record, classes, ECS_EVENT_CATEGORY, class_category);
        if (r >= 0 && wanted & bit(ECS_EVENT_TYPE) && !record->slots[ECS_EVENT_TYPE].first)
                r = set_of_classes(x, record, classes, ECS_EVENT_TYPE, class_type);
        return r;
}

static int apply_automatic(struct parse *x, struct record *record, uint64_t wanted, uint32_t classes)
{
        int r = apply_time(x, record, wanted == ECS_ALL || x->parser->wants_stamp);

        if (r >= 0 && wanted & bit(ECS_SOURCE_IP))
                r = apply_address(x, record);
        if (r >= 0 && wanted & bit(ECS_PERSON))
                r = apply_person(x, record);
        if (r >= 0 && wanted & bit(ECS_SOURCE_NAME))
                r = set_text(x, record, ECS_SOURCE_NAME, str_of(x->source->name));
        if (r >= 0 && wanted & bit(ECS_EVENT_OUTCOME) && !record_ecs(record, ECS_EVENT_OUTCOME).p)
                r = set_text(x, record, ECS_EVENT_OUTCOME, STR("unknown"));
        if (r >= 0 && classes & UINT32_C(1) << CLASS_LOGIN && !record_ecs(record, ECS_MFA).p)
                r = set_text(x, record, ECS_MFA, STR("unknown"));
        return r < 0 ? r : apply_kind(x, record, wanted, classes);
}

/* ---- Id ---- */

/* The platform's id, else a hash of the bytes, of how many equal raws came before, and of the number within the raw. */
int normalise_id(struct parse *x, struct record *record, uint32_t sub, bool is_many)
{
        struct str id = record_ecs(record, ECS_EVENT_ID);
        struct hash128 hash;
        char hex[HASH128_HEX_BYTES];

        if (id.n > 0 && !value_is_placeholder(id)) {
                record->id = is_many ? arena_printf(x->arena, STR_FMT "/%u", STR_ARG(id), sub) : id;
        } else {
                const struct str parts[] = {
                        record->raw,
                        { (const char *)&x->raw->repeat, sizeof x->raw->repeat },
                        { (const char *)&sub, sizeof sub },
                };

                hash = hash128_of(parts, ARRAY_LEN(parts));
                hash128_hex(&hash, hex);
                record->id = arena_dup(x->arena, str_of(hex));
        }
        return record->id.p ? 0 : -ENOMEM;
}

uint64_t normalise_needed(uint64_t wanted)
{
        static const struct {
                enum ecs field, from;
        } made_of[] = {
                { ECS_SOURCE_ADDRESS, ECS_SOURCE_IP }, { ECS_SOURCE_IP, ECS_SOURCE_ADDRESS }, { ECS_PERSON, ECS_USER_EMAIL },
                { ECS_PERSON, ECS_USER_NAME }, { ECS_MFA, ECS_CLASS },
                { ECS_EVENT_CATEGORY, ECS_CLASS }, { ECS_EVENT_TYPE, ECS_CLASS },
        };

        for (size_t i = 0; i < ARRAY_LEN(made_of); i++)
                if (wanted & bit(made_of[i].field))
                        wanted |= bit(made_of[i].from);
        return wanted | bit(ECS_TIMESTAMP) | bit(ECS_EVENT_ID);
}

int normalise_record(struct parse *x, struct record *record, uint64_t wanted, uint64_t wanted_of_class)
{
        struct derive_env env = parse_env(x);
        uint64_t decided = 0;
        uint32_t classes = 0;
        int r;

        record->source = x->source->name;
        record->source_index = x->source->index;
        record->file = x->raw->file;
        record->arena = x->arena;
        r = apply_classes(x, &env, record, &wanted, wanted_of_class, &decided, &classes);
        if (r >= 0)
                r = apply_fields(x, &env, record, wanted & ~decided);
        if (r >= 0 && x->source->has_header)
                apply_header(x->source, record);
        if (r >= 0 && x->source->list && !(x->source->fields_set & bit(ECS_TIMESTAMP)))
                record->slots[ECS_TIMESTAMP] = record->slots[x->source->list->polled];
        return r < 0 ? r : apply_automatic(x, record, wanted, classes);
}

