/* SPDX-License-Identifier: Apache-2.0 */

/* Tables: columns by name, what a row must be, headers where they do not belong, JSON in a cell. */

#include "tests/unit/parsers_util.h"

static const char *const all[] = {
        "name: till\n"
        "logsource: {product: till}\n"
        "format: csv\n"
        "recognise: {has: [Time, User Name, What]}\n"
        "json: [Details]\n"
        "fields:\n"
        "  \"@timestamp\": Time\n"
        "  event.action: What\n"
        "  user.name: User Name\n"
        "  source.ip: Details.from.ip\n"
        "  shopbell.object: Details.items.id\n"
        "  event.reason: Note\n"
        "  event.outcome: {when: [{if: {Note: null}, is: success}, {else: failure}]}\n",

        "name: fixed\n"
        "logsource: {product: fixed}\n"
        "format: csv\n"
        "columns: [when, who, what, note]\n"
        "delimiter: ';'\n"
        "recognise: {when: {what|startswith: do_}}\n"
        "fields: {\"@timestamp\": when, user.name: who, event.action: what, message: note}\n",
};

#define HEADER "Time,User Name,What,Note,Details"
#define ROW "2026-11-22 03:10:44,mei,login,,"

static void open_with(struct bench *b, const char *header)
{
        bench_open(b, all, ARRAY_LEN(all));
        b->header = header;
        b->row = 17;
}

Test(parsers_csv, a_row)
{
        struct bench b;

        open_with(&b, HEADER);
        cr_assert(bench_parse(&b, ROW) == 1, "%s", b.reason);
        assert_field(b.records[0], "event.action", "login");
        assert_field(b.records[0], "user.name", "mei");
        assert_field(b.records[0], "event.reason", "(none)");
        assert_field(b.records[0], "event.outcome", "success");
        assert_field(b.records[0], "@timestamp", "2026-11-22T03:10:44Z");
        cr_expect(str_eqz(b.records[0]->raw, ROW));
        cr_assert(bench_parse(&b, "2026-11-22 03:10:44,\"Mei \"\"M\"\", Lin\",\"two\r\nlines\",\"\",\"\"") == 1);
        assert_field(b.records[0], "user.name", "Mei \"M\", Lin");
        assert_field(b.records[0], "event.action", "two\r\nlines");
        assert_field(b.records[0], "event.outcome", "success");
        bench_close(&b);
}

Test(parsers_csv, columns_stand_anywhere)
{
        static const struct {
                const char *header, *row;
        } tables[] = {
                { "What,x,Time, User Name ", "login,1,2026-11-22 03:10:44,mei" },
                { "\"What\";\"Time\";\"User Name\"", "login;\"2026-11-22 03:10:44\";mei" },
                { "Time\tUser Name\tWhat", "2026-11-22 03:10:44\tmei\tlogin" },
                { "Time|User Name|What", "2026-11-22 03:10:44|mei|login" },
                { "Time,User Name,What,What", "2026-11-22 03:10:44,mei,login," },
        };

        for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
                struct bench b;

                open_with(&b, tables[i].header);
                cr_assert(bench_parse(&b, tables[i].row) == 1, "%s: %s", tables[i].header, b.reason);
                assert_field(b.records[0], "event.action", "login");
                assert_field(b.records[0], "user.name", "mei");
                bench_close(&b);
        }
}

