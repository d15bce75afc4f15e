/* SPDX-License-Identifier: Apache-2.0 */

/* Alerts as Detection Findings of the Open Cybersecurity Schema Framework, class 2004 of version 1.8.0:
 * https://schema.ocsf.io/1.8.0/classes/detection_finding. Times are milliseconds. What it has no attribute for is below unmapped. */

#include "monitor/cli/export.h"

enum {
        CATEGORY_FINDINGS = 2,
        CLASS_DETECTION_FINDING = 2004,
        ACTIVITY_CREATE = 1,
        ACTIVITY_CLOSE = 3,
        ANALYTIC_RULE = 1,
        OBSERVABLE_IP = 2,
        OBSERVABLE_USER_NAME = 4,
};

enum { STATUS_NEW = 1, STATUS_IN_PROGRESS, STATUS_SUPPRESSED, STATUS_RESOLVED, STATUS_ARCHIVED, _STATUS_MAX };
static const char *const statuses[_STATUS_MAX] = {
        [STATUS_NEW] = "New",           [STATUS_IN_PROGRESS] = "In Progress", [STATUS_SUPPRESSED] = "Suppressed",
        [STATUS_RESOLVED] = "Resolved", [STATUS_ARCHIVED] = "Archived",
};
static const char *const severities[_LEVEL_MAX] = { "Informational", "Low", "Medium", "High", "Critical" }; /* severity_id: from 1 */

/* What people answered, and what became of it. */
static int status_of(const struct query_alert *a)
{
        static const struct {
                const char *answer;
                int status;
        } answers[] = { { "acknowledged", STATUS_IN_PROGRESS }, { "not-me", STATUS_IN_PROGRESS }, { "me", STATUS_SUPPRESSED }, { "closed", STATUS_RESOLVED },
                        { "closed-true", STATUS_RESOLVED }, { "closed-false", STATUS_SUPPRESSED }, { "closed-benign", STATUS_SUPPRESSED } };

        if (!str_eqz(a->state, "open"))
                return STATUS_ARCHIVED;
        for (size_t i = 0; i < ARRAY_LEN(answers); i++)
                if (str_eqz(a->answer, answers[i].answer))
                        return answers[i].status;
        return STATUS_NEW;
}

static void write_time(struct json_writer *w, const char *key, usec t)
{
        if (t != USEC_NONE)
                json_key(w, key), json_int(w, t / 1000);
}

static void write_text(struct json_writer *w, const char *key, struct str text)
{
        if (text.n > 0)
                json_key(w, key), json_str(w, text);
}

static void write_number(struct json_writer *w, const char *key, int64_t n)
{
        json_key(w, key), json_int(w, n);
}

static void write_metadata(const struct exported *x, struct json_writer *w)
{
        json_key(w, "metadata"), json_begin(w, '{');
        json_key(w, "version"), json_strz(w, OCSF_VERSION);
        json_key(w, "uid"), json_strz(w, x->id);
        write_text(w, "log_name", x->alert->source);
        json_key(w, "labels"), json_raw(w, x->alert->classes.n ? x->alert->classes : STR("[]"));
        json_key(w, "product"), json_begin(w, '{');
        json_key(w, "name"), json_strz(w, "shopbell");
        json_key(w, "vendor_name"), json_strz(w, "shopbell");
        json_key(w, "version"), json_strz(w, PACKAGE_VERSION);
        json_end(w, '}');
        json_end(w, '}');
}

/* ---- finding_info ---- */

static void write_technique(struct json_writer *w, struct str tag)
{
        bool is_sub = memchr(tag.p, '.', tag.n) != NULL;
        char id[16];
        size_t n = size_min(tag.n, sizeof id - 1);

        memcpy(id, tag.p, n);
        id[0] = 'T'; /* tags are in small letters */
        json_begin(w, '{');
        json_key(w, is_sub ? "sub_technique" : "technique"), json_begin(w, '{');
        json_key(w, "uid"), json_str(w, str_from(id, n));
        json_end(w, '}');
        json_end(w, '}');
}

