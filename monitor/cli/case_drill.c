/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell case drill: an incident gone through in a folder of its own, from the first alert to the drafts, and how long each step took
 * whoever sat there. Everything is done by the orders, clocks and drafts of a real case; only the logs are made up, and the clock stands
 * where they were written. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monitor/base/file.h"
#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cases/draft.h"
#include "monitor/cases/drill.h"
#include "monitor/cases/order.h"
#include "monitor/cli/case.h"
#include "monitor/cli/replay.h"
#include "monitor/cli/table.h"
#include "monitor/quiet/order.h"

enum { STEPS_MAX = 16, DRILL_NAMES_MAX = 64, LINE_BYTES_MAX = 1000, SHOWN_CHARS = 2000 };
#define SCENARIO_DEFAULT "leaver-key"
#define SELLER_DEFAULT "nl" /* of the made-up shop */
#define CASE_ONE "1" /* the sandbox has one case */

struct step {
        const char *name;
        struct str what;
        usec took;
};

struct run {
        struct cli *cli; /* of whoever practises */
        struct cli in; /* the same, in the sandbox */
        struct drill drill;
        struct arena *arena;
        char folder[64]; /* of the sandbox */
        struct clock clock; /* of the sandbox: runs on from the first alert */
        usec ahead; /* what the sandbox's clock is before that of the machine */
        bool asks; /* somebody sits there */
        struct hash128 alert;
        struct str sentence, why, playbook;
        enum level level;
        usec rang; /* when the log line that rang was written */
        size_t n_before; /* alerts that rang before anything had happened */
        struct step steps[STEPS_MAX];
        size_t n_steps;
        usec since; /* when this step began, by the machine */
};

static int out_of_memory(void)
{
        log_error("out of memory");
        return CLI_CANNOT;
}

/* ---- Time ---- */

static usec now_in(void *userdata)
{
        const struct run *r = userdata;

        return clock_now(r->cli->clock) + r->ahead;
}

static void end_step(struct run *r, const char *name, struct str what)
{
        usec now = clock_now(r->cli->clock);

        if (r->n_steps < STEPS_MAX)
                r->steps[r->n_steps++] = (struct step){ name, what, now - r->since };
        r->since = now;
        r->in.now = now_in(r);
}

/* ---- The person ---- */

static void say(struct str text)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct str line;

        while (str_cut(&text, '\n', &line)) {
                text_display(&out, line, TEXT_TERMINAL, SHOWN_CHARS);
                strbuf_addc(&out, '\n');
        }
        fputs(out.p ? out.p : "", stdout);
}

/* What is typed in answer; `otherwise` where nobody sits there, or only Enter is pressed. */
static struct str ask(struct run *r, struct str question, struct str otherwise)
{
        char line[LINE_BYTES_MAX];
        struct str said;

        say(question);
        printf("  [" STR_FMT "] ", STR_ARG(otherwise));
        fflush(stdout);
        if (!r->asks || !fgets(line, sizeof line, stdin)) {
                printf("%s\n", r->asks ? "" : "(taken)");
                return otherwise;
        }
        said = str_trim(str_of(line));
        if (said.n == 0)
                return otherwise;
        said = arena_dup(r->arena, said);
        return said.p ? said : otherwise;
}

/* ---- Detect ---- */

static int on_alert(void *userdata, const struct query_alert *a)
{
        struct run *r = userdata;

        if (a->rang_at == USEC_NONE)
                return 0;
        if (a->first_seen < r->drill.began) {
                r->n_before++;
                return 0;
        }
        if (r->rang != USEC_NONE || (!drill_names_actor(&r->drill, a->sentence) && !drill_names_actor(&r->drill, a->person)))
                return 0;
        r->alert = a->id;
        r->rang = a->first_seen;
        r->level = a->level;
        r->sentence = arena_dup(r->arena, a->sentence);
        r->why = arena_dup(r->arena, a->why);
        r->playbook = arena_dup(r->arena, a->playbook);
        return r->sentence.p && r->why.p && r->playbook.p ? 0 : -ENOMEM;
}

static int read_logs(struct run *r, const struct setup *setup)
{
        CLEANUP(store_closep) struct store *store = NULL;
        CLEANUP(replay_done) struct replay replay = { .cli = &r->in, .setup = setup, .keeps_all = true };
        struct err err = { 0 };
        char *logs[] = { (char *)(uintptr_t)r->drill.logs.p };

        if (store_open(cli_store_path(&r->in), &store, &err) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        replay.store = store;
        return replay_run(&replay, 1, logs) < 0 || replay.is_partial ? CLI_CANNOT : CLI_OK;
}

static int find_alert(struct run *r)
{
        CLEANUP(query_closep) struct query *q = NULL;
        const struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE };
        int code = cli_query(&r->in, &q), k;

        if (code != CLI_OK)
                return code;
        k = query_alerts(q, &all, on_alert, r);
        if (k < 0) {
                log_error("the alerts of the sandbox cannot be read: %s", k == -ENOMEM ? "out of memory" : query_error(q));
                return CLI_CANNOT;
        }
        return CLI_OK;
}

