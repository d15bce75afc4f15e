/* SPDX-License-Identifier: Apache-2.0 */

/* Rule files: one or more YAML documents, each a rule or a correlation, with the legacy `action` documents that are
 * merged into their neighbours (Sigma digest, Documents). One bad document does not stop the others. */

#include "monitor/sigma/document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/sigma/expand.h"

int document_fail(struct document *d, const struct yaml *at, const char *fmt, ...)
{
        char text[ERR_TEXT_BYTES];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        return err_at(d->err, -EBADMSG, d->file, at->line, at->col, "%s", text);
}

void document_remark(struct document *d, const struct yaml *at, const char *fmt, ...)
{
        struct err remark = { 0 };
        char text[ERR_TEXT_BYTES];
        va_list ap;

        if (!d->remarks)
                return;
        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        err_at(&remark, 0, d->file, at->line, at->col, "%s", text);
        err_list_add(d->remarks, &remark);
}

int document_texts(struct document *d, const struct yaml *value, const char *what, struct str **ret, size_t *ret_n)
{
        bool is_list = value->kind == YAML_LIST;
        size_t n = is_list ? value->n : 1;
        struct str *texts = arena_array(d->arena, n, sizeof *texts);

        if (!texts)
                return -ENOMEM;
        if (n == 0)
                return document_fail(d, value, "%s: an empty list", what);
        for (size_t i = 0; i < n; i++) {
                const struct yaml *one = is_list ? value->items[i] : value;

                if (!yaml_is_scalar(one) || one->kind == YAML_NULL)
                        return document_fail(d, one, "%s: %s where a text belongs", what, yaml_kind_name(one));
                texts[i] = one->text;
        }
        *ret = texts;
        *ret_n = n;
        return 0;
}

/* ---- One rule ---- */

static struct str text_of(const struct yaml *doc, const char *key)
{
        const struct yaml *value = yaml_get(doc, key);

        return value && yaml_is_scalar(value) && value->kind != YAML_NULL ? value->text : STR_NONE;
}

static int read_logsource(struct document *d, const struct yaml *doc, struct logsource *ret)
{
        const struct yaml *map = yaml_get(doc, "logsource");

        if (!map || map->kind != YAML_MAP)
                return document_fail(d, map ? map : doc,
                                     "no logsource; add  logsource: {product: aws, service: cloudtrail}");
        *ret = (struct logsource){
                .product = text_of(map, "product"),
                .category = text_of(map, "category"),
                .service = text_of(map, "service"),
        };
        if (!ret->product.p && !ret->category.p && !ret->service.p)
                return document_fail(d, map, "the logsource names no product, category or service");
        return 0;
}

static int read_level(struct document *d, const struct yaml *doc, struct sigma_rule *rule)
{
        const struct yaml *value = yaml_get(doc, "level");

        rule->level = LEVEL_MEDIUM;
        if (!value || value->kind == YAML_NULL)
                return 0;
        rule->level = yaml_is_scalar(value) ? level_find(value->text) : _LEVEL_MAX;
        rule->has_level = true;
        if (rule->level == _LEVEL_MAX)
                return document_fail(d, value, "unknown level: write informational, low, medium, high or critical");
        return 0;
}

static int read_head(struct document *d, const struct yaml *doc, struct sigma_rule *rule)
{
        rule->id = text_of(doc, "id");
        rule->title = text_of(doc, "title");
        rule->name = text_of(doc, "name");
        rule->description = text_of(doc, "description");
        rule->author = text_of(doc, "author");
        rule->date = text_of(doc, "date");
        rule->status = text_of(doc, "status");
        rule->label = rule->id.p ? rule->id : rule->title;
        if (!rule->title.p)
                return document_fail(d, doc, "no title; add  title: what happened, in a few words");
        if (rule->status.p && (str_eqz(rule->status, "deprecated") || str_eqz(rule->status, "unsupported"))) {
                rule->is_off = !d->options || !d->options->with_deprecated;
                document_remark(d, yaml_get(doc, "status"),
                                rule->is_off ? "status %s: the rule is loaded, but off; --with-deprecated turns it on"
                                             : "status %s: the rule is on because it was asked for",
                                rule->status.p);
        }
        return read_level(d, doc, rule);
}

