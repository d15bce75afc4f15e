/* SPDX-License-Identifier: Apache-2.0 */

/* From a file to raws. Bytes are read straight into the framer's buffer and framed there; then the stretch that holds
 * the raws is copied into the batch's arena at once, with the padding behind it, and the raws point into the copy. */

#include "monitor/input/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024 }; /* stays in the cache between reading, framing and copying */

static bool test_table(void *userdata, struct str line, struct frame_table *ret)
{
        struct reader *rd = userdata;

        return kind_test_table(rd->in, line, ret);
}

int reader_open(int fd, struct reader **ret)
{
        CLEANUP(reader_freep) struct reader *rd = calloc(1, sizeof *rd);
        int r;

        if (!rd) {
                close(fd);
                return -ENOMEM;
        }
        r = bytes_open(fd, &rd->bytes);
        if (r < 0)
                return r;
        rd->framer = framer_new();
        if (!rd->framer)
                return -ENOMEM;
        framer_set_test(rd->framer, test_table, rd);
        rd->reference = USEC_NONE;
        rd->is_fresh = true;
        *ret = TAKE(rd);
        return 0;
}

struct reader *reader_free(struct reader *rd)
{
        if (!rd)
                return NULL;
        bytes_free(rd->bytes);
        framer_free(rd->framer);
        free(rd);
        return NULL;
}

void reader_set_growing(struct reader *rd)
{
        framer_set_growing(rd->framer);
}

void reader_set_mail(struct reader *rd, enum frame_mode mode)
{
        framer_start(rd->framer, 0, mode);
}

/* ---- Places ---- */

void reader_place(struct reader *rd, struct place *ret)
{
        uint64_t offset = framer_position(rd->framer);
        size_t n = offset < rd->start_n ? (size_t)offset : rd->start_n;

        if (rd->head.n != n)
                rd->head = sample_of(0, str_from(rd->start, n));
        ret->offset = offset;
        ret->head = rd->head;
        ret->mark = rd->mark;
        ret->mode = framer_mode(rd->framer);
        ret->repeat = rd->repeat;
        if (framer_table(rd->framer))
                ret->table = *framer_table(rd->framer);
}

/* Compares both samples while reading forward once; the file's beginning is kept for later places. */
static int compare(struct reader *rd, const struct place *place, bool head_only)
{
        char buf[2 * INPUT_FINGERPRINT_BYTES];
        size_t n = (size_t)place->head.n, mark_end = (size_t)(place->mark.n + place->mark.offset);
        bool is_apart = place->mark.offset >= place->head.n;
        int r;

        if (!head_only && !is_apart)
                n = size_max(n, mark_end);
        r = bytes_read_all(rd->bytes, buf, n);
        if (r < 0)
                return r;
        if (place->head.n > 0 && !sample_matches(&place->head, str_from(buf, (size_t)place->head.n)))
                return -ESTALE;
        rd->start_n = size_min(n, sizeof rd->start);
        memcpy(rd->start, buf, rd->start_n);
        if (head_only || place->mark.n == 0)
                return 0;
        if (!is_apart)
                return sample_matches(&place->mark, str_from(buf + place->mark.offset, (size_t)place->mark.n)) ? 0
                                                                                                            : -ESTALE;
        r = bytes_skip(rd->bytes, place->mark.offset - n);
        if (r >= 0)
                r = bytes_read_all(rd->bytes, buf, (size_t)place->mark.n);
        if (r < 0)
                return r;
        return sample_matches(&place->mark, str_from(buf, (size_t)place->mark.n)) ? 0 : -ESTALE;
}

int reader_resume(struct reader *rd, const struct place *place, bool head_only)
{
        int r = compare(rd, place, head_only);

        if (r >= 0 && !head_only)
                r = bytes_skip(rd->bytes, place->offset - bytes_offset(rd->bytes));
        if (r == -ENODATA || r == -EBADMSG)
                return -ESTALE;
        if (r < 0 || head_only)
                return r;
        rd->is_fresh = place->offset == 0;
        framer_start(rd->framer, place->offset, place->mode);
        if (place->mode == FRAME_CSV)
                framer_set_table(rd->framer, &place->table);
        rd->repeat = place->repeat;
        rd->head = place->head;
        rd->mark = place->mark;
        return 0;
}

/* ---- Reading ---- */

/* Adds what the file has. Number of bytes, 0 at its end, negative. */
static ssize_t fill(struct reader *rd)
{
        uint64_t at = bytes_offset(rd->bytes);
        char *p = framer_reserve(rd->framer, READ_BYTES);
        ssize_t n;

        if (!p)
                return -ENOMEM;
        n = bytes_read(rd->bytes, p, READ_BYTES);
        if (rd->check) {
                int r = rd->check(rd->userdata);

                if (r < 0)
                        return r;
        }
        if (n <= 0)
                return n;
        if (at == rd->start_n && at < sizeof rd->start) {
                size_t more = size_min((size_t)n, sizeof rd->start - rd->start_n);

                memcpy(rd->start + rd->start_n, p, more);
                rd->start_n += more;
        }
        framer_added(rd->framer, (size_t)n);
        return n;
}

