/* SPDX-License-Identifier: Apache-2.0 */

/* Which classes a record has: all rows of `classes` that hold, matched as one program. */

#include "tests/unit/parsers_util.h"

static const char source[] = "name: d\n"
                             "logsource: {product: p}\n"
                             "format: json\n"
                             "recognise: {has: [k]}\n"
                             "fields: {}\n"
                             "classes:\n"
                             "  - {class: login, when: {name: [Login, 'STRASSE', ÄRGER]}}\n"
                             "  - {class: mfa, when: {name: 1000, other: x}}\n"
                             "  - {class: export, when: {name: 'Get*'}}\n"
                             "  - {class: share, when: {name|contains: hare}}\n"
                             "  - {class: grant, when: [{name: Grant}, {other: y}]}\n"
                             "  - {class: credential, when: {other: x}}\n"
                             "  - {class: account, when: {name: null}}\n"
                             "  - {class: payout, when: {name: [Pay]}, unless: {other: x}}\n"
                             "  - {class: config, when: {name: true}}\n"
                             "  - {class: mail_rule, when: {name: ''}}\n";

static const struct {
        const char *record, *classes;
} cases[] = {
        { "{'k':1,'name':'Login'}", "login" },
        { "{'k':1,'name':'LOGIN'}", "login" },
        { "{'k':1,'name':'strasse'}", "login" },
        { "{'k':1,'name':'ärger'}", "login" },
        { "{'k':1,'name':'xLogin'}", "(none)" },
        { "{'k':1,'name':1000,'other':'x'}", "mfa,credential" },
        { "{'k':1,'name':'1000','other':'x'}", "mfa,credential" },
        { "{'k':1,'name':1000.0,'other':'x'}", "mfa,credential" },
        { "{'k':1,'name':'getObject'}", "export" },
        { "{'k':1,'name':'Share'}", "share" },
        { "{'k':1,'name':'grant'}", "grant" },
        { "{'k':1,'name':'nothing','other':'y'}", "grant" },
        { "{'k':1,'name':['nothing','Login','GetShare']}", "login,export,share" },
        { "{'k':1,'name':'pay'}", "payout" },
        { "{'k':1,'name':'pay','other':'x'}", "credential" },
        { "{'k':1,'name':true}", "config" },
        { "{'k':1,'name':''}", "mail_rule" },
        { "{'k':1,'name':{'a':'Login'}}", "(none)" },
        { "{'k':1,'name':[]}", "(none)" },
        { "{'k':1}", "account" },
};

Test(parsers_classes, all_rows_that_hold)
{
        const char *texts[] = { source };
        struct bench b;

        bench_open(&b, texts, 1);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                char json[256];

                snprintf(json, sizeof json, "%s", cases[i].record);
                for (char *p = json; *p; p++)
                        if (*p == '\'')
                                *p = '"';
                cr_assert(bench_parse(&b, json) == 1);
                cr_expect_str_eq(field_text(b.records[0], "shopbell.class"), cases[i].classes, "%s: %s",
                                 cases[i].record, field_text(b.records[0], "shopbell.class"));
        }
        bench_close(&b);
}

/* What a record is by its class, unless the row knows better. */
static const char directions[] = "name: d\n"
                                 "logsource: {product: p}\n"
                                 "format: json\n"
                                 "recognise: {has: [k]}\n"
                                 "fields: {}\n"
                                 "classes:\n"
                                 "  - {class: login, when: {a: in}}\n"
                                 "  - {class: mfa, when: {a: gone}, set: {event.type: {is: deletion}}}\n"
                                 "  - {class: [grant, config], when: {a: two}}\n"
                                 "  - {class: grant, when: {a: admin}, set: {event.type: {is: [creation, admin]}}}\n";

static const struct {
        const char *action, *category, *type;
} kinds[] = {
        { "in", "authentication", "start" },          { "gone", "iam", "deletion" },
        { "two", "iam,configuration", "change" },     { "admin", "iam", "creation,admin" },
        { "nothing", "(none)", "(none)" },
};

Test(parsers_classes, category_and_type_come_of_the_class)
{
        const char *texts[] = { directions };
        struct bench b;

        bench_open(&b, texts, 1);
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
                char json[64];

                snprintf(json, sizeof json, "{\"k\":1,\"a\":\"%s\"}", kinds[i].action);
                cr_assert(bench_parse(&b, json) == 1);
                cr_expect_str_eq(field_text(b.records[0], "event.category"), kinds[i].category, "%s", kinds[i].action);
                cr_expect_str_eq(field_text(b.records[0], "event.type"), kinds[i].type, "%s", kinds[i].action);
        }
        bench_close(&b);
}
