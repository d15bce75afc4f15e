/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_CASE_CUSTOMERS_H
#define SHOPBELL_CLI_CASE_CUSTOMERS_H

/* What `shopbell case customers` found, between its parts: looking (case_customers.c), telling (case_customers_words.c), and what goes into
 * the case (case_customers_put.c). */

#include "monitor/base/digest.h"
#include "monitor/cases/case.h"
#include "monitor/cases/reached.h"
#include "monitor/cases/roster.h"
#include "monitor/cli/cli.h"
#include "monitor/model/counter.h"
#include "monitor/store/kept.h"

enum { CUSTOMERS_PATHS_SHOWN = 20 };

struct customers {
        struct cli *cli;
        struct arena *arena, *scratch; /* the latter of one record */
        int64_t id;
        struct casefile c;
        /* Who is looked for */
        struct str who[REACHED_WHO_MAX];
        size_t n_who, n_who_cut;
        struct str shared[REACHED_WHO_MAX]; /* addresses that others come from as well: not looked for */
        size_t n_shared;
        uint64_t n_veiled; /* records of the alerts whose names are pseudonyms, which logs do not have */
        /* What was looked at */
        struct reached *reached;
        struct reached_sum sum;
        struct query_kept kept;
        uint64_t n_store; /* records of the store in the range */
        uint64_t n_hidden; /* of these under pseudonyms */
        uint64_t n_unfit; /* of these that cannot be read */
        uint64_t alert_counts, alert_records; /* of the case's alerts: records they count, and records that are kept */
        uint64_t involved_cut; /* records whose person, address or object the alerts do not name */
        char **paths; /* of logs */
        size_t n_paths, n_missing;
        struct counters counters; /* of reading them */
        bool is_partial;
        /* A file of customers */
        struct roster *roster;
        struct roster_result list;
        char digest[DIGEST_HEX_BYTES];
        /* What it comes to */
        uint64_t people; /* at the least */
        uint64_t known; /* the same as the case had it before */
        const struct headcount *headcount; /* by country */
        uint64_t base; /* 0: not known */
};

/* The least that a number of the case stands for; 0: it has none. */
uint64_t customers_least(const struct customers *c, struct str name, struct str part);
/* How many people it says at least, in all: no fewer than its countries have together. */
uint64_t customers_known(const struct customers *c);
/* "the store, logs/2025, logs/2026" */
void customers_looked(const struct customers *c, struct strbuf *out);
/* What is not in the numbers, a sentence a line. */
void customers_gaps(const struct customers *c, struct strbuf *out);
int customers_print(const struct customers *c); /* in words, or as JSON; -ENOMEM, -EIO */
/* Tells the case. CLI_OK, or the exit code of the first order that was refused. */
int customers_put(struct customers *c);
/* A person says that all was looked at. */
int customers_review(struct customers *c);

#endif
