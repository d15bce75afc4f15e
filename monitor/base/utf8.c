/* SPDX-License-Identifier: Apache-2.0 */

/* UTF-8 per RFC 3629 section 4, simple case folding by a table of runs, and making text harmless to look at. Text is
 * mostly ASCII, so each function first runs over ASCII eight or sixteen bytes at a time or handles it without the table. */

#include "monitor/base/utf8.h"

#include "monitor/base/escape.h"
#include "monitor/base/utf8_fold.h"

enum { REPLACEMENT = 0xfffd, ELLIPSIS = 0x2026, UTF8_BYTES_MAX = 4 };

#define NOT_ASCII UINT64_C(0x8080808080808080) /* the bits that eight ASCII bytes do not have */

/* ---- Decoding and encoding ---- */

/* How many bytes from the front are ASCII. */
static size_t ascii_run(struct str s)
{
        size_t i = 0;

        for (; i + sizeof(uint64_t) <= s.n; i += sizeof(uint64_t)) {
                uint64_t word;

                memcpy(&word, s.p + i, sizeof word);
                if (word & NOT_ASCII)
                        break;
        }
        while (i < s.n && (unsigned char)s.p[i] < 0x80)
                i++;
        return i;
}

static bool is_tail(const unsigned char *p, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if ((p[i] & 0xc0) != 0x80)
                        return false;
        return true;
}

/* Bytes of the character at the front, 0 when they are ill-formed. */
static size_t decode(struct str s, uint32_t *ret)
{
        const unsigned char *p = (const unsigned char *)s.p;
        uint32_t c;

        if (s.n == 0)
                return 0;
        if (p[0] < 0x80) {
                *ret = p[0];
                return 1;
        }
        if (p[0] >= 0xc2 && p[0] <= 0xdf && s.n >= 2 && is_tail(p + 1, 1)) {
                *ret = (p[0] & 0x1fU) << 6 | (p[1] & 0x3fU);
                return 2;
        }
        if (p[0] >= 0xe0 && p[0] <= 0xef && s.n >= 3 && is_tail(p + 1, 2)) {
                c = (p[0] & 0x0fU) << 12 | (p[1] & 0x3fU) << 6 | (p[2] & 0x3fU);
                if (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))
                        return 0;
                *ret = c;
                return 3;
        }
        if (p[0] >= 0xf0 && p[0] <= 0xf4 && s.n >= 4 && is_tail(p + 1, 3)) {
                c = (p[0] & 0x07U) << 18 | (p[1] & 0x3fU) << 12 | (p[2] & 0x3fU) << 6 | (p[3] & 0x3fU);
                if (c < 0x10000 || c > 0x10ffff)
                        return 0;
                *ret = c;
                return 4;
        }
        return 0;
}

static size_t encode(uint32_t c, char to[UTF8_BYTES_MAX])
{
        return (size_t)(escape_put_utf8(to, c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? REPLACEMENT : c) - to);
}

static struct str skip(struct str s, size_t n)
{
        return str_from(s.p + n, s.n - n);
}

bool utf8_is_ascii(struct str s)
{
        return ascii_run(s) == s.n;
}

bool utf8_is_valid(struct str s)
{
        for (s = skip(s, ascii_run(s)); s.n > 0; s = skip(s, ascii_run(s))) {
                uint32_t c;
                size_t n = decode(s, &c);

                if (n == 0)
                        return false;
                s = skip(s, n);
        }
        return true;
}

bool utf8_next(struct str *s, uint32_t *ret)
{
        size_t n;

        if (s->n == 0)
                return false;
        n = decode(*s, ret);
        if (n == 0) {
                *ret = REPLACEMENT;
                n = 1;
        }
        *s = skip(*s, n);
        return true;
}

void utf8_append(struct strbuf *b, uint32_t codepoint)
{
        char bytes[UTF8_BYTES_MAX];

        strbuf_add(b, str_from(bytes, encode(codepoint, bytes)));
}

struct str utf8_clean(struct arena *arena, struct str s)
{
        size_t n = 0, at = 0;
        uint32_t c;
        char *p;

        if (utf8_is_valid(s))
                return s;
        for (struct str left = s; utf8_next(&left, &c);) {
                char bytes[UTF8_BYTES_MAX];

                n += encode(c, bytes);
        }
        p = arena_alloc(arena, n + UTF8_BYTES_MAX); /* with room for encode() and a NUL */
        if (!p)
                return STR_NONE;
        while (utf8_next(&s, &c))
                at += encode(c, p + at);
        return str_from(p, at);
}

