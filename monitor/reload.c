/* SPDX-License-Identifier: Apache-2.0 */

/* Load, judge, swap, tell. The judge: an error stops the reload when its file (or folder) held rules or sources that run now
 * and had no error when they were loaded; so does a source that an input is configured with and that is gone. */

#include "monitor/reload.h"

#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/base/messages.h"
#include "monitor/base/utf8.h"
#include "monitor/changes.h"

/* What was loaded once, and what was wrong with it. */
struct loaded {
        struct setup setup;
        struct regimes regimes;
        struct err_list errors, remarks; /* remarks: on people */
};

struct reload {
        const struct config *config; /* as it was at start */
        const struct clock *clock;
        struct loaded *now; /* the pipeline and its workers point into it */
        struct loaded *fresh; /* while a reload is under way; left there when the store failed in the middle */
        usec at; /* of the last reload; USEC_NONE: none yet */
        struct strbuf outcome; /* the last line of its answer */
        struct strbuf *answer; /* of the reload under way */
        size_t n_names, n_errors;
};

/* ---- Telling ---- */

static void say(struct reload *r, enum log_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void say(struct reload *r, enum log_level level, const char *fmt, ...)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;
        va_list ap;

        va_start(ap, fmt);
        strbuf_vaddf(&line, fmt, ap);
        va_end(ap);
        if (level == LOG_LEVEL_ERROR)
                log_error("%s", line.p ? line.p : "");
        else if (level == LOG_LEVEL_WARNING)
                log_warning("%s", line.p ? line.p : "");
        else
                log_info("%s", line.p ? line.p : "");
        strbuf_add(r->answer, strbuf_str(&line));
        strbuf_addc(r->answer, '\n');
}

static void say_err(struct reload *r, enum log_level level, const char *what, const struct err *err)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        if (++r->n_errors > RELOAD_ERRORS_MAX)
                return;
        err_format(err, &text);
        say(r, level, "%s: %s", what, text.p ? text.p : "");
}

static void on_change(void *userdata, enum setup_change change, struct str title, const char *file)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct reload *r = userdata;

        if (++r->n_names > RELOAD_NAMES_MAX)
                return;
        text_display(&text, title, TEXT_TERMINAL, RELOAD_TITLE_CHARS_MAX);
        say(r, LOG_LEVEL_INFO, "%s: %s (%s)", change_name(change), text.p ? text.p : "", file);
}

/* ---- Loading ---- */

static struct loaded *loaded_free(struct loaded *l)
{
        if (!l)
                return NULL;
        setup_done(&l->setup);
        regimes_done(&l->regimes);
        err_list_done(&l->errors);
        err_list_done(&l->remarks);
        free(l);
        return NULL;
}

/* What was wrong is in (*ret)->errors, also after a failure. */
static int load(const struct config *c, struct loaded **ret, struct err *reterr)
{
        const char *default_rules = setup_default_rules();
        struct paths rules = { .items = &default_rules, .n = 1 };
        CLEANUP(paths_done) struct paths sources = { 0 };
        CLEANUP(paths_done) struct paths laws = { 0 };
        struct setup_enrich enrich = {
                .geoip = &c->geoip,
                .networks = c->networks,
                .networks_file = c->networks_file,
                .network_lists = c->network_lists,
                .network_lists_file = c->path,
                .people = c->people,
                .people_file = c->people_file,
        };
        struct loaded *l = *ret = calloc(1, sizeof *l);
        int r;

        if (!l || setup_add_default_sources(&sources) < 0 || setup_add_default_regimes(&laws) < 0)
                return err_set(reterr, -ENOMEM, "out of memory");
        r = setup_load(c->sources.n ? &c->sources : &sources, c->rules.n ? &c->rules : &rules, &c->language, &l->setup,
                       &l->errors, NULL, reterr);
        if (r >= 0 && setup_enrich(&l->setup, &enrich, &l->errors, &l->remarks) < 0)
                r = err_set(reterr, -ENOMEM, "out of memory");
        if (r >= 0 && regimes_load(laws.items, laws.n, &l->regimes, &l->errors) < 0)
                r = err_set(reterr, -ENOMEM, "out of memory");
        return r;
}

