/* SPDX-License-Identifier: Apache-2.0 */

/* Cases in the store: what was put is read, is sealed where it should be, and cannot be changed without verify finding it. */

#include <criterion/criterion.h>
#include <errno.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/store/case.h"
#include "monitor/store/chain.h"
#include "monitor/store/copy.h"
#include "monitor/store/verify.h"

static char dir[] = "/tmp/shopbell-case-XXXXXX", path[64], heads_path[64];
static const struct secret key = { { 1, 2, 3 } }, other_key = { { 4 } };
static struct arena *arena;

static void setup(void)
{
        cr_assert_not_null(mkdtemp(dir));
        snprintf(path, sizeof path, "%s/shopbell.db", dir);
        snprintf(heads_path, sizeof heads_path, "%s/" CHAIN_HEADS_FILE, dir);
        arena = arena_new();
}

static int remove_one(const char *name, const struct stat *st, int kind, struct FTW *at)
{
        (void)st, (void)kind, (void)at;
        return remove(name);
}

static void teardown(void)
{
        nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
        arena_free(arena);
}

TestSuite(store_case, .init = setup, .fini = teardown);

static struct store *open_sealed(void)
{
        struct store *s = NULL;
        struct err err = { 0 }, warning = { 0 };
        bool is_new = access(path, F_OK) < 0;

        cr_assert_eq(store_open(path, &s, &err), 0, "%s", err.text);
        cr_assert_eq(store_seal(s, &key, is_new, heads_path, &err, &warning), 0, "%s", err.text);
        return s;
}

static struct store_case_entry entry(int64_t id, const char *kind, const char *of, const char *value)
{
        return (struct store_case_entry){ .case_id = id, .at = 7, .kind = str_of(kind), .key = str_of(of), .value = str_of(value), .status = STR(""),
                                          .evidence = STR("a log"), .because = STR("they said so"), .by = STR("mei"), .who = { 1000, STR("mia") } };
}

static int64_t begin_case(struct store *s, const char *title, enum case_seal seal)
{
        struct store_case_entry e = entry(0, "", "", title);

        cr_assert_eq(store_case_open(s, &e, seal), 0, "%s", store_error(s));
        return e.case_id;
}

static int put(struct store *s, int64_t id, const char *kind, const char *of, const char *value, enum case_seal seal)
{
        struct store_case_entry e = entry(id, kind, of, value);

        return store_case_put(s, &e, seal);
}

#define ALERT_A "0123456789abcdef0123456789abcdef"

/* Two cases: the first with an entry of each way of sealing, the second closed. */
static void fill(void)
{
        struct store *s = open_sealed();

        store_begin(s);
        cr_expect_eq(begin_case(s, "The first", CASE_CLEAR), 1);
        cr_expect_eq(put(s, 1, "alert", ALERT_A, "Somebody came in", CASE_SEAL_ALL), 0);
        cr_expect_eq(put(s, 1, "mark", "aware", "5 Asia/Seoul", CASE_SEAL_SAID), 0);
        cr_expect_eq(begin_case(s, "The second", CASE_CLEAR), 2);
        cr_expect_eq(put(s, 2, "alert", ALERT_A, "Somebody came in", CASE_CLEAR), 0);
        cr_expect_eq(put(s, 2, "closed", "", "nothing", CASE_CLEAR), 0);
        cr_assert_eq(store_commit(s), 0);
        store_close(s);
}

/* ---- Reading ---- */

Test(store_case, more_entries_than_a_case_may_have_are_not_read)
{
        char sql[512];
        struct store_case_entry *e;
        struct query *q = NULL;
        struct err err = { 0 };
        sqlite3 *db = NULL;
        size_t n;

        fill();
        snprintf(sql, sizeof sql, "WITH RECURSIVE c (i) AS (VALUES (100) UNION ALL SELECT i + 1 FROM c WHERE i < %d) INSERT INTO case_entry SELECT i, 1, at, kind, key, value, "
                                  "status, evidence, because, said_by, uid, user, sealed FROM c, case_entry WHERE seq = 6", 100 + CASE_ENTRIES_MAX);
        cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
        sqlite3_close(db);
        cr_assert_eq(query_open(path, &q, &err), 0, "%s", err.text);
        cr_expect_eq(query_case_entries(q, 1, NULL, arena, &e, &n), -E2BIG);
        cr_expect_eq(query_case_entries(q, 2, NULL, arena, &e, &n), 0);
        query_close(q);
}

