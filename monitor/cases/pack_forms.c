/* SPDX-License-Identifier: Apache-2.0 */

/* What platforms ask for when an account was taken over, filled in from the records of the case, to be copied into their forms by a person.
 * What no record says reads "not known". The questions are those of the pages that each form names; they change, so the page counts.
 *
 * To add a form: a row in `forms`, and its questions. To add a question: a row; what it finds is one of `finds`, or a function. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/csv.h"
#include "monitor/base/utf8.h"
#include "monitor/cases/pack_impl.h"

enum { LINES_MAX = 200, VALUES_MAX = 100, TEXT_MAX = 500 };

struct form;

/* Appends lines, each beginning with two blanks; nothing at all: it is not known. */
typedef void answer(const struct packing *p, const struct form *f, struct strbuf *out);

struct question {
        const char *text;
        answer *fn; /* NULL: only a person knows */
};

struct form {
        const char *name, *title;
        const char *pages[3];
        const char *read; /* how well the page was known when this was written */
        const char *sources[4]; /* beginnings of the names of its log sources */
        struct question questions[14];
};

static bool is_source(const struct form *f, struct str source)
{
        for (size_t i = 0; i < ARRAY_LEN(f->sources) && f->sources[i]; i++)
                if (str_starts(source, str_of(f->sources[i])))
                        return true;
        return false;
}

static bool is_of(const struct form *f, const struct pack_record *r)
{
        return is_source(f, r->source);
}

static bool has_word(struct str words, const char *word)
{
        struct str one;

        while (str_cut(&words, ',', &one))
                if (str_eqz(str_trim(one), word))
                        return true;
        return false;
}

static bool is_class(const struct pack_record *r, const char *class)
{
        return has_word(r->f[PACK_CLASS], class);
}

static struct str target_of(const struct pack_record *r)
{
        return r->f[PACK_TARGET_MAIL].n ? r->f[PACK_TARGET_MAIL] : r->f[PACK_TARGET_NAME].n ? r->f[PACK_TARGET_NAME] : r->f[PACK_TARGET_ID];
}

/* ---- Lines ---- */

struct lines {
        struct strbuf *out;
        size_t n, left;
};

static bool begin_line(struct lines *l, usec t)
{
        char utc[TIME_ISO_BYTES];

        if (l->n == LINES_MAX) {
                l->left++;
                return false;
        }
        l->n++;
        pack_utc(t, utc);
        strbuf_addf(l->out, "  %s  ", *utc ? utc : "at no known time");
        return true;
}

static void put(struct strbuf *out, const char *before, struct str text)
{
        if (text.n == 0)
                return;
        strbuf_addz(out, before);
        text_display(out, text, TEXT_TERMINAL, TEXT_MAX);
}

static void end_lines(struct lines *l)
{
        if (l->left > 0)
                strbuf_addf(l->out, "  and %zu more; timeline.csv has all\n", l->left);
}

/* The records of the form that `fits`, in the order of their alerts and times. */
static void each(const struct packing *p, const struct form *f, bool (*fits)(const struct pack_record *r),
                 void (*put_line)(struct strbuf *out, const struct pack_record *r), struct strbuf *out)
{
        struct lines l = { .out = out };

        for (size_t i = 0; i < p->n_records; i++) {
                const struct pack_record *r = &p->records[i];

                if (!is_of(f, r) || !fits(r) || !begin_line(&l, r->time))
                        continue;
                put_line(out, r);
                strbuf_addf(out, "  [record %s]\n", r->key);
        }
        end_lines(&l);
}

/* Values of one field of the form's records, each once, with when it was first and last seen. */
struct value {
        struct str text;
        usec first, last;
        size_t n;
};

