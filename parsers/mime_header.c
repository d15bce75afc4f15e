/* SPDX-License-Identifier: Apache-2.0 */

/* Header fields, encoded words, addresses. A line ends with LF, with or without CR in front; a CR alone is a blank and ends
 * nothing, or a sender could put fields of the receiving server's into his own. For the same reason values are taken
 * apart first and decoded then. */

#include <errno.h>

#include "monitor/base/utf8.h"
#include "parsers/charset.h"
#include "parsers/mime.h"
#include "parsers/mime_decode.h"
#include "parsers/mime_impl.h"

/* ---- Fields ---- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static int add_field(struct arena *arena, struct mail *mail, size_t *cap, struct str line, size_t name_n)
{
        if (mail->n_fields == *cap) {
                size_t more = *cap ? *cap * 2 : 32;
                struct mail_field *fields = arena_array(arena, more, sizeof *fields);

                if (!fields)
                        return -ENOMEM;
                if (mail->n_fields > 0)
                        memcpy(fields, mail->fields, mail->n_fields * sizeof *fields);
                mail->fields = fields;
                *cap = more;
        }
        mail->fields[mail->n_fields++] = (struct mail_field){
                .name = str_from(line.p, name_n),
                .value = str_from(line.p + name_n + 1, line.n - name_n - 1),
        };
        return 0;
}

int mime_fields(struct arena *arena, struct str bytes, struct counters *counters, struct mail *ret)
{
        struct str rest = bytes, line, before = bytes;
        bool is_cut = false, is_kept = false;
        size_t cap = 0;

        for (; mail_line(&rest, &line, NULL) && line.n > 0; before = rest) {
                size_t n = mail_field_name(line);

                if (line.p[0] == ' ' || line.p[0] == '\t') {
                        if (is_kept) /* folded: it goes on from the line before */
                                ret->fields[ret->n_fields - 1].value.n =
                                        (size_t)(line.p + line.n - ret->fields[ret->n_fields - 1].value.p);
                        continue;
                }
                if (line.p[0] == '>' && str_starts(line, STR(">From ")))
                        continue; /* a separator that a writer of mboxes quoted */
                if (n == 0) {
                        rest = before; /* no blank line between header and body */
                        break;
                }
                is_kept = ret->n_fields < MAIL_FIELDS_MAX && (size_t)(line.p - bytes.p) < MAIL_HEADER_BYTES_MAX;
                is_cut |= !is_kept;
                if (is_kept && add_field(arena, ret, &cap, line, n) < 0)
                        return -ENOMEM;
        }
        counters->n[COUNTER_MAIL_HEADER_CUT] += is_cut;
        ret->body = rest;
        return 0;
}

struct str mime_field(const struct mail *mail, struct str name)
{
        for (size_t i = 0; i < mail->n_fields; i++)
                if (str_eq_nocase(mail->fields[i].name, name))
                        return mail->fields[i].value;
        return STR_NONE;
}

size_t mime_count(const struct mail *mail, struct str name)
{
        size_t n = 0;

        for (size_t i = 0; i < mail->n_fields; i++)
                n += str_eq_nocase(mail->fields[i].name, name);
        return n;
}

int mime_header(struct arena *arena, struct str bytes, struct counters *counters, struct mail *ret)
{
        struct str rest = bytes, line;
        size_t i = 0;

        *ret = (struct mail){ .envelope = STR_NONE };
        if (!memchr(bytes.p, '\n', size_min(bytes.n, MAIL_FROM_LINE_MAX + MAIL_HEADER_BYTES_MAX)))
                return 0;
        if (mail_line(&rest, &line, NULL) && mail_is_from_line(line)) {
                ret->envelope = line;
                bytes = rest;
        }
        rest = bytes;
        if (!mail_line(&rest, &line, NULL) || (mail_field_name(line) == 0 && !str_starts(line, STR(">From "))))
                return 0;
        if (mime_fields(arena, bytes, counters, ret) < 0)
                return -ENOMEM;
        while (i < ret->n_fields && !mail_is_proof(ret->fields[i].name))
                i++;
        return i < ret->n_fields && mime_field(ret, STR("From")).p;
}

/* ---- Values ---- */

/* Within the limit, and UTF-8. */
static struct str limited(struct arena *arena, struct str value, struct counters *counters)
{
        if (value.n > MAIL_VALUE_BYTES_MAX) {
                counters->n[COUNTER_MAIL_HEADER_CUT]++;
                value.n = MAIL_VALUE_BYTES_MAX;
        }
        if (utf8_is_valid(value))
                return value;
        counters->n[COUNTER_UTF8_REPAIRED]++;
        return utf8_clean(arena, value);
}

static char plain(char c) { return (unsigned char)c < ' ' || c == 127 ? ' ' : c; }

struct str mime_structured(struct arena *arena, struct str value, struct counters *counters)
{
        struct str s = limited(arena, value, counters);
        char *to = s.p ? arena_bytes(arena, s.n) : NULL;
        size_t n = 0, depth = 0;
        bool is_quoted = false;

