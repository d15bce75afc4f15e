/* SPDX-License-Identifier: Apache-2.0 */

/* Who can reach what, second factors, and what should be put right. */

#include <stdio.h>

#include "monitor/report/html.h"
#include "monitor/report/page_write.h"
#include "monitor/report/reach.h"
#include "monitor/report/svg.h"
#include "monitor/report/when.h"

/* ---- Second factors ---- */

static const struct {
        const char *class, *words;
        bool is_named; /* the accounts are named */
} locks[_LOCK_MAX] = {
        [LOCK_USED] = { "ok", "signed in with a second factor, the last time", false },
        [LOCK_MISSING] = { "bad", "without one", true },
        [LOCK_UNSAID] = { "c1", "sign-ins whose log does not say", true },
        [LOCK_UNSEEN] = { "c0", "no sign-in seen", false },
};

static void put_lock_names(const struct page *p, struct strbuf *out, enum lock lock)
{
        size_t n = 0;

        for (size_t i = 0; i < p->accounts->n; i++) {
                const struct account_view *v = &p->accounts->items[i];
                const struct page_source *s = page_source_of(p, v->seen.source);

                if (account_is_gone(v) || reach_lock(v) != lock || n++ >= PAGE_NAMES_MAX)
                        continue;
                strbuf_addz(out, n == 1 ? ": " : ", ");
                html_text(out, v->seen.account, PAGE_NAME_MAX);
                strbuf_addz(out, " (");
                html_text(out, s ? s->platform : v->seen.source, PAGE_NAME_MAX);
                strbuf_addc(out, ')');
        }
        if (n > PAGE_NAMES_MAX)
                strbuf_addf(out, " and %zu more", n - PAGE_NAMES_MAX);
}

static void put_locks(const struct page *p, struct strbuf *out)
{
        uint64_t n[_LOCK_MAX] = { 0 };
        struct svg_series parts[_LOCK_MAX];
        char label[160];

        for (size_t i = 0; i < p->accounts->n; i++)
                if (!account_is_gone(&p->accounts->items[i]))
                        n[reach_lock(&p->accounts->items[i])]++;
        if (n[LOCK_USED] + n[LOCK_MISSING] + n[LOCK_UNSAID] == 0)
                return;
        for (size_t i = 0; i < _LOCK_MAX; i++)
                parts[i] = (struct svg_series){ locks[i].class, &n[i] };
        snprintf(label, sizeof label, "Accounts by second factor: %llu used, %llu missing, %llu not said, %llu without a sign-in",
                 (unsigned long long)n[LOCK_USED], (unsigned long long)n[LOCK_MISSING], (unsigned long long)n[LOCK_UNSAID],
                 (unsigned long long)n[LOCK_UNSEEN]);
        strbuf_addz(out, "<h3>Second factors (MFA), by account</h3>\n");
        svg_parts(out, str_of(label), parts, _LOCK_MAX);
        strbuf_addz(out, "<ul class=\"legend rows\">\n");
        for (size_t i = 0; i < _LOCK_MAX; i++) {
                if (n[i] == 0)
                        continue;
                strbuf_addf(out, "<li><i class=\"%s\"></i><span><b>%llu</b> %s", locks[i].class, (unsigned long long)n[i], locks[i].words);
                if (locks[i].is_named)
                        put_lock_names(p, out, (enum lock)i);
                strbuf_addz(out, "</span></li>\n");
        }
        strbuf_addz(out, "</ul>\n");
}

/* ---- To put right ---- */

void page_write_posture(const struct page *p, struct strbuf *out)
{
        const struct posture *of = p->posture;
        size_t shown = size_min(of->n, PAGE_FINDINGS_MAX);

        if (of->n == 0)
                strbuf_addz(out, "<p class=\"good\">Nothing to put right was seen.</p>\n");
        else
                page_put_note(out, "Whether or not anybody came in: doors that stand open by what the logs show, the worst first.");
        strbuf_addz(out, of->n > 0 ? "<ul class=\"items slim\">\n" : "");
        for (size_t i = 0; i < shown; i++) {
                const struct finding *f = &of->items[i];

                strbuf_addf(out, "<li class=\"item %s\">\n<div class=\"what\">\n", page_level_class(f->level));
                page_put_level(out, f->level);
                html_element(out, "h3", NULL, f->sentence, PAGE_TEXT_MAX);
                strbuf_addz(out, "\n</div>\n");
                strbuf_addz(out, "<p class=\"do\">");
                html_prose(out, f->advice, PAGE_TEXT_MAX);
                strbuf_addz(out, "</p>\n</li>\n");
        }
        strbuf_addz(out, of->n > 0 ? "</ul>\n" : "");
        page_put_more(p, out, shown, of->n, "shopbell posture");
        put_locks(p, out);
}

