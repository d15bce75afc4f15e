/* SPDX-License-Identifier: Apache-2.0 */

/* The shape of JSON documents: where the records lie, what one record fans out over, lists of names and values, JSON in
 * text. Judged by what the first documents hold:
 *
 *     records  an array of objects that have a time, in an object that is no record itself
 *     each     an array of objects with an action in a record that has the time
 *     pairs    an array of objects with a name and a value and little else */

#include <errno.h>

#include "parsers/draft_impl.h"

enum { DEPTH_MAX = 8, PAIR_KEYS_MAX = 4, LISTED_MAX = 16, DOCUMENTS_MAX = 50 };

static const char time_names[] = "time:1 timestamp:1 date:1 at:1 created:1 occurred:1 ts:1 when:1 datetime:1 published:1";
static const char action_names[] = "action:1 name:1 type:1 event:1 operation:1 verb:1 activity:1 key:1";
static const char actor_names[] = "actor:1 user:1 who:1 by:1 author:1 initiator:1 principal:1 email:1 member:1 admin:1 username:1 caller:1";

/* ---- What is in an object ---- */

static bool is_scalar(const struct json_tree *t)
{
        return t->kind != JSON_ARRAY && t->kind != JSON_OBJECT;
}

static bool is_list_of_objects(const struct json_tree *t)
{
        return t->kind == JSON_ARRAY && t->first && t->first->kind == JSON_OBJECT;
}

static bool named(struct draft *d, const struct json_tree *t, const char *list)
{
        struct str words = t->key.p ? draft_words(d->arena, t->key) : STR("");

        return words.p && draft_weigh(words, list) > 0;
}

/* Whether one of its own scalars, or of the objects in it, is a time. */
static bool has_time(struct draft *d, const struct json_tree *t, unsigned depth)
{
        for (const struct json_tree *e = t->kind == JSON_OBJECT ? t->first : NULL; e; e = e->next) {
                unsigned shapes = is_scalar(e) && e->kind != JSON_NULL ? draft_shapes(e->text) : 0;

                if (shapes & SHAPE_TIME || (shapes & SHAPE_EPOCH && named(d, e, time_names)))
                        return true;
                if (e->kind == JSON_OBJECT && depth < 2 && has_time(d, e, depth + 1))
                        return true;
        }
        return false;
}

static bool has_named(struct draft *d, const struct json_tree *t, const char *list)
{
        for (const struct json_tree *e = t->kind == JSON_OBJECT ? t->first : NULL; e; e = e->next)
                if (named(d, e, list))
                        return true;
        return false;
}

static struct str join(struct draft *d, struct str path, struct str key)
{
        return path.n == 0 ? key : arena_printf(d->arena, STR_FMT "." STR_FMT, STR_ARG(path), STR_ARG(key));
}

/* ---- Envelope and fan-out ---- */

struct found {
        struct str path;
        const struct json_tree *list;
};

/* The nearest list of objects in an object; elements that are only a wrapper ({"node": {…}}) belong to the path. */
static bool find_list(struct draft *d, const struct json_tree *t, struct str path, unsigned depth, struct found *ret)
{
        if (t->kind != JSON_OBJECT || depth > DEPTH_MAX)
                return false;
        for (const struct json_tree *e = t->first; e; e = e->next)
                if (is_list_of_objects(e)) {
                        const struct json_tree *one = e->first;

                        *ret = (struct found){ join(d, path, e->key), e };
                        if (one->n == 1 && one->first->kind == JSON_OBJECT)
                                ret->path = join(d, ret->path, one->first->key);
                        return true;
                }
        for (const struct json_tree *e = t->first; e; e = e->next)
                if (e->kind == JSON_OBJECT && find_list(d, e, join(d, path, e->key), depth + 1, ret))
                        return true;
        return false;
}

static const struct json_tree *unwrap(const struct json_tree *t)
{
        return t->n == 1 && t->first->kind == JSON_OBJECT ? t->first : t;
}

static bool is_envelope(struct draft *d, const struct json_tree *doc, const struct found *list)
{
        bool is_record = has_time(d, doc, 0) && has_named(d, doc, actor_names);

        return has_time(d, unwrap(list->list->first), 0) && !is_record;
}

/* A list in a record that has the time, each with an action of its own. */
static bool find_each(struct draft *d, const struct json_tree *record, struct found *ret)
{
        for (const struct json_tree *e = record->kind == JSON_OBJECT ? record->first : NULL; e; e = e->next)
                if (is_list_of_objects(e) && named(d, e, "events:1 activities:1 actions:1 entries:1 operations:1") &&
                    has_named(d, e->first, action_names) && has_time(d, record, 0)) {
                        *ret = (struct found){ e->key, e };
                        return true;
                }
        return false;
}

/* ---- Names and values, JSON in text ---- */

struct listed {
        struct str paths[LISTED_MAX], names[LISTED_MAX], values[LISTED_MAX];
        size_t n;
};

static bool is_listed(const struct listed *l, struct str path)
{
        for (size_t i = 0; i < l->n; i++)
                if (str_eq(l->paths[i], path))
                        return true;
        return l->n == LISTED_MAX;
}

static struct str key_of(struct draft *d, const struct json_tree *t, const char *list, bool wants_text)
{
        for (const struct json_tree *e = t->first; e; e = e->next)
                if (named(d, e, list) && (!wants_text || e->kind == JSON_STRING))
                        return e->key;
        return STR_NONE;
}

/* All keys that hold values, over the elements of the list: "value, intValue". */
static struct str value_keys(struct draft *d, const struct json_tree *list)
{
        CLEANUP(strbuf_done) struct strbuf all = STRBUF_INIT;

