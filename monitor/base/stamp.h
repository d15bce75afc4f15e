/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_STAMP_H
#define SHOPBELL_BASE_STAMP_H

/* Stamps in text, taken apart. Private to base/clock.c and zone_moment.c, which make instants of them: time_parse() says which shapes there are. */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/str.h"

enum { STAMP_NO_YEAR = INT32_MIN };

struct stamp {
        int year, month, day, hour, minute, second; /* as written */
        int micros;
        bool has_zone;
        int zone_minutes;
};

/* A stamp of any shape, without blanks around it, whose parts but the year are within their limits. */
bool stamp_read(struct str text, struct stamp *ret);
/* The common "2026-11-17T07:00:00Z" and nothing else, without trying other shapes. */
bool stamp_read_plain(struct str text, struct stamp *ret);

#endif
