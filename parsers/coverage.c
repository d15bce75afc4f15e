/* SPDX-License-Identifier: Apache-2.0 */

/* What a source file says it can show. Values are counted where a person wrote them: in the YAML of `classes`. */

#include <errno.h>
#include <string.h>

#include "parsers/source_impl.h"

struct counting {
        const struct source *source;
        bool *is_action; /* of each native slot: event.action is made of it */
        struct map seen[_CLASS_MAX];
        bool failed;
};

static void note_slot(void *userdata, uint32_t slot, bool is_taken)
{
        struct counting *c = userdata;

        (void)is_taken;
        if (slot >= _ECS_MAX && slot < _ECS_MAX + c->source->n_native)
                c->is_action[slot - _ECS_MAX] = true;
}

static void find_actions(struct counting *c, const struct field_rule *rules, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (rules[i].field == ECS_EVENT_ACTION)
                        derive_slots(rules[i].from, note_slot, c);
}

/* "field|modifier": the field is one that the action is made of, and its values are values. */
static bool is_action_key(const struct counting *c, struct str key)
{
        struct str rest = key, name, word;
        uintptr_t at;

        (void)str_cut(&rest, '|', &name);
        while (str_cut(&rest, '|', &word))
                if (str_eqz(word, "exists") || str_eqz(word, "fieldref"))
                        return false;
        at = (uintptr_t)map_get(&c->source->slots, name);
        return at > _ECS_MAX && c->is_action[at - 1 - _ECS_MAX];
}

static void count_value(struct counting *c, const struct yaml *y, uint32_t classes)
{
        for (size_t i = 0; y->kind == YAML_LIST && i < y->n; i++)
                count_value(c, y->items[i], classes);
        if (!yaml_is_scalar(y) || y->kind == YAML_NULL)
                return;
        for (; classes; classes &= classes - 1)
                c->failed |= map_put(&c->seen[__builtin_ctz(classes)], y->text, c) < 0;
}

static void count_selection(struct counting *c, const struct yaml *y, uint32_t classes)
{
        for (size_t i = 0; y->kind == YAML_LIST && i < y->n; i++)
                count_selection(c, y->items[i], classes);
        for (size_t i = 0; y->kind == YAML_MAP && i < y->n; i++)
                if (is_action_key(c, y->pairs[i].key->text))
                        count_value(c, y->pairs[i].value, classes);
}

int source_coverage(const struct source *s, struct source_coverage *ret)
{
        const struct yaml *rows;
        struct counting c = { 0 };
        int r;

        s = s->wrapped ? s->wrapped : s; /* whose classes the records get */
        rows = yaml_get(s->doc, "classes");
        c.source = s;
        c.is_action = calloc(s->n_native + 1, sizeof(bool));
        *ret = (struct source_coverage){ 0 };
        if (!c.is_action)
                return -ENOMEM;
        find_actions(&c, s->fields, s->n_fields);
        for (size_t i = 0; i < s->n_classes; i++)
                find_actions(&c, s->classes[i].set, s->classes[i].n_set);
        for (size_t i = 0; i < s->n_classes; i++) {
                uint32_t classes = s->classes[i].classes;

                count_selection(&c, yaml_get(rows->items[i], "when"), classes);
                for (; classes; classes &= classes - 1)
                        ret->rows[__builtin_ctz(classes)]++;
        }
        for (size_t i = 0; i < _CLASS_MAX; i++) {
                ret->values[i] = (unsigned)map_count(&c.seen[i]);
                map_done(&c.seen[i]);
        }
        r = c.failed ? -ENOMEM : 0;
        free(c.is_action);
        return r;
}

void source_about(const struct source *s, struct source_about *ret)
{
        static const char *const trusts[] = { [SOURCE_CONFIRMED] = "confirmed",
                                              [SOURCE_THIRD_PARTY] = "third-party",
                                              [SOURCE_UNCONFIRMED] = "unconfirmed" };

        *ret = (struct source_about){
                .about = s->about,
                .trust = trusts[s->trust],
                .setup = s->setup,
                .unconfirmed = s->unconfirmed,
                .n_unconfirmed = s->n_unconfirmed,
                .cannot = s->cannot || !s->wrapped ? s->cannot : s->wrapped->cannot,
        };
}
