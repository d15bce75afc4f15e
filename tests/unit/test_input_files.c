/* SPDX-License-Identifier: Apache-2.0 */

/* Files read once: which ones, in which order, and that one file's trouble is its own. */

#include "tests/unit/input_util.h"

TestSuite(files, .timeout = 120, .init = util_setup, .fini = util_teardown);

static struct input *open_files(const char *const *names, size_t n)
{
        struct input_options o = util_options();
        const char *paths[8];
        struct err err = { 0 };
        struct input *in;

        for (size_t i = 0; i < n; i++)
                paths[i] = names[i][0] == '-' ? names[i] : util_path(names[i]);
        cr_assert_eq(input_open_files(&o, paths, n, &in, &err), 0, "%s", err.text);
        return in;
}
#define OPEN(...) open_files((const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

Test(files, folder_in_order_of_name_and_by_name)
{
        struct util_list list = { 0 };
        struct input *in;

        mkdir(util_path("d"), 0700);
        mkdir(util_path("d/b"), 0700);
        mkdir(util_path("d/.hidden"), 0700);
        util_write("d/c.json", "{\"n\":\"c\"}");
        util_write("d/b/2.log.1", "b2");
        util_write("d/b/1.NDJSON", "{\"n\":\"b1\"}");
        util_write("d/a.txt", "a\n");
        util_write("d/z.csv", "z\n");
        util_write("d/readme", "no\n");
        util_write("d/picture.png", "no\n");
        util_write("d/.x.log", "no\n");
        util_write("d/.hidden/y.log", "no\n");
        util_write("named", "named\n");
        util_compress("d/z.csv", false);
        in = OPEN("d", "named");
        util_drain(in, &list);
        EXPECT(&list, "a", "{\"n\":\"b1\"}", "b2", "{\"n\":\"c\"}", "z", "named");
        cr_assert_str_eq(list.items[2].file, util_path("d/b/2.log.1"));
        cr_assert_eq(util_count(in, COUNTER_RAWS), 6);
        cr_assert_eq(util_notes, 0, "%s", util_last_note);
        util_list_done(&list);
        input_close(in);
}

Test(files, trouble_is_noted_and_the_others_go_on)
{
        struct util_list list = { 0 };
        struct input *in;

        mkdir(util_path("d"), 0700);
        util_write("d/a.log", "a\n");
        cr_assert_eq(symlink("/nowhere", util_path("d/b.log")), 0);
        cr_assert_eq(symlink(util_path("d/a.log"), util_path("d/c.log")), 0);
        cr_assert_eq(mkfifo(util_path("d/d.log"), 0600), 0);
        util_write("d/e.log", "e\n");
        util_write("f.log", "f\n");
        in = OPEN("missing", "d", "d/d.log", "f.log");
        util_drain(in, &list);
        EXPECT(&list, "a", "e", "f");
        cr_assert_eq(util_notes, 5, "%u: %s", util_notes, util_last_note);
        cr_assert_eq(util_count(in, COUNTER_REJECT_FILE), 5);
        util_list_done(&list);
        input_close(in);
}

Test(files, truncated_gzip_is_read_as_far_as_possible)
{
        struct util_list list = { 0 };
        struct strbuf text = STRBUF_INIT;
        struct input *in;
        char *packed;
        size_t n;

        for (int i = 0; i < 5000; i++)
                strbuf_addf(&text, "line %d %x\n", i, i * 2654435761u);
        n = util_gzip(text.p, text.n, &packed);
        util_put("a.gz", packed, n / 2, "wb");
        util_write("b.log", "b\n");
        in = OPEN("a.gz", "b.log");
        util_drain(in, &list);
        cr_assert_gt(list.n, 1000);
        cr_assert_str_eq(list.items[0].text, "line 0 0");
        cr_assert_str_eq(list.items[list.n - 1].text, "b");
        cr_assert_eq(util_notes, 1);
        cr_assert(strstr(util_last_note, "compressed"), "%s", util_last_note);
        cr_assert_eq(util_count(in, COUNTER_REJECT_FILE), 1);
        util_list_done(&list);
        strbuf_done(&text);
        input_close(in);
        free(packed);
}

Test(files, hundred_megabytes_without_a_newline)
{
        struct util_list list = { 0 };
        struct input *in;
        char *piece = malloc(1 << 20);

        memset(piece, 'x', 1 << 20);
        util_write("a.log", "first\n");
        for (int i = 0; i < 100; i++)
                util_put("a.log", piece, 1 << 20, "ab");
        util_append("a.log", "\nlast\n");
        in = OPEN("a.log");
        util_drain(in, &list);
        EXPECT(&list, "first", "last");
        cr_assert_eq(util_count(in, COUNTER_REJECT_TOO_LONG), 1);
        cr_assert_eq(util_notes, 1);
        cr_assert(strstr(util_last_note, "byte 6 "), "%s", util_last_note);
        cr_assert_eq(list.items[1].offset, 6 + (100 << 20) + 1);
        util_list_done(&list);
        input_close(in);
        free(piece);
}

Test(files, a_raw_may_be_as_long_as_the_limit)
{
        struct util_list list = { 0 };
        struct input *in;
        char *text = malloc(RAW_BYTES_MAX);

        memset(text, 'x', RAW_BYTES_MAX);
        util_put("a.log", text, RAW_BYTES_MAX, "wb");
        in = OPEN("a.log");
        util_drain(in, &list);
        cr_assert_eq(list.n, 1);
        cr_assert_eq(list.items[0].n, RAW_BYTES_MAX);
        util_list_done(&list);
        input_close(in);
        free(text);
}

