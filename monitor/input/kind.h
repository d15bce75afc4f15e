/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_KIND_H
#define SHOPBELL_INPUT_KIND_H

/* What the kinds of input share; for this room only. A kind is a row in the table of input.c and a file that fills it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "monitor/base/arena.h"
#include "monitor/base/macros.h"
#include "monitor/input/frame.h"
#include "monitor/input/input.h"

/* A file that raws come from: what raw.file and raw.records point to. Lives until the input is closed. */
struct origin {
        struct origin *next;
        uint64_t records;
        char path[];
};

/* The header of a table, as its line was. Lives until the input is closed. */
struct header {
        struct header *next;
        size_t n;
        char text[];
};

/* One input_read() under way. */
struct taking {
        struct arena *arena;
        struct raws *raws;
        size_t bytes_left, raws_left;
};
static inline bool taking_is_full(const struct taking *t) { return t->bytes_left == 0 || t->raws_left == 0; }

/* The functions of a kind; `open` apart all find their state in in->state. NULL where the kind has nothing to say. */
struct kind {
        const char *name;
        int (*read)(struct input *in, struct taking *t); /* as input_read() */
        void (*close)(void *state); /* half-opened ones too; NULL is fine */
        int (*restore)(struct input *in, struct str position, struct str blob); /* name without "INPUT/" */
        int (*positions)(struct input *in, input_position_fn *fn, void *userdata);
        int (*fd)(struct input *in);
        int (*process)(struct input *in);
        bool (*progress)(const struct input *in, uint64_t *ret_done, uint64_t *ret_all);
};

struct input {
        const struct kind *kind;
        void *state;
        char *name, *source, *authserv;
        bool is_mbox; /* of a tail: its files are mboxes */
        input_note_fn *note;
        csv_test_fn *is_csv;
        void *csv_data;
        void *userdata;
        struct counters counters;
        struct origin *origins;
        struct header *headers;
        size_t headers_bytes;
        bool is_short_of_memory; /* a header was lost, and with it what its rows mean: reading has failed for good */
        struct list_door lists; /* all NULL: no file is a polled list */
        struct list_memory *lists_before;
        bool is_list_room_told; /* that there is no room for more of them */
};

/* Tells the owner; `path` may be NULL. Returns code. */
int kind_note(struct input *in, int code, const char *path, const char *fmt, ...) PRINTF_LIKE(4, 5);
struct origin *kind_origin(struct input *in, const char *path); /* a new one; NULL: out of memory */
enum { INPUT_HEADERS_BYTES_MAX = 4 * 1024 * 1024 }; /* of all different headers of one input */
/* The same text, as long-lived as the input. Equal texts are one. Absent: out of memory, or over that limit, of which the
 * owner is told once; rows below such a header are nobody's. */
struct str kind_header(struct input *in, struct str text);
/* Is this the first line of a table? */
bool kind_test_table(struct input *in, struct str line, struct frame_table *ret);
struct place;
/* place_parse(), and its table's header is made readable. 0, -EBADMSG, -ENOMEM. */
int kind_parse_place(struct input *in, struct str blob, struct place *ret);
/* Appends and counts; the bytes are the caller's business. 0 or -ENOMEM. */
int kind_take(struct input *in, struct taking *t, const struct raw *raw);
/* Calls fn for the position NAME/prefix rest. */
int kind_position(struct input *in, const char *prefix, const char *rest, struct str blob, input_position_fn *fn,
                  void *userdata);
/* Opens a regular file for reading, never a link, a FIFO or a device, and never waits. A descriptor, or -ELOOP (a link),
 * -EISDIR, -ENXIO (neither file nor folder), or what open() said. With `may_follow` a link is followed. */
int kind_open_file(const char *path, bool may_follow, struct stat *ret);
/* The same for a path below a folder: no part of it may be a link. Not atomic on kernels before 5.6. */
int kind_open_below(const char *folder, const char *path, struct stat *ret);
/* In words what opening and reading return: "is a link, …", else what strerror says. */
const char *kind_trouble(int code);

#endif
