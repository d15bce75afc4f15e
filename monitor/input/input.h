/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_INPUT_H
#define SHOPBELL_INPUT_INPUT_H

/* Where raws come from: files read once, files that grow, folders of finished files, the journal, standard input. Every
 * kind hands out raws through input_read() and says through input_positions() how far it has come, so that the hall can
 * commit positions together with what the raws led to.
 *
 *     while ((r = input_read(in, arena, &raws, INPUT_BATCH_BYTES)) > 0 || raws.n > 0)
 *             { process(raws); input_positions(in, store…); commit; raws.n = 0; arena_reset(arena); }
 *
 * A raw is one line, one JSON document, one row of a table or one mail (input/frame.h decides). Gzip and zstd are told by their first bytes and read
 * through. No link is followed out of a watched folder; only regular files (and FIFOs for stdin) are opened. Trouble with
 * one file is reported through the note callback and counted, and never stops the others. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/arena.h"
#include "monitor/base/csv.h"
#include "monitor/base/err.h"
#include "monitor/base/str.h"
#include "monitor/model/counter.h"
#include "monitor/model/list.h"
#include "monitor/model/record.h"

enum {
        INPUT_BATCH_BYTES = 1024 * 1024, /* about how many raw bytes one read hands out */
        INPUT_BATCH_RAWS = 4096,
        INPUT_DEPTH_MAX = 32, /* folders below folders */
        INPUT_FILES_MAX = 100000, /* files of one input */
        INPUT_FINGERPRINT_BYTES = 1024, /* of a file's beginning; tells files apart whatever their name */
        INPUT_JOURNAL_FIELD_BYTES_MAX = 1024 * 1024, /* sd_journal_set_data_threshold */
};

struct raws {
        struct raw *items;
        size_t n, cap; /* items are malloc'ed by the input and reused; raws_done() frees them */
};
void raws_done(struct raws *raws);

/* One sentence about one file or the journal, for the log: "cannot be read: …, skipping". */
typedef void input_note_fn(void *userdata, const struct err *note);

struct input_options {
        const char *name; /* unique among the inputs; prefix of its positions */
        const char *source; /* log source of its records, or NULL: recognise */
        const char *authserv; /* of mails: whose Authentication-Results count (raw.authserv), or NULL */
        input_note_fn *note; /* may be NULL */
        void *userdata; /* for `note` */
        csv_test_fn *is_csv; /* which files are tables, with `source`; NULL: none */
        void *csv_data; /* for `is_csv` */
        struct list_door lists; /* which files are polled lists, and how they are compared; all NULL: none. Of files and spools */
};

struct input;

/* Files and folders (recursively, in order of name), read once from the beginning. "-" is standard input. Files whose
 * names end .json .ndjson .jsonl .log .txt .csv .mbox .eml or in a rotation number, with or without .gz/.zst, are taken from a folder,
 * and all messages of a Maildir;
 * a file that is named is always taken. */
int input_open_files(const struct input_options *o, const char *const *paths, size_t n, struct input **ret,
                     struct err *reterr);
/* Growing files: paths or globs; a file may appear later. Survives rotation by rename, by copytruncate and compression
 * of the rotated file (see input/tail.c). With `from_end`, files first seen at the very first start are begun at their
 * end. */
int input_open_tail(const struct input_options *o, const char *const *globs, size_t n, bool from_end, struct input **ret,
                    struct err *reterr);
/* The same for files that are mboxes, whatever they begin with. The last message is handed out when the file ends with an
 * empty line and nobody holds a lock on it (fcntl, NAME.lock). A file that a mail program has written anew is read anew:
 * record ids make that harmless. */
int input_open_mbox(const struct input_options *o, const char *const *paths, size_t n, bool from_end, struct input **ret,
                    struct err *reterr);
/* A Maildir: DIR/new and DIR/cur, never DIR/tmp, no folders below. Each message is handed out once, however it is moved
 * between them and whatever its flags become. With `from_end` not those that lie there at the very first start. */
int input_open_maildir(const struct input_options *o, const char *dir, bool from_end, struct input **ret,
                       struct err *reterr);
/* A folder (recursively) that finished files are moved or synchronised into; each file is read once. A file that changed
 * since (size or mtime) is read again: record ids make that harmless. */
int input_open_spool(const struct input_options *o, const char *dir, struct input **ret, struct err *reterr);
/* The journal: `matches` are "FIELD=value" (same field: or, different fields: and); `directory` NULL means the system's
 * own. Raws are the entries as JSON objects in the form of `journalctl -o json`. */
int input_open_journal(const struct input_options *o, const char *const *matches, size_t n, const char *directory,
                       bool from_end, struct input **ret, struct err *reterr);
struct input *input_close(struct input *in); /* NULL is fine; returns NULL */

const char *input_name(const struct input *in);
struct counters *input_counters(struct input *in);

/* Takes a stored position back, before the first read; name as input_positions() gave it. Unknown ones: -ENOENT. */
int input_restore(struct input *in, struct str position, struct str blob);

/* Appends raws, whose bytes (and RAW_PADDING behind them) live in `arena`, until about max_bytes. Returns 1: there may be
 * more; 0: nothing more now (end of the files, or caught up); negative: the input as a whole failed for good. */
int input_read(struct input *in, struct arena *arena, struct raws *raws, size_t max_bytes);

/* Calls fn for each position that changed since the last call: name "INPUT/…" and blob (n == 0: forget it). Positions
 * cover exactly the raws handed out so far. */
typedef int input_position_fn(void *userdata, struct str position, struct str blob);
int input_positions(struct input *in, input_position_fn *fn, void *userdata);

/* A descriptor that becomes readable when there may be something to read (inotify, journal), or -1; call input_process()
 * when it does, then input_read() until 0. */
int input_fd(struct input *in);
int input_process(struct input *in);

/* For a progress bar: bytes consumed and to consume (compressed sizes); false when unknown. */
bool input_progress(const struct input *in, uint64_t *ret_done, uint64_t *ret_all);

#endif
