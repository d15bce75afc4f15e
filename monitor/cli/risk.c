/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell risk: people by risk now, and the alerts it is made of. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/arena.h"
#include "monitor/base/json_write.h"
#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/quiet/risk.h"
#include "monitor/store/quiet.h"

enum { ID_SHOWN = 8 };

static const struct table_column columns[] = {
        { .title = "PERSON" },
        { .title = "RISK", .is_right = true, .is_json = true },
        { .title = "ALERTS", .is_right = true },
        { .title = "RULES", .is_right = true },
        { .title = "LAST" },
        { .title = "MADE_OF", .is_wrapped = true, .is_json = true },
};

struct risky {
        struct str name;
        size_t first, n; /* of the signs */
        struct risk risk;
        size_t n_parts; /* alerts that add at least half a point */
        usec last;
};

struct report {
        const struct cli *cli;
        enum cli_format format;
        struct str only; /* absent: all */
        struct arena *arena;
        struct risk_sign *signs;
        struct risk_alert *alerts;
        double *parts;
        size_t n, cap;
        struct risky *people;
        size_t n_people, cap_people;
};

/* ---- Reading ---- */

static int grow(struct report *r)
{
        size_t cap = r->cap ? 2 * r->cap : 256;
        struct risk_sign *signs;
        struct risk_alert *alerts;

        if (r->n < r->cap)
                return 0;
        signs = reallocarray(r->signs, cap, sizeof *signs);
        r->signs = signs ? signs : r->signs;
        alerts = signs ? reallocarray(r->alerts, cap, sizeof *alerts) : NULL;
        if (!alerts)
                return -ENOMEM;
        r->alerts = alerts;
        r->cap = cap;
        return 0;
}

static struct risky *person_of(struct report *r, struct str name)
{
        struct risky *last = r->n_people > 0 ? &r->people[r->n_people - 1] : NULL;

        if (last && str_eq(last->name, name))
                return last;
        if (r->n_people == r->cap_people) {
                size_t cap = r->cap_people ? 2 * r->cap_people : 64;
                struct risky *people = reallocarray(r->people, cap, sizeof *people);

                if (!people)
                        return NULL;
                r->people = people;
                r->cap_people = cap;
        }
        r->people[r->n_people] = (struct risky){ .name = arena_dup(r->arena, name), .first = r->n };
        return r->people[r->n_people].name.p ? &r->people[r->n_people++] : NULL;
}

static int on_sign(void *userdata, struct str name, const struct risk_alert *a)
{
        struct report *r = userdata;
        struct risky *of;
        struct risk_alert own = *a;

        if (r->only.p && !str_eq_nocase(r->only, name))
                return 0;
        of = grow(r) < 0 ? NULL : person_of(r, name);
        own.rule_id = arena_dup(r->arena, a->rule_id);
        own.rule_title = arena_dup(r->arena, a->rule_title);
        if (!of || !own.rule_id.p || !own.rule_title.p)
                return -ENOMEM;
        r->alerts[r->n] = own;
        r->signs[r->n++] = (struct risk_sign){ own.rule_id, a->level, a->time };
        of->n++;
        of->last = a->time;
        return 0;
}

/* ---- Reckoning ---- */

static int reckon(struct report *r)
{
        int k = 0;

        r->parts = calloc(r->n + 1, sizeof *r->parts);
        if (!r->parts)
                return -ENOMEM;
        for (size_t i = 0; i < r->n_people && k >= 0; i++) {
                struct risky *p = &r->people[i];

                k = risk_at(r->signs + p->first, p->n, r->cli->now, r->parts + p->first, &p->risk);
                for (size_t s = p->first; s < p->first + p->n; s++)
                        p->n_parts += r->parts[s] >= 0.5;
        }
        return k;
}

static int by_risk(const void *a, const void *b)
{
        const struct risky *x = a, *y = b;

        if (x->risk.points != y->risk.points)
                return x->risk.points < y->risk.points ? 1 : -1;
        return str_cmp(x->name, y->name);
}

/* ---- Printing ---- */

/* The next heaviest; SIZE_MAX: no more. It is taken out. */
static size_t take_heaviest(struct report *r, const struct risky *p, double *ret)
{
        size_t best = SIZE_MAX;

        for (size_t i = p->first; i < p->first + p->n; i++)
                if (r->parts[i] >= 0.5 && (best == SIZE_MAX || r->parts[i] > r->parts[best]))
                        best = i;
        if (best == SIZE_MAX)
                return best;
        *ret = r->parts[best];
        r->parts[best] = 0;
        return best;
}

