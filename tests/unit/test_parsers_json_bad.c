/* SPDX-License-Identifier: Apache-2.0 */

/* The JSON reader: what is malformed, too deep, too much; memory; real logs. */

#include <dirent.h>

#include "monitor/base/utf8.h"
#include "tests/unit/json_util.h"

/* ---- Malformed documents ---- */

static const char *const malformed[] = {
        "",
        " ",
        "\n",
        "5",
        "\"x\"",
        "null",
        "x",
        "{",
        "}",
        "[",
        "]",
        "{]",
        "[}",
        "{}{}",
        "{} {}",
        "{}x",
        "{},",
        "{}}",
        "[{}]]",
        "[{}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1:2}",
        "{\"a\",1}",
        "{a:1}",
        "{1:1}",
        "{\"a\":1]",
        "{\"a\":[1}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\":[1:2]}",
        "{\"a\":{\"b\":1}",
        "{\"a\":\"x}",
        "{\"a\":\"x\\\"}",
        "{'a':1}",
        "{\"a\":1}//",
        "{\"a\":tru}",
        "{\"a\":True}",
        "{\"a\":truex}",
        "{\"a\":nulll}",
        "{\"a\":\f1}",
        "{\"a\":\"x\"\"y\"}",
        "{\"a\":\"x\"y}",
        "[1]x",
        "\xef\xbb\xbf{}",
        "{\"a\":1}\v",
        "[{\"a\":1},]",
        "[{\"a\":1} {\"a\":2}]",
        /* in what is skipped */
        "{\"z\":[1,2}",
        "{\"z\":{\"y\":1]}",
        "{\"z\":[1,2},\"a\":1}",
        "{\"z\":{\"y\"},\"a\":1}",
        "{\"z\":{\"y\":1,},\"a\":1}",
        "{\"z\":[,],\"a\":1}",
        "{\"z\":[1 2],\"a\":1}",
        "{\"z\":{1:2},\"a\":1}",
        "{\"z\":{\"y\":[{\"x\":[}]}]},\"a\":1}",
        "{\"z\":x,\"a\":1}",
        "{\"z\":,\"a\":1}",
        "{\"z\":+1,\"a\":1}",
        "{\"z\":\"\x01\",\"a\":1}",
        "{\"z\":[[[1]],\"a\":1}",
        "{\"z\":[[[1]]]],\"a\":1}",
        "{\"z\":::,\"a\":1}",
};

Test(parsers_json, malformed)
{
        static const struct plan plans[] = { { .fields = "a a.b" },
                                             { .fields = "a", .envelope = "R" },
                                             { .fields = "a", .fan_out = "a" },
                                             { .fields = "a.b", .leaves = true } };

        for (size_t p = 0; p < sizeof plans / sizeof *plans; p++) {
                struct fixture f;

                open_fixture(&f, &plans[p]);
                for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
                        cr_expect_str_eq(read_text(&f, str_of(malformed[i])), "!EBADMSG", "%s", malformed[i]);
                cr_expect_str_eq(read_text(&f, STR("{\"b\":1}")), f.plan && plans[p].leaves ? "~1" : "");
                close_fixture(&f);
        }
}

/* The document says what is looked into and what is not. */
Test(parsers_json, skipped_scalars_are_not_looked_into)
{
        static const struct row rows[] = {
                { { .fields = "a" }, "{\"z\":tru,\"y\":[1x,\"\\q\",{\"x\":-}],\"a\":1}", "a=1" },
                { { .fields = "a", .leaves = true }, "{\"z\":tru,\"a\":1}", "!EBADMSG" },
                { { .fields = "a z" }, "{\"z\":tru,\"a\":1}", "!EBADMSG" },
                { { .fields = "a" }, "{\"a\":tru,\"a\":1}", "!EBADMSG" },
        };

        CHECK_ROWS(rows);
}

