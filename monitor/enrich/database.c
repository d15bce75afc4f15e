/* SPDX-License-Identifier: Apache-2.0 */

/* libmaxminddb maps the file and walks its tree. Before it may, the metadata is read by us and the tree measured against the
 * file: 1.7.1 multiplies node count and node size in 32 bits and would walk out of the file. */

#include "monitor/enrich/database.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/base/utf8.h"
#include "monitor/enrich/mmdb_value.h"

enum {
        METADATA_BYTES_MAX = 128 * 1024, /* by the specification: the marker lies within these last bytes */
        SEPARATOR_BYTES = 16, /* between tree and data */
        TYPE_CHARS_MAX = 60,
};
#define FILE_BYTES_MAX (INT64_C(4) << 30) /* offsets in libmaxminddb are 32 bits wide */

struct database {
        char *path;
        char type[4 * TYPE_CHARS_MAX + 1];
        MMDB_s mmdb;
        bool is_open;
        struct mmdb_section data;
};

/* ---- Opening ---- */

static uint64_t meta_uint(const struct mmdb_section *meta, const char *name)
{
        struct mmdb_value v;

        return mmdb_get(meta, 0, name, &v) == 0 && v.kind == MMDB_UINT ? v.uint : 0;
}

/* What is wrong with a file, or NULL. */
static const char *check_bytes(const uint8_t *p, size_t n)
{
        static const char marker[] = "\xab\xcd\xefMaxMind.com";
        const size_t marker_n = sizeof marker - 1;
        size_t from = n > METADATA_BYTES_MAX ? n - METADATA_BYTES_MAX : 0, at = n;
        struct mmdb_section meta;
        uint64_t nodes, bits, version, tree;

        for (size_t i = from; i + marker_n <= n; i++)
                if (memcmp(p + i, marker, marker_n) == 0)
                        at = i;
        if (at == n)
                return "no MaxMind database: its metadata is not there (is the file whole?)";
        meta = (struct mmdb_section){ p + at + marker_n, n - at - marker_n };
        nodes = meta_uint(&meta, "node_count");
        bits = meta_uint(&meta, "record_size");
        version = meta_uint(&meta, "ip_version");
        if (meta_uint(&meta, "binary_format_major_version") != 2)
                return "not version 2 of the MaxMind format, the only one that is known";
        if ((bits != 24 && bits != 28 && bits != 32) || (version != 4 && version != 6) || nodes == 0 ||
            nodes > UINT32_MAX)
                return "a MaxMind database whose metadata makes no sense";
        tree = nodes * (bits / 4);
        if (tree + SEPARATOR_BYTES > at)
                return "a broken MaxMind database: its tree is longer than the file (is the file whole?)";
        return NULL;
}

static int check_file(const char *path, struct err *reterr)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r = 0;
        const char *wrong;
        struct stat st;
        void *p;

        if (fd < 0 || fstat(fd, &st) < 0) {
                r = -errno;
                err_at(reterr, r, path, 0, 0, "the database cannot be opened: %s", strerror(-r));
        } else if (!S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size >= FILE_BYTES_MAX) {
                r = err_at(reterr, -EBADMSG, path, 0, 0, "no MaxMind database: %s",
                           !S_ISREG(st.st_mode) ? "it is no file"
                           : st.st_size == 0    ? "the file is empty"
                                                : "it is too large");
        } else {
                p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
                wrong = p == MAP_FAILED ? "the file cannot be mapped into memory" : check_bytes(p, (size_t)st.st_size);
                if (wrong)
                        r = err_at(reterr, -EBADMSG, path, 0, 0, "%s", wrong);
                if (p != MAP_FAILED)
                        munmap(p, (size_t)st.st_size);
        }
        if (fd >= 0)
                close(fd);
        return r;
}

static void set_type(struct database *db)
{
        const char *type = db->mmdb.metadata.database_type;
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;

        text_display(&safe, str_of(type ? type : "unknown"), TEXT_TERMINAL, TYPE_CHARS_MAX);
        snprintf(db->type, sizeof db->type, "%s", safe.p ? safe.p : "unknown");
}

int database_open(const char *path, struct database **ret, struct err *reterr)
{
        CLEANUP(database_freep) struct database *db = calloc(1, sizeof *db);
        int r = check_file(path, reterr), status;

        if (r < 0)
                return r;
        if (!db || !(db->path = str_dupz(str_of(path))))
                return err_at(reterr, -ENOMEM, path, 0, 0, "out of memory");
        status = MMDB_open(path, MMDB_MODE_MMAP, &db->mmdb);
        if (status != MMDB_SUCCESS)
                return err_at(reterr, status == MMDB_OUT_OF_MEMORY_ERROR ? -ENOMEM : -EBADMSG, path, 0, 0,
                              "the database cannot be used: %s", MMDB_strerror(status));
        db->is_open = true;
        db->data = (struct mmdb_section){ db->mmdb.data_section, db->mmdb.data_section_size };
        set_type(db);
        *ret = TAKE(db);
        return 0;
}

struct database *database_free(struct database *db)
{
        if (!db)
                return NULL;
        if (db->is_open)
                MMDB_close(&db->mmdb);
        free(db->path);
        free(db);
        return NULL;
}

