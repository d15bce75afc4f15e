/* SPDX-License-Identifier: Apache-2.0 */

/* What each chat service takes. Sources of facts, as of 2026: Slack's "Formatting text" (three characters are escaped; plain_text
 * is never formatted) and chat.postMessage (parse, link_names); Discord's "Allowed Mentions Object" and message limits; Telegram's
 * sendMessage (without parse_mode nothing is markup); Microsoft's "TextRun" of Adaptive Cards, which, unlike TextBlock, knows no Markdown;
 * ntfy's "Publish as JSON" and "Limitations" (a longer message becomes an attached file). */

#include <string.h>

#include "monitor/base/json_write.h"
#include "monitor/base/utf8.h"
#include "monitor/notify/notice.h"

enum { CHAT_CHARS_MAX = 1800 /* the least that a service takes in one piece: Discord, 2000 */, SLACK_CHARS_MAX = 2900 /* of 3000 */,
       NTFY_BYTES_MAX = 4096 };

static struct str display(struct strbuf *buf, struct str text, enum text_for target, size_t max)
{
        strbuf_clear(buf);
        text_display(buf, text, target, max);
        return strbuf_str(buf);
}

static void json_display(struct json_writer *w, const char *key, struct str text, size_t max)
{
        CLEANUP(strbuf_done) struct strbuf buf = STRBUF_INIT;

        json_key(w, key);
        json_str(w, display(&buf, text, TEXT_BLOCK, max));
        w->out->failed |= strbuf_failed(&buf);
}

static void json_pair(struct json_writer *w, const char *key, const char *value)
{
        json_key(w, key);
        json_strz(w, value);
}

/* ---- generic ---- */

static void json_time(struct json_writer *w, const char *key, usec t)
{
        char text[TIME_ISO_BYTES];

        time_format_iso(t, text);
        json_pair(w, key, text);
}

static void generic_alert(struct json_writer *w, const struct notice_alert *a, bool is_alone)
{
        char hex[HASH128_HEX_BYTES];

        hash128_hex(&a->id, hex);
        json_begin(w, '{');
        json_pair(w, "id", hex);
        json_pair(w, "level", level_name(a->level));
        json_display(w, "sentence", a->sentence, NOTICE_SENTENCE_MAX);
        json_display(w, "rule", a->rule, NOTICE_NAME_MAX);
        json_display(w, "person", a->person, NOTICE_NAME_MAX);
        json_display(w, "source", a->source, NOTICE_NAME_MAX);
        json_time(w, "first_seen", a->first);
        json_time(w, "last_seen", a->last);
        json_key(w, "count");
        json_int(w, (int64_t)a->count);
        if (is_alone) {
                json_display(w, "why", a->why, NOTICE_WHY_MAX);
                json_display(w, "playbook", a->playbook, NOTICE_PLAYBOOK_MAX);
        }
        json_end(w, '}');
}

static void generic(struct json_writer *w, const struct notice *n, const struct channel *c)
{
        CLEANUP(strbuf_done) struct strbuf headline = STRBUF_INIT;

        (void)c;
        notice_headline(n, 0, &headline);
        json_key(w, "version");
        json_int(w, 1);
        json_key(w, "key");
        json_str(w, n->key);
        json_display(w, "channel", n->channel, 0);
        json_pair(w, "reason", notice_reason_name(n->reason));
        json_pair(w, "level", level_name(notice_level(n)));
        json_display(w, "text", strbuf_str(&headline), 0);
        json_time(w, "sent_at", n->now);
        json_display(w, "host", n->host, NOTICE_NAME_MAX);
        json_key(w, "alerts");
        json_begin(w, '[');
        for (size_t i = 0; i < n->n; i++)
                generic_alert(w, &n->alerts[i], n->n_all == 1);
        json_end(w, ']');
        json_key(w, "more");
        json_int(w, (int64_t)(n->n_all - n->n));
        w->out->failed |= strbuf_failed(&headline);
}

/* ---- Chats ---- */

