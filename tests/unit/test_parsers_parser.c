/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>

#include "tests/unit/parsers_util.h"

static const char cloud[] = "name: cloud\n"
                            "logsource: {product: cloud}\n"
                            "format: json\n"
                            "records: Records[]\n"
                            "recognise: {has: [eventVersion, eventName]}\n"
                            "fields:\n"
                            "  '@timestamp': eventTime\n"
                            "  event.id: eventID\n"
                            "  event.action: eventName\n"
                            "  user.name: user\n"
                            "  user.email: mail\n"
                            "  source.ip: ip\n"
                            "  cloud.account.id: account\n"
                            "classes:\n"
                            "  - class: login\n"
                            "    when: {eventName: Login}\n"
                            "    unless: {user: robot}\n"
                            "    set: {event.outcome: {from: result, map: {ok: success, bad: failure}}}\n"
                            "  - class: [login, credential]\n"
                            "    when: {eventName|startswith: Log}\n"
                            "    set: {event.outcome: {is: unknown}, event.reason: {is: second row}}\n";

static const char suite[] = "name: suite\n"
                            "logsource: {product: suite}\n"
                            "format: json\n"
                            "records: items[]\n"
                            "each: events[]\n"
                            "pairs: [{at: events.parameters, name: name, value: [value, boolValue]}]\n"
                            "json_in_text: [more]\n"
                            "recognise: {has: [id.q], when: {kind: 'a*'}}\n"
                            "fields:\n"
                            "  '@timestamp': id.time\n"
                            "  event.id: id.q\n"
                            "  event.action: events.name\n"
                            "  shopbell.object: events.parameters.file\n"
                            "  event.reason: more.why\n";

static const char shell[] =
        "name: shell\n"
        "logsource: {product: linux}\n"
        "format: regex\n"
        "header: syslog\n"
        "programs: [sshd]\n"
        "journal: {_UID: '0'}\n"
        "zone: Z\n"
        "patterns:\n"
        "  - {name: accepted, regex: '^Accepted \\S+ for (?<user>.*) from (?<ip>\\S+) port (?<port>\\d+)'}\n"
        "fields: {user.name: user, source.ip: ip, event.action: pattern}\n"
        "classes: [{class: login, when: {pattern: accepted}}]\n";

static const char web[] = "name: web\n"
                          "logsource: {category: webserver}\n"
                          "format: regex\n"
                          "patterns: [{name: combined, regex: '^(?<ip>\\S+) - (?<user>\\S+) \\[(?<time>[^\\]]+)\\] "
                          "\"(?<request>[^\"]*)\" (?<status>\\d+)'}]\n"
                          "fields: {'@timestamp': time, source.ip: ip, user.name: user, event.action: request}\n";

static const char *const all[] = { cloud, suite, shell, web };

#define CLOUD \
        "{\"eventVersion\":\"1\",\"eventName\":\"Login\",\"eventID\":\"e1\",\"eventTime\":\"2026-03-04T09:00:00Z\"," \
        "\"result\":\"ok\"}"
#define SUITE \
        "{\"kind\":\"activity\",\"id\":{\"q\":\"55\",\"time\":\"2026-03-04T09:00:00Z\"},\"more\":\"{\\\"why\\\":" \
        "\\\"because\\\"}\"," \
        "\"events\":[{\"name\":\"one\",\"parameters\":[{\"name\":\"file\",\"value\":\"f1\"}]},{\"name\":\"two\"}]}"
#define SHELL "Mar  4 09:00:00 web1 sshd[15]: Accepted password for ana from 203.0.113.9 port 52100 ssh2"
#define CRON "Mar  4 09:00:00 web1 CRON[15]: session opened"
#define WEB "203.0.113.9 - ana [04/Mar/2026:09:00:00 +0000] \"GET / HTTP/1.1\" 200 5"

