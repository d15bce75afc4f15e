/* SPDX-License-Identifier: Apache-2.0 */

/* Trees from libyaml's events. Depth, nodes and bytes are bounded while reading, so a hostile file costs no more than
 * its limits; an alias costs what it stands for. libyaml's own errors are put into words with their place. */

#include "monitor/base/yaml.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <yaml.h>

#include "monitor/base/arena.h"
#include "monitor/base/map.h"
#include "monitor/base/yaml_scalar.h"

enum { ITEMS_MIN = 8, KEYS_FEW = 16 /* are compared one by one */, QUOTED_BYTES_MAX = 60, READ_BYTES = 64 * 1024 };

#define TAG_CORE "tag:yaml.org,2002:"

struct loader {
        yaml_parser_t parser;
        struct str text;
        struct arena *arena;
        struct map anchors; /* of this document: name → struct anchor */
        const char *name;
        size_t nodes;
        struct err *reterr;
};

/* What `*name` stands for. */
struct anchor {
        const struct yaml *node; /* NULL while it is being read */
        unsigned line;
        size_t nodes; /* in it */
        unsigned levels; /* 1 for a scalar */
};

static int read_node(struct loader *l, yaml_event_t *event, unsigned depth, unsigned *ret_levels, struct yaml **ret);

/* ---- Errors ---- */

static int out_of_memory(struct loader *l)
{
        return err_set(l->reterr, -ENOMEM, "out of memory");
}

static unsigned line_of(const yaml_mark_t *mark)
{
        return (unsigned)mark->line + 1;
}

static unsigned col_of(const yaml_mark_t *mark)
{
        return (unsigned)mark->column + 1;
}

/* Bytes that are no text have an offset instead of a mark. */
static int reader_error(struct loader *l)
{
        const yaml_parser_t *p = &l->parser;
        unsigned line = 1, col = 1;

        for (size_t i = 0; i < l->text.n && i < p->problem_offset; i++) {
                col = l->text.p[i] == '\n' ? 1 : col + 1;
                line += l->text.p[i] == '\n';
        }
        return err_at(l->reterr, -EBADMSG, l->name, line, col, "the file is not plain UTF-8 text: %s",
                      p->problem ? p->problem : "unreadable");
}

static int parser_error(struct loader *l)
{
        const yaml_parser_t *p = &l->parser;
        const char *problem = p->problem ? p->problem : "unreadable";
        bool is_tab = strstr(problem, "cannot start any token") || strstr(problem, "tab character");

        if (p->error == YAML_MEMORY_ERROR)
                return out_of_memory(l);
        if (p->error == YAML_READER_ERROR)
                return reader_error(l);
        if (p->context && p->context_mark.line != p->problem_mark.line)
                return err_at(l->reterr, -EBADMSG, l->name, line_of(&p->problem_mark), col_of(&p->problem_mark),
                              "not YAML: %s, %s that begins in line %u", problem, p->context,
                              line_of(&p->context_mark));
        return err_at(l->reterr, -EBADMSG, l->name, line_of(&p->problem_mark), col_of(&p->problem_mark),
                      "not YAML: %s%s%s%s", problem, p->context ? ", " : "", p->context ? p->context : "",
                      is_tab ? " (indent with blanks, not tabs; quote texts that begin with @ ` or %)" : "");
}

static int next_event(struct loader *l, yaml_event_t *ret)
{
        return yaml_parser_parse(&l->parser, ret) ? 0 : parser_error(l);
}

/* ---- Limits ---- */

static int count_nodes(struct loader *l, const yaml_mark_t *mark, size_t n)
{
        if (n > YAML_NODES_MAX - l->nodes)
                return err_at(l->reterr, -E2BIG, l->name, line_of(mark), col_of(mark),
                              "more than %d values, aliases counted where they are used", YAML_NODES_MAX);
        l->nodes += n;
        return 0;
}

static int check_depth(struct loader *l, const yaml_mark_t *mark, unsigned depth)
{
        if (depth <= YAML_DEPTH_MAX)
                return 0;
        return err_at(l->reterr, -E2BIG, l->name, line_of(mark), col_of(mark), "nested deeper than %d levels",
                      YAML_DEPTH_MAX);
}

