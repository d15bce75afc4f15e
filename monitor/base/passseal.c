/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/base/passseal.h"

#include <errno.h>
#include <sodium.h>

#define MAGIC "shopbell-seal-1\n"
enum { MAGIC_BYTES = sizeof MAGIC - 1, AT_COST = MAGIC_BYTES, AT_SALT = AT_COST + 16, AT_STREAM = AT_SALT + PASSSEAL_SALT };

_Static_assert(AT_STREAM + crypto_secretstream_xchacha20poly1305_HEADERBYTES == PASSSEAL_HEAD, "the head");
_Static_assert(PASSSEAL_SALT == crypto_pwhash_argon2id_SALTBYTES, "the salt");
_Static_assert(PASSSEAL_MORE == crypto_secretstream_xchacha20poly1305_ABYTES, "a chunk's tag");

struct passseal {
        crypto_secretstream_xchacha20poly1305_state stream;
        unsigned char head[PASSSEAL_HEAD];
        int (*put)(void *userdata, struct str bytes);
        void *userdata;
        size_t n; /* bytes of the chunk that is being filled */
        unsigned char plain[PASSSEAL_CHUNK], box[PASSSEAL_CHUNK + PASSSEAL_MORE];
};

static void put_number(unsigned char *to, uint64_t n)
{
        for (unsigned i = 0; i < 8; i++)
                to[i] = (unsigned char)(n >> 8 * i);
}

static uint64_t get_number(const unsigned char *from)
{
        uint64_t n = 0;

        for (unsigned i = 8; i-- > 0;)
                n = n << 8 | from[i];
        return n;
}

/* -EINVAL: it costs too much, or too little to be of this program. */
static int make_key(struct str passphrase, uint64_t ops, uint64_t memory, const unsigned char *salt,
                    unsigned char key[crypto_secretstream_xchacha20poly1305_KEYBYTES])
{
        const struct passseal_cost most = PASSSEAL_COST_MAX;

        if (ops < crypto_pwhash_argon2id_OPSLIMIT_MIN || ops > most.ops || memory < crypto_pwhash_argon2id_MEMLIMIT_MIN || memory > most.memory)
                return -EINVAL;
        if (crypto_pwhash(key, crypto_secretstream_xchacha20poly1305_KEYBYTES, passphrase.p ? passphrase.p : "", passphrase.n, salt, ops, (size_t)memory,
                          crypto_pwhash_ALG_ARGON2ID13) < 0)
                return -ENOMEM;
        return 0;
}

/* ---- Sealing ---- */

int passseal_new(struct str passphrase, const struct passseal_cost *cost, const uint8_t salt[PASSSEAL_SALT],
                 int (*put)(void *userdata, struct str bytes), void *userdata, struct passseal **ret)
{
        unsigned char key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
        CLEANUP(passseal_freep) struct passseal *p = calloc(1, sizeof *p);
        int r;

        if (!p)
                return -ENOMEM;
        memcpy(p->head, MAGIC, MAGIC_BYTES);
        put_number(p->head + AT_COST, cost->ops);
        put_number(p->head + AT_COST + 8, cost->memory);
        memcpy(p->head + AT_SALT, salt, PASSSEAL_SALT);
        r = make_key(passphrase, cost->ops, cost->memory, salt, key);
        if (r < 0)
                return r;
        crypto_secretstream_xchacha20poly1305_init_push(&p->stream, p->head + AT_STREAM, key); /* draws the header */
        sodium_memzero(key, sizeof key);
        p->put = put;
        p->userdata = userdata;
        r = put(userdata, str_from((const char *)p->head, sizeof p->head));
        if (r < 0)
                return r;
        *ret = TAKE(p);
        return 0;
}

static int put_chunk(struct passseal *p, unsigned char tag)
{
        unsigned long long n = 0;

        crypto_secretstream_xchacha20poly1305_push(&p->stream, p->box, &n, p->plain, p->n, p->head, sizeof p->head, tag);
        p->n = 0;
        return p->put(p->userdata, str_from((const char *)p->box, (size_t)n));
}

