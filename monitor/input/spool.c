/* SPDX-License-Identifier: Apache-2.0 */

/* The spool: every file below a folder is read once, when it is closed after writing, moved in, or found there at the
 * start. What was read is known by size and time of writing; a file that differs (a truncated upload that was repeated) is
 * read again from its beginning.
 *
 * Positions: "spool/NAME" for each file that lies there, with done=1 when it has been read; of the one being read, how far
 * (in decompressed bytes). A file that is taken away is forgotten. Hidden files and those named like unfinished transfers
 * (.tmp .part …) are left alone until they are renamed. */

#include "monitor/input/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "monitor/base/map.h"
#include "monitor/input/list.h"
#include "monitor/input/reader.h"
#include "monitor/input/walk.h"
#include "monitor/input/watch.h"

struct spooled {
        char *path;
        const char *name; /* in path: relative to the folder */
        struct place place;
        struct origin *origin; /* counts its records in this run */
        bool has_place, is_changed, is_gone;
        bool is_waiting; /* in the queue */
        bool is_touched; /* something happened to it while it was being read */
        unsigned seen; /* number of the last scan that found it */
        int noted; /* the trouble that was noted last */
};

struct spool {
        struct input *in;
        char *folder;
        size_t folder_n;
        struct spooled **items;
        size_t n, cap;
        struct map by_name;
        struct spooled **queue; /* [queue_at, queue_n) wait to be read, in this order */
        size_t queue_at, queue_n, queue_cap;
        struct reader *reader; /* of queue[queue_at] */
        struct stat st; /* of that file when it was opened */
        struct watch *watch; /* NULL: the folder is walked whenever process() is called */
        char **folders; /* by watch id */
        size_t folders_cap;
        unsigned scans;
        bool needs_scan, has_full_note, has_watch_note, has_missing_note;
};

int spool_open(struct input *in, const char *dir, struct err *reterr)
{
        struct spool *s = calloc(1, sizeof *s);
        int r;

        in->state = s;
        if (!s)
                return err_set(reterr, -ENOMEM, "out of memory");
        s->in = in;
        s->folder_n = strlen(dir);
        while (s->folder_n > 1 && dir[s->folder_n - 1] == '/')
                s->folder_n--;
        s->folder = str_dupz(str_from(dir, s->folder_n));
        s->needs_scan = true;
        if (!s->folder)
                return err_set(reterr, -ENOMEM, "out of memory");
        if (s->folder_n == 0)
                return err_set(reterr, -EINVAL, "an empty path");
        r = watch_open(&s->watch);
        if (r < 0)
                kind_note(in, r, dir, "cannot be watched: %s, new files are seen late", kind_trouble(r));
        return 0;
}

void spool_close(void *state)
{
        struct spool *s = state;

        if (!s)
                return;
        for (size_t i = 0; i < s->n; i++) {
                free(s->items[i]->path);
                free(s->items[i]);
        }
        for (size_t i = 0; i < s->folders_cap; i++)
                free(s->folders[i]);
        reader_free(s->reader);
        watch_free(s->watch);
        map_done(&s->by_name);
        free(s->folders);
        free(s->items);
        free(s->queue);
        free(s->folder);
        free(s);
}

/* ---- Items ---- */

static bool is_wanted(const char *name)
{
        static const char *const endings[] = { ".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~" };

        if (name[0] == '.' || name[0] == '\0')
                return false;
        for (size_t i = 0; i < ARRAY_LEN(endings); i++)
                if (str_ends(str_of(name), str_of(endings[i])))
                        return false;
        return true;
}

/* Room for one more pointer at the end of an array. */
static int reserve(struct spooled ***items, size_t n, size_t *cap)
{
        struct spooled **more;

        if (n < *cap)
                return 0;
        more = reallocarray(*items, *cap ? *cap * 2 : 16, sizeof **items);
        if (!more)
                return -ENOMEM;
        *items = more;
        *cap = *cap ? *cap * 2 : 16;
        return 0;
}

static struct spooled *new_item(const struct spool *s, const char *name)
{
        struct spooled *item = calloc(1, sizeof *item);
        struct strbuf path = STRBUF_INIT;
        bool is_root = str_eqz(str_from(s->folder, s->folder_n), "/");

