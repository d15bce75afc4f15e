/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell.yml: what is read from it, and what its mistakes are answered with. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/config.h"

static char dir[] = "/tmp/shopbell-config-XXXXXX";
static char path[64];

static void setup_dir(void)
{
        cr_assert_not_null(mkdtemp(dir));
        snprintf(path, sizeof path, "%s/shopbell.yml", dir);
}

static void remove_dir(void)
{
        unlink(path);
        rmdir(dir);
}

static int load(const char *text, struct config **ret, struct err *err)
{
        FILE *f = fopen(path, "w");

        cr_assert_not_null(f);
        fputs(text, f);
        fclose(f);
        return config_load(path, ret, err);
}

Test(hall_config, people_and_lists_of_networks, .init = setup_dir, .fini = remove_dir)
{
        CLEANUP(config_freep) struct config *c = NULL;
        struct err err = { 0 };

        cr_assert_eq(load("people: [{name: Mei, role: owner, accounts: mei}]\ninputs: [{tail: a}]\n", &c, &err), 0, "%s", err.text);
        cr_expect_not_null(c->people);
        cr_expect_str_eq(c->people_file, path);
        c = config_free(c);
        cr_expect_eq(load("people: [{name: Mei, role: boss, accounts: mei}]\ninputs: [{tail: a}]\n", &c, &err), -EBADMSG);
        cr_expect(err.line == 1 && err.col == 28, "%u:%u", err.line, err.col);
        cr_expect_eq(load("network-lists: {onion: a}\ninputs: [{tail: a}]\n", &c, &err), -EBADMSG);
        cr_expect(err.line == 1 && err.col == 17, "%u:%u", err.line, err.col);
        cr_expect_eq(load("network-lists: {tor: none.txt}\ninputs: [{tail: a}]\n", &c, &err), -ENOENT);
        cr_expect(str_starts(str_of(err.file), str_of(dir)), "%s: from the folder of the configuration", err.file);
}

Test(hall_config, what_cases_begin_with, .init = setup_dir, .fini = remove_dir)
{
        CLEANUP(config_freep) struct config *c = NULL;
        struct err err = { 0 };

        cr_assert_eq(load("shop: {seller: nl, people.nl: 12, organisation: A shop}\ninputs: [{tail: a}]\n", &c, &err), 0, "%s", err.text);
        cr_expect(c->shop && c->shop->n == 3);
        c = config_free(c);
        cr_expect_eq(load("shop: {seler: nl}\ninputs: [{tail: a}]\n", &c, &err), -EBADMSG);
        cr_expect(err.line == 1 && err.col == 8 && strstr(err.text, "perhaps seller"), "%u:%u %s", err.line, err.col, err.text);
        cr_expect_eq(load("shop: {seller: Holland}\ninputs: [{tail: a}]\n", &c, &err), -EBADMSG);
        cr_expect(strstr(err.text, "a country"), "%s", err.text);
        cr_expect_eq(load("shop: {organisation: [a, b]}\ninputs: [{tail: a}]\n", &c, &err), -EBADMSG);
        cr_expect_eq(load("shop: nl\ninputs: [{tail: a}]\n", &c, &err), -EBADMSG);
        cr_expect(strstr(err.text, "shopbell case fields"), "%s", err.text);
}

Test(hall_config, notices, .init = setup_dir, .fini = remove_dir)
{
        CLEANUP(config_freep) struct config *c = NULL;
        struct err err = { 0 };

        cr_assert_eq(load("notices:\n- {name: log, journal: yes, level: low}\ninputs: [{tail: a}]\n", &c, &err), 0, "%s", err.text);
        cr_expect_eq(c->notices.n, 1);
        c = config_free(c);
        cr_expect_eq(load("notices:\n- {name: log, journal: yes, password: x}\ninputs: [{tail: a}]\n", &c, &err), -EBADMSG);
        cr_expect(err.line == 2 && err.col == 29 && strcmp(err.file, path) == 0, "%s:%u:%u", err.file, err.line, err.col);
        cr_expect(strstr(err.text, "/etc/shopbell/credentials"), "%s", err.text);
}

