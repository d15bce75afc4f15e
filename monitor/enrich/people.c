/* SPDX-License-Identifier: Apache-2.0 */

/* One table from accounts to people. Its keys are the scope (a source, a product, or nothing), a NUL, and the folded account:
 * a look-up asks for each scope and each way a record names an account. */

#include "monitor/enrich/people.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/map.h"
#include "monitor/base/utf8.h"
#include "monitor/enrich/country.h"

struct people {
        struct arena *arena; /* texts */
        char *path;
        struct person *items;
        size_t n;
        struct map accounts; /* struct claim */
        struct people_scope *scopes;
        size_t n_scopes, cap_scopes;
};

struct claim {
        const struct person *person;
        unsigned line;
};

struct reader {
        struct people *to;
        struct person *person; /* the one at work */
        bool has_export;
        struct err *err;
};

static const char *const roles[] = { "owner", "manager", "staff", "agency", "contractor", "service" };

static int fail(struct reader *r, const struct yaml *at, const char *text)
{
        return err_at(r->err, -EBADMSG, r->to->path, at->line, at->col, "%s", text);
}

static bool is_text(const struct yaml *y, size_t max)
{
        return yaml_is_scalar(y) && y->kind != YAML_NULL && y->kind != YAML_BOOL && y->text.n > 0 && y->text.n <= max;
}

/* ---- Accounts ---- */

static int make_key(struct arena *scratch, struct str scope, struct str account, struct str *ret)
{
        struct str folded = utf8_fold(scratch, account);
        char *key = arena_bytes(scratch, scope.n + 1 + folded.n);

        if (!folded.p || !key)
                return -ENOMEM;
        if (scope.n > 0)
                memcpy(key, scope.p, scope.n);
        key[scope.n] = '\0';
        memcpy(key + scope.n + 1, folded.p, folded.n);
        *ret = str_from(key, scope.n + 1 + folded.n);
        return 0;
}

static int claim(struct reader *r, const struct yaml *at, struct str scope)
{
        struct people *p = r->to;
        struct claim *mine = arena_alloc(p->arena, sizeof *mine);
        const struct claim *other;
        struct str key;

        if (!is_text(at, PERSON_ACCOUNT_BYTES_MAX))
                return fail(
                        r, at,
                        "accounts: a mail address or an account name; put no, yes and numbers with blanks in quotes");
        if (r->person->n_accounts == PERSON_ACCOUNTS_MAX)
                return err_at(r->err, -E2BIG, p->path, at->line, at->col, "more than %d accounts of one person",
                              PERSON_ACCOUNTS_MAX);
        if (!mine || make_key(p->arena, scope, at->text, &key) < 0)
                return -ENOMEM;
        other = map_get(&p->accounts, key);
        if (other && other->person != r->person)
                return err_at(r->err, -EBADMSG, p->path, at->line, at->col,
                              "this account is already that of " STR_FMT " (line %u): an account has one person",
                              STR_ARG(other->person->name), other->line);
        *mine = (struct claim){ .person = r->person, .line = at->line };
        r->person->n_accounts++;
        return map_put(&p->accounts, key, mine);
}

static int note_scope(struct people *p, const struct yaml *at)
{
        struct people_scope *items = p->scopes;
        struct str name = arena_dup(p->arena, at->text);

        for (size_t i = 0; i < p->n_scopes; i++)
                if (str_eq(p->scopes[i].name, at->text))
                        return 0;
        if (p->n_scopes == p->cap_scopes) {
                size_t cap = p->cap_scopes ? 2 * p->cap_scopes : 8;

                items = reallocarray(items, cap, sizeof *items);
                if (!items)
                        return -ENOMEM;
                p->scopes = items;
                p->cap_scopes = cap;
        }
        items[p->n_scopes++] = (struct people_scope){ .name = name, .line = at->line, .col = at->col };
        return name.p ? 0 : -ENOMEM;
}

static int claim_all(struct reader *r, const struct yaml *y, struct str scope);

/* {aws: mei, wordpress: [mei, mei.k]} */
static int claim_scoped(struct reader *r, const struct yaml *map, struct str outer)
{
        int k = 0;

        if (outer.n > 0)
                return fail(r, map, "accounts: below a source or product stands an account, or a list of them");
        for (size_t i = 0; i < map->n && k >= 0; i++) {
                const struct yaml *name = map->pairs[i].key;

                k = note_scope(r->to, name);
                if (k >= 0)
                        k = claim_all(r, map->pairs[i].value, name->text);
        }
        return k;
}

static int claim_all(struct reader *r, const struct yaml *y, struct str scope)
{
        int k = 0;

        if (y->kind == YAML_MAP)
                return claim_scoped(r, y, scope);
        if (y->kind != YAML_LIST)
                return claim(r, y, scope);
        for (size_t i = 0; i < y->n && k >= 0; i++)
                k = y->items[i]->kind == YAML_LIST ? fail(r, y->items[i], "accounts: a list inside a list")
                                                   : claim_all(r, y->items[i], scope);
        return k;
}

