/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_DERIVE_H
#define SHOPBELL_PARSERS_DERIVE_H

/* Where an ECS field comes from (`fields` and `set` of a source file):
 *
 *     path                                          the values of a native field
 *     [path, path]                                  of the first that is present and no placeholder
 *     {from: path or list, match: REGEX, map: {A: b}, else: text, unit: s|ms|us|ns}
 *     {from: path, number: ipv4}                    the address that a number stands for (3405803777: 203.0.113.1); 0 is none
 *     {from: path, number: micros}                  the amount that millionths make (12500000: 12.50)
 *     {is: text}                                    a constant, or a list of them; `is: null`: explicitly nothing
 *     {when: [{if: SELECTION, …}, {else: text}]}    the first row whose selection holds
 *     {join: '{path}/{path}'}                       absent when one of them is missing
 *
 * To add a way: a key in derive.c's tables, its loader, and a case in derive_eval(). */

#include <stdbool.h>

#include "monitor/base/clock.h"
#include "monitor/base/yaml.h"
#include "monitor/model/counter.h"
#include "monitor/model/record.h"
#include "monitor/sigma/sigma.h"
#include "monitor/sigma/rx.h"

struct loader;
struct derive;

/* A Sigma selection with the slots of one source. */
struct bound {
        struct sigma_detection *detection;
        uint32_t *slots;
};

/* Per-thread memory for evaluating. */
struct derive_env {
        struct sigma_scratch *sigma;
        struct rx_scratch *regex;
        struct counters *counters;
        struct arena *arena;
};

/* Lives in the source's arena; derive_done() frees what does not. With `is_time` the key `unit` is allowed. */
int derive_load(struct loader *l, const struct yaml *y, bool is_time, struct derive **ret);
void derive_done(struct derive *d);
enum time_unit derive_unit(const struct derive *d);

/* 1: *ret is the field's slot (its values may be shared with a native slot: do not append); it may be explicitly
 * absent. 0: nothing. -ENOMEM. */
int derive_eval(const struct derive *d, const struct derive_env *env, struct record *record, struct slot *ret);

/* For people: which native slots a rule looks at for this record, and of which it takes the value. What comes behind the one that
 * is taken is not looked at. True: it has decided the field. */
typedef void derive_look_fn(void *userdata, uint32_t slot, bool is_taken);
bool derive_trace(const struct derive *d, const struct derive_env *env, struct record *record, derive_look_fn *fn,
                  void *userdata);

/* Every native slot that a rule may look at, whatever the record; is_taken: it may take its value. */
void derive_slots(const struct derive *d, derive_look_fn *fn, void *userdata);

static inline bool bound_holds(const struct bound *b, const struct record *r, const struct derive_env *env)
{
        return sigma_match(b->detection, r, b->slots, env->sigma);
}

#endif
