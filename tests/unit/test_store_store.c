/* SPDX-License-Identifier: Apache-2.0 */

/* The store: what is committed is there, what is not is not, and whatever is wrong with the file is said. */

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "monitor/base/sealbox.h"
#include "monitor/store/census.h"
#include "monitor/store/query.h"
#include "monitor/store/store.h"

static char dir[] = "/tmp/shopbell-store-XXXXXX", path[64];

static void setup(void)
{
        cr_assert_not_null(mkdtemp(dir));
        snprintf(path, sizeof path, "%s/shopbell.db", dir);
}

static int remove_one(const char *name, const struct stat *st, int kind, struct FTW *at)
{
        (void)st;
        (void)kind;
        (void)at;
        return remove(name);
}

static void teardown(void)
{
        nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(store, .init = setup, .fini = teardown);

static struct store *open_store(void)
{
        struct store *s = NULL;
        struct err err = { 0 };

        cr_assert_eq(store_open(path, &s, &err), 0, "%s", err.text);
        return s;
}

static struct hash128 id_of(unsigned n)
{
        char text[16];
        struct str part = { text, (size_t)snprintf(text, sizeof text, "%u", n) };

        return hash128_of(&part, 1);
}

static struct alert_group group[] = { { STR("source.ip"), STR("192.0.2.1") } };
static struct str classes[] = { STR("login"), STR("mfa") };

static struct alert_change change_of(unsigned n, enum change_kind kind, uint64_t count)
{
        return (struct alert_change){
                .kind = kind,
                .id = id_of(n),
                .rule_id = STR("rule-1"),
                .rule_title = STR("Many Failed Logins"),
                .level = n % 2 ? LEVEL_HIGH : LEVEL_LOW,
                .classes = classes,
                .n_classes = 2,
                .group = group,
                .n_group = 1,
                .sentence = STR("'; DROP TABLE alert; --"),
                .why = STR("5 of at least 5"),
                .playbook = STR("Ask.\nLock."),
                .person = n % 2 ? STR("Mia") : STR("bo"),
                .source = n % 2 ? STR("sshd") : STR("aws-cloudtrail"),
                .first_seen = n * USEC_PER_HOUR,
                .last_seen = (n + 1) * USEC_PER_HOUR,
                .count = count,
        };
}

static void put_record(struct store *s, unsigned n)
{
        struct evidence e = { .key = id_of(1000 + n), .time = n, .source = STR("sshd"), .file = STR("f"), .id = STR("i"), .index = n,
                              .fields = STR("{}"), .raw = { "a\0b", 3 } };

        cr_assert_eq(store_put_evidence(s, &e), 0, "%s", store_error(s));
}

struct seen {
        size_t n;
        struct query_alert last;
        char text[256];
};

static int on_alert(void *userdata, const struct query_alert *a)
{
        struct seen *seen = userdata;

        seen->n++;
        seen->last = *a;
        snprintf(seen->text, sizeof seen->text, STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT, STR_ARG(a->sentence), STR_ARG(a->group),
                 STR_ARG(a->classes), STR_ARG(a->state));
        return 0;
}

static int on_record(void *userdata, const struct evidence *e)
{
        cr_expect_eq(e->raw.n, 3);
        ++*(size_t *)userdata;
        return 0;
}

static int on_history(void *userdata, usec at, struct str what, struct str text)
{
        strbuf_addf(userdata, "%lld " STR_FMT " " STR_FMT "\n", (long long)at, STR_ARG(what), STR_ARG(text));
        return 0;
}

static size_t count(struct query_filter f)
{
        struct query *q = NULL;
        struct seen seen = { 0 };
        struct err err = { 0 };

        cr_assert_eq(query_open(path, &q, &err), 0, "%s", err.text);
        cr_assert_eq(query_alerts(q, &f, on_alert, &seen), 0);
        query_close(q);
        return seen.n;
}

static const struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE };

