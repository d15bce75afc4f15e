/* SPDX-License-Identifier: Apache-2.0 */

/* The JSON reader: paths, scalars, keys, duplicates. */

#include "tests/unit/json_util.h"

/* ---- Paths and values ---- */

Test(parsers_json, paths)
{
        static const struct row rows[] = {
                { { .fields = "a" }, "{\"a\":\"x\"}", "a='x'" },
                { { .fields = "a b" }, " {\n\"b\" :\t2 ,\r\n\"a\": 1 } ", "a=1 b=2" },
                { { .fields = "a" }, "{}", "" },
                { { .fields = "a" }, "{\"b\":{\"a\":1}}", "" },
                { { .fields = "a.b" }, "{\"a\":{\"b\":1},\"b\":2}", "a.b=1" },
                { { .fields = "a.b.c" }, "{\"a\":{\"b\":{\"c\":true},\"c\":false}}", "a.b.c=true" },
                { { .fields = "a.b" }, "{\"a\":5}", "" },
                { { .fields = "a.b" }, "{\"a\":null}", "" },
                { { .fields = "a a.b" }, "{\"a\":{\"b\":1}}", "a=<{\"b\":1}> a.b=1" },
                { { .fields = "a" }, "{\"a\":null}", "a=null" },
                { { .fields = "a" }, "{\"a\":true,\"b\":[{}]}", "a=true" },
                { { .fields = "a" }, "{\"a\":\"\"}", "a=''" },
                { { .fields = "A a" }, "{\"a\":1}", "a=1" },
                { { .fields = "a..b" }, "{\"a\":{\"\":{\"b\":1}}}", "a..b=1" },
                { { .fields = "a a" }, "{\"a\":1}", "a=1" },
        };

        CHECK_ROWS(rows);
}

/* Keys are told apart by their ends first. */
Test(parsers_json, keys_that_differ_little)
{
        static const struct row rows[] = {
                { { .fields = "12345678" }, "{\"12345678\":1,\"1234567\":2,\"123456789\":3,\"\":4}", "12345678=1" },
                { { .fields = "1234567" }, "{\"12345678\":1,\"1234567\":2}", "1234567=2" },
                { { .fields = "123456789" }, "{\"12345678\":1,\"123456789\":2,\"1234567899\":3}", "123456789=2" },
                { { .fields = "1234567812345678" },
                  "{\"12345678\":1,\"1234567812345678\":2,\"12345678-12345678\":3}",
                  "1234567812345678=2" },
                { { .fields = "12345678-12345678" },
                  "{\"12345678+12345678\":1,\"12345678-12345678\":2}",
                  "12345678-12345678=2" },
                { { .fields = "12345678-12345678 12345678+12345678" },
                  "{\"12345678+12345678\":1,\"12345678-12345678\":2,\"12345678*12345678\":3}",
                  "12345678-12345678=2 12345678+12345678=1" },
                { { .fields = "12345678-12345678", .leaves = true },
                  "{\"12345678+12345678\":1,\"12345678-12345678\":2,\"12345678*12345678\":3}",
                  "12345678-12345678=2 ~1,2,3" },
        };

        CHECK_ROWS(rows);
}

Test(parsers_json, arrays_are_entered)
{
        static const struct row rows[] = {
                { { .fields = "a" }, "{\"a\":[1,2,\"x\"]}", "a=1,2,'x'" },
                { { .fields = "a" }, "{\"a\":[[1,[2]],[],[[[3]]]]}", "a=1,2,3" },
                { { .fields = "a" }, "{\"a\":[]}", "a=" },
                { { .fields = "a" }, "{\"a\":[[],[ ]]}", "a=" },
                { { .fields = "a" }, "{\"a\":[null]}", "a=null" },
                { { .fields = "a.b" }, "{\"a\":[]}", "" },
                { { .fields = "a.b" }, "{\"a\":[{\"b\":1},{\"c\":2},{\"b\":[3,4]},5]}", "a.b=1,3,4" },
                { { .fields = "a.b" }, "{\"a\":[{\"c\":2},5]}", "" },
                { { .fields = "a.b" }, "{\"a\":[{\"b\":[]}]}", "a.b=" },
                { { .fields = "a.b.c" }, "{\"a\":[[{\"b\":[{\"c\":1},[{\"c\":2}]]}]]}", "a.b.c=1,2" },
                { { .fields = "a" }, "{\"a\":[{\"k\":1},{ }]}", "a=<{\"k\":1}>,<{ }>" },
        };

        CHECK_ROWS(rows);
}

