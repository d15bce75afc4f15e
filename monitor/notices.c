/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/notices.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "monitor/base/log.h"
#include "monitor/base/messages.h"
#include "monitor/base/utf8.h"
#include "monitor/notify/notice.h"
#include "monitor/quiet/judge.h"
#include "monitor/store/notice.h"

/* An answer must hold it: limits in notify/ see to that, and this is looked at all the same. */
enum { ANSWER_BYTES_MAX = CONTROL_ANSWER_BYTES_MAX - 1024, RETRY_AFTER_MAX = 3600 };

struct notices {
        const struct channels *channels;
        struct pipeline *pipeline;
        struct store *store;
        const struct clock *clock;
        struct str host;
        char host_name[256];
};

/* ---- Trouble ---- */

static int is_of_trouble(void *userdata, const struct store_told *t)
{
        *(bool *)userdata &= str_eq(t->rule, STR(NOTICES_RULE_TITLE));
        return 0;
}

/* One alert a channel and day. Notices of such alerts make none. */
static int raise_trouble(struct store *s, struct quiet *q, const struct store_notice *n, const char *what, struct str error, usec now)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char day[TIME_ISO_BYTES];
        struct alert_group group = { STR("channel"), n->channel };
        struct alert_change c = {
                .rule_id = STR(NOTICES_RULE), .rule_title = STR(NOTICES_RULE_TITLE), .level = LEVEL_HIGH, .group = &group, .n_group = 1,
                .playbook = STR("Look at what was not told: shopbell notices, shopbell alerts\nSee what the sender said: journalctl -u 'shopbell-*@*'\n"
                                "Put the channel right in shopbell.yml, then try it: shopbell notices test CHANNEL"),
                .person = STR(""), .source = STR(""), .first_seen = now, .last_seen = now, .count = 1,
        };
        struct quiet_alert before;
        bool is_own = true;
        uint64_t told;
        int r = arena ? store_notice_told(s, n->id, NOTICE_NAMED_MAX, &told, is_of_trouble, &is_own) : -ENOMEM;

        if (r < 0 || str_eqz(n->reason, "test") || (told > 0 && is_own))
                return r;
        time_format_iso(now - now % USEC_PER_DAY, day);
        c.id = hash128_of((struct str[]){ STR(NOTICES_RULE), n->channel, str_of(day) }, 3);
        c.sentence = arena_printf(arena, "A notice over " STR_FMT " %s", STR_ARG(n->channel), what);
        c.why = arena_dup(arena, error);
        if (!c.sentence.p || !c.why.p)
                return -ENOMEM;
        r = store_quiet_get(s, &c.id, arena, &before);
        if (r < 0 && r != -ENOENT)
                return r;
        c.kind = r < 0 ? CHANGE_RAISE : CHANGE_GROW;
        if (r >= 0) {
                c.first_seen = before.first;
                c.count = before.count + 1;
        }
        r = store_put_change(s, &c, now);
        return r < 0 ? r : quiet_note(q, &c.id);
}

/* ---- Transactions ---- */

/* One thing to do with the store. */
struct job {
        struct notices *n;
        const struct channel *channel;
        struct arena *arena;
        struct str key, error;
        struct notice_gate gate;
        uint64_t attempt;
        enum notice_outcome outcome;
        usec retry_after;
        bool recovers, marks;
        struct store_notice notice; /* what was taken */
        struct notice_alert alerts[NOTICE_NAMED_MAX];
        size_t n_alerts;
        uint64_t n_all;
        int result; /* 1 done, 0 not */
};

static int add_alert(void *userdata, const struct store_told *t)
{
        struct job *j = userdata;
        struct arena *a = j->arena;

        j->alerts[j->n_alerts++] = (struct notice_alert){
                .id = t->id,
                .level = t->level,
                .sentence = arena_dup(a, t->sentence),
                .why = arena_dup(a, t->why),
                .playbook = arena_dup(a, t->playbook),
                .person = arena_dup(a, t->person),
                .source = arena_dup(a, t->source),
                .rule = arena_dup(a, t->rule),
                .first = t->first,
                .last = t->last,
                .count = t->count,
        };
        return j->alerts[j->n_alerts - 1].rule.p ? 0 : -ENOMEM;
}

