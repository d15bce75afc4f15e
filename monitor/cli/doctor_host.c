/* SPDX-License-Identifier: Apache-2.0 */

/* What the machine is like: the service, its folder, the disk, the clock, the journal, the desktop. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "monitor/cli/doctor.h"
#include "monitor/control.h"

#define DISK_FREE_MIN ((uint64_t)200 * 1024 * 1024) /* below, the store may not take a busy day */
#define DAEMON_WAIT (5 * USEC_PER_SEC)
enum { DISK_PART_MIN = 20, COMM_BYTES_MAX = 15 }; /* 1/20 of the disk; the kernel cuts the names of programs */

static const char start_it[] = "systemctl enable --now shopbelld; if it does not stay up: journalctl -u shopbelld";

void doctor_daemon(struct doctor *d)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct err err = { 0 };
        int r = control_ask(d->state, "status", DAEMON_WAIT, &answer, &err);

        d->is_running = r >= 0;
        if (r >= 0)
                doctor_found(d, VERDICT_OK, NULL, "shopbelld runs on %s", d->state);
        else if (r == -ENOENT)
                doctor_found(d, VERDICT_WRONG, start_it, "no shopbelld runs on %s", d->state);
        else if (r == -EACCES)
                doctor_found(d, VERDICT_UNKNOWN, "run this as root, or add yourself to the group: adduser NAME " DOCTOR_USER,
                             "%s may not be looked into by you", d->state);
        else
                doctor_found(d, VERDICT_WRONG, "systemctl restart shopbelld", "shopbelld does not answer: %s", err.text);
}

/* Root's files are what a first start by hand leaves behind. */
static void check_owner(struct doctor *d, const char *path, const struct stat *st)
{
        CLEANUP(strbuf_done) struct strbuf fix = STRBUF_INIT;
        uid_t want = d->has_user ? d->uid : getuid();

        strbuf_addf(&fix, "chown -R " DOCTOR_USER ":" DOCTOR_USER " %s, then systemctl restart shopbelld", d->state);
        if (st->st_uid != want)
                doctor_found(d, VERDICT_WRONG, fix.p, "%s belongs to user %u, not to %s (%u)", path, (unsigned)st->st_uid,
                             d->has_user ? DOCTOR_USER : "you", (unsigned)want);
        else
                doctor_found(d, VERDICT_OK, NULL, "%s belongs to whom it should", path);
}

void doctor_store(struct doctor *d)
{
        const char *names[] = { "", "/" CONFIG_STORE_FILE };

        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
                struct stat st;

                strbuf_addf(&path, "%s%s", d->state, names[i]);
                if (strbuf_failed(&path)) {
                        d->failure = -ENOMEM;
                        return;
                }
                if (stat(path.p, &st) == 0)
                        check_owner(d, path.p, &st);
                else if (errno == ENOENT)
                        doctor_found(d, VERDICT_HINT, "it is made when shopbelld starts", "there is no %s yet", path.p);
                else
                        doctor_found(d, VERDICT_UNKNOWN, "run this as root, or add yourself to the group: adduser NAME " DOCTOR_USER, "%s: %s",
                                     path.p, strerror(errno));
        }
}

void doctor_disk(struct doctor *d)
{
        struct statvfs fs;
        uint64_t free_bytes;

        if (statvfs(d->state, &fs) < 0) {
                doctor_found(d, VERDICT_UNKNOWN, NULL, "%s: %s", d->state, strerror(errno));
                return;
        }
        free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
        if (free_bytes < DISK_FREE_MIN || fs.f_bavail < fs.f_blocks / DISK_PART_MIN)
                doctor_found(d, free_bytes < DISK_FREE_MIN ? VERDICT_WRONG : VERDICT_HINT,
                             "make room: nothing new is kept on a full disk, and shopbelld ends", "only %llu MB are free below %s",
                             (unsigned long long)(free_bytes >> 20), d->state);
        else
                doctor_found(d, VERDICT_OK, NULL, "%llu MB are free below %s", (unsigned long long)(free_bytes >> 20), d->state);
}

void doctor_clock(struct doctor *d)
{
        struct timex now = { 0 };
        int state = adjtimex(&now);

        if (state < 0)
                doctor_found(d, VERDICT_UNKNOWN, "see timedatectl", "the kernel does not tell about its clock: %s", strerror(errno));
        else if (state == TIME_ERROR || now.status & STA_UNSYNC)
                doctor_found(d, VERDICT_WRONG, "timedatectl set-ntp true (Debian: apt install systemd-timesyncd); silences and lateness go by this clock",
                             "the clock is not kept right by anything");
        else
                doctor_found(d, VERDICT_OK, NULL, "the clock is synchronised");
}

void doctor_journal(struct doctor *d)
{
        bool is_read = false;

        for (size_t i = 0; d->config && i < d->config->n_inputs; i++)
                is_read |= d->config->inputs[i].kind == CONFIG_JOURNAL && !d->config->inputs[i].directory;
        if (!is_read)
                return;
        if (access("/var/log/journal", F_OK) == 0)
                doctor_found(d, VERDICT_OK, NULL, "the journal outlives a restart of the machine");
        else
                doctor_found(d, VERDICT_HINT, "mkdir /var/log/journal && systemctl restart systemd-journald",
                             "the journal is kept in memory only: what was not read before the machine goes down is lost");
}

/* Whether a process of that name runs, of whatever user. */
static bool runs(const char *name)
{
        DIR *dir = opendir("/proc");
        const struct dirent *entry;
        bool is_found = false;

        while (dir && !is_found && (entry = readdir(dir))) {
                char path[300], comm[64] = "";
                FILE *f;

                snprintf(path, sizeof path, "/proc/%s/comm", entry->d_name);
                f = *entry->d_name >= '1' && *entry->d_name <= '9' ? fopen(path, "re") : NULL;
                if (!f)
                        continue;
                if (fgets(comm, sizeof comm, f))
                        is_found = strncmp(comm, name, COMM_BYTES_MAX) == 0;
                fclose(f);
        }
        if (dir)
                closedir(dir);
        return is_found;
}

void doctor_desktop(struct doctor *d)
{
        if (runs("shopbell-notify"))
                doctor_found(d, VERDICT_OK, NULL, "shopbell-notify runs");
        else
                doctor_found(d, VERDICT_HINT, "on the owner's desktop: apt install shopbell-notify, systemctl --user enable --now shopbell-notify; a server needs none",
                             "no desktop helper runs here: alerts show in `shopbell alerts` only");
}
