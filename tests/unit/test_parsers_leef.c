/* SPDX-License-Identifier: Apache-2.0 */

/* LEEF: both versions of the header, what stands between attributes, syslog headers, and what only looks like it. */

#include "tests/unit/parsers_util.h"

static const char *const gate[] = {
        "name: gate\nlogsource: {product: gate}\nformat: leef\nzone: UTC\n"
        "fields: {event.provider: DeviceProduct, event.action: EventID, event.reason: LEEFVersion, source.ip: src, user.name: usrName,\n"
        "  message: msg}\n",
};

static const struct {
        const char *line, *product, *action, *user, *message;
} lines[] = {
        { "LEEF:1.0|v|p|1|login|src=192.0.2.7\tusrName=mei\tmsg=two words", "p", "login", "mei", "two words" },
        { "LEEF:1.0|v|p|1|login|usrName=mei|x\tmsg=a=b|c", "p", "login", "mei|x", "a=b|c" },
        { "LEEF:1.0|v|p|1|login|^|usrName=mei", "p", "login", "(none)", "(none)" },
        { "LEEF:1.0|v|p|1|login|usrName=\tmsg= x ", "p", "login", "(none)", "x" },
        { "LEEF:1.0|v|p|1|login|nothing\t=x\tusrName=mei", "p", "login", "mei", "(none)" },
        { "LEEF:1.0|v|p|1|login|", "p", "login", "(none)", "(none)" },
        { "LEEF:1.0|v|p|1|login", "p", "login", "(none)", "(none)" },
        { "LEEF:1.0|v|p|1|login|usrName=mei#011msg=x", "p", "login", "mei", "x" },
        { "LEEF:2.0|v|p|1|login|^|usrName=mei^msg=a\tb", "p", "login", "mei", "a\tb" },
        { "LEEF:2.0|v|p|1|login|x5E|usrName=mei^msg=x", "p", "login", "mei", "x" },
        { "LEEF:2.0|v|p|1|login|0x5e|usrName=mei^msg=x", "p", "login", "mei", "x" },
        { "LEEF:2.0|v|p|1|login||usrName=mei\tmsg=x", "p", "login", "mei", "x" },
        { "LEEF:2.0|v|p|1|login|0xzz|usrName=mei", "p", "login", "(none)", "(none)" },
        { "LEEF:2.0|v|p|1|login|usrName=mei\tmsg=a|b", "p", "login", "mei", "a|b" },
        { "<134>Nov 22 03:12:00 fw1 LEEF:1.0|v|p|1|login|usrName=mei", "p", "login", "mei", "(none)" },
        { "<134>1 2026-11-22T03:12:00Z fw1 gate - - - \xef\xbb\xbf" "LEEF:1.0|v|p|1|login|usrName=mei", "p", "login", "mei", "(none)" },
};

Test(parsers_leef, lines)
{
        for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
                struct bench b;

                bench_open(&b, gate, 1);
                cr_assert(bench_parse(&b, lines[i].line) == 1, "%s: %s", lines[i].line, b.reason);
                cr_expect(strcmp(field_text(b.records[0], "event.provider"), lines[i].product) == 0, "%s", lines[i].line);
                cr_expect(strcmp(field_text(b.records[0], "event.action"), lines[i].action) == 0, "%s", lines[i].line);
                cr_expect(strcmp(field_text(b.records[0], "user.name"), lines[i].user) == 0, "%s: '%s'", lines[i].line,
                          field_text(b.records[0], "user.name"));
                cr_expect(strcmp(field_text(b.records[0], "message"), lines[i].message) == 0, "%s: '%s'", lines[i].line,
                          field_text(b.records[0], "message"));
                bench_close(&b);
        }
}

/* Text that somebody may have chosen does not become a record of its own. */
Test(parsers_leef, not_in_the_middle_of_other_text)
{
        static const char *const others[] = {
                "GET /?q=LEEF:1.0|v|p|1|login|usrName=root",
                "GET / LEEF:1.0|v|p|1|login|usrName=root",
                "Nov 22 03:12:00 h sshd[1]: Invalid user LEEF:1.0|v|p|1|login|usrName=root from 192.0.2.1",
                "LEEF:1.0|v|p|1",
                "LEEF: nothing",
        };
        struct bench b;

        bench_open(&b, gate, 1);
        for (size_t i = 0; i < ARRAY_LEN(others); i++)
                cr_expect(bench_parse(&b, others[i]) == -ENOENT, "%s", others[i]);
        b.source = "gate";
        for (size_t i = 0; i < ARRAY_LEN(others); i++)
                cr_expect(bench_parse(&b, others[i]) == -EBADMSG && strstr(b.reason, "is no LEEF"), "%s", others[i]);
        bench_close(&b);
}

Test(parsers_leef, too_many_keys_are_cut)
{
        struct strbuf line = STRBUF_INIT;
        struct bench b;

        strbuf_addz(&line, "LEEF:1.0|v|p|1|login|");
        for (int i = 0; i < 1000; i++)
                strbuf_addf(&line, "k%d=v\t", i);
        strbuf_addz(&line, "usrName=mei");
        bench_open(&b, gate, 1);
        cr_assert(bench_parse(&b, line.p) == 1);
        cr_expect(strcmp(field_text(b.records[0], "user.name"), "(none)") == 0);
        cr_expect(parser_counters(b.parser)->n[COUNTER_VALUES_CUT] == 1);
        bench_close(&b);
        strbuf_done(&line);
}
