/* SPDX-License-Identifier: Apache-2.0 */

/* Which field of a record is what: a table of ECS fields with the words that speak for and against a path, and what its
 * values must look like. The path with the most points is taken, the earlier one on a tie. Rows are tried from the top, and a
 * path that is taken is gone for the rows below unless they share. */

#include <errno.h>

#include "parsers/draft_impl.h"

enum { POINTS_MIN = 3, MAP_ROWS_MAX = 12, RARE_POINTS = 12 /* that a field in no record would lose */, ZONE_POINTS = 3, PROOF_POINTS = 4, ACTION_POINTS = 6 /* when all values have words of actions */ };

#define ACTOR "actor:5 user:4 who:5 by:4 author:4 admin:3 initiator:5 principal:4 performed:3 caller:4 performer:5 username:6 staff:4 account:1 login:1 suser:6 userid:5 creator:2 requester:4 operator:4 origin:1 identity:2 uid:2 "
#define NOT_ACTOR "status:-9 result:-9 target:-9 recipient:-9 affected:-9 invitee:-9 invited:-9 object:-7 resource:-7 new:-5 old:-5 customer:-4 assigned:-6 member:-2 duser:-9 agent:-9 subject:-3 owner:-3 group:-4 role:-8 roles:-8 type:-4 session:-5 credential:-4 key:-4 token:-4 "
#define TARGET "target:7 recipient:7 affected:7 invitee:7 invited:6 member:5 duser:7 new_user:6 target_user:7 subject:3 object:2 assignee:6 grantee:7 "
#define MAIL "email:4 mail:4 e_mail:3 address:1 "
#define NAME "name:3 username:3 login:2 display:2 display_name:1 nickname:2 full:1 "
#define ID "id:3 uuid:3 uid:3 guid:3 number:1 "

struct row {
        enum ecs field;
        unsigned needs, refuses; /* shapes */
        const char *must; /* one of these words must be there; NULL: none must */
        bool is_last; /* in the last part of the path */
        unsigned proof; /* a value of this shape needs no such word */
        const char *words;
        bool is_shared; /* the path may serve other rows, too */
        bool may_be_rare; /* in few records */
        bool is_one; /* as many values as records: an id */
};

