/* SPDX-License-Identifier: Apache-2.0 */

/* The framer: one buffer, a window [start, end) of bytes not handed out yet, and what is known about them.
 *
 * Lines cost one memchr() each. Documents are scanned line by line with the state kept between calls, so that a byte is
 * looked at once however small the pieces in which it comes. After a cut-off document the lines behind its first are
 * looked at again; as they may be cut off at the same place, that is tried CUT_TRIES_MAX times, then the lines up to there
 * are handed out one by one: the work stays linear whatever the bytes. */

#include "monitor/input/frame.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/csv.h"
#include "monitor/base/mail.h"
#include "monitor/input/mbox.h"
#include "monitor/input/scan.h"
#include "monitor/model/record.h"

enum {
        CUT_TRIES_MAX = 8,
        BLANKS_MAX = 64 * 1024, /* blanks behind a bracket that are waited through to see what follows */
        BUFFER_KEPT_MAX = 4 * 1024 * 1024, /* a larger buffer is given back when it is nearly empty */
};

struct framer {
        char *buf;
        size_t start, end, cap;
        uint64_t base; /* offset of buf[0] in the stream */
        uint64_t position;
        enum frame_mode mode;
        size_t searched; /* bytes from `start` that hold no newline */
        bool is_skipping;
        uint64_t skip_from;
        uint64_t cut_at; /* documents that reach this offset are cut off */
        unsigned cut_tries;
        struct scan scan;
        frame_test_fn *test;
        void *userdata;
        struct frame_table table;
        bool has_table; /* with FRAME_UNDECIDED: one to go on with */
        uint64_t ignored; /* lines above a header, not yet asked for */
        size_t first_cell; /* bytes of the header's first cell and the delimiter behind it */
        bool is_growing; /* no whole messages */
        bool skips_mail; /* the rest of a message, or what belongs to none */
};

/* ---- Bytes ---- */

struct framer *framer_new(void)
{
        return calloc(1, sizeof(struct framer));
}

struct framer *framer_free(struct framer *f)
{
        if (f)
                free(f->buf);
        free(f);
        return NULL;
}

static void scan_clear(struct framer *f)
{
        f->searched = 0;
        f->scan = (struct scan){ 0 };
}

void framer_start(struct framer *f, uint64_t offset, enum frame_mode mode)
{
        *f = (struct framer){ .buf = f->buf,
                              .cap = f->cap,
                              .base = offset,
                              .position = offset,
                              .mode = mode,
                              .ignored = f->ignored,
                              .test = f->test,
                              .userdata = f->userdata,
                              .is_growing = f->is_growing,
                              .skips_mail = mode == FRAME_MAIL && offset > 0 };
}

void framer_set_growing(struct framer *f)
{
        f->is_growing = true;
}

void framer_set_test(struct framer *f, frame_test_fn *test, void *userdata)
{
        f->test = test;
        f->userdata = userdata;
}

void framer_set_table(struct framer *f, const struct frame_table *table)
{
        struct csv_row row = csv_row(table->header, table->delimiter);
        struct csv_cell cell;

        f->table = *table;
        f->has_table = true;
        f->first_cell = 0;
        if (table->header.n > 0 && csv_next(&row, &cell) > 0)
                f->first_cell = (size_t)((row.p ? row.p : row.end) - table->header.p);
}

const struct frame_table *framer_table(const struct framer *f)
{
        return f->has_table ? &f->table : NULL;
}

enum frame_mode framer_mode(const struct framer *f)
{
        return f->mode;
}

uint64_t framer_ignored(struct framer *f)
{
        uint64_t n = f->ignored;

        f->ignored = 0;
        return n;
}

uint64_t framer_position(const struct framer *f)
{
        return f->position;
}

/* Moves what is left to the buffer's beginning. */
static void compact(struct framer *f)
{
        size_t left = f->end - f->start;

        if (f->start == 0)
                return;
        memmove(f->buf, f->buf + f->start, left);
        f->base += f->start;
        f->start = 0;
        f->end = left;
}

static int set_capacity(struct framer *f, size_t cap)
{
        char *buf = realloc(f->buf, cap);

        if (!buf)
                return -ENOMEM;
        f->buf = buf;
        f->cap = cap;
        return 0;
}

