/* SPDX-License-Identifier: Apache-2.0 */

/* YAML to struct source. The first mistake ends the file, with its place and what to write instead; the other files go
 * on. Order matters: the decoder names the native fields that it makes before anything else asks for fields. */

#include <errno.h>
#include <stdlib.h>

#include "parsers/decoder.h"
#include "parsers/list.h"

enum { ZONE_MINUTES_MAX = 14 * 60, SOURCE_KEYS_MAX = 64 };

static const char *const own_keys[] = { "name", "title",     "about",  "logsource", "format",  "lateness", "silence",
                                        "zone", "recognise", "fields", "classes",   "samples", "native",   "door",
                                        "setup", "trust",   "unconfirmed", "cannot", "aliases", "ignored", "like", "list", "time", NULL };

/* ---- Head ---- */

static int load_name(struct loader *l, const struct yaml *doc)
{
        const struct yaml *y = yaml_get(doc, "name");
        struct str name;
        int r = load_text(l, y ? y : doc, "`name`", &name);

        if (r < 0)
                return r;
        for (size_t i = 0; i < name.n; i++) {
                char c = name.p[i];

                if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
                        return load_error(l, y, "`name` has only small letters, digits and hyphens");
        }
        l->source->name = name.p;
        return 0;
}

static int load_logsource(struct loader *l, const struct yaml *y)
{
        static const char *const keys[] = { "product", "category", "service", NULL };
        struct logsource *to = &l->source->logsource;
        struct str *const parts[] = { &to->product, &to->category, &to->service };
        int r = load_keys(l, y, keys);

        for (size_t i = 0; i < ARRAY_LEN(parts) && r >= 0; i++)
                if (yaml_get(y, keys[i]))
                        r = load_text(l, yaml_get(y, keys[i]), keys[i], parts[i]);
        if (r >= 0 && y->n == 0)
                return load_error(l, y, "`logsource` needs product, category or service");
        return r;
}

static int load_duration(struct loader *l, const struct yaml *y, const char *what, usec *ret)
{
        if (!yaml_is_scalar(y) || duration_parse(y->text, ret) < 0)
                return load_error(l, y, "`%s` is a time span as 90s, 15m, 24h or 7d", what);
        return 0;
}

/* "+01:00", "Z" or "local". */
static int load_zone(struct loader *l, const struct yaml *y)
{
        struct source *s = l->source;
        struct str t = yaml_is_scalar(y) ? y->text : STR("");
        bool ok = t.n == 6 && (t.p[0] == '+' || t.p[0] == '-') && t.p[3] == ':';
        int minutes;

        s->zone = SOURCE_ZONE_FIXED;
        if (str_eqz(t, "local")) {
                s->zone = SOURCE_ZONE_LOCAL;
                return 0;
        }
        if (str_eqz(t, "Z") || str_eqz(t, "UTC"))
                return 0;
        for (size_t i = 1; i < t.n && ok; i++)
                ok = i == 3 || (t.p[i] >= '0' && t.p[i] <= '9');
        if (!ok)
                return load_error(l, y, "`zone` is local or an offset in quotes as '+01:00'");
        minutes = ((t.p[1] - '0') * 10 + t.p[2] - '0') * 60 + (t.p[4] - '0') * 10 + t.p[5] - '0';
        if (minutes > ZONE_MINUTES_MAX)
                return load_error(l, y, "`zone`: no place on Earth is more than 14 hours from UTC");
        s->zone_minutes = t.p[0] == '-' ? -minutes : minutes;
        return 0;
}

static bool knows_key(const struct decoder *d, struct str key)
{
        for (const char *const *k = d->keys; *k; k++)
                if (str_eqz(key, *k))
                        return true;
        return false;
}

/* Keys of the file and of its decoder; a key of another decoder gets its own sentence. */
static int check_keys(struct loader *l, const struct yaml *doc)
{
        const char *known[SOURCE_KEYS_MAX];
        const struct decoder *mine = l->source->decoder;
        size_t n = 0;

        for (size_t i = 0; own_keys[i]; i++)
                known[n++] = own_keys[i];
        for (size_t i = 0; mine->keys[i] && n < SOURCE_KEYS_MAX - 1; i++)
                known[n++] = mine->keys[i];
        known[n] = NULL;
        for (size_t i = 0; i < doc->n; i++) {
                const struct yaml *key = doc->pairs[i].key;
                CLEANUP(strbuf_done) struct strbuf others = STRBUF_INIT;

                for (size_t k = 0; decoder_get(k) && !knows_key(mine, key->text); k++)
                        if (knows_key(decoder_get(k), key->text))
                                strbuf_addf(&others, "%s%s", others.n ? ", " : "", decoder_get(k)->name);
                if (others.n > 0)
                        return load_error(l, key, "`" STR_FMT "` goes with format: %s, this source's format is %s",
                                          STR_ARG(key->text), others.p, mine->name);
        }
        return load_keys(l, doc, known);
}

