/* SPDX-License-Identifier: Apache-2.0 */

/* Following one log. All that is known is the place: which file, known by its bytes, and how far. Everything else is found
 * anew from the folder, so that a restart and a rotation are the same thing:
 *
 *     the place is in …          then read …
 *     the path itself            on from there, as it grows
 *     a sibling                  its rest, then the siblings after it, then the path
 *     nothing any more           a gap: the siblings written later, then the path
 *
 * The place moves to a file when the first raw of that file is handed out, so a stored place never runs ahead. Until then
 * the file being read is only a guess: another rotation may have put a file in between. So after each read, before the
 * bytes are believed, the guess is checked against the folder, and a file that holds the place is checked for still
 * holding it (copytruncate). What fails the check is thrown away and looked for again.
 *
 * A renamed file is read on through its open descriptor, for its writer has it open too, until the path names another
 * file with something in it. Only then is half a line at its end a whole one. */

#include "monitor/input/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/input/rotate.h"

enum {
        TRIES_MAX = 64, /* files looked into in one go without a raw; then others have their turn */
        LINE_SEARCH_BYTES = 64 * 1024, /* how far back from the end of a file its last newline is looked for */
};

struct follow *follow_new(struct input *in, const char *path)
{
        struct follow *f = calloc(1, sizeof *f);
        const char *slash;

        if (!f)
                return NULL;
        f->path = strdup(path);
        if (!f->path)
                return follow_free(f);
        slash = strrchr(f->path, '/');
        f->base = slash ? slash + 1 : f->path;
        f->in = in;
        f->folder = -1;
        f->is_dirty = true;
        return f;
}

struct follow *follow_free(struct follow *f)
{
        if (!f)
                return NULL;
        reader_free(f->reader);
        free(f->path);
        free(f);
        return NULL;
}

void follow_rest(struct follow *f)
{
        f->reader = reader_free(f->reader);
        f->is_placed = f->is_final = f->is_main = false;
}

static void complain(struct follow *f, const char *path, int code)
{
        if (f->noted == code)
                return;
        f->noted = code;
        f->in->counters.n[COUNTER_REJECT_FILE]++;
        kind_note(f->in, code, path, "cannot be read: %s, going on without it", kind_trouble(code));
}

/* ---- Choosing the file ---- */

struct choice {
        size_t sibling; /* to be read from its beginning; SIZE_MAX: the path itself */
        struct located found; /* with a reader: to be read on from the place */
        bool is_gap;
};

static size_t later_than(const struct siblings *list, int64_t mtime)
{
        size_t i = rotate_next(list, 0);

        while (i < list->n && place_mtime(&list->items[i].st) < mtime)
                i = rotate_next(list, i + 1);
        return i;
}

/* Where the place says to go on. The caller frees found.reader. */
static int choose(const struct follow *f, const struct siblings *list, struct choice *ret)
{
        struct choice c = { .found.at = ROTATE_NOWHERE };
        size_t i = 0;
        int r = 0;

        if (!f->place.is_none)
                r = rotate_locate(f->path, list, &f->place, &c.found);
        if (r < 0)
                return r;
        if (f->place.is_none)
                i = rotate_next(list, 0);
        else if (c.found.at >= 0 && list->items[c.found.at].kind != SIBLING_FOREIGN)
                i = rotate_next(list, (size_t)c.found.at + 1);
        else
                i = later_than(list, f->place.mtime);
        c.is_gap = !f->place.is_none && c.found.at == ROTATE_NOWHERE;
        c.sibling = i < list->n ? i : SIZE_MAX;
        *ret = c;
        return 0;
}

static const char *choice_path(const struct follow *f, const struct siblings *list, const struct choice *c)
{
        if (c->found.reader)
                return c->found.at == ROTATE_MAIN ? f->path : list->items[c->found.at].path;
        return c->sibling == SIZE_MAX ? f->path : list->items[c->sibling].path;
}

/* ---- Checking what was read ---- */

