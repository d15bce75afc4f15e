/* SPDX-License-Identifier: Apache-2.0 */

/* Values of a record: adding them, and the texts that rules compare. An object's text is its compact JSON, written the
 * way Sigma's other tools write it: no blanks, strings unescaped and escaped again with the fewest escapes, so that
 * `requestParameters|contains: '"userName":"mia"'` means the same whatever the spacing of the log. */

#include "monitor/model/record.h"

#include <errno.h>

#include "monitor/base/escape.h"
#include "monitor/base/utf8.h"

int slot_add(struct slot *slot, struct arena *arena, enum value_kind kind, struct str text)
{
        struct value *v;

        slot->is_present = true;
        if (slot->n >= RECORD_VALUES_MAX)
                return -E2BIG;
        v = arena_bytes(arena, sizeof *v);
        if (!v)
                return -ENOMEM;
        *v = (struct value){ .kind = kind, .text = text };
        if (slot->last)
                slot->last->next = v;
        else
                slot->first = v;
        slot->last = v;
        slot->n++;
        return 0;
}

/* ---- Compact JSON ---- */

struct out {
        char *p;
        size_t n;
};

static void put(struct out *o, char c)
{
        o->p[o->n++] = c;
}

static void put_codepoint(struct out *o, uint32_t cp)
{
        static const char hex[] = "0123456789abcdef";
        static const char shorts[] = "btn\0fr"; /* 8 9 10 - 12 13 */

        if (cp == '"' || cp == '\\') {
                put(o, '\\');
                put(o, (char)cp);
        } else if (cp >= 8 && cp <= 13 && cp != 11) {
                put(o, '\\');
                put(o, shorts[cp - 8]);
        } else if (cp < 0x20) {
                memcpy(o->p + o->n, "\\u00", 4);
                o->n += 4;
                put(o, hex[cp >> 4]);
                put(o, hex[cp & 15]);
        } else {
                o->n = (size_t)(escape_put_utf8(o->p + o->n, cp) - o->p);
        }
}

/* An escape, `p` behind its backslash. Returns the first byte behind it. */
static const char *copy_escape(struct out *o, const char *p, const char *end)
{
        static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
        const char *known;
        uint32_t cp;

        if (p == end)
                return p;
        if (*p == 'u') {
                size_t used = escape_read_unicode(p + 1, end, &cp);

                put_codepoint(o, used ? cp : 0xFFFD);
                return p + 1 + used;
        }
        known = strchr(from, *p);
        put_codepoint(o, known && *p ? (uint32_t)to[known - from] : (unsigned char)*p);
        return p + 1;
}

/* Hardly ever longer than the text itself: only a broken "\\u" (2 bytes) becomes U+FFFD (3 bytes). */
static struct str compact_json(struct arena *arena, struct str text)
{
        const char *p = text.p, *end = text.p + text.n;
        struct out o = { arena_alloc(arena, text.n + text.n / 2 + 8), 0 };
        bool in_string = false;

        if (!o.p)
                return STR_NONE;
        while (p < end) {
                if (in_string && *p == '\\') {
                        p = copy_escape(&o, p + 1, end);
                        continue;
                }
                if (*p == '"')
                        in_string = !in_string;
                if (in_string || (*p != ' ' && *p != '\t' && *p != '\n' && *p != '\r'))
                        put(&o, *p);
                p++;
        }
        return str_from(o.p, o.n);
}

struct str value_text(struct value *v, struct arena *arena)
{
        if (v->kind == VALUE_NULL)
                return STR_NONE;
        if (v->kind != VALUE_OBJECT)
                return v->text;
        if (!v->compact.p)
                v->compact = compact_json(arena, v->text);
        return v->compact;
}

struct str value_folded(struct value *v, struct arena *arena)
{
        if (!v->folded.p) {
                struct str text = value_text(v, arena);

                v->folded = text.p ? utf8_fold(arena, text) : text;
        }
        return v->folded;
}

struct str value_scalar(const struct value *v)
{
        return v->kind == VALUE_NULL || v->kind == VALUE_OBJECT ? STR_NONE : v->text;
}

struct str slot_text(const struct slot *slot)
{
        if (!slot->is_present)
                return STR_NONE;
        for (const struct value *v = slot->first; v; v = v->next)
                if (value_scalar(v).p)
                        return value_scalar(v);
        return STR_NONE;
}

void record_set_key(struct record *r)
{
        struct str account = record_ecs(r, ECS_CLOUD_ACCOUNT);
        const struct str parts[] = { str_of(r->source), account.p ? account : STR(""), r->id };

        r->key = hash128_of(parts, ARRAY_LEN(parts));
}

struct str record_whole(const struct record *r)
{
        char *p;

        if (!r->header.p || str_eq(r->header, r->raw))
                return r->raw.p ? r->raw : STR("");
        p = arena_bytes(r->arena, r->header.n + 1 + r->raw.n);
        if (!p)
                return STR_NONE;
        memcpy(p, r->header.p, r->header.n);
        p[r->header.n] = '\n';
        memcpy(p + r->header.n + 1, r->raw.p, r->raw.n);
        return str_from(p, r->header.n + 1 + r->raw.n);
}

bool value_is_placeholder(struct str text)
{
        static const char *const words[] = { "",    "-",   "null",          "(null)",  "none",      "nil",
                                             "n/a", "nan", "not available", "unknown", "undefined", "<unknown>" };

        /* Nearly all values are ruled out at their first letter. */
        if (text.n > 0 && !memchr(" \t\r\n\v\f-nNuU(<", *text.p, 13))
                return false;
        text = str_trim(text);
        if (text.n > 16)
                return false;
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (str_eq_nocase(text, str_of(words[i])))
                        return true;
        return false;
}
