/* SPDX-License-Identifier: Apache-2.0 */

/* The history: what is sound is found sound; whatever is changed in a small store, row by row, is found and named. */

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "monitor/store/case.h"
#include "monitor/store/chain.h"
#include "monitor/store/copy.h"
#include "monitor/store/quiet.h"
#include "monitor/store/retire.h"
#include "monitor/store/verify.h"

static char dir[] = "/tmp/shopbell-chain-XXXXXX", path[64], heads_path[64], torn[64], copy_path[64];
static const struct secret key = { { 1, 2, 3 } };

static void setup(void)
{
        cr_assert_not_null(mkdtemp(dir));
        snprintf(path, sizeof path, "%s/shopbell.db", dir);
        snprintf(heads_path, sizeof heads_path, "%s/" CHAIN_HEADS_FILE, dir);
        snprintf(torn, sizeof torn, "%s/torn.db", dir);
        snprintf(copy_path, sizeof copy_path, "%s/copy.ndjson", dir);
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

TestSuite(chain, .init = setup, .fini = teardown);

static struct hash128 id_of(unsigned n)
{
        char text[16];
        struct str part = { text, (size_t)snprintf(text, sizeof text, "%u", n) };

        return hash128_of(&part, 1);
}

static struct store *open_sealed(void)
{
        struct store *s = NULL;
        struct err err = { 0 }, warning = { 0 };
        bool is_new = access(path, F_OK) < 0;

        cr_assert_eq(store_open(path, &s, &err), 0, "%s", err.text);
        cr_assert_eq(store_seal(s, &key, is_new, heads_path, &err, &warning), 0, "%s", err.text);
        cr_expect_eq(warning.code, 0, "%s", warning.text);
        return s;
}

static void put_change(struct store *s, unsigned n, enum change_kind kind, uint64_t count, usec now, unsigned record)
{
        struct hash128 id = id_of(record);
        struct str classes[] = { STR("login") };
        struct alert_change c = { .kind = kind, .id = id_of(n), .rule_id = STR("rule"), .rule_title = STR("A rule"), .classes = classes,
                                  .n_classes = 1, .sentence = STR("Somebody came in"), .person = STR("mia"), .source = STR("sshd"),
                                  .why = STR(""), .playbook = STR("Ask."), .first_seen = now, .last_seen = now, .count = count,
                                  .records = record ? &id : NULL, .n_records = record > 0 };
        struct evidence e = { .key = id, .time = now, .source = STR("sshd"), .file = STR("auth.log"), .id = STR(""), .index = record,
                              .fields = STR("{\"user.name\":\"mia\"}"), .raw = { "a\0b\xFF", 4 } };

        if (record == 105)
                e.sealed = STR("a box");
        if (kind == CHANGE_MERGE)
                c.merged_into = id_of(record);
        else if (record)
                cr_assert_eq(store_put_evidence(s, &e), 0);
        cr_assert_eq(store_put_change(s, &c, now), 0, "%s", store_error(s));
}

static void answer(struct store *s, unsigned n, const char *what, usec now)
{
        struct answer a = { .alert = id_of(n), .at = now, .what = str_of(what), .note = STR("it was \xFF me"), .by = { 1000, STR("mia") } };

        cr_assert_eq(store_put_answer(s, &a), 0, "%s", store_error(s));
}

/* A few alerts, and what became of them: each call of `put` one transaction. */
static void fill(struct store *s)
{
        struct silence silence = { .rule = STR("rule"), .who = STR(""), .source = STR(""), .since = 7, .until = 100, .reason = STR("why not"),
                                   .by = { 0, STR("root") } };
        struct who by = { 0, STR("root") };
        int64_t id = 0;

        for (int step = 0; step < 10; step++) {
                usec now = step * 40 * USEC_PER_MINUTE;

                cr_assert_eq(store_begin(s), 0);
                switch (step) {
                case 0: put_change(s, 1, CHANGE_RAISE, 1, now, 101); break;
                case 1: put_change(s, 2, CHANGE_RAISE, 1, now, 102); break;
                case 2: put_change(s, 1, CHANGE_GROW, 2, now, 103); break;
                case 3: put_change(s, 1, CHANGE_GROW, 3, now, 104); break; /* evidence only */
                case 4: put_change(s, 1, CHANGE_GROW, 2, now, 0); break; /* changed */
                case 5: put_change(s, 2, CHANGE_MERGE, 1, now, 1); break;
                case 6: answer(s, 1, "not-me", now); break;
                case 7: cr_assert_eq(store_put_silence(s, &silence, &id), 0); break;
                case 8: cr_assert_eq(store_end_silence(s, id, 20, &by), 0); break;
                default: put_change(s, 3, CHANGE_RAISE, 1, now, 105);
                }
                cr_assert_eq(store_commit(s), 0);
        }
}
enum { ROWS = 10 };

/* ---- Verifying ---- */

struct findings {
        size_t n;
        struct strbuf text;
};

static int on_found(void *userdata, struct str text)
{
        struct findings *f = userdata;

        f->n++;
        strbuf_add(&f->text, text);
        strbuf_addc(&f->text, '\n');
        return 0;
}

static size_t read_heads(struct verify_head ret[16])
{
        FILE *file = fopen(heads_path, "re");
        char line[512];
        size_t n = 0;

        while (file && n < 16 && fgets(line, sizeof line, file)) {
                cr_assert_eq(chain_head_parse(str_from(line, strcspn(line, "\n")), &key, &ret[n].head), 0);
                ret[n++].from = "the file of heads";
        }
        if (file)
                fclose(file);
        return n;
}

static struct findings verify(const char *which, const struct secret *with, struct verify_result *ret)
{
        struct verify_head heads[16];
        struct findings f = { 0 };
        struct verify_options o = { .key = with, .heads = heads, .n_heads = read_heads(heads), .found = on_found, .userdata = &f };
        struct query *q = NULL;
        struct err err = { 0 };

        cr_assert_eq(query_open(which, &q, &err), 0, "%s", err.text);
        cr_assert_eq(query_verify(q, &o, ret), 0, "%s", query_error(q));
        query_close(q);
        cr_expect_eq(f.n, ret->found);
        return f;
}

/* A store like the one at `path`, with something done to it. */
static void tear(const char *sql)
{
        char command[1024], *error = NULL;
        sqlite3 *db = NULL;

        unlink(torn);
        cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
        snprintf(command, sizeof command, "VACUUM INTO '%s'", torn);
        cr_assert_eq(sqlite3_exec(db, command, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        cr_assert_eq(sqlite3_open(torn, &db), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db, "PRAGMA foreign_keys = OFF; DROP TRIGGER IF EXISTS alert_history_stays; DROP TRIGGER IF EXISTS alert_history_stays_so", NULL, NULL, NULL),
                     SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, &error), SQLITE_OK, "%s: %s", sql, error);
        sqlite3_close(db);
}

/* Something done is found, and said with these words. */
static void expect_found(const struct secret *with, const char *words, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void expect_found(const struct secret *with, const char *words, const char *fmt, ...)
{
        CLEANUP(strbuf_done) struct strbuf sql = STRBUF_INIT;
        struct verify_result result;
        struct findings f;
        va_list ap;

        va_start(ap, fmt);
        strbuf_vaddf(&sql, fmt, ap);
        va_end(ap);
        tear(sql.p);
        f = verify(torn, with, &result);
        cr_expect_gt(f.n, 0, "not found: %s", sql.p);
        cr_expect_not_null(strstr(f.text.p ? f.text.p : "", words), "%s\nshould say: %s\nsays: %s", sql.p, words, f.text.p);
        strbuf_done(&f.text);
}

static void expect_sound(const char *which, const struct secret *with, uint64_t rows)
{
        struct verify_result result;
        struct findings f = verify(which, with, &result);

        cr_expect_eq(f.n, 0, "%s", f.text.p);
        cr_expect_eq(result.rows, rows);
        cr_expect_eq(result.sealed, with ? rows : 0);
        strbuf_done(&f.text);
}

static void make(void)
{
        struct store *s = open_sealed();

        fill(s);
        store_close(s);
}

Test(chain, a_sound_store_is_sound)
{
        struct verify_result result;
        struct findings f;

        make();
        expect_sound(path, &key, ROWS);
        expect_sound(path, NULL, ROWS);
        tear("SELECT 1");
        expect_sound(torn, &key, ROWS);
        f = verify(path, &key, &result);
        cr_expect_eq(result.first, 0);
        cr_expect_eq(result.last, 9 * 40 * USEC_PER_MINUTE);
        cr_expect_eq(result.head.seq, ROWS);
        cr_expect_eq(result.things[COVERED_ANSWER], 1);
        cr_expect_eq(result.things[COVERED_SILENCE], 1);
        cr_expect_eq(result.things[COVERED_ALERT], 3);
        cr_expect_eq(result.things[COVERED_TOLD], 3);
        cr_expect_eq(result.things[COVERED_RECORD], 5);
        cr_expect_eq(result.things[COVERED_RAW], 5);
        cr_expect_eq(result.things[COVERED_SEALED], 1);
        strbuf_done(&f.text);
}

Test(chain, it_goes_on_after_a_start_and_after_a_rollback)
{
        struct store *s;

        make();
        s = open_sealed();
        store_begin(s);
        put_change(s, 7, CHANGE_RAISE, 1, 1, 0);
        store_rollback(s);
        store_begin(s);
        put_change(s, 8, CHANGE_RAISE, 1, 1, 0);
        cr_assert_eq(store_commit(s), 0);
        store_close(s);
        expect_sound(path, &key, ROWS + 1);
}

Test(chain, an_edited_row_is_named)
{
        static const char *const columns[] = { "alert", "what", "text", "covers", "previous" };
        char words[96];

        make();
        for (int row = 1; row <= ROWS; row++) {
                snprintf(words, sizeof words, "row %d (", row);
                for (size_t i = 0; i < ARRAY_LEN(columns); i++)
                        expect_found(&key, words, "UPDATE alert_history SET %s = CASE WHEN '%s' = 'previous' THEN '%064d' ELSE %s || 'x' END WHERE seq = %d",
                                     columns[i], columns[i], 7, columns[i], row);
                expect_found(NULL, words, "UPDATE alert_history SET at = at + 1 WHERE seq = %d", row);
                expect_found(&key, words, "UPDATE alert_history SET hash = '%064d' WHERE seq = %d", 7, row);
                snprintf(words, sizeof words, "row %d bears no seal", row);
                expect_found(&key, words, "UPDATE alert_history SET seal = '%064d' WHERE seq = %d", 7, row);
        }
}

Test(chain, a_deleted_row_is_named)
{
        char words[96];

        make();
        for (int row = 1; row < ROWS; row++) {
                snprintf(words, sizeof words, "row %d is missing", row);
                expect_found(NULL, words, "DELETE FROM alert_history WHERE seq = %d", row);
                snprintf(words, sizeof words, row < ROWS - 1 ? "before them 1 row was taken out" : "row %d stands at the wrong place", row);
                expect_found(NULL, words,
                             "DELETE FROM alert_history WHERE seq = %d; UPDATE alert_history SET seq = -seq WHERE seq > %d; "
                             "UPDATE alert_history SET seq = -seq - 1 WHERE seq < 0",
                             row, row);
        }
        expect_found(NULL, "rows 2 to 4 are missing", "DELETE FROM alert_history WHERE seq BETWEEN 2 AND 4");
        expect_found(NULL, "rows 1 to 10 are missing", "DELETE FROM alert_history");
}

Test(chain, rows_in_another_order_are_named)
{
        char words[96];

        make();
        for (int a = 1; a <= ROWS; a++)
                for (int b = a + 1; b <= ROWS; b++) {
                        snprintf(words, sizeof words, "row %d stands at the wrong place: it is row %d", a, b);
                        if (b == a + 1)
                                snprintf(words, sizeof words, "it is row %d", a);
                        expect_found(NULL, words,
                                     "UPDATE alert_history SET seq = -1 WHERE seq = %d; UPDATE alert_history SET seq = %d WHERE seq = %d; "
                                     "UPDATE alert_history SET seq = %d WHERE seq = -1",
                                     a, a, b, b);
                }
}

Test(chain, a_cut_tail_is_named)
{
        char words[96];

        make();
        for (int row = 1; row <= ROWS; row++) {
                snprintf(words, sizeof words, "rows %d to %d are missing", row, ROWS);
                expect_found(NULL, words, "DELETE FROM alert_history WHERE seq >= %d", row);
        }
}

/* Whoever knows how hashes are made, but not the secret. */
Test(chain, a_row_put_in_is_named)
{
        char words[96], previous[DIGEST_HEX_BYTES], hash[DIGEST_HEX_BYTES];
        struct chain_head head;
        struct chain_row row = { .at = 5, .alert = STR(""), .what = STR("rang"), .text = STR("x"), .covers = STR("") };
        struct digest d;
        struct store *s = open_sealed();

        fill(s);
        cr_assert_eq(store_head(s, &head), 0);
        store_close(s);
        for (int after = 0; after < ROWS; after++) {
                snprintf(words, sizeof words, after < ROWS - 1 ? "before them 1 row was put in" : "it is row %d", after + 1);
                expect_found(NULL, words,
                             "UPDATE alert_history SET seq = -seq WHERE seq > %d; UPDATE alert_history SET seq = -seq + 1 WHERE seq < 0; "
                             "INSERT INTO alert_history VALUES (%d, '', 5, 'rang', 'x', '', '%064d', '%064d', '')",
                             after, after + 1, 0, 7);
        }
        row.seq = ROWS + 1;
        row.previous = head.hash;
        cr_assert_eq(chain_hash(&row, &d), 0);
        digest_hex(&head.hash, previous);
        digest_hex(&d, hash);
        expect_found(&key, "row 11 bears no seal of this store's key", "INSERT INTO alert_history VALUES (11, '', 5, 'rang', 'x', '', '%s', '%s', '%s')",
                     previous, hash, hash);
        expect_found(NULL, "row 0 stands before the first", "INSERT INTO alert_history VALUES (0, '', 5, 'rang', 'x', '', '%s', '%s', '')", previous, hash);
}

Test(chain, what_rows_speak_of_is_held_against_them)
{
        make();
        expect_found(NULL, "answer 1 was edited: it is not what row 7 says", "UPDATE alert_answer SET what = 'me'");
        expect_found(NULL, "answer 1 was edited", "UPDATE alert_answer SET note = 'it was \xC3\xBE me'");
        expect_found(NULL, "answer 1 is gone: row 7 speaks of it", "DELETE FROM alert_answer");
        expect_found(NULL, "answer 2: no row of the history speaks of it", "INSERT INTO alert_answer SELECT 2, alert, at, 'me', note, uid, user, with_alert FROM alert_answer");
        expect_found(NULL, "silence 1 was edited: it is not what row 9 says", "UPDATE silence SET reason = 'the audit'");
        expect_found(NULL, "silence 1 was edited", "UPDATE silence SET ended_user = 'mia'");
        expect_found(NULL, "silence 1 was edited", "UPDATE silence SET ended_at = NULL");
        expect_found(NULL, "silence 1 is gone", "DELETE FROM silence");
        expect_found(NULL, "silence 2: no row of the history speaks of it",
                     "INSERT INTO silence SELECT 2, rule, who, source, level, since, until, reason, uid, user, NULL, NULL, NULL FROM silence");
        expect_found(NULL, "text of alert", "UPDATE alert SET level = 2 WHERE count = 1");
        expect_found(NULL, "text of alert", "UPDATE alert SET person = 'bo'");
        expect_found(NULL, "rule of alert", "UPDATE alert SET rule_title = 'Nothing'");
        expect_found(NULL, "text of alert", "UPDATE alert SET count = count - 1 WHERE count > 1");
        expect_found(NULL, "text of alert", "UPDATE alert SET sentence = 'nothing to see', level = 0, count = 1000 WHERE count = 1");
        expect_found(NULL, "text of alert", "UPDATE alert SET person = 'bo', count = 4 WHERE count > 1");
        expect_found(NULL, "says that it is withdrawn; row 10 says open",
                     "UPDATE alert SET state = 'withdrawn' WHERE id = (SELECT alert FROM alert_history WHERE seq = 10)");
        expect_found(NULL, "says that it is open; row 6 says merged", "UPDATE alert SET state = 'open', merged_into = '' WHERE state = 'merged'");
        expect_found(NULL, "is gone: row 10 speaks of it", "DELETE FROM alert WHERE id = (SELECT alert FROM alert_history WHERE seq = 10)");
        expect_found(NULL, "record", "UPDATE record SET fields = '{}' WHERE idx = 103");
        expect_found(NULL, "bytes of record", "UPDATE record SET raw = x'' WHERE idx = 103");
        expect_found(NULL, "box of record", "UPDATE record SET sealed = x'00' WHERE idx = 105");
        expect_found(NULL, "box of record", "UPDATE record SET sealed = x'' WHERE idx = 105");
        expect_found(NULL, "box of record", "UPDATE record SET sealed = x'00' WHERE idx = 103");
        expect_found(NULL, "record", "DELETE FROM record WHERE idx = 103; DELETE FROM alert_record WHERE record NOT IN (SELECT record FROM record)");
        expect_found(NULL, "record", "DELETE FROM alert_record WHERE record = (SELECT record FROM record WHERE idx = 103)");
        expect_found(NULL, "says that somebody answered closed; nobody did", "INSERT INTO alert_quiet (alert, person, answer) SELECT id, '', 'closed' FROM alert");
}

/* Until its count doubles, no row says what a growing alert is told as. */
Test(chain, an_alert_grows_between_rows)
{
        struct verify_result result;
        struct findings f;
        struct store *s = open_sealed();

        for (unsigned n = 1; n <= 9; n++) {
                store_begin(s);
                put_change(s, 1, n == 1 ? CHANGE_RAISE : CHANGE_GROW, n, n, 0);
                cr_assert_eq(store_commit(s), 0);
                f = verify(path, &key, &result);
                cr_expect_eq(f.n, 0, "%u: %s", n, f.text.p);
                cr_expect_eq(result.grown, (n & (n - 1)) != 0, "%u", n);
                strbuf_done(&f.text);
        }
        store_close(s);
}

Test(chain, heads_know_a_history_that_was_written_anew)
{
        char saved[64];
        struct store *s;

        make();
        snprintf(saved, sizeof saved, "%s/saved", dir);
        cr_assert_eq(rename(path, torn), 0);
        cr_assert_eq(rename(heads_path, saved), 0);
        s = open_sealed();
        store_begin(s);
        for (unsigned i = 0; i < ROWS + 3; i++)
                put_change(s, 50 + i, CHANGE_RAISE, 1, 1, 0);
        store_commit(s);
        store_close(s);
        expect_sound(path, &key, ROWS + 3);
        cr_assert_eq(rename(saved, heads_path), 0);
        expect_found(&key, "is not the one that was the head at 1970-01-01T00:00:00Z, says the file of heads", "SELECT 1");
}

Test(chain, a_start_on_a_shorter_store_is_warned_of)
{
        struct store *s = NULL;
        struct err err = { 0 }, warning = { 0 };

        make();
        tear("DELETE FROM alert_history WHERE seq > 8");
        cr_assert_eq(store_open(torn, &s, &err), 0);
        cr_assert_eq(store_seal(s, &key, false, heads_path, &err, &warning), 0);
        cr_expect_not_null(strstr(warning.text, "lacks row 10"), "%s", warning.text);
        store_begin(s);
        for (unsigned i = 0; i < 4; i++)
                put_change(s, 60 + i, CHANGE_RAISE, 1, 10 * USEC_PER_HOUR, 0);
        store_commit(s);
        store_close(s);
        rename(torn, path);
        expect_found(&key, "row 9 is not the one that was the head", "SELECT 1");
}

Test(chain, one_head_a_transaction)
{
        struct verify_head heads[16];
        struct stat st;
        struct store *s;

        make();
        cr_assert_eq(read_heads(heads), ROWS);
        for (size_t i = 0; i < ROWS; i++)
                cr_expect_eq(heads[i].head.seq, i + 1);
        s = open_sealed(); /* nothing new: nothing to write */
        store_close(s);
        cr_assert_eq(read_heads(heads), ROWS);
        cr_assert_eq(truncate(heads_path, ROWS * CHAIN_HEAD_LINE_BYTES - 7), 0); /* torn: the line before it is the last then */
        s = open_sealed();
        store_close(s);
        cr_assert_eq(stat(heads_path, &st), 0);
        cr_expect_eq(st.st_size, ROWS * CHAIN_HEAD_LINE_BYTES);
        expect_sound(path, &key, ROWS);
}

/* The store's descriptor of a file. */
static int fd_of(const char *name)
{
        struct stat wanted, st;
        int fd = 3;

        cr_assert_eq(stat(name, &wanted), 0);
        while (fstat(fd, &st) < 0 || st.st_ino != wanted.st_ino || st.st_dev != wanted.st_dev)
                cr_assert_lt(++fd, 256);
        return fd;
}

/* A head that could not be written is owed still when the next transaction came to nothing. */
Test(chain, a_head_that_was_not_written_comes_later)
{
        struct verify_head heads[16];
        int fd, kept, full;
        struct store *s;

        make();
        s = open_sealed();
        fd = fd_of(heads_path);
        kept = dup(fd);
        full = open("/dev/full", O_RDWR | O_CLOEXEC);
        cr_assert(kept >= 0 && full >= 0 && dup2(full, fd) == fd);
        store_begin(s);
        put_change(s, 20, CHANGE_RAISE, 1, 1, 0);
        cr_assert_eq(store_commit(s), 0);
        cr_expect_eq(store_heads_error(s), -ENOSPC);
        cr_assert_eq(dup2(kept, fd), fd);
        store_begin(s);
        put_change(s, 30, CHANGE_RAISE, 1, 1, 0);
        store_rollback(s);
        cr_expect_eq(read_heads(heads), ROWS);
        store_begin(s); /* adds no row */
        cr_assert_eq(store_commit(s), 0);
        cr_expect_eq(store_heads_error(s), 0);
        cr_assert_eq(read_heads(heads), ROWS + 1);
        cr_expect_eq(heads[ROWS].head.seq, ROWS + 1);
        store_close(s);
        close(kept);
        close(full);
        expect_sound(path, &key, ROWS + 1);
}

/* The other one has records enough: what is left behind may go, and only that. */
Test(chain, a_record_that_a_merge_leaves_out)
{
        struct store *s = open_sealed();

        store_begin(s);
        for (unsigned i = 0; i < ALERT_EVIDENCE_MAX; i++)
                put_change(s, 1, i ? CHANGE_GROW : CHANGE_RAISE, i + 1, 5, 200 + i);
        put_change(s, 2, CHANGE_RAISE, 1, 5, 300);
        put_change(s, 2, CHANGE_MERGE, 1, 6, 1);
        cr_assert_eq(store_purge_evidence(s, 100, 0, NULL), 0);
        cr_assert_eq(store_commit(s), 0);
        store_close(s);
        expect_sound(path, &key, ALERT_EVIDENCE_MAX + 2);
        expect_found(NULL, "is gone", "DELETE FROM alert_record WHERE record = (SELECT record FROM record WHERE idx = 207)");
}

/* ---- Older stores ---- */

Test(chain, an_older_store_is_chained_as_it_is)
{
        struct err err = { 0 }, warning = { 0 };
        struct store *s = NULL;
        sqlite3 *db = NULL;

        make();
        cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db,
                                  "CREATE TABLE h (seq INTEGER PRIMARY KEY, alert TEXT NOT NULL REFERENCES alert (id), at INTEGER NOT NULL, what TEXT "
                                  "NOT NULL, text TEXT NOT NULL) STRICT; INSERT INTO h SELECT seq, alert, at, what, text FROM alert_history WHERE "
                                  "alert <> ''; DROP TABLE alert_history; ALTER TABLE h RENAME TO alert_history; CREATE INDEX alert_history_alert "
                                  "ON alert_history (alert, seq); PRAGMA user_version = 9",
                                  NULL, NULL, NULL),
                     SQLITE_OK, "%s", sqlite3_errmsg(db));
        sqlite3_close(db);
        unlink(heads_path);
        cr_assert_eq(store_open(path, &s, &err), 0, "%s", err.text);
        cr_assert_eq(store_seal(s, &key, false, heads_path, &err, &warning), 0, "%s", err.text);
        store_begin(s);
        put_change(s, 9, CHANGE_RAISE, 1, 1, 109);
        store_commit(s);
        store_close(s);
        expect_sound(path, &key, 8 + 3 + 1 + 1 + 1);
        expect_found(NULL, "answer 1 was edited", "UPDATE alert_answer SET what = 'me'");
        expect_found(NULL, "silence 1 was edited", "UPDATE silence SET level = 1");
        expect_found(NULL, "record", "UPDATE record SET raw = x'00'");
}

