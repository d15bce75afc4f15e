/* SPDX-License-Identifier: Apache-2.0 */

/* case-add: one entry, looked at strictly before it is put: it can never be taken out again. case-open is in order_open.c. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/utf8.h"
#include "monitor/base/zone.h"
#include "monitor/cases/order_impl.h"

#define TIME_LAST (INT64_C(253402300799) * USEC_PER_SEC) /* 9999-12-31: with four digits it can be written */

/* ---- Lines ---- */

int case_order_refuse(struct case_order *o, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        strbuf_vaddf(o->answer, fmt, ap);
        va_end(ap);
        strbuf_addc(o->answer, '\n');
        return 0;
}

void case_order_add(struct strbuf *order, const char *key, struct str value)
{
        strbuf_addf(order, "%s ", key);
        for (size_t i = 0; i < value.n; i++)
                switch (value.p[i]) {
                case '\n': strbuf_addz(order, "\\n"); break;
                case '\\': strbuf_addz(order, "\\\\"); break;
                case '\r':
                case '\0': strbuf_addc(order, ' '); break;
                default: strbuf_addc(order, value.p[i]);
                }
        strbuf_addc(order, '\n');
}

struct str case_order_value(const struct case_order *o, const char *key)
{
        struct str from = str_value(o->text, key);
        char *to = arena_alloc(o->arena, from.n + 1);
        size_t n = 0;

        if (!to)
                return STR_NONE;
        for (size_t i = 0; i < from.n; i++) {
                bool is_pair = from.p[i] == '\\' && i + 1 < from.n && (from.p[i + 1] == 'n' || from.p[i + 1] == '\\');

                to[n++] = !is_pair ? from.p[i] : from.p[i + 1] == 'n' ? '\n' : '\\';
                i += is_pair;
        }
        return str_from(to, n);
}

/* ---- What a person may write ---- */

int case_order_text(struct case_order *o, const char *what, struct str text)
{
        struct str rest = text;
        uint32_t c;

        if (!utf8_is_valid(text))
                return case_order_refuse(o, "%s is not UTF-8: type it anew", what);
        while (utf8_next(&rest, &c))
                if ((c < ' ' && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0))
                        return case_order_refuse(o, "%s holds a control character (U+%04X): type it anew", what, (unsigned)c);
        return 1;
}

bool case_zone_is_name(struct str zone)
{
        if (zone.n > CASE_ZONE_MAX)
                return false;
        for (size_t i = 0; i < zone.n; i++) {
                char c = zone.p[i];

                if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && !strchr("_+-/:", c))
                        return false;
        }
        return true;
}

static struct str moment_words(const struct case_order *o, usec at, struct str zone)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct moment m = { .at = at };

        snprintf(m.zone, sizeof m.zone, STR_FMT, STR_ARG(zone.n > 0 ? zone : STR("UTC")));
        moment_format(&m, NULL, &text);
        return strbuf_failed(&text) ? STR("?") : arena_dup(o->arena, strbuf_str(&text));
}

int case_order_moment(struct case_order *o, struct str value, usec *ret, struct str *ret_zone)
{
        if (case_moment(value, ret, ret_zone) < 0 || !case_zone_is_name(*ret_zone))
                return case_order_refuse(o, "that is no time: write --at \"2026-11-17 16:00\", or \"2026-11-17 16:00 Asia/Seoul\"");
        if (*ret > o->now)
                return case_order_refuse(o, STR_FMT " lies in the future: a case has what has been", STR_ARG(moment_words(o, *ret, *ret_zone)));
        if (*ret < 0)
                return case_order_refuse(o, "that was before 1970: which year is meant?");
        return 1;
}