Test(parsers_json, objects_are_values_as_written)
{
        static const struct row rows[] = {
                { { .fields = "a" }, "{\"a\" : { \"k\" : [1, 2] } , \"b\":1}", "a=<{ \"k\" : [1, 2] }>" },
                { { .fields = "a a.k.z" }, "{\"a\":{\"k\":[{\"z\":\"}\"}]}}", "a=<{\"k\":[{\"z\":\"}\"}]}> a.k.z='}'" },
                { { .fields = "a a.b a.b.c" },
                  "{\"a\":{\"b\":{\"c\":1}}}",
                  "a=<{\"b\":{\"c\":1}}> a.b=<{\"c\":1}> a.b.c=1" },
                { { .fields = "a" }, "{\"a\":{\"k\":\"\\u0041\"}}", "a=<{\"k\":\"\\u0041\"}>" },
        };

        CHECK_ROWS(rows);
}

Test(parsers_json, dots_in_keys)
{
        static const struct row rows[] = {
                { { .fields = "e.\\.tag" }, "{\"e\":{\".tag\":\"x\",\"tag\":\"y\"}}", "e.\\.tag='x'" },
                { { .fields = "e.tag e.\\.tag" }, "{\"e\":{\".tag\":\"x\",\"tag\":\"y\"}}", "e.tag='y' e.\\.tag='x'" },
                { { .fields = "e.a\\.b\\.c.d" },
                  "{\"e\":{\"a.b.c\":{\"d\":1},\"a\":{\"b\":{\"c\":{\"d\":2}}}}}",
                  "e.a\\.b\\.c.d=1" },
                { { .fields = "e.a\\.b" }, "{\"e\":{\"a\":{\"b\":2},\"a\\\\.b\":3}}", "" },
                { { .fields = "a\\.b" }, "{\"a.b\":1,\"a\":{\"b\":2}}", "a\\.b=1" },
                { { .fields = "e.x\\y" }, "{\"e\":{\"x\\\\y\":1}}", "e.x\\y=1" },
                { { .fields = "a", .envelope = "x\\.R" }, "{\"x.R\":[{\"a\":1}]}", "a=1" },
        };

        CHECK_ROWS(rows);
}

Test(parsers_json, literal_key_comes_first)
{
        static const struct row rows[] = {
                { { .fields = "a.b" }, "{\"a.b\":1,\"a\":{\"b\":2}}", "a.b=1" },
                { { .fields = "a.b" }, "{\"a\":{\"b\":2},\"a.b\":1}", "a.b=1" },
                { { .fields = "a.b" }, "{\"a\":{\"b\":[2,3]},\"a.b\":[1,[4]]}", "a.b=1,4" },
                { { .fields = "a.b" }, "{\"a\":{\"b\":2},\"a.b\":[]}", "a.b=" },
                { { .fields = "a.b" }, "{\"a.b\":null,\"a\":{\"b\":2}}", "a.b=null" },
                { { .fields = "a.b" }, "{\"a\":{\"b\":2},\"a.b\":{\"c\":1}}", "a.b=<{\"c\":1}>" },
                { { .fields = "a.b" }, "{\"x\":{\"a.b\":1},\"a\":{\"b\":2}}", "a.b=2" },
                { { .fields = "a.b.c" }, "{\"a\":{\"b.c\":1}}", "" },
                { { .fields = "a.b.c" }, "{\"a.b\":{\"c\":1}}", "" },
                { { .fields = "a.b a.b.c" }, "{\"a.b\":{\"c\":1},\"a\":{\"b\":{\"c\":3}}}", "a.b=<{\"c\":1}> a.b.c=3" },
                { { .fields = "a.b", .leaves = true }, "{\"a.b\":1,\"a\":{\"b\":2}}", "a.b=1 ~1,2" },
        };

        CHECK_ROWS(rows);
}

