/* SPDX-License-Identifier: Apache-2.0 */

/* Zones: TZif files (RFC 8536) to changes and types, and what counts at an instant. The first block, of 32 bits, is only measured to find
 * the second. What lies behind the last change is the footer's (zone_rule.c); what lies before the first is of the first type. */

#include "monitor/base/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monitor/base/zone_rule.h"

enum {
        HEADER_BYTES = 44,
        TYPE_BYTES = 6,
        TYPES_MAX = 256, /* an index is one byte */
        LETTERS_MAX = 4096, /* of abbreviations together */
        FOOTER_BYTES_MAX = 256,
        CHANGES_MAX = 20000,
        DAY_SECONDS = 86400,
        PATH_BYTES_MAX = 4096,
};

struct zone_change {
        int64_t at; /* seconds since 1970 */
        uint8_t type;
};

struct zone {
        char name[ZONE_NAME_BYTES];
        struct zone_change *changes; /* ascending */
        size_t n_changes;
        struct zone_shift *types; /* one at least */
        size_t n_types;
        struct zone_rule rule;
        bool has_rule;
};

static int64_t seconds_of(usec t)
{
        return t / USEC_PER_SEC - (t % USEC_PER_SEC < 0);
}

/* ---- Reading ---- */

struct header {
        uint32_t n_utc, n_standard, n_leaps, n_changes, n_types, n_letters;
        uint8_t version;
};

/* Takes that many bytes off the front; NULL: there are less. */
static const unsigned char *take(struct str *s, size_t n)
{
        const char *p = s->p;

        if (s->n < n)
                return NULL;
        *s = str_from(s->p + n, s->n - n);
        return (const unsigned char *)p;
}

