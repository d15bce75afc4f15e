/* SPDX-License-Identifier: Apache-2.0 */

/* A plain main for any fuzz target: gives it each file named, so that a corpus or a crash runs again without
 * libFuzzer. */

#include <stdint.h>
#include <stdio.h>

#include "monitor/base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int run(const char *path)
{
        struct strbuf b = STRBUF_INIT;
        FILE *in = fopen(path, "rb");
        size_t n = 0;
        char *to;

        if (!in) {
                perror(path);
                return 1;
        }
        do {
                b.n += n;
                to = strbuf_reserve(&b, BUFSIZ);
                n = to ? fread(to, 1, BUFSIZ, in) : 0;
        } while (n > 0);
        if (ferror(in) || !to) {
                perror(path);
                fclose(in);
                strbuf_done(&b);
                return 1;
        }
        fclose(in);
        LLVMFuzzerTestOneInput((const uint8_t *)strbuf_str(&b).p, b.n);
        strbuf_done(&b);
        return 0;
}

int main(int argc, char **argv)
{
        int r = 0;

        for (int i = 1; i < argc; i++)
                r |= run(argv[i]);
        return r;
}
