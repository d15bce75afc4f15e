/* SPDX-License-Identifier: Apache-2.0 */

/* Growing files. The first tests show one situation each; the last drives a writer that appends, renames, copies and
 * truncates, compresses, leaves half lines, while the input is read, committed, thrown away and opened again from its last
 * positions at random: every line must come exactly once, in the order written. */

#include "tests/unit/input_util.h"

TestSuite(tail, .timeout = 120, .init = util_setup, .fini = util_teardown);

static struct input *open_tail(const char *glob, bool from_end, const struct util_store *store)
{
        struct input_options o = util_options();
        const char *paths[] = { util_path(glob) };
        struct err err = { 0 };
        struct input *in;

        cr_assert_eq(input_open_tail(&o, paths, 1, from_end, &in, &err), 0, "%s", err.text);
        if (store)
                util_restore(in, store);
        return in;
}

/* Reads dry, commits, closes. */
static struct input *restart(struct input *in, struct util_list *list, struct util_store *store)
{
        if (in) {
                util_drain(in, list);
                util_commit(in, store);
                cr_assert_eq(util_count(in, COUNTER_FILE_GAP), 0, "%s", util_last_note);
        }
        input_close(in);
        return open_tail("app.log", false, store);
}

Test(tail, grows_and_half_a_line_waits)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        util_write("app.log", "one\ntw");
        in = open_tail("app.log", false, NULL);
        cr_assert_geq(input_fd(in), 0);
        util_drain(in, &list);
        EXPECT(&list, "one");
        in = restart(in, &list, &store);
        util_append("app.log", "o\nthree\n");
        util_drain(in, &list);
        EXPECT(&list, "one", "two", "three");
        util_append("app.log", "{\"half\":");
        util_drain(in, &list);
        EXPECT(&list, "one", "two", "three");
        util_append("app.log", "1}\n");
        util_drain(in, &list);
        EXPECT(&list, "one", "two", "three", "{\"half\":1}");
        cr_assert_eq(list.items[3].offset, 14);
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

/* What happens to the file, with and without a restart in between, must come out the same. */
struct step {
        const char *what, *a, *b; /* append NAME TEXT, mv, copytruncate, gzip NAME, gzkeep NAME, rm NAME, drain */
};

static void take_step(const struct step *s)
{
        if (strcmp(s->what, "append") == 0)
                util_append(s->a, s->b);
        else if (strcmp(s->what, "mv") == 0)
                util_rename(s->a, s->b);
        else if (strcmp(s->what, "copytruncate") == 0)
                util_copytruncate(s->a, s->b);
        else if (strcmp(s->what, "gzip") == 0 || strcmp(s->what, "gzkeep") == 0)
                util_compress(s->a, s->what[2] == 'k');
        else if (strcmp(s->what, "rm") == 0)
                cr_assert_eq(unlink(util_path(s->a)), 0);
        else
                cr_assert_fail("%s?", s->what);
}

