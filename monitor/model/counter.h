/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MODEL_COUNTER_H
#define SHOPBELL_MODEL_COUNTER_H

/* Everything that is taken, refused, cut or evicted is counted here and shown; nothing is dropped in silence.
 * To add a counter: one row. */

#include <stdint.h>

#define COUNTERS(X) \
        X(RAWS, "raws", "raw records read") \
        X(RECORDS, "records", "records made of them") \
        X(HITS, "hits", "single-rule hits") \
        X(BYTES, "bytes", "bytes read, decompressed") \
        X(REJECT_MALFORMED, "rejects_malformed", "raws that do not parse") \
        X(REJECT_UNKNOWN, "rejects_unknown", "raws of no known source") \
        X(REJECT_TOO_LONG, "rejects_too_long", "lines or documents over RAW_BYTES_MAX, skipped") \
        X(REJECT_TOO_DEEP, "rejects_too_deep", "documents nested deeper than JSON_DEPTH_MAX, or needing over JSON_MEMORY_MAX") \
        X(REJECT_NO_TIME, "rejects_no_time", "records without a readable time, nor one of arrival (matched, not correlated)") \
        X(TIME_ARRIVAL, "times_of_arrival", "records without a readable time, which were given that of their arrival") \
        X(REJECT_LIST, "rejects_list", "polled lists not believed: not whole, empty, or over a limit (see the rejects)") \
        X(LIST, "lists", "polled lists compared with the one before") \
        X(LIST_FIRST, "lists_first", "polled lists with none before them: remembered, nothing to compare") \
        X(LIST_OLD, "lists_old", "polled lists older than the one before, left alone") \
        X(LIST_NO_ROOM, "lists_no_room", \
          "polled lists left alone: more accounts or bytes than an input remembers (LIST_ACCOUNTS_MAX, LIST_MEMORY_BYTES_MAX)") \
        X(LIST_HELD, "lists_held", "entries gone at once from over half of a polled list, told when the next poll says so too") \
        X(REJECT_FILE, "rejects_file", "files that could not be read to their end") \
        X(NOT_MINE, "lines_ignored", "lines and documents that are known to be of no interest, also above and below tables") \
        X(VALUES_CUT, "values_cut", "values left out or cut at a limit") \
        X(VALUES_REFUSED, "values_refused", "values that a correlation cannot sum: no numbers, or below zero") \
        X(UTF8_REPAIRED, "utf8_repaired", "raws with ill-formed UTF-8, read with replacement characters") \
        X(MAIL_CUT, "mails_cut", "mails over MAIL_BYTES_MAX (attachments, mostly), read up to there") \
        X(MAIL_STRAY, "mails_stray", "stretches of an mbox that belong to no message, skipped") \
        X(MAIL_HEADER_CUT, "mail_headers_cut", "mails with more header fields or bytes than are read") \
        X(MAIL_PARTS_CUT, "mail_parts_cut", "mails nested deeper or in more parts than are read, or with parts that do not end") \
        X(MAIL_TEXT_CUT, "mail_texts_cut", "texts of mails over MAIL_TEXT_BYTES_MAX, read up to there") \
        X(MAIL_ENCODING_BAD, "mail_encodings_bad", "parts and words of mails in damaged base64 or quoted-printable") \
        X(MAIL_CHARSET_UNKNOWN, "mail_charsets_unknown", "parts and words of mails in a character set that is not known") \
        X(JSON_IN_TEXT_BAD, "json_in_text_bad", "strings that should hold JSON and do not") \
        X(REGEX_LIMIT, "regex_limit", "regular expressions stopped at their match or depth limit") \
        X(PLACE_UNKNOWN, "places_unknown", "records whose public address no database of `geoip:` places in a country") \
        X(AS_UNKNOWN, "as_unknown", "records whose public address none of them gives a network operator (AS)") \
        X(PLACE_BAD, "places_bad", "records with an answer of such a database that makes no sense, left out") \
        X(GROUP_MISSING, "group_missing", "hits left out of a correlation: no value to group by") \
        X(DUPLICATE, "duplicates", "records delivered again, counted once") \
        X(WINDOW_KEYS_EVICTED, "window_keys_evicted", "live group keys dropped at a cap") \
        X(WINDOW_HITS_EVICTED, "window_hits_evicted", "hits dropped from a window at a cap") \
        X(WINDOW_PRINTS_EVICTED, "window_prints_evicted", \
          "hits of long timespans forgotten at a cap (still counted; a repeat would count again)") \
        X(MEMORY_SHORT, "memory_short", "times that the kernel said memory runs short, and correlations were to hold less (MemoryHigh= of the unit)") \
        X(HISTORY_CUT, "history_cut", "values that a history forgot, or hits it judged for good too early, at a cap") \
        X(CENSUS_CUT, "census_cut", "accounts, and facts about accounts, that the census forgot at a cap (those seen least lately)") \
        X(EVIDENCE_CUT, "evidence_cut", "records not kept as evidence at a cap (still counted)") \
        X(EVIDENCE_PURGED, "evidence_purged", \
          "records kept in case an alert came to need them, dropped at a cap before they were too old for that") \
        X(RECORDS_RETIRED, "records_retired", "records of old alerts whose bodies went with their age (`retention:` in shopbell.yml)") \
        X(ALERTS_RETIRED, "alerts_retired", "alerts that went with their age (likewise)") \
        X(ALERTS_SILENCED, "alerts_silenced", "alerts that did not ring: they fit a silence (see shopbell alerts --all)") \
        X(ALERTS_MUTED, "alerts_muted", "alerts that did not ring: another one tells of them (see shopbell alerts --all)") \
        X(FILE_GAP, "file_gaps", "rotated files that vanished before they were read to their end") \
        X(JOURNAL_GAP, "journal_gaps", "journal cursors that no longer exist")

enum counter {
#define X(id, name, help) COUNTER_##id,
        COUNTERS(X)
#undef X
                _COUNTER_MAX,
};

struct counters {
        uint64_t n[_COUNTER_MAX];
};

const char *counter_name(enum counter c);
const char *counter_help(enum counter c);
void counters_add(struct counters *to, const struct counters *from);

#endif
