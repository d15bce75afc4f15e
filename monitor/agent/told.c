/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/agent/told.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/base/file.h"
#include "monitor/base/hash.h"

int told_add(struct told *t, const char *id, usec at)
{
        void *again = reallocarray(t->again, t->n + 1, sizeof *t->again);

        if (!again)
                return -ENOMEM;
        t->again = again;
        snprintf(t->again[t->n].id, sizeof t->again[t->n].id, "%s", id);
        t->again[t->n++].at = at;
        return 0;
}

bool told_eq(const struct told *a, const struct told *b)
{
        if (a->newest != b->newest || a->n != b->n)
                return false;
        for (size_t i = 0; i < a->n; i++)
                if (a->again[i].at != b->again[i].at || strcmp(a->again[i].id, b->again[i].id) != 0)
                        return false;
        return true;
}

void told_done(struct told *t)
{
        free(t->again);
        *t = (struct told){ 0 };
}

static int read_line(struct told *t, struct str line)
{
        char id[DESK_ID_BYTES];
        struct str word, time;
        struct hash128 hash;
        int64_t at;

        str_cut(&line, ' ', &word);
        if (str_eqz(word, "newest")) {
                str_to_u64(line, &t->newest);
                return 0;
        }
        str_cut(&line, ' ', &time);
        if (!str_eqz(word, "again") || t->n >= DESK_ALERTS_MAX || hash128_parse(line, &hash) < 0 || str_to_i64(time, &at) < 0)
                return 0;
        hash128_hex(&hash, id);
        return told_add(t, id, at);
}

int told_load(const char *path, struct told *ret, struct err *reterr)
{
        FILE *f = fopen(path, "re");
        char text[256];
        int r = 0;

        *ret = (struct told){ 0 };
        if (!f)
                return errno == ENOENT ? 0 : err_set(reterr, -errno, "%s: %s", path, strerror(errno));
        while (r >= 0 && fgets(text, sizeof text, f))
                r = read_line(ret, str_trim(str_of(text)));
        if (r >= 0 && ferror(f))
                r = -EIO;
        fclose(f);
        if (r < 0)
                told_done(ret);
        return r < 0 ? err_set(reterr, r, "%s: %s", path, strerror(-r)) : 0;
}

int told_save(const char *path, const struct told *t, struct err *reterr)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        int r;

        strbuf_addf(&text, "newest %" PRIu64 "\n", t->newest);
        for (size_t i = 0; i < t->n; i++)
                strbuf_addf(&text, "again %" PRId64 " %s\n", t->again[i].at, t->again[i].id);
        r = strbuf_failed(&text) ? -ENOMEM : file_replace(path, 0600, strbuf_str(&text));
        return r < 0 ? err_set(reterr, r, "%s: %s", path, strerror(-r)) : 0;
}
