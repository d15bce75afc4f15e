/* SPDX-License-Identifier: Apache-2.0 */

/* Expressions over what is known: Kleene's logic, parts of fields, "at least", and the reasons in words. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "monitor/cases/facts.h"

static bool any(struct str name)
{
        return !str_starts(name, STR("bogus"));
}

/* "people.kr=1200 sensitive=no data=email,card" */
static struct facts facts_of(struct arena *arena, const char *text)
{
        struct fact_of_case *items = arena_array(arena, 32, sizeof *items);
        struct str rest = arena_dup(arena, str_of(text)), word;
        struct facts f = { .items = items };

        while (str_cut(&rest, ' ', &word)) {
                struct str value = word, name;

                if (word.n == 0)
                        continue;
                str_cut(&value, '=', &name);
                items[f.n++] = (struct fact_of_case){ name, value };
        }
        return f;
}

static const struct str korea[] = { { "kr", 2 } }, california[] = { { "us-ca", 5 } }, two[] = { { "de", 2 }, { "fr", 2 } },
                        us[] = { { "us", 2 }, { "us-ca", 5 } };

static const struct {
        const char *facts, *here, *expr;
        enum truth want;
        const char *why; /* NULL: not looked at */
} rows[] = {
        { "people.kr=1200", "kr", "people.here >= 1000", TRUTH_YES, "people.kr is 1200, which is 1000 or more" },
        { "people.kr=999", "kr", "people.here >= 1000", TRUTH_NO, "people.kr is 999, which is less than 1000" },
        { "people.kr=1000", "kr", "people.here > 1000", TRUTH_NO, "people.kr is 1000, which is 1000 or less" },
        { "people.kr=1001", "kr", "people.here > 1000", TRUTH_YES, "people.kr is 1001, which is more than 1000" },
        { "people.kr=5", "kr", "people.here > 0", TRUTH_YES, "people.kr is 5" },
        { "", "kr", "people.here >= 1000", TRUTH_UNKNOWN, "people.kr is not known" },
        { "", "kr", "people.here >= 1000 or sensitive or illegal-access", TRUTH_UNKNOWN, "people.kr, sensitive and illegal-access are not known" },
        { "illegal-access=yes", "kr", "people.here >= 1000 or sensitive or illegal-access", TRUTH_YES, "illegal-access is yes" },
        { "people.kr=10 sensitive=no illegal-access=no", "kr", "people.here >= 1000 or sensitive or illegal-access", TRUTH_NO,
          "people.kr is 10, which is less than 1000 and sensitive is no and illegal-access is no" },
        { "people.kr=10 sensitive=no", "kr", "people.here >= 1000 or sensitive or illegal-access", TRUTH_UNKNOWN, "illegal-access is not known" },
        /* at least: more may come */
        { "people.kr=>=900", "kr", "people.here >= 1000", TRUTH_UNKNOWN, "people.kr is at least 900, and may be 1000 or more until that is counted and confirmed" },
        { "people.kr=>=1000", "kr", "people.here >= 1000", TRUTH_YES, "people.kr is at least 1000, which is 1000 or more" },
        { "people.kr=900-1100", "kr", "people.here >= 1000", TRUTH_UNKNOWN, NULL },
        { "people.kr=900-999", "kr", "people.here >= 1000", TRUTH_NO, NULL },
        { "people.kr=>=900", "kr", "people.here < 900", TRUTH_NO, NULL },
        /* parts: who is not spoken of is nobody, unless a total says more */
        { "people.sg=700", "kr", "people.here > 0", TRUTH_NO, "people.kr is 0" },
        { "people.sg=>=700", "kr", "people.here > 0", TRUTH_NO, "people.kr is 0" },
        { "people.sg=>=700", "kr", "people >= 1000", TRUTH_UNKNOWN, NULL },
        { "people.sg=>=700 people=>=700", "kr", "people.here > 0", TRUTH_UNKNOWN, NULL },
        { "people.sg=>=700 people=800", "kr", "people.here > 0", TRUTH_UNKNOWN, NULL },
        { "people.sg=>=700 people=800", "kr", "people.here > 100", TRUTH_NO, NULL },
        { "people.kr=>=5 people.us-ca=600", "us", "people.here > 600", TRUTH_NO, NULL },
        { "people.us-ca=>=600", "us", "people.here > 600", TRUTH_UNKNOWN, NULL },
        { "people.sg=700 people=700", "kr", "people.here > 0", TRUTH_NO, NULL },
        { "people.sg=700 people=800", "kr", "people.here > 0", TRUTH_UNKNOWN, NULL },
        { "people.sg=700 people=800", "kr", "people.here > 100", TRUTH_NO, NULL },
        { "people=800", "kr", "people.here > 800", TRUTH_NO, NULL },
        { "people=800", "kr", "people.here > 700", TRUTH_UNKNOWN, NULL },
        { "people.sg=700 people.kr=600", "", "people >= 1300", TRUTH_YES, NULL },
        { "people.sg=700 people.kr=600", "", "people.here >= 1300", TRUTH_YES, NULL },
        { "people=500 people.sg=700", "", "people >= 700", TRUTH_YES, NULL },
        { "people.de=600 people.fr=500", "de fr", "people.here >= 1100", TRUTH_YES, "people in its countries is 1100, which is 1100 or more" },
        { "people.de=600", "de fr", "people.here >= 1100", TRUTH_NO, NULL },
        { "people.de=600 people=700", "de fr", "people.here > 700", TRUTH_NO, NULL },
        { "people.us-ca=600", "us-ca", "people.here > 500", TRUTH_YES, "people.us-ca is 600, which is more than 500" },
        { "people.us=600", "us-ca", "people.here > 500", TRUTH_UNKNOWN, NULL },
        { "people.us=600", "us-ca", "people.here > 600", TRUTH_NO, NULL },
        { "people.us-ca=600 people.us-ny=10", "us", "people.here >= 610", TRUTH_YES, NULL },
        { "people.us-ca=600 people.us=900", "us", "people.here = 900", TRUTH_YES, NULL },
        { "people.us-ca=600 people.us=900", "", "people = 900", TRUTH_YES, NULL },
        { "people.kr=1 people.kr=2", "kr", "people.kr = 2", TRUTH_YES, NULL },
        /* a regime's own word */
        { "risk=no risk.kr-pipa=yes", "kr", "risk", TRUTH_YES, "risk.kr-pipa is yes" },
        { "risk=yes risk.kr-pipa=no", "kr", "risk", TRUTH_NO, NULL },
        { "risk=yes", "kr", "risk.kr-pipa", TRUTH_YES, NULL },
        { "risk.eu-gdpr=yes", "kr", "risk", TRUTH_UNKNOWN, NULL },
        { "people.kr=10 people.kr-pipa=2000", "kr", "people.here >= 1000", TRUTH_YES, "people.kr-pipa is 2000, which is 1000 or more" },
        /* lists and words */
        { "data=email,password", "", "data has password", TRUTH_YES, "data has password" },
        { "data=email,password-hash", "", "data has password", TRUTH_NO, "data has no password" },
        { "", "", "data has password", TRUTH_UNKNOWN, "data is not known" },
        { "seller=KR", "", "seller = kr", TRUTH_YES, "seller is KR" },
        { "seller=sg", "", "seller = kr", TRUTH_NO, "seller is sg, not kr" },
        { "seller=sg", "", "seller != kr", TRUTH_YES, NULL },
        { "seller=sg", "", "not seller = kr", TRUTH_YES, NULL },
        { "", "", "not seller = kr", TRUTH_UNKNOWN, NULL },
        { "role=intermediary", "", "role has 'intermediary'", TRUTH_YES, NULL },
        { "sensitive=unknown", "", "sensitive", TRUTH_UNKNOWN, "sensitive is not known" },
        { "children=3", "", "children", TRUTH_YES, NULL },
        { "children=0", "", "children", TRUTH_NO, NULL },
        /* order of operators */
        { "a=yes b=no c=no", "", "a or b and c", TRUTH_YES, NULL },
        { "a=yes b=no c=no", "", "(a or b) and c", TRUTH_NO, NULL },
        { "a=no b=yes", "", "not a and b", TRUTH_YES, NULL },
        { "a=no b=no", "", "not (a and b)", TRUTH_YES, NULL },
        { "n=1000000", "", "n >= 1_000_000", TRUTH_YES, NULL },
        { "a=no", "", "a and b", TRUTH_NO, "a is no" },
        { "a=yes", "", "a or b", TRUTH_YES, "a is yes" },
        { "a=yes", "", "a and b", TRUTH_UNKNOWN, "b is not known" },
        { "n=18446744073709551615", "", "n >= 18446744073709551615", TRUTH_YES, NULL },
};