/* ---- Keys ---- */

static int key_name(struct reader *r, const struct yaml *y)
{
        if (!is_text(y, PERSON_NAME_BYTES_MAX))
                return fail(r, y, "name: a short text");
        for (const struct person *other = r->to->items; other < r->person; other++)
                if (str_eq(other->name, y->text))
                        return err_at(r->err, -EBADMSG, r->to->path, y->line, y->col,
                                      "a second %s (the first is in line %u): give each person a name of their own",
                                      y->text.p, other->line);
        r->person->name = arena_dup(r->to->arena, y->text);
        return r->person->name.p ? 0 : -ENOMEM;
}

static int key_role(struct reader *r, const struct yaml *y)
{
        for (size_t i = 0; i < ARRAY_LEN(roles) && yaml_is_scalar(y); i++)
                if (str_eqz(y->text, roles[i])) {
                        r->person->role = roles[i];
                        return 0;
                }
        return fail(r, y, "role: one of owner, manager, staff, agency, contractor, service");
}

static int key_accounts(struct reader *r, const struct yaml *y)
{
        return claim_all(r, y, STR(""));
}

static int add_country(struct reader *r, const struct yaml *y)
{
        struct person *p = r->person;
        char code[3] = "";

        if (is_text(y, 2) && y->text.n == 2)
                for (size_t i = 0; i < 2; i++)
                        code[i] = y->text.p[i] >= 'a' && y->text.p[i] <= 'z' ? (char)(y->text.p[i] - 'a' + 'A')
                                                                             : y->text.p[i];
        if (!country_find(str_of(code)))
                return fail(r, y, "home: countries by their two letters, such as [DE, KR]; 'NO' needs quotes");
        if (p->n_countries == PERSON_COUNTRIES_MAX)
                return err_at(r->err, -E2BIG, r->to->path, y->line, y->col, "home: more than %d countries",
                              PERSON_COUNTRIES_MAX);
        memcpy(p->countries[p->n_countries++], code, sizeof code);
        return 0;
}

static int key_home(struct reader *r, const struct yaml *y)
{
        int k = 0;

        if (y->kind != YAML_LIST)
                return add_country(r, y);
        for (size_t i = 0; i < y->n && k >= 0; i++)
                k = add_country(r, y->items[i]);
        return k;
}

static int key_may_export(struct reader *r, const struct yaml *y)
{
        r->has_export = true;
        r->person->may_export = y->flag;
        return y->kind == YAML_BOOL ? 0 : fail(r, y, "may_export: yes or no");
}

/* A day is left with its end, wherever the machine is: its summer time may change in between. */
static int end_of_day(struct str day, usec *ret)
{
        const struct time_hint utc = { .reference = USEC_NONE }, local = { .reference = USEC_NONE, .local = true };
        char next[TIME_ISO_BYTES];
        usec t;
        int r = time_parse(day, TIME_UNIT_S, &utc, &t);

        if (r < 0)
                return r;
        time_format_iso(t + USEC_PER_DAY, next);
        return time_parse(str_from(next, size_min(day.n, strlen(next))), TIME_UNIT_S, &local, ret);
}

static int key_left(struct reader *r, const struct yaml *y)
{
        const struct time_hint local = { .reference = USEC_NONE, .local = true };
        bool is_day = is_text(y, 10) && y->text.n == 10 && y->text.p[4] == '-';
        int k = is_day                       ? end_of_day(y->text, &r->person->left)
                : is_text(y, TIME_ISO_BYTES) ? time_parse(y->text, TIME_UNIT_S, &local, &r->person->left)
                                             : -EBADMSG;

        return k < 0 ? fail(r, y, "left: the last day, such as 2026-10-31, or a time, such as 2026-10-31T18:00:00Z")
                     : 0;
}

static const struct {
        const char *name;
        int (*read)(struct reader *r, const struct yaml *y);
} keys[] = {
        { "name", key_name },
        { "role", key_role },
        { "accounts", key_accounts },
        { "home", key_home },
        { "may_export", key_may_export },
        { "left", key_left },
};

/* `name` first, since messages about accounts use it. */
static int read_keys(struct reader *r, const struct yaml *map)
{
        const struct yaml *name = yaml_get(map, "name");
        int e = name ? key_name(r, name) : fail(r, map, "a person without a name");

        for (size_t i = 0; i < map->n && e >= 0; i++) {
                const struct yaml *key = map->pairs[i].key;
                size_t k = 0;

                while (k < ARRAY_LEN(keys) && !str_eqz(key->text, keys[k].name))
                        k++;
                if (k == ARRAY_LEN(keys))
                        return fail(r, key,
                                    "unknown key: a person has name, role, accounts, home, may_export and left");
                e = keys[k].read == key_name ? 0 : keys[k].read(r, map->pairs[i].value);
        }
        return e;
}

