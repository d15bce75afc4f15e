/* SPDX-License-Identifier: Apache-2.0 */

/* What people order of cases: what is taken, what is refused and with which words, what alerts fill in, what is sealed. */

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/cases/order.h"
#include "monitor/store/chain.h"
#include "monitor/store/verify.h"

enum { SAID_MAX = 4096 };
static const struct secret key = { { 1, 2, 3 } };
#define DAY USEC_PER_DAY
#define NOW (100 * DAY)

struct rig {
        struct store *s;
        struct arena *arena;
        bool seal;
        char said[SAID_MAX]; /* what the last order was answered with */
};

static char dir[] = "/tmp/shopbell-order-XXXXXX", path[64], heads_path[64];
static struct rig rig;

static int remove_one(const char *name, const struct stat *st, int kind, struct FTW *at)
{
        (void)st, (void)kind, (void)at;
        return remove(name);
}

static struct hash128 id_of(const char *name)
{
        struct str part = str_of(name);

        return hash128_of(&part, 1);
}

static void raise_alert(const char *name, const char *sentence, usec first, const char *address)
{
        CLEANUP(strbuf_done) struct strbuf fields = STRBUF_INIT;
        struct evidence e = { .key = id_of(name), .time = first, .source = STR("aws"), .file = STR("f"), .id = STR("i"), .raw = STR("") };
        struct alert_change c = { .kind = CHANGE_RAISE, .id = id_of(name), .rule_id = STR("r"), .rule_title = STR("A rule"), .sentence = str_of(sentence),
                                  .why = STR(""), .playbook = STR(""), .person = STR("mia"), .source = STR("aws"), .first_seen = first,
                                  .last_seen = first, .records = &e.key, .n_records = 1, .count = 1 };

        strbuf_addf(&fields, "{\"source.ip\":\"%s\"}", address);
        e.fields = strbuf_str(&fields);
        cr_assert_eq(store_begin(rig.s), 0);
        cr_assert_eq(store_put_evidence(rig.s, &e), 0);
        cr_assert_geq(store_put_change(rig.s, &c, first + USEC_PER_HOUR), 0, "%s", store_error(rig.s));
        cr_assert_eq(store_commit(rig.s), 0);
}

static void setup(void)
{
        struct err err = { 0 }, warning = { 0 };

        cr_assert_not_null(mkdtemp(dir));
        snprintf(path, sizeof path, "%s/shopbell.db", dir);
        snprintf(heads_path, sizeof heads_path, "%s/" CHAIN_HEADS_FILE, dir);
        rig = (struct rig){ .arena = arena_new() };
        cr_assert_eq(store_open(path, &rig.s, &err), 0, "%s", err.text);
        cr_assert_eq(store_seal(rig.s, &key, true, heads_path, &err, &warning), 0);
        raise_alert("a", "Somebody read\x1B[31m everything", 90 * DAY, "203.0.113.9");
        raise_alert("b", "And more", 80 * DAY, "203.0.113.7");
}

static int on_found(void *userdata, struct str text)
{
        (void)userdata;
        cr_expect(false, STR_FMT, STR_ARG(text));
        return 0;
}

static void teardown(void)
{
        struct verify_options o = { .key = &key, .found = on_found };
        struct verify_result result;
        struct query *q = NULL;

        cr_assert_eq(query_of(rig.s, &q), 0);
        cr_expect_eq(query_verify(q, &o, &result), 0);
        query_close(q);
        store_close(rig.s);
        arena_free(rig.arena);
        nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(case_order, .init = setup, .fini = teardown);

/* As its lines, "KEY VALUE" in turn; 1: done, 0: refused. */
static int order_lines(const char *verb, const char *const *lines, size_t n)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct who who = { 1000, STR("eva") };
        int r;

        strbuf_addf(&text, "%s\n", verb);
        for (size_t i = 0; i + 1 < n; i += 2)
                case_order_add(&text, lines[i], str_of(lines[i + 1]));
        cr_assert(case_order_is(strbuf_str(&text)));
        cr_expect_str_eq(case_order_right(strbuf_str(&text)), "manage");
        cr_assert_eq(store_begin(rig.s), 0);
        r = case_order_run(strbuf_str(&text), rig.s, &who, NOW, rig.seal, &answer);
        cr_assert_geq(r, 0, "%d %s", r, store_error(rig.s));
        cr_assert_eq(store_commit(rig.s), 0);
        snprintf(rig.said, sizeof rig.said, "%s", answer.p ? answer.p : "");
        return r;
}
#define ORDER(verb, ...) order_lines(verb, (const char *const[]){ __VA_ARGS__ }, ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))
#define ADD(...) ORDER("case-add", "case", "1", __VA_ARGS__)

static void expect_done(int r)
{
        cr_expect_eq(r, 1, "refused: %s", rig.said);
}

