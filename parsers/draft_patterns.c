/* SPDX-License-Identifier: Apache-2.0 */

/* Lines of text to regular expressions. A line is cut at blanks; lines of as many words, whose words that look like prose
 * are the same, are of one kind. What looks like an address, a mail, a number or a stamp becomes a named group, and so does
 * the word behind "for", "user" or "by", and the inside of quotes. */

#include <errno.h>

#include "parsers/draft_impl.h"

enum { TOKENS_MAX = 64, NAME_WORDS_MAX = 4, GROUP_BYTES_MAX = 24, GROUPS_MAX = 32 };

struct token {
        struct str text; /* without quotes and the comma or colon at its end */
        struct str before, behind; /* those */
        const char *group; /* NULL: as it is */
        const char *regex; /* of the group */
};

struct line {
        struct token tokens[TOKENS_MAX];
        size_t n;
        struct str rest; /* behind the last token that is kept */
};

/* ---- Tokens ---- */

static bool is_opening(char c) { return c == '"' || c == '\'' || c == '(' || c == '[' || c == '<'; }
static bool is_closing(char c) { return c == '"' || c == '\'' || c == ')' || c == ']' || c == '>' || c == ',' || c == ';' || c == ':' || c == '.'; }

static struct token cut_token(struct str word)
{
        struct token t = { .text = word };

        while (t.text.n > 1 && is_opening(t.text.p[0]))
                t.text = str_from(t.text.p + 1, t.text.n - 1);
        while (t.text.n > 1 && is_closing(t.text.p[t.text.n - 1]))
                t.text.n--;
        t.before = str_from(word.p, (size_t)(t.text.p - word.p));
        t.behind = str_from(t.text.p + t.text.n, word.n - t.text.n - t.before.n);
        return t;
}

/* "Oct 10 13:55:36", "2026-10-10 13:55:36", "[10/Oct/2026:13:55:36 +0000]": how many words at the front are the stamp. */
static size_t stamp_words(struct str text)
{
        size_t best = 0, words = 0;
        unsigned with_bracket = text.n > 0 && text.p[0] == '[';

        for (size_t i = 1; i <= text.n && words < 5; i++) {
                struct str front = str_from(text.p, i);

                if (i < text.n && text.p[i] != ' ')
                        continue;
                words++;
                while (front.n > 1 && strchr(":,|", front.p[front.n - 1]))
                        front.n--;
                if (with_bracket && front.p[front.n - 1] != ']')
                        continue;
                if (draft_shapes(front) & SHAPE_TIME)
                        best = words;
        }
        return best;
}

static void classify(struct token *t, struct str before)
{
        unsigned shapes = draft_shapes(t->text);
        bool has_digit = false;

        for (size_t i = 0; i < t->text.n; i++)
                has_digit = has_digit || (t->text.p[i] >= '0' && t->text.p[i] <= '9');
        if (shapes & SHAPE_ADDRESS)
                *t = (struct token){ t->text, t->before, t->behind, "ip", "[0-9A-Fa-f.:]+" };
        else if (shapes & SHAPE_MAIL)
                *t = (struct token){ t->text, t->before, t->behind, "email", "[^\\s@]+@[^\\s@,;)>\"]+" };
        else if (str_eq_nocase(before, STR("user")) || str_eq_nocase(before, STR("for")) || str_eq_nocase(before, STR("by")) ||
                 str_eq_nocase(before, STR("admin")) || str_eq_nocase(before, STR("account")))
                *t = (struct token){ t->text, t->before, t->behind, "user", "[^\\s\"')\\],;]+" };
        else if (shapes & SHAPE_NUMBER)
                *t = (struct token){ t->text, t->before, t->behind, "number", "[-0-9.]+" };
        else if (shapes & SHAPE_ID || has_digit || (t->before.n > 0 && strchr("\"'", t->before.p[t->before.n - 1])))
                *t = (struct token){ t->text, t->before, t->behind, "value", "[^\\s\"')\\],;]+" };
}

static bool is_one_of(struct str s, const char *const *words)
{
        for (size_t i = 0; words[i]; i++)
                if (str_eq_nocase(s, str_of(words[i])))
                        return true;
        return false;
}

/* Words that only join others are no user's name: "for user mei", "for invalid user admin from". `rest` is what follows. */
static bool is_joint(struct str s, struct str rest)
{
        static const char *const always[] = { "user", "the", "invalid", "from", "account", NULL }, *const mostly[] = { "admin", NULL };
        static const char *const behind[] = { "from", "at", "on", "to", "with", "by", "", NULL };
        struct str next = STR("");

        if (rest.p)
                (void)str_cut(&rest, ' ', &next);
        return is_one_of(s, always) || (is_one_of(s, mostly) && !is_one_of(next, behind));
}

static void read_line(struct draft *d, struct str text, struct line *ret)
{
        size_t skip = stamp_words(text);
        struct str rest = text, word, before = STR("");

        (void)d;
        ret->n = 0;
        ret->rest = STR("");
        if (skip > 0) {
                const char *p = text.p;

                for (size_t i = 0; i < skip; i++)
                        (void)str_cut(&rest, ' ', &word);
                ret->tokens[ret->n++] = (struct token){ str_from(p, (size_t)(word.p + word.n - p)), STR(""), STR(""), "time", NULL };
        }
        while (rest.p && str_cut(&rest, ' ', &word)) {
                struct token t = cut_token(word);

                if (ret->n == TOKENS_MAX) {
                        ret->rest = STR("more");
                        break;
                }
                if (!is_joint(t.text, rest))
                        classify(&t, before);
                before = t.text;
                ret->tokens[ret->n++] = t;
        }
}