static const struct rotation {
        const char *name;
        struct step steps[14];
        const char *expected; /* lines without newlines, separated by blanks */
} rotations[] = {
        { "rename",
          { { "append", "app.log", "a\n" }, { "drain", 0, 0 }, { "append", "app.log", "b\n" }, { "mv", "app.log", "app.log.1" },
            { "append", "app.log", "c\n" }, { "drain", 0, 0 } },
          "a b c" },
        { "rename, the rest of the line comes after it",
          { { "append", "app.log", "a\nb" }, { "drain", 0, 0 }, { "mv", "app.log", "app.log.1" }, { "drain", 0, 0 },
            { "append", "app.log", "" }, { "drain", 0, 0 }, { "append", "app.log.1", "b\nc\n" }, { "drain", 0, 0 },
            { "append", "app.log", "d\n" }, { "drain", 0, 0 } },
          "a bb c d" },
        { "rename, half a line stays half",
          { { "append", "app.log", "a\nb" }, { "drain", 0, 0 }, { "mv", "app.log", "app.log.1" },
            { "append", "app.log", "c\n" }, { "drain", 0, 0 } },
          "a b c" },
        { "three renames between two looks",
          { { "append", "app.log", "a\n" }, { "drain", 0, 0 }, { "append", "app.log", "b\n" }, { "mv", "app.log", "app.log.1" },
            { "append", "app.log", "c\n" }, { "mv", "app.log.1", "app.log.2" }, { "mv", "app.log", "app.log.1" },
            { "append", "app.log", "d\n" }, { "mv", "app.log.2", "app.log.3" }, { "mv", "app.log.1", "app.log.2" },
            { "mv", "app.log", "app.log.1" }, { "append", "app.log", "e\n" }, { "drain", 0, 0 } },
          "a b c d e" },
        { "rename and compress",
          { { "append", "app.log", "a\n" }, { "drain", 0, 0 }, { "append", "app.log", "b\n" }, { "mv", "app.log", "app.log.1" },
            { "append", "app.log", "c\n" }, { "gzip", "app.log.1", 0 }, { "mv", "app.log.1.gz", "app.log.2.gz" },
            { "mv", "app.log", "app.log.1" }, { "append", "app.log", "d\n" }, { "drain", 0, 0 } },
          "a b c d" },
        { "in the middle of compressing",
          { { "append", "app.log", "a\n" }, { "drain", 0, 0 }, { "append", "app.log", "b\n" }, { "mv", "app.log", "app.log.1" },
            { "append", "app.log", "c\n" }, { "gzkeep", "app.log.1", 0 }, { "drain", 0, 0 }, { "rm", "app.log.1", 0 },
            { "append", "app.log", "d\n" }, { "drain", 0, 0 } },
          "a b c d" },
        { "in the middle of compressing a file not seen yet",
          { { "append", "app.log", "a\n" }, { "drain", 0, 0 }, { "append", "app.log", "b\n" }, { "mv", "app.log", "app.log.2" },
            { "append", "app.log", "c\n" }, { "mv", "app.log", "app.log.1" }, { "append", "app.log", "d\n" },
            { "gzkeep", "app.log.1", 0 }, { "drain", 0, 0 } },
          "a b c d" },
        { "dates instead of numbers",
          { { "append", "app.log", "a\n" }, { "drain", 0, 0 }, { "append", "app.log", "b\n" },
            { "mv", "app.log", "app.log-20261101" }, { "append", "app.log", "c\n" }, { "mv", "app.log", "app.log-20261102" },
            { "append", "app.log", "d\n" }, { "gzip", "app.log-20261101", 0 }, { "drain", 0, 0 } },
          "a b c d" },
        { "the extension stays",
          { { "append", "app.log", "a\n" }, { "drain", 0, 0 }, { "append", "app.log", "b\n" }, { "mv", "app.log", "app.1.log" },
            { "append", "app.log", "c\n" }, { "mv", "app.1.log", "app.2.log" }, { "mv", "app.log", "app.1.log" },
            { "append", "app.log", "d\n" }, { "drain", 0, 0 } },
          "a b c d" },
        { "copytruncate",
          { { "append", "app.log", "a\n" }, { "drain", 0, 0 }, { "append", "app.log", "b\n" },
            { "copytruncate", "app.log", "app.log.1" }, { "append", "app.log", "c\n" }, { "drain", 0, 0 } },
          "a b c" },
        { "copytruncate, the new text is longer",
          { { "append", "app.log", "a\n" }, { "drain", 0, 0 }, { "append", "app.log", "b\n" },
            { "copytruncate", "app.log", "app.log.1" }, { "append", "app.log", "c\nd\ne\nf\n" }, { "drain", 0, 0 } },
          "a b c d e f" },
        { "copytruncate, a common beginning",
          { { "append", "app.log", "#log\na\n" }, { "drain", 0, 0 }, { "append", "app.log", "b\n" },
            { "copytruncate", "app.log", "app.log.1" }, { "append", "app.log", "#log\nc\nd\n" }, { "drain", 0, 0 } },
          "#log a b #log c d" },
        { "three copytruncates between two looks, compressed",
          { { "append", "app.log", "a\n" }, { "drain", 0, 0 }, { "append", "app.log", "b\n" },
            { "copytruncate", "app.log", "app.log.1" }, { "append", "app.log", "c\n" }, { "gzip", "app.log.1", 0 },
            { "mv", "app.log.1.gz", "app.log.2.gz" }, { "copytruncate", "app.log", "app.log.1" },
            { "append", "app.log", "d\n" }, { "mv", "app.log.2.gz", "app.log.3.gz" }, { "mv", "app.log.1", "app.log.2" },
            { "copytruncate", "app.log", "app.log.1" }, { "append", "app.log", "e\n" }, { "drain", 0, 0 } },
          "a b c d e" },
        { "copytruncate when all was read",
          { { "append", "app.log", "a\n" }, { "drain", 0, 0 }, { "copytruncate", "app.log", "app.log.1" }, { "drain", 0, 0 },
            { "append", "app.log", "b\n" }, { "drain", 0, 0 } },
          "a b" },
        { "two copytruncates, the second before anything of the file between was seen",
          { { "append", "app.log", "a\n" }, { "drain", 0, 0 }, { "copytruncate", "app.log", "app.log.1" }, { "drain", 0, 0 },
            { "append", "app.log", "b\n" }, { "mv", "app.log.1", "app.log.2" }, { "copytruncate", "app.log", "app.log.1" },
            { "append", "app.log", "c\n" }, { "drain", 0, 0 } },
          "a b c" },
        { "a file that appears later and is rotated at once",
          { { "drain", 0, 0 }, { "append", "app.log", "a\n" }, { "mv", "app.log", "app.log.1" }, { "append", "app.log", "b\n" },
            { "drain", 0, 0 } },
          "a b" },
        { "an empty file, copied and truncated before it was seen with anything in it",
          { { "append", "app.log", "" }, { "drain", 0, 0 }, { "append", "app.log", "a\n" },
            { "copytruncate", "app.log", "app.log.1" }, { "append", "app.log", "b\n" }, { "drain", 0, 0 } },
          "a b" },
        { "old rotated files are history",
          { { "append", "app.log.1", "x\n" }, { "append", "app.log.2", "y\n" }, { "append", "app.log", "a\n" }, { "drain", 0, 0 },
            { "mv", "app.log.2", "app.log.3" }, { "mv", "app.log.1", "app.log.2" }, { "mv", "app.log", "app.log.1" },
            { "append", "app.log", "b\n" }, { "drain", 0, 0 } },
          "a b" },
        { "another log with a similar name",
          { { "append", "app.log", "a\n" }, { "append", "app.log.offset", "no\n" }, { "append", "app-1.log", "no\n" },
            { "append", "app.logger", "no\n" }, { "drain", 0, 0 }, { "mv", "app.log", "app.log.1" },
            { "append", "app.log", "b\n" }, { "append", "app.log.lock", "no\n" }, { "drain", 0, 0 } },
          "a b" },
        { "moved over by a longer version of itself",
          { { "append", "app.log", "a\nb\n" }, { "drain", 0, 0 }, { "append", "new", "a\nb\nc\n" }, { "mv", "new", "app.log" },
            { "drain", 0, 0 } },
          "a b c" },
        { "NDJSON and documents over lines",
          { { "append", "app.log", "{\n\"a\":\n" }, { "drain", 0, 0 }, { "append", "app.log", "1}\n{\n" }, { "drain", 0, 0 },
            { "append", "app.log", "}\n" }, { "mv", "app.log", "app.log.1" }, { "append", "app.log", "{\"b\":1}\n" },
            { "drain", 0, 0 } },
          "{\n\"a\":\n1} {\n} {\"b\":1}" },
};