Test(store, an_alert_grows_and_is_read_back)
{
        struct store *s = open_store();
        struct query *q = NULL;
        struct seen seen = { 0 };
        struct strbuf history = STRBUF_INIT;
        struct hash128 records[] = { id_of(1001), id_of(1002), id_of(9999) }, found;
        struct alert_change c = change_of(1, CHANGE_RAISE, 1);
        size_t n_records = 0;

        cr_assert_eq(store_begin(s), 0);
        put_record(s, 1);
        put_record(s, 1); /* again: no change */
        put_record(s, 2);
        c.records = records;
        c.n_records = 3; /* the third was never kept */
        cr_assert_eq(store_put_change(s, &c, 10), 0, "%s", store_error(s));
        c = change_of(1, CHANGE_GROW, 3);
        cr_assert_eq(store_put_change(s, &c, 20), 0);
        c.count = 4;
        c.last_seen = 99 * USEC_PER_HOUR;
        cr_assert_eq(store_put_change(s, &c, 30), 0);
        cr_assert_eq(store_commit(s), 0);
        cr_assert_eq(query_of(s, &q), 0);
        cr_assert_eq(query_alerts(q, &all, on_alert, &seen), 0);
        cr_assert_eq(seen.n, 1);
        cr_expect_str_eq(seen.text, "'; DROP TABLE alert; --|{\"source.ip\":\"192.0.2.1\"}|[\"login\",\"mfa\"]|open");
        cr_expect_eq(seen.last.count, 4);
        cr_expect_eq(seen.last.raised_at, 10);
        cr_expect_eq(seen.last.last_seen, 99 * USEC_PER_HOUR);
        cr_expect_eq(seen.last.n_records, 2);
        cr_assert_eq(query_records(q, &c.id, on_record, &n_records), 0);
        cr_expect_eq(n_records, 2);
        cr_assert_eq(query_history(q, &c.id, on_history, &history), 0);
        cr_expect_str_eq(history.p, "10 raised count 1\n20 grew count 3\n30 grew count 4\n");
        cr_expect_eq(query_find(q, STR("ffff"), &found), -ENOENT);
        strbuf_done(&history);
        query_close(q);
        store_close(s);
}

static int on_fields(void *userdata, const struct evidence *e)
{
        strbuf_addf(userdata, STR_FMT " %zu\n", STR_ARG(e->fields), e->sealed.n);
        return 0;
}

/* A box that does not open keeps nothing else from being read. */
Test(store, records_whose_box_does_not_open)
{
        CLEANUP(strbuf_done) struct strbuf box = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf said = STRBUF_INIT;
        const struct secret secret = { { 1 } };
        struct hash128 records[] = { id_of(1), id_of(2) };
        struct evidence e = { .key = records[0], .time = 1, .source = STR("sshd"), .file = STR("f"), .id = STR(""), .fields = STR("\"hidden\""),
                              .sealed = STR("no box") };
        struct alert_change c = change_of(1, CHANGE_RAISE, 1);
        struct store *s = open_store();
        struct query *q = NULL;

        box_seal(&secret, str_from((const char *)records[1].b, sizeof records[1].b), (struct str){ "\7\0\0\0\0\0\0\0\"clear\"\0\0\0\0\0\0\0\0", 23 }, &box);
        cr_assert_eq(store_begin(s), 0);
        cr_assert_eq(store_put_evidence(s, &e), 0, "%s", store_error(s));
        e.key = records[1];
        e.time = 2;
        e.sealed = strbuf_str(&box);
        cr_assert_eq(store_put_evidence(s, &e), 0, "%s", store_error(s));
        c.records = records;
        c.n_records = 2;
        cr_assert_eq(store_put_change(s, &c, 1), 0, "%s", store_error(s));
        cr_assert_eq(store_commit(s), 0);
        cr_assert_eq(query_of(s, &q), 0);
        query_reveal(q, &secret);
        for (int i = 0; i < 2; i++)
                cr_assert_eq(query_records(q, &c.id, on_fields, &said), 0);
        cr_expect_str_eq(said.p, "\"hidden\" 6\n\"clear\" 0\n\"hidden\" 6\n\"clear\" 0\n");
        cr_expect_eq(query_closed(q), 1, "of an alert that is read twice, once");
        query_close(q);
        store_close(s);
}

