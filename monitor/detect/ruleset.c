/* SPDX-License-Identifier: Apache-2.0 */

/* Loading rule folders. A bad file, and a bad rule of a good file, is reported and left out; the others work. */

#include "monitor/detect/ruleset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/map.h"
#include "monitor/detect/filters.h"
#include "monitor/detect/inhibit.h"
#include "monitor/detect/link.h"
#include "monitor/detect/program.h"
#include "monitor/detect/rule_files.h"

struct loader {
        struct ruleset *set;
        const struct sigma_options *options;
        struct err_list *errors, *remarks;
        struct map ids; /* id → its rule */
};

/* ---- Messages ---- */

int rule_fail(struct err_list *errors, const struct sigma_rule *rule, const struct yaml *at, const char *fmt, ...)
{
        struct err err = { .line = at ? at->line : rule->line, .col = at ? at->col : 1 };
        va_list ap;

        if (!errors)
                return -EBADMSG;
        err.code = -EBADMSG;
        snprintf(err.file, sizeof err.file, "%s", rule->file);
        va_start(ap, fmt);
        vsnprintf(err.text, sizeof err.text, fmt, ap);
        va_end(ap);
        err_list_add(errors, &err);
        return -EBADMSG;
}

bool rule_is_called(const struct sigma_rule *rule, struct str name)
{
        return (rule->id.p && str_eq(rule->id, name)) || (rule->name.p && str_eq(rule->name, name));
}

/* ---- Files ---- */

static int add_file(void *userdata, struct sigma_file *file)
{
        struct ruleset *set = userdata;

        if (set->n_files == set->cap_files) {
                size_t cap = set->cap_files ? 2 * set->cap_files : 32;
                struct sigma_file **files = reallocarray(set->files, cap, sizeof *files);

                if (!files) {
                        sigma_file_free(file);
                        return -ENOMEM;
                }
                set->files = files;
                set->cap_files = cap;
        }
        set->files[set->n_files++] = file;
        return 0;
}

/* ---- Rules ---- */

/* 1: its id is taken. */
static int check_id(struct loader *l, const struct sigma_rule *rule)
{
        const struct sigma_rule *other;

        if (!rule->id.p)
                return 0;
        other = map_get(&l->ids, rule->id);
        if (!other)
                return map_put(&l->ids, rule->id, (void *)rule);
        if (rule->doc && yaml_get(rule->doc, "id") == yaml_get(other->doc, "id")) {
                rule_fail(l->errors, rule, NULL,
                          "its id %s comes from the document `action: global`, as that of line %u: give each "
                          "document its own",
                          rule->id.p, other->line);
                return 1;
        }
        rule_fail(l->errors, rule, yaml_get(rule->doc, "id"), "the id %s is that of %s:%u already: give this rule another",
                  rule->id.p, other->file, other->line);
        return 1;
}

/* The key of a detection that asks for this field, for messages. */
static const struct yaml *find_key(const struct yaml *node, struct str field)
{
        const struct yaml *found = NULL;

        for (size_t i = 0; node && node->kind == YAML_LIST && i < node->n && !found; i++)
                found = find_key(node->items[i], field);
        for (size_t i = 0; node && node->kind == YAML_MAP && i < node->n && !found; i++) {
                struct str rest = node->pairs[i].key->text, name;

                str_cut(&rest, '|', &name);
                found = str_eq(name, field) ? node->pairs[i].key : find_key(node->pairs[i].value, field);
        }
        return found;
}

/* product: shopbell has ECS names only. 1: there is another. */
static int check_fields(struct loader *l, const struct sigma_rule *rule)
{
        const char *section = rule->kind == SIGMA_FILTER ? "filter" : "detection";

        for (size_t i = 0; i < rule->detection->n_fields; i++) {
                struct str field = rule->detection->fields[i];
                const char *near;

                if (ecs_find(field) != _ECS_MAX)
                        continue;
                near = ecs_nearest(field);
                rule_fail(l->errors, rule, find_key(yaml_get(rule->doc, section), field),
                          "there is no field %s for product shopbell%s%s%s", field.p, near ? ": did you mean " : "",
                          near ? near : "", near ? "?" : "");
                return 1;
        }
        return 0;
}

