/* SPDX-License-Identifier: Apache-2.0 */

/* The file of heads: which row was the last, after each transaction that added rows. It is only added to; lines have one length, so
 * that one which a power cut tore is known, and written over:
 *
 *     2026-11-30T18:45:10Z 00000000000000000042 HASH SEAL */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/store/chain.h"
#include "monitor/store/db.h"

enum { HEAD_TEXT_BYTES = 20 + 1 + 20 + 1 + 64 };

static void seal_line(const struct secret *key, struct str text, char ret[DIGEST_HEX_BYTES])
{
        struct digest d;

        digest_of(CHAIN_PERSON_HEAD, key, text, &d);
        digest_hex(&d, ret);
}

int chain_head_parse(struct str line, const struct secret *key, struct chain_head *ret)
{
        char seal[DIGEST_HEX_BYTES];
        struct chain_head h;

        if (line.n != CHAIN_HEAD_LINE_BYTES - 1 || line.p[20] != ' ' || line.p[41] != ' ' || line.p[106] != ' ' ||
            time_parse(str_from(line.p, 20), TIME_UNIT_S, NULL, &h.at) < 0 || str_to_i64(str_from(line.p + 21, 20), &h.seq) < 0 ||
            digest_parse(str_from(line.p + 42, 64), &h.hash) < 0)
                return -EBADMSG;
        if (key) {
                seal_line(key, str_from(line.p, HEAD_TEXT_BYTES), seal);
                if (!str_eq(str_of(seal), str_from(line.p + 107, 64)))
                        return -EKEYREJECTED;
        }
        *ret = h;
        return 0;
}

/* ---- Writing ---- */

static void write_line(const struct store *s, const struct chain_head *h, char ret[CHAIN_HEAD_LINE_BYTES + 1])
{
        char at[TIME_ISO_BYTES], hash[DIGEST_HEX_BYTES], seal[DIGEST_HEX_BYTES];

        time_format_iso(h->at - h->at % USEC_PER_SEC, at);
        digest_hex(&h->hash, hash);
        snprintf(ret, CHAIN_HEAD_LINE_BYTES + 1, "%.20s %020lld %s", at, (long long)h->seq, hash);
        seal_line(&s->chain.key, str_from(ret, HEAD_TEXT_BYTES), seal);
        snprintf(ret + HEAD_TEXT_BYTES, CHAIN_HEAD_LINE_BYTES + 1 - HEAD_TEXT_BYTES, " %s\n", seal);
}

void chain_committed(struct store *s)
{
        char line[CHAIN_HEAD_LINE_BYTES + 1];
        struct chain_head head;
        ssize_t n;

        s->chain.owes_head |= s->chain.has_new;
        s->chain.has_new = false;
        if (!s->chain.owes_head || s->chain.heads_fd < 0 || store_head(s, &head) < 0) /* it is owed still */
                return;
        write_line(s, &head, line);
        n = pwrite(s->chain.heads_fd, line, CHAIN_HEAD_LINE_BYTES, s->chain.heads_end);
        if (n != CHAIN_HEAD_LINE_BYTES) {
                s->chain.heads_error = n < 0 ? -errno : -ENOSPC;
                return;
        }
        s->chain.heads_end += CHAIN_HEAD_LINE_BYTES;
        s->chain.heads_error = 0;
        s->chain.owes_head = false;
}

int store_heads_error(const struct store *s)
{
        return s->chain.heads_error;
}

/* ---- At start ---- */

/* Whether the store still has the row that a head names: 1, 0, negative. */
static int has_row(struct store *s, const struct chain_head *head)
{
        char hex[DIGEST_HEX_BYTES];
        sqlite3_stmt *q = NULL;
        int code, r = db_errno(sqlite3_prepare_v2(s->db, "SELECT 1 FROM alert_history WHERE seq = ?1 AND hash = ?2", -1, &q, NULL));

        if (r < 0)
                return db_fail(s, r);
        digest_hex(&head->hash, hex);
        sqlite3_bind_int64(q, 1, head->seq);
        sqlite3_bind_text(q, 2, hex, -1, SQLITE_STATIC);
        code = sqlite3_step(q);
        sqlite3_finalize(q);
        return code == SQLITE_ROW ? 1 : db_errno(code);
}

