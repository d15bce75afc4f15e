/* SPDX-License-Identifier: Apache-2.0 */

/* Why a raw is of a source, and what became of each field of a record. */

#include "parsers/source.h"
#include "tests/unit/parsers_util.h"

static const char json_source[] = "name: till\nlogsource: {product: till}\nformat: json\nrecords: rows\nrecognise: {has: [at, what], when: {kind: [till, tills], n|gte: 3}}\n"
                                  "fields:\n  \"@timestamp\": {from: at, unit: s}\n  event.action: what\n  user.email: [mail, who]\n  user.name: {join: '{first} {last}'}\n"
                                  "  event.outcome: {when: [{if: {error: '*'}, is: failure}, {else: success}]}\n"
                                  "classes:\n  - class: login\n    when: {what: sign_in}\n    set: {source.ip: ip}\n  - class: grant\n    when: {what: role, who: x}\n";
static const char line_source[] = "name: gate\nlogsource: {product: gate}\nformat: keyvalue\nheader: syslog\nprograms: [gated]\nrecognise: {has: [op]}\nfields: {event.action: op}\n";
static const char table_source[] = "name: book\nlogsource: {product: book}\nformat: csv\nabove: 3\nwithin: [rows]\njson: [more]\nrecognise: {has: [who, did]}\n"
                                   "fields: {event.action: did, user.name: who}\n";
static const char list_source[] = "name: staff\nlogsource: {product: staff}\nformat: json\nrecords: people[]\nrecognise: {has: [id, role]}\n"
                                  "list: {key: id, watch: [role]}\npairs: [{at: tags, name: n, value: v}]\n"
                                  "fields: {user.target.id: id, user.target.roles: role, event.action: change, event.provider: tags.team}\n"
                                  "classes:\n  - class: grant\n    when: {change: changed, old.role: user}\n";
static const char report_source[] = "name: report\nlogsource: {product: r}\nformat: csv\njson: [more]\nrecognise: {has: [user, mfa.active]}\n"
                                   "list: {key: user, watch: [mfa.active]}\nfields: {user.target.name: user, shopbell.mfa: mfa.active, source.ip: more.ip}\n";

struct set {
        struct sourceset *sources;
        struct parser *parser;
        struct arena *arena;
        struct strbuf text;
};

static void open_set(struct set *s)
{
        struct parser_options o = { .hint = { .reference = INT64_C(1772928000) * USEC_PER_SEC } };
        struct err_list errors = ERR_LIST_INIT;
        struct err err = { 0 };
        char dir[64];
        const char *dirs[] = { temp_dir(dir) };

        write_file(dir, "till.yml", json_source);
        write_file(dir, "gate.yml", line_source);
        write_file(dir, "book.yml", table_source);
        write_file(dir, "staff.yml", list_source);
        write_file(dir, "report.yml", report_source);
        cr_assert_eq(sourceset_load(dirs, 1, &s->sources, &errors), 0);
        remove_dir(dir);
        cr_assert_eq(errors.n, 0, "%s", errors.n ? errors.items[0].text : "");
        cr_assert_eq(sourceset_freeze(s->sources, &err), 0);
        s->parser = parser_new(s->sources, &o);
        s->arena = arena_new();
        s->text = (struct strbuf)STRBUF_INIT;
}

static void close_set(struct set *s)
{
        strbuf_done(&s->text);
        arena_free(s->arena);
        parser_free(s->parser);
        sourceset_free(s->sources);
}

static struct raw raw_of(struct set *s, const char *text)
{
        char *p = arena_alloc(s->arena, strlen(text) + RAW_PADDING);

        memcpy(p, text, strlen(text));
        return (struct raw){ .bytes = str_from(p, strlen(text)), .file = "f", .reference = USEC_NONE };
}

static void on_test(void *userdata, const struct source_test *test)
{
        struct set *s = userdata;

        strbuf_addf(&s->text, "%s " STR_FMT " (" STR_FMT ")\n", test->holds ? "yes" : "no", STR_ARG(test->what), STR_ARG(test->met));
}

static void check_why(struct set *s, const char *source, const char *text, const char *want)
{
        struct raw raw = raw_of(s, text);

        strbuf_clear(&s->text);
        cr_assert_eq(parser_why(s->parser, &raw, sourceset_find(s->sources, str_of(source)), s->arena, on_test, s), 0);
        cr_expect_str_eq(s->text.p ? s->text.p : "", want);
}