int passseal_add(struct passseal *p, struct str bytes)
{
        int r = 0;

        while (bytes.n > 0 && r >= 0) {
                size_t n = size_min(bytes.n, sizeof p->plain - p->n);

                memcpy(p->plain + p->n, bytes.p, n);
                p->n += n;
                bytes = str_from(bytes.p + n, bytes.n - n);
                if (p->n == sizeof p->plain && bytes.n > 0) /* a full one may be the last */
                        r = put_chunk(p, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
        }
        return r;
}

int passseal_end(struct passseal *p)
{
        return put_chunk(p, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
}

struct passseal *passseal_free(struct passseal *p)
{
        if (p)
                sodium_memzero(p, sizeof *p);
        free(p);
        return NULL;
}

/* ---- Opening ---- */

bool passseal_is_one(struct str file)
{
        return str_starts(file, str_from(MAGIC, MAGIC_BYTES));
}

static int begin(struct str passphrase, struct str file, crypto_secretstream_xchacha20poly1305_state *stream, struct err *reterr)
{
        const unsigned char *head = (const unsigned char *)file.p;
        unsigned char key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
        int r;

        if (!passseal_is_one(file))
                return err_set(reterr, -EBADMSG, "this is no file that shopbell sealed");
        if (file.n < PASSSEAL_HEAD + PASSSEAL_MORE)
                return err_set(reterr, -EBADMSG, "the sealed file is cut off at offset %zu", file.n);
        r = make_key(passphrase, get_number(head + AT_COST), get_number(head + AT_COST + 8), head + AT_SALT, key);
        if (r == -EINVAL)
                return err_set(reterr, -EBADMSG, "offset %d: the head of the sealed file is damaged: its key would cost more than shopbell spends", AT_COST);
        if (r < 0)
                return err_set(reterr, r, "making the key of the passphrase needs %llu MiB of memory, which there is not",
                               (unsigned long long)(get_number(head + AT_COST + 8) >> 20));
        r = crypto_secretstream_xchacha20poly1305_init_pull(stream, head + AT_STREAM, key);
        sodium_memzero(key, sizeof key);
        return r < 0 ? err_set(reterr, -EBADMSG, "offset %d: the head of the sealed file is damaged", AT_STREAM) : 0;
}

/* One chunk at `at`; *ret_last: nothing may be behind it. */
static int open_chunk(crypto_secretstream_xchacha20poly1305_state *stream, struct str file, size_t at, struct strbuf *out, bool *ret_last,
                      struct err *reterr)
{
        size_t n = size_min(file.n - at, PASSSEAL_CHUNK + PASSSEAL_MORE);
        char *to = strbuf_reserve(out, n);
        unsigned long long plain = 0;
        unsigned char tag = 0;

        if (!to)
                return err_set(reterr, -ENOMEM, "out of memory");
        if (crypto_secretstream_xchacha20poly1305_pull(stream, (unsigned char *)to, &plain, &tag, (const unsigned char *)file.p + at, n,
                                                       (const unsigned char *)file.p, PASSSEAL_HEAD) < 0) {
                if (at == PASSSEAL_HEAD)
                        return err_set(reterr, -EBADMSG, "the passphrase is not that of this file, or its first %zu bytes were changed", at + n);
                return err_set(reterr, -EBADMSG, "the sealed file was changed or cut off between offsets %zu and %zu", at, at + n);
        }
        out->n += (size_t)plain;
        *ret_last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
        return (int)n;
}

int passseal_open(struct str passphrase, struct str file, struct strbuf *out, struct err *reterr)
{
        crypto_secretstream_xchacha20poly1305_state stream;
        size_t at = PASSSEAL_HEAD;
        bool is_last = false;
        int r = begin(passphrase, file, &stream, reterr);

        if (r >= 0 && !strbuf_reserve(out, file.n)) /* at once: no piece of it is left behind where it was too small */
                r = err_set(reterr, -ENOMEM, "out of memory");
        while (r >= 0 && at < file.n && !is_last) {
                r = open_chunk(&stream, file, at, out, &is_last, reterr);
                if (r >= 0)
                        at += (size_t)r;
        }
        sodium_memzero(&stream, sizeof stream);
        if (r < 0)
                return r;
        if (!is_last)
                return err_set(reterr, -EBADMSG, "the sealed file is cut off at offset %zu", file.n);
        return at == file.n ? 0 : err_set(reterr, -EBADMSG, "something stands behind the end of the sealed file, from offset %zu on", at);
}
