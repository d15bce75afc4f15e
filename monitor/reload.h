/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_RELOAD_H
#define SHOPBELL_MONITOR_RELOAD_H

/* The sources, rules, laws and databases a daemon runs on, and changing them while it runs. One bad new file never replaces good rules that
 * already run: when a file that was good has an error now, everything stays as it was, whole. Files that were bad before, and
 * bad files that are new, are left out and reported, as at start.
 *
 * Only `sources:`, `rules:`, `geoip:`, `networks:` and `people:` of the configuration are read anew, and the laws, which lie where they lie; the rest of it counts from the next
 * start. */

#include "monitor/base/clock.h"
#include "monitor/cases/regime.h"
#include "monitor/config.h"
#include "monitor/pipeline.h"
#include "monitor/setup.h"

enum {
        RELOAD_NAMES_MAX = 100, /* rules and sources told by name, of each reload; the others are counted */
        RELOAD_ERRORS_MAX = 100, /* errors told in words, of each reload */
        RELOAD_TITLE_CHARS_MAX = 120,
};

struct reload;

/* Loads what the configuration names, logging what is wrong with single files. `config` and `clock` must outlive it. Negative
 * when there is nothing to work with; that is logged as well. */
int reload_start(const struct config *config, const struct clock *clock, struct reload **ret);
struct reload *reload_free(struct reload *r); /* after the pipelines that use it */
DEFINE_FREEP(struct reload, reload)

const struct setup *reload_setup(const struct reload *r);
const struct regimes *reload_regimes(const struct reload *r); /* until the next reload */

/* Loads anew and, when nothing speaks against it, goes on with that. Logs what changed, or why nothing did, and appends the
 * same lines to `answer`. 1: the new ones run; 0: refused, the old ones run; negative: the pipeline's store failed (*reterr),
 * the daemon must end. */
int reload_run(struct reload *r, struct pipeline *p, struct strbuf *answer, struct err *reterr);

/* The last line of the last reload's answer, "done: …" or "refused: …"; empty: none was asked for. */
struct str reload_outcome(const struct reload *r);

/* Lines "name value" for `shopbell status`: rules, sources, regimes, networks, people, geoip (one for each database), load_errors,
 * last_reload (a time or "never"), and, when there was one, last_reload_outcome (a word, a colon, a sentence). */
void reload_status(const struct reload *r, struct strbuf *out);

#endif