/* Room for one more at the end of an array in the arena. */
static void *grow(struct arena *arena, void *items, size_t n, size_t size)
{
        bool is_full = n == 0 || (n >= ITEMS_MIN && (n & (n - 1)) == 0);
        void *more;

        if (!is_full)
                return items;
        more = arena_array(arena, n < ITEMS_MIN ? ITEMS_MIN : n * 2, size);
        if (more && n > 0)
                memcpy(more, items, n * size);
        return more;
}

/* ---- Anchors ---- */

static int add_anchor(struct loader *l, const yaml_event_t *event, const yaml_char_t *name, struct anchor **ret)
{
        struct str key = str_of((const char *)name);
        struct anchor *anchor;

        *ret = NULL;
        if (!name)
                return 0;
        anchor = map_get(&l->anchors, key);
        if (anchor)
                return err_at(l->reterr, -EBADMSG, l->name, line_of(&event->start_mark), col_of(&event->start_mark),
                              "the anchor &%.*s is there twice (first in line %u); rename one", QUOTED_BYTES_MAX, key.p,
                              anchor->line);
        anchor = arena_alloc(l->arena, sizeof *anchor);
        if (!anchor || map_put(&l->anchors, key, anchor) < 0)
                return out_of_memory(l);
        anchor->line = line_of(&event->start_mark);
        *ret = anchor;
        return 0;
}

static int read_alias(struct loader *l, const yaml_event_t *event, unsigned depth, unsigned *ret_levels,
                      struct yaml **ret)
{
        const yaml_mark_t *mark = &event->start_mark;
        struct str name = str_of((const char *)event->data.alias.anchor);
        const struct anchor *anchor = map_get(&l->anchors, name);
        int r;

        if (!anchor || !anchor->node)
                return err_at(l->reterr, -EBADMSG, l->name, line_of(mark), col_of(mark), "*%.*s %s", QUOTED_BYTES_MAX,
                              name.p, anchor ? "is used inside itself" : "has no anchor before it in this document");
        r = count_nodes(l, mark, anchor->nodes);
        if (r >= 0)
                r = check_depth(l, mark, depth + anchor->levels - 1);
        if (r < 0)
                return r;
        *ret_levels = anchor->levels;
        *ret = (struct yaml *)anchor->node;
        return 0;
}

/* ---- Scalars ---- */

static const char *const kind_tags[] = {
        [YAML_NULL] = TAG_CORE "null",   [YAML_BOOL] = TAG_CORE "bool", [YAML_INT] = TAG_CORE "int",
        [YAML_FLOAT] = TAG_CORE "float", [YAML_TEXT] = TAG_CORE "str",  [YAML_LIST] = TAG_CORE "seq",
        [YAML_MAP] = TAG_CORE "map",
};

static int bad_tag(struct loader *l, const yaml_event_t *event, const char *tag)
{
        struct str core = STR(TAG_CORE);
        bool is_core = str_starts(str_of(tag), core);

        return err_at(l->reterr, -EBADMSG, l->name, line_of(&event->start_mark), col_of(&event->start_mark),
                      "the tag %s%.*s does not fit here; leave it out", is_core ? "!!" : "", QUOTED_BYTES_MAX,
                      is_core ? tag + core.n : tag);
}

static int read_scalar(struct loader *l, const yaml_event_t *event, struct yaml *node)
{
        const char *tag = (const char *)event->data.scalar.tag;
        bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        bool is_text = tag && (strcmp(tag, "!") == 0 || strcmp(tag, kind_tags[YAML_TEXT]) == 0);
        struct str text = arena_dup(l->arena,
                                    str_from((const char *)event->data.scalar.value, event->data.scalar.length));

        node->kind = YAML_TEXT;
        node->text = text;
        if (!text.p)
                return out_of_memory(l);
        if (is_text || (!tag && !is_plain))
                return 0;
        if (yaml_scalar_resolve(l->arena, text, node) < 0)
                return out_of_memory(l);
        return tag && strcmp(tag, kind_tags[node->kind]) != 0 ? bad_tag(l, event, tag) : 0;
}

/* ---- Lists ---- */