/* ---- What goes with its age ---- */

static int64_t number(const char *sql)
{
        sqlite3 *db = NULL;
        sqlite3_stmt *q = NULL;
        int64_t n;

        cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
        cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
        cr_assert_eq(sqlite3_step(q), SQLITE_ROW);
        n = sqlite3_column_int64(q, 0);
        sqlite3_finalize(q);
        sqlite3_close(db);
        return n;
}

static void set_answer(struct store *s, unsigned n, const char *what, usec now)
{
        struct quiet_state state = { .person = STR("mia"), .rang_at = now, .answer = str_of(what) };
        struct hash128 id = id_of(n);

        answer(s, n, what, now);
        cr_assert_eq(store_quiet_put(s, &id, &state), 0);
}

static struct retired retire(struct store *s, usec now)
{
        const struct retention keep = { 10 * USEC_PER_DAY, 100 * USEC_PER_DAY };
        struct retired gone = { 0 };

        cr_assert_eq(store_begin(s), 0);
        cr_assert_eq(store_retire(s, &keep, now, &gone), 0, "%s", store_error(s));
        cr_assert_eq(store_commit(s), 0);
        cr_assert_eq(store_retired(s), 0);
        return gone;
}

static void say_case(struct store *s, int64_t id, const char *kind, const char *of, usec at)
{
        struct store_case_entry e = { .case_id = id, .at = at, .kind = str_of(kind), .key = str_of(of), .value = STR(""), .status = STR(""),
                                      .evidence = STR(""), .because = STR(""), .by = STR("mei"), .who = { 1000, STR("mia") } };

        store_begin(s);
        cr_assert_eq(id == 0 ? store_case_open(s, &e, CASE_CLEAR) : store_case_put(s, &e, CASE_CLEAR), 0, "%s", store_error(s));
        store_commit(s);
}

