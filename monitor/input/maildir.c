/* SPDX-License-Identifier: Apache-2.0 */

/* The Maildir: a message is one file, delivered whole into new/, moved to cur/ when a mail program has seen it, and renamed
 * there when its flags change; what is in front of the first ':' of its name is unique and stays
 * (https://cr.yp.to/proto/maildir.html). So a message is known by that, and handed out once wherever it lies. tmp/ holds
 * what is being delivered and is not looked at. No link is followed.
 *
 * Positions: "maildir/UNIQUE" for each message that lies there and was handed out, and "started", which says that there has
 * been a first start. A message that is gone is forgotten: when two looks in a row did not find it, for a look may miss a
 * file that is renamed under it. */

#include "monitor/input/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/base/map.h"
#include "monitor/input/reader.h"
#include "monitor/input/walk.h"
#include "monitor/input/watch.h"

enum { MISSES_MAX = 2 }; /* looks that do not find a message before it is forgotten */

static const char *const folders[] = { "new", "cur" };
enum { N_FOLDERS = ARRAY_LEN(folders) };

struct message {
        char *file; /* "new/…" or "cur/…": where it was seen last; NULL: not in this run */
        unsigned seen; /* number of the last look that found it */
        unsigned misses;
        int noted; /* the trouble that was noted last */
        bool is_read, is_changed;
        bool is_waiting; /* in the queue */
        bool is_gone;
        char name[]; /* the unique one */
};

struct maildir {
        struct input *in;
        char *folder;
        struct message **items;
        size_t n, cap;
        struct map by_name;
        struct message **queue; /* [queue_at, queue_n) wait to be read, in this order */
        size_t queue_at, queue_n, queue_cap;
        struct origin *origin; /* one for all messages: they come and go for years */
        struct watch *watch; /* NULL: looked at whenever process() is called */
        int ids[N_FOLDERS]; /* watch ids, or -1 */
        unsigned looks;
        bool from_end, is_first, tells_start, needs_look, has_gone, has_full_note, has_missing_note;
};

/* ---- Opening and closing ---- */

int maildir_open(struct input *in, const char *dir, bool from_end, struct err *reterr)
{
        struct maildir *m = calloc(1, sizeof *m);
        size_t n = strlen(dir);
        int r;

        in->state = m;
        if (!m)
                return err_set(reterr, -ENOMEM, "out of memory");
        while (n > 1 && dir[n - 1] == '/')
                n--;
        if (n == 0)
                return err_set(reterr, -EINVAL, "an empty path");
        m->in = in;
        m->from_end = from_end;
        m->is_first = m->needs_look = true;
        m->folder = str_dupz(str_from(dir, n));
        m->origin = kind_origin(in, dir);
        for (size_t i = 0; i < N_FOLDERS; i++)
                m->ids[i] = -1;
        if (!m->folder || !m->origin)
                return err_set(reterr, -ENOMEM, "out of memory");
        r = watch_open(&m->watch);
        if (r < 0)
                kind_note(in, r, dir, "cannot be watched: %s, new messages are seen late", kind_trouble(r));
        return 0;
}

static void message_free(struct message *one)
{
        free(one->file);
        free(one);
}

void maildir_close(void *state)
{
        struct maildir *m = state;

        if (!m)
                return;
        for (size_t i = 0; i < m->n; i++)
                message_free(m->items[i]);
        watch_free(m->watch);
        map_done(&m->by_name);
        free(m->items);
        free(m->queue);
        free(m->folder);
        free(m);
}

/* ---- Messages ---- */

static int reserve(struct message ***items, size_t n, size_t *cap)
{
        struct message **more;

        if (n < *cap)
                return 0;
        more = reallocarray(*items, *cap ? *cap * 2 : 64, sizeof **items);
        if (!more)
                return -ENOMEM;
        *items = more;
        *cap = *cap ? *cap * 2 : 64;
        return 0;
}

static struct str unique_name(const char *file)
{
        struct str rest = str_of(file), name = rest;

        (void)str_cut(&rest, ':', &name);
        return name;
}

/* The message of this unique name, made when it is new. 0, -E2BIG: too many, -ENOMEM. */
static int get_message(struct maildir *m, struct str name, struct message **ret)
{
        struct message *one = map_get(&m->by_name, name);

        if (!one) {
                if (m->n >= INPUT_FILES_MAX)
                        return -E2BIG;
                one = calloc(1, sizeof *one + name.n + 1);
                if (!one || reserve(&m->items, m->n, &m->cap) < 0 || map_put(&m->by_name, name, one) < 0) {
                        free(one);
                        return -ENOMEM;
                }
                memcpy(one->name, name.p, name.n);
                m->items[m->n++] = one;
        }
        *ret = one;
        return 0;
}