static int load_format(struct loader *l, const struct yaml *doc)
{
        const struct yaml *y = yaml_get(doc, "format");
        CLEANUP(strbuf_done) struct strbuf all = STRBUF_INIT;

        if (y && yaml_is_scalar(y))
                l->source->decoder = decoder_find(y->text);
        if (l->source->decoder)
                return check_keys(l, doc);
        for (size_t i = 0; decoder_get(i); i++)
                strbuf_addf(&all, "%s%s", i ? ", " : "", decoder_get(i)->name);
        return load_error(l, y ? y : doc, "`format` is one of: %s", all.p ? all.p : "");
}

static int load_yes(struct loader *l, const struct yaml *y, const char *what, bool *ret)
{
        if (!yaml_is_scalar(y) || (!str_eqz(y->text, "true") && !str_eqz(y->text, "false")))
                return load_error(l, y, "`%s` is true or false", what);
        *ret = str_eqz(y->text, "true");
        return 0;
}

static int load_time(struct loader *l, const struct yaml *y)
{
        if (!yaml_is_scalar(y) || !str_eqz(y->text, "required"))
                return load_error(l, y, "`time` is required, or left out: records without a time take that of their arrival");
        l->source->needs_time = true;
        return 0;
}

/* A map from other names of fields to the platform's own. */
static int load_aliases(struct loader *l, const struct yaml *y)
{
        struct source *s = l->source;

        if (y->kind != YAML_MAP || y->n == 0)
                return load_error(l, y, "`aliases` is a map from names that rules use to the platform's own");
        s->aliases = load_alloc(l, y->n, sizeof *s->aliases);
        if (!s->aliases)
                return -ENOMEM;
        for (; s->n_aliases < y->n; s->n_aliases++) {
                struct field_alias *alias = &s->aliases[s->n_aliases];

                alias->name = y->pairs[s->n_aliases].key->text;
                if (load_path(l, y->pairs[s->n_aliases].value, "a field in `aliases`", &alias->field) < 0)
                        return -EBADMSG;
        }
        return 0;
}

/* ---- For people: the coverage page ---- */

static int load_trust(struct loader *l, const struct yaml *y)
{
        static const char *const words[] = { [SOURCE_CONFIRMED] = "confirmed",
                                             [SOURCE_THIRD_PARTY] = "third-party",
                                             [SOURCE_UNCONFIRMED] = "unconfirmed" };

        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (yaml_is_scalar(y) && str_eqz(y->text, words[i])) {
                        l->source->trust = (enum source_trust)i;
                        return 0;
                }
        return load_error(l, y, "`trust` is confirmed, third-party or unconfirmed");
}

/* A map from what cannot be shown, a class or a field, to why. */
static int load_cannot(struct loader *l, const struct yaml *y)
{
        if (y->kind != YAML_MAP || y->n == 0)
                return load_error(l, y, "`cannot` is a map from a class or field to why the log cannot show it");
        for (size_t i = 0; i < y->n; i++) {
                struct str name = y->pairs[i].key->text, why;
                enum class c = class_find(name);

                if (c == _CLASS_MAX && ecs_find(name) == _ECS_MAX)
                        return load_error(l, y->pairs[i].key, "`cannot`: there is no class or field `" STR_FMT "`",
                                          STR_ARG(name));
                if (load_text(l, y->pairs[i].value, "a reason in `cannot`", &why) < 0)
                        return -EBADMSG;
        }
        l->source->cannot = y;
        return 0;
}

static int load_for_people(struct loader *l, const struct yaml *doc)
{
        const struct yaml *trust = yaml_get(doc, "trust"), *setup = yaml_get(doc, "setup"),
                          *unconfirmed = yaml_get(doc, "unconfirmed"), *cannot = yaml_get(doc, "cannot");
        struct source *s = l->source;
        int r = trust ? load_trust(l, trust) : 0;

        if (r >= 0 && setup)
                r = load_text(l, setup, "`setup`", &s->setup);
        if (r >= 0 && unconfirmed)
                r = load_texts(l, unconfirmed, "`unconfirmed`", &s->unconfirmed, &s->n_unconfirmed);
        if (r >= 0 && cannot)
                r = load_cannot(l, cannot);
        return r;
}

