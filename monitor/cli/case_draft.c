/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell case draft: a notice in the words of its templates, on standard output; that it was made is noted in the case, with its digest.
 * It is for a person to read, to change and to send. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/log.h"
#include "monitor/cases/draft.h"
#include "monitor/cases/order.h"
#include "monitor/cli/case.h"

static int usage(const char *what, const char *value, const char *words)
{
        log_error("%s %s: one of %s", what, value, words);
        return CLI_USAGE;
}

static int choose_regime(const struct case_view *v, const struct cli *cli, const struct regime **ret)
{
        CLEANUP(strbuf_done) struct strbuf near = STRBUF_INIT;

        if (!cli->regime) {
                log_error("by which law? --regime kr-pipa; shopbell regimes list shows them, shopbell case show which apply");
                return CLI_USAGE;
        }
        *ret = regime_find(&v->regimes, str_of(cli->regime));
        if (*ret)
                return CLI_OK;
        regimes_near(&v->regimes, str_of(cli->regime), &near);
        log_error("no law is called %s%s" STR_FMT, cli->regime, near.n > 0 ? "; perhaps " : "", STR_ARG(strbuf_str(&near)));
        return CLI_USAGE;
}

static int choose_template(const struct templates *t, const struct regime *r, const char *lang, const struct template **ret)
{
        CLEANUP(strbuf_done) struct strbuf have = STRBUF_INIT;

        *ret = lang ? template_find(t, str_of(lang)) : case_template_of(t, r);
        if (*ret)
                return CLI_OK;
        for (size_t i = 0; i < t->n; i++)
                strbuf_addf(&have, "%s" STR_FMT, i > 0 ? ", " : "", STR_ARG(t->items[i].lang));
        log_error("there is no template in %s; there is %s (shopbell.template(5) says how to write one)", lang ? lang : "en", have.n > 0 ? have.p : "none");
        return CLI_CANNOT;
}

static int choose_words(const struct cli *cli, const struct casefile *c, struct draft_request *q)
{
        const struct case_mark *aware = casefile_mark(c, EVENT_AWARE, q->regime->id);

        q->to = cli->to ? draft_audience_find(str_of(cli->to)) : DRAFT_PEOPLE;
        if (q->to == _DRAFT_AUDIENCE_MAX)
                return usage("--to", cli->to, "people, authority, press, support, principal, partner");
        q->stage = cli->stage ? draft_stage_find(str_of(cli->stage)) : aware ? DRAFT_CONFIRMED : DRAFT_INVESTIGATING;
        if (q->stage == _DRAFT_STAGE_MAX)
                return usage("--stage", cli->stage, "investigating, confirmed");
        q->channel = cli->channel ? draft_channel_find(str_of(cli->channel)) : _DRAFT_CHANNEL_MAX;
        if (cli->channel && q->channel == _DRAFT_CHANNEL_MAX)
                return usage("--channel", cli->channel, "email, in-app, sms, sheet");
        return CLI_OK;
}

/* Has the case say that it was made. */
static int note_it(struct cli *cli, const struct draft *d)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT, key = STRBUF_INIT, digest = STRBUF_INIT;
        char number[24];

        (void)snprintf(number, sizeof number, "%lld", (long long)d->of.file->id);
        strbuf_addf(&key, STR_FMT "/%s/%s/" STR_FMT "/%s", STR_ARG(d->of.regime->id), draft_audience_name(d->of.to), draft_stage_name(d->of.stage),
                    STR_ARG(d->of.template->lang), draft_channel_name(d->of.channel));
        draft_digest(d, &digest);
        strbuf_addz(&order, "case-add\n");
        case_order_add(&order, "case", str_of(number));
        case_order_add(&order, "kind", str_of(case_kind_name(CASE_DRAFTED)));
        case_order_add(&order, "key", strbuf_str(&key));
        case_order_add(&order, "value", strbuf_str(&digest));
        if (cli->by)
                case_order_add(&order, "by", str_of(cli->by));
        if (strbuf_failed(&order) || strbuf_failed(&key) || strbuf_failed(&digest)) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        cli->is_silent = true;
        return daemon_order(cli, strbuf_str(&order));
}

static int print(const struct draft *d, enum cli_format format)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;

        if (format == FORMAT_HTML)
                draft_html(d, &out);
        else
                draft_text(d, &out);
        if (strbuf_failed(&out) || fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0) {
                log_error("the draft cannot be written");
                return CLI_CANNOT;
        }
        return CLI_OK;
}

static int run(struct cli *cli, struct case_view *v, int64_t id)
{
        CLEANUP(templates_done) struct templates templates = { 0 };
        struct draft_request q = { .now = cli->now };
        struct casefile c;
        struct draft d;
        struct err err = { 0 };
        int code = choose_regime(v, cli, &q.regime);

        if (code == CLI_OK)
                code = case_view_read(v, id, &c);
        if (code == CLI_OK && c.n_unread > 0) { /* it would say "not yet known" of what is known */
                log_error("%zu entries of the case are sealed, and a draft would lack them: --reveal --note WHY", c.n_unread);
                return CLI_FOUND;
        }
        if (code == CLI_OK)
                code = case_templates(cli, &templates);
        if (code == CLI_OK)
                code = choose_template(&templates, q.regime, cli->lang, &q.template);
        q.file = &c;
        if (code == CLI_OK)
                code = choose_words(cli, &c, &q);
        if (code != CLI_OK)
                return code;
        if (draft_make(&q, v->arena, &d, &err) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return err.code == -EINVAL ? CLI_USAGE : CLI_CANNOT;
        }
        code = print(&d, cli->format);
        return code == CLI_OK ? note_it(cli, &d) : code;
}

int cmd_case_draft(struct cli *cli, int argc, char **argv)
{
        struct case_view v;
        int64_t id;
        int code = case_view_open_one(cli, "draft", argc, argv, &v, &id);

        if (code == CLI_OK)
                code = run(cli, &v, id);
        case_view_close(&v);
        return code;
}
