/* SPDX-License-Identifier: Apache-2.0 */

/* The lock and the socket of a state folder. A child asks, the parent answers from an event loop. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "monitor/control.h"

static char dir[64];

static void setup_dir(void)
{
        snprintf(dir, sizeof dir, "/tmp/shopbell-control-XXXXXX");
        cr_assert(mkdtemp(dir));
}

static void remove_dir(void)
{
        char path[128];

        snprintf(path, sizeof path, "%s/" CONTROL_LOCK_FILE, dir);
        unlink(path);
        cr_expect_eq(rmdir(dir), 0, "the socket is gone");
}

/* "long": an answer that is too long; "end": ends the loop; else the word itself. */
static int answer_word(void *userdata, struct str word, const struct control_peer *peer, struct strbuf *answer)
{
        size_t *asked = userdata;

        cr_expect(peer->is_owner);
        cr_expect_eq(peer->uid, getuid());
        ++*asked;
        if (str_eqz(word, "long")) {
                for (size_t i = 0; i < 10000; i++)
                        strbuf_addf(answer, "line %zu\n", i);
                return 0;
        }
        strbuf_add(answer, word);
        return str_eqz(word, "end") ? -ECANCELED : 0;
}

static bool ask(const char *word, struct strbuf *answer)
{
        struct err err = { 0 };

        strbuf_clear(answer);
        return control_ask(dir, word, 30 * USEC_PER_SEC, answer, &err) == 0;
}

/* Exit code: the first question that was not answered as it should. */
static int ask_all(void)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        char longest[CONTROL_WORD_BYTES_MAX + 2] = { 0 };
        struct err err = { 0 };

        if (!ask("hello", &answer) || !str_eqz(strbuf_str(&answer), "hello"))
                return 1;
        if (!ask("long", &answer) || answer.n > CONTROL_ANSWER_BYTES_MAX || !str_starts(strbuf_str(&answer), STR("line 0\nline 1\n")))
                return 2;
        if (!str_ends(strbuf_str(&answer), STR("\n… and more: see the daemon's log\n")))
                return 3;
        memset(longest, 'x', CONTROL_WORD_BYTES_MAX + 1);
        if (control_ask(dir, longest, 30 * USEC_PER_SEC, &answer, &err) != -EPIPE)
                return 4;
        longest[CONTROL_WORD_BYTES_MAX] = '\0';
        if (!ask(longest, &answer) || answer.n != CONTROL_WORD_BYTES_MAX)
                return 6;
        return ask("end", &answer) && str_eqz(strbuf_str(&answer), "end") ? 0 : 5;
}

Test(hall_control, questions_and_answers, .timeout = 60, .init = setup_dir, .fini = remove_dir)
{
        struct control *c = NULL;
        struct err err = { 0 };
        sd_event *event = NULL;
        size_t asked = 0;
        int status;
        pid_t child;

        cr_assert_eq(control_open(dir, &c, &err), 0, "%s", err.text);
        cr_assert(sd_event_new(&event) >= 0);
        cr_assert_eq(control_listen(c, event, answer_word, &asked, &err), 0, "%s", err.text);
        child = fork();
        if (child == 0)
                _exit(ask_all());
        cr_expect_eq(sd_event_loop(event), -ECANCELED, "what the callback returned");
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "question %d", WEXITSTATUS(status));
        cr_expect_eq(asked, 4);
        control_close(c);
        sd_event_unref(event);
}

Test(hall_control, one_daemon_a_folder, .timeout = 60, .init = setup_dir, .fini = remove_dir)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct control *c = NULL, *other = NULL;
        struct err err = { 0 };

        cr_assert_eq(control_open(dir, &c, &err), 0);
        cr_expect_eq(control_open(dir, &other, &err), -EBUSY);
        cr_expect(strstr(err.text, "another shopbelld"), "%s", err.text);
        cr_expect_eq(control_ask(dir, "hello", USEC_PER_SEC, &answer, &err), -ENOENT, "it does not listen");
        control_close(c);
        cr_assert_eq(control_open(dir, &other, &err), 0);
        control_close(other);
}

/* ---- Answers that wait ---- */

struct patience {
        struct control *control;
        sd_event *event;
        size_t asked;
        bool has_come;
};

static int come(sd_event_source *source, void *userdata)
{
        struct patience *p = userdata;

        (void)source;
        p->has_come = true;
        control_again(p->control);
        return 0;
}

/* "wait": until "come"; several at a time. */
static int answer_late(void *userdata, struct str word, const struct control_peer *peer, struct strbuf *answer)
{
        struct patience *p = userdata;

        cr_expect_eq(peer->is_again, p->has_come && !str_eqz(word, "end"));
        if (str_eqz(word, "wait") && !p->has_come) {
                if (++p->asked == 3)
                        cr_assert(sd_event_add_defer(p->event, NULL, come, p) >= 0);
                return CONTROL_LATER;
        }
        strbuf_add(answer, word);
        return 0;
}

Test(hall_control, an_answer_that_waits, .timeout = 60, .init = setup_dir, .fini = remove_dir)
{
        struct patience p = { .asked = 0 };
        struct err err = { 0 };
        pid_t children[3];
        int status;

        cr_assert_eq(control_open(dir, &p.control, &err), 0, "%s", err.text);
        cr_assert(sd_event_new(&p.event) >= 0);
        cr_assert_eq(control_listen(p.control, p.event, answer_late, &p, &err), 0, "%s", err.text);
        for (size_t i = 0; i < ARRAY_LEN(children); i++) {
                children[i] = fork();
                if (children[i] == 0) {
                        struct strbuf answer = STRBUF_INIT;

                        _exit(ask("wait", &answer) && str_eqz(strbuf_str(&answer), "wait") ? 0 : 1);
                }
        }
        while (!p.has_come)
                cr_assert(sd_event_run(p.event, UINT64_MAX) >= 0);
        for (size_t i = 0; i < ARRAY_LEN(children); i++) {
                cr_assert_eq(waitpid(children[i], &status, 0), children[i]);
                cr_expect_eq(status, 0);
        }
        control_close(p.control);
        sd_event_unref(p.event);
}

/* A socket that a killed daemon left behind is replaced. */
Test(hall_control, left_over_socket, .timeout = 60, .init = setup_dir, .fini = remove_dir)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct control *c = NULL;
        struct err err = { 0 };
        sd_event *event = NULL;
        int status;
        pid_t child = fork();

        if (child == 0)
                _exit(sd_event_new(&event) < 0 || control_open(dir, &c, NULL) < 0 || control_listen(c, event, answer_word, NULL, NULL) < 0);
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0);
        cr_expect_eq(control_ask(dir, "hello", USEC_PER_SEC, &answer, &err), -ENOENT, "nobody answers any more");
        cr_assert(sd_event_new(&event) >= 0);
        cr_assert_eq(control_open(dir, &c, &err), 0, "%s", err.text);
        cr_expect_eq(control_listen(c, event, answer_word, NULL, &err), 0, "%s", err.text);
        control_close(c);
        sd_event_unref(event);
}

Test(hall_control, a_path_too_long_for_a_socket)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        char path[256] = "/tmp/";
        struct err err = { 0 };

        memset(path + 5, 'x', sizeof path - 6);
        cr_expect_eq(control_ask(path, "hello", USEC_PER_SEC, &answer, &err), -ENAMETOOLONG);
}
