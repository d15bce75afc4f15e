/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell regimes list -o md: all laws on one page (doc/regimes.md is it): an overview, then each with its clocks, what its
 * notices say, how sure that is and where it comes from. */

#include "monitor/cli/regimes_page.h"

#include <errno.h>

#include "monitor/base/utf8.h"

enum { DAY_BYTES = sizeof "2026-11-23" - 1 };

static const char page_head[] =
        "<!-- Made by `shopbell regimes list -o md`; a test fails when it is older than the files. Do not edit it. -->\n"
        "# The laws\n"
        "\n"
        "Laws about telling of breaches, as the files in regimes.d have them. This is not legal advice: each says where it comes from,\n"
        "when somebody last looked, and how sure it is (high: two sources that agree, or the statute; medium: one; low: general\n"
        "knowledge, or in flux). Ask a lawyer before you rely on one. *Guide*: a guideline or a draft, not the law itself. *Follow-up*:\n"
        "comes behind another notice to the same.\n";

/* ---- Words ---- */

void regime_add_day(struct strbuf *out, usec day)
{
        char stamp[TIME_ISO_BYTES];

        if (day == USEC_NONE)
                return;
        time_format_iso(day, stamp);
        strbuf_add(out, str_from(stamp, DAY_BYTES));
}

/* A day begins at midnight where the authority is. */
static void add_day_there(struct strbuf *out, const struct regime *r, usec midnight)
{
        struct zone_shift shift;

        if (midnight == USEC_NONE)
                return;
        zone_at(r->tz, midnight, &shift);
        regime_add_day(out, midnight + shift.seconds * USEC_PER_SEC);
}

void regime_add_countries(struct strbuf *out, const struct regime *r)
{
        for (size_t i = 0; i < r->n_countries; i++)
                strbuf_addf(out, "%s" STR_FMT, i ? ", " : "", STR_ARG(r->countries[i]));
        if (r->n_countries == 0)
                strbuf_addz(out, "everybody");
}

/* "since 2026-09-11", "2023-09-15 to 2026-09-11"; nothing: always. Appends. */
static void add_validity(struct strbuf *out, const struct regime *r)
{
        if (r->valid_from != USEC_NONE && r->valid_to == USEC_NONE)
                strbuf_addz(out, "since ");
        add_day_there(out, r, r->valid_from);
        if (r->valid_to != USEC_NONE) {
                strbuf_addz(out, r->valid_from != USEC_NONE ? " until " : "until ");
                add_day_there(out, r, r->valid_to - USEC_PER_HOUR);
        }
}

static void add_clocks(struct strbuf *out, const struct regime *r, bool follow_ups, const char **before)
{
        for (size_t i = 0; i < r->n_duties; i++) {
                const struct duty *d = &r->duties[i];

                if (d->is_follow_up != follow_ups)
                        continue;
                strbuf_addf(out, "%s" STR_FMT ": " STR_FMT "%s", *before, STR_ARG(d->id), STR_ARG(d->within), d->is_guide ? " (guide)" : "");
                *before = "; ";
        }
}

void regime_add_clocks(struct strbuf *out, const struct regime *r)
{
        const char *before = "";

        add_clocks(out, r, false, &before);
        add_clocks(out, r, true, &before);
}

/* ---- The page ---- */

/* What a notice to them is headed. */
static const char *const notice_words[_DUTY_TO_MAX] = {
        [TO_AUTHORITY] = "The authority is told",
        [TO_PEOPLE] = "People are told",
        [TO_ASSESSMENT] = "The assessment says",
        [TO_PRINCIPAL] = "The organisation whose data it is is told",
        [TO_PARTNER] = "The partner is told",
};

static void add_line(struct strbuf *out, const char *what, struct str text)
{
        if (text.n == 0)
                return;
        strbuf_addf(out, "- %s: ", what);
        text_markdown(out, text);
        strbuf_addc(out, '\n');
}

static void add_cell(struct strbuf *out, struct str text)
{
        text_markdown(out, text);
        strbuf_addz(out, " | ");
}

static void add_who(struct strbuf *out, const struct regime *r)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;

        add_line(out, r->is_contract ? "contract" : "law", r->law);
        strbuf_addf(&line, STR_FMT "%s" STR_FMT " (clock of " STR_FMT ")", STR_ARG(r->authority), r->portal.n ? ", " : "", STR_ARG(r->portal),
                    STR_ARG(r->zone));
        add_line(out, r->is_contract ? "partner" : "authority", strbuf_str(&line));
        strbuf_clear(&line);
        regime_add_countries(&line, r);
        add_line(out, "people in", strbuf_str(&line));
        add_line(out, "applies where", r->applies_text);
        strbuf_clear(&line);
        add_validity(&line, r);
        add_line(out, "in force", strbuf_str(&line));
        strbuf_clear(&line);
        for (size_t i = 0; i < r->n_languages; i++)
                strbuf_addf(&line, "%s" STR_FMT, i ? ", " : "", STR_ARG(r->languages[i]));
        add_line(out, "languages", strbuf_str(&line));
        add_line(out, "representative", r->representative);
        strbuf_clear(&line);
        strbuf_addf(&line, STR_FMT "; looked at on ", STR_ARG(r->confidence));
        regime_add_day(&line, r->checked_on);
        add_line(out, "confidence", strbuf_str(&line));
        out->failed |= strbuf_failed(&line);
}

