/* SPDX-License-Identifier: Apache-2.0 */

/* What was found, in words and as JSON. No number sounds final before a person says that it is. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/json_write.h"
#include "monitor/base/utf8.h"
#include "monitor/cases/nation.h"
#include "monitor/cli/case_customers.h"
#include "monitor/cli/replay.h"

enum { NAMED_SHOWN = 5, NAME_CHARS_MAX = 60, COUNTRIES_SHOWN = 30, DAY_BYTES = 11, GAPS_SHOWN = 6 };

static void add_day(usec t, struct strbuf *out)
{
        char iso[TIME_ISO_BYTES];

        time_format_iso(t, iso);
        strbuf_addf(out, "%.10s", iso);
}

static void add_time(usec t, struct strbuf *out)
{
        char iso[TIME_ISO_BYTES];

        time_format_iso(t - t % USEC_PER_SEC, iso);
        strbuf_addf(out, "%s", t == USEC_NONE ? "unknown" : iso);
}

static unsigned long long ull(uint64_t n)
{
        return n;
}

/* The range that was asked for, or else that of the records: "2025-01-01 to 2026-11-17"; words where nothing was seen. */
static void put_range(const struct customers *c, struct strbuf *out)
{
        usec from = c->cli->since != USEC_NONE ? c->cli->since : c->sum.seen_from, to = c->cli->until != USEC_NONE ? c->cli->until : c->sum.seen_to;

        if (c->roster || from == USEC_NONE || to == USEC_NONE) {
                strbuf_addz(out, c->roster ? "the logs" : "all that there is");
                return;
        }
        add_day(from, out);
        strbuf_addz(out, " to ");
        add_day(to, out);
}

void customers_looked(const struct customers *c, struct strbuf *out)
{
        if (c->roster) {
                strbuf_addf(out, "the file %s", c->cli->import);
                return;
        }
        strbuf_addz(out, "the store");
        for (size_t i = 0; i < c->n_paths && i < CUSTOMERS_PATHS_SHOWN; i++)
                strbuf_addf(out, ", %s", c->paths[i]);
        if (c->n_paths > CUSTOMERS_PATHS_SHOWN)
                strbuf_addf(out, " and %zu more", c->n_paths - CUSTOMERS_PATHS_SHOWN);
}

/* ---- What is not in the numbers ---- */

static int on_gap(void *userdata, usec from, usec to)
{
        struct strbuf *out = userdata;
        size_t n = 0;

        for (size_t i = 0; i < out->n; i++)
                n += out->p[i] == ',';
        if (n >= GAPS_SHOWN)
                return 1;
        strbuf_addz(out, out->n > 0 ? ", " : "");
        add_day(from, out);
        if (to - from > USEC_PER_DAY) {
                strbuf_addz(out, " to ");
                add_day(to - USEC_PER_DAY, out);
        }
        return 0;
}

static void gaps_of_store(const struct customers *c, struct strbuf *out)
{
        if (c->kept.emptied > 0) {
                strbuf_addf(out, "%llu records in the store went with their age: nothing is known of them but that they were there", ull(c->kept.emptied));
                if (c->kept.records_before != USEC_NONE) {
                        strbuf_addz(out, " (alerts to which nothing happened since ");
                        add_day(c->kept.records_before, out);
                        strbuf_addc(out, ')');
                }
                strbuf_addc(out, '\n');
        }
        if (c->kept.alerts_before != USEC_NONE) {
                strbuf_addz(out, "alerts to which nothing happened since ");
                add_day(c->kept.alerts_before, out);
                strbuf_addz(out, " went with their age, and their records\n");
        }
        if (c->alert_counts > c->alert_records)
                strbuf_addf(out, "the alerts of this case count %llu records, of which the store keeps %llu (at most %d an alert)\n", ull(c->alert_counts),
                            ull(c->alert_records), ALERT_EVIDENCE_MAX);
        if (c->involved_cut > 0)
                strbuf_addf(out, "of %llu records the alerts do not name the person, address or object (at most %d of a kind an alert)\n",
                            ull(c->involved_cut), ALERT_INVOLVED_MAX);
        if (c->n_hidden > 0)
                strbuf_addf(out, "%llu records in the store are under pseudonyms: %s (--reveal reads them in the clear, and the history says so)\n",
                            ull(c->n_hidden), c->n_paths > 0 ? "customers in them are not counted, for they may be those of the logs" : "paths in them say nothing");
        if (c->n_veiled > 0 && c->n_paths > 0)
                strbuf_addz(out, "names of the alerts are pseudonyms, which logs do not have: name persons, accounts and keys with --who, or use --reveal\n");
        if (c->n_unfit > 0)
                strbuf_addf(out, "%llu records in the store cannot be read\n", ull(c->n_unfit));
        if (c->kept.rejects_all > 0)
                strbuf_addf(out, "%llu raws could not be read when they came (shopbell status)\n", ull(c->kept.rejects_all));
        if (c->n_paths == 0)
                strbuf_addz(out, "the store keeps only the records of alerts: read the archived logs as well, by naming them behind the case\n");
}

