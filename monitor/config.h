/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_CONFIG_H
#define SHOPBELL_MONITOR_CONFIG_H

/* shopbell.yml: where sources, rules and state lie, and which logs to read. shopbell.yml(5) describes it; the keys are rows
 * of two tables in config.c. config_files.h says how several files become one. Relative paths are relative to the folder of
 * shopbell.yml, wherever they are written. */

#include <stdbool.h>

#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/base/yaml.h"
#include "monitor/config_files.h"
#include "monitor/notify/channel.h"
#include "monitor/setup.h"
#include "monitor/store/retire.h"

/* Without `retention:`. Half a year, since a break-in may be found late; and a year and a month, for whoever looks back one. */
#define CONFIG_RECORDS_KEPT (180 * USEC_PER_DAY)
#define CONFIG_ALERTS_KEPT (400 * USEC_PER_DAY)

enum config_kind { CONFIG_FILES, CONFIG_TAIL, CONFIG_SPOOL, CONFIG_JOURNAL, CONFIG_MAILDIR, CONFIG_MBOX, _CONFIG_KIND_MAX };

struct config_input {
        enum config_kind kind;
        const char *name;
        const char *source; /* or NULL */
        struct paths paths; /* files, globs, the spool folder, the Maildir, or journal matches */
        const char *authserv; /* of mails: whose Authentication-Results count, or NULL */
        const char *directory; /* journal files of another machine, or NULL */
        bool from_end;
        const char *file;
        unsigned line, col;
};

struct config {
        struct config_files files;
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
        bool pseudonyms; /* records are kept under pseudonyms */
        const struct yaml *shop; /* fields of cases and their values, checked; or NULL */
        struct retention retention; /* how long records and alerts are kept */
        struct time_hint hint;
        struct channels notices; /* over which people are told */
        struct sigma_options language; /* placeholders, with-deprecated */
};

int config_load(const char *path, struct config **ret, struct err *reterr);
/* The same, but all mistakes are told, not only the first. With any, *ret is what could be read of it: to be shown, not to be
 * worked with. -ENOMEM (and no *ret) or 0. */
int config_read(const char *path, struct config **ret, struct err_list *errors);
struct config *config_free(struct config *c);
DEFINE_FREEP(struct config, config)

/* The keys at the top, in the order of the page: NULL behind the last. What counts when nobody names one is in *ret_fallback
 * (NULL: nothing). */
const char *config_key(size_t i, const char **ret_fallback);

/* Name of the store inside the state folder. */
#define CONFIG_STORE_FILE "shopbell.db"

#endif
