/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell tail: records as they pass. The daemon keeps none of those that led to nothing, so the logs are read here once more, from
 * their end, by the same sources; no rule is asked, and nothing is written. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/batch.h"
#include "monitor/cli/cli.h"
#include "monitor/inputs.h"
#include "monitor/model/render.h"

enum { REJECTS_SHOWN = 20 };

struct tail {
        const struct cli *cli;
        struct config *config; /* NULL: files were named */
        struct setup setup;
        struct inputs inputs;
        struct worker worker;
        struct batch batch;
        struct strbuf out, json;
        size_t n_rejects;
        bool is_past; /* what lay there before we came is not shown */
};

/* ---- Which ones ---- */

static bool is_listed(const struct strbuf *list, struct str word)
{
        CLEANUP(strbuf_done) struct strbuf quoted = STRBUF_INIT;

        strbuf_addf(&quoted, "\"" STR_FMT "\"", STR_ARG(word));
        return word.n > 0 && !strbuf_failed(&quoted) && str_find(strbuf_str(list), strbuf_str(&quoted)) != SIZE_MAX;
}

static bool is_same(struct arena *arena, struct str a, struct str b)
{
        struct str x = utf8_fold(arena, a), y = utf8_fold(arena, b);

        return x.p && y.p && str_eq(x, y);
}

static bool has_part(struct arena *arena, struct str whole, struct str part)
{
        struct str x = utf8_fold(arena, whole), y = utf8_fold(arena, part);

        return x.p && y.p && str_find(x, y) != SIZE_MAX;
}

/* `json`: the whole record, for --text. */
static bool fits(const struct tail *t, const struct record *r, struct str json)
{
        const struct cli *cli = t->cli;
        struct arena *arena = t->batch.arena;

        if (cli->source && strcmp(cli->source, r->source) != 0)
                return false;
        if (cli->classes.n > 0 && !is_listed(&cli->classes, record_ecs(r, ECS_CLASS)))
                return false;
        if (cli->countries.n > 0 && !is_listed(&cli->countries, record_ecs(r, ECS_GEO_COUNTRY)))
                return false;
        if (cli->person && !is_same(arena, record_ecs(r, ECS_PERSON), str_of(cli->person)))
                return false;
        return !cli->text || has_part(arena, json, str_of(cli->text));
}

/* ---- One line ---- */

/* In a column of its own, a blank behind it; '-' for nothing. */
static void put(struct strbuf *out, const char *color, struct str value, unsigned width)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
        unsigned n;

        text_display(&safe, value.n > 0 ? value : STR("-"), TEXT_TERMINAL, 0);
        n = text_columns(strbuf_str(&safe));
        color_add(out, color, strbuf_str(&safe));
        for (; n < width; n++)
                strbuf_addc(out, ' ');
        strbuf_addc(out, ' ');
}

static const char *outcome_color(struct str outcome)
{
        return str_eqz(outcome, "failure") ? "31" : str_eqz(outcome, "success") ? "32" : "";
}

static struct str first_of(struct str a, struct str b, struct str c)
{
        return a.n > 0 ? a : b.n > 0 ? b : c;
}

static void write_line(const struct record *r, struct strbuf *out)
{
        struct str outcome = record_ecs(r, ECS_EVENT_OUTCOME), class = record_ecs(r, ECS_CLASS);
        char stamp[TIME_ISO_BYTES] = "";

        if (r->time != USEC_NONE)
                time_format_local(r->time, stamp);
        put(out, COLOR_DIM, str_of(stamp), 19);
        put(out, class.n > 0 ? "36" : COLOR_DIM, class, 10);
        put(out, COLOR_BOLD, first_of(record_ecs(r, ECS_PERSON), record_ecs(r, ECS_USER_EMAIL), record_ecs(r, ECS_USER_NAME)), 14);
        put(out, "", record_ecs(r, ECS_EVENT_ACTION), 20);
        put(out, outcome_color(outcome), outcome, 7);
        put(out, "", first_of(record_ecs(r, ECS_SOURCE_IP), record_ecs(r, ECS_SOURCE_ADDRESS), STR("")), 15);
        put(out, "33", record_ecs(r, ECS_GEO_COUNTRY), 2);
        put(out, COLOR_DIM, str_of(r->source), 0);
        while (out->n > 0 && out->p[out->n - 1] == ' ')
                out->n--;
        strbuf_addc(out, '\n');
}

