/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_AGENT_PAGE_H
#define SHOPBELL_AGENT_PAGE_H

/* The page behind "Show": alerts in full, for a browser. Every value is text; nothing is loaded, no script runs. */

#include "monitor/base/str.h"

/* As Alert() of the bus gives them; absent ones are empty. */
struct page_alert {
        const char *id, *sentence, *level, *why, *playbook, *rule, *first_seen, *last_seen, *count, *answer;
};

void page_begin(struct strbuf *html);
void page_add(struct strbuf *html, const struct page_alert *a);
void page_end(struct strbuf *html);

#endif
