/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/notify/notice.h"

#include "monitor/base/utf8.h"

static const struct {
        const char *name, *front;
} reasons[_NOTICE_REASON_MAX] = {
#define X(id, name, front) [NOTICE_##id] = { name, front },
        NOTICE_REASONS(X)
#undef X
};

const char *notice_reason_name(enum notice_reason reason)
{
        return reasons[reason].name;
}

enum notice_reason notice_reason_find(struct str name)
{
        size_t i = 0;

        while (i < _NOTICE_REASON_MAX && !str_eqz(name, reasons[i].name))
                i++;
        return (enum notice_reason)i;
}

enum level notice_level(const struct notice *n)
{
        enum level level = LEVEL_INFORMATIONAL;

        for (size_t i = 0; i < n->n; i++)
                if (n->alerts[i].level > level)
                        level = n->alerts[i].level;
        return level;
}

void notice_headline(const struct notice *n, size_t max, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;

        strbuf_addz(&line, reasons[n->reason].front);
        if (n->reason == NOTICE_TEST)
                strbuf_addf(&line, "A test of the channel " STR_FMT ": shopbell can reach you", STR_ARG(n->channel));
        else if (n->n_all > 1)
                strbuf_addf(&line, "%llu alerts, the worst is %s: ", (unsigned long long)n->n_all, level_name(notice_level(n)));
        else
                strbuf_addf(&line, "%s: ", level_name(notice_level(n)));
        if (n->n > 0)
                text_display(&line, n->alerts[0].sentence, TEXT_TERMINAL, NOTICE_SENTENCE_MAX);
        text_display(out, strbuf_str(&line), TEXT_TERMINAL, max);
        out->failed |= strbuf_failed(&line);
}

usec notice_backoff(uint64_t attempts, uint32_t random)
{
        usec wait = NOTICE_BACKOFF_MIN;

        for (uint64_t i = 1; i < attempts && wait < NOTICE_BACKOFF_MAX; i++)
                wait *= 2;
        if (wait > NOTICE_BACKOFF_MAX)
                wait = NOTICE_BACKOFF_MAX;
        return wait - wait / 4 + (usec)((uint64_t)(wait / 2) * random / UINT32_MAX);
}