static const struct {
        const char *text;
        int records; /* or negative */
        const char *source;
} mixed[] = {
        { CLOUD, 1, "cloud" },
        { "{\"Records\":[" CLOUD "," CLOUD "]}", 2, "cloud" },
        { "  \n[" CLOUD "," CLOUD "," CLOUD "]", 3, "cloud" },
        { "{\"Records\":[]}", 0, NULL },
        { SUITE, 2, "suite" },
        { "{\"items\":[" SUITE "]}", 2, "suite" },
        { SHELL, 1, "shell" },
        { CRON, 0, NULL },
        { WEB, 1, "web" },
        { "{\"eventVersion\":1}", -ENOENT, NULL },
        { "{\"eventVersion\":", -EBADMSG, NULL },
        { "what is this", -ENOENT, NULL },
        { "{}", -ENOENT, NULL },
};

/* Whatever came before, a raw becomes the same. */
Test(parsers_parser, recognises_in_any_order)
{
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        for (size_t before = 0; before < ARRAY_LEN(mixed); before++)
                for (size_t i = 0; i < ARRAY_LEN(mixed); i++) {
                        int r;

                        bench_parse(&b, mixed[before].text);
                        r = bench_parse(&b, mixed[i].text);
                        cr_expect(r == mixed[i].records, "%s after %s: %d", mixed[i].text, mixed[before].text, r);
                        if (r < 0)
                                cr_expect(b.reason && *b.reason);
                        for (int k = 0; k < r; k++)
                                cr_expect_str_eq(b.records[k]->source, mixed[i].source);
                }
        bench_close(&b);
}

Test(parsers_parser, counts)
{
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        for (size_t i = 0; i < ARRAY_LEN(mixed); i++)
                bench_parse(&b, mixed[i].text);
        cr_expect(bench_count(&b, COUNTER_RECORDS) == 12);
        cr_expect(bench_count(&b, COUNTER_REJECT_UNKNOWN) == 3, "%lu", bench_count(&b, COUNTER_REJECT_UNKNOWN));
        cr_expect(bench_count(&b, COUNTER_REJECT_MALFORMED) == 1);
        cr_expect(bench_count(&b, COUNTER_NOT_MINE) == 1);
        cr_expect(bench_count(&b, COUNTER_REJECT_NO_TIME) == 0);
        bench_close(&b);
}

Test(parsers_parser, guesses)
{
        struct source_guess g[8];
        char bytes[512] = "{\"eventVersion\":\"1\",\"kind\":\"activity\"}";
        struct raw raw = { .file = "x", .reference = USEC_NONE, .bytes = str_of(bytes) };
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        cr_assert(parser_identify(b.parser, &raw, g, 8) == 2);
        cr_expect(g[0].held == 1 && g[0].of == 2 && g[1].held == 1);
        snprintf(bytes, sizeof bytes, "%s", SHELL);
        raw.bytes = str_of(bytes);
        cr_assert(parser_identify(b.parser, &raw, g, 8) == 1);
        cr_expect(g[0].held == 2 && g[0].of == 2 && strcmp(source_name(g[0].source), "shell") == 0);
        snprintf(bytes, sizeof bytes, "%s", CRON);
        raw.bytes = str_of(bytes);
        cr_assert(parser_identify(b.parser, &raw, g, 1) == 1);
        cr_expect(g[0].held == 1 && g[0].of == 2);
        snprintf(bytes, sizeof bytes, "%s", "nothing");
        raw.bytes = str_of(bytes);
        cr_expect(parser_identify(b.parser, &raw, g, 8) == 0);
        bench_close(&b);
}

Test(parsers_parser, configured_source_is_believed)
{
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        b.source = "cloud";
        cr_expect(bench_parse(&b, "{\"eventName\":\"Login\"}") == 1);
        assert_field(b.records[0], "event.action", "Login");
        cr_expect(bench_parse(&b, SHELL) == -EBADMSG);
        b.source = "shell";
        cr_expect(bench_parse(&b, CRON) == 0 && bench_count(&b, COUNTER_NOT_MINE) == 1);
        cr_expect(bench_parse(&b, "no header") == -EBADMSG);
        cr_expect(bench_parse(&b, "  ") == 0);
        b.source = "web";
        cr_expect(bench_parse(&b, "no pattern") == -EBADMSG);
        b.source = "nobody";
        cr_expect(bench_parse(&b, SHELL) == -ENOENT && strstr(b.reason, "not known"));
        bench_close(&b);
}

