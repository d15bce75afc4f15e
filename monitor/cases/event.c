/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/cases/event.h"

static const struct {
        const char *name, *help;
} events[_EVENT_MAX] = {
#define X(id, name, help) { name, help },
        CASE_EVENTS(X)
#undef X
};

const char *case_event_name(enum case_event event)
{
        return events[event].name;
}

const char *case_event_help(enum case_event event)
{
        return events[event].help;
}

enum case_event case_event_find(struct str name)
{
        for (int i = 0; i < _EVENT_MAX; i++)
                if (str_eqz(name, events[i].name))
                        return (enum case_event)i;
        return _EVENT_MAX;
}

enum case_event case_event_stand_in(const usec at[_EVENT_MAX], enum case_event event, usec *ret)
{
        enum case_event best = _EVENT_MAX;

        *ret = at[event];
        if (*ret != USEC_NONE)
                return event;
        if (event > EVENT_ASSESSED)
                return _EVENT_MAX;
        for (int i = (int)event - 1; i >= 0 && best == _EVENT_MAX; i--)
                if (at[i] != USEC_NONE)
                        best = (enum case_event)i;
        for (int i = (int)event + 1; i <= EVENT_ASSESSED && (best == _EVENT_MAX || best > event); i++)
                if (at[i] != USEC_NONE && (best == _EVENT_MAX || at[i] < at[best]))
                        best = (enum case_event)i;
        if (best != _EVENT_MAX)
                *ret = at[best];
        return best;
}