/* What an open case holds stays, and goes on to go when it is closed. */
Test(chain, a_case_holds_what_is_old)
{
        const usec day = USEC_PER_DAY;
        struct store *s = open_sealed();
        struct hash128 id = id_of(3);
        char hex[HASH128_HEX_BYTES], range[64];

        store_begin(s);
        put_change(s, 1, CHANGE_RAISE, 1, 1 * day, 101);
        put_change(s, 2, CHANGE_RAISE, 1, 1 * day, 102); /* merged into the first: stays with it */
        put_change(s, 2, CHANGE_MERGE, 1, 1 * day, 1);
        put_change(s, 3, CHANGE_RAISE, 1, 1 * day, 103);
        cr_assert_eq(store_commit(s), 0);
        hash128_hex(&id, hex);
        say_case(s, 0, "opened", "", 2 * day);
        say_case(s, 1, "alert", hex, 2 * day);
        cr_expect_eq(retire(s, 20 * day).records, 2, "101 and 102 are not of the case");
        cr_expect_eq(number("SELECT length(raw) > 0 FROM record WHERE idx = 103"), 1, "the case's own");
        snprintf(range, sizeof range, "0 %lld", (long long)(2 * day));
        say_case(s, 1, "hold", range, 3 * day);
        cr_expect_eq(retire(s, 120 * day).alerts, 0, "all of that time");
        cr_expect_eq(number("SELECT count(*) FROM alert"), 3);
        say_case(s, 1, "closed", "", 121 * day);
        say_case(s, 1, "reopened", "", 122 * day);
        cr_expect_eq(retire(s, 123 * day).alerts, 0);
        say_case(s, 1, "closed", "", 124 * day);
        cr_expect_eq(retire(s, 125 * day).alerts, 3);
        cr_expect_eq(number("SELECT count(*) FROM record"), 0);
        store_close(s);
}