static void values(const struct packing *p, const struct form *f, enum pack_field field, bool (*fits)(const struct pack_record *r), struct strbuf *out)
{
        struct value seen[VALUES_MAX];
        size_t n = 0, k, left = 0;

        for (size_t i = 0; i < p->n_records; i++) {
                const struct pack_record *r = &p->records[i];

                if (!is_of(f, r) || r->f[field].n == 0 || !fits(r))
                        continue;
                for (k = 0; k < n && !str_eq(seen[k].text, r->f[field]);)
                        k++;
                if (k == VALUES_MAX) {
                        left++;
                        continue;
                }
                if (k == n)
                        seen[n++] = (struct value){ .text = r->f[field], .first = r->time, .last = r->time };
                seen[k].n++;
                if (r->time != USEC_NONE && (seen[k].first == USEC_NONE || r->time < seen[k].first))
                        seen[k].first = r->time;
                if (r->time > seen[k].last)
                        seen[k].last = r->time;
        }
        for (k = 0; k < n; k++) {
                char first[TIME_ISO_BYTES], last[TIME_ISO_BYTES];

                pack_utc(seen[k].first, first);
                pack_utc(seen[k].last, last);
                put(out, "  ", seen[k].text);
                strbuf_addf(out, "  (%zu record%s, %s to %s)\n", seen[k].n, seen[k].n == 1 ? "" : "s", *first ? first : "?", *last ? last : "?");
        }
        if (left > 0)
                strbuf_addf(out, "  and others, in %zu records\n", left);
}

static bool any(const struct pack_record *r)
{
        (void)r;
        return true;
}

/* ---- What is asked ---- */

static void accounts(const struct packing *p, const struct form *f, struct strbuf *out)
{
        values(p, f, PACK_ACCOUNT, any, out);
}

static void people(const struct packing *p, const struct form *f, struct strbuf *out)
{
        values(p, f, PACK_PERSON, any, out);
}

static void devices(const struct packing *p, const struct form *f, struct strbuf *out)
{
        values(p, f, PACK_DEVICE, any, out);
}

static void regions(const struct packing *p, const struct form *f, struct strbuf *out)
{
        values(p, f, PACK_REGION, any, out);
}

/* Addresses that the platform's own log has, and, where that has none, those from which the same people did other things in this case. */
static void addresses(const struct packing *p, const struct form *f, struct strbuf *out)
{
        struct lines l = { .out = out };
        struct map people_of = MAP_INIT;
        size_t start = out->n;

        values(p, f, PACK_IP, any, out);
        if (out->n > start)
                return;
        for (size_t i = 0; i < p->n_records; i++)
                if (is_of(f, &p->records[i]) && p->records[i].f[PACK_PERSON].n > 0 && map_put(&people_of, p->records[i].f[PACK_PERSON], &l) < 0)
                        out->failed = true;
        for (size_t i = 0; i < p->n_records; i++) {
                const struct pack_record *r = &p->records[i];

                if (r->f[PACK_IP].n == 0 || r->f[PACK_PERSON].n == 0 || !map_get(&people_of, r->f[PACK_PERSON]) || !begin_line(&l, r->time))
                        continue;
                put(out, "", r->f[PACK_IP]);
                put(out, ", ", r->f[PACK_PERSON]);
                put(out, " by ", r->source);
                strbuf_addf(out, "  [record %s]\n", r->key);
        }
        end_lines(&l);
        map_done(&people_of);
        strbuf_addf(out, "  %sthis platform's log has no addresses%s\n", out->n > start ? "(" : "not known: ",
                    out->n > start ? ": these are of other records of the same people)" : "; addresses.csv has those of the case's other records");
}

static void period(const struct packing *p, const struct form *f, struct strbuf *out)
{
        usec first = USEC_NONE, last = USEC_NONE;
        char from[TIME_ISO_BYTES], to[TIME_ISO_BYTES];

        for (size_t i = 0; i < p->n_records; i++) {
                const struct pack_record *r = &p->records[i];

                if (!is_of(f, r) || r->time == USEC_NONE)
                        continue;
                first = first == USEC_NONE || r->time < first ? r->time : first;
                last = r->time > last ? r->time : last;
        }
        if (first == USEC_NONE)
                return;
        pack_utc(first, from);
        pack_utc(last, to);
        strbuf_addf(out, "  %s to %s (UTC), as far as the records of the case go\n", from, to);
}

