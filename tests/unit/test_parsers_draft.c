/* SPDX-License-Identifier: Apache-2.0 */

/* Drafts of source files from samples of many shapes: what must stand in them, and that they load and pass their own test. */

#include "parsers/draft.h"
#include "parsers/draft_impl.h"
#include "tests/unit/parsers_util.h"

enum { LINES_MAX = 16 };

enum framing { DOCUMENT, LINES, TABLE };

static const struct {
        const char *what;
        enum framing framing;
        const char *sample;
        const char *has[LINES_MAX]; /* texts that the draft holds */
        const char *lacks[4];
} cases[] = {
        { "nested actor, milliseconds, boolean second factor",
          LINES,
          "{\"log_id\":\"ev_01\",\"occurred_at\":1772614800000,\"actor\":{\"id\":\"u_17\",\"name\":\"Mei Tan\",\"email\":\"mei@example.com\"},"
          "\"request\":{\"ip_address\":\"192.0.2.7\",\"user_agent\":\"Mozilla/5.0 (X11)\"},\"action\":\"staff.login\",\"result\":\"success\",\"shop_id\":\"shop-1\",\"two_factor\":true}\n"
          "{\"log_id\":\"ev_02\",\"occurred_at\":1772614860000,\"actor\":{\"id\":\"u_17\",\"name\":\"Mei Tan\",\"email\":\"mei@example.com\"},"
          "\"request\":{\"ip_address\":\"192.0.2.7\",\"user_agent\":\"Mozilla/5.0 (X11)\"},\"action\":\"customers.export\",\"result\":\"failed\",\"shop_id\":\"shop-1\",\"row_count\":5120}\n",
          { "format: json\n", "'@timestamp': {from: occurred_at, unit: ms}", "event.id: log_id", "event.action: action",
            "event.outcome: {from: result, map: {success: success, failed: failure}}", "user.name: actor.name", "user.email: actor.email",
            "user.id: actor.id", "source.ip: request.ip_address", "user_agent.original: request.user_agent", "cloud.account.id: shop_id",
            "shopbell.mfa: {from: two_factor, map: {'true': used, 'false': not_used}}", "shopbell.export.rows: row_count",
            "class: login\n    when: {action: [staff.login]}", "class: export\n    when: {action: [customers.export]}", "trust: unconfirmed\n" },
          { "records:", "each:" } },
        { "an envelope, a list of actions in each record, names and values",
          DOCUMENT,
          "{\"kind\":\"list\",\"items\":[{\"id\":{\"time\":\"2026-11-22T03:14:02.123Z\",\"uniqueQualifier\":\"-123456\"},\"actor\":{\"email\":\"mei@example.com\",\"profileId\":\"1001\"},"
          "\"ipAddress\":\"192.0.2.7\",\"events\":[{\"name\":\"share_link_created\",\"parameters\":[{\"name\":\"doc\",\"value\":\"Customers\"},{\"name\":\"is_new\",\"boolValue\":true}]},"
          "{\"name\":\"download_file\",\"parameters\":[{\"name\":\"doc\",\"value\":\"x\"}]}]},"
          "{\"id\":{\"time\":\"2026-11-22T03:15:02Z\",\"uniqueQualifier\":\"-123457\"},\"actor\":{\"email\":\"tom@example.com\",\"profileId\":\"1002\"},\"ipAddress\":\"192.0.2.8\","
          "\"events\":[{\"name\":\"role_assigned\",\"parameters\":[{\"name\":\"role\",\"value\":\"admin\"},{\"name\":\"target_user\",\"value\":\"new@example.net\"}]}]}]}",
          { "records: items ", "each: events ", "{at: events.parameters, name: name, value: [value, boolValue]}", "'@timestamp': id.time",
            "event.id: id.uniqueQualifier", "event.action: events.name", "user.email: actor.email", "user.target.email: events.parameters.target_user",
            "user.target.roles: events.parameters.role", "class: share\n", "class: export\n", "class: grant\n" },
          { "has: [events.parameters" } },
        { "wrapped records: data.events.edges[].node",
          DOCUMENT,
          "{\"data\":{\"events\":{\"edges\":[{\"node\":{\"id\":\"1\",\"createdAt\":\"2026-11-22T08:11:40Z\",\"action\":\"password_changed\",\"user\":\"mei\"}},"
          "{\"node\":{\"id\":\"2\",\"createdAt\":\"2026-11-22T08:12:40Z\",\"action\":\"theme_published\",\"user\":\"tom\"}}]}}}",
          { "records: data.events.edges.node ", "'@timestamp': createdAt", "event.action: action", "user.name: user", "class: credential\n", "class: storefront\n",
            "set: {event.type: {is: creation}}" },
          { 0 } },
        { "an array; seconds with a fraction; JSON in text; what is an error; a kind of object",
          DOCUMENT,
          "[{\"ts\":1772614800.5,\"who\":\"mei\",\"what\":\"create\",\"resource_type\":\"user\",\"resource\":{\"id\":\"9\"},\"from\":\"2001:db8::7\",\"details\":\"{\\\"old\\\":1}\",\"error\":null},"
          "{\"ts\":1772614801.5,\"who\":\"mei\",\"what\":\"delete\",\"resource_type\":\"api_key\",\"resource\":{\"id\":\"10\"},\"from\":\"2001:db8::7\",\"details\":\"{\\\"old\\\":1}\",\"error\":\"denied\"}]",
          { "json_in_text: [details]", "'@timestamp': {from: ts, unit: s}", "event.outcome: {when: [{if: {error: '*'}, is: failure}, {else: success}]}",
            "user.name: who", "source.ip: from", "when: {what: [create], resource_type: user}", "when: {what: [delete], resource_type: api_key}",
            "set: {event.type: {is: deletion}}", "event.outcome: failure\n" },
          { "details.old,", "records:" } },
        { "a table with semicolons, stamps without a zone, JSON in a column",
          TABLE,
          "Date;User Name;IP Address;Action;Result;Object;Details\n"
          "2026-03-04 09:00:00;mei;192.0.2.7;Login;Success;;\"{\"\"browser\"\":\"\"Firefox\"\",\"\"tries\"\":1}\"\n"
          "2026-03-04 09:01:00;tom;198.51.100.4;Login;Failed;;\"{\"\"browser\"\":\"\"curl\"\",\"\"tries\"\":3}\"\n"
          "2026-03-04 09:02:00;mei;192.0.2.7;Export customers;Success;customers.csv;\"{\"\"rows\"\":5000}\"\n",
          { "format: csv\n", "delimiter: ';'\n", "json: [Details]", "zone: UTC ", "'@timestamp': Date", "user.name: User Name", "source.ip: IP Address",
            "event.outcome: {from: Result, map: {Success: success, Failed: failure}}", "shopbell.export.rows: Details.rows", "class: export\n    when: {Action: [Export customers]}" },
          { "Details.browser, " } },
        { "key=value behind a syslog header",
          LINES,
          "Mar  7 18:53:20 shop1 tillweb[77]: time=\"2026-03-07T18:53:20Z\" event=login user=mei src=192.0.2.7 result=ok ua=\"Mozilla/5.0 (X11)\"\n"
          "Mar  7 18:54:20 shop1 tillweb[77]: time=\"2026-03-07T18:54:20Z\" event=password_reset user=tom src=192.0.2.7 result=ok ua=\"Mozilla/5.0 (X11)\"\n",
          { "format: keyvalue\nheader: syslog\nprograms: [tillweb]", "'@timestamp': time ", "event.action: event", "user.name: user", "source.ip: src",
            "event.outcome: {from: result, map: {ok: success}}", "class: login\n", "class: credential\n" },
          { "zone:" } },
        { "key=value with commas",
          LINES,
          "at=2026-03-07T18:53:20Z,op=logout,user=mei,ip=192.0.2.7\nat=2026-03-07T18:54:20Z,op=login,user=tom,ip=192.0.2.8\n",
          { "format: keyvalue\nseparator: ','\n", "'@timestamp': at", "event.action: op", "set: {event.type: {is: end}}" },
          { 0 } },
        { "sentences behind a syslog header",
          LINES,
          "Mar  7 18:53:20 shop1 tillweb[77]: Login of user mei from 192.0.2.7 succeeded\n"
          "Mar  7 18:54:20 shop1 tillweb[77]: Login of user tom from 198.51.100.4 failed\n"
          "Mar  7 18:54:21 shop1 tillweb[77]: Login of user ana from 198.51.100.5 failed\n"
          "Mar  7 18:55:21 shop1 tillweb[77]: Exported 5120 rows of \"customers\" by mei\n",
          { "format: regex\nheader: syslog\n", "{name: login_succeeded, regex: '^Login of user (?<user>", "from (?<ip>[0-9A-Fa-f.:]+) failed$'}", "{name: exported_rows, ",
            "event.action: pattern", "login_failed: failure", "user.name: user", "source.ip: ip", "when: {pattern: [login_succeeded, login_failed]}", "reference: '2026-03-08T00:00:00Z'",
            "'@timestamp': '2026-03-07T18:53:20Z'" },
          { "ana from" } },
        { "sentences with stamps of their own",
          LINES,
          "2026-03-07 18:53:20,123 INFO admin mei@example.com logged in from 192.0.2.7\n2026-03-07 18:54:20,456 WARN admin tom@example.com failed to log in from 192.0.2.7\n"
          "[2015-10-28 02:23:19.139 GMT] settings saved\n",
          { "{name: logged_in, regex: '^(?<time>\\S+ \\S+) INFO admin (?<email>", "'@timestamp': time", "user.email: email", "map: {logged_in: success, failed_to_log_in: failure}", "zone: UTC" },
          { 0 } },
        { "CEF",
          LINES,
          "CEF:0|Till|TillCloud|1.2|100|user login|3|rt=1772614800000 src=192.0.2.7 suser=mei act=login outcome=success\n"
          "CEF:0|Till|TillCloud|1.2|101|export|3|rt=1772614801000 src=192.0.2.7 suser=mei act=export outcome=failure fname=customers.csv\n",
          { "format: cef\n", "DeviceVendor: Till\n    DeviceProduct: TillCloud", "'@timestamp': {from: rt, unit: ms}", "event.action: act", "user.name: suser", "source.ip: src",
            "map: {success: success, failure: failure}" },
          { 0 } },
        { "what cannot be seen is said",
          LINES,
          "{\"colour\":\"red\",\"size\":3}\n",
          { "# @timestamp: nothing", "# event.action: nothing", "# source.ip: nothing", "# user.name, user.email, user.id: nothing", "fields: {}\n", "#   colour: red" },
          { "classes:\n" } },
        { "text that YAML could take for something else, and bytes for a terminal",
          LINES,
          "{\"time\":\"2026-03-07T18:53:20Z\",\"action\":\"no: \\\"#1\\\" \\u001b[2J\\u202e\",\"user\":\"'yes'\",\"a b\":{\"x: y\":1}}\n",
          { "'@timestamp': time", "user.name: user", "user.name: '''yes'''", "'a b.x: y'" },
          { "\033", "\xe2\x80\xae" } },
        { "stamps of nine digits of a second, an odd value here and there",
          LINES,
          "{\"eventTime\":\"2026-03-07T18:53:20.000000001Z\",\"eventName\":\"DeleteUser\",\"sourceIP\":\"192.0.2.7\"}\n{\"eventTime\":\"2026-03-07T18:53:21.000000001Z\",\"eventName\":\"CreateUser\",\"sourceIP\":\"192.0.2.7\"}\n"
          "{\"eventTime\":\"2026-03-07T18:53:22.000000001Z\",\"eventName\":\"ListUsers\",\"sourceIP\":\"192.0.2.9\"}\n{\"eventTime\":\"2026-03-07T18:53:22.000000001Z\",\"eventName\":\"ListUsers\",\"sourceIP\":\"internal service\"}\n",
          { "'@timestamp': eventTime", "event.action: eventName", "source.ip: sourceIP", "when: {eventName: [DeleteUser]}", "# without a class: ListUsers" },
          { 0 } },
};

