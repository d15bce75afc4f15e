/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/agent/desk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/base/macros.h"
#include "monitor/base/utf8.h"

struct item {
        char id[DESK_ID_BYTES];
        enum level level;
        char *sentence;
        usec due; /* when it is to be shown; USEC_NONE: it is, or an answer is under way */
        unsigned handle; /* of the bubble it is in; 0: none */
        bool is_news; /* never shown */
};

struct desk {
        struct desk_host host;
        struct item *items;
        size_t n, cap;
        size_t n_more; /* beyond DESK_ALERTS_MAX, since the last bubble for all */
        unsigned newest; /* handle */
};

/* To add a button: a row here and in the enum, what it does in press_one(), and whether bubbles have it in show_one(). */
static const struct {
        const char *key, *label;
} buttons[_DESK_BUTTON_MAX] = {
        [DESK_ME] = { "me", "This was me" },
        [DESK_NOT_ME] = { "not-me", "Not me" },
        [DESK_PUT_OFF] = { "later", "Later" },
        [DESK_SHOW] = { "show", "Show" },
};

/* How urgent it is, in words. */
static const struct {
        const char *summary;
        enum desk_urgency urgency;
} levels[_LEVEL_MAX] = {
        [LEVEL_INFORMATIONAL] = { "For your information", DESK_LOW },
        [LEVEL_LOW] = { "For your information", DESK_LOW },
        [LEVEL_MEDIUM] = { "Worth a look", DESK_NORMAL },
        [LEVEL_HIGH] = { "Needs a look today", DESK_NORMAL },
        [LEVEL_CRITICAL] = { "Needs you now", DESK_CRITICAL },
};

const char *desk_button_key(enum desk_button b)
{
        return buttons[b].key;
}

const char *desk_button_label(enum desk_button b)
{
        return buttons[b].label;
}

enum desk_button desk_button_find(const char *key)
{
        size_t i = 0;

        while (i < _DESK_BUTTON_MAX && strcmp(buttons[i].key, key) != 0)
                i++;
        return (enum desk_button)i;
}

struct desk *desk_new(const struct desk_host *host)
{
        struct desk *d = calloc(1, sizeof *d);

        if (d)
                d->host = *host;
        return d;
}

struct desk *desk_free(struct desk *d)
{
        for (size_t i = 0; d && i < d->n; i++)
                free(d->items[i].sentence);
        if (d)
                free(d->items);
        free(d);
        return NULL;
}

static struct item *find(struct desk *d, const char *id)
{
        for (size_t i = 0; i < d->n; i++)
                if (strcmp(d->items[i].id, id) == 0)
                        return &d->items[i];
        return NULL;
}

static void drop(struct desk *d, struct item *item)
{
        free(item->sentence);
        memmove(item, item + 1, (size_t)(d->items + --d->n - item) * sizeof *item);
}

static int add(struct desk *d, const struct desk_alert *a, usec due, bool is_news)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
        struct item *items;

        if (find(d, a->id) || strlen(a->id) >= DESK_ID_BYTES)
                return 0;
        if (d->n == DESK_ALERTS_MAX) {
                d->n_more++;
                return 0;
        }
        if (d->n == d->cap) {
                items = reallocarray(d->items, d->cap ? d->cap * 2 : 8, sizeof *items);
                if (!items)
                        return -ENOMEM;
                d->items = items;
                d->cap = d->cap ? d->cap * 2 : 8;
        }
        text_display(&safe, a->sentence, TEXT_TERMINAL, DESK_SENTENCE_MAX);
        if (strbuf_failed(&safe))
                return -ENOMEM;
        d->items[d->n] = (struct item){ .level = a->level, .due = due, .is_news = is_news, .sentence = strdup(safe.p ? safe.p : "") };
        memcpy(d->items[d->n].id, a->id, strlen(a->id) + 1);
        if (!d->items[d->n].sentence)
                return -ENOMEM;
        d->n++;
        return 0;
}

int desk_rang(struct desk *d, const struct desk_alert *a, usec now)
{
        return add(d, a, now + DESK_GATHER, true);
}

int desk_restore(struct desk *d, const struct desk_alert *a, usec at)
{
        return add(d, a, at, false);
}

/* ---- What comes back ---- */

