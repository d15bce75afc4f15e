/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell sources list | identify | test. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/input/input.h"

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

        (void)argv;
        if (argc > 0)
                return CLI_USAGE;
        if (!t || cli_load(cli, false, &setup) != CLI_OK)
                return CLI_CANNOT;
        for (size_t i = 0; i < sourceset_count(setup.sources); i++)
                if (add_source(t, sourceset_get(setup.sources, i)) < 0)
                        return CLI_CANNOT;
        return table_print(t) < 0 ? CLI_CANNOT : CLI_OK;
}

/* ---- identify ---- */

enum { IDENTIFY_RAWS_MAX = 200, GUESSES_MAX = 8 };

static const struct table_column identify_columns[] = {
        { .title = "FILE" },
        { .title = "SOURCE" },
        { .title = "SURE" },
        { .title = "TESTS" },
};

struct identify {
        struct setup setup;
        struct parser *parser;
        struct table *table;
        bool is_bad; /* some file could not be read */
};

static void note(void *userdata, const struct err *err)
{
        struct identify *id = userdata;

        id->is_bad = true;
        log_err(LOG_LEVEL_WARNING, err);
}

/* What the first records of a file are taken for: votes by source. */
struct votes {
        const struct source *source[GUESSES_MAX];
        unsigned sure[GUESSES_MAX]; /* raws for which every recognition test held */
        struct source_guess best[GUESSES_MAX];
        size_t n, raws;
};

static void vote(struct votes *v, const struct source_guess *g)
{
        size_t i = 0;

        while (i < v->n && v->source[i] != g->source)
                i++;
        if (i == GUESSES_MAX)
                return;
        if (i == v->n) {
                v->source[v->n++] = g->source;
                v->best[i] = *g;
        }
        v->sure[i] += g->held == g->of;
        if (g->held > v->best[i].held)
                v->best[i] = *g;
}

static int read_votes(struct parser *parser, struct input *in, struct votes *ret)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct raws raws = { 0 };
        int r = 1;

        *ret = (struct votes){ 0 };
        while (arena && r > 0 && ret->raws < IDENTIFY_RAWS_MAX) {
                r = input_read(in, arena, &raws, INPUT_BATCH_BYTES);
                for (size_t i = 0; i < raws.n && ret->raws < IDENTIFY_RAWS_MAX; i++, ret->raws++) {
                        struct source_guess g[GUESSES_MAX];
                        int n = parser_identify(parser, &raws.items[i], g, GUESSES_MAX);

                        for (int k = 0; k < n; k++)
                                vote(ret, &g[k]);
                }
                raws.n = 0;
        }
        raws_done(&raws);
        return arena ? r : -ENOMEM;
}

static int add_guess(struct table *t, const char *file, const struct votes *v)
{
        char sure[64], tests[64];
        size_t best = 0;

        for (size_t i = 1; i < v->n; i++)
                if (v->sure[i] > v->sure[best] || (v->sure[i] == v->sure[best] && v->best[i].of > v->best[best].of))
                        best = i;
        if (v->n == 0 || v->sure[best] == 0) {
                if (v->n > 0)
                        snprintf(tests, sizeof tests, "%u of %u tests of %s held", v->best[best].held, v->best[best].of,
                                 source_name(v->source[best]));
                return table_add(t, (struct str[]){ str_of(file), STR("unknown"), STR("no"),
                                                    v->n > 0 ? str_of(tests) : STR("no test of any source held") });
        }
        snprintf(sure, sizeof sure, "%u of %zu records", v->sure[best], v->raws);
        snprintf(tests, sizeof tests, "%u of %u", v->best[best].held, v->best[best].of);
        return table_add(t, (struct str[]){ str_of(file), str_of(source_name(v->source[best])), str_of(sure), str_of(tests) });
}

static int identify_file(struct identify *id, const char *file)
{
        struct input_options o = { .name = "identify", .note = note, .userdata = id,
                                   .is_csv = sourceset_is_csv, .csv_data = id->setup.sources };
        struct input *in = NULL;
        struct votes v;
        struct err err = { 0 };
        int r = input_open_files(&o, &file, 1, &in, &err);

        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return r;
        }
        r = read_votes(id->parser, in, &v);
        if (r >= 0)
                r = add_guess(id->table, file, &v);
        if (r >= 0 && (v.n == 0 || v.raws == 0))
                id->is_bad = true;
        input_close(in);
        return r;
}

static void identify_done(struct identify *id)
{
        parser_free(id->parser);
        setup_done(&id->setup);
}

int cmd_sources_identify(struct cli *cli, int argc, char **argv)
{
        CLEANUP(table_freep) struct table *t =
                table_new(identify_columns, ARRAY_LEN(identify_columns), cli->format ? cli->format : FORMAT_TABLE);
        CLEANUP(identify_done) struct identify id = { .table = t };
        struct parser_options o = { .hint = { .reference = USEC_NONE, .local = true } };

        if (argc == 0) {
                log_error("name the files to look at");
                return CLI_USAGE;
        }
        if (!t || cli_load(cli, false, &id.setup) != CLI_OK)
                return CLI_CANNOT;
        id.parser = parser_new(id.setup.sources, &o);
        for (int i = 0; i < argc && id.parser; i++)
                if (identify_file(&id, argv[i]) < 0)
                        id.is_bad = true;
        return table_print(t) < 0 || id.is_bad || !id.parser ? CLI_CANNOT : CLI_OK;
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
                if (!sourceset_find(setup.sources, str_of(argv[i]))) {
                        log_error("%s: no such log source; `shopbell sources list` shows them", argv[i]);
                        return CLI_USAGE;
                }
        for (size_t i = 0; i < sourceset_count(setup.sources); i++) {
                const struct source *s = sourceset_get(setup.sources, i);

                if (is_named(source_name(s), argc, argv))
                        source_test(setup.sources, s, on_sample, &sum);
        }
        sum.failed += errors.n;
        printf("%zu passed, %zu failed\n", sum.passed, sum.failed);
        return sum.failed ? CLI_FOUND : CLI_OK;
}
