/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell case show: all of one case. What entries say is made safe on its way to the terminal. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/base/zone.h"
#include "monitor/cases/lacks.h"
#include "monitor/cli/case.h"
#include "monitor/cli/screen.h"

enum { LOG_VALUE_SHOWN = 60, ID_SHOWN = 12 };

static void put_text(struct str text, size_t max)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;

        text_display(&safe, text, TEXT_TERMINAL, max);
        fputs(safe.p ? safe.p : "", stdout);
}

/* Further lines of a text are set in below the first. */
static void put_block(int indent, struct str text)
{
        struct str rest = text, line;

        for (bool is_first = true; str_cut(&rest, '\n', &line); is_first = false) {
                if (!is_first)
                        printf("\n%*s", indent, "");
                put_text(line, 0);
        }
}

static void put_line(const char *label, struct str text)
{
        if (text.n == 0)
                return;
        printf("%-10s ", label);
        put_block(11, text);
        putchar('\n');
}

/* ---- The head ---- */

static void print_head(const struct case_view *v, const struct casefile *c)
{
        const struct store_case_entry *first = &c->entries[0];

        printf("%-10s %lld\n", "Case", (long long)c->id);
        put_line("", c->title.p ? c->title : STR(CASE_SEALED));
        put_line("Opened", arena_printf(v->arena, STR_FMT " by " STR_FMT, STR_ARG(case_local(v, c->opened_at)), STR_ARG(case_by_words(v, first))));
        put_line("State", casefile_is_open(c) ? STR("open") : arena_printf(v->arena, "closed " STR_FMT, STR_ARG(case_local(v, c->closed_at))));
        if (c->hold_from != USEC_NONE)
                put_line("Hold", arena_printf(v->arena, "records from " STR_FMT " on %s", STR_ARG(case_local(v, c->hold_from)),
                                              casefile_is_open(c) ? "stay while it is open" : "stayed while it was open"));
        if (c->n_sealed > 0)
                put_line("Sealed", arena_printf(v->arena, "%zu entries have texts under pseudonyms: --reveal shows them, and the history says so", c->n_sealed));
}

static void print_alerts(const struct casefile *c)
{
        if (c->n_alerts == 0)
                return;
        printf("\nAlerts\n");
        for (size_t i = 0; i < c->n_entries; i++)
                if (str_eqz(c->entries[i].kind, "alert")) {
                        printf("  ");
                        put_text(str_from(c->entries[i].key.p, size_min(c->entries[i].key.n, ID_SHOWN)), 0);
                        printf("  ");
                        put_text(c->entries[i].is_value_sealed ? STR(CASE_SEALED) : c->entries[i].value, 0);
                        putchar('\n');
                }
}

/* ---- Clocks ---- */

static const struct table_column clock_columns[] = {
        { .title = "LEFT", .is_right = true }, { .title = "STATE" }, { .title = "DUE HERE" }, { .title = "DUE THERE" },
        { .title = "CLOCK" }, { .title = "APPLIES" }, { .title = "WHAT", .is_wrapped = true },
};

static const struct table_column terminal_columns[] = {
        { .title = "LEFT", .is_right = true }, { .title = "DUE HERE, THERE", .has_lines = true },
        { .title = "CLOCK (APPLIES), WHAT", .is_wrapped = true, .has_lines = true },
};

static int add_clock(const struct case_view *v, struct table *t, const struct deadline *d)
{
        if (case_is_narrow())
                return table_add(t, (struct str[]){ case_left(v, d), case_due_lines(v, d), case_clock_lines(v, d) });
        return table_add(t, (struct str[]){ case_left(v, d), str_of(deadline_state_name(d->state)), case_when(v, v->here, d->due),
                                            case_when(v, d->regime->tz, d->due), case_clock_name(v, d), str_of(case_applies_words(d)), d->duty->title });
}

