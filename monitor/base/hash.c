/* SPDX-License-Identifier: Apache-2.0 */

/* Hashes from libsodium, the only file that names it. Neither needs sodium_init(): that only picks faster code, and it
 * reads the machine's randomness, which is for programs to do. */

#include "monitor/base/hash.h"

#include <errno.h>
#include <sodium.h>

#include "monitor/base/escape.h"

_Static_assert(HASH_SEED_BYTES == crypto_shorthash_siphash24_KEYBYTES, "SipHash-2-4 has keys of 16 bytes");

static uint8_t secret[HASH_SEED_BYTES];
static uint64_t secret_nh[2] = { 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F }; /* made of it; before that (tests), no zeroes */

void hash_seed(const uint8_t seed[HASH_SEED_BYTES])
{
        memcpy(secret, seed, sizeof secret);
        secret_nh[0] = hash_key(STR("nh 0"));
        secret_nh[1] = hash_key(STR("nh 1"));
}

uint64_t hash_key(struct str s)
{
        static const unsigned char none[1];
        uint64_t h;

        crypto_shorthash_siphash24((unsigned char *)&h, s.n > 0 ? (const unsigned char *)s.p : none, s.n, secret);
        return h;
}

uint64_t hash_key128(const struct hash128 *h)
{
        unsigned __int128 product;
        uint64_t words[2];

        memcpy(words, h->b, sizeof words);
        product = (unsigned __int128)(words[0] + secret_nh[0]) * (words[1] + secret_nh[1]);
        return (uint64_t)product + (uint64_t)(product >> 64);
}

struct hash128 hash128_of(const struct str *parts, size_t n)
{
        crypto_generichash_blake2b_state state;
        struct hash128 h;

        crypto_generichash_blake2b_init(&state, NULL, 0, sizeof h.b);
        for (size_t i = 0; i < n; i++) {
                uint8_t length[8];

                for (unsigned k = 0; k < sizeof length; k++)
                        length[k] = (uint8_t)((uint64_t)parts[i].n >> (8 * k));
                crypto_generichash_blake2b_update(&state, length, sizeof length);
                if (parts[i].n > 0)
                        crypto_generichash_blake2b_update(&state, (const unsigned char *)parts[i].p, parts[i].n);
        }
        crypto_generichash_blake2b_final(&state, h.b, sizeof h.b);
        return h;
}

void hash128_hex(const struct hash128 *h, char ret[HASH128_HEX_BYTES])
{
        static const char digits[] = "0123456789abcdef";

        for (size_t i = 0; i < HASH128_BYTES; i++) {
                ret[2 * i] = digits[h->b[i] >> 4];
                ret[2 * i + 1] = digits[h->b[i] & 15];
        }
        ret[2 * HASH128_BYTES] = '\0';
}

int hash128_parse(struct str hex, struct hash128 *ret)
{
        struct hash128 h;

        if (hex.n != 2 * HASH128_BYTES)
                return -EBADMSG;
        for (size_t i = 0; i < HASH128_BYTES; i++) {
                int high = escape_hex_digit(hex.p[2 * i]), low = escape_hex_digit(hex.p[2 * i + 1]);

                if (high < 0 || low < 0)
                        return -EBADMSG;
                h.b[i] = (uint8_t)(high << 4 | low);
        }
        *ret = h;
        return 0;
}