/* ---- Scalars ---- */

Test(parsers_json, numbers)
{
        static const struct row rows[] = {
                { { .fields = "a" }, "{\"a\":0}", "a=0" },
                { { .fields = "a" }, "{\"a\":-0}", "a=0" },
                { { .fields = "a" }, "{\"a\":-0.0}", "a=0" },
                { { .fields = "a" }, "{\"a\":5.0}", "a=5" },
                { { .fields = "a" }, "{\"a\":1e3}", "a=1000" },
                { { .fields = "a" }, "{\"a\":1E+3 }", "a=1000" },
                { { .fields = "a" }, "{\"a\":-12.50}", "a=-12.5" },
                { { .fields = "a" }, "{\"a\":[0.1,1e-7]}", "a=0.1,1e-07" },
                { { .fields = "a" }, "{\"a\":18446744073709551616}", "a=18446744073709551616" },
                { { .fields = "a" },
                  "{\"a\":-123456789012345678901234567890123456789}",
                  "a=-123456789012345678901234567890123456789" },
        };
        static const char *const bad[] = { "01",  "-",  "+1", "1.",  ".5",    "1e",  "1e+",      "0x1",      "1_0",
                                           "1 2", "-a", "1a", "--1", "1.2.3", "NaN", "Infinity", "-Infinity" };

        CHECK_ROWS(rows);
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct plan plan = { .fields = "a" };
                struct fixture f;
                char text[64];

                open_fixture(&f, &plan);
                snprintf(text, sizeof text, "{\"a\":%s}", bad[i]);
                cr_expect_str_eq(read_text(&f, str_of(text)), "!EBADMSG", "%s", text);
                snprintf(text, sizeof text, "{\"a\":[1,%s]}", bad[i]);
                cr_expect_str_eq(read_text(&f, str_of(text)), "!EBADMSG", "%s", text);
                close_fixture(&f);
        }
}

Test(parsers_json, strings)
{
        static const struct row rows[] = {
                { { .fields = "a" }, "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "a='\"\\/\b\f\n\r\t'" },
                { { .fields = "a" }, "{\"a\":\"\\u0041\\u00e9\\u20AC\"}", "a='A\xc3\xa9\xe2\x82\xac'" },
                { { .fields = "a" }, "{\"a\":\"x\\ud83d\\ude00y\"}", "a='x\xf0\x9f\x98\x80y'" },
                { { .fields = "a" }, "{\"a\":\"\\uD83D\"}", "a='\xef\xbf\xbd'" },
                { { .fields = "a" }, "{\"a\":\"\\ude00z\"}", "a='\xef\xbf\xbdz'" },
                { { .fields = "a" }, "{\"a\":\"\\ud83d\\ud83d\\ude00\"}", "a='\xef\xbf\xbd\xf0\x9f\x98\x80'" },
                { { .fields = "a" }, "{\"a\":\"\\ud83dx\\ude00\"}", "a='\xef\xbf\xbdx\xef\xbf\xbd'" },
                { { .fields = "a" }, "{\"a\":\"\\ud83d\\n\"}", "a='\xef\xbf\xbd\n'" },
                { { .fields = "a" }, "{\"a\":\"\\uffff\\ufffe\"}", "a='\xef\xbf\xbf\xef\xbf\xbe'" },
                { { .fields = "a" }, "{\"a\":\"\xf0\x9f\x98\x80 {}[],:\"}", "a='\xf0\x9f\x98\x80 {}[],:'" },
                { { .fields = "a" }, "{\"a\":\"\\\\\"}", "a='\\'" },
                { { .fields = "a b" }, "{\"a\":\"\\\\\" , \"b\":\"\\\"\"\n}", "a='\\' b='\"'" },
                { { .fields = "a b c" },
                  "{\"x\":\"\\n\",\"a\":\"plain\",\"y\":\"\\t\",\"b\":\"\\u0062\",\"c\":\"plain\"}",
                  "a='plain' b='b' c='plain'" },
        };
        static const char *const bad[] = {
                "\\x",       "\\",      "\\u", "\\u12", "\\u12g4", "\\U0041", "\\ud83d\\u",
                "\\ud83d\\", "a\\u00e", "\n",  "\t",    "\x01",    "\\'",     "\\ud83d\\u12"
        };
        struct plan plan = { .fields = "a" };
        struct fixture f;

        CHECK_ROWS(rows);
        open_fixture(&f, &plan);
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                char text[64];

                snprintf(text, sizeof text, "{\"a\":\"%s\"}", bad[i]);
                cr_expect_str_eq(read_text(&f, str_of(text)), "!EBADMSG", "%s", text);
        }
        close_fixture(&f);
}