static void gaps_of_logs(const struct customers *c, struct strbuf *out)
{
        uint64_t skipped = replay_skipped(&c->counters);

        if (c->n_missing > 0)
                strbuf_addf(out, "%zu of the files or folders that were named cannot be opened\n", c->n_missing);
        if (c->counters.n[COUNTER_REJECT_FILE] > 0 || c->is_partial)
                strbuf_addf(out, "%llu files could not be read to their end\n", ull(c->counters.n[COUNTER_REJECT_FILE]));
        if (skipped > 0)
                strbuf_addf(out, "%llu records of the logs could not be read\n", ull(skipped));
        if (c->counters.n[COUNTER_NOT_MINE] > 0)
                strbuf_addf(out, "%llu lines of the logs are of no interest to their sources (shopbell sources explain FILE shows what is)\n",
                            ull(c->counters.n[COUNTER_NOT_MINE]));
}

static void gaps_of_counts(const struct customers *c, struct strbuf *out)
{
        uint64_t orders = headcount_all(c->sum.orders), cut = 0;

        if (c->sum.exports_unsaid > 0)
                strbuf_addf(out, "%llu exports do not say how many rows left: look up what was in them, and --import it\n", ull(c->sum.exports_unsaid));
        if (orders > 0)
                strbuf_addf(out, "%llu orders were read, each of a customer who is not counted: export these orders with their customers, and --import them\n",
                            ull(orders));
        if (c->sum.rows > 0 && c->sum.customer_rows_max == 0)
                strbuf_addf(out, "%llu rows were exported of which the logs do not say whose they are\n", ull(c->sum.rows));
        if (c->sum.timeless > 0)
                strbuf_addf(out, "%llu records have no time\n", ull(c->sum.timeless));
        for (int i = 0; i < _REACHED_NAME_MAX; i++)
                cut += c->sum.named_cut[i];
        if (cut > 0)
                strbuf_addf(out, "of %llu values only the number is known: at most %d of a kind are told apart by name\n", ull(cut), REACHED_NAMED_MAX);
        if (c->n_who_cut > 0)
                strbuf_addf(out, "%zu more persons, accounts, keys or addresses were not looked for: at most %d at a time\n", c->n_who_cut, REACHED_WHO_MAX);
        if (c->n_shared > 0)
                strbuf_addf(out, "%zu addresses of the alerts were not looked for, since others come from there as well: add them with --who\n", c->n_shared);
}

static void gaps_of_list(const struct customers *c, struct strbuf *out)
{
        if (c->list.bad_all > 0)
                strbuf_addf(out, "%llu rows are bad and not counted\n", ull(c->list.bad_all));
        if (c->list.without_country + c->list.strange_country > 0)
                strbuf_addf(out, "of %llu rows the country is not said, of %llu it is none that is known\n", ull(c->list.without_country), ull(c->list.strange_country));
}

void customers_gaps(const struct customers *c, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf days = STRBUF_INIT;

        if (c->roster) {
                gaps_of_list(c, out);
        } else {
                gaps_of_store(c, out);
                gaps_of_logs(c, out);
                gaps_of_counts(c, out);
                (void)reached_gaps(c->reached, on_gap, &days);
                if (days.n > 0)
                        strbuf_addf(out, "there are no records at all of %s\n", days.p);
        }
        if (c->headcount && !headcount_is_exact(c->headcount))
                strbuf_addf(out, "more than %d customers: the number is an estimate, its standard error " HEADCOUNT_ERROR_PERCENT " %%; the least is told\n",
                            HEADCOUNT_EXACT_MAX);
}

/* ---- Words ---- */

