/* SPDX-License-Identifier: Apache-2.0 */

/* Records in reach, added up. */

#include "monitor/cases/reached.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/map.h"
#include "monitor/base/utf8.h"
#include "monitor/cases/nation.h"
#include "monitor/model/class.h"

enum { FOLDED_BYTES_MAX = 1024, ID_BYTES_MAX = 128, WORD_BYTES_MAX = 32 };

/* Kinds of customers, as types of objects and as parts of paths; small letters, divided by blanks. */
static const char customer_words[] = "customer customers client clients contact contacts guest guests buyer buyers shopper shoppers subscriber subscribers "
                                     "고객 회원 客户 客戶 顾客 顧客";
static const char order_words[] = "order orders salesorder salesorders checkout checkouts 주문 订单 訂單 注文";
/* Parts of words that say that an export is of customers. */
static const char export_words[] = "customer contact subscriber shopper buyer 고객 회원 客户 客戶 顾客 顧客";

struct reached {
        struct arena *arena; /* of names */
        struct map who; /* folded */
        usec since, until;
        struct reached_sum sum;
        struct headcount customers, orders, objects, addresses, keys;
        struct map names[_REACHED_NAME_MAX]; /* of struct reached_value */
        uint8_t days[(REACHED_DAYS + 7) / 8];
};

const char *reached_name_title(enum reached_name kind)
{
        static const char *const titles[_REACHED_NAME_MAX] = {
#define X(id, title) title,
                REACHED_NAMES(X)
#undef X
        };
        return titles[kind];
}

/* ---- Who is looked for ---- */

/* Folded; of what is longer than the room absent. */
static struct str fold(struct str text, char room[FOLDED_BYTES_MAX])
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct str rest = str_trim(text);
        uint32_t c;

        if (rest.n == 0 || rest.n > FOLDED_BYTES_MAX / 4)
                return STR_NONE;
        if (utf8_is_ascii(rest)) {
                for (size_t i = 0; i < rest.n; i++)
                        room[i] = str_lower(rest.p[i]);
                return str_from(room, rest.n);
        }
        while (utf8_next(&rest, &c))
                utf8_append(&b, utf8_fold_char(c));
        if (strbuf_failed(&b) || b.n > FOLDED_BYTES_MAX)
                return STR_NONE;
        memcpy(room, b.p, b.n);
        return str_from(room, b.n);
}

