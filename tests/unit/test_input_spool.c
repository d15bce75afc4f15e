/* SPDX-License-Identifier: Apache-2.0 */

/* The spool: each finished file once, across restarts, in the middle of a big one, and again when it changed. */

#include "tests/unit/input_util.h"
#include "tests/unit/readdir_util.h"

static void setup(void)
{
        util_setup();
        cr_assert_eq(mkdir(util_path("s"), 0700), 0);
}

TestSuite(spool, .init = setup, .fini = util_teardown);

static struct input *open_spool(const struct util_store *store)
{
        struct input_options o = util_options();
        struct err err = { 0 };
        struct input *in;

        cr_assert_eq(input_open_spool(&o, util_path("s"), &in, &err), 0, "%s", err.text);
        if (store)
                util_restore(in, store);
        return in;
}

static struct input *restart(struct input *in, struct util_store *store)
{
        util_commit(in, store);
        input_close(in);
        return open_spool(store);
}

/* As an upload does: under a hidden name, then moved in. */
static void deliver(const char *name, const char *text)
{
        util_write("upload", text);
        util_rename("upload", name);
}

Test(spool, takes_what_is_there_in_order_and_what_comes)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        mkdir(util_path("s/b"), 0700);
        deliver("s/c.json", "{\"c\":\n1}");
        deliver("s/b/1.log", "b1\n");
        deliver("s/a", "a\n");
        in = open_spool(NULL);
        util_drain(in, &list);
        EXPECT(&list, "a", "b1", "{\"c\":\n1}");
        deliver("s/b/2.log", "b2\n");
        util_write("s/0.log", "0\n"); /* closed after writing */
        util_drain(in, &list);
        cr_assert_eq(list.n, 5);
        in = restart(in, &store);
        util_drain(in, &list);
        cr_assert_eq(list.n, 5, "nothing is read twice");
        deliver("s/d.log", "d\n");
        in = restart(in, &store);
        util_drain(in, &list);
        cr_assert_eq(list.n, 6);
        cr_assert_str_eq(list.items[5].text, "d");
        cr_assert_str_eq(list.items[5].file, util_path("s/d.log"));
        cr_assert_eq(util_notes, 0, "%s", util_last_note);
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

/* A listing that breaks off says nothing of the files it did not come to. */
Test(spool, a_folder_that_cannot_be_listed_forgets_nothing)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        deliver("s/a", "a\n");
        in = open_spool(NULL);
        util_drain(in, &list);
        cr_assert_eq(list.n, 1);
        in = restart(in, &store);
        util_readdir_fails = true;
        util_drain(in, &list);
        cr_expect_eq(util_notes, 1, "%s", util_last_note);
        util_readdir_fails = false;
        in = restart(in, &store);
        util_drain(in, &list);
        cr_assert_eq(list.n, 1, "nothing is read twice");
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(spool, new_folders_are_watched)
{
        struct util_list list = { 0 };
        struct input *in = open_spool(NULL);

        util_drain(in, &list);
        mkdir(util_path("s/x"), 0700);
        mkdir(util_path("s/x/y"), 0700);
        util_drain(in, &list);
        deliver("s/x/y/a.log", "a\n");
        util_drain(in, &list);
        EXPECT(&list, "a");
        mkdir(util_path("moved"), 0700);
        deliver("moved/b.log", "b\n");
        util_rename("moved", "s/moved");
        util_drain(in, &list);
        EXPECT(&list, "a", "b");
        util_list_done(&list);
        input_close(in);
}

Test(spool, a_changed_file_is_read_again)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct strbuf text = STRBUF_INIT;
        struct input *in;
        char *packed;
        size_t n, whole;

        for (int i = 0; i < 3000; i++)
                strbuf_addf(&text, "line %d %x\n", i, i * 2654435761u);
        whole = util_gzip(text.p, text.n, &packed);
        util_put("s/a.gz", packed, whole / 2, "wb");
        in = open_spool(NULL);
        util_drain(in, &list);
        n = list.n;
        cr_assert(n > 100 && n < 3000);
        cr_assert_eq(util_count(in, COUNTER_REJECT_FILE), 1);
        cr_assert_eq(util_notes, 1, "%s", util_last_note);
        util_drain(in, &list);
        in = restart(in, &store);
        util_drain(in, &list);
        cr_assert_eq(list.n, n, "not tried again before it changes");
        util_put("s/a.gz", packed, whole, "wb");
        util_drain(in, &list);
        cr_assert_eq(list.n, n + 3000);
        cr_assert_eq(util_notes, 1);
        util_list_done(&list);
        util_store_done(&store);
        strbuf_done(&text);
        input_close(in);
        free(packed);
}

