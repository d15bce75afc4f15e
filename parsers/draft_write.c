/* SPDX-License-Identifier: Apache-2.0 */

/* The draft as YAML. Whatever comes from the sample goes through draft_scalar() or, in comments, through text_display(). */

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"
#include "parsers/decoder.h"
#include "parsers/draft_impl.h"

enum { SAMPLES_MAX = 12, KEYS_BEGIN = 5, KEYS_STEP = 4, LEFT_OUT_MAX = 40, EXAMPLE_CHARS = 40, RECORDS_OF_SAMPLE_MAX = 50, RAW_BYTES_SHOWN_MAX = 16 * 1024 };

static void add_comment(struct strbuf *out, struct str text, size_t max)
{
        text_display(out, text, TEXT_TERMINAL, max);
}

/* ---- Head ---- */

static void write_head(const struct draft *d, struct strbuf *out)
{
        const char *name = d->request->name;

        strbuf_addf(out, "# Drafted from a sample of %zu record%s. Look at every line that says guess, then run\n"
                         "#     shopbell sources test --sources DIR %s\n"
                         "# with the folder that you put this file into. shopbell.source(5) has the words.\n"
                         "# The samples below are records of yours: put other names and addresses there before you give the file away.\n",
                    d->n_records, d->n_records == 1 ? "" : "s", name);
        strbuf_addf(out, "name: %s\ntitle: %s   # guess: its name for people\n", name, name);
        strbuf_addz(out, "# about: https://…   where the vendor documents the format\nlogsource: {product: ");
        for (const char *p = name; *p; p++)
                strbuf_addc(out, *p == '-' ? '_' : *p);
        strbuf_addz(out, "}   # which Sigma rules apply to it\n");
        strbuf_addf(out, "format: %s\n", d->format->name);
        strbuf_add(out, strbuf_str(&d->head));
        if (d->has_zoneless_stamps)
                strbuf_addz(out, "zone: UTC   # guess: its stamps have no zone; else '+01:00' or local\n");
        strbuf_addz(out, "lateness: 1h   # guess: a sample does not show how late records arrive\n"
                         "trust: unconfirmed\n"
                         "unconfirmed:\n  - all of it was drafted from a sample, not from pages of the vendor\n"
                         "# setup: |   how the log is switched on and gets onto this host\n"
                         "# cannot: {export: why the log cannot show exports}   what its vendor says that it lacks\n");
}

/* ---- recognise ---- */

/* How much a name says: common words say nothing of the platform. */
static int specific(const struct draft_field *f)
{
        static const char common[] = "id:-2 time:-2 timestamp:-2 type:-2 name:-2 action:-2 user:-2 ip:-2 email:-2 date:-2 created:-1 at:-1 status:-2 message:-2 event:-1 "
                                     "result:-2 level:-2 source:-1 description:-2 data:-1 host:-2 pid:-3 program:-3 hostname:-3 value:-2 actor:-1 target:-1 object:-1";
        int points = draft_weigh(f->words, common);

        for (size_t i = 0; i < f->path.n; i++)
                points += f->path.p[i] == '.' ? 2 : 0;
        for (size_t i = 1; i < f->words.n; i++)
                points += f->words.p[i] == ' ' ? 2 : 0;
        return points + (f->path.n > 10);
}

/* Of a list of names and values, and of what the decoder itself makes, nothing is to be counted on. */
static bool may_tell(const struct draft *d, const struct draft_field *f)
{
        static const char *const made[] = { "timestamp", "hostname", "program", "pid", "message", "pattern", NULL };

        for (size_t i = 0; made[i] && !draft_json_fits(d) && !d->header.p; i++)
                if (str_eqz(f->path, made[i]))
                        return false;
        for (size_t i = 0; i < d->n_opened; i++)
                if (str_starts(f->path, d->opened[i]) && f->path.n > d->opened[i].n)
                        return false;
        return f->n_records == d->n_common;
}

struct told {
        const struct draft_field *field;
        int points;
};

static int by_points(const void *a, const void *b)
{
        const struct told *x = a, *y = b;

        if (x->points != y->points)
                return x->points < y->points ? 1 : -1;
        return x->field < y->field ? -1 : x->field > y->field;
}

