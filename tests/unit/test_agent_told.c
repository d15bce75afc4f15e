/* SPDX-License-Identifier: Apache-2.0 */

/* The file of what was told, and the page behind "Show". */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/agent/page.h"
#include "monitor/agent/told.h"
#include "monitor/base/macros.h"

Test(agent_told, is_read_back)
{
        char dir[] = "/tmp/shopbell-told-XXXXXX", path[64];
        const char *id = "0123456789abcdef0123456789abcdef";
        struct told t = { .newest = 42 }, back;
        struct err err = { 0 };
        FILE *f;

        cr_assert(mkdtemp(dir));
        snprintf(path, sizeof path, "%s/told", dir);
        cr_assert_eq(told_load(path, &back, &err), 0, "a file that is not there is empty");
        cr_expect_eq(back.newest, 0);
        cr_assert_eq(told_add(&t, id, 77), 0);
        cr_assert_eq(told_save(path, &t, &err), 0, "%s", err.text);
        told_done(&t);
        f = fopen(path, "a");
        cr_assert(f);
        fputs("again x 0123456789abcdef0123456789abcdef\nagain 5 notanid\nwhatever\n", f);
        fclose(f);
        cr_assert_eq(told_load(path, &back, &err), 0, "%s", err.text);
        cr_expect_eq(back.newest, 42);
        cr_assert_eq(back.n, 1);
        cr_expect_str_eq(back.again[0].id, id);
        cr_expect_eq(back.again[0].at, 77);
        told_done(&back);
        unlink(path);
        cr_assert_eq(mkdir(path, 0700), 0);
        cr_expect_lt(told_save(path, &t, &err), 0);
        cr_expect(strstr(err.text, path), "%s", err.text);
        rmdir(path);
        cr_expect_eq(rmdir(dir), 0, "nothing is left beside it");
}

Test(agent_told, the_page_is_text)
{
        CLEANUP(strbuf_done) struct strbuf html = STRBUF_INIT;
        struct page_alert a = { "1a", "<script>alert(1)</script> \"Mei\"\x1b[31m\xe2\x80\xae", "high", "5 & more", "Look.\nLock <it>.", "R", "t1", "t2", "2", "" };

        page_begin(&html);
        page_add(&html, &a);
        page_end(&html);
        cr_expect(!strstr(html.p, "<script"));
        cr_expect(strstr(html.p, "<h2>&lt;script&gt;alert(1)&lt;/script&gt; &quot;Mei&quot;\xef\xbf\xbd[31m\xef\xbf\xbd</h2>"), "%s", html.p);
        cr_expect(strstr(html.p, "<li>Lock &lt;it&gt;.</li>"));
        cr_expect(strstr(html.p, "5 &amp; more"));
        cr_expect(strstr(html.p, "2 times"));
        cr_expect(strstr(html.p, "default-src 'none'"));
        cr_expect(!strstr(html.p, "Answered"));
}
