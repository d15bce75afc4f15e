/* SPDX-License-Identifier: Apache-2.0 */

/* An order waits for polkit while the loop goes on: the message is kept with the question, and answered when polkit has. */

#include "monitor/bus.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/control.h"
#include "monitor/orders.h"
#include "monitor/store/events.h"

struct bus {
        struct bus_host host;
        char *state; /* an absolute path */
        struct query *query;
        sd_bus *bus;
        int64_t told; /* the newest row that the signal spoke of */
        struct check *checks;
        size_t n_checks;
};

/* A question to polkit. */
struct check {
        struct check *next;
        struct bus *bus;
        sd_bus_message *call;
        sd_bus_slot *slot;
        uid_t uid;
        char action[64];
};

/* ---- Who asks ---- */

static int uid_of(sd_bus_message *m, uid_t *ret)
{
        sd_bus_creds *creds = NULL;
        int r = sd_bus_query_sender_creds(m, SD_BUS_CREDS_EUID, &creds);

        if (r >= 0)
                r = sd_bus_creds_get_euid(creds, ret);
        sd_bus_creds_unref(creds);
        return r;
}

/* As the system's list of users says, which needs no look into another's /proc. */
static bool is_member(uid_t uid, gid_t group)
{
        struct passwd *user = getpwuid(uid);
        gid_t groups[256];
        int n = ARRAY_LEN(groups);

        if (!user || getgrouplist(user->pw_name, user->pw_gid, groups, &n) < 0)
                return false;
        for (int i = 0; i < n; i++)
                if (groups[i] == group)
                        return true;
        return false;
}

static bool is_owner(uid_t uid)
{
        return uid == 0 || uid == geteuid();
}

static int refuse(sd_bus_message *m, const char *why)
{
        int r = sd_bus_reply_method_errorf(m, SD_BUS_ERROR_ACCESS_DENIED, "%s", why);

        return r < 0 ? r : 1;
}

static bool may_read(struct bus *b, sd_bus_message *m)
{
        uid_t uid;

        return uid_of(m, &uid) >= 0 && (is_owner(uid) || is_member(uid, b->host.group));
}

static int refuse_reading(sd_bus_message *m)
{
        return refuse(m, "only members of the group of shopbell's state folder may read alerts");
}

/* ---- Reading ---- */

static int fail(sd_bus_message *m, struct bus *b)
{
        return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_FAILED, "the store cannot be read: %s", query_error(b->query));
}

/* A text for the bus: no control characters, and valid UTF-8, which the bus insists on. */
static int add_text(sd_bus_message *m, struct str text)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;

        text_display(&safe, text, TEXT_BLOCK, 0);
        return strbuf_failed(&safe) ? -ENOMEM : sd_bus_message_append(m, "s", safe.p ? safe.p : "");
}