/* The last line; what a power cut left of one is written over. */
static int check_last(struct store *s, const char *path, off_t size, struct chain_head *ret, struct err *ret_warning)
{
        char line[CHAIN_HEAD_LINE_BYTES];
        struct chain_head head;
        off_t torn = size % CHAIN_HEAD_LINE_BYTES;
        int r;

        s->chain.heads_end = size - torn;
        if (s->chain.heads_end == 0)
                return 0;
        if (pread(s->chain.heads_fd, line, sizeof line, s->chain.heads_end - CHAIN_HEAD_LINE_BYTES) != CHAIN_HEAD_LINE_BYTES)
                return -EIO;
        r = chain_head_parse(str_from(line, sizeof line - 1), &s->chain.key, &head);
        if (r < 0) {
                err_at(ret_warning, r, path, 0, 0, "the last head of the history was not written by this shopbelld: run shopbell verify");
                return 0;
        }
        *ret = head;
        r = has_row(s, &head);
        if (r == 0)
                err_at(ret_warning, -EBADMSG, path, 0, 0,
                       "the history lacks row %lld, which was its head: the store was changed or put back; run shopbell verify",
                       (long long)head.seq);
        return r < 0 ? r : 0;
}

/* A file that root makes is the daemon's all the same. */
static int open_heads(const char *path, const char *store, int *ret)
{
        struct stat st;
        bool is_new = access(path, F_OK) < 0;
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

        if (fd < 0)
                return -errno;
        if (is_new && geteuid() == 0 && stat(store, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) < 0) {
                int r = -errno;

                close(fd);
                return r;
        }
        *ret = fd;
        return 0;
}

static int seal_rows(struct store *s)
{
        sqlite3_stmt *q = NULL, *put = NULL;
        int code = SQLITE_DONE, r = db_errno(sqlite3_prepare_v2(s->db, "SELECT seq, hash FROM alert_history WHERE seal = ''", -1, &q, NULL));

        if (r >= 0)
                r = db_errno(sqlite3_prepare_v2(s->db, "UPDATE alert_history SET seal = ?2 WHERE seq = ?1", -1, &put, NULL));
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct digest hash, seal;
                char hex[DIGEST_HEX_BYTES];

                if (digest_parse(db_column(q, 1), &hash) < 0)
                        continue;
                chain_seal(&s->chain.key, &hash, &seal);
                digest_hex(&seal, hex);
                sqlite3_reset(put);
                sqlite3_bind_int64(put, 1, sqlite3_column_int64(q, 0));
                sqlite3_bind_text(put, 2, hex, -1, SQLITE_TRANSIENT);
                r = db_errno(sqlite3_step(put));
        }
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        sqlite3_finalize(put);
        return r < 0 ? db_fail(s, r) : 0;
}

static int seal_all(struct store *s)
{
        int r = store_begin(s);

        if (r < 0)
                return r;
        r = seal_rows(s);
        if (r >= 0)
                return store_commit(s);
        store_rollback(s);
        return r;
}

int store_seal(struct store *s, const struct secret *key, bool is_new, const char *heads, struct err *reterr, struct err *ret_warning)
{
        const char *path = sqlite3_db_filename(s->db, "main");
        struct chain_head head, last = { .seq = 0 };
        struct stat st;
        int r;

        *ret_warning = (struct err){ 0 };
        s->chain.key = *key;
        s->chain.has_key = true;
        r = open_heads(heads, path, &s->chain.heads_fd);
        if (r >= 0 && fstat(s->chain.heads_fd, &st) < 0)
                r = -errno;
        if (r >= 0)
                r = check_last(s, heads, st.st_size, &last, ret_warning);
        if (r >= 0 && is_new && st.st_size > 0)
                err_at(ret_warning, -ENOKEY, heads, 0, 0,
                       "the key of the history is gone, a new one was made: seals of before can no longer be checked; put the old one back if you can");
        if (r < 0)
                return err_at(reterr, r, heads, 0, 0, "the heads of the history cannot be kept: %s", strerror(-r));
        r = is_new || s->chain.was_made ? seal_all(s) : 0;
        if (r >= 0)
                r = store_head(s, &head);
        if (r < 0)
                return err_set(reterr, r, "%s", store_error(s));
        s->chain.has_new = false;
        s->chain.owes_head = head.seq > last.seq; /* the last end came between a commit and its head */
        if (ret_warning->code == 0)
                chain_committed(s);
        return 0;
}
