/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/enrich/outside.h"

#include <stdint.h>

#include "monitor/base/macros.h"

/* Of a mail address; p == NULL: it is none. */
static struct str domain_of(struct str address)
{
        size_t at = address.p ? str_find(address, STR("@")) : SIZE_MAX;

        if (at == SIZE_MAX || at == 0 || at + 1 == address.n)
                return (struct str){ 0 };
        return str_from(address.p + at + 1, address.n - at - 1);
}

/* Providers whose addresses anybody can have, by the first part of the domain (gmx.de, gmx.net) or all of it. */
static bool is_public(struct str domain)
{
        static const char *const names[] = { "gmail",  "googlemail", "outlook", "hotmail", "live",   "msn",   "yahoo", "ymail",
                                             "icloud", "me",         "mac",     "aol",     "proton", "protonmail", "pm", "gmx",
                                             "web",    "t-online",   "qq",      "163",     "126",    "foxmail", "naver", "daum",
                                             "hanmail", "mail",      "yandex",  "zoho" };
        struct str rest = domain, first;

        str_cut(&rest, '.', &first);
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (str_eq_nocase(first, str_of(names[i])))
                        return true;
        return false;
}

static bool is_below(struct str domain, struct str above)
{
        struct str tail;

        if (domain.n <= above.n || domain.p[domain.n - above.n - 1] != '.')
                return false;
        tail = str_from(domain.p + domain.n - above.n, above.n);
        return str_eq_nocase(tail, above);
}

enum outside outside_of(struct str actor, struct str target)
{
        struct str own = domain_of(actor), other = domain_of(target);

        if (!own.p || !other.p || is_public(own))
                return OUTSIDE_UNKNOWN;
        return str_eq_nocase(own, other) || is_below(own, other) || is_below(other, own) ? OUTSIDE_NO : OUTSIDE_YES;
}