static bool has_modifier(struct str key, const char *name)
{
        struct str word;

        str_cut(&key, '|', &word); /* the field */
        while (str_cut(&key, '|', &word))
                if (str_eqz(word, name))
                        return true;
        return false;
}

/* "all" over one value says nothing; "expand" has its own. */
static void remark_all(struct document *d, const struct yaml *node)
{
        for (size_t i = 0; node->kind == YAML_LIST && i < node->n; i++)
                remark_all(d, node->items[i]);
        for (size_t i = 0; node->kind == YAML_MAP && i < node->n; i++) {
                const struct yaml *key = node->pairs[i].key, *value = node->pairs[i].value;

                if (has_modifier(key->text, "all") && (value->kind != YAML_LIST || value->n == 1))
                        document_remark(d, key, "all over a single value changes nothing: leave it out");
                if (has_modifier(key->text, "expand"))
                        expand_remark(d, value);
                remark_all(d, value);
        }
}

/* A placeholder without a list turns the rule off, which is no mistake of the rule. */
static void remark_lacking(struct document *d, struct sigma_rule *rule)
{
        struct str lacking = rule->detection->lacking, first, rest = lacking;
        bool is_many = str_find(lacking, STR(",")) != SIZE_MAX;

        if (lacking.n == 0)
                return;
        rule->is_off = true;
        str_cut(&rest, ',', &first);
        document_remark(d, rule->detection->lacking_at,
                        "expand: the %s is off, since no values are given for the placeholder%s " STR_FMT
                        "; write in shopbell.yml  placeholders: {" STR_FMT ": [VALUE, …]%s}",
                        rule->kind == SIGMA_FILTER ? "filter" : "rule", is_many ? "s" : "", STR_ARG(lacking),
                        STR_ARG(first), is_many ? ", …" : "");
}

/* The rule's detection goes to a rule of its own, whose hits the rule, now a correlation, counts. The tests of single
 * records go with it, those of alerts stay. */
static int translate_pipe(struct document *d, const struct yaml *section, struct sigma_rule *rule)
{
        struct sigma_correlation *c = rule->detection->pipe;
        struct sigma_rule *base = arena_alloc(d->arena, sizeof *base);
        size_t n_raise = 0;

        c->section = section;
        c->base = base;
        c->n_rules = 1;
        c->rules = arena_array(d->arena, 1, sizeof *c->rules);
        c->rules_at = arena_array(d->arena, 1, sizeof *c->rules_at);
        if (!base || !c->rules || !c->rules_at)
                return -ENOMEM;
        *base = *rule;
        base->id = base->name = STR_NONE;
        base->label = arena_printf(d->arena, STR_FMT "/records", STR_ARG(rule->label));
        base->title = arena_printf(d->arena, STR_FMT " (the records it counts)", STR_ARG(rule->title));
        base->is_base = true;
        base->n_tests = 0;
        base->tests = arena_array(d->arena, rule->n_tests, sizeof *base->tests);
        if (!base->label.p || !base->title.p || !base->tests)
                return -ENOMEM;
        for (size_t i = 0; i < rule->n_tests; i++) {
                if (rule->tests[i].expect == SIGMA_TEST_RAISE)
                        rule->tests[n_raise++] = rule->tests[i];
                else
                        base->tests[base->n_tests++] = rule->tests[i];
        }
        rule->n_tests = n_raise;
        c->rules[0] = base->label;
        c->rules_at[0] = c->type_at;
        rule->kind = SIGMA_CORRELATION;
        rule->correlation = c;
        rule->detection = NULL;
        document_remark(d, c->type_at, "condition: what stands behind `|` is of Sigma 1 and was translated to  %s",
                        c->translation.p);
        return 0;
}

