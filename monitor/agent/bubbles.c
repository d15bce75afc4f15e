/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/agent/bubbles.h"

#include <libnotify/notify.h>
#include <string.h>

#include "monitor/base/log.h"
#include "monitor/base/macros.h"

#define SERVER "org.freedesktop.Notifications"
#define ICON "dialog-warning"

struct bubbles {
        struct bubbles_host host;
        GHashTable *shown; /* handle → struct bubble */
        guint watch;
        bool is_ready, has_markup, has_buttons, has_complained;
};

struct bubble {
        struct bubbles *all;
        unsigned handle;
        NotifyNotification *notification;
};

static void bubble_free(void *p)
{
        struct bubble *b = p;

        g_signal_handlers_disconnect_by_data(b->notification, b);
        notify_notification_clear_actions(b->notification);
        g_object_unref(b->notification);
        g_free(b);
}

/* ---- The server ---- */

static bool has(GList *words, const char *word)
{
        return g_list_find_custom(words, word, (GCompareFunc)strcmp) != NULL;
}

static void on_appeared(GDBusConnection *connection, const char *name, const char *owner, void *userdata)
{
        struct bubbles *b = userdata;
        GList *caps = notify_get_server_caps();

        (void)connection, (void)name, (void)owner;
        b->is_ready = true;
        b->has_markup = has(caps, "body-markup");
        b->has_buttons = has(caps, "actions");
        g_list_free_full(caps, g_free);
        b->host.ready(b->host.userdata);
}

static void on_vanished(GDBusConnection *connection, const char *name, void *userdata)
{
        struct bubbles *b = userdata;

        (void)connection, (void)name;
        if (!b->has_complained && !b->is_ready)
                log_warning("no notification server runs on this desktop: alerts are shown as soon as one does, and by `shopbell alerts`");
        b->has_complained = true;
        b->is_ready = false;
        g_hash_table_remove_all(b->shown);
        b->host.cleared(b->host.userdata);
}

struct bubbles *bubbles_new(const struct bubbles_host *host)
{
        struct bubbles *b;

        if (!notify_init("shopbell"))
                return NULL;
        b = g_new0(struct bubbles, 1);
        b->host = *host;
        b->shown = g_hash_table_new_full(NULL, NULL, NULL, bubble_free);
        b->watch = g_bus_watch_name(G_BUS_TYPE_SESSION, SERVER, G_BUS_NAME_WATCHER_FLAGS_AUTO_START, on_appeared, on_vanished, b, NULL);
        return b;
}

struct bubbles *bubbles_free(struct bubbles *b)
{
        if (!b)
                return NULL;
        g_bus_unwatch_name(b->watch);
        g_hash_table_unref(b->shown);
        g_free(b);
        notify_uninit();
        return NULL;
}

bool bubbles_are_ready(const struct bubbles *b)
{
        return b->is_ready;
}

/* ---- Bubbles ---- */

static void on_button(NotifyNotification *notification, char *key, void *userdata)
{
        struct bubble *one = userdata;
        enum desk_button button = strcmp(key, "default") == 0 ? DESK_SHOW : desk_button_find(key);

        (void)notification;
        one->all->host.pressed(one->all->host.userdata, one->handle, button);
}

static void on_closed(NotifyNotification *notification, void *userdata)
{
        struct bubble *one = userdata;
        struct bubbles *b = one->all;
        unsigned handle = one->handle;

        (void)notification;
        g_hash_table_remove(b->shown, GUINT_TO_POINTER(handle));
        b->host.closed(b->host.userdata, handle);
}

static NotifyNotification *make(const struct bubbles *b, const char *summary, const char *body, enum desk_urgency urgency, bool stays)
{
        static const NotifyUrgency urgencies[] = { NOTIFY_URGENCY_LOW, NOTIFY_URGENCY_NORMAL, NOTIFY_URGENCY_CRITICAL };
        char *text = b->has_markup ? g_markup_escape_text(body, -1) : g_strdup(body);
        NotifyNotification *n = notify_notification_new(summary, text, ICON);

        g_free(text);
        notify_notification_set_urgency(n, urgencies[urgency]);
        notify_notification_set_category(n, "shopbell.alert");
        notify_notification_set_hint(n, "desktop-entry", g_variant_new_string("shopbell-notify"));
        if (stays)
                notify_notification_set_timeout(n, NOTIFY_EXPIRES_NEVER);
        return n;
}

static bool show(NotifyNotification *n)
{
        g_autoptr(GError) error = NULL;

        if (notify_notification_show(n, &error))
                return true;
        log_warning("the notification server does not take a bubble: %s", error ? error->message : "it does not say why");
        return false;
}

bool bubbles_show(struct bubbles *b, const struct desk_bubble *what)
{
        struct bubble *one;

        if (!b->is_ready)
                return false;
        one = g_new0(struct bubble, 1);
        *one = (struct bubble){ b, what->handle, make(b, what->summary, what->body, what->urgency, what->stays) };
        if (b->has_buttons && what->buttons & 1u << DESK_SHOW)
                notify_notification_add_action(one->notification, "default", desk_button_label(DESK_SHOW), on_button, one, NULL);
        for (unsigned i = 0; i < _DESK_BUTTON_MAX && b->has_buttons; i++)
                if (what->buttons & 1u << i)
                        notify_notification_add_action(one->notification, desk_button_key(i), desk_button_label(i), on_button, one, NULL);
        g_signal_connect(one->notification, "closed", G_CALLBACK(on_closed), one);
        if (!show(one->notification)) {
                bubble_free(one);
                return false;
        }
        g_hash_table_replace(b->shown, GUINT_TO_POINTER(what->handle), one);
        return true;
}

/* Later: this may be called by a handler of the bubble itself. */
static int take_away(void *p)
{
        struct bubble *one = p;

        notify_notification_close(one->notification, NULL);
        bubble_free(one);
        return G_SOURCE_REMOVE;
}

void bubbles_take_away(struct bubbles *b, unsigned handle)
{
        struct bubble *one = g_hash_table_lookup(b->shown, GUINT_TO_POINTER(handle));

        if (!one)
                return;
        g_signal_handlers_disconnect_by_data(one->notification, one);
        g_hash_table_steal(b->shown, GUINT_TO_POINTER(handle));
        g_idle_add(take_away, one);
}

void bubbles_say(struct bubbles *b, const char *summary, const char *body)
{
        NotifyNotification *n;

        if (!b->is_ready)
                return;
        n = make(b, summary, body, DESK_NORMAL, false);
        show(n);
        g_object_unref(n);
}
