/* SPDX-License-Identifier: Apache-2.0 */

/* Which recognition tests of a source hold for a raw, in words. The raw goes through the source's own decoder as a probe;
 * of its records the one counts for which most tests hold. */

#include <errno.h>

#include "parsers/decoder.h"
#include "parsers/lines.h"
#include "parsers/recognise.h"

struct why {
        const struct record *best;
        unsigned held; /* tests of `recognise` that hold for it */
};

static void keep_best(struct parse *x, const struct record *record)
{
        struct why *w = x->look_data;
        struct derive_env env = parse_env(x);
        unsigned held = recognise_count(x->source, record, &env);

        if (w->best && held <= w->held)
                return;
        w->best = record;
        w->held = held;
}

/* ---- Words ---- */

/* "till.kind|startswith: [a, b]" as "till.kind startswith [a, b]"; a plain key as "till.kind is a". */
static void add_condition(struct strbuf *out, const struct yaml *map)
{
        const char *sep = "";

        if (map->kind != YAML_MAP) { /* a list of maps: one of them */
                for (size_t i = 0; map->kind == YAML_LIST && i < map->n; i++) {
                        strbuf_addz(out, i ? " or " : "");
                        add_condition(out, map->items[i]);
                }
                if (yaml_is_scalar(map))
                        strbuf_addf(out, "some field holds " STR_FMT, STR_ARG(map->text));
                return;
        }
        for (size_t i = 0; i < map->n; i++) {
                struct str rest = map->pairs[i].key->text, word;
                const struct yaml *value = map->pairs[i].value;
                CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
                bool is_plain = true;

                strbuf_addz(out, sep);
                sep = " and ";
                (void)str_cut(&rest, '|', &word);
                strbuf_add(out, word);
                for (; str_cut(&rest, '|', &word); is_plain = false)
                        strbuf_addf(out, " " STR_FMT, STR_ARG(word));
                yaml_to_json(value, &text);
                strbuf_addf(out, "%s %s", is_plain ? " is" : "", text.p ? text.p : "");
        }
}

static struct str keep_text(struct arena *arena, const struct strbuf *b)
{
        return strbuf_failed(b) ? STR_NONE : arena_dup(arena, strbuf_str(b));
}

static int tell(struct str what, bool holds, struct str met, source_test_fn *fn, void *userdata)
{
        struct source_test test = { .what = what, .holds = holds, .met = met };

        if (!what.p)
                return -ENOMEM;
        fn(userdata, &test);
        return 0;
}

/* ---- The tests of decoders ---- */

static struct str programs_text(const struct parse *x)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        strbuf_addz(&b, "its program is ");
        for (size_t i = 0; i < x->source->n_programs; i++)
                strbuf_addf(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(x->source->programs[i]));
        return keep_text(x->arena, &b);
}

static int tell_mail(const struct parse *x, const struct why *w, source_test_fn *fn, void *userdata)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        int r = tell(STR("is a mail"), x->has_header, STR_NONE, fn, userdata);

        strbuf_addz(&b, "its sender is of ");
        for (size_t i = 0; i < x->source->n_senders; i++)
                strbuf_addf(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(x->source->senders[i]));
        return r < 0 ? r : tell(keep_text(x->arena, &b), w->best != NULL, STR_NONE, fn, userdata);
}

static int tell_decoder(const struct parse *x, const struct why *w, source_test_fn *fn, void *userdata)
{
        const struct source *s = x->source;
        const struct line_format *f = s->decoder->lines;
        struct str program = w->best && s->has_header ? slot_text(&w->best->slots[s->header.program]) : STR_NONE;
        unsigned n = s->decoder->tests(s);
        int r = 0;

        if (n == 0)
                return 0;
        if (s->decoder == &decoder_mail)
                return tell_mail(x, w, fn, userdata);
        if (!f)
                return tell(s->decoder == &decoder_csv ? STR("its rows have the columns of the table")
                                                       : arena_printf(x->arena, "is of the kind that format %s reads", s->decoder->name),
                            w->best != NULL, STR_NONE, fn, userdata);
        if (!s->has_header || f->find)
                r = tell(str_of(f->fits), w->best != NULL, STR_NONE, fn, userdata);
        else
                r = tell(STR("has a syslog header, or is a journal entry"), x->has_header, STR_NONE, fn, userdata);
        return r < 0 || n < 2 ? r : tell(programs_text(x), x->held >= 2, program, fn, userdata);
}

/* ---- Those of `recognise` ---- */

static int tell_has(const struct parse *x, const struct why *w, source_test_fn *fn, void *userdata)
{
        const struct source *s = x->source;
        int r = 0;

        for (size_t i = 0; i < s->recognition.n_has && r >= 0; i++) {
                const struct slot *slot = w->best ? record_slot(w->best, s->has[i]) : NULL;

                r = tell(arena_printf(x->arena, "has " STR_FMT, STR_ARG(s->recognition.has[i])), slot != NULL,
                         slot ? slot_text(slot) : STR_NONE, fn, userdata);
        }
        return r;
}

static struct str first_met(const struct bound *b, const struct record *record)
{
        for (size_t i = 0; record && i < b->detection->n_fields; i++) {
                const struct slot *slot = record_slot(record, b->slots[i]);

                if (slot && slot_text(slot).p)
                        return slot_text(slot);
        }
        return STR_NONE;
}

static int tell_when(const struct parse *x, const struct why *w, source_test_fn *fn, void *userdata)
{
        const struct source *s = x->source;
        struct derive_env env = parse_env(x);
        int r = 0;

        for (size_t i = 0; i < s->recognition.n_when && r >= 0; i++) {
                CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

                add_condition(&b, s->recognition.when[i]);
                r = tell(keep_text(x->arena, &b), w->best && bound_holds(&s->when[i], w->best, &env),
                         first_met(&s->when[i], w->best), fn, userdata);
        }
        return r;
}

int parser_why(struct parser *p, const struct raw *raw, const struct source *s, struct arena *arena, source_test_fn *fn,
               void *userdata)
{
        struct counters unused = { 0 };
        struct why w = { 0 };
        struct source_guess guess = { .source = s, .of = recognise_tests(s) };
        struct parse x = { .parser = p, .source = s, .raw = raw, .arena = arena, .counters = &unused, .probe = &guess,
                           .look = keep_best, .look_data = &w };
        int r = s->decoder->decode(&x);

        if (r == -ENOMEM)
                return r;
        r = tell_decoder(&x, &w, fn, userdata);
        if (r >= 0)
                r = tell_has(&x, &w, fn, userdata);
        return r < 0 ? r : tell_when(&x, &w, fn, userdata);
}
