/* SPDX-License-Identifier: Apache-2.0 */

/* Cases as the commands read them, and their words. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/base/zone.h"
#include "monitor/cli/case.h"
#include "monitor/cli/screen.h"

int case_regimes(const struct cli *cli, struct regimes *ret)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        int r = regimes_load((const char *const *)cli->regimes.items, cli->regimes.n, ret, &errors);

        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_WARNING, &errors.items[i]);
        if (r < 0)
                log_error("the laws cannot be read: out of memory");
        return r < 0 ? CLI_CANNOT : CLI_OK;
}

int case_templates(const struct cli *cli, struct templates *ret)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(paths_done) struct paths paths = { 0 };
        int r = setup_add_default_templates(&paths);

        for (size_t i = 0; i < cli->templates.n && r >= 0; i++)
                r = paths_add(&paths, cli->templates.items[i]);
        if (r >= 0)
                r = templates_load((const char *const *)paths.items, paths.n, ret, &errors);
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_WARNING, &errors.items[i]);
        if (r < 0)
                log_error("the templates cannot be read: out of memory");
        return r < 0 ? CLI_CANNOT : CLI_OK;
}

const struct template *case_template_of(const struct templates *t, const struct regime *r)
{
        const struct template *found = NULL;

        for (size_t i = 0; i < r->n_languages && !found; i++)
                found = template_find(t, r->languages[i]);
        return found ? found : template_find(t, STR("en"));
}

int case_view_open(const struct cli *cli, bool with_regimes, struct case_view *ret)
{
        char zone[ZONE_NAME_BYTES];
        int code;

        *ret = (struct case_view){ .cli = cli, .arena = arena_new() };
        if (!ret->arena) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        zone_local_name(zone);
        if (zone_open(NULL, str_of(zone), &ret->here, NULL) < 0)
                ret->here = NULL;
        code = cli_query(cli, &ret->q);
        return code == CLI_OK && with_regimes ? case_regimes(cli, &ret->regimes) : code;
}

void case_view_close(struct case_view *v)
{
        regimes_done(&v->regimes);
        v->here = zone_free(v->here);
        query_close(v->q);
        arena_free(v->arena);
        secret_wipe(&v->secret);
}

int case_number_of(const char *text, int64_t *ret)
{
        if (str_to_i64(str_of(text), ret) >= 0 && *ret > 0)
                return CLI_OK;
        log_error("%s: a case has a number: shopbell case list --all shows them", text);
        return CLI_USAGE;
}

int case_view_open_one(const struct cli *cli, const char *command, int argc, char **argv, struct case_view *ret, int64_t *ret_id)
{
        int code = CLI_USAGE;

        *ret = (struct case_view){ .cli = cli };
        if (argc == 1)
                code = case_number_of(argv[0], ret_id);
        else
                log_error("shopbell case %s takes the number of a case", command);
        return code == CLI_OK ? case_view_open(cli, true, ret) : code;
}

static int read_once(struct case_view *v, int64_t id, const struct secret *secret, struct casefile *ret)
{
        int r = casefile_read(v->q, id, secret, v->arena, ret);

        if (r == -ENOENT)
                log_error("there is no case %lld: shopbell case list --all shows them", (long long)id);
        else if (r < 0)
                log_error("case %lld cannot be read: %s", (long long)id, r == -ENOMEM  ? "out of memory"
                                                                                : r == -E2BIG ? "it has more entries than a case may have; run shopbell verify"
                                                                                              : query_error(v->q));
        return r < 0 ? CLI_CANNOT : CLI_OK;
}

/* Each case that is shown in the clear has its row in the history. */
int case_view_read(struct case_view *v, int64_t id, struct casefile *ret)
{
        char what[32];
        int code = read_once(v, id, NULL, ret);

        if (code != CLI_OK || !v->cli->reveal || ret->n_sealed == 0)
                return code;
        snprintf(what, sizeof what, "case %lld", (long long)id);
        code = cli_reveal(v->cli, v->q, NULL, str_of(what), &v->secret);
        if (code == CLI_OK)
                code = read_once(v, id, &v->secret, ret);
        if (code == CLI_OK && ret->n_sealed > 0)
                log_warning("%zu entries of case %lld stay sealed: with another key, or changed since; run shopbell verify", ret->n_sealed, (long long)id);
        return code;
}

int case_view_clocks(struct case_view *v, const struct casefile *c, bool with_others, struct deadline **ret, size_t *ret_n)
{
        struct err err = { 0 };

        if (casefile_deadlines(c, &v->regimes, v->cli->now, with_others, v->arena, ret, ret_n, &err) >= 0)
                return CLI_OK;
        log_err(LOG_LEVEL_ERROR, &err);
        return CLI_CANNOT;
}

/* ---- Words ---- */

static struct str or_unknown(struct str s)
{
        return s.p ? s : STR("?");
}

/* Of a mark: "Tue 17 Nov 2026 16:00 KST (Asia/Seoul)". */
static struct str moment_words(const struct case_view *v, struct str value)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct moment m = { 0 };
        struct str zone;

        if (case_moment(value, &m.at, &zone) < 0)
                return value;
        snprintf(m.zone, sizeof m.zone, STR_FMT, STR_ARG(zone.n > 0 ? zone : STR("UTC")));
        moment_format(&m, NULL, &text);
        return strbuf_failed(&text) ? STR("?") : or_unknown(arena_dup(v->arena, strbuf_str(&text)));
}

