/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell posture: what the census shows that should be put right. */

#include "monitor/report/posture.h"

#include <errno.h>
#include <stdio.h>

#include "monitor/base/json_write.h"
#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"

static const struct table_column columns[] = {
        { .title = "LEVEL", .is_level = true },
        { .title = "FINDING", .is_wrapped = true },
        { .title = "WHAT TO DO", .is_wrapped = true },
};
static const struct table_column csv_columns[] = {
        { .title = "CHECK" }, { .title = "LEVEL", .is_level = true }, { .title = "SOURCE" },   { .title = "ACCOUNT" },
        { .title = "WHO" },   { .title = "SINCE" }, { .title = "SENTENCE" }, { .title = "ADVICE" },
};

static int print_table(const struct posture *p)
{
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), FORMAT_TABLE);
        int r = t ? 0 : -ENOMEM;

        for (size_t i = 0; i < p->n && r >= 0; i++)
                r = table_add(t, (struct str[]){ str_of(level_name(p->items[i].level)), p->items[i].sentence,
                                                 p->items[i].advice });
        if (r >= 0)
                r = table_print(t);
        if (r < 0)
                return r;
        if (p->n == 0)
                puts("Nothing to put right was seen.");
        for (size_t i = 0; i < p->n_cannot; i++) {
                CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;

                text_display(&line, p->cannot[i], TEXT_TERMINAL, 0);
                printf("%s%s\n", i ? "" : "\nNot known:\n", line.p ? line.p : "");
        }
        return 0;
}

static int print_rows(const struct posture *p, enum cli_format format)
{
        CLEANUP(table_freep) struct table *t = table_new(csv_columns, ARRAY_LEN(csv_columns), format);
        int r = t ? 0 : -ENOMEM;

        for (size_t i = 0; i < p->n && r >= 0; i++) {
                const struct finding *f = &p->items[i];
                char since[TIME_ISO_BYTES];

                time_format_iso(f->since, since);
                r = table_add(t, (struct str[]){ str_of(f->check), str_of(level_name(f->level)),
                                                 f->account->seen.source, f->account->seen.account, f->account->who,
                                                 str_of(since), f->sentence, f->advice });
        }
        return r < 0 ? r : table_print(t);
}

/* One object: findings, and what cannot be said. */
static int print_json(const struct posture *p)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(&out);

        json_begin(&w, '{');
        json_key(&w, "findings");
        json_begin(&w, '[');
        for (size_t i = 0; i < p->n; i++) {
                const struct finding *f = &p->items[i];
                char since[TIME_ISO_BYTES];

                time_format_iso(f->since, since);
                json_begin(&w, '{');
                json_key(&w, "check"), json_strz(&w, f->check);
                json_key(&w, "level"), json_strz(&w, level_name(f->level));
                json_key(&w, "source"), json_str(&w, f->account->seen.source);
                json_key(&w, "account"), json_str(&w, f->account->seen.account);
                json_key(&w, "who"), json_str(&w, f->account->who);
                json_key(&w, "since"), json_strz(&w, f->since == USEC_NONE ? NULL : since);
                json_key(&w, "sentence"), json_str(&w, f->sentence);
                json_key(&w, "advice"), json_str(&w, f->advice);
                json_end(&w, '}');
        }
        json_end(&w, ']');
        json_key(&w, "unknown");
        json_begin(&w, '[');
        for (size_t i = 0; i < p->n_cannot; i++)
                json_str(&w, p->cannot[i]);
        json_end(&w, ']');
        json_end(&w, '}');
        strbuf_addc(&out, '\n');
        if (strbuf_failed(&out))
                return -ENOMEM;
        return fwrite(out.p, 1, out.n, stdout) == out.n ? 0 : -EIO;
}

static int print(const struct posture *p, enum cli_format format)
{
        if (format == FORMAT_JSON)
                return print_json(p);
        return format == FORMAT_CSV || format == FORMAT_NDJSON ? print_rows(p, format) : print_table(p);
}

int cmd_posture(struct cli *cli, int argc, char **argv)
{
        struct setup setup;
        struct accounts a;
        struct posture p = { 0 };
        int code = cli_accounts(cli, argc, argv, &setup, &a);

        /* Of logs that are read once, their last act is now: how long an account has slept is told by them. */
        if (a.arena && (code == CLI_OK || a.n > 0)) {
                usec now = argc > 0 && a.newest != USEC_NONE ? a.newest : cli->now;

                if (posture_look(&a, now, &p) < 0 || print(&p, cli->format) < 0) {
                        log_error("the findings cannot be told: out of memory, or the output cannot be written");
                        code = CLI_CANNOT;
                }
        }
        posture_done(&p);
        accounts_done(&a);
        setup_done(&setup);
        return code;
}