static void write_attacks(const struct attack *t, struct json_writer *w)
{
        if (t->n_tactics + t->n_techniques == 0)
                return;
        json_key(w, "attacks"), json_begin(w, '[');
        for (size_t i = 0; i < t->n_tactics; i++) {
                json_begin(w, '{');
                json_key(w, "tactic"), json_begin(w, '{');
                json_key(w, "uid"), json_strz(w, t->tactics[i]->id);
                json_key(w, "name"), json_strz(w, t->tactics[i]->name);
                json_end(w, '}');
                json_end(w, '}');
        }
        for (size_t i = 0; i < t->n_techniques; i++)
                write_technique(w, t->techniques[i]);
        json_end(w, ']');
}

static void write_finding(const struct exported *x, struct json_writer *w)
{
        const struct query_alert *a = x->alert;

        json_key(w, "finding_info"), json_begin(w, '{');
        json_key(w, "uid"), json_strz(w, x->id);
        write_text(w, "title", a->rule_title);
        write_text(w, "desc", a->sentence);
        json_key(w, "types"), json_raw(w, a->classes.n ? a->classes : STR("[]"));
        write_time(w, "created_time", a->raised_at);
        write_time(w, "first_seen_time", a->first_seen);
        write_time(w, "last_seen_time", a->last_seen);
        json_key(w, "analytic"), json_begin(w, '{');
        write_text(w, "uid", a->rule_id);
        write_text(w, "name", a->rule_title);
        write_number(w, "type_id", ANALYTIC_RULE);
        json_key(w, "type"), json_strz(w, "Rule");
        json_end(w, '}');
        write_attacks(&x->attack, w);
        json_end(w, '}');
}

/* ---- Who, from where, to what ---- */

struct listing {
        struct json_writer *w;
        void (*write)(struct json_writer *w, enum involved kind, struct str value);
};

static int each_value(void *userdata, enum involved kind, struct str value, uint64_t count)
{
        struct listing *l = userdata;

        (void)count;
        if (value.n > 0)
                l->write(l->w, kind, value);
        return 0;
}

static int write_list(const struct exported *x, struct json_writer *w, const char *key,
                      void (*write)(struct json_writer *w, enum involved kind, struct str value))
{
        struct listing l = { w, write };
        int r;

        json_key(w, key), json_begin(w, '[');
        r = query_involved(x->q, &x->alert->id, each_value, &l);
        json_end(w, ']');
        return r;
}

static void write_observable(struct json_writer *w, enum involved kind, struct str value)
{
        bool is_person = kind == INVOLVED_PERSON;

        if (kind == INVOLVED_OBJECT)
                return;
        json_begin(w, '{');
        json_key(w, "name"), json_strz(w, is_person ? "evidences.actor.user.name" : "evidences.src_endpoint.ip");
        write_number(w, "type_id", is_person ? OBSERVABLE_USER_NAME : OBSERVABLE_IP);
        json_key(w, "type"), json_strz(w, is_person ? "User Name" : "IP Address");
        json_key(w, "value"), json_str(w, value);
        json_end(w, '}');
}

static void write_evidence(struct json_writer *w, enum involved kind, struct str value)
{
        if (kind == INVOLVED_OBJECT)
                return;
        json_begin(w, '{');
        if (kind == INVOLVED_PERSON) {
                json_key(w, "actor"), json_begin(w, '{');
                json_key(w, "user"), json_begin(w, '{');
                json_key(w, "name"), json_str(w, value);
                json_end(w, '}');
                json_end(w, '}');
        } else {
                json_key(w, "src_endpoint"), json_begin(w, '{');
                json_key(w, "ip"), json_str(w, value);
                json_end(w, '}');
        }
        json_end(w, '}');
}

static void write_resource(struct json_writer *w, enum involved kind, struct str value)
{
        if (kind != INVOLVED_OBJECT)
                return;
        json_begin(w, '{');
        json_key(w, "name"), json_str(w, value);
        json_end(w, '}');
}

