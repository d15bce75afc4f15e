/* SPDX-License-Identifier: Apache-2.0 */

/* The texts of a template, as a table: each row is a path, or a group of paths with one for each word of a list. */

#include "monitor/cases/template_keys.h"

#include <errno.h>
#include <stdio.h>

#include "monitor/cases/content.h"
#include "monitor/cases/event.h"
#include "monitor/cases/template.h"

/* Items of data. To add one: a word here, and its name in each template. */
static const char *const data_words[] = {
        "name", "email", "phone", "address", "entrance-code", "order", "recipient", "note", "username", "password", "card", "card-code", "bank-account",
        "id-number", "passport", "birth-date", "gender", "health", "biometric", "location", "photo", "ip-address", "company", "purchase-history",
};
static const char *const causes[] = { "insider", "stolen key", "phishing", "bug", "lost device", "supplier" };
static const char *const roles[] = { "controller", "intermediary" };
static const char *const types[] = { "confidentiality", "integrity", "availability" };
static const char *const uses[] = { "accessed", "viewed", "copied", "published", "sold" };
static const char *const bewares[] = { "general", "password", "card", "bank", "entrance-code", "identity" };
static const char *const answers[] = { "yes", "no" };
static const char *const stages[] = { "investigating", "confirmed" };
static const char *const countries[] = {
        "kr", "jp", "cn", "tw", "hk", "sg", "my", "id", "th", "vn", "ph", "in", "au", "nz", "us", "us-ca", "ca", "br", "ae", "gb", "de", "fr", "it", "es", "nl",
};

/* ---- Texts with a path of their own ---- */

#define OPTIONAL true

static const struct single {
        const char *path;
        const char *places; /* names, divided by blanks; NULL: those of drafts */
        bool is_optional;
} singles[] = {
        { "name", "", 0 },
        { "dir", "", 0 },
        { "reviewed", "", OPTIONAL },
        { "avoid", "", 0 },
        { "formats.months", "", 0 },
        { "formats.date", "year month month-name day", 0 },
        { "formats.time", "date hour minute zone", 0 },
        { "formats.thousands", "", 0 },
        { "formats.list", "", 0 },
        { "formats.list-last", "", 0 },
        { "formats.span", "from to", 0 },
        { "formats.year-offset", "", OPTIONAL },
        { "phrases.row", "label value", 0 },
        { "phrases.unknown", "next-update", 0 },
        { "phrases.unknown-undated", "", 0 },
        { "phrases.unknown-short", "", 0 },
        { "phrases.missing", "label", 0 },
        { "phrases.missing-if", "label", 0 },
        { "phrases.at-least", "count", 0 },
        { "phrases.at-least-span", "count from to", 0 },
        { "phrases.between", "least most", 0 },
        { "phrases.estimated", "value", 0 },
        { "phrases.subject", "title", 0 },
        { "phrases.people", "count", 0 },
        { "phrases.records", "count", 0 },
        { "phrases.people-one", "count", OPTIONAL },
        { "phrases.records-one", "count", OPTIONAL },
        { "phrases.in-all", "", 0 },
        { "phrases.as-of", "as-of", 0 },
        { "people.greeting", NULL, 0 },
        { "people.opening.investigating", NULL, 0 },
        { "people.opening.confirmed", NULL, 0 },
        { "people.closing", NULL, 0 },
        { "authority.opening.investigating", NULL, 0 },
        { "authority.opening.confirmed", NULL, 0 },
        { "authority.closing", NULL, 0 },
        { "press.statement.investigating", NULL, 0 },
        { "press.statement.confirmed", NULL, 0 },
        { "support.script.investigating", NULL, 0 },
        { "support.script.confirmed", NULL, 0 },
        { "in-app.investigating", NULL, 0 },
        { "in-app.confirmed", NULL, 0 },
        { "sms.investigating", NULL, 0 },
        { "sms.confirmed", NULL, 0 },
};

/* ---- Groups: a text for each word ---- */

