/* SPDX-License-Identifier: Apache-2.0 */

/* Putting a fact twice is putting it once, so one whose every part was put before may be left out, as long as the store has
 * forgotten nothing since. Parts are compared by a keyed hash of 64 bits: two different facts in one row of the table are taken
 * for the same once in 2^64 times. */

#include "monitor/census_put.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/hash.h"
#include "monitor/store/census.h"

enum { MEMORY_ROWS = 16384 };

struct census_memory {
        uint64_t rows[MEMORY_ROWS]; /* 0: empty */
        struct strbuf text;
};

struct put {
        struct store *store;
        struct census_memory *memory;
        uint64_t *cut;
};

struct census_memory *census_memory_new(void)
{
        return calloc(1, sizeof(struct census_memory));
}

struct census_memory *census_memory_free(struct census_memory *m)
{
        if (m)
                strbuf_done(&m->text);
        free(m);
        return NULL;
}

static int put_account(void *userdata, const struct account_seen *a)
{
        const struct put *p = userdata;

        return store_put_account(p->store, a, p->cut);
}

static void add_text(struct strbuf *b, struct str s)
{
        strbuf_add(b, str_from((const char *)&s.n, sizeof s.n));
        strbuf_add(b, s);
}

/* 0: no memory for it. */
static uint64_t hash_fact(struct census_memory *m, const struct account_seen *of, const struct fact *f)
{
        const struct {
                int64_t first, last, gone, n, kind;
        } numbers = { f->first, f->last, f->gone, (int64_t)f->n, f->kind };

        strbuf_clear(&m->text);
        add_text(&m->text, of->source);
        add_text(&m->text, of->account);
        add_text(&m->text, f->value);
        add_text(&m->text, f->text);
        strbuf_add(&m->text, str_from((const char *)&numbers, sizeof numbers));
        return strbuf_failed(&m->text) ? 0 : hash_key(strbuf_str(&m->text));
}

static int put_fact(void *userdata, const struct account_seen *of, const struct fact *f)
{
        const struct put *p = userdata;
        uint64_t hash = hash_fact(p->memory, of, f), *row = &p->memory->rows[hash % MEMORY_ROWS];
        int r;

        if (hash != 0 && *row == hash)
                return 0;
        r = store_put_fact(p->store, of, f, p->cut);
        *row = r < 0 ? 0 : hash;
        return r;
}

int census_put(const struct census *c, struct store *store, struct census_memory *memory, struct counters *counters)
{
        uint64_t cut = 0;
        struct put p = { store, memory, &cut };
        const struct census_sink sink = { put_account, put_fact, &p };
        int r = census_each(c, &sink);

        if (cut > 0) /* what was forgotten may come again */
                memset(memory->rows, 0, sizeof memory->rows);
        counters->n[COUNTER_CENSUS_CUT] += cut + census_cut(c);
        return r;
}