        if (!item)
                return NULL;
        strbuf_addf(&path, "%s%s%s", s->folder, is_root ? "" : "/", name);
        item->path = strbuf_take(&path);
        if (!item->path) {
                free(item);
                return NULL;
        }
        item->name = item->path + s->folder_n + (is_root ? 0 : 1);
        return item;
}

/* The item of this name, made when it is new. 0, -E2BIG: too many, -ENOMEM. */
static int get_item(struct spool *s, const char *name, struct spooled **ret)
{
        struct spooled *item = map_get(&s->by_name, str_of(name));

        if (!item) {
                if (s->n >= INPUT_FILES_MAX)
                        return -E2BIG;
                if (reserve(&s->items, s->n, &s->cap) < 0 || !(item = new_item(s, name)))
                        return -ENOMEM;
                s->items[s->n++] = item;
                if (map_put(&s->by_name, str_of(item->name), item) < 0)
                        return -ENOMEM;
        }
        *ret = item;
        return 0;
}

static bool is_read(const struct spooled *item, const struct stat *st)
{
        return item->has_place && item->place.is_done && item->place.size == (uint64_t)st->st_size &&
               item->place.mtime == place_mtime(st);
}

static int enqueue(struct spool *s, struct spooled *item)
{
        if (item->is_waiting) {
                item->is_touched = true;
                return 0;
        }
        if (s->queue_at == s->queue_n)
                s->queue_at = s->queue_n = 0;
        if (reserve(&s->queue, s->queue_n, &s->queue_cap) < 0)
                return -ENOMEM;
        s->queue[s->queue_n++] = item;
        item->is_waiting = true;
        return 0;
}

/* A regular file of this name lies there. */
static int found_file(struct spool *s, const char *name, const struct stat *st)
{
        struct spooled *item;
        int r = get_item(s, name, &item);

        if (r == -E2BIG) {
                if (!s->has_full_note) {
                        s->in->counters.n[COUNTER_REJECT_FILE]++;
                        kind_note(s->in, r, s->folder, "holds more than %d files: what comes in now is not read, move "
                                  "read files away", (int)INPUT_FILES_MAX);
                }
                s->has_full_note = true;
                return 0;
        }
        if (r < 0)
                return r;
        item->seen = s->scans;
        item->is_gone = false;
        return is_read(item, st) ? 0 : enqueue(s, item);
}

static void forget(struct spooled *item)
{
        item->is_gone = true;
        item->is_changed |= item->has_place;
        item->has_place = false;
        item->noted = 0;
}

/* ---- Looking ---- */

static int on_file(void *userdata, const char *path, const struct stat *st)
{
        struct spool *s = userdata;
        const char *name = path + s->folder_n;

        while (*name == '/')
                name++;
        return found_file(s, name, st);
}

static int remember_folder(struct spool *s, int id, const char *path)
{
        size_t i = (size_t)id;

        if (i >= s->folders_cap) {
                size_t cap = size_max(i + 1, s->folders_cap * 2);
                char **folders = reallocarray(s->folders, cap, sizeof *folders);

                if (!folders)
                        return -ENOMEM;
                memset(folders + s->folders_cap, 0, (cap - s->folders_cap) * sizeof *folders);
                s->folders = folders;
                s->folders_cap = cap;
        }
        free(s->folders[i]);
        s->folders[i] = strdup(path);
        return s->folders[i] ? 0 : -ENOMEM;
}

static int on_folder(void *userdata, const char *path, const struct stat *st)
{
        struct spool *s = userdata;
        int id;

        (void)st;
        if (!s->watch)
                return 0;
        id = watch_add(s->watch, path, strlen(path) > s->folder_n);
        if (id >= 0)
                return remember_folder(s, id, path);
        if (!s->has_watch_note)
                kind_note(s->in, id, path, "cannot be watched: %s, new files there are seen late",
                          id == -ENOSPC ? "the limit fs.inotify.max_user_watches is reached" : kind_trouble(id));
        s->has_watch_note = true;
        return 0;
}

