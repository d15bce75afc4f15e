/* SPDX-License-Identifier: Apache-2.0 */

/* Raw to records. A raw comes with its source configured, or is recognised: the source of the raw before it is tried
 * first, which is right nearly always and costs nothing more, because its tests are asked of the record that its own
 * plan made. Only when it is not, all sources are asked (recognise.c). Which source was before therefore never changes
 * what a raw becomes, as long as sources exclude each other; source_test() sees to that. A door, which takes what no
 * other source takes, is never tried first when others of its format are there. */

#include "parsers/source.h"

#include <errno.h>
#include <stdlib.h>

#include "parsers/decoder.h"
#include "parsers/list.h"
#include "parsers/normalise.h"
#include "parsers/recognise.h"

enum { SHORT_TEXT_MAX = 64 }; /* bytes of blanks before the first bracket of a document that are looked at */

struct parser *parser_new(const struct sourceset *set, const struct parser_options *options)
{
        struct parser *p = calloc(1, sizeof *p);

        if (!p)
                return NULL;
        p->set = set;
        p->hint = options->hint;
        p->arrival = USEC_NONE;
        p->ecs_wanted = options->ecs_wanted ? normalise_needed(options->ecs_wanted) : ECS_ALL;
        p->wants_stamp = p->ecs_wanted == ECS_ALL || 
                         (options->ecs_wanted | options->ecs_of_class) & UINT64_C(1) << ECS_TIMESTAMP;
        p->ecs_of_class = normalise_needed(options->ecs_of_class);
        p->reader = json_reader_new();
        p->sigma = sigma_scratch_new();
        p->regex = rx_scratch_new();
        p->trial = arena_new();
        p->letters = arena_new();
        p->guesses = calloc(set->n + 1, sizeof *p->guesses);
        p->layouts = calloc(set->n + 1, sizeof *p->layouts);
        if (p->reader && p->sigma && p->regex && p->trial && p->letters && p->guesses && p->layouts)
                return p;
        return parser_free(p);
}

struct parser *parser_free(struct parser *p)
{
        if (!p)
                return NULL;
        json_reader_free(p->reader);
        sigma_scratch_free(p->sigma);
        rx_scratch_free(p->regex);
        arena_free(p->trial);
        arena_free(p->letters);
        for (size_t i = 0; p->layouts && i < p->set->n; i++)
                decode_csv_layout_free(p->layouts[i]);
        free(p->layouts);
        free(p->guesses);
        free(p);
        return NULL;
}

void parser_set_reference(struct parser *p, usec reference)
{
        p->hint.reference = reference;
}

void parser_set_arrival(struct parser *p, usec arrival)
{
        p->arrival = arrival;
}

struct counters *parser_counters(struct parser *p)
{
        struct counters *sigma = sigma_scratch_counters(p->sigma);

        counters_add(&p->counters, sigma);
        *sigma = (struct counters){ 0 };
        return &p->counters;
}

/* ---- For decoders ---- */

bool parse_is_json(struct str bytes)
{
        for (size_t i = 0; i < bytes.n && i < SHORT_TEXT_MAX; i++) {
                char c = bytes.p[i];

                if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
                        return c == '{' || c == '[';
        }
        return false;
}

struct record *parse_record(struct parse *x)
{
        struct record *r = arena_alloc(x->arena, sizeof *r);

        if (!r)
                return NULL;
        r->n_slots = _ECS_MAX + (uint32_t)x->source->n_native;
        r->slots = arena_array(x->arena, r->n_slots, sizeof *r->slots);
        r->raw = x->raw->bytes;
        r->arena = x->arena;
        r->time = USEC_NONE;
        return r->slots ? r : NULL;
}

int parse_take(struct parse *x, struct record *record, uint32_t sub, bool is_many)
{
        struct derive_env env = parse_env(x);
        int r;

        if (x->probe) {
                unsigned held = x->held + recognise_count(x->source, record, &env);

                if (x->look)
                        x->look(x, record);
                if (held > x->probe->held)
                        x->probe->held = held;
                return 0;
        }
        if ((!x->is_sure || x->on_entry) && !recognise_holds(x->source, record, &env)) {
                x->refused++;
                if (!x->on_entry)
                        return 0;
        }
        if (x->on_entry) {
                x->n++;
                return x->on_entry(x, record);
        }
        if (x->source->is_ignored) {
                x->counters->n[COUNTER_NOT_MINE]++;
                return 0;
        }
        r = normalise_record(x, record, x->parser->ecs_wanted, x->parser->ecs_of_class);
        if (r >= 0 && x->parser->ecs_wanted == ECS_ALL)
                r = normalise_id(x, record, sub, is_many);
        if (r < 0)
                return r;
        record->index = x->raw->index + x->n;
        x->sub = sub;
        x->is_many = is_many;
        x->n++;
        x->parser->current = x;
        r = x->fn(x->userdata, record);
        x->parser->current = NULL;
        if (r < 0)
                x->stopped = r;
        return r;
}

