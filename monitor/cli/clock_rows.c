/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/cli/clock_rows.h"

#include <errno.h>
#include <stdio.h>

#include "monitor/base/json_write.h"
#include "monitor/cli/screen.h"
#include "monitor/cli/table.h"

/* "may apply, stale, low confidence": what to be wary of; empty: nothing. */
static void put_marks(const struct deadline *d, usec now, struct strbuf *out)
{
        const struct {
                bool is_so;
                const char *text;
        } marks[] = {
                { d->applies == TRUTH_UNKNOWN, "may apply" },
                { d->applies == TRUTH_NO, "does not apply" },
                { d->duty->is_guide, "guideline" },
                { d->regime->is_contract, "contract" },
                { d->is_uncertain, "holidays not known" },
                { regime_is_stale(d->regime, now), "stale" },
                { str_eqz(d->regime->confidence, "low"), "low confidence" },
                { d->from != d->duty->start && d->start != USEC_NONE, "start stands in" },
        };

        for (size_t i = 0; i < ARRAY_LEN(marks); i++)
                if (marks[i].is_so)
                        strbuf_addf(out, "%s%s", out->n ? ", " : "", marks[i].text);
}

/* ---- The table ---- */

/* Within what is told by WHY, with its first words. */
static const struct table_column columns[] = {
        { .title = "DUE" },    { .title = "LEFT" },  { .title = "REGIME" },
        { .title = "TO" },     { .title = "WHAT", .is_wrapped = true },
        { .title = "MARKS", .is_wrapped = true },
        { .title = "WHY", .is_wrapped = true },
};

/* On a terminal of few columns: three columns of words would be as narrow as their words. */
enum { COLUMNS_FEW = 150 };
static const struct table_column few_columns[] = {
        { .title = "DUE, LEFT", .has_lines = true },
        { .title = "REGIME, TO, WHAT", .is_wrapped = true, .has_lines = true },
        { .title = "WHY", .is_wrapped = true },
};

static bool has_few(void)
{
        return screen_get()->columns > 0 && screen_get()->columns < COLUMNS_FEW;
}

static int add_narrow(struct table *t, const struct deadline *d, const char *due, const char *left, struct str marks)
{
        CLEANUP(strbuf_done) struct strbuf when = STRBUF_INIT, what = STRBUF_INIT;

        strbuf_addf(&when, "%s%s%s", due, *due ? "\n" : "", left);
        strbuf_addf(&what, STR_FMT " to %s\n" STR_FMT, STR_ARG(d->regime->id), duty_to_name(d->duty->to), STR_ARG(d->duty->title));
        if (marks.n > 0)
                strbuf_addf(&what, "\n(" STR_FMT ")", STR_ARG(marks));
        return strbuf_failed(&when) || strbuf_failed(&what) ? -ENOMEM : table_add(t, (struct str[]){ strbuf_str(&when), strbuf_str(&what), d->why });
}

static int add_row(struct table *t, const struct deadline *d, usec now)
{
        CLEANUP(strbuf_done) struct strbuf marks = STRBUF_INIT;
        char due[ZONE_TEXT_BYTES], left[DEADLINE_LEFT_BYTES];

        zone_format(d->regime->tz, d->due, due);
        deadline_left(d, now, left);
        put_marks(d, now, &marks);
        if (strbuf_failed(&marks))
                return -ENOMEM;
        if (has_few())
                return add_narrow(t, d, due, left, strbuf_str(&marks));
        return table_add(t, (struct str[]){ str_of(*due ? due : "-"), str_of(left), d->regime->id, str_of(duty_to_name(d->duty->to)), d->duty->title,
                                            strbuf_str(&marks), d->why });
}

/* ---- For programs ---- */

static const char *unit_name(enum within_unit unit)
{
        static const char *const names[] = { [WITHIN_AT_ONCE] = "at once",
                                             [WITHIN_HOURS] = "hours",
                                             [WITHIN_CALENDAR_DAYS] = "calendar days",
                                             [WITHIN_WORKING_DAYS] = "working days" };

        return names[unit];
}

static const struct table_column cells[] = {
        { .title = "REGIME" },
        { .title = "AUDIENCE" },
        { .title = "DUTY" },
        { .title = "TITLE" },
        { .title = "EVENT" },
        { .title = "FROM" },
        { .title = "START" },
        { .title = "DEADLINE" },
        { .title = "LEFT_SECONDS", .is_json = true },
        { .title = "OVER_SECONDS", .is_json = true },
        { .title = "STATE" },
        { .title = "DONE_AT" },
        { .title = "WITHIN" },
        { .title = "UNIT" },
        { .title = "AMOUNT", .is_json = true },
        { .title = "APPLIES" },
        { .title = "GUIDELINE", .is_json = true },
        { .title = "FOLLOW_UP", .is_json = true },
        { .title = "CONTRACT", .is_json = true },
        { .title = "UNCERTAIN", .is_json = true },
        { .title = "STALE", .is_json = true },
        { .title = "CHECKED_ON" },
        { .title = "CONFIDENCE" },
        { .title = "LAW" },
        { .title = "ZONE" },
        { .title = "WHY" },
};

