/* SPDX-License-Identifier: Apache-2.0 */

/* The owner's page and digest: what is chosen from a store, what is written of it, and that nothing of a log is markup. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/report/gather.h"
#include "monitor/report/html.h"
#include "monitor/report/reach.h"
#include "monitor/report/svg.h"
#include "monitor/report/when.h"
#include "monitor/store/quiet.h"

#define DAY(n) ((usec)(20000 + (n)) * USEC_PER_DAY) /* 20000: Friday, 2024-10-04 */
#define NOW (DAY(100) + 8 * USEC_PER_HOUR)
#define HOSTILE "<script>alert('x')</script>\"><img src=http://evil/ onerror=1>\x1b[31m\xe2\x80\xae\xef\xbb\xbf&amp;\xff"

static const struct log_kind aws = { .name = "aws-cloudtrail", .logsource = { .product = { "aws", 3 } } };
static const struct log_kind *const kinds[] = { &aws };

struct rig {
        struct store *s;
        struct query *q;
        struct accounts accounts;
        struct people *people;
        struct posture posture;
        struct page page;
        unsigned n;
};

static void begin(struct rig *g)
{
        struct err err = { 0 };

        setenv("TZ", "UTC", 1);
        *g = (struct rig){ 0 };
        cr_assert_eq(store_open(":memory:", &g->s, &err), 0, "%s", err.text);
        cr_assert_eq(query_of(g->s, &g->q), 0);
        cr_assert_eq(store_begin(g->s), 0);
        cr_assert_eq(accounts_init(&g->accounts), 0);
}

static struct hash128 id_of(unsigned n)
{
        struct hash128 id;
        char hex[HASH128_HEX_BYTES];

        snprintf(hex, sizeof hex, "%032x", n);
        cr_assert_eq(hash128_parse(str_of(hex), &id), 0);
        return id;
}

struct made {
        enum level level;
        usec at;
        const char *sentence, *answer; /* answer: NULL: none */
        bool is_muted, is_silenced, is_export;
        size_t n_records;
};

static struct hash128 put(struct rig *g, const struct made *m)
{
        struct hash128 id = id_of(++g->n), records[64];
        struct str class = m->is_export ? STR("export") : STR("login");
        struct alert_change c = {
                .kind = CHANGE_RAISE, .id = id, .rule_id = STR("r"), .rule_title = STR("A rule"), .level = m->level, .classes = &class,
                .n_classes = 1, .sentence = str_of(m->sentence ? m->sentence : "Somebody came in"), .why = STR("7 of 5\nand more"),
                .playbook = STR("Ask.\nLook at `shopbell people`.\nThird.\nFourth."), .person = STR("Mia"), .source = STR("aws-cloudtrail"),
                .first_seen = m->at, .last_seen = m->at, .count = 60, .records = records, .n_records = m->n_records,
        };
        struct quiet_state q = { .person = STR("Mia"), .silence = m->is_silenced, .how = m->is_muted ? MUTE_INHIBITED : MUTE_NOT,
                                 .rang_at = m->is_muted || m->is_silenced ? USEC_NONE : m->at, .answer = str_of(m->answer ? m->answer : "") };

        if (m->is_muted)
                q.muted_by = id_of(1);
        for (size_t i = 0; i < m->n_records; i++)
                records[i] = id_of(1000 * g->n + (unsigned)i);
        for (size_t i = 0; i < m->n_records; i++) {
                struct evidence e = { .key = records[i], .time = m->at, .source = STR("aws-cloudtrail"), .file = STR("f"), .id = STR("i"), .raw = STR(""),
                                      .fields = STR("{\"shopbell.person\":\"Mia\",\"source.geo.country_iso_code\":[\"KR\",\"JP\"],\"shopbell.class\":\"export\","
                                                    "\"shopbell.export.rows\":100,\"shopbell.export.bytes\":\"500000\"}") };

                cr_assert_eq(store_put_evidence(g->s, &e), 0);
        }
        cr_assert_eq(store_put_change(g->s, &c, m->at), 0, "%s", store_error(g->s));
        cr_assert_eq(store_quiet_put(g->s, &id, &q), 0, "%s", store_error(g->s));
        return id;
}

