/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_LOGIC_H
#define SHOPBELL_SIGMA_LOGIC_H

/* Can a condition be true at all? Its tests are taken as propositions, with what follows from one for another (a value that
 * is 'abc' begins with 'a', so its field is there), and an assignment is searched. Private to sigma/. */

#include "monitor/sigma/program_inside.h"

enum { LOGIC_ATOMS_MAX = 4000, LOGIC_WORK_MAX = 20 * 1000 * 1000 /* steps looked at before giving up */ };

enum logic_answer { LOGIC_POSSIBLE, LOGIC_IMPOSSIBLE, LOGIC_UNKNOWN /* too large */ };

#define LOGIC_NO_PLACE UINT32_MAX

/* Whether the only member of `p` can come out as `wanted`. `single`: a place that is taken to hold one value at most;
 * LOGIC_NO_PLACE: none is. 0 or -ENOMEM. */
int logic_can_be(const struct sigma_program *p, bool wanted, uint32_t single, enum logic_answer *ret);

#endif
