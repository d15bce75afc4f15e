/* SPDX-License-Identifier: Apache-2.0 */

/* Records enriched from the sample database: which fields, when only some are wanted, and what the source sets itself. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/enrich/enrich.h"
#include "monitor/model/render.h"

#define ALL UINT64_MAX
#define BIT(field) (UINT64_C(1) << ECS_##field)

struct rig {
        struct arena *arena;
        struct enrich *enrich;
        struct enricher *x;
        struct slot slots[_ECS_MAX];
        struct record record;
};

static void rig_open(struct rig *g, const char *networks)
{
        const char *top = getenv("SHOPBELL_SRCDIR");
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        char name[4096];
        const char *databases[] = { name, "/nonexistent/second.mmdb" };
        struct enrich_options o = { .databases = databases, .n_databases = 2, .networks_file = "n.yml" };
        struct err err = { 0 };

        snprintf(name, sizeof name, "%s/samples/geoip.mmdb", top ? top : ".");
        *g = (struct rig){ .arena = arena_new() };
        cr_assert_eq(yaml_parse(str_of(networks), "n.yml", &file, &err), 0);
        o.networks = file->docs[0];
        cr_assert_eq(enrich_load(&o, &g->enrich, &errors), 0);
        cr_expect(errors.n == 1 && strcmp(errors.items[0].file, databases[1]) == 0, "the file that is missing is told");
        cr_expect(enrich_uses(g->enrich, name) && !enrich_uses(g->enrich, databases[1]));
        cr_expect_eq(enrich_files(g->enrich), 2);
        cr_expect(enrich_file(g->enrich, 0).type.p && !enrich_file(g->enrich, 1).type.p &&
                  enrich_file(g->enrich, 1).wrong);
        g->x = enricher_new(g->enrich);
        cr_assert(g->arena && g->x);
}

static void rig_close(struct rig *g)
{
        enricher_free(g->x);
        enrich_free(g->enrich);
        arena_free(g->arena);
}

static void begin(struct rig *g)
{
        memset(g->slots, 0, sizeof g->slots);
        g->record = (struct record){
                .slots = g->slots, .n_slots = _ECS_MAX, .arena = g->arena, .file = "f", .time = USEC_NONE
        };
}

static void put(struct rig *g, enum ecs field, const char *text)
{
        cr_assert_eq(slot_add(&g->slots[field], g->arena, VALUE_STRING, str_of(text)), 0);
}

/* The record as JSON, without file and index. */
static char *text_of(struct rig *g)
{
        struct strbuf out = STRBUF_INIT;
        char *end;

        render_record_json(&g->record, NULL, &out);
        end = strstr(out.p, "\"shopbell.file\"");
        cr_assert_not_null(end);
        *end = '\0';
        return strbuf_take(&out);
}

static const struct {
        const char *address, *json;
} rows[] = {
        { "198.51.100.77",
          "\"source.geo.country_iso_code\":\"KR\",\"source.geo.city_name\":\"Seoul\",\"source.geo.location\":"
          "\"37.5665,126.9780\",\"shopbell.geo.radius_km\":20,\"shopbell.geo.precision\":\"city\","
          "\"source.as.number\":64502,\"source.as.organization.name\":\"Example Mobile\","
          "\"shopbell.network\":\"carrier\",\"shopbell.network.class\":\"mobile\"," },
        { "203.0.113.9",
          "\"source.geo.country_iso_code\":\"BR\",\"source.geo.location\":\"-10.0000,-53.0000\","
          "\"shopbell.geo.radius_km\":2400,\"shopbell.geo.precision\":\"country\",\"source.as.number\":64503,"
          "\"source.as.organization.name\":\"Example Hosting\"," },
        { "203.0.113.200",
          "\"source.geo.country_iso_code\":\"SG\",\"source.geo.city_name\":\"Singapore\",\"source.geo.location\":"
          "\"1.3521,103.8198\",\"shopbell.geo.radius_km\":20,\"shopbell.geo.precision\":\"city\","
          "\"source.as.number\":64504," },
        { "10.0.0.5", "\"shopbell.network\":\"lan\",\"shopbell.network.class\":\"office\"," },
        { "8.8.8.8", "" },
        { "127.0.0.1", "" },
};

#define NETWORKS "[{name: lan, class: office, cidr: 10.0.0.0/8}, {name: carrier, class: mobile, asn: 64502}]"

Test(enrich_enrich, what_an_address_gives)
{
        struct rig g;

        rig_open(&g, NETWORKS);
        for (size_t i = 0; i < 3 * ARRAY_LEN(rows); i++) { /* from the cache, too */
                char expected[1024];
                char *got;

                begin(&g);
                put(&g, ECS_SOURCE_IP, rows[i % ARRAY_LEN(rows)].address);
                cr_assert_eq(enrich_record(g.x, &g.record, ALL, true), 1);
                got = text_of(&g);
                snprintf(expected, sizeof expected, "{\"source.ip\":\"%s\",%s", rows[i % ARRAY_LEN(rows)].address,
                         rows[i % ARRAY_LEN(rows)].json);
                cr_expect_str_eq(got, expected);
                cr_assert_eq(enrich_record(g.x, &g.record, ALL, false), 1);
                free(got);
                got = text_of(&g);
                cr_expect_str_eq(got, expected, "twice is once");
                free(got);
        }
        cr_expect_eq(enricher_counters(g.x)->n[COUNTER_PLACE_UNKNOWN], 3, "8.8.8.8, three times");
        cr_expect_eq(enricher_counters(g.x)->n[COUNTER_AS_UNKNOWN], 3);
        rig_close(&g);
}