/* An envelope that turns out bad at its third record; the first two are out. */
Test(parsers_json, malformed_in_envelope)
{
        static const struct row rows[] = {
                { { .fields = "a", .envelope = "R" },
                  "{\"R\":[{\"a\":1},{\"a\":2},{\"a\":tru},{\"a\":4}]}",
                  "a=1 | a=2 !EBADMSG" },
                { { .fields = "a" }, "[{\"a\":1},{\"a\":2},{\"a\":01}]", "a=1 | a=2 !EBADMSG" },
                { { .fields = "a", .envelope = "R" }, "{\"R\":[{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4]}", "!EBADMSG" },
                { { .fields = "a", .envelope = "R" }, "{\"R\":[{\"a\":1},{\"a\":2}]} {", "!EBADMSG" },
                { { .fields = "a", .envelope = "R" }, "{\"R\":[{\"a\":1}]} {}", "!EBADMSG" },
                { { .fields = "a", .envelope = "R" }, "{\"R\":[{\"a\":1}]}]", "!EBADMSG" },
                { { .fields = "a", .envelope = "R" }, "{\"R\":[{\"a\":1},{\"a\":2}],\"x\"}", "!EBADMSG" },
        };

        CHECK_ROWS(rows);
}

static const struct row samples[] = {
        { { .fields = "a.b a.c d" },
          "{\"a\":{\"b\":[1,\"x\\u0041\",{\"k\":null}],\"c\":-1.5e2},\"z\":[{\"y\":\"\\\"\"}],\"d\":true}",
          "a.b=1,'xA',<{\"k\":null}> a.c=-150 d=true" },
        { { .fields = "a.b", .envelope = "R" },
          "{\"R\":[{\"a\":{\"b\":1}},{\"a\":[{\"b\":2}]}],\"v\":[1,[2,{}]]}",
          "a.b=1 | a.b=2" },
        { { .fields = "i e.n e.p.k", .fan_out = "e", .pairs_at = "e.p" },
          "{\"i\":1,\"e\":[{\"n\":\"a\",\"p\":[{\"name\":\"k\",\"value\":\"\\n\"}]},{\"n\":\"b\"}]}",
          "i=1 e.n='a' e.p.k='\n' | 1:i=1 e.n='b'" },
        { { .fields = "t.x a", .text = "t", .leaves = true },
          "{\"t\":\"{\\\"x\\\":[1,2]}\",\"a\":\"\xc3\xa9\",\"a\":[3]}",
          "t.x=1,2 a=3 ~'{\"x\":[1,2]}',3" },
        { { .fields = "a" }, "[{\"a\":1},{\"b\":[[]]},{\"a\":{\"a\":[{}]}}]", "a=1 |  | a=<{\"a\":[{}]}>" },
};

/* Also when what stands behind would complete it. */
Test(parsers_json, truncated_everywhere)
{
        static const char paddings[] = "}]\",:{[0 \\";

        for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
                struct str whole = str_of(samples[i].document);
                struct fixture f;

                open_fixture(&f, &samples[i].plan);
                for (size_t k = 0; k < sizeof paddings; k++) {
                        f.padding = paddings[k];
                        for (size_t n = 0; n < whole.n; n++) {
                                read_text(&f, str_from(whole.p, n));
                                cr_expect(f.r == -EBADMSG && f.n == 0, "%s cut at %zu: %d, %u records", whole.p, n, f.r,
                                          f.n);
                        }
                        cr_expect_str_eq(read_text(&f, whole), samples[i].want);
                        arena_reset(f.arena);
                }
                close_fixture(&f);
        }
}

/* Any byte in any place: no crash, no record that is not UTF-8. */
static int check_record(void *userdata, struct record *record, uint32_t sub)
{
        struct fixture *f = userdata;

        (void)sub;
        f->n++;
        for (uint32_t i = 0; i < record->n_slots; i++)
                for (struct value *v = record->slots[i].first; v; v = v->next)
                        cr_assert(utf8_is_valid(v->text) && (v->kind == VALUE_NULL || value_text(v, f->arena).p));
        return 0;
}

Test(parsers_json, any_byte_anywhere)
{
        static const char bytes[] = "{}[]:,\"\\ 0-e.tnx\n\x01\x80\xc3\xf0";

        for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
                struct str whole = str_of(samples[i].document);
                struct fixture f;

                open_fixture(&f, &samples[i].plan);
                set_text(&f, whole);
                for (size_t at = 0; at < whole.n; at++) {
                        for (size_t b = 0; b < sizeof bytes; b++) {
                                f.bytes[at] = bytes[b];
                                read_with(&f, check_record);
                                cr_expect(f.r == 0 || f.r == -EBADMSG);
                        }
                        f.bytes[at] = whole.p[at];
                        arena_reset(f.arena);
                }
                close_fixture(&f);
        }
}

