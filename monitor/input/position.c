/* SPDX-License-Identifier: Apache-2.0 */

/* Positions to text and back. What cannot be read is refused as a whole: beginning anew and saying so beats a place that
 * is half right. */

#include "monitor/input/position.h"

#include <errno.h>
#include <inttypes.h>

#include "monitor/base/csv.h"
#include "monitor/base/escape.h"
#include "monitor/input/input.h"

static const char *const mode_names[_FRAME_MODE_MAX] = {
        [FRAME_UNDECIDED] = "undecided",
        [FRAME_LINES] = "lines",
        [FRAME_JSON] = "json",
        [FRAME_CSV] = "csv",
        [FRAME_MAIL] = "mail",
        [FRAME_MBOX] = "mbox",
};

struct str position_get(struct str blob, const char *key)
{
        struct str word, name;

        while (str_cut(&blob, ' ', &word))
                if (str_cut(&word, '=', &name) && word.p && str_eqz(name, key))
                        return word;
        return STR_NONE;
}

int position_get_u64(struct str blob, const char *key, uint64_t *ret)
{
        struct str s = position_get(blob, key);

        return s.p && str_to_u64(s, ret) >= 0 ? 0 : -EBADMSG;
}

/* ---- Samples ---- */

struct sample sample_of(uint64_t offset, struct str bytes)
{
        return (struct sample){ .offset = offset, .n = bytes.n, .hash = hash128_of(&bytes, 1) };
}

bool sample_matches(const struct sample *s, struct str bytes)
{
        struct hash128 hash;

        if (s->n != bytes.n)
                return false;
        hash = hash128_of(&bytes, 1);
        return hash128_eq(&hash, &s->hash);
}

static void write_hash(struct strbuf *out, const char *key, uint64_t a, uint64_t b, const struct hash128 *hash)
{
        char hex[HASH128_HEX_BYTES];

        if (b == 0)
                return;
        hash128_hex(hash, hex);
        strbuf_addf(out, " %s=%" PRIu64 ":%" PRIu64 ":%s", key, a, b, hex);
}

/* "a:b:hash"; a missing key is fine and leaves zeroes. */
static int parse_hash(struct str blob, const char *key, uint64_t *a, uint64_t *b, struct hash128 *hash)
{
        struct str rest = position_get(blob, key), word;

        if (!rest.p)
                return 0;
        if (!str_cut(&rest, ':', &word) || str_to_u64(word, a) < 0 || !str_cut(&rest, ':', &word) ||
            str_to_u64(word, b) < 0 || !rest.p)
                return -EBADMSG;
        return hash128_parse(rest, hash);
}

/* ---- Tables ---- */

static void write_table(struct strbuf *out, const struct frame_table *t)
{
        strbuf_addf(out, " table=%u:%" PRIu64, (unsigned char)t->delimiter, t->row);
        if (!t->header.p)
                return;
        strbuf_addz(out, " header=");
        for (size_t i = 0; i < t->header.n; i++) {
                unsigned char c = (unsigned char)t->header.p[i];

                if (c > ' ' && c < 0x7f && c != '%')
                        strbuf_addc(out, (char)c);
                else
                        strbuf_addf(out, "%%%02x", c);
        }
}

int position_unescape(struct str value, struct strbuf *out)
{
        for (size_t i = 0; i < value.n; i++) {
                int high, low;

                if (value.p[i] != '%') {
                        strbuf_addc(out, value.p[i]);
                        continue;
                }
                high = i + 2 < value.n ? escape_hex_digit(value.p[i + 1]) : -1;
                low = high >= 0 ? escape_hex_digit(value.p[i + 2]) : -1;
                if (low < 0)
                        return -EBADMSG;
                strbuf_addc(out, (char)(high * 16 + low));
                i += 2;
        }
        return strbuf_failed(out) ? -ENOMEM : 0;
}

static int parse_table(struct str blob, bool is_needed, struct frame_table *ret)
{
        struct str rest = position_get(blob, "table"), word;
        uint64_t code;

        if (!rest.p && !is_needed)
                return 0;
        if (!str_cut(&rest, ':', &word) || str_to_u64(word, &code) < 0 || code == 0 || code > 127 || !rest.p ||
            str_to_u64(rest, &ret->row) < 0)
                return -EBADMSG;
        ret->delimiter = (char)code;
        ret->header = position_get(blob, "header");
        return ret->header.n <= 3 * CSV_HEADER_BYTES_MAX ? 0 : -EBADMSG;
}

