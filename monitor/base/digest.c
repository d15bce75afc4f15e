/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/base/digest.h"

#include <errno.h>
#include <sodium.h>

#include "monitor/base/escape.h"

_Static_assert(DIGEST_PERSON_BYTES == crypto_generichash_blake2b_PERSONALBYTES, "BLAKE2b's personalisation has 16 bytes");

void digest_of(const char *person, const struct secret *key, struct str bytes, struct digest *ret)
{
        static const unsigned char none[1];
        unsigned char personal[DIGEST_PERSON_BYTES] = { 0 };

        memcpy(personal, person, size_min(strlen(person), sizeof personal));
        crypto_generichash_blake2b_salt_personal(ret->b, sizeof ret->b, bytes.n > 0 ? (const unsigned char *)bytes.p : none, bytes.n,
                                                 key ? key->b : NULL, key ? sizeof key->b : 0, NULL, personal);
}

/* ---- Bit by bit ---- */

_Static_assert(sizeof(struct digest_work) >= sizeof(crypto_generichash_blake2b_state), "room for libsodium's state");

static crypto_generichash_blake2b_state *state_of(struct digest_work *w)
{
        return (crypto_generichash_blake2b_state *)(void *)w->opaque;
}

void digest_begin(struct digest_work *w, const char *person)
{
        unsigned char personal[DIGEST_PERSON_BYTES] = { 0 };

        if (person)
                memcpy(personal, person, size_min(strlen(person), sizeof personal));
        crypto_generichash_blake2b_init_salt_personal(state_of(w), NULL, 0, DIGEST_BYTES, NULL, personal);
}

void digest_add(struct digest_work *w, struct str bytes)
{
        if (bytes.n > 0)
                crypto_generichash_blake2b_update(state_of(w), (const unsigned char *)bytes.p, bytes.n);
}

void digest_end(struct digest_work *w, struct digest *ret)
{
        crypto_generichash_blake2b_final(state_of(w), ret->b, sizeof ret->b);
}

/* ---- */

bool digest_eq(const struct digest *a, const struct digest *b)
{
        return sodium_memcmp(a->b, b->b, sizeof a->b) == 0;
}

void digest_hex(const struct digest *d, char ret[DIGEST_HEX_BYTES])
{
        sodium_bin2hex(ret, DIGEST_HEX_BYTES, d->b, sizeof d->b);
}

int digest_parse(struct str hex, struct digest *ret)
{
        struct digest d;

        if (hex.n != 2 * sizeof d.b)
                return -EBADMSG;
        for (size_t i = 0; i < sizeof d.b; i++) {
                int high = escape_hex_digit(hex.p[2 * i]), low = escape_hex_digit(hex.p[2 * i + 1]);

                if (high < 0 || low < 0)
                        return -EBADMSG;
                d.b[i] = (uint8_t)(high << 4 | low);
        }
        *ret = d;
        return 0;
}

void digest_sha256(struct str bytes, struct digest *ret)
{
        static const unsigned char none[1];

        _Static_assert(DIGEST_BYTES == crypto_hash_sha256_BYTES, "as long as ours");
        crypto_hash_sha256(ret->b, bytes.n > 0 ? (const unsigned char *)bytes.p : none, bytes.n);
}

void secret_wipe(struct secret *s)
{
        sodium_memzero(s, sizeof *s);
}

void digest_add_number(struct strbuf *to, int64_t n)
{
        char *p = strbuf_reserve(to, 8);

        if (!p)
                return;
        for (unsigned i = 0; i < 8; i++)
                p[i] = (char)((uint64_t)n >> (8 * i) & 0xFF);
        to->n += 8;
}

void digest_add_text(struct strbuf *to, struct str text)
{
        digest_add_number(to, (int64_t)text.n);
        strbuf_add(to, text);
}
