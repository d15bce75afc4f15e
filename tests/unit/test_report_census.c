/* SPDX-License-Identifier: Apache-2.0 */

/* The census: what a record says of whom, and that order, repeats and how batches are cut do not matter. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/report/census.h"
#include "monitor/store/census.h"

struct made {
        struct slot slots[_ECS_MAX];
        struct record record;
};

/* "user.name=lea|shopbell.class=login": a field may come twice. */
static struct made *make(struct arena *arena, const char *text, usec time)
{
        struct made *m = arena_alloc(arena, sizeof *m);
        struct str rest = arena_dup(arena, str_of(text)), pair;

        m->record = (struct record){
                .source = "shop", .slots = m->slots, .n_slots = _ECS_MAX, .arena = arena, .time = time
        };
        while (str_cut(&rest, '|', &pair)) {
                struct str name;
                enum ecs field;

                str_cut(&pair, '=', &name);
                field = ecs_find(name);
                cr_assert_neq(field, _ECS_MAX, "%s", text);
                slot_add(&m->slots[field], arena, VALUE_STRING, pair);
        }
        return m;
}

/* ---- As text ---- */

static void put_time(struct strbuf *out, const char *what, usec t)
{
        if (t != USEC_NONE)
                strbuf_addf(out, "%s%lld", what, (long long)(t / USEC_PER_SEC));
}

static int on_account(void *userdata, const struct account_seen *a)
{
        strbuf_addf(userdata, "%s" STR_FMT, ((struct strbuf *)userdata)->n ? "\n" : "", STR_ARG(a->account));
        put_time(userdata, " ", a->first);
        put_time(userdata, "-", a->last);
        return 0;
}

static int on_fact(void *userdata, const struct account_seen *of, const struct fact *f)
{
        (void)of;
        if (f->kind == FACT_DAY || f->kind == FACT_NAME || f->kind == FACT_MAIL)
                return 0;
        strbuf_addf(userdata, "; %s " STR_FMT, fact_name(f->kind), STR_ARG(f->value));
        put_time(userdata, " ", f->first);
        put_time(userdata, "-", f->last);
        put_time(userdata, " gone ", f->gone);
        if (f->n)
                strbuf_addf(userdata, " n%llu", (unsigned long long)f->n);
        if (f->text.n)
                strbuf_addf(userdata, " (" STR_FMT ")", STR_ARG(f->text));
        return 0;
}

static const struct {
        const char *record, *census;
} rows[] = {
        { "user.name=Lea|shopbell.class=login|shopbell.mfa=used|source.geo.country_iso_code=NL|shopbell.device=curl",
          "lea 7-7; country NL 0-0; device curl 0-0; mfa used 7-7" },
        { "user.name=lea|user.email=Lea@Example.com|user.roles=admin|user.roles=staff|shopbell.class=config",
          "lea@example.com 7-7; role staff 0-0; role admin 0-0" },
        { "user.name=lea|shopbell.class=login|event.outcome=failure", "" },
        { "user.name=lea", "" },
        { "shopbell.class=login", "" },
        { "user.id=4711|shopbell.class=export|event.action=csv|shopbell.object=orders|shopbell.export.rows=900|shopbell.network=office|"
          "source.as.organization.name=Net",
          "4711 7-7; id 4711 0-0; network office 0-0; export csv 7-7 n900 (orders)" },
        { "user.name=mei|shopbell.class=grant|event.type=creation|event.type=admin|user.target.name=Tom|user.target.roles=Owner",
          "tom; grant Owner 7-7 n1 (mei)\nmei 7-7" },
        { "user.name=mei|shopbell.class=grant|event.type=deletion|event.type=admin|user.target.name=tom|user.target.roles=Owner",
          "tom; grant Owner gone 7 (mei)\nmei 7-7" },
        { "user.name=mei|shopbell.class=grant|event.type=change|user.target.name=tom|user.target.roles=Owner",
          "tom\nmei 7-7" },
        { "user.name=mei|shopbell.class=account|event.type=deletion|user.target.name=tom",
          "tom; exists account gone 7 (mei)\nmei 7-7" },
        { "user.name=mei|shopbell.class=account|shopbell.class=credential|event.type=deletion|user.target.name=tom|shopbell.object=K1|"
          "event.action=DeleteKey",
          "tom; key K1 gone 7 (DeleteKey)\nmei 7-7" },
        { "user.name=mei|shopbell.class=credential|event.type=creation|shopbell.object=K1|event.action=MakeKey",
          "mei 7-7; key K1 7-7 (MakeKey)" },
        { "user.name=mei|shopbell.class=credential|event.type=creation|shopbell.app=Mailer|shopbell.scopes=read_all",
          "mei 7-7; app Mailer 7-7 (read_all)" },
        { "user.name=mei|shopbell.class=mfa|event.type=deletion", "mei 7-7; factor second factor gone 7 (mei)" },
        { "user.name=mei|shopbell.class=mfa|event.type=creation|user.target.email=tom@example.com",
          "tom@example.com; factor second factor 7-7 (mei)\nmei 7-7" },
};

