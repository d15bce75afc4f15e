/* SPDX-License-Identifier: Apache-2.0 */

/* What a draft is put together of, audience by audience: a frame of the template around the contents that the law asks for. */

#include "monitor/cases/draft.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"
#include "monitor/cases/draft_make.h"
#include "monitor/cases/draft_sms.h"

static const struct {
        const char *name;
        enum duty_to to;
        const char *texts;
} audiences[_DRAFT_AUDIENCE_MAX] = {
#define X(id, name, to, texts) { name, to, texts },
        DRAFT_AUDIENCES(X)
#undef X
};
static const char *const stage_names[_DRAFT_STAGE_MAX] = {
#define X(id, name) name,
        DRAFT_STAGES(X)
#undef X
};
static const char *const channel_names[_DRAFT_CHANNEL_MAX] = {
#define X(id, name) name,
        DRAFT_CHANNELS(X)
#undef X
};

const char *draft_audience_name(enum draft_audience a)
{
        return audiences[a].name;
}

const char *draft_stage_name(enum draft_stage s)
{
        return stage_names[s];
}

const char *draft_channel_name(enum draft_channel c)
{
        return channel_names[c];
}

enum draft_audience draft_audience_find(struct str name)
{
        for (int i = 0; i < _DRAFT_AUDIENCE_MAX; i++)
                if (str_eqz(name, audiences[i].name))
                        return (enum draft_audience)i;
        return _DRAFT_AUDIENCE_MAX;
}

enum draft_stage draft_stage_find(struct str name)
{
        for (int i = 0; i < _DRAFT_STAGE_MAX; i++)
                if (str_eqz(name, stage_names[i]))
                        return (enum draft_stage)i;
        return _DRAFT_STAGE_MAX;
}

enum draft_channel draft_channel_find(struct str name)
{
        for (int i = 0; i < _DRAFT_CHANNEL_MAX; i++)
                if (str_eqz(name, channel_names[i]))
                        return (enum draft_channel)i;
        return _DRAFT_CHANNEL_MAX;
}

/* ---- Parts and gaps ---- */

/* Room for one more item. */
static bool grow(struct maker *m, void **items, size_t n, size_t *cap, size_t max, size_t size)
{
        void *more;

        if (n < *cap)
                return true;
        if (n >= max) {
                m->failed = true;
                return false;
        }
        *cap = size_min(max, *cap ? 2 * *cap : 64);
        more = arena_array(m->arena, *cap, size);
        if (more && n > 0)
                memcpy(more, *items, n * size);
        m->failed |= !more;
        if (more)
                *items = more;
        return more != NULL;
}

void maker_part(struct maker *m, enum draft_kind kind, const struct content *c, bool is_unknown, struct str text)
{
        void *items = m->parts;
        bool is_room = grow(m, &items, m->n_parts, &m->cap_parts, DRAFT_PARTS_MAX, sizeof *m->parts);

        m->parts = items;
        if (!is_room)
                return;
        m->parts[m->n_parts] = (struct draft_part){ .kind = kind, .content = c, .is_unknown = is_unknown, .text = arena_dup(m->arena, text) };
        m->failed |= text.p && !m->parts[m->n_parts].text.p;
        m->n_parts++;
}

void maker_gap(struct maker *m, enum draft_gap_kind kind, struct str field, struct str why)
{
        void *items = m->gaps;
        bool is_room;

        for (size_t i = 0; i < m->n_gaps; i++)
                if (m->gaps[i].kind == kind && str_eq(m->gaps[i].field, field) && (kind != GAP_NOTE || str_eq(m->gaps[i].why, why)))
                        return;
        is_room = grow(m, &items, m->n_gaps, &m->cap_gaps, DRAFT_GAPS_MAX, sizeof *m->gaps);
        m->gaps = items;
        if (is_room)
                m->gaps[m->n_gaps++] = (struct draft_gap){ kind, arena_dup(m->arena, field), arena_dup(m->arena, why) };
}

