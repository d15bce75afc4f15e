/* SPDX-License-Identifier: Apache-2.0 */

/* people.yml: whose account is whose, mistakes with their place, and what records get from it. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/enrich/enrich.h"
#include "monitor/enrich/people.h"

#define ALL UINT64_MAX
#define BIT(field) (UINT64_C(1) << ECS_##field)

#define LIST \
        "- {name: Mei, role: owner, accounts: [Mei@Example.com, mei, {aws: root}], home: [KR, nl]}\n" \
        "- {name: Tom, role: agency, accounts: {wordpress: tom, sshd: [tom, tom.f]}, may_export: yes, left: 2026-10-31}\n" \
        "- {name: Tomas, role: staff, accounts: [tom, 4711], left: '2026-10-31T18:00:00Z'}\n" \
        "- {name: Job, role: service, accounts: {aws-cloudtrail: nightly}}\n"

static int read_text(const char *text, struct people **ret, struct err *err)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        int r = yaml_parse(str_of(text), "people.yml", &file, err);

        cr_assert_eq(r, 0, "%s", err->text);
        return people_read(file->docs[0], "people.yml", ret, err);
}

static const struct {
        const char *source, *product, *email, *name, *id, *person;
} finds[] = {
        { "x", "y", "mei@example.COM", NULL, NULL, "Mei" },
        { "x", "y", NULL, "mei@example.com", NULL, "Mei" },
        { "x", "y", NULL, "MEI", NULL, "Mei" },
        { "x", "y", NULL, "root", NULL, "-" },
        { "aws-cloudtrail", "aws", NULL, "root", NULL, "Mei" },
        { "aws-vpc-flow", "aws", NULL, "nightly", NULL, "-" },
        { "aws-cloudtrail", "aws", NULL, "nightly", NULL, "Job" },
        { "sshd", "linux", NULL, "tom", NULL, "Tom" },
        { "sshd", "linux", NULL, "TOM.F", NULL, "Tom" },
        { "okta", "okta", NULL, "tom", NULL, "Tomas" },
        { "okta", "okta", "nobody@example.com", "tom", NULL, "Tomas" },
        { "okta", "okta", "mei@example.com", "tom", NULL, "Mei" },
        { "sshd", "linux", "mei@example.com", "tom", NULL, "Tom" }, /* what is said for the source goes before */
        { "okta", "okta", NULL, NULL, "4711", "Tomas" },
        { "okta", "okta", NULL, "", NULL, "-" },
        { "okta", NULL, NULL, NULL, NULL, "-" },
};

Test(enrich_people, whose_account)
{
        CLEANUP(people_freep) struct people *p = NULL;
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct err err = { 0 };

        cr_assert_eq(read_text(LIST, &p, &err), 0, "%s", err.text);
        cr_assert_eq(people_count(p), 4);
        cr_expect_eq(people_count(NULL), 0);
        for (size_t i = 0; i < ARRAY_LEN(finds); i++) {
                struct account a = { str_of(finds[i].email), str_of(finds[i].name), str_of(finds[i].id),
                                     str_of(finds[i].source), str_of(finds[i].product) };
                const struct person *found;

                cr_assert_eq(people_find(p, &a, scratch, &found), 0);
                cr_expect_str_eq(found ? found->name.p : "-", finds[i].person, "row %zu", i);
        }
}

static const struct person *whose(const struct people *p, const char *source, const char *name)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct account a = { .name = str_of(name), .source = str_of(source), .product = str_of(source) };
        const struct person *found = NULL;

        cr_assert(people_find(p, &a, scratch, &found) == 0 && found, "%s", name);
        return found;
}

Test(enrich_people, what_is_said_of_them)
{
        CLEANUP(people_freep) struct people *p = NULL;
        struct err err = { 0 };
        const struct person *mei, *tom, *tomas;
        usec six;

        setenv("TZ", "UTC", 1);
        cr_assert_eq(read_text(LIST, &p, &err), 0, "%s", err.text);
        mei = whose(p, "aws", "root");
        tom = whose(p, "sshd", "tom");
        tomas = whose(p, "okta", "tom");
        cr_expect(mei->may_export, "the owner");
        cr_expect_not(tomas->may_export);
        cr_expect(tom->may_export, "said");
        cr_expect_eq(mei->n_countries, 2);
        cr_expect_str_eq(mei->countries[1], "NL");
        cr_expect_eq(mei->left, USEC_NONE);
        cr_assert_eq(time_parse(STR("2026-11-01T00:00:00Z"), TIME_UNIT_S, NULL, &six), 0);
        cr_expect_eq(tom->left, six, "the day is theirs to its end");
        cr_assert_eq(time_parse(STR("2026-10-31T18:00:00Z"), TIME_UNIT_S, NULL, &six), 0);
        cr_expect_eq(tomas->left, six);
}