Test(parsers_csv, bad_rows_say_which)
{
        static const struct {
                const char *row, *why;
        } rows[] = {
                { "a,b,c,d", "row 17 has 4 cells, and its table 5 columns" },
                { "a,b,c,d,e,f,g", "row 17 has more than 5 cells" },
                { "a,\"b\"x,c,d,e", "row 17 has a quoted cell" },
                { "a,b,c,d,\"e", "row 17 has a quoted cell" },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                for (int is_sure = 0; is_sure < 2; is_sure++) {
                        struct bench b;

                        open_with(&b, HEADER);
                        b.source = is_sure ? "till" : NULL;
                        cr_expect(bench_parse(&b, rows[i].row) == -EBADMSG, "%s", rows[i].row);
                        cr_expect(b.reason && strstr(b.reason, rows[i].why), "%s: %s", rows[i].row, b.reason);
                        cr_expect(bench_count(&b, COUNTER_REJECT_MALFORMED) == 1 && bench_count(&b, COUNTER_RECORDS) == 0);
                        b.row = 0;
                        cr_expect(bench_parse(&b, rows[i].row) == -EBADMSG && strstr(b.reason, "its row has"));
                        bench_close(&b);
                }
}

Test(parsers_csv, headers_are_no_records)
{
        struct bench b;

        open_with(&b, HEADER);
        cr_expect(bench_parse(&b, HEADER) == 0);
        cr_expect(bench_parse(&b, ROW) == 1);
        cr_expect(bench_parse(&b, HEADER) == 0);
        b.header = "Something,Else";
        cr_expect(bench_parse(&b, "a,b") == -ENOENT);
        b.source = "till";
        cr_expect(bench_parse(&b, "a,b") == -EBADMSG && strstr(b.reason, "below no header"));
        b.header = NULL;
        cr_expect(bench_parse(&b, ROW) == -EBADMSG && strstr(b.reason, "below no header"));
        cr_expect(bench_parse(&b, HEADER "\n" ROW "\n\n" ROW "\n") == 2);
        bench_close(&b);
}

Test(parsers_csv, fixed_columns)
{
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        cr_assert(bench_parse(&b, "2026-11-22T03:10:44Z;mei;do_it;\"a;b\"") == 1);
        assert_field(b.records[0], "event.action", "do_it");
        assert_field(b.records[0], "message", "a;b");
        cr_expect(bench_parse(&b, "2026-11-22T03:10:44Z;mei;else;x") == -ENOENT);
        cr_expect(bench_parse(&b, "a;b;c") == -ENOENT);
        b.source = "fixed";
        cr_expect(bench_parse(&b, "when;who;what;note") == 0);
        cr_expect(bench_parse(&b, "2026-11-22T03:10:44Z;mei;else;x") == 1);
        cr_expect(bench_parse(&b, "a;b;c") == -EBADMSG && strstr(b.reason, "has 3 cells"));
        bench_close(&b);
}

Test(parsers_csv, json_in_a_cell)
{
        struct bench b;

        open_with(&b, HEADER);
        cr_assert(bench_parse(&b, "2026-11-22 03:10:44,mei,sell,x,\"{\"\"from\"\":{\"\"ip\"\":\"\"192.0.2.7\"\"},\"\"items\"\":[{\"\"id\"\":1},{\"\"id\"\":2}]}\"") == 1);
        assert_field(b.records[0], "source.ip", "192.0.2.7");
        assert_field(b.records[0], "shopbell.object", "1,2");
        assert_field(b.records[0], "event.outcome", "failure");
        cr_assert(bench_parse(&b, "2026-11-22 03:10:44,mei,sell,x,\"[{\"\"items\"\":{\"\"id\"\":3}},{\"\"items\"\":{\"\"id\"\":4}}]\"") == 1);
        assert_field(b.records[0], "shopbell.object", "3,4");
        cr_expect(bench_count(&b, COUNTER_JSON_IN_TEXT_BAD) == 0);
        cr_assert(bench_parse(&b, "2026-11-22 03:10:44,mei,sell,x,no json") == 1);
        cr_assert(bench_parse(&b, "2026-11-22 03:10:44,mei,sell,x,\"{\"\"cut\"\":\"") == 1);
        cr_expect(bench_count(&b, COUNTER_JSON_IN_TEXT_BAD) == 2);
        bench_close(&b);
}

Test(parsers_csv, ill_formed_text_is_repaired)
{
        struct bench b;

        open_with(&b, HEADER);
        cr_assert(bench_parse(&b, "2026-11-22 03:10:44,m\xff,login,,\"{\"\"from\"\":{\"\"ip\"\":\"\"192.0.2.7\"\"}}\"") == 1);
        assert_field(b.records[0], "user.name", "m\xef\xbf\xbd");
        assert_field(b.records[0], "source.ip", "192.0.2.7");
        cr_expect(bench_count(&b, COUNTER_UTF8_REPAIRED) == 1);
        bench_close(&b);
}

Test(parsers_csv, which_files_are_tables)
{
        struct csv_shape shape;
        struct bench b;

        bench_open(&b, all, ARRAY_LEN(all));
        cr_expect(sourceset_is_csv(b.set, NULL, STR(HEADER), &shape) && shape.has_header && shape.delimiter == ',');
        cr_expect(sourceset_is_csv(b.set, NULL, STR("What;Time;User Name"), &shape) && shape.delimiter == ';');
        cr_expect(!sourceset_is_csv(b.set, NULL, STR("Time,User,What"), &shape));
        cr_expect(!sourceset_is_csv(b.set, NULL, STR("Nov 22 03:10:44 h sshd[1]: Time,User Name,What"), &shape));
        cr_expect(!sourceset_is_csv(b.set, "fixed", STR(HEADER), &shape) || !shape.has_header);
        cr_expect(sourceset_is_csv(b.set, "fixed", STR("a;b"), &shape) && !shape.has_header && shape.delimiter == ';');
        cr_expect(!sourceset_is_csv(b.set, "till", STR("a;b"), &shape));
        bench_close(&b);
}

/* What real records force on a parser: the shapes of time and address that platforms write into tables. */
Test(parsers_csv, times_and_addresses_as_platforms_write_them)
{
        static const char *const stamps[] = {
                "name: stamps\nlogsource: {product: stamps}\nformat: csv\nrecognise: {has: [stamp, ip]}\nzone: '+01:00'\n"
                "fields: {\"@timestamp\": stamp, source.ip: {from: ip, number: ipv4}}\n",
        };
        static const struct {
                const char *row, *time, *ip, *address;
        } rows[] = {
                { "2026-01-15T12:46:18+0000,3405803777", "2026-01-15T12:46:18Z", "203.0.113.1", "203.0.113.1" },
                { "20220913052243.429,Salesforce.com IP", "2022-09-13T04:22:43.429Z", "(none)", "Salesforce.com IP" },
                { "2022-09-13T05:22:43.429Z,0", "2022-09-13T05:22:43.429Z", "(none)", "(none)" },
                { "2022-08-16T09:26:38.000+0000,203.0.113.7:55", "2022-08-16T09:26:38Z", "203.0.113.7", "203.0.113.7:55" },
                { "2026-02-02 04:05,[2001:db8::1]:443", "2026-02-02T03:05:00Z", "2001:db8::1", "[2001:db8::1]:443" },
                { "1795317044118,4294967296", "2026-11-22T03:10:44.118Z", "(none)", "4294967296" },
                { "1795317044.1183,-", "2026-11-22T03:10:44.1183Z", "(none)", "(none)" },
                { "[2015-10-28 02:23:19.139 GMT],", "2015-10-28T02:23:19.139Z", "(none)", "(none)" },
                { "10/Oct/2026:13:55:36 +0000,203.0.113.7", "2026-10-10T13:55:36Z", "203.0.113.7", "203.0.113.7" },
                { "1/15/2026 at 2:46 PM,203.0.113.7", "(none)", "203.0.113.7", "203.0.113.7" },
        };
        struct bench b;

        bench_open(&b, stamps, 1);
        b.header = "stamp,ip";
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                cr_assert(bench_parse(&b, rows[i].row) == 1, "%s: %s", rows[i].row, b.reason);
                assert_field(b.records[0], "@timestamp", rows[i].time);
                assert_field(b.records[0], "source.ip", rows[i].ip);
                assert_field(b.records[0], "source.address", rows[i].address);
        }
        cr_expect(bench_count(&b, COUNTER_REJECT_NO_TIME) == 1);
        bench_close(&b);
}

