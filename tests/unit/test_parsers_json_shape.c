/* SPDX-License-Identifier: Apache-2.0 */

/* The JSON reader: envelopes, fan-out, pairs, JSON in text, leaves. */

#include "tests/unit/json_util.h"

/* ---- Envelopes ---- */

Test(parsers_json, envelope)
{
        static const struct row rows[] = {
                { { .fields = "a", .envelope = "R" }, "{\"R\":[{\"a\":1},{\"a\":2},{}]}", "a=1 | a=2 | " },
                { { .fields = "a", .envelope = "R" }, "{\"x\":[{\"a\":7}],\"R\":[{\"a\":1}],\"a\":9}", "a=1" },
                { { .fields = "a", .envelope = "R" }, "{\"R\":{\"a\":1}}", "a=1" },
                { { .fields = "a", .envelope = "R" }, "{\"R\":[]}", "" },
                { { .fields = "a", .envelope = "R" }, "{\"a\":1}", "a=1" },
                { { .fields = "a R", .envelope = "R" }, "{\"a\":1,\"R\":null}", "a=1 R=null" },
                { { .fields = "a", .envelope = "R" }, "{\"a\":1,\"R\":\"x\"}", "a=1" },
                { { .fields = "a", .envelope = "R" }, "[{\"a\":1},{\"a\":2}]", "a=1 | a=2" },
                { { .fields = "a", .envelope = "R" }, "[]", "" },
                { { .fields = "a", .envelope = "R" }, "[{\"R\":[{\"a\":1},{\"a\":2}]},{\"a\":3}]", "a=1 | a=2 | a=3" },
                { { .fields = "a", .envelope = "R" }, "{\"R\":[{\"a\":1,\"R\":[{\"a\":2}]}]}", "a=1" },
                { { .fields = "a", .envelope = "R" }, "{\"R\":[[{\"a\":1}],[[{\"a\":2}]],[]]}", "a=1 | a=2" },
                { { .fields = "a", .envelope = "R" }, "{\"R\":[1,{\"a\":1},null,\"x\"]}", "a=1 +rejects_malformed" },
                { { .fields = "a", .envelope = "x.R" }, "{\"x\":{\"R\":[{\"a\":1},{\"a\":2}]}}", "a=1 | a=2" },
                { { .fields = "a", .envelope = "x.R" },
                  "{\"x\":[{\"R\":[{\"a\":1}]},5,{\"q\":1},{\"R\":{\"a\":2}}]}",
                  "a=1 | a=2" },
                { { .fields = "a x.y", .envelope = "x.R" }, "{\"x\":{\"y\":5},\"a\":1}", "a=1 x.y=5" },
                { { .fields = "a", .envelope = "x.R" }, "{\"x.R\":[{\"a\":1}],\"a\":2}", "a=2" },
                { { .fields = "a", .envelope = "R", .envelope2 = "x.Q" }, "{\"x\":{\"Q\":[{\"a\":1},{\"a\":2}]}}", "a=1 | a=2" },
                { { .fields = "a", .envelope = "R", .envelope2 = "x.Q" }, "{\"x\":{\"Q\":{\"a\":1}},\"R\":{\"a\":2}}", "a=2" },
                { { .fields = "a", .envelope = "R", .envelope2 = "R.Q" }, "{\"R\":{\"Q\":{\"a\":1},\"a\":2}}", "a=2" },
                { { .fields = "a", .envelope = "R.Q", .envelope2 = "R" }, "{\"R\":{\"Q\":{\"a\":1},\"a\":2}}", "a=1" },
                { { .fields = "a", .envelope = "R.Q", .envelope2 = "R" }, "{\"R\":{\"a\":2}}", "a=2" },
                { { .fields = "a", .envelope = "R", .envelope2 = "x" }, "[{\"x\":{\"a\":1}},{\"R\":[{\"a\":2}]},{\"a\":3}]", "a=1 | a=2 | a=3" },
                { { .fields = "a R x", .envelope = "R", .envelope2 = "x" }, "{\"a\":1,\"R\":2,\"x\":null}", "a=1 R=2 x=null" },
                { { .fields = "a", .envelope = "R", .envelope2 = "x" }, "{\"x\":{\"a\":1}} {}", "!EBADMSG" },
                { { .fields = "a", .envelope = "" }, "{\"a\":1}", "a=1" },
                { { .fields = "a", .envelope = "" }, "[{\"a\":1},[{\"a\":2}]]", "a=1 | a=2" },
                { { .fields = "a" }, "[{\"a\":1},{\"a\":2}]", "a=1 | a=2" },
                { { .fields = "a R.a", .envelope = "R" },
                  "{\"R\":5,\"a\":{\"R\":[{\"a\":1}]}}",
                  "a=<{\"R\":[{\"a\":1}]}>" },
        };

        CHECK_ROWS(rows);
}