static int on_case(void *userdata, int64_t id)
{
        strbuf_addf(userdata, "%lld ", (long long)id);
        return 0;
}

Test(store_case, cases_are_found)
{
        struct strbuf list = STRBUF_INIT;
        struct hash128 alert;
        struct query *q = NULL;
        struct store *s;
        int64_t id = 9;

        fill();
        s = open_sealed();
        cr_assert_eq(query_of(s, &q), 0);
        cr_assert_eq(hash128_parse(STR(ALERT_A), &alert), 0);
        cr_expect_eq(store_case_of(s, &alert, &id), 0);
        cr_expect_eq(id, 1, "the other one is closed");
        alert.b[0] ^= 1;
        cr_expect_eq(store_case_of(s, &alert, &id), 0);
        cr_expect_eq(id, 0);
        cr_expect_eq(query_each_case(q, false, on_case, &list), 0);
        cr_expect_str_eq(list.p, "1 ");
        cr_expect_eq(query_each_case(q, true, on_case, &list), 0);
        cr_expect_str_eq(list.p, "1 2 1 ");
        store_begin(s);
        cr_expect_eq(put(s, 2, "reopened", "", "it came back", CASE_CLEAR), 0);
        store_commit(s);
        strbuf_clear(&list);
        cr_expect_eq(query_each_case(q, false, on_case, &list), 0);
        cr_expect_str_eq(list.p, "2 1 ");
        strbuf_done(&list);
        query_close(q);
        store_close(s);
}

Test(store_case, entries_are_read_with_the_secret_and_without)
{
        const struct secret *const secrets[] = { NULL, &other_key, &key };
        struct store_case_entry *e;
        struct query *q = NULL;
        struct err err = { 0 };
        struct store *s;
        size_t n = 0;

        fill();
        cr_assert_eq(query_open(path, &q, &err), 0, "%s", err.text);
        for (size_t i = 0; i < 3; i++) {
                bool opens = secrets[i] == &key;

                cr_assert_eq(query_case_entries(q, 1, secrets[i], arena, &e, &n), 0);
                cr_assert_eq(n, 3);
                cr_expect(str_eqz(e[0].kind, "opened") && str_eqz(e[0].value, "The first") && !e[0].is_sealed && str_eqz(e[0].by, "mei"));
                cr_expect(e[1].seq == 2 && e[1].at == 7 && str_eqz(e[1].key, ALERT_A) && e[1].who.uid == 1000 && str_eqz(e[1].who.user, "mia"));
                cr_expect(str_eqz(e[1].value, opens ? "Somebody came in" : "") && e[1].is_value_sealed == !opens);
                cr_expect(str_eqz(e[1].because, opens ? "they said so" : "") && e[1].is_sealed == !opens);
                cr_expect(str_eqz(e[2].value, "5 Asia/Seoul") && !e[2].is_value_sealed && e[2].is_sealed == !opens, "clocks need no secret");
                cr_expect(str_eqz(e[2].by, opens ? "mei" : "") && str_eqz(e[2].evidence, opens ? "a log" : ""));
        }
        cr_expect_eq(query_case_entries(q, 3, NULL, arena, &e, &n), -ENOENT);
        query_close(q);
        s = open_sealed();
        cr_assert_eq(store_case_entries(s, 1, arena, &e, &n), 0);
        cr_expect(n == 3 && str_eqz(e[1].value, "Somebody came in") && !e[1].is_sealed, "with its own secret");
        store_close(s);
}

static void add_file(const char *name, struct strbuf *to)
{
        FILE *file = fopen(name, "re");
        size_t n = 1;
        char *at;

        cr_assert_not_null(file);
        while (n > 0 && (at = strbuf_reserve(to, 65536)))
                to->n += n = fread(at, 1, 65536, file);
        fclose(file);
}

