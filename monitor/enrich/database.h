/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_DATABASE_H
#define SHOPBELL_ENRICH_DATABASE_H

/* One MaxMind DB file, mapped into memory, and what it says about an address. Private to enrich/.
 *
 * Known layouts: GeoLite2 and GeoIP2 City, Country, ASN, ISP; DB-IP; the flat ones of ip-location-db and IPinfo. Which of them
 * a file has is not asked: the names of all are tried. A file must be replaced by renaming, not by writing into it, as
 * geoipupdate(1) does: what is read stays the file that was opened. */

#include <stdint.h>

#include "monitor/base/err.h"
#include "monitor/enrich/address.h"

enum {
        PLACE_TEXT_MAX = 200, /* bytes of a name; longer ones make no sense and are left out */
        PLACE_RADIUS_MAX = 20038, /* km: half around the earth */
        PLACE_UNITS = 10000, /* of latitude and longitude: a degree; 11 m are enough */
};

struct database;

/* Opens and checks it. -errno, -EBADMSG: no MaxMind DB, or a broken one; *reterr names the file. */
int database_open(const char *path, struct database **ret, struct err *reterr);
struct database *database_free(struct database *db);
DEFINE_FREEP(struct database, database)

struct str database_type(const struct database *db); /* its own word, such as GeoLite2-City; made harmless */
uint64_t database_built(const struct database *db); /* seconds since 1970 */

/* What one file says. Texts point into the file and live as long as it is open; they are valid UTF-8 without control
 * characters. */
struct answer {
        char country[3]; /* "": none */
        bool has_location;
        int32_t lat, lon; /* in PLACE_UNITS */
        uint32_t radius_km; /* 0: it does not say */
        struct str city; /* absent: none */
        uint32_t as_number; /* 0: none */
        struct str as_name;
        bool is_bad; /* something that makes no sense was left out */
};

/* False: it knows nothing about the address (or is broken there: is_bad). */
bool database_ask(const struct database *db, const struct address *address, struct answer *ret);

#endif
