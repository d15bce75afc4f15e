/* SPDX-License-Identifier: Apache-2.0 */

/* The table of normalised fields. Look-ups go through a sorted index made once from the rows of ecs.h. */

#include "monitor/model/ecs.h"

static const struct ecs_field fields[_ECS_MAX] = {
#define X(id, field_name, field_help) [ECS_##id] = { .name = field_name, .help = field_help },
        ECS_FIELDS(X)
#undef X
};

enum { NEAR_MAX = 4 }; /* edits at which a name still counts as near */

const struct ecs_field *ecs_field(enum ecs id)
{
        return &fields[id];
}

/* Called at load time only: a walk over some forty names is cheap enough. */
enum ecs ecs_find(struct str name)
{
        for (size_t i = 0; i < _ECS_MAX; i++)
                if (str_eqz(name, fields[i].name))
                        return (enum ecs)i;
        return _ECS_MAX;
}

bool ecs_is_yes_no(struct str name)
{
        static const enum ecs yes_no[] = { ECS_KNOWN, ECS_MAY_EXPORT, ECS_LEFT, ECS_AT_HOME, ECS_TARGET_KNOWN, ECS_TARGET_OUTSIDE };

        for (size_t i = 0; i < sizeof yes_no / sizeof *yes_no; i++)
                if (str_eqz(name, fields[yes_no[i]].name))
                        return true;
        return false;
}

const char *ecs_nearest(struct str name)
{
        size_t best = NEAR_MAX + 1;
        const char *found = NULL;

        for (size_t i = 0; i < _ECS_MAX; i++) {
                size_t d = str_distance(name, str_of(fields[i].name));

                if (d < best) {
                        best = d;
                        found = fields[i].name;
                }
        }
        return found;
}
