/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell sources coverage: what every source can show and what it cannot, how sure that is, how late its records come, and
 * how its log is switched on. As a page of Markdown (doc/sources.md is it) or as JSON. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/json_write.h"
#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/cli.h"

struct row {
        const struct source *source;
        struct source_coverage coverage;
        struct source_about about;
};

static const char page_head[] =
        "<!-- Made by `shopbell sources coverage`; a test fails when it is older than the source files. Do not edit it. -->\n"
        "# What the log sources can show\n"
        "\n"
        "Each number is how many values of the platform's action field the source file maps to that class: the distinct\n"
        "values that the `when` of the class's rows name for the fields which `event.action` is made of or chosen by (a value with a\n"
        "wildcard, or a part of one, counts once). **yes**: the class is told by other fields than the action.\n"
        "**no**: the platform's log has no such thing, the reason stands below. Empty: nobody knows that it has.\n";

/* ---- Markdown ---- */

static bool cannot(const struct row *row, const char *name)
{
        return row->about.cannot && yaml_get(row->about.cannot, name);
}

static void add_cell(struct strbuf *out, const struct row *row, enum class c)
{
        if (row->coverage.values[c] > 0)
                strbuf_addf(out, " %u |", row->coverage.values[c]);
        else
                strbuf_addf(out, " %s |", row->coverage.rows[c] > 0 ? "yes" : cannot(row, class_name(c)) ? "no" : "");
}

static void add_table(struct strbuf *out, const struct row *rows, size_t n)
{
        strbuf_addz(out, "\n| source |");
        for (size_t c = 0; c < _CLASS_MAX; c++)
                strbuf_addf(out, " %s |", class_name((enum class)c));
        strbuf_addz(out, "\n| --- |");
        for (size_t c = 0; c < _CLASS_MAX; c++)
                strbuf_addz(out, " --- |");
        strbuf_addc(out, '\n');
        for (size_t i = 0; i < n; i++) {
                strbuf_addf(out, "| [%s](#%s) |", source_name(rows[i].source), source_name(rows[i].source));
                for (size_t c = 0; c < _CLASS_MAX; c++)
                        add_cell(out, &rows[i], (enum class)c);
                strbuf_addc(out, '\n');
        }
}

static void add_logsource(struct strbuf *out, const struct logsource *l)
{
        const char *const parts[] = { l->product.p, l->category.p, l->service.p };
        const char *sep = "";

        for (size_t i = 0; i < ARRAY_LEN(parts); i++)
                if (parts[i]) {
                        strbuf_addf(out, "%s%s", sep, parts[i]);
                        sep = "/";
                }
}

static void add_facts(struct strbuf *out, const struct row *row)
{
        const struct source *s = row->source;
        char span[DURATION_BYTES];

        strbuf_addf(out, "Format %s; Sigma log source `", source_format(s));
        add_logsource(out, source_logsource(s));
        strbuf_addf(out, "`; trust: %s.", row->about.trust);
        if (source_lateness(s) > 0) {
                duration_format(source_lateness(s), span);
                strbuf_addf(out, " Records arrive up to %s late.", span);
        }
        if (source_silence(s) > 0) {
                duration_format(source_silence(s), span);
                strbuf_addf(out, " Silent for %s is an alert.", span);
        }
        if (row->about.about) {
                strbuf_addz(out, " Documented at ");
                text_markdown(out, str_of(row->about.about));
                strbuf_addz(out, " .");
        }
        strbuf_addc(out, '\n');
}

static void add_section(struct strbuf *out, const struct row *row)
{
        const struct yaml *no = row->about.cannot;

        strbuf_addf(out, "\n## %s\n\n**", source_name(row->source));
        text_markdown(out, str_of(source_title(row->source)));
        strbuf_addz(out, "**\n\n");
        add_facts(out, row);
        if (row->about.setup.p) {
                strbuf_addz(out, "\nSwitching it on: ");
                text_markdown(out, row->about.setup);
                strbuf_addc(out, '\n');
        }
        for (size_t i = 0; no && i < no->n; i++) {
                strbuf_addf(out, "%s- `" STR_FMT "`: ", i ? "" : "\nIt cannot show:\n", STR_ARG(no->pairs[i].key->text));
                text_markdown(out, no->pairs[i].value->text);
                strbuf_addc(out, '\n');
        }
        for (size_t i = 0; i < row->about.n_unconfirmed; i++) {
                strbuf_addz(out, i ? "- " : "\nNot confirmed by any page of the vendor:\n- ");
                text_markdown(out, row->about.unconfirmed[i]);
                strbuf_addc(out, '\n');
        }
}

