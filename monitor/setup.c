/* SPDX-License-Identifier: Apache-2.0 */

/* Loading in the right order: sources first, then rules, which ask the sources for the fields they need, then the plans
 * are frozen. After that everything is immutable and shared by all threads. */

#include "monitor/setup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int paths_add(struct paths *paths, const char *path)
{
        if (paths->n == paths->cap) {
                size_t cap = paths->cap ? 2 * paths->cap : 8;
                const char **items = reallocarray(paths->items, cap, sizeof *items);

                if (!items)
                        return -ENOMEM;
                paths->items = items;
                paths->cap = cap;
        }
        paths->items[paths->n++] = path;
        return 0;
}

void paths_done(struct paths *paths)
{
        free(paths->items);
        *paths = (struct paths){ 0 };
}

/* The kinds of all sources, by index; NULL: out of memory. */
static const struct log_kind **kinds_of(const struct sourceset *sources)
{
        size_t n = sourceset_count(sources);
        const struct log_kind **kinds = calloc(n + 1, sizeof *kinds);

        for (size_t i = 0; kinds && i < n; i++)
                kinds[i] = sourceset_kind(sources, i);
        return kinds;
}

static int bind_rules(const struct sourceset *sources, struct ruleset *rules, struct err *reterr)
{
        const struct log_kind **kinds = kinds_of(sources);
        int r;

        if (!kinds)
                return err_set(reterr, -ENOMEM, "out of memory");
        r = ruleset_bind(rules, kinds, sourceset_count(sources), reterr);
        free(kinds);
        return r;
}

int setup_load(const struct paths *sources, const struct paths *rules, const struct sigma_options *options,
               struct setup *ret, struct err_list *errors, struct err_list *remarks, struct err *reterr)
{
        struct setup s = { 0 };
        int r;

        r = sourceset_load(sources->items, sources->n, &s.sources, errors);
        if (r < 0)
                return err_set(reterr, r, "no log sources below %s: name their folder with --sources",
                               sources->n ? sources->items[0] : "(nothing)");
        if (rules) {
                r = ruleset_load(rules->items, rules->n, options, &s.rules, errors, remarks);
                if (r < 0)
                        err_set(reterr, r, "no rules below %s: name their folder with --rules",
                                rules->n ? rules->items[0] : "(nothing)");
                else
                        r = bind_rules(s.sources, s.rules, reterr);
        }
        if (r >= 0)
                r = sourceset_freeze(s.sources, reterr);
        if (r < 0) {
                setup_done(&s);
                return r;
        }
        *ret = s;
        return 0;
}

int setup_rules_again(const struct setup *setup, const struct paths *rules, const struct sigma_options *options, struct ruleset **ret,
                      struct err_list *errors, struct err *reterr)
{
        struct ruleset *set = NULL;
        int r = ruleset_load(rules->items, rules->n, options, &set, errors, NULL);

        if (r < 0)
                return err_set(reterr, r, "no rules below %s", rules->items[0]);
        r = bind_rules(setup->sources, set, reterr);
        if (r < 0)
                ruleset_free(set);
        else
                *ret = set;
        return r;
}

int setup_enrich(struct setup *setup, const struct setup_enrich *from, struct err_list *errors, struct err_list *remarks)
{
        const struct log_kind **kinds = kinds_of(setup->sources);
        const struct enrich_options o = {
                .databases = from->geoip->items,
                .n_databases = from->geoip->n,
                .networks = from->networks,
                .networks_file = from->networks_file,
                .network_lists = from->network_lists,
                .network_lists_file = from->network_lists_file,
                .people = from->people,
                .people_file = from->people_file,
                .kinds = kinds,
                .n_kinds = sourceset_count(setup->sources),
                .remarks = remarks,
        };
        int r = kinds ? 0 : -ENOMEM;

        if (r >= 0 && (from->geoip->n || from->networks_file || from->network_lists || from->people_file))
                r = enrich_load(&o, &setup->enrich, errors);
        free(kinds);
        return r;
}

void setup_done(struct setup *setup)
{
        setup->enrich = enrich_free(setup->enrich);
        setup->rules = ruleset_free(setup->rules);
        setup->sources = sourceset_free(setup->sources);
}

/* Finds FOLDER beside or above the running program: build/shopbell lies below the source tree. */
static bool find_in_tree(const char *folder, char ret[PATH_MAX])
{
        char exe[PATH_MAX];
        ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

        if (n <= 0)
                return false;
        exe[n] = '\0';
        for (int level = 0; level < 3; level++) {
                char *slash = strrchr(exe, '/');
                char marker[PATH_MAX + 16];

                if (!slash)
                        return false;
                *slash = '\0';
                snprintf(marker, sizeof marker, "%s/configure.ac", exe);
                if (access(marker, R_OK) == 0 && snprintf(ret, PATH_MAX, "%s/%s", exe, folder) < PATH_MAX)
                        return access(ret, R_OK) == 0;
        }
        return false;
}

static const char *default_folder(const char *variable, const char *in_tree, const char *installed, char buf[PATH_MAX])
{
        const char *env = getenv(variable);

        if (env && *env)
                return env;
        return find_in_tree(in_tree, buf) ? buf : installed;
}

const char *setup_default_sources(void)
{
        static char buf[PATH_MAX];

        return default_folder("SHOPBELL_SOURCES", "parsers/sources", SHOPBELL_SOURCES_DIR, buf);
}

int setup_add_default_sources(struct paths *paths)
{
        const char *dir = setup_default_sources();
        int r = paths_add(paths, dir);

        if (r >= 0 && strcmp(dir, SHOPBELL_SOURCES_DIR) == 0 && access(SHOPBELL_SOURCES_OWN_DIR, F_OK) == 0)
                r = paths_add(paths, SHOPBELL_SOURCES_OWN_DIR);
        return r;
}

int setup_add_default_regimes(struct paths *paths)
{
        static char buf[PATH_MAX];
        const char *dir = default_folder("SHOPBELL_REGIMES", "regimes.d", SHOPBELL_REGIMES_DIR, buf);
        int r = paths_add(paths, dir);

        if (r >= 0 && strcmp(dir, SHOPBELL_REGIMES_DIR) == 0 && access(SHOPBELL_REGIMES_OWN_DIR, F_OK) == 0)
                r = paths_add(paths, SHOPBELL_REGIMES_OWN_DIR);
        return r;
}

int setup_add_default_templates(struct paths *paths)
{
        static char buf[PATH_MAX];
        const char *dir = default_folder("SHOPBELL_TEMPLATES", "templates", SHOPBELL_TEMPLATES_DIR, buf);
        int r = paths_add(paths, dir);

        if (r >= 0 && strcmp(dir, SHOPBELL_TEMPLATES_DIR) == 0 && access(SHOPBELL_TEMPLATES_OWN_DIR, F_OK) == 0)
                r = paths_add(paths, SHOPBELL_TEMPLATES_OWN_DIR);
        return r;
}

const char *setup_default_drills(void)
{
        static char buf[PATH_MAX];

        return default_folder("SHOPBELL_DRILLS", "drills.d", SHOPBELL_DRILLS_DIR, buf);
}

const char *setup_default_rules(void)
{
        static char buf[PATH_MAX];

        return default_folder("SHOPBELL_RULES", "rules.d", SHOPBELL_RULES_DIR, buf);
}
