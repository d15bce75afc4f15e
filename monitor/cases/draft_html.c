/* SPDX-License-Identifier: Apache-2.0 */

/* A draft as a page. Markup is ours; all texts are escaped. The page says which language it is in and which way that is read; values are
 * set apart with <bdi>, so that one of the other direction does not turn the sentence around it. Nothing is fetched. */

#include "monitor/base/utf8.h"
#include "monitor/cases/draft_head.h"
#include "monitor/cases/draft_make.h"

static const char style[] =
        "body{margin:0;background:#f6f5f2;color:#1d2125;font:12pt/1.6 system-ui,\"Noto Sans\",\"Liberation Sans\",Arial,sans-serif;overflow-wrap:anywhere}"
        "aside,main{box-sizing:border-box;max-width:48rem;margin:1.5rem auto;padding:1rem 1.5rem}"
        "aside{border:2px dashed #a8201a;border-radius:.4rem;font-size:10.5pt;background:#fff8f6}"
        "aside h2{font-size:10.5pt;margin:.8rem 0 .2rem}aside ul{margin:0;padding-inline-start:1.3rem}aside p{margin:.2rem 0}"
        "main{background:#fff;border:1px solid #dcdad4;border-radius:.4rem;padding:2rem 2.5rem}"
        "h1{font-size:16pt;line-height:1.35;margin:0 0 1.2rem}main h2{font-size:12pt;margin:1.4rem 0 .3rem}h2 small{font-weight:400;color:#596169}"
        "main p{margin:.5rem 0}ul{padding-inline-start:1.5rem}dl{margin:.3rem 0}dt{font-weight:600}dd{margin:0 0 .5rem;margin-inline-start:1.2rem}"
        ".open{background:#fdf1cf}"
        ":lang(ko){font-family:\"Noto Sans KR\",\"Noto Sans CJK KR\",\"Apple SD Gothic Neo\",\"Malgun Gothic\",sans-serif;word-break:keep-all}"
        ":lang(ja){font-family:\"Noto Sans JP\",\"Noto Sans CJK JP\",\"Hiragino Sans\",\"Yu Gothic\",Meiryo,sans-serif}"
        ":lang(zh-Hans){font-family:\"Noto Sans SC\",\"Noto Sans CJK SC\",\"PingFang SC\",\"Microsoft YaHei\",sans-serif}"
        ":lang(zh-Hant){font-family:\"Noto Sans TC\",\"Noto Sans CJK TC\",\"PingFang TC\",\"Microsoft JhengHei\",sans-serif}"
        ":lang(th){font-family:\"Noto Sans Thai\",\"Leelawadee UI\",Thonburi,Garuda,Loma,sans-serif;line-height:1.8}"
        ":lang(ar){font-family:\"Noto Sans Arabic\",\"Noto Naskh Arabic\",\"Geeza Pro\",\"Segoe UI\",sans-serif}"
        "@media(max-width:48rem){aside,main{margin:.8rem}main{padding:1rem 1.2rem}}"
        "@media print{aside{display:none}body{background:#fff}main{border:0;margin:0;padding:0}}";

/* Values in <bdi>. */
static void put_text(struct str text, struct strbuf *out)
{
        size_t from = 0;

        for (size_t i = 0; i <= text.n; i++) {
                bool is_mark = i < text.n && (text.p[i] == DRAFT_VALUE || text.p[i] == DRAFT_VALUE_END);

                if (i < text.n && !is_mark)
                        continue;
                text_markup(out, str_from(text.p + from, i - from));
                if (is_mark)
                        strbuf_addz(out, text.p[i] == DRAFT_VALUE ? "<bdi>" : "</bdi>");
                from = i + 1;
        }
}

/* Of a title, where there is no markup. */
static void put_plain(struct str text, struct strbuf *out)
{
        for (size_t i = 0; i < text.n; i++)
                if (text.p[i] != DRAFT_VALUE && text.p[i] != DRAFT_VALUE_END)
                        text_markup(out, str_from(text.p + i, 1));
}

