/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/detect/state_io.h"

#include <errno.h>
#include <stdlib.h>

/* ---- Writing ---- */

void io_put_number(struct strbuf *out, uint64_t v)
{
        while (v > 0x7F) {
                strbuf_addc(out, (char)((v & 0x7F) | 0x80));
                v >>= 7;
        }
        strbuf_addc(out, (char)v);
}

void io_put_signed(struct strbuf *out, int64_t v)
{
        io_put_number(out, (uint64_t)v << 1 ^ (uint64_t)(v < 0 ? -1 : 0)); /* zigzag */
}

void io_put_time(struct strbuf *out, usec t)
{
        io_put_signed(out, t);
}

void io_put_hash(struct strbuf *out, const struct hash128 *h)
{
        strbuf_add(out, str_from((const char *)h->b, sizeof h->b));
}

void io_put_text(struct strbuf *out, struct str text)
{
        io_put_number(out, text.p ? text.n + 1 : 0);
        strbuf_add(out, text);
}

/* ---- Reading ---- */

void io_fail(struct reader *r, int code)
{
        if (r->error == 0)
                r->error = code;
        r->rest.n = 0;
}

uint64_t io_get_number(struct reader *r)
{
        uint64_t v = 0;

        for (unsigned shift = 0; shift < 64 && r->rest.n > 0; shift += 7) {
                unsigned char c = (unsigned char)r->rest.p[0];

                r->rest = str_from(r->rest.p + 1, r->rest.n - 1);
                v |= (uint64_t)(c & 0x7F) << shift;
                if (c < 0x80)
                        return v;
        }
        io_fail(r, -EBADMSG);
        return 0;
}

uint64_t io_get_at_most(struct reader *r, uint64_t max)
{
        uint64_t v = io_get_number(r);

        if (v <= max)
                return v;
        io_fail(r, -EBADMSG);
        return 0;
}

int64_t io_get_signed(struct reader *r)
{
        uint64_t v = io_get_number(r);

        return (int64_t)(v >> 1 ^ -(v & 1));
}

usec io_get_time(struct reader *r, usec before)
{
        usec t;

        if (!__builtin_add_overflow(io_get_signed(r), before, &t) && t >= -IO_TIME_MAX && t <= IO_TIME_MAX)
                return t;
        io_fail(r, -EBADMSG);
        return 0;
}

void io_get_hash(struct reader *r, struct hash128 *ret)
{
        if (r->rest.n < sizeof ret->b) {
                io_fail(r, -EBADMSG);
                return;
        }
        memcpy(ret->b, r->rest.p, sizeof ret->b);
        r->rest = str_from(r->rest.p + sizeof ret->b, r->rest.n - sizeof ret->b);
}

struct str io_get_text(struct reader *r)
{
        uint64_t n = io_get_at_most(r, r->rest.n);
        char *p;

        if (n == 0 || n - 1 > r->rest.n) {
                if (n > 0)
                        io_fail(r, -EBADMSG);
                return STR_NONE;
        }
        p = str_dupz(str_from(r->rest.p, n - 1));
        if (!p) {
                io_fail(r, -ENOMEM);
                return STR_NONE;
        }
        r->rest = str_from(r->rest.p + n - 1, r->rest.n - (n - 1));
        return str_from(p, n - 1);
}
