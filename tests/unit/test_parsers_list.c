/* SPDX-License-Identifier: Apache-2.0 */

/* Polled lists: what differs, what is not believed, and that nothing a log says passes for a difference. */

#include "tests/unit/parsers_util.h"

#define JSON_SOURCE \
        "name: people\nlogsource: {product: p}\nformat: json\nrecords: people[]\nrecognise: {has: [id, role]}\n" \
        "list: {key: id, watch: [role, tags], account: shop, time: at, more: next}\n" \
        "fields: {user.target.id: id, user.target.roles: role, event.action: change, event.reason: old.role, " \
        "event.provider: changed, user.name: name}\n" \
        "classes: [{class: grant, when: {change: added}}]\n"
#define CSV_SOURCE \
        "name: report\nlogsource: {product: r}\nformat: csv\nrecognise: {has: [user, mfa.active]}\n" \
        "list: {key: user, watch: [mfa.active]}\n" \
        "fields: {user.target.name: user, shopbell.mfa: mfa.active, event.action: change, event.reason: old.mfa.active}\n"
#define LOG_SOURCE "name: log\nlogsource: {product: l}\nformat: json\nrecognise: {has: [what]}\nfields: {event.action: what}\n"

enum { MEMORIES = 8, MEMORY_BYTES = 4 * 1024 * 1024, RAWS = 64 };

static struct shop {
        struct bench b;
        struct counters counters;
        char *names[MEMORIES], *blobs[MEMORIES];
        size_t sizes[MEMORIES], n;
        size_t firsts;
        char told[4096]; /* "added 2 (ADMIN)," of each record, "refused: …," */
        bool is_ordered, is_full;
        usec time;
} shop;

static void open_shop(const char *text)
{
        const char *texts[] = { text, LOG_SOURCE };

        shop = (struct shop){ .is_ordered = true, .time = INT64_C(1795317242000000) };
        bench_open(&shop.b, texts, 2);
}

static void close_shop(void)
{
        for (size_t i = 0; i < shop.n; i++) {
                free(shop.names[i]);
                free(shop.blobs[i]);
        }
        bench_close(&shop.b);
}

static struct str before(void *userdata, struct str account)
{
        (void)userdata;
        for (size_t i = 0; i < shop.n; i++)
                if (str_eqz(account, shop.names[i]))
                        return str_from(shop.blobs[i], shop.sizes[i]);
        return STR_NONE;
}

static int remember(void *userdata, struct str account, struct str blob)
{
        size_t i = 0;

        (void)userdata;
        while (i < shop.n && !str_eqz(account, shop.names[i]))
                i++;
        cr_assert(i < MEMORIES && blob.n < MEMORY_BYTES);
        if (i == shop.n) {
                shop.names[i] = str_dupz(account);
                shop.blobs[i] = calloc(1, MEMORY_BYTES);
                shop.n++;
        }
        memset(shop.blobs[i], 0, shop.sizes[i]);
        memcpy(shop.blobs[i], blob.p, blob.n);
        shop.sizes[i] = blob.n;
        return 0;
}

static void tell(const char *text)
{
        size_t n = strlen(shop.told);

        cr_assert_lt(snprintf(shop.told + n, sizeof shop.told - n, "%s,", text), (int)(sizeof shop.told - n));
}

static int take(void *userdata, struct str bytes)
{
        struct raw raw = { .bytes = bytes, .file = "f", .reference = shop.time, .source = "people", .is_change = true };
        const char *reason = NULL;
        char text[256];
        int r;

        (void)userdata;
        if (!sourceset_find(shop.b.set, STR("people")))
                raw.source = "report";
        shop.b.n = 0;
        r = parser_parse(shop.b.parser, &raw, shop.b.arena, bench_keep, &shop.b, &reason);
        if (r < 0) {
                cr_expect_eq(r, -ENOMSG);
                snprintf(text, sizeof text, "refused: %s", reason);
        } else {
                const struct record *rec = shop.b.records[0];
                bool is_json = strcmp(raw.source, "people") == 0;

                cr_assert_eq(r, 1);
                cr_expect(rec->time != USEC_NONE, "every difference has a time");
                snprintf(text, sizeof text, STR_FMT " " STR_FMT " " STR_FMT "<" STR_FMT, STR_ARG(record_ecs(rec, ECS_EVENT_ACTION)),
                         STR_ARG(record_ecs(rec, is_json ? ECS_USER_TARGET_ID : ECS_USER_TARGET_NAME)),
                         STR_ARG(record_ecs(rec, is_json ? ECS_USER_TARGET_ROLES : ECS_MFA)), STR_ARG(record_ecs(rec, ECS_EVENT_REASON)));
        }
        tell(text);
        return 0;
}

