/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_DRAFT_H
#define SHOPBELL_CASES_DRAFT_H

/* Drafts of notices: what the law asks for (regime.h: contents), with the values of the case, in the wording of a template. Pure.
 *
 * A draft is a row of parts; each knows which content of the law it is of. What nobody has said reads "not yet known; we tell you by DATE"
 * where a law lets it wait, else it is a hole in square brackets; both are listed for the seller above the notice. A number that is
 * open, or whose review is not closed, reads "at least N so far; the review continues". Estimates are marked. Nothing is left out for
 * want of room: an SMS that does not fit is an error. It is no legal advice, and nothing is ever sent. */

#include "monitor/base/arena.h"
#include "monitor/cases/case.h"
#include "monitor/cases/template.h"

enum {
        SMS_PARTS_MAX = 4, /* of one notice */
        SMS_GSM7_ONE = 160, /* characters of the alphabet of GSM 03.38 in an SMS alone, */
        SMS_GSM7_PART = 153, /* and in one of several; those of its extension count twice */
        SMS_UCS2_ONE = 70, /* otherwise units of UTF-16 */
        SMS_UCS2_PART = 67,
        SMS_NAME_MAX = 20, /* characters of the shop's name, */
        SMS_DESK_MAX = 80, /* and of the link, mail or number in it */
};

/* To add one: a row, and texts of that name in the templates.
 *    enum         name           contents of the regime for   texts of */
#define DRAFT_AUDIENCES(X) \
        X(AUTHORITY, "authority", TO_AUTHORITY, "authority") \
        X(PEOPLE, "people", TO_PEOPLE, "people") \
        X(PRESS, "press", TO_PEOPLE, "press") \
        X(SUPPORT, "support", TO_PEOPLE, "support") \
        X(PRINCIPAL, "principal", TO_PRINCIPAL, "authority") \
        X(PARTNER, "partner", TO_PARTNER, "authority")
enum draft_audience {
#define X(id, name, to, texts) DRAFT_##id,
        DRAFT_AUDIENCES(X)
#undef X
                _DRAFT_AUDIENCE_MAX,
};

#define DRAFT_STAGES(X) X(INVESTIGATING, "investigating") X(CONFIRMED, "confirmed")
enum draft_stage {
#define X(id, name) DRAFT_##id,
        DRAFT_STAGES(X)
#undef X
                _DRAFT_STAGE_MAX,
};

/* The first three are for people; a sheet is what all others get. */
#define DRAFT_CHANNELS(X) X(EMAIL, "email") X(IN_APP, "in-app") X(SMS, "sms") X(SHEET, "sheet")
enum draft_channel {
#define X(id, name) DRAFT_##id,
        DRAFT_CHANNELS(X)
#undef X
                _DRAFT_CHANNEL_MAX,
};
const char *draft_audience_name(enum draft_audience a);
const char *draft_stage_name(enum draft_stage s);
const char *draft_channel_name(enum draft_channel c);
enum draft_audience draft_audience_find(struct str name); /* _…_MAX: none */
enum draft_stage draft_stage_find(struct str name);
enum draft_channel draft_channel_find(struct str name);

struct draft_request {
        const struct casefile *file;
        const struct regime *regime;
        const struct template *template;
        enum draft_audience to;
        enum draft_stage stage;
        enum draft_channel channel; /* _DRAFT_CHANNEL_MAX: email to people, else a sheet */
        usec now; /* as of when */
};

/* Around values in the texts of parts. No value and no template holds them. */
enum { DRAFT_VALUE = 0x02, DRAFT_VALUE_END = 0x03 };

enum draft_kind {
        DRAFT_TITLE, /* subject of a mail */
        DRAFT_HEADING,
        DRAFT_TEXT, /* a paragraph */
        DRAFT_ITEM, /* of a list */
        DRAFT_ROW, /* label and text */
};

struct draft_part {
        enum draft_kind kind;
        const struct content *content; /* what of the law it is of; NULL: of the frame */
        bool is_unknown; /* says that it is not known, or is a hole */
        struct str label, law; /* of rows and headings; or absent */
        struct str text;
};

/* What the seller is told above the notice. */
enum draft_gap_kind {
        GAP_MISSING, /* a hole, or needed and not there */
        GAP_UNKNOWN, /* the notice says that it is not known yet */
        GAP_WORDS, /* stands there as it was typed: is it in that language? */
        GAP_AVOID, /* a word that should not stand in a notice */
        GAP_NOTE, /* anything else: `why` alone */
        _GAP_MAX,
};
struct draft_gap {
        enum draft_gap_kind kind;
        struct str field; /* name, or "@aware" */
        struct str why; /* or absent */
};

/* How long an SMS is: septets of GSM 03.38, or, where a character is not in it, units of UTF-16. */
struct sms_size {
        size_t units, parts;
        bool is_ucs2;
};
void sms_measure(struct str text, struct sms_size *ret);

struct draft {
        struct draft_request of; /* the channel is set */
        const struct draft_part *parts;
        size_t n_parts;
        const struct draft_gap *gaps; /* by kind */
        size_t n_gaps;
        struct sms_size sms; /* of an SMS */
};

/* Lives in the arena; borrows from the request. -ENOMEM; -EINVAL: no such channel for that audience; -E2BIG: an SMS that needs more than
 * SMS_PARTS_MAX parts (*reterr says what to shorten); -ENOENT: the regime's zone is none. */
int draft_make(const struct draft_request *q, struct arena *arena, struct draft *ret, struct err *reterr);

/* The notice alone: what is sent, digested and counted. */
void draft_notice(const struct draft *d, struct strbuf *out);
/* The file: the head for the seller, a line to cut at, the notice. */
void draft_text(const struct draft *d, struct strbuf *out);
/* A page of its own, with the head. */
void draft_html(const struct draft *d, struct strbuf *out);

enum draft_form { DRAFT_AS_NOTICE, DRAFT_AS_TEXT, DRAFT_AS_HTML };
/* All at once, appended. As draft_make(). */
int draft_print(const struct draft_request *q, enum draft_form form, struct strbuf *out, struct err *reterr);
/* Of the notice, as an entry "drafted" names it: in hexadecimal digits. */
void draft_digest(const struct draft *d, struct strbuf *out);

#endif
