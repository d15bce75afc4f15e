/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_NOTIFY_CHANNEL_H
#define SHOPBELL_NOTIFY_CHANNEL_H

/* The channels over which people are told: `notices:` of shopbell.yml. Kinds, formats and keys are rows of tables in channel.c.
 *
 * No secret stands in the configuration. A key that ends in -credential names a credential of systemd (systemd.exec(5),
 * LoadCredential=), which the program that delivers reads from $CREDENTIALS_DIRECTORY; the daemon never sees it. */

#include <stdbool.h>
#include <stddef.h>

#include "monitor/base/arena.h"
#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/base/yaml.h"
#include "monitor/model/class.h"

enum {
        CHANNELS_MAX = 32,
        CHANNEL_NAME_MAX = 48, /* bytes; letters, digits and -_. : the name is a systemd instance as well */
        CHANNEL_TO_MAX = 20, /* people a mail goes to */
        CHANNEL_ARGV_MAX = 32,
        CHANNEL_TEXT_MAX = 1024, /* bytes of any one value */
};
#define CHANNEL_REPEAT USEC_PER_HOUR /* how often a critical alert is told again, unless the channel says otherwise */
#define CHANNEL_SPAN_MIN USEC_PER_MINUTE
#define CHANNEL_SPAN_MAX (30 * USEC_PER_DAY)

enum channel_kind { CHANNEL_MAIL, CHANNEL_WEBHOOK, CHANNEL_COMMAND, CHANNEL_JOURNAL, _CHANNEL_KIND_MAX };
const char *channel_kind_name(enum channel_kind kind); /* as in shopbell.yml */

/* What a webhook is sent. To add one: a row here, and its body in body.c.
 *    enum      name        its address is a password by itself */
#define CHANNEL_FORMATS(X) \
        X(GENERIC, "generic", false) \
        X(SLACK, "slack", true) \
        X(TEAMS, "teams", true) \
        X(DISCORD, "discord", true) \
        X(TELEGRAM, "telegram", true) \
        X(NTFY, "ntfy", false)

enum channel_format {
#define X(id, name, is_secret) CHANNEL_##id,
        CHANNEL_FORMATS(X)
#undef X
                _CHANNEL_FORMAT_MAX,
};

struct texts {
        const char **items;
        size_t n;
};

/* Texts live as long as the list. What a kind does not have is NULL or 0. */
struct channel {
        const char *name;
        enum channel_kind kind;
        enum level level; /* from this one up */
        usec repeat; /* of critical alerts nobody answered; 0: never */
        usec escalate_after; /* 0: never */
        const char *escalate_to; /* name of another channel */
        /* mail */
        struct texts to;
        const char *from, *server, *user, *password_credential;
        const char *ca; /* file of authorities that sign the server's certificate; also of webhooks */
        /* webhook */
        enum channel_format format;
        const char *url, *url_credential, *secret_credential, *token_credential;
        const char *chat, *topic; /* telegram, ntfy */
        /* command */
        struct texts argv;
        unsigned line, col;
};

struct channels {
        struct channel *items;
        size_t n;
        struct arena *arena;
};

/* Reads the list. -EBADMSG with the place; -ENOMEM. On failure *ret is empty. */
int channels_read(const struct yaml *list, const char *path, struct channels *ret, struct err *reterr);
void channels_done(struct channels *c);
const struct channel *channels_find(const struct channels *c, struct str name); /* or NULL */

/* Whether the address is one of this very machine: localhost, 127.…, [::1]. Others are only spoken to over TLS. */
bool channel_is_loopback(struct str url);

#endif
