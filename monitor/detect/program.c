/* SPDX-License-Identifier: Apache-2.0 */

/* Binding rules to log sources, and matching.
 *
 * A rule for one platform asks the source for its own field names; a rule for all platforms (product: shopbell) sees the
 * normalised fields of every source, and only hits records of its class. All rules of a source are compiled together
 * (sigma/program.h). */

#include "monitor/detect/program.h"

#include <errno.h>
#include <stdlib.h>

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

/* Names under `shopbell.` are never looked for in the platform's own fields, where somebody else may have written them. */
static struct field_ref ref_to(const struct log_kind *kind, struct str name)
{
        bool is_ours = str_starts(name, STR("shopbell."));

        return (struct field_ref){ .native = is_ours ? UINT32_MAX : kind->want(kind->userdata, name),
                                   .ecs = ecs_slot(name) };
}

/* What a group-by name means in the records of one member: an alias for it, else the name itself. */
static struct str group_field(const struct sigma_correlation *c, const struct sigma_rule *member, struct str name)
{
        for (size_t i = 0; i < c->n_aliases; i++)
                if (str_eq(c->aliases[i].name, name) && rule_is_called(member, c->aliases[i].rule))
                        return c->aliases[i].field;
        return name;
}

/* Only for the rules about single records: a correlation hands its keys on as they are. */
static void bind_member(struct ruleset *set, struct entry *e, size_t member, size_t source, const struct log_kind *kind)
{
        const struct sigma_correlation *c = e->rule->correlation;
        const struct entry *rule = &set->entries[e->members[member]];
        struct field_ref *groups = &e->groups[(source * e->n_members + member) * c->n_group_by];

        if (rule->rule->kind != SIGMA_RULE || !rule->slots[source])
                return;
        for (size_t i = 0; i < c->n_group_by; i++)
                groups[i] = ref_to(kind, group_field(c, rule->rule, c->group_by[i]));
        for (size_t i = 0; i < e->window.parameters.n_fields && e->window.kind->brings != BRINGS_NOTHING; i++)
                e->values[source * e->window.parameters.n_fields + i] = ref_to(kind, e->window.parameters.fields[i]);
}

static int bind_correlation(struct ruleset *set, struct entry *e, const struct log_kind *const *kinds)
{
        const struct sigma_correlation *c = e->rule->correlation;
        size_t n_groups = set->n_kinds * e->n_members * c->n_group_by, n_values = set->n_kinds * e->window.parameters.n_fields;

        e->groups = calloc(n_groups + 1, sizeof *e->groups);
        e->values = calloc(n_values + 1, sizeof *e->values);
        if (!e->groups || !e->values)
                return -ENOMEM;
        for (size_t i = 0; i < n_groups; i++)
                e->groups[i] = (struct field_ref){ UINT32_MAX, UINT32_MAX };
        for (size_t i = 0; i < n_values; i++)
                e->values[i] = (struct field_ref){ UINT32_MAX, UINT32_MAX };
        for (size_t s = 0; s < set->n_kinds; s++)
                for (size_t m = 0; m < e->n_members; m++)
                        bind_member(set, e, m, s, kinds[s]);
        return 0;
}

static int compile_rules(struct ruleset *set, size_t source)
{
        struct sigma_member *members = calloc(set->n + 1, sizeof *members);
        size_t n = 0;
        int r;

        if (!members)
                return -ENOMEM;
        for (size_t i = 0; i < set->n; i++) {
                const struct entry *e = &set->entries[i];

                if (e->rule->kind != SIGMA_RULE || e->rule->is_off || !e->slots[source])
                        continue;
                members[n] = (struct sigma_member){
                        .detection = e->rule->detection,
                        .slots = e->slots[source],
                        .number = (uint32_t)i,
                        .gate = UINT32_MAX,
                };
                if (e->is_generic && e->generic != _CLASS_MAX) {
                        members[n].gate = ECS_CLASS;
                        members[n].gate_text = str_of(class_name(e->generic));
                }
                n++;
        }
        r = sigma_program_new(members, n, &set->programs[source]);
        free(members);
        return r;
}

int program_bind(struct ruleset *set, const struct log_kind *const *kinds, size_t n_kinds)
{
        int r = 0;

        set->n_kinds = n_kinds;
        set->programs = calloc(n_kinds + 1, sizeof *set->programs);
        if (!set->programs)
                return -ENOMEM;
        for (size_t i = 0; i < set->n && r >= 0; i++) {
                struct entry *e = &set->entries[i];

                if (e->rule->kind != SIGMA_RULE)
                        continue;
                e->slots = calloc(n_kinds + 1, sizeof *e->slots);
                r = e->slots ? 0 : -ENOMEM;
                for (size_t s = 0; s < n_kinds && r >= 0; s++)
                        r = bind_rule(e, s, kinds[s]);
        }
        for (size_t i = 0; i < set->n && r >= 0; i++)
                if (set->entries[i].rule->kind == SIGMA_CORRELATION && set->entries[i].window.kind)
                        r = bind_correlation(set, &set->entries[i], kinds);
        for (size_t s = 0; s < n_kinds && r >= 0; s++)
                r = compile_rules(set, s);
        return r;
}

void program_done(struct ruleset *set)
{
        for (size_t s = 0; set->programs && s < set->n_kinds; s++)
                sigma_program_free(set->programs[s]);
        free(set->programs);
        set->programs = NULL;
}

size_t program_match(const struct ruleset *set, const struct record *record, struct sigma_scratch *scratch,
                     uint32_t *hits, size_t max)
{
        return sigma_program_match(set->programs[record->source_index], record, scratch, hits, max);
}
