/* SPDX-License-Identifier: Apache-2.0 */

/* Format mail: notices that a platform sends to its customers, for platforms that have no log.
 *
 *     senders: [example.com]              # domains of From, and all below them
 *     except: [members.example.com]       # but not where customers write through the platform
 *     authserv: mx.shop.example           # whose Authentication-Results count; the input may say it too
 *     patterns:
 *       - {name: new-login, sure: confirmed, subject: '^New sign-in', body: 'from (?<ip>\S+)', also: ['Device: (?<device>.+)']}
 *       - {name: chat, sure: confirmed, subject: 'sent you a message$', ignore: true}
 *
 * The first pattern whose subject and body match gives its name and its groups; `also` are matched over the body for their
 * groups alone. A mail of the sender that no pattern fits is none of the source's business, and counted; one that is not
 * the sender's, by what the receiving server found out, is a record whatever it says.
 *
 * Native fields: those of `names` below, the groups, and header.NAME for any header field. */

#include <errno.h>

#include "monitor/base/hash.h"
#include "monitor/base/utf8.h"
#include "parsers/decoder.h"
#include "parsers/lines.h"
#include "parsers/mail_auth.h"
#include "parsers/mime.h"
#include "parsers/pattern.h"

enum { MAIL_ALSO_MAX = 16 };

/* A Date that lies further from the moment the mail came in says nothing about when something happened. */
#define DATE_EARLIEST (3 * USEC_PER_DAY)
#define DATE_LATEST (10 * USEC_PER_MINUTE)

struct mail_pattern {
        struct str name, sure;
        bool is_ignored; /* mails that fit are no records */
        struct pattern subject, body; /* regex NULL: not asked */
        struct pattern also[MAIL_ALSO_MAX];
        size_t n_also;
};

#define MAIL_SLOTS(X) \
        X(FROM, "from") \
        X(FROM_NAME, "from.name") \
        X(FROM_DOMAIN, "from.domain") \
        X(TO, "to") \
        X(SUBJECT, "subject") \
        X(DATE, "date") \
        X(RECEIVED, "received") \
        X(TIME, "time") \
        X(MESSAGE_ID, "message_id") \
        X(RETURN_PATH, "return_path") \
        X(BODY, "body") \
        X(AUTH, "auth") \
        X(AUTH_DKIM, "auth.dkim") \
        X(AUTH_SPF, "auth.spf") \
        X(AUTH_DMARC, "auth.dmarc") \
        X(AUTH_SERVER, "auth.server") \
        X(PATTERN, "pattern") \
        X(SURE, "sure") \
        X(FINGERPRINT, "fingerprint")

enum mail_slot {
#define X(id, name) SLOT_##id,
        MAIL_SLOTS(X)
#undef X
                _SLOT_MAX,
};

struct mail_slots {
        uint32_t n[_SLOT_MAX];
};

/* ---- Loading ---- */

static const char *const keys[] = { "senders", "except", "authserv", "patterns", NULL };

static int load_slots(struct loader *l)
{
        static const char *const names[_SLOT_MAX] = {
#define X(id, name) name,
                MAIL_SLOTS(X)
#undef X
        };
        struct source *s = l->source;

        s->mail_slots = load_alloc(l, 1, sizeof *s->mail_slots);
        for (size_t i = 0; s->mail_slots && i < _SLOT_MAX; i++) {
                s->mail_slots->n[i] = source_want(s, str_of(names[i]));
                if (s->mail_slots->n[i] == UINT32_MAX)
                        return -ENOMEM;
        }
        return s->mail_slots ? 0 : -ENOMEM;
}

static int load_domains(struct loader *l, const struct yaml *y, const char *what, struct str **ret, size_t *ret_n)
{
        int r = load_texts(l, y, what, ret, ret_n);

        for (size_t i = 0; i < *ret_n && r >= 0; i++) {
                struct str d = (*ret)[i];
                bool ok = memchr(d.p, '.', d.n) != NULL && d.p[0] != '.';

                for (size_t k = 0; k < d.n && ok; k++)
                        ok = d.p[k] > ' ' && d.p[k] != '@' && d.p[k] != '*' && !(d.p[k] >= 'A' && d.p[k] <= 'Z');
                if (!ok)
                        r = load_error(l, y->kind == YAML_LIST ? y->items[i] : y,
                                       "%s are domains in small letters, as example.com (all below it are meant as well)", what);
        }
        return r;
}

