/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_DEVICE_H
#define SHOPBELL_ENRICH_DEVICE_H

/* Which family of devices a user agent is of: "Chrome on Windows", "Safari on iPhone", "aws-cli", "okhttp on Android". Never a
 * version: a person's device stays the same through updates. */

#include <stdbool.h>

#include "monitor/base/arena.h"
#include "monitor/base/str.h"

enum { DEVICE_AGENT_BYTES_MAX = 1024 }; /* of a user agent that are looked at */

/* Made in `arena`, or static; absent: an unknown one, or no memory (*ret_failed). */
struct str device_of(struct arena *arena, struct str agent, bool *ret_failed);

#endif