static int detect(struct run *r)
{
        struct setup setup;
        char late[DURATION_BYTES];
        int code = cli_load(&r->in, true, &setup);

        if (code != CLI_OK)
                return code;
        r->ahead = r->drill.began - r->since;
        code = read_logs(r, &setup);
        setup_done(&setup);
        if (code == CLI_OK)
                code = find_alert(r);
        if (code != CLI_OK)
                return code;
        if (r->rang == USEC_NONE) {
                log_error("nothing rang for what happened there: these rules would have missed it");
                return CLI_FOUND;
        }
        r->ahead = r->rang - r->since;
        duration_format((r->rang - r->drill.began) / USEC_PER_SEC * USEC_PER_SEC, late);
        end_step(r, "detect", arena_printf(r->arena, "it rang for a log line %s after the first act", late));
        return CLI_OK;
}

/* ---- Confirm ---- */

static void show_alert(const struct run *r)
{
        char when[TIME_ISO_BYTES];

        time_format_local(r->rang - r->rang % USEC_PER_SEC, when);
        printf("\nIt rings, %s, %s:\n\n", when, level_name(r->level));
        say(r->sentence);
        if (r->why.n > 0)
                say(r->why);
        printf("\nTo do\n");
        say(r->playbook);
        printf("\n");
}

static int answer(struct run *r)
{
        char hex[HASH128_HEX_BYTES];
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        struct str said;

        hash128_hex(&r->alert, hex);
        show_alert(r);
        said = ask(r, r->drill.ask, r->drill.answer);
        if (!str_eqz(said, "me") && !str_eqz(said, "not-me")) {
                log_error("the answer is me or not-me");
                return CLI_USAGE;
        }
        strbuf_addz(&order, "answer\n");
        order_add(&order, "alert", str_of(hex));
        order_add(&order, "what", said);
        if (daemon_order(&r->in, strbuf_str(&order)) != CLI_OK)
                return CLI_CANNOT;
        end_step(r, "confirm", said);
        if (str_eq(said, r->drill.answer))
                return CLI_OK;
        printf("\nThat alert would have been closed now, and the same would not have rung again. It was: ");
        say(r->drill.about);
        return CLI_FOUND;
}

/* ---- The case ---- */

static int add(struct run *r, const char *kind, struct str key, struct str value, const char *status)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;

        strbuf_addz(&order, "case-add\ncase " CASE_ONE "\n");
        case_order_add(&order, "kind", str_of(kind));
        case_order_add(&order, "key", key);
        case_order_add(&order, "value", value);
        if (status)
                case_order_add(&order, "status", str_of(status));
        case_order_add(&order, "because", STR("drill"));
        case_order_add(&order, "by", str_of(r->cli->by ? r->cli->by : "drill"));
        return daemon_order(&r->in, strbuf_str(&order));
}

static int open_case(struct run *r)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        char hex[HASH128_HEX_BYTES];
        struct str moment;
        int code;

        hash128_hex(&r->alert, hex);
        strbuf_addz(&order, "case-open\n");
        case_order_add(&order, "alert", str_of(hex));
        case_order_add(&order, "title", r->drill.title);
        case_order_add(&order, "by", str_of(r->cli->by ? r->cli->by : "drill"));
        code = daemon_order(&r->in, strbuf_str(&order));
        r->in.now = now_in(r);
        moment = arena_printf(r->arena, "%lld UTC", (long long)r->in.now);
        if (code == CLI_OK)
                code = add(r, "mark", STR("aware"), moment, NULL);
        if (code == CLI_OK)
                end_step(r, "open", STR("a case, and since when the shop is aware"));
        return code;
}

/* Facts of which a person is asked: those that laws look at first. */
static bool is_asked(struct str name)
{
        return str_starts(name, STR("people.")) || str_eqz(name, "data");
}

static int set_facts(struct run *r, const char *seller)
{
        int code = add(r, "set", STR("seller"), str_of(seller), "confirmed");

        for (size_t i = 0; i < r->drill.n_facts && code == CLI_OK; i++) {
                const struct drill_fact *f = &r->drill.facts[i];
                struct str name = f->name, value = f->value;
                uint64_t least, most;
                bool is_open = false;

                if (str_eqz(name, "people." DRILL_SELLER))
                        name = arena_printf(r->arena, "people.%s", seller);
                if (is_asked(name))
                        value = ask(r, arena_printf(r->arena, STR_FMT ": what the logs say so far", STR_ARG(name)), value);
                if (str_starts(name, STR("people.")) && case_number(value, &least, &most, &is_open) < 0)
                        is_open = false;
                code = add(r, "set", name, value, is_open ? "estimated" : "confirmed");
        }
        if (code == CLI_OK)
                end_step(r, "facts", arena_printf(r->arena, "%zu fields of the case", r->drill.n_facts + 1));
        return code;
}

