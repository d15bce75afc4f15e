/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_READINESS_H
#define SHOPBELL_CLI_READINESS_H

/* What shopbell readiness looks at, gathered from the configuration, the store and the daemon. */

#include "monitor/cli/cli.h"
#include "monitor/report/readiness.h"

struct readiness {
        struct readiness_seen seen;
        struct arena *arena; /* its texts */
        struct setup setup;
        struct accounts accounts;
        struct posture posture;
};

/* Finds the state folder, by the configuration where nobody gave it: cli->state. *ret is empty after a failure, else to be ended. CLI_OK
 * or CLI_CANNOT, which was printed. */
int readiness_see(struct cli *cli, struct readiness *ret);
void readiness_done(struct readiness *r);

#endif
