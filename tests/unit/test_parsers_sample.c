/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>

#include "tests/unit/parsers_util.h"

#define HEAD \
        "name: a\nlogsource: {product: p}\nformat: json\nrecognise: {has: [x]}\nfields: {user.name: u, user.roles: " \
        "r, '@timestamp': t}\n"

struct seen {
        size_t n;
        size_t n_claims; /* verdicts that recognition is exact */
        bool is_ok;
        char what[512];
};

static void note(void *userdata, const struct source *s, bool is_ok, const char *what)
{
        struct seen *seen = userdata;

        (void)s;
        if (is_ok && strncmp(what, "identify: ", 10) == 0) {
                seen->n_claims++;
                return;
        }
        seen->n++;
        seen->is_ok = is_ok;
        snprintf(seen->what, sizeof seen->what, "%s", what);
}

static const struct {
        const char *sample;
        const char *says; /* NULL: passes */
} cases[] = {
        { "{raw: {x: 1, u: ana}, expect: {user.name: ana}}", NULL },
        { "{raw: {x: 1, u: ana}, expect: {user.name: null}}", "user.name is 'ana'" },
        { "{raw: {x: 1}, expect: {user.name: null}}", NULL },
        { "{raw: {x: 1, u: ana}, expect: {user.name: bo}}", "not \"bo\"" },
        { "{raw: {x: 1, u: ana}, expect: {user.nam: bo}}", "did you mean user.name" },
        { "{raw: {x: 1, r: [p, q]}, expect: {user.roles: [q, p]}}", NULL },
        { "{raw: {x: 1, r: [p, q]}, expect: {user.roles: [q]}}", "user.roles is 'p', 'q'" },
        { "{raw: {x: 1, r: [p, q]}, expect: {user.roles: [p, p]}}", "user.roles" },
        { "{raw: {x: 1, r: [p, q]}, expect: {user.roles: p}}", "user.roles" },
        { "{raw: [{x: 1}, {x: 2}], expect: [{}, {}]}", NULL },
        { "{raw: [{x: 1}, {x: 2}], expect: {}}", "2 records, not 1" },
        { "{raw: {x: 1}, expect: []}", "1 records, not 0" },
        { "{raw: {y: 1}, expect: {}}", "no known log source" },
        { "{raw: '{\"x\": ', expect: {}}", "no JSON" },
        { "{raw: '{\"x\": 1, \"u\": \"ana\"}', expect: {user.name: ana}}", NULL },
        { "{raw: {x: 1, t: '2026-03-04T10:00:00+01:00'}, expect: {'@timestamp': '2026-03-04 09:00:00'}}", NULL },
        { "{raw: {x: 1, t: '2026-03-04T10:00:00+01:00'}, expect: {'@timestamp': 2026-03-04T09:00:01Z}}", "@timestamp" },
        { "{raw: {x: 1, t: soon}, expect: {'@timestamp': null}}", NULL },
        { "{raw: {x: 1, t: 'Dec 31 23:59:59'}, reference: '2026-01-01T00:00:10Z', expect: {'@timestamp': "
          "'2025-12-31T23:59:59Z'}}",
          NULL },
        { "{raw: {x: 1}, reference: soon, expect: {}}", "`reference`" },
};

Test(parsers_sample, verdicts)
{
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                char yaml[2048];
                const char *texts[] = { yaml };
                struct seen seen = { 0 };
                struct bench b;
                int r;

                snprintf(yaml, sizeof yaml, HEAD "samples:\n  - {name: it works, %s\n", cases[i].sample + 1);
                bench_open(&b, texts, 1);
                r = source_test(b.set, sourceset_get(b.set, 0), note, &seen);
                cr_expect(seen.n >= 1 && seen.n + seen.n_claims == 2);
                if (cases[i].says)
                        cr_expect(r >= 1 && !seen.is_ok && strstr(seen.what, cases[i].says), "%s: %s", cases[i].sample,
                                  seen.what);
                else
                        cr_expect(r == 0 && seen.is_ok, "%s: %s", cases[i].sample, seen.what);
                bench_close(&b);
        }
}

Test(parsers_sample, no_samples_fail)
{
        static const char *const texts[] = { HEAD };
        struct seen seen = { 0 };
        struct bench b;

        bench_open(&b, texts, 1);
        cr_expect(source_test(b.set, sourceset_get(b.set, 0), note, &seen) == 1 && !seen.is_ok);
        bench_close(&b);
}

Test(parsers_sample, two_sources_that_cannot_be_told_apart)
{
        static const char *const texts[] = {
                HEAD "samples: [{name: mine, raw: {x: 1, y: 2}, expect: {}}]\n",
                "name: b\nlogsource: {product: p}\nformat: json\nrecognise: {has: [x, y]}\nfields: {}\n",
        };
        struct seen seen = { 0 };
        struct bench b;

        bench_open(&b, texts, 2);
        cr_expect(source_test(b.set, sourceset_get(b.set, 0), note, &seen) == 2 && strstr(seen.what, "identify: sample mine claimed by b: "), "%s",
                  seen.what);
        bench_close(&b);
}

Test(parsers_sample, lines)
{
        static const char *const texts[] = {
                "name: web\nlogsource: {category: webserver}\nformat: regex\npatterns: [{name: p, regex: '^(?<ip>\\S+) "
                "(?<user>\\S+)$'}]\n"
                "fields: {source.ip: ip, user.name: user}\n"
                "samples:\n  - name: two\n    raw: |\n      192.0.2.1 a\n\n      192.0.2.1 a\n    expect: [{user.name: "
                "a}, {source.ip: 192.0.2.1}]\n",
        };
        struct seen seen = { 0 };
        struct bench b;

        bench_open(&b, texts, 1);
        cr_expect(source_test(b.set, sourceset_get(b.set, 0), note, &seen) == 0, "%s", seen.what);
        bench_close(&b);
}
