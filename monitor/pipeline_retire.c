/* SPDX-License-Identifier: Apache-2.0 */

/* What goes with its age, once a day. */

#include "monitor/pipeline_impl.h"

int pipeline_retire(struct pipeline *p, const struct retention *keep, struct err *reterr)
{
        struct retired gone = { 0 };
        int r;

        if (keep->records == 0 && keep->alerts == 0)
                return 0;
        r = store_begin(p->o.store);
        if (r < 0)
                return pipeline_fail(p, r, reterr);
        r = store_retire(p->o.store, keep, clock_now(p->o.clock), &gone);
        p->run.n[COUNTER_RECORDS_RETIRED] += gone.records;
        p->run.n[COUNTER_ALERTS_RETIRED] += gone.alerts;
        r = pipeline_end(p, NULL, r, reterr);
        if (r >= 0 && !gone.has_more && gone.records + gone.alerts > 0)
                store_retired(p->o.store); /* a reader may be in its way: the next checkpoint does it */
        return r < 0 ? r : gone.has_more;
}
