/* SPDX-License-Identifier: Apache-2.0 */

/* Duties of a regime: what is to be told to whom, from when on, within what. */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "monitor/cases/regime_read.h"

static const char *const to_names[_DUTY_TO_MAX + 1] = {
#define X(id, name) [TO_##id] = name,
        DUTIES_TO(X)
#undef X
};

const char *duty_to_name(enum duty_to to)
{
        return to_names[to];
}

static enum duty_to to_find(struct str name)
{
        for (int i = 0; i < _DUTY_TO_MAX; i++)
                if (str_eqz(name, to_names[i]))
                        return (enum duty_to)i;
        return _DUTY_TO_MAX;
}

/* ---- Spans ---- */

static bool take_number(struct str *s, uint64_t *ret)
{
        size_t n = 0;
        bool is_good;

        *s = str_trim(*s);
        while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
                n++;
        is_good = n > 0 && str_to_u64(str_from(s->p, n), ret) == 0;
        *s = str_trim(str_from(s->p + n, s->n - n));
        return is_good;
}

static const struct {
        const char *words;
        enum within_unit unit;
} units[] = {
        { "hours", WITHIN_HOURS },
        { "hour", WITHIN_HOURS },
        { "calendar days", WITHIN_CALENDAR_DAYS },
        { "calendar day", WITHIN_CALENDAR_DAYS },
        { "working days", WITHIN_WORKING_DAYS },
        { "working day", WITHIN_WORKING_DAYS },
};

/* -EBADMSG: digits that are none of these; -ERANGE: too many. */
static int within_parse(struct str text, enum within_unit *ret_unit, unsigned *ret_amount)
{
        struct str rest = text;
        uint64_t n, times = 1;
        bool has_digit = false;

        for (size_t i = 0; i < text.n; i++)
                has_digit = has_digit || (text.p[i] >= '0' && text.p[i] <= '9');
        *ret_unit = WITHIN_AT_ONCE;
        *ret_amount = 0;
        if (!has_digit)
                return str_trim(text).n > 0 ? 0 : -EBADMSG;
        if (!take_number(&rest, &n))
                return -EBADMSG;
        if (rest.n > 1 && rest.p[0] == 'x') {
                times = n;
                rest = str_from(rest.p + 1, rest.n - 1);
                if (!take_number(&rest, &n) || !str_starts(rest, STR("hour")))
                        return -EBADMSG;
        }
        for (size_t i = 0; i < ARRAY_LEN(units); i++)
                if (str_eqz(rest, units[i].words)) {
                        if (n < 1 || times < 1 || n > WITHIN_MAX || times > WITHIN_MAX || n * times > WITHIN_MAX)
                                return -ERANGE;
                        *ret_unit = units[i].unit;
                        *ret_amount = (unsigned)(n * times);
                        return 0;
                }
        return -EBADMSG;
}

/* ---- Keys ---- */

static int key_id(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct duty *d = to;
        int k = regime_read_id(r, v, &d->id);

        for (const struct duty *other = r->regime->duties; k >= 0 && other < d; other++)
                if (str_eq(other->id, d->id))
                        return regime_fail(r, v, "a second duty " STR_FMT " (the first is in line %u): give each an id of its own",
                                           STR_ARG(d->id), other->line);
        return k;
}

static int key_title(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_text(r, v, &((struct duty *)to)->title);
}

static int key_to(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct duty *d = to;

        d->to = yaml_is_scalar(v) ? to_find(v->text) : _DUTY_TO_MAX;
        return d->to == _DUTY_TO_MAX ? regime_fail(r, v, "to: one of authority, people, assessment, principal, partner") : 0;
}

static int key_start(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct duty *d = to;

        d->start = yaml_is_scalar(v) ? case_event_find(v->text) : _EVENT_MAX;
        if (d->start == _EVENT_MAX)
                return regime_fail(r, v, "start: one of signal, possible, grounds, aware, assessed, told-authority, told-people, handled");
        return 0;
}

static int key_within(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct duty *d = to;
        int k = regime_read_text(r, v, &d->within);

        if (k < 0)
                return k;
        if (within_parse(d->within, &d->unit, &d->amount) == 0)
                return 0;
        if (str_ends(d->within, STR("business days")))
                return regime_fail(r, v, "within: write working days");
        if (str_ends(d->within, STR("days")) || str_ends(d->within, STR("day")))
                return regime_fail(r, v, "within: say which days: \"3 calendar days\" or \"3 working days\"; or \"72 hours\"");
        return regime_fail(r, v, "within: \"72 hours\", \"3 x 24 hours\", \"3 calendar days\", \"3 working days\" (%d at most), or words "
                                 "without a number, such as \"without undue delay\"",
                           WITHIN_MAX);
}

static int key_when(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct duty *d = to;

        return regime_read_expr(r, v, &d->when, &d->when_text);
}