char *framer_reserve(struct framer *f, size_t n)
{
        size_t need;

        compact(f);
        if (n > SIZE_MAX / 4)
                return NULL;
        need = f->end + n + RAW_PADDING;
        if (f->cap < need && set_capacity(f, f->cap ? size_max(need, f->cap * 2) : need) < 0)
                return NULL;
        if (f->cap > BUFFER_KEPT_MAX && need < BUFFER_KEPT_MAX / 4)
                (void)set_capacity(f, need);
        return f->buf + f->end;
}

void framer_added(struct framer *f, size_t n)
{
        f->end += n;
        memset(f->buf + f->end, 0, RAW_PADDING);
}

int framer_put(struct framer *f, struct str bytes)
{
        char *p = framer_reserve(f, bytes.n);

        if (!p)
                return -ENOMEM;
        if (bytes.n > 0)
                memcpy(p, bytes.p, bytes.n);
        framer_added(f, bytes.n);
        return 0;
}

/* ---- Handing out ---- */

/* The row's number, and whether it is a header: the same one again, or another that counts from here on. */
static void count_row(struct framer *f, struct frame *frame)
{
        struct str row = frame->bytes, header = f->table.header;
        struct frame_table found;

        if (f->table.row != FRAME_ROW_UNKNOWN)
                f->table.row++;
        frame->table = &f->table;
        if (!header.p || !f->test || row.n < f->first_cell || row.n > CSV_HEADER_BYTES_MAX ||
            memcmp(row.p, header.p, f->first_cell) != 0 || !f->test(f->userdata, row, &found) || !found.header.p)
                return;
        found.row = f->table.row;
        framer_set_table(f, &found);
}

/* Uses up `next` bytes, of which the first `n` are the raw. */
static int hand_out(struct framer *f, size_t n, size_t next, struct frame *ret)
{
        *ret = (struct frame){ .bytes = str_from(f->buf + f->start, n), .offset = f->base + f->start };
        if (f->mode == FRAME_CSV)
                count_row(f, ret);
        f->start += next;
        f->position = f->base + f->start;
        scan_clear(f);
        if (n <= RAW_BYTES_MAX)
                return 1;
        ret->bytes = STR_NONE;
        return -E2BIG;
}

/* Everything up to the next newline behind `used` bytes is too long to be handed out. */
static void begin_skip(struct framer *f, size_t used)
{
        f->skip_from = f->base + f->start;
        f->is_skipping = true;
        f->start += used;
        scan_clear(f);
}

static int go_on_skipping(struct framer *f, bool at_end, struct frame *ret)
{
        size_t left = f->end - f->start;
        char *newline = left > 0 ? memchr(f->buf + f->start, '\n', left) : NULL;

        f->start += newline ? (size_t)(newline + 1 - (f->buf + f->start)) : left;
        if (!newline && !at_end)
                return 0;
        f->is_skipping = false;
        f->position = f->base + f->start;
        *ret = (struct frame){ .bytes = STR_NONE, .offset = f->skip_from };
        return -E2BIG;
}

static void drop_leading(struct framer *f, bool nul_only)
{
        size_t i = f->start;

        while (i < f->end && (nul_only ? f->buf[i] == '\0' : is_blank(f->buf[i])))
                i++;
        if (i == f->start)
                return;
        f->start = i;
        scan_clear(f);
}

/* ---- Lines ---- */

static bool is_all_blank(const char *p, size_t n)
{
        size_t i = 0;

        while (i < n && is_blank(p[i]))
                i++;
        return i == n;
}

static int next_line(struct framer *f, bool at_end, struct frame *ret)
{
        for (;;) {
                const char *p, *newline;
                size_t left, n;

                if (f->start < f->end && f->buf[f->start] == '\0')
                        drop_leading(f, true);
                left = f->end - f->start;
                if (left == 0)
                        return 0;
                p = f->buf + f->start;
                newline = memchr(p + f->searched, '\n', left - f->searched);
                if (!newline && left > RAW_BYTES_MAX) {
                        begin_skip(f, left);
                        return go_on_skipping(f, at_end, ret);
                }
                f->searched = left;
                if (!newline && !at_end)
                        return 0;
                n = newline ? (size_t)(newline - p) : left;
                left = newline ? n + 1 : n;
                if (n > 0 && p[n - 1] == '\r')
                        n--;
                if (n > 0 && !(is_blank(p[0]) && is_all_blank(p, n)))
                        return hand_out(f, n, left, ret);
                f->start += left;
                f->searched = 0;
        }
}