/* Beside alerts: raws that could not be read, and records that wait to become evidence. */
Test(chain, a_case_holds_what_is_of_no_alert)
{
        struct store *s = open_sealed();

        say_case(s, 0, "opened", "", 50);
        say_case(s, 1, "hold", "0 200", 100);
        store_begin(s);
        for (unsigned i = 0; i < 2; i++) {
                struct evidence e = { .key = id_of(i), .time = 100 + i * 200, .source = STR("sshd"), .file = STR("auth.log"), .id = STR(""), .index = i,
                                      .fields = STR("{}"), .raw = STR("x") };

                cr_assert_eq(store_put_evidence(s, &e), 0);
        }
        for (unsigned i = 0; i < STORE_REJECTS_MAX * 2; i++)
                cr_assert_eq(store_put_reject(s, STR("f"), i, STR("bad"), STR("x"), i < 10 ? 99 : 101), 0);
        cr_assert_eq(store_purge_evidence(s, INT64_MAX, 10, NULL), 0, "%s", store_error(s));
        store_commit(s);
        cr_expect_eq(number("SELECT count(*) FROM reject WHERE at = 99"), 10);
        cr_expect_leq(number("SELECT count(*) FROM reject"), STORE_REJECTS_MAX + 10 + STORE_REJECTS_MAX / 10);
        cr_expect_eq(number("SELECT max(idx) FROM record"), 0, "the other one lies behind it");
        store_close(s);
}

