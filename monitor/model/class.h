/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MODEL_CLASS_H
#define SHOPBELL_MODEL_CLASS_H

/* What an admin did, whatever the platform, and how bad an alert is. To add a class: one row. */

#include <stdbool.h>

#include "monitor/base/str.h"

#define CLASSES(X) \
        X(LOGIN, "login", "signing in, or trying to") \
        X(MFA, "mfa", "second factor set up, removed, reset, asked for") \
        X(EXPORT, "export", "data read or taken out in bulk") \
        X(SHARE, "share", "data made visible to outsiders") \
        X(GRANT, "grant", "rights or roles given") \
        X(CREDENTIAL, "credential", "keys, tokens, passwords, apps") \
        X(ACCOUNT, "account", "accounts made, changed, removed") \
        X(PAYOUT, "payout", "where money goes, payment methods, billing") \
        X(AD_SPEND, "ad_spend", "budgets, campaigns, spending limits") \
        X(STOREFRONT, "storefront", "what customers see or run: plugins, themes, scripts") \
        X(LOG_TAMPER, "log_tamper", "logs switched off, purged, shortened") \
        X(MAIL_RULE, "mail_rule", "mail forwarding and filters") \
        X(CONFIG, "config", "security settings")

enum class {
#define X(id, name, help) CLASS_##id,
        CLASSES(X)
#undef X
                _CLASS_MAX,
};

const char *class_name(enum class c);
const char *class_help(enum class c);
enum class class_find(struct str name); /* _CLASS_MAX: none */

/* Sigma's levels, in order. */
enum level { LEVEL_INFORMATIONAL, LEVEL_LOW, LEVEL_MEDIUM, LEVEL_HIGH, LEVEL_CRITICAL, _LEVEL_MAX };

const char *level_name(enum level l);
enum level level_find(struct str name); /* _LEVEL_MAX: none */

#endif
