/* SPDX-License-Identifier: Apache-2.0 */

/* Two lines of fixed length: the id, written once; the record, written over by one pwrite() each time. */

#include "monitor/send/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

enum { RECORD_AT = GATE_ID_BYTES, RECORD_BYTES = 56 /* key, blank, attempt, blank, outcome, newline */ };

static int write_record(struct gate *g)
{
        char text[RECORD_BYTES + 1];
        ssize_t n;

        snprintf(text, sizeof text, "%-32s %-20s %c\n", g->key, g->attempt, g->outcome);
        n = pwrite(g->fd, text, RECORD_BYTES, RECORD_AT);
        return n == RECORD_BYTES ? 0 : n < 0 ? -errno : -EIO;
}

/* A file that is not whole is made anew, with another id. */
static int read_gate(struct gate *g)
{
        char text[RECORD_AT + RECORD_BYTES + 1] = "";
        char key[GATE_KEY_BYTES] = "", attempt[GATE_ATTEMPT_BYTES] = "", outcome = 0;

        if (pread(g->fd, text, sizeof text - 1, 0) != RECORD_AT + RECORD_BYTES || text[RECORD_AT - 1] != '\n' || text[sizeof text - 2] != '\n')
                return -ENODATA;
        memcpy(g->id, text, GATE_ID_BYTES - 1);
        if (sscanf(text + RECORD_AT, "%32s %20s %c", key, attempt, &outcome) == 3) {
                memcpy(g->key, key, sizeof key);
                memcpy(g->attempt, attempt, sizeof attempt);
                g->outcome = outcome;
        }
        return 0;
}

static int make_gate(struct gate *g)
{
        unsigned char random[(GATE_ID_BYTES - 1) / 2];
        char line[GATE_ID_BYTES + 1];

        if (getrandom(random, sizeof random, 0) != sizeof random)
                return -EIO;
        for (size_t i = 0; i < sizeof random; i++)
                snprintf(g->id + 2 * i, 3, "%02x", random[i]);
        snprintf(line, sizeof line, "%s\n", g->id);
        g->outcome = GATE_TOLD;
        if (ftruncate(g->fd, 0) < 0 || pwrite(g->fd, line, GATE_ID_BYTES, 0) != GATE_ID_BYTES)
                return -EIO;
        return write_record(g);
}

int gate_open(struct gate *g, const char *folder, const char *channel, struct err *reterr)
{
        CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
        int r;

        *g = (struct gate){ .fd = -1, .outcome = GATE_TOLD };
        if (!folder)
                return 0;
        strbuf_addf(&path, "%s/%s.gate", folder, channel);
        if (strbuf_failed(&path))
                return err_set(reterr, -ENOMEM, "out of memory");
        g->fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (g->fd < 0) {
                r = -errno;
                return err_at(reterr, r, path.p, 0, 0, "the file that tells what was sent cannot be opened: %s", strerror(-r));
        }
        if (flock(g->fd, LOCK_EX | LOCK_NB) < 0) {
                gate_close(g);
                return err_at(reterr, -EBUSY, path.p, 0, 0, "another shopbell-send delivers over %s: stop it first", channel);
        }
        r = read_gate(g) < 0 ? make_gate(g) : 0;
        if (r >= 0)
                return 0;
        gate_close(g);
        return err_at(reterr, r, path.p, 0, 0, "the file that tells what was sent cannot be written: %s", strerror(-r));
}

void gate_close(struct gate *g)
{
        if (g->fd >= 0)
                close(g->fd);
        g->fd = -1;
}

int gate_pass(struct gate *g, const char *key, const char *attempt)
{
        if (g->fd < 0)
                return 0;
        if (strlen(key) >= sizeof g->key || strlen(attempt) >= sizeof g->attempt)
                return -EINVAL;
        memcpy(g->key, key, strlen(key) + 1);
        memcpy(g->attempt, attempt, strlen(attempt) + 1);
        g->outcome = GATE_OPEN;
        return write_record(g);
}

/* Should that fail, the outcome is in doubt if this sender is killed before it could tell the daemon: no more. */
void gate_note(struct gate *g, char outcome)
{
        if (g->fd < 0 || !*g->key)
                return;
        g->outcome = outcome;
        (void)write_record(g);
}
