/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/enrich/mmdb_value.h"

#include <errno.h>

/* Types as they are written; those over 7 in an extra byte. */
enum {
        TYPE_EXTENDED,
        TYPE_POINTER,
        TYPE_UTF8,
        TYPE_DOUBLE,
        TYPE_BYTES,
        TYPE_UINT16,
        TYPE_UINT32,
        TYPE_MAP,
        TYPE_INT32,
        TYPE_UINT64,
        TYPE_UINT128,
        TYPE_ARRAY,
        TYPE_BOOL = 14,
        TYPE_FLOAT,
};

/* What stands at a place: type, size (bytes, members, or where a pointer goes) and where its contents begin. */
struct head {
        unsigned type;
        uint64_t size;
        size_t at;
};

static int read_uint(const struct mmdb_section *s, size_t *at, size_t n, uint64_t *ret)
{
        uint64_t v = 0;

        if (n > s->n || *at > s->n - n)
                return -EBADMSG;
        for (size_t i = 0; i < n; i++)
                v = v << 8 | s->p[(*at)++];
        *ret = v;
        return 0;
}

static int read_pointer(const struct mmdb_section *s, unsigned control, size_t *at, uint64_t *ret)
{
        static const uint32_t base[] = { 0, 2048, 526336, 0 };
        unsigned n = control >> 3 & 3;
        uint64_t v = 0;

        if (read_uint(s, at, n + 1, &v) < 0)
                return -EBADMSG;
        if (n < 3)
                v |= (uint64_t)(control & 7) << 8 * (n + 1);
        *ret = v + base[n];
        return 0;
}

static int read_head(const struct mmdb_section *s, size_t at, struct head *ret)
{
        static const uint32_t base[] = { 29, 285, 65821 };
        uint64_t control, more = 0;

        if (read_uint(s, &at, 1, &control) < 0)
                return -EBADMSG;
        *ret = (struct head){ .type = (unsigned)control >> 5, .size = control & 31 };
        if (ret->type == TYPE_POINTER) {
                if (read_pointer(s, (unsigned)control, &at, &ret->size) < 0)
                        return -EBADMSG;
                ret->at = at;
                return 0;
        }
        if (ret->type == TYPE_EXTENDED) {
                if (read_uint(s, &at, 1, &more) < 0)
                        return -EBADMSG;
                ret->type = (unsigned)more + 7;
        }
        if (ret->size >= 29) {
                unsigned n = (unsigned)ret->size - 29;

                if (read_uint(s, &at, n + 1, &more) < 0)
                        return -EBADMSG;
                ret->size = more + base[n];
        }
        ret->at = at;
        return 0;
}

/* As read_head(), at what a pointer there points to. *ret_after: behind the pointer; 0: there is none. */
static int read_followed(const struct mmdb_section *s, size_t at, struct head *ret, size_t *ret_after)
{
        *ret_after = 0;
        if (read_head(s, at, ret) < 0)
                return -EBADMSG;
        if (ret->type != TYPE_POINTER)
                return 0;
        *ret_after = ret->at;
        if (ret->size >= s->n || read_head(s, (size_t)ret->size, ret) < 0)
                return -EBADMSG;
        return ret->type == TYPE_POINTER ? -EBADMSG : 0;
}

/* Where a value without members ends. */
static int end_of(const struct mmdb_section *s, const struct head *h, size_t *ret)
{
        uint64_t n = h->type == TYPE_POINTER || h->type == TYPE_BOOL ? 0 : h->size;

        if (h->at > s->n || n > s->n - h->at)
                return -EBADMSG;
        *ret = h->at + (size_t)n;
        return 0;
}

/* Moves *at behind the value there, members and all. */
static int skip(const struct mmdb_section *s, size_t *at, size_t *steps)
{
        uint64_t pending = 1;

        for (; pending > 0; pending--) {
                struct head h;

                if (++*steps > MMDB_STEPS_MAX || read_head(s, *at, &h) < 0)
                        return -EBADMSG;
                if (h.type == TYPE_MAP || h.type == TYPE_ARRAY) {
                        pending += h.type == TYPE_MAP ? 2 * h.size : h.size;
                        *at = h.at;
                } else if (end_of(s, &h, at) < 0) {
                        return -EBADMSG;
                }
        }
        return 0;
}

/* The value of a key; *at becomes where it stands. */
static int find_key(const struct mmdb_section *s, const struct head *map, struct str key, size_t *at, size_t *steps)
{
        size_t here = map->at;

        for (uint64_t i = 0; i < map->size; i++) {
                struct head h;
                size_t after, end;

                if (++*steps > MMDB_STEPS_MAX || read_followed(s, here, &h, &after) < 0 || h.type != TYPE_UTF8 ||
                    end_of(s, &h, &end) < 0)
                        return -EBADMSG;
                here = after ? after : end;
                if (str_eq(key, str_from((const char *)s->p + h.at, (size_t)h.size))) {
                        *at = here;
                        return 0;
                }
                if (skip(s, &here, steps) < 0)
                        return -EBADMSG;
        }
        return -ENOENT;
}

static int read_real(const struct mmdb_section *s, const struct head *h, double *ret)
{
        size_t at = h->at;
        uint64_t bits = 0;
        uint32_t narrow;
        float f;

        if (h->size != (h->type == TYPE_DOUBLE ? 8 : 4) || read_uint(s, &at, (size_t)h->size, &bits) < 0)
                return -EBADMSG;
        if (h->type == TYPE_DOUBLE) {
                memcpy(ret, &bits, sizeof *ret);
                return 0;
        }
        narrow = (uint32_t)bits;
        memcpy(&f, &narrow, sizeof f);
        *ret = (double)f;
        return 0;
}

static int read_value(const struct mmdb_section *s, const struct head *h, struct mmdb_value *ret)
{
        struct mmdb_value v = { .kind = h->type == TYPE_MAP     ? MMDB_MAP
                                        : h->type == TYPE_ARRAY ? MMDB_ARRAY
                                                                : MMDB_OTHER };
        size_t at = h->at, end = 0;
        int r = 0;

        if (v.kind == MMDB_OTHER && end_of(s, h, &end) < 0)
                return -EBADMSG;
        switch (h->type) {
        case TYPE_MAP:
        case TYPE_ARRAY: break;
        case TYPE_UINT16:
        case TYPE_UINT32:
        case TYPE_UINT64:
        case TYPE_UINT128:
                v.kind = MMDB_UINT;
                v.uint = UINT64_MAX;
                if (h->size <= 8)
                        r = read_uint(s, &at, (size_t)h->size, &v.uint);
                break;
        case TYPE_DOUBLE:
        case TYPE_FLOAT:
                v.kind = MMDB_REAL;
                r = read_real(s, h, &v.real);
                break;
        default:
                v.kind = h->type == TYPE_UTF8 ? MMDB_TEXT : MMDB_OTHER;
                v.text = str_from((const char *)s->p + h->at, end - h->at);
        }
        *ret = v;
        return r;
}

int mmdb_get(const struct mmdb_section *s, size_t offset, const char *path, struct mmdb_value *ret)
{
        struct str rest = str_of(path), key;
        size_t steps = 0, after;
        struct head h;

        if (read_followed(s, offset, &h, &after) < 0)
                return -EBADMSG;
        while (rest.n > 0 && str_cut(&rest, '.', &key)) {
                int r = h.type == TYPE_MAP ? find_key(s, &h, key, &offset, &steps) : -ENOENT;

                if (r < 0)
                        return r;
                if (read_followed(s, offset, &h, &after) < 0)
                        return -EBADMSG;
        }
        return read_value(s, &h, ret);
}
