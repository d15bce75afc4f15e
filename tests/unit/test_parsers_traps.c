/* SPDX-License-Identifier: Apache-2.0 */

/* What the records of real platforms force on the parsers, one test each: composed after the documents of Meta, TikTok, Salesforce,
 * Adobe Commerce, PrestaShop, Simple History and Google Workspace. Shapes of stamps: test_base_clock.c. */

#include "tests/unit/parsers_util.h"

static void parse_one(struct bench *b, const char *text, int want)
{
        int n = bench_parse(b, text);

        cr_assert_eq(n, want, "%d records: %s", n, b->reason ? b->reason : "");
}

/* 1. No id: a hash of the record, the same when it is delivered again, another when one byte differs, and when an equal row
 * comes twice in a file. In another envelope the same record is the same. */
Test(parsers_traps, records_without_an_id)
{
        static const char *const texts[] = { "name: ads\nlogsource: {product: ads}\nformat: json\nrecords: data\nrecognise: {has: [event_type, actor_id]}\nfields: {event.action: event_type}\n" };
        static const char row[] = "{\"actor_id\":\"1\",\"event_type\":\"add_funding_source\",\"event_time\":\"2026-11-22T03:14:02+0000\"}";
        struct strbuf first = STRBUF_INIT, again = STRBUF_INIT, text = STRBUF_INIT;
        struct bench b;

        bench_open(&b, texts, 1);
        strbuf_addf(&text, "{\"data\":[%s],\"paging\":{\"cursors\":{\"after\":\"x\"}}}", row);
        parse_one(&b, text.p, 1);
        strbuf_add(&first, b.records[0]->id);
        strbuf_clear(&text);
        strbuf_addf(&text, "{\"data\":[{\"event_type\":\"other\",\"actor_id\":\"2\"},%s],\"paging\":{}}", row);
        parse_one(&b, text.p, 2);
        strbuf_add(&again, b.records[1]->id);
        cr_expect(first.n == 32 && str_eq(strbuf_str(&first), strbuf_str(&again)), "%s, %s", first.p, again.p);
        cr_expect(!str_eq(b.records[0]->id, strbuf_str(&first)));
        b.repeat = 1;
        parse_one(&b, row, 1);
        cr_expect(!str_eq(b.records[0]->id, strbuf_str(&first)), "an equal row right behind is another");
        strbuf_done(&first);
        strbuf_done(&again);
        strbuf_done(&text);
        bench_close(&b);
}

/* 2. Text inside text: JSON in a string in JSON, twice; what is no JSON stays text. */
Test(parsers_traps, text_inside_text)
{
        static const char *const texts[] = { "name: ads\nlogsource: {product: ads}\nformat: json\nrecognise: {has: [event_type]}\njson_in_text: [extra, extra.old]\n"
                                             "fields: {user.target.name: extra.user, shopbell.amount.old: extra.old.value, message: extra}\n" };
        struct bench b;

        bench_open(&b, texts, 1);
        parse_one(&b, "{\"event_type\":\"x\",\"extra\":\"{\\\"user\\\":\\\"Mei\\\",\\\"old\\\":\\\"{\\\\\\\"value\\\\\\\":2500}\\\"}\"}", 1);
        assert_field(b.records[0], "user.target.name", "Mei");
        assert_field(b.records[0], "shopbell.amount.old", "2500");
        parse_one(&b, "{\"event_type\":\"x\",\"extra\":\"{'user': b'Mei'}\"}", 1);
        assert_field(b.records[0], "user.target.name", "(none)");
        assert_field(b.records[0], "message", "{'user': b'Mei'}");
        bench_close(&b);
}

/* 3. CSV with embedded quotes, line breaks, JSON and CRLF. */
Test(parsers_traps, csv_with_quotes_and_json)
{
        static const char *const texts[] = { "name: table\nlogsource: {product: t}\nformat: csv\njson: [detail]\nrecognise: {has: [act, who]}\n"
                                             "fields: {event.action: act, user.name: who, shopbell.object: detail.name}\n" };
        struct bench b;

        bench_open(&b, texts, 1);
        parse_one(&b, "who,act,detail\r\n\"Tan, \"\"Mei\"\"\",\"export\r\nall\",\"{\"\"name\"\":\"\"a \\\"\"b\\\"\"\"\"}\"\r\n", 1);
        assert_field(b.records[0], "user.name", "Tan, \"Mei\"");
        assert_field(b.records[0], "event.action", "export\r\nall");
        assert_field(b.records[0], "shopbell.object", "a \"b\"");
        bench_close(&b);
}

/* 4. Addresses as a number, as words, longer than any address, in brackets, several with commas. */
Test(parsers_traps, addresses_of_many_shapes)
{
        static const struct {
                const char *written, *ip, *address;
        } cases[] = {
                { "3405803777", "203.0.113.1", "203.0.113.1" },
                { "\"3405803777\"", "203.0.113.1", "203.0.113.1" },
                { "\"198.51.100.7\"", "198.51.100.7", "198.51.100.7" },
                { "0", "(none)", "(none)" },
                { "\"Salesforce.com IP\"", "(none)", "Salesforce.com IP" },
                { "\"[2001:db8::7]:443\"", "2001:db8::7", "[2001:db8::7]:443" },
                { "\"-\"", "(none)", "(none)" },
                { "\"Not Available\"", "(none)", "(none)" },
        };
        static const char *const texts[] = { "name: a\nlogsource: {product: a}\nformat: json\nrecognise: {has: [ip]}\nfields: {source.ip: {from: ip, number: ipv4}}\n" };
        struct bench b;

        bench_open(&b, texts, 1);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                char text[128];

                snprintf(text, sizeof text, "{\"ip\":%s}", cases[i].written);
                parse_one(&b, text, 1);
                assert_field(b.records[0], "source.ip", cases[i].ip);
                assert_field(b.records[0], "source.address", cases[i].address);
        }
        bench_close(&b);
}