static void add_page(struct strbuf *out, const struct row *rows, size_t n)
{
        strbuf_addz(out, page_head);
        add_table(out, rows, n);
        for (size_t i = 0; i < n; i++)
                add_section(out, &rows[i]);
}

/* ---- JSON ---- */

static void add_classes_json(struct json_writer *w, const struct source_coverage *c)
{
        json_key(w, "classes");
        json_begin(w, '{');
        for (size_t i = 0; i < _CLASS_MAX; i++) {
                if (c->rows[i] == 0)
                        continue;
                json_key(w, class_name((enum class)i));
                json_begin(w, '{');
                json_key(w, "values");
                json_int(w, c->values[i]);
                json_key(w, "rows");
                json_int(w, c->rows[i]);
                json_end(w, '}');
        }
        json_end(w, '}');
}

static void add_span(struct json_writer *w, const char *key, usec span)
{
        json_key(w, key);
        if (span > 0)
                json_int(w, span / USEC_PER_SEC);
        else
                json_null(w);
}

static void add_json(struct json_writer *w, const struct row *row)
{
        CLEANUP(strbuf_done) struct strbuf logsource = STRBUF_INIT;
        const struct yaml *no = row->about.cannot;
        const struct {
                const char *key;
                struct str text;
        } texts[] = {
                { "name", str_of(source_name(row->source)) }, { "title", str_of(source_title(row->source)) },
                { "about", str_of(row->about.about) },        { "format", str_of(source_format(row->source)) },
                { "trust", str_of(row->about.trust) },        { "setup", row->about.setup },
        };

        add_logsource(&logsource, source_logsource(row->source));
        json_begin(w, '{');
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                json_key(w, texts[i].key);
                json_str(w, texts[i].text);
        }
        json_key(w, "logsource");
        json_str(w, strbuf_str(&logsource));
        add_span(w, "lateness_seconds", source_lateness(row->source));
        add_span(w, "silence_seconds", source_silence(row->source));
        add_classes_json(w, &row->coverage);
        json_key(w, "cannot");
        json_begin(w, '{');
        for (size_t i = 0; no && i < no->n; i++) {
                json_key_str(w, no->pairs[i].key->text);
                json_str(w, no->pairs[i].value->text);
        }
        json_end(w, '}');
        json_key(w, "unconfirmed");
        json_begin(w, '[');
        for (size_t i = 0; i < row->about.n_unconfirmed; i++)
                json_str(w, row->about.unconfirmed[i]);
        json_end(w, ']');
        json_end(w, '}');
}

static void add_all_json(struct strbuf *out, const struct row *rows, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                struct json_writer w = JSON_WRITER(out);

                strbuf_addz(out, i ? ",\n" : "[\n");
                add_json(&w, &rows[i]);
        }
        strbuf_addz(out, "\n]\n");
}

/* ---- The command ---- */

static int by_name(const void *a, const void *b)
{
        const struct row *x = a, *y = b;

        return strcmp(source_name(x->source), source_name(y->source));
}

int cmd_sources_coverage(struct cli *cli, int argc, char **argv)
{
        CLEANUP(setup_done) struct setup setup = { 0 };
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        CLEANUP(memory_freep) struct row *rows = NULL;
        size_t n;

        (void)argc, (void)argv;
        if (cli_load(cli, false, &setup) != CLI_OK)
                return CLI_CANNOT;
        n = sourceset_count(setup.sources);
        rows = calloc(n + 1, sizeof *rows);
        for (size_t i = 0; rows && i < n; i++) {
                rows[i].source = sourceset_get(setup.sources, i);
                source_about(rows[i].source, &rows[i].about);
                if (source_coverage(rows[i].source, &rows[i].coverage) < 0)
                        return CLI_CANNOT;
        }
        if (rows)
                qsort(rows, n, sizeof *rows, by_name);
        if (rows && cli->format == FORMAT_JSON)
                add_all_json(&out, rows, n);
        else if (rows)
                add_page(&out, rows, n);
        if (!rows || strbuf_failed(&out)) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        fwrite(out.p, 1, out.n, stdout);
        return CLI_OK;
}
