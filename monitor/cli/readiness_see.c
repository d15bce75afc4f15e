/* SPDX-License-Identifier: Apache-2.0 */

/* Looking: one function a place where something can be seen. A place that is missing shows nothing, which the checks say. */

#include "monitor/cli/readiness.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/base/log.h"
#include "monitor/cases/regime.h"
#include "monitor/config.h"
#include "monitor/control.h"
#include "monitor/store/case.h"
#include "monitor/store/heard.h"
#include "monitor/store/notice.h"

enum { SEEN_MAX = 1000 }; /* of each list */
#define DAEMON_WAIT (5 * USEC_PER_SEC)

struct looking {
        struct cli *cli;
        struct readiness *r;
        const struct config *config; /* NULL: there is none */
        struct query *q; /* NULL: there is no store */
        struct str *heard; /* log sources */
};

/* At most SEEN_MAX; -ENOMEM. */
static int add(struct looking *l, struct str *list, size_t *n, struct str text)
{
        if (*n >= SEEN_MAX)
                return 0;
        list[*n] = arena_dup(l->r->arena, text);
        return list[(*n)++].p ? 0 : -ENOMEM;
}

/* ---- The configuration ---- */

static int see_people(struct looking *l)
{
        const struct people *people = enrich_people(l->r->setup.enrich);
        struct readiness_seen *w = &l->r->seen;
        const struct person *p;
        int r = 0;

        for (size_t i = 0; (p = people_get(people, i)) && r >= 0; i++) {
                bool has_left = p->left != USEC_NONE && p->left <= l->cli->now;

                w->n_people += !has_left;
                w->n_left += has_left;
                if (!has_left && strcmp(p->role, "owner") == 0)
                        r = add(l, w->owners, &w->n_owners, p->name);
                if (r >= 0 && !has_left && p->may_export)
                        r = add(l, w->exporters, &w->n_exporters, p->name);
        }
        return r;
}

static void see_canaries(struct looking *l)
{
        const struct yaml *list = l->config && l->config->language.placeholders ? yaml_get(l->config->language.placeholders, "canary_customers") : NULL;

        l->r->seen.n_canaries = !list ? 0 : list->kind == YAML_LIST ? list->n : 1;
}

/* The rules and sources that it names, and its people. */
static int see_setup(struct looking *l, struct err *reterr)
{
        const struct config *c = l->config;
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        struct setup *setup = &l->r->setup;
        static const struct paths none = { 0 }; /* places do not matter here */
        struct setup_enrich from = { .geoip = &none };
        struct ruleset_size size;
        int r;

        r = setup_load(c && c->sources.n ? &c->sources : &l->cli->sources, c && c->rules.n ? &c->rules : &l->cli->rules, c ? &c->language : NULL, setup,
                       &errors, NULL, reterr);
        if (r < 0)
                return r;
        if (c) {
                from.people = c->people;
                from.people_file = c->people_file;
        }
        r = setup_enrich(setup, &from, &errors, NULL);
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_WARNING, &errors.items[i]);
        size = ruleset_size(setup->rules);
        l->r->seen.n_rules = size.rules - size.off;
        return r < 0 ? err_set(reterr, r, "out of memory") : 0;
}

/* ---- Laws ---- */

/* The contracts that come with shopbell are examples. */
static bool is_own(const struct paths *shipped, const struct regime *law)
{
        return shipped->n == 0 || !str_starts(str_of(law->file), str_of(shipped->items[0]));
}

static int see_regimes(struct looking *l)
{
        CLEANUP(paths_done) struct paths shipped = { 0 };
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        struct readiness_seen *w = &l->r->seen;
        struct regimes regimes = { 0 };
        int r = setup_add_default_regimes(&shipped);

        if (r >= 0)
                r = regimes_load(l->cli->regimes.items, l->cli->regimes.n, &regimes, &errors);
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_WARNING, &errors.items[i]);
        for (size_t i = 0; i < regimes.n && r >= 0; i++) {
                const struct regime *law = &regimes.items[i];

                w->n_regimes += !law->is_contract;
                w->n_contracts += law->is_contract && is_own(&shipped, law);
                if (!law->is_contract && regime_is_in_force(law, l->cli->now) && regime_is_stale(law, l->cli->now))
                        r = add(l, w->stale_regimes, &w->n_stale_regimes, law->id);
        }
        regimes_done(&regimes);
        return r;
}

