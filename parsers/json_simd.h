/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_JSON_SIMD_H
#define SHOPBELL_PARSERS_JSON_SIMD_H

/* The door to simdjson (https://simdjson.org, 3.0): where the tokens of a text begin. Private to the JSON reader. */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define JSON_SIMD_NOEXCEPT noexcept
extern "C" {
#else
#define JSON_SIMD_NOEXCEPT
#endif

struct json_simd; /* simdjson's buffers; for one text at a time, reused */

struct json_simd *json_simd_new(void) JSON_SIMD_NOEXCEPT; /* NULL when out of memory */
struct json_simd *json_simd_free(struct json_simd *simd) JSON_SIMD_NOEXCEPT; /* NULL is fine; returns NULL */

/* Finds the tokens of `text`, which must have RAW_PADDING readable bytes behind it. A token is a bracket, colon, comma,
 * string, or anything else up to the next blank or token; (*ret_tokens)[i] is the offset of its first byte, *ret_last
 * that of the last one (entries behind it mean nothing). They live until the next call. What is sure then: the text is
 * UTF-8, every string has its end, and no string holds a control character.
 *
 * 0, -EBADMSG, -EILSEQ (not UTF-8, but for that all right), -ENOMEM, -E2BIG (longer than simdjson takes). */
int json_simd_index(struct json_simd *simd, const char *text, size_t n, const uint32_t **ret_tokens,
                    uint32_t *ret_last) JSON_SIMD_NOEXCEPT;
/* Gives the buffers of an uncommonly long text back. */
void json_simd_trim(struct json_simd *simd) JSON_SIMD_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
