/* SPDX-License-Identifier: Apache-2.0 */

/* A repeat or an escalation has no alerts of its own: it tells those of its root that still have no answer when it is due, but over
 * another channel than the root's not those that this channel tells by itself. */

#include "monitor/store/notice.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "monitor/store/db.h"

static const char *const outcomes[_OUTCOME_MAX] = { "sent", "waiting", "failed", "unknown" };

static struct store_notice notice_of(sqlite3_stmt *q)
{
        return (struct store_notice){
                .id = sqlite3_column_int64(q, 0),
                .key = db_column(q, 1),
                .channel = db_column(q, 2),
                .reason = db_column(q, 3),
                .root = sqlite3_column_int64(q, 4),
                .number = (uint64_t)sqlite3_column_int64(q, 5),
                .is_group = sqlite3_column_int(q, 6),
                .made_at = sqlite3_column_int64(q, 7),
                .due_at = sqlite3_column_int64(q, 8),
                .state = db_column(q, 9),
                .attempts = (uint64_t)sqlite3_column_int64(q, 10),
                .first_at = db_time(q, 11),
                .ended_at = db_time(q, 12),
                .error = db_column(q, 13),
                .first_key = db_column(q, 14),
        };
}

/* One bound statement's row, copied. -ENOENT: none. */
static int one_notice(struct store *s, sqlite3_stmt *q, struct arena *arena, struct store_notice *ret)
{
        int code = q ? sqlite3_step(q) : SQLITE_ERROR;

        if (code == SQLITE_ROW) {
                struct str *texts[] = { &ret->key, &ret->channel, &ret->reason, &ret->state, &ret->error, &ret->first_key };

                *ret = notice_of(q);
                for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                        *texts[i] = arena_dup(arena, *texts[i]);
                        if (!texts[i]->p)
                                code = SQLITE_NOMEM;
                }
        }
        if (q)
                sqlite3_reset(q);
        return code == SQLITE_ROW ? 0 : code == SQLITE_DONE ? -ENOENT : db_fail(s, q ? db_errno(code) : db_errno(sqlite3_errcode(s->db)));
}

/* ---- Channels ---- */

static int run_at(struct store *s, enum statement id, usec now)
{
        sqlite3_stmt *q = db_statement(s, id);

        if (q && sqlite3_bind_parameter_count(q) > 0)
                sqlite3_bind_int64(q, 1, now);
        return db_run(s, q);
}

int store_put_channels(struct store *s, const struct store_channel *items, size_t n, usec now)
{
        int r = run_at(s, SQL_FORGET_CHANNELS, now);

        for (size_t i = 0; i < n && r >= 0; i++) {
                sqlite3_stmt *q = db_statement(s, SQL_PUT_CHANNEL);

                if (q) {
                        db_text(q, 1, items[i].name);
                        db_text(q, 2, items[i].kind);
                        sqlite3_bind_int(q, 3, (int)items[i].level);
                        sqlite3_bind_int64(q, 4, items[i].repeat);
                        sqlite3_bind_int64(q, 5, items[i].escalate_after);
                        db_text(q, 6, items[i].escalate_to);
                        sqlite3_bind_int64(q, 7, now);
                }
                r = db_run(s, q);
        }
        return r < 0 ? r : run_at(s, SQL_DROP_OF_CHANNELS, now);
}

/* In `arena`, or where it is NULL until the statement goes on. */
static struct store_channel channel_of(sqlite3_stmt *q, struct arena *arena)
{
        struct store_channel c = {
                .name = db_column(q, 0),
                .kind = db_column(q, 1),
                .level = (enum level)sqlite3_column_int(q, 2),
                .repeat = sqlite3_column_int64(q, 3),
                .escalate_after = sqlite3_column_int64(q, 4),
                .escalate_to = db_column(q, 5),
                .since = sqlite3_column_int64(q, 6),
        };

        if (arena) {
                c.name = arena_dup(arena, c.name);
                c.kind = arena_dup(arena, c.kind);
                c.escalate_to = arena_dup(arena, c.escalate_to);
        }
        return c;
}

