/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_PASSSEAL_H
#define SHOPBELL_BASE_PASSSEAL_H

/* A file that opens with a passphrase: a head, then chunks of XChaCha20-Poly1305 (libsodium's secretstream) under a key that Argon2id
 * makes of the passphrase.
 *
 *     "shopbell-seal-1\n"                                     16 bytes
 *     ops, memory in bytes: what making the key costs         8 and 8 bytes, the least first
 *     salt; header of the stream                              16 and 24 bytes
 *     chunks of PASSSEAL_CHUNK bytes and 17 more, the last one shorter or as long, and marked as the last
 *
 * The head goes into each chunk's tag as additional data. A chunk that was changed, left out, moved, or put in does not open, nor does a
 * file that ends before its last one; which chunk it is, is told by its offset. */

#include "monitor/base/err.h"
#include "monitor/base/str.h"

enum { PASSSEAL_SALT = 16, PASSSEAL_HEAD = 16 + 8 + 8 + PASSSEAL_SALT + 24, PASSSEAL_CHUNK = 64 * 1024, PASSSEAL_MORE = 17 };
enum { PASSPHRASE_MIN = 8, PASSPHRASE_MAX = 1024 }; /* bytes; shorter ones are refused when sealing */

struct passseal_cost {
        uint64_t ops, memory;
};
/* What a desktop machine needs about a second for. */
#define PASSSEAL_COST ((struct passseal_cost){ 3, UINT64_C(256) << 20 })
/* A file that asks for more is not read: it is of somebody who wants the machine busy. */
#define PASSSEAL_COST_MAX ((struct passseal_cost){ 16, UINT64_C(1) << 30 })

struct passseal;
/* `salt`: random bytes. `put` gets the file piece by piece, and what it returns when negative is returned. -EINVAL: the cost is out of
 * bounds; -ENOMEM: also when there is not the memory that making the key needs. */
int passseal_new(struct str passphrase, const struct passseal_cost *cost, const uint8_t salt[PASSSEAL_SALT],
                 int (*put)(void *userdata, struct str bytes), void *userdata, struct passseal **ret);
int passseal_add(struct passseal *p, struct str bytes);
int passseal_end(struct passseal *p); /* the last chunk; nothing is added behind it */
struct passseal *passseal_free(struct passseal *p); /* NULL is fine; returns NULL */
DEFINE_FREEP(struct passseal, passseal)

/* Whether a file begins as one. */
bool passseal_is_one(struct str file);
/* Appends what it holds. -EBADMSG: the passphrase is another one, or something is wrong at an offset: *reterr says so; -ENOMEM. What was
 * appended before the place is good, but not all of it. */
int passseal_open(struct str passphrase, struct str file, struct strbuf *out, struct err *reterr);

#endif
