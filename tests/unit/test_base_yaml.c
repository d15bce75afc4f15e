/* SPDX-License-Identifier: Apache-2.0 */

/* YAML as Sigma's tools read it, errors with their places, and the limits. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/base/arena.h"
#include "monitor/base/yaml.h"

/* The documents as JSON, one a line; or "error: file:line:col: text". */
static void expect(struct str text, const char *want)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        struct strbuf b = STRBUF_INIT;
        struct err e = { 0 };
        int r;

        r = yaml_parse(text, "f", &file, &e);
        if (r < 0) {
                strbuf_addz(&b, r == -E2BIG ? "limit: " : "error: ");
                err_format(&e, &b);
                cr_expect_eq(e.code, r);
                cr_expect_null(file);
        }
        for (size_t i = 0; file && i < file->n; i++) {
                strbuf_addz(&b, i > 0 ? "\n" : "");
                yaml_to_json(file->docs[i], &b);
        }
        cr_expect(str_eqz(strbuf_str(&b), want), "%.60s\ngave %s\nnot  %s", text.p, strbuf_str(&b).p, want);
        strbuf_done(&b);
}

static const struct {
        const char *text;
        enum yaml_kind kind;
        const char *value;
} scalars[] = {
        { "~", YAML_NULL, "~" },
        { "", YAML_NULL, "" },
        { "Null", YAML_NULL, "Null" },
        { "nUll", YAML_TEXT, "nUll" },
        { "'null'", YAML_TEXT, "null" },
        { "yes", YAML_BOOL, "true" },
        { "Off", YAML_BOOL, "false" },
        { "TRUE", YAML_BOOL, "true" },
        { "yEs", YAML_TEXT, "yEs" },
        { "y", YAML_TEXT, "y" },
        { "\"no\"", YAML_TEXT, "no" },
        { "0", YAML_INT, "0" },
        { "-0", YAML_INT, "0" },
        { "+12_000", YAML_INT, "12000" },
        { "0x1F", YAML_INT, "31" },
        { "-0xff_ff", YAML_INT, "-65535" },
        { "0xffffffffffffffffffffffff", YAML_INT, "79228162514264337593543950335" },
        { "017", YAML_INT, "15" },
        { "0b101", YAML_INT, "5" },
        { "08", YAML_TEXT, "08" },
        { "0o17", YAML_TEXT, "0o17" },
        { "0x", YAML_TEXT, "0x" },
        { "123456789012345678901234567890", YAML_INT, "123456789012345678901234567890" },
        { "1_", YAML_INT, "1" },
        { "_1", YAML_TEXT, "_1" },
        { "1.50", YAML_FLOAT, "1.50" },
        { "1_0.5_0", YAML_FLOAT, "10.50" },
        { "+.5", YAML_TEXT, "+.5" },
        { ".5", YAML_FLOAT, ".5" },
        { "5.", YAML_FLOAT, "5." },
        { "1.5e+3", YAML_FLOAT, "1.5e+3" },
        { "1.5e3", YAML_TEXT, "1.5e3" },
        { "1e5", YAML_TEXT, "1e5" },
        { "-.inf", YAML_FLOAT, "-.inf" },
        { ".NaN", YAML_FLOAT, ".NaN" },
        { "12:30", YAML_TEXT, "12:30" },
        { "1:30.5", YAML_TEXT, "1:30.5" },
        { "2026-01-15", YAML_TEXT, "2026-01-15" },
        { "2026-01-15T00:00:00Z", YAML_TEXT, "2026-01-15T00:00:00Z" },
        { "!!str 5", YAML_TEXT, "5" },
        { "!!int \"5\"", YAML_INT, "5" },
        { "10.0.0.1", YAML_TEXT, "10.0.0.1" },
        { "=", YAML_TEXT, "=" },
        { "<<", YAML_TEXT, "<<" },
};

Test(base_yaml, scalars_are_of_yaml_1_1)
{
        for (size_t i = 0; i < ARRAY_LEN(scalars); i++) {
                CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
                struct strbuf b = STRBUF_INIT;
                const struct yaml *y;

                strbuf_addf(&b, "key: %s\n", scalars[i].text);
                cr_assert_eq(yaml_parse(strbuf_str(&b), "f", &file, NULL), 0, "%s", b.p);
                y = yaml_get(file->docs[0], "key");
                cr_assert_not_null(y);
                cr_expect_eq(y->kind, scalars[i].kind, "%s is %s", scalars[i].text, yaml_kind_name(y));
                cr_expect(str_eqz(y->text, scalars[i].value), "%s gave %s", scalars[i].text, y->text.p);
                cr_expect_eq(y->text.p[y->text.n], '\0');
                cr_expect(y->kind != YAML_BOOL || y->flag == str_eqz(y->text, "true"));
                strbuf_done(&b);
        }
}

