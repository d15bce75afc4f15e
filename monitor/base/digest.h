/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_DIGEST_H
#define SHOPBELL_BASE_DIGEST_H

/* Digests that vouch for something: BLAKE2b of 32 bytes (RFC 7693), by libsodium. What a digest is for is in its `person`, BLAKE2b's
 * personalisation of 16 bytes, so that one made for one thing never passes for another; with a secret it can only be made, and
 * checked, by who has that. In Python: hashlib.blake2b(bytes, digest_size=32, person=person, key=secret).
 *
 * What is digested is encoded without doubt: a number as 8 bytes, the least first; a text or bytes as their length (so written)
 * and themselves. */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/str.h"

enum { DIGEST_BYTES = 32, DIGEST_HEX_BYTES = 65, DIGEST_PERSON_BYTES = 16, SECRET_BYTES = 32 };

struct digest {
        uint8_t b[DIGEST_BYTES];
};
struct secret {
        uint8_t b[SECRET_BYTES];
};

/* `person`: exactly DIGEST_PERSON_BYTES characters. `key` NULL: without. */
void digest_of(const char *person, const struct secret *key, struct str bytes, struct digest *ret);
/* The same bit by bit, of what is long; without `person` it is what `b2sum -l 256` says. */
struct digest_work {
        _Alignas(64) unsigned char opaque[384];
};
void digest_begin(struct digest_work *w, const char *person);
void digest_add(struct digest_work *w, struct str bytes);
void digest_end(struct digest_work *w, struct digest *ret);
bool digest_eq(const struct digest *a, const struct digest *b); /* takes as long whatever they hold */
void digest_hex(const struct digest *d, char ret[DIGEST_HEX_BYTES]); /* 64 lower-case digits and a NUL */
int digest_parse(struct str hex, struct digest *ret); /* 0 or -EBADMSG */
void digest_sha256(struct str bytes, struct digest *ret); /* for what other programs check: sha256sum(1) */
void secret_wipe(struct secret *s);

/* The encoding. */
void digest_add_number(struct strbuf *to, int64_t n);
void digest_add_text(struct strbuf *to, struct str text);

#endif
