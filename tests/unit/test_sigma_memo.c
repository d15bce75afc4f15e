/* SPDX-License-Identifier: Apache-2.0 */

/* What the memo of a thread keeps, and what not. */

#include <criterion/criterion.h>
#include <stdio.h>

#include "monitor/sigma/memo.h"

/* Whether the memo knows the text, with `id` alone. */
static bool knows(const struct memo *memo, uint64_t owner, struct str text, uint32_t id)
{
        struct memo_ids known;

        return memo_get(memo, owner, text, &known) && known.n == 1 && known.ids[0] == id;
}

Test(sigma_memo, texts_and_owners)
{
        static const char *const texts[] = { "",         "a",         "b",          "abcdefg",          "abcdefgh",
                                             "abcdefgi", "abcdefghi", "Abcdefghi", "0123456701234567", "01234567x01234567" };
        struct memo *memo = memo_new();
        struct memo_ids known;

        cr_assert(memo);
        for (uint32_t i = 0; i < ARRAY_LEN(texts); i++)
                cr_expect_not(memo_get(memo, 1, str_of(texts[i]), &known), "%s", texts[i]);
        for (uint32_t i = 0; i < ARRAY_LEN(texts); i++)
                memo_put(memo, 1, str_of(texts[i]), &i, 1);
        for (uint32_t i = 0; i < ARRAY_LEN(texts); i++) {
                cr_expect(knows(memo, 1, str_of(texts[i]), i), "%s", texts[i]);
                cr_expect_not(memo_get(memo, 2, str_of(texts[i]), &known), "%s", texts[i]);
        }
        memo_put(memo, 2, STR("a"), NULL, 0);
        cr_assert(memo_get(memo, 2, STR("a"), &known));
        cr_expect_eq(known.n, 0);
        cr_expect(knows(memo, 1, STR("a"), 1));
        cr_expect_not(memo_get(memo, 1, str_from("a\0", 2), &known));
        memo_put(memo, 2, STR_NONE, NULL, 0);
        cr_expect_not(memo_get(memo, 1, STR_NONE, &known)); /* absent is not "" */
        cr_expect_not(memo_get(memo, 2, STR(""), &known));
        memo_free(memo);
}

Test(sigma_memo, keeps_nothing_large)
{
        struct memo *memo = memo_new();
        char text[MEMO_TEXT_BYTES + 1];
        uint32_t ids[MEMO_IDS + 1];
        struct memo_ids known;

        memset(text, 'x', sizeof text);
        for (uint32_t i = 0; i < ARRAY_LEN(ids); i++)
                ids[i] = i;
        memo_put(memo, 1, str_from(text, sizeof text), ids, 1);
        cr_expect_not(memo_get(memo, 1, str_from(text, sizeof text), &known));
        memo_put(memo, 1, str_from(text, MEMO_TEXT_BYTES), ids, 1);
        cr_expect(knows(memo, 1, str_from(text, MEMO_TEXT_BYTES), 0));
        memo_put(memo, 1, STR("many"), ids, MEMO_IDS + 1);
        cr_expect_not(memo_get(memo, 1, STR("many"), &known));
        memo_put(memo, 1, STR("many"), ids, MEMO_IDS);
        cr_assert(memo_get(memo, 1, STR("many"), &known));
        cr_expect_eq(known.n, MEMO_IDS);
        cr_expect_eq(known.ids[MEMO_IDS - 1], MEMO_IDS - 1);
        memo_free(memo);
}

/* Texts alike at the ends and in the middle fall on each other: they are forgotten, never taken for one another. */
Test(sigma_memo, more_than_fit)
{
        struct memo *memo = memo_new();
        char text[80];
        size_t n_known = 0;
        struct memo_ids known;

        for (uint32_t i = 0; i < 4 * MEMO_ENTRIES; i++) {
                snprintf(text, sizeof text, "begin %08u the middle of the text %u end", i % 3 ? i : 0, i);
                memo_put(memo, 1, str_of(text), &i, 1);
                cr_expect(knows(memo, 1, str_of(text), i));
        }
        for (uint32_t i = 0; i < 4 * MEMO_ENTRIES; i++) {
                snprintf(text, sizeof text, "begin %08u the middle of the text %u end", i % 3 ? i : 0, i);
                if (!memo_get(memo, 1, str_of(text), &known))
                        continue;
                n_known++;
                cr_expect(known.n == 1 && known.ids[0] == i, "%s", text);
        }
        cr_expect(n_known > 0 && n_known <= MEMO_ENTRIES, "%zu", n_known);
        memo_free(memo);
}

Test(sigma_memo, the_older_of_two_goes)
{
        struct memo *memo = memo_new();
        /* Alike where the hash looks: both ends and the middle. */
        static const char *const texts[] = { "01234567a01234567a01234567", "01234567b01234567b01234567",
                                             "01234567c01234567c01234567" };
        struct memo_ids known;

        for (uint32_t i = 0; i < 3; i++)
                memo_put(memo, 1, str_of(texts[i]), &i, 1);
        cr_expect_not(memo_get(memo, 1, str_of(texts[0]), &known));
        cr_expect(knows(memo, 1, str_of(texts[1]), 1));
        cr_expect(knows(memo, 1, str_of(texts[2]), 2));
        memo_free(memo);
}
