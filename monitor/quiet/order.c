/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/quiet/order.h"

#include <errno.h>

#include "monitor/store/case.h"
#include "monitor/store/notice.h"

struct order {
        struct str text; /* the lines behind the verb */
        struct store *s;
        struct quiet *q;
        const struct who *by;
        usec now;
        struct strbuf *answer;
};

static struct str value_of(const struct order *o, const char *key)
{
        return str_value(o->text, key);
}

static int refuse(struct order *o, const char *fmt, ...) PRINTF_LIKE(2, 3);

static int refuse(struct order *o, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        strbuf_vaddf(o->answer, fmt, ap);
        va_end(ap);
        strbuf_addc(o->answer, '\n');
        return 0;
}

void order_add(struct strbuf *order, const char *key, struct str value)
{
        strbuf_addf(order, "%s ", key);
        for (size_t i = 0; i < value.n; i++)
                strbuf_addc(order, value.p[i] == '\n' || value.p[i] == '\r' || value.p[i] == '\0' ? ' ' : value.p[i]);
        strbuf_addc(order, '\n');
}

/* ---- Silences ---- */

/* 1: until when it is to count; 0: refused. */
static int read_until(struct order *o, usec *ret)
{
        struct str length = value_of(o, "for"), until = value_of(o, "until");
        int64_t n;

        if (length.n > 0 && until.n > 0)
                return refuse(o, "for how long, or until when: --for and --until do not go together");
        if (length.n + until.n == 0)
                return refuse(o, "say until when: --for 2d, or --until 2026-11-03");
        if (str_to_i64(length.n > 0 ? length : until, &n) < 0 || (length.n > 0 && n > SILENCE_TIMESPAN_MAX))
                return refuse(o, "a silence lasts at most 366 days: set it again then");
        *ret = length.n > 0 ? o->now + n : n;
        if (*ret <= o->now)
                return refuse(o, "that time has gone by already");
        if (*ret - o->now > SILENCE_TIMESPAN_MAX)
                return refuse(o, "a silence lasts at most 366 days: set it again then");
        return 1;
}

static int read_level(struct order *o, enum level *ret)
{
        struct str name = value_of(o, "level");

        *ret = name.n > 0 ? level_find(name) : LEVEL_CRITICAL;
        return *ret < _LEVEL_MAX ? 1 : refuse(o, "no level is called " STR_FMT, STR_ARG(name));
}

static int silence_add(struct order *o)
{
        struct silence silence = {
                .rule = value_of(o, "rule"),
                .who = value_of(o, "who"),
                .source = value_of(o, "source"),
                .since = o->now,
                .reason = value_of(o, "reason"),
                .by = *o->by,
        };
        char until[TIME_ISO_BYTES];
        int r = read_level(o, &silence.level);

        if (r > 0)
                r = read_until(o, &silence.until);
        if (r <= 0)
                return r;
        if (silence.reason.n == 0)
                return refuse(o, "a silence needs a reason: --reason TEXT, for whoever wonders later");
        if (silence.reason.n > SILENCE_REASON_MAX)
                return refuse(o, "the reason is longer than %d bytes", SILENCE_REASON_MAX);
        if (silence.rule.n + silence.who.n + silence.source.n == 0 && silence.level == LEVEL_CRITICAL)
                return refuse(o, "that would silence everything: say which alerts with --rule, --who, --source or --level");
        r = store_put_silence(o->s, &silence, &silence.id);
        if (r == -EDQUOT)
                return refuse(o, "%d silences count already: end some, or make one that fits more", SILENCES_MAX);
        if (r < 0)
                return r;
        time_format_iso(silence.until - silence.until % USEC_PER_SEC, until);
        strbuf_addf(o->answer, "silence %lld, until %s\n", (long long)silence.id, until);
        return 1;
}