int reached_new(const struct str *who, size_t n_who, usec since, usec until, struct reached **ret)
{
        CLEANUP(reached_freep) struct reached *r = calloc(1, sizeof *r);
        char room[FOLDED_BYTES_MAX];

        if (!r)
                return -ENOMEM;
        r->since = since;
        r->until = until;
        r->sum.seen_from = r->sum.seen_to = r->sum.first = r->sum.last = USEC_NONE;
        r->arena = arena_new();
        if (!r->arena)
                return -ENOMEM;
        for (size_t i = 0; i < n_who; i++) {
                struct str folded = fold(who[i], room);

                if (map_count(&r->who) >= REACHED_WHO_MAX)
                        return -E2BIG;
                if (folded.p && map_put(&r->who, folded, r) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE(r);
        return 0;
}

struct reached *reached_free(struct reached *r)
{
        if (!r)
                return NULL;
        headcount_done(&r->customers);
        headcount_done(&r->orders);
        headcount_done(&r->objects);
        headcount_done(&r->addresses);
        headcount_done(&r->keys);
        for (size_t i = 0; i < _REACHED_NAME_MAX; i++)
                map_done(&r->names[i]);
        map_done(&r->who);
        arena_free(r->arena);
        free(r);
        return NULL;
}

static bool is_of(struct reached *r, const struct record *record)
{
        static const enum ecs fields[] = { ECS_PERSON, ECS_USER_NAME, ECS_USER_EMAIL, ECS_USER_ID, ECS_KEY_ID, ECS_APP, ECS_SOURCE_IP };
        char room[FOLDED_BYTES_MAX];

        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
                for (const struct value *v = record->slots[fields[i]].first; v; v = v->next) {
                        struct str text = value_scalar(v), folded;

                        if (!text.p || value_is_placeholder(text))
                                continue;
                        folded = fold(text, room);
                        if (folded.p && map_get(&r->who, folded))
                                return true;
                }
        return false;
}

/* ---- Names ---- */

static void widen(usec time, usec *first, usec *last)
{
        if (time == USEC_NONE)
                return;
        if (*first == USEC_NONE || time < *first)
                *first = time;
        if (*last == USEC_NONE || time > *last)
                *last = time;
}

static int name(struct reached *r, enum reached_name kind, struct str text, usec time)
{
        struct map *m = &r->names[kind];
        struct reached_value *v;

        if (!text.p || text.n == 0 || value_is_placeholder(text))
                return 0;
        text = str_from(text.p, size_min(text.n, REACHED_NAME_BYTES_MAX));
        v = map_get(m, text);
        if (!v && map_count(m) >= REACHED_NAMED_MAX) {
                r->sum.named_cut[kind]++;
                return 0;
        }
        if (!v) {
                v = arena_alloc(r->arena, sizeof *v);
                if (!v)
                        return -ENOMEM;
                *v = (struct reached_value){ .text = arena_dup(r->arena, text), .first = USEC_NONE, .last = USEC_NONE };
                if (!v->text.p || map_put(m, text, v) < 0)
                        return -ENOMEM;
        }
        v->n++;
        widen(time, &v->first, &v->last);
        return 0;
}

static struct str first_of(const struct record *record, enum ecs a, enum ecs b)
{
        struct str text = record_ecs(record, a);

        return text.p && text.n > 0 ? text : record_ecs(record, b);
}

static int name_all(struct reached *r, const struct record *record)
{
        struct str account = first_of(record, ECS_USER_EMAIL, ECS_USER_NAME);
        const struct {
                enum reached_name kind;
                struct str text;
        } rows[] = {
                { REACHED_PERSON, record_ecs(record, ECS_PERSON) },
                { REACHED_ACCOUNT, account.p && account.n > 0 ? account : record_ecs(record, ECS_USER_ID) },
                { REACHED_KEY, record_ecs(record, ECS_KEY_ID) },
                { REACHED_ADDRESS, record_ecs(record, ECS_SOURCE_IP) },
                { REACHED_FROM, record_ecs(record, ECS_GEO_COUNTRY) },
                { REACHED_NETWORK, first_of(record, ECS_NETWORK, ECS_AS_NAME) },
                { REACHED_DEVICE, record_ecs(record, ECS_DEVICE) },
                { REACHED_SOURCE, str_of(record->source) },
                { REACHED_ACTION, record_ecs(record, ECS_EVENT_ACTION) },
        };
        int k = 0;

        for (size_t i = 0; i < ARRAY_LEN(rows) && k >= 0; i++)
                k = name(r, rows[i].kind, rows[i].text, record->time);
        if (k >= 0 && record_ecs(record, ECS_SOURCE_IP).p)
                k = headcount_add(&r->addresses, record_ecs(record, ECS_SOURCE_IP), STR(""));
        return k < 0 ? k : 0;
}

/* ---- Customers and orders ---- */

static bool is_word(struct str text, const char *words)
{
        char room[FOLDED_BYTES_MAX];
        struct str rest = str_of(words), word, folded = text.n <= WORD_BYTES_MAX ? fold(text, room) : STR_NONE;

        while (folded.p && str_cut(&rest, ' ', &word))
                if (str_eq(word, folded))
                        return true;
        return false;
}

/* Of a path the part that may be an id: digits, a mail address, or letters, digits and dashes with a digit among them. */
static bool is_id(struct str part)
{
        bool has_digit = false, is_mail = str_find(part, STR("@")) != SIZE_MAX || str_find(part, STR("%40")) != SIZE_MAX;

        if (part.n == 0 || part.n > ID_BYTES_MAX)
                return false;
        for (size_t i = 0; i < part.n && !is_mail; i++) {
                bool is_digit = part.p[i] >= '0' && part.p[i] <= '9';
                char c = str_lower(part.p[i]);

                has_digit |= is_digit;
                if (!is_digit && !(c >= 'a' && c <= 'z') && c != '-' && c != '_')
                        return false;
        }
        return is_mail || has_digit;
}

/* The id behind the first of the words in a path; absent: there is none. */
static struct str id_in(struct str path, const char *words)
{
        struct str rest = path, part, behind;
        size_t query = str_find(rest, STR("?"));

        if (query != SIZE_MAX)
                rest.n = query;
        while (str_cut(&rest, '/', &part)) {
                if (!rest.p || !is_word(part, words))
                        continue;
                behind = rest;
                str_cut(&behind, '/', &part);
                if (is_id(part))
                        return part;
        }
        return STR_NONE;
}

static int count_one(struct headcount *h, struct str id, struct str country)
{
        char room[FOLDED_BYTES_MAX];
        struct str folded = fold(id, room);
        int k = headcount_add(h, folded.p ? folded : id, country);

        return k < 0 ? k : 0;
}

/* Customers and orders among the objects. Google calls its own customers so: advertisers. */
static int count_objects(struct reached *r, const struct record *record, struct str country, bool with_customers)
{
        struct str type = record_ecs(record, ECS_OBJECT_TYPE);
        bool is_customer = is_word(type, customer_words), is_order = is_word(type, order_words), is_google = str_starts(str_of(record->source), STR("google-"));
        int k = 0;

        for (const struct value *v = record->slots[ECS_OBJECT_NAME].first; v && k >= 0; v = v->next) {
                struct str text = value_scalar(v), id;

                if (!text.p || text.n == 0)
                        continue;
                k = count_one(&r->objects, text, STR(""));
                if (k >= 0)
                        k = name(r, REACHED_OBJECT, text, record->time);
                id = is_google ? STR_NONE : id_in(text, customer_words);
                if (!id.p && is_customer)
                        id = text;
                if (k >= 0 && id.p && with_customers)
                        k = count_one(&r->customers, id, country);
                id = id_in(text, order_words);
                if (!id.p && is_order)
                        id = text;
                if (k >= 0 && id.p)
                        k = count_one(&r->orders, id, country);
        }
        return k;
}

static int count_customers(struct reached *r, const struct record *record)
{
        struct str said = record_ecs(record, ECS_CUSTOMER_COUNTRY);
        const char *code = said.p ? nation_find(said) : NULL;
        struct str country = code ? str_of(code) : STR("");
        bool is_said = false;
        int k = 0;

        for (const struct value *v = record->slots[ECS_CUSTOMER].first; v && k >= 0; v = v->next) {
                struct str text = value_scalar(v);

                if (!text.p || value_is_placeholder(text))
                        continue;
                is_said = true;
                k = count_one(&r->customers, text, country);
        }
        return k < 0 ? k : count_objects(r, record, country, !is_said);
}

/* ---- Exports ---- */

static bool has_word(struct str text)
{
        char room[FOLDED_BYTES_MAX];
        struct str rest = str_of(export_words), word, folded = fold(text, room);

        while (folded.p && str_cut(&rest, ' ', &word))
                if (str_find(folded, word) != SIZE_MAX)
                        return true;
        return false;
}

static bool is_export(const struct record *record)
{
        for (const struct value *v = record->slots[ECS_CLASS].first; v; v = v->next)
                if (str_eqz(value_scalar(v), class_name(CLASS_EXPORT)))
                        return true;
        return false;
}

static void count_export(struct reached *r, const struct record *record)
{
        struct str said = record_ecs(record, ECS_ROWS);
        uint64_t rows = 0;
        bool is_said = said.p && str_to_u64(said, &rows) == 0;

        if (!is_said && !is_export(record))
                return;
        r->sum.exports++;
        r->sum.exports_unsaid += !is_said;
        if (__builtin_add_overflow(r->sum.rows, rows, &r->sum.rows))
                r->sum.rows = UINT64_MAX;
        if (rows > r->sum.customer_rows_max && (has_word(record_ecs(record, ECS_OBJECT_NAME)) || has_word(record_ecs(record, ECS_OBJECT_TYPE)) ||
                                                has_word(record_ecs(record, ECS_EVENT_ACTION))))
                r->sum.customer_rows_max = rows;
}

/* ---- All of it ---- */

static void note_day(struct reached *r, usec time)
{
        int64_t day = time / USEC_PER_DAY;

        if (time >= 0 && day < REACHED_DAYS)
                r->days[day / 8] |= (uint8_t)(1 << day % 8);
}

static bool is_in_range(struct reached *r, usec time)
{
        return time == USEC_NONE || ((r->since == USEC_NONE || time >= r->since) && (r->until == USEC_NONE || time < r->until));
}

/* The first time that it comes. Beyond what can be told apart every record is one. */
static int is_new(struct reached *r, struct record *record)
{
        record_set_key(record);
        if (!headcount_is_exact(&r->keys))
                return 1;
        return headcount_add(&r->keys, str_from((const char *)record->key.b, sizeof record->key.b), STR(""));
}

int reached_take(struct reached *r, struct record *record)
{
        bool is_refused;
        int k;

        if (!is_in_range(r, record->time)) {
                r->sum.outside++;
                return 0;
        }
        r->sum.looked_at++;
        widen(record->time, &r->sum.seen_from, &r->sum.seen_to);
        if (record->time != USEC_NONE)
                note_day(r, record->time);
        if (!is_of(r, record))
                return 0;
        k = is_new(r, record);
        r->sum.again += k == 0;
        if (k <= 0)
                return k < 0 ? k : 1;
        widen(record->time, &r->sum.first, &r->sum.last);
        r->sum.timeless += record->time == USEC_NONE;
        is_refused = str_eqz(record_ecs(record, ECS_EVENT_OUTCOME), "failure");
        r->sum.refused += is_refused;
        r->sum.records += !is_refused;
        k = name_all(r, record);
        if (k < 0 || is_refused)
                return k < 0 ? k : 1;
        count_export(r, record);
        k = count_customers(r, record);
        return k < 0 ? k : 1;
}

void reached_sum(const struct reached *r, struct reached_sum *ret)
{
        *ret = r->sum;
        ret->customers = &r->customers;
        ret->orders = &r->orders;
        ret->objects = &r->objects;
        ret->addresses = &r->addresses;
}

static int by_count(const void *x, const void *y)
{
        const struct reached_value *a = x, *b = y;

        if (a->n != b->n)
                return a->n > b->n ? -1 : 1;
        return str_cmp(a->text, b->text);
}

int reached_names(const struct reached *r, enum reached_name kind, size_t max, struct arena *arena, struct reached_value **ret, size_t *ret_n,
                  size_t *ret_all)
{
        const struct map *m = &r->names[kind];
        struct reached_value *items = arena_array(arena, map_count(m) + 1, sizeof *items);
        size_t n = 0;

        if (!items)
                return -ENOMEM;
        for (struct map_iter i = { 0 }; map_next(m, &i);)
                items[n++] = *(const struct reached_value *)i.value;
        if (n > 1)
                qsort(items, n, sizeof *items, by_count);
        *ret = items;
        *ret_all = n;
        *ret_n = size_min(n, max);
        return 0;
}

uint64_t reached_people(const struct reached *r)
{
        uint64_t n = headcount_least(&r->customers, headcount_all(&r->customers));

        return n > r->sum.customer_rows_max ? n : r->sum.customer_rows_max;
}

int reached_gaps(const struct reached *r, int (*fn)(void *userdata, usec from, usec to), void *userdata)
{
        int64_t from = r->sum.seen_from / USEC_PER_DAY, to = r->sum.seen_to / USEC_PER_DAY, begin = -1;
        int k = 0;

        if (r->sum.seen_from == USEC_NONE || r->sum.seen_from < 0 || to >= REACHED_DAYS)
                return 0;
        for (int64_t day = from; day <= to && k == 0; day++) {
                bool is_there = r->days[day / 8] & 1 << day % 8;

                if (is_there && begin >= 0)
                        k = fn(userdata, begin * USEC_PER_DAY, day * USEC_PER_DAY);
                begin = is_there ? -1 : begin < 0 ? day : begin;
        }
        return k;
}