/* -ENOENT: none of that name. */
static int get_channel(struct store *s, struct str name, struct arena *arena, struct store_channel *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_GET_CHANNEL);
        int code = SQLITE_ERROR;

        if (q) {
                db_text(q, 1, name);
                code = sqlite3_step(q);
        }
        if (code == SQLITE_ROW)
                *ret = channel_of(q, arena);
        if (q)
                sqlite3_reset(q);
        if (code != SQLITE_ROW)
                return code == SQLITE_DONE ? -ENOENT : db_fail(s, db_errno(sqlite3_errcode(s->db)));
        return ret->name.p && ret->kind.p && ret->escalate_to.p ? 0 : -ENOMEM;
}

/* ---- Writing ---- */

struct fresh {
        struct str channel;
        const char *reason;
        int64_t root; /* 0: itself */
        uint64_t number;
        bool is_group;
        usec due;
};

/* *ret: its id. One that is there already (of the same root, channel, reason and number) is left as it is, *ret is 0 then. */
static int put_notice(struct store *s, const struct fresh *f, usec now, int64_t *ret)
{
        char id_text[24], now_text[24], hex[HASH128_HEX_BYTES];
        sqlite3_stmt *q = db_statement(s, SQL_NEXT_NOTICE);
        int64_t id = 0;
        int r = db_number(s, q, &id);
        struct hash128 key;

        if (r < 0)
                return r;
        snprintf(id_text, sizeof id_text, "%" PRId64, id);
        snprintf(now_text, sizeof now_text, "%" PRId64, now);
        key = hash128_of((struct str[]){ STR("notice"), f->channel, str_of(f->reason), str_of(id_text), str_of(now_text) }, 5);
        hash128_hex(&key, hex);
        q = db_statement(s, SQL_PUT_NOTICE);
        if (q) {
                sqlite3_bind_int64(q, 1, id);
                db_text(q, 2, str_of(hex));
                db_text(q, 3, f->channel);
                db_text(q, 4, str_of(f->reason));
                sqlite3_bind_int64(q, 5, f->root ? f->root : id);
                sqlite3_bind_int64(q, 6, (sqlite3_int64)f->number);
                sqlite3_bind_int(q, 7, f->is_group);
                sqlite3_bind_int64(q, 8, now);
                sqlite3_bind_int64(q, 9, f->due);
        }
        r = db_run(s, q);
        *ret = r >= 0 && sqlite3_changes(s->db) > 0 ? id : 0;
        return r;
}

static int put_member(struct store *s, int64_t notice, const struct hash128 *alert)
{
        sqlite3_stmt *q = db_statement(s, SQL_PUT_NOTICE_ALERT);

        if (q) {
                sqlite3_bind_int64(q, 1, notice);
                db_hash(q, 2, alert);
        }
        return db_run(s, q);
}

static int plan_escalation(struct store *s, const struct store_channel *c, int64_t root, usec now)
{
        struct fresh f = { .channel = c->escalate_to, .reason = "escalated", .root = root, .due = now + c->escalate_after };
        int64_t id;

        return c->escalate_after > 0 ? put_notice(s, &f, now, &id) : 0;
}

/* ---- Ringing ---- */

/* 1: over this channel it is to be told; *ret_rang: when it rang. */
static int is_wanted(struct store *s, const struct store_channel *c, const struct hash128 *alert, usec *ret_rang)
{
        sqlite3_stmt *q = db_statement(s, SQL_IS_WANTED);

        if (q) {
                db_hash(q, 1, alert);
                sqlite3_bind_int(q, 2, (int)c->level);
                sqlite3_bind_int64(q, 3, c->since);
                db_text(q, 4, c->name);
        }
        return db_number(s, q, ret_rang);
}

/* *ret_room: how many more may join it. */
static int count_room(struct store *s, int64_t group, int64_t *ret_room)
{
        sqlite3_stmt *q = db_statement(s, SQL_COUNT_MEMBERS);
        int64_t n = 0;
        int r;

        if (q)
                sqlite3_bind_int64(q, 1, group);
        r = db_number(s, q, &n);
        *ret_room = NOTICE_GROUP_MAX - n;
        return r;
}

