/* SPDX-License-Identifier: Apache-2.0 */

/* The layer between raws and the formats of lines: headers, journal entries, whose line it is, repeated messages. */

#include "parsers/lines.h"

#include <errno.h>

#include "monitor/base/utf8.h"
#include "parsers/decoder.h"
#include "parsers/recognise.h"
#include "parsers/syslog.h"

/* The sender's stamp is taken when it is this near to the moment the journal got the entry. */
#define SENDER_STAMP_NEAR USEC_PER_MINUTE

/* ---- Loading ---- */

static int load_header(struct loader *l, const struct yaml *doc)
{
        struct source *s = l->source;
        struct header_slots *h = &s->header;
        const struct {
                uint32_t *slot;
                const char *name;
        } made[] = {
                { &h->timestamp, "timestamp" }, { &h->hostname, "hostname" },
                { &h->program, "program" },     { &h->pid, "pid" },
                { &h->message, "message" },
        };

        s->has_header = true;
        if (!yaml_get(doc, "zone"))
                s->zone = SOURCE_ZONE_LOCAL; /* RFC 3164: the machine's own time */
        for (size_t i = 0; i < ARRAY_LEN(made); i++) {
                *made[i].slot = source_want(s, str_of(made[i].name));
                if (*made[i].slot == UINT32_MAX)
                        return -ENOMEM;
        }
        return 0;
}

static int load_journal(struct loader *l, const struct yaml *y)
{
        struct header_slots *h = &l->source->header;
        const struct {
                uint32_t *slot;
                const char *name;
        } own[] = {
                { &h->j_message, "MESSAGE" },
                { &h->j_identifier, "SYSLOG_IDENTIFIER" },
                { &h->j_comm, "_COMM" },
                { &h->j_pid, "_PID" },
                { &h->j_syslog_pid, "SYSLOG_PID" },
                { &h->j_hostname, "_HOSTNAME" },
                { &h->j_realtime, "__REALTIME_TIMESTAMP" },
                { &h->j_source_realtime, "_SOURCE_REALTIME_TIMESTAMP" },
                { &h->j_cursor, "__CURSOR" },
        };

        for (size_t i = 0; i < ARRAY_LEN(own); i++) {
                *own[i].slot = source_want(l->source, str_of(own[i].name));
                if (*own[i].slot == UINT32_MAX)
                        return -ENOMEM;
        }
        if (!y)
                return 0;
        l->source->journal = load_alloc(l, 1, sizeof *l->source->journal);
        return l->source->journal ? load_bound(l, y, l->source->journal) : -ENOMEM;
}

int lines_load_header(struct loader *l, const struct yaml *doc, bool is_always)
{
        const struct yaml *header = yaml_get(doc, "header"), *programs = yaml_get(doc, "programs"),
                          *journal = yaml_get(doc, "journal");

        if (header && (!yaml_is_scalar(header) || !str_eqz(header->text, "syslog")))
                return load_error(l, header, "`header` can only be syslog");
        if (!header && !is_always && (programs || journal))
                return load_error(l, programs ? programs : journal,
                                  "`programs` and `journal` go with `header: syslog`");
        return header || is_always ? load_header(l, doc) : 0;
}

int lines_load_rest(struct loader *l, const struct yaml *doc)
{
        const struct yaml *programs = yaml_get(doc, "programs");
        struct source *s = l->source;
        int r = 0;

        s->n_made = s->n_native;
        if (programs)
                r = load_texts(l, programs, "`programs`", &s->programs, &s->n_programs);
        return r >= 0 && s->has_header ? load_journal(l, yaml_get(doc, "journal")) : r;
}

/* The plan for journal entries. What the header and the format make is not to be had from the entry. */
int lines_freeze(struct source *s, struct err *reterr)
{
        int r = 0;

        if (!s->has_header)
                return 0;
        s->plan = json_plan_new();
        for (size_t i = s->n_made; s->plan && i < s->n_native && r >= 0; i++)
                r = json_plan_want(s->plan, s->native[i], _ECS_MAX + (uint32_t)i);
        if (s->plan && s->wants_leaves)
                json_plan_want_leaves(s->plan);
        if (!s->plan || r < 0)
                return err_at(reterr, s->plan ? r : -ENOMEM, s->file, 0, 0, "cannot plan how to read journal entries");
        return 0;
}

