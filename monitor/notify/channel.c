/* SPDX-License-Identifier: Apache-2.0 */

/* Reading `notices:`. To add a key: one row in `keys`. */

#include "monitor/notify/channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ON_MAIL = 1 << CHANNEL_MAIL, ON_WEBHOOK = 1 << CHANNEL_WEBHOOK, ON_COMMAND = 1 << CHANNEL_COMMAND, ON_ALL = 0xff };

static const char *const kind_names[_CHANNEL_KIND_MAX] = { "mail", "webhook", "command", "journal" };

static const struct {
        const char *name;
        bool is_secret;
} formats[_CHANNEL_FORMAT_MAX] = {
#define X(id, name, is_secret) [CHANNEL_##id] = { name, is_secret },
        CHANNEL_FORMATS(X)
#undef X
};

struct reader {
        struct channels *channels;
        struct channel *channel; /* the one being read */
        bool has_kind;
        const char *path;
        struct err *err;
};

const char *channel_kind_name(enum channel_kind kind)
{
        return kind_names[kind];
}

static int fail(struct reader *r, const struct yaml *at, const char *text)
{
        return err_at(r->err, -EBADMSG, r->path, at->line, at->col, "%s", text);
}

/* ---- Values ---- */

static int need_text(struct reader *r, const struct yaml *v, const char **ret)
{
        if (!yaml_is_scalar(v) || v->kind == YAML_NULL || v->text.n == 0)
                return err_at(r->err, -EBADMSG, r->path, v->line, v->col, "%s where a single text belongs", yaml_kind_name(v));
        if (v->text.n > CHANNEL_TEXT_MAX)
                return err_at(r->err, -EBADMSG, r->path, v->line, v->col, "longer than %d bytes", CHANNEL_TEXT_MAX);
        for (size_t i = 0; i < v->text.n; i++)
                if ((unsigned char)v->text.p[i] < 0x20 || v->text.p[i] == 0x7f)
                        return fail(r, v, "a line break or control character in a text");
        *ret = arena_dup(r->channels->arena, v->text).p;
        return *ret ? 0 : -ENOMEM;
}

static int need_texts(struct reader *r, const struct yaml *v, size_t max, struct texts *ret)
{
        size_t n = v->kind == YAML_LIST ? v->n : 1;
        int k = 0;

        if (n == 0 || n > max)
                return err_at(r->err, -EBADMSG, r->path, v->line, v->col, "from 1 to %zu texts belong here", max);
        ret->items = arena_array(r->channels->arena, n, sizeof *ret->items);
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < n && k >= 0; i++)
                k = need_text(r, v->kind == YAML_LIST ? v->items[i] : v, &ret->items[i]);
        ret->n = n;
        return k;
}

/* An address alone, as it stands in MAIL FROM: no name, no brackets, nothing that could end a line. */
static int check_address(struct reader *r, const struct yaml *v, const char *text)
{
        const char *at = strchr(text, '@');

        if (!at || at == text || !at[1] || strchr(at + 1, '@') || strpbrk(text, " \t<>,;:\"()[]\\"))
                return fail(r, v, "a mail address is needed here, such as owner@example.com");
        return 0;
}

static int need_span(struct reader *r, const struct yaml *v, usec *ret)
{
        usec span = 0;

        if (!yaml_is_scalar(v) || duration_parse(v->text, &span) < 0 || span < CHANNEL_SPAN_MIN || span > CHANNEL_SPAN_MAX)
                return fail(r, v, "a time from 1m to 30d, such as 30m");
        *ret = span;
        return 0;
}

static int need_credential(struct reader *r, const struct yaml *v, const char **ret)
{
        int k = need_text(r, v, ret);

        return k < 0               ? k
               : **ret == '.' || strchr(*ret, '/') ? fail(r, v, "the name of a credential of systemd: a file name, without a folder")
                                                   : 0;
}

/* ---- Kinds ---- */

static int set_kind(struct reader *r, const struct yaml *v, enum channel_kind kind)
{
        if (r->has_kind)
                return fail(r, v, "a channel is of one kind: give mail, webhook, command or journal, not two of them");
        r->has_kind = true;
        r->channel->kind = kind;
        return 0;
}

static int key_mail(struct reader *r, const struct yaml *v)
{
        int k = set_kind(r, v, CHANNEL_MAIL);

        if (k >= 0)
                k = need_texts(r, v, CHANNEL_TO_MAX, &r->channel->to);
        for (size_t i = 0; i < r->channel->to.n && k >= 0; i++)
                k = check_address(r, v->kind == YAML_LIST ? v->items[i] : v, r->channel->to.items[i]);
        return k;
}

