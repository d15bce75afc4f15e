/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_PLACE_H
#define SHOPBELL_ENRICH_PLACE_H

/* What all databases together say about an address. Private to enrich/. */

#include "monitor/enrich/database.h"

enum place_precision { PLACE_NOWHERE, PLACE_COUNTRY, PLACE_CITY };

struct place {
        char country[3]; /* "": unknown */
        enum place_precision precision; /* of lat, lon and radius_km */
        int32_t lat, lon; /* in PLACE_UNITS of a degree */
        uint32_t radius_km;
        struct str city; /* absent: unknown; borrowed from the database, like as_name */
        uint32_t as_number; /* 0: unknown */
        struct str as_name;
        bool is_bad; /* some answer made no sense and was left out */
};

/* Asks them in order; each field is of the first that has it, but a city and a location only of one that does not speak of
 * another country. */
struct place place_of(struct database *const *dbs, size_t n, const struct address *address);
/* The middle of a country, for a place in it; does nothing when the country is not known. */
void place_set_country(struct place *p, struct str code);
/* Its numbers as records have them. */
struct place_text {
        char location[24]; /* "52.5200,13.4050" */
        char radius_km[12], as_number[12];
};
void place_print(const struct place *p, struct place_text *ret);

#endif
