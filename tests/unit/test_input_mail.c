/* SPDX-License-Identifier: Apache-2.0 */

/* Mails: cut out of mboxes, whole in files, and in Maildirs, each once. */

#include <sys/wait.h>

#include "monitor/base/mail.h"
#include "tests/unit/input_util.h"
#include "tests/unit/readdir_util.h"

#define LINE "From a@example.com Mon Nov 23 10:00:00 2026\n"
#define HEAD "From: a@example.com\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n"

TestSuite(input_mail, .init = util_setup, .fini = util_teardown);

static struct input *open_one(const char *path)
{
        struct input_options o = util_options();
        struct err err = { 0 };
        const char *paths[] = { path };
        struct input *in;

        cr_assert_eq(input_open_files(&o, paths, 1, &in, &err), 0, "%s", err.text);
        return in;
}

static void expect_file(const char *name, const char *const *texts, size_t n)
{
        struct util_list list = { 0 };
        struct input *in = open_one(util_path(name));

        util_drain(in, &list);
        util_expect(&list, texts, n);
        util_list_done(&list);
        input_close(in);
}
#define EXPECT_FILE(name, ...) \
        do { \
                const char *const texts_[] = { __VA_ARGS__ }; \
                expect_file(name, texts_, ARRAY_LEN(texts_)); \
        } while (0)

/* ---- Files ---- */

Test(input_mail, an_mbox_is_cut_at_its_separators)
{
        util_write("m.mbox", "\n" LINE HEAD "\none\nFrom here on it is text\n\nFrom me to you\n\n" LINE HEAD "\n" LINE "no empty line in front\n\n" LINE HEAD);
        EXPECT_FILE("m.mbox", LINE HEAD "\none\nFrom here on it is text\n\nFrom me to you\n\n", LINE HEAD "\n", LINE "no empty line in front\n\n", LINE HEAD);
}

Test(input_mail, an_mbox_with_crlf)
{
        util_write("m", "From a Mon Nov 23 10:00:00 2026\r\nFrom: a\r\nDate: x\r\n\r\none\r\n\r\nFrom a Mon Nov 23 10:00:00 2026\r\nFrom: a\r\n");
        EXPECT_FILE("m", "From a Mon Nov 23 10:00:00 2026\r\nFrom: a\r\nDate: x\r\n\r\none\r\n\r\n", "From a Mon Nov 23 10:00:00 2026\r\nFrom: a\r\n");
}

Test(input_mail, a_message_is_one_raw)
{
        util_write("m.eml", "Received: by x\n" HEAD "\n{\"a\": 1}\n\n" LINE "more\n");
        EXPECT_FILE("m.eml", "Received: by x\n" HEAD "\n{\"a\": 1}\n\n" LINE "more\n");
        util_write("log", "error: From: x\nDate: y\n");
        EXPECT_FILE("log", "error: From: x", "Date: y");
        util_write("log", "Date: 2026-11-23\nsomething\n");
        EXPECT_FILE("log", "Date: 2026-11-23", "something");
}

Test(input_mail, a_long_message_is_cut_and_never_held)
{
        struct util_list list = { 0 };
        struct input *in;
        FILE *f = fopen(util_path("m.mbox"), "w");
        static const char block[] = "0123456789012345678901234567890123456789012345678901234567890123456789\n";

        cr_assert(f);
        fputs(LINE HEAD "\n", f);
        for (int i = 0; i < 50 * 1024 * 1024; i += (int)sizeof block)
                fputs(block, f);
        fputs("\n" LINE HEAD "\nsecond\n", f);
        cr_assert_eq(fclose(f), 0);
        in = open_one(util_path("m.mbox"));
        util_drain(in, &list);
        cr_assert_eq(list.n, 2);
        cr_expect_eq(list.items[0].n, MAIL_BYTES_MAX);
        cr_expect_str_eq(list.items[1].text, LINE HEAD "\nsecond\n");
        cr_expect_eq(util_count(in, COUNTER_MAIL_CUT), 1);
        cr_expect_eq(util_count(in, COUNTER_MAIL_STRAY), 0);
        util_list_done(&list);
        input_close(in);
}

