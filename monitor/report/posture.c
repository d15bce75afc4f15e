/* SPDX-License-Identifier: Apache-2.0 */

/* One function a check, called for each account; what they find is sorted by level. */

#include "monitor/report/posture.h"

#include <errno.h>
#include <stdlib.h>

struct look {
        struct accounts *all;
        struct posture *to;
        usec now;
        const char *check; /* the one at work */
        enum level level;
        int error;
};

void posture_done(struct posture *p)
{
        free(p->items);
        free(p->cannot);
        *p = (struct posture){ 0 };
}

/* ---- Telling ---- */

static void *grow(void *items, size_t n, size_t *cap, size_t size)
{
        size_t more = *cap ? 2 * *cap : 64;
        void *fresh = n < *cap ? items : reallocarray(items, more, size);

        if (fresh && n >= *cap)
                *cap = more;
        return fresh;
}

static struct str vtext(struct look *l, const char *fmt, va_list ap)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct str text;

        strbuf_vaddf(&b, fmt, ap);
        text = strbuf_failed(&b) ? STR_NONE : arena_dup(l->all->arena, strbuf_str(&b));
        if (!text.p)
                l->error = -ENOMEM;
        return text;
}

static void find(struct look *l, const struct account_view *v, usec since, const char *advice, const char *fmt, ...)
        PRINTF_LIKE(5, 6);
static void find(struct look *l, const struct account_view *v, usec since, const char *advice, const char *fmt, ...)
{
        void *items = grow(l->to->items, l->to->n, &l->to->cap, sizeof *l->to->items);
        va_list ap;

        if (!items) {
                l->error = -ENOMEM;
                return;
        }
        l->to->items = items;
        va_start(ap, fmt);
        l->to->items[l->to->n++] = (struct finding){
                .check = l->check,
                .level = l->level,
                .account = v,
                .sentence = vtext(l, fmt, ap),
                .advice = str_of(advice),
                .since = since,
        };
        va_end(ap);
}

