/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/detect/ledger.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { PACK_HEAD_BYTES = 18, PACK_HASH_DIGITS = 10 };

void ledger_done(struct ledger *l)
{
        for (size_t i = 0; i < l->n; i++)
                free(l->rows[i].days);
        free(l->rows);
        *l = (struct ledger){ 0 };
}

size_t ledger_bytes(const struct ledger *l)
{
        size_t bytes = l->cap * sizeof *l->rows;

        for (size_t i = 0; i < l->n; i++)
                bytes += l->rows[i].cap * sizeof *l->rows[i].days;
        return bytes;
}

/* ---- Rows ---- */

static int row_cmp(const struct ledger_row *row, uint8_t feature, struct str text)
{
        int order = (row->feature > feature) - (row->feature < feature);

        if (order == 0)
                order = memcmp(row->text, text.p, size_min(row->text_n, text.n));
        return order != 0 ? order : (row->text_n > text.n) - (row->text_n < text.n);
}

/* The first row that is not before it. */
static size_t row_place(const struct ledger *l, uint8_t feature, struct str text)
{
        size_t from = 0, to = l->n;

        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (row_cmp(&l->rows[middle], feature, text) < 0)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

const struct ledger_row *ledger_find(const struct ledger *l, uint8_t feature, struct str text)
{
        size_t i = row_place(l, feature, text);

        return i < l->n && row_cmp(&l->rows[i], feature, text) == 0 ? &l->rows[i] : NULL;
}

const struct ledger_row *ledger_feature(const struct ledger *l, uint8_t feature, size_t *ret)
{
        size_t from = row_place(l, feature, STR("")), to = from;

        while (to < l->n && l->rows[to].feature == feature)
                to++;
        *ret = to - from;
        return l->n > 0 ? l->rows + from : NULL;
}

static void remove_row(struct ledger *l, size_t i)
{
        l->n_days -= l->rows[i].n;
        free(l->rows[i].days);
        l->n--;
        memmove(l->rows + i, l->rows + i + 1, (l->n - i) * sizeof *l->rows);
}

/* The row that was seen longest ago goes. */
static void evict(struct ledger *l)
{
        size_t oldest = 0;

        for (size_t i = 1; i < l->n; i++)
                if (l->rows[i].days[l->rows[i].n - 1].day < l->rows[oldest].days[l->rows[oldest].n - 1].day)
                        oldest = i;
        remove_row(l, oldest);
        l->evicted++;
}

static struct ledger_row *insert_row(struct ledger *l, uint8_t feature, struct str text)
{
        size_t i;

        if (l->n >= LEDGER_ROWS_MAX)
                evict(l);
        if (l->n == l->cap) {
                size_t cap = l->cap ? 2 * l->cap : 4;
                struct ledger_row *rows = reallocarray(l->rows, cap, sizeof *rows);

                if (!rows)
                        return NULL;
                l->rows = rows;
                l->cap = cap;
        }
        i = row_place(l, feature, text);
        memmove(l->rows + i + 1, l->rows + i, (l->n - i) * sizeof *l->rows);
        l->n++;
        l->rows[i] = (struct ledger_row){ .feature = feature, .text_n = (uint8_t)text.n };
        memcpy(l->rows[i].text, text.p, text.n);
        return &l->rows[i];
}

/* ---- Days ---- */

static size_t day_place(const struct ledger_row *row, int32_t day)
{
        size_t from = 0, to = row->n;

        if (to > 0 && row->days[to - 1].day < day)
                return to;
        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (row->days[middle].day < day)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

static int insert_day(struct ledger *l, struct ledger_row *row, size_t i, int32_t day, int64_t amount)
{
        if (row->n == row->cap) {
                uint32_t cap = row->cap ? 2 * row->cap : 1;
                struct ledger_day *days = reallocarray(row->days, cap, sizeof *days);

                if (!days)
                        return -ENOMEM;
                row->days = days;
                row->cap = cap;
        }
        memmove(row->days + i + 1, row->days + i, (row->n - i) * sizeof *row->days);
        row->days[i] = (struct ledger_day){ day, amount };
        row->n++;
        l->n_days++;
        return 0;
}

static int64_t plus(int64_t a, int64_t b)
{
        int64_t sum;

        return __builtin_add_overflow(a, b, &sum) ? (a < 0 ? -INT64_MAX : INT64_MAX) : sum;
}

int ledger_add(struct ledger *l, uint8_t feature, struct str text, int32_t day, int64_t amount)
{
        struct ledger_row *row;
        size_t i;
        int r = 0;

        text = str_from(text.p, size_min(text.n, LEDGER_TEXT_MAX));
        if (amount == 0)
                return 0;
        row = (struct ledger_row *)ledger_find(l, feature, text);
        if (!row && amount < 0)
                return 0; /* it was evicted meanwhile */
        if (!row && !(row = insert_row(l, feature, text)))
                return -ENOMEM;
        i = day_place(row, day);
        if (i < row->n && row->days[i].day == day) {
                row->days[i].amount = plus(row->days[i].amount, amount);
                if (row->days[i].amount == 0) {
                        row->n--;
                        l->n_days--;
                        memmove(row->days + i, row->days + i + 1, (row->n - i) * sizeof *row->days);
                }
        } else {
                r = insert_day(l, row, i, day, amount);
        }
        if (row->n == 0)
                remove_row(l, (size_t)(row - l->rows));
        return r;
}

int64_t ledger_amount(const struct ledger_row *row, int32_t from, int32_t to)
{
        int64_t sum = 0;

        for (size_t i = row ? day_place(row, from) : 0; row && i < row->n && row->days[i].day <= to; i++)
                sum = plus(sum, row->days[i].amount);
        return sum;
}

double ledger_weight(const struct ledger_row *row, int32_t from, int32_t to, double half_life_days)
{
        double sum = 0;

        for (size_t i = row ? day_place(row, from) : 0; row && i < row->n && row->days[i].day <= to; i++)
                sum += (double)row->days[i].amount * exp2(-(double)(to - row->days[i].day) / half_life_days);
        return sum;
}

bool ledger_forget(struct ledger *l, int32_t day)
{
        bool has_gone = false;

        for (size_t i = l->n; i > 0; i--) {
                struct ledger_row *row = &l->rows[i - 1];
                size_t n = day_place(row, day);

                if (n == 0)
                        continue;
                has_gone = true;
                if (n == row->n) {
                        remove_row(l, i - 1);
                        continue;
                }
                row->n -= (uint32_t)n;
                l->n_days -= n;
                memmove(row->days, row->days + n, row->n * sizeof *row->days);
        }
        return has_gone;
}

/* ---- Values of hits ---- */

void ledger_pack(struct str text, struct hash128 *cells)
{
        uint8_t bytes[LEDGER_CELLS * HASH128_BYTES] = { 0 };
        char hex[HASH128_HEX_BYTES];
        size_t n = size_min(text.n, LEDGER_TEXT_MAX);

        bytes[0] = (uint8_t)n;
        if (n > 0)
                memcpy(bytes + 1, text.p, n);
        if (text.n > LEDGER_TEXT_MAX) {
                struct hash128 h = hash128_of(&text, 1);

                hash128_hex(&h, hex);
                for (n = PACK_HEAD_BYTES; n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80; n--) {
                }
                memcpy(bytes + 1 + n, "…", 3);
                memcpy(bytes + 1 + n + 3, hex, PACK_HASH_DIGITS);
                n += 3 + PACK_HASH_DIGITS;
                memset(bytes + 1 + n, 0, sizeof bytes - 1 - n);
                bytes[0] = (uint8_t)n;
        }
        memcpy(cells, bytes, sizeof bytes);
}

struct str ledger_unpack(const struct hash128 *cells)
{
        const char *bytes = (const char *)cells->b;

        return str_from(bytes + 1, size_min((uint8_t)bytes[0], LEDGER_TEXT_MAX));
}