static struct str host_of(struct str url)
{
        size_t at = str_find(url, STR("://"));
        struct str rest = at == SIZE_MAX ? url : str_from(url.p + at + 3, url.n - at - 3);

        for (size_t i = 0; i < rest.n; i++)
                if (strchr("/?#", rest.p[i])) {
                        rest.n = i;
                        break;
                }
        return rest;
}

bool channel_is_loopback(struct str url)
{
        struct str host = host_of(url);
        unsigned a, b, c;
        int end = 0;
        char text[64];

        if (memchr(host.p, '@', host.n))
                return false;
        if (str_eq(host, STR("[::1]")) || str_starts(host, STR("[::1]:")))
                return true;
        for (size_t i = 0; i < host.n; i++)
                if (host.p[i] == ':')
                        host.n = i;
        if (str_eq_nocase(host, STR("localhost")))
                return true;
        if (host.n >= sizeof text)
                return false;
        memcpy(text, host.p, host.n);
        text[host.n] = '\0';
        return sscanf(text, "127.%3u.%3u.%3u%n", &a, &b, &c, &end) == 3 && end == (int)host.n;
}

/* `plain` and `safe`: schemes, with "://". */
static int check_url(struct reader *r, const struct yaml *v, const char *text, struct str plain, struct str safe)
{
        struct str url = str_of(text), host = host_of(url);

        if (strpbrk(text, " \"<>\\"))
                return fail(r, v, "no address: it holds blanks, quotes or backslashes");
        if (host.n > 0 && memchr(host.p, '@', host.n))
                return fail(r, v, "a password in the configuration: put it into a credential and name that (user, password-credential, token-credential)");
        if (host.n > 0 && (str_starts(url, safe) || (str_starts(url, plain) && (str_eq(plain, STR("smtp://")) || channel_is_loopback(url)))))
                return 0;
        return err_at(r->err, -EBADMSG, r->path, v->line, v->col, "an address that begins with " STR_FMT "%s", STR_ARG(safe),
                      str_eq(plain, STR("smtp://")) ? " or smtp:// (which is used with STARTTLS)" : ": http is for this very machine only");
}

static int key_webhook(struct reader *r, const struct yaml *v)
{
        int k = set_kind(r, v, CHANNEL_WEBHOOK);

        if (k >= 0)
                k = need_text(r, v, &r->channel->url);
        return k < 0 ? k : check_url(r, v, r->channel->url, STR("http://"), STR("https://"));
}

static int key_webhook_credential(struct reader *r, const struct yaml *v)
{
        int k = set_kind(r, v, CHANNEL_WEBHOOK);

        return k < 0 ? k : need_credential(r, v, &r->channel->url_credential);
}

static int key_command(struct reader *r, const struct yaml *v)
{
        int k = set_kind(r, v, CHANNEL_COMMAND);

        if (k >= 0)
                k = need_texts(r, v, CHANNEL_ARGV_MAX, &r->channel->argv);
        if (k >= 0 && r->channel->argv.items[0][0] != '/')
                return fail(r, v, "a list: the program with its whole path, then its arguments; no shell is involved");
        return k;
}

static int key_journal(struct reader *r, const struct yaml *v)
{
        int k = set_kind(r, v, CHANNEL_JOURNAL);

        return k < 0 ? k : v->kind == YAML_BOOL && v->flag ? 0 : fail(r, v, "journal: yes");
}

/* ---- What a channel says beside ---- */

static int key_name(struct reader *r, const struct yaml *v)
{
        const char *good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
        const char *name = "";
        int k = need_text(r, v, &name);

        if (k < 0)
                return k;
        if (strlen(name) > CHANNEL_NAME_MAX || name[strspn(name, good)] || strchr("-.", name[0]))
                return err_at(r->err, -EBADMSG, r->path, v->line, v->col,
                              "a name is made of letters, digits and -_. (at most %d), and begins with a letter or digit", CHANNEL_NAME_MAX);
        if (channels_find(r->channels, str_of(name)))
                return fail(r, v, "two channels of one name");
        r->channel->name = name;
        return 0;
}

static int key_level(struct reader *r, const struct yaml *v)
{
        enum level level = yaml_is_scalar(v) ? level_find(v->text) : _LEVEL_MAX;

        if (level == _LEVEL_MAX)
                return fail(r, v, "level: informational, low, medium, high or critical");
        r->channel->level = level;
        return 0;
}

