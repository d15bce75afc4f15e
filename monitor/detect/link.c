/* SPDX-License-Identifier: Apache-2.0 */

/* Correlations find the rules they name, rules find the slots of every source. A correlation may name another one when
 * both group by the same fields: the inner one's hot hits are then hits of the outer one under the same key. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/detect/engine.h"
#include "monitor/detect/rules.h"

struct linker {
        struct ruleset *set;
        struct err_list *errors;
};

static int fail(struct linker *k, const struct sigma_rule *rule, const struct yaml *at, const char *fmt, ...) PRINTF_LIKE(4, 5);

static int fail(struct linker *k, const struct sigma_rule *rule, const struct yaml *at, const char *fmt, ...)
{
        char text[ERR_TEXT_BYTES];
        struct err err = { 0 };
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        err_at(&err, -EBADMSG, rule->file, at->line, at->col, "%s", text);
        if (k->errors)
                err_list_add(k->errors, &err);
        return -EBADMSG;
}

static bool is_called(const struct sigma_rule *rule, struct str name)
{
        return (rule->id.p && str_eq(rule->id, name)) || (rule->name.p && str_eq(rule->name, name));
}

/* The rule of that id or name; SIZE_MAX: none, SIZE_MAX - 1: several. */
static size_t find_rule(const struct ruleset *set, struct str name)
{
        size_t found = SIZE_MAX;

        for (size_t i = 0; i < set->n; i++)
                if (is_called(set->entries[i].rule, name)) {
                        if (found != SIZE_MAX)
                                return SIZE_MAX - 1;
                        found = i;
                }
        return found;
}

static bool same_groups(const struct sigma_correlation *a, const struct sigma_correlation *b)
{
        if (a->n_group_by != b->n_group_by || a->n_aliases > 0 || b->n_aliases > 0)
                return false;
        for (size_t i = 0; i < a->n_group_by; i++)
                if (!str_eq(a->group_by[i], b->group_by[i]))
                        return false;
        return true;
}

static int check_member(struct linker *k, struct entry *e, size_t m, const struct entry *member)
{
        const struct sigma_correlation *c = e->rule->correlation;

        if (member->rule->kind == SIGMA_RULE)
                return 0;
        if (!same_groups(c, member->rule->correlation))
                return fail(k, e->rule, c->rules_at[m], "correlation: %s groups by other fields; a chain needs the same group-by in both",
                            c->rules[m].p);
        if (e->kind->takes_field)
                return fail(k, e->rule, c->rules_at[m], "correlation: %s cannot count values over another correlation; name its rules",
                            e->kind->name);
        return 0;
}

static int find_members(struct linker *k, struct entry *e)
{
        const struct sigma_correlation *c = e->rule->correlation;

        e->members = calloc(c->n_rules + 1, sizeof *e->members);
        if (!e->members)
                return -ENOMEM;
        for (size_t m = 0; m < c->n_rules; m++) {
                size_t found = find_rule(k->set, c->rules[m]);

                if (found >= SIZE_MAX - 1)
                        return fail(k, e->rule, c->rules_at[m], "correlation: %s rule has the id or name %s",
                                    found == SIZE_MAX ? "no" : "more than one", c->rules[m].p);
                if (&k->set->entries[found] == e)
                        return fail(k, e->rule, c->rules_at[m], "correlation: it names itself");
                e->members[e->n_members++] = (uint32_t)found;
                if (check_member(k, e, m, &k->set->entries[found]) < 0)
                        return -EBADMSG;
        }
        return 0;
}

static int check_kind(struct linker *k, struct entry *e)
{
        const struct sigma_correlation *c = e->rule->correlation;
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;

        e->kind = kind_find(c->type);
        if (!e->kind) {
                kind_names(&names);
                return fail(k, e->rule, c->type_at, "correlation: unknown type %s: known are %s", c->type.p, names.p ? names.p : "");
        }
        if (e->kind->needs_field && c->n_fields == 0)
                return fail(k, e->rule, c->section, "correlation: %s needs condition.field", e->kind->name);
        if (c->n_limits == 0 && !e->kind->is_default_all)
                return fail(k, e->rule, c->section, "correlation: no condition; add  condition: {gte: N}");
        return 0;
}

static int link_one(struct linker *k, struct entry *e)
{
        const struct sigma_correlation *c = e->rule->correlation;
        const struct sigma_limit *limits = c->limits;
        size_t n_limits = c->n_limits;
        int r = check_kind(k, e);

        if (r >= 0)
                r = find_members(k, e);
        if (r < 0)
                return r;
        if (n_limits == 0) {
                struct sigma_limit *all = arena_alloc(k->set->arena, sizeof *all);

                if (!all)
                        return -ENOMEM;
                *all = (struct sigma_limit){ .op = SIGMA_GTE, .number = arena_printf(k->set->arena, "%zu", c->n_rules) };
                limits = all;
                n_limits = 1;
        }
        limits_init(&e->limits, limits, n_limits);
        e->window = (struct window_rule){ .kind = e->kind, .limits = &e->limits, .timespan = c->timespan, .n_members = e->n_members };
        return 0;
}

