/* SPDX-License-Identifier: Apache-2.0 */

/* Correlations find the rules they name, and every rule learns what it does: alert, feed correlations, or both.
 *
 * A correlation may name another one when both group by the same fields: the inner one's hot hits are then hits of the
 * outer one under the same key. */

#include "monitor/detect/link.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/engine.h"
#include "monitor/detect/filters.h"

struct linker {
        struct ruleset *set;
        struct err_list *errors, *remarks;
};

enum { NOT_VISITED, ON_THE_WAY, VISITED };

/* ---- What one correlation says ---- */

/* The rule of that id or name; SIZE_MAX: none, SIZE_MAX - 1: several. */
static size_t find_rule(const struct ruleset *set, struct str name)
{
        size_t found = SIZE_MAX;

        for (size_t i = 0; i < set->n; i++)
                if (rule_is_called(set->entries[i].rule, name)) {
                        if (found != SIZE_MAX)
                                return SIZE_MAX - 1;
                        found = i;
                }
        return found;
}

/* The base of a translated condition is no name's: names mean the correlation. */
static int find_base(struct linker *k, struct entry *e)
{
        for (size_t i = 0; i < k->set->n; i++)
                if (k->set->entries[i].rule == e->rule->correlation->base)
                        e->members[e->n_members++] = (uint32_t)i;
        return e->n_members ? 0 : -EBADMSG; /* why it was left out is in the errors already */
}

static int find_members(struct linker *k, struct entry *e)
{
        const struct sigma_correlation *c = e->rule->correlation;

        e->members = calloc(c->n_rules + 1, sizeof *e->members);
        if (!e->members)
                return -ENOMEM;
        if (c->base)
                return find_base(k, e);
        for (size_t m = 0; m < c->n_rules; m++) {
                size_t found = find_rule(k->set, c->rules[m]);

                if (found == SIZE_MAX)
                        return rule_fail(k->errors, e->rule, c->rules_at[m],
                                         "correlation: no rule has the id or name %s", c->rules[m].p);
                if (found == SIZE_MAX - 1)
                        return rule_fail(k->errors, e->rule, c->rules_at[m],
                                         "correlation: more than one rule has the id or name %s", c->rules[m].p);
                if (&k->set->entries[found] == e)
                        return rule_fail(k->errors, e->rule, c->rules_at[m], "correlation: it names itself");
                e->members[e->n_members++] = (uint32_t)found;
        }
        return 0;
}

static int check_sizes(struct linker *k, const struct entry *e)
{
        const struct sigma_correlation *c = e->rule->correlation;

        if (c->n_group_by > RULES_GROUP_BY_MAX)
                return rule_fail(k->errors, e->rule, yaml_get(c->section, "group-by"),
                                 "correlation: it groups by %zu fields, at most %d are possible", c->n_group_by,
                                 RULES_GROUP_BY_MAX);
        if (c->n_fields > RULES_FIELDS_MAX)
                return rule_fail(k->errors, e->rule, yaml_get(yaml_get(c->section, "condition"), "field"),
                                 "correlation: it counts values of %zu fields, at most %d are possible", c->n_fields,
                                 RULES_FIELDS_MAX);
        if (c->n_rules > UINT16_MAX)
                return rule_fail(k->errors, e->rule, yaml_get(c->section, "rules"), "correlation: too many rules");
        if (c->timespan > RULES_TIMESPAN_MAX)
                return rule_fail(k->errors, e->rule, yaml_get(c->section, "timespan"),
                                 "correlation: a timespan is at most 3660d");
        return 0;
}

/* Kinds that look at certain fields do so when the condition names none; a team's field comes last. */
static int set_fields(struct linker *k, struct entry *e)
{
        const struct sigma_correlation *c = e->rule->correlation;
        const char *const *own = c->n_fields == 0 ? e->window.kind->fields : NULL;
        const struct yaml *team = e->window.kind->has_crowd ? yaml_get(c->section, "team") : NULL;
        struct parameters *p = &e->window.parameters;
        struct str *fields;
        size_t n = c->n_fields;

        if (!own && !team)
                return 0;
        while (own && own[n])
                n++;
        fields = arena_array(k->set->arena, n + 1, sizeof *fields);
        if (!fields)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                fields[i] = own ? str_of(own[i]) : c->fields[i];
        if (team)
                fields[n] = team->text;
        p->fields = fields;
        p->n_fields = n + (team != NULL);
        p->has_team = team != NULL;
        return 0;
}

