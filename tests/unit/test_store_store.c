/* SPDX-License-Identifier: Apache-2.0 */

/* The store: what is committed is there, what is not is not, and whatever is wrong with the file is said. */

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
        store_put_window(s, STR("r"), STR("k\n1"), STR("b"));
        store_put_window(s, STR("r"), STR("k2"), STR("b2"));
        store_put_window(s, STR("r"), STR("k2"), STR(""));
        store_put_counters(s, &c);
        cr_assert_eq(store_commit(s), 0);
        store_close(s);
        s = open_store();
        cr_assert_eq(store_each_position(s, STR("a/"), collect, &out), 0);
        cr_expect_str_eq(out.p, "a/1=y;");
        strbuf_clear(&out);
        cr_assert_eq(store_each_window(s, collect_window, &out), 0);
        cr_expect_str_eq(out.p, "r/k\n1=b;");
        strbuf_clear(&out);
        cr_expect_eq(store_get_position(s, STR("a/2"), &out), -ENOENT);
        cr_assert_eq(store_get_counters(s, &back), 0);
        cr_expect_eq(back.n[COUNTER_RECORDS], 7);
        strbuf_done(&out);
        store_close(s);
}

Test(store, what_is_not_committed_is_gone)
{
        struct alert_change c = change_of(1, CHANGE_RAISE, 1);
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
        cr_expect_eq(store_get_position(s, STR("a/1"), &(struct strbuf)STRBUF_INIT), -ENOENT);
        store_close(s);
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
