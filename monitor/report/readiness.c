/* SPDX-License-Identifier: Apache-2.0 */

/* One function a check that can look; the rest is asked. */

#include "monitor/report/readiness.h"

#include <errno.h>

struct look {
        const struct readiness_seen *seen;
        struct arena *arena;
        struct readiness_item *item; /* the one at work */
        const struct readiness_answer *answer; /* to it, or NULL */
        int error;
};

static const char *const views[_VIEW_MAX] = {
#define X(id, name) [VIEW_##id] = name,
        READINESS_VIEWS(X)
#undef X
};

static const char *const states[_READY_MAX] = { "ok", "missing", "stale", "unknown" };

const char *readiness_view_name(enum readiness_view view)
{
        return views[view];
}

enum readiness_view readiness_view_find(struct str name)
{
        size_t i = 0;

        while (i < _VIEW_MAX && !str_eqz(name, views[i]))
                i++;
        return (enum readiness_view)i;
}

const char *readiness_state_name(enum readiness_state state)
{
        return states[state];
}

/* ---- Telling ---- */

static void say(struct look *l, enum readiness_state state, const char *advice, const char *fmt, ...) PRINTF_LIKE(4, 5);
static void say(struct look *l, enum readiness_state state, const char *advice, const char *fmt, ...)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        va_list ap;

        va_start(ap, fmt);
        strbuf_vaddf(&text, fmt, ap);
        va_end(ap);
        l->item->state = state;
        l->item->sentence = strbuf_failed(&text) ? STR_NONE : arena_dup(l->arena, strbuf_str(&text));
        l->item->advice = str_of(advice);
        if (!l->item->sentence.p)
                l->error = -ENOMEM;
}

/* "a, b, c and 4 more" */
static void add_name(struct strbuf *out, struct str name, size_t i)
{
        if (i < READINESS_NAMES_MAX)
                strbuf_addf(out, "%s" STR_FMT, i > 0 ? ", " : "", STR_ARG(name));
}

static const char *end_names(struct look *l, struct strbuf *out, size_t n)
{
        if (n > READINESS_NAMES_MAX)
                strbuf_addf(out, " and %zu more", n - READINESS_NAMES_MAX);
        if (strbuf_failed(out))
                l->error = -ENOMEM;
        return out->p && !strbuf_failed(out) ? out->p : "";
}

static const char *name_all(struct look *l, const struct str *names, size_t n, struct strbuf *out)
{
        for (size_t i = 0; i < n; i++)
                add_name(out, names[i], i);
        return end_names(l, out, n);
}

struct day {
        char text[TIME_ISO_BYTES];
};
static struct day day_of(usec t)
{
        struct day d;

        time_format_local(t, d.text);
        d.text[size_min(strlen(d.text), 10)] = '\0';
        return d;
}

static const char *s(size_t n)
{
        return n == 1 ? "" : "s";
}

/* ---- Accounts ---- */

static const char people_advice[] = "Draft one with shopbell people suggest, correct it, and name it under people: in shopbell.yml.";

static void look_data_map(struct look *l)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        const struct accounts *a = l->seen->accounts;
        size_t n_strangers = 0, n = 0;

        if (!a->people) {
                say(l, READY_MISSING, people_advice, "There is no people file: nobody knows whose the accounts are.");
                return;
        }
        for (size_t i = 0; i < a->n; i++) {
                const struct account_view *v = &a->items[i];

                if (account_is_gone(v) || v->seen.last == USEC_NONE)
                        continue;
                n++;
                if (!v->person)
                        add_name(&names, v->seen.account, n_strangers++);
        }
        if (n == 0)
                say(l, READY_UNKNOWN, "Have shopbell read the logs of the platforms that hold customers' data.", "No account was seen to act yet.");
        else if (n_strangers > 0)
                say(l, READY_MISSING, "Find out who they are; put them into the people file, or remove them. shopbell people shows them.",
                    "%zu account%s of nobody in the people file: %s.", n_strangers, n_strangers == 1 ? " is" : "s are", end_names(l, &names, n_strangers));
        else if (l->seen->now - a->newest > READINESS_FRESH)
                say(l, READY_STALE, "See whether the logs still come: shopbell doctor.", "The last act that was seen is of %s.", day_of(a->newest).text);
        else
                say(l, READY_OK, "", "%zu account%s, each of somebody in the people file; shopbell report has who can reach what.", n, s(n));
}