Test(chain, what_is_old_goes_and_the_chain_stays_sound)
{
        const usec day = USEC_PER_DAY;
        struct store *s = open_sealed();
        struct retired gone;

        store_begin(s);
        put_change(s, 1, CHANGE_RAISE, 1, 1 * day, 101); /* nothing more comes of it */
        put_change(s, 2, CHANGE_RAISE, 1, 1 * day, 102); /* not me: stays */
        set_answer(s, 2, "not-me", 1 * day);
        put_change(s, 3, CHANGE_RAISE, 1, 1 * day, 103); /* me: what it teaches stays */
        set_answer(s, 3, "me", 1 * day);
        put_change(s, 4, CHANGE_RAISE, 1, 1 * day, 104); /* something happened to it later */
        put_change(s, 4, CHANGE_GROW, 2, 15 * day, 0);
        put_change(s, 5, CHANGE_RAISE, 1, 1 * day, 105); /* merged into one that is older, later */
        put_change(s, 6, CHANGE_RAISE, 1, 1 * day, 106);
        put_change(s, 6, CHANGE_MERGE, 1, 15 * day, 5);
        put_change(s, 7, CHANGE_RAISE, 1, 15 * day, 101); /* the record of another one, too */
        cr_assert_eq(store_commit(s), 0);

        gone = retire(s, 20 * day);
        cr_expect_eq(gone.records, 1, "of 103 the bytes; 101 is of a young alert, too");
        cr_expect_eq(gone.alerts, 0);
        expect_sound(path, &key, 11 + 1);
        cr_expect_eq(number("SELECT length(raw) = 0 AND fields <> '{}' FROM record WHERE idx = 103"), 1);
        cr_expect_eq(number("SELECT count(*) FROM alert_history WHERE what = 'purged' AND text LIKE '1 bodies of records, of alerts%'"), 1);
        expect_found(NULL, "bytes of record", "UPDATE record SET raw = x'' WHERE idx = 104");
        expect_found(NULL, "record", "UPDATE record SET fields = '{}' WHERE idx = 101");
        expect_found(NULL, "record", "UPDATE record SET fields = '{\"a\":1}' WHERE idx = 103");

        gone = retire(s, 30 * day);
        cr_expect_eq(gone.records, 4, "101 104 105 106");
        cr_expect_eq(number("SELECT count(*) FROM record WHERE raw = x'' AND sealed = x''"), 5);
        cr_expect_eq(number("SELECT length(raw) FROM record WHERE idx = 102"), 4, "not me");
        expect_sound(path, &key, 11 + 2);
        cr_expect_eq(retire(s, 31 * day).records, 0, "once");
        expect_sound(path, &key, 11 + 2);

        gone = retire(s, 120 * day);
        cr_expect_eq(gone.alerts, 6);
        cr_expect_eq(number("SELECT count(*) FROM alert"), 1, "not me");
        cr_expect_eq(number("SELECT count(*) FROM record"), 1);
        cr_expect_eq(number("SELECT count(*) FROM alert_answer"), 1);
        cr_expect_eq(number("SELECT (SELECT count(*) FROM alert_quiet) + (SELECT count(*) FROM alert_record) + (SELECT count(*) FROM alert_involved)"), 2);
        expect_sound(path, &key, 11 + 3);
        expect_found(NULL, "is gone", "DELETE FROM alert_answer");
        expect_found(NULL, "no row of the history speaks of it", "INSERT INTO alert_answer SELECT 99, alert, at, what, note, uid, user, '' FROM alert_answer");
        expect_found(NULL, "row 14 (purged", "UPDATE alert_history SET covers = 'purged alerts 99999999999999999' WHERE seq = 14");
        store_close(s);
}

