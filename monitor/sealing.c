/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/sealing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/store/chain.h"

static char *path_of(const char *state, const char *name)
{
        struct strbuf path = STRBUF_INIT;

        strbuf_addf(&path, "%s/%s", state, name);
        return strbuf_take(&path);
}

static int read_key(const char *path, struct secret *ret)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), r = 0;
        struct secret key;
        char more;

        if (fd < 0)
                return -errno;
        if (read(fd, key.b, sizeof key.b) != (ssize_t)sizeof key.b || read(fd, &more, 1) != 0)
                r = -EBADMSG;
        close(fd);
        if (r == 0)
                *ret = key;
        secret_wipe(&key);
        return r;
}

static int write_all(int fd, const char *state, const struct secret *key)
{
        struct stat st;

        /* Made by root (the command line), it is the daemon's all the same. */
        if (geteuid() == 0 && (stat(state, &st) < 0 || fchown(fd, st.st_uid, st.st_gid) < 0))
                return -errno;
        if (write(fd, key->b, sizeof key->b) != (ssize_t)sizeof key->b)
                return errno ? -errno : -EIO;
        return fsync(fd) < 0 ? -errno : 0;
}

/* Whole or not at all: written aside, then renamed. */
static int make_key(const char *state, const char *path, struct secret *ret)
{
        CLEANUP(memory_freep) char *aside = path_of(state, CHAIN_KEY_FILE ".new");
        struct secret key;
        int fd, r;

        if (!aside)
                return -ENOMEM;
        if (getrandom(key.b, sizeof key.b, 0) != (ssize_t)sizeof key.b)
                return -EIO;
        (void)unlink(aside);
        fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        r = write_all(fd, state, &key);
        close(fd);
        if (r == 0 && rename(aside, path) < 0)
                r = -errno;
        if (r == 0)
                *ret = key;
        secret_wipe(&key);
        return r;
}

static int fail(const char *path, int r, struct err *reterr)
{
        if (r == -EBADMSG)
                return err_at(reterr, r, path, 0, 0, "this is no key of shopbell, which has %d bytes: put the right one back from a copy",
                              SECRET_BYTES);
        return err_at(reterr, r, path, 0, 0, "the key that seals the history cannot be %s: %s", r == -ENOENT ? "found" : "read",
                      strerror(-r));
}

int sealing_key(const char *state, struct secret *ret, struct err *reterr)
{
        CLEANUP(memory_freep) char *path = path_of(state, CHAIN_KEY_FILE);
        int r = path ? read_key(path, ret) : -ENOMEM;

        return r < 0 ? fail(path ? path : "", r, reterr) : 0;
}

int sealing_start(const char *state, struct store *store, struct err *reterr, struct err *ret_warning)
{
        CLEANUP(memory_freep) char *path = path_of(state, CHAIN_KEY_FILE);
        CLEANUP(memory_freep) char *heads = path_of(state, CHAIN_HEADS_FILE);
        struct secret key;
        bool is_new;
        int r = path && heads ? read_key(path, &key) : -ENOMEM;

        is_new = r == -ENOENT;
        if (is_new)
                r = make_key(state, path, &key);
        if (r < 0)
                return fail(path ? path : "", r, reterr);
        r = store_seal(store, &key, is_new, heads, reterr, ret_warning);
        secret_wipe(&key);
        return r;
}