/* Percents of a whole become what they are of it, and the kind the one that counts it. */
static int set_share(struct linker *k, struct entry *e)
{
        const struct sigma_correlation *c = e->rule->correlation;
        const struct yaml *count = yaml_get(c->section, "count");
        struct sigma_limit *limits = arena_array(k->set->arena, c->n_limits, sizeof *limits);
        measure_t of = e->window.parameters.of;

        if (!limits)
                return -ENOMEM;
        e->window.kind = kind_find(count && str_eqz(count->text, "sum") ? STR("value_sum") : STR("value_count"));
        for (size_t i = 0; i < c->n_limits; i++) {
                char number[MEASURE_BYTES];
                measure_t percent;
                __int128 share;

                limits[i] = c->limits[i];
                if (!measure_parse(limits[i].number, &percent) || percent < 0)
                        return rule_fail(k->errors, e->rule, c->section, "correlation: a share is a number of percents");
                share = (__int128)of * percent / (100 * MEASURE_MICRO);
                measure_format(share > INT64_MAX ? INT64_MAX : (measure_t)share, MEASURE_MICRO, number);
                limits[i].number = arena_dup(k->set->arena, str_of(number));
                if (!limits[i].number.p)
                        return -ENOMEM;
        }
        limits_init(&e->window.limits, limits, c->n_limits, e->window.kind->scale);
        return 0;
}

/* The limit that a kind has of its own. */
static int own_limit(struct linker *k, struct entry *e)
{
        const struct kind *kind = e->window.kind;
        struct sigma_limit *own = arena_alloc(k->set->arena, sizeof *own);
        struct str number = kind->least ? str_of(kind->least)
                                        : arena_printf(k->set->arena, "%zu", e->rule->correlation->n_rules);

        if (!own || !number.p)
                return -ENOMEM;
        *own = (struct sigma_limit){ .op = SIGMA_GTE, .number = number };
        if (kind->is_forward)
                *own = (struct sigma_limit){ .op = SIGMA_EQ, .number = STR("0") };
        limits_init(&e->window.limits, own, 1, kind->scale);
        return 0;
}

enum { HITS_HELD = ENGINE_HITS_PER_KEY_MAX - ENGINE_HITS_PER_KEY_MAX / 16 }; /* of one key, at least */

/* Hits that are kept one by one are not kept without end. */
static bool is_too_high(const struct entry *e)
{
        return e->window.limits.is_rising && e->window.kind->scale == 1 && e->window.limits.least > HITS_HELD;
}

static int set_limits(struct linker *k, struct entry *e)
{
        const struct sigma_correlation *c = e->rule->correlation;
        bool may_keep_days = e->window.kind->days != DAYS_NOT && c->timespan > WINDOW_EXACT_MAX;

        if (e->window.kind->is_share)
                return set_share(k, e);
        if (c->n_limits > 0 || !(e->window.kind->wants_all || e->window.kind->least || e->window.kind->is_forward)) {
                limits_init(&e->window.limits, c->limits, c->n_limits, e->window.kind->scale);
                if (!may_keep_days && is_too_high(e))
                        return rule_fail(k->errors, e->rule, yaml_get(c->section, "condition"),
                                         "correlation: the limit is too high, at most %d can be counted within a day; over "
                                         "longer timespans there is no such limit",
                                         HITS_HELD);
                return 0;
        }
        return own_limit(k, e);
}

