/* SPDX-License-Identifier: Apache-2.0 */

/* case-open: a case from alerts, or from what somebody told, with what is known of it already. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/utf8.h"
#include "monitor/cases/order_impl.h"

enum { LIST_BYTES_MAX = 2000 }; /* of addresses and the like that are written in */

/* What the alerts tell, gathered. */
struct gathering {
        struct case_order *o;
        struct hash128 ids[CASE_ORDER_ALERTS_MAX];
        struct str sentences[CASE_ORDER_ALERTS_MAX];
        size_t n;
        usec first; /* of the records; USEC_NONE: none */
        char first_id[HASH128_HEX_BYTES];
        usec raised;
        char raised_id[HASH128_HEX_BYTES];
        struct strbuf addresses, systems, detected;
        size_t left_out; /* addresses for which there was no room */
};

/* Its beginning, whole characters. */
static struct str cut(struct str text, size_t max)
{
        struct str line = text;

        if (text.n <= max)
                return text;
        line.n = max;
        while (line.n > 0 && ((unsigned char)text.p[line.n] & 0xC0) == 0x80)
                line.n--;
        return line;
}

/* The text with what a log may have slipped into it made harmless. Absent: no memory. */
static struct str clean(const struct case_order *o, struct str text, size_t max)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;

        text_display(&out, text, TEXT_TERMINAL, 0);
        return strbuf_failed(&out) ? STR_NONE : arena_dup(o->arena, cut(strbuf_str(&out), max));
}

/* ---- What alerts tell ---- */

struct sentence_call {
        struct case_order *o;
        struct str sentence;
        bool is_merged;
        char into[HASH128_HEX_BYTES];
};

static int on_sentence(void *userdata, const struct query_alert *a)
{
        struct sentence_call *call = userdata;

        call->is_merged = !hash128_is_zero(&a->merged_into);
        hash128_hex(&a->merged_into, call->into);
        call->sentence = clean(call->o, a->sentence, CASE_VALUE_MAX);
        return call->sentence.p ? 0 : -ENOMEM;
}

int case_order_sentence(struct case_order *o, const struct hash128 *id, struct str *ret)
{
        const struct query_filter filter = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true, .only = id };
        CLEANUP(query_closep) struct query *q = NULL;
        struct sentence_call call = { .o = o, .sentence = STR("") };
        int r = query_of(o->s, &q);

        if (r >= 0)
                r = query_alerts(q, &filter, on_sentence, &call);
        if (r >= 0 && call.is_merged)
                return case_order_refuse(o, "that alert was merged into %.8s: take that one", call.into);
        *ret = call.sentence;
        return r < 0 ? r : 1;
}

/* Once, divided by `sep`. False: there is no room. */
static bool add_once(struct strbuf *list, const char *sep, struct str word)
{
        struct str rest = strbuf_str(list);

        for (size_t at; rest.n > 0; rest = str_from(rest.p + at, rest.n - at)) {
                at = str_find(rest, str_of(sep));
                if (str_eq(str_from(rest.p, at == SIZE_MAX ? rest.n : at), word))
                        return true;
                if (at == SIZE_MAX)
                        break;
                at += strlen(sep);
        }
        if (list->n + word.n + 2 > LIST_BYTES_MAX)
                return false;
        if (list->n > 0)
                strbuf_addz(list, sep);
        strbuf_add(list, word);
        return true;
}

static int on_involved(void *userdata, enum involved kind, struct str value, uint64_t count)
{
        struct gathering *g = userdata;

        (void)count;
        if (kind != INVOLVED_ADDRESS || value.n == 0)
                return 0;
        value = clean(g->o, value, LIST_BYTES_MAX);
        if (value.p && !add_once(&g->addresses, ", ", value))
                g->left_out++;
        return value.p ? 0 : -ENOMEM;
}

static int on_alert(void *userdata, const struct query_alert *a)
{
        struct gathering *g = userdata;
        struct str source = clean(g->o, a->source, LIST_BYTES_MAX);

        if (g->first == USEC_NONE || a->first_seen < g->first) {
                g->first = a->first_seen;
                hash128_hex(&a->id, g->first_id);
        }
        if (g->raised == USEC_NONE || a->raised_at < g->raised) {
                g->raised = a->raised_at;
                hash128_hex(&a->id, g->raised_id);
        }
        if (!source.p)
                return -ENOMEM;
        add_once(&g->systems, ", ", source);
        add_once(&g->detected, "; ", g->sentences[g->n]);
        return 0;
}

