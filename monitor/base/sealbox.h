/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_SEALBOX_H
#define SHOPBELL_BASE_SEALBOX_H

/* Bytes that only who has the secret can read, and names that stand for others: XChaCha20-Poly1305 and keyed BLAKE2b, by libsodium.
 * The nonce is a keyed digest of what is sealed, so that nothing random is needed: the same in the same place gives the same box. */

#include "monitor/base/digest.h"

enum { PSEUDONYM_BYTES = 20 };

/* Appends a box. `place`: what it belongs to; it opens nowhere else. */
void box_seal(const struct secret *secret, struct str place, struct str plain, struct strbuf *out);
/* Appends what it holds. 0; -EBADMSG: of another secret or place, or changed; -ENOMEM. */
int box_open(const struct secret *secret, struct str place, struct str box, struct strbuf *out);

/* "p:" and 16 hexadecimal digits: the same for the same value, and says nothing of it to who has not the secret. */
void pseudonym_of(const struct secret *secret, struct str value, char ret[PSEUDONYM_BYTES]);

#endif
