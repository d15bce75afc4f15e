/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target of mails: the framer that cuts an mbox, and the decoder with its MIME reader. The first byte chooses whether
 * the file is cut by what it is, as an mbox, or as one message; the rest is the file, which comes in pieces. Messages must
 * lie in the file one behind the other, every value must be UTF-8 within its limits and hold no control characters but
 * newlines in the text, and a second parser must make the same of them. */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/base/mail.h"
#include "monitor/base/utf8.h"
#include "monitor/input/frame.h"
#include "parsers/mime.h"
#include "parsers/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { PIECE = 61, MODES = 3 };

static const char text[] = "name: mail\nlogsource: {product: t, service: mail}\nformat: mail\nsenders: [example.com]\nexcept: [m.example.com]\n"
                           "patterns:\n"
                           "  - {name: a, sure: confirmed, subject: '(?i)sign-in', body: 'from (?<ip>\\S+)', also: ['Device: (?<device>.+)']}\n"
                           "  - {name: b, sure: confirmed, subject: '.*'}\n"
                           "fields: {'@timestamp': time, event.id: fingerprint, event.action: pattern, source.ip: ip, user.email: to, user.name: from.name,\n"
                           "  event.reason: auth, event.provider: auth.server, process.name: header.x-a, user_agent.original: device, message: body,\n"
                           "  shopbell.object: subject, shopbell.key_id: return_path}\n";

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
        FILE *f;

        check(mkdtemp(dir) != NULL);
        snprintf(path, sizeof path, "%s/mail.yml", dir);
        f = fopen(path, "w");
        check(f && fputs(text, f) >= 0 && fclose(f) == 0);
        check(sourceset_load(dirs, 1, &set, &errors) == 0 && errors.n == 0 && sourceset_freeze(set, &err) == 0);
        check(unlink(path) == 0 && rmdir(dir) == 0);
        return set;
}

static int on_record(void *userdata, struct record *record)
{
        uint64_t *sum = userdata;

        check(record->id.n > 0);
        for (uint32_t i = 0; i < record->n_slots; i++)
                for (const struct value *v = record->slots[i].first; v; v = v->next) {
                        check(v->text.p && v->text.n <= 4 * (size_t)MAIL_TEXT_BYTES_MAX && utf8_is_valid(v->text));
                        for (size_t k = 0; k < v->text.n; k++) {
                                check((unsigned char)v->text.p[k] >= ' ' || v->text.p[k] == '\n');
                                *sum = (*sum ^ (unsigned char)v->text.p[k]) * UINT64_C(1099511628211);
                        }
                        *sum += i;
                }
        return 0;
}

/* What a message becomes, as a sum. */
static uint64_t parse(struct parser *parser, const struct raw *raw)
{
        struct arena *arena = arena_new(); /* anew for each, for the address sanitizer's sake */
        const char *reason = "";
        uint64_t sum = 0;
        int r;

        check(arena != NULL);
        r = parser_parse(parser, raw, arena, on_record, &sum, &reason);
        check(reason && strlen(reason) < 256);
        arena_free(arena);
        return sum + (uint64_t)(int64_t)r;
}

static struct parser *new_parser(void)
{
        struct parser_options o = { .hint = { .reference = INT64_C(1795400000) * USEC_PER_SEC } };
        struct parser *parser = parser_new(load(), &o);

        check(parser != NULL);
        return parser;
}

static void take(const struct frame *frame)
{
        static struct parser *first, *second;
        char *copy = calloc(1, frame->bytes.n + RAW_PADDING);
        struct raw raw = { .file = "fuzz", .reference = USEC_NONE };

        check(copy && frame->bytes.n <= MAIL_BYTES_MAX);
        memcpy(copy, frame->bytes.p, frame->bytes.n);
        raw.bytes = str_from(copy, frame->bytes.n);
        if (!first) {
                first = new_parser();
                second = new_parser();
        }
        check(parse(first, &raw) == parse(second, &raw));
        free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        static const enum frame_mode modes[MODES] = { FRAME_UNDECIDED, FRAME_MBOX, FRAME_MAIL };
        struct framer *framer = framer_new();
        struct frame frame;
        uint64_t behind = 0;
        struct str rest = str_from((const char *)data + 1, n - 1);
        int r;

        check(framer != NULL);
        if (n < 1) {
                framer_free(framer);
                return 0;
        }
        framer_start(framer, 0, modes[data[0] % MODES]);
        for (bool at_end = false; !at_end;) {
                size_t piece = size_min(rest.n, PIECE);

                at_end = rest.n == 0;
                check(framer_put(framer, str_from(rest.p, piece)) == 0);
                rest = str_from(rest.p + piece, rest.n - piece);
                while ((r = framer_next(framer, at_end || framer_is_between(framer), &frame)) != 0) {
                        check(frame.offset >= behind && frame.offset <= n);
                        behind = frame.offset + frame.bytes.n;
                        if (r > 0)
                                take(&frame);
                }
        }
        check(framer_position(framer) <= n);
        framer_free(framer);
        return 0;
}
