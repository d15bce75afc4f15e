/* SPDX-License-Identifier: Apache-2.0 */

/* Writes a pack: a copy of the store is made and opened again, and every part is made of that. Files go out one behind the other; the last
 * one has the digests of all others. */

#include "monitor/cases/pack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/json_write.h"
#include "monitor/base/ustar.h"
#include "monitor/base/utf8.h"
#include "monitor/cases/pack_impl.h"
#include "monitor/store/copy.h"

void *pack_grow(void **items, size_t *n, size_t *cap, size_t size)
{
        if (*n == *cap) {
                size_t more = *cap ? 2 * *cap : 64;
                void *grown = reallocarray(*items, more, size);

                if (!grown)
                        return NULL;
                *items = grown;
                *cap = more;
        }
        return (char *)*items + (*n)++ * size;
}

void pack_utc(usec t, char ret[TIME_ISO_BYTES])
{
        time_format_iso(t == USEC_NONE ? t : t - ((t % USEC_PER_SEC) + USEC_PER_SEC) % USEC_PER_SEC, ret);
}

/* ---- Files ---- */

static int hand_over(struct packing *p)
{
        int r = strbuf_failed(&p->archive) ? -ENOMEM : p->q->put(p->q->userdata, strbuf_str(&p->archive));

        p->made->bytes += p->archive.n;
        strbuf_clear(&p->archive);
        return r;
}

static int emit(struct packing *p, struct str name, struct str bytes)
{
        char hex[DIGEST_HEX_BYTES];
        struct digest d;
        int r;

        if (bytes.n > PACK_BYTES_MAX || p->made->bytes + bytes.n > PACK_BYTES_MAX || p->made->files >= USTAR_FILES_MAX)
                return err_set(p->err, -EFBIG, "the case is larger than a pack may be (%llu MiB): " STR_FMT, (unsigned long long)(PACK_BYTES_MAX >> 20),
                               STR_ARG(name));
        r = ustar_add(&p->archive, name, bytes, p->now);
        if (r < 0)
                return r == -EINVAL ? err_set(p->err, r, STR_FMT ": no name for a file of a pack", STR_ARG(name)) : r;
        digest_sha256(bytes, &d);
        digest_hex(&d, hex);
        strbuf_addf(&p->sums, "%s  " STR_FMT "\n", hex, STR_ARG(name));
        p->made->files++;
        return strbuf_failed(&p->sums) ? -ENOMEM : hand_over(p);
}

static int emit_z(struct packing *p, const char *name, const struct strbuf *bytes)
{
        return strbuf_failed(bytes) ? -ENOMEM : p->emit(p, str_of(name), strbuf_str(bytes));
}

/* ---- Parts that are of writing alone ---- */

static void put_head(const struct packing *p, struct strbuf *out)
{
        char hash[DIGEST_HEX_BYTES];

        digest_hex(&p->made->head.hash, hash);
        strbuf_addf(out, "%lld:%s", (long long)p->made->head.seq, hash);
}

static const char readme_files[] =
        "WHAT IS IN IT\n"
        "  index.html            the time line as a page; open it in a browser, it loads nothing\n"
        "  timeline.csv          the same for a spreadsheet\n"
        "  alerts.ndjson         the alerts of the case, a JSON object a line\n"
        "  records/              what was read from the logs: index.ndjson has the fields and the\n"
        "                        SHA-256 of each record, KEY.raw its bytes as they were read\n"
        "  case.ndjson           all that was said in the case: who, when, why; nothing is taken out\n"
        "  regimes/              the rules of laws that were looked at, as of then, and their deadlines\n"
        "  drafts/               notices that were drafted\n"
        "  forms/                what platforms ask for when an account was taken over, filled in as far\n"
        "                        as the records say\n"
        "  configuration/        the settings of shopbell that counted; no secret is among them\n"
        "  rules/                the rules that raised the alerts\n"
        "  chain/                the history of shopbell that vouches for the above, and its heads\n"
        "  SHA256SUMS            the SHA-256 of each file\n\n";

