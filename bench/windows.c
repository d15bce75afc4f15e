/* SPDX-License-Identifier: Apache-2.0 */

/* `make bench-windows`: hits a second through each kind of correlation, with 1, 1,000 and 1,000,000 group keys, straight into
 * engine_take(), settled now and then as the daemon does. And the memory of a key that was hit once. Prints medians. */

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "monitor/base/hash.h"
#include "monitor/detect/engine.h"
#include "monitor/detect/ruleset.h"

enum { HITS = 1000000, RUNS = 3, MANY = 1000000, SETTLE_EVERY = 10000, STEP_US = 1000 };

static const struct {
        const char *name, *text;
} kinds[] = {
        { "event_count", "type: event_count, condition: {gte: 150000}" },
        { "value_count", "type: value_count, condition: {field: user.name, gte: 150000}" },
        { "value_sum", "type: value_sum, condition: {field: shopbell.export.rows, gte: 1000000000}" },
        { "value_avg", "type: value_avg, condition: {field: shopbell.export.rows, gte: 1000000}" },
        { "value_percentile", "type: value_percentile, condition: {field: shopbell.export.rows, gte: 1000000}" },
        { "temporal", "type: temporal" },
        { "temporal_ordered", "type: temporal_ordered" },
        { "absence", "type: absence" },
        { "new_value", "type: new_value, condition: {field: user.name}" },
        { "unusual_time", "type: unusual_time, condition: {gte: 30}" },
        { "dormant", "type: dormant" },
        { "spike", "type: spike, condition: {field: shopbell.export.rows, gte: 1000000000}" },
        { "new_highest", "type: new_highest, condition: {field: shopbell.export.rows}" },
        { "travel", "type: travel" },
        { "surprise", "type: surprise, condition: {gte: 1000}" },
};

static void die(const char *what, int r)
{
        fprintf(stderr, "bench-windows: %s: %s\n", what, strerror(-r));
        exit(1);
}

/* ---- Rules ---- */

static uint32_t want(void *userdata, struct str field)
{
        (void)userdata, (void)field;
        return UINT32_MAX; /* ECS fields only */
}
static void want_leaves(void *userdata)
{
        (void)userdata;
}

static struct ruleset *load_rules(const char *path, const char *kind)
{
        static const struct log_kind source = {
                .name = "shop", .lateness = USEC_PER_SEC, .want = want, .want_leaves = want_leaves
        };
        const struct log_kind *sources[] = { &source };
        struct err_list errors = ERR_LIST_INIT;
        struct ruleset *set = NULL;
        FILE *f = fopen(path, "w");
        int r;

        if (!f)
                die(path, -errno);
        fprintf(f,
                "title: A\nname: a\nlevel: low\nlogsource: {product: shopbell, category: login}\n"
                "detection: {s: {event.action: a}, condition: s}\n---\n"
                "title: B\nname: b\nlevel: low\nlogsource: {product: shopbell, category: login}\n"
                "detection: {s: {event.action: b}, condition: s}\n---\n"
                "title: Kind\nid: kind\nlevel: high\ncorrelation: {rules: [a, b], group-by: [source.ip], timespan: 10s, %s}\n",
                kind);
        if (fclose(f) != 0)
                die(path, -errno);
        r = ruleset_load(&path, 1, NULL, &set, &errors, NULL);
        if (r < 0 || errors.n > 0) {
                fprintf(stderr, "%s\n", errors.n ? errors.items[0].text : "");
                die("rules", r < 0 ? r : -EINVAL);
        }
        r = ruleset_bind(set, sources, 1, NULL);
        if (r < 0)
                die("rules", r);
        err_list_done(&errors);
        return set;
}

/* ---- Hits ---- */

static int ignore_evidence(void *userdata, const struct record *record)
{
        (void)userdata, (void)record;
        return 0;
}
static int ignore_change(void *userdata, const struct alert_change *c)
{
        (void)userdata, (void)c;
        return 0;
}

/* What changed goes to the store with each batch; that is not what is measured here. */
static int ignore_state(void *userdata, struct str rule, struct str key, unsigned part, struct str blob)
{
        (void)part;
        (void)userdata, (void)rule, (void)key, (void)blob;
        return 0;
}

struct shot {
        struct arena *arena;
        struct record record;
        struct slot slots[_ECS_MAX];
        struct value *ip, *user, *rows;
        struct str *ips, users[7], numbers[100]; /* made before, to leave the making out of the time */
};

static struct value *set(struct shot *s, enum ecs field, const char *text)
{
        slot_add(&s->slots[field], s->arena, VALUE_STRING, arena_dup(s->arena, str_of(text)));
        return s->slots[field].first;
}

