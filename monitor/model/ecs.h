/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MODEL_ECS_H
#define SHOPBELL_MODEL_ECS_H

/* The normalised fields every record can have, whatever the platform: names of the Elastic Common Schema (ECS 8.x,
 * https://www.elastic.co/guide/en/ecs/current/ecs-field-reference.html) and our own under `shopbell.`.
 *
 * To add a field: one row here. Sources, rules and outputs then know it. */

#include <stdbool.h>
#include <stddef.h>

#include "monitor/base/str.h"

/*    enum                    name                         meaning, for `shopbell.source`(5) */
#define ECS_FIELDS(X) \
        X(TIMESTAMP, "@timestamp", "when it happened") \
        X(EVENT_ID, "event.id", "the platform's id of this record") \
        X(EVENT_ACTION, "event.action", "what was done, in the platform's own word") \
        X(EVENT_CATEGORY, "event.category", "what area that is, as ECS has it; comes of the class") \
        X(EVENT_TYPE, "event.type", "creation, deletion, change, start, …, as ECS has it: which way things went") \
        X(EVENT_OUTCOME, "event.outcome", "success, failure or unknown") \
        X(EVENT_REASON, "event.reason", "why it failed, in the platform's own words") \
        X(EVENT_PROVIDER, "event.provider", "the part of the platform that wrote the record") \
        X(USER_NAME, "user.name", "who did it: account name") \
        X(USER_EMAIL, "user.email", "who did it: mail address") \
        X(USER_ID, "user.id", "who did it: the platform's id") \
        X(USER_ROLES, "user.roles", "roles the actor holds") \
        X(USER_TARGET_NAME, "user.target.name", "whom it was done to: account name") \
        X(USER_TARGET_EMAIL, "user.target.email", "whom it was done to: mail address") \
        X(USER_TARGET_ID, "user.target.id", "whom it was done to: the platform's id") \
        X(USER_TARGET_ROLES, "user.target.roles", "roles the target got") \
        X(SOURCE_IP, "source.ip", "address the actor came from (real addresses only)") \
        X(SOURCE_ADDRESS, "source.address", "the same as the platform wrote it, also names") \
        X(SOURCE_PORT, "source.port", "port the actor came from") \
        X(GEO_COUNTRY, "source.geo.country_iso_code", "country of source.ip, two letters (ISO 3166-1)") \
        X(GEO_CITY, "source.geo.city_name", "city of source.ip, in English") \
        X(GEO_LOCATION, "source.geo.location", "where source.ip is: latitude,longitude in degrees, e.g. 52.5200,13.4050") \
        X(GEO_RADIUS, "shopbell.geo.radius_km", "how far from there it may be, in km") \
        X(GEO_PRECISION, "shopbell.geo.precision", "city or country: what that place is") \
        X(AS_NUMBER, "source.as.number", "number of the network operator (AS) of source.ip") \
        X(AS_NAME, "source.as.organization.name", "its name") \
        X(NETWORK, "shopbell.network", "the first of `networks:` in shopbell.yml that holds source.ip") \
        X(NETWORK_CLASS, "shopbell.network.class", "office, vpn, mobile, relay, hosting, service or tor: what that is") \
        X(USER_AGENT, "user_agent.original", "the actor's program") \
        X(DEVICE, "shopbell.device", "its family, without versions: Chrome on Windows, aws-cli, …") \
        X(CLOUD_ACCOUNT, "cloud.account.id", "account, tenant or shop the record belongs to") \
        X(CLOUD_REGION, "cloud.region", "region") \
        X(HOST_NAME, "host.name", "machine that wrote the record") \
        X(PROCESS_NAME, "process.name", "program that wrote the record") \
        X(PROCESS_PID, "process.pid", "its process id") \
        X(MESSAGE, "message", "the text of a line log") \
        X(OBJECT_NAME, "shopbell.object", "what was touched: bucket, snapshot, campaign, plugin, …") \
        X(OBJECT_TYPE, "shopbell.object_type", "what kind of thing that is") \
        X(CLASS, "shopbell.class", "login, mfa, export, …: see model/class.h") \
        X(MFA, "shopbell.mfa", "used, not_used or unknown") \
        X(KEY_ID, "shopbell.key_id", "access key, token or session used") \
        X(APP, "shopbell.app", "third-party app that was let in or acted") \
        X(SCOPES, "shopbell.scopes", "what the app, key or token may do") \
        X(SHARED_WITH, "shopbell.shared_with", "account, domain or address it was opened to; anyone for everybody") \
        X(VERDICT, "shopbell.verdict", "suspicious: the platform itself says so") \
        X(BYTES, "shopbell.export.bytes", "how many bytes left") \
        X(ROWS, "shopbell.export.rows", "how many rows or objects left") \
        X(FILES, "shopbell.export.files", "how many files left") \
        X(AMOUNT_OLD, "shopbell.amount.old", "an amount of money before the change") \
        X(AMOUNT_NEW, "shopbell.amount.new", "the amount after it") \
        X(CURRENCY, "shopbell.currency", "its currency") \
        X(CUSTOMER, "shopbell.customer", "whose data was read or changed: a customer of the shop, by number, mail address or telephone") \
        X(CUSTOMER_COUNTRY, "shopbell.customer.country", "the country of that customer, two letters (ISO 3166-1)") \
        X(TIME_KIND, "shopbell.time", "arrival: the record names no time that can be read, @timestamp is when it came") \
        X(PERSON, "shopbell.person", "the human behind the account") \
        X(ROLE, "shopbell.role", "owner, manager, staff, agency, contractor or service: what that person is, by `people:`") \
        X(KNOWN, "shopbell.known", "yes or no: whether the account is that of one of `people:`") \
        X(MAY_EXPORT, "shopbell.may_export", "yes or no: whether that person may take data out") \
        X(LEFT, "shopbell.left", "yes or no: whether that person had left when it happened") \
        X(AT_HOME, "shopbell.at_home", "yes or no: whether source.ip is in a home country of that person") \
        X(TARGET_KNOWN, "shopbell.target_known", "yes or no: whether user.target.* is one of `people:`") \
        X(TARGET_OUTSIDE, "shopbell.target_outside", "yes or no: whether one of user.target.* and shopbell.shared_with is of another mail domain than the actor") \
        X(AMOUNT_FACTOR, "shopbell.amount.factor", "how many times the amount before the one after it is: 3.00") \
        X(SOURCE_NAME, "shopbell.source", "the log source, e.g. aws-cloudtrail")

enum ecs {
#define X(id, name, help) ECS_##id,
        ECS_FIELDS(X)
#undef X
                _ECS_MAX,
};

_Static_assert(_ECS_MAX <= 64, "sets of these fields are bits of an uint64_t");

struct ecs_field {
        const char *name;
        const char *help;
};

const struct ecs_field *ecs_field(enum ecs id);
/* The field of that exact name, or _ECS_MAX. */
enum ecs ecs_find(struct str name);
/* Fields that say yes or no: rules may write them as YAML's booleans. */
bool ecs_is_yes_no(struct str name);
/* The known name nearest to a wrong one, or NULL when none is near. */
const char *ecs_nearest(struct str name);

#endif