void lines_done(struct source *s)
{
        s->plan = json_plan_free(s->plan);
        if (s->journal)
                sigma_detection_done(s->journal->detection);
}

unsigned lines_tests(const struct source *s, unsigned bare)
{
        return s->has_header ? 1 + (s->n_programs > 0) : bare;
}

/* ---- From text to a record ---- */

int lines_set(struct parse *x, struct record *record, uint32_t slot, struct str text)
{
        return text.p ? slot_add(&record->slots[slot], x->arena, VALUE_STRING, text) : 0;
}

struct str lines_unescape(struct arena *arena, struct str text, const struct line_escapes *escapes)
{
        char *to;
        size_t n = 0;

        if (text.n == 0 || !memchr(text.p, '\\', text.n))
                return text;
        to = arena_bytes(arena, text.n);
        for (size_t i = 0; to && i < text.n; i++) {
                char c = i + 1 < text.n && text.p[i] == '\\' ? text.p[i + 1] : '\0';
                const char *at = c ? strchr(escapes->chars, c) : NULL;

                i += at != NULL;
                to[n++] = at ? escapes->meanings[at - escapes->chars] : text.p[i];
        }
        return to ? str_from(to, n) : STR_NONE;
}

int lines_set_named(struct parse *x, struct record *record, struct str name, struct str text)
{
        uintptr_t at = (uintptr_t)map_get(&x->source->slots, name);
        int r = x->named ? x->named(x, name, text) : 0;

        if (at == 0 || r < 0)
                return r;
        if (text.n == 0)
                r = slot_add(&record->slots[at - 1], x->arena, VALUE_NULL, STR("null"));
        else
                r = slot_add(&record->slots[at - 1], x->arena, VALUE_STRING, text);
        return r == -ENOMEM ? r : 0;
}

static int set_header(struct parse *x, struct record *record, const struct syslog_line *line)
{
        const struct header_slots *h = &x->source->header;
        const struct {
                uint32_t slot;
                struct str text;
        } parts[] = {
                { h->timestamp, line->timestamp }, { h->hostname, line->hostname },
                { h->program, line->program },     { h->pid, line->pid },
                { h->message, line->message },
        };
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(parts) && r >= 0; i++)
                r = lines_set(x, record, parts[i].slot, parts[i].text);
        return r;
}

static int add_leaf(struct parse *x, struct record *record, enum value_kind kind, struct str text)
{
        struct value *leaf = arena_alloc(x->arena, sizeof *leaf);

        if (!leaf)
                return -ENOMEM;
        leaf->kind = kind;
        leaf->text = text;
        leaf->next = record->leaves;
        record->leaves = leaf;
        return 0;
}

/* For keyword rules: the parts of a line are its leaves. A journal entry has those of the reader already. */
int lines_set_leaves(struct parse *x, struct record *record)
{
        int r = 0;

        if (!x->source->wants_leaves || record->leaves)
                return 0;
        for (uint32_t i = _ECS_MAX; i < record->n_slots && r >= 0; i++)
                for (const struct value *v = record->slots[i].first; v && r >= 0; v = v->next)
                        if (v->kind != VALUE_NULL)
                                r = add_leaf(x, record, v->kind, v->text);
        return r;
}

/* ---- Lines with a header ---- */

static bool is_our_program(const struct source *s, struct str program)
{
        if (s->n_programs == 0)
                return true;
        for (size_t i = 0; i < s->n_programs; i++)
                if (str_eq(s->programs[i], program))
                        return true;
        return false;
}

/* Whether the line is for this source: a header is there, and says one of the programs. */
static bool is_our_line(struct parse *x, struct str program)
{
        bool is_ours = is_our_program(x->source, program);

        x->has_header = true;
        x->held = 1 + (is_ours && x->source->n_programs > 0);
        if (x->probe && x->probe->held < x->held && !x->source->decoder->lines->needs_fit)
                x->probe->held = x->held;
        return is_ours;
}

static int leave_line(struct parse *x)
{
        if (!x->is_sure)
                return -ENOENT;
        x->counters->n[COUNTER_NOT_MINE]++;
        return 0;
}

static int refuse_line(struct parse *x)
{
        x->reason = x->source->decoder->lines->misfit;
        return x->is_sure ? -EBADMSG : -ENOENT;
}

