/* SPDX-License-Identifier: Apache-2.0 */

/* Syslog lines, read strictly from the left: stamp, host, tag. What follows the tag may be written by an attacker and
 * is never looked at here, but for two prefixes that the logging system itself puts there. */

#include "parsers/syslog.h"

#include <errno.h>

enum { PRIORITY_DIGITS_MAX = 3, FRACTION_DIGITS_MAX = 9 };

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* Whether `s` begins as the picture says: '0' a digit, 'a' a letter, '_' a digit or blank, anything else itself. */
static bool looks_like(struct str s, const char *picture)
{
        size_t n = strlen(picture);

        if (s.n < n)
                return false;
        for (size_t i = 0; i < n; i++) {
                char c = s.p[i];
                bool ok = picture[i] == '0'   ? is_digit(c)
                          : picture[i] == '_' ? is_digit(c) || c == ' '
                          : picture[i] == 'a' ? (c | 0x20) >= 'a' && (c | 0x20) <= 'z'
                                              : c == picture[i];

                if (!ok)
                        return false;
        }
        return true;
}

static struct str behind(struct str s, size_t n)
{
        return str_from(s.p + n, s.n - n);
}

static struct str skip_blanks(struct str s)
{
        while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
                s = behind(s, 1);
        return s;
}

/* "<38>" on the wire, and in files of daemons that keep it. */
static struct str skip_priority(struct str s)
{
        size_t i = 1;

        if (s.n < 3 || s.p[0] != '<')
                return s;
        while (i < s.n && i <= PRIORITY_DIGITS_MAX && is_digit(s.p[i]))
                i++;
        return i > 1 && i < s.n && s.p[i] == '>' ? behind(s, i + 1) : s;
}

static size_t fraction_bytes(struct str s, size_t at)
{
        size_t i = at + 1;

        if (at >= s.n || (s.p[at] != '.' && s.p[at] != ','))
                return 0;
        while (i < s.n && i - at <= FRACTION_DIGITS_MAX && is_digit(s.p[i]))
                i++;
        return i > at + 1 ? i - at : 0;
}

static size_t zone_bytes(struct str s, size_t at)
{
        struct str rest = behind(s, at);

        if (rest.n > 0 && (*rest.p == 'Z' || *rest.p == 'z'))
                return 1;
        if (rest.n == 0 || (*rest.p != '+' && *rest.p != '-'))
                return 0;
        rest = behind(rest, 1);
        return looks_like(rest, "00:00") ? 6 : looks_like(rest, "0000") ? 5 : looks_like(rest, "00") ? 3 : 0;
}

/* Bytes of the stamp at the beginning, 0: none. It must end at a blank or at the end of the line. */
static size_t stamp_bytes(struct str s)
{
        size_t n;

        if (looks_like(s, "aaa _0 00:00:00"))
                n = 15 + fraction_bytes(s, 15);
        else if (looks_like(s, "aaa 0 00:00:00")) /* daemons that do not pad the day */
                n = 14 + fraction_bytes(s, 14);
        else if (looks_like(s, "0000-00-00T00:00:00") || looks_like(s, "0000-00-00 00:00:00")) {
                n = 19 + fraction_bytes(s, 19);
                n += zone_bytes(s, n);
        } else {
                return 0;
        }
        return n == s.n || s.p[n] == ' ' || s.p[n] == '\t' ? n : 0;
}

static size_t word_bytes(struct str s)
{
        size_t n = 0;

        while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t')
                n++;
        return n;
}

/* Reads "prog:", "prog[12]:", "prog[12]", "prog(module)[12]:" and what is behind. False: no tag. */
static bool read_tag(struct str s, struct syslog_line *ret)
{
        size_t word = word_bytes(s), i = 0, pid = 0, pid_end = 0;

        while (i < word && s.p[i] != '[' && s.p[i] != '(' && s.p[i] != ':')
                i++;
        ret->program = str_from(s.p, i);
        if (i == 0 || i == word)
                return false;
        if (s.p[i] == '(') {
                while (i < word && s.p[i] != ')')
                        i++;
                if (i == word)
                        return false;
                i++;
        }
        if (i < word && s.p[i] == '[') {
                for (pid = ++i; i < word && s.p[i] != ']'; i++)
                        ;
                if (i == word)
                        return false;
                pid_end = i++;
        }
        if (i < word && s.p[i] == ':')
                i++;
        else if (pid_end == 0 || i != word)
                return false;
        ret->pid = pid_end > pid ? str_from(s.p + pid, pid_end - pid) : STR_NONE;
        ret->message = behind(s, i);
        return true;
}

/* "[ID 800047 auth.info] " of Solaris. */
static struct str skip_solaris_id(struct str s)
{
        size_t end;