static int read_one(struct linker *k, struct entry *e)
{
        const struct sigma_correlation *c = e->rule->correlation;
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        const char *wrong;
        int r;

        e->window = (struct window_rule){ .kind = kind_find(c->type), .timespan = c->timespan };
        if (!e->window.kind) {
                kind_names(&names);
                if (c->base)
                        return rule_fail(
                                k->errors, e->rule, c->type_at,
                                "condition: `|` of Sigma 1 means  %s; but shopbell does not know this type, only %s",
                                c->translation.p, names.p ? names.p : "");
                return rule_fail(k->errors, e->rule, c->type_at, "correlation: unknown type %s: write one of %s", c->type.p,
                                 names.p ? names.p : "");
        }
        wrong = e->window.kind->check ? e->window.kind->check(c) : NULL;
        if (wrong)
                return rule_fail(k->errors, e->rule, c->section, "correlation: %s", wrong);
        kind_parameters(e->window.kind, c, &e->window.parameters);
        r = check_sizes(k, e);
        if (r >= 0)
                r = set_fields(k, e);
        if (r >= 0)
                r = set_limits(k, e);
        e->window.waits = e->window.kind->can_fall || e->window.kind->judge || !e->window.limits.is_rising;
        e->window.is_countable = !e->window.waits && e->window.kind->scale == 1 &&
                                 e->window.kind->brings == BRINGS_NOTHING && e->window.limits.least >= 2;
        return r < 0 ? r : find_members(k, e);
}

/* ---- Chains ---- */

static bool same_groups(const struct sigma_correlation *a, const struct sigma_correlation *b)
{
        if (a->n_group_by != b->n_group_by || a->n_aliases > 0 || b->n_aliases > 0)
                return false;
        for (size_t i = 0; i < a->n_group_by; i++)
                if (!str_eq(a->group_by[i], b->group_by[i]))
                        return false;
        return true;
}

static int visit(struct linker *k, struct entry *e);

/* A correlation named by another one. */
static int check_inner(struct linker *k, struct entry *e, size_t m)
{
        const struct sigma_correlation *c = e->rule->correlation;
        struct entry *inner = &k->set->entries[e->members[m]];

        if (inner->state == ON_THE_WAY)
                return rule_fail(k->errors, e->rule, c->rules_at[m], "correlation: %s leads back to this rule",
                                 c->rules[m].p);
        if (visit(k, inner) == -ENOMEM)
                return -ENOMEM;
        if (!inner->window.kind)
                return rule_fail(k->errors, e->rule, c->rules_at[m], "correlation: %s has an error and is left out",
                                 c->rules[m].p);
        if (!same_groups(c, inner->rule->correlation))
                return rule_fail(k->errors, e->rule, c->rules_at[m],
                                 "correlation: %s groups by other fields; a correlation over another one needs the same "
                                 "group-by, without aliases",
                                 c->rules[m].p);
        if (is_too_high(inner))
                return rule_fail(k->errors, e->rule, c->rules_at[m],
                                 "correlation: the limit of %s is too high, a correlation that another one is made of can "
                                 "count at most %d",
                                 c->rules[m].p, HITS_HELD);
        if (e->window.kind->brings != BRINGS_NOTHING)
                return rule_fail(k->errors, e->rule, c->rules_at[m],
                                 "correlation: %s over another correlation is not supported: name its rules instead",
                                 e->window.kind->name);
        e->depth = inner->depth + 1 > e->depth ? inner->depth + 1 : e->depth;
        if (inner->delay + inner->window.timespan > e->delay)
                e->delay = inner->delay + inner->window.timespan;
        return 0;
}

static int visit(struct linker *k, struct entry *e)
{
        int r = 0;

        if (e->rule->kind != SIGMA_CORRELATION || !e->window.kind || e->state == VISITED)
                return 0;
        e->state = ON_THE_WAY;
        for (size_t m = 0; m < e->n_members && r >= 0; m++)
                if (k->set->entries[e->members[m]].rule->kind == SIGMA_CORRELATION)
                        r = check_inner(k, e, m);
        e->state = VISITED;
        if (r < 0)
                e->window.kind = NULL;
        return r;
}

/* ---- What follows ---- */

static int add_feed(struct entry *member, uint32_t correlation, uint16_t place)
{
        struct feed *feeds = reallocarray(member->feeds, member->n_feeds + 1, sizeof *feeds);

        if (!feeds)
                return -ENOMEM;
        member->feeds = feeds;
        feeds[member->n_feeds++] = (struct feed){ .correlation = correlation, .member = place };
        return 0;
}