Test(store, found_by_the_beginning_of_the_id)
{
        static const struct {
                const char *prefix;
                int r;
        } cases[] = { { "ab", -ENOENT }, { "abcd", -ENOTUNIQ }, { "ABCDE", 0 }, { "abcdef", 0 }, { "abcdff", -ENOENT }, { "abcf", 0 },
                      { "ffff", 0 }, { "abc!", -ENOENT }, { "abcg", -ENOENT }, { "abc%", -ENOENT }, { "abcdef00000000000000000000000001", 0 },
                      { "abcdef00000000000000000000000002", -ENOENT } };
        static const char *const ids[] = { "abcdef00000000000000000000000001", "abcdd000000000000000000000000001",
                                           "abcfffffffffffffffffffffffffffff", "ffffffffffffffffffffffffffffffff" };
        struct store *s = open_store();
        struct query *q = NULL;

        store_begin(s);
        for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
                struct alert_change c = change_of(1, CHANGE_RAISE, 1);

                cr_assert_eq(hash128_parse(str_of(ids[i]), &c.id), 0);
                cr_assert_eq(store_put_change(s, &c, 1), 0);
        }
        store_commit(s);
        cr_assert_eq(query_of(s, &q), 0);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct hash128 found = { { 0 } };
                char hex[HASH128_HEX_BYTES];

                cr_expect_eq(query_find(q, str_of(cases[i].prefix), &found), cases[i].r, "%s", cases[i].prefix);
                hash128_hex(&found, hex);
                cr_expect(cases[i].r < 0 || strncasecmp(hex, cases[i].prefix, strlen(cases[i].prefix)) == 0, "%s", hex);
        }
        query_close(q);
        store_close(s);
}

Test(store, a_merged_alert_hands_its_records_on)
{
        struct store *s = open_store();
        struct hash128 record = id_of(1001);
        struct alert_change later = change_of(2, CHANGE_RAISE, 1), earlier = change_of(1, CHANGE_RAISE, 1);
        struct query *q = NULL;
        size_t n = 0;

        store_begin(s);
        put_record(s, 1);
        later.records = &record;
        later.n_records = 1;
        cr_assert_eq(store_put_change(s, &later, 1), 0);
        cr_assert_eq(store_put_change(s, &earlier, 2), 0);
        later.kind = CHANGE_MERGE;
        later.merged_into = earlier.id;
        cr_assert_eq(store_put_change(s, &later, 3), 0, "%s", store_error(s));
        store_commit(s);
        cr_assert_eq(query_of(s, &q), 0);
        query_records(q, &earlier.id, on_record, &n);
        cr_expect_eq(n, 1);
        query_close(q);
        cr_expect_eq(count(all), 1);
        cr_expect_eq(count((struct query_filter){ .since = USEC_NONE, .until = USEC_NONE, .with_merged = true }), 2);
        store_close(s);
}

Test(store, filters)
{
        struct store *s = open_store();

        store_begin(s);
        for (unsigned n = 0; n < 10; n++) {
                struct alert_change c = change_of(n, CHANGE_RAISE, 1);

                store_put_change(s, &c, 1);
        }
        store_commit(s);
        store_close(s);
        cr_expect_eq(count(all), 10);
        cr_expect_eq(count((struct query_filter){ .since = USEC_NONE, .until = USEC_NONE, .level_min = LEVEL_MEDIUM }), 5);
        cr_expect_eq(count((struct query_filter){ .since = 8 * USEC_PER_HOUR, .until = USEC_NONE }), 3);
        cr_expect_eq(count((struct query_filter){ .since = USEC_NONE, .until = 2 * USEC_PER_HOUR }), 2);
        cr_expect_eq(count((struct query_filter){ .since = USEC_NONE, .until = USEC_NONE, .who = STR("mIA") }), 5);
        cr_expect_eq(count((struct query_filter){ .since = USEC_NONE, .until = USEC_NONE, .who = STR("192.0.2") }), 10);
        cr_expect_eq(count((struct query_filter){ .since = USEC_NONE, .until = USEC_NONE, .rule = STR("failed") }), 10);
        cr_expect_eq(count((struct query_filter){ .since = USEC_NONE, .until = USEC_NONE, .rule = STR("rule") }), 0);
        cr_expect_eq(count((struct query_filter){ .since = USEC_NONE, .until = USEC_NONE, .source = STR("sshd") }), 5);
        cr_expect_eq(count((struct query_filter){ .since = USEC_NONE, .until = USEC_NONE, .limit = 3 }), 3);
}

