/* SPDX-License-Identifier: Apache-2.0 */

/* The journal, from files that systemd-journal-remote(8) makes of the export format. */

#include <spawn.h>
#include <sys/wait.h>

#include "tests/unit/input_util.h"

static const char *remote(void)
{
        static const char *const paths[] = { "/lib/systemd/systemd-journal-remote", "/usr/lib/systemd/systemd-journal-remote" };

        for (size_t i = 0; i < ARRAY_LEN(paths); i++)
                if (access(paths[i], X_OK) == 0)
                        return paths[i];
        return NULL;
}

static void setup(void)
{
        if (!remote())
                cr_skip("systemd-journal-remote is not installed");
        util_setup();
        cr_assert_eq(mkdir(util_path("j"), 0700), 0);
}

TestSuite(journal, .init = setup, .fini = util_teardown, .timeout = 60);

extern char **environ;

/* Adds an export to j/NAME.journal. */
static void add(const char *name, const char *export, size_t n)
{
        char output[2 * UTIL_PATH + 32];
        char *argv[] = { (char *)(uintptr_t)remote(), (char *)(uintptr_t)"-o", output, (char *)(uintptr_t)"-", NULL };
        posix_spawn_file_actions_t actions;
        int status;
        pid_t pid;

        util_put("export", export, n, "wb");
        snprintf(output, sizeof output, "%s/j/%s.journal", util_dir, name);
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, util_path("export"), O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        cr_assert_eq(posix_spawn(&pid, argv[0], &actions, NULL, argv, environ), 0);
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        cr_assert_eq(status, 0);
        posix_spawn_file_actions_destroy(&actions);
}

/* Entries numbered from `from` on; every second one is cron's. */
static void add_entries(const char *name, int from, int n)
{
        struct strbuf b = STRBUF_INIT;

        for (int i = from; i < from + n; i++)
                strbuf_addf(&b, "__REALTIME_TIMESTAMP=%lld\n__MONOTONIC_TIMESTAMP=%d\n"
                                "_BOOT_ID=00112233445566778899aabbccddeeff\nSYSLOG_IDENTIFIER=%s\nMESSAGE=m%d\n\n",
                            1767225600000000LL + i * 1000000LL, 1000 + i, i % 2 ? "cron" : "sshd", i);
        add(name, b.p, b.n);
        strbuf_done(&b);
}

static struct input *open_journal(const char *match, bool from_end, const struct util_store *store)
{
        struct input_options o = util_options();
        struct err err = { 0 };
        struct input *in;

        cr_assert_eq(input_open_journal(&o, &match, match ? 1 : 0, util_path("j"), from_end, &in, &err), 0, "%s", err.text);
        if (store)
                util_restore(in, store);
        return in;
}

/* "m1 m2 …" of the raws. */
static void expect_messages(const struct util_list *list, const char *expected)
{
        struct strbuf got = STRBUF_INIT;

        for (size_t i = 0; i < list->n; i++) {
                const char *p = strstr(list->items[i].text, "\"MESSAGE\":\"");

                cr_assert(p, "%s", list->items[i].text);
                p += 11;
                strbuf_addf(&got, "%s%.*s", i ? " " : "", (int)strcspn(p, "\""), p);
        }
        cr_assert_str_eq(got.n ? got.p : "", expected);
        strbuf_done(&got);
}

Test(journal, entries_become_json)
{
        static const char export[] = "__REALTIME_TIMESTAMP=1767225600000001\n__MONOTONIC_TIMESTAMP=42\n"
                                     "_BOOT_ID=00112233445566778899aabbccddeeff\nMESSAGE=say \"hi\"\nTWICE=a\n_PID=7\n"
                                     "TWICE=b\nBIN\n\3\0\0\0\0\0\0\0\xff\x00\x41\nLINES\n\3\0\0\0\0\0\0\0x\ny\n\n";
        struct util_list list = { 0 };
        struct input *in;

        add("a", export, sizeof export - 1);
        in = open_journal(NULL, false, NULL);
        util_drain(in, &list);
        cr_assert_eq(list.n, 1);
        cr_assert_eq(strncmp(list.items[0].text, "{\"__CURSOR\":\"s=", 14), 0, "%s", list.items[0].text);
        cr_assert(strstr(list.items[0].text, "\",\"__REALTIME_TIMESTAMP\":\"1767225600000001\",\"__MONOTONIC_TIMESTAMP\":\"42\","),
                  "%s", list.items[0].text);
        cr_assert(strstr(list.items[0].text, "\"BIN\":[255,0,65],\"LINES\":\"x\\ny\",\"MESSAGE\":\"say \\\"hi\\\"\",\"TWICE\":[\"a\",\"b\"],"
                                             "\"_BOOT_ID\":\"00112233445566778899aabbccddeeff\",\"_PID\":\"7\"}"),
                  "%s", list.items[0].text);
        cr_assert_str_eq(list.items[0].file, "journald");
        cr_assert_eq(list.items[0].reference, 1767225600000001);
        util_list_done(&list);
        input_close(in);
}

