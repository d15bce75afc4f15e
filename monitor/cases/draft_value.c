/* SPDX-License-Identifier: Apache-2.0 */

/* What the placeholders of a template stand for: values of the case, in the words of the language, made harmless. A value that nobody has
 * said is either one that may wait, or a hole. */

#include "monitor/base/utf8.h"
#include "monitor/cases/draft_make.h"

static void tell_unknown(struct maker *m, enum found how, struct str field)
{
        if (how != FOUND)
                maker_gap(m, how == FOUND_NOT_YET ? GAP_UNKNOWN : GAP_MISSING, field, STR_NONE);
}

enum found value_not_there(const struct case_field *f)
{
        return f && f->may_wait ? FOUND_NOT_YET : FOUND_NOTHING;
}

/* ---- Which value ---- */

/* That of the regime, of one of its countries, or the field itself. */
static const struct case_value *pick(const struct maker *m, const struct case_field *f)
{
        const struct casefile *c = m->q->file;
        struct str name = str_of(f->name);
        const struct case_value *v = f->has_parts ? casefile_value(c, name, m->regime->id) : NULL;

        for (size_t i = 0; i < m->regime->n_countries && !v && f->has_parts; i++)
                v = casefile_value(c, name, m->regime->countries[i]);
        return v ? v : casefile_value(c, name, STR_NONE);
}

bool value_is_said(const struct case_value *v)
{
        return v && v->status != FIELD_UNKNOWN && str_trim(v->value).n > 0;
}

static void put_clean(struct maker *m, struct str text, struct strbuf *out)
{
        (void)m;
        text_display(out, str_trim(text), TEXT_TERMINAL, 0);
}

/* ---- Words ---- */

static struct str translated(const struct maker *m, const char *field, struct str word)
{
        static const char *const lists[][2] = { { "data", "data" }, { "type", "types" }, { "cause", "causes" }, { "role", "roles" } };
        char small[40];

        for (size_t i = 0; i < word.n && word.n < sizeof small; i++)
                small[i] = str_lower(word.p[i]);
        for (size_t i = 0; i < ARRAY_LEN(lists) && word.n < sizeof small; i++)
                if (strcmp(field, lists[i][0]) == 0)
                        return template_textf(m->t, "%s." STR_FMT, lists[i][1], STR_ARG(str_from(small, word.n)));
        return STR_NONE;
}

/* What is in no list stands there as it was typed; the seller is told. Names and addresses are of no language. */
static void put_word(struct maker *m, const struct case_field *f, struct str word, struct strbuf *out)
{
        static const char *const of_no_language[] = { "organisation", "contact", "officer", "help-desk", "processors" };
        struct str known = translated(m, f->name, word);
        bool is_name = false;

        for (size_t i = 0; i < ARRAY_LEN(of_no_language); i++)
                is_name |= strcmp(f->name, of_no_language[i]) == 0;
        if (known.p) {
                strbuf_add(out, known);
                return;
        }
        put_clean(m, word, out);
        if (!is_name)
                maker_gap(m, GAP_WORDS, str_of(f->name), STR_NONE);
}

static size_t count_words(struct str list)
{
        struct str rest = list, word;
        size_t n = 0;

        while (str_cut(&rest, ',', &word))
                n += str_trim(word).n > 0;
        return n;
}

static void put_item(struct maker *m, const struct case_field *f, struct str word, bool is_estimate, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        put_word(m, f, str_trim(word), &text);
        format_estimate(m, is_estimate, strbuf_str(&text), out);
        out->failed |= strbuf_failed(&text);
}

static void put_list(struct maker *m, const struct case_field *f, const struct case_value *v, struct strbuf *out)
{
        struct str rest = v->value, word;
        size_t n = count_words(v->value), i = 0;

        while (str_cut(&rest, ',', &word))
                if (str_trim(word).n > 0) {
                        format_divide(m, i++, n, out);
                        put_item(m, f, word, v->status == FIELD_ESTIMATED, out);
                }
}

static void put_moment(struct maker *m, const struct case_field *f, struct str value, struct strbuf *out)
{
        struct str zone;
        usec at;

        if (case_moment(value, &at, &zone) < 0)
                put_word(m, f, value, out);
        else if (strcmp(f->name, "next-update") == 0)
                format_date(m, at, out);
        else
                format_time(m, at, out);
}