/* Rules and filters with product: shopbell. 1: it cannot work. */
static int check_generic(struct loader *l, const struct sigma_rule *rule, bool *ret_is_generic, enum class *ret)
{
        const struct logsource *ls = &rule->logsource;
        const struct yaml *at = yaml_get(rule->doc, "logsource");

        *ret = _CLASS_MAX;
        *ret_is_generic = rule->kind != SIGMA_CORRELATION && logsource_is_generic(ls);
        if (!*ret_is_generic)
                return 0;
        if (ls->service.p) {
                rule_fail(l->errors, rule, yaml_get(at, "service"),
                          "logsource: product shopbell means every platform: leave service out");
                return 1;
        }
        if (ls->category.p)
                *ret = class_find(ls->category);
        if (ls->category.p && *ret == _CLASS_MAX) {
                CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;

                for (size_t c = 0; c < _CLASS_MAX; c++)
                        strbuf_addf(&names, "%s%s", c ? ", " : "", class_name((enum class)c));
                rule_fail(l->errors, rule, yaml_get(at, "category"), "logsource: no class is called %s: write one of %s",
                          ls->category.p, names.p ? names.p : "");
                return 1;
        }
        return check_fields(l, rule);
}

static int set_playbook(struct ruleset *set, struct entry *e)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        for (size_t i = 0; i < e->rule->n_playbook; i++)
                strbuf_addf(&b, "%s" STR_FMT, i ? "\n" : "", STR_ARG(e->rule->playbook[i]));
        e->playbook = arena_dup(set->arena, strbuf_str(&b));
        return strbuf_failed(&b) || !e->playbook.p ? -ENOMEM : 0;
}

/* What a person wants to know: how would this rule do with another number? A correlation without a condition gets one: its kind
 * has a least measure of its own. */
static int tune(struct loader *l, struct sigma_rule *rule)
{
        const struct sigma_options *o = l->options;
        struct sigma_correlation *c = rule->correlation;
        struct sigma_limit *limits;

        if (!o || !o->tuned_rule.p || !c || c->n_limits > 1 ||
            !(rule_is_called(rule, o->tuned_rule) || str_eq(rule->title, o->tuned_rule)))
                return 0;
        limits = arena_alloc(l->set->arena, sizeof *limits);
        if (!limits)
                return -ENOMEM;
        *limits = c->n_limits ? c->limits[0] : (struct sigma_limit){ .op = SIGMA_GTE };
        limits->number = arena_dup(l->set->arena, o->tuned_number);
        c->limits = limits;
        c->n_limits = 1;
        ++*o->tuned;
        return limits->number.p ? 0 : -ENOMEM;
}

static int add_filter(struct loader *l, struct sigma_rule *filter)
{
        bool is_generic;
        enum class class;
        int r = check_id(l, filter);

        if (r == 0)
                r = check_generic(l, filter, &is_generic, &class);
        if (r == 0)
                l->set->filters[l->set->n_filters++] = filter;
        return r < 0 ? r : 0;
}

static int add_rule(struct loader *l, struct sigma_rule *rule)
{
        struct entry *e = &l->set->entries[l->set->n];
        int r;

        *e = (struct entry){ .rule = rule, .classes = rule->classes, .n_classes = rule->n_classes };
        r = check_id(l, rule);
        if (r == 0)
                r = check_generic(l, rule, &e->is_generic, &e->generic);
        if (r == 0)
                r = tune(l, rule);
        if (r == 0)
                r = set_playbook(l->set, e);
        if (r == 0)
                l->set->n++;
        return r < 0 ? r : 0;
}