/* Records without an id get one of their bytes: the same when they are delivered again, another for an equal row behind it. */
Test(parsers_csv, ids_of_rows)
{
        struct str first, second;
        struct bench b;

        open_with(&b, HEADER);
        cr_assert(bench_parse(&b, ROW) == 1);
        first = b.records[0]->id;
        cr_assert(bench_parse(&b, ROW) == 1 && str_eq(first, b.records[0]->id));
        b.repeat = 1;
        cr_assert(bench_parse(&b, ROW) == 1);
        second = b.records[0]->id;
        cr_expect(!str_eq(first, second));
        b.repeat = 0;
        cr_assert(bench_parse(&b, HEADER) == 0);
        b.header = NULL;
        cr_assert(bench_parse(&b, HEADER "\n" ROW) == 1 && str_eq(first, b.records[0]->id));
        bench_close(&b);
}

#define WITHIN "name: w\nlogsource: {product: p}\nformat: csv\nwithin: [data.log, file]\nabove: 2\nrecognise: {has: [when, who]}\nfields: {user.name: who}\n"

/* A table in a text of a document, whatever lies around it; what is none there is refused. */
Test(parsers_csv, tables_within_texts)
{
        static const struct {
                const char *raw, *who; /* NULL: not of this source */
        } cases[] = {
                { "{\"data\":{\"log\":\"{\\\"file\\\":\\\"when,who\\\\n1,ana\\\"}\"}}", "ana" },
                { "{\"data\":{\"log\":\"{\\\"file\\\":\\\"b'when,who\\\\\\\\r\\\\\\\\n1,ana\\\\\\\\r\\\\\\\\n'\\\"}\"}}", "ana" },
                { "{\"data\":{\"log\":\"{'file': b'sum,1\\\\nwhen,who\\\\n1,a\\\\xc3\\\\xa9\\\\'\\\\q', 'name': 'x'}\"}}", "a\xc3\xa9'\\q" },
                { "{\"data\":{\"log\":\"{'name': \\\"it's\\\", 'file': \\\"when,who\\\\n1,bo\\\"}\"}}", "bo" },
                { "when,who\n1,ana", "ana" },
                { "{\"data\":{\"log\":\"{'file': b'when,who\\\\n1,ana\"}}", NULL },
                { "{\"data\":{\"log\":\"{'file': 7}\"}}", NULL },
                { "{\"data\":{\"log\":\"{'file'\"}}", NULL },
                { "{\"data\":{\"log\":\"{\\\\\"}}", NULL },
                { "{\"data\":{\"log\":\"{'\\\\\"}}", NULL },
                { "{\"data\":{\"log\":\"{b\"}}", NULL },
                { "{\"data\":{\"log\":\"\"}}", NULL },
                { "{\"data\":{\"log\":null,\"status\":\"PROCESSING\"}}", NULL },
                { "{\"data\":{\"log\":\"{'file': b''}\"}}", NULL },
                { "{\"data\":{\"log\":\"{'file': b'other,columns\\\\n1,2'}\"}}", NULL },
                { "{\"data\":[]}", NULL },
        };
        static const char *const texts[] = { WITHIN };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct bench b;
                int r;

                bench_open(&b, texts, 1);
                r = bench_parse(&b, cases[i].raw);
                cr_expect(cases[i].who ? r == 1 : r < 0, "%s: %d", cases[i].raw, r);
                if (cases[i].who && r == 1)
                        assert_field(b.records[0], "user.name", cases[i].who);
                b.source = "w";
                r = bench_parse(&b, cases[i].raw);
                cr_expect(cases[i].who ? r == 1 : r <= 0, "%s, configured: %d", cases[i].raw, r);
                bench_close(&b);
        }
}