/* ---- Depth ---- */

static void add_nested(struct strbuf *b, const char *open, int n, const char *inside, char close)
{
        for (int i = 0; i < n; i++)
                strbuf_addz(b, open);
        strbuf_addz(b, inside);
        for (int i = 0; i < n; i++)
                strbuf_addc(b, close);
}

/* `depth` containers in all: {"a":[[[…]]]} or {"a":{"a":{…}}}. */
static int read_nested(const struct plan *plan, const char *open, int depth, char close)
{
        struct strbuf text = STRBUF_INIT;
        struct fixture f;
        int r;

        open_fixture(&f, plan);
        strbuf_addz(&text, "{\"a\":");
        add_nested(&text, open, depth - 1, "1", close);
        strbuf_addc(&text, '}');
        read_text(&f, strbuf_str(&text));
        r = f.r;
        cr_expect((r == 0) == (f.n == 1));
        strbuf_done(&text);
        close_fixture(&f);
        return r;
}

Test(parsers_json, depth)
{
        static const struct plan value = { .fields = "a" }, leaves = { .fields = "", .leaves = true },
                                 other = { .fields = "b" }, fan = { .fields = "a", .fan_out = "a" };
        static const int huge = 1000000;

        cr_expect(read_nested(&value, "[", JSON_DEPTH_MAX, ']') == 0);
        cr_expect(read_nested(&value, "[", JSON_DEPTH_MAX + 1, ']') == -E2BIG);
        cr_expect(read_nested(&value, "[", huge, ']') == -E2BIG);
        cr_expect(read_nested(&leaves, "[", JSON_DEPTH_MAX, ']') == 0);
        cr_expect(read_nested(&leaves, "[", JSON_DEPTH_MAX + 1, ']') == -E2BIG);
        cr_expect(read_nested(&leaves, "{\"a\":", JSON_DEPTH_MAX, '}') == 0);
        cr_expect(read_nested(&leaves, "{\"a\":", JSON_DEPTH_MAX + 1, '}') == -E2BIG);
        cr_expect(read_nested(&leaves, "{\"a\":", huge, '}') == -E2BIG);
        cr_expect(read_nested(&fan, "[", JSON_DEPTH_MAX, ']') == 0);
        cr_expect(read_nested(&fan, "[", JSON_DEPTH_MAX + 1, ']') == -E2BIG);
        cr_expect(read_nested(&fan, "[", huge, ']') == -E2BIG);
        /* What is skipped, and an object taken as it is written, may be deeper. */
        cr_expect(read_nested(&other, "[", JSON_DEPTH_MAX + 1, ']') == 0);
        cr_expect(read_nested(&other, "[", huge, ']') == 0);
        cr_expect(read_nested(&value, "{\"a\":", huge, '}') == 0);
        cr_expect(read_nested(&other, "[", huge, '}') == -EBADMSG);
}

Test(parsers_json, depth_of_envelopes)
{
        static const struct plan plan = { .fields = "a", .envelope = "R" };

        for (int depth = JSON_DEPTH_MAX - 3; depth <= JSON_DEPTH_MAX + 1; depth++) {
                struct strbuf text = STRBUF_INIT;
                struct fixture f;

                open_fixture(&f, &plan);
                add_nested(&text, "[", depth - 1, "{\"a\":1}", ']');
                read_text(&f, strbuf_str(&text));
                cr_expect(f.r == (depth <= JSON_DEPTH_MAX ? 0 : -E2BIG), "%d: %d", depth, f.r);
                strbuf_clear(&text);
                strbuf_addz(&text, "{\"R\":");
                add_nested(&text, "[", depth - 2, "{\"a\":1}", ']');
                strbuf_addc(&text, '}');
                read_text(&f, strbuf_str(&text));
                cr_expect(f.r == (depth <= JSON_DEPTH_MAX ? 0 : -E2BIG), "%d: %d", depth, f.r);
                strbuf_done(&text);
                close_fixture(&f);
        }
}

/* ---- UTF-8 ---- */