static void note(struct maker *m, struct str why)
{
        maker_gap(m, GAP_NOTE, STR_NONE, why);
}

/* ---- Contents ---- */

static struct str content_text(const struct maker *m, const struct content *c, const char *what)
{
        struct str text = template_textf(m->t, "regimes." STR_FMT ".contents.%s.%s", STR_ARG(m->regime->id), c->id, what);

        return text.p ? text : template_textf(m->t, "contents.%s.%s", c->id, what);
}

static void put_heading(struct maker *m, const struct content *c, struct str title, struct str law)
{
        size_t at = m->n_parts;

        maker_part(m, DRAFT_HEADING, c, false, title);
        if (m->n_parts > at)
                m->parts[at].law = law;
}

static bool is_for_people(const struct maker *m)
{
        return m->q->to == DRAFT_PEOPLE;
}

/* What to say of a content to people, else its rows. */
static void put_body(struct maker *m, const struct content *c)
{
        struct str text = content_text(m, c, stage_names[m->q->stage]);

        if (!text.p)
                text = content_text(m, c, "text");
        if (text.p && is_for_people(m))
                fill_content(m, c, text);
        else
                fill_rows(m, c);
}

/* A heading that says "you", or that something is so, has another form for the authority and while that is looked into. */
static struct str title_of(const struct maker *m, const struct content *c)
{
        struct str title = content_text(m, c, is_for_people(m) ? "title-investigating" : "title-filing");

        if (is_for_people(m) && m->q->stage != DRAFT_INVESTIGATING)
                title = STR_NONE;
        return title.p ? title : content_text(m, c, "title");
}

static void put_content(struct maker *m, const struct content *c, struct str law)
{
        put_heading(m, c, title_of(m, c), is_for_people(m) ? STR_NONE : law);
        put_body(m, c);
}

struct wanted {
        struct regime_content items[100];
        size_t n;
};

static bool is_wanted(const struct wanted *w, const struct content *c)
{
        for (size_t i = 0; i < w->n; i++)
                if (w->items[i].content == c)
                        return true;
        return false;
}

static void want(struct wanted *w, const char *id)
{
        const struct content *c = content_find(str_of(id));

        if (c && !is_wanted(w, c) && w->n < ARRAY_LEN(w->items))
                w->items[w->n++] = (struct regime_content){ .content = c };
}

/* What the law asks for, and what no notice may lack. */
static void list_contents(struct maker *m, struct wanted *w)
{
        static const char *const people[] = { "nature", "when", "data", "consequences", "measures" };
        static const char *const authority[] = { "nature", "when", "data", "people", "consequences", "measures" };
        enum duty_to to = audiences[m->q->to].to;

        for (size_t i = 0; i < m->regime->n_contents[to] && w->n < ARRAY_LEN(w->items); i++)
                if (!is_wanted(w, m->regime->contents[to][i].content))
                        w->items[w->n++] = m->regime->contents[to][i];
        if (w->n == 0) {
                note(m, STR("this law's file names no contents for them: these are what most laws ask for"));
                for (size_t i = 0; is_for_people(m) && i < ARRAY_LEN(people); i++)
                        want(w, people[i]);
                for (size_t i = 0; !is_for_people(m) && i < ARRAY_LEN(authority); i++)
                        want(w, authority[i]);
        }
        /* The hours count from it, and of what is looked into it is the first that is known. */
        if (m->q->to == DRAFT_AUTHORITY && !is_wanted(w, content_find(STR("chronology"))))
                want(w, "first-aware");
        want(w, is_for_people(m) ? "advice" : "organisation");
        want(w, "contact");
        want(w, "next-update");
}

