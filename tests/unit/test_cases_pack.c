/* SPDX-License-Identifier: Apache-2.0 */

/* Evidence packs: what is made is sound; what is changed, put in, taken out or moved is found, and the file named; what a clever hand does,
 * who makes all sums anew, is found by the chain; hostile values are escaped; pseudonyms stay unless they are revealed. */

#include <criterion/criterion.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/sealbox.h"
#include "monitor/base/ustar.h"
#include "monitor/base/utf8.h"
#include "monitor/cases/order.h"
#include "monitor/cases/pack.h"
#include "monitor/store/chain.h"

enum { FOUND_BYTES = 8192, MEMBERS_MAX = 64 };
#define DAY USEC_PER_DAY
#define NOW (20000 * DAY)
#define HOSTILE "=cmd|'/C calc'!A0 <script>alert(1)</script> \xe2\x80\xae \x1b[31m \xed\x95\x9c\xea\xb5\xad \xe0\xb8\x82 \xd7\xa9"

static const struct secret key = { { 1, 2, 3 } };
static char dir[] = "/tmp/shopbell-pack-XXXXXX", path[64], heads_path[64];
static struct store *store;
static struct query *query;

static int remove_one(const char *name, const struct stat *st, int kind, struct FTW *at)
{
        (void)st, (void)kind, (void)at;
        return remove(name);
}

static struct hash128 id_of(const char *name)
{
        struct str part = str_of(name);

        return hash128_of(&part, 1);
}

/* The place of a record's box is its key: store/query.c. */
static void box_of(const struct hash128 *id, struct str fields, struct str raw, struct strbuf *box)
{
        CLEANUP(strbuf_done) struct strbuf plain = STRBUF_INIT;

        digest_add_text(&plain, fields);
        digest_add_text(&plain, raw);
        box_seal(&key, str_from((const char *)id->b, sizeof id->b), strbuf_str(&plain), box);
}

static void raise_alert(const char *name, const char *sentence, usec first, bool is_sealed)
{
        CLEANUP(strbuf_done) struct strbuf box = STRBUF_INIT;
        struct evidence e = { .key = id_of(name), .time = first, .source = STR("google-ads-users"), .file = STR("f"), .id = STR("i"),
                              .fields = STR("{\"shopbell.person\":\"mia\",\"event.action\":\"" "=1+1" "\",\"source.ip\":\"203.0.113.9\"}"),
                              .raw = STR("{\"user\":\"mia\"}\n") };
        struct alert_change c = { .kind = CHANGE_RAISE, .id = id_of(name), .rule_id = STR("r"), .rule_title = STR("A rule"), .level = LEVEL_HIGH,
                                  .sentence = str_of(sentence), .why = STR(""), .playbook = STR(""), .person = STR("mia"),
                                  .source = STR("google-ads-users"), .first_seen = first, .last_seen = first, .records = &e.key, .n_records = 1, .count = 1 };

        if (is_sealed) {
                box_of(&e.key, e.fields, e.raw, &box);
                e.fields = STR("{\"shopbell.person\":\"p:0123456789abcdef\"}");
                e.raw = STR("");
                e.sealed = strbuf_str(&box);
        }
        cr_assert_eq(store_begin(store), 0);
        cr_assert_eq(store_put_evidence(store, &e), 0);
        cr_assert_geq(store_put_change(store, &c, first + USEC_PER_HOUR), 0, "%s", store_error(store));
        cr_assert_eq(store_commit(store), 0);
}

static void order(bool seal, const char *verb, const char *const *lines, size_t n)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct who who = { 1000, STR("eva") };

        strbuf_addf(&text, "%s\n", verb);
        for (size_t i = 0; i + 1 < n; i += 2)
                case_order_add(&text, lines[i], str_of(lines[i + 1]));
        cr_assert_eq(store_begin(store), 0);
        cr_assert_eq(case_order_run(strbuf_str(&text), store, &who, NOW, seal, &answer), 1, "%s", answer.p ? answer.p : store_error(store));
        cr_assert_eq(store_commit(store), 0);
}
#define ORDER(seal, verb, ...) order(seal, verb, (const char *const[]){ __VA_ARGS__ }, ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))

static void open_case(bool seal)
{
        char a[HASH128_HEX_BYTES], b[HASH128_HEX_BYTES];
        struct hash128 id = id_of("a");

        hash128_hex(&id, a);
        id = id_of("b");
        hash128_hex(&id, b);
        ORDER(seal, "case-open", "alert", a, "alert", b, "title", "Customers' data", "by", "mei", "zone", "Asia/Seoul");
        ORDER(seal, "case-add", "case", "1", "kind", "note", "value", "a note of \xed\x95\x9c\xea\xb5\xad and =1+1 and <script>", "by", "mei");
}