static void cannot(struct look *l, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void cannot(struct look *l, const char *fmt, ...)
{
        void *items = grow(l->to->cannot, l->to->n_cannot, &l->to->cap_cannot, sizeof *l->to->cannot);
        va_list ap;

        if (!items) {
                l->error = -ENOMEM;
                return;
        }
        l->to->cannot = items;
        va_start(ap, fmt);
        l->to->cannot[l->to->n_cannot++] = vtext(l, fmt, ap);
        va_end(ap);
}

/* A day, for sentences. */
struct day {
        char text[TIME_ISO_BYTES];
};
static struct day day_of(usec t)
{
        struct day d;

        time_format_local(t, d.text);
        d.text[size_min(strlen(d.text), 10)] = '\0';
        return d;
}

/* "lea (aws-cloudtrail)" */
#define ACCOUNT_FMT "the account " STR_FMT " (" STR_FMT ")"
#define ACCOUNT_ARG(v) STR_ARG((v)->seen.account), STR_ARG((v)->seen.source)

static bool has_left(const struct look *l, const struct account_view *v)
{
        return v->person && v->person->left != USEC_NONE && v->person->left <= l->now;
}

/* ---- Checks ---- */

static void check_leaver_acts(struct look *l, const struct account_view *v)
{
        if (has_left(l, v) && v->seen.last != USEC_NONE && v->seen.last >= v->person->left)
                find(l, v, v->person->left,
                     "Disable the account and delete its keys and sessions today, and look at everything it did since.",
                     STR_FMT " left on %s, and " ACCOUNT_FMT " acted on %s.", STR_ARG(v->who),
                     day_of(v->person->left - 1).text, ACCOUNT_ARG(v), day_of(v->seen.last).text);
}

static void check_leaver_stays(struct look *l, const struct account_view *v)
{
        if (has_left(l, v) && v->seen.last != USEC_NONE && v->seen.last < v->person->left && !account_is_gone(v))
                find(l, v, v->person->left, "Remove the account, or make sure that it is gone.",
                     STR_FMT " left on %s, and no record shows that " ACCOUNT_FMT " was removed.", STR_ARG(v->who),
                     day_of(v->person->left - 1).text, ACCOUNT_ARG(v));
}

static void check_leaver_key(struct look *l, const struct account_view *v)
{
        for (size_t i = 0; has_left(l, v) && i < v->n_facts; i++) {
                const struct fact *f = v->facts[i];

                if ((f->kind == FACT_KEY || f->kind == FACT_APP) && fact_holds(f))
                        find(l, v, f->last, "Delete it.",
                             STR_FMT " left on %s, and the %s " STR_FMT " of " ACCOUNT_FMT
                                     ", made on %s, was never deleted.",
                             STR_ARG(v->who), day_of(v->person->left - 1).text, f->kind == FACT_KEY ? "key" : "app",
                             STR_ARG(f->value), ACCOUNT_ARG(v), day_of(f->last).text);
        }
}

static void check_admin(struct look *l, const struct account_view *v)
{
        const struct fact *f = account_admin(v);

        if (!l->all->people || v->person || !f || account_is_gone(v))
                return;
        if (f->kind == FACT_GRANT)
                find(l, v, f->first, "Ask who that is; take the right away, or put the account into the people file.",
                     STR_FMT " is an administrator (" STR_FMT " of " STR_FMT ", given by " STR_FMT
                             " on %s) and is nobody of the people file.",
                     STR_ARG(v->who), STR_ARG(f->value), STR_ARG(v->seen.source), STR_ARG(f->text),
                     day_of(f->last).text);
        else
                find(l, v, f->first, "Ask who that is; take the role away, or put the account into the people file.",
                     STR_FMT " acts as an administrator (" STR_FMT " of " STR_FMT
                             ", since %s) and is nobody of the people file.",
                     STR_ARG(v->who), STR_ARG(f->value), STR_ARG(v->seen.source), day_of(f->first).text);
}

static void check_mfa(struct look *l, const struct account_view *v)
{
        const struct fact *used = account_fact_of(v, FACT_MFA, "used");
        usec since;

        if (account_mfa(v, &since) != MFA_MISSING || account_is_gone(v))
                return;
        if (used)
                find(l, v, since, "Have the second factor switched on again, and ask who switched it off.",
                     ACCOUNT_FMT " of " STR_FMT " has been used without a second factor since %s; it had one until %s.",
                     ACCOUNT_ARG(v), STR_ARG(v->who), day_of(since).text, day_of(used->last).text);
        else
                find(l, v, since, "Switch a second factor on.",
                     ACCOUNT_FMT " of " STR_FMT
                                 " signs in without a second factor, for %lld days that are known (since %s).",
                     ACCOUNT_ARG(v), STR_ARG(v->who), (long long)((l->now - since) / USEC_PER_DAY), day_of(since).text);
}

static void check_export(struct look *l, const struct account_view *v)
{
        const struct fact *f = account_fact(v, FACT_EXPORT);
        size_t n = account_count(v, FACT_EXPORT);

        if (!l->all->people || !f || (v->person && v->person->may_export))
                return;
        find(l, v, f->first,
             "Ask what it was for. Take the right to export away, or say may_export: yes in the people file.",
             STR_FMT "%s took data out with " ACCOUNT_FMT ": " STR_FMT "%s" STR_FMT " on %s%s.", STR_ARG(v->who),
             v->person ? ", who may not export," : ", who is nobody of the people file,", ACCOUNT_ARG(v),
             STR_ARG(f->value), f->text.n ? " " : "", STR_ARG(f->text), day_of(f->last).text,
             n > 1 ? ", among others" : "");
}

/* Scopes that open the customers' data, the mail, all files or the administration. Vendors' own words: Shopify's access scopes,
 * Google's OAuth scopes, Microsoft Graph's permissions, GitHub's and Slack's scopes. */
static bool is_wide(struct str scopes)
{
        static const char *const wide[] = {
                "write_", "read_all_orders", "read_customers",   "admin",     "full", "mail.google.com",
                "gmail",  "auth/drive",      "cloud-platform",   "ReadWrite", ".All", "delete_repo",
                "repo",   "files:read",      "channels:history", "*"
        };

        for (size_t i = 0; i < ARRAY_LEN(wide); i++)
                if (str_find(scopes, str_of(wide[i])) != SIZE_MAX)
                        return true;
        return false;
}

static void check_app(struct look *l, const struct account_view *v)
{
        for (size_t i = 0; i < v->n_facts; i++) {
                const struct fact *f = v->facts[i];

                if (f->kind == FACT_APP && fact_holds(f) && is_wide(f->text))
                        find(l, v, f->first, "Remove the app if nobody uses it, or give it less.",
                             "The app " STR_FMT ", let in by " STR_FMT " (" STR_FMT ") on %s, may do much: " STR_FMT
                             ".",
                             STR_ARG(f->value), STR_ARG(v->who), STR_ARG(v->seen.source), day_of(f->last).text,
                             STR_ARG(f->text));
        }
}

static void check_dormant(struct look *l, const struct account_view *v)
{
        if (v->seen.last == USEC_NONE || has_left(l, v) || account_is_gone(v) ||
            l->now - v->seen.last < DORMANT_DAYS * USEC_PER_DAY)
                return;
        find(l, v, v->seen.last, "Remove it, or take its rights away, until it is needed.",
             ACCOUNT_FMT " of " STR_FMT " has done nothing for %lld days (since %s).", ACCOUNT_ARG(v), STR_ARG(v->who),
             (long long)((l->now - v->seen.last) / USEC_PER_DAY), day_of(v->seen.last).text);
}

static void check_unknown(struct look *l, const struct account_view *v)
{
        if (l->all->people && !v->person && v->seen.last != USEC_NONE && !account_is_gone(v))
                find(l, v, v->seen.first, "Put it into the people file, or find out who that is.",
                     ACCOUNT_FMT " is that of nobody of the people file; it was seen from %s to %s.", ACCOUNT_ARG(v),
                     day_of(v->seen.first).text, day_of(v->seen.last).text);
}

static const struct {
        const char *name;
        enum level level;
        void (*look)(struct look *l, const struct account_view *v);
} checks[] = {
        { "leaver-acts", LEVEL_CRITICAL, check_leaver_acts },
        { "leaver-key", LEVEL_HIGH, check_leaver_key },
        { "admin-unknown", LEVEL_HIGH, check_admin },
        { "mfa-missing", LEVEL_HIGH, check_mfa },
        { "export-forbidden", LEVEL_MEDIUM, check_export },
        { "leaver-stays", LEVEL_MEDIUM, check_leaver_stays },
        { "app-wide", LEVEL_MEDIUM, check_app },
        { "dormant", LEVEL_LOW, check_dormant },
        { "unknown", LEVEL_LOW, check_unknown },
};

/* ---- What cannot be said ---- */

static bool says_mfa(const struct account_view *v)
{
        usec since;

        return account_mfa(v, &since) != MFA_UNSAID;
}

/* Of a source: accounts that sign in there without a word about a second factor. */
static void note_silent_source(struct look *l, struct str source)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        size_t n = 0;

        for (size_t i = 0; i < l->all->n; i++) {
                const struct account_view *v = &l->all->items[i];

                if (!str_eq(v->seen.source, source) || says_mfa(v) || !account_fact(v, FACT_MFA))
                        continue;
                if (n++ < POSTURE_NAMES_MAX)
                        strbuf_addf(&names, "%s" STR_FMT, n > 1 ? ", " : "", STR_ARG(v->seen.account));
        }
        if (n > POSTURE_NAMES_MAX)
                strbuf_addf(&names, " and %zu more", n - POSTURE_NAMES_MAX);
        if (strbuf_failed(&names))
                l->error = -ENOMEM;
        if (n > 0)
                cannot(l,
                       "The log of " STR_FMT
                       " does not say whether a second factor was used (%s): look into its settings.",
                       STR_ARG(source), names.p ? names.p : "");
}

