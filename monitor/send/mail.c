/* SPDX-License-Identifier: Apache-2.0 */

/* SMTP. libcurl ends the message with a dot on a line of its own once the body has ended: the mark stands before that end is told. */

#include <string.h>

#include "monitor/notify/channel.h"
#include "monitor/send/transfer.h"

/* RFC 5321, section 4.2.1: whatever is not a yes means that the server has not taken it. */
static enum outcome judge(long code)
{
        return code >= 200 && code < 300 ? SENT : AGAIN;
}

/* Anything but this machine itself must speak TLS: from the start (smtps), or with STARTTLS. */
static long tls_for(const char *server)
{
        return channel_is_loopback(str_of(server)) ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL;
}

static int log_in(struct transfer *t, struct strbuf *password, struct strbuf *error)
{
        const char *user = job_value(t->job, "user");
        int r = user ? job_credential(t->job, "password-credential", password, error) : 0;

        if (r < 0 || !user)
                return r;
        curl_easy_setopt(t->curl, CURLOPT_USERNAME, user);
        curl_easy_setopt(t->curl, CURLOPT_PASSWORD, password->p);
        return 0;
}

static int address(struct transfer *t, struct curl_slist **ret)
{
        const char *from = job_value(t->job, "from");
        char **to;
        size_t n = 0;

        if (!from || job_values(t->job, "to", &to, &n) < 0 || n == 0)
                return -1;
        for (size_t i = 0; i < n; i++) {
                struct curl_slist *more = curl_slist_append(*ret, to[i]);

                if (!more)
                        return -1;
                *ret = more;
        }
        curl_easy_setopt(t->curl, CURLOPT_MAIL_FROM, from);
        curl_easy_setopt(t->curl, CURLOPT_MAIL_RCPT, *ret);
        return 0;
}

void send_mail(struct job *j, struct result *ret)
{
        CLEANUP(strbuf_done) struct strbuf password = STRBUF_INIT;
        const char *server = job_value(j, "server");
        struct curl_slist *to = NULL;
        struct transfer t;

        if (!server || transfer_open(&t, j, server, false) < 0) {
                strbuf_addz(&ret->error, "the transfer cannot be prepared");
                if (server)
                        transfer_close(&t);
                return;
        }
        t.marked_from = j->body.n;
        curl_easy_setopt(t.curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(t.curl, CURLOPT_USE_SSL, tls_for(server));
        if (log_in(&t, &password, &ret->error) >= 0) {
                if (address(&t, &to) < 0)
                        strbuf_addz(&ret->error, "nobody to send it to");
                else
                        transfer_run(&t, judge, ret);
        }
        transfer_close(&t);
        curl_slist_free_all(to);
        if (password.p)
                explicit_bzero(password.p, password.n);
}