static int find_group(struct store *s, const struct store_channel *c, usec now, int64_t *ret, int64_t *ret_room)
{
        sqlite3_stmt *q = db_statement(s, SQL_FIND_GROUP);
        struct fresh f = { .channel = c->name, .reason = "rang", .is_group = true, .due = now + NOTICE_GATHER };
        int r;

        if (q) {
                db_text(q, 1, c->name);
                sqlite3_bind_int(q, 2, NOTICE_GROUP_MAX);
        }
        r = db_number(s, q, ret);
        if (r != 0)
                return r < 0 ? r : count_room(s, *ret, ret_room);
        r = put_notice(s, &f, now, ret);
        *ret_room = NOTICE_GROUP_MAX;
        return r < 0 ? r : plan_escalation(s, c, *ret, now);
}

/* Each by itself. */
static int ring_single(struct store *s, const struct store_channel *c, const struct hash128 *alert, bool is_raised, usec now)
{
        struct fresh f = { .channel = c->name, .reason = is_raised ? "raised" : "rang", .due = now };
        int64_t id = 0;
        int r = put_notice(s, &f, now, &id);

        if (r >= 0)
                r = put_member(s, id, alert);
        return r < 0 ? r : plan_escalation(s, c, id, now);
}

/* How many of this channel's notices are so new that they belong to one burst. */
static int count_recent(struct store *s, const struct store_channel *c, usec now, int64_t *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_COUNT_RECENT);

        if (q) {
                db_text(q, 1, c->name);
                sqlite3_bind_int64(q, 2, now - NOTICE_BURST_SPAN);
        }
        return db_number(s, q, ret);
}

static int ring_channel(struct store *s, const struct store_channel *c, const struct ids *alerts, usec now)
{
        struct ids wanted = { 0 };
        int64_t recent = 0, group = 0, room = 0;
        bool is_burst;
        usec rang = 0;
        int r = 0;

        for (size_t i = 0; i < alerts->n && r >= 0; i++) {
                r = is_wanted(s, c, &alerts->items[i], &rang);
                if (r > 0)
                        r = ids_add(&wanted, &alerts->items[i]);
        }
        if (r >= 0 && wanted.n > 0)
                r = count_recent(s, c, now, &recent);
        is_burst = (uint64_t)recent + wanted.n > NOTICE_BURST;
        for (size_t i = 0; i < wanted.n && r >= 0; i++) {
                if (!is_burst) {
                        r = is_wanted(s, c, &wanted.items[i], &rang);
                        if (r > 0)
                                r = ring_single(s, c, &wanted.items[i], rang != now, now);
                        continue;
                }
                r = room <= 0 ? find_group(s, c, now, &group, &room) : 0;
                if (r >= 0)
                        r = put_member(s, group, &wanted.items[i]);
                room--;
        }
        ids_done(&wanted);
        return r;
}

static int each_channel(struct store *s, struct arena *arena, struct store_channel **ret, size_t *ret_n)
{
        sqlite3_stmt *q = db_statement(s, SQL_EACH_CHANNEL);
        struct store_channel *list = NULL;
        size_t n = 0;
        int code = SQLITE_DONE;

        if (!q)
                return db_run(s, q);
        while ((code = sqlite3_step(q)) == SQLITE_ROW) {
                struct store_channel *more = reallocarray(list, n + 1, sizeof *more);

                if (!more)
                        break;
                list = more;
                list[n] = channel_of(q, arena);
                if (!list[n].name.p || !list[n].kind.p || !list[n].escalate_to.p)
                        break;
                n++;
        }
        sqlite3_reset(q);
        *ret = list;
        *ret_n = n;
        return code == SQLITE_ROW ? -ENOMEM : code == SQLITE_DONE ? 0 : db_fail(s, db_errno(code));
}

int store_notice_ring(struct store *s, const struct ids *alerts, usec now)
{
        CLEANUP(arena_freep) struct arena *arena = alerts->n > 0 ? arena_new() : NULL;
        CLEANUP(memory_freep) struct store_channel *list = NULL;
        size_t n = 0;
        int r;

        if (alerts->n == 0)
                return 0;
        r = arena ? each_channel(s, arena, &list, &n) : -ENOMEM;
        for (size_t i = 0; i < n && r >= 0; i++)
                r = ring_channel(s, &list[i], alerts, now);
        return r < 0 ? r : 0;
}

int store_notice_test(struct store *s, struct str channel, usec now)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct fresh f = { .channel = channel, .reason = "test", .due = now };
        struct store_channel c;
        int64_t id;
        int r = arena ? get_channel(s, channel, arena, &c) : -ENOMEM;

        return r < 0 ? r : put_notice(s, &f, now, &id);
}