int case_order_alert(struct case_order *o, struct str digits, struct hash128 *ret)
{
        int64_t id = 0;
        int r = store_find_alert(o->s, digits, ret);

        if (r == -ENOTUNIQ)
                return case_order_refuse(o, "several alerts begin with " STR_FMT ": give more digits", STR_ARG(digits));
        if (r == -ENOENT || r == -EBADMSG)
                return case_order_refuse(o, "no alert begins with " STR_FMT " (at least 4 digits of its id are needed)", STR_ARG(digits));
        if (r >= 0)
                r = store_case_of(o->s, ret, &id);
        if (r >= 0 && id > 0)
                return case_order_refuse(o, "alert " STR_FMT " is in case %lld already: shopbell case show %lld", STR_ARG(digits), (long long)id, (long long)id);
        return r < 0 ? r : 1;
}

/* ---- Putting ---- */

/* What of an entry goes into a box under pseudonyms: texts, but not what clocks are made of. */
static enum case_seal seal_of(const struct store_case_entry *e)
{
        static const bool is_open[_CASE_KIND_MAX] = { [CASE_MARK] = true,     [CASE_DONE] = true,    [CASE_REGIME] = true,  [CASE_HOLD] = true,
                                                      [CASE_REVIEWED] = true, [CASE_DRAFTED] = true, [CASE_EXPORTED] = true };
        enum case_kind kind = case_kind_find(e->kind);
        const struct case_field *field;
        struct str part;

        bool stays = e->value.n == 0 || (kind < _CASE_KIND_MAX && is_open[kind]);

        if (!stays && kind == CASE_SET && case_field_split(e->key, &field, &part, NULL) >= 0)
                stays = field->kind != FIELD_TEXT && !field->is_personal;
        return !stays ? CASE_SEAL_ALL : e->evidence.n + e->because.n + e->by.n > 0 ? CASE_SEAL_SAID : CASE_CLEAR;
}

int case_order_put(struct case_order *o, struct store_case_entry *e)
{
        const struct {
                const char *what;
                struct str text;
        } texts[] = { { "the value", e->value }, { "the reason (--because)", e->because }, { "the name (--by)", e->by },
                      { "the evidence", e->evidence }, { "that", e->key } };
        int r = 1;

        for (size_t i = 0; i < ARRAY_LEN(texts) && r > 0; i++)
                r = case_order_text(o, texts[i].what, texts[i].text);
        if (r <= 0)
                return r;
        e->at = o->now;
        e->who = *o->by;
        r = (str_eqz(e->kind, "opened") ? store_case_open : store_case_put)(o->s, e, o->seal ? seal_of(e) : CASE_CLEAR);
        switch (r) {
        case -E2BIG:
                return case_order_refuse(o, "that is too long: a value has at most %d bytes; a reason, a name and the evidence %d", CASE_VALUE_MAX, CASE_TEXT_MAX);
        case -EDQUOT:
                return str_eqz(e->kind, "opened") ? case_order_refuse(o, "%d cases are open: close some", CASES_OPEN_MAX)
                                                  : case_order_refuse(o, "case %lld has %d entries: open another one for what follows",
                                                                      (long long)e->case_id, CASE_ENTRIES_MAX);
        case -ENOENT: return case_order_refuse(o, "there is no case %lld: shopbell case list --all shows them", (long long)e->case_id);
        case -ENOKEY: return case_order_refuse(o, "texts of cases are kept under pseudonyms, and the key of the state folder is missing");
        default: return r < 0 ? r : 1;
        }
}

/* ---- Kinds ---- */

struct adding {
        struct case_order *o;
        const struct casefile *c;
        struct store_case_entry *e;
        struct str change; /* add, remove, or empty */
};

/* A kind that people add: 1: it may be put, 0: refused. May change what is put. */
typedef int check(struct adding *a);

static int check_alert(struct adding *a)
{
        struct hash128 id;
        char hex[HASH128_HEX_BYTES];
        int r = case_order_alert(a->o, a->e->key, &id);

        if (r > 0)
                r = case_order_sentence(a->o, &id, &a->e->value);
        if (r <= 0)
                return r;
        hash128_hex(&id, hex);
        a->e->key = arena_dup(a->o->arena, str_of(hex));
        return a->e->key.p ? 1 : -ENOMEM;
}

/* The id of a regime or of one of its duties. */
static bool is_id(struct str s)
{
        enum { ID_MAX = 40 };

        for (size_t i = 0; i < s.n; i++)
                if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-')
                        return false;
        return s.n > 0 && s.n <= ID_MAX;
}

