/* SPDX-License-Identifier: Apache-2.0 */

/* Two polls of one list to what differs. Pure: the list before comes from the host and the new one goes back to it, to be
 * committed with what the differences lead to.
 *
 * A list is believed only when it is whole: a fetch that failed, a page of several, a file that is cut off or empty would
 * else be told as everybody's removal. What cannot be told by its form is held back: when over half of the entries are gone
 * at once, their removal counts when the next poll lacks them as well; whoever is new in such a list is told at once, for
 * that is how a takeover looks.
 *
 * The memory of one account, as text:
 *
 *     v=1 time=1795317242000000 entries=2
 *     + 57
 *     {"id": 1, "role": "ADMIN"}      the entry, as many bytes as said; '?' instead of '+': it was not in the last poll */

#include "parsers/list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/json_write.h"
#include "parsers/decoder.h"

enum { LINE_BYTES = 64 }; /* no line between a memory's entries is longer */

struct entry {
        struct str text; /* JSON */
        struct str account, key;
        struct hash128 *watch; /* [n_watch] */
        bool is_missing;
};

struct entries {
        struct entry *items; /* heap */
        size_t n, cap;
};

struct comparison {
        struct parse x; /* of the poll; fn is never called */
        const struct list_poll *poll;
        const struct list_host *host;
        const struct list_rules *rules;
        struct counters counted; /* what reading entries counts is of no interest twice */
        struct entries fresh, before;
        struct strbuf out;
        usec time;
        size_t recognised; /* entries that are surely of the source */
        bool has_more; /* of the last document */
        char why[160]; /* it is refused; "": not so far */
};