/* ---- Running ---- */

struct sample {
        struct arena *arena;
        struct raw raws[64];
        size_t n;
};

static void add_raw(struct sample *s, struct str text, struct str header)
{
        char *p = arena_alloc(s->arena, text.n + RAW_PADDING);

        cr_assert_not_null(p);
        memcpy(p, text.p, text.n);
        s->raws[s->n++] = (struct raw){ .bytes = str_from(p, text.n), .file = "sample", .header = header, .row = header.p ? s->n + 1 : 0,
                                        .reference = INT64_C(1772928000) * USEC_PER_SEC };
}

static void frame(struct sample *s, enum framing framing, const char *text)
{
        struct str rest = str_of(text), line, header = STR_NONE;

        s->n = 0;
        if (framing == DOCUMENT) {
                add_raw(s, rest, STR_NONE);
                return;
        }
        while (str_cut(&rest, '\n', &line)) {
                if (line.n == 0)
                        continue;
                if (framing == TABLE && !header.p)
                        header = line;
                add_raw(s, line, header);
        }
}

static void on_sample(void *userdata, const struct source *source, bool is_ok, const char *what)
{
        (void)source;
        cr_expect(is_ok, "%s: %s", (const char *)userdata, what);
}

static void test_text(const char *what, const struct strbuf *text)
{
        struct sourceset *set = NULL;
        struct err err = { 0 };

        cr_assert_eq(sourceset_load_with(NULL, 0, strbuf_str(text), "draft.yml", &set, NULL, &err), 0, "%s: %s\n%s", what, err.text, text->p);
        cr_assert_eq(sourceset_freeze(set, &err), 0);
        cr_expect_eq(source_test(set, sourceset_get(set, 0), on_sample, (void *)(uintptr_t)what), 0);
        sourceset_free(set);
}