Test(report_census, what_a_record_says)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(census_freep) struct census *c = census_new();

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
                struct census_sink sink = { on_account, on_fact, &out };

                census_clear(c);
                cr_assert_eq(census_note(c, &make(arena, rows[i].record, 7 * USEC_PER_SEC)->record), 0);
                cr_assert_eq(census_each(c, &sink), 0);
                cr_expect_str_eq(out.p ? out.p : "", rows[i].census, "%s: %s", rows[i].record, out.p);
        }
        census_clear(c);
        cr_assert_eq(census_note(c, &make(arena, rows[0].record, USEC_NONE)->record), 0);
        cr_expect_eq(census_each(c, &(struct census_sink){ NULL, NULL, NULL }), 0, "no time, no account");
}

/* ---- Order ---- */

enum { RECORDS = 4000 };

static uint64_t state;

static unsigned draw(unsigned n)
{
        state = state * 6364136223846793005u + 1442695040888963407u;
        return (unsigned)(state >> 33) % n;
}

static struct made *draw_record(struct arena *arena)
{
        static const char *const classes[] = { "login", "export", "grant", "credential", "mfa", "account", "config" };
        static const char *const types[] = { "creation", "deletion", "change", "start" };
        char text[512];

        snprintf(
                text, sizeof text,
                "user.name=user%u|shopbell.class=%s|event.type=%s|event.action=act%u|shopbell.object=object%u|shopbell.mfa=%s|"
                "source.as.organization.name=net%u|user.target.name=user%u|user.target.roles=role%u|shopbell.export.rows=%u|"
                "shopbell.device=device%u%s",
                draw(5), classes[draw(ARRAY_LEN(classes))], types[draw(ARRAY_LEN(types))], draw(3), draw(90),
                draw(2) ? "used" : "not_used", draw(50), draw(8), draw(4), draw(1000), draw(3),
                draw(3) ? "" : "|event.type=admin");
        return make(arena, text, (usec)draw(120 * 24 * 60) * USEC_PER_MINUTE);
}

static int put_account(void *userdata, const struct account_seen *a)
{
        uint64_t cut = 0;

        return store_put_account(userdata, a, &cut);
}

static int put_fact(void *userdata, const struct account_seen *of, const struct fact *f)
{
        uint64_t cut = 0;

        return store_put_fact(userdata, of, f, &cut);
}

/* Facts that can have been cut lose their first time, or their text of an end without a beginning: those are left out. */
static int on_last(void *userdata, const struct account_seen *of, const struct fact *f)
{
        (void)of;
        strbuf_addf(userdata, "; %s " STR_FMT, fact_name(f->kind), STR_ARG(f->value));
        put_time(userdata, "-", f->last);
        if (f->kind == FACT_MFA || f->kind == FACT_DEVICE || f->kind == FACT_FACTOR || f->kind == FACT_EXISTS ||
            f->kind == FACT_EXPORT || f->kind == FACT_GRANT) {
                put_time(userdata, " ", f->first);
                put_time(userdata, " gone ", f->gone);
                strbuf_addf(userdata, " n%llu " STR_FMT, (unsigned long long)f->n, STR_ARG(f->text));
        }
        return 0;
}

/* The census of the records in that order, `batch` at a time, as the store has it. */
static char *take(struct made **records, size_t n, size_t batch)
{
        CLEANUP(census_freep) struct census *c = census_new();
        CLEANUP(census_freep) struct census *several = census_new();
        size_t batches = 0;
        CLEANUP(store_closep) struct store *s = NULL;
        CLEANUP(query_closep) struct query *q = NULL;
        struct strbuf out = STRBUF_INIT;
        struct query_census read = { on_account, on_last, &out };
        struct err err = { 0 };

        cr_assert_eq(store_open(":memory:", &s, &err), 0, "%s", err.text);
        cr_assert_eq(query_of(s, &q), 0);
        cr_assert_eq(store_begin(s), 0);
        for (size_t i = 0; i < n; i++) {
                cr_assert_eq(census_note(c, &records[i]->record), 0);
                if ((i + 1) % batch != 0 && i + 1 < n)
                        continue;
                cr_assert_eq(census_merge(several, c), 0);
                census_clear(c);
                if (++batches % 3 != 0 && i + 1 < n)
                        continue;
                cr_assert_eq(census_each(several, &(struct census_sink){ put_account, put_fact, s }), 0, "%s",
                             store_error(s));
                census_clear(several);
        }
        cr_assert_eq(store_commit(s), 0);
        cr_assert_eq(query_census(q, &read), 0);
        return strbuf_take(&out);
}

