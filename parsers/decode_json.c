/* SPDX-License-Identifier: Apache-2.0 */

/* Format json: envelope, fan-out, name/value pairs and JSON in text, as the plan of json.h knows them.
 *
 *     records: Records[]             # or a list of places: the first that has records counts
 *     each: events[]
 *     pairs: [{at: events.parameters, name: name, value: [value, intValue]}]
 *     json_in_text: [extra_data]
 */

#include <errno.h>

#include "parsers/decoder.h"
#include "parsers/parse.h"

/* ---- Loading ---- */

static const char *const keys[] = { "records", "each", "pairs", "json_in_text", NULL };

static int load_pairs(struct loader *l, const struct yaml *y, struct pairs *ret)
{
        static const char *const pair_keys[] = { "at", "name", "value", NULL };
        int r = load_keys(l, y, pair_keys);

        if (r < 0)
                return r;
        if (!yaml_get(y, "at") || !yaml_get(y, "name"))
                return load_error(l, y, "`pairs` needs `at` and `name`; `value`, too, unless the element itself is meant");
        r = load_path(l, yaml_get(y, "at"), "`at`", &ret->at);
        if (r >= 0)
                r = load_text(l, yaml_get(y, "name"), "`name`", &ret->name);
        if (r >= 0 && yaml_get(y, "value"))
                r = load_texts(l, yaml_get(y, "value"), "`value`", &ret->values, &ret->n_values);
        return r;
}

static int load_all_pairs(struct loader *l, const struct yaml *y)
{
        struct source *s = l->source;
        int r = 0;

        if (y->kind != YAML_LIST)
                return load_error(l, y, "`pairs` must be a list of {at: …, name: …, value: …}, not %s",
                                  yaml_kind_name(y));
        s->pairs = load_alloc(l, y->n, sizeof *s->pairs);
        if (!s->pairs)
                return -ENOMEM;
        for (; s->n_pairs < y->n && r >= 0; s->n_pairs++)
                r = load_pairs(l, y->items[s->n_pairs], &s->pairs[s->n_pairs]);
        return r;
}

/* A path or a list of paths. */
static int load_paths(struct loader *l, const struct yaml *y, const char *what, struct str **ret, size_t *ret_n)
{
        int r = load_texts(l, y, what, ret, ret_n);

        for (size_t i = 0; r >= 0 && i < *ret_n; i++)
                r = load_path(l, y->kind == YAML_LIST ? y->items[i] : y, what, &(*ret)[i]);
        return r;
}

static int json_load(struct loader *l, const struct yaml *doc)
{
        const struct yaml *records = yaml_get(doc, "records"), *each = yaml_get(doc, "each"),
                          *pairs = yaml_get(doc, "pairs"), *texts = yaml_get(doc, "json_in_text");
        struct source *s = l->source;
        int r = 0;

        s->each = STR("");
        if (records)
                r = load_paths(l, records, "`records`", &s->records, &s->n_records);
        if (r >= 0 && s->n_records > JSON_ENVELOPES_MAX)
                return load_error(l, records, "`records` names over %d places", JSON_ENVELOPES_MAX);
        if (r >= 0 && each)
                r = load_path(l, each, "`each`", &s->each);
        if (r >= 0 && pairs)
                r = load_all_pairs(l, pairs);
        if (r >= 0 && texts)
                r = load_paths(l, texts, "`json_in_text`", &s->texts, &s->n_texts);
        return r;
}

/* How the source opens a document; the fields are the caller's. */
int decode_json_shape(const struct source *s, struct json_plan *plan)
{
        int r = 0;

        for (size_t i = 0; i < s->n_records && r >= 0; i++)
                r = json_plan_envelope(plan, s->records[i]);
        if (r >= 0 && s->each.n > 0)
                r = json_plan_fan_out(plan, s->each);
        return r < 0 ? r : decode_json_inside(s, plan);
}

int decode_json_inside(const struct source *s, struct json_plan *plan)
{
        int r = 0;

        for (size_t i = 0; i < s->n_texts && r >= 0; i++)
                r = json_plan_text(plan, s->texts[i]);
        for (size_t i = 0; i < s->n_pairs && r >= 0; i++)
                r = json_plan_pairs(plan, s->pairs[i].at, s->pairs[i].name, s->pairs[i].values, s->pairs[i].n_values);
        return r;
}

static int json_freeze(struct source *s, struct err *reterr)
{
        int r = 0;

        s->plan = json_plan_new();
        if (s->plan)
                r = decode_json_shape(s, s->plan);
        for (size_t i = 0; s->plan && i < s->n_native && r >= 0; i++)
                r = json_plan_want(s->plan, s->native[i], _ECS_MAX + (uint32_t)i);
        if (s->plan && s->wants_leaves)
                json_plan_want_leaves(s->plan);
        if (!s->plan || r < 0)
                return err_at(reterr, s->plan ? r : -ENOMEM, s->file, 0, 0, "cannot plan how to read its records");
        return 0;
}

static void json_done(struct source *s)
{
        s->plan = json_plan_free(s->plan);
}

static unsigned json_tests(const struct source *s)
{
        (void)s;
        return 0;
}

/* ---- Decoding ---- */

const char *decode_json_reason(int r)
{
        if (r == -EBADMSG)
                return "is no JSON, or cut off";
        return r == -E2BIG ? "is nested too deep, or holds more records than memory is set aside for" : "out of memory";
}

static int take(void *userdata, struct record *record, uint32_t sub)
{
        struct parse *x = userdata;

        return parse_take(x, record, sub, x->source->each.n > 0);
}

static int json_decode(struct parse *x)
{
        const struct source *s = x->source;
        int r;

        if (!parse_is_json(x->raw->bytes)) {
                x->reason = "is no JSON";
                return x->is_sure ? -EBADMSG : -ENOENT;
        }
        r = json_read(x->parser->reader, s->plan, x->raw->bytes, x->arena, _ECS_MAX + (uint32_t)s->n_native,
                      x->counters, take, x);
        if (r < 0 && !x->reason)
                x->reason = decode_json_reason(r);
        if (r >= 0 && x->n == 0 && x->refused > 0)
                return -ENOENT;
        return r;
}

int decode_json_as(struct parse *x, const struct source *s, struct str text)
{
        const struct source *outer = x->source;
        bool is_sure = x->is_sure;
        int r;

        if (!parse_is_json(text))
                return -EBADMSG;
        x->source = s;
        x->is_sure = false;
        r = json_read(x->parser->reader, s->plan, text, x->arena, _ECS_MAX + (uint32_t)s->n_native, x->counters, take, x);
        x->source = outer;
        x->is_sure = is_sure;
        return r;
}

const struct decoder decoder_json = {
        .name = "json",
        .keys = keys,
        .load = json_load,
        .freeze = json_freeze,
        .done = json_done,
        .tests = json_tests,
        .decode = json_decode,
};
