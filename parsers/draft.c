/* SPDX-License-Identifier: Apache-2.0 */

/* From raws to a source file: the format's own keys, then the fields of all records as the format's decoder names them, then
 * guesses from these, then the text; which is loaded beside all other sources and tested like theirs. While it claims a sample of
 * another source, it is made stricter. */

#include "parsers/draft.h"

#include <errno.h>
#include <stdlib.h>

#include "parsers/decoder.h"
#include "parsers/draft_impl.h"
#include "parsers/mail_draft.h"
#include "parsers/recognise.h"

enum { TRIES_MAX = 6, OWNER_RAWS_MAX = 5 /* that are asked whether they are known already */ };

/* The first that fits; the last always does. */
static const struct draft_format formats[] = {
        { "json", draft_json_fits, draft_json_head },
        { "cef", draft_cef_fits, draft_cef_head },
        { "csv", draft_csv_fits, draft_csv_head },
        { "keyvalue", draft_keyvalue_fits, draft_keyvalue_head },
        { "regex", draft_regex_fits, draft_regex_head },
};

/* ---- Reading with the format's decoder ---- */

/* A source file that only opens records. */
static int load_probe(struct draft *d, struct err *reterr)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct csv_row row = csv_row(d->header, ',');
        struct csv_shape shape = { .delimiter = ',' };
        struct csv_cell cell = { .text = STR("x") };
        int r;

        if (d->header.p && draft_is_csv(NULL, NULL, d->header, &shape)) {
                row.delimiter = shape.delimiter;
                (void)csv_next(&row, &cell);
        }
        strbuf_addf(&text, "name: %s\nlogsource: {product: draft}\nformat: %s\n", d->request->name, d->format->name);
        strbuf_add(&text, strbuf_str(&d->head));
        strbuf_addz(&text, "recognise: {has: [");
        draft_scalar(&text, str_trim(cell.text));
        strbuf_addz(&text, "]}\nfields: {}\n");
        if (strbuf_failed(&text))
                return -ENOMEM;
        r = sourceset_load_with(NULL, 0, strbuf_str(&text), "(the draft)", &d->probe, NULL, reterr);
        return r < 0 ? r : sourceset_freeze(d->probe, reterr);
}

struct reading {
        struct draft *draft;
        const struct raw *raw;
};

enum { ENOUGH = 1 }; /* given back negated */

static int keep_record(void *userdata, struct record *record, const struct flat *flat)
{
        struct reading *to = userdata;
        struct draft *d = to->draft;

        if (d->n_records == DRAFT_RECORDS_MAX)
                return -ENOUGH;
        d->records[d->n_records++] = (struct draft_record){
                .flat = *flat, .raw = to->raw, .text = draft_json_fits(d) ? record->raw : to->raw->bytes };
        return 0;
}

static int read_records(struct draft *d, struct parser *p, const struct source *s)
{
        int r = 0;

        for (size_t i = 0; i < d->request->n && r >= 0; i++) {
                struct reading to = { d, &d->request->raws[i] };

                if (d->header.p && str_eq(to.raw->bytes, to.raw->header))
                        continue;
                r = record_flats(p, to.raw, s, d->arena, keep_record, &to);
        }
        return r == -ENOUGH ? 0 : r;
}

static int read_sample(struct draft *d, struct err *reterr)
{
        struct parser_options o = { .hint = { .reference = USEC_NONE } };
        struct parser *p;
        int r = load_probe(d, reterr);

        if (r < 0)
                return r;
        p = parser_new(d->probe, &o);
        r = p ? read_records(d, p, sourceset_get(d->probe, 0)) : -ENOMEM;
        parser_free(p);
        if (r >= 0 && d->n_records == 0)
                return err_set(reterr, -EBADMSG, "there are no records in the sample, read as %s", d->format->name);
        return r;
}

/* ---- Against the other sources ---- */

struct trial {
        const char *name;
        bool is_clash; /* a sample of another source is claimed by the draft */
        struct strbuf failed; /* of the draft's own tests, the first that failed */
};

static void on_other(void *userdata, const struct source *source, bool is_ok, const char *what)
{
        struct trial *t = userdata;
        CLEANUP(strbuf_done) struct strbuf claim = STRBUF_INIT;

        (void)source;
        strbuf_addf(&claim, "claimed by %s", t->name);
        if (!is_ok && str_starts(str_of(what), STR("identify:")) && str_find(str_of(what), strbuf_str(&claim)) != SIZE_MAX)
                t->is_clash = true;
}

static void on_own(void *userdata, const struct source *source, bool is_ok, const char *what)
{
        struct trial *t = userdata;

        (void)source;
        if (!is_ok && t->failed.n == 0)
                strbuf_addz(&t->failed, what);
}

static int find_clash(struct sourceset *set, struct trial *t)
{
        int r = 0;

        for (size_t i = 0; i < sourceset_count(set) && r >= 0 && !t->is_clash; i++)
                if (strcmp(source_name(sourceset_get(set, i)), t->name) != 0)
                        r = source_test(set, sourceset_get(set, i), on_other, t);
        return r < 0 ? r : 0;
}

