/* SPDX-License-Identifier: Apache-2.0 */

/* HTTP. The length is told before the body, so the request counts with the body's last byte: that one is kept back for the mark. */

#include <stdio.h>
#include <string.h>

#include "monitor/notify/channel.h"
#include "monitor/notify/notice.h"
#include "monitor/send/transfer.h"

/* A no of the server itself means that it has not taken it. These are a proxy's, which may say so when the server behind it took the
 * request and the way back broke: RFC 9110, sections 15.6.3 and 15.6.5; 520 and 524 are Cloudflare's ("Cloudflare 5xx errors": an empty
 * answer, none in time). Not so 521 to 523, which say that no server was reached. */
static enum outcome judge(long code)
{
        static const long doubtful[] = { 502, 504, 520, 524 };

        for (size_t i = 0; i < ARRAY_LEN(doubtful); i++)
                if (code == doubtful[i])
                        return UNKNOWN;
        return code >= 200 && code < 300 ? SENT : AGAIN;
}

static int add_header(struct curl_slist **list, const char *name, const char *value)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;
        struct curl_slist *more;

        strbuf_addf(&line, "%s: %s", name, value);
        more = strbuf_failed(&line) || strpbrk(value, "\r\n") ? NULL : curl_slist_append(*list, line.p);
        if (!more)
                return -1;
        *list = more;
        return 0;
}

/* What stands beside the usual: who it is, and under which secret. */
static int add_secrets(struct job *j, struct curl_slist **list, struct strbuf *error)
{
        CLEANUP(strbuf_done) struct strbuf secret = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf token = STRBUF_INIT;
        char signature[NOTICE_SIGNATURE_BYTES];
        int r = 0;

        if (job_value(j, "token-credential")) {
                strbuf_addz(&token, "Bearer ");
                r = job_credential(j, "token-credential", &token, error);
                if (r >= 0)
                        r = add_header(list, "Authorization", token.p);
        }
        if (r >= 0 && job_value(j, "secret-credential")) {
                r = job_credential(j, "secret-credential", &secret, error);
                if (r < 0)
                        return r;
                notice_sign(strbuf_str(&secret), clock_now(j->clock) / USEC_PER_SEC, j->body, signature);
                explicit_bzero(secret.p, secret.n);
                r = add_header(list, "X-Shopbell-Signature", signature);
        }
        return r;
}

static int add_headers(struct job *j, struct curl_slist **list, struct strbuf *error)
{
        static const char *const usual[][2] = { { "Content-Type", "application/json" }, { "User-Agent", "shopbell/" PACKAGE_VERSION } };
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(usual) && r >= 0; i++)
                r = add_header(list, usual[i][0], usual[i][1]);
        if (r >= 0)
                r = add_header(list, "Idempotency-Key", job_value(j, "key"));
        if (r >= 0) { /* no "Expect: 100-continue" */
                struct curl_slist *more = curl_slist_append(*list, "Expect:");

                r = more ? 0 : -1;
                *list = more ? more : *list;
        }
        return r < 0 ? r : add_secrets(j, list, error);
}

/* Of the configuration, or of the credential; this one is looked at here. */
static int read_url(struct job *j, struct strbuf *ret, struct strbuf *error)
{
        const char *url = job_value(j, "url");
        int r = 0;

        if (url)
                strbuf_addz(ret, url);
        else
                r = job_credential(j, "url-credential", ret, error);
        if (r < 0 || strbuf_failed(ret) || ret->n == 0)
                return -1;
        if (str_starts(strbuf_str(ret), STR("https://")) || (str_starts(strbuf_str(ret), STR("http://")) && channel_is_loopback(strbuf_str(ret))))
                return 0;
        strbuf_addz(error, "the credential with the address holds none that begins with https://");
        return -1;
}

void send_webhook(struct job *j, struct result *ret)
{
        CLEANUP(strbuf_done) struct strbuf url = STRBUF_INIT;
        struct curl_slist *headers = NULL;
        struct transfer t;

        if (read_url(j, &url, &ret->error) < 0)
                return;
        if (transfer_open(&t, j, url.p, true) < 0) {
                strbuf_addz(&ret->error, "the transfer cannot be prepared");
        } else if (add_headers(j, &headers, &ret->error) < 0) {
                if (ret->error.n == 0)
                        strbuf_addz(&ret->error, "a header cannot be made");
        } else {
                t.marked_from = j->body.n - 1;
                curl_easy_setopt(t.curl, CURLOPT_POST, 1L);
                curl_easy_setopt(t.curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)j->body.n);
                curl_easy_setopt(t.curl, CURLOPT_HTTPHEADER, headers);
                curl_easy_setopt(t.curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
                transfer_run(&t, judge, ret);
        }
        transfer_close(&t);
        curl_slist_free_all(headers);
}