static void account(struct rig *g, const char *source, const char *name, usec first, usec last)
{
        cr_assert_eq(accounts_take(&g->accounts, &(struct account_seen){ str_of(source), str_of(name), first, last }), 0);
}

static void fact(struct rig *g, enum fact_kind kind, const char *value, usec last, const char *text)
{
        struct fact f = { kind, str_of(value), str_of(text), last, last, USEC_NONE, 0 };

        cr_assert_eq(accounts_take_fact(&g->accounts, NULL, &f), 0);
}

static void gather(struct rig *g)
{
        struct gather from = { .query = g->q, .accounts = &g->accounts, .posture = &g->posture, .until = NOW, .since = USEC_NONE,
                               .span = 30 * USEC_PER_DAY, .made = NOW, .version = "1", .zone = "UTC" };

        cr_assert_eq(store_commit(g->s), 0);
        cr_assert_eq(accounts_settle(&g->accounts, g->people, kinds, ARRAY_LEN(kinds)), 0);
        cr_assert_eq(posture_look(&g->accounts, NOW, &g->posture), 0);
        cr_assert_eq(page_gather(&from, &g->page), 0);
}

static void done(struct rig *g)
{
        page_done(&g->page);
        posture_done(&g->posture);
        accounts_done(&g->accounts);
        people_free(g->people);
        query_close(g->q);
        store_close(g->s);
}

static size_t count(const char *text, const char *part)
{
        size_t n = 0;

        for (const char *at = text; (at = strstr(at, part)); at++)
                n++;
        return n;
}

static char *html(struct rig *g)
{
        struct strbuf out = STRBUF_INIT;

        page_html(&g->page, &out);
        cr_assert(!strbuf_failed(&out));
        return strbuf_take(&out);
}

static char *digest(struct rig *g)
{
        struct strbuf out = STRBUF_INIT;

        page_digest(&g->page, &out);
        cr_assert(!strbuf_failed(&out));
        return strbuf_take(&out);
}

/* Nothing in it can run or be fetched. */
static void expect_quiet(const char *page)
{
        static const char *const never[] = { "<script", "<img", "src=", "http:", "https:", "url(", "@import", "\x1b", "\xe2\x80\xae", "\xef\xbb\xbf", "<link" };

        for (size_t i = 0; i < ARRAY_LEN(never); i++)
                cr_expect_eq(count(page, never[i]), strcmp(never[i], "src=") == 0 ? count(page, "img src=http") :
                             strcmp(never[i], "http:") == 0 ? count(page, "img src=http") : 0, "%s", never[i]);
        cr_expect_eq(count(page, "href="), count(page, "href=\"#"));
        cr_expect_neq(count(page, "content=\"default-src 'none'; style-src 'unsafe-inline'"), 0);
}

/* ---- Text ---- */

Test(page, text_is_no_markup)
{
        struct strbuf b = STRBUF_INIT;

        html_text(&b, STR("<b a=\"1\" c='2'>&\n\x1b\xe2\x80\xae"), 0);
        cr_expect_str_eq(b.p, "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp; \xef\xbf\xbd\xef\xbf\xbd");
        strbuf_clear(&b);
        html_text(&b, STR("<<<<<"), 3);
        cr_expect_str_eq(b.p, "&lt;&lt;\xe2\x80\xa6");
        strbuf_clear(&b);
        html_prose(&b, STR("`a<b` and `rest"), 0);
        cr_expect_str_eq(b.p, "<code>a&lt;b</code> and `rest");
        strbuf_done(&b);
}