static int read_list(struct loader *l, unsigned depth, unsigned *ret_levels, struct yaml *node)
{
        for (;;) {
                unsigned levels = 0;
                struct yaml *item = NULL;
                yaml_event_t event;
                bool is_end;
                int r;

                r = next_event(l, &event);
                if (r < 0)
                        return r;
                is_end = event.type == YAML_SEQUENCE_END_EVENT;
                if (!is_end)
                        r = read_node(l, &event, depth + 1, &levels, &item);
                yaml_event_delete(&event);
                if (is_end || r < 0)
                        return r;

                node->items = grow(l->arena, node->items, node->n, sizeof node->items[0]);
                if (!node->items)
                        return out_of_memory(l);
                node->items[node->n++] = item;
                if (levels + 1 > *ret_levels)
                        *ret_levels = levels + 1;
        }
}

/* ---- Maps ---- */

/* A map while it is being read. */
struct reading {
        struct yaml *node;
        struct map seen; /* key text → key; of a map of more than KEYS_FEW */
        const struct yaml *merge; /* the value of "<<" */
        yaml_mark_t merge_mark;
};

static const struct yaml *find_key(const struct reading *m, struct str text)
{
        if (m->node->n > KEYS_FEW)
                return map_get(&m->seen, text);
        for (size_t i = 0; i < m->node->n; i++)
                if (str_eq(m->node->pairs[i].key->text, text))
                        return m->node->pairs[i].key;
        return NULL;
}

/* Notes the keys that are new since there are too many to compare one by one. */
static int note_keys(struct reading *m)
{
        size_t n = m->node->n;
        int r = 0;

        for (size_t i = n == KEYS_FEW + 1 ? 0 : n - 1; n > KEYS_FEW && i < n && r >= 0; i++)
                r = map_put(&m->seen, m->node->pairs[i].key->text, (void *)m->node->pairs[i].key);
        return r;
}

static int add_pair(struct loader *l, struct reading *m, const struct yaml *key, const struct yaml *value)
{
        struct yaml *node = m->node;

        assert(key);
        node->pairs = grow(l->arena, node->pairs, node->n, sizeof node->pairs[0]);
        if (!node->pairs)
                return out_of_memory(l);
        node->pairs[node->n++] = (struct yaml_pair){ key, value };
        return note_keys(m) < 0 ? out_of_memory(l) : 0;
}

/* The pairs of one map that "<<" names: those that are there already stay. */
static int merge_map(struct loader *l, struct reading *m, const struct yaml *from)
{
        int r;

        if (from->kind != YAML_MAP)
                return err_at(l->reterr, -EBADMSG, l->name, line_of(&m->merge_mark), col_of(&m->merge_mark),
                              "\"<<\" needs a map or a list of maps, such as *name");
        r = count_nodes(l, &m->merge_mark, 2 * from->n);
        for (size_t i = 0; i < from->n && r >= 0; i++)
                if (!find_key(m, from->pairs[i].key->text))
                        r = add_pair(l, m, from->pairs[i].key, from->pairs[i].value);
        return r;
}

static int merge_all(struct loader *l, struct reading *m)
{
        int r = 0;

        if (!m->merge)
                return 0;
        if (m->merge->kind != YAML_LIST)
                return merge_map(l, m, m->merge);
        for (size_t i = 0; i < m->merge->n && r >= 0; i++)
                r = merge_map(l, m, m->merge->items[i]);
        return r;
}

static bool is_merge_key(const yaml_event_t *event)
{
        return event->type == YAML_SCALAR_EVENT && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
               !event->data.scalar.tag && event->data.scalar.length == 2 &&
               memcmp(event->data.scalar.value, "<<", 2) == 0;
}

