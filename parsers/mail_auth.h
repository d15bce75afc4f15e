/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_MAIL_AUTH_H
#define SHOPBELL_PARSERS_MAIL_AUTH_H

/* Authentication-Results (RFC 8601): what the server that took a mail in found out about its sender.
 *
 * Anybody can write such a field into a mail. The server that receives it puts its own on top and must take away those
 * that bear its name (RFC 8601, section 5). So the topmost one counts; with a configured name (authserv-id) the topmost of
 * that name. Where no server writes the field, the topmost one is the sender's: there the name must be configured. */

#include "monitor/base/arena.h"
#include "monitor/base/str.h"
#include "monitor/model/counter.h"
#include "parsers/mime.h"

struct mail_auth {
        struct str server; /* authserv-id of the field that counted; absent: none did. Microsoft's have none: empty */
        struct str dkim, spf, dmarc; /* results in small letters, "pass", "fail", "softfail" …; absent: not said */
        const char *verdict; /* "pass", "fail", "none" */
};

/* Whether a domain belongs to the sender that a mail claims, as the source file says. */
typedef bool mail_is_sender_fn(const void *userdata, struct str domain);

/* The verdict on the address in From, whose domain is `from`:
 *   pass  DMARC passed for it; or, where nothing is said about DMARC, DKIM or SPF passed for a domain of the sender's
 *   fail  DMARC failed; or nothing is said about DMARC, nothing passed for the sender, and DKIM or SPF failed
 *   none  otherwise: nothing was found out, or there is no field that counts
 * `authserv` may be absent. 0, -ENOMEM. */
int mail_auth_read(struct arena *arena, const struct mail *mail, struct str authserv, struct str from,
                   mail_is_sender_fn *is_sender, const void *userdata, struct counters *counters, struct mail_auth *ret);

#endif