static void begin(bool is_sealed)
{
        struct err err = { 0 }, warning = { 0 };

        cr_assert_not_null(mkdtemp(dir));
        snprintf(path, sizeof path, "%s/shopbell.db", dir);
        snprintf(heads_path, sizeof heads_path, "%s/" CHAIN_HEADS_FILE, dir);
        cr_assert_eq(store_open(path, &store, &err), 0, "%s", err.text);
        cr_assert_eq(store_seal(store, &key, true, heads_path, &err, &warning), 0);
        raise_alert("z", "Of no case", NOW - 9 * DAY, false); /* before, between and behind: rows without what they say */
        raise_alert("a", HOSTILE, NOW - 8 * DAY, is_sealed);
        raise_alert("y", "Of no case either", NOW - 7 * DAY, false);
        raise_alert("b", "And more", NOW - 6 * DAY, is_sealed);
        open_case(is_sealed);
        raise_alert("x", "Nor that", NOW - DAY, false);
        cr_assert_eq(query_of(store, &query), 0);
}

static void setup(void)
{
        begin(false);
}

static void teardown(void)
{
        query_close(query);
        store_close(store);
        nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(cases_pack, .init = setup, .fini = teardown);

static int put(void *userdata, struct str bytes)
{
        strbuf_add(userdata, bytes);
        return 0;
}

static struct pack_made make(struct strbuf *to, const struct secret *secret)
{
        static const struct pack_file files[] = { { STR("configuration/shopbell.ndjson"), STR("{}\n") } };
        char heads[2 * CHAIN_HEAD_LINE_BYTES];
        FILE *f = fopen(heads_path, "re");
        struct pack_request q = { .store = query, .case_id = 1, .secret = secret, .files = files, .n_files = 1, .now = NOW + DAY, .zone = "Asia/Seoul",
                                  .version = "1", .put = put, .userdata = to };
        struct pack_made made;
        struct err err = { 0 };

        cr_assert(f);
        q.heads = str_from(heads, fread(heads, 1, sizeof heads, f));
        fclose(f);
        cr_assert_eq(pack_write(&q, &made, &err), 0, "%s", err.text);
        cr_assert(!strbuf_failed(to));
        cr_expect_eq(made.found, 0);
        return made;
}

static int on_found(void *userdata, struct str text)
{
        char *found = userdata;
        size_t n = strlen(found);

        snprintf(found + n, FOUND_BYTES - n, STR_FMT "\n", STR_ARG(text));
        return 0;
}

static uint64_t verify(struct str bytes, const struct secret *secret, char found[FOUND_BYTES], struct pack_checked *ret)
{
        struct pack_check c = { .bytes = bytes, .key = secret, .found = on_found, .userdata = found };

        found[0] = '\0';
        cr_assert_eq(pack_verify(&c, ret), 0);
        return ret->found;
}

/* ---- Members, to do things with ---- */

struct members {
        struct ustar_file items[MEMBERS_MAX];
        size_t n;
};

static void read_members(struct str bytes, struct members *ret)
{
        struct ustar u = ustar_read(bytes);
        struct err err = { 0 };

        ret->n = 0;
        while (ustar_next(&u, &ret->items[ret->n], &err) > 0)
                cr_assert_lt(++ret->n, MEMBERS_MAX);
}

static struct ustar_file *member(struct members *m, const char *name)
{
        for (size_t i = 0; i < m->n; i++)
                if (str_eqz(m->items[i].name, name))
                        return &m->items[i];
        cr_assert(false, "no %s", name);
        return NULL;
}

/* Written anew; with `sums`, so is SHA256SUMS: whoever has a hand in the pack can do that. */
static void write_members(struct members *m, bool sums, struct strbuf *to)
{
        CLEANUP(strbuf_done) struct strbuf lines = STRBUF_INIT;

        strbuf_clear(to);
        for (size_t i = 0; i < m->n; i++) {
                char hex[DIGEST_HEX_BYTES];
                struct digest d;

                if (sums && str_eqz(m->items[i].name, PACK_SUMS))
                        m->items[i].bytes = strbuf_str(&lines);
                cr_assert_eq(ustar_add(to, m->items[i].name, m->items[i].bytes, NOW + DAY), 0);
                digest_sha256(m->items[i].bytes, &d);
                digest_hex(&d, hex);
                strbuf_addf(&lines, "%s  " STR_FMT "\n", hex, STR_ARG(m->items[i].name));
        }
        ustar_end(to);
}

static void replace(struct strbuf *to, struct str text, const char *from, const char *with)
{
        size_t at = str_find(text, str_of(from));

        cr_assert(at != SIZE_MAX, "no %s", from);
        strbuf_add(to, str_from(text.p, at));
        strbuf_addz(to, with);
        strbuf_add(to, str_from(text.p + at + strlen(from), text.n - at - strlen(from)));
}

/* ---- Tests ---- */

Test(cases_pack, is_sound_and_the_same_each_time)
{
        static const struct secret other = { { 9 } };
        CLEANUP(strbuf_done) struct strbuf one = STRBUF_INIT, again = STRBUF_INIT;
        char found[FOUND_BYTES], hex[HASH128_HEX_BYTES], name[64];
        struct hash128 id = id_of("a");
        struct members m;
        struct pack_checked c;
        struct pack_made made = make(&one, NULL);

        make(&again, NULL);
        cr_expect(str_eq(strbuf_str(&one), strbuf_str(&again)));
        cr_expect_eq(verify(strbuf_str(&one), NULL, found, &c), 0, "%s", found);
        cr_expect(digest_eq(&c.sums, &made.sums));
        cr_expect_eq(c.case_id, 1);
        cr_expect_eq(c.at, NOW + DAY);
        cr_expect_eq(c.chain.head.seq, made.head.seq);
        cr_expect_gt(c.chain.withheld, 0);
        cr_expect_lt(c.chain.rows, (uint64_t)made.head.seq, "what was before the case is not in it");
        cr_expect_eq(c.heads, 2);
        cr_expect_eq(c.files, made.files);
        cr_expect_eq(made.records, 2);
        cr_expect_eq(verify(strbuf_str(&one), &key, found, &c), 0, "%s", found);
        cr_expect_eq(c.chain.sealed, c.chain.rows);
        cr_expect_gt(verify(strbuf_str(&one), &other, found, &c), 0);
        read_members(strbuf_str(&one), &m);
        hash128_hex(&id, hex);
        snprintf(name, sizeof name, "records/%s.raw", hex);
        cr_expect(str_eqz(member(&m, name)->bytes, "{\"user\":\"mia\"}\n"));
        cr_expect(str_find(member(&m, "chain/history.ndjson")->bytes, STR("Of no case")) == SIZE_MAX, "others' alerts are nobody's business");
}

Test(cases_pack, a_byte_in_each_file_is_found_and_named)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        char found[FOUND_BYTES], name[128];
        struct members m;
        struct pack_checked c;

        make(&b, NULL);
        read_members(strbuf_str(&b), &m);
        for (size_t i = 0; i < m.n; i++) {
                char *bytes = b.p + m.items[i].offset + USTAR_BLOCK, *last = bytes + m.items[i].bytes.n;
                bool is_sums = str_eqz(m.items[i].name, PACK_SUMS);

                snprintf(name, sizeof name, STR_FMT, STR_ARG(m.items[i].name));
                if (m.items[i].bytes.n == 0)
                        continue;
                for (char *at = bytes; at < last; at += 1 + m.items[i].bytes.n / 7) {
                        *at ^= 1;
                        cr_expect_gt(verify(strbuf_str(&b), NULL, found, &c), 0, "%s, byte %td", name, at - bytes);
                        cr_expect(is_sums || strstr(found, name), "%s: %s", name, found);
                        *at ^= 1;
                }
                b.p[m.items[i].offset + 130] ^= 1; /* in its head: the size */
                cr_expect_gt(verify(strbuf_str(&b), NULL, found, &c), 0);
                cr_expect(strstr(found, name), "%s: %s", name, found);
                b.p[m.items[i].offset + 130] ^= 1;
        }
        cr_expect_eq(verify(strbuf_str(&b), NULL, found, &c), 0, "%s", found);
}

