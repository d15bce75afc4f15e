/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_SOURCE_H
#define SHOPBELL_PARSERS_SOURCE_H

/* Sources as data: one YAML file for each kind of log (shopbell.source(5) describes the file), and the parser that turns
 * raws into records by them.
 *
 *     sourceset_load(dirs, n, &set, &errors);
 *     … rules ask for fields through sourceset_kind(set, i)->want() …
 *     sourceset_freeze(set, &err);
 *     parser = parser_new(set, &options);                      // one a thread
 *     parser_parse(parser, raw, arena, on_record, userdata);   // pure: no clock, no I/O
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/arena.h"
#include "monitor/base/clock.h"
#include "monitor/base/csv.h"
#include "monitor/base/err.h"
#include "monitor/base/yaml.h"
#include "monitor/model/class.h"
#include "monitor/model/counter.h"
#include "monitor/model/list.h"
#include "monitor/model/logsource.h"
#include "monitor/model/record.h"

struct source;
struct sourceset;

/* How sure the format is: a vendor's own words or a captured record; somebody else's code; nobody's. */
enum source_trust { SOURCE_CONFIRMED, SOURCE_THIRD_PARTY, SOURCE_UNCONFIRMED };

/* Reads every *.yml below the folders, in order of name. A bad file is reported in `errors` and left out. Two sources of
 * one name: the later folder wins. Negative only when nothing could be read at all. */
int sourceset_load(const char *const *dirs, size_t n_dirs, struct sourceset **ret, struct err_list *errors);
/* The same with one more source file, given as text (`name`: for messages), which wins over one of its own name. A mistake in it
 * is returned in *reterr; folders may be none. */
int sourceset_load_with(const char *const *dirs, size_t n_dirs, struct str text, const char *name, struct sourceset **ret,
                        struct err_list *errors, struct err *reterr);
struct sourceset *sourceset_free(struct sourceset *set);
DEFINE_FREEP(struct sourceset, sourceset)
size_t sourceset_count(const struct sourceset *set);
struct source *sourceset_get(const struct sourceset *set, size_t index);
struct source *sourceset_find(const struct sourceset *set, struct str name);
/* For detect: valid until the set is freed. */
const struct log_kind *sourceset_kind(const struct sourceset *set, size_t index);
/* No more wishes; builds the plans. */
int sourceset_freeze(struct sourceset *set, struct err *reterr);

/* csv_test_fn, with the set as userdata: whether a file that begins with this line is a table of a source that is known
 * (of `source`, when it is not NULL), and how its rows are written. */
bool sourceset_is_csv(void *set, const char *source, struct str line, struct csv_shape *ret);

/* The functions of a struct list_door, with the set, frozen, as userdata. */
int sourceset_list_find(void *set, const char *source, const struct raw *raw, const char **ret);
int sourceset_list_compare(void *set, const struct list_poll *poll, const struct list_host *host);

const char *source_name(const struct source *s);
const char *source_title(const struct source *s);
const char *source_format(const struct source *s); /* decoder: "json", "regex" */
const char *source_file(const struct source *s);
const struct yaml *source_doc(const struct source *s); /* as written, with what `like` adds */
const struct logsource *source_logsource(const struct source *s);
bool source_is_door(const struct source *s); /* it takes what no other source takes */
usec source_lateness(const struct source *s);
usec source_silence(const struct source *s); /* 0: not known */
/* Names of the native slots, [i] for slot _ECS_MAX + i, and how many. */
const struct str *source_native(const struct source *s, size_t *ret_n);
bool source_is_list(const struct source *s); /* its files are polled lists; its records, what differs between two */
/* Classes the source can show, as a bit set of enum class. */
uint32_t source_classes(const struct source *s);

/* What a source says of itself to people. */
struct source_about {
        const char *about; /* where the format is documented; NULL: not said */
        const char *trust; /* confirmed, third-party, unconfirmed */
        struct str setup; /* absent: not said */
        const struct str *unconfirmed;
        size_t n_unconfirmed;
        const struct yaml *cannot; /* a map from class or field to why, or NULL */
};
void source_about(const struct source *s, struct source_about *ret);
/* What of each class it knows: rows of `classes`, and the distinct values that the `when` of these rows name for the native
 * fields that event.action is made of (also a part of a value, as with |contains; not |exists and null). A class that is told by other
 * fields has rows, but no values. 0 or -ENOMEM. */
