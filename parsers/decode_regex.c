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

/* ---- Loading ---- */

static const char *const keys[] = { LINES_KEYS, "patterns", NULL };

static int load_groups(struct loader *l, struct pattern *p)
{
        size_t n = rx_named(p->regex);

        p->groups = load_alloc(l, n, sizeof *p->groups);
        if (!p->groups)
                return -ENOMEM;
        for (; p->n_groups < n; p->n_groups++) {
                struct pattern_group *g = &p->groups[p->n_groups];

                g->slot = source_want(l->source, rx_name(p->regex, p->n_groups, &g->group));
                if (g->slot == UINT32_MAX)
                        return -ENOMEM;
        }
        return 0;
}

static int load_pattern(struct loader *l, const struct yaml *y, struct pattern *p)
{
        static const char *const pattern_keys[] = { "name", "regex", "ignore", NULL };
        const struct yaml *ignore = yaml_get(y, "ignore");
        struct str text = STR_NONE;
        struct err why = { 0 };
        int r = load_keys(l, y, pattern_keys);

        if (r < 0)
                return r;
        if (!yaml_get(y, "name") || !yaml_get(y, "regex"))
                return load_error(l, y, "a pattern needs `name` and `regex`");
        r = load_text(l, yaml_get(y, "name"), "`name`", &p->name);
        if (r >= 0)
                r = load_text(l, yaml_get(y, "regex"), "`regex`", &text);
        if (r < 0)
                return r;
        if (ignore && ignore->kind != YAML_BOOL)
                return load_error(l, ignore, "`ignore` is true or false");
        p->is_ignored = ignore && ignore->flag;
        r = rx_compile(text, 0, &p->regex, &why);
        return r < 0 ? load_error(l, yaml_get(y, "regex"), "regex does not compile: %s", why.text) : load_groups(l, p);
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
                s->patterns[i].regex = rx_free(s->patterns[i].regex);
}

static unsigned regex_tests(const struct source *s)
{
        return lines_tests(s, 1);
}

/* ---- From text to a record ---- */

static int set_groups(struct parse *x, struct record *record, const struct pattern *p, struct str text)
{
        int r = lines_set(x, record, x->source->pattern_slot, p->name);

        for (size_t i = 0; i < p->n_groups && r >= 0; i++)
                if (!record->slots[p->groups[i].slot].is_present)
                        r = lines_set(x, record, p->groups[i].slot,
                                     rx_group(x->parser->regex, text, p->groups[i].group));
        return r;
}

/* LINE_FITS: a pattern matched and its groups are set; 0: none did. */
static int match_patterns(struct parse *x, struct record *record, struct str text)
{
        for (size_t i = 0; i < x->source->n_patterns; i++) {
                const struct pattern *p = &x->source->patterns[i];
                int r;

                if (!rx_match(p->regex, text, true, x->parser->regex, x->counters))
                        continue;
                r = set_groups(x, record, p, text);
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
