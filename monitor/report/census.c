/* SPDX-License-Identifier: Apache-2.0 */

/* Accounts of a batch are few and mostly the same ones again: a hash table of them, and for each a short list of facts. */

#include "monitor/report/census.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/map.h"
#include "monitor/base/utf8.h"
#include "monitor/model/class.h"

struct noted {
        struct fact fact;
        struct noted *next;
};

struct entry {
        struct account_seen seen;
        struct noted *facts[_FACT_MAX];
        unsigned n[_FACT_MAX];
        struct entry *next;
};

struct census {
        struct arena *arena; /* entries, facts and texts */
        struct map accounts; /* source, NUL, account → entry */
        struct entry *first;
        uint64_t cut;
};

struct census *census_new(void)
{
        struct census *c = calloc(1, sizeof *c);

        if (c && !(c->arena = arena_new()))
                return census_free(c);
        return c;
}

struct census *census_free(struct census *c)
{
        if (!c)
                return NULL;
        map_done(&c->accounts);
        arena_free(c->arena);
        free(c);
        return NULL;
}

void census_clear(struct census *c)
{
        if (!c->first)
                return;
        map_done(&c->accounts);
        c->accounts = (struct map)MAP_INIT;
        c->first = NULL;
        c->cut = 0;
        arena_reset(c->arena);
}

bool census_is_large(const struct census *c)
{
        return map_count(&c->accounts) >= CENSUS_ACCOUNTS_MAX || arena_used(c->arena) >= CENSUS_BYTES_MAX;
}

uint64_t census_cut(const struct census *c)
{
        return c->cut;
}

int census_each(const struct census *c, const struct census_sink *sink)
{
        int r = 0;

        for (const struct entry *e = c->first; e && r >= 0; e = e->next) {
                r = sink->account(sink->userdata, &e->seen);
                for (size_t k = 0; k < _FACT_MAX && r != 1; k++)
                        for (const struct noted *f = e->facts[k]; f && r >= 0; f = f->next)
                                r = sink->fact(sink->userdata, &e->seen, &f->fact);
        }
        return r;
}

/* ---- Accounts and facts ---- */

struct work {
        struct census *census;
        const struct record *record;
        struct str actor; /* as alerts would call it; "" when nobody is named */
        uint32_t classes;
        bool begins, ends, is_admin; /* by event.type */
};

/* `account` is folded; `scratch` takes the key. */
static int find_entry(struct census *c, struct arena *scratch, struct str source, struct str account,
                      struct entry **ret)
{
        struct str key;
        char *text;
        int r;

        text = arena_bytes(scratch, source.n + 1 + account.n);
        if (!text)
                return -ENOMEM;
        memcpy(text, source.p, source.n);
        text[source.n] = '\0';
        memcpy(text + source.n + 1, account.p, account.n);
        key = str_from(text, source.n + 1 + account.n);
        *ret = map_get(&c->accounts, key);
        if (*ret)
                return 0;
        *ret = arena_alloc(c->arena, sizeof **ret);
        if (!*ret)
                return -ENOMEM;
        **ret = (struct entry){
                .seen = { arena_dup(c->arena, source), arena_dup(c->arena, account), USEC_NONE, USEC_NONE },
                .next = c->first,
        };
        if (!(*ret)->seen.source.p || !(*ret)->seen.account.p)
                return -ENOMEM;
        r = map_put(&c->accounts, key, *ret);
        if (r >= 0)
                c->first = *ret;
        return r;
}

/* NULL: its name is too long, which is counted. */
static int find_account(struct work *w, struct str account, struct entry **ret)
{
        struct str folded;

        *ret = NULL;
        if (account.n > CENSUS_NAME_BYTES_MAX) {
                w->census->cut++;
                return 0;
        }
        folded = utf8_fold(w->record->arena, account);
        if (!folded.p)
                return -ENOMEM;
        return find_entry(w->census, w->record->arena, str_of(w->record->source), folded, ret);
}

