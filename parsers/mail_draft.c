/* SPDX-License-Identifier: Apache-2.0 */

/* From one mail to a source file. Everything taken over from the mail is tidied, quoted for YAML and, in expressions, for
 * PCRE2: a mail is an attacker's text, and the draft is read by a program and a person. */

#include "parsers/mail_draft.h"

#include <errno.h>

#include "monitor/base/arena.h"
#include "monitor/base/utf8.h"
#include "parsers/address.h"
#include "parsers/draft_text.h"
#include "parsers/mime.h"
#include "parsers/mime_decode.h"

enum { LABEL_MAX = 32 }; /* bytes; PCRE2 takes names up to that */

struct draft {
        struct arena *arena;
        struct strbuf *out;
        struct counters counters; /* of no interest here */
        struct mail mail;
        struct mail_address from[MAIL_ADDRESSES_MAX], to[MAIL_ADDRESSES_MAX];
        int n_from, n_to;
        struct str sender, domain; /* from[0], tidied */
        struct str subject, text, stamp;
        struct str ip; /* the first address in subject or text; absent: none */
        struct str labels[MAIL_DRAFT_LABELS_MAX];
        size_t n_labels;
        bool has_mail; /* group `mail` is used */
        bool has_ip; /* group `ip` is in the subject */
};

/* ---- Reading ---- */

bool mail_draft_fits(struct str bytes)
{
        return mail_begins(bytes, true) > 0;
}

static bool is_end(char c) { return strchr(".,;:!?)(\"'", c) != NULL; }

/* A word without punctuation around it. */
static struct str bare_word(struct str word)
{
        while (word.n > 0 && is_end(*word.p))
                word = str_from(word.p + 1, word.n - 1);
        while (word.n > 0 && is_end(word.p[word.n - 1]))
                word.n--;
        return word;
}

/* Takes a word off that ends with a blank or newline; false at the end. */
static bool take_word(struct str *rest, struct str *ret)
{
        size_t n = 0;

        while (rest->n > 0 && (*rest->p == ' ' || *rest->p == '\n'))
                *rest = str_from(rest->p + 1, rest->n - 1);
        while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\n')
                n++;
        *ret = str_from(rest->p, n);
        *rest = str_from(rest->p + n, rest->n - n);
        return n > 0;
}

static bool is_ip(struct draft *d, struct str word)
{
        struct str address;

        return (memchr(word.p, '.', word.n) || memchr(word.p, ':', word.n)) && address_clean(d->arena, word, &address) > 0;
}

static void find_ip(struct draft *d, struct str text)
{
        struct str rest = text, word;

        while (!d->ip.p && take_word(&rest, &word))
                if (bare_word(word).n > 0 && is_ip(d, bare_word(word)))
                        d->ip = bare_word(word);
}

/* A name for a field out of a label's letters; absent: it has none. */
static struct str group_name(struct draft *d, struct str label)
{
        char *to = arena_bytes(d->arena, label.n + 1);
        size_t n = 0;

        for (size_t i = 0; to && i < label.n; i++) {
                char c = str_lower(label.p[i]);

                if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9' && n > 0))
                        to[n++] = c;
                else if (n > 0 && to[n - 1] != '_')
                        to[n++] = '_';
        }
        while (n > 0 && to[n - 1] == '_')
                n--;
        return n > 0 ? str_from(to, n) : STR_NONE;
}

/* Lines "Label: value" of the text. */
static void find_labels(struct draft *d)
{
        struct str rest = d->text, line, label;

        while (d->n_labels < MAIL_DRAFT_LABELS_MAX && str_cut(&rest, '\n', &line)) {
                bool is_new = true;

                if (!str_cut(&line, ':', &label) || !line.p || str_trim(line).n == 0 || label.n == 0 || label.n > LABEL_MAX ||
                    str_starts(line, STR("//")) || !group_name(d, label).p)
                        continue;
                for (size_t i = 0; i < d->n_labels && is_new; i++)
                        is_new = !str_eq(group_name(d, d->labels[i]), group_name(d, label));
                if (is_new)
                        d->labels[d->n_labels++] = label;
        }
}