static struct str flag(bool is_so)
{
        return is_so ? STR("true") : STR("false");
}

/* In the zone of the authority; empty: none. */
struct times {
        char start[ZONE_TEXT_BYTES], due[ZONE_TEXT_BYTES], done[ZONE_TEXT_BYTES], checked[TIME_ISO_BYTES], left[32], over[32], amount[16];
};

/* `none`: what stands for no number. A spreadsheet takes a minus for a formula, so that how long it is over is a number of its own. */
static void write_times(const struct deadline *d, usec now, const char *none, struct times *t)
{
        bool has_left = d->due != USEC_NONE && d->done_at == USEC_NONE;

        zone_format_iso(d->regime->tz, d->start, t->start);
        zone_format_iso(d->regime->tz, d->due, t->due);
        zone_format_iso(d->regime->tz, d->done_at, t->done);
        time_format_iso(d->regime->checked_on, t->checked);
        t->checked[10] = '\0';
        snprintf(t->left, sizeof t->left, "%s", none);
        snprintf(t->over, sizeof t->over, "%s", none);
        snprintf(t->amount, sizeof t->amount, "%s", none);
        if (has_left && now <= d->due)
                snprintf(t->left, sizeof t->left, "%lld", (long long)((d->due - now) / USEC_PER_SEC));
        else if (has_left)
                snprintf(t->over, sizeof t->over, "%lld", (long long)((now - d->due) / USEC_PER_SEC));
        if (d->duty->unit != WITHIN_AT_ONCE)
                snprintf(t->amount, sizeof t->amount, "%u", d->duty->amount);
}

static int add_cells(struct table *t, const struct deadline *d, usec now, const char *none)
{
        const struct duty *duty = d->duty;
        struct times at;

        write_times(d, now, none, &at);
        return table_add(t, (struct str[]){ d->regime->id,
                                            str_of(duty_to_name(duty->to)),
                                            duty->id,
                                            duty->title,
                                            str_of(case_event_name(duty->start)),
                                            str_of(d->start == USEC_NONE ? "" : case_event_name(d->from)),
                                            str_of(at.start),
                                            str_of(at.due),
                                            str_of(at.left),
                                            str_of(at.over),
                                            str_of(deadline_state_name(d->state)),
                                            str_of(at.done),
                                            duty->within,
                                            str_of(unit_name(duty->unit)),
                                            str_of(at.amount),
                                            str_of(truth_name(d->applies)),
                                            flag(duty->is_guide),
                                            flag(duty->is_follow_up),
                                            flag(d->regime->is_contract),
                                            flag(d->is_uncertain),
                                            flag(regime_is_stale(d->regime, now)),
                                            str_of(at.checked),
                                            d->regime->confidence,
                                            duty->law.n > 0 ? duty->law : d->regime->law.p ? d->regime->law : STR(""),
                                            d->regime->zone,
                                            d->why });
}

/* The same cells within an object. */
struct rows {
        const struct deadline *list;
        size_t n;
        usec now;
        enum cli_format format;
};

static int print_cells(void *userdata)
{
        const struct rows *r = userdata;
        CLEANUP(table_freep) struct table *t = table_new(cells, ARRAY_LEN(cells), r->format);

        if (!t)
                return -ENOMEM;
        for (size_t i = 0; i < r->n; i++)
                if (add_cells(t, &r->list[i], r->now, r->format == FORMAT_CSV ? "" : "null") < 0)
                        return -ENOMEM;
        return table_print(t);
}

static int print_json(struct rows *r)
{
        char now[TIME_ISO_BYTES];
        int k;

        time_format_iso(r->now, now);
        printf("{\"note\":\"%s\",\"now\":\"%s\",\"clocks\":", regime_disclaimer, now);
        k = print_cells(r);
        printf("}\n");
        return k;
}

int clock_print(const struct deadline *list, size_t n, usec now, enum cli_format format)
{
        CLEANUP(table_freep) struct table *t = NULL;
        struct rows rows = { .list = list, .n = n, .now = now, .format = format };

        if (format == FORMAT_JSON)
                return print_json(&rows);
        if (format != FORMAT_DEFAULT && format != FORMAT_TABLE)
                return print_cells(&rows);
        t = has_few() ? table_new(few_columns, ARRAY_LEN(few_columns), FORMAT_TABLE) : table_new(columns, ARRAY_LEN(columns), FORMAT_TABLE);
        if (!t)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                if (add_row(t, &list[i], now) < 0)
                        return -ENOMEM;
        return table_print(t);
}