static int load_sure(struct loader *l, const struct yaml *y, struct mail_pattern *p)
{
        static const char *const words[] = { "confirmed", "third-party", "unconfirmed" };
        int r = load_text(l, y, "`sure`", &p->sure);

        for (size_t i = 0; i < ARRAY_LEN(words) && r >= 0; i++)
                if (str_eqz(p->sure, words[i]))
                        return 0;
        return r < 0 ? r : load_error(l, y, "`sure` is confirmed, third-party or unconfirmed");
}

static int load_also(struct loader *l, const struct yaml *y, struct mail_pattern *p)
{
        size_t n = y->kind == YAML_LIST ? y->n : 1;
        int r = 0;

        if (n > MAIL_ALSO_MAX)
                return load_error(l, y, "`also` has over %d expressions", MAIL_ALSO_MAX);
        while (p->n_also < n && r >= 0) {
                p->n_also++;
                r = pattern_load(l, y->kind == YAML_LIST ? y->items[p->n_also - 1] : y, &p->also[p->n_also - 1]);
        }
        return r;
}

static int load_pattern(struct loader *l, const struct yaml *y, struct mail_pattern *p)
{
        static const char *const pattern_keys[] = { "name", "sure", "subject", "body", "also", "ignore", NULL };
        const struct yaml *subject, *body, *also, *ignore;
        int r = load_keys(l, y, pattern_keys);

        if (r < 0)
                return r;
        subject = yaml_get(y, "subject");
        body = yaml_get(y, "body");
        also = yaml_get(y, "also");
        ignore = yaml_get(y, "ignore");
        if (ignore && ignore->kind != YAML_BOOL)
                return load_error(l, ignore, "`ignore` is true or false");
        p->is_ignored = ignore && ignore->flag;
        if (!yaml_get(y, "name") || !yaml_get(y, "sure") || (!subject && !body))
                return load_error(l, y, "a pattern of mails needs `name`, `sure`, and `subject` or `body`");
        r = load_text(l, yaml_get(y, "name"), "`name`", &p->name);
        if (r >= 0)
                r = load_sure(l, yaml_get(y, "sure"), p);
        if (r >= 0 && subject)
                r = pattern_load(l, subject, &p->subject);
        if (r >= 0 && body)
                r = pattern_load(l, body, &p->body);
        return r >= 0 && also ? load_also(l, also, p) : r;
}

static int load_patterns(struct loader *l, const struct yaml *y)
{
        struct source *s = l->source;
        int r = 0;

        if (y->kind != YAML_LIST || y->n == 0)
                return load_error(l, y, "`patterns` must be a list of {name: …, sure: …, subject: …}");
        s->mail_patterns = load_alloc(l, y->n, sizeof *s->mail_patterns);
        if (!s->mail_patterns)
                return -ENOMEM;
        while (s->n_mail_patterns < y->n && r >= 0) {
                s->n_mail_patterns++;
                r = load_pattern(l, y->items[s->n_mail_patterns - 1], &s->mail_patterns[s->n_mail_patterns - 1]);
        }
        return r;
}

static int mail_load(struct loader *l, const struct yaml *doc)
{
        const struct yaml *senders = yaml_get(doc, "senders"), *patterns = yaml_get(doc, "patterns"),
                          *authserv = yaml_get(doc, "authserv");
        int r;

        if (!senders)
                return load_error(l, doc, "`senders` is missing: the domains that the platform's notices come from");
        if (!patterns)
                return load_error(l, doc, "`patterns` is missing: it says what the notices look like");
        r = load_slots(l);
        if (r >= 0)
                r = load_domains(l, senders, "`senders`", &l->source->senders, &l->source->n_senders);
        if (r >= 0 && yaml_get(doc, "except"))
                r = load_domains(l, yaml_get(doc, "except"), "`except`", &l->source->except, &l->source->n_except);
        if (r >= 0 && authserv)
                r = load_text(l, authserv, "`authserv`", &l->source->authserv);
        if (r >= 0)
                r = load_patterns(l, patterns);
        l->source->n_made = l->source->n_native;
        return r;
}

static int mail_freeze(struct source *s, struct err *reterr)
{
        (void)s;
        (void)reterr;
        return 0;
}

