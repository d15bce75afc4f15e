/* SPDX-License-Identifier: Apache-2.0 */

/* Sentences and reasons. The places of counts in a kept sentence are marked with bytes that no UTF-8 text contains, so that
 * nothing in a log can stand for them. */

#include "monitor/detect/tell.h"

#include <errno.h>

#include "monitor/detect/describe.h"
#include "monitor/model/render.h"

static const char marks[] = "\xFE\xFF";
enum { MARK_COUNT = 0xFE, MARK_PEAK = 0xFF };

static size_t read_group(const struct entry *entry, const struct group *g, struct alert_group *ret)
{
        return state_describe_key(entry->rule, group_key_values(g), ret, RULES_GROUP_BY_MAX);
}

static struct str own(struct str s)
{
        char *p = str_dupz(s);

        return p ? str_from(p, s.n) : STR_NONE;
}

/* `inner` stands for a record that is gone; one of the two is NULL. */
static void render(const struct entry *entry, const struct group *g, const struct record *record, const struct words *inner,
                   struct strbuf *out)
{
        struct alert_group fields[RULES_GROUP_BY_MAX];
        struct render_extra extra[RULES_GROUP_BY_MAX + 6] = {
                { "count", str_from(marks, 1) },
                { "distinct", str_from(marks + 1, 1) },
                { "timespan", STR_NONE },
                { "rule.title", entry->rule->title },
        };
        size_t n_fixed = 4;
        /* Without a correlation the group is a field of the record itself. */
        size_t n = entry->rule->kind == SIGMA_CORRELATION ? read_group(entry, g, fields) : 0;
        char span[DURATION_BYTES];

        duration_format(entry->window.timespan, span);
        extra[2].value = str_of(span);
        if (inner) {
                extra[n_fixed++] = (struct render_extra){ "shopbell.person", inner->person };
                extra[n_fixed++] = (struct render_extra){ "shopbell.source", inner->source };
        }
        for (size_t i = 0; i < n; i++)
                extra[n_fixed + i] = (struct render_extra){ fields[i].field.p, fields[i].value };
        render_sentence(entry->rule->sentence.p ? entry->rule->sentence : entry->rule->title, record, extra, n_fixed + n, out);
}

static int fill_words(struct words *ret, usec at, const struct strbuf *sentence, struct str person, struct str source)
{
        struct words w = { .at = at };

        if (strbuf_failed(sentence))
                return -ENOMEM;
        w.sentence = own(str_from(sentence->p, sentence->n));
        w.person = own(person);
        w.source = own(source);
        if (!w.sentence.p || !w.person.p || !w.source.p) {
                words_done(&w);
                return -ENOMEM;
        }
        words_done(ret);
        *ret = w;
        return 0;
}

int tell_words(const struct entry *entry, const struct group *g, const struct record *record, usec at, struct words *ret)
{
        CLEANUP(strbuf_done) struct strbuf sentence = STRBUF_INIT;

        render(entry, g, record, NULL, &sentence);
        return fill_words(ret, at, &sentence, record_ecs(record, ECS_PERSON), str_of(record->source));
}

int tell_words_after(const struct entry *entry, const struct group *g, const struct words *inner, struct words *ret)
{
        CLEANUP(strbuf_done) struct strbuf sentence = STRBUF_INIT;

        render(entry, g, NULL, inner, &sentence);
        return fill_words(ret, inner->at, &sentence, inner->person, inner->source);
}

/* The kept sentence with its numbers. */
static struct str fill(struct arena *arena, const struct entry *entry, const struct episode *e)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct str s = e->words.sentence.p ? e->words.sentence : entry->rule->title;
        char peak[MEASURE_BYTES];

        measure_format(e->peak, entry->window.kind->scale, peak);
        for (size_t i = 0; i < s.n; i++) {
                if ((unsigned char)s.p[i] == MARK_COUNT)
                        strbuf_addf(&b, "%llu", (unsigned long long)e->count);
                else if ((unsigned char)s.p[i] == MARK_PEAK)
                        strbuf_addz(&b, peak);
                else
                        strbuf_addc(&b, s.p[i]);
        }
        return arena_dup(arena, strbuf_str(&b));
}

