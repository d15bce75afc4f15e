/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell alerts --follow and --watch: alerts as they ring, a line each; or the newest on the whole screen. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/alerts.h"
#include "monitor/cli/report.h"
#include "monitor/cli/report_rows.h"
#include "monitor/cli/wake.h"
#include "monitor/store/events.h"

enum {
        FOLLOW_FIRST = 10, /* alerts that are shown to begin with */
        FOLLOW_BATCH_MAX = 1000, /* rows of the history at a time */
        WATCH_ROWS_MIN = 3,
};
#define WATCH_PERIOD USEC_PER_MINUTE /* --since goes with the time */

/* ---- A line each ---- */

struct follow {
        struct query *q;
        struct query_filter filter;
        enum cli_format format;
        int64_t after; /* row of the history */
};

static int print_line(void *userdata, const struct query_alert *a)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
        char stamp[TIME_ISO_BYTES], hex[HASH128_HEX_BYTES], level[32];

        (void)userdata;
        time_format_local(a->first_seen, stamp);
        hash128_hex(&a->id, hex);
        snprintf(level, sizeof level, "%-8s", level_name(a->level));
        text_display(&safe, a->sentence, TEXT_TERMINAL, 0);
        color_add(&line, COLOR_DIM, str_of(stamp));
        strbuf_addc(&line, ' ');
        color_add(&line, level_color(a->level), str_of(level));
        strbuf_addf(&line, " %.*s " STR_FMT "\n", ID_SHOWN, hex, STR_ARG(strbuf_str(&safe)));
        if (strbuf_failed(&line) || strbuf_failed(&safe))
                return -ENOMEM;
        return fwrite(line.p, 1, line.n, stdout) == line.n ? 0 : -EIO;
}

static int print_alerts(struct follow *f, const struct query_filter *filter)
{
        struct report_sum sum;

        return f->format == FORMAT_NDJSON ? report_alerts(f->q, filter, FORMAT_NDJSON, &sum) : query_alerts(f->q, filter, print_line, NULL);
}

static int on_event(void *userdata, const struct event *e)
{
        struct follow *f = userdata;
        struct query_filter one = f->filter;

        f->after = e->seq;
        if (!str_eqz(e->what, "rang"))
                return 0;
        one.only = &e->alert;
        one.with_merged = true; /* it rang, whatever came of it since */
        return print_alerts(f, &one);
}

/* All that came since the last time; what is read in one go ends where `after` did not move. */
static int print_new(struct follow *f)
{
        int64_t before;
        int r;

        do {
                before = f->after;
                r = query_events(f->q, f->after, FOLLOW_BATCH_MAX, on_event, f);
        } while (r >= 0 && f->after != before);
        return r < 0 || fflush(stdout) == 0 ? r : -errno;
}

static int cannot(struct query *q, int r)
{
        const char *why = r == -EIO || r == -EPIPE ? "the output could not be written" : r == -ENOSPC || r == -EMFILE ? strerror(-r) : query_error(q);

        log_error("the alerts cannot be followed: %s", why);
        return CLI_CANNOT;
}

int alerts_follow(const struct cli *cli, struct query *q, const struct query_filter *filter)
{
        struct follow f = { .q = q, .filter = *filter, .format = cli->format };
        struct query_filter first = *filter;
        struct wake w;
        int r;

        if (cli->format != FORMAT_DEFAULT && cli->format != FORMAT_TABLE && cli->format != FORMAT_NDJSON) {
                log_error("what never ends is printed as table or ndjson");
                return CLI_USAGE;
        }
        first.limit = cli->limit ? cli->limit : FOLLOW_FIRST;
        f.filter.limit = 0;
        r = wake_open(&w, cli_state(cli)); /* first: what comes from now on is told of */
        if (r >= 0)
                r = query_newest(q, &f.after);
        if (r >= 0)
                r = print_alerts(&f, &first);
        while (r >= 0) {
                r = print_new(&f);
                if (r >= 0)
                        r = wake_wait(&w, NULL, USEC_NONE);
        }
        wake_close(&w);
        return cannot(q, r);
}

