/* SPDX-License-Identifier: Apache-2.0 */

/* Which words of an action mean which class, and which way it went. A class needs one of its words and, where it says so, one of
 * the others; the first row that fits counts. Where the action alone says too little ("create"), the kind of object is read with it. */

#include <errno.h>

#include "parsers/draft_impl.h"

enum { ACTIONS_MAX = 64, OBJECTS_MAX = 16 };

#define VERBS \
        "create:1 created:1 creates:1 add:1 added:1 new:1 invite:1 invited:1 delete:1 deleted:1 remove:1 removed:1 update:1 updated:1 change:1 changed:1 " \
        "suspend:1 suspended:1 disable:1 disabled:1 enable:1 enabled:1 destroy:1 destroyed:1 activate:1 activated:1 deactivate:1 deactivated:1 restore:1 restored:1 " \
        "register:1 registered:1 provision:1 provisioned:1 edit:1 edited:1 modify:1 modified:1 reactivate:1 join:1 joined:1 lock:1 locked:1 unlock:1 unlocked:1"

static const struct class_words {
        enum class class;
        const char *words; /* one of these */
        const char *also; /* and one of these; NULL: no more */
} rows[] = {
        { CLASS_MFA, "mfa:1 2fa:1 2sv:1 two_factor:1 two_step:1 second_factor:1 otp:1 totp:1 multi_factor:1 authenticator:1 webauthn:1 passkey:1 fido:1 security_key:1 backup_codes:1 recovery_codes:1 recovery_code:1", NULL },
        { CLASS_LOG_TAMPER, "log:1 logs:1 logging:1 audit:1 trail:1 audit_log:1 log_stream:1", "delete:1 deleted:1 disable:1 disabled:1 stop:1 stopped:1 purge:1 purged:1 clear:1 cleared:1 truncate:1 truncated:1 retention:1 remove:1 removed:1" },
        { CLASS_MAIL_RULE, "forwarding:1 mail_rule:1 inbox_rule:1 mail_filter:1 email_filter:1 auto_forward:1 mailbox_rule:1 forward_rule:1", NULL },
        { CLASS_EXPORT, "export:1 exported:1 exports:1 exporting:1 download:1 downloaded:1 downloads:1 dump:1 dumped:1 takeout:1 extract:1 extracted:1 bulk_export:1 data_export:1", NULL },
        { CLASS_LOGIN, "login:1 logon:1 logins:1 signin:1 sign_in:1 log_in:1 logged_in:1 signed_in:1 logout:1 sign_out:1 log_out:1 signout:1 logoff:1 logged_out:1 signed_out:1 authenticate:1 authenticated:1 authentication:1 failed_password:1 accepted_password:1 accepted_publickey:1 session_created:1 session_started:1", NULL },
        { CLASS_PAYOUT, "payout:1 payouts:1 bank:1 bank_account:1 iban:1 payment_method:1 payment_methods:1 billing:1 credit_card:1 funding:1 withdrawal:1 payment_account:1 payout_account:1 payee:1", NULL },
        { CLASS_AD_SPEND, "budget:1 budgets:1 campaign:1 campaigns:1 spend:1 spending:1 bid:1 ad_set:1 adset:1 ad_group:1", NULL },
        { CLASS_CREDENTIAL, "password:1 passwords:1 api_key:1 apikey:1 api_keys:1 token:1 tokens:1 secret:1 secrets:1 credential:1 credentials:1 certificate:1 access_key:1 ssh_key:1 key:1 keys:1 oauth:1 webhook:1 webhooks:1 integration:1 integrations:1 app_installed:1 app_install:1 app_authorized:1 install_app:1", NULL },
        { CLASS_SHARE, "share:1 shared:1 sharing:1 unshare:1 unshared:1 public:1 public_link:1 anyone:1 made_public:1 share_link:1 sharing_link:1 external_access:1", NULL },
        { CLASS_GRANT, "role:1 roles:1 permission:1 permissions:1 privilege:1 privileges:1 grant:1 granted:1 admin:1 administrator:1 promote:1 promoted:1 access_granted:1 group_member:1 scope:1 scopes:1 iam_policy:1 role_policy:1 user_policy:1", NULL },
        { CLASS_ACCOUNT, "user:1 users:1 account:1 accounts:1 staff:1 member:1 members:1 employee:1 collaborator:1 cashier:1 operator:1 invitation:1 invite:1 invited:1 teammate:1", VERBS },
        { CLASS_STOREFRONT, "theme:1 themes:1 plugin:1 plugins:1 script:1 scripts:1 storefront:1 checkout:1 domain:1 domains:1 dns:1 template:1 module:1 extension:1", NULL },
        { CLASS_CONFIG, "setting:1 settings:1 config:1 configuration:1 policy:1 policies:1 allowlist:1 whitelist:1 ip_restriction:1 firewall:1 sso:1 saml:1 security:1", NULL },
};

static const struct {
        const char *type, *words;
} ways[] = {
        { "deletion", "delete:1 deleted:1 remove:1 removed:1 revoke:1 revoked:1 disable:1 disabled:1 destroy:1 destroyed:1 unshare:1 unshared:1 deactivate:1 deactivated:1 suspend:1 suspended:1 stop:1 stopped:1 purge:1 purged:1 clear:1 cleared:1 uninstall:1 uninstalled:1 reset_mfa:1 mfa_reset:1 demote:1 demoted:1 unenroll:1 unenrolled:1" },
        { "creation", "create:1 created:1 add:1 added:1 new:1 grant:1 granted:1 invite:1 invited:1 enable:1 enabled:1 enroll:1 enrolled:1 issue:1 issued:1 generate:1 generated:1 install:1 installed:1 share:1 shared:1 promote:1 promoted:1 register:1 registered:1 publish:1 published:1" },
        { "end", "logout:1 sign_out:1 log_out:1 signout:1 logoff:1 logged_out:1 signed_out:1" },
};

