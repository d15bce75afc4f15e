/* SPDX-License-Identifier: Apache-2.0 */

/* The framer: what it cuts, that the pieces in which bytes come make no difference, that it can be stopped and gone on
 * with behind any raw, and that hostile bytes cost linear time. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "monitor/input/frame.h"
#include "monitor/model/record.h"

enum { RAWS_MAX = 8 };

struct cut {
        const char *name, *bytes, *raws[RAWS_MAX + 1];
        enum frame_mode mode;
};

static const struct cut cuts[] = {
        { "nothing", "", { NULL }, FRAME_UNDECIDED },
        { "blanks only", " \n\t\r\n", { NULL }, FRAME_UNDECIDED },
        { "lines", "a\nb c\n", { "a", "b c" }, FRAME_LINES },
        { "CRLF and empty lines", "a\r\n\r\n\n  \nb\r\n", { "a", "b" }, FRAME_LINES },
        { "last line without newline", "a\nb", { "a", "b" }, FRAME_LINES },
        { "byte order mark", "\xef\xbb\xbf{\"a\":1}\n", { "{\"a\":1}" }, FRAME_LINES },
        { "leading blanks of a line stay", "a\n  b\n", { "a", "  b" }, FRAME_LINES },
        { "NDJSON", "{\"a\":1}\n{\"b\":[{}]}\n", { "{\"a\":1}", "{\"b\":[{}]}" }, FRAME_LINES },
        { "NDJSON, one malformed line", "{\"a\":1}\n{\"b\":\n{\"c\":3}\n", { "{\"a\":1}", "{\"b\":", "{\"c\":3}" }, FRAME_LINES },
        { "NDJSON, first line cut in a string", "{\"a\":\"x\n{\"b\":2}\n{\"c\":3}", { "{\"a\":\"x", "{\"b\":2}", "{\"c\":3}" }, FRAME_LINES },
        { "NDJSON, first line cut behind a value", "{\"a\":1\n{\"b\":2}\n{\"c\":3}\n", { "{\"a\":1", "{\"b\":2}", "{\"c\":3}" }, FRAME_LINES },
        { "NDJSON, first line cut behind a comma", "{\"a\":1,\n{\"b\":2}\n", { "{\"a\":1,", "{\"b\":2}" }, FRAME_LINES },
        { "one document, one line, no newline", "{\"a\":1}", { "{\"a\":1}" }, FRAME_LINES },
        { "one document over lines", "{\n  \"a\": [1,\n  2]\n}\n", { "{\n  \"a\": [1,\n  2]\n}" }, FRAME_JSON },
        { "two documents over lines", "{\n\"a\":1\n}\n\n{\n\"b\":2}", { "{\n\"a\":1\n}", "{\n\"b\":2}" }, FRAME_JSON },
        { "two documents on one line", "{\"a\":1} {\"b\":2}\n", { "{\"a\":1}", "{\"b\":2}" }, FRAME_JSON },
        { "array of documents", "[{\"a\":1},\n {\"b\":2}]\n", { "[{\"a\":1},\n {\"b\":2}]" }, FRAME_JSON },
        { "brackets and quotes in strings", "{\n\"a\":\"}{][\\\"}\\\\\",\n\"b\":\"\\\\\\\"{\"}\n", { "{\n\"a\":\"}{][\\\"}\\\\\",\n\"b\":\"\\\\\\\"{\"}" }, FRAME_JSON },
        { "cut off in a string, next one whole", "{\n\"a\":1}\n{\"b\":\"x\n{\"c\":\n3}\n", { "{\n\"a\":1}", "{\"b\":\"x", "{\"c\":\n3}" }, FRAME_JSON },
        { "junk behind a document", "{\n\"a\":1}\njunk here\n{\n}\n", { "{\n\"a\":1}", "junk here", "{\n}" }, FRAME_JSON },
        { "unclosed at the end", "{\n\"a\":1}\n{\n\"b\":[\n1\n", { "{\n\"a\":1}", "{\n\"b\":[\n1" }, FRAME_JSON },
        { "stray closing brackets", "{\"a\":1}}\n]\n{\"b\":\n2}\n", { "{\"a\":1}", "}", "]", "{\"b\":\n2}" }, FRAME_JSON },
        { "a text line in brackets", "[Mon Oct 12 10:00:00 2026] [error] {x\n[Tue] y\n", { "[Mon Oct 12 10:00:00 2026] [error] {x", "[Tue] y" }, FRAME_LINES },
        { "a table", "T,b\r\n1,2\r\n\r\n3,4", { "T,b", "1,2", "3,4" }, FRAME_CSV },
        { "a table, byte order mark", "\xef\xbb\xbfT,b\n1,2\n", { "T,b", "1,2" }, FRAME_CSV },
        { "no table, same rows", "b,T\n1,\"2\n3\"\n", { "b,T", "1,\"2", "3\"" }, FRAME_LINES },
        { "line breaks in quotes", "T,b\n1,\"x\r\n\n y\"\n\"\"\"\n\",4\n5,6\n", { "T,b", "1,\"x\r\n\n y\"", "\"\"\"\n\",4", "5,6" }, FRAME_CSV },
        { "a quote in a cell is none", "T,b\n5\" disk,2\n3,4\n", { "T,b", "5\" disk,2", "3,4" }, FRAME_CSV },
        { "cut off in a quoted cell", "T,b\n1,\"x\n3,\"y\"\n5,6\n", { "T,b", "1,\"x", "3,\"y\"", "5,6" }, FRAME_CSV },
        { "unclosed at the end of a table", "T,b\n1,\"x\n3,4\n5,6\n", { "T,b", "1,\"x", "3,4", "5,6" }, FRAME_CSV },
        { "text behind a closing quote", "T,b\n1,\"x\"y\n3,4\n", { "T,b", "1,\"x\"y", "3,4" }, FRAME_CSV },
        { "files put together", "T,b\n1,2\nT,b\n3,4\n\xef\xbb\xbfT,c,d\n5,6,7\n", { "T,b", "1,2", "T,b", "3,4", "T,c,d", "5,6,7" }, FRAME_CSV },
        { "a hole of zeroes behind a quote", "T,b\n1,\"\"\n", { "T,b", "1,\"\"" }, FRAME_CSV },
        { "a date in brackets", "[2026-10-12 10:00] x\n[2026-10-12 10:01] y\n", { "[2026-10-12 10:00] x", "[2026-10-12 10:01] y" }, FRAME_LINES },
};

/* Tables begin with "T,": the test's own rule. */
static bool test_table(void *userdata, struct str line, struct frame_table *ret)
{
        static char kept[16][64];
        static unsigned at;
        char *copy = kept[at++ % 16];

        (void)userdata;
        if (!str_starts(line, STR("T,")) || line.n > sizeof kept[0])
                return false;
        memcpy(copy, line.p, line.n);
        *ret = (struct frame_table){ .header = str_from(copy, line.n), .delimiter = ',' };
        return true;
}