Test(cases_pack, every_so_many_bytes_and_every_end)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        char found[FOUND_BYTES];
        struct pack_checked c;

        make(&b, NULL);
        for (size_t i = 0; i < b.n; i += 101) {
                b.p[i] ^= (char)(1 << i % 8);
                cr_expect_gt(verify(strbuf_str(&b), NULL, found, &c), 0, "byte %zu", i);
                b.p[i] ^= (char)(1 << i % 8);
        }
        for (size_t n = 0; n < b.n; n += 3 * USTAR_BLOCK + 7)
                cr_expect_gt(verify(str_from(b.p, n), NULL, found, &c), 0, "%zu bytes", n);
}

Test(cases_pack, files_are_missing_put_in_doubled_and_moved)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT, other = STRBUF_INIT;
        char found[FOUND_BYTES];
        struct members m, changed;
        struct pack_checked c;

        make(&b, NULL);
        read_members(strbuf_str(&b), &m);
        for (size_t i = 0; i < m.n; i++) { /* one is missing */
                char name[128];

                changed = m;
                memmove(&changed.items[i], &changed.items[i + 1], (m.n - i - 1) * sizeof *m.items);
                changed.n--;
                write_members(&changed, false, &other);
                snprintf(name, sizeof name, STR_FMT ": it is missing", STR_ARG(m.items[i].name));
                cr_expect_gt(verify(strbuf_str(&other), NULL, found, &c), 0);
                cr_expect(strstr(found, name), "%s: %s", name, found);
        }
        changed = m;
        changed.items[changed.n++] = (struct ustar_file){ .name = STR("records/extra.raw"), .bytes = STR("x") };
        write_members(&changed, false, &other);
        verify(strbuf_str(&other), NULL, found, &c);
        cr_expect(strstr(found, "records/extra.raw: it was put in") && strstr(found, "not the last"), "%s", found);
        changed = m; /* with sums: the chain has it not */
        changed.items[changed.n] = changed.items[changed.n - 1];
        changed.items[changed.n++ - 1] = (struct ustar_file){ .name = STR("records/extra.raw"), .bytes = STR("x") };
        write_members(&changed, true, &other);
        cr_expect_eq(verify(strbuf_str(&other), NULL, found, &c), 1);
        cr_expect(strstr(found, "records/extra.raw: no row of the history"), "%s", found);
        changed = m;
        changed.items[changed.n++] = *member(&m, "alerts.ndjson");
        write_members(&changed, false, &other);
        verify(strbuf_str(&other), NULL, found, &c);
        cr_expect(strstr(found, "alerts.ndjson: it is in the pack twice"), "%s", found);
        changed = m;
        changed.items[1] = m.items[2];
        changed.items[2] = m.items[1];
        write_members(&changed, false, &other);
        verify(strbuf_str(&other), NULL, found, &c);
        cr_expect(strstr(found, "it stands at another place"), "%s", found);
}