/* ---- Drafts ---- */

static int draft_one(struct run *r, const struct casefile *file, const struct templates *templates, const struct deadline *d)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct draft_request q = { .file = file, .regime = d->regime, .template = case_template_of(templates, d->regime), .stage = DRAFT_INVESTIGATING, .channel = _DRAFT_CHANNEL_MAX };
        struct err err = { 0 };
        struct str path;

        r->in.now = q.now = now_in(r);
        q.to = d->duty->to == TO_AUTHORITY ? DRAFT_AUTHORITY : DRAFT_PEOPLE;
        if (!q.template) {
                log_error("there is no wording of drafts: look at `shopbell case draft --help`");
                return CLI_CANNOT;
        }
        path = arena_printf(r->arena, "%s/%.40s-%s.txt", r->folder, d->regime->id.p, draft_audience_name(q.to));
        if (draft_print(&q, DRAFT_AS_TEXT, &text, &err) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        if (strbuf_failed(&text) || !path.p || file_replace(path.p, 0600, strbuf_str(&text)) < 0)
                return out_of_memory();
        printf("\n");
        say(strbuf_str(&text));
        ask(r, STR("Read it, and press Enter once it could go to your lawyer."), STR("read"));
        end_step(r, "draft", arena_printf(r->arena, STR_FMT " to %s", STR_ARG(d->regime->id), draft_audience_name(q.to)));
        return CLI_OK;
}

/* To the authority and to the people, by the law that is due first for each. */
static int draft_all(struct run *r, struct case_view *v, struct casefile *file)
{
        struct templates templates = { 0 };
        bool is_done[_DUTY_TO_MAX] = { false };
        struct deadline *clocks;
        size_t n;
        int code = case_view_clocks(v, file, false, &clocks, &n);

        if (code == CLI_OK)
                code = case_templates(&r->in, &templates);
        for (size_t i = 0; i < n && code == CLI_OK; i++) {
                enum duty_to to = clocks[i].duty->to;

                if ((to != TO_AUTHORITY && to != TO_PEOPLE) || is_done[to] || clocks[i].duty->is_follow_up || clocks[i].applies == TRUTH_NO)
                        continue;
                is_done[to] = true;
                code = draft_one(r, file, &templates, &clocks[i]);
        }
        templates_done(&templates);
        return code;
}

static int drafts_and_clocks(struct run *r)
{
        struct case_view v;
        struct casefile file;
        int code = case_view_open(&r->in, true, &v);

        if (code != CLI_OK)
                return code;
        code = case_view_read(&v, 1, &file);
        if (code == CLI_OK)
                code = draft_all(r, &v, &file);
        case_view_close(&v);
        r->in.now = now_in(r);
        printf("\n");
        return code == CLI_OK ? case_print_clocks(&r->in, 1) : code;
}

/* ---- What came of it ---- */

static int print_steps(const struct run *r)
{
        static const struct table_column columns[] = { { .title = "STEP" }, { .title = "MINUTES", .is_right = true }, { .title = "WHAT", .is_wrapped = true } };
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), r->cli->format ? r->cli->format : FORMAT_TABLE);
        usec all = 0;
        char minutes[24];
        int k = t ? 0 : -ENOMEM;

        for (size_t i = 0; i < r->n_steps && k >= 0; i++) {
                all += r->steps[i].took;
                snprintf(minutes, sizeof minutes, "%.1f", (double)r->steps[i].took / (double)USEC_PER_MINUTE);
                k = table_add(t, (struct str[]){ str_of(r->steps[i].name), str_of(minutes), r->steps[i].what });
        }
        snprintf(minutes, sizeof minutes, "%.1f", (double)all / (double)USEC_PER_MINUTE);
        if (k >= 0)
                k = table_add(t, (struct str[]){ STR("all"), str_of(minutes), STR("") });
        printf("\n");
        return k < 0 || table_print(t) < 0 ? CLI_CANNOT : CLI_OK;
}

/* For `shopbell readiness`: only what a person went through counts, and only where there is a store. */
static int remember(struct run *r, const char *scenario)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        usec all = 0;

        if (!r->asks || access(cli_store_path(r->cli), F_OK) != 0)
                return CLI_OK;
        for (size_t i = 0; i < r->n_steps; i++)
                all += r->steps[i].took;
        strbuf_addz(&order, "readiness-answer\ncheck drill\n");
        strbuf_addf(&order, "text %s, %.1f minutes\n", scenario, (double)all / (double)USEC_PER_MINUTE);
        order_add(&order, "by", str_of(r->cli->by ? r->cli->by : "owner"));
        return daemon_order(r->cli, strbuf_str(&order));
}