Test(input_mail, a_separator_in_pieces)
{
        /* The framer gets 256 KiB at a time: put separators around that place. */
        for (int shift = -12; shift < 12; shift++) {
                CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
                struct util_list list = { 0 };
                struct input *in;

                strbuf_addz(&b, LINE HEAD "\n");
                while (b.n < 256 * 1024 + (size_t)(shift + 100) - 100)
                        strbuf_addc(&b, 'x');
                strbuf_addz(&b, "\n\n" LINE HEAD);
                util_put("m", b.p, b.n, "wb");
                in = open_one(util_path("m"));
                util_drain(in, &list);
                cr_assert_eq(list.n, 2, "shift %d", shift);
                cr_expect_str_eq(list.items[1].text, LINE HEAD);
                util_list_done(&list);
                input_close(in);
        }
}

static void make_maildir(const char *name)
{
        char path[UTIL_PATH];
        static const char *const parts[] = { "", "/new", "/cur", "/tmp" };

        for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
                snprintf(path, sizeof path, "%s%s", name, parts[i]);
                cr_assert_eq(mkdir(util_path(path), 0700), 0);
        }
}

Test(input_mail, files_of_a_maildir_are_taken_whatever_their_names)
{
        make_maildir("box");
        util_write("box/cur/1.x:2,S", HEAD "\nseen\n");
        util_write("box/new/2.x", HEAD "\nnew\n");
        util_write("box/tmp/3.x", HEAD "\nunfinished\n");
        EXPECT_FILE(".", HEAD "\nseen\n", HEAD "\nnew\n");
}

/* ---- Maildir ---- */

static struct input *open_maildir(const struct util_store *store, bool from_end)
{
        struct input_options o = util_options();
        struct err err = { 0 };
        struct input *in;

        cr_assert_eq(input_open_maildir(&o, util_path("box"), from_end, &in, &err), 0, "%s", err.text);
        if (store)
                util_restore(in, store);
        return in;
}

static void deliver(const char *name, const char *text)
{
        char from[UTIL_PATH], to[UTIL_PATH];

        snprintf(from, sizeof from, "box/tmp/%s", name);
        snprintf(to, sizeof to, "box/new/%s", name);
        util_write(from, text);
        util_rename(from, to);
}

Test(input_mail, each_message_once)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        make_maildir("box");
        deliver("1.a", HEAD "\none\n");
        util_write("box/tmp/9.z", HEAD "\nunfinished\n");
        in = open_maildir(NULL, false);
        util_drain(in, &list);
        EXPECT(&list, HEAD "\none\n");
        deliver("2.a", HEAD "\ntwo\n");
        util_drain(in, &list);
        cr_assert_eq(list.n, 2);
        util_rename("box/new/1.a", "box/cur/1.a:2,");
        util_rename("box/new/2.a", "box/cur/2.a:2,S");
        util_rename("box/cur/2.a:2,S", "box/cur/2.a:2,RS");
        util_drain(in, &list);
        cr_assert_eq(list.n, 2, "moved, not new");
        util_commit(in, &store);
        input_close(in);
        util_rename("box/cur/1.a:2,", "box/cur/1.a:2,S");
        in = open_maildir(&store, false);
        deliver("3.a", HEAD "\nthree\n");
        util_drain(in, &list);
        cr_assert_eq(list.n, 3, "across a restart");
        cr_expect_str_eq(list.items[2].text, HEAD "\nthree\n");
        cr_expect_eq(util_notes, 0, "%s", util_last_note);
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(input_mail, what_was_not_committed_comes_again)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        make_maildir("box");
        deliver("1.a", HEAD "\none\n");
        deliver("2.a", HEAD "\ntwo\n");
        in = open_maildir(NULL, false);
        cr_assert_geq(input_process(in), 0);
        (void)util_step(in, &list, 1); /* one message */
        cr_assert_eq(list.n, 1);
        util_commit(in, &store);
        (void)util_step(in, &list, 1);
        cr_assert_eq(list.n, 2);
        input_close(in); /* killed */
        util_rename("box/new/2.a", "box/cur/2.a:2,S");
        in = open_maildir(&store, false);
        util_drain(in, &list);
        cr_assert_eq(list.n, 3);
        cr_expect_str_eq(list.items[2].text, HEAD "\ntwo\n");
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(input_mail, moved_between_looking_and_reading)
{
        struct util_list list = { 0 };
        struct input *in;

        make_maildir("box");
        deliver("1.a", HEAD "\none\n");
        deliver("2.a", HEAD "\ntwo\n");
        in = open_maildir(NULL, false);
        cr_assert_geq(input_process(in), 0);
        util_rename("box/new/1.a", "box/cur/1.a:2,S");
        util_rename("box/new/2.a", "box/cur/2.a:2,");
        (void)util_step(in, &list, INPUT_BATCH_BYTES);
        util_rename("box/cur/2.a:2,", "box/cur/2.a:2,S");
        util_drain(in, &list);
        cr_assert_eq(list.n, 2, "%zu", list.n);
        cr_expect_eq(util_notes, 0, "%s", util_last_note);
        util_list_done(&list);
        input_close(in);
}

