/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_STATE_IO_H
#define SHOPBELL_DETECT_STATE_IO_H

/* Numbers and texts as bytes that do not depend on the machine: numbers as LEB128, signed ones zigzagged, texts with their length
 * plus one in front (0: absent). What is read may be damaged: the first failure stays, and zeroes follow it. Private to
 * detect/. */

#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/base/hash.h"
#include "monitor/base/str.h"

/* Of window state (state.c, state_write.c). */
enum {
        HIT_FLAGS = 9, /* bits before a hit's member */
        ZEROES = 128, /* register bytes from here on: so many zeroes less ZEROES - 1 */
};

/* Times of records lie within the years 1 to 9999; this leaves room for sums with any timespan. */
#define IO_TIME_MAX INT64_C(1000000000000000000)

void io_put_number(struct strbuf *out, uint64_t v);
void io_put_signed(struct strbuf *out, int64_t v);
void io_put_time(struct strbuf *out, usec t);
void io_put_hash(struct strbuf *out, const struct hash128 *h);
void io_put_text(struct strbuf *out, struct str text);

struct reader {
        struct str rest;
        int error; /* 0, -EBADMSG or -ENOMEM */
};

void io_fail(struct reader *r, int code);
uint64_t io_get_number(struct reader *r);
uint64_t io_get_at_most(struct reader *r, uint64_t max); /* more is a failure */
int64_t io_get_signed(struct reader *r);
usec io_get_time(struct reader *r, usec before); /* the difference to `before` was written */
void io_get_hash(struct reader *r, struct hash128 *ret);
struct str io_get_text(struct reader *r); /* owned by the caller; p == NULL: absent */

#endif
