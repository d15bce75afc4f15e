/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_MAIL_H
#define SHOPBELL_BASE_MAIL_H

/* What tells a mail from other bytes: for whoever cuts files into messages (input/frame.h) and whoever reads one
 * (parsers/mime.h). Messages are those of RFC 5322; an mbox is a file of them, each behind a line of "From " (RFC 4155,
 * appendix A). */

#include <stdbool.h>

#include "monitor/base/str.h"

enum {
        MAIL_BYTES_MAX = 1024 * 1024, /* of one message; what lies behind (attachments, mostly) is skipped and counted */
        MAIL_HEADER_BYTES_MAX = 256 * 1024, /* of its header fields, likewise */
        MAIL_FROM_LINE_MAX = 1000, /* bytes of an mbox's "From " line */
        MAIL_NAME_MAX = 128, /* bytes of a header field's name */
};

/* "From ana@example.com Thu Nov 26 12:00:00 2026", as an mbox's separator is; anything may follow the time. The line ends
 * before its newline. */
bool mail_is_from_line(struct str line);

/* Whether the text is a message: header fields from its first byte on, the first of them one that mails begin with, then
 * `From` and one of Date, Received, Message-ID, Return-Path before the blank line or the end; or a "From " line in front
 * of that. 1, 0, -EAGAIN: not before more bytes have come (never with `at_end`). */
int mail_begins(struct str text, bool at_end);

/* Takes one line off, without its LF or CRLF. False: nothing is left. `ret_is_whole`, unless NULL: whether it had an end. */
bool mail_line(struct str *rest, struct str *ret, bool *ret_is_whole);
/* Of a field's name: one of Date, Received, Message-ID, Return-Path. */
bool mail_is_proof(struct str name);
/* What is behind the last '@' of an address, as a quoted local part may hold others; absent: there is none. */
struct str mail_domain(struct str address);
/* Whether a domain is one below the other, and not that one: mail.example.com below example.com. Letters count without case. */
bool mail_is_below(struct str domain, struct str above);

/* The bytes of a header field's name that begins the line, without the colon; 0: there is none (RFC 5322, 2.2). */
size_t mail_field_name(struct str line);

#endif