/* A heading and what belongs to it, folded by whoever shows it. */
static void add_line(struct strbuf *out, const char *heading, const struct strbuf *text)
{
        strbuf_addf(out, "%-11s ", heading);
        text_display(out, strbuf_str(text), TEXT_TERMINAL, 0);
        strbuf_addc(out, '\n');
        out->failed |= text->failed;
}

struct country_count {
        struct str code;
        uint64_t n;
};

static int by_people(const void *x, const void *y)
{
        const struct country_count *a = x, *b = y;

        if (a->n != b->n)
                return a->n > b->n ? -1 : 1;
        return str_cmp(a->code, b->code);
}

/* "Korea (South) 161", "United States (ca) 12" */
static void add_country(const struct customers *c, const struct country_count *of, struct strbuf *out)
{
        struct str title = nation_title(str_from(of->code.p, size_min(of->code.n, 2)));

        strbuf_addf(out, "%s" STR_FMT, out->n > 0 ? ", " : "", STR_ARG(title));
        if (of->code.n > 3)
                strbuf_addf(out, " (%.*s)", (int)of->code.n - 3, of->code.p + 3);
        strbuf_addf(out, " %llu", ull(headcount_least(c->headcount, of->n)));
}

static void add_countries(const struct customers *c, struct strbuf *out)
{
        struct country_count *all = arena_array(c->arena, HEADCOUNT_COUNTRIES_MAX + 1, sizeof *all);
        struct str code;
        uint64_t n;
        size_t count = 0;

        out->failed |= !all;
        for (size_t i = 1; all && headcount_country(c->headcount, i, &code, &n); i++)
                if (n > 0)
                        all[count++] = (struct country_count){ code, n };
        if (count > 1)
                qsort(all, count, sizeof *all, by_people);
        for (size_t i = 0; i < size_min(count, COUNTRIES_SHOWN); i++)
                add_country(c, &all[i], out);
        if (count > COUNTRIES_SHOWN)
                strbuf_addf(out, " and %zu more", count - COUNTRIES_SHOWN);
        if (headcount_country(c->headcount, 0, &code, &n) && n > 0)
                strbuf_addf(out, "%snot said %llu", out->n > 0 ? ", " : "", ull(headcount_least(c->headcount, n)));
}

static void add_share(const struct customers *c, struct strbuf *out)
{
        uint64_t people = c->known > c->people ? c->known : c->people;
        double share = c->base > 0 ? 100.0 * (double)people / (double)c->base : 0;

        if (c->base > 0)
                strbuf_addf(out, people > 0 && share < 0.1 ? "%.2g %% of %llu customers" : "%.1f %% of %llu customers", share, ull(c->base));
        if (c->base > 0 && people > c->base)
                strbuf_addz(out, ": more than there are, so the base is out of date, or one customer has several numbers");
}

static void add_named(const struct customers *c, enum reached_name kind, struct strbuf *out)
{
        struct reached_value *values;
        size_t n, all;

        if (reached_names(c->reached, kind, NAMED_SHOWN, c->arena, &values, &n, &all) < 0) {
                out->failed = true;
                return;
        }
        for (size_t i = 0; i < n; i++) {
                strbuf_addz(out, i > 0 ? ", " : "");
                text_display(out, values[i].text, TEXT_TERMINAL, NAME_CHARS_MAX);
                strbuf_addf(out, " (%llu)", ull(values[i].n));
        }
        if (all > n)
                strbuf_addf(out, " and %zu more", all - n);
}

static void tell_reach(const struct customers *c, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;

        for (size_t i = 0; i < c->n_who && i < NAMED_SHOWN; i++)
                strbuf_addf(&line, "%s" STR_FMT, i > 0 ? ", " : "", STR_ARG(c->who[i]));
        if (c->n_who > NAMED_SHOWN)
                strbuf_addf(&line, " and %zu more", c->n_who - NAMED_SHOWN);
        add_line(out, "Looked for", &line);
        strbuf_clear(&line);
        strbuf_addf(&line, "%llu record%s", ull(c->sum.records), c->sum.records == 1 ? "" : "s");
        if (c->sum.refused > 0)
                strbuf_addf(&line, ", %llu refused ones", ull(c->sum.refused));
        if (c->sum.first != USEC_NONE) {
                strbuf_addz(&line, ", the first ");
                add_time(c->sum.first, &line);
                strbuf_addz(&line, ", the last ");
                add_time(c->sum.last, &line);
        }
        add_line(out, "In reach", &line);
        for (int i = 0; i < _REACHED_NAME_MAX; i++) {
                char heading[32];

                strbuf_clear(&line);
                add_named(c, (enum reached_name)i, &line);
                snprintf(heading, sizeof heading, "%s", i == REACHED_FROM ? "from" : reached_name_title((enum reached_name)i));
                heading[0] = (char)(heading[0] - 'a' + 'A');
                if (line.n > 0)
                        add_line(out, heading, &line);
        }
}

