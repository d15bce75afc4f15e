/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_SIGMA_H
#define SHOPBELL_SIGMA_SIGMA_H

/* The Sigma language (specification 2.1): documents, modifiers, selections, conditions; compiled once, matched against
 * records. Classes of a source and rules are both written in it.
 *
 * A compiled detection speaks of fields by number into its own table `fields`; a binding maps these to the slots of one
 * source's records:
 *
 *     sigma_detection_compile(arena, yaml, file, &options, &det, &err);
 *     for (i …) slots[i] = kind->want(kind->userdata, det->fields[i]);       // once a source
 *     sigma_match(det, record, slots, scratch)                              // for each record
 *
 * A detection is immutable after compiling and may be matched from several threads, each with its own scratch. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/arena.h"
#include "monitor/base/err.h"
#include "monitor/base/hash.h"
#include "monitor/base/str.h"
#include "monitor/base/yaml.h"
#include "monitor/model/class.h"
#include "monitor/model/counter.h"
#include "monitor/model/logsource.h"
#include "monitor/model/record.h"

/* ---- Limits ---- */
enum {
        SIGMA_SELECTIONS_MAX = 1000, /* search identifiers of one rule */
        SIGMA_TESTS_MAX = 20000, /* values of one rule */
        SIGMA_TEST_CHARS = 100, /* so many characters of a long value, in each of its forms, count as one more value */
        SIGMA_FILE_TESTS_MAX = 100000, /* values of all rules of one file, `action: global` counted with each */
        SIGMA_CONDITION_BYTES_MAX = 64 * 1024,
        SIGMA_CONDITION_PARTS_MAX = 100000, /* selections that the `1 of` and `all of` of one rule stand for */
        SIGMA_CONDITION_DEPTH_MAX = 100,
};

struct sigma_node; /* the compiled condition; private to sigma/ */
struct expression;
struct selection;

struct sigma_correlation;

/* What a person may choose; NULL where one is taken means: nothing. */
struct sigma_options {
        /* A map: name → a value or a list of values, for `expand`; passed by sigma_placeholders_check(). Or NULL. Need not
         * outlive what is compiled with it. */
        const struct yaml *placeholders;
        /* The one limit of the correlation `tuned_rule` (id, name or title) is this number instead, and 1 is added to *tuned for
         * each rule that this was done to; absent: rules are as they are. Read by detect/ruleset.c. */
        struct str tuned_rule, tuned_number;
        size_t *tuned;
        bool with_deprecated; /* rules whose status is deprecated or unsupported run too */
        bool keeps_documents; /* sigma_rule.doc of every rule is kept, for messages about places and values */
};

/* Is this map fit for sigma_options.placeholders? -EBADMSG with the place of what is wrong. */
int sigma_placeholders_check(const struct yaml *map, const char *file, struct err *reterr);

struct sigma_detection {
        struct str *fields; /* every field name that is asked for, once; index = field number. NUL-terminated */
        size_t n_fields;
        bool wants_leaves; /* has keyword searches */
        struct sigma_node *root;
        struct selection *selections; /* private to sigma/ */
        size_t n_selections;
        size_t n_tests; /* values of the rule; those of filters not counted */
        unsigned line, col; /* of the condition */
        struct arena *arena; /* where it lives */
        struct expression *expressions; /* compiled regexes; private to sigma/ */
        struct str
                expanded; /* the placeholders it was filled with and their values, as text for digests; may be empty */
        struct str
                lacking; /* names of placeholders without a list, "a, b"; such a detection must not be matched. Or empty */
        const struct yaml *lacking_at; /* the value with the first of them */
        struct sigma_correlation
                *pipe; /* what a Sigma 1 condition `… | count() > 5` counts, without its rules; or NULL */
};

/* Per-thread memory for matching (PCRE2 match data and limits). Counts COUNTER_REGEX_LIMIT. */
struct sigma_scratch;
struct sigma_scratch *sigma_scratch_new(void);
struct sigma_scratch *sigma_scratch_free(struct sigma_scratch *s);
struct counters *sigma_scratch_counters(struct sigma_scratch *s);

/* Compiles a `detection:` map (selections and a condition). `file` is for messages. Everything lives in `arena`, except
 * compiled regexes, which sigma_detection_done() frees. A placeholder without a list is no error: see `lacking`. */
int sigma_detection_compile(struct arena *arena, const struct yaml *detection, const char *file,
                            const struct sigma_options *options, struct sigma_detection **ret, struct err *reterr);
/* Compiles one selection body (map, list of maps, list of keywords) without a condition: `when:` of a source. */
int sigma_selection_compile(struct arena *arena, const struct yaml *selection, const char *file,
                            struct sigma_detection **ret, struct err *reterr);
void sigma_detection_done(struct sigma_detection *d); /* frees the regexes; NULL is fine */

/* slots[i] is the record slot of fields[i] (UINT32_MAX: this source has no such field: missing). */
bool sigma_match(const struct sigma_detection *d, const struct record *r, const uint32_t *slots,
                 struct sigma_scratch *scratch);

/* How many items (`field|modifiers: values`) of the condition would have to be decided the other way for the record to be a hit:
 * 0, it is one; 1, it differs in one thing. Of several ways the shortest; an item that a condition uses twice counts twice. */
size_t sigma_steps(const struct sigma_detection *d, const struct record *r, const uint32_t *slots, struct sigma_scratch *scratch);

