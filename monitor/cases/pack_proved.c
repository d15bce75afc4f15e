/* SPDX-License-Identifier: Apache-2.0 */

/* The parts of a pack that its chain vouches for. They are made of the copy alone, when the pack is written and again when it is checked.
 * What lies in boxes stays in them, unless the pack was made to reveal it: then the chain vouches for the box only. */

#include <errno.h>

#include "monitor/base/json_flat.h"
#include "monitor/base/json_write.h"
#include "monitor/cases/pack_impl.h"

static void put_time(struct json_writer *w, const char *key, usec t)
{
        char text[TIME_ISO_BYTES];

        time_format_iso(t, text);
        json_key(w, key);
        json_strz(w, *text ? text : NULL);
}

/* JSON that the store has, or, where that is damaged, its text. */
static void put_json(struct packing *p, struct json_writer *w, const char *key, struct str json)
{
        struct str rest = json, name, value;
        int r;

        while ((r = json_flat_next(&rest, p->arena, &name, &value)) > 0)
                ;
        json_key(w, key);
        if (r == 0)
                json_raw(w, json);
        else
                json_str(w, json);
}

/* ---- Records ---- */

struct gathering {
        struct packing *p;
        struct strbuf *alerts, *index; /* lines */
        struct json_writer *of_alert; /* in its list of records */
};

static const char *const field_names[_PACK_FIELD_MAX] = {
#define X(id, name) [PACK_##id] = name,
        PACK_FIELDS(X)
#undef X
};

/* Reads the fields of a record. */
static int read_record(struct arena *arena, const struct evidence *e, struct pack_record *ret)
{
        struct str rest = arena_dup(arena, e->fields), key, value;
        int r = rest.p ? 0 : -ENOMEM;

        *ret = (struct pack_record){ .time = e->time, .source = arena_dup(arena, e->source) };
        hash128_hex(&e->key, ret->key);
        while (r >= 0 && (r = json_flat_next(&rest, arena, &key, &value)) > 0)
                for (size_t i = 0; i < _PACK_FIELD_MAX; i++)
                        if (str_eqz(key, field_names[i]))
                                ret->f[i] = value;
        return r == -ENOMEM || !ret->source.p ? -ENOMEM : 0;
}

static void put_record(struct packing *p, const struct evidence *e, struct strbuf *out)
{
        struct json_writer w = JSON_WRITER(out);
        char key[HASH128_HEX_BYTES], hex[DIGEST_HEX_BYTES];
        struct digest d;

        hash128_hex(&e->key, key);
        digest_sha256(e->raw, &d);
        digest_hex(&d, hex);
        json_begin(&w, '{');
        json_key(&w, "record"), json_strz(&w, key);
        put_time(&w, "time", e->time);
        json_key(&w, "source"), json_str(&w, e->source);
        json_key(&w, "file"), json_str(&w, e->file);
        json_key(&w, "index"), json_int(&w, (int64_t)e->index);
        json_key(&w, "id"), json_str(&w, e->id);
        json_key(&w, "pseudonyms"), json_bool(&w, e->sealed.n > 0);
        json_key(&w, "bytes"), json_int(&w, (int64_t)e->raw.n);
        json_key(&w, "sha256"), json_strz(&w, e->raw.n > 0 ? hex : NULL);
        put_json(p, &w, "fields", e->fields);
        json_end(&w, '}');
        strbuf_addc(out, '\n');
}

/* records/KEY.raw: the bytes as they were read; one that lost them with its age, or keeps them in a box, has none. */
static int put_raw(struct packing *p, const char *key, const struct evidence *e)
{
        struct str name = arena_printf(p->arena, "records/%s.raw", key);

        if (!name.p)
                return -ENOMEM;
        if (e->raw.n == 0)
                return 0;
        return p->emit(p, name, e->raw);
}

static int on_record(void *userdata, const struct evidence *e)
{
        struct gathering *g = userdata;
        struct packing *p = g->p;
        struct pack_record r;
        bool is_hidden = p->is_check && p->is_revealed && e->sealed.n > 0;
        int k = read_record(p->arena, e, &r);

        if (k < 0)
                return k;
        json_strz(g->of_alert, r.key);
        if (map_get(&p->seen, str_of(r.key)))
                return 0;
        if (p->n_records == PACK_RECORDS_MAX) {
                p->records_left++;
                return 0;
        }
        p->n_sealed += e->sealed.n > 0;
        put_record(p, e, g->index);
        k = is_hidden ? 0 : put_raw(p, r.key, e);
        if (k >= 0) {
                struct pack_record *to = pack_grow((void **)&p->records, &p->n_records, &p->records_cap, sizeof *p->records);

                if (!to)
                        return -ENOMEM;
                *to = r;
                k = map_put(&p->seen, str_of(r.key), p);
        }
        p->unproved += is_hidden;
        return k;
}

/* ---- Alerts ---- */