/* A merged alert goes when it is old itself; its records are of the other one now, which counts those merged into it. */
Test(chain, a_merged_alert_goes_before_the_other_one)
{
        const usec day = USEC_PER_DAY;
        struct store *s = open_sealed();

        store_begin(s);
        put_change(s, 1, CHANGE_RAISE, 1, 1 * day, 101);
        put_change(s, 2, CHANGE_RAISE, 1, 1 * day, 102);
        put_change(s, 1, CHANGE_MERGE, 1, 2 * day, 2);
        put_change(s, 2, CHANGE_GROW, 2, 90 * day, 103);
        put_change(s, 3, CHANGE_RAISE, 1, 1 * day, 104);
        put_change(s, 4, CHANGE_RAISE, 1, 95 * day, 105);
        put_change(s, 4, CHANGE_MERGE, 1, 96 * day, 3);
        cr_assert_eq(store_commit(s), 0);
        cr_expect_eq(retire(s, 101 * day).records, 3, "101 102 103");
        cr_expect_eq(retire(s, 110 * day).alerts, 1);
        expect_sound(path, &key, 7 + 3);
        expect_found(NULL, "is gone", "DELETE FROM alert WHERE state = 'open'");
        expect_found(NULL, "record", "UPDATE record SET fields = '{}x' WHERE idx = 102");
        store_close(s);
}

Test(chain, an_alert_is_as_young_as_those_merged_into_it)
{
        const usec day = USEC_PER_DAY;
        struct store *s = open_sealed();

        store_begin(s);
        put_change(s, 1, CHANGE_RAISE, 1, 1 * day, 101);
        put_change(s, 2, CHANGE_RAISE, 1, 15 * day, 102);
        put_change(s, 2, CHANGE_MERGE, 1, 15 * day, 1);
        put_change(s, 3, CHANGE_RAISE, 1, 1 * day, 103);
        cr_assert_eq(store_commit(s), 0);
        cr_expect_eq(retire(s, 20 * day).records, 1, "103");
        expect_sound(path, &key, 4 + 1);
        expect_found(NULL, "record", "UPDATE record SET fields = '{}' WHERE idx = 101");
        expect_found(NULL, "bytes of record", "UPDATE record SET raw = x'' WHERE idx = 102");
        store_close(s);
}