static int read_detection(struct document *d, const struct yaml *doc, const struct yaml *section,
                          struct sigma_rule *rule)
{
        int r = read_logsource(d, doc, &rule->logsource);

        if (r < 0)
                return r;
        r = sigma_detection_compile(d->arena, section, d->file, d->options, &rule->detection, d->err);
        if (r < 0)
                return r;
        if (yaml_get(section, "timeframe") && !rule->detection->pipe)
                document_remark(d, yaml_get(section, "timeframe"),
                                "timeframe is of Sigma 1 and ignored: write a correlation");
        remark_lacking(d, rule);
        remark_all(d, section);
        return rule->detection->pipe ? translate_pipe(d, section, rule) : 0;
}

static int read_filter(struct document *d, const struct yaml *doc, const struct yaml *section, struct sigma_rule *rule)
{
        int r = read_logsource(d, doc, &rule->logsource);

        rule->kind = SIGMA_FILTER;
        if (r >= 0)
                r = filter_read(d, section, rule);
        if (r < 0)
                return r;
        remark_lacking(d, rule);
        remark_all(d, section);
        return 0;
}

static int read_body(struct document *d, const struct yaml *doc, struct sigma_rule *rule)
{
        const struct yaml *section = yaml_get(doc, "correlation");

        if (section) {
                rule->kind = SIGMA_CORRELATION;
                return correlation_read(d, section, &rule->correlation);
        }
        section = yaml_get(doc, "detection");
        if (section)
                return read_detection(d, doc, section, rule);
        section = yaml_get(doc, "filter");
        if (section)
                return read_filter(d, doc, section, rule);
        return document_fail(d, doc, "no detection, correlation or filter: is this a rule?");
}

static int set_digests(const struct yaml *doc, struct sigma_rule *rule)
{
        static const char *const keys[] = { "logsource", "detection", "correlation", "filter" };
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct str all;

        for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
                const struct yaml *section = yaml_get(doc, keys[i]);

                if (section)
                        yaml_to_json(section, &text);
                strbuf_addc(&text, '\n');
        }
        all = strbuf_str(&text);
        rule->sections = hash128_of(&all, 1);
        strbuf_clear(&text);
        yaml_to_json(doc, &text);
        all = strbuf_str(&text);
        rule->whole = hash128_of(&all, 1);
        return strbuf_failed(&text) ? -ENOMEM : 0;
}

static int read_rule(struct document *d, const struct yaml *doc, struct sigma_rule **ret)
{
        struct sigma_rule *rule = arena_alloc(d->arena, sizeof *rule);
        int r;

        if (!rule)
                return -ENOMEM;
        *rule = (struct sigma_rule){ .kind = SIGMA_RULE, .file = d->file, .line = doc->line, .doc = doc };
        if (doc->kind != YAML_MAP)
                return document_fail(d, doc, "%s where a rule belongs", yaml_kind_name(doc));
        r = read_head(d, doc, rule);
        if (r >= 0)
                r = attributes_read(d, doc, rule);
        if (r >= 0)
                r = set_digests(doc, rule);
        if (r >= 0)
                r = read_body(d, doc, rule);
        if (r < 0)
                return r;
        *ret = rule;
        return 0;
}

/* ---- action: global, reset, repeat ---- */

/* `base` with the pairs of `change` put in, maps merged. NULL: out of memory. */
static const struct yaml *merge(struct arena *arena, const struct yaml *base, const struct yaml *change)
{
        struct yaml *out;

        if (!base || base->kind != YAML_MAP || change->kind != YAML_MAP)
                return change;
        out = arena_alloc(arena, sizeof *out);
        if (!out)
                return NULL;
        *out = *change;
        out->n = 0;
        out->pairs = arena_array(arena, base->n + change->n, sizeof *out->pairs);
        if (!out->pairs)
                return NULL;
        for (size_t i = 0; i < base->n; i++) {
                const struct yaml *other = yaml_get(change, base->pairs[i].key->text.p);

                out->pairs[out->n] = base->pairs[i];
                if (other)
                        out->pairs[out->n].value = merge(arena, base->pairs[i].value, other);
                if (!out->pairs[out->n++].value)
                        return NULL;
        }
        for (size_t i = 0; i < change->n; i++)
                if (!yaml_get(base, change->pairs[i].key->text.p))
                        out->pairs[out->n++] = change->pairs[i];
        return out;
}

