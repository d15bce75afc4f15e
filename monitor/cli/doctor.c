/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell doctor: what is wrong with an installation, and what to do about it. It changes nothing. */

#include "monitor/cli/doctor.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <unistd.h>

#include "monitor/base/log.h"

static const struct {
        const char *name;
        void (*run)(struct doctor *d);
} checks[] = {
        { "configuration", doctor_configuration },
        { "daemon", doctor_daemon },
        { "store", doctor_store },
        { "disk", doctor_disk },
        { "clock", doctor_clock },
        { "inputs", doctor_inputs },
        { "sources", doctor_heard },
        { "journal", doctor_journal },
        { "rules", doctor_rules },
        { "places", doctor_places },
        { "people", doctor_people },
        { "desktop", doctor_desktop },
};

static const char *const verdicts[_VERDICT_MAX] = { "ok", "hint", "wrong", "unknown" };

static const struct table_column columns[] = {
        { .title = "CHECK" },
        { .title = "RESULT" },
        { .title = "FOUND", .is_wrapped = true },
        { .title = "WHAT_TO_DO", .is_wrapped = true },
};

void doctor_found(struct doctor *d, enum verdict verdict, const char *fix, const char *fmt, ...)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        va_list ap;
        int r;

        va_start(ap, fmt);
        strbuf_vaddf(&text, fmt, ap);
        va_end(ap);
        d->n_wrong += verdict == VERDICT_WRONG;
        r = strbuf_failed(&text) ? -ENOMEM
                                 : table_add(d->table, (struct str[]){ str_of(d->check), str_of(verdicts[verdict]), strbuf_str(&text),
                                                                       str_of(fix ? fix : "") });
        if (r < 0)
                d->failure = r;
}

static void know_user(struct doctor *d)
{
        const struct passwd *user = getpwnam(DOCTOR_USER);

        d->has_user = user != NULL;
        d->uid = user ? user->pw_uid : 0;
        d->gid = user ? user->pw_gid : 0;
}

int cmd_doctor(struct cli *cli, int argc, char **argv)
{
        CLEANUP(err_list_done) struct err_list mistakes = ERR_LIST_INIT;
        CLEANUP(config_freep) struct config *config = NULL;
        CLEANUP(table_freep) struct table *t =
                table_new(columns, ARRAY_LEN(columns), cli->format == FORMAT_DEFAULT ? FORMAT_TABLE : cli->format);
        struct doctor d = { .cli = cli, .path = argc > 0 ? argv[0] : SHOPBELL_CONFIG_FILE, .mistakes = &mistakes, .table = t };

        if (argc > 1) {
                log_error("%s: one configuration at a time", argv[1]);
                return CLI_USAGE;
        }
        if (!t || config_read(d.path, &config, &mistakes) < 0) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        d.config = access(d.path, R_OK) == 0 ? config : NULL;
        d.state = !cli->state && d.config && config->state ? config->state : cli_state(cli);
        know_user(&d);
        for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
                d.check = checks[i].name;
                checks[i].run(&d);
        }
        if (d.failure < 0 || table_print(t) < 0) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        return d.n_wrong > 0 ? CLI_FOUND : CLI_OK;
}
