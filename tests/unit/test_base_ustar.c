/* SPDX-License-Identifier: Apache-2.0 */

/* Archives: what is written is read, and nothing else. tests/integration/pack.sh holds them against tar(1). */

#include <criterion/criterion.h>
#include <errno.h>

#include "monitor/base/ustar.h"

static const struct {
        const char *name, *bytes;
} files[] = { { "README.txt", "hello\n" }, { "records/empty", "" }, { "forms/a-b_c.txt", "x" } };
#define AT (INT64_C(1789000000) * USEC_PER_SEC)

static void write_all(struct strbuf *to)
{
        for (size_t i = 0; i < ARRAY_LEN(files); i++)
                cr_assert_eq(ustar_add(to, str_of(files[i].name), str_of(files[i].bytes), AT + 5), 0);
        ustar_end(to);
        cr_assert(!strbuf_failed(to));
}

/* 0 when all of it is as written. */
static int read_all(struct str bytes, struct err *err)
{
        struct ustar u = ustar_read(bytes);
        struct ustar_file f;
        size_t n = 0;
        int r;

        while ((r = ustar_next(&u, &f, err)) > 0) {
                if (n == ARRAY_LEN(files) || !str_eqz(f.name, files[n].name) || !str_eqz(f.bytes, files[n].bytes) || f.at != AT)
                        return 1;
                n++;
        }
        return r < 0 ? r : n != ARRAY_LEN(files);
}

Test(base_ustar, what_is_written_is_read)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct err err = { 0 };

        write_all(&b);
        cr_expect_eq(read_all(strbuf_str(&b), &err), 0, "%s", err.text);
        cr_expect_eq(b.n, 512 * 7);
}

Test(base_ustar, every_bit_counts)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct err err = { 0 };

        write_all(&b);
        for (size_t i = 0; i < b.n; i++)
                for (int bit = 0; bit < 8; bit++) {
                        b.p[i] ^= (char)(1 << bit);
                        cr_expect_neq(read_all(strbuf_str(&b), &err), 0, "byte %zu, bit %d", i, bit);
                        b.p[i] ^= (char)(1 << bit);
                }
}

Test(base_ustar, every_end_counts)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct err err = { 0 };

        write_all(&b);
        for (size_t n = 0; n < b.n; n++) {
                char *cut = malloc(n + 1); /* so that reading behind it is found */

                cr_assert(cut);
                memcpy(cut, b.p, n);
                cr_expect_lt(read_all(str_from(cut, n), &err), 0, "%zu bytes", n);
                free(cut);
        }
        strbuf_addc(&b, '\0');
        cr_expect_lt(read_all(strbuf_str(&b), &err), 0);
        cr_expect(strstr(err.text, "behind the end"), "%s", err.text);
}

Test(base_ustar, names)
{
        static const char *const good[] = { "a", "records/0123456789abcdef", "regimes/contract/own_1.yml", "A.b-c" };
        static const char *const bad[] = { "", "/a", "a/", "a//b", "..", "a/..", "../a", "a/../b", ".a", "-a", "a/-b", "a b", "a\nb", "a\\b", "a:b", "caf\xc3\xa9",
                                           "1/2/3/4/5" };
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        char longest[USTAR_NAME_MAX + 2];

        for (size_t i = 0; i < ARRAY_LEN(good); i++)
                cr_expect(ustar_is_name(str_of(good[i])), "%s", good[i]);
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                cr_expect(!ustar_is_name(str_of(bad[i])), "%s", bad[i]);
                cr_expect_eq(ustar_add(&b, str_of(bad[i]), STR(""), AT), -EINVAL);
        }
        cr_expect(!ustar_is_name(str_from("a\0b", 3)));
        memset(longest, 'a', sizeof longest);
        cr_expect(ustar_is_name(str_from(longest, USTAR_NAME_MAX)));
        cr_expect(!ustar_is_name(str_from(longest, USTAR_NAME_MAX + 1)));
        cr_expect_eq(b.n, 0);
}

Test(base_ustar, says_which_file)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct err err = { 0 };

        write_all(&b);
        b.p[2 * 512 + 108] = '7'; /* the owner of records/empty */
        cr_expect_eq(read_all(strbuf_str(&b), &err), -EBADMSG);
        cr_expect(strstr(err.text, "records/empty") && strstr(err.text, "offset 1024"), "%s", err.text);
}
