/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/pseudonym.h"

#include <errno.h>

#include "monitor/base/sealbox.h"
#include "monitor/model/ecs.h"
#include "monitor/model/render.h"

/* Fields that name a human being, an account, where it came from or what it had in hand, and free text. */
static const enum ecs personal[] = {
        ECS_USER_NAME, ECS_USER_EMAIL, ECS_USER_ID, ECS_USER_TARGET_NAME, ECS_USER_TARGET_EMAIL, ECS_USER_TARGET_ID, ECS_SOURCE_IP,
        ECS_SOURCE_ADDRESS, ECS_PERSON, ECS_SHARED_WITH, ECS_KEY_ID, ECS_OBJECT_NAME, ECS_GEO_CITY, ECS_GEO_LOCATION, ECS_USER_AGENT,
        ECS_MESSAGE, ECS_EVENT_REASON, ECS_CUSTOMER,
};

/* The slot's values under pseudonyms, in the arena. */
static int hide_slot(const struct secret *secret, struct arena *arena, const struct slot *slot, struct slot *ret)
{
        int r = 0;

        *ret = (struct slot){ .is_present = slot->is_present };
        for (const struct value *v = slot->first; v && r >= 0; v = v->next) {
                char name[PSEUDONYM_BYTES];
                struct str text;

                if (!value_scalar(v).p)
                        continue;
                pseudonym_of(secret, value_scalar(v), name);
                text = arena_dup(arena, str_of(name));
                r = text.p ? slot_add(ret, arena, VALUE_STRING, text) : -ENOMEM;
        }
        return r;
}

/* What the box holds: both, each with its length. */
static void seal(const struct secret *secret, const struct evidence *e, struct strbuf *box)
{
        CLEANUP(strbuf_done) struct strbuf clear = STRBUF_INIT;

        digest_add_text(&clear, e->fields);
        digest_add_text(&clear, e->raw);
        strbuf_clear(box);
        box_seal(secret, str_from((const char *)e->key.b, sizeof e->key.b), strbuf_str(&clear), box);
        if (strbuf_failed(&clear))
                box->failed = true;
}

int pseudonym_evidence(const struct secret *secret, const struct record *record, struct evidence *e, struct strbuf *fields, struct strbuf *box)
{
        struct record hidden = *record;
        int r = 0;

        hidden.slots = arena_array(record->arena, _ECS_MAX, sizeof *hidden.slots);
        if (!hidden.slots)
                return -ENOMEM;
        hidden.n_slots = _ECS_MAX;
        memcpy(hidden.slots, record->slots, _ECS_MAX * sizeof *hidden.slots);
        for (size_t i = 0; i < ARRAY_LEN(personal) && r >= 0; i++)
                r = hide_slot(secret, record->arena, &record->slots[personal[i]], &hidden.slots[personal[i]]);
        if (r < 0)
                return r;
        seal(secret, e, box);
        strbuf_clear(fields);
        render_record_json(&hidden, NULL, fields);
        if (strbuf_failed(fields) || strbuf_failed(box))
                return -ENOMEM;
        e->fields = strbuf_str(fields);
        e->raw = STR("");
        e->sealed = strbuf_str(box);
        return 0;
}
