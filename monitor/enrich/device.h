/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_DEVICE_H
#define SHOPBELL_ENRICH_DEVICE_H

/* Which family of devices a user agent is of: "Chrome on Windows", "Safari on iPhone", "aws-cli", "okhttp on Android". Never a
 * version: a person's device stays the same through updates. */

#include "monitor/base/str.h"

enum {
        DEVICE_AGENT_BYTES_MAX = 1024, /* of a user agent that are looked at */
        DEVICE_NAME_BYTES = 48, /* room for a family's name */
};

/* Writes the family's name; an empty one: it is not known. */
void device_of(struct str agent, char ret[static DEVICE_NAME_BYTES]);

#endif