static uint32_t get32(const unsigned char *p)
{
        return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t get64(const unsigned char *p)
{
        return (int64_t)((uint64_t)get32(p) << 32 | get32(p + 4));
}

static bool take_header(struct str *s, struct header *ret)
{
        const unsigned char *p = take(s, HEADER_BYTES);

        if (!p || memcmp(p, "TZif", 4) != 0)
                return false;
        *ret = (struct header){
                .version = p[4],
                .n_utc = get32(p + 20),
                .n_standard = get32(p + 24),
                .n_leaps = get32(p + 28),
                .n_changes = get32(p + 32),
                .n_types = get32(p + 36),
                .n_letters = get32(p + 40),
        };
        return ret->n_changes <= CHANGES_MAX && ret->n_types <= TYPES_MAX && ret->n_letters <= LETTERS_MAX && ret->n_utc <= TYPES_MAX &&
               ret->n_standard <= TYPES_MAX && ret->n_leaps <= CHANGES_MAX;
}

static size_t block_bytes(const struct header *h, size_t time_bytes)
{
        return h->n_changes * (time_bytes + 1) + (size_t)h->n_types * TYPE_BYTES + h->n_letters + h->n_leaps * (time_bytes + 4) +
               h->n_standard + h->n_utc;
}

/* An abbreviation goes to terminals and pages: letters, digits and signs. */
static bool read_letters(const unsigned char *letters, size_t n, size_t at, char ret[ZONE_SHORT_BYTES])
{
        for (size_t i = 0; i < ZONE_SHORT_BYTES && at + i < n; i++) {
                char c = (char)letters[at + i];
                bool is_good = (str_lower(c) >= 'a' && str_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-';

                ret[i] = c;
                if (c == '\0')
                        return i > 0;
                if (!is_good)
                        return false;
        }
        return false;
}

static const char *read_types(struct zone *z, const struct header *h, const unsigned char *types, const unsigned char *letters)
{
        for (size_t i = 0; i < h->n_types; i++) {
                const unsigned char *p = types + i * TYPE_BYTES;
                int32_t seconds = (int32_t)get32(p);

                if (seconds < -ZONE_SHIFT_MAX || seconds > ZONE_SHIFT_MAX || p[4] > 1)
                        return "an offset that no place has";
                z->types[i] = (struct zone_shift){ .seconds = seconds, .is_dst = p[4] };
                if (!read_letters(letters, h->n_letters, p[5], z->types[i].abbreviation))
                        return "an abbreviation that is none";
        }
        return NULL;
}

/* The block of 64 bits; what is wrong, or NULL. */
static const char *read_block(struct zone *z, const struct header *h, struct str *s)
{
        const unsigned char *times = take(s, h->n_changes * 8), *indices = take(s, h->n_changes);
        const unsigned char *types = take(s, (size_t)h->n_types * TYPE_BYTES), *letters = take(s, h->n_letters);

        if (!times || !indices || !types || !letters || !take(s, (size_t)h->n_standard + h->n_utc))
                return "it is cut short";
        for (size_t i = 0; i < h->n_changes; i++) {
                z->changes[i] = (struct zone_change){ .at = get64(times + i * 8), .type = indices[i] };
                if (indices[i] >= h->n_types || (i > 0 && z->changes[i].at <= z->changes[i - 1].at))
                        return "its changes are out of order";
        }
        z->n_changes = h->n_changes;
        z->n_types = h->n_types;
        return read_types(z, h, types, letters);
}

static const char *read_footer(struct zone *z, struct str s)
{
        struct str text;

        if (!str_take(&s, '\n') || !str_cut(&s, '\n', &text) || !s.p || text.n > FOOTER_BYTES_MAX)
                return "it has no footer";
        z->has_rule = text.n > 0;
        return text.n > 0 && zone_rule_parse(text, &z->rule) < 0 ? "its footer is no rule for TZ" : NULL;
}

static const char *read_file(struct zone *z, struct str s)
{
        struct header h;
        const char *wrong;

        if (!take_header(&s, &h))
                return "it is no TZif file";
        if (h.version < '2')
                return "it has times of 32 bits only (version 1)";
        if (!take(&s, block_bytes(&h, 4)) || !take_header(&s, &h) || h.n_types == 0)
                return "it is cut short";
        if (h.n_leaps > 0)
                return "it counts leap seconds";
        z->changes = calloc(h.n_changes + 1, sizeof *z->changes);
        z->types = calloc(h.n_types, sizeof *z->types);
        if (!z->changes || !z->types)
                return "";
        wrong = read_block(z, &h, &s);
        return wrong ? wrong : read_footer(z, s);
}

int zone_parse(struct str name, struct str bytes, struct zone **ret, struct err *reterr)
{
        CLEANUP(zone_freep) struct zone *z = calloc(1, sizeof *z);
        const char *wrong = z ? NULL : "";

        if (name.n >= ZONE_NAME_BYTES)
                return err_set(reterr, -EINVAL, "the name of a zone has less than %d bytes", ZONE_NAME_BYTES);
        if (bytes.n > ZONE_FILE_BYTES_MAX)
                return err_set(reterr, -E2BIG, "zone " STR_FMT ": a file of more than %d bytes", STR_ARG(name), ZONE_FILE_BYTES_MAX);
        if (z) {
                memcpy(z->name, name.p, name.n);
                wrong = read_file(z, bytes);
        }
        if (wrong && !*wrong)
                return err_set(reterr, -ENOMEM, "out of memory");
        if (wrong)
                return err_set(reterr, -EBADMSG, "zone " STR_FMT ": %s", STR_ARG(name), wrong);
        *ret = TAKE(z);
        return 0;
}

struct zone *zone_free(struct zone *z)
{
        if (!z)
                return NULL;
        free(z->changes);
        free(z->types);
        free(z);
        return NULL;
}

const char *zone_name(const struct zone *z)
{
        return z->name;
}

/* ---- By name ---- */

/* Letters, digits, _ + - / and no part that leads elsewhere. */
static bool is_name(struct str name)
{
        struct str rest = name, part;

        if (name.n == 0 || name.n >= ZONE_NAME_BYTES)
                return false;
        for (size_t i = 0; i < name.n; i++) {
                char c = name.p[i];

                if (!(str_lower(c) >= 'a' && str_lower(c) <= 'z') && !(c >= '0' && c <= '9') && !strchr("_+-/", c))
                        return false;
                if (c == '\0')
                        return false;
        }
        while (str_cut(&rest, '/', &part))
                if (part.n == 0)
                        return false;
        return true;
}

/* "+09:00", "-03:30" */
static bool read_offset(struct str name, int *ret)
{
        uint64_t h, m;

        if (name.n != 6 || (name.p[0] != '+' && name.p[0] != '-') || name.p[3] != ':' || str_to_u64(str_from(name.p + 1, 2), &h) < 0 ||
            str_to_u64(str_from(name.p + 4, 2), &m) < 0 || h > 24 || m > 59)
                return false;
        *ret = (int)(h * 60 + m) * 60 * (name.p[0] == '-' ? -1 : 1);
        return true;
}

static int make_fixed(struct str name, int seconds, struct zone **ret, struct err *reterr)
{
        struct zone *z = calloc(1, sizeof *z);

        if (!z || !(z->types = calloc(1, sizeof *z->types))) {
                zone_free(z);
                return err_set(reterr, -ENOMEM, "out of memory");
        }
        memcpy(z->name, name.p, name.n);
        z->n_types = 1;
        z->types[0].seconds = seconds;
        memcpy(z->types[0].abbreviation, name.p, name.n);
        *ret = z;
        return 0;
}

/* Up to one byte more than may be. -errno. */
static int read_bytes(const char *path, char **ret, size_t *ret_n)
{
        CLEANUP(memory_freep) char *bytes = malloc(ZONE_FILE_BYTES_MAX + 1);
        size_t n = 0;
        ssize_t k = 1;
        int fd;

        if (!bytes)
                return -ENOMEM;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return -errno;
        while (k > 0 && n <= ZONE_FILE_BYTES_MAX) {
                k = read(fd, bytes + n, ZONE_FILE_BYTES_MAX + 1 - n);
                if (k < 0 && errno == EINTR)
                        k = 1;
                else if (k > 0)
                        n += (size_t)k;
        }
        k = k < 0 ? -errno : 0;
        close(fd);
        if (k < 0)
                return (int)k;
        *ret = TAKE(bytes);
        *ret_n = n;
        return 0;
}

int zone_open(const char *dir, struct str name, struct zone **ret, struct err *reterr)
{
        CLEANUP(memory_freep) char *bytes = NULL;
        const char *folder = dir ? dir : ZONE_DIR;
        char path[PATH_BYTES_MAX];
        size_t n = 0;
        int seconds = 0, r;

        if (str_eqz(name, "UTC") || str_eqz(name, "Z") || read_offset(name, &seconds))
                return make_fixed(str_eqz(name, "Z") ? STR("UTC") : name, seconds, ret, reterr);
        if (!is_name(name))
                return err_set(reterr, -EINVAL, "a zone has a name such as Asia/Seoul, or is an offset such as +09:00");
        r = snprintf(path, sizeof path, "%s/" STR_FMT, folder, STR_ARG(name));
        r = r < 0 || (size_t)r >= sizeof path ? -ENAMETOOLONG : read_bytes(path, &bytes, &n);
        if ((r == -ENOENT || r == -ENOTDIR || r == -EISDIR) && access(folder, R_OK) < 0)
                return err_set(reterr, -ENOENT, "no time zones in %s: install the package tzdata", folder);
        if (r == -ENOENT || r == -ENOTDIR || r == -EISDIR)
                return err_set(reterr, -ENOENT, "no time zone is called " STR_FMT ": names are such as Asia/Seoul, Europe/Berlin, UTC",
                               STR_ARG(name));
        if (r < 0)
                return err_set(reterr, r, "the time zone %s cannot be read: %s", path, strerror(-r));
        return zone_parse(name, str_from(bytes, n), ret, reterr);
}

/* ---- What counts ---- */

static void shift_at(const struct zone *z, int64_t seconds, struct zone_shift *ret)
{
        size_t low = 0, high = z->n_changes; /* the first change behind `seconds` lies in [low, high] */

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (z->changes[middle].at <= seconds)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == z->n_changes && z->has_rule)
                zone_rule_at(&z->rule, seconds, ret);
        else
                *ret = z->types[low > 0 ? z->changes[low - 1].type : 0];
}

void zone_at(const struct zone *z, usec t, struct zone_shift *ret)
{
        shift_at(z, seconds_of(t), ret);
}

void zone_split(const struct zone *z, usec t, struct time_parts *ret)
{
        struct zone_shift shift;

        zone_at(z, t, &shift);
        time_split(t + shift.seconds * USEC_PER_SEC, ret);
}

/* Whether `wall` with this offset is an instant at which it counts: then *ret, where it is earlier. And the other way about: the offset that
 * counts where it does not is that before a gap when both lead to each other. */
static void try_shift(const struct zone *z, int64_t wall, int seconds, int64_t *ret, int64_t *ret_gap)
{
        struct zone_shift there, back;

        shift_at(z, wall - seconds, &there);
        if (there.seconds == seconds) {
                if (wall - seconds < *ret)
                        *ret = wall - seconds;
                return;
        }
        shift_at(z, wall - there.seconds, &back);
        if (back.seconds == seconds && there.seconds < seconds)
                *ret_gap = wall - there.seconds;
}

static int64_t wall_to_utc(const struct zone *z, int64_t wall)
{
        int64_t found = INT64_MAX, gap = INT64_MAX;
        struct zone_shift shift;

        for (size_t i = 0; i < z->n_types; i++)
                try_shift(z, wall, z->types[i].seconds, &found, &gap);
        if (z->has_rule)
                try_shift(z, wall, z->rule.standard.seconds, &found, &gap);
        if (z->has_rule && z->rule.has_summer)
                try_shift(z, wall, z->rule.summer.seconds, &found, &gap);
        if (found == INT64_MAX)
                found = gap;
        if (found != INT64_MAX)
                return found;
        shift_at(z, wall - ZONE_SHIFT_MAX, &shift); /* of a file that has several changes within hours */
        return wall - shift.seconds;
}

usec zone_join(const struct zone *z, const struct time_parts *p)
{
        int64_t day = time_day(p->year, p->month, 1) + p->day - 1;

        return wall_to_utc(z, day * DAY_SECONDS + (int64_t)p->hour * 3600 + (int64_t)p->minute * 60 + p->second) * USEC_PER_SEC;
}

int64_t zone_day(const struct zone *z, usec t)
{
        struct time_parts p;

        zone_split(z, t, &p);
        return time_day(p.year, p.month, p.day);
}

/* Midnight may come twice, or never: the last second is the one before the first that is of a later day. */
usec zone_day_end(const struct zone *z, int64_t day)
{
        return (wall_to_utc(z, (day + 1) * DAY_SECONDS) - 1) * USEC_PER_SEC;
}

/* ---- Writing ---- */

void zone_format(const struct zone *z, usec t, char ret[ZONE_TEXT_BYTES])
{
        static const char days[7][4] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
        static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
        struct zone_shift shift;
        struct time_parts p;
        char seconds[8] = "";

        ret[0] = '\0';
        if (t == USEC_NONE)
                return;
        zone_at(z, t, &shift);
        zone_split(z, t, &p);
        if (p.second != 0)
                snprintf(seconds, sizeof seconds, ":%02d", p.second % 60);
        snprintf(ret, ZONE_TEXT_BYTES, "%s %d %s %04d %02d:%02d%s %s", days[p.weekday], p.day, months[p.month - 1], p.year, p.hour % 24,
                 p.minute % 60, seconds, shift.abbreviation);
}

void zone_format_iso(const struct zone *z, usec t, char ret[ZONE_TEXT_BYTES])
{
        struct zone_shift shift;
        struct time_parts p;
        int east;

        ret[0] = '\0';
        if (t == USEC_NONE)
                return;
        zone_at(z, t, &shift);
        zone_split(z, t, &p);
        east = shift.seconds < 0 ? -shift.seconds : shift.seconds;
        snprintf(ret, ZONE_TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", p.year, p.month, p.day, p.hour, p.minute, p.second,
                 shift.seconds < 0 ? '-' : '+', east / 3600, east / 60 % 60);
}