Test(cases_facts, expressions)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(strbuf_done) struct strbuf why = STRBUF_INIT;
                struct facts f = facts_of(arena, rows[i].facts);
                struct err err = { 0 };
                struct expr *e;
                enum truth truth;
                const char *here = rows[i].here;

                f.regime = STR("kr-pipa");
                f.here = strcmp(here, "kr") == 0 ? korea : strcmp(here, "us-ca") == 0 ? california : strcmp(here, "us") == 0 ? us : two;
                f.n_here = *here == '\0' ? 0 : f.here == two || f.here == us ? 2 : 1;
                cr_assert_eq(expr_parse(str_of(rows[i].expr), any, arena, &e, &err), 0, "%s: %s", rows[i].expr, err.text);
                for (int sorted = 0; sorted < 2; sorted++) {
                        truth = expr_eval(e, &f);
                        cr_assert_eq(truth, rows[i].want, "%s, with %s: %s", rows[i].expr, rows[i].facts, truth_name(truth));
                        strbuf_clear(&why);
                        expr_why(e, &f, &why);
                        if (rows[i].why)
                                cr_assert_str_eq(why.p ? why.p : "", rows[i].why);
                        cr_assert_eq(facts_sort(&f, arena), 0);
                }
        }
}

static const struct {
        const char *expr, *part; /* of the message */
} bad[] = {
        { "", "at its end" },
        { "people >=", "a number or a word" },
        { "people >= 12x", "no number" },
        { "people >= 99999999999999999999999999", "no number" },
        { "bogus > 1", "no field has this name" },
        { "people > 1 sensitive", "is expected here" },
        { "(people > 1", "closing parenthesis" },
        { "people > many", "compared with = and !=" },
        { "and", "name of a field" },
        { "people > 1 or", "at its end" },
        { "seller = \"kr", "do not end" },
        { "1 < people", "name of a field" },
        { "people ~ 1", "column 8" },
};

