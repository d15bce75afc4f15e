/* SPDX-License-Identifier: Apache-2.0 */

/* What became of each field of a record, in words. The record is made once more by the source's own decoder; its fields come
 * from the raw itself, so that those are there which nobody asks for. */

#include <errno.h>

#include "parsers/csv_layout.h"
#include "parsers/decoder.h"
#include "parsers/explain.h"
#include "parsers/lines.h"
#include "parsers/list.h"

enum { FIRST_MAX = 2 /* values of one field that are shown */ };

struct explain {
        const struct source *source;
        const struct raw *raw;
        bool has_any;
        uint32_t sub; /* of the record in its fan-out */
        struct str last_raw; /* of the record before, to number the records of one fan-out */
        struct record *record; /* the present one */
        struct flat flat; /* its fields */
        record_flat_fn *fn;
        void *userdata;
        int failed;
};

/* ---- The record and its fields ---- */

static int on_named(struct parse *x, struct str name, struct str text)
{
        struct explain *e = x->named_data;

        name = arena_dup(x->arena, name);
        return name.p ? flat_add(&e->flat, name, JSON_STRING, text) : -ENOMEM;
}

static int get_shape(const struct source *s, struct explain *e, struct flat_shape *ret)
{
        struct flat_pairs *pairs = arena_array(e->flat.arena, s->n_pairs, sizeof *pairs);
        struct str *texts = arena_array(e->flat.arena, s->n_texts + s->n_csv_json, sizeof *texts);

        if (!pairs || !texts)
                return -ENOMEM;
        for (size_t i = 0; i < s->n_pairs; i++)
                pairs[i] = (struct flat_pairs){ s->pairs[i].at, s->pairs[i].name, s->pairs[i].values, s->pairs[i].n_values };
        for (size_t i = 0; i < s->n_texts; i++)
                texts[i] = s->texts[i];
        for (size_t i = 0; i < s->n_csv_json; i++)
                texts[s->n_texts + i] = s->csv_json[i].column;
        *ret = (struct flat_shape){ .pairs = pairs, .n_pairs = s->n_pairs, .texts = texts, .n_texts = s->n_texts + s->n_csv_json,
                                    .each = s->each, .sub = e->sub };
        return 0;
}

static int add_json(const struct source *s, struct explain *e)
{
        struct flat_shape shape;
        struct json_tree *tree;
        int r = get_shape(s, e, &shape);

        if (r >= 0)
                r = json_tree_read(e->flat.arena, e->record->raw, &tree);
        return r < 0 ? r : flat_json(&e->flat, tree, &shape);
}

static int add_below(struct explain *e, struct str above, const struct json_tree *t, const struct flat_shape *shape)
{
        struct flat inside = { .arena = e->flat.arena };
        int r = flat_json(&inside, t, shape);

        for (size_t i = 0; i < inside.n && r >= 0; i++) {
                const struct flat_field *f = &inside.items[i];
                struct str path = f->name.n == 0 ? above
                                                 : arena_printf(e->flat.arena, STR_FMT "." STR_FMT, STR_ARG(above), STR_ARG(f->name));

                r = path.p ? flat_add(&e->flat, path, f->kind, f->text) : -ENOMEM;
        }
        return r;
}

/* What differs between two polls of a list (list.h): the entry's fields have the names of the source file, those of the entry
 * before have old. in front. */
static int add_change(const struct source *s, struct explain *e)
{
        struct flat_shape shape;
        struct json_tree *tree;
        int r = get_shape(s, e, &shape);

        if (r >= 0)
                r = json_tree_read(e->flat.arena, e->record->raw, &tree);
        for (const struct json_tree *t = r < 0 ? NULL : tree->first; t && r >= 0; t = t->next)
                r = str_eqz(t->key, "entry") ? flat_json(&e->flat, t, &shape) : add_below(e, t->key, t, &shape);
        return r;
}

