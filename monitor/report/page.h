/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_PAGE_H
#define SHOPBELL_REPORT_PAGE_H

/* What a shop owner is told of a stretch of time: struct page, filled by page_gather() (gather.h), written as one page of HTML
 * or as a short text. Writing is pure: the same page gives the same bytes.
 *
 * The HTML stands for itself: no script, nothing is fetched, its style and charts are inside; its Content-Security-Policy
 * forbids the rest. To add a section: a function and a row in `sections` (page.c). */

#include "monitor/base/hash.h"
#include "monitor/model/counter.h"
#include "monitor/report/accounts.h"
#include "monitor/report/posture.h"

enum {
        PAGE_OPEN_MAX = 25, /* open alerts told in full, the worst */
        PAGE_STEPS_MAX = 3, /* of what to do about each */
        PAGE_WHY_MAX = 6, /* lines of why it was raised */
        PAGE_ALSO_MAX = 5, /* other alerts that one tells of */
        PAGE_EVENTS_MAX = 300, /* alerts on the time line, the latest */
        PAGE_DAY_MAX = 25, /* of one day */
        PAGE_FINDINGS_MAX = 25,
        PAGE_PEOPLE_MAX = 50,
        PAGE_PLATFORMS_MAX = 8, /* columns */
        PAGE_ROLES_MAX = 2, /* of one person on one platform */
        PAGE_NAMES_MAX = 12, /* of accounts in one line */
        PAGE_EXPORTS_MAX = 20,
        PAGE_SOURCES_MAX = 30,
        PAGE_CANNOT_MAX = 12,
        PAGE_STRIP_DAYS = 35, /* days of a source */
        PAGE_TREND_WEEKS = 12, /* that the chart goes back at least, where there is as much */
        PAGE_TREND_DAYS = 420, /* and at most */
        PAGE_TREND_DAILY = 35, /* up to so many days it has a bar a day, else a bar a week */
        PAGE_TEXT_MAX = 500, /* characters of a sentence; the rest is an ellipsis */
        PAGE_NAME_MAX = 80, /* characters of a name */
        DIGEST_LINES_MAX = 40,
        DIGEST_LINE_MAX = 160, /* characters */
};

struct page_alert {
        struct hash128 id;
        enum level level;
        struct str sentence, why, playbook, source, answer;
        struct str also; /* titles of alerts that it tells of, one a line, at most PAGE_ALSO_MAX */
        size_t n_also; /* of all */
        usec first, last;
        uint64_t count;
        bool is_open; /* it waits for an answer, or was only acknowledged */
};

struct page_export {
        struct str who, country, source;
        uint64_t n_sources, records, rows, files, bytes;
        usec first, last;
};

struct page_source {
        struct str name, title;
        struct str platform; /* the title without what stands behind " (" or ", " */
        usec last; /* the last act seen; USEC_NONE: none */
        size_t n_accounts;
        uint64_t days; /* bit i: it was heard, or some account acted, i days before the period's last day (UTC) */
        bool is_quiet; /* quiet for longer than it usually is */
        int64_t usual_hours; /* its usual longest pause; 0: not known */
};

/* Alerts that rang on one day, by level. */
struct page_day {
        uint32_t n[_LEVEL_MAX];
};

struct page {
        struct arena *arena;
        usec since, until; /* the period; `until` is now, or just behind the newest record of logs */
        usec made; /* USEC_NONE: not said */
        usec oldest; /* of what is known at all; USEC_NONE: nothing is */
        bool is_of_logs; /* read once, there is no store to ask */
        const char *version, *zone; /* static */

        struct page_alert *open; /* the worst first, those that nobody has acknowledged before the others */
        size_t n_open, n_open_all;
        uint64_t n_waiting[_LEVEL_MAX]; /* open ones that nobody has acknowledged */

        struct page_alert *events; /* that rang in the period, by time; the latest PAGE_EVENTS_MAX */
        size_t n_events, n_events_all;
        uint64_t n_muted, n_silenced; /* that did not ring in the period */
        uint64_t n_me, n_not_me, n_closed; /* answers to those that rang in it */
        uint64_t n_silences; /* in force at the end of the period */

        struct page_day *days; /* the trend: [0] is first_day (when_day()) */
        size_t n_days;
        int64_t first_day;

        struct page_export *exports;
        size_t n_exports, n_exports_all;
        uint64_t export_alerts, export_hits; /* alerts of class export in the period, and what they count */

        struct page_source *sources; /* by platform, then name */
        size_t n_sources;
        bool knows_rhythm; /* when they were heard is known, not only when an account acted */

        const struct accounts *accounts; /* settled */
        const struct posture *posture;
        struct counters counters;
};

/* How many things need the owner: alerts that wait, findings that are high or worse (that a source fell silent is an alert).
 * *ret_critical (may be NULL): how many of them are critical. */
size_t page_needs(const struct page *p, size_t *ret_critical);
/* Nothing was ever read: that nothing is wrong is not known. */
bool page_is_empty(const struct page *p);
/* "29 things need you, 5 of them critical." */
void page_headline(const struct page *p, struct strbuf *out);
/* "2 March to 15 March 2026" */
void page_period(const struct page *p, struct strbuf *out);
size_t page_findings_urgent(const struct page *p);
size_t page_sources_quiet(const struct page *p);
const struct page_source *page_source_of(const struct page *p, struct str name); /* or NULL */

void page_html(const struct page *p, struct strbuf *out);
/* At most DIGEST_LINES_MAX lines, for a mail or the journal. */
void page_digest(const struct page *p, struct strbuf *out);

#endif