static bool is_same_file(const struct stat *a, const struct stat *b)
{
        return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Would the file being read still be chosen? */
static int check_choice(struct follow *f, const struct stat *own)
{
        struct siblings list;
        struct choice c;
        struct stat st;
        int r = rotate_list(f->path, &list);

        if (r < 0)
                return r;
        r = choose(f, &list, &c);
        if (r >= 0) {
                if (lstat(choice_path(f, &list, &c), &st) < 0 || !is_same_file(&st, own))
                        r = -ESTALE;
                reader_free(c.found.reader);
        }
        rotate_list_done(&list);
        return r;
}

static int check_read(void *userdata)
{
        struct follow *f = userdata;
        struct stat st;

        if (fstat(bytes_fd(f->reader->bytes), &st) < 0)
                return -ESTALE;
        f->reader->reference = place_mtime(&st) / 1000;
        if (!f->is_placed) {
                int r = check_choice(f, &st);

                if (r < 0)
                        return r;
        }
        if (bytes_is_compressed(f->reader->bytes))
                return 0;
        if ((uint64_t)st.st_size < bytes_offset(f->reader->bytes))
                return -ESTALE;
        return !f->is_placed || rotate_holds(bytes_fd(f->reader->bytes), &f->place) ? 0 : -ESTALE;
}

/* A longer version of the same file was moved over it (rsync does that): it is no other file. */
static bool is_new_version(const struct follow *f)
{
        struct stat st, own;
        bool answer;
        int fd;

        if (!f->is_placed || f->place.head.n == 0 || bytes_is_compressed(f->reader->bytes) ||
            fstat(bytes_fd(f->reader->bytes), &own) < 0 || own.st_nlink > 0)
                return false;
        fd = kind_open_file(f->path, false, &st);
        if (fd < 0)
                return false;
        answer = (uint64_t)st.st_size >= f->place.offset && rotate_holds(fd, &f->place);
        close(fd);
        return answer;
}

/* Has the file being read been replaced by one that is in use? */
static bool is_replaced(struct follow *f)
{
        struct siblings list;
        struct stat st, own;
        bool answer = false;

        if (fstat(bytes_fd(f->reader->bytes), &own) < 0)
                return true;
        if (lstat(f->path, &st) == 0 && S_ISREG(st.st_mode)) {
                if (is_same_file(&st, &own))
                        return false;
                if (st.st_size > 0)
                        return true;
        }
        if (rotate_list(f->path, &list) < 0)
                return false;
        for (size_t i = 0; i < list.n && !answer; i++)
                answer = is_same_file(&list.items[i].st, &own) && rotate_next(&list, i + 1) < list.n;
        rotate_list_done(&list);
        return answer;
}

/* ---- Mail ---- */

/* Whoever delivers to an mbox holds a lock while it writes: fcntl()'s or a file beside it (RFC 4155, 5). Read locks hold
 * nobody up. What was appended before the lock was given back, but behind what was read, shows in the size, which is asked
 * last. */
static bool is_settled(void *userdata)
{
        const struct follow *f = userdata;
        struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
        struct strbuf beside = STRBUF_INIT;
        struct stat st;
        int fd = bytes_fd(f->reader->bytes);
        bool answer;

        strbuf_addf(&beside, "%s.lock", f->path);
        answer = !strbuf_failed(&beside) && lstat(beside.p, &st) < 0 && errno == ENOENT;
        strbuf_done(&beside);
        if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
                answer = false;
        return answer && fstat(fd, &st) == 0 && (uint64_t)st.st_size == bytes_offset(f->reader->bytes);
}

/* ---- Opening ---- */

static int use_reader(struct follow *f, struct reader *rd, const char *path, bool is_placed)
{
        struct stat st;

        rd->check = check_read;
        rd->is_settled = is_settled;
        rd->userdata = f;
        rd->origin = kind_origin(f->in, path);
        if (!rd->origin) {
                reader_free(rd);
                return -ENOMEM;
        }
        if (is_placed) {
                rd->origin->records = f->place_origin ? f->place_origin->records : f->place.records;
                f->place_origin = rd->origin;
        } else {
                struct frame_table table = f->place.table;

                rd->repeat = f->place.repeat; /* the log goes on, whatever its files are called */
                table.row = 0;
                if (table.delimiter) /* and so do its rows, when nothing new stands above them */
                        framer_set_table(rd->framer, &table);
        }
        if (fstat(bytes_fd(rd->bytes), &st) == 0)
                rd->reference = place_mtime(&st) / 1000;
        f->reader = rd;
        f->is_main = path == f->path;
        f->is_placed = is_placed;
        f->is_final = false;
        return 1;
}

/* Opens a file at its beginning. 1, 0: nothing to read there now, negative: not readable. */
static int open_fresh(struct follow *f, const char *path)
{
        struct reader *rd = NULL;
        struct stat st;
        int fd = kind_open_file(path, false, &st), r;

        if (fd == -ENOENT)
                return 0;
        if (fd < 0)
                return fd;
        if (st.st_size == 0) {
                close(fd);
                return 0;
        }
        r = reader_open(fd, &rd);
        if (r < 0)
                return r;
        if (path == f->path && bytes_is_compressed(rd->bytes)) {
                reader_free(rd);
                return -EMEDIUMTYPE;
        }
        reader_set_growing(rd);
        if (f->in->is_mbox)
                reader_set_mail(rd, FRAME_MBOX);
        return use_reader(f, rd, path, false);
}

static void anchor_at(struct follow *f, const struct sibling *s)
{
        struct repeat repeat = f->place.repeat;
        struct frame_table table = f->place.table;

        if (s)
                rotate_anchor(s, &f->place);
        else
                f->place = (struct place){ .is_none = true };
        f->place.repeat = repeat;
        f->place.table = table;
        f->place_origin = NULL;
        f->has_place = f->is_changed = true;
}

/* The place becomes one before siblings[i], so that what comes from there on is new. */
static void place_before(struct follow *f, const struct siblings *list, size_t i)
{
        while (i > 0 && list->items[i - 1].kind == SIBLING_FOREIGN)
                i--;
        anchor_at(f, i > 0 ? &list->items[i - 1] : NULL);
}

/* The place could not be found again: says so, and begins with what was written since. */
static void cross_gap(struct follow *f, const struct siblings *list, const struct choice *c)
{
        if (!f->is_drained) {
                f->in->counters.n[COUNTER_FILE_GAP]++;
                kind_note(f->in, -ESTALE, f->path,
                          "was cut or replaced, and what was there is not among its rotated files: records behind byte "
                          "%" PRIu64 " of it may be lost, going on from the beginning of what is there",
                          f->place.offset);
        }
        place_before(f, list, c->sibling == SIZE_MAX ? list->n : c->sibling);
        f->is_drained = false;
}

/* A sibling that cannot be opened is passed over. */
static void pass_over(struct follow *f, const struct sibling *s, int code)
{
        f->in->counters.n[COUNTER_REJECT_FILE]++;
        kind_note(f->in, code, s->path, "cannot be read: %s, its records are lost", kind_trouble(code));
        anchor_at(f, s);
}

static int open_choice(struct follow *f, const struct siblings *list, struct choice *c)
{
        const char *path = choice_path(f, list, c);
        struct stat st;
        int r;

        if (c->found.reader) {
                bool is_main = c->found.at == ROTATE_MAIN;

                return use_reader(f, TAKE(c->found.reader), is_main ? f->path : path, true);
        }
        if (c->is_gap) {
                if (c->sibling == SIZE_MAX && lstat(f->path, &st) < 0)
                        return 0; /* between two steps of a rotation, perhaps */
                cross_gap(f, list, c);
        }
        r = open_fresh(f, path);
        if (r >= 0) {
                f->noted = r > 0 ? 0 : f->noted;
                return r > 0 ? 1 : c->sibling == SIZE_MAX ? 0 : -EAGAIN;
        }
        if (r == -ENOMEM)
                return r;
        if (c->sibling == SIZE_MAX) {
                complain(f, path, r);
                return 0;
        }
        pass_over(f, &list->items[c->sibling], r);
        return -EAGAIN;
}

/* ---- The first look ---- */

/* Behind the last whole line of an open file. */
static uint64_t end_of_lines(int fd, uint64_t size)
{
        size_t n = (size_t)(size < LINE_SEARCH_BYTES ? size : LINE_SEARCH_BYTES);
        char *buf = malloc(n);
        ssize_t got = buf ? pread(fd, buf, n, (off_t)(size - n)) : 0;
        uint64_t end = size;

        for (ssize_t i = got; i > 0; i--)
                if (buf[i - 1] == '\n') {
                        end = size - n + (uint64_t)i;
                        break;
                }
        if (end == size && got > 0 && buf[got - 1] != '\n' && size == n)
                end = 0; /* nothing but the beginning of a first line */
        free(buf);
        return end;
}

/* Whether it begins as a table, whose rows count from there. */
static void find_table(struct follow *f, int fd)
{
        char *buf = malloc(CSV_HEADER_BYTES_MAX);
        ssize_t got = buf ? pread(fd, buf, CSV_HEADER_BYTES_MAX, 0) : 0;
        struct str rest = str_from(buf, got > 0 ? (size_t)got : 0), line;

        if (str_starts(rest, STR("\xef\xbb\xbf")))
                rest = str_from(rest.p + 3, rest.n - 3);
        if (rest.n > 0 && str_cut(&rest, '\n', &line) && rest.p) {
                if (line.n > 0 && line.p[line.n - 1] == '\r')
                        line.n--;
                if (kind_test_table(f->in, line, &f->place.table)) {
                        f->place.table.row = FRAME_ROW_UNKNOWN;
                        f->place.mode = FRAME_CSV;
                }
        }
        free(buf);
}

static struct sample sample_at(int fd, uint64_t offset, uint64_t n)
{
        char buf[INPUT_FINGERPRINT_BYTES];
        ssize_t got = pread(fd, buf, (size_t)n, (off_t)offset);

        return got == (ssize_t)n && n > 0 ? sample_of(offset, str_from(buf, (size_t)n)) : (struct sample){ 0 };
}

/* The place at the end of the path's file. 1, or 0 when there is nothing in it. */
static int place_at_end(struct follow *f)
{
        struct stat st;
        int fd = kind_open_file(f->path, false, &st);
        uint64_t n;

        if (fd < 0)
                return 0;
        f->place = (struct place){ .offset = end_of_lines(fd, (uint64_t)st.st_size) };
        place_set_file(&f->place, &st);
        n = size_min((size_t)f->place.offset, INPUT_FINGERPRINT_BYTES);
        f->place.head = sample_at(fd, 0, n);
        f->place.mark = sample_at(fd, f->place.offset - n, n);
        if (f->in->is_mbox)
                f->place.mode = FRAME_MBOX;
        else if (n > 0)
                find_table(f, fd);
        close(fd);
        f->has_place = f->is_changed = n > 0;
        return f->has_place;
}

static void begin(struct follow *f, const struct siblings *list)
{
        if (f->from_end && place_at_end(f))
                return;
        place_before(f, list, f->wants_history ? 0 : list->n);
}

/* Finds and opens the file to read. 1, 0: nothing to read now, -EAGAIN: look again, -ENOMEM. */
static int go_on(struct follow *f)
{
        struct siblings list;
        struct choice c;
        int r = rotate_list(f->path, &list);

        if (r < 0)
                return r;
        if (!f->has_place)
                begin(f, &list);
        r = choose(f, &list, &c);
        if (r >= 0) {
                r = open_choice(f, &list, &c);
                reader_free(c.found.reader);
        }
        rotate_list_done(&list);
        return r;
}

/* ---- Reading ---- */

static void update_place(struct follow *f)
{
        struct stat st;

        f->place = (struct place){ 0 };
        reader_place(f->reader, &f->place);
        if (fstat(bytes_fd(f->reader->bytes), &st) == 0)
                place_set_file(&f->place, &st);
        f->place_origin = f->reader->origin;
        f->has_place = f->is_changed = f->is_placed = true;
        f->is_drained = false;
}

/* The file is read to its end and will not grow. */
static void finish(struct follow *f)
{
        update_place(f);
        f->place.is_done = f->is_drained = true;
        follow_rest(f);
}

static int fail_read(struct follow *f, int r)
{
        if (r == -ENOMEM)
                return r;
        if (f->is_main) {
                complain(f, f->path, r);
                follow_rest(f);
                return 0;
        }
        f->in->counters.n[COUNTER_REJECT_FILE]++;
        kind_note(f->in, r, f->reader->origin->path, "%s, read as far as possible", kind_trouble(r));
        finish(f);
        return -EAGAIN;
}

/* One turn: 1 full, 0 nothing more now, -EAGAIN go on, -ENOMEM. */
static int read_turn(struct follow *f, struct taking *t)
{
        uint64_t before;
        int r;

        if (!f->reader) {
                r = go_on(f);
                return r > 0 ? -EAGAIN : r;
        }
        before = framer_position(f->reader->framer);
        r = reader_read(f->reader, f->in, t, f->is_final);
        if (framer_position(f->reader->framer) != before)
                update_place(f);
        if (r == -ESTALE) {
                follow_rest(f);
                return -EAGAIN;
        }
        if (r != 0)
                return r > 0 ? r : fail_read(f, r);
        if (f->is_final) {
                finish(f);
                return -EAGAIN;
        }
        if (is_new_version(f)) {
                follow_rest(f);
                return -EAGAIN;
        }
        f->is_final = is_replaced(f);
        return f->is_final ? -EAGAIN : 0;
}

int follow_read(struct follow *f, struct taking *t)
{
        for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
                size_t before = t->raws->n;
                int r = read_turn(f, t);

                if (r != -EAGAIN)
                        return r;
                if (t->raws->n > before)
                        tries = 0;
        }
        return 1;
}
