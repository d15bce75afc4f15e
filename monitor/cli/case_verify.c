/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell case verify: whether an evidence pack is what it was, on a machine that has nothing of the shop; and unpacking one. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/base/file.h"
#include "monitor/base/json_write.h"
#include "monitor/base/log.h"
#include "monitor/base/passseal.h"
#include "monitor/base/utf8.h"
#include "monitor/cases/pack.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/passphrase.h"
#include "monitor/sealing.h"

struct checking {
        const struct cli *cli;
        struct strbuf file, opened; /* as it lies there; what a sealed one holds */
        struct strbuf found; /* lines, or members of a JSON array */
        struct json_writer json;
        struct secret key;
        bool has_key;
        int folder; /* to unpack into; -1: not wanted */
};

static int on_found(void *userdata, struct str text)
{
        struct checking *c = userdata;

        if (c->cli->format == FORMAT_JSON) {
                json_str(&c->json, text);
                return 0;
        }
        text_display(&c->found, text, TEXT_TERMINAL, 0);
        strbuf_addc(&c->found, '\n');
        return strbuf_failed(&c->found) ? -ENOMEM : 0;
}

/* ---- Unpacking ---- */

/* The folder is new, and names were checked: nothing in it is a link. */
static int on_file(void *userdata, struct str name, struct str bytes)
{
        struct checking *c = userdata;
        CLEANUP(memory_freep) char *path = str_dupz(name);
        int fd, r;

        if (!path)
                return -ENOMEM;
        for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                if (mkdirat(c->folder, path, 0700) < 0 && errno != EEXIST)
                        return -errno;
                *slash = '/';
        }
        fd = openat(c->folder, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        r = file_write(fd, bytes);
        if (close(fd) < 0 && r >= 0)
                r = -errno;
        return r;
}

static int begin_unpacking(struct checking *c)
{
        if (!c->cli->extract)
                return 0;
        if (mkdir(c->cli->extract, 0700) < 0) {
                log_error("%s: %s", c->cli->extract, errno == EEXIST ? "it is there already; a pack is unpacked into a new folder" : strerror(errno));
                return -1;
        }
        c->folder = open(c->cli->extract, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (c->folder < 0)
                log_error("%s: %m", c->cli->extract);
        return c->folder < 0 ? -1 : 0;
}

/* ---- Opening ---- */

/* The archive. CLI_OK; CLI_FOUND: what is wrong with the seal is found. */
static int open_pack(struct checking *c, const char *path, struct str *ret)
{
        struct strbuf phrase = STRBUF_INIT;
        struct err err = { 0 };
        int code, r = file_read(path, PACK_BYTES_MAX + PACK_BYTES_MAX / 64, &c->file);

        if (r < 0) {
                log_error("%s: it cannot be read: %s", path, r == -E2BIG ? "it is larger than a pack may be" : strerror(-r));
                return CLI_CANNOT;
        }
        *ret = strbuf_str(&c->file);
        if (!passseal_is_one(*ret))
                return CLI_OK;
        code = passphrase_ask(c->cli->passphrase_file, false, &phrase);
        if (code == CLI_OK) {
                r = passseal_open(strbuf_str(&phrase), *ret, &c->opened, &err);
                if (r < 0 && r != -EBADMSG)
                        log_error("%s: %s", path, err.text);
                code = r >= 0 ? CLI_OK : r == -EBADMSG ? CLI_FOUND : CLI_CANNOT;
                if (code == CLI_FOUND)
                        on_found(c, str_of(err.text));
        }
        passphrase_wipe(&phrase);
        *ret = strbuf_str(&c->opened);
        return code;
}

/* ---- The outcome ---- */

static void print_text(const struct checking *c, const struct pack_checked *p, bool is_open)
{
        char sums[DIGEST_HEX_BYTES], hash[DIGEST_HEX_BYTES], at[TIME_ISO_BYTES];

        fputs(c->found.p ? c->found.p : "", stdout);
        if (!is_open) {
                puts("The pack is NOT sound.");
                return;
        }
        digest_hex(&p->sums, sums);
        digest_hex(&p->chain.head.hash, hash);
        time_format_iso(p->at, at);
        printf("Case       %lld%s%s\n", (long long)p->case_id, *at ? ", as of " : "", at);
        printf("Seal       %s\n", c->opened.n > 0 ? "opened, whole" : "none: the pack is not sealed");
        printf("Files      %llu\nSHA256SUMS %s\n", (unsigned long long)p->files, sums);
        if (p->has_chain) {
                printf("Rows       %llu, %llu of them without what they say\n", (unsigned long long)p->chain.rows, (unsigned long long)p->chain.withheld);
                printf("Head       %lld:%s\nHeads      %llu held against the rows\n", (long long)p->chain.head.seq, hash, (unsigned long long)p->heads);
                if (c->has_key)
                        printf("Seals      %llu checked\n", (unsigned long long)p->chain.sealed);
                else
                        printf("Seals      not checked: that takes the key of the shop's store (--state FOLDER)\n");
        }
        printf("Proved     %llu files are what the history vouches for\n", (unsigned long long)p->proved);
        if (p->unproved > 0)
                printf("In clear   %llu files hold in the clear what the history vouches for under pseudonyms alone\n", (unsigned long long)p->unproved);
        if (p->found == 0)
                printf("The pack is sound. Compare SHA256SUMS and Head with what was noted when it was made.\n");
        else
                printf("The pack is NOT sound: %llu %s.\n", (unsigned long long)p->found, p->found == 1 ? "finding" : "findings");
}

static void print_json(struct checking *c, const struct pack_checked *p, bool is_open)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        char sums[DIGEST_HEX_BYTES], hash[DIGEST_HEX_BYTES], at[TIME_ISO_BYTES];
        struct json_writer w = JSON_WRITER(&out);

        json_end(&c->json, ']');
        digest_hex(&p->sums, sums);
        digest_hex(&p->chain.head.hash, hash);
        time_format_iso(p->at, at);
        json_begin(&w, '{');
        json_key(&w, "sound"), json_bool(&w, is_open && p->found == 0);
        json_key(&w, "found"), json_raw(&w, strbuf_str(&c->found));
        json_key(&w, "findings"), json_int(&w, is_open ? (int64_t)p->found : 1);
        json_key(&w, "case"), json_int(&w, p->case_id);
        json_key(&w, "made"), json_strz(&w, *at ? at : NULL);
        json_key(&w, "sealed"), json_bool(&w, passseal_is_one(strbuf_str(&c->file)));
        json_key(&w, "files"), json_int(&w, (int64_t)p->files);
        json_key(&w, "sha256sums"), json_strz(&w, is_open ? sums : NULL);
        json_key(&w, "rows"), json_int(&w, (int64_t)p->chain.rows);
        json_key(&w, "head"), json_begin(&w, '{');
        json_key(&w, "seq"), json_int(&w, p->chain.head.seq);
        json_key(&w, "hash"), json_strz(&w, p->has_chain ? hash : NULL);
        json_end(&w, '}');
        json_key(&w, "seals");
        if (c->has_key)
                json_int(&w, (int64_t)p->chain.sealed);
        else
                json_null(&w);
        json_key(&w, "proved"), json_int(&w, (int64_t)p->proved);
        json_key(&w, "unproved"), json_int(&w, (int64_t)p->unproved);
        json_end(&w, '}');
        puts(out.p ? out.p : "");
}

