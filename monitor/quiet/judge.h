/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_QUIET_JUDGE_H
#define SHOPBELL_QUIET_JUDGE_H

/* Which alerts ring. Everything is detected and stored; an alert stays quiet when
 *
 *   it fits a silence    at the moment of its latest change. Looked at again whenever the alert changes.
 *   it is known          its rule rings for what is new or rare for a person (new_value, surprise, travel, unusual_time), and
 *                        somebody answered "me" to alerts of such rules about the same person whose records have the very
 *                        values of the rule's fields that this one's have. Taken back with the answer.
 *   it is inhibited      its rule is in shopbell.inhibits of another rule, of which there is an alert of the same person within
 *                        the timespan (of the stretches first_seen … last_seen), of no lower level.
 *   it is the same act   all of its records are records of another alert of the same person that goes before it: of a higher
 *                        level, else with more records, else the one that began first, else of the smaller id. That other one
 *                        names its rule. An alert with more hits than linked records is never muted so: its records are not
 *                        all known.
 *
 * The one that mutes is open, neither silenced, known nor closed by a person, so at the end of every chain stands one that rings: rules
 * do not inhibit in circles (detect/inhibit.c), whoever is inhibited does not lead, and leading is an order. Without a person
 * nothing is muted. What somebody answered with "not me" rings whatever speaks against it.
 *
 * Who mutes whom is a function of the alerts that are stored, not of the order in which they came; it is worked out in the
 * transaction that stores them, for all that changed in it and all that these touch. An alert that rang before the one that
 * mutes it came is linked to it and stays: what has rung is not taken back (rang_at). When the one that mutes it goes (merged,
 * withdrawn), it rings, late. One that a person closed rings no more, though it grow; what it told of is closed with it. */

#include "monitor/store/quiet.h"

struct quiet_edge {
        struct str parent, child; /* rule_id of their alerts */
        usec timespan;
};

/* A rule that rings for values that are new or rare for a person. */
struct quiet_feature {
        struct str rule;
        struct str fields; /* that it looks at: a JSON array of names */
};

struct quiet_rules {
        const struct quiet_edge *edges;
        size_t n;
        const struct quiet_feature *features;
        size_t n_features;
        struct str taught_by; /* the rules of `features`: a JSON array */
        bool are_known; /* false: nobody has loaded rules; what is inhibited or known stays so */
};

/* What came of it. */
struct quiet_counts {
        uint64_t silenced, muted; /* alerts that did not ring, and had not before */
};

/* What has changed in the open transaction. */
struct quiet;
struct quiet *quiet_new(void); /* NULL: out of memory */
struct quiet *quiet_free(struct quiet *q);
DEFINE_FREEP(struct quiet, quiet)

int quiet_note(struct quiet *q, const struct hash128 *alert); /* 0 or -ENOMEM */
int quiet_note_all(struct quiet *q, struct store *s); /* every alert that is stored */
/* Works out what these changes mean, at `now`, and the risk of the people concerned (risk.h), and writes the notices of what rings
 * (store/notice.h). Inside begin … commit; adds to
 * *ret. 0, -ENOMEM, or what the store said. Whatever comes of it, nothing is noted any more. */
int quiet_judge(struct quiet *q, struct store *s, const struct quiet_rules *rules, usec now, struct quiet_counts *ret);
void quiet_drop(struct quiet *q);

#endif