static const struct {
        const char *text, *want;
} documents[] = {
        { "", "" },
        { "# nothing\n---\n---\n~\n---\na: 1\n...\n---\n- x\n", "{\"a\":1}\n[\"x\"]" },
        { "\xef\xbb\xbf"
          "a: b\n",
          "{\"a\":\"b\"}" },
        { "a: [1, 2.50, {b: ~}]\n\"c\": 'it''s'\n", "{\"a\":[1,2.50,{\"b\":null}],\"c\":\"it's\"}" },
        { "[.5, -.5e-3, 5., -00.5, 007.5, 1.e+3, .inf, .nan]", "[0.5,\"-.5e-3\",5,-0.5,7.5,1e+3,\".inf\",\".nan\"]" },
        { "a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}" },
        { "a: \"x\\0\\u202e\"", "{\"a\":\"x\\u0000\\u202e\"}" },
        { "- &a {x: 1}\n- *a\n- &b [*a]\n- *b\n", "[{\"x\":1},{\"x\":1},[{\"x\":1}],[{\"x\":1}]]" },
        /* what is written in the map wins, then the first of a list of merged maps */
        { "a: &a {x: 1, y: 1}\nb:\n  y: 2\n  <<: *a\n  z: 3\n",
          "{\"a\":{\"x\":1,\"y\":1},\"b\":{\"y\":2,\"z\":3,\"x\":1}}" },
        { "- &a {x: 1}\n- &b {x: 2, y: 2}\n- <<: [*a, *b]\n", "[{\"x\":1},{\"x\":2,\"y\":2},{\"x\":1,\"y\":2}]" },
        { "\"<<\": 1\n", "{\"<<\":1}" },
        { "? a\n: b\n", "{\"a\":\"b\"}" },
        { "a: 1\na: 2\n", "error: f:2:1: the key a is there twice (first in line 1)" },
        { "x:\n  yes: 1\n  true: 2\n", "error: f:3:3: the key true is there twice (first in line 2)" },
        { "? [1]\n: 2\n", "error: f:1:3: a map or list as a key; quote the key if it is text" },
        { "- &a [1]\n- *a : 1\n", "error: f:2:3: a map or list as a key" },
        { "a: *b\n", "error: f:1:4: *b has no anchor before it in this document" },
        { "--- &b 1\n--- {a: *b}\n", "error: f:2:9: *b has no anchor before it in this document" },
        { "a: &a [*a]\n", "error: f:1:8: *a is used inside itself" },
        { "[&q 1,\n &q 2]", "error: f:2:2: the anchor &q is there twice (first in line 1); rename one" },
        { "<<: 5\n", "error: f:1:1: \"<<\" needs a map or a list of maps, such as *name" },
        { "{<<: {a: 1}, <<: {b: 1}}", "error: f:1:14: \"<<\" is there twice; write <<: [*one, *other]" },
        { "a: !!binary aGk=\n", "error: f:1:4: the tag !!binary does not fit here; leave it out" },
        { "a: !!int x\n", "error: f:1:4: the tag !!int does not fit here; leave it out" },
        { "a: !foo [1]\n", "error: f:1:4: the tag !foo does not fit here; leave it out" },
        { "a: b: c\n", "error: f:1:5: not YAML: mapping values are not allowed in this context" },
        { "a:\n\t- b\n", "error: f:2:1: not YAML: found character that cannot start any token, while scanning for the "
                         "next token (indent with blanks, not tabs; quote texts that begin with @ ` or %)" },
        { "a: b\nc: \xff\n", "error: f:2:4: the file is not plain UTF-8 text: invalid leading UTF-8 octet" },
};

Test(base_yaml, documents_and_errors)
{
        for (size_t i = 0; i < ARRAY_LEN(documents); i++)
                expect(str_of(documents[i].text), documents[i].want);
}

Test(base_yaml, nodes_have_places)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        const struct yaml *list;

        cr_assert_eq(yaml_parse(STR("# c\na:\n  - x\n  -  'y'\n"), "name.yml", &file, NULL), 0);
        cr_expect_str_eq(file->name, "name.yml");
        list = yaml_get(file->docs[0], "a");
        cr_assert(list && list->kind == YAML_LIST && list->n == 2);
        cr_expect(list->items[1]->line == 4 && list->items[1]->col == 6);
        cr_expect(file->docs[0]->pairs[0].key->line == 2 && file->docs[0]->pairs[0].key->col == 1);
        cr_expect_null(yaml_get(file->docs[0], "b"));
        cr_expect_null(yaml_get(list, "a"));
        cr_expect_null(yaml_get(NULL, "a"));
        cr_expect(yaml_is_scalar(list->items[0]) && !yaml_is_scalar(list) && !yaml_is_scalar(NULL));
        cr_expect_str_eq(yaml_kind_name(list), "a list");
        cr_expect_str_eq(yaml_kind_name(NULL), "nothing");
}

