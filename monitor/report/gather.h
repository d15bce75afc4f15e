/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_GATHER_H
#define SHOPBELL_REPORT_GATHER_H

/* From the store and the census to what a page tells (page.h). What is held is bounded by the caps there, however many alerts
 * there are. */

#include "monitor/report/page.h"
#include "monitor/store/query.h"

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
};

/* 0, -ENOMEM, or what the store said. *ret is filled, or empty. */
int page_gather(const struct gather *g, struct page *ret);
void page_done(struct page *p);
/* The source of that name, for what only the caller knows of it; NULL: the page has none. */
struct page_source *page_find_source(struct page *p, struct str name);

#endif