/* A line that is the source's, and no record. */
static int ignore_line(struct parse *x, struct record *record)
{
        struct derive_env env = parse_env(x);

        if (x->probe)
                return parse_take(x, record, 0, false);
        if (!x->is_sure && !recognise_holds(x->source, record, &env))
                x->refused++;
        else
                x->counters->n[COUNTER_NOT_MINE]++;
        return 0;
}

/* Another record of the same line: native values are shared, everything else is its own. */
static struct record *copy_record(struct parse *x, const struct record *from)
{
        struct record *to = arena_alloc(x->arena, sizeof *to);

        if (!to)
                return NULL;
        *to = *from;
        to->slots = arena_array(x->arena, from->n_slots, sizeof *to->slots);
        if (!to->slots)
                return NULL;
        memcpy(to->slots, from->slots, from->n_slots * sizeof *to->slots);
        return to;
}

static int take_times(struct parse *x, struct record *record, uint64_t times)
{
        if (times > REPEAT_MAX && !x->probe)
                x->counters->n[COUNTER_VALUES_CUT] += times - REPEAT_MAX;
        if (times > REPEAT_MAX)
                times = REPEAT_MAX;
        for (uint64_t i = 0; i < times; i++) {
                struct record *one = i + 1 < times ? copy_record(x, record) : record;
                int r = one ? parse_take(x, one, (uint32_t)i, times > 1) : -ENOMEM;

                if (r < 0)
                        return r;
                if (x->probe)
                        break;
        }
        return 0;
}

/* `record` holds the journal's own fields or nothing yet; `line` what the header says. */
static int take_line(struct parse *x, struct record *record, struct syslog_line line, bool is_journal)
{
        const struct source *s = x->source;
        const struct line_format *f = s->decoder->lines;
        struct derive_env env = parse_env(x);
        uint64_t times = is_journal ? 1 : syslog_repeat(line.message, &line.message);
        int r = set_header(x, record, &line);

        if (r >= 0 && line.message.p)
                r = f->read(x, record, line.message);
        if (r == 0 && f->needs_fit)
                return refuse_line(x);
        if (r == LINE_IGNORED)
                return ignore_line(x, record);
        if (r >= 0)
                r = lines_set_leaves(x, record);
        if (r < 0)
                return r;
        if (is_journal && s->journal && !x->probe && !bound_holds(s->journal, record, &env)) {
                x->counters->n[COUNTER_NOT_MINE]++;
                return 0;
        }
        return take_times(x, record, times);
}

/* ---- Journal entries ---- */

/* A value that is no UTF-8 is a list of its bytes as numbers (journalctl(1), json); journal fields are never numbers
 * otherwise. */
static int join_bytes(struct parse *x, struct slot *slot)
{
        struct str text;
        char *p;
        size_t n = 0;

        for (const struct value *v = slot->first; v; v = v->next) {
                uint64_t byte;

                if (v->kind != VALUE_NUMBER || str_to_u64(v->text, &byte) < 0 || byte > 255)
                        return 0;
        }
        p = arena_alloc(x->arena, slot->n);
        if (!p)
                return -ENOMEM;
        for (const struct value *v = slot->first; v; v = v->next) {
                uint64_t byte = 0;

                (void)str_to_u64(v->text, &byte);
                p[n++] = (char)byte;
        }
        text = utf8_clean(x->arena, str_from(p, n));
        *slot = (struct slot){ 0 };
        return text.p ? slot_add(slot, x->arena, VALUE_STRING, text) : -ENOMEM;
}

static struct str journal_stamp(struct str received, struct str sent)
{
        uint64_t a, b;

        if (str_to_u64(received, &a) < 0)
                return sent.p ? sent : received;
        if (sent.p && str_to_u64(sent, &b) == 0 && (a > b ? a - b : b - a) <= (uint64_t)SENDER_STAMP_NEAR)
                return sent;
        return received;
}

static struct str first_of(struct str a, struct str b)
{
        return a.p ? a : b;
}