static void shuffle(struct made **records, size_t n)
{
        for (size_t i = n; i > 1; i--) {
                size_t k = draw((unsigned)i);
                struct made *m = records[i - 1];

                records[i - 1] = records[k];
                records[k] = m;
        }
}

Test(report_census, order_repeats_and_batches_do_not_matter)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        static struct made *records[2 * RECORDS];
        char *expected;

        state = 7;
        for (size_t i = 0; i < RECORDS; i++)
                records[i] = draw_record(arena);
        expected = take(records, RECORDS, 1);
        cr_assert(strstr(expected, "day ") && strstr(expected, "key object"));
        for (size_t round = 0; round < 4; round++) {
                char *got;

                shuffle(records, RECORDS);
                memcpy(records + RECORDS, records, sizeof *records * RECORDS); /* all of them come again */
                got = take(records, round % 2 ? 2 * RECORDS : RECORDS, 1 + draw(500));
                cr_expect_str_eq(got, expected, "round %zu", round);
                free(got);
        }
        free(expected);
}

Test(report_census, of_each_kind_the_latest_are_kept)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(census_freep) struct census *c = census_new();
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct census_sink sink = { on_account, on_fact, &out };

        for (unsigned i = 0; i < 40; i++) {
                char text[128];

                snprintf(text, sizeof text, "user.name=lea|shopbell.class=config|shopbell.device=d%u", i);
                cr_assert_eq(census_note(c, &make(arena, text, (usec)(i * 7 % 40) * USEC_PER_HOUR)->record), 0);
        }
        cr_expect_eq(census_cut(c), 40 - fact_kept(FACT_DEVICE));
        cr_assert_eq(census_each(c, &sink), 0);
        cr_expect(strstr(out.p, " 140400-140400") && strstr(out.p, " 28800-28800") && !strstr(out.p, " 25200-25200;"),
                  "%s", out.p);
}

Test(report_census, the_account_seen_least_lately_goes)
{
        CLEANUP(store_closep) struct store *s = NULL;
        CLEANUP(query_closep) struct query *q = NULL;
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct query_census read = { on_account, on_fact, &out };
        struct err err = { 0 };
        uint64_t cut = 0;

        cr_assert_eq(store_open(":memory:", &s, &err), 0, "%s", err.text);
        cr_assert_eq(store_begin(s), 0);
        for (unsigned i = 0; i < CENSUS_ACCOUNTS_MAX + 2; i++) {
                char name[16];
                struct account_seen a = { STR("shop"), STR_NONE, (usec)i * USEC_PER_SEC, (usec)i * USEC_PER_SEC };
                struct fact f = { FACT_DEVICE, STR("d"), STR(""), a.first, a.last, USEC_NONE, 0 };

                snprintf(name, sizeof name, "user%u", i);
                a.account = str_of(name);
                cr_assert_eq(store_put_account(s, &a, &cut), 0);
                cr_assert_eq(store_put_fact(s, &a, &f, &cut), 0);
        }
        cr_assert_eq(store_commit(s), 0);
        cr_expect_eq(cut, 2);
        cr_assert_eq(query_of(s, &q), 0);
        cr_assert_eq(query_census(q, &read), 0);
        cr_expect(!strstr(out.p, "user0 ") && !strstr(out.p, "user1 ") && strstr(out.p, "user2 2-2; device d 2-2"));

        out.n = 0; /* one that was only spoken of is the least of all */
        cr_assert_eq(store_begin(s), 0);
        cr_expect_eq(store_put_account(s, &(struct account_seen){ STR("shop"), STR("new"), USEC_NONE, USEC_NONE },
                                       &cut),
                     1);
        cr_assert_eq(store_commit(s), 0);
        cr_assert_eq(query_census(q, &read), 0);
        cr_expect(!strstr(out.p, "new"));
}
