/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell case export: the evidence pack of a case, and what belongs into it that only the command line knows: the configuration and the
 * rules. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/base/file.h"
#include "monitor/base/json_write.h"
#include "monitor/base/log.h"
#include "monitor/base/map.h"
#include "monitor/base/passseal.h"
#include "monitor/base/ustar.h"
#include "monitor/base/utf8.h"
#include "monitor/base/zone.h"
#include "monitor/cases/order.h"
#include "monitor/cases/pack.h"
#include "monitor/cli/case.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/passphrase.h"
#include "monitor/config.h"
#include "monitor/detect/ruleset.h"
#include "monitor/store/chain.h"

enum { RULE_FILE_BYTES_MAX = 4 * 1024 * 1024, FILES_MAX = 2000 };

struct exporting {
        struct cli *cli;
        int64_t id;
        const char *path;
        int fd;
        struct passseal *seal; /* NULL: it is not sealed */
        struct query *q;
        struct arena *arena;
        struct casefile file;
        struct regimes regimes;
        struct templates templates;
        struct strbuf heads;
        struct pack_file files[FILES_MAX];
        size_t n_files;
        struct map names; /* of files */
        struct secret secret;
};

static int add_file(struct exporting *x, struct str name, struct str bytes)
{
        struct pack_file f = { arena_dup(x->arena, name), arena_dup(x->arena, bytes) };

        if (x->n_files == FILES_MAX || map_get(&x->names, name))
                return 0;
        x->files[x->n_files++] = f;
        return f.name.p && f.bytes.p && map_put(&x->names, name, x) >= 0 ? 0 : -ENOMEM;
}

/* ---- Configuration ---- */

/* Where a word of a string in JSON ends: at a blank, or with the string. */
static size_t word_end(struct str json)
{
        size_t n = 0;

        while (n < json.n && json.p[n] != ' ' && json.p[n] != '"')
                n += json.p[n] == '\\' ? 2 : 1;
        return size_min(n, json.n);
}

/* Who knows the topic of an ntfy server reads what goes there, and writes. */
static void mask_topics(struct strbuf *out, struct str json)
{
        static const char front[] = "\"topic\":\"";
        size_t at, end;

        while ((at = str_find(json, str_of(front))) != SIZE_MAX) {
                at += strlen(front);
                strbuf_add(out, str_from(json.p, at));
                strbuf_addz(out, "(left out)");
                json = str_from(json.p + at, json.n - at);
                for (end = word_end(json); end < json.n && json.p[end] == ' ';)
                        end += 1 + word_end(str_from(json.p + end + 1, json.n - end - 1));
                json = str_from(json.p + end, json.n - end);
        }
        strbuf_add(out, json);
}

/* No secret stands in shopbell.yml by its rules, but an address may carry one: of addresses only the host stays. */
static void put_masked(struct strbuf *out, struct str json)
{
        size_t at;

        while ((at = str_find(json, STR("://"))) != SIZE_MAX) {
                struct str rest = str_from(json.p + at + 3, json.n - at - 3);
                size_t end = word_end(rest), host = 0;

                for (size_t i = 0; i < end && rest.p[i] != '/'; i++)
                        if (rest.p[i] == '@')
                                host = i + 1;
                strbuf_add(out, str_from(json.p, at + 3));
                for (at = host; at < end && !strchr("/?#\\", rest.p[at]);)
                        at++;
                strbuf_add(out, str_from(rest.p + host, at - host));
                strbuf_addz(out, at < end || host > 0 ? "/(left out)" : "");
                json = str_from(rest.p + end, rest.n - end);
        }
        strbuf_add(out, json);
}

static void put_value(struct strbuf *out, const char *key, const struct yaml *value, const char *file, unsigned line)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf topics = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf masked = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(out);

        yaml_to_json(value, &text);
        mask_topics(&topics, strbuf_str(&text));
        put_masked(&masked, strbuf_str(&topics));
        json_begin(&w, '{');
        json_key(&w, "key"), json_strz(&w, key);
        json_key(&w, "value"), json_raw(&w, strbuf_str(&masked));
        json_key(&w, "file"), json_strz(&w, file);
        json_key(&w, "line"), json_int(&w, line);
        json_end(&w, '}');
        strbuf_addc(out, '\n');
        out->failed |= strbuf_failed(&text) || strbuf_failed(&topics) || strbuf_failed(&masked);
}