static void put_head_line(void *userdata, struct str line)
{
        struct strbuf *out = userdata;

        strbuf_addz(out, "<p>");
        text_html(out, line, TEXT_TERMINAL, 0);
        strbuf_addz(out, "</p>\n");
}

static void put_head(const struct draft *d, struct strbuf *out)
{
        int kind = -1;

        strbuf_addz(out, "<aside lang=\"en\" dir=\"ltr\">\n<p><strong>");
        text_html(out, STR(DRAFT_WARNING), TEXT_TERMINAL, 0);
        strbuf_addz(out, "</strong></p>\n");
        draft_head_lines(d, put_head_line, out);
        for (size_t i = 0; i < d->n_gaps; i++) {
                CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;

                if ((int)d->gaps[i].kind != kind) {
                        strbuf_addf(out, "%s<h2>%s</h2>\n<ul>\n", kind >= 0 ? "</ul>\n" : "", draft_gap_title(d->gaps[i].kind));
                        kind = (int)d->gaps[i].kind;
                }
                draft_gap_line(d, &d->gaps[i], &line);
                strbuf_addz(out, "<li><bdi>");
                text_html(out, strbuf_str(&line), TEXT_TERMINAL, 0);
                strbuf_addz(out, "</bdi></li>\n");
                out->failed |= strbuf_failed(&line);
        }
        strbuf_addz(out, kind >= 0 ? "</ul>\n</aside>\n" : "</aside>\n");
}

/* Around runs of items and rows. */
static const char *list_of(enum draft_kind kind)
{
        return kind == DRAFT_ITEM ? "ul" : kind == DRAFT_ROW ? "dl" : NULL;
}

static void put_part(const struct draft_part *p, struct strbuf *out)
{
        static const char *const tags[] = { [DRAFT_TITLE] = "h1", [DRAFT_HEADING] = "h2", [DRAFT_TEXT] = "p", [DRAFT_ITEM] = "li", [DRAFT_ROW] = "dd" };

        if (p->kind == DRAFT_HEADING && p->text.n == 0) {
                strbuf_addz(out, "<hr>\n");
                return;
        }
        if (p->kind == DRAFT_ROW) {
                strbuf_addz(out, "<dt>");
                put_text(p->label, out);
                strbuf_addz(out, "</dt>");
        }
        strbuf_addf(out, "<%s%s>", tags[p->kind], p->is_unknown ? " class=\"open\"" : "");
        put_text(p->text, out);
        if (p->law.n > 0) {
                strbuf_addz(out, " <small><bdi>");
                text_html(out, p->law, TEXT_TERMINAL, 0);
                strbuf_addz(out, "</bdi></small>");
        }
        strbuf_addf(out, "</%s>\n", tags[p->kind]);
}

static void put_parts(const struct draft *d, struct strbuf *out)
{
        const char *list = NULL;

        for (size_t i = 0; i < d->n_parts; i++) {
                const char *wanted = list_of(d->parts[i].kind);

                if (wanted != list && list)
                        strbuf_addf(out, "</%s>\n", list);
                if (wanted != list && wanted)
                        strbuf_addf(out, "<%s>\n", wanted);
                list = wanted;
                put_part(&d->parts[i], out);
        }
        if (list)
                strbuf_addf(out, "</%s>\n", list);
}

void draft_html(const struct draft *d, struct strbuf *out)
{
        const struct template *t = d->of.template;

        strbuf_addf(out, "<!DOCTYPE html>\n<html lang=\"" STR_FMT "\" dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", STR_ARG(t->lang),
                    template_is_rtl(t) ? "rtl" : "ltr");
        strbuf_addz(out, "<meta name=\"viewport\" content=\"width=device-width\">\n"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>");
        if (d->n_parts > 0)
                put_plain(d->parts[0].kind == DRAFT_TITLE ? d->parts[0].text : template_text(t, "name"), out);
        strbuf_addf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
        put_head(d, out);
        strbuf_addz(out, "<main>\n");
        put_parts(d, out);
        strbuf_addz(out, "</main>\n</body>\n</html>\n");
}
