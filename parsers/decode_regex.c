/* SPDX-License-Identifier: Apache-2.0 */

/* Format regex: lines of text that patterns take apart, and journal entries of the programs that write such lines.
 *
 *     header: syslog                      # this and more of parsers/lines.h
 *     patterns:
 *       - {name: accepted, regex: '^Accepted (?<method>\S+) for (?<user>.*) from (?<ip>\S+) port \d+'}
 *       - {name: traffic, regex: '^\S+ ', ignore: true}          # lines that fit are counted, and no records
 *
 * Native fields: those of the header; the named groups of the first pattern that matches, and its name as `pattern`. */

#include <errno.h>

#include "parsers/decoder.h"
#include "parsers/lines.h"
#include "parsers/pattern.h"

/* ---- Loading ---- */

static const char *const keys[] = { LINES_KEYS, "patterns", NULL };

static int load_pattern(struct loader *l, const struct yaml *y, struct pattern *p)
{
        static const char *const pattern_keys[] = { "name", "regex", "ignore", NULL };
        const struct yaml *ignore = yaml_get(y, "ignore");
        int r = load_keys(l, y, pattern_keys);

        if (r < 0)
                return r;
        if (!yaml_get(y, "name") || !yaml_get(y, "regex"))
                return load_error(l, y, "a pattern needs `name` and `regex`");
        r = load_text(l, yaml_get(y, "name"), "`name`", &p->name);
        if (r >= 0 && ignore && ignore->kind != YAML_BOOL)
                return load_error(l, ignore, "`ignore` is true or false");
        p->is_ignored = ignore && ignore->flag;
        return r < 0 ? r : pattern_load(l, yaml_get(y, "regex"), p);
}

static int load_patterns(struct loader *l, const struct yaml *y)
{
        struct source *s = l->source;
        int r = 0;

        if (y->kind != YAML_LIST || y->n == 0)
                return load_error(l, y, "`patterns` must be a list of {name: …, regex: …}");
        s->patterns = load_alloc(l, y->n, sizeof *s->patterns);
        if (!s->patterns)
                return -ENOMEM;
        while (s->n_patterns < y->n && r >= 0) {
                struct pattern *p = &s->patterns[s->n_patterns++];

                r = load_pattern(l, y->items[s->n_patterns - 1], p);
        }
        return r;
}

static int regex_load(struct loader *l, const struct yaml *doc)
{
        const struct yaml *patterns = yaml_get(doc, "patterns");
        struct source *s = l->source;
        int r;

        if (!patterns)
                return load_error(l, doc, "`patterns` is missing: it says what the lines look like");
        r = lines_load_header(l, doc, false);
        s->pattern_slot = source_want(s, STR("pattern"));
        if (r >= 0)
                r = load_patterns(l, patterns);
        return r < 0 ? r : lines_load_rest(l, doc);
}

static void regex_done(struct source *s)
{
        lines_done(s);
        for (size_t i = 0; i < s->n_patterns; i++)
                pattern_done(&s->patterns[i]);
}

static unsigned regex_tests(const struct source *s)
{
        return lines_tests(s, 1);
}

/* ---- From text to a record ---- */

/* LINE_FITS: a pattern matched and its groups are set; 0: none did. */
static int match_patterns(struct parse *x, struct record *record, struct str text)
{
        for (size_t i = 0; i < x->source->n_patterns; i++) {
                const struct pattern *p = &x->source->patterns[i];
                int r;

                if (!pattern_matches(x, p, text))
                        continue;
                r = lines_set(x, record, x->source->pattern_slot, p->name);
                if (r >= 0)
                        r = pattern_set(x, record, p, text);
                return r < 0 ? r : p->is_ignored ? LINE_IGNORED : LINE_FITS;
        }
        return 0;
}

static const struct line_format format = {
        .fits = "fits one of its patterns",
        .misfit = "fits no pattern of its log source",
        .read = match_patterns,
};

const struct decoder decoder_regex = {
        .name = "regex",
        .keys = keys,
        .lines = &format,
        .load = regex_load,
        .freeze = lines_freeze,
        .done = regex_done,
        .tests = regex_tests,
        .decode = lines_decode,
};