static int add_configuration(struct exporting *x)
{
        const char *path = x->cli->config ? x->cli->config : SHOPBELL_CONFIG_FILE;
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        CLEANUP(config_freep) struct config *c = NULL;
        struct err err = { 0 };

        if (config_load(path, &c, &err) < 0) {
                log_warning("the pack has no configuration: %s%s%s", err.file, err.file[0] ? ": " : "", err.text);
                return add_file(x, STR("configuration/none.txt"), STR("The configuration could not be read when the pack was made.\n"));
        }
        for (size_t i = 0; i < c->files.n_values; i++) {
                const struct config_value *v = &c->files.values[i];
                CLEANUP(memory_freep) char *key = str_dupz(v->key->text);

                if (!key)
                        return -ENOMEM;
                put_value(&out, key, v->value, v->file, v->key->line);
        }
        for (size_t i = 0; i < c->n_inputs; i++)
                put_value(&out, "inputs", c->files.inputs[i].value, c->inputs[i].file, c->inputs[i].line);
        return strbuf_failed(&out) ? -ENOMEM : add_file(x, STR("configuration/shopbell.ndjson"), strbuf_str(&out));
}

/* ---- Rules ---- */

/* "rules/NAME.yml"; two files of one name in two folders are told apart by a number. */
static int add_rule_file(struct exporting *x, const char *path)
{
        CLEANUP(strbuf_done) struct strbuf bytes = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf key = STRBUF_INIT;
        struct str rest = str_of(path), part, name = STR("rule.yml");
        int r;

        strbuf_addf(&key, "read:%s", path);
        if (strbuf_failed(&key))
                return -ENOMEM;
        if (map_get(&x->names, strbuf_str(&key)))
                return 0;
        if (map_put(&x->names, strbuf_str(&key), x) < 0)
                return -ENOMEM;
        while (str_cut(&rest, '/', &part))
                name = part;
        r = file_read(path, RULE_FILE_BYTES_MAX, &bytes);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        rest = arena_printf(x->arena, "rules/" STR_FMT, STR_ARG(name));
        if (rest.p && (!ustar_is_name(rest) || map_get(&x->names, rest)))
                rest = arena_printf(x->arena, "rules/%zu.yml", x->n_files);
        return rest.p ? add_file(x, rest, strbuf_str(&bytes)) : -ENOMEM;
}

struct ruled {
        struct exporting *x;
        const struct ruleset *rules;
        struct map by_label; /* to the number of a rule, and one more */
        struct strbuf versions;
};

static int add_rule(struct ruled *d, size_t i)
{
        const struct sigma_rule *rule = ruleset_rule(d->rules, i);
        struct json_writer w = JSON_WRITER(&d->versions);
        char whole[HASH128_HEX_BYTES];

        hash128_hex(&rule->whole, whole);
        json_begin(&w, '{');
        json_key(&w, "rule"), json_str(&w, rule->label);
        json_key(&w, "title"), json_str(&w, rule->title);
        json_key(&w, "date"), json_str(&w, rule->date);
        json_key(&w, "file"), json_strz(&w, rule->file);
        json_key(&w, "line"), json_int(&w, rule->line);
        json_key(&w, "hash"), json_strz(&w, whole);
        json_end(&w, '}');
        strbuf_addc(&d->versions, '\n');
        return add_rule_file(d->x, rule->file);
}

static int on_alert(void *userdata, const struct query_alert *a)
{
        struct ruled *d = userdata;
        uintptr_t i = (uintptr_t)map_get(&d->by_label, a->rule_id);
        const uint32_t *members = NULL;
        size_t n = i > 0 ? ruleset_members(d->rules, i - 1, &members) : 0;
        int r = 0;

        if (i == 0)
                return 0;
        map_remove(&d->by_label, a->rule_id);
        r = add_rule(d, i - 1);
        for (size_t k = 0; k < n && r >= 0; k++)
                r = add_rule(d, members[k]);
        return r;
}

/* Those that raised the alerts of the case, with those that they are made of, as they are now. */
static int add_rules(struct exporting *x)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(ruleset_freep) struct ruleset *rules = NULL;
        struct ruled d = { .x = x, .by_label = MAP_INIT, .versions = STRBUF_INIT };
        const struct sigma_options *language = cli_language(x->cli);
        struct query_filter f = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true };
        int r = 0;

        if (!language || ruleset_load(x->cli->rules.items, x->cli->rules.n, language, &rules, &errors, NULL) < 0) {
                log_warning("the pack has no rules: they cannot be read%s%s", errors.n > 0 ? ": " : "", errors.n > 0 ? errors.items[0].text : "");
                return add_file(x, STR("rules/none.txt"), STR("The rules could not be read when the pack was made.\n"));
        }
        d.rules = rules;
        for (size_t i = 0; i < ruleset_count(rules) && r >= 0; i++)
                r = map_put(&d.by_label, ruleset_rule(rules, i)->label, (void *)(uintptr_t)(i + 1));
        for (size_t i = 0; i < x->file.n_alerts && r >= 0; i++) {
                f.only = &x->file.alerts[i];
                r = query_alerts(x->q, &f, on_alert, &d);
        }
        if (r >= 0 && strbuf_failed(&d.versions))
                r = -ENOMEM;
        if (r >= 0)
                r = add_file(x, STR("rules/index.ndjson"), strbuf_str(&d.versions));
        map_done(&d.by_label);
        strbuf_done(&d.versions);
        return r;
}