static int refuse_event(struct case_order *o, struct str name)
{
        case_order_refuse(o, "no event is called " STR_FMT "; there are:", STR_ARG(name));
        for (int i = 0; i < _EVENT_MAX; i++)
                strbuf_addf(o->answer, "  %-15s %s\n", case_event_name((enum case_event)i), case_event_help((enum case_event)i));
        return 0;
}

/* What counts now for that event, of that regime or of all; by the event that stands in for it. _EVENT_MAX: nothing. */
static enum case_event counts_now(const struct casefile *c, enum case_event event, struct str regime, usec *ret, struct str *ret_zone)
{
        usec at[_EVENT_MAX];
        enum case_event from;

        for (int i = 0; i < _EVENT_MAX; i++) {
                const struct case_mark *m = casefile_mark(c, (enum case_event)i, regime);

                at[i] = m ? m->at : USEC_NONE;
        }
        from = case_event_stand_in(at, event, ret);
        if (from < _EVENT_MAX)
                *ret_zone = casefile_mark(c, from, regime)->zone;
        return from;
}

/* A clock that is moved to later needs somebody who says why. */
static int check_later(struct adding *a, enum case_event event, struct str regime, usec at)
{
        struct str zone = STR("");
        usec now_at;
        enum case_event from = counts_now(a->c, event, regime, &now_at, &zone);

        if (from == _EVENT_MAX || at <= now_at || a->e->because.n > 0)
                return 1;
        return case_order_refuse(a->o, "that is later than what counts now (%s, " STR_FMT "): say why with --because", case_event_name(from),
                                 STR_ARG(moment_words(a->o, now_at, zone)));
}

static int check_mark(struct adding *a)
{
        struct str regime = a->e->key, name, zone;
        enum case_event event;
        usec at;
        int r = 1;

        str_cut(&regime, '/', &name);
        event = case_event_find(name);
        if (event == _EVENT_MAX)
                return refuse_event(a->o, name);
        if (regime.p && !is_id(regime))
                return case_order_refuse(a->o, "%s of which law? write %s/kr-pipa, or %s alone for all", case_event_name(event), case_event_name(event),
                                         case_event_name(event));
        if (a->e->value.n > 0) {
                r = case_order_moment(a->o, a->e->value, &at, &zone);
                return r > 0 ? check_later(a, event, regime, at) : r;
        }
        for (size_t i = 0; i < a->c->n_marks; i++)
                if (a->c->marks[i].event == event && str_eq(a->c->marks[i].regime, regime))
                        return a->e->because.n > 0 ? 1 : case_order_refuse(a->o, "why is it taken back? --because TEXT");
        return case_order_refuse(a->o, STR_FMT " is not marked", STR_ARG(a->e->key));
}

static int check_done(struct adding *a)
{
        struct str duty = a->e->key, regime, zone;
        usec at;

        str_cut(&duty, '/', &regime);
        if (!duty.p || !is_id(regime) || !is_id(duty))
                return case_order_refuse(a->o, "which duty of which law? write kr-pipa/authority, as shopbell case shows it");
        if (a->e->value.n > 0)
                return case_order_moment(a->o, a->e->value, &at, &zone);
        for (size_t i = 0; i < a->c->n_marks; i++)
                if (a->c->marks[i].event == _EVENT_MAX && str_eq(a->c->marks[i].regime, regime) && str_eq(a->c->marks[i].duty, duty))
                        return 1;
        return case_order_refuse(a->o, STR_FMT " is not marked as done", STR_ARG(a->e->key));
}

static bool list_has(struct str list, struct str word)
{
        struct str one;

        while (list.n > 0 && str_cut(&list, ',', &one))
                if (str_eq(str_trim(one), word))
                        return true;
        return false;
}