static const char readme_check[] =
        "HOW TO CHECK IT\n"
        "  With any system:   tar xf PACK && sha256sum -c SHA256SUMS\n"
        "  With shopbell:     shopbell case verify PACK\n"
        "That needs nothing of the shop. It looks at the archive, at each file's digest, at the links of\n"
        "the history, and at what the history's rows say of the alerts, records and entries; alerts.ndjson,\n"
        "records/ and case.ndjson are made again from the chain and compared.\n\n"
        "WHAT IT PROVES\n"
        "  Whoever has the SHA-256 of the file SHA256SUMS from somewhere else (it was shown when the pack\n"
        "  was made, and stands in the case) knows that no byte of the pack was changed since. The rows of\n"
        "  the history hang together: none can be changed, put in or taken out without all rows behind it\n"
        "  changing, and the head with them. The head was told to the shop's journal each hour.\n"
        "  The seals of the rows can only be checked with the key of the shop's store, which is not in\n"
        "  here: `shopbell case verify PACK --state FOLDER` does so where it is.\n"
        "  It does not prove that what the logs say is true.\n\n";

static int part_readme(struct packing *p)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        char at[TIME_ISO_BYTES];

        pack_utc(p->now, at);
        strbuf_addf(&b, "EVIDENCE PACK OF CASE %lld\n", (long long)p->case_id);
        text_display(&b, p->file.title.p ? p->file.title : STR("(the title is kept under pseudonyms)"), TEXT_TERMINAL, 0);
        strbuf_addf(&b, "\n\nMade %s by shopbell %s.\nThis is no legal advice. It was sent to nobody by shopbell: a person does that.\n\n", at, p->q->version);
        if (p->q->secret)
                strbuf_addz(&b, "NAMES ARE IN THE CLEAR: what the shop keeps under pseudonyms was revealed for this pack; the\n"
                                "history of the shop says who did so. Give it to nobody who need not know.\n\n");
        else
                strbuf_addz(&b, "Where the shop keeps records under pseudonyms, this pack has the pseudonyms; the sentences of alerts\n"
                                "may name people all the same.\n\n");
        strbuf_add(&b, str_of(readme_files));
        strbuf_addf(&b, "records/ has at most %d records; chain/history.ndjson has all.\n\n", (int)PACK_RECORDS_MAX);
        strbuf_add(&b, str_of(readme_check));
        strbuf_addz(&b, "The history ends with row ");
        put_head(p, &b);
        strbuf_addz(&b, "\n");
        if (p->made->found)
                strbuf_addf(&b, "WHEN THIS PACK WAS MADE THE HISTORY WAS NOT SOUND: %llu findings; shopbell case verify tells them.\n",
                            (unsigned long long)p->made->found);
        return emit_z(p, "README.txt", &b);
}

/* For programs; pack_verify() reads it. */
static int part_about(struct packing *p)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(&b);
        char at[TIME_ISO_BYTES];

        pack_utc(p->now, at);
        json_begin(&w, '{');
        json_key(&w, "pack"), json_int(&w, PACK_VERSION);
        json_key(&w, "case"), json_int(&w, p->case_id);
        json_key(&w, "title"), json_str(&w, p->file.title);
        json_key(&w, "made"), json_strz(&w, at);
        json_key(&w, "shopbell"), json_strz(&w, p->q->version);
        json_key(&w, "revealed"), json_bool(&w, p->q->secret);
        json_end(&w, '}');
        strbuf_addc(&b, '\n');
        return emit_z(p, "pack.json", &b);
}

static int part_chain(struct packing *p)
{
        int r = emit_z(p, "chain/history.ndjson", &p->chain);

        return r < 0 ? r : p->emit(p, STR("chain/heads.txt"), p->q->heads);
}