Test(parsers_json, of_several_envelopes_the_first_with_records_counts)
{
        static const struct row rows[] = {
                { { .fields = "a", .envelope = "R", .envelope2 = "d" }, "{\"R\":[{\"a\":1}],\"d\":{\"a\":2}}", "a=1" },
                { { .fields = "a", .envelope = "R", .envelope2 = "d" }, "{\"d\":{\"a\":2},\"R\":[{\"a\":1}]}", "a=1" },
                { { .fields = "a", .envelope = "R", .envelope2 = "d" }, "{\"a\":7,\"d\":{\"a\":2}}", "a=2" },
                { { .fields = "a", .envelope = "R", .envelope2 = "d" }, "{\"R\":null,\"d\":{\"a\":2}}", "a=2" },
                { { .fields = "a", .envelope = "R", .envelope2 = "d" }, "{\"R\":[],\"d\":{\"a\":2}}", "" },
                { { .fields = "a", .envelope = "R", .envelope2 = "d" }, "{\"a\":3,\"R\":1,\"d\":2}", "a=3" },
                { { .fields = "a", .envelope = "R", .envelope2 = "e.d" }, "{\"e\":[{\"d\":{\"a\":2}},{\"d\":[]}]}", "a=2" },
                { { .fields = "a", .envelope = "R.x", .envelope2 = "R.y" }, "{\"R\":{\"y\":[{\"a\":2}]}}", "a=2" },
        };

        CHECK_ROWS(rows);
}

Test(parsers_json, records_in_a_string)
{
        static const struct row rows[] = {
                { { .fields = "a b", .envelope = "E.t" },
                  "{\"E\":[{\"t\":\"{\\\"a\\\":\\\"x\\\"}\"},{\"t\":\"[{\\\"b\\\":1},{}]\"}]}",
                  "a='x' | b=1 | " },
                { { .fields = "a", .envelope = "t" }, "{\"t\":\" {}\\n \"}", "" },
                { { .fields = "a", .envelope = "t" }, "{\"t\":\"[{\\\"a\\\":1,\\\"a\\\":2}]\",\"a\":5}", "a=2" },
                { { .fields = "a t", .envelope = "t" }, "{\"t\":\"x\",\"a\":5}", "a=5 t='x'" },
                { { .fields = "a", .envelope = "E.t" },
                  "{\"E\":[{\"t\":\"{\\\"a\\\":1\"},{\"t\":\"{\\\"a\\\":2}\"},{\"t\":\"{\\\"a\\\":3}}\"}]}",
                  "a=2 +json_in_text_bad" },
                { { .fields = "a t", .envelope = "t" }, "{\"t\":\"{\\\"t\\\":\\\"{}\\\"}\"}", "t='{}'" },
                { { .fields = "a", .envelope = "R.t" }, "{\"R\":[\"{\\\"a\\\":1}\"]}", "" },
        };

        CHECK_ROWS(rows);
}