/* `list` with or without the words of the other one. */
static int change_list(struct adding *a, const struct case_field *f, struct str list)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        bool adds = str_eqz(a->change, "add");
        struct str words = a->e->value, rest = list, word;

        while (rest.n > 0 && str_cut(&rest, ',', &word))
                if (adds || !list_has(words, str_trim(word)))
                        strbuf_addf(&out, "%s" STR_FMT, out.n > 0 ? "," : "", STR_ARG(str_trim(word)));
        for (rest = words; str_cut(&rest, ',', &word);) {
                word = str_trim(word);
                if (!adds && !list_has(list, word))
                        return case_order_refuse(a->o, "%s has no " STR_FMT ": it is " STR_FMT, f->name, STR_ARG(word), STR_ARG(list.n > 0 ? list : STR("empty")));
                if (adds && !list_has(strbuf_str(&out), word))
                        strbuf_addf(&out, "%s" STR_FMT, out.n > 0 ? "," : "", STR_ARG(word));
        }
        if (strbuf_failed(&out))
                return -ENOMEM;
        a->e->value = arena_dup(a->o->arena, strbuf_str(&out));
        return a->e->value.p ? 1 : -ENOMEM;
}

/* What there is to be taken back, or to be unknown. */
static int check_empty(struct adding *a, const struct case_value *old, enum field_status status)
{
        if (a->change.n > 0 || a->e->value.n > 0)
                return 1;
        if (status != FIELD_UNKNOWN && !old)
                return case_order_refuse(a->o, STR_FMT " is not set: there is nothing to take back; --unknown says that it is not known", STR_ARG(a->e->key));
        return 1;
}

static int check_set(struct adding *a)
{
        enum field_status status = a->e->status.n > 0 ? field_status_find(a->e->status) : FIELD_CONFIRMED;
        const struct case_value *old;
        const struct case_field *f;
        struct str part, zone;
        struct err err = { 0 };
        usec at;
        int r = case_field_split(a->e->key, &f, &part, &err);

        if (r < 0)
                return case_order_refuse(a->o, "%s", err.text);
        if (part.p && f->kind == FIELD_NUMBER && !case_is_country(part))
                return case_order_refuse(a->o, "%s." STR_FMT ": numbers are by country or state: %s.kr, %s.us-ca", f->name, STR_ARG(part), f->name, f->name);
        if (status == _FIELD_STATUS_MAX)
                return case_order_refuse(a->o, "a field is confirmed, estimated or unknown, not " STR_FMT, STR_ARG(a->e->status));
        if (status == FIELD_UNKNOWN && a->e->value.n > 0)
                return case_order_refuse(a->o, "what is unknown has no value: write " STR_FMT "= with --unknown", STR_ARG(a->e->key));
        old = casefile_value(a->c, str_of(f->name), part);
        r = check_empty(a, old, status);
        if (r <= 0)
                return r;
        if (a->change.n > 0 && (f->kind != FIELD_LIST || a->e->value.n == 0))
                return case_order_refuse(a->o, "+= and -= are for lists, and take words: write " STR_FMT "=VALUE", STR_ARG(a->e->key));
        if (a->e->value.n > 0 && case_field_check(f, a->e->value, &err) < 0)
                return case_order_refuse(a->o, "%s", err.text);
        if (a->e->value.n > 0 && f->kind == FIELD_TIME &&
            (case_moment(a->e->value, &at, &zone) < 0 || !case_zone_is_name(zone) || at < 0 || at > TIME_LAST))
                return case_order_refuse(a->o, "%s takes a time: \"2026-11-17 16:00\", or \"2026-11-17 16:00 Asia/Seoul\"", f->name);
        a->e->status = str_of(field_status_name(status));
        return a->change.n > 0 ? change_list(a, f, old ? old->value : STR("")) : 1;
}

static int check_regime(struct adding *a)
{
        if (!is_id(a->e->key))
                return case_order_refuse(a->o, "which law? shopbell case show lists those that may apply");
        if (a->e->value.n > 0 && !str_eqz(a->e->value, "yes") && !str_eqz(a->e->value, "no"))
                return case_order_refuse(a->o, "does it apply? yes or no");
        return a->e->because.n > 0 ? 1 : case_order_refuse(a->o, "why? --because TEXT: that is what an authority asks for");
}