static int silence_end(struct order *o)
{
        struct str text = value_of(o, "id");
        int64_t id;
        int r;

        if (str_to_i64(text, &id) < 0)
                return refuse(o, "a silence has a number: shopbell silence list shows it");
        r = store_end_silence(o->s, id, o->now, o->by);
        if (r == -ENOENT)
                return refuse(o, "there is no silence %lld", (long long)id);
        if (r == -EALREADY)
                return refuse(o, "silence %lld is over already", (long long)id);
        if (r >= 0)
                strbuf_addf(o->answer, "silence %lld ended\n", (long long)id);
        return r < 0 ? r : 1;
}

/* ---- Answers ---- */

/* To add one: a row, and its place in the lists of store/quiet.h when it closes. */
enum { ACKNOWLEDGED, ME, NOT_ME, CLOSED, CLOSED_TRUE, CLOSED_FALSE, CLOSED_BENIGN, REOPENED, _WHAT_MAX };
static const char *const whats[_WHAT_MAX] = {
        "acknowledged", "me", "not-me", "closed", "closed-true", "closed-false", "closed-benign", "reopened",
};
/* Beside those: */
#define UNDO "undo"
#define NOTE "note"

enum {
        ANSWERS_MAX = 100, /* of one alert that are not taken back */
        NOTES_MAX = 1000, /* of one alert */
};

struct said {
        int what;
        usec at;
        struct hash128 with;
};

/* The answers that count, after all that was taken back. */
struct stack {
        struct said items[ANSWERS_MAX];
        size_t n, n_notes;
};

static int on_answer(void *userdata, const struct answer *a)
{
        struct stack *stack = userdata;

        stack->n_notes += str_eqz(a->what, NOTE);
        if (str_eqz(a->what, UNDO)) {
                stack->n -= stack->n > 0;
                return 0;
        }
        for (int i = 0; i < _WHAT_MAX && stack->n < ANSWERS_MAX; i++)
                if (str_eqz(a->what, whats[i]))
                        stack->items[stack->n++] = (struct said){ i, a->at, a->with };
        return 0;
}

static int read_stack(struct order *o, const struct hash128 *id, struct stack *ret)
{
        ret->n = ret->n_notes = 0;
        return store_each_answer(o->s, id, on_answer, ret);
}

/* NULL: nobody has answered it. */
static const struct said *last_said(const struct stack *stack)
{
        return stack->n > 0 ? &stack->items[stack->n - 1] : NULL;
}

/* Those that count for the alert's state: reopening takes the closing ones before it away, and stands for nothing itself. */
static void leave_standing(struct stack *stack)
{
        size_t n = 0;

        for (size_t i = 0; i < stack->n; i++) {
                if (stack->items[i].what != REOPENED)
                        stack->items[n++] = stack->items[i];
                else
                        while (n > 0 && answer_closes(str_of(whats[stack->items[n - 1].what])))
                                n--;
        }
        stack->n = n;
}

/* "Not me" makes it higher than its rule says, and high at least, until somebody says "me". */
static enum level raised(const struct stack *stack, enum level told)
{
        enum level up = told < LEVEL_CRITICAL ? told + 1 : told;

        for (size_t i = stack->n; i-- > 0;) {
                if (stack->items[i].what == ME)
                        return LEVEL_INFORMATIONAL;
                if (stack->items[i].what == NOT_ME)
                        return up > (enum level)ORDER_LEVEL_RAISED ? up : (enum level)ORDER_LEVEL_RAISED;
        }
        return LEVEL_INFORMATIONAL;
}

/* What has been said of it becomes its state. */
static int settle(struct order *o, struct arena *arena, const struct hash128 *id)
{
        struct stack stack;
        struct quiet_alert a;
        struct quiet_state state;
        int r = store_quiet_get(o->s, id, arena, &a);

        if (r >= 0)
                r = read_stack(o, id, &stack);
        if (r < 0)
                return r;
        leave_standing(&stack);
        state = a.was;
        state.answer = stack.n > 0 ? str_of(whats[last_said(&stack)->what]) : STR("");
        if (state.level == LEVEL_INFORMATIONAL || raised(&stack, a.level) == LEVEL_INFORMATIONAL)
                state.level = raised(&stack, a.level);
        r = store_quiet_put(o->s, id, &state);
        return r < 0 ? r : quiet_note(o->q, id);
}

