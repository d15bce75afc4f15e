/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_JSON_WRITE_H
#define SHOPBELL_BASE_JSON_WRITE_H

/* Writing JSON. The writer sets commas itself; the caller balances begin and end.
 *
 *     struct json_writer w = JSON_WRITER(&buf);
 *     json_begin(&w, '{');
 *     json_key(&w, "n"); json_int(&w, 5);
 *     json_end(&w, '}');
 *
 * Strings are escaped per RFC 8259; ill-formed UTF-8 becomes U+FFFD; what utf8_is_harmful() names is
 * written as \u escapes so that a terminal showing the JSON is safe too. */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/base/str.h"

enum { JSON_WRITER_DEPTH_MAX = 80 }; /* a deeper json_begin() fails the buffer */

struct json_writer {
        struct strbuf *out;
        unsigned depth;
        bool has_item[JSON_WRITER_DEPTH_MAX];
        bool after_key;
};

#define JSON_WRITER(buf) \
        { \
                .out = (buf) \
        }

void json_begin(struct json_writer *w, char bracket); /* '{' or '[' */
void json_end(struct json_writer *w, char bracket); /* '}' or ']' */
void json_key(struct json_writer *w, const char *key);
void json_key_str(struct json_writer *w, struct str key);
void json_str(struct json_writer *w, struct str s); /* absent: null */
void json_strz(struct json_writer *w, const char *z); /* NULL: null */
void json_int(struct json_writer *w, int64_t n);
void json_bool(struct json_writer *w, bool b);
void json_null(struct json_writer *w);
void json_pair_time(struct json_writer *w, const char *key, usec t); /* a key, and ISO 8601 in UTC; USEC_NONE: null */
void json_raw(struct json_writer *w, struct str token); /* a finished JSON value, as it is */

#endif
