/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_RULE_FILES_H
#define SHOPBELL_DETECT_RULE_FILES_H

/* Reading the files of rules, many of them with several threads: each file by itself, what comes of it in the order of the
 * files, so that neither errors nor rules tell how many threads there were. Private to detect/. */

#include "monitor/base/err.h"
#include "monitor/sigma/sigma.h"

enum {
        RULE_FILES_THREADS_MAX = 4,
        RULE_FILES_PER_THREAD = 64, /* for fewer files no further thread is begun */
};

struct rule_files {
        struct rule_file *items;
        size_t n, cap;
};
#define RULE_FILES_INIT \
        { \
                NULL, 0, 0 \
        }
void rule_files_done(struct rule_files *all);

/* Finds *.yml and *.yaml below a path, or the file itself. What cannot be read takes its place among them. 0 or -ENOMEM. */
int rule_files_find(struct rule_files *all, const char *path);

/* Called for each file that could be read, in order; takes it, also when it fails. */
typedef int rule_file_fn(void *userdata, struct sigma_file *file);
/* Reads them all; what is wrong with them is in the errors, if there are any. 0, -ENOMEM, or what `take` failed with. */
int rule_files_read(struct rule_files *all, const struct sigma_options *options, struct err_list *errors,
                    struct err_list *remarks, rule_file_fn *take, void *userdata);

#endif