Test(parsers_json, a_backslash_makes_a_dot_part_of_a_key)
{
        static const struct row rows[] = {
                { { .fields = "c.http://x\\.org/y c.http" }, "{\"c\":{\"http://x.org/y\":1,\"http://x\":{\"org/y\":2}}}", "c.http://x\\.org/y=1" },
                { { .fields = "a\\.b" }, "{\"a\":{\"b\":1},\"a.b\":2}", "a\\.b=2" },
                { { .fields = "a\\b.c\\" }, "{\"a\\\\b\":{\"c\\\\\":1}}", "a\\b.c\\=1" },
                { { .fields = "a", .envelope = "x\\.R" }, "{\"x\":{\"R\":[{}]},\"x.R\":[{\"a\":1}]}", "a=1" },
        };

        CHECK_ROWS(rows);
}

static int print_raw(void *userdata, struct record *record, uint32_t sub)
{
        struct fixture *f = userdata;

        cr_expect(record->raw.p >= f->text.p && record->raw.p + record->raw.n <= f->text.p + f->text.n);
        strbuf_addf(&f->out, "%s%u" STR_FMT, f->n++ ? " | " : "", sub, STR_ARG(record->raw));
        return 0;
}

Test(parsers_json, raw_is_the_records_own_bytes)
{
        static const struct row rows[] = {
                { { .fields = "a" }, " \n{ \"a\" : 1 } \r\n", "0{ \"a\" : 1 }" },
                { { .fields = "a", .envelope = "R" }, "{\"R\" : [ {\"a\":1} , { } ] }", "0{\"a\":1} | 0{ }" },
                { { .fields = "a", .envelope = "R" }, "{\"R\" : {\"a\": 1 }\n}", "0{\"a\": 1 }" },
                { { .fields = "a" }, "[ {\"a\":1,\"a\":2 }\n]", "0{\"a\":1,\"a\":2 }" },
                { { .fields = "e.x", .fan_out = "e" },
                  " {\"e\":[{\"x\":1}, {}]} ",
                  "0{\"e\":[{\"x\":1}, {}]} | 1{\"e\":[{\"x\":1}, {}]}" },
                { { .fields = "e.x", .envelope = "R", .fan_out = "e" },
                  "{\"R\":[{\"e\":[1,2]},{}]}",
                  "0{\"e\":[1,2]} | 1{\"e\":[1,2]} | 0{}" },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                struct fixture f;

                open_fixture(&f, &rows[i].plan);
                set_text(&f, str_of(rows[i].document));
                cr_expect(read_with(&f, print_raw) == 0);
                cr_expect_str_eq(f.out.p, rows[i].want);
                close_fixture(&f);
        }
}

/* ---- Fan-out ---- */