static int by_place(const void *a, const void *b)
{
        const struct told *x = a, *y = b;

        return x->field < y->field ? -1 : x->field > y->field;
}

static void write_values(const struct draft *d, struct strbuf *out)
{
        bool has_any = false;

        for (size_t i = 0; i < d->n_fields; i++) {
                const struct draft_field *f = &d->fields[i];

                if (!may_tell(d, f) || f->n_values != 1 || f->n_filled < d->n_common || !(f->shapes & SHAPE_WORD) || d->guesses[ECS_EVENT_ACTION].field == f ||
                    draft_weigh(f->words, "kind:1 type:1 source:1 product:1 service:1 application:1 schema:1 category:1 provider:1 platform:1 vendor:1 app:1") == 0)
                        continue;
                strbuf_addz(out, has_any ? "" : "  when:   # guess: these never change\n");
                has_any = true;
                strbuf_addz(out, "    ");
                draft_scalar(out, f->path);
                strbuf_addz(out, ": ");
                draft_scalar(out, f->values[0]);
                strbuf_addc(out, '\n');
        }
}

static void write_recognise(const struct draft *d, size_t n_keys, bool is_strict, bool with_values, struct strbuf *out)
{
        CLEANUP(memory_freep) struct told *told = calloc(d->n_fields + 1, sizeof *told);
        const struct draft_field *time = d->guesses[ECS_TIMESTAMP].field, *action = d->guesses[ECS_EVENT_ACTION].field,
                                 *id = d->guesses[ECS_EVENT_ID].field;
        size_t n = 0;

        if (!told) {
                out->failed = true;
                return;
        }
        if (strcmp(d->format->name, "regex") == 0 && !is_strict) /* the patterns tell */
                return;
        if (d->recognise.n > 0) {
                strbuf_addz(out, "recognise:\n");
                strbuf_add(out, strbuf_str(&d->recognise));
                return;
        }
        for (size_t i = 0; i < d->n_fields; i++) {
                const struct draft_field *f = &d->fields[i];

                if (may_tell(d, f))
                        told[n++] = (struct told){ f, specific(f) + (f == time || f == action ? 100 : f == id ? 4 : 0) };
        }
        qsort(told, n, sizeof *told, by_points);
        n = size_min(n, n_keys);
        qsort(told, n, sizeof *told, by_place);
        for (size_t i = 0; i < n; i++) {
                strbuf_addz(out, i ? ", " : "recognise:\n  has: [");
                draft_scalar(out, told[i].field->path);
        }
        if (n > 0)
                strbuf_addf(out, "]   # guess: %zu of %zu records of the sample have these, and no sample of another source does\n", d->n_common, d->n_records);
        if (n > 0 && with_values)
                write_values(d, out);
}

/* ---- fields, classes ---- */

static void write_field(const struct draft_guess *g, enum ecs field, struct strbuf *out)
{
        strbuf_addz(out, "  ");
        draft_scalar(out, str_of(ecs_field(field)->name));
        strbuf_addf(out, ": " STR_FMT "   # ", STR_ARG(g->yaml));
        if (g->note.p)
                strbuf_addf(out, STR_FMT ", ", STR_ARG(g->note));
        else
                strbuf_addz(out, "guess: ");
        strbuf_addz(out, "here ");
        add_comment(out, g->field->n_values > 0 ? g->field->values[0] : STR(""), EXAMPLE_CHARS);
        strbuf_addc(out, '\n');
}

static void write_fields(const struct draft *d, struct strbuf *out)
{
        static const enum ecs wanted[] = { ECS_TIMESTAMP, ECS_EVENT_ACTION, ECS_SOURCE_IP };
        bool has_actor = d->guesses[ECS_USER_NAME].field || d->guesses[ECS_USER_EMAIL].field || d->guesses[ECS_USER_ID].field;
        bool has_header = d->has_header || draft_cef_fits(d);
        size_t n = 0;

        for (size_t i = 0; i < _ECS_MAX; i++)
                n += d->guesses[i].field != NULL;
        strbuf_addz(out, n ? "fields:\n" : "fields: {}\n");
        for (size_t i = 0; i < _ECS_MAX; i++)
                if (d->guesses[i].field)
                        write_field(&d->guesses[i], (enum ecs)i, out);
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
                if (!d->guesses[wanted[i]].field && !(wanted[i] == ECS_TIMESTAMP && has_header))
                        strbuf_addf(out, "  # %s: nothing in the sample looks like it\n", ecs_field(wanted[i])->name);
        if (!has_actor)
                strbuf_addz(out, "  # user.name, user.email, user.id: nothing in the sample looks like who did it\n");
        if (!d->guesses[ECS_EVENT_OUTCOME].field)
                strbuf_addz(out, "  # event.outcome: unknown, unless there is a field that says success or failure\n");
}