static void first(void *userdata, struct str account, size_t entries)
{
        (void)userdata;
        (void)account;
        (void)entries;
        shop.firsts++;
}

static bool has_room(void *userdata, struct str account, size_t bytes)
{
        (void)userdata;
        (void)account;
        cr_expect(bytes > 0 && bytes < MEMORY_BYTES);
        return !shop.is_full;
}

/* Compares one poll of these documents and says what differs. */
static const char *poll_of(const char *const *texts, size_t n, const char *header)
{
        struct raw raws[RAWS];
        struct list_host host = { before, remember, take, first, NULL, &shop.counters, has_room };
        struct list_poll poll = { .source = sourceset_find(shop.b.set, STR("people")) ? "people" : "report", .raws = raws, .n = n,
                                  .time = shop.time, .is_ordered = shop.is_ordered, .arena = shop.b.arena };

        for (size_t i = 0; i < n; i++) {
                char *bytes = arena_alloc(shop.b.arena, strlen(texts[i]) + RAW_PADDING);

                memcpy(bytes, texts[i], strlen(texts[i]));
                raws[i] = (struct raw){ .bytes = str_from(bytes, strlen(texts[i])), .file = "f", .reference = USEC_NONE, .header = str_of(header) };
        }
        shop.told[0] = '\0';
        shop.time += USEC_PER_HOUR;
        cr_assert_eq(sourceset_list_compare(shop.b.set, &poll, &host), 0);
        return shop.told;
}

static const char *polled(const char *text)
{
        return poll_of(&text, 1, NULL);
}

#define expect_poll(text, want) \
        do { \
                const char *got_ = polled(text); \
                cr_expect(strcmp(got_, (want)) == 0, "%s: \"%s\", not \"%s\"", (text), got_, (want)); \
        } while (0)

Test(parsers_list, added_removed_changed)
{
        open_shop(JSON_SOURCE);
        expect_poll("{\"people\": [{\"id\": 1, \"role\": \"a\"}, {\"id\": 2, \"role\": \"b\"}]}", "");
        cr_expect_eq(shop.firsts, 1);
        expect_poll("{\"people\": [{\"id\": 2, \"role\": \"b\"}, {\"id\": 1, \"role\": \"a\", \"seen\": 5}]}", "");
        expect_poll("{\"people\":[{\"id\":1,\"role\":\"c\"},{\"id\":2,\"role\":\"b\"},{\"id\":3,\"role\":\"a\"}]}", "changed 1 c<a,added 3 a<,");
        expect_poll("{\"people\":[{\"id\":1,\"role\":\"c\"},{\"id\":3,\"role\":\"a\"}]}", "removed 2 b<,");
        expect_poll("{\"people\":[{\"id\":1,\"role\":\"c\"},{\"id\":2,\"role\":\"b\"},{\"id\":3,\"role\":\"a\"}]}", "added 2 b<,");
        cr_expect_eq(shop.counters.n[COUNTER_LIST], 4);
        cr_expect_eq(shop.counters.n[COUNTER_LIST_FIRST], 1);
        close_shop();
}

Test(parsers_list, order_of_values_and_writing_do_not_matter)
{
        open_shop(JSON_SOURCE);
        polled("{\"people\": [{\"id\": 1, \"role\": \"a\", \"tags\": [\"x\", \"y\"], \"more\": {\n\"b\": 1}}]}");
        expect_poll("[{\"role\":\"a\",\"id\":1.0,\"tags\":[\"y\",\"x\"]}]", "");
        expect_poll("[{\"role\":\"\\u0061\",\"id\":1,\"tags\":[\"y\",\"x\",null]}]", "");
        expect_poll("[{\"role\":\"a\",\"id\":1,\"tags\":[\"y\"]}]", "changed 1 a<a,");
        cr_expect_str_eq(field_text(shop.b.records[0], "event.provider"), "tags");
        expect_poll("[{\"role\":\"a\",\"id\":\"1\",\"tags\":\"y\"}]", "");
        close_shop();
}

