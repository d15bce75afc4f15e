/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_TESTS_UNIT_DETECT_RECORD_H
#define SHOPBELL_TESTS_UNIT_DETECT_RECORD_H

/* For tests of detect/: rules written into a folder, two made-up log sources, records made by hand, and a store that keeps
 * what the engine tells.
 *
 *     struct bench b;
 *     bench_open(&b);
 *     bench_rules(&b, "a.yml", "title: …");
 *     bench_start(&b);
 *     r = bench_record(&b, 0, "id1", 1000);
 *     bench_set(&b, r, "user.name", "mia");
 *     bench_take(&b, r);
 *     … b.alerts …
 *     bench_close(&b);
 */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/base/map.h"
#include "monitor/detect/engine.h"

#ifndef BENCH_RECORDS_MAX
#define BENCH_RECORDS_MAX 256
#endif
#ifndef BENCH_ALERTS_MAX
#define BENCH_ALERTS_MAX 64
#endif
enum { BENCH_SOURCES = 2, BENCH_FIELDS_MAX = 32, BENCH_FILES_MAX = 512 };

/* An alert as a store has it. Strings live in the bench's arena. */
struct bench_alert {
        struct hash128 id;
        struct str rule, sentence, why, person, source, playbook, group, classes;
        enum level level;
        usec first, last;
        uint64_t count;
        bool is_merged, is_late; /* is_merged: or withdrawn */
        struct hash128 merged_into;
        struct hash128 records[BENCH_RECORDS_MAX];
        size_t n_records, n_changes;
};

struct bench_source {
        struct log_kind kind;
        struct arena *arena; /* the bench's */
        struct str fields[BENCH_FIELDS_MAX];
        size_t n_fields;
        bool wants_leaves;
};

struct bench {
        struct arena *arena;
        char folder[256];
        char *files[BENCH_FILES_MAX];
        size_t n_files;
        struct err_list errors, remarks;
        struct bench_source sources[BENCH_SOURCES];
        struct ruleset *rules;
        struct sigma_scratch *scratch;
        struct sigma_options *language; /* or NULL */
        struct engine_options options;
        struct engine *engine;
        struct bench_alert alerts[BENCH_ALERTS_MAX];
        size_t n_alerts, n_changes;
        struct hash128 evidence[BENCH_RECORDS_MAX];
        size_t n_evidence;
        bool takes_back; /* a history kind: what has ended may begin again */
        bool is_turned; /* the sources are numbered the other way round */
        size_t n_parts; /* additions to windows that were stored */
        struct map state; /* rule, newline, key → struct str of the blob, in the arena */
};

static inline uint32_t bench_want(void *userdata, struct str field)
{
        struct bench_source *s = userdata;

        for (size_t i = 0; i < s->n_fields; i++)
                if (str_eq(s->fields[i], field))
                        return (uint32_t)(_ECS_MAX + i);
        cr_assert(s->n_fields < BENCH_FIELDS_MAX);
        s->fields[s->n_fields] = arena_dup(s->arena, field); /* rules come and go */
        return (uint32_t)(_ECS_MAX + s->n_fields++);
}

static inline void bench_want_leaves(void *userdata)
{
        ((struct bench_source *)userdata)->wants_leaves = true;
}

static inline void bench_open(struct bench *b)
{
        static const struct {
                const char *name;
                struct logsource logsource;
        } sources[BENCH_SOURCES] = {
                { "aws", { .product = { "aws", 3 }, .service = { "cloudtrail", 10 } } },
                { "shop", { .product = { "shop", 4 } } },
        };
        const char *tmp = getenv("TMPDIR");

        memset(b, 0, sizeof *b);
        b->arena = arena_new();
        b->scratch = sigma_scratch_new();
        cr_assert(b->arena && b->scratch);
        snprintf(b->folder, sizeof b->folder, "%s/detect.XXXXXX", tmp ? tmp : "/tmp");
        cr_assert(mkdtemp(b->folder), "%s", b->folder);
        for (size_t i = 0; i < BENCH_SOURCES; i++) {
                b->sources[i].arena = b->arena;
                b->sources[i].kind = (struct log_kind){
                        .name = sources[i].name,
                        .logsource = sources[i].logsource,
                        .lateness = 5 * USEC_PER_SEC,
                        .want = bench_want,
                        .want_leaves = bench_want_leaves,
                        .userdata = &b->sources[i],
                };
        }
}

