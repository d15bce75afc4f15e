/* SPDX-License-Identifier: Apache-2.0 */

/* CEF: header and extension with their escapes, behind syslog headers, and what only looks like it. */

#include "tests/unit/parsers_util.h"

static const char *const gate[] = {
        "name: gate\nlogsource: {product: gate}\nformat: cef\nzone: UTC\n"
        "fields: {event.provider: DeviceProduct, event.action: DeviceEventClassID, event.reason: Severity, shopbell.object: Name,\n"
        "  source.ip: src, user.name: suser, message: msg}\n",
};

struct line_case {
        const char *line, *product, *name, *user, *message;
};

static const struct line_case lines[] = {
        { "CEF:0|v|p|1|id|n|5|suser=mei msg=two words src=192.0.2.7", "p", "n", "mei", "two words" },
        { "CEF:0|v|a\\|b\\\\c|1|id|n\\x|5|suser=mei", "a|b\\c", "n\\x", "mei", "(none)" },
        { "CEF:0|v|p|1|id|n|5|msg=a\\=b \\\\ c\\nd\\re suser=mei", "p", "n", "mei", "a=b \\ c\nd\re" },
        { "CEF:0|v|p|1|id|n|5|msg=http://x/?a=b&c=d suser=mei", "p", "n", "mei", "http://x/?a=b&c=d" },
        { "CEF:0|v|p|1|id|n|5|msg=x\\=y z\\=1 suser= ", "p", "n", "(none)", "x=y z=1" },
        { "CEF:0|v|p|1|id|n|5|  suser=mei  msg=last | bar  ", "p", "n", "mei", "last | bar" },
        { "CEF:0|v|p|1|id|n|5|", "p", "n", "(none)", "(none)" },
        { "CEF:0|v|p|1|id|n|5", "p", "n", "(none)", "(none)" },
        { "CEF:0|v|p|1|id|n|5|nothing like a pair =x = y", "p", "n", "(none)", "(none)" },
        { "CEF:0|v|p|1|id|n|5|suser==mei", "p", "n", "=mei", "(none)" },
        { "<134>Nov 22 03:12:00 fw1 CEF:0|v|p|1|id|n|5|suser=mei", "p", "n", "mei", "(none)" },
        { "Nov 22 03:12:00 fw1 relay[7]: CEF:1|v|p|1|id|n|5|suser=mei", "p", "n", "mei", "(none)" },
        { "<134>1 2026-11-22T03:12:00Z fw1 gate - - - \xef\xbb\xbf" "CEF:0|v|p|1|id|n|5|suser=mei", "p", "n", "mei", "(none)" },
};

Test(parsers_cef, lines)
{
        for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
                const struct line_case *c = &lines[i];
                struct bench b;

                bench_open(&b, gate, 1);
                cr_assert(bench_parse(&b, c->line) == 1, "%s: %s", c->line, b.reason);
                cr_expect(strcmp(field_text(b.records[0], "event.provider"), c->product) == 0, "%s", c->line);
                cr_expect(strcmp(field_text(b.records[0], "shopbell.object"), c->name) == 0, "%s", c->line);
                cr_expect(strcmp(field_text(b.records[0], "user.name"), c->user) == 0, "%s: %s", c->line, field_text(b.records[0], "user.name"));
                cr_expect(strcmp(field_text(b.records[0], "message"), c->message) == 0, "%s: '%s'", c->line, field_text(b.records[0], "message"));
                bench_close(&b);
        }
}

/* Text that somebody may have chosen does not become a record of its own. */
Test(parsers_cef, not_in_the_middle_of_other_text)
{
        static const char *const others[] = {
                "GET /?q=CEF:0|v|p|1|id|n|5|suser=root",
                "GET / CEF:0|v|p|1|id|n|5|suser=root",
                "Nov 22 03:12:00 h sshd[1]: Invalid user CEF:0|v|p|1|id|n|5|suser=root from 192.0.2.1",
                "CEF:0|v|p|1|id|n",
                "CEF:0|v|p\\|1|id|n|5",
                "CEF: nothing",
        };
        struct bench b;

        bench_open(&b, gate, 1);
        for (size_t i = 0; i < ARRAY_LEN(others); i++)
                cr_expect(bench_parse(&b, others[i]) == -ENOENT, "%s", others[i]);
        b.source = "gate";
        for (size_t i = 0; i < ARRAY_LEN(others); i++)
                cr_expect(bench_parse(&b, others[i]) == -EBADMSG && strstr(b.reason, "is no CEF"), "%s", others[i]);
        bench_close(&b);
}

/* A door takes what the source of one product leaves, whichever came before. */
Test(parsers_cef, door)
{
        static const char *const both[] = {
                "name: any\nlogsource: {product: any}\nformat: cef\ndoor: true\nfields: {user.name: suser}\n",
                "name: one\nlogsource: {product: one}\nformat: cef\nrecognise: {when: {DeviceProduct: p}}\nfields: {user.name: duser}\n",
        };
        struct bench b;

        bench_open(&b, both, 2);
        for (int i = 0; i < 3; i++) {
                cr_assert(bench_parse(&b, "CEF:0|v|other|1|id|n|5|suser=a duser=b") == 1);
                cr_expect(strcmp(b.records[0]->source, "any") == 0);
                cr_assert(bench_parse(&b, "CEF:0|v|p|1|id|n|5|suser=a duser=b") == 1);
                cr_expect(strcmp(b.records[0]->source, "one") == 0);
        }
        bench_close(&b);
}

Test(parsers_cef, in_the_journal)
{
        struct bench b;

        bench_open(&b, gate, 1);
        cr_assert(bench_parse(&b, "{\"__REALTIME_TIMESTAMP\":\"1795317044118000\",\"SYSLOG_IDENTIFIER\":\"gate\",\"_HOSTNAME\":\"h\","
                                  "\"MESSAGE\":\"CEF:0|v|p|1|id|n|5|suser=mei\"}") == 1);
        assert_field(b.records[0], "user.name", "mei");
        assert_field(b.records[0], "host.name", "h");
        cr_expect(bench_parse(&b, "{\"__REALTIME_TIMESTAMP\":\"1795317044118000\",\"SYSLOG_IDENTIFIER\":\"gate\",\"MESSAGE\":\"x\"}") <= 0);
        bench_close(&b);
}

Test(parsers_cef, too_many_keys_are_cut)
{
        struct strbuf line = STRBUF_INIT;
        struct bench b;

        bench_open(&b, gate, 1);
        strbuf_addz(&line, "CEF:0|v|p|1|id|n|5|suser=mei");
        for (int i = 0; i < 2000; i++)
                strbuf_addf(&line, " k%d=v", i);
        cr_expect(bench_parse_str(&b, strbuf_str(&line)) == 1);
        cr_expect(bench_count(&b, COUNTER_VALUES_CUT) >= 1);
        strbuf_done(&line);
        bench_close(&b);
}
