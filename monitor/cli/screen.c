/* SPDX-License-Identifier: Apache-2.0 */

/* Where standard output is a terminal. What may be long is first printed to memory: whether a pager is needed is known only then,
 * and a pager that ends early leaves nobody writing into a closed pipe. */

#include "monitor/cli/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

#include "monitor/base/utf8.h"

enum { PAGER_WORDS_MAX = 16, COLUMNS_MIN = 20, ROWS_MIN = 5 };

const char *const color_words[_COLOR_MAX] = { "auto", "always", "never" };

static struct screen screen;
static int held = -1; /* the real standard output while ours goes to memory */

extern char **environ;

/* ---- Size and colour ---- */

void screen_measure(void)
{
        struct winsize size;

        if (!screen.is_terminal)
                return;
        screen.columns = 80;
        screen.rows = 24;
        if (ioctl(held >= 0 ? held : STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
                return;
        if (size.ws_col > 0)
                screen.columns = size.ws_col < COLUMNS_MIN ? COLUMNS_MIN : size.ws_col;
        if (size.ws_row > 0)
                screen.rows = size.ws_row < ROWS_MIN ? ROWS_MIN : size.ws_row;
}

void screen_setup(enum color_when when)
{
        const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
        bool is_plain = (no_color && *no_color) || !term || strcmp(term, "dumb") == 0;

        screen = (struct screen){ .is_terminal = isatty(STDOUT_FILENO) == 1 };
        screen.has_color = when == COLOR_ALWAYS || (when == COLOR_AUTO && screen.is_terminal && !is_plain);
        screen_measure();
}

const struct screen *screen_get(void)
{
        return &screen;
}

const char *level_color(enum level level)
{
        static const char *const colors[_LEVEL_MAX] = {
                [LEVEL_INFORMATIONAL] = COLOR_DIM, [LEVEL_LOW] = "36", [LEVEL_MEDIUM] = "33", [LEVEL_HIGH] = "31", [LEVEL_CRITICAL] = "1;31",
        };

        return screen.has_color && level < _LEVEL_MAX ? colors[level] : "";
}

void color_add(struct strbuf *out, const char *color, struct str text)
{
        if (!screen.has_color || !*color || text.n == 0) {
                strbuf_add(out, text);
                return;
        }
        strbuf_addf(out, "\033[%sm", color);
        strbuf_add(out, text);
        strbuf_addz(out, "\033[m");
}

/* ---- Widths ---- */

static unsigned char_columns(uint32_t c)
{
        int n = wcwidth((wchar_t)c);

        return n < 0 ? 1 : (unsigned)n;
}

/* An SGR sequence at the front is taken off. */
static bool skip_color(struct str *text)
{
        size_t n = 2;

        if (text->n < 3 || text->p[0] != '\033' || text->p[1] != '[')
                return false;
        while (n < text->n && text->p[n] != 'm')
                n++;
        n = n < text->n ? n + 1 : n;
        *text = str_from(text->p + n, text->n - n);
        return true;
}

unsigned text_columns(struct str text)
{
        unsigned n = 0;
        uint32_t c;

        while (text.n > 0)
                if (!skip_color(&text) && utf8_next(&text, &c))
                        n += char_columns(c);
        return n;
}

/* The front of a text that is at most that wide, but one character at least. */
static size_t fitting(struct str text, unsigned columns)
{
        struct str rest = text;
        unsigned n = 0;
        uint32_t c;

        while (rest.n > 0) {
                size_t at = text.n - rest.n;

                utf8_next(&rest, &c);
                n += char_columns(c);
                if (n > columns && at > 0)
                        return at;
        }
        return text.n;
}

/* One word behind what stands in the line already, which takes *used columns. */
static void wrap_word(struct strbuf *out, struct str word, unsigned columns, unsigned *used)
{
        unsigned n = text_columns(word);

        if (*used > 0 && *used + 1 + n > columns) {
                strbuf_addc(out, '\n');
                *used = 0;
        } else if (*used > 0) {
                strbuf_addc(out, ' ');
                ++*used;
        }
        while (n > columns) {
                size_t front = fitting(word, columns);

                strbuf_add(out, str_from(word.p, front));
                strbuf_addc(out, '\n');
                word = str_from(word.p + front, word.n - front);
                n = text_columns(word);
        }
        strbuf_add(out, word);
        *used += n;
}

static void wrap_line(struct strbuf *out, struct str line, unsigned columns)
{
        unsigned used = 0;
        struct str word;

        while (str_cut(&line, ' ', &word))
                if (word.n > 0)
                        wrap_word(out, word, columns, &used);
}

void text_wrap(struct strbuf *out, struct str text, unsigned columns)
{
        struct str line;

        if (columns == 0) {
                strbuf_add(out, text);
                return;
        }
        while (str_cut(&text, '\n', &line)) {
                wrap_line(out, line, columns);
                strbuf_addz(out, text.n > 0 ? "\n" : "");
        }
}

/* Where further lines of a line begin: behind the last gap in its front part, as between a label and its text. */
static size_t hang_of(struct str line)
{
        enum { FRONT_MAX = 36 };
        size_t hang = 0;

        for (size_t i = 0; i < line.n && i < FRONT_MAX; i++) {
                if (line.p[i] != ' ' && i >= 2 && line.p[i - 1] == ' ' && line.p[i - 2] == ' ')
                        hang = i;
                if (line.p[i] == '\033' || (unsigned char)line.p[i] >= 0x80) /* bytes are columns no more */
                        break;
        }
        return hang;
}

static void fold_line(struct strbuf *out, struct str line, unsigned columns)
{
        CLEANUP(strbuf_done) struct strbuf rest = STRBUF_INIT;
        size_t hang = hang_of(line);
        struct str all, part;

        while (line.n > 0 && line.p[line.n - 1] == ' ') /* of a table's last column */
                line.n--;
        if (text_columns(line) <= columns) {
                strbuf_add(out, line);
                return;
        }
        hang = hang > columns / 2 ? 0 : hang;
        text_wrap(&rest, str_from(line.p + hang, line.n - hang), columns - (unsigned)hang);
        strbuf_add(out, str_from(line.p, hang));
        all = strbuf_str(&rest);
        while (str_cut(&all, '\n', &part)) {
                strbuf_add(out, part);
                if (all.n > 0)
                        strbuf_addf(out, "\n%*s", (int)hang, "");
        }
}

void text_fold(struct strbuf *out, struct str text, unsigned columns)
{
        struct str line;

        while (text.n > 0 && str_cut(&text, '\n', &line)) {
                fold_line(out, line, columns);
                strbuf_addc(out, '\n');
        }
}

unsigned screen_rows_of(struct str text)
{
        unsigned n = 0;
        struct str line;

        while (text.n > 0 && str_cut(&text, '\n', &line)) {
                unsigned columns = text_columns(line);

                n += screen.columns > 0 && columns > screen.columns ? (columns + screen.columns - 1) / screen.columns : 1;
        }
        return n;
}

/* ---- The pager ---- */

/* $PAGER in words; an empty one: none is wanted. */
static size_t pager_words(char *text, char **words)
{
        size_t n = 0;
        char *save = NULL;

        for (char *word = strtok_r(text, " \t", &save); word && n < PAGER_WORDS_MAX; word = strtok_r(NULL, " \t", &save))
                words[n++] = word;
        words[n] = NULL;
        return n;
}

/* -ENOENT: there is no such program. The pager reads from `fd`. */
static int pager_run(char **words, int fd)
{
        posix_spawn_file_actions_t files;
        struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
        pid_t pid;
        int status, r;

        if (posix_spawn_file_actions_init(&files) != 0)
                return -ENOMEM;
        setenv("LESS", "FRX", 0);
        setenv("LESSSECURE", "1", 1); /* whoever may run this as root, and nothing else, gets no shell out of it */
        setenv("LESSCHARSET", "utf-8", 0);
        r = -posix_spawn_file_actions_adddup2(&files, fd, STDIN_FILENO);
        if (r == 0)
                r = -posix_spawnp(&pid, words[0], &files, NULL, words, environ);
        posix_spawn_file_actions_destroy(&files);
        if (r < 0)
                return r;
        sigaction(SIGINT, &ignore, &old); /* it is meant for the pager */
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        sigaction(SIGINT, &old, NULL);
        return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -ENOENT : 0;
}

static int page(int fd)
{
        const char *wanted = getenv("SUDO_UID") ? NULL : getenv("PAGER"); /* of others only less is known to keep to its task */
        char text[512], *words[PAGER_WORDS_MAX + 1];
        int r = -ENOENT;

        snprintf(text, sizeof text, "%s", wanted ? wanted : "less");
        if (lseek(fd, 0, SEEK_SET) >= 0 && pager_words(text, words) > 0)
                r = pager_run(words, fd);
        return r;
}

static int show(int fd)
{
        char buf[16 * 1024];
        ssize_t n;

        if (lseek(fd, 0, SEEK_SET) < 0)
                return -errno;
        while ((n = read(fd, buf, sizeof buf)) > 0)
                if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n)
                        return -EIO;
        return n < 0 ? -errno : 0;
}

/* Whether what lies there is longer than the screen; the prompt takes a row. */
static bool is_long(int fd)
{
        struct stat st;
        void *text;
        bool is_so;

        if (fstat(fd, &st) < 0 || st.st_size <= 0)
                return false;
        text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (text == MAP_FAILED)
                return true;
        is_so = screen_rows_of(str_from(text, (size_t)st.st_size)) >= screen.rows;
        munmap(text, (size_t)st.st_size);
        return is_so;
}

/* Standard output goes to memory from now on. */
static int divert(void)
{
        int memory, r;

        memory = memfd_create("shopbell", MFD_CLOEXEC);
        if (memory < 0)
                return -errno;
        fflush(stdout);
        held = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        r = held >= 0 && dup2(memory, STDOUT_FILENO) >= 0 ? 0 : -errno;
        close(memory);
        return r;
}

/* And back again; *ret is the memory, to be closed. */
static int bring_back(int *ret)
{
        int r = fflush(stdout) == 0 ? 0 : -errno;

        *ret = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        if (*ret < 0 || dup2(held, STDOUT_FILENO) < 0)
                r = -errno;
        close(held);
        held = -1;
        return r;
}

int screen_hold(void)
{
        return screen.is_terminal && held < 0 ? divert() : 0;
}

static int collect(int fd, struct strbuf *ret)
{
        char buf[16 * 1024];
        ssize_t n;

        if (lseek(fd, 0, SEEK_SET) < 0)
                return -errno;
        while ((n = read(fd, buf, sizeof buf)) > 0)
                strbuf_add(ret, str_from(buf, (size_t)n));
        return n < 0 ? -errno : strbuf_failed(ret) ? -ENOMEM : 0;
}

int screen_grab(int (*fn)(void *userdata), void *userdata, struct strbuf *ret)
{
        int memory = -1, back, r = divert();

        if (r < 0)
                return r;
        r = fn(userdata);
        back = bring_back(&memory);
        if (r >= 0)
                r = back < 0 ? back : collect(memory, ret);
        if (memory >= 0)
                close(memory);
        return r;
}

int screen_fold(int (*fn)(void *userdata), void *userdata)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT, folded = STRBUF_INIT;
        int outer = held, r;

        if (screen.columns == 0)
                return fn(userdata);
        held = -1;
        r = screen_grab(fn, userdata, &text);
        held = outer;
        text_fold(&folded, strbuf_str(&text), screen.columns);
        if (r >= 0 && (strbuf_failed(&folded) || fwrite(folded.p ? folded.p : "", 1, folded.n, stdout) != folded.n))
                r = -EIO;
        return r;
}

int screen_release(void)
{
        int memory = -1, r;

        if (held < 0)
                return 0;
        r = bring_back(&memory);
        if (r >= 0 && (!is_long(memory) || page(memory) < 0))
                r = show(memory);
        if (memory >= 0)
                close(memory);
        return r;
}
