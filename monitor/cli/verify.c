/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell verify: whether the history is what it was, in the store or in a copy. */

#include "monitor/store/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "monitor/base/json_write.h"
#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/cli.h"
#include "monitor/input/journal_find.h"
#include "monitor/sealing.h"
#include "monitor/store/copy.h"
#include "monitor/witness.h"

enum { HEADS_MAX = 1 << 20 }; /* of more every second one is looked at */

struct check {
        const struct cli *cli;
        struct verify_head *heads;
        size_t n_heads, cap;
        size_t n_journal;
        struct strbuf heads_text; /* how many are from where */
        struct secret key;
        bool has_key;
        struct strbuf no_key; /* why there is none */
        struct strbuf found; /* the findings: lines, or members of a JSON array */
        struct json_writer json;
        size_t bad_heads;
};

/* ---- What the head was ---- */

static int add_head(struct check *c, const struct chain_head *head, const char *from)
{
        if (c->n_heads == HEADS_MAX) {
                c->n_heads /= 2;
                for (size_t i = 0; i < c->n_heads; i++)
                        c->heads[i] = c->heads[2 * i + 1];
        }
        if (c->n_heads == c->cap) {
                size_t cap = c->cap ? 2 * c->cap : 64;
                struct verify_head *heads = reallocarray(c->heads, cap, sizeof *heads);

                if (!heads)
                        return -ENOMEM;
                c->heads = heads;
                c->cap = cap;
        }
        c->heads[c->n_heads++] = (struct verify_head){ .head = *head, .from = from };
        return 0;
}

static int on_found(void *userdata, struct str text)
{
        struct check *c = userdata;

        if (c->cli->format == FORMAT_JSON) {
                json_str(&c->json, text);
                return 0;
        }
        text_display(&c->found, text, TEXT_TERMINAL, 0);
        strbuf_addc(&c->found, '\n');
        return 0;
}

static int find(struct check *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

static int find(struct check *c, const char *fmt, ...)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        va_list ap;

        va_start(ap, fmt);
        strbuf_vaddf(&text, fmt, ap);
        va_end(ap);
        if (++c->bad_heads > VERIFY_FOUND_MAX)
                return 0;
        return on_found(c, strbuf_str(&text));
}

/* Lines of the file of heads with the same thing wrong with them. */
struct bad_lines {
        size_t from, to; /* from 0: none */
        int why;
};

static int end_bad(struct check *c, const char *path, struct bad_lines *bad)
{
        const char *why = bad->why == -EKEYREJECTED ? "not of this store's key" : "damaged";
        int r = 0;

        if (bad->from > 0 && bad->from == bad->to)
                r = find(c, "%s: line %zu: %s", path, bad->from, why);
        else if (bad->from > 0)
                r = find(c, "%s: lines %zu to %zu: %s", path, bad->from, bad->to, why);
        bad->from = 0;
        return r;
}

static int read_line(struct check *c, const char *path, const char line[CHAIN_HEAD_LINE_BYTES], size_t n_line, struct bad_lines *bad)
{
        struct chain_head head;
        int r = line[CHAIN_HEAD_LINE_BYTES - 1] != '\n'
                        ? -EBADMSG
                        : chain_head_parse(str_from(line, CHAIN_HEAD_LINE_BYTES - 1), c->has_key ? &c->key : NULL, &head);

        if (r >= 0) {
                r = add_head(c, &head, "the file of heads");
                return r < 0 ? r : end_bad(c, path, bad);
        }
        if (bad->from > 0 && bad->why != r) {
                int ended = end_bad(c, path, bad);

                if (ended < 0)
                        return ended;
        }
        *bad = (struct bad_lines){ .from = bad->from ? bad->from : n_line, .to = n_line, .why = r };
        return 0;
}

/* The file beside the store. A last line that is too short was torn by a power cut; it is written over. */
static int read_heads(struct check *c)
{
        char path[4096], line[CHAIN_HEAD_LINE_BYTES];
        struct bad_lines bad = { .from = 0 };
        size_t n_line = 0;
        FILE *file;
        int r = 0;

        snprintf(path, sizeof path, "%s/" CHAIN_HEADS_FILE, cli_state(c->cli));
        file = fopen(path, "re");
        if (!file)
                return find(c, "%s: %s: nothing says whether the end of the history was cut off", path,
                            errno == ENOENT ? "the file of heads is gone" : strerror(errno));
        while (r >= 0 && fread(line, 1, sizeof line, file) == sizeof line)
                r = read_line(c, path, line, ++n_line, &bad);
        if (r >= 0)
                r = end_bad(c, path, &bad);
        if (r >= 0 && ferror(file))
                r = find(c, "%s cannot be read behind line %zu", path, n_line);
        strbuf_addf(&c->heads_text, "%zu in %s", n_line, CHAIN_HEADS_FILE);
        fclose(file);
        return r;
}

static int on_entry(void *userdata, usec at, const struct str *values)
{
        struct chain_head head = { .at = at };
        struct check *c = userdata;

        if (!values[0].p || !values[1].p || str_to_i64(values[0], &head.seq) < 0 || digest_parse(values[1], &head.hash) < 0)
                return 0;
        c->n_journal++;
        return add_head(c, &head, "the journal");
}

