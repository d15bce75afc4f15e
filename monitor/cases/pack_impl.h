/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_PACK_IMPL_H
#define SHOPBELL_CASES_PACK_IMPL_H

/* What the files of the pack share; private to them. */

#include "monitor/base/map.h"
#include "monitor/base/zone.h"
#include "monitor/cases/pack.h"

/* What is read of a record for the time line and the forms. To add a field: a row. */
#define PACK_FIELDS(X) \
        X(PERSON, "shopbell.person") \
        X(CLASS, "shopbell.class") \
        X(ACTION, "event.action") \
        X(TYPE, "event.type") \
        X(OUTCOME, "event.outcome") \
        X(PROVIDER, "event.provider") \
        X(IP, "source.ip") \
        X(COUNTRY, "source.geo.country_iso_code") \
        X(NETWORK, "source.as.organization.name") \
        X(DEVICE, "shopbell.device") \
        X(OBJECT, "shopbell.object") \
        X(OBJECT_TYPE, "shopbell.object_type") \
        X(OLD, "shopbell.amount.old") \
        X(NEW, "shopbell.amount.new") \
        X(CURRENCY, "shopbell.currency") \
        X(TARGET_MAIL, "user.target.email") \
        X(TARGET_NAME, "user.target.name") \
        X(TARGET_ID, "user.target.id") \
        X(TARGET_ROLES, "user.target.roles") \
        X(ACCOUNT, "cloud.account.id") \
        X(REGION, "cloud.region")
enum pack_field {
#define X(id, name) PACK_##id,
        PACK_FIELDS(X)
#undef X
                _PACK_FIELD_MAX,
};

struct pack_record {
        char key[HASH128_HEX_BYTES];
        usec time;
        struct str source;
        struct str f[_PACK_FIELD_MAX]; /* absent: it has none */
};

struct pack_alert {
        struct hash128 id;
        struct str title, sentence, person, source;
        enum level level;
        usec first_seen, last_seen, raised_at;
        uint64_t count;
};

/* A moment of the time line. */
struct pack_event {
        usec at;
        const char *kind; /* "act", "alert", "bell", "moment", "case", "deadline" */
        const char *mark; /* how the page sets it off: a class of its style, or NULL */
        struct str who, what, more, ref;
        size_t n; /* equal times stay in the order in which they came */
};

struct packing {
        const struct pack_request *q; /* NULL: a pack is checked */
        struct arena *arena;
        struct query *copy;
        struct casefile file;
        struct zone *zone;
        int64_t case_id;
        usec now;

        /* What becomes of a file of the pack: it is written, or compared. */
        int (*emit)(struct packing *p, struct str name, struct str bytes);
        bool is_check, is_revealed; /* checking: what was under pseudonyms is not compared */
        uint64_t unproved;
        size_t n_sealed;

        struct pack_record *records;
        size_t n_records, records_cap;
        uint64_t records_left;
        struct map seen; /* records by key */
        struct pack_alert *alerts;
        size_t n_alerts, alerts_cap;
        struct pack_event *events;
        size_t n_events, events_cap;
        struct deadline *deadlines;
        size_t n_deadlines;
        struct err *err;

        /* writing */
        struct strbuf archive, sums, chain;
        struct pack_made *made;
        /* checking */
        void *check;
};

/* Grows an array of that type by one and gives the new item's place; NULL: out of memory. In pack.c. */
void *pack_grow(void **items, size_t *n, size_t *cap, size_t size);

void pack_done(struct packing *p);

/* ---- Parts: 0 or negative ---- */
int pack_proved(struct packing *p); /* pack_proved.c: alerts.ndjson, records/, case.ndjson; fills alerts and records */
int pack_clocks(struct packing *p); /* pack_clocks.c: regimes/; fills deadlines */
int pack_times(struct packing *p); /* pack_time.c: timeline.csv; fills events */
int pack_page(struct packing *p); /* pack_page.c: index.html */
int pack_drafts(struct packing *p); /* pack_drafts.c: drafts/ */
int pack_forms(struct packing *p); /* pack_forms.c: forms/ */

/* "2026-11-17T07:00:00Z", without fractions. */
void pack_utc(usec t, char ret[TIME_ISO_BYTES]);
/* A value of a field: moments in words. */
void pack_value_text(const struct case_field *f, struct str value, struct strbuf *out);
/* What a record did, in a line. */
void pack_record_text(const struct pack_record *r, struct strbuf *out);

#endif
