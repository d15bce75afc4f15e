/* SPDX-License-Identifier: Apache-2.0 */

/* Boxes and pseudonyms; digests by the vectors of another program (Python's hashlib). */

#include <criterion/criterion.h>
#include <errno.h>

#include "monitor/base/sealbox.h"

static const struct secret one = { { 1 } }, other = { { 2 } };

Test(base_sealbox, what_is_sealed_comes_back)
{
        static const size_t lengths[] = { 0, 1, 63, 64, 100000 };

        for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
                CLEANUP(strbuf_done) struct strbuf plain = STRBUF_INIT, box = STRBUF_INIT, again = STRBUF_INIT, back = STRBUF_INIT;

                for (size_t k = 0; k < lengths[i]; k++)
                        strbuf_addc(&plain, (char)k);
                box_seal(&one, STR("here"), strbuf_str(&plain), &box);
                box_seal(&one, STR("here"), strbuf_str(&plain), &again);
                cr_assert(!strbuf_failed(&box));
                cr_expect(str_eq(strbuf_str(&box), strbuf_str(&again)), "the same in the same place");
                cr_expect_eq(box_open(&one, STR("here"), strbuf_str(&box), &back), 0);
                cr_expect(str_eq(strbuf_str(&back), strbuf_str(&plain)));
                cr_expect_eq(box_open(&other, STR("here"), strbuf_str(&box), &back), -EBADMSG);
                cr_expect_eq(box_open(&one, STR("there"), strbuf_str(&box), &back), -EBADMSG);
                cr_expect_eq(box_open(&one, STR("here"), str_from(box.p, box.n - 1), &back), -EBADMSG);
                cr_expect_eq(box_open(&one, STR("here"), str_from(box.p, 39), &back), -EBADMSG);
                for (size_t k = 0; k < box.n; k += 1 + box.n / 50) {
                        box.p[k] ^= 1;
                        cr_expect_eq(box_open(&one, STR("here"), strbuf_str(&box), &back), -EBADMSG, "byte %zu", k);
                        box.p[k] ^= 1;
                }
        }
}

Test(base_sealbox, pseudonyms)
{
        char a[PSEUDONYM_BYTES], b[PSEUDONYM_BYTES];

        pseudonym_of(&one, STR("mia"), a);
        pseudonym_of(&one, STR("mia"), b);
        cr_expect_str_eq(a, b);
        cr_expect_eq(strlen(a), 18);
        pseudonym_of(&one, STR("Mia"), b);
        cr_expect_str_neq(a, b);
        pseudonym_of(&other, STR("mia"), b);
        cr_expect_str_neq(a, b);
}

Test(base_sealbox, digests)
{
        char hex[DIGEST_HEX_BYTES];
        struct digest d, back;

        digest_of("shopbell-history", NULL, STR("abc"), &d);
        digest_hex(&d, hex);
        cr_expect_str_eq(hex, "df87127f818ea0782d615da26594c19df798f7933c6c04afa85b37aea632144d");
        digest_of("shopbell-sealing", &one, STR("abc"), &d);
        digest_hex(&d, hex);
        cr_expect_str_eq(hex, "3d2f8a07f3cc61309c5db2cb83d198da386c97da08d8f618c4418ac14e18d51f");
        cr_assert_eq(digest_parse(str_of(hex), &back), 0);
        cr_expect(digest_eq(&d, &back));
        back.b[31] ^= 1;
        cr_expect(!digest_eq(&d, &back));
        cr_expect_eq(digest_parse(STR("12"), &back), -EBADMSG);
        hex[5] = 'g';
        cr_expect_eq(digest_parse(str_of(hex), &back), -EBADMSG);
}
