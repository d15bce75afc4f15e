/* SPDX-License-Identifier: Apache-2.0 */

/* Cutting conditions into words. */

#include "monitor/sigma/words.h"

static bool is_blank(char ch)
{
        return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
}

static bool is_mark(char ch)
{
        return ch == '(' || ch == ')' || ch == '|';
}

struct str word_peek(struct str *rest)
{
        size_t n = 0;

        while (rest->n > 0 && is_blank(rest->p[0]))
                *rest = str_from(rest->p + 1, rest->n - 1);
        if (rest->n == 0)
                return STR_NONE;
        if (is_mark(rest->p[0]))
                return str_from(rest->p, 1);
        while (n < rest->n && !is_blank(rest->p[n]) && !is_mark(rest->p[n]))
                n++;
        return str_from(rest->p, n);
}

struct str word_next(struct str *rest)
{
        struct str word = word_peek(rest);

        if (word.p)
                *rest = str_from(word.p + word.n, rest->n - word.n);
        return word;
}

bool word_accept(struct str *rest, const char *word)
{
        struct str next = word_peek(rest);
        bool is_next = next.p && str_eq_nocase(next, str_of(word));

        if (is_next)
                word_next(rest);
        return is_next;
}