Test(parsers_json, fan_out)
{
        static const struct row rows[] = {
                { { .fields = "id e.x", .fan_out = "e" },
                  "{\"e\":[{\"x\":1},{\"x\":2},{\"y\":3}],\"id\":7}",
                  "id=7 e.x=1 | 1:id=7 e.x=2 | 2:id=7" },
                { { .fields = "id e.x", .fan_out = "e" }, "{\"id\":7,\"e\":{\"x\":1}}", "id=7 e.x=1" },
                { { .fields = "id e.x", .fan_out = "e" }, "{\"id\":7}", "id=7" },
                { { .fields = "id e e.x", .fan_out = "e" }, "{\"id\":7,\"e\":[]}", "id=7 e=" },
                { { .fields = "id e e.x", .fan_out = "e" }, "{\"id\":7,\"e\":[[],[[]]]}", "id=7 e=" },
                { { .fields = "id e", .fan_out = "e" }, "{\"id\":7,\"e\":null}", "id=7 e=null" },
                { { .fields = "e e.x", .fan_out = "e" }, "{\"e\":[{\"x\":1},5]}", "e=<{\"x\":1}> e.x=1 | 1:e=5" },
                { { .fields = "e.x", .fan_out = "e" },
                  "{\"e\":[{\"x\":1},[{\"x\":2},{\"x\":3}]]}",
                  "e.x=1 | 1:e.x=2 | 2:e.x=3" },
                { { .fields = "e.x", .fan_out = "e" }, "{\"e\":[{\"x\":[1,2]},{\"x\":[]}]}", "e.x=1,2 | 1:e.x=" },
                { { .fields = "p.e.x p.y", .fan_out = "p.e" },
                  "{\"p\":{\"e\":[{\"x\":1},{\"x\":2}],\"y\":3}}",
                  "p.e.x=1 p.y=3 | 1:p.e.x=2 p.y=3" },
                { { .fields = "p.e.x p.y", .fan_out = "p.e" },
                  "{\"p\":[{\"e\":[{\"x\":1}],\"y\":3},{\"e\":{\"x\":2}}]}",
                  "p.e.x=1 p.y=3 | 1:p.e.x=2 p.y=3" },
                { { .fields = "e.e.x", .fan_out = "e" },
                  "{\"e\":[{\"e\":{\"x\":1}},{\"e\":[{\"x\":2},{\"x\":3}]}]}",
                  "e.e.x=1 | 1:e.e.x=2,3" },
                { { .fields = "id e.x", .envelope = "R", .fan_out = "e" },
                  "{\"R\":[{\"id\":1,\"e\":[{\"x\":1},{\"x\":2}]},{\"id\":2}]}",
                  "id=1 e.x=1 | 1:id=1 e.x=2 | id=2" },
                { { .fields = "e.x", .fan_out = "e" }, "{\"e\":[{\"x\":1},{\"x\":2}],\"e.x\":9}", "e.x=9 | 1:e.x=9" },
                { { .fields = "e.x", .fan_out = "e", .leaves = true },
                  "{\"k\":\"s\",\"e\":[{\"x\":1,\"z\":[2]},{}]}",
                  "e.x=1 ~1,2,'s' | 1:~'s'" },
                { { .fields = "e.x", .fan_out = "e" }, "{\"e\":[{\"x\":1},{\"x\":tru}]}", "!EBADMSG" },
                { { .fields = "e.x", .fan_out = "e" }, "{\"e\":[{\"x\":1},{\"x\":2}]", "!EBADMSG" },
                { { .fields = "e.x", .fan_out = "e" }, "{\"e\":[{\"x\":1},{\"x\":2}]}}", "!EBADMSG" },
                { { .fields = "e.x", .fan_out = "e" }, "{\"e\":[{\"x\":1},]}", "!EBADMSG" },
        };

        CHECK_ROWS(rows);
}

/* ---- Name/value pairs ---- */

