/* SPDX-License-Identifier: Apache-2.0 */

/* Networks by name: the first of the list wins, whatever nests in what; mistakes are named with their place. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/enrich/networks.h"

static int read_text(const char *text, struct networks **ret, struct err *err)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        int r = yaml_parse(str_of(text), "networks.yml", &file, err);

        cr_assert_eq(r, 0, "%s", err->text);
        return networks_read(file->docs[0], "networks.yml", ret, err);
}

static const char *name_of(const struct networks *n, const char *text, uint32_t as)
{
        const struct network *found;
        struct address a;

        cr_assert(address_parse(str_of(text), &a), "%s", text);
        found = networks_find(n, &a, as);
        return found ? found->name : "-";
}

#define LIST \
        "- {name: desk, class: office, cidr: 192.0.2.7}\n" \
        "- {name: office, class: office, cidr: [192.0.2.0/28, '2001:db8:1::/48']}\n" \
        "- {name: block, class: hosting, cidr: [192.0.0.0/16, 192.0.2.0/30]}\n" \
        "- {name: inner, cidr: 192.0.77.0/24}\n" \
        "- {name: carrier, class: mobile, asn: [64500, AS64501]}\n" \
        "- {name: late, asn: 64500, cidr: 198.51.100.0/24}\n" \
        "- {name: mapped, cidr: '::ffff:203.0.113.0/120'}\n"

static const struct {
        const char *address;
        uint32_t as;
        const char *name;
} finds[] = {
        { "192.0.2.7", 0, "desk" },
        { "192.0.2.1", 0, "office" },
        { "192.0.2.15", 0, "office" },
        { "192.0.2.16", 0, "block" },
        { "192.0.77.1", 0, "block" },
        { "191.255.255.255", 0, "-" },
        { "192.1.0.0", 0, "-" },
        { "::ffff:192.0.2.7", 0, "desk" },
        { "2001:db8:1::9", 0, "office" },
        { "2001:db8:2::9", 0, "-" },
        { "8.8.8.8", 64500, "carrier" },
        { "8.8.8.8", 64501, "carrier" },
        { "8.8.8.8", 64502, "-" },
        { "198.51.100.1", 0, "late" },
        { "198.51.100.1", 64501, "carrier" },
        { "192.0.2.1", 64500, "office" },
        { "203.0.113.9", 0, "mapped" },
        { "::", 0, "-" },
        { "ffff::", 0, "-" },
};

Test(enrich_networks, the_first_of_the_list_wins)
{
        CLEANUP(networks_freep) struct networks *n = NULL;
        struct err err = { 0 };

        cr_assert_eq(read_text(LIST, &n, &err), 0, "%s", err.text);
        cr_expect_eq(networks_count(n), 7);
        cr_expect(networks_need_as(n));
        for (size_t i = 0; i < ARRAY_LEN(finds); i++)
                cr_expect_str_eq(name_of(n, finds[i].address, finds[i].as), finds[i].name, "%s", finds[i].address);
        cr_expect_null(networks_find(NULL, &(struct address){ 0 }, 1));
}

/* Many prefixes, drawn from a small range so that they nest: the answer is that of trying all in order. */
Test(enrich_networks, as_if_all_were_tried_in_order)
{
        CLEANUP(networks_freep) struct networks *n = NULL;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        enum { N = 300 };
        static struct {
                struct address first;
                unsigned bits;
        } all[N];
        struct err err = { 0 };
        uint32_t seed = 7;

        for (unsigned i = 0; i < N; i++) {
                char cidr[32];
                uint32_t a;
                unsigned bits;

                seed = seed * 1664525 + 1013904223;
                bits = 20 + (seed >> 16) % 13;
                a = 0x0a000000 | ((seed >> 8 & 0xfff) & ~(uint32_t)((UINT64_C(1) << (32 - bits)) - 1));
                snprintf(cidr, sizeof cidr, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
                cr_assert(address_parse(str_of(cidr), &all[i].first));
                all[i].bits = 96 + bits;
                strbuf_addf(&text, "- {name: n%u, cidr: %s/%u}\n", i, cidr, bits);
        }
        cr_assert_eq(read_text(text.p, &n, &err), 0, "%s", err.text);
        for (uint32_t a = 0; a < 0x1000; a++) {
                char address[32], expected[16] = "-";

                snprintf(address, sizeof address, "10.0.%u.%u", a >> 8, a & 255);
                for (unsigned i = N; i-- > 0;) {
                        struct address x;

                        address_parse(str_of(address), &x);
                        if (address_in(&x, &all[i].first, all[i].bits))
                                snprintf(expected, sizeof expected, "n%u", i);
                }
                cr_assert_str_eq(name_of(n, address, 0), expected, "%s", address);
        }
}

static const struct {
        const char *text;
        unsigned line, col;
        const char *says;
} mistakes[] = {
        { "a: b\n", 1, 1, "networks: a list" },
        { "- a\n", 1, 3, "a network is a map" },
        { "- {name: a, cdr: 10.0.0.0/8}\n", 1, 13, "unknown key" },
        { "- {cidr: 10.0.0.0/8}\n", 1, 3, "without a name" },
        { "- {name: a, class: office}\n", 1, 3, "without members" },
        { "- {name: a, class: home, cidr: 10.0.0.0/8}\n", 1, 20, "one of office, vpn" },
        { "- {name: a, cidr: [10.0.0.0/8, 10.0.0.1/8]}\n", 1, 32, "bits behind its length" },
        { "- {name: a, cidr: 10.0.0.0/33}\n", 1, 19, "no network" },
        { "- {name: a, cidr: office}\n", 1, 19, "no network" },
        { "- {name: a, cidr: {}}\n", 1, 19, "no network" },
        { "- {name: a, asn: [0]}\n", 1, 19, "no AS number" },
        { "- {name: a, asn: 4294967296}\n", 1, 18, "no AS number" },
        { "- {name: [], asn: 1}\n", 1, 10, "name: a short text" },
};

Test(enrich_networks, mistakes_are_named_with_their_place)
{
        for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
                struct networks *n = NULL;
                struct err err = { 0 };

                cr_expect_eq(read_text(mistakes[i].text, &n, &err), -EBADMSG, "%s", mistakes[i].text);
                cr_expect_null(n);
                cr_expect(err.line == mistakes[i].line && err.col == mistakes[i].col, "%s: %u:%u", mistakes[i].text,
                          err.line, err.col);
                cr_expect_not_null(strstr(err.text, mistakes[i].says), "%s: %s", mistakes[i].text, err.text);
        }
}