/* ---- Transactions ---- */

static int collect(void *userdata, struct str a, struct str b)
{
        strbuf_addf(userdata, STR_FMT "=" STR_FMT ";", STR_ARG(a), STR_ARG(b));
        return 0;
}

static int collect_window(void *userdata, struct str rule, struct str key, struct str blob)
{
        strbuf_addf(userdata, STR_FMT "/" STR_FMT "=" STR_FMT ";", STR_ARG(rule), STR_ARG(key), STR_ARG(blob));
        return 0;
}

Test(store, positions_and_windows_are_kept_replaced_and_forgotten)
{
        struct store *s = open_store();
        struct strbuf out = STRBUF_INIT;
        struct counters c = { 0 }, back;

        c.n[COUNTER_RECORDS] = 7;
        store_begin(s);
        store_put_position(s, STR("a/1"), STR("x"));
        store_put_position(s, STR("a/1"), STR("y"));
        store_put_position(s, STR("ab/1"), STR("z"));
        store_put_position(s, STR("a/2"), STR("w"));
        store_put_position(s, STR("a/2"), STR(""));
        store_put_window(s, STR("r"), STR("k\n1"), 0, STR("a"));
        store_put_window(s, STR("r"), STR("k\n1"), 1, STR("lost"));
        store_put_window(s, STR("r"), STR("k\n1"), 0, STR("b"));
        store_put_window(s, STR("r"), STR("k\n1"), 2, STR("d"));
        store_put_window(s, STR("r"), STR("k\n1"), 1, STR("c"));
        store_put_window(s, STR("r"), STR("k2"), 0, STR("b2"));
        store_put_window(s, STR("r"), STR("k2"), 1, STR("b3"));
        store_put_window(s, STR("r"), STR("k2"), 0, STR(""));
        store_put_window(s, STR("r"), STR("k3"), 0, STR("x"));
        store_put_counters(s, &c);
        cr_assert_eq(store_commit(s), 0);
        store_close(s);
        s = open_store();
        cr_assert_eq(store_each_position(s, STR("a/"), collect, &out), 0);
        cr_expect_str_eq(out.p, "a/1=y;");
        strbuf_clear(&out);
        cr_assert_eq(store_each_window(s, collect_window, &out), 0);
        cr_expect_str_eq(out.p, "r/k\n1=bcd;r/k3=x;");
        strbuf_clear(&out);
        cr_assert_eq(store_get_counters(s, &back), 0);
        cr_expect_eq(back.n[COUNTER_RECORDS], 7);
        strbuf_done(&out);
        store_close(s);
}

Test(store, what_is_not_committed_is_gone)
{
        struct alert_change c = change_of(1, CHANGE_RAISE, 1);
        struct strbuf out = STRBUF_INIT;
        struct store *s = open_store();
        pid_t child;
        int status;

        store_begin(s);
        store_put_change(s, &c, 1);
        store_rollback(s);
        cr_expect_eq(count(all), 0);
        store_close(s);
        child = fork();
        cr_assert_geq(child, 0);
        if (child == 0) { /* dies in the middle of a batch */
                s = open_store();
                store_begin(s);
                store_put_change(s, &c, 1);
                store_put_position(s, STR("a/1"), STR("x"));
                _exit(0);
        }
        waitpid(child, &status, 0);
        cr_expect_eq(count(all), 0);
        s = open_store();
        cr_assert_eq(store_each_position(s, STR("a/"), collect, &out), 0);
        cr_expect_eq(out.n, 0);
        strbuf_done(&out);
        store_close(s);
}