/* Chains must not run in a circle. */
static bool reaches(const struct ruleset *set, size_t from, size_t to, unsigned depth)
{
        const struct entry *e = &set->entries[from];

        if (depth > 16)
                return true;
        for (size_t i = 0; e->rule->kind == SIGMA_CORRELATION && e->kind && i < e->n_members; i++)
                if (e->members[i] == to || reaches(set, e->members[i], to, depth + 1))
                        return true;
        return false;
}

static int add_feed(struct entry *member, uint32_t correlation, uint16_t place)
{
        struct feed *feeds = reallocarray(member->feeds, member->n_feeds + 1, sizeof *feeds);

        if (!feeds)
                return -ENOMEM;
        member->feeds = feeds;
        feeds[member->n_feeds++] = (struct feed){ .correlation = correlation, .member = place };
        return 0;
}

/* Classes that the correlation does not name come from its rules. */
static void inherit_classes(struct ruleset *set, struct entry *e)
{
        for (size_t m = 0; m < e->n_members && e->n_classes == 0; m++) {
                e->classes = set->entries[e->members[m]].rule->classes;
                e->n_classes = set->entries[e->members[m]].rule->n_classes;
        }
}

static struct sigma_limit once = { .op = SIGMA_GTE, .number = { "1", 1 } };

/* What a rule does by itself: informational ones and those used by a correlation (without generate) stay silent. */
static void set_alerts(struct ruleset *set, size_t i)
{
        struct entry *e = &set->entries[i];
        bool is_used = false;

        for (size_t f = 0; f < e->n_feeds; f++)
                is_used |= !set->entries[e->feeds[f].correlation].rule->correlation->generate;
        e->alerts = !e->rule->is_off && e->rule->level != LEVEL_INFORMATIONAL && !is_used;
        if (e->rule->kind == SIGMA_RULE && e->alerts) {
                e->kind = &kind_single;
                limits_init(&e->limits, &once, 1);
                e->window = (struct window_rule){ .kind = e->kind, .limits = &e->limits, .timespan = ENGINE_SINGLE_TIMESPAN, .n_members = 1 };
        }
}

/* State is taken over only by a rule that would have made the same of it. */
static void set_label(struct ruleset *set, struct entry *e)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        char hex[HASH128_HEX_BYTES];
        struct hash128 h;

        if (!e->kind)
                return;
        strbuf_addf(&b, "%s %lld", e->kind->name, (long long)e->window.timespan);
        for (size_t i = 0; i < e->limits.n; i++)
                strbuf_addf(&b, " %d " STR_FMT, (int)e->limits.items[i].op, STR_ARG(e->limits.items[i].number));
        for (size_t i = 0; e->rule->correlation && i < e->rule->correlation->n_group_by; i++)
                strbuf_addf(&b, " by " STR_FMT, STR_ARG(e->rule->correlation->group_by[i]));
        for (size_t i = 0; e->rule->correlation && i < e->rule->correlation->n_fields; i++)
                strbuf_addf(&b, " of " STR_FMT, STR_ARG(e->rule->correlation->fields[i]));
        for (size_t i = 0; i < e->n_members; i++)
                strbuf_addf(&b, " rule " STR_FMT, STR_ARG(set->entries[e->members[i]].rule->label));
        h = hash128_of(&(struct str){ b.p, b.n }, 1);
        hash128_hex(&h, hex);
        e->state_label = arena_printf(set->arena, STR_FMT "#%.8s", STR_ARG(e->rule->label), hex);
}

void ruleset_link(struct ruleset *set, struct err_list *errors)
{
        struct linker k = { .set = set, .errors = errors };

        for (size_t i = 0; i < set->n; i++) {
                struct entry *e = &set->entries[i];

                if (e->rule->kind == SIGMA_CORRELATION && link_one(&k, e) < 0)
                        e->kind = NULL;
        }
        for (size_t i = 0; i < set->n; i++) {
                struct entry *e = &set->entries[i];

                if (e->rule->kind != SIGMA_CORRELATION || !e->kind)
                        continue;
                if (reaches(set, i, i, 0)) {
                        fail(&k, e->rule, e->rule->correlation->type_at, "correlation: the chain comes back to itself");
                        e->kind = NULL;
                        continue;
                }
                inherit_classes(set, e);
                for (size_t m = 0; m < e->n_members && !e->rule->is_off; m++)
                        add_feed(&set->entries[e->members[m]], (uint32_t)i, (uint16_t)m);
        }
        for (size_t i = 0; i < set->n; i++) {
                set_alerts(set, i);
                set_label(set, &set->entries[i]);
        }
}