Test(store_case, what_is_sealed_lies_nowhere_in_the_clear)
{
        static const char *const secrets[] = { "SECRETVALUE", "SECRETBECAUSE", "SECRETBY", "SECRETEVIDENCE" };
        struct store_case_entry e = { .at = 7, .kind = STR("set"), .key = STR("narrative"), .value = STR("SECRETVALUE"), .status = STR("confirmed"),
                                      .evidence = STR("SECRETEVIDENCE"), .because = STR("SECRETBECAUSE"), .by = STR("SECRETBY"), .who = { 0, STR("root") } };
        CLEANUP(strbuf_done) struct strbuf bytes = STRBUF_INIT;
        struct store *s = open_sealed();

        store_begin(s);
        e.case_id = begin_case(s, "t", CASE_CLEAR);
        cr_expect_eq(store_case_put(s, &e, CASE_SEAL_ALL), 0);
        cr_assert_eq(store_commit(s), 0);
        store_close(s);
        add_file(path, &bytes);
        cr_expect_neq(str_find(strbuf_str(&bytes), STR("narrative")), SIZE_MAX, "else this looks at the wrong place");
        for (size_t i = 0; i < 4; i++)
                cr_expect_eq(str_find(strbuf_str(&bytes), str_of(secrets[i])), SIZE_MAX, "%s", secrets[i]);
}

Test(store_case, caps)
{
        static char text[CASE_VALUE_MAX + 2];
        struct store_case_entry e;
        struct store *s = NULL;
        struct err err = { 0 };
        int r = 0;

        cr_assert_eq(store_open(":memory:", &s, &err), 0);
        memset(text, 'x', sizeof text - 1);
        store_begin(s);
        cr_expect_eq(put(s, 1, "note", "", "x", CASE_CLEAR), -ENOENT);
        cr_expect_eq(put(s, 0, "readiness", "x", "y", CASE_CLEAR), 0, "what is of no case");
        begin_case(s, "t", CASE_CLEAR);
        cr_expect_eq(put(s, 1, "note", "", text, CASE_CLEAR), -E2BIG);
        cr_expect_eq(put(s, 1, "note", "", text + 1, CASE_CLEAR), 0);
        cr_expect_eq(put(s, 1, "note", text + CASE_VALUE_MAX - CASE_KEY_MAX, "", CASE_CLEAR), -E2BIG);
        e = entry(1, "note", "", "");
        e.because = str_from(text, CASE_TEXT_MAX + 1);
        cr_expect_eq(store_case_put(s, &e, CASE_CLEAR), -E2BIG);
        cr_expect_eq(put(s, 1, "note", "", "x", CASE_SEAL_ALL), -ENOKEY, "a store in memory has no secret");
        for (int i = 2; i < CASE_ENTRIES_MAX && r >= 0; i++)
                r = put(s, 1, "note", "", "x", CASE_CLEAR);
        cr_expect_eq(r, 0);
        cr_expect_eq(put(s, 1, "note", "", "x", CASE_CLEAR), -EDQUOT);
        for (int i = 1; i < CASES_OPEN_MAX; i++)
                begin_case(s, "t", CASE_CLEAR);
        e = entry(0, "", "", "one more");
        cr_expect_eq(store_case_open(s, &e, CASE_CLEAR), -EDQUOT);
        cr_expect_eq(put(s, 2, "closed", "", "", CASE_CLEAR), 0);
        cr_expect_eq(store_case_open(s, &e, CASE_CLEAR), 0, "closed ones do not count");
        cr_expect_eq(e.case_id, CASES_OPEN_MAX + 1);
        store_rollback(s);
        store_close(s);
}

/* ---- Verifying ---- */

static int on_found(void *userdata, struct str text)
{
        strbuf_add(userdata, text);
        strbuf_addc(userdata, '\n');
        return 0;
}

static struct strbuf verify(struct query *q, struct verify_result *ret)
{
        struct strbuf found = STRBUF_INIT;
        struct verify_options o = { .key = &key, .found = on_found, .userdata = &found };

        cr_assert_eq(query_verify(q, &o, ret), 0, "%s", query_error(q));
        strbuf_addz(&found, "");
        return found;
}