/* ---- Taking ---- */

int store_notice_told(struct store *s, int64_t id, size_t max, uint64_t *ret_n, int (*fn)(void *userdata, const struct store_told *t), void *userdata)
{
        sqlite3_stmt *q = db_statement(s, SQL_COUNT_TOLD);
        int64_t n = 0;
        int code = SQLITE_DONE, r;

        if (q)
                sqlite3_bind_int64(q, 1, id);
        r = db_number(s, q, &n);
        *ret_n = (uint64_t)n;
        if (r < 0 || n == 0 || !fn)
                return r < 0 ? r : 0;
        q = db_statement(s, SQL_EACH_TOLD);
        if (!q)
                return db_run(s, q);
        sqlite3_bind_int64(q, 1, id);
        sqlite3_bind_int64(q, 2, (sqlite3_int64)max);
        r = 0;
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct store_told t = {
                        .level = (enum level)sqlite3_column_int(q, 1),
                        .sentence = db_column(q, 2),
                        .why = db_column(q, 3),
                        .playbook = db_column(q, 4),
                        .person = db_column(q, 5),
                        .source = db_column(q, 6),
                        .rule = db_column(q, 7),
                        .first = sqlite3_column_int64(q, 8),
                        .last = sqlite3_column_int64(q, 9),
                        .count = (uint64_t)sqlite3_column_int64(q, 10),
                };

                r = hash128_parse(db_column(q, 0), &t.id);
                if (r >= 0)
                        r = fn(userdata, &t);
        }
        sqlite3_reset(q);
        return r < 0 ? r : db_errno(code);
}

static int run_of(struct store *s, enum statement statement, int64_t id, usec now)
{
        sqlite3_stmt *q = db_statement(s, statement);

        if (q) {
                sqlite3_bind_int64(q, 1, id);
                sqlite3_bind_int64(q, 2, now);
        }
        return db_run(s, q);
}

int store_notice_take(struct store *s, struct str channel, usec now, struct arena *arena, struct store_notice *ret)
{
        for (;;) {
                sqlite3_stmt *q = db_statement(s, SQL_DUE_NOTICE);
                uint64_t n = 0;
                int r;

                if (q) {
                        db_text(q, 1, channel);
                        sqlite3_bind_int64(q, 2, now);
                }
                r = one_notice(s, q, arena, ret);
                if (r >= 0)
                        r = store_notice_told(s, ret->id, 0, &n, NULL, NULL);
                if (r < 0)
                        return r;
                if (n > 0 || str_eqz(ret->reason, "test")) {
                        ret->attempts++;
                        ret->first_at = ret->first_at == USEC_NONE ? now : ret->first_at;
                        return run_of(s, SQL_TRY_NOTICE, ret->id, now);
                }
                r = run_of(s, SQL_DROP_NOTICE, ret->id, now);
                if (r < 0)
                        return r;
        }
}

bool store_notice_is_due(struct store *s, struct str channel, usec now)
{
        sqlite3_stmt *q = db_statement(s, SQL_DUE_NOTICE);
        int64_t id;

        if (q) {
                db_text(q, 1, channel);
                sqlite3_bind_int64(q, 2, now);
        }
        return db_number(s, q, &id) != 0;
}

int store_notice_get(struct store *s, struct str key, struct arena *arena, struct store_notice *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_GET_NOTICE);

        if (q)
                db_text(q, 1, key);
        return one_notice(s, q, arena, ret);
}

/* ---- Ending ---- */

int store_notice_mark(struct store *s, struct str key, uint64_t attempt, struct str gate)
{
        sqlite3_stmt *q = db_statement(s, SQL_MARK_NOTICE);
        int r;

        if (q) {
                db_text(q, 1, key);
                sqlite3_bind_int64(q, 2, (sqlite3_int64)attempt);
                db_text(q, 3, gate);
        }
        r = db_run(s, q);
        return r < 0 ? r : sqlite3_changes(s->db) > 0;
}