static bool has_class(const struct entry *e, struct str name)
{
        for (size_t i = 0; i < e->n_classes; i++)
                if (str_eq(e->classes[i], name))
                        return true;
        return false;
}

/* A correlation that names no classes has those of its rules. */
static int inherit_classes(struct ruleset *set, struct entry *e)
{
        size_t n = 0;

        if (e->n_classes > 0)
                return 0;
        for (size_t m = 0; m < e->n_members; m++)
                n += set->entries[e->members[m]].n_classes;
        e->classes = arena_array(set->arena, n, sizeof *e->classes);
        if (!e->classes)
                return -ENOMEM;
        for (size_t m = 0; m < e->n_members; m++) {
                const struct entry *member = &set->entries[e->members[m]];

                for (size_t i = 0; i < member->n_classes; i++)
                        if (!has_class(e, member->classes[i]))
                                e->classes[e->n_classes++] = member->classes[i];
        }
        return 0;
}

/* Whether it can still raise anything without the members that are off. */
static bool can_do_without(const struct ruleset *set, const struct entry *e, const struct sigma_rule **ret_off)
{
        size_t n_on = 0;

        *ret_off = NULL;
        for (size_t m = 0; m < e->n_members; m++) {
                const struct sigma_rule *rule = set->entries[e->members[m]].rule;

                n_on += !rule->is_off;
                if (rule->is_off && !*ret_off)
                        *ret_off = rule;
        }
        return n_on > 0 && !(*ret_off && e->window.kind->wants_all && e->rule->correlation->n_limits == 0);
}

/* A correlation goes off with the rules it cannot do without; inner ones first. Those of its rules that are on stay
 * silent, as they would be if it worked. */
static void follow_members(struct linker *k, struct entry *e)
{
        const struct sigma_correlation *c = e->rule->correlation;
        const struct sigma_rule *off;
        bool is_on = can_do_without(k->set, e, &off);

        if (e->rule->is_off || !off)
                return;
        e->rule->is_off = !is_on;
        for (size_t m = 0; m < e->n_members && !is_on && !c->generate; m++)
                k->set->entries[e->members[m]].is_silent = true;
        if (!c->base)
                rule_fail(k->remarks, e->rule, yaml_get(c->section, "rules"),
                          is_on ? "correlation: %s is off, so its hits are not counted"
                                : "correlation: it is off, since %s is",
                          off->label.p);
}

static void follow_all(struct linker *k)
{
        unsigned deepest = 0;

        for (size_t i = 0; i < k->set->n; i++)
                deepest = k->set->entries[i].depth > deepest ? k->set->entries[i].depth : deepest;
        for (unsigned depth = 0; depth <= deepest; depth++)
                for (size_t i = 0; i < k->set->n; i++)
                        if (k->set->entries[i].window.kind && k->set->entries[i].depth == depth)
                                follow_members(k, &k->set->entries[i]);
}

static int join_correlation(struct ruleset *set, size_t i)
{
        struct entry *e = &set->entries[i];
        int r = inherit_classes(set, e);

        for (size_t m = 0; m < e->n_members && !e->rule->is_off && r >= 0; m++)
                r = add_feed(&set->entries[e->members[m]], (uint32_t)i, (uint16_t)m);
        return r;
}

static struct sigma_limit once = { .op = SIGMA_GTE, .number = { "1", 1 } };

/* Informational rules never alert; those that a correlation uses only when it says `generate`. */
static void set_alerts(struct ruleset *set, struct entry *e)
{
        bool is_used = false;

        for (size_t f = 0; f < e->n_feeds; f++)
                is_used |= !set->entries[e->feeds[f].correlation].rule->correlation->generate;
        is_used |= e->is_silent || e->rule->is_base;
        e->alerts = !e->rule->is_off && e->rule->level != LEVEL_INFORMATIONAL && !is_used;
        if (e->rule->kind == SIGMA_CORRELATION) {
                e->alerts &= e->window.kind != NULL;
                return;
        }
        if (!e->alerts)
                return;
        e->window = (struct window_rule){ .kind = &kind_single, .timespan = ENGINE_SINGLE_TIMESPAN };
        e->window.parameters.n_members = 1;
        limits_init(&e->window.limits, &once, 1, 1);
}