static inline void bench_close(struct bench *b)
{
        b->engine = engine_free(b->engine);
        b->rules = ruleset_free(b->rules);
        sigma_scratch_free(b->scratch);
        err_list_done(&b->errors);
        err_list_done(&b->remarks);
        for (size_t i = b->n_files; i > 0; i--) { /* files before their folders */
                cr_expect_eq(remove(b->files[i - 1]), 0, "%s", b->files[i - 1]);
                free(b->files[i - 1]);
        }
        cr_expect_eq(rmdir(b->folder), 0, "%s", b->folder);
        map_done(&b->state);
        arena_free(b->arena);
}

static inline char *bench_path(struct bench *b, const char *name)
{
        struct strbuf path = STRBUF_INIT;

        strbuf_addf(&path, "%s/%s", b->folder, name);
        cr_assert(b->n_files < BENCH_FILES_MAX);
        return b->files[b->n_files++] = strbuf_take(&path);
}

static inline void bench_rules(struct bench *b, const char *name, const char *text)
{
        FILE *f = fopen(bench_path(b, name), "w");

        cr_assert(f);
        cr_assert(fputs(text, f) >= 0 && fclose(f) == 0);
}

/* Writes a file anew, or makes it; NULL: takes it away. */
static inline void bench_rewrite(struct bench *b, const char *name, const char *text)
{
        char *path = NULL;
        FILE *f;

        for (size_t i = 0; i < b->n_files; i++)
                if (str_ends(str_of(b->files[i]), str_of(name)))
                        path = b->files[i];
        if (!text) {
                cr_assert(path && remove(path) == 0);
                free(path);
                for (size_t i = 0, n = b->n_files--; i < n; i++)
                        if (b->files[i] == path) {
                                memmove(&b->files[i], &b->files[i + 1], (n - i - 1) * sizeof *b->files);
                                break;
                        }
                return;
        }
        if (!path) {
                bench_rules(b, name, text);
                return;
        }
        f = fopen(path, "w");
        cr_assert(f);
        cr_assert(fputs(text, f) >= 0 && fclose(f) == 0);
}

static inline void bench_subfolder(struct bench *b, const char *name)
{
        cr_assert_eq(mkdir(bench_path(b, name), 0700), 0);
}

static inline int bench_load(struct bench *b)
{
        const char *paths[] = { b->folder };

        return ruleset_load(paths, 1, b->language, &b->rules, &b->errors, &b->remarks);
}

static inline void bench_bind(struct bench *b)
{
        const struct log_kind *kinds[BENCH_SOURCES];

        for (size_t i = 0; i < BENCH_SOURCES; i++)
                kinds[i] = &b->sources[b->is_turned ? BENCH_SOURCES - 1 - i : i].kind;
        cr_assert_eq(ruleset_bind(b->rules, kinds, BENCH_SOURCES, NULL), 0);
}

static inline void bench_start(struct bench *b)
{
        cr_assert_eq(bench_load(b), 0, "%s", b->errors.n ? b->errors.items[0].text : "");
        cr_assert_eq(b->errors.n, 0, "%s", b->errors.n ? b->errors.items[0].text : "");
        bench_bind(b);
        b->engine = engine_new(b->rules, &b->options);
        cr_assert(b->engine);
}

/* ---- Records ---- */

static inline struct hash128 bench_key(const char *id)
{
        struct str text = str_of(id);

        return hash128_of(&text, 1);
}

static inline struct record *bench_record(struct bench *b, uint32_t source, const char *id, usec time)
{
        struct record *r = arena_alloc(b->arena, sizeof *r);

        *r = (struct record){
                .source = b->sources[source].kind.name,
                .source_index = b->is_turned ? BENCH_SOURCES - 1 - source : source,
                .file = "test",
                .time = time,
                .id = arena_dup(b->arena, str_of(id)),
                .key = bench_key(id),
                .n_slots = (uint32_t)(_ECS_MAX + b->sources[source].n_fields),
                .arena = b->arena,
        };
        r->slots = arena_array(b->arena, r->n_slots, sizeof *r->slots);
        return r;
}

static inline const struct bench_source *bench_source(const struct bench *b, const struct record *r)
{
        return &b->sources[b->is_turned ? BENCH_SOURCES - 1 - r->source_index : r->source_index];
}

/* Adds a value to an ECS field, or to a native one that somebody asked for; others do not exist. `text` NULL: null. */
static inline void bench_set_kind(struct bench *b, struct record *r, const char *field, enum value_kind kind,
                                  const char *text)
{
        const struct bench_source *s = bench_source(b, r);
        enum ecs ecs = ecs_find(str_of(field));

        if (ecs != _ECS_MAX)
                slot_add(&r->slots[ecs], b->arena, kind, arena_dup(b->arena, str_of(text)));
        for (size_t i = 0; i < s->n_fields && ecs == _ECS_MAX; i++)
                if (str_eqz(s->fields[i], field))
                        slot_add(&r->slots[_ECS_MAX + i], b->arena, kind, arena_dup(b->arena, str_of(text)));
}