/* The raws of `text` given in pieces of `piece` bytes, separated by 0x1e. */
static void cut_up(struct str text, size_t piece, struct strbuf *out, enum frame_mode *ret)
{
        struct framer *f = framer_new();
        struct frame frame;

        framer_set_test(f, test_table, NULL);
        framer_start(f, 0, FRAME_UNDECIDED);
        for (size_t at = 0; at < text.n; at += piece) {
                cr_assert_eq(framer_put(f, str_from(text.p + at, size_min(piece, text.n - at))), 0);
                while (framer_next(f, false, &frame) > 0) {
                        strbuf_add(out, frame.bytes);
                        strbuf_addc(out, 0x1e);
                        cr_assert_eq(memcmp(frame.bytes.p, text.p + frame.offset, frame.bytes.n), 0);
                }
        }
        while (framer_next(f, true, &frame) > 0) {
                strbuf_add(out, frame.bytes);
                strbuf_addc(out, 0x1e);
        }
        *ret = framer_mode(f);
        framer_free(f);
}

Test(frame, cuts_whatever_the_pieces)
{
        for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
                struct str text = str_of(cuts[i].bytes);
                struct strbuf expected = STRBUF_INIT, got = STRBUF_INIT;
                enum frame_mode mode;

                for (size_t k = 0; cuts[i].raws[k]; k++)
                        strbuf_addf(&expected, "%s\x1e", cuts[i].raws[k]);
                for (size_t piece = 1; piece <= text.n + 1; piece++) {
                        strbuf_clear(&got);
                        cut_up(text, piece, &got, &mode);
                        cr_assert(str_eq(strbuf_str(&got), strbuf_str(&expected)), "%s, pieces of %zu: " STR_FMT,
                                  cuts[i].name, piece, STR_ARG(strbuf_str(&got)));
                        cr_assert_eq(mode, cuts[i].mode, "%s, pieces of %zu: mode %d", cuts[i].name, piece, mode);
                }
                strbuf_done(&expected);
                strbuf_done(&got);
        }
}