static void mail_done(struct source *s)
{
        for (size_t i = 0; i < s->n_mail_patterns; i++) {
                struct mail_pattern *p = &s->mail_patterns[i];

                pattern_done(&p->subject);
                pattern_done(&p->body);
                for (size_t k = 0; k < p->n_also; k++)
                        pattern_done(&p->also[k]);
        }
}

static unsigned mail_tests(const struct source *s)
{
        (void)s;
        return 2; /* it is a mail, and from there */
}

/* ---- Who sent it ---- */

static bool is_among(struct str domain, const struct str *domains, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(domain, domains[i]) || mail_is_below(domain, domains[i]))
                        return true;
        return false;
}

static bool is_sender(const void *userdata, struct str domain)
{
        const struct source *s = userdata;

        return is_among(domain, s->senders, s->n_senders) && !is_among(domain, s->except, s->n_except);
}

/* One mail being read. */
struct letter {
        bool is_mail;
        struct mail mail;
        struct mail_address from[MAIL_ADDRESSES_MAX];
        size_t n_from;
        struct mail_auth auth;
        const char *verdict;
        struct str subject, body;
};

/* What does not depend on the source: header and From. 1; 0: it is no mail; -ENOMEM. */
static int read_head(struct parse *x, struct arena *arena, struct letter *m)
{
        int r = mime_header(arena, x->raw->bytes, x->counters, &m->mail);

        m->is_mail = r > 0;
        for (size_t i = 0; i < m->mail.n_fields && r > 0 && m->n_from == 0; i++) {
                int n;

                if (!str_eq_nocase(m->mail.fields[i].name, STR("From")))
                        continue;
                n = mime_addresses(arena, m->mail.fields[i].value, x->counters, m->from);
                if (n < 0)
                        return n;
                m->n_from = (size_t)n;
        }
        return r;
}

/* The same; while a raw is recognised, once for all sources. */
static int share_head(struct parse *x, struct letter *m)
{
        struct parser *p = x->parser;
        struct letter *shared;
        int r;

        if (!x->probe || !p->is_recognising)
                return read_head(x, x->arena, m);
        if (!p->letter) {
                shared = arena_alloc(p->letters, sizeof *shared);
                r = shared ? read_head(x, p->letters, shared) : -ENOMEM;
                if (r < 0)
                        return r;
                p->letter = shared;
        }
        *m = *p->letter;
        return m->is_mail;
}

/* 1: a mail whose From claims the sender; 0: a mail of others; -ENOENT: no mail; -ENOMEM. */
static int read_sender(struct parse *x, struct letter *m)
{
        int r = share_head(x, m);

        if (r <= 0)
                return r < 0 ? r : -ENOENT;
        for (size_t i = 0; i < m->n_from; i++)
                if (is_sender(x->source, m->from[i].domain))
                        return 1;
        return 0;
}

/* Several senders, or several fields of them, are for fooling whoever shows one of them (RFC 7489, 6.6.1). */
static int judge_sender(struct parse *x, struct letter *m)
{
        struct str authserv = x->raw->authserv ? str_of(x->raw->authserv) : x->source->authserv;
        int r = mail_auth_read(x->arena, &m->mail, authserv, m->from[0].domain, is_sender, x->source, x->counters, &m->auth);

        m->verdict = m->n_from > 1 || mime_count(&m->mail, STR("From")) > 1 ? "fail" : m->auth.verdict;
        return r;
}

/* ---- Fields ---- */

static int set(struct parse *x, struct record *record, enum mail_slot slot, struct str text)
{
        return text.n > 0 ? lines_set(x, record, x->source->mail_slots->n[slot], text) : 0;
}

static int set_addresses(struct parse *x, struct record *record, struct letter *m)
{
        struct mail_address to[MAIL_ADDRESSES_MAX];
        struct str text;
        int r = 0, n;

        for (size_t i = 0; i < m->n_from && r >= 0; i++) {
                r = set(x, record, SLOT_FROM, m->from[i].address);
                if (r >= 0)
                        r = set(x, record, SLOT_FROM_NAME, m->from[i].name);
                if (r >= 0)
                        r = set(x, record, SLOT_FROM_DOMAIN, m->from[i].domain);
        }
        text = mime_field(&m->mail, STR("To"));
        n = text.p && r >= 0 ? mime_addresses(x->arena, text, x->counters, to) : 0;
        for (int i = 0; i < n && r >= 0; i++)
                r = set(x, record, SLOT_TO, to[i].address);
        text = mime_field(&m->mail, STR("Return-Path"));
        if (text.p && r >= 0 && n >= 0) {
                n = mime_addresses(x->arena, text, x->counters, to);
                if (n > 0)
                        r = set(x, record, SLOT_RETURN_PATH, to[0].address);
        }
        return n < 0 ? n : r;
}

