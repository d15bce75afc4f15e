/* SPDX-License-Identifier: Apache-2.0 */

/* The parts of a mail (RFC 2046, section 5.1), in order, and the text among them. A part ends where a delimiter of its
 * multipart lies, at the latest with its multipart; a multipart without a boundary is read as text, one without an end up
 * to the end of what is around it. */

#include "parsers/mime.h"

#include <errno.h>

#include "parsers/charset.h"
#include "parsers/mime_decode.h"
#include "parsers/mime_impl.h"

enum { BOUNDARY_MAX = 200 }; /* bytes; RFC 2046 says 70 */

struct reader {
        struct arena *arena;
        struct counters *counters;
        size_t parts;
        bool is_quoted_mbox; /* lines ">From " were "From " */
        bool is_cut; /* parts were left out */
        struct str plain, html; /* what was found; absent: nothing yet */
};

/* ---- Content-Type and such ---- */

struct content {
        struct str type; /* "text/plain" */
        struct str charset, boundary;
        struct str encoding;
        bool is_attachment;
};

/* "name=value" or "name="value"" of a structured field: takes one parameter off. */
static bool take_parameter(struct str *rest, struct str *ret_name, struct str *ret_value)
{
        bool is_quoted = false;
        struct str part;
        size_t n = 0;

        if (rest->n == 0)
                return false;
        while (n < rest->n && (is_quoted || rest->p[n] != ';')) {
                if (rest->p[n] == '\\' && is_quoted)
                        n++;
                else if (rest->p[n] == '"')
                        is_quoted = !is_quoted;
                n++;
        }
        n = size_min(n, rest->n);
        part = str_from(rest->p, n);
        *rest = n < rest->n ? str_from(rest->p + n + 1, rest->n - n - 1) : str_from(rest->p + n, 0);
        (void)str_cut(&part, '=', ret_name);
        *ret_name = str_trim(*ret_name);
        *ret_value = part.p ? str_trim(part) : STR("");
        if (ret_value->n >= 2 && ret_value->p[0] == '"' && ret_value->p[ret_value->n - 1] == '"')
                *ret_value = str_from(ret_value->p + 1, ret_value->n - 2);
        return true;
}

static int read_content(struct reader *rd, const struct mail *part, struct content *ret)
{
        struct str type = mime_field(part, STR("Content-Type")), how = mime_field(part, STR("Content-Disposition")),
                   encoding = mime_field(part, STR("Content-Transfer-Encoding")), name, value;

        *ret = (struct content){ .type = STR("text/plain"), .charset = STR(""), .boundary = STR(""), .encoding = STR("") };
        if (type.p) {
                struct str rest = mime_structured(rd->arena, type, rd->counters);

                if (!rest.p)
                        return -ENOMEM;
                if (take_parameter(&rest, &name, &value) && memchr(name.p, '/', name.n))
                        ret->type = name;
                while (take_parameter(&rest, &name, &value))
                        if (str_eq_nocase(name, STR("charset")))
                                ret->charset = value;
                        else if (str_eq_nocase(name, STR("boundary")))
                                ret->boundary = value;
        }
        if (how.p) {
                struct str rest = mime_structured(rd->arena, how, rd->counters);

                if (!rest.p)
                        return -ENOMEM;
                ret->is_attachment = take_parameter(&rest, &name, &value) && str_eq_nocase(name, STR("attachment"));
        }
        if (encoding.p) {
                ret->encoding = mime_structured(rd->arena, encoding, rd->counters);
                if (!ret->encoding.p)
                        return -ENOMEM;
        }
        return 0;
}

/* ---- Text ---- */

/* Takes the '>' off that a writer of mboxes put in front of "From " (mboxrd; mboxo's are among them). */
static struct str unquote_mbox(struct arena *arena, struct str text)
{
        char *to = arena_bytes(arena, text.n);
        size_t n = 0;

        for (size_t i = 0; to && i < text.n;) {
                const char *newline = memchr(text.p + i, '\n', text.n - i);
                size_t line = newline ? (size_t)(newline + 1 - (text.p + i)) : text.n - i, quotes = 0;

                while (quotes < line && text.p[i + quotes] == '>')
                        quotes++;
                quotes = quotes > 0 && str_starts(str_from(text.p + i + quotes, line - quotes), STR("From "));
                memcpy(to + n, text.p + i + quotes, line - quotes);
                n += line - quotes;
                i += line;
        }
        return to ? str_from(to, n) : STR_NONE;
}

