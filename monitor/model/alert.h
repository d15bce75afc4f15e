/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MODEL_ALERT_H
#define SHOPBELL_MODEL_ALERT_H

/* What detect/ tells and store/ keeps.
 *
 * A change says how one alert is after an event: raised (born), grown, merged into another one, or withdrawn: a record that
 * came late explains it. Where records can take back what others said (history kinds) one that has ended may be raised
 * again. Changes carry the whole present state of the alert, so applying the last one is enough; evidence comes as the keys
 * of the records that joined. Strings are borrowed from the batch's arena or from the rule set. */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/base/hash.h"
#include "monitor/base/str.h"
#include "monitor/model/class.h"

enum {
        ALERT_EVIDENCE_MAX = 50, /* records kept for one alert; `count` goes on */
        ALERT_INVOLVED_MAX = 200, /* values of one kind that are named for one alert; the records of others are counted together */
        ALERT_INVOLVED_BYTES_MAX = 256, /* of such a value; of longer ones the beginning */
};

enum change_kind { CHANGE_RAISE, CHANGE_GROW, CHANGE_MERGE, CHANGE_WITHDRAW };

/* Who did it, from where, and to what. To add one: a row here, and its field in the statement SQL_INVOLVE_RECORD.
 *    enum      field                  label, key in JSON */
#define INVOLVED(X) \
        X(PERSON, ECS_PERSON, "People", "people") \
        X(ADDRESS, ECS_SOURCE_IP, "Addresses", "addresses") \
        X(OBJECT, ECS_OBJECT_NAME, "Objects", "objects")

enum involved {
#define X(id, field, label, key) INVOLVED_##id,
        INVOLVED(X)
#undef X
                _INVOLVED_MAX,
};

/* One normalised record as evidence. */
struct evidence {
        struct hash128 key; /* record.key */
        usec time;
        struct str source, file, id;
        uint64_t index;
        struct str fields; /* flat ECS JSON object, as `shopbell parse` prints it */
        struct str raw; /* the raw bytes, cut at EVIDENCE_RAW_MAX */
        struct str sealed; /* a box (base/sealbox.h) of the clear fields and raw, each with its length (base/digest.h), when these are kept
                              under pseudonyms; else empty */
};

enum { EVIDENCE_RAW_MAX = 64 * 1024 };

struct alert_group {
        struct str field, value;
};

struct alert_change {
        enum change_kind kind;
        struct hash128 id;
        struct hash128 merged_into; /* CHANGE_MERGE */
        struct str reason; /* CHANGE_WITHDRAW; absent: a record that came late explains it */
        struct str rule_id, rule_title;
        enum level level;
        const struct str *classes;
        size_t n_classes;
        const struct alert_group *group;
        size_t n_group;
        struct str sentence; /* plain words, already filled in; not yet made safe for a terminal */
        struct str why; /* "7 failed logins of 5 within 10m"; may be empty */
        struct str playbook; /* steps, one a line; may be empty */
        struct str person, source;
        usec first_seen, last_seen;
        uint64_t count;
        bool is_late; /* a hit came later than its source's lateness */
        const struct hash128 *records; /* evidence to attach, oldest first */
        size_t n_records;
        const struct str *involved; /* [_INVOLVED_MAX] of one more record, which is not kept as evidence; NULL: none */
};

#endif
