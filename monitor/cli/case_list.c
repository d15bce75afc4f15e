/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell case list: open cases with the clocks that run, the soonest first. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/base/zone.h"
#include "monitor/cli/case.h"
#include "monitor/cli/screen.h"

static const struct table_column for_people[] = {
        { .title = "CASE", .is_right = true }, { .title = "LEFT", .is_right = true }, { .title = "DUE HERE" }, { .title = "DUE THERE" },
        { .title = "CLOCK" }, { .title = "APPLIES" }, { .title = "WHAT", .is_wrapped = true },
};
static const struct table_column for_terminals[] = {
        { .title = "CASE", .is_right = true }, { .title = "LEFT", .is_right = true }, { .title = "DUE HERE, THERE", .has_lines = true },
        { .title = "CLOCK (APPLIES), WHAT", .is_wrapped = true, .has_lines = true },
};
static const struct table_column for_programs[] = {
        { .title = "CASE", .is_right = true }, { .title = "TITLE" }, { .title = "REGIME" }, { .title = "DUTY" }, { .title = "TO" },
        { .title = "APPLIES" }, { .title = "STATE" }, { .title = "DUE" }, { .title = "DUE_THERE" }, { .title = "SECONDS_LEFT", .is_right = true },
        { .title = "START" }, { .title = "FROM" }, { .title = "DONE" }, { .title = "UNCERTAIN", .is_json = true }, { .title = "LAW" },
        { .title = "WHAT" }, { .title = "WHY" },
};

struct running {
        int64_t id;
        struct str title;
        const struct deadline *d; /* NULL: the case has none */
};

struct list {
        struct case_view *v;
        struct running *items;
        size_t n, cap;
        size_t n_cases, left_out;
        struct strbuf cases; /* a line each */
};

static int add(struct list *l, const struct running *is)
{
        if (l->n == l->cap) {
                size_t cap = l->cap ? 2 * l->cap : 64;
                struct running *more = arena_array(l->v->arena, cap, sizeof *more);

                if (!more)
                        return -ENOMEM;
                if (l->n > 0)
                        memcpy(more, l->items, l->n * sizeof *more);
                l->items = more;
                l->cap = cap;
        }
        l->items[l->n++] = *is;
        return 0;
}

/* A law of that country. */
static bool is_of(const struct deadline *d, struct str country)
{
        for (size_t i = 0; i < d->regime->n_countries; i++)
                if (str_eq_nocase(d->regime->countries[i], country))
                        return true;
        return false;
}

/* The shop's country, where it is said, and has a law whose clock runs or may; else absent. */
static struct str home_of(const struct casefile *c, const struct deadline *clocks, size_t n)
{
        const struct case_value *seller = casefile_value(c, STR("seller"), STR_NONE);

        for (size_t i = 0; seller && i < n; i++)
                if (is_of(&clocks[i], seller->value))
                        return seller->value;
        return STR_NONE;
}

/* As long as nobody knows whose data it is, those of the shop's own country are shown of all that may run. */
static bool is_shown(const struct list *l, const struct deadline *d, struct str home, size_t *shown, size_t *left_out)
{
        if (l->v->cli->all)
                return true;
        if (d->state != DEADLINE_RUNNING && d->state != DEADLINE_OVER)
                return false;
        if (d->applies != TRUTH_UNKNOWN)
                return true;
        if (*shown < CASE_UNSURE_SHOWN && (!home.p || d->law_applies != TRUTH_UNKNOWN || is_of(d, home))) {
                ++*shown;
                return true;
        }
        ++*left_out;
        return false;
}

static void add_case_line(struct list *l, const struct casefile *c)
{
        enum { TITLE_SHOWN = 100 };

        strbuf_addf(&l->cases, "Case %lld  ", (long long)c->id);
        text_display(&l->cases, c->title.p ? c->title : STR(CASE_SEALED), TEXT_TERMINAL, TITLE_SHOWN);
        strbuf_addf(&l->cases, " (opened " STR_FMT "%s)\n", STR_ARG(case_local(l->v, c->opened_at)), casefile_is_open(c) ? "" : ", closed");
}