Test(parsers_json, pairs)
{
        static const struct row rows[] = {
                { { .fields = "p.k p.j", .pairs_at = "p" },
                  "{\"p\":[{\"name\":\"k\",\"value\":\"v\"},{\"value\":2,\"name\":\"j\"},{\"name\":\"z\"}]}",
                  "p.k='v' p.j=2" },
                { { .fields = "p.k", .pairs_at = "p" },
                  "{\"p\":[{\"name\":\"k\",\"int\":3,\"multi\":[1,2]}]}",
                  "p.k=1,2" },
                { { .fields = "p.k", .pairs_at = "p" },
                  "{\"p\":[{\"int\":3,\"name\":\"k\",\"value\":null}]}",
                  "p.k=null" },
                { { .fields = "p.k", .pairs_at = "p" }, "{\"p\":[{\"name\":\"k\",\"multi\":[]}]}", "p.k=" },
                { { .fields = "p.k.x p.x p.name", .named_at = "p" },
                  "{\"p\":[{\"name\":\"k\",\"x\":1},{\"x\":2,\"name\":\"j\"},{\"x\":3,\"name\":\"k\"},{\"x\":4}]}",
                  "p.k.x=1,3 p.x=1,2,3,4 p.name='k','j','k'" },
                { { .fields = "p.k p.k.x", .named_at = "p" }, "{\"p\":[{\"name\":\"k\",\"x\":[5]}]}", "p.k=<{\"name\":\"k\",\"x\":[5]}> p.k.x=5" },
                { { .fields = "p.k.x p.x", .named_at = "p" }, "{\"p\":{\"name\":\"k\",\"x\":1}}", "p.x=1" },
                { { .fields = "p.k.x p.x", .named_at = "p" }, "{\"p\":[{\"name\":\"k\",\"x\":1,\"x\":2}]}", "p.k.x=2 p.x=2" },
                { { .fields = "p.k.x", .named_at = "p", .leaves = true }, "{\"p\":[{\"name\":\"k\",\"x\":1}]}", "p.k.x=1 ~'k',1" },
                { { .fields = "p.k", .pairs_at = "p" }, "{\"p\":[{\"name\":\"k\"},{\"name\":\"k\",\"other\":1}]}", "" },
                { { .fields = "p.k", .pairs_at = "p" },
                  "{\"p\":[{\"name\":\"k\",\"value\":1},{\"name\":\"k\",\"value\":2}]}",
                  "p.k=1,2" },
                { { .fields = "p.k", .pairs_at = "p" }, "{\"p\":[[{\"name\":\"k\",\"value\":1}],5,null,[]]}", "p.k=1" },
                { { .fields = "p.k", .pairs_at = "p" },
                  "{\"p\":[{\"name\":5,\"value\":1},{\"name\":[\"k\"],\"value\":1}]}",
                  "" },
                { { .fields = "p.k", .pairs_at = "p" }, "{\"p\":[{\"name\":\"\\u006b\",\"value\":1},{}]}", "p.k=1" },
                { { .fields = "p.k.x p.k.y", .pairs_at = "p" },
                  "{\"p\":[{\"name\":\"k\",\"value\":{\"x\":1,\"y\":[2]}}]}",
                  "p.k.x=1 p.k.y=2" },
                { { .fields = "p.k.x", .pairs_at = "p" }, "{\"p\":[{\"name\":\"k.x\",\"value\":1}]}", "p.k.x=1" },
                { { .fields = "p p.k", .pairs_at = "p" },
                  "{\"p\":[{\"name\":\"k\",\"value\":1}]}",
                  "p=<{\"name\":\"k\",\"value\":1}> p.k=1" },
                { { .fields = "p.k", .pairs_at = "p" }, "{\"p\":{\"k\":1}}", "p.k=1" },
                { { .fields = "p.name", .pairs_at = "p" }, "{\"p\":[{\"name\":\"k\",\"value\":1}]}", "" },
                { { .fields = "e.p.k e.x", .fan_out = "e", .pairs_at = "e.p" },
                  "{\"e\":[{\"x\":1,\"p\":[{\"name\":\"k\",\"value\":2}]},{\"p\":[{\"name\":\"k\",\"value\":3}]}]}",
                  "e.p.k=2 e.x=1 | 1:e.p.k=3" },
                { { .fields = "p.k", .pairs_at = "p", .leaves = true },
                  "{\"p\":[{\"name\":\"k\",\"value\":[1,\"x\"],\"z\":2},{\"name\":\"j\"}]}",
                  "p.k=1,'x' ~'k',1,'x',2,'j'" },
                { { .fields = "p.k", .pairs_at = "p" }, "{\"p\":[{\"name\":\"k\",\"value\":01}]}", "!EBADMSG" },
                { { .fields = "p.k", .pairs_at = "p" }, "{\"p\":[{\"name\":\"\\k\",\"value\":1}]}", "!EBADMSG" },
                { { .fields = "p.k", .pairs_at = "p" }, "{\"p\":[{\"name\":\"k\",}]}", "!EBADMSG" },
                { { .fields = "p.k", .pairs_at = "p" }, "{\"p\":[{\"name\" \"k\"}]}", "!EBADMSG" },
                { { .fields = "p.k", .pairs_at = "p" }, "{\"p\":[{\"name\":\"k\"]}", "!EBADMSG" },
        };

        CHECK_ROWS(rows);
}

/* ---- JSON in text ---- */