static int answer_one(struct order *o, struct arena *arena, const struct answer *a)
{
        int r = store_put_answer(o->s, a);

        return r < 0 ? r : settle(o, arena, &a->alert);
}

/* Those that it tells of: they are not rung for once it is closed. What is known by an answer goes and comes with that. */
static int list_told(struct order *o, struct arena *arena, const struct hash128 *alert, struct ids *ret)
{
        struct ids muted = { 0 };
        int r = store_quiet_muted_by(o->s, alert, &muted);

        for (size_t i = 0; i < muted.n && r >= 0; i++) {
                struct quiet_alert a;

                r = store_quiet_get(o->s, &muted.items[i], arena, &a);
                if (r >= 0 && a.was.how != MUTE_KNOWN)
                        r = ids_add(ret, &a.id);
        }
        ids_done(&muted);
        return r;
}

/* Those that were given its last answer, and no other since. */
static int list_given(struct order *o, const struct hash128 *alert, struct ids *ret)
{
        const struct said *said;
        struct ids given = { 0 };
        struct stack stack;
        usec at = 0;
        int r = read_stack(o, alert, &stack);

        said = r >= 0 ? last_said(&stack) : NULL;
        if (said) {
                at = said->at;
                r = store_answered_with(o->s, alert, at, &given);
        }
        for (size_t i = 0; i < given.n && r >= 0; i++) {
                r = read_stack(o, &given.items[i], &stack);
                said = r >= 0 ? last_said(&stack) : NULL;
                if (said && said->at == at && hash128_eq(&said->with, alert))
                        r = ids_add(ret, &given.items[i]);
        }
        ids_done(&given);
        return r;
}

/* Whether what is said goes for those that were given the last answer with it, or for those that it tells of; else for it alone. */
static bool goes_back(const struct answer *a)
{
        return str_eqz(a->what, UNDO) || str_eqz(a->what, whats[REOPENED]);
}

static bool goes_on(const struct answer *a)
{
        return str_eqz(a->what, whats[ACKNOWLEDGED]) || answer_closes(a->what);
}

/* The one, and those that it speaks for. */
static int answer_all(struct order *o, struct arena *arena, struct answer *a)
{
        struct ids told = { 0 };
        char hex[HASH128_HEX_BYTES];
        struct str note;
        int r = 0;

        if (goes_back(a))
                r = list_given(o, &a->alert, &told);
        else if (goes_on(a))
                r = list_told(o, arena, &a->alert, &told);
        hash128_hex(&a->alert, hex);
        note = arena_printf(arena, "with %.8s", hex);
        if (r >= 0)
                r = note.p ? answer_one(o, arena, a) : -ENOMEM;
        for (size_t i = 0; i < told.n && r >= 0; i++) {
                struct answer also = *a;

                also.alert = told.items[i];
                also.with = a->alert;
                also.note = note;
                r = answer_one(o, arena, &also);
        }
        ids_done(&told);
        return r;
}

/* 1: it can be said after what was said. */
static int check_said(struct order *o, const struct answer *a, struct stack *stack)
{
        const struct said *last = last_said(stack);
        bool is_undo = str_eqz(a->what, UNDO), is_closed;

        if (str_eqz(a->what, NOTE)) {
                if (a->note.n == 0)
                        return refuse(o, "a note needs a text: -m TEXT");
                return stack->n_notes < NOTES_MAX ? 1 : refuse(o, "%d notes are enough", NOTES_MAX);
        }
        if (is_undo)
                return last ? 1 : refuse(o, "nobody has answered that alert");
        is_closed = last && answer_closes(str_of(whats[last->what]));
        if (str_eqz(a->what, whats[REOPENED]) && !is_closed)
                return refuse(o, "that alert is not closed");
        if (last && str_eqz(a->what, whats[last->what]))
                return refuse(o, "that is its answer already");
        return stack->n < ANSWERS_MAX ? 1 : refuse(o, "%d answers are enough: take some back with undo", ANSWERS_MAX);
}

