/* SPDX-License-Identifier: Apache-2.0 */

/* Checks a pack: the archive as far as it can be read, each file against SHA256SUMS, the chain in it against itself and its heads, and the
 * files that the chain vouches for by making them again. All of it is somebody else's bytes. */

#include <errno.h>

#include "monitor/base/json_flat.h"
#include "monitor/base/ustar.h"
#include "monitor/cases/pack_impl.h"
#include "monitor/store/copy.h"

enum { FOUND_MAX = 1000 };

struct member {
        struct str name, bytes;
        bool is_summed; /* SHA256SUMS has it */
        bool is_proved; /* made again from the chain */
};

struct checking {
        const struct pack_check *c;
        struct pack_checked *result;
        struct arena *arena;
        struct member *members;
        size_t n, cap;
        struct map by_name; /* to the number of a member, and one more */
        struct packing p;
};

static int found(struct checking *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

static int found(struct checking *c, const char *fmt, ...)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        va_list ap;

        if (++c->result->found > FOUND_MAX || !c->c->found)
                return 0;
        va_start(ap, fmt);
        strbuf_vaddf(&text, fmt, ap);
        va_end(ap);
        return strbuf_failed(&text) ? -ENOMEM : c->c->found(c->c->userdata, strbuf_str(&text));
}

static struct member *find(const struct checking *c, struct str name)
{
        uintptr_t i = (uintptr_t)map_get(&c->by_name, name);

        return i > 0 ? &c->members[i - 1] : NULL;
}

/* ---- The archive ---- */

static int add_member(struct checking *c, const struct ustar_file *f)
{
        struct member *m;

        if (find(c, f->name))
                return found(c, STR_FMT ": it is in the pack twice; the second one, at offset %llu, does not count", STR_ARG(f->name),
                             (unsigned long long)f->offset);
        m = pack_grow((void **)&c->members, &c->n, &c->cap, sizeof *c->members);
        if (!m)
                return -ENOMEM;
        *m = (struct member){ .name = f->name, .bytes = f->bytes };
        return map_put(&c->by_name, f->name, (void *)(uintptr_t)c->n) < 0 ? -ENOMEM : 0;
}

static int read_archive(struct checking *c)
{
        struct ustar u = ustar_read(c->c->bytes);
        struct ustar_file file;
        struct err err = { 0 };
        int r, k = 0;

        while ((r = ustar_next(&u, &file, &err)) > 0 && k >= 0)
                k = add_member(c, &file);
        c->result->files = c->n;
        if (k >= 0 && r < 0)
                k = found(c, "the archive is damaged: %s", err.text);
        return k;
}

/* ---- SHA256SUMS ---- */

/* "HEX  NAME" */
static bool split_sum(struct str line, struct digest *ret, struct str *ret_name)
{
        if (line.n < 64 + 2 + 1 || digest_parse(str_from(line.p, 64), ret) < 0 || line.p[64] != ' ' || line.p[65] != ' ')
                return false;
        for (size_t i = 0; i < 64; i++) /* as sha256sum writes it */
                if (line.p[i] >= 'A' && line.p[i] <= 'F')
                        return false;
        *ret_name = str_from(line.p + 66, line.n - 66);
        return true;
}

static int check_sum(struct checking *c, size_t number, struct str line, size_t *next)
{
        struct digest is, says;
        struct member *m;
        struct str name;

        if (!split_sum(line, &says, &name))
                return found(c, PACK_SUMS ": line %zu is damaged", number);
        m = find(c, name);
        if (!m)
                return found(c, STR_FMT ": it is missing; " PACK_SUMS " has it", STR_ARG(name));
        if (m->is_summed)
                return found(c, PACK_SUMS ": line %zu has " STR_FMT " again", number, STR_ARG(name));
        m->is_summed = true;
        digest_sha256(m->bytes, &is);
        if (!digest_eq(&is, &says))
                return found(c, STR_FMT ": it was changed: its SHA-256 is not that of " PACK_SUMS, STR_ARG(name));
        if ((size_t)(m - c->members) != *next)
                return found(c, STR_FMT ": it stands at another place than in " PACK_SUMS, STR_ARG(name));
        ++*next;
        return 0;
}

