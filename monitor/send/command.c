/* SPDX-License-Identifier: Apache-2.0 */

/* A program with its arguments, without a shell, in an environment of its own; the JSON of a generic webhook comes on its standard
 * input. The mark stands before its start. It answers by its exit code: 0 told; another one: not told, to be tried again. Ended by a
 * signal, or still running after SEND_MAX: nobody knows. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "monitor/send/send.h"

/* A file without a name that holds the body: a command need not read it. */
static int open_body(const struct job *j)
{
        int fd = memfd_create("notice", MFD_CLOEXEC);

        if (fd < 0)
                return -errno;
        for (size_t at = 0; at < j->body.n;) {
                ssize_t n = write(fd, j->body.p + at, j->body.n - at);

                if (n <= 0) {
                        close(fd);
                        return -EIO;
                }
                at += (size_t)n;
        }
        lseek(fd, 0, SEEK_SET);
        return fd;
}

static int start(const struct job *j, char **argv, int body, pid_t *ret)
{
        struct str key = arena_printf(j->arena, "SHOPBELL_NOTICE=%s", job_value(j, "key"));
        char *environment[] = { (char *)"PATH=/usr/local/bin:/usr/bin:/bin", (char *)"LANG=C.UTF-8", (char *)key.p, NULL };
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t none, ignored;
        int r;

        if (!key.p)
                return ENOMEM;
        sigemptyset(&none);
        sigemptyset(&ignored);
        sigaddset(&ignored, SIGPIPE); /* by main(), and by systemd */
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &ignored);
        r = posix_spawn_file_actions_adddup2(&actions, body, STDIN_FILENO);
        if (r == 0)
                r = posix_spawn(ret, argv[0], &actions, &attributes, argv, environment);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        return r;
}

/* 0: it has ended, see *ret. */
static int wait_for(pid_t child, int *ret)
{
        int fd = (int)syscall(SYS_pidfd_open, child, 0), r;
        struct pollfd p = { .fd = fd, .events = POLLIN };

        do
                r = poll(&p, 1, (int)(SEND_MAX / 1000));
        while (r < 0 && errno == EINTR); /* a signal that is to end us waits for the command's end */
        if (r <= 0)
                kill(-child, SIGKILL);
        close(fd);
        return waitpid(child, ret, 0) == child && r > 0 ? 0 : -ETIMEDOUT;
}

void send_command(struct job *j, struct result *ret)
{
        int body = open_body(j), status = 0, r;
        char **argv = NULL;
        size_t n = 0;
        pid_t child = 0;

        if (body < 0 || job_values(j, "argument", &argv, &n) < 0 || n == 0) {
                strbuf_addz(&ret->error, "the command cannot be prepared");
        } else if (access(argv[0], X_OK) < 0) { /* before the mark: nothing has happened */
                strbuf_addf(&ret->error, "%s cannot be run: %s", argv[0], strerror(errno));
        } else if (job_mark(j) < 0) {
                strbuf_addz(&ret->error, "shopbelld gave no mark");
        } else if ((r = start(j, argv, body, &child)) != 0) {
                strbuf_addf(&ret->error, "%s cannot be run: %s", argv[0], strerror(r));
        } else if (wait_for(child, &status) < 0) {
                ret->outcome = UNKNOWN;
                strbuf_addf(&ret->error, "%s did not end in time and was ended", argv[0]);
        } else if (WIFEXITED(status)) {
                ret->outcome = WEXITSTATUS(status) == 0 ? SENT : AGAIN;
                if (ret->outcome == AGAIN)
                        strbuf_addf(&ret->error, "%s ended with %d", argv[0], WEXITSTATUS(status));
        } else {
                ret->outcome = UNKNOWN;
                strbuf_addf(&ret->error, "%s was ended by signal %d", argv[0], WTERMSIG(status));
        }
        if (body >= 0)
                close(body);
}