/* Whoever changes something and makes all sums of SHA-256 anew. */
Test(cases_pack, the_chain_finds_what_sums_do_not)
{
        static const struct {
                const char *file, *from, *with, *says;
        } all[] = {
                { "alerts.ndjson", "And more", "And less", "alerts.ndjson: it is not what the chain vouches for" },
                { "case.ndjson", "a note", "A note", "case.ndjson: it is not what the chain vouches for" },
                { "records/index.ndjson", "203.0.113.9", "203.0.113.8", "records/index.ndjson: it is not what the chain vouches for" },
                { "chain/history.ndjson", "And more", "And less", "text of alert" },
                { "chain/history.ndjson", "203.0.113.9", "203.0.113.8", "record " },
                { "chain/history.ndjson", "7b2275736572", "7b2275736573", "bytes of record" },
                { "chain/history.ndjson", "a note", "A note", "entry of a case" },
                { "chain/history.ndjson", "\"what\":\"raised\"", "\"what\":\"merged\"", "was edited" },
                { "pack.json", "\"case\":1", "\"case\":2", "no case 2" },
        };
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT, other = STRBUF_INIT;
        char found[FOUND_BYTES];
        struct members m;
        struct pack_checked c;

        make(&b, NULL);
        for (size_t i = 0; i < ARRAY_LEN(all); i++) {
                CLEANUP(strbuf_done) struct strbuf changed = STRBUF_INIT;

                read_members(strbuf_str(&b), &m);
                replace(&changed, member(&m, all[i].file)->bytes, all[i].from, all[i].with);
                member(&m, all[i].file)->bytes = strbuf_str(&changed);
                write_members(&m, true, &other);
                cr_expect_gt(verify(strbuf_str(&other), NULL, found, &c), 0, "%s: %s", all[i].file, all[i].with);
                cr_expect(strstr(found, all[i].says), "%s: %s: %s", all[i].file, all[i].says, found);
                cr_expect_null(strstr(found, "SHA-256"));
        }
}