static int part_files(struct packing *p)
{
        int r = 0;

        for (size_t i = 0; i < p->q->n_files && r >= 0; i++)
                r = p->emit(p, p->q->files[i].name, p->q->files[i].bytes);
        return r;
}

/* What a pack is made of, in the order in which it is. To add a part: a function and a row here, and a line in readme_files. */
static int (*const parts[])(struct packing *p) = {
        part_readme, part_about, pack_proved, pack_clocks, pack_times, pack_page, pack_drafts, pack_forms, part_files, part_chain,
};

/* ---- All of it ---- */

static int on_line(void *userdata, struct str line)
{
        struct packing *p = userdata;

        if (p->chain.n + line.n > PACK_BYTES_MAX)
                return err_set(p->err, -EFBIG, "the history of the case is larger than a pack may be (%llu MiB)", (unsigned long long)(PACK_BYTES_MAX >> 20));
        strbuf_add(&p->chain, line);
        strbuf_addc(&p->chain, '\n');
        return strbuf_failed(&p->chain) ? -ENOMEM : 0;
}

static int open_copy(struct packing *p)
{
        struct copy_options o = { .with_records = true, .case_id = p->case_id, .at = p->now, .line = on_line, .userdata = p };
        struct verify_options check = { .found = NULL };
        struct verify_result result;
        struct verify_head head;
        int r = query_copy(p->q->store, NULL, &o, &p->made->head);

        if (r >= 0)
                r = query_open_copy_bytes("chain/history.ndjson", strbuf_str(&p->chain), &p->copy, &head, p->err);
        if (r >= 0)
                r = query_verify(p->copy, &check, &result);
        if (r >= 0)
                p->made->found = result.found;
        if (r >= 0 && p->q->secret)
                query_reveal(p->copy, p->q->secret);
        return r;
}

static int write_all(struct packing *p)
{
        int r = open_copy(p);

        if (r >= 0)
                r = casefile_read(p->copy, p->case_id, p->q->secret, p->arena, &p->file);
        if (r == -ENOENT)
                return err_set(p->err, r, "there is no case %lld", (long long)p->case_id);
        if (r >= 0)
                r = zone_open(NULL, str_of(p->q->zone), &p->zone, p->err);
        for (size_t i = 0; i < ARRAY_LEN(parts) && r >= 0; i++)
                r = parts[i](p);
        if (r < 0)
                return r;
        digest_sha256(strbuf_str(&p->sums), &p->made->sums);
        r = ustar_add(&p->archive, STR(PACK_SUMS), strbuf_str(&p->sums), p->now);
        ustar_end(&p->archive);
        p->made->files++;
        p->made->records = p->n_records;
        p->made->records_left = p->records_left;
        p->made->n_sealed = p->n_sealed;
        return r < 0 ? r : hand_over(p);
}

int pack_write(const struct pack_request *q, struct pack_made *ret, struct err *reterr)
{
        struct packing p = { .q = q, .arena = arena_new(), .case_id = q->case_id, .now = q->now, .emit = emit, .seen = MAP_INIT,
                             .is_revealed = q->secret, .archive = STRBUF_INIT, .sums = STRBUF_INIT, .chain = STRBUF_INIT, .made = ret, .err = reterr };
        int r;

        *ret = (struct pack_made){ .files = 0 };
        reterr->code = 0;
        r = p.arena ? write_all(&p) : -ENOMEM;
        pack_done(&p);
        if (r < 0 && reterr->code == 0)
                err_set(reterr, r, "the pack cannot be made: %s", r == -ENOMEM ? "out of memory" : strerror(-r));
        return r;
}

void pack_done(struct packing *p)
{
        map_done(&p->seen);
        free(p->records);
        free(p->alerts);
        free(p->events);
        zone_free(p->zone);
        strbuf_done(&p->archive);
        strbuf_done(&p->sums);
        strbuf_done(&p->chain);
        query_close(p->copy);
        arena_free(p->arena);
}
