/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024 };

static int read_all(int fd, size_t max, struct strbuf *ret)
{
        size_t start = ret->n;

        for (;;) {
                char *to = strbuf_reserve(ret, READ_BYTES);
                ssize_t n = to ? read(fd, to, READ_BYTES) : 0;

                if (!to)
                        return -ENOMEM;
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n == 0)
                        return 0;
                if (n > 0) {
                        ret->n += (size_t)n;
                        ret->p[ret->n] = '\0';
                }
                if (ret->n - start > max)
                        return -E2BIG;
        }
}

int file_read(const char *path, size_t max, struct strbuf *ret)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), r;

        if (fd < 0)
                return -errno;
        r = read_all(fd, max, ret);
        close(fd);
        return r;
}

int file_write(int fd, struct str bytes)
{
        while (bytes.n > 0) {
                ssize_t n = write(fd, bytes.p, bytes.n);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0)
                        bytes = str_from(bytes.p + n, bytes.n - (size_t)n);
        }
        return 0;
}

int file_replace(const char *path, mode_t mode, struct str bytes)
{
        CLEANUP(strbuf_done) struct strbuf temp = STRBUF_INIT;
        int fd, r;

        strbuf_addf(&temp, "%s.XXXXXX", path);
        if (strbuf_failed(&temp))
                return -ENOMEM;
        fd = mkostemp(temp.p, O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = file_write(fd, bytes);
        if (r >= 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
                r = -errno;
        if (close(fd) < 0 && r >= 0)
                r = -errno;
        if (r >= 0 && rename(temp.p, path) < 0)
                r = -errno;
        if (r < 0)
                unlink(temp.p);
        return r;
}