Test(parsers_json, text)
{
        static const struct row rows[] = {
                { { .fields = "t t.x", .text = "t" }, "{\"t\":\"{\\\"x\\\":1}\"}", "t='{\"x\":1}' t.x=1" },
                { { .fields = "t.x", .text = "t" },
                  "{\"t\":\" [ {\\\"x\\\":1} , [{\\\"x\\\":\\\"\\\\u0041\\\"}] ] \"}",
                  "t.x=1,'A'" },
                { { .fields = "t.x.y", .text = "t" },
                  "{\"t\":\"{\\\"x\\\":{\\\"y\\\":\\\"\\\\\\\"\\\"}}\"}",
                  "t.x.y='\"'" },
                { { .fields = "t.x", .text = "t" }, "{\"t\":[\"{\\\"x\\\":1}\",\"{\\\"x\\\":2}\"]}", "t.x=1,2" },
                { { .fields = "t.x", .text = "t" }, "{\"t\":{\"x\":1}}", "t.x=1" },
                { { .fields = "t.x", .text = "t" }, "{\"t\":\"{\\\"t\\\":5}\"}", "" },
                { { .fields = "t t.x", .text = "t" }, "{\"t\":\"5\"}", "t='5'" },
                { { .fields = "t t.x", .text = "t" }, "{\"t\":\" null \"}", "t=' null '" },
                { { .fields = "t.x", .text = "t" }, "{\"t\":\"\\\"x\\\"\"}", "" },
                { { .fields = "t.x", .text = "t" }, "{\"t\":\"[]\"}", "" },
                { { .fields = "t.x", .text = "t" }, "{\"t\":\"{}\"}", "" },
                { { .fields = "t.x", .text = "t" }, "{\"t\":5}", "" },
                { { .fields = "t t.x", .text = "t" }, "{\"t\":\"plain\"}", "t='plain' +json_in_text_bad" },
                { { .fields = "t t.x", .text = "t" }, "{\"t\":\"\"}", "t='' +json_in_text_bad" },
                { { .fields = "t", .text = "t" }, "{\"t\":\"{\"}", "t='{' +json_in_text_bad" },
                { { .fields = "t.x", .text = "t" }, "{\"t\":\"{\\\"x\\\":1\"}", "+json_in_text_bad" },
                { { .fields = "t.x", .text = "t" }, "{\"t\":\"{\\\"x\\\":1,\\\"y\\\":tru}\"}", "+json_in_text_bad" },
                { { .fields = "t.x", .text = "t" }, "{\"t\":\"{\\\"x\\\":1}}\"}", "+json_in_text_bad" },
                { { .fields = "t.x", .text = "t" }, "{\"t\":\"{\\\"x\\\":1} {}\"}", "+json_in_text_bad" },
                { { .fields = "t.x", .text = "t" },
                  "{\"t\":\"{\\\"x\\\":1,\\\"y\\\":\\\"\\\\q\\\"}\"}",
                  "+json_in_text_bad" },
                { { .fields = "t.x", .text = "t" },
                  "{\"t\":\"{\\\"x\\\":1,\\\"y\\\":\\\"\\n\\\"}\"}",
                  "+json_in_text_bad" },
                { { .fields = "t.x b", .text = "t" }, "{\"t\":\"oops\",\"b\":1,\"b\":2}", "b=2 +json_in_text_bad" },
                { { .fields = "t.u.x", .text = "t", .text2 = "t.u" },
                  "{\"t\":\"{\\\"u\\\":\\\"{\\\\\\\"x\\\\\\\":1}\\\"}\"}",
                  "t.u.x=1" },
                { { .fields = "e.t.x e.y", .fan_out = "e", .text = "e.t" },
                  "{\"e\":[{\"t\":\"{\\\"x\\\":1}\",\"y\":2},{\"t\":\"{\\\"x\\\":3}\"}]}",
                  "e.t.x=1 e.y=2 | 1:e.t.x=3" },
                { { .fields = "t.e.x", .fan_out = "t.e", .text = "t" },
                  "{\"t\":\"{\\\"e\\\":[{\\\"x\\\":1},{\\\"x\\\":2}]}\"}",
                  "t.e.x=1,2" },
                { { .fields = "t.p.k", .text = "t", .pairs_at = "t.p" },
                  "{\"t\":\"{\\\"p\\\":[{\\\"name\\\":\\\"k\\\",\\\"value\\\":1}]}\"}",
                  "t.p.k=1" },
                { { .fields = "t.x", .text = "t", .leaves = true },
                  "{\"t\":\"{\\\"x\\\":\\\"in\\\"}\",\"b\":1}",
                  "t.x='in' ~'{\"x\":\"in\"}',1" },
        };

        CHECK_ROWS(rows);
}

