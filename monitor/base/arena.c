/* SPDX-License-Identifier: Apache-2.0 */

/* The arena: a chain of blocks, filled from the front. A piece that would waste much of a block gets a block of its
 * own, which is put behind the one being filled, so that small pieces go on where they were. Blocks need not be zeroed:
 * pieces are, when they are handed out. */

#include "monitor/base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* There are thousands of small arenas (a rule file has one or two), so the first block is small and
 * those that follow as large as all before. */
enum { ARENA_FIRST_BYTES = 4096 - 64 };
enum { ARENA_LARGE_BYTES = ARENA_BLOCK_BYTES / 4 }; /* from here on a piece has a block of its own */

struct block {
        struct block *next;
        size_t size, used; /* of data */
        _Alignas(ARENA_ALIGN) char data[];
};

struct arena {
        struct block *filling; /* head of the chain */
        struct block *spare; /* blocks of ARENA_BLOCK_BYTES that resets kept, at most ARENA_SPARE_MAX */
        size_t n_spare;
        struct block *spare_large; /* larger ones, at most ARENA_SPARE_LARGE_MAX */
        size_t n_spare_large;
        const struct arena_alloc *alloc;
        size_t used, held;
};

static void *get(const struct arena_alloc *alloc, size_t n)
{
        return alloc ? alloc->alloc(n, alloc->userdata) : malloc(n);
}

static void release(const struct arena_alloc *alloc, void *p)
{
        if (alloc)
                alloc->release(p, alloc->userdata);
        else
                free(p);
}

struct arena *arena_new(void)
{
        return arena_new_with(NULL);
}

struct arena *arena_new_with(const struct arena_alloc *alloc)
{
        struct arena *arena = get(alloc, sizeof *arena);

        if (arena)
                *arena = (struct arena){ .alloc = alloc };
        return arena;
}

static void release_all(const struct arena *arena, struct block *blocks)
{
        for (struct block *b = blocks, *next; b; b = next) {
                next = b->next;
                release(arena->alloc, b);
        }
}

struct arena *arena_free(struct arena *arena)
{
        if (!arena)
                return NULL;
        release_all(arena, arena->filling);
        release_all(arena, arena->spare);
        release_all(arena, arena->spare_large);
        release(arena->alloc, arena);
        return NULL;
}

/* Blocks are kept rather than given back: malloc would return the pages to the kernel, which would zero them again for the
 * next batch. */
static bool keep(struct arena *arena, struct block *b)
{
        bool is_large = b->size > ARENA_BLOCK_BYTES;
        struct block **list = is_large ? &arena->spare_large : &arena->spare;
        size_t *n = is_large ? &arena->n_spare_large : &arena->n_spare;

        if (b->size < ARENA_BLOCK_BYTES || b->size > ARENA_SPARE_LARGE_BYTES_MAX ||
            *n == (is_large ? ARENA_SPARE_LARGE_MAX : ARENA_SPARE_MAX))
                return false;
        b->used = 0;
        b->next = *list;
        *list = b;
        (*n)++;
        return true;
}

/* The blocks from `b` up to `end`, which stays. */
static void drop(struct arena *arena, struct block *b, const struct block *end)
{
        for (struct block *next; b != end; b = next) {
                next = b->next;
                if (keep(arena, b))
                        continue;
                arena->held -= sizeof *b + b->size;
                release(arena->alloc, b);
        }
}

void arena_reset(struct arena *arena)
{
        drop(arena, arena->filling, NULL);
        arena->filling = NULL;
        arena->used = 0;
}

struct arena_mark arena_mark(const struct arena *arena)
{
        const struct block *b = arena->filling;

        return (struct arena_mark){ (void *)b, b ? b->next : NULL, b ? b->used : 0, arena->used };
}

/* What came since lies in front of the block that was being filled then, or, large pieces, right behind it. */
void arena_rewind(struct arena *arena, const struct arena_mark *mark)
{
        struct block *filling = mark->filling;

        drop(arena, arena->filling, filling);
        arena->filling = filling;
        if (filling) {
                drop(arena, filling->next, mark->behind);
                filling->next = mark->behind;
                filling->used = mark->block_used;
        }
        arena->used = mark->used;
}