/* ---- Who can reach what ---- */

static void put_roles(struct strbuf *out, const struct reach_cell *c)
{
        if (c->n_roles == 0)
                return;
        strbuf_addf(out, "<span class=\"role%s\">", c->is_admin ? " admin" : "");
        for (size_t i = 0; i < size_min(c->n_roles, PAGE_ROLES_MAX); i++) {
                strbuf_addz(out, i > 0 ? ", " : "");
                html_text(out, c->roles[i], PAGE_NAME_MAX / 2);
        }
        if (c->n_roles > PAGE_ROLES_MAX)
                strbuf_addf(out, " and %zu more", c->n_roles - PAGE_ROLES_MAX);
        strbuf_addz(out, "</span>");
}

static void put_cell(const struct page *p, struct strbuf *out, struct str column, const struct reach_cell *c)
{
        char day[WHEN_BYTES];

        if (c->n_accounts == 0) {
                page_begin_cell(out, column, "none");
                strbuf_addz(out, "<span>–</span></td>");
                return;
        }
        page_begin_cell(out, column, c->is_gone ? "gone" : NULL);
        strbuf_addz(out, "<div>");
        put_roles(out, c);
        if (c->is_gone)
                strbuf_addz(out, "<span class=\"tag\">removed</span>");
        else if (c->mfa == MFA_USED)
                strbuf_addz(out, "<span class=\"tag ok\">MFA used</span>");
        else if (c->mfa == MFA_MISSING)
                strbuf_addz(out, "<span class=\"tag bad\">no MFA</span>");
        else if (c->signs_in)
                strbuf_addz(out, "<span class=\"tag\">MFA not said</span>");
        if (c->n_accounts > 1)
                strbuf_addf(out, "<span class=\"seen\">%zu accounts</span>", c->n_accounts);
        if (c->last == USEC_NONE) {
                strbuf_addz(out, "<span class=\"seen\">never seen to act</span>");
        } else {
                when_day_short(when_day(c->last), p->until, day);
                strbuf_addf(out, "<span class=\"seen\">last %s</span>", day);
        }
        strbuf_addz(out, "</div></td>");
}

static void put_who(const struct page *p, struct strbuf *out, const struct reach_row *r)
{
        char day[WHEN_BYTES];

        strbuf_addz(out, "<th scope=\"row\" role=\"rowheader\">");
        html_element(out, "b", NULL, r->who, PAGE_NAME_MAX);
        if (r->person)
                html_element(out, "span", "seen", str_of(r->person->role), 0);
        else if (p->accounts->people)
                strbuf_addz(out, "<span class=\"tag bad\">stranger</span>");
        if (r->person && r->person->left != USEC_NONE && r->person->left <= p->until) {
                when_day_short(when_day(r->person->left - 1), p->until, day);
                strbuf_addf(out, "<span class=\"tag bad\">left %s</span>", day);
        }
        strbuf_addz(out, "</th>");
}

static void put_matrix(const struct page *p, struct strbuf *out, const struct reach *r, struct arena *arena)
{
        struct str *columns = arena_array(arena, r->n_columns + 1, sizeof *columns);

        if (!columns) {
                out->failed = true;
                return;
        }
        columns[0] = STR("Who");
        for (size_t i = 0; i < r->n_columns; i++)
                columns[i + 1] = r->columns[i];
        page_begin_table(out, "matrix", "People and services, and the platforms they were seen on", columns, r->n_columns + 1);
        for (size_t i = 0; i < r->n_rows; i++) {
                strbuf_addz(out, "<tr role=\"row\">");
                put_who(p, out, &r->rows[i]);
                for (size_t c = 0; c < r->n_columns; c++)
                        put_cell(p, out, r->columns[c], &r->rows[i].cells[c]);
                strbuf_addz(out, "</tr>\n");
        }
        strbuf_addz(out, "</tbody></table>\n");
}

void page_write_reach(const struct page *p, struct strbuf *out)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct reach r;

        if (!arena || reach_make(p, arena, &r) < 0) {
                out->failed = true;
                return;
        }
        if (r.n_rows == 0) {
                strbuf_addz(out, "<p>No account was seen.</p>\n");
                return;
        }
        page_put_note(out, "From what the logs show: who acted, with which role, and whether the last sign-in had a second factor. Who never signed "
                           "in is not here.%s",
                      p->accounts->people ? "" : " No people file is given, so each mail address is taken for one person.");
        put_matrix(p, out, &r, arena);
        page_put_more(p, out, r.n_rows, r.n_rows_all, "shopbell people");
        if (r.n_columns < r.n_columns_all)
                page_put_note(out, "The %zu platforms with most accounts; %zu more are left out.", r.n_columns, r.n_columns_all - r.n_columns);
}
