/* SPDX-License-Identifier: Apache-2.0 */

/* Messages to stderr, one line each, in one write, made harmless first: a message may quote a log. Each program has one
 * log, so its settings are the file's only state, set once at start. */

#include "monitor/base/log.h"

#include <stdarg.h>
#include <stdio.h>

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

void log_err(enum log_level level, const struct err *err)
{
        struct strbuf text = STRBUF_INIT;

        if (level > setup.highest)
                return;
        err_format(err, &text);
        put(level, strbuf_str(&text));
        strbuf_done(&text);
}
