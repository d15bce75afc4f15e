/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_EXPORT_H
#define SHOPBELL_CLI_EXPORT_H

/* Alerts for other programs: one document an alert. To add a format: a row in `formats` of export.c, and its function. */

#include "monitor/base/json_write.h"
#include "monitor/cli/cli.h"
#include "monitor/store/query.h"

/* A tactic of MITRE ATT&CK, as the tags of rules name them. */
struct tactic {
        const char *tag, *id, *name; /* "initial-access", "TA0001", "Initial Access" */
};

enum { ATTACK_MAX = 16 };

/* What the rule says of the attack. */
struct attack {
        const struct tactic *tactics[ATTACK_MAX];
        size_t n_tactics;
        struct str techniques[ATTACK_MAX]; /* T1078, T1562.008 */
        size_t n_techniques;
};

/* What a format writes of one alert. */
struct exported {
        struct query *q;
        const struct query_alert *alert;
        const char *id; /* in full */
        struct attack attack; /* empty: the rule is not among those that are loaded, or says nothing */
        bool with_records;
        usec now;
};

/* Each writes one JSON document; 0 or negative. */
int export_ecs(const struct exported *x, struct json_writer *w);
int export_ocsf(const struct exported *x, struct json_writer *w);

#define ECS_VERSION "8.17.0"
#define OCSF_VERSION "1.8.0"

#endif
