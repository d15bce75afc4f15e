/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_ESCAPE_H
#define SHOPBELL_BASE_ESCAPE_H

/* The two halves of reading a JSON string's \u escapes (RFC 8259 section 7) into bytes the caller has made room for. */

#include <stddef.h>
#include <stdint.h>

/* Behind "\u": the character, surrogate pairs joined, a lone surrogate as U+FFFD. Returns the bytes used; 0: no four
 * hexadecimal digits, *ret is undefined. */
size_t escape_read_unicode(const char *p, const char *end, uint32_t *ret);
/* Writes a character as UTF-8, at most 4 bytes; returns the place behind it. */
char *escape_put_utf8(char *to, uint32_t codepoint);
/* 0 … 15, or -1. */
int escape_hex_digit(char c);

#endif
