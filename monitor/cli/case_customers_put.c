/* SPDX-License-Identifier: Apache-2.0 */

/* What was found goes into the case: an entry of kind "reach" with what was looked at, and the fields that follow from it, as estimates.
 * A number never falls by looking at less, and what a person has confirmed stays, but for a number that turns out to be too low. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cases/order.h"
#include "monitor/cli/case_customers.h"
#include "monitor/cli/replay.h"

enum { NAMED_MAX = 40, NAME_CHARS_MAX = 80, LOOKED_CHARS_MAX = 400, REACH_BYTES_MAX = 6500, WHO_BYTES_MAX = 1500, COUNTRIES_MAX = 100, VALUES_BYTES_MAX = 6000 };

static unsigned long long ull(uint64_t n)
{
        return n;
}

/* ---- Orders ---- */

struct said {
        const char *kind;
        struct str key, value, status, because, by;
};

/* Names of files may be of any bytes and length; an order takes neither. */
static void add_looked(const struct customers *c, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf looked = STRBUF_INIT;

        customers_looked(c, &looked);
        text_display(out, strbuf_str(&looked), TEXT_TERMINAL, LOOKED_CHARS_MAX);
        out->failed |= looked.failed;
}

static int put(struct customers *c, const struct said *s)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf evidence = STRBUF_INIT;
        const struct {
                const char *key;
                struct str value;
        } lines[] = { { "kind", str_of(s->kind) }, { "key", s->key }, { "value", s->value }, { "status", s->status }, { "because", s->because }, { "by", s->by } };

        strbuf_addf(&order, "case-add\ncase %lld\n", (long long)c->id);
        for (size_t i = 0; i < ARRAY_LEN(lines); i++)
                if (lines[i].value.n > 0)
                        case_order_add(&order, lines[i].key, lines[i].value);
        if (c->reached || c->roster) {
                add_looked(c, &evidence);
                case_order_add(&order, "evidence", strbuf_str(&evidence));
        }
        if (strbuf_failed(&order) || strbuf_failed(&evidence)) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        return daemon_order(c->cli, strbuf_str(&order));
}

static int put_field(struct customers *c, struct str key, struct str value, const char *status, const char *because)
{
        const struct said s = { "set", key, value, str_of(status), str_of(because), c->cli->by ? str_of(c->cli->by) : STR("") };

        return put(c, &s);
}

/* ---- Numbers ---- */

/* "at least N", unless so many are known already. */
static int put_least(struct customers *c, struct str name, struct str part, uint64_t n)
{
        uint64_t was = customers_least(c, name, part);
        struct str key = part.n > 0 ? arena_printf(c->arena, STR_FMT "." STR_FMT, STR_ARG(name), STR_ARG(part)) : name;
        struct str value = arena_printf(c->arena, "at least %llu", ull(n));

        if (n == 0 || n <= was)
                return CLI_OK;
        return key.p && value.p ? put_field(c, key, value, "estimated", "counted from records") : CLI_CANNOT;
}

static int put_countries(struct customers *c)
{
        struct str code;
        uint64_t n;
        int code_of_put = CLI_OK;

        for (size_t i = 1; i <= COUNTRIES_MAX && code_of_put == CLI_OK && headcount_country(c->headcount, i, &code, &n); i++)
                code_of_put = put_least(c, STR("people"), code, headcount_least(c->headcount, n));
        return code_of_put;
}

/* ---- Texts and times ---- */

/* What a person has confirmed is not written over. */
static bool is_confirmed(const struct customers *c, struct str name)
{
        const struct case_value *v = casefile_value(&c->c, name, STR_NONE);

        return v && v->status == FIELD_CONFIRMED;
}

static struct str zone_of(const struct customers *c)
{
        return c->c.n_marks > 0 && c->c.marks[0].zone.n > 0 ? c->c.marks[0].zone : STR("UTC");
}

/* The beginning only becomes earlier, the end only later. */
static int put_time(struct customers *c, struct str name, usec at, bool is_end)
{
        const struct case_value *v = casefile_value(&c->c, name, STR_NONE);
        struct str zone, value;
        usec was;

        if (at == USEC_NONE || at < 0 || is_confirmed(c, name))
                return CLI_OK;
        if (v && v->value.p && case_moment(v->value, &was, &zone) == 0 && (is_end ? at <= was : at >= was))
                return CLI_OK;
        value = arena_printf(c->arena, "%lld " STR_FMT, (long long)at, STR_ARG(zone_of(c)));
        return value.p ? put_field(c, name, value, "estimated", is_end ? "the last act that was found" : "the first act that was found") : CLI_CANNOT;
}