static int refuse(struct comparison *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
static int refuse(struct comparison *c, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(c->why, sizeof c->why, fmt, ap);
        va_end(ap);
        return -ENOMSG;
}

/* ---- Entries ---- */

static int by_text(const void *a, const void *b)
{
        const struct value *const *x = a, *const *y = b;
        int r = str_cmp((*x)->text, (*y)->text);

        return r != 0 ? r : (*x)->kind < (*y)->kind ? -1 : (*x)->kind > (*y)->kind;
}

/* The values of a field, whatever their order; null says nothing. */
static int print_slot(struct comparison *c, const struct slot *slot, struct hash128 *ret)
{
        struct value **values = arena_array(c->poll->arena, slot->n + 1, sizeof(struct value *));
        struct str *texts = arena_array(c->poll->arena, 2 * (size_t)slot->n + 1, sizeof *texts);
        size_t n = 0;

        if (!values || !texts)
                return -ENOMEM;
        for (struct value *v = slot->first; v; v = v->next)
                if (v->kind != VALUE_NULL)
                        values[n++] = v;
        qsort(values, n, sizeof(struct value *), by_text);
        for (size_t i = 0; i < n; i++) {
                static const char kinds[] = "nsNbo";

                texts[2 * i] = str_from(&kinds[values[i]->kind], 1);
                texts[2 * i + 1] = values[i]->kind == VALUE_OBJECT ? value_text(values[i], c->poll->arena) : values[i]->text;
                if (!texts[2 * i + 1].p)
                        return -ENOMEM;
        }
        *ret = hash128_of(texts, 2 * n);
        return 0;
}

/* Each part with its length, so that no two keys look alike. */
static int make_key(struct comparison *c, const struct record *record, struct str *ret)
{
        CLEANUP(strbuf_done) struct strbuf key = STRBUF_INIT;
        bool has = false;

        for (size_t i = 0; i < c->rules->n_key; i++) {
                const struct slot *slot = &record->slots[c->rules->key[i]];
                struct str part = slot->first && slot->first->kind == VALUE_NULL ? STR_NONE : slot_text(slot);

                has = has || part.n > 0;
                strbuf_addf(&key, "%zu:", part.n);
                strbuf_add(&key, part);
        }
        *ret = has ? arena_dup(c->poll->arena, strbuf_str(&key)) : STR_NONE;
        return strbuf_failed(&key) || (has && !ret->p) ? -ENOMEM : 0;
}

/* What may stand in a position's name; else the hash of it. */
static struct str make_account(struct comparison *c, struct str text)
{
        struct hash128 hash;
        char hex[HASH128_HEX_BYTES];
        bool is_plain = text.n <= LIST_ACCOUNT_BYTES_MAX;

        if (text.n == 0)
                return STR("-");
        for (size_t i = 0; i < text.n && is_plain; i++)
                is_plain = (text.p[i] >= '0' && text.p[i] <= '9') || ((text.p[i] | 0x20) >= 'a' && (text.p[i] | 0x20) <= 'z') ||
                           (i > 0 && strchr("-_.", text.p[i]));
        if (is_plain)
                return text;
        hash = hash128_of(&text, 1);
        hash128_hex(&hash, hex);
        return arena_printf(c->poll->arena, "#%s", hex);
}

static struct entry *new_entry(struct entries *list)
{
        if (list->n == list->cap) {
                size_t cap = list->cap ? 2 * list->cap : 64;
                struct entry *items = reallocarray(list->items, cap, sizeof *items);

                if (!items)
                        return NULL;
                list->items = items;
                list->cap = cap;
        }
        list->items[list->n] = (struct entry){ 0 };
        return &list->items[list->n++];
}

/* Reads what tells the entry and what is watched of it. -EBADMSG: it cannot be read. */
static int fill_entry(struct comparison *c, struct entry *e)
{
        struct record *record;
        int r = list_read_entry(&c->x, e->text, c->rules->entry, &record);

        if (r < 0 || !record)
                return r == -ENOMEM ? r : -EBADMSG;
        e->account = make_account(c, c->rules->account == UINT32_MAX ? STR("") : slot_text(&record->slots[c->rules->account]));
        e->watch = arena_array(c->poll->arena, c->rules->n_watch, sizeof *e->watch);
        if (!e->account.p || !e->watch)
                return -ENOMEM;
        for (size_t i = 0; i < c->rules->n_watch && r >= 0; i++)
                r = print_slot(c, &record->slots[c->rules->watch[i]], &e->watch[i]);
        return r < 0 ? r : make_key(c, record, &e->key);
}

static int by_key(const void *a, const void *b)
{
        const struct entry *x = a, *y = b;
        int r = str_cmp(x->account, y->account);

        return r != 0 ? r : str_cmp(x->key, y->key);
}

static bool is_same(const struct comparison *c, const struct entry *a, const struct entry *b)
{
        return memcmp(a->watch, b->watch, c->rules->n_watch * sizeof *a->watch) == 0;
}

/* ---- The new list ---- */

/* With RAW_PADDING bytes behind it. */
static struct str pad(struct arena *arena, struct str text)
{
        char *p = arena_alloc(arena, text.n + RAW_PADDING);

        if (!p)
                return STR_NONE;
        memcpy(p, text.p, text.n);
        return str_from(p, text.n);
}

static int take_entry(struct parse *x, struct record *record)
{
        struct comparison *c = x->userdata;
        struct entry *e;

        if (c->fresh.n == LIST_ENTRIES_MAX)
                return refuse(c, "has over %d entries", LIST_ENTRIES_MAX);
        e = new_entry(&c->fresh);
        if (!e)
                return -ENOMEM;
        e->text = record->raw;
        if (x->source->decoder != &decoder_csv)
                return 0;
        strbuf_clear(&c->out);
        if (decode_csv_to_json(x, record->header, record->raw, &c->out) == -ENOMEM || strbuf_failed(&c->out))
                return -ENOMEM;
        e->text = pad(c->poll->arena, strbuf_str(&c->out));
        return e->text.p ? 0 : -ENOMEM;
}

struct head {
        struct str time;
        bool has_more;
};

static int take_head(void *userdata, struct record *record, uint32_t sub)
{
        struct head *h = userdata;
        const struct value *more = record->slots[_ECS_MAX + 1].first;

        (void)sub;
        if (!h->time.p)
                h->time = slot_text(&record->slots[_ECS_MAX]);
        h->has_more = more && more->kind != VALUE_NULL && more->text.n > 0 && !str_eqz(more->text, "false");
        return 0;
}

/* `time` and `more` of a document; of several documents, or of an array of them, the first time counts and the last `more`. */
static int read_head(struct comparison *c, const struct raw *raw)
{
        const struct source *s = c->x.source;
        struct time_hint hint = { .reference = c->poll->time, .local = s->zone == SOURCE_ZONE_LOCAL, .zone_minutes = s->zone_minutes };
        struct head head = { 0 };
        int r;

        if (!c->rules->time.p && !c->rules->more.p)
                return 0;
        r = json_read(c->x.parser->reader, c->rules->head, raw->bytes, c->poll->arena, _ECS_MAX + 2, &c->counted, take_head, &head);
        if (r < 0)
                return r == -ENOMEM ? r : refuse(c, "%s", decode_json_reason(r));
        c->has_more = head.has_more;
        if (head.time.p && c->time == USEC_NONE && time_parse(head.time, TIME_UNIT_AUTO, &hint, &c->time) < 0)
                return refuse(c, "names no time that can be read at its `" STR_FMT "`", STR_ARG(c->rules->time));
        return 0;
}

static int read_raw(struct comparison *c, const struct raw *raw)
{
        int r;

        c->x.raw = raw;
        c->x.n = c->x.refused = 0;
        c->x.reason = NULL;
        r = read_head(c, raw);
        if (r >= 0)
                r = c->x.source->decoder->decode(&c->x);
        if (r == -ENOMEM || c->why[0])
                return r;
        c->recognised += c->x.n - c->x.refused;
        return r < 0 ? refuse(c, "%s", c->x.reason ? c->x.reason : "cannot be read") : 0;
}

/* Sorted, each entry once. */
static int order(struct comparison *c, struct entries *list)
{
        size_t kept = 0;

        qsort(list->items, list->n, sizeof *list->items, by_key);
        for (size_t i = 0; i < list->n; i++) {
                if (kept > 0 && by_key(&list->items[kept - 1], &list->items[i]) == 0) {
                        if (!is_same(c, &list->items[kept - 1], &list->items[i]))
                                return refuse(c, "has two entries of one key that differ");
                        continue;
                }
                list->items[kept++] = list->items[i];
        }
        list->n = kept;
        return 0;
}

static int read_poll(struct comparison *c)
{
        int r = c->poll->trouble ? refuse(c, "%s", c->poll->trouble) : 0;

        for (size_t i = 0; i < c->poll->n && r >= 0; i++)
                r = read_raw(c, &c->poll->raws[i]);
        if (r >= 0 && c->fresh.n > 0 && c->recognised == 0)
                r = refuse(c, "holds nothing that is an entry of such a list");
        if (r >= 0 && c->has_more)
                r = refuse(c, "is not whole: its `" STR_FMT "` says that more follows", STR_ARG(c->rules->more));
        if (r >= 0 && c->fresh.n == 0)
                r = refuse(c, "is empty: nobody at all has access, it says");
        for (size_t i = 0; i < c->fresh.n && r >= 0; i++) {
                r = fill_entry(c, &c->fresh.items[i]);
                if (r == -EBADMSG)
                        r = refuse(c, "has an entry that cannot be read");
                else if (r >= 0 && !c->fresh.items[i].key.p)
                        r = refuse(c, "has an entry without its key");
        }
        if (c->time == USEC_NONE)
                c->time = c->poll->time;
        return r < 0 ? r : order(c, &c->fresh);
}

/* ---- The list before ---- */

static int write_memory(struct comparison *c, struct str account, usec time, const struct entry *const *kept, size_t n)
{
        strbuf_clear(&c->out);
        strbuf_addf(&c->out, "v=1 time=%" PRId64 " entries=%zu\n", time, n);
        for (size_t i = 0; i < n; i++) {
                strbuf_addf(&c->out, "%c %zu\n", kept[i]->is_missing ? '?' : '+', kept[i]->text.n);
                strbuf_add(&c->out, kept[i]->text);
                strbuf_addc(&c->out, '\n');
        }
        return strbuf_failed(&c->out) ? -ENOMEM : c->host->remember(c->host->userdata, account, strbuf_str(&c->out));
}

static int read_remembered(struct comparison *c, struct str *rest)
{
        struct str line;
        struct entry *e;
        uint64_t n;

        if (!str_cut(rest, '\n', &line) || line.n < 3 || (line.p[0] != '+' && line.p[0] != '?') || !rest->p ||
            str_to_u64(str_from(line.p + 2, line.n - 2), &n) < 0 || n >= rest->n)
                return -EBADMSG;
        e = new_entry(&c->before);
        if (!e)
                return -ENOMEM;
        e->is_missing = line.p[0] == '?';
        e->text = str_from(rest->p, (size_t)n);
        *rest = str_from(rest->p + n + 1, rest->n - (size_t)n - 1);
        return fill_entry(c, e);
}

/* 1; 0: there is none that can be used; -ENOMEM. Entries that mean nothing under the present source file are left out. */
static int read_memory(struct comparison *c, struct str account, usec *ret_time)
{
        struct str rest = c->host->before(c->host->userdata, account), line, word;
        uint64_t n = 0;
        int64_t time = USEC_NONE;
        int r = 0;

        c->before.n = 0;
        if (!rest.p || !str_cut(&rest, '\n', &line) || !str_cut(&line, ' ', &word) || !str_eqz(word, "v=1") || !rest.p)
                return 0;
        while (str_cut(&line, ' ', &word)) {
                if (str_starts(word, STR("time=")) && str_to_i64(str_from(word.p + 5, word.n - 5), &time) < 0)
                        return 0;
                if (str_starts(word, STR("entries=")) && str_to_u64(str_from(word.p + 8, word.n - 8), &n) < 0)
                        return 0;
        }
        for (uint64_t i = 0; i < n && r >= 0; i++)
                r = read_remembered(c, &rest);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        qsort(c->before.items, c->before.n, sizeof *c->before.items, by_key);
        *ret_time = time;
        return 1;
}

/* ---- What differs ---- */

static int tell(struct comparison *c, const char *change, const struct entry *e, const struct entry *old)
{
        struct json_writer w = JSON_WRITER(&c->out);
        char stamp[TIME_ISO_BYTES];
        struct str bytes;

        strbuf_clear(&c->out);
        json_begin(&w, '{');
        json_key(&w, "change"), json_strz(&w, change);
        time_format_iso(c->time, stamp);
        json_key(&w, "polled"), json_strz(&w, c->time == USEC_NONE ? NULL : stamp);
        if (old) {
                json_key(&w, "changed"), json_begin(&w, '[');
                for (size_t i = 0; i < c->rules->n_watch; i++)
                        if (!hash128_eq(&e->watch[i], &old->watch[i]))
                                json_str(&w, c->rules->watch_names[i]);
                json_end(&w, ']');
        }
        json_key(&w, "entry"), json_raw(&w, e->text);
        if (old)
                json_key(&w, "old"), json_raw(&w, old->text);
        json_end(&w, '}');
        bytes = strbuf_failed(&c->out) ? STR_NONE : pad(c->poll->arena, strbuf_str(&c->out));
        return bytes.p ? c->host->take(c->host->userdata, bytes) : -ENOMEM;
}

static int tell_refusal(struct comparison *c)
{
        struct json_writer w = JSON_WRITER(&c->out);
        struct str bytes;

        strbuf_clear(&c->out);
        json_begin(&w, '{');
        json_key(&w, "refused"), json_strz(&w, c->why);
        json_end(&w, '}');
        bytes = strbuf_failed(&c->out) ? STR_NONE : pad(c->poll->arena, strbuf_str(&c->out));
        return bytes.p ? c->host->take(c->host->userdata, bytes) : -ENOMEM;
}

/* Two sorted lists side by side: each pair of equals, and each entry that only one has (the other is NULL then). */
static bool next_pair(struct entry **a, struct entry *a_end, struct entry **b, struct entry *b_end, struct entry **ret_a,
                      struct entry **ret_b)
{
        int order;

        if (*a == a_end && *b == b_end)
                return false;
        order = *a == a_end ? 1 : *b == b_end ? -1 : by_key(*a, *b);
        *ret_a = order <= 0 ? (*a)++ : NULL;
        *ret_b = order >= 0 ? (*b)++ : NULL;
        return true;
}

/* Whether so many are gone at once that the list itself is to be doubted. */
static bool is_doubtful(const struct comparison *c, struct entry *fresh, struct entry *fresh_end)
{
        struct entry *old = c->before.items, *old_end = old + c->before.n, *a, *b;
        size_t gone = 0, all = 0;

        while (next_pair(&fresh, fresh_end, &old, old_end, &a, &b)) {
                all += b && !b->is_missing;
                gone += b && !a && !b->is_missing;
        }
        return 2 * gone > all;
}

/* Tells what differs; *ret: what is to be remembered. With `may_confirm` those that the last poll lacked too are gone. */
static int tell_all(struct comparison *c, struct entry *fresh, struct entry *fresh_end, bool may_confirm,
                    const struct entry **ret, size_t *ret_n)
{
        struct entry *old = c->before.items, *old_end = old + c->before.n, *a, *b;
        bool is_held = is_doubtful(c, fresh, fresh_end);
        size_t n_missing = 0;
        int r = 0;

        while (r >= 0 && next_pair(&fresh, fresh_end, &old, old_end, &a, &b)) {
                if (a)
                        ret[(*ret_n)++] = a;
                if (!b) {
                        r = tell(c, "added", a, NULL);
                } else if (a) {
                        if (!is_same(c, a, b))
                                r = tell(c, "changed", a, b);
                } else if ((b->is_missing ? may_confirm : !is_held) || n_missing == LIST_ENTRIES_MAX) {
                        r = tell(c, "removed", b, NULL);
                } else {
                        n_missing++;
                        c->host->counters->n[COUNTER_LIST_HELD] += !b->is_missing;
                        b->is_missing = true;
                        ret[(*ret_n)++] = b;
                }
        }
        return r;
}

/* Of what there is to remember at most. */
static bool has_room(const struct comparison *c, struct str account, const struct entry *fresh, const struct entry *fresh_end)
{
        const struct entries *before = &c->before;
        size_t bytes = LINE_BYTES;

        if (!c->host->has_room)
                return true;
        for (; fresh < fresh_end; fresh++)
                bytes += fresh->text.n + LINE_BYTES;
        for (size_t i = 0; i < before->n; i++)
                bytes += before->items[i].text.n + LINE_BYTES;
        return c->host->has_room(c->host->userdata, account, bytes);
}

static int compare_account(struct comparison *c, struct entry *fresh, struct entry *fresh_end)
{
        struct str account = fresh->account;
        usec before = USEC_NONE;
        const struct entry **kept;
        size_t n = 0;
        int r = read_memory(c, account, &before);
        bool has_before = r > 0;

        if (r < 0)
                return r;
        kept = arena_array(c->poll->arena, (size_t)(fresh_end - fresh) + c->before.n + 1, sizeof *kept);
        if (!kept)
                return -ENOMEM;
        if (has_before && !c->poll->is_ordered && c->time < before) {
                c->host->counters->n[COUNTER_LIST_OLD]++;
                return 0;
        }
        if (!has_room(c, account, fresh, fresh_end)) {
                c->host->counters->n[COUNTER_LIST_NO_ROOM]++;
                return 0;
        }
        if (has_before) {
                r = tell_all(c, fresh, fresh_end, c->poll->is_ordered || c->time > before, kept, &n);
        } else {
                for (; fresh < fresh_end; fresh++)
                        kept[n++] = fresh;
                c->host->first(c->host->userdata, account, n);
        }
        c->host->counters->n[has_before ? COUNTER_LIST : COUNTER_LIST_FIRST]++;
        if (r >= 0)
                r = write_memory(c, account, c->time > before ? c->time : before, kept, n);
        return r;
}

static int compare_all(struct comparison *c)
{
        struct entry *at = c->fresh.items, *end = at + c->fresh.n;
        int r = 0;

        while (at < end && r >= 0) {
                struct entry *next = at;

                while (next < end && str_eq(next->account, at->account))
                        next++;
                r = compare_account(c, at, next);
                at = next;
        }
        return r;
}

int sourceset_list_compare(void *set, const struct list_poll *poll, const struct list_host *host)
{
        struct parser_options o = { .hint = { .reference = poll->time } };
        struct comparison c = { .poll = poll, .host = host, .time = USEC_NONE };
        const struct source *s = sourceset_find(set, str_of(poll->source));
        struct parser *parser = parser_new(set, &o);
        int r = -ENOMEM;

        c.x = (struct parse){ .parser = parser, .source = s, .arena = poll->arena, .counters = &c.counted, .is_sure = true,
                              .on_entry = take_entry, .userdata = &c };
        if (parser && s) {
                c.rules = s->list;
                r = read_poll(&c);
                if (r >= 0)
                        r = compare_all(&c);
                else if (r == -ENOMSG)
                        r = tell_refusal(&c);
        }
        parser_free(parser);
        strbuf_done(&c.out);
        free(c.fresh.items);
        free(c.before.items);
        return r;
}
