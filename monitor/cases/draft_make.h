/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_DRAFT_MAKE_H
#define SHOPBELL_CASES_DRAFT_MAKE_H

/* A draft in the making: private to the files draft*.c. */

#include "monitor/base/zone.h"
#include "monitor/cases/draft.h"

enum { DRAFT_PARTS_MAX = 10000, /* a list of one-letter words has 4000 */ DRAFT_GAPS_MAX = 400, DRAFT_LINES_MAX = 100 };

struct maker {
        const struct draft_request *q;
        const struct template *t;
        const struct regime *regime;
        struct arena *arena;
        struct zone *zone; /* of the regime */
        struct draft_part *parts;
        size_t n_parts, cap_parts;
        struct draft_gap *gaps;
        size_t n_gaps, cap_gaps;
        bool failed; /* out of memory */
        bool is_form; /* headings are prescribed, and stand above several contents */
        bool is_short; /* of an SMS: names and desks are cut down, values are not marked */
};

/* What came of a value. */
enum found {
        FOUND,
        FOUND_NOT_YET, /* may wait, and is not known */
        FOUND_NOTHING, /* nobody has said, and it cannot wait */
};

/* draft_format.c: numbers, moments and phrases as the language writes them. Appended. */
struct pair {
        const char *name;
        struct str value;
};
void format_phrase(const struct template *t, const char *path, const struct pair *pairs, size_t n, struct strbuf *out);
void format_number(const struct maker *m, uint64_t n, struct strbuf *out);
void format_date(const struct maker *m, usec t, struct strbuf *out);
void format_time(const struct maker *m, usec t, struct strbuf *out);
/* Between the items of a list, `i` of `n`. */
void format_divide(const struct maker *m, size_t i, size_t n, struct strbuf *out);

/* The text, marked where it is an estimate. */
void format_estimate(const struct maker *m, bool is_estimate, struct str text, struct strbuf *out);

/* draft_count.c: a number of a field, and that of the people the law is about. */
struct count {
        uint64_t least, most;
        bool is_open, is_estimate, is_any; /* it may be more; nobody counted it; there is one */
};
void count_put(struct maker *m, const struct case_field *f, const struct count *c, struct strbuf *out);
enum found count_people(struct maker *m, const struct case_field *f, struct strbuf *out);

/* draft_value.c: what a placeholder stands for, without marks around it. `name`: of a field, of an event, or one that is made. */
enum found value_of(struct maker *m, struct str name, struct strbuf *out);
/* The same for a field of a content: "@aware" is a mark. */
enum found value_of_field(struct maker *m, const char *field, struct strbuf *out);
/* Words of a list field, each a part: the data. */
enum found value_items(struct maker *m, struct str name, void (*fn)(struct maker *m, struct str item, const struct content *c), const struct content *c);
/* "data: not yet known" and the hole. */
void value_unknown(struct maker *m, struct strbuf *out);
void value_hole(struct maker *m, struct str field, struct strbuf *out);
struct str value_label(struct maker *m, struct str field); /* of a field, or of an event with or without @ */
bool value_is_said(const struct case_value *v); /* NULL: nobody has */
enum found value_not_there(const struct case_field *f);
/* draft_count.c: numbers of people by the regime's countries: fn for each that is known. */
void value_people_parts(struct maker *m, void (*fn)(struct maker *m, struct str label, struct str value, const struct content *c), const struct content *c);

/* draft.c */
void maker_gap(struct maker *m, enum draft_gap_kind kind, struct str field, struct str why);
void maker_part(struct maker *m, enum draft_kind kind, const struct content *c, bool is_unknown, struct str text);

/* draft_fill.c: lines of a template with their values. */
/* A line of the frame: what is not known is said in its place. */
void fill_frame(struct maker *m, enum draft_kind kind, struct str lines);
/* The text of one content, for people: lines whose values are not known are left out; with none left it says so. */
void fill_content(struct maker *m, const struct content *c, struct str lines);
/* The rows of one content: each of its fields. */
void fill_rows(struct maker *m, const struct content *c);

#endif
