/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_NOTIFY_NOTICE_H
#define SHOPBELL_NOTIFY_NOTICE_H

/* What a notice says, and how that looks on each channel. Pure: the same notice gives the same bytes.
 *
 * All texts of an alert are a stranger's. They reach a person as text_display() leaves them (no control, bidirectional or
 * invisible characters), cut at the limits below, and escaped for where they stand: RFC 2047 in a subject, HTML, JSON, and the markup of
 * each chat service, so that nothing in a log can write a header, a link, or `@everyone`. */

#include "monitor/base/clock.h"
#include "monitor/base/hash.h"
#include "monitor/base/str.h"
#include "monitor/model/class.h"
#include "monitor/notify/channel.h"

enum {
        NOTICE_NAMED_MAX = 15, /* alerts of a grouped notice that are told by their sentence; the others are counted */
        NOTICE_SENTENCE_MAX = 200, /* characters, as all that follow */
        NOTICE_WHY_MAX = 1000,
        NOTICE_PLAYBOOK_MAX = 2000,
        NOTICE_SUBJECT_MAX = 150,
        NOTICE_NAME_MAX = 100, /* person, rule, source */
};

/* Why it is told. To add one: a row here.
 *    enum         name          in front of the sentence */
#define NOTICE_REASONS(X) \
        X(RANG, "rang", "") \
        X(RAISED, "raised", "More serious than it looked: ") \
        X(REPEAT, "repeat", "Still without an answer: ") \
        X(ESCALATED, "escalated", "Nobody has answered, so this comes to you: ") \
        X(TEST, "test", "")

enum notice_reason {
#define X(id, name, front) NOTICE_##id,
        NOTICE_REASONS(X)
#undef X
                _NOTICE_REASON_MAX,
};
const char *notice_reason_name(enum notice_reason reason);
enum notice_reason notice_reason_find(struct str name); /* _NOTICE_REASON_MAX: none */

struct notice_alert {
        struct hash128 id;
        enum level level;
        struct str sentence, why, playbook, person, source, rule;
        usec first, last;
        uint64_t count;
};

struct notice {
        struct str key; /* the same in every attempt: Message-ID, Idempotency-Key */
        struct str first_key; /* of the notice that this one repeats; else empty */
        struct str channel; /* its name */
        enum notice_reason reason;
        const struct notice_alert *alerts; /* the worst first; none in a test */
        size_t n; /* NOTICE_NAMED_MAX at most */
        uint64_t n_all;
        struct str host; /* where shopbelld runs */
        usec now;
};

/* One line: what a subject, a bubble, the journal says. */
void notice_headline(const struct notice *n, size_t max, struct strbuf *out);
enum level notice_level(const struct notice *n); /* the highest of its alerts */

/* ---- Bodies (body.c) ---- */
/* Several lines for people. */
void notice_text(const struct notice *n, struct strbuf *out);
/* A whole page for a mail program; nothing in it is loaded from anywhere. */
void notice_html(const struct notice *n, struct strbuf *out);
/* A whole message (RFC 5322) with CRLF: text and HTML. */
void notice_mail(const struct notice *n, const struct channel *c, struct strbuf *out);
/* The JSON that a webhook of that format is sent. */
void notice_json(const struct notice *n, const struct channel *c, struct strbuf *out);
/* One argument of a command: {level}, {sentence}, {alert}, {person}, {rule}, {why}, {reason}, {count}, {key} filled in; anything else
 * stays as it is. What would begin with a dash because of an alert's text gets a blank in front: it is no option. */
void notice_argument(const struct notice *n, const char *pattern, struct strbuf *out);

/* ---- Delivery ---- */

enum {
        NOTICE_SIGNATURE_BYTES = 96,
        NOTICE_SECRET_MAX = 8192, /* bytes of a credential */
};
#define NOTICE_BACKOFF_MIN (15 * USEC_PER_SEC)
#define NOTICE_BACKOFF_MAX USEC_PER_HOUR
#define NOTICE_GIVES_UP (3 * USEC_PER_DAY) /* after the first attempt */

/* How long to wait after so many attempts (from 1): 15 s, doubled each time up to an hour, a quarter more or less by `random`. */
usec notice_backoff(uint64_t attempts, uint32_t random);
/* "t=1789000000,v1=64 hexadecimal digits": HMAC-SHA256 under the secret of the seconds, a dot, and the body. */
void notice_sign(struct str secret, int64_t seconds, struct str body, char ret[NOTICE_SIGNATURE_BYTES]);

#endif