Test(parsers_why, tests_that_hold_and_that_do_not)
{
        struct set s;

        open_set(&s);
        check_why(&s, "till", "{\"at\":1,\"what\":\"x\",\"kind\":\"till\",\"n\":3}",
                  "yes has at (1)\nyes has what (x)\nyes kind is [\"till\",\"tills\"] (till)\nyes n gte 3 (3)\n");
        check_why(&s, "till", "{\"rows\":[{\"at\":1},{\"at\":2,\"kind\":\"shop\",\"n\":5},{}]}",
                  "yes has at (2)\nno has what ()\nno kind is [\"till\",\"tills\"] (shop)\nyes n gte 3 (5)\n");
        check_why(&s, "till", "no JSON", "no has at ()\nno has what ()\nno kind is [\"till\",\"tills\"] ()\nno n gte 3 ()\n");
        check_why(&s, "gate", "Mar  7 18:53:20 h gated[1]: op=open",
                  "yes has a syslog header, or is a journal entry ()\nyes its program is gated (gated)\nyes has op (open)\n");
        check_why(&s, "gate", "Mar  7 18:53:20 h other[1]: op=open",
                  "yes has a syslog header, or is a journal entry ()\nno its program is gated ()\nno has op ()\n");
        close_set(&s);
}

static int on_use(void *userdata, const struct field_use *use)
{
        struct set *s = userdata;

        strbuf_addf(&s->text, "%c " STR_FMT "=" STR_FMT ": " STR_FMT "\n", use->is_taken ? '+' : '-', STR_ARG(use->name), STR_ARG(use->value), STR_ARG(use->use));
        return 0;
}

static void check_uses(struct set *s, const char *source, uint32_t number, const char *text, const char *want)
{
        struct raw raw = raw_of(s, text);
        struct record *record = NULL;

        raw.is_change = str_starts(str_of(text), STR("{\"change\":"));
        strbuf_clear(&s->text);
        cr_assert_eq(parser_explain(s->parser, &raw, sourceset_find(s->sources, str_of(source)), number, s->arena, on_use, s, &record), 0);
        cr_expect_str_eq(s->text.p ? s->text.p : "", want);
        cr_expect_str_eq(record->source, source);
}

Test(parsers_why, what_became_of_each_field)
{
        struct set s;

        open_set(&s);
        check_uses(&s, "till", 1,
                   "{\"rows\":[{},{\"at\":1772614800,\"what\":\"sign_in\",\"kind\":\"till\",\"n\":3,\"mail\":\"-\",\"who\":\"mei\",\"first\":\"Mei\",\"ip\":\"192.0.2.7\",\"error\":null,\"list\":[1,2,3,4],\"deep\":{\"x\":1}}]}",
                   "+ at=1772614800: @timestamp; recognise\n"
                   "+ what=sign_in: event.action; class login; asked by rows of class grant; recognise\n"
                   "- kind=till: recognise\n"
                   "- n=3: recognise\n"
                   "- mail=-: looked at for user.email\n"
                   "+ who=mei: user.email; asked by rows of class grant\n"
                   "- first=Mei: looked at for user.name\n"
                   "+ ip=192.0.2.7: source.ip\n"
                   "- error=null: looked at for event.outcome\n"
                   "- list=1, 2 and 2 more: \n"
                   "- deep.x=1: \n");
        check_uses(&s, "gate", 0, "Mar  7 18:53:20 h gated[1]: op=open colour=red",
                   "+ op=open: event.action; recognise\n"
                   "- colour=red: \n"
                   "+ timestamp=Mar  7 18:53:20: @timestamp\n"
                   "+ hostname=h: host.name\n"
                   "+ program=gated: process.name; programs\n"
                   "+ pid=1: process.pid\n"
                   "+ message=op=open colour=red: message\n");
        close_set(&s);
}

/* The header may stand below other lines, or in a document: columns that nobody asks for are there all the same. */
Test(parsers_why, cells_of_tables_that_have_their_header_inside)
{
        static const char *const want = "+ who=mei: user.name; recognise\n"
                                        "+ did=sign_in: event.action; recognise\n"
                                        "- a \"b\"=c \"d\": \n"
                                        "- more={\"x\":1}: \n"
                                        "- more.x=1: \n";
        struct set s;

        open_set(&s);
        check_uses(&s, "book", 0, "Report\nwho,did,\"a \"\"b\"\"\",more\nmei,sign_in,\"c \"\"d\"\"\",\"{\"\"x\"\":1}\"\n", want);
        check_uses(&s, "book", 0,
                   "{\"rows\":\"Report\\nwho,did,\\\"a \\\"\\\"b\\\"\\\"\\\",more\\nmei,sign_in,\\\"c \\\"\\\"d\\\"\\\"\\\",\\\"{\\\"\\\"x\\\"\\\":1}\\\"\\n\"}",
                   want);
        close_set(&s);
}

