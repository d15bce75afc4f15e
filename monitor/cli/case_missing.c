/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell case missing: what notices still lack; case fields: what can be said of a case at all. */

#include <stdio.h>
#include <string.h>

#include "monitor/base/log.h"
#include "monitor/cases/lacks.h"
#include "monitor/cli/case.h"
#include "monitor/cli/screen.h"

static const struct table_column columns[] = {
        { .title = "REGIME" }, { .title = "NOTICE TO" }, { .title = "CONTENT", .is_wrapped = true }, { .title = "LACKS", .is_wrapped = true },
        { .title = "MAY WAIT" }, { .title = "SECTION", .is_wrapped = true },
};

struct missing {
        struct case_view *v;
        const struct casefile *c;
        struct table *t;
        size_t n, n_laws;
};

static int add_lack(struct missing *m, const struct lack *l)
{
        CLEANUP(strbuf_done) struct strbuf fields = STRBUF_INIT;

        for (size_t i = 0; i < CONTENT_FIELDS_MAX && l->fields[i]; i++)
                strbuf_addf(&fields, "%s%s", i > 0 ? ", " : "", l->fields[i]);
        m->n++;
        return table_add(m->t, (struct str[]){ l->regime->id, str_of(duty_to_name(l->to)), str_of(l->content->content->title), strbuf_str(&fields),
                                               l->may_wait ? STR("yes") : STR("no"), l->content->law.p ? l->content->law : STR("") });
}

static int add_regime(struct missing *m, const struct regime *r)
{
        struct lack *lacks;
        size_t n;
        int k = casefile_lacks(m->c, r, m->v->arena, &lacks, &n);

        m->n_laws++;
        for (size_t i = 0; i < n && k >= 0; i++)
                k = add_lack(m, &lacks[i]);
        return k;
}

/* Those that apply; where none surely does, those that may. */
static int add_applying(struct missing *m)
{
        struct deadline *clocks;
        size_t n;
        int k = 0;

        if (case_view_clocks(m->v, m->c, false, &clocks, &n) != CLI_OK)
                return -1;
        for (int unsure = 0; unsure < 2 && m->n_laws == 0; unsure++)
                for (size_t r = 0; r < m->v->regimes.n && k >= 0; r++) {
                        bool applies = false;

                        for (size_t i = 0; i < n; i++)
                                applies |= str_eq(clocks[i].regime->id, m->v->regimes.items[r].id) &&
                                           clocks[i].applies == (unsure ? TRUTH_UNKNOWN : TRUTH_YES);
                        if (applies)
                                k = add_regime(m, &m->v->regimes.items[r]);
                }
        return k;
}

static int add_named(struct missing *m, const char *name)
{
        CLEANUP(strbuf_done) struct strbuf near = STRBUF_INIT;
        const struct regime *r = regime_find(&m->v->regimes, str_of(name));

        if (r)
                return add_regime(m, r);
        regimes_near(&m->v->regimes, str_of(name), &near);
        log_error("no law is called %s%s" STR_FMT, name, near.n > 0 ? "; perhaps " : "", STR_ARG(strbuf_str(&near)));
        return -1;
}

static void print_note(const struct missing *m)
{
        CLEANUP(strbuf_done) struct strbuf note = STRBUF_INIT, folded = STRBUF_INIT;

        strbuf_addf(&note, "\nshopbell case set %lld FIELD=VALUE says it, with --unknown that it is not known. What may wait may read \"not yet known\" while "
                           "the case is under investigation.\n%s",
                    (long long)m->c->id, regime_disclaimer);
        text_wrap(&folded, strbuf_str(&note), screen_get()->columns);
        puts(strbuf_failed(&folded) ? "" : folded.p);
}