Test(parsers_parser, a_strange_record_among_good_ones_is_counted)
{
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        cr_expect(bench_parse(&b, "{\"Records\":[{\"x\":1}," CLOUD "]}") == 1);
        cr_expect(bench_count(&b, COUNTER_REJECT_UNKNOWN) == 1);
        bench_close(&b);
}

Test(parsers_parser, half_a_document)
{
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        cr_expect(bench_parse(&b, "{\"Records\":[" CLOUD "," CLOUD ",{\"eventVersion\":") == -EBADMSG);
        cr_expect(bench_count(&b, COUNTER_REJECT_MALFORMED) == 1);
        cr_expect(bench_count(&b, COUNTER_RECORDS) == b.n);
        bench_close(&b);
}

Test(parsers_parser, classes)
{
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        cr_assert(bench_parse(&b, CLOUD) == 1);
        assert_field(b.records[0], "shopbell.class", "login,credential");
        assert_field(b.records[0], "event.outcome", "success"); /* the first row that sets it */
        assert_field(b.records[0], "event.reason", "second row");
        assert_field(b.records[0], "shopbell.mfa", "unknown");
        assert_field(b.records[0], "shopbell.source", "cloud");
        cr_assert(bench_parse(&b, "{\"eventVersion\":1,\"eventName\":\"Login\",\"user\":\"robot\"}") == 1);
        assert_field(b.records[0], "event.outcome", "unknown"); /* of the second row */
        cr_assert(bench_parse(&b, "{\"eventVersion\":1,\"eventName\":\"Read\"}") == 1);
        assert_field(b.records[0], "shopbell.class", "(none)");
        assert_field(b.records[0], "shopbell.mfa", "(none)");
        assert_field(b.records[0], "event.outcome", "unknown"); /* automatic */
        bench_close(&b);
}

static int complete_and_keep(void *userdata, struct record *record)
{
        struct bench *b = userdata;

        cr_expect_str_eq(field_text(record, "event.reason"), record->slots[ECS_CLASS].first ? "second row" : "(none)");
        cr_expect_str_eq(field_text(record, "user.name"), "(none)", "nobody asked for it yet");
        cr_assert_eq(parser_complete(b->parser, record), 0);
        return bench_keep(b, record);
}

/* Made in two steps a record is the same as made at once. */
Test(parsers_parser, fields_that_only_records_with_a_class_need)
{
        static const char *const texts[] = {
                CLOUD,
                "{\"eventVersion\":1,\"eventName\":\"Read\",\"user\":\"ana\",\"eventTime\":\"2026-03-04T09:00:00Z\"}",
                "{\"eventVersion\":1,\"eventName\":\"Log\",\"user\":\"ana\",\"ip\":\"192.0.2.1\"}",
        };
        const uint64_t all_records = UINT64_C(1) << ECS_CLASS, of_class = UINT64_C(1) << ECS_EVENT_REASON;
        struct bench once, twice;

        bench_open(&once, all, ARRAY_LEN(all));
        bench_open(&twice, all, ARRAY_LEN(all));
        parser_free(twice.parser);
        twice.parser = parser_new(twice.set,
                                  &(struct parser_options){ .ecs_wanted = all_records, .ecs_of_class = of_class });
        cr_assert(twice.parser);
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                struct raw raw = { .file = "test.log", .reference = USEC_NONE };
                struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;

                cr_assert_eq(bench_parse(&once, texts[i]), 1);
                raw.bytes = once.records[0]->raw;
                twice.n = 0;
                cr_assert_eq(parser_parse(twice.parser, &raw, twice.arena, complete_and_keep, &twice, NULL), 1);
                render_record_json(once.records[0], NULL, &a);
                render_record_json(twice.records[0], NULL, &b);
                cr_expect_str_eq(b.p, a.p);
                strbuf_done(&a);
                strbuf_done(&b);
        }
        bench_close(&once);
        bench_close(&twice);
}

