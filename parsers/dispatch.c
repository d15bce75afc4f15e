/* SPDX-License-Identifier: Apache-2.0 */

/* Built from the YAML of the rows: a row is indexed when its selection is a map that asks the chosen field for text or
 * whole numbers without wildcards. The chosen field is the one that most rows ask so. Leaving a row out must never
 * change the result, so whatever is not plainly an exact test counts as always possible. */

#include "parsers/dispatch.h"

#include <errno.h>

#include "monitor/base/utf8.h"
#include "parsers/source_impl.h"

/* One exact value: compared as folded text, as Sigma compares it. */
static bool is_exact(const struct yaml *y)
{
        if (y->kind == YAML_INT)
                return true;
        if (y->kind != YAML_TEXT)
                return false;
        for (size_t i = 0; i < y->text.n; i++)
                if (y->text.p[i] == '*' || y->text.p[i] == '?' || y->text.p[i] == '\\')
                        return false;
        return true;
}

static bool is_exact_test(const struct yaml *value)
{
        if (value->kind != YAML_LIST)
                return is_exact(value);
        for (size_t i = 0; i < value->n; i++)
                if (!is_exact(value->items[i]))
                        return false;
        return value->n > 0;
}

/* The exact test of `field` in a selection, or NULL. */
static const struct yaml *find_test(const struct yaml *when, struct str field)
{
        if (when->kind != YAML_MAP)
                return NULL;
        for (size_t i = 0; i < when->n; i++)
                if (str_eq(when->pairs[i].key->text, field))
                        return is_exact_test(when->pairs[i].value) ? when->pairs[i].value : NULL;
        return NULL;
}

static size_t count_tests(const struct yaml *const *when, size_t n, struct str field)
{
        size_t count = 0;

        for (size_t i = 0; i < n; i++)
                count += find_test(when[i], field) != NULL;
        return count;
}

/* The field that most rows test exactly; absent: none. A key with a modifier ("a|contains") is no field name. */
static struct str choose_field(const struct yaml *const *when, size_t n)
{
        struct str best = STR_NONE;
        size_t best_count = 0;

        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; when[i]->kind == YAML_MAP && k < when[i]->n; k++) {
                        struct str field = when[i]->pairs[k].key->text;
                        size_t count = str_find(field, STR("|")) == SIZE_MAX ? count_tests(when, n, field) : 0;

                        if (count > best_count) {
                                best = field;
                                best_count = count;
                        }
                }
        return best;
}

static int add_value(struct source *s, struct dispatch *d, size_t row, struct str text)
{
        struct str folded = utf8_fold(s->arena, text);
        struct dispatch_set *set;

        if (!folded.p)
                return -ENOMEM;
        set = map_get(&d->rows, folded);
        if (!set) {
                set = arena_alloc(s->arena, sizeof *set);
                if (!set || map_put(&d->rows, folded, set) < 0)
                        return -ENOMEM;
        }
        set->words[row / 64] |= UINT64_C(1) << row % 64;
        return 0;
}

static int add_row(struct source *s, struct dispatch *d, size_t row, const struct yaml *test)
{
        int r = 0;

        if (!test)
                d->always.words[row / 64] |= UINT64_C(1) << row % 64;
        else if (test->kind != YAML_LIST)
                r = add_value(s, d, row, test->text);
        for (size_t i = 0; test && test->kind == YAML_LIST && i < test->n && r >= 0; i++)
                r = add_value(s, d, row, test->items[i]->text);
        return r;
}

int dispatch_build(struct source *s, const struct yaml *const *when, size_t n, struct dispatch *ret)
{
        struct str field = choose_field(when, n);
        int r = 0;

        *ret = (struct dispatch){ .slot = UINT32_MAX, .rows = MAP_INIT };
        if (field.p)
                ret->slot = source_want(s, field);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = add_row(s, ret, i, ret->slot == UINT32_MAX ? NULL : find_test(when[i], field));
        return r;
}

void dispatch_done(struct dispatch *d)
{
        map_done(&d->rows);
}

struct dispatch_set dispatch_rows(const struct dispatch *d, const struct record *r, struct arena *arena)
{
        const struct slot *slot = record_slot(r, d->slot);
        struct dispatch_set set = d->always;

        for (struct value *v = slot ? slot->first : NULL; v; v = v->next) {
                struct str folded = value_folded(v, arena);
                const struct dispatch_set *found = folded.p ? map_get(&d->rows, folded) : NULL;

                for (size_t i = 0; found && i < DISPATCH_WORDS; i++)
                        set.words[i] |= found->words[i];
        }
        return set;
}