Test(chain, not_me_is_kept_across_a_merge)
{
        const usec day = USEC_PER_DAY;
        struct store *s = open_sealed();

        store_begin(s);
        put_change(s, 1, CHANGE_RAISE, 1, 1 * day, 101);
        put_change(s, 2, CHANGE_RAISE, 1, 1 * day, 102);
        set_answer(s, 1, "not-me", 1 * day);
        put_change(s, 1, CHANGE_MERGE, 1, 2 * day, 2);
        cr_assert_eq(store_commit(s), 0);
        for (unsigned i = 110; i < 114; i++) {
                struct retired gone = retire(s, i * day);

                cr_expect_eq(gone.records + gone.alerts, 0, "day %u: %d %d", i, (int)gone.records, (int)gone.alerts);
        }
        expect_sound(path, &key, 4);
        store_close(s);
}

/* As stores of before have them: the alert is gone that another one was merged into. */
Test(chain, what_is_gone_does_not_go_again)
{
        const usec day = USEC_PER_DAY;
        struct store *s = open_sealed();

        store_begin(s);
        put_change(s, 1, CHANGE_RAISE, 1, 1 * day, 0);
        set_answer(s, 1, "not-me", 1 * day);
        put_change(s, 1, CHANGE_MERGE, 1, 2 * day, 2);
        cr_assert_eq(store_commit(s), 0);
        cr_expect_eq(retire(s, 110 * day).alerts, 0);
        cr_expect_eq(number("SELECT count(*) FROM alert_history WHERE what = 'purged'"), 0);
        store_close(s);
}

Test(chain, what_went_before_more_was_kept)
{
        const struct retention longer = { 50 * USEC_PER_DAY, 100 * USEC_PER_DAY };
        const usec day = USEC_PER_DAY;
        struct store *s = open_sealed();
        struct retired gone = { 0 };

        store_begin(s);
        put_change(s, 1, CHANGE_RAISE, 1, 1 * day, 101);
        put_change(s, 2, CHANGE_RAISE, 1, 20 * day, 102);
        cr_assert_eq(store_commit(s), 0);
        cr_expect_eq(retire(s, 31 * day).records, 2);
        store_begin(s);
        put_change(s, 3, CHANGE_RAISE, 1, 10 * day, 103);
        cr_assert_eq(store_retire(s, &longer, 61 * day, &gone), 0);
        cr_assert_eq(store_commit(s), 0);
        cr_expect_eq(gone.records, 1);
        expect_sound(path, &key, 5);
        store_close(s);
}

/* One of two alerts loses a record when it is merged: the other one says when that may go. */
Test(chain, a_record_goes_with_the_alert_that_still_has_it)
{
        const usec day = USEC_PER_DAY;
        struct store *s = open_sealed();

        store_begin(s);
        put_change(s, 3, CHANGE_RAISE, 1, 1 * day, 5000);
        put_change(s, 4, CHANGE_RAISE, 1, 1 * day, 5000); /* merged into 1, which is the last to cover it */
        put_change(s, 1, CHANGE_RAISE, 1, 1 * day, 5001);
        put_change(s, 4, CHANGE_MERGE, 1, 1 * day, 1);
        for (unsigned i = 1; i <= ALERT_EVIDENCE_MAX; i++)
                put_change(s, 2, i == 1 ? CHANGE_RAISE : CHANGE_GROW, i, 1 * day, i);
        put_change(s, 1, CHANGE_MERGE, 1, 2 * day, 2); /* no room for 5000 */
        put_change(s, 2, CHANGE_RAISE, ALERT_EVIDENCE_MAX + 1, 19 * day, 0);
        cr_assert_eq(store_commit(s), 0);
        expect_found(NULL, "record", "UPDATE record SET fields = '{}' WHERE idx = 5000");
        cr_expect_eq(retire(s, 20 * day).records, 1);
        expect_sound(path, &key, ALERT_EVIDENCE_MAX + 7);
        expect_found(NULL, "record", "UPDATE record SET fields = '{}' WHERE idx = 7");
        store_begin(s);
        put_change(s, 2, CHANGE_RAISE, ALERT_EVIDENCE_MAX + 2, 90 * day, 0);
        cr_assert_eq(store_commit(s), 0);
        cr_expect_eq(retire(s, 105 * day).alerts, 3, "with 5000");
        cr_expect_eq(number("SELECT count(*) FROM record WHERE idx = 5000"), 0);
        expect_sound(path, &key, ALERT_EVIDENCE_MAX + 10);
        store_close(s);
}

/* Whoever takes a record from the young one of its alerts cannot let it go with the old one. */
Test(chain, a_record_is_as_young_as_each_of_its_alerts)
{
        const usec day = USEC_PER_DAY;
        struct store *s = open_sealed();

        store_begin(s);
        put_change(s, 1, CHANGE_RAISE, 1, 15 * day, 101);
        put_change(s, 2, CHANGE_RAISE, 1, 1 * day, 102);
        put_change(s, 2, CHANGE_GROW, 2, 2 * day, 101);
        cr_assert_eq(store_commit(s), 0);
        cr_expect_eq(retire(s, 20 * day).records, 1);
        expect_sound(path, &key, 4);
        expect_found(NULL, "record", "UPDATE record SET fields = '{}' WHERE idx = 101");
        expect_found(NULL, "bytes of record",
                     "UPDATE record SET raw = x'' WHERE idx = 101; DELETE FROM alert_record WHERE alert IN (SELECT alert FROM alert_history WHERE "
                     "seq = 1)");
        cr_expect_eq(retire(s, 105 * day).alerts, 1);
        expect_found(NULL, "record", "DELETE FROM alert_record WHERE record IN (SELECT record FROM record WHERE idx = 101); DELETE FROM record WHERE idx = 101");
        store_close(s);
}

