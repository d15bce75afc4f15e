/* SPDX-License-Identifier: Apache-2.0 */

/* Alerts as documents of the Elastic Common Schema, event.kind "alert": https://www.elastic.co/guide/en/ecs/current/ecs-field-reference.html
 * What ECS has no field for is below shopbell. Severities are those that Elastic's own rules use. */

#include "monitor/cli/export.h"

static const int severities[_LEVEL_MAX] = { [LEVEL_INFORMATIONAL] = 1, [LEVEL_LOW] = 21, [LEVEL_MEDIUM] = 47, [LEVEL_HIGH] = 73, [LEVEL_CRITICAL] = 99 };

static void write_time(struct json_writer *w, const char *key, usec t)
{
        char stamp[TIME_ISO_BYTES];

        if (t == USEC_NONE)
                return;
        time_format_iso(t, stamp);
        json_key(w, key), json_strz(w, stamp);
}

static void write_text(struct json_writer *w, const char *key, struct str text)
{
        if (text.n > 0)
                json_key(w, key), json_str(w, text);
}

/* The categories (or types) of the alert's classes, each once. `classes` is a JSON array of names without escapes. */
static void write_of_classes(struct json_writer *w, const char *key, struct str classes, const char *(*of)(enum class c))
{
        bool is_there[_CLASS_MAX] = { false };
        struct str rest = classes, word;

        while (str_cut(&rest, '"', &word)) {
                enum class c = class_find(word);

                if (c < _CLASS_MAX)
                        is_there[c] = true;
        }
        json_key(w, key), json_begin(w, '[');
        for (size_t c = 0; c < _CLASS_MAX; c++) {
                bool is_new = is_there[c];

                for (size_t before = 0; before < c; before++)
                        is_new &= !is_there[before] || !str_eqz(str_of(of((enum class)before)), of((enum class)c));
                if (is_new)
                        json_strz(w, of((enum class)c));
        }
        json_end(w, ']');
}

static void write_event(const struct exported *x, struct json_writer *w)
{
        const struct query_alert *a = x->alert;

        json_key(w, "event"), json_begin(w, '{');
        json_key(w, "kind"), json_strz(w, "alert");
        json_key(w, "id"), json_strz(w, x->id);
        json_key(w, "module"), json_strz(w, "shopbell");
        json_key(w, "dataset"), json_strz(w, "shopbell.alert");
        write_text(w, "provider", a->source);
        json_key(w, "severity"), json_int(w, severities[a->level]);
        write_text(w, "reason", a->why);
        write_of_classes(w, "category", a->classes, class_category);
        write_of_classes(w, "type", a->classes, class_type);
        write_time(w, "created", a->raised_at);
        write_time(w, "start", a->first_seen);
        write_time(w, "end", a->last_seen);
        json_end(w, '}');
}

/* Tags are in small letters: t1562.008. */
static void write_technique(struct json_writer *w, struct str tag, bool with_sub)
{
        char id[16];
        size_t n = size_min(tag.n, sizeof id - 1);
        const char *dot = memchr(tag.p, '.', n);

        memcpy(id, tag.p, n);
        id[0] = 'T';
        if (dot && !with_sub)
                n = (size_t)(dot - tag.p);
        json_str(w, str_from(id, n));
}

static void write_tactics(const struct attack *t, struct json_writer *w)
{
        json_key(w, "tactic"), json_begin(w, '{');
        json_key(w, "id"), json_begin(w, '[');
        for (size_t i = 0; i < t->n_tactics; i++)
                json_strz(w, t->tactics[i]->id);
        json_end(w, ']');
        json_key(w, "name"), json_begin(w, '[');
        for (size_t i = 0; i < t->n_tactics; i++)
                json_strz(w, t->tactics[i]->name);
        json_end(w, ']');
        json_end(w, '}');
}

static void write_techniques(const struct attack *t, struct json_writer *w)
{
        bool has_sub = false;

        json_key(w, "technique"), json_begin(w, '{');
        json_key(w, "id"), json_begin(w, '[');
        for (size_t i = 0; i < t->n_techniques; i++) {
                write_technique(w, t->techniques[i], false);
                has_sub |= memchr(t->techniques[i].p, '.', t->techniques[i].n) != NULL;
        }
        json_end(w, ']');
        if (has_sub) {
                json_key(w, "subtechnique"), json_begin(w, '{');
                json_key(w, "id"), json_begin(w, '[');
                for (size_t i = 0; i < t->n_techniques; i++)
                        if (memchr(t->techniques[i].p, '.', t->techniques[i].n))
                                write_technique(w, t->techniques[i], true);
                json_end(w, ']');
                json_end(w, '}');
        }
        json_end(w, '}');
}

static void write_threat(const struct exported *x, struct json_writer *w)
{
        const struct attack *t = &x->attack;

        if (t->n_tactics + t->n_techniques == 0)
                return;
        json_key(w, "threat"), json_begin(w, '{');
        json_key(w, "framework"), json_strz(w, "MITRE ATT&CK");
        if (t->n_tactics > 0)
                write_tactics(t, w);
        if (t->n_techniques > 0)
                write_techniques(t, w);
        json_end(w, '}');
}