/* ---- Rows that are records of another source ---- */

static const char *const wrapping[] = {
        "name: inner\n"
        "logsource: {product: inner}\n"
        "format: json\n"
        "recognise: {has: [id, what]}\n"
        "pairs: [{at: more, name: n, value: v}]\n"
        "fields: {\"@timestamp\": at, event.id: id, event.action: what, shopbell.object: more.thing}\n",

        "name: outer\n"
        "logsource: {product: outer}\n"
        "format: csv\n"
        "recognise: {has: [When, Data]}\n"
        "wraps: {column: Data, source: inner}\n",

        "name: orphan\n"
        "logsource: {product: orphan}\n"
        "format: csv\n"
        "recognise: {has: [Orphan, Data]}\n"
        "wraps: {column: Data, source: nobody}\n",
};

#define INNER "\"{\"\"id\"\":\"\"7\"\",\"\"what\"\":\"\"go\"\",\"\"at\"\":\"\"2026-11-22T03:10:44Z\"\",\"\"more\"\":[{\"\"n\"\":\"\"thing\"\",\"\"v\"\":\"\"x\"\"}]}\""

Test(parsers_csv, a_row_may_wrap_a_record_of_another_source)
{
        struct bench b;

        bench_open(&b, wrapping, ARRAY_LEN(wrapping));
        b.header = "When,Data";
        b.row = 2;
        for (int sure = 0; sure < 2; sure++) { /* also when the input says what it is */
                b.source = sure ? "outer" : NULL;
                cr_assert(bench_parse(&b, "1," INNER) == 1, "%s", b.reason);
                cr_expect_str_eq(b.records[0]->source, "inner");
                assert_field(b.records[0], "shopbell.source", "inner");
                assert_field(b.records[0], "event.action", "go");
                assert_field(b.records[0], "shopbell.object", "x");
                cr_expect(str_eqz(b.records[0]->id, "7"));
                cr_expect(str_starts(b.records[0]->raw, STR("{\"id\"")));
                cr_expect(bench_parse(&b, "1,no json") == -EBADMSG && strstr(b.reason, "row 2 holds no JSON"), "%s", b.reason);
                cr_expect(bench_parse(&b, "1,\"{\"\"id\"\":1\"") == -EBADMSG);
                cr_expect(bench_parse(&b, "1,") == -EBADMSG);
                cr_expect(bench_parse(&b, "1,\"{\"\"id\"\":1}\"") == -ENOENT, "no record of inner");
                cr_expect(bench_parse(&b, "1,\"[" "{\"\"id\"\":1,\"\"what\"\":2},{\"\"id\"\":3,\"\"what\"\":4}]\"") == 2);
        }
        b.source = NULL;
        b.header = "Orphan,Data";
        cr_expect(bench_parse(&b, "1," INNER) == -EBADMSG && strstr(b.reason, "not known"), "%s", b.reason);
        bench_close(&b);
}