static void write_classes(const struct draft *d, struct strbuf *out)
{
        strbuf_addz(out, d->classes.n ? "classes:   # the actions of the sample; add those that the vendor lists\n" : "# classes: no action of the sample has a word for one\n");
        strbuf_add(out, strbuf_str(&d->classes));
        if (d->classless.n > 0) {
                strbuf_addz(out, "# without a class: ");
                add_comment(out, strbuf_str(&d->classless), 0);
                strbuf_addc(out, '\n');
        }
}

static void write_left_out(const struct draft *d, struct strbuf *out)
{
        size_t n = 0;

        for (size_t i = 0; i < d->n_fields; i++) {
                if (d->fields[i].is_used || n++ >= LEFT_OUT_MAX)
                        continue;
                strbuf_addz(out, n == 1 ? "# fields that nothing asks for:\n#   " : "#   ");
                add_comment(out, d->fields[i].path, 0);
                if (d->fields[i].n_values > 0) {
                        strbuf_addz(out, ": ");
                        add_comment(out, d->fields[i].values[0], EXAMPLE_CHARS);
                }
                strbuf_addc(out, '\n');
        }
        if (n > LEFT_OUT_MAX)
                strbuf_addf(out, "#   and %zu more: `shopbell sources explain` shows them all\n", n - LEFT_OUT_MAX);
}

int draft_write(const struct draft *d, size_t strictness, struct strbuf *out)
{
        write_head(d, out);
        write_recognise(d, KEYS_BEGIN + strictness * KEYS_STEP, strictness > 0, strictness > 1, out);
        write_fields(d, out);
        write_classes(d, out);
        write_left_out(d, out);
        return strbuf_failed(out) ? -ENOMEM : 0;
}

/* ---- samples ---- */

struct made {
        struct record *items[RECORDS_OF_SAMPLE_MAX];
        size_t n;
};

static int keep(void *userdata, struct record *record)
{
        struct made *m = userdata;

        if (m->n == RECORDS_OF_SAMPLE_MAX)
                return -E2BIG;
        m->items[m->n++] = record;
        return 0;
}

static void write_values_of(const struct slot *slot, struct strbuf *out)
{
        const char *sep = "";

        strbuf_addz(out, slot->n == 1 ? "" : "[");
        for (const struct value *v = slot->first; v; v = v->next) {
                strbuf_addz(out, sep);
                sep = ", ";
                draft_scalar(out, v->text);
        }
        strbuf_addz(out, slot->n == 1 ? "\n" : "]\n");
}

static void write_expected(const struct record *r, const char *indent, struct strbuf *out)
{
        bool is_first = true;

        for (size_t i = 0; i < _ECS_MAX; i++) {
                const struct slot *slot = &r->slots[i];

                if (!slot->is_present || i == ECS_SOURCE_NAME || slot->n == 0)
                        continue;
                strbuf_addz(out, is_first ? "" : indent);
                is_first = false;
                draft_scalar(out, str_of(ecs_field((enum ecs)i)->name));
                strbuf_addz(out, ": ");
                write_values_of(slot, out);
        }
        strbuf_addz(out, is_first ? "{}\n" : "");
}

static void write_name(struct str action, size_t number, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;

        text_display(&safe, action.n > 0 ? action : STR("record"), TEXT_TERMINAL, EXAMPLE_CHARS);
        strbuf_addf(&safe, " (record %zu of the sample)", number);
        strbuf_addz(out, "  - name: ");
        draft_scalar(out, strbuf_str(&safe));
        strbuf_addc(out, '\n');
}