/* ---- Templates ---- */

/* When one of the owner's own was changed last. */
static void see_templates(struct looking *l)
{
        glob_t files = { 0 };

        if (glob(SHOPBELL_TEMPLATES_OWN_DIR "/*.yml", 0, NULL, &files) == 0)
                for (size_t i = 0; i < files.gl_pathc; i++) {
                        struct stat st;
                        usec at = stat(files.gl_pathv[i], &st) == 0 ? (usec)st.st_mtim.tv_sec * USEC_PER_SEC : USEC_NONE;

                        if (at > l->r->seen.templates_at) /* USEC_NONE is less */
                                l->r->seen.templates_at = at;
                }
        globfree(&files);
}

/* ---- The store ---- */

static int on_heard(void *userdata, const struct source_heard *h)
{
        struct looking *l = userdata;
        struct readiness_seen *w = &l->r->seen;
        int r = add(l, l->heard, &w->n_heard, h->source);

        return r < 0 || h->told == USEC_NONE ? r : add(l, w->silent, &w->n_silent, h->source);
}

/* Those that inputs name. */
static int see_unheard(struct looking *l)
{
        struct readiness_seen *w = &l->r->seen;
        int r = 0;

        for (size_t i = 0; l->config && i < l->config->n_inputs && r >= 0; i++) {
                const char *source = l->config->inputs[i].source;
                bool is_heard = !source;

                for (size_t k = 0; k < w->n_heard && !is_heard; k++)
                        is_heard = str_eqz(l->heard[k], source);
                for (size_t k = 0; k < w->n_unheard && !is_heard; k++)
                        is_heard = str_eqz(w->unheard[k], source);
                if (!is_heard)
                        r = add(l, w->unheard, &w->n_unheard, str_of(source));
        }
        return r;
}

static int on_channel(void *userdata, const struct store_channel *c)
{
        struct looking *l = userdata;
        struct readiness_seen *w = &l->r->seen;
        struct readiness_channel *to = &w->channels[w->n_channels];
        struct store_load load = { .sent_at = USEC_NONE };
        int r = w->n_channels < SEEN_MAX ? query_channel_load(l->q, c->name, l->cli->now, &load) : 0;

        if (r < 0 || w->n_channels >= SEEN_MAX)
                return r;
        *to = (struct readiness_channel){
                .name = arena_dup(l->r->arena, c->name),
                .kind = arena_dup(l->r->arena, c->kind),
                .escalate_to = arena_dup(l->r->arena, c->escalate_to),
                .escalate_after = c->escalate_after,
                .sent = load.sent_at,
        };
        w->n_channels++;
        return to->name.p && to->kind.p && to->escalate_to.p ? 0 : -ENOMEM;
}

/* Of each check the last one. */
static int see_answers(struct looking *l)
{
        struct store_case_entry *entries = NULL;
        struct readiness_answer *answers;
        size_t n_entries = 0, n = 0;
        int r = query_case_entries(l->q, READINESS_CASE, NULL, l->r->arena, &entries, &n_entries);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        answers = arena_array(l->r->arena, n_entries + 1, sizeof *answers);
        if (!answers)
                return -ENOMEM;
        for (size_t i = n_entries; i-- > 0;) {
                const struct store_case_entry *e = &entries[i];
                bool is_there = !str_eqz(e->kind, READINESS_KIND);

                for (size_t k = 0; k < n && !is_there; k++)
                        is_there = str_eq(answers[k].check, e->key);
                if (!is_there)
                        answers[n++] = (struct readiness_answer){ e->key, e->value, e->by, e->at };
        }
        l->r->seen.answers = answers;
        l->r->seen.n_answers = n;
        return 0;
}