static enum found put_field(struct maker *m, const struct case_field *f, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        const struct case_value *v = pick(m, f);
        struct count count = { .is_any = true };

        if (strcmp(f->name, "people") == 0)
                return count_people(m, f, out);
        if (!value_is_said(v))
                return value_not_there(f);
        switch (f->kind) {
        case FIELD_NUMBER:
                if (case_number(v->value, &count.least, &count.most, &count.is_open) < 0)
                        return value_not_there(f);
                count.is_estimate = v->status == FIELD_ESTIMATED;
                count_put(m, f, &count, out);
                return FOUND;
        case FIELD_YESNO: strbuf_add(&text, template_text(m->t, str_eqz(v->value, "yes") ? "answers.yes" : "answers.no")); break;
        case FIELD_LIST: put_list(m, f, v, out); return FOUND;
        case FIELD_TIME: put_moment(m, f, v->value, &text); break;
        case FIELD_COUNTRY:
        case FIELD_TEXT: put_word(m, f, str_trim(v->value), &text); break;
        }
        format_estimate(m, v->status == FIELD_ESTIMATED, strbuf_str(&text), out);
        out->failed |= strbuf_failed(&text);
        return FOUND;
}

/* ---- Events ---- */

/* The first sign that was marked; or USEC_NONE. */
static usec first_sign(const struct maker *m)
{
        usec first = USEC_NONE;

        for (int i = 0; i <= EVENT_ASSESSED; i++) {
                const struct case_mark *k = casefile_mark(m->q->file, (enum case_event)i, m->regime->id);

                if (k && (first == USEC_NONE || k->at < first))
                        first = k->at;
        }
        return first;
}

static enum found put_event(struct maker *m, enum case_event event, struct strbuf *out)
{
        const struct case_mark *k = casefile_mark(m->q->file, event, m->regime->id);
        usec at = k ? k->at : event == EVENT_SIGNAL ? first_sign(m) : USEC_NONE;

        if (at == USEC_NONE)
                return FOUND_NOTHING;
        format_time(m, at, out);
        return FOUND;
}

/* "17 November 2026, 16:00: became aware", of all that is marked. */
static enum found put_marks(struct maker *m, struct strbuf *out)
{
        size_t n = 0;

        for (int i = 0; i < _EVENT_MAX; i++) {
                CLEANUP(strbuf_done) struct strbuf time = STRBUF_INIT;
                const struct case_mark *k = casefile_mark(m->q->file, (enum case_event)i, m->regime->id);

                if (!k)
                        continue;
                format_time(m, k->at, &time);
                strbuf_addz(out, n++ > 0 ? "; " : "");
                format_phrase(m->t, "phrases.row",
                              (struct pair[]){ { "label", template_textf(m->t, "events.%s", case_event_name((enum case_event)i)) },
                                               { "value", strbuf_str(&time) } },
                              2, out);
                out->failed |= strbuf_failed(&time);
        }
        return n > 0 ? FOUND : FOUND_NOTHING;
}

/* ---- What is made of several ---- */

static bool has_data(const struct maker *m, const char *words)
{
        const struct case_value *v = casefile_value(m->q->file, STR("data"), STR_NONE);
        struct str rest = value_is_said(v) ? v->value : STR_NONE, word, wanted, w;

        while (str_cut(&rest, ',', &word))
                for (wanted = str_of(words); str_cut(&wanted, ' ', &w);)
                        if (str_eq_nocase(str_trim(word), w))
                                return true;
        return false;
}

static bool is_yes(const struct maker *m, const char *field)
{
        const struct case_value *v = casefile_value(m->q->file, str_of(field), STR_NONE);

        return value_is_said(v) && str_eqz(v->value, "yes");
}

static enum found each_beware(struct maker *m, void (*fn)(struct maker *m, struct str item, const struct content *c), const struct content *c)
{
        static const struct {
                const char *name, *data, *field;
        } rows[] = {
                { "password", "password username", "credentials" },     { "card", "card card-code", "financial" },
                { "bank", "bank-account", NULL },                       { "entrance-code", "entrance-code", NULL },
                { "identity", "id-number passport birth-date", NULL },
        };

        fn(m, template_text(m->t, "beware.general"), c);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (has_data(m, rows[i].data) || (rows[i].field && is_yes(m, rows[i].field)))
                        fn(m, template_textf(m->t, "beware.%s", rows[i].name), c);
        return FOUND;
}

/* What was done with the data, as far as the evidence goes: its field begins with the word. Nobody has said: access. */
static enum found put_use(struct maker *m, struct strbuf *out)
{
        const struct case_value *v = casefile_value(m->q->file, STR("evidence-of-use"), STR_NONE);
        struct str value = value_is_said(v) && v->status == FIELD_CONFIRMED ? str_trim(v->value) : STR_NONE, text;
        char word[12];
        size_t n = 0;

