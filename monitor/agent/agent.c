/* SPDX-License-Identifier: Apache-2.0 */

/* One question at a time: what the history has behind the row that we know. The signal says only that there is more. */

#include "monitor/agent/agent.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>

#include "monitor/agent/bubbles.h"
#include "monitor/agent/desk.h"
#include "monitor/agent/page.h"
#include "monitor/agent/told.h"
#include "monitor/base/log.h"
#include "monitor/base/macros.h"

#define NAME "org.shopbell.Monitor"
#define PATH "/org/shopbell/Monitor"
#define INTERFACE "org.shopbell.Monitor1"

enum {
        ASK_MS = 30 * 1000,
        ANSWER_MS = 3 * 60 * 1000, /* polkit may ask for a password */
        OPEN_MS = 5 * 1000,
};

struct agent {
        const struct agent_options *o;
        GMainLoop *loop;
        GDBusConnection *bus;
        GCancellable *cancel;
        struct desk *desk;
        struct bubbles *bubbles;
        uint64_t newest; /* row of the history that we know */
        struct told told; /* as it was at the start, and as it is in the file */
        guint timer;
        bool is_asking, has_more, was_refused, is_restored;
};

static void ask(struct agent *a);

static usec now_of(const struct agent *a)
{
        return clock_now(a->o->clock);
}

/* ---- What survives a logout ---- */

static void add_again(void *userdata, const char *id, usec at)
{
        told_add(userdata, id, at);
}

/* News that nobody saw yet is asked for again next time. Before the daemon was heard the file knows more than we do. */
static void save(struct agent *a)
{
        struct told t = { .newest = desk_has_news(a->desk) ? a->told.newest : a->newest };
        struct err err = { 0 };

        if (!a->is_restored)
                return;
        desk_each_again(a->desk, add_again, &t);
        if (told_eq(&t, &a->told)) {
                told_done(&t);
                return;
        }
        if (told_save(a->o->state, &t, &err) < 0)
                log_err(LOG_LEVEL_WARNING, &err);
        told_done(&a->told);
        a->told = t;
}

/* ---- Showing ---- */

static int on_timer(void *userdata);

static void turn(struct agent *a)
{
        usec now = now_of(a), due;

        if (a->timer)
                g_source_remove(a->timer);
        a->timer = 0;
        if (!bubbles_are_ready(a->bubbles))
                return;
        if (desk_turn(a->desk, now) < 0)
                log_warning("out of memory: an alert is not shown");
        save(a);
        due = desk_due(a->desk);
        if (due != USEC_NONE)
                a->timer = g_timeout_add((guint)CLAMP((due - now) / 1000 + 1, 1, 60 * 60 * 1000), on_timer, a);
}

static int on_timer(void *userdata)
{
        struct agent *a = userdata;

        a->timer = 0;
        turn(a);
        return G_SOURCE_REMOVE;
}

static bool show(void *userdata, const struct desk_bubble *b)
{
        struct agent *a = userdata;

        return bubbles_show(a->bubbles, b);
}

static void take_away(void *userdata, unsigned handle)
{
        struct agent *a = userdata;

        bubbles_take_away(a->bubbles, handle);
}

static void on_pressed(void *userdata, unsigned handle, enum desk_button b)
{
        struct agent *a = userdata;

        desk_pressed(a->desk, handle, b, now_of(a));
        turn(a);
}

static void on_closed(void *userdata, unsigned handle)
{
        struct agent *a = userdata;

        desk_closed(a->desk, handle, now_of(a));
        turn(a);
}

static void on_ready(void *userdata)
{
        turn(userdata);
}

static void on_cleared(void *userdata)
{
        struct agent *a = userdata;

        desk_cleared(a->desk, now_of(a));
}

/* ---- Answers ---- */

struct order {
        struct agent *agent;
        char id[DESK_ID_BYTES];
};

static void on_ordered(GObject *bus, GAsyncResult *result, void *userdata)
{
        struct order *o = userdata;
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result, &error);
        gboolean is_done = FALSE;
        const char *text = "";

        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
                g_free(o);
                return;
        }
        if (reply)
                g_variant_get(reply, "(b&s)", &is_done, &text);
        else
                g_dbus_error_strip_remote_error(error);
        if (is_done) {
                desk_answered(o->agent->desk, o->id);
        } else {
                log_warning("an answer was not taken: %s", reply ? text : error->message);
                bubbles_say(o->agent->bubbles, "Your answer was not taken", reply ? text : error->message);
                desk_refused(o->agent->desk, o->id, now_of(o->agent));
        }
        turn(o->agent);
        g_free(o);
}

