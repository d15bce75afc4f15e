/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_CASE_H
#define SHOPBELL_CLI_CASE_H

/* What the commands of cases share: reading a case with the laws, and how its parts are worded. */

#include "monitor/base/arena.h"
#include "monitor/base/zone.h"
#include "monitor/cases/case.h"
#include "monitor/cases/template.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"

#define CASE_SEALED "(sealed; --reveal)"
enum { CASE_UNSURE_SHOWN = 6 /* clocks of laws that only may apply, of each case; --all shows all */ };

/* The store, the laws, and room for what is read. */
struct case_view {
        const struct cli *cli;
        struct query *q;
        struct arena *arena;
        struct regimes regimes;
        struct zone *here; /* of the shop, the machine's; NULL: cannot be told */
        struct secret secret; /* once something was revealed */
};
/* The laws of --regimes, and the wording of drafts: the installed one, one's own, and that of --templates. What is left out is printed; *ret is
 * the caller's to end. CLI_OK or CLI_CANNOT. */
int case_regimes(const struct cli *cli, struct regimes *ret);
int case_templates(const struct cli *cli, struct templates *ret);
/* In the first of the law's languages that there is, else in English; NULL: not even that. */
const struct template *case_template_of(const struct templates *t, const struct regime *r);
/* What is wrong is printed, laws that are left out, too. CLI_OK, or the exit code. */
int case_view_open(const struct cli *cli, bool with_regimes, struct case_view *ret);
void case_view_close(struct case_view *v);
/* The number of a case, as a person types it. CLI_OK, or CLI_USAGE (printed). */
int case_number_of(const char *text, int64_t *ret);
/* For commands that take one case and nothing more: its number, then case_view_open() with the laws. To be closed whatever it returns. */
int case_view_open_one(const struct cli *cli, const char *command, int argc, char **argv, struct case_view *ret, int64_t *ret_id);
/* Reads one, in the clear when that is asked for. What is wrong is printed. */
int case_view_read(struct case_view *v, int64_t id, struct casefile *ret);
int case_view_clocks(struct case_view *v, const struct casefile *c, bool with_others, struct deadline **ret, size_t *ret_n);

/* ---- Words; they live in the arena, "?" where there is no memory ---- */
struct str case_value_words(const struct case_view *v, const struct case_value *value); /* times as people read them */
struct str case_entry_words(const struct case_view *v, const struct store_case_entry *e); /* what it says, in short */
struct str case_by_words(const struct case_view *v, const struct store_case_entry *e); /* "mei (root)" */
struct str case_said(const struct store_case_entry *e, struct str text); /* a text that may be sealed */
struct str case_local(const struct case_view *v, usec t); /* of the shop, to the minute */
struct str case_left(const struct case_view *v, const struct deadline *d); /* as deadline_left() */
const char *case_applies_words(const struct deadline *d); /* "yes", when a person said so; "yes, proposed"; "may"; "no" */
struct str case_clock_name(const struct case_view *v, const struct deadline *d); /* "kr-pipa/authority" */

/* ---- Clocks in a table for people ---- */
/* On a terminal that is not very wide a clock takes two lines: when it is due here and, below, where the authority is; its name, whether
 * it applies and, below, what is to be done. */
bool case_is_narrow(void);
/* "Wed 2 Dec 2026 08:37 KST", to the minute; on a terminal of 80 columns without a year that is near. "": USEC_NONE. */
struct str case_when(const struct case_view *v, const struct zone *z, usec t);
struct str case_due_lines(const struct case_view *v, const struct deadline *d);
struct str case_clock_lines(const struct case_view *v, const struct deadline *d);

/* What `shop:` of shopbell.yml says goes into a case that was just opened. CLI_OK, or the code of the first that was refused. */
int case_put_shop(const struct cli *cli, int64_t id);
/* One as JSON. */
int case_print_json(const struct case_view *v, const struct casefile *c, const struct deadline *clocks, size_t n);
/* The clocks of one case that run, as `shopbell case` shows them; what to do when none does. */
int case_print_clocks(const struct cli *cli, int64_t id);

#endif