static int add_rules(struct loader *l)
{
        struct ruleset *set = l->set;
        size_t n = 0;
        int r = 0;

        for (size_t f = 0; f < set->n_files; f++)
                n += set->files[f]->n;
        set->entries = calloc(n + 1, sizeof *set->entries);
        set->filters = calloc(n + 1, sizeof *set->filters);
        if (!set->entries || !set->filters)
                return -ENOMEM;
        for (size_t f = 0; f < set->n_files; f++)
                for (size_t i = 0; i < set->files[f]->n && r >= 0; i++) {
                        struct sigma_rule *rule = set->files[f]->rules[i];

                        r = rule->kind == SIGMA_FILTER ? add_filter(l, rule) : add_rule(l, rule);
                }
        return r < 0 ? r : filters_apply(set, l->options, l->errors, l->remarks);
}

int ruleset_load(const char *const *paths, size_t n_paths, const struct sigma_options *options, struct ruleset **ret,
                 struct err_list *errors, struct err_list *remarks)
{
        CLEANUP(ruleset_freep) struct ruleset *set = calloc(1, sizeof *set);
        struct loader l = { .set = set, .options = options, .errors = errors, .remarks = remarks, .ids = MAP_INIT };
        CLEANUP(rule_files_done) struct rule_files files = RULE_FILES_INIT;
        int r = 0;

        if (!set || !(set->arena = arena_new()))
                return -ENOMEM;
        for (size_t i = 0; i < n_paths && r >= 0; i++)
                r = rule_files_find(&files, paths[i]);
        if (r >= 0)
                r = rule_files_read(&files, options, errors, remarks, add_file, set);
        if (r >= 0)
                r = add_rules(&l);
        map_done(&l.ids);
        if (r >= 0)
                r = set->n > 0 ? link_rules(set, errors, remarks) : -ENOENT;
        if (r >= 0)
                r = inhibit_link(set, errors, remarks);
        if (r < 0)
                return r;
        *ret = TAKE(set);
        return 0;
}

static void entry_done(struct entry *e, size_t n_kinds)
{
        for (size_t i = 0; e->slots && i < n_kinds; i++)
                free(e->slots[i]);
        free(e->slots);
        free(e->feeds);
        free(e->filters);
        free(e->members);
        free(e->groups);
        free(e->values);
}

struct ruleset *ruleset_free(struct ruleset *set)
{
        if (!set)
                return NULL;
        for (size_t i = 0; i < set->n; i++)
                entry_done(&set->entries[i], set->n_kinds);
        for (size_t i = 0; i < set->n_files; i++)
                sigma_file_free(set->files[i]);
        program_done(set);
        free(set->lateness);
        free(set->inhibits);
        free(set->entries);
        free(set->filters);
        free(set->files);
        arena_free(set->arena);
        free(set);
        return NULL;
}

/* ---- Asking ---- */

size_t ruleset_count(const struct ruleset *set)
{
        return set->n;
}

const struct sigma_rule *ruleset_rule(const struct ruleset *set, size_t index)
{
        return set->entries[index].rule;
}

bool ruleset_alerts(const struct ruleset *set, size_t index)
{
        return set->entries[index].alerts;
}

bool ruleset_feeds(const struct ruleset *set, size_t index)
{
        return set->entries[index].n_feeds > 0;
}

size_t ruleset_count_filters(const struct ruleset *set)
{
        return set->n_filters;
}

const struct sigma_rule *ruleset_filter(const struct ruleset *set, size_t index)
{
        return set->filters[index];
}

struct str ruleset_state_label(const struct ruleset *set, size_t index)
{
        return set->entries[index].state_label;
}

bool ruleset_applies(const struct ruleset *set, size_t rule, size_t source)
{
        const struct entry *e = &set->entries[rule];

        if (e->rule->kind == SIGMA_RULE)
                return e->slots && e->slots[source];
        for (size_t i = 0; e->window.kind && i < e->n_members; i++)
                if (ruleset_applies(set, e->members[i], source))
                        return true;
        return false;
}

const uint32_t *ruleset_binding(const struct ruleset *set, size_t rule, size_t source, enum class *ret_class)
{
        const struct entry *e = &set->entries[rule];

        if (ret_class)
                *ret_class = e->is_generic ? e->generic : _CLASS_MAX;
        return e->slots ? e->slots[source] : NULL;
}