/* The folder itself is not there yet: the one above is watched for it. */
static void watch_above(struct spool *s)
{
        char *above = strdup(s->folder), *slash;

        while (above && (slash = strrchr(above, '/'))) {
                slash[slash == above] = '\0';
                if (watch_add(s->watch, above, false) >= 0 || slash == above)
                        break;
        }
        free(above);
}

static int scan(struct spool *s)
{
        struct walk w = { .in = s->in, .wants = is_wanted, .on_file = on_file, .on_folder = on_folder, .userdata = s };
        struct stat st;
        int r;

        s->needs_scan = false;
        s->scans++;
        if (stat(s->folder, &st) < 0) {
                if (!s->has_missing_note)
                        kind_note(s->in, -errno, s->folder, "is not there (%s), waiting for it", strerror(errno));
                s->has_missing_note = true;
                if (s->watch)
                        watch_above(s);
                return 0; /* not mounted, perhaps: nothing is forgotten */
        }
        s->has_missing_note = false;
        r = walk_folder(&w, s->folder);
        for (size_t i = 0; i < s->n && r >= 0 && !w.is_partial; i++)
                if (s->items[i]->seen != s->scans && !s->items[i]->is_gone)
                        forget(s->items[i]);
        return r;
}

/* What has happened to folder/name? */
static void look_at(struct spool *s, const char *folder, const char *name, unsigned what)
{
        struct strbuf path = STRBUF_INIT;
        struct stat st;
        const char *below;

        strbuf_addf(&path, "%s/%s", folder, name);
        if (strbuf_failed(&path) || path.n <= s->folder_n) {
                s->needs_scan = true;
        } else {
                below = path.p + s->folder_n;
                while (*below == '/')
                        below++;
                if (lstat(path.p, &st) < 0) {
                        struct spooled *item = map_get(&s->by_name, str_of(below));

                        if (item && !item->is_gone)
                                forget(item);
                } else if (S_ISREG(st.st_mode) && (what & WATCH_CLOSED || st.st_nlink > 1)) {
                        if (found_file(s, below, &st) < 0)
                                s->needs_scan = true;
                }
        }
        strbuf_done(&path);
}

static void on_event(void *userdata, int id, const char *name, unsigned what)
{
        struct spool *s = userdata;
        const char *folder = id >= 0 && (size_t)id < s->folders_cap ? s->folders[id] : NULL;

        if (what & (WATCH_FOLDER | WATCH_LOST) || (!folder && what & WATCH_NAME))
                s->needs_scan = true;
        else if (folder && is_wanted(name) && what & (WATCH_NAME | WATCH_CLOSED))
                look_at(s, folder, name, what);
}

int spool_process(struct input *in)
{
        struct spool *s = in->state;

        if (!s->watch || watch_read(s->watch, on_event, s) < 0)
                s->needs_scan = true;
        return s->needs_scan ? scan(s) : 0;
}

int spool_fd(struct input *in)
{
        return watch_fd(((struct spool *)in->state)->watch);
}

/* ---- Reading ---- */

/* A file whose reading was interrupted goes on, when it is still the same. */
static int open_resumed(struct spool *s, struct spooled *item, struct reader **ret)
{
        CLEANUP(reader_freep) struct reader *rd = NULL;
        int fd = kind_open_below(s->folder, item->name, &s->st), r;

        if (fd < 0)
                return fd;
        r = reader_open(fd, &rd);
        if (r < 0)
                return r;
        if (item->has_place && !item->place.is_done) {
                r = item->place.size == (uint64_t)s->st.st_size && item->place.mtime == place_mtime(&s->st) ? 0 : -ESTALE;
                if (r == 0)
                        r = reader_resume(rd, &item->place, false);
                if (r < 0)
                        return r;
        }
        *ret = TAKE(rd);
        return 0;
}

static int open_item(struct spool *s, struct spooled *item)
{
        int r = open_resumed(s, item, &s->reader);

        if (r == -ESTALE || (r >= 0 && item->has_place && item->place.is_done)) {
                item->place = (struct place){ 0 };
                item->has_place = false;
                item->origin = NULL;
                if (r < 0)
                        r = open_resumed(s, item, &s->reader);
        }
        if (r < 0)
                return r;
        s->reader->origin = kind_origin(s->in, item->path);
        if (!s->reader->origin)
                return -ENOMEM;
        if (item->has_place)
                s->reader->origin->records = item->origin ? item->origin->records : item->place.records;
        item->origin = s->reader->origin;
        s->reader->reference = place_mtime(&s->st) / 1000;
        item->noted = 0;
        return 0;
}