static int gather_one(struct gathering *g, struct query *q, struct str digits)
{
        const struct query_filter filter = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true, .only = &g->ids[g->n] };
        int r = g->n < CASE_ORDER_ALERTS_MAX ? case_order_alert(g->o, digits, &g->ids[g->n])
                                             : case_order_refuse(g->o, "a case begins with at most %d alerts: add the others to it later", CASE_ORDER_ALERTS_MAX);

        if (r <= 0)
                return r;
        for (size_t i = 0; i < g->n; i++)
                if (hash128_eq(&g->ids[i], &g->ids[g->n]))
                        return 1;
        r = case_order_sentence(g->o, &g->ids[g->n], &g->sentences[g->n]);
        if (r <= 0)
                return r;
        r = query_alerts(q, &filter, on_alert, g);
        if (r >= 0)
                r = query_involved(q, &g->ids[g->n], on_involved, g);
        g->n++;
        return r < 0 ? r : 1;
}

static int gather(struct gathering *g)
{
        CLEANUP(query_closep) struct query *q = NULL;
        struct str rest = g->o->text, line, key;
        int r = query_of(g->o->s, &q);

        if (r < 0)
                return r;
        r = 1;
        while (r > 0 && str_cut(&rest, '\n', &line)) {
                struct str value = line;

                str_cut(&value, ' ', &key);
                if (str_eqz(key, "alert"))
                        r = gather_one(g, q, str_trim(value.p ? value : STR("")));
        }
        return r;
}

/* ---- The entries ---- */

struct opening {
        struct case_order *o;
        int64_t id;
        struct str by, zone;
};

static int put_of(const struct opening *new, const char *kind, struct str key, struct str value, const char *status, struct str evidence, struct str because)
{
        struct store_case_entry e = { .case_id = new->id, .kind = str_of(kind), .key = key, .value = value, .status = str_of(status),
                                      .evidence = evidence, .because = because, .by = new->by };

        return case_order_put(new->o, &e);
}

static struct str moment_text(const struct opening *new, usec at)
{
        return arena_printf(new->o->arena, "%lld " STR_FMT, (long long)at, STR_ARG(new->zone));
}

/* Fields that the alerts give. */
static int put_fields(const struct opening *new, const struct gathering *g)
{
        const struct {
                const char *field;
                struct str value;
                const char *evidence;
        } rows[] = {
                { "started", moment_text(new, g->first), g->first_id },
                { "addresses", g->left_out ? arena_printf(new->o->arena, STR_FMT ", and %zu more", STR_ARG(strbuf_str(&g->addresses)), g->left_out)
                                           : strbuf_str(&g->addresses), g->first_id },
                { "systems", strbuf_str(&g->systems), g->first_id },
                { "detected", arena_printf(new->o->arena, "An alert of shopbell: " STR_FMT, STR_ARG(strbuf_str(&g->detected))), g->raised_id },
        };
        int r = 1;

        for (size_t i = 0; i < ARRAY_LEN(rows) && r > 0; i++) {
                if (!rows[i].value.p)
                        return -ENOMEM;
                if (rows[i].value.n > 0)
                        r = put_of(new, "set", str_of(rows[i].field), rows[i].value, "estimated", str_of(rows[i].evidence), STR("as the alerts tell"));
        }
        return r;
}

static int put_alerts(const struct opening *new, const struct gathering *g)
{
        int r = 1;

        for (size_t i = 0; i < g->n && r > 0; i++) {
                char hex[HASH128_HEX_BYTES];

                hash128_hex(&g->ids[i], hex);
                r = put_of(new, "alert", str_of(hex), g->sentences[i], "", STR(""), STR(""));
        }
        return r;
}

/* The earlier of when it was told and when the first alert was raised. */
static int put_signal(const struct opening *new, const struct gathering *g, struct str signal, usec at, struct str zone)
{
        bool is_told = signal.n > 0 && (g->raised == USEC_NONE || at <= g->raised);
        struct opening told = *new;

        if (is_told)
                told.zone = zone;
        return put_of(&told, "mark", STR("signal"), moment_text(&told, is_told ? at : g->raised), "", is_told ? STR("") : str_of(g->raised_id),
                      is_told ? cut(signal, CASE_TEXT_MAX) : STR("shopbell raised the alert"));
}

