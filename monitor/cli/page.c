/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell report and digest: what an owner is told of the last days or weeks, as a page or in a few lines. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "monitor/base/file.h"
#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/replay.h"
#include "monitor/detect/rhythm.h"
#include "monitor/report/gather.h"
#include "monitor/store/heard.h"

#define REPORT_DAYS 30
#define DIGEST_DAYS 7

/* ---- Gathering ---- */

/* Everything a page is made of, and what must outlive it. */
struct telling {
        struct setup setup;
        struct store *store; /* of logs, in memory */
        struct query *query;
        struct accounts accounts;
        struct posture posture;
        struct counters counters; /* of logs */
        struct gather_heard *heard;
        size_t n_heard;
        usec now;
        struct page page;
        char zone[16];
};

static void telling_done(struct telling *t)
{
        page_done(&t->page);
        free(t->heard);
        posture_done(&t->posture);
        accounts_done(&t->accounts);
        query_close(t->query);
        store_close(t->store);
        setup_done(&t->setup);
}

static const char *title_of(void *userdata, struct str name)
{
        const struct setup *setup = userdata;
        const struct source *s = sourceset_find(setup->sources, name);

        return s ? source_title(s) : NULL;
}

/* What the clock on the wall is called: "CET". */
static void read_zone(usec at, char *ret, size_t n_ret)
{
        time_t seconds = (time_t)(at / USEC_PER_SEC);
        struct tm tm;

        if (!localtime_r(&seconds, &tm) || strftime(ret, n_ret, "%Z", &tm) == 0)
                snprintf(ret, n_ret, "local time");
}