static int read_person(struct reader *r, const struct yaml *map)
{
        struct people *p = r->to;
        int k;

        if (map->kind != YAML_MAP)
                return fail(r, map,
                            "a person is a map, such as  - {name: Mei, role: owner, accounts: mei@example.com}");
        r->person = &p->items[p->n++];
        *r->person = (struct person){ .left = USEC_NONE, .line = map->line, .col = map->col };
        r->has_export = false;
        k = read_keys(r, map);
        if (k < 0)
                return k;
        if (!r->person->role)
                return fail(r, map, "a person without a role: owner, manager, staff, agency, contractor or service");
        if (r->person->n_accounts == 0)
                return fail(r, map, "a person without accounts: name their mail address at least");
        if (!r->has_export)
                r->person->may_export = r->person->role == roles[0];
        return 0;
}

int people_read(const struct yaml *list, const char *path, struct people **ret, struct err *reterr)
{
        CLEANUP(people_freep) struct people *p = calloc(1, sizeof *p);
        struct reader r = { .to = p, .err = reterr };
        int k = 0;

        if (!p || !(p->arena = arena_new()) || !(p->path = str_dupz(str_of(path))))
                return err_set(reterr, -ENOMEM, "out of memory");
        if (list->kind != YAML_LIST)
                return fail(&r, list, "people: a list, such as  - {name: Mei, role: owner, accounts: mei@example.com}");
        if (list->n > PEOPLE_MAX)
                return err_at(reterr, -E2BIG, path, list->line, list->col, "more than %d people", PEOPLE_MAX);
        p->items = calloc(list->n + 1, sizeof *p->items);
        for (size_t i = 0; p->items && i < list->n && k >= 0; i++)
                k = read_person(&r, list->items[i]);
        if (!p->items || k == -ENOMEM)
                return err_set(reterr, -ENOMEM, "out of memory");
        if (k < 0)
                return k;
        *ret = TAKE(p);
        return 0;
}

static int load(const char *path, bool may_follow, struct people **ret, struct err *reterr);

/* `value` names a file, in the file `path`. */
static int follow(const char *path, const struct yaml *value, struct people **ret, struct err *reterr)
{
        const char *slash = strrchr(path, '/');
        struct str folder = str_from(path, *value->text.p != '/' && slash ? (size_t)(slash - path) + 1 : 0);
        char name[PATH_MAX];
        int n = snprintf(name, sizeof name, STR_FMT "%s", STR_ARG(folder), value->text.p);

        if (n < 0 || (size_t)n >= sizeof name)
                return err_at(reterr, -ENAMETOOLONG, path, value->line, value->col,
                              "people: this name of a file is too long");
        return load(name, false, ret, reterr);
}

static int load(const char *path, bool may_follow, struct people **ret, struct err *reterr)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        const struct yaml *value;
        int r = yaml_load(path, &file, reterr);

        if (r < 0)
                return r;
        if (file->n != 1)
                return err_at(reterr, -EBADMSG, path, 1, 1,
                              "one list of people is expected here; shopbell.people(5) shows it");
        value = yaml_get(file->docs[0], "people");
        if (value && may_follow && is_text(value, PATH_MAX - 1))
                return follow(path, value, ret, reterr);
        return people_read(value ? value : file->docs[0], path, ret, reterr);
}

int people_load(const char *path, struct people **ret, struct err *reterr)
{
        return load(path, true, ret, reterr);
}

struct people *people_free(struct people *p)
{
        if (!p)
                return NULL;
        map_done(&p->accounts);
        arena_free(p->arena);
        free(p->items);
        free(p->scopes);
        free(p->path);
        free(p);
        return NULL;
}

size_t people_count(const struct people *p)
{
        return p ? p->n : 0;
}

const struct person *people_get(const struct people *p, size_t i)
{
        return p && i < p->n ? &p->items[i] : NULL;
}

const struct people_scope *people_scope(const struct people *p, size_t i)
{
        return p && i < p->n_scopes ? &p->scopes[i] : NULL;
}

const char *people_path(const struct people *p)
{
        return p->path;
}

/* ---- Finding ---- */

int people_find(const struct people *p, const struct account *a, struct arena *scratch, const struct person **ret)
{
        const struct str scopes[] = { a->source, a->product, STR("") };
        const struct str names[] = { a->email, a->name, a->id };

        *ret = NULL;
        for (size_t s = 0; s < ARRAY_LEN(scopes); s++)
                for (size_t i = 0; i < ARRAY_LEN(names) && scopes[s].p; i++) {
                        const struct claim *found;
                        struct str key;

                        if (names[i].n == 0 || names[i].n > PERSON_ACCOUNT_BYTES_MAX)
                                continue;
                        if (make_key(scratch, scopes[s], names[i], &key) < 0)
                                return -ENOMEM;
                        found = map_get(&p->accounts, key);
                        if (found) {
                                *ret = found->person;
                                return 0;
                        }
                }
        return 0;
}
