/* SPDX-License-Identifier: Apache-2.0 */

/* Histories as bytes: what is read back goes on as if nothing had happened, and damaged bytes do no harm to any kind. */

#include <criterion/criterion.h>
#include <stdlib.h>

#include "monitor/detect/history_kinds.h"
#include "monitor/detect/state.h"
#include "tests/unit/detect_window.h"

enum { DAYS = 30, ROUNDS = 4000 };

static const char *const names[] = { "new_value", "travel", "unusual_time", "dormant", "spike", "new_highest", "surprise" };

static const struct str fields[] = { { "user.name", 9 }, { "source.ip", 9 } };

static struct window_rule rule_of(const char *name)
{
        static const struct sigma_limit least = { .op = SIGMA_GTE, .number = { "1", 1 } };
        struct window_rule rule = { .kind = kind_find(str_of(name)), .timespan = USEC_PER_DAY, .waits = true };

        cr_assert(rule.kind && rule.kind->judge, "%s", name);
        rule.parameters = rule.kind->defaults;
        rule.parameters.n_members = 1;
        rule.parameters.learning = 0;
        rule.parameters.known = 2;
        rule.parameters.fields = fields;
        rule.parameters.n_fields = ARRAY_LEN(fields);
        limits_init(&rule.limits, &least, 1, rule.kind->scale);
        return rule;
}

static void put(struct window *w, const struct window_rule *rule, unsigned n, struct listener *l)
{
        static const char *const users[] = { "mia", "ben", "a name that is longer than a ledger keeps" };
        struct episode_sink sink = listener_sink(l);
        struct place place = { .lat = n % 3 * 40, .lon = n % 5 * 30, .country = "KR" };
        struct hit hit = { .time = (usec)n * 7 * USEC_PER_HOUR, .key = plan_hash(n), .story = calloc(1, sizeof *hit.story) };
        struct hash128 cells[2 * LEDGER_CELLS];

        cr_assert(hit.story);
        words_init(&hit.story->words);
        place.country[0] = n % 3 ? 'K' : 'U';
        ledger_pack(str_of(users[n % 7 % 3]), cells);
        ledger_pack(n % 5 ? STR("192.0.2.1") : STR(""), cells + LEDGER_CELLS);
        if (rule->kind->brings == BRINGS_TEXTS) {
                hit.n_values = ARRAY_LEN(cells);
                hit.values = malloc(sizeof cells);
                cr_assert(hit.values);
                memcpy(hit.values, cells, sizeof cells);
        } else if (rule->kind->brings != BRINGS_NOTHING) {
                hit.n_values = 1;
                hit.value = rule->kind->brings == BRINGS_PLACE ? place_pack(&place) : measure_pack((measure_t)n * MEASURE_MICRO);
        }
        cr_assert_eq(window_take(w, rule, &hit, &sink), 1);
        cr_assert_eq(window_judge(w, rule, INT64_MAX, &sink), 0);
}

static void fill(struct window *w, const struct window_rule *rule, struct listener *l)
{
        window_init(w);
        for (unsigned n = 0; n < DAYS; n++) {
                put(w, rule, n, l);
                if (n == DAYS / 2)
                        window_settle(w, rule, (usec)n * 7 * USEC_PER_HOUR);
        }
}

Test(detect_history_state, goes_on_as_if_nothing_had_happened)
{
        static struct listener l, m;

        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
                struct window_rule rule = rule_of(names[k]);
                struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
                struct window w, copy;

                l = m = (struct listener){ 0 };
                fill(&w, &rule, &l);
                state_write(&w, &before);
                window_init(&copy);
                cr_assert_eq(state_read(&copy, &rule, strbuf_str(&before)), 0, "%s", names[k]);
                m = l;
                for (unsigned n = DAYS; n < DAYS + 10; n++) {
                        put(&w, &rule, n, &l);
                        put(&copy, &rule, n, &m);
                }
                strbuf_clear(&before);
                state_write(&w, &before);
                state_write(&copy, &after);
                cr_expect(str_eq(strbuf_str(&before), strbuf_str(&after)), "%s", names[k]);
                cr_expect(l.n == m.n && l.n_changes == m.n_changes, "%s", names[k]);
                strbuf_done(&before);
                strbuf_done(&after);
                window_done(&w);
                window_done(&copy);
        }
}

static int ignore_merged(void *userdata, const struct episode *from, struct episode *into)
{
        (void)userdata, (void)from, (void)into;
        return 0;
}
static int ignore_withdrawn(void *userdata, const struct episode *e)
{
        (void)userdata, (void)e;
        return 0;
}
static int ignore_changed(void *userdata, struct episode *e)
{
        (void)userdata, (void)e;
        return 0;
}
static void ignore_hot(void *userdata, const struct hit *hit, struct episode *e)
{
        (void)userdata, (void)hit, (void)e;
}

static void read_damaged(struct str blob, const struct window_rule *rule)
{
        const struct episode_sink sink = {
                .hot = ignore_hot, .merged = ignore_merged, .withdrawn = ignore_withdrawn, .changed = ignore_changed
        };
        struct hit hit = { .time = USEC_PER_DAY, .key = plan_hash(9999) };
        char *copy = malloc(blob.n); /* of its own, so that a byte read behind the end is noticed */
        struct window w;
        int r;

        cr_assert(copy);
        memcpy(copy, blob.p, blob.n);
        window_init(&w);
        r = state_read(&w, rule, str_from(copy, blob.n));
        cr_assert(r == 0 || r == -EBADMSG, "gave %d", r);
        if (r == 0) {
                for (size_t i = 0; i < w.hits.n; i++) /* all are judged again */
                        hits_at(&w.hits, i)->is_judged = hits_at(&w.hits, i)->is_final = false;
                (void)window_take(&w, rule, &hit, &sink);
                (void)window_judge(&w, rule, INT64_MAX, &sink);
                window_settle(&w, rule, 20 * USEC_PER_DAY);
        }
        window_done(&w);
        free(copy);
}

Test(detect_history_state, damaged_bytes_do_no_harm)
{
        static struct listener l;
        struct dice d = { 31337 };

        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
                struct window_rule rule = rule_of(names[k]);
                struct strbuf blob = STRBUF_INIT;
                struct window w;

                l = (struct listener){ 0 };
                fill(&w, &rule, &l);
                state_write(&w, &blob);
                for (unsigned round = 0; round < ROUNDS; round++) {
                        size_t at = dice_roll(&d, blob.n);
                        char before = blob.p[at];

                        blob.p[at] = (char)dice_roll(&d, 256);
                        read_damaged(strbuf_str(&blob), &rule);
                        blob.p[at] = before;
                }
                strbuf_done(&blob);
                window_done(&w);
        }
}