Test(input_mail, an_empty_message_and_a_large_one)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        make_maildir("box");
        deliver("1.a", "");
        strbuf_addz(&b, HEAD "\n");
        while (b.n < 3 * MAIL_BYTES_MAX)
                strbuf_addz(&b, "an attachment's line\n");
        deliver("2.a", b.p);
        deliver("3.a", HEAD "\nthree\n");
        in = open_maildir(NULL, false);
        util_drain(in, &list);
        cr_assert_eq(list.n, 2);
        cr_expect_eq(list.items[0].n, MAIL_BYTES_MAX);
        cr_expect_eq(util_count(in, COUNTER_MAIL_CUT), 1);
        util_commit(in, &store);
        cr_expect_eq(store.n, 4);
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(input_mail, what_is_gone_is_forgotten)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        make_maildir("box");
        for (int i = 0; i < 50; i++) {
                char name[32];

                snprintf(name, sizeof name, "%d.a", 100 + i);
                deliver(name, HEAD "\nx\n");
        }
        in = open_maildir(NULL, false);
        util_drain(in, &list);
        util_commit(in, &store);
        cr_assert_eq(store.n, 51, "%zu", store.n);
        for (int i = 0; i < 49; i++) {
                char name[64];

                snprintf(name, sizeof name, "box/new/%d.a", 100 + i);
                cr_assert_eq(unlink(util_path(name)), 0);
        }
        util_drain(in, &list);
        util_commit(in, &store);
        cr_assert_eq(store.n, 2, "%zu positions left", store.n);
        util_rename("box/new/149.a", "box/cur/149.a:2,S");
        util_drain(in, &list);
        cr_assert_eq(list.n, 50);
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