static int run(struct checking *c, const char *path)
{
        struct pack_check check = { .found = on_found, .file = c->cli->extract ? on_file : NULL, .userdata = c };
        struct pack_checked result = { .at = USEC_NONE };
        struct err err = { 0 };
        int r, code;

        if (c->cli->state && sealing_key(c->cli->state, &c->key, &err) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        c->has_key = c->cli->state;
        check.key = c->has_key ? &c->key : NULL;
        if (c->cli->format == FORMAT_JSON)
                json_begin(&c->json, '[');
        code = open_pack(c, path, &check.bytes);
        if (code != CLI_OK && code != CLI_FOUND)
                return code;
        if (code == CLI_OK && begin_unpacking(c) < 0)
                return CLI_CANNOT;
        r = code == CLI_OK ? pack_verify(&check, &result) : 0;
        if (r < 0) {
                log_error("%s: %s", path, r == -ENOMEM ? "out of memory" : strerror(-r));
                return CLI_CANNOT;
        }
        if (c->cli->format == FORMAT_JSON)
                print_json(c, &result, code == CLI_OK);
        else
                print_text(c, &result, code == CLI_OK);
        if (code != CLI_OK || result.found > 0) {
                if (c->folder >= 0 && rmdir(c->cli->extract) == 0)
                        log_warning("nothing was unpacked");
                return CLI_FOUND;
        }
        return CLI_OK;
}

int cmd_case_verify(struct cli *cli, int argc, char **argv)
{
        struct checking c = { .cli = cli, .file = STRBUF_INIT, .opened = STRBUF_INIT, .found = STRBUF_INIT, .folder = -1 };
        int code;

        if (argc != 1) {
                log_error("say which pack: shopbell case verify case-1.tar");
                return CLI_USAGE;
        }
        c.json = (struct json_writer)JSON_WRITER(&c.found);
        code = run(&c, argv[0]);
        if (c.folder >= 0)
                close(c.folder);
        secret_wipe(&c.key);
        passphrase_wipe(&c.opened);
        strbuf_done(&c.file);
        strbuf_done(&c.found);
        return code;
}
