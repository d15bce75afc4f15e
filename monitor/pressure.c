/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/pressure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { EVENTS_BYTES_MAX = 4096, GROUP_BYTES_MAX = 4096 };

struct pressure {
        char *path;
        int fd; /* inotify */
        uint64_t seen;
};

/* "/system.slice/shopbelld.service\n" of the line "0::…", which is the one of version 2. */
static int own_group(char ret[GROUP_BYTES_MAX])
{
        FILE *f = fopen("/proc/self/cgroup", "re");
        int r = -ENOENT;

        if (!f)
                return -errno;
        while (r < 0 && fgets(ret, GROUP_BYTES_MAX, f))
                if (strncmp(ret, "0::", 3) == 0) {
                        memmove(ret, ret + 3, strlen(ret + 3) + 1);
                        ret[strcspn(ret, "\n")] = '\0';
                        r = 0;
                }
        fclose(f);
        return r;
}

/* Where both versions are mounted, version 2 lies one folder deeper. */
static char *own_path(void)
{
        static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
        char group[GROUP_BYTES_MAX];

        if (own_group(group) < 0)
                return NULL;
        for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
                CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;

                strbuf_addf(&path, "%s%s/memory.events", roots[i], group);
                if (!strbuf_failed(&path) && access(path.p, R_OK) == 0)
                        return str_dupz(strbuf_str(&path));
        }
        return NULL;
}

/* "high 12": how often the group was over its mark. */
static uint64_t read_events(const struct pressure *p)
{
        char text[EVENTS_BYTES_MAX];
        int fd = open(p->path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
        struct str rest = str_from(text, n > 0 ? (size_t)n : 0), line;
        uint64_t high = 0;

        if (fd >= 0)
                close(fd);
        while (str_cut(&rest, '\n', &line)) {
                if (str_starts(line, STR("high ")))
                        (void)str_to_u64(str_from(line.p + 5, line.n - 5), &high);
                if (!rest.p)
                        break;
        }
        return high;
}

int pressure_open(const char *path, struct pressure **ret, struct err *reterr)
{
        CLEANUP(pressure_closep) struct pressure *p = calloc(1, sizeof *p);

        if (!p)
                return err_set(reterr, -ENOMEM, "out of memory");
        p->fd = -1;
        p->path = path ? str_dupz(str_of(path)) : own_path();
        if (!p->path)
                return err_set(reterr, -ENOENT, "no memory.events of a control group: memory that runs short is not noticed");
        p->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (p->fd < 0 || inotify_add_watch(p->fd, p->path, IN_MODIFY) < 0)
                return err_set(reterr, -errno, "%s cannot be watched: %s", p->path, strerror(errno));
        p->seen = read_events(p);
        *ret = TAKE(p);
        return 0;
}

struct pressure *pressure_close(struct pressure *p)
{
        if (!p)
                return NULL;
        if (p->fd >= 0)
                close(p->fd);
        free(p->path);
        free(p);
        return NULL;
}

int pressure_fd(const struct pressure *p)
{
        return p->fd;
}

uint64_t pressure_take(struct pressure *p)
{
        char events[EVENTS_BYTES_MAX] __attribute__((aligned(__alignof__(struct inotify_event))));
        uint64_t was = p->seen, now;

        while (read(p->fd, events, sizeof events) > 0)
                ; /* that there are some says all */
        now = read_events(p);
        p->seen = now;
        return now > was ? now - was : 0;
}
