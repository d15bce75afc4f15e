/* SPDX-License-Identifier: Apache-2.0 */

/* Decompression: formats by their first bytes, members and frames in a row, damage at every place. */

#include <sys/mman.h>
#include <zstd.h>

#include "tests/unit/input_util.h"
#include "monitor/input/bytes.h"

static struct bytes *open_bytes(const char *p, size_t n)
{
        int fd = memfd_create("bytes", MFD_CLOEXEC);
        struct bytes *b;

        cr_assert(fd >= 0 && write(fd, p, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0);
        cr_assert_eq(bytes_open(fd, &b), 0);
        return b;
}

/* Everything, in pieces of `piece`: what bytes_read() said at the end. */
static int read_all(struct bytes *b, size_t piece, struct strbuf *out)
{
        ssize_t r;

        while ((r = bytes_read(b, strbuf_reserve(out, piece), piece)) > 0)
                out->n += (size_t)r;
        return (int)r;
}

static size_t zstd(const char *p, size_t n, char **ret)
{
        size_t cap = ZSTD_compressBound(n), r;

        *ret = malloc(cap);
        r = ZSTD_compress(*ret, cap, p, n, 3);
        cr_assert(!ZSTD_isError(r));
        return r;
}

static struct str sample(void)
{
        static struct strbuf text = STRBUF_INIT;

        for (int i = 0; text.n == 0 || i < 20000; i++)
                strbuf_addf(&text, "{\"n\":%d,\"x\":\"%x\"}\n", i, i * 2654435761u);
        return strbuf_str(&text);
}

enum { PLAIN, GZIP, ZSTD, FORMATS };

/* `members` pieces packed one behind the other. */
static size_t pack(int format, struct str text, size_t members, char **ret)
{
        struct strbuf out = STRBUF_INIT;

        for (size_t i = 0; i < members; i++) {
                size_t from = text.n * i / members, n = text.n * (i + 1) / members - from;
                char *p = NULL;

                n = format == GZIP ? util_gzip(text.p + from, n, &p) : format == ZSTD ? zstd(text.p + from, n, &p) : n;
                strbuf_add(&out, str_from(p ? p : text.p + from, n));
                free(p);
        }
        *ret = malloc(out.n);
        memcpy(*ret, out.p, out.n);
        members = out.n;
        strbuf_done(&out);
        return members;
}

Test(bytes, reads_every_format)
{
        struct str text = sample();

        for (int format = 0; format < FORMATS; format++)
                for (size_t members = 1; members <= 3; members++)
                        for (size_t piece = 1000; piece <= 1000000; piece *= 1000) {
                                struct strbuf out = STRBUF_INIT;
                                char *packed;
                                size_t n = pack(format, text, members, &packed);
                                struct bytes *b = open_bytes(packed, n);

                                cr_assert_eq(bytes_is_compressed(b), format != PLAIN);
                                cr_assert_eq(read_all(b, piece, &out), 0, "format %d members %zu", format, members);
                                cr_assert(str_eq(strbuf_str(&out), text), "format %d members %zu", format, members);
                                cr_assert_eq(bytes_offset(b), text.n);
                                cr_assert_eq(bytes_consumed(b), n);
                                bytes_free(b);
                                strbuf_done(&out);
                                free(packed);
                        }
}

Test(bytes, truncated_gives_what_there_is)
{
        struct str text = sample();

        for (int format = GZIP; format < FORMATS; format++) {
                char *packed;
                size_t n = pack(format, text, 2, &packed);

                for (size_t keep = 4; keep < n; keep += 1 + n / 37) {
                        struct strbuf out = STRBUF_INIT;
                        struct bytes *b = open_bytes(packed, keep);
                        int r = read_all(b, 4096, &out);

                        cr_assert(r == -ENODATA || (r == 0 && out.n == text.n / 2), "%zu of %zu: %d", keep, n, r);
                        cr_assert_leq(out.n, text.n);
                        cr_assert_eq(memcmp(out.p ? out.p : "", text.p, out.n), 0);
                        cr_assert(keep < n / 2 || out.n > text.n / 8, "%zu of %zu gave only %zu", keep, n, out.n);
                        cr_assert_eq(read_all(b, 4096, &out), r, "said again");
                        bytes_free(b);
                        strbuf_done(&out);
                }
                free(packed);
        }
}

Test(bytes, damage_and_garbage)
{
        struct str text = sample();

        for (int format = GZIP; format < FORMATS; format++) {
                struct strbuf out = STRBUF_INIT;
                struct bytes *b;
                char *packed;
                size_t n = pack(format, text, 1, &packed);

                packed = realloc(packed, n + 8);
                memcpy(packed + n, "garbage!", 8);
                b = open_bytes(packed, n + 8);
                cr_assert_eq(read_all(b, 4096, &out), -EBADMSG);
                cr_assert(str_eq(strbuf_str(&out), text), "all before the garbage is handed out");
                bytes_free(b);
                memset(packed + n / 2, 0xff, 64);
                b = open_bytes(packed, n);
                strbuf_clear(&out);
                cr_assert(read_all(b, 4096, &out) < 0 || format == ZSTD, "zstd need not carry a checksum");
                bytes_free(b);
                strbuf_done(&out);
                free(packed);
        }
}

Test(bytes, zeroes_may_pad_gzip)
{
        struct strbuf out = STRBUF_INIT;
        struct bytes *b;
        char *packed;
        size_t n = pack(GZIP, STR("text"), 1, &packed);

        packed = realloc(packed, n + 512);
        memset(packed + n, 0, 512);
        b = open_bytes(packed, n + 512);
        cr_assert_eq(read_all(b, 100, &out), 0);
        cr_assert(str_eq(strbuf_str(&out), STR("text")));
        bytes_free(b);
        strbuf_done(&out);
        free(packed);
}

Test(bytes, skips)
{
        struct str text = sample();

        for (int format = 0; format < FORMATS; format++) {
                char *packed, buf[16];
                size_t n = pack(format, text, 2, &packed);
                struct bytes *b = open_bytes(packed, n);

                cr_assert_eq(bytes_skip(b, 5), 0);
                cr_assert_eq(bytes_skip(b, 200000), 0);
                cr_assert_eq(bytes_read_all(b, buf, sizeof buf), 0);
                cr_assert_eq(memcmp(buf, text.p + 200005, sizeof buf), 0, "format %d", format);
                cr_assert_eq(bytes_skip(b, text.n), -ENODATA);
                bytes_free(b);
                free(packed);
        }
}

Test(bytes, short_files_are_plain)
{
        static const char *const texts[] = { "", "\x1f", "(", "abc", "P" };

        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                struct strbuf out = STRBUF_INIT;
                struct bytes *b = open_bytes(texts[i], strlen(texts[i]));

                cr_assert_eq(read_all(b, 10, &out), 0);
                cr_assert(str_eqz(strbuf_str(&out), texts[i]));
                bytes_free(b);
                strbuf_done(&out);
        }
}