Test(parsers_list, what_is_not_believed)
{
        static const struct {
                const char *text, *says;
        } cases[] = {
                { "{}", "refused: holds nothing that is an entry of such a list," },
                { "{\"error\": {\"code\": 401}}", "refused: holds nothing that is an entry of such a list," },
                { "{\"people\": []}", "refused: is empty: nobody at all has access, it says," },
                { "[]", "refused: is empty: nobody at all has access, it says," },
                { "{\"people\": [{\"id\": 1, \"role\": \"a\"}, {\"id\": 2,", "refused: is no JSON, or cut off," },
                { "{\"people\": [{\"id\": 1, \"role\": \"a\"}, {\"error\": 2}]}", "refused: has an entry without its key," },
                { "{\"people\": [{\"id\": 1, \"role\": \"a\"}, {\"id\": null, \"role\": \"a\"}]}", "refused: has an entry without its key," },
                { "{\"next\": \"abc\", \"people\": [{\"id\": 1, \"role\": \"a\"}]}", "refused: is not whole: its `next` says that more follows," },
                { "{\"next\": \"\", \"people\": [{\"id\": 1, \"role\": \"a\"}, {\"id\": 2, \"role\": \"a\"}, {\"id\": 3, \"role\": \"a\"}]}", "" },
                { "{\"people\": [{\"id\": 1, \"role\": \"a\"}, {\"id\": 1, \"role\": \"b\"}]}", "refused: has two entries of one key that differ," },
                { "{\"people\": [{\"id\": \"\", \"role\": \"a\"}]}", "refused: has an entry without its key," },
                { "{\"at\": \"soon\", \"people\": [{\"id\": 1, \"role\": \"a\"}]}", "refused: names no time that can be read at its `at`," },
                { "{\"people\": 7}", "refused: holds nothing that is an entry of such a list," },
                { "people: all", "refused: is no JSON, or cut off," },
        };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                open_shop(JSON_SOURCE);
                polled("{\"people\": [{\"id\": 1, \"role\": \"a\"}, {\"id\": 2, \"role\": \"a\"}, {\"id\": 3, \"role\": \"a\"}]}");
                expect_poll(cases[i].text, cases[i].says);
                expect_poll("[{\"id\": 1, \"role\": \"a\"}, {\"id\": 2, \"role\": \"a\"}, {\"id\": 3, \"role\": \"a\"}]", "");
                cr_expect_eq(bench_count(&shop.b, COUNTER_REJECT_LIST), cases[i].says[0] != '\0', "%s", cases[i].text);
                close_shop();
        }
}

/* Platforms leave out fields that are empty. */
Test(parsers_list, entries_with_less)
{
        open_shop(JSON_SOURCE);
        polled("[{\"id\":1,\"role\":\"a\"},{\"id\":2}]");
        cr_expect_eq(shop.firsts, 1);
        expect_poll("[{\"id\":1,\"role\":\"a\"},{\"id\":2,\"role\":\"b\"}]", "changed 2 b<,");
        expect_poll("[{\"id\":1},{\"id\":2,\"role\":\"b\"}]", "changed 1 <a,");
        close_shop();
}

Test(parsers_list, many_gone_at_once_wait_for_the_next_poll)
{
        open_shop(JSON_SOURCE);
        polled("[{\"id\":1,\"role\":\"a\"},{\"id\":2,\"role\":\"a\"},{\"id\":3,\"role\":\"a\"}]");
        expect_poll("[{\"id\":9,\"role\":\"a\"},{\"id\":3,\"role\":\"b\"}]", "changed 3 b<a,added 9 a<,");
        cr_expect_eq(shop.counters.n[COUNTER_LIST_HELD], 2);
        expect_poll("[{\"id\":9,\"role\":\"a\"},{\"id\":3,\"role\":\"b\"},{\"id\":2,\"role\":\"a\"}]", "removed 1 a<,");
        expect_poll("[{\"id\":9,\"role\":\"a\"}]", "");
        cr_expect_eq(shop.counters.n[COUNTER_LIST_HELD], 4);
        expect_poll("[{\"id\":9,\"role\":\"a\"}]", "removed 2 a<,removed 3 b<,");
        expect_poll("[{\"id\":9,\"role\":\"a\"}]", "");
        close_shop();
}