/* At a whole character. */
static struct str shorten(struct census *c, struct str s)
{
        if (s.n <= CENSUS_TEXT_BYTES_MAX)
                return s;
        c->cut++;
        s.n = CENSUS_TEXT_BYTES_MAX;
        while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xC0) == 0x80)
                s.n--;
        return s;
}

static int own(struct census *c, struct fact *f)
{
        f->value = arena_dup(c->arena, f->value);
        f->text = arena_dup(c->arena, f->text);
        return f->value.p && f->text.p ? 0 : -ENOMEM;
}

/* Where a new fact goes: a new place, that of the one which is least, or none when all are greater. */
static struct noted *make_room(struct census *c, struct entry *e, const struct fact *f)
{
        struct noted *least;

        if (e->n[f->kind] < fact_kept(f->kind)) {
                struct noted *fresh = arena_alloc(c->arena, sizeof *fresh);

                if (!fresh)
                        return NULL;
                fresh->next = e->facts[f->kind];
                e->facts[f->kind] = fresh;
                e->n[f->kind]++;
                return fresh;
        }
        c->cut++;
        least = e->facts[f->kind];
        for (struct noted *i = least->next; i; i = i->next)
                if (fact_cmp(&i->fact, &least->fact) < 0)
                        least = i;
        return least;
}

static int put(struct census *c, struct entry *e, struct fact f)
{
        struct noted *i = e->facts[f.kind];

        if (!f.value.p || f.value.n == 0)
                return 0;
        f.value = shorten(c, f.value);
        f.text = f.text.p ? shorten(c, f.text) : STR("");
        while (i && !str_eq(i->fact.value, f.value))
                i = i->next;
        if (i) {
                struct fact before = i->fact;

                fact_merge(&i->fact, &f);
                if (i->fact.text.p != before.text.p && !(i->fact.text = arena_dup(c->arena, f.text)).p)
                        return -ENOMEM;
                return 0;
        }
        i = make_room(c, e, &f);
        if (!i)
                return -ENOMEM;
        if (i->fact.value.p && fact_cmp(&f, &i->fact) < 0)
                return 0;
        i->fact = f;
        return own(c, &i->fact);
}

static void see(struct account_seen *a, usec first, usec last)
{
        if (first != USEC_NONE && (a->first == USEC_NONE || first < a->first))
                a->first = first;
        if (last > a->last)
                a->last = last;
}

int census_merge(struct census *to, const struct census *from)
{
        int r = 0;

        for (const struct entry *e = from->first; e && r >= 0; e = e->next) {
                struct entry *mine;

                r = find_entry(to, to->arena, e->seen.source, e->seen.account, &mine);
                if (r >= 0)
                        see(&mine->seen, e->seen.first, e->seen.last);
                for (size_t k = 0; k < _FACT_MAX && r >= 0; k++)
                        for (const struct noted *f = e->facts[k]; f && r >= 0; f = f->next)
                                r = put(to, mine, f->fact);
        }
        to->cut += from->cut;
        return r;
}

/* ---- What a record says ---- */

static bool has_value(const struct slot *slot, const char *text)
{
        for (const struct value *v = slot->is_present ? slot->first : NULL; v; v = v->next)
                if (str_eqz(value_scalar(v), text))
                        return true;
        return false;
}

static uint32_t classes_of(const struct record *r)
{
        const struct slot *slot = &r->slots[ECS_CLASS];
        uint32_t classes = 0;

        for (const struct value *v = slot->is_present ? slot->first : NULL; v; v = v->next) {
                enum class c = class_find(value_scalar(v));

                classes |= c < _CLASS_MAX ? UINT32_C(1) << c : 0;
        }
        return classes;
}

static struct str first_of(const struct record *r, const enum ecs fields[static 3])
{
        for (size_t i = 0; i < 3; i++)
                if (record_ecs(r, fields[i]).n > 0)
                        return record_ecs(r, fields[i]);
        return STR_NONE;
}

static struct fact fact_of(const struct work *w, enum fact_kind kind, struct str value)
{
        usec t = w->record->time, over = t % fact_grain(kind);