/* Structured values come as the sender wrote them. 0, -ENOMEM. */
static int tidy(struct draft *d)
{
        d->sender = mime_tidy(d->arena, d->from[0].address, true);
        d->domain = mime_tidy(d->arena, d->from[0].domain, true);
        d->stamp = mime_tidy(d->arena, d->stamp, true);
        return d->sender.p && d->domain.p && d->stamp.p ? 0 : -ENOMEM;
}

static int read_mail(struct draft *d, struct str bytes)
{
        struct str value;
        int r = mime_header(d->arena, bytes, &d->counters, &d->mail);

        if (r <= 0)
                return r < 0 ? r : -EBADMSG;
        d->n_from = mime_addresses(d->arena, mime_field(&d->mail, STR("From")), &d->counters, d->from);
        value = mime_field(&d->mail, STR("To"));
        d->n_to = value.p ? mime_addresses(d->arena, value, &d->counters, d->to) : 0;
        value = mime_field(&d->mail, STR("Subject"));
        d->subject = value.p ? mime_words(d->arena, value, &d->counters) : STR("");
        value = mime_field(&d->mail, STR("Date"));
        d->stamp = value.p ? mime_structured(d->arena, value, &d->counters) : STR("");
        if (d->n_from < 0 || d->n_to < 0 || !d->subject.p || !d->stamp.p)
                return -ENOMEM;
        if (d->n_from == 0 || d->subject.n == 0)
                return -EBADMSG;
        r = tidy(d);
        if (r >= 0)
                r = mime_text(d->arena, &d->mail, &d->counters, &d->text);
        if (r < 0)
                return r;
        find_ip(d, d->subject);
        find_ip(d, d->text);
        find_labels(d);
        return 0;
}

/* ---- Expressions ---- */

static bool has_digit(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if (s.p[i] >= '0' && s.p[i] <= '9')
                        return true;
        return false;
}

/* Is the word one of a date that is written out? */
static bool is_calendar(struct str word)
{
        static const char *const names[] = { "january", "february", "march", "april", "june", "july", "august", "september",
                                             "october", "november", "december", "monday", "tuesday", "wednesday", "thursday",
                                             "friday", "saturday", "sunday" };

        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (word.n >= 3 && (str_eq_nocase(word, str_of(names[i])) ||
                                    str_eq_nocase(word, str_from(names[i], 3))))
                        return true;
        return false;
}

/* Does the word name the receiver? */
static bool is_receiver(const struct draft *d, struct str word)
{
        for (int i = 0; i < d->n_to; i++) {
                struct str rest = d->to[i].name, part, local = d->to[i].address;

                local.n -= d->to[i].domain.n + 1;
                if (word.n > 1 && str_eq_nocase(word, local))
                        return true;
                while (rest.p && take_word(&rest, &part))
                        if (word.n > 1 && str_eq_nocase(word, bare_word(part)))
                                return true;
        }
        return false;
}

/* Numbers in a word change, the letters around them stay. */
static void add_numbers(struct strbuf *out, struct str word)
{
        for (size_t i = 0; i < word.n;) {
                size_t n = i;

                while (n < word.n && word.p[n] >= '0' && word.p[n] <= '9')
                        n++;
                if (n > i)
                        strbuf_addz(out, "\\d+");
                else
                        draft_regex_literal(out, str_from(word.p + n++, 1));
                i = n;
        }
}

static void add_word(struct draft *d, struct strbuf *out, struct str word, bool is_day)
{
        struct str bare = bare_word(word);

        if (bare.n == 0) {
                draft_regex_literal(out, word);
                return;
        }
        draft_regex_literal(out, str_from(word.p, (size_t)(bare.p - word.p)));
        if (memchr(bare.p, '@', bare.n)) {
                strbuf_addz(out, d->has_mail ? "[^\\s@]+@\\S*\\w" : "(?<mail>[^\\s@]+@\\S*\\w)");
                d->has_mail = true;
        } else if (is_ip(d, bare)) {
                strbuf_addz(out, d->has_ip ? "[0-9A-Fa-f.:]+" : "(?<ip>[0-9A-Fa-f.:]+)");
                d->has_ip = true;
        } else if (is_receiver(d, bare)) {
                strbuf_addz(out, "\\S+");
        } else if (has_digit(bare)) {
                add_numbers(out, bare);
        } else if (is_day && is_calendar(bare)) {
                strbuf_addz(out, "[A-Za-z]+");
        } else {
                draft_regex_literal(out, bare);
        }
        draft_regex_literal(out, str_from(bare.p + bare.n, (size_t)(word.p + word.n - bare.p - bare.n)));
}