static const char *op_words(const struct sigma_limit *limit)
{
        switch (limit->op) {
        case SIGMA_GT: return "more than ";
        case SIGMA_GTE: return "at least ";
        case SIGMA_LT: return "less than ";
        case SIGMA_LTE: return "at most ";
        case SIGMA_EQ: return "exactly ";
        case SIGMA_NEQ: return "anything but ";
        }
        return "";
}

/* "12 distinct user.name of at least 10 within 1h" */
static struct str why(struct arena *arena, const struct entry *entry, const struct episode *e)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        const struct sigma_correlation *c = entry->rule->correlation;
        const struct limits *l = &entry->window.limits;
        char span[DURATION_BYTES], number[MEASURE_BYTES];
        bool is_estimate = entry->window.by_days && entry->window.kind->days == DAYS_VALUES && e->peak > SKETCH_EXACT_MAX;

        if (e->words.why.p)
                return arena_dup(arena, e->words.why);
        if (!c)
                return STR("");
        duration_format(entry->window.timespan, span);
        if (entry->window.kind->is_forward) {
                strbuf_addf(&b, "nothing followed within %s", span);
                return arena_dup(arena, strbuf_str(&b));
        }
        measure_format(e->peak, l->scale, number);
        if (is_estimate)
                strbuf_addz(&b, "about ");
        strbuf_addf(&b, "%s %s", number, entry->window.kind->unit);
        for (size_t i = 0; entry->window.kind->brings != BRINGS_NOTHING && i < c->n_fields; i++)
                strbuf_addf(&b, STR_FMT "%s", STR_ARG(c->fields[i]), i + 1 < c->n_fields ? ", " : " ");
        strbuf_addz(&b, "of ");
        measure_format(l->least, l->scale, number);
        if (l->is_rising)
                strbuf_addf(&b, "at least %s", number);
        for (size_t i = 0; !l->is_rising && i < l->n; i++)
                strbuf_addf(&b, "%s%s" STR_FMT, i ? " and " : "", op_words(&l->items[i]), STR_ARG(l->items[i].number));
        strbuf_addf(&b, " within %s", span);
        if (is_estimate)
                strbuf_addz(&b, " (an estimate, standard error " SKETCH_ERROR_PERCENT " %)");
        if (entry->window.parameters.of > 0)
                strbuf_addf(&b, " (%.3g %% of %.10g)",
                            100.0 * ((double)e->peak / l->scale) / ((double)entry->window.parameters.of / MEASURE_MICRO),
                            (double)entry->window.parameters.of / MEASURE_MICRO);
        return arena_dup(arena, strbuf_str(&b));
}

static enum level lowered(enum level level, const struct episode *e)
{
        return e->lowered == UINT8_MAX || e->lowered == 0 ? level
               : (unsigned)level > e->lowered            ? (enum level)((unsigned)level - e->lowered)
                                                         : LEVEL_LOW;
}

void tell_change(struct arena *arena, const struct entry *entry, const struct group *g, const struct episode *episode,
                 struct alert_group *fields, struct alert_change *ret)
{
        *ret = (struct alert_change){
                .kind = episode->is_told ? CHANGE_GROW : CHANGE_RAISE,
                .id = episode->id,
                .rule_id = entry->rule->label,
                .rule_title = entry->rule->title,
                .level = lowered(entry->rule->level, episode),
                .classes = entry->classes,
                .n_classes = entry->n_classes,
                .group = fields,
                .n_group = read_group(entry, g, fields),
                .sentence = fill(arena, entry, episode),
                .why = why(arena, entry, episode),
                .playbook = entry->playbook,
                .person = episode->words.person.p ? episode->words.person : STR(""),
                .source = episode->words.source.p ? episode->words.source : STR(""),
                .first_seen = episode->first,
                .last_seen = episode->last,
                .count = episode->count,
                .is_late = episode->is_late,
        };
}