        t -= over < 0 ? over + fact_grain(kind) : over; /* down, before 1970 too */
        return (struct fact){ .kind = kind, .value = value, .first = t, .last = t, .gone = USEC_NONE };
}

/* Something that begins and ends: of the two, the record says one. */
static struct fact change_of(const struct work *w, enum fact_kind kind, struct str value, struct str text)
{
        struct fact f = fact_of(w, kind, value);

        f.text = text;
        if (!w->ends)
                return f;
        f.first = f.last = USEC_NONE;
        f.gone = w->record->time;
        return f;
}

static int note_all(struct work *w, struct entry *e, enum fact_kind kind, enum ecs field)
{
        const struct slot *slot = &w->record->slots[field];
        int r = 0;

        for (const struct value *v = slot->is_present ? slot->first : NULL; v && r >= 0; v = v->next)
                r = put(w->census, e, fact_of(w, kind, value_scalar(v)));
        return r;
}

/* A known network's name, else the operator's, else its number. */
static int note_network(struct work *w, struct entry *e)
{
        static const enum ecs names[3] = { ECS_NETWORK, ECS_AS_NAME, ECS_AS_NUMBER };

        return put(w->census, e, fact_of(w, FACT_NETWORK, first_of(w->record, names)));
}

static int note_export(struct work *w, struct entry *e)
{
        struct fact f = fact_of(w, FACT_EXPORT, record_ecs(w->record, ECS_EVENT_ACTION));

        f.text = record_ecs(w->record, ECS_OBJECT_NAME);
        if (str_to_u64(record_ecs(w->record, ECS_ROWS), &f.n) < 0)
                f.n = 0;
        return put(w->census, e, f);
}

/* What the actor shows of itself. */
static int note_actor(struct work *w, struct entry *e)
{
        static const struct {
                enum fact_kind kind;
                enum ecs field;
        } shown[] = {
                { FACT_MAIL, ECS_USER_EMAIL },     { FACT_NAME, ECS_USER_NAME }, { FACT_ID, ECS_USER_ID },
                { FACT_COUNTRY, ECS_GEO_COUNTRY }, { FACT_DEVICE, ECS_DEVICE },
        };
        usec t = w->record->time;
        char day[TIME_ISO_BYTES];
        int r;

        see(&e->seen, t, t);
        time_format_iso(t, day);
        r = put(w->census, e, fact_of(w, FACT_DAY, str_from(day, 10)));
        for (size_t i = 0; i < ARRAY_LEN(shown) && r >= 0; i++)
                r = put(w->census, e, fact_of(w, shown[i].kind, record_ecs(w->record, shown[i].field)));
        if (r >= 0)
                r = note_network(w, e);
        if (r >= 0)
                r = note_all(w, e, FACT_ROLE, ECS_USER_ROLES);
        if (r >= 0 && w->classes & UINT32_C(1) << CLASS_LOGIN)
                r = put(w->census, e, fact_of(w, FACT_MFA, record_ecs(w->record, ECS_MFA)));
        if (r >= 0 && w->classes & UINT32_C(1) << CLASS_EXPORT)
                r = note_export(w, e);
        return r;
}

static int note_grant(struct work *w, struct entry *e)
{
        static const enum ecs names[3] = { ECS_USER_TARGET_ROLES, ECS_OBJECT_NAME, ECS_EVENT_ACTION };
        struct fact f = change_of(w, FACT_GRANT, first_of(w->record, names), w->actor);

        f.n = w->is_admin && !w->ends;
        return put(w->census, e, f);
}

static int note_credential(struct work *w, struct entry *e)
{
        struct str app = record_ecs(w->record, ECS_APP);
        struct str action = record_ecs(w->record, ECS_EVENT_ACTION);

        if (app.n > 0)
                return put(w->census, e, change_of(w, FACT_APP, app, record_ecs(w->record, ECS_SCOPES)));
        return put(w->census, e, change_of(w, FACT_KEY, record_ecs(w->record, ECS_OBJECT_NAME), action));
}