static int check_sums(struct checking *c)
{
        struct member *sums = find(c, STR(PACK_SUMS));
        struct str rest, line;
        size_t number = 0, next = 0;
        int r = 0;

        if (!sums)
                return found(c, PACK_SUMS ": it is missing: nothing says what the files were");
        digest_sha256(sums->bytes, &c->result->sums);
        sums->is_summed = true;
        if (sums != &c->members[c->n - 1])
                r = found(c, PACK_SUMS ": it is not the last file");
        if (r >= 0 && sums->bytes.n > 0 && sums->bytes.p[sums->bytes.n - 1] != '\n')
                r = found(c, PACK_SUMS ": its last line has no end");
        rest = sums->bytes;
        while (r >= 0 && rest.n > 0 && str_cut(&rest, '\n', &line)) {
                size_t before = next;

                r = check_sum(c, ++number, line, &next);
                if (next == before) /* said once: those behind it count from there */
                        next++;
        }
        for (size_t i = 0; i < c->n && r >= 0; i++)
                if (!c->members[i].is_summed)
                        r = found(c, STR_FMT ": it was put in: " PACK_SUMS " has it not", STR_ARG(c->members[i].name));
        return r;
}

/* ---- The chain ---- */

static int on_chain(void *userdata, struct str text)
{
        struct checking *c = userdata;

        return found(c, "chain/history.ndjson: " STR_FMT, STR_ARG(text));
}

static int read_heads(struct checking *c, struct verify_head heads[PACK_HEADS + 1], size_t *n)
{
        struct member *m = find(c, STR("chain/heads.txt"));
        struct str rest = m ? m->bytes : STR(""), line;
        size_t number = 0;
        int r = 0;

        while (r >= 0 && rest.n > 0 && str_cut(&rest, '\n', &line)) {
                struct chain_head h;

                number++;
                if (*n > PACK_HEADS)
                        return found(c, "chain/heads.txt: it has more lines than shopbell writes");
                r = chain_head_parse(line, c->c->key, &h);
                if (r < 0) {
                        r = found(c, "chain/heads.txt: line %zu is %s", number, r == -EKEYREJECTED ? "not of this store's key" : "damaged");
                        continue;
                }
                heads[(*n)++] = (struct verify_head){ .head = h, .from = "chain/heads.txt" };
        }
        c->result->heads = *n - 1;
        return r;
}

static int check_chain(struct checking *c)
{
        struct verify_head heads[PACK_HEADS + 1];
        struct verify_options o = { .key = c->c->key, .heads = heads, .n_heads = 1, .found = on_chain, .userdata = c };
        struct member *m = find(c, STR("chain/history.ndjson"));
        struct err err = { 0 };
        size_t n = 1;
        int r;

        if (!m)
                return found(c, "chain/history.ndjson: it is missing: nothing vouches for the records");
        r = query_open_copy_bytes("chain/history.ndjson", m->bytes, &c->p.copy, &heads[0], &err);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

                err_format(&err, &text);
                return found(c, STR_FMT, STR_ARG(strbuf_str(&text)));
        }
        r = read_heads(c, heads, &n);
        o.n_heads = n;
        if (r >= 0)
                r = query_verify(c->p.copy, &o, &c->result->chain);
        c->result->has_chain = r >= 0;
        if (r == -EPROTONOSUPPORT)
                return found(c, "chain/history.ndjson: it has not the columns that it must have");
        return r < 0 && r != -ENOMEM ? found(c, "chain/history.ndjson: it cannot be read") : r;
}

/* ---- What the chain vouches for ---- */

static int compare(struct packing *p, struct str name, struct str bytes)
{
        struct checking *c = p->check;
        struct member *m = find(c, name);

        if (!m)
                return found(c, STR_FMT ": it is missing; the chain vouches for it", STR_ARG(name));
        m->is_proved = true;
        if (!str_eq(m->bytes, bytes))
                return found(c, STR_FMT ": it is not what the chain vouches for", STR_ARG(name));
        c->result->proved++;
        return 0;
}

