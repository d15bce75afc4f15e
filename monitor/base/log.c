/* SPDX-License-Identifier: Apache-2.0 */

/* Messages to stderr, one line each, in one write, made harmless first: a message may quote a log. Each program has one
 * log, so its settings are the file's only state, set once at start. */

#include "monitor/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "monitor/base/utf8.h"

static struct {
        const char *program;
        bool journal_prefix;
        enum log_level highest;
} setup = { "shopbell", false, LOG_LEVEL_INFO };

void log_setup(const char *program, bool journal_prefix, enum log_level highest)
{
        setup.program = program;
        setup.journal_prefix = journal_prefix;
        setup.highest = highest;
}

static void put(enum log_level level, struct str text)
{
        struct strbuf line = STRBUF_INIT;

        if (setup.journal_prefix)
                strbuf_addf(&line, "<%d>", (int)level);
        else
                strbuf_addf(&line, "%s: ", setup.program);
        text_display(&line, text, TEXT_TERMINAL, 0);
        strbuf_addc(&line, '\n');
        if (!strbuf_failed(&line))
                (void)fwrite(line.p, 1, line.n, stderr);
        else
                (void)fputs("out of memory for a message\n", stderr);
        (void)fflush(stderr);
        strbuf_done(&line);
}

static void put_formatted(enum log_level level, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

static void put_formatted(enum log_level level, const char *fmt, va_list ap)
{
        struct strbuf text = STRBUF_INIT;

        if (level > setup.highest)
                return;
        strbuf_vaddf(&text, fmt, ap);
        put(level, strbuf_str(&text));
        strbuf_done(&text);
}

void log_error(const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        put_formatted(LOG_LEVEL_ERROR, fmt, ap);
        va_end(ap);
}

void log_warning(const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        put_formatted(LOG_LEVEL_WARNING, fmt, ap);
        va_end(ap);
}

void log_info(const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        put_formatted(LOG_LEVEL_INFO, fmt, ap);
        va_end(ap);
}

void log_debug(const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        put_formatted(LOG_LEVEL_DEBUG, fmt, ap);
        va_end(ap);
}

/* One datagram, see systemd.io/JOURNAL_NATIVE_PROTOCOL: a field a line, as no value here has more than one. */
static int send_to_journal(enum log_level level, const char *id, struct str text)
{
        static const struct sockaddr_un journal = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket" };
        struct strbuf packet = STRBUF_INIT;
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = -EIO;

        strbuf_addf(&packet, "PRIORITY=%d\nMESSAGE_ID=%s\nSYSLOG_IDENTIFIER=%s\nMESSAGE=", (int)level, id, setup.program);
        text_display(&packet, text, TEXT_TERMINAL, 0);
        strbuf_addc(&packet, '\n');
        if (fd >= 0 && !strbuf_failed(&packet) &&
            sendto(fd, packet.p, packet.n, MSG_NOSIGNAL, (const struct sockaddr *)&journal, sizeof journal) == (ssize_t)packet.n)
                r = 0;
        if (fd >= 0)
                close(fd);
        strbuf_done(&packet);
        return r;
}

void log_message(enum log_level level, const char *id, const char *fmt, ...)
{
        struct strbuf text = STRBUF_INIT;
        va_list ap;

        if (level > setup.highest)
                return;
        va_start(ap, fmt);
        strbuf_vaddf(&text, fmt, ap);
        va_end(ap);
        if (!setup.journal_prefix || send_to_journal(level, id, strbuf_str(&text)) < 0)
                put(level, strbuf_str(&text));
        strbuf_done(&text);
}

void log_err(enum log_level level, const struct err *err)
{
        struct strbuf text = STRBUF_INIT;

        if (level > setup.highest)
                return;
        err_format(err, &text);
        put(level, strbuf_str(&text));
        strbuf_done(&text);
}
