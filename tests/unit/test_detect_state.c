/* SPDX-License-Identifier: Apache-2.0 */

/* Windows that are written and read back at any moment go on as if nothing had happened; damaged bytes are refused, or at
 * least do no harm. */

#include <criterion/criterion.h>
#include <errno.h>

#include "monitor/detect/describe.h"
#include "monitor/detect/state.h"
#include "tests/unit/detect_window.h"

enum { TIMESPAN = 10 };

static void reload(struct window *w, const struct window_rule *rule)
{
        struct strbuf blob = STRBUF_INIT, again = STRBUF_INIT;
        struct window copy;

        state_write(w, &blob);
        cr_assert(!strbuf_failed(&blob));
        window_init(&copy);
        cr_assert_eq(state_read(&copy, rule, strbuf_str(&blob)), 0);
        state_write(&copy, &again);
        cr_assert(str_eq(strbuf_str(&blob), strbuf_str(&again)), "reading and writing again gives the same bytes");
        window_done(w);
        *w = copy;
        strbuf_done(&blob);
        strbuf_done(&again);
}

static struct words some_words(void)
{
        struct words w = { .at = 77 };

        w.sentence = (struct str){ str_dupz(str_from("a\0b", 3)), 3 };
        w.person = (struct str){ str_dupz(STR("")), 0 };
        return w;
}

Test(detect_state, windows_go_on)
{
        struct dice d = { 4711 };

        for (size_t r = 0; r < ARRAY_LEN(plan_rules); r++)
                for (unsigned round = 0; round < 40; round++) {
                        struct window_rule rule = plan_rule_make(&plan_rules[r], TIMESPAN);
                        struct listener l = { 0 };
                        struct episode_sink sink = listener_sink(&l);
                        struct expectation x;
                        struct window w;
                        struct plan p;

                        window_init(&w);
                        plan_make(&p, &d, 40, TIMESPAN, rule.parameters.n_members);
                        plan_order(&p, &d, (enum plan_order)dice_roll(&d, _PLAN_ORDER_MAX));
                        for (size_t i = 0; i < p.n; i++) {
                                struct hit hit = plan_hit(&p.hits[i], rule.kind);

                                cr_assert_eq(window_take(&w, &rule, &hit, &sink), 1);
                                if (dice_roll(&d, 3) == 0)
                                        reload(&w, &rule);
                                hit = plan_hit(&p.hits[dice_roll(&d, i + 1)], rule.kind);
                                cr_assert_eq(window_take(&w, &rule, &hit, &sink), 0, "known before, known after");
                        }
                        cr_assert_eq(window_judge(&w, &rule, INT64_MAX, &sink), 0);
                        reload(&w, &rule);
                        expect(&x, &p, p.n, &rule);
                        expect_same(&w, &l, &x, rule.kind->name);
                        window_done(&w);
                }
}

/* A window with something of everything. */
static void make_full(struct window *w, const struct window_rule *rule)
{
        static struct listener l; /* too large for some stacks */
        struct episode_sink sink = listener_sink(&l);

        l = (struct listener){ 0 };
        window_init(w);
        for (unsigned i = 0; i < 24; i++) {
                struct planned h = { .time = (usec)(i * i) - 50, .record = i, .member = i % 2, .n_values = i % 4,
                                     .values = { i % 6, (i + 1) % 6, (i + 2) % 6 } };
                struct hit hit = plan_hit(&h, rule->kind);

                hit.has_evidence = i % 3 == 0;
                hit.is_late = i % 5 == 0;
                hit.base = i * UINT32_C(0x01020304);
                cr_assert_eq(window_take(w, rule, &hit, &sink), 1);
        }
        cr_assert(w->episodes.n > 0);
        w->episodes.items[0].words = some_words();
        w->episodes.items[0].is_late = true;
        w->episodes.items[0].n_evidence = 3;
        w->waiting = malloc(sizeof *w->waiting);
        cr_assert(w->waiting);
        *w->waiting = some_words();
        w->budget_from = -12;
        w->budget_n = 7;
}

static const struct plan_rule two = { "value_count", { LIMIT(GTE, "2") }, 1, 2 };