/* How many findings are of that check, with the accounts named. */
static size_t count_findings(const struct look *l, const char *check, struct strbuf *names)
{
        size_t n = 0;

        for (size_t i = 0; i < l->seen->posture->n; i++) {
                const struct finding *f = &l->seen->posture->items[i];

                if (strcmp(f->check, check) == 0)
                        add_name(names, f->account->seen.account, n++);
        }
        return n;
}

static void look_mfa(struct look *l)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        const struct accounts *a = l->seen->accounts;
        size_t n_missing = count_findings(l, "mfa-missing", &names), n_used = 0, n_unsaid = 0;

        if (n_missing > 0) {
                say(l, READY_MISSING, "Switch a second factor on for each; shopbell posture shows since when it is missing.",
                    "%zu account%s in without a second factor: %s.", n_missing, n_missing == 1 ? " signs" : "s sign", end_names(l, &names, n_missing));
                return;
        }
        for (size_t i = 0; i < a->n; i++) {
                usec since;
                enum mfa_state mfa = account_is_gone(&a->items[i]) ? MFA_UNSAID : account_mfa(&a->items[i], &since);

                n_used += mfa == MFA_USED;
                n_unsaid += mfa == MFA_UNSAID && !account_is_gone(&a->items[i]) && account_fact(&a->items[i], FACT_MFA);
        }
        if (n_used > 0 && n_unsaid == 0)
                say(l, READY_OK, "", "All %zu account%s that were seen to sign in used a second factor.", n_used, s(n_used));
        else
                say(l, READY_UNKNOWN, "Look into the settings of each platform.", "Of %zu account%s the logs do not say whether a second factor was used.",
                    n_unsaid, s(n_unsaid));
}

static void look_leavers(struct look *l)
{
        static const char *const checks[] = { "leaver-acts", "leaver-key", "leaver-stays" };
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        size_t n = 0;

        if (!l->seen->accounts->people) {
                say(l, READY_MISSING, people_advice, "There is no people file: who has left is not known.");
                return;
        }
        for (size_t i = 0; i < l->seen->accounts->n; i++) {
                const struct account_view *v = &l->seen->accounts->items[i];
                bool is_found = false;

                for (size_t k = 0; k < l->seen->posture->n; k++)
                        for (size_t c = 0; c < ARRAY_LEN(checks); c++)
                                is_found |= l->seen->posture->items[k].account == v && strcmp(l->seen->posture->items[k].check, checks[c]) == 0;
                if (is_found)
                        add_name(&names, v->seen.account, n++);
        }
        if (n > 0)
                say(l, READY_MISSING, "Disable them and delete their keys today; shopbell posture has each.", "%zu account%s of people who left still live%s: %s.",
                    n, s(n), n == 1 ? "s" : "", end_names(l, &names, n));
        else if (l->seen->n_left > 0)
                say(l, READY_OK, "", "No account of the %zu who left is known to live.", l->seen->n_left);
        else
                say(l, READY_OK, "", "Nobody of the people file has left (left: DATE says who has).");
}

static void look_export(struct look *l)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        size_t n = count_findings(l, "export-forbidden", &names);

        if (!l->seen->accounts->people)
                say(l, READY_MISSING, people_advice, "There is no people file: who may export is not said.");
        else if (n > 0)
                say(l, READY_MISSING, "Take the right away on the platform, or say may_export: yes; shopbell posture has what was taken.",
                    "%zu account%s took data out and may not: %s.", n, s(n), end_names(l, &names, n));
        else
                say(l, READY_OK, "", "%zu of %zu people may export%s%s; nobody else was seen to.", l->seen->n_exporters, l->seen->n_people,
                    l->seen->n_exporters > 0 ? ": " : "", name_all(l, l->seen->exporters, l->seen->n_exporters, &names));
}

/* ---- Alerts and who hears of them ---- */

static void look_alerts(struct look *l)
{
        if (l->seen->n_rules == 0)
                say(l, READY_MISSING, "Name folders that hold some: rules: in shopbell.yml; shopbell rules check.", "No rule runs.");
        else if (!l->seen->is_running)
                say(l, READY_MISSING, "systemctl enable --now shopbelld", "%zu rules, but no shopbelld runs: nobody would be told.", l->seen->n_rules);
        else
                say(l, READY_OK, "", "%zu rules run.", l->seen->n_rules);
}