static int load_head(struct loader *l, const struct yaml *doc)
{
        const struct yaml *title = yaml_get(doc, "title"), *about = yaml_get(doc, "about"),
                          *logsource = yaml_get(doc, "logsource"), *lateness = yaml_get(doc, "lateness"),
                          *silence = yaml_get(doc, "silence"), *zone = yaml_get(doc, "zone"),
                          *native = yaml_get(doc, "native"), *door = yaml_get(doc, "door"),
                          *ignored = yaml_get(doc, "ignored"), *time = yaml_get(doc, "time"),
                          *aliases = yaml_get(doc, "aliases");
        struct source *s = l->source;
        struct str text = STR_NONE;
        int r = load_name(l, doc);

        if (r >= 0 && !logsource)
                return load_error(l, doc, "`logsource` is missing: it says which Sigma rules apply");
        s->title = s->name;
        if (r >= 0 && title) {
                r = load_text(l, title, "`title`", &text);
                s->title = text.p;
        }
        if (r >= 0 && about) {
                r = load_text(l, about, "`about`", &text);
                s->about = text.p;
        }
        if (r >= 0)
                r = load_logsource(l, logsource);
        if (r >= 0 && lateness)
                r = load_duration(l, lateness, "lateness", &s->lateness);
        if (r >= 0 && silence)
                r = load_duration(l, silence, "silence", &s->silence);
        if (r >= 0 && zone)
                r = load_zone(l, zone);
        if (r >= 0 && door)
                r = load_yes(l, door, "door", &s->is_door);
        if (r >= 0 && ignored)
                r = load_yes(l, ignored, "ignored", &s->is_ignored);
        if (r >= 0 && time)
                r = load_time(l, time);
        if (r >= 0 && native)
                r = load_texts(l, native, "`native`", &s->vocabulary, &s->n_vocabulary);
        if (r >= 0 && aliases)
                r = load_aliases(l, aliases);
        return r < 0 ? r : load_for_people(l, doc);
}

/* ---- recognise ---- */

/* Each entry of a map is a test of its own; so is a list as a whole (its elements are joined by "or"). */
static int split_when(struct loader *l, const struct yaml *y, struct recognition *ret)
{
        bool is_map = y->kind == YAML_MAP;
        size_t n = is_map ? y->n : 1;

        ret->when = load_alloc(l, n, sizeof *ret->when);
        if (!ret->when)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                struct yaml *one;

                if (!is_map) {
                        ret->when[ret->n_when++] = y;
                        break;
                }
                one = load_alloc(l, 1, sizeof *one);
                if (!one)
                        return -ENOMEM;
                *one = *y;
                one->n = 1;
                one->pairs = &y->pairs[i];
                ret->when[ret->n_when++] = one;
        }
        return 0;
}

static int load_has(struct loader *l, const struct yaml *y)
{
        struct recognition *rec = &l->source->recognition;
        int r = load_texts(l, y, "`has`", &rec->has, &rec->n_has);

        if (r < 0)
                return r;
        l->source->has = load_alloc(l, rec->n_has, sizeof *l->source->has);
        if (!l->source->has)
                return -ENOMEM;
        for (size_t i = 0; i < rec->n_has && r >= 0; i++) {
                r = load_path(l, y->kind == YAML_LIST ? y->items[i] : y, "`has`", &rec->has[i]);
                if (r >= 0)
                        l->source->has[i] = source_want(l->source, rec->has[i]);
        }
        return r;
}

static int load_recognise(struct loader *l, const struct yaml *doc)
{
        static const char *const keys[] = { "has", "when", NULL };
        const struct yaml *y = yaml_get(doc, "recognise");
        struct source *s = l->source;
        int r;

        if (!y)
                return s->decoder->tests(s) > 0 ? 0
                                                : load_error(l, doc,
                                                             "`recognise` is missing: it tells this source's "
                                                             "records from all others, as {has: [path, path]}");
        r = load_keys(l, y, keys);
        if (r >= 0 && y->n == 0)
                return load_error(l, y, "`recognise` needs `has` or `when`");
        if (r >= 0 && yaml_get(y, "has"))
                r = load_has(l, yaml_get(y, "has"));
        if (r >= 0 && yaml_get(y, "when"))
                r = split_when(l, yaml_get(y, "when"), &s->recognition);
        if (r < 0)
                return r;
        s->when = load_alloc(l, s->recognition.n_when, sizeof *s->when);
        if (!s->when)
                return -ENOMEM;
        for (size_t i = 0; i < s->recognition.n_when && r >= 0; i++)
                r = load_bound(l, s->recognition.when[i], &s->when[i]);
        return r;
}