Test(detect_state, keeps_everything)
{
        struct window_rule rule = plan_rule_make(&two, TIMESPAN);
        struct window w;

        make_full(&w, &rule);
        reload(&w, &rule);
        cr_expect_eq(w.hits.n, 24);
        for (unsigned i = 0; i < 24; i++) {
                const struct hit *h = hits_at(&w.hits, i);
                struct hash128 key = plan_hash(i);

                cr_expect_eq(h->time, (usec)(i * i) - 50);
                cr_expect(hash128_eq(&h->key, &key));
                cr_expect_eq(h->member, i % 2);
                cr_expect_eq(h->n_values, i % 4);
                cr_expect_eq(h->has_evidence, i % 3 == 0);
                cr_expect_eq(h->is_late, i % 5 == 0);
                cr_expect_eq(h->base, i * UINT32_C(0x01020304));
        }
        cr_expect(str_eq(w.episodes.items[0].words.sentence, str_from("a\0b", 3)));
        cr_expect(w.episodes.items[0].words.person.p && w.episodes.items[0].words.person.n == 0);
        cr_expect_null(w.episodes.items[0].words.source.p);
        cr_expect_eq(w.episodes.items[0].words.at, 77);
        cr_expect(w.episodes.items[0].is_late);
        cr_expect_eq(w.episodes.items[0].n_evidence, 3);
        cr_assert_not_null(w.waiting);
        cr_expect_eq(w.waiting->at, 77);
        cr_expect_eq(w.budget_from, -12);
        cr_expect_eq(w.budget_n, 7);
        window_done(&w);
}

Test(detect_state, empty_window)
{
        struct window_rule rule = plan_rule_make(&two, TIMESPAN);
        struct window w;

        window_init(&w);
        reload(&w, &rule);
        cr_expect(window_is_empty(&w));
        cr_expect_eq(w.budget_from, USEC_NONE);
        window_done(&w);
}

/* ---- In parts ---- */

/* What the store holds of one window. */
struct kept {
        struct strbuf blob;
        size_t n_more, n_whole;
};

static void keep(struct kept *k, struct window *w, const struct window_rule *rule)
{
        struct strbuf more = STRBUF_INIT;
        bool is_more = state_write_more(w, rule, &more);

        if (!is_more) {
                strbuf_clear(&more);
                state_write(w, &more);
                strbuf_clear(&k->blob);
        }
        strbuf_add(&k->blob, strbuf_str(&more));
        state_stored(w, more.n, !is_more);
        k->n_more += is_more;
        k->n_whole += !is_more;
        strbuf_done(&more);
}

/* The parts give the same window as the one that was never stored. */
static void expect_kept(const struct kept *k, const struct window *w, const struct window_rule *rule)
{
        struct strbuf whole = STRBUF_INIT, again = STRBUF_INIT;
        struct window copy;

        window_init(&copy);
        cr_assert_eq(state_read(&copy, rule, strbuf_str(&k->blob)), 0);
        cr_assert_eq(copy.n_unjudged, w->n_unjudged);
        cr_assert_eq(copy.stored.whole, w->stored.whole);
        cr_assert_eq(copy.stored.more, w->stored.more);
        state_write(w, &whole);
        state_write(&copy, &again);
        cr_assert(str_eq(strbuf_str(&whole), strbuf_str(&again)));
        window_done(&copy);
        strbuf_done(&whole);
        strbuf_done(&again);
}

/* Every kind, stored after every few hits, settled and trimmed now and then, read back and gone on with. */
static void store_in_parts(struct window_rule *rule, usec timespan, struct dice *d, size_t *n_more)
{
        struct listener l = { 0 };
        struct episode_sink sink = listener_sink(&l);
        struct kept k = { .blob = STRBUF_INIT };
        struct window w;
        struct plan p;

        window_init(&w);
        plan_make(&p, d, PLAN_HITS_MAX, timespan, rule->parameters.n_members);
        plan_order(&p, d, (enum plan_order)dice_roll(d, _PLAN_ORDER_MAX));
        for (size_t i = 0; i < p.n; i++) {
                struct hit hit = plan_hit(&p.hits[i], rule->kind);

                cr_assert_geq(window_take(&w, rule, &hit, &sink), 0);
                if (dice_roll(d, 12) == 0)
                        (void)window_trim(&w, rule, 40);
                if (dice_roll(d, 3) > 0)
                        continue;
                keep(&k, &w, rule);
                expect_kept(&k, &w, rule);
                if (dice_roll(d, 5) == 0) { /* a restart */
                        window_done(&w);
                        window_init(&w);
                        cr_assert_eq(state_read(&w, rule, strbuf_str(&k.blob)), 0);
                }
        }
        *n_more += k.n_more;
        cr_assert_gt(k.n_whole, 0);
        window_done(&w);
        strbuf_done(&k.blob);
}