static int print(struct missing *m, enum cli_format format)
{
        if (m->n == 0 && format == FORMAT_TABLE) {
                puts(m->n_laws > 0 ? "Nothing is missing." : "No law is known to apply: say seller=… and people.…=… first, or --regime NAME.");
                return CLI_OK;
        }
        if (table_print(m->t) < 0)
                return CLI_CANNOT;
        if (format == FORMAT_TABLE)
                print_note(m);
        return m->n > 0 ? CLI_FOUND : CLI_OK;
}

int cmd_case_missing(struct cli *cli, int argc, char **argv)
{
        enum cli_format format = cli->format ? cli->format : FORMAT_TABLE;
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), format);
        struct case_view v;
        struct casefile c;
        struct missing m = { .v = &v, .c = &c, .t = t };
        int64_t id;
        int code = case_view_open_one(cli, "missing", argc, argv, &v, &id);

        if (code == CLI_OK)
                code = t ? case_view_read(&v, id, &c) : CLI_CANNOT;
        if (code == CLI_OK && (cli->regime ? add_named(&m, cli->regime) : add_applying(&m)) < 0)
                code = CLI_CANNOT;
        if (code == CLI_OK)
                code = print(&m, format);
        case_view_close(&v);
        return code;
}

/* ---- Fields ---- */

static const char *const kinds[] = { [FIELD_TEXT] = "text", [FIELD_NUMBER] = "number", [FIELD_YESNO] = "yes or no", [FIELD_LIST] = "list",
                                     [FIELD_TIME] = "time", [FIELD_COUNTRY] = "country" };

static int add_field(struct table *t, const struct case_field *f)
{
        return table_add(t, (struct str[]){ str_of(f->number), str_of(f->name), str_of(kinds[f->kind]), f->has_parts ? STR("yes") : STR(""),
                                            f->is_common ? STR("yes") : STR(""), f->may_wait ? STR("yes") : STR(""), str_of(f->title), str_of(f->help) });
}

/* The same in three columns. */
static int add_field_lines(struct table *t, const struct case_field *f)
{
        CLEANUP(strbuf_done) struct strbuf name = STRBUF_INIT, what = STRBUF_INIT;

        strbuf_addf(&name, "%s\n%s %s%s", f->name, f->number, kinds[f->kind], f->has_parts ? ", by part" : "");
        strbuf_addz(&what, f->title);
        if (f->is_common || f->may_wait)
                strbuf_addf(&what, "\n(%s%s%s)", f->is_common ? "common" : "", f->is_common && f->may_wait ? ", " : "", f->may_wait ? "may wait" : "");
        return strbuf_failed(&name) || strbuf_failed(&what) ? -1 : table_add(t, (struct str[]){ strbuf_str(&name), strbuf_str(&what), str_of(f->help) });
}

int cmd_case_fields(struct cli *cli, int argc, char **argv)
{
        static const struct table_column of_fields[] = { { .title = "NUMBER" }, { .title = "FIELD" }, { .title = "TAKES" }, { .title = "BY PART" },
                                                         { .title = "COMMON" }, { .title = "MAY WAIT" }, { .title = "WHAT", .is_wrapped = true }, { .title = "EXAMPLE", .is_wrapped = true } };
        static const struct table_column of_lines[] = { { .title = "FIELD", .has_lines = true }, { .title = "WHAT", .is_wrapped = true, .has_lines = true },
                                                        { .title = "EXAMPLE", .is_wrapped = true } };
        enum cli_format format = cli->format ? cli->format : FORMAT_TABLE;
        bool is_narrow = format == FORMAT_TABLE && case_is_narrow();
        CLEANUP(table_freep) struct table *t = is_narrow ? table_new(of_lines, ARRAY_LEN(of_lines), format) : table_new(of_fields, ARRAY_LEN(of_fields), format);
        size_t n;
        const struct case_field *fields = case_fields(&n);
        int r = t ? 0 : -1;

        (void)argc, (void)argv;
        for (size_t i = 0; i < n && r >= 0; i++)
                r = (is_narrow ? add_field_lines : add_field)(t, &fields[i]);
        return r < 0 || table_print(t) < 0 ? CLI_CANNOT : CLI_OK;
}