/* What pack.json says. */
static int read_about(struct checking *c)
{
        struct member *m = find(c, STR("pack.json"));
        struct str made;
        int64_t version = 0;

        if (!m)
                return found(c, "pack.json: it is missing: which case it is of is not known");
        if (str_to_i64(json_flat_get(m->bytes, "pack", c->arena), &version) < 0 || version != PACK_VERSION)
                return found(c, "pack.json: %s", version > PACK_VERSION ? "it is of a later version of shopbell: check it with that" : "it is damaged");
        if (str_to_i64(json_flat_get(m->bytes, "case", c->arena), &c->result->case_id) < 0 || c->result->case_id < 1)
                return found(c, "pack.json: it is damaged");
        made = json_flat_get(m->bytes, "made", c->arena);
        if (!made.p || time_parse(made, TIME_UNIT_S, NULL, &c->result->at) < 0)
                c->result->at = USEC_NONE;
        c->p.is_revealed = str_eqz(json_flat_get(m->bytes, "revealed", c->arena), "true");
        return 0;
}

/* Whoever gives the pack could have put records in that the chain has not. */
static int check_strangers(struct checking *c)
{
        int r = 0;

        for (size_t i = 0; i < c->n && r >= 0; i++) {
                const struct member *m = &c->members[i];
                struct str key = m->name;

                if (m->is_proved || !str_starts(m->name, STR("records/")) || !str_ends(m->name, STR(".raw")))
                        continue;
                key = str_from(key.p + 8, key.n - 12);
                if (!map_get(&c->p.seen, key))
                        r = found(c, STR_FMT ": no row of the history speaks of this record: put in", STR_ARG(m->name));
        }
        return r;
}

static int check_proved(struct checking *c)
{
        int r = read_about(c);

        if (r < 0 || !c->p.copy || c->result->case_id == 0)
                return r;
        c->p.case_id = c->result->case_id;
        r = casefile_read(c->p.copy, c->p.case_id, NULL, c->arena, &c->p.file);
        if (r == -ENOENT)
                return found(c, "pack.json: the chain has no case %lld", (long long)c->p.case_id);
        if (r == -E2BIG)
                return found(c, "chain/history.ndjson: more entries of case %lld than a case has", (long long)c->p.case_id);
        if (r >= 0)
                r = pack_proved(&c->p);
        c->result->unproved = c->p.unproved;
        if (r < 0 && r != -ENOMEM)
                return found(c, "chain/history.ndjson: its records cannot be read");
        return r < 0 ? r : check_strangers(c);
}

static int hand_out(struct checking *c)
{
        int r = 0;

        for (size_t i = 0; i < c->n && r >= 0; i++)
                r = c->c->file(c->c->userdata, c->members[i].name, c->members[i].bytes);
        return r;
}

int pack_verify(const struct pack_check *check, struct pack_checked *ret)
{
        struct err err = { 0 };
        struct arena *arena = arena_new();
        struct checking c = { .c = check, .result = ret, .arena = arena, .by_name = MAP_INIT,
                              .p = { .arena = arena, .emit = compare, .is_check = true, .seen = MAP_INIT, .err = &err, .archive = STRBUF_INIT,
                                     .sums = STRBUF_INIT, .chain = STRBUF_INIT } };
        int r = arena ? 0 : -ENOMEM;

        *ret = (struct pack_checked){ .at = USEC_NONE };
        c.p.check = &c;
        if (r >= 0)
                r = read_archive(&c);
        if (r >= 0)
                r = check_sums(&c);
        if (r >= 0)
                r = check_chain(&c);
        if (r >= 0)
                r = check_proved(&c);
        if (r >= 0 && ret->found == 0 && check->file)
                r = hand_out(&c);
        map_done(&c.by_name);
        free(c.members);
        pack_done(&c.p);
        return r;
}
