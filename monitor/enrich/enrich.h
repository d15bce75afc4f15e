/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_ENRICH_H
#define SHOPBELL_ENRICH_ENRICH_H

/* What a record does not say itself but can be known from it: the place and the operator of source.ip, the owner's own network
 * it is in, the device family of the user agent, the person behind the account. Between PARSE and MATCH, and again for what hit something.
 *
 *     enrich_load(&options, &enrich, &errors);        // opens the databases; from then on nothing is opened any more
 *     e = enricher_new(enrich);                       // one a thread
 *     enrich_record(e, record, wanted, true);         // pure: no clock, no I/O but pages of the mapped files
 *
 * Fields (texts but where it says number):
 *     source.geo.country_iso_code    "DE"
 *     source.geo.city_name           "Berlin"
 *     source.geo.location            "52.5200,13.4050": latitude, longitude in degrees, four decimals each
 *     shopbell.geo.radius_km         number, whole: source.ip is within that distance of the location
 *     shopbell.geo.precision         "city" or "country"; the latter: location and radius are those of the whole country
 *     source.as.number               number
 *     source.as.organization.name    "Example Net"
 *     shopbell.network               name of the first of `networks:` that holds it
 *     shopbell.network.class         its class; that of a list when no named network holds it
 *     shopbell.device                "Chrome on Windows"
 *     shopbell.amount.factor         enrich/amount.h; absent: the amounts are not known
 *     shopbell.target_outside        yes, no: enrich/outside.h; absent: one cannot tell
 * and, with a file of people (enrich/people.h):
 *     shopbell.person                the name of the person whose account acted, in place of the account's own
 *     shopbell.role                  that person's
 *     shopbell.known                 yes, no; absent: the record names no account
 *     shopbell.may_export            yes, no; absent: the account is not known
 *     shopbell.left                  the same; absent, too, when the person leaves and the record has no time
 *     shopbell.at_home               yes, no; absent: home or country are not known
 *     shopbell.target_known          yes, no; absent: no user.target.*
 *
 * What a source file sets goes before: a country or an operator of the platform's own is kept, and the location is then one in
 * that country. The first value of source.ip counts. Local addresses (enrich/address.h) have no place and no operator. */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/err.h"
#include "monitor/base/yaml.h"
#include "monitor/enrich/people.h"
#include "monitor/model/counter.h"
#include "monitor/model/logsource.h"
#include "monitor/model/record.h"

enum {
        ENRICH_DATABASES_MAX = 16,
        ENRICH_AGENTS_MAX = 128, /* user agents that each thread remembers */
        ENRICH_AGENT_BYTES_MAX = 256, /* of one that is remembered; with its device's name */
        ENRICH_CACHE_MAX = 1024, /* addresses that each thread remembers; some 180 bytes each */
        ENRICH_ACCOUNTS_MAX = 128, /* accounts that each thread remembers */
        ENRICH_ACCOUNT_BYTES_MAX = 240, /* of one that is remembered: mail, name and id */
        GEO_CITY_RADIUS_KM = 50, /* of cities whose database gives no radius */
        GEO_PART_RADIUS_MAX_KM = 300, /* up to here a location without a city is that of a city, else of a country */
};

struct enrich; /* immutable, shared by all threads */

struct enrich_options {
        const char *const *databases; /* paths; for each field the first that answers */
        size_t n_databases;
        const struct yaml *networks; /* a list as in networks.h, or NULL */
        const char *networks_file; /* the file `networks` is of; without `networks` a file to load; or NULL */
        const struct yaml *network_lists; /* a map as in networks.h, or NULL */
        const char *network_lists_file; /* the file it is in */
        const struct yaml *people; /* a list as in people.h, or NULL */
        const char *people_file; /* the same for it */
        const struct log_kind *const
                *kinds; /* the log sources, by source_index; they outlive the enrich; may be NULL */
        size_t n_kinds;
        struct err_list *remarks; /* accounts of platforms that no source is of; may be NULL */
};

/* A file that cannot be used is reported in `errors` and left out. -ENOMEM, or 0. */
int enrich_load(const struct enrich_options *options, struct enrich **ret, struct err_list *errors);
struct enrich *enrich_free(struct enrich *e); /* after all enrichers and records made with it */
DEFINE_FREEP(struct enrich, enrich)

/* For `shopbell status`: a file that was named. */
struct enrich_file {
        const char *path;
        struct str type; /* "GeoLite2-City"; absent: it cannot be used, and why is in `wrong` */
        uint64_t built; /* seconds since 1970 */
        const char *wrong;
};
size_t enrich_files(const struct enrich *e); /* NULL: 0 */
struct enrich_file enrich_file(const struct enrich *e, size_t i);
size_t enrich_networks(const struct enrich *e); /* names */
size_t enrich_listed(const struct enrich *e); /* prefixes and AS numbers of lists */
const struct people *enrich_people(const struct enrich *e); /* NULL: none are given */
/* Whether this file is in use: a database, or the one of the networks or the people. */
bool enrich_uses(const struct enrich *e, const char *path);

/* A set of fields (bits of enum ecs) with those that enriching it looks at. */
uint64_t enrich_needed(const struct enrich *e, uint64_t wanted); /* `e` may be NULL */

struct enricher; /* of one thread */

/* `e` may be NULL: then only the device is known. NULL: out of memory. */
struct enricher *enricher_new(const struct enrich *e);
struct enricher *enricher_free(struct enricher *x);
struct counters *enricher_counters(struct enricher *x);

/* Adds the wanted fields that the record lacks and that can be known. Twice is the same as once. With `counts` addresses
 * without an answer are counted. 1: an address was looked up, 0: none was, -ENOMEM. */
int enrich_record(struct enricher *x, struct record *record, uint64_t wanted, bool counts);

#endif
