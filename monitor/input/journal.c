/* SPDX-License-Identifier: Apache-2.0 */

/* The journal through sd-journal(3). An entry becomes one JSON object in the form of `journalctl -o json`: the address
 * fields (__CURSOR, __REALTIME_TIMESTAMP, __MONOTONIC_TIMESTAMP) first, then its fields by name; a field that an entry has
 * several times is an array; bytes that are no UTF-8 are an array of numbers. There, unlike here, long fields are null.
 *
 * The position is the cursor of the last entry handed out and its time: where the cursor leads to another entry, its
 * entry was vacuumed away, and reading goes on with the first one that is not older. */

#include "monitor/input/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <systemd/sd-journal.h>

#include "monitor/base/json_write.h"
#include "monitor/base/utf8.h"
#include "monitor/input/position.h"

enum { JOURNAL_ENTRY_BYTES_MAX = 8 * 1024 * 1024 }; /* of one entry's fields; as JSON at most RAW_BYTES_MAX */

struct field {
        size_t at, name_n, n; /* in journal.bytes: "NAME=value", of n bytes */
        struct str data; /* the same, once all are collected */
};

struct journal {
        struct input *in;
        sd_journal *j;
        struct origin *origin;
        char *cursor; /* of the last entry handed out; NULL: none, and nothing came before */
        uint64_t time;
        bool from_end, is_restored, is_placed, is_changed;
        int noted;
        struct strbuf bytes, text; /* reused from entry to entry */
        struct field *fields;
        size_t n_fields, fields_cap;
};

static int fail_open(int r, const char *directory, struct err *reterr)
{
        return err_set(reterr, r, "the journal%s%s cannot be read: %s%s", directory ? " in " : "",
                       directory ? directory : "", kind_trouble(r),
                       r == -EACCES || r == -EPERM ? " (members of group systemd-journal may)" : "");
}

int journal_open(struct input *in, const char *const *matches, size_t n, const char *directory, bool from_end,
                 struct err *reterr)
{
        struct journal *s = calloc(1, sizeof *s);
        int r;

        in->state = s;
        if (!s || !(s->origin = kind_origin(in, "journald")))
                return err_set(reterr, -ENOMEM, "out of memory");
        s->in = in;
        s->from_end = from_end;
        r = directory ? sd_journal_open_directory(&s->j, directory, 0) : sd_journal_open(&s->j, SD_JOURNAL_LOCAL_ONLY);
        if (r < 0)
                return fail_open(r, directory, reterr);
        for (size_t i = 0; i < n; i++) {
                r = sd_journal_add_match(s->j, matches[i], 0);
                if (r < 0)
                        return err_set(reterr, r, "\"%s\" is no journal match: write FIELD=value, the field in capitals",
                                       matches[i]);
        }
        r = sd_journal_set_data_threshold(s->j, INPUT_JOURNAL_FIELD_BYTES_MAX);
        if (r < 0)
                return fail_open(r, directory, reterr);
        (void)sd_journal_get_fd(s->j); /* begins watching: what comes from now on is told */
        return 0;
}

void journal_close(void *state)
{
        struct journal *s = state;

        if (!s)
                return;
        sd_journal_close(s->j);
        strbuf_done(&s->bytes);
        strbuf_done(&s->text);
        free(s->fields);
        free(s->cursor);
        free(s);
}

/* ---- Positions ---- */

int journal_restore(struct input *in, struct str position, struct str blob)
{
        struct journal *s = in->state;
        struct str cursor = position_get(blob, "cursor");
        uint64_t version, time = 0, records = 0;

        if (!str_eqz(position, "journal"))
                return -ENOENT;
        if (position_get_u64(blob, "v", &version) < 0 || version != POSITION_VERSION)
                return -EBADMSG;
        if (cursor.p && (position_get_u64(blob, "time", &time) < 0 || position_get_u64(blob, "records", &records) < 0))
                return -EBADMSG;
        free(s->cursor);
        s->cursor = cursor.p ? str_dupz(cursor) : NULL;
        if (cursor.p && !s->cursor)
                return -ENOMEM;
        s->time = time;
        s->origin->records = records;
        s->is_restored = true;
        return 0;
}

