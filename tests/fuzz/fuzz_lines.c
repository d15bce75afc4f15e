/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target of the decoders of text: csv, keyvalue, cef, leef, regex, behind syslog headers. The first byte chooses the source that the
 * input is configured with, or none; the rest is a file, which goes through the framer in pieces and row by row to a
 * parser. Every value must be UTF-8 within its limits, the rows must lie in the file, and a second parser must make the
 * same of the raws in the other order: what a raw becomes does not hang on what came before it. */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/base/utf8.h"
#include "monitor/input/frame.h"
#include "parsers/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { RAWS_MAX = 512, PIECE = 61, HEADERS_MAX = 64 };

static const char *const texts[] = {
        "name: table\nlogsource: {product: t}\nformat: csv\nrecognise: {has: [t, u]}\njson: [j]\n"
        "fields: {\"@timestamp\": t, user.name: u, source.ip: j.ip, event.action: j.a.b, message: m}\n",
        "name: fixed\nlogsource: {product: t}\nformat: csv\ncolumns: [t, u, m]\ndelimiter: ';'\nrecognise: {when: {t|startswith: '2'}}\n"
        "fields: {\"@timestamp\": t, user.name: u, message: m}\n",
        "name: pairs\nlogsource: {product: t}\nformat: keyvalue\nrecognise: {has: [t, u]}\nnested: [m]\n"
        "fields: {\"@timestamp\": t, user.name: u, message: m, source.ip: m.ip}\n",
        "name: wall\nlogsource: {product: t}\nformat: keyvalue\nheader: syslog\nprograms: [wall]\nseparator: ','\n"
        "fields: {user.name: u, event.action: m}\n",
        "name: gate\nlogsource: {product: t}\nformat: cef\nfields: {event.action: Name, user.name: suser, source.ip: src, event.provider: msg}\n",
        "name: shell\nlogsource: {product: t}\nformat: regex\nheader: syslog\nprograms: [sshd]\n"
        "patterns: [{name: a, regex: '^Failed (?<u>\\S+) from (?<ip>\\S+)'}]\nfields: {user.name: u, source.ip: ip}\n",
        "name: wicket\nlogsource: {product: t}\nformat: leef\nfields: {event.action: EventID, user.name: usrName, source.ip: src, message: msg}\n",
};

static void check(bool holds)
{
        if (!holds)
                abort();
}

static struct sourceset *load(void)
{
        char dir[] = "/tmp/shopbell-fuzz-XXXXXX", path[64];
        const char *dirs[] = { dir };
        struct err_list errors = ERR_LIST_INIT;
        struct sourceset *set = NULL;
        struct err err = { 0 };

        check(mkdtemp(dir) != NULL);
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                FILE *f;

                snprintf(path, sizeof path, "%s/%zu.yml", dir, i);
                f = fopen(path, "w");
                check(f && fputs(texts[i], f) >= 0 && fclose(f) == 0);
        }
        check(sourceset_load(dirs, 1, &set, &errors) == 0 && errors.n == 0 && sourceset_freeze(set, &err) == 0);
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                snprintf(path, sizeof path, "%s/%zu.yml", dir, i);
                check(unlink(path) == 0);
        }
        check(rmdir(dir) == 0);
        return set;
}

struct file {
        struct sourceset *set;
        const char *source;
        struct str headers[HEADERS_MAX];
        size_t n_headers;
        struct raw raws[RAWS_MAX];
        uint64_t sums[RAWS_MAX];
        size_t n, now;
};

static bool test_table(void *userdata, struct str line, struct frame_table *ret)
{
        struct file *f = userdata;
        struct csv_shape shape;
        char *copy;

        if (f->n_headers == HEADERS_MAX || !sourceset_is_csv(f->set, f->source, line, &shape))
                return false;
        *ret = (struct frame_table){ .delimiter = shape.delimiter };
        if (!shape.has_header)
                return true;
        copy = malloc(line.n + 1);
        check(copy != NULL);
        memcpy(copy, line.p, line.n);
        ret->header = f->headers[f->n_headers++] = str_from(copy, line.n);
        return true;
}

