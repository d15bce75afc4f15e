/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_ENGINE_H
#define SHOPBELL_DETECT_ENGINE_H

/* From hits to alerts: sliding windows over event time, exactly as the design says.
 *
 * For one correlation, let H be the hits of one group key and W the timespan. A hit is hot if it lies in some interval of
 * length W whose hits meet the condition. An episode is a maximal run of hot hits in which each is within W of the next.
 * One episode is one alert: raised when born, grown while it grows, merged into the earlier one when a late hit joins two.
 * Episodes depend on the set of hits alone, never on their order of arrival. With lt, lte, eq, neq the trailing window
 * (t-W, t] of a hit is judged, and only that hit is hot, once its lateness has passed (engine_settle).
 *
 * Counts and sums of more than a day with gt and gte look at runs of whole UTC days instead (days.h), which keeps their
 * memory small; what is said above holds for days as it does for hits.
 *
 * An alerting rule that no correlation uses is treated the same way: event_count >= 1 within SINGLE_TIMESPAN, grouped by
 * person (shopbell.person, else source.ip, else one group): the same person doing the same thing again within an hour is
 * one alert with a count, not a page of them.
 *
 * Correlation kinds are rows of a table in detect/kind.c; the top of the table says how to add one.
 *
 * The engine is single-threaded, sees only hits, reads no clock. All times are event times. Its state is a set of keys,
 * each of which serialises to one blob: engine_dirty() hands out the keys that changed since the last call, for the
 * transaction; engine_load() takes them back at start; engine_adopt() moves them to an engine of other rules. Capped: keys,
 * hits a key, bytes: the rule that holds most forgets first, its least recently hit key. What is evicted is counted, and told
 * (engine_tell_losses()). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/arena.h"
#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/detect/ruleset.h"
#include "monitor/model/alert.h"
#include "monitor/model/counter.h"
#include "monitor/model/record.h"

enum {
        ENGINE_KEYS_MAX = 1000000, /* group keys of all rules together; default of engine_options.keys_max */
        ENGINE_HITS_PER_KEY_MAX = 200000, /* hits held for one key; the oldest settled ones go first, counted */
        ENGINE_GROUP_VALUES_MAX = 64, /* groups that one hit may join (array values in group-by) */
        ENGINE_HIT_VALUES_MAX = 1000, /* values that one hit may bring to a value_count */
        ENGINE_EVIDENCE_PER_KEY_MAX = 50, /* records kept as evidence for one key while it waits */
};
/* rule_id of the alert that says that state was forgotten at one of these caps (engine_tell_losses()). */
#define ENGINE_LOSS_RULE "shopbell-state-forgotten"
#define ENGINE_LOSS_TITLE "State forgotten at a limit"
#define ENGINE_SINGLE_TIMESPAN USEC_PER_HOUR
#define ENGINE_BYTES_MAX ((size_t)512 * 1024 * 1024) /* of all keys together; default of engine_options.bytes_max */

#define ENGINE_BYTES_LEAST ((size_t)4 * 1024 * 1024)

struct engine;

struct engine_options {
        size_t keys_max; /* 0: ENGINE_KEYS_MAX */
        size_t bytes_max; /* 0: ENGINE_BYTES_MAX */
};

/* From this part of a budget on (1 / ENGINE_CROWDED_PART of the keys or of the bytes) expired state is to go although more
 * records wait to be read: expired before live. Below, what is read in an odd order, as files of old logs are, keeps its
 * state until all is read. */
enum { ENGINE_CROWDED_PART = 8 };

struct engine *engine_new(const struct ruleset *rules, const struct engine_options *options);
struct engine *engine_free(struct engine *e);
DEFINE_FREEP(struct engine, engine)
const struct counters *engine_counters(const struct engine *e);
size_t engine_keys(const struct engine *e);
/* Memory runs short: from now on no more than three quarters of what is held may be, but ENGINE_BYTES_LEAST always may. What is over is
 * evicted at once, as at any cap. Returns the new cap in bytes; 0: it holds no more than that least. Between two transactions. */
