/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell-notify: tells the user of a desktop what rang. */

#include <errno.h>
#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/agent/agent.h"
#include "monitor/base/log.h"

enum { EXIT_OK = 0, EXIT_USAGE = 2, EXIT_CANNOT = 3 };

static const char usage[] =
        "usage: shopbell-notify [--level LEVEL]\n"
        "\n"
        "Shows what rings in shopbelld(8) as bubbles of this desktop, and carries answers back.\n"
        "\n"
        "  -l, --level LEVEL   the lowest level to be told of: informational, low, medium, high or critical (default medium)\n"
        "      --version       print the version\n"
        "  -h, --help          this text\n"
        "\n"
        "Exit: 0 ended as asked, 2 usage, 3 there is no system bus, or its state cannot be kept.\n";

/* >= 0: exit with that. */
static int read_arguments(int argc, char **argv, struct agent_options *o)
{
        static const struct option options[] = {
                { "level", required_argument, NULL, 'l' },
                { "version", no_argument, NULL, 'v' },
                { "help", no_argument, NULL, 'h' },
                { NULL, 0, NULL, 0 },
        };
        int c;

        while ((c = getopt_long(argc, argv, "l:h", options, NULL)) != -1) {
                switch (c) {
                case 'l':
                        o->level_min = level_find(str_of(optarg));
                        if (o->level_min == _LEVEL_MAX) {
                                log_error("%s is no level: informational, low, medium, high or critical", optarg);
                                return EXIT_USAGE;
                        }
                        break;
                case 'v': puts("shopbell-notify " PACKAGE_VERSION); return EXIT_OK;
                case 'h': fputs(usage, stdout); return EXIT_OK;
                default: return EXIT_USAGE;
                }
        }
        if (optind < argc) {
                log_error("%s is no option of shopbell-notify: see shopbell-notify --help", argv[optind]);
                return EXIT_USAGE;
        }
        return -1;
}

int main(int argc, char **argv)
{
        struct agent_options o = { .level_min = LEVEL_MEDIUM, .clock = &clock_system };
        g_autofree char *folder = NULL, *state = NULL, *runtime = NULL;
        struct err err = { 0 };
        int code;

        log_setup("shopbell-notify", getenv("JOURNAL_STREAM") != NULL, LOG_LEVEL_INFO);
        code = read_arguments(argc, argv, &o);
        if (code >= 0)
                return code;
        folder = g_build_filename(g_get_user_state_dir(), "shopbell", NULL);
        o.state = state = g_build_filename(folder, "told", NULL);
        o.runtime = runtime = g_build_filename(g_get_user_runtime_dir(), "shopbell", NULL);
        if (g_mkdir_with_parents(folder, 0700) < 0 || g_mkdir_with_parents(runtime, 0700) < 0) {
                log_error("%s or %s cannot be made: %s", folder, runtime, g_strerror(errno));
                return EXIT_CANNOT;
        }
        if (agent_run(&o, &err) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return EXIT_CANNOT;
        }
        return EXIT_OK;
}