/* 1: it can be said of that alert. */
static int check_answer(struct order *o, struct arena *arena, const struct answer *a)
{
        struct stack stack;
        bool is_known = str_eqz(a->what, UNDO) || str_eqz(a->what, NOTE);
        struct quiet_alert alert;
        int r = store_quiet_get(o->s, &a->alert, arena, &alert);

        for (int i = 0; i < _WHAT_MAX; i++)
                is_known |= str_eqz(a->what, whats[i]);
        if (!is_known)
                return refuse(o, "no answer is called " STR_FMT, STR_ARG(a->what));
        if (r >= 0)
                r = read_stack(o, &a->alert, &stack);
        if (r < 0)
                return r;
        if (!alert.is_open && !str_eqz(a->what, NOTE))
                return refuse(o, "that alert is merged into another one, or withdrawn: there is nothing to answer");
        return check_said(o, a, &stack);
}

/* Where an alert that was somebody else goes on. */
static int tell_case(struct order *o, const struct hash128 *alert)
{
        char hex[HASH128_HEX_BYTES];
        int64_t id = 0;
        int r = store_case_of(o->s, alert, &id);

        hash128_hex(alert, hex);
        if (r >= 0 && id > 0)
                strbuf_addf(o->answer, "it is in case %lld: shopbell case show %lld\n", (long long)id, (long long)id);
        else if (r >= 0)
                strbuf_addf(o->answer, "if data may have been reached, open a case: shopbell case open --from %.8s\n", hex);
        return r;
}

static int answer(struct order *o)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct answer a = { .at = o->now, .what = value_of(o, "what"), .note = value_of(o, "note"), .by = *o->by };
        struct str digits = value_of(o, "alert");
        int r = arena ? store_find_alert(o->s, digits, &a.alert) : -ENOMEM;

        if (r == -ENOTUNIQ)
                return refuse(o, "several alerts begin with " STR_FMT ": give more digits", STR_ARG(digits));
        if (r == -ENOENT || r == -EBADMSG)
                return refuse(o, "no alert begins with " STR_FMT " (at least 4 digits of its id are needed)", STR_ARG(digits));
        if (a.note.n > SILENCE_REASON_MAX)
                return refuse(o, "the note is longer than %d bytes", SILENCE_REASON_MAX);
        if (r >= 0)
                r = check_answer(o, arena, &a);
        if (r <= 0)
                return r;
        r = answer_all(o, arena, &a);
        if (r >= 0)
                strbuf_addf(o->answer, "answered: " STR_FMT "\n", STR_ARG(a.what));
        if (r >= 0 && str_eqz(a.what, whats[NOT_ME]))
                r = tell_case(o, &a.alert);
        return r < 0 ? r : 1;
}

/* ---- Pseudonyms ---- */

/* Says so in the history: whoever ordered it goes on to read the records in the clear. */
static int reveal(struct order *o)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct hash128 id = { { 0 } };
        struct str digits = value_of(o, "alert"), what = value_of(o, "what"), note = value_of(o, "note");
        int r = digits.n > 0 ? store_find_alert(o->s, digits, &id) : 0;

        if (r == -ENOTUNIQ || r == -ENOENT || r == -EBADMSG)
                return refuse(o, "not one alert begins with " STR_FMT, STR_ARG(digits));
        if (digits.n == 0 && what.n == 0)
                return refuse(o, "say what is to be revealed");
        if (what.n > SILENCE_REASON_MAX || note.n > SILENCE_REASON_MAX)
                return refuse(o, "that is longer than %d bytes", SILENCE_REASON_MAX);
        strbuf_addf(&text, "records%s" STR_FMT " to " STR_FMT "%s" STR_FMT, what.n > 0 ? " of " : "", STR_ARG(what), STR_ARG(o->by->user),
                    note.n > 0 ? ": " : "", STR_ARG(note));
        if (r >= 0)
                r = strbuf_failed(&text) ? -ENOMEM : store_history(o->s, &id, o->now, "revealed", strbuf_str(&text));
        return r < 0 ? r : 1;
}

