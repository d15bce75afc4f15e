/* SPDX-License-Identifier: Apache-2.0 */

/* `notices:` of shopbell.yml: what is read, and the place and advice of each mistake. */

#include <criterion/criterion.h>
#include <errno.h>

#include "monitor/notify/channel.h"

static int read(const char *text, struct channels *ret, struct err *err)
{
        struct yaml_file *file = NULL;
        int r;

        cr_assert_eq(yaml_parse(str_of(text), "shopbell.yml", &file, err), 0, "%s", err->text);
        r = channels_read(file->docs[0], "shopbell.yml", ret, err);
        yaml_file_free(file); /* nothing of it is needed any more */
        return r;
}

Test(notify_channel, everything_is_read)
{
        struct channels c;
        struct err err = { 0 };
        int r = read("- {name: owner-mail, mail: [owner@example.com, b@example.com], from: shopbell@example.com, server: 'smtps://mail.example.com', "
                     "user: x, password-credential: mail-password, level: high, escalate: {after: 30m, to: chat}, repeat: 2h, ca: /etc/ca.pem}\n"
                     "- {name: chat, webhook-credential: slack-address, format: slack, repeat: never}\n"
                     "- {name: hook, webhook: 'https://example.com/x?y', secret-credential: s, token-credential: t, level: critical}\n"
                     "- {name: phone, webhook: 'https://ntfy.sh', format: ntfy, topic: shop}\n"
                     "- {name: tg, webhook-credential: tg, format: telegram, chat: '-100'}\n"
                     "- {name: log, journal: yes, level: low}\n"
                     "- {name: page, command: [/usr/local/bin/page, '{level}', '{sentence}']}\n",
                     &c, &err);

        cr_assert_eq(r, 0, "%s", err.text);
        cr_assert_eq(c.n, 7);
        cr_expect_eq(c.items[0].kind, CHANNEL_MAIL);
        cr_expect_eq(c.items[0].to.n, 2);
        cr_expect_str_eq(c.items[0].to.items[1], "b@example.com");
        cr_expect_str_eq(c.items[0].password_credential, "mail-password");
        cr_expect_eq(c.items[0].level, LEVEL_HIGH);
        cr_expect_eq(c.items[0].escalate_after, 30 * USEC_PER_MINUTE);
        cr_expect_eq(c.items[0].repeat, 2 * USEC_PER_HOUR);
        cr_expect_eq(c.items[1].format, CHANNEL_SLACK);
        cr_expect_eq(c.items[1].repeat, 0);
        cr_expect_eq(c.items[1].level, LEVEL_MEDIUM);
        cr_expect_eq(c.items[2].repeat, CHANNEL_REPEAT);
        cr_expect_str_eq(c.items[4].chat, "-100");
        cr_expect_eq(c.items[5].kind, CHANNEL_JOURNAL);
        cr_expect_eq(c.items[6].argv.n, 3);
        cr_expect_eq(channels_find(&c, STR("page")), &c.items[6]);
        cr_expect_null(channels_find(&c, STR("pag")));
        channels_done(&c);
}

#define MAIL "name: m, mail: a@b, from: c@d, server: 'smtps://e'"

static const struct mistake {
        const char *yaml;
        unsigned col;
        const char *said;
} mistakes[] = {
        { "{}", 1, "a list" },
        { "[{" MAIL ", password: hunter2}]", 55, "credential" },
        { "[{name: w, webhook: 'https://a', secret: x}]", 34, "credential" },
        { "[{name: w, webhook: 'https://u:p@a/'}]", 21, "credential" },
        { "[{name: m, mail: a@b, from: c@d, server: 'smtp://u:p@e'}]", 42, "credential" },
        { "[{name: w, webhook: 'https://hooks.slack.com/x', format: slack}]", 21, "webhook-credential" },
        { "[{name: w, webhook: 'http://a'}]", 21, "https://" },
        { "[{name: w, webhook: 'http://127.0.0.1@evil/'}]", 21, "credential" },
        { "[{name: w, webhook: 'http://127.0.0.1.evil/'}]", 21, "https://" },
        { "[{name: w, webhook: 'file:///etc/passwd'}]", 21, "https://" },
        { "[{name: w, webhook: 'https://a', format: xmpp}]", 42, "slack" },
        { "[{name: w, webhook: 'https://a', chat: x}]", 2, "telegram" },
        { "[{name: w, webhook: 'https://a', format: ntfy}]", 2, "topic" },
        { "[{name: w, webhook: 'https://a', from: a@b}]", 34, "kind webhook" },
        { "[{name: m, mail: a@b, server: 'smtps://e'}]", 2, "from" },
        { "[{name: m, mail: 'a@b, c@d', from: c@d, server: 'smtps://e'}]", 18, "address" },
        { "[{name: m, mail: \"a@b\\r\\nBcc: x\", from: c@d, server: 'smtps://e'}]", 18, "control" },
        { "[{" MAIL ", user: x}]", 2, "belong together" },
        { "[{" MAIL ", user: x, password-credential: ../x}]", 85, "file name" },
        { "[{name: a b, journal: yes}]", 9, "letters" },
        { "[{name: -a, journal: yes}]", 9, "letters" },
        { "[{journal: yes}]", 2, "without a name" },
        { "[{name: a}]", 2, "without mail" },
        { "[{name: a, journal: no}]", 21, "journal: yes" },
        { "[{name: a, journal: yes, mail: a@b}]", 32, "one kind" },
        { "[{name: a, journal: yes}, {name: a, journal: yes}]", 34, "one name" },
        { "[{name: a, journal: yes, level: loud}]", 33, "critical" },
        { "[{name: a, journal: yes, repeat: 1s}]", 34, "1m" },
        { "[{name: a, journal: yes, escalate: {after: 1h}}]", 36, "after" },
        { "[{name: a, journal: yes, escalate: {after: 1h, to: a}}]", 2, "itself" },
        { "[{name: a, journal: yes, escalate: {after: 1h, to: b}}]", 2, "no channel" },
        { "[{name: a, command: page}]", 21, "whole path" },
        { "[{name: a, journal: yes, colour: red}]", 26, "unknown key colour: known here are name, mail," },
        { "[{name: a, journal: yes, levle: high}]", 26, "unknown key levle: did you mean level? Known here are name, mail," },
        { "[{" MAIL ", pasword-credential: x}]", 55, "did you mean password-credential?" },
        { "[{" MAIL ", smtp_password: x}]", 55, "credentials" },
        { "[{" MAIL ", key: x}]", 55, "credentials" },
};

Test(notify_channel, mistakes_are_told)
{
        for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
                const struct mistake *m = &mistakes[i];
                struct channels c;
                struct err err = { 0 };

                cr_expect_eq(read(m->yaml, &c, &err), -EBADMSG, "%s", m->yaml);
                cr_expect(err.line == 1 && err.col == m->col, "%s: %u:%u, %s", m->yaml, err.line, err.col, err.text);
                cr_expect_not_null(strstr(err.text, m->said), "%s: %s", m->yaml, err.text);
                cr_expect_str_eq(err.file, "shopbell.yml");
                cr_expect_eq(c.n, 0);
        }
}