static int key_repeat(struct reader *r, const struct yaml *v)
{
        if ((v->kind == YAML_BOOL && !v->flag) || (yaml_is_scalar(v) && str_eqz(v->text, "never"))) {
                r->channel->repeat = 0;
                return 0;
        }
        return need_span(r, v, &r->channel->repeat);
}

static int key_escalate(struct reader *r, const struct yaml *v)
{
        const struct yaml *after = yaml_get(v, "after"), *to = yaml_get(v, "to");
        int k;

        if (v->kind != YAML_MAP || !after || !to || v->n != 2)
                return fail(r, v, "escalate: {after: 30m, to: NAME}");
        k = need_span(r, after, &r->channel->escalate_after);
        return k < 0 ? k : need_text(r, to, &r->channel->escalate_to);
}

static int key_from(struct reader *r, const struct yaml *v)
{
        int k = need_text(r, v, &r->channel->from);

        return k < 0 ? k : check_address(r, v, r->channel->from);
}

static int key_server(struct reader *r, const struct yaml *v)
{
        int k = need_text(r, v, &r->channel->server);

        return k < 0 ? k : check_url(r, v, r->channel->server, STR("smtp://"), STR("smtps://"));
}

static int key_format(struct reader *r, const struct yaml *v)
{
        for (size_t i = 0; yaml_is_scalar(v) && i < _CHANNEL_FORMAT_MAX; i++)
                if (str_eqz(v->text, formats[i].name)) {
                        r->channel->format = (enum channel_format)i;
                        return 0;
                }
        return fail(r, v, "format: generic, slack, teams, discord, telegram or ntfy");
}

static int key_ca(struct reader *r, const struct yaml *v)
{
        int k = need_text(r, v, &r->channel->ca);

        return k < 0 ? k : *r->channel->ca == '/' ? 0 : fail(r, v, "ca: a file with its whole path");
}

static int key_user(struct reader *r, const struct yaml *v) { return need_text(r, v, &r->channel->user); }
static int key_password_credential(struct reader *r, const struct yaml *v) { return need_credential(r, v, &r->channel->password_credential); }
static int key_secret_credential(struct reader *r, const struct yaml *v) { return need_credential(r, v, &r->channel->secret_credential); }
static int key_token_credential(struct reader *r, const struct yaml *v) { return need_credential(r, v, &r->channel->token_credential); }
static int key_chat(struct reader *r, const struct yaml *v) { return need_text(r, v, &r->channel->chat); }
static int key_topic(struct reader *r, const struct yaml *v) { return need_text(r, v, &r->channel->topic); }

struct key {
        const char *name;
        unsigned on; /* kinds that have it */
        int (*read)(struct reader *r, const struct yaml *v);
};

static const struct key keys[] = {
        { "name", ON_ALL, key_name },
        { "mail", ON_ALL, key_mail }, /* whom to */
        { "webhook", ON_ALL, key_webhook }, /* its address */
        { "webhook-credential", ON_ALL, key_webhook_credential }, /* the credential that holds its address */
        { "command", ON_ALL, key_command }, /* a program and its arguments */
        { "journal", ON_ALL, key_journal },
        { "level", ON_ALL, key_level },
        { "repeat", ON_ALL, key_repeat }, /* critical ones */
        { "escalate", ON_ALL, key_escalate },
        { "from", ON_MAIL, key_from },
        { "server", ON_MAIL, key_server },
        { "user", ON_MAIL, key_user },
        { "password-credential", ON_MAIL, key_password_credential },
        { "ca", ON_MAIL | ON_WEBHOOK, key_ca },
        { "format", ON_WEBHOOK, key_format },
        { "secret-credential", ON_WEBHOOK, key_secret_credential }, /* signs the body */
        { "token-credential", ON_WEBHOOK, key_token_credential }, /* Authorization: Bearer */
        { "chat", ON_WEBHOOK, key_chat }, /* telegram */
        { "topic", ON_WEBHOOK, key_topic }, /* ntfy */
};

/* ---- A channel ---- */

static int find_key(struct reader *r, const struct yaml *name, size_t *ret)
{
        for (size_t i = 0; i < ARRAY_LEN(keys); i++)
                if (str_eqz(name->text, keys[i].name)) {
                        *ret = i;
                        return 0;
                }
        return yaml_unknown_key(name, r->path, YAML_KEYS(keys, ARRAY_LEN(keys)),
                                "a password does not belong into the configuration: write it into a file below /etc/shopbell/credentials, which only root "
                                "may read, and name that file here with password-credential, secret-credential or token-credential", r->err);
}

