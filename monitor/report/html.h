/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_HTML_H
#define SHOPBELL_REPORT_HTML_H

/* Text in a page. Markup is written as literals of ours (strbuf_addz); everything else, every byte that came out of a log, goes
 * through html_text(). */

#include "monitor/base/str.h"

/* Safe as content of an element and inside a quoted attribute: as text_display() on one line (controls, bidirectional and
 * invisible characters become U+FFFD), `&`, `<`, `>`, `"` and `'` escaped. At most `max` characters; 0: all of them. */
void html_text(struct strbuf *out, struct str text, size_t max);
/* The same; what stands between two `backticks` is set as code. */
void html_prose(struct strbuf *out, struct str text, size_t max);
void html_textz(struct strbuf *out, const char *text);
/* "<tag class>text</tag>"; `class` may be NULL. Both are ours. */
void html_element(struct strbuf *out, const char *tag, const char *class, struct str text, size_t max);

#endif
