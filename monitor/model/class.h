/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MODEL_CLASS_H
#define SHOPBELL_MODEL_CLASS_H

/* What an admin did, whatever the platform, and how bad an alert is. To add a class: one row. */

#include <stdbool.h>

#include "monitor/base/str.h"

/*    enum        name          meaning                                          event.category    event.type
 * The last two are what records of the class have when their source says nothing (ECS 8.x,
 * https://www.elastic.co/guide/en/ecs/current/ecs-category-field-values-reference.html). */
#define CLASSES(X) \
        X(LOGIN, "login", "signing in, or trying to", "authentication", "start") \
        X(MFA, "mfa", "second factor set up, removed, reset, asked for", "iam", "change") \
        X(EXPORT, "export", "data read or taken out in bulk", "database", "access") \
        X(SHARE, "share", "data made visible to outsiders", "file", "change") \
        X(GRANT, "grant", "rights or roles given", "iam", "change") \
        X(CREDENTIAL, "credential", "keys, tokens, passwords, apps", "iam", "change") \
        X(ACCOUNT, "account", "accounts made, changed, removed", "iam", "change") \
        X(PAYOUT, "payout", "where money goes, payment methods, billing", "configuration", "change") \
        X(AD_SPEND, "ad_spend", "budgets, campaigns, spending limits", "configuration", "change") \
        X(STOREFRONT, "storefront", "what customers see or run: plugins, themes, scripts", "configuration", "change") \
        X(LOG_TAMPER, "log_tamper", "logs switched off, purged, shortened", "configuration", "deletion") \
        X(MAIL_RULE, "mail_rule", "mail forwarding and filters", "configuration", "change") \
        X(CONFIG, "config", "security settings", "configuration", "change")

enum class {
#define X(id, name, help, category, type) CLASS_##id,
        CLASSES(X)
#undef X
                _CLASS_MAX,
};

const char *class_name(enum class c);
const char *class_category(enum class c); /* event.category */
const char *class_type(enum class c); /* event.type, unless the source knows better */
enum class class_find(struct str name); /* _CLASS_MAX: none */

/* Sigma's levels, in order. */
enum level { LEVEL_INFORMATIONAL, LEVEL_LOW, LEVEL_MEDIUM, LEVEL_HIGH, LEVEL_CRITICAL, _LEVEL_MAX };

const char *level_name(enum level l);
enum level level_find(struct str name); /* _LEVEL_MAX: none */

#endif