Test(page, days)
{
        char text[WHEN_BYTES];

        setenv("TZ", "Asia/Seoul", 1);
        cr_expect_eq(when_day(DAY(0) + 15 * USEC_PER_HOUR), 20001, "midnight where the machine is");
        cr_expect_eq(when_weekday(20000), 4);
        when_moment(DAY(0) + 15 * USEC_PER_HOUR, DAY(9), text);
        cr_expect_str_eq(text, "5 October, 00:00");
        when_moment(DAY(0) + 15 * USEC_PER_HOUR, DAY(100), text);
        cr_expect_str_eq(text, "5 October 2024, 00:00");
        when_day_short(20000, DAY(100), text);
        cr_expect_str_eq(text, "4 Oct 2024");
        when_day_full(20000, text);
        cr_expect_str_eq(text, "Friday, 4 October 2024");
        when_date(USEC_NONE, text);
        cr_expect_str_eq(text, "");
}

Test(page, charts)
{
        struct strbuf b = STRBUF_INIT;
        const uint64_t high[] = { 1, 0, UINT64_MAX }, low[] = { 0, 0, 3 };
        const struct svg_series series[] = { { "c3", high }, { "c1", low } };

        svg_bars(&b, STR("a \"label\""), series, 2, 3, 2);
        cr_expect_eq(count(b.p, "<rect"), 2, "what is higher than the chart ends at its top");
        cr_expect_neq(count(b.p, "aria-label=\"a &quot;label&quot;\""), 0);
        strbuf_clear(&b);
        svg_bars(&b, STR("x"), series, 2, 0, 0);
        cr_expect_eq(count(b.p, "<rect"), 0);
        strbuf_clear(&b);
        svg_strip(&b, STR("x"), 5, 4);
        cr_expect_eq(count(b.p, "\"on\""), 2);
        cr_expect_eq(count(b.p, "\"off\""), 2);
        strbuf_done(&b);
        cr_expect_eq(svg_round_up(0), 1);
        cr_expect_eq(svg_round_up(11), 20);
        cr_expect_eq(svg_round_up(50), 50);
}

/* ---- The page ---- */

Test(page, nothing_at_all)
{
        struct rig g;
        char *page, *text;

        begin(&g);
        gather(&g);
        page = html(&g);
        text = digest(&g);
        expect_quiet(page);
        cr_expect_neq(count(page, "<h1>Nothing is known yet.</h1>"), 0);
        cr_expect_neq(count(page, "Nothing has been read yet."), 0);
        cr_expect_eq(count(page, "<rect"), 0);
        cr_expect_eq(strncmp(text, "Nothing is known yet.\n\n", 23), 0);
        free(page);
        free(text);
        done(&g);
}

Test(page, calm)
{
        struct rig g;
        char *page;

        begin(&g);
        put(&g, &(struct made){ .level = LEVEL_CRITICAL, .at = NOW - USEC_PER_HOUR, .answer = "closed" });
        gather(&g);
        page = html(&g);
        cr_expect_neq(count(page, "<h1>Nothing needs you.</h1>"), 0);
        cr_expect_neq(count(page, "<header class=\"top calm\">"), 0);
        free(page);
        done(&g);
}

