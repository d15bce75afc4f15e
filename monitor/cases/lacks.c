/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/cases/lacks.h"

#include <errno.h>

static bool is_of(const struct regime *r, struct str part)
{
        if (str_eq(part, r->id))
                return true;
        for (size_t i = 0; i < r->n_countries; i++)
                if (str_eq(part, r->countries[i]))
                        return true;
        return false;
}

const struct case_value *casefile_value_for(const struct casefile *c, const struct case_field *f, const struct regime *r)
{
        const struct case_value *of_all = NULL, *any = NULL;

        for (size_t i = 0; i < c->n_values; i++) {
                const struct case_value *v = &c->values[i];

                if (v->field != f || v->status == FIELD_UNKNOWN)
                        continue;
                if (v->part.n > 0 && is_of(r, v->part))
                        return v;
                if (v->part.n == 0)
                        of_all = v;
                any = v;
        }
        return of_all || f->kind != FIELD_NUMBER ? of_all : any;
}

/* Whether there is what a content is made of. */
static bool is_there(const struct casefile *c, const struct regime *r, const char *name, bool *may_wait)
{
        const struct case_field *f = *name == '@' ? NULL : case_field_find(str_of(name));
        enum case_event event = *name == '@' ? case_event_find(str_of(name + 1)) : _EVENT_MAX;

        *may_wait = f && f->may_wait;
        if (event < _EVENT_MAX)
                return casefile_mark(c, event, r->id) != NULL;
        return f && casefile_value_for(c, f, r) != NULL;
}

static bool look(const struct casefile *c, struct lack *l)
{
        size_t n = 0;

        l->may_wait = true;
        for (size_t i = 0; i < CONTENT_FIELDS_MAX && l->content->content->fields[i]; i++) {
                bool may_wait;

                if (is_there(c, l->regime, l->content->content->fields[i], &may_wait)) {
                        l->has_chief |= i == 0;
                        continue;
                }
                l->fields[n++] = l->content->content->fields[i];
                l->may_wait &= may_wait;
        }
        return n > 0;
}

int casefile_lacks(const struct casefile *c, const struct regime *r, struct arena *arena, struct lack **ret, size_t *ret_n)
{
        size_t all = 0, n = 0;
        struct lack *list;

        for (size_t to = 0; to < _DUTY_TO_MAX; to++)
                all += r->n_contents[to];
        list = arena_array(arena, all, sizeof *list);
        if (!list)
                return -ENOMEM;
        for (size_t to = 0; to < _DUTY_TO_MAX; to++)
                for (size_t i = 0; i < r->n_contents[to]; i++) {
                        list[n] = (struct lack){ .regime = r, .to = (enum duty_to)to, .content = &r->contents[to][i] };
                        n += look(c, &list[n]);
                }
        *ret = list;
        *ret_n = n;
        return 0;
}
