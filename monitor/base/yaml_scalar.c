/* SPDX-License-Identifier: Apache-2.0 */

/* Plain scalars. Integers of any size become canonical decimal by arithmetic on digits; nothing is rounded. Floats keep
 * what was written, less underscores and a plus in front. As in PyYAML a float needs a point, and its exponent a sign
 * ("1.5e+3"). */

#include "monitor/base/yaml_scalar.h"

#include <errno.h>

#include "monitor/base/escape.h"

enum { WORD_BYTES_MAX = 5 }; /* "false", "+.inf" */

static bool is_one_of(struct str s, const char *const *words)
{
        char first = s.n > 0 ? *s.p : '\0'; /* which rules nearly all words out */

        if (s.n > WORD_BYTES_MAX)
                return false;
        for (; *words; words++)
                if (**words == first && str_eqz(s, *words))
                        return true;
        return false;
}

static bool is_digit(char c, unsigned base)
{
        int digit = escape_hex_digit(c);

        return digit >= 0 && (unsigned)digit < base;
}

/* Takes digits and underscores off the front; how many of them are digits. */
static size_t take_digits(struct str *s, unsigned base)
{
        size_t n = 0;

        while (s->n > 0 && (s->p[0] == '_' || is_digit(s->p[0], base))) {
                n += s->p[0] != '_';
                *s = str_from(s->p + 1, s->n - 1);
        }
        return n;
}

static bool take_char(struct str *s, const char *any)
{
        if (s->n == 0 || s->p[0] == '\0' || !strchr(any, s->p[0]))
                return false;
        *s = str_from(s->p + 1, s->n - 1);
        return true;
}

/* ---- Integers ---- */

struct integer {
        bool minus;
        unsigned base;
        struct str digits; /* and underscores */
};

static bool read_integer(struct str s, struct integer *ret)
{
        struct integer x = { .minus = s.n > 0 && s.p[0] == '-', .base = 10 };
        struct str left;

        take_char(&s, "+-");
        if (s.n == 0 || s.p[0] == '_')
                return false;
        if (s.n > 1 && s.p[0] == '0') {
                x.base = s.p[1] == 'x' ? 16 : s.p[1] == 'b' ? 2 : 8;
                s = x.base == 8 ? s : str_from(s.p + 2, s.n - 2);
        }
        x.digits = left = s;
        if (take_digits(&left, x.base) == 0 || left.n > 0)
                return false;
        *ret = x;
        return x.base == 10 || x.digits.n <= YAML_INT_DIGITS_MAX;
}

/* decimal = decimal * base + digit; the least digit first. */
static size_t multiply_add(unsigned char *decimal, size_t n, unsigned base, unsigned digit)
{
        unsigned carry = digit;

        for (size_t i = 0; i < n; i++) {
                carry += decimal[i] * base;
                decimal[i] = carry % 10;
                carry /= 10;
        }
        for (; carry > 0; carry /= 10)
                decimal[n++] = carry % 10;
        return n;
}

/* A digit of base 16 needs 1.21 decimal ones. */
static struct str to_decimal(struct arena *arena, const struct integer *x)
{
        unsigned char decimal[YAML_INT_DIGITS_MAX * 5 / 4 + 8];
        size_t n = 0;
        char *p;

        for (size_t i = 0; i < x->digits.n; i++)
                if (x->digits.p[i] != '_')
                        n = multiply_add(decimal, n, x->base, (unsigned)escape_hex_digit(x->digits.p[i]));
        if (n == 0)
                return STR("0");
        p = arena_alloc(arena, n + 2);
        if (!p)
                return STR_NONE;
        p[0] = '-';
        for (size_t i = 0; i < n; i++)
                p[x->minus + i] = (char)('0' + decimal[n - 1 - i]);
        return str_from(p, x->minus + n);
}

/* `s` without underscores and a plus in front. */
static struct str without_filler(struct arena *arena, struct str s)
{
        size_t n = 0;
        char *p;

        if (s.p[0] == '+')
                s = str_from(s.p + 1, s.n - 1);
        if (!memchr(s.p, '_', s.n))
                return s;
        p = arena_alloc(arena, s.n + 1);
        if (!p)
                return STR_NONE;
        for (size_t i = 0; i < s.n; i++)
                if (s.p[i] != '_')
                        p[n++] = s.p[i];
        return str_from(p, n);
}

static struct str integer_text(struct arena *arena, const struct integer *x, struct str plain)
{
        if (x->base != 10)
                return to_decimal(arena, x);
        return x->digits.p[0] == '0' ? STR("0") : without_filler(arena, plain);
}

/* ---- Floats ---- */

static bool is_float(struct str s)
{
        static const char *const special[] = {
                ".inf",  ".Inf",  ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
                "-.Inf", "-.INF", ".nan", ".NaN",  ".NAN",  NULL,
        };
        bool has_sign;

        if (is_one_of(s, special))
                return true;
        has_sign = take_char(&s, "+-");
        if (s.n == 0)
                return false;
        if (s.p[0] == '.') {
                if (has_sign || s.n < 2 || !is_digit(s.p[1], 10))
                        return false;
        } else {
                if (!is_digit(s.p[0], 10))
                        return false;
                take_digits(&s, 10);
        }
        if (!take_char(&s, "."))
                return false;
        take_digits(&s, 10);
        if (!take_char(&s, "eE"))
                return s.n == 0;
        if (!take_char(&s, "+-") || s.n == 0 || memchr(s.p, '_', s.n))
                return false;
        return take_digits(&s, 10) > 0 && s.n == 0;
}

/* ---- All ---- */

int yaml_scalar_resolve(struct arena *arena, struct str plain, struct yaml *ret)
{
        static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
        static const char *const trues[] = { "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", NULL };
        static const char *const falses[] = { "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", NULL };
        struct integer x;

        ret->kind = YAML_TEXT;
        ret->text = plain;
        if (is_one_of(plain, nulls)) {
                ret->kind = YAML_NULL;
        } else if (is_one_of(plain, trues) || is_one_of(plain, falses)) {
                ret->kind = YAML_BOOL;
                ret->flag = is_one_of(plain, trues);
                ret->text = ret->flag ? STR("true") : STR("false");
        } else if (read_integer(plain, &x)) {
                ret->kind = YAML_INT;
                ret->text = integer_text(arena, &x, plain);
        } else if (is_float(plain)) {
                ret->kind = YAML_FLOAT;
                ret->text = without_filler(arena, plain);
        }
        return ret->text.p ? 0 : -ENOMEM;
}