/* It says these words, and nothing was put. */
static void expect_refused(int r, const char *words)
{
        cr_expect_eq(r, 0, "done: %s", rig.said);
        cr_expect_not_null(strstr(rig.said, words), "should say: %s\nsays: %s", words, rig.said);
}

static struct casefile read_case(int64_t id)
{
        struct store_case_entry *entries;
        struct casefile c;
        size_t n;

        cr_assert_eq(store_case_entries(rig.s, id, rig.arena, &entries, &n), 0);
        cr_assert_eq(casefile_of(entries, n, rig.arena, &c), 0);
        cr_expect_eq(c.n_unread, 0);
        return c;
}

static const char *value_of(const struct casefile *c, const char *field, const char *part)
{
        const struct case_value *v = casefile_value(c, str_of(field), part ? str_of(part) : STR_NONE);

        return v ? arena_dup(rig.arena, v->value).p : "(none)";
}

static const char *hex_of(const char *name)
{
        static char hex[HASH128_HEX_BYTES];
        struct hash128 id = id_of(name);

        hash128_hex(&id, hex);
        return hex;
}

static void open_told(void)
{
        expect_done(ORDER("case-open", "signal", "a customer wrote", "at", "7776000000000 Asia/Seoul", "by", "mei"));
        cr_assert_str_eq(rig.said, "case 1\n");
}

/* ---- Opening ---- */

Test(case_order, from_alerts)
{
        char a[HASH128_HEX_BYTES];
        struct casefile c;

        snprintf(a, sizeof a, "%s", hex_of("a"));
        expect_done(ORDER("case-open", "alert", a, "alert", hex_of("b"), "alert", a, "zone", "Asia/Seoul", "by", "mei"));
        c = read_case(1);
        cr_expect_str_eq(arena_dup(rig.arena, c.title).p, "Somebody read\xEF\xBF\xBD[31m everything", "of a log, made harmless");
        cr_expect_eq(c.n_alerts, 2);
        cr_assert_eq(c.n_marks, 1);
        cr_expect(c.marks[0].event == EVENT_SIGNAL && c.marks[0].at == 80 * DAY + USEC_PER_HOUR && str_eqz(c.marks[0].zone, "Asia/Seoul"));
        cr_expect(str_eqz(c.marks[0].entry->evidence, hex_of("b")) && str_eqz(c.marks[0].entry->by, "mei") && str_eqz(c.marks[0].entry->who.user, "eva"));
        cr_expect_str_eq(value_of(&c, "started", NULL), "6912000000000 Asia/Seoul");
        cr_expect_str_eq(value_of(&c, "addresses", NULL), "203.0.113.9, 203.0.113.7");
        cr_expect_str_eq(value_of(&c, "systems", NULL), "aws");
        cr_expect_str_eq(value_of(&c, "detected", NULL), "An alert of shopbell: Somebody read\xEF\xBF\xBD[31m everything; And more");
        for (size_t i = 0; i < c.n_values; i++)
                cr_expect(c.values[i].status == FIELD_ESTIMATED && c.values[i].entry->evidence.n == 32);
        cr_expect(c.hold_from == 50 * DAY && c.hold_to == INT64_MAX);
        expect_refused(ORDER("case-open", "alert", a), "is in case 1 already: shopbell case show 1");
        expect_done(ADD("kind", "closed", "value", "nothing was reached"));
        expect_done(ORDER("case-open", "alert", a));
}

Test(case_order, from_what_somebody_told)
{
        struct casefile c;

        open_told();
        c = read_case(1);
        cr_expect(str_eqz(c.title, "a customer wrote") && c.n_alerts == 0 && c.n_marks == 1);
        cr_expect(c.marks[0].at == 90 * DAY && str_eqz(c.marks[0].zone, "Asia/Seoul") && str_eqz(c.marks[0].entry->because, "a customer wrote"));
        cr_expect_str_eq(value_of(&c, "detected", NULL), "a customer wrote");
        cr_expect_eq(c.hold_from, 60 * DAY);
}

Test(case_order, what_does_not_open)
{
        char many[CASE_VALUE_MAX + 2];

        memset(many, 'x', sizeof many - 1);
        many[sizeof many - 1] = '\0';
        expect_refused(ORDER("case-open", "title", "x"), "--from ALERT");
        expect_refused(ORDER("case-open", "signal", "x"), "when was that told?");
        expect_refused(ORDER("case-open", "signal", "x", "at", "noon"), "that is no time");
        expect_refused(ORDER("case-open", "signal", "x", "at", "86400000000000000 UTC"), "lies in the future");
        expect_refused(ORDER("case-open", "signal", "x", "at", "5 ../../etc/passwd zone"), "that is no time");
        expect_refused(ORDER("case-open", "signal", "x", "at", "-5 UTC"), "1970");
        expect_refused(ORDER("case-open", "alert", "zzzz"), "no alert begins with zzzz");
        expect_refused(ORDER("case-open", "signal", many, "at", "5 UTC"), "too long");
        expect_refused(ORDER("case-open", "signal", "a\x1B[2J", "at", "5 UTC"), "control character (U+001B)");
        expect_refused(ORDER("case-open", "signal", "a\xFF", "at", "5 UTC"), "not UTF-8");
        expect_refused(ORDER("case-open", "signal", "a", "at", "5 UTC", "by", "\x07"), "the name (--by)");
        expect_refused(ADD("kind", "note", "value", "x"), "there is no case 1");
}