/* ---- Documents ---- */

/* Can this be the beginning of a document? 1, 0, or -EAGAIN: too few bytes to know. */
static int is_document(const struct framer *f, bool at_end)
{
        const char *p = f->buf + f->start, *end = f->buf + f->end;
        char open = *p++;

        if (open != '{' && open != '[')
                return 0;
        while (p < end && is_blank(*p))
                p++;
        if (p == end)
                return at_end ? 1 : p - (f->buf + f->start) > BLANKS_MAX ? 0 : -EAGAIN;
        return *p == '"' || (open == '{' ? *p == '}' : *p == '{' || *p == '[' || *p == ']');
}

/* The first line of a document that was cut off. */
static int hand_out_cut(struct framer *f, bool at_end, struct frame *ret)
{
        uint64_t cut_at = f->base + f->start + f->scan.line;

        if (cut_at > f->cut_at) {
                f->cut_at = cut_at;
                f->cut_tries = 0;
        }
        f->cut_tries++;
        scan_clear(f);
        return next_line(f, at_end, ret);
}

/* A document of n bytes. When it is the first, and alone on its line, the file is NDJSON. */
static int hand_out_document(struct framer *f, size_t n, bool at_end, struct frame *ret)
{
        const char *p = f->buf + f->start + n, *end = f->buf + f->end;

        if (f->mode == FRAME_UNDECIDED && f->scan.line == 0) {
                while (p < end && *p != '\n' && is_blank(*p))
                        p++;
                if (p == end && !at_end && end - (f->buf + f->start + n) <= BLANKS_MAX) {
                        f->scan.at = n - 1; /* the closing bracket is looked at again when more has come */
                        f->scan.depth = 1;
                        return 0;
                }
                if (p == end || *p == '\n') {
                        f->mode = FRAME_LINES;
                        return hand_out(f, n, (size_t)(p - (f->buf + f->start)) + (p < end), ret);
                }
        }
        f->mode = FRAME_JSON;
        return hand_out(f, n, n, ret);
}

static int hand_out_rest(struct framer *f, struct frame *ret)
{
        size_t left = f->end - f->start, n = left;

        while (is_blank(f->buf[f->start + n - 1]))
                n--;
        return hand_out(f, n, left, ret);
}

/* ---- Tables ---- */

/* From s->at on, whole lines. */
static enum scan_result scan_row(struct framer *f, bool at_end)
{
        const char *base = f->buf + f->start;
        size_t n = f->end - f->start;
        struct scan *s = &f->scan;

        for (;;) {
                const char *newline = n > s->at + f->searched ? memchr(base + s->at + f->searched, '\n', n - s->at - f->searched)
                                                              : NULL;
                struct str line = str_from(base + s->at, newline ? (size_t)(newline - base) - s->at : n - s->at);
                enum csv_line r;

                f->searched = newline ? 0 : n - s->at;
                if (!newline && !(at_end && line.n > 0))
                        return at_end ? SCAN_CUT : SCAN_OPEN;
                s->at += line.n + (newline != NULL);
                if (line.n > 0 && line.p[line.n - 1] == '\r')
                        line.n--;
                r = csv_scan_line(line, f->table.delimiter, s->in_string);
                if (r == CSV_WHOLE || (r == CSV_BAD && s->line == 0))
                        return SCAN_CLOSED;
                if (r == CSV_BAD || ++s->depth >= CSV_ROW_LINES_MAX || s->at > CSV_ROW_BYTES_MAX)
                        return SCAN_CUT;
                s->in_string = true;
                s->line = s->at;
        }
}

/* Blank lines, holes of zeroes, and the mark of a file that was put behind another. False: it may yet become one. */
static bool drop_between_rows(struct framer *f, bool at_end)
{
        for (;;) {
                const char *p = f->buf + f->start;
                size_t left = f->end - f->start, n = 0;

                if (left > 0 && *p == '\0') {
                        drop_leading(f, true);
                        continue;
                }
                while (n < left && (p[n] == '\n' || p[n] == '\r'))
                        n++;
                if (n == 0 && left > 0 && memcmp(p, "\xef\xbb\xbf", size_min(left, 3)) == 0) {
                        if (left < 3)
                                return at_end;
                        n = 3;
                }
                if (n == 0)
                        return true;
                f->start += n;
                f->searched = 0;
        }
}