/* 5. Money in millionths. What is no whole number, or beyond 64 bits, stays. */
Test(parsers_traps, money_in_micros)
{
        static const struct {
                const char *written, *amount;
        } cases[] = {
                { "50000000", "50" },      { "\"12500000\"", "12.50" },
                { "1", "0.000001" },       { "1230000", "1.23" },
                { "0", "0" },              { "\"12.5\"", "12.5" },
                { "-1000000", "-1000000" }, { "99999999999999999999", "99999999999999999999" },
        };
        static const char *const texts[] = { "name: a\nlogsource: {product: a}\nformat: json\nrecognise: {has: [n]}\nfields: {shopbell.amount.new: {from: n, number: micros}}\n" };
        struct bench b;

        bench_open(&b, texts, 1);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                char text[128];

                snprintf(text, sizeof text, "{\"n\":%s}", cases[i].written);
                parse_one(&b, text, 1);
                assert_field(b.records[0], "shopbell.amount.new", cases[i].amount);
        }
        bench_close(&b);
}

/* 6. A masked actor is an identity, the same every time; what platforms write for nobody is none. */
Test(parsers_traps, masked_actors)
{
        static const struct {
                const char *who, *name;
        } cases[] = {
                { "y***********n@gmail.com", "y***********n@gmail.com" }, { "M** T**", "M** T**" }, { "***", "***" },
                { "unknown", "(none)" },                                  { "N/A", "(none)" },       { "", "(none)" },
        };
        static const char *const texts[] = { "name: a\nlogsource: {product: a}\nformat: json\nrecognise: {has: [who]}\nfields: {user.name: who}\n" };
        struct bench b;

        bench_open(&b, texts, 1);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                char text[128];

                snprintf(text, sizeof text, "{\"who\":\"%s\"}", cases[i].who);
                parse_one(&b, text, 1);
                assert_field(b.records[0], "user.name", cases[i].name);
                assert_field(b.records[0], "shopbell.person", cases[i].name);
        }
        bench_close(&b);
}

/* 7. A login that failed has the user's id, too: what the record says of success counts. 8. A sentence in the site's language
 * says nothing: the key counts. */
Test(parsers_traps, outcome_by_what_the_record_says_and_action_by_its_key)
{
        static const char *const texts[] = { "name: a\nlogsource: {product: a}\nformat: json\nrecognise: {has: [key, is_success]}\n"
                                             "fields: {user.id: user_id, event.action: key, event.outcome: {from: is_success, map: {'1': success, '0': failure}}, message: sentence}\n"
                                             "classes: [{class: login, when: {key: [user_login_failed, user_logged_in]}}]\n" };
        struct bench b;

        bench_open(&b, texts, 1);
        parse_one(&b, "{\"key\":\"user_login_failed\",\"is_success\":0,\"user_id\":7,\"sentence\":\"Anmeldung fehlgeschlagen\"}", 1);
        assert_field(b.records[0], "user.id", "7");
        assert_field(b.records[0], "event.outcome", "failure");
        assert_field(b.records[0], "shopbell.class", "login");
        parse_one(&b, "{\"key\":\"user_logged_in\",\"user_id\":7,\"is_success\":null}", 1);
        assert_field(b.records[0], "event.outcome", "unknown");
        bench_close(&b);
}

/* Names and values: each name a field; of several values under one name all; the value's key may differ from pair to pair. */
Test(parsers_traps, names_and_values)
{
        static const char *const texts[] = { "name: w\nlogsource: {product: w}\nformat: json\nrecords: items\neach: events\n"
                                             "pairs: [{at: events.parameters, name: name, value: [value, boolValue, multiValue]}]\nrecognise: {has: [id.time]}\n"
                                             "fields: {event.action: events.name, user.roles: events.parameters.roles, shopbell.mfa: {from: events.parameters.is_second_factor, map: {'true': used}}, event.id: id.q}\n" };
        struct bench b;

        bench_open(&b, texts, 1);
        parse_one(&b,
                  "{\"items\":[{\"id\":{\"time\":\"2026-11-22T03:14:02Z\",\"q\":\"9\"},\"events\":[{\"name\":\"login\",\"parameters\":[{\"name\":\"is_second_factor\",\"boolValue\":true},"
                  "{\"name\":\"roles\",\"multiValue\":[\"a\",\"b\"]}]},{\"name\":\"logout\"}]}]}",
                  2);
        assert_field(b.records[0], "event.action", "login");
        assert_field(b.records[0], "user.roles", "a,b");
        assert_field(b.records[0], "shopbell.mfa", "used");
        assert_field(b.records[1], "event.action", "logout");
        assert_field(b.records[1], "shopbell.mfa", "(none)");
        cr_expect(str_eqz(b.records[0]->id, "9/0") && str_eqz(b.records[1]->id, "9/1"), "two records of one id are two");
        bench_close(&b);
}