/* What people read, without its first line when `is_rest`. */
static void chat_text(const struct notice *n, bool is_rest, size_t max, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct str rest, line;

        notice_text(n, &text);
        rest = strbuf_str(&text);
        if (is_rest)
                str_cut(&rest, '\n', &line);
        text_display(out, str_trim(rest), TEXT_BLOCK, max);
        out->failed |= strbuf_failed(&text);
}

static void slack_plain(struct json_writer *w, const char *type, const char *inner, struct str text)
{
        json_begin(w, '{');
        json_pair(w, "type", type);
        json_key(w, inner);
        json_begin(w, '{');
        json_pair(w, "type", "plain_text");
        json_key(w, "emoji");
        json_bool(w, false);
        json_key(w, "text");
        json_str(w, text);
        json_end(w, '}');
        json_end(w, '}');
}

static void slack_escape(struct strbuf *out, struct str text)
{
        for (size_t i = 0; i < text.n; i++) {
                switch (text.p[i]) {
                case '&': strbuf_addz(out, "&amp;"); break;
                case '<': strbuf_addz(out, "&lt;"); break;
                case '>': strbuf_addz(out, "&gt;"); break;
                default: strbuf_addc(out, text.p[i]);
                }
        }
}

static void slack(struct json_writer *w, const struct notice *n, const struct channel *c)
{
        CLEANUP(strbuf_done) struct strbuf headline = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf escaped = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        (void)c;
        notice_headline(n, NOTICE_SUBJECT_MAX, &headline);
        slack_escape(&escaped, strbuf_str(&headline));
        chat_text(n, true, SLACK_CHARS_MAX, &text);
        json_key(w, "text"); /* of notifications */
        json_str(w, strbuf_str(&escaped));
        json_pair(w, "parse", "none");
        json_key(w, "link_names");
        json_bool(w, false);
        json_key(w, "blocks");
        json_begin(w, '[');
        slack_plain(w, "header", "text", strbuf_str(&headline));
        if (text.n > 0)
                slack_plain(w, "section", "text", strbuf_str(&text));
        json_end(w, ']');
        w->out->failed |= strbuf_failed(&headline) || strbuf_failed(&escaped) || strbuf_failed(&text);
}

static void teams_runs(struct json_writer *w, struct str text, bool is_bold)
{
        json_begin(w, '{');
        json_pair(w, "type", "RichTextBlock");
        json_key(w, "inlines");
        json_begin(w, '[');
        json_begin(w, '{');
        json_pair(w, "type", "TextRun");
        json_key(w, "text");
        json_str(w, text);
        json_pair(w, "weight", is_bold ? "Bolder" : "Default");
        json_end(w, '}');
        json_end(w, ']');
        json_end(w, '}');
}

