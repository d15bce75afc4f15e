/* SPDX-License-Identifier: Apache-2.0 */

/* RFC 8601, section 2.2: "mx.example.com 1; dkim=pass (2048 bits) header.d=example.org; spf=fail smtp.mailfrom=…; dmarc=…".
 * Comments are gone before it is taken apart, or a comment could hold a result. */

#include "parsers/mail_auth.h"

#include <errno.h>

enum { METHODS_MAX = 64 }; /* results of one field that are looked at */

/* One result. */
struct result {
        struct str method, result;
        struct str domain; /* of the property that says for whom; absent: not said */
};

struct verdicts {
        struct str from;
        mail_is_sender_fn *is_sender;
        const void *userdata;
        bool has_dmarc, passed, failed; /* DKIM and SPF: for a domain of the sender's; at all */
        bool dmarc_passed, dmarc_failed;
};

static struct str lower(struct arena *arena, struct str s)
{
        char *to = arena_bytes(arena, s.n);

        for (size_t i = 0; to && i < s.n; i++)
                to[i] = str_lower(s.p[i]);
        return to ? str_from(to, s.n) : STR_NONE;
}

/* Takes off what is in front of a separator outside quotes: a quoted local part is the sender's, and may hold anything. */
static bool take_until(struct str *rest, char separator, struct str *ret)
{
        bool is_quoted = false;
        size_t n = 0;

        if (!rest->p)
                return false;
        for (; n < rest->n && (is_quoted || rest->p[n] != separator); n++) {
                if (rest->p[n] == '"')
                        is_quoted = !is_quoted;
                else if (rest->p[n] == '\\' && is_quoted)
                        n++;
        }
        n = size_min(n, rest->n);
        *ret = str_from(rest->p, n);
        *rest = n < rest->n ? str_from(rest->p + n + 1, rest->n - n - 1) : STR_NONE;
        return true;
}

static bool take_word(struct str *rest, struct str *ret)
{
        if (!rest->p)
                return false;
        *rest = str_trim(*rest);
        return rest->n > 0 && take_until(rest, ' ', ret);
}

static struct str unquoted(struct str s)
{
        return s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"' ? str_from(s.p + 1, s.n - 2) : s;
}

/* "bounce@mail.example.com" is of mail.example.com, "@example.com" of example.com, and that of itself. */
static struct str domain_of(struct str s)
{
        struct str domain = mail_domain(s);

        return domain.p ? domain : s;
}

/* Which property of a method says for whom. */
static bool says_domain(struct str method, struct str property)
{
        static const struct {
                const char *method, *property;
        } known[] = {
                { "dkim", "header.d" }, { "dkim", "header.i" }, { "spf", "smtp.mailfrom" }, { "spf", "smtp.helo" },
                { "dmarc", "header.from" },
        };

        for (size_t i = 0; i < ARRAY_LEN(known); i++)
                if (str_eqz(method, known[i].method) && str_eq_nocase(property, str_of(known[i].property)))
                        return true;
        return false;
}

/* "dkim/1=pass reason="…" header.d=example.com". 1; 0: it is no result; -ENOMEM. */
static int read_result(struct arena *arena, struct str text, struct result *ret)
{
        struct str word, name, version;

        *ret = (struct result){ .domain = STR_NONE };
        if (!take_word(&text, &word) || !memchr(word.p, '=', word.n))
                return 0;
        (void)str_cut(&word, '=', &name);
        version = name;
        (void)str_cut(&version, '/', &name);
        ret->method = lower(arena, str_trim(name));
        ret->result = lower(arena, unquoted(str_trim(word)));
        while (take_word(&text, &word)) {
                (void)str_cut(&word, '=', &name);
                if (!word.p || ret->domain.p || !says_domain(ret->method, name))
                        continue;
                ret->domain = lower(arena, domain_of(unquoted(word)));
                if (!ret->domain.p)
                        return -ENOMEM;
        }
        return ret->method.p && ret->result.p ? 1 : -ENOMEM;
}

static void judge(struct verdicts *v, const struct result *r)
{
        bool passes = str_eqz(r->result, "pass"),
             fails = str_eqz(r->result, "fail") || str_eqz(r->result, "hardfail") || str_eqz(r->result, "policy");

        if (str_eqz(r->method, "dmarc")) {
                bool is_mine = !r->domain.p || str_eq(r->domain, v->from);

                v->has_dmarc |= passes || fails;
                v->dmarc_passed |= passes && is_mine;
                v->dmarc_failed |= fails || (passes && !is_mine);
        } else {
                v->passed |= passes && r->domain.p && v->is_sender(v->userdata, r->domain);
                v->failed |= fails;
        }
}

/* What is shown of a method that was tried more than once: that it passed, if it did. */
static void note(struct str *to, const struct result *r)
{
        if (!to->p || str_eqz(r->result, "pass"))
                *to = r->result;
}

static int read_results(struct arena *arena, struct str rest, struct verdicts *v, struct mail_auth *ret)
{
        struct str part;
        struct result r;

        for (size_t i = 0; i < METHODS_MAX && take_until(&rest, ';', &part); i++) {
                int k = read_result(arena, part, &r);

                if (k < 0)
                        return k;
                if (k == 0)
                        continue;
                if (str_eqz(r.method, "dkim"))
                        note(&ret->dkim, &r);
                else if (str_eqz(r.method, "spf"))
                        note(&ret->spf, &r);
                else if (str_eqz(r.method, "dmarc"))
                        note(&ret->dmarc, &r);
                else
                        continue;
                judge(v, &r);
        }
        return 0;
}

/* The topmost field that counts: its results. Absent: there is none. */
static int find_field(struct arena *arena, const struct mail *mail, struct str authserv, struct counters *counters,
                      struct str *ret_server, struct str *ret_results)
{
        *ret_results = STR_NONE;
        for (size_t i = 0; i < mail->n_fields; i++) {
                struct str rest, first, server = STR("");

                if (!str_eq_nocase(mail->fields[i].name, STR("Authentication-Results")))
                        continue;
                rest = mime_structured(arena, mail->fields[i].value, counters);
                if (!rest.p)
                        return -ENOMEM;
                *ret_results = rest;
                (void)take_until(&rest, ';', &first);
                if (!memchr(first.p, '=', first.n)) {
                        *ret_results = rest.p ? rest : STR("");
                        (void)take_word(&first, &server);
                        server = unquoted(server);
                }
                *ret_server = server;
                if (!authserv.p || str_eq_nocase(server, authserv))
                        return 0;
                *ret_results = STR_NONE;
        }
        return 0;
}

int mail_auth_read(struct arena *arena, const struct mail *mail, struct str authserv, struct str from,
                   mail_is_sender_fn *is_sender, const void *userdata, struct counters *counters, struct mail_auth *ret)
{
        struct verdicts v = { .from = from, .is_sender = is_sender, .userdata = userdata };
        struct str results, server = STR_NONE;
        int r = find_field(arena, mail, authserv, counters, &server, &results);

        *ret = (struct mail_auth){ .server = STR_NONE, .dkim = STR_NONE, .spf = STR_NONE, .dmarc = STR_NONE, .verdict = "none" };
        if (r < 0 || !results.p)
                return r;
        ret->server = server;
        r = read_results(arena, results, &v, ret);
        if (r < 0)
                return r;
        if (v.has_dmarc)
                ret->verdict = v.dmarc_passed && !v.dmarc_failed ? "pass" : "fail";
        else if (v.passed)
                ret->verdict = "pass";
        else if (v.failed)
                ret->verdict = "fail";
        return 0;
}