Test(parsers_draft, samples_of_many_shapes)
{
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct sample s = { .arena = arena_new() };
                struct strbuf text = STRBUF_INIT;
                struct err err = { 0 };
                struct draft_request q;
                int r;

                frame(&s, cases[i].framing, cases[i].sample);
                q = (struct draft_request){ .name = "till-cloud", .raws = s.raws, .n = s.n };
                r = draft_source(&q, &text, &err);
                cr_expect_eq(r, 0, "%s: %s", cases[i].what, err.text);
                for (size_t k = 0; r == 0 && k < LINES_MAX && cases[i].has[k]; k++)
                        cr_expect(str_find(strbuf_str(&text), str_of(cases[i].has[k])) != SIZE_MAX, "%s: lacks\n%s\nin\n%s", cases[i].what, cases[i].has[k], text.p);
                for (size_t k = 0; r == 0 && k < ARRAY_LEN(cases[i].lacks) && cases[i].lacks[k]; k++)
                        cr_expect(str_find(strbuf_str(&text), str_of(cases[i].lacks[k])) == SIZE_MAX, "%s: has\n%s\nin\n%s", cases[i].what, cases[i].lacks[k], text.p);
                if (r == 0)
                        test_text(cases[i].what, &text);
                strbuf_done(&text);
                arena_free(s.arena);
        }
}

