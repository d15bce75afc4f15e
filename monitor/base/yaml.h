/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_YAML_H
#define SHOPBELL_BASE_YAML_H

/* YAML documents as trees with places, read by libyaml (only base/yaml.c includes its header).
 *
 * Scalars follow YAML 1.1 as Sigma's tools read it: plain null/~/empty are null; plain yes/no/on/off/true/false are
 * booleans; plain integers (decimal, 0x, 0b, octal by a leading 0, underscores) and floats are numbers; dates, times
 * and 12:30 stay text; quoted scalars are text. Duplicate keys are an error that names both places; `<<` merge keys are
 * honoured. Bounded: YAML_DEPTH_MAX levels, YAML_NODES_MAX nodes (aliases counted each time they are used, so that
 * "billion laughs" is refused), YAML_FILE_BYTES_MAX bytes. */

#include <stdbool.h>
#include <stddef.h>

#include "monitor/base/err.h"
#include "monitor/base/macros.h"
#include "monitor/base/str.h"

enum { YAML_DEPTH_MAX = 64, YAML_NODES_MAX = 500000, YAML_FILE_BYTES_MAX = 8 * 1024 * 1024 };

enum yaml_kind { YAML_NULL, YAML_BOOL, YAML_INT, YAML_FLOAT, YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml;

struct yaml_pair {
        const struct yaml *key; /* always a scalar; key->text is its text */
        const struct yaml *value;
};

struct yaml {
        enum yaml_kind kind;
        unsigned line, col; /* from 1 */
        struct str text; /* scalars: text as written (canonical decimal for YAML_INT; without underscores and a plus in
                            front for YAML_FLOAT; "true"/"false" for YAML_BOOL); NUL-terminated */
        bool flag; /* YAML_BOOL */
        size_t n; /* YAML_LIST, YAML_MAP */
        union {
                const struct yaml **items; /* YAML_LIST */
                struct yaml_pair *pairs; /* YAML_MAP, in the order written */
        };
};

struct yaml_file {
        char *name; /* as given, for messages */
        const struct yaml **docs; /* empty documents are left out */
        size_t n;
        struct arena *arena; /* owns everything below */
};

/* Reads a file or text. Everything read lives until yaml_file_free(). -errno from open/read, -EBADMSG (not YAML, a
 * duplicate key), -E2BIG (a limit). */
int yaml_load(const char *path, struct yaml_file **ret, struct err *reterr);
int yaml_parse(struct str text, const char *name, struct yaml_file **ret, struct err *reterr);
struct yaml_file *yaml_file_free(struct yaml_file *file);
DEFINE_FREEP(struct yaml_file, yaml_file)

/* The value of a key of a map, or NULL (also when `map` is NULL or no map). */
const struct yaml *yaml_get(const struct yaml *map, const char *key);
bool yaml_is_scalar(const struct yaml *y); /* not NULL, not list or map (null counts as scalar) */
/* "a map", "a list", "text", "a number", … for messages. */
const char *yaml_kind_name(const struct yaml *y);
/* The keys that a map may have: rows of a table, each of which begins with a `const char *` to its name. */
struct yaml_keys {
        const void *rows;
        size_t n, row_bytes;
};
#define YAML_KEYS(table, count) ((struct yaml_keys){ (table), (count), sizeof *(table) })
/* Says that the key `name` is none of them, and which one was meant when it is near: two edits at most, and less than half of it. Of one
 * that looks as if a password stood behind it, `secret` is said. -EBADMSG. */
int yaml_unknown_key(const struct yaml *name, const char *path, struct yaml_keys known, const char *secret, struct err *reterr);
/* The tree as compact JSON (numbers and booleans as such), e.g. to turn a rule's test record into a raw. */
void yaml_to_json(const struct yaml *y, struct strbuf *out);

#endif