static const struct {
        const char *text;
        unsigned line, col;
        const char *says;
} mistakes[] = {
        { "a: b", 1, 1, "people: a list" },
        { "- mei", 1, 3, "a person is a map" },
        { "- {role: owner, accounts: mei}", 1, 3, "without a name" },
        { "- {name: Mei, accounts: mei}", 1, 3, "without a role" },
        { "- {name: Mei, role: owner}", 1, 3, "without accounts" },
        { "- {name: Mei, role: boss, accounts: mei}", 1, 21, "one of owner" },
        { "- {name: Mei, role: owner, account: mei}", 1, 28, "unknown key" },
        { "- {name: Mei, role: owner, accounts: mei, home: NO}", 1, 49, "'NO' needs quotes" },
        { "- {name: Mei, role: owner, accounts: mei, home: [XX]}", 1, 50, "two letters" },
        { "- {name: Mei, role: owner, accounts: mei, may_export: maybe}", 1, 55, "yes or no" },
        { "- {name: Mei, role: owner, accounts: mei, left: soon}", 1, 49, "2026-10-31" },
        { "- {name: Mei, role: owner, accounts: mei, left: 2026-13-01}", 1, 49, "2026-10-31" },
        { "- {name: Mei, role: owner, accounts: {aws: {b: c}}}", 1, 44, "below a source" },
        { "- {name: Mei, role: owner, accounts: [[mei]]}", 1, 39, "list inside a list" },
        { "- {name: Mei, role: owner, accounts: yes}", 1, 38, "account name" },
        { "- {name: Mei, role: owner, accounts: mei}\n- {name: Tom, role: staff, accounts: MEI}", 2, 38,
          "already that of Mei (line 1)" },
        { "- {name: Mei, role: owner, accounts: mei}\n- {name: Mei, role: staff, accounts: tom}", 2, 10,
          "a second Mei" },
};

Test(enrich_people, mistakes_have_a_place)
{
        for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
                struct people *p = NULL;
                struct err err = { 0 };

                cr_expect_eq(read_text(mistakes[i].text, &p, &err), -EBADMSG, "%s", mistakes[i].text);
                cr_expect_null(p);
                cr_expect(err.line == mistakes[i].line && err.col == mistakes[i].col, "%s: %u:%u", mistakes[i].text,
                          err.line, err.col);
                cr_expect(strstr(err.text, mistakes[i].says), "%s: %s", mistakes[i].text, err.text);
        }
}

Test(enrich_people, a_configuration_leads_to_the_file_and_not_round_in_circles)
{
        char dir[] = "/tmp/shopbell-people-XXXXXX", config[64], list[64];
        CLEANUP(people_freep) struct people *p = NULL;
        struct err err = { 0 };
        FILE *f;

        cr_assert_not_null(mkdtemp(dir));
        snprintf(config, sizeof config, "%s/shopbell.yml", dir);
        snprintf(list, sizeof list, "%s/p.yml", dir);
        cr_assert_not_null(f = fopen(config, "w"));
        fputs("people: p.yml\n", f);
        fclose(f);
        cr_assert_not_null(f = fopen(list, "w"));
        fputs("people:\n" LIST, f);
        fclose(f);
        cr_expect_eq(people_load(config, &p, &err), 0, "%s", err.text);
        cr_expect_eq(people_count(p), 4);
        cr_assert_not_null(f = fopen(list, "w"));
        fputs("people: p.yml\n", f);
        fclose(f);
        cr_expect_eq(people_load(config, &p, &err), -EBADMSG);
        cr_expect_str_eq(err.file, list);
        unlink(config);
        unlink(list);
        cr_expect_eq(people_load(config, &p, &err), -ENOENT);
        rmdir(dir);
}

/* ---- Records ---- */

