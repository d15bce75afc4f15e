/* SPDX-License-Identifier: Apache-2.0 */

/* shopbelld: the service. Reads what shopbell.yml names, keeps everything in one store, wakes only when there is something
 * to read. */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/base/hash.h"
#include "monitor/base/log.h"
#include "monitor/config.h"
#include "monitor/control.h"
#include "monitor/inputs.h"
#include "monitor/loop.h"
#include "monitor/pipeline.h"
#include "monitor/reload.h"
#include "monitor/sealing.h"

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
        log_err(err->code < 0 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, err);
}

/* By the sources that are in use at this moment. */
static bool is_csv(void *userdata, const char *source, struct str line, struct csv_shape *ret)
{
        return sourceset_is_csv(reload_setup(userdata)->sources, source, line, ret);
}

static int find_list(void *userdata, const char *source, const struct raw *raw, const char **ret)
{
        return sourceset_list_find(reload_setup(userdata)->sources, source, raw, ret);
}

static int compare_list(void *userdata, const struct list_poll *poll, const struct list_host *host)
{
        return sourceset_list_compare(reload_setup(userdata)->sources, poll, host);
}

static void note_reject(void *userdata, const struct raw *raw, const char *reason)
{
        (void)userdata;
        log_debug("%s: byte %llu: %s, kept as a reject", raw->file, (unsigned long long)raw->offset, reason);
}

/* The folder, made when it is missing; NULL: it cannot be, which is said. */
static const char *make_state(const struct config *c, const char *state)
{
        const char *dir = state ? state : c->state ? c->state : getenv("STATE_DIRECTORY");

        if (!dir) {
                log_error("no folder for the store: give --state DIR or `state:` in %s", c->path);
                return NULL;
        }
        if (mkdir(dir, 0750) < 0 && errno != EEXIST) {
                log_error("%s: the state folder cannot be made: %s", dir, strerror(errno));
                return NULL;
        }
        return dir;
}

static int open_state(const char *dir, struct store **ret, struct control **ret_control)
{
        CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
        struct err err = { 0 }, warning = { 0 };
        int r = control_open(dir, ret_control, &err);

        strbuf_addf(&path, "%s/" CONFIG_STORE_FILE, dir);
        if (r >= 0)
                r = strbuf_failed(&path) ? -ENOMEM : store_open(path.p, ret, &err);
        if (r >= 0)
                r = sealing_start(dir, *ret, &err, &warning);
        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        if (warning.code < 0)
                log_err(LOG_LEVEL_WARNING, &warning);
        return r;
}

/* Who may read the store: the folder's group. */
static gid_t group_of(const char *dir)
{
        struct stat st;

        return stat(dir, &st) < 0 ? getegid() : st.st_gid;
}

static const struct regimes *regimes_of(void *userdata)
{
        return reload_regimes(userdata);
}

static int run(const struct config *c, struct life *life, bool once)
{
        struct reload *reload = life->reload;
        struct pipeline_options o = {
                .setup = reload_setup(reload),
                .store = life->store,
                .clock = &clock_system,
                .threads = 1,
                .keeps_state = true,
                .tells_silence = !once,
                .takes_census = true,
                .budget = { .keys_max = c->keys_max, .bytes_max = c->bytes_max },
                .hint = c->hint,
                .on_reject = note_reject,
        };
        CLEANUP(secret_wipe) struct secret secret = { { 0 } };
        CLEANUP(pipeline_freep) struct pipeline *p = NULL;
        CLEANUP(inputs_done) struct inputs inputs = { 0 };
        CLEANUP(pressure_closep) struct pressure *pressure = NULL;
        CLEANUP(notices_freep) struct notices *notices = NULL;
        CLEANUP(reminders_freep) struct reminders *reminders = NULL;
        struct input_options doors = { .note = note, .is_csv = is_csv, .csv_data = reload, .userdata = reload,
                                       .lists = { find_list, compare_list, reload } };
        struct err err = { 0 };
        int r;

        r = c->pseudonyms ? sealing_key(life->state, &secret, &err) : 0;
        o.pseudonyms = c->pseudonyms ? &secret : NULL;
        if (r >= 0)
                r = pipeline_new(&o, &p, &err);
        if (r >= 0)
                r = pipeline_restore(p, &err);
        if (r >= 0)
                r = inputs_open(c, &doors, &inputs, &err);
        for (size_t i = 0; i < inputs.n && r >= 0; i++)
                r = pipeline_restore_input(p, inputs.items[i], &err);
        if (r >= 0 && !once && pressure_open(getenv("SHOPBELL_MEMORY_EVENTS"), &pressure, NULL) < 0)
                log_debug("no memory.events here: memory that runs short is not noticed");
        life->pressure = pressure;
        if (r >= 0)
                r = notices_new(c, p, life->store, o.clock, &notices, &err);
        life->notices = notices;
        if (r >= 0)
                r = reminders_new(&(struct reminders_host){ p, life->store, o.clock, regimes_of, reload }, &reminders, &err);
        life->reminders = reminders;
        life->pipeline = p;
        life->inputs = inputs.items;
        life->n = inputs.n;
        if (r >= 0)
                r = once ? loop_once(p, inputs.items, inputs.n, &err) : loop_run(life, &err);
        if (r >= 0 && once)
                r = loop_retire(life, &err);
        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        loop_witness(life, true);
        return r;
}

/* A SIGHUP that comes before the loop waits for it, instead of ending us. */
static void hold_hangup(void)
{
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGHUP);
        sigprocmask(SIG_BLOCK, &set, NULL);
}

int main(int argc, char **argv)
{
        CLEANUP(config_freep) struct config *config = NULL;
        CLEANUP(reload_freep) struct reload *reload = NULL;
        CLEANUP(control_closep) struct control *control = NULL;
        CLEANUP(store_closep) struct store *store = NULL;
        uint8_t seed[HASH_SEED_BYTES];
        struct arguments a;
        struct err err = { 0 };
        struct witness witness = { .has_journal = getenv("JOURNAL_STREAM") != NULL, .at = USEC_NONE };
        CLEANUP(memory_freep) char *folder = NULL; /* verify looks for that */
        struct life life;
        const char *state;
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
        if (!a.once)
                hold_hangup();
        if (reload_start(config, &clock_system, &reload) < 0)
                return EXIT_CANNOT;
        state = make_state(config, a.state);
        if (!state || open_state(state, &store, &control) < 0)
                return EXIT_CANNOT;
        folder = realpath(state, NULL);
        witness.state = folder ? folder : state;
        life = (struct life){ .clock = &clock_system, .reload = reload, .control = control, .store = store, .state = state, .group = group_of(state),
                              .witness = &witness, .retention = &config->retention };
        return run(config, &life, a.once) < 0 ? EXIT_CANNOT : EXIT_OK;
}