Test(parsers_list, nothing_is_confirmed_by_the_same_poll_again)
{
        open_shop(JSON_SOURCE);
        shop.is_ordered = false;
        polled("[{\"id\":1,\"role\":\"a\"},{\"id\":2,\"role\":\"a\"},{\"id\":3,\"role\":\"a\"}]");
        expect_poll("[{\"id\":1,\"role\":\"a\"}]", "");
        shop.time -= USEC_PER_HOUR;
        expect_poll("[{\"id\":1,\"role\":\"a\"}]", "");
        shop.time -= 2 * USEC_PER_HOUR;
        expect_poll("[{\"id\":1,\"role\":\"b\"}]", "");
        cr_expect_eq(shop.counters.n[COUNTER_LIST_OLD], 1);
        shop.time += 2 * USEC_PER_HOUR;
        expect_poll("[{\"id\":1,\"role\":\"a\"}]", "removed 2 a<,removed 3 a<,");
        close_shop();
}

Test(parsers_list, accounts_are_lists_of_their_own)
{
        open_shop(JSON_SOURCE);
        polled("[{\"id\":1,\"role\":\"a\",\"shop\":\"x\"},{\"id\":1,\"role\":\"b\",\"shop\":\"../y \\u001b\"}]");
        cr_expect_eq(shop.firsts, 2);
        cr_expect_str_eq(shop.names[1], "x");
        cr_expect_eq(shop.names[0][0], '#', "no blank or bracket of a log stands in a position's name: %s", shop.names[0]);
        expect_poll("[{\"id\":2,\"role\":\"a\",\"shop\":\"x\"},{\"id\":1,\"role\":\"a\",\"shop\":\"x\"}]", "added 2 a<,");
        expect_poll("[{\"id\":1,\"role\":\"c\",\"shop\":\"../y \\u001b\"}]", "changed 1 c<b,");
        close_shop();
}

Test(parsers_list, several_documents_are_one_list)
{
        static const char *const pages[] = { "{\"people\":[{\"id\":1,\"role\":\"a\"}],\"next\":\"p2\"}", "{\"people\":[{\"id\":2,\"role\":\"a\"},{\"id\":1,\"role\":\"a\"}]}" };

        open_shop(JSON_SOURCE);
        cr_expect_str_eq(poll_of(pages, 2, NULL), "");
        expect_poll("[{\"id\":1,\"role\":\"a\"},{\"id\":2,\"role\":\"a\"}]", "");
        close_shop();
}

Test(parsers_list, time_of_the_poll)
{
        open_shop(JSON_SOURCE);
        polled("{\"at\":\"2026-11-22T03:00:00Z\",\"people\":[{\"id\":1,\"role\":\"a\"}]}");
        polled("{\"at\":\"2026-11-22T04:00:00+01:00\",\"people\":[{\"id\":1,\"role\":\"b\"}]}");
        assert_field(shop.b.records[0], "@timestamp", "2026-11-22T03:00:00Z");
        shop.time = INT64_C(1795320000000000);
        polled("[{\"id\":1,\"role\":\"c\"}]");
        assert_field(shop.b.records[0], "@timestamp", "2026-11-22T04:00:00Z");
        close_shop();
}

Test(parsers_list, tables)
{
        static const char *const header = "arn,user,mfa.active";
        static const char *const one[] = { header, "x,ana,true", "x,\"b\"\"o\",true" }, *const two[] = { header, "x,ana,false", "y,\"b\"\"o\",true" },
                          *const cut[] = { header, "x,ana" };

        open_shop(CSV_SOURCE);
        cr_expect_str_eq(poll_of(one, 3, header), "");
        cr_expect_str_eq(poll_of(two, 3, header), "changed ana false<true,");
        cr_expect_str_eq(poll_of(two, 2, header), "removed b\"o true<,");
        cr_expect(strstr(poll_of(cut, 2, header), "refused: its row has 2 cells"), "%s", shop.told);
        cr_expect(strstr(poll_of(cut, 1, header), "refused: is empty"), "%s", shop.told);
        close_shop();
}

