/* SPDX-License-Identifier: Apache-2.0 */

/* The separators of an mbox. Each byte is looked at by memmem() once, however small the pieces in which it comes. */

#include "monitor/input/mbox.h"

#include <errno.h>
#include <string.h>

#include "monitor/base/mail.h"

static const char separator[] = "\nFrom ";
enum { SEPARATOR_N = sizeof separator - 1 };

int mbox_begins(const char *p, size_t n, bool at_end)
{
        const char *newline = memchr(p, '\n', size_min(n, MAIL_FROM_LINE_MAX + 1));
        struct str line = str_from(p, newline ? (size_t)(newline - p) : n);

        if (n == 0 || memcmp(p, separator + 1, size_min(n, SEPARATOR_N - 1)) != 0)
                return 0;
        if (!newline && !at_end && n <= MAIL_FROM_LINE_MAX)
                return -EAGAIN;
        if (line.n > 0 && line.p[line.n - 1] == '\r')
                line.n--;
        return mail_is_from_line(line);
}

/* Is the line that ends with the newline at p[i] an empty one? */
static bool is_empty_line(const char *p, size_t i)
{
        if (i > 0 && p[i - 1] == '\r')
                i--;
        return i > 0 && p[i - 1] == '\n';
}

bool mbox_find(const char *p, size_t n, size_t from, bool at_end, size_t *ret)
{
        while (from < n) {
                const char *at = memmem(p + from, n - from, separator, SEPARATOR_N);
                size_t i;
                int r;

                if (!at)
                        break;
                i = (size_t)(at - p);
                r = is_empty_line(p, i) ? mbox_begins(at + 1, n - i - 1, at_end) : 0;
                if (r != 0) {
                        *ret = r > 0 ? i + 1 : i;
                        return r > 0;
                }
                from = i + 1;
        }
        *ret = n > SEPARATOR_N && n - SEPARATOR_N > from ? n - SEPARATOR_N : from;
        return false;
}

bool mbox_ends(const char *p, size_t n)
{
        return n > 1 && p[n - 1] == '\n' && is_empty_line(p, n - 1);
}
