/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_REGIME_H
#define SHOPBELL_CASES_REGIME_H

/* Laws about telling of breaches, as data: regimes.d/, one file a law (or a contract: the owner adds his own in the same form).
 * shopbell.regime(5) has the keys. Not legal advice: a rule says where it comes from, how sure that is, and when somebody last looked. */

#include "monitor/base/macros.h"
#include "monitor/base/yaml.h"
#include "monitor/base/zone.h"
#include "monitor/cases/content.h"
#include "monitor/cases/event.h"
#include "monitor/cases/facts.h"

enum { REGIMES_MAX = 500, REGIME_DUTIES_MAX = 32, REGIME_COUNTRIES_MAX = 64, REGIME_LANGUAGES_MAX = 32, HOLIDAYS_MAX = 4000 };
#define REGIME_STALE (183 * USEC_PER_DAY) /* since checked_on */

/* Who is to be told, or what is to be done. To add one: a row.
 *    enum           name */
#define DUTIES_TO(X) \
        X(AUTHORITY, "authority") \
        X(PEOPLE, "people")         /* affected */ \
        X(ASSESSMENT, "assessment") /* whether it must be notified: to be decided */ \
        X(PRINCIPAL, "principal")   /* the organisation whose data it is */ \
        X(PARTNER, "partner")       /* platform, bank or card scheme */

enum duty_to {
#define X(id, name) TO_##id,
        DUTIES_TO(X)
#undef X
                _DUTY_TO_MAX,
};

const char *duty_to_name(enum duty_to to);

/* Hours run on through nights and feast days; a calendar day ends at midnight where the authority is, and the day of the event is not
 * counted; neither is it of working days, which are those of the regime's weekdays that are no holiday. AT_ONCE has no number: what is
 * due is due from the event on. */
enum within_unit { WITHIN_AT_ONCE, WITHIN_HOURS, WITHIN_CALENDAR_DAYS, WITHIN_WORKING_DAYS };

struct duty {
        struct str id; /* within the regime: "authority", "people", "final" */
        struct str title; /* "Preliminary report to the PPC" */
        enum duty_to to;
        bool is_follow_up; /* comes behind another one to the same */
        bool is_guide; /* a guideline or expectation, not the law itself */
        enum case_event start;
        enum within_unit unit;
        unsigned amount; /* hours, also of "3 x 24 hours"; or days */
        struct str within; /* as the file says it: "72 hours", "3 x 24 hours", "without undue delay" */
        const struct expr *when; /* NULL: always */
        struct str when_text;
        struct str law; /* section */
        struct str note; /* or absent */
        unsigned line, col;
};

struct regime_content { /* what a notice must say */
        const struct content *content;
        struct str law; /* or absent */
};

struct regime {
        struct str id, title, law, note;
        bool is_contract; /* not a law */
        struct str *countries; /* codes of people's countries that it is about, small letters ("us-ca"); none: everybody's */
        size_t n_countries;
        struct str zone; /* tz database: where the authority is */
        const struct zone *tz; /* that, opened */
        struct str *languages; /* BCP 47, the first is the authority's */
        size_t n_languages;
        struct str authority, portal; /* name; where it is told, or absent */
        struct str representative; /* or absent */
        const struct expr *applies; /* NULL: to whom its countries are about */
        struct str applies_text;
        struct duty *duties;
        size_t n_duties;
        struct regime_content *contents[_DUTY_TO_MAX];
        size_t n_contents[_DUTY_TO_MAX];
        struct str *sources; /* pages or statutes */
        size_t n_sources;
        usec checked_on; /* midnight UTC of that day */
        struct str confidence; /* high, medium, low */
        usec valid_from, valid_to; /* USEC_NONE: open; valid_to is the first day on which it is not */
        unsigned weekdays; /* that are worked on: bit 0 is Monday */
        const int64_t *holidays; /* days since 1970-01-01, ascending */
        size_t n_holidays;
        usec holidays_until; /* the list says nothing of days behind this; USEC_NONE: there is none */
        const char *file;
        /* In a case: whether a person said that it applies, and in which words. Absent: nobody did, and expressions tell. */
        struct str decided;
        bool decided_applies;
};

struct regimes {
        struct regime *items; /* by id */
        size_t n;
        struct arena *arena;
        struct yaml_file **files;
        size_t n_files;
        struct zone **zones;
        size_t n_zones;
};

/* Loads folders, each with its .yml files, those of contract/ and holidays/CODE.yml; what is in a later folder replaces what an earlier one has of the
 * same id or code; a folder that is missing has none. Bad files are told in `errors` and left out, also those whose zone the tz database has not. In countries, "eu" and
 * "eea" stand for their members. -ENOMEM or 0. */
int regimes_load(const char *const *dirs, size_t n_dirs, struct regimes *ret, struct err_list *errors);
/* One law from a text, as in a file of that name; there are no holidays. 0, -ENOMEM, or as of a bad file with *reterr. */
int regimes_parse(struct str text, const char *name, struct regimes *ret, struct err *reterr);
void regimes_done(struct regimes *r);
const struct regime *regime_find(const struct regimes *r, struct str id); /* or NULL */
/* Whether expressions may use that name: a field of the case, with its part or ".here", or "alerts". */
bool regime_is_fact(struct str name);
/* What is told where a law is named. */
extern const char regime_disclaimer[];
bool regime_is_stale(const struct regime *r, usec now);
bool regime_is_in_force(const struct regime *r, usec at);
/* Names near to a wrong one, "a, b"; none may be. */
void regimes_near(const struct regimes *r, struct str id, struct strbuf *out);

#endif