/* Another source that takes the first records already; NULL: none. */
static const struct source *find_owner(const struct draft *d, const struct sourceset *set)
{
        struct parser_options o = { .hint = { .reference = USEC_NONE } };
        struct parser *p = parser_new(set, &o);
        const struct source *owner = NULL;
        struct source_guess g[4];

        for (size_t i = 0; p && i < d->request->n && i < OWNER_RAWS_MAX && !owner; i++) {
                int n = parser_identify(p, &d->request->raws[i], g, ARRAY_LEN(g));

                for (int k = 0; k < n; k++)
                        if (guess_is_whole(&g[k]) && !source_is_door(g[k].source) && strcmp(source_name(g[k].source), d->request->name) != 0)
                                owner = g[k].source;
        }
        parser_free(p);
        return owner;
}

/* ---- One text ---- */

static int load_draft(const struct draft *d, const struct strbuf *text, struct sourceset **ret, struct err *reterr)
{
        CLEANUP(err_list_done) struct err_list others = ERR_LIST_INIT; /* files that are bad are left out, as always */
        int r = sourceset_load_with(d->request->dirs, d->request->n_dirs, strbuf_str(text), "(the draft)", ret, &others, reterr);

        return r < 0 ? r : sourceset_freeze(*ret, reterr);
}

/* Adds the samples, and tests the whole. */
static int complete(const struct draft *d, struct sourceset *set, struct strbuf *text, struct err *reterr)
{
        CLEANUP(sourceset_freep) struct sourceset *whole = NULL;
        struct trial t = { .name = d->request->name, .failed = STRBUF_INIT };
        int r = draft_write_samples(d, set, text);

        if (r < 0)
                return err_set(reterr, r, "the sample has no record that can be shown: not UTF-8, or too long");
        r = load_draft(d, text, &whole, reterr);
        if (r >= 0)
                r = source_test(whole, sourceset_find(whole, str_of(d->request->name)), on_own, &t);
        if (r > 0)
                err_set(reterr, -EBADMSG, "the draft does not pass its own samples: %s", t.failed.p ? t.failed.p : "");
        strbuf_done(&t.failed);
        return r > 0 ? -EBADMSG : r;
}

static int settle(const struct draft *d, struct strbuf *out, struct err *reterr)
{
        for (size_t i = 0; i < TRIES_MAX; i++) {
                CLEANUP(sourceset_freep) struct sourceset *set = NULL;
                CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
                struct trial t = { .name = d->request->name };
                const struct source *owner;
                int r = draft_write(d, i, &text);

                if (r >= 0)
                        r = load_draft(d, &text, &set, reterr);
                if (r >= 0)
                        r = find_clash(set, &t);
                if (r < 0)
                        return r;
                owner = find_owner(d, set);
                if (owner)
                        return err_set(reterr, -EEXIST, "the source %s takes these records already; `shopbell sources identify` says why",
                                       source_name(owner));
                if (t.is_clash && i + 1 < TRIES_MAX)
                        continue;
                r = complete(d, set, &text, reterr);
                if (r >= 0)
                        strbuf_add(out, strbuf_str(&text));
                return r;
        }
        return 0;
}

/* ---- The draft ---- */

static bool is_name(const char *name)
{
        for (const char *p = name; *p; p++)
                if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-'))
                        return false;
        return *name != '\0';
}

static int make(struct draft *d, struct strbuf *out, struct err *reterr)
{
        int r;

        for (size_t i = 0; i < ARRAY_LEN(formats) && !d->format; i++)
                if (formats[i].fits(d))
                        d->format = &formats[i];
        r = d->format->head(d);
        if (r >= 0)
                r = read_sample(d, reterr);
        if (r >= 0)
                r = draft_stats(d);
        if (r >= 0)
                r = draft_fields(d);
        if (r >= 0)
                r = draft_classes(d);
        return r < 0 ? r : settle(d, out, reterr);
}

int draft_source(const struct draft_request *request, struct strbuf *out, struct err *reterr)
{
        struct draft *d;
        int r;

        if (!is_name(request->name))
                return err_set(reterr, -EBADMSG, "%s: a name has only small letters, digits and hyphens", request->name);
        if (request->n == 0)
                return err_set(reterr, -EBADMSG, "the sample is empty");
        if (mail_draft_fits(request->raws[0].bytes))
                return mail_draft(request->name, request->raws[0].bytes, out, reterr);
        d = calloc(1, sizeof *d);
        if (!d)
                return err_set(reterr, -ENOMEM, "out of memory");
        d->request = request;
        d->arena = arena_new();
        err_set(reterr, 0, "%s", "");
        r = d->arena ? make(d, out, reterr) : -ENOMEM;
        if (r < 0 && reterr && !*reterr->text)
                err_set(reterr, r, r == -ENOMEM ? "out of memory" : "the sample cannot be read as %s", d->format ? d->format->name : "a log");
        strbuf_done(&d->head);
        strbuf_done(&d->recognise);
        strbuf_done(&d->classes);
        strbuf_done(&d->classless);
        sourceset_free(d->probe);
        arena_free(d->arena);
        free(d);
        return r;
}