static int on_case(void *userdata, int64_t id)
{
        struct list *l = userdata;
        struct casefile c;
        struct deadline *clocks;
        size_t n = 0, shown = 0, before = l->n;
        struct str home;
        int r = 0;

        if (case_view_read(l->v, id, &c) != CLI_OK || case_view_clocks(l->v, &c, false, &clocks, &n) != CLI_OK)
                return -EIO;
        l->n_cases++;
        add_case_line(l, &c);
        home = home_of(&c, clocks, n);
        for (size_t i = 0; i < n && r >= 0; i++)
                if (is_shown(l, &clocks[i], home, &shown, &l->left_out))
                        r = add(l, &(struct running){ id, c.title.p ? c.title : STR(CASE_SEALED), &clocks[i] });
        if (r >= 0 && l->n == before)
                r = add(l, &(struct running){ id, c.title.p ? c.title : STR(CASE_SEALED), NULL });
        return r;
}

/* Due ones first; then those at once, those that wait, those that are done; cases without any last. */
static int rank(const struct running *k)
{
        if (!k->d)
                return 4;
        switch (k->d->state) {
        case DEADLINE_WAITING: return 2;
        case DEADLINE_DONE:
        case DEADLINE_DONE_LATE: return 3;
        default: return k->d->due == USEC_NONE;
        }
}

static int by_due(const void *a, const void *b)
{
        const struct running *x = a, *y = b;
        int r = rank(x) - rank(y);

        if (r == 0 && x->d && x->d->due != y->d->due)
                return x->d->due < y->d->due ? -1 : 1;
        return r != 0 ? r : x->id != y->id ? (x->id < y->id ? -1 : 1) : x < y ? -1 : 1;
}

static int add_for_people(struct list *l, struct table *t, const struct running *k)
{
        const struct str none = STR(""), no_clock = STR("no clock runs: see shopbell case show");
        struct case_view *v = l->v;
        char id[24];

        snprintf(id, sizeof id, "%lld", (long long)k->id);
        if (!k->d)
                return case_is_narrow() ? table_add(t, (struct str[]){ str_of(id), none, none, no_clock }) :
                                          table_add(t, (struct str[]){ str_of(id), none, none, none, none, none, no_clock });
        if (case_is_narrow())
                return table_add(t, (struct str[]){ str_of(id), case_left(v, k->d), case_due_lines(v, k->d), case_clock_lines(v, k->d) });
        return table_add(t, (struct str[]){ str_of(id), case_left(v, k->d), case_when(v, v->here, k->d->due), case_when(v, k->d->regime->tz, k->d->due),
                                            case_clock_name(v, k->d), str_of(case_applies_words(k->d)), k->d->duty->title });
}

static int add_for_programs(struct list *l, struct table *t, const struct running *k)
{
        char id[24], due[TIME_ISO_BYTES], start[TIME_ISO_BYTES], done[TIME_ISO_BYTES], there[ZONE_TEXT_BYTES] = "", left[32] = "";
        const struct deadline *d = k->d;

        snprintf(id, sizeof id, "%lld", (long long)k->id);
        if (!d) {
                const struct str none = STR("");

                return table_add(t, (struct str[]){ str_of(id), k->title, none, none, none, none, none, none, none, none, none, none, none, STR("null"), none, none, none });
        }
        zone_format_iso(d->regime->tz, d->due, there);
        time_format_iso(d->due, due);
        time_format_iso(d->start, start);
        time_format_iso(d->done_at, done);
        if (d->due != USEC_NONE && d->done_at == USEC_NONE)
                snprintf(left, sizeof left, "%lld", (long long)((d->due - l->v->cli->now) / USEC_PER_SEC));
        return table_add(t, (struct str[]){ str_of(id), k->title, d->regime->id, d->duty->id, str_of(duty_to_name(d->duty->to)), str_of(truth_name(d->applies)),
                                            str_of(deadline_state_name(d->state)), str_of(due), str_of(there), str_of(left), str_of(start),
                                            d->from < _EVENT_MAX ? str_of(case_event_name(d->from)) : STR(""), str_of(done),
                                            d->is_uncertain ? STR("true") : STR("false"), d->duty->law, d->duty->title, d->why });
}