/* "What Happened: nature when": headings that a law prescribes, each with the contents below it. */
static void put_form(struct maker *m, struct wanted *w, struct str form)
{
        struct str rest = form, line, ids, id;
        bool done[ARRAY_LEN(w->items)] = { false };

        while (str_cut(&rest, '\n', &line)) {
                struct str first = STR_NONE, title;
                size_t n = 0, at = w->n;

                ids = line;
                str_cut(&ids, ':', &title);
                put_heading(m, NULL, str_trim(title), STR_NONE);
                for (struct str words = ids; str_cut(&words, ' ', &id);) {
                        if (id.n > 0 && !first.p)
                                first = id;
                        for (size_t i = 0; id.n > 0 && i < at; i++)
                                if (!done[i] && str_eqz(id, w->items[i].content->id)) {
                                        put_body(m, w->items[i].content);
                                        done[i] = true;
                                        n++;
                                }
                }
                if (n == 0 && content_find(first))
                        put_body(m, content_find(first));
        }
        for (size_t i = 0; i < w->n; i++)
                if (!done[i])
                        put_body(m, w->items[i].content);
}

static void put_contents(struct maker *m)
{
        struct wanted w = { .n = 0 };
        struct str form = template_textf(m->t, "regimes." STR_FMT ".form", STR_ARG(m->regime->id));

        list_contents(m, &w);
        if (form.p && is_for_people(m)) {
                m->is_form = true;
                put_form(m, &w, form);
                return;
        }
        for (size_t i = 0; i < w.n; i++)
                put_content(m, w.items[i].content, w.items[i].law);
}

/* ---- What stands there twice ---- */

static bool is_same_part(const struct draft_part *a, const struct draft_part *b)
{
        return a->is_unknown == b->is_unknown && str_eq(a->label, b->label) && str_eq(a->text, b->text);
}

static bool is_beside(const struct maker *m, size_t i, size_t k)
{
        return k < m->n_parts && m->parts[k].kind != DRAFT_HEADING && m->parts[k].content == m->parts[i].content;
}

/* A line of a content that has others. */
static bool may_go(const struct maker *m, size_t i)
{
        return m->parts[i].kind != DRAFT_ITEM && m->parts[i].content && ((i > 0 && is_beside(m, i, i - 1)) || is_beside(m, i, i + 1));
}

/* Of the first field of a content: what that one is about. */
static bool is_chief(const struct maker *m, size_t i)
{
        return i > 0 && !is_beside(m, i, i - 1);
}

static void take_out(struct maker *m, size_t i)
{
        memmove(&m->parts[i], &m->parts[i + 1], (m->n_parts - i - 1) * sizeof *m->parts);
        m->n_parts--;
}

/* What several contents of a law ask for ("measures", "relief") is said once: where it is the chief thing, else in the last place; but no
 * content is left with nothing. */
static void leave_out_repeats(struct maker *m)
{
        for (size_t i = 1; i < m->n_parts; i++)
                for (size_t k = 0; k < i; k++) {
                        bool is_first_to_go;

                        if (m->parts[i].content == m->parts[k].content || (m->parts[i].is_unknown && m->parts[i].label.n == 0) ||
                            !is_same_part(&m->parts[i], &m->parts[k]))
                                continue;
                        is_first_to_go = may_go(m, k) && (!is_chief(m, k) || is_chief(m, i) || !may_go(m, i));
                        if (!is_first_to_go && !may_go(m, i))
                                continue;
                        take_out(m, is_first_to_go ? k : i);
                        i--;
                        break;
                }
}

/* ---- Audiences ---- */

/* Laws about incidents that need no personal data have words of their own. */
static bool is_filing(const struct maker *m)
{
        return m->q->to == DRAFT_AUTHORITY || m->q->to == DRAFT_PRINCIPAL || m->q->to == DRAFT_PARTNER;
}

static void put_opening(struct maker *m)
{
        struct str own = is_filing(m) ? template_textf(m->t, "regimes." STR_FMT ".filing-opening", STR_ARG(m->regime->id)) : STR_NONE;

        fill_frame(m, DRAFT_TEXT,
                   own.p ? own : template_textf(m->t, "%s.opening.%s", audiences[m->q->to].texts, stage_names[m->q->stage]));
}