/* The topmost field of that name without comments; absent: there is none. 0, -ENOMEM. */
static int structured(struct parse *x, const struct letter *m, struct str name, struct str *ret)
{
        struct str value = mime_field(&m->mail, name);

        *ret = value.p ? mime_structured(x->arena, value, x->counters) : value;
        return value.p && !ret->p ? -ENOMEM : 0;
}

/* Behind the last ';' of the topmost Received: when the owner's own server took it in. */
static struct str received_stamp(struct str received)
{
        size_t i = received.n;

        while (i > 0 && received.p[i - 1] != ';')
                i--;
        return i > 0 ? str_trim(str_from(received.p + i, received.n - i)) : STR_NONE;
}

/* The platform's own stamp, unless the mail came in at quite another time. */
static int set_times(struct parse *x, struct record *record, const struct letter *m)
{
        struct str date, received, best;
        usec sent, came;
        int r = structured(x, m, STR("Date"), &date);

        if (r >= 0)
                r = structured(x, m, STR("Received"), &received);
        if (r < 0)
                return r;
        received = received_stamp(received);
        best = date;
        if (!date.p || time_parse(date, TIME_UNIT_AUTO, NULL, &sent) < 0)
                best = received;
        else if (received.p && time_parse(received, TIME_UNIT_AUTO, NULL, &came) >= 0 &&
                 (sent > came + DATE_LATEST || sent < came - DATE_EARLIEST))
                best = received;
        r = set(x, record, SLOT_DATE, date);
        if (r >= 0)
                r = set(x, record, SLOT_RECEIVED, received);
        return r < 0 ? r : set(x, record, SLOT_TIME, best);
}

static int set_auth(struct parse *x, struct record *record, const struct letter *m)
{
        const struct {
                enum mail_slot slot;
                struct str text;
        } parts[] = {
                { SLOT_AUTH, str_of(m->verdict) },       { SLOT_AUTH_DKIM, m->auth.dkim },     { SLOT_AUTH_SPF, m->auth.spf },
                { SLOT_AUTH_DMARC, m->auth.dmarc }, { SLOT_AUTH_SERVER, m->auth.server },
        };
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(parts) && r >= 0; i++)
                r = set(x, record, parts[i].slot, parts[i].text);
        return r;
}

/* What makes the mail this one, however it is stored: a folder's owner may have it twice, or with other flags. */
static int set_fingerprint(struct parse *x, struct record *record, const struct letter *m, struct str message_id)
{
        struct str date = mime_field(&m->mail, STR("Date"));
        const struct str parts[] = { message_id, m->from[0].address, date.p ? str_trim(date) : STR(""), m->subject, m->body,
                                     str_of(m->verdict) };
        struct hash128 hash = hash128_of(parts, ARRAY_LEN(parts));
        char hex[HASH128_HEX_BYTES];
        struct str text;

        hash128_hex(&hash, hex);
        text = arena_dup(x->arena, str_of(hex));
        return text.p ? set(x, record, SLOT_FINGERPRINT, text) : -ENOMEM;
}

/* header.NAME, for those that somebody asked for. */
static int set_headers(struct parse *x, struct record *record, const struct letter *m)
{
        struct str prefix = STR("header.");
        const struct source *s = x->source;
        int r = 0;

        for (size_t i = 0; i < s->n_native && r >= 0; i++) {
                struct str name = s->native[i], value;

                if (!str_starts(name, prefix))
                        continue;
                value = mime_field(&m->mail, str_from(name.p + prefix.n, name.n - prefix.n));
                if (!value.p)
                        continue;
                value = mime_words(x->arena, value, x->counters);
                if (!value.p)
                        return -ENOMEM;
                r = lines_set(x, record, _ECS_MAX + (uint32_t)i, value);
        }
        return r;
}