struct str database_type(const struct database *db)
{
        return str_of(db->type);
}

uint64_t database_built(const struct database *db)
{
        return db->mmdb.metadata.build_epoch;
}

/* ---- Reading an answer ---- */

struct ask {
        const struct database *db;
        size_t offset;
        struct answer *answer;
};

/* Something was there and made no sense. */
static void bad(struct ask *x)
{
        x->answer->is_bad = true;
}

static bool is_clean(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
                        return false;
        return s.n <= PLACE_TEXT_MAX && utf8_is_valid(s);
}

/* An empty text is none. */
static bool get(struct ask *x, const char *path, enum mmdb_kind kind, struct mmdb_value *ret)
{
        int r = mmdb_get(&x->db->data, x->offset, path, ret);

        if (r == -EBADMSG || (r == 0 && kind == MMDB_TEXT && ret->kind == kind && !is_clean(ret->text)))
                bad(x);
        else if (r == 0 && ret->kind == kind)
                return kind != MMDB_TEXT || ret->text.n > 0;
        return false;
}

static bool first_text(struct ask *x, const char *const *paths, struct str *ret)
{
        struct mmdb_value v;

        for (; *paths; paths++)
                if (get(x, *paths, MMDB_TEXT, &v)) {
                        *ret = v.text;
                        return true;
                }
        return false;
}

static void read_country(struct ask *x)
{
        static const char *const paths[] = { "country.iso_code", "country_code", "registered_country.iso_code",
                                             "country", NULL };
        struct str code;

        if (!first_text(x, paths, &code) || str_eqz(code, "ZZ"))
                return;
        if (code.n != 2 || code.p[0] < 'A' || code.p[0] > 'Z' || code.p[1] < 'A' || code.p[1] > 'Z') {
                bad(x);
                return;
        }
        memcpy(x->answer->country, code.p, 2);
}

static void read_location(struct ask *x)
{
        struct mmdb_value lat, lon, radius;
        struct answer *a = x->answer;

        if (!(get(x, "location.latitude", MMDB_REAL, &lat) && get(x, "location.longitude", MMDB_REAL, &lon)) &&
            !(get(x, "latitude", MMDB_REAL, &lat) && get(x, "longitude", MMDB_REAL, &lon)))
                return;
        if (!(fabs(lat.real) <= 90 && fabs(lon.real) <= 180)) { /* so for NaN, too */
                bad(x);
                return;
        }
        a->lat = (int32_t)lround(lat.real * PLACE_UNITS);
        a->lon = (int32_t)lround(lon.real * PLACE_UNITS);
        a->has_location = true;
        if (!get(x, "location.accuracy_radius", MMDB_UINT, &radius))
                return;
        if (radius.uint > PLACE_RADIUS_MAX)
                bad(x);
        else
                a->radius_km = (uint32_t)radius.uint;
}

/* "AS64500" and "64500". */
static bool as_of_text(struct str text, uint64_t *ret)
{
        if (str_starts(text, STR("AS")))
                text = str_from(text.p + 2, text.n - 2);
        return str_to_u64(text, ret) == 0;
}

static void read_as(struct ask *x)
{
        static const char *const numbers[] = { "autonomous_system_number", "asn", NULL };
        static const char *const names[] = { "autonomous_system_organization", "as_name", "as_organization", NULL };
        struct mmdb_value v = { 0 };
        uint64_t number = 0;
        struct str text;
        bool has = false;

        for (size_t i = 0; numbers[i] && !has; i++) {
                has = get(x, numbers[i], MMDB_UINT, &v);
                number = has ? v.uint : 0;
        }
        if (!has && first_text(x, numbers, &text) && !as_of_text(text, &number))
                bad(x);
        if (number == 0)
                return;
        if (number > UINT32_MAX) {
                bad(x);
                return;
        }
        x->answer->as_number = (uint32_t)number;
        first_text(x, names, &x->answer->as_name);
}

static void read_answer(struct ask *x)
{
        static const char *const cities[] = { "city.names.en", "city_name", "city", NULL };

        read_country(x);
        read_location(x);
        first_text(x, cities, &x->answer->city);
        read_as(x);
}

bool database_ask(const struct database *db, const struct address *address, struct answer *ret)
{
        struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
        struct sockaddr_in v4 = { .sin_family = AF_INET };
        bool is_v4 = address_is_v4(address);
        struct ask x = { .db = db, .answer = ret };
        MMDB_lookup_result_s found;
        int status;

        *ret = (struct answer){ 0 };
        if (!is_v4 && db->mmdb.metadata.ip_version == 4)
                return false;
        memcpy(&v6.sin6_addr, address->b, ADDRESS_BYTES);
        memcpy(&v4.sin_addr, address->b + ADDRESS_V4_BITS / 8, 4);
        found = MMDB_lookup_sockaddr(&db->mmdb, is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6,
                                     &status);
        if (status != MMDB_SUCCESS)
                ret->is_bad = true;
        if (status != MMDB_SUCCESS || !found.found_entry)
                return false;
        x.offset = found.entry.offset;
        read_answer(&x);
        return ret->country[0] || ret->has_location || ret->city.p || ret->as_number;
}
