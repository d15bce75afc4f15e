/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_NATION_H
#define SHOPBELL_CASES_NATION_H

/* Countries as files of customers write them. The rows are in nation_names.h. */

#include "monitor/base/str.h"

/* The code (two small letters) of a country by its code of two or three letters or a name of it, case ignored; NULL: unknown. */
const char *nation_find(struct str text);
/* "Korea (South)" of "kr"; absent: unknown. */
struct str nation_title(struct str code);

#endif
