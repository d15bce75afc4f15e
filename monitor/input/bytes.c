/* SPDX-License-Identifier: Apache-2.0 */

/* Plain, gzip, zstd and UTF-16 behind one read function. A format is a row of `formats`: how it begins and how it is unpacked.
 * Unpackers work from the input buffer b->in to the caller's; refilling the input is done here, once for all. */

#include "monitor/input/bytes.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "monitor/base/escape.h"

enum {
        IN_BYTES = 64 * 1024,
        MAGIC_BYTES = 4,
        SKIP_BYTES = 64 * 1024,
};

struct bytes {
        int fd;
        bool is_regular;
        bool is_at_eof;
        const struct format *format;
        uint64_t offset, consumed;
        size_t in_at, in_n;
        bool is_between; /* compressed: between two members or frames */
        int error; /* sticky */
        z_stream gzip;
        ZSTD_DStream *zstd;
        struct {
                bool is_big, has_half; /* most significant byte first; one byte of a unit has been read */
                uint8_t half;
                uint32_t high; /* the first half of a surrogate pair; 0: none */
                char out[8]; /* made, but not handed out yet */
                size_t out_at, out_n;
        } utf16;
        char in[IN_BYTES];
};

struct format {
        bool (*is_it)(const uint8_t *magic, size_t n);
        int (*start)(struct bytes *b); /* NULL: plain */
        /* Unpacks from b->in: number of bytes made, which may be 0 when all of b->in was used up. */
        ssize_t (*unpack)(struct bytes *b, char *buf, size_t n);
        void (*stop)(struct bytes *b);
};

/* ---- gzip ---- */

