/* SPDX-License-Identifier: Apache-2.0 */

/* The room's door: the table of kinds, and the functions of input.h that lead to them. */

#include "monitor/input/input.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/input/files.h"
#include "monitor/input/journal.h"
#include "monitor/input/kind.h"
#include "monitor/input/list.h"
#include "monitor/input/maildir.h"
#include "monitor/input/spool.h"
#include "monitor/input/tail.h"

/* To add a kind: a file with these functions (input/kind.h says what each does), a row here, an input_open_…() below and in
 * input.h, a line in local.mk. */
enum { KIND_FILES, KIND_TAIL, KIND_SPOOL, KIND_JOURNAL, KIND_MAILDIR };

static const struct kind kinds[] = {
        [KIND_FILES] = { .name = "files",
                         .read = files_read,
                         .close = files_close,
                         .progress = files_progress },
        [KIND_TAIL] = { .name = "tail",
                        .read = tail_read,
                        .close = tail_close,
                        .restore = tail_restore,
                        .positions = tail_positions,
                        .fd = tail_fd,
                        .process = tail_process },
        [KIND_SPOOL] = { .name = "spool",
                         .read = spool_read,
                         .close = spool_close,
                         .restore = spool_restore,
                         .positions = spool_positions,
                         .fd = spool_fd,
                         .process = spool_process },
        [KIND_JOURNAL] = { .name = "journal",
                           .read = journal_read,
                           .close = journal_close,
                           .restore = journal_restore,
                           .positions = journal_positions,
                           .fd = journal_fd,
                           .process = journal_process },
        [KIND_MAILDIR] = { .name = "maildir",
                           .read = maildir_read,
                           .close = maildir_close,
                           .restore = maildir_restore,
                           .positions = maildir_positions,
                           .fd = maildir_fd,
                           .process = maildir_process },
};

void raws_done(struct raws *raws)
{
        free(raws->items);
        *raws = (struct raws){ 0 };
}

/* ---- Opening and closing ---- */

static struct input *new_input(const struct input_options *o, const struct kind *kind)
{
        struct input *in = calloc(1, sizeof *in);

        if (!in)
                return NULL;
        *in = (struct input){ .kind = kind, .note = o->note, .is_csv = o->is_csv, .csv_data = o->csv_data,
                              .lists = o->lists, .userdata = o->userdata };
        in->name = strdup(o->name);
        in->source = o->source ? strdup(o->source) : NULL;
        in->authserv = o->authserv ? strdup(o->authserv) : NULL;
        return in->name && (in->source || !o->source) && (in->authserv || !o->authserv) ? in : input_close(in);
}

/* Hands the opened input over, or closes what was opened of it. */
static int hand_over(struct input *in, int r, struct input **ret, struct err *reterr)
{
        if (!in)
                return err_set(reterr, -ENOMEM, "out of memory");
        if (r < 0) {
                input_close(in);
                return r;
        }
        *ret = in;
        return 0;
}

int input_open_files(const struct input_options *o, const char *const *paths, size_t n, struct input **ret,
                     struct err *reterr)
{
        struct input *in = new_input(o, &kinds[KIND_FILES]);

        return hand_over(in, in ? files_open(in, paths, n, reterr) : 0, ret, reterr);
}

int input_open_tail(const struct input_options *o, const char *const *globs, size_t n, bool from_end, struct input **ret,
                    struct err *reterr)
{
        struct input *in = new_input(o, &kinds[KIND_TAIL]);

        return hand_over(in, in ? tail_open(in, globs, n, from_end, reterr) : 0, ret, reterr);
}

int input_open_mbox(const struct input_options *o, const char *const *paths, size_t n, bool from_end, struct input **ret,
                    struct err *reterr)
{
        struct input *in = new_input(o, &kinds[KIND_TAIL]);

        if (in)
                in->is_mbox = true;
        return hand_over(in, in ? tail_open(in, paths, n, from_end, reterr) : 0, ret, reterr);
}

int input_open_maildir(const struct input_options *o, const char *dir, bool from_end, struct input **ret,
                       struct err *reterr)
{
        struct input *in = new_input(o, &kinds[KIND_MAILDIR]);

        return hand_over(in, in ? maildir_open(in, dir, from_end, reterr) : 0, ret, reterr);
}

int input_open_spool(const struct input_options *o, const char *dir, struct input **ret, struct err *reterr)
{
        struct input *in = new_input(o, &kinds[KIND_SPOOL]);

        return hand_over(in, in ? spool_open(in, dir, reterr) : 0, ret, reterr);
}

int input_open_journal(const struct input_options *o, const char *const *matches, size_t n, const char *directory,
                       bool from_end, struct input **ret, struct err *reterr)
{
        struct input *in = new_input(o, &kinds[KIND_JOURNAL]);

        return hand_over(in, in ? journal_open(in, matches, n, directory, from_end, reterr) : 0, ret, reterr);
}

struct input *input_close(struct input *in)
{
        if (!in)
                return NULL;
        in->kind->close(in->state);
        list_close(in);
        free(in->authserv);
        while (in->origins) {
                struct origin *next = in->origins->next;

                free(in->origins);
                in->origins = next;
        }
        while (in->headers) {
                struct header *next = in->headers->next;

                free(in->headers);
                in->headers = next;
        }
        free(in->name);
        free(in->source);
        free(in);
        return NULL;
}

/* ---- What every kind can do ---- */

const char *input_name(const struct input *in)
{
        return in->name;
}

struct counters *input_counters(struct input *in)
{
        return &in->counters;
}

int input_restore(struct input *in, struct str position, struct str blob)
{
        size_t n = strlen(in->name);
        int r;

        if (position.n <= n || memcmp(position.p, in->name, n) != 0 || position.p[n] != '/')
                return -ENOENT;
        position = str_from(position.p + n + 1, position.n - n - 1);
        if (!in->kind->restore) /* it begins anew each time, and so do its lists */
                return -ENOENT;
        if (str_starts(position, STR("list/")))
                return list_restore(in, str_from(position.p + 5, position.n - 5), blob);
        r = in->kind->restore(in, position, blob);
        if (r == -EBADMSG)
                kind_note(in, r, NULL, "the position \"" STR_FMT "\" of input %s is damaged", STR_ARG(position), in->name);
        return r;
}

int input_read(struct input *in, struct arena *arena, struct raws *raws, size_t max_bytes)
{
        struct taking t = { .arena = arena, .raws = raws, .bytes_left = size_max(max_bytes, 1),
                            .raws_left = INPUT_BATCH_RAWS };
        int r;

        r = in->kind->read(in, &t);
        return in->is_short_of_memory ? -ENOMEM : r;
}

int input_positions(struct input *in, input_position_fn *fn, void *userdata)
{
        int r = 0;

        if (!in->kind->positions)
                return 0;
        r = in->kind->positions(in, fn, userdata);
        return r < 0 ? r : list_positions(in, fn, userdata);
}

int input_fd(struct input *in)
{
        return in->kind->fd ? in->kind->fd(in) : -1;
}

int input_process(struct input *in)
{
        return in->kind->process ? in->kind->process(in) : 0;
}

bool input_progress(const struct input *in, uint64_t *ret_done, uint64_t *ret_all)
{
        return in->kind->progress && in->kind->progress(in, ret_done, ret_all);
}