Test(hall_config, everything_is_read, .init = setup_dir, .fini = remove_dir)
{
        CLEANUP(config_freep) struct config *c = NULL;
        char expected[128];
        struct err err = { 0 };
        int r = load("state: state\nzone: '-03:30'\nrules: [/etc/a, b]\nplaceholders: {a: [b, c]}\nwith-deprecated: true\n"
                     "memory: 64M\nkeys: 5000\ngeoip: [a.mmdb, /b.mmdb]\nnetworks: [{name: n, cidr: 192.0.2.0/24}]\ninputs:\n"
                     "- {tail: [/var/log/auth.log, web*.log], source: sshd, from: end, name: auth}\n"
                     "- spool: cloudtrail\n- journal: [_COMM=sshd]\n  directory: /j\n"
                     "- {maildir: box, authserv: mx.example.com, from: end}\n- mbox: /var/mail/shop\n",
                     &c, &err);

        cr_assert_eq(r, 0, "%s", err.text);
        snprintf(expected, sizeof expected, "%s/state", dir);
        cr_assert_str_eq(c->state, expected);
        cr_assert_eq(c->hint.zone_minutes, -210);
        cr_assert_not(c->hint.local);
        cr_assert_eq(yaml_get(c->language.placeholders, "a")->n, 2);
        cr_assert(c->language.with_deprecated);
        cr_assert_eq(c->rules.n, 2);
        cr_assert_eq(c->bytes_max, (size_t)64 << 20);
        cr_assert_eq(c->keys_max, 5000);
        cr_assert_eq(c->geoip.n, 2);
        snprintf(expected, sizeof expected, "%s/a.mmdb", dir);
        cr_assert_str_eq(c->geoip.items[0], expected);
        cr_assert_str_eq(c->geoip.items[1], "/b.mmdb");
        cr_assert(c->networks && c->networks->n == 1);
        cr_assert_str_eq(c->networks_file, path);
        cr_assert_str_eq(c->rules.items[0], "/etc/a");
        cr_assert_eq(c->n_inputs, 5);
        cr_assert_eq(c->inputs[0].kind, CONFIG_TAIL);
        cr_assert(c->inputs[0].from_end);
        cr_assert_str_eq(c->inputs[0].source, "sshd");
        snprintf(expected, sizeof expected, "%s/web*.log", dir);
        cr_assert_str_eq(c->inputs[0].paths.items[1], expected);
        cr_assert_str_eq(c->inputs[1].name, "spool-2");
        cr_assert_eq(c->inputs[2].kind, CONFIG_JOURNAL);
        cr_assert_str_eq(c->inputs[2].paths.items[0], "_COMM=sshd");
        cr_assert_str_eq(c->inputs[2].directory, "/j");
        cr_assert_eq(c->inputs[3].kind, CONFIG_MAILDIR);
        cr_assert_str_eq(c->inputs[3].authserv, "mx.example.com");
        cr_assert_str_eq(c->inputs[3].name, "maildir-4");
        cr_assert(c->inputs[3].from_end);
        cr_assert_eq(c->inputs[4].kind, CONFIG_MBOX);
        cr_assert_null(c->inputs[4].authserv);
}

