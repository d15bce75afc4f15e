/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_GATHER_H
#define SHOPBELL_REPORT_GATHER_H

/* From the store and the census to what a page tells (page.h). What is held is bounded by the caps there, however many alerts
 * there are. */

#include "monitor/report/page.h"
#include "monitor/store/query.h"

/* What the daemon knows of when a log source was heard. */
struct gather_heard {
        struct str source;
        usec last; /* USEC_NONE: never */
        uint64_t days; /* as in struct page_source */
        bool is_quiet;
        int64_t usual_hours;
};

struct gather {
        struct query *query;
        const struct accounts *accounts; /* settled; outlives the page, as does the posture */
        const struct posture *posture;
        usec until; /* USEC_NONE: just behind the newest act or alert */
        usec since; /* USEC_NONE: `span` before that */
        usec span;
        usec made; /* USEC_NONE: the page does not say */
        bool is_of_logs;
        const char *version, *zone; /* static */
        const char *(*title)(void *userdata, struct str source); /* of a log source; NULL: not known */
        void *userdata;
        const struct gather_heard *heard; /* of each source once */
        size_t n_heard;
};

/* 0, -ENOMEM, or what the store said. *ret is filled, or empty. */
int page_gather(const struct gather *g, struct page *ret);
void page_done(struct page *p);

#endif