static int put_hold(const struct opening *new, usec first)
{
        usec from = first > INT64_MIN + 2 + CASE_HOLD_BEFORE ? first - CASE_HOLD_BEFORE : first;
        struct str key = arena_printf(new->o->arena, "%lld %lld", (long long)from, (long long)INT64_MAX);

        return key.p ? put_of(new, "hold", key, STR(""), "", STR(""), STR("what is kept may show how far it went")) : -ENOMEM;
}

static int put_all(struct opening *new, const struct gathering *g, struct str title, struct str signal, usec at, struct str zone)
{
        struct store_case_entry e = { .kind = STR("opened"), .value = title, .by = new->by };
        int r = case_order_put(new->o, &e);

        new->id = e.case_id;
        if (r > 0)
                r = put_alerts(new, g);
        if (r > 0)
                r = put_signal(new, g, signal, at, zone);
        if (r > 0 && g->n > 0)
                r = put_fields(new, g);
        if (r > 0 && g->n == 0)
                r = put_of(new, "set", STR("detected"), signal, "confirmed", STR(""), STR(""));
        else if (r > 0 && signal.n > 0)
                r = put_of(new, "note", STR(""), signal, "", STR(""), STR(""));
        return r > 0 ? put_hold(new, g->first != USEC_NONE && (signal.n == 0 || g->first < at) ? g->first : at) : r;
}

/* Whatever may be refused is, before anything is put. */
static int check_texts(struct case_order *o, struct str title, struct str signal, struct str by)
{
        int r = case_order_text(o, "the title", title);

        if (r > 0)
                r = case_order_text(o, "the signal", signal);
        if (r > 0)
                r = case_order_text(o, "the name (--by)", by);
        if (r > 0 && (signal.n > CASE_VALUE_MAX || by.n > CASE_TEXT_MAX))
                return case_order_refuse(o, "that is too long: a signal has at most %d bytes, a name %d", CASE_VALUE_MAX, CASE_TEXT_MAX);
        return r;
}

static int open_case(struct case_order *o, struct gathering *g)
{
        struct str title = case_order_value(o, "title"), signal = case_order_value(o, "signal"), at_text = case_order_value(o, "at"), zone = STR("");
        struct opening new = { .o = o, .by = case_order_value(o, "by"), .zone = case_order_value(o, "zone") };
        usec at = USEC_NONE;
        int r = gather(g);

        if (!title.p || !signal.p || !at_text.p || !new.by.p || !new.zone.p)
                return -ENOMEM;
        if (r > 0 && g->n == 0 && signal.n == 0)
                return case_order_refuse(o, "a case begins with alerts (--from ALERT), or with what somebody told (--signal TEXT --at TIME)");
        if (r > 0 && signal.n > 0 && at_text.n == 0)
                return case_order_refuse(o, "when was that told? --at \"2026-11-17 16:00\"");
        if (r > 0 && signal.n > 0)
                r = case_order_moment(o, at_text, &at, &zone);
        if (r > 0)
                r = check_texts(o, title, signal, new.by);
        if (r <= 0)
                return r;
        if (!case_zone_is_name(new.zone) || new.zone.n == 0)
                new.zone = STR("UTC");
        title = clean(o, title.n > 0 ? title : signal.n > 0 ? signal : g->sentences[0], CASE_TITLE_MAX);
        r = title.p ? put_all(&new, g, title, signal, at, zone) : -ENOMEM;
        if (r > 0)
                strbuf_addf(o->answer, "case %lld\n", (long long)new.id);
        return r;
}

int case_order_open(struct case_order *o)
{
        struct gathering g = { .o = o, .first = USEC_NONE, .raised = USEC_NONE, .addresses = STRBUF_INIT, .systems = STRBUF_INIT, .detected = STRBUF_INIT };
        int r = open_case(o, &g);

        if (strbuf_failed(&g.addresses) || strbuf_failed(&g.systems) || strbuf_failed(&g.detected))
                r = -ENOMEM;
        strbuf_done(&g.addresses);
        strbuf_done(&g.systems);
        strbuf_done(&g.detected);
        return r;
}