static bool is_first_of_source(const struct accounts *a, size_t i)
{
        for (size_t k = 0; k < i; k++)
                if (str_eq(a->items[k].seen.source, a->items[i].seen.source))
                        return false;
        return true;
}

static void note_limits(struct look *l)
{
        if (!l->all->people)
                cannot(l,
                       "Without a people file nothing can be said about people who left, strangers among the administrators, and "
                       "who may export: `shopbell people suggest` drafts one.");
        for (size_t i = 0; i < l->all->n; i++)
                if (is_first_of_source(l->all, i))
                        note_silent_source(l, l->all->items[i].seen.source);
}

static int compare(const void *x, const void *y)
{
        const struct finding *a = x, *b = y;
        int order = (a->level < b->level) - (a->level > b->level);

        if (order == 0)
                order = strcmp(a->check, b->check);
        if (order == 0)
                order = str_cmp(a->account->seen.source, b->account->seen.source);
        if (order == 0)
                order = str_cmp(a->account->seen.account, b->account->seen.account);
        return order ? order : str_cmp(a->sentence, b->sentence);
}

/* Sentences begin with a capital letter, whatever they begin with. */
static void capitalise(struct posture *p)
{
        for (size_t i = 0; i < p->n; i++)
                if (str_starts(p->items[i].sentence, STR("the account ")))
                        ((char *)(uintptr_t)p->items[i].sentence.p)[0] = 'T';
}

int posture_look(struct accounts *a, usec now, struct posture *ret)
{
        struct look l = { .all = a, .to = ret, .now = now };

        *ret = (struct posture){ 0 };
        for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
                l.check = checks[i].name;
                l.level = checks[i].level;
                for (size_t k = 0; k < a->n && l.error == 0; k++)
                        checks[i].look(&l, &a->items[k]);
        }
        if (l.error == 0)
                note_limits(&l);
        if (l.error < 0) {
                posture_done(ret);
                return l.error;
        }
        capitalise(ret);
        if (ret->n > 1)
                qsort(ret->items, ret->n, sizeof *ret->items, compare);
        return 0;
}