/* ---- Documents ---- */
enum sigma_kind { SIGMA_RULE, SIGMA_CORRELATION, SIGMA_FILTER };

/* Correlation types are rows of a table in detect/; here they are text. */
struct sigma_limit {
        enum { SIGMA_GT, SIGMA_GTE, SIGMA_LT, SIGMA_LTE, SIGMA_EQ, SIGMA_NEQ } op;
        struct str number; /* valid per base/number.h */
        unsigned line, col;
};

struct sigma_alias {
        struct str name, rule, field; /* group-by `name` is `field` in rule `rule` */
};

struct sigma_correlation {
        struct str type;
        const struct yaml *type_at; /* for messages */
        /* Translated from a condition of Sigma 1: the rule whose hits it counts, the only one in `rules`. Else NULL. */
        struct sigma_rule *base;
        struct str translation; /* base: the correlation as one would write it */
        const struct yaml *section; /* the whole `correlation:` map, for parameters of single types */
        struct str *rules; /* ids or names */
        const struct yaml **rules_at;
        size_t n_rules;
        struct str *group_by;
        size_t n_group_by;
        usec timespan;
        bool generate;
        struct sigma_limit *limits;
        size_t n_limits;
        struct str *fields; /* condition.field */
        size_t n_fields;
        struct sigma_alias *aliases;
        size_t n_aliases;
};

/* A filter's condition is ANDed with that of the rules it names, as pySigma does; so it says `not selection`. */
struct sigma_filter {
        const struct yaml *section; /* the whole `filter:` map */
        bool is_any; /* `rules: any`: all of its log source */
        struct str *rules; /* ids or names */
        const struct yaml **rules_at;
        size_t n_rules;
};

/* A test written inside a rule under `shopbell.tests`. */
struct sigma_test {
        enum { SIGMA_TEST_HIT, SIGMA_TEST_MISS, SIGMA_TEST_RAISE } expect;
        struct str source; /* source name the records are of; empty: recognise */
        const struct yaml **records; /* hit, miss: one; raise: several */
        size_t n_records;
        uint64_t alerts; /* raise: how many alerts must come of them (default 1; 0: none) */
        bool needs_places; /* without a database of places it is skipped */
        bool needs_people; /* likewise without a people.yml */
        bool needs_networks; /* likewise without networks */
        unsigned line, col;
};

/* Rules whose alerts are told of by this rule's alert, when both are of one person: `shopbell.inhibits`. */
struct sigma_inhibits {
        struct str *rules; /* ids or names */
        size_t n;
        usec timespan; /* how far apart they may be */
        const struct yaml *rules_at; /* for messages while rules are linked */
};
#define SIGMA_INHIBITS_TIMESPAN_MAX (30 * USEC_PER_DAY)

struct sigma_rule {
        enum sigma_kind kind;
        const char *file; /* outlives the rule */
        unsigned line;
        struct str id, title, name, description, author, date, status;
        struct str label; /* id, else title */
        enum level level; /* medium when the rule has none; has_level tells */
        bool has_level;
        bool is_off; /* status deprecated or unsupported and not asked for, or a placeholder has no list */
        bool is_base; /* its hits only feed the correlation that its Sigma 1 condition was translated to */
        struct logsource logsource; /* SIGMA_RULE, SIGMA_FILTER */
        struct sigma_detection *detection; /* SIGMA_RULE, SIGMA_FILTER */
        struct sigma_correlation *correlation; /* SIGMA_CORRELATION */
        struct sigma_filter *filter; /* SIGMA_FILTER */
        /* shopbell.* attributes */
        struct str *classes;
        size_t n_classes;
        struct str sentence; /* shopbell.sentence, absent: the title is used */
        struct str *playbook;
        size_t n_playbook;
        struct sigma_inhibits inhibits;
        struct sigma_test *tests;
        size_t n_tests;
        struct hash128 sections; /* of what decides about its hits, as the file has it */
        struct hash128 whole; /* of all of its document */
        const struct yaml *doc; /* NULL where nothing needs it any more and nobody asked to keep it */
};

struct sigma_file {
        const char *name; /* as given, for messages */
        struct yaml_file *yaml; /* owned; NULL: no rule needs it any more */
        struct arena *arena; /* owned */
        struct sigma_rule **rules;
        size_t n;
};

/* Reads one rule file (several documents, legacy `action: global|reset|repeat`). One bad document does not stop the
 * others: each error or remark is added to `errors` / `remarks` (either may be NULL). Negative only when the file can
 * not be read, is no YAML, or holds no good document (the reason is in `errors` too). A rule whose condition is of Sigma 1
 * (`… | count() > 5`) becomes two: its base, and behind it the correlation, which has its id, title and level. */
int sigma_file_load(const char *path, const struct sigma_options *options, struct sigma_file **ret,
                    struct err_list *errors, struct err_list *remarks);
int sigma_file_parse(struct str text, const char *name, const struct sigma_options *options, struct sigma_file **ret,
                     struct err_list *errors, struct err_list *remarks);
/* ANDs the condition of a filter into a rule's detection, before it is bound: matching knows nothing of filters. The rule
 * is as it was when this fails. `options` as when the filter was read. */
int sigma_filter_apply(const struct sigma_rule *filter, const struct sigma_options *options, struct sigma_rule *rule,
                       struct err *reterr);
size_t sigma_file_bytes(const struct sigma_file *file); /* memory held */
struct sigma_file *sigma_file_free(struct sigma_file *file);
DEFINE_FREEP(struct sigma_file, sigma_file)

#endif