static int recover(struct job *j, struct store *s, struct quiet *q, usec now)
{
        const struct store_notice lost = { .channel = str_of(j->channel->name), .reason = STR("") };
        uint64_t unknown = 0;
        int r = store_notice_recover(s, str_of(j->channel->name), &j->gate, now, &unknown);

        return r < 0 || unknown == 0 ? r
                                     : raise_trouble(s, q, &lost, "may not have arrived", STR("its sender ended while the last byte was on its way"), now);
}

static int take(void *userdata, struct store *s, struct quiet *q, usec now)
{
        struct job *j = userdata;
        int r = j->recovers ? recover(j, s, q, now) : 0;

        if (r >= 0)
                r = store_notice_take(s, str_of(j->channel->name), now, j->arena, &j->notice);
        if (r == -ENOENT)
                return 0;
        if (r >= 0)
                r = store_notice_told(s, j->notice.id, NOTICE_NAMED_MAX, &j->n_all, add_alert, j);
        if (r >= 0 && j->marks)
                r = store_notice_mark(s, j->notice.key, j->notice.attempts, STR(""));
        j->result = r >= 0;
        return r < 0 ? r : 0;
}

static int set_mark(void *userdata, struct store *s, struct quiet *q, usec now)
{
        struct job *j = userdata;

        (void)q;
        (void)now;
        j->result = store_notice_mark(s, j->key, j->attempt, j->gate.id);
        return j->result < 0 ? j->result : 0;
}

static uint32_t random_number(void)
{
        uint32_t n = 0;

        return getrandom(&n, sizeof n, 0) == sizeof n ? n : UINT32_MAX / 2; /* no jitter is no harm */
}

static int set_end(void *userdata, struct store *s, struct quiet *q, usec now)
{
        struct job *j = userdata;
        const char *gave_up = "could not be delivered";
        usec due = now;
        int r = store_notice_get(s, j->key, j->arena, &j->notice);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (j->outcome == OUTCOME_AGAIN) {
                usec wait = notice_backoff(j->attempt, random_number());

                due = now + (wait > j->retry_after ? wait : j->retry_after);
                if (str_eqz(j->notice.reason, "test") || (j->notice.first_at != USEC_NONE && now - j->notice.first_at >= NOTICE_GIVES_UP)) {
                        j->outcome = OUTCOME_FAILED;
                        gave_up = "could not be delivered for three days and was given up";
                }
        }
        j->result = store_notice_end(s, j->key, j->attempt, j->outcome, j->error, due, now);
        if (j->result > 0 && str_eqz(j->notice.state, "unknown"))
                return 0;
        if (j->result > 0 && j->outcome == OUTCOME_FAILED)
                return raise_trouble(s, q, &j->notice, gave_up, j->error, now);
        if (j->result > 0 && j->outcome == OUTCOME_UNKNOWN)
                return raise_trouble(s, q, &j->notice, "may not have arrived", j->error, now);
        return j->result < 0 ? j->result : 0;
}

static struct notice notice_of(const struct job *j)
{
        return (struct notice){
                .key = j->notice.key,
                .first_key = str_eqz(j->notice.reason, "repeat") ? j->notice.first_key : STR(""),
                .channel = j->notice.channel,
                .reason = notice_reason_find(j->notice.reason),
                .alerts = j->alerts,
                .n = j->n_alerts,
                .n_all = j->n_all,
                .host = j->n->host,
                .now = clock_now(j->n->clock),
        };
}

/* ---- Answers ---- */

static void add(struct strbuf *out, const char *key, const char *value)
{
        if (value)
                strbuf_addf(out, "%s %s\n", key, value);
}

/* What the sender needs to know beside the body. */
static void add_settings(const struct channel *c, const struct notice *n, struct strbuf *out)
{
        for (size_t i = 0; i < c->to.n; i++)
                add(out, "to", c->to.items[i]);
        add(out, "from", c->from);
        add(out, "server", c->server);
        add(out, "user", c->user);
        add(out, "password-credential", c->password_credential);
        add(out, "url", c->url);
        add(out, "url-credential", c->url_credential);
        add(out, "secret-credential", c->secret_credential);
        add(out, "token-credential", c->token_credential);
        add(out, "ca", c->ca);
        for (size_t i = 0; i < c->argv.n; i++) {
                strbuf_addz(out, "argument ");
                if (i == 0)
                        strbuf_addz(out, c->argv.items[i]);
                else
                        notice_argument(n, c->argv.items[i], out);
                strbuf_addc(out, '\n');
        }
}

