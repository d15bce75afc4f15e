/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/detect/rhythm.h"

#include <endian.h>
#include <string.h>

#include "monitor/base/macros.h"

#define HOUR_MAX (INT64_MAX / USEC_PER_HOUR) /* of any time that can be written */

static size_t place_of(int64_t hour)
{
        return (size_t)((hour % RHYTHM_HOURS + RHYTHM_HOURS) % RHYTHM_HOURS);
}

static bool is_heard(const struct rhythm *r, int64_t hour)
{
        return r->heard[place_of(hour) / 64] >> place_of(hour) % 64 & 1;
}

static void set_heard(struct rhythm *r, int64_t hour, bool yes)
{
        uint64_t bit = UINT64_C(1) << place_of(hour) % 64, *word = &r->heard[place_of(hour) / 64];

        *word = yes ? *word | bit : *word & ~bit;
}

void rhythm_init(struct rhythm *r)
{
        *r = (struct rhythm){ .first = 0, .newest = -1 };
}

bool rhythm_hear(struct rhythm *r, usec time)
{
        int64_t hour = (time - (time < 0 ? USEC_PER_HOUR - 1 : 0)) / USEC_PER_HOUR;

        if (hour == r->newest && !rhythm_is_empty(r))
                return false;
        if (rhythm_is_empty(r)) {
                memset(r->heard, 0, sizeof r->heard);
                r->first = r->newest = hour;
        } else if (hour > r->newest) {
                int64_t from = hour - r->newest > RHYTHM_HOURS ? hour - RHYTHM_HOURS : r->newest;

                while (++from < hour)
                        set_heard(r, from, false);
                r->newest = hour;
        } else if (hour <= r->newest - RHYTHM_HOURS) {
                bool is_news = hour < r->first;

                r->first = is_news ? hour : r->first;
                return is_news;
        } else if (is_heard(r, hour)) {
                return false;
        }
        r->first = hour < r->first ? hour : r->first;
        set_heard(r, hour, true);
        return true;
}

/* The two longest pauses between hours heard, and how many were heard. */
static size_t find_pauses(const struct rhythm *r, int64_t ret_longest[2])
{
        int64_t last = INT64_MIN, from = r->newest - RHYTHM_HOURS + 1;
        size_t n = 0;

        ret_longest[0] = ret_longest[1] = 0;
        for (int64_t hour = from > r->first ? from : r->first; hour <= r->newest; hour++) {
                int64_t pause;

                if (!is_heard(r, hour))
                        continue;
                pause = n++ > 0 ? hour - last - 1 : 0;
                last = hour;
                if (pause > ret_longest[0]) {
                        ret_longest[1] = ret_longest[0];
                        ret_longest[0] = pause;
                } else if (pause > ret_longest[1]) {
                        ret_longest[1] = pause;
                }
        }
        return n;
}

int64_t rhythm_limit(const struct rhythm *r, usec least, int64_t *ret_usual)
{
        int64_t longest[2], limit = least > 0 ? (least + USEC_PER_HOUR - 1) / USEC_PER_HOUR : RHYTHM_LEAST_HOURS;

        if (rhythm_is_empty(r) || (least == 0 && r->newest - r->first < RHYTHM_KNOWN_HOURS) ||
            find_pauses(r, longest) < RHYTHM_HEARD_MIN)
                return 0;
        *ret_usual = longest[1];
        limit = 2 * longest[1] > limit ? 2 * longest[1] : limit;
        return limit <= RHYTHM_MOST_HOURS ? limit : 0;
}

usec rhythm_next(const struct rhythm *r, usec time)
{
        int64_t hour = time / USEC_PER_HOUR, from = r->newest - RHYTHM_HOURS + 1;

        for (hour = hour > from ? hour : from; hour <= r->newest; hour++)
                if (is_heard(r, hour))
                        return hour * USEC_PER_HOUR;
        return USEC_NONE;
}

/* ---- As bytes ---- */

void rhythm_pack(const struct rhythm *r, char ret[static RHYTHM_BLOB_BYTES])
{
        uint64_t all[2 + RHYTHM_WORDS] = { htole64((uint64_t)r->first), htole64((uint64_t)r->newest) };

        for (size_t i = 0; i < RHYTHM_WORDS; i++)
                all[2 + i] = htole64(r->heard[i]);
        memcpy(ret, all, sizeof all);
}

bool rhythm_unpack(struct str blob, struct rhythm *ret)
{
        uint64_t all[2 + RHYTHM_WORDS];

        rhythm_init(ret);
        if (blob.n != sizeof all)
                return false;
        memcpy(all, blob.p, sizeof all);
        ret->first = (int64_t)le64toh(all[0]);
        ret->newest = (int64_t)le64toh(all[1]);
        for (size_t i = 0; i < RHYTHM_WORDS; i++)
                ret->heard[i] = le64toh(all[2 + i]);
        if (ret->first >= -HOUR_MAX && ret->newest <= HOUR_MAX - 1 && ret->first <= ret->newest)
                return true;
        rhythm_init(ret);
        return false;
}