/* A listing that breaks off says nothing of the messages it did not come to. */
Test(input_mail, a_folder_that_cannot_be_listed_forgets_nothing)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        make_maildir("box");
        deliver("1.a", HEAD "\none\n");
        deliver("2.a", HEAD "\ntwo\n");
        in = open_maildir(NULL, false);
        util_drain(in, &list);
        util_commit(in, &store);
        cr_assert_eq(store.n, 3);
        util_readdir_fails = true;
        cr_assert_eq(unlink(util_path("box/new/1.a")), 0);
        util_drain(in, &list);
        util_commit(in, &store);
        util_readdir_fails = false;
        cr_expect_eq(store.n, 3, "%zu positions", store.n);
        deliver("3.a", HEAD "\nthree\n");
        util_rename("box/new/2.a", "box/cur/2.a:2,S");
        util_drain(in, &list);
        cr_assert_eq(list.n, 3, "%zu", list.n);
        cr_expect_str_eq(list.items[2].text, HEAD "\nthree\n");
        util_commit(in, &store);
        cr_expect_eq(store.n, 3, "now it is known that one is gone");
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(input_mail, from_the_end)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        make_maildir("box");
        deliver("1.a", HEAD "\nold\n");
        in = open_maildir(NULL, true);
        util_drain(in, &list);
        cr_assert_eq(list.n, 0);
        util_commit(in, &store);
        input_close(in);
        deliver("2.a", HEAD "\nwhile it was down\n");
        in = open_maildir(&store, true);
        util_drain(in, &list);
        EXPECT(&list, HEAD "\nwhile it was down\n");
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(input_mail, links_are_not_followed)
{
        struct util_list list = { 0 };
        struct input *in;

        make_maildir("box");
        util_write("secret", HEAD "\nsecret\n");
        cr_assert_eq(symlink(util_path("secret"), util_path("box/new/1.a")), 0);
        deliver("2.a", HEAD "\nmail\n");
        in = open_maildir(NULL, false);
        util_drain(in, &list);
        EXPECT(&list, HEAD "\nmail\n");
        cr_expect_eq(util_notes, 1);
        cr_expect_eq(util_count(in, COUNTER_REJECT_FILE), 1);
        util_list_done(&list);
        input_close(in);
}

Test(input_mail, it_may_come_later)
{
        struct util_list list = { 0 };
        struct input *in = open_maildir(NULL, false);

        util_drain(in, &list);
        cr_assert_eq(util_notes, 1);
        make_maildir("box");
        deliver("1.a", HEAD "\none\n");
        util_drain(in, &list);
        EXPECT(&list, HEAD "\none\n");
        util_list_done(&list);
        input_close(in);
}

/* ---- An mbox that grows ---- */

static struct input *open_mbox(const struct util_store *store, bool from_end)
{
        struct input_options o = util_options();
        struct err err = { 0 };
        const char *paths[] = { util_path("mbox") };
        struct input *in;

        cr_assert_eq(input_open_mbox(&o, paths, 1, from_end, &in, &err), 0, "%s", err.text);
        if (store)
                util_restore(in, store);
        return in;
}

Test(input_mail, an_mbox_grows)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        util_write("mbox", LINE HEAD "\none\n\n");
        in = open_mbox(NULL, false);
        util_drain(in, &list);
        EXPECT(&list, LINE HEAD "\none\n\n");
        util_append("mbox", LINE HEAD "\ntw");
        util_drain(in, &list);
        cr_assert_eq(list.n, 1, "it is not whole");
        util_append("mbox", "o\n\n");
        util_drain(in, &list);
        cr_assert_eq(list.n, 2);
        cr_expect_str_eq(list.items[1].text, LINE HEAD "\ntwo\n\n");
        util_commit(in, &store);
        input_close(in);
        util_append("mbox", LINE HEAD "\nthree\n\n" LINE HEAD "\nfour\n\n");
        in = open_mbox(&store, false);
        util_drain(in, &list);
        cr_assert_eq(list.n, 4);
        cr_expect_str_eq(list.items[3].text, LINE HEAD "\nfour\n\n");
        cr_expect_eq(util_notes, 0, "%s", util_last_note);
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(input_mail, who_holds_a_lock_is_waited_for)
{
        struct util_list list = { 0 };
        struct input *in;
        int to_child[2], to_parent[2], status;
        char c = 0;
        pid_t child;

        util_write("mbox", "");
        in = open_mbox(NULL, false);
        util_drain(in, &list);
        util_write("mbox.lock", "");
        util_append("mbox", LINE HEAD "\n");
        util_drain(in, &list);
        cr_assert_eq(list.n, 0, "mbox.lock is there");
        cr_assert_eq(unlink(util_path("mbox.lock")), 0);
        cr_assert(pipe(to_child) == 0 && pipe(to_parent) == 0);
        child = fork();
        cr_assert_geq(child, 0);
        if (child == 0) { /* locks belong to processes */
                struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
                int fd = open(util_path("mbox"), O_RDWR);
                bool ok = fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0 && write(to_parent[1], "x", 1) == 1 && read(to_child[0], &c, 1) == 1;

                _exit(ok ? 0 : 1);
        }
        cr_assert_eq(read(to_parent[0], &c, 1), 1);
        util_drain(in, &list);
        cr_assert_eq(list.n, 0, "fcntl() lock");
        util_append("mbox", "one\n\n");
        cr_assert_eq(write(to_child[1], "x", 1), 1);
        cr_assert(waitpid(child, &status, 0) == child && status == 0);
        util_drain(in, &list);
        EXPECT(&list, LINE HEAD "\none\n\n");
        util_list_done(&list);
        input_close(in);
}