static int check_hold(struct adding *a)
{
        struct str rest = a->e->key, first;
        int64_t from, to;

        str_cut(&rest, ' ', &first);
        if (str_to_i64(first, &from) < 0 || !rest.p || str_to_i64(rest, &to) < 0 || from > to)
                return case_order_refuse(a->o, "a hold is from a time to a later one");
        return 1;
}

static int check_has_value(struct adding *a)
{
        return a->e->value.n > 0 ? 1 : case_order_refuse(a->o, "that needs a text");
}

static int check_has_key(struct adding *a)
{
        return a->e->key.n > 0 ? 1 : case_order_refuse(a->o, "of what?");
}

static int check_closed(struct adding *a)
{
        return a->e->value.n > 0 ? 1 : case_order_refuse(a->o, "why is it closed? --because TEXT");
}

static int check_reopened(struct adding *a)
{
        if (casefile_is_open(a->c))
                return case_order_refuse(a->o, "case %lld is open", (long long)a->c->id);
        return a->e->value.n > 0 ? 1 : case_order_refuse(a->o, "why is it opened again? --because TEXT");
}

static int check_nothing(struct adding *a)
{
        (void)a;
        return 1;
}

/* To add a kind that people may add: a row. "opened" is not among them. */
static const struct {
        check *fn; /* NULL: no order adds it */
        bool is_after_all; /* also to a case that is closed */
} kinds[_CASE_KIND_MAX] = {
        [CASE_ALERT] = { check_alert, false },
        [CASE_MARK] = { check_mark, false },
        [CASE_DONE] = { check_done, false },
        [CASE_SET] = { check_set, false },
        [CASE_REGIME] = { check_regime, false },
        [CASE_NOTE] = { check_has_value, true },
        [CASE_HOLD] = { check_hold, false },
        [CASE_REACH] = { check_has_key, false },
        [CASE_REVIEWED] = { check_nothing, false },
        [CASE_DRAFTED] = { check_has_key, true },
        [CASE_EXPORTED] = { check_has_key, true },
        [CASE_CLOSED] = { check_closed, false },
        [CASE_REOPENED] = { check_reopened, true },
};

/* ---- Adding ---- */

static bool is_time(const struct store_case_entry *e)
{
        const struct case_field *f;
        struct str part;

        return case_field_split(e->key, &f, &part, NULL) >= 0 && f->kind == FIELD_TIME;
}

static void tell(struct case_order *o, const struct store_case_entry *e, enum case_kind kind)
{
        static const char *const words[_CASE_KIND_MAX] = { [CASE_ALERT] = "one more alert",     [CASE_NOTE] = "noted",          [CASE_HOLD] = "held",
                                                           [CASE_REACH] = "what was reached",   [CASE_REVIEWED] = "reviewed",   [CASE_DRAFTED] = "a draft is noted",
                                                           [CASE_EXPORTED] = "an export is noted", [CASE_CLOSED] = "closed", [CASE_REOPENED] = "open again" };
        enum { SHOWN_MAX = 60 };
        struct str zone;
        usec at;

        strbuf_addf(o->answer, "case %lld: ", (long long)e->case_id);
        if ((kind == CASE_MARK || kind == CASE_DONE) && case_moment(e->value, &at, &zone) >= 0)
                strbuf_addf(o->answer, STR_FMT "%s, " STR_FMT, STR_ARG(e->key), kind == CASE_DONE ? " done" : "", STR_ARG(moment_words(o, at, zone)));
        else if (kind == CASE_MARK || kind == CASE_DONE || (kind == CASE_SET && e->value.n == 0 && !str_eqz(e->status, "unknown")))
                strbuf_addf(o->answer, STR_FMT " is taken back", STR_ARG(e->key));
        else if (kind == CASE_SET && (e->value.n > SHOWN_MAX || is_time(e)))
                strbuf_addf(o->answer, STR_FMT " is set (" STR_FMT ")", STR_ARG(e->key), STR_ARG(e->status));
        else if (kind == CASE_SET)
                strbuf_addf(o->answer, STR_FMT "%s" STR_FMT " (" STR_FMT ")", STR_ARG(e->key), e->value.n > 0 ? " is " : "", STR_ARG(e->value), STR_ARG(e->status));
        else if (kind == CASE_REGIME)
                strbuf_addf(o->answer, STR_FMT " %s", STR_ARG(e->key), str_eqz(e->value, "yes") ? "applies" : e->value.n > 0 ? "does not apply" : "is open again");
        else
                strbuf_addf(o->answer, "%s", words[kind]);
        strbuf_addc(o->answer, '\n');
}