/* A cell that holds JSON: its fields, below the column's name. */
static int add_inside(const struct source *s, struct explain *e, struct str name, struct str text)
{
        struct json_tree *tree;
        bool is_json = false;
        int r;

        for (size_t i = 0; i < s->n_csv_json; i++)
                is_json = is_json || str_eq(s->csv_json[i].column, name);
        r = is_json && parse_is_json(text) ? json_tree_read(e->flat.arena, text, &tree) : -EBADMSG;
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        return add_below(e, name, tree, NULL);
}

/* The header is the record's: where it stands above other lines or inside a document, the raw has none. */
static int add_cells(const struct source *s, struct explain *e)
{
        struct str header = e->record->header, name, value;
        char delimiter = s->delimiter ? s->delimiter : ',';
        struct csv_named row;
        int r;

        if (header.p ? !decode_csv_is_header(s, header, &delimiter) : s->n_columns == 0)
                return 0;
        row = csv_named(s, header, e->record->raw, delimiter);
        while ((r = csv_named_next(&row, e->flat.arena, &name, &value)) > 0) {
                if (name.n > 0)
                        r = flat_add(&e->flat, name, value.n ? JSON_STRING : JSON_NULL, value);
                if (name.n > 0 && r >= 0)
                        r = add_inside(s, e, name, value);
                if (r < 0)
                        return r;
        }
        return r == -ENOMEM ? r : 0;
}

/* What the decoder made of the text: a header's parts, groups of a pattern. */
static int add_slots(const struct source *s, struct explain *e)
{
        int r = 0;

        for (size_t i = 0; i < s->n_native && r >= 0; i++) {
                const struct slot *slot = record_slot(e->record, (uint32_t)(_ECS_MAX + i));

                if (!slot || flat_find(&e->flat, s->native[i]))
                        continue;
                for (const struct value *v = slot->first; v && r >= 0; v = v->next)
                        r = flat_add(&e->flat, s->native[i], v->kind == VALUE_NULL ? JSON_NULL : JSON_STRING, v->text);
        }
        return r;
}

static int gather(const struct source *s, const struct raw *raw, struct explain *e)
{
        int r = 0;

        if (raw->is_change)
                r = add_change(s, e);
        else if (s->decoder == &decoder_json || (s->has_header && parse_is_json(raw->bytes)))
                r = add_json(s, e);
        else if (s->decoder == &decoder_csv)
                r = add_cells(s, e);
        return r < 0 ? r : add_slots(s, e);
}

/* ---- Uses ---- */

/* All that look at the native slots of one field: the one of its name, and those of what it lies in. */
struct uses {
        const struct source *source;
        struct record *record;
        const struct derive_env *env;
        struct str name;
        struct strbuf taken, read, held, asked, recognised;
        enum ecs field; /* whose rule is being traced */
};

/* Whether the slot is of the field or of an object that holds it. */
static bool is_of(const struct uses *u, uint32_t slot)
{
        struct str asked;

        if (slot < _ECS_MAX || slot >= _ECS_MAX + u->source->n_native)
                return false;
        asked = u->source->native[slot - _ECS_MAX];
        if (slot < _ECS_MAX + u->source->n_made) /* a name that the decoder gives is no path */
                return str_eq(u->name, asked);
        return str_starts(u->name, asked) && (u->name.n == asked.n || u->name.p[asked.n] == '.');
}

static bool asks(const struct uses *u, const struct bound *b)
{
        for (size_t i = 0; i < b->detection->n_fields; i++)
                if (is_of(u, b->slots[i]))
                        return true;
        return false;
}

static void add_once(struct strbuf *out, const char *word)
{
        struct str rest = strbuf_str(out), part;

        while (str_cut(&rest, ',', &part))
                if (str_eqz(str_trim(part), word))
                        return;
        strbuf_addf(out, "%s%s", out->n ? ", " : "", word);
}