static void answer(void *userdata, const char *id, const char *what)
{
        struct agent *a = userdata;
        struct order *o = g_new0(struct order, 1);
        g_autofree char *text = g_strdup_printf("answer\nalert %s\nwhat %s\n", id, what);

        o->agent = a;
        g_strlcpy(o->id, id, sizeof o->id);
        g_dbus_connection_call(a->bus, NAME, PATH, INTERFACE, "Order", g_variant_new("(s)", text), G_VARIANT_TYPE("(bs)"),
                               G_DBUS_CALL_FLAGS_NO_AUTO_START | G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, ANSWER_MS, a->cancel,
                               on_ordered, o);
}

/* ---- One alert in full ---- */

static GVariant *get_alert(struct agent *a, const char *id)
{
        g_autoptr(GError) error = NULL;
        GVariant *reply = g_dbus_connection_call_sync(a->bus, NAME, PATH, INTERFACE, "Alert", g_variant_new("(s)", id), G_VARIANT_TYPE("(a{ss})"),
                                                      G_DBUS_CALL_FLAGS_NO_AUTO_START, OPEN_MS, a->cancel, &error);

        if (!reply)
                log_warning("alert %s cannot be read: %s", id, error->message);
        return reply;
}

static const char *get(GVariant *dict, const char *key)
{
        const char *value = "";

        g_variant_lookup(dict, key, "&s", &value);
        return value;
}

static void add_to_page(struct agent *a, const char *id, struct strbuf *html)
{
        g_autoptr(GVariant) reply = get_alert(a, id);
        g_autoptr(GVariant) dict = reply ? g_variant_get_child_value(reply, 0) : NULL;

        if (dict)
                page_add(html, &(struct page_alert){ .id = id, .sentence = get(dict, "sentence"), .level = get(dict, "level"), .why = get(dict, "why"),
                                                     .playbook = get(dict, "playbook"), .rule = get(dict, "rule"), .first_seen = get(dict, "first_seen"),
                                                     .last_seen = get(dict, "last_seen"), .count = get(dict, "count"), .answer = get(dict, "answer") });
}

static void open_page(void *userdata, const char *const *ids, size_t n)
{
        struct agent *a = userdata;
        CLEANUP(strbuf_done) struct strbuf html = STRBUF_INIT;
        g_autofree char *path = g_build_filename(a->o->runtime, "alerts.html", NULL);
        g_autoptr(GError) error = NULL;
        g_autofree char *uri = NULL;

        page_begin(&html);
        for (size_t i = 0; i < n; i++)
                add_to_page(a, ids[i], &html);
        page_end(&html);
        if (strbuf_failed(&html) || !g_file_set_contents_full(path, html.p, (gssize)html.n, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error) ||
            !(uri = g_filename_to_uri(path, NULL, &error)) || !g_app_info_launch_default_for_uri(uri, NULL, &error)) {
                log_warning("%s cannot be opened: %s", path, error ? error->message : "out of memory");
                bubbles_say(a->bubbles, "The page cannot be opened", "Run `shopbell alerts` in a terminal.");
        }
}

/* ---- What the daemon says ---- */

static void take_event(struct agent *a, GVariant *event)
{
        const char *what, *id, *level, *sentence, *person, *source, *said;
        uint64_t row, count;
        int64_t at;
        gboolean is_open;
        enum level known;

        g_variant_get(event, "(tx&s&s&s&s&s&s&stb)", &row, &at, &what, &id, &level, &sentence, &person, &source, &said, &count, &is_open);
        if (row > a->newest)
                a->newest = row;
        known = level_find(str_of(level));
        if (!is_open || *said)
                desk_answered(a->desk, id);
        else if (strcmp(what, "rang") == 0 && known < _LEVEL_MAX && known >= a->o->level_min &&
                 desk_rang(a->desk, &(struct desk_alert){ id, known, str_of(sentence) }, now_of(a)) < 0)
                log_warning("out of memory: an alert is not shown");
}

/* What is still to be told of before: criticals that nobody answered, and what was put off. */
static void restore(struct agent *a)
{
        for (size_t i = 0; i < a->told.n && !a->is_restored; i++) {
                g_autoptr(GVariant) reply = get_alert(a, a->told.again[i].id);
                g_autoptr(GVariant) dict = reply ? g_variant_get_child_value(reply, 0) : NULL;
                enum level level = dict ? level_find(str_of(get(dict, "level"))) : _LEVEL_MAX;

                if (level < _LEVEL_MAX && !*get(dict, "answer"))
                        desk_restore(a->desk, &(struct desk_alert){ a->told.again[i].id, level, str_of(get(dict, "sentence")) }, a->told.again[i].at);
        }
        a->is_restored = true;
}