/* Critical alerts that nobody answers are told again. Whether there are any left is looked at once more when it is due. */
static int plan_repeat(struct store *s, const struct store_channel *c, const struct store_notice *n, usec now)
{
        struct fresh f = { .channel = c->name, .reason = "repeat", .root = n->root, .number = n->number + 1, .due = now + c->repeat };
        sqlite3_stmt *q = c->repeat > 0 && n->number < NOTICE_REPEATS_MAX ? db_statement(s, SQL_COUNT_CRITICAL) : NULL;
        int64_t id, critical = 0;
        int r;

        if (c->repeat <= 0 || n->number >= NOTICE_REPEATS_MAX)
                return 0;
        if (q)
                sqlite3_bind_int64(q, 1, n->id);
        r = db_number(s, q, &critical);
        return r < 0 || critical == 0 ? r : put_notice(s, &f, now, &id);
}

/* What an alert's history says of it. */
struct note {
        struct store *s;
        struct str text;
        usec now;
};

static int add_note(void *userdata, const struct store_told *t)
{
        struct note *note = userdata;

        return db_history(note->s, &t->id, note->now, "told", note->text);
}

/* "sent over owner-mail (escalated)" */
static int note_in_history(struct store *s, struct arena *arena, const struct store_notice *n, enum notice_outcome outcome, usec now)
{
        struct note note = { s, arena_printf(arena, "%s over " STR_FMT " (" STR_FMT ")", outcomes[outcome], STR_ARG(n->channel), STR_ARG(n->reason)), now };
        uint64_t all;

        return note.text.p ? store_notice_told(s, n->id, NOTICE_GROUP_MAX, &all, add_note, &note) : -ENOMEM;
}

/* What follows from the end of a notice. */
static int go_on(struct store *s, struct arena *arena, const struct store_notice *n, enum notice_outcome outcome, usec now)
{
        struct store_channel c = { 0 };
        int r = note_in_history(s, arena, n, outcome, now);

        if (r >= 0)
                r = get_channel(s, n->channel, arena, &c);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (outcome == OUTCOME_SENT || outcome == OUTCOME_UNKNOWN)
                r = plan_repeat(s, &c, n, now);
        if (r >= 0 && str_eqz(n->reason, "escalated")) /* and on to the next but one */
                r = plan_escalation(s, &c, n->root, now);
        if (r >= 0 && (outcome == OUTCOME_FAILED || outcome == OUTCOME_UNKNOWN))
                r = run_of(s, SQL_HURRY, n->id, now);
        return r;
}

int store_notice_end(struct store *s, struct str key, uint64_t attempt, enum notice_outcome outcome, struct str error, usec due, usec now)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        sqlite3_stmt *q = db_statement(s, SQL_END_NOTICE);
        struct store_notice n;
        int r;

        if (!arena)
                return -ENOMEM;
        if (q) {
                db_text(q, 1, key);
                sqlite3_bind_int64(q, 2, (sqlite3_int64)attempt);
                db_text(q, 3, str_of(outcomes[outcome]));
                db_bind_time(q, 4, outcome == OUTCOME_AGAIN ? due : USEC_NONE);
                db_bind_time(q, 5, outcome == OUTCOME_AGAIN ? USEC_NONE : now);
                db_text(q, 6, str_from(error.p, size_min(error.n, NOTICE_ERROR_MAX)));
        }
        r = db_run(s, q);
        if (r < 0)
                return r;
        if (sqlite3_changes(s->db) == 0) { /* perhaps the answer to that was lost */
                r = store_notice_get(s, key, arena, &n);
                return r < 0 ? (r == -ENOENT ? 0 : r) : n.attempts == attempt && str_eqz(n.state, outcomes[outcome]);
        }
        r = store_notice_get(s, key, arena, &n);
        if (r >= 0 && outcome != OUTCOME_AGAIN)
                r = go_on(s, arena, &n, outcome, now);
        return r < 0 ? r : 1;
}

/* Whether its last byte may have left. */
static bool has_left(const struct store_notice *n, const struct notice_gate *gate)
{
        if (!str_eqz(n->state, "committing"))
                return false;
        return gate->id.n == 0 || !str_eq(n->error, gate->id) || (str_eq(n->key, gate->key) && n->attempts == gate->attempt);
}