/* ---- Beside other sources ---- */

static const char other[] = "name: other\nlogsource: {product: other}\nformat: json\nrecognise: {has: [when, what, who]}\nfields: {event.action: what}\n"
                            "samples:\n  - {name: a, raw: {when: '2026-03-07T18:53:20Z', what: login, who: mei, shop: s-1, kind: other}, expect: {event.action: login}}\n";

static int draft_beside(const char *name, const char *sample, struct strbuf *ret, struct err *reterr)
{
        struct sample s = { .arena = arena_new() };
        char dir[64];
        const char *dirs[] = { temp_dir(dir) };
        struct draft_request q = { .name = name, .raws = s.raws, .dirs = dirs, .n_dirs = 1 };
        int r;

        write_file(dir, "other.yml", other);
        frame(&s, LINES, sample);
        q.n = s.n;
        r = draft_source(&q, ret, reterr);
        arena_free(s.arena);
        remove_dir(dir);
        return r;
}

Test(parsers_draft, records_of_a_known_source_are_refused)
{
        struct strbuf text = STRBUF_INIT;
        struct err err = { 0 };

        cr_expect_eq(draft_beside("mine", "{\"when\":\"2026-03-07T18:53:20Z\",\"what\":\"login\",\"who\":\"mei\"}\n", &text, &err), -EEXIST);
        cr_expect(strstr(err.text, "the source other takes these records already"), "%s", err.text);
        cr_expect_eq(text.n, 0);
        strbuf_done(&text);
}

/* All fields of the sample are in the other one's, but for the value of `kind`. */
Test(parsers_draft, is_made_stricter_until_it_claims_no_other_source)
{
        struct strbuf text = STRBUF_INIT;
        struct err err = { 0 };

        cr_expect_eq(draft_beside("mine", "{\"when\":\"2026-03-07T18:53:20Z\",\"what\":\"login\",\"kind\":\"mine\"}\n", &text, &err), 0, "%s", err.text);
        cr_expect(str_find(strbuf_str(&text), STR("    kind: mine\n")) != SIZE_MAX, "%s", text.p);
        strbuf_done(&text);
}

Test(parsers_draft, refuses_what_it_cannot_draft_from)
{
        static const struct {
                const char *name, *sample, *says;
        } bad[] = {
                { "Mine", "{}\n", "only small letters" },
                { "mine", "", "empty" },
                { "mine", "{\"a\":\n", "cannot be read as json" },
        };

        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                struct strbuf text = STRBUF_INIT;
                struct err err = { 0 };

                cr_expect_eq(draft_beside(bad[i].name, bad[i].sample, &text, &err), -EBADMSG);
                cr_expect(strstr(err.text, bad[i].says), "%zu: %s", i, err.text);
                strbuf_done(&text);
        }
}