Test(parsers_json, ill_formed_utf8)
{
        static const struct row rows[] = {
                { { .fields = "a" }, "{\"a\":\"x\xffy\"}", "a='x\xef\xbf\xbdy' +utf8_repaired" },
                { { .fields = "a" }, "{\"a\":\"\xc3\"}", "a='\xef\xbf\xbd' +utf8_repaired" },
                { { .fields = "a" },
                  "{\"a\":\"\xed\xa0\x80\"}",
                  "a='\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd' +utf8_repaired" },
                { { .fields = "a" }, "{\"z\":\"\xc0\xaf\",\"a\":1}", "a=1 +utf8_repaired" },
                { { .fields = "a" }, "{\"\xff\":1,\"a\":2}", "a=2 +utf8_repaired" },
                { { .fields = "a", .envelope = "R" },
                  "{\"R\":[{\"a\":1},{\"a\":\"\xf5\"}]}",
                  "a=1 | a='\xef\xbf\xbd' +utf8_repaired" },
                { { .fields = "a" }, "{\"a\":\"\xff\"", "!EBADMSG +utf8_repaired" },
                { { .fields = "a" }, "{\"a\":1}\xff", "!EBADMSG +utf8_repaired" },
                { { .fields = "a" }, "{\"a\":\"\xff}", "!EBADMSG" },
        };

        CHECK_ROWS(rows);
}

/* ---- Limits, memory, reuse ---- */

Test(parsers_json, too_many_values)
{
        static const struct plan plan = { .fields = "a b", .leaves = true };
        struct strbuf text = STRBUF_INIT;
        struct record *record = NULL;
        struct counters counters = { { 0 } };
        struct fixture f;

        open_fixture(&f, &plan);
        strbuf_addz(&text, "{\"a\":[0");
        for (int i = 1; i < RECORD_VALUES_MAX + 2; i++)
                strbuf_addz(&text, i % 2 ? ",{}" : ",1");
        strbuf_addz(&text, "],\"b\":2}");
        set_text(&f, strbuf_str(&text));
        cr_assert(json_read(f.reader, f.plan, f.text, f.arena, SLOTS, &counters, keep_record, &record) == 0);
        cr_expect(record->slots[_ECS_MAX].n == RECORD_VALUES_MAX && record->slots[_ECS_MAX + 1].n == 1);
        cr_expect(counters.n[COUNTER_VALUES_CUT] == 2);
        strbuf_done(&text);
        close_fixture(&f);
}

Test(parsers_json, too_long_value)
{
        static const struct plan plan = { .fields = "a b c" };
        struct strbuf text = STRBUF_INIT;
        struct record *record = NULL;
        struct counters counters = { { 0 } };
        struct fixture f;
        const struct slot *slots;

        open_fixture(&f, &plan);
        strbuf_addz(&text, "{\"a\":\"");
        for (int i = 0; i < VALUE_BYTES_MAX - 1; i++)
                strbuf_addc(&text, 'x');
        strbuf_addz(&text, "\xc3\xa9\",\"c\":1,\"b\":{\"z\":\"");
        for (int i = 0; i < VALUE_BYTES_MAX; i++)
                strbuf_addc(&text, 'x');
        strbuf_addz(&text, "\"}}");
        set_text(&f, strbuf_str(&text));
        cr_assert(json_read(f.reader, f.plan, f.text, f.arena, SLOTS, &counters, keep_record, &record) == 0);
        slots = record->slots + _ECS_MAX;
        cr_expect(slots[0].first->text.n == VALUE_BYTES_MAX - 1 && slots[1].first->text.n == VALUE_BYTES_MAX);
        cr_expect(str_eq(slots[2].first->text, STR("1")) && counters.n[COUNTER_VALUES_CUT] == 2);
        strbuf_done(&text);
        close_fixture(&f);
}

Test(parsers_json, too_long_document)
{
        static const struct plan plan = { .fields = "a" };
        struct fixture f;

        open_fixture(&f, &plan);
        set_text(&f, STR("{}"));
        f.text.n = (size_t)RAW_BYTES_MAX + 1;
        cr_expect(read_with(&f, print_record) == -E2BIG && f.n == 0);
        close_fixture(&f);
}

