/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_SCRATCH_H
#define SHOPBELL_SIGMA_SCRATCH_H

/* The memory of one thread that matches; private to sigma/. Nothing in it is cleared from record to record: what is known of
 * a record carries that record's number. */

#include "monitor/sigma/index.h"
#include "monitor/sigma/memo.h"
#include "monitor/sigma/program.h"
#include "monitor/sigma/rx.h"

struct sigma_scratch {
        struct rx_scratch *rx;
        struct counters counters;

        uint32_t record; /* number of the record, from 1; below 2^31 */
        uint32_t *atoms; /* [atom]: 2 * record number + whether it holds */
        uint32_t *asked; /* [place]: number of the record whose field was asked for the tests that are no keys */
        uint32_t *members; /* [member]: number of the record it became a candidate for */
        uint32_t *candidates;
        size_t n_candidates;
        size_t cap_atoms, cap_asked, cap_members;
        struct index_marks marks;
        struct memo *memo; /* never NULL; kept from record to record and from program to program */
};

/* Makes room for a program and begins a new record. 0 or -ENOMEM. */
int scratch_begin(struct sigma_scratch *s, const struct sigma_program *p);

#endif