static int next_row(struct framer *f, bool at_end, struct frame *ret)
{
        size_t n;

        if (f->scan.at == 0 && !drop_between_rows(f, at_end))
                return 0;
        if (f->start == f->end)
                return 0;
        if (f->cut_tries > CUT_TRIES_MAX && f->base + f->start < f->cut_at)
                return next_line(f, at_end, ret);
        switch (scan_row(f, at_end)) {
        case SCAN_CUT:
                f->scan.line = f->scan.at;
                return hand_out_cut(f, at_end, ret);
        case SCAN_CLOSED:
                n = f->scan.at;
                while (n > 0 && (f->buf[f->start + n - 1] == '\n' || f->buf[f->start + n - 1] == '\r'))
                        n--;
                return hand_out(f, n, f->scan.at, ret);
        default:
                break;
        }
        if (f->end - f->start <= RAW_BYTES_MAX)
                return 0;
        begin_skip(f, f->end - f->start);
        return go_on_skipping(f, at_end, ret);
}

/* The header of a table below lines that are none of it, among those that are there. */
static bool find_header(struct framer *f, struct frame_table *ret)
{
        struct str rest = str_from(f->buf + f->start, size_min(f->end - f->start, CSV_HEADER_BYTES_MAX)), line;

        for (unsigned above = 0; above <= CSV_ABOVE_MAX && str_cut(&rest, '\n', &line) && rest.p; above++) {
                if (line.n > 0 && line.p[line.n - 1] == '\r')
                        line.n--;
                if (above == 0 || line.n == 0 || !f->test(f->userdata, line, ret) || !ret->header.p || ret->above < above)
                        continue;
                f->ignored += above;
                f->start = (size_t)(line.p - f->buf);
                scan_clear(f);
                return true;
        }
        return false;
}

/* Whether the stream begins with a table. 1, 0, or -EAGAIN: its first line is not whole. */
static int begins_table(struct framer *f, bool at_end)
{
        struct str line = str_from(f->buf + f->start, f->end - f->start);
        const char *newline = memchr(line.p, '\n', size_min(line.n, CSV_HEADER_BYTES_MAX));
        struct frame_table table = { .header = STR_NONE };

        if (!f->test && !f->has_table)
                return 0;
        if (!newline && !at_end && line.n <= CSV_HEADER_BYTES_MAX)
                return -EAGAIN;
        if (newline)
                line.n = (size_t)(newline - line.p);
        if (line.n > 0 && line.p[line.n - 1] == '\r')
                line.n--;
        if (f->test && ((line.n <= CSV_HEADER_BYTES_MAX && f->test(f->userdata, line, &table)) || find_header(f, &table))) {
                table.row = 0;
                framer_set_table(f, &table);
        }
        return f->has_table;
}

/* ---- Mail ---- */

/* Drops what the framer holds, up to where a message may begin. */
static void skip_mail(struct framer *f, bool at_end)
{
        size_t n = f->end - f->start, end = n;
        bool is_found = f->mode == FRAME_MBOX && mbox_find(f->buf + f->start, n, 0, at_end, &end);

        f->skips_mail = !is_found && !at_end;
        if (f->skips_mail && f->mode == FRAME_MBOX)
                end = end > MBOX_BEFORE ? end - MBOX_BEFORE : 0;
        else if (!is_found)
                end = n;
        f->start += end;
        f->position = f->base + f->start;
        scan_clear(f);
}

static int hand_out_mail(struct framer *f, size_t n, size_t next, struct frame *ret)
{
        f->skips_mail = n > MAIL_BYTES_MAX;
        if (f->skips_mail)
                n = next = MAIL_BYTES_MAX;
        hand_out(f, n, next, ret);
        ret->is_cut = f->skips_mail;
        return 1;
}

