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
const char *sourceset_list_find(void *set, const char *source, const struct raw *raw);
int sourceset_list_compare(void *set, const struct list_poll *poll, const struct list_host *host);

const char *source_name(const struct source *s);
const char *source_title(const struct source *s);
const char *source_format(const struct source *s); /* decoder: "json", "regex" */
const char *source_file(const struct source *s);
const struct yaml *source_doc(const struct source *s); /* as written */
const struct logsource *source_logsource(const struct source *s);
usec source_lateness(const struct source *s);
/* Names of the native slots, [i] for slot _ECS_MAX + i, and how many. */
const struct str *source_native(const struct source *s, size_t *ret_n);
bool source_is_list(const struct source *s); /* its files are polled lists; its records, what differs between two */
/* Classes the source can show, as a bit set of enum class. */
uint32_t source_classes(const struct source *s);

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

/* ---- Samples ---- */
/* Runs the samples inside a source file (`samples:`): for each, fn(ok, what) with `what` the sample's name and, when it
 * failed, what differed. A source without samples fails. The number of failures, or negative. */
typedef void source_sample_fn(void *userdata, const struct source *source, bool is_ok, const char *what);
int source_test(struct sourceset *set, const struct source *s, source_sample_fn *fn, void *userdata);

#endif