Test(parsers_parser, people_and_addresses)
{
        static const struct {
                const char *fields, *person, *ip, *address, *user;
        } cases[] = {
                { "'user':'Ana','mail':'Ana@Example.COM','ip':'192.0.2.1:5'", "ana@example.com", "192.0.2.1",
                  "192.0.2.1:5", "Ana" },
                { "'user':'Ana','mail':'-','ip':'svc.example.com'", "Ana", "(none)", "svc.example.com", "Ana" },
                { "'user':'unknown','ip':'-'", "(none)", "(none)", "(none)", "(none)" },
                { "'user':['n/a','bo'],'ip':['x','2001:DB8::1']", "bo", "2001:db8::1", "x,2001:DB8::1", "bo" },
        };
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                char json[512];

                snprintf(json, sizeof json, "{'eventVersion':1,'eventName':'X',%s}", cases[i].fields);
                for (char *p = json; *p; p++)
                        if (*p == '\'')
                                *p = '"';
                cr_assert(bench_parse(&b, json) == 1);
                assert_field(b.records[0], "shopbell.person", cases[i].person);
                assert_field(b.records[0], "source.ip", cases[i].ip);
                assert_field(b.records[0], "source.address", cases[i].address);
                assert_field(b.records[0], "user.name", cases[i].user);
        }
        bench_close(&b);
}

Test(parsers_parser, ids_and_keys)
{
        struct hash128 key;
        char id[64];
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        cr_assert(bench_parse(&b, CLOUD) == 1 && str_eqz(b.records[0]->id, "e1"));
        record_set_key(b.records[0]);
        key = b.records[0]->key;
        cr_assert(bench_parse(&b, "{\"Records\":[" CLOUD "]}") == 1);
        record_set_key(b.records[0]);
        cr_expect(hash128_eq(&key, &b.records[0]->key), "the envelope does not change the key");
        cr_assert(
                bench_parse(&b, "{\"eventVersion\":1,\"eventName\":\"Login\",\"eventID\":\"e1\",\"account\":\"7\"}") ==
                1);
        record_set_key(b.records[0]);
        cr_expect(!hash128_eq(&key, &b.records[0]->key), "another account, another key");

        cr_assert(bench_parse(&b, SUITE) == 2);
        cr_expect(str_eqz(b.records[0]->id, "55/0") && str_eqz(b.records[1]->id, "55/1"));
        assert_field(b.records[0], "event.id", "55");
        assert_field(b.records[0], "shopbell.object", "f1");
        assert_field(b.records[0], "event.reason", "because");
        assert_field(b.records[1], "event.action", "two");

        cr_assert(bench_parse(&b, SHELL) == 1 && b.records[0]->id.n == 32);
        snprintf(id, sizeof id, STR_FMT, STR_ARG(b.records[0]->id));
        cr_assert(bench_parse(&b, SHELL) == 1 && str_eqz(b.records[0]->id, id));
        b.repeat = 1;
        cr_assert(bench_parse(&b, SHELL) == 1 && !str_eqz(b.records[0]->id, id));
        bench_close(&b);
}

Test(parsers_parser, syslog)
{
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        cr_assert(bench_parse(&b, SHELL "\r\n") == 1);
        assert_field(b.records[0], "@timestamp", "2026-03-04T09:00:00Z");
        assert_field(b.records[0], "host.name", "web1");
        assert_field(b.records[0], "process.name", "sshd");
        assert_field(b.records[0], "process.pid", "15");
        assert_field(b.records[0], "user.name", "ana");
        assert_field(b.records[0], "event.action", "accepted");
        cr_assert(bench_parse(&b, "Mar  4 09:00:00 web1 sshd[15]: Server listening") == 1);
        assert_field(b.records[0], "event.action", "(none)");
        assert_field(b.records[0], "message", "Server listening");
        cr_assert(bench_parse_str(&b, STR("Mar  4 09:00:00 w\xff sshd: a\0b")) == 1);
        assert_field(b.records[0], "host.name", "w\xef\xbf\xbd");
        cr_expect(bench_count(&b, COUNTER_UTF8_REPAIRED) == 1);
        bench_close(&b);
}

