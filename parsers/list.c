/* SPDX-License-Identifier: Apache-2.0 */

/* Sources of lists: the key `list`, which files are lists, and records of what a comparison wrote. */

#include "parsers/list.h"

#include <errno.h>

#include "parsers/decoder.h"

/* What a raw of ours consists of: slots behind the ECS ones of a record that only list_decode() sees. */
enum { PART_CHANGE, PART_CHANGED, PART_POLLED, PART_ENTRY, PART_OLD, PART_REFUSED, _PART_MAX };

static const char *const parts[_PART_MAX] = { "change", "changed", "polled", "entry", "old", "refused" };

#define OLD STR("old.")

enum { FIND_BYTES_MAX = 16 * 1024 }; /* of a document, in which its first entry's keys are looked for */

/* ---- Loading ---- */

static int want_slot(struct loader *l, const struct yaml *y, struct str name, uint32_t *ret)
{
        *ret = source_want(l->source, name);
        return *ret == UINT32_MAX ? load_error(l, y, "too many fields, over %d", RECORD_NATIVE_MAX) : 0;
}

static int load_slots(struct loader *l, const struct yaml *y, const char *what, struct str **ret_names, uint32_t **ret_slots,
                      size_t *ret_n)
{
        int r = load_texts(l, y, what, ret_names, ret_n);

        if (r < 0)
                return r;
        *ret_slots = load_alloc(l, *ret_n, sizeof **ret_slots);
        if (!*ret_slots)
                return -ENOMEM;
        for (size_t i = 0; i < *ret_n; i++) {
                r = load_path(l, y->kind == YAML_LIST ? y->items[i] : y, what, &(*ret_names)[i]);
                if (r >= 0)
                        r = want_slot(l, y, (*ret_names)[i], &(*ret_slots)[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int load_account(struct loader *l, const struct yaml *y, struct list_rules *rules)
{
        struct str path;
        int r = load_path(l, y, "`account`", &path);

        return r < 0 ? r : want_slot(l, y, path, &rules->account);
}

static int check_source(struct loader *l, const struct yaml *y)
{
        const struct source *s = l->source;

        if (s->decoder != &decoder_json && s->decoder != &decoder_csv)
                return load_error(l, y, "`list` goes with format: json, csv, this source's format is %s", s->decoder->name);
        if (s->each.n > 0)
                return load_error(l, y, "`list` and `each` do not go together: `records` says where the entries lie");
        return 0;
}

int list_load(struct loader *l, const struct yaml *y)
{
        static const char *const keys[] = { "key", "watch", "account", "time", "more", NULL };
        const struct yaml *account, *time, *more;
        struct list_rules *rules = load_alloc(l, 1, sizeof *rules);
        struct str *names;
        int r = rules ? check_source(l, y) : -ENOMEM;

        if (r >= 0)
                r = load_keys(l, y, keys);
        if (r < 0)
                return r;
        if (!yaml_get(y, "key"))
                return load_error(l, y, "`list` needs `key`: the field that tells its entries apart");
        rules->account = UINT32_MAX;
        r = load_slots(l, yaml_get(y, "key"), "`key`", &names, &rules->key, &rules->n_key);
        if (r >= 0 && yaml_get(y, "watch"))
                r = load_slots(l, yaml_get(y, "watch"), "`watch`", &rules->watch_names, &rules->watch, &rules->n_watch);
        if (r >= 0 && (account = yaml_get(y, "account")))
                r = load_account(l, account, rules);
        time = yaml_get(y, "time");
        more = yaml_get(y, "more");
        if (r >= 0 && (time || more) && l->source->decoder != &decoder_json)
                return load_error(l, time ? time : more, "`time` and `more` lie in a JSON document, a table has no such place");
        if (r >= 0 && time)
                r = load_path(l, time, "`time`", &rules->time);
        if (r >= 0 && more)
                r = load_path(l, more, "`more`", &rules->more);
        if (r >= 0)
                r = want_slot(l, y, STR("change"), &rules->change);
        if (r >= 0)
                r = want_slot(l, y, STR("changed"), &rules->changed);
        if (r >= 0)
                r = want_slot(l, y, STR("polled"), &rules->polled);
        l->source->list = rules;
        return r;
}

/* ---- Plans ---- */

static bool is_ours(const struct source *s, uint32_t slot)
{
        const struct list_rules *l = s->list;

        return slot == l->change || slot == l->changed || slot == l->polled;
}

static int plan_entry(const struct source *s, struct json_plan *plan, bool is_old)
{
        int r = s->decoder == &decoder_json ? decode_json_inside(s, plan) : 0;

        for (size_t i = 0; i < s->n_csv_json && r >= 0; i++)
                r = json_plan_text(plan, s->csv_json[i].column);
        for (size_t i = 0; i < s->n_native && r >= 0; i++) {
                uint32_t slot = _ECS_MAX + (uint32_t)i;
                struct str name = s->native[i];

                if (is_ours(s, slot) || str_starts(name, OLD) != is_old)
                        continue;
                if (is_old)
                        name = str_from(name.p + OLD.n, name.n - OLD.n);
                r = json_plan_want(plan, name, slot);
        }
        if (r >= 0 && s->wants_leaves && !is_old)
                json_plan_want_leaves(plan);
        return r;
}

static int plan_head(struct list_rules *l)
{
        int r = l->time.p ? json_plan_want(l->head, l->time, _ECS_MAX) : 0;

        return r >= 0 && l->more.p ? json_plan_want(l->head, l->more, _ECS_MAX + 1) : r;
}

int list_freeze(struct source *s, struct err *reterr)
{
        struct list_rules *l = s->list;
        int r;

        if (!l)
                return 0;
        l->head = json_plan_new();
        l->parts = json_plan_new();
        l->entry = json_plan_new();
        l->old = json_plan_new();
        r = l->head && l->parts && l->entry && l->old ? plan_head(l) : -ENOMEM;
        for (uint32_t i = 0; i < _PART_MAX && r >= 0; i++)
                r = json_plan_want(l->parts, str_of(parts[i]), _ECS_MAX + i);
        if (r >= 0)
                r = plan_entry(s, l->entry, false);
        if (r >= 0)
                r = plan_entry(s, l->old, true);
        return r < 0 ? err_at(reterr, r, s->file, 0, 0, "cannot plan how to read its lists") : 0;
}

void list_done(struct source *s)
{
        struct list_rules *l = s->list;

        if (!l)
                return;
        l->head = json_plan_free(l->head);
        l->parts = json_plan_free(l->parts);
        l->entry = json_plan_free(l->entry);
        l->old = json_plan_free(l->old);
}

/* ---- Reading ---- */

static int keep(void *userdata, struct record *record, uint32_t sub)
{
        struct record **found = userdata;

        (void)sub;
        if (!*found)
                *found = record;
        return 0;
}

static int read_object(struct parse *x, struct str json, const struct json_plan *plan, uint32_t n_slots, struct record **ret)
{
        *ret = NULL;
        return json_read(x->parser->reader, plan, json, x->arena, n_slots, x->counters, keep, ret);
}

int list_read_entry(struct parse *x, struct str json, const struct json_plan *plan, struct record **ret)
{
        return read_object(x, json, plan, _ECS_MAX + (uint32_t)x->source->n_native, ret);
}

/* ---- A list where none is compared ---- */

static int pass_entry(struct parse *x, struct record *record)
{
        (void)x;
        (void)record;
        return 0;
}

static int refuse_list(struct parse *x)
{
        int r;

        x->on_entry = pass_entry;
        r = x->source->decoder->decode(x);
        x->on_entry = NULL;
        if (r < 0)
                return r;
        if (x->n == x->refused && !x->is_sure) {
                r = x->n > 0 ? -ENOENT : 0;
                x->n = 0;
                return r;
        }
        x->n = x->refused = 0;
        x->reason = "is a polled list, and those are compared where each poll is a file: in a spool, or as files of their own";
        return -ENOMSG;
}

/* ---- What a comparison wrote ---- */

static struct str part_text(const struct record *raw, unsigned part)
{
        return slot_text(&raw->slots[_ECS_MAX + part]);
}

/* The object that a part is, absent when it is none. */
static struct str part_json(const struct record *raw, unsigned part)
{
        const struct value *v = raw->slots[_ECS_MAX + part].first;

        return v && v->kind == VALUE_OBJECT ? v->text : STR_NONE;
}

static int add_old(struct parse *x, struct record *record, struct str json)
{
        struct record *old;
        int r = list_read_entry(x, json, x->source->list->old, &old);

        for (uint32_t i = _ECS_MAX; r >= 0 && old && i < old->n_slots; i++)
                if (old->slots[i].is_present)
                        record->slots[i] = old->slots[i];
        return r;
}

static int take_change(struct parse *x, const struct record *raw)
{
        const struct list_rules *l = x->source->list;
        struct str entry = part_json(raw, PART_ENTRY), old = part_json(raw, PART_OLD);
        struct record *record = NULL;
        int r = entry.p ? list_read_entry(x, entry, l->entry, &record) : 0;

        if (r < 0)
                return r;
        if (!record) {
                x->reason = "holds no `entry`";
                return -EBADMSG;
        }
        record->slots[l->change] = raw->slots[_ECS_MAX + PART_CHANGE];
        record->slots[l->changed] = raw->slots[_ECS_MAX + PART_CHANGED];
        record->slots[l->polled] = raw->slots[_ECS_MAX + PART_POLLED];
        if (old.p)
                r = add_old(x, record, old);
        record->raw = x->raw->bytes;
        record->arena = x->arena;
        record->time = USEC_NONE;
        return r < 0 ? r : parse_take(x, record, 0, false);
}

int list_decode(struct parse *x)
{
        struct record *raw;
        struct str why;
        int r;

        if (!x->raw->is_change)
                return refuse_list(x);
        r = read_object(x, x->raw->bytes, x->source->list->parts, _ECS_MAX + _PART_MAX, &raw);
        if (r < 0 || !raw) {
                x->reason = decode_json_reason(r < 0 ? r : -EBADMSG);
                return r < 0 ? r : -EBADMSG;
        }
        why = part_text(raw, PART_REFUSED);
        if (!why.p)
                return take_change(x, raw);
        why = arena_dup(x->arena, why);
        if (!why.p)
                return -ENOMEM;
        x->reason = why.p;
        return -ENOMSG;
}

/* ---- Which files are lists ---- */

/* Whether the document's beginning has the last name of each path as a key: cheap, and false for nearly all that is none. */
static bool may_be_list(const struct source *s, struct str text)
{
        text.n = size_min(text.n, FIND_BYTES_MAX);
        for (size_t i = 0; i < s->recognition.n_has; i++) {
                struct str path = s->recognition.has[i], key;
                size_t at;

                while (str_cut(&path, '.', &key))
                        ;
                at = str_find(text, key);
                while (at != SIZE_MAX && !(at > 0 && text.p[at - 1] == '"' && at + key.n < text.n && text.p[at + key.n] == '"')) {
                        size_t more = str_find(str_from(text.p + at + 1, text.n - at - 1), key);

                        at = more == SIZE_MAX ? more : at + 1 + more;
                }
                if (at == SIZE_MAX)
                        return false;
        }
        return true;
}

static bool is_candidate(const struct source *s, const struct raw *raw)
{
        char delimiter;

        if (!s->list)
                return false;
        if (s->decoder == &decoder_csv)
                return raw->header.p && decode_csv_is_header(s, raw->header, &delimiter);
        return parse_is_json(raw->bytes) && may_be_list(s, raw->bytes);
}

int sourceset_list_find(void *userdata, const char *source, const struct raw *raw, const char **ret)
{
        struct sourceset *set = userdata;
        struct parser_options o = { .hint = { .reference = USEC_NONE } };
        const struct source *s = source ? sourceset_find(set, str_of(source)) : NULL;
        struct source_guess guess;
        struct parser *parser;
        bool may_be = false;
        int r;

        *ret = s && s->list ? s->name : NULL;
        if (source)
                return 0;
        for (size_t i = 0; i < set->n && !may_be; i++)
                may_be = is_candidate(set->items[i], raw);
        if (!may_be)
                return 0;
        parser = parser_new(set, &o);
        r = parser ? parser_identify(parser, raw, &guess, 1) : -ENOMEM;
        if (r > 0 && guess.held == guess.of && guess.source->list)
                *ret = guess.source->name;
        parser_free(parser);
        return r == -ENOMEM ? r : 0;
}
