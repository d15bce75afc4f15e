/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_DRAFT_IMPL_H
#define SHOPBELL_PARSERS_DRAFT_IMPL_H

/* A draft in the making. Private to parsers/draft*.c:
 *
 *     draft.c          the way from raws to text
 *     draft_json.c     envelope, fan-out, name/value pairs, JSON in text
 *     draft_lines.c    csv, cef, keyvalue
 *     draft_patterns.c lines of text: regular expressions
 *     draft_stats.c    what the values of each field look like
 *     draft_fields.c   which field is the actor, the address, …: a table
 *     draft_classes.c  which word of an action means which class: a table
 *     draft_write.c    YAML
 *     draft_text.c     quoting
 *
 * To add a format: a row in `formats` (draft.c) with two functions. */

#include "parsers/draft.h"
#include "parsers/draft_text.h"
#include "parsers/explain.h"

/* What all values of a field look like. */
enum {
        SHAPE_TIME = 1 << 0, /* text that time_parse() reads */
        SHAPE_EPOCH = 1 << 1, /* a number of s, ms, us or ns since 1970, between 2000 and 2100 */
        SHAPE_ADDRESS = 1 << 2,
        SHAPE_MAIL = 1 << 3,
        SHAPE_NUMBER = 1 << 4,
        SHAPE_BOOL = 1 << 5,
        SHAPE_WORD = 1 << 6, /* short text without an address, a stamp or an id in it: may be an action */
        SHAPE_OUTCOME = 1 << 7, /* success, failed, … */
        SHAPE_AGENT = 1 << 8, /* "Mozilla/5.0 …", "curl/8.5" */
        SHAPE_ID = 1 << 9, /* a number, a UUID, hex digits */
        SHAPE_TEXT = 1 << 10, /* anything that is no number, stamp, address or bool */
        DRAFT_SHAPES = 11,
};

enum { DRAFT_VALUES_MAX = 64 /* distinct values of one field that are kept */, DRAFT_FIELDS_MAX = 2000, DRAFT_PATTERNS_MAX = 40, DRAFT_OPENED_MAX = 32 };

struct draft_field {
        struct str path;
        struct str words, last; /* of the path and of its last part: " user identity user name ", " user name " */
        size_t n_records; /* that have it, null or not */
        size_t last_record; /* + 1 */
        size_t n_filled; /* that say something there */
        struct str values[DRAFT_VALUES_MAX];
        size_t n_values;
        bool has_more, has_repeats, has_many; /* distinct values; a value twice; several values in one record */
        unsigned shapes; /* of most values that say something */
        size_t n_shaped[DRAFT_SHAPES]; /* values of each shape */
        bool is_used;
};

struct draft_record {
        struct flat flat;
        const struct raw *raw;
        struct str text; /* what it was made of: of JSON the record, else the raw */
};

/* An entry of `fields`. */
struct draft_guess {
        const struct draft_field *field; /* NULL: none */
        struct str yaml; /* what stands behind the colon */
        struct str note; /* comment, or absent */
};

struct draft {
        const struct draft_request *request;
        struct arena *arena;
        const struct draft_format *format;
        struct strbuf head; /* YAML of the format's own keys */
        struct strbuf recognise; /* YAML below `recognise:` that the format brings itself; empty: by fields */
        struct str header; /* csv */
        bool has_header; /* of syslog */
        bool has_zoneless_stamps;
        struct str opened[DRAFT_OPENED_MAX]; /* paths below which names come and go: names and values, JSON in text */
        size_t n_opened;
        struct sourceset *probe; /* reads the sample; texts of the records may lie in it */

        struct draft_record records[DRAFT_RECORDS_MAX];
        size_t n_records;
        struct draft_field *fields;
        size_t n_fields;
        size_t n_common; /* records that have the field most have; all of them unless they have nothing in common */
        struct draft_guess guesses[_ECS_MAX];
        struct strbuf classes; /* YAML below `classes:` */
        struct strbuf classless; /* actions that no word tells */
};

struct draft_format {
        const char *name;
        bool (*fits)(const struct draft *d);
        int (*head)(struct draft *d); /* fills d->head, and d->recognise if it knows better than fields; 0, -EBADMSG, -ENOMEM */
};

/* draft_json.c */
bool draft_json_fits(const struct draft *d);
int draft_json_head(struct draft *d);
/* draft_lines.c */
bool draft_csv_fits(const struct draft *d);
int draft_csv_head(struct draft *d);
bool draft_cef_fits(const struct draft *d);
int draft_cef_head(struct draft *d);
bool draft_keyvalue_fits(const struct draft *d);
int draft_keyvalue_head(struct draft *d);
/* Whether most lines have a syslog header; then writes `header` and `programs`, and notes the zone. */
bool draft_syslog_head(struct draft *d);
/* What stands behind the syslog header, if there is one. */
struct str draft_message(const struct draft *d, const struct raw *raw, bool has_header);
/* draft_patterns.c */
bool draft_regex_fits(const struct draft *d);
int draft_regex_head(struct draft *d);

/* draft_stats.c */
unsigned draft_shapes(struct str text);
/* "userIdentity.userName" is " user identity user name ". Absent: no memory. */
struct str draft_words(struct arena *arena, struct str text);
/* Sum of the weights of the words that are there. The list: "time:4 created_at:5 expires:-9", a low line for a blank. */
int draft_weigh(struct str words, const char *list);
int draft_outcome(struct str text); /* 1 success, -1 failure, 0 neither */
int draft_stats(struct draft *d);
const char *draft_unit(struct str number); /* "s", "ms", "us", "ns" of a SHAPE_EPOCH */

/* draft_fields.c, draft_classes.c: fill guesses, classes. 0 or -ENOMEM. */
int draft_fields(struct draft *d);
int draft_classes(struct draft *d);
/* How many of a field's values have words of actions. */
size_t draft_actions(const struct draft *d, const struct draft_field *f);

/* draft_write.c */
/* Everything but samples. The stricter, the more fields and values tell the source; 0: those that are likely to do. */
int draft_write(const struct draft *d, size_t strictness, struct strbuf *out);
/* `samples`, with what `set` makes of them. */
int draft_write_samples(const struct draft *d, const struct sourceset *set, struct strbuf *out);

#endif