/* A string in a string in a string …, each the value of `t`. */
Test(parsers_json, text_in_text_ends)
{
        struct strbuf text = STRBUF_INIT;
        struct plan plan = { .fields = "t t.t t.t.t t.t.t.t" };
        struct fixture f;

        open_fixture(&f, &plan);
        cr_assert(json_plan_text(f.plan, STR("t")) == 0 && json_plan_text(f.plan, STR("t.t")) == 0 &&
                  json_plan_text(f.plan, STR("t.t.t")) == 0);
        read_text(&f, STR("{\"t\":\"{\\\"t\\\":\\\"{\\\\\\\"t\\\\\\\":\\\\\\\"{}\\\\\\\"}\\\"}\"}"));
        cr_expect(f.r == 0 && f.counters.n[COUNTER_JSON_IN_TEXT_BAD] == 1);
        cr_expect(str_find(strbuf_str(&f.out), STR(" t.t.t='{}'")) != SIZE_MAX, "%s", f.out.p);
        strbuf_done(&text);
        close_fixture(&f);
}

Test(parsers_json, text_too_long_or_deep)
{
        struct strbuf text = STRBUF_INIT;
        struct plan plan = { .fields = "t.x", .text = "t" };
        struct fixture f;

        open_fixture(&f, &plan);
        for (int depth = JSON_DEPTH_MAX - 1; depth <= JSON_DEPTH_MAX; depth++) {
                strbuf_clear(&text);
                strbuf_addz(&text, "{\"t\":\"{\\\"x\\\":1,\\\"y\\\":");
                for (int i = 0; i < depth; i++)
                        strbuf_addc(&text, '[');
                for (int i = 0; i < depth; i++)
                        strbuf_addc(&text, ']');
                strbuf_addz(&text, "}\"}");
                cr_expect_str_eq(read_text(&f, strbuf_str(&text)),
                                 depth < JSON_DEPTH_MAX ? "t.x=1" : "+json_in_text_bad");
        }
        strbuf_clear(&text);
        strbuf_addz(&text, "{\"t\":\"[");
        for (int i = 0; i < JSON_IN_TEXT_BYTES_MAX; i++)
                strbuf_addc(&text, ' ');
        strbuf_addz(&text, "]\"}");
        cr_expect_str_eq(read_text(&f, strbuf_str(&text)), "+json_in_text_bad");
        strbuf_done(&text);
        close_fixture(&f);
}

/* ---- Leaves ---- */

Test(parsers_json, leaves)
{
        static const struct row rows[] = {
                { { .fields = "", .leaves = true }, "{}", "" },
                { { .fields = "", .leaves = true }, "{\"a\":true,\"b\":null,\"c\":[],\"d\":{}}", "" },
                { { .fields = "", .leaves = true },
                  "{\"a\":\"x\",\"b\":[1.0,{\"c\":\"\\u0041\"},[[2]]]}",
                  "~'x',1,'A',2" },
                { { .fields = "a.b", .leaves = true }, "{\"a\":{\"b\":1,\"c\":2},\"d\":3}", "a.b=1 ~1,2,3" },
                { { .fields = "a", .leaves = true }, "{\"a\":{\"b\":1}}", "a=<{\"b\":1}> ~1" },
                { { .fields = "a", .envelope = "R", .leaves = true },
                  "{\"R\":[{\"x\":1},{\"x\":2}],\"y\":3}",
                  "~1 | ~2" },
                { { .fields = "", .leaves = true }, "{\"a\":nul}", "!EBADMSG" },
                { { .fields = "", .leaves = true }, "{\"a\":[\"\\x\"]}", "!EBADMSG" },
                { { .fields = "", .leaves = true }, "{\"a\":{\"b\":[1 2]}}", "!EBADMSG" },
        };

        CHECK_ROWS(rows);
}
