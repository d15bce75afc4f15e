/* SPDX-License-Identifier: Apache-2.0 */

/* libcurl asks for the body piece by piece (CURLOPT_READFUNCTION). What must not leave before the mark is kept back until it asks
 * again, which it does when all before has been handed to the connection. */

#include "monitor/send/transfer.h"

#include <errno.h>
#include <string.h>

#include "monitor/notify/channel.h"

static size_t on_read(char *to, size_t size, size_t n, void *userdata)
{
        struct transfer *t = userdata;
        struct str body = t->job->body;
        size_t end = t->at < t->marked_from ? t->marked_from : body.n;

        n *= size;
        if (t->at >= t->marked_from && job_mark(t->job) < 0)
                return CURL_READFUNC_ABORT;
        n = size_min(n, end - t->at);
        memcpy(to, body.p + t->at, n);
        t->at += n;
        return n;
}

/* A second attempt inside libcurl (a connection that had died) may begin anew only while nothing counts yet. */
static int on_seek(void *userdata, curl_off_t offset, int origin)
{
        struct transfer *t = userdata;

        if (origin != SEEK_SET || offset < 0 || (size_t)offset > t->job->body.n || t->job->is_marked)
                return CURL_SEEKFUNC_FAIL;
        t->at = (size_t)offset;
        return CURL_SEEKFUNC_OK;
}

static size_t on_reply(char *from, size_t size, size_t n, void *userdata)
{
        struct transfer *t = userdata;

        n *= size;
        strbuf_add(&t->reply, str_from(from, size_min(n, SEND_REPLY_MAX - size_min(SEND_REPLY_MAX, t->reply.n))));
        return n;
}

int transfer_open(struct transfer *t, struct job *j, const char *url, bool is_plain_allowed)
{
        const char *ca = job_value(j, "ca");
        CURLcode c;

        *t = (struct transfer){ .curl = curl_easy_init(), .job = j, .reply = STRBUF_INIT };
        if (!t->curl)
                return -ENOMEM;
        c = curl_easy_setopt(t->curl, CURLOPT_URL, url);
        /* Only what channel.c lets through; a credential may hold anything. */
        if (c == CURLE_OK)
                c = curl_easy_setopt(t->curl, CURLOPT_PROTOCOLS_STR, is_plain_allowed ? "http,https,smtp,smtps" : "https,smtp,smtps");
        if (c == CURLE_OK)
                c = curl_easy_setopt(t->curl, CURLOPT_READFUNCTION, on_read);
        if (c == CURLE_OK && ca)
                c = curl_easy_setopt(t->curl, CURLOPT_CAINFO, ca);
        if (c == CURLE_OK)
                c = curl_easy_setopt(t->curl, CURLOPT_ERRORBUFFER, t->text);
        curl_easy_setopt(t->curl, CURLOPT_READDATA, t);
        curl_easy_setopt(t->curl, CURLOPT_SEEKFUNCTION, on_seek);
        curl_easy_setopt(t->curl, CURLOPT_SEEKDATA, t);
        curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, on_reply);
        curl_easy_setopt(t->curl, CURLOPT_WRITEDATA, t);
        curl_easy_setopt(t->curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(t->curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
        curl_easy_setopt(t->curl, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(t->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(SEND_CONNECT_MAX / 1000));
        curl_easy_setopt(t->curl, CURLOPT_TIMEOUT_MS, (long)(SEND_MAX / 1000));
        return c == CURLE_OK ? 0 : -ENOMEM;
}

static void explain(const struct transfer *t, CURLcode c, long code, struct strbuf *out)
{
        struct str reply = str_trim(strbuf_str(&t->reply));

        if (t->job->is_refused)
                strbuf_addz(out, "shopbelld gave no mark; ");
        if (c != CURLE_OK)
                strbuf_addz(out, *t->text ? t->text : curl_easy_strerror(c));
        else
                strbuf_addf(out, "the server answers %ld", code);
        if (c != CURLE_OK && code >= 400)
                strbuf_addf(out, " (its answer: %ld)", code);
        if (reply.n > 0)
                strbuf_addf(out, ": " STR_FMT, STR_ARG(reply));
}

/* An answer below 300 that came before the end of the body says nothing of the whole. */
void transfer_run(struct transfer *t, enum outcome (*judge)(long code), struct result *ret)
{
        CURLcode c = curl_easy_perform(t->curl);
        curl_off_t wait = 0;
        long code = 0;

        curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &code);
        if (curl_easy_getinfo(t->curl, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK)
                ret->retry_after = (long)wait;
        if (c == CURLE_OK && judge(code) == SENT) {
                ret->outcome = SENT;
                return;
        }
        explain(t, c, code, &ret->error);
        if (!t->job->is_marked)
                ret->outcome = AGAIN; /* nothing that counts has left */
        else if (c == CURLE_OK || code >= 400)
                ret->outcome = judge(code);
        else
                ret->outcome = UNKNOWN;
}

void transfer_close(struct transfer *t)
{
        curl_easy_cleanup(t->curl);
        strbuf_done(&t->reply);
}