static int set_fields(struct parse *x, struct record *record, struct letter *m)
{
        struct str message_id;
        int r = structured(x, m, STR("Message-ID"), &message_id);

        if (r >= 0 && !message_id.p)
                message_id = STR("");
        if (r >= 0)
                r = set(x, record, SLOT_MESSAGE_ID, message_id);
        if (r >= 0)
                r = set_addresses(x, record, m);
        if (r >= 0)
                r = set(x, record, SLOT_SUBJECT, m->subject);
        if (r >= 0)
                r = set(x, record, SLOT_BODY, m->body);
        if (r >= 0)
                r = set_times(x, record, m);
        if (r >= 0)
                r = set_auth(x, record, m);
        if (r >= 0)
                r = set_fingerprint(x, record, m, message_id);
        return r < 0 ? r : set_headers(x, record, m);
}

/* ---- Patterns ---- */

enum { FITS_NOT, FITS, FITS_IGNORED };

/* Whether it fits; its groups are set then. Negative errno. */
static int try_pattern(struct parse *x, struct record *record, const struct mail_pattern *p, const struct letter *m)
{
        int r = 0;

        if (p->subject.regex && !pattern_matches(x, &p->subject, m->subject))
                return FITS_NOT;
        if (p->body.regex && !pattern_matches(x, &p->body, m->body))
                return FITS_NOT;
        if (p->is_ignored)
                return FITS_IGNORED;
        if (p->body.regex)
                r = pattern_set(x, record, &p->body, m->body);
        if (r >= 0 && p->subject.n_groups > 0 && pattern_matches(x, &p->subject, m->subject))
                r = pattern_set(x, record, &p->subject, m->subject);
        for (size_t i = 0; i < p->n_also && r >= 0; i++)
                if (pattern_matches(x, &p->also[i], m->body))
                        r = pattern_set(x, record, &p->also[i], m->body);
        if (r >= 0)
                r = set(x, record, SLOT_PATTERN, p->name);
        if (r >= 0)
                r = set(x, record, SLOT_SURE, p->sure);
        return r < 0 ? r : FITS;
}

static int match_patterns(struct parse *x, struct record *record, const struct letter *m)
{
        int r = FITS_NOT;

        for (size_t i = 0; i < x->source->n_mail_patterns && r == FITS_NOT; i++)
                r = try_pattern(x, record, &x->source->mail_patterns[i], m);
        return r;
}

/* ---- One mail ---- */

/* Not for this source. */
static int leave(struct parse *x)
{
        x->reason = "is a mail from somebody else";
        if (!x->is_sure)
                return -ENOENT;
        x->counters->n[COUNTER_NOT_MINE]++;
        return 0;
}

static int take_letter(struct parse *x, struct letter *m)
{
        struct str subject = mime_field(&m->mail, STR("Subject"));
        struct record *record = parse_record(x);
        int r;

        if (!record)
                return -ENOMEM;
        m->subject = subject.p ? mime_words(x->arena, subject, x->counters) : STR("");
        r = m->subject.p ? mime_text(x->arena, &m->mail, x->counters, &m->body) : -ENOMEM;
        if (r >= 0)
                r = judge_sender(x, m);
        if (r >= 0)
                r = match_patterns(x, record, m);
        if (r >= 0 && r != FITS && !x->probe && strcmp(m->verdict, "fail") != 0) {
                x->counters->n[COUNTER_NOT_MINE]++;
                return 0;
        }
        if (r >= 0)
                r = set_fields(x, record, m);
        if (r >= 0)
                r = lines_set_leaves(x, record);
        x->held = mail_tests(x->source);
        return r < 0 ? r : parse_take(x, record, 0, false);
}

static int mail_decode(struct parse *x)
{
        struct letter m = { .n_from = 0 };
        int r;

        if (parse_is_json(x->raw->bytes) || x->raw->bytes.n == 0)
                return -ENOENT;
        r = read_sender(x, &m);
        if (r == -ENOENT) {
                x->reason = "is no mail: no header with From and Date, Received, Message-ID or Return-Path";
                return x->is_sure ? -EBADMSG : r;
        }
        if (r < 0)
                return r;
        x->has_header = true;
        if (r == 0)
                return leave(x);
        r = take_letter(x, &m);
        return r >= 0 && x->n == 0 && x->refused > 0 ? -ENOENT : r;
}

const struct decoder decoder_mail = {
        .name = "mail",
        .keys = keys,
        .load = mail_load,
        .freeze = mail_freeze,
        .done = mail_done,
        .tests = mail_tests,
        .decode = mail_decode,
};