/* The bytes of a log are never taken for what a comparison wrote, nor is a list taken for records. */
Test(parsers_list, forged_differences)
{
        open_shop(JSON_SOURCE);
        cr_expect_eq(bench_parse(&shop.b, "{\"change\":\"added\",\"entry\":{\"id\":9,\"role\":\"a\"}}"), -ENOENT);
        shop.b.source = "people";
        cr_expect_lt(bench_parse(&shop.b, "{\"change\":\"added\",\"entry\":{\"id\":9,\"role\":\"a\"}}"), 0);
        cr_expect_eq(bench_parse(&shop.b, "[{\"id\":9,\"role\":\"a\"}]"), -ENOMSG);
        cr_expect(strstr(shop.b.reason, "is a polled list"));
        shop.b.source = NULL;
        cr_expect_eq(bench_parse(&shop.b, "[{\"id\":9,\"role\":\"a\"}]"), -ENOMSG);
        cr_expect_eq(bench_parse(&shop.b, "{\"what\":\"x\"}"), 1, "another source's record behind it");
        polled("[{\"id\":1,\"role\":\"a\"}]");
        polled("[{\"id\":1,\"role\":\"a\"},{\"id\":2,\"role\":\"a\",\"change\":\"removed\",\"old\":{\"role\":\"z\"},\"polled\":\"1999-01-01\"}]");
        cr_expect_str_eq(shop.told, "added 2 a<,");
        close_shop();
}

Test(parsers_list, which_files_are_lists)
{
        static const struct {
                const char *text, *found;
        } cases[] = {
                { "[{\"id\":9,\"role\":\"a\"}]", "people" },
                { "{\"id\":9,\"role\":\"a\"}", "people" },
                { "{\"what\":\"x\"}", NULL },
                { "{\"what\":\"x\",\"role\":{\"id\":1}}", NULL },
                { "{\"people\":[]}", NULL },
                { "id role", NULL },
        };

        open_shop(JSON_SOURCE);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                char *bytes = arena_alloc(shop.b.arena, strlen(cases[i].text) + RAW_PADDING);
                struct raw raw = { .bytes = str_from(bytes, strlen(cases[i].text)), .file = "f", .reference = USEC_NONE };
                const char *found;

                memcpy(bytes, cases[i].text, raw.bytes.n);
                cr_expect_eq(sourceset_list_find(shop.b.set, NULL, &raw, &found), 0);
                cr_expect(cases[i].found ? found && strcmp(found, cases[i].found) == 0 : !found, "%s: %s", cases[i].text, found ? found : "none");
                cr_expect(sourceset_list_find(shop.b.set, "people", &raw, &found) == 0 && strcmp(found, "people") == 0);
                cr_expect(sourceset_list_find(shop.b.set, "log", &raw, &found) == 0 && !found);
        }
        close_shop();
}

/* A memory that something has damaged is none: the list is a first one again. */
Test(parsers_list, damaged_memories)
{
        static const char *const bad[] = { "", "v=1", "v=2 time=1 entries=0\n", "v=1 time=1 entries=1\n", "v=1 time=1 entries=1\n+ 99\n{}\n",
                                           "v=1 time=1 entries=1\n* 2\n{}\n", "v=1 time=1 entries=1\n+ 2\n[]\n", "v=1 time=x entries=1\n+ 2\n{}\n",
                                           "v=1 time=1 entries=99999999999999999999\n", "v=1 time=1 entries=1\n+ 18446744073709551615\n{}\n" };

        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                open_shop(JSON_SOURCE);
                remember(NULL, STR("-"), str_of(bad[i]));
                expect_poll("[{\"id\":1,\"role\":\"a\"}]", "");
                cr_expect_eq(shop.firsts, 1, "%s", bad[i]);
                expect_poll("[{\"id\":1,\"role\":\"a\"},{\"id\":2,\"role\":\"a\"}]", "added 2 a<,");
                close_shop();
        }
}

/* What cannot be remembered is not told either, or it would be told again with each poll; what is remembered stays. */
Test(parsers_list, no_room_to_remember)
{
        open_shop(JSON_SOURCE);
        shop.is_full = true;
        expect_poll("[{\"id\":1,\"role\":\"a\"}]", "");
        cr_expect_eq(shop.firsts + shop.n, 0);
        cr_expect_eq(shop.counters.n[COUNTER_LIST_NO_ROOM], 1);
        shop.is_full = false;
        expect_poll("[{\"id\":1,\"role\":\"a\"}]", "");
        cr_expect_eq(shop.firsts, 1);
        shop.is_full = true;
        expect_poll("[{\"id\":1,\"role\":\"b\"}]", "");
        shop.is_full = false;
        expect_poll("[{\"id\":1,\"role\":\"b\"}]", "changed 1 b<a,");
        cr_expect_eq(shop.counters.n[COUNTER_LIST_NO_ROOM], 2);
        close_shop();
}

