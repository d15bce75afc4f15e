/* SPDX-License-Identifier: Apache-2.0 */

/* The drafts that the case speaks of, made again of what the case knew then. An entry has the digest of the notice: a draft that comes out
 * otherwise (other templates, other laws, names in a box) says so. */

#include <errno.h>

#include "monitor/base/ustar.h"
#include "monitor/cases/draft.h"
#include "monitor/cases/pack_impl.h"

/* "kr-pipa/people/investigating/ko/email" */
static bool read_key(const struct packing *p, struct str key, struct draft_request *q)
{
        struct str part[5] = { STR_NONE };

        for (size_t i = 0; i < ARRAY_LEN(part); i++)
                if (!str_cut(&key, '/', &part[i]))
                        return false;
        q->regime = regime_find(p->q->regimes, part[0]);
        q->to = draft_audience_find(part[1]);
        q->stage = draft_stage_find(part[2]);
        q->template = template_find(p->q->templates, part[3]);
        q->channel = draft_channel_find(part[4]);
        return q->regime && q->template && q->to != _DRAFT_AUDIENCE_MAX && q->stage != _DRAFT_STAGE_MAX && q->channel != _DRAFT_CHANNEL_MAX;
}

/* 1: as it was; 0: otherwise, or not at all. */
static int make(struct packing *p, size_t i, struct strbuf *out)
{
        const struct store_case_entry *entry = &p->file.entries[i];
        CLEANUP(strbuf_done) struct strbuf digest = STRBUF_INIT;
        struct draft_request q = { .now = entry->at };
        struct casefile then;
        struct err err = { 0 };
        struct draft d;
        int r;

        if (!read_key(p, entry->key, &q))
                return 0;
        r = casefile_of(p->file.entries, i, p->arena, &then);
        if (r < 0)
                return r;
        q.file = &then;
        r = draft_make(&q, p->arena, &d, &err);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        draft_digest(&d, &digest);
        draft_text(&d, out);
        return strbuf_failed(&digest) ? -ENOMEM : str_eq(strbuf_str(&digest), entry->value);
}

static int put_draft(struct packing *p, size_t i, size_t number)
{
        const struct store_case_entry *entry = &p->file.entries[i];
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf name = STRBUF_INIT;
        int r = make(p, i, &text);

        if (r < 0)
                return r;
        strbuf_addf(&name, "drafts/%03zu-", number);
        for (size_t k = 0; k < entry->key.n; k++)
                strbuf_addc(&name, entry->key.p[k] == '/' ? '-' : entry->key.p[k]);
        strbuf_addz(&name, ".txt");
        if (strbuf_failed(&name))
                return -ENOMEM;
        if (!ustar_is_name(strbuf_str(&name))) {
                strbuf_clear(&name);
                strbuf_addf(&name, "drafts/%03zu.txt", number);
        }
        if (r == 0)
                strbuf_addf(&out,
                            "NOT THE TEXT THAT WAS SHOWN: the notice of entry %lld had the digest " STR_FMT ", and %s.\n\n", (long long)entry->seq,
                            STR_ARG(entry->value), text.n > 0 ? "now comes out otherwise (templates or laws are others, or names lie in a box)" : "cannot be made again");
        strbuf_add(&out, strbuf_str(&text));
        return strbuf_failed(&out) || strbuf_failed(&text) || strbuf_failed(&name) ? -ENOMEM : p->emit(p, strbuf_str(&name), strbuf_str(&out));
}

int pack_drafts(struct packing *p)
{
        size_t n = 0;
        int r = 0;

        for (size_t i = 0; i < p->file.n_entries && r >= 0 && p->q->templates && p->q->regimes; i++)
                if (case_kind_find(p->file.entries[i].kind) == CASE_DRAFTED)
                        r = put_draft(p, i, ++n);
        return r;
}