/* ---- Kinds ---- */

static bool same_kind(const struct line *a, const struct line *b)
{
        if (a->n != b->n)
                return false;
        for (size_t i = 0; i < a->n; i++) {
                const struct token *x = &a->tokens[i], *y = &b->tokens[i];

                if ((x->group != NULL) != (y->group != NULL) || !str_eq(x->before, y->before) || !str_eq(x->behind, y->behind))
                        return false;
                if (x->group ? strcmp(x->group, y->group) != 0 : !str_eq(x->text, y->text))
                        return false;
        }
        return true;
}

/* ---- Writing ---- */

/* Groups of one name in one pattern: ip, ip2, ip3. */
static void add_group(struct strbuf *out, const struct line *l, size_t i)
{
        const struct token *t = &l->tokens[i];
        size_t n = 1;

        for (size_t k = 0; k < i; k++)
                n += l->tokens[k].group && strcmp(l->tokens[k].group, t->group) == 0;
        strbuf_addf(out, n > 1 ? "(?<%s%zu>" : "(?<%s>", t->group, n);
        if (t->regex)
                strbuf_addz(out, t->regex);
        else if (t->text.p[0] == '[')
                strbuf_addz(out, "\\[[^\\]]+\\]");
        else
                for (size_t k = 0; k < t->text.n; k++)
                        if (t->text.p[k] == ' ')
                                strbuf_addz(out, " ");
                        else if (k == 0 || t->text.p[k - 1] == ' ')
                                strbuf_addz(out, "\\S+");
        strbuf_addc(out, ')');
}

static void write_regex(struct strbuf *out, const struct line *l)
{
        strbuf_addc(out, '^');
        for (size_t i = 0; i < l->n; i++) {
                strbuf_addz(out, i ? " " : "");
                draft_regex_literal(out, l->tokens[i].before);
                if (l->tokens[i].group)
                        add_group(out, l, i);
                else
                        draft_regex_literal(out, l->tokens[i].text);
                draft_regex_literal(out, l->tokens[i].behind);
        }
        strbuf_addz(out, l->rest.n ? "" : "$");
}

/* Words that say nothing of what was done. */
static bool is_empty_word(struct str s)
{
        static const char *const words[] = { "info", "warn", "warning", "error", "debug", "notice", "the", "of", "from", "for", "user", "by", "with",
                                             "admin", "at", "an", "has", "been", "was", "is", "and", "audit", NULL };

        return is_one_of(s, words);
}

/* "login_failed": the first words that are letters and say something. */
static void write_name(struct strbuf *out, const struct line *l, size_t number)
{
        size_t n = 0, begin = out->n;

        for (size_t i = 0; i < l->n && n < NAME_WORDS_MAX; i++) {
                struct str t = l->tokens[i].text;
                bool is_word = !l->tokens[i].group && t.n > 1 && !is_empty_word(t);

                for (size_t k = 0; k < t.n && is_word; k++)
                        is_word = (t.p[k] >= 'a' && t.p[k] <= 'z') || (t.p[k] >= 'A' && t.p[k] <= 'Z');
                if (!is_word)
                        continue;
                strbuf_addz(out, n++ ? "_" : "");
                for (size_t k = 0; k < t.n; k++)
                        strbuf_addc(out, str_lower(t.p[k]));
        }
        if (out->n == begin)
                strbuf_addf(out, "line%zu", number);
}

static void write_pattern(struct draft *d, const struct line *l, struct strbuf *names, size_t number)
{
        CLEANUP(strbuf_done) struct strbuf name = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf regex = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf needle = STRBUF_INIT;

        write_name(&name, l, number);
        strbuf_addf(&needle, " %s ", name.p ? name.p : "");
        if (str_find(strbuf_str(names), strbuf_str(&needle)) != SIZE_MAX)
                strbuf_addf(&name, "_%zu", number);
        strbuf_addf(names, " %s ", name.p ? name.p : "");
        write_regex(&regex, l);
        strbuf_addf(&d->head, "  - {name: %s, regex: ", name.p ? name.p : "");
        draft_scalar(&d->head, strbuf_str(&regex));
        strbuf_addz(&d->head, "}\n");
}

bool draft_regex_fits(const struct draft *d)
{
        return d->request->n > 0;
}

int draft_regex_head(struct draft *d)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        bool has_header = draft_syslog_head(d);
        struct line *kinds = arena_array(d->arena, DRAFT_PATTERNS_MAX, sizeof *kinds);
        size_t n = 0;

        if (!kinds)
                return -ENOMEM;
        strbuf_addz(&d->head, "patterns:   # guess: one for each kind of line in the sample; name the groups that matter\n");
        for (size_t i = 0; i < d->request->n && n < DRAFT_PATTERNS_MAX; i++) {
                struct str text = draft_message(d, &d->request->raws[i], has_header);
                size_t k = 0;

                if (str_trim(text).n == 0)
                        continue;
                read_line(d, text, &kinds[n]);
                while (k < n && !same_kind(&kinds[k], &kinds[n]))
                        k++;
                if (k == n)
                        write_pattern(d, &kinds[n++], &names, i + 1);
        }
        return n > 0 ? 0 : -EBADMSG;
}
