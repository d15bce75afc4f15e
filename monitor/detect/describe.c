/* SPDX-License-Identifier: Apache-2.0 */

/* Stored state in a few numbers. */

#include "monitor/detect/describe.h"

#include "monitor/detect/groups.h"
#include "monitor/detect/state.h"

static void widen(struct state_summary *s, usec first, usec last)
{
        if (s->first == USEC_NONE || first < s->first)
                s->first = first;
        if (s->last == USEC_NONE || last > s->last)
                s->last = last;
}

int state_describe(struct str blob, struct state_summary *ret)
{
        struct window w;
        int r;

        window_init(&w);
        r = state_read(&w, NULL, blob);
        if (r < 0)
                return r;
        *ret = (struct state_summary){
                .hits = w.hits.n,
                .known = w.history ? w.history->n : 0,
                .episodes = w.episodes.n,
                .first = USEC_NONE,
                .last = USEC_NONE,
        };
        if (w.hits.n > 0)
                widen(ret, hits_at(&w.hits, 0)->time, hits_at(&w.hits, w.hits.n - 1)->time);
        if (ret->known > 0)
                widen(ret, w.history->first, w.history->last);
        for (size_t i = 0; w.days && i < w.days->n; i++) {
                ret->known += w.days->items[i].n;
                widen(ret, w.days->items[i].first, w.days->items[i].last);
        }
        for (size_t i = 0; i < w.episodes.n; i++)
                widen(ret, w.episodes.items[i].first, w.episodes.items[i].last);
        window_done(&w);
        return 0;
}

size_t state_describe_key(const struct sigma_rule *rule, struct str key, struct alert_group *ret, size_t max)
{
        struct str value;
        size_t n = 0;

        if (max > 0 && key.n > 0 && (key.p[0] == GROUP_EVERYONE || key.p[0] == GROUP_TEAM)) { /* others' histories */
                ret[0] = key.p[0] == GROUP_TEAM ? (struct alert_group){ STR("team"), str_from(key.p + 1, key.n - 1) }
                                                : (struct alert_group){ STR_NONE, STR("everyone") };
                return 1;
        }
        if (max > 0 && key.n == 1 && key.p[0] == GROUP_LOSS) {
                ret[0] = (struct alert_group){ STR_NONE, STR("forgotten at a limit") };
                return 1;
        }
        while (n < max && group_key_next(&key, &value)) {
                if (!rule) {
                        ret[n] = (struct alert_group){ STR_NONE, value };
                } else if (rule->kind == SIGMA_CORRELATION) {
                        if (n >= rule->correlation->n_group_by)
                                break;
                        ret[n] = (struct alert_group){ rule->correlation->group_by[n], value };
                } else { /* the field's name, then its value */
                        ret[n].field = value;
                        if (!group_key_next(&key, &ret[n].value))
                                break;
                }
                n++;
        }
        return n;
}