static inline void bench_set(struct bench *b, struct record *r, const char *field, const char *text)
{
        bench_set_kind(b, r, field, text ? VALUE_STRING : VALUE_NULL, text ? text : "null");
}

/* Only among the native fields, also when the name is one of ECS. */
static inline void bench_set_native(struct bench *b, struct record *r, const char *field, const char *text)
{
        const struct bench_source *s = bench_source(b, r);

        for (size_t i = 0; i < s->n_fields; i++)
                if (str_eqz(s->fields[i], field))
                        slot_add(&r->slots[_ECS_MAX + i], b->arena, VALUE_STRING, arena_dup(b->arena, str_of(text)));
}

/* ---- The store ---- */

static inline bool bench_has_evidence(const struct bench *b, const struct hash128 *key)
{
        for (size_t i = 0; i < b->n_evidence; i++)
                if (hash128_eq(&b->evidence[i], key))
                        return true;
        return false;
}

static inline int bench_on_evidence(void *userdata, const struct record *record)
{
        struct bench *b = userdata;

        if (bench_has_evidence(b, &record->key))
                return 0;
        cr_assert(b->n_evidence < BENCH_RECORDS_MAX);
        b->evidence[b->n_evidence++] = record->key;
        return 0;
}

static inline struct bench_alert *bench_find(struct bench *b, const struct hash128 *id)
{
        for (size_t i = 0; i < b->n_alerts; i++)
                if (hash128_eq(&b->alerts[i].id, id))
                        return &b->alerts[i];
        return NULL;
}

static inline struct str bench_group_text(struct bench *b, const struct alert_change *c)
{
        struct strbuf text = STRBUF_INIT;
        struct str own;

        for (size_t i = 0; i < c->n_group; i++)
                strbuf_addf(&text, "%s" STR_FMT "=" STR_FMT, i ? " " : "", STR_ARG(c->group[i].field),
                            STR_ARG(c->group[i].value));
        own = arena_dup(b->arena, strbuf_str(&text));
        strbuf_done(&text);
        return own;
}

static inline struct str bench_class_text(struct bench *b, const struct alert_change *c)
{
        struct strbuf text = STRBUF_INIT;
        struct str own;

        for (size_t i = 0; i < c->n_classes; i++)
                strbuf_addf(&text, "%s" STR_FMT, i ? " " : "", STR_ARG(c->classes[i]));
        own = arena_dup(b->arena, strbuf_str(&text));
        strbuf_done(&text);
        return own;
}

static inline void bench_keep(struct bench *b, struct bench_alert *a, const struct alert_change *c)
{
        a->rule = arena_dup(b->arena, c->rule_title);
        a->sentence = arena_dup(b->arena, c->sentence);
        a->why = arena_dup(b->arena, c->why);
        a->person = arena_dup(b->arena, c->person);
        a->source = arena_dup(b->arena, c->source);
        a->playbook = arena_dup(b->arena, c->playbook);
        a->group = bench_group_text(b, c);
        a->classes = bench_class_text(b, c);
        a->level = c->level;
        a->first = c->first_seen;
        a->last = c->last_seen;
        a->count = c->count;
        a->is_late = c->is_late;
        a->n_changes++;
        for (size_t i = 0; i < c->n_records; i++) {
                cr_assert(bench_has_evidence(b, &c->records[i]), "a change names a record that was not told");
                cr_assert(a->n_records < BENCH_RECORDS_MAX);
                a->records[a->n_records++] = c->records[i];
        }
}

static inline int bench_on_change(void *userdata, const struct alert_change *c)
{
        struct bench *b = userdata;
        struct bench_alert *a = bench_find(b, &c->id);

        b->n_changes++;
        cr_assert_eq(a == NULL || a->is_merged, c->kind == CHANGE_RAISE, "raised once, first of all, or again");
        if (a && a->is_merged) {
                cr_assert(b->takes_back, "a merged alert changes no more");
                a->is_merged = false;
        }
        if (!a) {
                cr_assert(b->n_alerts < BENCH_ALERTS_MAX);
                a = &b->alerts[b->n_alerts++];
                *a = (struct bench_alert){ .id = c->id };
        }
        if (c->kind == CHANGE_WITHDRAW) {
                a->is_merged = true;
                return 0;
        }
        if (c->kind == CHANGE_MERGE) {
                cr_assert(bench_find(b, &c->merged_into), "merged into one that is known");
                cr_assert(!hash128_eq(&c->merged_into, &c->id));
                a->is_merged = true;
                a->merged_into = c->merged_into;
                return 0;
        }
        bench_keep(b, a, c);
        return 0;
}