static void clean(void)
{
        util_teardown();
        cr_assert_eq(mkdir(util_dir, 0700), 0);
}

static void drive(const struct rotation *rot, unsigned restarts)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct strbuf got = STRBUF_INIT;
        struct input *in = open_tail("app.log", false, NULL);
        unsigned drains = 0;

        for (size_t i = 0; i < ARRAY_LEN(rot->steps) && rot->steps[i].what; i++) {
                if (strcmp(rot->steps[i].what, "drain") != 0) {
                        take_step(&rot->steps[i]);
                        continue;
                }
                util_drain(in, &list);
                if (restarts >> drains++ & 1)
                        in = restart(in, &list, &store);
        }
        in = restart(in, &list, &store);
        util_drain(in, &list);
        for (size_t i = 0; i < list.n; i++)
                strbuf_addf(&got, "%s%s", i ? " " : "", list.items[i].text);
        cr_assert_str_eq(got.n ? got.p : "", rot->expected, "%s, restarts %x; note %s", rot->name, restarts, util_last_note);
        cr_assert_eq(util_notes, 0, "%s, restarts %x: %s", rot->name, restarts, util_last_note);
        input_close(in);
        util_list_done(&list);
        util_store_done(&store);
        strbuf_done(&got);
}

Test(tail, rotations)
{
        static const unsigned restarts[] = { 0, 1, 2, 4, 8, 0x1f, 0x15, 0xa }; /* bit n: after the n-th look */

        for (size_t i = 0; i < ARRAY_LEN(rotations); i++)
                for (size_t k = 0; k < ARRAY_LEN(restarts); k++) {
                        clean();
                        drive(&rotations[i], restarts[k]);
                }
}