/* "50.0 high: Title (3f2a9c11); …", or an array of objects. */
static void write_parts(struct report *r, const struct risky *p, struct strbuf *out)
{
        bool is_json = r->format == FORMAT_JSON || r->format == FORMAT_NDJSON;
        struct json_writer w = JSON_WRITER(out);
        double part;

        if (is_json)
                json_begin(&w, '[');
        for (size_t n = 0, i; (i = take_heaviest(r, p, &part)) != SIZE_MAX; n++) {
                const struct risk_alert *a = &r->alerts[i];
                char hex[HASH128_HEX_BYTES], at[TIME_ISO_BYTES], number[32];

                hash128_hex(&a->id, hex);
                time_format_iso(a->time, at);
                snprintf(number, sizeof number, "%.1f", part);
                if (!is_json) {
                        strbuf_addf(out, "%s%s %s: " STR_FMT " (%.*s)", n ? "; " : "", number, level_name(a->level),
                                    STR_ARG(a->rule_title), ID_SHOWN, hex);
                        continue;
                }
                json_begin(&w, '{');
                json_key(&w, "points"), json_raw(&w, str_of(number));
                json_key(&w, "level"), json_strz(&w, level_name(a->level));
                json_key(&w, "rule"), json_str(&w, a->rule_id);
                json_key(&w, "title"), json_str(&w, a->rule_title);
                json_key(&w, "alert"), json_strz(&w, hex);
                json_key(&w, "@timestamp"), json_strz(&w, at);
                json_end(&w, '}');
        }
        if (is_json)
                json_end(&w, ']');
}

static int print(struct report *r)
{
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), r->format);
        size_t n = 0;

        for (size_t i = 0; t && i < r->n_people; i++) {
                CLEANUP(strbuf_done) struct strbuf parts = STRBUF_INIT;
                const struct risky *p = &r->people[i];
                char points[32], alerts[24], rules[24], last[TIME_ISO_BYTES];

                if (p->risk.points < 0.5)
                        continue;
                n++;
                snprintf(points, sizeof points, "%.1f", p->risk.points);
                snprintf(alerts, sizeof alerts, "%zu", p->n_parts);
                snprintf(rules, sizeof rules, "%zu", p->risk.n_rules);
                if (r->format == FORMAT_TABLE)
                        time_format_local(p->last - p->last % USEC_PER_SEC, last);
                else
                        time_format_iso(p->last, last);
                write_parts(r, p, &parts);
                if (strbuf_failed(&parts) || table_add(t, (struct str[]){ p->name, str_of(points), str_of(alerts), str_of(rules),
                                                                          str_of(last), strbuf_str(&parts) }) < 0)
                        return -ENOMEM;
        }
        if (t && n == 0 && r->format == FORMAT_TABLE) {
                puts("No risk.");
                return 0;
        }
        return t ? table_print(t) : -ENOMEM;
}

static int run(struct report *r, struct query *q)
{
        int k = r->arena ? query_risk(q, r->cli->now - RISK_AGE_MAX, on_sign, r) : -ENOMEM;

        if (k >= 0)
                k = reckon(r);
        if (k >= 0 && r->n_people > 1)
                qsort(r->people, r->n_people, sizeof *r->people, by_risk);
        if (k >= 0)
                k = print(r);
        if (k < 0)
                log_error("the alerts cannot be read: %s", k == -ENOMEM ? "out of memory" : query_error(q));
        return k < 0 ? CLI_CANNOT : CLI_OK;
}

int cmd_risk(struct cli *cli, int argc, char **argv)
{
        CLEANUP(query_closep) struct query *q = NULL;
        struct report r = { .cli = cli, .format = cli->format ? cli->format : FORMAT_TABLE, .only = str_of(argc > 0 ? argv[0] : NULL) };
        int code;

        if (argc > 1) {
                log_error("shopbell risk takes one person, or none for all");
                return CLI_USAGE;
        }
        if (cli_query(cli, &q) != CLI_OK)
                return CLI_CANNOT;
        r.arena = arena_new();
        code = run(&r, q);
        arena_free(r.arena);
        free(r.signs);
        free(r.alerts);
        free(r.parts);
        free(r.people);
        return code;
}
