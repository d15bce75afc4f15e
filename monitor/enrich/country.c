/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/enrich/country.h"

#include "monitor/base/macros.h"
#include "monitor/enrich/countries.h"

static const struct country countries[] = {
#define X(country_code, tenths_lat, tenths_lon, km) { country_code, tenths_lat, tenths_lon, km },
        COUNTRIES(X)
#undef X
};

const struct country *country_table(size_t *ret_n)
{
        *ret_n = ARRAY_LEN(countries);
        return countries;
}

const struct country *country_find(struct str code)
{
        size_t from = 0, to = ARRAY_LEN(countries);

        while (from < to) {
                size_t middle = from + (to - from) / 2;
                int order = str_cmp(code, str_of(countries[middle].code));

                if (order == 0)
                        return &countries[middle];
                if (order < 0)
                        to = middle;
                else
                        from = middle + 1;
        }
        return NULL;
}