/* Files that begin alike for longer than the fingerprint are told apart by what was read last. */
Test(tail, long_common_beginning)
{
        for (int restarted = 0; restarted < 2; restarted++) {
                struct util_list list = { 0 };
                struct util_store store = { 0 };
                struct input *in = NULL;
                char head[2 * INPUT_FINGERPRINT_BYTES];

                clean();
                memset(head, '#', sizeof head);
                head[sizeof head - 1] = '\n';
                for (int i = 0; i < 3; i++) {
                        static const char *const lines[] = { "a\n", "b\n", "c\nd\n" };

                        util_put("app.log", head, sizeof head, "ab");
                        util_append("app.log", lines[i]);
                        if (i == 0) {
                                in = restart(NULL, &list, &store);
                                in = restart(in, &list, &store);
                                if (restarted)
                                        in = restart(in, &list, &store);
                        }
                        if (i < 2)
                                util_copytruncate("app.log", i == 0 ? "app.log.2" : "app.log.1");
                }
                util_drain(in, &list);
                cr_assert_eq(list.n, 7, "%zu", list.n);
                cr_assert_str_eq(list.items[1].text, "a");
                cr_assert_str_eq(list.items[3].text, "b");
                cr_assert_str_eq(list.items[6].text, "d");
                cr_assert_eq(util_notes, 0, "%s", util_last_note);
                util_list_done(&list);
                util_store_done(&store);
                input_close(in);
        }
}

Test(tail, a_gap_is_counted_and_begins_with_what_is_there)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        util_write("app.log", "a\nb\n");
        in = restart(NULL, &list, &store);
        in = restart(in, &list, &store);
        util_write("app.log", "c\n");
        util_drain(in, &list);
        EXPECT(&list, "a", "b", "c");
        cr_assert_eq(util_count(in, COUNTER_FILE_GAP), 1);
        cr_assert_eq(util_notes, 1, "%s", util_last_note);
        util_commit(in, &store);
        input_close(in);
        in = open_tail("app.log", false, &store);
        util_append("app.log", "d\n");
        util_drain(in, &list);
        EXPECT(&list, "a", "b", "c", "d");
        cr_assert_eq(util_count(in, COUNTER_FILE_GAP), 0, "counted once");
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(tail, from_end)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        util_write("app.log", "old\nold\nhal");
        in = open_tail("*.log", true, NULL);
        util_drain(in, &list);
        cr_assert_eq(list.n, 0);
        util_commit(in, &store);
        input_close(in);
        util_append("app.log", "f\nnew\n");
        util_rename("app.log", "app.log.1");
        util_write("app.log", "newer\n");
        util_write("late.log", "late\n");
        in = open_tail("*.log", true, &store);
        util_drain(in, &list);
        EXPECT(&list, "half", "new", "newer", "late");
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(tail, glob_and_files_that_appear_later)
{
        struct util_list list = { 0 };
        struct input *in;

        in = open_tail("*/logs/*.log", false, NULL);
        util_drain(in, &list);
        mkdir(util_path("x"), 0700);
        util_drain(in, &list);
        mkdir(util_path("x/logs"), 0700);
        util_drain(in, &list);
        util_write("x/logs/a.log", "a\n");
        util_drain(in, &list);
        EXPECT(&list, "a");
        util_write("x/logs/b.log", "b\n");
        util_write("x/logs/c.txt", "no\n");
        util_append("x/logs/a.log", "a2\n");
        util_drain(in, &list);
        cr_assert_eq(list.n, 3);
        cr_assert_eq(util_notes, 0, "%s", util_last_note);
        util_list_done(&list);
        input_close(in);
}

Test(tail, path_whose_folder_appears_later)
{
        struct util_list list = { 0 };
        struct input *in;

        in = open_tail("x/y/app.log", false, NULL);
        util_drain(in, &list);
        mkdir(util_path("x"), 0700);
        util_drain(in, &list);
        mkdir(util_path("x/y"), 0700);
        util_drain(in, &list);
        util_write("x/y/app.log", "a\n");
        util_drain(in, &list);
        EXPECT(&list, "a");
        util_list_done(&list);
        input_close(in);
}