static void marks(const struct packing *p, const struct form *f, struct strbuf *out)
{
        (void)f;
        for (size_t i = 0; i < p->file.n_marks; i++) {
                const struct case_mark *m = &p->file.marks[i];
                struct moment moment = { .at = m->at };

                if (m->event == _EVENT_MAX || m->regime.n > 0)
                        continue;
                snprintf(moment.zone, sizeof moment.zone, STR_FMT, STR_ARG(m->zone));
                strbuf_addf(out, "  %s: ", case_event_name(m->event));
                moment_format(&moment, NULL, out);
                strbuf_addc(out, '\n');
        }
}

/* Alerts of the platform; where there are none, all of the case. */
static void told(const struct packing *p, const struct form *f, struct strbuf *out)
{
        struct lines l = { .out = out };
        bool has_own = false;

        for (size_t i = 0; i < p->n_alerts; i++)
                has_own |= is_source(f, p->alerts[i].source);
        for (size_t i = 0; i < p->n_alerts; i++) {
                if ((has_own && !is_source(f, p->alerts[i].source)) || !begin_line(&l, p->alerts[i].first_seen))
                        continue;
                put(out, "", p->alerts[i].sentence);
                strbuf_addc(out, '\n');
        }
        end_lines(&l);
}

static bool is_addition(const struct pack_record *r)
{
        return is_class(r, "grant") && has_word(r->f[PACK_TYPE], "creation") && !str_starts(r->source, STR("google-ads-managers"));
}

static void put_addition(struct strbuf *out, const struct pack_record *r)
{
        put(out, "", target_of(r).n ? target_of(r) : STR("somebody"));
        put(out, " as ", r->f[PACK_TARGET_ROLES]);
        put(out, " in ", r->f[PACK_ACCOUNT]);
        put(out, ", added by ", r->f[PACK_PERSON]);
}

static void additions(const struct packing *p, const struct form *f, struct strbuf *out)
{
        each(p, f, is_addition, put_addition, out);
}

static bool is_manager(const struct pack_record *r)
{
        return str_starts(r->source, STR("google-ads-managers"));
}

static void put_manager(struct strbuf *out, const struct pack_record *r)
{
        put(out, "manager account ", r->f[PACK_TARGET_ID]);
        put(out, ", ", r->f[PACK_TARGET_ROLES]);
        put(out, ", for ", r->f[PACK_ACCOUNT]);
}

static void managers(const struct packing *p, const struct form *f, struct strbuf *out)
{
        each(p, f, is_manager, put_manager, out);
}

static bool is_budget(const struct pack_record *r)
{
        return is_class(r, "ad_spend") && r->f[PACK_OLD].n + r->f[PACK_NEW].n > 0;
}

static void put_budget(struct strbuf *out, const struct pack_record *r)
{
        put(out, "", r->f[PACK_OBJECT].n ? r->f[PACK_OBJECT] : STR("a budget"));
        put(out, ": from ", r->f[PACK_OLD]);
        put(out, " to ", r->f[PACK_NEW]);
        put(out, " ", r->f[PACK_CURRENCY]);
        put(out, ", by ", r->f[PACK_PERSON]);
}

static void budgets(const struct packing *p, const struct form *f, struct strbuf *out)
{
        each(p, f, is_budget, put_budget, out);
}

static bool is_payment(const struct pack_record *r)
{
        return is_class(r, "payout");
}

static void put_any(struct strbuf *out, const struct pack_record *r)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        pack_record_text(r, &b);
        out->failed |= strbuf_failed(&b);
        put(out, "", r->f[PACK_PERSON]);
        put(out, r->f[PACK_PERSON].n ? ": " : "", strbuf_str(&b));
        put(out, ", from ", r->f[PACK_IP]);
}

