/* SPDX-License-Identifier: Apache-2.0 */

/* Telling mails from other texts. Strict where an attacker could gain by it: a line of a log that happens to hold a colon
 * must not swallow the lines behind it, and a line of a message's text must not begin another message. */

#include "monitor/base/mail.h"

#include <errno.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* One of the words of three letters in `list`, with a blank behind it. */
static bool takes_name(struct str *s, const char *list)
{
        if (s->n < 4 || s->p[3] != ' ')
                return false;
        for (; *list; list += 3)
                if (memcmp(s->p, list, 3) == 0) {
                        *s = str_from(s->p + 4, s->n - 4);
                        return true;
                }
        return false;
}

static void skip_blanks(struct str *s)
{
        while (s->n > 0 && *s->p == ' ')
                *s = str_from(s->p + 1, s->n - 1);
}

static size_t takes_digits(struct str *s, size_t max)
{
        size_t n = 0;

        while (n < s->n && n < max && is_digit(s->p[n]))
                n++;
        *s = str_from(s->p + n, s->n - n);
        return n;
}

/* asctime()'s: "Thu Nov 26 12:00:00 2026"; some leave the seconds out, or put a zone in front of the year. */
static bool is_ctime(struct str s)
{
        if (!takes_name(&s, "MonTueWedThuFriSatSun") || !takes_name(&s, "JanFebMarAprMayJunJulAugSepOctNovDec"))
                return false;
        skip_blanks(&s);
        if (takes_digits(&s, 2) == 0 || s.n == 0 || *s.p != ' ')
                return false;
        skip_blanks(&s);
        if (takes_digits(&s, 2) != 2)
                return false;
        for (unsigned i = 0; i < 2 && s.n > 2 && *s.p == ':'; i++) {
                s = str_from(s.p + 1, s.n - 1);
                if (takes_digits(&s, 2) != 2)
                        return false;
        }
        skip_blanks(&s);
        if (s.n >= 4 && ((s.p[0] >= 'A' && s.p[0] <= 'Z') || s.p[0] == '+' || s.p[0] == '-')) { /* a zone */
                while (s.n > 0 && *s.p != ' ')
                        s = str_from(s.p + 1, s.n - 1);
                skip_blanks(&s);
        }
        return takes_digits(&s, 4) == 4;
}

bool mail_is_from_line(struct str line)
{
        struct str s = line;

        if (line.n > MAIL_FROM_LINE_MAX || !str_starts(line, STR("From ")))
                return false;
        s = str_from(line.p + 5, line.n - 5);
        if (is_ctime(s))
                return true; /* no address at all: some write that */
        while (s.n > 0 && *s.p != ' ')
                s = str_from(s.p + 1, s.n - 1);
        skip_blanks(&s);
        return is_ctime(s);
}

size_t mail_field_name(struct str line)
{
        size_t i = 0;

        while (i < line.n && i <= MAIL_NAME_MAX && line.p[i] > ' ' && line.p[i] < 127 && line.p[i] != ':')
                i++;
        return i > 0 && i <= MAIL_NAME_MAX && i < line.n && line.p[i] == ':' ? i : 0;
}

/* Field names that the first line of a stored mail has; it is asked first, so that other texts are done with at once. */
static bool is_first_name(struct str name)
{
        static const char *const names[] = {
                "Return-Path", "Delivered-To", "X-Original-To", "Received", "From", "To", "Cc", "Subject", "Date", "Sender",
                "Reply-To", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Envelope-To",
                "Delivery-Date", "Authentication-Results", "DKIM-Signature", "Received-SPF", "List-Unsubscribe", "List-Id",
                "X-Envelope-From", "X-Envelope-To", "X-Gmail-Labels", "X-GM-THRID", "X-Received", "X-Google-Smtp-Source",
                "X-Spam-Status", "X-Spam-Checker-Version", "X-Apparently-To", "X-UIDL", "X-Mozilla-Status", "X-Account-Key",
                "X-Virus-Scanned", "X-Sieve", "X-Mailer", "Status", "Importance", "X-Priority", "Feedback-ID",
        };

        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (str_eq_nocase(name, str_of(names[i])))
                        return true;
        return str_starts(name, STR("ARC-")) || str_starts(name, STR("X-MS-")) || str_starts(name, STR("X-SES-"));
}

bool mail_is_proof(struct str name)
{
        return str_eq_nocase(name, STR("Date")) || str_eq_nocase(name, STR("Received")) ||
               str_eq_nocase(name, STR("Message-ID")) || str_eq_nocase(name, STR("Return-Path"));
}

bool mail_line(struct str *rest, struct str *ret, bool *ret_is_whole)
{
        const char *newline = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;

        *ret = str_from(rest->p, newline ? (size_t)(newline - rest->p) : rest->n);
        if (ret_is_whole)
                *ret_is_whole = newline != NULL;
        if (rest->n == 0)
                return false;
        *rest = str_from(rest->p + ret->n + (newline != NULL), rest->n - ret->n - (newline != NULL));
        if (ret->n > 0 && ret->p[ret->n - 1] == '\r')
                ret->n--;
        return true;
}

struct str mail_domain(struct str address)
{
        size_t at = address.n;

        while (at > 0 && address.p[at - 1] != '@')
                at--;
        return at > 0 ? str_from(address.p + at, address.n - at) : STR_NONE;
}

bool mail_is_below(struct str domain, struct str above)
{
        size_t n = domain.n - above.n;

        return domain.n > above.n && domain.p[n - 1] == '.' && str_eq_nocase(str_from(domain.p + n, above.n), above);
}

int mail_begins(struct str text, bool at_end)
{
        bool has_from = false, has_proof = false, is_whole;
        struct str rest = text, line;

        for (size_t fields = 0, lines = 0; mail_line(&rest, &line, &is_whole); lines++) {
                size_t n = mail_field_name(line);

                if (!is_whole && !at_end && line.n <= MAIL_FROM_LINE_MAX)
                        return -EAGAIN;
                if (lines == 0 && mail_is_from_line(line))
                        continue;
                if (fields > 0 && line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
                        continue; /* folded */
                if (n == 0 || (fields == 0 && !is_first_name(str_from(line.p, n))))
                        return 0;
                fields++;
                has_from |= str_eq_nocase(str_from(line.p, n), STR("From"));
                has_proof |= mail_is_proof(str_from(line.p, n));
                if (has_from && has_proof)
                        return 1;
        }
        return at_end || text.n > MAIL_HEADER_BYTES_MAX ? 0 : -EAGAIN;
}