int journal_positions(struct input *in, input_position_fn *fn, void *userdata)
{
        struct journal *s = in->state;
        struct strbuf blob = STRBUF_INIT;
        int r = -ENOMEM;

        if (!s->is_changed)
                return 0;
        strbuf_addf(&blob, "v=%d", POSITION_VERSION);
        if (s->cursor)
                strbuf_addf(&blob, " time=%" PRIu64 " records=%" PRIu64 " cursor=%s", s->time, s->origin->records,
                            s->cursor);
        if (!strbuf_failed(&blob))
                r = kind_position(in, "journal", "", strbuf_str(&blob), fn, userdata);
        strbuf_done(&blob);
        s->is_changed = r < 0;
        return r;
}

/* Remembers the entry the journal stands on. */
static int remember(struct journal *s)
{
        char *cursor = NULL;
        uint64_t time;
        int r = sd_journal_get_realtime_usec(s->j, &time);

        if (r >= 0)
                r = sd_journal_get_cursor(s->j, &cursor);
        if (r < 0)
                return r;
        free(s->cursor);
        s->cursor = cursor;
        s->time = time;
        s->is_changed = true;
        return 0;
}

/* ---- Where to begin ---- */

static int seek_start(struct journal *s)
{
        int r;

        if (!s->from_end || s->is_restored)
                return sd_journal_seek_head(s->j);
        r = sd_journal_seek_tail(s->j);
        if (r >= 0)
                r = sd_journal_previous(s->j);
        if (r > 0)
                return remember(s);
        s->is_changed = true; /* so that the next start does not take what comes now for old */
        return r < 0 ? r : sd_journal_seek_head(s->j); /* nothing there: all that comes is new */
}

static int seek_cursor(struct journal *s)
{
        int r = sd_journal_seek_cursor(s->j, s->cursor);

        if (r >= 0)
                r = sd_journal_next(s->j);
        if (r > 0 && sd_journal_test_cursor(s->j, s->cursor) > 0)
                return 0; /* the next step leads behind it */
        s->in->counters.n[COUNTER_JOURNAL_GAP]++;
        kind_note(s->in, -ESTALE, "journald", "the entry that was read last is no longer there: entries may be lost, going "
                  "on with the first one since its time");
        return sd_journal_seek_realtime_usec(s->j, s->time);
}

/* ---- Entries ---- */

static int add_field(struct journal *s, const char *data, size_t n)
{
        const char *equals = memchr(data, '=', n);

        if (!equals)
                return 0;
        if (s->n_fields == s->fields_cap) {
                size_t cap = s->fields_cap ? s->fields_cap * 2 : 64;
                struct field *fields = reallocarray(s->fields, cap, sizeof *fields);

                if (!fields)
                        return -ENOMEM;
                s->fields = fields;
                s->fields_cap = cap;
        }
        s->fields[s->n_fields++] = (struct field){ .at = s->bytes.n, .name_n = (size_t)(equals - data), .n = n };
        strbuf_add(&s->bytes, str_from(data, n));
        return strbuf_failed(&s->bytes) ? -ENOMEM : 0;
}

static int compare_fields(const void *a, const void *b)
{
        const struct field *x = a, *y = b;
        int c = str_cmp(str_from(x->data.p, x->name_n), str_from(y->data.p, y->name_n));

        return c != 0 ? c : x->at < y->at ? -1 : x->at > y->at;
}

/* The entry's fields, by name. Data is only valid until the next call, so it is copied. */
static int collect_fields(struct journal *s)
{
        const void *data;
        size_t n;
        int r;

        strbuf_clear(&s->bytes);
        s->n_fields = 0;
        sd_journal_restart_data(s->j); /* the enumeration's state outlives the step to another entry */
        while ((r = sd_journal_enumerate_available_data(s->j, &data, &n)) > 0) {
                if (s->bytes.n + n > JOURNAL_ENTRY_BYTES_MAX) {
                        s->in->counters.n[COUNTER_VALUES_CUT]++;
                        continue;
                }
                if (n >= INPUT_JOURNAL_FIELD_BYTES_MAX)
                        s->in->counters.n[COUNTER_VALUES_CUT]++; /* the library gives that much of a longer one */
                r = add_field(s, data, n);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < s->n_fields; i++)
                s->fields[i].data = str_from(s->bytes.p + s->fields[i].at, s->fields[i].n);
        if (s->n_fields > 1)
                qsort(s->fields, s->n_fields, sizeof *s->fields, compare_fields);
        return r;
}

