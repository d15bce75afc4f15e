/* SPDX-License-Identifier: Apache-2.0 */

/* shopbelld: the service. Reads what shopbell.yml names, keeps everything in one store, wakes only when there is something
 * to read. */

#include <errno.h>
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/base/hash.h"
#include "monitor/base/log.h"
#include "monitor/config.h"
#include "monitor/inputs.h"
#include "monitor/loop.h"
#include "monitor/pipeline.h"

enum { EXIT_OK = 0, EXIT_USAGE = 2, EXIT_CANNOT = 3 };

struct arguments {
        const char *config, *state;
        bool once;
};

static const char usage[] =
        "usage: shopbelld --config FILE [--state DIR] [--once]\n"
        "\n"
        "Reads the logs that FILE names, raises alerts, keeps them for shopbell(1).\n"
        "\n"
        "  -c, --config FILE   the configuration, see shopbell.yml(5) (default " SHOPBELL_CONFIG_FILE ")\n"
        "  -s, --state DIR     where the store lies (default: the configuration's, else $STATE_DIRECTORY)\n"
        "      --once          take what is there, commit, exit\n"
        "      --version       print the version\n"
        "  -h, --help          this text\n"
        "\n"
        "Exit: 0 ended as asked, 2 usage, 3 a configuration, store or input that cannot be used.\n";

/* >= 0: exit with that. */
static int read_arguments(int argc, char **argv, struct arguments *a)
{
        static const struct option options[] = {
                { "config", required_argument, NULL, 'c' }, { "state", required_argument, NULL, 's' },
                { "once", no_argument, NULL, 'o' },         { "version", no_argument, NULL, 'v' },
                { "help", no_argument, NULL, 'h' },         { NULL, 0, NULL, 0 },
        };
        int c;

        *a = (struct arguments){ .config = SHOPBELL_CONFIG_FILE };
        while ((c = getopt_long(argc, argv, "c:s:h", options, NULL)) != -1) {
                switch (c) {
                case 'c': a->config = optarg; break;
                case 's': a->state = optarg; break;
                case 'o': a->once = true; break;
                case 'v': puts("shopbelld " PACKAGE_VERSION); return EXIT_OK;
                case 'h': fputs(usage, stdout); return EXIT_OK;
                default: return EXIT_USAGE;
                }
        }
        if (optind < argc) {
                log_error("%s is no option of shopbelld: see shopbelld --help", argv[optind]);
                return EXIT_USAGE;
        }
        return -1;
}

static void note(void *userdata, const struct err *err)
{
        (void)userdata;
        log_err(LOG_LEVEL_WARNING, err);
}

static void note_reject(void *userdata, const struct raw *raw, const char *reason)
{
        (void)userdata;
        log_debug("%s: byte %llu: %s, kept as a reject", raw->file, (unsigned long long)raw->offset, reason);
}

static int load_setup(const struct config *c, struct setup *ret)
{
        const char *const defaults[] = { setup_default_sources(), setup_default_rules() };
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        struct paths sources = { .items = (const char **)&defaults[0], .n = 1 };
        struct paths rules = { .items = (const char **)&defaults[1], .n = 1 };
        struct err err = { 0 };
        int r;

        r = setup_load(c->sources.n ? &c->sources : &sources, c->rules.n ? &c->rules : &rules, &c->language, ret,
                       &errors, NULL, &err);
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_WARNING, &errors.items[i]);
        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
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
                log_info("%zu rules are off, since `placeholders:` in %s lacks values: `shopbell rules check` names them", n, c->path);
}

static int open_store(const struct config *c, const char *state, struct store **ret)
{
        const char *dir = state ? state : c->state ? c->state : getenv("STATE_DIRECTORY");
        CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
        struct err err = { 0 };
        int r;

        if (!dir) {
                log_error("no folder for the store: give --state DIR or `state:` in %s", c->path);
                return -EINVAL;
        }
        if (mkdir(dir, 0750) < 0 && errno != EEXIST) {
                r = -errno;
                log_error("%s: the state folder cannot be made: %s", dir, strerror(-r));
                return r;
        }
        strbuf_addf(&path, "%s/" CONFIG_STORE_FILE, dir);
        r = strbuf_failed(&path) ? -ENOMEM : store_open(path.p, ret, &err);
        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        return r;
}

static int run(const struct config *c, const struct setup *setup, struct store *store, bool once)
{
        struct pipeline_options o = {
                .setup = setup,
                .store = store,
                .clock = &clock_system,
                .threads = 1,
                .keeps_state = true,
                .hint = c->hint,
                .on_reject = note_reject,
        };
        CLEANUP(pipeline_freep) struct pipeline *p = NULL;
        CLEANUP(inputs_done) struct inputs inputs = { 0 };
        struct err err = { 0 };
        int r;

        r = pipeline_new(&o, &p, &err);
        if (r >= 0)
                r = pipeline_restore(p, &err);
        if (r >= 0)
                r = inputs_open(c, note, NULL, &inputs, &err);
        for (size_t i = 0; i < inputs.n && r >= 0; i++)
                r = pipeline_restore_input(p, inputs.items[i], &err);
        if (r >= 0)
                r = once ? loop_once(p, inputs.items, inputs.n, &err) : loop_run(p, inputs.items, inputs.n, &err);
        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        return r;
}

int main(int argc, char **argv)
{
        CLEANUP(config_freep) struct config *config = NULL;
        CLEANUP(setup_done) struct setup setup = { 0 };
        CLEANUP(store_closep) struct store *store = NULL;
        uint8_t seed[HASH_SEED_BYTES];
        struct arguments a;
        struct err err = { 0 };
        int code;

        log_setup("shopbelld", getenv("JOURNAL_STREAM") != NULL, LOG_LEVEL_INFO);
        code = read_arguments(argc, argv, &a);
        if (code >= 0)
                return code;
        if (sodium_init() < 0) {
                log_error("libsodium cannot start: no randomness");
                return EXIT_CANNOT;
        }
        randombytes_buf(seed, sizeof seed);
        hash_seed(seed);
        umask(0027);
        if (config_load(a.config, &config, &err) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return EXIT_CANNOT;
        }
        if (load_setup(config, &setup) < 0)
                return EXIT_CANNOT;
        note_lacking(config, &setup);
        if (open_store(config, a.state, &store) < 0)
                return EXIT_CANNOT;
        return run(config, &setup, store, a.once) < 0 ? EXIT_CANNOT : EXIT_OK;
}
