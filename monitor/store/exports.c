/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/store/exports.h"

#include "monitor/store/db.h"

/* Of several values the first. */
#define FIELD(name) "ifnull(json_extract(fields, '$.\"" name "\"[0]'), json_extract(fields, '$.\"" name "\"'))"
#define AMOUNT(name) "max(0, ifnull(CAST(" FIELD(name) " AS INTEGER), 0))"

static const char exports_sql[] =
        "SELECT who, country, max(source), count(DISTINCT source), count(*), total(n_rows), total(n_files), total(n_bytes), min(time), max(time) "
        "FROM (SELECT source, time, coalesce(" FIELD("shopbell.person") ", " FIELD("user.email") ", " FIELD("user.name") ", "
        FIELD("user.id") ", '') AS who, ifnull(" FIELD("source.geo.country_iso_code") ", '') AS country, "
        AMOUNT("shopbell.export.rows") " AS n_rows, " AMOUNT("shopbell.export.files") " AS n_files, " AMOUNT("shopbell.export.bytes") " AS n_bytes "
        "FROM record WHERE record IN (SELECT l.record FROM alert_record l JOIN alert a ON a.id = l.alert "
        "WHERE a.state NOT IN ('merged', 'withdrawn') AND instr(a.classes, '\"export\"') AND a.last_seen >= ?1 AND a.first_seen < ?2) "
        "AND time >= ?1 AND time < ?2 AND CASE WHEN json_valid(fields) THEN instr(json_extract(fields, '$.\"shopbell.class\"'), 'export') END) "
        "GROUP BY who, country ORDER BY count(*) DESC, who, country";

/* A sum, which SQLite gives as a double. */
static uint64_t column_amount(sqlite3_stmt *q, int at)
{
        double d = sqlite3_column_double(q, at);

        return d >= 9e18 ? INT64_MAX : d > 0 ? (uint64_t)d : 0;
}

int query_exports(struct query *query, usec since, usec until, int (*fn)(void *userdata, const struct query_export *e), void *userdata)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE, r = db_errno(sqlite3_prepare_v2(query->db, exports_sql, -1, &q, NULL));

        if (r < 0)
                return r;
        sqlite3_bind_int64(q, 1, since);
        sqlite3_bind_int64(q, 2, until);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct query_export e = {
                        .who = db_column(q, 0),
                        .country = db_column(q, 1),
                        .source = db_column(q, 2),
                        .n_sources = (uint64_t)sqlite3_column_int64(q, 3),
                        .records = (uint64_t)sqlite3_column_int64(q, 4),
                        .rows = column_amount(q, 5),
                        .files = column_amount(q, 6),
                        .bytes = column_amount(q, 7),
                        .first = sqlite3_column_int64(q, 8),
                        .last = sqlite3_column_int64(q, 9),
                };

                r = fn(userdata, &e);
        }
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}