/* ---- Who and what ---- */

/* The number that a query of the store's file gives. */
static int64_t one_row(const char *sql)
{
        sqlite3_stmt *q = NULL;
        sqlite3 *db = NULL;
        int64_t n;

        cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
        cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
        cr_assert_eq(sqlite3_step(q), SQLITE_ROW);
        n = sqlite3_column_int64(q, 0);
        sqlite3_finalize(q);
        sqlite3_close(db);
        return n;
}

static int add_text(void *userdata, enum involved kind, struct str value, uint64_t n)
{
        char *text = userdata;
        size_t at = strlen(text);

        snprintf(text + at, 512 - at, "%d:" STR_FMT "=%llu ", (int)kind, STR_ARG(value), (unsigned long long)n);
        return 0;
}

static void expect_involved(struct store *s, unsigned alert, const char *want)
{
        struct hash128 id = id_of(alert);
        struct query *q = NULL;
        char text[512] = "";

        cr_assert_eq(query_of(s, &q), 0);
        cr_assert_eq(query_involved(q, &id, add_text, text), 0, "%s", query_error(q));
        cr_expect_str_eq(text, want);
        query_close(q);
}

static void put_fields(struct store *s, unsigned n, const char *fields)
{
        struct evidence e = { .key = id_of(1000 + n), .time = n, .source = STR("sshd"), .file = STR("f"), .id = STR("i"), .index = n,
                              .fields = str_of(fields), .raw = STR("") };

        cr_assert_eq(store_put_evidence(s, &e), 0, "%s", store_error(s));
}

Test(store, who_and_what_an_alert_is_about)
{
        struct str more[_INVOLVED_MAX] = { STR("mia"), STR("192.0.2.9"), STR_NONE };
        struct hash128 records[] = { id_of(1001), id_of(1002) };
        struct alert_change c = change_of(1, CHANGE_RAISE, 2), d = change_of(2, CHANGE_RAISE, 1);
        struct store *s = open_store();

        store_begin(s);
        put_fields(s, 1, "{\"shopbell.person\":\"mia\",\"source.ip\":\"192.0.2.1\",\"shopbell.object\":[\"a\",\"b\"]}");
        put_fields(s, 2, "{\"shopbell.person\":\"mia\",\"shopbell.object\":null}");
        c.records = records;
        c.n_records = 2;
        cr_assert_eq(store_put_change(s, &c, 1), 0, "%s", store_error(s));
        cr_assert_eq(store_put_change(s, &c, 2), 0, "the same evidence again counts once");
        expect_involved(s, 1, "0:mia=2 1:192.0.2.1=1 2:a=1 2:b=1 ");
        c.involved = more;
        cr_assert_eq(store_put_change(s, &c, 3), 0);
        expect_involved(s, 1, "0:mia=3 1:192.0.2.1=1 1:192.0.2.9=1 2:a=1 2:b=1 ");
        d.involved = (struct str[_INVOLVED_MAX]){ STR("ben"), STR("192.0.2.1"), STR("a") };
        cr_assert_eq(store_put_change(s, &d, 4), 0);
        d.kind = CHANGE_MERGE;
        d.merged_into = c.id;
        cr_assert_eq(store_put_change(s, &d, 5), 0, "%s", store_error(s));
        expect_involved(s, 1, "0:mia=3 0:ben=1 1:192.0.2.1=2 1:192.0.2.9=1 2:a=2 2:b=1 ");
        expect_involved(s, 2, "");
        store_commit(s);
        store_close(s);
}

Test(store, many_addresses_are_counted_together)
{
        struct alert_change c = change_of(1, CHANGE_RAISE, 1);
        struct store *s = open_store();
        char text[64];

        store_begin(s);
        cr_assert_eq(store_put_change(s, &c, 1), 0);
        for (unsigned i = 0; i < ALERT_INVOLVED_MAX + 10; i++) {
                snprintf(text, sizeof text, "10.0.0.%u", i);
                cr_assert_eq(store_put_involved(s, &c.id, INVOLVED_ADDRESS, str_of(text), 2), 0);
        }
        cr_assert_eq(store_put_involved(s, &c.id, INVOLVED_ADDRESS, STR("10.0.0.5"), 1), 0);
        store_commit(s);
        cr_assert_eq(one_row("SELECT count(*) FROM alert_involved"), ALERT_INVOLVED_MAX + 1);
        cr_expect_eq(one_row("SELECT count FROM alert_involved WHERE value = ''"), 20);
        cr_expect_eq(one_row("SELECT count FROM alert_involved WHERE value = '10.0.0.5'"), 3);
        store_close(s);
}

