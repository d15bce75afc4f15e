/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_SEALING_H
#define SHOPBELL_MONITOR_SEALING_H

/* The secret of a state folder, with which its history is sealed (store/chain.h): a file of 32 random bytes that only its owner
 * may read, made at the first start. */

#include "monitor/base/digest.h"
#include "monitor/base/err.h"
#include "monitor/store/store.h"

/* Reads it. -ENOENT: there is none; -EACCES: others' folders. */
int sealing_key(const char *state, struct secret *ret, struct err *reterr);
/* For whoever writes to the store: reads the secret or makes it, and begins to seal. *ret_warning (code 0: none) is what to
 * tell the owner. */
int sealing_start(const char *state, struct store *store, struct err *reterr, struct err *ret_warning);

#endif