Test(parsers_json, nul_in_string)
{
        struct plan plan = { .fields = "a" };
        struct fixture f;

        open_fixture(&f, &plan);
        read_text(&f, STR("{\"a\":\"x\\u0000y\"}"));
        cr_expect(str_eq(strbuf_str(&f.out), STR("a='x\0y'")));
        read_text(&f, STR("{\"a\":\"x\0y\"}")); /* a raw one is a control character */
        cr_expect(f.r == -EBADMSG && f.n == 0);
        close_fixture(&f);
}

Test(parsers_json, keys_are_compared_unescaped)
{
        static const struct row rows[] = {
                { { .fields = "abc" }, "{\"\\u0061b\\u0063\":1}", "abc=1" },
                { { .fields = "a/b" }, "{\"a\\/b\":1}", "a/b=1" },
                { { .fields = "a\\b" }, "{\"a\\\\b\":1,\"a\\b\":2}", "a\\b=1" },
                { { .fields = "a.b" }, "{\"a\\u002eb\":1}", "a.b=1" },
                { { .fields = "\xf0\x9f\x98\x80.a" }, "{\"\\ud83d\\ude00\":{\"a\":1}}", "\xf0\x9f\x98\x80.a=1" },
                { { .fields = "a" }, "{\"a\" \n\t :1}", "a=1" },
                { { .fields = "a\"" }, "{\"a\\\"\":1,\"b\":\"\\\"\"}", "a\"=1" },
                { { .fields = "a" }, "{\"\\q\":1,\"a\":1}", "!EBADMSG" },
                { { .fields = "x", .envelope = "R" }, "{\"\\u0052\":[{\"x\":1}]}", "x=1" },
                { { .fields = "e.x", .fan_out = "e" }, "{\"\\u0065\":[{\"x\":1},{\"x\":2}]}", "e.x=1 | 1:e.x=2" },
                { { .fields = "p.k", .pairs_at = "p" },
                  "{\"p\":[{\"n\\u0061me\":\"\\u006b\",\"valu\\u0065\":1}]}",
                  "p.k=1" },
        };

        CHECK_ROWS(rows);
}