static const struct {
        const char *text;
        unsigned line, col;
        const char *says;
} mistakes[] = {
        { "inputs:\n- tial: /a\n", 2, 3, "unknown key tial: did you mean tail? Known here are name, source, files, tail" },
        { "input: 1\n", 1, 1, "unknown key input: did you mean inputs?" },
        { "levle: 1\n", 1, 1, "unknown key levle: known here are" },
        { "inputs: []\n", 1, 9, "a list of the logs" },
        { "inputs:\n- {tail: /a, spool: /b}\n", 2, 21, "one kind" },
        { "inputs:\n- {name: a}\n", 2, 3, "without files" },
        { "inputs:\n- {maildir: [/a, /b]}\n", 2, 3, "a maildir is one folder" },
        { "inputs:\n- {maildir: /a, mbox: /b}\n", 2, 23, "one kind" },
        { "inputs:\n- {mbox: /a, authserv: [a]}\n", 2, 24, "a list where a single text belongs" },
        { "inputs:\n- {name: a, tail: /a}\n- {name: a, tail: /b}\n", 3, 3, "two inputs of one name" },
        { "inputs:\n- {tail: /a, from: now}\n", 2, 20, "start (everything" },
        { "memory: 512\ninputs:\n- tail: /a\n", 1, 9, "such as 512M" },
        { "memory: 99G\ninputs:\n- tail: /a\n", 1, 9, "such as 512M" },
        { "keys: many\ninputs:\n- tail: /a\n", 1, 7, "from 1000" },
        { "zone: Seoul\ninputs:\n- tail: /a\n", 1, 7, "an offset such as" },
        { "- a\n", 1, 1, "one map is expected" },
        { "placeholders: [a]\ninputs:\n- tail: /a\n", 1, 15, "placeholders: a list where a map of lists belongs" },
        { "placeholders: {a: [on]}\ninputs:\n- tail: /a\n", 1, 20, "in quotes" },
        { "with-deprecated: 1\ninputs:\n- tail: /a\n", 1, 18, "true or false" },
        { "geoip: []\ninputs:\n- tail: /a\n", 1, 8, "an empty list" },
        { "networks: {}\ninputs:\n- tail: /a\n", 1, 11, "a map where a single text belongs" },
        { "networks:\n- {name: n, cidr: 192.0.2.1/24}\ninputs:\n- tail: /a\n", 2, 19, "bits behind its length" },
        { "retention: 90d\ninputs:\n- tail: /a\n", 1, 12, "a map, such as" },
        { "retention: {records: soon}\ninputs:\n- tail: /a\n", 1, 22, "from 1d" },
        { "retention: {records: 500d}\ninputs:\n- tail: /a\n", 1, 12, "go with their alerts" },
        { "retention: {logs: 5d}\ninputs:\n- tail: /a\n", 1, 13, "known here are records, alerts" },
        { "state: /x\n", 1, 1, "no inputs" },
        { "inputs:\n- tail: {a: b}\n", 2, 9, "a map where a single text belongs" },
};

Test(hall_config, mistakes_are_named_with_their_place, .init = setup_dir, .fini = remove_dir)
{
        for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
                struct config *c = NULL;
                struct err err = { 0 };
                int r = load(mistakes[i].text, &c, &err);

                cr_expect_eq(r, -EBADMSG, "%s", mistakes[i].text);
                cr_expect_null(c);
                cr_expect_eq(err.line, mistakes[i].line, "%s: line %u", mistakes[i].text, err.line);
                cr_expect_eq(err.col, mistakes[i].col, "%s: column %u", mistakes[i].text, err.col);
                cr_expect_not_null(strstr(err.text, mistakes[i].says), "%s: %s", mistakes[i].text, err.text);
        }
}

Test(hall_config, how_long_things_are_kept, .init = setup_dir, .fini = remove_dir)
{
        static const struct {
                const char *text;
                usec records, alerts;
        } cases[] = {
                { "", CONFIG_RECORDS_KEPT, CONFIG_ALERTS_KEPT },
                { "retention: {records: 90d}\n", 90 * USEC_PER_DAY, CONFIG_ALERTS_KEPT },
                { "retention: {records: 30d, alerts: forever}\n", 30 * USEC_PER_DAY, 0 },
                { "retention: {records: forever, alerts: forever}\n", 0, 0 },
        };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                CLEANUP(config_freep) struct config *c = NULL;
                char text[200];
                struct err err = { 0 };

                snprintf(text, sizeof text, "%sinputs:\n- tail: /a\n", cases[i].text);
                cr_assert_eq(load(text, &c, &err), 0, "%s", err.text);
                cr_expect_eq(c->retention.records, cases[i].records);
                cr_expect_eq(c->retention.alerts, cases[i].alerts);
        }
}

Test(hall_config, a_missing_file_says_so)
{
        struct config *c = NULL;
        struct err err = { 0 };

        cr_assert_eq(config_load("/nonexistent/shopbell.yml", &c, &err), -ENOENT);
        cr_assert_neq(err.text[0], '\0');
}

/* ---- All mistakes, and more than one file ---- */

static void put(const char *name, const char *text)
{
        char part[128];
        FILE *f;

        snprintf(part, sizeof part, "%s/%s", dir, name);
        f = fopen(part, "w");
        cr_assert_not_null(f);
        fputs(text, f);
        fclose(f);
}