static void put_title(struct maker *m)
{
        struct str title = STR_NONE;

        if (is_for_people(m) && m->q->channel == DRAFT_EMAIL)
                title = template_textf(m->t, "regimes." STR_FMT ".title", STR_ARG(m->regime->id));
        else if (is_filing(m))
                title = template_textf(m->t, "regimes." STR_FMT ".filing-title", STR_ARG(m->regime->id));
        if (!title.p)
                title = template_textf(m->t, "titles.%s.%s", audiences[m->q->to].texts, stage_names[m->q->stage]);
        fill_frame(m, DRAFT_TITLE, title);
}

static void put_as_of(struct maker *m)
{
        fill_frame(m, DRAFT_TEXT, template_text(m->t, "phrases.as-of"));
}

static void make_letter(struct maker *m)
{
        const char *texts = audiences[m->q->to].texts;

        put_title(m);
        if (is_for_people(m))
                fill_frame(m, DRAFT_TEXT, template_text(m->t, "people.greeting"));
        put_opening(m);
        put_as_of(m);
        put_contents(m);
        leave_out_repeats(m);
        maker_part(m, DRAFT_HEADING, NULL, false, STR(""));
        fill_frame(m, DRAFT_TEXT, template_textf(m->t, "%s.closing", texts));
}

static void make_lines(struct maker *m, const char *group)
{
        put_title(m);
        put_as_of(m);
        fill_frame(m, DRAFT_TEXT, template_textf(m->t, "%s.%s", group, stage_names[m->q->stage]));
}

static void make_sms(struct maker *m)
{
        m->is_short = true;
        fill_frame(m, DRAFT_TEXT, template_textf(m->t, "sms.%s", stage_names[m->q->stage]));
        if (m->n_parts > 0)
                m->parts[0].text = sms_fold(m->arena, m->parts[0].text);
}

static void make(struct maker *m)
{
        switch (m->q->to) {
        case DRAFT_PRESS: make_lines(m, "press.statement"); return;
        case DRAFT_SUPPORT: make_lines(m, "support.script"); return;
        default: break;
        }
        if (m->q->channel == DRAFT_SMS)
                make_sms(m);
        else if (m->q->channel == DRAFT_IN_APP)
                make_lines(m, "in-app");
        else
                make_letter(m);
}

/* ---- What the seller is told ---- */