/* ---- Adding ---- */

Test(case_order, marks)
{
        struct casefile c;

        open_told();
        expect_refused(ADD("kind", "mark", "key", "aware", "value", "7776000000001 Asia/Seoul"),
                       "that is later than what counts now (signal, Wed 1 Apr 1970 09:00 KST (Asia/Seoul)): say why");
        expect_done(ADD("kind", "mark", "key", "aware", "value", "7776000000001 Asia/Seoul", "because", "the log was read then", "by", "mei"));
        expect_done(ADD("kind", "mark", "key", "aware", "value", "7776000000000 Asia/Seoul"));
        expect_refused(ADD("kind", "mark", "key", "aware/kr-pipa", "value", "7776000000001 UTC"), "say why");
        expect_done(ADD("kind", "mark", "key", "aware/kr-pipa", "value", "7776000000001 UTC", "because", "counsel"));
        expect_done(ADD("kind", "mark", "key", "told-authority", "value", "8000000000000 UTC"));
        c = read_case(1);
        cr_expect_eq(c.n_marks, 4);
        expect_refused(ADD("kind", "mark", "key", "aware", "value", ""), "why is it taken back?");
        expect_done(ADD("kind", "mark", "key", "aware", "value", "", "because", "a slip"));
        cr_expect_str_eq(rig.said, "case 1: aware is taken back\n");
        expect_refused(ADD("kind", "mark", "key", "aware", "value", "", "because", "x"), "aware is not marked");
        expect_refused(ADD("kind", "mark", "key", "awake", "value", "5 UTC"), "no event is called awake; there are:");
        expect_refused(ADD("kind", "mark", "key", "aware/", "value", "5 UTC"), "of which law?");
        expect_refused(ADD("kind", "mark", "key", "aware", "value", "8640000000001 UTC"), "lies in the future");
        expect_done(ADD("kind", "done", "key", "kr-pipa/authority", "value", "8000000000000 UTC"));
        expect_refused(ADD("kind", "done", "key", "kr-pipa", "value", "5 UTC"), "which duty");
        expect_done(ADD("kind", "done", "key", "kr-pipa/authority", "value", ""));
        expect_refused(ADD("kind", "done", "key", "kr-pipa/authority", "value", ""), "is not marked as done");
}

Test(case_order, fields)
{
        struct casefile c;

        open_told();
        expect_done(ADD("kind", "set", "key", "people.kr", "value", "1200", "status", "estimated", "evidence", "a count"));
        cr_expect_str_eq(rig.said, "case 1: people.kr is 1200 (estimated)\n");
        expect_done(ADD("kind", "set", "key", "data", "change", "add", "value", "email, address"));
        expect_done(ADD("kind", "set", "key", "data", "change", "add", "value", "email,password"));
        c = read_case(1);
        cr_expect_str_eq(value_of(&c, "data", NULL), "email,address,password");
        expect_done(ADD("kind", "set", "key", "data", "change", "remove", "value", "address"));
        expect_refused(ADD("kind", "set", "key", "data", "change", "remove", "value", "address"), "data has no address: it is email,password");
        expect_done(ADD("kind", "set", "key", "cause", "value", "", "status", "unknown"));
        expect_done(ADD("kind", "set", "key", "narrative", "value", "one\ntwo \\n three"));
        c = read_case(1);
        cr_expect_str_eq(value_of(&c, "people", "kr"), "1200");
        cr_expect_str_eq(value_of(&c, "data", NULL), "email,password");
        cr_expect_str_eq(value_of(&c, "narrative", NULL), "one\ntwo \\n three");
        cr_expect_eq(casefile_value(&c, STR("cause"), STR_NONE)->status, FIELD_UNKNOWN);
        expect_done(ADD("kind", "set", "key", "people.kr", "value", ""));
        cr_expect_str_eq(rig.said, "case 1: people.kr is taken back\n");
        c = read_case(1);
        cr_expect_str_eq(value_of(&c, "people", "kr"), "(none)");
        expect_refused(ADD("kind", "set", "key", "people.kr", "value", ""), "nothing to take back");
        expect_refused(ADD("kind", "set", "key", "peopel", "value", "5"), "perhaps people");
        expect_refused(ADD("kind", "set", "key", "people", "value", "many"), "takes a number");
        expect_refused(ADD("kind", "set", "key", "people.kr-pipa", "value", "5"), "by country or state");
        expect_refused(ADD("kind", "set", "key", "data.kr", "value", "email"), "has no parts");
        expect_refused(ADD("kind", "set", "key", "sensitive", "value", "perhaps"), "takes yes or no");
        expect_refused(ADD("kind", "set", "key", "started", "value", "noon"), "takes a time");
        expect_refused(ADD("kind", "set", "key", "started", "value", "9223372036854775807 UTC"), "takes a time");
        expect_refused(ADD("kind", "set", "key", "next-update", "value", "-9223372036854775807 UTC"), "takes a time");
        expect_refused(ADD("kind", "set", "key", "people", "value", "5", "status", "guessed"), "confirmed, estimated or unknown");
        expect_refused(ADD("kind", "set", "key", "people", "value", "5", "status", "unknown"), "has no value");
        expect_refused(ADD("kind", "set", "key", "people", "change", "add", "value", "5"), "are for lists");
        expect_refused(ADD("kind", "set", "key", "data", "change", "add", "value", ""), "are for lists");
}

