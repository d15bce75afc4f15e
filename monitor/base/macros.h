/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_MACROS_H
#define SHOPBELL_BASE_MACROS_H

/* The few macros of the house. Scope-bound heap objects are declared with CLEANUP(foo_freep); the one line where
 * ownership leaves a function is written TAKE(p). */

#include <stddef.h>
#include <stdlib.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define TAKE(p) \
        ({ \
                __typeof__(p) taken_ = (p); \
                (p) = NULL; \
                taken_; \
        })
#define STRINGIFY_(x) #x
#define STRINGIFY(x) STRINGIFY_(x)
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* Defines foo_freep(), for CLEANUP, from foo_free(). */
#define DEFINE_FREEP(type, name) \
        static inline void name##_freep(type **p) \
        { \
                name##_free(*p); \
                *p = NULL; \
        }

/* For CLEANUP of plain memory: CLEANUP(memory_freep) char *p = malloc(n); */
static inline void memory_freep(void *p)
{
        free(*(void **)p);
}

static inline size_t size_min(size_t a, size_t b)
{
        return a < b ? a : b;
}
static inline size_t size_max(size_t a, size_t b)
{
        return a > b ? a : b;
}

#endif