static void payments(const struct packing *p, const struct form *f, struct strbuf *out)
{
        each(p, f, is_payment, put_any, out);
}

static bool is_other(const struct pack_record *r)
{
        return !is_addition(r) && !is_manager(r) && !is_budget(r) && !is_payment(r);
}

static void others(const struct packing *p, const struct form *f, struct strbuf *out)
{
        each(p, f, is_other, put_any, out);
}

static bool is_key(const struct pack_record *r)
{
        return is_class(r, "credential") || is_class(r, "account") || is_class(r, "grant") || is_class(r, "mfa");
}

static void keys(const struct packing *p, const struct form *f, struct strbuf *out)
{
        each(p, f, is_key, put_any, out);
}

static bool is_tampering(const struct pack_record *r)
{
        return is_class(r, "log_tamper") || is_class(r, "config");
}

static void tampering(const struct packing *p, const struct form *f, struct strbuf *out)
{
        each(p, f, is_tampering, put_any, out);
}

static bool is_reading(const struct pack_record *r)
{
        return is_class(r, "export") || is_class(r, "share");
}

static void reading(const struct packing *p, const struct form *f, struct strbuf *out)
{
        each(p, f, is_reading, put_any, out);
}

/* A field of the case. */
static void put_value(const struct packing *p, const char *name, struct strbuf *out)
{
        const struct case_value *v = casefile_value(&p->file, str_of(name), STR_NONE);

        if (v && v->value.n > 0) {
                put(out, "  ", v->value);
                strbuf_addf(out, " (%s)\n", v->status == _FIELD_STATUS_MAX ? "as said" : field_status_name(v->status));
        }
}

static void contact(const struct packing *p, const struct form *f, struct strbuf *out)
{
        (void)f;
        put_value(p, "organisation", out);
        put_value(p, "contact", out);
}

static void measures(const struct packing *p, const struct form *f, struct strbuf *out)
{
        (void)f;
        put_value(p, "containment", out);
        put_value(p, "mitigation", out);
        put_value(p, "remedy", out);
}

/* ---- Forms ---- */

static const struct form forms[] = {
        { "google-ads", "Google Ads: report of a compromised account",
          { "https://support.google.com/google-ads/answer/9355975" },
          "It asks for a time line of changes that were not yours, the login that was used, users that were added, manager accounts that were linked, "
          "budgets or rules that were raised, and your current IP address.",
          { "google-ads" },
          { { "Customer ID of the account", accounts },
            { "Your name and how to reach you", contact },
            { "From when to when", period },
            { "When you noticed", marks },
            { "In one sentence each: what happened", told },
            { "Logins that made changes (say which of them was taken over)", people },
            { "Users that were added", additions },
            { "Manager accounts that were linked", managers },
            { "Budgets that were changed (in the account's currency)", budgets },
            { "Payments", payments },
            { "Other changes", others },
            { "Addresses", addresses },
            { "Your own current IP address", NULL },
            { "Is 2-step verification on for all who have access now?", NULL } } },
        { "meta", "Meta: a business portfolio or ad account that was taken over",
          { "https://www.facebook.com/hacked", "https://www.facebook.com/business/help" },
          "Meta's own page could not be read when this form was written: the questions are those of guides by others. Look at the page.",
          { "meta-" },
          { { "ID of the ad account or business", accounts },
            { "Your name and how to reach you", contact },
            { "From when to when", period },
            { "When you noticed", marks },
            { "In one sentence each: what happened", told },
            { "Who made changes (say which profile was taken over)", people },
            { "People, partners and system users that were added", additions },
            { "Budgets and spending limits that were changed", budgets },
            { "Payment methods and charges", payments },
            { "Other changes (pause advertisements, but do not delete them: they are evidence)", others },
            { "Addresses", addresses },
            { "Charges that are not yours (reference numbers of the billing page)", NULL },
            { "Is two-factor authentication required of everybody in the portfolio now?", NULL } } },
        { "aws", "AWS: an account that was taken over, for a support case, and abuse from AWS resources",
          { "https://repost.aws/knowledge-center/potential-account-compromise", "https://repost.aws/knowledge-center/report-aws-abuse" },
          "The first says what to do with keys, users and resources before answering the support case; the second asks for the kind of abuse, dates and "
          "times with their zone, source and target addresses, and, of many addresses, a CSV file: addresses.csv beside this.",
          { "aws-" },
          { { "Account ID", accounts },
            { "Your name and how to reach you", contact },
            { "From when to when (time zone: UTC)", period },
            { "When you noticed", marks },
            { "In one sentence each: what happened", told },
            { "Users and roles that acted (say which are not yours)", people },
            { "Source addresses", addresses },
            { "Regions", regions },
            { "Devices and programs", devices },
            { "Keys, users, roles and second factors that were made or changed", keys },
            { "Logging and security settings that were changed", tampering },
            { "Data that was read or shared", reading },
            { "What was done about it so far", measures },
            { "Resources that are not yours, in every region (terminate them; say that you did)", NULL } } },
};

