/* SPDX-License-Identifier: Apache-2.0 */

/* What a notice says of itself, its credentials, and the mark. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/control.h"
#include "monitor/notify/notice.h"
#include "monitor/send/send.h"

#define MARK_WAIT (10 * USEC_PER_SEC)

const char *job_value(const struct job *j, const char *key)
{
        struct str value = str_value(j->head, key);

        return value.n > 0 ? arena_dup(j->arena, value).p : NULL;
}

int job_values(const struct job *j, const char *key, char ***ret, size_t *ret_n)
{
        struct str rest = j->head, line;
        size_t n = 0, lines = 1;

        for (size_t i = 0; i < rest.n; i++)
                lines += rest.p[i] == '\n';
        *ret = arena_array(j->arena, lines + 1, sizeof **ret);
        if (!*ret)
                return -ENOMEM;
        while (str_cut(&rest, '\n', &line)) {
                struct str value = line, name;

                str_cut(&value, ' ', &name);
                if (!str_eqz(name, key))
                        continue;
                (*ret)[n] = (char *)arena_dup(j->arena, value.p ? value : STR("")).p;
                if (!(*ret)[n++])
                        return -ENOMEM;
        }
        (*ret)[n] = NULL;
        *ret_n = n;
        return 0;
}

static int read_file(const char *path, struct strbuf *ret)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = -1;
        char *to;

        if (fd < 0)
                return -errno;
        to = strbuf_reserve(ret, NOTICE_SECRET_MAX + 1);
        if (to)
                n = read(fd, to, NOTICE_SECRET_MAX + 1);
        close(fd);
        if (n < 0)
                return -EIO;
        if (n > NOTICE_SECRET_MAX)
                return -E2BIG;
        ret->n += (size_t)n;
        while (ret->n > 0 && (ret->p[ret->n - 1] == '\n' || ret->p[ret->n - 1] == '\r'))
                ret->n--;
        ret->p[ret->n] = '\0';
        return ret->n > 0 ? 0 : -ENODATA;
}

/* As it is called, or, of a whole folder of credentials (the units load one), behind the folder's name. */
int job_credential(const struct job *j, const char *key, struct strbuf *ret, struct strbuf *error)
{
        const char *name = job_value(j, key), *dir = getenv("CREDENTIALS_DIRECTORY");
        int r = -ENOENT;

        if (!name)
                return -ENOENT;
        for (size_t i = 0; dir && r == -ENOENT && i < 2; i++) {
                struct str path = i == 0 ? arena_printf(j->arena, "%s/%s", dir, name) : arena_printf(j->arena, "%s/shopbell_%s", dir, name);

                r = path.p ? read_file(path.p, ret) : -ENOMEM;
        }
        if (r == -ENOENT)
                strbuf_addf(error, "there is no credential %s: write it into /etc/shopbell/credentials/%s (mode 0600) and restart this service", name, name);
        else if (r < 0)
                strbuf_addf(error, "the credential %s cannot be read: %s", name, r == -ENODATA ? "it is empty" : r == -E2BIG ? "it is too long" : "an error");
        if (r >= 0 && memchr(ret->p, '\0', ret->n)) {
                strbuf_addf(error, "the credential %s holds a zero byte", name);
                r = -EBADMSG;
        }
        return r == -ENOENT ? -ENOKEY : r;
}

int job_mark(struct job *j)
{
        CLEANUP(strbuf_done) struct strbuf word = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct err err = { 0 };
        int r;

        if (j->is_marked)
                return 0;
        strbuf_addf(&word, "notice-mark\nkey %s\nattempt %s\n", job_value(j, "key"), job_value(j, "attempt"));
        if (j->gate->fd >= 0)
                strbuf_addf(&word, "gate %s\n", j->gate->id);
        r = strbuf_failed(&word) ? -ENOMEM : control_ask(j->state, word.p, MARK_WAIT, &answer, &err);
        j->is_marked = r >= 0 && str_starts(strbuf_str(&answer), STR("done\n")) && gate_pass(j->gate, job_value(j, "key"), job_value(j, "attempt")) == 0;
        j->is_refused = !j->is_marked;
        return j->is_marked ? 0 : -ECANCELED;
}