Test(parsers_parser, repeated_lines)
{
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        cr_assert(bench_parse(&b, "Mar  4 09:00:00 h sshd[1]: message repeated 3 times: [ Accepted x for a from "
                                  "192.0.2.1 port 5]") == 3);
        for (size_t i = 0; i < 3; i++) {
                assert_field(b.records[i], "user.name", "a");
                cr_expect(i == 0 || !str_eq(b.records[i]->id, b.records[i - 1]->id));
                cr_expect(b.records[i]->index == i);
        }
        cr_assert(bench_parse(&b, "Mar  4 09:00:00 h sshd[1]: message repeated 4000000000 times: [ x]") == 1000);
        cr_expect(bench_count(&b, COUNTER_VALUES_CUT) == 4000000000u - 1000);
        bench_close(&b);
}

#define ENTRY(uid, message) \
        "{\"__CURSOR\":\"s=1;i=2\",\"__REALTIME_TIMESTAMP\":\"1772614800123456\",\"_SOURCE_REALTIME_TIMESTAMP\":" \
        "\"1772614799000000\"," \
        "\"_HOSTNAME\":\"web1\",\"SYSLOG_IDENTIFIER\":\"sshd\",\"_UID\":\"" uid \
        "\",\"_PID\":\"77\",\"MESSAGE\":" message "}"

Test(parsers_parser, journal)
{
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        cr_assert(bench_parse(&b, ENTRY("0", "\"Accepted x for a from 192.0.2.1 port 5\"")) == 1);
        cr_expect(str_eqz(b.records[0]->id, "s=1;i=2"));
        assert_field(b.records[0], "@timestamp", "2026-03-04T08:59:59Z");
        assert_field(b.records[0], "process.pid", "77");
        assert_field(b.records[0], "user.name", "a");
        /* bytes that are no UTF-8 */
        cr_assert(
                bench_parse(&b,
                            ENTRY("0",
                                  "[65,99,99,101,112,116,101,100,32,120,32,102,111,114,32,255,32,102,114,111,109,32,49,"
                                  "57,50,46,48,46,50,46,49,32,112,111,114,116,32,53]")) == 1);
        assert_field(b.records[0], "user.name", "\xef\xbf\xbd");
        assert_field(b.records[0], "source.ip", "192.0.2.1");
        /* a field given twice: the first */
        cr_assert(bench_parse(&b, ENTRY("0", "[\"Accepted x for a from 192.0.2.1 port 5\",\"other\"]")) == 1);
        assert_field(b.records[0], "user.name", "a");
        /* too long for journalctl */
        cr_assert(bench_parse(&b, ENTRY("0", "null")) == 1);
        assert_field(b.records[0], "message", "(none)");
        /* forged, and another program */
        cr_expect(bench_parse(&b, ENTRY("1000", "\"Accepted x for root from 192.0.2.1 port 5\"")) == 0);
        cr_expect(
                bench_parse(&b, "{\"__REALTIME_TIMESTAMP\":\"1\",\"SYSLOG_IDENTIFIER\":\"cron\",\"MESSAGE\":\"x\"}") ==
                0);
        cr_expect(bench_count(&b, COUNTER_NOT_MINE) == 2);
        bench_close(&b);
}

/* Lines that a pattern fits only to pass them over: no record, no reject, counted; and known as the source's. */
Test(parsers_parser, ignored_lines)
{
        static const char *const texts[] = {
                "name: web\nlogsource: {product: p}\nformat: regex\nfields: {user.name: who}\n"
                "patterns: [{name: admin, regex: '^A (?<who>\\w+)$'}, {name: rest, regex: '^[A-Z] \\w+$', ignore: true}]\n",
                "name: till\nlogsource: {product: p}\nformat: regex\nfields: {user.name: who}\nheader: syslog\n"
                "programs: [till]\npatterns: [{name: beep, regex: '^beep', ignore: true}, {name: x, regex: '^by (?<who>\\w+)'}]\n",
        };
        struct bench b;
        struct source_guess guesses[2];
        char bytes[64] = "B traffic";
        struct raw raw = { .bytes = str_from(bytes, 9), .file = "f", .reference = USEC_NONE };

        bench_open(&b, texts, 2);
        cr_expect(bench_parse(&b, "A mia") == 1);
        assert_field(b.records[0], "user.name", "mia");
        cr_expect(bench_parse(&b, "B traffic") == 0 && bench_count(&b, COUNTER_NOT_MINE) == 1);
        cr_expect(bench_parse(&b, "neither") == -ENOENT && bench_count(&b, COUNTER_REJECT_UNKNOWN) == 1);
        cr_expect(bench_parse(&b, "Mar  4 09:00:00 web1 till[1]: beep") == 0 && bench_count(&b, COUNTER_NOT_MINE) == 2);
        cr_expect(bench_parse(&b, "Mar  4 09:00:00 web1 till[1]: by bo") == 1);
        b.source = "web";
        cr_expect(bench_parse(&b, "C x") == 0 && bench_parse(&b, "neither") == -EBADMSG);
        cr_expect(bench_count(&b, COUNTER_NOT_MINE) == 3 && bench_count(&b, COUNTER_REJECT_MALFORMED) == 1);
        cr_expect(parser_identify(b.parser, &raw, guesses, 2) == 1 && guesses[0].held == guesses[0].of);
        cr_expect_str_eq(source_name(guesses[0].source), "web");
        bench_close(&b);
}