Test(detect_state, parts_make_the_whole)
{
        struct dice d = { 4713 };
        size_t n_more = 0;

        for (size_t r = 0; r < ARRAY_LEN(plan_rules); r++)
                for (unsigned round = 0; round < 60; round++) {
                        struct window_rule rule = plan_rule_make(&plan_rules[r], TIMESPAN);

                        store_in_parts(&rule, TIMESPAN, &d, &n_more);
                        if (rule.kind->days == DAYS_NOT || !rule.limits.is_rising)
                                continue;
                        rule.timespan = 3 * USEC_PER_DAY;
                        rule.by_days = true;
                        store_in_parts(&rule, 3 * USEC_PER_DAY, &d, &n_more);
                }
        cr_expect_gt(n_more, 1000, "%zu additions", n_more);
}

/* ---- Looking at it ---- */

static struct state_summary describe(const struct window *w)
{
        struct strbuf blob = STRBUF_INIT;
        struct state_summary sum;

        state_write(w, &blob);
        cr_assert(!strbuf_failed(&blob));
        cr_assert_eq(state_describe(strbuf_str(&blob), &sum), 0);
        for (size_t n = 0; n < blob.n; n++) {
                struct state_summary none;

                cr_expect_eq(state_describe(str_from(blob.p, n), &none), -EBADMSG, "the first %zu bytes", n);
        }
        strbuf_done(&blob);
        return sum;
}

Test(detect_state, a_window_is_summed_up_without_its_rule)
{
        struct window_rule rule = plan_rule_make(&two, TIMESPAN);
        struct state_summary sum;
        struct window w;

        make_full(&w, &rule);
        sum = describe(&w);
        cr_expect_eq(sum.hits, 24);
        cr_expect_eq(sum.known, 0);
        cr_expect_eq(sum.episodes, w.episodes.n);
        cr_expect_eq(sum.first, -50);
        cr_expect_eq(sum.last, 23 * 23 - 50);
        hits_drop_front(&w.hits, 24); /* the episodes stay */
        sum = describe(&w);
        cr_expect_eq(sum.hits, 0);
        cr_expect_eq(sum.first, w.episodes.items[0].first);
        cr_expect_eq(sum.last, w.episodes.items[w.episodes.n - 1].last);
        window_done(&w);
        window_init(&w);
        sum = describe(&w);
        cr_expect_eq(sum.first, USEC_NONE);
        cr_expect_eq(sum.last, USEC_NONE);
        cr_assert_eq(window_history(&w), 0);
        w.history->n = 3;
        w.history->first = 11;
        w.history->last = 12;
        sum = describe(&w);
        cr_expect_eq(sum.known, 3);
        cr_expect_eq(sum.first, 11);
        cr_expect_eq(sum.last, 12);
        window_done(&w);
}

Test(detect_state, keys_are_told_with_the_fields_of_their_rule)
{
        struct str fields[] = { STR("user.name"), STR("source.ip") };
        struct sigma_correlation c = { .group_by = fields, .n_group_by = 2 };
        struct sigma_rule correlation = { .kind = SIGMA_CORRELATION, .correlation = &c }, single = { .kind = SIGMA_RULE };
        struct alert_group g[STATE_KEY_VALUES_MAX];

        cr_assert_eq(state_describe_key(&correlation, STR("3:mia2::1"), g, ARRAY_LEN(g)), 2);
        cr_expect(str_eqz(g[0].field, "user.name") && str_eqz(g[0].value, "mia"));
        cr_expect(str_eqz(g[1].field, "source.ip") && str_eqz(g[1].value, ":1"));
        cr_assert_eq(state_describe_key(&single, STR("9:source.ip3:::1"), g, ARRAY_LEN(g)), 1);
        cr_expect(str_eqz(g[0].field, "source.ip") && str_eqz(g[0].value, "::1"));
        cr_assert_eq(state_describe_key(NULL, STR("3:mia0:"), g, ARRAY_LEN(g)), 2);
        cr_expect(!g[0].field.p && str_eqz(g[0].value, "mia") && str_eqz(g[1].value, ""));
        cr_expect_eq(state_describe_key(NULL, STR(""), g, ARRAY_LEN(g)), 0);
        cr_expect_eq(state_describe_key(NULL, STR("3:mia9:x"), g, ARRAY_LEN(g)), 1, "what is damaged ends it");
        cr_expect_eq(state_describe_key(NULL, STR("1:a1:b1:c"), g, 2), 2, "no more than there is room for");
        cr_expect_eq(state_describe_key(&single, STR("1:a"), g, ARRAY_LEN(g)), 0, "a field without its value");
}