        for (const struct json_tree *t = list->first; t; t = t->next)
                for (const struct json_tree *e = t->kind == JSON_OBJECT ? t->first : NULL; e; e = e->next) {
                        struct str rest = strbuf_str(&all), part;
                        bool has = false;

                        while (str_cut(&rest, ',', &part))
                                has = has || str_eq(str_trim(part), e->key);
                        if (!has && named(d, e, "value:1 values:1 new_value:1 bool_value:1 int_value:1")) {
                                strbuf_addz(&all, all.n ? ", " : "");
                                draft_scalar(&all, e->key);
                        }
                }
        return strbuf_failed(&all) ? STR_NONE : arena_dup(d->arena, strbuf_str(&all));
}

static void note_pairs(struct draft *d, struct listed *pairs, struct str path, const struct json_tree *list)
{
        struct str name = key_of(d, list->first, "name:1 key:1 field:1 parameter:1 property:1", true), values;

        if (is_listed(pairs, path) || !name.p || list->first->n > PAIR_KEYS_MAX)
                return;
        values = value_keys(d, list);
        if (values.n == 0)
                return;
        pairs->paths[pairs->n] = path;
        pairs->names[pairs->n] = name;
        pairs->values[pairs->n++] = values;
}

static bool is_json_text(struct draft *d, const struct json_tree *t)
{
        struct str s = str_trim(t->text);
        struct json_tree *inner;

        return t->kind == JSON_STRING && s.n >= 2 && (s.p[0] == '{' || s.p[0] == '[') && json_tree_read(d->arena, s, &inner) == 0;
}

static void look(struct draft *d, const struct json_tree *t, struct str path, unsigned depth, struct listed *pairs, struct listed *texts)
{
        if (depth > DEPTH_MAX)
                return;
        if (is_list_of_objects(t))
                note_pairs(d, pairs, path, t);
        if (is_json_text(d, t) && !is_listed(texts, path))
                texts->paths[texts->n++] = path;
        for (const struct json_tree *e = is_scalar(t) ? NULL : t->first; e; e = e->next)
                look(d, e, e->key.p ? join(d, path, e->key) : path, depth + 1, pairs, texts);
}

/* ---- The head ---- */

struct shape {
        struct str records, each;
        struct listed pairs, texts;
};

static void look_at_record(struct draft *d, const struct json_tree *t, struct shape *s)
{
        struct found each;

        if (!s->each.n && find_each(d, t, &each))
                s->each = each.path;
        look(d, t, STR(""), 0, &s->pairs, &s->texts);
}

static void look_at_document(struct draft *d, const struct json_tree *t, struct shape *s)
{
        struct found list;

        if (t->kind == JSON_ARRAY) {
                for (const struct json_tree *e = t->first; e; e = e->next)
                        look_at_document(d, e, s);
                return;
        }
        if (!find_list(d, t, STR(""), 0, &list) || !is_envelope(d, t, &list)) {
                look_at_record(d, t, s);
                return;
        }
        if (!s->records.n)
                s->records = list.path;
        for (const struct json_tree *e = list.list->first; e; e = e->next)
                look_at_record(d, str_find(list.path, STR(".")) != SIZE_MAX ? unwrap(e) : e, s);
}

static void note_opened(struct draft *d, const struct listed *l)
{
        for (size_t i = 0; i < l->n && d->n_opened < DRAFT_OPENED_MAX; i++)
                d->opened[d->n_opened++] = l->paths[i];
}

static void write_shape(struct draft *d, const struct shape *s)
{
        struct strbuf *out = &d->head;

        note_opened(d, &s->pairs);
        note_opened(d, &s->texts);

        if (s->records.n) {
                strbuf_addz(out, "records: ");
                draft_scalar(out, s->records);
                strbuf_addz(out, "   # guess: each element there is a record\n");
        }
        if (s->each.n) {
                strbuf_addz(out, "each: ");
                draft_scalar(out, s->each);
                strbuf_addz(out, "   # guess: each element there is an action of its own\n");
        }
        for (size_t i = 0; i < s->pairs.n; i++) {
                strbuf_addz(out, i ? "  - {at: " : "pairs:   # guess: names and values that become fields\n  - {at: ");
                draft_scalar(out, s->pairs.paths[i]);
                strbuf_addz(out, ", name: ");
                draft_scalar(out, s->pairs.names[i]);
                strbuf_addf(out, ", value: [" STR_FMT "]}\n", STR_ARG(s->pairs.values[i]));
        }
        for (size_t i = 0; i < s->texts.n; i++) {
                strbuf_addz(out, i ? ", " : "json_in_text: [");
                draft_scalar(out, s->texts.paths[i]);
        }
        strbuf_addz(out, s->texts.n ? "]   # guess: text that holds JSON\n" : "");
}

bool draft_json_fits(const struct draft *d)
{
        return parse_is_json(d->request->raws[0].bytes);
}

int draft_json_head(struct draft *d)
{
        struct shape *s = arena_alloc(d->arena, sizeof *s);
        size_t n = 0;

        for (size_t i = 0; s && i < d->request->n && i < DOCUMENTS_MAX; i++) {
                struct json_tree *tree;
                int r = json_tree_read(d->arena, d->request->raws[i].bytes, &tree);

                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        continue;
                look_at_document(d, tree, s);
                n++;
        }
        if (!s)
                return -ENOMEM;
        write_shape(d, s);
        return n > 0 ? 0 : -EBADMSG;
}