/* Keys that agree in their length and in first and last bytes, beside short ones. */
Test(parsers_json, many_keys)
{
        enum { KEYS = 3000 };
        struct plan none = { .fields = "" };
        struct strbuf text = STRBUF_INIT;
        struct record *record = NULL;
        struct fixture f;
        char name[64];

        open_fixture(&f, &none);
        for (unsigned i = 0; i < KEYS; i++) {
                snprintf(name, sizeof name, i % 2 ? "prefix--%06u--suffix" : "%u", i);
                cr_assert(json_plan_want(f.plan, str_of(name), i) == 0);
                strbuf_addf(&text, "%c\"%s\":%u", i ? ',' : '{', name, i);
        }
        strbuf_addc(&text, '}');
        set_text(&f, strbuf_str(&text));
        cr_assert(json_read(f.reader, f.plan, f.text, f.arena, KEYS, &f.counters, keep_record, &record) == 0);
        for (unsigned i = 0; i < KEYS; i++) {
                snprintf(name, sizeof name, "%u", i);
                cr_assert(record->slots[i].n == 1 && str_eqz(record->slots[i].first->text, name), "%u", i);
        }
        strbuf_done(&text);
        close_fixture(&f);
}

/* ---- Duplicate keys: the last one counts ---- */

Test(parsers_json, duplicates)
{
        static const struct row rows[] = {
                { { .fields = "a" }, "{\"a\":1,\"a\":2}", "a=2" },
                { { .fields = "a" }, "{\"a\":1,\"a\":2,\"b\":0,\"a\":[3,4]}", "a=3,4" },
                { { .fields = "a" }, "{\"a\":[1,2],\"a\":[]}", "a=" },
                { { .fields = "a" }, "{\"a\":1,\"\\u0061\":2}", "a=2" },
                { { .fields = "a b" }, "{\"b\":5,\"a\":1,\"a\":null}", "a=null b=5" },
                { { .fields = "a.b a.c" }, "{\"a\":{\"b\":1,\"c\":2},\"a\":{\"b\":3}}", "a.b=3" },
                { { .fields = "a.b a.c" }, "{\"a\":{\"b\":1},\"a\":5}", "" },
                { { .fields = "a.b c" }, "{\"a\":{\"b\":1,\"b\":{\"b\":2}},\"c\":3}", "a.b=<{\"b\":2}> c=3" },
                { { .fields = "a.b" }, "{\"a\":[{\"b\":1,\"b\":2},{\"b\":3}],\"x\":{\"b\":9,\"b\":8}}", "a.b=2,3" },
                { { .fields = "a.b" }, "{\"a\":{\"b\":1},\"a\":[{\"b\":2,\"b\":3}]}", "a.b=3" },
                { { .fields = "a.b.c" }, "{\"a\":{\"b\":{\"c\":1,\"c\":2},\"b\":{\"c\":3,\"c\":4}}}", "a.b.c=4" },
                { { .fields = "a.b" }, "{\"a.b\":1,\"a\":{\"b\":2},\"a.b\":3}", "a.b=3" },
                { { .fields = "a" }, "{\"x\":1,\"x\":2,\"a\":3}", "a=3" },
                { { .fields = "a" }, "{\"\":1,\"\":2,\"a\":3,\"a\":{}}", "a=<{}>" },
                { { .fields = "a", .envelope = "R" },
                  "{\"R\":[{\"a\":1,\"a\":2},{\"a\":3},{\"a\":4,\"a\":5}]}",
                  "a=2 | a=3 | a=5" },
                { { .fields = "a", .envelope = "R" }, "{\"R\":[{\"a\":1}],\"R\":[{\"a\":2}]}", "a=2" },
                { { .fields = "a", .envelope = "R" }, "{\"R\":[{\"a\":1}],\"R\":5,\"a\":3}", "a=3" },
                { { .fields = "a", .envelope = "R" }, "{\"a\":1,\"a\":2,\"R\":[{\"a\":3}]}", "a=3" },
                { { .fields = "e.x", .fan_out = "e" }, "{\"e\":[{\"x\":1,\"x\":2},{\"x\":3}]}", "e.x=2 | 1:e.x=3" },
                { { .fields = "e.x k", .fan_out = "e" },
                  "{\"e\":[{\"x\":1}],\"k\":1,\"e\":{\"x\":2},\"k\":2}",
                  "e.x=2 k=2" },
                { { .fields = "p.k", .pairs_at = "p" },
                  "{\"p\":[{\"name\":\"j\",\"value\":0,\"name\":\"k\",\"value\":1,\"value\":2}]}",
                  "p.k=2" },
                { { .fields = "t.x", .text = "t" }, "{\"t\":\"{\\\"x\\\":1,\\\"x\\\":2}\"}", "t.x=2" },
                { { .fields = "a", .leaves = true },
                  "{\"a\":1,\"z\":{\"y\":2,\"y\":3},\"z\":{\"y\":4,\"x\":5,\"y\":6}}",
                  "a=1 ~1,5,6" },
                { { .fields = "a", .leaves = true },
                  "{\"q\":\"old\",\"a\":[{\"q\":1,\"q\":2},{\"q\":3}],\"q\":\"new\"}",
                  "a=<{\"q\":1,\"q\":2}>,<{\"q\":3}> ~2,3,'new'" },
                { { .fields = "", .leaves = true }, "{\"q\":1,\"\\u0071\":2}", "~2" },
        };

        CHECK_ROWS(rows);
}

