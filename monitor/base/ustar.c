/* SPDX-License-Identifier: Apache-2.0 */

/* One way to write an archive. A head is read by writing it again, from the name and size and time that it gives, and comparing. */

#include "monitor/base/ustar.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

/* Places in a head, as POSIX.1-1988 has them; what is not named here stays zero (links, the owner's names, devices, the prefix). */
enum {
        AT_NAME = 0,
        AT_MODE = 100,
        AT_UID = 108,
        AT_GID = 116,
        AT_SIZE = 124,
        AT_MTIME = 136,
        AT_SUM = 148,
        AT_TYPE = 156,
        AT_MAGIC = 257,
        MODE_BYTES = 8,
        SIZE_BYTES = 12,
};

static bool is_part(struct str part)
{
        if (part.n == 0 || part.p[0] == '.' || part.p[0] == '-')
                return false;
        for (size_t i = 0; i < part.n; i++)
                if (!(isascii((unsigned char)part.p[i]) && (isalnum((unsigned char)part.p[i]) || strchr("._-", part.p[i]))) || part.p[i] == '\0')
                        return false;
        return true;
}

bool ustar_is_name(struct str name)
{
        struct str part;
        size_t n = 0;

        if (name.n == 0 || name.n > USTAR_NAME_MAX)
                return false;
        while (str_cut(&name, '/', &part))
                if (!is_part(part) || ++n > USTAR_DEPTH_MAX)
                        return false;
        return true;
}

/* Octal digits and a NUL. */
static void put_octal(char *to, size_t n, uint64_t value)
{
        for (size_t i = n - 1; i-- > 0; value >>= 3)
                to[i] = (char)('0' + (value & 7));
}

static bool get_octal(const char *from, size_t n, uint64_t *ret)
{
        uint64_t value = 0;

        for (size_t i = 0; i + 1 < n; i++) {
                if (from[i] < '0' || from[i] > '7')
                        return false;
                value = value << 3 | (uint64_t)(from[i] - '0');
        }
        *ret = value;
        return from[n - 1] == '\0';
}

static void make_head(struct str name, uint64_t size, uint64_t seconds, char head[USTAR_BLOCK])
{
        unsigned sum = 0;

        memset(head, 0, USTAR_BLOCK);
        memcpy(head + AT_NAME, name.p, name.n);
        put_octal(head + AT_MODE, MODE_BYTES, 0644);
        put_octal(head + AT_UID, MODE_BYTES, 0);
        put_octal(head + AT_GID, MODE_BYTES, 0);
        put_octal(head + AT_SIZE, SIZE_BYTES, size);
        put_octal(head + AT_MTIME, SIZE_BYTES, seconds);
        head[AT_TYPE] = '0';
        memcpy(head + AT_MAGIC, "ustar\0"
                                "00",
               8);
        memset(head + AT_SUM, ' ', MODE_BYTES); /* it is summed as if it were blank */
        for (size_t i = 0; i < USTAR_BLOCK; i++)
                sum += (unsigned char)head[i];
        put_octal(head + AT_SUM, MODE_BYTES - 1, sum); /* six digits, NUL, blank */
}

static size_t padding(uint64_t n)
{
        return (size_t)((USTAR_BLOCK - n % USTAR_BLOCK) % USTAR_BLOCK);
}

int ustar_add(struct strbuf *to, struct str name, struct str bytes, usec at)
{
        static const char zeroes[USTAR_BLOCK];
        char head[USTAR_BLOCK];

        if (!ustar_is_name(name) || at < 0)
                return -EINVAL;
        if (bytes.n > USTAR_FILE_BYTES_MAX)
                return -EFBIG;
        make_head(name, bytes.n, (uint64_t)(at / USEC_PER_SEC), head);
        strbuf_add(to, str_from(head, sizeof head));
        strbuf_add(to, bytes);
        strbuf_add(to, str_from(zeroes, padding(bytes.n)));
        return strbuf_failed(to) ? -ENOMEM : 0;
}

void ustar_end(struct strbuf *to)
{
        static const char zeroes[2 * USTAR_BLOCK];

        strbuf_add(to, str_from(zeroes, sizeof zeroes));
}

static bool is_zero(const char *p, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (p[i])
                        return false;
        return true;
}

static int fail(const struct ustar *u, struct str name, struct err *reterr, const char *what)
{
        if (name.n > 0)
                return err_set(reterr, -EBADMSG, "file " STR_FMT " at offset %zu: %s", STR_ARG(name), u->at, what);
        return err_set(reterr, -EBADMSG, "offset %zu: %s", u->at, what);
}

static int read_end(struct ustar *u, struct err *reterr)
{
        size_t left = u->all.n - u->at;

        if (left < 2 * USTAR_BLOCK || !is_zero(u->all.p + u->at, 2 * USTAR_BLOCK))
                return fail(u, STR_NONE, reterr, "the end of the archive is damaged or cut off");
        u->at += 2 * USTAR_BLOCK;
        return u->at == u->all.n ? 0 : fail(u, STR_NONE, reterr, "something stands behind the end of the archive");
}

int ustar_next(struct ustar *u, struct ustar_file *ret, struct err *reterr)
{
        const char *head = u->all.p ? u->all.p + u->at : NULL;
        char again[USTAR_BLOCK];
        uint64_t size, seconds;
        struct str name;

        if (u->all.n - u->at < USTAR_BLOCK)
                return fail(u, STR_NONE, reterr, "the archive is cut off");
        if (is_zero(head, USTAR_BLOCK))
                return read_end(u, reterr);
        name = str_from(head, strnlen(head, AT_MODE));
        if (!ustar_is_name(name))
                return fail(u, STR_NONE, reterr, "a file whose name is damaged, or none that shopbell writes");
        if (!get_octal(head + AT_SIZE, SIZE_BYTES, &size) || !get_octal(head + AT_MTIME, SIZE_BYTES, &seconds) || size > USTAR_FILE_BYTES_MAX)
                return fail(u, name, reterr, "its head is damaged");
        make_head(name, size, seconds, again);
        if (memcmp(head, again, USTAR_BLOCK) != 0)
                return fail(u, name, reterr, "its head is damaged, or none that shopbell writes (no regular file, or another owner)");
        if (u->time != USEC_NONE && u->time != (usec)seconds * USEC_PER_SEC)
                return fail(u, name, reterr, "it is of another time than the files before it");
        if (u->all.n - u->at - USTAR_BLOCK < size + padding(size))
                return fail(u, name, reterr, "the archive is cut off in it");
        if (!is_zero(head + USTAR_BLOCK + size, padding(size)))
                return fail(u, name, reterr, "something stands behind its bytes that is not of it");
        if (++u->n > USTAR_FILES_MAX)
                return fail(u, name, reterr, "too many files");
        u->time = (usec)seconds * USEC_PER_SEC;
        *ret = (struct ustar_file){ .name = name, .bytes = str_from(head + USTAR_BLOCK, (size_t)size), .offset = u->at, .at = u->time };
        u->at += USTAR_BLOCK + (size_t)size + padding(size);
        return 1;
}