/* As many as before fit into one, and what does not is counted. */
Test(store, merged_alerts_keep_their_limits)
{
        struct alert_change c = change_of(1, CHANGE_RAISE, 1), d = change_of(2, CHANGE_RAISE, 1);
        struct hash128 records[2][ALERT_EVIDENCE_MAX];
        struct store *s = open_store();
        char text[64];

        store_begin(s);
        for (unsigned i = 0; i < ALERT_EVIDENCE_MAX; i++) { /* 10 of them are of both */
                put_fields(s, i, "{}");
                put_fields(s, 40 + i, "{}");
                records[0][i] = id_of(1000 + i);
                records[1][i] = id_of(1040 + i);
        }
        c.records = records[0];
        d.records = records[1];
        c.n_records = ALERT_EVIDENCE_MAX - 5;
        d.n_records = ALERT_EVIDENCE_MAX;
        cr_assert_eq(store_put_change(s, &c, 1), 0);
        cr_assert_eq(store_put_change(s, &d, 1), 0);
        for (unsigned i = 0; i < ALERT_INVOLVED_MAX; i++) { /* half of them are of both */
                snprintf(text, sizeof text, "10.0.0.%u", i);
                cr_assert_eq(i > 0 ? store_put_involved(s, &c.id, INVOLVED_ADDRESS, str_of(text), 2) : 0, 0);
                snprintf(text, sizeof text, "10.0.0.%u", i + ALERT_INVOLVED_MAX / 2);
                cr_assert_eq(store_put_involved(s, &d.id, INVOLVED_ADDRESS, str_of(text), i == ALERT_INVOLVED_MAX - 1 ? 7 : 1), 0);
        }
        cr_assert_eq(store_put_involved(s, &d.id, INVOLVED_ADDRESS, STR("another"), 1), 0);
        d.kind = CHANGE_MERGE;
        d.merged_into = c.id;
        cr_assert_eq(store_put_change(s, &d, 5), 0, "%s", store_error(s));
        cr_expect_eq(store_evidence_cut(s), ALERT_EVIDENCE_MAX - 5 - 5);
        cr_expect_eq(store_evidence_cut(s), 0);
        store_commit(s);
        cr_expect_eq(one_row("SELECT count(*) FROM alert_record"), ALERT_EVIDENCE_MAX);
        cr_expect_eq(one_row("SELECT count(*) FROM alert_involved WHERE value <> ''"), ALERT_INVOLVED_MAX);
        cr_expect_eq(one_row("SELECT count FROM alert_involved WHERE value = '10.0.0.299'"), 7, "the most frequent has a name");
        cr_expect_eq(one_row("SELECT count FROM alert_involved WHERE value = '10.0.0.150'"), 3);
        cr_expect_eq(one_row("SELECT count FROM alert_involved WHERE value = ''"), ALERT_INVOLVED_MAX / 2);
        cr_expect_eq(one_row("SELECT sum(count) FROM alert_involved"), 2 * (ALERT_INVOLVED_MAX - 1) + ALERT_INVOLVED_MAX + 7);
        store_close(s);
}