Test(frame, goes_on_behind_any_raw)
{
        for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
                struct str text = str_of(cuts[i].bytes);
                struct framer *f = framer_new();
                struct frame frame;
                size_t k = 0;

                framer_set_test(f, test_table, NULL);
                /* A fresh framer for each raw, as after a restart. */
                framer_start(f, 0, FRAME_UNDECIDED);
                for (;; k++) {
                        uint64_t at = framer_position(f);
                        bool has_table = framer_mode(f) == FRAME_CSV;
                        struct frame_table table = has_table ? *framer_table(f) : (struct frame_table){ 0 };

                        framer_start(f, at, framer_mode(f));
                        if (has_table)
                                framer_set_table(f, &table);
                        framer_put(f, str_from(text.p + at, text.n - at));
                        if (framer_next(f, true, &frame) <= 0)
                                break;
                        cr_assert(cuts[i].raws[k] && str_eqz(frame.bytes, cuts[i].raws[k]), "%s: " STR_FMT, cuts[i].name,
                                  STR_ARG(frame.bytes));
                }
                cr_assert_null(cuts[i].raws[k], "%s: %zu raws", cuts[i].name, k);
                framer_free(f);
        }
}

Test(frame, half_a_record_waits)
{
        static const char *const halves[] = { "half", "{\"a\":1}", "{\"a\":", "{\n", "[", "\xef\xbb" };

        for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
                struct framer *f = framer_new();
                struct frame frame;

                framer_start(f, 0, FRAME_UNDECIDED);
                framer_put(f, str_of(halves[i]));
                cr_assert_eq(framer_next(f, false, &frame), 0, "%s", halves[i]);
                cr_assert_eq(framer_position(f), 0);
                cr_assert_eq(framer_next(f, true, &frame), 1, "%s", halves[i]);
                framer_free(f);
        }
}

Test(frame, holes_of_zeroes_are_passed_over)
{
        struct framer *f = framer_new();
        struct frame frame;
        char hole[1000] = { 0 };

        framer_start(f, 0, FRAME_UNDECIDED);
        framer_put(f, STR("a\n"));
        cr_assert_eq(framer_next(f, false, &frame), 1);
        for (int i = 0; i < 10; i++)
                framer_put(f, str_from(hole, sizeof hole));
        framer_put(f, STR("b\n"));
        cr_assert_eq(framer_next(f, false, &frame), 1);
        cr_assert(str_eq(frame.bytes, STR("b")));
        cr_assert_eq(frame.offset, 10002);
        framer_free(f);
}

/* Rows with their header and number. */
Test(frame, rows_know_their_header)
{
        static const struct {
                const char *row, *header;
                uint64_t number;
        } rows[] = { { "T,b", "T,b", 1 }, { "1,2", "T,b", 2 }, { "T,c", "T,c", 3 }, { "\"3\n\",4", "T,c", 4 } };
        struct framer *f = framer_new();
        struct frame_table table = { .header = STR("T,old"), .delimiter = ',', .row = 0 };
        struct frame frame;

        framer_set_test(f, test_table, NULL);
        framer_start(f, 0, FRAME_UNDECIDED);
        framer_put(f, STR("T,b\n1,2\nT,c\n\"3\n\",4\n"));
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                cr_assert_eq(framer_next(f, false, &frame), 1);
                cr_assert(frame.table && str_eqz(frame.bytes, rows[i].row) && str_eqz(frame.table->header, rows[i].header));
                cr_assert_eq(frame.table->row, rows[i].number);
        }
        /* A file that goes on with another one's rows. */
        framer_start(f, 0, FRAME_UNDECIDED);
        framer_set_table(f, &table);
        framer_put(f, STR("1,2\n"));
        cr_assert_eq(framer_next(f, false, &frame), 1);
        cr_assert(frame.table && str_eqz(frame.table->header, "T,old") && frame.table->row == 1);
        framer_start(f, 0, FRAME_UNDECIDED);
        framer_set_table(f, &table);
        framer_put(f, STR("{\"a\":1}\n"));
        cr_assert_eq(framer_next(f, true, &frame), 1);
        cr_assert(!frame.table && framer_mode(f) == FRAME_LINES);
        framer_free(f);
}

