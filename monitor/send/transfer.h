/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SEND_TRANSFER_H
#define SHOPBELL_SEND_TRANSFER_H

/* What mail and webhooks share: libcurl, with the mark in front of the end of the body. */

#include <curl/curl.h>

#include "monitor/send/send.h"

struct transfer {
        CURL *curl;
        struct job *job;
        size_t at; /* of the body, sent */
        size_t marked_from; /* the bytes from here on leave only behind the mark; body.n: just the end does */
        struct strbuf reply;
        char text[CURL_ERROR_SIZE];
};

/* -ENOMEM. */
int transfer_open(struct transfer *t, struct job *j, const char *url, bool is_plain_allowed);
/* Does it, and judges: `judge` says what an answer's code behind the mark means. */
void transfer_run(struct transfer *t, enum outcome (*judge)(long code), struct result *ret);
void transfer_close(struct transfer *t);

#endif