static void setup_parts(void)
{
        char folder[96];

        setup_dir();
        snprintf(folder, sizeof folder, "%s.d", path);
        cr_assert_eq(mkdir(folder, 0700), 0);
}

static void remove_parts(void)
{
        static const char *const names[] = { "10-a.yml", "20-b.conf", "30-c.yml~", ".hidden.yml" };
        char part[160];

        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                snprintf(part, sizeof part, "%s.d/%s", path, names[i]);
                unlink(part);
        }
        snprintf(part, sizeof part, "%s.d", path);
        rmdir(part);
        remove_dir();
}

static void expect_error(const struct err *err, const char *file, unsigned line, unsigned col, const char *says)
{
        cr_expect(str_ends(str_of(err->file), str_of(file)) && err->line == line && err->col == col, "%s:%u:%u: %s", err->file, err->line,
                  err->col, err->text);
        cr_expect_not_null(strstr(err->text, says), "%s", err->text);
}

Test(hall_config, all_mistakes_are_told, .init = setup_parts, .fini = remove_parts)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(config_freep) struct config *c = NULL;
        struct err err = { 0 };

        put("shopbell.yml", "zone: Seoul\nrulez: /r\nsmtp-password: x\ninputs:\n- {tial: /a, from: now}\n- {tail: /b}\n- 7\n");
        put("shopbell.yml.d/10-a.yml", "keys: few\n");
        put("shopbell.yml.d/20-b.conf", "inputs: [\n");
        cr_assert_eq(config_read(path, &c, &errors), 0);
        cr_assert_eq(errors.n, 8);
        expect_error(&errors.items[0], "20-b.conf", 2, 1, "");
        expect_error(&errors.items[1], "shopbell.yml", 1, 7, "an offset such as");
        expect_error(&errors.items[2], "shopbell.yml", 2, 1, "unknown key rulez: did you mean rules?");
        expect_error(&errors.items[3], "shopbell.yml", 3, 1, "LoadCredential=");
        expect_error(&errors.items[4], "10-a.yml", 1, 7, "from 1000");
        expect_error(&errors.items[5], "shopbell.yml", 5, 4, "did you mean tail?");
        expect_error(&errors.items[6], "shopbell.yml", 5, 20, "start (everything");
        expect_error(&errors.items[7], "shopbell.yml", 7, 3, "an input is a map");
        c = config_free(c);
        cr_expect_lt(config_load(path, &c, &err), 0);
        cr_expect_not_null(strstr(err.text, "(and 7 more: shopbell config check)"), "%s", err.text);
}

Test(hall_config, later_files_go_before, .init = setup_parts, .fini = remove_parts)
{
        CLEANUP(config_freep) struct config *c = NULL;
        char expected[128];
        struct err err = { 0 };

        put("shopbell.yml", "zone: UTC\nkeys: 2000\ninputs:\n- {name: a, tail: /a}\n- {name: b, tail: /b}\n");
        put("shopbell.yml.d/10-a.yml", "keys: 3000\ngeoip: places.mmdb\ninputs: [{name: c, spool: /c}]\n");
        put("shopbell.yml.d/20-b.conf", "keys: 4000\ninputs: [{name: a, journal: _COMM=a}]\n");
        put("shopbell.yml.d/30-c.yml~", "nonsense: 1\n");
        put("shopbell.yml.d/.hidden.yml", "nonsense: 1\n");
        cr_assert_eq(config_load(path, &c, &err), 0, "%s:%u: %s", err.file, err.line, err.text);
        cr_expect_eq(c->keys_max, 4000);
        cr_expect_not(c->hint.local);
        snprintf(expected, sizeof expected, "%s/places.mmdb", dir);
        cr_expect_str_eq(c->geoip.items[0], expected, "relative to the folder of shopbell.yml");
        cr_assert_eq(c->n_inputs, 3);
        cr_expect_str_eq(c->inputs[0].name, "a");
        cr_expect_eq(c->inputs[0].kind, CONFIG_JOURNAL);
        cr_expect(str_ends(str_of(c->inputs[0].file), STR("20-b.conf")));
        cr_expect_str_eq(c->inputs[2].name, "c");
        cr_expect_eq(c->files.n_values, 3);
}