/* Those of laws that apply; with --all, of those that may, too. */
static bool is_shown(const struct case_view *v, const struct deadline *d)
{
        return d->applies == TRUTH_YES || (d->applies == TRUTH_UNKNOWN && v->cli->all);
}

static int print_clock_table(const struct case_view *v, const struct deadline *clocks, size_t n)
{
        CLEANUP(table_freep) struct table *t = case_is_narrow() ? table_new(terminal_columns, ARRAY_LEN(terminal_columns), FORMAT_TABLE) :
                                                                  table_new(clock_columns, ARRAY_LEN(clock_columns), FORMAT_TABLE);
        size_t shown = 0;
        int r = t ? 0 : -1;

        for (size_t i = 0; i < n && r >= 0; i++)
                if (is_shown(v, &clocks[i])) {
                        shown++;
                        r = add_clock(v, t, &clocks[i]);
                }
        if (r >= 0 && shown == 0)
                puts("  none is sure to run");
        return r < 0 || shown == 0 ? r : table_print(t);
}

static void print_whys(const struct case_view *v, const struct deadline *clocks, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (is_shown(v, &clocks[i])) {
                        printf("  " STR_FMT "\n      ", STR_ARG(case_clock_name(v, &clocks[i])));
                        put_block(6, clocks[i].why);
                        putchar('\n');
                }
}

static bool is_first_of_law(const struct deadline *clocks, size_t i)
{
        for (size_t k = 0; k < i; k++)
                if (str_eq(clocks[k].regime->id, clocks[i].regime->id))
                        return false;
        return true;
}

/* Of each law that may apply and none of whose clocks is sure to run the first clock, and why; the soonest ones: what waits for a person
 * names them all. */
static void print_unsure(const struct case_view *v, const struct deadline *clocks, size_t n)
{
        size_t shown = 0;

        for (size_t i = 0; i < n && !v->cli->all; i++) {
                if (clocks[i].applies != TRUTH_UNKNOWN || !is_first_of_law(clocks, i) || shown++ >= CASE_UNSURE_SHOWN)
                        continue;
                if (shown == 1)
                        printf("\nLaws that may apply, each with its first clock (--all shows all)\n");
                printf("  " STR_FMT ": " STR_FMT "\n      ", STR_ARG(case_clock_name(v, &clocks[i])), STR_ARG(case_left(v, &clocks[i])));
                put_block(6, clocks[i].why);
                putchar('\n');
        }
        if (shown > CASE_UNSURE_SHOWN)
                printf("  and %zu more laws, whose clocks end later or have no hour\n", shown - CASE_UNSURE_SHOWN);
}

/* Laws of which nothing applies, once each. */
static void print_others(const struct case_view *v, const struct deadline *clocks, size_t n)
{
        size_t shown = 0;

        for (size_t r = 0; r < v->regimes.n; r++) {
                bool applies = false;

                for (size_t i = 0; i < n; i++)
                        applies |= str_eq(clocks[i].regime->id, v->regimes.items[r].id) && clocks[i].applies != TRUTH_NO;
                if (!applies)
                        printf("%s" STR_FMT, shown++ == 0 ? "\nDo not apply, as far as is known: " : ", ", STR_ARG(v->regimes.items[r].id));
        }
        if (shown > 0)
                puts("\n  One does once people of its country are among those affected (people.CC), or a person says so.");
}

static int print_clocks(const struct case_view *v, const struct deadline *clocks, size_t n)
{
        printf("\nClocks\n");
        if (print_clock_table(v, clocks, n) < 0)
                return -1;
        print_whys(v, clocks, n);
        print_unsure(v, clocks, n);
        print_others(v, clocks, n);
        return 0;
}

/* ---- Marks ---- */

static bool counts(const struct casefile *c, const struct store_case_entry *e)
{
        for (size_t i = 0; i < c->n_marks; i++)
                if (c->marks[i].entry == e)
                        return true;
        return false;
}