Test(parsers_parser, the_caller_can_stop)
{
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        b.stop_after = 2;
        cr_expect(bench_parse(&b, "{\"Records\":[" CLOUD "," CLOUD "," CLOUD "]}") == -ECANCELED && b.n == 2);
        cr_expect(bench_parse(&b, "Mar  4 09:00:00 h sshd[1]: message repeated 3 times: [ x]") == -ECANCELED &&
                  b.n == 2);
        cr_expect(bench_count(&b, COUNTER_REJECT_UNKNOWN) == 0 && bench_count(&b, COUNTER_REJECT_MALFORMED) == 0);
        bench_close(&b);
}

/* ---- Out of memory at every allocation ---- */

struct failing {
        size_t left;
};

static void *failing_alloc(size_t n, void *userdata)
{
        struct failing *f = userdata;

        return f->left-- > 0 ? malloc(n) : (f->left = 0, NULL);
}

static void failing_release(void *p, void *userdata)
{
        (void)userdata;
        free(p);
}

/* Blocks are big, so a long address and message make the arena ask again. */
Test(parsers_parser, out_of_memory)
{
        static char line[60000];
        struct bench b;
        int r = -ENOMEM;

        bench_open(&b, all, ARRAY_LEN(all));
        snprintf(line, sizeof line, "%s", "Mar  4 09:00:00 h sshd[1]: message repeated 1000 times: [ Accepted x for ");
        memset(line + strlen(line), 'a', 40000);
        memcpy(line + strlen(line), "\xff from 2001:DB8::1 port 5]", sizeof "\xff from 2001:DB8::1 port 5]");
        for (size_t n = 0; r == -ENOMEM; n++) {
                struct failing f = { n };
                struct arena_alloc alloc = { failing_alloc, failing_release, &f };
                struct arena *arena = arena_new_with(&alloc);
                struct raw raw = { .file = "x", .reference = USEC_NONE, .bytes = str_of(line), .source = "shell" };

                cr_assert(n < 1000);
                if (!arena)
                        continue;
                b.n = 0;
                r = parser_parse(b.parser, &raw, arena, bench_keep, &b, NULL);
                arena_free(arena);
        }
        cr_expect(r == 1000);
        bench_close(&b);
}

/* ---- Keyword rules ---- */

Test(parsers_parser, leaves)
{
        struct parser_options o = { .hint = { .reference = INT64_C(1775000000) * USEC_PER_SEC } };
        struct bench b;
        struct err_list errors = ERR_LIST_INIT;
        struct err err = { 0 };
        bool has_message = false;

        b = (struct bench){ .set = load_sources(all, ARRAY_LEN(all), &errors), .arena = arena_new() };
        for (size_t i = 0; i < sourceset_count(b.set); i++) {
                const struct log_kind *kind = sourceset_kind(b.set, i);

                kind->want_leaves(kind->userdata);
        }
        cr_assert(sourceset_freeze(b.set, &err) == 0);
        b.parser = parser_new(b.set, &o);
        cr_assert(bench_parse(&b, SHELL) == 1);
        for (const struct value *v = b.records[0]->leaves; v; v = v->next)
                has_message = has_message || str_starts(v->text, STR("Accepted"));
        cr_expect(has_message);
        cr_assert(bench_parse(&b, CLOUD) == 1 && b.records[0]->leaves);
        cr_assert(bench_parse(&b, ENTRY("0", "\"x\"")) == 1 && b.records[0]->leaves);
        bench_close(&b);
        err_list_done(&errors);
}

