/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_OUTSIDE_H
#define SHOPBELL_ENRICH_OUTSIDE_H

/* Whether a mail address is of another house than the one that acted: their domains differ, and none is a part of the other
 * (shop.example.com, example.com). Of an actor with an address that anybody can have (gmail.com) nobody can tell. */

#include "monitor/base/str.h"

enum outside { /* the more certain of harm, the later */
        OUTSIDE_UNKNOWN, /* one of the two is no mail address, or the actor's domain is a public one */
        OUTSIDE_NO,
        OUTSIDE_YES,
};

/* Borrows; both may be absent. */
enum outside outside_of(struct str actor, struct str target);

#endif