Test(input_mail, what_is_no_message_is_skipped_and_counted)
{
        struct util_list list = { 0 };
        struct input *in;

        util_write("mbox", "rubbish\nmore\n\n" LINE HEAD "\none\n\n");
        in = open_mbox(NULL, false);
        util_drain(in, &list);
        EXPECT(&list, LINE HEAD "\none\n\n");
        util_append("mbox", "a rest that was written later\n\n" LINE HEAD "\ntwo\n\n");
        util_drain(in, &list);
        cr_assert_eq(list.n, 2);
        cr_expect_eq(util_count(in, COUNTER_MAIL_STRAY), 2);
        util_list_done(&list);
        input_close(in);
}

Test(input_mail, an_mbox_that_a_mail_program_wrote_anew)
{
        struct util_list list = { 0 };
        struct input *in;

        util_write("mbox", LINE HEAD "\none\n\n" LINE HEAD "\ntwo\n\n");
        in = open_mbox(NULL, false);
        util_drain(in, &list);
        cr_assert_eq(list.n, 2);
        util_write("new", LINE HEAD "\ntwo\n\n" LINE HEAD "\nthree\n\n");
        util_rename("new", "mbox");
        util_drain(in, &list);
        cr_assert_eq(list.n, 4, "read anew: what is known already is known by its id");
        cr_expect_str_eq(list.items[3].text, LINE HEAD "\nthree\n\n");
        util_write("mbox", "");
        util_drain(in, &list);
        util_append("mbox", LINE HEAD "\nfour\n\n");
        util_drain(in, &list);
        cr_assert_eq(list.n, 5);
        util_list_done(&list);
        input_close(in);
}

Test(input_mail, a_spool_of_messages)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input_options o = util_options();
        struct err err = { 0 };
        struct input *in;

        cr_assert_eq(mkdir(util_path("s"), 0700), 0);
        strbuf_addz(&b, "Received: x\n" HEAD "\n");
        while (b.n < 3 * MAIL_BYTES_MAX)
                strbuf_addz(&b, "an attachment's line\n");
        util_put("s/1.eml", b.p, b.n, "wb");
        util_write("s/2.eml", "Received: x\n" HEAD "\ntwo\n");
        cr_assert_eq(input_open_spool(&o, util_path("s"), &in, &err), 0);
        cr_assert_geq(input_process(in), 0);
        (void)util_step(in, &list, 1);
        cr_assert_eq(list.n, 1);
        util_commit(in, &store);
        input_close(in); /* killed in the middle of the first file */
        cr_assert_eq(input_open_spool(&o, util_path("s"), &in, &err), 0);
        util_restore(in, &store);
        util_drain(in, &list);
        cr_assert_eq(list.n, 2, "its rest is no message");
        cr_expect_str_eq(list.items[1].text, "Received: x\n" HEAD "\ntwo\n");
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(input_mail, an_mbox_from_the_end)
{
        struct util_list list = { 0 };
        struct input *in;

        util_write("mbox", LINE HEAD "\nold\n\n");
        in = open_mbox(NULL, true);
        util_drain(in, &list);
        cr_assert_eq(list.n, 0);
        util_append("mbox", LINE HEAD "\nnew\n\n");
        util_drain(in, &list);
        EXPECT(&list, LINE HEAD "\nnew\n\n");
        util_list_done(&list);
        input_close(in);
}
