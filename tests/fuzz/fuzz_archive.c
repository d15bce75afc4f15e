/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target of the reader of evidence packs' archives: whatever it takes, it would write just so again. And of the reader of flat JSON. */

#include <stdint.h>
#include <stdlib.h>

#include "monitor/base/json_flat.h"
#include "monitor/base/ustar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool holds)
{
        if (!holds)
                abort();
}

static void read_archive(struct str bytes)
{
        CLEANUP(strbuf_done) struct strbuf again = STRBUF_INIT;
        struct ustar u = ustar_read(bytes);
        struct ustar_file file;
        struct err err = { 0 };
        int r;

        while ((r = ustar_next(&u, &file, &err)) > 0) {
                check(ustar_is_name(file.name) && file.bytes.p >= bytes.p && file.bytes.p + file.bytes.n <= bytes.p + bytes.n);
                check(ustar_add(&again, file.name, file.bytes, file.at) == 0);
        }
        check(r == 0 || err.text[0]);
        if (r < 0)
                return;
        ustar_end(&again);
        check(str_eq(strbuf_str(&again), bytes));
}

static void read_json(struct str text)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct str key, value;

        check(arena);
        while (json_flat_next(&text, arena, &key, &value) > 0)
                check(key.p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        char *bytes = malloc(n + 1);

        check(bytes);
        memcpy(bytes, data, n);
        read_archive(str_from(bytes, n));
        read_json(str_from(bytes, n));
        free(bytes);
        return 0;
}
