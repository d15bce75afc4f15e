/* SPDX-License-Identifier: Apache-2.0 */

/* How fast each format is read: bytes and records a second of one core, from a file in memory to records with all their fields
 * (`all`), with only those that rules mostly ask for (`few`), and cut into raws but not parsed (`cut`). Processor time, the
 * best of some runs.
 *
 *     bench/parse [FORMAT…]        with SHOPBELL_SOURCES; BENCH_BYTES for each format (default 64000000), BENCH_RUNS (default 3) */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "monitor/base/macros.h"
#include "monitor/input/input.h"
#include "parsers/source.h"

struct format {
        const char *name, *source;
        const char *head; /* the file's first line, or "" */
        void (*line)(struct strbuf *out, unsigned n);
};

static void csv_line(struct strbuf *out, unsigned n)
{
        strbuf_addf(out,
                    "\"Login\",\"20261122%02u%02u%02u.118\",\"4lGJ1R0ZSWVXwFl1c%06u\",\"00D5j000000VI3n\",\"1200\",\"45\",\"/index.jsp\","
                    "\"0055j000000ut%03u\",\"owner%u@example.com\",\"Standard\",\"203.0.113.%u\",\"203.0.113.%u\",\"Mozilla/5.0 "
                    "(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0\",\"%s\",\"Success\","
                    "\"NK2oPJrJze8tH+vC\",\"\",\"9998.0\",\"\",\"ECDHE-RSA-AES256-GCM-SHA384\",\"TLSv1.2\",\"18233421\","
                    "\"2026-11-22T%02u:%02u:%02u.118Z\",\"0055j000000utlPAAQ\"\n",
                    n / 3600 % 24, n / 60 % 60, n % 60, n % 1000000, n % 999, n % 50, n % 250, n % 250,
                    n % 7 ? "LOGIN_NO_ERROR" : "LOGIN_ERROR_INVALID_PASSWORD", n / 3600 % 24, n / 60 % 60, n % 60);
}

static void plain_csv_line(struct strbuf *out, unsigned n)
{
        strbuf_addf(out,
                    "Login,20261122%02u%02u%02u.118,4lGJ1R0ZSWVXwFl1c%06u,00D5j000000VI3n,1200,45,/index.jsp,0055j000000ut%03u,"
                    "owner%u@example.com,Standard,203.0.113.%u,203.0.113.%u,Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
                    "AppleWebKit/537.36 Chrome/131.0.0.0,LOGIN_NO_ERROR,Success,NK2oPJrJze8tH+vC,,9998.0,,"
                    "ECDHE-RSA-AES256-GCM-SHA384,TLSv1.2,18233421,2026-11-22T%02u:%02u:%02u.118Z,0055j000000utlPAAQ\n",
                    n / 3600 % 24, n / 60 % 60, n % 60, n % 1000000, n % 999, n % 50, n % 250, n % 250, n / 3600 % 24,
                    n / 60 % 60, n % 60);
}

#define LOGIN_HEADER \
        "\"EVENT_TYPE\",\"TIMESTAMP\",\"REQUEST_ID\",\"ORGANIZATION_ID\",\"RUN_TIME\",\"CPU_TIME\",\"URI\",\"USER_ID\",\"USER_NAME\"," \
        "\"USER_TYPE\",\"CLIENT_IP\",\"SOURCE_IP\",\"BROWSER_TYPE\",\"LOGIN_STATUS\",\"REQUEST_STATUS\",\"LOGIN_KEY\",\"API_TYPE\"," \
        "\"API_VERSION\",\"AUTHENTICATION_METHOD_REFERENCE\",\"CIPHER_SUITE\",\"TLS_PROTOCOL\",\"DB_TOTAL_TIME\"," \
        "\"TIMESTAMP_DERIVED\",\"USER_ID_DERIVED\"\n"

static void sshd_line(struct strbuf *out, unsigned n)
{
        static const char *const words[] = { "Failed password for root", "Failed password for invalid user admin", "Accepted publickey for deploy",
                                             "Failed password for mei" };

        strbuf_addf(out, "Mar  7 %02u:%02u:%02u web1 sshd[%u]: %s from 203.0.113.%u port %u ssh2\n", n / 3600 % 24, n / 60 % 60,
                    n % 60, 1000 + n % 30000, words[n % ARRAY_LEN(words)], n % 250, 1024 + n % 60000);
}

static void auditd_line(struct strbuf *out, unsigned n)
{
        strbuf_addf(out,
                    "type=USER_LOGIN msg=audit(%u.118:%u): pid=%u uid=0 auid=4294967295 ses=4294967295 msg='op=login acct=\"root\" "
                    "exe=\"/usr/sbin/sshd\" hostname=? addr=203.0.113.%u terminal=sshd res=%s'\n",
                    1795317044 + n, n, 1000 + n % 30000, n % 250, n % 7 ? "failed" : "success");
}

static void cef_line(struct strbuf *out, unsigned n)
{
        strbuf_addf(out,
                    "<134>Nov 22 %02u:%02u:%02u fw1 CEF:0|Example|Gate|2.1|login.failed|User login failed|7|rt=%u118 externalId=%u "
                    "src=203.0.113.%u spt=52111 suser=owner@example.com outcome=failure reason=bad password cs1=a\\=b\n",
                    n / 3600 % 24, n / 60 % 60, n % 60, 1795317044 + n, n, n % 250);
}

