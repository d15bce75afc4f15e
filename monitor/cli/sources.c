/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell sources list | test. */

#include <stdio.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"

static const struct table_column columns[] = {
        { .title = "NAME" }, { .title = "TITLE" }, { .title = "FORMAT" }, { .title = "LOGSOURCE" }, { .title = "CLASSES", .is_wrapped = true },
};

static void add_part(struct strbuf *out, struct str part)
{
        if (part.p)
                strbuf_addf(out, "%s" STR_FMT, out->n ? "/" : "", STR_ARG(part));
}

static int add_source(struct table *t, const struct source *s)
{
        CLEANUP(strbuf_done) struct strbuf logsource = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf classes = STRBUF_INIT;
        const struct logsource *l = source_logsource(s);

        add_part(&logsource, l->product);
        add_part(&logsource, l->category);
        add_part(&logsource, l->service);
        for (size_t i = 0; i < _CLASS_MAX; i++)
                if (source_classes(s) & UINT32_C(1) << i)
                        strbuf_addf(&classes, "%s%s", classes.n ? ", " : "", class_name((enum class)i));
        return table_add(t, (struct str[]){ str_of(source_name(s)), str_of(source_title(s)), str_of(source_format(s)),
                                            strbuf_str(&logsource), strbuf_str(&classes) });
}

int cmd_sources_list(struct cli *cli, int argc, char **argv)
{
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), cli->format ? cli->format : FORMAT_TABLE);
        CLEANUP(setup_done) struct setup setup = { 0 };

        (void)argc, (void)argv;
        if (!t || cli_load(cli, false, &setup) != CLI_OK)
                return CLI_CANNOT;
        for (size_t i = 0; i < sourceset_count(setup.sources); i++)
                if (add_source(t, sourceset_get(setup.sources, i)) < 0)
                        return CLI_CANNOT;
        return table_print(t) < 0 ? CLI_CANNOT : CLI_OK;
}

/* ---- test ---- */

struct sample_sum {
        size_t passed, failed;
};

static void on_sample(void *userdata, const struct source *source, bool is_ok, const char *what)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
        struct sample_sum *sum = userdata;

        text_display(&safe, str_of(what), TEXT_BLOCK, 0);
        printf("%s %s: %s\n", is_ok ? "ok" : "not ok", source_name(source), safe.p ? safe.p : "");
        sum->passed += is_ok;
        sum->failed += !is_ok;
}

static bool is_named(const char *name, int argc, char **argv)
{
        for (int i = 0; i < argc; i++)
                if (strcmp(argv[i], name) == 0)
                        return true;
        return argc == 0;
}

int cmd_sources_test(struct cli *cli, int argc, char **argv)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(setup_done) struct setup setup = { 0 };
        struct sample_sum sum = { 0 };
        struct err err = { 0 };
        int r = setup_load(&cli->sources, NULL, NULL, &setup, &errors, NULL, &err);

        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_ERROR, &errors.items[i]);
        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        for (int i = 0; i < argc; i++)
                if (!cli_find_source(setup.sources, argv[i]))
                        return CLI_USAGE;
        for (size_t i = 0; i < sourceset_count(setup.sources); i++) {
                const struct source *s = sourceset_get(setup.sources, i);

                if (is_named(source_name(s), argc, argv))
                        source_test(setup.sources, s, on_sample, &sum);
        }
        sum.failed += errors.n;
        printf("%zu passed, %zu failed\n", sum.passed, sum.failed);
        return sum.failed ? CLI_FOUND : CLI_OK;
}