static const struct row rows[] = {
        { .field = ECS_TIMESTAMP, .needs = SHAPE_TIME | SHAPE_EPOCH,
          .words = "timestamp:6 time:5 date:4 datetime:5 created:4 created_at:3 occurred:5 at:3 published:4 ts:5 when:5 event:2 rt:5 logged:3 performed:3 eventtime:6 utc:1 "
                   "expires:-9 expiry:-9 expiration:-9 expire:-9 updated:-3 modified:-3 received:-2 ingested:-3 last:-4 start:-2 end:-2 until:-6 valid:-4 birth:-9 age:-9 id:-1 timezone:-3 size:-9 amount:-9" },
        { .field = ECS_EVENT_ID, .needs = SHAPE_ID | SHAPE_TEXT, .refuses = SHAPE_TIME | SHAPE_MAIL | SHAPE_AGENT | SHAPE_BOOL, .must = ID "externalid:1 sid:1 ref:1 reference:1", .is_one = true,
          .words = ID "event:3 evt:3 ref:3 reference:3 log:2 entry:3 record:3 audit:3 request:1 unique:3 qualifier:3 externalid:5 user:-8 actor:-8 target:-8 object:-6 resource:-6 account:-6 session:-6 org:-6 "
                      "organization:-6 tenant:-6 shop:-6 store:-6 ip:-9 parent:-5 client:-6 customer:-6 product:-5 order:-5 device:-5 key:-5 token:-6 address:-9 campaign:-5 project:-5 by:-6 admin:-6" },
        { .field = ECS_SOURCE_IP, .needs = SHAPE_ADDRESS,
          .words = "ip:6 address:4 addr:4 client:3 remote:4 source:3 src:6 from:4 origin:3 actor:2 ipaddress:6 srcip:6 host:2 caller:2 x_forwarded_for:2 location:1 ip2:-1 "
                   "server:-6 dest:-9 destination:-9 dst:-9 local:-6 target:-7 gateway:-4 internal:-4" },
        { .field = ECS_USER_AGENT, .needs = SHAPE_TEXT, .refuses = SHAPE_MAIL | SHAPE_TIME, .must = "agent:1 useragent:1 ua:1 browser:1 requestclientapplication:1", .proof = SHAPE_AGENT,
          .words = "agent:6 user_agent:4 useragent:9 ua:6 browser:4 requestclientapplication:9 client:1 id:-6 version:-3 type:-3", .may_be_rare = true },
        { .field = ECS_EVENT_ACTION, .needs = SHAPE_WORD, .refuses = SHAPE_TIME | SHAPE_MAIL | SHAPE_AGENT,
          .words = "action:8 event:4 events:3 events_name:3 operation:7 verb:6 activity:5 event_type:4 event_name:5 eventname:8 eventtype:7 type:1 name:1 method:2 kind:2 what:6 do:5 did:5 evt:3 command:2 change:1 act:8 op:5 pattern:3 function:2 "
                   "user:-7 actor:-7 object:-7 target:-7 resource:-8 entity:-7 ip:-9 agent:-9 outcome:-9 result:-9 status:-7 level:-6 severity:-9 source:-5 category:-3 id:-6 "
                   "message:-3 description:-4 session:-6 device:-8 account:-5 client:-6 auth:-5 role:-7 product:-5 vendor:-9 time:-9 date:-9 hostname:-9 program:-9 country:-9 city:-9 object_type:-6 schema:-6 version:-8 summary:-4" },
        { .field = ECS_USER_EMAIL, .needs = SHAPE_MAIL, .words = ACTOR MAIL NOT_ACTOR },
        { .field = ECS_USER_NAME, .needs = SHAPE_TEXT, .refuses = SHAPE_MAIL | SHAPE_TIME | SHAPE_ADDRESS | SHAPE_AGENT, .must = ACTOR, .words = ACTOR NAME NOT_ACTOR "id:-4 uuid:-4 email:-2 event:-3 agent:-9 ip:-9 country:-5 city:-5" },
        { .field = ECS_USER_ID, .needs = SHAPE_ID | SHAPE_TEXT, .refuses = SHAPE_TIME | SHAPE_MAIL | SHAPE_AGENT | SHAPE_BOOL | SHAPE_ADDRESS, .must = ACTOR, .words = ACTOR ID NOT_ACTOR "name:-4 ip:-9 agent:-9 event:-3 email:-3" },
        { .field = ECS_USER_TARGET_EMAIL, .needs = SHAPE_MAIL, .must = TARGET, .words = TARGET "user:2 " MAIL "actor:-9 by:-9", .may_be_rare = true },
        { .field = ECS_USER_TARGET_ROLES, .needs = SHAPE_TEXT, .is_last = true, .must = "role:1 roles:1 permission:1 new_role:1", .words = "role:6 roles:6 new:3 target:3 permission:3 actor:-9 user_roles:-6 old:-9 previous:-9 id:-3", .may_be_rare = true },
        { .field = ECS_USER_TARGET_NAME, .needs = SHAPE_TEXT, .refuses = SHAPE_MAIL | SHAPE_TIME | SHAPE_ADDRESS, .must = "target_user:1 target_username:1 target_name:1 duser:1 invitee:1 recipient:1 affected_user:1 member_name:1 new_user:1 grantee:1",
          .words = TARGET NAME "actor:-9 by:-9 id:-4 type:-9 role:-9 roles:-9 email:-9", .may_be_rare = true },
        { .field = ECS_USER_ROLES, .needs = SHAPE_TEXT, .is_last = true, .must = "role:1 roles:1", .words = "role:4 roles:4 actor:4 user:4 by:3 new:-9 target:-9 old:-9", .may_be_rare = true },
        { .field = ECS_OBJECT_TYPE, .needs = SHAPE_WORD, .must = "object_type:1 on_kind:1 on_type:1 resource_type:1 target_type:1 entity_type:1 object_kind:1 resource_kind:1 subject_type:1 entity:1 item_type:1 objecttype:1 resourcetype:1 targettype:1",
          .words = "type:4 kind:4 on:3 object:4 resource:4 entity:4 target:3 subject:3 item:3 objecttype:6 resourcetype:6 targettype:6 id:-9 name:-9", .may_be_rare = true },
        { .field = ECS_OBJECT_NAME, .needs = SHAPE_TEXT | SHAPE_ID, .refuses = SHAPE_TIME | SHAPE_ADDRESS | SHAPE_BOOL,
          .must = "object:1 on_name:1 on_id:1 resource:1 entity:1 item:1 file:1 document:1 subject:1 target:1 campaign:1 product:1 report:1 bucket:1 fname:1 resource_name:1 object_name:1 filename:1",
          .words = "object:5 on:3 resource:5 entity:4 target:3 item:4 subject:3 file:3 document:3 campaign:3 product:2 report:3 bucket:4 fname:5 filename:4 name:3 title:3 label:2 path:2 id:1 type:-9 kind:-9 user:-3 email:-5 actor:-9 old:-5 new:-3 size:-9 count:-9 url:-1", .may_be_rare = true },
        { .field = ECS_CLOUD_ACCOUNT, .needs = SHAPE_TEXT | SHAPE_ID, .refuses = SHAPE_TIME | SHAPE_ADDRESS | SHAPE_MAIL | SHAPE_BOOL,
          .must = "account:1 tenant:1 org:1 organization:1 organisation:1 workspace:1 shop:1 store:1 site:1 company:1 team:1 business:1 merchant:1 seller:1",
          .words = "account:4 tenant:5 org:5 organization:5 organisation:5 workspace:5 shop:5 store:5 site:4 company:4 team:3 business:4 merchant:5 seller:5 id:3 domain:2 name:1 actor:-6 user:-6 target:-6 type:-6 owner:-4 email:-6 key:-6" },
        { .field = ECS_KEY_ID, .needs = SHAPE_TEXT | SHAPE_ID, .refuses = SHAPE_TIME | SHAPE_ADDRESS | SHAPE_BOOL | SHAPE_MAIL, .must = "key_id:1 token_id:1 session_id:1 access_key:1 api_key:1 credential_id:1 session:1 keyid:1 sessionid:1",
          .words = "key:4 token:3 session:2 access:2 api:2 credential:3 id:2 keyid:5 sessionid:3 name:1 type:-6 secret:-9", .may_be_rare = true },
        { .field = ECS_EVENT_REASON, .needs = SHAPE_TEXT, .refuses = SHAPE_TIME | SHAPE_ADDRESS | SHAPE_MAIL, .is_last = true, .must = "reason:1 error:1 failure:1 error_message:1",
          .words = "reason:6 error:4 failure:4 message:2 description:1 code:-1 type:-1 id:-6", .may_be_rare = true, .is_shared = true },
        { .field = ECS_CLOUD_REGION, .needs = SHAPE_WORD, .is_last = true, .must = "region:1", .words = "region:5 geo:-9 ip:-9 location:-9 actor:-4 client:-6" },
};