static int keep_alert(struct packing *p, const struct query_alert *a)
{
        struct pack_alert *to = pack_grow((void **)&p->alerts, &p->n_alerts, &p->alerts_cap, sizeof *p->alerts);

        if (!to)
                return -ENOMEM;
        *to = (struct pack_alert){ .id = a->id, .title = arena_dup(p->arena, a->rule_title), .sentence = arena_dup(p->arena, a->sentence),
                                   .person = arena_dup(p->arena, a->person),
                                   .source = arena_dup(p->arena, a->source), .level = a->level, .first_seen = a->first_seen, .last_seen = a->last_seen,
                                   .raised_at = a->raised_at, .count = a->count };
        return to->title.p && to->sentence.p && to->person.p && to->source.p ? 0 : -ENOMEM;
}

static int on_alert(void *userdata, const struct query_alert *a)
{
        struct gathering *g = userdata;
        struct json_writer w = JSON_WRITER(g->alerts);
        char id[HASH128_HEX_BYTES], into[HASH128_HEX_BYTES];
        int r = keep_alert(g->p, a);

        hash128_hex(&a->id, id);
        hash128_hex(&a->merged_into, into);
        json_begin(&w, '{');
        json_key(&w, "id"), json_strz(&w, id);
        json_key(&w, "rule_id"), json_str(&w, a->rule_id);
        json_key(&w, "rule"), json_str(&w, a->rule_title);
        json_key(&w, "level"), json_strz(&w, level_name(a->level));
        json_key(&w, "sentence"), json_str(&w, a->sentence);
        json_key(&w, "why"), json_str(&w, a->why);
        json_key(&w, "playbook"), json_str(&w, a->playbook);
        json_key(&w, "person"), json_str(&w, a->person);
        json_key(&w, "source"), json_str(&w, a->source);
        put_json(g->p, &w, "group", a->group);
        json_key(&w, "state"), json_str(&w, a->state);
        json_key(&w, "merged_into"), json_strz(&w, hash128_is_zero(&a->merged_into) ? NULL : into);
        put_time(&w, "first_seen", a->first_seen);
        put_time(&w, "last_seen", a->last_seen);
        put_time(&w, "raised_at", a->raised_at);
        json_key(&w, "count"), json_int(&w, (int64_t)a->count);
        json_key(&w, "late"), json_bool(&w, a->is_late);
        json_key(&w, "records"), json_begin(&w, '[');
        g->of_alert = &w;
        if (r >= 0)
                r = query_records(g->p->copy, &a->id, on_record, g);
        json_end(&w, ']');
        json_end(&w, '}');
        strbuf_addc(g->alerts, '\n');
        return r;
}

/* ---- What was said ---- */

static void put_entry(const struct store_case_entry *e, struct strbuf *out)
{
        struct json_writer w = JSON_WRITER(out);

        json_begin(&w, '{');
        json_key(&w, "seq"), json_int(&w, e->seq);
        put_time(&w, "at", e->at);
        json_key(&w, "kind"), json_str(&w, e->kind);
        json_key(&w, "key"), json_str(&w, e->key);
        json_key(&w, "value"), json_str(&w, e->is_value_sealed ? STR_NONE : e->value);
        json_key(&w, "status"), json_str(&w, e->status);
        json_key(&w, "by"), json_str(&w, e->by);
        json_key(&w, "because"), json_str(&w, e->because);
        json_key(&w, "evidence"), json_str(&w, e->evidence);
        json_key(&w, "uid"), json_int(&w, e->who.uid);
        json_key(&w, "user"), json_str(&w, e->who.user);
        json_key(&w, "pseudonyms"), json_bool(&w, e->is_sealed || e->is_value_sealed);
        json_end(&w, '}');
        strbuf_addc(out, '\n');
}

static int put_entries(struct packing *p)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        size_t sealed = 0;

        for (size_t i = 0; i < p->file.n_entries; i++) {
                put_entry(&p->file.entries[i], &out);
                sealed += p->file.entries[i].is_sealed || p->file.entries[i].is_value_sealed;
        }
        p->n_sealed += sealed;
        if (strbuf_failed(&out))
                return -ENOMEM;
        if (p->is_check && p->is_revealed && sealed > 0) {
                p->unproved++;
                return 0;
        }
        return p->emit(p, STR("case.ndjson"), strbuf_str(&out));
}

int pack_proved(struct packing *p)
{
        CLEANUP(strbuf_done) struct strbuf alerts = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf index = STRBUF_INIT;
        struct gathering g = { .p = p, .alerts = &alerts, .index = &index };
        struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true };
        size_t sealed;
        int r = query_alerts(p->copy, &all, on_alert, &g);

        sealed = p->n_sealed;
        if (r >= 0 && (strbuf_failed(&alerts) || strbuf_failed(&index)))
                r = -ENOMEM;
        if (r >= 0)
                r = p->emit(p, STR("alerts.ndjson"), strbuf_str(&alerts));
        if (r >= 0 && p->is_check && p->is_revealed && sealed > 0)
                p->unproved++;
        else if (r >= 0)
                r = p->emit(p, STR("records/index.ndjson"), strbuf_str(&index));
        return r < 0 ? r : put_entries(p);
}
