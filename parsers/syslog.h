/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_SYSLOG_H
#define SHOPBELL_PARSERS_SYSLOG_H

/* The header of a syslog line, as daemons write it to files (RFC 3164, section 4.1, and rsyslog's ISO stamps):
 *
 *     Mar  7 18:53:20 web1 sshd[1556]: text              <38>Mar  7 18:53:20 web1 sshd[1556]: text
 *     2026-03-07T18:53:20.321974+01:00 web1 sshd: text   2026-03-07T18:53:20 web1 sshd[7]: text     (no zone)
 *     Mar  7 18:53:20 sshd[1556]: text                   (no host)
 *     Mar  7 18:53:20 web1 sshd(pam_unix)[1556]: text
 *     Mar  7 18:53:20 web1 sshd[1556]: [ID 800047 auth.info] text     (Solaris; the bracket is dropped)
 *
 * or as RFC 5424 has it, with the priority in front:
 *
 *     <38>1 2026-03-07T18:53:20.321974+01:00 web1 sshd 1556 ID47 [origin@1 ip="192.0.2.7"] text
 *                                                             (structured data is dropped; "-" is absent)
 *
 * All parts are borrowed from the line and absent where the line has none. */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/str.h"

enum { REPEAT_MAX = 1000 }; /* records that one "message repeated N times" can become */

struct syslog_line {
        struct str timestamp; /* as written, for time_parse() */
        struct str hostname, program, pid;
        struct str message; /* behind the tag and one blank, without a line end; other blanks in front stay (sudo's) */
};

/* False when the line does not begin with a stamp (RFC 5424 allows "-" for one). */
bool syslog_parse(struct str line, struct syslog_line *ret);

/* rsyslog's "message repeated 5 times: [ text]": returns 5 and the text; 1 and the message itself otherwise. Numbers
 * that do not fit give UINT64_MAX; 0 times counts as 1. */
uint64_t syslog_repeat(struct str message, struct str *ret_text);

#endif