/* From the bytes of a part to text. *ret is absent when there is no memory. */
static void decode_text(struct reader *rd, const struct content *c, struct str body, bool is_html, struct str *ret)
{
        bool is_cut = false, is_bad = false, is_known = true;
        struct str s = body;

        if (rd->is_quoted_mbox && s.n > 0 && str_find(s, STR(">From ")) != SIZE_MAX)
                s = unquote_mbox(rd->arena, s);
        if (s.p && str_eq_nocase(c->encoding, STR("base64")))
                s = mime_base64(rd->arena, s, MAIL_TEXT_BYTES_MAX, &is_cut, &is_bad);
        else if (s.p && str_eq_nocase(c->encoding, STR("quoted-printable")))
                s = mime_quoted(rd->arena, s, false, MAIL_TEXT_BYTES_MAX, &is_cut, &is_bad);
        if (s.p && s.n > MAIL_TEXT_BYTES_MAX) {
                s.n = MAIL_TEXT_BYTES_MAX;
                is_cut = true;
        }
        if (s.p)
                s = charset_to_utf8(rd->arena, c->charset, s, &is_known);
        if (s.p && is_html)
                s = mime_html_text(rd->arena, s);
        if (s.p)
                s = mime_tidy(rd->arena, s, false);
        rd->counters->n[COUNTER_MAIL_TEXT_CUT] += is_cut;
        rd->counters->n[COUNTER_MAIL_ENCODING_BAD] += is_bad;
        rd->counters->n[COUNTER_MAIL_CHARSET_UNKNOWN] += !is_known;
        *ret = s;
}

static int read_leaf(struct reader *rd, const struct content *c, struct str body)
{
        bool is_html = str_eq_nocase(c->type, STR("text/html"));
        struct str *to = is_html ? &rd->html : &rd->plain, text;

        if (c->is_attachment || to->n > 0 || (!is_html && !str_eq_nocase(c->type, STR("text/plain"))))
                return 0;
        decode_text(rd, c, body, is_html, &text);
        if (!text.p)
                return -ENOMEM;
        *to = text;
        return 0;
}

/* ---- Parts ---- */

/* Is the line "--boundary", with "--" behind it at the end, blanks allowed? 1, 2: the end, 0. */
static int is_delimiter(struct str line, struct str boundary)
{
        struct str rest;

        if (line.n < boundary.n + 2 || line.p[0] != '-' || line.p[1] != '-' ||
            memcmp(line.p + 2, boundary.p, boundary.n) != 0)
                return 0;
        rest = str_from(line.p + 2 + boundary.n, line.n - 2 - boundary.n);
        if (str_trim(rest).n == 0)
                return 1;
        return str_starts(rest, STR("--")) && str_trim(str_from(rest.p + 2, rest.n - 2)).n == 0 ? 2 : 0;
}

static int read_part(struct reader *rd, struct str bytes, unsigned depth);

/* A part without the line end in front of its delimiter. */
static struct str part_between(const char *from, const char *to)
{
        if (to > from && to[-1] == '\n')
                to--;
        if (to > from && to[-1] == '\r')
                to--;
        return str_from(from, (size_t)(to - from));
}

static int read_multipart(struct reader *rd, struct str boundary, struct str body, unsigned depth)
{
        struct str rest = body, line;
        const char *from = NULL;
        int r = 0, kind = 0;

        while (r >= 0 && kind < 2 && mail_line(&rest, &line, NULL)) {
                kind = is_delimiter(line, boundary);
                if (kind == 0)
                        continue;
                if (from)
                        r = read_part(rd, part_between(from, line.p), depth);
                from = rest.p;
        }
        if (r >= 0 && kind < 2) {
                rd->is_cut = true; /* it does not end, or has no part at all */
                if (from)
                        r = read_part(rd, part_between(from, body.p + body.n), depth);
        }
        return r;
}

static int read_body(struct reader *rd, const struct mail *part, unsigned depth)
{
        struct content c;
        int r = read_content(rd, part, &c);

        if (r < 0)
                return r;
        if (c.type.n < 10 || !str_eq_nocase(str_from(c.type.p, 10), STR("multipart/")))
                return read_leaf(rd, &c, part->body);
        if (c.boundary.n == 0 || c.boundary.n > BOUNDARY_MAX) {
                rd->is_cut = true;
                c.type = STR("text/plain");
                return read_leaf(rd, &c, part->body);
        }
        if (depth >= MAIL_DEPTH_MAX) {
                rd->is_cut = true;
                return 0;
        }
        return read_multipart(rd, c.boundary, part->body, depth + 1);
}

static int read_part(struct reader *rd, struct str bytes, unsigned depth)
{
        struct mail part = { .envelope = STR_NONE };

        if (rd->parts >= MAIL_PARTS_MAX) {
                rd->is_cut = true;
                return 0;
        }
        rd->parts++;
        if (mime_fields(rd->arena, bytes, rd->counters, &part) < 0)
                return -ENOMEM;
        return read_body(rd, &part, depth);
}

int mime_text(struct arena *arena, const struct mail *mail, struct counters *counters, struct str *ret)
{
        struct reader rd = { .arena = arena, .counters = counters, .plain = STR_NONE, .html = STR_NONE };
        int r;

        rd.is_quoted_mbox = mail->envelope.p != NULL;
        r = read_body(&rd, mail, 0);
        if (r < 0)
                return r;
        counters->n[COUNTER_MAIL_PARTS_CUT] += rd.is_cut;
        *ret = rd.plain.n > 0 ? rd.plain : rd.html.n > 0 ? rd.html : STR("");
        return 0;
}