/* The key, already checked to be a scalar that is new. */
static int read_key(struct loader *l, struct reading *m, yaml_event_t *event, unsigned depth, struct yaml **ret)
{
        const yaml_mark_t *mark = &event->start_mark;
        unsigned levels = 0;
        const struct yaml *first;
        int r;

        if (event->type != YAML_SCALAR_EVENT && event->type != YAML_ALIAS_EVENT)
                return err_at(l->reterr, -EBADMSG, l->name, line_of(mark), col_of(mark),
                              "a map or list as a key; quote the key if it is text");
        r = read_node(l, event, depth + 1, &levels, ret);
        if (r < 0)
                return r;
        if (!yaml_is_scalar(*ret))
                return err_at(l->reterr, -EBADMSG, l->name, line_of(mark), col_of(mark), "a map or list as a key");
        if (is_merge_key(event) && m->merge)
                return err_at(l->reterr, -EBADMSG, l->name, line_of(mark), col_of(mark),
                              "\"<<\" is there twice; write <<: [*one, *other]");
        first = is_merge_key(event) ? NULL : find_key(m, (*ret)->text);
        if (first)
                return err_at(l->reterr, -EBADMSG, l->name, line_of(mark), col_of(mark),
                              "the key %.*s is there twice (first in line %u)", QUOTED_BYTES_MAX, first->text.p,
                              first->line);
        return 0;
}

static int read_pair(struct loader *l, struct reading *m, yaml_event_t *key_event, unsigned depth, unsigned *ret_levels)
{
        unsigned levels = 0;
        struct yaml *key = NULL, *value = NULL;
        yaml_event_t event;
        int r;

        r = read_key(l, m, key_event, depth, &key);
        if (r < 0)
                return r;
        r = next_event(l, &event);
        if (r < 0)
                return r;
        r = read_node(l, &event, depth + 1, &levels, &value);
        yaml_event_delete(&event);
        if (r < 0)
                return r;
        if (levels + 1 > *ret_levels)
                *ret_levels = levels + 1;
        if (!is_merge_key(key_event))
                return add_pair(l, m, key, value);
        m->merge = value;
        m->merge_mark = key_event->start_mark;
        return 0;
}

static int read_map(struct loader *l, unsigned depth, unsigned *ret_levels, struct yaml *node)
{
        struct reading m = { .node = node, .seen = MAP_INIT };
        bool is_end = false;
        int r = 0;

        while (!is_end && r >= 0) {
                yaml_event_t event;

                r = next_event(l, &event);
                if (r < 0)
                        break;
                is_end = event.type == YAML_MAPPING_END_EVENT;
                if (!is_end)
                        r = read_pair(l, &m, &event, depth, ret_levels);
                yaml_event_delete(&event);
        }
        if (r >= 0)
                r = merge_all(l, &m);
        map_done(&m.seen);
        return r;
}

/* ---- Nodes and documents ---- */

static int read_content(struct loader *l, yaml_event_t *event, unsigned depth, unsigned *ret_levels, struct yaml *node)
{
        const char *tag;

        *ret_levels = 1;
        if (event->type == YAML_SCALAR_EVENT)
                return read_scalar(l, event, node);
        if (event->type == YAML_SEQUENCE_START_EVENT) {
                node->kind = YAML_LIST;
                tag = (const char *)event->data.sequence_start.tag;
        } else {
                node->kind = YAML_MAP;
                tag = (const char *)event->data.mapping_start.tag;
        }
        if (tag && strcmp(tag, "!") != 0 && strcmp(tag, kind_tags[node->kind]) != 0)
                return bad_tag(l, event, tag);
        return node->kind == YAML_LIST ? read_list(l, depth, ret_levels, node) : read_map(l, depth, ret_levels, node);
}

/* The node that begins with `event`, which stays the caller's. `depth` counts from 1. */
static int read_node(struct loader *l, yaml_event_t *event, unsigned depth, unsigned *ret_levels, struct yaml **ret)
{
        const yaml_char_t *name = event->type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor
                                  : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
                                  : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.anchor
                                                                             : NULL;
        size_t nodes_before = l->nodes;
        struct anchor *anchor;
        struct yaml *node;
        int r;

        if (event->type == YAML_ALIAS_EVENT)
                return read_alias(l, event, depth, ret_levels, ret);
        r = check_depth(l, &event->start_mark, depth);
        if (r >= 0)
                r = count_nodes(l, &event->start_mark, 1);
        if (r >= 0)
                r = add_anchor(l, event, name, &anchor);
        if (r < 0)
                return r;
        node = arena_alloc(l->arena, sizeof *node);
        if (!node)
                return out_of_memory(l);
        node->line = line_of(&event->start_mark);
        node->col = col_of(&event->start_mark);
        r = read_content(l, event, depth, ret_levels, node);
        if (r < 0)
                return r;
        if (anchor)
                *anchor = (struct anchor){ node, anchor->line, l->nodes - nodes_before, *ret_levels };
        *ret = node;
        return 0;
}