/* Polls of one time confirm nothing, and each could leave others behind. */
Test(parsers_list, no_more_are_held_back_than_a_list_may_have)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        open_shop(JSON_SOURCE);
        shop.is_ordered = false;
        for (int i = 0; i < LIST_ENTRIES_MAX; i++)
                strbuf_addf(&text, "%s{\"id\":\"a%d\",\"role\":\"x\"}", i ? "," : "{\"at\":\"2026-11-22T03:00:00Z\",\"people\":[", i);
        strbuf_addz(&text, "]}");
        expect_poll(text.p, "");
        expect_poll("{\"at\":\"2026-11-22T03:00:00Z\",\"people\":[{\"id\":\"b\",\"role\":\"x\"}]}", "added b x<,");
        cr_expect_eq(shop.counters.n[COUNTER_LIST_HELD], LIST_ENTRIES_MAX);
        expect_poll("{\"at\":\"2026-11-22T03:00:00Z\",\"people\":[{\"id\":\"c\",\"role\":\"x\"}]}", "added c x<,removed a19999 x<,");
        close_shop();
}

Test(parsers_list, mistakes_in_source_files)
{
        static const struct {
                const char *yaml, *says;
        } cases[] = {
                { "format: json\nrecognise: {has: [id]}\nlist: {watch: a}\n", "`list` needs `key`" },
                { "format: json\nrecognise: {has: [id]}\nlist: {key: id, wach: a}\n", "did you mean `watch`" },
                { "format: json\nrecognise: {has: [id]}\nlist: [id]\n", "a map is needed here" },
                { "format: json\neach: a\nrecognise: {has: [id]}\nlist: {key: id}\n", "do not go together" },
                { "format: keyvalue\nrecognise: {has: [id]}\nlist: {key: id}\n", "goes with format: json, csv" },
                { "format: csv\nrecognise: {has: [id]}\nlist: {key: id, time: x}\n", "a table has no such place" },
                { "format: json\nrecognise: {when: {id: 1}}\nlist: {key: id}\n", "told by fields that each of its entries has" },
                { "format: json\nrecognise: {has: [id]}\nsamples: [{name: x, before: {}, raw: {}, expect: []}]\n", "`before` goes with `list`" },
        };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct err_list errors = ERR_LIST_INIT;
                char text[512];
                const char *texts[] = { text };
                struct sourceset *set;

                snprintf(text, sizeof text, "name: a\nlogsource: {product: p}\n%sfields: {event.action: id}\n", cases[i].yaml);
                set = load_sources(texts, 1, &errors);
                cr_expect(!set && errors.n == 1 && strstr(errors.items[0].text, cases[i].says), "%s: %s", cases[i].yaml,
                          errors.n ? errors.items[0].text : "no error");
                sourceset_free(set);
                err_list_done(&errors);
        }
}

/* The fields that a comparison writes need room as well. */
Test(parsers_list, more_fields_than_there_is_room_for)
{
        for (int room = 0; room < 4; room++) {
                CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
                struct err_list errors = ERR_LIST_INIT;
                const char *texts[1];
                struct sourceset *set;

                strbuf_addz(&text, "name: a\nlogsource: {product: p}\nformat: json\nrecognise: {has: [f0]}\nfields: {event.action: f0}\n"
                                   "list:\n  account: acc\n  key: f0\n  watch: [");
                for (int i = 0; i < RECORD_NATIVE_MAX - room; i++)
                        strbuf_addf(&text, "%sf%d", i ? "," : "", i);
                strbuf_addz(&text, "]\n");
                texts[0] = text.p;
                set = load_sources(texts, 1, &errors);
                cr_expect(!set && errors.n == 1 && strstr(errors.items[0].text, "too many fields"), "%d: %s", room,
                          errors.n ? errors.items[0].text : "no error");
                sourceset_free(set);
                err_list_done(&errors);
        }
}
