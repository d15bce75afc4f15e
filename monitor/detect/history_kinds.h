/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_HISTORY_KINDS_H
#define SHOPBELL_DETECT_HISTORY_KINDS_H

/* The judges of the history kinds; rows of the table in kind.c name them. Private to detect/. */

#include "monitor/detect/history.h"
#include "monitor/detect/kind.h"

history_enter_fn enter_texts, enter_tuple, enter_hour, enter_sum, enter_numbers, enter_journey, enter_day;
history_judge_fn judge_new_value, judge_unusual_time, judge_dormant, judge_spike, judge_new_highest, judge_travel, judge_surprise;
history_may_fn may_be_new, may_be_back;

/* The hour of the week of a time, as text; "" without a time. */
enum { HISTORY_HOUR_BYTES = 8 };
struct str history_hour(usec t, char ret[HISTORY_HOUR_BYTES]);

/* A place as one cell of a hit. */
struct place {
        double lat, lon; /* degrees */
        double radius_km; /* the position is that vague */
        char country[3]; /* ISO 3166-1 alpha-2, or "" */
        bool is_known_network; /* office, vpn, mobile, relay, …: where its users are, nobody knows */
        bool is_country; /* known by country only */
};
struct hash128 place_pack(const struct place *p);
bool place_unpack(const struct hash128 *cell, struct place *ret); /* false: there is none */

#endif