static int next_mail(struct framer *f, bool at_end, struct frame *ret)
{
        size_t n, end;
        bool is_found;

        if (f->skips_mail)
                skip_mail(f, at_end);
        if (f->scan.at == 0)
                drop_leading(f, false);
        n = f->end - f->start;
        if (f->skips_mail || n == 0)
                return 0;
        if (f->mode == FRAME_MBOX && f->scan.at == 0) {
                int r = mbox_begins(f->buf + f->start, n, at_end);

                if (r == 0) {
                        f->skips_mail = true;
                        *ret = (struct frame){ .bytes = STR_NONE, .offset = f->base + f->start };
                        return -EBADMSG;
                }
                if (r < 0)
                        return 0;
        }
        end = n;
        is_found = f->mode == FRAME_MBOX && mbox_find(f->buf + f->start, n, f->scan.at, at_end, &end);
        f->scan.at = end;
        if (!is_found && !at_end && n <= MAIL_BYTES_MAX)
                return 0;
        if (!is_found)
                end = n;
        return hand_out_mail(f, end, end, ret);
}

bool framer_is_between(const struct framer *f)
{
        size_t n = f->end - f->start;

        return f->mode == FRAME_MBOX && !f->skips_mail && mbox_ends(f->buf + f->start, n);
}

/* Whether the stream is mail. 1, 0, or -EAGAIN. */
static int begins_mail(struct framer *f, bool at_end)
{
        size_t n = f->end - f->start;
        int r;

        r = mbox_begins(f->buf + f->start, n, at_end);
        if (r > 0)
                f->mode = FRAME_MBOX;
        if (r != 0 || f->is_growing)
                return r;
        r = mail_begins(str_from(f->buf + f->start, n), at_end);
        if (r > 0)
                f->mode = FRAME_MAIL;
        return r;
}

/* The first line is no JSON. */
static int decide_text(struct framer *f, bool at_end, struct frame *ret)
{
        int r = f->has_table ? 0 : begins_mail(f, at_end);

        if (r != 0)
                return r > 0 ? next_mail(f, at_end, ret) : 0;
        r = begins_table(f, at_end);
        if (r < 0)
                return 0;
        f->mode = r > 0 ? FRAME_CSV : FRAME_LINES;
        return r > 0 ? next_row(f, at_end, ret) : next_line(f, at_end, ret);
}

/* ---- What comes next ---- */

static int next_document(struct framer *f, bool at_end, struct frame *ret)
{
        int r;

        if (f->scan.at == 0) {
                drop_leading(f, false);
                if (f->start == f->end)
                        return 0;
                if (f->cut_tries > CUT_TRIES_MAX && f->base + f->start < f->cut_at)
                        return next_line(f, at_end, ret);
                r = is_document(f, at_end);
                if (r < 0)
                        return 0;
                if (r == 0)
                        return f->mode == FRAME_UNDECIDED ? decide_text(f, at_end, ret) : next_line(f, at_end, ret);
        }
        switch (scan_document(&f->scan, f->buf + f->start, f->end - f->start)) {
        case SCAN_CLOSED:
                return hand_out_document(f, f->scan.at, at_end, ret);
        case SCAN_CUT:
                return hand_out_cut(f, at_end, ret);
        default:
                break;
        }
        if (f->end - f->start > RAW_BYTES_MAX) {
                f->mode = FRAME_JSON;
                begin_skip(f, f->end - f->start);
                return go_on_skipping(f, at_end, ret);
        }
        return at_end ? hand_out_rest(f, ret) : 0;
}

/* A byte order mark says nothing. 0: it may yet become one. */
static int drop_mark(struct framer *f, bool at_end)
{
        size_t n = size_min(f->end - f->start, 3);

        if (f->base + f->start > 0 || n == 0 || memcmp(f->buf + f->start, "\xef\xbb\xbf", n) != 0)
                return 1;
        if (n < 3)
                return at_end;
        f->start += 3;
        return 1;
}

int framer_next(struct framer *f, bool at_end, struct frame *ret)
{
        if (f->is_skipping)
                return go_on_skipping(f, at_end, ret);
        if (f->mode == FRAME_LINES)
                return next_line(f, at_end, ret);
        if (f->mode == FRAME_CSV)
                return next_row(f, at_end, ret);
        if (f->mode == FRAME_MAIL || f->mode == FRAME_MBOX)
                return next_mail(f, at_end, ret);
        return drop_mark(f, at_end) ? next_document(f, at_end, ret) : 0;
}