struct str case_value_words(const struct case_view *v, const struct case_value *value)
{
        if (!value->value.p)
                return STR(CASE_SEALED);
        if (value->status == FIELD_UNKNOWN)
                return STR("not known");
        return value->field->kind == FIELD_TIME ? moment_words(v, value->value) : value->value;
}

struct str case_entry_words(const struct case_view *v, const struct store_case_entry *e)
{
        bool is_time = str_eqz(e->kind, "mark") || str_eqz(e->kind, "done");
        const struct case_field *f;
        struct str part, from;
        usec at;

        if (e->is_value_sealed)
                return STR(CASE_SEALED);
        if (str_eqz(e->kind, "hold") && case_moment(e->key, &at, &from) >= 0)
                return or_unknown(arena_printf(v->arena, "records from " STR_FMT " on", STR_ARG(case_local(v, at))));
        if (str_eqz(e->kind, "set") && case_field_split(e->key, &f, &part, NULL) >= 0)
                is_time = f->kind == FIELD_TIME;
        if (e->value.n == 0 && (is_time || str_eqz(e->kind, "set") || str_eqz(e->kind, "regime")))
                return str_eqz(e->status, "unknown") ? STR("not known") : STR("taken back");
        return is_time ? moment_words(v, e->value) : e->value;
}

struct str case_by_words(const struct case_view *v, const struct store_case_entry *e)
{
        if (e->by.n == 0 || str_eq(e->by, e->who.user))
                return e->who.user;
        return or_unknown(arena_printf(v->arena, STR_FMT " (" STR_FMT ")", STR_ARG(e->by), STR_ARG(e->who.user)));
}

struct str case_said(const struct store_case_entry *e, struct str text)
{
        return e->is_sealed ? STR(CASE_SEALED) : text;
}

struct str case_local(const struct case_view *v, usec t)
{
        enum { TO_THE_MINUTE = 16 };
        char stamp[TIME_ISO_BYTES];

        if (t == USEC_NONE)
                return STR("");
        time_format_local(t, stamp);
        return or_unknown(arena_dup(v->arena, str_from(stamp, size_min(strlen(stamp), TO_THE_MINUTE))));
}

struct str case_left(const struct case_view *v, const struct deadline *d)
{
        char text[DEADLINE_LEFT_BYTES];

        deadline_left(d, v->cli->now, text);
        return or_unknown(arena_dup(v->arena, str_of(text)));
}

const char *case_applies_words(const struct deadline *d)
{
        return d->applies == TRUTH_UNKNOWN ? "may" : d->applies == TRUTH_NO ? "no" : d->regime->decided.p ? "yes" : "yes, proposed";
}

struct str case_clock_name(const struct case_view *v, const struct deadline *d)
{
        return or_unknown(arena_printf(v->arena, STR_FMT "/" STR_FMT, STR_ARG(d->regime->id), STR_ARG(d->duty->id)));
}

/* ---- Clocks in a table ---- */

bool case_is_narrow(void)
{
        enum { COLUMNS_WIDE = 150 };

        return screen_get()->columns > 0 && screen_get()->columns < COLUMNS_WIDE;
}

static bool is_small(void)
{
        enum { COLUMNS_SMALL = 100 };

        return screen_get()->columns > 0 && screen_get()->columns < COLUMNS_SMALL;
}

struct str case_when(const struct case_view *v, const struct zone *z, usec t)
{
        const usec minute = 60 * USEC_PER_SEC, near = (usec)150 * 24 * 3600 * USEC_PER_SEC;
        char text[ZONE_TEXT_BYTES], year[8];
        struct time_parts parts;
        usec away;
        char *at;

        if (!z || t == USEC_NONE)
                return case_local(v, t);
        away = t > v->cli->now ? t - v->cli->now : v->cli->now - t;
        zone_format(z, t - t % minute, text);
        zone_split(z, t, &parts);
        snprintf(year, sizeof year, " %04d", (int)(parts.year % 10000));
        at = strstr(text, year);
        if (at && is_small() && away < near)
                memmove(at, at + strlen(year), strlen(at + strlen(year)) + 1);
        return or_unknown(arena_dup(v->arena, str_of(text)));
}

struct str case_due_lines(const struct case_view *v, const struct deadline *d)
{
        struct str here = case_when(v, v->here, d->due), there = case_when(v, d->regime->tz, d->due);

        return str_eq(here, there) ? here : or_unknown(arena_printf(v->arena, STR_FMT "\n" STR_FMT, STR_ARG(here), STR_ARG(there)));
}

struct str case_clock_lines(const struct case_view *v, const struct deadline *d)
{
        bool is_proposed = d->applies == TRUTH_YES && !d->regime->decided.p;

        return or_unknown(arena_printf(v->arena, STR_FMT " (%s)\n" STR_FMT, STR_ARG(case_clock_name(v, d)), is_proposed ? "proposed" : case_applies_words(d), STR_ARG(d->duty->title)));
}
