/* SPDX-License-Identifier: Apache-2.0 */

/* What shopbell was told: the configuration, its logs, its rules, places and people. */

#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "monitor/cli/doctor.h"
#include "monitor/store/heard.h"
#include "monitor/store/query.h"

enum { MISTAKES_SHOWN = 5, PLACES_DAYS_MAX = 90, FILES_LOOKED_AT = 1000, DAEMON_GROUPS_MAX = 128, DROP_IN_MAX = 512 };

static const char check_it[] = "shopbell config check tells all of them";

void doctor_configuration(struct doctor *d)
{
        const struct err_list *m = d->mistakes;

        if (!d->config) {
                (void)access(d->path, R_OK); /* once more, for its reason */
                doctor_found(d, VERDICT_WRONG, "write it: shopbell.yml(5), or copy shopbell.yml.example", "%s cannot be read: %s", d->path,
                             strerror(errno));
                return;
        }
        for (size_t i = 0; i < m->n && i < MISTAKES_SHOWN; i++) {
                CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

                err_format(&m->items[i], &text);
                doctor_found(d, VERDICT_WRONG, i == 0 ? check_it : NULL, "%s", text.p ? text.p : "");
        }
        if (m->n == 0)
                doctor_found(d, VERDICT_OK, NULL, "%s: %zu inputs", d->path, d->config->n_inputs);
}

/* ---- Logs ---- */

#define DROP_INS "/etc/systemd/system/shopbelld.service.d/*.conf" /* what `systemctl edit shopbelld` writes */

/* What the owner gave the unit: the last "KEY=" of its drop-ins; false: nothing. */
static bool read_drop_ins(const char *key, char ret[static DROP_IN_MAX])
{
        glob_t files = { 0 };
        bool is_found = false;
        char line[DROP_IN_MAX];

        if (glob(DROP_INS, 0, NULL, &files) == 0)
                for (size_t i = 0; i < files.gl_pathc; i++) {
                        FILE *f = fopen(files.gl_pathv[i], "re");

                        while (f && fgets(line, sizeof line, f)) {
                                struct str value = str_trim(str_of(line)), name;

                                str_cut(&value, '=', &name);
                                if (!value.p || !str_eqz(str_trim(name), key))
                                        continue;
                                snprintf(ret, DROP_IN_MAX, STR_FMT, STR_ARG(str_trim(value)));
                                is_found = true;
                        }
                        if (f)
                                fclose(f);
                }
        globfree(&files);
        return is_found;
}

static void add_group(gid_t *groups, size_t *n, const char *name)
{
        const struct group *g = getgrnam(name);

        if (g && *n < DAEMON_GROUPS_MAX)
                groups[(*n)++] = g->gr_gid;
}

/* Its own, those of the unit, and those that its owner gave it. */
static size_t groups_of_daemon(const struct doctor *d, gid_t groups[static DAEMON_GROUPS_MAX])
{
        char given[DROP_IN_MAX], *save = NULL;
        int own = DAEMON_GROUPS_MAX;
        size_t n = getgrouplist(DOCTOR_USER, d->gid, groups, &own) < 0 ? 0 : (size_t)own;

        add_group(groups, &n, "adm");
        add_group(groups, &n, "systemd-journal");
        if (read_drop_ins("SupplementaryGroups", given))
                for (char *word = strtok_r(given, " \t", &save); word; word = strtok_r(NULL, " \t", &save))
                        add_group(groups, &n, word);
        return n;
}

/* As the daemon would be: root becomes it in a child. 1, 0, or negative: it cannot be told. */
static int may_read(const struct doctor *d, const char *path, bool is_folder)
{
        int mode = is_folder ? R_OK | X_OK : R_OK, status = 0;
        gid_t groups[DAEMON_GROUPS_MAX];
        size_t n;
        pid_t child;

        if (!d->has_user || geteuid() == d->uid)
                return access(path, mode) == 0;
        if (geteuid() != 0)
                return -EPERM;
        n = groups_of_daemon(d, groups);
        child = fork();
        if (child == 0) {
                if (setgroups(n, groups) < 0 || setgid(d->gid) < 0 || setuid(d->uid) < 0)
                        _exit(2);
                _exit(access(path, mode) == 0 ? 0 : 1);
        }
        if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
                return -EIO;
        return WEXITSTATUS(status) == 0;
}