static void write_notice(const struct job *j, struct strbuf *out)
{
        struct notice n = notice_of(j);

        strbuf_addf(out, "done\nkey " STR_FMT "\nattempt %llu\nkind %s\n", STR_ARG(n.key), (unsigned long long)j->notice.attempts,
                    channel_kind_name(j->channel->kind));
        add_settings(j->channel, &n, out);
        strbuf_addc(out, '\n');
        if (j->channel->kind == CHANNEL_MAIL)
                notice_mail(&n, j->channel, out);
        else
                notice_json(&n, j->channel, out);
}

static int answer_next(struct notices *n, struct str lines, const struct control_peer *peer, struct strbuf *answer, struct err *reterr)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct channel *c = channels_find(n->channels, str_value(lines, "channel"));
        struct job j = { .n = n, .channel = c, .arena = arena, .recovers = !peer->is_again };
        int r;

        if (!c || c->kind == CHANNEL_JOURNAL) {
                strbuf_addz(answer, c ? "refused\nthe daemon itself tells the journal: this channel needs no sender\n"
                                      : "refused\nno channel is called so: they stand under notices: in shopbell.yml, which counts from the daemon's start\n");
                return 0;
        }
        j.gate = (struct notice_gate){ .id = str_value(lines, "gate"), .key = str_value(lines, "key") };
        (void)str_to_u64(str_value(lines, "attempt"), &j.gate.attempt); /* without one nothing was let go */
        if (peer->is_again && !store_notice_is_due(n->store, str_of(c->name), clock_now(n->clock)))
                return CONTROL_LATER;
        r = arena ? pipeline_run(n->pipeline, take, &j, reterr) : err_set(reterr, -ENOMEM, "out of memory");
        if (r < 0 || j.result == 0)
                return r < 0 ? r : CONTROL_LATER;
        write_notice(&j, answer);
        if (!strbuf_failed(answer) && answer->n <= ANSWER_BYTES_MAX)
                return 0;
        strbuf_done(answer);
        log_error("the notice " STR_FMT " is too long to be handed over", STR_ARG(j.notice.key));
        j = (struct job){ .n = n, .arena = arena, .key = j.notice.key, .attempt = j.notice.attempts, .outcome = OUTCOME_FAILED,
                          .error = STR("it is too long to be handed to its sender: let the channel say less") };
        r = pipeline_run(n->pipeline, set_end, &j, reterr);
        strbuf_addz(answer, "again\n");
        return r < 0 ? r : 0;
}

/* 0: something is missing, which is said. */
static int read_attempt(struct str lines, struct job *ret, struct strbuf *answer)
{
        ret->key = str_value(lines, "key");
        if (str_to_u64(str_value(lines, "attempt"), &ret->attempt) == 0 && ret->key.n > 0)
                return 1;
        strbuf_addz(answer, "refused\nkey and attempt are needed\n");
        return 0;
}

static int finish(struct notices *n, pipeline_fn *fn, struct job *j, struct strbuf *answer, struct err *reterr)
{
        int r = pipeline_run(n->pipeline, fn, j, reterr);

        strbuf_addz(answer, r < 0 ? "failed\n" : j->result > 0 ? "done\n" : "refused\nthat attempt is over\n");
        return r < 0 ? r : 0;
}

static int answer_mark(struct notices *n, struct str lines, const struct control_peer *peer, struct strbuf *answer, struct err *reterr)
{
        struct job j = { .n = n };

        (void)peer;
        j.gate.id = str_value(lines, "gate");
        return read_attempt(lines, &j, answer) ? finish(n, set_mark, &j, answer, reterr) : 0;
}

static int answer_end(struct notices *n, struct str lines, const struct control_peer *peer, struct strbuf *answer, struct err *reterr)
{
        static const struct {
                const char *name;
                enum notice_outcome outcome;
        } outcomes[] = { { "sent", OUTCOME_SENT }, { "again", OUTCOME_AGAIN }, { "unknown", OUTCOME_UNKNOWN } };
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(strbuf_done) struct strbuf error = STRBUF_INIT;
        struct job j = { .n = n, .arena = arena };
        uint64_t seconds = 0;
        size_t i = 0;

        (void)peer;
        if (!read_attempt(lines, &j, answer))
                return 0;
        while (i < ARRAY_LEN(outcomes) && !str_eqz(str_value(lines, "outcome"), outcomes[i].name))
                i++;
        if (i == ARRAY_LEN(outcomes)) {
                strbuf_addz(answer, "refused\nan outcome is sent, again or unknown\n");
                return 0;
        }
        text_display(&error, str_value(lines, "error"), TEXT_TERMINAL, NOTICE_ERROR_MAX / 4); /* a server's words, too */
        if (!arena || strbuf_failed(&error))
                return err_set(reterr, -ENOMEM, "out of memory");
        j.error = strbuf_str(&error);
        j.outcome = outcomes[i].outcome;
        if (str_to_u64(str_value(lines, "retry-after"), &seconds) == 0)
                j.retry_after = (usec)(seconds < RETRY_AFTER_MAX ? seconds : RETRY_AFTER_MAX) * USEC_PER_SEC;
        return finish(n, set_end, &j, answer, reterr);
}

