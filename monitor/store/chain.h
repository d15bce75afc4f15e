/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_CHAIN_H
#define SHOPBELL_STORE_CHAIN_H

/* History that cannot be quietly rewritten. Each row of alert_history carries the hash of the row before; its own hash is over all
 * of it, and is sealed with a secret that lies beside the store. What a row speaks of elsewhere in the store (an answer, a silence,
 * the records of an alert) it covers: it holds the digest of those rows. After each commit the head of the chain is written to a
 * file beside the store, which cutting off the tail does not reach. schema.sql has the exact definition; store/verify.h checks.
 *
 * Stores in memory have no chain: they end with the program.
 *
 * To have rows of another table covered: a row in COVERED, and chain_cover() where they are written. */

#include "monitor/base/clock.h"
#include "monitor/base/digest.h"
#include "monitor/store/store.h"

#define CHAIN_KEY_FILE "shopbell.key" /* in the state folder: SECRET_BYTES bytes, mode 0600 */
#define CHAIN_HEADS_FILE "shopbell.heads" /* in the state folder */

#define CHAIN_PERSON_ROW "shopbell-history"
#define CHAIN_PERSON_SEAL "shopbell-sealing"
#define CHAIN_PERSON_HEAD "shopbell-heading"
#define CHAIN_PERSON_CONTENT "shopbell-content"

struct chain_row {
        int64_t seq;
        usec at;
        struct str alert, what, text, covers;
        struct digest previous; /* of the row before; of the first one zeroes */
};

/* 0 or -ENOMEM. */
int chain_hash(const struct chain_row *row, struct digest *ret);
void chain_seal(const struct secret *key, const struct digest *hash, struct digest *ret);

/* Begins to seal. The secret is copied. `heads` is the path of the file of heads, made when it is missing (the store's owner's, when root
 * makes it). With `is_new`, rows that are not sealed yet are: the secret was just made, or the store upgraded.
 * Negative: *reterr says what. *ret_warning (code 0: none) says what is wrong with the heads: somebody should run verify. */
int store_seal(struct store *s, const struct secret *key, bool is_new, const char *heads, struct err *reterr, struct err *ret_warning);

struct chain_head {
        int64_t seq; /* 0: there is no row */
        struct digest hash;
        usec at; /* when it was written; of store_head() that of the row */
};
/* The last row that is committed. */
int store_head(struct store *s, struct chain_head *ret);
/* Why the head could not be written after a commit; 0: it was. It is tried again with the next one. */
int store_heads_error(const struct store *s);

/* ---- The file of heads: a line of a fixed length after each transaction that added rows ---- */
enum { CHAIN_HEAD_LINE_BYTES = 20 + 1 + 20 + 1 + 64 + 1 + 64 + 1 };
/* `key` NULL: not checked. 0; -EBADMSG: no such line; -EKEYREJECTED: not of this secret. */
int chain_head_parse(struct str line, const struct secret *key, struct chain_head *ret);

/* ---- What rows cover ----
 *   kind       columns that its digest is over, the first is its id          table         the row, by its id
 * "told" is of an alert as it is told of at one count: an alert that has grown since is vouched for again when its count doubles.
 * "record" is what was read of one, "raw" its bytes, "sealed" its box, where it has one: all go in time. */
#define CASE_COLUMNS "seq, case_id, at, kind, key, value, status, evidence, because, said_by, uid, user, sealed"
#define COVERED(X) \
        X(ANSWER, "answer", "seq, alert, at, what, note, uid, user, with_alert", "alert_answer", "seq") \
        X(SILENCE, "silence", "id, rule, who, source, level, since, until, reason, uid, user, ended_at, ended_uid, ended_user", "silence", "id") \
        X(ALERT, "alert", "id, rule_id, rule_title, classes, playbook, raised_at", "alert", "id") \
        X(TOLD, "told", "id, level, grouped, sentence, why, person, source, first_seen, last_seen, late, count", "alert", "id") \
        X(RECORD, "record", "record, time, source, file, idx, record_id, fields", "record", "record") \
        X(RAW, "raw", "record, raw", "record", "record") \
        X(SEALED, "sealed", "record, sealed", "record", "record") \
        X(CASE, "case", CASE_COLUMNS, "case_entry", "seq")

enum covered {
#define X(id, kind, columns, table, key) COVERED_##id,
        COVERED(X)
#undef X
                _COVERED_MAX,
};
const char *covered_name(enum covered kind);
enum covered covered_find(struct str name); /* _COVERED_MAX: none */

#endif
