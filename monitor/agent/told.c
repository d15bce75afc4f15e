/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/agent/told.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static int write_file(const char *path, const struct strbuf *text)
{
        FILE *f = fopen(path, "we");
        int r;

        if (!f)
                return -errno;
        fwrite(text->p, 1, text->n, f);
        r = fflush(f) != 0 || fsync(fileno(f)) < 0 ? -errno : 0;
        if (fclose(f) != 0 && r == 0)
                r = -errno;
        return r;
}

int told_save(const char *path, const struct told *t, struct err *reterr)
{
        CLEANUP(strbuf_done) struct strbuf beside = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        int r;

        strbuf_addf(&beside, "%s.new", path);
        strbuf_addf(&text, "newest %" PRIu64 "\n", t->newest);
        for (size_t i = 0; i < t->n; i++)
                strbuf_addf(&text, "again %" PRId64 " %s\n", t->again[i].at, t->again[i].id);
        if (strbuf_failed(&beside) || strbuf_failed(&text))
                return err_set(reterr, -ENOMEM, "out of memory");
        r = write_file(beside.p, &text);
        if (r >= 0 && rename(beside.p, path) < 0)
                r = -errno;
        if (r < 0)
                unlink(beside.p);
        return r < 0 ? err_set(reterr, r, "%s: %s", path, strerror(-r)) : 0;
}
