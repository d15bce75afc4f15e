/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_PROGRAM_H
#define SHOPBELL_SIGMA_PROGRAM_H

/* Many detections compiled together for the records of one log source, so that the cost of a record is that of the record
 * and not of the rules:
 *
 *  - equal tests of all detections are one test, asked once a record at most;
 *  - of each detection one set of tests is chosen of which at least one must hold (its keys); a detection is looked at only
 *    when one of them held. Keys are whole values where possible, then words, then that a field is there at all;
 *  - the fields of keys are asked with every record, through sigma/index.h; all others only when a detection comes to them;
 *  - what costs most (PCRE2) is asked last.
 *
 * Immutable after compiling; matched from several threads, each with its own scratch. */

#include "monitor/sigma/sigma.h"

struct sigma_program;

/* One detection and where it finds its fields. */
struct sigma_member {
        const struct sigma_detection *detection; /* outlives the program */
        const uint32_t *slots; /* [field of the detection]: record slot, as for sigma_match(); outlives the program */
        uint32_t number; /* what a hit is told as; ascending */
        uint32_t gate; /* a slot that must hold the text below as well; UINT32_MAX: none */
        struct str gate_text; /* lower case */
};

/* 0 or -ENOMEM. */
int sigma_program_new(const struct sigma_member *members, size_t n, struct sigma_program **ret);
struct sigma_program *sigma_program_free(struct sigma_program *program);
DEFINE_FREEP(struct sigma_program, sigma_program)

/* The numbers of the detections that the record meets, ascending, to hits[0..max); returns how many there are. */
size_t sigma_program_match(const struct sigma_program *program, const struct record *record,
                           struct sigma_scratch *scratch, uint32_t *hits, size_t max);

struct sigma_program_size {
        size_t detections, tests; /* different tests */
        size_t always; /* detections without keys: looked at with every record */
        size_t bytes; /* memory held */
};
struct sigma_program_size sigma_program_size(const struct sigma_program *program);

#endif
