/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/census_put.h"

#include "monitor/store/census.h"

struct put {
        struct store *store;
        uint64_t *cut;
};

static int put_account(void *userdata, const struct account_seen *a)
{
        const struct put *p = userdata;

        return store_put_account(p->store, a, p->cut);
}

static int put_fact(void *userdata, const struct account_seen *of, const struct fact *f)
{
        const struct put *p = userdata;

        return store_put_fact(p->store, of, f, p->cut);
}

int census_put(const struct census *c, struct store *store, struct counters *counters)
{
        struct put p = { store, &counters->n[COUNTER_CENSUS_CUT] };
        const struct census_sink sink = { put_account, put_fact, &p };

        *p.cut += census_cut(c);
        return census_each(c, &sink);
}
