/* SPDX-License-Identifier: Apache-2.0 */

/* Other rules and sources, or less room, between two batches. */

#include <errno.h>
#include <stdlib.h>

#include "monitor/pipeline_impl.h"

/* The number of each old source among the new ones, SIZE_MAX: it is gone. NULL: out of memory. */
static size_t *match_sources(const struct sourceset *old, const struct sourceset *fresh)
{
        size_t n = sourceset_count(old), *ret = calloc(n + 1, sizeof *ret);

        for (size_t i = 0; ret && i < n; i++) {
                struct str name = str_of(source_name(sourceset_get(old, i)));

                ret[i] = SIZE_MAX;
                for (size_t k = 0; k < sourceset_count(fresh); k++)
                        if (str_eqz(name, source_name(sourceset_get(fresh, k))))
                                ret[i] = k;
        }
        return ret;
}

static void take_works(struct pipeline *p, struct works *to, const size_t *source_of)
{
        pool_take_counters(p->w.pool, &p->run);
        for (size_t i = 0; i < p->w.n_sources; i++)
                if (source_of[i] != SIZE_MAX)
                        to->watermark[source_of[i]] = p->w.watermark[i];
        works_done(&p->w);
        p->w = *to;
        *to = (struct works){ 0 };
}

/* What changed so far is told to the store by the old engine, what goes away by the new one. */
static int hand_over(struct pipeline *p, struct works *to, const size_t *source_of, bool *ret_is_fatal, struct err *reterr)
{
        int adopted, r = store_begin(p->o.store);

        if (r < 0)
                return pipeline_fail(p, r, reterr);
        *ret_is_fatal = true;
        r = engine_dirty(p->w.engine, pipeline_put_window, p->o.store);
        if (r < 0)
                return pipeline_end(p, NULL, r, reterr);
        adopted = engine_adopt(to->engine, p->w.engine, source_of);
        if (adopted >= 0)
                take_works(p, to, source_of);
        r = pipeline_end(p, NULL, 0, reterr);
        *ret_is_fatal = r < 0;
        if (r < 0)
                return r;
        return adopted < 0 ? err_set(reterr, adopted, "out of memory") : 0;
}

int pipeline_swap(struct pipeline *p, const struct setup *setup, bool *ret_is_fatal, struct err *reterr)
{
        size_t *source_of = match_sources(p->o.setup->sources, setup->sources);
        struct works fresh = { 0 };
        int r = source_of ? works_init(&fresh, &p->o, setup, reterr) : err_set(reterr, -ENOMEM, "out of memory");

        *ret_is_fatal = false;
        if (r >= 0 && !(fresh.heard = heard_places(p->heard, setup->sources)))
                r = err_set(reterr, -ENOMEM, "out of memory");
        if (r >= 0)
                r = hand_over(p, &fresh, source_of, ret_is_fatal, reterr);
        if (r >= 0) {
                p->o.setup = setup;
                heard_watch(p->heard, setup->sources, p->w.heard);
        }
        works_done(&fresh);
        free(source_of);
        return r;
}

int pipeline_shrink(struct pipeline *p, size_t *ret_bytes, struct err *reterr)
{
        int r = store_begin(p->o.store);

        if (r < 0)
                return pipeline_fail(p, r, reterr);
        *ret_bytes = engine_shrink(p->w.engine);
        p->run.n[COUNTER_MEMORY_SHORT]++;
        if (*ret_bytes > 0)
                p->o.budget.bytes_max = *ret_bytes; /* also for the next rules */
        r = pipeline_end(p, NULL, 0, reterr);
        return r < 0 ? r : *ret_bytes > 0;
}