struct actions {
        const struct yaml *common, *previous;
};

/* Carries an `action` out. *ret becomes the rule to read, or NULL. */
static int apply_action(struct document *d, struct actions *a, const struct yaml *doc, const struct yaml **ret)
{
        struct str action = text_of(doc, "action");

        *ret = NULL;
        if (str_eqz(action, "global")) {
                a->common = merge(d->arena, a->common, doc);
                return a->common ? 0 : -ENOMEM;
        }
        if (str_eqz(action, "reset")) {
                a->common = NULL;
                return 0;
        }
        if (action.p && !str_eqz(action, "repeat"))
                return document_fail(d, yaml_get(doc, "action"), "unknown action: write global, reset or repeat");
        a->previous = merge(d->arena, action.p ? a->previous : a->common, doc);
        *ret = a->previous;
        return a->previous ? 0 : -ENOMEM;
}

/* ---- Files ---- */

static void add_error(struct err_list *errors, struct err *err, int code, const char *file)
{
        if (err->code == 0)
                err_at(err, code, file, 0, 0, "out of memory");
        else if (err->file[0] == '\0')
                snprintf(err->file, sizeof err->file, "%s", file);
        if (errors)
                err_list_add(errors, err);
}

static void add_rule(struct sigma_file *f, struct sigma_rule *rule)
{
        if (rule->correlation && rule->correlation->base)
                f->rules[f->n++] = rule->correlation->base;
        f->rules[f->n++] = rule;
}

/* Takes a rule into the file. `action: global` can make very much of a small one. */
static int take_rule(struct document *d, struct sigma_file *f, const struct yaml *doc, struct sigma_rule *rule,
                     size_t *n_tests)
{
        struct sigma_rule *base = rule->correlation ? rule->correlation->base : NULL;
        struct sigma_detection *detection = base ? base->detection : rule->detection;

        *n_tests += detection ? detection->n_tests : 0;
        if (*n_tests > SIGMA_FILE_TESTS_MAX) {
                sigma_detection_done(detection);
                return document_fail(
                        d, doc,
                        "more than %d values in all rules of this file: this rule and those behind it are left "
                        "out; put them into another file",
                        SIGMA_FILE_TESTS_MAX);
        }
        add_rule(f, rule);
        return 0;
}

static void read_documents(struct sigma_file *f, const struct sigma_options *options, struct err_list *errors,
                           struct err_list *remarks)
{
        struct actions actions = { 0 };
        size_t n_bad = 0, n_tests = 0;

        for (size_t i = 0; i < f->yaml->n && n_tests <= SIGMA_FILE_TESTS_MAX; i++) {
                struct err err = { 0 };
                struct document d = { f->arena, f->name, options, remarks, &err };
                const struct yaml *doc = NULL;
                struct sigma_rule *rule = NULL;
                int r = apply_action(&d, &actions, f->yaml->docs[i], &doc);

                if (r >= 0 && doc)
                        r = read_rule(&d, doc, &rule);
                if (rule)
                        r = take_rule(&d, f, f->yaml->docs[i], rule, &n_tests);
                if (r < 0)
                        add_error(errors, &err, r, f->name);
                n_bad += r < 0;
        }
        if (f->n == 0 && n_bad == 0) {
                struct err err = { 0 };

                err_set(&err, -EBADMSG, "there is no rule in this file");
                add_error(errors, &err, -EBADMSG, f->name);
        }
}

/* ---- Letting go of the YAML ---- */

