/* SPDX-License-Identifier: Apache-2.0 */

/* The bytes of group keys. */

#include "monitor/detect/groups.h"

void group_key_begin(struct strbuf *key, uint32_t rule)
{
        strbuf_clear(key);
        strbuf_add(key, str_from((const char *)&rule, sizeof rule));
}

void group_key_add(struct strbuf *key, struct str value)
{
        char digits[24];
        size_t at = sizeof digits, n = value.n;

        digits[--at] = ':';
        do
                digits[--at] = (char)('0' + n % 10);
        while ((n /= 10) > 0);
        strbuf_add(key, str_from(digits + at, sizeof digits - at));
        strbuf_add(key, value);
}

struct str group_key_values(const struct group *g)
{
        return str_from(g->key_n > GROUP_KEY_INSIDE ? g->key.outside : g->key.inside, g->key_n);
}

bool group_key_next(struct str *rest, struct str *ret)
{
        struct str tail = *rest, number;
        uint64_t n;

        if (!tail.p || tail.n == 0 || !str_cut(&tail, ':', &number) || !tail.p || str_to_u64(number, &n) < 0 || n > tail.n)
                return false;
        *ret = str_from(tail.p, n);
        *rest = str_from(tail.p + n, tail.n - n);
        return true;
}

struct str group_key_value(struct str value, struct strbuf *buf)
{
        char hex[HASH128_HEX_BYTES];
        struct hash128 h;
        size_t n = GROUP_VALUE_HEAD_BYTES;

        if (value.n <= GROUP_VALUE_BYTES_MAX)
                return value;
        while (n > 0 && ((unsigned char)value.p[n] & 0xC0) == 0x80) /* not through a character */
                n--;
        h = hash128_of(&value, 1);
        hash128_hex(&h, hex);
        strbuf_clear(buf);
        strbuf_add(buf, str_from(value.p, n));
        strbuf_addf(buf, "… (%zu bytes, %s)", value.n, hex);
        return strbuf_str(buf);
}
