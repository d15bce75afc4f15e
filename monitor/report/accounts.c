/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/report/accounts.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"

int accounts_init(struct accounts *a)
{
        *a = (struct accounts){ .arena = arena_new(), .newest = USEC_NONE };
        return a->arena ? 0 : -ENOMEM;
}

void accounts_done(struct accounts *a)
{
        arena_free(a->arena);
        free(a->items);
        free(a->facts);
        *a = (struct accounts){ 0 };
}

/* ---- Filling ---- */

/* Room for one more; NULL: out of memory, and the list is as it was. */
static void *grow(void *items, size_t n, size_t *cap, size_t size)
{
        size_t more = *cap ? 2 * *cap : 64;
        void *fresh = n < *cap ? items : reallocarray(items, more, size);

        if (fresh && n >= *cap)
                *cap = more;
        return fresh;
}

/* The facts gathered so far are those of the last account. */
static int close_account(struct accounts *a)
{
        struct account_view *v = a->n > 0 ? &a->items[a->n - 1] : NULL;

        if (!v || v->facts)
                return 0;
        v->facts = arena_array(a->arena, a->n_facts + 1, sizeof *v->facts);
        if (!v->facts)
                return -ENOMEM;
        if (a->n_facts > 0)
                memcpy(v->facts, a->facts, a->n_facts * sizeof *v->facts);
        v->n_facts = a->n_facts;
        a->n_facts = 0;
        return 0;
}

int accounts_take(void *userdata, const struct account_seen *seen)
{
        struct accounts *a = userdata;
        int r = close_account(a);
        void *items = r < 0 ? NULL : grow(a->items, a->n, &a->cap, sizeof *a->items);
        struct account_view *v;

        if (!items)
                return -ENOMEM;
        a->items = items;
        v = &a->items[a->n++];
        *v = (struct account_view){ .seen = *seen };
        v->seen.source = arena_dup(a->arena, seen->source);
        v->seen.account = arena_dup(a->arena, seen->account);
        if (seen->last > a->newest)
                a->newest = seen->last;
        return v->seen.source.p && v->seen.account.p ? 0 : -ENOMEM;
}

int accounts_take_fact(void *userdata, const struct account_seen *of, const struct fact *f)
{
        struct accounts *a = userdata;
        void *items = grow(a->facts, a->n_facts, &a->cap_facts, sizeof *a->facts);
        struct fact *own = arena_alloc(a->arena, sizeof *own);

        (void)of; /* the one taken last */
        if (items)
                a->facts = items;
        if (!items || !own)
                return -ENOMEM;
        *own = *f;
        own->value = arena_dup(a->arena, f->value);
        own->text = arena_dup(a->arena, f->text);
        a->facts[a->n_facts++] = own;
        return own->value.p && own->text.p ? 0 : -ENOMEM;
}

/* ---- Whose ---- */

static struct str product_of(struct str source, const struct log_kind *const *kinds, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (str_eqz(source, kinds[i]->name))
                        return kinds[i]->logsource.product;
        return STR_NONE;
}

static struct str value_of(const struct account_view *v, enum fact_kind kind)
{
        const struct fact *f = account_fact(v, kind);

        return f ? f->value : STR_NONE;
}

static int settle_one(struct accounts *a, struct account_view *v, const struct log_kind *const *kinds, size_t n_kinds)
{
        struct account as_acted = { 0 };
        int r = 0;

        v->mail = value_of(v, FACT_MAIL);
        v->name = value_of(v, FACT_NAME);
        v->id = value_of(v, FACT_ID);
        as_acted = (struct account){ v->mail, v->name.p ? v->name : v->seen.account, v->id, v->seen.source,
                                     product_of(v->seen.source, kinds, n_kinds) };
        if (a->people)
                r = people_find(a->people, &as_acted, a->arena, &v->person);
        v->who = v->person ? v->person->name : v->mail.p ? utf8_fold(a->arena, v->mail) : v->seen.account;
        return r < 0 || !v->who.p ? -ENOMEM : 0;
}

