/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_ZONE_H
#define SHOPBELL_BASE_ZONE_H

/* Time zones of the tz database, each by its name, whatever TZ says: the clocks of laws are read where the authority is.
 *
 * Files are TZif of version 2 and later (RFC 8536: transitions of 64 bits, then the rule for all that comes behind them in the
 * POSIX form of TZ), of ZONE_DIR or another folder. They are bytes of somebody else's: names cannot leave the folder, sizes are
 * bounded, each number is looked at before it is used. Files that count leap seconds ("right/…") are refused.
 *
 * Local time to instant: an hour that comes twice means the first of the two; one that is left out is read by the offset that
 * counted before it, so 02:30 on a day without it is half an hour behind the change. base/clock.h reads the machine's zone so, too.
 * A zone may also be an offset, "+09:00", or "UTC". Immutable once made; no global state. */

#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/base/macros.h"
#include "monitor/base/str.h"

#define ZONE_DIR "/usr/share/zoneinfo"
enum {
        ZONE_NAME_BYTES = 65, /* of a name with its NUL; the longest in use has 32 */
        ZONE_FILE_BYTES_MAX = 256 * 1024, /* the largest in use has 3.6 KB */
        ZONE_SHIFT_MAX = 26 * 3600, /* seconds to either side of UTC: RFC 8536 3.2 */
        ZONE_SHORT_BYTES = 16, /* "KST", "+0545" with their NUL */
        ZONE_TEXT_BYTES = 64,
};

struct zone;

/* `dir` NULL: ZONE_DIR. -EINVAL: that cannot be the name of a zone; -ENOENT: there is none of that name (*reterr names the package where
 * the whole folder is missing); -EBADMSG, -E2BIG: no TZif file of version 2 or later; -ENOMEM; -errno of reading. */
int zone_open(const char *dir, struct str name, struct zone **ret, struct err *reterr);
/* The bytes of such a file. */
int zone_parse(struct str name, struct str bytes, struct zone **ret, struct err *reterr);
struct zone *zone_free(struct zone *z);
DEFINE_FREEP(struct zone, zone)
const char *zone_name(const struct zone *z); /* as it was opened: "Asia/Seoul" */

/* What counts at an instant. */
struct zone_shift {
        int seconds; /* east of UTC */
        bool is_dst;
        char abbreviation[ZONE_SHORT_BYTES];
};
void zone_at(const struct zone *z, usec t, struct zone_shift *ret);
/* The parts of an instant there, and back, to the second; see above for hours that are missing or doubled. Parts may lie outside their
 * limits, but for the month: 24:00 is the midnight that follows. */
void zone_split(const struct zone *z, usec t, struct time_parts *ret);
usec zone_join(const struct zone *z, const struct time_parts *parts);
/* The day there, since 1970-01-01, and its last second: 23:59:59, before midnight or what comes instead of it. */
int64_t zone_day(const struct zone *z, usec t);
usec zone_day_end(const struct zone *z, int64_t day);

/* "Tue 17 Nov 2026 16:00 KST"; with seconds where there are any. "" for USEC_NONE. */
void zone_format(const struct zone *z, usec t, char ret[ZONE_TEXT_BYTES]);
/* "2026-11-17T16:00:00+09:00", without fractions. "" for USEC_NONE. */
void zone_format_iso(const struct zone *z, usec t, char ret[ZONE_TEXT_BYTES]);

/* ---- Moments: a time and where it was told (zone_moment.c) ---- */

struct moment {
        usec at;
        char zone[ZONE_NAME_BYTES]; /* zone_open() takes it: of the tz database, or "+09:00" */
};

/* As a person writes it: a time with its date in any shape of time_parse() but plain numbers and stamps without a year, then, divided by
 * blanks, a zone of the tz database ("2026-11-17 16:00 Asia/Seoul"), or with an offset ("2026-11-17T16:00+09:00"), or neither: the
 * machine's zone. A date alone is its first minute. With both, they must agree. Also "now", and "2h ago" (`now`, in the machine's zone).
 * -EBADMSG, -ERANGE or as of zone_open(), with what to write instead in *reterr. */
int moment_parse(struct str text, usec now, const char *dir, struct moment *ret, struct err *reterr);
/* "Tue 17 Nov 2026 16:00 KST (Asia/Seoul)", for people; the offset and a bare UTC time where its zone cannot be opened. */
void moment_format(const struct moment *m, const char *dir, struct strbuf *out);
/* The name of the machine's zone: $TZ where that is one, else of /etc/localtime; "" when that cannot be told. */
void zone_local_name(char ret[ZONE_NAME_BYTES]);

#endif
