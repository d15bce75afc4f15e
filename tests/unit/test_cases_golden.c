/* SPDX-License-Identifier: Apache-2.0 */

/* The drafts of each law, to its authority and to people, beside those in tests/drafts: confirmed with everything known, and under
 * investigation with almost nothing. `make golden-drafts` writes them anew; whoever does reads what has changed. */

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "monitor/base/file.h"
#include "tests/unit/drafts_util.h"

/* The regime's first language that we have, else English. */
static const struct template *own_language(const struct regime *r)
{
        for (size_t i = 0; i < r->n_languages; i++)
                if (template_find(&words, r->languages[i]))
                        return template_find(&words, r->languages[i]);
        return template_find(&words, STR("en"));
}

static void write_one(const struct regime *r, enum draft_audience to, enum draft_stage stage, struct strbuf *out)
{
        struct casefile c;
        struct draft_request q = { .regime = r, .template = own_language(r), .to = to, .stage = stage, .channel = _DRAFT_CHANNEL_MAX, .now = NOW, .file = &c };
        struct err err = { 0 };

        n_entries = 0;
        if (stage == DRAFT_CONFIRMED)
                add_everything();
        else
                add_nothing();
        c = fold();
        strbuf_addf(out, "==== %s, %s ====\n", draft_audience_name(to), draft_stage_name(stage));
        cr_assert_eq(draft_print(&q, DRAFT_AS_TEXT, out, &err), 0, "%s", err.text);
        strbuf_addc(out, '\n');
}

static void read_file(const char *path, struct strbuf *out)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        char buf[4096];
        ssize_t n;

        if (fd < 0)
                return;
        while ((n = read(fd, buf, sizeof buf)) > 0)
                strbuf_add(out, str_from(buf, (size_t)n));
        close(fd);
}

static void compare(const char *path, struct str is)
{
        CLEANUP(strbuf_done) struct strbuf was = STRBUF_INIT;
        struct str a, b, line_a = STR_NONE, line_b = STR_NONE;

        if (getenv("SHOPBELL_GOLDEN_UPDATE")) {
                cr_assert_eq(file_replace(path, 0644, is), 0, "%s", path);
                return;
        }
        read_file(path, &was);
        a = strbuf_str(&was);
        b = is;
        while (str_eq(line_a, line_b) && a.p && b.p) {
                str_cut(&a, '\n', &line_a);
                str_cut(&b, '\n', &line_b);
        }
        cr_expect(str_eq(strbuf_str(&was), is), "%s: was\n  " STR_FMT "\nis\n  " STR_FMT "\n(make golden-drafts, and read the difference)", path,
                  STR_ARG(line_a), STR_ARG(line_b));
}

Test(cases_golden, drafts_are_as_they_were, .init = load, .fini = unload)
{
        cr_assert_gt(laws.n, 22);
        for (size_t i = 0; i < laws.n; i++) {
                CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT, path = STRBUF_INIT;
                const struct regime *r = &laws.items[i];
                enum draft_audience first = r->is_contract ? DRAFT_PARTNER : DRAFT_AUTHORITY;

                write_one(r, first, DRAFT_CONFIRMED, &out);
                write_one(r, first, DRAFT_INVESTIGATING, &out);
                if (!r->is_contract) {
                        write_one(r, DRAFT_PEOPLE, DRAFT_CONFIRMED, &out);
                        write_one(r, DRAFT_PEOPLE, DRAFT_INVESTIGATING, &out);
                }
                strbuf_addf(&path, "%s/tests/drafts/" STR_FMT ".txt", getenv("SHOPBELL_SRCDIR"), STR_ARG(r->id));
                compare(path.p, strbuf_str(&out));
        }
}
