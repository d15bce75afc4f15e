/* SPDX-License-Identifier: Apache-2.0 */

/* memory.events: what is new in it is told once. */

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/pressure.h"

static char path[] = "/tmp/shopbell-pressure-XXXXXX";

static void put(const char *text)
{
        FILE *f = fopen(path, "w");

        cr_assert_not_null(f);
        fputs(text, f);
        fclose(f);
}

static bool is_readable(const struct pressure *p)
{
        struct pollfd fd = { .fd = pressure_fd(p), .events = POLLIN };

        return poll(&fd, 1, 0) > 0;
}

Test(hall_pressure, what_is_new_is_told_once)
{
        CLEANUP(pressure_closep) struct pressure *p = NULL;
        struct err err = { 0 };

        close(mkstemp(path));
        put("low 0\nhigh 7\nmax 0\noom 0\noom_kill 0\n");
        cr_assert_eq(pressure_open(path, &p, &err), 0, "%s", err.text);
        cr_expect_not(is_readable(p));
        cr_expect_eq(pressure_take(p), 0, "what was before does not count");
        put("low 0\nhigh 9\nmax 0\noom 0\noom_kill 0\n");
        cr_expect(is_readable(p));
        cr_expect_eq(pressure_take(p), 2);
        cr_expect_not(is_readable(p));
        cr_expect_eq(pressure_take(p), 0);
        put("low 3\nhigh 9\n");
        cr_expect(is_readable(p));
        cr_expect_eq(pressure_take(p), 0, "only the mark counts");
        unlink(path);
}

Test(hall_pressure, no_file)
{
        struct pressure *p = NULL;
        struct err err = { 0 };

        cr_expect_eq(pressure_open("/nonexistent/memory.events", &p, &err), -ENOENT);
        cr_expect_null(p);
        cr_expect_neq(err.text[0], '\0');
}