static int check_webhook(struct reader *r, const struct yaml *map)
{
        const struct channel *c = r->channel;
        const struct yaml *url = yaml_get(map, "webhook");

        if (url && formats[c->format].is_secret && !channel_is_loopback(url->text))
                return fail(r, url, "who knows this address may write there: it is a password. Put it into a file below "
                                    "/etc/shopbell/credentials and write  webhook-credential: FILE  instead");
        if ((c->format == CHANNEL_TELEGRAM) != (c->chat != NULL))
                return fail(r, map, "chat: belongs to format: telegram, which needs it");
        if ((c->format == CHANNEL_NTFY) != (c->topic != NULL))
                return fail(r, map, "topic: belongs to format: ntfy, which needs it; the webhook is the server's address alone");
        return 0;
}

static int check_channel(struct reader *r, const struct yaml *map)
{
        const struct channel *c = r->channel;

        if (!c->name)
                return fail(r, map, "a channel without a name");
        if (!r->has_kind)
                return fail(r, map, "a channel without mail, webhook, webhook-credential, command or journal");
        if (c->kind == CHANNEL_MAIL && (!c->from || !c->server))
                return fail(r, map, "a mail needs from: and server:, such as smtps://mail.example.com");
        if (!c->user != !c->password_credential)
                return fail(r, map, "user and password-credential belong together");
        return c->kind == CHANNEL_WEBHOOK ? check_webhook(r, map) : 0;
}

static int read_channel(struct reader *r, const struct yaml *map)
{
        int k = 0;

        if (map->kind != YAML_MAP)
                return fail(r, map, "a channel is a map, such as  - {name: log, journal: yes, level: low}");
        r->channel = &r->channels->items[r->channels->n];
        r->has_kind = false;
        *r->channel = (struct channel){ .level = LEVEL_MEDIUM, .repeat = CHANNEL_REPEAT, .line = map->line, .col = map->col };
        for (size_t i = 0; i < map->n && k >= 0; i++) {
                size_t key = 0;

                k = find_key(r, map->pairs[i].key, &key);
                if (k >= 0)
                        k = keys[key].read(r, map->pairs[i].value);
        }
        if (k >= 0)
                k = check_channel(r, map);
        for (size_t i = 0; i < map->n && k >= 0; i++) {
                size_t key = 0;

                k = find_key(r, map->pairs[i].key, &key);
                if (k >= 0 && !(keys[key].on & 1U << r->channel->kind))
                        return err_at(r->err, -EBADMSG, r->path, map->pairs[i].key->line, map->pairs[i].key->col,
                                      "%s: has no meaning in a channel of the kind %s", keys[key].name, kind_names[r->channel->kind]);
        }
        r->channels->n += k >= 0;
        return k;
}

static int check_escalations(struct reader *r)
{
        for (size_t i = 0; i < r->channels->n; i++) {
                const struct channel *c = &r->channels->items[i];

                if (!c->escalate_to)
                        continue;
                if (strcmp(c->escalate_to, c->name) == 0)
                        return err_at(r->err, -EBADMSG, r->path, c->line, c->col, "%s escalates to itself: name another channel", c->name);
                if (!channels_find(r->channels, str_of(c->escalate_to)))
                        return err_at(r->err, -EBADMSG, r->path, c->line, c->col, "%s escalates to %s, which is no channel here", c->name,
                                      c->escalate_to);
        }
        return 0;
}

int channels_read(const struct yaml *list, const char *path, struct channels *ret, struct err *reterr)
{
        struct reader r = { .channels = ret, .path = path, .err = reterr };
        int k = 0;

        *ret = (struct channels){ .arena = arena_new() };
        if (list->kind != YAML_LIST)
                k = fail(&r, list, "notices: a list of channels, such as  - {name: log, journal: yes, level: low}");
        else if (list->n > CHANNELS_MAX)
                k = err_at(reterr, -EBADMSG, path, list->line, list->col, "more than %d channels", CHANNELS_MAX);
        else if (!ret->arena || !(ret->items = arena_array(ret->arena, list->n, sizeof *ret->items)))
                k = -ENOMEM;
        for (size_t i = 0; k >= 0 && i < list->n; i++)
                k = read_channel(&r, list->items[i]);
        if (k >= 0)
                k = check_escalations(&r);
        if (k < 0)
                channels_done(ret);
        return k == -ENOMEM ? err_set(reterr, k, "out of memory") : k;
}

void channels_done(struct channels *c)
{
        arena_free(c->arena);
        *c = (struct channels){ 0 };
}

const struct channel *channels_find(const struct channels *c, struct str name)
{
        for (size_t i = 0; i < c->n; i++)
                if (c->items[i].name && str_eqz(name, c->items[i].name))
                        return &c->items[i];
        return NULL;
}
