/* SPDX-License-Identifier: Apache-2.0 */

/* key=value: quotes, escapes, separators, what is no pair, pairs in a pair, behind a syslog header. */

#include "tests/unit/parsers_util.h"

#define FIELDS \
        "fields: {event.action: act, user.name: user, message: text, event.reason: why, shopbell.object: a.b, source.ip: in.ip}\n"

static const char *const plain[] = {
        "name: wall\nlogsource: {product: wall}\nformat: keyvalue\nrecognise: {has: [act, user]}\nnested: [in]\n" FIELDS,
};

static const char *const commas[] = {
        "name: wall\nlogsource: {product: wall}\nformat: keyvalue\nrecognise: {has: [act, user]}\nseparator: ','\n" FIELDS,
};

static const char *const bars[] = {
        "name: wall\nlogsource: {product: wall}\nformat: keyvalue\nrecognise: {has: [act, user]}\nseparator: '|'\n" FIELDS,
};

static const char *const tabs[] = {
        "name: wall\nlogsource: {product: wall}\nformat: keyvalue\nrecognise: {has: [act, user]}\nseparator: tab\n" FIELDS,
};

static const char *const behind_syslog[] = {
        "name: wall\nlogsource: {product: wall}\nformat: keyvalue\nheader: syslog\nprograms: [walld]\nzone: UTC\n"
        "fields: {event.action: act, user.name: user, message: text}\n",
};

struct line_case {
        const char *const *source;
        const char *line, *action, *user, *text;
};

static const struct line_case lines[] = {
        { plain, "act=login user=mei", "login", "mei", "(none)" },
        { plain, "act=\"sign in\" user='mei lin' text=\"say \\\"hi\\\" \\\\ it\\'s\\n\"", "sign in", "mei lin", "say \"hi\" \\ it's\n" },
        { plain, "text=\"C:\\Dir\" act=x user=y", "x", "y", "C:\\Dir" },
        { plain, "wall: words [1] act=login, user=mei; more text=a=b", "login", "mei", "a=b" },
        { plain, "act= user=mei text=\"\"", "(none)", "mei", "(none)" },
        { plain, "act=a act=b user=mei", "a,b", "mei", "(none)" },
        { plain, "act=login user=mei text=\"not closed", "login", "mei", "not closed" },
        { plain, "act=login user=mei text='x'\x1d" "AUID=\"x\"", "login", "mei", "x" },
        { plain, "act=login\tuser=mei\ttext=z", "login", "mei", "z" },
        { plain, "text='user=root' act=login user=mei", "login", "mei", "user=root" },
        { commas, "act=sign in, user=\"mei, lin\",text=a b", "sign in", "mei, lin", "a b" },
        { bars, "act=sign in|user=mei | text=a,b", "sign in", "mei", "a,b" },
        { tabs, "act=sign in\tuser=mei\ttext=a b", "sign in", "mei", "a b" },
};

Test(parsers_keyvalue, lines)
{
        for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
                const struct line_case *c = &lines[i];
                struct bench b;

                bench_open(&b, c->source, 1);
                cr_assert(bench_parse(&b, c->line) == 1, "%s: %s", c->line, b.reason);
                cr_expect(strcmp(field_text(b.records[0], "event.action"), c->action) == 0, "%s", c->line);
                cr_expect(strcmp(field_text(b.records[0], "user.name"), c->user) == 0, "%s", c->line);
                cr_expect(strcmp(field_text(b.records[0], "message"), c->text) == 0, "%s: '%s'", c->line, field_text(b.records[0], "message"));
                bench_close(&b);
        }
}

Test(parsers_keyvalue, pairs_in_a_pair)
{
        struct bench b;

        bench_open(&b, plain, 1);
        cr_assert(bench_parse(&b, "act=a user=b in='ip=192.0.2.7 act=\"x y\" user=root' a.b=dotted") == 1);
        assert_field(b.records[0], "source.ip", "192.0.2.7");
        assert_field(b.records[0], "event.action", "a");
        assert_field(b.records[0], "user.name", "b");
        assert_field(b.records[0], "shopbell.object", "dotted");
        bench_close(&b);
}

Test(parsers_keyvalue, no_pairs)
{
        struct bench b;

        bench_open(&b, plain, 1);
        cr_expect(bench_parse(&b, "nothing here") == -ENOENT);
        cr_expect(bench_parse(&b, "a=1 b=2") == -ENOENT);
        cr_expect(bench_parse(&b, "=x act== user") == -ENOENT);
        b.source = "wall";
        cr_expect(bench_parse(&b, "nothing here") == -EBADMSG && strstr(b.reason, "no key=value"));
        cr_expect(bench_parse(&b, "  ") == 0);
        bench_close(&b);
}

Test(parsers_keyvalue, behind_a_syslog_header)
{
        struct bench b;

        bench_open(&b, behind_syslog, 1);
        cr_assert(bench_parse(&b, "<38>Mar  7 18:53:20 fw1 walld[3]: act=login user=mei") == 1);
        assert_field(b.records[0], "host.name", "fw1");
        assert_field(b.records[0], "process.pid", "3");
        assert_field(b.records[0], "event.action", "login");
        cr_expect(bench_parse(&b, "<38>1 2026-03-07T18:53:20Z fw1 walld 3 - - act=login user=mei") == 1);
        assert_field(b.records[0], "@timestamp", "2026-03-07T18:53:20Z");
        cr_expect(bench_parse(&b, "Mar  7 18:53:20 fw1 other: act=login user=mei") == 0);
        cr_expect(bench_count(&b, COUNTER_NOT_MINE) == 1);
        bench_close(&b);
}

Test(parsers_keyvalue, too_many_pairs_are_cut)
{
        struct strbuf line = STRBUF_INIT;
        struct bench b;

        bench_open(&b, plain, 1);
        strbuf_addz(&line, "act=a user=b");
        for (int i = 0; i < 2000; i++)
                strbuf_addf(&line, " k%d=v", i);
        cr_expect(bench_parse_str(&b, strbuf_str(&line)) == 1);
        cr_expect(bench_count(&b, COUNTER_VALUES_CUT) >= 1);
        strbuf_done(&line);
        bench_close(&b);
}
