/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_TESTS_UNIT_READDIR_UTIL_H
#define SHOPBELL_TESTS_UNIT_READDIR_UTIL_H

/* A disk that does not give the names in its folders: readdir() as the tested code sees it. */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>

static bool util_readdir_fails;

struct dirent *readdir(DIR *dir)
{
        static struct dirent *(*real)(DIR *);

        if (util_readdir_fails) {
                errno = EIO;
                return NULL;
        }
        if (!real)
                *(void **)&real = dlsym(RTLD_NEXT, "readdir");
        return real(dir);
}

#endif