Test(case_order, others)
{
        open_told();
        expect_refused(ADD("kind", "regime", "key", "kr-pipa", "value", "yes"), "why?");
        expect_refused(ADD("kind", "regime", "key", "kr-pipa", "value", "maybe", "because", "x"), "yes or no");
        expect_refused(ADD("kind", "regime", "key", "../x", "value", "no", "because", "x"), "which law?");
        expect_done(ADD("kind", "regime", "key", "kr-pipa", "value", "no", "because", "nobody lives there"));
        expect_refused(ADD("kind", "note", "value", ""), "needs a text");
        expect_done(ADD("kind", "note", "value", "=HYPERLINK(\"http://x\")"));
        expect_done(ADD("kind", "hold", "key", "5 9"));
        expect_refused(ADD("kind", "hold", "key", "9 5"), "from a time to a later one");
        expect_refused(ADD("kind", "opened", "value", "x"), "no such entry");
        expect_refused(ADD("kind", "erased"), "no such entry");
        expect_done(ADD("kind", "alert", "key", hex_of("a")));
        expect_refused(ADD("kind", "alert", "key", hex_of("a")), "is in case 1 already");
        expect_refused(ADD("kind", "reopened", "value", "x"), "case 1 is open");
        expect_refused(ADD("kind", "closed", "value", ""), "why is it closed?");
        expect_done(ADD("kind", "closed", "value", "done"));
        expect_refused(ADD("kind", "set", "key", "people", "value", "5"), "case 1 is closed: shopbell case reopen 1");
        expect_done(ADD("kind", "note", "value", "said later"));
        expect_done(ADD("kind", "reopened", "value", "there is more"));
        expect_refused(ORDER("case-add", "case", "x", "kind", "note"), "a case has a number");
        expect_refused(ORDER("case-add", "case", "0", "kind", "note"), "a case has a number");
        expect_refused(ADD("kind", "mark", "key", "told-authority", "value", "8000000000000 UTC", "by", "\xE2\x80"), "not UTF-8");
}

/* ---- Sealed ---- */

Test(case_order, under_pseudonyms_texts_are_sealed_and_clocks_are_not)
{
        struct store_case_entry *e;
        struct query *q = NULL;
        size_t n;

        rig.seal = true;
        open_told();
        expect_done(ADD("kind", "mark", "key", "aware", "value", "7776000000000 UTC", "by", "mei"));
        expect_done(ADD("kind", "set", "key", "people.kr", "value", "1200", "by", "mei"));
        expect_done(ADD("kind", "set", "key", "narrative", "value", "mia did it"));
        expect_done(ADD("kind", "set", "key", "seller", "value", "kr"));
        cr_assert_eq(query_of(rig.s, &q), 0);
        cr_assert_eq(query_case_entries(q, 1, NULL, rig.arena, &e, &n), 0);
        cr_assert_eq(n, 8, "opened, signal, detected, hold, and the four");
        cr_expect(e[0].is_value_sealed && e[0].value.n == 0, "its title");
        cr_expect(str_eqz(e[1].value, "7776000000000 Asia/Seoul") && e[1].is_sealed && e[1].because.n == 0);
        cr_expect(e[2].is_value_sealed);
        cr_expect(str_eqz(e[4].value, "7776000000000 UTC") && e[4].by.n == 0);
        cr_expect(str_eqz(e[5].value, "1200"));
        cr_expect(e[6].is_value_sealed && e[6].value.n == 0);
        cr_expect(str_eqz(e[7].value, "kr") && e[7].is_sealed == false, "nothing else was said");
        query_close(q);
        read_case(1);
}
