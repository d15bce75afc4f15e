/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/cli/cli.h"
int cmd_sources_new(struct cli *cli, int argc, char **argv)
{
        (void)cli;
        (void)argc;
        (void)argv;
        return CLI_USAGE;
}