Test(cases_pack, hostile_values)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        static const char *const clean[] = { "index.html", "timeline.csv", "forms/google-ads.txt", "README.txt", "alerts.ndjson", "case.ndjson" };
        struct members m;
        struct str page;

        make(&b, NULL);
        read_members(strbuf_str(&b), &m);
        page = member(&m, "index.html")->bytes;
        cr_expect_eq(str_find(page, STR("<script")), SIZE_MAX);
        cr_expect_neq(str_find(page, STR("&lt;script&gt;")), SIZE_MAX);
        cr_expect_neq(str_find(page, STR("\xed\x95\x9c\xea\xb5\xad")), SIZE_MAX, "what is only foreign stays");
        cr_expect_neq(str_find(page, STR("\xe0\xb8\x82")), SIZE_MAX);
        cr_expect_neq(str_find(member(&m, "timeline.csv")->bytes, STR("\"'=cmd|")), SIZE_MAX);
        cr_expect_eq(str_find(member(&m, "timeline.csv")->bytes, STR(",=")), SIZE_MAX);
        for (size_t i = 0; i < ARRAY_LEN(clean); i++) {
                struct str rest = member(&m, clean[i])->bytes;
                uint32_t cp;

                cr_expect(utf8_is_valid(rest), "%s", clean[i]);
                if (strcmp(clean[i], "timeline.csv") == 0)
                        rest = str_from(rest.p + 3, rest.n - 3); /* its mark of UTF-8 */
                while (utf8_next(&rest, &cp))
                        cr_expect(cp == '\n' || cp == '\r' || !utf8_is_harmful(cp), "%s: U+%04X", clean[i], cp);
        }
}

Test(cases_pack, no_such_case)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct pack_request q = { .store = query, .case_id = 7, .now = NOW, .zone = "UTC", .version = "1", .put = put, .userdata = &b, .heads = STR("") };
        struct pack_made made;
        struct err err = { 0 };

        cr_expect_eq(pack_write(&q, &made, &err), -ENOENT);
        cr_expect(strstr(err.text, "no case 7"), "%s", err.text);
        cr_expect_eq(b.n, 0);
}

static int put_little(void *userdata, struct str bytes)
{
        size_t *left = userdata;

        if (bytes.n > *left)
                return -ENOSPC;
        *left -= bytes.n;
        return 0;
}

Test(cases_pack, no_room)
{
        size_t left = 20000;
        struct pack_request q = { .store = query, .case_id = 1, .now = NOW, .zone = "UTC", .version = "1", .put = put_little, .userdata = &left, .heads = STR("") };
        struct pack_made made;
        struct err err = { 0 };

        cr_expect_eq(pack_write(&q, &made, &err), -ENOSPC);
        cr_expect(strstr(err.text, "No space"), "%s", err.text);
}

static void setup_sealed(void)
{
        begin(true);
}

TestSuite(cases_pack_sealed, .init = setup_sealed, .fini = teardown);

Test(cases_pack_sealed, pseudonyms_stay_or_are_revealed)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT, clear = STRBUF_INIT, other = STRBUF_INIT, changed = STRBUF_INIT;
        char found[FOUND_BYTES];
        struct members m;
        struct pack_checked c;
        struct pack_made made = make(&b, NULL);

        cr_expect_gt(made.n_sealed, 0);
        cr_expect_eq(str_find(strbuf_str(&b), STR("\"user\":\"mia\"")), SIZE_MAX);
        cr_expect_eq(str_find(strbuf_str(&b), STR("a note of")), SIZE_MAX, "nor what people wrote");
        cr_expect_eq(verify(strbuf_str(&b), NULL, found, &c), 0, "%s", found);
        cr_expect_eq(c.unproved, 0);
        made = make(&clear, &key);
        cr_expect_eq(made.n_sealed, 0);
        cr_expect_neq(str_find(strbuf_str(&clear), STR("{\"user\":\"mia\"}\n")), SIZE_MAX);
        cr_expect_neq(str_find(strbuf_str(&clear), STR("a note of")), SIZE_MAX);
        cr_expect_neq(str_find(strbuf_str(&clear), STR("NAMES ARE IN THE CLEAR")), SIZE_MAX);
        cr_expect_eq(verify(strbuf_str(&clear), NULL, found, &c), 0, "%s", found);
        cr_expect_gt(c.unproved, 0);
        read_members(strbuf_str(&clear), &m); /* the sums still hold them */
        replace(&changed, member(&m, "case.ndjson")->bytes, "a note", "A note");
        member(&m, "case.ndjson")->bytes = strbuf_str(&changed);
        write_members(&m, false, &other);
        cr_expect_eq(verify(strbuf_str(&other), NULL, found, &c), 1);
        cr_expect(strstr(found, "case.ndjson: it was changed"), "%s", found);
}