static void on_refused(struct agent *a, GError *error)
{
        g_dbus_error_strip_remote_error(error);
        if (!a->was_refused) {
                log_warning("shopbelld tells this user nothing: %s. Root can change that: adduser %s shopbell; then log in again", error->message,
                            g_get_user_name());
                bubbles_say(a->bubbles, "shopbell may not tell you of alerts", error->message);
        }
        a->was_refused = true;
}

static void on_events(GObject *bus, GAsyncResult *result, void *userdata)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result, &error);
        struct agent *a = userdata;
        size_t n;

        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return; /* the agent is gone */
        a->is_asking = false;
        if (reply) {
                g_autoptr(GVariant) events = g_variant_get_child_value(reply, 0);

                restore(a);
                n = g_variant_n_children(events);
                for (size_t i = 0; i < n; i++) {
                        g_autoptr(GVariant) event = g_variant_get_child_value(events, i);

                        take_event(a, event);
                }
                a->has_more |= n > 0;
                turn(a);
        } else if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED)) {
                on_refused(a, error);
        } else if (!g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) &&
                   !g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)) {
                log_warning("shopbelld does not say what rang: %s", error->message);
        }
        if (a->has_more)
                ask(a);
}

static void ask(struct agent *a)
{
        a->has_more = a->is_asking;
        if (a->is_asking)
                return;
        a->is_asking = true;
        g_dbus_connection_call(a->bus, NAME, PATH, INTERFACE, "Events", g_variant_new("(tu)", a->newest, 0), G_VARIANT_TYPE("(a(txssssssstb))"),
                               G_DBUS_CALL_FLAGS_NO_AUTO_START, ASK_MS, a->cancel, on_events, a);
}

static void on_daemon(GDBusConnection *bus, const char *name, const char *owner, void *userdata)
{
        (void)bus, (void)name, (void)owner;
        ask(userdata);
}

static void on_changed(GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal, GVariant *values,
                       void *userdata)
{
        (void)bus, (void)sender, (void)path, (void)interface, (void)signal, (void)values;
        ask(userdata);
}

/* ---- Life ---- */

static int on_signal(void *userdata)
{
        struct agent *a = userdata;

        g_main_loop_quit(a->loop);
        return G_SOURCE_CONTINUE;
}

static int start(struct agent *a, struct err *reterr)
{
        const struct desk_host desk = { show, take_away, answer, open_page, a };
        const struct bubbles_host bubbles = { on_pressed, on_closed, on_ready, on_cleared, a };
        g_autoptr(GError) error = NULL;
        int r = told_load(a->o->state, &a->told, reterr);

        if (r < 0)
                return r;
        a->newest = a->told.newest;
        a->bus = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, &error);
        if (!a->bus)
                return err_set(reterr, -ENOTCONN, "there is no system bus to hear shopbelld on: %s", error->message);
        a->desk = desk_new(&desk);
        a->bubbles = a->desk ? bubbles_new(&bubbles) : NULL;
        return a->bubbles ? 0 : err_set(reterr, -ENOMEM, "libnotify cannot start");
}

int agent_run(const struct agent_options *o, struct err *reterr)
{
        struct agent a = { .o = o, .loop = g_main_loop_new(NULL, FALSE), .cancel = g_cancellable_new() };
        int r = start(&a, reterr);

        if (r >= 0) {
                guint watch = g_bus_watch_name_on_connection(a.bus, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_daemon, NULL, &a, NULL);
                guint changed = g_dbus_connection_signal_subscribe(a.bus, NAME, INTERFACE, "Changed", PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                                                   on_changed, &a, NULL);

                g_unix_signal_add(SIGTERM, on_signal, &a);
                g_unix_signal_add(SIGINT, on_signal, &a);
                g_main_loop_run(a.loop);
                g_dbus_connection_signal_unsubscribe(a.bus, changed);
                g_bus_unwatch_name(watch);
                save(&a);
        }
        if (a.timer)
                g_source_remove(a.timer);
        g_cancellable_cancel(a.cancel);
        while (g_main_context_iteration(NULL, FALSE))
                ; /* so that what was under way ends */
        bubbles_free(a.bubbles);
        desk_free(a.desk);
        told_done(&a.told);
        g_clear_object(&a.bus);
        g_object_unref(a.cancel);
        g_main_loop_unref(a.loop);
        return r;
}
