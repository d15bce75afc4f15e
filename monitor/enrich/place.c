/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/enrich/place.h"

#include <stdio.h>
#include <stdlib.h>

#include "monitor/enrich/country.h"
#include "monitor/enrich/enrich.h"

/* Without a city's name a location is the middle of the country or of a part of it; GeoLite2 then gives a radius of 1000 km
 * even for countries that are larger. The parts count as cities, the countries are those of our own table. */
static bool is_of_city(const struct answer *a)
{
        const struct country *c = country_find(str_of(a->country));

        return a->city.p ||
               (a->radius_km > 0 && a->radius_km <= GEO_PART_RADIUS_MAX_KM && c && a->radius_km < c->radius_km);
}

static void take_location(struct place *p, const struct answer *a)
{
        if (a->city.p && !p->city.p)
                p->city = a->city;
        if (!a->has_location || !is_of_city(a) || p->precision == PLACE_CITY)
                return;
        p->precision = PLACE_CITY;
        p->lat = a->lat;
        p->lon = a->lon;
        p->radius_km = a->radius_km ? a->radius_km : GEO_CITY_RADIUS_KM;
}

static void take(struct place *p, const struct answer *a)
{
        p->is_bad |= a->is_bad;
        if (a->as_number && !p->as_number) {
                p->as_number = a->as_number;
                p->as_name = a->as_name;
        }
        if (a->country[0] && !p->country[0])
                memcpy(p->country, a->country, sizeof p->country);
        if (!a->country[0] || strcmp(p->country, a->country) == 0)
                take_location(p, a);
}

void place_set_country(struct place *p, struct str code)
{
        const struct country *c = country_find(code);

        if (!c)
                return;
        p->precision = PLACE_COUNTRY;
        p->lat = c->lat * (PLACE_UNITS / 10);
        p->lon = c->lon * (PLACE_UNITS / 10);
        p->radius_km = c->radius_km;
}

struct place place_of(struct database *const *dbs, size_t n, const struct address *address)
{
        struct place p = { .precision = PLACE_NOWHERE };

        for (size_t i = 0; i < n; i++) {
                struct answer a;

                if (database_ask(dbs[i], address, &a))
                        take(&p, &a);
                p.is_bad |= a.is_bad;
        }
        if (p.precision == PLACE_NOWHERE)
                place_set_country(&p, str_of(p.country));
        return p;
}

static int put_degrees(char *to, size_t n, int32_t v)
{
        return snprintf(to, n, "%s%d.%04d", v < 0 ? "-" : "", abs(v) / PLACE_UNITS, abs(v) % PLACE_UNITS);
}

void place_print(const struct place *p, struct place_text *ret)
{
        int n = put_degrees(ret->location, sizeof ret->location - 1, p->lat);

        ret->location[n++] = ',';
        put_degrees(ret->location + n, sizeof ret->location - (size_t)n, p->lon);
        snprintf(ret->radius_km, sizeof ret->radius_km, "%u", p->radius_km);
        snprintf(ret->as_number, sizeof ret->as_number, "%u", p->as_number);
}
