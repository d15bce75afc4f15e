/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target of laws: the bytes are a regime file. What is refused says where; what is taken is asked for its deadlines, with little and with
 * much known. */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "monitor/cases/deadline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool is_so)
{
        if (!is_so)
                abort();
}

static void ask(const struct regimes *regimes, usec start, size_t n_facts)
{
        static const struct fact_of_case facts[] = { { { "people.kr", 9 }, { "1200", 4 } },      { { "people.us-ca", 12 }, { "at least 5", 10 } },
                                                     { { "sensitive", 9 }, { "no", 2 } },         { { "data", 4 }, { "email,password", 14 } },
                                                     { { "partners", 8 }, { "amazon", 6 } },      { { "risk.fuzz", 9 }, { "yes", 3 } } };
        struct deadline_case c = { .facts = { .items = facts, .n = n_facts < ARRAY_LEN(facts) ? n_facts : ARRAY_LEN(facts) } };
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct deadline *list;
        size_t n = 0;

        for (int i = 0; i < _EVENT_MAX; i++)
                c.at[i] = i == EVENT_AWARE || i == EVENT_TOLD_PEOPLE ? start : USEC_NONE;
        check(arena && deadlines_of(regimes, &c, start, true, arena, &list, &n, NULL) == 0);
        check(n == regimes->items[0].n_duties);
        for (size_t i = 0; i < n; i++)
                check(list[i].why.n > 0 && (list[i].due == USEC_NONE || list[i].due >= list[i].start));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct regimes regimes;
        struct err err = { 0 };

        if (regimes_parse(str_from((const char *)data, n), "fuzz.yml", &regimes, &err) < 0) {
                check(err.text[0] != '\0' && (err.line > 0 || err.code != -EBADMSG));
                return 0;
        }
        check(regimes.n == 1);
        ask(&regimes, INT64_C(1793062800) * USEC_PER_SEC, 0);
        ask(&regimes, INT64_C(1774746000) * USEC_PER_SEC, 6);
        regimes_done(&regimes);
        return 0;
}