static int add_event(void *userdata, const struct event *e)
{
        sd_bus_message *m = userdata;
        const struct str texts[] = { str_of(level_name(e->level)), e->sentence, e->person, e->source, e->answer };
        char id[HASH128_HEX_BYTES];
        int r = sd_bus_message_open_container(m, 'r', "txssssssstb");

        hash128_hex(&e->alert, id);
        if (r >= 0)
                r = sd_bus_message_append(m, "tx", (uint64_t)e->seq, (int64_t)e->at);
        if (r >= 0)
                r = add_text(m, e->what);
        if (r >= 0)
                r = sd_bus_message_append(m, "s", id);
        for (size_t i = 0; i < ARRAY_LEN(texts) && r >= 0; i++)
                r = add_text(m, texts[i]);
        if (r >= 0)
                r = sd_bus_message_append(m, "tb", e->count, (int)e->is_open);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int on_events(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        struct bus *b = userdata;
        sd_bus_message *reply = NULL;
        uint64_t after;
        uint32_t limit;
        int r;

        (void)error;
        if (!may_read(b, m))
                return refuse_reading(m);
        r = sd_bus_message_read(m, "tu", &after, &limit);
        if (r >= 0 && after > INT64_MAX)
                r = -EINVAL;
        if (r >= 0)
                r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(txssssssstb)");
        if (r >= 0) {
                r = query_events(b->query, (int64_t)after, limit == 0 || limit > BUS_EVENTS_MAX ? BUS_EVENTS_MAX : limit, add_event, reply);
                if (r < 0)
                        r = fail(m, b);
                else if ((r = sd_bus_message_close_container(reply)) >= 0)
                        r = sd_bus_send(NULL, reply, NULL);
        }
        sd_bus_message_unref(reply);
        return r;
}

static int add_pair(sd_bus_message *m, const char *key, struct str value)
{
        int r = sd_bus_message_open_container(m, 'e', "ss");

        if (r >= 0)
                r = sd_bus_message_append(m, "s", key);
        if (r >= 0)
                r = add_text(m, value);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int add_alert(void *userdata, const struct query_alert *a)
{
        sd_bus_message *reply = userdata;
        char first[TIME_ISO_BYTES], last[TIME_ISO_BYTES], count[24];
        const struct {
                const char *key;
                struct str value;
        } pairs[] = {
                { "sentence", a->sentence }, { "level", str_of(level_name(a->level)) }, { "why", a->why }, { "playbook", a->playbook },
                { "person", a->person }, { "source", a->source }, { "rule", a->rule_title }, { "answer", a->answer },
        };
        int r = 0;

        time_format_iso(a->first_seen, first);
        time_format_iso(a->last_seen, last);
        snprintf(count, sizeof count, "%llu", (unsigned long long)a->count);
        for (size_t i = 0; i < ARRAY_LEN(pairs) && r >= 0; i++)
                r = add_pair(reply, pairs[i].key, pairs[i].value);
        if (r >= 0)
                r = add_pair(reply, "first_seen", str_of(first));
        if (r >= 0)
                r = add_pair(reply, "last_seen", str_of(last));
        return r < 0 ? r : add_pair(reply, "count", str_of(count));
}

static int on_alert(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        struct bus *b = userdata;
        struct hash128 id;
        struct query_filter f = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true, .only = &id };
        sd_bus_message *reply = NULL;
        const char *text;
        int r;

        (void)error;
        if (!may_read(b, m))
                return refuse_reading(m);
        r = sd_bus_message_read(m, "s", &text);
        if (r < 0)
                return r;
        if (query_find(b->query, str_of(text), &id) < 0)
                return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_INVALID_ARGS, "no alert has an id that begins so, or several have");
        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{ss}");
        if (r >= 0) {
                r = query_alerts(b->query, &f, add_alert, reply);
                if (r < 0)
                        r = fail(m, b);
                else if ((r = sd_bus_message_close_container(reply)) >= 0)
                        r = sd_bus_send(NULL, reply, NULL);
        }
        sd_bus_message_unref(reply);
        return r;
}

/* ---- Orders ---- */

static int carry_out(struct bus *b, sd_bus_message *m, uid_t uid)
{
        CLEANUP(strbuf_done) struct strbuf user = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct who who = { .uid = uid };
        const char *text;
        int k, done, r = sd_bus_message_rewind(m, true);

        if (r >= 0)
                r = sd_bus_message_read(m, "s", &text);
        if (r >= 0)
                r = control_user(uid, &user);
        if (r < 0)
                return r;
        who.user = strbuf_str(&user);
        done = b->host.order(b->host.userdata, str_of(text), &who, &answer);
        if (done < 0)
                return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_FAILED, "nothing was changed: the log of shopbelld says why");
        k = sd_bus_reply_method_return(m, "bs", done, answer.p ? answer.p : "");
        bus_tell(b);
        return k;
}

static void drop_check(struct check *c)
{
        struct check **at = &c->bus->checks;

        while (*at != c)
                at = &(*at)->next;
        *at = c->next;
        c->bus->n_checks--;
        sd_bus_slot_unref(c->slot);
        sd_bus_message_unref(c->call);
        free(c);
}

/* Whether there is no polkit, or one that was never told of the action (installed where it does not look). Only the bus itself can say
 * the one: polkit says the like of a caller who has left, who must not get by without being asked about. */