/* Published rules come by thousands, and all that is needed of their files is compiled. */
static bool needs_document(const struct sigma_rule *rule)
{
        return rule->kind != SIGMA_RULE || rule->is_base || rule->n_tests > 0 || rule->n_classes > 0 || rule->n_playbook > 0 ||
               rule->inhibits.n > 0 || rule->sentence.p || logsource_is_generic(&rule->logsource);
}

static int keep_text(struct arena *arena, struct str *text)
{
        if (!text->p)
                return 0;
        *text = arena_dup(arena, *text);
        return text->p ? 0 : -ENOMEM;
}

static int detach(struct sigma_file *f, struct sigma_rule *rule)
{
        struct str *const texts[] = { &rule->id, &rule->title, &rule->name, &rule->description, &rule->author, &rule->date,
                                      &rule->status, &rule->logsource.product, &rule->logsource.category,
                                      &rule->logsource.service };

        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                if (keep_text(f->arena, texts[i]) < 0)
                        return -ENOMEM;
        rule->label = rule->id.p ? rule->id : rule->title;
        rule->doc = rule->detection->lacking_at = NULL;
        return 0;
}

static int drop_documents(struct sigma_file *f)
{
        int r = 0;

        if (f->yaml->n > 1)
                return 0;
        for (size_t i = 0; i < f->n; i++)
                if (needs_document(f->rules[i]))
                        return 0;
        for (size_t i = 0; i < f->n && r >= 0; i++)
                r = detach(f, f->rules[i]);
        if (r >= 0)
                f->yaml = yaml_file_free(f->yaml);
        return r;
}

static int take(struct yaml_file *yaml, const struct sigma_options *options, struct sigma_file **ret,
                struct err_list *errors, struct err_list *remarks)
{
        struct sigma_file *f = calloc(1, sizeof *f);
        int r = 0;

        if (f) {
                f->yaml = yaml;
                f->arena = arena_new();
                f->name = f->arena ? arena_dup(f->arena, str_of(yaml->name)).p : NULL;
                f->rules = calloc(2 * yaml->n + 1, sizeof *f->rules); /* a document gives two at most */
        }
        if (!f || !f->name || !f->rules) {
                if (f)
                        sigma_file_free(f);
                else
                        yaml_file_free(yaml);
                return -ENOMEM;
        }
        read_documents(f, options, errors, remarks);
        if (f->n == 0) {
                sigma_file_free(f);
                return -EBADMSG;
        }
        if (!options || !options->keeps_documents)
                r = drop_documents(f);
        if (r < 0) {
                sigma_file_free(f);
                return r;
        }
        *ret = f;
        return 0;
}

int sigma_file_load(const char *path, const struct sigma_options *options, struct sigma_file **ret,
                    struct err_list *errors, struct err_list *remarks)
{
        struct yaml_file *yaml;
        struct err err = { 0 };
        int r = yaml_load(path, &yaml, &err);

        if (r < 0 && errors)
                err_list_add(errors, &err);
        return r < 0 ? r : take(yaml, options, ret, errors, remarks);
}

int sigma_file_parse(struct str text, const char *name, const struct sigma_options *options, struct sigma_file **ret,
                     struct err_list *errors, struct err_list *remarks)
{
        struct yaml_file *yaml;
        struct err err = { 0 };
        int r = yaml_parse(text, name, &yaml, &err);

        if (r < 0 && errors)
                err_list_add(errors, &err);
        return r < 0 ? r : take(yaml, options, ret, errors, remarks);
}

size_t sigma_file_bytes(const struct sigma_file *f)
{
        return sizeof *f + arena_used(f->arena) + (f->yaml ? arena_used(f->yaml->arena) : 0);
}

struct sigma_file *sigma_file_free(struct sigma_file *f)
{
        if (!f)
                return NULL;
        for (size_t i = 0; i < f->n; i++)
                sigma_detection_done(f->rules[i]->detection);
        free(f->rules);
        arena_free(f->arena);
        yaml_file_free(f->yaml);
        free(f);
        return NULL;
}
