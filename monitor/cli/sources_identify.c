/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell sources identify FILE…: which source the first records of a file are of, and why: the recognition tests that
 * held. A file of several sources has a line for each; one of none has a line for the nearest, with what it lacks. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/input/input.h"

enum { IDENTIFY_RAWS_MAX = 200, GUESSES_MAX = 8, SOURCES_MAX = 64 /* of one file */, MET_CHARS_MAX = 40 };

static const struct table_column columns[] = {
        { .title = "FILE" }, { .title = "SOURCE" }, { .title = "SURE" }, { .title = "TESTS" }, { .title = "WHY", .is_wrapped = true },
};

struct identify {
        struct setup setup;
        struct parser *parser;
        struct table *table;
        bool is_bad; /* some file could not be read, or is of no known source */
};

static void note(void *userdata, const struct err *err)
{
        struct identify *id = userdata;

        id->is_bad = true;
        log_err(LOG_LEVEL_WARNING, err);
}

/* ---- Why ---- */

struct why {
        struct strbuf held, lacking;
        unsigned positive; /* tests that hold for something that is there, not for something that is not */
        bool in_has; /* the last test written was of the kind "has PATH" */
};

/* "has a, b, c; kind is [x, y] (x)" */
static void on_test(void *userdata, const struct source_test *test)
{
        struct why *w = userdata;
        struct strbuf *out = test->holds ? &w->held : &w->lacking;
        bool is_has = str_starts(test->what, STR("has ")) && str_find(test->what, STR(",")) == SIZE_MAX;
        struct str what = test->what;

        w->positive += test->holds && (is_has || test->met.p);
        if (is_has && w->in_has && out->n > 0) {
                what = str_from(what.p + 4, what.n - 4);
                strbuf_addz(out, ", ");
        } else if (out->n > 0) {
                strbuf_addz(out, "; ");
        }
        strbuf_add(out, what);
        w->in_has = is_has;
        if (!is_has && test->met.p) {
                strbuf_addz(out, " (");
                text_display(out, test->met, TEXT_TERMINAL, MET_CHARS_MAX);
                strbuf_addc(out, ')');
        }
}

/* ---- What the records of a file are taken for ---- */

struct found {
        const struct source *source;
        unsigned sure; /* raws that were taken for it */
        struct source_guess best;
        unsigned positive; /* tests of the best that hold for something that is there */
        struct strbuf why;
        const struct source *rival; /* claims some of these raws, too */
};

struct votes {
        struct found items[SOURCES_MAX];
        size_t n, raws;
};

static void votes_done(struct votes *v)
{
        for (size_t i = 0; i < v->n; i++)
                strbuf_done(&v->items[i].why);
}

static bool is_whole(const struct source_guess *g)
{
        return g->of > 0 && g->held == g->of;
}

static int explain(struct identify *id, const struct raw *raw, struct arena *arena, struct found *f)
{
        CLEANUP(strbuf_done) struct strbuf held = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf lacking = STRBUF_INIT;
        struct why w = { .held = STRBUF_INIT, .lacking = STRBUF_INIT };
        int r = parser_why(id->parser, raw, f->source, arena, on_test, &w);

        held = w.held;
        lacking = w.lacking;
        f->positive = w.positive;
        strbuf_clear(&f->why);
        if (lacking.n > 0)
                strbuf_addf(&f->why, "nearest is %s, but not: %s%s", source_name(f->source), lacking.p, held.n ? "; it " : "");
        strbuf_add(&f->why, strbuf_str(&held));
        return r < 0 || strbuf_failed(&held) || strbuf_failed(&lacking) || strbuf_failed(&f->why) ? -ENOMEM : 0;
}

/* One guess of a raw; with others behind it, which may claim the raw as well. */
static int vote_for(struct identify *id, const struct raw *raw, struct arena *arena, const struct source_guess *g, int n,
                    struct votes *v)
{
        struct found *f = v->items;
        bool is_new;

        while (f < v->items + v->n && f->source != g->source)
                f++;
        if (f == v->items + SOURCES_MAX)
                return 0;
        is_new = f == v->items + v->n;
        if (is_new)
                v->items[v->n++] = (struct found){ .source = g->source, .why = STRBUF_INIT };
        f->sure += is_whole(g);
        for (int i = 1; i < n && is_whole(g); i++)
                if (is_whole(&g[i]) && !source_is_door(g[i].source))
                        f->rival = g[i].source;
        if (!is_new && g->held <= f->best.held)
                return 0;
        f->best = *g;
        return explain(id, raw, arena, f);
}

