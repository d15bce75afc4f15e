/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_PAGE_WRITE_H
#define SHOPBELL_REPORT_PAGE_WRITE_H

/* The parts of the page; private to report/. Each writes the inside of its section. */

#include "monitor/report/page.h"

void page_write_alerts(const struct page *p, struct strbuf *out);
void page_write_posture(const struct page *p, struct strbuf *out);
void page_write_exports(const struct page *p, struct strbuf *out);
void page_write_happened(const struct page *p, struct strbuf *out);
void page_write_reach(const struct page *p, struct strbuf *out);
void page_write_sources(const struct page *p, struct strbuf *out);
void page_write_made(const struct page *p, struct strbuf *out);

/* "<span class="level c4">critical</span>" */
void page_put_level(struct strbuf *out, enum level level);
const char *page_level_class(enum level level); /* "c4": its colour */
/* "<p class="more">and 7 more: <code>command</code></p>" when there are more than `shown`; of logs without the command. */
void page_put_more(const struct page *p, struct strbuf *out, size_t shown, size_t all, const char *command);
void page_put_note(struct strbuf *out, const char *fmt, ...) PRINTF_LIKE(2, 3); /* a paragraph of ours, as html_prose(), in small letters */
/* "1,234"; "1.6 MB". */
void page_put_number(struct strbuf *out, uint64_t n);
void page_put_bytes(struct strbuf *out, uint64_t n);
/* The beginning of a table that becomes a list on narrow screens, up to <tbody>. */
void page_begin_table(struct strbuf *out, const char *class, const char *caption, const struct str *columns, size_t n);
/* A cell; `label` is the column's title, shown where there are no columns. `class` may be NULL. */
void page_begin_cell(struct strbuf *out, struct str label, const char *class);
struct str page_title_of(const struct page *p, struct str source); /* of a log source, else its name */

#endif