Test(parsers_draft, mails_have_a_draft_of_their_own)
{
        struct sample s = { .arena = arena_new() };
        struct draft_request q = { .name = "mine", .raws = s.raws };
        struct strbuf text = STRBUF_INIT;
        struct err err = { 0 };

        frame(&s, DOCUMENT, "Date: Thu, 26 Nov 2026 12:00:00 +0000\r\nFrom: a@example.com\r\nSubject: New sign-in\r\n\r\nfrom 192.0.2.7\r\n");
        q.n = s.n;
        cr_assert_eq(draft_source(&q, &text, &err), 0, "%s", err.text);
        cr_expect(strstr(text.p, "format: mail\n"), "%s", text.p);
        cr_expect(strstr(text.p, "senders: [example.com]"), "%s", text.p);
        strbuf_done(&text);
        arena_free(s.arena);
}

/* ---- The parts ---- */

static const struct {
        const char *text, *words;
} names[] = {
        { "userIdentity.userName", " user identity user name " }, { "IPAddress", " ip address " }, { "clientIP", " client ip " },
        { "created_at", " created at " },                         { "2fa-used", " 2fa used " },    { "", " " },
        { "EVENT_TYPE", " event type " },
};

Test(parsers_draft, names_to_words)
{
        struct arena *arena = arena_new();

        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                struct str words = draft_words(arena, str_of(names[i].text));

                cr_expect(str_eqz(words, names[i].words), "%s gave '" STR_FMT "'", names[i].text, STR_ARG(words));
        }
        cr_expect_eq(draft_weigh(STR(" created at "), "created_at:5 at:1 created:-2 time:9"), 4);
        cr_expect_eq(draft_weigh(STR(" creat "), "created:5 crea:1"), 0);
        arena_free(arena);
}

static const struct {
        const char *text;
        unsigned has, lacks;
} shapes[] = {
        { "2026-11-17T07:00:00Z", SHAPE_TIME, SHAPE_NUMBER | SHAPE_WORD },
        { "20220913052243.429", SHAPE_TIME | SHAPE_NUMBER, 0 },
        { "1772614800", SHAPE_EPOCH | SHAPE_NUMBER | SHAPE_ID, SHAPE_TIME },
        { "1772614800000", SHAPE_EPOCH, SHAPE_TIME },
        { "42", SHAPE_NUMBER, SHAPE_EPOCH | SHAPE_ADDRESS },
        { "192.0.2.7", SHAPE_ADDRESS, SHAPE_NUMBER | SHAPE_TIME },
        { "2001:db8::7", SHAPE_ADDRESS, SHAPE_TIME | SHAPE_WORD },
        { "mei@example.com", SHAPE_MAIL | SHAPE_TEXT, SHAPE_WORD },
        { "true", SHAPE_BOOL | SHAPE_OUTCOME, SHAPE_TEXT },
        { "user.login", SHAPE_WORD, SHAPE_AGENT },
        { "curl/8.5.0", SHAPE_AGENT, SHAPE_WORD },
        { "3f2504e0-4f89-11d3-9a0c-0305e82c3301", SHAPE_ID, SHAPE_WORD | SHAPE_ADDRESS },
        { "https://shop.example.com/admin", SHAPE_TEXT, SHAPE_WORD },
        { "FAILURE", SHAPE_OUTCOME | SHAPE_WORD, 0 },
};

Test(parsers_draft, what_a_value_looks_like)
{
        for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
                unsigned got = draft_shapes(str_of(shapes[i].text));

                cr_expect((got & shapes[i].has) == shapes[i].has && !(got & shapes[i].lacks), "%s is %#x", shapes[i].text, got);
        }
}

static const struct {
        const char *line;
        char delimiter; /* '\0': no header */
} headers[] = {
        { "Action,Brand,ip_address\r\n", ',' },
        { "Date;User Name;IP", ';' },
        { "a\tb\tc", '\t' },
        { "a,b", '\0' },
        { "2026-01-01,b,c", '\0' },
        { "{\"a\":1,\"b\":2,\"c\":3}", '\0' },
        { "at=1,op=2,user=3", '\0' },
        { "CEF:0|a|b|c|d|e|f|g=h", '\0' },
        { "\"quoted, name\",b,c", ',' },
        { "one sentence, with commas, 3 of them", '\0' },
};

Test(parsers_draft, which_first_lines_are_headers)
{
        for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
                struct csv_shape shape = { 0 };
                bool is_csv = draft_is_csv(NULL, NULL, str_of(headers[i].line), &shape);

                cr_expect(is_csv == (headers[i].delimiter != '\0') && shape.delimiter == headers[i].delimiter, "%s: %d '%c'", headers[i].line, is_csv, shape.delimiter);
        }
}