static bool is_word(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Whether the term stands in the text; one that begins or ends with a Latin letter as a word of its own. Both are folded. */
static bool has_term(struct str text, struct str term)
{
        for (size_t from = 0; term.n > 0 && from + term.n <= text.n;) {
                size_t at = str_find(str_from(text.p + from, text.n - from), term), end;

                if (at == SIZE_MAX)
                        return false;
                at += from;
                end = at + term.n;
                if ((at == 0 || !is_word(term.p[0]) || !is_word(text.p[at - 1])) &&
                    (end >= text.n || !is_word(term.p[term.n - 1]) || !is_word(text.p[end])))
                        return true;
                from = at + 1;
        }
        return false;
}

static void note_avoided(struct maker *m)
{
        struct str terms = template_text(m->t, "avoid"), term;

        while (str_cut(&terms, '\n', &term)) {
                struct str folded = utf8_fold(m->arena, str_trim(term));

                for (size_t i = 0; i < m->n_parts && folded.p; i++) {
                        struct str text = utf8_fold(m->arena, m->parts[i].text);

                        m->failed |= !text.p;
                        if (text.p && has_term(text, folded)) {
                                maker_gap(m, GAP_AVOID, str_trim(term), STR_NONE);
                                break;
                        }
                }
        }
}

static bool is_language_of(const struct maker *m)
{
        for (size_t i = 0; i < m->regime->n_languages; i++) {
                struct str l = m->regime->languages[i];

                if (str_eq_nocase(l, m->t->lang) || str_starts(l, m->t->lang) || str_starts(m->t->lang, l))
                        return true;
        }
        return m->regime->n_languages == 0;
}

/* At the time of the case, which may be long ago. */
static void note_force(struct maker *m)
{
        usec at[_EVENT_MAX], known;

        for (int i = 0; i < _EVENT_MAX; i++) {
                const struct case_mark *k = casefile_mark(m->q->file, (enum case_event)i, m->regime->id);

                at[i] = k ? k->at : USEC_NONE;
        }
        case_event_stand_in(at, EVENT_AWARE, &known);
        if (!regime_is_in_force(m->regime, known != USEC_NONE ? known : m->q->now))
                note(m, known != USEC_NONE ? STR("this law was not in force when the shop knew of it") : STR("this law is not in force now"));
}

static void note_rest(struct maker *m)
{
        note_force(m);
        if (!is_language_of(m))
                note(m, arena_printf(m->arena, "this law's languages do not have " STR_FMT "; the first is " STR_FMT, STR_ARG(m->t->lang),
                                     STR_ARG(m->regime->languages[0])));
        if (m->q->channel == DRAFT_IN_APP || m->q->channel == DRAFT_SMS)
                note(m, STR("a short form: it does not hold all that the law asks for; send it together with the mail, or with a link to it"));
        if (m->q->file->n_unread > 0)
                note(m, STR("some entries of the case lie in a box that was not opened: their values are missing here (--reveal)"));
        if (!template_text(m->t, "reviewed").p)
                note(m, arena_printf(m->arena, "nobody has said that the wording in " STR_FMT " was reviewed (key reviewed of the template)", STR_ARG(m->t->lang)));
}

static int by_kind(const void *a, const void *b)
{
        const struct draft_gap *x = a, *y = b;

        return x->kind != y->kind ? (int)x->kind - (int)y->kind : str_cmp(x->field, y->field);
}

/* ---- All ---- */

static int measure_sms(struct draft *d, struct err *reterr)
{
        sms_measure(d->n_parts > 0 ? d->parts[0].text : STR_NONE, &d->sms);
        if (d->sms.parts <= SMS_PARTS_MAX)
                return 0;
        return err_set(reterr, -E2BIG, "the SMS has %zu characters%s, which take %zu parts; at most %d: shorten organisation (up to its ;) and help-desk",
                       d->sms.units, d->sms.is_ucs2 ? " of UCS-2" : "", d->sms.parts, SMS_PARTS_MAX);
}

static int set_channel(struct draft_request *q, struct err *reterr)
{
        bool is_sheet = q->to != DRAFT_PEOPLE;

        if (q->channel == _DRAFT_CHANNEL_MAX)
                q->channel = is_sheet ? DRAFT_SHEET : DRAFT_EMAIL;
        if (is_sheet != (q->channel == DRAFT_SHEET))
                return err_set(reterr, -EINVAL, is_sheet ? "what goes to %s is a sheet: leave out --channel" : "%s are told over the channel email, in-app or sms",
                               audiences[q->to].name);
        return 0;
}

int draft_make(const struct draft_request *q, struct arena *arena, struct draft *ret, struct err *reterr)
{
        CLEANUP(zone_freep) struct zone *zone = NULL;
        struct draft d = { .of = *q };
        struct maker m = { .q = &d.of, .t = q->template, .regime = q->regime, .arena = arena };
        int r = set_channel(&d.of, reterr);

        if (r < 0)
                return r;
        r = zone_open(NULL, q->regime->zone, &zone, reterr);
        if (r < 0)
                return r;
        m.zone = zone;
        make(&m);
        note_avoided(&m);
        note_rest(&m);
        if (m.failed)
                return err_set(reterr, -ENOMEM, "out of memory, or more than %d paragraphs", DRAFT_PARTS_MAX);
        if (m.n_gaps > 0)
                qsort(m.gaps, m.n_gaps, sizeof *m.gaps, by_kind);
        d.parts = m.parts;
        d.n_parts = m.n_parts;
        d.gaps = m.gaps;
        d.n_gaps = m.n_gaps;
        r = d.of.channel == DRAFT_SMS ? measure_sms(&d, reterr) : 0;
        if (r == 0)
                *ret = d;
        return r;
}
