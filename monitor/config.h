/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_CONFIG_H
#define SHOPBELL_MONITOR_CONFIG_H

/* shopbell.yml: where sources, rules and state lie, and which logs to read. shopbell.yml(5) describes it; the keys are rows
 * of two tables in config.c. Relative paths are relative to the file's own folder. */

#include <stdbool.h>

#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/base/yaml.h"
#include "monitor/notify/channel.h"
#include "monitor/setup.h"

enum config_kind { CONFIG_FILES, CONFIG_TAIL, CONFIG_SPOOL, CONFIG_JOURNAL, CONFIG_MAILDIR, CONFIG_MBOX, _CONFIG_KIND_MAX };

struct config_input {
        enum config_kind kind;
        const char *name;
        const char *source; /* or NULL */
        struct paths paths; /* files, globs, the spool folder, the Maildir, or journal matches */
        const char *authserv; /* of mails: whose Authentication-Results count, or NULL */
        const char *directory; /* journal files of another machine, or NULL */
        bool from_end;
        unsigned line, col;
};

struct config {
        struct yaml_file *yaml;
        struct arena *arena;
        const char *path;
        const char *state; /* folder, or NULL */
        struct paths sources, rules; /* empty: the defaults */
        struct config_input *inputs;
        size_t n_inputs;
        struct paths geoip; /* databases of places */
        const struct yaml *networks; /* the list, or NULL */
        const char *networks_file; /* the file it is in; without `networks` one to load; or NULL */
        const struct yaml *network_lists; /* or NULL */
        const struct yaml *people; /* as `networks` */
        const char *people_file;
        size_t keys_max, bytes_max; /* of correlations' state; 0: the engine's defaults */
        struct time_hint hint;
        struct channels notices; /* over which people are told */
        struct sigma_options language; /* placeholders, with-deprecated */
};

int config_load(const char *path, struct config **ret, struct err *reterr);
struct config *config_free(struct config *c);
DEFINE_FREEP(struct config, config)

/* Name of the store inside the state folder. */
#define CONFIG_STORE_FILE "shopbell.db"

#endif