Test(spool, goes_on_in_the_middle_of_a_file)
{
        for (int packed = 0; packed < 2; packed++) {
                struct util_list list = { 0 };
                struct util_store store = { 0 };
                struct strbuf text = STRBUF_INIT;
                struct input *in;
                int restarts = 0;

                for (int i = 0; i < 20000; i++)
                        strbuf_addf(&text, "%05d %x\n", i, i * 2654435761u);
                util_write("big", text.p);
                if (packed)
                        util_compress("big", false);
                util_rename(packed ? "big.gz" : "big", packed ? "s/big.gz" : "s/big");
                in = open_spool(NULL);
                while (util_step(in, &list, 50000) > 0 && restarts++ < 1000)
                        in = restart(in, &store);
                cr_assert_geq(restarts, 4);
                cr_assert_eq(list.n, 20000, "%zu", list.n);
                for (size_t i = 0; i < list.n; i++)
                        cr_assert_eq(strtoul(list.items[i].text, NULL, 10), i);
                util_commit(in, &store);
                cr_assert_eq(store.n, 1);
                cr_assert(strstr(store.blobs[0], " done=1") && strstr(store.blobs[0], " records=20000 "), "%s",
                          store.blobs[0]);
                cr_assert_eq(unlink(util_path(packed ? "s/big.gz" : "s/big")), 0);
                util_list_done(&list);
                util_store_done(&store);
                strbuf_done(&text);
                input_close(in);
        }
}

Test(spool, forgets_files_that_were_taken_away)
{
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct input *in;

        deliver("s/a.log", "a\n");
        deliver("s/b.log", "b\n");
        deliver("s/c.log", "c\n");
        in = open_spool(NULL);
        util_drain(in, &list);
        util_commit(in, &store);
        cr_assert_eq(store.n, 3);
        unlink(util_path("s/a.log"));
        util_drain(in, &list);
        util_commit(in, &store);
        cr_assert_eq(store.n, 2);
        unlink(util_path("s/b.log"));
        in = restart(in, &store);
        util_drain(in, &list);
        util_commit(in, &store);
        cr_assert_eq(store.n, 1);
        deliver("s/a.log", "again\n");
        util_drain(in, &list);
        EXPECT(&list, "a", "b", "c", "again");
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}

Test(spool, leaves_alone_what_is_no_finished_file)
{
        struct util_list list = { 0 };
        struct input *in;

        deliver("s/a.log.tmp", "no\n");
        deliver("s/.b.log", "no\n");
        deliver("s/c.part", "no\n");
        util_write("outside", "no\n");
        cr_assert_eq(symlink(util_path("outside"), util_path("s/link.log")), 0);
        cr_assert_eq(mkfifo(util_path("s/fifo.log"), 0600), 0);
        in = open_spool(NULL);
        util_drain(in, &list);
        cr_assert_eq(list.n, 0);
        cr_assert_eq(util_notes, 2, "%u %s", util_notes, util_last_note);
        util_rename("s/a.log.tmp", "s/a.log");
        util_drain(in, &list);
        EXPECT(&list, "no");
        util_list_done(&list);
        input_close(in);
}

Test(spool, waits_for_its_folder)
{
        struct util_list list = { 0 };
        struct input *in;

        cr_assert_eq(rmdir(util_path("s")), 0);
        in = open_spool(NULL);
        util_drain(in, &list);
        util_drain(in, &list);
        cr_assert_eq(util_notes, 1);
        mkdir(util_path("s"), 0700);
        deliver("s/a.log", "a\n");
        util_drain(in, &list);
        EXPECT(&list, "a");
        util_list_done(&list);
        input_close(in);
}

/* ---- Polled lists ---- */

static int find_list(void *userdata, const char *source, const struct raw *raw, const char **ret)
{
        (void)userdata;
        (void)source;
        (void)raw;
        *ret = "people";
        return 0;
}

/* A list of two accounts more than there is room for, and of one that has been there. */
static int compare_lists(void *userdata, const struct list_poll *poll, const struct list_host *host)
{
        size_t *room = userdata;
        char account[16];

        (void)poll;
        for (int i = 0; i < LIST_ACCOUNTS_MAX + 2; i++) {
                snprintf(account, sizeof account, "a%d", i);
                if (host->has_room(host->userdata, str_of(account), 1)) {
                        cr_assert_eq(host->remember(host->userdata, str_of(account), STR("x")), 0);
                        ++*room;
                }
        }
        cr_expect(host->has_room(host->userdata, STR("a0"), 1));
        cr_expect(!host->has_room(host->userdata, STR("a0"), LIST_MEMORY_BYTES_MAX), "the bytes of all count");
        return 0;
}

Test(spool, remembers_no_more_lists_than_there_is_room_for)
{
        size_t room = 0;
        struct input_options o = util_options();
        struct util_list list = { 0 };
        struct util_store store = { 0 };
        struct err err = { 0 };
        struct input *in;

        o.lists = (struct list_door){ find_list, compare_lists, &room };
        deliver("s/a.json", "{}");
        cr_assert_eq(input_open_spool(&o, util_path("s"), &in, &err), 0, "%s", err.text);
        util_drain(in, &list);
        cr_expect_eq(room, LIST_ACCOUNTS_MAX);
        cr_expect_eq(util_notes, 1, "told once");
        cr_expect(strstr(util_last_note, "no room to remember the list of people a1000"), "%s", util_last_note);
        util_commit(in, &store);
        cr_expect_geq(store.n, LIST_ACCOUNTS_MAX);
        util_list_done(&list);
        util_store_done(&store);
        input_close(in);
}
