/* SPDX-License-Identifier: Apache-2.0 */

/* The seconds are signed with the body: who replays an old request has an old time in it. */

#include <sodium.h>
#include <stdio.h>

#include "monitor/notify/notice.h"

void notice_sign(struct str secret, int64_t seconds, struct str body, char ret[NOTICE_SIGNATURE_BYTES])
{
        crypto_auth_hmacsha256_state state;
        unsigned char mac[crypto_auth_hmacsha256_BYTES];
        char front[32];
        int n = snprintf(front, sizeof front, "%lld.", (long long)seconds), at;

        crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.p, secret.n);
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)front, (size_t)n);
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.p, body.n);
        crypto_auth_hmacsha256_final(&state, mac);
        at = snprintf(ret, NOTICE_SIGNATURE_BYTES, "t=%lld,v1=", (long long)seconds);
        for (size_t i = 0; i < sizeof mac; i++)
                at += snprintf(ret + at, NOTICE_SIGNATURE_BYTES - (size_t)at, "%02x", mac[i]);
        sodium_memzero(&state, sizeof state);
}
