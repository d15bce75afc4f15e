/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/enrich/outside.h"

#include <stdint.h>
#include <string.h>

#include "monitor/base/macros.h"
#include "monitor/base/mail.h"

/* Of a mail address; p == NULL: it is none. */
static struct str domain_of(struct str address)
{
        struct str domain = mail_domain(address);

        return domain.n == 0 || domain.p == address.p + 1 ? STR_NONE : domain;
}

/* A top-level domain, or one with a short word for companies before it: com, co.uk, com.br. */
static bool is_suffix(struct str rest)
{
        static const char *const seconds[] = { "co.", "com.", "ne.", "or." };
        bool is_plain = !memchr(rest.p, '.', rest.n);

        for (size_t i = 0; i < ARRAY_LEN(seconds) && !is_plain; i++)
                is_plain = rest.n == strlen(seconds[i]) + 2 && str_starts(rest, str_of(seconds[i]));
        return rest.n > 0 && is_plain;
}

/* Providers whose addresses anybody can have, by what stands before the public suffix (gmx.de, yahoo.co.jp): web.example.de
 * is a shop's own. */
static bool is_public(struct str domain)
{
        static const char *const names[] = { "gmail",  "googlemail", "outlook", "hotmail", "live",   "msn",   "yahoo", "ymail",
                                             "icloud", "me",         "mac",     "aol",     "proton", "protonmail", "pm", "gmx",
                                             "web",    "t-online",   "qq",      "163",     "126",    "foxmail", "naver", "daum",
                                             "hanmail", "mail",      "yandex",  "zoho" };
        struct str rest = domain, first;

        str_cut(&rest, '.', &first);
        if (!rest.p || !is_suffix(rest))
                return false;
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (str_eq_nocase(first, str_of(names[i])))
                        return true;
        return false;
}

enum outside outside_of(struct str actor, struct str target)
{
        struct str own = domain_of(actor), other = domain_of(target);

        if (!own.p || !other.p || is_public(own))
                return OUTSIDE_UNKNOWN;
        return str_eq_nocase(own, other) || mail_is_below(own, other) || mail_is_below(other, own) ? OUTSIDE_NO : OUTSIDE_YES;
}