static bool is_nobody(sd_bus_message *reply, const char *action)
{
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        const char *sender = sd_bus_message_get_sender(reply);
        char unknown[128];

        if (sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) || sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                return sender && strcmp(sender, "org.freedesktop.DBus") == 0;
        snprintf(unknown, sizeof unknown, "Action %s is not registered", action);
        return sd_bus_error_has_name(error, "org.freedesktop.PolicyKit1.Error.Failed") && error->message && strcmp(error->message, unknown) == 0;
}

/* polkit: (bba{ss}): is authorised, would be after a password, details. */
static int on_checked(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        struct check *c = userdata;
        int is_allowed = 0, r = 0;

        (void)error;
        if (!sd_bus_message_is_method_error(reply, NULL))
                r = sd_bus_message_enter_container(reply, 'r', "bba{ss}");
        else
                is_allowed = strcmp(c->action, BUS_ACTIONS "manage") != 0 && is_nobody(reply, c->action) && is_member(c->uid, c->bus->host.group);
        if (r > 0)
                r = sd_bus_message_read(reply, "b", &is_allowed);
        if (r >= 0 && is_allowed)
                r = carry_out(c->bus, c->call, c->uid);
        else
                r = refuse(c->call, strcmp(c->action, BUS_ACTIONS "manage") == 0 ?
                                            "only root, the daemon's user, and whom polkit lets (" BUS_ACTIONS "manage) may do that" :
                                            "you may not change alerts: become a member of the group of shopbell's state folder, or ask root");
        if (r < 0)
                log_warning("an order over the bus could not be answered: %s", strerror(-r));
        drop_check(c);
        return 0;
}

static int ask_polkit(struct bus *b, struct check *c)
{
        sd_bus_message *question = NULL;
        int r = sd_bus_message_new_method_call(b->bus, &question, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
                                               "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization");

        if (r >= 0) /* the caller, as the bus knows it; no details; 1: it may ask for a password */
                r = sd_bus_message_append(question, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s", sd_bus_message_get_sender(c->call),
                                          c->action, 0, sd_bus_message_get_allow_interactive_authorization(c->call) > 0 ? 1 : 0, "");
        if (r >= 0)
                r = sd_bus_call_async(b->bus, &c->slot, question, on_checked, c, BUS_CHECK_TIMEOUT);
        sd_bus_message_unref(question);
        return r;
}

static int on_order(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        struct bus *b = userdata;
        struct check *c;
        const char *text;
        uid_t uid;
        int r = uid_of(m, &uid);

        (void)error;
        if (r >= 0)
                r = sd_bus_message_read(m, "s", &text);
        if (r < 0)
                return r;
        if (strlen(text) > ORDERS_BYTES_MAX || !orders_is(str_of(text)))
                return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_INVALID_ARGS, "that is no order");
        if (is_owner(uid))
                return carry_out(b, m, uid);
        c = b->n_checks < BUS_CHECKS_MAX ? calloc(1, sizeof *c) : NULL;
        if (!c)
                return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_LIMITS_EXCEEDED, "too many orders wait for polkit: try again");
        *c = (struct check){ .next = b->checks, .bus = b, .call = sd_bus_message_ref(m), .uid = uid };
        b->checks = c;
        b->n_checks++;
        snprintf(c->action, sizeof c->action, BUS_ACTIONS "%s", orders_right(str_of(text)));
        r = ask_polkit(b, c);
        if (r < 0)
                drop_check(c);
        return r < 0 ? r : 1;
}

/* ---- Being there ---- */