/* ---- Who, from where, to what ---- */

struct listing {
        struct json_writer *w;
        enum involved kind;
        size_t n;
        struct strbuf first;
};

static int write_value(void *userdata, enum involved kind, struct str value, uint64_t count)
{
        struct listing *l = userdata;

        (void)count;
        if (kind != l->kind || value.n == 0)
                return 0;
        if (l->n++ == 0)
                strbuf_add(&l->first, value);
        json_str(l->w, value);
        return 0;
}

/* An array under that key; *ret_only: the value, when it is the only one. */
static int write_values(const struct exported *x, struct json_writer *w, const char *key, enum involved kind, struct strbuf *ret_only)
{
        struct listing l = { .w = w, .kind = kind, .first = STRBUF_INIT };
        int r;

        json_key(w, key), json_begin(w, '[');
        r = query_involved(x->q, &x->alert->id, write_value, &l);
        json_end(w, ']');
        if (ret_only && l.n == 1)
                strbuf_add(ret_only, strbuf_str(&l.first));
        strbuf_done(&l.first);
        return r;
}

static int write_related(const struct exported *x, struct json_writer *w)
{
        CLEANUP(strbuf_done) struct strbuf address = STRBUF_INIT;
        int r;

        json_key(w, "related"), json_begin(w, '{');
        r = write_values(x, w, "user", INVOLVED_PERSON, NULL);
        if (r >= 0)
                r = write_values(x, w, "ip", INVOLVED_ADDRESS, &address);
        json_end(w, '}');
        if (x->alert->person.n > 0) {
                json_key(w, "user"), json_begin(w, '{');
                json_key(w, "name"), json_str(w, x->alert->person);
                json_end(w, '}');
        }
        if (address.n > 0) {
                json_key(w, "source"), json_begin(w, '{');
                json_key(w, "ip"), json_str(w, strbuf_str(&address));
                json_end(w, '}');
        }
        return r;
}

static int write_record(void *userdata, const struct evidence *e)
{
        struct json_writer *w = userdata;

        json_begin(w, '{');
        write_text(w, "file", e->file);
        json_key(w, "index"), json_int(w, (int64_t)e->index);
        json_key(w, "fields"), json_raw(w, e->fields.n ? e->fields : STR("{}"));
        json_key(w, "raw"), json_str(w, e->raw);
        json_end(w, '}');
        return 0;
}

/* What ECS has no name for. */
static int write_own(const struct exported *x, struct json_writer *w)
{
        const struct query_alert *a = x->alert;
        int r;

        json_key(w, "shopbell"), json_begin(w, '{');
        json_key(w, "level"), json_strz(w, level_name(a->level));
        json_key(w, "class"), json_raw(w, a->classes.n ? a->classes : STR("[]"));
        write_text(w, "person", a->person);
        json_key(w, "count"), json_int(w, (int64_t)a->count);
        json_key(w, "group"), json_raw(w, a->group.n ? a->group : STR("{}"));
        write_text(w, "state", a->state);
        write_text(w, "answer", a->answer);
        json_key(w, "rang"), json_bool(w, a->rang_at != USEC_NONE);
        write_text(w, "playbook", a->playbook);
        r = write_values(x, w, "objects", INVOLVED_OBJECT, NULL);
        if (r >= 0 && x->with_records) {
                json_key(w, "records"), json_begin(w, '[');
                r = query_records(x->q, &a->id, write_record, w);
                json_end(w, ']');
        }
        json_end(w, '}');
        return r;
}

int export_ecs(const struct exported *x, struct json_writer *w)
{
        const struct query_alert *a = x->alert;
        int r;

        json_begin(w, '{');
        write_time(w, "@timestamp", a->last_seen);
        json_key(w, "ecs"), json_begin(w, '{');
        json_key(w, "version"), json_strz(w, ECS_VERSION);
        json_end(w, '}');
        json_key(w, "message"), json_str(w, a->sentence);
        write_event(x, w);
        json_key(w, "rule"), json_begin(w, '{');
        json_key(w, "id"), json_str(w, a->rule_id);
        json_key(w, "name"), json_str(w, a->rule_title);
        json_key(w, "ruleset"), json_strz(w, "shopbell");
        json_end(w, '}');
        write_threat(x, w);
        r = write_related(x, w);
        json_key(w, "observer"), json_begin(w, '{');
        json_key(w, "vendor"), json_strz(w, "shopbell");
        json_key(w, "product"), json_strz(w, "shopbell");
        json_key(w, "type"), json_strz(w, "siem");
        json_key(w, "version"), json_strz(w, PACKAGE_VERSION);
        json_end(w, '}');
        if (r >= 0)
                r = write_own(x, w);
        json_end(w, '}');
        return r;
}
