/* SPDX-License-Identifier: Apache-2.0 */

/* For LD_PRELOAD in tests, never installed: makes one of the calls by which a program changes files fail, or ends the program
 * there as SIGKILL would.
 *
 *   FAULT_AT=N       the N-th such call from the start (1: the first)
 *   FAULT_KIND=K     kill (before the call), after (kill behind it), eio, enospc, short (half is written, then killed)
 *   FAULT_FOREVER=1  eio, enospc: all calls from the N-th on
 *   FAULT_PATH=P     only files whose path holds P
 *   FAULT_CLOCK=S    the clock goes wrong by so many seconds
 *   FAULT_CLOCK_FILE=P  by as many as that file says at the moment
 *
 * SQLite calls libc through pointers that it takes at start, so these are the functions it gets. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum kind { NONE, KILL, AFTER, EIO_, ENOSPC_, SHORT };

static struct {
        bool is_read, is_forever;
        unsigned long at, calls;
        enum kind kind;
        const char *path;
} fault;

static void read_settings(void)
{
        static const char *const names[] = { "", "kill", "after", "eio", "enospc", "short" };
        const char *at = getenv("FAULT_AT"), *kind = getenv("FAULT_KIND");

        fault.is_read = true;
        fault.at = at ? strtoul(at, NULL, 10) : 0;
        fault.is_forever = getenv("FAULT_FOREVER") != NULL;
        fault.path = getenv("FAULT_PATH");
        for (size_t i = 1; kind && i < sizeof names / sizeof *names; i++)
                if (strcmp(kind, names[i]) == 0)
                        fault.kind = (enum kind)i;
}

static bool is_ours(int fd)
{
        char name[64], path[4096];
        ssize_t n;

        if (!fault.path)
                return true;
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        n = readlink(name, path, sizeof path - 1);
        if (n < 0)
                return false;
        path[n] = '\0';
        return strstr(path, fault.path) != NULL;
}

/* What is to happen to this call. */
static enum kind count(bool counts)
{
        if (!fault.is_read)
                read_settings();
        if (fault.at == 0 || !counts)
                return NONE;
        fault.calls++;
        if (fault.calls == fault.at || (fault.is_forever && fault.calls > fault.at))
                return fault.kind;
        return NONE;
}

static int begin(enum kind kind)
{
        if (kind == KILL)
                kill(getpid(), SIGKILL);
        errno = kind == ENOSPC_ ? ENOSPC : EIO;
        return kind == EIO_ || kind == ENOSPC_ ? -1 : 0;
}

static void end(enum kind kind)
{
        if (kind == AFTER || kind == SHORT)
                kill(getpid(), SIGKILL);
}

#define REAL(name, type) \
        static type real; \
        if (!real) \
                *(void **)&real = dlsym(RTLD_NEXT, name)

static ssize_t write_at(const char *name, int fd, const void *buf, size_t n, off_t offset)
{
        typedef ssize_t fn(int, const void *, size_t, off_t);
        fn *real;
        enum kind kind = count(is_ours(fd));
        ssize_t r;

        *(void **)&real = dlsym(RTLD_NEXT, name);
        if (begin(kind) < 0)
                return -1;
        r = real(fd, buf, kind == SHORT ? n / 2 : n, offset);
        end(kind);
        return r;
}

ssize_t pwrite(int fd, const void *buf, size_t n, off_t offset)
{
        return write_at("pwrite", fd, buf, n, offset);
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off_t offset)
{
        return write_at("pwrite64", fd, buf, n, offset);
}

#define ON_FILE(function, arguments, call) \
        int function arguments \
        { \
                typedef int fn arguments; \
                REAL(#function, fn *); \
                enum kind kind = count(is_ours(fd)); \
                int r; \
\
                if (begin(kind) < 0) \
                        return -1; \
                r = real call; \
                end(kind); \
                return r; \
        }

ON_FILE(fsync, (int fd), (fd))
ON_FILE(fdatasync, (int fd), (fd))
ON_FILE(ftruncate, (int fd, off_t length), (fd, length))
ON_FILE(ftruncate64, (int fd, off_t length), (fd, length))

int unlink(const char *path)
{
        typedef int fn(const char *);
        REAL("unlink", fn *);
        enum kind kind = count(!getenv("FAULT_PATH") || strstr(path, getenv("FAULT_PATH")));
        int r;

        if (begin(kind) < 0)
                return -1;
        r = real(path);
        end(kind);
        return r;
}

/* 0 when there is no file. */
static long seconds_of_file(void)
{
        const char *path = getenv("FAULT_CLOCK_FILE");
        FILE *file = path ? fopen(path, "re") : NULL;
        long seconds = 0;

        if (file && fscanf(file, "%ld", &seconds) != 1)
                seconds = 0;
        if (file)
                fclose(file);
        return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
        typedef int fn(clockid_t, struct timespec *);
        REAL("clock_gettime", fn *);
        const char *seconds = getenv("FAULT_CLOCK");
        int r = real(clock, t);

        if (r == 0 && clock == CLOCK_REALTIME)
                t->tv_sec += seconds ? strtol(seconds, NULL, 10) : seconds_of_file();
        return r;
}