/* A rule that waits for values is no mistake, but its silence should have a reason. */
static void note_lacking(const struct config *c, const struct setup *setup)
{
        size_t n = 0;

        for (size_t i = 0; i < ruleset_count(setup->rules); i++) {
                const struct sigma_rule *rule = ruleset_rule(setup->rules, i);

                n += rule->detection && rule->detection->lacking.n > 0;
        }
        if (n > 0)
                log_info("%zu rules are off, since `placeholders:` in %s lacks values: `shopbell rules check` names them", n,
                         c->path);
}

int reload_start(const struct config *config, const struct clock *clock, struct reload **ret)
{
        CLEANUP(reload_freep) struct reload *r = calloc(1, sizeof *r);
        struct err err = { 0 };
        int k;

        if (!r) {
                log_error("out of memory");
                return -ENOMEM;
        }
        r->config = config;
        r->clock = clock;
        r->at = USEC_NONE;
        k = load(config, &r->now, &err);
        for (size_t i = 0; r->now && i < r->now->errors.n; i++)
                log_err(LOG_LEVEL_WARNING, &r->now->errors.items[i]);
        for (size_t i = 0; r->now && i < r->now->remarks.n; i++)
                log_err(LOG_LEVEL_WARNING, &r->now->remarks.items[i]);
        if (k < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return k;
        }
        note_lacking(config, &r->now->setup);
        *ret = TAKE(r);
        return 0;
}

struct reload *reload_free(struct reload *r)
{
        if (!r)
                return NULL;
        loaded_free(r->now);
        loaded_free(r->fresh);
        strbuf_done(&r->outcome);
        free(r);
        return NULL;
}

const struct setup *reload_setup(const struct reload *r)
{
        return &r->now->setup;
}

const struct regimes *reload_regimes(const struct reload *r)
{
        return &r->now->regimes;
}

/* ---- Judging ---- */

/* `file` is what an error names, or lies below the folder it names. Errors hold the beginning of long paths. */
static bool is_named(const struct err *err, const char *file)
{
        size_t n = strlen(err->file);

        if (n == 0 || strncmp(file, err->file, n) != 0)
                return false;
        return file[n] == '\0' || file[n] == '/' || n == ERR_FILE_BYTES - 1;
}

static bool holds_what_runs(const struct loaded *l, const struct err *err)
{
        const struct setup *s = &l->setup;

        for (size_t i = 0; i < ruleset_count(s->rules); i++)
                if (is_named(err, ruleset_rule(s->rules, i)->file))
                        return true;
        for (size_t i = 0; i < sourceset_count(s->sources); i++)
                if (is_named(err, source_file(sourceset_get(s->sources, i))))
                        return true;
        for (size_t i = 0; i < l->regimes.n; i++)
                if (is_named(err, l->regimes.items[i].file))
                        return true;
        return enrich_uses(s->enrich, err->file);
}

static bool was_good(const struct loaded *l, const struct err *err)
{
        for (size_t i = 0; i < l->errors.n; i++)
                if (strcmp(l->errors.items[i].file, err->file) == 0)
                        return false;
        return holds_what_runs(l, err);
}

/* How many things speak against the fresh setup; each is said. */
static size_t judge(struct reload *r)
{
        const struct loaded *fresh = r->fresh;
        size_t n = 0;

        for (size_t i = 0; i < fresh->errors.n; i++)
                if (was_good(r->now, &fresh->errors.items[i])) {
                        say_err(r, LOG_LEVEL_ERROR, "error", &fresh->errors.items[i]);
                        n++;
                }
        for (size_t i = 0; i < r->config->n_inputs && fresh->setup.sources; i++) {
                const struct config_input *in = &r->config->inputs[i];
                struct err err = { 0 };

                if (!in->source || !sourceset_find(r->now->setup.sources, str_of(in->source)) ||
                    sourceset_find(fresh->setup.sources, str_of(in->source)))
                        continue;
                err_at(&err, -ENOENT, in->file, in->line, in->col,
                       "the log source %s of the input %s is gone; bring its file back, or change the input and restart",
                       in->source, in->name);
                say_err(r, LOG_LEVEL_ERROR, "error", &err);
                n++;
        }
        if (fresh->errors.more > r->now->errors.more) {
                say(r, LOG_LEVEL_ERROR, "error: more than %d errors: too many to tell which files were good",
                    ERR_LIST_MAX);
                n++;
        }
        return n;
}