/* What root or the store's owner told it: others' entries are not believed. */
static int read_journal(struct check *c)
{
        char store[4096], uid[32];
        const char *matches[] = { "MESSAGE_ID=" WITNESS_MESSAGE_ID, store, "_UID=0", uid };
        const char *fields[] = { "SHOPBELL_HISTORY_SEQ", "SHOPBELL_HISTORY_HASH" };
        CLEANUP(memory_freep) char *state = realpath(cli_state(c->cli), NULL);
        struct err err = { 0 };
        struct stat st;
        int r;

        if (!state || stat(cli_store_path(c->cli), &st) < 0)
                return 0;
        snprintf(store, sizeof store, "SHOPBELL_STORE=%s", state);
        snprintf(uid, sizeof uid, "_UID=%lu", (unsigned long)st.st_uid);
        r = journal_find(c->cli->journal, matches, ARRAY_LEN(matches), fields, ARRAY_LEN(fields), on_entry, c, &err);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                strbuf_addf(&c->heads_text, "; %s", err.text);
        else
                strbuf_addf(&c->heads_text, ", %zu in the journal", c->n_journal);
        return 0;
}

/* --head SEQ:HASH */
static int read_option(struct check *c)
{
        struct str rest = str_of(c->cli->head), seq = STR("");
        struct chain_head head = { .at = USEC_NONE };

        if (!c->cli->head)
                return 0;
        str_cut(&rest, ':', &seq);
        if (!rest.p || str_to_i64(seq, &head.seq) < 0 || head.seq < 1 || digest_parse(rest, &head.hash) < 0) {
                log_error("--head %s: a row's number, a colon and its hash of 64 digits, as verify and the journal show them", c->cli->head);
                return -EINVAL;
        }
        return add_head(c, &head, "--head");
}

/* ---- The outcome ---- */

static const struct {
        const char *one, *many;
} thing_words[_COVERED_MAX] = {
        [COVERED_ANSWER] = { "answer", "answers" },
        [COVERED_SILENCE] = { "silence", "silences" },
        [COVERED_ALERT] = { "alert", "alerts" },
        [COVERED_TOLD] = { "alert's text", "alerts' texts" },
        [COVERED_RECORD] = { "record", "records" },
        [COVERED_RAW] = { "record's bytes", "records' bytes" },
        [COVERED_SEALED] = { "box", "boxes" },
        [COVERED_CASE] = { "case entry", "case entries" },
};

static void stamp(usec t, char ret[TIME_ISO_BYTES])
{
        time_format_iso(t == USEC_NONE ? t : t - t % USEC_PER_SEC, ret);
}

static uint64_t untold(uint64_t found)
{
        return found > VERIFY_FOUND_MAX ? found - VERIFY_FOUND_MAX : 0;
}

static void print_text(struct check *c, const struct verify_result *v, uint64_t found)
{
        char first[TIME_ISO_BYTES], last[TIME_ISO_BYTES], hash[DIGEST_HEX_BYTES];
        CLEANUP(strbuf_done) struct strbuf things = STRBUF_INIT;
        uint64_t more = untold(v->found) + untold(c->bad_heads);

        fputs(c->found.p ? c->found.p : "", stdout);
        if (more > 0)
                printf("and %llu more\n", (unsigned long long)more);
        stamp(v->first, first);
        stamp(v->last, last);
        digest_hex(&v->head.hash, hash);
        for (size_t i = 0; i < _COVERED_MAX; i++)
                if (v->things[i] > 0)
                        strbuf_addf(&things, "%s%llu %s", things.n ? ", " : "", (unsigned long long)v->things[i],
                                    v->things[i] == 1 ? thing_words[i].one : thing_words[i].many);
        printf("Rows       %llu", (unsigned long long)v->rows);
        if (v->withheld)
                printf(", %llu of them without what they say", (unsigned long long)v->withheld);
        printf("\nFrom       %s\nTo         %s\nHead       %lld:%s\n", first, last, (long long)v->head.seq, hash);
        if (c->has_key)
                printf("Seals      %llu checked\n", (unsigned long long)v->sealed);
        else
                printf("Seals      not checked: %s\n", c->no_key.p ? c->no_key.p : "");
        printf("Heads      %s\n", c->heads_text.p ? c->heads_text.p : "");
        printf("Covered    %s\n", things.p ? things.p : "nothing");
        if (v->grown)
                printf("Grown      %llu alerts since a row spoke of them last\n", (unsigned long long)v->grown);
        if (v->purged)
                printf("Purged     %llu with their age\n", (unsigned long long)v->purged);
        if (!v->has_records)
                printf("Records    not in this copy\n");
        if (found == 0)
                printf("The history is sound.\n");
        else
                printf("The history is NOT sound: %llu %s.\n", (unsigned long long)found, found == 1 ? "finding" : "findings");
}

static void write_count(struct json_writer *w, const char *key, uint64_t n)
{
        json_key(w, key), json_int(w, (int64_t)n);
}