static int note_factor(struct work *w, struct entry *e)
{
        return put(w->census, e, change_of(w, FACT_FACTOR, STR("second factor"), w->actor));
}

/* What is about a key, a right or a second factor as well does not end an account. */
static int note_existence(struct work *w, struct entry *e)
{
        if (w->classes & (UINT32_C(1) << CLASS_MFA | UINT32_C(1) << CLASS_CREDENTIAL | UINT32_C(1) << CLASS_GRANT))
                return 0;
        return put(w->census, e, change_of(w, FACT_EXISTS, STR("account"), w->actor));
}

/* What was done to an account: that of the target, or, where that makes sense and none is named, the actor's own. */
static int note_changes(struct work *w, struct entry *actor, struct entry *target)
{
        static const struct {
                enum class class;
                bool is_own; /* without a target it is the actor's */
                int (*note)(struct work *w, struct entry *e);
        } changes[] = {
                { CLASS_MFA, true, note_factor },
                { CLASS_CREDENTIAL, true, note_credential },
                { CLASS_GRANT, false, note_grant },
                { CLASS_ACCOUNT, false, note_existence },
        };
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(changes) && r >= 0 && (w->begins || w->ends); i++) {
                struct entry *e = target ? target : changes[i].is_own ? actor : NULL;

                if (e && w->classes & UINT32_C(1) << changes[i].class)
                        r = changes[i].note(w, e);
        }
        return r;
}

uint64_t census_fields(void)
{
        static const enum ecs fields[] = {
                ECS_CLASS,
                ECS_EVENT_ACTION,
                ECS_EVENT_TYPE,
                ECS_EVENT_OUTCOME,
                ECS_USER_NAME,
                ECS_USER_EMAIL,
                ECS_USER_ID,
                ECS_USER_ROLES,
                ECS_GEO_COUNTRY,
                ECS_AS_NUMBER,
                ECS_AS_NAME,
                ECS_NETWORK,
                ECS_DEVICE,
                ECS_MFA,
                ECS_APP,
                ECS_SCOPES,
                ECS_OBJECT_NAME,
                ECS_ROWS,
                ECS_USER_TARGET_NAME,
                ECS_USER_TARGET_EMAIL,
                ECS_USER_TARGET_ID,
                ECS_USER_TARGET_ROLES,
        };
        uint64_t set = 0;

        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
                set |= UINT64_C(1) << fields[i];
        return set;
}

int census_note(struct census *c, const struct record *record)
{
        static const enum ecs actor[3] = { ECS_USER_EMAIL, ECS_USER_NAME, ECS_USER_ID };
        static const enum ecs target[3] = { ECS_USER_TARGET_EMAIL, ECS_USER_TARGET_NAME, ECS_USER_TARGET_ID };
        const struct slot *types = &record->slots[ECS_EVENT_TYPE];
        struct work w = {
                .census = c,
                .record = record,
                .actor = first_of(record, actor),
                .classes = classes_of(record),
                .begins = has_value(types, "creation"),
                .ends = has_value(types, "deletion"),
                .is_admin = has_value(types, "admin"),
        };
        struct str whom = first_of(record, target);
        struct entry *a = NULL, *t = NULL;
        int r = 0;

        if (w.classes == 0 || record->time == USEC_NONE || str_eqz(record_ecs(record, ECS_EVENT_OUTCOME), "failure"))
                return 0;
        if (w.actor.n > 0)
                r = find_account(&w, w.actor, &a);
        if (r >= 0 && a)
                r = note_actor(&w, a);
        if (r >= 0 && whom.n > 0 &&
            w.classes & (UINT32_C(1) << CLASS_MFA | UINT32_C(1) << CLASS_CREDENTIAL | UINT32_C(1) << CLASS_GRANT |
                         UINT32_C(1) << CLASS_ACCOUNT))
                r = find_account(&w, whom, &t);
        return r < 0 ? r : note_changes(&w, a, t);
}
