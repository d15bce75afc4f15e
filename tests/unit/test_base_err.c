/* SPDX-License-Identifier: Apache-2.0 */

/* Errors with a place, and lists of them. */

#include <criterion/criterion.h>
#include <errno.h>

#include "monitor/base/err.h"

static void expect_text(const struct err *err, const char *want)
{
        struct strbuf b = STRBUF_INIT;

        err_format(err, &b);
        cr_expect(str_eqz(strbuf_str(&b), want), "'%s' instead of '%s'", b.p, want);
        strbuf_done(&b);
}

Test(base_err, says_what_is_known_of_the_place)
{
        struct err e = { 0 };

        cr_expect_eq(err_set(&e, -EBADMSG, "no %s", "id"), -EBADMSG);
        expect_text(&e, "no id");
        cr_expect_eq(err_at(&e, -E2BIG, "r.yml", 3, 14, "too %s", "big"), -E2BIG);
        expect_text(&e, "r.yml:3:14: too big");
        cr_expect_eq(e.code, -E2BIG);
        err_at(&e, -E2BIG, "r.yml", 3, 0, "x");
        expect_text(&e, "r.yml:3: x");
        err_at(&e, -E2BIG, "r.yml", 0, 0, "x");
        expect_text(&e, "r.yml: x");
        err_at(&e, -E2BIG, NULL, 3, 1, "x");
        expect_text(&e, "line 3:1: x");
        cr_expect_eq(err_set(NULL, -EIO, "x"), -EIO);
        cr_expect_eq(err_at(NULL, -EIO, "f", 1, 1, "x"), -EIO);
}

Test(base_err, may_be_reworded_from_itself)
{
        struct err e = { 0 };

        err_at(&e, -EBADMSG, "r.yml", 3, 14, "no id");
        err_set(&e, e.code, "rule %s: %s", "x", e.text);
        expect_text(&e, "r.yml:3:14: rule x: no id");
        err_at(&e, e.code, e.file, e.line, e.col, "%s!", e.text);
        expect_text(&e, "r.yml:3:14: rule x: no id!");
}

Test(base_err, long_texts_are_cut)
{
        struct err e = { 0 };
        char file[2 * ERR_FILE_BYTES];

        memset(file, 'f', sizeof file);
        file[sizeof file - 1] = '\0';
        err_at(&e, -EBADMSG, file, 1, 1, "%01000d", 1);
        cr_expect_eq(strlen(e.file), ERR_FILE_BYTES - 1);
        cr_expect_eq(strlen(e.text), ERR_TEXT_BYTES - 1);
}

Test(base_err, lists_are_capped)
{
        struct err_list list = ERR_LIST_INIT;
        struct err e = { 0 };

        for (unsigned i = 0; i < ERR_LIST_MAX + 5; i++) {
                err_at(&e, -EBADMSG, "f", i + 1, 0, "x");
                err_list_add(&list, &e);
        }
        cr_expect_eq(list.n, ERR_LIST_MAX);
        cr_expect_eq(list.more, 5);
        cr_expect_eq(list.items[999].line, 1000);
        err_list_done(&list);
        cr_expect(list.n == 0 && list.items == NULL);
}