Test(page, what_waits_and_what_does_not)
{
        struct rig g;
        char *page;

        begin(&g);
        put(&g, &(struct made){ .level = LEVEL_HIGH, .at = NOW - USEC_PER_DAY, .sentence = "newer" });
        put(&g, &(struct made){ .level = LEVEL_CRITICAL, .at = DAY(1), .sentence = "old and worst" });
        put(&g, &(struct made){ .level = LEVEL_CRITICAL, .at = NOW - USEC_PER_HOUR, .sentence = "was me", .answer = "me" });
        put(&g, &(struct made){ .level = LEVEL_CRITICAL, .at = NOW - USEC_PER_HOUR, .sentence = "seen", .answer = "acknowledged" });
        put(&g, &(struct made){ .level = LEVEL_CRITICAL, .at = NOW - USEC_PER_HOUR, .sentence = "muted", .is_muted = true });
        put(&g, &(struct made){ .level = LEVEL_CRITICAL, .at = NOW - USEC_PER_HOUR, .sentence = "silenced", .is_silenced = true });
        put(&g, &(struct made){ .level = LEVEL_LOW, .at = NOW + USEC_PER_HOUR, .sentence = "in the future" });
        gather(&g);
        cr_expect_eq(page_needs(&g.page, NULL), 3);
        cr_assert_eq(g.page.n_open, 4);
        cr_expect_str_eq(g.page.open[0].sentence.p, "old and worst");
        cr_expect_str_eq(g.page.open[1].sentence.p, "newer");
        cr_expect_str_eq(g.page.open[3].sentence.p, "seen", "what waits goes before what was acknowledged");
        cr_assert_eq(g.page.n_events, 3);
        cr_expect_str_eq(g.page.events[0].sentence.p, "newer");
        cr_expect_eq(g.page.n_me, 1);
        cr_expect_eq(g.page.n_muted, 1);
        cr_expect_eq(g.page.n_silenced, 1);
        page = html(&g);
        expect_quiet(page);
        cr_expect_neq(count(page, "<h1>3 things need you, 1 of them critical.</h1>"), 0);
        cr_expect_neq(count(page, "<code>shopbell people</code>"), 0);
        cr_expect_neq(count(page, "and 1 more step<"), 0);
        cr_expect_eq(count(page, "silenced</"), 0);
        free(page);
        done(&g);
}

Test(page, caps)
{
        struct rig g;
        char *page, *text;
        size_t lines = 0;

        begin(&g);
        for (unsigned i = 0; i < 400; i++)
                put(&g, &(struct made){ .level = i % _LEVEL_MAX, .at = NOW - i * USEC_PER_HOUR, .sentence = HOSTILE "\n\n\n\n" HOSTILE HOSTILE HOSTILE });
        for (unsigned i = 0; i < 200; i++) {
                char name[400];

                snprintf(name, sizeof name, "%03u" HOSTILE HOSTILE HOSTILE, i);
                account(&g, name, name, DAY(1), DAY(99));
                fact(&g, FACT_MFA, "not_used", DAY(99), HOSTILE);
                fact(&g, FACT_ROLE, HOSTILE "admin", DAY(99), "");
                fact(&g, FACT_EXPORT, HOSTILE, DAY(99), HOSTILE);
        }
        gather(&g);
        for (size_t i = 0; i < g.page.n_sources; i++)
                g.page.sources[i].is_quiet = true;
        cr_expect_eq(g.page.n_open, PAGE_OPEN_MAX);
        cr_expect_eq(g.page.n_open_all, 400);
        cr_expect_eq(g.page.n_events, PAGE_EVENTS_MAX);
        cr_expect_eq(g.page.events[PAGE_EVENTS_MAX - 1].first, NOW - USEC_PER_HOUR, "the latest are kept");
        page = html(&g);
        expect_quiet(page);
        cr_expect_neq(count(page, "and 375 more: <code>shopbell alerts"), 0);
        cr_expect_neq(count(page, "and 150 more: <code>shopbell people"), 0);
        cr_expect_lt(strlen(page), 1500000);
        text = digest(&g);
        cr_expect_eq(count(text, "\x1b"), 0);
        for (char *at = text, *end; (end = strchr(at, '\n')); at = end + 1) {
                lines++;
                cr_expect_leq(end - at, 3 * 2 * DIGEST_LINE_MAX, "a line of %td bytes", end - at);
        }
        cr_expect_leq(lines, DIGEST_LINES_MAX, "%zu lines", lines);
        free(page);
        free(text);
        done(&g);
}

Test(page, same_data_same_bytes)
{
        char *pages[2], *texts[2];

        for (size_t i = 0; i < 2; i++) {
                struct rig g;

                begin(&g);
                for (unsigned k = 0; k < 30; k++)
                        put(&g, &(struct made){ .level = k % _LEVEL_MAX, .at = NOW - (k % 7 + 1) * USEC_PER_HOUR });
                account(&g, "aws-cloudtrail", "mia", DAY(1), DAY(99));
                account(&g, "shop", "mia", DAY(1), DAY(99));
                gather(&g);
                pages[i] = html(&g);
                texts[i] = digest(&g);
                done(&g);
        }
        cr_expect_str_eq(pages[0], pages[1]);
        cr_expect_str_eq(texts[0], texts[1]);
        for (size_t i = 0; i < 2; i++) {
                free(pages[i]);
                free(texts[i]);
        }
}