static void look_sources(struct look *l)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        const struct readiness_seen *w = l->seen;

        if (!w->has_read)
                say(l, READY_MISSING, "Name logs under inputs: in shopbell.yml; shopbell doctor says what is wrong with them.", "No log was ever read.");
        else if (w->n_silent > 0)
                say(l, READY_MISSING, "See whether their jobs still run and the logs still grow.", "%zu log source%s silent for longer than usual: %s.",
                    w->n_silent, w->n_silent == 1 ? " is" : "s are", name_all(l, w->silent, w->n_silent, &names));
        else if (w->n_unheard > 0)
                say(l, READY_MISSING, "Let something happen that should be logged, then look again; shopbell sources explain FILE.",
                    "Nothing was ever read of %s.", name_all(l, w->unheard, w->n_unheard, &names));
        else
                say(l, READY_OK, "", "%zu log source%s heard.", w->n_heard, w->n_heard == 1 ? " was" : "s were");
}

/* The journal is told of what nobody hears. */
static bool is_heard(const struct readiness_channel *c)
{
        return !str_eqz(c->kind, "journal");
}

static size_t count_heard(const struct readiness_seen *w)
{
        size_t n = 0;

        for (size_t i = 0; i < w->n_channels; i++)
                n += is_heard(&w->channels[i]);
        return n;
}

static void look_channels(struct look *l)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        size_t n = 0;

        for (size_t i = 0; i < l->seen->n_channels; i++)
                if (is_heard(&l->seen->channels[i]))
                        add_name(&names, l->seen->channels[i].name, n++);
        if (n == 0)
                say(l, READY_MISSING, "Name one under notices: in shopbell.yml, then restart shopbelld.", "No channel is set: outside of the shop nobody is told.");
        else
                say(l, READY_OK, "", "%zu channel%s: %s.", n, s(n), end_names(l, &names, n));
}

static void look_channel_test(struct look *l)
{
        const struct readiness_channel *worst = NULL;
        const size_t n = count_heard(l->seen);

        for (size_t i = 0; i < l->seen->n_channels; i++) {
                const struct readiness_channel *c = &l->seen->channels[i];

                if (is_heard(c) && (!worst || c->sent < worst->sent)) /* USEC_NONE is less */
                        worst = c;
        }
        if (!worst)
                say(l, READY_MISSING, "Name one under notices: in shopbell.yml.", "There is no channel to try.");
        else if (worst->sent == USEC_NONE)
                say(l, READY_MISSING, "shopbell notices test CHANNEL, and see that it arrives.", "Nothing ever went over " STR_FMT ".", STR_ARG(worst->name));
        else if (l->seen->now - worst->sent > READINESS_FRESH)
                say(l, READY_STALE, "shopbell notices test CHANNEL, and see that it arrives.", "Over " STR_FMT " nothing went since %s.", STR_ARG(worst->name),
                    day_of(worst->sent).text);
        else
                say(l, READY_OK, "", "Over %s something went since %s.", n == 1 ? "the channel" : "each channel", day_of(worst->sent).text);
}

static void look_escalation(struct look *l)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        size_t n = 0;

        for (size_t i = 0; i < l->seen->n_channels; i++) {
                const struct readiness_channel *c = &l->seen->channels[i];
                char after[DURATION_BYTES];

                if (c->escalate_after == 0 || c->escalate_to.n == 0)
                        continue;
                duration_format(c->escalate_after, after);
                strbuf_addf(&names, "%s" STR_FMT " to " STR_FMT " after %s", n++ > 0 ? ", " : "", STR_ARG(c->name), STR_ARG(c->escalate_to), after);
        }
        if (n == 0)
                say(l, READY_MISSING, "Give a channel escalate: {after: 30m, to: CHANNEL}, shopbell.yml(5).", "An alert that nobody answers goes to nobody else.");
        else
                say(l, READY_OK, "", "What nobody answers goes on: %s.", end_names(l, &names, 0));
}

static void look_decider(struct look *l)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        size_t n = l->seen->n_owners;

        if (n == 1)
                say(l, READY_OK, "", STR_FMT " decides: the one owner of the people file.", STR_ARG(l->seen->owners[0]));
        else if (n > 1)
                say(l, READY_UNKNOWN, "Write down which one decides, and who stands in.", "The people file has %zu owners: %s.", n,
                    name_all(l, l->seen->owners, n, &names));
        else
                say(l, READY_UNKNOWN, "Write down who decides, and who stands in; role: owner in the people file.", "The people file names no owner.");
}

/* ---- Logs, laws, texts ---- */

