/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_CONFIG_FILES_H
#define SHOPBELL_MONITOR_CONFIG_FILES_H

/* The files that a configuration is made of, merged: shopbell.yml, then each *.yml and *.conf of the folder shopbell.yml.d beside it,
 * in the order of the bytes of their names. A key of a later file replaces that of an earlier one, whole; only the items of
 * `inputs` are put one behind the other, where an input replaces that of the same name. */

#include "monitor/base/err.h"
#include "monitor/base/yaml.h"

enum { CONFIG_FILES_MAX = 100 };

/* One key that counts, or one item of `inputs`. */
struct config_value {
        const struct yaml *key; /* NULL: an item of inputs */
        const struct yaml *value;
        const char *file;
};

struct config_files {
        struct yaml_file *items[CONFIG_FILES_MAX];
        size_t n;
        struct config_value *values; /* keys but `inputs`, in the order in which they were first named */
        size_t n_values, values_cap;
        struct config_value *inputs;
        size_t n_inputs, inputs_cap;
};

/* Reads and merges. Each mistake is added to `errors`, and the file or value left out; `files` is good all the same, and the
 * caller's to end. -ENOMEM or 0. */
int config_files_load(const char *path, struct config_files *files, struct err_list *errors);
/* The value of a key that counts, or NULL. */
const struct yaml *config_files_get(const struct config_files *files, const char *key);
void config_files_done(struct config_files *files);

#endif
