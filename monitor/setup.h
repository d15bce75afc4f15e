/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_SETUP_H
#define SHOPBELL_MONITOR_SETUP_H

/* Sources and rules, loaded and bound to each other, and what records are enriched from: everything that is only read afterwards. */

#include "monitor/base/err.h"
#include "monitor/detect/ruleset.h"
#include "monitor/enrich/enrich.h"
#include "parsers/source.h"

struct setup {
        struct sourceset *sources;
        struct ruleset *rules;
        struct enrich *enrich; /* NULL: no databases, no networks, no people */
};

struct paths {
        const char **items; /* borrowed strings */
        size_t n, cap;
};

int paths_add(struct paths *paths, const char *path);
void paths_done(struct paths *paths);

/* Loads both. A bad file is reported in `errors`, remarks on odd rules in `remarks` (either may be NULL), and left out;
 * negative (and *reterr) only when there is nothing to work with. With `rules` NULL no rules are loaded. `options` is about
 * rules, and may be NULL. */
int setup_load(const struct paths *sources, const struct paths *rules, const struct sigma_options *options,
               struct setup *ret, struct err_list *errors, struct err_list *remarks, struct err *reterr);
/* The rules of a setup once more, with other options: another set for the same sources, which must not ask for other fields
 * than the first one did. The caller frees it before the setup. */
int setup_rules_again(const struct setup *setup, const struct paths *rules, const struct sigma_options *options, struct ruleset **ret,
                      struct err_list *errors, struct err *reterr);
/* What records are enriched from; each may be absent. A list without its file, or a file without a list: enrich_options. */
struct setup_enrich {
        const struct paths *geoip;
        const struct yaml *networks, *network_lists, *people;
        const char *networks_file, *network_lists_file, *people_file;
};
/* Opens databases of places, networks and people for a setup that is loaded. What cannot be used is reported in `errors` and
 * left out, what is odd in `remarks` (may be NULL); -ENOMEM, or 0. */
int setup_enrich(struct setup *setup, const struct setup_enrich *from, struct err_list *errors, struct err_list *remarks);
void setup_done(struct setup *setup);

/* Where sources and rules lie when nobody says: $SHOPBELL_SOURCES / $SHOPBELL_RULES, else those of the source tree that the
 * program was built in, else the installed ones. `ret` is a static buffer. */
const char *setup_default_sources(void);
/* Adds it, and behind the installed folder the one for files of one's own, /etc/shopbell/sources.d, where there is one. */
int setup_add_default_sources(struct paths *paths);
const char *setup_default_rules(void);
/* The same for laws (cases/regime.h): $SHOPBELL_REGIMES, or regimes.d, and one's own in /etc/shopbell/regimes.d. */
int setup_add_default_regimes(struct paths *paths);
/* The same for the wording of drafts (cases/template.h): $SHOPBELL_TEMPLATES, or templates, and one's own in /etc/shopbell/templates. */
int setup_add_default_templates(struct paths *paths);
/* The folder of drills (cases/drill.h): $SHOPBELL_DRILLS, or drills.d. */
const char *setup_default_drills(void);

#endif
