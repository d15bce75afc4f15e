/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell.yml: what is read from it, and what its mistakes are answered with. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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
        { "inputs:\n- tial: /a\n", 2, 3, "unknown key tial: known here are name, source, files, tail" },
        { "input: 1\n", 1, 1, "unknown key input" },
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

Test(hall_config, a_missing_file_says_so)
{
        struct config *c = NULL;
        struct err err = { 0 };

        cr_assert_eq(config_load("/nonexistent/shopbell.yml", &c, &err), -ENOENT);
        cr_assert_neq(err.text[0], '\0');
}