static void tell_list(const struct customers *c, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;

        strbuf_addf(&line, "%llu rows, %llu duplicates; told apart by %s, %s", ull(c->list.rows), ull(c->list.duplicates), c->list.who,
                    c->list.country ? "with a column of countries" : "no column says the country");
        add_line(out, "Rows", &line);
        strbuf_clear(&line);
        for (size_t i = 0; i < c->list.n_first_bad; i++)
                strbuf_addf(&line, "%sline %llu: %s", i > 0 ? "; " : "", ull(c->list.first_bad[i].line), roster_flaw_text(c->list.first_bad[i].flaw));
        if (line.n > 0)
                add_line(out, "Bad rows", &line);
        strbuf_clear(&line);
        for (size_t i = 0; i < c->list.n_strange; i++)
                strbuf_addf(&line, "%s%s", i > 0 ? ", " : "", c->list.strange[i]);
        if (line.n > 0)
                add_line(out, "No country", &line);
        strbuf_clear(&line);
        strbuf_addf(&line, "%s (BLAKE2b, as b2sum -l 256)", c->digest);
        add_line(out, "Digest", &line);
}

/* What the case knew before counts as well: looking at less does not make it less. */
static void add_people(const struct customers *c, struct strbuf *out)
{
        if (c->known > c->people)
                strbuf_addf(out, "at least %llu so far (%llu by what was looked at now); review of ", ull(c->known), ull(c->people));
        else if (c->people > 0)
                strbuf_addf(out, "at least %llu so far; review of ", ull(c->people));
        else
                strbuf_addz(out, "no customer was recognised yet, which does not say that none was reached; review of ");
        put_range(c, out);
        strbuf_addz(out, " continues");
}

static void tell(const struct customers *c, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf gaps = STRBUF_INIT;
        struct str rest, gap;

        add_people(c, &line);
        add_line(out, "Customers", &line);
        strbuf_clear(&line);
        add_countries(c, &line);
        if (line.n > 0)
                add_line(out, "By country", &line);
        strbuf_clear(&line);
        add_share(c, &line);
        if (line.n > 0)
                add_line(out, "Share", &line);
        strbuf_clear(&line);
        customers_looked(c, &line);
        if (!c->roster) {
                strbuf_addf(&line, ": %llu record%s, of ", ull(c->sum.looked_at), c->sum.looked_at == 1 ? "" : "s");
                put_range(c, &line);
        }
        add_line(out, "Looked at", &line);
        (c->roster ? tell_list : tell_reach)(c, out);
        customers_gaps(c, &gaps);
        out->failed |= gaps.failed;
        rest = strbuf_str(&gaps);
        strbuf_addz(out, gaps.n > 0 ? "\nNot in these numbers:\n" : "");
        while (rest.n > 0 && str_cut(&rest, '\n', &gap) && gap.n > 0) {
                strbuf_addz(out, "  - ");
                text_display(out, gap, TEXT_TERMINAL, 0);
                strbuf_addc(out, '\n');
        }
        if (c->c.is_reviewed)
                strbuf_addz(out, "\nThe review had been closed; it is open again.");
        strbuf_addz(out, "\nWhen all there is was looked at, somebody says so: shopbell case customers ");
        strbuf_addf(out, "%lld --reviewed --by NAME --because TEXT\n", (long long)c->id);
}

/* ---- JSON ---- */