/* ---- Choosing ---- */

/* A stamp that says the same whatever the zone. */
static bool has_zone(struct str s)
{
        struct time_hint far = { .reference = USEC_NONE, .zone_minutes = 600 };
        usec a, b;

        return time_parse(s, TIME_UNIT_AUTO, NULL, &a) == 0 && time_parse(s, TIME_UNIT_AUTO, &far, &b) == 0 && a == b;
}

static int points(const struct draft *d, const struct row *row, const struct draft_field *f)
{
        int depth = 0, sum;

        if (f->n_filled == 0 || (f->is_used && !row->is_shared) || !(f->shapes & row->needs) || f->shapes & row->refuses & ~row->needs)
                return 0;
        if (row->is_one && (f->has_repeats || f->has_many || f->n_records < d->n_records))
                return 0;
        if (row->must && !(f->shapes & row->proof) && draft_weigh(row->is_last ? f->last : f->words, row->must) == 0)
                return 0;
        for (size_t i = 0; i < f->path.n; i++)
                depth += f->path.p[i] == '.';
        sum = draft_weigh(f->words, row->words) * 4 - depth;
        if (row->field == ECS_TIMESTAMP && sum > 0 && (f->shapes & SHAPE_EPOCH || has_zone(f->values[0])))
                sum += 4 * ZONE_POINTS;
        if (row->proof & f->shapes)
                sum += 4 * PROOF_POINTS;
        if (row->field == ECS_EVENT_ACTION)
                sum += 4 * (int)(ACTION_POINTS * draft_actions(d, f) / f->n_values);
        if (!row->may_be_rare)
                sum -= RARE_POINTS - (int)(RARE_POINTS * f->n_records / d->n_records);
        return sum < 4 * POINTS_MIN - depth ? 0 : sum;
}

static struct draft_field *best(const struct draft *d, const struct row *row)
{
        struct draft_field *found = NULL;
        int most = 0;

        for (size_t i = 0; i < d->n_fields; i++) {
                int p = points(d, row, &d->fields[i]);

                if (p > most) {
                        most = p;
                        found = &d->fields[i];
                }
        }
        return found;
}