static void on_look(void *userdata, uint32_t slot, bool is_taken)
{
        struct uses *u = userdata;

        if (is_of(u, slot))
                add_once(is_taken ? &u->taken : &u->read, ecs_field(u->field)->name);
}

static void trace(struct uses *u, const struct field_rule *rules, size_t n, uint64_t *decided)
{
        for (size_t i = 0; i < n; i++) {
                uint64_t bit = UINT64_C(1) << rules[i].field;

                u->field = rules[i].field;
                if (!(*decided & bit) && derive_trace(rules[i].from, u->env, u->record, on_look, u))
                        *decided |= bit;
        }
}

static void add_class_names(struct strbuf *out, uint32_t classes)
{
        for (; classes; classes &= classes - 1)
                add_once(out, class_name((enum class)__builtin_ctz(classes)));
}

static void look_at_classes(struct uses *u, uint64_t *decided)
{
        for (size_t i = 0; i < u->source->n_classes; i++) {
                const struct class_row *row = &u->source->classes[i];
                bool holds = bound_holds(&row->when, u->record, u->env) &&
                             !(row->unless && bound_holds(row->unless, u->record, u->env));

                if (asks(u, &row->when) || (row->unless && asks(u, row->unless)))
                        add_class_names(holds ? &u->held : &u->asked, row->classes);
                if (holds)
                        trace(u, row->set, row->n_set, decided);
        }
}

static void look_at_recognition(struct uses *u)
{
        const struct source *s = u->source;

        for (size_t i = 0; i < s->recognition.n_has; i++)
                if (is_of(u, s->has[i]))
                        add_once(&u->recognised, "recognise");
        for (size_t i = 0; i < s->recognition.n_when; i++)
                if (asks(u, &s->when[i]))
                        add_once(&u->recognised, "recognise");
        if (s->has_header && s->n_programs > 0 && is_of(u, s->header.program))
                add_once(&u->recognised, "programs");
        if (s->journal && asks(u, s->journal))
                add_once(&u->recognised, "journal");
}

/* What normalise.c takes from a syslog header or a poll when the source says nothing else. */
static void look_at_defaults(struct uses *u)
{
        const struct header_slots *h = &u->source->header;
        const struct {
                enum ecs field;
                uint32_t slot;
        } defaults[] = {
                { ECS_TIMESTAMP, h->timestamp }, { ECS_HOST_NAME, h->hostname }, { ECS_PROCESS_NAME, h->program },
                { ECS_PROCESS_PID, h->pid },     { ECS_MESSAGE, h->message },    { ECS_EVENT_ID, h->j_cursor },
        };

        for (size_t i = 0; i < ARRAY_LEN(defaults) && u->source->has_header; i++)
                if (!(u->source->fields_set >> defaults[i].field & 1) && is_of(u, defaults[i].slot))
                        add_once(&u->taken, ecs_field(defaults[i].field)->name);
        if (u->source->list && !(u->source->fields_set >> ECS_TIMESTAMP & 1) && is_of(u, u->source->list->polled))
                add_once(&u->taken, ecs_field(ECS_TIMESTAMP)->name);
}

static void add_part(struct strbuf *out, const char *before, const struct strbuf *what)
{
        if (what->n > 0)
                strbuf_addf(out, "%s%s%s", out->n ? "; " : "", before, what->p);
}

static int use_of(struct uses *u, struct arena *arena, struct field_use *ret)
{
        CLEANUP(strbuf_done) struct strbuf all = STRBUF_INIT;
        uint64_t decided = 0;

        look_at_classes(u, &decided);
        trace(u, u->source->fields, u->source->n_fields, &decided);
        look_at_defaults(u);
        look_at_recognition(u);
        ret->is_taken = u->taken.n > 0;
        add_part(&all, "", &u->taken);
        add_part(&all, "looked at for ", &u->read);
        add_part(&all, "class ", &u->held);
        add_part(&all, "asked by rows of class ", &u->asked);
        add_part(&all, "", &u->recognised);
        ret->use = strbuf_failed(&all) ? STR_NONE : arena_dup(arena, strbuf_str(&all));
        strbuf_done(&u->taken);
        strbuf_done(&u->read);
        strbuf_done(&u->held);
        strbuf_done(&u->asked);
        strbuf_done(&u->recognised);
        return ret->use.p ? 0 : -ENOMEM;
}

