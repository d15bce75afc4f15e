/* SPDX-License-Identifier: Apache-2.0 */

/* The samples inside a source file: raws go through a parser of the whole set, unconfigured, as they would come from a
 * file nobody said anything about; so recognising is tested too, and that no other source takes the raw for its own.
 * Stamps without a zone are read as UTC, whatever machine runs this. */

#include <errno.h>
#include <stdlib.h>

#include "parsers/decoder.h"

enum { SAMPLE_RECORDS_MAX = 2000, GUESSES_MAX = 16 };

struct run {
        struct sourceset *set;
        const struct source *source;
        struct parser *parser;
        struct arena *arena; /* of the records */
        struct record **records;
        size_t n_records;
        usec reference; /* when the polls of a list were made */
        struct str before; /* the list before, of the one account that a sample speaks of */
        bool has_before; /* and it was read: what differs counts now */
        struct strbuf why; /* the first difference; empty: none so far */
        struct str name; /* of the sample */
        struct strbuf *claims; /* raws of the source that are not its own, or not its own alone */
        size_t *n_raws; /* that were looked at */
};

static void fail(struct run *run, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void fail(struct run *run, const char *fmt, ...)
{
        va_list ap;

        if (run->why.n > 0)
                return;
        va_start(ap, fmt);
        strbuf_vaddf(&run->why, fmt, ap);
        va_end(ap);
}

/* ---- Raws ---- */

static int keep(void *userdata, struct record *record)
{
        struct run *run = userdata;

        if (run->n_records == SAMPLE_RECORDS_MAX)
                return -E2BIG;
        run->records[run->n_records++] = record;
        return 0;
}

static void claim(struct run *run, const char *who)
{
        strbuf_addf(run->claims, "%ssample " STR_FMT " claimed by %s", run->claims->n ? "; " : "", STR_ARG(run->name), who);
}

/* A raw is claimed by its own source, when records were made of it, and by no other. */
static void check_guesses(struct run *run, const struct raw *raw, bool has_records)
{
        struct source_guess g[GUESSES_MAX];
        int n = parser_identify(run->parser, raw, g, GUESSES_MAX);
        size_t before = run->claims->n;

        ++*run->n_raws;
        for (int i = 0; i < n; i++)
                if (g[i].source != run->source && g[i].held == g[i].of && !g[i].source->is_door)
                        claim(run, g[i].source->name);
        if (run->claims->n == before && has_records && (n < 1 || g[0].source != run->source || g[0].held != g[0].of))
                claim(run, n > 0 && g[0].held == g[0].of ? g[0].source->name : "no source");
}

static int parse_one(struct run *run, struct str text, uint64_t repeat)
{
        char *bytes = arena_alloc(run->arena, text.n + RAW_PADDING);
        struct raw raw = { .file = "(sample)", .reference = USEC_NONE, .repeat = repeat, .index = run->n_records };
        const char *reason = NULL;
        int r;

        if (!bytes)
                return -ENOMEM;
        memcpy(bytes, text.p, text.n);
        raw.bytes = str_from(bytes, text.n);
        r = parser_parse(run->parser, &raw, run->arena, keep, run, &reason);
        if (r < 0 && r != -ENOMEM)
                fail(run, "rejected: %s", reason ? reason : "too many records");
        check_guesses(run, &raw, run->n_records > raw.index);
        return r == -ENOMEM ? r : 0;
}

/* ---- Polled lists ---- */

static struct str list_before(void *userdata, struct str account)
{
        (void)account;
        return ((struct run *)userdata)->before;
}

static int list_remember(void *userdata, struct str account, struct str blob)
{
        struct run *run = userdata;
        char *p = arena_alloc(run->arena, blob.n + RAW_PADDING);

        (void)account;
        if (!p)
                return -ENOMEM;
        memcpy(p, blob.p, blob.n);
        run->before = str_from(p, blob.n);
        return 0;
}

static int list_change(void *userdata, struct str bytes)
{
        struct run *run = userdata;
        struct raw raw = { .bytes = bytes, .file = "(sample)", .reference = run->reference, .source = run->source->name,
                           .index = run->n_records, .is_change = true };
        const char *reason = NULL;
        int r = parser_parse(run->parser, &raw, run->arena, keep, run, &reason);

        if (r < 0 && r != -ENOMEM)
                fail(run, "%srejected: %s", run->has_before ? "" : "`before` is ", reason ? reason : "too many records");
        return r == -ENOMEM ? r : 0;
}

static void list_first(void *userdata, struct str account, size_t entries)
{
        (void)userdata;
        (void)account;
        (void)entries;
}

/* The text of one poll: what differs from the one before becomes records. */
static int parse_poll(struct run *run, struct str text)
{
        char *bytes = arena_alloc(run->arena, text.n + RAW_PADDING);
        struct counters counters = { 0 };
        struct raw raw = { .file = "(sample)", .reference = run->reference };
        struct list_poll poll = { .source = run->source->name, .raws = &raw, .n = 1, .time = run->reference, .is_ordered = true,
                                  .arena = run->arena };
        struct list_host host = { .before = list_before, .remember = list_remember, .take = list_change, .first = list_first,
                                  .userdata = run, .counters = &counters };

        if (!bytes)
                return -ENOMEM;
        memcpy(bytes, text.p, text.n);
        raw.bytes = str_from(bytes, text.n);
        check_guesses(run, &raw, true);
        return sourceset_list_compare(run->set, &poll, &host);
}

/* Text is taken as it is: one document or table, or line by line for a source of lines. */
static int parse_raw(struct run *run, const struct yaml *y)
{
        CLEANUP(strbuf_done) struct strbuf json = STRBUF_INIT;
        struct str rest, line, before = STR_NONE;
        uint64_t repeat = 0;
        int r = 0;

        if (!yaml_is_scalar(y)) {
                yaml_to_json(y, &json);
                if (strbuf_failed(&json))
                        return -ENOMEM;
                return run->source->list ? parse_poll(run, strbuf_str(&json)) : parse_one(run, strbuf_str(&json), 0);
        }
        rest = str_trim(y->text);
        if (run->source->list)
                return parse_poll(run, rest);
        if (!run->source->decoder->lines)
                return parse_one(run, rest, 0);
        while (r >= 0 && str_cut(&rest, '\n', &line)) {
                if (str_trim(line).n == 0)
                        continue;
                repeat = before.p && str_eq(before, line) ? repeat + 1 : 0;
                before = line;
                r = parse_one(run, line, repeat);
        }
        return r;
}

/* ---- What is expected ---- */

static void add_values(struct strbuf *out, const struct slot *slot)
{
        const char *sep = "";

        if (!slot->is_present)
                strbuf_addz(out, "absent");
        for (const struct value *v = slot->first; v; v = v->next) {
                strbuf_addf(out, "%s'" STR_FMT "'", sep, STR_ARG(v->text));
                sep = ", ";
        }
}

static void differ(struct run *run, size_t i, struct str field, const struct slot *slot, const struct yaml *want)
{
        CLEANUP(strbuf_done) struct strbuf got = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf json = STRBUF_INIT;

        add_values(&got, slot);
        yaml_to_json(want, &json);
        fail(run, "line %u: record %zu: " STR_FMT " is %s, not %s", want->line, i + 1, STR_ARG(field),
             got.p ? got.p : "", json.p ? json.p : "");
}

static size_t count_text(const struct slot *slot, struct str text)
{
        size_t n = 0;

        for (const struct value *v = slot->first; v; v = v->next)
                n += str_eq(v->text, text);
        return n;
}

/* The listed values and no others, in any order. */
static bool has_values(const struct slot *slot, const struct yaml *want)
{
        if (want->kind == YAML_NULL)
                return slot->n == 0;
        if (want->kind != YAML_LIST)
                return slot->n == 1 && count_text(slot, want->text) == 1;
        if (slot->n != want->n)
                return false;
        for (size_t i = 0; i < want->n; i++) {
                size_t n = 0;

                if (!yaml_is_scalar(want->items[i]))
                        return false;
                for (size_t k = 0; k < want->n; k++)
                        n += yaml_is_scalar(want->items[k]) && str_eq(want->items[k]->text, want->items[i]->text);
                if (count_text(slot, want->items[i]->text) != n)
                        return false;
        }
        return true;
}

static bool has_time(const struct record *r, const struct yaml *want)
{
        usec t;

        if (want->kind == YAML_NULL)
                return r->time == USEC_NONE;
        return yaml_is_scalar(want) && time_parse(want->text, TIME_UNIT_AUTO, NULL, &t) == 0 && t == r->time;
}

static void check_record(struct run *run, size_t i, const struct yaml *want)
{
        const struct record *r = run->records[i];

        if (want->kind != YAML_MAP) {
                fail(run, "line %u: what is expected of a record is a map", want->line);
                return;
        }
        if (r->source_index != (run->source->wrapped ? run->source->wrapped : run->source)->index)
                fail(run, "record %zu was taken for source %s", i + 1, r->source);
        for (size_t k = 0; k < want->n; k++) {
                struct str name = want->pairs[k].key->text;
                const struct yaml *value = want->pairs[k].value;
                enum ecs field = ecs_find(name);
                const char *near = field == _ECS_MAX ? ecs_nearest(name) : NULL;

                if (field == _ECS_MAX)
                        fail(run, "line %u: there is no ECS field `" STR_FMT "`%s%s", want->pairs[k].key->line,
                             STR_ARG(name), near ? ": did you mean " : "", near ? near : "");
                else if (field == ECS_TIMESTAMP ? !has_time(r, value) : !has_values(&r->slots[field], value))
                        differ(run, i, name, &r->slots[field], value);
        }
}

static void check_records(struct run *run, const struct yaml *expect)
{
        size_t n = expect->kind == YAML_LIST ? expect->n : 1;

        if (run->n_records != n)
                fail(run, "line %u: %zu records, not %zu", expect->line, run->n_records, n);
        for (size_t i = 0; i < n && i < run->n_records; i++)
                check_record(run, i, expect->kind == YAML_LIST ? expect->items[i] : expect);
}

/* ---- One sample ---- */

static int run_sample(struct run *run, const struct yaml *sample)
{
        const struct yaml *reference = yaml_get(sample, "reference"), *before = yaml_get(sample, "before");
        struct parser_options o = { .hint = { .reference = USEC_NONE } };
        int r = 0;

        if (reference &&
            (!yaml_is_scalar(reference) || time_parse(reference->text, TIME_UNIT_AUTO, NULL, &o.hint.reference) < 0))
                fail(run, "line %u: `reference` is no time", reference->line);
        run->parser = parser_new(run->set, &o);
        run->arena = arena_new();
        run->records = calloc(SAMPLE_RECORDS_MAX, sizeof(struct record *));
        if (!run->parser || !run->arena || !run->records)
                r = -ENOMEM;
        run->reference = o.hint.reference;
        if (r >= 0 && before)
                r = parse_raw(run, before);
        run->has_before = before != NULL;
        if (r >= 0)
                r = parse_raw(run, yaml_get(sample, "raw"));
        if (r >= 0)
                check_records(run, yaml_get(sample, "expect"));
        parser_free(run->parser);
        arena_free(run->arena);
        free(run->records);
        return r;
}

static int test_sample(struct run *run, const struct yaml *sample, source_sample_fn *fn, void *userdata)
{
        CLEANUP(strbuf_done) struct strbuf what = STRBUF_INIT;
        bool is_ok;
        int r;

        run->name = yaml_get(sample, "name")->text;
        r = run_sample(run, sample);
        is_ok = run->why.n == 0 && !strbuf_failed(&run->why);
        strbuf_addf(&what, STR_FMT "%s%s", STR_ARG(run->name), is_ok ? "" : ": ", is_ok ? "" : run->why.p);
        strbuf_done(&run->why);
        if (r < 0)
                return r;
        fn(userdata, run->source, is_ok, what.p ? what.p : "");
        return !is_ok;
}

/* Recognition is exact: as one test of the source. */
static int test_claims(const struct source *s, const struct strbuf *claims, size_t n_raws, source_sample_fn *fn, void *userdata)
{
        CLEANUP(strbuf_done) struct strbuf what = STRBUF_INIT;

        if (claims->n > 0)
                strbuf_addf(&what, "identify: %s: `recognise` must tell them apart", claims->p);
        else
                strbuf_addf(&what, "identify: %zu records or documents of its samples, claimed by no other source", n_raws);
        fn(userdata, s, claims->n == 0, what.p ? what.p : "");
        return claims->n > 0;
}

int source_test(struct sourceset *set, const struct source *s, source_sample_fn *fn, void *userdata)
{
        CLEANUP(strbuf_done) struct strbuf claims = STRBUF_INIT;
        size_t n_raws = 0;
        int failed = 0;

        if (!s->samples || s->samples->n == 0) {
                fn(userdata, s, false, "has no samples: nothing shows that it reads what it should");
                return 1;
        }
        for (size_t i = 0; i < s->samples->n; i++) {
                struct run run = { .set = set, .source = s, .why = STRBUF_INIT, .claims = &claims, .n_raws = &n_raws };
                int r = test_sample(&run, s->samples->items[i], fn, userdata);

                if (r < 0)
                        return r;
                failed += r;
        }
        if (strbuf_failed(&claims))
                return -ENOMEM;
        return failed + test_claims(s, &claims, n_raws, fn, userdata);
}
