/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "parsers/syslog.h"

struct line_case {
        const char *line, *timestamp, *hostname, *program, *pid, *message;
};

static const struct line_case good[] = {
        { "Mar  7 18:53:20 web1 sshd[1556]: Accepted", "Mar  7 18:53:20", "web1", "sshd", "1556", "Accepted" },
        { "<38>Mar 17 18:53:20 web1 sshd[1]: x", "Mar 17 18:53:20", "web1", "sshd", "1", "x" },
        { "Mar 7 18:53:20 web1 sshd[1]: x", "Mar 7 18:53:20", "web1", "sshd", "1", "x" },
        { "2015-04-16T18:02:50.321974+00:00 h sshd[2]: x", "2015-04-16T18:02:50.321974+00:00", "h", "sshd", "2", "x" },
        { "2025-03-04T01:06:36.645577 h vsftpd[3]: [u] x", "2025-03-04T01:06:36.645577", "h", "vsftpd", "3", "[u] x" },
        { "2025-03-04T01:06:36Z h p: x", "2025-03-04T01:06:36Z", "h", "p", NULL, "x" },
        { "2025-03-04 01:06:36 h p: x", "2025-03-04 01:06:36", "h", "p", NULL, "x" },
        { "Nov 23 21:50:37 sshd[8148]: x", "Nov 23 21:50:37", NULL, "sshd", "8148", "x" },
        { "Nov 23 21:50:37 sshd: x: y", "Nov 23 21:50:37", NULL, "sshd", NULL, "x: y" },
        { "Nov 23 21:50:37 h sshd(pam_unix)[19939]: authentication failure", "Nov 23 21:50:37", "h", "sshd", "19939",
          "authentication failure" },
        { "Nov 23 21:50:37 h sshd[1]: [ID 800047 auth.info] x", "Nov 23 21:50:37", "h", "sshd", "1", "x" },
        { "Nov 23 21:50:37 h sudo:      foo : user NOT in sudoers", "Nov 23 21:50:37", "h", "sudo", NULL,
          "     foo : user NOT in sudoers" },
        { "Nov 23 21:50:37 2001:db8:: sshd[1]: x", "Nov 23 21:50:37", "2001:db8::", "sshd", "1", "x" },
        { "Nov 23 21:50:37 h last message repeated 2 times", "Nov 23 21:50:37", "h", NULL, NULL,
          "last message repeated 2 times" },
        { "Nov 23 21:50:37 h p[]: x\r\n", "Nov 23 21:50:37", "h", "p", NULL, "x" },
        { "Nov 23 21:50:37 h p:", "Nov 23 21:50:37", "h", "p", NULL, "" },
        { "Nov 23 21:50:37 h", "Nov 23 21:50:37", "h", NULL, NULL, "" },
        { "Nov 23 21:50:37", "Nov 23 21:50:37", NULL, NULL, NULL, "" },
        { "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time.", "2003-08-24T05:14:15.000003-07:00",
          "192.0.2.1", "myproc", "8710", "%% It's time." },
        { "<34>1 2003-10-11T22:14:15.003Z m su - ID47 - \xef\xbb\xbf'su root' failed", "2003-10-11T22:14:15.003Z", "m", "su", NULL,
          "'su root' failed" },
        { "<165>1 2003-10-11T22:14:15Z m evnt - ID47 [x@1 iut=\"3\" t=\"a\\\"]b\"][y@2 z=\"1\"] An event", "2003-10-11T22:14:15Z", "m",
          "evnt", NULL, "An event" },
        { "<165>1 2003-10-11T22:14:15Z m evnt - ID47 [x@1]", "2003-10-11T22:14:15Z", "m", "evnt", NULL, "" },
        { "<165>1 - - - - - -", NULL, NULL, NULL, NULL, "" },
        { "<165>1 - h p 1 - - x", NULL, "h", "p", "1", "x" },
        { "Nov 23 21:50:37 h p[12: x", "Nov 23 21:50:37", "h", NULL, NULL, "p[12: x" },
};

static void expect_part(const char *line, const char *part, struct str got, const char *want)
{
        if (!want)
                cr_expect(!got.p, "%s: %s is '" STR_FMT "', not absent", line, part, STR_ARG(got));
        else
                cr_expect(got.p && str_eqz(got, want), "%s: %s is '" STR_FMT "', not '%s'", line, part, STR_ARG(got),
                          want);
}

Test(parsers_syslog, lines)
{
        for (size_t i = 0; i < ARRAY_LEN(good); i++) {
                const struct line_case *c = &good[i];
                struct syslog_line l;

                cr_assert(syslog_parse(str_of(c->line), &l), "%s", c->line);
                expect_part(c->line, "timestamp", l.timestamp, c->timestamp);
                expect_part(c->line, "hostname", l.hostname, c->hostname);
                expect_part(c->line, "program", l.program, c->program);
                expect_part(c->line, "pid", l.pid, c->pid);
                expect_part(c->line, "message", l.message, c->message);
        }
}

Test(parsers_syslog, no_header)
{
        static const char *const bad[] = { "",
                                           "x",
                                           "<38>",
                                           "<>Mar  7 18:53:20 h p: x",
                                           "Mar  7 18:53:2",
                                           "Mar  7 18:53:20x h p: x",
                                           "Mar  7  8:53:20 h p: x",
                                           "2025-03-04T01:06:36+0 h p: x",
                                           "at Mar  7 18:53:20 h p: x" };

        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                struct syslog_line l;

                cr_expect(!syslog_parse(str_of(bad[i]), &l), "%s", bad[i]);
        }
}

/* No prefix of a line may read behind its end (the sanitizer sees it). */
Test(parsers_syslog, cut_anywhere)
{
        for (size_t i = 0; i < ARRAY_LEN(good); i++)
                for (size_t n = 0; n <= strlen(good[i].line); n++) {
                        char *copy = strndup(good[i].line, n);
                        char *exact = malloc(n + 1);
                        struct syslog_line l;

                        memcpy(exact, copy, n);
                        (void)syslog_parse(str_from(exact, n), &l);
                        free(exact);
                        free(copy);
                }
}

Test(parsers_syslog, repeat)
{
        static const struct {
                const char *message;
                uint64_t times;
                const char *text;
        } cases[] = {
                { "message repeated 5 times: [ Failed password]", 5, "Failed password" },
                { "message repeated 5 times: [Failed [x]]", 5, "Failed [x]" },
                { "message repeated 0 times: [ x]", 1, "x" },
                { "message repeated 99999999999999999999 times: [ x]", UINT64_MAX, "x" },
                { "message repeated 5 times: [ x", 1, "message repeated 5 times: [ x" },
                { "message repeated x times: [ x]", 1, "message repeated x times: [ x]" },
                { "message repeated 5 times: ]", 1, "message repeated 5 times: ]" },
                { "message repeated 2 times: []", 2, "" },
                { "x message repeated 5 times: [ x]", 1, "x message repeated 5 times: [ x]" },
        };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct str text;

                cr_expect(syslog_repeat(str_of(cases[i].message), &text) == cases[i].times, "%s", cases[i].message);
                cr_expect(str_eqz(text, cases[i].text), "%s: '" STR_FMT "'", cases[i].message, STR_ARG(text));
        }
}