/* ---- Laws, templates, heads ---- */

/* The last lines, from before the pack's copy is made: the store may go on. Without the file there are none. */
static int read_heads(struct exporting *x)
{
        CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
        enum { BYTES = PACK_HEADS * CHAIN_HEAD_LINE_BYTES };
        char bytes[BYTES];
        struct stat st;
        ssize_t n = 0;
        int fd;

        strbuf_addf(&path, "%s/" CHAIN_HEADS_FILE, cli_state(x->cli));
        fd = strbuf_failed(&path) ? -1 : open(path.p, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
                log_warning("the pack has no heads: %s: %s", path.p ? path.p : "", strerror(errno));
                return 0;
        }
        if (fstat(fd, &st) >= 0) {
                off_t whole = st.st_size - st.st_size % CHAIN_HEAD_LINE_BYTES;

                n = pread(fd, bytes, (size_t)(whole < BYTES ? whole : BYTES), whole < BYTES ? 0 : whole - BYTES);
        }
        close(fd);
        strbuf_add(&x->heads, str_from(bytes, n > 0 ? (size_t)n : 0));
        return strbuf_failed(&x->heads) ? -ENOMEM : 0;
}

/* ---- Writing ---- */

static int write_out(void *userdata, struct str bytes)
{
        struct exporting *x = userdata;

        return file_write(x->fd, bytes);
}

static int on_piece(void *userdata, struct str bytes)
{
        struct exporting *x = userdata;

        return x->seal ? passseal_add(x->seal, bytes) : write_out(x, bytes);
}

