/* SPDX-License-Identifier: Apache-2.0 */

/* `make bench-start`: how long the daemon takes at start to have its correlation state back: from the store into an engine.
 * Two shapes of state: keys with a single hit, as addresses that came once leave them, and keys with 20 hits and an alert.
 * Prints medians of a few runs: reading the store alone, and all of it, with the memory that a key then takes. */

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monitor/base/hash.h"
#include "monitor/detect/engine.h"
#include "monitor/detect/rules.h"
#include "monitor/detect/state.h"
#include "monitor/store/store.h"

enum { KEYS = 100000, RUNS = 7, RULE = 1 }; /* RULE: the correlation's number */

static const char rules_text[] =
        "title: Failed\nname: failed\nlevel: informational\nlogsource: {product: shopbell, category: login}\n"
        "detection: {s: {event.outcome: failure}, condition: s}\n---\n"
        "title: Many failures\nid: 6f1b1f0e-26a5-4a2f-9d2e-6d7c8fdd0001\nlevel: high\n"
        "correlation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: 1h, condition: {gte: 5}}\n";

static void die(const char *what, int r)
{
        fprintf(stderr, "bench-start: %s: %s\n", what, strerror(-r));
        exit(1);
}

static struct ruleset *load_rules(const char *path)
{
        struct err_list errors = ERR_LIST_INIT;
        struct ruleset *set = NULL;
        FILE *f = fopen(path, "w");
        int r;

        if (!f || fputs(rules_text, f) < 0 || fclose(f) != 0)
                die(path, -errno);
        r = ruleset_load(&path, 1, NULL, &set, &errors, NULL);
        if (r < 0 || errors.n > 0)
                die("rules", r < 0 ? r : -EINVAL);
        err_list_done(&errors);
        return set;
}

/* ---- State to read back ---- */

static int ignore_change(void *userdata, struct episode *e)
{
        (void)userdata, (void)e;
        return 0;
}
static void ignore_hot(void *userdata, const struct hit *h, struct episode *e)
{
        (void)userdata, (void)h;
        e->words.at = h->time;
        if (!e->words.sentence.p)
                e->words.sentence = str_from(str_dupz(STR("Somebody failed to sign in again and again")), 42);
}

static void make_blob(const struct window_rule *rule, unsigned key, unsigned n_hits, struct strbuf *out)
{
        const struct episode_sink sink = { .hot = ignore_hot, .changed = ignore_change };
        struct window w;

        window_init(&w);
        for (unsigned i = 0; i < n_hits; i++) {
                unsigned seed[2] = { key, i };
                struct str text = str_from((const char *)seed, sizeof seed);
                struct hit hit = { .time = (INT64_C(1790000000) + key % 3600 + i) * USEC_PER_SEC };
                int r;

                hit.key = hash128_of(&text, 1);
                r = window_take(&w, rule, &hit, &sink);
                if (r < 0)
                        die("window", r);
        }
        strbuf_clear(out);
        state_write(&w, out);
        window_done(&w);
}

static size_t fill(const char *path, const struct ruleset *rules, unsigned n_hits)
{
        CLEANUP(store_closep) struct store *store = NULL;
        CLEANUP(strbuf_done) struct strbuf blob = STRBUF_INIT;
        struct str label = ruleset_state_label(rules, RULE);
        struct err err = { 0 };
        size_t bytes = 0;
        int r = store_open(path, &store, &err);

        if (r >= 0)
                r = store_begin(store);
        for (unsigned i = 0; i < KEYS && r >= 0; i++) {
                char value[32], key[40];

                snprintf(value, sizeof value, "%u.%u.%u.%u", 1 + i % 223, i / 223 % 256, i / 57088 % 256, i * 7 % 256);
                snprintf(key, sizeof key, "%zu:%s", strlen(value), value);
                make_blob(&rules->entries[RULE].window, i, n_hits, &blob);
                bytes += blob.n;
                r = store_put_window(store, label, str_of(key), 0, strbuf_str(&blob));
        }
        if (r >= 0)
                r = store_commit(store);
        if (r < 0)
                die(path, r);
        return bytes / KEYS;
}

/* ---- Reading it back ---- */

static int take_nothing(void *userdata, struct str rule, struct str key, struct str blob)
{
        *(size_t *)userdata += rule.n + key.n + blob.n;
        return 0;
}

static int take(void *userdata, struct str rule, struct str key, struct str blob)
{
        return engine_load(userdata, rule, key, blob);
}

static int compare(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return x < y ? -1 : x > y;
}

static double median(double *times)
{
        qsort(times, RUNS, sizeof *times, compare);
        return times[RUNS / 2];
}

static double now_ms(void)
{
        return (double)clock_now(&clock_system) / 1000;
}

static void measure(const char *path, const struct ruleset *rules, unsigned n_hits)
{
        double alone[RUNS], all[RUNS];
        size_t blob = fill(path, rules, n_hits), bytes = 0, sum = 0;

        for (unsigned i = 0; i < RUNS; i++) {
                struct store *store = NULL;
                struct engine *e;
                struct err err = { 0 };
                double from;
                size_t before;
                int r = store_open(path, &store, &err);

                if (r < 0)
                        die(path, r);
                from = now_ms();
                r = store_each_window(store, take_nothing, &sum);
                alone[i] = now_ms() - from;
                before = mallinfo2().uordblks;
                from = now_ms();
                e = engine_new(rules, &(struct engine_options){ 0 });
                if (r >= 0)
                        r = e ? store_each_window(store, take, e) : -ENOMEM;
                all[i] = now_ms() - from;
                if (r < 0 || engine_keys(e) != KEYS)
                        die("loading", r < 0 ? r : -EINVAL);
                bytes = (mallinfo2().uordblks - before) / KEYS;
                engine_free(e);
                store_close(store);
        }
        printf("%d keys of %u %s: store alone %.0f ms, into the engine %.0f ms; a key: %zu bytes stored, %zu in memory\n", KEYS,
               n_hits, n_hits == 1 ? "hit" : "hits", median(alone), median(all), blob, bytes);
}

static void drop_store(const char *path)
{
        static const char *const ends[] = { "", "-wal", "-shm" };

        for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
                char name[256];

                snprintf(name, sizeof name, "%s%s", path, ends[i]);
                unlink(name);
        }
}

int main(void)
{
        static const unsigned shapes[] = { 1, 20 };
        char folder[] = "/tmp/shopbell-bench-XXXXXX", rules_path[64], store_path[64];
        static const uint8_t seed[HASH_SEED_BYTES] = "bench-start";
        struct ruleset *rules;

        hash_seed(seed);
        if (!mkdtemp(folder))
                die(folder, -errno);
        snprintf(rules_path, sizeof rules_path, "%s/rules.yml", folder);
        snprintf(store_path, sizeof store_path, "%s/shopbell.db", folder);
        rules = load_rules(rules_path);
        for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
                measure(store_path, rules, shapes[i]);
                drop_store(store_path);
        }
        ruleset_free(rules);
        unlink(rules_path);
        rmdir(folder);
        return 0;
}