static int compare(const void *x, const void *y)
{
        const struct account_view *a = x, *b = y;
        int order = (a->person != NULL) - (b->person != NULL);

        if (order == 0)
                order = str_cmp(a->who, b->who);
        if (order == 0)
                order = str_cmp(a->seen.source, b->seen.source);
        return order ? order : str_cmp(a->seen.account, b->seen.account);
}

int accounts_settle(struct accounts *a, const struct people *people, const struct log_kind *const *kinds,
                    size_t n_kinds)
{
        int r = close_account(a);

        a->people = people;
        for (size_t i = 0; i < a->n && r >= 0; i++)
                r = settle_one(a, &a->items[i], kinds, n_kinds);
        if (r >= 0 && a->n > 1)
                qsort(a->items, a->n, sizeof *a->items, compare);
        return r;
}

/* ---- Looking ---- */

const struct fact *account_fact(const struct account_view *v, enum fact_kind kind)
{
        for (size_t i = 0; i < v->n_facts; i++)
                if (v->facts[i]->kind == kind)
                        return v->facts[i];
        return NULL;
}

const struct fact *account_fact_of(const struct account_view *v, enum fact_kind kind, const char *value)
{
        for (size_t i = 0; i < v->n_facts; i++)
                if (v->facts[i]->kind == kind && str_eqz(v->facts[i]->value, value))
                        return v->facts[i];
        return NULL;
}

size_t account_count(const struct account_view *v, enum fact_kind kind)
{
        size_t n = 0;

        for (size_t i = 0; i < v->n_facts; i++)
                n += v->facts[i]->kind == kind;
        return n;
}

enum mfa_state account_mfa(const struct account_view *v, usec *ret_since)
{
        const struct fact *used = account_fact_of(v, FACT_MFA, "used"),
                          *not_used = account_fact_of(v, FACT_MFA, "not_used");
        const struct fact *factor = account_fact(v, FACT_FACTOR);
        usec good = used ? used->last : USEC_NONE, bad = not_used ? not_used->last : USEC_NONE;

        if (factor && factor->last > good)
                good = factor->last;
        if (factor && factor->gone > bad)
                bad = factor->gone;
        *ret_since = good;
        if (good == USEC_NONE && bad == USEC_NONE)
                return MFA_UNSAID;
        if (good >= bad)
                return MFA_USED;
        /* Never used before: since the first sign-in without. Else since something after the last one with it. */
        *ret_since = good != USEC_NONE || !not_used ? bad : not_used->first;
        return MFA_MISSING;
}

static bool holds(struct str text, const char *word)
{
        for (size_t i = 0, n = strlen(word); i + n <= text.n; i++)
                if (str_eq_nocase(str_from(text.p + i, n), str_from(word, n)))
                        return true;
        return false;
}

/* Platforms' own words for their highest roles: those with "admin" in them, the owner, root. */
static bool is_admin_role(struct str role)
{
        static const char *const whole[] = { "owner", "root", "superuser" };

        for (size_t i = 0; i < ARRAY_LEN(whole); i++)
                if (str_eq_nocase(role, str_of(whole[i])))
                        return true;
        return holds(role, "admin");
}

const struct fact *account_admin(const struct account_view *v)
{
        for (size_t i = 0; i < v->n_facts; i++) {
                const struct fact *f = v->facts[i];

                if (f->kind == FACT_GRANT && f->n > 0 && fact_holds(f))
                        return f;
        }
        for (size_t i = 0; i < v->n_facts; i++)
                if (v->facts[i]->kind == FACT_ROLE && is_admin_role(v->facts[i]->value))
                        return v->facts[i];
        return NULL;
}

bool account_is_gone(const struct account_view *v)
{
        const struct fact *f = account_fact(v, FACT_EXISTS);

        return f && !fact_holds(f) && f->gone >= v->seen.last;
}