static int enqueue(struct maildir *m, struct message *one)
{
        if (one->is_waiting)
                return 0;
        if (m->queue_at == m->queue_n)
                m->queue_at = m->queue_n = 0;
        if (reserve(&m->queue, m->queue_n, &m->queue_cap) < 0)
                return -ENOMEM;
        m->queue[m->queue_n++] = one;
        one->is_waiting = true;
        return 0;
}

static int note_full(struct maildir *m)
{
        if (!m->has_full_note) {
                m->in->counters.n[COUNTER_REJECT_FILE]++;
                kind_note(m->in, -E2BIG, m->folder, "holds more than %d messages: what comes in now is not read; move old ones "
                          "away, or have notices sorted into a folder of their own", (int)INPUT_FILES_MAX);
        }
        m->has_full_note = true;
        return 0;
}

/* A file of this name lies in a folder of the Maildir. */
static int found_file(struct maildir *m, const char *folder, const char *name)
{
        struct strbuf file = STRBUF_INIT;
        struct message *one;
        int r = get_message(m, unique_name(name), &one);

        if (r < 0)
                return r == -E2BIG ? note_full(m) : r;
        strbuf_addf(&file, "%s/%s", folder, name);
        free(one->file);
        one->file = strbuf_take(&file);
        if (!one->file)
                return -ENOMEM;
        one->seen = m->looks;
        one->misses = 0;
        one->is_gone = false;
        if (m->is_first && m->from_end && !one->is_read)
                one->is_read = one->is_changed = true;
        return one->is_read ? 0 : enqueue(m, one);
}

/* ---- Looking ---- */