/* ---- The whole screen ---- */

static volatile sig_atomic_t is_over;

static void on_signal(int number)
{
        is_over |= number != SIGWINCH;
}

/* They come while wake_wait() waits, and at no other time. */
static void catch_signals(sigset_t *ret_waiting)
{
        static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH };
        struct sigaction action = { .sa_handler = on_signal };
        sigset_t held;

        sigemptyset(&held);
        for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
                sigaddset(&held, numbers[i]);
                sigaction(numbers[i], &action, NULL);
        }
        sigprocmask(SIG_BLOCK, &held, ret_waiting);
        for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
                sigdelset(ret_waiting, numbers[i]);
}

struct watch {
        struct query *q;
        struct query_filter filter;
        enum cli_format format;
        struct report_sum sum;
        struct strbuf shown; /* the table on the screen */
        unsigned rows, columns; /* for which it was made */
};

static int print_table(void *userdata)
{
        struct watch *w = userdata;

        return report_alerts(w->q, &w->filter, w->format, &w->sum);
}

/* As many rows as there is room for; each line ends what stood there before. */
static int draw(struct watch *w, const struct clock *clock)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        char stamp[TIME_ISO_BYTES];
        unsigned left = w->rows - WATCH_ROWS_MIN;
        struct str rest, line;

        time_format_local(clock_now(clock), stamp);
        strbuf_addf(&out, "\033[H%zu %s of %s; Ctrl-C ends\033[K\n\033[K\n", w->sum.n, w->sum.n == 1 ? "alert" : "alerts", stamp);
        for (rest = strbuf_str(&w->shown); rest.n > 0 && str_cut(&rest, '\n', &line);) {
                unsigned rows = screen_rows_of(line);

                if (rows > left)
                        break;
                left -= rows;
                strbuf_add(&out, line);
                strbuf_addz(&out, "\033[K\n");
        }
        strbuf_addz(&out, "\033[J");
        if (strbuf_failed(&out))
                return -ENOMEM;
        return fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0 ? 0 : -EIO;
}

/* Nothing is drawn where nothing has changed. */
static int show(struct watch *w, const struct clock *clock)
{
        CLEANUP(strbuf_done) struct strbuf table = STRBUF_INIT;
        const struct screen *screen = screen_get();
        bool is_same;
        int r;

        screen_measure();
        w->filter.limit = screen->rows;
        r = screen_grab(print_table, w, &table);
        if (r < 0)
                return r;
        is_same = w->rows == screen->rows && w->columns == screen->columns && str_eq(strbuf_str(&table), strbuf_str(&w->shown));
        w->rows = screen->rows;
        w->columns = screen->columns;
        strbuf_done(&w->shown);
        w->shown = table; /* and no longer ours */
        table = (struct strbuf)STRBUF_INIT;
        return is_same ? 0 : draw(w, clock);
}

int alerts_watch(const struct cli *cli, struct query *q, const struct query_filter *filter)
{
        struct watch watch = { .q = q, .filter = *filter, .format = cli->format ? cli->format : FORMAT_TABLE };
        sigset_t waiting;
        struct wake w;
        int r;

        if (!screen_get()->is_terminal || (watch.format != FORMAT_TABLE && watch.format != FORMAT_WIDE)) {
                log_error("--watch fills the screen of a terminal, with a table: use --follow for anything else");
                return CLI_USAGE;
        }
        watch.filter.is_reversed ^= filter->sort == SORT_TIME && !filter->worst_first; /* the newest on top */
        catch_signals(&waiting);
        r = wake_open(&w, cli_state(cli));
        fputs("\033[?1049h\033[?25l", stdout); /* another screen, no cursor */
        while (r >= 0 && !is_over) {
                r = show(&watch, cli->clock);
                if (r >= 0)
                        r = wake_wait(&w, &waiting, WATCH_PERIOD);
        }
        fputs("\033[?25h\033[?1049l", stdout);
        fflush(stdout);
        wake_close(&w);
        strbuf_done(&watch.shown);
        return r < 0 ? cannot(q, r) : CLI_OK;
}
