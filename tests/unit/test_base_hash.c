/* SPDX-License-Identifier: Apache-2.0 */

/* The hashes against published vectors: SipHash-2-4's from its paper, BLAKE2b's from Python's hashlib. */

#include <criterion/criterion.h>
#include <errno.h>

#include "monitor/base/hash.h"

Test(base_hash, key_hash_is_siphash)
{
        static const uint8_t want[8] = { 0xe5, 0x45, 0xbe, 0x49, 0x61, 0xca, 0x29, 0xa1 };
        uint8_t seed[HASH_SEED_BYTES], text[15];
        uint64_t h, other;

        for (uint8_t i = 0; i < sizeof seed; i++)
                seed[i] = i;
        for (uint8_t i = 0; i < sizeof text; i++)
                text[i] = i;
        other = hash_key(str_from((const char *)text, sizeof text));
        hash_seed(seed);
        h = hash_key(str_from((const char *)text, sizeof text));
        cr_expect_arr_eq(&h, want, sizeof want);
        cr_expect_neq(h, other, "the secret matters");
        cr_expect_eq(hash_key(STR_NONE), hash_key(STR("")));
}

static void expect_hex(const struct str *parts, size_t n, const char *want)
{
        struct hash128 h = hash128_of(parts, n);
        char hex[HASH128_HEX_BYTES];

        hash128_hex(&h, hex);
        cr_expect_str_eq(hex, want);
}

Test(base_hash, long_hash_is_blake2b_of_the_parts_with_their_lengths)
{
        struct str a[] = { STR("ab"), STR("c") }, b[] = { STR("a"), STR("bc") };

        expect_hex(a, 2, "4826ed043ab3cdec576d8541fa5d5a80");
        expect_hex(b, 2, "f14abc19c330e936bb9c8506d69bac9b");
        expect_hex(NULL, 0, "cae66941d9efbd404e4d88758ea67670");
}

Test(base_hash, reads_hex)
{
        struct hash128 h = { { 7 } }, same;
        char hex[HASH128_HEX_BYTES];

        cr_assert_eq(hash128_parse(STR("00112233445566778899aAbBcCdDeEfF"), &h), 0);
        hash128_hex(&h, hex);
        cr_expect_str_eq(hex, "00112233445566778899aabbccddeeff");
        cr_assert_eq(hash128_parse(str_of(hex), &same), 0);
        cr_expect(hash128_eq(&h, &same));
        cr_expect_not(hash128_is_zero(&h));
        cr_expect(hash128_is_zero(&(struct hash128){ { 0 } }));

        cr_expect_eq(hash128_parse(STR("00112233445566778899aabbccddeef"), &h), -EBADMSG);
        cr_expect_eq(hash128_parse(STR("00112233445566778899aabbccddeefg"), &h), -EBADMSG);
        cr_expect_eq(hash128_parse(STR("00112233445566778899aabbccddeeff0"), &h), -EBADMSG);
        cr_expect_eq(hash128_parse(STR_NONE, &h), -EBADMSG);
        cr_expect(hash128_eq(&h, &same), "untouched by failures");
}

/* Bits of both halves matter, low result bits included, and the secret. */
Test(base_hash, hash_of_an_id)
{
        uint8_t seed[HASH_SEED_BYTES] = { 1 };
        struct hash128 zero = { { 0 } };
        unsigned low[16] = { 0 };
        uint64_t before;

        hash_seed(seed);
        before = hash_key128(&zero);
        for (unsigned i = 0; i < 8 * HASH128_BYTES; i++) {
                struct hash128 h = zero;

                h.b[i / 8] = (uint8_t)(1U << i % 8);
                cr_expect_neq(hash_key128(&h), before, "bit %u", i);
                low[hash_key128(&h) & 15]++;
        }
        for (unsigned i = 0; i < 16; i++)
                cr_expect_lt(low[i], 32, "%u of 128 in place %u", low[i], i);
        seed[0] = 2;
        hash_seed(seed);
        cr_expect_neq(hash_key128(&zero), before, "the secret matters");
}