/* One folder: watched first, so that what comes later is told. -ENOENT and such: it is not there. */
static int look_into(struct maildir *m, size_t which)
{
        struct strbuf path = STRBUF_INIT;
        struct walk_names names = { 0 }; /* in order: they begin with the second of delivery */
        DIR *dir = NULL;
        int fd = -1, r = 0;

        strbuf_addf(&path, "%s/%s", m->folder, folders[which]);
        if (strbuf_failed(&path))
                r = -ENOMEM;
        if (r >= 0 && m->watch)
                m->ids[which] = watch_add(m->watch, path.p, true);
        if (r >= 0 && (fd = open(path.p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
                r = -errno;
        if (r >= 0)
                r = walk_names(fd, &names, &dir);
        for (size_t i = 0; i < names.n && r >= 0; i++)
                r = found_file(m, folders[which], names.items[i]);
        if (dir)
                closedir(dir);
        walk_names_done(&names);
        strbuf_done(&path);
        return r;
}

/* The folder is not there yet: it, or the one above, is watched for that. */
static void wait_for(struct maildir *m, int r)
{
        char *above = strdup(m->folder), *slash;

        if (!m->has_missing_note)
                kind_note(m->in, r, m->folder, "has no new/ and cur/ that can be read (%s): waiting for a Maildir", strerror(-r));
        m->has_missing_note = true;
        while (m->watch && above && watch_add(m->watch, above, false) < 0 && (slash = strrchr(above, '/')) && slash != above)
                *slash = '\0';
        free(above);
}

static void count_missing(struct maildir *m)
{
        bool is_once_more = false;

        for (size_t i = 0; i < m->n; i++) {
                struct message *one = m->items[i];

                if (one->seen == m->looks || one->is_gone || one->is_waiting)
                        continue;
                if (++one->misses < MISSES_MAX)
                        is_once_more = true;
                else
                        one->is_gone = m->has_gone = true;
        }
        m->needs_look = is_once_more;
}

static int look(struct maildir *m)
{
        int r = 0;

        do {
                m->needs_look = false;
                m->looks++;
                for (size_t i = 0; i < N_FOLDERS && r >= 0; i++)
                        r = look_into(m, i);
                if (r < 0)
                        break;
                m->has_missing_note = false;
                count_missing(m);
        } while (m->needs_look);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                wait_for(m, r); /* not mounted, perhaps: nothing is forgotten */
                return 0;
        }
        m->tells_start |= m->is_first;
        m->is_first = false;
        return 0;
}

static void on_event(void *userdata, int id, const char *name, unsigned what)
{
        struct maildir *m = userdata;
        struct stat st;
        int dir;

        for (size_t i = 0; i < N_FOLDERS && !m->needs_look; i++) {
                struct strbuf path = STRBUF_INIT;

                if (id < 0 || m->ids[i] != id || what & (WATCH_FOLDER | WATCH_LOST))
                        continue;
                if (name[0] == '.' || name[0] == '\0' || !(what & WATCH_NAME || what & WATCH_CLOSED))
                        return;
                strbuf_addf(&path, "%s/%s", m->folder, folders[i]);
                dir = strbuf_failed(&path) ? -1 : open(path.p, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
                        struct message *one = map_get(&m->by_name, unique_name(name));

                        /* Moved on, as the next events will say, or taken away. */
                        if (one && one->file && strncmp(one->file, folders[i], 3) == 0 && strcmp(one->file + 4, name) == 0)
                                one->misses = 1;
                        m->has_gone = true;
                } else if (found_file(m, folders[i], name) < 0) {
                        m->needs_look = true;
                }
                if (dir >= 0)
                        close(dir);
                strbuf_done(&path);
                return;
        }
        m->needs_look = true;
}

/* Messages whose names vanished and did not come up elsewhere are looked for. */
static void check_vanished(struct maildir *m)
{
        for (size_t i = 0; i < m->n && !m->needs_look; i++)
                m->needs_look = m->items[i]->misses > 0 && !m->items[i]->is_gone;
}

int maildir_process(struct input *in)
{
        struct maildir *m = in->state;

        if (!m->watch || watch_read(m->watch, on_event, m) < 0)
                m->needs_look = true;
        if (m->has_gone)
                check_vanished(m);
        return m->needs_look ? look(m) : 0;
}

int maildir_fd(struct input *in)
{
        return watch_fd(((struct maildir *)in->state)->watch);
}

/* ---- Reading ---- */

static void complain(struct maildir *m, struct message *one, int r)
{
        struct strbuf path = STRBUF_INIT;

        if (one->noted != r) {
                strbuf_addf(&path, "%s/%s", m->folder, one->file);
                m->in->counters.n[COUNTER_REJECT_FILE]++;
                kind_note(m->in, r, strbuf_failed(&path) ? m->folder : path.p, "%s, skipping it", kind_trouble(r));
                strbuf_done(&path);
        }
        one->noted = r;
}

/* One file to one raw. 0; -ENOENT: it was moved meanwhile; other negative: not to be read. */
static int read_message(struct maildir *m, struct message *one, struct taking *t)
{
        CLEANUP(reader_freep) struct reader *rd = NULL;
        struct stat st;
        int fd = kind_open_below(m->folder, one->file, &st), r;

        if (fd < 0)
                return fd;
        r = reader_open(fd, &rd);
        if (r < 0)
                return r;
        reader_set_mail(rd, FRAME_MAIL);
        rd->origin = m->origin;
        rd->reference = place_mtime(&st) / 1000;
        rd->is_stream = true; /* what lies behind the first MAIL_BYTES_MAX is not read at all */
        r = reader_read(rd, m->in, t, true);
        return r > 0 ? 0 : r;
}

int maildir_read(struct input *in, struct taking *t)
{
        struct maildir *m = in->state;
        int r = m->needs_look ? look(m) : 0;

        while (r >= 0 && m->queue_at < m->queue_n) {
                struct message *one = m->queue[m->queue_at];

                if (taking_is_full(t))
                        return 1;
                r = read_message(m, one, t);
                if (r == -ENOMEM)
                        return r;
                m->queue_at++;
                one->is_waiting = false;
                if (r == -ENOENT)
                        m->needs_look = true; /* found again under its new name, in the next turn */
                else if (r < 0)
                        complain(m, one, r);
                else
                        one->is_read = one->is_changed = true;
                r = 0;
        }
        return r < 0 ? r : m->needs_look;
}

/* ---- Positions ---- */

int maildir_restore(struct input *in, struct str position, struct str blob)
{
        struct maildir *m = in->state;
        struct message *one;
        int r;

        if (!position_get(blob, "v").p)
                return -EBADMSG;
        if (str_eqz(position, "started")) {
                m->is_first = false;
                return 0;
        }
        if (!str_starts(position, STR("maildir/")))
                return -ENOENT;
        r = get_message(m, str_from(position.p + 8, position.n - 8), &one);
        if (r < 0)
                return r == -E2BIG ? -ENOENT : r;
        one->is_read = true;
        return 0;
}

/* Drops what is gone, when the store knows. */
static void forget(struct maildir *m)
{
        size_t kept = 0;

        for (size_t i = 0; i < m->n; i++) {
                struct message *one = m->items[i];

                if (!one->is_gone || one->is_waiting) {
                        m->items[kept++] = one;
                        continue;
                }
                (void)map_remove(&m->by_name, str_of(one->name));
                message_free(one);
        }
        m->n = kept;
        m->has_gone = false;
        m->has_full_note &= kept >= INPUT_FILES_MAX;
}

int maildir_positions(struct input *in, input_position_fn *fn, void *userdata)
{
        struct maildir *m = in->state;
        int r = 0;

        if (m->tells_start)
                r = kind_position(in, "", "started", STR("v=1"), fn, userdata);
        m->tells_start &= r < 0;
        for (size_t i = 0; i < m->n && r >= 0; i++) {
                struct message *one = m->items[i];

                if (one->is_gone && one->is_read)
                        r = kind_position(in, "maildir/", one->name, STR(""), fn, userdata);
                else if (one->is_changed)
                        r = kind_position(in, "maildir/", one->name, STR("v=1"), fn, userdata);
                one->is_changed &= r < 0;
        }
        if (r >= 0 && m->has_gone)
                forget(m);
        return r < 0 ? r : 0;
}