/* ---- Places ---- */

int64_t place_mtime(const struct stat *st)
{
        return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

void place_set_file(struct place *p, const struct stat *st)
{
        p->device = st->st_dev;
        p->inode = st->st_ino;
        p->size = (uint64_t)st->st_size;
        p->mtime = place_mtime(st);
}

bool place_is_file(const struct place *p, const struct stat *st)
{
        return p->inode != 0 && p->device == st->st_dev && p->inode == st->st_ino;
}

void place_write(const struct place *p, struct strbuf *out)
{
        strbuf_addf(out, "v=%d", POSITION_VERSION);
        if (p->is_none) {
                strbuf_addz(out, " none=1");
                return;
        }
        strbuf_addf(out,
                    " file=%" PRIu64 ":%" PRIu64 " size=%" PRIu64 " mtime=%" PRId64 " offset=%" PRIu64
                    " records=%" PRIu64 " mode=%s",
                    p->device, p->inode, p->size, p->mtime, p->offset, p->records, mode_names[p->mode]);
        if (p->is_done)
                strbuf_addz(out, " done=1");
        write_hash(out, "head", p->head.offset, p->head.n, &p->head.hash);
        write_hash(out, "mark", p->mark.offset, p->mark.n, &p->mark.hash);
        write_hash(out, "repeat", p->repeat.run, p->repeat.n, &p->repeat.hash);
        if (p->table.delimiter)
                write_table(out, &p->table);
}

static int parse_mode(struct str blob, enum frame_mode *ret)
{
        struct str s = position_get(blob, "mode");

        for (int i = 0; s.p && i < _FRAME_MODE_MAX; i++)
                if (str_eqz(s, mode_names[i])) {
                        *ret = (enum frame_mode)i;
                        return 0;
                }
        return -EBADMSG;
}

static int parse_file(struct str blob, struct place *p)
{
        struct str rest = position_get(blob, "file"), word, mtime = position_get(blob, "mtime");

        if (!str_cut(&rest, ':', &word) || str_to_u64(word, &p->device) < 0 || !rest.p ||
            str_to_u64(rest, &p->inode) < 0 || !mtime.p || str_to_i64(mtime, &p->mtime) < 0)
                return -EBADMSG;
        return position_get_u64(blob, "size", &p->size);
}

/* Samples that lie where no sample can lie would make reading them dangerous. */
static bool is_sound(const struct place *p)
{
        return p->head.n <= INPUT_FINGERPRINT_BYTES && p->mark.n <= INPUT_FINGERPRINT_BYTES && p->head.offset == 0 && p->head.n <= p->offset &&
               p->mark.n <= p->offset && p->mark.offset <= p->offset - p->mark.n;
}

int place_parse(struct str blob, struct place *ret)
{
        struct place p = { 0 };
        uint64_t version;

        if (position_get_u64(blob, "v", &version) < 0 || version != POSITION_VERSION)
                return -EBADMSG;
        p.is_none = position_get(blob, "none").p != NULL;
        p.is_done = position_get(blob, "done").p != NULL;
        if (!p.is_none &&
            (parse_file(blob, &p) < 0 || parse_mode(blob, &p.mode) < 0 ||
             position_get_u64(blob, "offset", &p.offset) < 0 || position_get_u64(blob, "records", &p.records) < 0 ||
             parse_hash(blob, "head", &p.head.offset, &p.head.n, &p.head.hash) < 0 ||
             parse_hash(blob, "mark", &p.mark.offset, &p.mark.n, &p.mark.hash) < 0 ||
             parse_hash(blob, "repeat", &p.repeat.run, &p.repeat.n, &p.repeat.hash) < 0 ||
             parse_table(blob, p.mode == FRAME_CSV && !p.is_done, &p.table) < 0 ||
             !is_sound(&p)))
                return -EBADMSG;
        *ret = p;
        return 0;
}