/* What came without a time is given that of its arrival and says so; ids stay the same whenever it comes. */
Test(parsers_parser, time_of_arrival)
{
        static const struct {
                const char *extra, *text;
                usec reference, arrival;
                const char *stamp, *kind;
        } cases[] = {
                { "", "{\"k\":1}", USEC_NONE, USEC_NONE, "(none)", "(none)" },
                { "", "{\"k\":1}", INT64_C(1795317242000000), USEC_NONE, "2026-11-22T03:14:02Z", "arrival" },
                { "", "{\"k\":1}", USEC_NONE, INT64_C(1795317243500000), "2026-11-22T03:14:03.5Z", "arrival" },
                { "", "{\"k\":1,\"t\":\"soon\"}", INT64_C(1795317242000000), INT64_C(1795317243000000), "2026-11-22T03:14:02Z", "arrival" },
                { "", "{\"k\":1,\"t\":\"2026-11-21T00:00:00Z\"}", INT64_C(1795317242000000), USEC_NONE, "2026-11-21T00:00:00Z", "(none)" },
                { "time: required\n", "{\"k\":1}", INT64_C(1795317242000000), INT64_C(1795317243000000), "(none)", "(none)" },
        };
        struct str ids[ARRAY_LEN(cases)];

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                char yaml[512], bytes[256] = "";
                const char *texts[] = { yaml };
                struct raw raw = { .file = "f", .reference = cases[i].reference, .bytes = str_from(bytes, strlen(cases[i].text)) };
                bool is_given = strcmp(cases[i].kind, "arrival") == 0, is_none = strcmp(cases[i].stamp, "(none)") == 0;
                struct bench b;

                snprintf(yaml, sizeof yaml, "name: t\nlogsource: {product: p}\nformat: json\nrecognise: {has: [k]}\n%sfields: {'@timestamp': t}\n",
                         cases[i].extra);
                memcpy(bytes, cases[i].text, raw.bytes.n);
                bench_open(&b, texts, 1);
                parser_set_arrival(b.parser, cases[i].arrival);
                cr_assert_eq(parser_parse(b.parser, &raw, b.arena, bench_keep, &b, &b.reason), 1);
                assert_field(b.records[0], "@timestamp", cases[i].stamp);
                assert_field(b.records[0], "shopbell.time", cases[i].kind);
                cr_expect_eq(b.records[0]->time == USEC_NONE, is_none);
                cr_expect_eq(bench_count(&b, COUNTER_TIME_ARRIVAL), is_given);
                cr_expect_eq(bench_count(&b, COUNTER_REJECT_NO_TIME), is_none);
                ids[i] = str_of(str_dupz(b.records[0]->id));
                bench_close(&b);
        }
        cr_expect(str_eq(ids[0], ids[1]) && str_eq(ids[1], ids[2]) && str_eq(ids[0], ids[5]), "ids do not depend on it");
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
                free((char *)ids[i].p);
}

Test(parsers_parser, what_is_no_log_is_known_and_left_alone)
{
        static const char *const texts[] = {
                "name: digest\nlogsource: {product: x}\nformat: json\nignored: true\nrecognise: {has: [from, hashes]}\n",
                "name: log\nlogsource: {product: x}\nformat: json\nrecognise: {has: [a]}\nfields: {user.name: a}\n",
        };
        struct bench b;

        bench_open(&b, texts, ARRAY_LEN(texts));
        cr_expect(bench_parse(&b, "{\"from\":1,\"hashes\":[]}") == 0);
        cr_expect(bench_count(&b, COUNTER_NOT_MINE) == 1 && bench_count(&b, COUNTER_REJECT_UNKNOWN) == 0);
        cr_expect(bench_parse(&b, "{\"a\":\"mei\"}") == 1);
        cr_expect(bench_parse(&b, "{\"from\":1}") == -ENOENT);
        bench_close(&b);
}