const char *template_data_near(struct str word)
{
        enum { FAR = 3 };
        const char *near = NULL;
        size_t best = FAR;

        for (size_t i = 0; i < ARRAY_LEN(data_words) && best > 0; i++) {
                size_t far = str_distance(word, str_of(data_words[i]));

                if (far < best && far < word.n) {
                        best = far;
                        near = data_words[i];
                }
        }
        return best > 0 ? near : NULL;
}

#define WORDS(list) list, ARRAY_LEN(list)

static const struct group {
        const char *prefix;
        const char *const *words;
        size_t n;
} groups[] = {
        { "answers", WORDS(answers) },
        { "data", WORDS(data_words) },
        { "causes", WORDS(causes) },
        { "types", WORDS(types) },
        { "roles", WORDS(roles) },
        { "use", WORDS(uses) },
        { "beware", WORDS(bewares) },
        { "countries", WORDS(countries) },
        { "titles.people", WORDS(stages) },
        { "titles.authority", WORDS(stages) },
        { "titles.press", WORDS(stages) },
        { "titles.support", WORDS(stages) },
};

/* Fields that a notice has a label for: those of contents, and these. */
static const char *const more_labels[] = { "evidence-of-use", "third-parties", "refund-options", "next-update" };

static bool is_labelled(const char *field)
{
        size_t n;
        const struct content *all = contents(&n);

        for (size_t i = 0; i < ARRAY_LEN(more_labels); i++)
                if (strcmp(more_labels[i], field) == 0)
                        return true;
        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < CONTENT_FIELDS_MAX && all[i].fields[j]; j++)
                        if (strcmp(all[i].fields[j], field) == 0)
                                return true;
        return false;
}

struct walk {
        int (*fn)(void *userdata, const char *path);
        void *userdata;
        int r;
};

static void tell(struct walk *w, const char *prefix, const char *word, const char *suffix)
{
        char path[TEMPLATE_PATH_MAX];

        if (w->r < 0)
                return;
        (void)snprintf(path, sizeof path, "%s.%s%s", prefix, word, suffix);
        w->r = w->fn(w->userdata, path);
}

int template_each_path(int (*fn)(void *userdata, const char *path), void *userdata)
{
        struct walk w = { fn, userdata, 0 };
        size_t n_fields, n_contents;
        const struct case_field *fields = case_fields(&n_fields);
        const struct content *all = contents(&n_contents);

        for (size_t i = 0; i < ARRAY_LEN(singles) && w.r >= 0; i++)
                if (!singles[i].is_optional)
                        w.r = fn(userdata, singles[i].path);
        for (size_t i = 0; i < ARRAY_LEN(groups); i++)
                for (size_t j = 0; j < groups[i].n; j++)
                        tell(&w, groups[i].prefix, groups[i].words[j], "");
        for (int i = 0; i < _FIELD_STATUS_MAX; i++)
                tell(&w, "statuses", field_status_name((enum field_status)i), "");
        for (int i = 0; i < _EVENT_MAX; i++)
                tell(&w, "events", case_event_name((enum case_event)i), "");
        for (size_t i = 0; i < n_fields; i++)
                if (is_labelled(fields[i].name))
                        tell(&w, "fields", fields[i].name, "");
        for (size_t i = 0; i < n_contents; i++)
                tell(&w, "contents", all[i].id, ".title");
        return w.r;
}

/* ---- Whether there is such a text ---- */

struct search {
        struct str path;
        bool is_found;
};

static int compare(void *userdata, const char *path)
{
        struct search *s = userdata;

        s->is_found |= str_eqz(s->path, path);
        return 0;
}

/* "ID.text" of contents, also of those that a regime has for itself. */
static bool is_content_text(struct str rest)
{
        static const char *const names[] = { "title", "title-investigating", "title-filing", "text", "investigating", "confirmed" };
        struct str id;

        str_cut(&rest, '.', &id);
        for (size_t i = 0; i < ARRAY_LEN(names) && content_find(id); i++)
                if (str_eqz(rest, names[i]))
                        return true;
        return false;
}