        if (!str_starts(s, STR("[ID ")) || s.n < 5 || !is_digit(s.p[4]))
                return s;
        end = str_find(s, STR("] "));
        return end == SIZE_MAX || end > 64 ? s : behind(s, end + 2);
}

static struct str trim_end(struct str s)
{
        while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
                s.n--;
        return s;
}

/* The word at the front, which is passed with the blank behind it; "-" is absent. */
static struct str cut_word(struct str *s)
{
        struct str word = str_from(s->p, 0);

        while (word.n < s->n && s->p[word.n] != ' ')
                word.n++;
        *s = behind(*s, word.n < s->n ? word.n + 1 : word.n);
        return word.n == 0 || str_eqz(word, "-") ? STR_NONE : word;
}

/* "[id name="value" …][…] " or "- "; a bracket in a value is escaped by a backslash. False: it does not end. */
static bool skip_structured(struct str *s)
{
        bool in_value = false;
        size_t i = 0;

        if (s->n == 0 || *s->p == '-') {
                *s = behind(*s, s->n > 1 && s->p[1] == ' ' ? 2 : size_min(s->n, 1));
                return true;
        }
        while (i < s->n && s->p[i] == '[') {
                for (i++; i < s->n && (in_value || s->p[i] != ']'); i++) {
                        if (in_value && s->p[i] == '\\')
                                i++;
                        else if (s->p[i] == '"')
                                in_value = !in_value;
                }
                if (i++ >= s->n)
                        return false;
        }
        if (i == 0 || (i < s->n && s->p[i] != ' '))
                return false;
        *s = behind(*s, i < s->n ? i + 1 : i);
        return true;
}

/* What follows "<38>1 " (RFC 5424, section 6). */
static bool parse_5424(struct str rest, struct syslog_line *ret)
{
        struct syslog_line l = { .hostname = STR_NONE };
        struct str stamp = rest;

        l.timestamp = cut_word(&rest);
        if (l.timestamp.p ? stamp_bytes(stamp) != l.timestamp.n : !str_starts(stamp, STR("- ")))
                return false;
        l.hostname = cut_word(&rest);
        l.program = cut_word(&rest);
        l.pid = cut_word(&rest);
        (void)cut_word(&rest); /* the message's kind */
        if (!skip_structured(&rest))
                return false;
        l.message = str_starts(rest, STR("\xef\xbb\xbf")) ? behind(rest, 3) : rest;
        *ret = l;
        return true;
}

bool syslog_parse(struct str line, struct syslog_line *ret)
{
        struct syslog_line l = { .hostname = STR_NONE };
        struct str rest = skip_priority(trim_end(line));
        size_t n = stamp_bytes(rest);
        bool has_tag;

        if (rest.n != trim_end(line).n && str_starts(rest, STR("1 ")))
                return parse_5424(behind(rest, 2), ret);
        if (n == 0)
                return false;
        l.timestamp = str_from(rest.p, n);
        rest = skip_blanks(behind(rest, n));
        n = word_bytes(rest);
        /* Without a host the first word is a whole tag; "2001:db8::" is none. */
        has_tag = n > 0 && (rest.p[n - 1] == ':' || rest.p[n - 1] == ']') && read_tag(rest, &l) &&
                  l.message.p == rest.p + n;
        if (!has_tag && n > 0) {
                l.hostname = str_from(rest.p, n);
                rest = skip_blanks(behind(rest, n));
                has_tag = read_tag(rest, &l);
        }
        if (!has_tag) {
                l.program = l.pid = STR_NONE;
                l.message = rest;
        } else if (l.message.n > 0 && l.message.p[0] == ' ') {
                l.message = behind(l.message, 1);
        }
        l.message = skip_solaris_id(l.message);
        *ret = l;
        return true;
}

uint64_t syslog_repeat(struct str message, struct str *ret_text)
{
        static const struct str head = { "message repeated ", 17 }, tail = { " times: [", 9 };
        struct str rest;
        uint64_t n = 1;
        size_t i = 0;
        int r;

        *ret_text = message;
        if (!str_starts(message, head) || !str_ends(message, STR("]")))
                return 1;
        rest = behind(message, head.n);
        while (i < rest.n && is_digit(rest.p[i]))
                i++;
        r = str_to_u64(str_from(rest.p, i), &n);
        rest = behind(rest, i);
        if (r == -EBADMSG || !str_starts(rest, tail))
                return 1;
        rest = behind(rest, tail.n);
        if (rest.n > 0 && *rest.p == ' ')
                rest = behind(rest, 1);
        *ret_text = str_from(rest.p, rest.n - 1);
        return r == -ERANGE ? UINT64_MAX : n == 0 ? 1 : n;
}
