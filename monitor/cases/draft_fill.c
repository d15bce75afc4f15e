/* SPDX-License-Identifier: Apache-2.0 */

/* Lines of a template with their values. A value is put in between two marks and is never looked at again, so that what looks like a
 * placeholder in it stays what it is. */

#include "monitor/cases/draft_make.h"

enum fill_how { FILL_FRAME, FILL_CONTENT };

/* Fields that only sometimes have anything to say. */
static bool is_conditional(struct str field)
{
        static const char *const names[] = { "delay-reason", "law-enforcement", "others-told", "not-notified", "publication",
                                             "protection-offer", "notice-report", "notices-given", "size-class", "support-needed" };

        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (str_eqz(field, names[i]))
                        return true;
        return false;
}

static void put_hole(struct maker *m, struct str field, struct strbuf *out)
{
        if (is_conditional(field))
                format_phrase(m->t, "phrases.missing-if", (struct pair[]){ { "label", value_label(m, field) } }, 1, out);
        else
                value_hole(m, field, out);
}

/* What a line lacks. */
struct lack {
        struct str names[DRAFT_LINES_MAX]; /* of placeholders that may wait */
        size_t n;
        struct str hole; /* the first that may not */
};

static void note_lack(struct lack *l, enum found how, struct str name)
{
        if (how == FOUND_NOT_YET && l->n < ARRAY_LEN(l->names))
                l->names[l->n++] = name;
        else if (how == FOUND_NOTHING && !l->hole.p)
                l->hole = name;
}

static bool is_ours(struct str name)
{
        return str_eqz(name, "use") || str_eqz(name, "beware");
}

static void put_place(struct maker *m, struct str name, enum fill_how how, struct strbuf *out, struct lack *lack)
{
        CLEANUP(strbuf_done) struct strbuf value = STRBUF_INIT;
        enum found found = value_of(m, name, &value);
        bool is_marked = !m->is_short && !is_ours(name);

        note_lack(lack, found, name);
        if (found == FOUND_NOTHING && how == FILL_FRAME)
                put_hole(m, name, &value);
        else if (found == FOUND_NOT_YET && how == FILL_FRAME)
                strbuf_add(&value, template_text(m->t, "phrases.unknown-short"));
        else if (found != FOUND)
                return;
        if (is_marked)
                strbuf_addc(out, DRAFT_VALUE);
        strbuf_add(out, strbuf_str(&value));
        if (is_marked)
                strbuf_addc(out, DRAFT_VALUE_END);
        m->failed |= strbuf_failed(&value);
}

static bool ends_with_stop(struct str text)
{
        while (text.n > 0 && text.p[text.n - 1] == DRAFT_VALUE_END)
                text.n--;
        return text.n > 0 && text.p[text.n - 1] == '.';
}

static void fill(struct maker *m, struct str line, enum fill_how how, struct strbuf *out, struct lack *lack)
{
        for (size_t i = 0; i < line.n; i++) {
                const char *end = line.p[i] == '{' ? memchr(line.p + i, '}', line.n - i) : NULL;

                if (!end) {
                        strbuf_addc(out, line.p[i]);
                        continue;
                }
                put_place(m, str_from(line.p + i + 1, (size_t)(end - line.p) - i - 1), how, out, lack);
                i = (size_t)(end - line.p);
                if (i + 1 < line.n && line.p[i + 1] == '.' && ends_with_stop(strbuf_str(out))) /* "Hanok Goods Co., Ltd." ends the sentence, too */
                        i++;
        }
}

/* One line into a buffer; *ret_unknown: a value was not there. */
static void fill_line(struct maker *m, struct str line, struct strbuf *out, bool *ret_unknown)
{
        struct lack lack = { .n = 0 };

        fill(m, line, FILL_FRAME, out, &lack);
        *ret_unknown = lack.n > 0 || lack.hole.p;
}

/* ---- Lists ---- */

