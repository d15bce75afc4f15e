/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell config check and config show: what is wrong with shopbell.yml, and what counts of it. */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "monitor/base/json_write.h"
#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/config.h"

static int take_file(int argc, char **argv, const char **ret)
{
        if (argc > 1) {
                log_error("one file at a time: the files of its .d folder are read with it");
                return CLI_USAGE;
        }
        *ret = argc > 0 ? argv[0] : SHOPBELL_CONFIG_FILE;
        return CLI_OK;
}

/* An input that is of a source nobody knows reads nothing. */
static void check_sources(const struct config *c, struct err_list *errors)
{
        CLEANUP(paths_done) struct paths paths = { 0 };
        CLEANUP(err_list_done) struct err_list bad = ERR_LIST_INIT;
        struct setup setup = { 0 };
        struct err err = { 0 };

        if (setup_add_default_sources(&paths) < 0 ||
            setup_load(c->sources.n ? &c->sources : &paths, NULL, NULL, &setup, &bad, NULL, &err) < 0) {
                err_list_add(errors, &err);
                return;
        }
        for (size_t i = 0; i < bad.n; i++)
                err_list_add(errors, &bad.items[i]);
        for (size_t i = 0; i < c->n_inputs; i++) {
                const struct config_input *in = &c->inputs[i];
                CLEANUP(strbuf_done) struct strbuf near = STRBUF_INIT;

                if (!in->source || sourceset_find(setup.sources, str_of(in->source)))
                        continue;
                cli_near_sources(setup.sources, in->source, &near);
                err_at(&err, -ENOENT, in->file, in->line, in->col, "input %s: there is no log source %s%s%s; `shopbell sources list` shows them",
                       in->name ? in->name : "", in->source, near.n ? ", did you mean " : "", near.n ? near.p : "");
                err_list_add(errors, &err);
        }
        setup_done(&setup);
}

int cmd_config_check(struct cli *cli, int argc, char **argv)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(config_freep) struct config *c = NULL;
        const char *path = NULL;
        int code = take_file(argc, argv, &path);

        (void)cli;
        if (code != CLI_OK)
                return code;
        if (access(path, R_OK) < 0) {
                log_error("%s: it cannot be read: %m", path);
                return CLI_CANNOT;
        }
        if (config_read(path, &c, &errors) < 0) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        check_sources(c, &errors);
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_ERROR, &errors.items[i]);
        if (errors.more > 0)
                log_error("and %zu more", errors.more);
        if (errors.n > 0)
                return CLI_FOUND;
        printf("%s is good: %zu input%s, %zu file%s\n", path, c->n_inputs, c->n_inputs == 1 ? "" : "s", c->files.n,
               c->files.n == 1 ? "" : "s");
        return CLI_OK;
}

/* ---- What counts ---- */

static const struct table_column columns[] = {
        { .title = "KEY" },
        { .title = "VALUE", .is_wrapped = true, .is_json = true },
        { .title = "FROM" },
};

struct view {
        struct table *table;
        bool is_json;
};

static int add_row(const struct view *v, struct str key, struct str text, bool is_text, struct str from)
{
        CLEANUP(strbuf_done) struct strbuf quoted = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(&quoted);

        if (is_text && v->is_json) {
                json_str(&w, text);
                text = strbuf_str(&quoted);
        }
        return table_add(v->table, (struct str[]){ key, text, from });
}

static int add(const struct view *v, struct str key, const struct yaml *value, const char *file, unsigned line)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf from = STRBUF_INIT;

        strbuf_addf(&from, "%s:%u", file, line);
        if (value->kind == YAML_TEXT)
                return add_row(v, key, value->text, true, strbuf_str(&from));
        yaml_to_json(value, &text);
        return add_row(v, key, strbuf_str(&text), false, strbuf_str(&from));
}

static const struct config_value *find(const struct config_files *f, const char *key)
{
        for (size_t i = 0; i < f->n_values; i++)
                if (str_eqz(f->values[i].key->text, key))
                        return &f->values[i];
        return NULL;
}

static int add_all(const struct view *view, const struct config *c)
{
        const struct config_files *f = &c->files;
        const char *key, *fallback = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && (key = config_key(i, &fallback)); i++) {
                const struct config_value *v = find(f, key);

                if (v)
                        r = add(view, str_of(key), v->value, v->file, v->key->line);
                else if (fallback)
                        r = add_row(view, str_of(key), str_of(fallback), true, STR("default"));
        }
        for (size_t i = 0; i < c->n_inputs && r >= 0; i++) {
                CLEANUP(strbuf_done) struct strbuf name = STRBUF_INIT;

                strbuf_addf(&name, "inputs.%s", c->inputs[i].name ? c->inputs[i].name : "");
                r = add(view, strbuf_str(&name), f->inputs[i].value, c->inputs[i].file, c->inputs[i].line);
        }
        return r;
}

int cmd_config_show(struct cli *cli, int argc, char **argv)
{
        enum cli_format format = cli->format == FORMAT_DEFAULT ? FORMAT_TABLE : cli->format;
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), format);
        const struct view view = { t, format == FORMAT_JSON || format == FORMAT_NDJSON };
        CLEANUP(config_freep) struct config *c = NULL;
        const char *path = NULL;
        struct err err = { 0 };
        int r, code = take_file(argc, argv, &path);

        if (code != CLI_OK)
                return code;
        r = config_load(path, &c, &err);
        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        r = t ? add_all(&view, c) : -ENOMEM;
        if (r >= 0)
                r = table_print(t);
        if (r < 0)
                log_error("out of memory");
        return r < 0 ? CLI_CANNOT : CLI_OK;
}
