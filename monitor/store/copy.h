/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_COPY_H
#define SHOPBELL_STORE_COPY_H

/* A copy of alerts with all that vouches for them, to be kept or given away: a JSON object a line, which can be verified as the store
 * can. The first line says what the copy is; each other one is a row of the store, its columns as schema.sql names them:
 *
 *     {"type":"export","version":1,"at":…,"records":true,"whole":true,"head":{"seq":…,"hash":…}}
 *     {"type":"history","seq":1,"alert":…,"at":…,"what":"raised",…}
 *     {"type":"alert","id":…,…}      {"type":"answer",…}      {"type":"silence",…}
 *     {"type":"record","record":…,"fields":"{…}","raw":{"bytes":"68656c6c6f"}}      {"type":"link","alert":…,"record":…}
 *     {"type":"case","seq":…,"case_id":…,…}: what was said in cases; of a copy that is not whole, that its alerts are in one
 *
 * A copy of a case has all that was said in it and its alerts, with those that they were merged into; its first line has "case" and
 * "from", the first row of the history that is about any of it: rows before that are not in it.
 *
 * A text that is not UTF-8, or holds a NUL, is {"hex":"…"}; bytes are {"bytes":"…"}. Of a copy that is not whole, rows of the history
 * of other alerts are there without what they say: with seq, previous, hash and seal. */

#include <stdio.h>

#include "monitor/store/query.h"
#include "monitor/store/verify.h"

enum { COPY_VERSION = 1, COPY_LINE_BYTES_MAX = 64 * 1024 * 1024 };

struct copy_options {
        bool is_whole; /* all alerts, all rows */
        bool with_records;
        int64_t case_id; /* 0: of alerts, as the filter says */
        usec at;
        int (*line)(void *userdata, struct str line); /* without its end; 0 to go on */
        void *userdata;
};

/* Writes a copy of the alerts that `f` lets through, with those merged into them; everything as it is at one moment. *ret: the head. Of a
 * case `f` is not looked at. */
int query_copy(struct query *q, const struct query_filter *f, const struct copy_options *o, struct chain_head *ret);

/* Reads one into memory, to be verified. *ret_head: what its first line says. -EBADMSG: it is no copy, or a line is damaged. */
int query_open_copy(const char *path, struct query **ret, struct verify_head *ret_head, struct err *reterr);
/* The same of bytes that are there already; `name` is what they are called when something is wrong. */
int query_open_copy_bytes(const char *name, struct str bytes, struct query **ret, struct verify_head *ret_head, struct err *reterr);

#endif