/* "{data}" alone on its line: each item stands on a line of its own. */
static bool is_list(struct str line, struct str *ret)
{
        line = str_trim(line);
        if (!str_eqz(line, "{data}") && !str_eqz(line, "{beware}"))
                return false;
        *ret = str_from(line.p + 1, line.n - 2);
        return true;
}

static void put_item(struct maker *m, struct str item, const struct content *c)
{
        maker_part(m, DRAFT_ITEM, c, false, item);
}

void fill_frame(struct maker *m, enum draft_kind kind, struct str lines)
{
        struct str rest = lines, line, name;

        while (str_cut(&rest, '\n', &line)) {
                CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
                bool is_unknown = false;

                if (is_list(line, &name) && value_items(m, name, put_item, NULL) == FOUND)
                        continue;
                fill_line(m, line, &text, &is_unknown);
                maker_part(m, kind, NULL, is_unknown, strbuf_str(&text));
                m->failed |= strbuf_failed(&text);
        }
}

/* ---- The text of a content ---- */

static void put_row(struct maker *m, const struct content *c, struct str label, struct str text, bool is_unknown)
{
        size_t before = m->n_parts;

        maker_part(m, DRAFT_ROW, c, is_unknown, text);
        if (m->n_parts > before)
                m->parts[before].label = arena_dup(m->arena, label);
}

static void put_unknown_row(struct maker *m, const struct content *c, struct str field)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        value_unknown(m, &text);
        put_row(m, c, value_label(m, field), strbuf_str(&text), true);
        m->failed |= strbuf_failed(&text);
}

/* Nothing of it is known. */
static void put_nothing(struct maker *m, const struct content *c, const struct lack *lack)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct str field = lack->n > 0 ? lack->names[0] : lack->hole.p ? lack->hole : str_of(c->fields[0]);

        if (lack->n > 0)
                value_unknown(m, &text);
        else
                put_hole(m, field, &text);
        if (m->is_form && lack->n > 0) /* its heading is of several contents */
                put_row(m, c, value_label(m, field), strbuf_str(&text), true);
        else
                maker_part(m, DRAFT_TEXT, c, true, strbuf_str(&text));
        m->failed |= strbuf_failed(&text);
}

/* Whether it is a list with nothing in it; it is noted what it lacks. */
static bool is_empty_list(struct maker *m, struct str line, struct lack *lack)
{
        CLEANUP(strbuf_done) struct strbuf ignored = STRBUF_INIT;
        struct str name;
        enum found how;

        if (!is_list(line, &name))
                return false;
        how = value_of(m, name, &ignored);
        note_lack(lack, how, name);
        return how != FOUND;
}

/* "{narrative}" alone on its line: without a value there is nothing to say. */
static bool is_bare(struct str line)
{
        const char *end;

        line = str_trim(line);
        end = line.n > 0 && line.p[0] == '{' ? memchr(line.p, '}', line.n) : NULL;
        return end && end == line.p + line.n - 1;
}

/* A line whose value may wait is left out, and one that is nothing but a value; in another the hole is seen. */
static size_t put_content_line(struct maker *m, const struct content *c, struct str line, struct lack *lack)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct lack mine = { .n = 0 };
        struct str name;
        bool is_unknown = false;

        if (is_list(line, &name)) {
                (void)value_items(m, name, put_item, c);
                return 1;
        }
        fill(m, line, FILL_CONTENT, &text, &mine);
        for (size_t i = 0; i < mine.n; i++)
                note_lack(lack, FOUND_NOT_YET, mine.names[i]);
        if (mine.hole.p)
                note_lack(lack, FOUND_NOTHING, mine.hole);
        if (mine.hole.p && mine.n == 0 && !is_bare(line)) {
                strbuf_clear(&text);
                fill_line(m, line, &text, &is_unknown);
        } else if (mine.hole.p || mine.n > 0) {
                return 0;
        }
        maker_part(m, DRAFT_TEXT, c, is_unknown, strbuf_str(&text));
        m->failed |= strbuf_failed(&text);
        return 1;
}