/* ---- fields, classes ---- */

static bool is_identity(struct str name)
{
        return str_starts(name, STR("user.")) || str_starts(name, STR("source.")) || str_eqz(name, "cloud.account.id");
}

static int load_field(struct loader *l, const struct yaml_pair *pair, struct field_rule *ret)
{
        struct str name = pair->key->text;
        const char *near = NULL;

        ret->field = ecs_find(name);
        if (ret->field == _ECS_MAX)
                near = ecs_nearest(name);
        if (near)
                return load_error(l, pair->key, "there is no ECS field `" STR_FMT "`: did you mean `%s`?",
                                  STR_ARG(name), near);
        if (ret->field == _ECS_MAX)
                return load_error(l, pair->key, "there is no ECS field `" STR_FMT "`: shopbell.source(5) lists them",
                                  STR_ARG(name));
        if (ret->field == ECS_CLASS)
                return load_error(l, pair->key, "shopbell.class comes of `classes`");
        if (ret->field == ECS_SOURCE_NAME)
                return load_error(l, pair->key, "shopbell.source is always the source's name");
        ret->drops_placeholders = is_identity(name);
        return derive_load(l, pair->value, ret->field == ECS_TIMESTAMP, &ret->from);
}

static int load_fields(struct loader *l, const struct yaml *y, struct field_rule **ret, size_t *ret_n)
{
        int r = 0;

        if (y->kind != YAML_MAP)
                return load_error(l, y, "a map from ECS fields to where they come from is needed here, not %s",
                                  yaml_kind_name(y));
        *ret = load_alloc(l, y->n, sizeof **ret);
        if (!*ret)
                return -ENOMEM;
        while (*ret_n < y->n && r >= 0) {
                struct field_rule *f = &(*ret)[(*ret_n)++];

                r = load_field(l, &y->pairs[*ret_n - 1], f);
        }
        return r;
}

static int load_class_names(struct loader *l, const struct yaml *y, uint32_t *ret)
{
        struct str *names = NULL;
        size_t n = 0;
        int r = load_texts(l, y, "`class`", &names, &n);

        for (size_t i = 0; i < n && r >= 0; i++) {
                enum class c = class_find(names[i]);
                CLEANUP(strbuf_done) struct strbuf all = STRBUF_INIT;

                if (c != _CLASS_MAX) {
                        *ret |= UINT32_C(1) << c;
                        continue;
                }
                for (size_t k = 0; k < _CLASS_MAX; k++)
                        strbuf_addf(&all, "%s%s", k ? ", " : "", class_name((enum class)k));
                r = load_error(l, y, "there is no class `" STR_FMT "`: known are %s", STR_ARG(names[i]),
                               all.p ? all.p : "");
        }
        return r;
}

static int load_class(struct loader *l, const struct yaml *y, struct class_row *row)
{
        static const char *const keys[] = { "class", "when", "unless", "set", NULL };
        int r = load_keys(l, y, keys);

        if (r < 0)
                return r;
        if (!yaml_get(y, "class") || !yaml_get(y, "when"))
                return load_error(l, y, "a row of `classes` needs `class` and `when`");
        r = load_class_names(l, yaml_get(y, "class"), &row->classes);
        if (r >= 0)
                r = load_bound(l, yaml_get(y, "when"), &row->when);
        if (r >= 0 && yaml_get(y, "unless")) {
                row->unless = load_alloc(l, 1, sizeof *row->unless);
                r = row->unless ? load_bound(l, yaml_get(y, "unless"), row->unless) : -ENOMEM;
        }
        if (r >= 0 && yaml_get(y, "set"))
                r = load_fields(l, yaml_get(y, "set"), &row->set, &row->n_set);
        l->source->class_mask |= row->classes;
        return r;
}

/* The rows' `when` as one program, so that many rows cost a record no more than few. */
static int compile_classes(struct source *s)
{
        struct sigma_member members[CLASS_ROWS_MAX];

        for (size_t i = 0; i < s->n_classes; i++)
                members[i] = (struct sigma_member){
                        .detection = s->classes[i].when.detection,
                        .slots = s->classes[i].when.slots,
                        .number = (uint32_t)i,
                        .gate = UINT32_MAX,
                };
        return sigma_program_new(members, s->n_classes, &s->class_program);
}