/* ---- Case folding ---- */

uint32_t utf8_fold_char(uint32_t c)
{
        size_t from = 0, to = ARRAY_LEN(fold_runs);

        if (c < 0x80)
                return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
        while (from < to) {
                size_t middle = from + (to - from) / 2;
                const struct fold_run *run = &fold_runs[middle];

                if (c < run->first)
                        to = middle;
                else if (c > run->last)
                        from = middle + 1;
                else
                        return (c - run->first) % run->step == 0 ? (uint32_t)((int32_t)c + run->distance) : c;
        }
        return c;
}

/* The bytes that the character at the front folds to; ill-formed ones stay as they are. */
static size_t fold_front(struct str *s, char to[UTF8_BYTES_MAX])
{
        uint32_t c;
        size_t n = decode(*s, &c);

        if (n == 0) {
                to[0] = s->p[0];
                *s = skip(*s, 1);
                return 1;
        }
        *s = skip(*s, n);
        return encode(utf8_fold_char(c), to);
}

static uint64_t load(const char *p)
{
        uint64_t word;

        memcpy(&word, p, sizeof word);
        return word;
}

/* Less than eight bytes, each at least once, in any order. */
static uint64_t load_few(const char *p, size_t n)
{
        uint32_t front, back;

        if (n >= sizeof front) {
                memcpy(&front, p, sizeof front);
                memcpy(&back, p + n - sizeof back, sizeof back);
                return (uint64_t)back << 32 | front;
        }
        return n == 0 ? 0
                      : (uint64_t)(uint8_t)p[0] | (uint64_t)(uint8_t)p[n / 2] << 8 | (uint64_t)(uint8_t)p[n - 1] << 16;
}

/* Of eight ASCII bytes the high bits of those that are capitals. */
static uint64_t capitals(uint64_t word)
{
        const uint64_t ones = UINT64_C(0x0101010101010101);
        uint64_t from_a = word + (0x80 - 'A') * ones, behind_z = word + (0x80 - 'Z' - 1) * ones;

        return from_a & ~behind_z & 0x80 * ones;
}

static uint64_t small_letters(uint64_t word)
{
        return word | capitals(word) >> 2; /* 0x20 */
}

/* Whether all of eight bytes are ASCII and none is a capital. */
static bool is_small(uint64_t word)
{
        return ((word & NOT_ASCII) | capitals(word)) == 0;
}

/* How many bytes from the front are ASCII without capitals: whole words, or all. */
static size_t small_run(struct str s)
{
        const size_t size = sizeof(uint64_t);
        size_t done = 0;

        if (s.n < size)
                return is_small(load_few(s.p, s.n)) ? s.n : 0;
        while (done + 2 * size <= s.n && is_small(load(s.p + done)) & is_small(load(s.p + done + size)))
                done += 2 * size;
        if (done + size <= s.n && is_small(load(s.p + done)))
                done += size;
        if (done < s.n && s.n - done < size && is_small(load(s.p + s.n - size)))
                done = s.n;
        return done;
}

/* How many bytes from the front fold to themselves. */
static size_t folded_run(struct str s)
{
        size_t done = small_run(s);

        while (done < s.n) {
                struct str left = skip(s, done);
                char bytes[UTF8_BYTES_MAX];
                size_t n;

                if (left.n >= sizeof(uint64_t) && is_small(load(left.p))) {
                        done += sizeof(uint64_t);
                        continue;
                }
                if ((unsigned char)left.p[0] < 0x80) {
                        if (left.p[0] >= 'A' && left.p[0] <= 'Z')
                                return done;
                        done++;
                        continue;
                }
                n = fold_front(&left, bytes);
                if (n != s.n - done - left.n || memcmp(bytes, s.p + done, n) != 0)
                        return done;
                done += n;
        }
        return done;
}