/* What a log says, harmless and not too long. */
static void add_name(struct str text, bool is_next, struct strbuf *out)
{
        strbuf_addz(out, is_next ? ", " : "");
        text_display(out, text, TEXT_TERMINAL, NAME_CHARS_MAX);
}

static void add_values(const struct customers *c, enum reached_name kind, const char *heading, struct strbuf *out)
{
        struct reached_value *values;
        size_t n, all, shown = 0;

        if (reached_names(c->reached, kind, NAMED_MAX, c->arena, &values, &n, &all) < 0) {
                out->failed = true;
                return;
        }
        if (all > 0)
                strbuf_addf(out, "%s%s ", out->n > 0 ? "; " : "", heading);
        for (; shown < n && out->n < VALUES_BYTES_MAX; shown++)
                add_name(values[shown].text, shown > 0, out);
        if (all > shown)
                strbuf_addf(out, " and %zu more", all - shown);
}

static int put_text(struct customers *c, struct str name, const struct strbuf *text)
{
        const struct case_value *v = casefile_value(&c->c, name, STR_NONE);

        if (strbuf_failed(text))
                return CLI_CANNOT;
        if (text->n == 0 || is_confirmed(c, name) || (v && v->value.p && str_eq(v->value, strbuf_str(text))))
                return CLI_OK;
        return put_field(c, name, strbuf_str(text), "estimated", "from the records in reach");
}

static int put_lists(struct customers *c)
{
        CLEANUP(strbuf_done) struct strbuf addresses = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf systems = STRBUF_INIT;
        int code;

        add_values(c, REACHED_ADDRESS, "addresses", &addresses);
        add_values(c, REACHED_FROM, "from", &addresses);
        add_values(c, REACHED_NETWORK, "networks", &addresses);
        add_values(c, REACHED_DEVICE, "programs", &addresses);
        add_values(c, REACHED_SOURCE, "logs of", &systems);
        add_values(c, REACHED_KEY, "keys", &systems);
        add_values(c, REACHED_ACCOUNT, "accounts", &systems);
        code = put_text(c, STR("addresses"), &addresses);
        return code == CLI_OK ? put_text(c, STR("systems"), &systems) : code;
}

/* ---- What was looked at ---- */

static void add_span(struct strbuf *out, const char *key, usec from, usec to)
{
        strbuf_addf(out, "%s ", key);
        strbuf_addf(out, from == USEC_NONE ? "-" : "%lld", (long long)from);
        strbuf_addf(out, to == USEC_NONE ? " -\n" : " %lld\n", (long long)to);
}

static void describe_reach(const struct customers *c, struct strbuf *out)
{
        size_t before = out->n;

        strbuf_addz(out, "for ");
        for (size_t i = 0; i < c->n_who && out->n - before < WHO_BYTES_MAX; i++)
                add_name(c->who[i], i > 0, out);
        strbuf_addc(out, '\n');
        add_span(out, "range", c->cli->since, c->cli->until);
        add_span(out, "seen", c->sum.seen_from, c->sum.seen_to);
        add_span(out, "acts", c->sum.first, c->sum.last);
        strbuf_addf(out, "read %llu\nunread %llu\nrecords %llu\nrefused %llu\norders %llu\nrows %llu\naddresses %llu\n", ull(c->sum.looked_at),
                    ull(replay_skipped(&c->counters) + c->n_unfit), ull(c->sum.records), ull(c->sum.refused), ull(headcount_all(c->sum.orders)),
                    ull(c->sum.rows), ull(headcount_all(c->sum.addresses)));
}

static int put_reach(struct customers *c)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf gaps = STRBUF_INIT;
        struct str rest, gap;
        struct said s = { .kind = "reach", .key = c->roster ? STR("import") : c->n_paths > 0 ? STR("store, logs") : STR("store") };

        strbuf_addf(&text, "people %llu\nexact %s\nlooked ", ull(c->people), headcount_is_exact(c->headcount) ? "yes" : "no");
        add_looked(c, &text);
        strbuf_addc(&text, '\n');
        if (c->roster)
                strbuf_addf(&text, "rows %llu\nduplicates %llu\nunread %llu\ndigest %s\n", ull(c->list.rows), ull(c->list.duplicates), ull(c->list.bad_all), c->digest);
        else
                describe_reach(c, &text);
        customers_gaps(c, &gaps);
        for (rest = strbuf_str(&gaps); rest.n > 0 && str_cut(&rest, '\n', &gap) && gap.n > 0 && text.n < REACH_BYTES_MAX;)
                strbuf_addf(&text, "gap " STR_FMT "\n", STR_ARG(gap));
        if (strbuf_failed(&text) || strbuf_failed(&gaps))
                return CLI_CANNOT;
        s.value = str_trim(strbuf_str(&text));
        s.by = c->cli->by ? str_of(c->cli->by) : STR("");
        return put(c, &s);
}

