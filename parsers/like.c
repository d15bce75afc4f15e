/* SPDX-License-Identifier: Apache-2.0 */

/* `like: NAME`: a source file that says what NAME.yml beside it says, but for what it says itself. One log often comes in two
 * formats, such as the rows of a table as JSON and as CSV: what the fields mean is then written once. */

#include <errno.h>
#include <stdlib.h>

#include "parsers/source_impl.h"

/* What is taken over. Name, title and samples are each file's own; the rest belongs to the format. */
static const char *const taken[] = { "about",  "logsource", "lateness", "silence", "zone",        "recognise", "native", "aliases",
                                     "fields", "classes",   "setup",    "trust",   "unconfirmed", "cannot",    NULL };

static bool is_taken(const struct yaml *key)
{
        for (const char *const *k = taken; *k; k++)
                if (str_eqz(key->text, *k))
                        return true;
        return false;
}

/* NAME.yml in the folder of the file itself. */
static int load_other(struct loader *l, const struct yaml *y, struct str name)
{
        CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
        const char *slash = strrchr(l->file, '/');
        struct err why = { 0 };

        for (size_t i = 0; i < name.n; i++)
                if (name.p[i] == '/')
                        return load_error(l, y, "`like` is the name of a source file in the same folder, without .yml");
        strbuf_addf(&path, "%.*s" STR_FMT ".yml", slash ? (int)(slash - l->file) + 1 : 0, l->file, STR_ARG(name));
        if (!path.p)
                return -ENOMEM;
        if (strcmp(path.p, l->file) == 0)
                return load_error(l, y, "`like` names the file itself");
        if (yaml_load(path.p, &l->source->like, &why) < 0)
                return load_error(l, y, "`like`: %s %s", path.p, why.text);
        if (l->source->like->n != 1 || l->source->like->docs[0]->kind != YAML_MAP ||
            yaml_get(l->source->like->docs[0], "like"))
                return load_error(l, y, "`like`: %s is no source file that stands by itself", path.p);
        return 0;
}

int like_merge(struct loader *l, const struct yaml *doc, const struct yaml **ret)
{
        const struct yaml *y = yaml_get(doc, "like"), *other;
        struct str name = STR_NONE;
        struct yaml *whole;
        int r;

        *ret = doc;
        if (!y)
                return 0;
        r = load_text(l, y, "`like`", &name);
        if (r >= 0)
                r = load_other(l, y, name);
        if (r < 0)
                return r;
        other = l->source->like->docs[0];
        whole = load_alloc(l, 1, sizeof *whole);
        if (!whole)
                return -ENOMEM;
        *whole = *doc;
        whole->pairs = load_alloc(l, doc->n + other->n, sizeof *whole->pairs);
        if (!whole->pairs)
                return -ENOMEM;
        memcpy(whole->pairs, doc->pairs, doc->n * sizeof *doc->pairs);
        for (size_t i = 0; i < other->n; i++)
                if (is_taken(other->pairs[i].key) && !yaml_get(doc, other->pairs[i].key->text.p))
                        whole->pairs[whole->n++] = other->pairs[i];
        *ret = whole;
        return 0;
}

static bool is_within(const struct yaml *tree, const struct yaml *at)
{
        bool is = tree == at;

        for (size_t i = 0; tree->kind == YAML_LIST && i < tree->n && !is; i++)
                is = is_within(tree->items[i], at);
        for (size_t i = 0; tree->kind == YAML_MAP && i < tree->n && !is; i++)
                is = tree->pairs[i].key == at || is_within(tree->pairs[i].value, at);
        return is;
}

const char *like_file(const struct loader *l, const struct yaml *at)
{
        const struct yaml_file *like = l->source->like;

        return like && like->n > 0 && at && is_within(like->docs[0], at) ? like->name : l->file;
}