        while (n < value.n && n < sizeof word && str_lower(value.p[n]) >= 'a' && str_lower(value.p[n]) <= 'z') {
                word[n] = str_lower(value.p[n]);
                n++;
        }
        text = template_textf(m->t, "use.%.*s", (int)n, word);
        if (!text.p && value_is_said(v))
                maker_gap(m, GAP_NOTE, STR("evidence-of-use"),
                          STR("evidence-of-use is no confirmed value that begins with viewed, copied, published or sold: the notice says only that there was access"));
        strbuf_add(out, text.p ? text : template_text(m->t, "use.accessed"));
        return FOUND;
}

/* What of a long name goes into an SMS: whole words, where it has several. */
static void put_short_name(struct str name, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf clean = STRBUF_INIT;
        struct str rest, cut;
        size_t n = 0;
        uint32_t c;

        text_display(&clean, name, TEXT_TERMINAL, 0);
        rest = strbuf_str(&clean);
        while (n++ < SMS_NAME_MAX && utf8_next(&rest, &c))
                ;
        cut = str_from(clean.p ? clean.p : "", clean.n - rest.n);
        if (rest.n > 0 && memchr(cut.p, ' ', cut.n))
                while (cut.n > 0 && cut.p[cut.n - 1] != ' ')
                        cut.n--;
        while (rest.n > 0 && cut.n > 1 && strchr(" ,.", cut.p[cut.n - 1]))
                cut.n--;
        strbuf_add(out, cut);
        out->failed |= strbuf_failed(&clean);
}

static enum found put_shop(struct maker *m, struct strbuf *out)
{
        const struct case_value *v = casefile_value(m->q->file, STR("organisation"), STR_NONE);
        struct str rest, name;

        if (!value_is_said(v))
                return FOUND_NOTHING;
        rest = v->value;
        str_cut(&rest, ';', &name);
        if (m->is_short)
                put_short_name(str_trim(name), out);
        else
                put_clean(m, name, out);
        return FOUND;
}

/* A link, else a mail address, else what looks like a number: the first of several words. */
static struct str best_word(struct str text)
{
        struct str rest = text, word, mail = STR_NONE, number = STR_NONE;

        while (str_cut(&rest, ' ', &word)) {
                while (word.n > 0 && strchr(",;.()<>", word.p[word.n - 1]))
                        word.n--;
                while (word.n > 0 && strchr("(<", word.p[0]))
                        word = str_from(word.p + 1, word.n - 1);
                if (word.n > SMS_DESK_MAX || word.n < 5)
                        continue;
                if (str_starts(word, STR("https://")) || str_starts(word, STR("www.")))
                        return word;
                if (!mail.p && memchr(word.p, '@', word.n))
                        mail = word;
                if (!number.p && (word.p[0] == '+' || (word.p[0] >= '0' && word.p[0] <= '9')))
                        number = word;
        }
        return mail.p ? mail : number;
}

static enum found put_desk(struct maker *m, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf clean = STRBUF_INIT;
        const struct case_value *v = casefile_value(m->q->file, STR("help-desk"), STR_NONE);
        struct str word;

        if (!value_is_said(v))
                v = casefile_value(m->q->file, STR("contact"), STR_NONE);
        if (value_is_said(v))
                text_display(&clean, v->value, TEXT_TERMINAL, 0);
        word = best_word(strbuf_str(&clean));
        if (!word.p && clean.n > 0)
                text_display(out, strbuf_str(&clean), TEXT_TERMINAL, SMS_DESK_MAX / 2);
        else
                strbuf_add(out, word);
        out->failed |= strbuf_failed(&clean);
        return clean.n > 0 ? FOUND : FOUND_NOTHING;
}

static enum found put_help(struct maker *m, struct strbuf *out)
{
        const struct case_field *desk = case_field_find(STR("help-desk"));

        return value_is_said(pick(m, desk)) ? put_field(m, desk, out) : put_field(m, case_field_find(STR("contact")), out);
}

/* ---- All of them ---- */

static void join(struct maker *m, struct str item, const struct content *c)
{
        (void)c;
        maker_part(m, DRAFT_ITEM, NULL, false, item);
}

static enum found put_beware(struct maker *m, struct strbuf *out)
{
        size_t from = m->n_parts;

        (void)each_beware(m, join, NULL);
        for (size_t i = from; i < m->n_parts; i++) {
                strbuf_addz(out, i > from ? " " : "");
                strbuf_add(out, m->parts[i].text);
        }
        m->n_parts = from;
        return FOUND;
}

static struct str of_regime(const struct maker *m, const char *what, struct str otherwise)
{
        struct str text = template_textf(m->t, "regimes." STR_FMT ".%s", STR_ARG(m->regime->id), what);

