/* SPDX-License-Identifier: Apache-2.0 */

/* What is taken for a mail, and what is not. */

#include <criterion/criterion.h>
#include <errno.h>

#include "monitor/base/mail.h"

Test(mail, from_lines)
{
        static const char *const good[] = {
                "From ana@example.com Thu Nov 26 12:00:00 2026", "From - Thu Nov  5 12:00:00 2026", "From MAILER-DAEMON Thu Nov 26 12:00 2026",
                "From ana@example.com  Thu Nov 26 12:00:00 +0000 2026", "From a Thu Nov 26 12:00:00 UTC 2026 remote from x",
                "From Thu Nov 26 12:00:00 2026",
        };
        static const char *const bad[] = {
                "From here on, it works", "From ana@example.com", "From: ana@example.com Thu Nov 26 12:00:00 2026",
                ">From ana@example.com Thu Nov 26 12:00:00 2026", "From a Thu Nov 26 12:00:00", "From a Tho Nov 26 12:00:00 2026",
                "From a Thu Nov 26 1:00:00 2026", "from a Thu Nov 26 12:00:00 2026", "From ", "",
        };

        for (size_t i = 0; i < ARRAY_LEN(good); i++)
                cr_expect(mail_is_from_line(str_of(good[i])), "%s", good[i]);
        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                cr_expect(!mail_is_from_line(str_of(bad[i])), "%s", bad[i]);
}

Test(mail, names)
{
        char name[MAIL_NAME_MAX + 4];

        cr_expect_eq(mail_field_name(STR("Subject: x")), 7);
        cr_expect_eq(mail_field_name(STR("Subject : x")), 0);
        cr_expect_eq(mail_field_name(STR(": x")), 0);
        cr_expect_eq(mail_field_name(STR("no colon")), 0);
        cr_expect_eq(mail_field_name(STR("S\xc3\xbc: x")), 0);
        memset(name, 'a', sizeof name);
        name[MAIL_NAME_MAX] = ':';
        cr_expect_eq(mail_field_name(str_from(name, sizeof name)), MAIL_NAME_MAX);
        name[MAIL_NAME_MAX] = 'a';
        name[MAIL_NAME_MAX + 1] = ':';
        cr_expect_eq(mail_field_name(str_from(name, sizeof name)), 0);
}

Test(mail, begins)
{
        cr_expect_eq(mail_begins(STR("Received: by x\n\tfor y\nFrom: a@example.com\n"), false), 1);
        cr_expect_eq(mail_begins(STR("From a Thu Nov 26 12:00:00 2026\r\nFrom: a@example.com\r\nDate: x\r\n\r\n"), false), 1);
        cr_expect_eq(mail_begins(STR("Received: by x\nFro"), false), -EAGAIN);
        cr_expect_eq(mail_begins(STR("Received: by x\n\nFrom: a\n"), true), 0, "the header ends with a blank line");
        cr_expect_eq(mail_begins(STR("Subject: x\nFrom: a@example.com\n\nDate: x"), true), 0);
        cr_expect_eq(mail_begins(STR("error: connection lost\nFrom: a\nDate: b\n"), false), 0, "lines of a log");
        cr_expect_eq(mail_begins(STR("Date: 2026-11-23 something\nthe next line of that log\n"), false), 0);
        cr_expect_eq(mail_begins(STR(" Received: by x\nFrom: a\nDate: b\n"), true), 0);
        cr_expect_eq(mail_begins(STR(""), true), 0);
        cr_expect_eq(mail_begins(STR(""), false), -EAGAIN);
}

Test(mail, domains)
{
        cr_expect(str_eqz(mail_domain(STR("ana@example.com")), "example.com"));
        cr_expect(str_eqz(mail_domain(STR("\"a@b\"@example.com")), "example.com"));
        cr_expect(mail_domain(STR("ana@")).p && mail_domain(STR("ana@")).n == 0);
        cr_expect(!mail_domain(STR("ana")).p && !mail_domain(STR_NONE).p);
        cr_expect(mail_is_below(STR("mail.EXAMPLE.com"), STR("example.com")));
        cr_expect(!mail_is_below(STR("example.com"), STR("example.com")));
        cr_expect(!mail_is_below(STR("notexample.com"), STR("example.com")));
        cr_expect(!mail_is_below(STR("com"), STR("example.com")));
}