/* Long timespans keep days (days.h), unless another correlation wants the hits themselves. */
static void set_days(struct entry *e)
{
        struct window_rule *w = &e->window;

        w->by_days = w->kind && w->kind->days != DAYS_NOT && w->timespan > WINDOW_EXACT_MAX && w->limits.is_rising &&
                     e->n_feeds == 0;
        w->is_countable &= !w->by_days;
}

static bool set_live(struct ruleset *set, struct entry *e)
{
        e->is_live = e->alerts;
        for (size_t f = 0; f < e->n_feeds && !e->is_live; f++)
                e->is_live = set_live(set, &set->entries[e->feeds[f].correlation]);
        return e->is_live;
}

/* Of the name and of everything that decides about hits and episodes: kept state is taken over only by a rule that would have made the
 * same of it. Inner correlations come before outer ones. */
static int set_digest(struct ruleset *set, struct entry *e)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        char hex[HASH128_HEX_BYTES];
        struct str text;

        strbuf_add(&b, e->rule->label);
        strbuf_addc(&b, '\n');
        if (e->window.by_days)
                strbuf_addz(&b, "days\n");
        strbuf_add(&b, str_from((const char *)e->rule->sections.b, HASH128_BYTES));
        if (e->rule->kind == SIGMA_RULE) {
                strbuf_add(&b, e->rule->detection->expanded);
                for (size_t i = 0; i < e->n_filters; i++)
                        filter_add_digest(e->filters[i], &b);
        }
        for (size_t m = 0; m < e->n_members; m++)
                strbuf_add(&b, str_from((const char *)set->entries[e->members[m]].digest.b, HASH128_BYTES));
        if (strbuf_failed(&b))
                return -ENOMEM;
        text = strbuf_str(&b);
        e->digest = hash128_of(&text, 1);
        hash128_hex(&e->digest, hex);
        e->state_label = arena_printf(set->arena, STR_FMT "#%.16s", STR_ARG(e->rule->label), hex);
        return e->state_label.p ? 0 : -ENOMEM;
}

static int set_digests(struct ruleset *set)
{
        unsigned deepest = 0;
        int r = 0;

        for (size_t i = 0; i < set->n && r >= 0; i++) {
                deepest = set->entries[i].depth > deepest ? set->entries[i].depth : deepest;
                if (set->entries[i].rule->kind == SIGMA_RULE)
                        r = set_digest(set, &set->entries[i]);
        }
        for (unsigned depth = 0; depth <= deepest; depth++)
                for (size_t i = 0; i < set->n && r >= 0; i++)
                        if (set->entries[i].rule->kind == SIGMA_CORRELATION && set->entries[i].depth == depth)
                                r = set_digest(set, &set->entries[i]);
        return r;
}

int link_rules(struct ruleset *set, struct err_list *errors, struct err_list *remarks)
{
        struct linker k = { .set = set, .errors = errors, .remarks = remarks };
        int r = 0;

        for (size_t i = 0; i < set->n && r != -ENOMEM; i++)
                if (set->entries[i].rule->kind == SIGMA_CORRELATION) {
                        r = read_one(&k, &set->entries[i]);
                        if (r < 0)
                                set->entries[i].window.kind = NULL;
                }
        for (size_t i = 0; i < set->n && r != -ENOMEM; i++)
                r = visit(&k, &set->entries[i]);
        if (r == -ENOMEM)
                return r;
        follow_all(&k);
        r = 0;
        for (size_t i = 0; i < set->n && r >= 0; i++)
                if (set->entries[i].rule->kind == SIGMA_CORRELATION && set->entries[i].window.kind)
                        r = join_correlation(set, i);
        for (size_t i = 0; i < set->n; i++)
                set_days(&set->entries[i]);
        for (size_t i = 0; i < set->n; i++)
                set_alerts(set, &set->entries[i]);
        for (size_t i = 0; i < set->n; i++)
                set_live(set, &set->entries[i]);
        return r < 0 ? r : set_digests(set);
}
