/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_MIME_H
#define SHOPBELL_PARSERS_MIME_H

/* One mail (RFC 5322, RFC 2045 to 2047): its header fields, and of its parts the text that a person would read. Every byte
 * is the sender's: each growth has a limit below and a counter, nothing is read twice for each level of nesting more than
 * once, and nothing of a mail is ever run, fetched, or looked up.
 *
 *     if (mime_header(arena, raw.bytes, counters, &mail) > 0 && is_wanted(mime_field(&mail, STR("From"))))
 *             r = mime_text(arena, &mail, counters, &text);
 *
 * All results live in the arena or in the bytes of the mail. */

#include <stdbool.h>

#include "monitor/base/arena.h"
#include "monitor/base/mail.h"
#include "monitor/base/str.h"
#include "monitor/model/counter.h"

enum {
        MAIL_FIELDS_MAX = 500, /* header fields of one mail, or of one part */
        MAIL_VALUE_BYTES_MAX = 16 * 1024, /* of one field's value, decoded or taken apart */
        MAIL_ADDRESSES_MAX = 100, /* of one field */
        MAIL_DEPTH_MAX = 12, /* parts within parts */
        MAIL_PARTS_MAX = 200, /* looked at in one mail */
        MAIL_TEXT_BYTES_MAX = 256 * 1024, /* of a mail's text, before and behind each step of decoding */
};

struct mail_field {
        struct str name, value; /* the value as it lies there, folded */
};

struct mail {
        struct str envelope; /* the "From " line in front, when it lay in an mbox; else absent */
        struct mail_field *fields; /* in order, the topmost first */
        size_t n_fields;
        struct str body;
};

/* Reads the header. 1; 0: it is no mail (no From, or none of Date, Received, Message-ID, Return-Path); -ENOMEM. */
int mime_header(struct arena *arena, struct str bytes, struct counters *counters, struct mail *ret);
/* The value of the topmost field of that name, as it lies there; absent: there is none. */
struct str mime_field(const struct mail *mail, struct str name);
size_t mime_count(const struct mail *mail, struct str name);
/* A value as one line of UTF-8: unfolded, encoded words decoded (RFC 2047), tidied. Absent: no memory. */
struct str mime_words(struct arena *arena, struct str value, struct counters *counters);
/* A value without comments and folding (RFC 5322, 3.2.2), for structured fields. Absent: no memory. */
struct str mime_structured(struct arena *arena, struct str value, struct counters *counters);

/* The text of the first part that is text/plain and not blank, else of the first text/html; attachments and attached mails
 * are left out. Tidied UTF-8; *ret is empty when there is none. 0, -ENOMEM. */
int mime_text(struct arena *arena, const struct mail *mail, struct counters *counters, struct str *ret);

struct mail_address {
        struct str name; /* decoded; absent: none */
        struct str address; /* local@domain, the domain in small letters */
        struct str domain; /* in `address` */
};

/* The mailboxes of From, To and such (RFC 5322, 3.4). What is no address is left out. How many, or -ENOMEM. */
int mime_addresses(struct arena *arena, struct str value, struct counters *counters,
                   struct mail_address ret[MAIL_ADDRESSES_MAX]);

#endif