static int read_case(struct case_order *o, struct casefile *ret)
{
        struct str digits = case_order_value(o, "case");
        struct store_case_entry *entries;
        size_t n;
        int64_t id;
        int r;

        if (str_to_i64(digits, &id) < 0 || id <= 0)
                return case_order_refuse(o, "a case has a number: shopbell case shows it");
        r = store_case_entries(o->s, id, o->arena, &entries, &n);
        if (r == -ENOENT)
                return case_order_refuse(o, "there is no case %lld: shopbell case list --all shows them", (long long)id);
        if (r == -E2BIG)
                return case_order_refuse(o, "case %lld has more entries than a case may have: shopbell verify", (long long)id);
        if (r >= 0)
                r = casefile_of(entries, n, o->arena, ret);
        return r < 0 ? r : 1;
}

static int case_add(struct case_order *o)
{
        struct store_case_entry e = {
                .kind = case_order_value(o, "kind"),
                .key = case_order_value(o, "key"),
                .value = case_order_value(o, "value"),
                .status = case_order_value(o, "status"),
                .evidence = case_order_value(o, "evidence"),
                .because = case_order_value(o, "because"),
                .by = case_order_value(o, "by"),
        };
        enum case_kind kind = case_kind_find(e.kind);
        struct casefile c;
        struct adding a = { .o = o, .c = &c, .e = &e, .change = case_order_value(o, "change") };
        int r = read_case(o, &c);

        if (!e.kind.p || !e.key.p || !e.value.p || !e.status.p || !e.evidence.p || !e.because.p || !e.by.p || !a.change.p)
                return -ENOMEM;
        if (r <= 0)
                return r;
        e.case_id = c.id;
        if (kind == _CASE_KIND_MAX || !kinds[kind].fn)
                return case_order_refuse(o, "no such entry can be added to a case");
        if (!casefile_is_open(&c) && !kinds[kind].is_after_all)
                return case_order_refuse(o, "case %lld is closed: shopbell case reopen %lld --because TEXT", (long long)c.id, (long long)c.id);
        r = kinds[kind].fn(&a);
        if (r > 0)
                r = case_order_put(o, &e);
        if (r > 0)
                tell(o, &e, kind);
        return r;
}

/* ---- All ---- */

/* To add a verb: a row, and its lines in order.h. */
static const struct verb {
        const char *verb, *right;
        int (*run)(struct case_order *o);
} verbs[] = {
        { "case-open", "manage", case_order_open },
        { "case-add", "manage", case_add },
};

static const struct verb *verb_of(struct str text, struct str *ret_rest)
{
        struct str verb;

        str_cut(&text, '\n', &verb);
        *ret_rest = text.p ? text : STR("");
        for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
                if (str_eqz(verb, verbs[i].verb))
                        return &verbs[i];
        return NULL;
}

bool case_order_is(struct str text)
{
        struct str rest;

        return verb_of(text, &rest) != NULL;
}

const char *case_order_right(struct str text)
{
        struct str rest;

        return verb_of(text, &rest)->right;
}

int case_order_run(struct str order, struct store *s, const struct who *by, usec now, bool seal, struct strbuf *answer)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct case_order o = { .s = s, .by = by, .now = now, .seal = seal, .arena = arena, .answer = answer };
        const struct verb *verb = verb_of(order, &o.text);
        int r = !arena ? -ENOMEM : verb ? verb->run(&o) : case_order_refuse(&o, "shopbelld knows no such order: is it of another version?");

        return r >= 0 && strbuf_failed(answer) ? -ENOMEM : r;
}
