/* SPDX-License-Identifier: Apache-2.0 */

/* A draft as text: the notice, and above it what the seller has to know, up to a line to cut at. */

#include <errno.h>

#include "monitor/base/digest.h"
#include "monitor/cases/draft_head.h"
#include "monitor/cases/draft_make.h"

/* ---- The head ---- */

static const char *const gap_titles[_GAP_MAX] = {
        [GAP_MISSING] = "Missing: holes in square brackets, or needed and not said",
        [GAP_UNKNOWN] = "Not yet known, as the notice says",
        [GAP_WORDS] = "In your own words, as they were typed: see that they are in the language of the notice",
        [GAP_AVOID] = "Words that should not stand in a notice",
        [GAP_NOTE] = "Mind",
};

const char *draft_gap_title(enum draft_gap_kind kind)
{
        return gap_titles[kind];
}

void draft_gap_line(const struct draft *d, const struct draft_gap *g, struct strbuf *out)
{
        const struct case_field *f = case_field_find(g->field);

        if (g->why.n > 0)
                strbuf_add(out, g->why);
        else if (f && g->kind == GAP_MISSING)
                strbuf_addf(out, "%s (%s): shopbell case set %lld %s=…", f->name, f->title, (long long)d->of.file->id, f->name);
        else if (f)
                strbuf_addf(out, "%s (%s)", f->name, f->title);
        else if (g->field.n > 0 && g->field.p[0] == '@')
                strbuf_addf(out, "the moment " STR_FMT ": shopbell case mark %lld " STR_FMT " --at TIME", STR_ARG(str_from(g->field.p + 1, g->field.n - 1)),
                            (long long)d->of.file->id, STR_ARG(str_from(g->field.p + 1, g->field.n - 1)));
        else
                strbuf_add(out, g->field);
}

void draft_head_lines(const struct draft *d, void (*fn)(void *userdata, struct str line), void *userdata)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;
        const struct regime *r = d->of.regime;
        char made[TIME_ISO_BYTES], checked[TIME_ISO_BYTES];

        time_format_iso(d->of.now - d->of.now % USEC_PER_SEC, made);
        time_format_iso(r->checked_on, checked);
        strbuf_addf(&line, "case %lld, " STR_FMT " (" STR_FMT "), to %s, %s, in " STR_FMT ", by %s; made %s", (long long)d->of.file->id, STR_ARG(r->id),
                    STR_ARG(r->title), draft_audience_name(d->of.to), draft_stage_name(d->of.stage), STR_ARG(d->of.template->lang),
                    draft_channel_name(d->of.channel), made);
        fn(userdata, strbuf_str(&line));
        strbuf_clear(&line);
        strbuf_addf(&line, "The law was last looked at on %.10s (confidence: " STR_FMT ")%s.", checked, STR_ARG(r->confidence),
                    regime_is_stale(r, d->of.now) ? "; that is more than six months ago" : "");
        fn(userdata, strbuf_str(&line));
        if (d->of.channel != DRAFT_SMS)
                return;
        strbuf_clear(&line);
        strbuf_addf(&line, "%zu %s in %zu part%s of at most %d.", d->sms.units, d->sms.is_ucs2 ? "units of UCS-2" : "characters of GSM-7", d->sms.parts,
                    d->sms.parts == 1 ? "" : "s", SMS_PARTS_MAX);
        fn(userdata, strbuf_str(&line));
}

static void put_line(void *userdata, struct str line)
{
        struct strbuf *out = userdata;

        strbuf_addz(out, "# ");
        strbuf_add(out, line);
        strbuf_addc(out, '\n');
}

static void put_head(const struct draft *d, struct strbuf *out)
{
        int kind = -1;

        put_line(out, STR(DRAFT_WARNING));
        draft_head_lines(d, put_line, out);
        for (size_t i = 0; i < d->n_gaps; i++) {
                if ((int)d->gaps[i].kind != kind) {
                        kind = (int)d->gaps[i].kind;
                        strbuf_addf(out, "#\n# %s:\n", gap_titles[kind]);
                }
                strbuf_addz(out, "#   ");
                draft_gap_line(d, &d->gaps[i], out);
                strbuf_addc(out, '\n');
        }
        strbuf_addz(out, "# -------- the notice begins below this line --------\n\n");
}

/* ---- The notice ---- */

static void put_plain(struct str text, struct strbuf *out)
{
        for (size_t i = 0; i < text.n; i++)
                if (text.p[i] != DRAFT_VALUE && text.p[i] != DRAFT_VALUE_END)
                        strbuf_addc(out, text.p[i]);
}

static void put_title(const struct draft *d, struct str title, struct strbuf *out)
{
        if (d->of.channel == DRAFT_EMAIL)
                format_phrase(d->of.template, "phrases.subject", (struct pair[]){ { "title", title } }, 1, out);
        else
                strbuf_add(out, title);
        strbuf_addz(out, "\n\n");
}

static void put_part(const struct draft *d, const struct draft_part *p, const struct draft_part *next, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        bool is_row = p->kind == DRAFT_ITEM || p->kind == DRAFT_ROW;

        put_plain(p->text, &text);
        switch (p->kind) {
        case DRAFT_TITLE: put_title(d, strbuf_str(&text), out); break;
        case DRAFT_HEADING:
                if (text.n == 0) /* where the closing begins */
                        break;
                strbuf_add(out, strbuf_str(&text));
                if (p->law.n > 0)
                        strbuf_addf(out, " (" STR_FMT ")", STR_ARG(p->law));
                strbuf_addc(out, '\n');
                break;
        case DRAFT_TEXT: strbuf_add(out, strbuf_str(&text)); break;
        case DRAFT_ITEM: strbuf_addf(out, "- " STR_FMT, STR_ARG(strbuf_str(&text))); break;
        case DRAFT_ROW:
                format_phrase(d->of.template, "phrases.row", (struct pair[]){ { "label", p->label }, { "value", strbuf_str(&text) } }, 2, out);
                break;
        }
        if (p->kind == DRAFT_TEXT || is_row)
                strbuf_addz(out, next && (next->kind == DRAFT_ITEM || (is_row && next->kind == p->kind)) ? "\n" : next ? "\n\n" : "\n");
        out->failed |= strbuf_failed(&text);
}

void draft_notice(const struct draft *d, struct strbuf *out)
{
        for (size_t i = 0; i < d->n_parts; i++)
                put_part(d, &d->parts[i], i + 1 < d->n_parts ? &d->parts[i + 1] : NULL, out);
}

void draft_text(const struct draft *d, struct strbuf *out)
{
        put_head(d, out);
        draft_notice(d, out);
}

void draft_digest(const struct draft *d, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf notice = STRBUF_INIT;
        struct digest digest;
        char hex[DIGEST_HEX_BYTES];

        draft_notice(d, &notice);
        digest_of("shopbell draft 1", NULL, strbuf_str(&notice), &digest);
        digest_hex(&digest, hex);
        strbuf_addz(out, hex);
        out->failed |= strbuf_failed(&notice);
}

int draft_print(const struct draft_request *q, enum draft_form form, struct strbuf *out, struct err *reterr)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct draft d;
        int r = arena ? draft_make(q, arena, &d, reterr) : -ENOMEM;

        if (r < 0)
                return r;
        switch (form) {
        case DRAFT_AS_NOTICE: draft_notice(&d, out); break;
        case DRAFT_AS_TEXT: draft_text(&d, out); break;
        case DRAFT_AS_HTML: draft_html(&d, out); break;
        }
        return strbuf_failed(out) ? -ENOMEM : 0;
}
