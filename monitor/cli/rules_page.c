/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell rules list -o md: all rules on one page (doc/rules.md is it): what there is for each class, from which log source,
 * at which level; then how many rules each log source has. */

#include "monitor/cli/rules_page.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"

enum { CHAIN_MAX = 64 }; /* correlations over correlations that are followed */
enum { OTHER = _CLASS_MAX }; /* rules without a class */

struct page_row {
        size_t rule;
        const struct sigma_rule *is;
        struct strbuf source; /* "every platform", "aws/cloudtrail" */
        bool classes[_CLASS_MAX + 1];
};

struct page {
        const struct setup *setup;
        const struct paths *folders;
        struct strbuf *out;
        struct page_row *rows; /* of rules that alert, sorted; behind them those that only feed others */
        size_t n, n_alerting;
};

static const char page_head[] =
        "<!-- Made by `shopbell rules list -o md`; a test fails when it is older than the rules. Do not edit it. -->\n"
        "# The rules\n"
        "\n"
        "critical: money, customers or the log are going out of the door; high: now; medium: today; low: quiet, worth a look in the\n"
        "weekly list. A rule stands under each class it speaks of; *every platform* means every log source that shows the class (see\n"
        "[sources.md](sources.md)).\n";

/* ---- Text ---- */

/* The first sentence of the description; a full stop inside of brackets or quotes ends none. */
static struct str first_sentence(const struct sigma_rule *rule)
{
        struct str text = rule->description.n ? str_trim(rule->description) : rule->title;

        for (size_t i = 0; i + 1 < text.n; i++)
                if (text.p[i] == '.' && (text.p[i + 1] == ' ' || text.p[i + 1] == '\n'))
                        return str_from(text.p, i + 1);
        return text;
}

/* The rule's file below the folder that was given. */
static struct str short_file(const struct page *p, const struct sigma_rule *rule)
{
        struct str file = str_of(rule->file);

        for (size_t i = 0; i < p->folders->n; i++) {
                struct str folder = str_of(p->folders->items[i]);

                if (str_starts(file, folder) && file.n > folder.n) {
                        file = str_from(file.p + folder.n, file.n - folder.n);
                        while (file.n > 0 && file.p[0] == '/')
                                file = str_from(file.p + 1, file.n - 1);
                        break;
                }
        }
        return file;
}

/* ---- Log sources and classes of a rule ---- */

static void add_logsource(struct strbuf *out, const struct logsource *l)
{
        const struct str parts[] = { l->product, l->category, l->service };
        CLEANUP(strbuf_done) struct strbuf name = STRBUF_INIT;

        if (logsource_is_generic(l))
                strbuf_addz(&name, "every platform");
        for (size_t i = 0; i < ARRAY_LEN(parts) && !logsource_is_generic(l); i++)
                if (parts[i].p)
                        strbuf_addf(&name, "%s" STR_FMT, name.n ? "/" : "", STR_ARG(parts[i]));
        if (str_find(strbuf_str(out), strbuf_str(&name)) == SIZE_MAX)
                strbuf_addf(out, "%s%s", out->n ? ", " : "", name.p ? name.p : "");
}

static void add_classes(bool *classes, const struct sigma_rule *rule)
{
        enum class own = rule->kind == SIGMA_RULE && logsource_is_generic(&rule->logsource) && rule->logsource.category.p
                                 ? class_find(rule->logsource.category)
                                 : _CLASS_MAX;

        for (size_t i = 0; i < rule->n_classes; i++)
                classes[class_find(rule->classes[i])] = true;
        if (rule->n_classes == 0 && own != _CLASS_MAX)
                classes[own] = true;
}

static bool has_classes(const struct page_row *row)
{
        for (size_t c = 0; c < _CLASS_MAX; c++)
                if (row->classes[c])
                        return true;
        return false;
}

/* What the rules that a correlation is made of look at; their classes where it has none of its own. */
static void look_into(const struct page *p, struct page_row *row, size_t rule, bool wants_classes, unsigned depth)
{
        const struct sigma_rule *is = ruleset_rule(p->setup->rules, rule);
        const uint32_t *members;
        size_t n = ruleset_members(p->setup->rules, rule, &members);

        if (wants_classes)
                add_classes(row->classes, is);
        if (is->kind == SIGMA_RULE)
                add_logsource(&row->source, &is->logsource);
        wants_classes = wants_classes && !has_classes(row);
        for (size_t i = 0; i < n && depth < CHAIN_MAX; i++)
                look_into(p, row, members[i], wants_classes, depth + 1);
}