static int show(struct tail *t, const struct record *r)
{
        const struct str *native = NULL;
        size_t n;

        if (t->cli->native)
                native = source_native(sourceset_get(t->setup.sources, r->source_index), &n);
        strbuf_clear(&t->json);
        if (t->cli->text || t->cli->format == FORMAT_NDJSON)
                render_record_json(r, native, &t->json);
        if (!fits(t, r, strbuf_str(&t->json)))
                return 0;
        if (t->cli->format == FORMAT_NDJSON) {
                strbuf_add(&t->out, strbuf_str(&t->json));
                strbuf_addc(&t->out, '\n');
        } else {
                write_line(r, &t->out);
        }
        return strbuf_failed(&t->out) || strbuf_failed(&t->json) ? -ENOMEM : 0;
}

/* ---- Reading ---- */

static void note_rejects(struct tail *t)
{
        for (size_t i = 0; i < t->batch.n_rejects; i++) {
                const struct batch_reject *reject = &t->batch.rejects[i];
                const struct raw *raw = &t->batch.raws.items[reject->raw];

                if (++t->n_rejects <= REJECTS_SHOWN)
                        log_warning("%s: byte %llu: %s, skipping this record", raw->file, (unsigned long long)raw->offset, reject->reason);
                if (t->n_rejects == REJECTS_SHOWN)
                        log_warning("further records that cannot be read are skipped without a word");
        }
}

static int show_batch(struct tail *t)
{
        int r = 0;

        t->batch.now = clock_now(t->cli->clock);
        batch_work(&t->batch, &t->worker);
        for (size_t i = 0; i < t->batch.n_records && r >= 0; i++)
                r = show(t, t->batch.records[i].record);
        note_rejects(t);
        if (r >= 0)
                r = t->batch.error;
        if (r >= 0 && t->out.n > 0 && (fwrite(t->out.p, 1, t->out.n, stdout) != t->out.n || fflush(stdout) != 0))
                r = -EIO;
        strbuf_clear(&t->out);
        return r;
}

static int forget(void *userdata, struct str position, struct str blob)
{
        (void)userdata, (void)position, (void)blob;
        return 0;
}

/* All that there is now. */
static int read_input(struct tail *t, struct input *in)
{
        int more = 1, r = 0;

        while (more > 0 && r >= 0) {
                batch_clear(&t->batch);
                more = input_read(in, t->batch.arena, &t->batch.raws, INPUT_BATCH_BYTES);
                if (more < 0)
                        return more;
                r = t->is_past ? 0 : show_batch(t);
                if (r >= 0)
                        r = input_positions(in, forget, NULL);
        }
        return r;
}

/* Files to be read once and spools know no end to begin at. */
static bool begins_at_end(const struct tail *t, size_t i)
{
        return !t->config || (t->config->inputs[i].kind != CONFIG_FILES && t->config->inputs[i].kind != CONFIG_SPOOL);
}

/* First those that begin at their end, so that they have begun while a spool of years is passed over. */
static int begin(struct tail *t)
{
        int r = 0;

        for (size_t i = 0; i < t->inputs.n && r >= 0; i++)
                r = begins_at_end(t, i) ? read_input(t, t->inputs.items[i]) : 0;
        t->is_past = true;
        for (size_t i = 0; i < t->inputs.n && r >= 0; i++)
                r = begins_at_end(t, i) ? 0 : read_input(t, t->inputs.items[i]);
        t->is_past = false;
        return r;
}

/* Waits for any, and takes what it brought. */
static int follow(struct tail *t, struct pollfd *fds)
{
        int r;

        for (size_t i = 0; i < t->inputs.n; i++)
                fds[i] = (struct pollfd){ .fd = input_fd(t->inputs.items[i]), .events = POLLIN }; /* below 0: left out */
        r = poll(fds, t->inputs.n, -1) < 0 ? -errno : 0;
        if (r < 0)
                return r == -EINTR ? 0 : r;
        for (size_t i = 0; i < t->inputs.n && r >= 0; i++) {
                if (!fds[i].revents)
                        continue;
                r = input_process(t->inputs.items[i]);
                if (r >= 0)
                        r = read_input(t, t->inputs.items[i]);
        }
        return r;
}

static bool is_any_watched(const struct tail *t)
{
        for (size_t i = 0; i < t->inputs.n; i++)
                if (input_fd(t->inputs.items[i]) >= 0)
                        return true;
        return false;
}

static int run(struct tail *t)
{
        struct pollfd *fds = calloc(t->inputs.n, sizeof *fds);
        int r = fds ? 0 : -ENOMEM;

        if (r >= 0)
                r = begin(t);
        if (r >= 0 && !is_any_watched(t)) {
                log_error("none of these logs grows: shopbell parse reads them once");
                r = -ENOENT;
        }
        while (r >= 0)
                r = follow(t, fds);
        free(fds);
        return r;
}

/* ---- Opening ---- */

