/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/base/sealbox.h"

#include <errno.h>
#include <sodium.h>

enum { NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES };

_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == DIGEST_BYTES, "a digest makes a key");
_Static_assert((int)NONCE_BYTES <= (int)DIGEST_BYTES, "and a nonce");

/* A key for boxes alone. */
static void derive(const struct secret *secret, struct secret *ret)
{
        struct digest d;

        digest_of("shopbell-box-key", secret, STR(""), &d);
        memcpy(ret->b, d.b, sizeof ret->b);
        sodium_memzero(&d, sizeof d);
}

void box_seal(const struct secret *secret, struct str place, struct str plain, struct strbuf *out)
{
        struct strbuf both = STRBUF_INIT;
        struct digest nonce;
        struct secret key;
        char *to;

        digest_add_text(&both, place);
        digest_add_text(&both, plain);
        to = strbuf_reserve(out, NONCE_BYTES + plain.n + TAG_BYTES);
        if (strbuf_failed(&both))
                out->failed = true;
        if (to && !strbuf_failed(&both)) {
                derive(secret, &key);
                digest_of("shopbell-box-non", &key, strbuf_str(&both), &nonce);
                memcpy(to, nonce.b, NONCE_BYTES);
                crypto_aead_xchacha20poly1305_ietf_encrypt((unsigned char *)to + NONCE_BYTES, NULL, (const unsigned char *)plain.p, plain.n,
                                                           (const unsigned char *)place.p, place.n, NULL, nonce.b, key.b);
                out->n += NONCE_BYTES + plain.n + TAG_BYTES;
                secret_wipe(&key);
        }
        if (both.p)
                sodium_memzero(both.p, both.n);
        strbuf_done(&both);
}

int box_open(const struct secret *secret, struct str place, struct str box, struct strbuf *out)
{
        struct secret key;
        char *to;
        int r;

        if (box.n < NONCE_BYTES + TAG_BYTES)
                return -EBADMSG;
        to = strbuf_reserve(out, box.n);
        if (!to)
                return -ENOMEM;
        derive(secret, &key);
        r = crypto_aead_xchacha20poly1305_ietf_decrypt((unsigned char *)to, NULL, NULL, (const unsigned char *)box.p + NONCE_BYTES,
                                                       box.n - NONCE_BYTES, (const unsigned char *)place.p, place.n,
                                                       (const unsigned char *)box.p, key.b);
        secret_wipe(&key);
        if (r < 0)
                return -EBADMSG;
        out->n += box.n - NONCE_BYTES - TAG_BYTES;
        return 0;
}

void pseudonym_of(const struct secret *secret, struct str value, char ret[PSEUDONYM_BYTES])
{
        char hex[DIGEST_HEX_BYTES];
        struct digest d;

        digest_of("shopbell-pseudon", secret, value, &d);
        digest_hex(&d, hex);
        memcpy(ret, "p:", 2);
        memcpy(ret + 2, hex, 16);
        ret[18] = '\0';
}