/* What of the configuration only counts from the next start. */
static void write_rest(const struct config *c, struct strbuf *out)
{
        static const char *const read_anew[] = { "sources", "rules", "geoip", "networks", "network-lists", "people" };
        const struct config_files *f = &c->files;

        for (size_t i = 0; i < f->n_values; i++) {
                size_t k = 0;

                while (k < ARRAY_LEN(read_anew) && !str_eqz(f->values[i].key->text, read_anew[k]))
                        k++;
                if (k < ARRAY_LEN(read_anew))
                        continue;
                yaml_to_json(f->values[i].key, out);
                yaml_to_json(f->values[i].value, out);
        }
        for (size_t i = 0; i < f->n_inputs; i++)
                yaml_to_json(f->inputs[i].value, out);
}

static void compare_config(struct reload *r, const struct config *fresh)
{
        CLEANUP(strbuf_done) struct strbuf was = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf is = STRBUF_INIT;

        write_rest(r->config, &was);
        write_rest(fresh, &is);
        if (!str_eq(strbuf_str(&was), strbuf_str(&is)))
                say(r, LOG_LEVEL_WARNING,
                    "%s: more than sources, rules, geoip, networks and people has changed; the rest counts from the next restart", fresh->path);
}

/* ---- Swapping ---- */

/* Two sets lie in memory during a reload. The holes that one of them leaves are given back: the heap would grow with each
 * reload of thousands of rules. */
static void give_back(void)
{
#ifdef __GLIBC__
        malloc_trim(0);
#endif
}