static struct block *take_spare(struct arena *arena)
{
        struct block *block = arena->spare;

        if (block) {
                arena->spare = block->next;
                arena->n_spare--;
                block->next = arena->filling;
                arena->filling = block;
        }
        return block;
}

static struct block *new_block(struct arena *arena, size_t size)
{
        struct block *block = get(arena->alloc, sizeof *block + size);

        if (!block)
                return NULL;
        *block = (struct block){ .size = size };
        arena->held += sizeof *block + size;
        return block;
}

static struct block *add_block(struct arena *arena, size_t size)
{
        struct block *block = new_block(arena, size);

        if (!block)
                return NULL;
        block->next = arena->filling;
        arena->filling = block;
        return block;
}

/* Puts a block of its own behind the one being filled. */
static struct block *put_behind(struct arena *arena, struct block *block)
{
        struct block **at = arena->filling ? &arena->filling->next : &arena->filling;

        block->next = *at;
        *at = block;
        return block;
}

/* A block for one large piece: a kept one that is not wastefully large, else a new one, of a size that fits others too. */
static struct block *large_block(struct arena *arena, size_t n)
{
        size_t size = n <= ARENA_BLOCK_BYTES ? n : (n + ARENA_BLOCK_BYTES - 1) / ARENA_BLOCK_BYTES * ARENA_BLOCK_BYTES;
        struct block *b;

        for (struct block **at = &arena->spare_large; *at; at = &(*at)->next) {
                b = *at;
                if (b->size < n || b->size > 2 * size)
                        continue;
                *at = b->next;
                arena->n_spare_large--;
                return put_behind(arena, b);
        }
        b = new_block(arena, size);
        return b ? put_behind(arena, b) : NULL;
}

/* Another block than the one being filled, which has no room for `n` bytes. */
static struct block *find_block(struct arena *arena, size_t n)
{
        struct block *b;

        if (n >= ARENA_LARGE_BYTES)
                return large_block(arena, n);
        b = take_spare(arena);
        if (b)
                return b;
        return add_block(arena, size_min(size_max(size_max(arena->held, ARENA_FIRST_BYTES), n), ARENA_BLOCK_BYTES));
}

void *arena_bytes(struct arena *arena, size_t n)
{
        struct block *block = arena->filling;
        void *p;

        if (n > PTRDIFF_MAX - sizeof(struct block) - ARENA_ALIGN)
                return NULL;
        n = n == 0 ? ARENA_ALIGN : (n + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
        if (!block || block->size - block->used < n)
                block = find_block(arena, n);
        if (!block)
                return NULL;
        p = block->data + block->used;
        block->used += n;
        arena->used += n;
        return p;
}

void *arena_alloc(struct arena *arena, size_t n)
{
        void *p = arena_bytes(arena, n);

        if (p && n > 0)
                memset(p, 0, n);
        return p;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
        size_t n;

        if (__builtin_mul_overflow(count, size, &n))
                return NULL;
        return arena_alloc(arena, n);
}

struct str arena_dup(struct arena *arena, struct str s)
{
        char *p;

        if (!s.p || s.n == SIZE_MAX)
                return STR_NONE;
        p = arena_bytes(arena, s.n + 1);
        if (!p)
                return STR_NONE;
        memcpy(p, s.p, s.n);
        p[s.n] = '\0';
        return str_from(p, s.n);
}

struct str arena_printf(struct arena *arena, const char *fmt, ...)
{
        va_list ap;
        char *p = NULL;
        int n;

        va_start(ap, fmt);
        n = vsnprintf(NULL, 0, fmt, ap);
        va_end(ap);
        if (n >= 0)
                p = arena_bytes(arena, (size_t)n + 1);
        if (!p)
                return STR_NONE;
        va_start(ap, fmt);
        vsnprintf(p, (size_t)n + 1, fmt, ap);
        va_end(ap);
        return str_from(p, (size_t)n);
}

size_t arena_used(const struct arena *arena)
{
        return arena->used;
}

size_t arena_held(const struct arena *arena)
{
        return arena->held;
}
