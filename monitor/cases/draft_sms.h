/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_DRAFT_SMS_H
#define SHOPBELL_CASES_DRAFT_SMS_H

/* Private to the files draft*.c; sms_measure() is in draft.h. */

#include "monitor/base/arena.h"
#include "monitor/base/str.h"

/* With quotes, dashes and blanks that the alphabet of an SMS has. */
struct str sms_fold(struct arena *arena, struct str text);

#endif