size_t engine_shrink(struct engine *e);

/* What the engine tells while it takes hits. Everything passed is borrowed for the call. */
struct engine_sink {
        /* Keep this record: an alert refers to it now or may later. Told before any change that names it; may be told
         * again for the same key. */
        int (*evidence)(void *userdata, const struct record *record);
        int (*change)(void *userdata, const struct alert_change *change);
        void *userdata;
};

/* Takes the hits of one record (rule numbers, from ruleset_match()). Records without a time are counted and only make
 * single-hit alerts at time `arrival`. A record whose key is already held for a rule and group is a duplicate: counted,
 * ignored. `arrival` says when it was read (lateness, nothing else). */
int engine_take(struct engine *e, const struct record *record, const uint32_t *hits, size_t n_hits, usec arrival,
                const struct engine_sink *sink);

/* Judges what history kinds (history.h) have taken since the last call: once for a batch of hits. Others wait for
 * engine_settle() or are judged at once. */
int engine_judge(struct engine *e, const struct engine_sink *sink);

/* The sources have delivered everything up to `watermark` (one for each source, USEC_NONE: not spoken yet; index as in
 * ruleset_bind): judges hits that waited (lt, lte, eq, neq) and drops state that nothing can touch any more:
 * older than the watermark of all sources that feed the rule, less lateness, less the timespan. */
int engine_settle(struct engine *e, const usec *watermark, size_t n, const struct engine_sink *sink);
/* Whether that is to be done although more records wait to be read. */
bool engine_is_crowded(const struct engine *e);
/* It is `now`, and nothing more is to be read at present: what did not follow in time (absence) counts as not happened when
 * the lateness of the rule's sources is over, too. */
int engine_tick(struct engine *e, usec now, const struct engine_sink *sink);
/* When engine_tick() will next have something to say; USEC_NONE: never, as things are. */
usec engine_due(const struct engine *e);
/* What was forgotten at a cap since the last call, and could have become an alert, is told as an alert for each rule that
 * lost something: once a transaction, before engine_dirty(). Times are those of the records that were taken then. */
int engine_tell_losses(struct engine *e, const struct engine_sink *sink);
/* Records older than that belong to no window that is held: no alert will come to name them. INT64_MIN: any may be needed. */
usec engine_needs_from(const struct engine *e);
/* The end of all input (scan): judges everything that still waits. */
int engine_finish(struct engine *e, const struct engine_sink *sink);

/* ---- State ---- */
/* One changed key. `rule` is the rule's label (id or title) and a fingerprint of what its state depends on, so that state
 * of a changed rule is not taken over. Part 0 is all of it and replaces all parts that were there; part 1, 2, … are to be kept behind
 * those before: only what is new. blob.n == 0: the key is gone. */
typedef int engine_state_fn(void *userdata, struct str rule, struct str key, unsigned part, struct str blob);
int engine_dirty(struct engine *e, engine_state_fn *fn, void *userdata);
/* Takes one stored key back: its parts one behind the other in `blob`. 0; -ENOENT: no such rule any more; -EBADMSG: not our blob. In both cases the next
 * engine_dirty() says that the key is gone. */
int engine_load(struct engine *e, struct str rule, struct str key, struct str blob);

/* Rules were loaded anew: `to`, made from the new rules and not used yet, takes over the windows and episodes of all rules
 * that mean the same as before, and the counters. They go on as if nothing had happened. What belonged to other rules is
 * gone; the next engine_dirty(to) says so. source_of[old source] is its number among the new rules' sources, or SIZE_MAX.
 * Everything that changed in `from` must have been handed out by engine_dirty(). Afterwards `from` can only be freed.
 * 0; -ENOMEM: `from` is as it was, `to` can only be freed. */
int engine_adopt(struct engine *to, struct engine *from, const size_t *source_of);

#endif