static int open_logs(const struct cli *cli, int argc, char **argv, struct telling *t)
{
        struct replay r;
        struct err err = { 0 };
        int code = CLI_OK;

        if (store_open(":memory:", &t->store, &err) < 0 || query_of(t->store, &t->query) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        r = (struct replay){ .cli = cli, .setup = &t->setup, .store = t->store, .keeps_all = true };
        if (replay_run(&r, argc, argv) < 0)
                code = CLI_CANNOT;
        else if (r.is_partial) /* what was read is told */
                code = CLI_FOUND;
        if (r.pipeline)
                pipeline_counters(r.pipeline, &t->counters);
        replay_done(&r);
        return code;
}

/* ---- When sources were heard ---- */

/* The days before `until` on which it was, as struct page_source has them. */
static uint64_t days_of(const struct rhythm *r, usec until)
{
        usec t, last = (until - 1) / USEC_PER_DAY * USEC_PER_DAY;
        uint64_t days = 0;

        for (t = rhythm_next(r, last - 63 * USEC_PER_DAY); t != USEC_NONE && t < until; t = rhythm_next(r, (t / USEC_PER_DAY + 1) * USEC_PER_DAY))
                days |= UINT64_C(1) << (last - t / USEC_PER_DAY * USEC_PER_DAY) / USEC_PER_DAY;
        return days;
}

static int on_heard(void *userdata, const struct source_heard *stored)
{
        struct telling *t = userdata;
        const struct source *s = sourceset_find(t->setup.sources, stored->source);
        struct gather_heard *h, *more;
        struct rhythm r;
        int64_t limit;

        if (!s || !rhythm_unpack(stored->rhythm, &r) || rhythm_is_empty(&r))
                return 0;
        more = reallocarray(t->heard, t->n_heard + 1, sizeof *more);
        if (!more)
                return -ENOMEM;
        t->heard = more;
        h = &t->heard[t->n_heard++];
        *h = (struct gather_heard){ .source = str_of(source_name(s)), .last = rhythm_end(&r) - USEC_PER_HOUR, .days = days_of(&r, t->now) };
        limit = rhythm_limit(&r, source_silence(s), &h->usual_hours);
        h->is_quiet = stored->told != USEC_NONE || (limit > 0 && t->now > rhythm_end(&r) + source_lateness(s) + limit * USEC_PER_HOUR);
        return 0;
}

/* ---- All of it ---- */

/* `days`: how long the period is when nobody says. */
static int tell(struct cli *cli, int argc, char **argv, unsigned days, struct telling *t)
{
        bool is_of_logs = argc > 0;
        struct gather g = {
                .since = cli->since,
                .span = cli->span > 0 ? cli->span : days * USEC_PER_DAY,
                .until = is_of_logs ? USEC_NONE : cli->now,
                .made = is_of_logs ? USEC_NONE : cli->now,
                .is_of_logs = is_of_logs,
                .version = PACKAGE_VERSION,
                .zone = t->zone,
                .title = title_of,
                .userdata = &t->setup,
                .accounts = &t->accounts,
                .posture = &t->posture,
        };
        int code, r;

        if (!is_of_logs && cli->since != USEC_NONE && cli->since >= cli->now) {
                log_error("--since lies in the future");
                return CLI_USAGE;
        }
        code = is_of_logs ? open_logs(cli, argc, argv, t) : cli_query(cli, &t->query);
        if (code == CLI_CANNOT)
                return code;
        g.query = t->query;
        t->now = cli->now;
        r = cli_accounts_of(&t->setup, t->query, &t->accounts);
        if (r >= 0)
                r = posture_look(&t->accounts, is_of_logs && t->accounts.newest != USEC_NONE ? t->accounts.newest : cli->now, &t->posture);
        if (r >= 0 && !is_of_logs)
                r = query_heard(t->query, on_heard, t);
        g.heard = t->heard;
        g.n_heard = t->n_heard;
        if (r >= 0)
                r = page_gather(&g, &t->page);
        if (r < 0) {
                log_error("the store cannot be read: %s", r == -ENOMEM ? "out of memory" : query_error(t->query));
                return CLI_CANNOT;
        }
        if (is_of_logs)
                t->page.counters = t->counters;
        read_zone(t->page.until, t->zone, sizeof t->zone);
        return code == CLI_FOUND ? CLI_CANNOT : code;
}

static int make(struct cli *cli, int argc, char **argv, unsigned days, void (*write)(const struct page *p, struct strbuf *out), struct strbuf *out)
{
        struct telling t = { 0 };
        int code;

        cli_default_people(cli);
        code = cli_load(cli, argc > 0, &t.setup);
        if (code != CLI_OK)
                return code;
        code = tell(cli, argc, argv, days, &t);
        if (t.page.arena)
                write(&t.page, out);
        if (strbuf_failed(out)) {
                log_error("out of memory");
                code = CLI_CANNOT;
        }
        telling_done(&t);
        return code;
}

/* ---- Writing ---- */

/* What names people is for their employer's eyes: a new file is its owner's alone, one that was there keeps its mode. Pipes and devices are
 * written to; a link stays one. */
static int write_file(const char *path, struct str bytes)
{
        CLEANUP(memory_freep) char *real = NULL;
        struct stat st;
        int fd, r;

        if (stat(path, &st) < 0)
                return errno == ENOENT ? file_replace(path, 0600, bytes) : -errno;
        if (S_ISREG(st.st_mode)) {
                real = realpath(path, NULL);
                return real ? file_replace(real, st.st_mode & 07777, bytes) : -errno;
        }
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = file_write(fd, bytes);
        return close(fd) < 0 && r >= 0 ? -errno : r;
}

/* ---- Commands ---- */

int cmd_report(struct cli *cli, int argc, char **argv)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        int code, r;

        if (!cli->html) {
                log_error("say where the page goes: --html FILE, or --html - for standard output");
                return CLI_USAGE;
        }
        code = make(cli, argc, argv, REPORT_DAYS, page_html, &out);
        if (out.n == 0 || strbuf_failed(&out))
                return code;
        if (strcmp(cli->html, "-") == 0) {
                fwrite(out.p, 1, out.n, stdout); /* main.c tells when that fails */
                return code;
        }
        r = write_file(cli->html, strbuf_str(&out));
        if (r < 0) {
                errno = -r;
                log_error("%s: the page cannot be written: %m", cli->html);
                return CLI_CANNOT;
        }
        return code;
}

int cmd_digest(struct cli *cli, int argc, char **argv)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        int code = make(cli, argc, argv, DIGEST_DAYS, page_digest, &out);

        if (!strbuf_failed(&out))
                fwrite(strbuf_str(&out).p, 1, out.n, stdout);
        return code;
}