static int load_classes(struct loader *l, const struct yaml *y)
{
        struct source *s = l->source;
        int r = 0;

        if (y->kind != YAML_LIST)
                return load_error(l, y, "`classes` must be a list of {class: …, when: …}, not %s", yaml_kind_name(y));
        if (y->n > CLASS_ROWS_MAX)
                return load_error(l, y, "`classes` has over %d rows", CLASS_ROWS_MAX);
        s->classes = load_alloc(l, y->n, sizeof *s->classes);
        if (!s->classes)
                return -ENOMEM;
        while (s->n_classes < y->n && r >= 0) {
                const struct yaml *item = y->items[s->n_classes];
                struct class_row *row = &s->classes[s->n_classes++];

                r = load_class(l, item, row);
                for (size_t i = 0; i < row->n_set && r >= 0; i++)
                        s->class_fields |= UINT64_C(1) << row->set[i].field;
        }
        return r < 0 ? r : compile_classes(s);
}

static int load_samples(struct loader *l, const struct yaml *y)
{
        static const char *const keys[] = { "name", "before", "raw", "reference", "expect", NULL };

        if (y->kind != YAML_LIST)
                return load_error(l, y, "`samples` must be a list of {name: …, raw: …, expect: …}, not %s",
                                  yaml_kind_name(y));
        for (size_t i = 0; i < y->n; i++) {
                const struct yaml *one = y->items[i];
                int r = load_keys(l, one, keys);

                if (r < 0)
                        return r;
                if (!yaml_get(one, "raw") || !yaml_get(one, "expect") || !yaml_get(one, "name"))
                        return load_error(l, one, "a sample needs `name`, `raw` and `expect`");
                if (yaml_get(one, "before") && !l->source->list)
                        return load_error(l, yaml_get(one, "before"), "`before` goes with `list`: logs are not compared");
        }
        l->source->samples = y;
        return 0;
}

static int load_body(struct loader *l, const struct yaml *doc)
{
        const struct yaml *fields = yaml_get(doc, "fields"), *classes = yaml_get(doc, "classes"),
                          *samples = yaml_get(doc, "samples");
        struct source *s = l->source;
        int r = s->decoder->load(l, doc);

        if (r >= 0 && yaml_get(doc, "list"))
                r = list_load(l, yaml_get(doc, "list"));
        if (r >= 0)
                r = load_recognise(l, doc);
        if (r >= 0 && s->list && s->recognition.n_has == 0 && s->n_columns == 0)
                return load_error(l, yaml_get(doc, "recognise"), "a list is told by fields that each of its entries has: `recognise: {has: [path, path]}`");
        if (r >= 0 && !fields && !s->is_ignored && !s->wraps.p)
                return load_error(l, doc, "`fields` is missing: it says what the records mean");
        if (r >= 0 && fields)
                r = load_fields(l, fields, &s->fields, &s->n_fields);
        for (size_t i = 0; i < s->n_fields && r >= 0; i++) {
                s->fields_set |= UINT64_C(1) << s->fields[i].field;
                if (s->fields[i].field == ECS_TIMESTAMP)
                        s->time_unit = derive_unit(s->fields[i].from);
        }
        if (r >= 0 && classes)
                r = load_classes(l, classes);
        if (r >= 0 && samples)
                r = load_samples(l, samples);
        return r;
}

int source_load(struct yaml_file *yaml, struct source **ret, struct err *reterr)
{
        CLEANUP(source_freep) struct source *s = calloc(1, sizeof *s);
        struct loader l = { .source = s, .file = yaml->name, .err = reterr };
        int r;

        if (!s) {
                yaml_file_free(yaml);
                return err_set(reterr, -ENOMEM, "out of memory");
        }
        s->yaml = yaml;
        s->file = yaml->name;
        s->slots = (struct map)MAP_INIT;
        s->zone = SOURCE_ZONE_FIXED; /* UTC, unless `zone` or the decoder says otherwise */
        s->arena = arena_new();
        if (!s->arena)
                return err_set(reterr, -ENOMEM, "out of memory");
        if (yaml->n != 1 || yaml->docs[0]->kind != YAML_MAP)
                return load_error(&l, yaml->n ? yaml->docs[yaml->n - 1] : NULL,
                                  "a source file holds one document, a map with name, logsource, format, fields …");
        r = like_merge(&l, yaml->docs[0], &s->doc);
        if (r >= 0)
                r = load_format(&l, s->doc);
        if (r >= 0)
                r = load_head(&l, s->doc);
        if (r >= 0)
                r = load_body(&l, s->doc);
        if (r < 0)
                return r;
        *ret = TAKE(s);
        return 0;
}