/* ---- Rows ---- */

static bool is_everywhere(const struct page_row *row)
{
        return str_starts(strbuf_str(&row->source), STR("every platform"));
}

static int by_source(const void *a, const void *b)
{
        const struct page_row *x = a, *y = b;
        int k = (int)is_everywhere(y) - (int)is_everywhere(x);

        if (k == 0)
                k = str_cmp(strbuf_str(&x->source), strbuf_str(&y->source));
        if (k == 0)
                k = (int)y->is->level - (int)x->is->level;
        if (k == 0)
                k = str_cmp(x->is->title, y->is->title);
        return k ? k : str_cmp(x->is->label, y->is->label);
}

static int collect(struct page *p)
{
        size_t n = ruleset_count(p->setup->rules);

        p->rows = calloc(n + 1, sizeof *p->rows);
        if (!p->rows)
                return -ENOMEM;
        for (int feeding = 0; feeding < 2; feeding++) {
                size_t begun = p->n;

                for (size_t i = 0; i < n; i++) {
                        const struct sigma_rule *rule = ruleset_rule(p->setup->rules, i);
                        struct page_row *row = &p->rows[p->n];

                        if (rule->is_off || ruleset_alerts(p->setup->rules, i) == feeding)
                                continue;
                        *row = (struct page_row){ .rule = i, .is = rule, .source = STRBUF_INIT };
                        look_into(p, row, i, true, 0);
                        row->classes[OTHER] = !has_classes(row);
                        p->n++;
                }
                qsort(p->rows + begun, p->n - begun, sizeof *p->rows, by_source);
                if (!feeding)
                        p->n_alerting = p->n;
        }
        return 0;
}

/* ---- Tables ---- */

static const char *class_title(size_t c)
{
        return c == OTHER ? "other" : class_name((enum class)c);
}

static void add_row(struct page *p, const struct page_row *row, bool with_level)
{
        if (with_level)
                strbuf_addf(p->out, "| %s ", level_name(row->is->level));
        strbuf_addz(p->out, "| ");
        text_markdown(p->out, row->is->title);
        strbuf_addz(p->out, " | ");
        text_markdown(p->out, strbuf_str(&row->source));
        strbuf_addz(p->out, " | ");
        text_markdown(p->out, first_sentence(row->is));
        strbuf_addz(p->out, " | ");
        text_markdown(p->out, short_file(p, row->is));
        strbuf_addz(p->out, " |\n");
}

static void add_class(struct page *p, size_t c)
{
        bool is_first = true;

        for (size_t i = 0; i < p->n_alerting; i++) {
                if (!p->rows[i].classes[c])
                        continue;
                if (is_first)
                        strbuf_addf(p->out,
                                    "\n## %s\n\n| level | rule | log source | what it tells | file |\n| --- | --- | --- | --- | --- |\n",
                                    class_title(c));
                is_first = false;
                add_row(p, &p->rows[i], true);
        }
}

static void add_feeding(struct page *p)
{
        if (p->n == p->n_alerting)
                return;
        strbuf_addz(p->out, "\n## Rules that only feed others\n\nThey tell nothing by themselves; rules that look at hits over time count "
                            "theirs.\n\n| rule | log source | what it looks for | file |\n| --- | --- | --- | --- |\n");
        for (size_t i = p->n_alerting; i < p->n; i++)
                add_row(p, &p->rows[i], false);
}

static void add_counts(struct strbuf *out, const size_t *by_level)
{
        for (size_t l = _LEVEL_MAX; l-- > LEVEL_LOW;)
                if (by_level[l] > 0)
                        strbuf_addf(out, " %zu |", by_level[l]);
                else
                        strbuf_addz(out, "  |");
        strbuf_addc(out, '\n');
}