static int add_document(struct loader *l, yaml_event_t *event, struct yaml_file *file)
{
        unsigned levels = 0;
        struct yaml *node = NULL;
        int r;

        map_done(&l->anchors);
        r = read_node(l, event, 1, &levels, &node);
        if (r < 0)
                return r;
        assert(node);
        if (node->kind == YAML_NULL)
                return r;
        file->docs = grow(l->arena, file->docs, file->n, sizeof file->docs[0]);
        if (!file->docs)
                return out_of_memory(l);
        file->docs[file->n++] = node;
        return 0;
}

static int read_stream(struct loader *l, struct yaml_file *file)
{
        bool is_end = false;
        int r = 0;

        while (!is_end && r >= 0) {
                yaml_event_t event;

                r = next_event(l, &event);
                if (r < 0)
                        return r;
                is_end = event.type == YAML_STREAM_END_EVENT;
                if (event.type == YAML_SCALAR_EVENT || event.type == YAML_ALIAS_EVENT ||
                    event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT)
                        r = add_document(l, &event, file);
                yaml_event_delete(&event);
        }
        return r;
}

/* ---- Files ---- */

static struct yaml_file *file_new(const char *name)
{
        struct arena *arena = arena_new();
        struct yaml_file *file;

        if (!arena)
                return NULL;
        file = arena_alloc(arena, sizeof *file);
        if (file)
                *file = (struct yaml_file){ .name = (char *)arena_dup(arena, str_of(name)).p, .arena = arena };
        if (!file || !file->name)
                arena_free(arena);
        return file && file->name ? file : NULL;
}

struct yaml_file *yaml_file_free(struct yaml_file *file)
{
        if (file)
                arena_free(file->arena); /* `file` itself lies in it */
        return NULL;
}

int yaml_parse(struct str text, const char *name, struct yaml_file **ret, struct err *reterr)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = file_new(name ? name : "");
        struct loader l = { .text = text, .anchors = MAP_INIT, .reterr = reterr };
        int r;

        if (!file || !yaml_parser_initialize(&l.parser))
                return err_at(reterr, -ENOMEM, name, 0, 0, "out of memory");
        l.arena = file->arena;
        l.name = file->name;
        if (text.n > YAML_FILE_BYTES_MAX) {
                r = err_at(reterr, -E2BIG, l.name, 0, 0, "larger than %d bytes", YAML_FILE_BYTES_MAX);
        } else {
                yaml_parser_set_input_string(&l.parser, (const unsigned char *)(text.p ? text.p : ""), text.n);
                r = read_stream(&l, file);
        }
        yaml_parser_delete(&l.parser);
        map_done(&l.anchors);
        if (r < 0)
                return r;
        *ret = TAKE(file);
        return 0;
}

/* All of a file, at most one byte over the limit. */
static int read_all(int fd, struct strbuf *out)
{
        while (out->n <= YAML_FILE_BYTES_MAX) {
                char *at = strbuf_reserve(out, READ_BYTES);
                ssize_t n;

                if (!at)
                        return -ENOMEM;
                n = read(fd, at, READ_BYTES);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        return 0;
                out->n += (size_t)n;
        }
        return 0;
}

int yaml_load(const char *path, struct yaml_file **ret, struct err *reterr)
{
        struct strbuf text = STRBUF_INIT;
        int fd, r;

        fd = open(path, O_RDONLY | O_CLOEXEC);
        r = fd < 0 ? -errno : read_all(fd, &text);
        if (fd >= 0)
                close(fd);
        if (r >= 0) {
                r = yaml_parse(strbuf_str(&text), path, ret, reterr);
        } else {
                errno = -r;
                r = err_at(reterr, r, path, 0, 0, "cannot be read: %m");
        }
        strbuf_done(&text);
        return r;
}
