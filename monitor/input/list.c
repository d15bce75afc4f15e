/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/input/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* The list before, of one source and account. */
struct list_memory {
        struct list_memory *next;
        char *blob; /* with RAW_PADDING bytes behind it */
        size_t n;
        bool is_changed;
        char name[]; /* "SOURCE/ACCOUNT" */
};

struct listing {
        struct input *in;
        struct reader *rd;
        struct taking *t;
        const char *source;
};

/* ---- Memories ---- */

static int put_memory(struct input *in, struct str name, struct str blob, bool is_changed)
{
        struct list_memory *m = in->lists_before;
        char *copy = calloc(1, blob.n + RAW_PADDING);

        while (m && !str_eqz(name, m->name))
                m = m->next;
        if (copy && !m) {
                m = calloc(1, sizeof *m + name.n + 1);
                if (m) {
                        memcpy(m->name, name.p, name.n);
                        m->next = in->lists_before;
                        in->lists_before = m;
                }
        }
        if (!copy || !m) {
                free(copy);
                return -ENOMEM;
        }
        memcpy(copy, blob.p, blob.n);
        free(m->blob);
        m->blob = copy;
        m->n = blob.n;
        m->is_changed = is_changed;
        return 0;
}

int list_restore(struct input *in, struct str name, struct str blob)
{
        return put_memory(in, name, blob, false);
}

int list_positions(struct input *in, input_position_fn *fn, void *userdata)
{
        int r = 0;

        for (struct list_memory *m = in->lists_before; m && r >= 0; m = m->next) {
                if (!m->is_changed)
                        continue;
                r = kind_position(in, "list/", m->name, str_from(m->blob, m->n), fn, userdata);
                m->is_changed = r < 0;
        }
        return r < 0 ? r : 0;
}

void list_close(struct input *in)
{
        while (in->lists_before) {
                struct list_memory *next = in->lists_before->next;

                free(in->lists_before->blob);
                free(in->lists_before);
                in->lists_before = next;
        }
}

/* ---- The host of a comparison ---- */

static bool is_of(const struct listing *l, struct str account, const struct list_memory *m)
{
        size_t n = strlen(l->source);

        return strncmp(m->name, l->source, n) == 0 && m->name[n] == '/' && str_eqz(account, m->name + n + 1);
}

static struct str before(void *userdata, struct str account)
{
        const struct listing *l = userdata;
        const struct list_memory *m = l->in->lists_before;

        while (m && !is_of(l, account, m))
                m = m->next;
        return m ? str_from(m->blob, m->n) : STR_NONE;
}

static int remember(void *userdata, struct str account, struct str blob)
{
        CLEANUP(strbuf_done) struct strbuf name = STRBUF_INIT;
        struct listing *l = userdata;

        strbuf_addf(&name, "%s/" STR_FMT, l->source, STR_ARG(account));
        return strbuf_failed(&name) ? -ENOMEM : put_memory(l->in, strbuf_str(&name), blob, true);
}

/* Memories that were restored count, but stay whatever their number. */
static bool has_room(void *userdata, struct str account, size_t bytes)
{
        const struct listing *l = userdata;
        size_t n = 1, sum = bytes;

        for (const struct list_memory *m = l->in->lists_before; m; m = m->next) {
                bool is_this = is_of(l, account, m);

                n += !is_this;
                sum += is_this ? 0 : m->n;
        }
        if (n <= LIST_ACCOUNTS_MAX && sum <= LIST_MEMORY_BYTES_MAX)
                return true;
        if (!l->in->is_list_room_told)
                kind_note(l->in, -ENOSPC, l->rd->origin->path,
                          "no room to remember the list of %s " STR_FMT ": it is left alone, as are further ones (an input has room for the "
                          "lists of %d accounts, together of %d MiB)",
                          l->source, STR_ARG(account), LIST_ACCOUNTS_MAX, LIST_MEMORY_BYTES_MAX / 1024 / 1024);
        l->in->is_list_room_told = true;
        return false;
}

static int take(void *userdata, struct str bytes)
{
        struct listing *l = userdata;
        struct raw raw = { .bytes = bytes, .file = l->rd->origin->path, .records = &l->rd->origin->records,
                           .reference = l->rd->reference, .source = l->source, .is_change = true };

        return kind_take(l->in, l->t, &raw);
}

static void first(void *userdata, struct str account, size_t entries)
{
        struct listing *l = userdata;
        bool is_named = !str_eqz(account, "-");

        kind_note(l->in, 0, l->rd->origin->path, "the first list of %s%s" STR_FMT ", %zu entr%s: changes are told from now on", l->source,
                  is_named ? " " : "", STR_ARG(is_named ? account : STR("")), entries, entries == 1 ? "y" : "ies");
}

/* ---- A file ---- */

/* Reads on to the file's end. Negative as reader_read(), 0, or -E2BIG: it is too long for a list. */
static int read_rest(struct input *in, struct reader *rd, struct taking *t, size_t from, int r)
{
        size_t bytes = 0;

        for (size_t i = from; i < t->raws->n; i++)
                bytes += t->raws->items[i].bytes.n;
        while (r > 0 && bytes <= LIST_BYTES_MAX) {
                struct taking more = { .arena = t->arena, .raws = t->raws, .bytes_left = INPUT_BATCH_BYTES, .raws_left = INPUT_BATCH_RAWS };
                size_t n = t->raws->n;

                r = reader_read(rd, in, &more, true);
                for (size_t i = n; i < t->raws->n; i++)
                        bytes += t->raws->items[i].bytes.n;
        }
        return bytes > LIST_BYTES_MAX ? -E2BIG : r;
}

static int compare(struct listing *l, size_t from, int r, bool is_ordered)
{
        struct list_poll poll = { .source = l->source, .time = l->rd->reference, .is_ordered = is_ordered, .arena = l->t->arena };
        struct list_host host = { .before = before, .remember = remember, .take = take, .first = first, .userdata = l,
                                  .counters = &l->in->counters, .has_room = has_room };
        struct raws *raws = l->t->raws;
        struct raw *items = arena_array(l->t->arena, raws->n - from, sizeof *items);
        char why[64];

        if (!items)
                return -ENOMEM;
        memcpy(items, raws->items + from, (raws->n - from) * sizeof *items);
        poll.raws = items;
        poll.n = raws->n - from;
        raws->n = from;
        snprintf(why, sizeof why, "is longer than a polled list may be, %d MiB", LIST_BYTES_MAX / 1024 / 1024);
        if (r < 0)
                poll.trouble = r == -E2BIG ? why : kind_trouble(r);
        return l->in->lists.compare(l->in->lists.userdata, &poll, &host);
}

int list_take(struct input *in, struct reader *rd, struct taking *t, size_t first_raw, int r, bool is_ordered)
{
        struct listing l = { .in = in, .rd = rd, .t = t };
        int k;

        if (!in->lists.find || !rd->is_fresh || t->raws->n == first_raw || r == -ENOMEM)
                return r;
        rd->is_fresh = false;
        k = in->lists.find(in->lists.userdata, in->source, &t->raws->items[first_raw], &l.source);
        if (k < 0 || !l.source)
                return k < 0 ? k : r;
        r = read_rest(in, rd, t, first_raw, r);
        if (r == -ENOMEM)
                return r;
        k = compare(&l, first_raw, r, is_ordered);
        return k < 0 ? k : r == -E2BIG ? 0 : r;
}