static void print_json(struct check *c, const struct verify_result *v, uint64_t found)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(&out);
        char text[TIME_ISO_BYTES], hash[DIGEST_HEX_BYTES];

        json_end(&c->json, ']');
        digest_hex(&v->head.hash, hash);
        json_begin(&w, '{');
        json_key(&w, "sound"), json_bool(&w, found == 0);
        json_key(&w, "found"), json_raw(&w, strbuf_str(&c->found));
        write_count(&w, "findings", found);
        write_count(&w, "rows", v->rows);
        write_count(&w, "withheld", v->withheld);
        stamp(v->first, text);
        json_key(&w, "first"), json_strz(&w, *text ? text : NULL);
        stamp(v->last, text);
        json_key(&w, "last"), json_strz(&w, *text ? text : NULL);
        json_key(&w, "head"), json_begin(&w, '{');
        write_count(&w, "seq", (uint64_t)v->head.seq);
        json_key(&w, "hash"), json_strz(&w, hash);
        json_end(&w, '}');
        json_key(&w, "sealed");
        if (c->has_key)
                json_int(&w, (int64_t)v->sealed);
        else
                json_null(&w);
        write_count(&w, "heads", c->n_heads);
        json_key(&w, "covered"), json_begin(&w, '{');
        for (size_t i = 0; i < _COVERED_MAX; i++)
                write_count(&w, covered_name((enum covered)i), v->things[i]);
        json_end(&w, '}');
        write_count(&w, "grown", v->grown);
        write_count(&w, "purged", v->purged);
        json_key(&w, "records"), json_bool(&w, v->has_records);
        json_end(&w, '}');
        puts(out.p ? out.p : "");
}

/* ---- All of it ---- */

/* The heads first: the store may go on, but never falls back behind them. */
static int open_store(struct check *c, struct query **ret)
{
        struct err err = { 0 };
        int r = query_open(cli_store_path(c->cli), ret, &err);

        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return r;
        }
        r = read_heads(c);
        if (r >= 0)
                r = read_journal(c);
        return r < 0 && r != -EINVAL ? (log_error("the heads cannot be read: %s", strerror(-r)), r) : r;
}

static int open_copy(struct check *c, const char *path, struct query **ret)
{
        struct verify_head head;
        struct err err = { 0 };
        int r = query_open_copy(path, ret, &head, &err);
        size_t n = 0;

        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return r;
        }
        if (c->cli->state)
                r = read_heads(c);
        if (r >= 0 && c->cli->state)
                r = read_journal(c);
        for (size_t i = 0; i < c->n_heads; i++) /* the store has gone on since */
                if (c->heads[i].head.seq <= head.head.seq)
                        c->heads[n++] = c->heads[i];
        c->n_heads = n;
        strbuf_addf(&c->heads_text, "%s1 in the copy's first line", c->heads_text.n ? ", " : "");
        return r < 0 ? r : add_head(c, &head.head, head.from);
}

static int run(struct check *c, const char *path)
{
        CLEANUP(query_closep) struct query *q = NULL;
        struct verify_result result;
        struct verify_options o = { .found = on_found, .userdata = c };
        struct err err = { 0 };
        uint64_t found;
        int r;

        if (path && !c->cli->state)
                err_set(&err, -ENOKEY, "give --state, the folder of the store that this is a copy of");
        else
                c->has_key = sealing_key(cli_state(c->cli), &c->key, &err) >= 0;
        err_format(&err, &c->no_key);
        if (c->cli->format == FORMAT_JSON)
                json_begin(&c->json, '[');
        r = path ? open_copy(c, path, &q) : open_store(c, &q);
        if (r >= 0)
                r = read_option(c);
        if (r < 0)
                return r == -EINVAL ? CLI_USAGE : CLI_CANNOT;
        o.key = c->has_key ? &c->key : NULL;
        o.heads = c->heads;
        o.n_heads = c->n_heads;
        r = query_verify(q, &o, &result);
        if (r < 0) {
                log_error("the history cannot be read: %s",
                          r == -EPROTONOSUPPORT ? "this store is of an older version: start shopbelld once, it is chained then" : strerror(-r));
                return CLI_CANNOT;
        }
        found = result.found + c->bad_heads;
        if (c->cli->format == FORMAT_JSON)
                print_json(c, &result, found);
        else
                print_text(c, &result, found);
        return found > 0 ? CLI_FOUND : CLI_OK;
}

int cmd_verify(struct cli *cli, int argc, char **argv)
{
        struct check c = { .cli = cli, .found = STRBUF_INIT, .heads_text = STRBUF_INIT };
        int code;

        if (argc > 1) {
                log_error("shopbell verify takes one copy, or nothing: the daemon's store");
                return CLI_USAGE;
        }
        c.json = (struct json_writer)JSON_WRITER(&c.found);
        code = run(&c, argc > 0 ? argv[0] : NULL);
        secret_wipe(&c.key);
        free(c.heads);
        strbuf_done(&c.found);
        strbuf_done(&c.heads_text);
        strbuf_done(&c.no_key);
        return code;
}