/* Values of one name are shown together: the first of them, and how many there are. */
static struct str values_of(const struct flat *f, size_t i)
{
        struct str name = f->items[i].name, text = f->items[i].text;
        size_t n = 0;

        for (size_t k = i; k < f->n; k++)
                if (str_eq(f->items[k].name, name) && n++ > 0 && n <= FIRST_MAX && text.p)
                        text = arena_printf(f->arena, STR_FMT ", " STR_FMT, STR_ARG(text), STR_ARG(f->items[k].text));
        if (n > FIRST_MAX && text.p)
                text = arena_printf(f->arena, STR_FMT " and %zu more", STR_ARG(text), n - FIRST_MAX);
        return text;
}

static int on_record(void *userdata, struct record *record)
{
        struct explain *e = userdata;

        e->sub = e->has_any && record->raw.p == e->last_raw.p ? e->sub + 1 : 0;
        e->last_raw = record->raw;
        e->has_any = true;
        e->record = record;
        e->failed = gather(e->source, e->raw, e);
        if (e->failed >= 0)
                e->failed = e->fn(e->userdata, record, &e->flat);
        e->flat = (struct flat){ .arena = e->flat.arena };
        return e->failed;
}

int record_flats(struct parser *p, const struct raw *raw, const struct source *s, struct arena *arena, record_flat_fn *fn, void *userdata)
{
        struct counters unused = { 0 };
        struct explain e = { .source = s, .raw = raw, .flat = { .arena = arena }, .fn = fn, .userdata = userdata };
        struct parse x = { .parser = p, .source = s, .raw = raw, .arena = arena, .counters = &unused, .is_sure = true,
                           .fn = on_record, .userdata = &e, .named = on_named, .named_data = &e };
        int r = s->list ? list_decode(&x) : s->decoder->decode(&x);

        return e.failed < 0 ? e.failed : r == -ENOMEM ? r : 0;
}

/* ---- One record ---- */

enum { FOUND = 1 }; /* given back negated: the raw need not be read to its end */

struct wanted {
        uint32_t number; /* how many records are still before it */
        struct record *record;
        struct flat flat;
};

static int keep_wanted(void *userdata, struct record *record, const struct flat *flat)
{
        struct wanted *w = userdata;

        if (w->number-- > 0)
                return 0;
        w->record = record;
        w->flat = *flat;
        return -FOUND;
}

int parser_explain(struct parser *p, const struct raw *raw, const struct source *s, uint32_t number, struct arena *arena,
                   field_use_fn *fn, void *userdata, struct record **ret)
{
        struct counters unused = { 0 };
        struct derive_env env = { p->sigma, p->regex, &unused, arena };
        struct wanted w = { .number = number };
        int r = record_flats(p, raw, s, arena, keep_wanted, &w);

        if (!w.record)
                return r < 0 ? r : -ENOENT;
        r = 0;
        for (size_t i = 0; r >= 0 && i < w.flat.n; i++) {
                struct uses u = { .source = s, .record = w.record, .env = &env, .name = w.flat.items[i].name };
                struct field_use use = { .name = u.name };

                if (flat_find(&w.flat, u.name) != &w.flat.items[i])
                        continue;
                use.value = values_of(&w.flat, i);
                r = use_of(&u, arena, &use);
                if (r >= 0)
                        r = fn(userdata, &use);
        }
        if (r >= 0 && ret)
                *ret = w.record;
        return r;
}