static uint64_t run_before(const struct reader *rd, const struct raws *raws, size_t first, struct str bytes)
{
        struct hash128 hash;

        if (raws->n > first) {
                const struct raw *last = &raws->items[raws->n - 1];

                return str_eq(last->bytes, bytes) ? last->repeat + 1 : 0;
        }
        if (rd->repeat.n != bytes.n)
                return 0;
        hash = hash128_of(&bytes, 1);
        return hash128_eq(&hash, &rd->repeat.hash) ? rd->repeat.run + 1 : 0;
}

/* Moves the bytes of the raws from `from` on into the arena. */
static int copy_span(struct taking *t, size_t from)
{
        struct raw *items = t->raws->items;
        size_t n = t->raws->n;
        struct str copy;
        const char *start;

        if (n == from)
                return 0;
        start = items[from].bytes.p;
        copy = arena_dup(t->arena, str_from(start, (size_t)(items[n - 1].bytes.p + items[n - 1].bytes.n - start) +
                                                           RAW_PADDING));
        if (!copy.p)
                return -ENOMEM;
        for (size_t i = from; i < n; i++)
                items[i].bytes.p = copy.p + (items[i].bytes.p - start);
        return 0;
}

static void refuse_long(struct reader *rd, struct input *in, uint64_t offset)
{
        in->counters.n[COUNTER_REJECT_TOO_LONG]++;
        kind_note(in, -E2BIG, rd->origin->path, "a record at byte %" PRIu64 " is longer than %d bytes, skipped", offset,
                  (int)RAW_BYTES_MAX);
}

/* Hands out what the framer has. 1 full, 0 needs more bytes, negative. `first`: of this reader's raws in the batch. */
static int take_frames(struct reader *rd, struct input *in, struct taking *t, size_t first, bool at_end)
{
        size_t from = t->raws->n;
        int r = 0;

        while (!taking_is_full(t)) {
                struct frame frame;
                struct raw raw;

                r = framer_next(rd->framer, at_end, &frame);
                if (r == -E2BIG) {
                        refuse_long(rd, in, frame.offset);
                        r = copy_span(t, from);
                        from = t->raws->n;
                        if (r < 0)
                                return r;
                        continue;
                }
                if (r == -EBADMSG) {
                        in->counters.n[COUNTER_MAIL_STRAY]++;
                        kind_note(in, r, rd->origin->path, "bytes from %" PRIu64 " on belong to no message, skipped up to the next \"From \" line",
                                  frame.offset);
                        continue;
                }
                if (r <= 0)
                        break;
                in->counters.n[COUNTER_MAIL_CUT] += frame.is_cut;
                raw = (struct raw){ .bytes = frame.bytes, .file = rd->origin->path, .offset = frame.offset,
                                    .records = &rd->origin->records, .reference = rd->reference,
                                    .source = in->source, .authserv = in->authserv };
                if (frame.table) {
                        raw.header = frame.table->header;
                        raw.row = frame.table->row == FRAME_ROW_UNKNOWN ? 0 : frame.table->row;
                }
                raw.repeat = run_before(rd, t->raws, first, frame.bytes);
                r = kind_take(in, t, &raw);
                if (r < 0)
                        break;
        }
        if (r < 0)
                return r;
        r = copy_span(t, from);
        return r < 0 ? r : taking_is_full(t);
}

/* What places need to know about the last raw. */
static void remember_last(struct reader *rd, const struct raw *last)
{
        size_t n = size_min(last->bytes.n, INPUT_FINGERPRINT_BYTES), at = last->bytes.n - n;

        rd->mark = sample_of(last->offset + at, str_from(last->bytes.p + at, n));
        rd->repeat = (struct repeat){ .run = last->repeat, .n = last->bytes.n };
        rd->repeat.hash = at == 0 ? rd->mark.hash : hash128_of(&last->bytes, 1);
}

/* At the end of what an mbox that grows has: is its last message all there? Asked behind the read, and last of all whether
 * more has come since: then what was read is all that had been written when nobody wrote. */
static bool is_whole(struct reader *rd)
{
        return rd->is_settled && framer_is_between(rd->framer) && rd->is_settled(rd->userdata);
}

int reader_read(struct reader *rd, struct input *in, struct taking *t, bool is_final)
{
        size_t first = t->raws->n;
        uint64_t before = framer_position(rd->framer);
        bool is_ended = rd->error < 0;
        int r;

        rd->in = in;
        for (;;) {
                ssize_t n;

                r = take_frames(rd, in, t, first, is_ended && (is_final || rd->error < 0 || is_whole(rd)));
                if (r != 0 || is_ended)
                        break;
                if (rd->is_stream && t->raws->n > first) {
                        r = 1;
                        break;
                }
                n = fill(rd);
                if (n == -ENOMEM || n == -ESTALE) {
                        r = (int)n;
                        break;
                }
                rd->error = n < 0 ? (int)n : 0;
                is_ended = n <= 0;
        }
        if (t->raws->n > first)
                remember_last(rd, &t->raws->items[t->raws->n - 1]);
        in->counters.n[COUNTER_NOT_MINE] += framer_ignored(rd->framer);
        in->counters.n[COUNTER_BYTES] += framer_position(rd->framer) - before;
        return r == 0 ? rd->error : r;
}