static const struct {
        const char *address;
        enum address_kind kind;
} kinds[] = {
        { "8.8.8.8", ADDRESS_PUBLIC },
        { "2a00:1450::1", ADDRESS_PUBLIC },
        { "10.1.2.3", ADDRESS_LOCAL },
        { "172.31.0.1", ADDRESS_LOCAL },
        { "172.32.0.1", ADDRESS_PUBLIC },
        { "192.168.1.1", ADDRESS_LOCAL },
        { "100.64.0.1", ADDRESS_LOCAL },
        { "127.0.0.1", ADDRESS_LOCAL },
        { "::1", ADDRESS_LOCAL },
        { "::ffff:10.0.0.1", ADDRESS_LOCAL },
        { "::ffff:8.8.8.8", ADDRESS_PUBLIC },
        { "fe80::1", ADDRESS_LOCAL },
        { "fd00::1", ADDRESS_LOCAL },
        { "192.0.2.1", ADDRESS_DOCUMENTATION },
        { "2001:db8::1", ADDRESS_DOCUMENTATION },
        { "203.0.113.255", ADDRESS_DOCUMENTATION },
        { "255.255.255.255", ADDRESS_LOCAL },
};

Test(enrich_networks, kinds_of_addresses)
{
        struct address a;

        for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
                cr_assert(address_parse(str_of(kinds[i].address), &a));
                cr_expect_eq(address_kind(&a), kinds[i].kind, "%s", kinds[i].address);
        }
        cr_expect_not(address_parse(STR("office"), &a));
        cr_expect_not(address_parse(STR("192.0.2.1/24"), &a));
        cr_expect_not(address_parse(STR("::1%lo"), &a));
        cr_expect_not(address_parse(STR_NONE, &a));
}

/* ---- Lists of a class ---- */

static char dir[] = "/tmp/shopbell-networks-XXXXXX";

static void make_dir(void)
{
        cr_assert_not_null(mkdtemp(dir));
}

static void remove_dir(void)
{
        char path[64];

        snprintf(path, sizeof path, "%s/list.txt", dir);
        unlink(path);
        rmdir(dir);
}

