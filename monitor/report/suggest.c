/* SPDX-License-Identifier: Apache-2.0 */

/* Accounts are sorted by the name that people share across platforms (the part of a mail address before the @, else the
 * account's name): each run of one name is a person. */

#include "monitor/report/suggest.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/json_write.h"
#include "monitor/base/utf8.h"

struct one {
        const struct account_view *view;
        struct str shared; /* the name it may share */
        bool is_mail; /* that comes from a mail address */
};

/* Names that many people have: never joined by them. */
static bool is_common(struct str name)
{
        static const char *const words[] = { "root", "admin",  "administrator", "info", "shop",    "support", "sales",
                                             "mail", "office", "hello",         "test", "service", "system",  "user" };

        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (str_eqz(name, words[i]))
                        return true;
        return false;
}

static bool is_service(const struct one *o)
{
        static const char *const words[] = { "-svc",    "svc-",   "-job",   "-bot",  "bot-",
                                             "service", "backup", "deploy", "[bot]", "gserviceaccount" };

        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (str_find(o->view->seen.account, str_of(words[i])) != SIZE_MAX)
                        return true;
        return false;
}

static void set_shared(struct one *o)
{
        struct str rest = o->view->seen.account;
        size_t at = str_find(rest, STR("@"));

        o->is_mail = at != SIZE_MAX && at > 0;
        o->shared = o->is_mail ? str_from(rest.p, at) : rest;
        if (o->is_mail && is_common(o->shared))
                o->shared = rest;
}

static int compare(const void *x, const void *y)
{
        const struct one *a = x, *b = y;
        int order = str_cmp(a->shared, b->shared);

        if (order == 0)
                order = (b->is_mail > a->is_mail) - (b->is_mail < a->is_mail);
        if (order == 0)
                order = str_cmp(a->view->seen.account, b->view->seen.account);
        return order ? order : str_cmp(a->view->seen.source, b->view->seen.source);
}

/* ---- Writing ---- */

/* Plain where that is safe in a flow list, else in double quotes: JSON's are YAML's. */
static void put_text(struct strbuf *out, struct str s)
{
        static const char *const taken[] = { "yes", "no", "on", "off", "true", "false", "null", "y", "n" };
        bool is_plain = s.n > 0 && ((s.p[0] >= 'a' && s.p[0] <= 'z') || (s.p[0] >= 'A' && s.p[0] <= 'Z'));
        struct json_writer w = JSON_WRITER(out);

        for (size_t i = 0; i < s.n; i++)
                is_plain &= (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
                            (s.p[i] >= '0' && s.p[i] <= '9') || strchr("@._-", s.p[i]);
        for (size_t i = 0; i < ARRAY_LEN(taken); i++)
                is_plain &= !str_eq_nocase(s, str_of(taken[i]));
        if (is_plain)
                strbuf_add(out, s);
        else
                json_str(&w, s);
}

/* For a comment: one line, nothing that moves a cursor. */
static void put_comment(struct strbuf *out, struct str s)
{
        text_display(out, s, TEXT_TERMINAL, 0);
}

static bool is_first_of_mail(const struct one *ones, size_t i)
{
        for (size_t k = 0; k < i; k++)
                if (ones[k].is_mail && str_eq(ones[k].view->seen.account, ones[i].view->seen.account))
                        return false;
        return true;
}

static void put_accounts(struct strbuf *out, const struct one *ones, size_t n)
{
        bool has_one = false;

        strbuf_addz(out, "accounts: [");
        for (size_t i = 0; i < n; i++) {
                const struct account_seen *seen = &ones[i].view->seen;

                if (ones[i].is_mail && !is_first_of_mail(ones, i))
                        continue;
                strbuf_addz(out, has_one ? ", " : "");
                has_one = true;
                if (!ones[i].is_mail) {
                        strbuf_addc(out, '{');
                        put_text(out, seen->source);
                        strbuf_addz(out, ": ");
                }
                put_text(out, seen->account);
                if (!ones[i].is_mail)
                        strbuf_addc(out, '}');
        }
        strbuf_addc(out, ']');
}

/* The country that one of the accounts came from for longest. */
static struct str home_of(const struct one *ones, size_t n)
{
        const struct fact *best = NULL;

        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < ones[i].view->n_facts; k++) {
                        const struct fact *f = ones[i].view->facts[k];

                        if (f->kind == FACT_COUNTRY && (!best || f->last - f->first > best->last - best->first))
                                best = f;
                }
        return best ? best->value : STR_NONE;
}

/* The shared name with a capital: mei → Mei; a common one with its platform. So no two people have one name. */
static void put_name(struct strbuf *out, const struct one *o)
{
        CLEANUP(strbuf_done) struct strbuf name = STRBUF_INIT;

        strbuf_add(&name, str_from(o->shared.p, size_min(o->shared.n, PERSON_NAME_BYTES_MAX / 2)));
        if (is_common(o->shared))
                strbuf_addf(&name, " of " STR_FMT, (int)size_min(o->view->seen.source.n, PERSON_NAME_BYTES_MAX / 2 - 4),
                            o->view->seen.source.p);
        if (name.n > 0 && name.p[0] >= 'a' && name.p[0] <= 'z')
                name.p[0] = (char)(name.p[0] - 'a' + 'A');
        put_text(out, strbuf_str(&name));
}

static void put_doubts(struct strbuf *out, const struct one *ones, size_t n)
{
        size_t doubts = 0;

        for (size_t i = 1; i < n; i++) {
                if (str_eq(ones[i].view->seen.account, ones[0].view->seen.account) && ones[0].is_mail)
                        continue;
                strbuf_addz(out, doubts++ ? ", " : "; by the name alone: ");
                put_comment(out, ones[i].view->seen.account);
                strbuf_addz(out, " of ");
                put_comment(out, ones[i].view->seen.source);
        }
}

static void put_person(struct strbuf *out, const struct one *ones, size_t n)
{
        struct str home = home_of(ones, n);
        usec last = USEC_NONE;
        char stamp[TIME_ISO_BYTES];

        for (size_t i = 0; i < n; i++)
                last = ones[i].view->seen.last > last ? ones[i].view->seen.last : last;
        strbuf_addz(out, "- {name: ");
        put_name(out, &ones[0]);
        strbuf_addf(out, ", role: %s, ", is_service(&ones[0]) ? "service" : "staff");
        put_accounts(out, ones, n);
        if (home.p) {
                strbuf_addz(out, ", home: ");
                put_text(out, home);
        }
        time_format_local(last, stamp);
        strbuf_addf(out, "} # last seen %.10s", stamp);
        put_doubts(out, ones, n);
        strbuf_addc(out, '\n');
}

int suggest_people(const struct accounts *a, struct strbuf *out)
{
        CLEANUP(memory_freep) struct one *ones = calloc(a->n + 1, sizeof *ones);
        size_t n = 0;
        int people = 0;

        if (!ones)
                return -ENOMEM;
        for (size_t i = 0; i < a->n; i++) {
                if (a->items[i].person || a->items[i].seen.last == USEC_NONE)
                        continue;
                ones[n].view = &a->items[i];
                set_shared(&ones[n++]);
        }
        if (n > 1)
                qsort(ones, n, sizeof *ones, compare);
        for (size_t from = 0, to = 0; from < n; from = to) {
                while (to < n && str_eq(ones[to].shared, ones[from].shared) &&
                       (to == from || !is_common(ones[from].shared)))
                        to++;
                put_person(out, ones + from, to - from);
                people++;
        }
        return strbuf_failed(out) ? -ENOMEM : people;
}