/* Rotated files that the glob names too are read for their log, in order, and not twice. */
Test(tail, glob_that_names_rotated_files)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        util_write("app.log.2", "a\n");
        util_compress("app.log.2", false);
        util_write("app.log.1", "b\n");
        util_write("app.log", "c\n");
        in = open_tail("app.log*", false, NULL);
        util_drain(in, &list);
        EXPECT(&list, "a", "b", "c");
        util_rename("app.log.2.gz", "app.log.3.gz");
        util_rename("app.log.1", "app.log.2");
        util_rename("app.log", "app.log.1");
        util_write("app.log", "d\n");
        util_drain(in, &list);
        util_commit(in, &store);
        input_close(in);
        in = open_tail("app.log*", false, &store);
        util_drain(in, &list);
        EXPECT(&list, "a", "b", "c", "d");
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(tail, trouble_is_noted_once_and_the_others_go_on)
{
        struct util_list list = { 0 };
        struct input *in;

        mkdir(util_path("a.log"), 0700);
        cr_assert_eq(symlink("/nowhere", util_path("b.log")), 0);
        cr_assert_eq(mkfifo(util_path("c.log"), 0600), 0);
        util_write("d.log", "d\n");
        util_compress("d.log", true);
        util_rename("d.log.gz", "e.log");
        in = open_tail("*.log", false, NULL);
        for (int i = 0; i < 3; i++)
                util_drain(in, &list);
        EXPECT(&list, "d");
        cr_assert_eq(util_notes, 4, "%u, %s", util_notes, util_last_note);
        cr_assert_eq(rmdir(util_path("a.log")), 0);
        util_write("a.log", "a\n");
        util_drain(in, &list);
        EXPECT(&list, "d", "a");
        util_list_done(&list);
        input_close(in);
}

Test(tail, positions_are_readable_and_damaged_ones_refused)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;
        char name[2 * UTIL_PATH];

        util_write("app.log", "a\n");
        in = restart(NULL, &list, &store);
        in = restart(in, &list, &store);
        snprintf(name, sizeof name, "test/tail/%s", util_path("app.log"));
        cr_assert_eq(input_restore(in, STR("test/tail/elsewhere"), STR("v=1")), -ENOENT);
        cr_assert_eq(input_restore(in, STR("test/what"), STR("v=1")), -ENOENT);
        cr_assert_eq(input_restore(in, STR("other/tail/x"), STR("v=1")), -ENOENT);
        for (size_t i = 0; i < store.n; i++)
                if (strcmp(store.names[i], name) == 0) {
                        struct str blob = str_of(store.blobs[i]);

                        cr_assert(strstr(blob.p, " offset=2 ") && strstr(blob.p, " records=1 ") &&
                                  strstr(blob.p, " mode=lines"), "%s", blob.p);
                        for (size_t n = 0; n < blob.n; n++) /* cut anywhere: taken or refused, never a crash */
                                (void)input_restore(in, str_of(name), str_from(blob.p, n));
                        cr_assert_eq(input_restore(in, str_of(name), STR("v=2")), -EBADMSG);
                        cr_assert_eq(input_restore(in, str_of(name), STR("")), -EBADMSG);
                }
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(tail, counts_records_and_repeats_over_restarts)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in = NULL;

        util_write("app.log", "x\nx\n");
        in = restart(NULL, &list, &store);
        in = restart(in, &list, &store);
        util_append("app.log", "x\n");
        util_drain(in, &list);
        cr_assert_eq(list.items[2].repeat, 2);
        in = restart(in, &list, &store);
        util_rename("app.log", "app.log.1");
        util_write("app.log", "x\ny\n");
        util_drain(in, &list);
        cr_assert_eq(list.items[3].repeat, 3, "the log goes on in its next file");
        cr_assert_eq(list.items[4].repeat, 0);
        for (size_t i = 0; i < store.n; i++)
                cr_assert(!strstr(store.names[i], "app.log") || strstr(store.blobs[i], "records=3"), "%s", store.blobs[i]);
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

/* ---- The writer at random ---- */

struct writer {
        unsigned next; /* number of the next line */
        unsigned files; /* rotated so far */
        bool in_line, copies, compresses;
};