static struct str scalar(struct draft *d, struct str text)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        draft_scalar(&b, text);
        return strbuf_failed(&b) ? STR_NONE : arena_dup(d->arena, strbuf_str(&b));
}

static int guess(struct draft *d, enum ecs field, struct draft_field *f, struct str yaml, struct str note)
{
        if (!yaml.p)
                return -ENOMEM;
        f->is_used = true;
        d->guesses[field] = (struct draft_guess){ .field = f, .yaml = yaml, .note = note };
        return 0;
}

/* ---- Fields with a way of their own ---- */

static int guess_time(struct draft *d, struct draft_field *f)
{
        const char *unit = f->shapes & SHAPE_EPOCH && !(f->shapes & SHAPE_TIME) ? draft_unit(f->values[0]) : NULL;
        struct str path = scalar(d, f->path);

        if (!path.p)
                return -ENOMEM;
        d->has_zoneless_stamps = !unit && !has_zone(f->values[0]);
        if (d->has_header && str_eqz(f->path, "timestamp")) { /* what the header says is taken anyhow */
                f->is_used = true;
                return 0;
        }
        return guess(d, ECS_TIMESTAMP, f, unit ? arena_printf(d->arena, "{from: " STR_FMT ", unit: %s}", STR_ARG(path), unit) : path,
                     STR_NONE);
}

static void add_map_row(struct strbuf *b, struct str from, const char *to)
{
        strbuf_addz(b, b->p[b->n - 1] == '{' ? "" : ", ");
        draft_scalar(b, from);
        strbuf_addf(b, ": %s", to);
}

/* {from: path, map: {ok: success, …}} of the values of the sample; of true and false both. */
static struct str map_of(struct draft *d, const struct draft_field *f, int (*sign)(struct str), bool is_inverse, const char *good, const char *bad)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        strbuf_addz(&b, "{from: ");
        draft_scalar(&b, f->path);
        strbuf_addz(&b, ", map: {");
        if (f->shapes & SHAPE_BOOL && !strbuf_failed(&b)) {
                add_map_row(&b, STR("true"), is_inverse ? bad : good);
                add_map_row(&b, STR("false"), is_inverse ? good : bad);
        }
        for (size_t i = 0; i < f->n_values && i < MAP_ROWS_MAX && !(f->shapes & SHAPE_BOOL) && !strbuf_failed(&b); i++)
                if (sign(f->values[i]))
                        add_map_row(&b, f->values[i], (sign(f->values[i]) > 0) != is_inverse ? good : bad);
        strbuf_addz(&b, "}}");
        return strbuf_failed(&b) ? STR_NONE : arena_dup(d->arena, strbuf_str(&b));
}

static bool has_sign(const struct draft_field *f, int (*sign)(struct str))
{
        for (size_t i = 0; i < f->n_values; i++)
                if (sign(f->values[i]))
                        return true;
        return false;
}

/* "login_failed" says how it went. */
static int action_sign(struct str text)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct str words = arena ? draft_words(arena, text) : STR_NONE;

        if (!words.p)
                return 0;
        if (draft_weigh(words, "failed:1 failure:1 fail:1 failing:1 denied:1 rejected:1 refused:1 invalid:1 blocked:1 unsuccessful:1 error:1") > 0)
                return -1;
        return draft_weigh(words, "succeeded:1 success:1 successful:1 accepted:1 logged_in:1 signed_in:1 exported:1 created:1 deleted:1 added:1 removed:1 changed:1 granted:1 updated:1");
}

static bool has_failure(const struct draft_field *f)
{
        for (size_t i = 0; i < f->n_values; i++)
                if (action_sign(f->values[i]) < 0)
                        return true;
        return false;
}

