/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_DOCTOR_H
#define SHOPBELL_CLI_DOCTOR_H

/* shopbell doctor: checks of the installation, each one a row or some. To add one: a function in doctor_host.c (what the machine
 * is like) or doctor_shop.c (what shopbell was told), its prototype here, a row in `checks` (doctor.c). */

#include <sys/types.h>

#include "monitor/base/str.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/config.h"

enum verdict { VERDICT_OK, VERDICT_HINT, VERDICT_WRONG, VERDICT_UNKNOWN, _VERDICT_MAX };

struct doctor {
        struct cli *cli;
        const char *path; /* of the configuration */
        const struct config *config; /* NULL: it cannot be read */
        const struct err_list *mistakes; /* in it */
        const char *state; /* the folder */
        bool has_user; /* whether the daemon's account exists */
        uid_t uid; /* it */
        gid_t gid;
        bool is_running; /* the daemon; set by its check */
        struct table *table;
        const char *check; /* that runs */
        size_t n_wrong;
        int failure; /* -ENOMEM, once it was met */
};

#define DOCTOR_USER "shopbell"

/* One row: what was found, and in one sentence what to do (NULL: nothing). */
void doctor_found(struct doctor *d, enum verdict verdict, const char *fix, const char *fmt, ...) PRINTF_LIKE(4, 5);

void doctor_configuration(struct doctor *d);
void doctor_daemon(struct doctor *d);
void doctor_store(struct doctor *d);
void doctor_disk(struct doctor *d);
void doctor_clock(struct doctor *d);
void doctor_journal(struct doctor *d);
void doctor_desktop(struct doctor *d);
void doctor_inputs(struct doctor *d);
void doctor_heard(struct doctor *d);
void doctor_rules(struct doctor *d);
void doctor_places(struct doctor *d);
void doctor_people(struct doctor *d);

#endif