static void print_marks(const struct case_view *v, const struct casefile *c)
{
        printf("\nWhen what was known, and done\n");
        for (size_t i = 0; i < c->n_entries; i++) {
                const struct store_case_entry *e = &c->entries[i];

                if (!str_eqz(e->kind, "mark") && !str_eqz(e->kind, "done"))
                        continue;
                printf("  %c ", counts(c, e) ? '*' : '-');
                put_text(arena_printf(v->arena, "%-20.*s ", STR_ARG(e->key)), 0);
                put_text(case_entry_words(v, e), 0);
                printf("\n      said " STR_FMT " by ", STR_ARG(case_local(v, e->at)));
                put_text(case_by_words(v, e), 0);
                if (e->is_sealed || e->because.n > 0) {
                        printf(": ");
                        put_block(6, case_said(e, e->because));
                }
                putchar('\n');
        }
        printf("  * counts, - was moved or taken back\n");
}

/* ---- Fields ---- */

static const char *const groups[] = { "A  Parties",          "B  Times",    "C  What happened",  "D  Data and people",
                                      "E  Risk", "F  Response", "G  For the people", "H  Filing" };

static void print_value(const struct case_view *v, const struct case_value *value)
{
        const struct store_case_entry *e = value->entry;
        int indent = 29;

        printf("  ");
        put_text(arena_printf(v->arena, "%-26s ", value->part.n > 0 ? arena_printf(v->arena, "%s." STR_FMT, value->field->name, STR_ARG(value->part)).p
                                                                    : value->field->name), 0);
        put_block(indent, case_value_words(v, value));
        printf("\n%*s", indent, "");
        printf("%s, " STR_FMT " by ", field_status_name(value->status), STR_ARG(case_local(v, e->at)));
        put_text(case_by_words(v, e), 0);
        if (e->evidence.n > 0) {
                printf("; evidence ");
                put_text(e->evidence, LOG_VALUE_SHOWN);
        }
        if (e->because.n > 0) {
                printf(": ");
                put_text(e->because, 0);
        }
        putchar('\n');
}

static void print_fields(const struct case_view *v, const struct casefile *c)
{
        printf("\nFields\n");
        for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
                bool has_one = false;

                for (size_t i = 0; i < c->n_values; i++)
                        if (c->values[i].field->number[0] == groups[g][0]) {
                                if (!has_one)
                                        printf(" %s\n", groups[g]);
                                has_one = true;
                                print_value(v, &c->values[i]);
                        }
        }
}

/* ---- What waits ---- */

/* Laws that nobody has decided about, of which that is so as far as is known. */
static void print_undecided(const struct deadline *clocks, size_t n, enum truth applies, const char *words)
{
        size_t shown = 0;

        for (size_t i = 0; i < n; i++)
                if (!clocks[i].regime->decided.p && clocks[i].applies == applies && is_first_of_law(clocks, i))
                        printf("%s" STR_FMT, shown++ == 0 ? words : ", ", STR_ARG(clocks[i].regime->id));
        if (shown > 0)
                putchar('\n');
}

static void print_decisions_wanted(const struct casefile *c, const struct deadline *clocks, size_t n)
{
        printf("  say which laws apply: shopbell case regime %lld LAW yes|no --because TEXT\n", (long long)c->id);
        print_undecided(clocks, n, TRUTH_YES, "    as far as is known they do: ");
        print_undecided(clocks, n, TRUTH_UNKNOWN, "    they may: ");
}

static void print_late(const struct casefile *c, const struct deadline *clocks, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (clocks[i].applies == TRUTH_YES && (clocks[i].state == DEADLINE_OVER || clocks[i].state == DEADLINE_DONE_LATE) &&
                    !casefile_value_for(c, case_field_find(STR("delay-reason")), clocks[i].regime))
                        printf("  say why " STR_FMT "/" STR_FMT " is late: shopbell case set %lld delay-reason." STR_FMT "=… --evidence …\n",
                               STR_ARG(clocks[i].regime->id), STR_ARG(clocks[i].duty->id), (long long)c->id, STR_ARG(clocks[i].regime->id));
}