static void note(void *userdata, const struct err *err)
{
        (void)userdata;
        log_err(err->code < 0 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, err);
}

static struct input_options doors_of(const struct tail *t)
{
        return (struct input_options){
                .name = "tail",
                .note = note,
                .is_csv = sourceset_is_csv,
                .csv_data = t->setup.sources,
                .lists = { sourceset_list_find, sourceset_list_compare, t->setup.sources },
        };
}

/* Named on the command line. */
static int open_files(struct tail *t, int argc, char **argv, struct err *err)
{
        struct input_options o = doors_of(t);
        int r;

        for (int i = 0; i < argc; i++)
                if (strcmp(argv[i], "-") == 0)
                        return err_set(err, -EINVAL, "standard input has no end to begin at: shopbell parse - reads it");
        t->inputs.items = calloc(1, sizeof *t->inputs.items);
        r = t->inputs.items ? input_open_tail(&o, (const char *const *)argv, (size_t)argc, true, &t->inputs.items[0], err) : -ENOMEM;
        t->inputs.n = r >= 0;
        return r;
}

/* Named by shopbell.yml, and begun at their end whatever that says. */
static int open_configured(struct tail *t, struct err *err)
{
        struct input_options o = doors_of(t);

        for (size_t i = 0; i < t->config->n_inputs; i++)
                t->config->inputs[i].from_end = true;
        return inputs_open(t->config, &o, &t->inputs, err);
}

/* What the configuration says of places, networks and people, unless options do. */
static int enrich(struct tail *t)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        const struct cli *cli = t->cli;
        const struct config *c = t->config;
        struct setup_enrich from = {
                .geoip = &c->geoip,
                .networks = c->networks,
                .networks_file = c->networks_file,
                .network_lists = c->network_lists,
                .network_lists_file = c->path,
                .people = c->people,
                .people_file = c->people_file,
        };
        int r;

        if (cli->geoip.n > 0)
                from.geoip = &cli->geoip;
        if (cli->networks)
                from.networks = NULL, from.networks_file = cli->networks;
        if (cli->people)
                from.people = NULL, from.people_file = cli->people;
        r = setup_enrich(&t->setup, &from, &errors, NULL);
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_WARNING, &errors.items[i]);
        return r;
}

static int load(struct tail *t, struct cli *cli, int argc)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        struct err err = { 0 };
        int r = 0;

        if (argc > 0)
                return cli_load(cli, false, &t->setup);
        r = config_load(cli->config ? cli->config : SHOPBELL_CONFIG_FILE, &t->config, &err);
        if (r >= 0)
                r = setup_load(t->config->sources.n > 0 && !cli->has_sources ? &t->config->sources : &cli->sources, NULL, NULL, &t->setup, &errors, NULL, &err);
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_WARNING, &errors.items[i]);
        if (r >= 0)
                r = enrich(t);
        if (r < 0) {
                if (err.code)
                        log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        return !cli->source || cli_find_source(t->setup.sources, cli->source) ? CLI_OK : CLI_USAGE;
}

static int open_all(struct tail *t, int argc, char **argv)
{
        struct parser_options parse = { .hint = t->config ? t->config->hint : (struct time_hint){ .reference = USEC_NONE, .local = true } };
        struct err err = { 0 };
        int r = worker_init(&t->worker, &t->setup, &parse);

        if (r >= 0)
                r = batch_init(&t->batch);
        if (r >= 0)
                r = argc > 0 ? open_files(t, argc, argv, &err) : open_configured(t, &err);
        if (r < 0 && !err.code)
                err_set(&err, r, "%s", r == -ENOMEM ? "out of memory" : strerror(-r));
        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        return r;
}

static void tail_done(struct tail *t)
{
        inputs_done(&t->inputs);
        batch_done(&t->batch);
        worker_done(&t->worker);
        setup_done(&t->setup);
        config_free(t->config);
        strbuf_done(&t->out);
        strbuf_done(&t->json);
}

int cmd_tail(struct cli *cli, int argc, char **argv)
{
        struct tail t = { .cli = cli };
        int code, r;

        if (cli->format && cli->format != FORMAT_TABLE && cli->format != FORMAT_NDJSON) {
                log_error("what never ends is printed as table or ndjson");
                return CLI_USAGE;
        }
        code = load(&t, cli, argc);
        if (code == CLI_OK) {
                r = open_all(&t, argc, argv);
                if (r >= 0)
                        r = run(&t);
                if (r == -EIO)
                        log_error("a log cannot be read any more, or the output not be written");
                else if (r == -ENOMEM)
                        log_error("out of memory");
                code = CLI_CANNOT; /* it ends by a signal, or because it must */
        }
        tail_done(&t);
        return code;
}