Test(base_yaml, depth_is_bounded)
{
        char text[4 * YAML_DEPTH_MAX];

        memset(text, '[', YAML_DEPTH_MAX);
        memset(text + YAML_DEPTH_MAX, ']', YAML_DEPTH_MAX);
        expect(str_from(text, 2 * YAML_DEPTH_MAX), "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
                                                   "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
        memset(text, '[', sizeof text);
        expect(str_from(text, sizeof text), "limit: f:1:65: nested deeper than 64 levels");
}

/* Each line doubles what the one before it stands for. */
static void add_doublings(struct strbuf *b, int n, const char *fmt)
{
        strbuf_addz(b, "a0: &a0 [x]\n");
        for (int i = 1; i < n; i++) {
                strbuf_addf(b, "a%d: &a%d ", i, i);
                strbuf_addf(b, strcmp(fmt, "list") == 0 ? "[*a%d, *a%d]\n" : "[[*a%d], %d]\n", i - 1, i - 1);
        }
}

Test(base_yaml, aliases_count_where_they_are_used)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        struct strbuf b = STRBUF_INIT;

        add_doublings(&b, 14, "list");
        cr_expect_eq(yaml_parse(strbuf_str(&b), "f", &file, NULL), 0);
        strbuf_clear(&b);
        add_doublings(&b, 40, "list");
        expect(strbuf_str(&b), "limit: f:18:12: more than 500000 values, aliases counted where they are used");
        strbuf_clear(&b);
        add_doublings(&b, 40, "depth");
        expect(strbuf_str(&b), "limit: f:32:13: nested deeper than 64 levels");
        strbuf_done(&b);
}

Test(base_yaml, bytes_are_bounded)
{
        struct str text = { malloc(YAML_FILE_BYTES_MAX + 1), YAML_FILE_BYTES_MAX + 1 };

        memset((char *)text.p, '#', text.n);
        expect(text, "limit: f: larger than 8388608 bytes");
        expect(str_from(text.p, 1000), "");
        free((char *)text.p);
}

Test(base_yaml, files)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        const char *tmp = getenv("TMPDIR");
        struct strbuf path = STRBUF_INIT;
        struct err e = { 0 };
        int fd;

        strbuf_addf(&path, "%s/shopbell-yaml-XXXXXX", tmp ? tmp : "/tmp");
        fd = mkstemp(path.p);
        cr_assert_geq(fd, 0);
        cr_assert_eq(write(fd, "a: 1\n", 5), 5);
        close(fd);
        cr_expect_eq(yaml_load(path.p, &file, &e), 0);
        cr_expect_str_eq(file->name, path.p);
        unlink(path.p);
        cr_expect_eq(yaml_load(path.p, &file, &e), -ENOENT);
        cr_expect_str_eq(e.file, path.p);
        cr_expect_str_eq(e.text, "cannot be read: No such file or directory");
        cr_expect_eq(yaml_load("/", &file, &e), -EISDIR);
        strbuf_done(&path);
}

/* Maps with few keys and with many: each key again, and all of them merged into a map that has half of them. */
Test(base_yaml, keys_of_maps_of_any_size)
{
        for (unsigned n = 1; n <= 40; n++)
                for (unsigned again = 0; again <= n; again++) {
                        struct strbuf text = STRBUF_INIT, want = STRBUF_INIT;
                        struct yaml_file *file = NULL;
                        struct err err = { 0 };
                        int r;

                        strbuf_addz(&text, "base: &b\n");
                        for (unsigned i = 0; i < n; i++)
                                strbuf_addf(&text, "  k%u: %u\n", i, i);
                        if (again < n)
                                strbuf_addf(&text, "  k%u: again\n", again);
                        strbuf_addz(&text, "own:\n  <<: *b\n");
                        for (unsigned i = 0; i < n; i += 2)
                                strbuf_addf(&text, "  k%u: own\n", i);
                        r = yaml_parse(strbuf_str(&text), "f", &file, &err);
                        strbuf_addf(&want, "the key k%u is there twice (first in line %u)", again, again + 2);
                        cr_assert_eq(r < 0, again < n, "%s", text.p);
                        if (r < 0)
                                cr_assert_str_eq(err.text, want.p);
                        else
                                for (unsigned i = 0; i < n; i++) {
                                        const struct yaml *own = yaml_get(file->docs[0], "own");
                                        char key[16], value[16];

                                        cr_assert_eq(own->n, n);
                                        snprintf(key, sizeof key, "k%u", i);
                                        snprintf(value, sizeof value, "%u", i);
                                        cr_assert(str_eqz(yaml_get(own, key)->text, i % 2 ? value : "own"), "%s", text.p);
                                }
                        yaml_file_free(file);
                        strbuf_done(&text);
                        strbuf_done(&want);
                }
}