int store_notice_recover(struct store *s, struct str channel, const struct notice_gate *gate, usec now, uint64_t *ret_unknown)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        int r = arena ? 0 : -ENOMEM;

        *ret_unknown = 0;
        while (r >= 0) {
                sqlite3_stmt *q = db_statement(s, SQL_EACH_UNDER_WAY);
                struct store_notice n;
                bool is_unknown;

                if (q)
                        db_text(q, 1, channel);
                r = one_notice(s, q, arena, &n);
                if (r < 0)
                        return r == -ENOENT ? 0 : r;
                is_unknown = has_left(&n, gate);
                *ret_unknown += is_unknown;
                r = store_notice_end(s, n.key, n.attempts, is_unknown ? OUTCOME_UNKNOWN : OUTCOME_AGAIN,
                                     is_unknown ? STR("the sender ended while the last byte was on its way: it may have arrived")
                                                : STR("the sender ended before anything was delivered"),
                                     now, now);
        }
        return r;
}

int store_notice_due(struct store *s, usec now, usec *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_NEXT_DUE);
        int code;

        if (!q)
                return db_run(s, q);
        sqlite3_bind_int64(q, 1, now);
        code = sqlite3_step(q);
        *ret = code == SQLITE_ROW ? db_time(q, 0) : USEC_NONE;
        sqlite3_reset(q);
        return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : db_fail(s, db_errno(code));
}

/* ---- For people ---- */

int query_notices(struct query *query, bool all, usec now, size_t limit, int (*fn)(void *userdata, const struct store_notice *n), void *userdata)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE;
        int r = query_prepare(query, "notice",
                        "SELECT " NOTICE_COLUMNS ", (SELECT count(*) FROM notice_alert m WHERE m.notice = n.root) FROM notice n "
                        "WHERE ?1 OR n.ended_at IS NULL OR n.ended_at > ?2 ORDER BY n.ended_at IS NOT NULL, ifnull(-n.ended_at, n.due_at), n.id DESC LIMIT ?3",
                        &q);

        if (r <= 0)
                return r;
        sqlite3_bind_int(q, 1, all);
        sqlite3_bind_int64(q, 2, now - USEC_PER_DAY);
        sqlite3_bind_int64(q, 3, limit ? (sqlite3_int64)limit : -1);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct store_notice n = notice_of(q);

                n.n_alerts = (uint64_t)sqlite3_column_int64(q, 15);
                r = fn(userdata, &n);
        }
        sqlite3_finalize(q);
        return r < 0 ? r : db_errno(code);
}

int query_channels(struct query *query, int (*fn)(void *userdata, const struct store_channel *c), void *userdata)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE;
        int r = query_prepare(query, "notice", "SELECT name, kind, level, repeat, escalate_after, escalate_to, since FROM channel WHERE is_gone = 0 ORDER BY name", &q);

        if (r <= 0)
                return r;
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct store_channel c = channel_of(q, NULL);

                r = fn(userdata, &c);
        }
        sqlite3_finalize(q);
        return r < 0 ? r : db_errno(code);
}

int query_channel_load(struct query *query, struct str channel, usec now, struct store_load *ret)
{
        static const char sql[] = "SELECT count(*) FILTER (WHERE state = 'sent'), count(*) FILTER (WHERE ended_at IS NULL AND due_at <= ?2), "
                                  "min(due_at) FILTER (WHERE state = 'waiting' AND due_at <= ?2), max(ended_at) FILTER (WHERE state = 'sent') FROM notice WHERE channel = ?1";
        sqlite3_stmt *q = NULL;
        int r = db_errno(sqlite3_prepare_v2(query->db, sql, -1, &q, NULL));

        if (r < 0)
                return r;
        db_text(q, 1, channel);
        sqlite3_bind_int64(q, 2, now);
        r = db_errno(sqlite3_step(q));
        if (r >= 0)
                *ret = (struct store_load){ .sent = (uint64_t)sqlite3_column_int64(q, 0), .due = (uint64_t)sqlite3_column_int64(q, 1),
                                            .oldest = db_time(q, 2), .sent_at = db_time(q, 3) };
        sqlite3_finalize(q);
        return r;
}

int query_notice_counts(struct query *query, int (*fn)(void *userdata, struct str state, uint64_t n), void *userdata)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE;
        int r = query_prepare(query, "notice", "SELECT state, count(*) FROM notice GROUP BY state ORDER BY state", &q);

        if (r <= 0)
                return r;
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW)
                r = fn(userdata, db_column(q, 0), (uint64_t)sqlite3_column_int64(q, 1));
        sqlite3_finalize(q);
        return r < 0 ? r : db_errno(code);
}