/* One byte more than allowed: a line, a document over lines, a document that never ends. */
static void refuse(const char *open, char fill, const char *close)
{
        struct framer *f = framer_new();
        struct frame frame;
        size_t left = RAW_BYTES_MAX;
        char *piece = malloc(1 << 20);
        int r, refused = 0;

        memset(piece, fill, 1 << 20);
        framer_start(f, 100, FRAME_UNDECIDED);
        framer_put(f, str_of(open));
        for (; left > 0; left -= size_min(left, 1 << 20)) {
                framer_put(f, str_from(piece, size_min(left, 1 << 20)));
                r = framer_next(f, false, &frame);
                cr_assert(r == 0 || (r == -E2BIG && frame.offset == 100), "%d", r);
                refused += r == -E2BIG;
        }
        framer_put(f, str_of(close));
        framer_put(f, STR("\n{\"next\":1}\n"));
        while ((r = framer_next(f, false, &frame)) < 0) {
                cr_assert_eq(r, -E2BIG);
                cr_assert_eq(frame.offset, 100);
                refused++;
        }
        cr_assert_eq(refused, 1);
        cr_assert_eq(r, 1);
        cr_assert(str_eq(frame.bytes, STR("{\"next\":1}")));
        framer_free(f);
        free(piece);
}

Test(frame, too_long_is_skipped_and_the_next_taken)
{
        refuse("line ", 'x', "");
        refuse("{\"a\":\"", 'x', "\"}");
        refuse("{\"a\":\n", ' ', "1}");
        refuse("{\"a\":[", '[', "");
}

/* Bytes made to have each line looked at again and again. */
Test(frame, hostile_bytes_cost_linear_time)
{
        static const char *const lines[] = { "{\"\n",       "[\n",      "{\"a\":\n",   "[\"\n",    "[[\n",
                                             "{\"a\":1,\n", "[{\"a\":\"\n", "T,\"\"\"\n", "T,\"\n\n\n", "T,x\n" };

        for (size_t i = 0; i < ARRAY_LEN(lines); i++)
                for (int with_cut = 0; with_cut < 2; with_cut++) {
                        struct framer *f = framer_new();
                        struct frame frame;
                        size_t bytes = 0, n = strlen(lines[i]);
                        clock_t start = clock();

                        framer_set_test(f, test_table, NULL);
                        framer_start(f, 0, FRAME_UNDECIDED);
                        for (; bytes < 4 << 20; bytes += n)
                                framer_put(f, str_from(lines[i], n));
                        if (with_cut)
                                framer_put(f, STR("\"\n"));
                        while (framer_next(f, true, &frame) != 0)
                                ;
                        cr_assert_lt((double)(clock() - start) / CLOCKS_PER_SEC, 20.0, "%s", lines[i]);
                        framer_free(f);
                }
}

/* Random soup of what matters: pieces make no difference, nothing is lost but blanks. */
Test(frame, random_bytes_in_random_pieces)
{
        static const char soup[] = "{}[]\",:\\ \n\r\tax1{\"\nT,";

        srand(20261123);
        for (int round = 0; round < 4000; round++) {
                char text[80];
                size_t n = (size_t)(rand() % 80);
                struct strbuf whole = STRBUF_INIT, pieces = STRBUF_INIT;
                enum frame_mode a, b;

                for (size_t i = 0; i < n; i++)
                        text[i] = soup[(size_t)rand() % (sizeof soup - 1)];
                cut_up(str_from(text, n), n + 1, &whole, &a);
                cut_up(str_from(text, n), 1 + (size_t)(rand() % 7), &pieces, &b);
                cr_assert(str_eq(strbuf_str(&whole), strbuf_str(&pieces)), "\"" STR_FMT "\"", (int)n, text);
                for (size_t i = 0, k = 0; i < n; i++) {
                        if (strchr(" \n\r\t", text[i]))
                                continue;
                        while (whole.p[k] != text[i] && strchr(" \n\r\t\x1e", whole.p[k]))
                                k++;
                        cr_assert_eq(whole.p[k++], text[i], "\"" STR_FMT "\"", (int)n, text);
                }
                strbuf_done(&whole);
                strbuf_done(&pieces);
        }
}
