/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/cases/nation.h"

#include "monitor/base/macros.h"
#include "monitor/base/utf8.h"
#include "monitor/cases/nation_names.h"

static const struct nation {
        const char *code, *long_code, *names;
} nations[] = {
#define X(code, long_code, names) { code, long_code, names },
        NATIONS(X)
#undef X
};

/* Case ignored, in any script. */
static bool is_same(struct str a, struct str b)
{
        uint32_t x, y;

        while (utf8_next(&a, &x))
                if (!utf8_next(&b, &y) || utf8_fold_char(x) != utf8_fold_char(y))
                        return false;
        return b.n == 0;
}

static bool has_name(const struct nation *n, struct str text)
{
        struct str rest = str_of(n->names), name;

        while (str_cut(&rest, '|', &name))
                if (is_same(name, text))
                        return true;
        return false;
}

const char *nation_find(struct str text)
{
        struct str word = str_trim(text);

        for (size_t i = 0; i < ARRAY_LEN(nations); i++)
                if ((word.n == 2 && str_eq_nocase(word, str_of(nations[i].code))) ||
                    (word.n == 3 && str_eq_nocase(word, str_of(nations[i].long_code))))
                        return nations[i].code;
        for (size_t i = 0; i < ARRAY_LEN(nations) && word.n > 0; i++)
                if (has_name(&nations[i], word))
                        return nations[i].code;
        return NULL;
}

struct str nation_title(struct str code)
{
        for (size_t i = 0; i < ARRAY_LEN(nations); i++)
                if (str_eqz(code, nations[i].code)) {
                        struct str rest = str_of(nations[i].names), name;

                        str_cut(&rest, '|', &name);
                        return name;
                }
        return STR_NONE;
}