static int guess_outcome(struct draft *d)
{
        static const struct row row = { .field = ECS_EVENT_OUTCOME, .needs = ~0U, .must = "outcome:1 result:1 status:1 success:1 succeeded:1 successful:1 ok:1 failed:1 failure:1 allowed:1",
                                        .words = "outcome:8 result:6 status:5 success:7 succeeded:7 successful:7 ok:6 allowed:5 failed:5 failure:4 reason:-9 code:-2 message:-9 user:-4 target:-5 order:-6 object:-6 mfa:-6 factor:-6" };
        static const struct row error = { .field = ECS_EVENT_OUTCOME, .needs = ~0U, .must = "error:1 errors:1 error_code:1 errorcode:1 failure_reason:1 exception:1", .is_shared = true,
                                          .may_be_rare = true, .words = "error:6 errors:5 errorcode:6 code:2 failure:4 exception:4 message:1" };
        struct draft_field *f = best(d, &row);

        if (f && has_sign(f, draft_outcome))
                return guess(d, ECS_EVENT_OUTCOME, f, map_of(d, f, draft_outcome, draft_weigh(f->words, "failed:1 failure:1") > 0, "success", "failure"),
                             STR("guess: only the values of the sample; all others are unknown"));
        f = best(d, &error);
        if (!f) {
                f = (struct draft_field *)(uintptr_t)d->guesses[ECS_EVENT_ACTION].field; /* NULL: none */
                return f && has_failure(f) ? guess(d, ECS_EVENT_OUTCOME, f, map_of(d, f, action_sign, false, "success", "failure"),
                                                        STR("guess: by the words of the action; all others are unknown"))
                                                : 0;
        }
        return guess(d, ECS_EVENT_OUTCOME, f, arena_printf(d->arena, "{when: [{if: {" STR_FMT ": '*'}, is: failure}, {else: success}]}", STR_ARG(scalar(d, f->path))),
                     STR("guess: it failed when there is an error"));
}

static int mfa_sign(struct str s)
{
        static const char *const no[] = { "no", "false", "none", "0", "not_used", "password", "disabled", NULL };

        for (size_t i = 0; no[i]; i++)
                if (str_eq_nocase(s, str_of(no[i])))
                        return -1;
        return str_eqz(s, "true") || str_eq_nocase(s, STR("yes")) || str_eqz(s, "1") || str_eq_nocase(s, STR("used")) ? 1 : 0;
}

static int guess_mfa(struct draft *d)
{
        static const struct row row = { .field = ECS_MFA, .needs = ~0U, .must = "mfa:1 2fa:1 two_factor:1 second_factor:1 otp:1 mfaused:1 multi_factor:1 mfa_used:1", .may_be_rare = true,
                                        .words = "mfa:6 2fa:6 two_factor:6 second_factor:6 otp:5 multi_factor:6 mfaused:7 used:2 device:-3 id:-4" };
        struct draft_field *f = best(d, &row);

        return f && has_sign(f, mfa_sign) ? guess(d, ECS_MFA, f, map_of(d, f, mfa_sign, false, "used", "not_used"), STR("guess")) : 0;
}

/* Counts of what left: numbers with such a name. */
static int guess_counts(struct draft *d)
{
        static const struct row counts[] = {
                { .field = ECS_ROWS, .needs = SHAPE_NUMBER, .must = "rows:1 row_count:1 records:1 record_count:1 object_count:1 count:1 rowcount:1 exported:1", .may_be_rare = true,
                  .words = "rows:6 row:5 records:5 record:3 count:3 rowcount:7 exported:4 object:1 retry:-9 failed:-6 attempt:-9 login:-9 page:-6 total:1" },
                { .field = ECS_BYTES, .needs = SHAPE_NUMBER, .must = "bytes:1 file_size:1 filesize:1 size_bytes:1 content_length:1", .may_be_rare = true, .words = "bytes:6 size:4 file:2 filesize:6 page:-9" },
                { .field = ECS_FILES, .needs = SHAPE_NUMBER, .must = "files:1 file_count:1", .may_be_rare = true, .words = "files:5 file:3 count:3 size:-9" },
        };
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(counts) && r >= 0; i++) {
                struct draft_field *f = best(d, &counts[i]);

                if (f)
                        r = guess(d, counts[i].field, f, scalar(d, f->path), STR("guess: how much left with an export"));
        }
        return r;
}

int draft_fields(struct draft *d)
{
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(rows) && r >= 0; i++) {
                struct draft_field *f = best(d, &rows[i]);

                if (rows[i].field == ECS_EVENT_ACTION) {
                        r = f ? guess(d, ECS_EVENT_ACTION, f, scalar(d, f->path), STR_NONE) : 0;
                        r = r < 0 ? r : guess_outcome(d);
                        continue;
                }
                if (!f)
                        continue;
                r = rows[i].field == ECS_TIMESTAMP ? guess_time(d, f) : guess(d, rows[i].field, f, scalar(d, f->path), STR_NONE);
        }
        if (r >= 0)
                r = guess_mfa(d);
        return r < 0 ? r : guess_counts(d);
}