/* More keys than the table for keys without a node holds. */
Test(parsers_json, duplicates_among_many)
{
        struct plan plan = { .fields = "", .leaves = true };
        struct strbuf text = STRBUF_INIT;
        struct fixture f;

        open_fixture(&f, &plan);
        for (unsigned i = 0; i < 5000; i++)
                strbuf_addf(&text, "%c\"k%u\":\"%s\"", i ? ',' : '{', i % 4999, i == 0 ? "old" : "");
        strbuf_addz(&text, ",\"z\":{\"k1\":\"inner\"}}");
        read_text(&f, strbuf_str(&text));
        cr_expect(f.r == 0 && str_find(strbuf_str(&f.out), STR("old")) == SIZE_MAX);
        cr_expect(str_ends(strbuf_str(&f.out), STR("'','inner'")));
        strbuf_done(&text);
        close_fixture(&f);
}

/* Keys of an object and those of the objects in it share that table. */
Test(parsers_json, duplicates_around_many)
{
        static const struct plan plan = { .fields = "", .leaves = true };
        struct strbuf text = STRBUF_INIT;
        struct fixture f;

        open_fixture(&f, &plan);
        for (unsigned i = 0; i < 30; i++) {
                strbuf_clear(&text);
                for (unsigned k = 0; k < 30; k++)
                        strbuf_addf(&text, "%c\"d%u\":\"%s\"", k ? ',' : '{', k, k == i ? "old" : "");
                for (unsigned k = 0; k < 300; k++)
                        strbuf_addf(&text, "%s\"k%u\":0", k ? "," : ",\"z\":{", k);
                strbuf_addf(&text, "},\"d%u\":1}", i);
                read_text(&f, strbuf_str(&text));
                cr_expect(f.r == 0 && str_find(strbuf_str(&f.out), STR("old")) == SIZE_MAX, "d%u", i);
        }
        strbuf_done(&text);
        close_fixture(&f);
}

/* What a duplicate costs depends on its record, not on the document around it. */
Test(parsers_json, duplicates_cost_little)
{
        struct plan plan = { .fields = "a", .envelope = "R" };
        struct strbuf text = STRBUF_INIT;
        struct fixture f;

        open_fixture(&f, &plan);
        strbuf_addz(&text, "{\"R\":[");
        for (unsigned i = 0; i < 2000; i++)
                strbuf_addz(&text, i ? ",{\"a\":1,\"a\":2}" : "{\"a\":1,\"a\":2}");
        strbuf_addz(&text, "]}");
        read_text(&f, strbuf_str(&text));
        cr_expect(f.r == 0 && f.n == 2000);
        cr_expect(arena_used(f.arena) < 2000 * (2 * SLOTS * sizeof(struct slot) + 4096), "%zu", arena_used(f.arena));
        strbuf_done(&text);
        close_fixture(&f);
}