void fill_content(struct maker *m, const struct content *c, struct str lines)
{
        struct lack lack = { .n = 0 };
        struct str rest = lines, line;
        size_t written = 0;

        while (str_cut(&rest, '\n', &line)) {
                struct str after = rest, next = STR_NONE;

                if (is_empty_list(m, line, &lack))
                        continue;
                (void)str_cut(&after, '\n', &next); /* a line that leads into an empty list goes with it */
                if (next.p && is_empty_list(m, next, &(struct lack){ .n = 0 }))
                        continue;
                written += put_content_line(m, c, line, &lack);
        }
        if (written == 0)
                put_nothing(m, c, &lack);
        else
                for (size_t i = 0; i < lack.n; i++)
                        put_unknown_row(m, c, lack.names[i]);
}

/* ---- Rows ---- */

static void put_part_row(struct maker *m, struct str label, struct str value, const struct content *c)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        strbuf_addc(&text, DRAFT_VALUE);
        strbuf_add(&text, value);
        strbuf_addc(&text, DRAFT_VALUE_END);
        put_row(m, c, label, strbuf_str(&text), false);
        m->failed |= strbuf_failed(&text);
}

/* Of a content with one field: its heading is label enough. */
static void put_field_text(struct maker *m, const struct content *c, const char *field)
{
        CLEANUP(strbuf_done) struct strbuf value = STRBUF_INIT, text = STRBUF_INIT;
        enum found how = value_of_field(m, field, &value);
        size_t before = m->n_parts;

        if (how == FOUND_NOT_YET)
                value_unknown(m, &text);
        else if (how == FOUND_NOTHING)
                put_hole(m, str_of(field), &text);
        else
                strbuf_addf(&text, "%c%s%c", DRAFT_VALUE, value.p ? value.p : "", DRAFT_VALUE_END);
        maker_part(m, DRAFT_TEXT, c, how != FOUND, strbuf_str(&text));
        if (m->n_parts > before)
                m->parts[before].label = value_label(m, str_of(field)); /* not shown: what it is */
        m->failed |= strbuf_failed(&value) || strbuf_failed(&text);
}

static void put_field_row(struct maker *m, const struct content *c, const char *field, bool is_chief)
{
        CLEANUP(strbuf_done) struct strbuf value = STRBUF_INIT;
        enum found how = value_of_field(m, field, &value);

        if (how == FOUND) {
                put_part_row(m, value_label(m, str_of(field)), strbuf_str(&value), c);
        } else if (how == FOUND_NOT_YET) {
                put_unknown_row(m, c, str_of(field));
        } else if (is_chief) {
                put_hole(m, str_of(field), &value);
                put_row(m, c, value_label(m, str_of(field)), strbuf_str(&value), true);
        }
        m->failed |= strbuf_failed(&value);
}

/* Who still looks into it knows when the first sign was, not that it is so. */
static const char *known_so_far(const struct maker *m, const char *field)
{
        bool is_open = m->q->stage == DRAFT_INVESTIGATING && strcmp(field, "@aware") == 0;

        return is_open && !casefile_mark(m->q->file, EVENT_AWARE, m->regime->id) ? "@signal" : field;
}

/* "Contact", and below it "Contact: ...". */
static bool is_headed_so(struct maker *m, const char *field)
{
        const struct draft_part *p = m->n_parts > 0 ? &m->parts[m->n_parts - 1] : NULL;

        return p && p->kind == DRAFT_HEADING && str_eq_nocase(p->text, value_label(m, str_of(field)));
}

void fill_rows(struct maker *m, const struct content *c)
{
        bool is_text = !c->fields[1] || is_headed_so(m, c->fields[0]);

        if (is_text)
                put_field_text(m, c, c->fields[0]);
        for (size_t i = is_text; i < CONTENT_FIELDS_MAX && c->fields[i]; i++)
                put_field_row(m, c, known_so_far(m, c->fields[i]), i == 0);
        if (strcmp(c->id, "people") == 0) {
                value_people_parts(m, put_part_row, c);
                if (casefile_value(m->q->file, STR("third-parties"), STR_NONE))
                        put_field_row(m, c, "third-parties", false);
        }
}
