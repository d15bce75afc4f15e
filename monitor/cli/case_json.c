/* SPDX-License-Identifier: Apache-2.0 */

/* A case as one JSON object: what it came to, its clocks, and all that was said. Sealed texts are null. */

#include <stdio.h>

#include "monitor/base/json_write.h"
#include "monitor/base/zone.h"
#include "monitor/cli/case.h"

static void write_text(struct json_writer *w, const char *key, struct str text)
{
        json_key(w, key);
        json_str(w, text);
}

static void write_clock(struct json_writer *w, const struct deadline *d, usec now)
{
        char there[ZONE_TEXT_BYTES] = "";

        zone_format_iso(d->regime->tz, d->due, there);
        json_begin(w, '{');
        write_text(w, "regime", d->regime->id);
        write_text(w, "duty", d->duty->id);
        write_text(w, "title", d->duty->title);
        write_text(w, "to", str_of(duty_to_name(d->duty->to)));
        write_text(w, "applies", str_of(truth_name(d->applies)));
        write_text(w, "decided", d->regime->decided);
        write_text(w, "state", str_of(deadline_state_name(d->state)));
        write_text(w, "from", d->from < _EVENT_MAX ? str_of(case_event_name(d->from)) : STR_NONE);
        json_pair_time(w, "start", d->start);
        json_pair_time(w, "due", d->due);
        write_text(w, "due_there", *there ? str_of(there) : STR_NONE);
        json_key(w, "seconds_left");
        if (d->due != USEC_NONE && d->done_at == USEC_NONE)
                json_int(w, (d->due - now) / USEC_PER_SEC);
        else
                json_null(w);
        json_pair_time(w, "done", d->done_at);
        json_key(w, "uncertain"), json_bool(w, d->is_uncertain);
        write_text(w, "law", d->duty->law);
        write_text(w, "why", d->why);
        json_end(w, '}');
}

static void write_mark(struct json_writer *w, const struct case_mark *m)
{
        json_begin(w, '{');
        write_text(w, "event", m->event < _EVENT_MAX ? str_of(case_event_name(m->event)) : STR("done"));
        write_text(w, "regime", m->regime.n > 0 ? m->regime : STR_NONE);
        write_text(w, "duty", m->duty.n > 0 ? m->duty : STR_NONE);
        json_pair_time(w, "at", m->at);
        write_text(w, "zone", m->zone);
        json_key(w, "entry"), json_int(w, m->entry->seq);
        json_end(w, '}');
}

static void write_field(struct json_writer *w, const struct case_value *v)
{
        json_begin(w, '{');
        write_text(w, "field", str_of(v->field->name));
        write_text(w, "part", v->part.n > 0 ? v->part : STR_NONE);
        write_text(w, "number", str_of(v->field->number));
        write_text(w, "value", v->value);
        write_text(w, "status", str_of(field_status_name(v->status)));
        json_key(w, "entry"), json_int(w, v->entry->seq);
        json_end(w, '}');
}

static void write_entry(struct json_writer *w, const struct store_case_entry *e)
{
        json_begin(w, '{');
        json_key(w, "entry"), json_int(w, e->seq);
        json_pair_time(w, "at", e->at);
        write_text(w, "kind", e->kind);
        write_text(w, "key", e->key);
        write_text(w, "value", e->is_value_sealed ? STR_NONE : e->value);
        write_text(w, "status", e->status);
        write_text(w, "evidence", e->is_sealed ? STR_NONE : e->evidence);
        write_text(w, "because", e->is_sealed ? STR_NONE : e->because);
        write_text(w, "by", e->is_sealed ? STR_NONE : e->by);
        write_text(w, "user", e->who.user);
        json_key(w, "sealed"), json_bool(w, e->is_sealed);
        json_end(w, '}');
}

static void write_alerts(struct json_writer *w, const struct casefile *c)
{
        char hex[HASH128_HEX_BYTES];

        json_key(w, "alerts");
        json_begin(w, '[');
        for (size_t i = 0; i < c->n_alerts; i++) {
                hash128_hex(&c->alerts[i], hex);
                json_strz(w, hex);
        }
        json_end(w, ']');
}

#define WRITE_LIST(w, name, n, one)                   \
        do {                                          \
                json_key((w), (name));                \
                json_begin((w), '[');                 \
                for (size_t i = 0; i < (n); i++)      \
                        one;                          \
                json_end((w), ']');                   \
        } while (0)

int case_print_json(const struct case_view *v, const struct casefile *c, const struct deadline *clocks, size_t n)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(&out);

        json_begin(&w, '{');
        json_key(&w, "case"), json_int(&w, c->id);
        write_text(&w, "title", c->title);
        json_pair_time(&w, "opened", c->opened_at);
        json_pair_time(&w, "closed", c->closed_at);
        json_pair_time(&w, "hold_from", c->hold_from);
        json_key(&w, "reviewed"), json_bool(&w, c->is_reviewed);
        json_key(&w, "sealed"), json_int(&w, (int64_t)c->n_sealed);
        write_alerts(&w, c);
        WRITE_LIST(&w, "clocks", n, write_clock(&w, &clocks[i], v->cli->now));
        WRITE_LIST(&w, "marks", c->n_marks, write_mark(&w, &c->marks[i]));
        WRITE_LIST(&w, "fields", c->n_values, write_field(&w, &c->values[i]));
        WRITE_LIST(&w, "entries", c->n_entries, write_entry(&w, &c->entries[i]));
        write_text(&w, "note", str_of(regime_disclaimer));
        json_end(&w, '}');
        strbuf_addc(&out, '\n');
        if (strbuf_failed(&out)) {
                fputs("shopbell: out of memory\n", stderr);
                return CLI_CANNOT;
        }
        fwrite(out.p, 1, out.n, stdout);
        return CLI_OK;
}