const struct rule_inhibit *ruleset_inhibits(const struct ruleset *set, size_t *ret_n)
{
        *ret_n = set->n_inhibits;
        return set->inhibits;
}

/* Without a field named in it, what the kind looks at. */
static const struct {
        const char *kind, *field; /* NULL: those of the rule */
} features[] = {
        { "new_value", NULL },
        { "surprise", NULL },
        { "travel", "source.geo.country_iso_code" },
        { "unusual_time", HOUR_FIELD },
};

static struct str feature_of(const struct entry *e, size_t i)
{
        const struct parameters *p = &e->window.parameters;

        return p->n_fields > 0 ? p->fields[i] : e->rule->correlation->fields[i];
}

size_t ruleset_features(const struct ruleset *set, size_t rule, struct str *ret)
{
        const struct entry *e = &set->entries[rule];
        size_t k = 0, n;

        while (k < ARRAY_LEN(features) && (!e->window.kind || strcmp(features[k].kind, e->window.kind->name) != 0))
                k++;
        if (k == ARRAY_LEN(features) || !e->rule->correlation)
                return 0;
        if (features[k].field) {
                ret[0] = str_of(features[k].field);
                return 1;
        }
        n = e->window.parameters.n_fields > 0 ? e->window.parameters.n_fields - e->window.parameters.has_team
                                              : e->rule->correlation->n_fields;
        n = size_min(n, RULESET_FEATURES_MAX);
        for (size_t i = 0; i < n; i++)
                ret[i] = feature_of(e, i);
        return n;
}

size_t ruleset_members(const struct ruleset *set, size_t rule, const uint32_t **ret)
{
        const struct entry *e = &set->entries[rule];

        *ret = e->members;
        return e->rule->kind == SIGMA_CORRELATION && e->members ? e->n_members : 0;
}

/* ---- Working ---- */

int ruleset_bind(struct ruleset *set, const struct log_kind *const *kinds, size_t n_kinds, struct err *reterr)
{
        set->lateness = calloc(n_kinds + 1, sizeof *set->lateness);
        if (!set->lateness)
                return err_set(reterr, -ENOMEM, "out of memory");
        for (size_t s = 0; s < n_kinds; s++)
                set->lateness[s] = kinds[s]->lateness;
        return program_bind(set, kinds, n_kinds) < 0 ? err_set(reterr, -ENOMEM, "out of memory") : 0;
}

size_t ruleset_match(const struct ruleset *set, const struct record *record, struct sigma_scratch *scratch,
                     uint32_t *hits, size_t max)
{
        return program_match(set, record, scratch, hits, max);
}

struct ruleset_size ruleset_size(const struct ruleset *set)
{
        struct ruleset_size size = { .rules = set->n };

        size.bytes = arena_held(set->arena) + set->n * sizeof *set->entries;
        for (size_t i = 0; i < set->n_files; i++)
                size.bytes += sigma_file_bytes(set->files[i]);
        for (size_t i = 0; i < set->n; i++)
                size.off += set->entries[i].rule->is_off;
        for (size_t s = 0; s < set->n_kinds; s++) {
                struct sigma_program_size program = sigma_program_size(set->programs[s]);

                size.programs += program.detections > 0;
                size.tests += program.tests;
                size.bytes += program.bytes;
        }
        return size;
}

uint64_t ruleset_ecs(const struct ruleset *set, bool has_class)
{
        uint64_t wanted = 0;

        for (size_t i = 0; i < set->n; i++) {
                const struct entry *e = &set->entries[i];

                if (!e->is_generic || e->rule->kind != SIGMA_RULE || e->rule->is_off)
                        continue;
                wanted |= UINT64_C(1) << ECS_CLASS;
                if (e->generic != _CLASS_MAX && !has_class)
                        continue;
                for (size_t f = 0; f < e->rule->detection->n_fields; f++)
                        wanted |= UINT64_C(1) << ecs_find(e->rule->detection->fields[f]);
        }
        return wanted;
}