static void set_outcome(struct reload *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void set_outcome(struct reload *r, const char *fmt, ...)
{
        va_list ap;

        strbuf_clear(&r->outcome);
        va_start(ap, fmt);
        strbuf_vaddf(&r->outcome, fmt, ap);
        va_end(ap);
        r->at = clock_now(r->clock);
}

/* The last line, by which programs find it. */
static void say_outcome(struct reload *r, enum log_level level, const char *id)
{
        const char *text = r->outcome.p ? r->outcome.p : "";

        log_message(level, id, "reload %s", text);
        strbuf_addf(r->answer, "reload %s\n", text);
}

static int refuse(struct reload *r)
{
        r->fresh = loaded_free(r->fresh);
        give_back();
        set_outcome(r, "refused: the %zu rules that run stay", ruleset_count(r->now->setup.rules));
        say_outcome(r, LOG_LEVEL_ERROR, MESSAGE_RELOAD_REFUSED);
        return 0;
}

static void say_rest(struct reload *r)
{
        if (r->n_names > RELOAD_NAMES_MAX)
                say(r, LOG_LEVEL_INFO, "and %zu more changes", r->n_names - RELOAD_NAMES_MAX);
        for (size_t i = 0; i < r->fresh->errors.n; i++)
                say_err(r, LOG_LEVEL_WARNING, "left out", &r->fresh->errors.items[i]);
        for (size_t i = 0; i < r->fresh->remarks.n; i++)
                say_err(r, LOG_LEVEL_WARNING, "remark", &r->fresh->remarks.items[i]);
        if (r->n_errors + r->fresh->errors.more > RELOAD_ERRORS_MAX)
                say(r, LOG_LEVEL_WARNING, "and %zu more errors",
                    r->n_errors + r->fresh->errors.more - RELOAD_ERRORS_MAX);
}

/* Says what is different, while both are there. */
static int compare_setups(struct reload *r, struct changes *rules, struct changes *sources)
{
        int k = changes_of_rules(&r->now->setup, &r->fresh->setup, rules, on_change, r);

        if (k >= 0)
                k = changes_of_sources(&r->now->setup, &r->fresh->setup, sources, on_change, r);
        return k;
}

static int swap(struct reload *r, struct pipeline *p, struct err *reterr)
{
        struct changes rules, sources;
        struct err err = { 0 };
        bool is_fatal = false;
        int k = compare_setups(r, &rules, &sources);

        if (k >= 0)
                k = pipeline_swap(p, &r->fresh->setup, &is_fatal, &err);
        else
                err_set(&err, k, "out of memory");
        if (k < 0 && is_fatal) {
                *reterr = err;
                return k;
        }
        if (k < 0) {
                say_err(r, LOG_LEVEL_ERROR, "error", &err);
                return refuse(r);
        }
        say_rest(r);
        loaded_free(r->now);
        give_back();
        r->now = TAKE(r->fresh);
        set_outcome(
                r,
                "done: %zu rules, %zu added, %zu removed, %zu changed, %zu unchanged; %zu sources, %zu added, %zu removed, "
                "%zu changed; %zu errors left out",
                ruleset_count(r->now->setup.rules), rules.n[SETUP_ADDED], rules.n[SETUP_REMOVED],
                rules.n[SETUP_CHANGED], rules.n[SETUP_UNCHANGED], sourceset_count(r->now->setup.sources),
                sources.n[SETUP_ADDED], sources.n[SETUP_REMOVED], sources.n[SETUP_CHANGED],
                r->now->errors.n + r->now->errors.more);
        say_outcome(r, LOG_LEVEL_INFO, MESSAGE_RELOAD_DONE);
        return 1;
}

int reload_run(struct reload *r, struct pipeline *p, struct strbuf *answer, struct err *reterr)
{
        CLEANUP(config_freep) struct config *c = NULL;
        struct err err = { 0 };
        int k;

        r->answer = answer;
        r->n_names = r->n_errors = 0;
        k = config_load(r->config->path, &c, &err);
        if (k < 0) {
                say_err(r, LOG_LEVEL_ERROR, "error", &err);
                return refuse(r);
        }
        compare_config(r, c);
        k = load(c, &r->fresh, &err);
        if (r->fresh && judge(r) > 0)
                return refuse(r);
        if (k < 0) {
                say_err(r, LOG_LEVEL_ERROR, "error", &err);
                return refuse(r);
        }
        return swap(r, p, reterr);
}

/* "geoip GeoLite2-City: built 2026-11-03, /path", "geoip broken: /path: reason". */
static void add_databases(const struct enrich *e, struct strbuf *out)
{
        if (enrich_files(e) == 0)
                strbuf_addz(out, "geoip none: no database of places is given, so no record has one; `geoip:` in shopbell.yml(5)\n");
        for (size_t i = 0; i < enrich_files(e); i++) {
                struct enrich_file f = enrich_file(e, i);
                char at[TIME_ISO_BYTES];

                if (!f.type.p) {
                        strbuf_addf(out, "geoip broken: %s: %s\n", f.path, f.wrong);
                        continue;
                }
                time_format_iso((usec)f.built * USEC_PER_SEC, at);
                strbuf_addf(out, "geoip " STR_FMT ": built %.10s, %s\n", STR_ARG(f.type), at, f.path);
        }
}

struct str reload_outcome(const struct reload *r)
{
        return strbuf_str(&r->outcome);
}

void reload_status(const struct reload *r, struct strbuf *out)
{
        struct ruleset_size size = ruleset_size(r->now->setup.rules);
        char at[TIME_ISO_BYTES];

        strbuf_addf(out, "rules %zu\n", size.rules);
        strbuf_addf(out, "rules_off %zu\n", size.off);
        strbuf_addf(out, "rules_bytes %zu\n", size.bytes);
        strbuf_addf(out, "sources %zu\n", sourceset_count(r->now->setup.sources));
        strbuf_addf(out, "regimes %zu\n", r->now->regimes.n);
        if (enrich_networks(r->now->setup.enrich) > 0)
                strbuf_addf(out, "networks %zu\n", enrich_networks(r->now->setup.enrich));
        if (enrich_listed(r->now->setup.enrich) > 0)
                strbuf_addf(out, "network_lists %zu\n", enrich_listed(r->now->setup.enrich));
        if (enrich_people(r->now->setup.enrich))
                strbuf_addf(out, "people %zu\n", people_count(enrich_people(r->now->setup.enrich)));
        add_databases(r->now->setup.enrich, out);
        strbuf_addf(out, "load_errors %zu\n", r->now->errors.n + r->now->errors.more);
        time_format_iso(r->at - (r->at == USEC_NONE ? 0 : r->at % USEC_PER_SEC), at);
        strbuf_addf(out, "last_reload %s\n", r->at == USEC_NONE ? "never" : at);
        if (r->outcome.n > 0)
                strbuf_addf(out, "last_reload_outcome %s\n", r->outcome.p);
}
