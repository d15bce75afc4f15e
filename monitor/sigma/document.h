/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_DOCUMENT_H
#define SHOPBELL_SIGMA_DOCUMENT_H

/* Reading one YAML document of a rule file; private to sigma/. */

#include "monitor/sigma/sigma.h"

struct document {
        struct arena *arena;
        const char *file;
        const struct sigma_options *options; /* may be NULL */
        struct err_list *remarks; /* may be NULL */
        struct err *err;
};

int document_fail(struct document *d, const struct yaml *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
void document_remark(struct document *d, const struct yaml *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* One text or a list of one or more. */
int document_texts(struct document *d, const struct yaml *value, const char *what, struct str **ret, size_t *ret_n);

int correlation_read(struct document *d, const struct yaml *section, struct sigma_correlation **ret);
/* filter.c: the `filter:` section. */
int filter_read(struct document *d, const struct yaml *section, struct sigma_rule *rule);
/* shopbell.* attributes of a rule. */
int attributes_read(struct document *d, const struct yaml *doc, struct sigma_rule *rule);

#endif