static size_t count_in(const struct desk *d, unsigned handle)
{
        size_t n = 0;

        for (size_t i = 0; i < d->n; i++)
                n += d->items[i].handle == handle;
        return n;
}

/* Closed without an answer. */
static void put_away(struct item *item, usec now)
{
        item->handle = 0;
        item->due = item->level == LEVEL_CRITICAL ? now + DESK_AGAIN : USEC_NONE;
}

static void drop_done(struct desk *d)
{
        for (size_t i = d->n; i-- > 0;)
                if (d->items[i].due == USEC_NONE && d->items[i].handle == 0)
                        drop(d, &d->items[i]);
}

void desk_answered(struct desk *d, const char *id)
{
        struct item *item = find(d, id);

        if (!item)
                return;
        if (item->handle && count_in(d, item->handle) == 1)
                d->host.take_away(d->host.userdata, item->handle);
        drop(d, item);
}

void desk_refused(struct desk *d, const char *id, usec now)
{
        struct item *item = find(d, id);

        if (!item)
                return;
        if (item->handle)
                d->host.take_away(d->host.userdata, item->handle);
        item->handle = 0;
        item->due = now + DESK_AGAIN;
}

static void press_one(struct desk *d, struct item *item, enum desk_button b, usec now)
{
        char id[DESK_ID_BYTES];
        const char *shown = id;

        memcpy(id, item->id, sizeof id); /* the host may have it dropped at once */
        switch (b) {
        case DESK_ME:
        case DESK_NOT_ME:
                item->due = now + DESK_AGAIN; /* unless the answer is taken meanwhile */
                item->handle = 0;
                d->host.answer(d->host.userdata, id, buttons[b].key);
                break;
        case DESK_PUT_OFF:
                item->handle = 0;
                item->due = now + DESK_LATER;
                break;
        case DESK_SHOW:
                put_away(item, now);
                d->host.open(d->host.userdata, &shown, 1);
                break;
        case _DESK_BUTTON_MAX: break;
        }
}

/* What can be said of several at once. */
static void press_all(struct desk *d, unsigned handle, enum desk_button b, usec now)
{
        const char *ids[DESK_OPEN_MAX];
        size_t n = 0;

        for (int level = LEVEL_CRITICAL; level >= 0; level--)
                for (size_t i = 0; i < d->n; i++) {
                        struct item *item = &d->items[i];

                        if (item->handle != handle || (int)item->level != level)
                                continue;
                        put_away(item, now);
                        if (b == DESK_PUT_OFF)
                                item->due = now + DESK_LATER;
                        if (n < DESK_OPEN_MAX)
                                ids[n++] = item->id;
                }
        if (b == DESK_SHOW)
                d->host.open(d->host.userdata, ids, n);
}

void desk_pressed(struct desk *d, unsigned handle, enum desk_button b, usec now)
{
        size_t n = count_in(d, handle), at = 0;

        if (handle == 0 || n == 0 || b >= _DESK_BUTTON_MAX)
                return;
        while (d->items[at].handle != handle)
                at++;
        if (n == 1)
                press_one(d, &d->items[at], b, now);
        else
                press_all(d, handle, b, now);
        drop_done(d);
        d->host.take_away(d->host.userdata, handle);
}

void desk_closed(struct desk *d, unsigned handle, usec now)
{
        for (size_t i = 0; i < d->n && handle; i++)
                if (d->items[i].handle == handle)
                        put_away(&d->items[i], now);
        drop_done(d);
}

void desk_cleared(struct desk *d, usec now)
{
        for (size_t i = 0; i < d->n; i++)
                if (d->items[i].handle) {
                        d->items[i].handle = 0;
                        d->items[i].due = now;
                }
}

/* ---- Showing ---- */

static bool is_due(const struct item *item, usec now)
{
        return item->due != USEC_NONE && item->due <= now;
}

/* All news waits together: one moment after the first of it. */
static bool is_taken(const struct item *item, usec now)
{
        return is_due(item, now) || (item->is_news && item->due != USEC_NONE);
}

static void note_shown(struct item *item, unsigned handle)
{
        item->handle = handle;
        item->due = USEC_NONE;
        item->is_news = false;
}