static size_t common_missing(const struct casefile *c)
{
        size_t n, missing = 0;
        const struct case_field *fields = case_fields(&n);

        for (size_t i = 0; i < n; i++) {
                bool is_said = !fields[i].is_common;

                for (size_t k = 0; k < c->n_values; k++)
                        is_said |= c->values[k].field == &fields[i] && c->values[k].status != FIELD_UNKNOWN;
                missing += !is_said;
        }
        return missing;
}

static void print_waiting(const struct casefile *c, const struct deadline *clocks, size_t n)
{
        size_t missing = common_missing(c);

        if (!casefile_is_open(c))
                return;
        printf("\nWhat waits for a person\n");
        if (!casefile_mark(c, EVENT_AWARE, STR_NONE))
                printf("  mark when you were sure that data was reached, once you are: shopbell case mark %lld aware --at TIME\n", (long long)c->id);
        if (!casefile_value(c, STR("seller"), STR_NONE))
                printf("  say where the shop is: shopbell case set %lld seller=kr\n", (long long)c->id);
        print_decisions_wanted(c, clocks, n);
        print_late(c, clocks, n);
        if (missing > 0)
                printf("  say what nearly every law asks for and nobody has said, %zu fields: shopbell case missing %lld\n", missing, (long long)c->id);
}

/* ---- The log ---- */

static void print_log(const struct case_view *v, const struct casefile *c)
{
        printf("\nLog\n");
        for (size_t i = 0; i < c->n_entries; i++) {
                const struct store_case_entry *e = &c->entries[i];
                struct str key = str_eqz(e->kind, "hold") ? STR("") : e->key;

                printf("  " STR_FMT "  ", STR_ARG(case_local(v, e->at)));
                put_text(case_by_words(v, e), 0);
                printf("  ");
                put_text(e->kind, 0);
                printf(" ");
                put_text(key, LOG_VALUE_SHOWN);
                printf("%s", key.n > 0 ? " " : "");
                put_text(case_entry_words(v, e), LOG_VALUE_SHOWN);
                if (e->because.n > 0) {
                        printf(" (");
                        put_text(e->because, LOG_VALUE_SHOWN);
                        printf(")");
                }
                putchar('\n');
        }
}

/* ---- All ---- */

struct shown {
        const struct case_view *v;
        const struct casefile *c;
        const struct deadline *clocks;
        size_t n;
};

static int print_all(void *userdata)
{
        const struct shown *s = userdata;

        print_head(s->v, s->c);
        print_waiting(s->c, s->clocks, s->n);
        if (print_clocks(s->v, s->clocks, s->n) < 0)
                return -EIO;
        print_marks(s->v, s->c);
        print_alerts(s->c);
        print_fields(s->v, s->c);
        print_log(s->v, s->c);
        printf("\n%s\n", regime_disclaimer);
        return 0;
}

static int print_case(const struct case_view *v, const struct casefile *c, const struct deadline *clocks, size_t n)
{
        struct shown s = { v, c, clocks, n };

        if (v->cli->format == FORMAT_DEFAULT || v->cli->format == FORMAT_TABLE)
                return screen_fold(print_all, &s) < 0 ? CLI_CANNOT : CLI_OK;
        return case_print_json(v, c, clocks, n);
}

int cmd_case_show(struct cli *cli, int argc, char **argv)
{
        struct deadline *clocks;
        struct case_view v;
        struct casefile c;
        size_t n = 0;
        int64_t id;
        int code = case_view_open_one(cli, "show", argc, argv, &v, &id);

        if (code == CLI_OK)
                code = case_view_read(&v, id, &c);
        if (code == CLI_OK)
                code = case_view_clocks(&v, &c, true, &clocks, &n);
        if (code == CLI_OK)
                code = print_case(&v, &c, clocks, n);
        case_view_close(&v);
        return code;
}