/* What no alert needs goes, the oldest first. */
Test(store, records_that_only_might_have_been_needed_go)
{
        struct hash128 records[] = { id_of(1000), id_of(1001) };
        struct alert_change c = change_of(1, CHANGE_RAISE, 2);
        struct store *s = open_store();
        uint64_t gone = 7;

        store_begin(s);
        for (unsigned i = 0; i < 30; i++)
                put_record(s, i);
        c.records = records;
        c.n_records = 2;
        cr_assert_eq(store_put_change(s, &c, 1), 0);
        cr_assert_eq(store_purge_evidence(s, 5, 100, &gone), 0, "%s", store_error(s));
        cr_expect_eq(gone, 0, "2, 3 and 4 were too old, no more had to go");
        cr_assert_eq(store_purge_evidence(s, 0, 20, &gone), 0, "%s", store_error(s));
        cr_expect_eq(gone, 5, "25 were left that no alert needs");
        store_commit(s);
        cr_expect_eq(one_row("SELECT count(*) FROM record"), 22);
        cr_expect_eq(one_row("SELECT min(idx) FROM record WHERE idx > 1"), 10);
        store_close(s);
}

Test(store, an_older_store_gets_what_it_lacks)
{
        struct store *s = open_store();
        struct alert_change c = change_of(1, CHANGE_RAISE, 1);
        struct err err = { 0 };
        sqlite3 *db = NULL;

        store_begin(s);
        cr_assert_eq(store_put_change(s, &c, 1), 0);
        store_commit(s);
        store_close(s);
        cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db, "DROP TABLE alert_involved; PRAGMA user_version = 1", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        cr_assert_eq(store_open(path, &s, &err), 0, "%s", err.text);
        store_begin(s);
        cr_assert_eq(store_put_involved(s, &c.id, INVOLVED_PERSON, STR("mia"), 1), 0, "%s", store_error(s));
        store_commit(s);
        expect_involved(s, 1, "0:mia=1 ");
        cr_expect_eq(count(all), 1, "what was there stays");
        store_close(s);
}

Test(store, an_older_store_gets_a_census)
{
        struct store *s = open_store();
        struct alert_change c = change_of(1, CHANGE_RAISE, 1);
        struct account_seen a = { STR("shop"), STR("mei"), 1, 2 };
        struct query_census nothing = { NULL, NULL, NULL };
        struct query *q = NULL;
        struct err err = { 0 };
        sqlite3 *db = NULL;
        uint64_t cut = 0;

        store_begin(s);
        cr_assert_eq(store_put_change(s, &c, 1), 0);
        store_commit(s);
        store_close(s);
        cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db, "DROP TABLE account; DROP TABLE account_fact; PRAGMA user_version = 3", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        cr_assert_eq(query_open(path, &q, &err), 0, "%s", err.text);
        cr_expect_eq(query_census(q, &nothing), 0, "there is none yet");
        query_close(q);
        cr_assert_eq(store_open(path, &s, &err), 0, "%s", err.text);
        store_begin(s);
        cr_assert_eq(store_put_account(s, &a, &cut), 0, "%s", store_error(s));
        store_commit(s);
        cr_expect_eq(count(all), 1, "what was there stays");
        store_close(s);
}

/* Before version 8. */
#define OLD_QUIET \
        "DROP TABLE alert_quiet; " \
        "CREATE TABLE alert_quiet (alert TEXT PRIMARY KEY REFERENCES alert (id), person TEXT NOT NULL, " \
        "silence INTEGER NOT NULL DEFAULT 0, muted_by TEXT NOT NULL DEFAULT '', muted_how TEXT NOT NULL DEFAULT '', " \
        "rang_at INTEGER, answer TEXT NOT NULL DEFAULT '', level INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID; " \
        "CREATE INDEX alert_quiet_person ON alert_quiet (person); " \
        "INSERT INTO alert_quiet (alert, person) SELECT id, 'mia' FROM alert; "

