/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_AGENT_AGENT_H
#define SHOPBELL_AGENT_AGENT_H

/* The desktop agent: follows the daemon on the system bus (systemd/org.shopbell.Monitor1.xml), has a desk say what to show, and carries
 * answers back. */

#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/model/class.h"

struct agent_options {
        const char *state; /* file of told.h */
        const char *runtime; /* folder for the page behind "Show" */
        enum level level_min;
        const struct clock *clock;
};

/* Until SIGTERM or SIGINT. 0, or negative: no system bus, or no room; *reterr says which. */
int agent_run(const struct agent_options *o, struct err *reterr);

#endif
