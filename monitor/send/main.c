/* SPDX-License-Identifier: Apache-2.0 */

/* Arguments, and the loop: ask, deliver, say what became of it. */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/control.h"
#include "monitor/send/send.h"

enum { EXIT_OK = 0, EXIT_USAGE = 2, EXIT_CANNOT = 3 };

#define NEXT_WAIT (10 * USEC_PER_MINUTE) /* then it is asked anew: a daemon that hangs is no reason to hang for ever */
#define WORD_WAIT (30 * USEC_PER_SEC)
#define DAEMON_AWAY USEC_PER_SEC /* how long to wait for one that does not run */

struct arguments {
        const char *state, *channel;
        bool once;
};

static const struct {
        const char *kind;
        void (*send)(struct job *j, struct result *ret);
} kinds[] = { { "mail", send_mail }, { "webhook", send_webhook }, { "command", send_command } };

static const char *const outcomes[] = { [SENT] = "sent", [AGAIN] = "again", [UNKNOWN] = "unknown" };
static const char gate_outcomes[] = { [SENT] = GATE_SENT, [AGAIN] = GATE_AGAIN, [UNKNOWN] = GATE_UNKNOWN };

static const char usage[] =
        "usage: shopbell-send [--state DIR] [--once] CHANNEL\n"
        "\n"
        "Delivers what shopbelld has to tell over one channel of its configuration, see shopbell-send(8).\n"
        "\n"
        "  -s, --state DIR     the daemon's state folder (default: $SHOPBELL_STATE, else " SHOPBELL_STATE_DIR ")\n"
        "      --once          deliver what is due now, then exit\n"
        "      --version       print the version\n"
        "  -h, --help          this text\n"
        "\n"
        "Credentials are read from $CREDENTIALS_DIRECTORY.\n"
        "Exit: 0 ended as asked, 2 usage, 3 the daemon has no such channel, or may not be asked.\n";

/* ---- Signals: nothing is cut off in the middle ---- */

static void hold_signals(int how)
{
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigprocmask(how, &set, NULL);
}

/* Whether one is held. */
static bool is_ending(void)
{
        sigset_t set;

        return sigpending(&set) == 0 && (sigismember(&set, SIGTERM) || sigismember(&set, SIGINT));
}

/* ---- The daemon ---- */

static void rest(usec t)
{
        poll(NULL, 0, (int)(t / 1000));
}

/* Whether the daemon has it for good: it was noted, or that attempt is over. -EAGAIN: it could not note it, and ends. */
static int hear_end(struct str answer)
{
        static const struct {
                const char *word;
                int r;
        } words[] = { { "done", 0 }, { "refused", 0 }, { "forbidden", -EACCES } };
        struct str word;

        str_cut(&answer, '\n', &word);
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (str_eqz(word, words[i].word))
                        return words[i].r;
        return -EAGAIN;
}

/* Says what became of the notice, however long the daemon is away: a start of it, too, is no reason to forget. */
static int report(const struct job *j, const struct result *result)
{
        CLEANUP(strbuf_done) struct strbuf word = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf error = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct err err = { 0 };
        int r;

        text_display(&error, strbuf_str(&result->error), TEXT_TERMINAL, SEND_ERROR_MAX);
        strbuf_addf(&word, "notice-end\nkey %s\nattempt %s\noutcome %s\n", job_value(j, "key"), job_value(j, "attempt"), outcomes[result->outcome]);
        if (result->retry_after > 0)
                strbuf_addf(&word, "retry-after %ld\n", result->retry_after);
        if (error.n > 0)
                strbuf_addf(&word, "error %s\n", error.p);
        if (strbuf_failed(&word) || strbuf_failed(&error))
                return -ENOMEM;
        do {
                strbuf_clear(&answer);
                r = control_ask(j->state, word.p, WORD_WAIT, &answer, &err);
                if (r >= 0)
                        r = hear_end(strbuf_str(&answer));
                if (r < 0 && r != -EACCES && !is_ending())
                        rest(DAEMON_AWAY);
        } while (r < 0 && r != -EACCES && !is_ending());
        if (result->outcome == SENT)
                log_info("%s: sent", job_value(j, "key"));
        else
                log_warning("%s: %s: %s", job_value(j, "key"), result->outcome == AGAIN ? "not sent, to be tried again" : "may have been sent, or not",
                            error.p ? error.p : "");
        return r;
}

static int deliver(struct job *j)
{
        struct result result = { .outcome = AGAIN, .error = STRBUF_INIT };
        const char *kind = job_value(j, "kind");
        size_t i = 0;
        int r;

        while (kind && i < ARRAY_LEN(kinds) && strcmp(kind, kinds[i].kind) != 0)
                i++;
        if (!kind || i == ARRAY_LEN(kinds) || !job_value(j, "key") || !job_value(j, "attempt")) {
                log_error("shopbelld is of another version: restart it");
                return -EPROTO;
        }
        kinds[i].send(j, &result);
        if (j->is_marked)
                gate_note(j->gate, gate_outcomes[result.outcome]);
        r = report(j, &result);
        if (r >= 0)
                gate_note(j->gate, GATE_TOLD);
        strbuf_done(&result.error);
        return r;
}

