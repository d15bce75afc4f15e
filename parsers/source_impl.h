/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_SOURCE_IMPL_H
#define SHOPBELL_PARSERS_SOURCE_IMPL_H

/* What a source is inside parsers/. Filled by source_load.c and the decoder's load(), completed by rules' wishes,
 * finished by sourceset_freeze(); from then on only read, by any thread.
 *
 * Slots: 0 … _ECS_MAX-1 are the ECS fields, behind them the native fields in the order they were asked for. Those that
 * a decoder makes itself (header fields, named groups) come first: n_made of them. */

#include "monitor/base/map.h"
#include "monitor/model/class.h"
#include "monitor/model/ecs.h"
#include "monitor/sigma/program.h"
#include "monitor/sigma/rx.h"
#include "parsers/derive.h"
#include "parsers/json.h"
#include "parsers/source.h"

struct decoder;
struct mail_pattern; /* parsers/decode_mail.c */
struct mail_slots;

_Static_assert(_ECS_MAX <= 64, "sets of ECS fields are 64 bits wide");

/* `fields` and `set` entries: which ECS field comes from where. */
struct field_rule {
        enum ecs field;
        bool drops_placeholders; /* identity: "-", "unknown" … are no value */
        struct derive *from;
};

enum { CLASS_ROWS_MAX = 256 };

struct class_row {
        uint32_t classes; /* bit set of enum class */
        struct bound when, *unless; /* `unless` may be NULL */
        struct field_rule *set;
        size_t n_set;
};

/* `recognise`: all must hold. */
struct recognition {
        struct str *has;
        size_t n_has;
        const struct yaml **when; /* one selection for each entry */
        size_t n_when;
};

struct pairs {
        struct str at, name, *values;
        size_t n_values;
};

struct pattern {
        struct str name;
        bool is_ignored; /* lines that fit are no records */
        struct rx *regex;
        struct pattern_group {
                uint32_t group, slot;
        } * groups;
        size_t n_groups;
};

/* A step to a table that lies in texts of a JSON document (within.c). */
struct within {
        struct str path;
        struct json_plan *plan;
};

/* A column of a table that holds JSON. */
struct csv_json {
        struct str column;
        uint32_t slot;
        struct json_plan *plan; /* of the fields below it */
};

/* Key `list`: what the source's files hold is no log, but a list that is polled (list.c). */
struct list_rules {
        uint32_t *key, *watch; /* native slots: what tells entries apart; whose changes count */
        struct str *watch_names;
        size_t n_key, n_watch;
        uint32_t account; /* native slot: whose list an entry is of; UINT32_MAX: all are one list */
        struct str time, more; /* paths of a document, not of an entry; absent: none */
        uint32_t change, changed, polled; /* native slots of what the comparison says */
        struct json_plan *head; /* of `time` and `more` */
        struct json_plan *parts, *entry, *old; /* of what the comparison writes */
};

/* Native slots of a source with `header: syslog`. */
struct header_slots {
        uint32_t timestamp, hostname, program, pid, message;
        uint32_t j_message, j_identifier, j_comm, j_pid, j_syslog_pid, j_hostname, j_realtime, j_source_realtime,
                j_cursor;
};

struct source {
        struct yaml_file *yaml; /* owned; most texts lie in it */
        struct yaml_file *like; /* owned; the file that `like` names, or NULL */
        const struct yaml *doc; /* the document with what `like` adds */
        struct arena *arena; /* owned; everything else */
        const char *file, *name, *title, *about;
        struct logsource logsource;
        usec lateness, silence;
        enum { SOURCE_ZONE_LOCAL, SOURCE_ZONE_FIXED } zone; /* local: as the parser's options say */
        int zone_minutes;
        const struct decoder *decoder;
        bool needs_time; /* a record without a readable time is not given that of its arrival */
        bool is_door; /* it takes what no other source takes */
        bool is_ignored; /* no log: its documents are known, so that they are no rejects */
        bool has_rivals; /* a door, and there are other sources of its format: each raw of it is asked anew */
        uint32_t index; /* in the set */
        struct log_kind kind;
        bool is_frozen;

        struct str *native;
        size_t n_native, cap_native, n_made;
        struct map slots; /* native name to slot */
        size_t n_own; /* how many of them the source file itself asks for: the first ones */
        struct str *vocabulary; /* key `native` */
        size_t n_vocabulary;
        struct field_alias {
                struct str name, field;
        } * aliases; /* other names that rules have for native fields */
        size_t n_aliases;
        bool wants_leaves;

        struct recognition recognition;
        uint32_t *has; /* slots of recognition.has */
        struct bound *when; /* recognition.when */