static void add_overview(struct page *p)
{
        strbuf_addf(p->out, "\n%zu rules tell of something, %zu more only feed them.\n\n", p->n_alerting, p->n - p->n_alerting);
        strbuf_addz(p->out, "| class | critical | high | medium | low |\n| --- | --- | --- | --- | --- |\n");
        for (size_t c = 0; c <= _CLASS_MAX; c++) {
                size_t by_level[_LEVEL_MAX] = { 0 };
                bool is_there = c < _CLASS_MAX;

                for (size_t i = 0; i < p->n_alerting; i++)
                        if (p->rows[i].classes[c]) {
                                by_level[p->rows[i].is->level]++;
                                is_there = true;
                        }
                if (!is_there)
                        continue;
                strbuf_addf(p->out, "| [%s](#%s) |", class_title(c), class_title(c));
                add_counts(p->out, by_level);
        }
}

/* ---- By log source ---- */

static bool shows_any(const struct source_coverage *coverage, const struct page_row *row)
{
        bool is_any = row->classes[OTHER];

        for (size_t c = 0; c < _CLASS_MAX && !is_any; c++)
                is_any = row->classes[c] && coverage->rows[c] > 0;
        return is_any;
}

/* Can a record of the source lead to it? A rule for every platform needs a class that the source shows. */
static bool can_tell(const struct page *p, size_t rule, size_t source, const struct source_coverage *coverage, unsigned depth)
{
        const struct sigma_rule *is = ruleset_rule(p->setup->rules, rule);
        struct page_row row = { .rule = rule };
        const uint32_t *members;
        size_t n = ruleset_members(p->setup->rules, rule, &members);

        if (is->kind == SIGMA_RULE) {
                if (!ruleset_applies(p->setup->rules, rule, source) || !logsource_is_generic(&is->logsource))
                        return ruleset_applies(p->setup->rules, rule, source);
                add_classes(row.classes, is);
                row.classes[OTHER] = !has_classes(&row);
                return shows_any(coverage, &row);
        }
        for (size_t i = 0; i < n && depth < CHAIN_MAX; i++)
                if (can_tell(p, members[i], source, coverage, depth + 1))
                        return true;
        return false;
}

struct source_row {
        const char *name;
        size_t by_level[_LEVEL_MAX];
};

static int by_name(const void *a, const void *b)
{
        const struct source_row *x = a, *y = b;

        return strcmp(x->name, y->name);
}

static int add_sources(struct page *p)
{
        size_t n = sourceset_count(p->setup->sources);
        CLEANUP(memory_freep) struct source_row *rows = calloc(n + 1, sizeof *rows);
        struct source_coverage coverage;

        if (!rows)
                return -ENOMEM;
        for (size_t s = 0; s < n; s++) {
                const struct source *source = sourceset_get(p->setup->sources, s);

                rows[s].name = source_name(source);
                if (source_coverage(source, &coverage) < 0)
                        return -ENOMEM;
                for (size_t i = 0; i < p->n_alerting; i++)
                        rows[s].by_level[p->rows[i].is->level] += can_tell(p, p->rows[i].rule, s, &coverage, 0);
        }
        qsort(rows, n, sizeof *rows, by_name);
        strbuf_addz(p->out, "\n## By log source\n\nHow many rules can tell of something in it, those for every platform included.\n\n"
                            "| log source | critical | high | medium | low |\n| --- | --- | --- | --- | --- |\n");
        for (size_t s = 0; s < n; s++) {
                strbuf_addf(p->out, "| [%s](sources.md#%s) |", rows[s].name, rows[s].name);
                add_counts(p->out, rows[s].by_level);
        }
        return 0;
}

int rules_page(const struct setup *setup, const struct paths *folders, struct strbuf *out)
{
        struct page p = { .setup = setup, .folders = folders, .out = out };
        int r = collect(&p);

        if (r >= 0) {
                strbuf_addz(out, page_head);
                add_overview(&p);
                for (size_t c = 0; c <= _CLASS_MAX; c++)
                        add_class(&p, c);
                add_feeding(&p);
                r = add_sources(&p);
        }
        for (size_t i = 0; p.rows && i < p.n; i++) {
                out->failed |= strbuf_failed(&p.rows[i].source);
                strbuf_done(&p.rows[i].source);
        }
        free(p.rows);
        return r < 0 || strbuf_failed(out) ? -ENOMEM : 0;
}