static void json_n(struct json_writer *w, const char *key, uint64_t n)
{
        json_key(w, key);
        json_int(w, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

static void json_countries(const struct customers *c, struct json_writer *w)
{
        struct str code;
        uint64_t n;

        json_key(w, "countries");
        json_begin(w, '{');
        for (size_t i = 0; headcount_country(c->headcount, i, &code, &n); i++)
                if (n > 0) {
                        json_key_str(w, code.n > 0 ? code : STR("unknown"));
                        json_int(w, (int64_t)headcount_least(c->headcount, n));
                }
        json_end(w, '}');
}

static int json_names(const struct customers *c, struct json_writer *w)
{
        enum { MAX = 1000 };
        int r = 0;

        for (int i = 0; i < _REACHED_NAME_MAX && r >= 0; i++) {
                struct reached_value *values;
                size_t n = 0, all;

                r = reached_names(c->reached, (enum reached_name)i, MAX, c->arena, &values, &n, &all);
                json_key(w, reached_name_title((enum reached_name)i));
                json_begin(w, '[');
                for (size_t k = 0; k < n && r >= 0; k++) {
                        json_begin(w, '{');
                        json_key(w, "value"), json_str(w, values[k].text);
                        json_n(w, "records", values[k].n);
                        json_pair_time(w, "first", values[k].first);
                        json_pair_time(w, "last", values[k].last);
                        json_end(w, '}');
                }
                json_end(w, ']');
        }
        return r;
}

static int json_reach(const struct customers *c, struct json_writer *w)
{
        json_key(w, "looked_for");
        json_begin(w, '[');
        for (size_t i = 0; i < c->n_who; i++)
                json_str(w, c->who[i]);
        json_end(w, ']');
        json_n(w, "looked_at", c->sum.looked_at);
        json_n(w, "records", c->sum.records);
        json_n(w, "refused", c->sum.refused);
        json_n(w, "distinct_addresses", headcount_all(c->sum.addresses));
        json_n(w, "distinct_objects", headcount_all(c->sum.objects));
        json_n(w, "distinct_orders", headcount_all(c->sum.orders));
        json_n(w, "exports", c->sum.exports);
        json_n(w, "exports_without_rows", c->sum.exports_unsaid);
        json_n(w, "rows", c->sum.rows);
        json_pair_time(w, "first", c->sum.first);
        json_pair_time(w, "last", c->sum.last);
        json_pair_time(w, "seen_from", c->sum.seen_from);
        json_pair_time(w, "seen_to", c->sum.seen_to);
        return json_names(c, w);
}

static void json_list(const struct customers *c, struct json_writer *w)
{
        json_n(w, "rows", c->list.rows);
        json_n(w, "duplicates", c->list.duplicates);
        json_n(w, "bad_rows", c->list.bad_all);
        json_n(w, "without_country", c->list.without_country);
        json_n(w, "strange_country", c->list.strange_country);
        json_key(w, "first_bad");
        json_begin(w, '[');
        for (size_t i = 0; i < c->list.n_first_bad; i++) {
                json_begin(w, '{');
                json_n(w, "line", c->list.first_bad[i].line);
                json_key(w, "why"), json_strz(w, roster_flaw_text(c->list.first_bad[i].flaw));
                json_end(w, '}');
        }
        json_end(w, ']');
        json_key(w, "digest"), json_strz(w, c->digest);
}

static int write_json(const struct customers *c, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(out);
        struct str rest, gap;
        int r = 0;

        json_begin(&w, '{');
        json_key(&w, "case"), json_int(&w, c->id);
        add_people(c, &text);
        json_key(&w, "people"), json_str(&w, strbuf_str(&text));
        json_n(&w, "at_least", c->known > c->people ? c->known : c->people);
        json_n(&w, "found_now", c->people);
        json_key(&w, "is_exact"), json_bool(&w, headcount_is_exact(c->headcount));
        json_countries(c, &w);
        if (c->base > 0)
                json_n(&w, "base", c->base);
        strbuf_clear(&text);
        customers_looked(c, &text);
        json_key(&w, "looked_in"), json_str(&w, strbuf_str(&text));
        if (c->roster)
                json_list(c, &w);
        else
                r = json_reach(c, &w);
        strbuf_clear(&text);
        customers_gaps(c, &text);
        json_key(&w, "not_in_these_numbers");
        json_begin(&w, '[');
        for (rest = strbuf_str(&text); rest.n > 0 && str_cut(&rest, '\n', &gap) && gap.n > 0;)
                json_str(&w, gap);
        json_end(&w, ']');
        json_end(&w, '}');
        strbuf_addc(out, '\n');
        return r < 0 || strbuf_failed(&text) ? -ENOMEM : 0;
}

int customers_print(const struct customers *c)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        int r = 0;

        if (c->cli->format == FORMAT_JSON)
                r = write_json(c, &out);
        else
                tell(c, &out);
        if (r < 0 || strbuf_failed(&out))
                return -ENOMEM;
        return fwrite(out.p, 1, out.n, stdout) == out.n ? 0 : -EIO;
}