int parser_complete(struct parser *p, struct record *record)
{
        struct counters counted_already = { 0 };
        struct parse again;
        int r;

        if (p->ecs_wanted == ECS_ALL || !p->current)
                return 0;
        again = *p->current;
        again.counters = &counted_already;
        memset(record->slots, 0, _ECS_MAX * sizeof *record->slots);
        r = normalise_record(&again, record, ECS_ALL, 0);
        return r < 0 ? r : normalise_id(&again, record, again.sub, again.is_many);
}

/* ---- One raw ---- */

static int try_source(struct parse *x, const struct source *s)
{
        struct counters counters = { 0 };
        int r;

        x->source = s;
        x->counters = &counters;
        x->n = x->refused = 0;
        x->reason = NULL;
        r = s->list ? list_decode(x) : s->decoder->decode(x);
        if (r != -ENOENT) {
                counters.n[COUNTER_REJECT_UNKNOWN] += x->refused;
                counters_add(&x->parser->counters, &counters);
        }
        x->counters = NULL;
        return r;
}

static int parse_recognised(struct parse *x)
{
        struct parser *p = x->parser;
        struct recognised found;
        int r = p->last && !p->last->has_rivals ? try_source(x, p->last) : -ENOENT;
        bool is_sure = r >= 0 || x->n > 0 || x->stopped || r == -ENOMEM || r == -ENOMSG;

        if (is_sure)
                return r;
        if (recognise_raw(p, x->raw, &found) > 0 && guess_is_whole(&p->guesses[0]) && found.error != -ENOMEM) {
                p->last = p->guesses[0].source;
                return try_source(x, p->last);
        }
        x->n = x->refused = 0;
        x->reason = found.reason;
        if (found.error < 0)
                return found.error;
        if (found.has_header) {
                p->counters.n[COUNTER_NOT_MINE]++;
                return 0;
        }
        return found.is_empty ? 0 : -ENOENT;
}

static int parse_configured(struct parse *x)
{
        const struct source *s = x->parser->last;

        if (!s || strcmp(s->name, x->raw->source) != 0)
                s = sourceset_find(x->parser->set, str_of(x->raw->source));
        if (!s) {
                x->reason = "the log source that its input is configured with is not known";
                return -ENOENT;
        }
        x->is_sure = true;
        x->parser->last = s;
        return try_source(x, s);
}

static void count_reject(struct parser *p, int r)
{
        p->counters.n[r == -EBADMSG ? COUNTER_REJECT_MALFORMED
                      : r == -E2BIG ? COUNTER_REJECT_TOO_DEEP
                      : r == -ENOMSG ? COUNTER_REJECT_LIST
                                    : COUNTER_REJECT_UNKNOWN]++;
}

int parser_parse(struct parser *p, const struct raw *raw, struct arena *arena, parser_record_fn *fn, void *userdata,
                 const char **ret_reason)
{
        struct parse x = { .parser = p, .raw = raw, .arena = arena, .fn = fn, .userdata = userdata };
        int r;

        if (raw->bytes.n > RAW_BYTES_MAX) {
                p->counters.n[COUNTER_REJECT_TOO_LONG]++;
                if (ret_reason)
                        *ret_reason = "is longer than 64 MiB";
                return -E2BIG;
        }
        r = raw->source ? parse_configured(&x) : parse_recognised(&x);
        p->counters.n[COUNTER_RECORDS] += x.n;
        if (r >= 0)
                return (int)x.n;
        if (x.stopped || r == -ENOMEM)
                return r;
        count_reject(p, r);
        if (ret_reason)
                *ret_reason = x.reason ? x.reason : "is of no known log source";
        return r;
}

int parser_identify(struct parser *p, const struct raw *raw, struct source_guess *ret, size_t max)
{
        struct recognised found;
        size_t n = size_min(recognise_raw(p, raw, &found), max);

        for (size_t i = 0; i < n; i++)
                ret[i] = p->guesses[i];
        return found.error == -ENOMEM ? -ENOMEM : (int)n;
}
