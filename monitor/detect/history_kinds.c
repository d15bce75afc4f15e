/* SPDX-License-Identifier: Apache-2.0 */

/* How the history kinds judge. Each formula is in `shopbell.rule`(5) as well.
 *
 * Probabilities are smoothed by what is expected of others (additive smoothing with a prior, Jelinek and Mercer 1980; back-off
 * as in MacKay and Peto 1995, A hierarchical Dirichlet language model), so that one login a week is enough. */

#include "monitor/detect/history_kinds.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/detect/window.h"

enum {
        HOURS_PER_WEEK = 168,
        NEAR_HOURS = 1, /* unusual_time: hours that far away count as the same */
        PLACE_WHERE_BYTES = 8, /* of a packed place: the position */
        TRAVEL_INSTANT_S = 60, /* logins closer in time count as that far apart */
        TRAVEL_KNOWN_MIN = 2, /* a journey made on so many other days is known */
        SPIKE_DAYS_MAX = 400,
        MAY_LOOK_MAX = 64, /* hits that may_be_new() looks back at */
};
#define TRAVEL_SPEED_MAX 999999.0 /* km/h; beyond, it is as good as infinite */
#define EARTH_RADIUS_KM 6371.0 /* mean radius (IUGG) */
#define MAD_TO_SIGMA 1.4826 /* of a normal distribution: the deviation that its median absolute deviation stands for */
#define PRIOR_EVERYONE 1.0 /* how many hits the guess about everyone counts as */
#define PRIOR_PERSON 2.0 /* how many hits what others do counts as */

static const struct hit *hit_of(const struct past *past)
{
        return hits_at(past->hits, past->i);
}

static int32_t day_of(const struct past *past)
{
        return ledger_day_of(hit_of(past)->time);
}

static int32_t memory_from(const struct past *past)
{
        return day_of(past) - (int32_t)(past->rule->parameters.memory / USEC_PER_DAY);
}