/* ---- Damage ---- */

static void read_damaged(struct str blob, const struct window_rule *rule, struct listener *l)
{
        struct episode_sink sink = listener_sink(l);
        struct hit hit = { .time = 0, .key = plan_hash(9999) };
        struct state_summary sum;
        struct window w;
        int r;

        /* A copy of its own, so that a byte read behind the end is noticed. */
        char *copy = malloc(blob.n + (blob.n == 0));

        cr_assert(copy);
        memcpy(copy, blob.p, blob.n);
        window_init(&w);
        r = state_describe(str_from(copy, blob.n), &sum);
        cr_assert(r == 0 || r == -EBADMSG, "describing gave %d", r);
        r = state_read(&w, rule, str_from(copy, blob.n));
        cr_assert(r == 0 || r == -EBADMSG, "gave %d", r);
        cr_assert(r == 0 || window_is_empty(&w));
        for (size_t i = 0; i < w.episodes.n; i++) /* numbers of this listener */
                w.episodes.items[i].is_told = false;
        if (r == 0)
                (void)window_take(&w, rule, &hit, &sink);
        window_settle(&w, rule, 50);
        window_done(&w);
        free(copy);
}

Test(detect_state, cut_bytes_are_refused)
{
        struct window_rule rule = plan_rule_make(&two, TIMESPAN);
        struct strbuf blob = STRBUF_INIT;
        struct window w, copy;

        make_full(&w, &rule);
        state_write(&w, &blob);
        for (size_t n = 0; n < blob.n; n++) {
                window_init(&copy);
                cr_expect_eq(state_read(&copy, &rule, str_from(blob.p, n)), -EBADMSG, "the first %zu bytes", n);
                window_done(&copy);
        }
        rule.parameters.n_members = 1;
        window_init(&copy);
        cr_expect_eq(state_read(&copy, &rule, strbuf_str(&blob)), -EBADMSG, "a rule it does not list");
        rule.parameters.n_members = 2;
        strbuf_addc(&blob, 0);
        cr_expect_eq(state_read(&copy, &rule, strbuf_str(&blob)), -EBADMSG, "a byte more");
        window_done(&copy);
        strbuf_done(&blob);
        window_done(&w);
}

Test(detect_state, damaged_bytes_do_no_harm)
{
        static struct listener l;
        struct window_rule rule = plan_rule_make(&two, TIMESPAN);
        struct strbuf blob = STRBUF_INIT;
        struct dice d = { 31337 };
        struct window w;

        make_full(&w, &rule);
        state_write(&w, &blob);
        for (unsigned round = 0; round < 20000; round++) {
                size_t at = dice_roll(&d, blob.n);
                char before = blob.p[at];

                l = (struct listener){ 0 };
                blob.p[at] = (char)dice_roll(&d, 256);
                read_damaged(strbuf_str(&blob), &rule, &l);
                blob.p[at] = before;
        }
        strbuf_done(&blob);
        window_done(&w);
}

static const struct {
        const char *what;
        struct str blob;
} bad[] = {
        { "nothing", { "", 0 } },
        { "another version", { "\x01\0\0\0\0\0\0", 7 } },
        { "more hits than bytes", { "\x02\xff\xff\xff\xff\xff\x7f", 7 } },
        { "a number that does not end", { "\x02\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", 13 } },
};

Test(detect_state, bad_bytes)
{
        struct window_rule rule = plan_rule_make(&two, TIMESPAN);

        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                struct window w;

                window_init(&w);
                cr_expect_eq(state_read(&w, &rule, bad[i].blob), -EBADMSG, "%s", bad[i].what);
                window_done(&w);
        }
}
