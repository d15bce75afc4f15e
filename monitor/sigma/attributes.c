/* SPDX-License-Identifier: Apache-2.0 */

/* What shopbell adds to a rule, under names that start with `shopbell.` (Sigma leaves custom attributes to tools). To
 * add one: a function and a row in `attributes`. */

#include <errno.h>

#include "monitor/model/render.h"
#include "monitor/sigma/document.h"

static int read_classes(struct document *d, const struct yaml *value, struct sigma_rule *rule)
{
        int r = document_texts(d, value, "shopbell.class", &rule->classes, &rule->n_classes);

        for (size_t i = 0; i < rule->n_classes && r >= 0; i++)
                if (class_find(rule->classes[i]) == _CLASS_MAX) {
                        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;

                        for (size_t c = 0; c < _CLASS_MAX; c++)
                                strbuf_addf(&names, "%s%s", c ? ", " : "", class_name((enum class)c));
                        return document_fail(d, value, "unknown class %s: write one of %s", rule->classes[i].p,
                                             names.p ? names.p : "");
                }
        return r;
}

static int read_sentence(struct document *d, const struct yaml *value, struct sigma_rule *rule)
{
        static const char *const extra[] = { "count", "timespan", "distinct", "rule.title", NULL };
        struct str bad;

        if (value->kind != YAML_TEXT)
                return document_fail(d, value, "shopbell.sentence takes one text");
        rule->sentence = value->text;
        if (render_check(value->text, extra, &bad))
                return 0;
        if (ecs_nearest(bad))
                return document_fail(d, value, "unknown field {" STR_FMT "} in the sentence: did you mean {%s}?",
                                     STR_ARG(bad), ecs_nearest(bad));
        return document_fail(
                d, value, "unknown field {" STR_FMT "} in the sentence: it takes ECS names, count, timespan, distinct",
                STR_ARG(bad));
}

static int read_playbook(struct document *d, const struct yaml *value, struct sigma_rule *rule)
{
        return document_texts(d, value, "shopbell.playbook", &rule->playbook, &rule->n_playbook);
}

/* ---- Inhibition ---- */

static int read_inhibits_map(struct document *d, const struct yaml *map, struct sigma_inhibits *ret)
{
        for (size_t i = 0; i < map->n; i++) {
                const struct yaml *key = map->pairs[i].key, *value = map->pairs[i].value;
                bool is_good;

                if (str_eqz(key->text, "rules"))
                        continue;
                if (!str_eqz(key->text, "timespan"))
                        return document_fail(d, key, "unknown key %s in shopbell.inhibits: write rules or timespan", key->text.p);
                is_good = yaml_is_scalar(value) && duration_parse(value->text, &ret->timespan) == 0 && ret->timespan > 0 &&
                          ret->timespan <= SIGMA_INHIBITS_TIMESPAN_MAX;
                if (!is_good)
                        return document_fail(d, value, "shopbell.inhibits: timespan takes a time up to 30d, such as 1h");
        }
        ret->rules_at = yaml_get(map, "rules");
        return ret->rules_at ? 0 : document_fail(d, map, "shopbell.inhibits: rules is missing: the ids or names of rules");
}

/* A list of ids or names, or {rules: [...], timespan: 1h}. */
static int read_inhibits(struct document *d, const struct yaml *value, struct sigma_rule *rule)
{
        struct sigma_inhibits *to = &rule->inhibits;
        int r = 0;

        to->timespan = USEC_PER_HOUR;
        to->rules_at = value;
        if (value->kind == YAML_MAP)
                r = read_inhibits_map(d, value, to);
        return r < 0 ? r : document_texts(d, to->rules_at, "shopbell.inhibits", &to->rules, &to->n);
}

/* ---- Tests ---- */

static int set_records(struct document *d, const struct yaml *value, struct sigma_test *test)
{
        bool is_many = test->expect == SIGMA_TEST_RAISE;
        size_t n = is_many ? value->n : 1;

        if (is_many && (value->kind != YAML_LIST || n == 0))
                return document_fail(d, value, "raise takes a list of records, each a map or a raw line");
        test->records = arena_array(d->arena, n, sizeof *test->records);
        if (!test->records)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const struct yaml *one = is_many ? value->items[i] : value;

                if (one->kind != YAML_MAP && one->kind != YAML_TEXT)
                        return document_fail(d, one, "%s where a record belongs: a map, or a raw line in quotes",
                                             yaml_kind_name(one));
                test->records[i] = one;
        }
        test->n_records = n;
        return 0;
}

