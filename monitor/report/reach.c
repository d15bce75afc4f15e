/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/report/reach.h"

#include <errno.h>
#include <stdlib.h>

enum lock reach_lock(const struct account_view *v)
{
        usec since;

        switch (account_mfa(v, &since)) {
        case MFA_USED: return LOCK_USED;
        case MFA_MISSING: return LOCK_MISSING;
        default: return account_fact(v, FACT_MFA) ? LOCK_UNSAID : LOCK_UNSEEN;
        }
}

/* ---- Columns ---- */

struct column {
        struct str platform;
        size_t n_accounts;
};

static int by_use(const void *x, const void *y)
{
        const struct column *a = x, *b = y;

        if (a->n_accounts != b->n_accounts)
                return a->n_accounts > b->n_accounts ? -1 : 1;
        return str_cmp(a->platform, b->platform);
}

static int by_name(const void *x, const void *y)
{
        return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

/* The platforms with most accounts, by name. */
static int make_columns(const struct page *p, struct arena *arena, struct reach *ret)
{
        struct column *all = arena_array(arena, p->n_sources + 1, sizeof *all);
        size_t n = 0;

        ret->columns = arena_array(arena, PAGE_PLATFORMS_MAX, sizeof *ret->columns);
        if (!all || !ret->columns)
                return -ENOMEM;
        for (size_t i = 0; i < p->n_sources; i++) { /* sorted by platform */
                if (n == 0 || !str_eq(all[n - 1].platform, p->sources[i].platform))
                        all[n++].platform = p->sources[i].platform;
                all[n - 1].n_accounts += p->sources[i].n_accounts;
        }
        if (n > 1)
                qsort(all, n, sizeof *all, by_use);
        ret->n_columns_all = n;
        ret->n_columns = size_min(n, PAGE_PLATFORMS_MAX);
        for (size_t i = 0; i < ret->n_columns; i++)
                ret->columns[i] = all[i].platform;
        if (ret->n_columns > 1)
                qsort(ret->columns, ret->n_columns, sizeof *ret->columns, by_name);
        return 0;
}

/* ---- Cells ---- */

static void add_role(struct reach_cell *c, struct str role)
{
        size_t shown = size_min(c->n_roles, PAGE_ROLES_MAX);

        for (size_t i = 0; i < shown; i++)
                if (str_eq(c->roles[i], role))
                        return;
        if (c->n_roles < PAGE_ROLES_MAX)
                c->roles[c->n_roles] = role;
        c->n_roles++;
}

/* Of a path or an ARN the last part. */
static struct str short_role(struct str role)
{
        for (size_t i = role.n; i-- > 0;)
                if (role.p[i] == '/' && i + 1 < role.n)
                        return str_from(role.p + i + 1, role.n - i - 1);
        return role;
}

/* Two logs of one platform may tell of the same account. */
static void add_name(struct reach_cell *c, struct str name)
{
        for (size_t i = 0; i < size_min(c->n_accounts, PAGE_ROLES_MAX); i++)
                if (str_eq(c->names[i], name))
                        return;
        if (c->n_accounts < PAGE_ROLES_MAX)
                c->names[c->n_accounts] = name;
        c->n_accounts++;
}

static void add_account(struct reach_cell *c, const struct account_view *v)
{
        const struct fact *admin = account_admin(v);
        bool is_gone = account_is_gone(v);
        usec since;
        enum mfa_state mfa = account_mfa(v, &since);

        c->is_gone = c->n_accounts == 0 ? is_gone : c->is_gone && is_gone;
        add_name(c, v->seen.account);
        c->last = v->seen.last > c->last ? v->seen.last : c->last;
        if (is_gone)
                return;
        if (mfa > c->mfa)
                c->mfa = mfa;
        c->signs_in |= account_fact(v, FACT_MFA) != NULL;
        c->is_admin |= admin != NULL;
        if (admin)
                add_role(c, short_role(admin->value));
        for (size_t i = 0; i < v->n_facts; i++)
                if ((v->facts[i]->kind == FACT_ROLE || v->facts[i]->kind == FACT_GRANT) && fact_holds(v->facts[i]))
                        add_role(c, short_role(v->facts[i]->value));
}

static size_t column_of(const struct page *p, const struct reach *r, struct str source)
{
        const struct page_source *s = page_source_of(p, source);

        for (size_t i = 0; s && i < r->n_columns; i++)
                if (str_eq(r->columns[i], s->platform))
                        return i;
        return SIZE_MAX;
}

static bool is_same_row(const struct account_view *a, const struct account_view *b)
{
        return a->person == b->person && str_eq(a->who, b->who);
}

int reach_make(const struct page *p, struct arena *arena, struct reach *ret)
{
        const struct accounts *a = p->accounts;
        struct reach_cell *cells = NULL;
        int r;

        *ret = (struct reach){ 0 };
        r = make_columns(p, arena, ret);
        ret->rows = arena_array(arena, PAGE_PEOPLE_MAX, sizeof *ret->rows);
        if (r < 0 || !ret->rows)
                return -ENOMEM;
        for (size_t i = 0; i < a->n; i++) {
                const struct account_view *v = &a->items[i];
                size_t column = column_of(p, ret, v->seen.source);
                struct reach_row *row;

                if (i == 0 || !is_same_row(v, v - 1)) {
                        if (ret->n_rows_all++ >= PAGE_PEOPLE_MAX)
                                continue;
                        cells = arena_array(arena, ret->n_columns, sizeof *cells);
                        if (!cells)
                                return -ENOMEM;
                        for (size_t k = 0; k < ret->n_columns; k++)
                                cells[k].last = USEC_NONE;
                        ret->rows[ret->n_rows++] = (struct reach_row){ v->who, v->person, cells, USEC_NONE };
                }
                if (ret->n_rows_all > PAGE_PEOPLE_MAX)
                        continue;
                row = &ret->rows[ret->n_rows - 1];
                row->last = v->seen.last > row->last ? v->seen.last : row->last;
                if (column < ret->n_columns)
                        add_account(&cells[column], v);
        }
        return 0;
}
