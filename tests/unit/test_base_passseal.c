/* SPDX-License-Identifier: Apache-2.0 */

/* Sealed files: what is wrong anywhere is found. The key costs little here. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "monitor/base/digest.h"
#include "monitor/base/passseal.h"

static const struct passseal_cost cheap = { 1, 8192 };
static const uint8_t salt[PASSSEAL_SALT] = { 1, 2, 3 };
#define PHRASE STR("correct horse battery")

static int put(void *userdata, struct str bytes)
{
        strbuf_add(userdata, bytes);
        return 0;
}

static int put_little(void *userdata, struct str bytes)
{
        size_t *left = userdata;

        if (bytes.n > *left)
                return -ENOSPC;
        *left -= bytes.n;
        return 0;
}

static void fill(struct strbuf *b, size_t n)
{
        for (size_t i = 0; i < n; i++)
                strbuf_addc(b, (char)(i * 7 + (i >> 8)));
}

static void seal(struct str plain, struct strbuf *to)
{
        CLEANUP(passseal_freep) struct passseal *p = NULL;

        cr_assert_eq(passseal_new(PHRASE, &cheap, salt, put, to, &p), 0);
        for (size_t at = 0; at < plain.n; at += 1000)
                cr_assert_eq(passseal_add(p, str_from(plain.p + at, size_min(1000, plain.n - at))), 0);
        cr_assert_eq(passseal_end(p), 0);
        cr_assert(!strbuf_failed(to));
}

static int opens(struct str file, struct str expected)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct err err = { 0 };
        int r = passseal_open(PHRASE, file, &out, &err);

        if (r < 0)
                cr_expect(err.text[0], "a word of what is wrong");
        return r < 0 ? r : str_eq(strbuf_str(&out), expected);
}

Test(base_passseal, what_is_sealed_comes_back)
{
        static const size_t lengths[] = { 0, 1, 65535, 65536, 65537, 131072, 200000 };

        for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
                CLEANUP(strbuf_done) struct strbuf plain = STRBUF_INIT, file = STRBUF_INIT, out = STRBUF_INIT;
                size_t chunks = lengths[i] == 0 ? 1 : (lengths[i] + PASSSEAL_CHUNK - 1) / PASSSEAL_CHUNK;
                struct err err = { 0 };

                fill(&plain, lengths[i]);
                seal(strbuf_str(&plain), &file);
                cr_expect(passseal_is_one(strbuf_str(&file)));
                cr_expect_eq(file.n, PASSSEAL_HEAD + lengths[i] + chunks * PASSSEAL_MORE);
                cr_expect_eq(opens(strbuf_str(&file), strbuf_str(&plain)), 1);
                cr_expect_eq(passseal_open(STR("another"), strbuf_str(&file), &out, &err), -EBADMSG);
                cr_expect(strstr(err.text, "passphrase"));
        }
}

Test(base_passseal, every_byte_counts)
{
        CLEANUP(strbuf_done) struct strbuf file = STRBUF_INIT;

        seal(STR("a small pack"), &file);
        for (size_t i = 0; i < file.n; i++) {
                file.p[i] ^= 4;
                cr_expect_eq(opens(strbuf_str(&file), STR("a small pack")), -EBADMSG, "byte %zu", i);
                file.p[i] ^= 4;
        }
        for (size_t n = 0; n < file.n; n++)
                cr_expect_eq(opens(str_from(file.p, n), STR("a small pack")), -EBADMSG, "%zu bytes", n);
}

Test(base_passseal, chunks_cannot_be_cut_off_moved_or_doubled)
{
        enum { N = 4, WHOLE = PASSSEAL_CHUNK + PASSSEAL_MORE };
        CLEANUP(strbuf_done) struct strbuf plain = STRBUF_INIT, file = STRBUF_INIT, other = STRBUF_INIT, out = STRBUF_INIT;
        struct err err = { 0 };
        char offset[32];

        fill(&plain, N * PASSSEAL_CHUNK);
        seal(strbuf_str(&plain), &file);
        for (size_t i = 0; i < N; i++)
                cr_expect_eq(opens(str_from(file.p, PASSSEAL_HEAD + i * WHOLE), strbuf_str(&plain)), -EBADMSG, "%zu chunks", i);
        for (size_t i = 1; i < N; i++) { /* two change places */
                strbuf_clear(&other);
                strbuf_clear(&out);
                strbuf_add(&other, str_from(file.p, PASSSEAL_HEAD + (i - 1) * WHOLE));
                strbuf_add(&other, str_from(file.p + PASSSEAL_HEAD + i * WHOLE, WHOLE));
                strbuf_add(&other, str_from(file.p + PASSSEAL_HEAD + (i - 1) * WHOLE, WHOLE));
                strbuf_add(&other, str_from(file.p + PASSSEAL_HEAD + (i + 1) * WHOLE, (N - 1 - i) * WHOLE));
                cr_expect_eq(passseal_open(PHRASE, strbuf_str(&other), &out, &err), -EBADMSG);
                snprintf(offset, sizeof offset, "%zu", PASSSEAL_HEAD + i * WHOLE); /* where the first of them ends */
                cr_expect(strstr(err.text, offset), "%s: %s", offset, err.text);
        }
        strbuf_clear(&other);
        strbuf_add(&other, strbuf_str(&file));
        strbuf_add(&other, str_from(file.p + file.n - WHOLE, WHOLE));
        cr_expect_eq(passseal_open(PHRASE, strbuf_str(&other), &out, &err), -EBADMSG);
        cr_expect(strstr(err.text, "behind the end"), "%s", err.text);
}

Test(base_passseal, what_it_costs_is_bounded)
{
        static const struct passseal_cost bad[] = { { 0, 8192 }, { 1, 1 }, { 17, 8192 }, { 1, (UINT64_C(1) << 30) + 1 }, { UINT64_MAX, UINT64_MAX } };
        CLEANUP(strbuf_done) struct strbuf file = STRBUF_INIT, out = STRBUF_INIT;
        struct passseal *p = NULL;
        struct err err = { 0 };
        size_t left = 100;

        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                cr_expect_eq(passseal_new(PHRASE, &bad[i], salt, put, &file, &p), -EINVAL);
        seal(STR("x"), &file);
        file.p[16 + 7] = 1; /* a great many rounds */
        cr_expect_eq(passseal_open(PHRASE, strbuf_str(&file), &out, &err), -EBADMSG);
        cr_expect(strstr(err.text, "cost"), "%s", err.text);
        cr_assert_eq(passseal_new(PHRASE, &cheap, salt, put_little, &left, &p), 0);
        cr_expect_eq(passseal_add(p, STR("a piece")), 0);
        cr_expect_eq(passseal_end(p), 0);
        passseal_free(p);
        left = 10;
        cr_expect_eq(passseal_new(PHRASE, &cheap, salt, put_little, &left, &p), -ENOSPC);
}

Test(base_passseal, sha256)
{
        char hex[DIGEST_HEX_BYTES];
        struct digest d;

        digest_sha256(STR("abc"), &d); /* FIPS 180-4's example */
        digest_hex(&d, hex);
        cr_expect_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