/* The subject as an expression: what stands in double quotes is anything. */
static void add_subject(struct draft *d, struct strbuf *out)
{
        struct str rest = d->subject, word;
        bool is_day = has_digit(d->subject), is_first = true;

        while (rest.n > 0) {
                const char *close;

                while (rest.n > 0 && *rest.p == ' ')
                        rest = str_from(rest.p + 1, rest.n - 1);
                close = rest.n > 1 && *rest.p == '"' ? memchr(rest.p + 1, '"', rest.n - 1) : NULL;
                if (!is_first && rest.n > 0)
                        strbuf_addz(out, "\\s+");
                is_first = false;
                if (close) {
                        strbuf_addz(out, "\"[^\"]*\"");
                        rest = str_from(close + 1, (size_t)(rest.p + rest.n - close - 1));
                        if (rest.n > 0 && *rest.p != ' ' && take_word(&rest, &word))
                                draft_regex_literal(out, word);
                } else if (take_word(&rest, &word)) {
                        add_word(d, out, word, is_day);
                }
        }
}

/* ---- Writing ---- */

static const struct {
        const char *word, *class, *type;
} guesses[] = {
        { "sign-in", "login", NULL },      { "sign in", "login", NULL },          { "signed in", "login", NULL },
        { "login", "login", NULL },        { "log in", "login", NULL },           { "logged in", "login", NULL },
        { "device", "login", NULL },       { "two-step", "mfa", "change" },       { "two-factor", "mfa", "change" },
        { "2fa", "mfa", "change" },        { "verification", "mfa", "change" },   { "password", "credential", "change" },
        { "api key", "credential", "creation" }, { "bank", "payout", "change" },  { "payout", "payout", "change" },
        { "export", "export", NULL },      { "report", "export", NULL },          { "download", "export", NULL },
        { "permission", "grant", "change" }, { "user", "grant", "creation" },     { "email address", "account", "change" },
        { "phone", "account", "change" },
};

static void add_class(struct draft *d)
{
        struct str folded = utf8_fold(d->arena, d->subject);

        for (size_t i = 0; folded.p && i < ARRAY_LEN(guesses); i++) {
                if (str_find(folded, str_of(guesses[i].word)) == SIZE_MAX)
                        continue;
                strbuf_addf(d->out, "classes: # a guess, as the subject says \"%s\"\n  - {class: %s, when: {pattern: notice}, unless: {auth: fail}",
                            guesses[i].word, guesses[i].class);
                if (guesses[i].type)
                        strbuf_addf(d->out, ", set: {event.type: {is: %s}}", guesses[i].type);
                strbuf_addz(d->out, "}\n");
                return;
        }
        strbuf_addz(d->out, "# What was done? Take one: login, mfa, export, share, grant, credential, account, payout, ad_spend, storefront, config\n"
                            "# classes:\n#   - {class: login, when: {pattern: notice}, unless: {auth: fail}}\n");
}

static void add_label(struct draft *d, struct str label)
{
        CLEANUP(strbuf_done) struct strbuf regex = STRBUF_INIT;
        struct str name = group_name(d, label);

        if (str_eqz(name, "ip") || str_eqz(name, "mail"))
                return;
        strbuf_addz(&regex, "(?m)^");
        draft_regex_literal(&regex, label);
        strbuf_addf(&regex, ":\\s*(?<" STR_FMT ">\\S.*)$", STR_ARG(name));
        strbuf_addz(d->out, "      - ");
        draft_scalar(d->out, strbuf_str(&regex));
        strbuf_addc(d->out, '\n');
        d->out->failed |= strbuf_failed(&regex);
}

static void add_patterns(struct draft *d)
{
        CLEANUP(strbuf_done) struct strbuf regex = STRBUF_INIT;

        strbuf_addz(&regex, "(?i)^");
        add_subject(d, &regex);
        strbuf_addc(&regex, '$');
        strbuf_addz(d->out, "patterns: # one for each kind of notice; give them names that say what was done\n  - name: notice\n    sure: confirmed\n    subject: ");
        draft_scalar(d->out, strbuf_str(&regex));
        strbuf_addc(d->out, '\n');
        d->out->failed |= strbuf_failed(&regex);
        if (d->n_labels == 0 && (!d->ip.p || d->has_ip))
                return;
        strbuf_addz(d->out, "    also:\n");
        if (d->ip.p && !d->has_ip)
                strbuf_addz(d->out, "      - '\\b(?<ip>(?:\\d{1,3}\\.){3}\\d{1,3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})'\n");
        for (size_t i = 0; i < d->n_labels; i++)
                add_label(d, d->labels[i]);
}