static void add_raw(struct file *f, const struct frame *frame)
{
        struct raw *raw = &f->raws[f->n];
        char *copy;

        if (f->n == RAWS_MAX)
                return;
        copy = calloc(1, frame->bytes.n + RAW_PADDING);
        check(copy != NULL);
        memcpy(copy, frame->bytes.p, frame->bytes.n);
        *raw = (struct raw){ .file = "fuzz", .reference = USEC_NONE, .source = f->source, .bytes = str_from(copy, frame->bytes.n) };
        if (frame->table) {
                raw->header = frame->table->header;
                raw->row = frame->table->row;
        }
        f->n++;
}

static void cut_up(struct file *f, struct str bytes)
{
        struct framer *framer = framer_new();
        struct frame frame;
        uint64_t behind = 0;

        check(framer != NULL);
        framer_set_test(framer, test_table, f);
        framer_start(framer, 0, FRAME_UNDECIDED);
        for (bool at_end = false; !at_end;) {
                size_t piece = size_min(bytes.n, PIECE);

                at_end = bytes.n == 0;
                check(framer_put(framer, str_from(bytes.p, piece)) == 0);
                bytes = str_from(bytes.p + piece, bytes.n - piece);
                while (framer_next(framer, at_end, &frame) > 0) {
                        check(frame.offset >= behind && frame.bytes.n > 0);
                        behind = frame.offset + frame.bytes.n;
                        add_raw(f, &frame);
                }
        }
        framer_free(framer);
}

static int on_record(void *userdata, struct record *record)
{
        struct file *f = userdata;
        uint64_t *sum = &f->sums[f->now];

        check(record->raw.n > 0 && record->id.n > 0);
        for (uint32_t i = 0; i < record->n_slots; i++)
                for (const struct value *v = record->slots[i].first; v; v = v->next) {
                        check(v->text.p && v->text.n <= VALUE_BYTES_MAX && utf8_is_valid(v->text));
                        for (size_t k = 0; k < v->text.n; k++)
                                *sum = (*sum ^ (unsigned char)v->text.p[k]) * UINT64_C(1099511628211);
                        *sum += i;
                }
        return 0;
}

/* Parses all raws, the last one first if need be; `sums` gets what they became. */
static void parse_all(struct file *f, bool is_reverse)
{
        struct parser_options o = { .hint = { .reference = INT64_C(1795400000) * USEC_PER_SEC } };
        struct parser *parser = parser_new(f->set, &o);
        struct arena *arena = arena_new();

        check(parser && arena);
        for (size_t i = 0; i < f->n; i++) {
                const char *reason = "";

                f->now = is_reverse ? f->n - 1 - i : i;
                f->sums[f->now] = (uint64_t)(int64_t)parser_parse(parser, &f->raws[f->now], arena, on_record, f, &reason);
                check(reason && strlen(reason) < 256);
                arena_reset(arena);
        }
        parser_free(parser);
        arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        static struct file f;
        uint64_t sums[RAWS_MAX];
        unsigned which;

        if (n < 1)
                return 0;
        if (!f.set)
                f.set = load();
        which = data[0] % (ARRAY_LEN(texts) + 1);
        f.source = which < ARRAY_LEN(texts) ? source_name(sourceset_get(f.set, which)) : NULL;
        cut_up(&f, str_from((const char *)data + 1, n - 1));
        parse_all(&f, false);
        memcpy(sums, f.sums, sizeof sums);
        memset(f.sums, 0, sizeof f.sums);
        parse_all(&f, true);
        for (size_t i = 0; i < f.n; i++) {
                check(f.source == NULL || sums[i] == f.sums[i]);
                free((char *)f.raws[i].bytes.p);
        }
        for (size_t i = 0; i < f.n_headers; i++)
                free((char *)f.headers[i].p);
        f.n = f.n_headers = 0;
        memset(f.sums, 0, sizeof f.sums);
        return 0;
}
