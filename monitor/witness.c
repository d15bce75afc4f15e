/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/witness.h"

#include <systemd/sd-journal.h>

static int tell(const struct witness *w, const struct chain_head *head)
{
        char hex[DIGEST_HEX_BYTES];

        digest_hex(&head->hash, hex);
        return sd_journal_send("MESSAGE=The history has %lld rows; its head is %s", (long long)head->seq, hex, "PRIORITY=6",
                               "MESSAGE_ID=" WITNESS_MESSAGE_ID, "SHOPBELL_STORE=%s", w->state, "SHOPBELL_HISTORY_SEQ=%lld",
                               (long long)head->seq, "SHOPBELL_HISTORY_HASH=%s", hex, NULL);
}

usec witness_due(const struct witness *w, struct store *store)
{
        struct chain_head head;

        if (store_head(store, &head) < 0 || head.seq == w->told)
                return USEC_NONE;
        return w->at == USEC_NONE ? 0 : w->at + WITNESS_EVERY;
}

int witness_tell(struct witness *w, struct store *store, usec now, bool is_end)
{
        struct chain_head head;
        usec due = witness_due(w, store);
        int r;

        if (due == USEC_NONE || (now < due && now >= w->at && !is_end)) /* a clock that was set back: now */
                return 0;
        r = store_head(store, &head);
        if (r >= 0 && w->has_journal)
                r = tell(w, &head);
        if (r >= 0)
                r = store_heads_error(store);
        w->told = head.seq;
        w->at = now;
        return r;
}
