/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MODEL_LIST_H
#define SHOPBELL_MODEL_LIST_H

/* Lists that are polled: no log, but a file of who has access, fetched again and again. What differs from the list before
 * becomes raws. input/ reads the files and keeps the list before among its positions, parsers/ knows what the entries are
 * and compares; neither knows the other, the hall puts a struct list_door between them. */

#include <stdbool.h>
#include <stddef.h>

#include "monitor/model/counter.h"
#include "monitor/model/record.h"

enum {
        LIST_BYTES_MAX = 16 * 1024 * 1024, /* of one poll's file, decompressed */
        LIST_ENTRIES_MAX = 20000, /* of one list; as many again that are gone are held back in its memory, no more */
        LIST_ACCOUNTS_MAX = 1000, /* whose lists before one input remembers, of all its sources */
        LIST_MEMORY_BYTES_MAX = 256 * 1024 * 1024, /* of all these lists before */
        LIST_ACCOUNT_BYTES_MAX = 64, /* of an account's name in the name of a position; longer ones are hashed */
};

/* One file, whole. */
struct list_poll {
        const char *source; /* as list_door.find() gave it */
        const struct raw *raws; /* the documents or rows of the file, in order */
        size_t n;
        const char *trouble; /* why the file is not whole, as "is longer than …"; NULL: it is */
        usec time; /* when it was written; USEC_NONE: unknown */
        bool is_ordered; /* polls come in the order they were made, whatever their times say */
        struct arena *arena; /* the batch's */
};

/* What comparing reads and leaves behind. Accounts are texts without blanks that can stand in a position's name. */
struct list_host {
        /* The list before of this account, with RAW_PADDING bytes behind it; absent: there is none. */
        struct str (*before)(void *userdata, struct str account);
        int (*remember)(void *userdata, struct str account, struct str blob); /* 0 or -ENOMEM */
        /* A raw that says what differs, or why the list is refused; it lies in the poll's arena with its padding. */
        int (*take)(void *userdata, struct str bytes);
        void (*first)(void *userdata, struct str account, size_t entries); /* a list that had none before it */
        void *userdata;
        struct counters *counters;
        /* Whether a list before of up to so many bytes can be remembered for this account; asked before anything is told of a
         * list. NULL: always. */
        bool (*has_room)(void *userdata, struct str account, size_t bytes);
};

struct list_door {
        /* The log source whose list a file is that begins with this raw, valid until the batch ends; NULL: it is none. `source`
         * is what its input is configured with, or NULL. 0 or -ENOMEM. */
        int (*find)(void *userdata, const char *source, const struct raw *raw, const char **ret);
        int (*compare)(void *userdata, const struct list_poll *poll, const struct list_host *host); /* 0 or -ENOMEM */
        void *userdata;
};

#endif
