/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_PARSE_H
#define SHOPBELL_PARSERS_PARSE_H

/* One raw on its way through a decoder. Private to parsers/: parser.c makes it, decoders read it and hand over records.
 */

#include "parsers/source_impl.h"

struct parser {
        const struct sourceset *set;
        struct time_hint hint;
        usec arrival; /* of raws that do not say when they came; USEC_NONE: unknown */
        uint64_t ecs_wanted; /* never 0 */
        bool wants_stamp; /* @timestamp itself is wanted at once, not only the time */
        uint64_t ecs_of_class;
        struct parse *current; /* whose record is handed on just now */
        struct counters counters;
        struct json_reader *reader;
        struct sigma_scratch *sigma;
        struct rx_scratch *regex;
        struct arena *trial; /* of records that are only made to recognise a raw */
        struct arena *letters; /* while a raw is recognised: its header as a mail's, for all sources of mails; else empty */
        struct letter *letter; /* there; NULL: not read yet, or no raw is recognised */
        bool is_recognising;
        struct source_guess *guesses; /* one for each source */
        struct csv_layout **layouts; /* one for each source, of the table last met; NULL: none yet */
        const struct source *last; /* the source of the raw before this one: tried first */
};

struct parse {
        struct parser *parser;
        const struct source *source;
        const struct raw *raw;
        struct arena *arena;
        struct counters *counters;
        bool is_sure; /* the input is configured with this source: `recognise` is not asked */
        struct source_guess *probe; /* not NULL: only count the tests that hold; nothing is handed on */
        void (*look)(struct parse *x, const struct record *record); /* of a probe: may be NULL; called for each record */
        void *look_data;
        /* Every name and value that a format of lines reads, asked for or not; may be NULL. The name may be short-lived. */
        int (*named)(struct parse *x, struct str name, struct str text);
        void *named_data;
        parser_record_fn *fn;
        void *userdata;
        /* Not NULL: the records are entries of a list, which are handed over as the decoder made them, and counted; those that are
         * not recognised as well (`refused` of them): platforms leave out what is empty. */
        int (*on_entry)(struct parse *x, struct record *record);
        /* Results. */
        unsigned held; /* decoder's tests that held for the record about to be taken */
        bool has_header; /* it is a line (or journal entry) of a syslog, whatever the program */
        uint32_t n; /* records handed on */
        uint32_t sub; /* of the record being handed on, as parse_take() got them */
        bool is_many;
        int stopped; /* negative: what the caller's function returned to end the raw */
        uint32_t refused; /* records that `recognise` refused */
        const char *reason; /* static or in the arena; why it cannot be read */
};

/* Takes a record whose native slots are filled. `sub` numbers the records of one record id from 0, with `is_many` the
 * number becomes part of the id. 0, or negative: stop decoding and return it. */
int parse_take(struct parse *x, struct record *record, uint32_t sub, bool is_many);
/* An empty record of the source, its raw the whole raw; NULL: no memory. */
struct record *parse_record(struct parse *x);

static inline struct derive_env parse_env(const struct parse *x)
{
        return (struct derive_env){ x->parser->sigma, x->parser->regex, x->counters, x->arena };
}

/* Whether the raw is JSON by its first byte that is no blank. */
bool parse_is_json(struct str bytes);

#endif