static void write_value(struct json_writer *w, struct str value)
{
        if (utf8_is_valid(value)) {
                json_str(w, value);
                return;
        }
        json_begin(w, '[');
        for (size_t i = 0; i < value.n; i++)
                json_int(w, (uint8_t)value.p[i]);
        json_end(w, ']');
}

static void write_fields(const struct journal *s, struct json_writer *w)
{
        for (size_t i = 0, end; i < s->n_fields; i = end) {
                struct str name = str_from(s->fields[i].data.p, s->fields[i].name_n);

                for (end = i + 1; end < s->n_fields; end++)
                        if (!str_eq(name, str_from(s->fields[end].data.p, s->fields[end].name_n)))
                                break;
                json_key_str(w, name);
                if (end - i > 1)
                        json_begin(w, '[');
                for (size_t k = i; k < end; k++)
                        write_value(w, str_from(s->fields[k].data.p + name.n + 1, s->fields[k].n - name.n - 1));
                if (end - i > 1)
                        json_end(w, ']');
        }
}

static void write_number(struct json_writer *w, const char *key, uint64_t number)
{
        char text[24];
        size_t at = sizeof text;

        do
                text[--at] = (char)('0' + number % 10);
        while ((number /= 10) > 0);
        json_key(w, key);
        json_str(w, str_from(text + at, sizeof text - at));
}

static void write_entry(struct journal *s)
{
        struct json_writer w = JSON_WRITER(&s->text);
        uint64_t monotonic;
        sd_id128_t boot;

        strbuf_clear(&s->text);
        json_begin(&w, '{');
        json_key(&w, "__CURSOR");
        json_strz(&w, s->cursor);
        write_number(&w, "__REALTIME_TIMESTAMP", s->time);
        if (sd_journal_get_monotonic_usec(s->j, &monotonic, &boot) >= 0)
                write_number(&w, "__MONOTONIC_TIMESTAMP", monotonic);
        write_fields(s, &w);
        json_end(&w, '}');
}

/* The entry the journal stands on. 0, -ENOMEM, or other negative: the entry is damaged. */
static int take_entry(struct journal *s, struct taking *t)
{
        struct raw raw = { .file = s->origin->path, .records = &s->origin->records, .source = s->in->source };
        char *bytes;
        int r = remember(s);

        if (r >= 0)
                r = collect_fields(s);
        if (r < 0)
                return r;
        write_entry(s);
        bytes = strbuf_failed(&s->text) ? NULL : arena_alloc(t->arena, s->text.n + RAW_PADDING);
        if (!bytes)
                return -ENOMEM;
        memcpy(bytes, s->text.p, s->text.n);
        raw.bytes = str_from(bytes, s->text.n);
        raw.reference = (usec)s->time;
        s->in->counters.n[COUNTER_BYTES] += s->text.n;
        return kind_take(s->in, t, &raw);
}

static void complain(struct journal *s, int r, const char *what)
{
        if (s->noted == r)
                return;
        s->noted = r;
        kind_note(s->in, r, "journald", "%s: %s, going on", what, kind_trouble(r));
}

int journal_read(struct input *in, struct taking *t)
{
        struct journal *s = in->state;
        int r = 0;

        if (!s->is_placed) {
                r = s->cursor ? seek_cursor(s) : seek_start(s);
                if (r < 0)
                        return r;
                s->is_placed = true;
        }
        while (!taking_is_full(t)) {
                r = sd_journal_next(s->j);
                if (r < 0)
                        complain(s, r, "the next entry cannot be found");
                if (r <= 0)
                        return 0;
                r = take_entry(s, t);
                if (r == -ENOMEM)
                        return r;
                if (r < 0) {
                        in->counters.n[COUNTER_REJECT_MALFORMED]++;
                        complain(s, r, "an entry is damaged");
                }
        }
        return 1;
}

int journal_fd(struct input *in)
{
        int fd = sd_journal_get_fd(((struct journal *)in->state)->j);

        return fd < 0 ? -1 : fd;
}

int journal_process(struct input *in)
{
        int r = sd_journal_process(((struct journal *)in->state)->j);

        return r < 0 ? r : 0;
}
