/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/meter.h"

static uint64_t rejects_of(const struct counters *c)
{
        static const enum counter kinds[] = { COUNTER_REJECT_MALFORMED, COUNTER_REJECT_UNKNOWN, COUNTER_REJECT_TOO_LONG, COUNTER_REJECT_TOO_DEEP,
                                              COUNTER_REJECT_NO_TIME, COUNTER_REJECT_LIST, COUNTER_REJECT_FILE };
        uint64_t n = 0;

        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                n += c->n[kinds[i]];
        return n;
}

/* The seconds between the last one counted and `second` saw nothing. */
static void turn_to(struct meter *m, uint64_t second)
{
        uint64_t gap = second > m->second ? second - m->second : 0;

        for (uint64_t i = 1; i <= gap && i <= METER_SECONDS; i++)
                m->recent[(m->second + i) % METER_SECONDS] = 0;
        if (gap > 0)
                m->second = second;
}

static uint64_t second_of(usec now)
{
        return now > 0 ? (uint64_t)(now / USEC_PER_SEC) : 0;
}

void meter_step(struct meter *m, const struct counters *before, const struct counters *after, usec newest, usec now)
{
        uint64_t records = after->n[COUNTER_RECORDS] - before->n[COUNTER_RECORDS];
        uint64_t raws = after->n[COUNTER_RAWS] - before->n[COUNTER_RAWS];

        m->raws += raws;
        m->records += records;
        m->bytes += after->n[COUNTER_BYTES] - before->n[COUNTER_BYTES];
        m->rejects += rejects_of(after) - rejects_of(before);
        turn_to(m, second_of(now));
        if (m->second == second_of(now)) /* not when the clock went back */
                m->recent[m->second % METER_SECONDS] += (uint32_t)records;
        if (raws > 0)
                m->read_at = now;
        if (newest == USEC_NONE)
                return;
        m->lag = now > newest ? now - newest : 0;
        m->newest = newest > m->newest ? newest : m->newest;
}

uint64_t meter_rate(const struct meter *m, usec now)
{
        uint64_t second = second_of(now), n = 0;

        for (uint64_t i = 0; i < METER_SECONDS && i <= m->second; i++)
                if (m->second - i + METER_SECONDS > second)
                        n += m->recent[(m->second - i) % METER_SECONDS];
        return n;
}

void meter_line(const struct meter *m, const char *name, usec now, struct strbuf *out)
{
        strbuf_addf(out, "input raws=%llu records=%llu bytes=%llu rejects=%llu rate=%llu", (unsigned long long)m->raws,
                    (unsigned long long)m->records, (unsigned long long)m->bytes, (unsigned long long)m->rejects,
                    (unsigned long long)meter_rate(m, now));
        if (m->read_at > 0)
                strbuf_addf(out, " read=%lld", (long long)m->read_at);
        if (m->newest > 0)
                strbuf_addf(out, " newest=%lld lag=%lld", (long long)m->newest, (long long)m->lag);
        strbuf_addf(out, " name=%s\n", name);
}