/* Copies text from the front, folded, as long as it is ASCII. Returns how many bytes. */
static size_t fold_ascii(struct str s, char *to)
{
        size_t done = 0;
        uint64_t word;

        for (; done + sizeof word <= s.n; done += sizeof word) {
                word = load(s.p + done);
                if (word & NOT_ASCII)
                        break;
                word = small_letters(word);
                memcpy(to + done, &word, sizeof word);
        }
        if (s.n >= sizeof word && s.n - done < sizeof word) { /* the end: some bytes of it twice */
                word = load(s.p + s.n - sizeof word);
                if (!(word & NOT_ASCII)) {
                        word = small_letters(word);
                        memcpy(to + s.n - sizeof word, &word, sizeof word);
                        return s.n;
                }
        }
        for (; done < s.n && (unsigned char)s.p[done] < 0x80; done++)
                to[done] = str_lower(s.p[done]);
        return done;
}

/* Bytes that folding adds at most: some capitals of two bytes have small letters of three. */
static size_t folded_bytes_max(size_t n)
{
        return n + n / 2;
}

struct str utf8_fold(struct arena *arena, struct str s)
{
        size_t same = folded_run(s), at = same, ascii;
        char *p;

        if (same == s.n)
                return s;
        p = arena_bytes(arena, same + folded_bytes_max(s.n - same) + UTF8_BYTES_MAX);
        if (!p)
                return STR_NONE;
        memcpy(p, s.p, same);
        for (struct str left = skip(s, same); left.n > 0;) {
                ascii = fold_ascii(left, p + at);
                at += ascii;
                left = skip(left, ascii);
                while (left.n > 0 && (unsigned char)left.p[0] >= 0x80)
                        at += fold_front(&left, p + at);
        }
        p[at] = '\0';
        return str_from(p, at);
}

/* ---- For people ---- */

bool utf8_is_harmful(uint32_t c)
{
        static const struct {
                uint32_t first, last;
        } ranges[] = {
                { 0x0000, 0x001f }, { 0x007f, 0x009f }, /* C0, DEL, C1 */
                { 0x061c, 0x061c }, { 0x180e, 0x180e }, /* Arabic letter mark, Mongolian vowel separator */
                { 0x200b, 0x200f }, { 0x2028, 0x202e }, /* zero-width, marks; separators, bidirectional embedding */
                { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, /* word joiner, bidirectional isolates; byte order mark */
                { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f }, /* annotation; tags */
        };

        for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
                if (c >= ranges[i].first && c <= ranges[i].last)
                        return true;
        return false;
}

static uint32_t shown_as(uint32_t c, enum text_for target)
{
        if (c == '\n' || c == '\t')
                return target == TEXT_BLOCK ? c : ' ';
        return utf8_is_harmful(c) ? REPLACEMENT : c;
}

void text_display(struct strbuf *out, struct str s, enum text_for target, size_t max)
{
        size_t shown = 0, before_last = out->n;
        uint32_t c;

        while (utf8_next(&s, &c)) {
                if (max > 0 && shown == max) {
                        if (strbuf_failed(out))
                                return;
                        out->n = before_last; /* the last gives its place to the ellipsis */
                        utf8_append(out, ELLIPSIS);
                        return;
                }
                before_last = out->n;
                utf8_append(out, shown_as(c, target));
                shown++;
        }
}

void text_markdown(struct strbuf *out, struct str text)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;

        text_display(&safe, str_trim(text), TEXT_TERMINAL, 0);
        for (size_t i = 0; i < safe.n; i++) {
                char c = safe.p[i];

                if (c == '<')
                        strbuf_addz(out, "&lt;");
                else if (c == '|')
                        strbuf_addz(out, "\\|");
                else
                        strbuf_addc(out, c);
        }
        out->failed |= strbuf_failed(&safe);
}

void text_markup(struct strbuf *out, struct str text)
{
        static const struct {
                char c;
                const char *entity;
        } entities[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" } };
        size_t from = 0;

        for (size_t i = 0; i < text.n; i++)
                for (size_t k = 0; k < ARRAY_LEN(entities); k++)
                        if (text.p[i] == entities[k].c) {
                                strbuf_add(out, str_from(text.p + from, i - from));
                                strbuf_addz(out, entities[k].entity);
                                from = i + 1;
                        }
        if (text.n > from)
                strbuf_add(out, str_from(text.p + from, text.n - from));
}

void text_html(struct strbuf *out, struct str text, enum text_for target, size_t max)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;

        text_display(&safe, text, target, max);
        text_markup(out, strbuf_str(&safe));
        out->failed |= strbuf_failed(&safe);
}