        for (size_t i = 0; to && i < s.n; i++) {
                char c = s.p[i];

                if (c == '\\' && (is_quoted || depth > 0) && i + 1 < s.n) {
                        if (depth == 0) {
                                to[n++] = c;
                                to[n++] = plain(s.p[i + 1]);
                        }
                        i++;
                        continue;
                }
                if (c == '"' && depth == 0)
                        is_quoted = !is_quoted;
                if (!is_quoted && c == '(')
                        depth++;
                else if (!is_quoted && c == ')' && depth > 0) {
                        if (--depth == 0)
                                to[n++] = ' ';
                } else if (depth == 0)
                        to[n++] = plain(c);
        }
        return to ? str_trim(str_from(to, n)) : STR_NONE;
}

/* ---- Encoded words (RFC 2047) ---- */

struct word {
        struct str charset, text;
        char encoding; /* 'b' or 'q' */
};

/* "=?charset*language?B?text?=" at the beginning of s: its length, or 0. */
static size_t read_word(struct str s, struct word *ret)
{
        struct str rest, parts[3], language;
        size_t end;

        if (!str_starts(s, STR("=?")))
                return 0;
        rest = str_from(s.p + 2, s.n - 2);
        for (size_t i = 0; i < 2; i++) {
                end = 0;
                while (end < rest.n && rest.p[end] > ' ' && rest.p[end] != '?')
                        end++;
                if (end == 0 || end == rest.n || rest.p[end] != '?')
                        return 0;
                parts[i] = str_from(rest.p, end);
                rest = str_from(rest.p + end + 1, rest.n - end - 1);
        }
        end = str_find(rest, STR("?="));
        if (end == SIZE_MAX || parts[1].n != 1)
                return 0;
        ret->text = str_from(rest.p, end);
        ret->encoding = (char)(*parts[1].p | 32);
        language = parts[0]; /* RFC 2231, section 5 */
        (void)str_cut(&language, '*', &ret->charset);
        return ret->encoding == 'b' || ret->encoding == 'q' ? (size_t)(rest.p + end + 2 - s.p) : 0;
}

struct words {
        struct arena *arena;
        struct counters *counters;
        struct strbuf out;
        struct strbuf bytes; /* of words of one character set in a row: senders cut characters in two */
        struct str charset;
        bool is_short_of_memory;
};

static void flush_words(struct words *w)
{
        bool is_known = true;

        if (w->bytes.n > 0) {
                struct str text = charset_to_utf8(w->arena, w->charset, strbuf_str(&w->bytes), &is_known);

                w->is_short_of_memory |= !text.p;
                strbuf_add(&w->out, text);
        }
        w->counters->n[COUNTER_MAIL_CHARSET_UNKNOWN] += !is_known;
        strbuf_clear(&w->bytes);
        w->charset = STR_NONE;
}

static void add_word(struct words *w, const struct word *word)
{
        bool is_cut = false, is_bad = false;
        struct str bytes;

        if (!w->charset.p || !str_eq_nocase(w->charset, word->charset))
                flush_words(w);
        w->charset = word->charset;
        bytes = word->encoding == 'b' ? mime_base64(w->arena, word->text, word->text.n, &is_cut, &is_bad)
                                      : mime_quoted(w->arena, word->text, true, word->text.n, &is_cut, &is_bad);
        w->counters->n[COUNTER_MAIL_ENCODING_BAD] += is_bad;
        w->is_short_of_memory |= !bytes.p;
        strbuf_add(&w->bytes, bytes);
}

static void decode_words(struct words *w, struct str s)
{
        size_t i = 0;
        bool is_behind_word = false;

        while (i < s.n) {
                struct word word;
                size_t n = s.p[i] == '=' ? read_word(str_from(s.p + i, s.n - i), &word) : 0, blanks = 0;

                if (n > 0) {
                        add_word(w, &word);
                        i += n;
                        is_behind_word = true;
                        continue;
                }
                while (is_behind_word && i + blanks < s.n && is_blank(s.p[i + blanks]))
                        blanks++;
                if (blanks > 0 && i + blanks < s.n && read_word(str_from(s.p + i + blanks, s.n - i - blanks), &word) > 0) {
                        i += blanks; /* between two words blanks mean nothing */
                        continue;
                }
                flush_words(w);
                is_behind_word = false;
                strbuf_addc(&w->out, s.p[i++]);
        }
        flush_words(w);
}

struct str mime_words(struct arena *arena, struct str value, struct counters *counters)
{
        struct words w = { .arena = arena, .counters = counters, .out = STRBUF_INIT, .bytes = STRBUF_INIT, .charset = STR_NONE };
        struct str s = limited(arena, value, counters), text = STR_NONE;

        if (s.p && str_find(s, STR("=?")) == SIZE_MAX)
                return mime_tidy(arena, s, true);
        if (s.p) {
                decode_words(&w, s);
                if (!w.is_short_of_memory && !strbuf_failed(&w.out) && !strbuf_failed(&w.bytes))
                        text = arena_dup(arena, strbuf_str(&w.out));
        }
        strbuf_done(&w.out);
        strbuf_done(&w.bytes);
        return text.p ? mime_tidy(arena, text, true) : STR_NONE;
}
