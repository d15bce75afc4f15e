/* SPDX-License-Identifier: Apache-2.0 */

/* Asks for a passphrase. It is read from the terminal itself, not from standard input, which may be something else. */

#include "monitor/cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "monitor/base/file.h"
#include "monitor/base/log.h"
#include "monitor/base/passseal.h"
#include "monitor/cli/cli.h"

void passphrase_wipe(struct strbuf *b)
{
        if (b->p)
                explicit_bzero(b->p, b->cap);
        strbuf_done(b);
}

/* A buffer that never moves, so that no piece of it is left behind. `waiting`: the signals that are held back but while it waits, so
 * that one which comes between two reads ends it as well; or NULL. */
static int read_line(int fd, const sigset_t *waiting, struct strbuf *ret)
{
        if (!strbuf_reserve(ret, PASSPHRASE_MAX + 1))
                return -ENOMEM;
        for (;;) {
                char c;
                struct pollfd input = { .fd = fd, .events = POLLIN };
                ssize_t n = waiting ? ppoll(&input, 1, NULL, waiting) : 1;

                if (n >= 0)
                        n = read(fd, &c, 1);
                if (n < 0)
                        return -errno;
                if (n == 0 || c == '\n')
                        return n == 0 && ret->n == 0 ? -ENODATA : 0;
                if (ret->n == PASSPHRASE_MAX)
                        return -E2BIG;
                strbuf_addc(ret, c);
        }
}

/* ---- Whoever gives up with Ctrl-C sees again what he types ---- */

static const int ends[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
        caught = number;
}

/* They are held back, but while a read waits: *ret_waiting is the mask for that. */
static void catch(struct sigaction before[ARRAY_LEN(ends)], sigset_t *ret_waiting)
{
        struct sigaction action = { .sa_handler = on_signal };
        sigset_t held;

        caught = 0;
        sigemptyset(&action.sa_mask);
        sigemptyset(&held);
        for (size_t i = 0; i < ARRAY_LEN(ends); i++)
                sigaddset(&held, ends[i]);
        sigprocmask(SIG_BLOCK, &held, ret_waiting);
        for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
                sigaction(ends[i], NULL, &before[i]);
                if (before[i].sa_handler != SIG_IGN)
                        sigaction(ends[i], &action, NULL);
        }
}

static void let_go(const struct sigaction before[ARRAY_LEN(ends)], const sigset_t *waiting)
{
        for (size_t i = 0; i < ARRAY_LEN(ends); i++)
                sigaction(ends[i], &before[i], NULL);
        sigprocmask(SIG_SETMASK, waiting, NULL); /* one that came last acts as it does */
        if (caught)
                raise(caught);
}

static int ask(int tty, const char *prompt, struct strbuf *ret)
{
        struct sigaction before[ARRAY_LEN(ends)];
        struct termios as_it_was, quiet;
        sigset_t waiting;
        int r;

        if (tcgetattr(tty, &as_it_was) < 0)
                return -errno;
        quiet = as_it_was;
        quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
        quiet.c_lflag |= ECHONL;
        catch(before, &waiting);
        r = tcsetattr(tty, TCSAFLUSH, &quiet) < 0 ? -errno : 0; /* before anybody is asked: what is typed at once counts */
        if (r >= 0)
                r = file_write(tty, str_of(prompt));
        if (r >= 0)
                r = read_line(tty, &waiting, ret);
        tcsetattr(tty, TCSAFLUSH, &as_it_was);
        let_go(before, &waiting);
        return r;
}

static int of_terminal(bool is_new, struct strbuf *ret)
{
        struct strbuf again = STRBUF_INIT;
        int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY), r;

        if (tty < 0) {
                log_error("there is no terminal to ask for the passphrase: give it with --passphrase-file");
                return -ENOTTY;
        }
        r = ask(tty, is_new ? "Passphrase for the pack: " : "Passphrase of the pack: ", ret);
        if (r >= 0 && is_new)
                r = ask(tty, "The same again: ", &again);
        if (r >= 0 && is_new && !str_eq(strbuf_str(ret), strbuf_str(&again))) {
                log_error("the two are not the same: nothing was written");
                r = -EINVAL;
        } else if (r < 0) {
                log_error("the passphrase cannot be read: %s", strerror(-r));
        }
        passphrase_wipe(&again);
        close(tty);
        return r;
}

static int of_file(const char *path, struct strbuf *ret)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC), r = fd < 0 ? -errno : read_line(fd, NULL, ret);
        struct stat st;

        if (r >= 0 && fstat(fd, &st) >= 0 && S_ISREG(st.st_mode) && (st.st_mode & 077))
                log_warning("%s: others on this machine may read the passphrase in it: chmod 600", path);
        if (fd >= 0)
                close(fd);
        if (r < 0)
                log_error("%s: no passphrase can be read from it: %s", path, r == -ENODATA ? "it is empty" : strerror(-r));
        return r;
}

int passphrase_ask(const char *file, bool is_new, struct strbuf *ret)
{
        int r = file ? of_file(file, ret) : of_terminal(is_new, ret);

        if (r == -EINVAL || r == -ENOTTY)
                return CLI_USAGE;
        if (r < 0)
                return CLI_CANNOT;
        if (is_new && ret->n < PASSPHRASE_MIN) {
                log_error("a passphrase has at least %d characters: nothing was written", PASSPHRASE_MIN);
                return CLI_USAGE;
        }
        return CLI_OK;
}
