/* SPDX-License-Identifier: Apache-2.0 */

/* One walk over the pattern's outermost sequence. Whatever is not a plain character ends the word at hand: groups, classes,
 * dots, quantifiers, and everything that is not understood. An alternative at the outermost level leaves no word at all. */

#include "monitor/sigma/rx_literal.h"

#include <ctype.h>

struct walk {
        const char *p, *end;
        struct strbuf word, best;
        bool is_unknown;
};

static void end_word(struct walk *w)
{
        if (w->word.n > w->best.n) {
                struct strbuf longer = w->word;

                w->word = w->best;
                w->best = longer;
        }
        strbuf_clear(&w->word);
}

/* Behind '['. */
static void skip_class(struct walk *w)
{
        if (w->p < w->end && *w->p == '^')
                w->p++;
        for (bool is_first = true; w->p < w->end && (is_first || *w->p != ']'); is_first = false) {
                w->is_unknown |= *w->p == '[' && w->p + 1 < w->end && strchr(":.=", w->p[1]);
                w->p += *w->p == '\\' ? 2 : 1;
        }
        w->p++;
}

/* Behind '('. Settings such as (?x) change what follows, so they are not understood, (?i) apart. */
static void skip_group(struct walk *w)
{
        unsigned depth = 1;

        if (w->p < w->end && *w->p == '*')
                w->is_unknown = true;
        if (w->end - w->p >= 3 && w->p[0] == '?' && w->p[1] == 'i' && w->p[2] == ')') {
                w->p += 3;
                return;
        }
        w->is_unknown |= w->end - w->p >= 2 && w->p[0] == '?' && !strchr(":=!<>P'|", w->p[1]);
        while (w->p < w->end && depth > 0 && !w->is_unknown) {
                char c = *w->p++;

                if (c == '\\')
                        w->p++;
                else if (c == '[')
                        skip_class(w);
                else
                        depth += (c == '(') - (unsigned)(c == ')');
        }
}

/* Behind a backslash: a character that stands for itself, or 0. */
static char read_escape(struct walk *w)
{
        char c = w->p < w->end ? *w->p++ : 0;

        if (c == 'Q' || c == 'K' || isdigit((unsigned char)c) || (c && strchr("xocgkpPNXREuUlL", c)))
                w->is_unknown = true; /* more of it follows, or it changes the rest */
        return ispunct((unsigned char)c) ? c : 0;
}

/* Whether a brace begins {n}, {n,} or {n,m}; any other is a plain character. {,m} is that or not, by PCRE2's version. */
static bool is_counted(struct walk *w)
{
        const char *p = w->p + 1;

        w->is_unknown |= p < w->end && *p == ',';
        if (p == w->end || !isdigit((unsigned char)*p))
                return false;
        while (p < w->end && isdigit((unsigned char)*p))
                p++;
        if (p < w->end && *p == ',')
                p++;
        while (p < w->end && isdigit((unsigned char)*p))
                p++;
        return p < w->end && *p == '}';
}

/* A quantifier behind the last character: with none at least, that character may be missing. */
static void read_quantifier(struct walk *w, bool has_char)
{
        char c = w->p < w->end ? *w->p : 0;

        if (c != '?' && c != '*' && c != '+' && (c != '{' || !is_counted(w)))
                return;
        if (has_char && c != '+' && w->word.n > 0)
                w->word.p[--w->word.n] = '\0';
        if (c == '{')
                while (w->p < w->end && *w->p != '}')
                        w->p++;
        w->p++;
        end_word(w);
        while (w->p < w->end && (*w->p == '?' || *w->p == '+'))
                w->p++;
}

static void walk_one(struct walk *w)
{
        char c = *w->p++;

        if (c == '\\')
                c = read_escape(w);
        else if (c == '[')
                skip_class(w), c = 0;
        else if (c == '(')
                skip_group(w), c = 0;
        else if (c == '|')
                w->is_unknown = true;
        else if (strchr(".^$", c))
                c = 0;
        if (c & 0x80)
                c = 0;
        if (c)
                strbuf_addc(&w->word, (char)tolower((unsigned char)c));
        else
                end_word(w);
        read_quantifier(w, c);
}

void rx_literal(struct str pattern, struct strbuf *out)
{
        struct walk w = { .p = pattern.p, .end = pattern.p + pattern.n };

        w.word = w.best = (struct strbuf)STRBUF_INIT;
        while (w.p < w.end && !w.is_unknown)
                walk_one(&w);
        end_word(&w);
        if (!w.is_unknown && w.best.n >= RX_LITERAL_MIN)
                strbuf_add(out, strbuf_str(&w.best));
        strbuf_done(&w.word);
        strbuf_done(&w.best);
}