static void write_line(struct writer *w)
{
        char text[128];
        int n = snprintf(text, sizeof text, "line %06u %.*s\n", w->next, rand() % 60,
                         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");

        if (rand() % 4 == 0) { /* in two pieces; the reader may look in between */
                util_put("app.log", text, (size_t)n / 2, "ab");
                w->in_line = true;
        } else {
                util_put("app.log", text, (size_t)n, "ab");
                w->next++;
        }
}

static void end_line(struct writer *w)
{
        char text[128];
        char *all;
        size_t n = util_load("app.log", &all), at = n;

        /* The half that is there says how the line went on only by its number. */
        while (at > 0 && all[at - 1] != '\n')
                at--;
        snprintf(text, sizeof text, "line %06u ", w->next);
        if (n - at < strlen(text))
                util_append("app.log", text + (n - at));
        util_append("app.log", "\n");
        w->next++;
        w->in_line = false;
        free(all);
}

static void shift(unsigned from)
{
        for (unsigned k = from; k > 0; k--)
                for (int packed = 0; packed < 2; packed++) {
                        char a[64], b[64];

                        snprintf(a, sizeof a, "app.log.%u%s", k, packed ? ".gz" : "");
                        snprintf(b, sizeof b, "app.log.%u%s", k + 1, packed ? ".gz" : "");
                        if (util_exists(a))
                                util_rename(a, b);
                }
}

static void rotate(struct writer *w)
{
        if (w->in_line)
                end_line(w);
        shift(w->files++);
        if (w->copies && rand() % 2)
                util_copytruncate("app.log", "app.log.1");
        else
                util_rename("app.log", "app.log.1");
        if (!util_exists("app.log"))
                util_write("app.log", "");
        if (w->compresses && rand() % 2 && util_exists("app.log.2"))
                util_compress("app.log.2", false);
        if (w->compresses && rand() % 4 == 0)
                util_compress("app.log.1", false);
}

static void check_lines(const struct util_list *list, unsigned n, unsigned seed)
{
        for (size_t i = 0; i < list->n; i++) {
                char text[32];
                int m = snprintf(text, sizeof text, "line %06zu ", i);

                cr_assert_eq(strncmp(list->items[i].text, text, (size_t)m), 0, "seed %u, raw %zu: %s", seed, i,
                             list->items[i].text);
        }
        cr_assert_eq(list->n, n, "seed %u: %zu raws instead of %u", seed, list->n, n);
}

static void take_back(struct util_list *list, size_t n)
{
        while (list->n > n) {
                list->n--;
                free(list->items[list->n].text);
                free(list->items[list->n].file);
        }
}

static void run_random(unsigned seed, bool copies, bool compresses)
{
        struct writer w = { .copies = copies, .compresses = compresses };
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;
        size_t committed = 0;

        srand(seed);
        util_write("app.log", "");
        in = open_tail("app.log", false, NULL);
        util_drain(in, &list);
        util_commit(in, &store);
        for (int step = 0; step < 300; step++) {
                switch (rand() % 12) {
                case 0:
                        rotate(&w);
                        break;
                case 1:
                case 2:
                        input_process(in);
                        util_step(in, &list, (size_t)(1 + rand() % 400)); /* perhaps in the middle of the chain */
                        break;
                case 3:
                        util_commit(in, &store);
                        committed = list.n;
                        break;
                case 4: /* killed: what was not committed is taken back */
                        input_close(in);
                        take_back(&list, committed);
                        in = open_tail("app.log", false, &store);
                        break;
                default:
                        if (w.in_line)
                                end_line(&w);
                        else
                                write_line(&w);
                }
        }
        if (w.in_line)
                end_line(&w);
        util_drain(in, &list);
        cr_assert_eq(util_count(in, COUNTER_FILE_GAP), 0, "seed %u: %s", seed, util_last_note);
        check_lines(&list, w.next, seed);
        cr_assert_eq(util_notes, 0, "seed %u: %s", seed, util_last_note);
        input_close(in);
        util_list_done(&list);
        util_store_done(&store);
}

Test(tail, random_renames)
{
        for (unsigned seed = 1; seed <= 25; seed++) {
                clean();
                run_random(seed, false, false);
        }
}

Test(tail, random_renames_and_copies)
{
        for (unsigned seed = 101; seed <= 125; seed++) {
                clean();
                run_random(seed, true, false);
        }
}

Test(tail, random_renames_copies_and_compression)
{
        for (unsigned seed = 201; seed <= 230; seed++) {
                clean();
                run_random(seed, true, true);
        }
}
