/* SPDX-License-Identifier: Apache-2.0 */

/* Names of classes and levels. */

#include "monitor/model/class.h"

#include <stddef.h>

static const struct {
        const char *name, *category, *type;
} classes[_CLASS_MAX] = {
#define X(id, class_word, class_text, class_area, class_way) [CLASS_##id] = { class_word, class_area, class_way },
        CLASSES(X)
#undef X
};

static const char *const levels[_LEVEL_MAX] = {
        [LEVEL_INFORMATIONAL] = "informational", [LEVEL_LOW] = "low",           [LEVEL_MEDIUM] = "medium",
        [LEVEL_HIGH] = "high",                   [LEVEL_CRITICAL] = "critical",
};

const char *class_name(enum class c)
{
        return classes[c].name;
}

const char *class_category(enum class c)
{
        return classes[c].category;
}

const char *class_type(enum class c)
{
        return classes[c].type;
}

enum class class_find(struct str name)
{
        for (size_t i = 0; i < _CLASS_MAX; i++)
                if (str_eqz(name, classes[i].name))
                        return (enum class)i;
        return _CLASS_MAX;
}

const char *level_name(enum level l)
{
        return levels[l];
}

enum level level_find(struct str name)
{
        for (size_t i = 0; i < _LEVEL_MAX; i++)
                if (str_eq_nocase(name, str_of(levels[i])))
                        return (enum level)i;
        return _LEVEL_MAX;
}