/* The source that takes the raw; for one that none takes, all that are near. */
static int vote(struct identify *id, const struct raw *raw, struct arena *arena, const struct source_guess *g, int n,
                struct votes *v)
{
        int r = 0;

        if (is_whole(g))
                return vote_for(id, raw, arena, g, n, v);
        for (int i = 0; i < n && r >= 0; i++)
                r = vote_for(id, raw, arena, &g[i], 1, v);
        return r;
}

static int read_votes(struct identify *id, struct input *in, struct votes *v)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct raws raws = { 0 };
        int r = 1;

        while (arena && r > 0 && v->raws < IDENTIFY_RAWS_MAX) {
                r = input_read(in, arena, &raws, INPUT_BATCH_BYTES);
                for (size_t i = 0; i < raws.n && r >= 0 && v->raws < IDENTIFY_RAWS_MAX; i++, v->raws++) {
                        struct source_guess g[GUESSES_MAX];
                        int n = parser_identify(id->parser, &raws.items[i], g, GUESSES_MAX);
                        int k = n > 0 ? vote(id, &raws.items[i], arena, g, n, v) : n;

                        if (k < 0)
                                r = k;
                }
                raws.n = 0;
        }
        raws_done(&raws);
        return arena ? r : -ENOMEM;
}

/* ---- The answer ---- */

static int add_found(struct table *t, const char *file, const struct votes *v, struct found *f)
{
        char sure[64], tests[64];

        snprintf(sure, sizeof sure, "%u of %zu records", f->sure, v->raws);
        snprintf(tests, sizeof tests, "%u of %u", f->best.held, f->best.of);
        if (f->rival)
                strbuf_addf(&f->why, "; %s claims it, too: the `recognise` of one of them must say more",
                            source_name(f->rival));
        return table_add(t, (struct str[]){ str_of(file), str_of(source_name(f->source)), str_of(sure), str_of(tests),
                                            strbuf_str(&f->why) });
}

/* By the part of its tests that hold for something that is there, then by how many these are. */
static bool is_nearer(const struct found *a, const struct found *b)
{
        uint64_t x = (uint64_t)a->positive * b->best.of, y = (uint64_t)b->positive * a->best.of;

        return x != y ? x > y : a->positive > b->positive;
}

static int add_unknown(struct table *t, const char *file, const struct votes *v)
{
        const struct found *nearest = NULL;
        char tests[64] = "0";

        for (size_t i = 0; i < v->n; i++)
                if (v->items[i].positive > 0 && (!nearest || is_nearer(&v->items[i], nearest)))
                        nearest = &v->items[i];
        if (nearest)
                snprintf(tests, sizeof tests, "%u of %u", nearest->best.held, nearest->best.of);
        return table_add(t, (struct str[]){ str_of(file), STR("unknown"), STR("no"), str_of(tests),
                                            nearest       ? strbuf_str(&nearest->why)
                                            : v->raws > 0 ? STR("no test of any source holds; `shopbell sources new` drafts one")
                                                          : STR("there are no records in it") });
}

static int answer(struct identify *id, const char *file, struct votes *v)
{
        bool is_known = false;
        int r = 0;

        for (size_t i = 0; i < v->n && r >= 0; i++)
                if (v->items[i].sure > 0) {
                        is_known = true;
                        r = add_found(id->table, file, v, &v->items[i]);
                }
        if (r < 0 || is_known)
                return r;
        id->is_bad = true;
        return add_unknown(id->table, file, v);
}

static int identify_file(struct identify *id, const char *file)
{
        struct input_options o = { .name = "identify", .note = note, .userdata = id,
                                   .is_csv = sourceset_is_csv, .csv_data = id->setup.sources };
        CLEANUP(votes_done) struct votes v = { .n = 0 };
        struct input *in = NULL;
        struct err err = { 0 };
        int r = input_open_files(&o, &file, 1, &in, &err);

        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return r;
        }
        r = read_votes(id, in, &v);
        if (r >= 0)
                r = answer(id, file, &v);
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
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), cli->format ? cli->format : FORMAT_TABLE);
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