static bool gzip_is_it(const uint8_t *magic, size_t n)
{
        return n >= 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

static int gzip_start(struct bytes *b)
{
        return inflateInit2(&b->gzip, 15 + 16) == Z_OK ? 0 : -ENOMEM;
}

static void gzip_stop(struct bytes *b)
{
        (void)inflateEnd(&b->gzip);
}

/* Between two members: zeroes may pad, anything else must be the next member. */
static int gzip_next_member(struct bytes *b)
{
        while (b->in_at < b->in_n && b->in[b->in_at] == '\0')
                b->in_at++;
        if (b->in_at == b->in_n)
                return 0;
        if ((uint8_t)b->in[b->in_at] != 0x1f || inflateReset(&b->gzip) != Z_OK)
                return -EBADMSG;
        b->is_between = false;
        return 1;
}

static ssize_t gzip_unpack(struct bytes *b, char *buf, size_t n)
{
        int r;

        if (b->is_between && (r = gzip_next_member(b)) <= 0)
                return r;
        n = n < UINT32_MAX ? n : UINT32_MAX;
        b->gzip.next_in = (Bytef *)b->in + b->in_at;
        b->gzip.avail_in = (uInt)(b->in_n - b->in_at);
        b->gzip.next_out = (Bytef *)buf;
        b->gzip.avail_out = (uInt)n;
        r = inflate(&b->gzip, Z_NO_FLUSH);
        b->in_at = b->in_n - b->gzip.avail_in;
        if (r == Z_STREAM_END)
                b->is_between = true;
        else if (r != Z_OK && r != Z_BUF_ERROR)
                b->error = r == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
        return (ssize_t)(n - b->gzip.avail_out);
}

/* ---- zstd ---- */

static bool zstd_is_it(const uint8_t *magic, size_t n)
{
        static const uint8_t frame[MAGIC_BYTES] = { 0x28, 0xb5, 0x2f, 0xfd }, rest[] = { 0x2a, 0x4d, 0x18 };

        if (n < MAGIC_BYTES)
                return false;
        return memcmp(magic, frame, sizeof frame) == 0 ||
               (magic[0] >> 4 == 5 && memcmp(magic + 1, rest, sizeof rest) == 0); /* a skippable frame */
}

static int zstd_start(struct bytes *b)
{
        b->zstd = ZSTD_createDStream();
        return b->zstd && !ZSTD_isError(ZSTD_initDStream(b->zstd)) ? 0 : -ENOMEM;
}

static void zstd_stop(struct bytes *b)
{
        (void)ZSTD_freeDStream(b->zstd);
}

static ssize_t zstd_unpack(struct bytes *b, char *buf, size_t n)
{
        ZSTD_inBuffer in = { b->in, b->in_n, b->in_at };
        ZSTD_outBuffer out = { buf, n, 0 };
        size_t r = ZSTD_decompressStream(b->zstd, &out, &in);

        b->in_at = in.pos;
        b->is_between = r == 0;
        if (ZSTD_isError(r))
                b->error = -EBADMSG;
        return (ssize_t)out.pos;
}

/* ---- UTF-16, made UTF-8 ---- */

static bool utf16_is_it(const uint8_t *magic, size_t n)
{
        if (n >= MAGIC_BYTES && magic[0] == 0xff && magic[1] == 0xfe && magic[2] == 0 && magic[3] == 0)
                return false; /* UTF-32, or nothing at all */
        return n >= 2 && ((magic[0] == 0xff && magic[1] == 0xfe) || (magic[0] == 0xfe && magic[1] == 0xff));
}

static int utf16_start(struct bytes *b)
{
        b->utf16.is_big = (uint8_t)b->in[0] == 0xfe;
        return 0;
}

static void utf16_emit(struct bytes *b, uint32_t c)
{
        b->utf16.out_n = (size_t)(escape_put_utf8(b->utf16.out + b->utf16.out_n, c) - b->utf16.out);
}

/* A unit: a character, or half of one. Halves without the other become U+FFFD. */
static void utf16_unit(struct bytes *b, uint32_t unit)
{
        bool is_low = unit >= 0xdc00 && unit < 0xe000;
        uint32_t high = b->utf16.high;

        b->utf16.high = 0;
        if (high && is_low) {
                utf16_emit(b, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
                return;
        }
        if (high)
                utf16_emit(b, 0xfffd);
        if (unit >= 0xd800 && unit < 0xdc00)
                b->utf16.high = unit;
        else
                utf16_emit(b, is_low ? 0xfffd : unit);
}

static ssize_t utf16_unpack(struct bytes *b, char *buf, size_t n)
{
        size_t made = 0;

        while (made < n) {
                uint8_t byte;

                if (b->utf16.out_at < b->utf16.out_n) {
                        buf[made++] = b->utf16.out[b->utf16.out_at++];
                        continue;
                }
                b->utf16.out_at = b->utf16.out_n = 0;
                if (b->in_at == b->in_n)
                        break;
                byte = (uint8_t)b->in[b->in_at++];
                if (b->utf16.has_half)
                        utf16_unit(b, b->utf16.is_big ? (uint32_t)b->utf16.half << 8 | byte : (uint32_t)byte << 8 | b->utf16.half);
                else
                        b->utf16.half = byte;
                b->utf16.has_half = !b->utf16.has_half;
        }
        b->is_between = !b->utf16.has_half && !b->utf16.high && b->utf16.out_at == b->utf16.out_n;
        return (ssize_t)made;
}

static void utf16_stop(struct bytes *b)
{
        (void)b;
}

/* ---- Formats ---- */

static bool plain_is_it(const uint8_t *magic, size_t n)
{
        (void)magic;
        (void)n;
        return true;
}

/* To add one: a row above the last, and its four functions. */
static const struct format formats[] = {
        { gzip_is_it, gzip_start, gzip_unpack, gzip_stop },
        { zstd_is_it, zstd_start, zstd_unpack, zstd_stop },
        { utf16_is_it, utf16_start, utf16_unpack, utf16_stop },
        { plain_is_it, NULL, NULL, NULL },
};

static ssize_t read_fd(struct bytes *b, char *buf, size_t n)
{
        ssize_t r;

        while ((r = read(b->fd, buf, n)) < 0) {
                struct pollfd wait = { .fd = b->fd, .events = POLLIN };

                if (errno == EAGAIN)
                        (void)poll(&wait, 1, -1); /* standard input that somebody made non-blocking */
                else if (errno != EINTR)
                        return -errno;
        }
        b->consumed += (uint64_t)r;
        return r;
}

/* Refills the empty input buffer. 1, 0 at the end, negative. */
static int refill(struct bytes *b)
{
        ssize_t r = read_fd(b, b->in, sizeof b->in);

        if (r < 0)
                return (int)r;
        b->in_at = 0;
        b->in_n = (size_t)r;
        return r > 0;
}

static int choose_format(struct bytes *b)
{
        size_t i = 0;

        while (b->in_n < MAGIC_BYTES) {
                ssize_t r = read_fd(b, b->in + b->in_n, sizeof b->in - b->in_n);

                if (r < 0)
                        return (int)r;
                if (r == 0)
                        break;
                b->in_n += (size_t)r;
        }
        while (!formats[i].is_it((const uint8_t *)b->in, b->in_n))
                i++;
        if (formats[i].start) {
                int r = formats[i].start(b);

                if (r < 0)
                        return r;
        }
        b->format = &formats[i];
        return 0;
}

int bytes_open(int fd, struct bytes **ret)
{
        struct bytes *b = malloc(sizeof *b);
        struct stat st;
        int r;

        if (!b) {
                close(fd);
                return -ENOMEM;
        }
        memset(b, 0, offsetof(struct bytes, in));
        b->fd = fd;
        b->is_regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
        r = choose_format(b);
        if (r < 0) {
                bytes_free(b);
                return r;
        }
        *ret = b;
        return 0;
}

struct bytes *bytes_free(struct bytes *b)
{
        if (!b)
                return NULL;
        if (b->format && b->format->stop)
                b->format->stop(b);
        close(b->fd);
        free(b);
        return NULL;
}

/* ---- Reading ---- */

static ssize_t read_plain(struct bytes *b, char *buf, size_t n)
{
        size_t have = b->in_n - b->in_at;

        if (have == 0)
                return read_fd(b, buf, n);
        n = n < have ? n : have;
        memcpy(buf, b->in + b->in_at, n);
        b->in_at += n;
        return (ssize_t)n;
}

static ssize_t read_packed(struct bytes *b, char *buf, size_t n)
{
        while (b->error == 0) {
                ssize_t made;
                int r = 1;

                if (b->in_at == b->in_n && !b->is_at_eof) {
                        r = refill(b);
                        if (r < 0)
                                return r;
                        b->is_at_eof = r == 0;
                }
                made = b->in_at < b->in_n || !b->is_between ? b->format->unpack(b, buf, n) : 0;
                if (made > 0)
                        return made;
                if (made < 0)
                        b->error = (int)made;
                else if (b->is_at_eof && b->in_at == b->in_n && b->error == 0)
                        return b->is_between ? 0 : -ENODATA;
        }
        return b->error;
}

ssize_t bytes_read(struct bytes *b, char *buf, size_t n)
{
        ssize_t r = b->format->unpack ? read_packed(b, buf, n) : read_plain(b, buf, n);

        if (r > 0)
                b->offset += (uint64_t)r;
        return r;
}

int bytes_read_all(struct bytes *b, char *buf, size_t n)
{
        while (n > 0) {
                ssize_t r = bytes_read(b, buf, n);

                if (r <= 0)
                        return r < 0 ? (int)r : -ENODATA;
                buf += r;
                n -= (size_t)r;
        }
        return 0;
}

/* Plain regular files need no reading; going beyond the end is noticed by looking at the size. */
static int seek(struct bytes *b, uint64_t n)
{
        struct stat st;

        if (fstat(b->fd, &st) < 0)
                return -errno;
        if (n > INT64_MAX - b->offset || b->offset + n > (uint64_t)st.st_size)
                return -ENODATA;
        b->offset += n;
        b->in_at = b->in_n = 0;
        b->consumed = b->offset;
        return lseek(b->fd, (off_t)b->offset, SEEK_SET) < 0 ? -errno : 0;
}

int bytes_skip(struct bytes *b, uint64_t n)
{
        char *scratch;
        int r = 0;

        if (n == 0)
                return 0;
        if (!b->format->unpack && b->is_regular)
                return seek(b, n);
        scratch = malloc(SKIP_BYTES);
        if (!scratch)
                return -ENOMEM;
        while (n > 0 && r == 0) {
                size_t piece = n < SKIP_BYTES ? (size_t)n : SKIP_BYTES;

                r = bytes_read_all(b, scratch, piece);
                n -= piece;
        }
        free(scratch);
        return r;
}

uint64_t bytes_offset(const struct bytes *b)
{
        return b->offset;
}

uint64_t bytes_consumed(const struct bytes *b)
{
        return b->consumed;
}

bool bytes_is_compressed(const struct bytes *b)
{
        return b->format->unpack != NULL;
}

int bytes_fd(const struct bytes *b)
{
        return b->fd;
}