static int put_form(struct packing *p, const struct form *f)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct str name = arena_printf(p->arena, "forms/%s.txt", f->name);
        size_t of = 0;

        strbuf_addf(&out, "%s\n\n", f->title);
        for (size_t i = 0; i < ARRAY_LEN(f->pages) && f->pages[i]; i++)
                strbuf_addf(&out, "Page: %s\n", f->pages[i]);
        strbuf_addf(&out, "%s\n", f->read);
        strbuf_addf(&out, "Filled in from case %lld; check it, and send it yourself. It is no legal advice. Times are UTC.\n", (long long)p->case_id);
        for (size_t i = 0; i < p->n_records; i++)
                of += is_of(f, &p->records[i]);
        if (of == 0)
                strbuf_addz(&out, "No record of this platform is in the case.\n");
        for (size_t i = 0; i < ARRAY_LEN(f->questions) && f->questions[i].text; i++) {
                size_t start;

                strbuf_addf(&out, "\n%s\n", f->questions[i].text);
                start = out.n;
                if (!f->questions[i].fn)
                        strbuf_addz(&out, "  (fill in)\n");
                else
                        f->questions[i].fn(p, f, &out);
                if (out.n == start)
                        strbuf_addz(&out, "  not known\n");
        }
        return !name.p || strbuf_failed(&out) ? -ENOMEM : p->emit(p, name, strbuf_str(&out));
}

/* A row for each record with an address. */
static int put_addresses(struct packing *p)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;

        strbuf_addz(&out, "address,time_utc,source,who,what,record\r\n");
        for (size_t i = 0; i < p->n_records; i++) {
                CLEANUP(strbuf_done) struct strbuf what = STRBUF_INIT;
                const struct pack_record *r = &p->records[i];
                char utc[TIME_ISO_BYTES];

                if (r->f[PACK_IP].n == 0)
                        continue;
                pack_utc(r->time, utc);
                pack_record_text(r, &what);
                csv_put(&out, r->f[PACK_IP], true);
                csv_put(&out, str_of(utc), false);
                csv_put(&out, r->source, false);
                csv_put(&out, r->f[PACK_PERSON], false);
                csv_put(&out, strbuf_str(&what), false);
                csv_put(&out, str_of(r->key), false);
                strbuf_addz(&out, "\r\n");
                out.failed |= strbuf_failed(&what);
        }
        return strbuf_failed(&out) ? -ENOMEM : p->emit(p, STR("forms/addresses.csv"), strbuf_str(&out));
}

int pack_forms(struct packing *p)
{
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(forms) && r >= 0; i++)
                r = put_form(p, &forms[i]);
        return r < 0 ? r : put_addresses(p);
}