static enum class class_of(struct str words)
{
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (draft_weigh(words, rows[i].words) > 0 && (!rows[i].also || draft_weigh(words, rows[i].also) > 0))
                        return rows[i].class;
        return _CLASS_MAX;
}

/* event.type; NULL: the class's own. */
static const char *way_of(enum class class, struct str words)
{
        for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
                bool is_end = strcmp(ways[i].type, "end") == 0;

                if (draft_weigh(words, ways[i].words) > 0 && is_end == (class == CLASS_LOGIN) && class != CLASS_EXPORT)
                        return ways[i].type;
        }
        return NULL;
}

size_t draft_actions(const struct draft *d, const struct draft_field *f)
{
        size_t n = 0;

        for (size_t i = 0; i < f->n_values; i++) {
                struct str words = draft_words(d->arena, f->values[i]);

                n += words.p && class_of(words) != _CLASS_MAX;
        }
        return n;
}

/* ---- Actions of the sample ---- */

struct action {
        struct str text, object; /* the kind of object; absent: the action says enough */
        enum class class;
        const char *way;
        bool is_written;
};

struct actions {
        struct action items[ACTIONS_MAX];
        size_t n;
};

static struct action judge(struct draft *d, struct str text, struct str object)
{
        struct action a = { .text = text, .object = STR_NONE };
        struct str words = draft_words(d->arena, text);

        a.class = words.p ? class_of(words) : _CLASS_MAX;
        if (a.class == _CLASS_MAX && object.p) {
                struct str both = arena_printf(d->arena, STR_FMT " " STR_FMT, STR_ARG(object), STR_ARG(text));

                words = both.p ? draft_words(d->arena, both) : STR_NONE;
                a.class = words.p ? class_of(words) : _CLASS_MAX;
                if (a.class != _CLASS_MAX)
                        a.object = object;
        }
        a.way = words.p && a.class != _CLASS_MAX ? way_of(a.class, words) : NULL;
        return a;
}

static bool same_action(const struct action *a, const struct action *b)
{
        return str_eq(a->text, b->text) && str_eq(a->object, b->object);
}

static void add_action(struct actions *all, const struct action *a)
{
        for (size_t i = 0; i < all->n; i++)
                if (same_action(&all->items[i], a))
                        return;
        if (all->n < ACTIONS_MAX)
                all->items[all->n++] = *a;
}

static void gather(struct draft *d, const struct draft_field *action, const struct draft_field *object, struct actions *all)
{
        for (size_t i = 0; i < d->n_records; i++) {
                const struct flat_field *a = flat_find(&d->records[i].flat, action->path);
                const struct flat_field *o = object ? flat_find(&d->records[i].flat, object->path) : NULL;
                struct action one;

                if (!a || a->text.n == 0 || a->kind == JSON_NULL)
                        continue;
                one = judge(d, a->text, o && o->kind != JSON_NULL && o->text.n > 0 ? o->text : STR_NONE);
                add_action(all, &one);
        }
}

/* ---- Writing ---- */

static bool same_row(const struct action *a, const struct action *b)
{
        return a->class == b->class && a->way == b->way && str_eq(a->object, b->object);
}

static void write_row(struct draft *d, struct actions *all, size_t first, const struct draft_field *action, const struct draft_field *object)
{
        struct strbuf *out = &d->classes;
        const struct action *a = &all->items[first];
        const char *sep = "";

        strbuf_addf(out, "  - class: %s\n    when: {", class_name(a->class));
        draft_scalar(out, action->path);
        strbuf_addz(out, ": [");
        for (size_t i = first; i < all->n; i++) {
                if (all->items[i].is_written || !same_row(a, &all->items[i]))
                        continue;
                all->items[i].is_written = true;
                strbuf_addz(out, sep);
                sep = ", ";
                draft_scalar(out, all->items[i].text);
        }
        strbuf_addc(out, ']');
        if (a->object.p) {
                strbuf_addz(out, ", ");
                draft_scalar(out, object->path);
                strbuf_addz(out, ": ");
                draft_scalar(out, a->object);
        }
        strbuf_addz(out, "}   # guess: by the words\n");
        if (a->way)
                strbuf_addf(out, "    set: {event.type: {is: %s}}\n", a->way);
}

int draft_classes(struct draft *d)
{
        const struct draft_field *action = d->guesses[ECS_EVENT_ACTION].field, *object = d->guesses[ECS_OBJECT_TYPE].field;
        struct actions *all = arena_alloc(d->arena, sizeof *all);

        if (!all)
                return -ENOMEM;
        if (!action)
                return 0;
        gather(d, action, object, all);
        for (size_t i = 0; i < all->n; i++) {
                const struct action *a = &all->items[i];

                if (a->class == _CLASS_MAX) {
                        strbuf_addz(&d->classless, d->classless.n ? ", " : "");
                        strbuf_add(&d->classless, a->text);
                } else if (!a->is_written) {
                        write_row(d, all, i, action, object);
                }
        }
        return 0;
}
