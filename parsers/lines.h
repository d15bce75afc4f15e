/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_LINES_H
#define SHOPBELL_PARSERS_LINES_H

/* What the formats of text lines (regex, keyvalue, cef, leef) share: the syslog header in front of a line, journal entries that
 * hold such a line, the programs whose lines count, and "message repeated N times".
 *
 *     header: syslog
 *     programs: [sshd]
 *     journal: {_UID: '0'}                # what a journal entry must show not to be forged
 *
 * With a header the native fields timestamp, hostname, program, pid and message are made. A journal entry also has its own
 * fields (journalctl -o json); of those that begin with an underscore the journal itself vouches for. Values that are no
 * UTF-8 come as lists of numbers, one a byte.
 *
 * A format is a struct line_format, in `lines` of its decoder. Its loader calls lines_load_header(), then asks for the
 * fields that it makes itself, then calls lines_load_rest(); the other functions of the decoder are those below. */

#include "parsers/parse.h"

/* Keys of a source file that belong to this layer, for the lists of decoders. */
#define LINES_KEYS "header", "programs", "journal"

enum { LINE_FITS = 1, LINE_IGNORED = 2 };

struct line_format {
        const char *fits; /* what is sure of a line that fits: "holds key=value pairs" */
        const char *misfit; /* the reason for refusing a line that does not fit */
        bool needs_fit; /* a line with a header must fit, too; else it is a record all the same */
        /* For texts that say themselves where they begin: the offset, or SIZE_MAX. What is in front must be a whole syslog
         * header, and nothing may be. NULL: the source file says whether there is a header. */
        size_t (*find)(struct str line);
        /* Fills the record from the text behind the header. LINE_FITS; LINE_IGNORED: it fits, and is no record; 0: it does
         * not fit; negative errno. */
        int (*read)(struct parse *x, struct record *record, struct str text);
};

/* With `is_always` a header is there to be read, whatever the source file says. */
int lines_load_header(struct loader *l, const struct yaml *doc, bool is_always);
int lines_load_rest(struct loader *l, const struct yaml *doc);
int lines_freeze(struct source *s, struct err *reterr);
void lines_done(struct source *s);
/* With a header: that one is there, and the program. Without: `bare`. */
unsigned lines_tests(const struct source *s, unsigned bare);
int lines_decode(struct parse *x);

/* What a backslash and the first of `chars` mean is the first of `meanings`, and so on; another backslash is one. */
struct line_escapes {
        const char *chars, *meanings;
};
/* The text without its escapes; itself when it has none. Absent: out of memory. */
struct str lines_unescape(struct arena *arena, struct str text, const struct line_escapes *escapes);

/* Adds text to the field of that name, if anybody asks for it; an empty one is null. 0, -ENOMEM. */
int lines_set_named(struct parse *x, struct record *record, struct str name, struct str text);
/* For keyword rules: the native fields of a record are its leaves, unless it has some. 0, -ENOMEM. */
int lines_set_leaves(struct parse *x, struct record *record);
/* Adds text to a slot, unless it is absent. 0, -ENOMEM. */
int lines_set(struct parse *x, struct record *record, uint32_t slot, struct str text);

#endif
