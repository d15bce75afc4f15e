/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_PACK_H
#define SHOPBELL_CASES_PACK_H

/* The evidence pack of a case: one archive (base/ustar.h) that whoever gets it can open with tar(1), look at in a browser, and check with
 * sha256sum(1), or here, on a machine that has nothing of the shop. pack.c has the table of its parts.
 *
 * All of it is made of one copy of the store (store/copy.h), which lies in it as chain/history.ndjson. What the copy vouches for (alerts,
 * records, what was said in the case) is made again when a pack is checked, and compared byte by byte. The same case at the same time
 * gives the same pack. It is no legal advice. */

#include "monitor/cases/case.h"
#include "monitor/cases/template.h"
#include "monitor/store/verify.h"

enum {
        PACK_VERSION = 1,
        PACK_RECORDS_MAX = 50000, /* with a file of their own and on the time line; all are in chain/ */
        PACK_PAGE_EVENTS_MAX = 3000, /* on the page; timeline.csv has all */
        PACK_HEADS = 50, /* last lines of the file of heads */
};
#define PACK_BYTES_MAX (UINT64_C(2) << 30)

#define PACK_SUMS "SHA256SUMS" /* the last file */

/* A file that somebody else gives: configuration, rules. */
struct pack_file {
        struct str name, bytes;
};

struct pack_request {
        struct query *store;
        int64_t case_id;
        const struct secret *secret; /* to write in the clear what is kept under pseudonyms, which the history knows of; else NULL */
        const struct regimes *regimes; /* or NULL */
        const struct templates *templates; /* of drafts; or NULL */
        struct str heads; /* lines of the file of heads, read before this */
        const struct pack_file *files;
        size_t n_files;
        usec now;
        const char *zone; /* of the shop, beside UTC on the time line */
        const char *version; /* of the program */
        int (*put)(void *userdata, struct str bytes); /* of the archive, one piece behind the other; 0 to go on */
        void *userdata;
};

struct pack_made {
        struct digest sums; /* SHA-256 of SHA256SUMS: who has it knows all of the pack */
        uint64_t files, bytes, records, records_left; /* left: without a file of their own */
        struct chain_head head;
        uint64_t found; /* what is wrong with the history as it is */
        size_t n_sealed; /* entries and records that stay under pseudonyms */
};

/* -ENOENT: no such case; -EFBIG: more than PACK_BYTES_MAX; -EPROTONOSUPPORT: a store of an older version; -ENOMEM; of put(). */
int pack_write(const struct pack_request *q, struct pack_made *ret, struct err *reterr);

struct pack_check {
        struct str bytes; /* of the archive */
        const struct secret *key; /* of the store; NULL: seals are not checked */
        int (*found)(void *userdata, struct str text); /* one finding, not yet made safe for a terminal */
        /* Each file, when nothing was found; NULL: not wanted. */
        int (*file)(void *userdata, struct str name, struct str bytes);
        void *userdata;
};

struct pack_checked {
        uint64_t found;
        uint64_t files;
        struct digest sums;
        int64_t case_id; /* 0: not known */
        usec at; /* when it was made; USEC_NONE */
        struct verify_result chain;
        bool has_chain;
        uint64_t heads; /* lines of heads that were held against the chain */
        uint64_t proved; /* files that are just what the chain vouches for */
        uint64_t unproved; /* that hold in the clear what the chain vouches for under pseudonyms */
};
/* 0, also when something was found; -ENOMEM; what found() and file() return. */
int pack_verify(const struct pack_check *c, struct pack_checked *ret);

#endif
