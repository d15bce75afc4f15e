/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_ARENA_H
#define SHOPBELL_BASE_ARENA_H

/* Memory that is given back as a whole. Everything of one batch (raws, records, hits) lives in the batch's arena and
 * dies with arena_reset(); nobody frees a single piece. Not thread-safe: one arena, one thread at a time. */

#include <stddef.h>

#include "monitor/base/macros.h"
#include "monitor/base/str.h"

struct arena;

enum { ARENA_ALIGN = 16, ARENA_BLOCK_BYTES = 64 * 1024, ARENA_SPARE_MAX = 256 /* blocks a reset keeps: 16 MiB */ };
enum { ARENA_SPARE_LARGE_MAX = 16, ARENA_SPARE_LARGE_BYTES_MAX = 1024 * 1024 }; /* and larger ones: 16 MiB more at most */

/* For tests: every block comes from `alloc`; NULL means malloc. */
struct arena_alloc {
        void *(*alloc)(size_t n, void *userdata);
        void (*release)(void *p, void *userdata);
        void *userdata;
};

struct arena *arena_new(void); /* NULL when out of memory */
struct arena *arena_new_with(const struct arena_alloc *alloc); /* `alloc` is borrowed and must outlive the arena */
struct arena *arena_free(struct arena *arena); /* NULL is fine; returns NULL */
void arena_reset(struct arena *arena); /* all pieces die; a limited number of blocks is kept for what comes */
/* `n` zeroed bytes aligned to ARENA_ALIGN, or NULL when out of memory. n == 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t n);
/* The same, but not zeroed, for what is filled at once. */
void *arena_bytes(struct arena *arena, size_t n);
/* As arena_alloc(), for an array; NULL as well when count * size overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* A copy with a NUL behind it; p == NULL when out of memory or when `s` is absent. */
struct str arena_dup(struct arena *arena, struct str s);
struct str arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A moment in an arena's life, and back to it: all pieces handed out since die, as with a reset. Moments end with the next
 * reset; going back to an earlier one ends the later ones. */
struct arena_mark {
        void *filling, *behind; /* the block being filled, and the one behind it */
        size_t block_used, used;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, const struct arena_mark *mark);
/* Bytes handed out since the last reset, and bytes held in blocks. */
size_t arena_used(const struct arena *arena);
size_t arena_held(const struct arena *arena);
DEFINE_FREEP(struct arena, arena)

#endif
