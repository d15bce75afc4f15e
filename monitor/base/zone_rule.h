/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_ZONE_RULE_H
#define SHOPBELL_BASE_ZONE_RULE_H

/* The POSIX form of TZ that ends a TZif file: "EST5EDT,M3.2.0,M11.1.0", "<+03>-3", "IST-1GMT0,M10.5.0,M3.5.0/1" (RFC 8536 3.3: hours of
 * changes from -167 to 167). Private to base/zone.c. */

#include "monitor/base/zone.h"

enum rule_day { RULE_JULIAN /* Jn: 1 to 365, 29 February is never counted */, RULE_OF_YEAR /* n: 0 to 365 */, RULE_OF_MONTH /* Mm.w.d */ };

struct rule_change {
        enum rule_day kind;
        int month, week, day; /* week 5: the last; day 0 of a week is Sunday */
        int seconds; /* behind midnight */
};

struct zone_rule {
        struct zone_shift standard, summer;
        bool has_summer;
        struct rule_change start, end; /* of summer time */
};

int zone_rule_parse(struct str text, struct zone_rule *ret); /* -EBADMSG */
void zone_rule_at(const struct zone_rule *r, int64_t seconds, struct zone_shift *ret);

#endif