/* What the unit hides, whatever the rights, unless its owner told it not to. */
static const char *hidden_by(const char *path)
{
        static const struct {
                const char *folder, *key, *fix;
        } hidden[] = {
                { "/home/", "ProtectHome", "systemctl edit shopbelld: [Service] ProtectHome=read-only" },
                { "/root/", "ProtectHome", "systemctl edit shopbelld: [Service] ProtectHome=read-only" },
                { "/run/user/", "ProtectHome", "systemctl edit shopbelld: [Service] ProtectHome=read-only" },
                { "/tmp/", "PrivateTmp", "move it: the service has a /tmp of its own" },
                { "/var/tmp/", "PrivateTmp", "move it: the service has a /var/tmp of its own" },
        };
        static const char *const opened[] = { "no", "false", "off", "0", "read-only" };
        char value[DROP_IN_MAX];

        for (size_t i = 0; i < ARRAY_LEN(hidden); i++) {
                if (!str_starts(str_of(path), str_of(hidden[i].folder)))
                        continue;
                if (read_drop_ins(hidden[i].key, value))
                        for (size_t k = 0; k < ARRAY_LEN(opened); k++)
                                if (strcmp(value, opened[k]) == 0)
                                        return NULL;
                return hidden[i].fix;
        }
        return NULL;
}

static void look_at(struct doctor *d, const char *input, const char *path, size_t *n_bad)
{
        CLEANUP(strbuf_done) struct strbuf fix = STRBUF_INIT;
        const char *hidden = d->has_user ? hidden_by(path) : NULL;
        struct stat st;
        bool is_folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
        int r = hidden ? 0 : may_read(d, path, is_folder);

        if (r > 0)
                return;
        ++*n_bad;
        strbuf_addf(&fix, "setfacl -m u:" DOCTOR_USER ":%s %s, or a group that may: SupplementaryGroups= in systemctl edit shopbelld",
                    is_folder ? "rx" : "r", path);
        if (r < 0)
                doctor_found(d, VERDICT_UNKNOWN, "run this as root", "input %s: whether the daemon may read %s", input, path);
        else
                doctor_found(d, VERDICT_WRONG, hidden ? hidden : fix.p, "input %s: the daemon may not read %s", input, path);
}

static void check_paths(struct doctor *d, const struct config_input *in)
{
        size_t n_bad = 0, n = 0;

        for (size_t i = 0; i < in->paths.n; i++) {
                glob_t found = { 0 };

                if (glob(in->paths.items[i], 0, NULL, &found) == 0)
                        for (size_t k = 0; k < found.gl_pathc && n < FILES_LOOKED_AT; k++, n++)
                                look_at(d, in->name, found.gl_pathv[k], &n_bad);
                else
                        doctor_found(d, in->kind == CONFIG_TAIL || in->kind == CONFIG_MBOX ? VERDICT_HINT : VERDICT_WRONG,
                                     "look at its name, at the rights of its folder, and whether anything writes it", "input %s: there is no %s",
                                     in->name, in->paths.items[i]);
                globfree(&found);
        }
        if (n > 0 && n_bad == 0)
                doctor_found(d, VERDICT_OK, NULL, "input %s: the daemon can read it", in->name);
}

void doctor_inputs(struct doctor *d)
{
        if (!d->has_user)
                doctor_found(d, VERDICT_HINT, "install the package, or systemd-sysusers shopbell.conf",
                             "there is no user " DOCTOR_USER ": looked at with your own rights");
        for (size_t i = 0; d->config && i < d->config->n_inputs; i++)
                if (d->config->inputs[i].kind != CONFIG_JOURNAL)
                        check_paths(d, &d->config->inputs[i]);
                else
                        doctor_found(d, VERDICT_OK, NULL, "input %s: the journal, by its group", d->config->inputs[i].name);
}

/* ---- What came ---- */

struct ears {
        struct doctor *doctor;
        bool *spoke; /* of each input */
};

static int on_heard(void *userdata, const struct source_heard *h)
{
        struct ears *e = userdata;
        struct doctor *d = e->doctor;
        char since[TIME_ISO_BYTES];

        for (size_t i = 0; i < d->config->n_inputs; i++)
                e->spoke[i] |= d->config->inputs[i].source && str_eqz(h->source, d->config->inputs[i].source);
        if (h->told == USEC_NONE)
                return 0;
        time_format_local(h->told, since);
        doctor_found(d, VERDICT_WRONG, "see whether its job still runs and its log still grows; `shopbell alerts` has the alert",
                     STR_FMT " is silent since %s, which is longer than usual", STR_ARG(h->source), since);
        return 0;
}

static void check_inputs_spoke(struct doctor *d, const bool *spoke)
{
        for (size_t i = 0; i < d->config->n_inputs; i++) {
                const struct config_input *in = &d->config->inputs[i];

                if (in->source && !spoke[i])
                        doctor_found(d, VERDICT_HINT, "let something happen that it should log, then look again; shopbell sources explain FILE",
                                     "input %s: nothing of %s was ever read", in->name, in->source);
                else if (in->source)
                        doctor_found(d, VERDICT_OK, NULL, "input %s: %s was heard", in->name, in->source);
        }
}