/* The raw as a sample holds it: a record of JSON on one line, a row below its header, a line. Absent: no memory. */
static struct str sample_text(const struct draft *d, const struct draft_record *one)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        if (d->header.p)
                strbuf_addf(&text, STR_FMT "\n", STR_ARG(d->header));
        strbuf_add(&text, str_trim(one->text));
        for (size_t i = 0; i < text.n && draft_json_fits(d); i++)
                if (strchr("\n\r\t", text.p[i]))
                        text.p[i] = ' ';
        return strbuf_failed(&text) ? STR_NONE : arena_dup(d->arena, strbuf_str(&text));
}

/* The records of a sample, as `sources test` will read it. */
static int parse_alone(const struct sourceset *set, const struct draft *d, struct str text, usec reference, struct made *ret)
{
        struct parser_options o = { .hint = { .reference = reference } };
        struct parser *p = parser_new(set, &o);
        struct raw raw = { .file = "(sample)", .reference = USEC_NONE };
        char *at = arena_alloc(d->arena, text.n + RAW_PADDING);
        int r = -ENOMEM;

        if (p && at) {
                memcpy(at, text.p, text.n);
                raw.bytes = str_from(at, text.n);
                r = parser_parse(p, &raw, d->arena, keep, ret, NULL);
        }
        parser_free(p);
        return r;
}

static struct str text_at(const struct draft *d, size_t i, enum ecs field)
{
        const struct draft_field *f = d->guesses[field].field;
        const struct flat_field *value = f ? flat_find(&d->records[i].flat, f->path) : NULL;

        return value ? value->text : STR("");
}

static int write_sample(const struct draft *d, const struct sourceset *set, size_t number, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf sample = STRBUF_INIT;
        const struct draft_record *one = &d->records[number];
        struct str text = sample_text(d, one);
        usec reference = d->header.p || draft_json_fits(d) ? USEC_NONE : one->raw->reference;
        struct made made = { .n = 0 };
        char stamp[TIME_ISO_BYTES];
        int k;

        if (!text.p)
                return -ENOMEM;
        if (text.n > RAW_BYTES_SHOWN_MAX || !utf8_is_valid(text))
                return 0;
        write_name(text_at(d, number, ECS_EVENT_ACTION), number + 1, &sample);
        strbuf_addz(&sample, "    raw: ");
        draft_scalar(&sample, text);
        time_format_iso(reference, stamp);
        if (reference != USEC_NONE)
                strbuf_addf(&sample, "\n    reference: '%s'   # the latest time that a stamp without a year can mean", stamp);
        k = parse_alone(set, d, text, reference, &made);
        if (k < 0 || made.n == 0)
                return k == -ENOMEM ? k : 0;
        strbuf_addz(&sample, made.n == 1 ? "\n    expect:\n      " : "\n    expect:\n");
        for (size_t i = 0; i < made.n; i++) {
                strbuf_addz(&sample, made.n == 1 ? "" : "      - ");
                write_expected(made.items[i], made.n == 1 ? "      " : "        ", &sample);
        }
        strbuf_add(out, strbuf_str(&sample));
        return strbuf_failed(&sample) ? -ENOMEM : 1;
}

/* The first record, then the first of each other action and outcome, as far as there is room. */
static bool is_wanted(const struct draft *d, size_t i)
{
        for (size_t k = 0; k < i; k++)
                if (d->records[k].text.p == d->records[i].text.p ||
                    (str_eq(text_at(d, k, ECS_EVENT_ACTION), text_at(d, i, ECS_EVENT_ACTION)) &&
                     str_eq(text_at(d, k, ECS_EVENT_OUTCOME), text_at(d, i, ECS_EVENT_OUTCOME))))
                        return false;
        return true;
}

int draft_write_samples(const struct draft *d, const struct sourceset *set, struct strbuf *out)
{
        size_t n = 0;
        int r = 0;

        strbuf_addz(out, "samples:\n");
        for (size_t i = 0; i < d->n_records && n < SAMPLES_MAX && r >= 0; i++) {
                r = is_wanted(d, i) ? write_sample(d, set, i, out) : 0;
                n += r > 0;
        }
        return r < 0 ? r : n > 0 ? 0 : -EBADMSG;
}