static void update_place(struct spool *s, struct spooled *item, bool is_done)
{
        item->place = (struct place){ .is_done = is_done };
        reader_place(s->reader, &item->place);
        place_set_file(&item->place, &s->st);
        if (is_done) { /* size and time tell it again; the rest would only fill the store */
                item->place.head.n = item->place.mark.n = item->place.repeat.n = 0;
                item->place.table = (struct frame_table){ 0 };
        }
        item->has_place = item->is_changed = true;
}

static void complain(struct spool *s, struct spooled *item, int r)
{
        if (r == -ENOENT || item->noted == r)
                return;
        item->noted = r;
        s->in->counters.n[COUNTER_REJECT_FILE]++;
        kind_note(s->in, r, item->path, "%s, %s", kind_trouble(r),
                  s->reader ? "read as far as possible; it will be read again when it changes" : "skipping it");
}

/* The file at the head of the queue is dealt with. */
static int finish_item(struct spool *s, int error)
{
        struct spooled *item = s->queue[s->queue_at++];
        struct stat st;

        if (error < 0)
                complain(s, item, error);
        if (s->reader && !item->is_gone)
                update_place(s, item, true);
        s->reader = reader_free(s->reader);
        item->is_waiting = false;
        if (!item->is_touched)
                return 0;
        item->is_touched = false;
        return lstat(item->path, &st) == 0 && S_ISREG(st.st_mode) && !is_read(item, &st) ? enqueue(s, item) : 0;
}

int spool_read(struct input *in, struct taking *t)
{
        struct spool *s = in->state;
        int r = s->needs_scan ? scan(s) : 0;

        while (r >= 0 && s->queue_at < s->queue_n) {
                struct spooled *item = s->queue[s->queue_at];
                size_t before = t->raws->n;

                r = s->reader ? 0 : open_item(s, item);
                if (r >= 0)
                        r = list_take(in, s->reader, t, before, reader_read(s->reader, in, t, true), false);
                if (r == -ENOMEM)
                        return r;
                if (r > 0) {
                        if (t->raws->n > before && !item->is_gone)
                                update_place(s, item, false);
                        return 1;
                }
                r = finish_item(s, r);
        }
        return r < 0 ? r : 0;
}

/* ---- Positions ---- */

int spool_restore(struct input *in, struct str position, struct str blob)
{
        struct spool *s = in->state;
        struct spooled *item;
        struct place place;
        char *name;
        int r;

        if (!str_starts(position, STR("spool/")))
                return -ENOENT;
        r = kind_parse_place(in, blob, &place);
        if (r < 0)
                return r;
        name = str_dupz(str_from(position.p + 6, position.n - 6));
        r = name ? get_item(s, name, &item) : -ENOMEM;
        free(name);
        if (r < 0)
                return r == -E2BIG ? -ENOENT : r;
        item->place = place;
        item->has_place = true;
        return 0;
}

static int write_position(struct spool *s, struct spooled *item, input_position_fn *fn, void *userdata)
{
        struct strbuf blob = STRBUF_INIT;
        int r = -ENOMEM;

        if (item->origin)
                item->place.records = item->origin->records;
        if (item->has_place)
                place_write(&item->place, &blob);
        if (!strbuf_failed(&blob))
                r = kind_position(s->in, "spool/", item->name, strbuf_str(&blob), fn, userdata);
        strbuf_done(&blob);
        if (r >= 0)
                item->is_changed = false;
        return r;
}

int spool_positions(struct input *in, input_position_fn *fn, void *userdata)
{
        struct spool *s = in->state;
        int r = 0;

        for (size_t i = 0; i < s->n && r >= 0; i++)
                if (s->items[i]->is_changed)
                        r = write_position(s, s->items[i], fn, userdata);
        return r < 0 ? r : 0;
}