static void look_canaries(struct look *l)
{
        size_t n = l->seen->n_canaries;

        if (n == 0)
                say(l, READY_MISSING, "Make some up, a name and address of each place, and watch them: placeholders: {canary_customers: […]} in shopbell.yml.",
                    "No made-up customer is watched: who goes through the list is not noticed by it.");
        else
                say(l, READY_UNKNOWN, "Put them there.", "%zu made-up customer%s watched; where they stand cannot be seen.", n, n == 1 ? " is" : "s are");
}

static void look_logs_kept(struct look *l)
{
        usec kept = l->seen->records_kept;

        if (kept > 0 && kept < 365 * USEC_PER_DAY)
                say(l, READY_MISSING, "retention: {records: 400d, alerts: 800d} in shopbell.yml", "shopbell lets records of alerts go after %lld days.",
                    (long long)(kept / USEC_PER_DAY));
        else
                say(l, READY_UNKNOWN, "Set each platform, and logrotate of the shop's own machines, to 12 months; or copy them away.",
                    "shopbell keeps records of alerts long enough; how long the logs themselves are kept cannot be seen.");
}

static void look_templates(struct look *l)
{
        if (l->seen->templates_at != USEC_NONE && (!l->answer || l->seen->templates_at > l->answer->at))
                say(l, l->answer ? READY_STALE : READY_UNKNOWN, "Have whoever signs notices read what shopbell case draft writes.",
                    "A template of the shop's own was changed on %s.", day_of(l->seen->templates_at).text);
}

static void look_regimes(struct look *l)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        const struct readiness_seen *w = l->seen;

        if (w->n_regimes == 0)
                say(l, READY_MISSING, "Install shopbell whole, or name a folder with --regimes.", "No law is known: no clock would run.");
        else if (w->n_stale_regimes > 0)
                say(l, READY_STALE, "Read their sources again; take a newer shopbell, or put a corrected copy into /etc/shopbell/regimes.d.",
                    "%zu of %zu law%s last looked at more than half a year ago: %s.", w->n_stale_regimes, w->n_regimes, w->n_stale_regimes == 1 ? " was" : "s were",
                    name_all(l, w->stale_regimes, w->n_stale_regimes, &names));
        else
                say(l, READY_OK, "", "All %zu laws were looked at within half a year.", w->n_regimes);
}

static void look_contracts(struct look *l)
{
        if (l->seen->n_contracts > 0)
                say(l, READY_OK, "", "%zu contract%s among the clocks.", l->seen->n_contracts, l->seen->n_contracts == 1 ? " is" : "s are");
}

/* ---- The table ---- */

#define W (1U << VIEW_WEEKLY)
#define M (1U << VIEW_MONTHLY)
#define E (1U << VIEW_EXPANSION)

/* `look` leaves the state unknown, or does not say anything, where it cannot see: then the answer counts. */
static const struct check {
        const char *name;
        unsigned views;
        void (*look)(struct look *l); /* NULL: there is nothing to see */
        unsigned days; /* that an answer counts; 0: it is never asked */
        const char *question, *advice; /* advice: while it is not so */
} checks[] = {
        { "data-map", W | M | E, look_data_map, 0, NULL, NULL },
        { "other-data", M | E, NULL, 90,
          "Is it written down where else customers' data lies (spreadsheets, newsletters, couriers, accountants, agencies), and who can reach it?",
          "List each place with what it holds, who can reach it, and where they are." },
        { "mfa", W | M | E, look_mfa, 90, "Does every account that can reach customers' data need a second factor, on every platform?",
          "Switch it on where the platform lets you require it of all." },
        { "leavers", W | M | E, look_leavers, 0, NULL, NULL },
        { "export-rights", M | E, look_export, 0, NULL, NULL },
        { "alerts-on", W | M, look_alerts, 0, NULL, NULL },
        { "sources-heard", W | M | E, look_sources, 0, NULL, NULL },
        { "channels", W | M | E, look_channels, 0, NULL, NULL },
        { "channel-test", M, look_channel_test, 0, NULL, NULL },
        { "escalation", M | E, look_escalation, 0, NULL, NULL },
        { "decider", M | E, look_decider, 365, "Is it written down which one person decides in a case, and who stands in?",
          "Name one person, and one who stands in." },
        { "canaries", M | E, look_canaries, 90,
          "Are the made-up customers in each list, export and backup, with addresses of your own, so that a message to one shows a leak?",
          "Put them there, a different address in each place." },
        { "logs-kept", M | E, look_logs_kept, 365, "Are the logs themselves kept for 12 months or more, on every platform and machine?",
          "Set each platform, and logrotate, to 12 months; or copy the logs away." },
        { "discovery-standard", M | E, NULL, 365, "Is it written down from which finding on the shop counts as aware of a leak, and who says so?",
          "Write it down: shopbell-readiness(1) has a beginning." },
        { "contacts", M | E, NULL, 365,
          "Are lawyer, insurer, bank, platforms and the portals of the authorities at hand where the shop's own systems are not needed?",
          "Print them, with the logins that the portals need." },
        { "templates", M | E, look_templates, 365, "Has whoever signs notices read the drafts that shopbell case draft writes, in each language the shop sells in?",
          "Draft one of each from a drill, and have it read." },
        { "regimes", M | E, look_regimes, 0, NULL, NULL },
        { "contracts", E, look_contracts, 365,
          "Do contracts with marketplaces, payment and card schemes or partners ask to be told, and are their clocks in regimes.d (or are there none)?",
          "Write a file for each, shopbell.regime(5)." },
        { "representatives", E, NULL, 365, "Is a representative named in each country whose law asks for one?", "shopbell clock REGIME says which do." },
        { "drill", M | E, NULL, 90, "Was a case drilled lately, from the alert to the draft of a notice?", "shopbell case drill" },
};