/* ---- Binding ---- */

static uint32_t ecs_slot(struct str name)
{
        enum ecs field = ecs_find(name);

        return field == _ECS_MAX ? UINT32_MAX : (uint32_t)field;
}

static int bind_rule(struct entry *e, size_t source, const struct log_kind *kind)
{
        const struct sigma_detection *d = e->rule->detection;
        uint32_t *slots;

        if (!e->is_generic && !logsource_applies(&e->rule->logsource, &kind->logsource))
                return 0;
        slots = calloc(d->n_fields + 1, sizeof *slots);
        if (!slots)
                return -ENOMEM;
        for (size_t i = 0; i < d->n_fields; i++)
                slots[i] = e->is_generic ? ecs_slot(d->fields[i]) : kind->want(kind->userdata, d->fields[i]);
        if (d->wants_leaves)
                kind->want_leaves(kind->userdata);
        e->slots[source] = slots;
        return 0;
}

static struct field_ref ref_to(const struct log_kind *kind, struct str name)
{
        return (struct field_ref){ .native = kind->want(kind->userdata, name), .ecs = ecs_slot(name) };
}

/* What a group-by name means in the records of one member: an alias for it, else the name itself. */
static struct str group_field(const struct ruleset *set, const struct entry *e, size_t member, struct str name)
{
        const struct sigma_correlation *c = e->rule->correlation;

        for (size_t i = 0; i < c->n_aliases; i++)
                if (str_eq(c->aliases[i].name, name) && is_called(set->entries[e->members[member]].rule, c->aliases[i].rule))
                        return c->aliases[i].field;
        return name;
}

static int bind_correlation(struct ruleset *set, struct entry *e, const struct log_kind *const *kinds, size_t n_kinds)
{
        const struct sigma_correlation *c = e->rule->correlation;

        e->groups = calloc(n_kinds * e->n_members * c->n_group_by + 1, sizeof *e->groups);
        e->values = calloc(n_kinds * c->n_fields + 1, sizeof *e->values);
        if (!e->groups || !e->values)
                return -ENOMEM;
        for (size_t s = 0; s < n_kinds; s++) {
                for (size_t i = 0; i < c->n_fields; i++)
                        e->values[s * c->n_fields + i] = ref_to(kinds[s], c->fields[i]);
                for (size_t m = 0; m < e->n_members; m++)
                        for (size_t i = 0; i < c->n_group_by; i++)
                                e->groups[(s * e->n_members + m) * c->n_group_by + i] = ref_to(kinds[s], group_field(set, e, m, c->group_by[i]));
        }
        return 0;
}

static int build_programs(struct ruleset *set)
{
        set->programs = calloc(set->n_kinds + 1, sizeof *set->programs);
        if (!set->programs)
                return -ENOMEM;
        for (size_t s = 0; s < set->n_kinds; s++) {
                set->programs[s].items = calloc(set->n + 1, sizeof *set->programs[s].items);
                if (!set->programs[s].items)
                        return -ENOMEM;
                for (size_t i = 0; i < set->n; i++) {
                        const struct entry *e = &set->entries[i];

                        if (e->rule->kind == SIGMA_RULE && !e->rule->is_off && e->slots[s])
                                set->programs[s].items[set->programs[s].n++] = (uint32_t)i;
                }
        }
        return 0;
}

int ruleset_bind(struct ruleset *set, const struct log_kind *const *kinds, size_t n_kinds, struct err *reterr)
{
        int r = 0;

        set->n_kinds = n_kinds;
        set->lateness = calloc(n_kinds + 1, sizeof *set->lateness);
        if (!set->lateness)
                return err_set(reterr, -ENOMEM, "out of memory");
        for (size_t s = 0; s < n_kinds; s++)
                set->lateness[s] = kinds[s]->lateness;
        for (size_t i = 0; i < set->n && r >= 0; i++) {
                struct entry *e = &set->entries[i];

                if (e->rule->kind == SIGMA_CORRELATION) {
                        r = e->kind ? bind_correlation(set, e, kinds, n_kinds) : 0;
                        continue;
                }
                e->slots = calloc(n_kinds + 1, sizeof *e->slots);
                r = e->slots ? 0 : -ENOMEM;
                for (size_t s = 0; s < n_kinds && r >= 0; s++)
                        r = bind_rule(e, s, kinds[s]);
        }
        if (r >= 0)
                r = build_programs(set);
        return r < 0 ? err_set(reterr, r, "out of memory") : 0;
}