/* Runs of identical lines are counted across batches, and in the file only. */
Test(files, counts_identical_neighbours)
{
        static const uint64_t repeats[] = { 0, 1, 2, 0, 0, 0 };
        struct util_list list = { 0 };
        struct input *in;

        util_write("a.log", "x\nx\nx\ny\nx\n");
        util_write("b.log", "x\n");
        in = OPEN("a.log", "b.log");
        while (util_step(in, &list, 1) > 0)
                ;
        EXPECT(&list, "x", "x", "x", "y", "x", "x");
        for (size_t i = 0; i < 6; i++)
                cr_assert_eq(list.items[i].repeat, repeats[i], "raw %zu", i);
        util_list_done(&list);
        input_close(in);
}

Test(files, small_batches_give_the_same)
{
        struct util_list whole = { 0 }, small = { 0 };
        struct strbuf text = STRBUF_INIT;
        struct input *in;

        for (int i = 0; i < 20000; i++)
                strbuf_addf(&text, "{\"n\":%d%s}\n", i, i % 3 ? "" : ",\"long\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"");
        util_put("a.log", text.p, text.n, "wb");
        in = OPEN("a.log");
        util_drain(in, &whole);
        input_close(in);
        in = OPEN("a.log");
        while (util_step(in, &small, 777) > 0)
                ;
        cr_assert_eq(whole.n, 20000);
        cr_assert_eq(small.n, whole.n);
        for (size_t i = 0; i < whole.n; i++) {
                cr_assert_str_eq(small.items[i].text, whole.items[i].text);
                cr_assert_eq(small.items[i].offset, whole.items[i].offset);
        }
        cr_assert_eq(util_count(in, COUNTER_BYTES), text.n);
        input_close(in);
        util_list_done(&whole);
        util_list_done(&small);
        strbuf_done(&text);
}

Test(files, standard_input)
{
        struct util_list list = { 0 };
        struct input *in;
        int ends[2];

        cr_assert_eq(pipe(ends), 0);
        cr_assert_eq(write(ends[1], "one\ntwo\nthr", 11), 11);
        cr_assert_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
        in = OPEN("-");
        cr_assert_eq(util_step(in, &list, 1 << 20), 1, "what came is handed out at once");
        EXPECT(&list, "one", "two");
        cr_assert_eq(write(ends[1], "ee", 2), 2);
        close(ends[1]);
        util_drain(in, &list);
        EXPECT(&list, "one", "two", "three");
        cr_assert_str_eq(list.items[0].file, "-");
        cr_assert_eq(list.items[0].reference, USEC_NONE);
        util_list_done(&list);
        input_close(in);
        close(ends[0]);
}

Test(files, reference_is_the_time_of_writing)
{
        const struct timespec times[2] = { { 1767225600, 0 }, { 1767225600, 500000 } };
        struct util_list list = { 0 };
        struct input *in;

        util_write("a.log", "x\n");
        cr_assert_eq(utimensat(AT_FDCWD, util_path("a.log"), times, 0), 0);
        in = OPEN("a.log");
        util_drain(in, &list);
        cr_assert_eq(list.items[0].reference, 1767225600 * USEC_PER_SEC + 500);
        util_list_done(&list);
        input_close(in);
}

static bool begins_with_t(void *userdata, const char *source, struct str line, struct csv_shape *ret)
{
        (void)userdata, (void)source;
        *ret = (struct csv_shape){ .delimiter = ',', .has_header = true };
        return str_starts(line, STR("T,"));
}

/* Whoever can write headers into a table cannot fill the memory with them. */
Test(files, different_headers_are_limited)
{
        enum { HEADERS = 100, BYTES = 60000 };
        struct input_options o = util_options();
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct raws raws = { 0 };
        struct arena *arena = arena_new();
        const char *path = util_path("t.csv");
        struct input *in;
        struct err err = { 0 };
        size_t n = 0, n_below = 0;

        for (unsigned i = 0; i < HEADERS; i++) {
                strbuf_addf(&text, "T,%u,", i);
                for (unsigned k = 0; k < BYTES; k++)
                        strbuf_addc(&text, 'x');
                strbuf_addf(&text, "\n%u,row,\n", i);
        }
        util_put("t.csv", text.p, text.n, "wb");
        o.is_csv = begins_with_t;
        cr_assert(arena);
        cr_assert_eq(input_open_files(&o, &path, 1, &in, &err), 0, "%s", err.text);
        while (input_read(in, arena, &raws, SIZE_MAX) > 0)
                ;
        for (size_t i = 0; i < raws.n; i++) {
                struct str number, rest = raws.items[i].bytes;
                char own[16];

                if (str_starts(rest, STR("T,")) || !str_cut(&rest, ',', &number))
                        continue;
                n++;
                snprintf(own, sizeof own, "T," STR_FMT ",", STR_ARG(number));
                n_below += str_starts(raws.items[i].header, str_of(own));
        }
        cr_expect_eq(n, HEADERS, "all rows are raws: %zu", n);
        cr_expect_eq(n_below, (size_t)(4 * 1024 * 1024 / (BYTES + 100)), "so many stand below their own header: %zu", n_below);
        cr_expect_eq(util_notes, 1, "told once: %s", util_last_note);
        raws_done(&raws);
        arena_free(arena);
        input_close(in);
}