Test(chain, what_went_is_not_in_the_files)
{
        struct evidence e = { .key = id_of(7), .time = 1, .source = STR("sshd"), .file = STR("f"), .id = STR(""), .fields = STR("{\"x\":\"clear-name-1\"}") };
        struct hash128 id = id_of(7);
        char raw[9000];
        struct alert_change c = { .kind = CHANGE_RAISE, .id = id_of(1), .rule_id = STR("r"), .rule_title = STR("r"), .sentence = STR("s"), .count = 1,
                                  .records = &id, .n_records = 1 };
        struct store *s = open_sealed();
        const char *const files[] = { "", "-wal" };

        memset(raw, 'x', sizeof raw);
        memcpy(raw + 5000, "clear-name-2", 12);
        e.raw = str_from(raw, sizeof raw);
        store_begin(s);
        cr_assert_eq(store_put_evidence(s, &e), 0);
        cr_assert_eq(store_put_change(s, &c, 1), 0);
        store_commit(s);
        cr_expect_eq(retire(s, 20 * USEC_PER_DAY).records, 1);
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                CLEANUP(strbuf_done) struct strbuf bytes = STRBUF_INIT;
                char name[80], part[4096];
                size_t n;
                FILE *file;

                snprintf(name, sizeof name, "%s%s", path, files[i]);
                file = fopen(name, "re");
                while (file && (n = fread(part, 1, sizeof part, file)) > 0)
                        strbuf_add(&bytes, str_from(part, n));
                if (file)
                        fclose(file);
                cr_expect_eq(str_find(strbuf_str(&bytes), STR("clear-name-")), SIZE_MAX, "%s", name);
        }
        store_close(s);
}

/* ---- Copies ---- */

static int put_line(void *userdata, struct str line)
{
        return fprintf(userdata, STR_FMT "\n", STR_ARG(line)) > 0 ? 0 : -1;
}

static void copy(bool is_whole, bool with_records, const char *who)
{
        struct query_filter f = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = is_whole, .limit = is_whole ? 0 : 1 };
        FILE *file = fopen(copy_path, "we");
        struct copy_options o = { .is_whole = is_whole, .with_records = with_records, .at = 77, .line = put_line, .userdata = file };
        struct chain_head head;
        struct query *q = NULL;
        struct err err = { 0 };

        f.who = str_of(who);
        cr_assert_not_null(file);
        cr_assert_eq(query_open(path, &q, &err), 0);
        cr_assert_eq(query_copy(q, &f, &o, &head), 0, "%s", query_error(q));
        cr_expect_eq(head.seq, ROWS);
        query_close(q);
        fclose(file);
}

static struct findings verify_copy(struct verify_result *ret)
{
        struct verify_head head;
        struct findings f = { 0 };
        struct verify_options o = { .key = &key, .heads = &head, .n_heads = 1, .found = on_found, .userdata = &f };
        struct query *q = NULL;
        struct err err = { 0 };

        if (query_open_copy(copy_path, &q, &head, &err) < 0) { /* what is no copy any more is refused */
                strbuf_addz(&f.text, err.text);
                f.n = 1;
                return f;
        }
        cr_assert_eq(query_verify(q, &o, ret), 0, "%s", query_error(q));
        query_close(q);
        return f;
}

Test(chain, copies_are_verified_alike)
{
        static const struct {
                bool is_whole, with_records;
        } cases[] = { { true, true }, { true, false }, { false, true }, { false, false } };
        struct verify_result result;

        make();
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct findings f;

                copy(cases[i].is_whole, cases[i].with_records, NULL);
                f = verify_copy(&result);
                cr_expect_eq(f.n, 0, "%zu: %s", i, f.text.p);
                cr_expect_eq(result.rows, ROWS);
                cr_expect_eq(result.sealed, ROWS);
                cr_expect_eq(result.has_records, cases[i].with_records);
                cr_expect_eq(result.withheld > 0, !cases[i].is_whole);
                cr_expect_eq(result.things[COVERED_RAW], cases[i].with_records ? (cases[i].is_whole ? 5 : 1) : 0);
                strbuf_done(&f.text);
        }
}

/* Each line of a copy taken out, and each made another by one digit. */
Test(chain, a_copy_that_was_changed_is_found)
{
        CLEANUP(strbuf_done) struct strbuf whole = STRBUF_INIT;
        char line[8192];
        struct str rest, one;
        FILE *file;
        size_t n = 0;

        make();
        copy(true, true, NULL);
        file = fopen(copy_path, "re");
        while (fgets(line, sizeof line, file)) {
                strbuf_addz(&whole, line);
                n++;
        }
        fclose(file);
        cr_assert_gt(n, 20);
        for (size_t out = 1; out < n; out++)
                for (int how = 0; how < 2; how++) {
                        struct verify_result result;
                        struct findings f;
                        size_t i = 0;

                        file = fopen(copy_path, "we");
                        rest = strbuf_str(&whole);
                        while (str_cut(&rest, '\n', &one) && rest.p) {
                                char *text = str_dupz(one), *at = strrchr(text, '"');

                                if (i == out && how == 1)
                                        at[-1] = at[-1] == '1' ? '2' : '1';
                                if (i != out || how == 1)
                                        fprintf(file, "%s\n", text);
                                free(text);
                                i++;
                        }
                        fclose(file);
                        f = verify_copy(&result);
                        cr_expect_gt(f.n, 0, "line %zu, %s", out, how ? "changed" : "taken out");
                        strbuf_done(&f.text);
                }
}

/* ---- How fast ---- */

Test(chain, a_hundred_thousand_rows_are_sound)
{
        enum { MANY = 100000 };
        struct timespec from, to;
        struct store *s = open_sealed();
        struct hash128 id = id_of(1);

        store_begin(s);
        put_change(s, 1, CHANGE_RAISE, 1, 1, 0);
        for (int i = 1; i < MANY; i++)
                cr_assert_eq(store_history(s, &id, i, "rang", STR("what kept it quiet is over")), 0);
        store_commit(s);
        store_close(s);
        clock_gettime(CLOCK_MONOTONIC, &from);
        expect_sound(path, &key, MANY);
        clock_gettime(CLOCK_MONOTONIC, &to);
        cr_log_info("%d rows verified in %.0f ms", MANY, (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6);
        expect_found(&key, "row 50000 (rang", "UPDATE alert_history SET text = 'x' WHERE seq = 50000");
}