/* What the sender before this one knew, and perhaps could not say any more. The daemon refuses what it knows already. */
static int settle(const struct arguments *a, struct gate *gate)
{
        CLEANUP(strbuf_done) struct strbuf head = STRBUF_INIT;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct job j = { .state = a->state, .clock = &clock_system, .arena = arena, .gate = gate };
        struct result result = { .outcome = AGAIN, .error = STRBUF_INIT };
        size_t i = 0;
        int r;

        while (i < ARRAY_LEN(outcomes) && gate->outcome != gate_outcomes[i])
                i++;
        if (i == ARRAY_LEN(outcomes) || !*gate->key || i == UNKNOWN)
                return 0;
        result.outcome = (enum outcome)i;
        strbuf_addf(&head, "key %s\nattempt %s\n", gate->key, gate->attempt);
        strbuf_addz(&result.error, i == AGAIN ? "its sender ended before it could say why" : "");
        if (!arena || strbuf_failed(&head))
                return -ENOMEM;
        j.head = strbuf_str(&head);
        r = report(&j, &result);
        if (r >= 0)
                gate_note(gate, GATE_TOLD);
        strbuf_done(&result.error);
        return r < 0 ? r : 0;
}

/* 1: one was delivered; 0: there is none now; negative: it cannot go on. */
static int next(const struct arguments *a, struct gate *gate)
{
        CLEANUP(strbuf_done) struct strbuf word = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct job j = { .state = a->state, .clock = &clock_system, .arena = arena, .gate = gate };
        struct err err = { 0 };
        struct str how;
        size_t gap;
        int r;

        strbuf_addf(&word, "notice-next\nchannel %s\n", a->channel);
        if (gate->fd >= 0)
                strbuf_addf(&word, "gate %s\nkey %s\nattempt %s\n", gate->id, gate->key, gate->attempt);
        if (strbuf_failed(&word) || !arena)
                return -ENOMEM;
        r = control_ask(a->state, word.p, a->once ? USEC_PER_SEC : NEXT_WAIT, &answer, &err);
        if (r == -ETIMEDOUT)
                return 0;
        if (r == -EACCES || (r < 0 && a->once)) {
                log_err(LOG_LEVEL_ERROR, &err);
                return r;
        }
        if (r < 0) { /* it stops, starts, or has not started yet */
                rest(DAEMON_AWAY);
                return 0;
        }
        j.head = strbuf_str(&answer);
        str_cut(&j.head, '\n', &how);
        if (str_eqz(how, "again"))
                return 1;
        gap = str_find(j.head.p ? j.head : STR(""), STR("\n\n"));
        if (!str_eqz(how, "done") || gap == SIZE_MAX) {
                log_error("%s: " STR_FMT, a->channel, STR_ARG(str_eqz(how, "forbidden") ? STR("only root and the users shopbell and shopbell-send may ask")
                                                                                        : str_trim(j.head)));
                return -EPERM;
        }
        j.body = str_from(j.head.p + gap + 2, j.head.n - gap - 2);
        j.head.n = gap + 1;
        hold_signals(SIG_BLOCK);
        r = deliver(&j);
        hold_signals(SIG_UNBLOCK); /* ends here, if it is to */
        return r < 0 ? r : 1;
}

/* ---- Start ---- */

/* >= 0: exit with that. */
static int read_arguments(int argc, char **argv, struct arguments *a)
{
        static const struct option options[] = {
                { "state", required_argument, NULL, 's' }, { "once", no_argument, NULL, 'o' }, { "version", no_argument, NULL, 'v' },
                { "help", no_argument, NULL, 'h' },        { NULL, 0, NULL, 0 },
        };
        const char *state = getenv("SHOPBELL_STATE");
        int c;

        *a = (struct arguments){ .state = state && *state ? state : SHOPBELL_STATE_DIR };
        while ((c = getopt_long(argc, argv, "s:h", options, NULL)) != -1) {
                switch (c) {
                case 's': a->state = optarg; break;
                case 'o': a->once = true; break;
                case 'v': puts("shopbell-send " PACKAGE_VERSION); return EXIT_OK;
                case 'h': fputs(usage, stdout); return EXIT_OK;
                default: return EXIT_USAGE;
                }
        }
        if (optind + 1 != argc) {
                log_error("the name of one channel is needed: see shopbell-send --help");
                return EXIT_USAGE;
        }
        a->channel = argv[optind];
        return -1;
}

int main(int argc, char **argv)
{
        struct arguments a;
        struct gate gate;
        struct err err = { 0 };
        int code, r;

        log_setup("shopbell-send", getenv("JOURNAL_STREAM") != NULL, LOG_LEVEL_INFO);
        code = read_arguments(argc, argv, &a);
        if (code >= 0)
                return code;
        signal(SIGPIPE, SIG_IGN);
        r = gate_open(&gate, getenv("RUNTIME_DIRECTORY"), a.channel, &err);
        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        if (r >= 0 && !a.once)
                r = settle(&a, &gate);
        while (r >= 0) {
                r = next(&a, &gate);
                if (a.once && r == 0)
                        break;
        }
        gate_close(&gate);
        return r < 0 ? EXIT_CANNOT : EXIT_OK;
}