static void add_duties(struct strbuf *out, const struct regime *r)
{
        strbuf_addz(out, "\n| duty | to | within | from | where | section |\n| --- | --- | --- | --- | --- | --- |\n");
        for (size_t i = 0; i < r->n_duties; i++) {
                const struct duty *d = &r->duties[i];

                strbuf_addz(out, "| ");
                text_markdown(out, d->title);
                if (d->is_guide || d->is_follow_up)
                        strbuf_addf(out, " *(%s%s%s)*", d->is_guide ? "guide" : "", d->is_guide && d->is_follow_up ? ", " : "",
                                    d->is_follow_up ? "follow-up" : "");
                strbuf_addf(out, " | %s | ", duty_to_name(d->to));
                add_cell(out, d->within);
                add_cell(out, str_of(case_event_name(d->start)));
                add_cell(out, d->when_text);
                text_markdown(out, d->law);
                if (d->note.n) {
                        strbuf_addz(out, d->law.n ? "; " : "");
                        text_markdown(out, d->note);
                }
                strbuf_addz(out, " |\n");
        }
}

static void add_contents(struct strbuf *out, const struct regime *r)
{
        for (size_t to = 0; to < _DUTY_TO_MAX; to++) {
                for (size_t i = 0; i < r->n_contents[to]; i++) {
                        const struct regime_content *c = &r->contents[to][i];

                        if (i == 0)
                                strbuf_addf(out, "\n%s: ", notice_words[to]);
                        else
                                strbuf_addz(out, "; ");
                        strbuf_addz(out, c->content->title);
                        if (c->law.n) {
                                strbuf_addz(out, " (");
                                text_markdown(out, c->law);
                                strbuf_addz(out, ")");
                        }
                }
                if (r->n_contents[to] > 0)
                        strbuf_addz(out, ".\n");
        }
}

static void add_regime(struct strbuf *out, const struct regime *r)
{
        strbuf_addf(out, "\n## " STR_FMT "\n\n", STR_ARG(r->id));
        text_markdown(out, r->title);
        strbuf_addz(out, ".\n\n");
        add_who(out, r);
        add_duties(out, r);
        add_contents(out, r);
        if (r->note.n) {
                strbuf_addc(out, '\n');
                text_markdown(out, r->note);
                strbuf_addc(out, '\n');
        }
        strbuf_addz(out, "\nSources:");
        for (size_t i = 0; i < r->n_sources; i++) {
                strbuf_addz(out, i ? ", " : " ");
                text_markdown(out, r->sources[i]);
        }
        strbuf_addc(out, '\n');
}

static void add_overview(struct strbuf *out, const struct regimes *regimes, bool contracts)
{
        strbuf_addf(out, "\n| %s | people in | clocks | confidence |\n| --- | --- | --- | --- |\n", contracts ? "contract" : "law");
        for (size_t i = 0; i < regimes->n; i++) {
                const struct regime *r = &regimes->items[i];
                CLEANUP(strbuf_done) struct strbuf cell = STRBUF_INIT;

                if (r->is_contract != contracts)
                        continue;
                strbuf_addf(out, "| [" STR_FMT "](#" STR_FMT ") | ", STR_ARG(r->id), STR_ARG(r->id));
                regime_add_countries(&cell, r);
                add_cell(out, strbuf_str(&cell));
                strbuf_clear(&cell);
                regime_add_clocks(&cell, r);
                add_cell(out, strbuf_str(&cell));
                text_markdown(out, r->confidence);
                strbuf_addz(out, " |\n");
                out->failed |= strbuf_failed(&cell);
        }
}

int regimes_page(const struct regimes *regimes, struct strbuf *out)
{
        size_t n_contracts = 0;

        for (size_t i = 0; i < regimes->n; i++)
                n_contracts += regimes->items[i].is_contract;
        strbuf_addz(out, page_head);
        strbuf_addf(out, "\n%zu laws:\n", regimes->n - n_contracts);
        add_overview(out, regimes, false);
        strbuf_addf(out,
                    "\n%zu contracts, as examples: what your own says counts, so complete them, and put them where yours are. They apply only where\n"
                    "the case names the partner.\n",
                    n_contracts);
        add_overview(out, regimes, true);
        for (int contracts = 0; contracts < 2; contracts++)
                for (size_t i = 0; i < regimes->n; i++)
                        if (regimes->items[i].is_contract == contracts)
                                add_regime(out, &regimes->items[i]);
        return strbuf_failed(out) ? -ENOMEM : 0;
}