static int answer_wait(struct notices *n, struct str lines, const struct control_peer *peer, struct strbuf *answer, struct err *reterr)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct store_notice notice = { 0 };
        int r = arena ? store_notice_get(n->store, str_value(lines, "key"), arena, &notice) : -ENOMEM;

        (void)peer;
        if (r < 0 && r != -ENOENT)
                return err_set(reterr, r, "%s", r == -ENOMEM ? "out of memory" : store_error(n->store));
        if (r >= 0 && notice.ended_at == USEC_NONE)
                return CONTROL_LATER;
        if (r < 0)
                strbuf_addz(answer, "refused\nthere is no such notice\n");
        else
                strbuf_addf(answer, "done\n" STR_FMT "\n" STR_FMT "\n", STR_ARG(notice.state), STR_ARG(notice.error));
        return 0;
}

static const struct {
        const char *word;
        bool is_for_all;
        int (*answer)(struct notices *n, struct str lines, const struct control_peer *peer, struct strbuf *answer, struct err *reterr);
} words[] = {
        { "notice-next", false, answer_next },
        { "notice-mark", false, answer_mark },
        { "notice-end", false, answer_end },
        { "notice-wait", true, answer_wait },
};

static size_t find_word(struct str text)
{
        struct str word;
        size_t i = 0;

        str_cut(&text, '\n', &word);
        while (i < ARRAY_LEN(words) && !str_eqz(word, words[i].word))
                i++;
        return i;
}

bool notices_is_word(struct str word)
{
        return find_word(word) < ARRAY_LEN(words);
}

static bool is_sender(const struct control_peer *peer)
{
        CLEANUP(strbuf_done) struct strbuf user = STRBUF_INIT;

        return peer->is_owner || (control_user(peer->uid, &user) == 0 && str_eqz(strbuf_str(&user), NOTICES_USER));
}

int notices_answer(struct notices *n, struct str word, const struct control_peer *peer, struct strbuf *answer, struct err *reterr)
{
        struct str lines = word, first;
        size_t i = find_word(word);

        if (!words[i].is_for_all && !is_sender(peer)) {
                strbuf_addz(answer, "forbidden\n");
                return 0;
        }
        str_cut(&lines, '\n', &first);
        return words[i].answer(n, lines.p ? lines : STR(""), peer, answer, reterr);
}

/* ---- The journal ---- */

static void add_field(struct strbuf *out, size_t *ends, size_t *n, const char *name, struct str value)
{
        strbuf_addf(out, "%s=", name);
        text_display(out, value, TEXT_TERMINAL, NOTICE_WHY_MAX);
        ends[(*n)++] = out->n;
}

static int write_journal(const struct job *j)
{
        enum { FIELDS_MAX = NOTICE_NAMED_MAX + 16 };
        static const char *const priorities[_LEVEL_MAX] = { "6", "5", "4", "3", "2" };
        CLEANUP(strbuf_done) struct strbuf headline = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct notice n = notice_of(j);
        struct iovec fields[FIELDS_MAX];
        size_t ends[FIELDS_MAX], count = 0, from = 0;
        char number[24];

        notice_headline(&n, 0, &headline);
        snprintf(number, sizeof number, "%llu", (unsigned long long)n.n_all);
        add_field(&text, ends, &count, "MESSAGE", strbuf_str(&headline));
        add_field(&text, ends, &count, "MESSAGE_ID", STR(MESSAGE_ALERT));
        add_field(&text, ends, &count, "PRIORITY", str_of(priorities[notice_level(&n)]));
        add_field(&text, ends, &count, "SYSLOG_IDENTIFIER", STR("shopbelld"));
        add_field(&text, ends, &count, "SHOPBELL_NOTICE", n.key);
        add_field(&text, ends, &count, "SHOPBELL_REASON", str_of(notice_reason_name(n.reason)));
        add_field(&text, ends, &count, "SHOPBELL_LEVEL", str_of(level_name(notice_level(&n))));
        add_field(&text, ends, &count, "SHOPBELL_COUNT", str_of(number));
        for (size_t i = 0; i < n.n; i++) {
                char hex[HASH128_HEX_BYTES];

                hash128_hex(&n.alerts[i].id, hex);
                add_field(&text, ends, &count, "SHOPBELL_ALERT", str_of(hex));
        }
        if (n.n > 0) {
                add_field(&text, ends, &count, "SHOPBELL_RULE", n.alerts[0].rule);
                add_field(&text, ends, &count, "SHOPBELL_PERSON", n.alerts[0].person);
                add_field(&text, ends, &count, "SHOPBELL_WHY", n.alerts[0].why);
        }
        if (strbuf_failed(&text) || strbuf_failed(&headline))
                return -ENOMEM;
        for (size_t i = 0; i < count; i++) {
                fields[i] = (struct iovec){ .iov_base = text.p + from, .iov_len = ends[i] - from };
                from = ends[i];
        }
        return sd_journal_sendv(fields, (int)count);
}