void doctor_heard(struct doctor *d)
{
        CLEANUP(query_closep) struct query *q = NULL;
        CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
        struct ears ears = { .doctor = d };
        struct counters c = { 0 };

        strbuf_addf(&path, "%s/" CONFIG_STORE_FILE, d->state);
        if (!d->config || strbuf_failed(&path) || query_open(path.p, &q, NULL) < 0)
                return; /* the check of the store says why */
        ears.spoke = calloc(d->config->n_inputs + 1, sizeof *ears.spoke);
        if (!ears.spoke || query_heard(q, on_heard, &ears) < 0 || query_counters(q, &c) < 0)
                doctor_found(d, VERDICT_UNKNOWN, NULL, "the store cannot be read");
        else if (c.n[COUNTER_RAWS] == 0)
                doctor_found(d, VERDICT_HINT, "let something happen that should be logged, then look again", "nothing was ever read");
        else
                check_inputs_spoke(d, ears.spoke);
        if (c.n[COUNTER_REJECT_UNKNOWN] > c.n[COUNTER_RECORDS])
                doctor_found(d, VERDICT_WRONG, "name it: source: NAME in its input; shopbell sources identify FILE",
                             "more than half of what is read is of no known source");
        free(ears.spoke);
}

/* ---- What is made of it ---- */

void doctor_rules(struct doctor *d)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(paths_done) struct paths sources = { 0 };
        const char *default_rules = setup_default_rules();
        struct paths rules = { .items = &default_rules, .n = 1 };
        struct setup setup = { 0 };
        struct ruleset_size size;
        struct err err = { 0 };
        size_t n_lacking = 0;

        if (!d->config)
                return;
        if (setup_add_default_sources(&sources) < 0 ||
            setup_load(d->config->sources.n ? &d->config->sources : &sources, d->config->rules.n ? &d->config->rules : &rules,
                       &d->config->language, &setup, &errors, NULL, &err) < 0) {
                doctor_found(d, VERDICT_WRONG, "name folders that hold some: rules: and sources: in shopbell.yml", "%s", err.text);
                return;
        }
        size = ruleset_size(setup.rules);
        for (size_t i = 0; i < ruleset_count(setup.rules); i++) {
                const struct sigma_rule *rule = ruleset_rule(setup.rules, i);

                n_lacking += rule->detection && rule->detection->lacking.n > 0;
        }
        if (errors.n > 0)
                doctor_found(d, VERDICT_WRONG, "shopbell rules check, shopbell sources test", "%zu files of rules or sources are left out for mistakes",
                             errors.n);
        if (n_lacking > 0)
                doctor_found(d, VERDICT_HINT, "shopbell rules check names them; give the values under placeholders:",
                             "%zu rules are off since they lack values of placeholders", n_lacking);
        if (size.off > n_lacking)
                doctor_found(d, VERDICT_HINT, "shopbell rules list shows which, and why", "%zu more rules are off", size.off - n_lacking);
        doctor_found(d, VERDICT_OK, NULL, "%zu of %zu rules run, for %zu log sources", size.rules - size.off, size.rules,
                     sourceset_count(setup.sources));
        setup_done(&setup);
}

static void check_place(struct doctor *d, const char *path)
{
        struct stat st;
        int64_t days;

        if (stat(path, &st) < 0 || may_read(d, path, false) == 0) {
                doctor_found(d, VERDICT_WRONG, "chmod a+r, or fetch it again: geoipupdate", "%s cannot be read by the daemon", path);
                return;
        }
        days = (d->cli->now / USEC_PER_SEC - (int64_t)st.st_mtim.tv_sec) / (24 * 3600);
        if (days > PLACES_DAYS_MAX)
                doctor_found(d, VERDICT_HINT, "let geoipupdate run every week", "%s is %lld days old", path, (long long)days);
        else
                doctor_found(d, VERDICT_OK, NULL, "%s", path);
}

void doctor_places(struct doctor *d)
{
        if (!d->config)
                return;
        if (d->config->geoip.n == 0)
                doctor_found(d, VERDICT_HINT, "get GeoLite2 City and ASN (apt install geoipupdate), then geoip: in shopbell.yml",
                             "no database of places: logins from new countries and impossible travel go unseen");
        for (size_t i = 0; i < d->config->geoip.n; i++)
                check_place(d, d->config->geoip.items[i]);
}

void doctor_people(struct doctor *d)
{
        if (!d->config)
                return;
        if (d->config->people_file)
                doctor_found(d, VERDICT_OK, NULL, "people are named in %s", d->config->people_file);
        else
                doctor_found(d, VERDICT_HINT, "shopbell people suggest >/etc/shopbell/people.yml, correct it, then people: people.yml in shopbell.yml",
                             "nobody is named: leavers, strangers and one person's accounts on several platforms go unseen");
}