static int go_through(struct run *r, const char *seller)
{
        int code = detect(r);

        if (code == CLI_OK)
                code = answer(r);
        if (code == CLI_OK)
                code = open_case(r);
        if (code == CLI_OK)
                code = set_facts(r, seller);
        if (code == CLI_OK)
                code = drafts_and_clocks(r);
        return code;
}

/* ---- The sandbox ---- */

static void remove_sandbox(const char *folder)
{
        DIR *dir = opendir(folder);
        const struct dirent *e;

        while (dir && (e = readdir(dir)))
                if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && unlinkat(dirfd(dir), e->d_name, 0) < 0)
                        log_warning("%s/%s: %m", folder, e->d_name);
        if (dir)
                closedir(dir);
        if (rmdir(folder) < 0)
                log_warning("%s: %m", folder);
}

/* Nothing of the shop's own goes in but its rules, sources, laws and wording. */
static int begin(struct run *r, struct cli *cli, const char *folder)
{
        const char *top = getenv("TMPDIR");
        struct err err = { 0 };
        int k = drill_load(folder, r->arena, &r->drill, &err);

        if (k < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        if ((size_t)snprintf(r->folder, sizeof r->folder, "%s/shopbell-drill-XXXXXX", top && *top ? top : "/tmp") >= sizeof r->folder ||
            !mkdtemp(r->folder)) {
                log_error("no folder can be made in %s: %m", top && *top ? top : "/tmp");
                r->folder[0] = '\0';
                return CLI_CANNOT;
        }
        r->clock = (struct clock){ now_in, r };
        r->in.state = r->folder;
        r->in.clock = &r->clock;
        r->in.is_quiet = r->in.is_silent = true;
        r->in.format = FORMAT_DEFAULT;
        r->in.people = r->drill.people.p;
        if (r->drill.geoip.p && r->in.geoip.n == 0 && paths_add(&r->in.geoip, r->drill.geoip.p) < 0)
                return out_of_memory();
        r->rang = USEC_NONE;
        r->since = clock_now(cli->clock);
        return CLI_OK;
}

static int no_such_drill(const char *name, const char *drills)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        DIR *dir = opendir(drills);
        const struct dirent *e;

        for (size_t n = 0; dir && n < DRILL_NAMES_MAX && (e = readdir(dir));) {
                char path[PATH_MAX];

                if ((size_t)snprintf(path, sizeof path, "%s/%s/" DRILL_FILE, drills, e->d_name) < sizeof path && access(path, R_OK) == 0)
                        strbuf_addf(&names, "%s%s", n++ > 0 ? ", " : "", e->d_name);
        }
        if (dir)
                closedir(dir);
        log_error("there is no drill %s in %s; there are: %s", name, drills, names.p ? names.p : "none");
        return CLI_USAGE;
}

int cmd_case_drill(struct cli *cli, int argc, char **argv)
{
        const char *name = argc > 0 ? argv[0] : SCENARIO_DEFAULT, *drills = setup_default_drills(), *seller = cli->seller ? cli->seller : SELLER_DEFAULT;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct run r = { .cli = cli, .in = *cli, .arena = arena, .asks = !cli->is_unattended && isatty(STDIN_FILENO) };
        struct str folder = arena ? arena_printf(arena, "%s%s%s", strchr(name, '/') ? "" : drills, strchr(name, '/') ? "" : "/", name) : STR_NONE;
        char path[PATH_MAX];
        int code, printed;

        if (argc > 1 || case_country_check(str_of(seller), &(struct err){ 0 }) < 0) {
                log_error("shopbell case drill takes one drill, and --seller a country: kr, sg, us-ca");
                return CLI_USAGE;
        }
        if (!folder.p)
                return out_of_memory();
        if ((size_t)snprintf(path, sizeof path, "%s/" DRILL_FILE, folder.p) >= sizeof path || access(path, R_OK) != 0)
                return no_such_drill(name, drills);
        r.in.geoip = (struct paths){ 0 };
        code = begin(&r, cli, folder.p);
        if (code == CLI_OK) {
                printf("Drill: ");
                say(r.drill.title);
                puts("A made-up shop in a folder of its own: nothing of yours is touched, and nothing is sent.");
                code = go_through(&r, seller);
        }
        if (code == CLI_OK || code == CLI_FOUND) {
                printed = print_steps(&r);
                code = code == CLI_OK ? printed : code;
        }
        if (code == CLI_OK)
                code = remember(&r, name);
        paths_done(&r.in.geoip);
        if (r.folder[0])
                remove_sandbox(r.folder);
        return code;
}