static int see_store(struct looking *l)
{
        struct readiness_seen *w = &l->r->seen;
        struct counters c = { 0 };
        int r = cli_accounts_of(&l->r->setup, l->q, &l->r->accounts);

        if (r >= 0)
                r = query_heard(l->q, on_heard, l);
        if (r >= 0)
                r = query_channels(l->q, on_channel, l);
        if (r >= 0)
                r = query_counters(l->q, &c);
        if (r >= 0)
                r = see_answers(l);
        w->has_read = c.n[COUNTER_RECORDS] > 0;
        return r;
}

/* ---- All of it ---- */

static int make_lists(struct readiness *r, struct looking *l)
{
        struct str **lists[] = { &r->seen.owners, &r->seen.exporters, &r->seen.silent, &r->seen.unheard, &r->seen.stale_regimes, &l->heard };

        for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
                *lists[i] = arena_array(r->arena, SEEN_MAX, sizeof **lists[i]);
                if (!*lists[i])
                        return -ENOMEM;
        }
        r->seen.channels = arena_array(r->arena, SEEN_MAX, sizeof *r->seen.channels);
        return r->seen.channels ? 0 : -ENOMEM;
}

static int see_all(struct looking *l, struct err *reterr)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct readiness *r = l->r;
        struct err err = { 0 };
        int k = see_setup(l, reterr);

        if (k < 0)
                return k;
        if (query_open(cli_store_path(l->cli), &l->q, &err) < 0)
                log_err(LOG_LEVEL_WARNING, &err);
        k = l->q ? see_store(l) : accounts_init(&r->accounts);
        if (k >= 0 && !l->q) /* nothing in it, but it knows the people */
                r->accounts.people = enrich_people(r->setup.enrich);
        if (k >= 0)
                k = posture_look(&r->accounts, l->cli->now, &r->posture);
        if (k >= 0)
                k = see_people(l);
        if (k >= 0)
                k = see_unheard(l);
        if (k >= 0)
                k = see_regimes(l);
        if (k < 0)
                return err_set(reterr, k, "%s", k == -ENOMEM || !l->q ? "out of memory" : query_error(l->q));
        see_canaries(l);
        see_templates(l);
        r->seen.records_kept = l->config ? l->config->retention.records : CONFIG_RECORDS_KEPT;
        r->seen.is_running = control_ask(cli_state(l->cli), "status", DAEMON_WAIT, &answer, NULL) >= 0;
        r->seen.accounts = &r->accounts;
        r->seen.posture = &r->posture;
        return 0;
}

void readiness_done(struct readiness *r)
{
        posture_done(&r->posture);
        accounts_done(&r->accounts);
        setup_done(&r->setup);
        arena_free(r->arena);
        *r = (struct readiness){ 0 };
}

int readiness_see(struct cli *cli, struct readiness *ret)
{
        CLEANUP(err_list_done) struct err_list mistakes = ERR_LIST_INIT;
        CLEANUP(config_freep) struct config *config = NULL;
        const char *path = cli->config ? cli->config : SHOPBELL_CONFIG_FILE;
        struct looking l = { .cli = cli, .r = ret };
        struct err err = { 0 };
        int r;

        *ret = (struct readiness){ .arena = arena_new(), .seen = { .now = cli->now, .templates_at = USEC_NONE } };
        r = ret->arena && make_lists(ret, &l) >= 0 ? config_read(path, &config, &mistakes) : -ENOMEM;
        if (r >= 0 && access(path, R_OK) == 0)
                l.config = config;
        else if (r >= 0)
                log_warning("%s cannot be read: looked at as if nothing was set", path);
        for (size_t i = 0; l.config && i < mistakes.n; i++)
                log_err(LOG_LEVEL_WARNING, &mistakes.items[i]);
        if (l.config && !cli->state && config->state) {
                struct str state = arena_dup(ret->arena, str_of(config->state));

                cli->state = state.p;
        }
        if (r >= 0)
                r = see_all(&l, &err);
        query_close(l.q);
        if (r >= 0)
                return CLI_OK;
        if (err.code < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        else
                log_error("out of memory");
        readiness_done(ret);
        return CLI_CANNOT;
}