/* UTF-16 of either byte order is handed out as UTF-8, whatever the pieces; half a character at the end is damage. */
Test(bytes, utf16)
{
        static const struct {
                const char *raw;
                size_t n;
                const char *want;
                int end;
        } cases[] = {
                { "\xff\xfe" "a\0\xe9\0\xac\x20\x3d\xd8\x14\xdd" "\n\0", 14, "\xef\xbb\xbf" "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x94\n", 0 },
                { "\xfe\xff" "\0a\0\xe9\x20\xac\xd8\x3d\xdd\x14\0\n", 14, "\xef\xbb\xbf" "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x94\n", 0 },
                { "\xff\xfe\x3d\xd8" "a\0", 6, "\xef\xbb\xbf\xef\xbf\xbd" "a", 0 },
                { "\xff\xfe\x14\xdd" "a\0", 6, "\xef\xbb\xbf\xef\xbf\xbd" "a", 0 },
                { "\xff\xfe\x3d\xd8\x3d\xd8\x14\xdd", 8, "\xef\xbb\xbf\xef\xbf\xbd\xf0\x9f\x94\x94", 0 },
                { "\xff\xfe" "a\0\xe9", 5, "\xef\xbb\xbf" "a", -ENODATA },
                { "\xff\xfe" "a\0\x3d\xd8", 6, "\xef\xbb\xbf" "a", -ENODATA },
                { "\xff\xfe", 2, "\xef\xbb\xbf", 0 },
        };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
                for (size_t piece = 1; piece <= 64; piece *= 4) {
                        struct strbuf out = STRBUF_INIT;
                        struct bytes *b = open_bytes(cases[i].raw, cases[i].n);

                        cr_expect(bytes_is_compressed(b));
                        cr_expect_eq(read_all(b, piece, &out), cases[i].end, "case %zu", i);
                        cr_expect(str_eqz(strbuf_str(&out), cases[i].want), "case %zu in pieces of %zu: " STR_FMT, i, piece, STR_ARG(strbuf_str(&out)));
                        bytes_free(b);
                        strbuf_done(&out);
                }
}