Test(page, trend_of_days_or_weeks)
{
        struct rig g;
        char *page;

        begin(&g);
        put(&g, &(struct made){ .level = LEVEL_HIGH, .at = NOW - 20 * USEC_PER_DAY });
        put(&g, &(struct made){ .level = LEVEL_HIGH, .at = NOW - USEC_PER_DAY });
        gather(&g);
        cr_expect_eq(g.page.n_days, 21, "from the first thing that is known");
        cr_expect_eq(g.page.days[0].n[LEVEL_HIGH], 1);
        cr_expect_eq(g.page.days[19].n[LEVEL_HIGH], 1);
        page = html(&g);
        cr_expect_neq(count(page, "Alerts that rang, a day"), 0);
        free(page);
        done(&g);
        begin(&g);
        put(&g, &(struct made){ .level = LEVEL_HIGH, .at = NOW - USEC_PER_DAY });
        gather(&g);
        cr_expect_eq(g.page.n_days, 2);
        page = html(&g);
        cr_expect(strstr(page, "<span>11 Jan</span><span>12 Jan</span></p>"), "two bars, two days below them");
        free(page);
        done(&g);
        begin(&g);
        put(&g, &(struct made){ .level = LEVEL_HIGH, .at = DAY(-500) });
        put(&g, &(struct made){ .level = LEVEL_LOW, .at = NOW - 60 * USEC_PER_DAY });
        gather(&g);
        cr_expect_eq(g.page.n_days, 7 * PAGE_TREND_WEEKS);
        page = html(&g);
        cr_expect_neq(count(page, "Alerts that rang, a week"), 0);
        cr_expect_eq(count(page, "<rect class=\"c1\""), 1);
        free(page);
        done(&g);
}

/* ---- Exports ---- */

Test(page, exports)
{
        struct rig g;
        char *page;

        begin(&g);
        put(&g, &(struct made){ .level = LEVEL_HIGH, .at = NOW - USEC_PER_DAY, .is_export = true, .n_records = 3 });
        put(&g, &(struct made){ .level = LEVEL_HIGH, .at = NOW - USEC_PER_DAY, .is_export = true, .n_records = 2, .is_silenced = true });
        put(&g, &(struct made){ .level = LEVEL_HIGH, .at = NOW - USEC_PER_DAY, .n_records = 4 }); /* of another class */
        put(&g, &(struct made){ .level = LEVEL_HIGH, .at = DAY(1), .is_export = true, .n_records = 5 }); /* of another time */
        gather(&g);
        cr_assert_eq(g.page.n_exports, 1);
        cr_expect_str_eq(g.page.exports[0].who.p, "Mia");
        cr_expect_str_eq(g.page.exports[0].country.p, "KR");
        cr_expect_eq(g.page.exports[0].records, 5);
        cr_expect_eq(g.page.exports[0].rows, 500);
        cr_expect_eq(g.page.exports[0].bytes, 2500000);
        cr_expect_eq(g.page.export_alerts, 2);
        cr_expect_eq(g.page.export_hits, 120);
        page = html(&g);
        cr_expect_neq(count(page, "500 rows, 2.5 MB"), 0);
        cr_expect_neq(count(page, "of the 2 alerts of class export in this time, 5 of about 120 records"), 0);
        free(page);
        done(&g);
}

/* ---- Logs ---- */