static int write_record(void *userdata, const struct evidence *e)
{
        struct json_writer *w = userdata;

        json_begin(w, '{');
        write_text(w, "uid", e->id);
        write_text(w, "name", e->file);
        json_key(w, "data"), json_raw(w, e->fields.n ? e->fields : STR("{}"));
        json_end(w, '}');
        return 0;
}

static int write_raw(void *userdata, const struct evidence *e)
{
        json_str(userdata, e->raw);
        return 0;
}

static int write_evidences(const struct exported *x, struct json_writer *w)
{
        struct listing l = { w, write_evidence };
        int r;

        json_key(w, "evidences"), json_begin(w, '[');
        r = query_involved(x->q, &x->alert->id, each_value, &l);
        if (r >= 0 && x->with_records)
                r = query_records(x->q, &x->alert->id, write_record, w);
        json_end(w, ']');
        return r;
}

static int write_unmapped(const struct exported *x, struct json_writer *w)
{
        const struct query_alert *a = x->alert;
        int r = 0;

        json_key(w, "unmapped"), json_begin(w, '{');
        json_key(w, "level"), json_strz(w, level_name(a->level));
        write_text(w, "person", a->person);
        write_text(w, "why", a->why);
        json_key(w, "group"), json_raw(w, a->group.n ? a->group : STR("{}"));
        write_text(w, "state", a->state);
        write_text(w, "answer", a->answer);
        if (x->with_records) {
                json_key(w, "raw"), json_begin(w, '[');
                r = query_records(x->q, &a->id, write_raw, w);
                json_end(w, ']');
        }
        json_end(w, '}');
        return r;
}

/* ---- The whole ---- */

static void write_class(const struct exported *x, struct json_writer *w)
{
        const struct query_alert *a = x->alert;
        int status = status_of(a), activity = status >= STATUS_SUPPRESSED ? ACTIVITY_CLOSE : ACTIVITY_CREATE;

        write_number(w, "category_uid", CATEGORY_FINDINGS);
        json_key(w, "category_name"), json_strz(w, "Findings");
        write_number(w, "class_uid", CLASS_DETECTION_FINDING);
        json_key(w, "class_name"), json_strz(w, "Detection Finding");
        write_number(w, "activity_id", activity);
        json_key(w, "activity_name"), json_strz(w, activity == ACTIVITY_CLOSE ? "Close" : "Create");
        write_number(w, "type_uid", CLASS_DETECTION_FINDING * 100 + activity);
        json_key(w, "type_name"), json_strz(w, activity == ACTIVITY_CLOSE ? "Detection Finding: Close" : "Detection Finding: Create");
        write_number(w, "severity_id", (int)a->level + 1);
        json_key(w, "severity"), json_strz(w, severities[a->level]);
        write_number(w, "status_id", status);
        json_key(w, "status"), json_strz(w, statuses[status]);
        json_key(w, "is_alert"), json_bool(w, a->rang_at != USEC_NONE && activity == ACTIVITY_CREATE);
        write_time(w, "time", a->raised_at);
        write_time(w, "start_time", a->first_seen);
        write_time(w, "end_time", a->last_seen);
        write_number(w, "count", (int64_t)a->count);
        write_text(w, "message", a->sentence);
}

int export_ocsf(const struct exported *x, struct json_writer *w)
{
        const struct query_alert *a = x->alert;
        int r;

        json_begin(w, '{');
        write_class(x, w);
        write_metadata(x, w);
        write_finding(x, w);
        r = write_evidences(x, w);
        if (r >= 0)
                r = write_list(x, w, "observables", write_observable);
        if (r >= 0)
                r = write_list(x, w, "resources", write_resource);
        if (a->playbook.n > 0) {
                json_key(w, "remediation"), json_begin(w, '{');
                json_key(w, "desc"), json_str(w, a->playbook);
                json_end(w, '}');
        }
        if (r >= 0)
                r = write_unmapped(x, w);
        json_end(w, '}');
        return r;
}