        return text.p ? text : otherwise;
}

static enum found put_law(struct maker *m, struct strbuf *out)
{
        put_clean(m, of_regime(m, "law", m->regime->law), out);
        return FOUND;
}

static enum found put_authority(struct maker *m, struct strbuf *out)
{
        put_clean(m, of_regime(m, "authority", m->regime->authority), out);
        return FOUND;
}

static enum found put_as_of(struct maker *m, struct strbuf *out)
{
        format_time(m, m->q->now, out);
        return FOUND;
}

enum found value_of(struct maker *m, struct str name, struct strbuf *out)
{
        static const struct {
                const char *name, *field; /* that is named when there is none */
                enum found (*put)(struct maker *m, struct strbuf *out);
        } made[] = {
                { "shop", "organisation", put_shop }, { "desk", "help-desk", put_desk },      { "help-desk", "help-desk", put_help }, { "law", "law", put_law },
                { "authority", "authority", put_authority }, { "as-of", "as-of", put_as_of }, { "use", "evidence-of-use", put_use },
                { "beware", "advice", put_beware },
        };
        const struct case_field *f = case_field_find(name);
        enum case_event event = case_event_find(name);
        enum found how = FOUND_NOTHING;

        for (size_t i = 0; i < ARRAY_LEN(made); i++)
                if (str_eqz(name, made[i].name)) {
                        how = made[i].put(m, out);
                        tell_unknown(m, how, str_of(made[i].field));
                        return how;
                }
        if (f) {
                how = put_field(m, f, out);
                if (how != FOUND && str_eqz(name, "chronology"))
                        how = put_marks(m, out);
        } else if (event != _EVENT_MAX) {
                how = put_event(m, event, out);
        }
        tell_unknown(m, how, event != _EVENT_MAX ? arena_printf(m->arena, "@" STR_FMT, STR_ARG(name)) : name);
        return how;
}

enum found value_of_field(struct maker *m, const char *field, struct strbuf *out)
{
        return value_of(m, str_of(field[0] == '@' ? field + 1 : field), out);
}

enum found value_items(struct maker *m, struct str name, void (*fn)(struct maker *m, struct str item, const struct content *c), const struct content *c)
{
        const struct case_field *f = case_field_find(name);
        const struct case_value *v;
        struct str rest, word;

        if (str_eqz(name, "beware"))
                return each_beware(m, fn, c);
        v = f ? pick(m, f) : NULL;
        if (!value_is_said(v)) {
                tell_unknown(m, value_not_there(f), name);
                return value_not_there(f);
        }
        rest = v->value;
        while (str_cut(&rest, ',', &word)) {
                CLEANUP(strbuf_done) struct strbuf marked = STRBUF_INIT;

                if (str_trim(word).n == 0)
                        continue;
                strbuf_addc(&marked, DRAFT_VALUE);
                put_item(m, f, word, v->status == FIELD_ESTIMATED, &marked);
                strbuf_addc(&marked, DRAFT_VALUE_END);
                fn(m, strbuf_str(&marked), c);
                m->failed |= strbuf_failed(&marked);
        }
        return FOUND;
}

struct str value_label(struct maker *m, struct str field)
{
        const struct case_field *f;
        struct str label;

        if (field.n > 0 && field.p[0] == '@')
                return template_textf(m->t, "events." STR_FMT, STR_ARG(str_from(field.p + 1, field.n - 1)));
        if (case_event_find(field) != _EVENT_MAX)
                return template_textf(m->t, "events." STR_FMT, STR_ARG(field));
        label = template_textf(m->t, "fields." STR_FMT, STR_ARG(str_eqz(field, "shop") ? STR("organisation") : str_eqz(field, "desk") ? STR("help-desk") : field));
        f = case_field_find(field);
        return label.p ? label : f ? str_of(f->title) : field;
}

void value_unknown(struct maker *m, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf date = STRBUF_INIT;
        const struct case_field *next = case_field_find(STR("next-update"));

        if (!value_is_said(pick(m, next))) {
                strbuf_add(out, template_text(m->t, "phrases.unknown-undated"));
                return;
        }
        (void)put_field(m, next, &date);
        format_phrase(m->t, "phrases.unknown", (struct pair[]){ { "next-update", strbuf_str(&date) } }, 1, out);
        out->failed |= strbuf_failed(&date);
}

void value_hole(struct maker *m, struct str field, struct strbuf *out)
{
        format_phrase(m->t, "phrases.missing", (struct pair[]){ { "label", value_label(m, field) } }, 1, out);
}