static inline struct engine_sink bench_sink(struct bench *b)
{
        return (struct engine_sink){ .evidence = bench_on_evidence, .change = bench_on_change, .userdata = b };
}

static inline size_t bench_take_at(struct bench *b, struct record *r, usec arrival)
{
        struct engine_sink sink = bench_sink(b);
        uint32_t hits[32];
        size_t n = ruleset_match(b->rules, r, b->scratch, hits, ARRAY_LEN(hits));

        cr_assert(n <= ARRAY_LEN(hits));
        cr_assert_eq(engine_take(b->engine, r, hits, n, arrival, &sink), 0);
        return n;
}

static inline size_t bench_take(struct bench *b, struct record *r)
{
        return bench_take_at(b, r, r->time);
}

static inline void bench_finish(struct bench *b)
{
        struct engine_sink sink = bench_sink(b);

        cr_assert_eq(engine_finish(b->engine, &sink), 0);
}

static inline void bench_judge(struct bench *b)
{
        struct engine_sink sink = bench_sink(b);

        cr_assert_eq(engine_judge(b->engine, &sink), 0);
}

static inline void bench_settle(struct bench *b, usec first, usec second)
{
        struct engine_sink sink = bench_sink(b);
        usec marks[BENCH_SOURCES] = { first, second };

        cr_assert_eq(engine_settle(b->engine, marks, BENCH_SOURCES, &sink), 0);
}

static inline uint64_t bench_count(const struct bench *b, enum counter c)
{
        return engine_counters(b->engine)->n[c];
}

/* Open alerts of a rule and group (NULL: of any); the last one of them. */
static inline size_t bench_alerts(struct bench *b, const char *title, const char *group, struct bench_alert **ret)
{
        size_t n = 0;

        for (size_t i = 0; i < b->n_alerts; i++) {
                struct bench_alert *a = &b->alerts[i];

                if (a->is_merged || !str_eqz(a->rule, title) || (group && !str_eqz(a->group, group)))
                        continue;
                if (ret)
                        *ret = a;
                n++;
        }
        return n;
}

/* ---- State ---- */

static inline int bench_on_state(void *userdata, struct str rule, struct str key, unsigned part, struct str blob)
{
        struct bench *b = userdata;
        struct strbuf full = STRBUF_INIT;

        strbuf_addf(&full, STR_FMT "\n", STR_ARG(rule));
        strbuf_add(&full, key);
        if (blob.n == 0) {
                map_remove(&b->state, strbuf_str(&full));
        } else {
                struct str *own = arena_alloc(b->arena, sizeof *own);

                if (part > 0) { /* behind those before */
                        struct str *known = map_get(&b->state, strbuf_str(&full));

                        cr_assert(known, "part %u of nothing", part);
                        *own = str_from(arena_alloc(b->arena, known->n + blob.n), known->n + blob.n);
                        memcpy((char *)own->p, known->p, known->n);
                        memcpy((char *)own->p + known->n, blob.p, blob.n);
                        b->n_parts++;
                } else {
                        *own = arena_dup(b->arena, blob);
                }
                cr_assert_eq(map_put(&b->state, strbuf_str(&full), own), 0);
        }
        strbuf_done(&full);
        return 0;
}

static inline void bench_save(struct bench *b)
{
        cr_assert_eq(engine_dirty(b->engine, bench_on_state, b), 0);
}

/* The daemon ends and starts again: what engine_dirty() told is all that is left. */
static inline void bench_restart(struct bench *b)
{
        bench_save(b);
        engine_free(b->engine);
        b->engine = engine_new(b->rules, &b->options);
        cr_assert(b->engine);
        for (struct map_iter i = { 0 }; map_next(&b->state, &i);) {
                struct str rest = i.key, rule;

                str_cut(&rest, '\n', &rule);
                cr_assert_eq(engine_load(b->engine, rule, rest.p ? rest : STR(""), *(struct str *)i.value), 0);
        }
        cr_assert_eq(engine_dirty(b->engine, bench_on_state, b), 0);
}

/* The rules' files are loaded anew and the engine of the old ones ends; `turns`: the sources change places. */
static inline void bench_reload(struct bench *b, bool turns)
{
        struct ruleset *old = b->rules;
        struct engine *from = b->engine;
        size_t source_of[BENCH_SOURCES];

        bench_save(b);
        b->is_turned ^= turns;
        for (size_t i = 0; i < BENCH_SOURCES; i++)
                source_of[i] = turns ? BENCH_SOURCES - 1 - i : i;
        bench_start(b);
        cr_assert_eq(engine_adopt(b->engine, from, source_of), 0);
        engine_free(from);
        ruleset_free(old);
        bench_save(b);
}

#endif