static int begin_seal(struct exporting *x)
{
        struct strbuf phrase = STRBUF_INIT;
        uint8_t salt[PASSSEAL_SALT];
        int code = passphrase_ask(x->cli->passphrase_file, true, &phrase), r;

        if (code == CLI_OK) {
                r = getrandom(salt, sizeof salt, 0) == (ssize_t)sizeof salt ? 0 : -EIO;
                if (r >= 0) {
                        x->fd = open(x->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
                        r = x->fd < 0 ? -errno : passseal_new(strbuf_str(&phrase), &PASSSEAL_COST, salt, write_out, x, &x->seal);
                }
                if (r < 0) {
                        log_error("%s: it cannot be written: %s", x->path, strerror(-r));
                        code = CLI_CANNOT;
                }
        }
        passphrase_wipe(&phrase);
        return code;
}

static int begin_file(struct exporting *x)
{
        if (access(x->path, F_OK) == 0) {
                log_error("%s: it is there already; a pack takes the place of nothing", x->path);
                return CLI_USAGE;
        }
        if (x->cli->seal)
                return begin_seal(x);
        x->fd = open(x->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
        if (x->fd < 0)
                log_error("%s: it cannot be written: %m", x->path);
        return x->fd < 0 ? CLI_CANNOT : CLI_OK;
}

/* What goes wrong leaves no file. */
static int end_file(struct exporting *x, int r)
{
        if (r >= 0 && x->seal)
                r = passseal_end(x->seal);
        if (r >= 0 && fsync(x->fd) < 0 && errno != EINVAL)
                r = -errno;
        if (x->fd >= 0 && close(x->fd) < 0 && r >= 0)
                r = -errno;
        x->fd = -1;
        if (r < 0)
                unlink(x->path);
        return r;
}

static int note(struct exporting *x, const struct pack_made *made)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf shown = STRBUF_INIT;
        struct str rest = str_of(x->path), part, name = rest;
        char id[24], sums[DIGEST_HEX_BYTES];

        while (str_cut(&rest, '/', &part))
                name = part;
        snprintf(id, sizeof id, "%lld", (long long)x->id);
        digest_hex(&made->sums, sums);
        text_display(&shown, name, TEXT_TERMINAL, CASE_KEY_MAX / 4); /* characters: each has at most four bytes */
        strbuf_addz(&order, "case-add\n");
        case_order_add(&order, "case", str_of(id));
        case_order_add(&order, "kind", STR("exported"));
        case_order_add(&order, "key", strbuf_str(&shown));
        case_order_add(&order, "value", str_of(sums));
        return strbuf_failed(&order) || strbuf_failed(&shown) ? CLI_CANNOT : daemon_order(x->cli, strbuf_str(&order));
}

static void tell(const struct exporting *x, const struct pack_made *made)
{
        char sums[DIGEST_HEX_BYTES], hash[DIGEST_HEX_BYTES];

        digest_hex(&made->sums, sums);
        digest_hex(&made->head.hash, hash);
        printf("%s%s: %llu files, %llu record%s\n", x->path, x->seal ? " (sealed)" : "", (unsigned long long)made->files,
               (unsigned long long)(made->records + made->records_left), made->records + made->records_left == 1 ? "" : "s");
        printf("SHA-256 of SHA256SUMS  %s\nHead of the history    %lld:%s\n", sums, (long long)made->head.seq, hash);
        printf("Keep these two apart from the pack: who has them knows whether it was changed.\n");
        if (made->n_sealed > 0)
                printf("%zu entries and records are in it under pseudonyms; --reveal writes them in the clear.\n", made->n_sealed);
        if (made->found > 0)
                log_warning("the history is not sound, %llu findings: shopbell verify tells them", (unsigned long long)made->found);
        printf("This is no legal advice.\n");
}

/* ---- All of it ---- */

static int prepare(struct exporting *x)
{
        int r = casefile_read(x->q, x->id, NULL, x->arena, &x->file);

        if (r == -ENOENT) {
                log_error("there is no case %lld: shopbell case list --all shows them", (long long)x->id);
                return CLI_USAGE;
        }
        if (r >= 0)
                r = case_regimes(x->cli, &x->regimes) == CLI_OK ? 0 : -ENOMEM; /* nothing else is no more than a warning */
        if (r >= 0)
                r = case_templates(x->cli, &x->templates) == CLI_OK ? 0 : -ENOMEM;
        if (r >= 0)
                r = read_heads(x);
        if (r >= 0)
                r = add_configuration(x);
        if (r >= 0)
                r = add_rules(x);
        if (r < 0)
                log_error("the case cannot be read: %s", r == -ENOMEM ? "out of memory" : query_error(x->q));
        return r < 0 ? CLI_CANNOT : CLI_OK;
}

static int run(struct exporting *x)
{
        CLEANUP(strbuf_done) struct strbuf what = STRBUF_INIT;
        char zone[ZONE_NAME_BYTES];
        struct pack_request q = { .store = x->q, .case_id = x->id, .now = x->cli->now, .version = PACKAGE_VERSION, .put = on_piece, .userdata = x };
        struct pack_made made;
        struct err err = { 0 };
        int r, code = prepare(x);

        if (code == CLI_OK)
                code = begin_file(x);
        strbuf_addf(&what, "the evidence pack of case %lld", (long long)x->id);
        if (code == CLI_OK && x->cli->reveal)
                code = strbuf_failed(&what) ? CLI_CANNOT : cli_reveal(x->cli, x->q, NULL, strbuf_str(&what), &x->secret);
        if (code != CLI_OK) {
                if (x->fd >= 0)
                        end_file(x, -ECANCELED);
                return code;
        }
        zone_local_name(zone);
        q.secret = x->cli->reveal ? &x->secret : NULL;
        q.regimes = &x->regimes;
        q.templates = &x->templates;
        q.heads = strbuf_str(&x->heads);
        q.files = x->files;
        q.n_files = x->n_files;
        q.zone = zone[0] ? zone : "UTC";
        r = pack_write(&q, &made, &err);
        r = end_file(x, r);
        if (r < 0) {
                if (err.code == 0)
                        err_set(&err, r, "%s: it cannot be written: %s", x->path, strerror(-r));
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        tell(x, &made);
        return note(x, &made);
}

int cmd_case_export(struct cli *cli, int argc, char **argv)
{
        struct exporting *x = calloc(1, sizeof *x);
        uint64_t id;
        int code = CLI_CANNOT;

        if (argc != 2 || str_to_u64(str_of(argv[0]), &id) < 0 || id == 0 || id > INT64_MAX) {
                free(x);
                log_error("say which case, and the file to write: shopbell case export 1 case-1.tar");
                return CLI_USAGE;
        }
        if (cli->passphrase_file && !cli->seal) {
                free(x);
                log_error("--passphrase-file goes with --seal");
                return CLI_USAGE;
        }
        if (x) {
                *x = (struct exporting){ .cli = cli, .id = (int64_t)id, .path = argv[1], .fd = -1, .arena = arena_new(), .names = MAP_INIT,
                                         .heads = STRBUF_INIT };
                code = x->arena ? cli_query(cli, &x->q) : CLI_CANNOT;
                if (code == CLI_OK)
                        code = run(x);
                query_close(x->q);
                regimes_done(&x->regimes);
                templates_done(&x->templates);
                strbuf_done(&x->heads);
                map_done(&x->names);
                arena_free(x->arena);
                passseal_free(x->seal);
                secret_wipe(&x->secret);
        }
        free(x);
        return code;
}