static void say(struct verdict *v, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(struct verdict *v, const char *fmt, ...)
{
        size_t n = strlen(v->why);
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(v->why + n, sizeof v->why - n, fmt, ap);
        va_end(ap);
}

static measure_t micro(double x)
{
        return (measure_t)llrint(fmin(x, 9e12) * MEASURE_MICRO);
}

/* Monday 0:00 is hour 0; 1970-01-01 was a Thursday. */
static unsigned hour_of_week(usec t)
{
        int64_t hour = (t - (t < 0 ? USEC_PER_HOUR - 1 : 0)) / USEC_PER_HOUR + 3 * 24;

        return (unsigned)((hour % HOURS_PER_WEEK + HOURS_PER_WEEK) % HOURS_PER_WEEK);
}

/* ---- What enters a ledger ---- */

int enter_day(struct ledger *l, const struct past *past, const struct hit *hit, int sign)
{
        (void)past;
        return ledger_add(l, 0, STR(""), ledger_day_of(hit->time), sign);
}

/* Each field's text in a feature of its own. */
int enter_texts(struct ledger *l, const struct past *past, const struct hit *hit, int sign)
{
        int r = 0;

        (void)past;
        for (uint32_t i = 0; i + LEDGER_CELLS <= hit->n_values && r >= 0; i += LEDGER_CELLS) {
                struct str text = ledger_unpack(&hit_values(hit)[i]);

                if (text.n > 0)
                        r = ledger_add(l, (uint8_t)(i / LEDGER_CELLS), text, ledger_day_of(hit->time), sign);
        }
        return r;
}

/* The texts of several fields as one. Long ones are kept as their hash. */
static struct str tuple_of(const struct hit *hit, struct hash128 cells[LEDGER_CELLS])
{
        char text[HISTORY_FEATURES_MAX * (LEDGER_TEXT_MAX + 1)];
        size_t n = 0;

        for (uint32_t i = 0; i + LEDGER_CELLS <= hit->n_values; i += LEDGER_CELLS) {
                struct str part = ledger_unpack(&hit_values(hit)[i]);

                if (part.n == 0)
                        return STR("");
                if (n + part.n + 1 > sizeof text)
                        break;
                if (i > 0)
                        text[n++] = ' ';
                memcpy(text + n, part.p, part.n);
                n += part.n;
        }
        ledger_pack(str_from(text, n), cells);
        return ledger_unpack(cells);
}

int enter_tuple(struct ledger *l, const struct past *past, const struct hit *hit, int sign)
{
        struct hash128 cells[LEDGER_CELLS];
        struct str text = tuple_of(hit, cells);

        (void)past;
        return text.n > 0 ? ledger_add(l, 0, text, ledger_day_of(hit->time), sign) : 0;
}

/* ---- new_value ---- */

void judge_new_value(const struct past *past, struct verdict *v)
{
        const struct parameters *p = &past->rule->parameters;
        const struct hit *hit = hit_of(past);
        struct hash128 cells[LEDGER_CELLS];
        struct str text = tuple_of(hit, cells);
        size_t n_known = 0;

        if (text.n == 0 || past->first == USEC_NONE || hit->time < past->first + p->learning)
                return;
        if (ledger_amount(ledger_find(&past->history->ledger, 0, text), memory_from(past), INT32_MAX) > 0)
                return;
        v->is_hot = true;
        v->m = 1;
        ledger_feature(&past->history->ledger, 0, &n_known);
        say(v, "%.*s: never before in %llu; %zu other%s known", (int)text.n, text.p, (unsigned long long)past->n, n_known,
            n_known == 1 ? "" : "s");
}

/* Not when the value is missing, known to the ledger, or that of one of the latest hits before. */
bool may_be_new(const struct window *w, const struct window_rule *rule, const struct hit *hit)
{
        int32_t from = ledger_day_of(hit->time) - (int32_t)(rule->parameters.memory / USEC_PER_DAY);
        struct hash128 cells[LEDGER_CELLS], other[LEDGER_CELLS];
        struct str text = tuple_of(hit, cells);
        size_t n = hits_lower(&w->hits, hit->time);

        if (text.n == 0)
                return false;
        if (w->history && ledger_amount(ledger_find(&w->history->ledger, 0, text), from, INT32_MAX) > 0)
                return false;
        for (size_t i = n; i > 0 && n - i < MAY_LOOK_MAX; i--) {
                const struct hit *before = hits_at(&w->hits, i - 1);

                if (ledger_day_of(before->time) >= from && str_eq(tuple_of(before, other), text))
                        return false;
        }
        return true;
}

/* ---- unusual_time: rare hours of the week, by UTC ---- */

static bool is_weekend(unsigned hour)
{
        return hour / 24 >= 5;
}

int enter_hour(struct ledger *l, const struct past *past, const struct hit *hit, int sign)
{
        char text[HISTORY_HOUR_BYTES];

        (void)past;
        snprintf(text, sizeof text, "%u", hour_of_week(hit->time));
        return ledger_add(l, 0, str_of(text), ledger_day_of(hit->time), sign);
}

/* Whether two hours of the week are alike: on the same part of the week, and near in the day. */
static bool is_near(unsigned a, unsigned b)
{
        unsigned apart = a % 24 > b % 24 ? a % 24 - b % 24 : b % 24 - a % 24;

        return is_weekend(a) == is_weekend(b) && (apart <= NEAR_HOURS || apart >= 24 - NEAR_HOURS);
}

void judge_unusual_time(const struct past *past, struct verdict *v)
{
        static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
        const struct parameters *p = &past->rule->parameters;
        unsigned hour = hour_of_week(hit_of(past)->time);
        double near = 0, all = 0;
        int64_t n_near = 0;
        size_t n;
        const struct ledger_row *rows = ledger_feature(&past->history->ledger, 0, &n);

        for (size_t i = 0; i < n; i++) {
                uint64_t other = 0;
                double weight = ledger_weight(&rows[i], memory_from(past), day_of(past), p->half_life);

                if (str_to_u64(str_from(rows[i].text, rows[i].text_n), &other) < 0)
                        continue;
                all += weight;
                if (!is_near(hour, (unsigned)other))
                        continue;
                near += weight;
                n_near += ledger_amount(&rows[i], memory_from(past), day_of(past));
        }
        if (past->n < p->known)
                return;
        v->m = micro(-log2((near + 0.5) / (all + 1)));
        v->is_hot = limits_met(&past->rule->limits, v->m);
        say(v, "%s %02u:00 UTC: %lld of %llu before at such an hour, %.1f bits", days[hour / 24], hour % 24,
            (long long)n_near, (unsigned long long)past->n, (double)v->m / MEASURE_MICRO);
}

/* ---- dormant: days since the last time ---- */

void judge_dormant(const struct past *past, struct verdict *v)
{
        const struct hit *hit = hit_of(past);
        char last[TIME_ISO_BYTES];

        if (past->last == USEC_NONE || hit->time <= past->last)
                return;
        v->m = (hit->time - past->last) / USEC_PER_DAY;
        v->is_hot = limits_met(&past->rule->limits, v->m);
        time_format_iso(past->last, last);
        say(v, "last seen %s, %lld days before", last, (long long)v->m);
}

/* Not when a hit that is held lies close enough before. */
bool may_be_back(const struct window *w, const struct window_rule *rule, const struct hit *hit)
{
        size_t n = hits_lower(&w->hits, hit->time);

        return n == 0 || !rule->limits.is_rising ||
               limits_met(&rule->limits, (hit->time - hits_at(&w->hits, n - 1)->time) / USEC_PER_DAY);
}

/* ---- spike: the sum of a day against the days before ---- */

static measure_t sum_of(const struct hit *hit)
{
        __int128 sum = 0;

        for (uint32_t i = 0; i < hit->n_values; i++)
                sum += measure_unpack(&hit_values(hit)[i]);
        return sum > INT64_MAX ? INT64_MAX : (measure_t)sum;
}

int enter_sum(struct ledger *l, const struct past *past, const struct hit *hit, int sign)
{
        (void)past;
        return ledger_add(l, 0, STR(""), ledger_day_of(hit->time), sign * sum_of(hit));
}

static int by_size(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static double median(double *all, size_t n)
{
        qsort(all, n, sizeof *all, by_size);
        return n % 2 ? all[n / 2] : (all[n / 2 - 1] + all[n / 2]) / 2;
}

void judge_spike(const struct past *past, struct verdict *v)
{
        const struct parameters *p = &past->rule->parameters;
        const struct ledger_row *row = ledger_find(&past->history->ledger, 0, STR(""));
        int32_t today = day_of(past), from;
        double days[SPIKE_DAYS_MAX], middle, mad, limit;
        size_t n = 0;

        if (past->first == USEC_NONE)
                return;
        from = ledger_day_of(past->first) > memory_from(past) ? ledger_day_of(past->first) : memory_from(past);
        if (from < today - SPIKE_DAYS_MAX)
                from = today - SPIKE_DAYS_MAX;
        for (int32_t day = from; day < today; day++)
                days[n++] = (double)ledger_amount(row, day, day) / MEASURE_MICRO;
        if (n == 0 || n < p->known)
                return;
        v->m = ledger_amount(row, today, today);
        if (__builtin_add_overflow(v->m, sum_of(hit_of(past)), &v->m))
                v->m = INT64_MAX;
        middle = median(days, n);
        for (size_t i = 0; i < n; i++)
                days[i] = fabs(days[i] - middle);
        mad = median(days, n);
        limit = middle + p->k * MAD_TO_SIGMA * mad;
        v->is_hot = limits_met(&past->rule->limits, v->m) && (double)v->m / MEASURE_MICRO > limit;
        say(v, "%.10g on this day; of the %zu days before the median is %.10g (deviation %.10g), so up to %.10g is usual",
            (double)v->m / MEASURE_MICRO, n, middle, MAD_TO_SIGMA * mad, limit);
}

/* ---- new_highest: a number above all that came before ---- */

/* Each number is a value of its own, so that it can be taken back. */
int enter_numbers(struct ledger *l, const struct past *past, const struct hit *hit, int sign)
{
        int r = 0;

        (void)past;
        for (uint32_t i = 0; i < hit->n_values && r >= 0; i++) {
                char text[24];
                int n = snprintf(text, sizeof text, "%lld", (long long)measure_unpack(&hit_values(hit)[i]));

                r = ledger_add(l, 0, str_from(text, (size_t)n), ledger_day_of(hit->time), sign);
        }
        return r;
}

/* The highest number seen on the days from … to; MEASURE_NONE: there is none. */
static measure_t highest_of(const struct ledger *l, int32_t from, int32_t to)
{
        measure_t top = MEASURE_NONE, m;
        size_t n;
        const struct ledger_row *rows = ledger_feature(l, 0, &n);

        for (size_t i = 0; i < n; i++)
                if (str_to_i64(str_from(rows[i].text, rows[i].text_n), &m) >= 0 && (top == MEASURE_NONE || m > top) &&
                    ledger_amount(&rows[i], from, to) > 0)
                        top = m;
        return top;
}

void judge_new_highest(const struct past *past, struct verdict *v)
{
        const struct parameters *p = &past->rule->parameters;
        const struct hit *hit = hit_of(past);
        measure_t top = highest_of(&past->history->ledger, memory_from(past), day_of(past));

        for (uint32_t i = 0; i < hit->n_values; i++)
                if (v->m == MEASURE_NONE || measure_unpack(&hit_values(hit)[i]) > v->m)
                        v->m = measure_unpack(&hit_values(hit)[i]);
        if (v->m == MEASURE_NONE || top == MEASURE_NONE || hit->time - past->first < p->learning)
                return;
        v->is_hot = limits_met(&past->rule->limits, v->m) && (double)v->m > p->k * (double)top;
        say(v, "%.10g; the highest of the %d days before is %.10g", (double)v->m / MEASURE_MICRO,
            (int)(p->memory / USEC_PER_DAY), (double)top / MEASURE_MICRO);
}

/* ---- travel ---- */

struct hash128 place_pack(const struct place *p)
{
        struct hash128 h = { { 0 } };
        int32_t parts[2] = { (int32_t)lrint(p->lat * 1e5), (int32_t)lrint(p->lon * 1e5) };
        uint16_t radius = (uint16_t)fmin(fmax(p->radius_km, 0), UINT16_MAX);

        memcpy(h.b, parts, sizeof parts);
        memcpy(h.b + 8, &radius, sizeof radius);
        memcpy(h.b + 10, p->country, 2);
        h.b[12] = 1;
        h.b[13] = p->is_known_network;
        h.b[14] = p->is_country;
        return h;
}

bool place_unpack(const struct hash128 *cell, struct place *ret)
{
        int32_t parts[2];
        uint16_t radius;

        *ret = (struct place){ 0 };
        if (cell->b[12] != 1)
                return false;
        memcpy(parts, cell->b, sizeof parts);
        memcpy(&radius, cell->b + 8, sizeof radius);
        memcpy(ret->country, cell->b + 10, 2);
        ret->lat = parts[0] / 1e5;
        ret->lon = parts[1] / 1e5;
        ret->radius_km = radius;
        ret->is_known_network = cell->b[13];
        ret->is_country = cell->b[14];
        return true;
}

static bool place_of(const struct hit *hit, struct place *ret)
{
        return hit->n_values == 1 && place_unpack(&hit->value, ret);
}

/* Great circle (haversine formula), less what is not known of both positions. */
static double distance_km(const struct place *a, const struct place *b)
{
        const double rad = 0.017453292519943295;
        double dlat = sin((b->lat - a->lat) * rad / 2), dlon = sin((b->lon - a->lon) * rad / 2);
        double h = dlat * dlat + cos(a->lat * rad) * cos(b->lat * rad) * dlon * dlon;

        return fmax(0, 2 * EARTH_RADIUS_KM * asin(sqrt(fmin(1, h))) - a->radius_km - b->radius_km);
}

/* "KR>US" both ways alike: who flies there comes back. */
static struct str journey(const struct place *a, const struct place *b, char ret[8])
{
        bool is_first = strcmp(a->country, b->country) <= 0;

        snprintf(ret, 8, "%s>%s", is_first ? a->country : b->country, is_first ? b->country : a->country);
        return str_of(ret);
}

/* The place of the last hit before place i that has one, within one timespan: so far back, all are held. */
static bool last_place(const struct past *past, struct place *ret)
{
        usec oldest = hits_at(past->hits, past->i)->time - past->rule->timespan;

        for (size_t i = past->i; i > 0 && hits_at(past->hits, i - 1)->time >= oldest; i--)
                if (place_of(hits_at(past->hits, i - 1), ret))
                        return true;
        return false;
}

int enter_journey(struct ledger *l, const struct past *past, const struct hit *hit, int sign)
{
        struct place from, to;
        char text[8];

        if (!place_of(hit, &to) || !last_place(past, &from) || strcmp(from.country, to.country) == 0)
                return 0;
        return ledger_add(l, 0, journey(&from, &to, text), ledger_day_of(hit->time), sign);
}

/* On how many days before this one the journey was made. */
static unsigned days_made(const struct past *past, const struct place *from, const struct place *to)
{
        char text[8];
        const struct ledger_row *row = ledger_find(&past->history->ledger, 0, journey(from, to, text));
        unsigned n = 0;

        for (uint32_t i = 0; row && i < row->n; i++)
                n += row->days[i].day < day_of(past) && row->days[i].day >= memory_from(past);
        return n;
}

void judge_travel(const struct past *past, struct verdict *v)
{
        const struct parameters *p = &past->rule->parameters;
        const struct hit *hit = hit_of(past);
        struct place here, there, best = { 0 };
        double best_speed = -1, best_km = 0, best_s = 0;

        if (!place_of(hit, &here))
                return;
        for (size_t i = past->i; i > 0; i--) {
                const struct hit *other = hits_at(past->hits, i - 1);
                double km, seconds = (double)(hit->time - other->time) / (double)USEC_PER_SEC;

                if (hit->time - other->time > past->rule->timespan || past->i - i >= HISTORY_TRAVEL_LOOK_MAX)
                        break;
                if (memcmp(other->value.b, hit->value.b, PLACE_WHERE_BYTES) == 0) /* the same place, mostly */
                        continue;
                if (!place_of(other, &there) || (km = distance_km(&here, &there)) < p->distance_km)
                        continue;
                if (km / fmax(seconds, TRAVEL_INSTANT_S) <= best_speed)
                        continue;
                best_speed = km / fmax(seconds, TRAVEL_INSTANT_S);
                best_km = km;
                best_s = seconds;
                best = there;
        }
        if (best_speed < 0)
                return;
        v->m = (measure_t)fmin(best_speed * 3600, TRAVEL_SPEED_MAX);
        v->is_hot = limits_met(&past->rule->limits, v->m);
        v->lowered = (uint8_t)((days_made(past, &best, &here) >= TRAVEL_KNOWN_MIN) +
                               (here.is_known_network || best.is_known_network));
        say(v, "%s to %s: at least %.0f km in %.0f min, %lld km/h%s%s%s", best.country, here.country, best_km, best_s / 60,
            (long long)v->m, here.is_country || best.is_country ? "; places known by country only" : "",
            days_made(past, &best, &here) >= TRAVEL_KNOWN_MIN ? "; made before" : "",
            here.is_known_network || best.is_known_network ? "; one end is a known network" : "");
}

/* ---- surprise ---- */

/* Logins spread over many hours: three of them are one value, on working days and at the weekend. */
struct str history_hour(usec t, char ret[HISTORY_HOUR_BYTES])
{
        unsigned hour = hour_of_week(t);

        if (t == USEC_NONE)
                return STR("");
        snprintf(ret, HISTORY_HOUR_BYTES, "%s%02uh", is_weekend(hour) ? "we " : "", hour % 24 / 3 * 3);
        return str_of(ret);
}

struct weights {
        double value, all; /* decayed */
        int64_t n_value, n_all;
        size_t n_distinct;
};

static struct weights weigh(const struct ledger *l, uint8_t feature, struct str text, int32_t from, int32_t to, double half_life)
{
        struct weights w = { 0 };
        size_t n;
        const struct ledger_row *rows = l ? ledger_feature(l, feature, &n) : (n = 0, NULL);

        for (size_t i = 0; i < n; i++) {
                double weight = ledger_weight(&rows[i], from, to, half_life);
                int64_t amount = ledger_amount(&rows[i], from, to);

                w.all += weight;
                w.n_all += amount;
                w.n_distinct += amount > 0;
                if (!str_eq(str_from(rows[i].text, rows[i].text_n), text))
                        continue;
                w.value = weight;
                w.n_value = amount;
        }
        return w;
}

struct crowd {
        const struct ledger *team, *everyone;
};

/* The features that count: the last cells of a hit name its team where the rule says so. */
static uint32_t n_features(const struct past *past)
{
        const struct parameters *p = &past->rule->parameters;
        size_t n = size_min(hit_of(past)->n_values / LEDGER_CELLS, p->n_fields);

        return (uint32_t)n - (n > 0 && p->has_team);
}

static struct crowd crowds_of(const struct past *past)
{
        const struct history *h = past->history;
        struct crowd crowds = { 0 };
        struct str team;

        if (!h->crowd)
                return crowds;
        crowds.everyone = h->crowd(h->crowd_data, STR(""));
        if (!past->rule->parameters.has_team)
                return crowds;
        team = ledger_unpack(&hit_values(hit_of(past))[n_features(past) * LEDGER_CELLS]);
        if (team.n > 0)
                crowds.team = h->crowd(h->crowd_data, team);
        return crowds;
}

/* A feature of a hit, as this person, the team and everyone know it. */
struct feature {
        uint8_t number;
        struct str text;
        struct weights own, team, all;
        double bits;
};

/* −log2 of how likely the value is for this person, backed off to the team and then to everyone. */
static double bits_of(const struct feature *f, bool has_team)
{
        size_t known = f->all.n_distinct > f->own.n_distinct ? f->all.n_distinct : f->own.n_distinct;
        double likely = (f->all.value + PRIOR_EVERYONE / (double)(known + 1)) / (f->all.all + PRIOR_EVERYONE);

        if (has_team)
                likely = (f->team.value + PRIOR_PERSON * likely) / (f->team.all + PRIOR_PERSON);
        return -log2((f->own.value + PRIOR_PERSON * likely) / (f->own.all + PRIOR_PERSON));
}

/* Those that the hit has; how many. */
static size_t weigh_features(const struct past *past, const struct crowd *crowds, struct feature *ret)
{
        const struct hit *hit = hit_of(past);
        double half_life = past->rule->parameters.half_life;
        int32_t day = day_of(past), from = memory_from(past), crowd = day - past->history->crowd_lag;
        size_t n = 0;

        for (uint32_t i = 0; i < n_features(past); i++) {
                struct feature *f = &ret[n];

                *f = (struct feature){ .number = (uint8_t)i, .text = ledger_unpack(&hit_values(hit)[i * LEDGER_CELLS]) };
                if (f->text.n == 0)
                        continue;
                f->own = weigh(&past->history->ledger, f->number, f->text, from, day, half_life);
                f->team = weigh(crowds->team, f->number, f->text, from, crowd, half_life);
                f->all = weigh(crowds->everyone, f->number, f->text, from, crowd, half_life);
                f->bits = bits_of(f, crowds->team);
                n++;
        }
        return n;
}

static void say_features(const struct past *past, const struct feature *features, size_t n, bool has_team, struct verdict *v)
{
        say(v, "%.1f bits: ", (double)v->m / MEASURE_MICRO);
        for (size_t i = 0; i < n; i++) {
                const struct feature *f = &features[i];

                say(v, "%s" STR_FMT " " STR_FMT " %.1f (%lld of %lld times by this person", i > 0 ? "; " : "",
                    STR_ARG(past->rule->parameters.fields[f->number]), STR_ARG(f->text), f->bits, (long long)f->own.n_value,
                    (long long)f->own.n_all);
                if (has_team)
                        say(v, ", %lld of %lld by the team", (long long)f->team.n_value, (long long)f->team.n_all);
                say(v, ", %lld of %lld by everyone)", (long long)f->all.n_value, (long long)f->all.n_all);
        }
        if (v->lowered > 0)
                say(v, "; still learning (n = %llu)", (unsigned long long)past->n);
}

void judge_surprise(const struct past *past, struct verdict *v)
{
        struct feature features[HISTORY_FEATURES_MAX];
        struct crowd crowds;
        double bits = 0;
        size_t n;

        if (hit_of(past)->n_values < LEDGER_CELLS)
                return;
        crowds = crowds_of(past);
        n = weigh_features(past, &crowds, features);
        for (size_t i = 0; i < n; i++)
                bits += features[i].bits;
        v->m = micro(bits);
        v->is_hot = limits_met(&past->rule->limits, v->m);
        v->lowered = past->n < past->rule->parameters.known;
        if (v->is_hot)
                say_features(past, features, n, crowds.team, v);
}