static bool show_one(struct desk *d, struct item *item)
{
        struct desk_bubble b = {
                .handle = d->newest + 1,
                .summary = levels[item->level].summary,
                .body = item->sentence,
                .urgency = levels[item->level].urgency,
                .buttons = 1u << DESK_ME | 1u << DESK_NOT_ME | 1u << DESK_PUT_OFF | 1u << DESK_SHOW,
                .stays = item->level == LEVEL_CRITICAL,
        };

        if (!d->host.show(d->host.userdata, &b))
                return false;
        note_shown(item, ++d->newest);
        return true;
}

/* The worst sentences, each once. */
static void add_lines(const struct desk *d, usec now, struct strbuf *body, size_t *ret_lines)
{
        const char *lines[DESK_LINES_MAX];
        size_t n = 0;

        for (int level = LEVEL_CRITICAL; level >= 0; level--)
                for (size_t i = 0; i < d->n && n < DESK_LINES_MAX; i++) {
                        const struct item *item = &d->items[i];
                        bool is_there = (int)item->level != level || !is_taken(item, now);

                        for (size_t k = 0; k < n; k++)
                                is_there |= strcmp(lines[k], item->sentence) == 0;
                        if (!is_there)
                                lines[n++] = item->sentence;
                }
        for (size_t i = 0; i < n; i++)
                strbuf_addf(body, "%s%s", i ? "\n" : "", lines[i]);
        *ret_lines = n;
}

static int show_all(struct desk *d, usec now, size_t n)
{
        CLEANUP(strbuf_done) struct strbuf summary = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf body = STRBUF_INIT;
        struct desk_bubble b = { .handle = d->newest + 1, .buttons = 1u << DESK_PUT_OFF | 1u << DESK_SHOW };
        enum level worst = LEVEL_INFORMATIONAL;
        size_t n_worst = 0, lines = 0;

        for (size_t i = 0; i < d->n; i++)
                if (is_taken(&d->items[i], now)) {
                        if (d->items[i].level > worst)
                                worst = d->items[i].level, n_worst = 0;
                        n_worst += d->items[i].level == worst;
                }
        strbuf_addf(&summary, "%zu alerts, %zu of them %s", n + d->n_more, n_worst, level_name(worst));
        add_lines(d, now, &body, &lines);
        if (n + d->n_more > lines)
                strbuf_addf(&body, "\nand more");
        if (strbuf_failed(&summary) || strbuf_failed(&body))
                return -ENOMEM;
        b.summary = summary.p;
        b.body = body.p;
        b.urgency = levels[worst].urgency;
        b.stays = worst == LEVEL_CRITICAL;
        if (!d->host.show(d->host.userdata, &b))
                return 0;
        d->newest++;
        d->n_more = 0;
        for (size_t i = 0; i < d->n; i++)
                if (is_taken(&d->items[i], now))
                        note_shown(&d->items[i], d->newest);
        return 0;
}

int desk_turn(struct desk *d, usec now)
{
        size_t n = 0;
        bool has_due = false;

        for (size_t i = 0; i < d->n; i++) {
                has_due |= is_due(&d->items[i], now);
                n += is_taken(&d->items[i], now);
        }
        if (!has_due)
                return 0;
        if (n + d->n_more > DESK_SINGLE_MAX)
                return show_all(d, now, n);
        for (size_t i = 0; i < d->n; i++)
                if (is_taken(&d->items[i], now) && !show_one(d, &d->items[i]))
                        break;
        return 0;
}

usec desk_due(const struct desk *d)
{
        usec due = USEC_NONE;

        for (size_t i = 0; i < d->n; i++)
                if (d->items[i].due != USEC_NONE && (due == USEC_NONE || d->items[i].due < due))
                        due = d->items[i].due;
        return due;
}

bool desk_has_news(const struct desk *d)
{
        for (size_t i = 0; i < d->n; i++)
                if (d->items[i].is_news)
                        return true;
        return false;
}

void desk_each_again(const struct desk *d, void (*fn)(void *userdata, const char *id, usec at), void *userdata)
{
        for (size_t i = 0; i < d->n; i++) {
                const struct item *item = &d->items[i];

                if (item->is_news)
                        continue;
                if (item->due != USEC_NONE)
                        fn(userdata, item->id, item->due);
                else if (item->level == LEVEL_CRITICAL)
                        fn(userdata, item->id, 0); /* on the desk now, and not answered */
        }
}