static void print_notes(const struct list *l)
{
        if (l->left_out > 0)
                printf("\n%zu more clocks may run: --all shows them; say what is known, and they go or stay: shopbell case set CASE seller=… people.…=…\n", l->left_out);
        printf("\n%s\n", regime_disclaimer);
}

static struct table *new_table(enum cli_format format)
{
        if (format != FORMAT_TABLE)
                return table_new(for_programs, ARRAY_LEN(for_programs), format);
        return case_is_narrow() ? table_new(for_terminals, ARRAY_LEN(for_terminals), format) : table_new(for_people, ARRAY_LEN(for_people), format);
}

static int print_all(void *userdata)
{
        struct list *l = userdata;
        enum cli_format format = l->v->cli->format ? l->v->cli->format : FORMAT_TABLE;
        bool is_table = format == FORMAT_TABLE;
        CLEANUP(table_freep) struct table *t = new_table(format);
        int r = t ? 0 : -ENOMEM;

        if (is_table)
                printf(STR_FMT "\n", STR_ARG(strbuf_str(&l->cases)));
        if (l->n > 1)
                qsort(l->items, l->n, sizeof *l->items, by_due);
        for (size_t i = 0; i < l->n && r >= 0; i++)
                r = (is_table ? add_for_people : add_for_programs)(l, t, &l->items[i]);
        if (r >= 0)
                r = table_print(t);
        if (r >= 0 && is_table)
                print_notes(l);
        return r;
}

static int print(struct list *l)
{
        int r = screen_fold(print_all, l);

        strbuf_done(&l->cases);
        return r < 0 ? CLI_CANNOT : CLI_OK;
}

int cmd_case_list(struct cli *cli, int argc, char **argv)
{
        struct case_view v;
        struct list l = { .v = &v };
        int code = case_view_open(cli, true, &v), r;

        if (code == CLI_OK && argc > 1) {
                log_error("shopbell case takes the number of a case, or nothing");
                code = CLI_USAGE;
        }
        if (code == CLI_OK) {
                r = query_each_case(v.q, cli->all, on_case, &l);
                if (r < 0 && r != -EIO)
                        log_error("the cases cannot be read: %s", query_error(v.q));
                code = r < 0 ? CLI_CANNOT : CLI_OK;
        }
        if (code == CLI_OK && l.n_cases == 0 && (cli->format == FORMAT_DEFAULT || cli->format == FORMAT_TABLE))
                printf("No cases%s. One begins with: shopbell case open --from ALERT, or --signal TEXT --at TIME\n", cli->all ? "" : " are open");
        else if (code == CLI_OK)
                code = print(&l);
        case_view_close(&v);
        (void)argv;
        return code;
}

int cmd_case(struct cli *cli, int argc, char **argv)
{
        uint64_t id;

        if (argc == 1 && str_to_u64(str_of(argv[0]), &id) < 0) {
                log_error("%s is neither the number of a case nor one of its words: see shopbell case --help", argv[0]);
                return CLI_USAGE;
        }
        return argc == 1 ? cmd_case_show(cli, argc, argv) : cmd_case_list(cli, argc, argv);
}

int case_print_clocks(const struct cli *cli, int64_t id)
{
        struct cli plain = *cli;
        struct case_view v;
        struct list l = { .v = &v };
        int code;

        plain.format = FORMAT_TABLE;
        plain.all = plain.reveal = false;
        code = case_view_open(&plain, true, &v);
        if (code == CLI_OK)
                code = on_case(&l, id) < 0 ? CLI_CANNOT : print(&l);
        case_view_close(&v);
        return code;
}