static int build_with(const char *list, const char *yaml, struct networks **ret, struct err *err)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        char path[64], config[64];
        struct networks_from from = { .lists_path = config };
        FILE *f;

        snprintf(path, sizeof path, "%s/list.txt", dir);
        snprintf(config, sizeof config, "%s/shopbell.yml", dir);
        cr_assert_not_null(f = fopen(path, "w"));
        fputs(list, f);
        fclose(f);
        cr_assert_eq(yaml_parse(str_of(yaml), config, &file, err), 0, "%s", err->text);
        from.list = yaml_get(file->docs[0], "networks");
        from.path = config;
        from.lists = yaml_get(file->docs[0], "network-lists");
        if (!from.list)
                from.path = NULL;
        return networks_build(&from, ret, err);
}

static const char *class_of(const struct networks *n, const char *text, uint32_t as)
{
        const struct network *found;
        struct address a;

        cr_assert(address_parse(str_of(text), &a), "%s", text);
        found = networks_find(n, &a, as);
        return !found ? "-" : found->name ? found->name : found->class;
}

Test(enrich_networks, lists_have_a_class_and_no_name, .init = make_dir, .fini = remove_dir)
{
        CLEANUP(networks_freep) struct networks *n = NULL;
        struct err err = { 0 };
        char path[64];
        int r = build_with("# hosts\n\n192.0.2.0/24 Example Hosting\r\nAS64500, another\n  2001:db8::1\t; one\n; end\nas64501",
                           "{networks: [{name: office, class: office, cidr: 192.0.2.7}], network-lists: {hosting: list.txt, tor: [list.txt]}}",
                           &n, &err);

        cr_assert_eq(r, 0, "%s:%u:%u %s", err.file, err.line, err.col, err.text);
        cr_expect_str_eq(class_of(n, "192.0.2.7", 0), "office", "what is named goes before");
        cr_expect_str_eq(class_of(n, "192.0.2.8", 0), "hosting");
        cr_expect_str_eq(class_of(n, "8.8.8.8", 64500), "hosting");
        cr_expect_str_eq(class_of(n, "8.8.8.8", 64501), "hosting");
        cr_expect_str_eq(class_of(n, "2001:db8::1", 0), "hosting");
        cr_expect_str_eq(class_of(n, "2001:db8::2", 0), "-");
        cr_expect_eq(networks_count(n), 1);
        cr_expect_eq(networks_listed(n), 8);
        cr_expect(networks_need_as(n));
        snprintf(path, sizeof path, "%s/list.txt", dir);
        cr_expect(networks_uses(n, path) && !networks_uses(n, "list.txt"));
}

Test(enrich_networks, mistakes_in_lists, .init = make_dir, .fini = remove_dir)
{
        static const struct {
                const char *list, *yaml, *file;
                unsigned line, col;
                int code;
        } bad[] = {
                { "192.0.2.1\nhello", "{network-lists: {tor: list.txt}}", "list.txt", 2, 1, -EBADMSG },
                { "192.0.2.1\n  192.0.2.1/24", "{network-lists: {tor: list.txt}}", "list.txt", 2, 3, -EBADMSG },
                { "AS0", "{network-lists: {tor: list.txt}}", "list.txt", 1, 1, -EBADMSG },
                { ", x", "{network-lists: {tor: list.txt}}", "list.txt", 1, 1, -EBADMSG },
                { "", "{network-lists: {onion: list.txt}}", "shopbell.yml", 1, 18, -EBADMSG },
                { "", "{network-lists: [list.txt]}", "shopbell.yml", 1, 17, -EBADMSG },
                { "", "{network-lists: {tor: {a: b}}}", "shopbell.yml", 1, 23, -EBADMSG },
                { "", "{network-lists: {tor: none.txt}}", "none.txt", 0, 0, -ENOENT },
        };

        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                struct networks *n = NULL;
                struct err err = { 0 };

                cr_expect_eq(build_with(bad[i].list, bad[i].yaml, &n, &err), bad[i].code, "row %zu: %s", i, err.text);
                cr_expect(str_ends(str_of(err.file), str_of(bad[i].file)) && err.line == bad[i].line && err.col == bad[i].col,
                          "row %zu: %s:%u:%u %s", i, err.file, err.line, err.col, err.text);
                networks_free(n);
        }
}