Test(parsers_json, plain_strings_are_borrowed)
{
        static const struct plan plan = { .fields = "a b c" };
        struct record *record = NULL;
        struct fixture f;
        const struct slot *slots;

        open_fixture(&f, &plan);
        set_text(&f, STR("{\"x\":\"\\n\",\"a\":\"plain\",\"b\":{\"k\":1},\"c\":12345678901234567890}"));
        cr_assert(json_read(f.reader, f.plan, f.text, f.arena, SLOTS, &f.counters, keep_record, &record) == 0);
        slots = record->slots + _ECS_MAX;
        for (int i = 0; i < 3; i++)
                cr_expect(slots[i].first->text.p > f.text.p && slots[i].first->text.p < f.text.p + f.text.n);
        close_fixture(&f);
}

Test(parsers_json, slots_beyond_the_record_are_left_out)
{
        static const struct plan plan = { .fields = "a b" };
        struct record *record = NULL;
        struct fixture f;

        open_fixture(&f, &plan);
        set_text(&f, STR("{\"a\":1,\"b\":2}"));
        cr_assert(json_read(f.reader, f.plan, f.text, f.arena, _ECS_MAX + 1, &f.counters, keep_record, &record) == 0);
        cr_expect(record->n_slots == _ECS_MAX + 1 && record->slots[_ECS_MAX].n == 1);
        close_fixture(&f);
}

Test(parsers_json, the_record_function_can_stop)
{
        static const struct row rows[] = {
                { { .fields = "a", .envelope = "R" },
                  "{\"R\":[{\"a\":1},{\"a\":2},{\"a\":3}]}",
                  "a=1 | a=2 !ECANCELED" },
                { { .fields = "a" }, "[{\"a\":1},{\"a\":2},{\"a\":3}]", "a=1 | a=2 !ECANCELED" },
                { { .fields = "e", .fan_out = "e" }, "{\"e\":[1,2,3]}", "e=1 | 1:e=2 !ECANCELED" },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                struct fixture f;

                open_fixture(&f, &rows[i].plan);
                f.fail_at = 2;
                cr_expect_str_eq(read_text(&f, str_of(rows[i].document)), rows[i].want);
                close_fixture(&f);
        }
}

/* One reader, many plans and documents; what one leaves behind must not show in the next. */
Test(parsers_json, reader_is_reused)
{
        struct json_reader *reader = json_reader_new(), *own;
        struct strbuf big = STRBUF_INIT;

        cr_assert(reader);
        for (int round = 0; round < 3; round++) {
                for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
                        struct fixture f;

                        open_fixture(&f, &samples[i].plan);
                        own = f.reader;
                        f.reader = reader;
                        read_text(&f, STR("{\"a\":[{\"b\":1,\"b\":2}],\"R\":[{\"a\":"));
                        cr_expect_str_eq(read_text(&f, str_of(samples[i].document)), samples[i].want);
                        strbuf_clear(&big);
                        add_nested(&big, "[", JSON_DEPTH_MAX, "", ']');
                        for (int k = 0; k < round * 3 * 1024 * 1024; k++)
                                strbuf_addc(&big, ' ');
                        cr_expect_str_eq(read_text(&f, strbuf_str(&big)), "");
                        f.reader = own;
                        close_fixture(&f);
                }
        }
        strbuf_done(&big);
        json_reader_free(reader);
}

Test(parsers_json, a_fan_out_set_again_replaces)
{
        struct plan plan = { .fields = "a e.x g.x", .envelope = "Q", .fan_out = "e" };
        struct fixture f;

        open_fixture(&f, &plan);
        cr_assert(json_plan_fan_out(f.plan, STR("g")) == 0);
        cr_expect_str_eq(read_text(&f, STR("{\"R\":[{\"a\":1}],\"a\":2}")), "a=2");
        cr_expect_str_eq(read_text(&f, STR("{\"Q\":[{\"e\":[{\"x\":1},{\"x\":2}]},{\"g\":[{\"x\":1},{\"x\":2}]}]}")),
                         "e.x=1,2 | g.x=1 | 1:g.x=2");
        close_fixture(&f);
}

Test(parsers_json, freeing_nothing)
{
        cr_expect(json_plan_free(NULL) == NULL && json_reader_free(NULL) == NULL);
}

struct ration {
        int left;
};

static void *ration_alloc(size_t n, void *userdata)
{
        struct ration *ration = userdata;

        return ration->left-- > 0 ? malloc(n) : NULL;
}

static void ration_release(void *p, void *userdata)
{
        (void)userdata;
        free(p);
}

