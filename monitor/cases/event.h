/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_EVENT_H
#define SHOPBELL_CASES_EVENT_H

#include "monitor/base/clock.h"
#include "monitor/base/str.h"

/* The moments of a case that laws count from. There is no single "aware": laws start their clocks at different ones, so each is
 * stamped apart, with who decided it and why. The first six are of what becomes known; the others are acts that start clocks of
 * their own. To add one: a row here.
 *    enum            name              what it means */
#define CASE_EVENTS(X) \
        X(SIGNAL, "signal", "the first alert, complaint or question, not looked into yet") \
        X(POSSIBLE, "possible", "a leak is possible, but not confirmed") \
        X(GROUNDS, "grounds", "credible grounds to suspect or believe that data was reached") \
        X(AWARE, "aware", "reasonably certain that personal data was compromised") \
        X(ASSESSED, "assessed", "judged to be one that must be notified") \
        X(TOLD_AUTHORITY, "told-authority", "the authority was told") \
        X(TOLD_PEOPLE, "told-people", "the people affected were told") \
        X(HANDLED, "handled", "the incident is dealt with")

enum case_event {
#define X(id, name, help) EVENT_##id,
        CASE_EVENTS(X)
#undef X
                _EVENT_MAX,
};

const char *case_event_name(enum case_event event); /* "aware" */
const char *case_event_help(enum case_event event);
enum case_event case_event_find(struct str name); /* _EVENT_MAX: none */

/* What counts while an event is not marked: the latest of signal, possible, grounds, aware, assessed before it that is. An owner who has
 * not said when he became aware is taken to have been when he first had grounds, or a signal. Where none before it is marked, the earliest of
 * those behind it: who is aware has had grounds by then. The acts have none: *ret is USEC_NONE. Returns the event that `*ret` is of; _EVENT_MAX: none of them is marked. */
enum case_event case_event_stand_in(const usec at[_EVENT_MAX], enum case_event event, usec *ret);

#endif
