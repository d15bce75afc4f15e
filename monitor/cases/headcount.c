/* SPDX-License-Identifier: Apache-2.0 */

/* A set of hashes in open addressing, beside it the registers of each country, which take over when the set is full. */

#include "monitor/cases/headcount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/base/hash.h"
#include "monitor/base/loglog.h"

enum { CAP_FIRST = 1024, REGISTERS = 1 << HEADCOUNT_PRECISION };

void headcount_done(struct headcount *h)
{
        for (size_t i = 0; i < h->n_countries; i++)
                free(h->countries[i].registers);
        free(h->countries);
        free(h->registers);
        free(h->places);
        *h = (struct headcount){ 0 };
}

/* ---- The set ---- */

static size_t place_of(const uint64_t *places, size_t cap, uint64_t hash)
{
        size_t at = (size_t)hash & (cap - 1);

        while (places[at] && places[at] != hash)
                at = (at + 1) & (cap - 1);
        return at;
}

static int grow(struct headcount *h)
{
        size_t cap = h->cap ? 2 * h->cap : CAP_FIRST;
        uint64_t *places = calloc(cap, sizeof *places);

        if (!places)
                return -ENOMEM;
        for (size_t i = 0; i < h->cap; i++)
                if (h->places[i])
                        places[place_of(places, cap, h->places[i])] = h->places[i];
        free(h->places);
        h->places = places;
        h->cap = cap;
        return 0;
}

/* The set becomes registers. */
static int give_up(struct headcount *h)
{
        h->registers = calloc(REGISTERS, 1);
        if (!h->registers)
                return -ENOMEM;
        for (size_t i = 0; i < h->cap; i++)
                if (h->places[i])
                        loglog_raise(h->registers, HEADCOUNT_PRECISION, h->places[i]);
        free(h->places);
        h->places = NULL;
        h->cap = 0;
        return 0;
}

/* ---- Countries ---- */

static int country_of(struct headcount *h, struct str code, struct headcount_country **ret)
{
        struct headcount_country *c;

        if (!h->countries) {
                h->countries = calloc(HEADCOUNT_COUNTRIES_MAX + 1, sizeof *h->countries);
                if (!h->countries)
                        return -ENOMEM;
                h->n_countries = 1;
        }
        if (code.n >= sizeof c->code)
                code = STR("");
        for (size_t i = 0; i < h->n_countries; i++)
                if (str_eqz(code, h->countries[i].code)) {
                        *ret = &h->countries[i];
                        return 0;
                }
        if (h->n_countries > HEADCOUNT_COUNTRIES_MAX) {
                h->n_misfits++;
                *ret = &h->countries[0];
                return 0;
        }
        c = &h->countries[h->n_countries++];
        memcpy(c->code, code.p, code.n);
        *ret = c;
        return 0;
}

static int raise_country(struct headcount_country *c, uint64_t hash)
{
        if (!c->registers)
                c->registers = calloc(REGISTERS, 1);
        if (!c->registers)
                return -ENOMEM;
        loglog_raise(c->registers, HEADCOUNT_PRECISION, hash);
        return 0;
}

/* ---- Both ---- */

static int add_exact(struct headcount *h, uint64_t hash)
{
        size_t at;
        int r = 0;

        if (4 * (h->n + 1) > 3 * h->cap)
                r = grow(h);
        if (r < 0)
                return r;
        at = place_of(h->places, h->cap, hash);
        if (h->places[at])
                return 0;
        if (h->n >= (h->exact_max ? h->exact_max : HEADCOUNT_EXACT_MAX)) {
                r = give_up(h);
                return r < 0 ? r : loglog_raise(h->registers, HEADCOUNT_PRECISION, hash);
        }
        h->places[at] = hash;
        h->n++;
        return 1;
}

int headcount_add(struct headcount *h, struct str value, struct str country)
{
        uint64_t hash = hash_key(value);
        struct headcount_country *c = NULL;
        int r = country_of(h, country, &c);

        if (r < 0)
                return r;
        hash = hash ? hash : 1;
        r = raise_country(c, hash);
        if (r < 0)
                return r;
        r = h->registers ? loglog_raise(h->registers, HEADCOUNT_PRECISION, hash) : add_exact(h, hash);
        if (r > 0 && !h->registers)
                c->n++;
        return r;
}

bool headcount_is_exact(const struct headcount *h)
{
        return !h->registers;
}

uint64_t headcount_all(const struct headcount *h)
{
        uint64_t n;

        if (!h->registers)
                return h->n;
        n = loglog_count(h->registers, HEADCOUNT_PRECISION);
        return n > h->n ? n : h->n; /* so many there were for certain */
}

uint64_t headcount_least(const struct headcount *h, uint64_t n)
{
        return h->registers ? n - n / 40 : n;
}

bool headcount_country(const struct headcount *h, size_t i, struct str *ret_code, uint64_t *ret_n)
{
        const struct headcount_country *c;
        uint64_t n;

        if (i >= h->n_countries)
                return false;
        c = &h->countries[i];
        n = h->registers && c->registers ? loglog_count(c->registers, HEADCOUNT_PRECISION) : c->n;
        *ret_code = str_of(c->code);
        *ret_n = n > c->n ? n : c->n;
        return true;
}

size_t headcount_bytes(const struct headcount *h)
{
        size_t n = h->cap * sizeof *h->places + (h->registers ? REGISTERS : 0);

        for (size_t i = 0; i < h->n_countries; i++)
                n += h->countries[i].registers ? REGISTERS : 0;
        return n + (h->countries ? (HEADCOUNT_COUNTRIES_MAX + 1) * sizeof *h->countries : 0);
}