/* ---- Notices ---- */

static int notice_test(struct order *o)
{
        struct str channel = value_of(o, "channel");
        int r = store_notice_test(o->s, channel, o->now);

        if (r == -ENOENT)
                return refuse(o, "no channel is called " STR_FMT ": they stand under notices: in shopbell.yml, which counts from the daemon's start",
                              STR_ARG(channel));
        if (r >= 0)
                strbuf_addf(o->answer, "a test waits for " STR_FMT "\n", STR_ARG(channel));
        return r < 0 ? r : 1;
}

/* ---- Readiness ---- */

/* What is no name of a check here may be one of a later version: whoever asks knows his own. */
static int readiness_answer(struct order *o)
{
        struct store_case_entry e = {
                .case_id = READINESS_CASE,
                .at = o->now,
                .kind = STR(READINESS_KIND),
                .key = value_of(o, "check"),
                .value = value_of(o, "text"),
                .by = value_of(o, "by"),
                .who = *o->by,
        };
        int r;

        if (e.key.n == 0 || e.value.n == 0)
                return refuse(o, "say of which check, and yes, no or a sentence");
        if (e.key.n > CASE_KEY_MAX || e.value.n > SILENCE_REASON_MAX || e.by.n > SILENCE_REASON_MAX)
                return refuse(o, "that is longer than %d bytes", SILENCE_REASON_MAX);
        if (e.by.n == 0)
                e.by = o->by->user;
        r = store_case_put(o->s, &e, CASE_CLEAR);
        if (r == -EDQUOT)
                return refuse(o, "%d answers are enough", CASE_ENTRIES_MAX);
        if (r >= 0)
                strbuf_addf(o->answer, "noted: " STR_FMT ": " STR_FMT "\n", STR_ARG(e.key), STR_ARG(e.value));
        return r < 0 ? r : 1;
}

/* ---- All ---- */

/* To add a verb: a row, and its line in order.h. */
static const struct verb {
        const char *verb, *right;
        int (*run)(struct order *o);
} verbs[] = {
        { "silence-add", "silence", silence_add }, { "silence-end", "silence", silence_end }, { "answer", "answer", answer },
        { "reveal", "manage", reveal },            { "notice-test", "manage", notice_test },
        { "readiness-answer", "manage", readiness_answer },
};

static const struct verb *verb_of(struct str text)
{
        struct str verb;

        str_cut(&text, '\n', &verb);
        for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
                if (str_eqz(verb, verbs[i].verb))
                        return &verbs[i];
        return NULL;
}

bool order_is(struct str text)
{
        return verb_of(text) != NULL;
}

const char *order_right(struct str text)
{
        return verb_of(text)->right;
}

int order_run(struct str order, struct store *s, struct quiet *q, const struct who *by, usec now, struct strbuf *answer)
{
        struct order o = { .text = order, .s = s, .q = q, .by = by, .now = now, .answer = answer };
        struct str verb;

        str_cut(&o.text, '\n', &verb);
        for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
                if (str_eqz(verb, verbs[i].verb)) {
                        int r = verbs[i].run(&o);

                        return r >= 0 && strbuf_failed(answer) ? -ENOMEM : r;
                }
        return refuse(&o, "shopbelld knows no such order: is it of another version?");
}