Test(enrich_enrich, only_what_is_wanted)
{
        struct rig g;
        char *got;

        cr_expect_eq(enrich_needed(NULL, BIT(USER_NAME)), BIT(USER_NAME));
        cr_expect(enrich_needed(NULL, BIT(NETWORK)) & BIT(SOURCE_IP));
        cr_expect(enrich_needed(NULL, BIT(DEVICE)) & BIT(USER_AGENT));
        rig_open(&g, NETWORKS);
        begin(&g);
        put(&g, ECS_SOURCE_IP, "198.51.100.77");
        put(&g, ECS_USER_AGENT, "curl/8");
        cr_expect_eq(enrich_record(g.x, &g.record, BIT(USER_NAME), true), 0);
        cr_expect_eq(enrich_record(g.x, &g.record, BIT(GEO_COUNTRY), true), 1);
        got = text_of(&g);
        cr_expect_str_eq(got, "{\"source.ip\":\"198.51.100.77\",\"source.geo.country_iso_code\":\"KR\","
                              "\"user_agent.original\":\"curl/8\",");
        free(got);
        cr_expect_eq(enrich_record(g.x, &g.record, BIT(DEVICE), true), 0);
        cr_expect(str_eqz(record_ecs(&g.record, ECS_DEVICE), "curl"));
        rig_close(&g);
}

Test(enrich_enrich, the_source_goes_before)
{
        struct rig g;

        rig_open(&g, NETWORKS);
        begin(&g);
        put(&g, ECS_SOURCE_IP, "198.51.100.77");
        put(&g, ECS_GEO_COUNTRY, "NL"); /* another one: the place is then the middle of that */
        put(&g, ECS_AS_NAME, "Their Net");
        cr_expect_eq(enrich_record(g.x, &g.record, ALL, true), 1);
        cr_expect(str_eqz(record_ecs(&g.record, ECS_GEO_COUNTRY), "NL"));
        cr_expect(str_eqz(record_ecs(&g.record, ECS_GEO_LOCATION), "52.2000,5.3000"));
        cr_expect(str_eqz(record_ecs(&g.record, ECS_GEO_PRECISION), "country"));
        cr_expect_null(record_ecs(&g.record, ECS_GEO_CITY).p);
        cr_expect_null(record_ecs(&g.record, ECS_AS_NUMBER).p);
        cr_expect_eq(g.slots[ECS_GEO_COUNTRY].n, 1);
        begin(&g);
        put(&g, ECS_SOURCE_IP, "198.51.100.77");
        put(&g, ECS_GEO_COUNTRY, "KR"); /* the same: its city is good */
        cr_expect_eq(enrich_record(g.x, &g.record, ALL, true), 1);
        cr_expect(str_eqz(record_ecs(&g.record, ECS_GEO_CITY), "Seoul"));
        begin(&g);
        put(&g, ECS_SOURCE_IP, "198.51.100.77");
        put(&g, ECS_GEO_LOCATION, "1.0000,2.0000");
        cr_expect_eq(enrich_record(g.x, &g.record, ALL, true), 1);
        cr_expect(str_eqz(record_ecs(&g.record, ECS_GEO_LOCATION), "1.0000,2.0000"));
        cr_expect_null(record_ecs(&g.record, ECS_GEO_COUNTRY).p);
        rig_close(&g);
}

Test(enrich_enrich, more_addresses_than_are_remembered)
{
        struct rig g;

        rig_open(&g, "[{name: even, cidr: 10.0.0.0/9}, {name: odd, cidr: 10.128.0.0/9}]");
        for (unsigned round = 0; round < 2; round++)
                for (unsigned i = 0; i < 3 * ENRICH_CACHE_MAX; i++) {
                        char address[32];

                        arena_reset(g.arena);
                        begin(&g);
                        snprintf(address, sizeof address, "10.%u.%u.%u", i % 2 * 128, i >> 8 & 255, i & 255);
                        put(&g, ECS_SOURCE_IP, address);
                        cr_assert_eq(enrich_record(g.x, &g.record, ALL, true), 1);
                        cr_assert(str_eqz(record_ecs(&g.record, ECS_NETWORK), i % 2 ? "odd" : "even"), "%s", address);
                }
        rig_close(&g);
}

Test(enrich_enrich, without_anything_only_the_device)
{
        struct rig g = { .arena = arena_new(), .x = enricher_new(NULL) };

        begin(&g);
        put(&g, ECS_SOURCE_IP, "198.51.100.77");
        put(&g, ECS_USER_AGENT, "aws-cli/2");
        cr_expect_eq(enrich_record(g.x, &g.record, ALL, true), 0);
        cr_expect(str_eqz(record_ecs(&g.record, ECS_DEVICE), "aws-cli"));
        cr_expect_null(record_ecs(&g.record, ECS_GEO_COUNTRY).p);
        cr_expect_eq(enrich_networks(NULL) + enrich_files(NULL), 0);
        rig_close(&g);
}
