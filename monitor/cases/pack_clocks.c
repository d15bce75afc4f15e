/* SPDX-License-Identifier: Apache-2.0 */

/* The clocks as they stand, and the rule files that they are computed with. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/file.h"
#include "monitor/base/json_write.h"
#include "monitor/base/ustar.h"
#include "monitor/cases/pack_impl.h"

enum { RULE_BYTES_MAX = 1024 * 1024 };

/* "2026-11-17T16:00:00+09:00" */
static void put_there(struct json_writer *w, const char *key, usec t, int minutes)
{
        char text[TIME_ISO_BYTES], there[TIME_ISO_BYTES + 8];

        json_key(w, key);
        if (t == USEC_NONE) {
                json_null(w);
                return;
        }
        pack_utc(t + minutes * USEC_PER_MINUTE, text);
        snprintf(there, sizeof there, "%.19s%c%02d:%02d", text, minutes < 0 ? '-' : '+', abs(minutes) / 60, abs(minutes) % 60);
        json_strz(w, there);
}

static void put_utc(struct json_writer *w, const char *key, usec t)
{
        char text[TIME_ISO_BYTES];

        pack_utc(t, text);
        json_key(w, key);
        json_strz(w, *text ? text : NULL);
}

static void put_mark(struct json_writer *w, const struct case_mark *m)
{
        json_begin(w, '{');
        json_key(w, "event"), json_strz(w, m->event == _EVENT_MAX ? "done" : case_event_name(m->event));
        json_key(w, "regime"), json_str(w, m->regime);
        json_key(w, "duty"), json_str(w, m->duty);
        put_utc(w, "at", m->at);
        json_key(w, "zone"), json_str(w, m->zone);
        json_key(w, "entry");
        if (m->entry)
                json_int(w, m->entry->seq);
        else
                json_null(w);
        json_end(w, '}');
}

static void put_deadline(struct json_writer *w, const struct deadline *d)
{
        static const char *const truths[] = { [TRUTH_NO] = "no", [TRUTH_YES] = "yes", [TRUTH_UNKNOWN] = "not known" };

        json_begin(w, '{');
        json_key(w, "regime"), json_str(w, d->regime->id);
        json_key(w, "law"), json_str(w, d->duty->law.n > 0 ? d->duty->law : d->regime->law);
        json_key(w, "duty"), json_str(w, d->duty->id);
        json_key(w, "title"), json_str(w, d->duty->title);
        json_key(w, "within"), json_str(w, d->duty->within);
        json_key(w, "applies"), json_strz(w, truths[d->applies]);
        json_key(w, "state"), json_strz(w, deadline_state_name(d->state));
        json_key(w, "from"), json_strz(w, d->start == USEC_NONE ? NULL : case_event_name(d->from));
        put_there(w, "start", d->start, d->zone_minutes);
        put_there(w, "due", d->due, d->zone_minutes);
        put_utc(w, "due_utc", d->due);
        put_there(w, "done", d->done_at, d->zone_minutes);
        json_key(w, "uncertain"), json_bool(w, d->is_uncertain);
        json_key(w, "why"), json_str(w, d->why);
        json_key(w, "checked_on");
        if (d->regime->checked_on == USEC_NONE)
                json_null(w);
        else {
                char day[TIME_ISO_BYTES];

                pack_utc(d->regime->checked_on, day);
                json_str(w, str_from(day, 10));
        }
        json_key(w, "confidence"), json_str(w, d->regime->confidence);
        json_end(w, '}');
}

static int put_all(struct packing *p)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(&out);

        json_begin(&w, '{');
        put_utc(&w, "at", p->now);
        json_key(&w, "note"), json_strz(&w, "No legal advice: computed by the rules in this folder, as of that time.");
        json_key(&w, "marks"), json_begin(&w, '[');
        for (size_t i = 0; i < p->file.n_marks; i++)
                put_mark(&w, &p->file.marks[i]);
        json_end(&w, ']');
        json_key(&w, "deadlines"), json_begin(&w, '[');
        for (size_t i = 0; i < p->n_deadlines; i++)
                put_deadline(&w, &p->deadlines[i]);
        json_end(&w, ']');
        json_end(&w, '}');
        strbuf_addc(&out, '\n');
        return strbuf_failed(&out) ? -ENOMEM : p->emit(p, STR("regimes/deadlines.json"), strbuf_str(&out));
}

/* ---- Rule files ---- */

/* A file that can no longer be read is not in the pack: the deadlines say which rules they are by. */
static int put_file(struct packing *p, struct str path, const char *folder, struct strbuf *bytes)
{
        struct str name, rest = path, part;

        while (str_cut(&rest, '/', &part))
                path = part;
        name = arena_printf(p->arena, "%s/" STR_FMT, folder, STR_ARG(path));
        if (!name.p)
                return -ENOMEM;
        if (map_get(&p->seen, name) || !ustar_is_name(name))
                return 0;
        return map_put(&p->seen, name, p) < 0 ? -ENOMEM : p->emit(p, name, strbuf_str(bytes));
}

/* The feast days that a rule file names ("holidays: BR") lie beside it. */
static int put_holidays(struct packing *p, struct str path, struct str text)
{
        CLEANUP(strbuf_done) struct strbuf bytes = STRBUF_INIT;
        struct str line, folder = path, beside;
        int r;

        while (folder.n > 0 && folder.p[folder.n - 1] != '/')
                folder.n--;
        while (str_cut(&text, '\n', &line))
                if (str_starts(line, STR("holidays:"))) {
                        struct str code = str_trim(str_from(line.p + 9, line.n - 9));

                        beside = arena_printf(p->arena, STR_FMT "holidays/" STR_FMT ".yml", STR_ARG(folder), STR_ARG(code));
                        if (!beside.p)
                                return -ENOMEM;
                        r = memchr(code.p, '/', code.n) || code.n == 0 ? -EINVAL : file_read(beside.p, RULE_BYTES_MAX, &bytes);
                        return r < 0 ? (r == -ENOMEM ? r : 0) : put_file(p, beside, "regimes/holidays", &bytes);
                }
        return 0;
}

static int put_rules(struct packing *p)
{
        int r = 0;

        for (size_t i = 0; i < p->n_deadlines && r >= 0; i++) {
                CLEANUP(strbuf_done) struct strbuf bytes = STRBUF_INIT;
                struct str path = str_of(p->deadlines[i].regime->file);

                if (!path.p)
                        continue;
                r = file_read(path.p, RULE_BYTES_MAX, &bytes);
                if (r == -ENOMEM)
                        return r;
                if (r < 0) {
                        r = 0;
                        continue;
                }
                r = put_file(p, path, "regimes", &bytes);
                if (r >= 0)
                        r = put_holidays(p, path, strbuf_str(&bytes));
        }
        return r;
}

int pack_clocks(struct packing *p)
{
        int r = 0;

        if (p->q->regimes)
                r = casefile_deadlines(&p->file, p->q->regimes, p->now, false, p->arena, &p->deadlines, &p->n_deadlines, p->err);
        if (r >= 0)
                r = put_all(p);
        return r < 0 ? r : put_rules(p);
}