/* Out of memory at each block the arena asks for. */
Test(parsers_json, out_of_memory)
{
        static const struct row rows[] = {
                { { .fields = "a e.t.x e.p.k",
                    .envelope = "R",
                    .fan_out = "e",
                    .text = "e.t",
                    .pairs_at = "e.p",
                    .leaves = true },
                  NULL,
                  NULL },
                { { .fields = "a e.t.x e.p.k", .envelope = "R", .fan_out = "e", .text = "e.t", .pairs_at = "e.p" },
                  NULL,
                  NULL },
        };
        struct strbuf text = STRBUF_INIT;
        int failures = 0;

        strbuf_addz(&text, "{\"R\":[{\"a\":\"\\n\xff\",\"a\":[1.25,2.5],\"e\":[");
        for (int i = 0; i < 400; i++)
                strbuf_addf(&text, "%s{\"t\":\"{\\\"x\\\":%d}\",\"p\":[{\"name\":\"\\u006b\",\"value\":{}}],\"k%d\":0}",
                            i ? "," : "", i, i);
        strbuf_addz(&text, "]},{}]}");
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                bool is_done = false;

                for (int blocks = 1; !is_done; blocks++) {
                        struct ration ration = { blocks };
                        struct arena_alloc alloc = { ration_alloc, ration_release, &ration };
                        struct fixture f;

                        open_fixture(&f, &rows[i].plan);
                        arena_free(f.arena);
                        f.arena = arena_new_with(&alloc);
                        cr_assert(f.arena);
                        set_text(&f, strbuf_str(&text));
                        is_done = read_with(&f, print_record) == 0;
                        cr_expect(is_done ? f.n == 401 : f.r == -ENOMEM, "%d blocks: %d, %u records", blocks, f.r, f.n);
                        failures += !is_done;
                        close_fixture(&f);
                }
        }
        cr_expect(failures > 10);
        strbuf_done(&text);
}

/* ---- Real logs ---- */

static int count_event(void *userdata, struct record *record, uint32_t sub)
{
        struct fixture *f = userdata;

        (void)sub;
        f->n++;
        cr_expect(record->slots[_ECS_MAX].n == 1 && record->slots[_ECS_MAX + 1].n == 1);
        return 0;
}

static size_t read_file(struct fixture *f, const char *path)
{
        FILE *in = fopen(path, "r");
        struct strbuf b = STRBUF_INIT;
        size_t n;

        cr_assert(in, "%s", path);
        do {
                char *to = strbuf_reserve(&b, 65536);

                cr_assert(to);
                n = fread(to, 1, 65536, in);
                b.n += n;
        } while (n > 0);
        fclose(in);
        set_text(f, strbuf_str(&b));
        n = 0;
        for (struct str rest = strbuf_str(&b), needle = STR("\"eventVersion\""); rest.n > 0; n++) {
                size_t at = str_find(rest, needle);

                if (at == SIZE_MAX)
                        break;
                rest = str_from(rest.p + at + needle.n, rest.n - at - needle.n);
        }
        strbuf_done(&b);
        return n;
}

Test(parsers_json, cloudtrail)
{
        static const struct plan plan = { .fields = "eventID eventName requestParameters", .envelope = "Records" };
        const char *shared = getenv("SHOPBELL_SHARED");
        struct dirent *entry;
        struct fixture f;
        unsigned files = 0;
        char path[4096];
        DIR *dir;

        snprintf(path, sizeof path, "%s/data/cloudtrail-attack", shared ? shared : "");
        dir = shared ? opendir(path) : NULL;
        if (!dir)
                cr_skip_test("SHOPBELL_SHARED names no folder with data/cloudtrail-attack");
        open_fixture(&f, &plan);
        while ((entry = readdir(dir))) {
                size_t n;

                if (!str_ends(str_of(entry->d_name), STR(".json")))
                        continue;
                snprintf(path, sizeof path, "%s/data/cloudtrail-attack/%s", shared, entry->d_name);
                n = read_file(&f, path);
                cr_expect(read_with(&f, count_event) == 0 && f.n == n, "%s: %d, %u of %zu", path, f.r, f.n, n);
                arena_reset(f.arena);
                files++;
        }
        cr_expect(files > 0);
        closedir(dir);
        close_fixture(&f);
}
