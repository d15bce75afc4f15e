/* SPDX-License-Identifier: Apache-2.0 */

/* Which fields a platform has, for messages about rules: what the source file lists under `native`, a name that ends in `.*`
 * standing for all below it, and what it uses itself. A text source has no other fields than those of its patterns; a JSON
 * source without a list says nothing. */

#include "parsers/source_impl.h"

enum { NEAR_PART = 4 }; /* a name is near when one letter and a quarter of them differ */

static bool covers(struct str entry, struct str field)
{
        struct str below = STR(".*");

        if (!str_ends(entry, below))
                return str_eq(entry, field);
        entry.n--; /* the star */
        return str_starts(field, entry) || str_eq(field, str_from(entry.p, entry.n - 1));
}

struct nearest {
        size_t distance;
        const char *name;
};

static void compare(struct nearest *best, struct str entry, struct str field)
{
        size_t distance = str_eq_nocase(entry, field) ? 0 : str_distance(entry, field);

        if (distance >= best->distance || str_ends(entry, STR(".*")))
                return;
        best->distance = distance;
        best->name = entry.p;
}

struct str vocabulary_resolve(const struct source *s, struct str name)
{
        for (size_t i = 0; i < s->n_aliases; i++)
                if (str_eq(s->aliases[i].name, name))
                        return s->aliases[i].field;
        return name;
}

enum known vocabulary_knows(void *userdata, struct str field, const char **ret_near)
{
        const struct source *s = userdata;
        struct nearest best = { .distance = field.n / NEAR_PART + 2 };

        if (ret_near)
                *ret_near = NULL;
        if (s->n_vocabulary == 0 && s->n_patterns == 0 && s->n_mail_patterns == 0)
                return KNOWN_UNSAID;
        field = vocabulary_resolve(s, field);
        for (size_t i = 0; i < s->n_vocabulary; i++) {
                if (covers(s->vocabulary[i], field))
                        return KNOWN_YES;
                compare(&best, s->vocabulary[i], field);
        }
        for (size_t i = 0; i < s->n_own; i++) {
                if (str_eq(s->native[i], field))
                        return KNOWN_YES;
                compare(&best, s->native[i], field);
        }
        if (ret_near)
                *ret_near = best.name;
        return KNOWN_NO;
}