static void add_fields(struct draft *d)
{
        strbuf_addz(d->out, "fields:\n"
                            "  \"@timestamp\": time\n"
                            "  event.id: fingerprint\n"
                            "  event.action: {when: [{if: {auth: fail}, is: forged-notice}, {from: pattern}]}\n"
                            "  event.outcome: {when: [{if: {auth: fail}, is: failure}, {else: unknown}]} # success, if the notice says so\n"
                            "  event.provider: from\n"
                            "  user.email: {when: [{if: {pattern: '*'}, from: to}]} # if the account is that of the receiver\n");
        if (d->ip.p)
                strbuf_addz(d->out, "  source.ip: ip\n");
        if (d->has_mail)
                strbuf_addz(d->out, "  user.target.email: mail # or is it the one who did it?\n");
        strbuf_addz(d->out, "  message: subject\n"
                            "  shopbell.verdict: {when: [{if: {auth: fail}, is: suspicious}]}\n");
}

static void add_sample(struct draft *d)
{
        struct str rest = d->text, line, address;

        if (rest.n > MAIL_DRAFT_TEXT_MAX)
                rest.n = MAIL_DRAFT_TEXT_MAX;
        while (rest.n > 0 && !utf8_is_valid(rest))
                rest.n--;
        strbuf_addz(d->out, "samples: # take out what is nobody's business before you share this file\n  - name: the mail this was drafted from\n    raw: |\n");
        strbuf_addf(d->out, "      Authentication-Results: mx.example.com; dmarc=pass header.from=" STR_FMT "\n", STR_ARG(d->domain));
        strbuf_addf(d->out, "      From: " STR_FMT "\n      To: ana@example.com\n      Subject: " STR_FMT "\n      Date: " STR_FMT "\n",
                    STR_ARG(d->sender), STR_ARG(d->subject), STR_ARG(d->stamp));
        strbuf_addz(d->out, "      Message-ID: <1@example.com>\n      Content-Type: text/plain; charset=utf-8\n\n");
        while (str_cut(&rest, '\n', &line))
                strbuf_addf(d->out, line.n ? "      " STR_FMT "\n" : "" STR_FMT "\n", STR_ARG(line));
        strbuf_addz(d->out, "    expect: {event.action: notice, event.outcome: unknown, user.email: ana@example.com, message: ");
        draft_scalar(d->out, d->subject);
        if (d->ip.p && address_clean(d->arena, d->ip, &address) > 0)
                strbuf_addf(d->out, ", source.ip: '" STR_FMT "'", STR_ARG(address));
        strbuf_addz(d->out, "}\n");
}

static void write_draft(struct draft *d, const char *name)
{
        strbuf_addf(d->out, "# A draft from one mail: read it, name the kinds of notices, correct the guesses, then: shopbell sources test %s\n", name);
        strbuf_addf(d->out, "name: %s\ntitle: %s, notices by mail\nlogsource: {product: %s, service: mail}\nformat: mail\nlateness: 1h\ntrust: confirmed\n", name,
                    name, name);
        strbuf_addz(d->out, "senders: [");
        draft_scalar(d->out, d->domain);
        strbuf_addz(d->out, "] # all below it as well; only domains from which nobody else can send\n");
        add_patterns(d);
        add_fields(d);
        add_class(d);
        add_sample(d);
}

int mail_draft(const char *name, struct str bytes, struct strbuf *out, struct err *reterr)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct draft *d = arena ? arena_alloc(arena, sizeof *d) : NULL;
        int r = -ENOMEM;

        if (d) {
                d->arena = arena;
                d->out = out;
                r = read_mail(d, bytes);
        }
        if (r == -EBADMSG)
                return err_set(reterr, r, "the sample is no mail with a sender and a subject: save the notice with its full header, as .eml");
        if (r >= 0)
                write_draft(d, name);
        if (r < 0 || strbuf_failed(out))
                return err_set(reterr, -ENOMEM, "out of memory");
        return 0;
}
