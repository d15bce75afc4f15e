/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_COUNTRY_H
#define SHOPBELL_ENRICH_COUNTRY_H

/* Where a country lies, for databases that know no more of an address than that. The rows are in countries.h. */

#include <stdint.h>

#include "monitor/base/str.h"

struct country {
        char code[3]; /* ISO 3166-1 alpha-2 */
        int16_t lat, lon; /* of its middle, tenths of a degree */
        uint16_t radius_km;
};

/* NULL: unknown. Upper case only. */
const struct country *country_find(struct str code);
/* All of them, sorted by code. */
const struct country *country_table(size_t *ret_n);

#endif
