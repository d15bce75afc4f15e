/* SPDX-License-Identifier: Apache-2.0 */

/* For tests/dev/sigma-differential: each line of the input is {"detection": {…}, "event": {…},
 * "placeholders": {…}}; each line of the output says true, false, or why the detection does not compile. */

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/sigma_record.h"

static void answer(const char *line)
{
        const struct yaml *pair;
        struct sigma_options options = { 0 };
        struct sigma_bench b;
        int r;

        sigma_bench_open(&b);
        pair = sigma_bench_yaml(&b, line);
        options.placeholders = yaml_get(pair, "placeholders");
        r = sigma_detection_compile(b.arena, yaml_get(pair, "detection"), "rule.yml", &options, &b.detection, &b.err);
        if (r < 0)
                printf("error: %s\n", b.err.text);
        else if (b.detection->lacking.n > 0)
                printf("error: no values for %s\n", b.detection->lacking.p);
        else
                printf("%s\n", sigma_bench_match(&b, yaml_get(pair, "event")) ? "true" : "false");
        sigma_bench_close(&b);
}

int main(void)
{
        char *line = NULL;
        size_t size = 0;

        while (getline(&line, &size, stdin) > 0)
                answer(line);
        free(line);
        return 0;
}
