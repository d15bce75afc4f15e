/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target of rule files: the bytes are one. What loads is linted, its filters go into its rules, and all of it is matched
 * on one record, rule by rule and as a program. */

#include "tests/fuzz/sigma_rig.h"

enum { RULES_MAX = RIG_MEMBERS_MAX };

static const struct yaml *placeholders(void)
{
        static struct yaml_file *file;
        struct err err;

        if (!file)
                rig_check(yaml_parse(STR("{admins: [mia, 'le*', '\\*'], nets: [192.0.2.0/24, '::1'], n: [5]}"), "lists",
                                     &file, &err) == 0);
        return file->docs[0];
}

static void make_record(struct rig *rig)
{
        static const struct {
                const char *name, *text;
                enum value_kind kind;
        } values[] = {
                { "a", "x", VALUE_STRING },
                { "a", "\xc3\x84-b", VALUE_STRING },
                { "b", "5", VALUE_NUMBER },
                { "c", "null", VALUE_NULL },
                { "d", "", VALUE_STRING },
                { "a.b", "{\"k\":[1,\"v\"]}", VALUE_OBJECT },
                { "b.a", "true", VALUE_BOOL },
                { "eventName", "ConsoleLogin", VALUE_STRING },
                { "eventSource", "signin.amazonaws.com", VALUE_STRING },
                { "user", "Mia", VALUE_STRING },
                { "ip", "192.0.2.7", VALUE_STRING },
                { "n", "-1.5", VALUE_NUMBER },
                { "t", "2024-02-29T23:59:60Z", VALUE_STRING },
        };

        for (size_t i = 0; i < ARRAY_LEN(values); i++)
                rig_value(rig, rig_slot(str_of(values[i].name)), values[i].kind, str_of(values[i].text));
}

/* Linted before filters come in: what the linter says is about the rule as it was. */
static void try_rules(struct sigma_file *file, const struct sigma_options *options)
{
        struct rig_verdict verdicts[RULES_MAX] = { 0 };
        bool holds[RULES_MAX];
        struct rig rig;

        rig_open(&rig);
        make_record(&rig);
        for (size_t i = 0; i < file->n; i++) {
                uint32_t at = rig.n;
                struct rig_verdict v = rig_lint(file->rules[i]);

                if (file->rules[i]->kind == SIGMA_RULE)
                        rig_member(&rig, file->rules[i]->detection, file->rules[i]);
                if (rig.n > at)
                        verdicts[at] = v;
        }
        rig_match(&rig, holds);
        rig_explain(&rig, holds);
        for (uint32_t i = 0; i < rig.n; i++)
                rig_verdict_check(verdicts[i], holds[i]);
        rig.n = 0;
        for (size_t i = 0; i < file->n; i++) {
                struct sigma_rule *rule = file->rules[i];
                struct err err = { 0 };

                for (size_t f = 0; rule->kind == SIGMA_RULE && f < file->n; f++)
                        if (file->rules[f]->kind == SIGMA_FILTER &&
                            sigma_filter_apply(file->rules[f], options, rule, &err) < 0)
                                rig_check(err.text[0]);
                if (rule->kind == SIGMA_RULE)
                        rig_member(&rig, rule->detection, rule);
        }
        rig_match(&rig, holds);
        rig_explain(&rig, holds);
        rig_close(&rig);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct sigma_options options = { .placeholders = placeholders(), .with_deprecated = true };
        CLEANUP(sigma_file_freep) struct sigma_file *file = NULL;
        struct err_list errors = ERR_LIST_INIT, remarks = ERR_LIST_INIT;
        int r = sigma_file_parse(rig_text(data, n), "fuzz.yml", &options, &file, &errors, &remarks);

        rig_check((r >= 0) == (file != NULL) && (r >= 0 || errors.n > 0));
        rig_errors_check(&errors);
        rig_errors_check(&remarks);
        if (file)
                try_rules(file, &options);
        err_list_done(&errors);
        err_list_done(&remarks);
        return 0;
}