static int key_law(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_text(r, v, &((struct duty *)to)->law);
}

static int key_note(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_note(r, v, &((struct duty *)to)->note);
}

static int read_flag(struct regime_reader *r, const struct yaml *v, bool *ret)
{
        *ret = v->flag;
        return v->kind == YAML_BOOL ? 0 : regime_fail(r, v, "true or false belongs here");
}

static int key_follow_up(struct regime_reader *r, const struct yaml *v, void *to)
{
        return read_flag(r, v, &((struct duty *)to)->is_follow_up);
}

static int key_guide(struct regime_reader *r, const struct yaml *v, void *to)
{
        return read_flag(r, v, &((struct duty *)to)->is_guide);
}

static const struct regime_key keys[] = {
        { "id", key_id },     { "title", key_title }, { "to", key_to },     { "start", key_start },         { "within", key_within },
        { "when", key_when }, { "law", key_law },     { "note", key_note }, { "follow-up", key_follow_up }, { "guide", key_guide },
};

static int read_duty(struct regime_reader *r, const struct yaml *v, struct duty *d)
{
        int k;

        *d = (struct duty){ .to = _DUTY_TO_MAX, .start = _EVENT_MAX, .line = v->line, .col = v->col };
        k = regime_read_keys(r, v, keys, ARRAY_LEN(keys), d);
        if (k < 0)
                return k;
        if (!d->id.p || !d->title.p || d->to == _DUTY_TO_MAX || d->start == _EVENT_MAX || !d->within.p)
                return regime_fail(r, v, "a duty has id, title, to, start and within; %s is missing",
                                   !d->id.p                  ? "id"
                                   : !d->title.p             ? "title"
                                   : d->to == _DUTY_TO_MAX   ? "to"
                                   : d->start == _EVENT_MAX  ? "start"
                                                             : "within");
        return 0;
}

int regime_read_duties(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct regime *g = to;
        int k = 0;

        if (v->kind != YAML_LIST || v->n == 0 || v->n > REGIME_DUTIES_MAX)
                return regime_fail(r, v, "duties: a list of 1 to %d", REGIME_DUTIES_MAX);
        g->duties = arena_array(r->arena, v->n, sizeof *g->duties);
        if (!g->duties)
                return regime_no_room(r);
        for (size_t i = 0; i < v->n && k >= 0; i++) {
                k = read_duty(r, v->items[i], &g->duties[i]);
                g->n_duties++;
        }
        return k;
}

/* ---- Contents ---- */

static int no_such_content(struct regime_reader *r, const struct yaml *v, struct str id)
{
        size_t n;
        const struct content *all = contents(&n);
        CLEANUP(memory_freep) const char **names = calloc(n + 1, sizeof *names);
        CLEANUP(strbuf_done) struct strbuf near = STRBUF_INIT;

        for (size_t i = 0; names && i < n; i++)
                names[i] = all[i].id;
        if (names)
                regime_did_you_mean(id, names, &near);
        return regime_fail(r, v, "no content is called " STR_FMT "%s", STR_ARG(id), near.p ? near.p : "");
}

static int read_content(struct regime_reader *r, const struct yaml *v, struct regime_content *to)
{
        const struct yaml *id = v;
        int k = 0;

        if (v->kind == YAML_MAP && v->n == 1) {
                id = v->pairs[0].key;
                k = regime_read_text(r, v->pairs[0].value, &to->law);
        }
        if (k < 0)
                return k;
        if (!yaml_is_scalar(id))
                return regime_fail(r, v, "a content is its id, or {id: section of the law}");
        to->content = content_find(id->text);
        return to->content ? 0 : no_such_content(r, id, id->text);
}

int regime_read_contents(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct regime *g = to;
        int k = 0;

        if (v->kind != YAML_MAP)
                return regime_fail(r, v, "contents: lists by audience, such as  authority: [data, when, how]");
        for (size_t i = 0; i < v->n; i++) {
                const struct yaml *key = v->pairs[i].key, *list = v->pairs[i].value;
                enum duty_to who = to_find(key->text);

                if (who == _DUTY_TO_MAX)
                        return regime_fail(r, key, "contents are of authority, people, assessment, principal or partner");
                if (list->kind != YAML_LIST || list->n > REGIME_CONTENTS_MAX)
                        return regime_fail(r, list, "a list of at most %d contents belongs here", REGIME_CONTENTS_MAX);
                g->contents[who] = arena_array(r->arena, list->n + 1, sizeof **g->contents);
                if (!g->contents[who])
                        return regime_no_room(r);
                for (size_t m = 0; m < list->n && k >= 0; m++) {
                        k = read_content(r, list->items[m], &g->contents[who][m]);
                        g->n_contents[who]++;
                }
                if (k < 0)
                        return k;
        }
        return 0;
}