struct rig {
        struct arena *arena;
        struct enrich *enrich;
        struct enricher *x;
        struct slot slots[_ECS_MAX];
        struct record record;
};

static const struct log_kind aws = { .name = "aws-cloudtrail", .logsource = { .product = { "aws", 3 } } };
static const struct log_kind ssh = { .name = "sshd", .logsource = { .product = { "linux", 5 } } };
static const struct log_kind *const kinds[] = { &aws, &ssh };

static void rig_open(struct rig *g, struct err_list *remarks)
{
        const char *top = getenv("SHOPBELL_SRCDIR");
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        char name[4096];
        const char *databases[] = { name };
        struct enrich_options o = { .databases = databases,
                                    .n_databases = 1,
                                    .people_file = "people.yml",
                                    .kinds = kinds,
                                    .n_kinds = 2,
                                    .remarks = remarks };
        struct err err = { 0 };

        snprintf(name, sizeof name, "%s/samples/geoip.mmdb", top ? top : ".");
        *g = (struct rig){ .arena = arena_new() };
        setenv("TZ", "UTC", 1);
        cr_assert_eq(yaml_parse(STR(LIST), "people.yml", &file, &err), 0);
        o.people = file->docs[0];
        cr_assert_eq(enrich_load(&o, &g->enrich, &errors), 0);
        cr_assert_eq(errors.n, 0);
        g->x = enricher_new(g->enrich);
        cr_assert(g->arena && g->x);
}

static void rig_close(struct rig *g)
{
        enricher_free(g->x);
        enrich_free(g->enrich);
        arena_free(g->arena);
}

static void begin(struct rig *g, uint32_t source, enum ecs field, const char *text)
{
        memset(g->slots, 0, sizeof g->slots);
        g->record = (struct record){ .slots = g->slots,
                                     .n_slots = _ECS_MAX,
                                     .arena = g->arena,
                                     .file = "f",
                                     .time = USEC_NONE,
                                     .source_index = source };
        cr_assert_eq(slot_add(&g->slots[field], g->arena, VALUE_STRING, str_of(text)), 0);
}

static const char *get(struct rig *g, enum ecs field)
{
        struct str text = record_ecs(&g->record, field);

        return text.p ? arena_dup(g->arena, text).p : "-";
}

Test(enrich_people, what_a_record_gets)
{
        CLEANUP(err_list_done) struct err_list remarks = ERR_LIST_INIT;
        struct rig g;

        rig_open(&g, &remarks);
        cr_expect(remarks.n == 1 && strstr(remarks.items[0].text, "wordpress") && remarks.items[0].line == 2,
                  "no source is called wordpress here");
        for (int twice = 0; twice < 2; twice++) {
                begin(&g, 0, ECS_USER_NAME, "root");
                slot_add(&g.slots[ECS_PERSON], g.arena, VALUE_STRING, STR("root"));
                slot_add(&g.slots[ECS_SOURCE_IP], g.arena, VALUE_STRING, STR("198.51.100.77"));
                slot_add(&g.slots[ECS_USER_TARGET_EMAIL], g.arena, VALUE_STRING, STR("x@example.net"));
                cr_assert_geq(enrich_record(g.x, &g.record, ALL, true), 0);
                cr_assert_geq(enrich_record(g.x, &g.record, ALL, true), 0);
                cr_expect_str_eq(get(&g, ECS_PERSON), "Mei");
                cr_expect_eq(g.slots[ECS_PERSON].n, 1);
                cr_expect_str_eq(get(&g, ECS_ROLE), "owner");
                cr_expect_str_eq(get(&g, ECS_KNOWN), "yes");
                cr_expect_str_eq(get(&g, ECS_MAY_EXPORT), "yes");
                cr_expect_str_eq(get(&g, ECS_LEFT), "no");
                cr_expect_str_eq(get(&g, ECS_AT_HOME), "yes");
                cr_expect_str_eq(get(&g, ECS_TARGET_KNOWN), "no");
                begin(&g, 1, ECS_USER_NAME, "root"); /* the same name on another platform */
                slot_add(&g.slots[ECS_PERSON], g.arena, VALUE_STRING, STR("root"));
                slot_add(&g.slots[ECS_SOURCE_IP], g.arena, VALUE_STRING, STR("198.51.100.77"));
                cr_assert_geq(enrich_record(g.x, &g.record, ALL, true), 0);
                cr_expect_str_eq(get(&g, ECS_PERSON), "root");
                cr_expect_str_eq(get(&g, ECS_KNOWN), "no");
                cr_expect_str_eq(get(&g, ECS_ROLE), "-");
                cr_expect_str_eq(get(&g, ECS_MAY_EXPORT), "-");
                cr_expect_str_eq(get(&g, ECS_AT_HOME), "-");
                cr_expect_str_eq(get(&g, ECS_TARGET_KNOWN), "-");
        }
        begin(&g, 1, ECS_MESSAGE, "nobody acts");
        cr_assert_geq(enrich_record(g.x, &g.record, ALL, true), 0);
        cr_expect_str_eq(get(&g, ECS_KNOWN), "-");
        rig_close(&g);
}