        struct field_rule *fields;
        size_t n_fields;
        uint64_t fields_set; /* the fields above, as a bit set of enum ecs */
        enum time_unit time_unit; /* of @timestamp */
        struct class_row *classes;
        size_t n_classes;
        uint64_t class_fields; /* that rows of them set, as a bit set of enum ecs */
        struct sigma_program *class_program; /* of their `when`; NULL: there are none */
        uint32_t class_mask;

        /* format json; `plan` also for journal entries of lines with a header */
        struct str *records, each;
        size_t n_records;
        struct pairs *pairs;
        size_t n_pairs;
        struct str *texts;
        size_t n_texts;
        struct json_plan *plan;

        /* formats of lines */
        bool has_header;
        struct header_slots header;
        struct str *programs;
        size_t n_programs;
        struct bound *journal; /* may be NULL */

        /* format regex */
        struct pattern *patterns;
        size_t n_patterns;
        uint32_t pattern_slot;

        /* format mail */
        struct str *senders; /* domains, in small letters */
        size_t n_senders;
        struct str *except; /* domains below them that others write from */
        size_t n_except;
        struct str authserv; /* may be absent */
        struct mail_pattern *mail_patterns;
        size_t n_mail_patterns;
        struct mail_slots *mail_slots;

        /* format keyvalue */
        char separator;
        struct str *nested;
        size_t n_nested;

        /* format csv */
        struct str *columns; /* n_columns == 0: the file's header names them */
        size_t n_columns;
        char delimiter; /* '\0': as the header shows */
        unsigned above; /* lines above the header */
        struct within *within; /* where in a JSON document the table lies */
        size_t n_within;
        struct str *ignore; /* what rows that are none begin with */
        size_t n_ignore;
        struct str wraps; /* name of the JSON source whose records lie in slot wraps_slot; absent: none */
        uint32_t wraps_slot;
        const struct source *wrapped; /* that source; NULL: there is none of that name */
        struct csv_json *csv_json;
        size_t n_csv_json;

        struct list_rules *list; /* NULL: it is a log */

        const struct yaml *samples; /* a list, or NULL */

        /* For people, see `shopbell sources coverage` */
        enum source_trust trust;
        struct str setup; /* absent: none */
        struct str *unconfirmed;
        size_t n_unconfirmed;
        const struct yaml *cannot; /* a map from class or field to why, or NULL */
};

/* vocabulary.c: the native field that a rule means by a name: that of an alias, mostly itself. */
struct str vocabulary_resolve(const struct source *s, struct str name);
/* vocabulary.c: log_kind.knows. */
enum known vocabulary_knows(void *userdata, struct str field, const char **ret_near);

/* The record slot of a native field; registers it unless the source is frozen. UINT32_MAX: none. */
uint32_t source_want(struct source *s, struct str field);
struct source *source_free(struct source *s);
DEFINE_FREEP(struct source, source)

/* Reads one source file: takes `yaml`. */
int source_load(struct yaml_file *yaml, struct source **ret, struct err *reterr);

/* ---- Reading the YAML ---- */
/* For loaders: where messages point. */
struct loader {
        struct source *source;
        const char *file;
        struct err *err;
};

/* All return -EBADMSG with the place of `at`. */
int load_error(struct loader *l, const struct yaml *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Every key of `map` must be in the NULL-ended list; a wrong one is reported with the nearest right one. */
int load_keys(struct loader *l, const struct yaml *map, const char *const *known);
/* A scalar that is not empty; `what` names it in messages. */
int load_text(struct loader *l, const struct yaml *y, const char *what, struct str *ret);
/* A scalar or a list of scalars. */
int load_texts(struct loader *l, const struct yaml *y, const char *what, struct str **ret, size_t *ret_n);
/* A path without its decoration: "Records[]" is "Records". */
int load_path(struct loader *l, const struct yaml *y, const char *what, struct str *ret);
/* Compiles a Sigma selection and binds it to the source's native slots. */
int load_bound(struct loader *l, const struct yaml *y, struct bound *ret);
void *load_alloc(struct loader *l, size_t n, size_t size); /* zeroed; NULL with the error set */

/* like.c: *ret is the document with what the source of its key `like` adds (in the source's arena), or the document. */
int like_merge(struct loader *l, const struct yaml *doc, const struct yaml **ret);
/* The file that a node is written in. */
const char *like_file(const struct loader *l, const struct yaml *at);

/* ---- The set ---- */
enum { JSON_GROUPS_MAX = 64 };

/* JSON sources with the same envelope, fan-out, pairs and texts are told apart in one walk. */
struct json_group {
        struct json_plan *plan;
        uint32_t n_slots;
        struct group_member {
                const struct source *source;
                uint32_t *has; /* slots in the group's records */
                uint32_t **when;
        } * members;
        size_t n_members;
};

struct sourceset {
        struct source **items;
        size_t n, cap;
        struct arena *arena;
        struct json_group *groups;
        size_t n_groups;
};

#endif
