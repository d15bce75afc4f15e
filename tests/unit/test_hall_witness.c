/* SPDX-License-Identifier: Apache-2.0 */

/* When the journal is told the head of the history; and the key that seals it. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/sealing.h"
#include "monitor/store/quiet.h"
#include "monitor/witness.h"

static char dir[] = "/tmp/shopbell-witness-XXXXXX", path[64], key_path[64];

static void setup(void)
{
        cr_assert_not_null(mkdtemp(dir));
        snprintf(path, sizeof path, "%s/shopbell.db", dir);
        snprintf(key_path, sizeof key_path, "%s/" CHAIN_KEY_FILE, dir);
}

static void teardown(void)
{
        static const char *const names[] = { "shopbell.db", "shopbell.db-wal", "shopbell.db-shm", CHAIN_KEY_FILE, CHAIN_HEADS_FILE };
        char name[96];

        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                snprintf(name, sizeof name, "%s/%s", dir, names[i]);
                unlink(name);
        }
        rmdir(dir);
}

TestSuite(hall_witness, .init = setup, .fini = teardown);

static struct store *open_store(struct err *warning)
{
        struct store *s = NULL;
        struct err err = { 0 };

        cr_assert_eq(store_open(path, &s, &err), 0, "%s", err.text);
        cr_assert_eq(sealing_start(dir, s, &err, warning), 0, "%s", err.text);
        return s;
}

static void add_row(struct store *s, usec now)
{
        const struct hash128 none = { { 0 } };

        cr_assert_eq(store_begin(s), 0);
        cr_assert_eq(store_history(s, &none, now, "revealed", STR("x")), 0);
        cr_assert_eq(store_commit(s), 0);
}

Test(hall_witness, once_an_hour_with_something_new)
{
        const usec hour = USEC_PER_HOUR, start = 1000 * hour;
        struct witness w = { .state = dir, .at = USEC_NONE };
        struct err warning = { 0 };
        struct store *s = open_store(&warning);

        cr_expect_eq(witness_due(&w, s), USEC_NONE, "nothing to tell");
        add_row(s, start);
        cr_expect_eq(witness_due(&w, s), 0, "at once");
        cr_expect_eq(witness_tell(&w, s, start, false), 0);
        cr_expect_eq(w.told, 1);
        cr_expect_eq(witness_due(&w, s), USEC_NONE, "nothing new");
        add_row(s, start + 1);
        cr_expect_eq(witness_due(&w, s), start + hour);
        cr_expect_eq(witness_tell(&w, s, start + hour - 1, false), 0);
        cr_expect_eq(w.told, 1, "not yet");
        cr_expect_eq(witness_tell(&w, s, start + hour, false), 0);
        cr_expect_eq(w.told, 2);
        add_row(s, start + hour + 1);
        cr_expect_eq(witness_tell(&w, s, start + hour + 2, true), 0);
        cr_expect_eq(w.told, 3, "at the end");
        add_row(s, start);
        cr_expect_eq(witness_tell(&w, s, start, false), 0);
        cr_expect_eq(w.told, 4, "the clock was set back");
        store_close(s);
}

Test(hall_witness, the_key_is_made_once)
{
        struct secret first, again;
        struct err err = { 0 }, warning = { 0 };
        struct stat st;

        cr_expect_eq(sealing_key(dir, &first, &err), -ENOENT);
        store_close(open_store(&warning));
        cr_expect_eq(warning.code, 0);
        cr_assert_eq(sealing_key(dir, &first, &err), 0);
        cr_assert_eq(stat(key_path, &st), 0);
        cr_expect_eq(st.st_mode & 0777, 0600);
        store_close(open_store(&warning));
        cr_assert_eq(sealing_key(dir, &again, &err), 0);
        cr_expect_eq(memcmp(&first, &again, sizeof first), 0);
}

Test(hall_witness, a_key_that_is_gone_or_none_is_said)
{
        struct err err = { 0 }, warning = { 0 };
        struct store *s = open_store(&warning);

        add_row(s, 1);
        store_close(s);
        cr_assert_eq(unlink(key_path), 0);
        store_close(open_store(&warning));
        cr_expect_eq(warning.code, -ENOKEY, "%s", warning.text);
        cr_assert_eq(truncate(key_path, 5), 0);
        cr_assert_eq(store_open(path, &s, &err), 0);
        cr_expect_eq(sealing_start(dir, s, &err, &warning), -EBADMSG);
        cr_expect_not_null(strstr(err.text, "no key of shopbell"), "%s", err.text);
        store_close(s);
}