struct source_coverage {
        unsigned rows[_CLASS_MAX], values[_CLASS_MAX];
};
int source_coverage(const struct source *s, struct source_coverage *ret);

/* ---- Parsing ---- */
struct parser;

struct parser_options {
        struct time_hint hint; /* for stamps without year or zone */
        uint64_t ecs_wanted; /* bit set of enum ecs: the fields that records need at once; 0: all. Most records hit
                                nothing and nobody looks at them again, so the others wait for parser_complete() */
        uint64_t ecs_of_class; /* those that only records with a class need at once, besides */
};

struct parser *parser_new(const struct sourceset *set, const struct parser_options *options); /* NULL: no memory */
struct parser *parser_free(struct parser *p);
void parser_set_reference(struct parser *p, usec reference); /* hint.reference, e.g. the file's mtime */
void parser_set_arrival(struct parser *p, usec arrival); /* when raws came whose `reference` is unknown, as from a pipe */
struct counters *parser_counters(struct parser *p);

/* A record is complete but for ECS fields that are not wanted at once, and then its id: slots, time, source, class. It dies with the
 * arena. Negative ends the raw. */
typedef int parser_record_fn(void *userdata, struct record *record);
/* Only from within that function, for the record that it was handed: all ECS fields, and the id. 0 or -ENOMEM. */
int parser_complete(struct parser *p, struct record *record);

/* Number of records made (0: ignored or not ours), or the reason it was rejected: -EBADMSG malformed, -E2BIG over a
 * limit, -ENOENT of no known source, -ENOMSG a polled list that is not believed, or stands where none is compared, -ENOMEM. Counted in the parser's counters. `ret_reason` (may be NULL) gets a
 * sentence for a rejected raw, which lives as long as the arena. Record indices count up from raw->index. */
int parser_parse(struct parser *p, const struct raw *raw, struct arena *arena, parser_record_fn *fn, void *userdata,
                 const char **ret_reason);

/* Which sources a raw may be of, best first: how many of the recognition tests hold. */
struct source_guess {
        const struct source *source;
        unsigned held, of; /* recognition tests that held; all must for the source to be taken */
};
int parser_identify(struct parser *p, const struct raw *raw, struct source_guess *ret, size_t max); /* how many */

/* Why a raw is of a source, or is not: each recognition test of the source, asked of the record in the raw for which most
 * of them hold. 0 or -ENOMEM. What is handed to fn lives as long as the arena. */
struct source_test {
        struct str what; /* "has till.id", "till.kind is [a, b]", "is a line of sshd" */
        bool holds;
        struct str met; /* the value it was asked of; absent: none, or it has no part in it */
};
typedef void source_test_fn(void *userdata, const struct source_test *test);
int parser_why(struct parser *p, const struct raw *raw, const struct source *s, struct arena *arena, source_test_fn *fn,
               void *userdata);

/* What became of each field of a record: number `number` of those that the raw makes, of the source that is given. */
struct field_use {
        struct str name, value; /* as the log has them; of an array each element */
        struct str use; /* "user.name; class login holds"; "" : nothing asked for it */
        bool is_taken; /* some ECS field has its value */
};
typedef int field_use_fn(void *userdata, const struct field_use *use);
/* 0; -ENOENT: there is no such record; -ENOMEM; what fn returned. Handed out texts live as long as the arena; *ret (may be
 * NULL) is the record. */
int parser_explain(struct parser *p, const struct raw *raw, const struct source *s, uint32_t number, struct arena *arena,
                   field_use_fn *fn, void *userdata, struct record **ret);

/* ---- Samples ---- */
/* Runs the samples inside a source file (`samples:`): for each, fn(ok, what) with `what` the sample's name and, when it
 * failed, what differed. A source without samples fails. The number of failures, or negative. */
typedef void source_sample_fn(void *userdata, const struct source *source, bool is_ok, const char *what);
int source_test(struct sourceset *set, const struct source *s, source_sample_fn *fn, void *userdata);

#endif