Test(journal, matches_cursor_and_restart)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        add_entries("a", 0, 6);
        in = open_journal("SYSLOG_IDENTIFIER=sshd", false, NULL);
        cr_assert_geq(input_fd(in), 0);
        cr_assert_eq(util_step(in, &list, 1), 1);
        expect_messages(&list, "m0");
        util_commit(in, &store);
        input_close(in);
        in = open_journal("SYSLOG_IDENTIFIER=sshd", true, &store);
        util_drain(in, &list);
        expect_messages(&list, "m0 m2 m4");
        util_commit(in, &store);
        util_commit(in, &store);
        cr_assert_eq(store.n, 1);
        cr_assert(strstr(store.blobs[0], " records=3 "), "%s", store.blobs[0]);
        add_entries("b", 6, 4);
        util_drain(in, &list);
        expect_messages(&list, "m0 m2 m4 m6 m8");
        input_close(in);
        in = open_journal("SYSLOG_IDENTIFIER=sshd", true, &store);
        util_drain(in, &list);
        expect_messages(&list, "m0 m2 m4 m6 m8 m6 m8");
        cr_assert_eq(util_count(in, COUNTER_JOURNAL_GAP), 0);
        cr_assert_eq(util_notes, 0, "%s", util_last_note);
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(journal, a_vanished_cursor_is_a_gap)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        add_entries("a", 0, 3);
        in = open_journal(NULL, false, NULL);
        util_drain(in, &list);
        util_commit(in, &store);
        input_close(in);
        add_entries("b", 1, 0 + 5);
        cr_assert_eq(unlink(util_path("j/a.journal")), 0);
        in = open_journal(NULL, false, &store);
        util_drain(in, &list);
        cr_assert_eq(util_count(in, COUNTER_JOURNAL_GAP), 1);
        cr_assert_eq(util_notes, 1);
        expect_messages(&list, "m0 m1 m2 m2 m3 m4 m5");
        input_close(in);
        cr_assert_eq(unlink(util_path("j/b.journal")), 0);
        util_list_done(&list);
        in = open_journal(NULL, false, &store);
        util_drain(in, &list);
        cr_assert_eq(list.n, 0);
        add_entries("c", 7, 2);
        util_drain(in, &list);
        expect_messages(&list, "m7 m8");
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(journal, from_end)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        add_entries("a", 0, 3);
        in = open_journal(NULL, true, NULL);
        util_drain(in, &list);
        cr_assert_eq(list.n, 0);
        util_commit(in, &store);
        input_close(in);
        add_entries("b", 3, 2);
        in = open_journal(NULL, true, &store);
        util_drain(in, &list);
        expect_messages(&list, "m3 m4");
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(journal, from_end_of_nothing)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in = open_journal("SYSLOG_IDENTIFIER=sshd", true, NULL);

        util_drain(in, &list);
        util_commit(in, &store);
        input_close(in);
        add_entries("b", 0, 2);
        in = open_journal("SYSLOG_IDENTIFIER=sshd", true, &store);
        util_drain(in, &list);
        expect_messages(&list, "m0");
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(journal, what_cannot_be_opened_says_why)
{
        struct input_options o = util_options();
        const char *match = "no match";
        struct err err = { 0 };
        struct input *in = NULL;

        cr_assert_lt(input_open_journal(&o, &match, 0, util_path("missing"), false, &in, &err), 0);
        cr_assert(strstr(err.text, "missing"), "%s", err.text);
        cr_assert_lt(input_open_journal(&o, &match, 1, util_path("j"), false, &in, &err), 0);
        cr_assert(strstr(err.text, "FIELD=value"), "%s", err.text);
        cr_assert_null(in);
}