Test(cases_facts, mistakes)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(strbuf_done) struct strbuf deep = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf nots = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf wide = STRBUF_INIT;
        struct err err = { 0 };
        struct expr *e;

        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                cr_assert_eq(expr_parse(str_of(bad[i].expr), any, arena, &e, &err), -EBADMSG, "%s", bad[i].expr);
                cr_assert(strstr(err.text, bad[i].part), "%s: %s", bad[i].expr, err.text);
        }
        for (int i = 0; i < 100; i++)
                strbuf_addc(&deep, '('), strbuf_addz(&nots, "not ");
        strbuf_addz(&nots, "a");
        cr_assert_eq(expr_parse(strbuf_str(&deep), any, arena, &e, &err), -EBADMSG);
        cr_assert_eq(expr_parse(strbuf_str(&nots), any, arena, &e, &err), -EBADMSG);
        for (int i = 0; i < 170; i++)
                strbuf_addz(&wide, i ? " or a" : "a");
        cr_assert_eq(expr_parse(strbuf_str(&wide), any, arena, &e, &err), -E2BIG, "%zu", wide.n);
        for (int i = 0; i < 100; i++)
                strbuf_addz(&wide, " or abcdefgh");
        cr_assert_eq(expr_parse(strbuf_str(&wide), any, arena, &e, &err), -E2BIG);
}

/* Whatever becomes known of what was unknown, a value that was not unknown stays. */
Test(cases_facts, knowing_more_never_turns_yes_to_no)
{
        static const char *const exprs[] = { "a and b or c", "not (a or b) and c", "a and (b or not c)", "n >= 10 or a", "n >= 10 and not b" };
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        static const char *const values[] = { NULL, "yes", "no" }, *const numbers[] = { NULL, "9", "10", ">=5", "5-9" };

        for (size_t x = 0; x < ARRAY_LEN(exprs); x++)
                for (size_t i = 0; i < 3 * 3 * 3 * 5; i++) {
                        size_t pick[] = { i % 3, i / 3 % 3, i / 9 % 3, i / 27 };
                        struct fact_of_case items[4];
                        struct facts f = { .items = items };
                        struct expr *e;
                        enum truth before;

                        for (size_t k = 0; k < 4; k++) {
                                const char *v = k < 3 ? values[pick[k]] : numbers[pick[k]];

                                if (v)
                                        items[f.n++] = (struct fact_of_case){ str_from(&"abcn"[k], 1), str_of(v) };
                        }
                        cr_assert_eq(expr_parse(str_of(exprs[x]), any, arena, &e, NULL), 0);
                        before = expr_eval(e, &f);
                        if (before == TRUTH_UNKNOWN)
                                continue;
                        for (size_t k = 0; k < 3; k++) {
                                struct fact_of_case more[5];
                                struct facts g = { .items = more, .n = f.n + 1 };

                                if (pick[k] != 0)
                                        continue;
                                memcpy(more, items, f.n * sizeof *items);
                                for (size_t v = 1; v < 3; v++) {
                                        more[f.n] = (struct fact_of_case){ str_from(&"abcn"[k], 1), str_of(values[v]) };
                                        cr_assert_eq(expr_eval(e, &g), before, "%s", exprs[x]);
                                }
                        }
                }
}
