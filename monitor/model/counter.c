/* SPDX-License-Identifier: Apache-2.0 */

/* Names of the counters. */

#include "monitor/model/counter.h"

#include <stddef.h>

static const struct {
        const char *name, *help;
} rows[_COUNTER_MAX] = {
#define X(id, counter_word, counter_text) [COUNTER_##id] = { counter_word, counter_text },
        COUNTERS(X)
#undef X
};

const char *counter_name(enum counter c)
{
        return rows[c].name;
}

const char *counter_help(enum counter c)
{
        return rows[c].help;
}

void counters_add(struct counters *to, const struct counters *from)
{
        for (size_t i = 0; i < _COUNTER_MAX; i++)
                to->n[i] += from->n[i];
}