Test(store, an_older_store_learns_what_answers_came_along)
{
        struct store *s = open_store();
        sqlite3 *db = NULL;
        char hex[HASH128_HEX_BYTES], other[HASH128_HEX_BYTES], sql[1024];
        struct hash128 id = id_of(1), later = id_of(3);

        store_begin(s);
        for (unsigned n = 1; n <= 3; n++) {
                struct alert_change c = change_of(n, CHANGE_RAISE, 1);

                cr_assert_eq(store_put_change(s, &c, 1), 0);
        }
        store_commit(s);
        store_close(s);
        hash128_hex(&id, hex);
        hash128_hex(&later, other);
        snprintf(sql, sizeof sql,
                 "DROP TABLE alert_answer; CREATE TABLE alert_answer (seq INTEGER PRIMARY KEY, alert TEXT NOT NULL REFERENCES alert (id), "
                 "at INTEGER NOT NULL, what TEXT NOT NULL, note TEXT NOT NULL, uid INTEGER NOT NULL, user TEXT NOT NULL) STRICT; "
                 "INSERT INTO alert_answer SELECT NULL, id, 7, 'me', CASE id WHEN '%s' THEN 'holiday' ELSE 'with %.8s' END, 0, 'root' FROM alert; "
                 "UPDATE alert_answer SET at = 8 WHERE alert = '%s'; " OLD_QUIET "PRAGMA user_version = 5",
                 hex, hex, other);
        cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
        sqlite3_close(db);
        s = open_store();
        store_close(s);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM alert_answer WHERE with_alert = '%s'", hex);
        cr_expect_eq(one_row("SELECT count(*) FROM alert_answer"), 3);
        cr_expect_eq(one_row(sql), 1, "the one of the same time");
        cr_expect_eq(one_row("SELECT count(*) FROM alert_quiet JOIN alert ON id = alert WHERE seen = last_seen AND seen <> 0"), 3);
}

Test(store, an_older_store_learns_when_alerts_were_seen)
{
        struct alert_change c = change_of(1, CHANGE_RAISE, 1);
        struct store *s = open_store();
        sqlite3 *db = NULL;

        store_begin(s);
        cr_assert_eq(store_put_change(s, &c, 1), 0);
        store_commit(s);
        store_close(s);
        cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db, OLD_QUIET "PRAGMA user_version = 7", NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
        sqlite3_close(db);
        store_close(open_store());
        cr_expect_eq(one_row("SELECT count(*) FROM alert_quiet JOIN alert ON id = alert WHERE seen = last_seen AND seen <> 0"), 1);
}

/* ---- What can be wrong ---- */

static void write_at(long offset, const char *bytes, size_t n)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        cr_assert(fd >= 0 && pwrite(fd, bytes, n, offset) == (ssize_t)n);
        close(fd);
}

Test(store, a_newer_version_is_refused)
{
        struct store *s = open_store();
        struct err err = { 0 };

        store_close(s);
        write_at(60, "\0\0\0\x63", 4); /* user_version, https://sqlite.org/fileformat.html section 1.3 */
        cr_assert_eq(store_open(path, &s, &err), -EPROTONOSUPPORT);
        cr_expect_not_null(strstr(err.text, "newer version"), "%s", err.text);
        cr_expect_not_null(strstr(err.text, "99"), "%s", err.text);
}

Test(store, another_file_is_refused_and_left_alone)
{
        char back[16] = "";
        struct store *s;
        struct err err = { 0 };
        int fd;

        write_at(0, "my shopping list", 16);
        cr_assert_eq(store_open(path, &s, &err), -EUCLEAN);
        cr_expect_not_null(strstr(err.text, "no store of shopbell"), "%s", err.text);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        cr_assert_eq(read(fd, back, 16), 16);
        cr_expect_eq(memcmp(back, "my shopping list", 16), 0);
        close(fd);
}

Test(store, a_missing_folder_is_named)
{
        struct store *s;
        struct query *q;
        struct err err = { 0 };

        cr_assert_eq(store_open("/nonexistent/shopbell.db", &s, &err), -ENOENT);
        cr_expect_not_null(strstr(err.text, "folder"), "%s", err.text);
        cr_assert_eq(query_open("/nonexistent/shopbell.db", &q, &err), -ENOENT);
}

Test(store, reading_while_another_writes)
{
        struct alert_change c = change_of(1, CHANGE_RAISE, 1);
        struct store *s = open_store();

        store_begin(s);
        store_put_change(s, &c, 1);
        cr_expect_eq(count(all), 0, "not committed yet, and no waiting for it");
        store_commit(s);
        cr_expect_eq(count(all), 1);
        store_close(s);
}