bool readiness_check_find(struct str name, const char **ret_question)
{
        for (size_t i = 0; i < ARRAY_LEN(checks); i++)
                if (str_eqz(name, checks[i].name)) {
                        if (ret_question)
                                *ret_question = checks[i].question;
                        return true;
                }
        return false;
}

const char *readiness_check_name(size_t i)
{
        return i < ARRAY_LEN(checks) ? checks[i].name : NULL;
}

static const struct readiness_answer *answer_to(const struct readiness_seen *seen, const char *check)
{
        for (size_t i = 0; i < seen->n_answers; i++)
                if (str_eqz(seen->answers[i].check, check))
                        return &seen->answers[i];
        return NULL;
}

/* What was answered stands for what cannot be seen. */
static void hear(struct look *l, const struct check *c)
{
        const struct readiness_answer *a = l->answer;
        const char *advice = l->item->advice.n > 0 ? l->item->advice.p : c->advice;
        usec age = (usec)c->days * USEC_PER_DAY;

        if (!a) {
                if (!l->item->sentence.p)
                        say(l, READY_UNKNOWN, c->advice, "Nobody has said.");
                l->item->question = c->question;
                return;
        }
        l->item->answered_at = a->at;
        l->item->answered_by = a->by;
        l->item->asks_again_at = a->at + age;
        if (str_eqz(a->text, "no"))
                say(l, READY_MISSING, advice, STR_FMT " said no on %s.", STR_ARG(a->by), day_of(a->at).text);
        else
                say(l, READY_OK, "", STR_FMT " said on %s: " STR_FMT ".", STR_ARG(a->by), day_of(a->at).text, STR_ARG(a->text));
        if (l->seen->now < a->at + age)
                return;
        l->item->question = c->question;
        if (l->item->state == READY_OK) {
                l->item->state = READY_STALE;
                l->item->advice = arena_printf(l->arena, "See whether it still holds, then: shopbell readiness answer %s yes", c->name);
        }
}

static void look_at(struct look *l, const struct check *c)
{
        *l->item = (struct readiness_item){
                .check = c->name, .views = c->views, .state = READY_UNKNOWN, .advice = STR(""), .answered_by = STR(""),
                .answered_at = USEC_NONE, .asks_again_at = USEC_NONE,
        };
        l->answer = answer_to(l->seen, c->name);
        if (c->look)
                c->look(l);
        if (l->item->state == READY_UNKNOWN && c->question)
                hear(l, c);
        else if (l->item->state == READY_STALE && c->question)
                l->item->question = c->question;
        if (!l->item->sentence.p || !l->item->advice.p)
                l->error = -ENOMEM;
}

int readiness_look(const struct readiness_seen *seen, enum readiness_view view, struct arena *arena, struct readiness_item **ret, size_t *ret_n)
{
        struct look l = { .seen = seen, .arena = arena };
        size_t n = 0;

        *ret = arena_array(arena, ARRAY_LEN(checks), sizeof **ret);
        if (!*ret)
                return -ENOMEM;
        for (size_t i = 0; i < ARRAY_LEN(checks) && l.error == 0; i++) {
                if (view != _VIEW_MAX && !(checks[i].views & 1U << view))
                        continue;
                l.item = &(*ret)[n++];
                look_at(&l, &checks[i]);
        }
        *ret_n = n;
        return l.error;
}
