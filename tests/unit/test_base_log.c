/* SPDX-License-Identifier: Apache-2.0 */

/* Lines on stderr: prefixes, levels, and harmless bytes. */

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>

#include "monitor/base/log.h"

Test(base_log, for_people, .init = cr_redirect_stderr)
{
        struct err e = { 0 };

        log_setup("shopbell", false, LOG_LEVEL_WARNING);
        log_error("no %s", "rules");
        log_info("not shown");
        log_debug("not shown");
        log_warning("user \x1b[31m\nroot");
        err_at(&e, -EBADMSG, "r.yml", 3, 1, "no id");
        log_err(LOG_LEVEL_ERROR, &e);
        log_err(LOG_LEVEL_INFO, &e);
        cr_expect_stderr_eq_str(
                "shopbell: no rules\nshopbell: user \xef\xbf\xbd[31m root\nshopbell: r.yml:3:1: no id\n");
}

Test(base_log, for_the_journal, .init = cr_redirect_stderr)
{
        log_setup("shopbelld", true, LOG_LEVEL_DEBUG);
        log_error("e");
        log_warning("w");
        log_info("i");
        log_debug("d");
        cr_expect_stderr_eq_str("<3>e\n<4>w\n<6>i\n<7>d\n");
}

Test(base_log, with_an_id, .init = cr_redirect_stderr)
{
        log_setup("shopbell", false, LOG_LEVEL_INFO);
        log_message(LOG_LEVEL_WARNING, "eac320df7def4d50bfeede229a992d9a", "reload %s", "refused\x1b");
        log_message(LOG_LEVEL_DEBUG, "eac320df7def4d50bfeede229a992d9a", "not shown");
        cr_expect_stderr_eq_str("shopbell: reload refused\xef\xbf\xbd\n");
}