/* Invited: a colleague first, a stranger second. */
Test(enrich_people, one_target_outside_is_enough)
{
        struct rig g;

        rig_open(&g, NULL);
        begin(&g, 1, ECS_USER_EMAIL, "mei@example.com");
        slot_add(&g.slots[ECS_USER_TARGET_EMAIL], g.arena, VALUE_STRING, STR("tom@example.com"));
        slot_add(&g.slots[ECS_SHARED_WITH], g.arena, VALUE_STRING, STR("ana@example.com"));
        cr_assert_geq(enrich_record(g.x, &g.record, ALL, true), 0);
        cr_expect_str_eq(get(&g, ECS_TARGET_OUTSIDE), "no");
        begin(&g, 1, ECS_USER_EMAIL, "mei@example.com");
        slot_add(&g.slots[ECS_USER_TARGET_EMAIL], g.arena, VALUE_STRING, STR("tom@example.com"));
        slot_add(&g.slots[ECS_SHARED_WITH], g.arena, VALUE_STRING, STR("ana@example.com"));
        slot_add(&g.slots[ECS_SHARED_WITH], g.arena, VALUE_STRING, STR("x@example.net"));
        cr_assert_geq(enrich_record(g.x, &g.record, ALL, true), 0);
        cr_expect_str_eq(get(&g, ECS_TARGET_OUTSIDE), "yes");
        rig_close(&g);
}

Test(enrich_people, leavers)
{
        static const struct {
                const char *at, *left;
        } rows[] = { { "2026-10-31T23:59:59Z", "no" }, { "2026-11-01T00:00:00Z", "yes" }, { NULL, "-" } };
        struct rig g;

        rig_open(&g, NULL);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                begin(&g, 1, ECS_USER_NAME, "tom");
                if (rows[i].at)
                        cr_assert_eq(time_parse(str_of(rows[i].at), TIME_UNIT_S, NULL, &g.record.time), 0);
                cr_assert_geq(enrich_record(g.x, &g.record, ALL, true), 0);
                cr_expect_str_eq(get(&g, ECS_PERSON), "Tom");
                cr_expect_str_eq(get(&g, ECS_LEFT), rows[i].left);
        }
        rig_close(&g);
}

Test(enrich_people, only_what_is_wanted)
{
        struct rig g;

        rig_open(&g, NULL);
        cr_expect_eq(enrich_needed(NULL, BIT(PERSON) | BIT(KNOWN)), BIT(PERSON) | BIT(KNOWN),
                     "without the file it costs nothing");
        cr_expect_eq(enrich_needed(g.enrich, BIT(MESSAGE)), BIT(MESSAGE));
        cr_expect_eq(enrich_needed(g.enrich, BIT(KNOWN)), BIT(KNOWN) | BIT(USER_EMAIL) | BIT(USER_NAME) | BIT(USER_ID));
        cr_expect(enrich_needed(g.enrich, BIT(AT_HOME)) & BIT(GEO_COUNTRY));
        cr_expect(enrich_needed(g.enrich, BIT(TARGET_KNOWN)) & BIT(USER_TARGET_ID));
        begin(&g, 0, ECS_USER_NAME, "mei");
        cr_assert_geq(enrich_record(g.x, &g.record, BIT(ROLE), true), 0);
        cr_expect_str_eq(get(&g, ECS_ROLE), "owner");
        cr_expect_str_eq(get(&g, ECS_KNOWN), "-");
        cr_expect_str_eq(get(&g, ECS_PERSON), "-");
        rig_close(&g);
}
