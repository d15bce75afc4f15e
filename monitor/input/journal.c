/* SPDX-License-Identifier: Apache-2.0 */

/* The journal (sd-journal(3)). An entry becomes a JSON object in the form of `journalctl -o json`. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

#include "monitor/base/json_write.h"
#include "monitor/base/utf8.h"
#include "monitor/input/kind.h"

struct journal {
        sd_journal *j;
        struct origin *origin;
        char *cursor; /* of the last entry handed out */
        uint64_t time;
        bool from_end, is_placed, is_changed;
};

static void journal_close(void *state)
{
        struct journal *s = state;

        sd_journal_close(s->j);
        free(s->cursor);
        free(s);
}

static int journal_restore(struct input *in, struct str position, struct str blob)
{
        struct journal *s = in->state;
        struct str rest = blob, time;

        if (!str_eqz(position, "cursor"))
                return -ENOENT;
        if (!str_cut(&rest, ' ', &time) || str_to_u64(time, &s->time) < 0 || !rest.p)
                return -EBADMSG;
        free(s->cursor);
        s->cursor = str_dupz(rest);
        return s->cursor ? 0 : -ENOMEM;
}

static int journal_positions(struct input *in, input_position_fn *fn, void *userdata)
{
        struct journal *s = in->state;
        CLEANUP(strbuf_done) struct strbuf blob = STRBUF_INIT;

        if (!s->is_changed)
                return 0;
        s->is_changed = false;
        strbuf_addf(&blob, "%llu %s", (unsigned long long)s->time, s->cursor);
        return strbuf_failed(&blob) ? -ENOMEM : kind_position(in, "", "cursor", strbuf_str(&blob), fn, userdata);
}

/* Before the first entry to read. */
static int seek(struct input *in, struct journal *s)
{
        int r;

        s->is_placed = true;
        if (!s->cursor)
                return s->from_end ? (r = sd_journal_seek_tail(s->j)) < 0 ? r : sd_journal_previous(s->j) : sd_journal_seek_head(s->j);
        r = sd_journal_seek_cursor(s->j, s->cursor);
        if (r >= 0)
                r = sd_journal_next(s->j);
        if (r > 0 && sd_journal_test_cursor(s->j, s->cursor) > 0)
                return 0; /* the last one handed out: the next call goes behind it */
        in->counters.n[COUNTER_JOURNAL_GAP]++;
        kind_note(in, -ESTALE, "journal", "the entry read last is gone; going on behind its time");
        return sd_journal_seek_realtime_usec(s->j, s->time + 1);
}

static void write_field(struct json_writer *w, struct str data)
{
        struct str rest = data, name;

        str_cut(&rest, '=', &name);
        if (!rest.p)
                return;
        json_key_str(w, name);
        if (utf8_is_valid(rest)) {
                json_str(w, rest);
                return;
        }
        json_begin(w, '[');
        for (size_t i = 0; i < rest.n; i++)
                json_int(w, (unsigned char)rest.p[i]);
        json_end(w, ']');
}

static void write_entry(struct journal *s, struct strbuf *out)
{
        struct json_writer w = JSON_WRITER(out);
        char time[24];
        const void *data;
        size_t n, k = sizeof time;
        uint64_t t = s->time;

        do
                time[--k] = (char)('0' + t % 10);
        while ((t /= 10) > 0);
        json_begin(&w, '{');
        json_key(&w, "__CURSOR"), json_strz(&w, s->cursor);
        json_key(&w, "__REALTIME_TIMESTAMP"), json_str(&w, str_from(time + k, sizeof time - k));
        sd_journal_restart_data(s->j); /* the enumeration outlives the step to another entry */
        while (sd_journal_enumerate_available_data(s->j, &data, &n) > 0)
                write_field(&w, str_from(data, n));
        json_end(&w, '}');
}

static int take_entry(struct input *in, struct journal *s, struct taking *t)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        char *cursor = NULL, *bytes;
        int r = sd_journal_get_cursor(s->j, &cursor);

        if (r < 0)
                return r;
        free(s->cursor);
        s->cursor = cursor;
        s->is_changed = true;
        sd_journal_get_realtime_usec(s->j, &s->time);
        write_entry(s, &text);
        bytes = arena_alloc(t->arena, text.n + RAW_PADDING);
        if (!bytes || strbuf_failed(&text))
                return -ENOMEM;
        memcpy(bytes, text.p, text.n);
        in->counters.n[COUNTER_BYTES] += text.n;
        return kind_take(in, t, &(struct raw){ .bytes = str_from(bytes, text.n), .file = s->origin->path, .source = in->source,
                                               .records = &s->origin->records, .reference = (usec)s->time });
}

static int journal_read(struct input *in, struct taking *t)
{
        struct journal *s = in->state;
        int r = s->is_placed ? 0 : seek(in, s);

        while (r >= 0 && !taking_is_full(t)) {
                r = sd_journal_next(s->j);
                if (r <= 0)
                        return r;
                r = take_entry(in, s, t);
        }
        return r < 0 ? r : 1;
}

static int journal_fd(struct input *in)
{
        return sd_journal_get_fd(((struct journal *)in->state)->j);
}

static int journal_process(struct input *in)
{
        int r = sd_journal_process(((struct journal *)in->state)->j);

        return r < 0 ? r : 0;
}

static const struct kind kind_journal = {
        .name = "journal",
        .read = journal_read,
        .close = journal_close,
        .restore = journal_restore,
        .positions = journal_positions,
        .fd = journal_fd,
        .process = journal_process,
};

int input_open_journal(const struct input_options *o, const char *const *matches, size_t n, const char *directory, bool from_end,
                       struct input **ret, struct err *reterr)
{
        struct journal *s = calloc(1, sizeof *s);
        struct input *in = s ? kind_input(&kind_journal, o, s) : NULL;
        int r;

        if (!in) {
                free(s);
                return err_set(reterr, -ENOMEM, "out of memory");
        }
        s->from_end = from_end;
        s->origin = kind_origin(in, "journald");
        r = directory ? sd_journal_open_directory(&s->j, directory, 0) : sd_journal_open(&s->j, SD_JOURNAL_LOCAL_ONLY);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = sd_journal_add_match(s->j, matches[i], 0);
        if (r >= 0)
                r = sd_journal_set_data_threshold(s->j, INPUT_JOURNAL_FIELD_BYTES_MAX);
        if (r < 0 || !s->origin) {
                input_close(in);
                return err_set(reterr, r < 0 ? r : -ENOMEM, "the journal cannot be read: %s", strerror(r < 0 ? -r : ENOMEM));
        }
        *ret = in;
        return 0;
}