static int get_state(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply, void *userdata,
                     sd_bus_error *error)
{
        struct bus *b = userdata;

        (void)bus, (void)path, (void)interface, (void)property, (void)error;
        return sd_bus_message_append(reply, "s", b->state);
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("Events", SD_BUS_ARGS("t", after, "u", limit), SD_BUS_RESULT("a(txssssssstb)", events), on_events, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Alert", SD_BUS_ARGS("s", id), SD_BUS_RESULT("a{ss}", alert), on_alert, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Order", SD_BUS_ARGS("s", order), SD_BUS_RESULT("b", done, "s", answer), on_order, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("State", "s", get_state, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_SIGNAL_WITH_ARGS("Changed", SD_BUS_ARGS("t", newest), 0),
        SD_BUS_VTABLE_END,
};

int bus_open(sd_event *event, const struct bus_host *host, struct bus **ret, struct err *reterr)
{
        struct bus *b = calloc(1, sizeof *b);
        int r = b ? 0 : -ENOMEM;

        *ret = NULL;
        if (r >= 0) {
                b->host = *host;
                b->state = realpath(host->state, NULL);
                r = b->state ? query_of(host->store, &b->query) : -errno;
        }
        if (r >= 0)
                r = query_newest(b->query, &b->told);
        if (r >= 0)
                r = sd_bus_open_system(&b->bus);
        if (r >= 0)
                r = sd_bus_add_object_vtable(b->bus, NULL, BUS_PATH, BUS_INTERFACE, vtable, b);
        if (r >= 0)
                r = sd_bus_request_name(b->bus, BUS_NAME, 0);
        if (r >= 0)
                r = sd_bus_attach_event(b->bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0) {
                *ret = b;
                return 0;
        }
        bus_close(b);
        return err_set(reterr, r, "not on the system bus, so desktops hear nothing: %s", strerror(-r));
}

struct bus *bus_close(struct bus *b)
{
        if (!b)
                return NULL;
        while (b->checks)
                drop_check(b->checks);
        sd_bus_flush_close_unref(b->bus);
        query_close(b->query);
        free(b->state);
        free(b);
        return NULL;
}

void bus_tell(struct bus *b)
{
        int64_t newest;

        if (!b || query_newest(b->query, &newest) < 0 || newest == b->told)
                return;
        b->told = newest;
        sd_bus_emit_signal(b->bus, BUS_PATH, BUS_INTERFACE, "Changed", "t", (uint64_t)newest);
}

/* ---- The command line's side ---- */

/* Whether the daemon on the bus is that of this folder. 1, 0 or negative. */
static int is_of(sd_bus *bus, const char *state, sd_bus_error *error)
{
        char *theirs = NULL, *ours = realpath(state, NULL);
        int r = sd_bus_get_property_string(bus, BUS_NAME, BUS_PATH, BUS_INTERFACE, "State", error, &theirs);

        if (r >= 0)
                r = ours && strcmp(ours, theirs) == 0;
        free(ours);
        free(theirs);
        return r;
}

static int call_order(sd_bus *bus, const char *order, sd_bus_error *error, struct strbuf *answer)
{
        sd_bus_message *call = NULL, *reply = NULL;
        const char *said = "";
        int done = 0, r = sd_bus_message_new_method_call(bus, &call, BUS_NAME, BUS_PATH, BUS_INTERFACE, "Order");

        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(call, true);
        if (r >= 0)
                r = sd_bus_message_append(call, "s", order);
        if (r >= 0)
                r = sd_bus_call(bus, call, BUS_CHECK_TIMEOUT + USEC_PER_MINUTE, error, &reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "bs", &done, &said);
        if (r >= 0)
                strbuf_addz(answer, said);
        sd_bus_message_unref(call);
        sd_bus_message_unref(reply);
        return r < 0 ? r : done;
}

int bus_ask(const char *state, struct str order, struct strbuf *answer, struct err *reterr)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus = NULL;
        int r = sd_bus_open_system(&bus);

        strbuf_add(&text, order);
        if (r >= 0 && strbuf_failed(&text))
                r = -ENOMEM;
        if (r >= 0)
                r = is_of(bus, state, &error);
        r = r <= 0 ? -ENOENT : call_order(bus, text.p, &error, answer);
        if (r < 0 && r != -ENOENT)
                r = err_set(reterr, -EACCES, "%s", error.message ? error.message : strerror(-r));
        sd_bus_error_free(&error);
        sd_bus_flush_close_unref(bus);
        return r;
}