static const struct {
        const char *name;
        int expect;
} expectations[] = { { "hit", SIGMA_TEST_HIT }, { "miss", SIGMA_TEST_MISS }, { "raise", SIGMA_TEST_RAISE } };

/* What a test looks at: one word, or a list of them. */
static int read_needs(struct document *d, const struct yaml *value, struct sigma_test *test)
{
        size_t n = value->kind == YAML_LIST ? value->n : 1;

        for (size_t i = 0; i < n; i++) {
                const struct yaml *one = value->kind == YAML_LIST ? value->items[i] : value;

                if (yaml_is_scalar(one) && str_eqz(one->text, "geoip"))
                        test->needs_places = true;
                else if (yaml_is_scalar(one) && str_eqz(one->text, "people"))
                        test->needs_people = true;
                else if (yaml_is_scalar(one) && str_eqz(one->text, "networks"))
                        test->needs_networks = true;
                else
                        return document_fail(d, one, "needs takes geoip (the test looks at places), people (at who is known), networks (at whose network it is), or a list of them");
        }
        return 0;
}

/* One entry of a test's map. `*n_found` counts hit, miss, raise. */
static int read_test_key(struct document *d, const struct yaml_pair *pair, struct sigma_test *test, size_t *n_found)
{
        const struct yaml *key = pair->key, *value = pair->value;

        for (size_t i = 0; i < ARRAY_LEN(expectations); i++)
                if (str_eqz(key->text, expectations[i].name)) {
                        (*n_found)++;
                        test->expect = expectations[i].expect;
                        return set_records(d, value, test);
                }
        if (str_eqz(key->text, "source")) {
                test->source = value->text;
                return value->kind == YAML_TEXT ? 0 : document_fail(d, value, "source takes the name of a log source");
        }
        if (str_eqz(key->text, "needs"))
                return read_needs(d, value, test);
        if (!str_eqz(key->text, "alerts"))
                return document_fail(d, key, "unknown key %s in a test: write hit, miss, raise, source, alerts or needs",
                                     key->text.p);
        if (value->kind != YAML_INT || str_to_u64(value->text, &test->alerts) < 0)
                return document_fail(d, value, "alerts takes a number: how many must come of the records");
        return 0;
}

static int read_test(struct document *d, const struct yaml *map, struct sigma_test *test)
{
        size_t n_found = 0;

        *test = (struct sigma_test){ .alerts = 1, .line = map->line, .col = map->col, .source = STR("") };
        for (size_t i = 0; map->kind == YAML_MAP && i < map->n; i++) {
                int r = read_test_key(d, &map->pairs[i], test, &n_found);

                if (r < 0)
                        return r;
        }
        if (n_found != 1)
                return document_fail(d, map, "a test has exactly one of hit, miss, raise");
        if (yaml_get(map, "alerts") && test->expect != SIGMA_TEST_RAISE)
                return document_fail(d, yaml_get(map, "alerts"), "alerts goes with raise only");
        return 0;
}

static int read_tests(struct document *d, const struct yaml *value, struct sigma_rule *rule)
{
        if (value->kind != YAML_LIST)
                return document_fail(d, value, "shopbell.tests is a list of tests, such as  - hit: {record}");
        rule->tests = arena_array(d->arena, value->n, sizeof *rule->tests);
        if (!rule->tests)
                return -ENOMEM;
        for (size_t i = 0; i < value->n; i++) {
                int r = read_test(d, value->items[i], &rule->tests[i]);

                if (r < 0)
                        return r;
                rule->n_tests++;
        }
        return 0;
}

static const struct {
        const char *name;
        int (*read)(struct document *d, const struct yaml *value, struct sigma_rule *rule);
} attributes[] = {
        { "shopbell.class", read_classes },
        { "shopbell.sentence", read_sentence },
        { "shopbell.playbook", read_playbook },
        { "shopbell.inhibits", read_inhibits },
        { "shopbell.tests", read_tests },
};

int attributes_read(struct document *d, const struct yaml *doc, struct sigma_rule *rule)
{
        for (size_t i = 0; i < doc->n; i++) {
                const struct yaml *key = doc->pairs[i].key;
                size_t a = 0;
                int r;

                if (!str_starts(key->text, STR("shopbell.")))
                        continue;
                while (a < ARRAY_LEN(attributes) && !str_eqz(key->text, attributes[a].name))
                        a++;
                if (a == ARRAY_LEN(attributes))
                        return document_fail(
                                d, key, "unknown attribute %s: known are shopbell.class, .sentence, .playbook, .inhibits, .tests",
                                key->text.p);
                r = attributes[a].read(d, doc->pairs[i].value, rule);
                if (r < 0)
                        return r;
        }
        return 0;
}
