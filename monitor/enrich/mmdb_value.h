/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_MMDB_VALUE_H
#define SHOPBELL_ENRICH_MMDB_VALUE_H

/* Values of a MaxMind DB file (specification 2.0, "Output Data Section" and "Data Field Format",
 * https://maxmind.github.io/MaxMind-DB/). Private to enrich/.
 *
 * libmaxminddb finds the record of an address; its values are read here, because releases before 1.13 (Debian 12 has 1.7.1)
 * follow nested values without a limit. Nothing is believed: reads stay inside the section, pointers are followed once,
 * and after MMDB_STEPS_MAX values a record is given up. */

#include <stdint.h>

#include "monitor/base/str.h"

enum { MMDB_STEPS_MAX = 20000 }; /* values looked at to find one; records of GeoIP2 Enterprise have about 200 */

struct mmdb_section {
        const uint8_t *p;
        size_t n;
};

enum mmdb_kind { MMDB_TEXT, MMDB_UINT, MMDB_REAL, MMDB_MAP, MMDB_ARRAY, MMDB_OTHER };

struct mmdb_value {
        enum mmdb_kind kind;
        struct str text; /* TEXT, OTHER; points into the section */
        uint64_t uint; /* UINT; larger than 64 bits: UINT64_MAX */
        double real; /* REAL */
};

/* The value at `path` ("location.latitude": keys of maps) below the value at `offset`. An empty path is that value. 0, -ENOENT
 * (there is none), -EBADMSG (the bytes mean nothing). */
int mmdb_get(const struct mmdb_section *s, size_t offset, const char *path, struct mmdb_value *ret);

#endif