/* The entry's fields are those that the source file speaks of, wherever the comparison put them. */
Test(parsers_why, what_became_of_each_field_of_a_list)
{
        struct set s;

        open_set(&s);
        check_uses(&s, "staff", 0,
                   "{\"change\":\"changed\",\"polled\":\"2026-11-22T03:15:00Z\",\"changed\":[\"role\"],\"entry\":{\"id\":7,\"role\":\"admin\",\"tags\":[{\"n\":\"team\",\"v\":\"ads\"}],\"x\":1},"
                   "\"old\":{\"id\":7,\"role\":\"user\"}}",
                   "+ change=changed: event.action; class grant\n"
                   "+ polled=2026-11-22T03:15:00Z: @timestamp\n"
                   "- changed=role: \n"
                   "+ id=7: user.target.id; recognise\n"
                   "+ role=admin: user.target.roles; recognise\n"
                   "+ tags.team=ads: event.provider\n"
                   "- x=1: \n"
                   "- old.id=7: \n"
                   "- old.role=user: class grant\n");
        check_uses(&s, "report", 0, "{\"change\":\"added\",\"polled\":\"2026-11-22T03:15:00Z\",\"entry\":{\"user\":\"mei\",\"mfa.active\":\"no\",\"more\":\"{\\\"ip\\\":\\\"192.0.2.7\\\"}\"}}",
                   "- change=added: \n"
                   "+ polled=2026-11-22T03:15:00Z: @timestamp\n"
                   "+ user=mei: user.target.name; recognise\n"
                   "+ mfa.active=no: shopbell.mfa; recognise\n"
                   "- more={\"ip\":\"192.0.2.7\"}: \n"
                   "+ more.ip=192.0.2.7: source.ip\n");
        close_set(&s);
}

Test(parsers_why, there_is_no_such_record)
{
        struct set s;
        struct raw raw;

        open_set(&s);
        raw = raw_of(&s, "{\"at\":1}");
        cr_expect_eq(parser_explain(s.parser, &raw, sourceset_find(s.sources, STR("till")), 1, s.arena, on_use, &s, NULL), -ENOENT);
        close_set(&s);
}

/* Distinct values of the action's own fields, in whatever form; not those of other fields, nor |exists and null. */
Test(parsers_why, how_much_of_each_class_is_known)
{
        static const char *const texts[] = {
                "name: c\nlogsource: {product: c}\nformat: json\nrecognise: {has: [a]}\nfields: {event.action: [a, b.c], user.name: who}\n"
                "trust: third-party\nunconfirmed: [one, two]\ncannot: {export: no such thing}\nclasses:\n"
                "  - class: login\n    when: {a: [in, out, in]}\n"
                "  - class: [login, mfa]\n    when:\n      - {b.c|startswith: two, who: [x, y]}\n      - {a|exists: true, b.c: null}\n"
                "  - class: grant\n    when: {who: root}\n",
        };
        struct source_coverage coverage;
        struct source_about about;
        struct bench b;

        bench_open(&b, texts, 1);
        cr_assert_eq(source_coverage(sourceset_get(b.set, 0), &coverage), 0);
        cr_expect(coverage.rows[CLASS_LOGIN] == 2 && coverage.values[CLASS_LOGIN] == 3, "%u rows, %u values", coverage.rows[CLASS_LOGIN],
                  coverage.values[CLASS_LOGIN]);
        cr_expect(coverage.rows[CLASS_MFA] == 1 && coverage.values[CLASS_MFA] == 1);
        cr_expect(coverage.rows[CLASS_GRANT] == 1 && coverage.values[CLASS_GRANT] == 0);
        cr_expect_eq(coverage.rows[CLASS_EXPORT], 0);
        source_about(sourceset_get(b.set, 0), &about);
        cr_expect_str_eq(about.trust, "third-party");
        cr_expect(about.n_unconfirmed == 2 && about.cannot && !about.setup.p);
        bench_close(&b);
}