/* One notice: 1 there may be more; 0 none is due. */
static int tell_journal(struct notices *n, const struct channel *c, struct err *reterr)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct job j = { .n = n, .channel = c, .arena = arena, .marks = true };
        struct job end;
        int r = arena ? pipeline_run(n->pipeline, take, &j, reterr) : err_set(reterr, -ENOMEM, "out of memory");

        if (r < 0 || j.result == 0)
                return r;
        r = write_journal(&j);
        end = (struct job){ .n = n, .arena = arena, .key = j.notice.key, .attempt = j.notice.attempts, .outcome = r < 0 ? OUTCOME_AGAIN : OUTCOME_SENT,
                            .error = r < 0 ? str_of(strerror(-r)) : STR("") };
        r = pipeline_run(n->pipeline, set_end, &end, reterr);
        return r < 0 ? r : 1;
}

int notices_tend(struct notices *n, usec now, struct err *reterr)
{
        int r = 0;

        for (size_t i = 0; i < n->channels->n && r >= 0; i++) {
                const struct channel *c = &n->channels->items[i];

                for (r = c->kind == CHANNEL_JOURNAL; r > 0 && store_notice_is_due(n->store, str_of(c->name), now);)
                        r = tell_journal(n, c, reterr);
        }
        return r < 0 ? r : 0;
}

int notices_due(struct notices *n, usec now, usec *ret)
{
        return store_notice_due(n->store, now, ret);
}

/* ---- Start ---- */

/* Nobody delivers while the daemon starts but senders that took before; those say themselves how it went. */
static int start(void *userdata, struct store *s, struct quiet *q, usec now)
{
        struct notices *n = userdata;
        struct store_channel items[CHANNELS_MAX];
        int r;

        for (size_t i = 0; i < n->channels->n; i++) {
                const struct channel *c = &n->channels->items[i];

                items[i] = (struct store_channel){
                        .name = str_of(c->name),
                        .kind = str_of(channel_kind_name(c->kind)),
                        .level = c->level,
                        .repeat = c->repeat,
                        .escalate_after = c->escalate_after,
                        .escalate_to = c->escalate_to ? str_of(c->escalate_to) : STR(""),
                };
        }
        r = store_put_channels(s, items, n->channels->n, now);
        for (size_t i = 0; i < n->channels->n && r >= 0; i++) {
                struct job j = { .n = n, .channel = &n->channels->items[i] };

                if (j.channel->kind == CHANNEL_JOURNAL)
                        r = recover(&j, s, q, now);
        }
        return r;
}

int notices_new(const struct config *config, struct pipeline *p, struct store *s, const struct clock *clock, struct notices **ret, struct err *reterr)
{
        CLEANUP(notices_freep) struct notices *n = calloc(1, sizeof *n);
        int r;

        if (!n)
                return err_set(reterr, -ENOMEM, "out of memory");
        n->channels = &config->notices;
        n->pipeline = p;
        n->store = s;
        n->clock = clock;
        if (gethostname(n->host_name, sizeof n->host_name - 1) < 0 || !*n->host_name)
                snprintf(n->host_name, sizeof n->host_name, "this host");
        n->host = str_of(n->host_name);
        r = pipeline_run(p, start, n, reterr);
        if (r < 0)
                return r;
        *ret = TAKE(n);
        return 0;
}

struct notices *notices_free(struct notices *n)
{
        free(n);
        return NULL;
}