static void expect_found(const char *words, const char *sql)
{
        char command[160], torn[64];
        struct verify_result result;
        struct strbuf found;
        struct query *q = NULL;
        struct err err = { 0 };
        sqlite3 *db = NULL;

        snprintf(torn, sizeof torn, "%s/torn.db", dir);
        snprintf(command, sizeof command, "VACUUM INTO '%s'", torn);
        unlink(torn);
        cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db, command, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        cr_assert_eq(sqlite3_open(torn, &db), SQLITE_OK);
        cr_expect_eq(sqlite3_exec(db, "DELETE FROM case_entry", NULL, NULL, NULL), SQLITE_CONSTRAINT, "against accidents");
        cr_expect_eq(sqlite3_exec(db, "UPDATE case_entry SET at = 1", NULL, NULL, NULL), SQLITE_CONSTRAINT, "against accidents");
        cr_assert_eq(sqlite3_exec(db, "DROP TRIGGER case_entry_stays; DROP TRIGGER case_entry_stays_so", NULL, NULL, NULL), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
        sqlite3_close(db);
        cr_assert_eq(query_open(torn, &q, &err), 0, "%s", err.text);
        found = verify(q, &result);
        cr_expect_not_null(strstr(found.p, words), "%s\nshould say: %s\nsays: %s", sql, words, found.p);
        cr_expect(words[0] || result.found == 0, "%s", found.p);
        strbuf_done(&found);
        query_close(q);
}

Test(store_case, whatever_is_changed_is_found)
{
        static const char *const columns[] = { "case_id", "at", "kind", "key", "status", "evidence", "because", "said_by", "uid", "user", "sealed" };
        char sql[160];

        fill();
        expect_found("", "SELECT 1");
        for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
                snprintf(sql, sizeof sql, "UPDATE case_entry SET %s = CASE typeof(%s) WHEN 'integer' THEN %s + 1 WHEN 'blob' THEN x'00' ELSE 'x' END WHERE seq = 2",
                         columns[i], columns[i], columns[i]);
                expect_found("entry of a case 2 was edited: it is not what row 2 says of it", sql);
        }
        expect_found("entry of a case 3 was edited", "UPDATE case_entry SET value = '6 Asia/Seoul' WHERE seq = 3");
        expect_found("entry of a case 2 was edited", "UPDATE case_entry SET value = '' WHERE seq = 2");
        expect_found("entry of a case 3 is gone: row 3 speaks of it", "DELETE FROM case_entry WHERE seq = 3");
        expect_found("entry of a case 6 is gone", "DELETE FROM case_entry WHERE case_id = 2");
        expect_found("entry of a case 1 is gone", "DROP TABLE case_entry");
        expect_found("entry of a case 7: no row of the history speaks of it: put in",
                     "INSERT INTO case_entry SELECT 7, 1, at, 'reopened', key, value, status, evidence, because, said_by, uid, user, sealed FROM case_entry WHERE seq = 6");
}

static int on_line(void *userdata, struct str line)
{
        fwrite(line.p, 1, line.n, userdata);
        fputc('\n', userdata);
        return 0;
}

Test(store_case, copies_have_them)
{
        struct copy_options o = { .is_whole = true, .line = on_line };
        struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true };
        struct verify_head head;
        struct chain_head last;
        struct verify_result result;
        struct query *q = NULL;
        struct err err = { 0 };
        char copy[64];

        fill();
        snprintf(copy, sizeof copy, "%s/copy.ndjson", dir);
        for (int whole = 1; whole >= 0; whole--) {
                FILE *file = fopen(copy, "we");
                struct strbuf found;

                cr_assert_not_null(file);
                o.is_whole = whole;
                o.userdata = file;
                cr_assert_eq(query_open(path, &q, &err), 0);
                cr_assert_eq(query_copy(q, &all, &o, &last), 0, "%s", query_error(q));
                query_close(q);
                fclose(file);
                cr_assert_eq(query_open_copy(copy, &q, &head, &err), 0, "%s", err.text);
                found = verify(q, &result);
                cr_expect_eq(result.found, 0, "%s", found.p);
                cr_expect_eq(result.things[COVERED_CASE], whole ? 6 : 0, "the alert is in none of the chosen");
                strbuf_done(&found);
                query_close(q);
        }
}

Test(store_case, an_older_store_gets_them)
{
        struct store_case_entry *e;
        struct query *q = NULL;
        struct err err = { 0 };
        struct verify_result result;
        struct strbuf found, list = STRBUF_INIT;
        struct store *s = open_sealed();
        sqlite3 *db = NULL;
        size_t n;

        store_close(s);
        cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db, "DROP TABLE case_entry; PRAGMA user_version = 11", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        cr_assert_eq(query_open(path, &q, &err), 0);
        cr_expect_eq(query_each_case(q, true, on_case, &list), 0);
        cr_expect_eq(list.n, 0);
        cr_expect_eq(query_case_entries(q, 1, NULL, arena, &e, &n), -ENOENT);
        found = verify(q, &result);
        cr_expect_eq(result.found, 0, "%s", found.p);
        strbuf_done(&found);
        query_close(q);
        fill();
        expect_found("", "SELECT 1");
        strbuf_done(&list);
}