static int take_entry(void *userdata, struct record *record, uint32_t sub)
{
        struct parse *x = userdata;
        const struct header_slots *h = &x->source->header;
        struct syslog_line line;

        (void)sub;
        for (size_t i = x->source->n_made; i < x->source->n_native; i++) {
                struct slot *slot = &record->slots[_ECS_MAX + i];

                if (slot->first && slot->first->kind == VALUE_NUMBER && join_bytes(x, slot) < 0)
                        return -ENOMEM;
        }
#define TEXT(field) slot_text(&record->slots[h->field])
        line = (struct syslog_line){
                .timestamp = journal_stamp(TEXT(j_realtime), TEXT(j_source_realtime)),
                .hostname = TEXT(j_hostname),
                .program = first_of(TEXT(j_identifier), TEXT(j_comm)),
                .pid = first_of(TEXT(j_pid), TEXT(j_syslog_pid)),
                .message = TEXT(j_message),
        };
#undef TEXT
        if (!record->slots[h->j_realtime].is_present && !(line.message.p && (line.hostname.p || line.program.p))) {
                x->reason = "is no journal entry";
                return -ENOENT;
        }
        return is_our_line(x, line.program) ? take_line(x, record, line, true) : leave_line(x);
}

static int decode_entry(struct parse *x)
{
        int r = json_read(x->parser->reader, x->source->plan, x->raw->bytes, x->arena,
                          _ECS_MAX + (uint32_t)x->source->n_native, x->counters, take_entry, x);

        if (r < 0 && !x->reason)
                x->reason = decode_json_reason(r);
        return r;
}

/* ---- Text ---- */

/* The line as well-formed UTF-8; absent: no memory. */
static struct str clean_line(struct parse *x)
{
        struct str bytes = x->raw->bytes;

        if (utf8_is_valid(bytes))
                return bytes;
        x->counters->n[COUNTER_UTF8_REPAIRED]++;
        return utf8_clean(x->arena, bytes);
}

static int decode_header_line(struct parse *x, struct str text)
{
        struct syslog_line line;
        struct record *record;

        if (!syslog_parse(text, &line)) {
                x->reason = "has no syslog header (time, host, program)";
                return x->is_sure ? -EBADMSG : -ENOENT;
        }
        if (!is_our_line(x, line.program))
                return leave_line(x);
        record = parse_record(x);
        return record ? take_line(x, record, line, false) : -ENOMEM;
}

/* A text that says itself where it begins, with or without a header in front. */
static int decode_found_line(struct parse *x, struct str text)
{
        size_t at = x->source->decoder->lines->find(text);
        struct syslog_line line = { .hostname = STR_NONE };
        struct record *record;

        if (at == SIZE_MAX || (at > 0 && (!syslog_parse(str_from(text.p, at), &line) || str_trim(line.message).n > 0)))
                return refuse_line(x);
        if (!is_our_line(x, line.program))
                return leave_line(x);
        x->has_header = line.timestamp.p != NULL;
        line.message = str_from(text.p + at, text.n - at);
        record = parse_record(x);
        return record ? take_line(x, record, line, false) : -ENOMEM;
}

static int decode_bare_line(struct parse *x, struct str text)
{
        struct record *record = parse_record(x);
        int r = record ? x->source->decoder->lines->read(x, record, text) : -ENOMEM;

        if (r == 0)
                return refuse_line(x);
        x->held = x->source->decoder->tests(x->source);
        if (r == LINE_IGNORED)
                return ignore_line(x, record);
        if (r > 0)
                r = lines_set_leaves(x, record);
        if (r >= 0 && x->source->wants_leaves && x->source->decoder->lines->needs_fit)
                r = add_leaf(x, record, VALUE_STRING, text); /* what nobody asked for by name, too */
        return r < 0 ? r : parse_take(x, record, 0, false);
}

static int decode_text(struct parse *x, struct str text)
{
        if (!text.p)
                return -ENOMEM;
        while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
                text.n--;
        if (x->source->decoder->lines->find)
                return decode_found_line(x, text);
        return x->source->has_header ? decode_header_line(x, text) : decode_bare_line(x, text);
}

int lines_decode(struct parse *x)
{
        struct str text = x->raw->bytes;
        int r;

        if (str_trim(text).n == 0)
                return x->is_sure ? 0 : -ENOENT;
        r = x->source->has_header && parse_is_json(text) ? decode_entry(x) : decode_text(x, clean_line(x));
        return r >= 0 && x->n == 0 && x->refused > 0 ? -ENOENT : r;
}