static struct str text(struct shot *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
static struct str text(struct shot *s, const char *fmt, ...)
{
        char buf[64];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(buf, sizeof buf, fmt, ap);
        va_end(ap);
        return arena_dup(s->arena, str_of(buf));
}

static void prepare(struct shot *s, unsigned keys)
{
        *s = (struct shot){ .arena = arena_new() };
        if (!s->arena)
                die("memory", -ENOMEM);
        s->record = (struct record){ .source = "shop", .file = "bench", .slots = s->slots, .n_slots = _ECS_MAX, .arena = s->arena };
        s->ip = set(s, ECS_SOURCE_IP, "-");
        s->user = set(s, ECS_USER_NAME, "-");
        s->rows = set(s, ECS_ROWS, "-");
        set(s, ECS_GEO_COUNTRY, "KR");
        set(s, ECS_GEO_LOCATION, "37.5700,126.9800");
        set(s, ECS_GEO_RADIUS, "20");
        set(s, ECS_AS_NUMBER, "64500");
        set(s, ECS_DEVICE, "Chrome on Windows");
        set(s, ECS_SOURCE_NAME, "shop");
        s->ips = arena_array(s->arena, keys, sizeof *s->ips);
        if (!s->ips)
                die("memory", -ENOMEM);
        for (unsigned i = 0; i < keys; i++)
                s->ips[i] = text(s, "%u.%u.%u.%u", 1 + i % 223, i / 223 % 256, i / 57088 % 256, i % 251);
        for (unsigned i = 0; i < ARRAY_LEN(s->users); i++)
                s->users[i] = text(s, "user%u", i);
        for (unsigned i = 0; i < ARRAY_LEN(s->numbers); i++)
                s->numbers[i] = text(s, "%u", i);
}

static void aim(struct shot *s, unsigned n, unsigned keys)
{
        s->ip->text = s->ips[n % keys];
        s->user->text = s->users[n % ARRAY_LEN(s->users)];
        s->rows->text = s->numbers[n % ARRAY_LEN(s->numbers)];
        s->record.time = INT64_C(1790000000) * USEC_PER_SEC + (usec)n * STEP_US;
        memset(&s->record.key, 0, sizeof s->record.key);
        memcpy(s->record.key.b, &(uint64_t){ (n + 1) * UINT64_C(0x9E3779B97F4A7C15) }, 8);
        s->record.id = s->user->text;
}

static double now_s(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double shoot(struct engine *e, struct shot *s, unsigned hits, unsigned keys, bool settles)
{
        const struct engine_sink sink = { .evidence = ignore_evidence, .change = ignore_change };
        double from = now_s(), stored = 0;

        for (unsigned n = 0; n < hits; n++) {
                uint32_t rule = 0;
                int r;

                aim(s, n, keys);
                r = engine_take(e, &s->record, &rule, 1, s->record.time, &sink);
                if (r >= 0 && n % SETTLE_EVERY == SETTLE_EVERY - 1 && settles) {
                        r = engine_judge(e, &sink);
                        if (r >= 0)
                                r = engine_settle(e, &(usec){ s->record.time }, 1, &sink);
                        stored -= now_s();
                        if (r >= 0)
                                r = engine_dirty(e, ignore_state, NULL);
                        stored += now_s();
                }
                if (r < 0)
                        die("engine", r);
        }
        return now_s() - from - stored;
}

static int by_size(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static double rate(const struct ruleset *rules, unsigned keys)
{
        double all[RUNS];

        for (unsigned run = 0; run < RUNS; run++) {
                struct engine *e = engine_new(rules, NULL);
                struct shot s;

                if (!e)
                        die("engine", -ENOMEM);
                prepare(&s, keys);
                all[run] = HITS / shoot(e, &s, HITS, keys, true);
                engine_free(e);
                arena_free(s.arena);
        }
        qsort(all, RUNS, sizeof *all, by_size);
        return all[RUNS / 2];
}

static double bytes_a_key(const struct ruleset *rules)
{
        struct engine *e = engine_new(rules, &(struct engine_options){ .keys_max = MANY + 1, .bytes_max = (size_t)8 << 30 });
        struct mallinfo2 before, after;
        struct shot s;

        if (!e)
                die("engine", -ENOMEM);
        prepare(&s, MANY);
        malloc_trim(0);
        before = mallinfo2();
        shoot(e, &s, MANY, MANY, false);
        after = mallinfo2();
        engine_free(e);
        arena_free(s.arena);
        return (double)(after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / MANY;
}

int main(int argc, char **argv)
{
        static const unsigned keys[] = { 1, 1000, MANY };
        unsigned only = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0; /* KIND KEYS: these alone, for a profiler */
        char path[] = "/tmp/bench-windows.XXXXXX.yml";
        int fd = mkstemps(path, 4);

        if (fd < 0)
                die(path, -errno);
        close(fd);
        printf("%-17s %12s %12s %12s %12s\n", "KIND", "1 KEY", "1,000 KEYS", "1 M KEYS", "BYTES A KEY");
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
                struct ruleset *rules;

                if (argc > 1 && strcmp(argv[1], kinds[k].name) != 0)
                        continue;
                rules = load_rules(path, kinds[k].text);
                printf("%-17s", kinds[k].name);
                for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
                        if (only == 0 || only == keys[i])
                                printf(" %10.0f/s", rate(rules, keys[i]));
                        fflush(stdout);
                }
                if (only == 0)
                        printf(" %12.0f", bytes_a_key(rules));
                printf("\n");
                ruleset_free(rules);
        }
        unlink(path);
        return 0;
}