static void teams(struct json_writer *w, const struct notice *n, const struct channel *c)
{
        CLEANUP(strbuf_done) struct strbuf headline = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct str rest, line;

        (void)c;
        notice_headline(n, 0, &headline);
        chat_text(n, true, CHAT_CHARS_MAX, &text);
        json_pair(w, "type", "message");
        json_key(w, "attachments");
        json_begin(w, '[');
        json_begin(w, '{');
        json_pair(w, "contentType", "application/vnd.microsoft.card.adaptive");
        json_key(w, "content");
        json_begin(w, '{');
        json_pair(w, "$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
        json_pair(w, "type", "AdaptiveCard");
        json_pair(w, "version", "1.4");
        json_key(w, "body");
        json_begin(w, '[');
        teams_runs(w, strbuf_str(&headline), true);
        rest = strbuf_str(&text);
        while (str_cut(&rest, '\n', &line))
                if (line.n > 0)
                        teams_runs(w, line, false);
        json_end(w, ']');
        json_end(w, '}');
        json_end(w, '}');
        json_end(w, ']');
        w->out->failed |= strbuf_failed(&headline) || strbuf_failed(&text);
}

/* Markdown and mentions: a backslash takes their meaning; behind an @ stands a character without width, too, should a client not
 * know allowed_mentions. */
static void discord_escape(struct strbuf *out, struct str text)
{
        for (size_t i = 0; i < text.n; i++) {
                if (strchr("\\*_`~|<>[]()#@:", text.p[i]))
                        strbuf_addc(out, '\\');
                strbuf_addc(out, text.p[i]);
                if (text.p[i] == '@')
                        utf8_append(out, 0x200b);
        }
}

static size_t count_chars(struct str text)
{
        size_t n = 0;
        uint32_t c;

        while (utf8_next(&text, &c))
                n++;
        return n;
}

static void discord(struct json_writer *w, const struct notice *n, const struct channel *c)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf escaped = STRBUF_INIT;
        size_t max = CHAT_CHARS_MAX, chars;

        (void)c;
        for (;;) { /* escapes count as well: the text is cut the shorter */
                strbuf_clear(&text);
                strbuf_clear(&escaped);
                chat_text(n, false, max, &text);
                discord_escape(&escaped, strbuf_str(&text));
                chars = count_chars(strbuf_str(&escaped));
                if (chars <= CHAT_CHARS_MAX || strbuf_failed(&escaped))
                        break;
                max = max * CHAT_CHARS_MAX / chars;
        }
        json_key(w, "content");
        json_str(w, strbuf_str(&escaped));
        json_pair(w, "username", "shopbell");
        json_key(w, "allowed_mentions");
        json_begin(w, '{');
        json_key(w, "parse");
        json_begin(w, '[');
        json_end(w, ']');
        json_end(w, '}');
        w->out->failed |= strbuf_failed(&text) || strbuf_failed(&escaped);
}

static void telegram(struct json_writer *w, const struct notice *n, const struct channel *c)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        chat_text(n, false, CHAT_CHARS_MAX, &text);
        json_pair(w, "chat_id", c->chat);
        json_key(w, "text");
        json_str(w, strbuf_str(&text));
        json_key(w, "disable_web_page_preview");
        json_bool(w, true);
        w->out->failed |= strbuf_failed(&text);
}

/* Between two characters of what text_display() wrote. */
static void cut_bytes(struct strbuf *b, size_t max)
{
        static const char ellipsis[] = "\xe2\x80\xa6";
        size_t end = 0;
        struct str rest = strbuf_str(b);
        uint32_t c;

        if (b->n <= max || strbuf_failed(b))
                return;
        while (utf8_next(&rest, &c) && b->n - rest.n <= max - strlen(ellipsis))
                end = b->n - rest.n;
        b->n = end;
        strbuf_addz(b, ellipsis);
}

static void ntfy(struct json_writer *w, const struct notice *n, const struct channel *c)
{
        CLEANUP(strbuf_done) struct strbuf headline = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        notice_headline(n, NOTICE_SUBJECT_MAX, &headline);
        chat_text(n, false, CHAT_CHARS_MAX, &text);
        cut_bytes(&text, NTFY_BYTES_MAX);
        json_pair(w, "topic", c->topic);
        json_key(w, "title");
        json_str(w, strbuf_str(&headline));
        json_key(w, "message");
        json_str(w, strbuf_str(&text));
        json_key(w, "priority"); /* 1 … 5 */
        json_int(w, (int)notice_level(n) + 1);
        w->out->failed |= strbuf_failed(&headline) || strbuf_failed(&text);
}

static void (*const bodies[_CHANNEL_FORMAT_MAX])(struct json_writer *w, const struct notice *n, const struct channel *c) = {
        [CHANNEL_GENERIC] = generic, [CHANNEL_SLACK] = slack, [CHANNEL_TEAMS] = teams,
        [CHANNEL_DISCORD] = discord, [CHANNEL_TELEGRAM] = telegram, [CHANNEL_NTFY] = ntfy,
};

void notice_json(const struct notice *n, const struct channel *c, struct strbuf *out)
{
        struct json_writer w = JSON_WRITER(out);

        json_begin(&w, '{');
        bodies[c->format](&w, n, c);
        json_end(&w, '}');
}