static void json_line(struct strbuf *out, unsigned n)
{
        strbuf_addf(out,
                    "{\"id\":%u,\"site_id\":1,\"alert_id\":1000,\"created_on\":%u.1183,\"client_ip\":\"203.0.113.%u\",\"severity\":\"200\","
                    "\"object\":\"user\",\"event_type\":\"login\",\"user_agent\":\"Mozilla/5.0\",\"user_roles\":\"administrator\","
                    "\"username\":\"owner\",\"user_id\":1,\"session_id\":\"7f1c0a\"}\n",
                    n, 1795317044 + n, n % 250);
}

static const struct format formats[] = {
        { "csv", "salesforce-event-log-file", LOGIN_HEADER, csv_line },
        { "csv-unquoted", "salesforce-event-log-file", LOGIN_HEADER, plain_csv_line },
        { "regex", "sshd", "", sshd_line },
        { "keyvalue", "linux-auditd", "", auditd_line },
        { "cef", "cef", "", cef_line },
        { "json", "wordpress-activity-log", "", json_line },
};

static void fail(const char *what)
{
        fprintf(stderr, "bench/parse: %s\n", what);
        exit(EXIT_FAILURE);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
        const char *text = getenv(name);
        uint64_t n;

        return text && str_to_u64(str_of(text), &n) == 0 && n > 0 ? n : otherwise;
}

static double seconds(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A file in memory; its path. */
static const char *compose(const struct format *f, uint64_t bytes, unsigned *ret_lines, int *ret_fd)
{
        static char path[64];
        struct strbuf text = STRBUF_INIT;
        int fd = memfd_create(f->name, 0);
        unsigned n = 0;

        strbuf_addz(&text, f->head);
        while (text.n < bytes)
                f->line(&text, n++);
        if (fd < 0 || strbuf_failed(&text) || write(fd, text.p, text.n) != (ssize_t)text.n)
                fail("cannot compose a log");
        strbuf_done(&text);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        *ret_lines = n;
        *ret_fd = fd;
        return path;
}

static bool is_csv(void *userdata, const char *source, struct str line, struct csv_shape *ret)
{
        return sourceset_is_csv(userdata, source, line, ret);
}

static int on_record(void *userdata, struct record *record)
{
        (void)record;
        ++*(uint64_t *)userdata;
        return 0;
}

/* Reads the file to its end; returns how many records were made. */
static uint64_t read_all(struct sourceset *set, const char *path, struct parser *parser)
{
        struct input_options o = { .name = "bench", .is_csv = is_csv, .userdata = set };
        struct arena *arena = arena_new();
        struct raws raws = { 0 };
        struct input *in = NULL;
        struct err err = { 0 };
        uint64_t records = 0;
        int more = 1;

        if (!arena || input_open_files(&o, &path, 1, &in, &err) < 0)
                fail(err.text);
        while (more > 0) {
                more = input_read(in, arena, &raws, INPUT_BATCH_BYTES / 8);
                for (size_t i = 0; i < raws.n && parser; i++) {
                        struct arena_mark before = arena_mark(arena);

                        (void)parser_parse(parser, &raws.items[i], arena, on_record, &records, NULL);
                        arena_rewind(arena, &before);
                }
                raws.n = 0;
                arena_reset(arena);
        }
        raws_done(&raws);
        input_close(in);
        arena_free(arena);
        return records;
}

static double measure(struct sourceset *set, const char *path, const struct parser_options *options, unsigned lines)
{
        double best = 1e9;

        for (uint64_t run = number_of("BENCH_RUNS", 3); run > 0; run--) {
                struct parser *parser = options ? parser_new(set, options) : NULL;
                double start = seconds();

                if (read_all(set, path, parser) != (options ? lines : 0))
                        fail("not every line became a record");
                if (seconds() - start < best)
                        best = seconds() - start;
                parser_free(parser);
        }
        return best;
}

static void run(struct sourceset *set, const struct format *f)
{
        uint64_t bytes = number_of("BENCH_BYTES", 64000000);
        struct parser_options all = { .hint = { .reference = INT64_C(1795400000) * USEC_PER_SEC } }, few = all;
        unsigned lines;
        int fd;
        const char *path = compose(f, bytes, &lines, &fd);
        double cut, t;

        few.ecs_wanted = UINT64_C(1) << ECS_EVENT_ACTION | UINT64_C(1) << ECS_EVENT_OUTCOME | UINT64_C(1) << ECS_CLASS;
        cut = measure(set, path, NULL, lines);
        t = measure(set, path, &few, lines);
        printf("%-13s cut %5.0f MB/s   few %5.0f MB/s %6.2f M/s   ", f->name, (double)bytes / 1e6 / cut, (double)bytes / 1e6 / t, lines / 1e6 / t);
        t = measure(set, path, &all, lines);
        printf("all %5.0f MB/s %6.2f M/s\n", (double)bytes / 1e6 / t, lines / 1e6 / t);
        close(fd);
}

int main(int argc, char **argv)
{
        const char *dir = getenv("SHOPBELL_SOURCES");
        struct err_list errors = ERR_LIST_INIT;
        struct sourceset *set = NULL;
        struct err err = { 0 };

        if (!dir || sourceset_load(&dir, 1, &set, &errors) < 0 || sourceset_freeze(set, &err) < 0)
                fail("SHOPBELL_SOURCES names no folder of sources");
        for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
                bool is_wanted = argc < 2;

                for (int k = 1; k < argc; k++)
                        is_wanted |= strcmp(argv[k], formats[i].name) == 0;
                if (is_wanted)
                        run(set, &formats[i]);
        }
        sourceset_free(set);
        err_list_done(&errors);
        return EXIT_SUCCESS;
}