Test(page, when_logs_were_heard)
{
        const struct gather_heard heard[] = { { STR("aws-cloudtrail"), NOW - USEC_PER_HOUR, 6, false, 5 },
                                              { STR("quiet <b>"), DAY(90), 1 << 10, true, 23 } };
        struct page later;
        struct rig g;
        char *page;

        begin(&g);
        account(&g, "aws-cloudtrail", "mia", DAY(1), DAY(99));
        fact(&g, FACT_DAY, "2025-01-12", DAY(100), "");
        fact(&g, FACT_DAY, "2024-10-12", DAY(8), "");
        gather(&g);
        cr_expect(!g.page.knows_rhythm);
        cr_assert_eq(g.page.n_sources, 1);
        cr_expect_eq(g.page.sources[0].days, 1, "a day is as old as the end of the period is later");
        cr_assert_eq(page_gather(&(struct gather){ .query = g.q, .accounts = &g.accounts, .posture = &g.posture, .until = NOW, .since = USEC_NONE,
                                                   .span = 7 * USEC_PER_DAY, .made = NOW, .version = "1", .zone = "UTC", .heard = heard,
                                                   .n_heard = 2 }, &later), 0);
        cr_assert_eq(later.n_sources, 2);
        cr_expect_eq(later.sources[0].days, 7);
        cr_expect_eq(later.sources[0].last, NOW - USEC_PER_HOUR);
        cr_expect_eq(later.sources[0].n_accounts, 1);
        cr_expect_eq(page_sources_quiet(&later), 1);
        page_done(&g.page);
        g.page = later;
        page = html(&g);
        expect_quiet(page);
        cr_expect_neq(count(page, "<b>1</b> quiet log<"), 0);
        cr_expect_neq(count(page, "<h1>Nothing needs you, but 1 log is quiet.</h1>"), 0);
        cr_expect_eq(count(page, "top calm"), 0);
        cr_expect_neq(count(page, "quiet &lt;b&gt;</th>"), 0);
        cr_expect_neq(count(page, "usually at most 23 hours"), 0);
        free(page);
        page = digest(&g);
        cr_expect_neq(count(page, "Logs that fell silent:\n  last heard 2 January, 00:00: quiet <b>\n"), 0);
        free(page);
        done(&g);
}

/* ---- Who can reach what ---- */

Test(page, reach)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        struct err err = { 0 };
        struct reach r;
        struct rig g;

        begin(&g);
        cr_assert_eq(yaml_parse(STR("- {name: Mei, role: owner, accounts: [mei]}\n"), "people.yml", &file, &err), 0);
        cr_assert_eq(people_read(file->docs[0], "people.yml", &g.people, &err), 0);
        account(&g, "aws-cloudtrail", "eve", DAY(98), DAY(98));
        fact(&g, FACT_ROLE, "arn:aws:iam::aws:policy/AdministratorAccess", DAY(98), "");
        account(&g, "aws-cloudtrail", "mei", DAY(1), DAY(99));
        fact(&g, FACT_MFA, "not_used", DAY(99), "");
        account(&g, "shop", "mei", DAY(1), DAY(90));
        fact(&g, FACT_MFA, "used", DAY(90), "");
        gather(&g);
        cr_assert_eq(reach_make(&g.page, arena, &r), 0);
        cr_assert_eq(r.n_columns, 2);
        cr_assert_eq(r.n_rows, 2);
        cr_expect_str_eq(r.rows[0].who.p, "eve", "strangers first");
        cr_expect(!r.rows[0].person);
        cr_expect(r.rows[0].cells[0].is_admin);
        cr_assert_eq(r.rows[0].cells[0].n_roles, 1);
        cr_expect(str_eqz(r.rows[0].cells[0].roles[0], "AdministratorAccess"));
        cr_expect_eq(r.rows[0].cells[1].n_accounts, 0);
        cr_expect_str_eq(r.rows[1].who.p, "Mei");
        cr_expect_eq(r.rows[1].cells[0].mfa, MFA_MISSING);
        cr_expect_eq(r.rows[1].cells[1].mfa, MFA_USED);
        cr_expect_eq(r.rows[1].last, DAY(99));
        done(&g);
}
