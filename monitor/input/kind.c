/* SPDX-License-Identifier: Apache-2.0 */

/* Helpers of all kinds of input: notes, origins, raws, careful opening. */

#include "monitor/input/kind.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "monitor/input/position.h"

int kind_note(struct input *in, int code, const char *path, const char *fmt, ...)
{
        struct err err = { 0 };
        char text[ERR_TEXT_BYTES];
        va_list ap;

        if (!in->note)
                return code;
        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        err_at(&err, code, path, 0, 0, "%s", text);
        in->note(in->userdata, &err);
        return code;
}

struct origin *kind_origin(struct input *in, const char *path)
{
        size_t n = strlen(path) + 1;
        struct origin *o = malloc(sizeof *o + n);

        if (!o)
                return NULL;
        *o = (struct origin){ .next = in->origins };
        memcpy(o->path, path, n);
        in->origins = o;
        return o;
}

/* There are as many as the tables' makers change their columns. */
struct str kind_header(struct input *in, struct str text)
{
        struct header *h = in->headers;

        while (h && !str_eq(str_from(h->text, h->n), text))
                h = h->next;
        if (!h && in->headers_bytes > INPUT_HEADERS_BYTES_MAX)
                return STR_NONE;
        if (!h) {
                in->headers_bytes += sizeof *h + text.n;
                if (in->headers_bytes > INPUT_HEADERS_BYTES_MAX) {
                        kind_note(in, -E2BIG, NULL, "too many different headers of tables (over %d bytes): rows below further ones are not read",
                                  INPUT_HEADERS_BYTES_MAX);
                        return STR_NONE;
                }
                h = malloc(sizeof *h + text.n + RAW_PADDING);
                if (!h) {
                        in->is_short_of_memory = true;
                        return STR_NONE;
                }
                *h = (struct header){ .next = in->headers, .n = text.n };
                memcpy(h->text, text.p, text.n);
                memset(h->text + text.n, 0, RAW_PADDING);
                in->headers = h;
        }
        return str_from(h->text, h->n);
}

bool kind_test_table(struct input *in, struct str line, struct frame_table *ret)
{
        struct csv_shape shape;

        if (!in->is_csv || !in->is_csv(in->csv_data, in->source, line, &shape))
                return false;
        *ret = (struct frame_table){ .delimiter = shape.delimiter, .above = shape.above };
        if (shape.has_header)
                ret->header = kind_header(in, line);
        return ret->header.p || !shape.has_header;
}

int kind_parse_place(struct input *in, struct str blob, struct place *ret)
{
        struct strbuf header = STRBUF_INIT;
        struct place place;
        int r = place_parse(blob, &place);

        if (r >= 0 && place.table.header.p) {
                r = position_unescape(place.table.header, &header);
                if (r >= 0)
                        place.table.header = kind_header(in, strbuf_str(&header));
                if (r >= 0 && !place.table.header.p)
                        r = -ENOMEM;
        }
        strbuf_done(&header);
        if (r >= 0)
                *ret = place;
        return r;
}

int kind_take(struct input *in, struct taking *t, const struct raw *raw)
{
        struct raws *raws = t->raws;

        if (raws->n == raws->cap) {
                size_t cap = raws->cap ? raws->cap * 2 : 256;
                struct raw *items = reallocarray(raws->items, cap, sizeof *items);

                if (!items)
                        return -ENOMEM;
                raws->items = items;
                raws->cap = cap;
        }
        raws->items[raws->n++] = *raw;
        t->bytes_left -= size_min(t->bytes_left, raw->bytes.n + 1);
        t->raws_left -= t->raws_left > 0; /* what a polled list led to comes in one piece */
        in->counters.n[COUNTER_RAWS]++;
        return 0;
}

int kind_position(struct input *in, const char *prefix, const char *rest, struct str blob, input_position_fn *fn,
                  void *userdata)
{
        struct strbuf name = STRBUF_INIT;
        int r = -ENOMEM;

        strbuf_addf(&name, "%s/%s%s", in->name, prefix, rest);
        if (!strbuf_failed(&name))
                r = fn(userdata, strbuf_str(&name), blob);
        strbuf_done(&name);
        return r;
}

static int check_type(mode_t mode)
{
        if (S_ISREG(mode))
                return 0;
        return S_ISDIR(mode) ? -EISDIR : S_ISLNK(mode) ? -ELOOP : -ENXIO;
}

/* Kernels and sandboxes without openat2() give ENOSYS or EPERM; then only the last part is guarded. */
static int open_at(int folder, const char *path, int flags)
{
        struct open_how how = { .flags = (unsigned)flags, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
        int fd;

        if (folder == AT_FDCWD)
                return open(path, flags);
        fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
        return fd < 0 && (errno == ENOSYS || errno == EPERM) ? openat(folder, path, flags) : fd;
}

static int open_file(int folder, const char *path, bool may_follow, struct stat *ret)
{
        int fd, r;

        /* Looked at before it is opened: opening a device may already do something. */
        if (fstatat(folder, path, ret, may_follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        r = check_type(ret->st_mode);
        if (r < 0)
                return r;
        fd = open_at(folder, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (may_follow ? 0 : O_NOFOLLOW));
        if (fd < 0)
                return -errno;
        r = fstat(fd, ret) < 0 ? -errno : check_type(ret->st_mode);
        if (r < 0) {
                close(fd);
                return r;
        }
        return fd;
}

int kind_open_file(const char *path, bool may_follow, struct stat *ret)
{
        return open_file(AT_FDCWD, path, may_follow, ret);
}

int kind_open_below(const char *folder, const char *path, struct stat *ret)
{
        int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

        if (dir < 0)
                return -errno;
        r = open_file(dir, path, false, ret);
        close(dir);
        return r;
}

const char *kind_trouble(int code)
{
        switch (code) {
        case -ELOOP:
                return "is a link, and links are not followed here: name the file it leads to";
        case -EISDIR:
                return "is a folder, not a file";
        case -ENXIO:
                return "is no regular file";
        case -EMEDIUMTYPE:
                return "is compressed or UTF-16, and such a file cannot be followed: watch its folder as a spool";
        case -ENODATA:
                return "ends in the middle of its compressed data, or of a character";
        case -EBADMSG:
                return "holds damaged compressed data";
        default:
                return strerror(-code);
        }
}