static bool is_regime_text(struct str rest, const char **ret_places)
{
        struct str id;

        str_cut(&rest, '.', &id);
        if (id.n == 0 || !rest.p)
                return false;
        if (str_starts(rest, STR("contents.")))
                return is_content_text(str_from(rest.p + 9, rest.n - 9));
        *ret_places = str_eqz(rest, "filing-opening") ? NULL : "";
        return str_eqz(rest, "title") || str_eqz(rest, "form") || str_eqz(rest, "law") || str_eqz(rest, "authority") || str_eqz(rest, "filing-title") ||
               str_eqz(rest, "filing-opening");
}

bool template_path_is_known(struct str path, const char **ret_places)
{
        struct search s = { path, false };

        *ret_places = NULL;
        for (size_t i = 0; i < ARRAY_LEN(singles); i++)
                if (str_eqz(path, singles[i].path)) {
                        *ret_places = singles[i].places;
                        return true;
                }
        if (str_starts(path, STR("regimes.")))
                return is_regime_text(str_from(path.p + 8, path.n - 8), ret_places);
        if (str_starts(path, STR("contents.")) && is_content_text(str_from(path.p + 9, path.n - 9)))
                return true;
        *ret_places = "";
        if (str_starts(path, STR("zones.")))
                return path.n > 6;
        if (str_starts(path, STR("fields.")))
                return case_field_find(str_from(path.p + 7, path.n - 7)) != NULL;
        (void)template_each_path(compare, &s);
        return s.is_found;
}

/* ---- Placeholders ---- */

static const char *const made[] = { "shop", "desk", "law", "authority", "as-of", "use", "beware" };

static bool is_of_drafts(struct str name)
{
        for (size_t i = 0; i < ARRAY_LEN(made); i++)
                if (str_eqz(name, made[i]))
                        return true;
        return case_field_find(name) || case_event_find(name) != _EVENT_MAX;
}

static bool is_among(struct str name, const char *places)
{
        struct str rest = str_of(places), word;

        while (str_cut(&rest, ' ', &word))
                if (word.n > 0 && str_eq(word, name))
                        return true;
        return false;
}

static void nearest(struct str name, const char *candidate, const char **ret, size_t *best)
{
        size_t d = str_distance(name, str_of(candidate));

        if (d < *best) {
                *best = d;
                *ret = candidate;
        }
}

static int no_such_place(struct str name, const char *places, struct err *reterr)
{
        enum { FAR = 4 };
        const char *near = NULL;
        size_t n, best = FAR;
        const struct case_field *fields = case_fields(&n);

        if (places)
                return err_set(reterr, -EBADMSG, "no placeholder {" STR_FMT "} here%s%s", STR_ARG(name), *places ? "; there are: " : ": this text has none",
                               places);
        for (size_t i = 0; i < n; i++)
                nearest(name, fields[i].name, &near, &best);
        for (int i = 0; i < _EVENT_MAX; i++)
                nearest(name, case_event_name((enum case_event)i), &near, &best);
        for (size_t i = 0; i < ARRAY_LEN(made); i++)
                nearest(name, made[i], &near, &best);
        return err_set(reterr, -EBADMSG, "no placeholder is called {" STR_FMT "}%s%s%s; shopbell.template(5) lists them", STR_ARG(name),
                       near ? ": perhaps {" : "", near ? near : "", near ? "}" : "");
}

int template_check_places(struct str text, const char *places, struct err *reterr)
{
        for (size_t i = 0; i < text.n; i++) {
                const char *end;
                struct str name;

                if (text.p[i] == '}')
                        return err_set(reterr, -EBADMSG, "a } without a {");
                if (text.p[i] != '{')
                        continue;
                end = memchr(text.p + i, '}', text.n - i);
                if (!end)
                        return err_set(reterr, -EBADMSG, "a { without a }");
                name = str_from(text.p + i + 1, (size_t)(end - text.p) - i - 1);
                if (name.n > 40)
                        name.n = 40;
                if (places ? !is_among(name, places) : !is_of_drafts(name))
                        return no_such_place(name, places, reterr);
                i = (size_t)(end - text.p);
        }
        return 0;
}