/* Customers' records that were seen: one an act that is no export, and the rows of exports. */
static uint64_t records_of(const struct customers *c)
{
        uint64_t n = c->sum.records > c->sum.exports ? c->sum.records - c->sum.exports : 0;

        return n + c->sum.rows < n ? UINT64_MAX : n + c->sum.rows;
}

/* What retention would take, from before the first act on. */
static int put_hold(struct customers *c)
{
        usec from = c->sum.first != USEC_NONE && c->sum.first > CASE_HOLD_BEFORE ? c->sum.first - CASE_HOLD_BEFORE : USEC_NONE;
        struct said s = { .kind = "hold", .because = STR("acts were found that lie before what was held") };

        if (from == USEC_NONE || (c->c.hold_from != USEC_NONE && c->c.hold_from <= from))
                return CLI_OK;
        s.key = arena_printf(c->arena, "%lld %lld", (long long)from, (long long)INT64_MAX);
        s.by = c->cli->by ? str_of(c->cli->by) : STR("");
        return s.key.p ? put(c, &s) : CLI_CANNOT;
}

int customers_put(struct customers *c)
{
        int code = put_reach(c);

        if (code == CLI_OK)
                code = put_least(c, STR("people"), STR_NONE, c->people > 0 && c->known > c->people ? c->known : c->people);
        if (code == CLI_OK)
                code = put_countries(c);
        if (code == CLI_OK && c->cli->base > 0) {
                struct str base = arena_printf(c->arena, "%llu", ull(c->cli->base));
                const struct case_value *v = casefile_value(&c->c, STR("base"), STR_NONE);

                if (base.p && !(v && v->value.p && str_eq(v->value, base)))
                        code = put_field(c, STR("base"), base, "confirmed", "said with --base");
        }
        if (code != CLI_OK || c->roster)
                return code;
        code = put_least(c, STR("records"), STR_NONE, records_of(c));
        if (code == CLI_OK)
                code = put_time(c, STR("started"), c->sum.first, false);
        if (code == CLI_OK)
                code = put_time(c, STR("ended"), c->sum.last, true);
        if (code == CLI_OK)
                code = put_hold(c);
        return code == CLI_OK ? put_lists(c) : code;
}

/* ---- The end of a review ---- */

/* The last entry of that kind. */
static const struct store_case_entry *last_of(const struct customers *c, const char *kind)
{
        for (size_t i = c->c.n_entries; i-- > 0;)
                if (str_eqz(c->c.entries[i].kind, kind))
                        return &c->c.entries[i];
        return NULL;
}

/* Numbers that were "at least" stand as they are. */
static int settle(struct customers *c, const char *status)
{
        int code = CLI_OK;

        for (size_t i = 0; i < c->c.n_values && code == CLI_OK; i++) {
                const struct case_value *v = &c->c.values[i];
                struct str name = str_of(v->field->name), key, value;
                bool is_open = false;
                uint64_t least = 0, most;

                if (!str_eqz(name, "people") && !str_eqz(name, "records"))
                        continue;
                if (!v->value.p || case_number(v->value, &least, &most, &is_open) < 0 || !is_open)
                        continue;
                if (str_eqz(name, "people") && v->part.n == 0 && customers_known(c) > least)
                        least = customers_known(c);
                key = v->part.n > 0 ? arena_printf(c->arena, STR_FMT "." STR_FMT, STR_ARG(name), STR_ARG(v->part)) : name;
                value = arena_printf(c->arena, "%llu", ull(least));
                code = key.p && value.p ? put_field(c, key, value, status, c->cli->because) : CLI_CANNOT;
        }
        return code;
}

int customers_review(struct customers *c)
{
        const struct store_case_entry *reach = last_of(c, "reach");
        const struct said s = { "reviewed", STR(""), STR(""), STR(""), str_of(c->cli->because), str_of(c->cli->by) };
        int code;

        if (!c->cli->by || !*c->cli->by || !c->cli->because || !*c->cli->because) {
                log_error("somebody answers for that: --reviewed --by NAME --because TEXT");
                return CLI_USAGE;
        }
        if (!reach) {
                log_error("nothing was looked at yet: shopbell case customers %lld [FILE|DIR…]", (long long)c->id);
                return CLI_FOUND;
        }
        if (c->c.is_reviewed) {
                log_error("it was said before that all was looked at, and nothing came behind that");
                return CLI_FOUND;
        }
        code = put(c, &s);
        return code == CLI_OK ? settle(c, str_eqz(str_value(reach->value, "exact"), "no") ? "estimated" : "confirmed") : code;
}
