/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_FACTS_H
#define SHOPBELL_CASES_FACTS_H

/* What is known of a case, by name, and expressions over it: thresholds of laws are data.
 *
 *     people.kr >= 1000 or sensitive or data has password
 *
 * A name stands for a number, for yes or no, or for a list of words. `people.kr` is the part of a field for one country (or state:
 * `people.us-ca`); a field that is only known by parts is as large as they are together, and parts nobody speaks of are 0, also beside
 * one that is "at least". With the whole field known too, they are what is left of it. `people.here` is what the regime's countries
 * are together; of a regime without countries, the whole field. Where the regime itself is a part ("risk.kr-pipa"), that goes before
 * the plain name and before `.here`; and where it is asked for and not said, the plain name stands in. Operators, the tightest first: `has`, comparisons (= != < <= > >=), not, and, or; parentheses.
 * `seller = kr` compares words, case ignored; words of other letters stand in quotes.
 *
 * What is not known is not "no": and, or and not are Kleene's three-valued ones. An expression whose value depends on what is not
 * known is unknown, and a clock whose threshold is unknown runs. Pure; bounded by the names below. */

#include "monitor/base/arena.h"
#include "monitor/base/err.h"
#include "monitor/base/str.h"

enum { FACTS_MAX = 2000, EXPR_BYTES_MAX = 1024, EXPR_DEPTH_MAX = 32, EXPR_NODES_MAX = 256 };

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN };

/* `value` as text: "1200", ">=1200" ("at least": a comparison that more could change is unknown), "yes", "no", "email,address". The same
 * name twice: the last counts. */
struct fact_of_case {
        struct str name, value;
};

struct facts {
        const struct fact_of_case *items;
        size_t n;
        bool is_sorted; /* by name, each once: facts_sort() */
        struct str regime; /* whose expressions are asked; or absent */
        const struct str *here; /* country codes that ".here" stands for, small letters */
        size_t n_here;
};

/* The same facts in an order in which they are found at once; where many expressions are asked. The items live in the arena. 0 or -ENOMEM. */
int facts_sort(struct facts *f, struct arena *arena);
/* The value of that very name, or absent. */
struct str facts_get(const struct facts *f, struct str name);

struct expr;
/* Names that `is_known` denies are an error that says where. Lives in the arena. -EBADMSG: *reterr has the column in the text. */
int expr_parse(struct str text, bool (*is_known)(struct str name), struct arena *arena, struct expr **ret, struct err *reterr);
enum truth expr_eval(const struct expr *e, const struct facts *f);
enum truth truth_and(enum truth a, enum truth b);
enum truth truth_or(enum truth a, enum truth b);
enum truth truth_not(enum truth a);
const char *truth_name(enum truth t); /* "yes", "no", "unknown" */
/* Why it is so, with the values: "people.kr is 1200, which is 1000 or more". Appends. */
void expr_why(const struct expr *e, const struct facts *f, struct strbuf *out);
/* The fields that nobody has spoken of and that would decide it, "people, sensitive" (without parts): those that `out` has not yet. */
void expr_unsaid(const struct expr *e, const struct facts *f, struct strbuf *out);

#endif
